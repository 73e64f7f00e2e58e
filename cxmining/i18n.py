"""Numbers, dates, durations and the fixed words of the field, in English and Dutch.

What is missing is written ``–``, never as 0; a minus is a minus, not a hyphen.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pandas as pd

from cxmining.errors import UnknownNameError, nearest

__all__ = [
    "CHANNEL_LABELS",
    "LANGUAGES",
    "MISSING",
    "STAGE_LABELS",
    "channel_label",
    "counted",
    "date",
    "duration",
    "number",
    "percent",
    "stage_label",
]

LANGUAGES: Final = ("en", "nl")
MISSING: Final = "–"
_LOCALES: Final = {"en": "en_GB", "nl": "nl_NL"}

STAGE_LABELS: Final = {
    "awareness": {"en": "Awareness", "nl": "Ontdekken"},
    "consideration": {"en": "Consideration", "nl": "Overwegen"},
    "purchase": {"en": "Purchase", "nl": "Kopen"},
    "service": {"en": "Service", "nl": "Gebruik en service"},
    "loyalty": {"en": "Loyalty", "nl": "Blijven"},
    "advocacy": {"en": "Advocacy", "nl": "Aanbevelen"},
}
CHANNEL_LABELS: Final = {
    **{same: {"en": same, "nl": same} for same in ("mail", "chat", "app", "web", "post", "sms", "social")},
    "phone": {"en": "phone", "nl": "telefoon"},
    "desk": {"en": "desk", "nl": "balie"},
    "survey": {"en": "survey", "nl": "enquête"},
    "other": {"en": "other", "nl": "overig"},
}
# (seconds, English, Dutch): the units people say, largest first
_UNITS: Final = ((86_400, "d", "d"), (3_600, "h", "u"), (60, "min", "min"), (1, "s", "s"))


def _locale(language: str) -> str:
    if language not in _LOCALES:
        raise UnknownNameError(f"language {language!r}: {nearest(language, LANGUAGES)}")
    return _LOCALES[language]


def _missing(x: Any) -> bool:
    return x is None or bool(pd.isna(x))


def number(x: float | None, language: str, digits: int = 0) -> str:
    """Write a number with as many decimals as asked.

    Examples
    --------
    >>> number(1234.5, "en", 1), number(-1234.5, "nl", 1), number(None, "nl"), number(-0.01, "en")
    ('1,234.5', '−1.234,5', '–', '0')
    """
    locale = _locale(language)
    if _missing(x):
        return MISSING
    from babel.numbers import format_decimal

    value = round(float(x or 0), digits) + 0.0  # what rounds to nothing has no sign
    text = format_decimal(value, format="#,##0." + "0" * digits if digits else "#,##0", locale=locale)
    return str(text).replace("-", "−")


def percent(x: float | None, language: str, digits: int = 0) -> str:
    """Write a share of one; what is more than nothing is never written as nothing.

    Examples
    --------
    >>> percent(0.123, "en"), percent(0.1234, "nl", 1), percent(0.0004, "nl"), percent(0, "nl")
    ('12%', '12,3%', '<1%', '0%')
    """
    _locale(language)
    if _missing(x):
        return MISSING
    share, least = float(x or 0), float(10 ** -(digits + 2))
    if 0 < share < least / 2:
        return "<" + percent(least, language, digits)
    return number(100 * share, language, digits) + "%"


def date(x: dt.date | pd.Timestamp | None, language: str, zone: str | None = None) -> str:
    """Write a day, in `zone` when the moment knows its own.

    Examples
    --------
    >>> import pandas as pd
    >>> moment = pd.Timestamp("2024-03-01T23:30Z")
    >>> date(moment, "en"), date(moment, "nl", "Europe/Amsterdam")
    ('1 Mar 2024', '2 mrt 2024')
    """
    locale = _locale(language)
    if x is None or _missing(x):
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
    _locale(language)
    if _missing(seconds):
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


def stage_label(stage: str | None, language: str) -> str:
    """Return how a stage is called; what has none is ``–``, an unknown one is shown as it is.

    Examples
    --------
    >>> stage_label("purchase", "nl"), stage_label(None, "nl")
    ('Kopen', '–')
    """
    return _label(STAGE_LABELS, stage, language)


def channel_label(channel: str | None, language: str) -> str:
    """Return how a channel is called; what has none is ``–``, an unknown one is shown as it is.

    Examples
    --------
    >>> channel_label("phone", "nl"), channel_label("fax", "nl")
    ('telefoon', 'fax')
    """
    return _label(CHANNEL_LABELS, channel, language)


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


def _label(words: dict[str, dict[str, str]], name: str | None, language: str) -> str:
    _locale(language)
    if name is None or _missing(name):
        return MISSING
    return words[name][language] if name in words else str(name)
