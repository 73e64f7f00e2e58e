"""What is looked at, and the figures of it: what steps, numbers and words of an exploration have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from cxmining.errors import NotEnoughDataError, UnknownNameError, nearest
from cxmining.experience import Experience
from cxmining.i18n import counted
from cxmining.journeys.build import Journeys
from cxmining.journeys.filters.base import Filter
from cxmining.schema import STAGES
from cxmining.workbench.ground import Ground, Mask
from cxmining.workbench.shown import Shown
from cxmining.workbench.state import State

if TYPE_CHECKING:
    from cxmining.drivers import DriverAnalysis
    from cxmining.drivers.whatif import WhatIf

__all__ = ["SAVED", "STEPS", "Looking"]

SAVED: Final = ("A", "B")
STEPS: Final = 200
"""Steps that can be undone."""
_KEPT: Final = 6
"""Choices of journeys whose figures are remembered."""


class Looking:
    """A state, those that were, and the ground they are looked at on."""

    source: Journeys | Experience
    drivers: DriverAnalysis | None
    min_cell: int
    text: str
    language: str
    state: State
    saved: dict[str, State]
    _ground: Ground
    _past: list[State]
    _future: list[State]
    _shown: dict[frozenset[Filter], Shown]
    _decided: dict[frozenset[Filter], Any]
    _if: dict[tuple[int, str, float], WhatIf]

    @property
    def shown(self) -> Shown:
        """The figures of the journeys that are left; see :class:`~cxmining.workbench.shown.Shown`."""
        return self._figures(self.state)

    def of(self, name: str) -> Shown:
        """Return the figures of ``A`` or ``B``."""
        return self._figures(self._kept(name))

    def _go(self, state: State) -> Self:
        if state == self.state:
            return self
        self._check(state)
        self._past = [*self._past, self.state][-STEPS:]
        self._future = []
        self.state = state
        return self

    def _check(self, state: State) -> None:
        """Insist that something is left, and say which filter left nothing."""
        left = None
        for f in state.filters:
            own = self._ground.mask(f)
            both = own if left is None else left & own
            if not both.any():
                n = len(self._ground.journeys) if left is None else int(np.count_nonzero(left))
                alone = "" if left is None else f" (by itself it would keep {int(np.count_nonzero(own)):,})"
                others = "" if left is None else " that the other filters left"
                raise NotEnoughDataError(
                    f"{f!r} leaves none of the {counted(n, 'journey')}{others}{alone}; loosen or drop it"
                )
            left = both

    def _there(self, kind: str, name: str) -> None:
        if kind == "touchpoint" and name not in self._ground.log.touchpoints:
            raise UnknownNameError(
                f"no touchpoint {name!r} in these journeys; {nearest(name, self._ground.log.touchpoints)}"
            )
        if kind == "stage" and name not in STAGES:
            raise UnknownNameError(f"no stage {name!r}; {nearest(name, STAGES)}")
        if kind == "variant" and name not in set(self.shown.variants(50)["variant_id"]):
            known = self._ground.variants[0].ids
            if name not in known:
                raise UnknownNameError(f"no journey follows variant {name!r}; {nearest(name, known)}")

    def _kept(self, name: str) -> State:
        if name not in self.saved:
            raise UnknownNameError(f"nothing was saved as {name!r}; save it first: {nearest(str(name), self.saved)}")
        return self.saved[name]

    def _mask(self, active: tuple[Filter, ...]) -> Mask | None:
        found: Mask | None = None
        for f in active:
            own = self._ground.mask(f)
            found = own if found is None else found & own
        return found

    def _figures(self, state: State) -> Shown:
        key = frozenset(state.filters)
        found = self._shown.pop(key, None)
        if found is None:
            found = Shown(self._ground, self._mask(state.filters), self.min_cell)
        self._shown[key] = found
        while len(self._shown) > _KEPT:
            del self._shown[next(iter(self._shown))]
        return found

    def _enough(self, name: str | None = None) -> Shown:
        shown = self.shown if name is None else self.of(name)
        if shown.counts.hidden:
            raise NotEnoughDataError(self._few())
        return shown

    def _few(self) -> str:
        return (
            f"fewer than {self.min_cell} customers are left: figures about them are not shown; loosen or drop a filter"
        )

    def _narrowed(self, state: State) -> Journeys | Experience:
        return self.source if state.filter is None else self.source.where(state.filter)
