"""The widget shows what the headless twin returns: every control, errors, long work, words where no script runs."""

import json
import time

import numpy as np
import pandas as pd
import pytest

from cxmining import i18n
from cxmining.drivers import find_drivers
from cxmining.errors import StudyError
from cxmining.experience.example import small_example
from cxmining.i18n.catalogue import workbench as room
from cxmining.ingest import from_frame
from cxmining.journeys import build_journeys
from cxmining.workbench import payload
from cxmining.workbench.widget import Workbench
from cxmining.workbench.work import Job

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def lived():
    return small_example()


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(1)
    rated = pd.DataFrame(rng.integers(1, 11, (300, 2)).astype(float), columns=["orders", "asks about the bill"])
    rated["csat"] = 0.5 * rated["orders"] + rng.normal(size=300)
    return find_drivers(rated, "csat", bootstrap=100)


@pytest.fixture
def bench(lived, found):
    return Workbench(lived, found)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"facet": "channel", "values": ["phone"]}, 'cx.filters.channel("phone")'),
        ({"facet": "segment:segment", "values": ["home"]}, 'cx.filters.segment("segment", "home")'),
        ({"facet": "score_class", "values": ["passive", "detractor"]}, 'cx.filters.score_class("passive", "detractor")'),
        # the last day that is named is in
        ({"facet": "period", "values": ["2025-02-01", "2025-04-30"]},
         'cx.filters.period("2025-02-01", "2025-05-01", keep="starting")'),
        ({"facet": "period", "values": ["", "2025-04-30"]}, 'cx.filters.period(None, "2025-05-01", keep="starting")'),
        ({"facet": "duration", "values": ["1.5", ""]}, 'cx.filters.duration(at_least="36h")'),
        ({"facet": "coverage", "values": [0.75]}, "cx.filters.coverage(0.75)"),
        ({"facet": "step", "values": ["contains", "calls back", "orders"]}, 'cx.filters.contains("calls back")'),
        ({"facet": "step", "values": ["starts", "orders", ""]}, 'cx.filters.starts("orders")'),
        ({"facet": "step", "values": ["ends", "orders", ""]}, 'cx.filters.ends("orders")'),
        ({"facet": "step", "values": ["followed", "orders", "calls back"]}, 'cx.filters.followed_by("orders", "calls back")'),
    ],
)  # fmt: skip
def test_every_control_makes_its_chip_and_shows_it(bench, message, code):
    bench.ask({"do": "put", **message})
    assert bench.error == ""
    assert bench.view["code"] == code
    assert [c["code"] for c in bench.view["chips"]] == [code]
    facet = message["facet"]
    if facet != "step":
        assert [str(v) for v in bench.view["ticked"][facet]] == [str(v) for v in message["values"]]
        nothing = [1] if facet == "coverage" else ["", ""] if facet in ("period", "duration") else []
        bench.ask({"do": "put", "facet": facet, "values": nothing})
    else:
        bench.ask({"do": "drop", "code": code})
    assert bench.view["chips"] == []


def test_select_undo_save_open_paste_and_clear(bench):
    bench.ask({"do": "select", "kind": "touchpoint", "name": "calls back"})
    assert bench.view["detail"]["label"] == "calls back"
    bench.ask({"do": "narrow"})
    assert bench.view["headline"][0] == "10 of 105 journeys"
    bench.ask({"do": "save", "name": "A"})
    bench.ask({"do": "undo"})
    assert (bench.view["headline"][0], bench.view["redo"]) == ("105 of 105 journeys", True)
    bench.ask({"do": "paste", "code": 'cx.filters.segment("segment", "home")'})
    bench.ask({"do": "save", "name": "B"})
    assert bench.view["pair"]["error"] == ""
    assert {r["id"] for r in bench.view["pair"]["rows"]} >= {"orders"}
    row = next(r for r in bench.view["pair"]["rows"] if r["id"] == "asks about the bill")
    # ten customers in A, of whom each gave a score; thirty in B
    assert [s["more"][-6:] for s in row["score"]] == ["n\u00a0=\u00a010", "n\u00a0=\u00a030"]
    bench.ask({"do": "open", "name": "A"})
    assert bench.view["code"] == 'cx.filters.contains("calls back")'
    bench.ask({"do": "clear"})
    assert (bench.view["code"], bench.view["kind"]) == ("", "")
    assert bench.state == bench.explore.to_json()


def test_an_error_is_said_and_nothing_else_changes(bench):
    before = bench.view
    for message, said in (
        ({"do": "paste", "code": "filters.contains('order')"}, "did you mean 'orders'"),
        ({"do": "paste", "code": "import os"}, "no code of a filter"),
        ({"do": "fly"}, "does not know how to 'fly'"),
        ({"do": "put", "facet": "owner", "values": ["x"]}, "no control 'owner'"),
        ({"do": "put"}, "names its facet"),
        ({"do": "put", "facet": "duration", "values": ["many", ""]}, "ValueError"),
        (None, "does not know"),
    ):
        bench.ask(message)
        assert said in bench.error
        assert bench.view is before
    bench.ask({"do": "undo"})
    assert bench.error == "", "what goes well afterwards says nothing of it"


def test_what_decides_and_what_if_run_beside_the_notebook(bench):
    bench.ask({"do": "select", "kind": "touchpoint", "name": "orders"})
    bench.ask({"do": "what_if", "points": 1})
    bench.wait(60)
    assert (bench.busy, bench.answer["touchpoint"], bench.answer["points"]) == ({}, "orders", 1)
    assert "associated" in bench.answer["said"]
    bench.ask({"do": "put", "facet": "channel", "values": ["phone"]})
    assert bench.view["decides"]["again"], "on other journeys than those shown"
    bench.ask({"do": "again"})
    bench.wait(60)
    assert bench.busy == {}
    assert bench.view["decides"]["scope"] == "computed on the 60 responses about the journeys that are shown"
    assert not bench.view["decides"]["again"]
    assert "one touchpoint only" in bench.view["decides"]["verdict"], "what cannot be told is said"


def test_long_work_stops_when_told():
    found = []

    def forever():
        while True:
            time.sleep(0.01)

    job = Job(forever, found.append, found.append)
    assert job.running
    job.stop()
    job.wait(10)
    assert not job.running
    assert found == []


def test_it_opens_where_it_was_left(bench, lived, found):
    bench.ask({"do": "put", "facet": "channel", "values": ["phone"]})
    kept = json.loads(json.dumps(bench.state))
    again = Workbench(lived, found, state=kept)
    assert again.view["code"] == bench.view["code"]
    assert again.view["undo"]
    with pytest.raises(StudyError, match="version 1"):
        Workbench(lived, state={"now": 1})


def test_labels_are_text_and_words_stand_where_no_script_runs():
    rows = [(f"c{i}", t) for i in range(12) for t in (HOSTILE, "calls")]
    frame = pd.DataFrame(rows, columns=["who", "what"]).assign(when=pd.date_range("2025-01-01", periods=24, tz="UTC"))
    bench = Workbench(build_journeys(from_frame(frame, customer="who", touchpoint="what", timestamp="when")))
    bench.ask({"do": "put", "facet": "step", "values": ["contains", HOSTILE, ""]})
    bundle, _ = bench._repr_mimebundle_()
    assert "<img" not in bundle["text/html"]
    assert "&lt;img src=x onerror=alert(1)&gt;" in bundle["text/html"]
    assert "meets <img" in bundle["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_a_saved_notebook_stays_small(bench):
    size = len(json.dumps(bench.get_state(), default=str))
    assert size < 300_000


def test_every_word_of_the_front_end_is_there():
    said = {key.removeprefix("w_") for key in room.MESSAGES if key.startswith("w_")}
    assert said - set(payload.SAID) == {"median"}, "said in Python"
    assert set(payload.SAID) <= said
    assert set(i18n.CATALOGUE["workbench"]) == set(room.MESSAGES)
