"""What a picture shows: the class names."""
