"""The real logs of ../shared/data, read once per session by a parser that is neither ours nor pm4py's."""

import gzip
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from cxmining.schema import Dataset, table

LOGS = Path(__file__).resolve().parents[2] / "shared" / "data" / "logs"
NS = "{http://www.xes-standard.org/}"

real = [
    pytest.mark.real,
    pytest.mark.skipif(not LOGS.is_dir(), reason="the real logs in ../shared/data are not here"),
]


@cache
def read_xes(name):
    """One row per event in the order of the file: case, activity, time, lifecycle."""
    from lxml import etree

    rows = []
    path = LOGS / name
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        for _, trace in etree.iterparse(stream, tag=("trace", f"{NS}trace")):
            case = next(c.get("value") for c in trace if c.get("key") == "concept:name")
            for event in trace.iter("event", f"{NS}event"):
                values = {c.get("key"): c.get("value") for c in event}
                rows.append(
                    (case, values["concept:name"], values["time:timestamp"], values.get("lifecycle:transition"))
                )
            trace.clear()
    frame = pd.DataFrame(rows, columns=["case", "activity", "time", "lifecycle"])
    frame["time"] = pd.to_datetime(frame["time"], utc=True, format="ISO8601").astype("datetime64[us, UTC]")
    return frame


def dataset(log):
    """In the order that every Dataset has: by time, ties by position in the file."""
    log = log.reset_index(drop=True).sort_values("time", kind="stable")
    return Dataset(
        events=table(
            "events",
            {
                "event_id": "r" + log.index.astype(str),
                "customer_id": log["case"],
                "case_id": log["case"],
                "timestamp": log["time"],
                "touchpoint": log["activity"],
                "channel": ["other"] * len(log),
                "source": ["log"] * len(log),
                "seq": log.index,
            },
        )
    )
