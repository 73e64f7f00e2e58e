"""From live results or a run's files to the two tables the pictures are drawn from."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from cxmining.errors import StudyError
from cxmining.schema import STAGES

__all__ = ["START_END", "dfg_of", "in_order", "label_of", "records", "touchpoints_of"]

START_END = ("(start)", "(end)")
Hidden = Collection[tuple[str, str]]
"""(touchpoint, column) of each figure that is known and not shown."""


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as mappings; pictures are about tens of rows, never about journeys."""
    names = [str(name) for name in frame]
    # column by column: `to_dict` asks every cell of which type it is, while somebody waits for the map
    columns = [_plain(column) for _, column in frame.items()]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(column: pd.Series) -> list[Any]:
    """Return the values of a column as Python's own, as ``to_dict`` does."""
    if column.dtype == "str":
        return column.to_numpy(dtype=object).tolist()
    if isinstance(column.dtype, np.dtype) and column.dtype != object:
        return column.tolist()
    return [row["value"] for row in column.to_frame("value").to_dict("records")]


def touchpoints_of(source: Any) -> pd.DataFrame:
    """Return one row per touchpoint of Journeys, an Experience, a run, or a table.

    Raises
    ------
    StudyError
        When `source` holds no touchpoints.

    Examples
    --------
    >>> touchpoints_of(pd.DataFrame({"touchpoint": ["a"], "stage": ["unknown"]}))[["touchpoint", "stage"]].values.tolist()
    [['a', '']]
    """
    if isinstance(source, pd.DataFrame):
        table = source.copy()
    elif hasattr(source, "journeys") and hasattr(source, "touchpoints"):
        felt = source.touchpoints
        felt = felt.reset_index() if "touchpoint" not in felt.columns else felt
        table = _with_labels(source.journeys).merge(felt, on="touchpoint", how="left")
    elif hasattr(source, "touchpoints"):
        table = _with_labels(source)
    elif hasattr(source, "table"):
        table = source.table("touchpoints")
    else:
        raise StudyError(
            f"a picture of touchpoints is drawn from Journeys, an Experience, a run or a table, not from {type(source).__name__}"
        )
    if "touchpoint" not in table.columns:
        raise StudyError(f"the table of touchpoints needs a column 'touchpoint'; got {list(table.columns)}")
    table["touchpoint"] = table["touchpoint"].astype("str")
    stage = table["stage"].astype("object") if "stage" in table.columns else pd.Series("", index=table.index)
    table["stage"] = stage.where(stage.isin(STAGES), "").astype("str")
    return table.reset_index(drop=True)


def dfg_of(source: Any) -> pd.DataFrame:
    """Return who follows whom of Journeys, an Experience, a run, or a table."""
    if isinstance(source, pd.DataFrame):
        return source
    for holder in (source, getattr(source, "journeys", None)):
        if holder is not None and hasattr(holder, "dfg"):
            frame: pd.DataFrame = holder.dfg
            return frame
    if hasattr(source, "table"):
        stored: pd.DataFrame = source.table("dfg")
        return stored
    raise StudyError(f"{type(source).__name__} holds no directly-follows table; give it as dfg=")


def _with_labels(journeys: Any) -> pd.DataFrame:
    table: pd.DataFrame = journeys.touchpoints.copy()
    catalogue = getattr(getattr(journeys, "data", None), "catalogue", None)
    if catalogue is not None and len(catalogue):
        catalogue = catalogue.drop_duplicates("touchpoint").set_index("touchpoint")
        for ours, theirs in (("label_en", "label_en"), ("label_nl", "label_nl"), ("owner", "owner_declared")):
            if ours not in table.columns:
                table[ours] = table["touchpoint"].map(catalogue[theirs])
    return table


def label_of(row: Any, language: str) -> str:
    """Return what a touchpoint is called in `language`: its label there, else its key."""
    label = row.get(f"label_{language}")
    return str(row["touchpoint"]) if label is None or pd.isna(label) or not str(label).strip() else str(label)


def in_order(touchpoints: pd.DataFrame, dfg: pd.DataFrame | None) -> pd.DataFrame:
    """Order touchpoints by stage, and within a stage by when they tend to come.

    *When* is the fixed point of "one step after where its visitors come from", weighted by journeys: the
    mean position on the graph's way from its start, damped so that loops do not push it to the end.
    """
    keys = list(touchpoints["touchpoint"])
    position = dict.fromkeys(keys, 1.0)
    if dfg is not None and len(dfg):
        place = {key: i for i, key in enumerate(keys)}
        before_all = {**place, START_END[0]: -1}
        walks = zip(
            dfg["source"].tolist(),
            dfg["target"].tolist(),
            dfg["n"].to_numpy(dtype=float, na_value=np.nan).tolist(),
            strict=True,
        )
        used = [
            (before_all[a], place[b], n)
            for a, b, n in walks
            if n == n and a != b and b != START_END[1] and a in before_all and b in place
        ]
        s, t = (np.array([row[i] for row in used], dtype=np.int64) for i in (0, 1))
        weight = np.array([n for _, _, n in used], dtype=float)
        at = np.ones(len(keys))
        into = np.bincount(t, weights=weight, minlength=len(keys))
        for _ in range(60):
            before = np.where(s < 0, 0.0, at[s])
            sums = np.bincount(t, weights=weight * before, minlength=len(keys))
            at = 1 + 0.9 * sums / (into + (into == 0))
        position = {key: round(float(at[i]), 6) for key, i in place.items()}
    rank = {stage: i for i, stage in enumerate((*STAGES, ""))}
    stages = touchpoints["stage"].tolist()
    order = sorted(
        range(len(keys)),
        key=lambda i: (rank[stages[i]], position[keys[i]], keys[i]),
    )
    return touchpoints.iloc[order].reset_index(drop=True)
