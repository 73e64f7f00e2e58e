"""Whether promises were kept: linear passes over the coded log, one answer per activation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cxmining.discovery.promises import All, AnyOf, Promise, Rule
from cxmining.engine import CodedLog
from cxmining.engine.coded import Ints
from cxmining.errors import StudyError

__all__ = ["BROKEN", "KEPT", "PENDING", "Keeping", "keep", "per_journey"]

KEPT, BROKEN, PENDING = 0, 1, 2
NOT_CALLED: Final = -1
_NEVER: Final = -1

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Keeping:
    """What became of each activation of a promise.

    Attributes
    ----------
    journey : ndarray of int64
        The journey of each activation, not decreasing.
    status : ndarray of int64
        KEPT, BROKEN or PENDING: not kept yet and not due when the log ends.
    due : ndarray of bool
        Whether the time was up when the log ended. Of those that were not due only the quick answers are known, so
        a share of them would flatter.
    wait_us : ndarray of int64, or None
        Microseconds from activation to answer, and where there is none (`answered` is false) to the end of the
        log. None for promises that no answer keeps.
    answered : ndarray of bool, or None
    """

    journey: Ints
    status: Ints
    due: Mask
    wait_us: Ints | None = None
    answered: Mask | None = None


def keep(log: CodedLog, promise: Promise, last_us: int) -> Keeping:
    """Return what became of a promise in a log that was observed until `last_us`.

    Examples
    --------
    >>> import pandas as pd
    >>> from cxmining.discovery.promises import answered
    >>> from cxmining.engine import encode
    >>> log = encode(
    ...     journey=list("aab"),
    ...     customer=list("aab"),
    ...     touchpoint=["asks", "replies", "asks"],
    ...     channel=["mail"] * 3,
    ...     timestamp=pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-03"], utc=True),
    ... )
    >>> keep(log, answered("asks", by="replies", within="36h"), int(log.time.max())).status.tolist()
    [0, 2]
    """
    if isinstance(promise, (All, AnyOf)):
        return _joined(log, promise, last_us)
    if not isinstance(promise, Rule):
        raise StudyError(f"{promise!r} is no promise")
    what, other = _is(log, promise.what), _is(log, promise.other)
    if promise.template.endswith("response"):
        return _response(log, promise, what, other, last_us)
    if promise.template.endswith("precedence"):
        return _precedence(log, promise, what, other)
    if promise.template.startswith("not") and promise.template.endswith("succession"):
        return _not_after(log, promise, what, other, last_us)
    return _of_journeys(log, promise, what, other)


def per_journey(found: Keeping, n: int) -> Ints:
    """Return one status per journey: BROKEN by one break, else PENDING, else KEPT; −1 where it was not called upon."""
    out = np.full(n, NOT_CALLED, dtype=np.int64)
    for status in (KEPT, PENDING, BROKEN):  # the last write stands
        out[found.journey[found.status == status]] = status
    return out


def _is(log: CodedLog, names: tuple[str, ...]) -> Mask:
    chosen = np.array([t in set(names) for t in log.touchpoints], dtype=bool)
    return chosen[log.touchpoint]


def _next(log: CodedLog, hit: Mask) -> Ints:
    """Return the next event with a hit, later in the same journey, for each event; −1 for none."""
    n = len(log)
    after = np.minimum.accumulate(np.where(hit, np.arange(n), n)[::-1])[::-1]
    following = np.append(after[1:], n)
    return np.where(following < log.offsets[1:][log.journey], following, _NEVER)


def _previous(log: CodedLog, hit: Mask) -> Ints:
    """Return the last event with a hit, earlier in the same journey, for each event; −1 for none."""
    before = np.maximum.accumulate(np.where(hit, np.arange(len(log)), _NEVER))
    preceding = np.concatenate([[_NEVER], before[:-1]])
    return np.where(preceding >= log.offsets[:-1][log.journey], preceding, _NEVER)


def _response(log: CodedLog, rule: Rule, what: Mask, other: Mask, last_us: int) -> Keeping:
    at = np.flatnonzero(what)
    answer = _next(log, other)[at]
    if rule.template == "alternate response":
        again = _next(log, what)[at]
        # The next question may itself be an answer (one touchpoint on both sides): then it answers.
        answer = np.where((again >= 0) & (answer > again), _NEVER, answer)
        lost = again >= 0
    elif rule.template == "chain response":
        following = _next(log, np.ones(len(log), dtype=bool))[at]
        answer = np.where(answer == following, answer, _NEVER)
        lost = following >= 0
    else:
        lost = np.zeros(len(at), dtype=bool)
    answered = answer >= 0
    due = _due(log, at, rule, last_us)
    wait = np.where(answered, log.time[answer], last_us) - log.time[at]
    if rule.within_us is None:
        status = np.where(answered, KEPT, BROKEN)
    else:
        status = np.where(
            answered, np.where(wait <= rule.within_us, KEPT, BROKEN), np.where(due | lost, BROKEN, PENDING)
        )
    return Keeping(log.journey[at], status, due, wait, answered)


def _precedence(log: CodedLog, rule: Rule, what: Mask, other: Mask) -> Keeping:
    at = np.flatnonzero(what)
    cause = _previous(log, other)[at]
    if rule.template == "alternate precedence":
        again = _previous(log, what)[at]
        cause = np.where(cause >= again, cause, _NEVER)
    elif rule.template == "chain precedence":
        preceding = _previous(log, np.ones(len(log), dtype=bool))[at]
        cause = np.where(cause == preceding, cause, _NEVER)
    kept = cause >= 0
    if rule.within_us is not None:
        kept &= log.time[at] - log.time[cause] <= rule.within_us
    return Keeping(log.journey[at], np.where(kept, KEPT, BROKEN), np.ones(len(at), dtype=bool))


def _not_after(log: CodedLog, rule: Rule, what: Mask, other: Mask, last_us: int) -> Keeping:
    at = np.flatnonzero(what)
    breach = _next(log, other)[at]
    open_ended = np.ones(len(at), dtype=bool)
    if rule.template == "not chain succession":
        following = _next(log, np.ones(len(log), dtype=bool))[at]
        breach = np.where(breach == following, breach, _NEVER)
        open_ended = following < 0
    broken, due = breach >= 0, _due(log, at, rule, last_us)
    if rule.within_us is None:
        return Keeping(log.journey[at], np.where(broken, BROKEN, KEPT), due)
    broken &= log.time[breach] - log.time[at] <= rule.within_us
    # Nothing came yet, but there is still time for it.
    early = ~due & open_ended & ~broken
    return Keeping(log.journey[at], np.select([broken, early], [BROKEN, PENDING], KEPT), due)


def _due(log: CodedLog, at: Ints, rule: Rule, last_us: int) -> Mask:
    """Return whether the time of each activation was up when the log ended; without a time, journeys are over."""
    if rule.within_us is None:
        return np.ones(len(at), dtype=bool)
    return last_us - log.time[at] > rule.within_us


def _of_journeys(log: CodedLog, rule: Rule, what: Mask, other: Mask) -> Keeping:
    first, last = log.offsets[:-1], log.offsets[1:] - 1
    n, m = (np.add.reduceat(hit.astype(np.int64), first) for hit in (what, other))
    everyone = np.ones(log.n_journeys, dtype=bool)
    called, kept = {
        "occurrence": (
            everyone,
            (n >= (rule.at_least or 0)) & (n <= (len(log) if rule.at_most is None else rule.at_most)),
        ),
        "init": (everyone, what[first]),
        "end": (everyone, what[last]),
        "responded existence": (n > 0, m > 0),
        "co-existence": ((n > 0) | (m > 0), (n > 0) & (m > 0)),
        "not co-existence": ((n > 0) | (m > 0), (n == 0) | (m == 0)),
        "equivalence": ((n > 0) | (m > 0), n == m),
    }[rule.template]
    journey = np.flatnonzero(called)
    return Keeping(journey, np.where(kept[journey], KEPT, BROKEN), np.ones(len(journey), dtype=bool))


def _joined(log: CodedLog, promise: All | AnyOf, last_us: int) -> Keeping:
    """Return one answer per journey that one of the parts calls upon."""
    found = [keep(log, part, last_us) for part in promise.parts]
    parts = np.stack([per_journey(part, log.n_journeys) for part in found])
    due = np.ones(log.n_journeys, dtype=bool)
    for part in found:
        due[part.journey[~part.due]] = False
    # Of all, the worst counts; of any, the best: what is pending may still go either way.
    order = (BROKEN, PENDING, KEPT) if isinstance(promise, All) else (KEPT, PENDING, BROKEN)
    status = np.full(log.n_journeys, NOT_CALLED, dtype=np.int64)
    for value in reversed(order):
        status[(parts == value).any(axis=0)] = value
    journey = np.flatnonzero(status != NOT_CALLED)
    return Keeping(journey, status[journey], due[journey])
