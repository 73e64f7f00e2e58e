"""Do yesterday's WOWs become today's expectation? Expectation and gap over the months, with change points."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.journeys.rows import rows_of
from cxmining.stats import benjamini_hochberg

__all__ = ["find_changes", "follow_expectations", "slope_by_customer"]

Floats = npt.NDArray[np.float64]

_MONTHS: Final = 3
_REACH: Final = -2 * float(np.log(1 - np.sqrt(0.95)))


def follow_expectations(pairs: pd.DataFrame, time_zone: str = "UTC") -> pd.DataFrame:
    """Follow what was expected, and how far the experience lay from it, over the months.

    Parameters
    ----------
    pairs : DataFrame
        ``touchpoint``, ``expectation``, ``customer_id``, ``timestamp``, ``expected``, ``gap``.
    time_zone : str
        Whose months.

    Returns
    -------
    DataFrame
        Per touchpoint, expectation (asked or estimated) and ``what`` (expected, gap), where three months or more
        have answers: ``months``, ``n``, ``customers``, ``slope`` (scale points a month) with ``low``, ``high`` (95%,
        by customer), ``p``, ``q`` (Benjamini-Hochberg over all rows), ``change`` (first month after the largest
        change; missing without one), ``change_low``, ``change_high`` (the months of its 95% set), ``change_by`` (mean
        after less mean before) and ``changes`` (how many). ``eroding`` is true where the expectation rises and the
        gap shrinks, both intervals clear of 0.
    """
    local = pairs["timestamp"].dt.tz_convert(time_zone).dt.tz_localize(None)
    month = local.dt.year * 12 + local.dt.month - 1
    rows = []
    for key, part in pairs.groupby(["touchpoint", "expectation"], sort=True):
        touchpoint, basis = key if isinstance(key, tuple) else (key, "")
        index = part.index
        x = month.loc[index].to_numpy(dtype=float)
        if len(np.unique(x)) < _MONTHS:
            continue
        who = pd.factorize(pairs.loc[index, "customer_id"])[0]
        for what in ("expected", "gap"):
            y = pairs.loc[index, what].to_numpy(dtype=float)
            slope, low, high, p = slope_by_customer(x, y, who)
            rows.append(
                {
                    "touchpoint": touchpoint, "expectation": basis, "what": what, "months": len(np.unique(x)), "n": len(y),
                    "customers": int(who.max()) + 1, "slope": slope, "low": low, "high": high, "p": p, **_change(x, y),
                }
            )  # fmt: skip
    columns = [
        "touchpoint", "expectation", "what", "months", "n", "customers", "slope", "low", "high", "p", "change", "change_low",
        "change_high", "change_by", "changes",
    ]  # fmt: skip
    found = pd.DataFrame(rows, columns=columns)
    found.insert(10, "q", benjamini_hochberg(found["p"].to_numpy(dtype=float)))
    rising = found[(found["what"] == "expected") & (found["low"] > 0)]
    falling = found[(found["what"] == "gap") & (found["high"] < 0)]
    both = {(r.touchpoint, r.expectation) for r in rows_of(rising)} & {
        (r.touchpoint, r.expectation) for r in rows_of(falling)
    }
    found["eroding"] = [(t, e) in both for t, e in zip(found["touchpoint"], found["expectation"], strict=True)]
    return found


def slope_by_customer(x: Floats, y: Floats, who: Any) -> tuple[float, float, float, float]:
    """Return the slope of y over x with its 95% interval and p, variance by customer (t with G − 1).

    Examples
    --------
    >>> slope_by_customer(np.array([0.0, 1, 2]), np.array([1.0, 2, 3]), np.array([0, 1, 2]))[0]
    1.0
    """
    from scipy.special import stdtr, stdtrit

    d = x - x.mean()
    sxx = float((d * d).sum())
    slope = float((d * y).sum() / sxx)
    error = y - y.mean() - slope * d
    sums = np.bincount(who, weights=d * error)
    groups = len(sums)
    variance = groups / max(groups - 1, 1) * float((sums**2).sum()) / sxx**2
    if groups < 3 or not variance > 0:
        return slope, float("nan"), float("nan"), float("nan")
    half = float(stdtrit(groups - 1, 0.975)) * variance**0.5
    return slope, slope - half, slope + half, 2 * float(stdtr(groups - 1, -abs(slope) / variance**0.5))


def find_changes(month: npt.ArrayLike, value: npt.ArrayLike) -> list[tuple[int, int, int, float, float]]:
    """Find where the level changes between months: binary segmentation, each change paid for by BIC.

    A change is kept when it lowers N log(residual sum of squares) by more than 2 log N (its place and its level).
    Its set holds all months at which a change would fit about as well (likelihood ratio below 7.35, the 95%
    quantile at an unknown change; Hansen 2000).

    Parameters
    ----------
    month : array-like of int
        Of each value, any count of months.
    value : array-like of float

    Returns
    -------
    list of (month, low, high, by, gain)
        The first month after each change, the ends of its set, mean after less mean before, and the fall of N log
        RSS; the largest gain first.

    Examples
    --------
    >>> found = find_changes([0] * 9 + [1] * 9 + [2] * 9 + [3] * 9, [5, 6, 7] * 6 + [8, 9, 10] * 6)
    >>> [(m, low, high, by) for m, low, high, by, _ in found]
    [(2, 2, 2, 3.0)]
    """
    x, y = np.asarray(month), np.asarray(value, dtype=float)
    months, code = np.unique(x, return_inverse=True)
    n = np.bincount(code).astype(float)
    s = np.bincount(code, weights=y - y.mean())
    q = np.bincount(code, weights=(y - y.mean()) ** 2)
    found: list[tuple[int, int, int, float, float]] = []
    parts = [(0, len(months))]
    while parts:
        a, b = parts.pop()
        if b - a < 2:
            continue
        left_n, left_s = n[a:b].cumsum()[:-1], s[a:b].cumsum()[:-1]
        all_n, all_s, squares = float(n[a:b].sum()), float(s[a:b].sum()), float(q[a:b].sum())
        whole = squares - all_s**2 / all_n
        right_n, right_s = all_n - left_n, all_s - left_s
        rest = squares - left_s**2 / left_n - right_s**2 / right_n
        if not whole > 1e-9:
            continue
        fit = all_n * np.log(np.maximum(rest, 1e-9 * whole))
        best = int(fit.argmin())
        gain = all_n * float(np.log(whole)) - float(fit[best])
        if gain <= 2 * np.log(all_n) or all_n < 5:
            continue
        near = np.flatnonzero(fit - fit[best] <= _REACH) + a + 1
        by = float(right_s[best] / right_n[best] - left_s[best] / left_n[best])
        at = a + best + 1
        found.append((int(months[at]), int(months[near[0]]), int(months[near[-1]]), by, gain))
        parts += [(a, at), (at, b)]
    return sorted(found, key=lambda c: (-c[4], c[0]))


def _change(month: Floats, value: Floats) -> dict[str, Any]:
    found = find_changes(month, value)
    if not found:
        return {"change": None, "change_low": None, "change_high": None, "change_by": float("nan"), "changes": 0}
    at, low, high, by, _ = found[0]
    first, start, end = (f"{int(m) // 12:04d}-{int(m) % 12 + 1:02d}" for m in (at, low, high))
    return {"change": first, "change_low": start, "change_high": end, "change_by": by, "changes": len(found)}
