"""What stands along the emotional journey: one row per score, text and gap, at the event it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.experience.expectation import ASKED, ESTIMATED, gather_expectations
from cxmining.i18n import EMOTION_LABELS, LANGUAGES, STAGE_LABELS, counted, is_missing
from cxmining.schema import STAGES

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.journeys import Journeys

__all__ = ["ALL", "EXPECTED", "events_along", "group_labels", "labels_of", "read_texts", "stages_of", "values_along"]

ALL: Final = "all journeys"
PERSONA: Final = "persona"
GOAL: Final = "goal"
EXPECTED: Final = "expected"
Labels = Mapping[str, Mapping[str, str]]
_LAST: Final = 10
_COLUMNS: Final = ["group", "place", "journey", "journey_id", "customer", "step"]


def group_labels(lived: Experience, group: Any) -> tuple[pd.Series, Labels]:
    """Return the group of each journey, in the order of the table (missing where it is in none), and what groups are called."""
    from cxmining.errors import NotEnoughDataError, StudyError
    from cxmining.journeys import journeys_of
    from cxmining.journeys.comparing.sides import split_by

    table = lived.journeys.table
    if group is None:
        return pd.Series(ALL, index=table.index, dtype="object"), {ALL: {"en": ALL, "nl": "alle klantreizen"}}
    said: Labels = {}
    if isinstance(group, str) and group == PERSONA and PERSONA not in lived.journeys.data.customers:
        from cxmining.journeys import find_personas

        group = find_personas(lived)
    if isinstance(group, str) and group == GOAL and not _has(lived, GOAL):
        from cxmining.experience.goals import find_goals

        group = find_goals(lived)
    if hasattr(group, "motives") and hasattr(group, "labels"):
        group = group.labels.dropna()
        if not len(group):
            raise NotEnoughDataError(
                "no journey has a known goal: ask for it (an item with metric goal), name the tasks of touchpoints in the "
                "catalogue, or give rules to cx.find_tasks"
            )
    if hasattr(group, "assignments") and hasattr(group, "behaviour"):
        side = group.behaviour
        known = group.assignments.dropna(subset=[side.kind]).set_index("customer_id")[side.kind]
        names = side.summary.set_index("segment")
        group = table["customer_id"].map(known.map(names["label_en"].to_dict()))
        said = {r["label_en"]: {k: r[f"label_{k}"] for k in LANGUAGES} for r in names.to_dict("records")}
    elif isinstance(group, pd.Series | Mapping):
        own = group if isinstance(group, pd.Series) else pd.Series(dict(group), dtype="object")
        own = own[~own.index.duplicated(keep="last")]
        found = table["journey_id"].map(own)
        group = found if found.notna().any() else table["customer_id"].map(own)
        if not group.notna().any():
            raise StudyError(
                "group= names neither journeys nor customers of these: its index must hold ids of one of them"
            )
    labels = pd.Series(None, index=table.index, dtype="object")
    for name, part in split_by(lived, group).items():
        labels[table["journey_id"].isin(journeys_of(part).table["journey_id"]).to_numpy()] = name
    return labels, {str(n): said.get(str(n), {k: str(n) for k in LANGUAGES}) for n in labels.dropna().unique()}


def _has(lived: Experience, name: str) -> bool:
    data = lived.journeys.data
    return name in data.customers or name in data.events


def events_along(journeys: Journeys, by: str, groups: pd.Series, *, whole: bool) -> tuple[pd.DataFrame, list[str]]:
    """Return the events of journeys in a group, with their place, and the places in order.

    With `whole`, what the study leaves out of journeys stands among the touchpoints too, in journey −1: it can be scored.
    """
    events = journeys.events
    step = events["position"].to_numpy()
    if by == "position":
        names = [*(str(i) for i in range(1, _LAST)), f"{_LAST}+"]
        place = np.array(names, dtype=object)[np.minimum(step, _LAST - 1)]
    else:
        place = events[by].astype("object").to_numpy()
        names = [*STAGES, "unknown"] if by == "stage" else _in_order(journeys)
    frame = pd.DataFrame(
        {
            "event_id": events["event_id"].array,
            "journey": journeys.log.journey,
            "journey_id": events["journey_id"].array,
            "customer": pd.factorize(events["customer_id"])[0],
            "step": step,
            "place": place,
            "group": groups.to_numpy(dtype=object)[journeys.log.journey],
        }
    )
    frame = frame[frame["group"].notna()]
    if whole and by == "touchpoint":
        frame, names = _with_others(frame, names, journeys)
    return frame.reset_index(drop=True), names


def _with_others(frame: pd.DataFrame, names: list[str], journeys: Journeys) -> tuple[pd.DataFrame, list[str]]:
    data = journeys.data.events
    other = data[
        ~data["event_id"].isin(frame["event_id"]) & data["customer_id"].notna() & (data["channel"] != "survey")
    ]
    if not len(other):
        return frame, names
    who = pd.concat([journeys.events["customer_id"], other["customer_id"]], ignore_index=True)
    outside = pd.DataFrame(
        {
            "event_id": other["event_id"].array, "journey": -1, "journey_id": None, "step": 0,
            "customer": pd.factorize(who)[0][len(journeys.events) :], "place": other["touchpoint"].array, "group": ALL,
        }
    )  # fmt: skip
    return pd.concat([frame, outside[frame.columns]]), [*names, *sorted(set(other["touchpoint"]) - set(names))]


def _in_order(journeys: Journeys) -> list[str]:
    """Touchpoints by stage, then by where in the journey they usually stand."""
    table = journeys.touchpoints[["touchpoint", "stage"]]
    usual = pd.Series(journeys.log.position).groupby(journeys.events["touchpoint"].to_numpy()).mean()
    rank = {s: i for i, s in enumerate([*STAGES, "unknown"])}
    table = table.assign(rank=table["stage"].map(rank), usual=table["touchpoint"].map(usual))
    return [str(t) for t in table.sort_values(["rank", "usual", "touchpoint"], kind="stable")["touchpoint"]]


def labels_of(journeys: Journeys, by: str, places: Sequence[str]) -> Labels:
    """Return what each place is called, per language: stages by their names, touchpoints as the catalogue calls them."""
    if by == "stage":
        unknown = {"en": "No stage", "nl": "Geen fase"}
        return {p: STAGE_LABELS.get(p, unknown) for p in places}
    known = journeys.data.catalogue.drop_duplicates("touchpoint").set_index("touchpoint")
    said: dict[str, dict[str, str]] = {}
    for place in places:
        said[place] = dict.fromkeys(LANGUAGES, place)
        for language in LANGUAGES if by == "touchpoint" and place in known.index else ():
            label: Any = known.loc[place, f"label_{language}"]
            if not is_missing(label) and str(label).strip():
                said[place][language] = str(label)
    return said


def stages_of(journeys: Journeys, by: str) -> dict[str, str]:
    """Return the stage of each touchpoint, where touchpoints stand along the axis."""
    if by != "touchpoint":
        return {}
    stage = journeys.touchpoints.set_index("touchpoint")["stage"].astype("object")
    return {str(t): str(s) if s in STAGES else "" for t, s in stage.items()}


def values_along(
    lived: Experience, events: pd.DataFrame, segment: str | None, felt: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, tuple[float, float], str, list[str]]:
    """Return one row per value of a line: group, line, place, journey, customer, step, value.

    `felt` is what `read_texts` returns, where it was read before. Lines are score, emotion (−1 to 1), gap, expected, and one per kind of emotion: whether a text names it (0 or 1).
    """
    notes: list[str] = []
    parts = []
    scale, basis = (float("nan"), float("nan")), ""
    if lived.metric is None:
        notes.append("no touchpoint was scored: there is no line of scores or gaps")
    else:
        found = gather_expectations(lived, segment=segment)
        notes += found.notes
        scale = found.scale
        scored = found.pairs.dropna(subset="event_id").drop_duplicates("event_id", keep="last")
        rows = events.merge(scored[["event_id", "score", "gap", "expected", "expectation"]], on="event_id", how="inner")
        if out := len(found.pairs) - len(rows):
            notes.append(f"{counted(out, 'score')} about an event that is in none of these journeys: in no line")
        asked = (rows["expectation"] == ASKED).any()
        basis = ASKED if asked else ESTIMATED if rows["expectation"].notna().any() else ""
        parts.append(rows[_COLUMNS].assign(line="score", value=rows["score"]))
        gaps = rows[rows["expectation"] == basis]
        parts += [gaps[_COLUMNS].assign(line=line, value=gaps[line]) for line in ("gap", EXPECTED)]
        if basis == ESTIMATED:
            notes.append("expectations were not asked: the gap is to an estimate from earlier scores")
        elif asked and (rows["expectation"] == ESTIMATED).any():
            notes.append("the gap holds asked expectations only")
    felt = read_texts(lived) if felt is None else felt
    written = events[[*_COLUMNS, "event_id"]].merge(felt, on="event_id", how="inner")
    if len(written):
        parts += [written[_COLUMNS].assign(line=line, value=written[line]) for line in ("emotion", *EMOTION_LABELS)]
    else:
        notes.append("no text of the customers' own: there is no line of emotion")
    values = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*_COLUMNS, "line", "value"])
    values["value"] = values["value"].astype(float)
    values = values.dropna(subset="value").sort_values(["line", "journey", "step"], kind="stable", ignore_index=True)
    return values, scale, basis, notes


def read_texts(lived: Experience) -> pd.DataFrame:
    """Read what customers wrote themselves: inbound texts, and comments in questionnaires about one event.

    Returns
    -------
    DataFrame
        One row per text: ``event_id``, ``emotion`` (sentiment, −1 to 1; missing without a feeling word) and per kind of
        emotion whether the text names it (0, 1; missing in a language without a list).
    """
    from cxmining.text import find_emotions, score_sentiment

    data = lived.journeys.data
    own = data.events.loc[(data.events["direction"] == "inbound").fillna(False), ["event_id", "text"]]
    if lived.linked is not None:
        own = own[own["event_id"].isin(lived.journeys.events["event_id"])]
    links = lived.links[lived.links["matched"] & lived.links["event_id"].notna()]
    events_of = links.groupby("response_id")["event_id"].agg(["nunique", "first"])
    about: pd.Series = events_of.loc[events_of["nunique"] == 1, "first"]
    given = data.responses[["response_id", "comment"]].rename(columns={"comment": "text"}).sort_values("response_id")
    given = given.assign(event_id=given["response_id"].map(about)).dropna(subset="event_id")
    texts = pd.concat([own, given[["event_id", "text"]]], ignore_index=True).dropna(subset="text")
    felt = texts[["event_id"]].assign(emotion=np.nan, **dict.fromkeys(EMOTION_LABELS, np.nan))
    if len(texts):
        scored, named = score_sentiment(texts["text"]), find_emotions(texts["text"])
        felt["emotion"] = scored["score"].where(scored["n_words_known"] > 0).to_numpy(dtype=float)
        for kind in EMOTION_LABELS:
            felt[kind] = (named[kind] > 0).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    return felt.reset_index(drop=True)
