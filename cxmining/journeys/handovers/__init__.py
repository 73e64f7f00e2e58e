"""Who hands work over to whom, how long it lies there, and how much of it comes back."""

from cxmining.journeys.handovers.finding import find_handovers
from cxmining.journeys.handovers.result import Handovers
from cxmining.journeys.handovers.units import Units, find_units

__all__ = ["Handovers", "Units", "find_handovers", "find_units"]
