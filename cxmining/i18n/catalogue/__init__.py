"""What is said, a room at a time."""
