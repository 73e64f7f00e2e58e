"""Two groups of journeys: what differs, by how much, and whether beyond chance."""
