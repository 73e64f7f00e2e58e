"""What would be other if the journey were other."""
