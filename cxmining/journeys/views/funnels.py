"""The funnel: how many journeys get through a row of steps, how long it takes, and where the others go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxmining.errors import StudyError
from cxmining.figures import palette, wrapped
from cxmining.i18n import counted, duration
from cxmining.journeys.views.view import View, code_of, layout, microseconds, under
from cxmining.stats import median_interval, wilson

if TYPE_CHECKING:
    from cxmining.journeys.build import Journeys

__all__ = ["funnel"]


def funnel(journeys: Journeys, steps: Sequence[str], *, within: str | None = None) -> View:
    """Count how many journeys reach each step after the one before it.

    A journey is at the first step at its first visit there, and at each next one at the first visit after that;
    what happens in between does not matter.

    Parameters
    ----------
    journeys : Journeys
    steps : sequence of str
        Touchpoints, two or more.
    within : str, optional
        Longest time from the first step to the last, such as ``"30D"``.

    Returns
    -------
    View
        ``summary``, one row per step: `step`, `touchpoint`, `journeys`, `share` of those at the first step with `low`,
        `high` (Wilson), `share_of_previous` with its own `previous_low`, `previous_high`, `lost` since the step
        before, `median_s` since the step before with its 95% interval `median_low_s`, `median_high_s` (order
        statistics), and of those who got no further `next` (what most of them did next; ``(end)``: nothing) and
        `next_share`.

    Raises
    ------
    UnknownNameError
        When a step does not occur.
    StudyError
        When there are fewer than two steps, or `within` is no length of time.
    """
    if isinstance(steps, str) or len(steps) < 2:
        raise StudyError(f"funnel: steps={steps!r} must be two touchpoints or more, in order")
    limit = None if within is None else microseconds(within, "within")
    log = journeys.log
    place = np.full(log.n_journeys, -1, dtype=np.int64)  # of the visit that counts
    alive = np.ones(log.n_journeys, dtype=bool)
    begun = np.zeros(log.n_journeys, dtype=np.int64)
    found: list[dict[str, Any]] = []
    for i, touchpoint in enumerate(steps):
        code = code_of(journeys, touchpoint, "funnel")
        hits = np.flatnonzero(log.touchpoint == code)
        hits = hits[alive[log.journey[hits]] & (hits > place[log.journey[hits]])]
        if limit is not None and i:
            hits = hits[log.time[hits] - begun[log.journey[hits]] <= limit]
        now = np.full(log.n_journeys, -1, dtype=np.int64)
        now[log.journey[hits][::-1]] = hits[::-1]
        through = alive & (now >= 0)
        if i:
            stuck = np.flatnonzero(alive & ~through)
            found[-1] |= _next(journeys, place[stuck])
        else:
            begun[through] = log.time[now[through]]
        took = (log.time[now[through]] - log.time[place[through]]) / 1e6 if i else np.array([])
        middle = median_interval(took)
        found.append(
            {
                "step": i + 1, "touchpoint": touchpoint, "journeys": int(through.sum()),
                "lost": int(alive.sum() - through.sum()) if i else 0,
                "median_s": middle.value, "median_low_s": middle.low, "median_high_s": middle.high,
                "next": None, "next_share": float("nan"),
            }
        )  # fmt: skip
        place, alive = np.where(through, now, place), through
    summary = _shares(pd.DataFrame(found))
    never = log.n_journeys - found[0]["journeys"]
    said = under(
        journeys, f"{counted(never, 'journey')} never at {steps[0]!r}", *([f"all within {within}"] if within else [])
    )
    title = "How many get through"
    return View(title, summary, _spec(summary, title, said), said)


def _next(journeys: Journeys, places: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Return what most of those who got no further did after their last step."""
    if not len(places):
        return {}
    log = journeys.log
    over = places + 1 == log.offsets[log.journey[places] + 1]
    after = np.where(over, len(log.touchpoints), log.touchpoint[np.where(over, 0, places + 1)])
    counts = np.bincount(after, minlength=len(log.touchpoints) + 1)
    most = int(counts.argmax())
    name = "(end)" if most == len(log.touchpoints) else log.touchpoints[most]
    return {"next": name, "next_share": float(counts[most] / len(places))}


def _shares(frame: pd.DataFrame) -> pd.DataFrame:
    n = frame["journeys"].to_numpy()
    before = np.concatenate([n[:1], n[:-1]])
    all_, step = wilson(n, np.full(len(n), n[0])), wilson(n, before)
    # Of the first step all are there by definition: nothing is estimated.
    for part in (all_, step):
        part.low[0] = part.high[0] = np.nan
    frame = frame.assign(
        share=all_.value, low=all_.low, high=all_.high, share_of_previous=step.value, previous_low=step.low,
        previous_high=step.high, next=frame["next"].astype("str"),
    )  # fmt: skip
    order = [
        "step", "touchpoint", "journeys", "share", "low", "high", "share_of_previous", "previous_low", "previous_high",
        "lost", "median_s", "median_low_s", "median_high_s", "next", "next_share",
    ]  # fmt: skip
    return frame[order]


def _spec(summary: pd.DataFrame, title: str, said: tuple[str, ...]) -> dict[str, Any]:
    rows = summary.to_dict("records")
    quiet = {"showarrow": False, "xanchor": "left", "align": "left", "font": {"size": 12, "color": palette.MUTED}}
    notes = []
    for r in rows:
        text = f"{r['journeys']:,} journeys"
        if r["step"] > 1:
            text = f"{r['share']:.1%} [{r['low']:.1%}, {r['high']:.1%}] · {text}"
            text += (
                f"<br>{r['share_of_previous']:.0%} of the step before, after {duration(r['median_s'], 'en')} (median)"
            )
        if not pd.isna(r["next"]):
            text += f"<br>of those who stop here {r['next_share']:.0%} next: {wrapped(r['next'], 40, 1)}"
        notes.append({**quiet, "x": 1.02, "xref": "paper", "y": r["step"] - 1, "text": text})
    bars = {
        "type": "bar", "orientation": "h", "x": [round(r["share"], 6) for r in rows], "y": [r["step"] - 1 for r in rows],
        "marker": {"color": palette.NAVY}, "width": 0.6, "hoverinfo": "x",
        "error_x": {"type": "data", "symmetric": False, "color": palette.MUTED,
                    "array": [0, *(round(r["high"] - r["share"], 6) for r in rows[1:])],
                    "arrayminus": [0, *(round(r["share"] - r["low"], 6) for r in rows[1:])]},
    }  # fmt: skip
    frame = layout(
        title, said, 130 + 74 * len(rows), margin={"l": 200, "r": 400},
        xaxis={"range": [0, 1.02], "tickformat": ".0%", "title": {"text": "share of journeys at the first step"}},
        yaxis={"autorange": "reversed", "tickvals": list(range(len(rows))),
               "ticktext": [wrapped(r["touchpoint"], 26, 3) for r in rows]},
        annotations=notes,
    )  # fmt: skip
    return {"data": [bars], "layout": frame}
