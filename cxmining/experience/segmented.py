"""A line with a break: least squares on means with errors that hang together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

__all__ = ["FEWEST", "Segments", "fit_segments"]

FEWEST: Final = 4
"""Periods on a side: three leave a line one degree of freedom."""


@dataclass(frozen=True, eq=False)
class Segments:
    """A fitted line with a break at 0.

    Attributes
    ----------
    effects : DataFrame
        ``effect`` (level, slope, average), ``value``, ``low``, ``high``, ``p``.
    line : ndarray of float
        Fitted, per point.
    counterfactual : tuple of ndarray
        The line before, carried on: value, low, high, per point.
    p : float
        Of no break.
    """

    effects: pd.DataFrame
    line: Floats
    counterfactual: tuple[Floats, Floats, Floats]
    p: float


def fit_segments(time: Floats, value: Floats, weight: Floats) -> Segments:
    """Fit level, slope, step and change of slope at time 0.

    Parameters
    ----------
    time, value, weight : ndarray of float
        Per period in order of time: its middle, 0 being the break; the mean; how much it counts.

    Returns
    -------
    Segments

    Examples
    --------
    >>> t = np.arange(-5, 5) + 0.5
    >>> noise = np.array([1, -1, -1, 1, 0, 0, 1, -1, -1, 1]) / 100
    >>> fit_segments(t, 5 + 0.1 * t + 2 * (t > 0) + noise, np.ones(10)).effects["value"].abs().round(1).tolist()
    [2.0, 0.0, 2.0]
    """
    from scipy.special import fdtrc, stdtr, stdtrit
    from statsmodels.regression.linear_model import WLS

    late = (time > 0).astype(float)
    design = np.column_stack([np.ones(len(time)), time, late, late * time])
    model = WLS(value, design, weights=weight / weight.mean())
    lags = int(4 * (len(time) / 100) ** (2 / 9))
    plain = model.fit()
    related = model.fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True)
    covariances = (np.asarray(plain.cov_params()), np.asarray(related.cov_params()))
    beta = np.asarray(plain.params)
    freedom = float(len(time) - design.shape[1])
    reach = float(stdtrit(freedom, 0.975))

    def error(contrast: Floats) -> Floats:
        return np.asarray(
            np.sqrt(np.max([np.einsum("...i,ij,...j->...", contrast, v, contrast) for v in covariances], axis=0))
        )

    after = weight * late
    contrasts = np.array([[0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 1, float((after * time).sum() / after.sum())]])
    effect, se = contrasts @ beta, error(contrasts)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stdtr(freedom, -np.abs(effect / se))
    effects = pd.DataFrame(
        {
            "effect": ["level", "slope", "average"],
            "value": effect,
            "low": effect - reach * se,
            "high": effect + reach * se,
            "p": p,
        }
    )
    both = []
    for covariance in covariances:
        part = covariance[2:, 2:]
        scale = np.linalg.pinv(part)
        both.append(float(beta[2:] @ scale @ beta[2:]) / 2)
    joint = float(fdtrc(2, freedom, max(0.0, min(both))))
    carried = np.column_stack([np.ones(len(time)), time, np.zeros(len(time)), np.zeros(len(time))])
    line, half = carried @ beta, reach * error(carried)
    return Segments(effects, design @ beta, (line, line - half, line + half), joint)
