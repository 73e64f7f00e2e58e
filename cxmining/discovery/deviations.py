"""What the moves of an alignment say to a reader: skipped, extra, repeated, in another order, ended early."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.discovery.moves import LEFT_OUT, MATCH, TOO_MANY, Moves
from cxmining.engine.coded import Ints

__all__ = ["KINDS", "NOWHERE", "Deviations", "read_deviations"]

KINDS: Final = ("skipped", "ended early", "extra", "repeated", "wrong order")
_SKIPPED, _ENDED, _EXTRA, _REPEATED, _ORDER = range(5)
NOWHERE: Final = -1
"""Before the first step, or after the last."""


@dataclass(frozen=True, eq=False)
class Deviations:
    """Deviations of variants, one after the other in the order of each variant.

    Attributes
    ----------
    variant, kind, label, after, before, event : ndarray of int64
        Of which variant; position in KINDS; code of the touchpoint; the intended steps done last before and
        first after it (NOWHERE: none); how many events came before.
    done, skipped, missed : ndarray of bool, (variants, labels)
        Whether a variant did a step of this touchpoint where it was intended, went past it without, ended before it.
    """

    variant: Ints
    kind: Ints
    label: Ints
    after: Ints
    before: Ints
    event: Ints
    done: npt.NDArray[np.bool_]
    skipped: npt.NDArray[np.bool_]
    missed: npt.NDArray[np.bool_]


def read_deviations(moves: Moves, n_labels: int) -> Deviations:
    """Name the deviations in alignments.

    A step that is left out here and done there is one deviation, ``wrong order``. An event too many is
    ``repeated`` where its touchpoint is also done as intended, else ``extra``. Steps left out after the last
    event are one deviation, ``ended early``, at the first of them; the others are ``skipped``.

    Parameters
    ----------
    moves : Moves
        Of variants with one event or more.
    n_labels : int
        How many touchpoints there are.

    Examples
    --------
    >>> from cxmining.discovery.intended import intended_journey
    >>> from cxmining.discovery.moves import find_moves
    >>> net = intended_journey(["a", "b", "c", "d"], "abcdx").states
    >>> moves = find_moves(net, np.array([0, 2, 4, 4, 1]), np.array([0, 5]), "abcdx")
    >>> found = read_deviations(moves, 5)
    >>> [(KINDS[k], "abcdx"[x]) for k, x in zip(found.kind, found.label)]
    [('wrong order', 'c'), ('extra', 'x'), ('extra', 'x'), ('ended early', 'd')]
    """
    n = len(moves.offsets) - 1
    variant, kind, label = moves.variant, moves.kind, moves.label
    at = np.arange(len(kind))
    after, before = _beside(moves, at)

    # The k-th step left out and the k-th event too many of one touchpoint in one variant belong together.
    key = (variant * n_labels + label) * 3 + kind
    rank = pd.Series(key).groupby(key, sort=False).cumcount().to_numpy()
    count = pd.Series(key).value_counts()
    own = (variant * n_labels + label) * 3
    left, many = (count.reindex(own + k).fillna(0).to_numpy(dtype=np.int64) for k in (LEFT_OUT, TOO_MANY))
    matched = count.reindex(own + MATCH).fillna(0).to_numpy(dtype=np.int64) > 0
    paired = (kind != MATCH) & (rank < np.minimum(left, many))

    happens = np.where(kind != LEFT_OUT, at, -1)
    last = np.maximum.reduceat(happens, moves.offsets[:-1]) if n else np.zeros(0, np.int64)
    trailing = (kind == LEFT_OUT) & (at > last[variant]) & ~paired
    first_trailing = trailing.copy()
    first_trailing[1:] &= ~(trailing[:-1] & (variant[1:] == variant[:-1]))

    meaning = np.select(
        [
            (kind == TOO_MANY) & paired,
            (kind == TOO_MANY) & matched,
            kind == TOO_MANY,
            first_trailing,
            (kind == LEFT_OUT) & ~paired & ~trailing,
        ],
        [_ORDER, _REPEATED, _EXTRA, _ENDED, _SKIPPED], NOWHERE,
    )  # fmt: skip

    def table(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        out = np.zeros((n, n_labels), dtype=bool)
        out[variant[mask], label[mask]] = True
        return out

    done = table((kind == MATCH) | ((kind == TOO_MANY) & paired))
    skipped = table(meaning == _SKIPPED) & ~done
    missed = table(trailing) & ~done & ~skipped
    told = meaning != NOWHERE
    return Deviations(
        variant[told], meaning[told], label[told], after[told], before[told], moves.event[told], done, skipped, missed
    )


def _beside(moves: Moves, at: Ints) -> tuple[Ints, Ints]:
    """Return the labels of the matches before and after each move."""
    if not len(at):
        return at, at
    matches = moves.kind == MATCH
    start, end = moves.offsets[moves.variant], moves.offsets[moves.variant + 1]
    earlier = np.concatenate([[-1], np.maximum.accumulate(np.where(matches, at, -1))[:-1]])
    later = np.append(np.minimum.accumulate(np.where(matches, at, len(at))[::-1])[::-1][1:], len(at))
    after = np.where(earlier >= start, moves.label[earlier], NOWHERE)
    before = np.where(later < end, moves.label[np.minimum(later, len(at) - 1)], NOWHERE)
    return after, before
