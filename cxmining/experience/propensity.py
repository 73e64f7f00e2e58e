"""Who answers: a model of the chance to answer, the weights it gives, and how alike it makes the answerers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.stats import deal_folds

__all__ = ["Propensity", "feature_values", "fit_propensity"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FEWEST: Final = 50  # answers, and as many refusals: below, a model of who answers is a guess
_RARE: Final = 20  # rarer values of a feature are put together
_TRIM: Final = 0.02  # no chance to answer is taken for smaller than that of the lowest 2% who answered
_REPEATS: Final = 500


@dataclass(frozen=True, eq=False)
class Propensity:
    """How likely each who was invited was to answer, by what is known of all.

    Attributes
    ----------
    chance : ndarray of float, shape (n invited,)
        Predicted by a model that was not fitted on the same customer.
    weight : ndarray of float, shape (n invited,)
        Of those who answered: one over the chance, trimmed, with mean 1; missing for the others.
    auc, auc_low, auc_high : float
        How well the chance tells answerers from the others (.5 is not at all), with its 95% interval.
    balance : DataFrame
        One row per feature value: ``feature``, ``value``, ``share_invited``, ``share_answered``, ``share_weighted``,
        ``smd_before``, ``smd_after`` (standardised differences between answerers and all who were invited).
    """

    chance: Floats
    weight: Floats
    auc: float
    auc_low: float
    auc_high: float
    balance: pd.DataFrame


def fit_propensity(
    features: pd.DataFrame,
    answered: npt.ArrayLike,
    group: npt.ArrayLike,
    *,
    values: Mapping[str, pd.Series] | None = None,
    folds: int = 5,
    seed: int = 1,
) -> Propensity:
    """Model who answers by a cross-fitted logistic regression (Rosenbaum and Rubin 1983).

    Parameters
    ----------
    features : DataFrame
        One row per invitation, known before it was answered: numbers are standardised and bent (a square
        beside each), anything else counts by value; missing is a value.
    answered : array-like of bool
    group : array-like
        Whose invitation it is: nobody's chance is predicted from his own answers.
    values : mapping of str to Series, optional
        What :func:`feature_values` makes of `features`, where it is known already.
    folds : int, default 5
    seed : int, default 1

    Returns
    -------
    Propensity

    Raises
    ------
    NotEnoughDataError
        With fewer than 50 answers or refusals, or no feature that differs.
    """
    said = np.asarray(answered, dtype=bool)
    owner = pd.factorize(pd.Series(np.asarray(group)))[0]
    n, yes = len(said), int(np.count_nonzero(said))
    if min(yes, n - yes) < FEWEST:
        raise NotEnoughDataError(
            f"{yes:,} of {n:,} invitations were answered: to model who answers, at least {FEWEST} answers and as many "
            "without are needed"
        )
    values = feature_values(features) if values is None else values
    design = _design(features, values)
    if not design.shape[1]:
        raise NotEnoughDataError("nothing that is known of those who were invited differs between them")
    chance = _crossfitted(design, said, owner, folds, seed)
    least = max(float(np.quantile(chance[said], _TRIM)), 1e-6)
    weight = np.where(said, 1 / np.maximum(chance, least), np.nan)
    weight /= np.nanmean(weight)
    auc, low, high = _auc(chance, said, owner, seed)
    return Propensity(chance, weight, auc, low, high, _balance(values, said, weight))


def feature_values(features: pd.DataFrame) -> dict[str, pd.Series]:
    """Return each feature as text of few values: numbers by thirds, rare values together, missing as a value."""
    values: dict[str, pd.Series] = {}
    for name, column in features.items():
        if _is_number(column):
            values[str(name)] = _thirds(_numbers(column))
            continue
        text = column.astype("str").fillna("(unknown)").reset_index(drop=True)
        counts = text.value_counts()
        values[str(name)] = text.where(~text.isin(counts.index[counts < _RARE]), "(rare)")
    return values


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _numbers(column: pd.Series) -> Floats:
    return np.asarray(column.astype("Float64").to_numpy(dtype=float, na_value=np.nan))


def _design(features: pd.DataFrame, values: Mapping[str, pd.Series]) -> Floats:
    columns: list[Floats] = []
    for name, column in features.items():
        if not _is_number(column):
            text = values[str(name)]
            columns += [(text == kind).to_numpy(dtype=float) for kind in sorted(text.unique())[1:]]
            continue
        x = _numbers(column)
        missing = np.isnan(x)
        spread = float(np.nanstd(x)) if (~missing).any() else 0.0
        if spread > 0:
            z = np.clip(np.where(missing, 0.0, (x - np.nanmean(x)) / spread), -4, 4)
            columns += [z, np.where(missing, 0.0, z * z - 1)]
        if missing.any() and not missing.all():
            columns.append(missing.astype(float))
    return np.column_stack(columns) if columns else np.zeros((len(features), 0))


def _thirds(x: Floats) -> pd.Series:
    """Name the third of the values that a number is in, for the table of balance."""
    if not (~np.isnan(x)).any():
        return pd.Series(["(unknown)"] * len(x), dtype="str")
    one, two = np.nanquantile(x, [1 / 3, 2 / 3])
    names = np.where(x <= one, f"up to {one:.3g}", np.where(x <= two, f"up to {two:.3g}", f"above {two:.3g}"))
    return pd.Series(np.where(np.isnan(x), "(unknown)", names), dtype="str")


def _crossfitted(design: Floats, said: Bools, owner: npt.NDArray[Any], folds: int, seed: int) -> Floats:
    from sklearn.linear_model import LogisticRegression

    chance = np.full(len(said), said.mean())
    dealt = deal_folds(owner, folds, seed)
    for fold in range(folds):
        train, test = dealt != fold, dealt == fold
        if said[train].all() or not said[train].any():
            continue
        model = LogisticRegression(C=1.0, max_iter=500).fit(design[train], said[train])
        chance[test] = model.predict_proba(design[test])[:, 1]
    return chance


def _auc(chance: Floats, said: Bools, owner: npt.NDArray[Any], seed: int) -> tuple[float, float, float]:
    """Return the area under the curve, its interval by resampling customers."""
    from scipy.stats import rankdata

    def area(weights: Floats) -> float:
        # Weighted Mann-Whitney: ranks of a sample in which each customer occurs as often as he was drawn.
        w = weights[order]
        yes = np.where(said[order], w, 0.0)
        no = w - yes
        tied_yes = np.bincount(tie, weights=yes)
        tied_no = np.bincount(tie, weights=no)
        below = np.cumsum(tied_no) - tied_no
        total = yes.sum() * no.sum()
        return float((tied_yes * (below + tied_no / 2)).sum() / total) if total else float("nan")

    order = np.argsort(chance, kind="stable")
    tie = (rankdata(chance[order], method="dense") - 1).astype(int)
    rng = np.random.default_rng(seed)
    people = int(owner.max()) + 1
    draws = [area(rng.multinomial(people, np.full(people, 1 / people))[owner].astype(float)) for _ in range(_REPEATS)]
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return area(np.ones(len(said))), float(low), float(high)


def _balance(values: Mapping[str, pd.Series], said: Bools, weight: Floats) -> pd.DataFrame:
    rows = []
    for name, column in values.items():
        for value in sorted(column.unique()):
            has = (column == value).to_numpy(dtype=float)
            everybody, answered = float(has.mean()), float(has[said].mean())
            weighted = float(np.average(has[said], weights=weight[said]))
            spread = float(np.sqrt(everybody * (1 - everybody))) or float("nan")
            rows.append(
                (
                    name,
                    value,
                    everybody,
                    answered,
                    weighted,
                    (answered - everybody) / spread,
                    (weighted - everybody) / spread,
                )
            )
    columns = ["feature", "value", "share_invited", "share_answered", "share_weighted", "smd_before", "smd_after"]
    return pd.DataFrame(rows, columns=columns)
