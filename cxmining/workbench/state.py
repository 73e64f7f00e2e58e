"""What is looked at: filters and what is selected, as a value that goes into a notebook and comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.journeys.filters.base import And, EventFilter, Filter
from cxmining.journeys.filters.reading import parse
from cxmining.workbench.chips import as_code, facet_of

__all__ = ["SELECTABLE", "State", "filter_of"]

SELECTABLE: Final = ("touchpoint", "stage", "variant")
"""What can be selected, one at a time."""


@dataclass(frozen=True)
class State:
    """What is looked at; a change makes another one.

    Attributes
    ----------
    filters : tuple of Filter
        All hold at once, so that their order says nothing.
    kind : {"", "touchpoint", "stage", "variant"}
        What sort of thing is selected.
    selected : str
        Which one.

    Examples
    --------
    >>> from cxmining.journeys import filters
    >>> s = State().where(filters.channel("phone")).where(filters.ends("buys"))
    >>> s.code
    'cx.filters.channel("phone") & cx.filters.ends("buys")'
    >>> State.of_json(s.to_json()) == s
    True
    """

    filters: tuple[Filter, ...] = ()
    kind: str = ""
    selected: str = ""

    def where(self, f: Filter | EventFilter | str) -> State:
        """Return the state with one filter more, or with the parts of a conjunction; what is there already stays once."""
        return replace(self, filters=tuple(dict.fromkeys((*self.filters, *filter_of(f)))))

    def put(self, f: Filter | str) -> State:
        """Return the state with a filter in the place of the one that the same control made."""
        (found,) = filter_of(f)
        facet = facet_of(found)
        at = next((i for i, other in enumerate(self.filters) if facet and facet_of(other) == facet), None)
        if at is None:
            return self.where(found)
        return replace(self, filters=(*self.filters[:at], found, *self.filters[at + 1 :]))

    def drop(self, f: Filter | str | int) -> State:
        """Return the state without a filter, which is named by itself, its code or its place."""
        if isinstance(f, int):
            if not 0 <= f < len(self.filters):
                raise StudyError(f"drop({f}): there {_are(len(self.filters))}; places count from 0")
            return replace(self, filters=(*self.filters[:f], *self.filters[f + 1 :]))
        gone = filter_of(f)
        for part in gone:
            if part not in self.filters:
                raise UnknownNameError(f"{part!r} is not active; {nearest(repr(part), map(repr, self.filters))}")
        return replace(self, filters=tuple(p for p in self.filters if p not in gone))

    def select(self, kind: str = "", name: str = "") -> State:
        """Return the state with this selected, instead of what was; nothing without a name."""
        if kind and kind not in SELECTABLE:
            raise UnknownNameError(f"select: {kind!r} cannot be selected; {nearest(kind, SELECTABLE)}")
        return replace(self, kind=kind if name else "", selected=name)

    @property
    def filter(self) -> Filter | None:
        """All filters as one; None without any."""
        if not self.filters:
            return None
        return self.filters[0] if len(self.filters) == 1 else And(self.filters)

    @property
    def code(self) -> str:
        """The filters as code; empty without any."""
        return "" if self.filter is None else as_code(self.filter)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {"filters": [repr(f) for f in self.filters], "kind": self.kind, "selected": self.selected}

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> State:
        """Read it back; nothing in it is run.

        Raises
        ------
        StudyError
            When it is not what `to_json` writes.
        """
        filters, kind, name = (
            (data.get(key) for key in ("filters", "kind", "selected")) if isinstance(data, Mapping) else (None,) * 3
        )
        if not isinstance(filters, list) or not all(isinstance(v, str) for v in (*filters, kind, name)):
            raise StudyError("a state of the workbench holds 'filters' (a list of code), 'kind' and 'selected' (text)")
        state = cls()
        for code in filters:
            state = state.where(code)
        return state.select(str(kind), str(name))


def filter_of(f: object) -> tuple[Filter, ...]:
    """Return the parts of a filter, or of the code of one, each of which makes a chip.

    Raises
    ------
    StudyError
        When it is no filter on journeys.
    """
    found = parse(f) if isinstance(f, str) else f
    if isinstance(found, EventFilter):
        raise StudyError(
            f"{found!r} chooses events, and the workbench keeps whole journeys; apply it before, with where(…), "
            "or ask for journeys that have such an event: filters.contains(…)"
        )
    if not isinstance(found, Filter):
        raise StudyError(f'{found!r} is no filter; write for example filters.contains("a touchpoint")')
    return found.parts if isinstance(found, And) else (found,)


def _are(n: int) -> str:
    return "is 1 filter" if n == 1 else f"are {n} filters"
