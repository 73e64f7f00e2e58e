"""What one journey is, and what the journeys look like: stages, variants, who follows whom."""

from cxmining.journeys import filters
from cxmining.journeys.altering import changes
from cxmining.journeys.altering.alter import Alteration, alter_journeys
from cxmining.journeys.build import Journeys, build_journeys
from cxmining.journeys.cases.gaps import GapProposal, propose_gap
from cxmining.journeys.cases.notion import CaseNotion
from cxmining.journeys.choosing.choosing import Choices, choices
from cxmining.journeys.comparing.compare import GroupComparison, compare_groups
from cxmining.journeys.comparing.sides import split_by
from cxmining.journeys.grouping.archetypes import Archetypes, find_archetypes
from cxmining.journeys.grouping.personas import Personas, find_personas
from cxmining.journeys.scored import Scored, journeys_of, scores_of
from cxmining.journeys.staging.proposing import StageProposal, propose_stages
from cxmining.journeys.variants.modulo import VariantTable, list_variants

__all__ = [
    "Alteration",
    "Archetypes",
    "CaseNotion",
    "Choices",
    "GapProposal",
    "GroupComparison",
    "Journeys",
    "Personas",
    "Scored",
    "StageProposal",
    "VariantTable",
    "alter_journeys",
    "build_journeys",
    "changes",
    "choices",
    "compare_groups",
    "filters",
    "find_archetypes",
    "find_personas",
    "journeys_of",
    "list_variants",
    "propose_gap",
    "propose_stages",
    "scores_of",
    "split_by",
]
