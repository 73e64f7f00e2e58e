"""The median time to an answer when some are still waiting: Kaplan and Meier, by customer."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from cxmining.discovery.effects import Clusters
from cxmining.engine.coded import Ints
from cxmining.stats import Interval

__all__ = ["median_wait"]

Floats = npt.NDArray[np.float64]
_LEVEL: Final = 0.95


def median_wait(wait: npt.NDArray[np.integer], answered: npt.NDArray[np.bool_], customer: Ints) -> Interval:
    """Return the median time until an answer, with its 95% interval.

    Kaplan & Meier (1958); the interval holds the times whose survival does not differ from one half on the
    log(−log) scale (Brookmeyer & Crowley 1982), its variance multiplied by the design effect of customers at the
    median (Ying & Wei 1994; 1 at least). Missing where fewer than half are answered in the time observed; an
    upper end is missing where the log is too short to know it.

    Parameters
    ----------
    wait : ndarray of int
        Time to the answer, or the time that it was waited for in vain.
    answered : ndarray of bool
    customer : ndarray of int64
        Not decreasing.

    Examples
    --------
    >>> wait, answered = np.array([1, 2, 3, 4, 5, 6]), np.array([True, True, True, True, True, False])
    >>> median_wait(wait, answered, np.arange(6))
    Interval(value=3.0, low=1.0, high=nan, n=6)
    """
    from scipy.special import ndtri

    nothing = Interval(float("nan"), float("nan"), float("nan"), len(wait))
    if not answered.any():
        return nothing
    time, place = np.unique(wait, return_inverse=True)
    events = np.bincount(place, weights=answered, minlength=len(time)).astype(np.float64)
    leaving = np.bincount(place, minlength=len(time))
    risk = (len(wait) - np.concatenate([[0], np.cumsum(leaving)[:-1]])).astype(np.float64)
    hazard = events / risk
    survival = np.cumprod(1 - hazard)
    # Rounding must not put one half a hair above one half.
    below = np.flatnonzero(survival <= 0.5 + 1e-12)
    if not len(below):
        return nothing
    middle = int(below[0])
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(np.where(risk > events, events / (risk * (risk - events)), np.inf))
        effect = _design(place, answered, events, risk, middle, customer)
        z = np.log(-np.log(survival))
        error = np.sqrt(greenwood * effect) / np.abs(np.log(survival))
        distance = (z - np.log(-np.log(0.5))) / error
    value = nothing._replace(value=float(time[middle]))
    if len(np.unique(customer)) < 2:
        return value
    reach = float(ndtri(0.5 + _LEVEL / 2))
    known = (events > 0) & np.isfinite(distance)  # where nobody is left, the band has no upper side
    low, high = (np.flatnonzero(known & (distance >= bound)) for bound in (-reach, reach))
    return value._replace(
        low=float(time[low[0]]) if len(low) else value.low, high=float(time[high[0]]) if len(high) else value.high
    )


def _design(
    place: npt.NDArray[np.integer],
    answered: npt.NDArray[np.bool_],
    events: Floats,
    risk: Floats,
    middle: int,
    customer: Ints,
) -> float:
    """Return the variance of the cumulative hazard at the median by customer, over that of independent waits."""
    hazard = np.cumsum(events / risk**2)
    until = np.minimum(place, middle)
    own = np.where(answered & (place <= middle), 1 / risk[place], 0.0) - hazard[until]
    alone = float((own**2).sum())
    together = float((Clusters.of(customer).total(own) ** 2).sum())
    return max(together / alone, 1.0) if alone > 0 else 1.0
