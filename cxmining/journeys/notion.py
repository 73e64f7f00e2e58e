"""The case notion: what counts as one journey. A value, named in every result that rests on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from cxmining.errors import StudyError, nearest
from cxmining.study import CASE_NOTIONS

__all__ = ["CaseNotion"]

_UNITS: Final = (("D", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000), ("s", 1_000_000), ("us", 1))


@dataclass(frozen=True)
class CaseNotion:
    """What one journey is.

    Attributes
    ----------
    by : {"customer", "case", "thread"}
        Whose events belong together: a person's, those of the source's own case, those of one conversation.
    gap_us : int or None
        Silence in microseconds after which a new journey begins; None: never.
    exclude : tuple of str
        Touchpoints that are no step of a journey.

    Examples
    --------
    >>> print(CaseNotion.of("customer", "720h"))
    customer, gap 30D
    >>> print(CaseNotion.of("thread", exclude=["newsletter"]))
    thread, without newsletter
    """

    by: Literal["customer", "case", "thread"] = "customer"
    gap_us: int | None = None
    exclude: tuple[str, ...] = ()

    @classmethod
    def of(cls, by: str, gap: str | dt.timedelta | None = None, exclude: Iterable[str] = ()) -> CaseNotion:
        """Make a notion of what a person wrote.

        Parameters
        ----------
        by : {"customer", "case", "thread"}
        gap : str or timedelta, optional
            ``"30D"``, ``"12h"``, ``"45min"`` …
        exclude : iterable of str
            Touchpoints to leave out.

        Raises
        ------
        StudyError
            When `by` is unknown, or `gap` is no length of time above zero with a unit.
        """
        if by not in CASE_NOTIONS:
            raise StudyError(f"by={by!r} is no case notion; {nearest(str(by), CASE_NOTIONS)}")
        if isinstance(exclude, str):
            exclude = (exclude,)
        return cls(by, _microseconds(gap), tuple(sorted(set(exclude))))  # type: ignore[arg-type]

    @property
    def gap(self) -> str | None:
        """The gap in its largest whole unit, e.g. ``"30D"``."""
        if self.gap_us is None:
            return None
        unit, size = next((u, s) for u, s in _UNITS if self.gap_us % s == 0)
        return f"{self.gap_us // size}{unit}"

    def __str__(self) -> str:
        parts: list[str] = [self.by]
        if self.gap_us is not None:
            parts.append(f"gap {self.gap}")
        if self.exclude:
            parts.append("without " + " and ".join(self.exclude))
        return ", ".join(parts)


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
