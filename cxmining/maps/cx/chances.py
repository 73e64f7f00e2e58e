"""Cells of a CX map that come from further on: what customers say in their own words, and what a roadmap holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.maps.cx.cells import Cell, cell
from cxmining.maps.tables import records
from cxmining.maps.words import known

if TYPE_CHECKING:
    from cxmining.drivers.roadmap import Roadmap
    from cxmining.experience import Experience

__all__ = ["plan_cells", "quote_cells"]


def quote_cells(experience: Experience) -> list[Cell]:
    """Return one masked quote per touchpoint, from the kind of moment that most wrote about; n is how many did.

    Where the study keeps texts to itself (``privacy.text = "none"``), and where nothing was expected or written, none.
    """
    from cxmining.experience.moments import PAIN, WOW, find_moments

    if experience.journeys.data.texts == "none":
        return []
    try:
        moments = find_moments(experience)
    except NotEnoughDataError:
        return []
    parts = []
    for kind in (PAIN, WOW):
        try:
            said = moments.quotes(kind, n=len(moments.moments) or 1)
        except NotEnoughDataError:
            continue
        first = said.drop_duplicates("touchpoint").set_index("touchpoint")["quote"]
        parts.append(pd.DataFrame({"quote": first, "n": said.groupby("touchpoint").size(), "kind": kind}))
    if not parts:
        return []
    most = pd.concat(parts).rename_axis("touchpoint").reset_index()
    most = most.sort_values(["touchpoint", "n"], ascending=[True, False], kind="stable").drop_duplicates("touchpoint")
    return [cell("quote", "text", key=r["kind"], touchpoint=r["touchpoint"], text=r["quote"], n=r["n"]) for r in records(most)]  # fmt: skip


def plan_cells(plan: Roadmap) -> list[Cell]:
    """Return the items of a roadmap at their touchpoints: the difference that goes with them, or the unmet task."""
    found = []
    for r in records(plan.summary):
        if not known(r["touchpoint"]) or not r["touchpoint"]:
            continue
        at = {"touchpoint": str(r["touchpoint"]).split("; ")[0]}
        if known(r["task"]) and r["task"]:
            found.append(cell("opportunity", str(r["evidence"]), key="task", text=r["task"], n=r["n"], **at))
        elif known(r["difference"]):
            ends = {"value": r["difference"], "low": r["low"], "high": r["high"]}
            found.append(cell("opportunity", "measured", key="difference", n=r["n"], **ends, **at))
        elif known(r["outcome_difference"]):
            ends = {"value": r["outcome_difference"], "low": r["outcome_low"], "high": r["outcome_high"]}
            found.append(cell("opportunity", "measured", key=str(r["outcome"]), n=r["outcome_n"], **ends, **at))
    return found
