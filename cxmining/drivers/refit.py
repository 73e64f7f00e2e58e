"""The same respondents asked again, with further columns for one touchpoint at a time.

A what-if bends the line of one touchpoint, the look at asymmetry puts steps in its place; everything else
stays as in the analysis. One bootstrap of whole customers serves all touchpoints: cross products of what
they have in common are made once per draw, and each touchpoint's own columns are taken in by a small solve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from cxmining.errors import StudyError, UnknownNameError, nearest

if TYPE_CHECKING:
    from cxmining.drivers.analysis import DriverAnalysis
    from cxmining.drivers.design import Design

__all__ = ["Draws", "Rated", "draw", "quantiles", "rated_touchpoints"]

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

CHUNK: Final = 512
"""Customers whose cross products are held at once; part of what a seed means."""

RIDGE: Final = 1e-9
"""Of a column's own size: a touchpoint that a draw holds nobody of has no coefficient, and breaks nothing."""


@dataclass(frozen=True, eq=False)
class Rated:
    """One touchpoint's scores, as they were given.

    Attributes
    ----------
    name : str
    column : int
        Where its scores stand in the design, the constant and the controls counted.
    x : array of shape (n,)
        Scores; missing where there is none.
    rated, met : array of bool, shape (n,)
    scale : float
        Points of one unit of the design's column.
    low, high : float
        Ends of the scale.
    """

    name: str
    column: int
    x: Array
    rated: Mask
    met: Mask
    scale: float
    low: float
    high: float

    def centred(self, values: Array, w: Array) -> Array:
        """Return `values` less their mean among who scored it, and 0 for everybody else."""
        mean = float(np.average(values[self.rated], weights=w[self.rated]))
        return np.where(self.rated, values - mean, 0.0)


def rated_touchpoints(
    found: DriverAnalysis,
    names: Sequence[str] | None,
    scales: dict[str, tuple[float, float]] | None,
    what: str,
) -> tuple[list[Rated], dict[str, str]]:
    """Return the touchpoints of an analysis with their scores, and why others have none.

    Parameters
    ----------
    found : DriverAnalysis
    names : sequence of str, optional
        Default all.
    scales : mapping of str to (float, float), optional
        Ends of a touchpoint's scale; default the lowest and the highest score that anybody gave it.
    what : str
        Who asks, for messages.

    Raises
    ------
    UnknownNameError
        For a touchpoint that is not in the analysis.
    StudyError
        When the analysis was made without its rows, or a named touchpoint has no scores of its own.
    """
    design, ratings = found.design, found.ratings
    if design is None or ratings is None:
        raise StudyError(f"{what}: this analysis does not hold its rows; make it with find_drivers")
    for name in names or ():
        if name not in design.players:
            raise UnknownNameError(f"{what}: no touchpoint {name!r} in this analysis; {nearest(name, design.players)}")
    frame = ratings.frame.reset_index(drop=True)
    members = {name for name, _ in ratings.groups}
    out: list[Rated] = []
    without: dict[str, str] = {}
    for player, (name, column) in enumerate(zip(design.players, design.rating_columns, strict=True)):
        if names is not None and name not in names:
            continue
        if column < 0:
            without[name] = (
                "it is a group of touchpoints, which have no score in common" if name in members
                else "all who met it gave the same score"
            )  # fmt: skip
            continue
        x = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)[design.rows]
        met = ratings.exposed[name].to_numpy(dtype=bool)[design.rows]
        rated = met & np.isfinite(x)
        low, high = (scales or {}).get(name, (float(x[rated].min()), float(x[rated].max())))
        scale = float(design.table["slope_scale"][player])
        out.append(Rated(name, design.always + column, x, rated, met, scale, low, high))
    if names is not None and without:
        name, why = next(iter(without.items()))
        raise StudyError(f"{what}: touchpoint {name!r} cannot be asked: {why}")
    if not out:
        raise StudyError(f"{what}: no touchpoint of this analysis has scores of its own")
    return out, without


@dataclass(frozen=True, eq=False)
class Draws:
    """Cross products of the data (row 0) and of each draw of customers (the rows after).

    Attributes
    ----------
    base : array of shape (1 + R, m, m)
        Of the design's columns.
    cross : list of array of shape (1 + R, m, k)
        Per touchpoint, of the design's columns with its own.
    own : list of array of shape (1 + R, k, k)
        Per touchpoint, of its own columns.
    sums : list of array of shape (1 + R, d)
        Per touchpoint, weighted sums of what was to be averaged.
    """

    base: Array
    cross: list[Array]
    own: list[Array]
    sums: list[Array]
    inverse: Array

    def coefficients(self, place: int, column: int, *, instead: bool = False) -> tuple[Array, Array, Array]:
        """Return the coefficient of a design's column without and with a touchpoint's own columns, and theirs.

        Parameters
        ----------
        place : int
            Which touchpoint.
        column : int
            Its column in the design.
        instead : bool, default False
            Whether its own columns stand in the place of that column.

        Returns
        -------
        alone, beside : array of shape (1 + R,)
            In units of the score's standard deviation per unit of the column.
        extra : array of shape (1 + R, k)
        """
        inverse, q = self.inverse, self.base.shape[1] - 1
        score = self.base[:, :q, q]
        beta = np.einsum("rij,rj->ri", inverse, score)
        alone = beta[:, column]
        if instead:  # the inverse without one row and column (Schur)
            pivot = inverse[:, column]
            inverse = inverse - pivot[:, :, None] * pivot[:, None, :] / pivot[:, column, None, None]
            beta = np.einsum("rij,rj->ri", inverse, score)
        cross = self.cross[place][:, :q]
        explained = np.matmul(inverse, cross)
        rest = self.own[place] - np.matmul(cross.transpose(0, 2, 1), explained)
        k = rest.shape[1]
        size = np.maximum(self.own[place][:, range(k), range(k)], 1e-300)
        rest[:, range(k), range(k)] += 1e3 * RIDGE * size
        moment = self.cross[place][:, q] - np.einsum("rqk,rq->rk", cross, beta)
        extra = np.linalg.solve(rest, moment[:, :, None])[:, :, 0]
        beside = beta[:, column] - np.einsum("rk,rk->r", explained[:, column], extra)
        return alone, beside, extra


def draw(
    design: Design, extra: Sequence[Sequence[Array]], averaged: Sequence[Sequence[Array]], replicates: int, seed: int
) -> Draws:
    """Draw customers with Poisson(1) counts and return all cross products that are asked for.

    Parameters
    ----------
    design : Design
    extra : sequence of sequences of array of shape (n,)
        Per touchpoint, its own columns, centred.
    averaged : sequence of sequences of array of shape (n,)
        Per touchpoint, columns whose weighted sums are wanted.
    replicates, seed : int

    References
    ----------
    Chamandy, Muralidharan, Najmi & Naidu (2012). Estimating uncertainty for massive data streams. Google.
    """
    from threadpoolctl import threadpool_limits

    m = design.z.shape[1]
    columns = [design.z, *(np.column_stack(c) for c in [*extra, *averaged] if len(c))]
    wide = np.column_stack(columns)
    first, second = ([int(i) for i in part] for part in np.triu_indices(m))
    parts: list[tuple[int, int, int]] = []  # where a touchpoint's cross products begin, and of how many columns
    at = m
    for own in extra:
        k = len(own)
        parts.append((len(first), k, at))
        rows, cols = np.triu_indices(k)
        first += [b for b in range(m) for _ in range(k)] + [at + int(r) for r in rows]
        second += [at + i for _ in range(m) for i in range(k)] + [at + int(c) for c in cols]
        at += k
    sums_at: list[tuple[int, int]] = []
    for what in averaged:
        sums_at.append((len(first), len(what)))
        first += [0] * len(what)
        second += range(at, at + len(what))
        at += len(what)
    left, right = np.asarray(first), np.asarray(second)
    total = np.zeros((1 + replicates, len(left)))
    rng = np.random.default_rng([seed, 11])
    starts = np.flatnonzero(np.diff(design.cluster, prepend=-1))
    ends = np.append(starts[1:], design.n)
    with threadpool_limits(limits=1):  # a sum split over threads rounds differently from machine to machine
        for begin in range(0, len(starts), CHUNK):
            a, b = starts[begin], ends[min(begin + CHUNK, len(starts)) - 1]
            z = wide[a:b]
            cross = (z[:, left] * design.w[a:b, None]) * z[:, right]
            of = starts[begin : begin + CHUNK] - a
            cross = cross if len(of) == len(z) else np.add.reduceat(cross, of, axis=0)
            total[0] += cross.sum(axis=0)
            total[1:] += rng.poisson(1.0, size=(replicates, len(cross))).astype(np.float64) @ cross
        base = _square(total[:, : m * (m + 1) // 2], m)
        crossed, owned = [], []
        for start, k, _ in parts:
            crossed.append(total[:, start : start + m * k].reshape(len(total), m, k))
            owned.append(_square(total[:, start + m * k : start + m * k + k * (k + 1) // 2], k))
        q = m - 1
        head = base[:, :q, :q].copy()
        sizes = np.maximum(head[0, range(q), range(q)], 1.0)
        head[:, range(q), range(q)] += RIDGE * sizes
        return Draws(
            base,
            crossed,
            owned,
            [total[:, s : s + d] for s, d in sums_at],
            np.asarray(np.linalg.inv(head), dtype=np.float64),
        )


def _square(packed: Array, m: int) -> Array:
    full = np.empty((len(packed), m, m))
    rows, columns = np.triu_indices(m)
    full[:, rows, columns] = packed
    full[:, columns, rows] = packed
    return full


def quantiles(draws: Array) -> tuple[float, float]:
    """Return the ends of the 95% percentile interval of draws; missing when none is a number."""
    use = draws[np.isfinite(draws)]
    if not len(use):
        return float("nan"), float("nan")
    low, high = np.quantile(use, [0.025, 0.975])
    return float(low), float(high)
