"""What one journey is: the case notion, and the gap, goal or restart that it cuts at."""
