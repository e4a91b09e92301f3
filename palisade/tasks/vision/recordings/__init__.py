"""Reading a labelled folder of pictures."""
