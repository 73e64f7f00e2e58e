"""Which journeys have a property: one answer per journey, for filters to combine.

Everywhere `what` is a touchpoint code, or one boolean per event of the log (e.g. ``log.channel == code``),
so that the same functions ask for touchpoints, channels, stages or any attribute of the events.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt

from cxmining.engine.coded import CodedLog, Ints

__all__ = [
    "What", "all_events", "any_event", "contains", "count_of", "ends_with", "followed_by", "position", "starts_with",
]  # fmt: skip

Mask = npt.NDArray[np.bool_]
What = int | np.integer[Any] | Mask


def contains(log: CodedLog, what: What) -> Mask:
    """Return whether each journey has such an event.

    Parameters
    ----------
    log : CodedLog
    what : int or ndarray of bool, shape (events,)
        A touchpoint code, or the events meant.

    Returns
    -------
    ndarray of bool, shape (journeys,)

    Examples
    --------
    >>> import pandas as pd
    >>> from cxmining.engine import encode
    >>> log = encode(
    ...     journey=["a", "a", "b"],
    ...     customer=["a", "a", "b"],
    ...     touchpoint=["buy", "call", "buy"],
    ...     channel=["web", "phone", "web"],
    ...     timestamp=pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-01"], utc=True),
    ... )
    >>> contains(log, log.touchpoints.index("call")).tolist()
    [True, False]
    >>> contains(log, log.channel == log.channels.index("web")).tolist()
    [True, True]
    """
    return any_event(log, events_of(log, what))


def any_event(log: CodedLog, hit: Mask) -> Mask:
    """Return per journey whether `hit`, one boolean per event, holds for any of its events."""
    return cast(Mask, np.logical_or.reduceat(hit, log.offsets[:-1])) if len(log) else np.zeros(0, dtype=bool)


def all_events(log: CodedLog, hit: Mask) -> Mask:
    """Return per journey whether `hit`, one boolean per event, holds for all of its events."""
    return cast(Mask, np.logical_and.reduceat(hit, log.offsets[:-1])) if len(log) else np.zeros(0, dtype=bool)


def count_of(log: CodedLog, what: What) -> Ints:
    """Return how many such events each journey has, as int64.

    Examples
    --------
    >>> import pandas as pd
    >>> from cxmining.engine import encode
    >>> log = encode(
    ...     journey=["a", "a", "b"],
    ...     customer=["a", "a", "b"],
    ...     touchpoint=["call", "call", "buy"],
    ...     channel=["phone", "chat", "web"],
    ...     timestamp=pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-01"], utc=True),
    ... )
    >>> count_of(log, log.touchpoints.index("call")).tolist()
    [2, 0]
    """
    if not len(log):
        return np.zeros(0, dtype=np.int64)
    return cast(Ints, np.add.reduceat(events_of(log, what), log.offsets[:-1], dtype=np.int64))


def starts_with(log: CodedLog, what: What) -> Mask:
    """Return whether the first event of each journey is such a one."""
    return position(log, what, 0)


def ends_with(log: CodedLog, what: What) -> Mask:
    """Return whether the last event of each journey is such a one."""
    return position(log, what, -1)


def position(log: CodedLog, what: What, at: int) -> Mask:
    """Return whether the event at place `at` of each journey is such a one.

    Parameters
    ----------
    log : CodedLog
    what : int or ndarray of bool, shape (events,)
        A touchpoint code, or the events meant.
    at : int
        From 0, the first; −1 is the last, −2 the one before. A journey that has no such place answers no.

    Examples
    --------
    >>> import pandas as pd
    >>> from cxmining.engine import encode
    >>> log = encode(
    ...     journey=["a", "a", "b"],
    ...     customer=["a", "a", "b"],
    ...     touchpoint=["buy", "call", "buy"],
    ...     channel=["web", "phone", "web"],
    ...     timestamp=pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-01"], utc=True),
    ... )
    >>> position(log, log.touchpoints.index("call"), 1).tolist()
    [True, False]
    >>> position(log, log.touchpoints.index("buy"), -1).tolist()
    [False, True]
    """
    first, behind = log.offsets[:-1], log.offsets[1:]
    place = first + at if at >= 0 else behind + at
    there = (place >= first) & (place < behind)
    out = np.zeros(log.n_journeys, dtype=bool)
    out[there] = _at(log, what, place[there])
    return out


def followed_by(log: CodedLog, a: What, b: What, direct: bool = False, within_us: int | None = None) -> Mask:
    """Return whether in each journey some event `a` is followed by an event `b`.

    Parameters
    ----------
    log : CodedLog
    a, b : int or ndarray of bool, shape (events,)
        Touchpoint codes, or the events meant. An event does not follow itself.
    direct : bool, default False
        Whether `b` must be the very next event; otherwise any later one of the journey will do.
    within_us : int, optional
        The most microseconds from `a` to `b`, this many included; without it any time will do.

    Returns
    -------
    ndarray of bool, shape (journeys,)

    Examples
    --------
    >>> import pandas as pd
    >>> from cxmining.engine import encode
    >>> log = encode(
    ...     journey=["a", "a", "a"],
    ...     customer=["a", "a", "a"],
    ...     touchpoint=["buy", "call", "return"],
    ...     channel=["web", "phone", "desk"],
    ...     timestamp=pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-03"], utc=True),
    ... )
    >>> buy, back = log.touchpoints.index("buy"), log.touchpoints.index("return")
    >>> followed_by(log, buy, back).tolist(), followed_by(log, buy, back, direct=True).tolist()
    ([True], [False])
    >>> followed_by(log, buy, back, within_us=86_400_000_000).tolist()
    [False]
    """
    before, after = np.flatnonzero(events_of(log, a)), np.flatnonzero(events_of(log, b))
    out = np.zeros(log.n_journeys, dtype=bool)
    if not len(before) or not len(after):
        return out
    # The nearest later b decides: if it comes too late, or in another journey, every later one does.
    place = np.searchsorted(after, before, side="right")
    before, place = before[place < len(after)], place[place < len(after)]
    follower = after[place]
    fits = np.ones(len(before), dtype=bool)
    if direct:
        fits &= follower == before + 1
    if within_us is not None:
        fits &= log.time[follower] - log.time[before] <= within_us
    before, follower = before[fits], follower[fits]
    journey = np.searchsorted(log.offsets, before, side="right") - 1
    out[journey[follower < log.offsets[journey + 1]]] = True
    return out


def events_of(log: CodedLog, what: What) -> Mask:
    """Return the events meant, one boolean per event of the log."""
    if isinstance(what, np.ndarray):
        if what.dtype != bool or what.shape != (len(log),):
            raise ValueError(f"one boolean per event is needed, {len(log):,} in all; got {what.dtype} of {what.shape}")
        return what
    return cast(Mask, log.touchpoint == _code(log, what))


def _at(log: CodedLog, what: What, places: Ints) -> Mask:
    if isinstance(what, np.ndarray):
        return events_of(log, what)[places]
    return cast(Mask, log.touchpoint[places] == _code(log, what))


def _code(log: CodedLog, what: int | np.integer[Any]) -> int:
    if not 0 <= what < len(log.touchpoints):
        raise ValueError(f"{what} is no touchpoint code of this log; codes go from 0 to {len(log.touchpoints) - 1}")
    return int(what)
