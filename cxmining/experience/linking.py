"""How an answer belongs to an event: rules, their outcome, and what they could not decide.

Only what happened *before* the response counts. The rules are those of the survey:

``customer``
    The whole relationship. An overall item belongs to no event at all; an item about a touchpoint
    belongs to the customer's latest event of that touchpoint before the response.
``journey``
    The customer's latest journey that began before the response; an item about a touchpoint belongs
    to the latest event of that touchpoint in it.
``reference``
    The event whose case (ticket, call, order) the survey was sent for: the latest of the customer's own, else the latest
    of anybody's.
``touchpoint``
    The customer's nearest earlier inbound contact, or event of the item's touchpoint, in the window.

Where more events fit equally well one is taken, the answer is marked ambiguous, and ``tie_break`` says which was taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.schema import CONTACT, OVERALL, empty, table

if TYPE_CHECKING:
    from cxmining.journeys import Journeys
    from cxmining.schema import Dataset

__all__ = ["LATEST_OF_ANYBODY", "OWN_CUSTOMER", "SOURCE_ORDER", "link_answers", "link_report"]

_DEFAULT_RULE: Final = {"relationship": "customer", "journey": "journey", "transactional": "reference"}
SOURCE_ORDER: Final = "same moment: the last in the order of the sources"
OWN_CUSTOMER: Final = "key of several customers: the latest event of the own customer"
LATEST_OF_ANYBODY: Final = "key of several customers: the latest event of any of them"


def link_answers(
    journeys: Journeys, *, survey: str | None = None, rule: str | None = None, window: str | None = None
) -> pd.DataFrame:
    """Link each answered item to the event and journey it is about.

    Parameters
    ----------
    journeys : Journeys
        Journeys with the data set they were made from.
    survey : str, optional
        Only the answers of this survey.
    rule : {"customer", "journey", "reference", "touchpoint"}, optional
        In place of the rule of that survey, to see what hangs on it.
    window : str, optional
        In place of the window of that survey, such as ``"7D"``.

    Returns
    -------
    DataFrame
        One row per answered item, in order of the answers: the columns of table ``links`` and, beside
        them, ``survey``, ``customer_id``, ``touchpoint`` (of the event where the item is about *the
        contact*), ``metric``, ``score``, ``scale_low``, ``scale_high``, ``higher_is_better``,
        ``weight``, ``matched`` (bool), ``ambiguous`` (bool: more events fitted equally well), ``tie_break`` (which
        of them was taken) and ``why`` (why an unmatched answer is).

    Raises
    ------
    StudyError
        When a relationship survey is to be linked to contacts: it is about the whole relationship.
    UnknownNameError
        When the survey or the rule is none.
    """
    data = journeys.data
    answers = _answers(data)
    if survey is not None:
        if survey not in set(data.responses["survey"]):
            raise UnknownNameError(
                f"no response is of survey {survey!r}; {nearest(survey, data.responses['survey'].unique())}"
            )
        answers = answers[answers["survey"] == survey]
    if rule is not None:
        if rule not in _RULES:
            raise UnknownNameError(f"no link rule {rule!r}; {nearest(rule, _RULES)}")
        if survey is None:
            raise StudyError(f"rule = {rule!r}: say of which survey; each has a rule of its own")
        if rule != "customer" and (answers["survey_kind"] == "relationship").any():
            raise StudyError(
                f"survey {survey!r} is a relationship survey: it is about the whole relationship and is never linked to the "
                f"last contact or journey; rule = {rule!r} is for transactional and journey surveys"
            )
        answers = answers.assign(rule=rule)
    if window is not None:
        answers = answers.assign(window=pd.Timedelta(window))
    events = _events(journeys)
    parts = []
    for each, part in answers.groupby("rule", sort=True):
        parts.append(_RULES[str(each)](part, events, journeys.table))
    if not parts:
        return _with_columns(answers)
    linked = pd.concat(parts).sort_values("order", kind="stable", ignore_index=True)
    return _with_columns(linked.assign(why=_why(linked, events)))


def _why(linked: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """Say why an answer is linked to nothing: what its customer, key and time lack."""
    lost = linked.loc[~linked["matched"].fillna(False).astype(bool)]
    why = pd.Series(pd.NA, index=linked.index, dtype="str")
    if not len(lost):
        return why
    first = lost["customer_id"].map(events.groupby("customer_id", sort=False)["timestamp"].min())
    keyed = (lost["rule"] == "reference").to_numpy(bool)
    nearby = (lost["rule"] == "touchpoint").to_numpy(bool)
    named = ~lost["touchpoint"].isin([OVERALL, CONTACT]).to_numpy(bool)
    early = (first > lost["timestamp"]).fillna(False).to_numpy(bool)
    why.loc[lost.index] = np.select(
        [
            keyed & lost["reference"].isna().to_numpy(bool),
            keyed & ~lost["reference"].isin(events["case_id"].dropna()).to_numpy(bool),
            keyed,
            lost["customer_id"].isna().to_numpy(bool),
            first.isna().to_numpy(bool),
            early,
            nearby,
            named,
        ],
        [
            "no key", "key not in the log", "key only after the response", "customer unknown", "customer not in the log",
            "before any contact", "nothing in the window", "touchpoint not met before",
        ],
        "no journey before",
    )  # fmt: skip
    return why


def _with_columns(linked: pd.DataFrame) -> pd.DataFrame:
    for column in ("event_id", "journey_id", "lag_s", "ambiguous", "matched", "tie_break", "why"):
        if column not in linked:
            linked[column] = pd.Series(dtype=object)
    links = table("links", {c: linked[c] for c in empty("links").columns})
    for column in ("survey", "survey_kind", "customer_id", "touchpoint", "metric", "score", "scale_low", "scale_high"):
        links[column] = linked[column].array
    for column in ("higher_is_better", "matched", "ambiguous"):
        links[column] = linked[column].fillna(False).astype(bool).array
    links["weight"] = linked["weight"].array
    for column in ("tie_break", "why"):
        links[column] = linked[column].astype("str").array
    return links


def _answers(data: Dataset) -> pd.DataFrame:
    settings = {s.name: s for s in data.surveys}
    responses = data.responses[
        ["response_id", "customer_id", "timestamp", "survey", "survey_kind", "reference", "weight"]
    ].copy()
    responses["rule"] = [
        settings[name].link if name in settings else _DEFAULT_RULE[kind]
        for name, kind in zip(responses["survey"], responses["survey_kind"], strict=True)
    ]
    responses["window"] = pd.to_timedelta(
        [settings[name].window if name in settings else "30D" for name in responses["survey"]]
    )
    answers = data.answers[data.answers["status"] == "answered"].merge(responses, on="response_id", how="inner")
    answers["order"] = range(len(answers))
    return answers


def _events(journeys: Journeys) -> pd.DataFrame:
    """All events, those too that are no step of a journey: an invoice left out of the map can still be rated."""
    columns = ["event_id", "customer_id", "case_id", "timestamp", "touchpoint", "direction", "channel"]
    events = journeys.data.events[columns]
    # an answered survey is itself an event in some logs; it is never what it is about
    events = events[events["channel"] != "survey"].drop(columns="channel")
    return events.merge(journeys.events[["event_id", "journey_id"]], on="event_id", how="left", validate="one_to_one")


def _latest(part: pd.DataFrame, events: pd.DataFrame, by: list[str], window: bool) -> pd.DataFrame:
    """Find for each answer the latest event with equal `by` that is not after the response."""
    left = part.drop(columns=["event_id", "journey_id", "lag_s"], errors="ignore").sort_values(
        ["timestamp", "order"], kind="stable"
    )
    usable = left[by].notna().all(axis=1)
    right = events.dropna(subset=by).sort_values("timestamp", kind="stable")
    right = right.rename(columns={"timestamp": "event_time"})[["event_id", "journey_id", "event_time", *by]]
    found = pd.merge_asof(left[usable], right, left_on="timestamp", right_on="event_time", by=by, direction="backward")
    if window:
        late = found["timestamp"] - found["event_time"] > found["window"]
        found.loc[late, ["event_id", "journey_id"]] = None
        found.loc[late, "event_time"] = pd.NaT
    found = pd.concat([found, left[~usable]])
    found["lag_s"] = (found["timestamp"] - found["event_time"]).dt.total_seconds()
    found["matched"] = found["event_id"].notna()
    return found.drop(columns="event_time")


def _mark_ties(found: pd.DataFrame, events: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Say where another event with equal `by` carries the very same time: the tie-break was source order."""
    counts = events.groupby([*by, "timestamp"], sort=False).size().rename("ties").reset_index()
    time = found["timestamp"] - pd.to_timedelta(found["lag_s"], unit="s").dt.as_unit("us")
    keys = found[by].assign(timestamp=time.astype(counts["timestamp"].dtype))
    found["ambiguous"] = (keys.merge(counts, on=[*by, "timestamp"], how="left")["ties"].fillna(0) > 1).to_numpy()
    return _broken(found, SOURCE_ORDER)


def _broken(found: pd.DataFrame, how: str) -> pd.DataFrame:
    return found.assign(tie_break=pd.Series(how, index=found.index, dtype="str").where(found["ambiguous"]))


def _by_customer(part: pd.DataFrame, events: pd.DataFrame, table_: pd.DataFrame) -> pd.DataFrame:
    overall = part["touchpoint"].isin([OVERALL, CONTACT])
    first = events.groupby("customer_id", sort=False)["timestamp"].min()
    whole = part[overall].copy()
    since = whole["customer_id"].map(first)
    whole["lag_s"] = float("nan")
    whole["matched"] = (since <= whole["timestamp"]).fillna(False)
    whole["ambiguous"] = False
    about = _latest(part[~overall], events, ["customer_id", "touchpoint"], window=False)
    about = _mark_ties(about, events, ["customer_id", "touchpoint"])
    return pd.concat([whole, about])


def _by_journey(part: pd.DataFrame, events: pd.DataFrame, table_: pd.DataFrame) -> pd.DataFrame:
    starts = table_.rename(columns={"start": "timestamp"})[["journey_id", "customer_id", "timestamp"]]
    found = _latest(part, starts.assign(event_id=starts["journey_id"]), ["customer_id"], window=False)
    overall = found["touchpoint"].isin([OVERALL, CONTACT])
    whole = found[overall].assign(event_id=None, ambiguous=False)
    about = _latest(found[~overall].assign(within=found["journey_id"]), events.assign(within=events["journey_id"]),
                    ["within", "touchpoint"], window=False)  # fmt: skip
    about["ambiguous"] = False
    return pd.concat([whole, about.drop(columns="within")])


def _by_reference(part: pd.DataFrame, events: pd.DataFrame, table_: pd.DataFrame) -> pd.DataFrame:
    cases = events.dropna(subset=["case_id"]).rename(columns={"case_id": "reference"})
    # the same number in two sources may be two things: the own customer's first, and said to be ambiguous
    own = _latest(part, cases, ["reference", "customer_id"], window=False)
    rest = _latest(own[~own["matched"]], cases, ["reference"], window=False)
    found = pd.concat([own[own["matched"]].assign(own=True), rest.assign(own=False)])
    owners = cases.groupby("reference", sort=False)["customer_id"].nunique()
    found["ambiguous"] = (found["reference"].map(owners).fillna(0) > 1) & found["matched"]
    how = pd.Series(np.where(found["own"], OWN_CUSTOMER, LATEST_OF_ANYBODY), index=found.index, dtype="str")
    return _name_contact(found.assign(tie_break=how.where(found["ambiguous"])), events)


def _by_touchpoint(part: pd.DataFrame, events: pd.DataFrame, table_: pd.DataFrame) -> pd.DataFrame:
    contact = part["touchpoint"].isin([OVERALL, CONTACT])
    inbound = events[events["direction"] == "inbound"]
    near = _latest(part[contact], inbound, ["customer_id"], window=True)
    near = _name_contact(_mark_ties(near, inbound, ["customer_id"]), events)
    about = _latest(part[~contact], events, ["customer_id", "touchpoint"], window=True)
    return pd.concat([near, _mark_ties(about, events, ["customer_id", "touchpoint"])])


def _name_contact(found: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Replace *the contact* by the touchpoint of the event that it turned out to be."""
    names = events.set_index("event_id")["touchpoint"]
    contact = (found["touchpoint"] == CONTACT) & found["event_id"].notna()
    found["touchpoint"] = found["touchpoint"].where(~contact, found["event_id"].map(names))
    return found


_RULES = {
    "customer": _by_customer,
    "journey": _by_journey,
    "reference": _by_reference,
    "touchpoint": _by_touchpoint,
}


def link_report(links: pd.DataFrame) -> pd.DataFrame:
    """Count per survey and rule what was linked.

    Returns
    -------
    DataFrame
        ``survey``, ``rule``, ``answers``, ``matched``, ``unmatched``, ``ambiguous`` (counts of
        answered items) and ``median_lag_s`` (seconds from the event to the response).
    """
    grouped = links.groupby(["survey", "rule"], sort=True)
    report = grouped.agg(
        answers=("item", "size"),
        matched=("matched", "sum"),
        ambiguous=("ambiguous", "sum"),
        median_lag_s=("lag_s", "median"),
    ).reset_index()
    report["unmatched"] = report["answers"] - report["matched"]
    return report[["survey", "rule", "answers", "matched", "unmatched", "ambiguous", "median_lag_s"]]
