"""The journey map (process view), and the difference map of two groups."""

from __future__ import annotations

from cxmining.maps.journey.difference import DifferenceMap, difference_map
from cxmining.maps.journey.result import JourneyMap, journey_map

__all__ = ["DifferenceMap", "JourneyMap", "difference_map", "journey_map"]
