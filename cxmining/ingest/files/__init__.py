"""Files as they come: opened, unpacked, decoded, and read by blocks that memory can hold."""
