"""The cells of the persona cards: what people say and what the log shows of each segment, as one table.

The figures come from the segments that were found, from their contacts, and from the emotional journey; what the
cards show is this table, and a run keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.i18n import channel_label, stage_label
from cxmining.journeys.grouping.behaviour import read_contacts
from cxmining.journeys.grouping.labels import touchpoint_words
from cxmining.journeys.grouping.persona_labels import behaviour_words
from cxmining.journeys.grouping.stability import JACCARD
from cxmining.maps.personas.people import FIELDS, PersonaNotes, match_personas
from cxmining.maps.tables import records
from cxmining.privacy import suppress
from cxmining.schema import STAGES
from cxmining.stats import share_interval, wilson

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.journeys import Personas
    from cxmining.journeys.grouping.behaviour import Contacts

__all__ = ["CELL_COLUMNS", "LEAST_ANSWERS", "ROWS", "cells_of", "typed"]

CELL_COLUMNS: Final = (
    "segment", "row", "key", "place", "value", "low", "high", "n", "customers", "text", "by", "status", "hidden",
)  # fmt: skip
ROWS: Final = (
    "scale",
    "segment",
    "said",
    "unmatched",
    "mark",
    "path",
    "step",
    "channel",
    "habit",
    "task",
    "felt",
    "driver",
)
LEAST_ANSWERS: Final = 100
"""Answers of a segment below which nothing is said of what decides for it."""
_HABITS: Final = ("contacts per year", "repeat contacts", "switches channel", "evening or night", "weekend")
_STEPS: Final = 8
_MARKS: Final = 3
_MOST: Final = 6
"""Channels and tasks shown at most."""
Cell = dict[str, Any]


def cells_of(
    experience: Experience,
    found: Personas,
    notes: PersonaNotes | None,
    *,
    target: str | None,
    language: str,
    min_cell: int,
    felt: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return every figure and word of the cards.

    Parameters
    ----------
    experience : Experience
    found : Personas
        Its segments.
    notes : PersonaNotes or None
        What people say.
    target : str or None
        Overall metric whose drivers are looked for in each segment; None: for none.
    language : {"en", "nl"}
    min_cell : int
        Figures about fewer customers are hidden.
    felt : DataFrame, optional
        What customers wrote, where it was read before.

    Returns
    -------
    DataFrame
        `CELL_COLUMNS`; ``segment`` is negative for a persona that no segment matches.
    """
    side, journeys = found.behaviour, found.journeys
    number = found.assignments["behaviour"].to_numpy(dtype=float, na_value=0).astype(np.int64)
    ids, customer = np.unique(journeys.table["customer_id"].to_numpy(dtype=object).astype(str), return_inverse=True)
    every = (*journeys.log.touchpoints, *journeys.data.catalogue["touchpoint"].tolist())
    names = touchpoint_words(journeys.data.catalogue, tuple(dict.fromkeys(every)))[language]
    summary, _ = suppress(side.summary, ["customers"], "customers", min_cell, "", "segment", total_by=())
    shown = summary.loc[summary["customers"].notna(), "segment"].tolist()
    cells: list[Cell] = []
    for row in records(side.summary):
        cells += _of_segment(row, side.stable, row["segment"] in shown, language, found.metric)
    contacts = read_contacts(journeys, customer)
    cells += _of_profile(side.profile, shown, side.k, names, language)
    cells += _of_channels(side.profile, contacts, number, journeys.log.channels, shown, language)
    cells += _of_tasks(journeys.data.catalogue, contacts, number, journeys.log.touchpoints, shown, language)
    cells += _of_paths(journeys, number[customer], shown, names)
    cells += _of_feelings(experience, found, shown, language, felt)
    cells += _of_drivers(experience, pd.Series(number, index=ids), shown, target, names)
    cells += _of_people(notes, found, language)
    return _hidden(pd.DataFrame(cells).reindex(columns=[c for c in CELL_COLUMNS if c != "hidden"]), min_cell)


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with the types of their columns, also those that were read back from CSV."""
    out = frame.copy()
    for column in ("row", "key", "text", "by", "status"):
        out[column] = out[column].astype("object").where(out[column].notna(), "").astype("str")
    for column in ("value", "low", "high"):
        out[column] = pd.to_numeric(out[column]).astype("Float64")
    for column in ("n", "customers"):
        out[column] = pd.to_numeric(out[column]).astype("Int64")
    for column in ("segment", "place"):
        out[column] = pd.to_numeric(out[column]).fillna(0).astype("int64")
    out["hidden"] = out["hidden"].astype("str").str.lower().eq("true")
    return out


def _hidden(frame: pd.DataFrame, min_cell: int) -> pd.DataFrame:
    """Hide what is about too few, and a segment that could be had back from the others with all that is known of it."""
    off = frame.loc[(frame["row"] == "segment") & (frame["key"] == "hidden"), "segment"]
    frame = frame[frame["key"] != "hidden"].assign(hidden=False)
    out = typed(frame)
    # a share of customers is also a count of them: one who did is one, of however many
    few = (out["customers"] > 0) & (out["customers"] < min_cell)
    few = few.fillna(False).astype(bool) | (out["segment"].isin(off) & (out["status"] == "measured"))
    out["hidden"] = few
    out.loc[few, ["value", "low", "high", "n", "customers"]] = pd.NA
    rank = out["row"].map({row: i for i, row in enumerate(ROWS)})
    order = out.assign(_rank=rank).sort_values(["segment", "_rank", "place"], kind="stable")
    return order[list(CELL_COLUMNS)].reset_index(drop=True)


def _cell(segment: int, row: str, key: str = "", status: str = "measured", **values: Any) -> Cell:
    return {"segment": segment, "row": row, "key": key, "status": status, "place": 0, **values}


def _of_segment(row: Mapping[str, Any], stable: bool, shown: bool, language: str, metric: str | None) -> list[Cell]:
    s = int(row["segment"])
    n = int(row["customers"])
    label = _cell(s, "segment", "label", text=row[f"label_{language}"])
    if not shown:
        return [label, _cell(s, "segment", "hidden"), _cell(s, "segment", "share", n=n, customers=n)]
    cells = [
        label,
        _cell(s, "segment", "share", value=row["share"], low=row["low"], high=row["high"], n=n, customers=n),
    ]
    known = row["stability"] == row["stability"]
    word = "stable" if stable and row["stability"] >= JACCARD else "unstable" if known else "one"
    cells.append(_cell(s, "segment", "stability", value=row["stability"] if known else None, text=word, customers=n))
    level = row.get("score_mean")
    if level is not None and level == level:
        cells.append(
            _cell(s, "segment", "score", value=level, low=row["score_low"], high=row["score_high"], n=row["score_n"], text=metric)
        )  # fmt: skip
    return cells


def _of_profile(profile: pd.DataFrame, shown: list[int], k: int, names: Mapping[str, str], language: str) -> list[Cell]:
    """Return habits, and of several segments what marks each: differences from all others that survive correction."""
    cells = []
    for s in shown:
        mine = profile[profile["segment"] == s]
        for i, name in enumerate(_HABITS):
            for row in records(mine[mine["feature"] == name]):
                most = np.inf if i == 0 else 1.0
                cells.append(
                    _cell(s, "habit", name, place=i, value=row["mean"], low=max(0.0, row["low"]), high=min(most, row["high"]),
                          n=row["n"], text=behaviour_words(row["feature_kind"], name, {}, language))
                )  # fmt: skip
        apart = mine[(mine["p_adjusted"] < 0.05) & mine["feature_kind"].isin(["channel", "topic"])]
        for i, row in enumerate(records(apart[apart["difference"].abs() >= 0.02].head(_MARKS if k > 1 else 0))):
            cells.append(
                _cell(s, "mark", f"{row['feature_kind']}: {row['feature']}", place=i, value=row["difference"],
                      low=row["difference_low"], high=row["difference_high"], n=row["n"],
                      text=behaviour_words(row["feature_kind"], row["feature"], names, language))
            )  # fmt: skip
    return cells


def _of_channels(
    profile: pd.DataFrame, contacts: Contacts, number: Any, channels: tuple[str, ...], shown: list[int], language: str
) -> list[Cell]:
    """Return which part of a customer's own contacts goes over each channel, and how many customers use it."""
    own = contacts.own
    users = _people(contacts.customer[own], contacts.channel[own], number, len(channels))
    cells = []
    for s in shown:
        mine = profile[(profile["segment"] == s) & (profile["feature_kind"] == "channel")]
        for i, row in enumerate(records(mine.sort_values(["mean", "feature"], ascending=[False, True]).head(_MOST))):
            if not row["mean"] > 0:
                continue
            cells.append(
                _cell(s, "channel", row["feature"], place=i, value=row["mean"], low=max(0.0, row["low"]), high=min(1.0, row["high"]),
                      n=row["n"], customers=users[s, channels.index(row["feature"])], text=channel_label(row["feature"], language))
            )  # fmt: skip
    return cells


def _people(customer: Any, what: Any, number: Any, size: int) -> Any:
    """Return how many customers of each segment did each thing."""
    pairs = np.unique(customer.astype(np.int64) * size + what)
    counts = np.zeros((int(number.max()) + 1, size), dtype=np.int64)
    np.add.at(counts, (number[pairs // size], pairs % size), 1)
    return counts


def _of_tasks(
    catalogue: pd.DataFrame, contacts: Contacts, number: Any, touchpoints: tuple[str, ...], shown: list[int], language: str
) -> list[Cell]:  # fmt: skip
    """Return for which tasks of the catalogue a segment's customers came, each once."""
    task = catalogue.drop_duplicates("touchpoint").set_index("touchpoint")["task"]
    called = dict(zip(catalogue["task"], catalogue[f"task_{language}"].fillna(catalogue["task"]), strict=True))
    named = pd.Series(list(touchpoints)).map(task)
    names = sorted(set(named.dropna()) - {""})
    if not names:
        return []
    code = named.map({t: i for i, t in enumerate(names)}).fillna(-1).to_numpy(dtype=np.int64)[contacts.touchpoint]
    used = contacts.own & (code >= 0)
    users = _people(contacts.customer[used], code[used], number, len(names))
    size = np.bincount(number)
    cells = []
    for s in shown:
        order = np.lexsort((np.arange(len(names)), -users[s]))[:_MOST]
        for i, t in enumerate(order[users[s][order] > 0].tolist()):
            share = wilson(users[s, t], size[s])
            cells.append(_cell(s, "task", names[t], place=i, value=share.value, low=share.low, high=share.high, n=size[s],
                               customers=users[s, t], text=called[names[t]]))  # fmt: skip
    return cells


def _of_paths(journeys: Any, segment: Any, shown: list[int], names: Mapping[str, str]) -> list[Cell]:
    """Return the most frequent way among a segment's journeys of median length, repeats taken once.

    Journeys in which the customer did nothing himself are no way that he took.
    """
    log = journeys.log
    direction = journeys.data.events["direction"].iloc[log.rows]
    did = np.logical_or.reduceat(~direction.isin(["outbound", "internal"]).to_numpy(), log.offsets[:-1])
    first = log.offsets[:-1]
    new = np.ones(len(log), dtype=bool)
    new[1:] = log.touchpoint[1:] != log.touchpoint[:-1]
    new[first] = True
    length = np.add.reduceat(new.astype(np.int64), first)
    begin = np.concatenate([[0], np.cumsum(length)[:-1]])
    code = log.touchpoint[new].astype(np.int64)
    channel = _usual_channel(log)
    cells = []
    for s in shown:
        own = np.flatnonzero((segment == s) & did)
        if not len(own):
            continue
        typical = int(np.quantile(length[own], 0.5, method="inverted_cdf"))
        alike = own[length[own] == typical]
        steps = code[begin[alike][:, None] + np.arange(min(typical, _STEPS))]
        ways, which, count = np.unique(steps, axis=0, return_inverse=True, return_counts=True)
        best = int(count.argmax())
        taken = alike[which.ravel() == best]
        people = len(np.unique(log.customer[taken]))
        part = share_interval(np.isin(own, taken), cluster=log.customer[own])
        cells.append(
            _cell(s, "path", "share", value=part.value, low=part.low, high=part.high, n=len(own), customers=people, place=typical)
        )  # fmt: skip
        cells += [
            _cell(
                s, "step", log.touchpoints[t], place=i, customers=people, text=names[log.touchpoints[t]], by=channel[t]
            )
            for i, t in enumerate(ways[best].tolist())
        ]
    return cells


def _usual_channel(log: Any) -> list[str]:
    size = len(log.channels)
    both = np.bincount(log.touchpoint.astype(np.int64) * size + log.channel, minlength=len(log.touchpoints) * size)
    return [log.channels[i] for i in both.reshape(-1, size).argmax(axis=1).tolist()]


def _of_feelings(
    experience: Experience, found: Personas, shown: list[int], language: str, felt: pd.DataFrame | None
) -> list[Cell]:
    """Return the emotional journey of each segment by stage: scores, what was expected, and what texts say."""
    from cxmining.experience.curve import make_curve

    try:
        curve = make_curve(experience, "stage", found, felt=felt)
    except NotEnoughDataError:
        return []
    number = {r["label_en"]: int(r["segment"]) for r in records(found.behaviour.summary)}
    cells = [_cell(0, "scale", curve.metric, low=curve.scale[0], high=curve.scale[1])] if curve.metric else []
    places = [*STAGES, "unknown"]
    for row in records(pd.concat([curve.points, curve.expected], ignore_index=True)):
        if number.get(row["group"]) in shown and row["line"] in ("score", "expected", "emotion"):
            stage = row["place"]
            cells.append(
                _cell(number[row["group"]], "felt", row["line"], place=places.index(stage), value=row["mean"], low=row["low"],
                      high=row["high"], n=row["n"], customers=row["customers"], by=stage,
                      text=stage_label(stage, language) if stage in STAGES else "?")
            )  # fmt: skip
    return cells


def _of_drivers(
    experience: Experience, number: pd.Series, shown: list[int], target: str | None, names: Mapping[str, str]
) -> list[Cell]:
    """Return what explains the overall score in each segment that has answers enough, and how many the others have."""
    from cxmining.drivers import find_drivers

    if target is None:
        return []
    try:
        ratings = experience.ratings(target)
    except NotEnoughDataError:
        return []
    mine = ratings.frame["customer"].map(number)
    cells = []
    for s in shown:
        own = (mine == s).to_numpy()
        about: dict[str, Any] = {"n": int(own.sum()), "customers": int(ratings.frame.loc[own, "customer"].nunique())}
        if about["n"] < LEAST_ANSWERS:
            cells.append(_cell(s, "driver", "few", text=target, **about))
            continue
        part = replace(ratings, frame=ratings.frame[own], exposed=ratings.exposed[own])
        try:
            found = find_drivers(part, target, bootstrap=200)
        except NotEnoughDataError:
            cells.append(_cell(s, "driver", "few", text=target, **about))
            continue
        best = found.shares.sort_values(["share", "touchpoint"], ascending=[False, True]).head(3)
        cells += [
            _cell(s, "driver", row["touchpoint"], place=i, value=row["share"], low=row["share_low"], high=row["share_high"],
                  text=names.get(row["touchpoint"], row["touchpoint"]), by=target, **about)
            for i, row in enumerate(records(best))
        ]  # fmt: skip
    return cells


def _of_people(notes: PersonaNotes | None, found: Personas, language: str) -> list[Cell]:
    if notes is None:
        return []
    label = found.behaviour.summary.set_index("segment")[f"label_{language}"]
    cells = []
    for i, row in enumerate(records(match_personas(notes, found)), start=1):
        there = row["segment"] is not pd.NA and not pd.isna(row["segment"])
        s = int(row["segment"]) if there else -i
        cells.append(_cell(s, "said", "name", "people", text=row["persona"], value=row["distance"]))
        if not there:
            near: Any = row["nearest"]
            cells.append(_cell(s, "unmatched", value=row["distance"], text="" if pd.isna(near) else label[near]))
        mine = notes.texts[notes.texts["persona"] == row["persona"]]
        for place, field in enumerate(FIELDS):
            cells += [
                _cell(s, "said", field, "people", place=place + 1, text=line["text"], by=line["by"])
                for line in records(mine[mine["field"] == field])
            ]
    return cells
