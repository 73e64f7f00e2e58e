"""What filters are given: lengths of time, moments, bounds; read once, kept in one form, written back as code."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import StudyError

__all__ = ["Scalar", "between", "call", "code", "instant", "length", "listed", "moment", "quoted", "spoken"]

Scalar = str | int | float | bool

_UNITS: Final = (
    ("D", 86_400_000_000, ("day", "days", "dag", "dagen")),
    ("h", 3_600_000_000, ("hour", "hours", "uur", "uur")),
    ("min", 60_000_000, ("minute", "minutes", "minuut", "minuten")),
    ("s", 1_000_000, ("second", "seconds", "seconde", "seconden")),
    ("us", 1, ("microsecond", "microseconds", "microseconde", "microseconden")),
)
_LONGEST: Final = 2**62


def length(value: Any, what: str) -> int:
    """Return a length of time in microseconds.

    Examples
    --------
    >>> length("36h", "within"), length(dt.timedelta(minutes=1), "within")
    (129600000000, 60000000)
    """
    problem = (
        f"{what}={value!r} is no length of time; write a number and a unit, for example "
        f'{what}="7D", {what}="12h" or {what}="45min" (D, h, min, s)'
    )
    # pandas takes "30" for 30 nanoseconds, and 30 too
    if not isinstance(value, str | dt.timedelta) or (isinstance(value, str) and not value.strip()[-1:].isalpha()):
        raise StudyError(problem)
    try:
        span = pd.Timedelta(value)
        exact = span / pd.Timedelta(1, "us")
    except (ValueError, TypeError, OverflowError):
        raise StudyError(problem) from None
    if pd.isna(span):
        raise StudyError(problem)
    microseconds = round(exact)
    if microseconds < 0:
        raise StudyError(f"{what}={value!r} is below zero; {problem.split('; ', 1)[1]}")
    if microseconds >= _LONGEST:
        raise StudyError(problem)
    return microseconds


def span(microseconds: int) -> str:
    """Return a length of time as people write it, in its largest whole unit: ``"7D"``."""
    unit, size = next((u, s) for u, s, _ in _UNITS if microseconds % s == 0) if microseconds else ("s", 1)
    return f"{microseconds // size}{unit}"


def spoken(microseconds: int, language: str) -> str:
    """Return a length of time in words, exact.

    Examples
    --------
    >>> spoken(86_400_000_000, "en"), spoken(172_800_000_000, "nl"), spoken(0, "nl")
    ('1 day', '2 dagen', '0 seconden')
    """
    from cxmining import i18n

    size, words = next(((s, w) for _, s, w in _UNITS if microseconds % s == 0)) if microseconds else (1, _UNITS[3][2])
    many = microseconds // size
    return f"{i18n.number(many, language)} {words[(2 if language == 'nl' else 0) + (many != 1)]}"


def moment(value: Any, what: str) -> str:
    """Return a date, or a date with a time, in one form: a plain one is local, one with an offset is UTC.

    Examples
    --------
    >>> moment("2025-1-1", "start"), moment(dt.date(2025, 1, 1), "start"), moment("2025-01-01T10:00+01:00", "start")
    ('2025-01-01', '2025-01-01', '2025-01-01T09:00:00+00:00')
    """
    problem = (
        f'{what}={value!r} is no date; write year, month, day, for example {what}="2025-03-31" '
        f'or {what}="2025-03-31T14:00"'
    )
    if isinstance(value, str):
        text = value.strip()
        # "03-04-2025" is read as March here and April there, "2025" as its first day: neither is guessed.
        if not text[:4].isdigit() or text.count("-") < 2:
            raise StudyError(problem)
    elif not isinstance(value, dt.date):
        raise StudyError(problem)
    try:
        stamp = pd.Timestamp(value)
    except (ValueError, TypeError, OverflowError):
        raise StudyError(problem) from None
    if pd.isna(stamp):
        raise StudyError(problem)
    stamp = stamp.as_unit("us")
    if stamp.tzinfo is not None:
        return str(stamp.tz_convert("UTC").isoformat())
    return str(stamp.date().isoformat() if stamp == stamp.normalize() else stamp.isoformat())


def instant(text: str, zone: str) -> int:
    """Return when that is, in microseconds since 1970 UTC; a plain date begins at its midnight in `zone`.

    An hour that comes twice, when clocks go back, is the first; one that is skipped is the next there is.
    """
    stamp = pd.Timestamp(text)
    if stamp.tzinfo is None:
        stamp = stamp.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    # Timestamp.value is in nanoseconds whatever the unit is
    return int(stamp.tz_convert("UTC").tz_localize(None).to_datetime64().astype("datetime64[us]").astype(np.int64))


def whole(value: Any, what: str, least: int = 0) -> int:
    """Return a whole number that is not below `least`."""
    number = finite(value, what)
    if number != int(number) or number < least:
        raise StudyError(f"{what}={value!r}: expected a whole number from {least}")
    return int(value)


def finite(value: Any, what: str) -> float:
    """Return a number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise StudyError(f"{what}={value!r}: expected a number")
    return float(value)


def between(low: Any, high: Any, what: str, written: tuple[Any, Any]) -> None:
    """Insist on one bound at least, the lower one not above the upper."""
    if low is None and high is None:
        raise StudyError(f"{what} needs at_least=, at_most= or both")
    if low is not None and high is not None and low > high:
        raise StudyError(f"{what}: at_least={written[0]!r} lies above at_most={written[1]!r}; nothing fits both")


def quoted(text: Any) -> str:
    """Return a value as Python reads it, text in double quotes where that needs no escape."""
    written = repr(text)
    return f'"{written[1:-1]}"' if isinstance(text, str) and written[0] == "'" and '"' not in written else written


def code(value: Any) -> str:
    """Return a value as the code that makes it."""
    if isinstance(value, tuple):
        inner = ", ".join(code(v) for v in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return quoted(value) if isinstance(value, Scalar) else repr(value)


def call(name: str, *given: Any, **named: Any) -> str:
    """Return the code of a call; what is None is left out.

    Examples
    --------
    >>> call("count", "a", at_least=2, at_most=None)
    'filters.count("a", at_least=2)'
    """
    parts = [code(v) for v in given]
    parts += [f"{k}={code(v)}" for k, v in named.items() if v is not None]
    return f"filters.{name}({', '.join(parts)})"


def listed(words: list[str], language: str, join: str = "or") -> str:
    """Return "a, b or c".

    Examples
    --------
    >>> listed(["a", "b", "c"], "nl")
    'a, b of c'
    """
    word = {"or": {"en": "or", "nl": "of"}, "and": {"en": "and", "nl": "en"}}[join][language]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {word} {words[-1]}"
