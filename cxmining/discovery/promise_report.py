"""Promises held against journeys: how often they were called upon, kept and broken, and what goes with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.discovery.effects import Clusters, Difference
from cxmining.discovery.keeping import BROKEN, KEPT, PENDING, Keeping, keep, per_journey
from cxmining.discovery.promises import Promise
from cxmining.discovery.scoring import score_of_each
from cxmining.discovery.waiting import median_wait
from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.journeys import Journeys, Scored, journeys_of
from cxmining.repr_html import repr_html
from cxmining.stats import Interval, benjamini_hochberg

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["PromiseReport", "check_promises"]


@dataclass(frozen=True, eq=False)
class PromiseReport:
    """How promises were kept.

    Attributes
    ----------
    promises : tuple of Promise
        In the order of `summary`.
    summary : DataFrame
        One row per promise: `promise` in words; `activations` (how often it was called upon), of `journeys` and
        `customers`; `kept`, `broken`, and `pending` (not kept yet and not due when the log ends); `due`, how
        many had their time when the log ended, and `share` kept of those, with `low`, `high`; `median_s`, the time to an answer, with `median_low_s`,
        `median_high_s`, those without one counted for as long as they waited; `score_difference` of journeys that
        kept it against journeys that broke it, with `score_low`, `score_high`, `score_n` (kept), `score_n_against`
        (broken) and `score_q`, corrected over all promises.
    journeys : DataFrame
        One row per journey that a promise calls upon: `promise` (its number, from 0), `journey_id`,
        `customer_id`, `kept`, `broken`, `pending`: activations.
    last : Timestamp
        When the log ends: what is not due by then is pending.
    metric : str or None
        What `score` is.
    notion : str
        What one journey is.
    chain : tuple of str
        The filters that chose the journeys.
    notes : tuple of str
        What a reader must know.
    """

    promises: tuple[Promise, ...]
    summary: pd.DataFrame
    journeys: pd.DataFrame
    last: pd.Timestamp
    metric: str | None
    notion: str
    chain: tuple[str, ...]
    notes: tuple[str, ...]

    def figure(self) -> go.Figure:
        """Draw the share kept of each promise with its interval."""
        from cxmining.discovery.promise_picture import promise_picture

        return promise_picture(self).figure()

    @cached_property
    def _head(self) -> str:
        n = len(self.promises)
        return f"PromiseReport({n:,} {'promise' if n == 1 else 'promises'}; {self.notion}; observed until {self.last:%Y-%m-%d %H:%M} UTC)"

    def __repr__(self) -> str:
        lines = [self._head, *(f"  filter: {step}" for step in self.chain)]
        for row in self.summary.to_dict("records"):
            share = f"{row['share']:.1%} kept [{row['low']:.1%} to {row['high']:.1%}]" if row["due"] else "none due"
            pending = f", {row['pending']:,} pending" if row["pending"] else ""
            lines.append(f"  {row['promise']}: {share}, n = {row['due']:,}{pending}")
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=self._head, said=[*self.chain, *self.notes])


def check_promises(
    source: Journeys | Scored, promises: Promise | Iterable[Promise], *, metric: str | None = None, min_n: int = 10
) -> PromiseReport:
    """Check how promises were kept.

    An answer must come in the same journey. `within` is calendar time. The log ends with the last event of the
    dataset, whatever was filtered; what was not due by then is in no share, not even when it was answered at once,
    for of those only the quick answers are known. Without `within`, journeys count as over.

    Parameters
    ----------
    source : Journeys or Scored
        Journeys, or an experience that scored them.
    promises : Promise or iterable of Promise
        Of `cxmining.promises`, such as ``answered("complaint", by="answer", within="2D")``.
    metric : str, optional
        Which score; default the overall metric that most journeys have.
    min_n : int, default 10
        Scores of fewer journeys on a side are not compared.

    Returns
    -------
    PromiseReport

    Raises
    ------
    StudyError
        When there is no promise, or something else than a promise.
    UnknownNameError
        When a touchpoint does not occur; the message names the nearest.

    Examples
    --------
    >>> from cxmining.discovery.promises import answered
    >>> from cxmining.journeys import build_journeys
    >>> from cxmining.schema import Dataset, table
    >>> events = table(
    ...     "events",
    ...     {
    ...         "event_id": ["r1", "r2", "r3", "r4"],
    ...         "customer_id": ["c1", "c1", "c2", "c3"],
    ...         "timestamp": ["2025-03-01", "2025-03-02", "2025-03-01", "2025-03-09"],
    ...         "channel": ["mail"] * 4,
    ...         "touchpoint": ["complains", "reply", "complains", "complains"],
    ...         "source": ["s"] * 4,
    ...         "seq": [1, 2, 3, 4],
    ...     },
    ... )
    >>> found = check_promises(build_journeys(Dataset(events=events)), answered("complains", by="reply", within="2D"))
    >>> found.summary[["activations", "kept", "broken", "pending", "share"]].values.tolist()
    [[3.0, 1.0, 1.0, 1.0, 0.5]]
    """
    journeys = journeys_of(source)
    given = (promises,) if isinstance(promises, Promise) else tuple(promises)
    if not given:
        raise StudyError(
            "check_promises: no promise; give one, for example answered('complaint', by='answer', within='2D')"
        )
    if min_n < 1:
        raise StudyError(f"min_n={min_n!r} must be 1 or more")
    known = journeys.data.events["touchpoint"].unique()
    for promise in given:
        if not isinstance(promise, Promise):
            raise StudyError(f"{promise!r} is no promise; make one with a function of promises, such as answered(…)")
        for name in promise.touchpoints:
            if name not in known:
                raise UnknownNameError(
                    f"promise «{promise}»: no touchpoint {name!r} in the events; {nearest(name, sorted(known))}"
                )
    log = journeys.log
    last = pd.Timestamp(journeys.data.events["timestamp"].max())
    last_us = int(last.tz_convert("UTC").tz_localize(None).to_datetime64().astype("datetime64[us]").astype(np.int64))
    scores, metric_name, said = score_of_each(source, journeys, metric)
    rows: list[dict[str, Any]] = []
    tables = []
    ids = journeys.table[["journey_id", "customer_id"]]
    for i, promise in enumerate(given):
        found = keep(log, promise, last_us)
        rows.append(_row(promise, found, log.customer, scores, min_n))
        counts = np.stack(
            [np.bincount(found.journey[found.status == s], minlength=len(journeys)) for s in (KEPT, BROKEN, PENDING)]
        )
        called = np.flatnonzero(counts.sum(axis=0))
        part = ids.iloc[called].reset_index(drop=True)
        part.insert(0, "promise", i)
        tables.append(part.assign(kept=counts[0, called], broken=counts[1, called], pending=counts[2, called]))
    summary = pd.DataFrame(rows)
    summary["promise"] = summary["promise"].astype("str")
    summary["score_q"] = benjamini_hochberg(summary["score_p"])
    idle = [row["promise"] for row in rows if not row["activations"]]
    notes = [*journeys.notes, *said, *(f"{text}: not called upon in any journey" for text in idle)]
    if not int(summary["activations"].sum()):
        raise NotEnoughDataError(
            f"not one of the {len(given)} promises is called upon in {len(journeys):,} journeys; first: {rows[0]['promise']}"
            if len(given) > 1
            else f"the promise «{rows[0]['promise']}» is called upon in none of {len(journeys):,} journeys"
        )
    return PromiseReport(
        given,
        summary,
        pd.concat(tables, ignore_index=True),
        last,
        metric_name,
        str(journeys.notion),
        journeys.chain,
        tuple(notes),
    )


def _row(
    promise: Promise, found: Keeping, customer: npt.NDArray[np.int64], scores: npt.NDArray[np.float64], min_n: int
) -> dict[str, Any]:
    whose = customer[found.journey]
    share = Clusters.of(whose[found.due]).share(found.status[found.due] == KEPT)
    median = Interval(float("nan"), float("nan"), float("nan"), 0)
    if found.wait_us is not None and found.answered is not None:
        median = median_wait(found.wait_us, found.answered, whose)
    by_journey = per_journey(found, len(customer))
    scored = ~np.isnan(scores)
    a, b = (by_journey[scored] == KEPT), (by_journey[scored] == BROKEN)
    n, m = int(a.sum()), int(b.sum())
    differs = (
        Clusters.of(customer[scored]).difference(scores[scored], a, b)
        if min(n, m) >= min_n
        else Difference(n=n, n_against=m)
    )
    return {
        "promise": str(promise),
        "activations": len(found.status),
        "journeys": len(np.unique(found.journey)),
        "customers": len(np.unique(whose)),
        "kept": int((found.status == KEPT).sum()),
        "broken": int((found.status == BROKEN).sum()),
        "pending": int((found.status == PENDING).sum()),
        "due": int(found.due.sum()),
        "share": share.value,
        "low": share.low,
        "high": share.high,
        "median_s": median.value / 1e6,
        "median_low_s": median.low / 1e6,
        "median_high_s": median.high / 1e6,
        "score_difference": differs.mean,
        "score_low": differs.low,
        "score_high": differs.high,
        "score_n": differs.n,
        "score_n_against": differs.n_against,
        "score_p": differs.p,
    }
