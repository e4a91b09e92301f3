"""What a device proves of the model that it runs: tokens, their nonces, and who checks them."""
