"""Pictures of results: they show, and compute nothing."""

from __future__ import annotations

from cxmining.figures.picture import Picture
from cxmining.maps.decisive import driver_chart
from cxmining.maps.emotion import emotional_journey
from cxmining.maps.journey import DifferenceMap, JourneyMap, difference_map, journey_map

__all__ = [
    "DifferenceMap",
    "JourneyMap",
    "Picture",
    "difference_map",
    "driver_chart",
    "emotional_journey",
    "journey_map",
]
