"""cxmining: mine customer journeys from the raw exports of every channel.

The verbs below are all a notebook needs; each is loaded when it is first used, so that
``import cxmining`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_VERBS = {
    # read
    "read": "cxmining.ingest",
    "read_app": "cxmining.ingest",
    "read_chat": "cxmining.ingest",
    "read_log": "cxmining.ingest",
    "read_mail": "cxmining.ingest",
    "read_phone": "cxmining.ingest",
    "read_survey": "cxmining.ingest",
    "read_table": "cxmining.ingest",
    "from_frame": "cxmining.ingest",
    "inspect": "cxmining.ingest",
    "flatten_ocel": "cxmining.ingest.flattening",
    "propose_touchpoints": "cxmining.ingest",
    "apply_catalogue": "cxmining.runs",
    "match_customers": "cxmining.identity",
    "compare_certain": "cxmining.runs.certainty",
    "Dataset": "cxmining.schema",
    "load_study": "cxmining.study",
    # journeys
    "build_journeys": "cxmining.journeys",
    "propose_gap": "cxmining.journeys",
    "propose_stages": "cxmining.journeys",
    "filters": "cxmining.journeys",
    "list_variants": "cxmining.journeys",
    "find_paths": "cxmining.journeys.variants.paths",
    "find_handovers": "cxmining.journeys.handovers",
    "compare_groups": "cxmining.journeys",
    "choices": "cxmining.journeys",
    "find_archetypes": "cxmining.journeys",
    "find_personas": "cxmining.journeys",
    "changes": "cxmining.journeys",
    "alter_journeys": "cxmining.journeys",
    # views of them
    "cohort_table": "cxmining.journeys.views",
    "dotted_chart": "cxmining.journeys.views",
    "funnel": "cxmining.journeys.views",
    "performance_spectrum": "cxmining.journeys.views",
    "sankey": "cxmining.journeys.views",
    "step_matrix": "cxmining.journeys.views",
    "transition_matrix": "cxmining.journeys.views",
    # models
    "discover": "cxmining.discovery",
    "select_model": "cxmining.discovery",
    "edge_stability": "cxmining.discovery",
    "read_model": "cxmining.discovery",
    "check_conformance": "cxmining.discovery",
    "promises": "cxmining.discovery",
    "check_promises": "cxmining.discovery",
    "discover_promises": "cxmining.discovery",
    # what customers write
    "find_elements": "cxmining.text",
    "find_emotions": "cxmining.text",
    "find_motives": "cxmining.text",
    "find_outcomes": "cxmining.text",
    "find_perceptions": "cxmining.text",
    "score_sentiment": "cxmining.text",
    "train_sentiment": "cxmining.text",
    # experience and what decides it
    "measure_experience": "cxmining.experience",
    "measure_survey": "cxmining.experience",
    "check_scales": "cxmining.experience",
    "check_nonresponse": "cxmining.experience",
    "emotional_curve": "cxmining.experience.curve",
    "find_goals": "cxmining.experience.goals",
    "find_moments": "cxmining.experience.moments",
    "find_tasks": "cxmining.experience.tasks",
    "measure_elements": "cxmining.experience.elements",
    "measure_perceptions": "cxmining.experience.perceptions",
    "measure_servqual": "cxmining.experience.servqual",
    "measure_effort": "cxmining.experience.effort",
    "explain_change": "cxmining.experience.moving",
    "track": "cxmining.experience.continuous",
    "measure_intervention": "cxmining.experience.interventions",
    "compare_loyalty": "cxmining.experience.loyalty",
    "call_back_list": "cxmining.experience.loop",
    "find_drivers": "cxmining.drivers",
    "find_drivers_each": "cxmining.drivers",
    "compare_drivers": "cxmining.drivers",
    "check_classes": "cxmining.drivers",
    "explain_structure": "cxmining.drivers",
    "what_if": "cxmining.drivers.whatif",
    "find_asymmetry": "cxmining.drivers.asymmetry",
    "importance_performance": "cxmining.drivers.performance",
    "find_owners": "cxmining.drivers.owners",
    "find_moments_of_truth": "cxmining.drivers.truth",
    "prioritise": "cxmining.drivers.priority",
    "plan_roadmap": "cxmining.drivers.roadmap",
    # pictures
    "journey_map": "cxmining.maps",
    "difference_map": "cxmining.maps",
    "emotional_journey": "cxmining.maps",
    "driver_chart": "cxmining.maps",
    "cx_map": "cxmining.maps.cx",
    "blueprint": "cxmining.maps.blueprint",
    "persona_cards": "cxmining.maps.personas",
    "stakeholder_map": "cxmining.maps.stakeholders",
    "read_workshop": "cxmining.maps.cx",
    # exploring in JupyterLab, and without it
    "Workbench": "cxmining.workbench.widget",
    "Exploration": "cxmining.workbench",
    "explore": "cxmining.workbench",
    # for other tools, and back
    "write_xes": "cxmining.exchange",
    "write_parquet": "cxmining.exchange",
    "read_journeys": "cxmining.exchange",
    # studies
    "run_study": "cxmining.runs",
    "load_run": "cxmining.runs",
    "reproduce": "cxmining.runs",
    "compare_runs": "cxmining.runs",
    "compare_case_notions": "cxmining.runs",
    "sensitivity": "cxmining.runs.sensitivity",
    "write_report": "cxmining.report",
    "Mess": "cxmining.simulate",
    "make_exports": "cxmining.simulate.exports",
    "make_sample": "cxmining.simulate",
    "run_notebook": "cxmining.runs.notebook",
    "print_page": "cxmining.report.printing",
    "sample": "cxmining.runs.playing",
}

__all__ = ["__version__", *sorted(_VERBS)]


def __getattr__(name: str) -> Any:
    if name in _VERBS:
        value = getattr(importlib.import_module(_VERBS[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'cxmining' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
