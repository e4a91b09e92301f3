"""What training pictures are augmented with, and what porches and cameras do to test pictures."""
