"""Filters as values: two kinds that never mix, and what joins filters of one kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import numpy as np
import numpy.typing as npt

from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.i18n import LANGUAGES

if TYPE_CHECKING:
    from cxmining.journeys.filters.view import View

__all__ = ["EventFilter", "Filter"]

Mask = npt.NDArray[np.bool_]


class _Said(ABC):
    """What both kinds have in common: they are code, a sentence, and never true or false by themselves."""

    @abstractmethod
    def code(self) -> str:
        """Return the code that makes it."""

    @abstractmethod
    def phrase(self, language: str) -> str:
        """Return what it asks, as part of a sentence that can be denied with one word before it."""

    @abstractmethod
    def mask(self, view: View) -> Mask:
        """Return one boolean per journey, or per event."""

    def __repr__(self) -> str:
        return self.code()

    def __bool__(self) -> NoReturn:
        raise StudyError(
            f"{self!r} is neither true nor false by itself; join filters with & | ~, not with and, or, not"
        )


class Filter(_Said):
    """Which journeys to keep; ``&``, ``|`` and ``~`` make filters of filters.

    A filter is a value: frozen, hashable, equal to another that says the same. It prints as the code that
    makes it, and `say` tells it in words.

    Examples
    --------
    >>> from cxmining.journeys import filters
    >>> f = filters.channel("phone") & ~filters.ends("buys")
    >>> f
    filters.channel("phone") & ~filters.ends("buys")
    >>> print(f.say("nl"))
    journeys die langs een gebeurtenis via telefoon komen en niet met ‘buys’ eindigen
    """

    def say(self, language: str = "en") -> str:
        """Return the filter as a sentence.

        Parameters
        ----------
        language : {"en", "nl"}, default "en"

        Raises
        ------
        UnknownNameError
            When `language` is neither.
        """
        _known(language)
        return f"journeys {'die' if language == 'nl' else 'that'} {self.phrase(language)}"

    def __and__(self, other: Filter) -> Filter:
        _same_level(self, other, "&")
        return And(_parts(And, self, other))

    def __or__(self, other: Filter) -> Filter:
        _same_level(self, other, "|")
        return Or(_parts(Or, self, other))

    def __invert__(self) -> Filter:
        return self.part if isinstance(self, Not) else Not(self)


class EventFilter(_Said):
    """Which events to keep; ``&``, ``|`` and ``~`` join event filters, never an event and a journey filter.

    Examples
    --------
    >>> from cxmining.journeys import filters
    >>> filters.events(channel="phone") & ~filters.events(direction="outbound")
    filters.events(channel="phone") & ~filters.events(direction="outbound")
    """

    def say(self, language: str = "en") -> str:
        """Return the filter as a sentence.

        Parameters
        ----------
        language : {"en", "nl"}, default "en"

        Raises
        ------
        UnknownNameError
            When `language` is neither.
        """
        _known(language)
        return f"{'alleen gebeurtenissen' if language == 'nl' else 'only events'} {self.phrase(language)}"

    def __and__(self, other: EventFilter) -> EventFilter:
        _same_level(self, other, "&")
        return EventAnd(_parts(EventAnd, self, other))

    def __or__(self, other: EventFilter) -> EventFilter:
        _same_level(self, other, "|")
        return EventOr(_parts(EventOr, self, other))

    def __invert__(self) -> EventFilter:
        return self.part if isinstance(self, EventNot) else EventNot(self)


Either = TypeVar("Either", Filter, EventFilter)


class _Joined(_Said):
    parts: tuple[Any, ...]
    sign: str
    words: dict[str, str]

    def code(self) -> str:
        return f" {self.sign} ".join(f"({p!r})" if isinstance(p, _Joined) else repr(p) for p in self.parts)

    def phrase(self, language: str) -> str:
        said = [f"({p.phrase(language)})" if isinstance(p, _Joined) else p.phrase(language) for p in self.parts]
        return f" {self.words[language]} ".join(said)


class _All(_Joined):
    sign = "&"
    words = {"en": "and", "nl": "en"}  # noqa: RUF012

    def mask(self, view: View) -> Mask:
        return np.asarray(np.logical_and.reduce([p.mask(view) for p in self.parts]))


class _Any(_Joined):
    sign = "|"
    words = {"en": "or", "nl": "of"}  # noqa: RUF012

    def mask(self, view: View) -> Mask:
        return np.asarray(np.logical_or.reduce([p.mask(view) for p in self.parts]))


class _None(_Said):
    part: Any

    def code(self) -> str:
        return f"~({self.part!r})" if isinstance(self.part, _Joined) else f"~{self.part!r}"

    def phrase(self, language: str) -> str:
        said = f"({self.part.phrase(language)})" if isinstance(self.part, _Joined) else self.part.phrase(language)
        return f"{self.denial[language]} {said}"

    denial: dict[str, str]

    def mask(self, view: View) -> Mask:
        return ~np.asarray(self.part.mask(view))


@dataclass(frozen=True, repr=False)
class And(_All, Filter):
    """Journeys that pass all parts."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, repr=False)
class Or(_Any, Filter):
    """Journeys that pass any part."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, repr=False)
class Not(_None, Filter):
    """Journeys that do not pass."""

    part: Filter
    denial = {"en": "do not", "nl": "niet"}  # noqa: RUF012


@dataclass(frozen=True, repr=False)
class EventAnd(_All, EventFilter):
    """Events that pass all parts."""

    parts: tuple[EventFilter, ...]


@dataclass(frozen=True, repr=False)
class EventOr(_Any, EventFilter):
    """Events that pass any part."""

    parts: tuple[EventFilter, ...]


@dataclass(frozen=True, repr=False)
class EventNot(_None, EventFilter):
    """Events that do not pass."""

    part: EventFilter
    denial = {"en": "not", "nl": "niet"}  # noqa: RUF012


def _known(language: str) -> None:
    if language not in LANGUAGES:
        raise UnknownNameError(f"language {language!r}: {nearest(str(language), LANGUAGES)}")


def _parts(kind: type, *sides: Either) -> tuple[Either, ...]:
    # a & (b & c) is a & b & c: one value for what is one thing
    return tuple(p for side in sides for p in (side.parts if isinstance(side, kind) else (side,)))  # type: ignore[attr-defined]


def _same_level(left: Filter | EventFilter, right: object, sign: str) -> None:
    if isinstance(right, Filter if isinstance(left, Filter) else EventFilter):
        return
    if isinstance(right, Filter | EventFilter):
        events, journeys = (left, right) if isinstance(left, EventFilter) else (right, left)
        raise StudyError(
            f"{left!r} {sign} {right!r} mixes a filter on events with one on journeys; apply one after the other, "
            f"in the order that is meant: .where({journeys!r}).where({events!r}), or the other way round; "
            f"or ask for journeys that have such an event: filters.contains({events!r})"
        )
    raise StudyError(
        f"{left!r} {sign} {right!r}: the right side is no filter; write for example filters.contains({str(right)!r})"
    )
