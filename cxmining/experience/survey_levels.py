"""What the surveys say: each metric with its own mathematics, per survey and per touchpoint, weighted and by customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.experience.cases import compare_cases
from cxmining.experience.measures import SCORES
from cxmining.experience.metrics import answer_weights, form_of, is_nps_scale, level_rows
from cxmining.experience.scale_breaks import scale_breaks
from cxmining.i18n import counted
from cxmining.journeys.rows import rows_of
from cxmining.repr_html import repr_html
from cxmining.schema import CONTACT, OVERALL, Dataset

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience

__all__ = ["SurveyLevels", "measure_survey"]


@dataclass(frozen=True, eq=False)
class SurveyLevels:
    """The levels of every metric that was asked.

    Attributes
    ----------
    levels : DataFrame
        One row per survey, what it is about, metric, scale and measure: ``survey``, ``survey_kind``, ``about``
        (``the whole``, ``the contact``), ``metric``, ``measure`` (``nps``, ``promoters``, ``passives``, ``detractors``;
        ``mean``; ``top-2-box`` of CSAT; ``8 or more`` and ``5 or less`` of a rapportcijfer; ``easy``, the share on the
        easy side of the middle, of CES), ``value``, ``low``, ``high`` (95%, by customer), ``n`` (answers),
        ``customers``, ``n_effective`` (Kish), ``weighted``, ``unweighted`` (the figure without weights),
        ``scale_low``, ``scale_high``, ``direction``.
    touchpoints : DataFrame
        The same per ``touchpoint``: that of the event an answer was linked to, or that the item names.
    cases : DataFrame
        Complete cases beside all who answered, per item (see :func:`cxmining.experience.cases.compare_cases`).
    items : DataFrame
        ``survey``, ``item``, ``metric``, ``touchpoint``, ``answered``, ``blank``, ``not_used``, ``invalid`` (counts of cells).
    notes, chain : tuple of str
    """

    levels: pd.DataFrame
    touchpoints: pd.DataFrame
    cases: pd.DataFrame
    items: pd.DataFrame
    notes: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()

    @property
    def summary(self) -> pd.DataFrame:
        """The levels per survey and metric."""
        return self.levels

    def take(self, metric: str, measure: str | None = None, *, survey: str | None = None) -> pd.Series:
        """Return the one level that is meant.

        Parameters
        ----------
        metric : {"nps", "csat", "rapportcijfer", "ces", …}
        measure : str, optional
            Default the headline: NPS, or the mean.
        survey : str, optional
            Name of a survey, or its kind.

        Returns
        -------
        Series
            A row of `levels`.

        Raises
        ------
        StudyError
            When several surveys, or several questions, have it: a relationship score and a transactional one are
            about different things and are never mixed.
        UnknownNameError
            When nobody asked it.
        """
        rows = self.levels[self.levels["metric"] == metric]
        if not len(rows):
            raise UnknownNameError(f"no survey asked {metric!r}; {nearest(metric, self.levels['metric'].unique())}")
        if survey is not None:
            of_it = rows[(rows["survey"] == survey) | (rows["survey_kind"] == survey)]
            if not len(of_it):
                there = [*rows["survey"].unique(), *rows["survey_kind"].unique()]
                raise UnknownNameError(f"no survey {survey!r} asked {metric!r}; {nearest(survey, there)}")
            rows = of_it
        measure = measure or str(rows["measure"].iloc[0])
        if measure not in set(rows["measure"]):
            raise UnknownNameError(f"{metric!r} has no {measure!r}; {nearest(measure, rows['measure'].unique())}")
        rows = rows[rows["measure"] == measure]
        if len(rows) > 1:
            said = "; ".join(f"{r.survey} ({r.survey_kind}, about {r.about}, n = {r.n:,})" for r in rows_of(rows))
            kinds = rows["survey_kind"].nunique()
            why = (
                "relationship, journey and transactional scores are never mixed: who is asked, when and about what differ"
                if kinds > 1
                else "these are different questions"
            )
            raise StudyError(f"{metric} was asked more than once: {said}; {why}; say which survey=")
        return rows.iloc[0]

    def figure(self, language: str = "en") -> go.Figure:
        """Draw the headline of each survey and metric with its interval, and the shares behind it."""
        from cxmining.experience.survey_pictures import levels_picture

        return levels_picture(self, language).figure()

    def __repr__(self) -> str:
        head = f"SurveyLevels({counted(int(self.levels['survey'].nunique()), 'survey')})"
        lines = []
        for r in rows_of(self.levels[self.levels["measure"].isin(["nps", "mean"])]):
            weighed = (
                f", weighted (without weights {r.unweighted:.3g}; effective n={r.n_effective:,.0f})"
                if r.weighted
                else ""
            )
            lines.append(
                f"{r.survey} ({r.survey_kind}) {r.metric} about {r.about}: {r.value:.3g} [{r.low:.3g}, {r.high:.3g}] "
                f"n={r.n:,}{weighed}; {r.direction}"
            )
        return "\n".join([head, *(f"  {line}" for line in [*lines, *self.notes, *self.chain])])

    def _repr_html_(self) -> str:
        return repr_html(self.levels, self.touchpoints, self.cases, said=[*self.notes, *self.chain])


def measure_survey(source: Experience | Dataset) -> SurveyLevels:
    """Give the level of every metric of every survey, each by its own mathematics.

    Kinds of survey are never mixed, nor are surveys, nor scales. Where a survey has weights every figure is weighted
    and its interval is that of the effective n; answers of one customer count as one customer's.

    Parameters
    ----------
    source : Experience or Dataset
        What was read suffices: a survey without a log of contacts has levels too. Of an experience, answers about the
        contact stand at the touchpoint they were linked to.

    Returns
    -------
    SurveyLevels

    Raises
    ------
    NotEnoughDataError
        When no answer is a score.

    Examples
    --------
    >>> from cxmining.schema import table
    >>> data = Dataset(table("events", {}), responses=table("responses", {"response_id": ["a", "b", "c"],
    ...     "timestamp": ["2025-01-01T12:00Z"] * 3, "survey": "s", "survey_kind": "relationship", "source": "x", "seq": [1, 2, 3]}),
    ...     answers=table("answers", {"response_id": ["a", "b", "c"], "item": "q", "metric": "csat", "touchpoint": "(overall)",
    ...     "score": [4, 5, 2], "scale_low": 1.0, "scale_high": 5.0, "higher_is_better": True, "status": "answered"}))
    >>> measure_survey(data).levels[["measure", "value", "n"]].round(2).values.tolist()
    [['mean', 3.67, 3], ['top-2-box', 0.67, 3]]
    """
    chain: tuple[str, ...] = ()
    if isinstance(source, Dataset):
        data, asked = source, _asked(source)
    else:
        data, chain = source.journeys.data, (str(source.journeys.notion), *source.journeys.chain)
        asked = _asked(data)
        asked = _at_their_contact(asked, source.links, narrowed=source.linked is not None)
    scored = asked[asked["metric"].isin(SCORES)]
    said = scored[scored["status"] == "answered"]
    if not len(said):
        raise NotEnoughDataError(
            f"study {data.name!r}: no answer is a score; look at its ledger of rejected cells and at the items of [[survey]]"
        )
    whole = level_rows(said[said["about"] != "a touchpoint"], ["survey", "survey_kind", "about"])
    placed = said[~said["touchpoint"].isin([OVERALL, CONTACT])]
    items = _items(asked)
    return SurveyLevels(
        whole, level_rows(placed, ["survey", "survey_kind", "touchpoint"]), compare_cases(scored), items,
        _notes(said, scored), (*chain, f"{counted(said['response_id'].nunique(), 'response')} of {counted(said['customer_id'].nunique(), 'customer')}"),
    )  # fmt: skip


def _asked(data: Dataset) -> pd.DataFrame:
    columns = ["response_id", "customer_id", "survey", "survey_kind", "weight", "timestamp"]
    rows = data.answers.merge(data.responses[columns], on="response_id", how="inner")
    rows["about"] = form_of(rows["touchpoint"])
    nobody = "#" + rows["response_id"].astype("str")
    rows["customer_id"] = rows["customer_id"].astype("object").where(rows["customer_id"].notna(), nobody).astype("str")
    return rows


def _at_their_contact(asked: pd.DataFrame, links: pd.DataFrame, *, narrowed: bool) -> pd.DataFrame:
    """Name the touchpoint that the contact turned out to be; with filters only what was linked is left."""
    keys = ["response_id", "item"]
    place = links.loc[links["matched"], [*keys, "touchpoint"]].drop_duplicates(keys)
    rows = asked.merge(place.rename(columns={"touchpoint": "there"}), on=keys, how="left")
    if narrowed:
        rows = rows[rows["response_id"].isin(links["response_id"])]
        rows = rows[rows["there"].notna() | (rows["status"] != "answered")]
    return rows.assign(touchpoint=rows["there"].fillna(rows["touchpoint"])).drop(columns="there")


def _items(asked: pd.DataFrame) -> pd.DataFrame:
    keys = ["survey", "item", "metric"]
    counts = asked.groupby([*keys, "status"], sort=True, observed=True).size().unstack("status", fill_value=0)
    counts = counts.reindex(columns=["answered", "blank", "not_used", "invalid"], fill_value=0)
    return counts.reset_index().rename_axis(columns=None)


def _notes(said: pd.DataFrame, scored: pd.DataFrame) -> tuple[str, ...]:
    notes = []
    invalid = int((scored["status"] == "invalid").sum())
    if invalid:
        notes.append(
            f"{counted(invalid, 'answer')} outside {'its' if invalid == 1 else 'their'} scale left out; the ledger has them"
        )
    keys = ["survey", "metric", "about", "scale_low", "scale_high", "higher_is_better"]
    scales = (
        said[said["about"] != "a touchpoint"].drop_duplicates(keys).groupby(["survey", "metric", "about"], sort=True)
    )
    for (survey, metric, _), rows in scales:
        if len(rows) > 1:
            ends = ", ".join(f"{r.scale_low:g} to {r.scale_high:g}" for r in rows_of(rows))
            notes.append(
                f"survey {survey!r} asks {metric} on several scales ({ends}): they stand apart, never averaged"
            )
    notes += scale_breaks(said)
    for survey, rows in said[said["metric"] == "nps"].groupby("survey", sort=True):
        first: Any = rows.iloc[0]
        if not is_nps_scale(first["scale_low"], first["scale_high"]):
            notes.append(
                f"survey {survey!r}: nps was asked on {first['scale_low']:g} to {first['scale_high']:g}, where nobody is a "
                "promoter; its mean stands instead (say low = 0, high = 10 where that is the scale)"
            )
    effort = said[(said["metric"] == "ces") & (said["survey_kind"] == "relationship") & (said["about"] == "the whole")]
    notes += [
        f"survey {survey!r} asks effort about the whole relationship: CES was made for right after a task, and is "
        "comparable only with itself here"
        for survey in sorted(effort["survey"].unique())
    ]
    for (survey, metric), rows in said[said["about"] != "a touchpoint"].groupby(["survey", "metric"], sort=True):
        if len(rows) > 1 and rows["score"].nunique() == 1:
            notes.append(
                f"survey {survey!r}: all {len(rows):,} answers on {metric} are {float(rows['score'].iloc[0]):g}; the interval "
                "says how many others could hide behind that, not how they spread"
            )
        if len(rows) == 1:
            notes.append(f"survey {survey!r}: one answer on {metric}: a figure without an interval")
    for survey, rows in said.groupby("survey", sort=True):
        weights = answer_weights(rows)
        lost = int(pd.isna(weights).sum()) if weights is not None else 0
        if lost:
            notes.append(f"survey {survey!r}: {counted(lost, 'answer')} without a weight left out of weighted figures")
    return tuple(notes)
