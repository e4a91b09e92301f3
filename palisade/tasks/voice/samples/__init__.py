"""What a clip is made of: class names, and samples as integers and as floats."""
