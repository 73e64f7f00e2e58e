"""retentioneering 5: its Eventstream and the headless twins of its widgets. Its telemetry is off (`worker`)."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
from questions import GAP_DAYS
from retentioneering import Eventstream

VERSION = version("retentioneering")
NOT_OFFERED = {
    "variants": "no table of variants",
    "asof": "knows no responses",
    "filters": "no condition 'followed within'",
    "matrix": "counts per path only for events that are listed one by one, as metrics",
}
SCHEMA = {"path_cols": ["case_id"], "event_col": "touchpoint", "timestamp_col": "timestamp"}


def stream(folder: Path) -> Eventstream:
    return Eventstream(pd.read_parquet(folder / "log.parquet", columns=["case_id", "timestamp", "touchpoint"]), SCHEMA)


def graph(folder: Path) -> Any:
    # It has no mean; a count and a median are two passes of its own.
    events = stream(folder)
    return events.transition_graph_data("count"), events.transition_graph_data("time_median")


def graph_facts(result: Any) -> dict[str, Any]:
    counts, medians = result
    inner = [t for t in counts.index if t not in ("path_start", "path_end")]
    return {
        "edges": {
            f"{a} → {b}": [int(counts.loc[a, b]), medians.loc[a, b].total_seconds(), None]
            for a in inner
            for b in inner
            if counts.loc[a, b] > 0
        }
    }


def sessions(folder: Path) -> Any:
    return stream(folder).split_sessions(timeout=f"{GAP_DAYS}D").df


def sessions_facts(frame: Any) -> dict[str, Any]:
    frame = frame[~frame["touchpoint"].astype(str).isin(["path_start", "path_end"])]
    sizes = frame.groupby("session_id", observed=True)["timestamp"].agg(["size", "min", "max"])
    return {
        "sessions": len(sizes),
        "lengths": {str(k): int(v) for k, v in sizes["size"].value_counts().items()},
        "seconds": float((sizes["max"] - sizes["min"]).dt.total_seconds().sum()),
    }


TASKS = {"graph": graph, "sessions": sessions}
FACTS = {"graph": graph_facts, "sessions": sessions_facts}
