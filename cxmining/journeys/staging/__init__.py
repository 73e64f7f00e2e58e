"""Which stage an event is in: of the catalogue, turned by a milestone, or proposed."""
