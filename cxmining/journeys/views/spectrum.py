"""The performance spectrum of one step: each passage as a line from when it began to when it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, nearest
from cxmining.figures import palette, shown
from cxmining.i18n import counted, duration
from cxmining.journeys.views.view import View, code_of, layout, under
from cxmining.stats import median_interval, wilson

if TYPE_CHECKING:
    from cxmining.journeys.build import Journeys

__all__ = ["performance_spectrum"]

_PERIODS = {"day": "D", "week": "W-SUN", "month": "M"}


def performance_spectrum(
    journeys: Journeys, source: str, target: str, *, period: str = "week", max_lines: int = 3000
) -> View:
    """Show how long a step took, passage by passage over time (Denisov, Fahland and van der Aalst 2018).

    Slow passages that begin together are a queue or a batch; crossing lines are customers who were overtaken.

    Parameters
    ----------
    journeys : Journeys
    source, target : str
        Touchpoints; a passage is where `target` directly follows `source`.
    period : {"day", "week", "month"}, default "week"
        Of the table, by when the passage began, in the time zone of the study.
    max_lines : int, default 3000
        Of more passages, every so-manieth in order of time is drawn, and that is said.

    Returns
    -------
    View
        ``summary``, one row per period: `period` (first day), `n`, `median_s` with `median_low_s`, `median_high_s`
        (order statistics), `p90_s`, `slow_share` (slower than three quarters of all passages) with `slow_low`,
        `slow_high` (Wilson).

    Raises
    ------
    UnknownNameError
        When a touchpoint does not occur.
    NotEnoughDataError
        When the one never directly follows the other.
    StudyError
        When `period` is unknown or `max_lines` below one.
    """
    if period not in _PERIODS:
        raise StudyError(f"performance_spectrum: period={period!r} is unknown; {nearest(str(period), _PERIODS)}")
    if max_lines < 1:
        raise StudyError(f"performance_spectrum: max_lines={max_lines} must be 1 or more")
    log = journeys.log
    a, b = code_of(journeys, source, "source"), code_of(journeys, target, "target")
    inner = np.ones(len(log), dtype=bool)
    inner[log.offsets[:-1]] = False
    ends = np.flatnonzero(inner & (log.touchpoint == b) & (np.roll(log.touchpoint, 1) == a))
    if not len(ends):
        follows = journeys.dfg.loc[journeys.dfg["source"] == source, "target"].head(3).tolist()
        raise NotEnoughDataError(
            f"{target!r} never directly follows {source!r}; what does: {', '.join(map(repr, follows))}"
        )
    ends = ends[np.argsort(log.time[ends - 1], kind="stable")]
    begun, done = log.time[ends - 1], log.time[ends]
    took = (done - begun) / 1e6
    borders = np.quantile(took, [0.25, 0.5, 0.75])
    quarter = np.searchsorted(borders, took, side="left")
    zone = journeys.data.time_zone
    local = pd.DatetimeIndex(begun.view("datetime64[us]")).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    summary = _table(took, quarter, local.to_period(_PERIODS[period]))
    title = f"From {source!r} to {target!r}"
    some = np.unique(np.linspace(0, len(ends) - 1, min(max_lines, len(ends))).round().astype(np.int64))
    fewer = [] if len(some) == len(ends) else [f"{counted(len(some), 'passage')} drawn, evenly over time"]
    said = under(journeys, f"{counted(len(ends), 'passage')}; {period}s in {zone}", *fewer)
    spec = _spec(begun[some], done[some], quarter[some], borders, (source, target), title, said)
    return View(title, summary, spec, said)


def _table(took: np.ndarray[Any, Any], quarter: np.ndarray[Any, Any], period: pd.PeriodIndex) -> pd.DataFrame:
    rows = []
    frame = pd.DataFrame({"took": took, "slow": quarter == 3, "period": period.start_time})
    for name, part in frame.groupby("period", sort=True):
        middle = median_interval(part["took"])
        slow = wilson(int(part["slow"].sum()), len(part))
        rows.append(
            {
                "period": name, "n": len(part), "median_s": middle.value, "median_low_s": middle.low,
                "median_high_s": middle.high, "p90_s": float(part["took"].quantile(0.9)), "slow_share": slow.value,
                "slow_low": slow.low, "slow_high": slow.high,
            }
        )  # fmt: skip
    return pd.DataFrame(rows).astype({"period": "datetime64[us]"})


def _spec(
    begun: np.ndarray[Any, Any], done: np.ndarray[Any, Any], quarter: np.ndarray[Any, Any],
    borders: np.ndarray[Any, Any], ends: tuple[str, str], title: str, said: tuple[str, ...],
) -> dict[str, Any]:  # fmt: skip
    inks = (palette.TEAL, palette.SOFT, palette.AMBER, palette.RED)
    marks = [duration(float(b), "en") for b in borders]
    names = [f"up to {marks[0]}", f"up to {marks[1]}", f"up to {marks[2]}", f"longer than {marks[2]}"]
    data = []
    for q in (0, 1, 2, 3):
        at = np.flatnonzero(quarter == q)
        if not len(at):
            continue
        x: list[str | None] = []
        first = pd.DatetimeIndex(begun[at].view("datetime64[us]")).strftime("%Y-%m-%dT%H:%M:%SZ").tolist()
        last = pd.DatetimeIndex(done[at].view("datetime64[us]")).strftime("%Y-%m-%dT%H:%M:%SZ").tolist()
        for u, v in zip(first, last, strict=True):
            x += [u, v, None]
        data.append(
            {
                "type": "scatter", "mode": "lines", "x": x, "y": [1, 0, None] * len(at), "name": names[q],
                "line": {"color": inks[q], "width": 1}, "opacity": 0.6, "hoverinfo": "skip",
            }
        )  # fmt: skip
    frame = layout(
        title, said, 460, showlegend=True, margin={"b": 70, "l": 190},
        xaxis={"title": {"text": "date (UTC)"}},
        yaxis={"tickvals": [0, 1], "ticktext": [shown(ends[1]), shown(ends[0])], "range": [-0.05, 1.05],
               "showgrid": False, "zeroline": False},
        legend={"orientation": "v", "title": {"text": "passage took"}},
    )  # fmt: skip
    return {"data": data, "layout": frame}
