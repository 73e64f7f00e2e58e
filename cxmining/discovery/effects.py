"""Shares and differences between groups of journeys whose customers may have several, even in both groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cxmining.engine.coded import Ints
from cxmining.stats import Interval, wilson

__all__ = ["Clusters", "Difference"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_LEVEL: Final = 0.95
_MISSING: Final = float("nan")


class Difference(NamedTuple):
    """How much more one group has than another: means and medians with 95% intervals, p of the means."""

    mean: float = _MISSING
    low: float = _MISSING
    high: float = _MISSING
    p: float = _MISSING
    median: float = _MISSING
    median_low: float = _MISSING
    median_high: float = _MISSING
    n: int = 0
    n_against: int = 0


@dataclass(frozen=True, eq=False)
class Clusters:
    """Whose journeys they are: values of one customer are not independent.

    Attributes
    ----------
    starts : ndarray of int64
        Where each customer's journeys begin; customers stand together.
    n : int
        Journeys.

    Examples
    --------
    >>> who = Clusters.of(np.array([1, 1, 2, 3]))
    >>> share, low, high, n = who.share(np.array([True, True, False, False]))
    >>> share, round(low, 3), round(high, 3), n
    (0.5, 0.107, 0.893, 4)
    """

    starts: Ints
    n: int

    @classmethod
    def of(cls, customer: npt.NDArray[np.integer]) -> Clusters:
        """Make them of one customer number per journey, not decreasing."""
        if not len(customer):
            return cls(np.zeros(0, dtype=np.int64), 0)
        return cls(np.concatenate([[0], np.flatnonzero(np.diff(customer)) + 1]).astype(np.int64), len(customer))

    def total(self, values: npt.NDArray[np.generic]) -> Floats:
        """Return the sum per customer."""
        if not self.n:
            return np.zeros(0)
        return np.add.reduceat(values.astype(np.float64), self.starts)

    def count(self, hits: Mask) -> int:
        """Return how many customers have one."""
        return int(np.count_nonzero(self.total(hits)))

    def share(self, hits: Mask) -> Interval:
        """Return the share of journeys with its interval: Wilson's, for as many journeys as are worth as much.

        The number is divided by the design effect, the variance by customer over that of independent journeys
        (Kish 1965; Korn & Graubard 1998), which is taken as 1 at least. Where all or none hit, it is the number
        of customers.
        """
        if not self.n:
            return Interval(_MISSING, _MISSING, _MISSING, 0)
        p = float(np.count_nonzero(hits)) / self.n
        groups = len(self.starts)
        if p in (0.0, 1.0) or groups < 2:
            worth = float(groups)
        else:
            error = hits - p
            by_customer = groups / (groups - 1) * float((self.total(error) ** 2).sum())
            alone = self.n / (self.n - 1) * float((error**2).sum())
            worth = self.n / max(by_customer / alone, 1.0)
        return wilson(min(p * worth, worth), worth, _LEVEL)._replace(value=p, n=self.n)

    def difference(self, values: Floats, inside: Mask, outside: Mask) -> Difference:
        """Return how much more `values` are inside than outside.

        Intervals are linearised, summed by customer over both groups, with t and Satterthwaite's degrees of
        freedom. The spread of a median comes from the density around it, read from its own interval (Woodruff
        1952; Francisco & Fuller 1991). With fewer than 2 customers in a group, or no spread at all, there is no interval.

        Parameters
        ----------
        values : ndarray of float, one per journey
        inside, outside : ndarray of bool, one per journey
            No journey in both.
        """
        n, m = int(np.count_nonzero(inside)), int(np.count_nonzero(outside))
        if not n or not m:
            return Difference(n=n, n_against=m)
        mean = values[inside].mean() - values[outside].mean()
        low, high, p = self._interval(
            float(mean), self._mean_influence(values, inside), self._mean_influence(values, outside)
        )
        median = float(np.median(values[inside]) - np.median(values[outside]))
        median_low, median_high, _ = self._interval(
            median, self._median_influence(values, inside), self._median_influence(values, outside)
        )
        return Difference(float(mean), low, high, p, median, median_low, median_high, n, m)

    def _mean_influence(self, values: Floats, group: Mask) -> tuple[Floats, int]:
        """Return what each customer adds to the error of the group's mean, and how many customers it has."""
        error = np.where(group, values - values[group].mean(), 0.0) / np.count_nonzero(group)
        return self.total(error), self.count(group)

    def _median_influence(self, values: Floats, group: Mask) -> tuple[Floats, int]:
        from scipy.special import ndtri

        mine = np.sort(values[group])
        median, size = float(np.median(mine)), len(mine)
        below = self.total(np.where(group, 0.5 - (values <= median), 0.0) / size)
        z = float(ndtri(0.5 + _LEVEL / 2))
        reach = z * float(np.sqrt((below**2).sum()))
        edges = np.quantile(mine, np.clip([0.5 - reach, 0.5 + reach], 0, 1))
        width = float(edges[1] - edges[0])
        # Where many values are equal the interval of a median has no width, and the median of this group no error.
        return below * (width / (2 * reach) if reach > 0 else 0.0), self.count(group)

    def _interval(
        self, value: float, inside: tuple[Floats, int], outside: tuple[Floats, int]
    ) -> tuple[float, float, float]:
        from scipy.special import stdtr, stdtrit

        if min(inside[1], outside[1]) < 2:
            return _MISSING, _MISSING, _MISSING
        parts = [errors * np.sqrt(groups / (groups - 1)) for errors, groups in (inside, outside)]
        variance = float(((parts[0] - parts[1]) ** 2).sum())
        own = [float((part**2).sum()) for part in parts]
        if not variance > 0:
            return _MISSING, _MISSING, _MISSING
        squares = [v**2 / (groups - 1) for v, (_, groups) in zip(own, (inside, outside), strict=True)]
        freedom = sum(own) ** 2 / sum(squares)
        half = float(stdtrit(freedom, 0.5 + _LEVEL / 2)) * variance**0.5
        p = 2 * float(stdtr(freedom, -abs(value) / variance**0.5))
        return value - half, value + half, p
