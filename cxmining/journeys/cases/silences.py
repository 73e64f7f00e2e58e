"""Two kinds of silence: the short ones within a journey and the long ones between journeys, on a log scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cxmining.engine.coded import CodedLog, Ints

__all__ = ["BINS", "CENTRES", "Mixture", "bin_of", "fit_mixture", "silences"]

Floats = npt.NDArray[np.float64]

_PER_DECADE: Final = 20
BINS: Final = 10 * _PER_DECADE  # 1 s to 300 years
CENTRES: Final[Floats] = (np.arange(BINS) + 0.5) / _PER_DECADE
"""The middle of each bin, log10 seconds."""
_ROUNDS: Final = 300
_PARTS: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
_SEPARATE: Final = 2.0
_FAR: Final = 3.0  # apart without a dip: a small kind is a shoulder of the large one
_LEAST: Final = 0.02
_DIP: Final = 0.9


def silences(log: CodedLog) -> tuple[Ints, Ints]:
    """Return the silence (µs) before each event that is not the first of its journey, and those events' places."""
    inner = np.ones(len(log), dtype=bool)
    inner[log.offsets[:-1]] = False
    at = np.flatnonzero(inner)
    return log.time[at] - log.time[at - 1], at


def bin_of(microseconds: Ints) -> Ints:
    """Return the bin of each silence; what is shorter than a second counts as one."""
    place = np.floor(np.log10(np.maximum(microseconds, 1_000_000) / 1e6) * _PER_DECADE)
    return np.asarray(np.minimum(place, BINS - 1), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Mixture:
    """Two normal distributions of log10 seconds, one per row of what was fitted, the faster first.

    Attributes
    ----------
    weight, mean, sd : ndarray of float64, shape (rows, 2)
    knee : ndarray of float64, shape (rows,)
        Log10 seconds between the means where a silence is as likely of the one kind as of the other; missing
        where there is no such point.
    clear : ndarray of bool
        There is such a point, neither kind is next to nothing (2%), and the two stand apart: Ashman's D > 2
        and the observed distribution itself dips between them by a tenth or more, or D > 3.
    """

    weight: Floats
    mean: Floats
    sd: Floats
    knee: Floats
    clear: npt.NDArray[np.bool_]

    @property
    def separation(self) -> Floats:
        """Ashman's D: distance of the means in units of the mean spread; above 2 the two can be told apart."""
        spread = np.sqrt((self.sd**2).sum(axis=1) / 2)
        return np.asarray((self.mean[:, 1] - self.mean[:, 0]) / spread)

    def density(self, row: int = 0) -> Floats:
        """Return share per bin of each kind, shape (2, bins)."""
        z = (CENTRES - self.mean[row][:, None]) / self.sd[row][:, None]
        height = self.weight[row][:, None] * np.exp(-z * z / 2) / (self.sd[row][:, None] * np.sqrt(2 * np.pi))
        return np.asarray(height / _PER_DECADE)

    def slow(self, row: int = 0) -> Floats:
        """Return the probability per bin that a silence of that length is of the slow kind; never falling."""
        fast, slow = self.density(row)
        chance = slow / np.maximum(fast + slow, 1e-300)
        # A wide slow component is the likelier one at the far left too: that is the normal's tail, no meaning.
        low, high = np.searchsorted(CENTRES, self.mean[row])
        chance[:low], chance[high:] = 0.0, 1.0
        return np.asarray(np.maximum.accumulate(chance))


def fit_mixture(counts: npt.ArrayLike, near: Mixture | None = None) -> Mixture:
    """Fit two log-normal kinds of silence to histograms, by expectation and maximisation.

    The knee is where the two densities cross (Halfaker et al. 2015, "User session identification based on
    strong regularities in inter-activity time"). Started from five splits of the data, the best is taken, so
    that nothing is drawn.

    Parameters
    ----------
    counts : array-like, shape (rows, bins) or (bins,)
        Number of silences per bin of `CENTRES`; each row is fitted.
    near : Mixture, optional
        Of one row, that the fits start from, instead of from five splits: for resamples of one log.

    Returns
    -------
    Mixture

    Examples
    --------
    >>> fast = np.exp(-(((CENTRES - 2) / 0.4) ** 2) / 2)
    >>> slow = np.exp(-(((CENTRES - 6) / 0.4) ** 2) / 2)
    >>> found = fit_mixture(1000 * (fast + slow))
    >>> found.knee.round(2).tolist(), found.clear.tolist()
    ([4.0], [True])
    """
    h = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    total = np.maximum(h.sum(axis=1), 1e-300)
    if near is not None:
        fast, slow = near.density()
        weight, mean, sd, _ = _em(h, total, np.broadcast_to(slow / np.maximum(fast + slow, 1e-300), h.shape))
    else:
        cumulative = np.cumsum(h, axis=1) / total[:, None]
        tried = [_em(h, total, np.where(cumulative < part, 0.0, 1.0)) for part in _PARTS]
        # Equal up to rounding is equal: the first of them is taken on every machine.
        best = np.argmax(np.round([fit[3] for fit in tried], 6), axis=0)
        weight, mean, sd = (
            np.stack([np.asarray(fit[part]) for fit in tried])[best, np.arange(len(h))] for part in range(3)
        )
    order = np.argsort(mean, axis=1, kind="stable")
    weight, mean, sd = (np.take_along_axis(x, order, axis=1) for x in (weight, mean, sd))
    knee = _crossing(weight, mean, sd)
    rough = Mixture(weight, mean, sd, knee, np.zeros(len(h), dtype=bool))
    clear = np.isfinite(knee) & (rough.separation > _SEPARATE) & (weight.min(axis=1) >= _LEAST) & (_dip(h, mean) < _DIP)
    return Mixture(weight, mean, sd, knee, clear)


def _em(h: Floats, total: Floats, slow: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    used = np.flatnonzero(h.any(axis=0))
    h, slow, centres = h[:, used], slow[:, used], CENTRES[used]
    ll = np.full(len(h), -np.inf)
    floor = 1.0 / _PER_DECADE
    weight = mean = sd = np.zeros((len(h), 2))
    for _ in range(_ROUNDS):
        parts = np.stack([h * (1 - slow), h * slow], axis=1)
        mass = np.maximum(parts.sum(axis=2), 1e-12)
        weight = mass / mass.sum(axis=1, keepdims=True)
        mean = parts @ centres / mass
        variance = np.maximum(parts @ centres**2 / mass - mean**2, 0.0)
        sd = np.sqrt(variance + floor**2)  # a kind that fell into one bin is still a bin wide
        z = (centres - mean[:, :, None]) / sd[:, :, None]
        logs = np.log(weight)[:, :, None] - np.log(sd)[:, :, None] - z * z / 2
        top = logs.max(axis=1)
        both = top + np.log(np.exp(logs - top[:, None, :]).sum(axis=1))
        slow = np.exp(logs[:, 1] - both)
        now = (h * both).sum(axis=1) / total
        if np.all(now - ll < 1e-6):
            ll = now
            break
        ll = now
    return weight, mean, sd, ll


def _crossing(weight: Floats, mean: Floats, sd: Floats) -> Floats:
    """Return the first point between the means from which the slow kind is the likelier one."""
    t = np.linspace(0, 1, 1001)
    x = mean[:, :1] + t * (mean[:, 1:] - mean[:, :1])
    z = (x[:, None, :] - mean[:, :, None]) / sd[:, :, None]
    logs = np.log(weight)[:, :, None] - np.log(sd)[:, :, None] - z * z / 2
    later = logs[:, 1] >= logs[:, 0]
    first = later.argmax(axis=1)
    there = later.any(axis=1) & ~later[:, 0]
    return np.where(there, x[np.arange(len(x)), first], np.nan)


def _dip(h: Floats, mean: Floats) -> Floats:
    """Return the lowest point of the smoothed observed distribution between the means over the lower peak."""
    n = np.maximum(h.sum(axis=1), 1.0)
    centre = h @ CENTRES / n
    sd = np.sqrt(np.maximum(h @ CENTRES**2 / n - centre**2, 1e-4))
    width = np.maximum(0.9 * sd * n**-0.2, 0.1)  # Silverman's rule; a tenth of a decade hides the hours of the day
    reach = np.abs(CENTRES[:, None] - CENTRES[None, :])
    out = np.ones(len(h))
    for i in range(len(h)):
        smooth = h[i] @ np.exp(-((reach / width[i]) ** 2) / 2)
        a, b = np.searchsorted(CENTRES, mean[i])
        if b - a < 2:
            continue
        valley = a + int(np.argmin(smooth[a:b]))
        peak = min(smooth[: valley + 1].max(), smooth[valley:].max())
        out[i] = smooth[valley] / peak if peak > 0 else 1.0
    return out
