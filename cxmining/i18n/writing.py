"""Numbers, dates, durations and counts.

What is missing is written ``–``, never as 0; a minus is a minus, not a hyphen.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pandas as pd

from cxmining.errors import UnknownNameError, nearest

__all__ = [
    "LANGUAGES",
    "MISSING",
    "between",
    "check_language",
    "counted",
    "date",
    "duration",
    "interval",
    "is_missing",
    "number",
    "percent",
    "signed",
]

LANGUAGES: Final = ("en", "nl")
MISSING: Final = "–"
_LOCALES: Final = {"en": "en_GB", "nl": "nl_NL"}
_EXACT: Final = 1e10
"""Below, Python writes the digits that babel writes, in a fiftieth of the time: a map has thousands of numbers."""
_DUTCH: Final = str.maketrans(",.", ".,")
_PART: Final = {"en": ",", "nl": ";"}  # Dutch has its comma inside the numbers

# (seconds, English, Dutch): the units people say, largest first
_UNITS: Final = ((86_400, "d", "d"), (3_600, "h", "u"), (60, "min", "min"), (1, "s", "s"))


def check_language(language: str) -> str:
    """Return the locale of a language.

    Raises
    ------
    UnknownNameError
        When it is none of `LANGUAGES`.
    """
    if language not in _LOCALES:
        raise UnknownNameError(f"language {language!r}: {nearest(language, LANGUAGES)}")
    return _LOCALES[language]


def is_missing(x: Any) -> bool:
    """Whether a cell holds nothing."""
    return x is None or bool(pd.isna(x))


def number(x: float | None, language: str, digits: int = 0) -> str:
    """Write a number with as many decimals as asked.

    Examples
    --------
    >>> number(1234.5, "en", 1), number(-1234.5, "nl", 1), number(None, "nl"), number(-0.01, "en")
    ('1,234.5', '−1.234,5', '–', '0')
    """
    locale = check_language(language)
    if is_missing(x):
        return MISSING
    value = round(float(x or 0), digits) + 0.0  # what rounds to nothing has no sign
    if abs(value) < _EXACT:
        text = f"{value:,.{digits}f}"
        return (text if language == "en" else text.translate(_DUTCH)).replace("-", "−")
    from babel.numbers import format_decimal

    text = format_decimal(value, format="#,##0." + "0" * digits if digits else "#,##0", locale=locale)
    return str(text).replace("-", "−")


def percent(x: float | None, language: str, digits: int = 0) -> str:
    """Write a share of one; what is more than nothing is never written as nothing.

    Examples
    --------
    >>> percent(0.123, "en"), percent(0.1234, "nl", 1), percent(0.0004, "nl"), percent(0, "nl")
    ('12%', '12,3%', '<1%', '0%')
    """
    check_language(language)
    if is_missing(x):
        return MISSING
    share, least = float(x or 0), float(10 ** -(digits + 2))
    if 0 < share < least / 2:
        return "<" + percent(least, language, digits)
    return number(100 * share, language, digits) + "%"


def signed(value: float | None, language: str, digits: int = 2) -> str:
    """Write a difference with its sign; what rounds to nothing has none.

    Examples
    --------
    >>> signed(0.5, "nl"), signed(-3, "en", 0), signed(0.001, "en"), signed(None, "en")
    ('+0,50', '−3', '0.00', '–')
    """
    text = number(value, language, digits)
    if is_missing(value) or text.startswith("−") or float(f"{value:.{digits}f}") == 0:
        return text
    return "+" + text


def interval(low: Any, high: Any, language: str, digits: int = 1, *, share: bool = False) -> str:
    """Write an interval for the small print: nothing when an end is not known.

    Examples
    --------
    >>> interval(0.12, 0.34, "nl", 0, share=True), interval(None, 1, "en")
    ('[12%; 34%]', '')
    """
    if is_missing(low) or is_missing(high):
        return ""
    write = percent if share else number
    return f"[{write(low, language, digits)}{_PART[language]} {write(high, language, digits)}]"


def between(low: Any, high: Any, language: str, digits: int = 2) -> str:
    """Write an interval for a sentence: an end that is not known is said.

    Examples
    --------
    >>> between(-0.1, 0.25, "nl", 1), between(float("nan"), 1, "en")
    ('[−0,1; 0,2]', '[–, 1.00]')
    """
    return f"[{number(low, language, digits)}{_PART[language]} {number(high, language, digits)}]"


def date(x: dt.date | pd.Timestamp | None, language: str, zone: str | None = None) -> str:
    """Write a day, in `zone` when the moment knows its own.

    Examples
    --------
    >>> import pandas as pd
    >>> moment = pd.Timestamp("2024-03-01T23:30Z")
    >>> date(moment, "en"), date(moment, "nl", "Europe/Amsterdam")
    ('1 Mar 2024', '2 mrt 2024')
    """
    locale = check_language(language)
    if x is None or is_missing(x):
        return MISSING
    from babel.dates import format_date

    if zone is not None and isinstance(x, pd.Timestamp) and x.tzinfo is not None:
        x = x.tz_convert(zone)
    return str(format_date(x, format="d MMM y", locale=locale)).replace(".", "")


def duration(seconds: float | None, language: str) -> str:
    """Write a duration in its two largest units, rounded to the smaller.

    Examples
    --------
    >>> duration(183_600, "en"), duration(183_600, "nl"), duration(95, "nl"), duration(0.4, "en")
    ('2 d 3 h', '2 d 3 u', '1 min 35 s', '<1 s')
    >>> duration(86_399, "en")
    '1 d'
    """
    check_language(language)
    if is_missing(seconds):
        return MISSING
    left = abs(float(seconds or 0))
    sign = "−" if float(seconds or 0) < 0 else ""
    if 0 < left < 0.5:
        return f"{sign}<1 s"
    # Round to the second of the two units first, for 23 h 59 min 59 s is a day.
    largest = next((i for i, unit in enumerate(_UNITS) if left >= unit[0]), len(_UNITS) - 1)
    smaller = _UNITS[min(largest + 1, len(_UNITS) - 1)][0]
    left = float(int(left / smaller + 0.5) * smaller)
    parts = []
    for size, en, nl in _UNITS:
        if left >= size and size >= smaller:
            parts.append(f"{number(left // size, language)} {nl if language == 'nl' else en}")
            left %= size
    return sign + " ".join(parts[:2]) if parts else f"0 {_UNITS[-1][1]}"


def counted(n: int, one: str, many: str | None = None) -> str:
    """Write a count with its noun, in English, as messages and notes have it.

    Parameters
    ----------
    n : int
        How many.
    one : str
        What one is called.
    many : str, optional
        What more, or none, are called; default `one` with an s, or -ies for a consonant and y.

    Examples
    --------
    >>> counted(1, "journey"), counted(13_087, "journey"), counted(0, "reply"), counted(2, "journey of", "journeys of")
    ('1 journey', '13,087 journeys', '0 replies', '2 journeys of')
    """
    if n == 1:
        return f"1 {one}"
    if many is None:
        many = one[:-1] + "ies" if one[-1] == "y" and one[-2] not in "aeiou" else one + "s"
    return f"{n:,} {many}"
