"""Control limits and the rules by which a point is more than noise."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

__all__ = ["control_limits", "signals"]

_MOVING: Final = 1.128  # d2: the mean range of two draws from a normal of SD 1


def control_limits(points: pd.DataFrame, spread: float, chart: str, share: bool) -> pd.DataFrame:
    """Add centre, limits of three SD, z and signals to points, phase by phase.

    Parameters
    ----------
    points : DataFrame
        By time: ``value``, ``n``, ``phase``.
    spread : float
        SD of one value within a period; not looked at for shares, whose centre gives it.
    chart : {"laney", "p", "xmr"}
    share : bool

    Returns
    -------
    DataFrame
        With ``centre``, ``lower``, ``upper``, ``z`` and ``signal``.

    Examples
    --------
    >>> t = pd.DataFrame({"value": [5.0, 7.0, 5.0, 7.0], "n": 4, "phase": 0})
    >>> control_limits(t, 2.0, "p", False)[["centre", "lower", "upper"]].iloc[0].tolist()
    [6.0, 3.0, 9.0]
    """
    parts = []
    for _, part in points.groupby("phase", sort=True):
        part = part.copy()
        n, value = part["n"].to_numpy(dtype=float), part["value"].to_numpy(dtype=float)
        there = n > 0
        centre = float((n[there] * value[there]).sum() / n[there].sum()) if there.any() else float("nan")
        moves = np.abs(np.diff(value[there]))
        if chart == "xmr":
            centre = float(value[there].mean()) if there.any() else float("nan")
            sd = np.full(len(n), moves.mean() / _MOVING if len(moves) else np.nan)
        else:
            one = np.sqrt(centre * (1 - centre)) if share else spread
            with np.errstate(divide="ignore"):
                sd = np.where(there, one / np.sqrt(n), np.nan)
            if chart == "laney" and len(moves):
                with np.errstate(divide="ignore", invalid="ignore"):
                    beyond = np.abs(np.diff(((value - centre) / sd)[there])).mean() / _MOVING
                sd = sd * max(1.0, beyond if np.isfinite(beyond) else 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(there & (sd > 0), (value - centre) / sd, np.nan)
        part["centre"], part["lower"], part["upper"], part["z"] = centre, centre - 3 * sd, centre + 3 * sd, z
        if share:
            part[["lower", "upper"]] = part[["lower", "upper"]].clip(0, 1)
        signal = np.full(len(part), "", dtype=object)
        signal[there] = signals(z[there])
        part["signal"] = signal
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def signals(z: Floats) -> list[str]:
    """Name the rules that each point completes (Western Electric 1956), "; "-joined.

    Examples
    --------
    >>> signals(np.array([0.0, 2.5, 2.1, 3.5]))
    ['', '', '2 of 3', 'beyond 3; 2 of 3']
    """
    hit = {"beyond 3": np.abs(z) > 3}
    for name, many, of, sd in (("2 of 3", 2, 3, 2.0), ("4 of 5", 4, 5, 1.0), ("8 in a row", 8, 8, 0.0)):
        hit[name] = np.zeros(len(z), dtype=bool)
        for side in (z > sd, z < -sd):
            run = np.convolve(side.astype(int), np.ones(of, dtype=int))[: len(z)]
            hit[name] |= (run >= many) & side
    return ["; ".join(name for name, at in hit.items() if at[i]) for i in range(len(z))]
