"""The cells of the stakeholder map: what people say, what the catalogue declares and what the log shows, as one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.drivers.owners import find_owners
from cxmining.errors import NotEnoughDataError, UnknownNameError, nearest
from cxmining.journeys.grouping.labels import touchpoint_words
from cxmining.journeys.handovers import find_handovers
from cxmining.maps.stakeholders.people import CUSTOMER, StakeholderNotes
from cxmining.maps.tables import records
from cxmining.maps.words import known
from cxmining.stats import wilson

if TYPE_CHECKING:
    from cxmining.journeys import Journeys

__all__ = ["CELL_COLUMNS", "ROWS", "cells_of", "typed"]

CELL_COLUMNS: Final = (
    "row", "name", "other", "key", "place", "value", "low", "high", "n", "customers", "text", "by", "status", "hidden",
)  # fmt: skip
ROWS: Final = ("about", "stakeholder", "level", "said", "traffic", "tie")
_SHOWN: Final = 4
"""Touchpoints that are named of a stakeholder or a tie; of more their number is said."""
Cell = dict[str, Any]


def cells_of(
    journeys: Journeys, notes: StakeholderNotes | None, *, language: str, company: str, min_cell: int
) -> pd.DataFrame:
    """Return every figure and word of the map.

    Parameters
    ----------
    journeys : Journeys
    notes : StakeholderNotes or None
        What people say.
    language : {"en", "nl"}
    company : str
        Whose map it is.
    min_cell : int
        Figures about fewer customers are hidden.

    Returns
    -------
    DataFrame
        `CELL_COLUMNS`.

    Raises
    ------
    NotEnoughDataError
        When neither people, catalogue nor log know anybody.
    UnknownNameError
        When a tie names somebody whom nobody knows.
    """
    every = (*journeys.log.touchpoints, *journeys.data.catalogue["touchpoint"].tolist())
    names = touchpoint_words(journeys.data.catalogue, tuple(dict.fromkeys(every)))[language]
    owner = _owners(journeys)
    there = _there(journeys.data.catalogue, owner, notes)
    if not there:
        raise NotEnoughDataError(
            "nobody is known around the customer: declare owners in the catalogue, name the queues in the log, or fill in "
            "stakeholders.toml"
        )
    cells: list[Cell] = [
        _cell("about", "", key="company", status="people", text=company),
        _cell("about", "", key="customers", n=journeys.log.n_customers, customers=journeys.log.n_customers),
    ]
    cells += [_cell("stakeholder", name, key=kind, status=how, text=kind) for name, (kind, how) in there.items()]
    cells += _of_people(notes, there)
    cells += _of_traffic(journeys, owner, names)
    cells += _of_support(journeys.data.catalogue, there, names)
    cells += _of_handovers(journeys, there)
    out = typed(pd.DataFrame(cells).reindex(columns=[c for c in CELL_COLUMNS if c != "hidden"]).assign(hidden=False))
    few = ((out["customers"] > 0) & (out["customers"] < min_cell)).fillna(False).astype(bool) & (
        out["status"] == "measured"
    )
    out["hidden"] = few
    out.loc[few, ["value", "low", "high", "n", "customers"]] = pd.NA
    rank = out["row"].map({row: i for i, row in enumerate(ROWS)})
    return out.assign(_rank=rank).sort_values(["_rank"], kind="stable")[list(CELL_COLUMNS)].reset_index(drop=True)


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with the types of their columns, also those that were read back from CSV."""
    out = frame.copy()
    for column in ("row", "name", "other", "key", "text", "by", "status"):
        out[column] = out[column].astype("object").where(out[column].notna(), "").astype("str")
    for column in ("value", "low", "high"):
        out[column] = pd.to_numeric(out[column]).astype("Float64")
    for column in ("n", "customers"):
        out[column] = pd.to_numeric(out[column]).astype("Int64")
    out["place"] = pd.to_numeric(out["place"]).fillna(0).astype("int64")
    out["hidden"] = out["hidden"].astype("str").str.lower().eq("true")
    return out


def _cell(row: str, name: str, status: str = "measured", **values: Any) -> Cell:
    return {"row": row, "name": name, "other": "", "key": "", "place": 0, "status": status, **values}


def _owners(journeys: Journeys) -> dict[str, tuple[str, str]]:
    """Return who is responsible for each touchpoint and how that is known; single people are nobody's department."""
    events = journeys.data.events
    groups = {*events["queue"].dropna(), *events["owner_mined"].dropna()}
    people = set(events["resource"].dropna()) - groups
    return {
        row["touchpoint"]: (str(row["owner"]), row["owner_source"])
        for row in records(find_owners(journeys).summary)
        if known(row["owner"]) and not (row["owner_source"] == "mined" and row["owner"] in people)
    }


def _there(
    catalogue: pd.DataFrame, owner: Mapping[str, tuple[str, str]], notes: StakeholderNotes | None
) -> dict[str, tuple[str, str]]:
    """Return everybody's kind and how that is known: people's word first, then the catalogue's, then what was mined."""
    found: dict[str, tuple[str, str]] = {}
    third = set(catalogue.loc[catalogue["third_party"].fillna(False).astype(bool), "owner_declared"].dropna())
    for name, how in owner.values():
        known_as = found.get(name)
        if known_as is None or how == "declared":
            found[name] = ("partner" if name in third else "department", "people" if how == "declared" else "measured")
    for several in catalogue["supported_by"].dropna():
        for name in filter(None, (part.strip() for part in str(several).split(";"))):
            found.setdefault(name, ("partner" if name in third else "department", "people"))
    if notes is not None:
        spelt = {name.casefold(): name for name in found}
        for told, part in notes.fields.groupby("name", sort=False):
            kinds = part.loc[part["field"] == "kind", "text"].tolist()
            own = spelt.setdefault(str(told).casefold(), str(told))
            before = found.get(own, ("other", "people"))
            found[own] = (kinds[0], "people") if kinds else before
    return dict(sorted(found.items(), key=lambda item: (_RANK.get(item[1][0], 9), item[0].casefold())))


_RANK: Final = {"department": 0, "partner": 1, "regulator": 2, "other": 3}


def _of_people(notes: StakeholderNotes | None, there: Mapping[str, Any]) -> list[Cell]:
    if notes is None:
        return []
    spelt = {name.casefold(): name for name in there}
    cells = []
    for row in records(notes.fields):
        name = spelt[row["name"].casefold()]
        if row["field"] in ("influence", "interest"):
            cells.append(_cell("level", name, "people", key=row["field"], value=row["value"], by=row["by"]))
        elif row["field"] in ("kind", "role", "we_do", "they_do"):
            cells.append(_cell("said", name, "people", key=row["field"], text=row["text"], by=row["by"]))
    spelt[CUSTOMER] = CUSTOMER
    for row in records(notes.ties):
        for end in (row["name"], row["other"]):
            if end.casefold() not in spelt:
                raise UnknownNameError(f"a tie names {end!r}, whom neither people, catalogue nor log know: {nearest(end, spelt.values())}")  # fmt: skip
        a, b = spelt[row["name"].casefold()], spelt[row["other"].casefold()]
        cells.append(_cell("tie", a, "people", other=b, key=row["field"], text=row["text"], by=row["by"]))
    return cells


def _of_traffic(journeys: Journeys, owner: Mapping[str, tuple[str, str]], names: Mapping[str, str]) -> list[Cell]:
    """Return how many contacts everybody answers for, how many customers had one, and where."""
    log = journeys.log
    who = log.customer[log.journey]
    counts = np.bincount(log.touchpoint, minlength=len(log.touchpoints))
    at: dict[str, list[int]] = {}
    for code, touchpoint in enumerate(log.touchpoints):
        if touchpoint in owner:
            at.setdefault(owner[touchpoint][0], []).append(code)
    cells = []
    for name, codes in at.items():
        customers = len(np.unique(who[np.isin(log.touchpoint, codes)]))
        reach = wilson(customers, log.n_customers)
        about: dict[str, Any] = {"customers": customers}
        cells += [
            _cell("traffic", name, key="contacts", n=int(counts[codes].sum()), **about),
            _cell(
                "traffic",
                name,
                key="reach",
                value=reach.value,
                low=reach.low,
                high=reach.high,
                n=log.n_customers,
                **about,
            ),
        ]
        best = sorted(codes, key=lambda c: (-int(counts[c]), log.touchpoints[c]))
        cells += [
            _cell("traffic", name, key="at", place=i, text=names[log.touchpoints[c]])
            for i, c in enumerate(best[:_SHOWN])
        ]
        if len(best) > _SHOWN:
            cells.append(_cell("traffic", name, key="more", place=len(best) - _SHOWN))
    return cells


def _of_support(catalogue: pd.DataFrame, there: Mapping[str, Any], names: Mapping[str, str]) -> list[Cell]:
    """Return who supports whom at which touchpoints, as the catalogue declares."""
    pairs: dict[tuple[str, str], list[str]] = {}
    for row in records(catalogue.dropna(subset=["owner_declared", "supported_by"])):
        for name in filter(None, (part.strip() for part in str(row["supported_by"]).split(";"))):
            if name != row["owner_declared"] and name in there and row["owner_declared"] in there:
                pairs.setdefault((name, str(row["owner_declared"])), []).append(names[row["touchpoint"]])
    return [
        _cell("tie", a, "people", other=b, key="supports", place=i, text=text)
        for (a, b), texts in sorted(pairs.items())
        for i, text in enumerate(sorted(texts))
    ]


def _of_handovers(journeys: Journeys, there: Mapping[str, Any]) -> list[Cell]:
    """Return how often the one hands work over to the other, and of which part of its work."""
    try:
        found = find_handovers(journeys)
    except NotEnoughDataError:
        return []
    held = found.units.set_index("unit")["held"].to_dict()
    cells = []
    for row in records(found.summary):
        a, b = row["source"], row["target"]
        if a in found.people or b in found.people or a not in there or b not in there or a == b:
            continue
        share = wilson(min(int(row["n"]), int(held[a])), int(held[a]))
        cells.append(_cell("tie", a, other=b, key="hands_over", value=share.value, low=share.low, high=share.high,
                           n=int(row["n"]), customers=int(row["customers"])))  # fmt: skip
    return cells
