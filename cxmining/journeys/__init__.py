"""What one journey is, and what the journeys look like: stages, variants, who follows whom."""

from cxmining.journeys import filters
from cxmining.journeys.build import Journeys, build_journeys
from cxmining.journeys.modulo import VariantTable, list_variants
from cxmining.journeys.notion import CaseNotion
from cxmining.journeys.scored import Scored, journeys_of, scores_of

__all__ = [
    "CaseNotion", "Journeys", "Scored", "VariantTable", "build_journeys", "filters", "journeys_of", "list_variants",
    "scores_of",
]  # fmt: skip
