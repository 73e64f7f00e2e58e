"""pandas on int codes: ids become whole numbers in Arrow first, all else is pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
from questions import CONTAINED, FOLLOWED, GAP_DAYS, STARTING, WITHIN_DAYS, variants_digest

VERSION = pd.__version__
NOT_OFFERED: dict[str, str] = {}
DAY_US = 86_400_000_000


def read(folder: Path, *, time: bool = True, touchpoint: bool = True) -> tuple[pd.DataFrame, list[str], Any]:
    """Return case, time and touchpoint as whole numbers, the names of the touchpoints and those of the cases."""
    columns = ["case_id", *(["timestamp"] if time else []), *(["touchpoint"] if touchpoint else [])]
    log = pq.read_table(folder / "log.parquet", columns=columns)
    case = log["case_id"].combine_chunks().dictionary_encode()
    frame = {"case": case.indices.to_numpy()}
    names: list[str] = []
    if time:
        frame["time"] = log["timestamp"].cast("int64").to_numpy()
    if touchpoint:
        label = log["touchpoint"].combine_chunks().dictionary_encode()
        names = label.dictionary.to_pylist()
        frame["touchpoint"] = label.indices.to_numpy().astype(np.int8)
    return pd.DataFrame(frame), names, case.dictionary


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["case", "time"], kind="stable", ignore_index=True)


def graph(folder: Path) -> Any:
    frame, names, _ = read(folder)
    frame = in_order(frame)
    same = frame["case"].to_numpy()[1:] == frame["case"].to_numpy()[:-1]
    code = frame["touchpoint"].to_numpy().astype(np.int64)
    edge = pd.Series((code[:-1] * len(names) + code[1:])[same])
    wait = pd.Series(np.diff(frame["time"].to_numpy())[same])
    return wait.groupby(edge).agg(["size", "median", "mean"]), names


def graph_facts(result: Any) -> dict[str, Any]:
    frame, names = result
    k = len(names)
    return {
        "edges": {
            f"{names[e // k]} → {names[e % k]}": [int(r["size"]), r["median"] / 1e6, r["mean"] / 1e6]
            for e, r in frame.iterrows()
        }
    }


def variants(folder: Path) -> Any:
    frame, names, _ = read(folder)
    frame = in_order(frame)
    # One character per touchpoint, sliced from one long text, is the fastest that pandas can hash.
    text = (frame["touchpoint"].to_numpy().astype(np.uint32) + 0x100).view(np.dtype(("U", 1)))
    whole = "".join(text.tolist())
    bounds = np.flatnonzero(np.diff(frame["case"].to_numpy(), prepend=-1)).tolist()
    sequences = [whole[a:b] for a, b in zip(bounds, [*bounds[1:], len(whole)], strict=True)]
    return pd.Series(sequences, dtype=object).value_counts(sort=False), names


def variants_facts(result: Any) -> dict[str, Any]:
    counts, names = result
    counted = (("|".join(names[ord(c) - 0x100] for c in text), int(n)) for text, n in counts.items())
    return {"variants": len(counts), "journeys": int(counts.sum()), "digest": variants_digest(counted, "|")}


def sessions(folder: Path) -> Any:
    frame, _, _ = read(folder, touchpoint=False)
    frame = in_order(frame)
    opens = (frame["case"].diff() != 0) | (frame["time"].diff() > GAP_DAYS * DAY_US)
    time = frame["time"].groupby(opens.cumsum())
    return pd.DataFrame({"n": time.size(), "lasts": time.last() - time.first()})


def sessions_facts(frame: Any) -> dict[str, Any]:
    return {
        "sessions": len(frame),
        "lengths": {str(k): int(v) for k, v in frame["n"].value_counts().items()},
        "seconds": float(frame["lasts"].sum()) / 1e6,
    }


def matrix(folder: Path) -> Any:
    frame, names, _ = read(folder, time=False)
    cell = frame["case"].astype(np.int64) * len(names) + frame["touchpoint"]
    return cell.value_counts(sort=False), names


def matrix_facts(result: Any) -> dict[str, Any]:
    cells, names = result
    touchpoint = np.asarray(cells.index) % len(names)
    journeys = np.bincount(touchpoint, minlength=len(names))
    events = np.bincount(touchpoint, weights=cells.to_numpy(), minlength=len(names))
    return {
        "cells": len(cells),
        "journeys": dict(zip(names, journeys.tolist(), strict=True)),
        "events": dict(zip(names, events.astype(int).tolist(), strict=True)),
    }


def asof(folder: Path) -> Any:
    frame, names, cases = read(folder)
    responses = pq.read_table(folder / "responses.parquet", columns=["case_id", "timestamp"])
    who = pc.index_in(responses["case_id"], value_set=cases).combine_chunks()
    asked = pd.DataFrame({"case": who.to_numpy(zero_copy_only=False), "time": responses["timestamp"].cast("int64")})
    asked = asked.dropna().astype({"case": frame["case"].dtype}).sort_values("time", kind="stable")
    frame = frame.sort_values("time", kind="stable")
    frame["at"] = frame["time"]
    return pd.merge_asof(asked, frame, on="time", by="case").dropna(), names


def asof_facts(result: Any) -> dict[str, Any]:
    frame, names = result
    return {
        "joined": len(frame),
        "touchpoints": {names[int(k)]: int(v) for k, v in frame["touchpoint"].value_counts().items()},
        "lag_s": float((frame["time"] - frame["at"]).sum()) / 1e6,
    }


def filters(folder: Path) -> Any:
    frame, names, _ = read(folder)
    contained, first, then, starting = (names.index(t) for t in (CONTAINED, *FOLLOWED, STARTING))
    frame = in_order(frame)
    touchpoint, case = frame["touchpoint"], frame["case"]
    contains = case[touchpoint == contained].unique()
    some = frame[touchpoint.isin([first, then])]
    before = some["time"].where(some["touchpoint"] == first).groupby(some["case"]).ffill()
    soon = (some["touchpoint"] == then) & (some["time"] - before <= WITHIN_DAYS * DAY_US)
    opening = case.diff() != 0
    return contains, some["case"][soon].unique(), case[opening & (touchpoint == starting)].to_numpy()


def filters_facts(kept: Any) -> dict[str, Any]:
    return {name: len(journeys) for name, journeys in zip(("contains", "followed", "starts"), kept, strict=True)}


TASKS = {
    "graph": graph, "variants": variants, "sessions": sessions, "matrix": matrix, "asof": asof, "filters": filters,
}  # fmt: skip
FACTS = {
    "graph": graph_facts, "variants": variants_facts, "sessions": sessions_facts, "matrix": matrix_facts,
    "asof": asof_facts, "filters": filters_facts,
}  # fmt: skip
