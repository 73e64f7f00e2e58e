"""What one journey is, and what the journeys look like: stages, variants, who follows whom."""

from cxmining.journeys import filters
from cxmining.journeys.build import Journeys, build_journeys
from cxmining.journeys.choosing import Choices, choices
from cxmining.journeys.compare import GroupComparison, compare_groups
from cxmining.journeys.difference_groups import split_by
from cxmining.journeys.gaps import GapProposal, propose_gap
from cxmining.journeys.modulo import VariantTable, list_variants
from cxmining.journeys.notion import CaseNotion
from cxmining.journeys.scored import Scored, journeys_of, scores_of
from cxmining.journeys.staging import StageProposal, propose_stages

__all__ = [
    "CaseNotion",
    "Choices",
    "GapProposal",
    "GroupComparison",
    "Journeys",
    "Scored",
    "StageProposal",
    "VariantTable",
    "build_journeys",
    "choices",
    "compare_groups",
    "filters",
    "journeys_of",
    "list_variants",
    "propose_gap",
    "propose_stages",
    "scores_of",
    "split_by",
]
