"""What each customer expected: asked where it was asked, else estimated from what was scored before, and never unsaid.

An estimate starts at how the touchpoint was scored before, moves to the customer's segment and then to the
customer. Each step is taken as far as earlier answers show that segments, or customers, differ at all: empirical
Bayes (Efron and Morris 1975), the variances by moments. Everything that an estimate knows was answered before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError, UnknownNameError, nearest
from cxmining.experience.afterwards import times_of
from cxmining.experience.measures import about_touchpoints
from cxmining.i18n import counted
from cxmining.schema import CONTACT, OVERALL

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.schema import Dataset

__all__ = ["ASKED", "ESTIMATED", "Expectations", "gather_expectations"]

Floats = npt.NDArray[np.float64]

ASKED: Final = "asked"
ESTIMATED: Final = "estimated"
_LEAST: Final = 5
"""Earlier answers about a touchpoint from which its level is known well enough to expect it."""
_LATE: Final = pd.Timedelta(days=366)


@dataclass(frozen=True, eq=False)
class Expectations:
    """What was experienced beside what was expected.

    Attributes
    ----------
    pairs : DataFrame
        One row per customer and touchpoint event (its latest answer): ``response_id``, ``customer_id``,
        ``touchpoint``, ``event_id``, ``journey_id``, ``timestamp`` (of the answer, UTC), ``score``, ``expected``
        and ``gap`` (scale points, higher is better), ``expectation`` (asked, estimated; missing where nothing is
        known), ``estimate`` (also where it was asked), ``own_n`` and ``level_n`` (the customer's and everybody's
        earlier answers behind the estimate), ``weight``. In order of time.
    metric : str
    scale : tuple of float
        Lowest and highest score.
    error : tuple of (float, int)
        Mean distance of the estimate to what was asked, in scale points, and of how many; missing where none has both.
    notes : tuple of str
        What was left out.
    """

    pairs: pd.DataFrame
    metric: str
    scale: tuple[float, float]
    error: tuple[float, int]
    notes: tuple[str, ...]


def gather_expectations(lived: Experience, *, segment: str | None = None) -> Expectations:
    """Put beside each score of a touchpoint what its customer expected.

    Parameters
    ----------
    lived : Experience
    segment : str, optional
        Attribute of customers whose values are expected to be scored alike; default ``"segment"`` where there is one.

    Returns
    -------
    Expectations

    Raises
    ------
    NotEnoughDataError
        When no touchpoint was scored.
    UnknownNameError
        When `segment` is no attribute of customers.
    """
    data = lived.journeys.data
    if lived.metric is None:
        raise NotEnoughDataError(
            "no touchpoint was scored, so no experience can be held against an expectation; "
            "ask a score about touchpoints, or link the survey to contacts"
        )
    rows, notes = _scored(lived, lived.metric)
    low, high = float(rows["scale_low"].iloc[0]), float(rows["scale_high"].iloc[0])
    asked, other = _asked(lived.links, rows)
    notes += other
    at = pd.factorize(rows["timestamp"])[0]  # rows stand in order of time
    score = rows["score"].to_numpy(dtype=float)
    estimate, own_n, level_n = _estimate(score, at, rows, _segments(data, rows["customer_id"], segment))
    estimate = np.clip(estimate, low, high)
    expected = np.where(np.isnan(asked), estimate, asked)
    kind = pd.Series(ESTIMATED, index=rows.index).mask(~np.isnan(asked), ASKED)
    columns = ["response_id", "customer_id", "touchpoint", "event_id", "journey_id", "timestamp", "score"]
    pairs = rows[columns].assign(
        expected=expected, gap=score - expected, expectation=kind.mask(np.isnan(expected)).astype("str"), estimate=estimate,
        own_n=own_n, level_n=level_n, weight=rows["weight"],
    )  # fmt: skip
    both = ~np.isnan(asked) & ~np.isnan(estimate)
    error = float(np.abs(asked - estimate)[both].mean()) if both.any() else float("nan")
    return Expectations(pairs, lived.metric, (low, high), (error, int(both.sum())), tuple(notes))


def _scored(lived: Experience, metric: str) -> tuple[pd.DataFrame, list[str]]:
    """Return the scores about touchpoints in order of time, one per customer and event, higher is better."""
    links, data = lived.links, lived.journeys.data
    rows = about_touchpoints(links, metric)
    every = links["matched"] & (links["metric"] == metric) & ~links["touchpoint"].isin([OVERALL, CONTACT])
    notes = []
    if other := int(every.sum()) - len(rows):
        notes.append(f"{counted(other, 'answer')} on another scale than most: left out")
    rows = rows.assign(timestamp=times_of(data, rows["response_id"]), score=_upward(rows))
    rows = rows[rows["score"].notna() & rows["customer_id"].notna()]
    late = rows["timestamp"] > data.events["timestamp"].max() + _LATE
    if late.any():
        notes.append(f"{counted(int(late.sum()), 'answer')} dated more than a year after the last event: left out")
        rows = rows[~late]
    if not len(rows):
        raise NotEnoughDataError(f"no touchpoint has a {metric} score of a known customer within the time of the log")
    rows = rows.sort_values(["timestamp", "response_id", "touchpoint"], kind="stable")
    event = rows["event_id"].fillna(rows["response_id"])
    again = pd.DataFrame({"c": rows["customer_id"], "t": rows["touchpoint"], "e": event}).duplicated(keep="last")
    if again.any():
        notes.append(f"{counted(int(again.sum()), 'answer')} about an event that the same customer scored again later")
    return rows[~again].reset_index(drop=True), notes


def _upward(rows: pd.DataFrame) -> pd.Series:
    """Return the scores such that higher is better."""
    score = rows["score"].astype(float)
    return score.where(rows["higher_is_better"], rows["scale_low"] + rows["scale_high"] - score).astype(float)


def _asked(links: pd.DataFrame, rows: pd.DataFrame) -> tuple[Floats, list[str]]:
    """Return what the same response says was expected of the same touchpoint, on the same scale."""
    keys = ["response_id", "touchpoint"]
    said = links[links["matched"] & (links["metric"] == "expectation")]
    same = said["scale_low"].eq(rows["scale_low"].iloc[0]) & said["scale_high"].eq(rows["scale_high"].iloc[0])
    other = int((~same).sum())
    said = said[same].drop_duplicates(keys)
    found = rows[keys].merge(said[keys].assign(expected=_upward(said)), on=keys, how="left", validate="many_to_one")
    notes = [f"{counted(other, 'expectation')} on another scale than the score: left out"] if other else []
    return found["expected"].to_numpy(dtype=float), notes


def _segments(data: Dataset, customers: pd.Series, segment: str | None) -> pd.Series:
    if segment is None and "segment" not in data.customers:
        return pd.Series("", index=customers.index)
    name = segment or "segment"
    if name not in data.customers:
        raise UnknownNameError(
            f"segment={name!r} is no attribute of customers; {nearest(name, data.customers.columns)}"
        )
    known = data.customers.dropna(subset=["customer_id", name]).drop_duplicates("customer_id")
    return customers.map(known.set_index("customer_id")[name]).astype("object").where(lambda s: s.notna(), "")


def _estimate(score: Floats, at: Any, rows: pd.DataFrame, segment: pd.Series) -> tuple[Floats, Any, Any]:
    """Estimate each expectation from what was answered strictly before."""
    touchpoint = pd.factorize(rows["touchpoint"])[0]
    total, level_n = _before(score, touchpoint, at)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.where(level_n >= _LEAST, total / level_n, np.nan)
    group = pd.MultiIndex.from_arrays([touchpoint, segment.astype(str).to_numpy()]).factorize()[0]
    level = level + _shrunken(score - level, group, at)[0]
    own, own_n = _shrunken(score - level, pd.factorize(rows["customer_id"])[0], at)
    return level + own, own_n.astype(np.int64), level_n.astype(np.int64)


def _before(value: Floats, group: Any, at: Any) -> tuple[Floats, Floats]:
    """Return, per row, sum and number of the known values of its group at strictly earlier times."""
    known = ~np.isnan(value)
    frame = pd.DataFrame({"g": group, "t": at, "x": np.where(known, value, 0.0), "n": known.astype(float)})
    after = frame.groupby("g", sort=False)[["x", "n"]].cumsum()
    # The first row of each moment knows what stood before it; what came at the same moment knows no more.
    first = (after - frame[["x", "n"]]).groupby([frame["g"], frame["t"]], sort=False).transform("first")
    return first["x"].to_numpy(dtype=float), first["n"].to_numpy(dtype=float)


def _shrunken(value: Floats, group: Any, at: Any) -> tuple[Floats, Floats]:
    """Return how far a group lay from 0 before each row, shrunken to 0, and from how many values.

    The variance within groups and between them is that of all values before the row (one-way ANOVA, by moments):
    sums of squares and, per group, squared sums are cumulated, so nothing is fitted twice.
    """
    known = ~np.isnan(value)
    x, one = np.where(known, value, 0.0), known.astype(float)
    frame = pd.DataFrame({"g": group, "x": x, "n": one})
    after = frame.groupby("g", sort=False)[["x", "n"]].cumsum().to_numpy(dtype=float)
    sums, counts = after[:, 0], after[:, 1]
    earlier_sums, earlier = sums - x, counts - one
    with np.errstate(divide="ignore", invalid="ignore"):
        squared = np.where(counts > 0, sums**2 / counts, 0.0) - np.where(earlier > 0.5, earlier_sums**2 / earlier, 0.0)
    steps = np.column_stack([one, known & (earlier < 0.5), x * x, squared]).cumsum(axis=0)
    block = np.searchsorted(at, at)  # the first row of the same moment
    before = np.vstack([np.zeros(4), steps])[block]
    n, groups, squares, between = before.T
    with np.errstate(divide="ignore", invalid="ignore"):
        within = np.maximum(squares - between, 0.0) / (n - groups)
        spread = np.maximum(squares / n - within, 0.0)  # values lie around 0: what was expected is taken off
        total, size = _before(value, group, at)
        share = size * spread / (size * spread + within)
        moved = share * total / size
    return np.where((size > 0) & np.isfinite(moved), moved, 0.0), size
