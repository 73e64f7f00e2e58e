"""The persona cards on the page, drawn from the cells that the run keeps."""

from __future__ import annotations

from typing import Any

from cxmining.errors import NotEnoughDataError
from cxmining.i18n import speaking
from cxmining.maps.personas.result import cards_of
from cxmining.report.tables import RunTables

__all__ = ["persona_section"]

say = speaking("personas")


def persona_section(run: RunTables, language: str) -> dict[str, Any]:
    """Return the section: the drawing, and why there is none where there is none."""
    head = {"title": say("section", language), "lead": say("lead", language)}
    facts = {"title": head["title"], "size": "", "under": "", "least": run.min_cell}
    try:
        cards = cards_of(run.personas, facts, language)
    except NotEnoughDataError:
        return {**head, "shown": False, "reason": say("none", language)}
    return {**head, "shown": True, "drawing": cards.to_html(framed=False)}
