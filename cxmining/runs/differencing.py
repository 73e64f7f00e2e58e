"""Which figures of slices may be shown, so that subtracting one published figure from another gives nobody away.

What may be shown
-----------------
A *slice* is a channel (the journeys with at least one contact through it), a persona (a customer has at most one), or both.
A *cell* is one touchpoint, transition, sequence, score or total; it holds journeys, or answers, of some customers. Whoever
reads the tables can subtract, so that hiding small figures is not enough. With `least` customers as the bound, "few" is from 1
to ``least - 1`` customers, and per cell:

1. The cell of all journeys must be about `least` customers, else no slice of it is shown.
2. A channel is shown when neither its own journeys nor *the others* (all minus the channel) are of few customers. The others
   are counted twice, for both counts are published: customers with a journey without the channel, and customers with only
   such journeys.
3. When every channel that occurs is shown, their sum minus all gives away the journeys with more than one channel: where these
   are of few customers, in all or in a persona, the smallest channel is not shown.
4. A persona is shown when it is not of few customers. Those that are not shown, with the customers without a persona, are
   all minus the shown ones: as long as these are of few customers, the smallest persona that is shown is hidden too.
5. A channel of a persona is shown when both are, and neither its own journeys nor the persona's others are of few customers.
   In each channel the pairs that are not shown can be had back as a sum, with the channel and without it: as long as one of
   these sums is about few customers, the smallest pair that is shown is hidden too.
6. Nobody and few look the same: no row. So a reader knows of no cell that it is empty, and cannot use it to subtract.

What is left of a cell after any subtraction is then about nobody or about `least` customers or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Bools", "Cells", "Ints", "Safe", "safe_cells"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Cells:
    """Who is in which cell: a row per journey (or answer) that a cell holds.

    Attributes
    ----------
    cell : ndarray of int64
        From 0 to `n` - 1.
    journey : ndarray of int64
        -1 for an answer that is in no journey.
    customer : ndarray of int64
    n : int
        Number of cells.
    """

    cell: Ints
    journey: Ints
    customer: Ints
    n: int


@dataclass(frozen=True, eq=False)
class Safe:
    """Which figures may be shown.

    Attributes
    ----------
    channel : ndarray of bool, shape (cells, channels)
    persona : ndarray of bool, shape (cells, personas)
    pair : ndarray of bool, shape (cells, channels, personas)
    customers : ndarray of int64, shape (cells, channels + 1, personas + 1)
        Of how many customers each is; last stand all channels, and all personas. Not to be shown.
    """

    channel: Bools
    persona: Bools
    pair: Bools
    customers: Ints

    def of(self, channel: int | None, persona: int | None) -> Bools:
        """Return which cells of a slice may be shown."""
        if persona is None:
            return self.channel[:, channel]
        return self.persona[:, persona] if channel is None else self.pair[:, channel, persona]

    def number(self, channel: int | None, persona: int | None) -> Ints:
        """Return of how many customers each cell of a slice is."""
        return self.customers[:, -1 if channel is None else channel, -1 if persona is None else persona]


def safe_cells(cells: Cells, by: Bools, persona: Ints, personas: int, least: int) -> Safe:
    """Decide which cells of which slices may be shown; the rule stands at the top of this module.

    Parameters
    ----------
    cells : Cells
    by : ndarray of bool, shape (journeys, channels)
        Whether a journey has a contact through a channel.
    persona : ndarray of int64, shape (journeys,)
        Of the journey's customer, from 0; `personas` where there is none.
    personas : int
    least : int
        Fewest customers that may be told of.

    Returns
    -------
    Safe

    Examples
    --------
    Twenty customers met a touchpoint, fifteen by phone: the five others would be what is left.

    >>> by = np.arange(20)[:, None] < 15
    >>> who = np.arange(20)
    >>> cells = Cells(np.zeros(20, dtype=int), who, who, 1)
    >>> safe_cells(cells, by, np.zeros(20, dtype=int), 0, 10).channel.tolist()
    [[False]]
    >>> safe_cells(cells, by, np.zeros(20, dtype=int), 0, 5).channel.tolist()
    [[True]]
    """
    count = _Counts(cells, by, persona, personas)

    def few(n: npt.NDArray[Any]) -> Bools:
        return (n > 0) & (n < least)

    inside, others = count.inside, (count.others, count.never)
    enough = count.all.sum(axis=1) >= least
    channel = enough[:, None] & (inside.sum(axis=2) >= least)
    for other in others:
        channel &= ~few(other.sum(axis=2))
    # 3: all that occur are shown, and few go through more than one
    occurs = inside.sum(axis=2) > 0
    telling = np.zeros(cells.n, dtype=bool)
    for more in (count.several, count.mixed):
        telling |= few(more).any(axis=1) | few(more.sum(axis=1))
    telling &= ~(occurs & ~channel).any(axis=1) & (occurs.sum(axis=1) > 1)
    smallest = np.where(occurs, inside.sum(axis=2), np.iinfo(np.int64).max).argmin(axis=1) if by.shape[1] else telling
    channel[np.flatnonzero(telling), smallest[telling]] = False
    # 4
    own = count.all[:, :personas]
    shown = enough[:, None] & (own >= least)
    _widen(shown, own, lambda off: [np.where(off, own, 0).sum(axis=1) + count.all[:, personas]], few)
    # 5
    pair = channel[:, :, None] & shown[:, None, :] & (inside[:, :, :personas] >= least)
    for other in others:
        pair &= ~few(other[:, :, :personas])
    for k in range(by.shape[1]):
        sizes = [inside[:, k], *(other[:, k] for other in others)]
        column, may = pair[:, k], channel[:, k]

        def left(off: Bools, sizes: list[Ints] = sizes, may: Bools = may) -> list[Ints]:
            found = []
            for size in sizes:
                of = np.where(off, size[:, :personas], 0)
                # what is left with those of whom nothing is shown, and without them
                found += [of.sum(axis=1) + size[:, personas], np.where(off & shown, of, 0).sum(axis=1)]
            return [np.where(may, n, 0) for n in found]

        _widen(column, inside[:, k, :personas], left, few)
        pair[:, k] = column
    each = np.concatenate([inside, count.all[:, None, :]], axis=1)
    return Safe(channel, shown, pair, np.concatenate([each[:, :, :personas], each.sum(axis=2)[:, :, None]], axis=2))


def _widen(shown: Bools, size: Ints, left: Any, few: Any) -> None:
    """Hide the smallest that is shown, in place, as long as what is not shown adds up to few."""
    for _ in range(shown.shape[1]):
        telling = np.zeros(len(shown), dtype=bool)
        for n in left(~shown):
            telling |= few(n)
        telling &= shown.any(axis=1)
        if not telling.any():
            return
        smallest = np.where(shown, size, np.iinfo(np.int64).max).argmin(axis=1)
        shown[np.flatnonzero(telling), smallest[telling]] = False


class _Counts:
    """Customers per cell and persona, with those of no persona last.

    Attributes
    ----------
    all : ndarray of int64, shape (cells, personas + 1)
    inside : ndarray of int64, shape (cells, channels, personas + 1)
        Customers with a journey through the channel.
    others, never : ndarray of int64, as `inside`
        Customers with a journey without the channel, and with only such journeys.
    several, mixed : ndarray of int64, as `all`
        Customers with a journey through more than one channel, and with more than one over their journeys.
    """

    def __init__(self, cells: Cells, by: Bools, persona: Ints, personas: int) -> None:
        channels, free = by.shape[1], cells.journey < 0
        group = np.where(free, personas, persona[cells.journey]) if len(persona) else np.full(len(free), personas)
        width = int(cells.customer.max()) + 1 if len(free) else 1
        order = np.lexsort((cells.customer, group, cells.cell))
        cell, group, who = cells.cell[order], group[order], cells.customer[order]
        has = (
            np.where(free[:, None], False, by[cells.journey])[order] if len(by) else np.zeros((0, channels), dtype=bool)
        )
        first = np.flatnonzero(np.diff((cell * (personas + 1) + group) * width + who, prepend=-1))
        at, shape = cell[first] * (personas + 1) + group[first], (cells.n, personas + 1)

        def any_of(flag: Bools) -> Bools:
            return np.asarray(np.logical_or.reduceat(flag, first), dtype=bool) if len(first) else flag[:0]

        def add(flag: Bools) -> Ints:
            return np.bincount(at[flag], minlength=shape[0] * shape[1]).reshape(shape)

        self.all = add(np.ones(len(at), dtype=bool))
        met = [any_of(has[:, k]) for k in range(channels)]
        empty = np.zeros((cells.n, 0, personas + 1), dtype=np.int64)
        self.inside = np.stack([add(m) for m in met], axis=1) if channels else empty
        self.others = np.stack([add(any_of(~has[:, k])) for k in range(channels)], axis=1) if channels else empty
        self.never = np.stack([add(~m) for m in met], axis=1) if channels else empty
        self.several = add(any_of(has.sum(axis=1) > 1))
        self.mixed = add(np.sum(met, axis=0) > 1) if channels else add(np.zeros(len(at), dtype=bool))
        self._once(cell[first], group[first], who[first], personas)

    def _once(self, cell: Ints, group: Ints, who: Ints, personas: int) -> None:
        """Count who also has an answer in no journey only with the persona, but never let an answer go unseen.

        An answer in no journey stands with those of no persona. Where its customer has a persona there, those of no
        persona are fewer people than they seem; there are none of them only where there is no such answer.
        """
        rest = group == personas
        if personas == 0 or not rest.any():
            return
        key = cell * (int(who.max()) + 1) + who
        twice = np.zeros(len(rest), dtype=bool)
        twice[rest] = np.isin(key[rest], key[~rest])
        extra = np.bincount(cell[twice], minlength=len(self.all))
        if not extra.any():
            return
        for counts in (self.all, self.several, self.mixed):
            counts[:, personas] = _less(counts[:, personas], extra)
        for pairs in (self.inside, self.others, self.never):
            pairs[:, :, personas] = _less(pairs[:, :, personas], extra[:, None])


def _less(n: Ints, extra: Ints) -> Ints:
    return np.where(n > 0, np.maximum(n - extra, 1), 0)
