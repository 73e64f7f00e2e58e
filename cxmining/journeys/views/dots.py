"""The dotted chart: each event a dot, each journey a line, so that rhythm and waves show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxmining.errors import StudyError, nearest
from cxmining.figures import palette, shown
from cxmining.i18n import counted
from cxmining.journeys.views.view import View, layout, under

if TYPE_CHECKING:
    from cxmining.journeys.build import Journeys

__all__ = ["dotted_chart"]

_SORTS = ("start", "end", "duration", "events")


def dotted_chart(
    journeys: Journeys, *, sort: str = "start", since_start: bool = False, colour: str = "channel",
    max_journeys: int = 1000,
) -> View:  # fmt: skip
    """Draw each event at its time, journeys above each other (Song and van der Aalst 2007).

    Parameters
    ----------
    journeys : Journeys
    sort : {"start", "end", "duration", "events"}, default "start"
        What orders the journeys from below.
    since_start : bool, default False
        Days since the journey's first event instead of the date.
    colour : {"channel", "stage", "touchpoint"}, default "channel"
    max_journeys : int, default 1000
        Of more journeys, every so-manieth in the order of `sort` is drawn, and that is said.

    Returns
    -------
    View
        ``summary``, one row per dot: `journey` (rank from below, 0 first), `timestamp` (UTC), `days` since the
        journey's start, `touchpoint`, `channel`, `stage`. No customer and no journey is named.

    Raises
    ------
    StudyError
        When a choice is unknown or `max_journeys` below one.
    """
    if sort not in _SORTS:
        raise StudyError(f"dotted_chart: sort={sort!r} is unknown; {nearest(str(sort), _SORTS)}")
    if colour not in ("channel", "stage", "touchpoint"):
        raise StudyError(
            f"dotted_chart: colour={colour!r} is unknown; {nearest(str(colour), ['channel', 'stage', 'touchpoint'])}"
        )
    if max_journeys < 1:
        raise StudyError(f"dotted_chart: max_journeys={max_journeys} must be 1 or more")
    log = journeys.log
    starts, ends = log.time[log.offsets[:-1]], log.time[log.offsets[1:] - 1]
    by = {"start": starts, "end": ends, "duration": ends - starts, "events": np.diff(log.offsets)}[sort]
    order = np.lexsort((starts, by))
    some = order[np.unique(np.linspace(0, len(order) - 1, min(max_journeys, len(order))).round().astype(np.int64))]
    rank = np.full(log.n_journeys, -1, dtype=np.int64)
    rank[some] = np.arange(len(some))
    at = np.flatnonzero(rank[log.journey] >= 0)
    at = at[np.argsort(rank[log.journey[at]], kind="stable")]
    summary = pd.DataFrame(
        {
            "journey": rank[log.journey[at]],
            "timestamp": pd.DatetimeIndex(log.time[at].view("datetime64[us]")).tz_localize("UTC"),
            "days": (log.time[at] - starts[log.journey[at]]) / 86_400e6,
            "touchpoint": pd.array(log.touchpoints, dtype="str").take(log.touchpoint[at].astype(np.int64)),
            "channel": pd.array(log.channels, dtype="str").take(log.channel[at].astype(np.int64)),
            "stage": journeys.events["stage"].array[at],
        }
    )
    fewer = [] if len(some) == log.n_journeys else [f"{counted(len(some), 'journey')} drawn, evenly by {sort}"]
    said = under(journeys, *fewer)
    title = "Events of each journey" + (", since its start" if since_start else "")
    return View(title, summary, _spec(summary, title, said, since_start, colour), said)


def _spec(summary: pd.DataFrame, title: str, said: tuple[str, ...], since_start: bool, colour: str) -> dict[str, Any]:
    counts = summary[colour].value_counts()
    names = sorted(counts.index, key=lambda c: (-int(counts[c]), c))
    kept, rest = names[: len(palette.DOTS)], names[len(palette.DOTS) :]
    data = []
    for name, ink in [*zip(kept, palette.DOTS, strict=False), *([("(other)", palette.SOFT)] if rest else [])]:
        rows = summary[summary[colour].isin(rest) if name == "(other)" else summary[colour] == name]
        x = (
            rows["days"].round(5).tolist()
            if since_start
            else rows["timestamp"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").tolist()
        )
        data.append(
            {
                "type": "scatter", "mode": "markers", "name": shown(name), "x": x, "y": rows["journey"].tolist(),
                "marker": {"size": 4, "color": ink}, "text": [shown(t) for t in rows["touchpoint"]],
                "hovertemplate": "%{text}<br>%{x}<extra></extra>",
            }
        )  # fmt: skip
    frame = layout(
        title, said, 620, showlegend=True, margin={"b": 70},
        xaxis={"title": {"text": "days since the journey began" if since_start else "date (UTC)"}},
        yaxis={"title": {"text": "journeys"}, "showticklabels": False},
        legend={"orientation": "v", "itemsizing": "constant", "title": {"text": colour}},
    )  # fmt: skip
    return {"data": data, "layout": frame}
