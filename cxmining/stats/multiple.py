"""Many tests at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxmining.errors import StudyError

__all__ = ["benjamini_hochberg"]


def benjamini_hochberg(p: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Adjust p values for the false discovery rate (Benjamini and Hochberg 1995).

    Parameters
    ----------
    p : array-like of float
        P values; missing ones stay missing and do not count as tests.

    Returns
    -------
    ndarray of float
        Adjusted p values, in the order of `p`.

    Raises
    ------
    StudyError
        When a value lies outside 0 to 1.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03, float("nan")]).round(3).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    values = np.asarray(p, dtype=float)
    out: npt.NDArray[Any] = np.full(values.shape, np.nan)
    known = ~np.isnan(values)
    if ((values[known] < 0) | (values[known] > 1)).any():
        raise StudyError("benjamini_hochberg: p values must lie between 0 and 1")
    order = np.argsort(values[known], kind="stable")
    m = len(order)
    stepped = values[known][order] * m / np.arange(1, m + 1)
    adjusted = np.empty(m)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(stepped[::-1])[::-1])
    out[known] = adjusted
    return out
