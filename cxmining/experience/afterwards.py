"""What customers did after a moment: whether something happened in time, and the difference of two shares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.i18n import counted
from cxmining.stats import wilson

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.journeys import Journeys
    from cxmining.schema import Dataset

__all__ = [
    "compare_called", "events_of", "happens_within", "leaving_events", "length_of", "share_difference", "share_test", "times_of",
]  # fmt: skip

_LEAST: Final = 10
"""Customers with a later score on either side below whom the scores are not compared."""


def share_difference(k: int, n: int, against: int, m: int) -> tuple[float, float, float]:
    """Return the difference of two shares of different customers with its 95% interval (Newcombe 1998, method 10).

    Examples
    --------
    >>> [round(v, 3) for v in share_difference(56, 70, 48, 80)]
    [0.2, 0.052, 0.334]
    """
    a, b = wilson(k, n), wilson(against, m)
    value = a.value - b.value
    low = value - ((a.value - a.low) ** 2 + (b.high - b.value) ** 2) ** 0.5
    high = value + ((a.high - a.value) ** 2 + (b.value - b.low) ** 2) ** 0.5
    return float(value), float(low), float(high)


def times_of(data: Dataset, responses: pd.Series) -> pd.Series:
    """Return when each of some responses was given, on their index."""
    when = data.responses.drop_duplicates("response_id").set_index("response_id")["timestamp"]
    return pd.Series(when.reindex(responses.to_numpy()).array, index=responses.index)


def share_test(k: int, n: int, against: int, m: int) -> float:
    """Return the two-sided p of no difference between two shares (Pearson's chi-squared); missing where all are alike.

    Examples
    --------
    >>> round(share_test(56, 70, 48, 80), 4)
    0.008
    """
    from scipy.special import ndtr

    pooled = (k + against) / (n + m)
    spread = pooled * (1 - pooled) * (1 / n + 1 / m)
    return 2 * float(ndtr(-abs(k / n - against / m) / spread**0.5)) if spread > 0 else float("nan")


def events_of(journeys: Journeys, touchpoints: str | Iterable[str], what: str) -> pd.DataFrame:
    """Return `customer_id` and `timestamp` of the events of some touchpoints, in order of time.

    Raises
    ------
    UnknownNameError
        When a touchpoint does not occur.
    """
    names = [touchpoints] if isinstance(touchpoints, str) else list(touchpoints)
    events = journeys.data.events
    there = sorted(events["touchpoint"].unique())
    for name in names:
        if name not in there:
            raise UnknownNameError(f"{what}: no touchpoint {name!r} in the events; {nearest(name, there)}")
    rows = events[events["touchpoint"].isin(names) & events["customer_id"].notna()]
    return rows[["customer_id", "timestamp"]].sort_values("timestamp", kind="stable", ignore_index=True)


def leaving_events(journeys: Journeys, leaving: str | Iterable[str] | None) -> pd.DataFrame | None:
    """Return who left when: by touchpoints, else by the customers' column ``left_at``; None where neither is there."""
    if leaving is not None:
        return events_of(journeys, leaving, "leaving")
    customers = journeys.data.customers
    if "left_at" not in customers:
        return None
    left = customers[["customer_id"]].assign(timestamp=pd.to_datetime(customers["left_at"], errors="coerce", utc=True))
    return left.dropna().sort_values("timestamp", kind="stable", ignore_index=True)


def happens_within(since: pd.DataFrame, happened: pd.DataFrame, time: pd.Timedelta) -> npt.NDArray[np.bool_]:
    """Say for whom something happens after `timestamp`, `time` later at most.

    Both tables have ``customer_id`` and ``timestamp``; an equal time is not after.
    """
    left = since[["customer_id", "timestamp"]].assign(row=np.arange(len(since))).sort_values("timestamp", kind="stable")
    right = happened[["customer_id", "timestamp"]].rename(columns={"timestamp": "next"})
    found = pd.merge_asof(
        left, right.sort_values("next", kind="stable"), left_on="timestamp", right_on="next", by="customer_id",
        direction="forward", allow_exact_matches=False,
    )  # fmt: skip
    hit = (found["next"] - found["timestamp"] <= time).fillna(False).to_numpy(dtype=bool)
    out = np.zeros(len(since), dtype=bool)
    out[found["row"].to_numpy()] = hit
    return out


def length_of(within: str, name: str = "within") -> pd.Timedelta:
    """Return a length of time that was written as text."""
    try:
        time = pd.Timedelta(within)
    except ValueError:
        raise StudyError(f"{name}={within!r} is no time; write for example '90D'") from None
    if pd.isna(time) or not time > pd.Timedelta(0):
        raise StudyError(f"{name}={within!r} must be longer than nothing; write for example '90D'")
    return time


def compare_called(
    lived: Experience, over: pd.DataFrame, now: pd.Timestamp, within: pd.Timedelta, after: pd.Timedelta, leaving: Any,
    notes: list[str],
) -> pd.DataFrame:  # fmt: skip
    """Compare, from the end of the time to call on, customers who were called with those who were not."""
    from cxmining.discovery.effects import Clusters

    journeys = lived.journeys
    first = over.sort_values(["when", "reason"], kind="stable").drop_duplicates("customer_id")
    first = first.assign(timestamp=first["when"] + within)
    seen = first[first["timestamp"] + after <= now]
    if len(seen) < len(first):
        notes.append(
            f"{counted(len(first) - len(seen), 'earlier customer')} not yet followed for {after.days:,} days after the time "
            "to call: what they did is not counted"
        )
    called = seen["called_at"].notna().to_numpy()
    starts = journeys.table[["customer_id", "start"]].rename(columns={"start": "timestamp"})
    outcomes = {"returns": happens_within(seen, starts, after)}
    left = leaving_events(journeys, leaving)
    if left is None:
        notes.append("leaving is not known: name its touchpoints with leaving=")
    else:
        outcomes["leaves"] = happens_within(seen, left, after)
    rows: list[dict[str, Any]] = []
    for name, hit in outcomes.items():
        k, n, rest, m = int(hit[called].sum()), int(called.sum()), int(hit[~called].sum()), int((~called).sum())
        value, low, high = share_difference(k, n, rest, m)
        rows.append(
            {"outcome": name, "called": wilson(k, n).value, "not_called": wilson(rest, m).value, "n_called": n,
             "n_not_called": m, "difference": value, "low": low, "high": high}
        )  # fmt: skip
    score = _next_nps(lived, seen, after)
    known = ~np.isnan(score)
    a, b = known & called, known & ~called
    d = Clusters.of(np.arange(int(known.sum()))).difference(score[known], called[known], ~called[known])
    enough = min(int(a.sum()), int(b.sum())) >= _LEAST
    rows.append(
        {"outcome": "next NPS answer", "called": float(score[a].mean()) if a.any() else np.nan,
         "not_called": float(score[b].mean()) if b.any() else np.nan, "n_called": int(a.sum()), "n_not_called": int(b.sum()),
         "difference": d.mean, "low": d.low if enough else np.nan, "high": d.high if enough else np.nan}
    )  # fmt: skip
    if called.any():
        notes.append(
            "who is called is not drawn by lot: differences afterwards are associated with the call, no effect of it"
        )
    return pd.DataFrame(rows)


def _next_nps(lived: Experience, seen: pd.DataFrame, after: pd.Timedelta) -> Any:
    """Return the first NPS score of each customer in the time `after`; missing without one."""
    links = lived.links
    rows = links[links["matched"] & (links["metric"] == "nps") & links["customer_id"].notna()].drop_duplicates(
        "response_id"
    )
    kinds = rows["survey_kind"].value_counts().sort_index()
    if len(kinds):  # kinds of survey are never mixed: the one with most answers
        rows = rows[rows["survey_kind"] == str(kinds.idxmax())]
    scores = pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "next": times_of(lived.journeys.data, rows["response_id"]),
            "score": rows["score"].astype(float),
        }
    )
    left = seen[["customer_id", "timestamp"]].assign(row=np.arange(len(seen))).sort_values("timestamp", kind="stable")
    found = pd.merge_asof(
        left, scores.sort_values("next", kind="stable"), left_on="timestamp", right_on="next", by="customer_id",
        direction="forward", allow_exact_matches=False,
    )  # fmt: skip
    out = np.full(len(seen), np.nan)
    late = (found["next"] - found["timestamp"] > after).to_numpy()
    out[found["row"].to_numpy()] = np.where(late, np.nan, found["score"].to_numpy(dtype=float))
    return out
