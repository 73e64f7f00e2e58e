"""cxmining: mine customer journeys from the raw exports of every channel.

The verbs below are all a notebook needs; each is loaded when it is first used, so that
``import cxmining`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_VERBS = {
    "read": "cxmining.ingest",
    "from_frame": "cxmining.ingest",
    "inspect": "cxmining.ingest",
    "build_journeys": "cxmining.journeys",
    "discover": "cxmining.discovery",
    "measure_experience": "cxmining.experience",
    "find_drivers": "cxmining.drivers",
    "journey_map": "cxmining.maps",
    "emotional_journey": "cxmining.maps",
    "driver_chart": "cxmining.maps",
    "load_study": "cxmining.study",
    "run_study": "cxmining.runs",
    "load_run": "cxmining.runs",
    "reproduce": "cxmining.runs",
    "compare_runs": "cxmining.runs",
    "write_report": "cxmining.report",
    "make_sample": "cxmining.simulate",
    "Dataset": "cxmining.schema",
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
