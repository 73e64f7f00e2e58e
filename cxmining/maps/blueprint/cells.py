"""The cells of a service blueprint: who does what at each touchpoint, each with n, interval and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.journeys.handovers import Handovers, find_handovers
from cxmining.maps.cx.cells import CELL_COLUMNS, Cell, cell, in_columns, walked_cells
from cxmining.maps.tables import records
from cxmining.maps.words import known
from cxmining.stats import median_interval, share_interval

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.journeys import Journeys

__all__ = [
    "ACTIVITY", "AWAY", "HANDOVER_COLUMNS", "LANES", "PEOPLE", "ROWS", "SYSTEM", "blueprint_cells", "handover_table", "lane_of",
]  # fmt: skip

ACTIVITY, SYSTEM, PEOPLE = "(activity)", "(system)", "(people)"
"""What stands in a lane where it is no unit: the touchpoint itself, a system by its channel, people of no team."""
AWAY: Final = "(away)"
"""What the customer does where he is not there."""
LANES: Final = ("frontstage", "backstage", "support")
"""Who serves: met by customers; out of their sight; what both lean on."""
HANDOVER_COLUMNS: Final = (
    "touchpoint", "source", "target", "n", "customers", "share", "share_low", "share_high", "wait_median_s", "wait_low_s",
    "wait_high_s", "wait_p90_s", "wait_n", "back", "back_low", "back_high", "by_customer", "hidden",
)  # fmt: skip
"""The table of hand-overs."""
ROWS: Final = ("stage", "touchpoint", "channel", "evidence", "action", "owner", "wait", *LANES, "word")
"""The rows of the table, from above; ``word`` as in the CX map."""
SYSTEMS: Final = ("web", "app")
"""Channels in which customers meet a system where nobody is named."""


def blueprint_cells(
    source: Experience | Journeys, *, min_cell: int = 10, more: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the cells of a service blueprint, and the hand-overs they rest on.

    Parameters
    ----------
    source : Experience or Journeys
    min_cell : int, default 10
        Cells about fewer customers are known and not shown.
    more : DataFrame, optional
        Further cells, in the same columns: what people know.

    Returns
    -------
    cells : DataFrame
        As those of the CX map, in the rows `ROWS`. ``action``: how many contacts customers began. Of a lane ``key`` is who
        serves (or ``(activity)``: what happens there is the touchpoint itself), ``value`` the share of contacts, ``n``
        customers. ``wait``: median seconds until somebody was there.
    handovers : DataFrame
        Per touchpoint, in the columns `HANDOVER_COLUMNS`; empty where nothing tells who handled anything.
    """
    journeys: Journeys = source.journeys if hasattr(source, "journeys") else source
    touchpoints, cells = walked_cells(source)
    order = {t: i for i, t in enumerate(touchpoints["touchpoint"])}
    try:
        found: Handovers | None = find_handovers(journeys)
    except NotEnoughDataError:
        found = None
    events = journeys.data.events.iloc[journeys.log.rows].reset_index(drop=True)
    catalogue = journeys.data.catalogue.drop_duplicates("touchpoint").set_index("touchpoint")
    declared: dict[str, Mapping[Any, Any]] = {str(k): v for k, v in catalogue.to_dict("index").items()}
    acts = _actions(events)
    cells += acts
    cells += _waits(events)
    begun = {c["touchpoint"]: c["value"] for c in acts if c["key"] == "customer"}
    inside = {c["touchpoint"] for c in acts if c["key"] == AWAY}
    for row in records(touchpoints):
        name = row["touchpoint"]
        lane = lane_of(declared.get(name, {}), begun.get(name), name in inside)
        away = "people" if declared.get(name, {}).get("backstage") else "measured" if name in inside else ""
        if away:
            cells = [c for c in cells if (c["row"], c.get("touchpoint", "")) != ("action", name)]
            cells.append(cell("action", away, touchpoint=name, key=AWAY, n=row["customers"]))
        if lane != "frontstage":
            cells.append(_at(name, lane, ACTIVITY, row["reach"], row["reach_low"], row["reach_high"], row["customers"]))
        support = declared.get(name, {}).get("supported_by")
        if known(support) and support:
            cells.append(cell("support", "people", touchpoint=name, key="supported_by", text=support))
    third = {
        str(d["owner_declared"]).casefold()
        for d in declared.values()
        if d.get("third_party") and known(d.get("owner_declared"))
    }
    if found is not None:
        cells += _handled(
            found, third, {n for n in order if lane_of(declared.get(n, {}), begun.get(n), n in inside) != "frontstage"}
        )
        cells += _behind(found, third)
    cells += _systems(cells, touchpoints)
    frame = pd.DataFrame(cells).reindex(columns=[c for c in CELL_COLUMNS if c != "place"])
    frame = frame[frame["row"].isin(ROWS)]
    if more is not None and len(more):
        frame = pd.concat([frame, more.reindex(columns=frame.columns)], ignore_index=True)
    stage = touchpoints.set_index("touchpoint")["stage"]
    frame["stage"] = frame["stage"].where(frame["stage"].notna(), frame["touchpoint"].map(stage))
    frame = frame[frame["touchpoint"].isin(order) | (frame["row"] == "stage")]
    return in_columns(frame, order, min_cell, ROWS), handover_table(found, order, min_cell)


def lane_of(declared: Mapping[Any, Any], begun: float | None, internal: bool) -> str:
    """Return in which lane a touchpoint itself takes place.

    What the catalogue calls backstage, and internal events, are backstage; of a third party's they are support, and so is
    what a third party does without the customer coming to it. All else customers meet.

    Examples
    --------
    >>> lane_of({"backstage": True}, 0.0, False), lane_of({"third_party": True}, 0.0, False), lane_of({}, 1.0, False)
    ('backstage', 'support', 'frontstage')
    >>> lane_of({"third_party": True}, 0.9, False)
    'frontstage'
    """
    third = bool(declared.get("third_party"))
    if declared.get("backstage") or internal:
        return "support" if third else "backstage"
    return "support" if third and begun is not None and begun < 0.5 else "frontstage"


def _at(touchpoint: str, row: str, key: str, value: Any, low: Any, high: Any, n: Any) -> Cell:
    return cell(row, "measured", touchpoint=touchpoint, key=key, value=value, low=low, high=high, n=n)


def _actions(events: pd.DataFrame) -> list[Cell]:
    """Return which share of a touchpoint's contacts customers began, of those that say who did."""
    found = []
    for name, mine in events.groupby("touchpoint", sort=True):
        told = mine["direction"].dropna()
        if not len(told):
            continue
        internal = told.eq("internal")
        if internal.mean() > 0.5:
            found.append(cell("action", "measured", touchpoint=str(name), key=AWAY))
            continue
        who = mine.loc[told.index, "customer_id"]
        share = share_interval(told.eq("inbound").to_numpy(), cluster=who.fillna("").to_numpy(dtype=object))
        found.append(_at(str(name), "action", "customer", share.value, share.low, share.high, who.nunique()))
    return found


def _waits(events: pd.DataFrame) -> list[Cell]:
    """Return how long customers waited before somebody was there; one wait per customer, his median."""
    told = events[["touchpoint", "customer_id", "wait_s"]].dropna()
    found = []
    for name, mine in told.groupby("touchpoint", sort=True):
        each = mine["wait_s"].astype("float64").groupby(mine["customer_id"]).median()
        median = median_interval(each.to_numpy())
        found.append(_at(str(name), "wait", "customer", median.value, median.low, median.high, median.n))
    return found


def _systems(cells: list[Cell], touchpoints: pd.DataFrame) -> list[Cell]:
    """Return, where nobody is named, the system that customers meet: the channel that most contacts come over."""
    named = {c["touchpoint"] for c in cells if c["row"] in LANES and c["key"] != "supported_by"}
    most: dict[str, Cell] = {}
    for c in cells:
        if c["row"] == "channel" and c["value"] > most.get(c["touchpoint"], {"value": 0.0})["value"]:
            most[c["touchpoint"]] = c
    return [
        _at(name, "frontstage", f"{SYSTEM} {most[name]['key']}", most[name]["value"], None, None, most[name]["n"])
        for name in touchpoints["touchpoint"]
        if name not in named and name in most and most[name]["key"] in SYSTEMS
    ]


def _handled(found: Handovers, third: set[str], elsewhere: set[str]) -> list[Cell]:
    """Return who takes the contacts of a touchpoint; people of no team stand together."""
    cells = []
    for name, mine in found.handled.groupby("touchpoint", sort=True):
        lane = "backstage" if name in elsewhere else "frontstage"
        alone = mine["unit"].isin(found.people)
        for row in records(mine[~alone]):
            where = "support" if row["unit"].casefold() in third else lane
            cells.append(_at(str(name), where, row["unit"], row["share"], row["low"], row["high"], row["customers"]))
        if alone.any():
            n, of = int(mine.loc[alone, "n"].sum()), int(mine["of"].iloc[0])
            cells.append(
                _at(
                    str(name),
                    lane,
                    f"{PEOPLE} {int(alone.sum())}",
                    n / of,
                    None,
                    None,
                    int(mine["of_customers"].iloc[0]),
                )
            )
    return cells


def _behind(found: Handovers, third: set[str]) -> list[Cell]:
    """Return to whom work goes on behind the first contact: units that customers reach through others only."""
    table = found.touchpoints[found.touchpoints["target"].isin(found.behind - found.people)]
    cells = []
    for row in records(table.sort_values("n", ascending=False).drop_duplicates(["touchpoint", "target"])):
        lane = "support" if row["target"].casefold() in third else "backstage"
        share = (row["share"], row["share_low"], row["share_high"])
        cells.append(_at(row["touchpoint"], lane, row["target"], *share, row["customers"]))
    return cells


def handover_table(found: Handovers | None, order: Mapping[str, int], min_cell: int) -> pd.DataFrame:
    """Return the hand-overs from each touchpoint on the map; figures about fewer than `min_cell` customers are blanked.

    Hand-overs between people of no team are told per touchpoint, from `PEOPLE` to `PEOPLE`: nobody is named.
    """
    if found is None:
        return pd.DataFrame(columns=list(HANDOVER_COLUMNS)).astype({"touchpoint": "str", "source": "str", "target": "str", "hidden": "bool"})  # fmt: skip
    table = found.touchpoints
    single = table["source"].isin(found.people) | table["target"].isin(found.people)
    several = found.passed[found.passed["touchpoint"].isin(table.loc[single, "touchpoint"])]
    table = pd.concat([table[~single], several.assign(source=PEOPLE, target=PEOPLE)], ignore_index=True)
    table = table[table["touchpoint"].isin(order)].reindex(columns=[c for c in HANDOVER_COLUMNS if c != "hidden"])
    few = (table["customers"] < min_cell).to_numpy(bool)
    table = table.astype(dict.fromkeys(HANDOVER_COLUMNS[3:-1], "Float64"))
    table.loc[few, list(HANDOVER_COLUMNS[3:-1])] = pd.NA
    back = table["back"] * table["n"]
    table.loc[(back > 0) & (back < min_cell), ["back", "back_low", "back_high"]] = (
        pd.NA
    )  # the count itself would tell of few
    table.loc[(table["by_customer"] > 0) & (table["by_customer"] < min_cell), "by_customer"] = pd.NA
    place = table["touchpoint"].map(order)
    table = table.assign(hidden=few, place=place).sort_values(
        ["place", "n", "source", "target"], ascending=[True, False, True, True]
    )
    return table[list(HANDOVER_COLUMNS)].reset_index(drop=True)
