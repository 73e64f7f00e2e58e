"""Seven ways to look at journeys; each is a table first, and a picture of it."""

from cxmining.journeys.views.cohorts import cohort_table
from cxmining.journeys.views.dots import dotted_chart
from cxmining.journeys.views.flows import sankey
from cxmining.journeys.views.funnels import funnel
from cxmining.journeys.views.spectrum import performance_spectrum
from cxmining.journeys.views.steps import step_matrix
from cxmining.journeys.views.transitions import transition_matrix
from cxmining.journeys.views.view import View

__all__ = [
    "View",
    "cohort_table",
    "dotted_chart",
    "funnel",
    "performance_spectrum",
    "sankey",
    "step_matrix",
    "transition_matrix",
]
