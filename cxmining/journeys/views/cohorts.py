"""The cohort table: of the customers who came in one month, how many come back in later ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxmining.errors import StudyError, nearest
from cxmining.journeys.views.view import View, code_of, heat, layout, under
from cxmining.stats import wilson

if TYPE_CHECKING:
    from cxmining.journeys.build import Journeys

__all__ = ["cohort_table"]

_PERIODS = {"month": "M", "week": "W-SUN", "quarter": "Q"}


def cohort_table(
    journeys: Journeys, *, period: str = "month", touchpoint: str | None = None, periods: int = 12
) -> View:
    """Show how many of the customers who began in one period have contact in later ones.

    Parameters
    ----------
    journeys : Journeys
    period : {"month", "week", "quarter"}, default "month"
        Calendar periods in the time zone of the study.
    touchpoint : str, optional
        Count only contact at this touchpoint; default any.
    periods : int, default 12
        How many periods after the first.

    Returns
    -------
    View
        ``summary``: `cohort` (first day), `after` (periods since; 0 is the first), `customers` with contact, `n`
        (of the cohort), `share`, `low`, `high` (Wilson). A period that the log does not hold to its end is not in
        it: that nobody came back cannot be known yet.

    Raises
    ------
    StudyError
        When `period` is unknown or `periods` below one.
    UnknownNameError
        When the touchpoint does not occur.
    """
    if period not in _PERIODS:
        raise StudyError(f"cohort_table: period={period!r} is unknown; {nearest(str(period), _PERIODS)}")
    if periods < 1:
        raise StudyError(f"cohort_table: periods={periods} must be 1 or more")
    log = journeys.log
    zone = journeys.data.time_zone
    moments = pd.DatetimeIndex(log.time.view("datetime64[us]")).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    number = moments.to_period(_PERIODS[period])
    ordinal = number.astype("int64").to_numpy()
    customer = log.customer[log.journey]
    _, person = np.unique(customer, return_inverse=True)
    first = np.full(int(person.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, person, ordinal)
    hit = (
        np.ones(len(log), dtype=bool)
        if touchpoint is None
        else log.touchpoint == code_of(journeys, touchpoint, "touchpoint")
    )
    after = ordinal - first[person]
    use = hit & (after <= periods)
    pairs = np.unique(np.stack([person[use], after[use]]), axis=1)
    start = int(ordinal.min())
    size = np.bincount(first - start)
    width = int(min(periods, ordinal.max() - start)) + 1
    met = np.zeros((len(size), width), dtype=np.int64)
    np.add.at(met, (first[pairs[0]] - start, pairs[1]), 1)
    cohort, later = np.meshgrid(np.arange(len(size)), np.arange(width), indexing="ij")
    # The last period may not be over: what is after the last event is not known.
    whole = _whole(moments.max(), number.max())
    seen = cohort + later + start <= (ordinal.max() if whole else ordinal.max() - 1)
    there = seen & (size[:, None] > 0)
    found = wilson(met[there], np.broadcast_to(size[:, None], met.shape)[there])
    begins = pd.period_range(number.min(), periods=len(size), freq=_PERIODS[period]).start_time[cohort[there]]
    summary = pd.DataFrame(
        {
            "cohort": begins.astype("datetime64[us]"), "after": later[there], "customers": met[there], "n": found.n,
            "share": found.value, "low": found.low, "high": found.high,
        }
    )  # fmt: skip
    what = "contact" if touchpoint is None else f"{touchpoint!r}"
    title = f"Customers with {what}, by the {period} they began"
    open_ = [] if whole else [f"the {period} of {moments.max():%Y-%m-%d} is not over and left out"]
    said = under(journeys, f"calendar {period}s in {zone}", *open_)
    return View(title, summary, _spec(summary, title, said, period), said)


def _whole(last: pd.Timestamp, period: pd.Period) -> bool:
    """Whether the log reaches the last day of its last period."""
    return bool(last.normalize() >= period.end_time.normalize())


def _spec(summary: pd.DataFrame, title: str, said: tuple[str, ...], period: str) -> dict[str, object]:
    cohorts = sorted(summary["cohort"].unique())
    width = int(summary["after"].max()) + 1 if len(summary) else 1
    shape = (len(cohorts), width)
    share, text, hover = np.full(shape, np.nan), np.full(shape, "", dtype=object), np.full(shape, "", dtype=object)
    place = {c: i for i, c in enumerate(cohorts)}
    sizes = {}
    for r in summary.to_dict("records"):
        at = place[r["cohort"].to_datetime64()], r["after"]
        sizes[at[0]] = r["n"]
        share[at] = r["share"]
        text[at] = f"{100 * r['share']:.0f}"
        hover[at] = f"{r['share']:.1%} [{r['low']:.1%}, {r['high']:.1%}]<br>{r['customers']:,} of {r['n']:,} customers"
    names = [f"{pd.Timestamp(c):%Y-%m-%d}  n = {sizes[i]:,}" for i, c in enumerate(cohorts)]
    frame = layout(
        title, said, 150 + 26 * len(names), yaxis={"autorange": "reversed", "type": "category", "showgrid": False}, margin={"l": 180},
        xaxis={"type": "category", "showgrid": False, "title": {"text": f"{period}s after the first (cells: % of customers)"}},
    )  # fmt: skip
    return {"data": [heat(names, [str(i) for i in range(width)], share, text, hover)], "layout": frame}
