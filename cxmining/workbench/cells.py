"""How the workbench writes a figure in a cell: value, interval and n, where it stands on its scale, or why it is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cxmining.i18n import interval, number, percent
from cxmining.maps.words import HIDDEN, MISSING, known

if TYPE_CHECKING:
    from cxmining.workbench.explore import Exploration

__all__ = ["Cell", "labelled", "n_said", "reach_cell", "score_cell", "tight"]

Cell = dict[str, Any]
"""``said`` (the figure, or the sign for none), ``more`` (interval and n), ``at`` (value and ends, 0 to 1; None without)."""


def tight(text: str) -> str:
    """Keep an interval on one line."""
    return text.replace(" ", "\u00a0")


def n_said(n: Any, language: str) -> str:
    """Write on how many a figure rests."""
    return tight(f"n = {number(n, language)}")


def labelled(x: Exploration, touchpoint: str) -> str:
    """Return what the catalogue calls a touchpoint."""
    return x._ground.labels[x.language].get(touchpoint, touchpoint)


def reach_cell(value: Any, low: Any, high: Any, n: Any, language: str, *, hidden: bool) -> Cell:
    """Write a share of customers.

    Examples
    --------
    >>> reach_cell(0.5, 0.4, 0.6, 80, "en", hidden=False)["said"], reach_cell(None, None, None, 0, "en", hidden=True)["said"]
    ('50%', '⊘')
    """
    if value is None or not known(value):
        return {"at": None, "said": HIDDEN if hidden else MISSING, "more": ""}
    more = f"{tight(interval(low, high, language, 0, share=True))} {n_said(n, language)}"
    return {"at": [float(value), float(low), float(high)], "said": percent(value, language), "more": more}


def score_cell(
    value: Any, low: Any, high: Any, n: Any, scale: tuple[float, float], language: str, *, hidden: bool
) -> Cell:
    """Write a mean score on a scale."""
    if value is None or not known(value):
        return {"at": None, "said": HIDDEN if hidden else MISSING, "more": ""}
    wide = scale[1] - scale[0]
    ends = [v if known(v) else value for v in (low, high)]
    at = [(float(v) - scale[0]) / wide for v in (value, *ends)]
    more = f"{tight(interval(low, high, language, 1))} {n_said(n, language)}"
    return {"at": at, "said": number(value, language, 1), "more": more}
