"""The design matrix: what a touchpoint is in a regression when not everybody met it.

A customer who never phoned has no phone score: that is missing *by design*, and a column of its
own. Touchpoint j therefore stands in the regression as its exposure e_j and as
e_j·(x_j − mean of the exposed). A blank by an exposed customer is ordinary missing: it takes the
mean of the exposed, and the part that was filled in is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError

__all__ = ["Design", "RatingFrame", "build_design"]

Array = npt.NDArray[np.float64]

REACH: Final = (0.02, 0.98)
"""Outside this range of reach, exposure hardly varies and gets no column of its own."""

ALIASED: Final = 1e-9
"""A rating of which less than this part of its variance is its own cannot be told from the others."""


@dataclass(frozen=True, eq=False)
class RatingFrame:
    """Ratings, cleaned of codes: what `find_drivers` explains, and by what.

    Attributes
    ----------
    frame : DataFrame
        One row per respondent; the target, the touchpoints, the controls, weight and customer.
    exposed : DataFrame of bool
        Per touchpoint, whether the respondent met it; a missing score where it says yes is a blank.
    target : str
        Column of the score that is explained.
    touchpoints, controls : tuple of str
        Columns that explain, and columns that are always in.
    weight, customer : str, optional
        Column of the weights, and of who answered (rows of one customer are drawn together).
    groups : tuple of (str, tuple of str)
        Touchpoints that are one player, under their common name.
    higher_is_better : bool
        False when a low score on the target is the good end (effort, say).
    label : str, optional
        How sentences call the target; default its column.
    rejected : mapping of str to int
        Cells outside their scale, per column.
    notes : tuple of str
        What was decided on the way.
    """

    frame: pd.DataFrame
    exposed: pd.DataFrame
    target: str
    touchpoints: tuple[str, ...]
    controls: tuple[str, ...] = ()
    weight: str | None = None
    customer: str | None = None
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    higher_is_better: bool = True
    label: str | None = None
    rejected: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Design:
    """Columns ``[1, controls…, touchpoints…, score]``, standardised, rows in an order of their own content.

    Attributes
    ----------
    z : array of shape (n, 1 + c + q + 1)
        The columns.
    w : array of shape (n,)
        Weights with mean 1.
    cluster : array of shape (n,)
        0-based customer, ascending.
    always : int
        ``1 + c``: the constant and the columns of the controls.
    players : tuple of str
        What gets credit: touchpoints, or groups of them.
    groups : tuple of tuple of int
        Columns of each player, counted from the first touchpoint column.
    table : DataFrame
        Per player: ``touchpoint``, ``reach``, ``mean``, ``n``, ``imputed``, ``slope_scale``.
    dropped : dict of str to str
        Touchpoints that could not take part, and why.
    counts : dict of str to int
        Rows: read, without target, without weight, without any rating, used.
    notes : tuple of str
        What a reader must know.
    rating_columns : tuple of int
        Per player, its first rating column, or -1.
    target_scale : float
        Standard deviation of the score.
    rows : array of int, shape (n,)
        Of which row of the ratings each row is.
    labels : tuple of (str, str)
        Per column of the touchpoints: which touchpoint, and ``experience`` or ``exposure``.
    """

    z: Array
    w: Array
    cluster: npt.NDArray[np.intp]
    always: int
    players: tuple[str, ...]
    groups: tuple[tuple[int, ...], ...]
    table: pd.DataFrame
    dropped: dict[str, str]
    counts: dict[str, int]
    notes: tuple[str, ...]
    rating_columns: tuple[int, ...]
    target_scale: float
    rows: npt.NDArray[np.intp]
    labels: tuple[tuple[str, str], ...]

    @property
    def n(self) -> int:
        """Rows used."""
        return len(self.w)

    @property
    def n_kish(self) -> float:
        """Rows that equal weights would need for the same precision (Kish 1965)."""
        return float(self.w.sum() ** 2 / (self.w**2).sum())

    @property
    def n_eff(self) -> float:
        """The same, counted in customers: answers of one customer are no independent news."""
        totals = np.bincount(self.cluster, weights=self.w)
        return float(totals.sum() ** 2 / (totals**2).sum())


def _control_columns(frame: pd.DataFrame, controls: Sequence[str], w: Array) -> tuple[list[Array], list[str]]:
    """Numbers as they are, everything else as one 0/1 column per value but the most frequent."""
    columns: list[Array] = []
    notes: list[str] = []
    for name in controls:
        values = frame[name]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            x = values.to_numpy(dtype=np.float64, na_value=np.nan).copy()
            missing = ~np.isfinite(x)
            if missing.all():
                notes.append(f"control {name!r} has no value and was left out")
                continue
            if missing.any():
                x[missing] = np.average(x[~missing], weights=w[~missing])
                notes.append(f"control {name!r}: {int(missing.sum())} missing values took the mean")
            columns.append(x)
            continue
        text = values.astype("object").where(values.notna(), "(missing)").map(str)
        counts = text.value_counts()
        levels = sorted(counts.index, key=lambda level: (-counts[level], level))[1:]
        if len(levels) > 30:
            raise StudyError(
                f"control {name!r} has {len(levels) + 1} different values; a control may have 31 at most: "
                "give it in fewer classes"
            )
        columns.extend((text == level).to_numpy(dtype=np.float64) for level in levels)
    return columns, notes


def _standardise(x: Array, w: Array) -> tuple[Array, float]:
    mean = np.average(x, weights=w)
    centred = x - mean
    sd = float(np.sqrt(np.average(centred**2, weights=w)))
    # Relative to the column's own size: a constant 0.1 is not exactly constant in binary.
    if sd <= 1e-12 * max(1.0, float(np.abs(x).max(initial=0.0))):
        return np.zeros_like(x), 0.0
    return centred / sd, sd


def _usable(ratings: RatingFrame) -> tuple[pd.DataFrame, pd.DataFrame, Array, dict[str, int], list[str]]:
    frame, notes = ratings.frame, []
    y = frame[ratings.target].to_numpy(dtype=np.float64, na_value=np.nan)
    keep = np.isfinite(y)
    counts = {"read": len(frame), "without_target": int((~keep).sum())}
    w = np.ones(len(frame))
    if ratings.weight is not None:
        w = frame[ratings.weight].to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(w).any() or (w < 0).any():
            bad = w[np.isinf(w) | (w < 0)]
            raise StudyError(
                f"weights {ratings.weight!r}: {len(bad)} are negative or infinite (first: {bad[0]:g}); "
                "a weight is a positive number, 0 leaves a row out"
            )
    positive = w > 0
    counts["without_weight"] = int((keep & ~positive).sum())
    keep &= positive
    if not positive.any():
        raise StudyError(f"weights {ratings.weight!r}: none is positive; leave weights out to count every row once")
    names = list(ratings.touchpoints)
    exposed = ratings.exposed[names].to_numpy(dtype=bool)
    rated = np.isfinite(frame[names].to_numpy(dtype=np.float64, na_value=np.nan)) & exposed
    silent = keep & exposed.any(axis=1) & ~rated.any(axis=1)
    counts["without_rating"] = int(silent.sum())
    keep &= ~silent
    counts["used"] = int(keep.sum())
    for key, what in (
        ("without_target", f"have no usable score on {ratings.label or ratings.target!r}"),
        ("without_weight", "have no weight, or weight 0"),
        ("without_rating", "rated no touchpoint"),
    ):
        if counts[key]:
            notes.append(f"{counts[key]:,} of {counts['read']:,} rows {what} and were left out")
    return frame.loc[keep], ratings.exposed.loc[keep, names], w[keep], counts, notes


def _by_association(ratings: RatingFrame, frame: pd.DataFrame, w: Array) -> list[str]:
    """Order touchpoints by what they say about the score, not by what they are called or where they stand."""
    y = frame[ratings.target].to_numpy(dtype=np.float64)

    def association(name: str) -> float:
        x = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        has = np.isfinite(x)
        if not has.any():
            return 0.0
        a = x[has] - np.average(x[has], weights=w[has])
        b = y[has] - np.average(y[has], weights=w[has])
        size = float(np.sqrt((w[has] @ a**2) * (w[has] @ b**2)))
        return float(w[has] @ (a * b)) / size if size > 0 else 0.0

    # Nine digits: the order of the rows moves the last ones.
    return sorted(ratings.touchpoints, key=lambda name: (-round(association(name), 9), name))


def _canonical(
    ratings: RatingFrame, frame: pd.DataFrame, exposed: pd.DataFrame, w: Array, touchpoints: list[str]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Order rows by what they say, customers together: no result depends on the order they came in."""
    names = [ratings.target, *touchpoints]
    keys = [frame[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in names]
    keys += [exposed[name].to_numpy(dtype=np.float64) for name in touchpoints]
    keys += [pd.factorize(frame[name].map(str), sort=True)[0].astype(np.float64) for name in ratings.controls]
    keys.append(w)
    if ratings.customer is None:
        return np.lexsort(keys[::-1]), np.arange(len(frame))
    codes = pd.factorize(frame[ratings.customer].map(str), sort=True)[0]
    order = np.lexsort([codes, *keys[::-1]])
    first = pd.factorize(codes[order])[0]
    together = np.argsort(first, kind="stable")
    return order[together], first[together].astype(np.intp)


@dataclass
class _Column:
    """One touchpoint on its way into the matrix."""

    name: str
    rating: Array | None
    exposure: Array | None
    reach: float
    mean: float
    n: int
    imputed: float
    scale: float


def _touchpoint(name: str, x: Array, e: npt.NDArray[np.bool_], w: Array, limit: float) -> _Column | str:
    """Return the columns of one touchpoint, or why it has none."""
    reach = float(w[e].sum() / w.sum())
    if not e.any():
        return "nobody met it"
    rated = e & np.isfinite(x)
    n = int(rated.sum())
    blank = 1 - n / int(e.sum())
    if n == 0:
        return "nobody who met it gave a score"
    if blank > limit:
        return f"{blank:.0%} of those who met it gave no score; at most {limit:.0%} may be filled in (max_imputed)"
    mean = float(np.average(x[rated], weights=w[rated]))
    column, scale = _standardise(np.where(rated, x - mean, 0.0), w)
    constant = scale == 0.0 or bool(np.ptp(x[rated]) == 0)
    exposure = None
    if REACH[0] <= reach <= REACH[1]:
        exposure, _ = _standardise(e.astype(np.float64), w)
    if constant and exposure is None:
        return f"all its scores are {mean:g}" if n > 1 else "it has a single score"
    return _Column(name, None if constant else column, exposure, reach, mean, n, blank, scale)


def _independent(fixed: list[Array], columns: list[_Column], w: Array) -> dict[str, str]:
    """Name the touchpoints whose ratings the ones before them and the controls give exactly."""
    root = np.sqrt(w / w.sum())
    basis: list[Array] = []

    def widens(x: Array) -> bool:
        size = float(x @ x)
        for _ in range(2):  # twice is enough (Giraud, Langou & Rozložník 2005)
            for b in basis:
                x = x - (b @ x) * b
        rest = float(x @ x)
        if rest <= ALIASED * size:
            return False
        basis.append(x / np.sqrt(rest))
        return True

    for x in fixed:
        widens(x * root)
    kept: list[tuple[str, Array]] = []
    dropped: dict[str, str] = {}
    for column in columns:
        if column.rating is None:
            continue
        x = column.rating * root
        if widens(x):
            kept.append((column.name, x))
            continue
        # The basis is orthogonal: which touchpoints take part needs a solve in their own terms.
        own = np.column_stack([*(f * root for f in fixed), *(r for _, r in kept)])
        solved = np.linalg.lstsq(own, x, rcond=None)[0][len(fixed) :]
        partners = [name for (name, _), b in zip(kept, solved, strict=True) if abs(b) > 1e-6]
        with_whom = ", ".join(repr(p) for p in partners) or "the controls"
        dropped[column.name] = f"its scores follow exactly from {with_whom} (perfect collinearity)"
    return dropped


def build_design(ratings: RatingFrame, max_imputed: float = 0.6) -> Design:
    """Turn ratings into the columns of the regression.

    Parameters
    ----------
    ratings : RatingFrame
        Scores without codes, and who met what.
    max_imputed : float, default 0.6
        A touchpoint of which a larger part of the exposed gave no score takes no part.

    Returns
    -------
    Design
        Standardised columns, and everything that was left out by name.

    Raises
    ------
    NotEnoughDataError
        When fewer rows than columns, one customer, no touchpoint or a constant score are left.
    StudyError
        For weights that are no weights and for a touchpoint that is the target in disguise.

    Examples
    --------
    >>> frame = pd.DataFrame({"all": [1.0, 2, 3, 4, 5, 4], "mail": [1.0, 2, 2, 4, 5, 5]})
    >>> met = pd.DataFrame({"mail": [True] * 6})
    >>> build_design(RatingFrame(frame, met, "all", ("mail",))).groups
    ((0,),)
    """
    whole = ratings.frame.reset_index(drop=True)
    ratings = replace(ratings, frame=whole, exposed=ratings.exposed.set_axis(whole.index))
    frame, exposed, w, counts, notes = _usable(ratings)
    n = len(frame)
    if n < 2:
        raise NotEnoughDataError(
            f"{n} of {counts['read']} rows can be used (a score on {ratings.target!r}, a weight, a rated touchpoint); "
            "drivers need many respondents: at least 300 for a verdict"
        )
    touchpoints = _by_association(ratings, frame, w)
    order, cluster = _canonical(ratings, frame, exposed, w, touchpoints)
    frame, exposed, w = frame.iloc[order], exposed.iloc[order], w[order]
    w = w / w.mean()
    y = frame[ratings.target].to_numpy(dtype=np.float64)
    target, target_scale = _standardise(y, w)
    if target_scale == 0.0:
        raise NotEnoughDataError(
            f"all {n:,} usable scores on {ratings.target!r} are {y[0]:g}: there is nothing to explain"
        )
    columns: list[_Column] = []
    dropped: dict[str, str] = {}
    for name in touchpoints:
        x = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        e = exposed[name].to_numpy(dtype=bool)
        if n > 2 and e.any() and np.array_equal(np.where(e, x, y), y) and e.mean() > 0.5:
            raise StudyError(
                f"touchpoint {name!r} holds the same numbers as the target {ratings.target!r}: a score cannot "
                "explain itself; take it out of touchpoints"
            )
        made = _touchpoint(name, x, e, w, max_imputed)
        if isinstance(made, str):
            dropped[name] = made
        else:
            columns.append(made)
    fixed, more = _control_columns(frame, ratings.controls, w)
    notes += more
    fixed = [c for c, sd in (_standardise(c, w) for c in fixed) if sd > 0]
    aliased = _independent(fixed, columns, w)
    dropped |= aliased
    columns = [c for c in columns if c.name not in aliased]
    if not columns:
        raise NotEnoughDataError(
            "no touchpoint can take part: " + "; ".join(f"{name!r}: {why}" for name, why in dropped.items())
        )
    members = {name: group for group, names in ratings.groups for name in names}
    players = list(dict.fromkeys(members.get(c.name, c.name) for c in columns))
    matrix: list[Array] = []
    groups: list[tuple[int, ...]] = []
    rating_columns: list[int] = []
    labels: list[tuple[str, str]] = []
    rows: list[dict[str, Any]] = []
    for player in players:
        mine = [c for c in columns if members.get(c.name, c.name) == player]
        start = len(matrix)
        scores = [c.rating for c in mine if c.rating is not None]
        matrix += scores
        matrix += [c.exposure for c in mine if c.exposure is not None]
        labels += [(c.name, "experience") for c in mine if c.rating is not None]
        labels += [(c.name, "exposure") for c in mine if c.exposure is not None]
        groups.append(tuple(range(start, len(matrix))))
        rating_columns.append(start if len(scores) == 1 and len(mine) == 1 else -1)
        weights = [c.n for c in mine]
        rows.append(
            {
                "touchpoint": player,
                "reach": max(c.reach for c in mine),
                "mean": float(np.average([c.mean for c in mine], weights=weights)),
                "n": sum(weights),
                "imputed": float(np.average([c.imputed for c in mine], weights=weights)),
                "slope_scale": mine[0].scale if len(mine) == 1 else np.nan,
            }
        )
    needed = len(matrix) + len(fixed) + 3
    if n < needed:
        raise NotEnoughDataError(
            f"{n} usable rows cannot carry {len(matrix)} columns of {len(columns)} touchpoints"
            + (f" and {len(fixed)} of controls" if fixed else "")
            + f"; at least {needed} are needed, and 300 for a verdict: give more rows or fewer touchpoints"
        )
    if cluster[-1] == 0:
        raise NotEnoughDataError(
            f"all {n} usable rows come from one customer ({ratings.customer!r} is the same everywhere); "
            "drivers are differences between customers"
        )
    z = np.column_stack([np.ones(n), *fixed, *matrix, target])
    imputed = [r for r in rows if r["imputed"] > 0]
    if imputed:
        notes.append(
            "blanks by customers who met a touchpoint took the mean of those who met it: "
            + ", ".join(f"{r['touchpoint']} {r['imputed']:.0%}" for r in imputed)
        )
    notes += [f"touchpoint {name!r} takes no part: {why}" for name, why in dropped.items()]
    rows_used = frame.index.to_numpy(dtype=np.intp).copy()
    for array in (z, w, cluster, rows_used):
        array.setflags(write=False)
    return Design(
        z=z,
        w=w,
        cluster=cluster,
        always=1 + len(fixed),
        players=tuple(players),
        groups=tuple(groups),
        table=pd.DataFrame(rows),
        dropped=dropped,
        counts=counts,
        notes=tuple(notes),
        rating_columns=tuple(rating_columns),
        target_scale=target_scale,
        rows=rows_used,
        labels=tuple(labels),
    )
