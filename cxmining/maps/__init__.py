"""Pictures of results: they show, and compute nothing."""

from __future__ import annotations

from cxmining.figures.picture import Picture
from cxmining.maps.decisive import driver_chart
from cxmining.maps.emotion import emotional_journey
from cxmining.maps.journey import JourneyMap, journey_map

__all__ = ["JourneyMap", "Picture", "driver_chart", "emotional_journey", "journey_map"]
