"""The score of a scale: several items that measure one thing, read as one answer beside them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxmining.schema import table
from cxmining.study import SurveySettings

__all__ = ["with_scales"]


def with_scales(answers: pd.DataFrame, survey: SurveySettings) -> pd.DataFrame:
    """Add to the answers of a survey one answer per response and scale that it declares.

    The score is the mean of the items that were answered, each turned so that higher is better, where at least half of
    them were; else the scale was not answered.

    Parameters
    ----------
    answers : DataFrame
        Table ``answers`` of one survey, by response.
    survey : SurveySettings

    Returns
    -------
    DataFrame
        Table ``answers``: after those of each response, its scales in the order of the study.
    """
    if not survey.scales or not len(answers):
        return answers
    order = pd.factorize(answers["response_id"])[0]
    people = answers["response_id"].drop_duplicates().to_numpy()
    parts = [answers.assign(order=order)]
    for scale in survey.scales:
        of_it = answers["item"].isin(scale.items).to_numpy(bool)
        own, who = answers[of_it], order[of_it]
        score = own["score"].to_numpy(dtype=float, na_value=np.nan)
        low, high = (float(own[c].iloc[0]) for c in ("scale_low", "scale_high"))
        score = np.where(own["higher_is_better"].to_numpy(bool), score, low + high - score)
        there = ~np.isnan(score)
        n = np.bincount(who[there], minlength=len(people))
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.bincount(who[there], weights=score[there], minlength=len(people)) / n
        enough = 2 * n >= len(scale.items)
        unused = np.bincount(who, weights=own["status"].eq("not_used").to_numpy(float), minlength=len(people))
        status = np.where(enough, "answered", np.where(unused == len(scale.items), "not_used", "blank"))
        parts.append(
            pd.DataFrame(
                {
                    "response_id": people, "item": scale.name, "metric": scale.metric, "touchpoint": scale.touchpoint,
                    "elements": "; ".join(scale.elements) or None,
                    "score": pd.array(np.where(enough, mean, np.nan), dtype="Float64"),
                    "scale_low": low, "scale_high": high, "higher_is_better": True, "status": status,
                    "order": np.arange(len(people)),
                }
            )
        )  # fmt: skip
    every = pd.concat(parts, ignore_index=True).sort_values("order", kind="stable")
    every["score"] = every["score"].where(every["score"].notna())
    return table("answers", {c: every[c] for c in answers.columns})
