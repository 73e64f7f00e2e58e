"""The last event of a customer before a moment: how answers, which have a time, find the events they speak of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cxmining.engine.coded import BLOCK, CodedLog, Ints, repair

__all__ = ["asof"]


def asof(log: CodedLog, customer: npt.ArrayLike, time: npt.ArrayLike) -> Ints:
    """Return for each moment of a customer the last event at or before it.

    Parameters
    ----------
    log : CodedLog
    customer : array-like of int
        Customer numbers as in ``log.customer``; a number that is not there (−1) has no event.
    time : array-like of int
        Microseconds since 1970-01-01 UTC, one per customer number.

    Returns
    -------
    ndarray of int64
        Event numbers of the log, −1 where there is none. Of events at the same instant, the last in journey
        order; of two journeys at the same instant, the one that stands later in the log.

    Examples
    --------
    >>> import pandas as pd
    >>> from cxmining.engine import encode
    >>> log = encode(
    ...     journey=["a", "a", "b"],
    ...     customer=["a", "a", "b"],
    ...     touchpoint=["buy", "call", "buy"],
    ...     channel=["web", "phone", "web"],
    ...     timestamp=pd.to_datetime(["2025-01-01", "2025-01-03", "2025-01-02"], utc=True),
    ... )
    >>> answered = pd.to_datetime(["2025-01-02", "2025-01-01", "2025-01-09"]).astype("datetime64[us]").asi8
    >>> asof(log, [0, 1, 1], answered).tolist()
    [0, -1, 2]
    """
    people, moments = np.asarray(customer, dtype=np.int64), np.asarray(time, dtype=np.int64)
    if people.shape != moments.shape or people.ndim != 1:
        raise ValueError(f"one time per customer is needed; got {moments.shape} for {people.shape}")
    out = np.full(len(people), -1, dtype=np.int64)
    if not len(log) or not len(people):
        return out
    first = np.flatnonzero(np.concatenate([[True], log.customer[1:] != log.customer[:-1]]))
    bounds = log.offsets[np.append(first, log.n_journeys)]
    # Journeys of one customer may overlap in time: those customers, and only those, are put in order of time.
    order = np.arange(len(log)) if len(first) < log.n_journeys else None
    at = log.time
    if order is not None:
        at = at.copy()
        repair(bounds, at, order)
    known = log.customer[first]
    if known[0] == 0 and known[-1] == len(known) - 1:  # numbers without gaps are places
        place = np.clip(people, 0, len(known) - 1)
    else:
        place = np.minimum(np.searchsorted(known, people), len(known) - 1)
    ask = np.flatnonzero(known[place] == people)
    for a in range(0, len(ask), BLOCK):
        some = ask[a : a + BLOCK]
        start = bounds[place[some]]
        moment = moments[some]
        low, left = start.copy(), bounds[place[some] + 1] - start
        # A binary search of all at once, each in the range of its own events.
        while left.any():
            half = left >> 1
            before = (at.take(low + half, mode="clip") <= moment) & (left > 0)
            low += before * (half + 1)
            left = np.where(before, left - half - 1, half)
        found = np.where(low > start, low - 1, -1)
        out[some] = found if order is None else np.where(found < 0, -1, order[found])
    return out
