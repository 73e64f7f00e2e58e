"""Filters on journeys by what they belong to: a period, a variant, a score, a kind of customer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final, Literal, overload

import numpy as np

from cxmining.engine import masks
from cxmining.engine.coded import Ints
from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.i18n import number, percent
from cxmining.journeys.filters.base import EventFilter, Filter, Mask
from cxmining.journeys.filters.events import Cut, borders, told, values_of
from cxmining.journeys.filters.values import Scalar, between, call, finite, instant, listed, moment
from cxmining.journeys.filters.view import View
from cxmining.journeys.variants.modulo import MODULO, sort_variants
from cxmining.schema import METRICS

__all__ = ["coverage", "period", "score", "score_class", "scored", "segment", "variants"]

KEEP: Final = ("inside", "touching", "starting", "ending", "cut")
CLASSES: Final = {"promoter": (9.0, 10.0), "passive": (7.0, 8.0), "detractor": (0.0, 6.0)}
_CLASS_NL: Final = {"promoter": "promotor", "passive": "passief", "detractor": "criticaster"}
_RATED: Final = tuple(m for m in METRICS if m not in ("expectation", "other"))


@dataclass(frozen=True, repr=False)
class Period(Filter):
    """Journeys by when they happen."""

    start: str | None
    end: str | None
    keep: str

    def code(self) -> str:
        return call("period", self.start, self.end, keep=self.keep)

    def phrase(self, language: str) -> str:
        when = told(self.start, self.end, language)
        if language == "nl":
            return {
                "inside": f"geheel in de periode {when} vallen",
                "touching": f"een gebeurtenis in de periode {when} hebben",
                "starting": f"in de periode {when} beginnen",
                "ending": f"in de periode {when} eindigen",
            }[self.keep]
        return {
            "inside": f"lie wholly in the period {when}",
            "touching": f"have an event in the period {when}",
            "starting": f"begin in the period {when}",
            "ending": f"end in the period {when}",
        }[self.keep]

    def mask(self, view: View) -> Mask:
        low, high = borders(view, self.start, self.end)
        log = view.log
        first, last = log.time[log.offsets[:-1]], log.time[log.offsets[1:] - 1]
        if self.keep == "inside":
            return np.asarray((first >= low) & (last < high))
        if self.keep == "starting":
            return np.asarray((first >= low) & (first < high))
        if self.keep == "ending":
            return np.asarray((last >= low) & (last < high))
        return masks.contains(log, np.asarray((log.time >= low) & (log.time < high)))


@dataclass(frozen=True, repr=False)
class Coverage(Filter):
    """Journeys of the most frequent variants."""

    share: float

    def code(self) -> str:
        return call("coverage", self.share)

    def phrase(self, language: str) -> str:
        share = percent(self.share, language, 0 if float(self.share * 100).is_integer() else 1)
        if language == "nl":
            return f"bij de meest gelopen varianten horen die samen {share} van de journeys dekken"
        return f"follow the most frequent variants that together cover {share} of the journeys"

    def mask(self, view: View) -> Mask:
        found, group = view.journeys._variants
        n, total = found.journeys, int(found.journeys.sum())
        top = frequent(n, self.share)
        chosen = found.rank < top
        least = int(n[chosen].min())
        equals = np.flatnonzero(n == least)
        missing = top - int(np.count_nonzero(n > least))
        covered = int(n[chosen].sum())
        tail = len(n) - top
        said = f"{top:,} of {len(n):,} {'variant' if len(n) == 1 else 'variants'}"
        if tail:
            out = (total - covered) / total
            said += f"; the tail of {tail:,} {'variant' if tail == 1 else 'variants'} holds {out:.1%} of the journeys"
        if missing < len(equals):
            said += (
                f"; the border falls among {len(equals):,} variants of {least:,} "
                f"{'journey' if least == 1 else 'journeys'} each, of which the first {missing:,} by alphabet are in"
            )
        view.note(said)
        return np.asarray(chosen[group])


def frequent(n: Ints, share: float) -> int:
    """Return how many variants, the most frequent first, together cover this share of the journeys."""
    # Whole journeys are counted, so that 0.8 of 5 is 4 and not 4.000000000000001.
    needed = int(np.ceil(round(share * int(n.sum()), 9)))
    return int(np.searchsorted(np.cumsum(np.sort(n)[::-1]), needed)) + 1


@dataclass(frozen=True, repr=False)
class OfVariant(Filter):
    """Journeys of some variants."""

    ids: tuple[str, ...]
    modulo: str | None

    def code(self) -> str:
        return call("variants", *self.ids, modulo=self.modulo)

    def phrase(self, language: str) -> str:
        ids = listed(list(self.ids), language)
        if language == "nl":
            return f"variant {ids} volgen"
        return f"follow variant {ids}"

    def mask(self, view: View) -> Mask:
        found = sort_variants(view.journeys, self.modulo)
        ids = found.ids
        place = {name: i for i, name in enumerate(ids)}
        for name in self.ids:
            if name not in place:
                raise UnknownNameError(
                    f"no journey follows variant {name!r}"
                    f"{f' modulo {self.modulo}' if self.modulo else ''}; {nearest(name, ids)}"
                )
        wanted = np.zeros(len(ids), dtype=bool)
        wanted[[place[name] for name in self.ids]] = True
        return np.asarray(wanted[found.number])


@dataclass(frozen=True, repr=False)
class Score(Filter):
    """Journeys by their score; a journey without one does not pass."""

    metric: str | None
    low: float | None
    high: float | None

    def code(self) -> str:
        if self.low is None and self.high is None:
            return call("scored", *([] if self.metric is None else [self.metric]))
        return call("score", *([] if self.metric is None else [self.metric]), at_least=self.low, at_most=self.high)

    def phrase(self, language: str) -> str:
        nl = language == "nl"
        name = f"{self.metric} " if self.metric else ""
        if self.low is None and self.high is None:
            return (
                f"een {name}score hebben" if nl else f"have {'an' if name[:1] in 'aeino' and name else 'a'} {name}score"
            )
        low, high = (None if x is None else _short(x, language) for x in (self.low, self.high))
        if high is None:
            amount = f"{'minstens' if nl else 'at least'} {low}"
        elif low is None:
            amount = f"{'hoogstens' if nl else 'at most'} {high}"
        elif low == high:
            amount = f"{'precies' if nl else 'exactly'} {low}"
        else:
            amount = f"{low} {'tot en met' if nl else 'to'} {high}"
        return f"een {name}score van {amount} hebben" if nl else f"score {name}{amount}"

    def mask(self, view: View) -> Mask:
        values, _ = view.scores(self.metric, self.code())
        with np.errstate(invalid="ignore"):
            out = ~np.isnan(values)
            if self.low is not None:
                out &= values >= self.low
            if self.high is not None:
                out &= values <= self.high
        return out


def _short(x: float, language: str) -> str:
    return number(x, language, len(f"{x:g}".partition(".")[2]))


@dataclass(frozen=True, repr=False)
class ScoreClass(Filter):
    """Journeys of promoters, passives or detractors; a journey without an NPS answer does not pass."""

    names: tuple[str, ...]

    def code(self) -> str:
        return call("score_class", *self.names)

    def phrase(self, language: str) -> str:
        if language == "nl":
            return f"als {listed([_CLASS_NL[n] for n in self.names], 'nl')} gescoord zijn"
        return f"score as {listed(list(self.names), 'en')}"

    def mask(self, view: View) -> Mask:
        values, _ = view.scores("nps", self.code())
        out = np.zeros(len(values), dtype=bool)
        with np.errstate(invalid="ignore"):
            for name in self.names:
                low, high = CLASSES[name]
                out |= (values >= low) & (values <= high)
        return out


@dataclass(frozen=True, repr=False)
class Segment(Filter):
    """Journeys of customers with an attribute."""

    name: str
    values: tuple[Scalar, ...]

    def code(self) -> str:
        return call("segment", self.name, *self.values)

    def phrase(self, language: str) -> str:
        values = listed([f"‘{v}’" for v in self.values], language)
        if language == "nl":
            return f"van klanten met {self.name} {values} zijn"
        return f"belong to customers with {self.name} {values}"

    def mask(self, view: View) -> Mask:
        return view.segment(self.name, self.values)


When = str | dt.date | None


@overload
def period(start: When, end: When = None, *, keep: Literal["cut"]) -> EventFilter: ...
@overload
def period(start: When, end: When = None, *, keep: Literal["inside", "touching", "starting", "ending"]) -> Filter: ...
def period(start: When, end: When = None, *, keep: str | None = None) -> Filter | EventFilter:
    """Keep a period, and say what becomes of the journeys that cross its border.

    Parameters
    ----------
    start, end : str or date, or None
        From `start` up to, not including, `end`: the first quarter is ``"2025-01-01", "2025-04-01"``. A date
        begins at its midnight in the time zone of the data; a time may stand behind it, with or without its
        offset. Without one of them the period is open at that side.
    keep : {"inside", "touching", "starting", "ending", "cut"}
        Which journeys: all of whose events lie in the period; any of whose events does; whose first does;
        whose last does; or ``"cut"``: a filter on events, that cuts journeys at the border.

    Returns
    -------
    Filter, or EventFilter with ``keep="cut"``

    Raises
    ------
    StudyError
        Without `keep`, without any border, with an end that is not after the start, or with no date.

    Examples
    --------
    >>> period("2025-01-01", "2025-04-01", keep="starting").say()
    'journeys that begin in the period from 1 Jan 2025 up to, not including, 1 Apr 2025'
    """
    if keep is None:
        raise StudyError(
            "period: say what becomes of journeys that cross the border: keep="
            '"inside" (all events in the period), "touching" (any event), "starting" (the first), '
            '"ending" (the last) or "cut" (drop the events outside)'
        )
    if keep not in KEEP:
        raise UnknownNameError(f"period: keep={keep!r}; {nearest(str(keep), KEEP)}")
    if start is None and end is None:
        raise StudyError("period needs a start, an end or both")
    first = None if start is None else moment(start, "start")
    last = None if end is None else moment(end, "end")
    if first is not None and last is not None and instant(last, "UTC") <= instant(first, "UTC"):
        raise StudyError(
            f"period: the end {last} is not after the start {first}; the end is not included, "
            "so one day ends on the next"
        )
    return Cut(first, last) if keep == "cut" else Period(first, last, keep)


def coverage(share: float) -> Filter:
    """Keep the journeys of the most frequent variants that together cover at least this share of the journeys.

    Variants come most frequent first, equals by alphabet, as in :attr:`Journeys.variants`; the fewest that
    suffice are taken, and the chain states the tail that is left out. ``~coverage(0.8)`` is that tail.
    Joined with other filters it still looks at all journeys; to look at what is left, apply it afterwards.

    Parameters
    ----------
    share : float
        Above 0, at most 1.

    Raises
    ------
    StudyError
        When `share` is not such a number.

    Examples
    --------
    >>> coverage(0.8).say()
    'journeys that follow the most frequent variants that together cover 80% of the journeys'
    """
    value = finite(share, "coverage: share")
    if not 0 < value <= 1:
        raise StudyError(f"coverage: share={share!r}: expected a share above 0 and at most 1; 80% is 0.8")
    return Coverage(value)


def variants(*ids: str, modulo: str | None = None) -> Filter:
    """Keep the journeys of these variants.

    Parameters
    ----------
    *ids : str
        As in :attr:`Journeys.variants` or in the table of :func:`cxmining.journeys.list_variants`.
    modulo : str, optional
        With which the table was made.

    Examples
    --------
    >>> variants("v0011223344556677")
    filters.variants("v0011223344556677")
    """
    found = values_of("variants", ids)
    if not all(isinstance(v, str) for v in found):
        raise StudyError(f"variants: {ids!r} are no variant ids; they stand in journeys.variants")
    if modulo is not None and modulo not in MODULO:
        raise UnknownNameError(f"modulo={modulo!r}; {nearest(str(modulo), MODULO)}")
    return OfVariant(tuple(sorted(str(v) for v in found)), modulo)


def score(metric: str | None = None, at_least: float | None = None, at_most: float | None = None) -> Filter:
    """Keep the journeys with such a score; a journey without a score does not pass, nor does it under ``~`` fail.

    Needs scores: ``cx.measure_experience(journeys).where(…)``.

    Parameters
    ----------
    metric : {"nps", "csat", "rapportcijfer", "ces", "perception", "resolved"}, optional
        Default: the overall metric that most journeys have. Higher is better: a scale that runs the other way
        is turned round.
    at_least, at_most : float, optional
        Bounds, both included; one is needed.

    Raises
    ------
    UnknownNameError
        For a metric that is none.
    StudyError
        Without a bound, with bounds that nothing can meet, or on journeys without scores.

    Examples
    --------
    >>> score("csat", at_least=4).say("nl")
    'journeys die een csat score van minstens 4 hebben'
    """
    low = None if at_least is None else finite(at_least, "at_least")
    high = None if at_most is None else finite(at_most, "at_most")
    between(low, high, "score", (at_least, at_most))
    return Score(_metric(metric), low, high)


def scored(metric: str | None = None) -> Filter:
    """Keep the journeys that have a score; its negation keeps those that have none.

    Parameters
    ----------
    metric : str, optional
        As in :func:`score`.

    Examples
    --------
    >>> ~scored("nps")
    ~filters.scored("nps")
    """
    return Score(_metric(metric), None, None)


def score_class(*names: str) -> Filter:
    """Keep the journeys of promoters (NPS 9 and 10), passives (7 and 8) or detractors (0 to 6).

    A journey without an NPS answer does not pass; ``~score_class("promoter")`` therefore keeps it. For the
    others who answered write ``score_class("passive", "detractor")``.

    Parameters
    ----------
    *names : {"promoter", "passive", "detractor"}

    Raises
    ------
    UnknownNameError
        For another class.

    Examples
    --------
    >>> score_class("detractor").say("nl")
    'journeys die als criticaster gescoord zijn'
    """
    for name in values_of("score_class", names):
        if name not in CLASSES:
            raise UnknownNameError(f"score class {name!r}; {nearest(str(name), CLASSES)}")
    return ScoreClass(tuple(name for name in CLASSES if name in names))


def segment(name: str, *values: Scalar) -> Filter:
    """Keep the journeys of customers whose attribute `name` has any of these values.

    A customer whom several records describe has what any of them says; one of whom nothing is known does
    not pass.

    Parameters
    ----------
    name : str
        A column of ``data.customers``.
    *values : str, number or bool

    Raises
    ------
    UnknownNameError
        For an attribute or a value that no customer has, as soon as it is applied.

    Examples
    --------
    >>> segment("contract", "business", "solar").say()
    'journeys that belong to customers with contract ‘business’ or ‘solar’'
    """
    if not isinstance(name, str) or not name:
        raise StudyError(f"segment: {name!r} is no name of a customer attribute")
    found: Any = sorted(values_of(f"segment {name!r}", values), key=lambda v: (str(type(v)), v))
    return Segment(name, tuple(found))


def _metric(metric: str | None) -> str | None:
    if metric is not None and metric not in _RATED:
        raise UnknownNameError(f"metric {metric!r}; {nearest(str(metric), _RATED)}")
    return metric
