"""What a pull request is judged by: its figures against the base revision, its lock, its data."""
