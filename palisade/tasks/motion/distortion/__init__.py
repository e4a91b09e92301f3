"""What training traces are augmented with, and what sites and sensors do to test traces."""
