"""The stakeholder map on the page, drawn from the cells that the run keeps."""

from __future__ import annotations

from typing import Any

from cxmining.errors import NotEnoughDataError
from cxmining.i18n import speaking
from cxmining.maps.stakeholders.result import map_of
from cxmining.report.tables import RunTables

__all__ = ["stakeholder_section"]

say = speaking("stakeholders")


def stakeholder_section(run: RunTables, language: str) -> dict[str, Any]:
    """Return the section: the drawing, and why there is none where there is none."""
    head = {"title": say("section", language), "lead": say("lead", language)}
    facts = {"title": head["title"], "size": "", "under": "", "least": run.min_cell}
    try:
        found = map_of(run.stakeholders, facts, language)
    except NotEnoughDataError:
        return {**head, "shown": False, "reason": say("none", language)}
    return {**head, "shown": True, "drawing": found.to_html(framed=False)}
