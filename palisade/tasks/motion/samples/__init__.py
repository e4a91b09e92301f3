"""What a trace is: its classes, its channels, and the columns that it is kept in."""
