"""A study in, a run folder out; the same again; two side by side."""

from __future__ import annotations

from cxmining.runs.compare import RunComparison, compare_runs
from cxmining.runs.execute import Results, mine, run_study
from cxmining.runs.folder import Run, load_run
from cxmining.runs.notions import NotionComparison, compare_case_notions
from cxmining.runs.renaming import apply_catalogue
from cxmining.runs.reproduce import Reproduction, reproduce

__all__ = [
    "NotionComparison",
    "Reproduction",
    "Results",
    "Run",
    "RunComparison",
    "apply_catalogue",
    "compare_case_notions",
    "compare_runs",
    "load_run",
    "mine",
    "reproduce",
    "run_study",
]
