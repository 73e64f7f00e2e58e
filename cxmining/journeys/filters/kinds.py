"""Filters on journeys: by what they contain, in which order, how often, and how long they last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from cxmining.engine import masks
from cxmining.engine.coded import Ints
from cxmining.errors import StudyError
from cxmining.journeys.filters.base import EventFilter, Filter, Mask
from cxmining.journeys.filters.events import Events
from cxmining.journeys.filters.values import between, call, length, listed, span, spoken, whole
from cxmining.journeys.filters.view import Step, View

if TYPE_CHECKING:
    import datetime as dt

__all__ = [
    "contains", "count", "directly_followed", "duration", "ends", "followed_by", "n_events", "position", "starts",
    "touchpoint",
]  # fmt: skip

Meant = str | EventFilter | Iterable[str]
"""The events meant: a touchpoint, several (any of them), or a filter on events."""


def step_of(meant: Any, what: str) -> Step:
    """Read which events are meant."""
    if isinstance(meant, Events) and len(meant.conditions) == 1 and meant.conditions[0][0] == "touchpoint":
        return meant.conditions[0][1]  # type: ignore[return-value]  # events(touchpoint=…) holds text only
    if isinstance(meant, EventFilter):
        return meant
    if isinstance(meant, Filter):
        raise StudyError(
            f"{what}: {meant!r} is about journeys; name a touchpoint or events, "
            f'for example filters.{what}(filters.events(channel="phone"))'
        )
    names = (meant,) if isinstance(meant, str) else tuple(meant) if isinstance(meant, Iterable) else (meant,)
    if len(names) == 1 and not isinstance(names[0], str) and names[0] is not meant and names[0] is not None:
        return step_of(names[0], what)  # contains(["a", "b"]) and contains(events(…))
    if not names or not all(isinstance(name, str) for name in names):
        raise StudyError(
            f"{what}: {meant!r} names no touchpoint; give a name, several names, or filters.events(…) for others"
        )
    return tuple(sorted(set(names)))


def written(step: Step) -> Any:
    """Return a step as an argument."""
    return step if isinstance(step, EventFilter) or len(step) > 1 else step[0]


def named(step: Step, language: str) -> str:
    """Return a step in words."""
    if isinstance(step, EventFilter):
        return f"{'een gebeurtenis' if language == 'nl' else 'an event'} {step.phrase(language)}"
    return listed([f"‘{name}’" for name in step], language)


@dataclass(frozen=True, repr=False)
class Contains(Filter):
    """Journeys with such an event."""

    step: Step

    def code(self) -> str:
        step = self.step
        if isinstance(step, Events) and len(step.conditions) == 1:
            name, values = step.conditions[0]
            if name in _SHORT:
                return call(_SHORT[name], *values)
        return call("contains", *([step] if isinstance(step, EventFilter) else step))

    def phrase(self, language: str) -> str:
        return f"langs {named(self.step, 'nl')} komen" if language == "nl" else f"meet {named(self.step, 'en')}"

    def mask(self, view: View) -> Mask:
        return masks.contains(view.log, view.step(self.step))


_SHORT = {
    "channel": "channel", "direction": "direction", "stage": "stage", "weekday": "weekday", "hour": "local_hour",
    "resource": "resource", "queue": "queue",
}  # fmt: skip


@dataclass(frozen=True, repr=False)
class Place(Filter):
    """Journeys whose event at one place is such a one: from 1, the first; −1 is the last."""

    step: Step
    at: int

    def code(self) -> str:
        if self.at in (1, -1):
            name = "starts" if self.at == 1 else "ends"
            return call(name, *([self.step] if isinstance(self.step, EventFilter) else self.step))
        return call("position", written(self.step), self.at)

    def phrase(self, language: str) -> str:
        what = named(self.step, language)
        if language == "nl":
            said = {1: f"met {what} beginnen", -1: f"met {what} eindigen"}
            back = f"{what} als {-self.at}e stap van achteren hebben"
            return said.get(self.at, f"{what} als {self.at}e stap hebben" if self.at > 0 else back)
        said = {1: f"begin with {what}", -1: f"end with {what}"}
        back = f"have {what} as step {-self.at} from the end"
        return said.get(self.at, f"have {what} as step {self.at}" if self.at > 0 else back)

    def mask(self, view: View) -> Mask:
        return masks.position(view.log, view.step(self.step), self.at - 1 if self.at > 0 else self.at)


@dataclass(frozen=True, repr=False)
class Followed(Filter):
    """Journeys in which one event is followed by another."""

    first: Step
    then: Step
    within_us: int | None
    direct: bool

    def code(self) -> str:
        within = None if self.within_us is None else span(self.within_us)
        name = "directly_followed" if self.direct else "followed_by"
        return call(name, written(self.first), written(self.then), within=within)

    def phrase(self, language: str) -> str:
        first, then = named(self.first, language), named(self.then, language)
        if language == "nl":
            soon = "" if self.within_us is None else f" binnen {spoken(self.within_us, 'nl')}"
            return f"na {first}{' direct' if self.direct else ''}{soon} langs {then} komen"
        soon = "" if self.within_us is None else f" within {spoken(self.within_us, 'en')}"
        return f"go from {first} {'directly to' if self.direct else 'to, later on,'} {then}{soon}"

    def mask(self, view: View) -> Mask:
        first, then = view.step(self.first), view.step(self.then)
        return masks.followed_by(view.log, first, then, direct=self.direct, within_us=self.within_us)


@dataclass(frozen=True, repr=False)
class Bounded(Filter):
    """Journeys with a number between two bounds, both included."""

    low: int | None
    high: int | None

    noun: ClassVar[dict[str, str]]
    verb: ClassVar[dict[str, str]]

    def number(self, view: View) -> Ints:
        raise NotImplementedError

    def amount(self, number: int, language: str) -> str:
        return f"{number:,}"

    def mask(self, view: View) -> Mask:
        return self.holds(self.number(view))

    def holds(self, number: Ints) -> Mask:
        """Return where a number lies between the bounds."""
        out = np.ones(len(number), dtype=bool)
        if self.low is not None:
            out &= number >= self.low
        if self.high is not None:
            out &= number <= self.high
        return out

    def bounds(self, language: str) -> str:
        """Return the bounds in words."""
        nl = language == "nl"
        if self.low is None:
            return f"{'hoogstens' if nl else 'at most'} {self.amount(self.high or 0, language)}"
        low = self.amount(self.low, language)
        if self.high is None:
            return f"{'minstens' if nl else 'at least'} {low}"
        if self.low == self.high:
            return f"{'precies' if nl else 'exactly'} {low}"
        return f"{low} {'tot en met' if nl else 'to'} {self.amount(self.high, language)}"


@dataclass(frozen=True, repr=False)
class Count(Bounded):
    """Journeys with so many such events."""

    step: Step

    def code(self) -> str:
        return call("count", written(self.step), at_least=self.low, at_most=self.high)

    def phrase(self, language: str) -> str:
        what = named(self.step, language)
        if language == "nl":
            return f"{self.bounds('nl')} keer langs {what} komen"
        once = (self.high if self.high is not None else self.low) == 1
        return f"meet {what} {self.bounds('en')} {'time' if once else 'times'}"

    def number(self, view: View) -> Ints:
        return masks.count_of(view.log, view.step(self.step))


@dataclass(frozen=True, repr=False)
class NEvents(Bounded):
    """Journeys of so many events."""

    def code(self) -> str:
        return call("n_events", at_least=self.low, at_most=self.high)

    def phrase(self, language: str) -> str:
        one = (self.high if self.high is not None else self.low) == 1
        if language == "nl":
            return f"{self.bounds('nl')} {'gebeurtenis' if one else 'gebeurtenissen'} tellen"
        return f"have {self.bounds('en')} {'event' if one else 'events'}"

    def number(self, view: View) -> Ints:
        return np.diff(view.log.offsets)


@dataclass(frozen=True, repr=False)
class Duration(Bounded):
    """Journeys that last so long, from first to last event."""

    def code(self) -> str:
        low, high = (None if us is None else span(us) for us in (self.low, self.high))
        return call("duration", at_least=low, at_most=high)

    def phrase(self, language: str) -> str:
        return f"{self.bounds('nl')} duren" if language == "nl" else f"last {self.bounds('en')}"

    def amount(self, number: int, language: str) -> str:
        return spoken(number, language)

    def number(self, view: View) -> Ints:
        return view.log.duration


def contains(*step: Meant) -> Filter:
    """Keep the journeys that meet any of these touchpoints.

    Parameters
    ----------
    *step : str or EventFilter
        Names of touchpoints, each plain or with its channel (``"mail: complaint"``); or one
        :func:`events` filter for events that are known by something else. For journeys that meet both of
        two touchpoints write ``contains("a") & contains("b")``.

    Returns
    -------
    Filter

    Raises
    ------
    StudyError
        When no touchpoint is named.

    Examples
    --------
    >>> contains("complains", "cancels contract").say()
    'journeys that meet ‘cancels contract’ or ‘complains’'
    """
    return Contains(step_of(step, "contains"))


def touchpoint(*names: str) -> Filter:
    """Keep the journeys that meet any of these touchpoints: the same as :func:`contains`.

    Examples
    --------
    >>> touchpoint("complains") == contains("complains")
    True
    """
    return Contains(step_of(names, "touchpoint"))


def starts(*step: Meant) -> Filter:
    """Keep the journeys whose first event is any of these (as in :func:`contains`).

    Examples
    --------
    >>> starts("compares tariffs").say("nl")
    'journeys die met ‘compares tariffs’ beginnen'
    """
    return Place(step_of(step, "starts"), 1)


def ends(*step: Meant) -> Filter:
    """Keep the journeys whose last event is any of these (as in :func:`contains`).

    Examples
    --------
    >>> ~ends("buys")
    ~filters.ends("buys")
    """
    return Place(step_of(step, "ends"), -1)


def position(step: Meant, at: int) -> Filter:
    """Keep the journeys whose event at place `at` is such a one.

    Parameters
    ----------
    step : str, list of str or EventFilter
        As in :func:`contains`.
    at : int
        1 is the first event, 2 the second; −1 the last, −2 the one before. A journey without that place
        does not pass.

    Raises
    ------
    StudyError
        When `at` is 0 or no whole number.

    Examples
    --------
    >>> position("calls", -2).say()
    'journeys that have ‘calls’ as step 2 from the end'
    """
    if isinstance(at, bool) or not isinstance(at, int) or at == 0:
        raise StudyError(f"position: at={at!r}; places are whole numbers: 1 is the first event, -1 the last")
    return Place(step_of(step, "position"), at)


def directly_followed(step: Meant, then: Meant, within: str | dt.timedelta | None = None) -> Filter:
    """Keep the journeys in which `step` is followed by `then` with no event between.

    Parameters
    ----------
    step, then : str, list of str or EventFilter
        As in :func:`contains`.
    within : str or timedelta, optional
        The most time between the two, this much included: ``"7D"``, ``"12h"``, ``"45min"``.

    Examples
    --------
    >>> directly_followed("calls", "calls", within="24h")
    filters.directly_followed("calls", "calls", within="1D")
    """
    first, second = step_of(step, "directly_followed"), step_of(then, "directly_followed")
    return Followed(first, second, None if within is None else length(within, "within"), True)


def followed_by(step: Meant, then: Meant, within: str | dt.timedelta | None = None) -> Filter:
    """Keep the journeys in which `step` is at some later point followed by `then`.

    Later means a later event; events at the same moment stand in the order of the source. An event does not
    follow itself: ``followed_by("calls", "calls")`` asks for two calls.

    Parameters
    ----------
    step, then : str, list of str or EventFilter
        As in :func:`contains`.
    within : str or timedelta, optional
        The most time between the two, this much included: ``"7D"``, ``"12h"``, ``"45min"``.

    Raises
    ------
    StudyError
        When `within` is no length of time.

    Examples
    --------
    >>> followed_by("mail: complaint", "phone: status", within="7D").say()
    'journeys that go from ‘mail: complaint’ to, later on, ‘phone: status’ within 7 days'
    """
    first, second = step_of(step, "followed_by"), step_of(then, "followed_by")
    return Followed(first, second, None if within is None else length(within, "within"), False)


def count(step: Meant, at_least: int | None = None, at_most: int | None = None) -> Filter:
    """Keep the journeys that meet `step` so many times.

    Parameters
    ----------
    step : str, list of str or EventFilter
        As in :func:`contains`; of several touchpoints the visits add up.
    at_least, at_most : int, optional
        Bounds, both included; one is needed.

    Raises
    ------
    StudyError
        Without a bound, or with bounds that nothing can meet.

    Examples
    --------
    >>> from cxmining.journeys.filters import events
    >>> count(events(channel="phone"), at_least=3).say("nl")
    'journeys die minstens 3 keer langs een gebeurtenis via telefoon komen'
    """
    low, high = (None if n is None else whole(n, w) for n, w in ((at_least, "at_least"), (at_most, "at_most")))
    between(low, high, "count", (at_least, at_most))
    return Count(low, high, step_of(step, "count"))


def n_events(at_least: int | None = None, at_most: int | None = None) -> Filter:
    """Keep the journeys of so many events; bounds are included, one is needed.

    Examples
    --------
    >>> n_events(2, 5).say()
    'journeys that have 2 to 5 events'
    """
    low, high = (None if n is None else whole(n, w) for n, w in ((at_least, "at_least"), (at_most, "at_most")))
    between(low, high, "n_events", (at_least, at_most))
    return NEvents(low, high)


def duration(at_least: str | dt.timedelta | None = None, at_most: str | dt.timedelta | None = None) -> Filter:
    """Keep the journeys that last so long from first to last event; bounds are included, one is needed.

    Examples
    --------
    >>> duration(at_least="1D", at_most="30D").say("nl")
    'journeys die 1 dag tot en met 30 dagen duren'
    """
    low = None if at_least is None else length(at_least, "at_least")
    high = None if at_most is None else length(at_most, "at_most")
    between(low, high, "duration", (at_least, at_most))
    return Duration(low, high)
