"""One row per answered overall question, ready for the drivers: what was rated, and what was met at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cxmining.errors import NotEnoughDataError, UnknownNameError, nearest
from cxmining.schema import CONTACT, OVERALL

if TYPE_CHECKING:
    from cxmining.journeys import Journeys

__all__ = ["Ratings", "gather_ratings"]


@dataclass(frozen=True, eq=False)
class Ratings:
    """Ratings of touchpoints beside an overall score.

    Attributes
    ----------
    frame : DataFrame
        One row per response: ``response_id``, ``customer``, ``target``, ``weight`` (1 where the
        survey has none), a column per touchpoint (score or missing), a column per control.
    exposed : DataFrame
        Same index, one boolean column per touchpoint: the customer met it, by the log or by having
        rated it. Not met is missing by design; met without a score is ordinary missing.
    target : str
        Metric of the overall item.
    metric : str
        Metric of the touchpoint items.
    touchpoints, controls : tuple of str
        Names of the columns.
    """

    frame: pd.DataFrame
    exposed: pd.DataFrame
    target: str
    metric: str
    touchpoints: tuple[str, ...]
    controls: tuple[str, ...]


def gather_ratings(
    journeys: Journeys, links: pd.DataFrame, target: str, metric: str, controls: Sequence[str] = ()
) -> Ratings:
    """Gather the ratings that may explain an overall score.

    The target is an overall item of a relationship or journey survey; a contact's own score is
    never on the left (it would be explained by itself).

    Raises
    ------
    NotEnoughDataError
        When nobody answered the target, or nobody rated a touchpoint beside it.
    UnknownNameError
        When a control is no attribute of the customers.
    """
    data = journeys.data
    lasting = links["survey_kind"].isin(["relationship", "journey"]) & links["matched"]
    overall = links[lasting & (links["touchpoint"] == OVERALL) & (links["metric"] == target)]
    if not len(overall):
        there = sorted(links.loc[lasting & (links["touchpoint"] == OVERALL), "metric"].unique())
        raise NotEnoughDataError(
            f"no answered overall item with metric {target!r} in a relationship or journey survey; {nearest(target, there)}"
        )
    overall = overall.drop_duplicates("response_id").set_index("response_id")
    sign = overall["higher_is_better"].map({True: 1.0, False: -1.0})

    items = data.answers[(data.answers["metric"] == metric) & ~data.answers["touchpoint"].isin([OVERALL, CONTACT])]
    items = items[items["response_id"].isin(overall.index)].drop_duplicates(["response_id", "touchpoint"])
    touchpoints = tuple(sorted(items["touchpoint"].unique()))
    if not touchpoints:
        raise NotEnoughDataError(f"no touchpoint was rated with metric {metric!r} beside the overall {target!r}")
    scores = items[items["status"] == "answered"].pivot(index="response_id", columns="touchpoint", values="score")
    scores = scores.reindex(index=overall.index, columns=list(touchpoints)).astype(float)
    denied = items.assign(flag=items["status"] == "not_used").pivot(
        index="response_id", columns="touchpoint", values="flag"
    )
    denied = denied.reindex(index=overall.index, columns=list(touchpoints)).eq(True)

    met = _met_before(journeys, data.responses.set_index("response_id").loc[overall.index], touchpoints)
    exposed = scores.notna() | (met & ~denied)

    frame = pd.DataFrame({"customer": overall["customer_id"], "target": overall["score"].astype(float) * sign})
    frame["weight"] = overall["weight"].astype("Float64").fillna(1.0).astype(float)
    frame = pd.concat([frame, scores], axis=1)
    for control in controls:
        if control not in data.customers:
            raise UnknownNameError(
                f"control {control!r} is no customer attribute; {nearest(control, data.customers.columns)}"
            )
        attribute = data.customers.drop_duplicates("customer_id").set_index("customer_id")[control]
        frame[control] = frame["customer"].map(attribute)
    return Ratings(frame.reset_index(), exposed.reset_index(drop=True), target, metric, touchpoints, tuple(controls))


def _met_before(journeys: Journeys, responses: pd.DataFrame, touchpoints: tuple[str, ...]) -> pd.DataFrame:
    """Return response × touchpoint: whether the log shows it to the customer before the response."""
    events = journeys.data.events
    events = events[events["touchpoint"].isin(touchpoints)]
    first = events.groupby(["customer_id", "touchpoint"], sort=False)["timestamp"].min().reset_index()
    asked = responses[["customer_id", "timestamp"]].reset_index().rename(columns={"timestamp": "answered"})
    pairs = asked.merge(first, on="customer_id", how="inner")
    pairs = pairs[pairs["timestamp"] <= pairs["answered"]].assign(met=True)
    met = pairs.pivot(index="response_id", columns="touchpoint", values="met")
    return met.reindex(index=responses.index, columns=list(touchpoints)).eq(True)
