"""Journeys that went the same way, and what counts as the same."""
