"""Promises to customers as values that read as sentences: the declare templates under readable names, with time.

Each says when it is called upon (its activations) and when it is kept. All are about events of one journey, and
`within` is calendar time, weekends and nights included: it has one meaning for every customer and needs no
calendar of working days, which the log does not hold. Join them with ``&`` and ``|``.

======================  ==============================================  ============================
function                declare template (Pesic, Schonenberg & van der  log skeleton (Verbeek 2021)
                        Aalst 2007)
======================  ==============================================  ============================
`answered`              response                                        always after
`answered_each`         alternate response
`answered_next`         chain response                                  directly follows
`preceded`              precedence                                      always before
`preceded_each`         alternate precedence
`preceded_directly`     chain precedence
`never_after`           not succession
`never_directly`        not chain succession
`with_it`               responded existence
`together`              co-existence
`never_together`        not co-existence                                never together
`as_often`                                                              equivalence
`occurs`                existence, absence, exactly                     activity frequencies
`starts`, `ends`        init, end
======================  ==============================================  ============================

Succession is ``answered(a, by=b) & preceded(b, by=a)``.

Examples
--------
>>> print(answered("files complaint", by="company reply", within="2D"))
'files complaint' is answered by 'company reply' within 2D
>>> print(starts("signs contract") & occurs("payment reminder", at_most=0))
the journey starts with 'signs contract', and 'payment reminder' does not occur
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from cxmining.errors import StudyError
from cxmining.repr_html import repr_html

__all__ = [
    "All", "AnyOf", "Promise", "Rule", "answered", "answered_each", "answered_next", "as_often", "ends", "never_after",
    "never_directly", "never_together", "occurs", "preceded", "preceded_directly", "preceded_each", "starts", "together",
    "with_it",
]  # fmt: skip

Touchpoints = str | Iterable[str]

_WORDS: Final = {
    "response": "{what} is answered by {other}",
    "alternate response": "{what} is answered by {other} before the next one",
    "chain response": "{what} is answered by {other} as the very next event",
    "precedence": "{what} is preceded by {other}",
    "alternate precedence": "{what} is preceded by {other} each time anew",
    "chain precedence": "{what} is preceded by {other} as the very last event",
    "not succession": "{what} is never followed by {other}",
    "not chain succession": "{what} is never followed directly by {other}",
    "responded existence": "where there is {what} there is {other}",
    "co-existence": "{what} and {other} occur together or not at all",
    "not co-existence": "{what} and {other} never occur together",
    "equivalence": "{what} occurs as often as {other}",
    "init": "the journey starts with {what}",
    "end": "the journey ends with {what}",
}
_UNITS: Final = (("D", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000), ("s", 1_000_000), ("us", 1))


class Promise:
    """What was promised: one rule, or several joined."""

    @property
    def touchpoints(self) -> tuple[str, ...]:
        """The touchpoints it names."""
        raise NotImplementedError

    def __and__(self, other: Promise) -> All:
        return All(_parts(All, self, other))

    def __or__(self, other: Promise) -> AnyOf:
        return AnyOf(_parts(AnyOf, self, other))

    def _repr_html_(self) -> str:
        return repr_html(head=str(self))


@dataclass(frozen=True)
class Rule(Promise):
    """One rule of a template.

    Attributes
    ----------
    template : str
        Its name in declare; ``"occurrence"`` for existence, absence and exactly.
    what, other : tuple of str
        Touchpoints; any of them will do.
    within_us : int or None
        Microseconds.
    at_least, at_most : int or None
        Of an occurrence.
    """

    template: str
    what: tuple[str, ...]
    other: tuple[str, ...] = ()
    within_us: int | None = None
    at_least: int | None = None
    at_most: int | None = None

    @property
    def touchpoints(self) -> tuple[str, ...]:
        """The touchpoints it names."""
        return (*self.what, *self.other)

    def __str__(self) -> str:
        if self.template == "occurrence":
            return f"{_either(self.what)} {self._times()}"
        text = _WORDS[self.template].format(what=_either(self.what), other=_either(self.other))
        return text if self.within_us is None else f"{text} within {_length(self.within_us)}"

    def _times(self) -> str:
        low, high = self.at_least or 0, self.at_most
        if high == 0:
            return "does not occur"
        if low == high:
            return f"occurs {_count(low)}"
        if high is None:
            return f"occurs {_count(low)} or more"
        return f"occurs at most {_count(high)}" if not low else f"occurs {low:,} to {high:,} times"


@dataclass(frozen=True)
class All(Promise):
    """Kept in a journey that keeps all of its parts."""

    parts: tuple[Promise, ...]

    @property
    def touchpoints(self) -> tuple[str, ...]:
        """The touchpoints it names."""
        return tuple(t for part in self.parts for t in part.touchpoints)

    def __str__(self) -> str:
        return ", and ".join(f"({part})" if isinstance(part, AnyOf) else str(part) for part in self.parts)


@dataclass(frozen=True)
class AnyOf(Promise):
    """Kept in a journey that keeps one of its parts."""

    parts: tuple[Promise, ...]

    @property
    def touchpoints(self) -> tuple[str, ...]:
        """The touchpoints it names."""
        return tuple(t for part in self.parts for t in part.touchpoints)

    def __str__(self) -> str:
        return ", or ".join(f"({part})" if isinstance(part, All) else str(part) for part in self.parts)


def _parts(kind: type[All] | type[AnyOf], *sides: object) -> tuple[Promise, ...]:
    found: list[Promise] = []
    for side in sides:
        if not isinstance(side, Promise):
            raise StudyError(f"a promise joins with a promise, not with {type(side).__name__} {side!r}")
        found += side.parts if isinstance(side, kind) else [side]
    return tuple(found)


def answered(what: Touchpoints, *, by: Touchpoints, within: str | dt.timedelta | None = None) -> Rule:
    """Return the promise that each `what` is followed by `by` (declare: response).

    Activated by each `what`. With `within`, one that is not answered when the log ends and is not yet due is
    pending; without it the journey counts as over.

    Parameters
    ----------
    what, by : str or iterable of str
        Touchpoints; of several any.
    within : str or timedelta, optional
        Calendar time, e.g. ``"2D"`` or ``"4h"``.

    Examples
    --------
    >>> print(answered("complaint", by=["mail: answer", "phone: answer"], within="48h"))
    'complaint' is answered by 'mail: answer' or 'phone: answer' within 2D
    """
    return _rule("response", what, by, within)


def answered_each(what: Touchpoints, *, by: Touchpoints, within: str | dt.timedelta | None = None) -> Rule:
    """Return the promise that each `what` is followed by `by` before the next `what` (declare: alternate response)."""
    return _rule("alternate response", what, by, within)


def answered_next(what: Touchpoints, *, by: Touchpoints, within: str | dt.timedelta | None = None) -> Rule:
    """Return the promise that the event right after each `what` is `by` (declare: chain response)."""
    return _rule("chain response", what, by, within)


def preceded(what: Touchpoints, *, by: Touchpoints, within: str | dt.timedelta | None = None) -> Rule:
    """Return the promise that before each `what` there is `by` (declare: precedence), not longer ago than `within`.

    Activated by each `what`. In declare's notation it is precedence(by, what).
    """
    return _rule("precedence", what, by, within)


def preceded_each(what: Touchpoints, *, by: Touchpoints, within: str | dt.timedelta | None = None) -> Rule:
    """Return the promise that `by` stands between each `what` and the one before (declare: alternate precedence)."""
    return _rule("alternate precedence", what, by, within)


def preceded_directly(what: Touchpoints, *, by: Touchpoints, within: str | dt.timedelta | None = None) -> Rule:
    """Return the promise that the event right before each `what` is `by` (declare: chain precedence)."""
    return _rule("chain precedence", what, by, within)


def never_after(what: Touchpoints, *, comes: Touchpoints, within: str | dt.timedelta | None = None) -> Rule:
    """Return the promise that `comes` does not follow `what` (declare: not succession), at least not `within` a time.

    Activated by each `what`. (pm4py's nonsuccession is another rule: it is broken only where all of succession holds.)
    """
    return _rule("not succession", what, comes, within)


def never_directly(what: Touchpoints, *, comes: Touchpoints, within: str | dt.timedelta | None = None) -> Rule:
    """Return the promise that the event right after `what` is not `comes` (declare: not chain succession)."""
    return _rule("not chain succession", what, comes, within)


def with_it(what: Touchpoints, *, other: Touchpoints) -> Rule:
    """Return the promise that a journey with `what` has `other` too, before or after (declare: responded existence)."""
    return _rule("responded existence", what, other)


def together(what: Touchpoints, other: Touchpoints) -> Rule:
    """Return the promise that a journey with one of the two has both (declare: co-existence)."""
    return _rule("co-existence", what, other)


def never_together(what: Touchpoints, other: Touchpoints) -> Rule:
    """Return the promise that no journey has both (declare: not co-existence; log skeleton: never together)."""
    return _rule("not co-existence", what, other)


def as_often(what: Touchpoints, other: Touchpoints) -> Rule:
    """Return the promise that a journey with one of the two has both equally often (log skeleton: equivalence)."""
    return _rule("equivalence", what, other)


def occurs(what: Touchpoints, *, at_least: int | None = None, at_most: int | None = None) -> Rule:
    """Return the promise how often `what` occurs in each journey (declare: existence, absence, exactly).

    Activated by each journey. Without a number: at least once.

    Examples
    --------
    >>> print(occurs("payment reminder", at_most=1))
    'payment reminder' occurs at most once
    """
    if at_least is None and at_most is None:
        at_least = 1
    for name, n in (("at_least", at_least), ("at_most", at_most)):
        if n is not None and (isinstance(n, bool) or not isinstance(n, int) or n < 0):
            raise StudyError(f"occurs: {name}={n!r} is no number of times; expected 0, 1, 2 …")
    if at_most is not None and (at_least or 0) > at_most:
        raise StudyError(f"occurs: at_least={at_least} is more than at_most={at_most}; nothing could keep it")
    if at_most is None and not at_least:
        raise StudyError("occurs: at_least=0 is kept by every journey; give at_most too")
    return Rule("occurrence", _names(what), at_least=at_least, at_most=at_most)


def starts(what: Touchpoints) -> Rule:
    """Return the promise that each journey starts with `what` (declare: init)."""
    return Rule("init", _names(what))


def ends(what: Touchpoints) -> Rule:
    """Return the promise that each journey ends with `what` (declare: end)."""
    return Rule("end", _names(what))


def _rule(template: str, what: Touchpoints, other: Touchpoints, within: str | dt.timedelta | None = None) -> Rule:
    first, second = _names(what), _names(other)
    shared = set(first) & set(second)
    if shared and template in ("co-existence", "not co-existence", "equivalence", "responded existence"):
        raise StudyError(f"promise: {min(shared)!r} stands on both sides; expected different touchpoints")
    return Rule(template, first, second, None if within is None else _microseconds(within))


def _names(given: Touchpoints) -> tuple[str, ...]:
    names = (given,) if isinstance(given, str) else tuple(given)
    if not names or not all(isinstance(name, str) and name for name in names):
        raise StudyError(f"promise: {given!r} is no touchpoint; expected text, or several")
    return tuple(dict.fromkeys(names))


def _microseconds(within: str | dt.timedelta) -> int:
    problem = f"within={within!r} is no length of time above zero; write a number and a unit, for example '2D' or '4h'"
    if isinstance(within, str) and (not within.strip() or within.strip()[-1].isdigit()):
        raise StudyError(problem)  # pandas takes "2" for 2 nanoseconds
    try:
        length = pd.Timedelta(within)
    except (ValueError, TypeError, OverflowError):
        raise StudyError(problem) from None
    if pd.isna(length) or length < pd.Timedelta(1, "us"):
        raise StudyError(problem)
    return round(length / pd.Timedelta(1, "us"))


def _length(us: int) -> str:
    unit, size = next((u, s) for u, s in _UNITS if us % s == 0)
    return f"{us // size:,}{unit}"


def _either(names: tuple[str, ...]) -> str:
    return " or ".join(repr(name) for name in names)


def _count(n: int) -> str:
    return "once" if n == 1 else "twice" if n == 2 else f"{n:,} times"
