"""Who was asked and did not answer, and what that does to the level.

Weighting by the chance to answer repairs what is known of all who were invited; what made people silent
beyond that, nobody can see. So the weighted level stands beside the unweighted one, and beside both what the
level would be had the silent scored so much lower or higher.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.experience.invited import invited_answers, known_before, whole_journeys
from cxmining.experience.propensity import Propensity, feature_values, fit_propensity
from cxmining.repr_html import repr_html
from cxmining.stats import effective_n, grouped_mean, wilson

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience

Floats = npt.NDArray[np.floating[Any]]

__all__ = ["NonResponse", "check_nonresponse", "weigh_answers"]

_STEPS: Final = (0.0, 0.05, 0.1, 0.2)  # of the length of the scale by which the silent may differ
_BALANCED: Final = 0.1  # standardised difference from which groups are called unlike (Austin 2009)


@dataclass(frozen=True, eq=False)
class NonResponse:
    """Who answers, and what that does to the level of a score.

    Attributes
    ----------
    rates : DataFrame
        ``feature``, ``value``, ``invited``, ``answered``, ``rate``, ``low``, ``high`` (95%, Wilson), ``weighed`` (whether
        the weights rest on it: persona, ending and length of the whole journey only describe, for part of them came
        after the invitation).
    levels : DataFrame
        The mean ``unweighted`` and ``weighted`` for the chance to answer: ``mean``, ``low``, ``high`` (95%, by
        customer), ``n``, ``n_effective``.
    bounds : DataFrame
        ``silent_scored`` (scale points against what the weights say of them), ``mean``, ``low``, ``high``; the last
        two rows are what no assumption at all leaves: all silent at the bottom, all at the top.
    propensity : Propensity
        With ``auc`` and the table of ``balance``.
    warning : str or None
        Said when those who answered differ from those who were asked.
    survey, metric : str
    weights : Series of float
        Of each answer, with mean 1, by ``response_id`` (or by row, where there are no ids).
    chain : tuple of str
        The filters and counts behind it.
    """

    rates: pd.DataFrame
    levels: pd.DataFrame
    bounds: pd.DataFrame
    propensity: Propensity
    warning: str | None
    survey: str
    metric: str
    weights: pd.Series
    chain: tuple[str, ...] = ()

    @property
    def summary(self) -> pd.DataFrame:
        """The levels side by side."""
        return self.levels

    def figure(self, language: str = "en") -> go.Figure:
        """Draw the levels with what the silent could do to them, and how unlike the answerers were before and after."""
        from cxmining.experience.survey_pictures import nonresponse_picture

        return nonresponse_picture(self, language).figure()

    def __repr__(self) -> str:
        lines = [f"NonResponse({self.survey!r}, {self.metric})"]
        lines += [
            f"  {r.Index:<10} {r.mean:.2f} [{r.low:.2f}, {r.high:.2f}]  n={r.n:,}, effective n={r.n_effective:,.0f}"
            for r in self.levels.itertuples()
        ]
        lines.append(
            f"  who answers is told apart with AUC {self.propensity.auc:.2f} "
            f"[{self.propensity.auc_low:.2f}, {self.propensity.auc_high:.2f}]"
        )
        if self.warning:
            lines.append(f"  {self.warning}")
        return "\n".join([*lines, *(f"  {step}" for step in self.chain)])

    def _repr_html_(self) -> str:
        tables = (self.levels.rename_axis("level"), self.bounds, self.rates)
        return repr_html(*tables, said=[self.warning or "", *self.chain])


def check_nonresponse(
    lived: Experience,
    survey: str | None = None,
    *,
    metric: str | None = None,
    features: Sequence[str] = (),
    personas: Mapping[str, str] | None = None,
    seed: int = 1,
) -> NonResponse:
    """Compare those who answered a survey with those who were invited, and weigh for the difference.

    Known of all who were invited is what stood in the log before the invitation: the touchpoint and channel of
    the last contact, how many contacts the customer had in 90 days, how many steps his journey had then and how
    long ago the last was; and `features` of the customers. The rates are given by persona, and by length and ending of the
    whole journey too.

    Parameters
    ----------
    lived : Experience
        Its data set has invitations.
    survey : str, optional
        Name of the survey; default the one with most invitations.
    metric : str, optional
        Which answered item; default the one with most answers among those about the whole or the contact.
    features : sequence of str
        Columns of the customers table, such as a segment.
    personas : mapping, optional
        A label per customer id, as of `cxmining.find_personas`.
    seed : int, default 1

    Returns
    -------
    NonResponse

    Raises
    ------
    StudyError
        When `lived` was filtered: whom a filter leaves is not whom the survey was sent to.
    NotEnoughDataError
        Without invitations (then who was asked is not known), or with too few to model.
    UnknownNameError
        When the survey, the metric or a feature is not there.
    """
    if lived.linked is not None:
        raise StudyError(
            f"check_nonresponse: {lived.journeys.chain[-1]} leaves some of the answers but all of the invitations; ask it of "
            "the whole experience, with `features` for what sets customers apart"
        )
    data = lived.journeys.data
    if not len(data.invitations):
        raise NotEnoughDataError(
            "no invitations were read: without them nobody knows who was asked and stayed silent; name the file of "
            "invitations in the study"
        )
    surveys = data.invitations["survey"].value_counts()
    survey = str(surveys.index[0]) if survey is None else survey
    if survey not in surveys:
        raise UnknownNameError(f"no invitation is for survey {survey!r}; {nearest(survey, surveys.index)}")
    for name in features:
        if name not in data.customers:
            raise UnknownNameError(f"{name!r} is no customer attribute; {nearest(name, data.customers.columns)}")
    asked = invited_answers(lived, survey, metric)
    known = known_before(lived.journeys, asked)
    described = whole_journeys(lived.journeys, asked)
    if personas is not None:
        described["persona"] = asked["customer_id"].map(dict(personas))
    for name in features:
        attribute = data.customers.dropna(subset="customer_id").drop_duplicates("customer_id").set_index("customer_id")
        known[name] = asked["customer_id"].map(attribute[name])
    answers = asked["response_id"].notna()
    stray = int(lived.journeys.data.responses["survey"].eq(survey).sum() - answers.sum())
    chain = (
        *lived.journeys.chain,
        f"{len(asked):,} invitations to {survey!r}, {int(answers.sum()):,} answered"
        + (f"; {stray:,} more answers belong to no invitation and are left out" if stray else ""),
    )
    return weigh_answers(
        known, asked["score"], asked["customer_id"], answered=answers, described=described,
        scale=(float(asked["scale_low"].dropna().iloc[0]), float(asked["scale_high"].dropna().iloc[0])),
        survey=survey, metric=str(asked["metric"].dropna().iloc[0]), responses=asked["response_id"], chain=chain, seed=seed,
    )  # fmt: skip


def weigh_answers(
    features: pd.DataFrame,
    score: pd.Series,
    customer: pd.Series,
    *,
    scale: tuple[float, float],
    answered: pd.Series | None = None,
    described: pd.DataFrame | None = None,
    survey: str = "survey",
    metric: str = "score",
    responses: pd.Series | None = None,
    chain: tuple[str, ...] = (),
    seed: int = 1,
) -> NonResponse:
    """Weigh the scores of those who answered to stand for all who were invited.

    Parameters
    ----------
    features : DataFrame
        One row per invitation, what is known of all.
    score : Series of float
        Missing where nobody answered.
    customer : Series
        Whose invitation it is.
    scale : (float, float)
        Lowest and highest score.
    answered : Series of bool, optional
        Default: where there is a score.
    described : DataFrame, optional
        As `features`, but for the table of rates alone.

    Returns
    -------
    NonResponse

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> young = rng.random(2000) < 0.5
    >>> asked = pd.DataFrame({"age": np.where(young, "young", "old")})
    >>> score = pd.Series(np.where(young, 3.0, 4.0)).where(rng.random(2000) < np.where(young, 0.2, 0.6))
    >>> found = weigh_answers(asked, score, pd.Series(range(2000)), scale=(1, 5))
    >>> found.levels["mean"].round(1).tolist()  # truly 3.5
    [3.7, 3.5]
    """
    given = score.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    said = ~np.isnan(given) if answered is None else answered.to_numpy(dtype=bool) & ~np.isnan(given)
    owner = customer.astype("object").where(
        customer.notna(), pd.Series([f"#{i}" for i in range(len(customer))], index=customer.index)
    )
    values = feature_values(features)
    model = fit_propensity(features, said, owner, values=values, seed=seed)
    levels = _levels(given[said], model.weight[said], owner[said])
    rate = float(said.mean())
    bounds = _bounds(given[said], levels, rate, scale)
    weights = pd.Series(model.weight[said], name="weight")
    weights.index = pd.Index(responses[said] if responses is not None else np.flatnonzero(said), name="response_id")
    rates = _rates(values, said).assign(weighed=True)
    if described is not None:
        more = _rates(feature_values(described), said).assign(weighed=False)
        rates = pd.concat([rates, more], ignore_index=True)
    return NonResponse(
        rates, levels, bounds, model, _warning(model, levels), survey, metric, weights, chain
    )  # fmt: skip


def _rates(values: Mapping[str, pd.Series], said: npt.NDArray[np.bool_]) -> pd.DataFrame:
    rows = []
    for name, column in values.items():
        counts = (
            pd.DataFrame({"value": column.to_numpy(), "said": said})
            .groupby("value", sort=True)["said"]
            .agg(["size", "sum"])
        )
        for value, n, yes in counts.itertuples():
            share = wilson(int(yes), int(n))
            rows.append((name, value, int(n), int(yes), share.value, share.low, share.high))
    return pd.DataFrame(rows, columns=["feature", "value", "invited", "answered", "rate", "low", "high"])


def _levels(score: Floats, weight: Floats, owner: pd.Series) -> pd.DataFrame:
    frame = pd.DataFrame({"all": 0, "score": score, "one": 1.0, "weight": weight, "who": owner.to_numpy()})
    rows = []
    for column in ("one", "weight"):
        found = grouped_mean(frame, "all", "score", weight=column, cluster="who").iloc[0]
        rows.append((found["mean"], found["low"], found["high"], int(found["n"]), effective_n(frame[column])))
    return pd.DataFrame(rows, columns=["mean", "low", "high", "n", "n_effective"], index=["unweighted", "weighted"])


def _bounds(score: Floats, levels: pd.DataFrame, rate: float, scale: tuple[float, float]) -> pd.DataFrame:
    """Move the silent away from what the weights say of them; the answerers stay what they said."""
    low_end, high_end = scale
    said = float(score.mean())
    weighted: Any = levels.loc["weighted"]
    silent = (weighted["mean"] - rate * said) / (1 - rate)
    below, above = weighted["mean"] - weighted["low"], weighted["high"] - weighted["mean"]
    rows = []
    steps = sorted({sign * step * (high_end - low_end) for step in _STEPS for sign in (-1, 1)})
    for step in steps:
        moved = min(max(silent + step, low_end), high_end)
        mean = rate * said + (1 - rate) * moved
        rows.append((f"{step:+g}" if step else "0", mean, mean - below, mean + above))
    plain: Any = levels.loc["unweighted"]
    error = (plain["high"] - plain["mean"]) * rate
    for name, end in (("all at the bottom", low_end), ("all at the top", high_end)):
        mean = rate * said + (1 - rate) * end
        rows.append((name, mean, mean - error, mean + error))
    bounds = pd.DataFrame(rows, columns=["silent_scored", "mean", "low", "high"])
    bounds[["low", "high"]] = bounds[["low", "high"]].clip(low_end, high_end)
    return bounds


def _warning(model: Propensity, levels: pd.DataFrame) -> str | None:
    worst = model.balance.iloc[int(model.balance["smd_before"].abs().to_numpy().argmax())]
    if model.auc_low <= 0.5 or abs(worst["smd_before"]) < _BALANCED:
        return None
    means: Any = levels["mean"]
    shift = means["weighted"] - means["unweighted"]
    left = float(model.balance["smd_after"].abs().max())
    return (
        f"those who answered differ from those who were asked, most in {worst['feature']} = {worst['value']} "
        f"({worst['share_answered']:.0%} of the answers, {worst['share_invited']:.0%} of the invitations); weighting for it "
        f"moves the mean by {shift:+.2f}"
        + ("" if left < _BALANCED else f", and leaves differences up to {left:.2f} SD")
    )
