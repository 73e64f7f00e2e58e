"""The journey map (process view), and the difference map of two groups."""

from __future__ import annotations

from cxmining.maps.journey.result import JourneyMap, journey_map

__all__ = ["JourneyMap", "journey_map"]
