"""The cells of a CX map: every figure and word of it, each with n, interval and where it comes from.

A table and no picture: it can be kept in a run folder, sent as a workbook, filled in by people, and drawn again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import StudyError
from cxmining.experience.elements import measure_elements
from cxmining.experience.perceptions import measure_perceptions
from cxmining.i18n import LANGUAGES
from cxmining.maps.tables import dfg_of, in_order, records, touchpoints_of
from cxmining.maps.words import known
from cxmining.schema import STAGES
from cxmining.stats import wilson

if TYPE_CHECKING:
    from cxmining.drivers import DriverAnalysis
    from cxmining.engine import CodedLog
    from cxmining.experience import Experience
    from cxmining.journeys import Journeys

__all__ = [
    "CELL_COLUMNS",
    "REST",
    "ROWS",
    "STATUSES",
    "Cell",
    "cell",
    "cells_of",
    "in_columns",
    "rest_of",
    "typed",
    "walked_cells",
]

REST: Final = "(other)"
"""The column in which the touchpoints stand together that fewest customers meet."""

STATUSES: Final = ("measured", "estimated", "text", "people", "unknown")
"""What a cell rests on, from what was counted to what nobody knows."""
ROWS: Final = (
    "stage", "touchpoint", "flow", "task", "channel", "evidence", "next", "score", "expected", "gap", "wow", "pain", "emotion",
    "quote", "perception", "element", "pain_point", "share", "owner", "opportunity",
    "word",
)  # fmt: skip
"""The rows of the map, from above; ``word`` is no row that is drawn: ``key`` is language and word of the catalogue, ``text``
what it is called there."""
CELL_COLUMNS: Final = (
    "row", "key", "stage", "touchpoint", "place", "value", "low", "high", "n", "text", "status", "hidden",
)  # fmt: skip
"""`row` and `key` say what a cell is about, `place` its turn, `hidden` that it is known and not shown."""
Cell = dict[str, Any]


def cells_of(
    experience: Experience, found: DriverAnalysis | None = None, *, min_cell: int = 10, more: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the cells of a CX map of what was lived and felt.

    Parameters
    ----------
    experience : Experience
        Its journeys give stages, touchpoints and flow.
    found : DriverAnalysis, optional
        Which touchpoints explain the score.
    min_cell : int, default 10
        Cells about fewer customers or answers are known and not shown.
    more : DataFrame, optional
        Further cells, in the same columns: of texts, of what people chose.

    Returns
    -------
    DataFrame
        Columns `CELL_COLUMNS`, in the order of the map.
    """
    touchpoints, cells = walked_cells(experience)
    order = {t: i for i, t in enumerate(touchpoints["touchpoint"])}
    cells += _of_texts(experience.texts.emotions)
    cells += _of_levels("perception", measure_perceptions(experience).summary)
    cells += _of_levels("element", measure_elements(experience).touchpoints)
    if found is not None:
        cells += _of_drivers(found.shares)
    cells += _of_flow(dfg_of(experience), dict(zip(touchpoints["touchpoint"], touchpoints["customers"], strict=True)))
    frame = pd.DataFrame(cells).reindex(columns=[c for c in CELL_COLUMNS if c != "place"])
    if more is not None and len(more):
        frame = pd.concat([frame, more.reindex(columns=frame.columns)], ignore_index=True)
    stage = touchpoints.set_index("touchpoint")["stage"]
    frame["stage"] = frame["stage"].where(frame["stage"].notna(), frame["touchpoint"].map(stage))
    return in_columns(frame, order, min_cell)


def walked_cells(source: Experience | Journeys) -> tuple[pd.DataFrame, list[Cell]]:
    """Return the touchpoints in the order of their columns, and the cells on stages, touchpoints and channels."""
    journeys: Journeys = source.journeys if hasattr(source, "journeys") else source
    touchpoints = in_order(touchpoints_of(source), dfg_of(source))
    catalogue = journeys.data.catalogue.drop_duplicates("touchpoint").set_index("touchpoint")
    cells = [*_of_stages(journeys.stages, len(journeys.table))]
    for row in records(touchpoints):
        cells += _of_touchpoint(
            row, catalogue.loc[row["touchpoint"]].to_dict() if row["touchpoint"] in catalogue.index else {}
        )
    return touchpoints, cells + _of_channels(journeys.log, touchpoints)


def in_columns(
    frame: pd.DataFrame, order: Mapping[str, int], min_cell: int, rows: Sequence[str] = ROWS
) -> pd.DataFrame:
    """Type the columns, hide what is about too few, and order the cells as a map with these rows shows them."""
    unknown = sorted(set(frame["row"]) - set(rows))
    if unknown:
        raise StudyError(f"the CX map has no row {', '.join(map(repr, unknown))}; it has {', '.join(rows)}")
    out = typed(frame.reindex(columns=[c for c in CELL_COLUMNS if c not in ("place", "hidden")]))
    # of WOW, pain and emotions the count itself is a figure about few: a share of 1% of 92 would tell of one customer
    told = (out["value"] * out["n"]).round().where(out["row"].isin(("wow", "pain", "emotion")), 0)
    small = (out["n"] < min_cell) | ((told > 0) & (told < min_cell))
    few = small.fillna(False).astype(bool) & out["status"].isin(("measured", "estimated", "text"))
    out["hidden"] = few
    out.loc[few, ["value", "low", "high", "n"]] = pd.NA
    out.loc[few, "text"] = ""
    out["place"] = out["touchpoint"].map(order).fillna(-1).astype("int64")
    rank = out["row"].map({row: i for i, row in enumerate(rows)})
    stage = out["stage"].map({s: i for i, s in enumerate(STAGES)}).fillna(len(STAGES))
    sorted_ = out.assign(_rank=rank, _stage=stage).sort_values(["_rank", "_stage", "place", "key"], kind="stable")
    return sorted_[list(CELL_COLUMNS)].reset_index(drop=True)


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with the types of their columns, also those that were read back from CSV."""
    out = frame.copy()
    for column in ("row", "key", "stage", "touchpoint", "text", "status"):
        out[column] = out[column].astype("object").where(out[column].notna(), "").astype("str")
    for column in ("value", "low", "high"):
        out[column] = pd.to_numeric(out[column]).astype("Float64")
    out["n"] = pd.to_numeric(out["n"]).astype("Int64")
    if "place" in out:
        out["place"] = pd.to_numeric(out["place"]).astype("int64")
    if "hidden" in out:
        out["hidden"] = out["hidden"].astype("str").str.lower().eq("true")
    return out


def cell(row: str, status: str, **values: Any) -> Cell:
    """Make a cell of a row; what it rests on is one of `STATUSES`."""
    return {"row": row, "status": status, **values}


def _of_stages(stages: pd.DataFrame, journeys: int) -> list[Cell]:
    found = []
    for row in records(stages[stages["stage"].isin(STAGES)]):
        share = wilson(row["journeys"], journeys)
        about = {"stage": row["stage"], "n": row["customers"]}
        found.append(cell("stage", "measured", key="share", value=share[0], low=share[1], high=share[2], **about))
        found.append(cell("stage", "measured", key="median_s", value=row["median_s"], **about))
    return found


def _of_touchpoint(row: Mapping[str, Any], declared: Mapping[str, Any]) -> list[Cell]:
    at = {"stage": row["stage"], "touchpoint": row["touchpoint"]}
    cells = [
        cell("touchpoint", "measured", key="reach", value=row.get("reach"), low=row.get("reach_low"),
              high=row.get("reach_high"), n=row.get("customers"), **at),
    ]  # fmt: skip
    for language in ("en", "nl"):
        label = declared.get(f"label_{language}")
        cells += [cell("touchpoint", "people", key=f"label_{language}", text=label, **at)] if known(label) else []
    for part in ("score", "expected", "gap"):
        n: Any = row.get(f"{part}_n")
        if known(n) and n > 0:
            spread = {s: row.get(f"{part}_{s}") for s in ("low", "high")}
            key = row.get("score_metric") if part == "score" else ""
            cells.append(cell(part, "measured", key=key, value=row.get(f"{part}_mean"), n=n, **spread, **at))
    pairs: Any = row.get("rated_pairs_n")
    if known(pairs) and pairs > 0:
        for kind in ("wow", "pain"):
            count: Any = row.get(f"{kind}_n")
            share = wilson(int(count) if known(count) else 0, int(pairs))
            cells.append(cell(kind, "measured", value=share[0], low=share[1], high=share[2], n=pairs, **at))
    task, elements = declared.get("task"), declared.get("elements")
    if known(task) and task:
        cells.append(cell("task", "people", text=task, **at))
    for element in str(elements).split(";") if known(elements) and elements else ():
        cells += [cell("evidence", "people", key="about", text=element.strip(), **at)]
    cells += _of_words(declared, at)
    owner, mined = declared.get("owner_declared"), row.get("owner_mined")
    if known(owner) and owner:
        cells.append(cell("owner", "people", text=owner, **at))
    elif known(mined) and mined:
        cells.append(cell("owner", "measured", text=mined, n=row.get("owner_n"), **at))
    return cells


def _of_words(declared: Mapping[str, Any], at: Mapping[str, Any]) -> list[Cell]:
    """Return what task and elements of a touchpoint are called in the languages for which the catalogue says so."""
    found = []
    for column in ("task", "elements"):
        names = declared.get(column)
        for language in LANGUAGES:
            called = declared.get(f"{column}_{language}")
            if known(names) and known(called):
                pairs = zip(str(names).split(";"), str(called).split(";"), strict=True)
                found += [
                    cell("word", "people", key=f"{language} {name.strip()}", text=text.strip(), **at)
                    for name, text in pairs
                    if name.strip() != text.strip()
                ]
    return found


def _of_channels(log: CodedLog, touchpoints: pd.DataFrame) -> list[Cell]:
    """Return the share of each channel in the contacts of a touchpoint; hidden with the touchpoint, not by itself."""
    size = len(log.channels)
    counts = np.bincount(log.touchpoint.astype(np.int64) * size + log.channel, minlength=len(log.touchpoints) * size)
    per = pd.DataFrame(counts.reshape(-1, size), index=list(log.touchpoints), columns=list(log.channels))
    found = []
    for row in records(touchpoints):
        if row["touchpoint"] not in per.index:
            continue
        mine = per.loc[row["touchpoint"]]
        for channel, n in mine[mine > 0].items():
            at = {"touchpoint": row["touchpoint"], "key": str(channel), "n": row.get("customers")}
            found.append(cell("channel", "measured", value=float(n) / float(mine.sum()), **at))
    return found


def _of_texts(emotions: pd.DataFrame) -> list[Cell]:
    return [
        cell("emotion", "text", touchpoint=row["touchpoint"], key=row["emotion"], value=row["share"], low=row["low"],
              high=row["high"], n=row["n"], text=row["words"])
        for row in records(emotions)
    ]  # fmt: skip


def _of_levels(row: str, table: pd.DataFrame) -> list[Cell]:
    """Return levels from 0, worst, to 1, best, as figures from −1 to 1; what nobody knows is no cell."""
    found = []
    for line in records(table[table["level"].notna()]):
        spread = {side: 2 * line[column] - 1 for side, column in (("value", "level"), ("low", "low"), ("high", "high"))}
        status = "measured" if line["status"] == "measured" else "text"
        found.append(cell(row, status, touchpoint=line["touchpoint"], key=line[row], n=line["n"], **spread))
    return found


def rest_of(log: CodedLog, rest: list[str], customers: int, min_cell: int) -> pd.DataFrame:
    """Return the cells of the touchpoints that stand together: who met any of them, and over which channels."""
    from cxmining.engine.masks import any_event

    hit = np.isin(np.array(log.touchpoints, dtype=object), rest)[log.touchpoint]
    met = len(np.unique(log.customer[any_event(log, hit)]))
    reach = wilson(met, customers)
    cells = [cell("touchpoint", "measured", key="reach", value=reach[0], low=reach[1], high=reach[2], n=met)]
    counts = np.bincount(log.channel[hit], minlength=len(log.channels))
    for channel, n in zip(log.channels, counts, strict=True):
        if n:
            cells.append(cell("channel", "measured", key=channel, value=n / counts.sum(), n=met))
    return in_columns(pd.DataFrame(cells).assign(touchpoint=REST, stage=""), {REST: 10**6}, min_cell)


def _of_drivers(shares: pd.DataFrame) -> list[Cell]:
    return [
        cell("share", "measured", touchpoint=row["touchpoint"], value=row["share"], low=row["share_low"],
              high=row["share_high"], n=row["n"])
        for row in records(shares)
    ]  # fmt: skip


def _of_flow(dfg: pd.DataFrame, customers: Mapping[str, Any]) -> list[Cell]:
    """Return who follows whom: `touchpoint` comes before `key`.

    Of a flow `value` is the number of journeys. Of a next step it is its share among the next steps that customers
    take, leaving included; one customer may take many, so its interval is that of as many choices as there are
    customers.
    """
    inside = dfg[~dfg["source"].str.startswith("(") & (dfg["source"] != dfg["target"])]
    weight = "journeys" if "journeys" in inside else "n"
    inside = inside.dropna(subset=["n", weight])
    total = inside.groupby("source")["n"].transform("sum")
    cells = []
    for row, of in zip(records(inside), total, strict=True):
        about = row.get("customers", row[weight])
        if not row["target"].startswith("("):
            cells.append(
                cell("flow", "measured", touchpoint=row["source"], key=row["target"], value=row[weight], n=about)
            )
        people = min(float(of), float(customers.get(row["source"]) or of))
        share = float(row["n"]) / float(of)
        _, low, high, _ = wilson(share * people, people)
        cells.append(cell("next", "measured", touchpoint=row["source"], key=row["target"], value=share, low=low, high=high, n=about))  # fmt: skip
    return cells
