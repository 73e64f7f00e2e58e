"""What customers chose between at a branch, and on what grounds."""
