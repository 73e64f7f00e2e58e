"""Do the items of a scale measure one thing: Cronbach's alpha, and what each item adds to it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.stats.intervals import Interval

__all__ = ["cronbach_alpha", "item_statistics"]

Floats = npt.NDArray[np.float64]


def cronbach_alpha(items: pd.DataFrame, level: float = 0.95) -> Interval:
    """Return Cronbach's alpha (1951) of the complete rows with Feldt's interval (Feldt, Woodruff and Salih 1987).

    Parameters
    ----------
    items : DataFrame
        One row per respondent, one column per item, all worded in one direction.
    level : float, default 0.95

    Returns
    -------
    Interval
        ``n`` counts complete rows. Missing with fewer than two items or respondents, or where nobody differs.

    Examples
    --------
    >>> alpha, low, high, n = cronbach_alpha(pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 3, 5], "c": [1, 3, 3, 4]}))
    >>> round(alpha, 3), round(low, 3), round(high, 3), n
    (0.947, 0.653, 0.996, 4)
    """
    from scipy.special import fdtri

    x = _complete(items)
    n, k = x.shape
    alpha = _alpha(x)
    if alpha != alpha:
        return Interval(float("nan"), float("nan"), float("nan"), n)
    one, two = n - 1.0, (n - 1.0) * (k - 1)
    tail = (1 - level) / 2
    low = 1 - (1 - alpha) * float(fdtri(one, two, 1 - tail))
    high = 1 - (1 - alpha) * float(fdtri(one, two, tail))
    return Interval(alpha, low, high, n)


def _complete(items: pd.DataFrame) -> Floats:
    numbers = items.apply(pd.to_numeric).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    return np.asarray(numbers[~np.isnan(numbers).any(axis=1)], dtype=np.float64)


def _alpha(x: Floats) -> float:
    n, k = x.shape
    if k < 2 or n < 2:
        return float("nan")
    total = float(x.sum(axis=1).var(ddof=1))
    return k / (k - 1) * (1 - float(x.var(axis=0, ddof=1).sum()) / total) if total > 1e-12 else float("nan")


def item_statistics(items: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Return what each item is to its scale, over the complete rows.

    Parameters
    ----------
    items : DataFrame
        As of `cronbach_alpha`.
    level : float, default 0.95

    Returns
    -------
    DataFrame
        One row per item: ``item``, ``n``, ``mean``, ``sd``, ``item_total`` (correlation with the sum of the other items)
        with ``item_total_low``, ``item_total_high`` (Fisher's z), ``alpha_if_deleted`` (missing with two items).

    Examples
    --------
    >>> t = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 3, 5], "c": [4, 2, 3, 1]})
    >>> item_statistics(t)[["item", "item_total"]].round(2).values.tolist()
    [['a', 0.26], ['b', 0.29], ['c', -0.78]]
    """
    from scipy.special import ndtri

    x = _complete(items)
    n, k = x.shape
    z = float(ndtri(0.5 + level / 2))
    rows: list[dict[str, Any]] = []
    for j, name in enumerate(items.columns):
        mine, rest = x[:, j], np.delete(x, j, axis=1)
        r = low = high = float("nan")
        if k > 1 and n > 1 and mine.std() > 0 and rest.sum(axis=1).std() > 0:
            r = float(np.clip(np.corrcoef(mine, rest.sum(axis=1))[0, 1], -1, 1))
            if n > 3 and abs(r) < 1 - 1e-12:
                centre, half = float(np.arctanh(r)), z / (n - 3) ** 0.5
                low, high = float(np.tanh(centre - half)), float(np.tanh(centre + half))
        rows.append(
            {
                "item": str(name), "n": n, "mean": float(mine.mean()) if n else float("nan"),
                "sd": float(mine.std(ddof=1)) if n > 1 else float("nan"),
                "item_total": r, "item_total_low": low, "item_total_high": high, "alpha_if_deleted": _alpha(rest),
            }
        )  # fmt: skip
    columns = ["item", "n", "mean", "sd", "item_total", "item_total_low", "item_total_high", "alpha_if_deleted"]
    return pd.DataFrame(rows, columns=columns)
