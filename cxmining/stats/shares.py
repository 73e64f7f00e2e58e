"""Shares, means on a scale and net shares of answers that weigh differently, or of which a customer gave several.

All rest on one number: how many independent answers, of equal weight, would be as precise. From it come Wilson's
interval for a share (Korn and Graubard 1998) and Tango's (1998) for the difference of two shares of one sample, which
is what a Net Promoter Score is: both keep within the scale and stay honest where all answers are equal.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import StudyError
from cxmining.stats.intervals import Interval, wilson

__all__ = ["Design", "design_of", "net_share", "scale_mean", "share_interval"]

Floats = npt.NDArray[np.float64]
_STEPS = 60  # of halving: far below what a float can tell apart


class Design(NamedTuple):
    """The weighted mean of values, its variance and degrees of freedom, and how many there are.

    ``n`` counts values, ``people`` the customers behind them, ``effective`` is Kish's effective n of the weights.
    """

    mean: float
    variance: float
    freedom: float
    n: int
    people: int
    effective: float


def design_of(values: npt.ArrayLike, weights: npt.ArrayLike | None = None, cluster: Any | None = None) -> Design:
    """Return the mean of values with its variance by customers.

    The variance is that of the weighted sums of errors per customer (linearised), times G / (G - 1), with G - 1
    degrees of freedom. G is the effective number of customers, the square of the sum of their weights over the sum of
    the squares: customers who answered often, or weigh much, are fewer than they look (Carter, Schnepel and
    Steigerwald 2017). With one answer each, of equal weight, it is the variance of a sample mean.

    Parameters
    ----------
    values : array-like of float
        Missing ones are left out.
    weights : array-like of float, optional
        Not negative; a value without one is left out.
    cluster : array-like, optional
        Whose value it is; a missing one is somebody's own.

    Returns
    -------
    Design
        With no value, or no weight, the mean is missing.

    Examples
    --------
    >>> design_of([7, 8, 9])
    Design(mean=8.0, variance=0.3333333333333333, freedom=2.0, n=3, people=3, effective=3.0)
    """
    x = _numbers(values)
    w = np.ones(len(x)) if weights is None else _numbers(weights)
    if (w < 0).any():
        raise StudyError(f"weights must not be negative; the lowest is {np.nanmin(w):g}")
    use = ~np.isnan(x) & ~np.isnan(w)
    who = np.arange(len(x)) if cluster is None else pd.factorize(pd.Series(cluster).reset_index(drop=True))[0]
    x, w, who = x[use], w[use], who[use]
    n, total = len(x), float(w.sum())
    if not n or total <= 0:
        return Design(float("nan"), float("nan"), 0.0, n, 0, 0.0)
    alone = who < 0
    who = np.unique(np.where(alone, who.max() + 1 + np.arange(n), who), return_inverse=True)[1]
    mean = float((w * x).sum() / total)
    heavy = np.bincount(who, weights=w)
    size = total**2 / float((heavy**2).sum())
    people = int(np.count_nonzero(heavy > 0))
    effective = total**2 / float((w * w).sum())
    if size <= 1 + 1e-9:
        return Design(mean, float("nan"), 0.0, n, people, effective)
    sums = np.bincount(who, weights=w * (x - mean))
    variance = size / (size - 1) * float((sums**2).sum()) / total**2
    return Design(mean, variance, size - 1, n, people, effective)


def _numbers(values: npt.ArrayLike) -> Floats:
    numbers = pd.to_numeric(pd.Series(values)).astype("Float64")
    return np.asarray(numbers.to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)


def _as_precise(spread: float, design: Design, level: float) -> float:
    """Return of how many plain answers the mean is as precise; `spread` is the variance of one of them."""
    from scipy.special import stdtrit

    if design.people == design.n and design.effective > design.n - 1e-9:
        return float(design.n)
    if design.variance != design.variance:
        return 1.0
    if spread <= 0 or design.variance <= 0:
        return design.freedom + 1
    # what few customers say of the variance is itself uncertain (Korn and Graubard 1998)
    plain, own = stdtrit([design.n - 1, design.freedom], 0.5 + level / 2)
    size = 1 + spread / design.variance * float(plain / own) ** 2
    return min(size, float(design.n))


def share_interval(
    hit: npt.ArrayLike, weights: npt.ArrayLike | None = None, cluster: Any | None = None, level: float = 0.95
) -> Interval:
    """Return a share with Wilson's interval at the effective n.

    Parameters
    ----------
    hit : array-like of bool or float
        1 where it holds; missing ones are left out.
    weights, cluster : array-like, optional
        As of `design_of`.
    level : float, default 0.95

    Returns
    -------
    Interval

    Examples
    --------
    >>> share_interval([1] * 8 + [0] * 2) == wilson(8, 10)
    True
    >>> p, low, high, n = share_interval([1, 1, 0, 0], cluster=["a", "a", "b", "b"])
    >>> p, round(low, 2), round(high, 2), n  # two customers, who agree with themselves
    (0.5, 0.06, 0.94, 4)
    """
    design = design_of(hit, weights, cluster)
    if not design.n or design.mean != design.mean:
        return Interval(float("nan"), float("nan"), float("nan"), design.n)
    p = min(max(design.mean, 0.0), 1.0)
    size = _as_precise(p * (1 - p), design, level)
    found = wilson(p * size, size, level)
    return Interval(p, float(found.low), float(found.high), design.n)


def scale_mean(
    values: npt.ArrayLike,
    scale: tuple[float, float],
    weights: npt.ArrayLike | None = None,
    cluster: Any | None = None,
    level: float = 0.95,
) -> Interval:
    """Return the mean of answers on a scale with its t interval, kept within the scale.

    Where all answers are equal their spread is not known, but it is known how rare other answers can be: at most
    Wilson's upper end for none of the effective n. The interval then is what they could do to the mean.

    Parameters
    ----------
    values : array-like of float
    scale : (float, float)
        Lowest and highest answer.
    weights, cluster : array-like, optional
        As of `design_of`.
    level : float, default 0.95

    Returns
    -------
    Interval
        Missing ends with one customer.

    Examples
    --------
    >>> mean, low, high, n = scale_mean([4, 4, 5, 5, 5], (1, 5))
    >>> mean, round(low, 2), high, n
    (4.6, 3.92, 5, 5)
    >>> mean, low, high, n = scale_mean([4] * 20, (1, 5))
    >>> mean, round(low, 2), round(high, 2), n
    (4.0, 3.52, 4.16, 20)
    """
    from scipy.special import stdtrit

    design = design_of(values, weights, cluster)
    mean, (bottom, top) = design.mean, scale
    if design.freedom <= 0:
        return Interval(mean, float("nan"), float("nan"), design.n)
    if design.variance <= 1e-24 * max(1.0, abs(mean)) ** 2:
        other = float(wilson(0, design.freedom + 1, level).high)
        return Interval(mean, mean - other * (mean - bottom), mean + other * (top - mean), design.n)
    half = float(stdtrit(design.freedom, 0.5 + level / 2)) * design.variance**0.5
    return Interval(mean, max(mean - half, bottom), min(mean + half, top), design.n)


def net_share(
    points: npt.ArrayLike, weights: npt.ArrayLike | None = None, cluster: Any | None = None, level: float = 0.95
) -> Interval:
    """Return the share of the ones less that of the minus ones, with Tango's score interval (1998).

    The variance is the multinomial one, p + d - (p - d)² over the effective n, taken at each value that is tried and
    not only at the one observed. So the interval keeps within the scale, holds its level where nearly all are
    promoters, and has a width where all are.

    Parameters
    ----------
    points : array-like of float
        1, 0 or -1; missing ones are left out.
    weights, cluster : array-like, optional
        As of `design_of`.
    level : float, default 0.95

    Returns
    -------
    Interval
        Between -1 and 1. Missing ends with one customer.

    Examples
    --------
    >>> value, low, high, n = net_share([1] * 6 + [-1] * 4)
    >>> round(value, 2), round(low, 2), round(high, 2), n
    (0.2, -0.37, 0.66, 10)
    >>> net_share([1] * 30).low > 0.7
    True
    """
    x = _numbers(points)
    design = design_of(x, weights, cluster)
    net = design.mean
    if design.freedom <= 0:
        return Interval(net, float("nan"), float("nan"), design.n)
    up = design_of(np.where(np.isnan(x), np.nan, x > 0), weights).mean
    down = design_of(np.where(np.isnan(x), np.nan, x < 0), weights).mean
    size = _as_precise(up + down - net**2, design, level)
    low, high = _tango(up, down, size, level)
    return Interval(net, low, high, design.n)


def _tango(up: float, down: float, n: float, level: float) -> tuple[float, float]:
    from scipy.special import ndtri

    z, net = float(ndtri(0.5 + level / 2)), up - down

    def far(tried: float) -> float:
        # the share of the minus ones that is likeliest if the difference were `tried`
        a, b, c = 2.0, -(up + down) + (2 - net) * tried, -down * tried * (1 - tried)
        share = ((max(b * b - 4 * a * c, 0.0)) ** 0.5 - b) / (2 * a)
        variance = max(2 * share + tried * (1 - tried), 0.0) / n
        return abs(net - tried) / variance**0.5 if variance > 0 else float("inf")

    ends = []
    for end in (-1.0, 1.0):
        inside, outside = net, end
        if far(end) <= z:
            ends.append(end)
            continue
        for _ in range(_STEPS):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if middle == net or far(middle) <= z else (inside, middle)
        ends.append(inside)
    return ends[0], ends[1]
