"""What was felt at each touchpoint: scores, expectations and the gap between them, and the words.

Scores and expectations are compared only within one response, about one touchpoint and on one scale:
the customer who said "expected 7" is the one who said "got 9".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, nearest
from cxmining.experience.metrics import Question, answer_weights, headline, is_nps_scale
from cxmining.schema import CONTACT, OVERALL
from cxmining.stats import grouped_mean

if TYPE_CHECKING:
    from cxmining.schema import Dataset
    from cxmining.text import SentimentModel

__all__ = [
    "choose_metric",
    "measure_overall",
    "measure_sentiment",
    "measure_touchpoints",
    "pair_expectations",
    "scaled_threshold",
]

SCORES = ("csat", "rapportcijfer", "ces", "nps", "perception")
_PREFERRED = ("rapportcijfer", "csat", "ces", "nps", "perception")


def choose_metric(links: pd.DataFrame, metric: str | None) -> str | None:
    """Return the metric to show per touchpoint: `metric`, else the one with most linked answers.

    Raises
    ------
    NotEnoughDataError
        When `metric` was asked for and nobody answered it about a touchpoint.
    """
    about = links[links["matched"] & ~links["touchpoint"].isin([OVERALL, CONTACT]) & links["metric"].isin(SCORES)]
    counts = about["metric"].value_counts()
    if metric is not None:
        if metric not in counts:
            raise NotEnoughDataError(
                f"no linked answer about a touchpoint has metric {metric!r}; {nearest(metric, counts.index)}"
            )
        return metric
    if "nps" in counts and about.loc[about["metric"] == "nps", "survey_kind"].nunique() > 1:
        counts = counts.drop("nps")  # of several kinds of survey, which are never mixed
    ranked = sorted(counts.index, key=lambda m: (-counts[m], _PREFERRED.index(m)))
    return ranked[0] if ranked else None


def about_touchpoints(links: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the linked answers with `metric` about a touchpoint, all on the commonest scale.

    Raises
    ------
    StudyError
        When they are NPS of several kinds of survey.
    """
    rows = links[links["matched"] & (links["metric"] == metric) & ~links["touchpoint"].isin([OVERALL, CONTACT])]
    if not len(rows):
        return rows
    if metric == "nps" and rows["survey_kind"].nunique() > 1:
        kinds = rows["survey_kind"].value_counts().sort_index()
        said = " and ".join(f"{n:,} of {kind} surveys" for kind, n in kinds.items())
        raise StudyError(
            f"answers on nps about touchpoints come from several kinds of survey ({said}): relationship and transactional "
            "NPS are never mixed; choose another metric to lay over the touchpoints, and read each NPS from experience.levels"
        )
    answers = rows.groupby(["scale_low", "scale_high"])["item"].transform("size")
    top = rows.iloc[int(answers.to_numpy().argmax())]
    common: pd.DataFrame = rows.loc[(rows["scale_low"] == top["scale_low"]) & (rows["scale_high"] == top["scale_high"])]
    return common


def scaled_threshold(points: float, scale: tuple[float, float]) -> float:
    """Return a threshold in points of a 1-to-10 scale as points of another one.

    Scales of five and more steps are answered in whole points, so it is rounded to them, to one at least.

    Parameters
    ----------
    points : float
        On 1 to 10; more than 0.
    scale : (float, float)

    Examples
    --------
    >>> scaled_threshold(2, (1, 10)), scaled_threshold(2, (1, 5)), scaled_threshold(2, (0, 10)), scaled_threshold(2, (1, 7))
    (2.0, 1.0, 2.0, 1.0)
    """
    if not points > 0:
        raise StudyError(f"a moment needs a threshold above 0 scale points, not {points!r}")
    length = scale[1] - scale[0]
    exact = float(points) * length / 9
    return exact if length == 9 or length < 4 else max(1.0, float(np.floor(exact + 0.5)))


def pair_expectations(links: pd.DataFrame, metric: str, wow: float) -> pd.DataFrame:
    """Pair what was experienced with what the same response says was expected.

    Parameters
    ----------
    links : DataFrame
        From :func:`cxmining.experience.link_answers`.
    metric : str
        Metric of the experience.
    wow : float
        Points above (below) expectation that make a WOW (a pain), on a scale of 1 to 10; of another scale as many as
        `scaled_threshold` says.

    Returns
    -------
    DataFrame
        One row per response and touchpoint with both: ``response_id``, ``customer_id``,
        ``touchpoint``, ``event_id``, ``journey_id``, ``score``, ``expected``, ``gap`` (score −
        expected, scale points), ``moment`` (wow, pain or missing), ``weight``, ``survey``.
    """
    keys = ["response_id", "touchpoint", "scale_low", "scale_high"]
    score = about_touchpoints(links, metric).drop_duplicates(keys)
    expected = links[links["matched"] & (links["metric"] == "expectation")].drop_duplicates(keys)
    columns = ["response_id", "customer_id", "touchpoint", "event_id", "journey_id", "score", "weight", "survey"]
    pairs = score[[*columns, "scale_low", "scale_high"]].merge(
        expected[[*keys, "score"]].rename(columns={"score": "expected"}), on=keys, how="inner"
    )
    pairs["gap"] = pairs["score"] - pairs["expected"]
    needed = {
        scale: scaled_threshold(wow, scale)
        for scale in set(zip(pairs["scale_low"].astype(float), pairs["scale_high"].astype(float), strict=True))
    }
    scales = zip(pairs["scale_low"].astype(float), pairs["scale_high"].astype(float), strict=True)
    least = pd.Series([needed[scale] for scale in scales], index=pairs.index, dtype="float64")
    moment = pd.Series(pd.NA, index=pairs.index, dtype="str")
    moment[(pairs["gap"] >= least).fillna(False)] = "wow"
    moment[(pairs["gap"] <= -least).fillna(False)] = "pain"
    pairs["moment"] = moment
    return pairs[[*columns[:-2], "expected", "gap", "moment", "weight", "survey"]].reset_index(drop=True)


def _mean(frame: pd.DataFrame, value: str, prefix: str, scale: tuple[float, float]) -> pd.DataFrame:
    weight = answer_weights(frame) if "weight" in frame and len(frame) else None
    weighed = frame if weight is None else frame.assign(weight=weight)
    by = None if weight is None else "weight"
    found = grouped_mean(weighed, "touchpoint", value, by, "customer_id", scale=scale)
    return found.rename(columns={c: f"{prefix}_{c}" for c in found.columns})


def measure_touchpoints(
    links: pd.DataFrame, metric: str | None, pairs: pd.DataFrame, sentiment: pd.DataFrame
) -> pd.DataFrame:
    """Put score, expectation, gap, moments and sentiment of each touchpoint in one row.

    Returns
    -------
    DataFrame
        Indexed by touchpoint. ``score_*``, ``expected_*``, ``gap_*``, ``sentiment_*`` each with
        ``mean``, ``low``, ``high`` (95%, clustered by customer) and ``n`` (answers);
        ``wow_n``, ``pain_n``, ``rated_pairs_n`` (counts).
    """
    parts = [_mean(sentiment, "sentiment", "sentiment", (-1.0, 1.0))]
    scale: tuple[float, float] | None = None
    if metric is not None:
        rows = about_touchpoints(links, metric)
        scale = (float(rows["scale_low"].iloc[0]), float(rows["scale_high"].iloc[0]))
        parts.append(_mean(rows, "score", "score", scale))
        parts.append(_mean(pairs, "expected", "expected", scale))
        parts.append(_mean(pairs, "gap", "gap", (scale[0] - scale[1], scale[1] - scale[0])))
        counts = pairs.groupby("touchpoint").agg(
            wow_n=("moment", lambda m: int((m == "wow").sum())),
            pain_n=("moment", lambda m: int((m == "pain").sum())),
            rated_pairs_n=("gap", "size"),
        )
        parts.append(counts)
    result = pd.concat(parts, axis=1).sort_index()
    result.index.name = "touchpoint"
    result.insert(0, "score_metric", pd.Series(metric, index=result.index, dtype="str"))
    result.insert(1, "score_scale_low", scale[0] if scale else float("nan"))
    result.insert(2, "score_scale_high", scale[1] if scale else float("nan"))
    names = [f"{p}_{s}" for p in ("score", "expected", "gap", "sentiment") for s in ("mean", "low", "high", "n")]
    for name in [*names, "wow_n", "pain_n", "rated_pairs_n"]:
        if name not in result:
            result[name] = float("nan")
        if name.endswith("_n"):
            result[name] = result[name].astype("Float64").fillna(0).astype("Int64")
    fixed = ["score_metric", "score_scale_low", "score_scale_high", *names, "wow_n", "pain_n", "rated_pairs_n"]
    return result[fixed]


def measure_sentiment(data: Dataset, model: SentimentModel | None = None) -> pd.DataFrame:
    """Score what customers wrote: one row per inbound text, ``touchpoint``, ``customer_id``, ``sentiment`` (−1 to 1).

    Texts without any known word, or in a language without a lexicon, are not scored and not counted. `model` scores
    them where there is one, else the lexicon does.
    """
    events = data.events
    written = events[(events["direction"] == "inbound") & events["text"].notna()]
    if not len(written):
        return pd.DataFrame(
            {
                "touchpoint": pd.Series(dtype="str"),
                "customer_id": pd.Series(dtype="str"),
                "sentiment": pd.Series(dtype=float),
            }
        )
    from cxmining.text import score_sentiment

    scored = score_sentiment(written["text"]) if model is None else model.score(written["text"])
    frame = pd.DataFrame(
        {
            "touchpoint": written["touchpoint"].array,
            "customer_id": written["customer_id"].array,
            "sentiment": scored["score"].where(scored["n_words_known"] > 0).to_numpy(dtype=float),
        }
    )
    return frame.dropna(subset=["sentiment"]).reset_index(drop=True)


def measure_overall(data: Dataset, links: pd.DataFrame) -> pd.DataFrame:
    """Give the level of each overall metric per kind of survey, kept apart.

    Relationship and transactional scores are never mixed: who is asked, when and about what differ. Weighted where the
    survey has weights; answers of one customer count as one customer's.

    Returns
    -------
    DataFrame
        ``survey_kind``, ``metric``, ``score`` (mean; NPS in points from −100 to 100), ``low``,
        ``high``, ``n`` (answers), ``responses``, ``invited`` (missing when no invitations were
        delivered: then non-response is unknown), ``response_rate`` (answered invitations / invited),
        ``scale_low`` and ``scale_high`` (ends of the scale; answers on several scales have a row for each).
    """
    rows = []
    asked = links[links["touchpoint"].eq(OVERALL) | (links["survey_kind"] == "transactional")]
    asked = asked[asked["metric"].isin(SCORES)]
    # a mean over several scales is none: each has a row of its own
    keys = ["survey_kind", "metric", "scale_low", "scale_high", "higher_is_better"]
    for group, part in asked.groupby(keys, sort=True):
        named: Any = group
        kind, metric, low, high, better = named
        # each response counts once, whatever it was linked to
        part = part.drop_duplicates("response_id")
        question = Question(str(metric), float(low), float(high), bool(better))
        weight = answer_weights(part)
        who = part["customer_id"].astype("object")
        owner = who.where(who.notna(), "#" + part["response_id"].astype("str")).to_numpy()
        level = headline(part["score"].to_numpy(dtype=float, na_value=np.nan), question, weight, owner)
        in_points = metric == "nps" and is_nps_scale(question.low, question.high)
        responses, invited, rate = _response_rate(data, str(kind))
        rows.append(
            {
                "survey_kind": kind, "metric": metric, "score": level.value, "low": level.low, "high": level.high,
                "n": level.n, "responses": responses, "invited": invited, "response_rate": rate,
                "scale_low": -100.0 if in_points else question.low, "scale_high": 100.0 if in_points else question.high,
            }
        )  # fmt: skip
    columns = [
        "survey_kind", "metric", "score", "low", "high", "n", "responses", "invited", "response_rate", "scale_low", "scale_high",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _response_rate(data: Dataset, kind: str) -> tuple[int, float, float]:
    responses = data.responses[data.responses["survey_kind"] == kind]
    invited = data.invitations[data.invitations["survey"].isin(responses["survey"].unique())]
    if not len(invited):
        return len(responses), float("nan"), float("nan")
    return len(responses), float(len(invited)), len(responses) / len(invited)
