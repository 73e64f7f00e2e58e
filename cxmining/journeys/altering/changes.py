"""What could be other in a journey, as values: a step removed, added, rerouted or shortened."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cxmining.errors import StudyError

__all__ = ["Add", "Change", "Remove", "Reroute", "Shorten", "add", "remove", "reroute", "shorten"]


@dataclass(frozen=True)
class Remove:
    """The touchpoint is no longer needed; with `repeats` only its second and later times in a journey."""

    touchpoint: str
    repeats: bool = False

    def __str__(self) -> str:
        return f"without {'repeats of ' if self.repeats else ''}{self.touchpoint!r}"


@dataclass(frozen=True)
class Add:
    """Journeys that reach `after` get the touchpoint next, unless they meet it later anyway."""

    touchpoint: str
    after: str

    def __str__(self) -> str:
        return f"{self.touchpoint!r} added after {self.after!r}"


@dataclass(frozen=True)
class Reroute:
    """What was done at one touchpoint is done at another; with `repeats` only from the second time on."""

    touchpoint: str
    to: str
    repeats: bool = False

    def __str__(self) -> str:
        return f"{'repeats of ' if self.repeats else ''}{self.touchpoint!r} rerouted to {self.to!r}"


@dataclass(frozen=True)
class Shorten:
    """The time from a touchpoint to the one directly after it, or the wait at it, becomes shorter.

    Attributes
    ----------
    touchpoint : str
        Where the time begins to run.
    to : str or None
        The touchpoint that directly follows; None: the wait at `touchpoint` itself.
    factor : float or None
        What is left of each time, 0 to 1.
    at_most_s : float or None
        The longest that is left, in seconds.
    """

    touchpoint: str
    to: str | None = None
    factor: float | None = None
    at_most_s: float | None = None

    def __str__(self) -> str:
        what = f"time from {self.touchpoint!r} to {self.to!r}" if self.to else f"wait at {self.touchpoint!r}"
        if self.factor is not None:
            return f"{what} shortened by {1 - self.factor:.0%}"
        return f"{what} at most {pd.Timedelta(self.at_most_s or 0, unit='s')}"


Change = Remove | Add | Reroute | Shorten


def remove(touchpoint: str, *, repeats: bool = False) -> Remove:
    """Return the change that leaves a touchpoint out.

    Parameters
    ----------
    touchpoint : str
    repeats : bool, default False
        Leave out only the second and later times in a journey: the question was answered the first time.

    Examples
    --------
    >>> print(remove("calls about invoice", repeats=True))
    without repeats of 'calls about invoice'
    """
    return Remove(touchpoint, repeats)


def add(touchpoint: str, *, after: str) -> Add:
    """Return the change that puts a touchpoint after the first `after` of a journey, unless it comes later anyway.

    Examples
    --------
    >>> print(add("welcome mail", after="signs contract"))
    'welcome mail' added after 'signs contract'
    """
    return Add(touchpoint, after)


def reroute(touchpoint: str, *, to: str, repeats: bool = False) -> Reroute:
    """Return the change that does at one touchpoint what was done at another.

    Examples
    --------
    >>> print(reroute("calls about invoice", to="reads invoice online"))
    'calls about invoice' rerouted to 'reads invoice online'
    """
    return Reroute(touchpoint, to, repeats)


def shorten(touchpoint: str, to: str | None = None, *, by: str | None = None, at_most: str | None = None) -> Shorten:
    """Return the change that makes a time shorter.

    Parameters
    ----------
    touchpoint : str
    to : str, optional
        The touchpoint that directly follows; without it the wait at `touchpoint` itself.
    by : str, optional
        Share that is saved, such as ``"50%"``.
    at_most : str, optional
        The longest that is left, such as ``"2D"``. One of `by` and `at_most` must be given.

    Raises
    ------
    StudyError
        When neither or both are given, or one cannot be understood.

    Examples
    --------
    >>> print(shorten("files complaint", "gets answer", at_most="2D"))
    time from 'files complaint' to 'gets answer' at most 2 days 00:00:00
    >>> shorten("calls", by="25%").factor
    0.75
    """
    if (by is None) == (at_most is None):
        raise StudyError("shorten: give one of by, such as '50%', and at_most, such as '2D'")
    if by is not None:
        text = by.strip().removesuffix("%")
        try:
            saved = float(text) / 100 if by.strip().endswith("%") else float("nan")
        except ValueError:
            saved = float("nan")
        if not 0 < saved <= 1:
            raise StudyError(f"shorten: by={by!r} is no share above 0% and up to 100%; write for example '50%'")
        return Shorten(touchpoint, to, factor=1 - saved)
    try:
        limit = pd.Timedelta(str(at_most)).total_seconds()
    except (ValueError, TypeError):
        limit = -1.0
    if not limit >= 0 or str(at_most).strip()[-1:].isdigit():
        raise StudyError(f"shorten: at_most={at_most!r} is no length of time; write for example '2D' or '90min'")
    return Shorten(touchpoint, to, at_most_s=limit)
