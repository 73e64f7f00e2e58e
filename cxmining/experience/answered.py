"""The scores that answers gave, with when, by whom and about what: what is followed through time and split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.experience.measures import SCORES
from cxmining.experience.metrics import is_nps_scale
from cxmining.journeys.rows import rows_of
from cxmining.schema import CONTACT, OVERALL, SURVEY_KINDS

if TYPE_CHECKING:
    from cxmining.experience import Experience

__all__ = ["FORMS", "NOT_LINKED", "Answers", "all_answers", "choose_answers", "moment_in", "promoter_points"]

NOT_LINKED: Final = "(not linked)"
FORMS: Final = ("overall", "contact", "item")
"""About the whole, about the one contact of a survey, about a touchpoint that the item names."""
_FIRST: Final = ("nps", "csat", "rapportcijfer", "ces", "perception")


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers on one metric, of one kind of survey and in one form.

    Attributes
    ----------
    frame : DataFrame
        One row per answer, by time: ``response_id``, ``customer_id`` (a name of its own where nobody is known),
        ``timestamp``, ``survey``, ``touchpoint``, ``journey_id``, ``score`` (higher is better: a scale that runs the
        other way is turned round), ``value`` (what is averaged: NPS counts promoters as 100, detractors as -100).
    metric, kind : str
    scale : (float, float)
        Between which `value` lies.
    notes : tuple of str
        What was left out.
    """

    frame: pd.DataFrame
    metric: str
    kind: str
    scale: tuple[float, float]
    notes: tuple[str, ...] = ()


def promoter_points(score: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return 100 for promoters (9 and 10), -100 for detractors (0 to 6), else 0: their mean is the NPS.

    Examples
    --------
    >>> promoter_points(np.array([10.0, 8.0, 6.0])).tolist()
    [100.0, 0.0, -100.0]
    """
    return np.where(score >= 9, 100.0, np.where(score <= 6, -100.0, 0.0))


def all_answers(lived: Experience) -> pd.DataFrame:
    """Return every scored answer with its time and its form (one of `FORMS`), by time."""
    data = lived.journeys.data
    links = lived.links[lived.links["metric"].isin(SCORES) & lived.links["score"].notna()]
    items = data.answers[["response_id", "item", "touchpoint"]].rename(columns={"touchpoint": "asked"})
    rows = links.merge(items, on=["response_id", "item"], how="left")
    when = data.responses.drop_duplicates("response_id").set_index("response_id")["timestamp"]
    rows["timestamp"] = when.reindex(rows["response_id"]).array
    asked = rows["asked"].astype("str")
    rows["form"] = np.where(asked == OVERALL, "overall", np.where(asked == CONTACT, "contact", "item"))
    about = rows["touchpoint"].astype("object")
    rows["touchpoint"] = about.where(about != CONTACT, NOT_LINKED).astype("str")
    nobody = pd.Series("#" + rows["response_id"].astype("str"), index=rows.index)
    rows["customer_id"] = rows["customer_id"].astype("object").where(rows["customer_id"].notna(), nobody).astype("str")
    return rows.sort_values(["timestamp", "response_id", "item"], kind="stable", ignore_index=True)


def choose_answers(
    rows: pd.DataFrame, metric: str | None, survey: str | None, forms: Sequence[str], where: str
) -> Answers:
    """Take the answers of one metric, kind and form: the one asked for, else the one with most answers.

    Raises
    ------
    UnknownNameError
        When the metric or kind of survey is none.
    NotEnoughDataError
        When nobody answered so.
    """
    if survey is not None and survey not in SURVEY_KINDS:
        raise UnknownNameError(f"{where}: survey={survey!r} is no kind of survey; {nearest(survey, SURVEY_KINDS)}")
    if metric is not None and metric not in SCORES:
        raise UnknownNameError(f"{where}: metric {metric!r} is unknown; {nearest(metric, SCORES)}")
    if not len(rows):
        raise NotEnoughDataError(f"{where}: no answer is a score")
    asked = rows[rows["form"].isin(forms)]
    if metric is not None:
        asked = asked[asked["metric"] == metric]
    if survey is not None:
        asked = asked[asked["survey_kind"] == survey]
    if not len(asked):
        there = rows.groupby(["metric", "survey_kind", "form"], sort=True).size().reset_index(name="n")
        shown = ", ".join(f"{r.metric} {r.survey_kind} ({r.form}: {r.n:,})" for r in rows_of(there))
        wanted = " ".join(w for w in (metric or "score", survey) if w)
        raise NotEnoughDataError(f"{where}: nobody answered a {wanted} about {' or '.join(forms)}; there is: {shown}")
    counts = asked.groupby(["metric", "survey_kind", "form"], sort=True).size().reset_index(name="n")
    counts["whole"] = counts["form"] == "item"
    counts["first"] = counts["metric"].map(_FIRST.index)
    # A score of the whole before one of its parts, whatever their number.
    best = counts.sort_values(["whole", "n", "first"], ascending=[True, False, True], kind="stable").iloc[0]
    for column in ("metric", "survey_kind", "form"):
        asked = asked[asked[column] == best[column]]
    return _of_one_scale(asked, str(best["metric"]), str(best["survey_kind"]))


def _of_one_scale(rows: pd.DataFrame, metric: str, kind: str) -> Answers:
    ends = rows.groupby(["scale_low", "scale_high"], sort=True).size()
    low, high = (float(v) for v in ends.index[int(ends.to_numpy().argmax())])
    own = (rows["scale_low"] == low) & (rows["scale_high"] == high)
    notes: tuple[str, ...] = ()
    if not own.all():
        notes = (f"{int((~own).sum()):,} answers on another scale than {low:g} to {high:g} are left out",)
    more = [c for c in ("side",) if c in rows]
    rows = rows[own].drop_duplicates(["response_id", "touchpoint", *more])
    score = rows["score"].to_numpy(dtype=float)
    score = np.where(rows["higher_is_better"].to_numpy(dtype=bool), score, low + high - score)
    value = promoter_points(score) if metric == "nps" else score
    if metric == "nps" and not is_nps_scale(low, high):
        raise NotEnoughDataError(
            f"nps was asked on {low:g} to {high:g}, where nobody is a promoter; say low = 0, high = 10 where that is the scale"
        )
    columns = ["response_id", "customer_id", "timestamp", "survey", "touchpoint", "journey_id"]
    frame = rows[[*columns, *more]].reset_index(drop=True).assign(score=score, value=value)
    return Answers(frame, metric, kind, (-100.0, 100.0) if metric == "nps" else (low, high), notes)


def moment_in(date: object, zone: str, where: str) -> pd.Timestamp:
    """Return the midnight (or moment) that `date` means in the zone of the data, without a zone.

    Raises
    ------
    StudyError
        When it is no date.
    """
    try:
        moment = pd.Timestamp(date)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        moment = pd.NaT  # type: ignore[assignment]
    if pd.isna(moment) or isinstance(date, (int, float)):
        raise StudyError(f"{where}: {date!r} is no date; write it as '2025-06-01'")
    return moment.tz_convert(zone).tz_localize(None) if moment.tzinfo is not None else moment
