"""The model: its budget, its words, its files, and that nothing random is in them."""

import json
import subprocess
import sys
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from cxmining.discovery import discover, discovering, quality
from cxmining.discovery.export import to_bpmn, to_pnml
from cxmining.discovery.mine import mine_tree
from cxmining.discovery.net import petri_net
from cxmining.discovery.tree import Kind, Tree
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.journeys import build_journeys
from cxmining.schema import Dataset, table

ODD = "asks \"why <b>146</b> → 212??\" & 'swears' 🙂"
WALKS = {
    ("compares", "signs", "welcome mail", "first invoice"): 30,
    ("compares", "signs", "first invoice", "welcome mail"): 20,
    ("compares",): 25,
    ("compares", "signs", "welcome mail", "first invoice", ODD, "first invoice"): 10,
    ("compares", "signs", "moves", "moves", "moves"): 1,
    ("moves", "signs"): 1,
}


def journeys_of(walks=WALKS):
    rows = [
        (f"c{k}-{i}", step, touchpoint)
        for k, (walk, n) in enumerate(walks.items())
        for i in range(n)
        for step, touchpoint in enumerate(walk)
    ]
    rows.sort(key=lambda r: (r[1], r[0]))
    events = table(
        "events",
        {
            "event_id": [f"r{i}" for i in range(len(rows))],
            "customer_id": [r[0] for r in rows],
            "timestamp": pd.to_datetime("2025-01-01", utc=True) + pd.to_timedelta([r[1] for r in rows], unit="D"),
            "touchpoint": [r[2] for r in rows],
            "channel": ["web"] * len(rows),
            "source": ["s"] * len(rows),
            "seq": range(len(rows)),
        },
    )
    return build_journeys(Dataset(events=events))


@pytest.fixture(scope="module")
def whole():
    return discover(journeys_of(), coverage=1)


def test_the_model_is_made_from_the_most_frequent_variants_until_coverage(whole):
    model = discover(journeys_of(), coverage=0.8)
    assert (model.variants, model.journeys) == (3, 75)
    assert model.coverage == pytest.approx(75 / 87)
    assert "moves" not in model.tree.labels
    assert "3 of 6 variants, the most frequent first: 75 of 87 journeys (86.2%)" in model.note
    assert "not in the model: " in model.note
    assert (whole.variants, whole.coverage) == (6, 1)


def test_a_limit_that_is_met_first_is_said(monkeypatch):
    model = discover(journeys_of(), coverage=0.9, max_variants=1)
    assert "90% was asked for, the limit of 1 variants was met first" in model.note
    monkeypatch.setattr(discovering, "_MINING_WORK", 90)
    model = discover(journeys_of())
    assert (model.variants, set(model.tree.labels)) == (
        2,
        {"compares", "signs", "welcome mail", "first invoice"} - set(),
    )
    assert "the limit of 90 steps × touchpoints² was met first" in model.note


def test_a_variant_too_long_by_itself_is_passed_over_and_when_all_are_it_is_said(monkeypatch):
    monkeypatch.setattr(discovering, "_MINING_WORK", 60)
    model = discover(journeys_of())
    assert set(model.tree.labels) == {"compares", "moves", "signs"}  # the long ones before it are passed over
    assert "the limit of 60 steps × touchpoints² was met first" in model.note
    monkeypatch.setattr(discovering, "_MINING_WORK", 0)
    with pytest.raises(NotEnoughDataError, match=r"too long to mine a model from: the shortest has 1 event; cut"):
        discover(journeys_of())


def test_quality_is_measured_on_all_journeys_and_says_so(monkeypatch):
    model = discover(journeys_of(), coverage=0.8)
    assert model.quality["measured_journeys"] == 87
    assert model.quality["fitness_how"].endswith("on 87 journeys (100.0%)")
    assert model.quality["replayed"] == pytest.approx(75 / 87)
    monkeypatch.setattr(quality, "_REPLAY_WORK", 9)
    model = discover(journeys_of(), coverage=0.8)
    assert model.quality["measured_journeys"] == 75
    assert "fitness and precision are measured on 86.2% of the journeys" in model.note


def test_among_equally_frequent_variants_a_hash_draws_not_the_alphabet():
    walks = {(a, b): 1 for a in "abcdefgh" for b in "xyz"}
    first = {walk[0] for walk in _mined(discover(journeys_of(walks), coverage=0.3), walks)}
    assert len(first) > 3


def _mined(model, walks):
    return [w for w in walks if set(w) <= set(model.tree.labels)]


def test_one_journey_of_one_event_has_a_model():
    model = discover(journeys_of({("compares",): 1}))
    assert str(model.tree) == "'compares'"
    assert model.as_dict() == {
        "miner": "inductive", "noise": 0.2, "coverage": 1.0, "journeys": 1, "variants": 1, "fitness": 1.0,
        "alignment_fitness": 1.0, "replayed": 1.0, "precision": 1.0, "generalisation": 0.0, "simplicity": 1.0,
        "note": "Mined from 1 of 1 variant, the most frequent first: 1 of 1 journey (100.0%).",
    }  # fmt: skip
    json.dumps(model.as_dict())
    ET.fromstring(model.to_bpmn())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"miner": "inductve"}, "did you mean 'inductive'"),
        ({"noise": 1.5}, "between 0 and 1"),
        ({"coverage": 0}, "above 0"),
        ({"max_variants": 0}, "1 or more"),
    ],
)
def test_a_parameter_out_of_range_is_named(arguments, message):
    with pytest.raises(StudyError, match=message):
        discover(journeys_of(), **arguments)


def test_reprs_are_escaped_and_tell_quality(whole):
    assert "<b>" not in whole._repr_html_()
    assert "fitness" in repr(whole)
    assert whole.summary["measure"].tolist() == list(quality.MEASURES)


def _reread(text, suffix, tmp_path):
    import pm4py

    file = tmp_path / f"model.{suffix}"
    file.write_text(text, encoding="utf-8")
    return pm4py.read_pnml(str(file)) if suffix == "pnml" else pm4py.read_bpmn(str(file))


def _log(walks):
    from pm4py.objects.log.obj import Event, EventLog, Trace

    return EventLog([Trace([Event({"concept:name": t}) for t in walk]) for walk, n in walks.items() for _ in range(n)])


def test_the_petri_net_is_read_back_sound_with_the_same_figures(whole, tmp_path):
    import pm4py
    from pm4py.algo.evaluation.simplicity.variants import arc_degree
    from pm4py.objects.petri_net.utils.check_soundness import (
        check_easy_soundness_net_in_fin_marking,
        check_wfnet,
    )

    net, first, last = _reread(whole.to_pnml(), "pnml", tmp_path)
    assert {t.label for t in net.transitions if t.label} == set(whole.tree.labels)
    assert [p.name for p in first] == ["p1"]
    assert [p.name for p in last] == ["p2"]
    assert check_wfnet(net)
    assert check_easy_soundness_net_in_fin_marking(net, first, last)
    assert arc_degree.apply(net) == pytest.approx(whole.quality["simplicity"])
    fitness = pm4py.fitness_token_based_replay(_log(WALKS), net, first, last)
    assert fitness["percentage_of_fitting_traces"] == pytest.approx(100 * whole.quality["replayed"])


def test_bpmn_is_read_back_as_the_same_process(whole, tmp_path):
    import pm4py

    graph = _reread(whole.to_bpmn(), "bpmn", tmp_path)
    tasks = {n.get_name() for n in graph.get_nodes() if type(n).__name__ == "Task"}
    assert tasks == set(whole.tree.labels)
    net, first, last = pm4py.convert_to_petri_net(graph)
    fitness = pm4py.fitness_token_based_replay(_log(WALKS), net, first, last)
    assert fitness["percentage_of_fitting_traces"] == pytest.approx(100 * whole.quality["replayed"])


def test_the_drawing_has_a_shape_for_each_node_and_no_two_overlap(whole):
    root = ET.fromstring(whole.to_bpmn())
    name = {"m": "http://www.omg.org/spec/BPMN/20100524/MODEL", "di": "http://www.omg.org/spec/BPMN/20100524/DI",
            "dc": "http://www.omg.org/spec/DD/20100524/DC"}  # fmt: skip
    nodes = [e.get("id") for e in root.find("m:process", name) if not e.tag.endswith("sequenceFlow")]
    shapes = root.findall(".//di:BPMNShape", name)
    assert [s.get("bpmnElement") for s in shapes] == nodes
    boxes = [{k: float(v) for k, v in s.find("dc:Bounds", name).attrib.items()} for s in shapes]
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            apart_x = a["x"] >= b["x"] + b["width"] or b["x"] >= a["x"] + a["width"]
            apart_y = a["y"] >= b["y"] + b["height"] or b["y"] >= a["y"] + a["height"]
            assert apart_x or apart_y
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))


def test_characters_that_xml_cannot_hold_do_not_break_the_files():
    tree = Tree(Kind.STEP, label="a\x00b\nc\ud800")
    for text in (to_bpmn(tree, "x\x01"), to_pnml(petri_net(tree), "x\x01")):
        assert "a b c" in text
        ET.fromstring(text.encode())


def test_noise_is_left_out_when_asked():
    walks, n = [("a", "b", "c", "d"), ("c", "d", "a", "b")], [99, 1]
    assert str(mine_tree(walks, n, 0.2)) == "->( 'a', 'b', 'c', 'd' )"
    assert str(mine_tree(walks, n, 0.0)) == "+( 'a', 'b', ->( 'c', 'd' ) )"


def test_simplicity_of_a_line_is_one():
    assert petri_net(Tree(Kind.SEQUENCE, (Tree(Kind.STEP, label="a"), Tree(Kind.STEP, label="b")))).simplicity == 1


def test_pm4py_is_loaded_only_when_a_model_is_mined():
    code = (
        "import cxmining.discovery, cxmining.journeys, sys; sys.exit('pm4py' in sys.modules or 'scipy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
