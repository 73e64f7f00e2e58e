"""From raw records to touchpoints: rules, the edits of the catalogue, proposals."""
