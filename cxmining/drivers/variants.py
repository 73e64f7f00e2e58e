"""The same question with other answers left in: whether shares hang on how missing scores were treated."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.drivers.bootstrap import total_moments
from cxmining.drivers.design import RatingFrame, build_design
from cxmining.drivers.estimate import Problem
from cxmining.errors import CxminingError

if TYPE_CHECKING:
    from cxmining.drivers.design import Design

__all__ = ["sensitivity_of"]

Array = npt.NDArray[np.float64]
_COLUMNS = ["variant", "touchpoint", "share", "rank", "r2", "n", "note"]


def sensitivity_of(ratings: RatingFrame, design: Design, method: str, max_imputed: float) -> pd.DataFrame:
    """Return the shares again with other treatments of missing scores, weights and controls.

    Parameters
    ----------
    ratings : RatingFrame
        What was analysed.
    design : Design
        Its columns.
    method : {"lmg", "pmvd"}
        Which credit.
    max_imputed : float
        As in `find_drivers`.

    Returns
    -------
    DataFrame
        ``variant`` (as analysed, complete cases, available cases, unweighted, without controls), ``touchpoint``,
        ``share``, ``rank``, ``r2`` (of the whole score, controls taken off), ``n``, ``note``. A variant that cannot
        be made has one row that says why.
    """
    tables = [_shares("as analysed", design, method)]
    rated = ratings.frame[list(ratings.touchpoints)].notna().to_numpy()
    complete = (rated & ratings.exposed[list(ratings.touchpoints)].to_numpy(dtype=bool)).all(axis=1)
    asked: list[tuple[str, RatingFrame | None, str]] = [
        ("complete cases", _rows(ratings, complete), "nobody rated all touchpoints" if not complete.any() else ""),
        ("unweighted", replace(ratings, weight=None) if ratings.weight else None, "there are no weights"),
        ("without controls", replace(ratings, controls=()) if ratings.controls else None, "there are no controls"),
    ]
    for variant, other, why in asked:
        if other is None or (why and variant == "complete cases"):
            tables.append(_empty(variant, why))
            continue
        try:
            tables.append(_shares(variant, build_design(other, max_imputed), method))
        except CxminingError as error:
            tables.append(_empty(variant, str(error)))
        if variant == "complete cases":
            tables.append(_available(ratings, design, method))
    return pd.concat(tables, ignore_index=True)[_COLUMNS]


def _rows(ratings: RatingFrame, take: npt.NDArray[np.bool_]) -> RatingFrame:
    return replace(
        ratings,
        frame=ratings.frame.loc[take].reset_index(drop=True),
        exposed=ratings.exposed.loc[take].reset_index(drop=True),
    )


def _empty(variant: str, why: str) -> pd.DataFrame:
    row = {"variant": variant, "touchpoint": None, "share": np.nan, "rank": pd.NA, "r2": np.nan, "n": 0, "note": why}
    return pd.DataFrame([row]).astype({"rank": "Int64"})


def _table(variant: str, players: tuple[str, ...], share: Array, r2: float, n: int, note: str = "") -> pd.DataFrame:
    order = np.argsort(-np.round(share, 9), kind="stable")
    return pd.DataFrame(
        {
            "variant": variant,
            "touchpoint": [players[i] for i in order],
            "share": share[order],
            "rank": pd.array(np.arange(1, len(order) + 1), dtype="Int64"),
            "r2": r2,
            "n": n,
            "note": note,
        }
    )


def _shares(variant: str, design: Design, method: str) -> pd.DataFrame:
    point = Problem(design.groups, design.always, method).estimate(total_moments(design), design.n_kish)
    gone = [name for name in design.dropped if name not in design.players]
    note = f"without {', '.join(gone)}" if gone else ""
    return _table(variant, design.players, point.credit[:, 0], float(point.r2[0]), design.n, note)


def _available(ratings: RatingFrame, design: Design, method: str) -> pd.DataFrame:
    """Correlate each pair on who rated both: no exposure columns, and a matrix that may fit no data at all."""
    frame = ratings.frame.iloc[design.rows]
    names = [c for c in ratings.touchpoints if c in {name for name, _ in design.labels}]
    x = frame[names].to_numpy(dtype=np.float64, na_value=np.nan)
    x = np.where(ratings.exposed.iloc[design.rows][names].to_numpy(dtype=bool), x, np.nan)
    z = np.column_stack([design.z[:, 1 : design.always], x, design.z[:, -1]])
    has, w = np.isfinite(z), design.w[:, None]
    filled = np.where(has, z, 0.0)
    weight = (has * w).T @ has
    safe = np.maximum(weight, 1e-12)
    mean_a = (filled * w).T @ has / safe  # of a, where both are there
    both = (filled * w).T @ filled / safe - mean_a * mean_a.T
    square = ((filled**2) * w).T @ has / safe - mean_a**2
    scale = np.sqrt(np.maximum(square, 0) * np.maximum(square.T, 0))
    corr = np.divide(both, scale, out=np.zeros_like(both), where=scale > 1e-12)
    np.fill_diagonal(corr, 1.0)
    values, vectors = np.linalg.eigh(corr)
    note = "pairs of scores by who gave both; who met what is not in it"
    if values[0] < 1e-6:
        corr = (vectors * np.maximum(values, 1e-6)) @ vectors.T
        root = np.sqrt(np.diag(corr))
        corr = corr / root[:, None] / root[None, :]
        note += "; no data can have these correlations together, the nearest that some can were taken"
    members = {name: group for group, several in ratings.groups for name in several}
    players = tuple(dict.fromkeys(members.get(name, name) for name in names))
    groups = tuple(tuple(i for i, n in enumerate(names) if members.get(n, n) == player) for player in players)
    moments = np.zeros((1, len(corr) + 1, len(corr) + 1))
    moments[0, 0, 0] = 1.0
    moments[0, 1:, 1:] = corr
    order = [0, *range(1, design.always), *(design.always + c for g in groups for c in g), len(corr)]
    begins = [0, *accumulate(map(len, groups))]
    laid = tuple(tuple(range(a, b)) for a, b in pairwise(begins))
    point = Problem(laid, design.always, method).estimate(
        moments[:, np.asarray(order)[:, None], np.asarray(order)], design.n_kish
    )
    n = int(has[:, design.always - 1 : -1].sum(axis=0).min()) if len(names) else 0
    return _table("available cases", players, point.credit[:, 0], float(point.r2[0]), n, note)
