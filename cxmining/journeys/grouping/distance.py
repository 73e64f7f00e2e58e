"""How far apart two journeys are: what it costs to turn the one into the other.

Leaving a step out or putting one in costs 1. Exchanging a touchpoint for another costs the less the more often the
one is followed by the other (2 less both transition rates: optimal matching as in TraMineR, Gabadinho et al. 2011);
the same touchpoint on another channel costs less than any of that; and a step that comes sooner or later costs a little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import numpy.typing as npt

from cxmining.engine.coded import Ints
from cxmining.journeys.grouping.forms import BINS, Steps

__all__ = ["OTHER_CHANNEL", "OTHER_PACE", "EditCosts", "edit_distances"]

Floats = npt.NDArray[np.float64]

OTHER_CHANNEL: Final = 0.5
"""What the same touchpoint on another channel costs."""
OTHER_PACE: Final = 0.25
"""What it costs at most that the same step comes sooner or later."""
MANY: Final = 600
"""Above so many steps (touchpoint on a channel) their transition rates are too thin to say anything: all others cost 2."""
_CELLS: Final = 4_000_000


@dataclass(frozen=True, eq=False)
class EditCosts:
    """What it costs to change a step.

    Attributes
    ----------
    steps : ndarray of float64, shape (steps, steps)
        Exchange of one step for another: symmetric, 0 on the diagonal, no detour is cheaper.
    pace : ndarray of float64, shape (BINS, BINS)
        What is added when the silence before differs.
    plain : bool
        Every exchange costs 1 and silence nothing: Levenshtein's distance.
    """

    steps: Floats
    pace: Floats
    plain: bool = False

    @classmethod
    def uniform(cls, n: int) -> EditCosts:
        """Return Levenshtein's costs for `n` steps."""
        steps: Floats = np.ones((n, n))
        np.fill_diagonal(steps, 0.0)
        return cls(steps, np.zeros((BINS, BINS)), True)

    @classmethod
    def of(cls, steps: Steps) -> EditCosts:
        """Return the costs that the transitions of a log give.

        Examples
        --------
        Two touchpoints that never follow each other cost 2, one touchpoint on two channels .5:

        >>> steps = Steps(np.array([0, 1, 2]), np.zeros(3), np.array([0, 1, 2, 3]), np.array([[0, 0], [0, 1], [1, 0]]))
        >>> EditCosts.of(steps).steps.tolist()
        [[0.0, 0.5, 2.0], [0.5, 0.0, 2.0], [2.0, 2.0, 0.0]]
        """
        touchpoint = steps.pairs[:, 0]
        same = touchpoint[:, None] == touchpoint[None, :]
        if len(steps.pairs) > MANY:
            cost = np.full(same.shape, 2.0)
        else:
            size = int(touchpoint.max()) + 1
            inner = np.flatnonzero(~steps.first)
            code = touchpoint[steps.step]
            counts = np.bincount(code[inner - 1] * size + code[inner], minlength=size * size).reshape(size, size)
            leaves = counts.sum(axis=1, keepdims=True)
            rate = np.divide(counts, leaves, out=np.zeros(counts.shape), where=leaves > 0)
            cost = np.maximum(2.0 - rate - rate.T, 2 * OTHER_CHANNEL)[np.ix_(touchpoint, touchpoint)]
        cost[same] = OTHER_CHANNEL
        np.fill_diagonal(cost, 0.0)
        if len(steps.pairs) <= MANY:
            # Without detours: only then is the distance between journeys one.
            from scipy.sparse.csgraph import floyd_warshall

            cost = np.asarray(floyd_warshall(cost, directed=False))
        bins = np.arange(BINS)
        pace: Floats = OTHER_PACE * np.abs(bins[:, None] - bins[None, :]) / (BINS - 1)
        exchange: Floats = np.round(cost, 9).astype(np.float64)
        return cls(exchange, pace)


def edit_distances(symbol: Ints, offsets: Ints, rows: Ints, columns: Ints, costs: EditCosts) -> Floats:
    """Return how far journeys are from each other, from 0 (the same) to 1 (nothing in common).

    The cost `c` of the cheapest way from one to the other, for their lengths `a` and `b`: 2c / (a + b + c), which is a
    distance where `c` is (Yujian and Bo 2007).

    Parameters
    ----------
    symbol, offsets : ndarray of int64
        Journeys as in :class:`~cxmining.journeys.grouping.forms.Forms`.
    rows, columns : ndarray of int64
        Which journeys against which.
    costs : EditCosts

    Returns
    -------
    ndarray of float64, shape (rows, columns)

    Examples
    --------
    Step 0 is the invoice by mail, 1 the invoice by post, 2 a call; all come at once:

    >>> steps = Steps(np.array([0, 1, 2]), np.zeros(3), np.array([0, 1, 2, 3]), np.array([[0, 0], [0, 1], [1, 2]]))
    >>> journeys = np.array([0, 2, 1, 2]) * BINS
    >>> edit_distances(journeys, np.array([0, 2, 4]), np.array([0]), np.array([0, 1]), EditCosts.of(steps)).round(4).tolist()
    [[0.0, 0.2222]]
    """
    if costs.plain:
        raw = _levenshtein(symbol, offsets, rows, columns)
    else:
        raw = _weighted(symbol, offsets, rows, columns, costs)
    lengths = np.diff(offsets)
    both = lengths[rows][:, None] + lengths[columns][None, :]
    return cast(Floats, np.round(2 * raw / (both + raw), 9))


def _levenshtein(symbol: Ints, offsets: Ints, rows: Ints, columns: Ints) -> Floats:
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    def words(which: Ints) -> list[str]:
        # One letter per step, above the surrogates, which are no letters.
        return ["".join(chr(0x10000 + s) for s in (symbol[offsets[f] : offsets[f + 1]] // BINS).tolist()) for f in which.tolist()]  # fmt: skip

    return cast(Floats, cdist(words(rows), words(columns), scorer=Levenshtein.distance, workers=1).astype(np.float64))


def _weighted(symbol: Ints, offsets: Ints, rows: Ints, columns: Ints, costs: EditCosts) -> Floats:
    """One journey against many at a time, row by row of the table of Wagner and Fischer (1974)."""
    lengths = np.diff(offsets)
    out = np.empty((len(rows), len(columns)))
    by_length = np.argsort(lengths[columns], kind="stable")
    step, gap = symbol // BINS, symbol % BINS
    start = 0
    while start < len(by_length):
        # A block of about equal lengths, so that little is filled up.
        width = int(lengths[columns[by_length[start]]] * 1.25) + 4
        end = int(np.searchsorted(lengths[columns[by_length]], width, side="right"))
        end = max(start + 1, min(end, start + max(1, _CELLS // (width + 1))))
        block = by_length[start:end]
        width = int(lengths[columns[block]].max())
        place = offsets[columns[block]][:, None] + np.minimum(np.arange(width), lengths[columns[block]][:, None] - 1)
        b_step, b_gap = step[place], gap[place]
        ends = lengths[columns[block]]
        ramp = np.arange(width + 1, dtype=np.float64)
        for i, r in enumerate(rows.tolist()):
            table = np.broadcast_to(ramp, (len(block), width + 1)).copy()
            for at in range(offsets[r], offsets[r + 1]):
                exchange = costs.steps[step[at]][b_step]
                exchange += costs.pace[gap[at]][b_gap]
                new = table + 1.0
                np.minimum(new[:, 1:], table[:, :-1] + exchange, out=new[:, 1:])
                # Putting steps in, one after the other, is a running minimum once each has paid for its place.
                new -= ramp
                np.minimum.accumulate(new, axis=1, out=new)
                new += ramp
                table = new
            out[i, block] = table[np.arange(len(block)), ends]
        start = end
    return out
