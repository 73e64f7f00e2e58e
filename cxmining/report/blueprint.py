"""The service blueprint on the page, drawn from the cells and hand-overs that the run keeps."""

from __future__ import annotations

from typing import Any

from cxmining.errors import NotEnoughDataError
from cxmining.i18n import speaking
from cxmining.maps.blueprint.result import blueprint_of
from cxmining.maps.cx.result import MOST
from cxmining.report.tables import RunTables

__all__ = ["blueprint_section"]

say = speaking("report")


def blueprint_section(run: RunTables, language: str, most: int = MOST) -> dict[str, Any]:
    """Return the section: the drawing, and why there is none where there is none."""
    facts = {"title": say("blueprint", language), "size": "", "under": "", "decided": False, "feet": []}
    try:
        found = blueprint_of(run.blueprint, run.handovers, facts, language, most)
    except NotEnoughDataError:
        return {"shown": False, "reason": say("cx_none", language, n=run.min_cell)}
    return {"shown": True, "drawing": found.to_html(framed=False)}
