"""What training data is augmented with, and what homes and microphones do to test clips."""
