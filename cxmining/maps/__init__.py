"""Pictures of results: they show, and compute nothing."""

from __future__ import annotations

from cxmining.maps.decisive import driver_chart
from cxmining.maps.emotion import emotional_journey
from cxmining.maps.journey import JourneyMap, journey_map
from cxmining.maps.picture import Picture

__all__ = ["JourneyMap", "Picture", "driver_chart", "emotional_journey", "journey_map"]
