"""The widget shows what the headless twin returns: every control, errors, long work, words where no script runs."""

import json
import threading
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cxmining import i18n
from cxmining.drivers import find_drivers
from cxmining.errors import StudyError
from cxmining.experience import measure_experience
from cxmining.experience.example import small_example
from cxmining.i18n.catalogue import workbench as room
from cxmining.ingest import from_frame
from cxmining.journeys import build_journeys, find_personas
from cxmining.schema import table
from cxmining.workbench import payload, widget
from cxmining.workbench.explore import Exploration
from cxmining.workbench.ifs import NOTCHES
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


@pytest.fixture(scope="module")
def shared(lived, found):
    """For tests that leave it as it was."""
    return Workbench(lived, found)


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
def test_every_control_makes_its_chip_and_shows_it(shared, message, code):
    bench = shared
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
    bench.ask({"do": "what_if", "touchpoint": "orders"})
    bench.wait(60)
    assert (bench.busy, bench.answer["key"], set(bench.answer["rows"])) == ({}, "", {"orders", "asks about the bill"})
    said = bench.answer["rows"]["orders"]
    assert set(said) == {f"{p:g}" for p in NOTCHES}
    twin = bench.explore.what_if("orders", 1.5)  # asked alone it is the same as among the others
    assert said["1.5"]["at"] == pytest.approx(twin.summary.loc[0, ["difference", "low", "high"]].tolist())
    assert said["1.5"]["sentence"] == twin.sentence("en", "orders")
    assert "associated" in said["1.5"]["sentence"]
    before = bench.answer
    bench.ask({"do": "what_if", "touchpoint": "orders"})
    assert (bench.answer, bench.busy) == (before, {}), "it was asked once"
    bench.ask({"do": "what_if", "touchpoint": "order"})
    bench.wait(60)
    assert "did you mean 'orders'" in bench.error
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


def test_long_work_says_how_far_it_is(bench):
    told = []
    bench.observe(lambda change: told.append(change["new"].get("share")), names="busy")
    bench.ask({"do": "what_if", "touchpoint": ""})
    bench.wait(60)
    assert told == [None, *((i + 1) / len(NOTCHES) for i in range(len(NOTCHES))), None]


def test_what_was_stopped_is_not_shown_and_a_stop_may_come_at_any_time(bench):
    held, go_on = threading.Event(), threading.Event()

    def work(tell):
        tell(0.5)
        held.set()
        while not go_on.is_set():
            pass
        return 1

    done = []
    bench._start("compare", work, done.append)
    assert held.wait(10)
    assert bench.busy["share"] == 0.5
    bench.ask({"do": "stop"})
    bench.wait(10)
    assert (bench.busy, bench._job.running, done) == ({}, False, [])
    go_on.set()
    bench.ask({"do": "stop"})
    assert bench.error == "", "nothing runs, and nothing breaks"


def test_much_data_opens_beside_the_notebook(lived, found, monkeypatch):
    whole = Workbench(lived, found)
    monkeypatch.setattr(widget, "AT_ONCE", 10)
    shares = []
    monkeypatch.setattr(Workbench, "_start", _watched(Workbench._start, shares))
    opened = Workbench(lived, found)
    opened.wait(60)
    assert (opened.view, opened.base, opened.busy) == (whole.view, whole.base, {})
    assert shares == sorted(shares)
    assert len(shares) > 3


def _watched(start, shares):
    def watching(self, name, work, done):
        start(self, name, lambda tell: work(lambda share: (shares.append(share), tell(share))), done)

    return watching


def test_an_opening_that_was_stopped_says_so_and_goes_on(lived, monkeypatch):
    monkeypatch.setattr(widget, "AT_ONCE", 10)
    held = threading.Event()

    def forever(self, progress=None):
        progress("", 0.5)
        held.set()
        while True:
            pass

    prepare = Exploration.prepare
    monkeypatch.setattr(Exploration, "prepare", forever)
    bench = Workbench(lived)
    assert held.wait(10)
    assert ("choices" in bench.base, bench.busy["share"]) == (False, 0.45)
    assert "opening" in repr(bench)
    assert "opening" in bench._repr_mimebundle_()[0]["text/plain"]
    bench.ask({"do": "undo"})
    assert bench.error == "the workbench is still opening"
    bench.ask({"do": "stop"})
    bench.wait(10)
    assert (bench.busy, bench.error, bench._ready) == ({}, "", False)
    monkeypatch.setattr(Exploration, "prepare", prepare)
    bench.ask({"do": "ready"})
    bench.wait(60)
    assert bench.view["headline"][0] == "105 of 105 journeys"


def test_one_view_that_fails_is_said_and_the_others_go_on(bench, monkeypatch):
    def broken(self, top=20):
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(Exploration, "variants", broken)
    bench.ask({"do": "put", "facet": "channel", "values": ["phone"]})
    assert (bench.error, bench.view["failed"]) == ("", {"variants": "ZeroDivisionError: by nothing"})
    assert bench.view["headline"][0] == "60 of 105 journeys"
    assert bench.view["decides"] is not None


def test_journeys_and_segments_follow_what_is_filtered(bench):
    bench.ask({"do": "journeys", "order": "lowest"})
    assert bench.listed["head"] == "20 of 105 journeys of 60 customers, local time (UTC)"
    scores = [float(r["score"]) for r in bench.listed["rows"]]
    assert scores == sorted(scores)
    bench.ask({"do": "segments", "by": "segment"})
    assert [(v["label"], v["n"]) for v in bench.parted["values"]] == [
        ("business", "30 customers"),
        ("home", "30 customers"),
    ]
    bench.ask({"do": "test_segments"})
    bench.wait(60)
    assert ["calls back", "reach"] in bench.parted["tested"]["hold"]
    assert any(
        line.startswith("calls back: reach differs, lowest for home, highest for business")
        for line in bench.parted["tested"]["said"]
    )
    bench.ask({"do": "select", "kind": "touchpoint", "name": "calls back"})
    assert bench.listed["head"] == "10 journeys of 10 customers, local time (UTC) · that meet the selection"
    bench.ask({"do": "journey", "id": bench.listed["rows"][0]["id"]})
    assert [r["label"] for r in bench.listed["one"]["rows"]][-1] == "calls back"
    assert bench.parted["tested"] is None, "it was about the others"
    bench.ask({"do": "put", "facet": "period", "values": ["2025-06-01", ""]})
    assert (bench.listed["rows"], bench.listed["one"]) == ([], None)
    assert bench.listed["error"] == "⊘ fewer than 10 customers are left: their journeys are not shown"
    bench.ask(
        {
            "do": "paste",
            "code": 'cx.filters.contains("calls back") & cx.filters.period("2025-06-01", None, keep="starting")',
        }
    )
    assert bench.view["hidden"]
    assert bench.parted["error"] == "⊘ fewer than 10 customers are left: figures about them are not shown"
    bench.ask({"do": "journeys", "order": ""})
    bench.ask({"do": "segments", "by": ""})
    assert (bench.listed, bench.parted) == ({}, {})


def test_personas_that_were_found_are_an_attribute_with_a_caution(lived):
    personas = find_personas(lived, k=2)
    bench = Workbench(lived, personas=personas)
    facet = next(c for c in bench.base["choices"] if c["facet"] == "segment:persona")
    assert [v["id"] for v in facet["values"]] == sorted(personas.behaviour.summary["label_en"])
    bench.ask({"do": "segments", "by": "persona"})
    assert bench.parted["note"].startswith("These personas were found by what customers meet")
    assert sum(int(v["n"].split()[0]) for v in bench.parted["values"]) == 60
    bench.ask({"do": "segments", "by": "segment"})
    assert bench.parted["note"] == ""


def test_one_persona_alone_is_said(lived):
    alone = lived.journeys.data.customers.assign(persona="all alike")
    one = replace(lived, journeys=replace(lived.journeys, data=replace(lived.journeys.data, customers=alone)))
    assert Workbench(one).base["notes"] == [
        "Persona: there is one group only (all alike), so there is nothing to choose."
    ]


def test_a_saved_notebook_stays_small(found):
    """Sixty touchpoints, fifty variants, quotes, two hundred steps to undo, journeys and segments open: under 1 MB."""
    rng = np.random.default_rng(1)
    names = [f"touchpoint number {i} with a name of some length, as they have" for i in range(60)]
    rows = []
    for customer in range(600):  # fifty ways of eight contacts, each walked by 12 customers
        way = [(7 * (customer % 50) + 11 * step + step * step) % 60 for step in range(8)]
        rows += [(f"c{customer}", names[t], 24 * customer + step, t % 5) for step, t in enumerate(way)]
    frame = pd.DataFrame(rows, columns=["who", "what", "hour", "how"])
    frame["when"] = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(frame["hour"], unit="h")
    frame["how"] = frame["how"].map(dict(enumerate(["mail", "phone", "web", "app", "chat"])))
    data = from_frame(frame, customer="who", touchpoint="what", timestamp="when", channel="how")
    comment = "a customer who writes, and goes on writing, says what was good and what was not, " * 4
    answers, responses = [], []
    for i, (who, (_, what, hour, _)) in enumerate(zip(data.events["customer_id"][::2], rows[::2], strict=True)):
        at = pd.Timestamp("2025-01-01 00:30", tz="UTC") + pd.Timedelta(hours=hour)
        responses.append({"response_id": f"r{i}", "customer_id": who, "timestamp": at, "comment": f"{i} {comment}"})
        answers.append({"response_id": f"r{i}", "item": "q", "metric": "csat", "touchpoint": what, "score": float(rng.integers(1, 6)),
                        "scale_low": 1.0, "scale_high": 5.0, "higher_is_better": True, "status": "answered"})  # fmt: skip
    given = pd.DataFrame(responses).assign(
        survey="s", survey_kind="relationship", source="x", seq=range(len(responses))
    )
    people = data.events["customer_id"].drop_duplicates()
    customers = {"customer_id": people.tolist(), "record_id": people.tolist(), "source": ["x"] * len(people), "seq": range(len(people)),
                 "segment": [f"segment {i % 6}" for i in range(len(people))]}  # fmt: skip
    data = replace(
        data, responses=table("responses", {str(c): given[c] for c in given}),
        answers=table("answers", {c: [a[c] for a in answers] for c in answers[0]}), customers=table("customers", customers),
    )  # fmt: skip
    lived = measure_experience(build_journeys(data))
    rated = pd.DataFrame(rng.integers(1, 11, (300, 12)).astype(float), columns=names[:12])
    rated["csat"] = 0.5 * rated[names[0]] + rng.normal(size=300)
    bench = Workbench(lived, find_drivers(rated, "csat", bootstrap=100), text="masked")
    assert len(bench.explore.variants(60)) == 50
    for step in range(210):
        bench.explore.select("touchpoint", names[step % 2])
    for message in (
        {"do": "select", "kind": "touchpoint", "name": names[0]}, {"do": "save", "name": "A"}, {"do": "save", "name": "B"},
        {"do": "what_if", "touchpoint": names[0]}, {"do": "journeys", "order": "start"}, {"do": "segments", "by": "segment"},
    ):  # fmt: skip
        bench.ask(message)
        bench.wait(60)
        assert bench.error == ""
    bench.ask({"do": "journey", "id": bench.listed["rows"][0]["id"]})
    assert (len(bench.state["past"]), len(bench.view["detail"]["quotes"]), len(bench.parted["rows"])) == (200, 4, 60)
    kept = {name: value for name, value in bench.get_state().items() if name not in ("layout", "comm")}
    size = len(json.dumps(kept, default=str)) + len(
        json.dumps(bench.state)
    )  # the notebook's metadata hold the state too
    assert size < 1_000_000, {name: len(json.dumps(value, default=str)) for name, value in kept.items()}


def test_every_word_of_the_front_end_is_there():
    said = {key.removeprefix("w_") for key in room.MESSAGES if key.startswith("w_")}
    assert said - set(payload.SAID) == {"median"}, "said in Python"
    assert set(payload.SAID) <= said
    assert set(i18n.CATALOGUE["workbench"]) == set(room.MESSAGES)
