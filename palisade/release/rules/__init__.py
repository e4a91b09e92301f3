"""What the checklist of a release asks, one module a section."""
