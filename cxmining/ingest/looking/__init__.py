"""What a file is and holds, before it is read: recognised, shown, drafted as a source, found again."""
