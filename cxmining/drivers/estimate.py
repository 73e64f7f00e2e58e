"""From cross products to the figures of the analysis: R², fair credit, direct effect, sufficiency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
import numpy.typing as npt

from cxmining.drivers.lattice import EXACT_LIMIT, PIVOT, chain_r2, correlations, inverse, popcount, subset_r2
from cxmining.drivers.permute import best_forward, permutation_credit, random_orders
from cxmining.drivers.shapley import lmg, pmvd

__all__ = ["Estimates", "Problem", "adjust", "direct_effects", "subset_score"]

Array = npt.NDArray[np.float64]
Groups = Sequence[Sequence[int]]

REPLICATE_LIMIT: Final = 16
"""Players up to which every bootstrap replicate walks all subsets too."""

ORDERS: Final = 2000
"""Antithetic pairs of orders for the estimate itself above `EXACT_LIMIT`."""

REPLICATE_ORDERS: Final = 24
"""Antithetic pairs of orders per replicate above `REPLICATE_LIMIT`: the same ones in each, and only
the difference to the estimate is used, so that their own noise cancels."""


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


def direct_effects(corr: Array, groups: Groups, n: float, replicate: bool) -> Array:
    """Return each player's direct effect: the variance of its own part of the prediction.

    ``b' S b - tr(S V)`` over the player's columns (S their covariance, V that of the coefficients b),
    floored at 0; the trace is what b' S b is too large by on average, twice that in a replicate.

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
    array of shape (p, R)
        Direct effects, in parts of the score's variance.

    Examples
    --------
    >>> corr = np.array([[[1.0, 0.0, 0.6], [0.0, 1.0, 0.0], [0.6, 0.0, 1.0]]])
    >>> direct_effects(corr, [[0], [1]], 1e9, False).round(2).ravel().tolist()
    [0.36, 0.0]
    """
    q = corr.shape[1] - 1
    inverted = inverse(corr[:, :q, :q])
    b = np.matmul(inverted, corr[:, :q, q, None])[:, :, 0]
    r2 = np.clip(np.einsum("ri,ri->r", b, corr[:, :q, q]), 0.0, 1.0)
    noise = (2.0 if replicate else 1.0) * (1 - r2) / max(n - q - 1, 1.0)
    result = np.empty((len(groups), len(corr)))
    for player, group in enumerate(groups):
        g = np.asarray(group)
        inside = corr[:, g[:, None], g]
        own = np.einsum("ri,rij,rj->r", b[:, g], inside, b[:, g])
        result[player] = own - noise * np.einsum("rij,rji->r", inside, inverted[:, g[:, None], g])
    return np.maximum(result, 0.0)


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
    direct : array of shape (p, R)
        Direct effects.
    psi : array of shape (R,)
        Sufficiency of the best K players, not clipped.
    corr : array of shape (R, q + 1, q + 1)
        Correlations given the controls.
    values : array of shape (2^p, R), optional
        R² per subset, kept for the data themselves.
    credit_se : array of shape (p, R), optional
        Standard error of `credit` from the random orders, where not all subsets were walked.
    """

    r2: Array
    partial: Array
    controls: Array
    credit: Array
    direct: Array
    psi: Array
    corr: Array
    values: Array | None = None
    credit_se: Array | None = None


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

    def widths(self) -> Array:
        """Return the number of columns of each of the 2^p subsets."""
        width = np.zeros(1)
        for group in self.groups:
            width = np.concatenate([width, width + len(group)])
        return width

    def room(self, n: float) -> float:
        """Return n after the controls' columns are taken off."""
        return n - (self.always - 1)

    def sufficiency(self, corr: Array, players: Sequence[int], n: float, replicate: bool) -> Array:
        """Return ψ of given players, not clipped: their adjusted R² as part of everybody's."""
        rest = [i for i in range(self.p) if i not in players]
        return np.asarray(self.cumulative(corr, [*players, *rest], n, replicate)[len(players) - 1])

    def cumulative(self, corr: Array, order: Sequence[int], n: float, replicate: bool) -> Array:
        """Return ψ of the first, the first two … of all players in an order: shape (p, R), not clipped."""
        m = self.room(n)
        ends = np.cumsum([len(self.groups[i]) for i in order])
        reached = chain_r2(corr, self.columns_of(order))[ends - 1]
        scores = adjust(reached, m, ends[:, None], replicate)
        whole = np.broadcast_to(scores[-1], scores.shape)
        return np.asarray(np.divide(scores, whole, out=np.full_like(scores, np.nan), where=whole > 0))

    def best(self, corr: Array, values: Array | None, n: float) -> tuple[int, ...]:
        """Return the K players that predict most together."""
        m = self.room(n)
        if values is None:
            chosen, _ = best_forward(corr[:1], self.groups, self.k, lambda v, c: adjust(v, m, c, False))
            return tuple(sorted(int(i) for i in chosen[0]))
        index = np.flatnonzero(popcount(self.p) == self.k)
        scores = adjust(values[index, 0], m, self.widths()[index], False)
        mask = int(index[int(np.argmax(scores))])
        return tuple(i for i in range(self.p) if mask >> i & 1)

    def estimate(
        self, moments: Array, n: float, *, replicate: bool = False, anchor: Estimates | None = None
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

        Returns
        -------
        Estimates
            One value per matrix.
        """
        corr, left = correlations(moments, self.always)
        m = self.room(n)
        exact = self.p <= (REPLICATE_LIMIT if replicate else EXACT_LIMIT)
        direct = direct_effects(corr, self.groups, m, replicate)
        values: Array | None = None
        se: Array | None = None
        if exact:
            partial, credit, psi, values = self._walk(corr, m, replicate)
        else:
            partial, credit, psi, se = self._sample(corr, m, replicate, anchor)
            se = se / np.maximum(partial, PIVOT)
        positive = partial > PIVOT
        shares = np.divide(credit, partial, out=np.zeros_like(credit), where=positive)
        return Estimates(partial * left, partial, 1 - left, shares, direct, psi, corr, values, se)

    def _walk(self, corr: Array, m: float, replicate: bool) -> tuple[Array, Array, Array, Array | None]:
        count = len(corr)
        block = int(np.clip((1 << 18) >> self.p, 1, 64))
        index = np.flatnonzero(popcount(self.p) == self.k)
        widths = self.widths()[index][:, None]
        partial, psi = np.empty(count), np.empty(count)
        credit = np.empty((self.p, count))
        values: Array | None = None
        share_out = pmvd if self.method == "pmvd" else lmg
        for begin in range(0, count, block):
            part = slice(begin, min(begin + block, count))
            values = subset_r2(corr[part], self.groups)
            partial[part] = values[-1]
            credit[:, part] = share_out(values)
            whole = adjust(values[-1], m, self.q, replicate)
            top = adjust(values[index], m, widths, replicate).max(axis=0)
            psi[part] = np.divide(top, whole, out=np.full_like(top, np.nan), where=whole > 0)
        return partial, credit, psi, None if replicate else values

    def _sample(
        self, corr: Array, m: float, replicate: bool, anchor: Estimates | None
    ) -> tuple[Array, Array, Array, Array]:
        partial = subset_score(corr, range(self.q))
        pairs = REPLICATE_ORDERS if replicate else ORDERS
        orders = random_orders(self.p, pairs, self.seed)
        credit, se = permutation_credit(corr, self.groups, orders)
        if anchor is not None:
            base, _ = permutation_credit(anchor.corr, self.groups, orders)
            credit = credit - base + anchor.credit * anchor.partial
        total = credit.sum(axis=0)  # a hair off by what keeps aliased columns factorable
        credit *= np.divide(partial, total, out=np.ones_like(total), where=total > PIVOT)
        _, top = best_forward(corr, self.groups, self.k, lambda v, c: adjust(v, m, c, replicate))
        whole = adjust(partial, m, self.q, replicate)
        psi = np.divide(top, whole, out=np.full_like(top, np.nan), where=whole > 0)
        return partial, credit, psi, se
