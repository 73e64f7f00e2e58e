"""What one journey is, and what the journeys look like: stages, variants, who follows whom."""

from cxmining.journeys.build import Journeys, build_journeys
from cxmining.journeys.notion import CaseNotion

__all__ = ["CaseNotion", "Journeys", "build_journeys"]
