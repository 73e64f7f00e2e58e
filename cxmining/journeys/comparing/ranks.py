"""Times, counts and scores of two groups, many cells at once: ranks, medians and means, clustered by customer."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine.coded import Ints

__all__ = ["compare_values"]

Floats = npt.NDArray[np.float64]


def compare_values(
    cell: Ints, group: Ints, customer: Ints, value: Floats, n_cells: int, *, level: float = 0.95
) -> pd.DataFrame:
    """Compare the values of two groups in each cell.

    The effect is Cliff's delta, P(a > b) − P(a < b): no unit, and indifferent to long tails. Its variance is that
    of the placements summed per customer (Obuchowski 1997), so several values of one customer, also in both
    groups, are not taken for independent; it is never taken smaller than the variance under no difference
    (Mann and Whitney 1947, with ties, at the effective number of values), which keeps complete separation of a few
    customers from looking certain. t with Welch and Satterthwaite's degrees of freedom.

    Parameters
    ----------
    cell, group, customer : ndarray of int64
        Which cell (0 to `n_cells`), group (0: a, 1: b) and customer each value is of.
    value : ndarray of float
        No missing ones.
    n_cells : int
    level : float, default 0.95

    Returns
    -------
    DataFrame
        One row per cell: ``n_a``, ``n_b``, ``customers_a``, ``customers_b``, ``mean_a``, ``mean_b``,
        ``median_a``, ``median_b``, ``mean_low`` to ``mean_high`` (of the difference of means, linearised),
        ``median_low`` to ``median_high`` (of that of medians: Woodruff 1952 per group, joined by Zou and Donner's
        square-and-add 2008), ``delta``, ``delta_low``, ``delta_high``, ``p``.

    Examples
    --------
    >>> one = compare_values(
    ...     np.zeros(6, int), np.array([0, 0, 0, 1, 1, 1]), np.arange(6), np.array([5.0, 6, 7, 1, 2, 6]), 1
    ... )
    >>> one[["median_a", "median_b", "delta"]].round(3).values.tolist()
    [[6.0, 2.0, 0.667]]
    """
    from scipy.special import stdtr, stdtrit

    order = np.lexsort((value, cell))
    cell, group, customer, value = cell[order], group[order], customer[order], value[order]
    side = cell * 2 + group
    n = np.bincount(side, minlength=2 * n_cells).reshape(n_cells, 2).astype(float)
    people = int(customer.max()) + 1 if len(customer) else 1
    units, unit = np.unique(side * people + customer, return_inverse=True)
    unit_side = units // people
    clusters: Floats = np.bincount(unit_side, minlength=2 * n_cells).reshape(n_cells, 2).astype(float)
    placed, ties = _placements(cell, group, value, n)

    with np.errstate(divide="ignore", invalid="ignore"):
        small = np.sqrt(clusters / (clusters - 1))  # as the variance of G sums has G − 1 degrees of freedom
        per = (small / n).ravel()[side]
        mean = np.bincount(side, weights=value, minlength=2 * n_cells).reshape(n_cells, 2) / n
        at = np.bincount(side, weights=placed, minlength=2 * n_cells).reshape(n_cells, 2) / n
        theta = at[:, 0]
        median, sorted_values, starts = _medians(side, value, n)
        influence = {
            "delta": (placed - at.ravel()[side]) * per,
            "mean": (value - mean.ravel()[side]) * per * np.where(group == 0, 1.0, -1.0),
            "median": ((value <= median.ravel()[side]) - 0.5) * per * np.where(group == 0, 1.0, -1.0),
        }
        both = _shared(group, customer, people)
        variance, cov = {}, {}
        for what, u in influence.items():
            sums = np.bincount(unit, weights=u, minlength=len(units))
            variance[what] = np.bincount(unit_side, weights=sums**2, minlength=2 * n_cells).reshape(n_cells, 2)
            cov[what] = _covariance(units, sums, both, people, n_cells)

        alone = np.bincount(side, weights=influence["delta"] ** 2, minlength=2 * n_cells).reshape(n_cells, 2)
        effective = np.where(alone > 0, n * alone / variance["delta"], clusters)
        under_none = (effective.sum(axis=1) + 1) / (12 * effective.prod(axis=1)) * ties
        spread = np.fmax(variance["delta"].sum(axis=1), under_none) + 2 * cov["delta"]
        spread = np.where(spread > 0, spread, under_none)
        freedom = _satterthwaite(variance["delta"], clusters)
        t = _quantile_of_t(stdtrit, freedom, level)
        se = np.sqrt(spread)
        delta = 2 * theta - 1
        p = np.where(se > 0, 2 * stdtr(freedom, -np.abs(theta - 0.5) / se), np.nan)

        mean_se = np.sqrt(np.maximum(variance["mean"].sum(axis=1) + 2 * cov["mean"], 0))
        mean_t = _quantile_of_t(stdtrit, _satterthwaite(variance["mean"], clusters), level)
        gap = mean[:, 0] - mean[:, 1]
        low, high = _woodruff(median, np.sqrt(variance["median"]), cov["median"], t, sorted_values, starts, n)
    return pd.DataFrame(
        {
            "n_a": n[:, 0].astype(np.int64),
            "n_b": n[:, 1].astype(np.int64),
            "customers_a": clusters[:, 0].astype(np.int64),
            "customers_b": clusters[:, 1].astype(np.int64),
            "mean_a": mean[:, 0],
            "mean_b": mean[:, 1],
            "median_a": median[:, 0],
            "median_b": median[:, 1],
            "mean_low": gap - mean_t * mean_se,
            "mean_high": gap + mean_t * mean_se,
            "median_low": low,
            "median_high": high,
            "delta": delta,
            "delta_low": np.maximum(delta - 2 * t * se, -1),
            "delta_high": np.minimum(delta + 2 * t * se, 1),
            "p": p,
        }
    )


def _placements(cell: Ints, group: Ints, value: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Return per value the share of the other group that loses (a) or wins (b), and per cell the ties' factor."""
    if not len(cell):
        return np.zeros(0), np.ones(len(n))
    new = np.ones(len(cell), dtype=bool)
    new[1:] = (cell[1:] != cell[:-1]) | (value[1:] != value[:-1])
    tie = np.cumsum(new) - 1
    of = cell[new]
    inside = np.stack([np.bincount(tie, weights=group == g, minlength=len(of)) for g in (0, 1)])
    before = np.cumsum(inside, axis=1) - inside
    first = np.searchsorted(of, of)  # the first tie of the same cell
    below = before - before[:, first]
    with np.errstate(divide="ignore", invalid="ignore"):
        beaten = (below[1] + inside[1] / 2) / n[of, 1]
        beats = 1 - (below[0] + inside[0] / 2) / n[of, 0]
        size = inside.sum(axis=0)
        total = n.sum(axis=1)
        loss = np.bincount(of, weights=size**3 - size, minlength=len(n)) / (total**3 - total)
    return np.where(group == 0, beaten[tie], beats[tie]), 1 - np.nan_to_num(loss)


def _medians(side: Ints, value: Floats, n: Floats) -> tuple[Floats, Floats, Ints]:
    order = np.argsort(side, kind="stable")  # values are sorted inside a cell already
    starts = np.concatenate([[0], np.cumsum(n.ravel())]).astype(np.int64)
    values = value[order]
    return _quantile(values, starts, n, np.full(n.shape, 0.5)), values, starts


def _quantile(values: Floats, starts: Ints, n: Floats, q: Floats) -> Floats:
    """Quantile `q` of each sorted run, linear between neighbours, missing for an empty one or an unknown `q`."""
    out = np.full(n.shape, np.nan)
    some = (n > 0) & ~np.isnan(q)
    place = np.clip(q[some], 0, 1) * (n[some] - 1)
    low = np.floor(place).astype(np.int64)
    start = starts[:-1].reshape(n.shape)[some]
    below = values[start + low]
    above = values[start + np.minimum(low + 1, n[some].astype(np.int64) - 1)]
    out[some] = below + (above - below) * (place - low)
    return out


def _shared(group: Ints, customer: Ints, people: int) -> bool:
    sides = [np.bincount(customer[group == g], minlength=people) > 0 for g in (0, 1)]
    return bool((sides[0] & sides[1]).any())


def _covariance(units: Ints, sums: npt.NDArray[Any], both: bool, people: int, n_cells: int) -> Floats:
    """Return per cell the sum, over customers in both groups, of the product of their two contributions."""
    out = np.zeros(n_cells)
    if not both:
        return out
    side = units // people
    keys = (side // 2) * people + units % people
    a, b = side % 2 == 0, side % 2 == 1
    common, left, right = np.intersect1d(keys[a], keys[b], assume_unique=True, return_indices=True)
    np.add.at(out, common // people, sums[a][left] * sums[b][right])
    return out


def _satterthwaite(variance: npt.NDArray[Any], clusters: Floats) -> Floats:
    total = variance.sum(axis=1) ** 2
    parts = (variance**2 / (clusters - 1)).sum(axis=1)
    return cast(Floats, np.where(parts > 0, total / parts, clusters.min(axis=1) - 1))


def _quantile_of_t(stdtrit: Any, freedom: Floats, level: float) -> Floats:
    t = np.full(len(freedom), np.nan)
    known = freedom > 1e-9
    t[known] = stdtrit(freedom[known], 0.5 + level / 2)
    return t


def _woodruff(
    median: Floats, se: Floats, cov: Floats, t: Floats, values: Floats, starts: Ints, n: Floats
) -> tuple[Floats, Floats]:
    half = t[:, None] * se
    # Beyond the smallest or largest value nothing is known: such an interval stays missing.
    beyond = (half >= 0.5) | np.isnan(half)
    half = np.where(beyond, np.nan, half)
    low = median - _quantile(values, starts, n, 0.5 - half)
    high = _quantile(values, starts, n, 0.5 + half) - median
    r = np.nan_to_num(np.clip(cov / (se[:, 0] * se[:, 1]), -1, 1))
    # `cov` is of signed contributions, so b's part already bears its minus.
    gap = median[:, 0] - median[:, 1]
    down = np.sqrt(np.maximum(low[:, 0] ** 2 + high[:, 1] ** 2 + 2 * r * low[:, 0] * high[:, 1], 0))
    up = np.sqrt(np.maximum(high[:, 0] ** 2 + low[:, 1] ** 2 + 2 * r * high[:, 0] * low[:, 1], 0))
    return gap - down, gap + up
