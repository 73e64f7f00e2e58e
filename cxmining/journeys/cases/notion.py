"""The case notion: what counts as one journey. A value, named in every result that rests on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.study import CASE_NOTIONS

__all__ = ["CaseNotion", "Goal", "length_of_time"]

Goal = tuple[str | Iterable[str], str | Iterable[str]]
"""From which touchpoint, or touchpoints, to which."""

_UNITS: Final = (("D", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000), ("s", 1_000_000), ("us", 1))


@dataclass(frozen=True)
class CaseNotion:
    """What one journey is.

    Attributes
    ----------
    by : str
        Whose events belong together: those of a ``"customer"``, of the source's own ``"case"``, of one
        ``"thread"`` (conversation), of one ``"issue"`` (whatever shares a case or a thread), or those with
        the same value in the events' column of this name.
    gap_us : int or None
        Silence in microseconds after which a new journey begins; None: never.
    exclude : tuple of str
        Touchpoints that are no step of a journey.
    goal : (tuple of str, tuple of str) or None
        A journey goes from one of the first touchpoints to one of the second; None: from first to last event.
    cut : "process" or None
        Cut where the process itself starts anew.

    Examples
    --------
    >>> print(CaseNotion.of("customer", "720h"))
    customer, gap 30D
    >>> print(CaseNotion.of("thread", exclude=["newsletter"]))
    thread, without newsletter
    >>> print(CaseNotion.of("customer", goal=("sees campaign", "signs contract")))
    customer, goal from 'sees campaign' to 'signs contract'
    >>> print(CaseNotion.of("order_id", cut="process"))
    order_id, cut where the process starts anew
    """

    by: str = "customer"
    gap_us: int | None = None
    exclude: tuple[str, ...] = ()
    goal: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    cut: Literal["process"] | None = None

    @classmethod
    def of(
        cls,
        by: str,
        gap: str | dt.timedelta | None = None,
        exclude: Iterable[str] = (),
        goal: Goal | None = None,
        cut: str | None = None,
    ) -> CaseNotion:
        """Make a notion of what a person wrote.

        Parameters
        ----------
        by : str
            ``"customer"``, ``"case"``, ``"thread"``, ``"issue"``, or a column of the events.
        gap : str or timedelta, optional
            ``"30D"``, ``"12h"``, ``"45min"`` …
        exclude : iterable of str
            Touchpoints to leave out.
        goal : (str or iterable of str, str or iterable of str), optional
            Touchpoints that a journey may start from, and those it is to reach.
        cut : {"process"}, optional

        Raises
        ------
        StudyError
            When `by` is no text, `gap` is no length of time above zero with a unit, or `goal` or `cut`
            cannot be meant.
        """
        if not isinstance(by, str) or not by:
            raise StudyError(f"by={by!r} is no case notion; {nearest(str(by), CASE_NOTIONS)}")
        if cut not in (None, "process"):
            raise StudyError(f"cut={cut!r}: expected 'process' or None; to cut at silences give gap='30D'")
        aim = None if goal is None else _goal(goal)
        if aim is not None and cut is not None:
            raise StudyError("goal and cut both say where a journey begins; give one of them")
        left_out = tuple(sorted(set(_several(exclude))))
        for name in sorted({*(aim or ((), ()))[0], *(aim or ((), ()))[1]} & set(left_out)):
            raise StudyError(f"{name!r} is part of the goal and excluded; drop it from one of them")
        return cls(by, _microseconds(gap), left_out, aim, cut)  # type: ignore[arg-type]

    @property
    def gap(self) -> str | None:
        """The gap in its largest whole unit, e.g. ``"30D"``."""
        return None if self.gap_us is None else length_of_time(self.gap_us)

    def check_touchpoints(self, there: Iterable[str]) -> None:
        """Insist that the touchpoints of the goal occur.

        Raises
        ------
        UnknownNameError
            Naming the nearest ones.
        """
        known = sorted(there)
        for name in [n for part in self.goal or () for n in part if n not in known]:
            raise UnknownNameError(f"goal: no touchpoint {name!r} in the events; {nearest(name, known)}")

    def __str__(self) -> str:
        parts: list[str] = [self.by]
        if self.gap_us is not None:
            parts.append(f"gap {self.gap}")
        if self.cut is not None:
            parts.append("cut where the process starts anew")
        if self.goal is not None:
            first, last = (" or ".join(map(repr, names)) for names in self.goal)
            parts.append(f"goal from {first} to {last}")
        if self.exclude:
            parts.append("without " + " and ".join(self.exclude))
        return ", ".join(parts)


def length_of_time(microseconds: int) -> str:
    """Write a length of time in its largest whole unit.

    Examples
    --------
    >>> length_of_time(36 * 3_600_000_000), length_of_time(2 * 86_400_000_000)
    ('36h', '2D')
    """
    unit, size = next((u, s) for u, s in _UNITS if microseconds % s == 0)
    return f"{microseconds // size}{unit}"


def _several(names: str | Iterable[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _goal(goal: Goal) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if isinstance(goal, str) or len(parts := list(goal)) != 2:
        raise StudyError(f"goal={goal!r}: expected two: the touchpoint(s) it starts from and those it is to reach")
    first, last = (tuple(dict.fromkeys(_several(part))) for part in parts)
    if not first or not last or not all(isinstance(n, str) for n in (*first, *last)):
        raise StudyError(f"goal={goal!r}: expected at least one touchpoint to start from and one to reach")
    if both := sorted(set(first) & set(last)):
        raise StudyError(
            f"goal: {both[0]!r} is start and end at once, but an event is a step of one journey only; "
            "for what recurs take a gap, or cut='process'"
        )
    return first, last


def _microseconds(gap: str | dt.timedelta | None) -> int | None:
    if gap is None:
        return None
    problem = (
        f"gap={gap!r} is no length of time above zero; write a number and a unit, for example '30D', '12h' or '45min'"
    )
    if isinstance(gap, str) and (not gap.strip() or gap.strip()[-1].isdigit()):
        raise StudyError(problem)  # pandas takes "30" for 30 nanoseconds
    try:
        length = pd.Timedelta(gap)
    except (ValueError, TypeError):
        raise StudyError(problem) from None
    if pd.isna(length):
        raise StudyError(problem)
    microseconds = round(length / pd.Timedelta(1, "us"))
    if microseconds <= 0:
        raise StudyError(problem)
    return int(microseconds)
