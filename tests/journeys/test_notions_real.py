"""Real logs: the gap that the sessions themselves were made with is found, and sessions are cut where they begin."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxmining.journeys import build_journeys, propose_gap
from cxmining.schema import Dataset, table

CLICKS = Path(__file__).resolve().parents[3] / "shared" / "data" / "clickstream" / "retentioneering-ecom.csv.gz"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not CLICKS.exists(), reason="the shop clicks in ../shared/data are not here"),
]


@pytest.fixture(scope="module")
def clicks():
    frame = pd.read_csv(CLICKS)
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], utc=True)
    frame = frame.sort_values("timestamp", kind="stable", ignore_index=True)
    return Dataset(
        events=table(
            "events",
            {
                "event_id": "r" + frame.index.astype(str), "customer_id": frame["user_id"],
                "case_id": frame["session_id"], "timestamp": frame["timestamp"], "touchpoint": frame["event"],
                "channel": "web", "source": "s", "seq": frame.index,
            },
        )
    )  # fmt: skip


def test_the_knee_of_shop_clicks_gives_the_sessions_of_the_file(clicks):
    found = propose_gap(clicks, bootstrap=100)
    assert found.gap == "4h"
    assert 3 < found.low_s / 3600 < found.knee_s / 3600 < found.high_s / 3600 < 6
    assert len(build_journeys(clicks, gap=found.gap)) == clicks.events["case_id"].nunique() == 3605


def test_sessions_are_cut_where_the_process_starts_anew_without_being_told_a_gap(clicks):
    journeys = build_journeys(clicks, cut="process")
    events = journeys.events
    first = events["position"].to_numpy() == 0
    new = events["case_id"].to_numpy()[1:] != events["case_id"].to_numpy()[:-1]
    hit = int((first[1:] & new).sum())
    assert hit / first[1:].sum() > 0.99
    assert hit / new.sum() > 0.99
    assert np.array_equal(journeys.table["n_events"].sum(), len(events))
