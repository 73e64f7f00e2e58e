"""The variants of journeys aligned with the intended journey, within a budget."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from cxmining.discovery.align import DEVIATION, left_out, within
from cxmining.discovery.deviations import NOWHERE, Deviations, read_deviations
from cxmining.discovery.intended import Intended
from cxmining.discovery.moves import MATCH, Moves, find_moves
from cxmining.engine.coded import Ints, gather
from cxmining.errors import NotEnoughDataError
from cxmining.journeys import Journeys

__all__ = ["BUDGET", "Aligned", "align_journeys"]

Mask = npt.NDArray[np.bool_]

BUDGET: Final = 200_000_000
"""Events × steps between the states of the model, summed over variants: some 20 s."""
_LONGEST: Final = 20_000


@dataclass(frozen=True, eq=False)
class Aligned:
    """The variants that were aligned; `inside` says which journeys follow one, `number` which one."""

    touchpoints: tuple[str, ...]
    moves: Moves
    deviations: Deviations
    inside: Mask
    number: Ints
    length: Ints
    shortest: int
    notes: tuple[str, ...]

    @cached_property
    def conforms(self) -> Mask:
        """Which variants have no deviation."""
        return self.moves.cost < DEVIATION

    @cached_property
    def left_after(self) -> Ints:
        """The step that each variant did last before it left the path; NOWHERE: none, −2: it never left."""
        moves, start = self.moves, self.moves.offsets[:-1]
        at = np.where(moves.kind != MATCH, np.arange(len(moves.kind)), len(moves.kind))
        first = np.minimum.reduceat(at, start)
        before = np.where(first > start, np.append(moves.label, 0)[first - 1], NOWHERE)
        return np.where(self.conforms, -2, before)


def align_journeys(journeys: Journeys, path: Intended, budget: int) -> Aligned:
    """Align the variants, the most frequent first, until `budget` events × steps of the model are done."""
    variants, number = journeys._variants
    length = np.diff(variants.offsets)
    chosen = np.sort(within(length, variants.journeys, length * max(len(path.states.source), 1), budget, _LONGEST))
    if not len(chosen):
        raise NotEnoughDataError(
            f"none of the {len(length):,} variants can be held against {path.name} within {budget:,} events × steps and "
            f"{_LONGEST:,} events each; raise the budget or cut the journeys with a gap"
        )
    touchpoints = (*journeys.log.touchpoints, *(t for t in path.absent if t not in journeys.log.touchpoints))
    at, offsets = gather(variants.offsets, chosen)
    moves = find_moves(path.states, variants.codes[at], offsets, touchpoints)
    empty = find_moves(path.states, np.zeros(0, np.int64), np.array([0, 0]), touchpoints)
    done = np.zeros(len(length), dtype=bool)
    done[chosen] = True
    place = np.cumsum(done) - 1
    inside = done[number]
    said = left_out(done, variants.journeys, length)
    return Aligned(
        touchpoints, moves, read_deviations(moves, len(touchpoints)), inside, place[number[inside]], length[chosen],
        int(empty.cost[0]), (said,) if said else (),
    )  # fmt: skip
