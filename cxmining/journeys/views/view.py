"""What the views share: a table, a picture of it, and what stands under it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine.coded import Ints
from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.figures import palette, shown, wrapped
from cxmining.i18n import counted
from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.journeys.build import Journeys

__all__ = ["GROUNDS", "View", "code_of", "first_visits", "heat", "layout", "microseconds", "under"]

GROUNDS: Final = [[0.0, palette.LANE], [1.0, palette.NAVY]]
"""From few to many."""


@dataclass(frozen=True, eq=False)
class View:
    """A table about journeys and its picture, not yet drawn.

    Attributes
    ----------
    title : str
    summary : DataFrame
        The figures that the picture shows.
    spec : mapping
        ``data`` and ``layout`` in plotly's words, plain JSON.
    said : tuple of str
        What stands under the picture: how many journeys, the case notion, the filters, what was left out.
    """

    title: str
    summary: pd.DataFrame
    spec: Mapping[str, Any]
    said: tuple[str, ...]

    def figure(self) -> go.Figure:
        """Draw it with plotly."""
        import plotly.graph_objects as go

        return go.Figure({"data": self.spec["data"], "layout": self.spec["layout"]})

    def __repr__(self) -> str:
        table = self.summary.head(20).to_string(index=False, float_format=lambda v: f"{v:.4g}")
        more = f"\n… {len(self.summary) - 20:,} rows more" if len(self.summary) > 20 else ""
        return "\n".join([f"{self.title}", *(f"  {line}" for line in self.said), table + more])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=self.title, said=self.said)


def under(journeys: Journeys, *more: str) -> tuple[str, ...]:
    """Return what stands under each picture."""
    log = journeys.log
    counts = (
        f"{counted(log.n_journeys, 'journey')} of {counted(log.n_customers, 'customer')}, {counted(len(log), 'event')}"
    )
    return (f"{counts} · case notion: {journeys.notion}", *journeys.chain, *more)


def layout(title: str, said: Sequence[str], height: int, **more: Any) -> dict[str, Any]:
    """Return the frame of a picture, with `said` under it."""
    lines = [part for line in said for part in wrapped(line, 150, 4).split("<br>")]
    margin = {"l": 60, "r": 30, "t": 60, "b": 60, **more.pop("margin", {})}
    # Room for what stands under the axis, then for the lines.
    base = margin["b"]
    margin["b"] = base + 17 * len(lines)
    quiet = {
        "showarrow": False,
        "align": "left",
        "xanchor": "left",
        "yanchor": "top",
        "font": {"color": palette.MUTED, "size": 12},
    }
    note = {**quiet, "xref": "paper", "yref": "paper", "x": 0, "y": 0, "yshift": -base, "text": "<br>".join(lines)}
    axis = {"gridcolor": palette.RULE, "linecolor": palette.RULE, "zerolinecolor": palette.RULE, "automargin": True}
    frame = {
        "title": {"text": shown(title), "x": 0.01, "xanchor": "left", "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 18}},
        "font": {"family": palette.FONT, "color": palette.INK, "size": 13},
        "paper_bgcolor": palette.PAPER, "plot_bgcolor": palette.PAPER,
        "height": height + 17 * len(lines), "margin": margin, "showlegend": False,
    }  # fmt: skip
    for name in ("xaxis", "yaxis"):
        if name in more:
            frame[name] = {**axis, **more.pop(name)}
    frame["annotations"] = [*more.pop("annotations", []), note]
    return {**frame, **more}


def heat(
    rows: Sequence[str], columns: Sequence[str], share: npt.NDArray[np.float64], text: npt.NDArray[np.object_],
    hover: npt.NDArray[np.object_],
) -> dict[str, Any]:  # fmt: skip
    """Return a heat map of shares with their text in the cells; what is missing stays empty."""
    values = [[None if np.isnan(v) else round(float(v), 6) for v in line] for line in share]
    top = float(np.nanmax(share)) if np.isfinite(share).any() else 1.0
    return {
        "type": "heatmap", "z": values, "x": list(columns), "y": [wrapped(r, 32, 2) for r in rows],
        "text": text.tolist(), "texttemplate": "%{text}", "customdata": hover.tolist(),
        "hovertemplate": "%{customdata}<extra></extra>", "colorscale": GROUNDS, "zmin": 0, "zmax": top or 1.0,
        "showscale": False, "xgap": 2, "ygap": 2, "hoverongaps": False,
    }  # fmt: skip


def code_of(journeys: Journeys, touchpoint: str, where: str) -> int:
    """Return the code of a touchpoint that occurs.

    Raises
    ------
    UnknownNameError
        Naming the nearest ones.
    """
    log = journeys.log
    there = [log.touchpoints[c] for c in np.unique(log.touchpoint)]
    if touchpoint not in there:
        raise UnknownNameError(f"{where}: no touchpoint {touchpoint!r} in the journeys; {nearest(touchpoint, there)}")
    return log.touchpoints.index(touchpoint)


def first_visits(journeys: Journeys, code: int) -> Ints:
    """Return where each journey first meets a touchpoint, or −1."""
    log = journeys.log
    hits = np.flatnonzero(log.touchpoint == code)
    first = np.full(log.n_journeys, -1, dtype=np.int64)
    first[log.journey[hits][::-1]] = hits[::-1]  # the last write stands
    return first


def microseconds(length: str, where: str) -> int:
    """Return a length of time such as ``"7D"`` in microseconds.

    Raises
    ------
    StudyError
        When it is none above zero with a unit.
    """
    from cxmining.journeys.cases.notion import CaseNotion

    try:
        found = CaseNotion.of("customer", length).gap_us
    except StudyError:
        found = None
    if found is None:
        raise StudyError(
            f"{where}={length!r} is no length of time above zero; write for example '7D', '12h' or '45min'"
        )
    return found
