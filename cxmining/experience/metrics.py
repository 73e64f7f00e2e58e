"""What is said of a score, by its metric: each has figures of its own, and each figure its own interval.

NPS is a difference of two shares and never a mean; CSAT is read as a mean and as the share of the two best answers; a
rapportcijfer as a mean, the share of at least 8 and the share that fails; effort in the direction in which it was asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import StudyError
from cxmining.schema import CONTACT, OVERALL
from cxmining.stats import Interval, design_of, nps, scale_mean, share_interval

__all__ = [
    "HEADLINE",
    "MEASURES",
    "Question",
    "answer_weights",
    "direction_of",
    "headline",
    "is_nps_scale",
    "measures_of",
]

Floats = npt.NDArray[np.float64]


class Question(NamedTuple):
    """How a score is meant: its metric, the ends of its scale, and whether more is better."""

    metric: str
    low: float
    high: float
    better: bool


MEASURES: Final = (
    "nps", "promoters", "passives", "detractors", "mean", "top-2-box", "8 or more", "5 or less", "easy",
)  # fmt: skip
"""Shares run from 0 to 1, ``nps`` from -100 to 100, ``mean`` over the scale of the question."""
HEADLINE: Final = {"nps": "nps"}
"""The one figure by which a metric is named; all others are named by their mean."""


def is_nps_scale(low: float, high: float) -> bool:
    """Whether promoters (9 and 10) and detractors (0 to 6) can be told on a scale."""
    return high == 10 and low in (0, 1)


def direction_of(question: Question) -> str:
    """Say in which direction a score is good.

    Examples
    --------
    >>> direction_of(Question("ces", 1, 7, True)), direction_of(Question("ces", 1, 5, False))
    ('higher is easier', 'higher is more effort')
    """
    if question.metric == "ces":
        return "higher is easier" if question.better else "higher is more effort"
    return "higher is better" if question.better else "lower is better"


def _shares(question: Question) -> dict[str, Callable[[Floats], npt.NDArray[np.bool_]]]:
    """Which shares a metric is read by: name → who counts."""
    low, high, better = question.low, question.high, question.better
    if question.metric == "nps" and is_nps_scale(low, high):
        return {"promoters": lambda x: x >= 9, "passives": lambda x: (x > 6) & (x < 9), "detractors": lambda x: x <= 6}
    if question.metric == "csat" and high - low >= 3:
        return {"top-2-box": (lambda x: x >= high - 1) if better else (lambda x: x <= low + 1)}
    if question.metric == "rapportcijfer" and high == 10 and better:
        return {"8 or more": lambda x: x >= 8, "5 or less": lambda x: x <= 5}
    if question.metric == "ces" and high - low >= 3:
        middle = (low + high) / 2
        return {"easy": (lambda x: x > middle) if better else (lambda x: x < middle)}
    return {}


def measures_of(
    score: npt.ArrayLike, question: Question, weight: Floats | None = None, customer: Any | None = None
) -> dict[str, Interval]:
    """Return every figure by which a metric is read, with its interval.

    Parameters
    ----------
    score : array-like of float
        As answered, never turned round; missing ones are left out.
    question : Question
    weight : ndarray of float, optional
    customer : array-like, optional
        Whose answer it is.

    Returns
    -------
    dict of str to Interval
        By name of `MEASURES`, the headline first. NPS that was not asked on 0 (or 1) to 10 is a mean: there are no
        promoters on another scale.

    Examples
    --------
    >>> {k: round(v.value, 2) for k, v in measures_of([9, 10, 7, 2], Question("nps", 0, 10, True)).items()}
    {'nps': 25.0, 'promoters': 0.5, 'passives': 0.25, 'detractors': 0.25}
    >>> {k: round(v.value, 2) for k, v in measures_of([8, 9, 5, 7], Question("rapportcijfer", 1, 10, True)).items()}
    {'mean': 7.25, '8 or more': 0.5, '5 or less': 0.25}
    """
    given = pd.to_numeric(pd.Series(score)).astype("Float64")
    x: Floats = np.asarray(given.to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)
    out: dict[str, Interval] = {}
    if question.metric == "nps" and is_nps_scale(question.low, question.high):
        out["nps"] = nps(x, weight, cluster=customer)
    else:
        out["mean"] = scale_mean(x, (question.low, question.high), weight, customer)
    for name, counts in _shares(question).items():
        out[name] = share_interval(np.where(np.isnan(x), np.nan, counts(x)), weight, customer)
    return out


def headline(score: npt.ArrayLike, question: Question, weight: Floats | None = None, customer: Any = None) -> Interval:
    """Return the one figure by which a metric is named: NPS in points, else the mean.

    Examples
    --------
    >>> headline([9, 10, 7, 2], Question("nps", 0, 10, True)).value
    25.0
    """
    if question.metric == "nps" and is_nps_scale(question.low, question.high):
        return nps(score, weight, cluster=customer)
    return scale_mean(score, (question.low, question.high), weight, customer)


def answer_weights(rows: pd.DataFrame) -> Floats | None:
    """Return what each answer weighs, or None where no survey has weights.

    Weights of a survey are put to a mean of 1, so that surveys with and without weights can stand in one figure; in a
    survey with weights an answer without one is missing.

    Parameters
    ----------
    rows : DataFrame
        ``survey`` and ``weight``.

    Examples
    --------
    >>> answer_weights(pd.DataFrame({"survey": ["a", "a", "b"], "weight": [1.0, 3.0, None]})).tolist()
    [0.5, 1.5, 1.0]
    """
    weight = rows["weight"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    if np.isnan(weight).all():
        return None
    frame = pd.DataFrame({"survey": rows["survey"].to_numpy(), "weight": weight})
    average = frame.groupby("survey", sort=False)["weight"].transform("mean").to_numpy(dtype=float)
    if (average == 0).any():
        name = frame.loc[average == 0, "survey"].iloc[0]
        raise StudyError(f"survey {name!r}: every weight is 0, so nobody counts; look at its column of weights")
    return np.asarray(np.where(np.isnan(average), 1.0, weight / average))


def level_rows(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return one row per group, question and measure.

    Parameters
    ----------
    rows : DataFrame
        Answers: `by`, ``metric``, ``score``, ``scale_low``, ``scale_high``, ``higher_is_better``, ``survey``,
        ``survey_kind``, ``customer_id``, ``weight``.
    by : list of str

    Returns
    -------
    DataFrame
        `by`, ``metric``, ``measure``, ``value``, ``low``, ``high`` (95%, by customer), ``n`` (answers), ``customers``,
        ``n_effective`` (Kish, of the weights), ``weighted``, ``unweighted`` (the figure without weights),
        ``scale_low``, ``scale_high``, ``direction``.
    """
    keys = [*by, "metric", "scale_low", "scale_high", "higher_is_better"]
    found = []
    for group, part in rows.groupby(keys, sort=True, observed=True):
        named: dict[str, Any] = dict(zip(keys, group, strict=True))
        question = Question(
            str(named["metric"]), float(named["scale_low"]), float(named["scale_high"]), bool(named["higher_is_better"])
        )
        weight = answer_weights(part)
        score = part["score"].to_numpy(dtype=float, na_value=np.nan)
        who = part["customer_id"].to_numpy()
        design = design_of(score, weight, who)
        plain = measures_of(score, question) if weight is not None else {}
        for measure, level in measures_of(score, question, weight, who).items():
            ends = (-100.0, 100.0) if measure == "nps" else (question.low, question.high)
            found.append(
                {
                    **{k: named[k] for k in by}, "metric": question.metric, "measure": measure,
                    "value": level.value, "low": level.low, "high": level.high, "n": level.n,
                    "customers": design.people, "n_effective": design.effective, "weighted": weight is not None,
                    "unweighted": plain[measure].value if weight is not None else level.value,
                    "scale_low": ends[0] if measure in ("nps", "mean") else 0.0,
                    "scale_high": ends[1] if measure in ("nps", "mean") else 1.0, "direction": direction_of(question),
                }
            )  # fmt: skip
    columns = [
        *by, "metric", "measure", "value", "low", "high", "n", "customers", "n_effective", "weighted", "unweighted",
        "scale_low", "scale_high", "direction",
    ]  # fmt: skip
    return pd.DataFrame(found, columns=columns)


def form_of(touchpoint: pd.Series) -> Any:
    """Return what answers are about: the whole, the contact that the survey was sent for, or a named touchpoint."""
    return np.select([touchpoint.eq(OVERALL), touchpoint.eq(CONTACT)], ["the whole", "the contact"], "a touchpoint")
