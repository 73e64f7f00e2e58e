"""One writer per export format, each with the mess that format has in the wild."""
