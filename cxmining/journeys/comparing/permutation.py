"""Do two groups travel differently at all? One test of everything, and one per distribution, by permuting customers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxmining.engine.coded import Ints
from cxmining.journeys.comparing.pair import Pair

__all__ = ["TravelTest", "permute"]

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

FREQUENCIES: Final = 128
"""Random Fourier features are twice as many: the kernel mean is exact to about 1 / √128 of its own spread."""
CUTS: Final = 64
LEAST: Final = 10
"""Customers (journeys, of those in both groups) with a touchpoint or edge that can be the largest difference."""
MOST: Final = 200_000
"""Rows (customers, or journeys of customers in both groups) that are permuted; of more, so many are drawn."""
_STRATA: Final = np.array([1, 2, 3, 4, 5, 6, 7, 9, 12, 17, 25, 50, 100, 1_000])
_BATCH: Final = 64


@dataclass(frozen=True)
class TravelTest:
    """Whether two groups of journeys differ at all.

    Attributes
    ----------
    distance : float
        Maximum mean discrepancy between the groups (Gretton et al. 2012): 0 when they travel alike, at most √2.
    expected : float
        Its mean over the permutations: what groups of this size that do not differ show.
    p : float
        Of the stronger of the two signs below, for having looked at both (the smaller p is itself ranked among those
        of the permutations: Tippett 1931, Pesarin 2001); missing when nothing could be exchanged.
    p_distance, p_largest : float
        Share of permutations with as large a distance, and with as large a standardised difference in the share of
        any one touchpoint or edge; the data are counted in. The first sees many small differences, the second one
        large one.
    resolution : float
        The smallest `p` that so many permutations can give.
    permutations : int
    exchanged, customers : int
        Customers whose group could be exchanged, of all who took part.
    """

    distance: float
    expected: float
    p: float
    p_distance: float
    p_largest: float
    resolution: float
    permutations: int
    exchanged: int
    customers: int

    def __str__(self) -> str:
        if np.isnan(self.p):
            return "whether the groups travel differently cannot be tested: no customer's group can be exchanged"
        sign = "≤" if self.p <= self.resolution * 1.0001 else "="
        said = "the groups travel differently" if self.p <= 0.05 else "no difference in travel can be shown"
        return (
            f"{said} (distance {self.distance:.3f}, {self.expected:.3f} expected without a difference; "
            f"p {sign} {self.p:.3g} by {self.permutations:,} permutations of customers)"
        )


def permute(
    pair: Pair, measures: dict[str, Floats], resamples: int, seed: int
) -> tuple[TravelTest, dict[str, tuple[float, float]], list[str]]:
    """Permute whose journeys are whose group's, and compare all of travel and each measure's distribution.

    A journey is the square roots of the shares of its touchpoints (one half) and of its edges with those from the
    start and to the end (the other half), a point on the unit sphere; groups are compared by the maximum mean
    discrepancy with a Gaussian kernel (Gretton et al. 2012, width: the median distance between journeys) on
    random Fourier features (Rahimi and Recht 2007), and by the largest standardised difference in the share of
    journeys with any one touchpoint or edge. Distributions of single measures: the largest gap between the
    distribution functions (Kolmogorov and Smirnov). Customers exchange groups whole, among those with about as many
    journeys, so that neither the likeness of one customer's journeys nor their number makes a difference. Who is in
    both groups keeps the numbers of journeys in each: the labels are rotated over the own journeys in order of time.

    Parameters
    ----------
    pair : Pair
    measures : dict of str to ndarray
        A number per journey.
    resamples : int
        Permutations.
    seed : int

    Returns
    -------
    TravelTest
    dict
        Per measure the gap and its p.
    list of str
        What a reader must know.
    """
    rng = np.random.default_rng(seed)
    notes: list[str] = []
    order = np.lexsort((pair.time[pair.offsets[:-1]], pair.customer))
    order, drawn = _drawn(pair, order, rng)
    if drawn:
        notes.append(f"the permutation test rests on {drawn:,} of {pair.n_customers:,} customers, drawn at random")
    group, customer = pair.group[order], np.unique(pair.customer[order], return_inverse=True)[1]
    features, columns = _features(pair, order, measures, rng)
    everything = features.sum(axis=0, dtype=np.float64)
    units = _Units(group, customer)
    shares = _Shares(pair, order, units)
    parts = []
    for start in (-1, *range(0, resamples, _BATCH)):
        # The first row is the data as they are.
        labels = units.observed[None, :] if start < 0 else units.drawn(rng, min(_BATCH, resamples - start))
        parts.append(
            np.column_stack(
                [_statistics(units.totals(features, labels), everything, len(features), columns), shares(labels)]
            )
        )
    found = np.concatenate(parts)
    # Single precision: what is equal up to its rounding counts as equal.
    whole = np.round(found / (found.max(axis=0) * 1e-5 + 1e-30))
    ranked = np.stack([_as_large(column) for column in whole.T], axis=1) / (1 + resamples)
    both = ranked[:, [0, -1]].min(axis=1)
    p = ranked[0]
    overall = float((both <= both[0] + 1e-12).mean())
    if not units.exchanged:
        p, overall = np.full(len(p), np.nan), np.nan
        notes.append("no permutation: customers with as many journeys are all in one group")
    test = TravelTest(
        float(np.sqrt(found[0, 0])), float(np.sqrt(found[1:, 0].mean())), overall, float(p[0]), float(p[-1]),
        1 / (1 + resamples), resamples, units.exchanged, units.customers,
    )  # fmt: skip
    gaps = {name: (float(found[0, i + 1]), float(p[i + 1])) for i, name in enumerate(measures)}
    return test, gaps, notes


def _as_large(values: Floats) -> Ints:
    """Count, per value, how many are as large."""
    return len(values) - np.searchsorted(np.sort(values), values, side="left")


def _drawn(pair: Pair, order: Ints, rng: np.random.Generator) -> tuple[Ints, int]:
    rows = pair.journeys_per_customer.sum(axis=0)
    both = pair.journeys_per_customer.min(axis=0) > 0
    cost = np.where(both, rows, 1)
    if cost.sum() <= MOST:
        return order, 0
    pick = rng.permutation(len(cost))
    kept = np.zeros(len(cost), dtype=bool)
    kept[pick[np.cumsum(cost[pick]) <= MOST]] = True
    return order[kept[pair.customer[order]]], int(kept.sum())


def _features(
    pair: Pair, order: Ints, measures: dict[str, Floats], rng: np.random.Generator
) -> tuple[Singles, list[slice]]:
    """Return one row per journey of `order`, and which columns belong to travel and to each measure."""
    from scipy.sparse import csr_array

    cells = pair.cells
    k = len(pair.touchpoints)
    part = cells.journey * 2 + (cells.cell >= k)
    total = np.bincount(part, weights=cells.times, minlength=2 * len(pair.group))
    weight = np.sqrt(0.5 * cells.times / total[part])
    matrix = csr_array((weight, (cells.journey, cells.cell)), shape=(len(pair.group), pair.n_cells)).tocsr()[order]
    pick = rng.integers(0, len(order), (2, 1_000))
    squared = 2 - 2 * np.asarray(matrix[pick[0]].multiply(matrix[pick[1]]).sum(axis=1)).ravel()
    apart = np.sqrt(np.maximum(squared[squared > 1e-9], 0))
    width = float(np.median(apart)) if len(apart) else 1.0
    directions = (rng.standard_normal((pair.n_cells, FREQUENCIES)) / width).astype(np.float32)
    projected = matrix.astype(np.float32) @ directions
    blocks: list[Singles] = [np.cos(projected) / np.sqrt(np.float32(FREQUENCIES))]
    blocks.append(np.sin(projected) / np.sqrt(np.float32(FREQUENCIES)))
    columns = [slice(0, 2 * FREQUENCIES)]
    for values in measures.values():
        mine = values[order]
        cuts = np.unique(np.quantile(mine, np.linspace(0, 1, CUTS + 1)[:-1], method="lower"))
        blocks.append((mine[:, None] <= cuts).astype(np.float32))
        columns.append(slice(columns[-1].stop, columns[-1].stop + len(cuts)))
    return np.concatenate(blocks, axis=1), columns


def _statistics(totals: tuple[Singles, Floats], everything: Floats, n: int, columns: list[slice]) -> Floats:
    """Return per labelling the squared discrepancy, then each measure's largest gap."""
    sums, size = totals
    gap = sums / size[:, None] - (everything - sums) / (n - size)[:, None]
    travel = (gap[:, columns[0]] ** 2).sum(axis=1)
    return np.column_stack([travel, *(np.abs(gap[:, c]).max(axis=1) for c in columns[1:])]).astype(np.float64)


class _Shares:
    """The largest standardised difference between the groups in the share of journeys with any one cell."""

    def __init__(self, pair: Pair, order: Ints, units: _Units) -> None:
        from scipy.sparse import csr_array

        cells = pair.cells
        ones = np.ones(len(cells.cell), dtype=np.float32)
        matrix = csr_array((ones, (cells.journey, cells.cell)), shape=(len(pair.group), pair.n_cells)).tocsr()[order]
        row = units.row
        gathered = csr_array(
            (np.ones(len(row), dtype=np.float32), (row, np.arange(len(row)))), shape=(units.n, len(row))
        )
        counts = (gathered @ matrix).tocsc()
        common = np.diff(counts.indptr) >= LEAST
        self._counts = counts[:, common].T.tocsr()
        self._size = np.bincount(units.row, minlength=units.n).astype(np.float64)
        self._total = np.asarray(self._counts.sum(axis=1), dtype=np.float64).ravel()
        share = self._total / self._size.sum()
        squares = np.asarray(self._counts.multiply(self._counts).sum(axis=1), dtype=np.float64).ravel()
        spread = squares - 2 * share * (self._counts @ self._size) + share**2 * (self._size**2).sum()
        self._spread = np.where(spread > 1e-9, np.sqrt(np.maximum(spread, 1e-9)), np.inf)

    def __call__(self, labels: Singles) -> Floats:
        """Return the largest per labelling."""
        if not len(self._total):
            return np.zeros(len(labels))
        size = labels @ self._size
        inside = (self._counts @ labels.T).astype(np.float64)
        other = self._size.sum() - size
        gap = inside / size - (self._total[:, None] - inside) / other
        # What a gap is worth depends on how many journeys each labelling puts where.
        return np.asarray((np.abs(gap) / self._spread[:, None]).max(axis=0) * size * other / self._size.sum())


class _Units:
    """What is relabelled: a customer of one group as a whole, a customer of both journey by journey."""

    def __init__(self, group: Ints, customer: Ints) -> None:
        n = int(customer.max()) + 1
        counts = np.bincount(group * n + customer, minlength=2 * n).reshape(2, n)
        paired = counts.min(axis=0) > 0
        self.customers = n
        single = np.flatnonzero(~paired)
        stratum = np.searchsorted(_STRATA, counts.sum(axis=0)[single], side="right")
        self._single = single[np.argsort(stratum, kind="stable")]
        self._cuts = np.cumsum(np.bincount(stratum, minlength=len(_STRATA) + 1))
        label = (counts[0] > 0)[self._single].astype(np.float32)
        mine = paired[customer]
        self._paired_rows = np.flatnonzero(mine)
        self._own = (group[mine] == 0).astype(np.float32)
        who = customer[mine]
        first = np.flatnonzero(np.diff(who, prepend=-1))
        self._length = np.diff(np.append(first, len(who)))
        self._first = np.repeat(first, self._length)
        self._place = np.arange(len(who)) - self._first
        self._index = np.repeat(np.arange(len(first)), self._length)
        self.observed = np.concatenate([label, self._own])
        self._journeys = counts.sum(axis=0)[self._single].astype(np.float64)
        self.exchanged = len(first)
        for low, high in zip(np.append(0, self._cuts[:-1]), self._cuts, strict=True):
            part = label[low:high]
            if len(part) and 0 < part.sum() < len(part):
                self.exchanged += len(part)
        self._summed: Singles | None = None
        self.n = len(self._single) + len(self._paired_rows)
        place = np.zeros(n, dtype=np.int64)
        place[self._single] = np.arange(len(self._single))
        self.row = place[customer]
        """The unit of each journey."""
        self.row[self._paired_rows] = len(self._single) + np.arange(len(self._paired_rows))

    @cached_property
    def gathered(self) -> Any:
        """Sparse matrix that sums journeys per unit."""
        from scipy.sparse import csr_array

        n = len(self.row)
        return csr_array((np.ones(n, dtype=np.float32), (self.row, np.arange(n))), shape=(self.n, n))

    def totals(self, features: Singles, labels: Singles) -> tuple[Singles, Floats]:
        """Return, per labelling, the feature sums over the journeys of group a, and how many these are."""
        if self._summed is None:
            self._summed = np.asarray(self.gathered @ features)
        size = labels[:, : len(self._single)] @ self._journeys + labels[:, len(self._single) :].sum(axis=1)
        return labels @ self._summed, size

    def drawn(self, rng: np.random.Generator, n: int) -> Singles:
        """Return `n` labellings."""
        k = len(self._single)
        labels = np.repeat(self.observed[None, :], n, axis=0)
        for low, high in zip(np.append(0, self._cuts[:-1]), self._cuts, strict=True):
            if high - low > 1:
                labels[:, low:high] = rng.permuted(labels[:, low:high], axis=1)
        if len(self._length):
            turn = np.floor(rng.random((n, len(self._length))) * self._length).astype(np.int64)
            labels[:, k:] = self._own[self._first + (self._place + turn[:, self._index]) % self._length[self._index]]
        return labels
