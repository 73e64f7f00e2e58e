"""Means, proportions and NPS with their intervals."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import StudyError

__all__ = ["Interval", "coded_mean", "effective_n", "grouped_mean", "mean_interval", "median_interval", "nps", "wilson"]

Floats = npt.NDArray[np.float64]


class Interval(NamedTuple):
    """A figure, its confidence interval, and how many values are behind it."""

    value: Any
    low: Any
    high: Any
    n: Any


def effective_n(weights: npt.ArrayLike) -> float:
    """Return the size of the unweighted sample that is as precise (Kish 1965).

    The square of the sum of the weights over the sum of their squares.

    Examples
    --------
    >>> effective_n([1, 1, 1, 1])
    4.0
    >>> effective_n([3, 1])
    1.6
    """
    w = np.asarray(weights, dtype=float)
    squares = float((w * w).sum())
    return float(w.sum()) ** 2 / squares if squares > 0 else 0.0


def mean_interval(values: npt.ArrayLike, weights: npt.ArrayLike | None = None, level: float = 0.95) -> Interval:
    """Return the mean with its t interval.

    With weights, the standard error and the degrees of freedom are those of `effective_n` values with
    the weighted variance.

    Parameters
    ----------
    values : array-like of float
        Missing values are left out.
    weights : array-like of float, optional
        Not negative; a value without a weight is left out.
    level : float, default 0.95
        Of confidence.

    Returns
    -------
    Interval
        ``n`` counts values, whatever they weigh. Without values all is missing; with one value (or an
        effective n of one) the interval is.

    Examples
    --------
    >>> mean, low, high, n = mean_interval([7, 8, 9, None])
    >>> mean, round(low, 3), round(high, 3), n
    (8.0, 5.516, 10.484, 3)
    >>> mean_interval([7])
    Interval(value=7.0, low=nan, high=nan, n=1)
    """
    x = _floats(values)
    frame = pd.DataFrame({"g": np.zeros(len(x), dtype=int), "x": x})
    if weights is not None:
        frame["w"] = _floats(weights)
    found = grouped_mean(frame, "g", "x", weight=None if weights is None else "w", level=level)
    if not len(found):
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    row = found.iloc[0]
    return Interval(float(row["mean"]), float(row["low"]), float(row["high"]), int(row["n"]))


def _floats(values: npt.ArrayLike) -> Floats:
    numbers = pd.to_numeric(pd.Series(values)).astype("Float64")
    return np.asarray(numbers.to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)


def grouped_mean(
    frame: pd.DataFrame,
    by: str | list[str],
    value: str,
    weight: str | None = None,
    cluster: str | None = None,
    *,
    level: float = 0.95,
    scale: tuple[float, float] | None = None,
) -> pd.DataFrame:
    """Return the mean of `value` per group with its t interval, in one pass over all groups.

    Parameters
    ----------
    frame : DataFrame
        One row per value.
    by : str or list of str
        What makes a group; rows without are left out.
    value : str
        Column of numbers; rows without are left out.
    weight : str, optional
        Column of weights, not negative; rows without are left out.
    cluster : str, optional
        Whose value it is. Values of one customer are not independent: with a cluster the variance is
        that of the sums per cluster (linearised, times G / (G - 1), t with G - 1 degrees of freedom). G is
        the effective number of clusters, the square of the sum of their weights over the sum of the
        squares: a few customers with many answers are fewer than they look, and with their plain number
        the interval held the truth too seldom. A row without a cluster is one of its own.
    level : float, default 0.95
    scale : (float, float), optional
        Lowest and highest value there can be: the interval keeps within it, and has a width where all values are
        equal, as that of `scale_mean`.

    Returns
    -------
    DataFrame
        Indexed by group, sorted; columns ``mean``, ``low``, ``high``, ``n`` (values, not clusters).

    Examples
    --------
    >>> import pandas as pd
    >>> t = pd.DataFrame({"step": ["a", "a", "a", "b"], "score": [7, 8, 9, 4], "who": [1, 1, 2, 3]})
    >>> grouped_mean(t, "step", "score").round(2).values.tolist()
    [[8.0, 5.52, 10.48, 3.0], [4.0, nan, nan, 1.0]]
    >>> grouped_mean(t, "step", "score", cluster="who").round(2).loc["a"].tolist()
    [8.0, -8.5, 24.5, 3.0]
    """
    columns = [by] if isinstance(by, str) else list(by)
    x = _floats(frame[value])
    w = np.ones(len(frame)) if weight is None else _floats(frame[weight])
    if (w < 0).any():
        raise StudyError(f"column {weight!r}: weights must not be negative; the lowest is {np.nanmin(w):g}")
    use = ~np.isnan(x) & ~np.isnan(w) & frame[columns].notna().all(axis=1).to_numpy()
    kept = frame.loc[use]
    x, w = x[use], w[use]
    grouped = kept.groupby(columns[0] if len(columns) == 1 else columns, observed=True)
    group = grouped.ngroup().to_numpy()
    index = grouped.size().index
    pairs = None if cluster is None else _pairs(kept[cluster], group)
    found = coded_mean(group, x, len(index), w, pairs, level=level, scale=scale)
    return pd.DataFrame({"mean": found.value, "low": found.low, "high": found.high, "n": found.n}, index=index)


def coded_mean(
    group: npt.NDArray[Any],
    value: Floats,
    k: int,
    weight: Floats | None = None,
    pairs: tuple[npt.NDArray[Any], npt.NDArray[Any]] | None = None,
    *,
    level: float = 0.95,
    scale: tuple[float, float] | None = None,
) -> Interval:
    """Return what `grouped_mean` returns, of groups and clusters that are numbered already.

    Parameters
    ----------
    group : ndarray of int, shape (values,)
        Below `k`.
    value : ndarray of float, shape (values,)
        None missing.
    k : int
        How many groups there are.
    weight : ndarray of float, optional
        Not negative, none missing.
    pairs : (ndarray of int, ndarray of int), optional
        Per value the number of its pair of group and cluster, and the group of each pair; a pair may have no value.
    level, scale
        As in `grouped_mean`.

    Returns
    -------
    Interval
        Of arrays of shape (k,); a group without values has mean, low and high missing and ``n`` 0.

    Examples
    --------
    >>> import numpy as np
    >>> found = coded_mean(np.array([0, 0, 0, 2]), np.array([7.0, 8, 9, 4]), 3)
    >>> found.value.tolist(), found.low.round(2).tolist(), found.n.tolist()
    ([8.0, nan, 4.0], [5.52, nan, nan], [3, 0, 1])
    """

    def total(what: Floats | None = None) -> Floats:
        return np.bincount(group, weights=what, minlength=k).astype(float)

    w = np.ones(len(value)) if weight is None else weight
    if (w < 0).any():
        raise StudyError(f"weights must not be negative; the lowest is {w.min():g}")
    n, weights = total(), total(w)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total(w * value) / weights
        error = value - mean[group]
        if pairs is None:
            size = weights**2 / total(w * w)  # Kish's effective n; n itself when all weigh the same
            variance = total(w * error**2) / weights / (size - 1)
        else:
            pair, of = pairs
            sums = np.bincount(pair, weights=w * error, minlength=len(of))
            heavy = np.bincount(pair, weights=w, minlength=len(of))
            whole = np.bincount(of, weights=heavy, minlength=k)
            size = whole**2 / np.bincount(of, weights=heavy**2, minlength=k)
            squares = np.bincount(of, weights=sums**2, minlength=k).astype(float)
            variance = size / (size - 1) * squares / weights**2
        half = _half_width(variance, size - 1, level)
        low, high = mean - half, mean + half
        if scale is not None:
            bottom, top = scale
            equal = (size - 1 > 1e-9) & (variance <= 1e-24 * np.maximum(1.0, np.abs(mean)) ** 2)
            other = wilson(np.zeros(k), np.where(equal, size, 1.0), level).high
            low = np.where(equal, mean - other * (mean - bottom), np.maximum(low, bottom))
            high = np.where(equal, mean + other * (top - mean), np.minimum(high, top))
    return Interval(mean, low, high, n.astype("int64"))


def _pairs(cluster: pd.Series, group: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Number the pairs of group and cluster; return the pair of each value and the group of each pair."""
    code, names = pd.factorize(cluster)
    alone = code < 0
    code = np.where(alone, len(names) + np.arange(len(code)), code)
    pair, place = np.unique(group * (len(names) + len(code) + 1) + code, return_inverse=True)
    return place, pair // (len(names) + len(code) + 1)


def _half_width(variance: Floats, freedom: Floats, level: float) -> Floats:
    from scipy.special import stdtrit

    # An effective n that rounding leaves a hair above one knows no spread either.
    known = freedom > 1e-9
    t = np.full(len(freedom), np.nan)
    t[known] = stdtrit(freedom[known], 0.5 + level / 2)
    return np.where(known, t * np.sqrt(np.where(known, variance, 0.0)), np.nan)


def median_interval(values: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Return the median with its order-statistic interval.

    The interval runs between the order statistics that a binomial with p = ½ puts at least `level` between
    (Conover 1999, ch. 3.2); no shape of the distribution is assumed.

    Parameters
    ----------
    values : array-like of float
        Missing values are left out. Values must be independent.
    level : float, default 0.95

    Returns
    -------
    Interval
        With fewer than six values no such interval holds 95%: it is missing.

    Examples
    --------
    >>> median_interval([1, 2, 3, 4, 5, 6, 7, 8, 9])
    Interval(value=5.0, low=2.0, high=8.0, n=9)
    >>> median_interval([1, 2, 9])
    Interval(value=2.0, low=nan, high=nan, n=3)
    """
    from scipy.special import bdtr

    x = np.sort(_floats(values))
    x = x[~np.isnan(x)]
    n = len(x)
    if not n:
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    # The largest number of values that may be cut off at either end; below the first tried all may.
    tried = np.arange(max(0, int(n / 2 - 5 * np.sqrt(n))), n // 2 + 1)
    cut = tried[bdtr(tried, n, 0.5) <= (1 - level) / 2]
    if not len(cut):
        return Interval(float(np.median(x)), float("nan"), float("nan"), n)
    k = int(cut[-1]) + 1
    return Interval(float(np.median(x)), float(x[k - 1]), float(x[n - k]), n)


def wilson(k: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Return a proportion with Wilson's score interval (1927), one or many.

    Parameters
    ----------
    k, n : number or array-like
        How many of how many. With n = 0 the proportion is not known and the interval missing.
    level : float, default 0.95

    Returns
    -------
    Interval
        Of floats for numbers, of arrays for arrays.

    Examples
    --------
    >>> p, low, high, n = wilson(8, 10)
    >>> p, round(low, 4), round(high, 4)
    (0.8, 0.4902, 0.9433)
    >>> wilson([0, 0], [10, 0]).high.round(4).tolist()
    [0.2775, nan]
    """
    from scipy.special import ndtri

    hits, size = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    if ((hits < 0) | (hits > size)).any():
        raise StudyError("wilson: expected 0 <= k <= n everywhere")
    z2 = float(ndtri(0.5 + level / 2)) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        p = hits / size
        centre = (hits + z2 / 2) / (size + z2)
        half = np.sqrt(z2) / (size + z2) * np.sqrt(hits * (size - hits) / size + z2 / 4)
    # At the ends the formula is exact; only rounding would leave 0 or 1.
    low = np.where(hits == 0, np.where(size > 0, 0.0, np.nan), centre - half)
    high = np.where(hits == size, np.where(size > 0, 1.0, np.nan), centre + half)
    if p.ndim == 0:
        return Interval(float(p), float(low), float(high), int(size))
    return Interval(p, low, high, size.astype("int64"))


def nps(
    scores: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    level: float = 0.95,
    cluster: Any | None = None,
) -> Interval:
    """Return the Net Promoter Score in points, -100 to 100, with its interval.

    Percentage of promoters (9 and 10) less that of detractors (0 to 6). Its variance is that of the
    difference of two multinomial shares, p + d - (p - d)² over the (effective) n; the interval holds the
    scores that this variance, at each of them, does not refuse (Tango 1998).

    Parameters
    ----------
    scores : array-like of float
        0 to 10; missing ones are left out.
    weights : array-like of float, optional
    level : float, default 0.95
    cluster : array-like, optional
        Whose score it is: those of one customer are not independent.

    Returns
    -------
    Interval

    Raises
    ------
    StudyError
        When a score lies outside 0 to 10.

    Examples
    --------
    >>> value, low, high, n = nps([10, 9, 8, 6, 10, 7, 3, 9])
    >>> value, round(low, 1), round(high, 1), n
    (25.0, -32.8, 68.3, 8)
    """
    from cxmining.stats.shares import net_share

    x = _floats(scores)
    wrong = x[(x < 0) | (x > 10)]
    if len(wrong):
        raise StudyError(f"nps: scores run from 0 to 10; found {wrong[0]:g}; reject such cells when reading")
    points = np.where(x >= 9, 1.0, np.where(x <= 6, -1.0, 0.0))
    value, low, high, n = net_share(np.where(np.isnan(x), np.nan, points), weights, cluster, level)
    return Interval(100 * value, 100 * low, 100 * high, n)
