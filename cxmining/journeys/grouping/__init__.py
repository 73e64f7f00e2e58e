"""Kinds of journeys (archetypes) and of customers (personas), as many as are stable."""
