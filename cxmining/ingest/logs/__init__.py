"""Event logs that others made: XES and OCEL."""
