"""How often journeys of two groups have a touchpoint or walk an edge: shares, clustered by customer."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine.coded import Ints
from cxmining.journeys.comparing.pair import Pair

__all__ = ["compare_shares"]

Floats = npt.NDArray[np.float64]

ENOUGH = 10
"""Customers with a cell from whom its own design effect is taken; with fewer, that of both groups together."""
LEAST_DESIGN = 0.05


def compare_shares(pair: Pair, *, level: float = 0.95) -> pd.DataFrame:
    """Compare, per touchpoint and edge, the share of journeys that have it.

    Journeys of one customer are alike, so each group's variance is the binomial one times its design effect: the
    ratio of the variance of the residuals summed per customer to that of the residuals of journeys (Rao and Scott
    1992), and the covariance of customers in both groups is subtracted. The test takes the variance under no
    difference and, because shares of rare cells are skewed, a Pearson III tail with the third moment, half a
    journey closer to no difference (Mielke and Berry 2007; Yates 1934), but never a lighter tail than Student's
    with the number of customers. The interval joins Wilson's intervals at the effective numbers of journeys
    (Newcombe 1998, method 10).

    Parameters
    ----------
    pair : Pair
    level : float, default 0.95

    Returns
    -------
    DataFrame
        One row per cell of the pair: ``a``, ``b`` (shares), ``difference``, ``low``, ``high``, ``odds_ratio`` (half
        a journey added to each count where one is 0), ``cohens_h``, ``n_a``, ``n_b`` (journeys that have it),
        ``customers_a``, ``customers_b``, ``customers`` (different ones), ``p`` (missing where all journeys or none
        have it).
    """
    k, customers, together, clustered, cross = _sums(pair)
    size = np.array(pair.journeys, dtype=float)[None, :]
    people = np.array(pair.customers, dtype=float)[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = k / size
        noise = share * (1 - share)
        design = clustered / (size * noise) * people / np.maximum(people - 1, 1)
        pooled = np.nansum(clustered, axis=1) / np.nansum(size * noise, axis=1)
        design = np.where(customers >= ENOUGH, design, pooled[:, None])
        design = np.maximum(np.where(np.isfinite(design), design, 1.0), LEAST_DESIGN)
        effective = size / design
        correlation = cross / size.prod() / np.sqrt((noise / effective).prod(axis=1))
        correlation = np.clip(np.nan_to_num(correlation), -0.99, 0.99)
        difference = share[:, 0] - share[:, 1]
        low, high = _interval(share, effective, correlation, people, level)
        p = _test(share, effective, size, correlation, people)
        odds = k + np.where(((k == 0) | (k == size)).any(axis=1), 0.5, 0.0)[:, None]
        rest = size - k + np.where(((k == 0) | (k == size)).any(axis=1), 0.5, 0.0)[:, None]
        ratio = (odds[:, 0] / rest[:, 0]) / (odds[:, 1] / rest[:, 1])
    h = 2 * (np.arcsin(np.sqrt(share[:, 0])) - np.arcsin(np.sqrt(share[:, 1])))
    return pd.DataFrame(
        {
            "a": share[:, 0],
            "b": share[:, 1],
            "difference": difference,
            "low": low,
            "high": high,
            "odds_ratio": ratio,
            "cohens_h": h,
            "n_a": k[:, 0].astype(np.int64),
            "n_b": k[:, 1].astype(np.int64),
            "customers_a": customers[:, 0].astype(np.int64),
            "customers_b": customers[:, 1].astype(np.int64),
            "customers": together.astype(np.int64),
            "p": p,
        }
    )


def _sums(pair: Pair) -> tuple[Any, Floats, Ints, Any, Floats]:
    """Return journeys and customers with each cell per group, both groups' customers, and squared customer sums."""
    n, people = pair.n_cells, pair.n_customers
    cells = pair.cells
    side = cells.cell * 2 + pair.group[cells.journey]
    units, x = np.unique(side * people + pair.customer[cells.journey], return_counts=True)
    of, who = units // people, units % people
    k = np.bincount(of, weights=x, minlength=2 * n).reshape(n, 2)
    customers = np.bincount(of, minlength=2 * n).reshape(n, 2).astype(float)
    m = pair.journeys_per_customer.astype(float)
    total = m.sum(axis=1)
    share = k / total
    mine = m[of % 2, who]
    # Σ (x − p m)² over all customers, of whom only those with the cell need to be listed.
    squares = np.bincount(of, weights=x.astype(float) ** 2, minlength=2 * n).reshape(n, 2)
    products = np.bincount(of, weights=x * mine, minlength=2 * n).reshape(n, 2)
    clustered = squares - 2 * share * products + share**2 * (m**2).sum(axis=1)
    together = customers.sum(axis=1)
    cross = np.zeros(n)
    if pair.shared_customers:
        a, b = of % 2 == 0, of % 2 == 1
        keys = (of // 2) * people + who
        common, left, right = np.intersect1d(keys[a], keys[b], assume_unique=True, return_indices=True)
        together -= np.bincount(common // people, minlength=n)
        np.add.at(cross, common // people, (x[a][left] * x[b][right]).astype(float))
        other = np.bincount(of, weights=x * m[1 - of % 2, who], minlength=2 * n).reshape(n, 2)
        cross += -share[:, 1] * other[:, 0] - share[:, 0] * other[:, 1] + share.prod(axis=1) * (m[0] * m[1]).sum()
    return k, customers, together.astype(np.int64), clustered, cross


def _interval(
    share: Floats, effective: Floats, correlation: Floats, people: Floats, level: float
) -> tuple[Floats, Floats]:
    from scipy.special import stdtrit

    z = stdtrit(np.maximum(people - 1, 1), 0.5 + level / 2)
    centre = (share + z**2 / (2 * effective)) / (1 + z**2 / effective)
    half = z / (1 + z**2 / effective) * np.sqrt(share * (1 - share) / effective + z**2 / (4 * effective**2))
    down, up = share - np.maximum(centre - half, 0), np.minimum(centre + half, 1) - share
    gap = share[:, 0] - share[:, 1]
    below = down[:, 0] ** 2 + up[:, 1] ** 2 - 2 * correlation * down[:, 0] * up[:, 1]
    above = up[:, 0] ** 2 + down[:, 1] ** 2 - 2 * correlation * up[:, 0] * down[:, 1]
    known = (people > 1).all()
    low, high = gap - np.sqrt(np.maximum(below, 0)), gap + np.sqrt(np.maximum(above, 0))
    return (low, high) if known else (np.full_like(low, np.nan), np.full_like(high, np.nan))


def _test(share: Floats, effective: Floats, size: Floats, correlation: Floats, people: Floats) -> Floats:
    from scipy.special import stdtr

    gap = share[:, 0] - share[:, 1]
    pooled = (share * effective).sum(axis=1) / effective.sum(axis=1)
    noise = pooled * (1 - pooled)
    per = 1 / effective
    spread = noise * (per.sum(axis=1) - 2 * correlation * np.sqrt(per.prod(axis=1)))
    third = noise * (1 - 2 * pooled) * (per[:, 0] ** 2 - per[:, 1] ** 2)
    step = (1 / size).sum() / 2
    se = np.sqrt(spread)
    z = np.maximum(np.abs(gap) - step, 0) / se
    p = 2 * np.minimum(_pearson_tail(z, np.sign(gap) * third / se**3), 0.5)
    p = np.maximum(p, 2 * stdtr(np.maximum(people.sum() - 2, 1), -z))
    return cast(Floats, np.where((spread > 0) & (people > 1).all(), np.minimum(p, 1), np.nan))


def _pearson_tail(z: Floats, skew: Floats) -> Floats:
    """P(Z > z) of Pearson's type III with mean 0, variance 1 and this skewness; z is not negative."""
    from scipy.special import gammainc, gammaincc, ndtr

    flat = ~(np.abs(skew) > 1e-4)
    g = np.where(flat, 1.0, np.abs(skew))
    k = 4 / g**2
    right = gammaincc(k, k + np.sqrt(k) * z)
    left = gammainc(k, np.maximum(k - np.sqrt(k) * z, 0))
    return cast(Floats, np.where(flat, ndtr(-z), np.where(skew > 0, right, left)))
