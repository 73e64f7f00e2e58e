"""From cross products to the figures of the analysis: R², fair credit, direct effect, sufficiency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, comb
from typing import Final

import numpy as np
import numpy.typing as npt

from cxmining.drivers.lattice import PIVOT, chain_r2, correlations, subset_r2
from cxmining.drivers.permute import best_forward, permutation_credit, random_orders
from cxmining.drivers.shapley import pmvd
from cxmining.drivers.subsets import Subsets, best_of_size, credit_many, laid_out, walk_subsets

__all__ = ["EXACT_LIMIT", "GOAL", "REPLICATE_LIMIT", "Estimates", "Problem", "adjust", "direct_effects", "subset_score"]

Array = npt.NDArray[np.float64]
Groups = Sequence[Sequence[int]]

EXACT_LIMIT: Final = 28
"""Players up to which the estimate itself walks all subsets: 268 million, some seconds."""

REPLICATE_LIMIT: Final = 16
"""Players up to which every bootstrap replicate walks all subsets too."""

ORDERS: Final = 4000
"""Random orders, about, for the estimate itself above `EXACT_LIMIT`."""

REPLICATE_SHIFTS: Final = 24
"""Half the orders per replicate above `REPLICATE_LIMIT`: the same ones in each, and only the difference
to the estimate is used, so that their own noise cancels."""

SETS: Final = 400_000
"""Sets of K players that are all looked at for the estimate; a stepwise search beyond."""

REPLICATE_SETS: Final = 60_000
"""The same, in each replicate."""

GOAL: Final = 0.8


def adjust(r2: Array, n: float, columns: Array | int, replicate: bool) -> Array:
    """Take the optimism of fitting off R²: once for data, twice for a bootstrap replicate of data.

    Parameters
    ----------
    r2 : array
        R².
    n : float
        Responses, after the controls' columns are taken off.
    columns : int or array
        Columns fitted.
    replicate : bool
        Whether `r2` comes from a replicate, which is fitted to data that were noisy already.

    Returns
    -------
    array
        Adjusted R², possibly below 0.

    Examples
    --------
    >>> float(adjust(np.array(0.5), 21, 4, False))
    0.375
    """
    room = np.maximum(n - (2 if replicate else 1) * np.asarray(columns) - 1, 1.0)
    return np.asarray(1 - (1 - r2) * (n - 1) / room)


def subset_score(corr: Array, columns: Sequence[int]) -> Array:
    """Return R² on some columns, per replicate.

    Parameters
    ----------
    corr : array of shape (R, q + 1, q + 1)
        Correlations, the score last.
    columns : sequence of int
        Columns that explain.

    Returns
    -------
    array of shape (R,)
        R².

    Examples
    --------
    >>> corr = np.array([[[1.0, 0.0, 0.6], [0.0, 1.0, 0.5], [0.6, 0.5, 1.0]]])
    >>> subset_score(corr, [0, 1]).round(2).tolist()
    [0.61]
    """
    return np.asarray(chain_r2(corr, columns)[-1])


def direct_effects(corr: Array, groups: Groups, n: float, replicate: bool) -> tuple[Array, Array, Array]:
    """Return each player's direct effect: the variance of its own part of the prediction.

    ``b' S b - tr(S V)`` over the player's columns (S their covariance, V that of the coefficients b),
    not floored; the trace is what b' S b is too large by on average, twice that in a replicate.

    Parameters
    ----------
    corr : array of shape (R, q + 1, q + 1)
        Correlations, the score last.
    groups : sequence of sequences of int
        Columns of each player.
    n : float
        Responses, after the controls' columns are taken off.
    replicate : bool
        Whether these are bootstrap replicates.

    Returns
    -------
    direct : array of shape (p, R)
        Direct effects, in parts of the score's variance; on average 0 where there is none, so also below.
    r2 : array of shape (R,)
        R² of all players.
    slopes : array of shape (R, q)
        Coefficients, players' columns one after the other.

    Examples
    --------
    >>> corr = np.array([[[1.0, 0.0, 0.6], [0.0, 1.0, 0.0], [0.6, 0.0, 1.0]]])
    >>> direct_effects(corr, [[0], [1]], 1e9, False)[0].round(2).ravel().tolist()[0]
    0.36
    """
    from cxmining.drivers import loops

    matrix, begins, ends = laid_out(corr, groups)
    own, r2 = np.empty((len(groups), len(corr))), np.empty(len(corr))
    slopes = np.empty((len(corr), int(ends[-1])))
    noise = (2.0 if replicate else 1.0) / max(n - int(ends[-1]) - 1, 1.0)
    if loops.regress(matrix, begins, ends, noise, own, r2, slopes):
        bad = np.flatnonzero(np.isnan(r2))
        own[:, bad], r2[bad], slopes[bad] = _direct_singular(matrix[bad], begins, ends, noise)
    return own, r2, slopes


def _direct_singular(
    corr: Array, begins: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], noise: float
) -> tuple[Array, Array, Array]:
    """The same where columns are given by others: of all coefficients that fit, the smallest."""
    q = corr.shape[1] - 1
    inverted = np.linalg.pinv(corr[:, :q, :q], rcond=PIVOT, hermitian=True)
    b = np.matmul(inverted, corr[:, :q, q, None])[:, :, 0]
    r2 = np.clip(np.einsum("ri,ri->r", b, corr[:, :q, q]), 0.0, 1.0)
    own = np.empty((len(ends), len(corr)))
    for player, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        g = slice(begin, end)
        inside = corr[:, g, g]
        effect = np.einsum("ri,rij,rj->r", b[:, g], inside, b[:, g])
        own[player] = effect - noise * (1 - r2) * np.einsum("rij,rji->r", inside, inverted[:, g, g])
    return own, r2, b


@dataclass(frozen=True, eq=False)
class Estimates:
    """Figures of one data set, or of each replicate (last axis).

    Attributes
    ----------
    r2 : array of shape (R,)
        R² of all players, of the score's whole variance, after the controls.
    partial : array of shape (R,)
        The same as part of what the controls leave.
    controls : array of shape (R,)
        R² of the controls alone.
    credit : array of shape (p, R)
        LMG or PMVD as part of `partial`: sums to 1 (0 where there is nothing to share).
    effects : array of shape (p, R)
        Direct effects, not floored.
    psi : array of shape (R,)
        Sufficiency of the best K players, not clipped.
    corr : array of shape (R, q + 1, q + 1)
        Correlations given the controls.
    slopes : array of shape (R, q)
        Coefficients of all columns, standardised, players' columns one after the other.
    subsets : Subsets, optional
        What all subsets say, for the data themselves where all were walked.
    credit_se : array of shape (p, R), optional
        Standard error of `credit` from the random orders, where not all subsets were walked.
    """

    r2: Array
    partial: Array
    controls: Array
    credit: Array
    effects: Array
    psi: Array
    corr: Array
    slopes: Array
    subsets: Subsets | None = None
    credit_se: Array | None = None

    @property
    def direct(self) -> Array:
        """Direct effects, floored at 0."""
        return np.maximum(self.effects, 0.0)


@dataclass(frozen=True, eq=False)
class Problem:
    """Who gets credit and how large the data are: what stays the same over all replicates.

    Attributes
    ----------
    groups : tuple of tuple of int
        Columns per player.
    always : int
        Columns that are always in: the constant and the controls.
    method : {"lmg", "pmvd"}
        Which credit.
    seed : int
        Of the random orders, where there are too many players for all of them.
    """

    groups: tuple[tuple[int, ...], ...]
    always: int
    method: str = "lmg"
    seed: int = 1

    @property
    def p(self) -> int:
        """Players."""
        return len(self.groups)

    @property
    def q(self) -> int:
        """Columns of all players."""
        return sum(len(g) for g in self.groups)

    @property
    def k(self) -> int:
        """How many players are "the 20%"."""
        return ceil(0.2 * self.p - 1e-9)

    @property
    def exact(self) -> bool:
        """Whether the estimate itself walks all subsets."""
        return self.p <= EXACT_LIMIT

    def columns_of(self, players: Sequence[int]) -> list[int]:
        """Return the columns of some players."""
        return [c for player in players for c in self.groups[player]]

    def room(self, n: float) -> float:
        """Return n after the controls' columns are taken off."""
        return n - (self.always - 1)

    def sufficiency(self, corr: Array, players: Sequence[int], whole: Array, n: float, replicate: bool) -> Array:
        """Return ψ of given players, not clipped: their adjusted R² as part of everybody's, `whole`."""
        columns = self.columns_of(players)
        reached = adjust(subset_score(corr, columns), self.room(n), len(columns), replicate)
        return np.asarray(np.divide(reached, whole, out=np.full_like(reached, np.nan), where=whole > 0))

    def everybody(self, corr: Array, n: float, replicate: bool) -> tuple[Array, Array]:
        """Return all players' direct effects, and their adjusted R² together."""
        direct, r2, _ = direct_effects(corr, self.groups, self.room(n), replicate)
        return np.maximum(direct, 0.0), adjust(r2, self.room(n), self.q, replicate)

    def cumulative(self, corr: Array, order: Sequence[int], n: float, replicate: bool) -> Array:
        """Return ψ of the first, the first two … of all players in an order: shape (p, R), not clipped."""
        m = self.room(n)
        ends = np.cumsum([len(self.groups[i]) for i in order])
        reached = chain_r2(corr, self.columns_of(order))[ends - 1]
        scores = adjust(reached, m, ends[:, None], replicate)
        whole = np.broadcast_to(scores[-1], scores.shape)
        return np.asarray(np.divide(scores, whole, out=np.full_like(scores, np.nan), where=whole > 0))

    def best(self, corr: Array, n: float) -> tuple[int, ...]:
        """Return the K players that predict most together."""
        chosen, _ = self._top(corr[:1], self.room(n), False, SETS)
        return tuple(sorted(int(i) for i in chosen[0]))

    def _top(
        self, corr: Array, m: float, replicate: bool, limit: int
    ) -> tuple[npt.NDArray[np.int64] | npt.NDArray[np.intp], Array]:
        """Return the best K players of each matrix and their adjusted R²."""

        def score(r2: Array, columns: Array) -> Array:
            return adjust(r2, m, columns, replicate)

        search = best_of_size if comb(self.p, self.k) <= limit else best_forward
        return search(corr, self.groups, self.k, score)

    def estimate(
        self,
        moments: Array,
        n: float,
        *,
        replicate: bool = False,
        anchor: Estimates | None = None,
        credit: bool = True,
    ) -> Estimates:
        """Return the figures of a batch of cross products.

        Parameters
        ----------
        moments : array of shape (R, m, m)
            Cross products of ``[1, controls…, columns…, score]``.
        n : float
            Responses (Kish).
        replicate : bool, default False
            Whether these are bootstrap replicates.
        anchor : Estimates, optional
            The estimate that replicates belong to; used above `REPLICATE_LIMIT` players.
        credit : bool, default True
            Whether fair credit is wanted: the verdict itself needs none, and without it `credit` is empty.

        Returns
        -------
        Estimates
            One value per matrix.
        """
        corr, left = correlations(moments, self.always)
        m = self.room(n)
        effects, partial, slopes = direct_effects(corr, self.groups, m, replicate)
        whole = adjust(partial, m, self.q, replicate)
        subsets: Subsets | None = None
        se: Array | None = None
        if not credit:
            shared = np.zeros((self.p, len(corr)))
            _, top = self._top(corr, m, replicate, REPLICATE_SETS)
        elif replicate:
            shared, top = self._replicates(corr, m, partial, anchor)
        elif self.exact:
            subsets = walk_subsets(
                corr[0],
                self.groups,
                self.k,
                lambda r2, columns: adjust(r2, m, columns, False),
                GOAL * float(whole[0]),
                self.p <= REPLICATE_LIMIT,
            )
            shared, top = subsets.credit[:, None], subsets.best[self.k : self.k + 1]
            if self.method == "pmvd" and subsets.values is not None:
                shared = pmvd(subsets.values[:, None])
        else:
            orders = random_orders(self.p, max(ORDERS // (2 * self.p), 20), self.seed)
            shared, se = permutation_credit(corr, self.groups, orders)
            shared = _scaled(shared, partial)
            se = se / np.maximum(partial, PIVOT)
            _, top = self._top(corr, m, False, SETS)
        psi = np.divide(top, whole, out=np.full_like(top, np.nan), where=whole > 0)
        positive = partial > PIVOT
        shares = np.divide(shared, partial, out=np.zeros_like(shared), where=positive)
        return Estimates(partial * left, partial, 1 - left, shares, effects, psi, corr, slopes, subsets, se)

    def _replicates(self, corr: Array, m: float, partial: Array, anchor: Estimates | None) -> tuple[Array, Array]:
        """Return credit and the best K players' adjusted R² of each replicate."""
        if self.p <= REPLICATE_LIMIT:
            if self.method == "pmvd":
                _, top = self._top(corr, m, True, REPLICATE_SETS)
                block = int(np.clip((1 << 18) >> self.p, 1, 64))
                parts = [corr[i : i + block] for i in range(0, len(corr), block)]
                return np.concatenate([pmvd(subset_r2(part, self.groups)) for part in parts], axis=1), top
            return credit_many(corr, self.groups, self.k, lambda r2, columns: adjust(r2, m, columns, True))
        orders = random_orders(self.p, 1, self.seed, REPLICATE_SHIFTS)
        credit, _ = permutation_credit(corr, self.groups, orders)
        if anchor is not None:
            base, _ = permutation_credit(anchor.corr, self.groups, orders)
            credit = credit - base + anchor.credit * anchor.partial
        return _scaled(credit, partial), self._top(corr, m, True, REPLICATE_SETS)[1]


def _scaled(credit: Array, whole: Array) -> Array:
    """Let credit sum to what all predict: a hair off where aliased columns add nothing."""
    total = credit.sum(axis=0)
    return np.asarray(credit * np.divide(whole, total, out=np.ones_like(total), where=total > PIVOT))
