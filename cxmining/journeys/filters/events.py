"""Filters on events: what an event is, where, through which channel, and when by the clock on the wall."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.i18n import channel_label, date, stage_label
from cxmining.journeys.filters.base import EventFilter, Mask
from cxmining.journeys.filters.values import Scalar, call, code, instant, listed
from cxmining.journeys.filters.view import View
from cxmining.journeys.staging.stages import UNKNOWN
from cxmining.schema import DIRECTIONS, STAGES

__all__ = ["events"]

WEEKDAYS: Final = {
    "monday": "maandag", "tuesday": "dinsdag", "wednesday": "woensdag", "thursday": "donderdag", "friday": "vrijdag",
    "saturday": "zaterdag", "sunday": "zondag",
}  # fmt: skip
_ARRIVING: Final = {"inbound": "inkomend", "outbound": "uitgaand", "internal": "intern"}
_DAY_US: Final = 86_400_000_000
_HOUR_US: Final = 3_600_000_000


@dataclass(frozen=True, repr=False)
class Events(EventFilter):
    """Events that have, for each of some columns, one of some values."""

    conditions: tuple[tuple[str, tuple[Scalar, ...]], ...]

    def code(self) -> str:
        plain = {name: _single(name, values) for name, values in self.conditions if name.isidentifier()}
        odd = {name: _single(name, values) for name, values in self.conditions if not name.isidentifier()}
        written = call("events", **plain)
        if not odd:
            return written
        extra = "**{" + ", ".join(f"{code(name)}: {code(value)}" for name, value in odd.items()) + "}"
        return f"{written[:-1]}{', ' if plain else ''}{extra})"

    def phrase(self, language: str) -> str:
        said = [_said(name, values, language) for name, values in self.conditions]
        return listed(said, language, "and")

    def mask(self, view: View) -> Mask:
        return np.asarray(np.logical_and.reduce([_hits(view, name, values) for name, values in self.conditions]))


@dataclass(frozen=True, repr=False)
class Cut(EventFilter):
    """Events within a period: journeys that cross its border are cut there."""

    start: str | None
    end: str | None

    def code(self) -> str:
        return call("period", self.start, self.end, keep="cut")

    def phrase(self, language: str) -> str:
        return f"{'in de periode' if language == 'nl' else 'in the period'} {told(self.start, self.end, language)}"

    def mask(self, view: View) -> Mask:
        low, high = borders(view, self.start, self.end)
        return np.asarray((view.log.time >= low) & (view.log.time < high))


def events(**conditions: Scalar | Iterable[Scalar]) -> EventFilter:
    """Keep only the events that meet all conditions; journeys that keep no event are dropped.

    Parameters
    ----------
    **conditions
        A value or several (any of them will do) by name: `touchpoint` (a name, or ``"channel: name"``),
        `channel`, `stage`, `direction`, `weekday` (``"monday"`` …), `hour` (from and up to, e.g. ``(9, 17)``;
        ``(22, 6)`` is the night), or any other column of the events, as `resource`, `queue`, `lifecycle`.
        Weekday and hour are those on the wall where it happened: by the event's own offset from UTC, else by
        the time zone of the data.

    Returns
    -------
    EventFilter

    Raises
    ------
    StudyError
        Without a condition, or with an hour that is none.
    UnknownNameError
        For an unknown stage, direction or weekday; for a column, channel, touchpoint or value that these
        journeys do not have, as soon as it is applied.

    Examples
    --------
    >>> events(channel=["phone", "chat"], weekday="sunday").say()
    'only events through chat or phone and on a Sunday'
    """
    if not conditions:
        raise StudyError('filters.events() keeps all events; say which, for example filters.events(channel="phone")')
    return Events(tuple(sorted((name, _values(name, given)) for name, given in conditions.items())))


def values_of(name: str, given: Any) -> tuple[Scalar, ...]:
    """Return what was given as a tuple of values, each once, in order."""
    found = (given,) if isinstance(given, Scalar) else tuple(given) if isinstance(given, Iterable) else ()
    if len(found) == 1 and isinstance(found[0], list | tuple | set | frozenset):
        found = tuple(found[0])  # channel(["phone", "chat"])
    if not found:
        raise StudyError(f"{name}={given!r}: name at least one value")
    for value in found:
        if not isinstance(value, Scalar) or value != value:
            raise StudyError(f"{name}: {value!r} is neither text nor a number")
    # True == 1 == 1.0, but they do not say the same
    return tuple({(type(v), v): v for v in found}.values())


def _values(name: str, given: Any) -> tuple[Scalar, ...]:
    if name == "hour":
        return _hours(given)
    values = values_of(name, given)
    choices: dict[str, tuple[str, ...]] = {
        "weekday": tuple(WEEKDAYS), "stage": (*STAGES, UNKNOWN), "direction": DIRECTIONS
    }  # fmt: skip
    if name in choices:
        values = tuple(v.lower() if isinstance(v, str) and name == "weekday" else v for v in values)
        for value in values:
            if value not in choices[name]:
                raise UnknownNameError(f"{name} {value!r}: {nearest(str(value), choices[name])}")
        return tuple(v for v in choices[name] if v in values)
    if name in ("touchpoint", "channel") and not all(isinstance(v, str) for v in values):
        raise StudyError(f"{name}={given!r}: expected text")
    return tuple(sorted(values, key=lambda v: (str(type(v)), v)))


def _hours(given: Any) -> tuple[Scalar, ...]:
    pair = tuple(given) if isinstance(given, tuple | list) else ()
    whole = len(pair) == 2 and all(isinstance(h, int) and not isinstance(h, bool) and 0 <= h <= 24 for h in pair)
    if not whole or pair[0] % 24 == pair[1] % 24:
        raise StudyError(f"hour={given!r}: expected two different whole hours from 0 to 24, for example hour=(9, 17)")
    return pair


def _single(name: str, values: tuple[Scalar, ...]) -> Scalar | tuple[Scalar, ...]:
    return values[0] if len(values) == 1 and name != "hour" else values


def _hits(view: View, name: str, values: tuple[Any, ...]) -> Mask:
    if name == "touchpoint":
        return view.touchpoint(values)
    if name == "channel":
        return view.channel(values)
    if name == "stage":
        return view.stage(values)
    if name == "weekday":
        days = np.isin(np.arange(7), [list(WEEKDAYS).index(v) for v in values])
        return np.asarray(days[(view.local() // _DAY_US + 3) % 7])  # 1970-01-01 was a Thursday
    if name == "hour":
        hour = view.local() % _DAY_US // _HOUR_US
        first, behind = values
        return np.asarray((hour >= first) & (hour < behind) if first < behind else (hour >= first) | (hour < behind))
    return view.column(name, values)


def _said(name: str, values: tuple[Any, ...], language: str) -> str:
    nl = language == "nl"
    if name == "touchpoint":
        return f"{'bij' if nl else 'at'} {listed([f'‘{v}’' for v in values], language)}"
    if name == "channel":
        return f"{'via' if nl else 'through'} {listed([channel_label(v, language) for v in values], language)}"
    if name == "stage":
        labels = [("onbekend" if nl else UNKNOWN) if v == UNKNOWN else stage_label(v, language) for v in values]
        return f"{'in fase' if nl else 'in stage'} {listed(labels, language)}"
    if name == "weekday":
        return f"{'op een' if nl else 'on a'} {listed([WEEKDAYS[v] if nl else v.title() for v in values], language)}"
    if name == "hour":
        first, last = values
        return (
            f"tussen {first} en {last} uur plaatselijke tijd" if nl else f"between {first}:00 and {last}:00 local time"
        )
    if name == "direction":
        shown = [_ARRIVING[v] if nl else v for v in values]
        return f"{'met richting' if nl else 'with direction'} {listed(shown, language)}"
    return f"{'met' if nl else 'with'} {name} {listed([f'‘{v}’' for v in values], language)}"


def borders(view: View, start: str | None, end: str | None) -> tuple[int, int]:
    """Return the period in microseconds, from the first up to the second."""
    zone = view.journeys.data.time_zone
    low = -(2**63) if start is None else instant(start, zone)
    return low, 2**63 - 1 if end is None else instant(end, zone)


def told(start: str | None, end: str | None, language: str) -> str:
    """Return a period in words."""
    from_, until = ("van", "tot") if language == "nl" else ("from", "up to, not including,")
    if start is None:
        from_, until = ("", "vóór") if language == "nl" else ("", "before")
    if end is None:
        from_ = "vanaf" if language == "nl" else "from"
    first = f"{from_} {_day(start, language)}" if start else ""
    last = f"{until} {_day(end, language)}" if end else ""
    return f"{first} {last}".strip()


def _day(text: str, language: str) -> str:
    import pandas as pd

    stamp = pd.Timestamp(text)
    if "T" not in text:
        return date(stamp, language)
    clock = stamp.strftime("%H:%M:%S.%f").rstrip("0").rstrip(".").removesuffix(":00")
    return f"{date(stamp, language)} {clock}{' UTC' if stamp.tzinfo is not None else ''}"
