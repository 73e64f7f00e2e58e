"""The steps of an exploration: filters come and go, things are selected, and every step can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.journeys import filters
from cxmining.journeys.filters.base import EventFilter, Filter
from cxmining.workbench.chips import Chip, as_code, facet_of, label_of
from cxmining.workbench.looking import SAVED, STEPS, Looking
from cxmining.workbench.state import State

__all__ = ["VERSION", "Steps"]

VERSION: Final = 1


class Steps(Looking):
    """What changes the state of an exploration, writes it down and reads it back."""

    def where(self, f: Filter | EventFilter | str) -> Self:
        """Add a filter, or the parts of a conjunction; also as code, as it was copied.

        Raises
        ------
        NotEnoughDataError
            When no journey would be left.
        UnknownNameError
            When it names what these journeys do not have.
        StudyError
            When it is no filter on journeys, or asks for scores where there are none.
        """
        return self._go(self.state.where(f))

    def put(self, f: Filter | str) -> Self:
        """Add a filter in the place of the one that the same control made: there is one of channels, one of the period."""
        return self._go(self.state.put(f))

    def drop(self, f: Filter | str | int) -> Self:
        """Take a filter away, named by itself, its code or its place."""
        return self._go(self.state.drop(f))

    def clear(self) -> Self:
        """Take all filters away, and the selection."""
        return self._go(State())

    def paste(self, code: str) -> Self:
        """Replace all filters by those that `code` says, as `code` writes them."""
        return self._go(State(kind=self.state.kind, selected=self.state.selected).where(code))

    def select(self, kind: str = "", name: str = "") -> Self:
        """Select a touchpoint, a stage or a variant, in every view; nothing without a name.

        Raises
        ------
        UnknownNameError
            When there is no such thing.
        """
        state = self.state.select(kind, name)
        if state.kind:
            self._there(state.kind, name)
        return self._go(state)

    def narrow(self) -> Self:
        """Make the selection a filter: only the journeys that meet what is selected."""
        make = {"touchpoint": filters.contains, "stage": filters.stage, "variant": filters.variants}
        if not self.state.kind:
            raise StudyError("narrow: nothing is selected; select a touchpoint, a stage or a variant first")
        return self.where(make[self.state.kind](self.state.selected))

    def undo(self) -> Self:
        """Take the last step back; without one nothing happens."""
        if self._past:
            self._future.append(self.state)
            self.state = self._past.pop()
        return self

    def redo(self) -> Self:
        """Take again the step that was taken back last."""
        if self._future:
            self._past.append(self.state)
            self.state = self._future.pop()
        return self

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to take again."""
        return bool(self._future)

    def save(self, name: str = "A") -> Self:
        """Keep what is looked at as ``A`` or ``B``."""
        if name not in SAVED:
            raise UnknownNameError(f"save: {name!r}; {nearest(str(name), SAVED)}")
        self.saved[name] = self.state
        return self

    def open(self, name: str) -> Self:
        """Look at ``A`` or ``B`` again."""
        return self._go(self._kept(name))

    # --- to a notebook and back

    @property
    def chips(self) -> tuple[Chip, ...]:
        """The active filters with their labels."""
        return self.chips_of(self.state)

    def chips_of(self, state: State) -> tuple[Chip, ...]:
        """Return the filters of a state with their labels."""
        names = self._ground.labels[self.language]
        return tuple(Chip(f, label_of(f, self.language, names), as_code(f), facet_of(f)) for f in state.filters)

    @property
    def code(self) -> str:
        """The filters as code; empty without any."""
        return self.state.code

    def to_json(self) -> dict[str, Any]:
        """Return everything but the data as plain JSON: state, undo and redo, A and B."""
        return {
            "version": VERSION,
            "now": self.state.to_json(),
            "past": [s.to_json() for s in self._past],
            "future": [s.to_json() for s in self._future],
            "saved": {name: s.to_json() for name, s in sorted(self.saved.items())},
        }

    def restore(self, data: Mapping[str, Any]) -> Self:
        """Take over what `to_json` returned.

        Raises
        ------
        StudyError
            When it is no such thing, or of a later version.
        """
        if not isinstance(data, Mapping) or data.get("version") != VERSION:
            raise StudyError(f"state: expected what Exploration.to_json returns, version {VERSION}")
        lists, saved = [data.get(k, []) for k in ("past", "future")], data.get("saved", {})
        if (
            not all(isinstance(v, list) for v in lists)
            or not isinstance(saved, Mapping)
            or not set(saved) <= set(SAVED)
        ):
            raise StudyError("state: 'past' and 'future' are lists of states, 'saved' holds A and B")
        now = State.of_json(data.get("now", {}))
        past, future = ([State.of_json(s) for s in part] for part in lists)
        kept = {str(name): State.of_json(s) for name, s in saved.items()}
        self._check(now)
        self.state, self._past, self._future, self.saved = now, past[-STEPS:], future[-STEPS:], kept
        return self
