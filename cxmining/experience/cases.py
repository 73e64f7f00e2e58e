"""Who answered everything, beside everybody who answered this: what leaving the rest out does to each level."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cxmining.experience.metrics import Question, answer_weights, headline, is_nps_scale
from cxmining.stats import benjamini_hochberg, design_of

__all__ = ["compare_cases"]


def compare_cases(answers: pd.DataFrame) -> pd.DataFrame:
    """Compare, per item, the complete cases with all who answered it.

    A complete case answered every scored item of its survey. To keep only those (as a regression does when nobody
    tells it otherwise) throws answers away, and those who met everything are not like the others.

    Parameters
    ----------
    answers : DataFrame
        One row per response and item, answered or not: ``response_id``, ``survey``, ``item``, ``metric``,
        ``touchpoint``, ``score``, ``scale_low``, ``scale_high``, ``higher_is_better``, ``status``, ``customer_id``,
        ``weight``.

    Returns
    -------
    DataFrame
        One row per survey and item, for surveys of two items and more: ``survey``, ``item``, ``metric``,
        ``touchpoint``, ``measure`` (``nps`` or ``mean``), ``available``, ``available_low``, ``available_high``,
        ``available_n``; the same for ``complete``; ``difference`` (complete less available) with ``difference_low``,
        ``difference_high`` (95%, the complete being among the available) and ``q`` (that there is none, corrected over
        the items of the survey by Benjamini and Hochberg); ``responses``, ``complete_responses``.
    """
    out = []
    for survey, part in answers.groupby("survey", sort=True, observed=True):
        items = part["item"].unique()
        if len(items) < 2:
            continue
        said = part["status"] == "answered"
        given = part[said].groupby("response_id")["item"].nunique()
        full = given.index[given == len(items)]
        rows = [
            _item(str(survey), str(i), p, p["response_id"].isin(full))
            for i, p in part[said].groupby("item", sort=False)
        ]
        frame = pd.DataFrame(rows)
        p = frame.pop("p").to_numpy(dtype=float)
        frame["q"] = benjamini_hochberg(p)
        frame["responses"], frame["complete_responses"] = part["response_id"].nunique(), len(full)
        out.append(frame)
    columns = [
        "survey", "item", "metric", "touchpoint", "measure", "available", "available_low", "available_high", "available_n",
        "complete", "complete_low", "complete_high", "complete_n", "difference", "difference_low", "difference_high", "q",
        "responses", "complete_responses",
    ]  # fmt: skip
    return pd.concat(out, ignore_index=True)[columns] if out else pd.DataFrame(columns=columns)


def _item(survey: str, item: str, rows: pd.DataFrame, full: pd.Series) -> dict[str, Any]:
    from scipy.special import stdtr, stdtrit

    first: Any = rows.iloc[0]
    question = Question(
        first["metric"], float(first["scale_low"]), float(first["scale_high"]), bool(first["higher_is_better"])
    )
    weight = answer_weights(rows)
    who, whole = rows["customer_id"].to_numpy(), full.to_numpy(dtype=bool)
    score = rows["score"].to_numpy(dtype=float, na_value=np.nan)
    all_of = headline(score, question, weight, who)
    some = headline(score[whole], question, None if weight is None else weight[whole], who[whole])
    is_nps = question.metric == "nps" and is_nps_scale(question.low, question.high)
    value = np.where(score >= 9, 100.0, np.where(score <= 6, -100.0, 0.0)) if is_nps else score
    w = np.ones(len(value)) if weight is None else np.nan_to_num(weight)
    difference, low, high, p = some.value - all_of.value, np.nan, np.nan, np.nan
    rest = ~whole & (w > 0)
    if some.n > 1 and rest.any():
        # what each answer does to the difference of the two means, of which one holds the other
        pull = w * np.where(whole, (value - some.value) / w[whole].sum(), 0.0) - w * (value - all_of.value) / w.sum()
        design = design_of(pull, None, who)
        error = design.variance**0.5 * design.n if design.freedom > 0 else np.nan
        if error > 0:
            half = float(stdtrit(design.freedom, 0.975)) * error
            low, high = difference - half, difference + half
            p = 2 * float(stdtr(design.freedom, -abs(difference) / error))
    return {
        "survey": survey, "item": item, "metric": question.metric, "touchpoint": first["touchpoint"],
        "measure": "nps" if is_nps else "mean",
        **{f"available{k}": v for k, v in zip(("", "_low", "_high", "_n"), all_of, strict=True)},
        **{f"complete{k}": v for k, v in zip(("", "_low", "_high", "_n"), some, strict=True)},
        "difference": difference, "difference_low": low, "difference_high": high, "p": p,
    }  # fmt: skip
