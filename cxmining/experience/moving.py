"""Why a score moved: what the answers are about, how good it was there, and who answered.

The level of a score is a sum over touchpoints (or segments) of share times level, times what the answerers differ
from those who were invited. Each of the three is changed from before to after in every order, and the changes are
averaged over the orders (the Shapley value): the parts add up exactly and no order is preferred. With two factors this
is the decomposition of Kitagawa (1955); Das Gupta (1993) gives the form for more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.experience.answered import FORMS, Answers, all_answers, choose_answers
from cxmining.experience.linking import link_answers
from cxmining.experience.respondents import weigh_respondents
from cxmining.experience.splitting import SMALL, split_change
from cxmining.experience.wording import METRICS, between, say, signed
from cxmining.i18n import counted
from cxmining.journeys.rows import rows_of
from cxmining.repr_html import repr_html
from cxmining.stats import grouped_mean

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience

__all__ = ["ScoreChange", "explain_change"]

_UNKNOWN: Final = "(unknown)"


@dataclass(frozen=True, eq=False)
class ScoreChange:
    """The change of a score in parts that add up.

    Attributes
    ----------
    parts : DataFrame
        One row per ``part``: ``mix`` (which touchpoints, segments or personas the answers are about), ``rate`` (the
        level within each), ``respondents`` (who answered of those who were invited; missing where that is not known),
        ``total``; ``change`` in points of the score with its 95% interval ``low`` to ``high`` (by customer).
    touchpoints : DataFrame
        The same per touchpoint (or other label), the largest first: its label, ``n_before``, ``n_after``, ``share_before``,
        ``share_after``, ``score_before``, ``score_after``, ``mix``, ``rate``, ``respondents``, ``total`` with ``total_low``,
        ``total_high``, ``rate_low``, ``rate_high``, and ``small`` where a side has fewer than 10 answers. Its columns add
        up to `parts`: what a touchpoint with the average level gains in share changes nothing.
    levels : DataFrame
        Rows ``before`` and ``after``: ``score``, ``low``, ``high``, ``n``, ``customers``.
    metric, survey, by : str
    unknown : str or None
        Why it is not known who answered: ``"none"`` (no invitations), ``"few"`` (too few to model), ``"off"``.
    notes, chain : tuple of str
    """

    parts: pd.DataFrame
    touchpoints: pd.DataFrame
    levels: pd.DataFrame
    metric: str
    survey: str
    by: str
    unknown: str | None
    notes: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()

    @property
    def summary(self) -> pd.DataFrame:
        """The parts and their sum."""
        return self.parts

    def say(self, language: str = "en") -> list[str]:
        """Return in sentences what moved, in ``"en"`` or ``"nl"``."""
        digits = 1 if self.metric == "nps" else 2
        total: Any = self.parts.iloc[-1]
        by = say(self.by, language) if self.by == "touchpoint" else self.by
        more = say("touchpoints", language) if self.by == "touchpoint" else self.by
        name = METRICS[self.metric][language]
        said = []
        for r in rows_of(self.parts):
            change, interval = signed(r.change, language, digits), between(r.low, r.high, language, digits)
            if r.part == "total":
                continue
            if r.part == "respondents" and self.unknown:
                said.append(say("change_unknown", language, why=say(f"why_{self.unknown}", language)))
                continue
            text = say(
                f"change_{r.part}", language, change=change, interval=interval, by=more if r.part == "mix" else by
            )
            said.append(text + (say("noise", language) if not (r.low > 0 or r.high < 0) else ""))
        change = signed(total["change"], language, digits)
        interval = between(total["low"], total["high"], language, digits)
        return [say("change_title", language, metric=name, change=change, interval=interval), *said]

    def figure(self, language: str = "en") -> go.Figure:
        """Draw the way from before to after, and the parts per touchpoint."""
        from cxmining.experience.charts import change_picture

        return change_picture(self, language).figure()

    def __repr__(self) -> str:
        head = f"ScoreChange({METRICS[self.metric]['en']} of {self.survey} surveys by {self.by})"
        levels = [
            f"{r.Index}: {r.score:.2f} [{r.low:.2f}, {r.high:.2f}] n={r.n:,} of {counted(r.customers, 'customer')}"
            for r in rows_of(self.levels)
        ]
        return "\n".join([head, *(f"  {line}" for line in [*levels, *self.say(), *self.notes, *self.chain])])

    def _repr_html_(self) -> str:
        tables = (self.levels.rename_axis("side"), self.parts, self.touchpoints)
        return repr_html(*tables, said=[*self.say(), *self.notes, *self.chain])


def explain_change(
    before: Experience,
    after: Experience,
    *,
    by: str | Mapping[str, str] = "touchpoint",
    metric: str | None = None,
    survey: str | None = None,
    weigh: bool = True,
    repeats: int = 1000,
    seed: int = 1,
) -> ScoreChange:
    """Split the change of a score between two periods or groups into mix, rate and respondents.

    Parameters
    ----------
    before, after : Experience
        Such as ``lived.where(filters.period("2025-01-01", "2025-04-01", keep="starting"))``.
    by : str or mapping, default "touchpoint"
        What the mix is of: the touchpoint that an answer is about; an attribute of the customers (``"segment"``); or
        a label per customer id, such as a persona.
    metric : {"nps", "csat", "rapportcijfer", "ces", "perception"}, optional
        Default the one with most answers.
    survey : {"relationship", "journey", "transactional"}, optional
        Default the kind with most answers; kinds are never mixed.
    weigh : bool, default True
        Weigh the answers for who answered, where invitations say who was asked; the chance to answer is modelled on
        each side, and in the intervals its weights are taken as given.
    repeats : int, default 1000
        Resamples of customers; one in both groups is drawn into both.
    seed : int, default 1

    Returns
    -------
    ScoreChange

    Raises
    ------
    NotEnoughDataError
        When a side has no such answer, or all answers are equal.
    UnknownNameError
        When `by`, `metric` or `survey` is not there.

    References
    ----------
    Kitagawa 1955, Components of a difference between two rates, JASA 50. Das Gupta 1993, Standardization and
    Decomposition of Rates. Shorrocks 2013, Decomposition procedures for distributional analysis.

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> lived = small_example()
    >>> from cxmining.journeys import filters
    >>> halves = [("2025-01-01", "2025-04-01"), ("2025-04-01", "2025-08-01")]
    >>> before, after = (lived.where(filters.period(*half, keep="starting")) for half in halves)
    >>> change = explain_change(before, after, by="segment", metric="csat", repeats=50)
    >>> change.parts[["part", "change"]].round(2).values.tolist()
    [['mix', 0.02], ['rate', 0.52], ['respondents', nan], ['total', 0.54]]
    """
    if repeats < 1:
        raise StudyError(f"explain_change: repeats={repeats} must be 1 or more")
    sides = {"before": all_answers(before), "after": all_answers(after)}
    rows = pd.concat([frame.assign(side=name) for name, frame in sides.items()], ignore_index=True)
    name = by if isinstance(by, str) else "group"
    forms = ("contact", "item") if name == "touchpoint" else FORMS
    answers = _of_both(rows, metric, survey, forms)
    frame = answers.frame.copy()
    frame["label"] = _labels(frame, by, before, after)
    notes = [*answers.notes]
    shared = set(frame.loc[frame["side"] == "before", "response_id"]) & set(
        frame.loc[frame["side"] == "after", "response_id"]
    )
    if shared and before.journeys.data is after.journeys.data:
        notes.append(f"{counted(len(shared), 'response')} on both sides: the groups overlap")
    frame["weight"] = 1.0
    unknown: str | None = None if weigh else "off"
    if weigh:
        weights, said = [], []
        links = None
        for side, lived in (("before", before), ("after", after)):
            # Linking takes longest: two parts of the same journeys share it.
            if lived.linked is None:
                links = lived.links
            elif links is None or lived.linked is not before.linked:
                links = link_answers(lived.linked)
            weight, why, note = weigh_respondents(lived, links, frame[frame["side"] == side], answers.metric, seed)
            unknown = unknown or why
            said += [f"{side}: {note}"] if note else []
            weights.append(weight)
            if why:
                said = said[-1:] if note else []
                break
        notes += said
        if unknown is None:
            frame["weight"] = pd.concat(weights).reindex(frame.index)
    parts, table = split_change(frame, known=unknown is None, repeats=repeats, seed=seed)
    small = int(table["small"].sum())
    if small:
        notes.append(
            f"{small:,} of {counted(len(table), name)} with fewer than {SMALL} answers on a side: read with care"
        )
    chain = [f"case notion: {before.journeys.notion}"]
    if str(after.journeys.notion) != str(before.journeys.notion):
        chain.append(f"case notion after: {after.journeys.notion}")
    for side, lived in (("before", before), ("after", after)):
        chain += [f"{side}: {step}" for step in lived.journeys.chain]
    return ScoreChange(
        parts, table.rename(columns={"label": name}), _levels(frame), answers.metric, answers.kind, name, unknown,
        tuple(notes), tuple(chain),
    )  # fmt: skip


def _of_both(rows: pd.DataFrame, metric: str | None, survey: str | None, forms: tuple[str, ...]) -> Answers:
    """Choose among what both sides answered."""
    keys = ["metric", "survey_kind", "form"]
    seen = rows.groupby(keys, sort=True)["side"].transform("nunique") if len(rows) else pd.Series(dtype=int)
    there = rows[seen == 2] if len(rows) else rows
    if len(rows) and not len(there):
        raise NotEnoughDataError("explain_change: before and after have no metric of one kind of survey in common")
    try:
        answers = choose_answers(there, metric, survey, forms, "explain_change")
    except NotEnoughDataError as error:
        if forms != FORMS and (there["form"] == "overall").any():
            raise NotEnoughDataError(
                f"{error}. An answer about the whole relationship is about no touchpoint: split it by an attribute of "
                "the customers (by='segment') or by a label per customer"
            ) from None
        raise
    sides = answers.frame["side"].value_counts()
    for side in ("before", "after"):
        if side not in sides:
            raise NotEnoughDataError(f"explain_change: {side} has no answer on the scale of the other side")
    value = answers.frame["score"]
    if value.nunique() == 1:
        raise NotEnoughDataError(
            f"explain_change: all {len(value):,} answers are {value.iloc[0]:g}: nothing moved that could be explained"
        )
    return answers


def _labels(frame: pd.DataFrame, by: str | Mapping[str, str], before: Experience, after: Experience) -> pd.Series:
    if not isinstance(by, str):
        labels = frame["customer_id"].map(dict(by))
        if labels.isna().all():
            raise UnknownNameError("explain_change: by= names none of the customers who answered")
        return labels.astype("object").where(labels.notna(), _UNKNOWN).astype("str")
    if by == "touchpoint":
        return frame["touchpoint"].astype("str")
    label = pd.Series(_UNKNOWN, index=frame.index, dtype="object")
    for side, lived in (("before", before), ("after", after)):
        customers = lived.journeys.data.customers
        if by not in customers:
            raise UnknownNameError(
                f"explain_change: by={by!r} is no customer attribute; {nearest(by, ['touchpoint', *customers.columns])}"
            )
        known = customers.dropna(subset=["customer_id"]).drop_duplicates("customer_id").set_index("customer_id")[by]
        own = frame["side"] == side
        found = frame.loc[own, "customer_id"].map(known).astype("object")
        label[own] = found.where(found.notna(), _UNKNOWN)
    return label.astype("str")


def _levels(frame: pd.DataFrame) -> pd.DataFrame:
    found = grouped_mean(frame, "side", "value", cluster="customer_id").rename(columns={"mean": "score"})
    found["customers"] = frame.groupby("side")["customer_id"].nunique()
    found.index.name = None
    return found.loc[["before", "after"]]
