"""Real logs: the same graph, variants, starts and ends as pm4py on a sorted clean log, and the same model."""

import gzip
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxmining.discovery import discover
from cxmining.discovery.mine import mine_tree
from cxmining.discovery.replay import replay
from cxmining.engine import END, START
from cxmining.journeys import build_journeys
from cxmining.schema import Dataset, table

LOGS = Path(__file__).resolve().parents[3] / "shared" / "data" / "logs"
NS = "{http://www.xes-standard.org/}"

pytestmark = [
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


@pytest.fixture(
    scope="module", params=["running-example.xes", "Helpdesk.xes.gz", "env_permit.xes.gz", "BPI_Challenge_2012.xes.gz"]
)
def log(request):
    return request.param, read_xes(request.param)


def test_graph_variants_starts_and_ends_equal_pm4pys(log):
    import pm4py

    _, raw = log
    journeys = build_journeys(dataset(raw), by="case")
    clean = raw.rename(columns={"case": "case:concept:name", "activity": "concept:name", "time": "time:timestamp"})
    clean["order"] = np.arange(len(clean))
    clean = clean.sort_values(["case:concept:name", "time:timestamp", "order"], ignore_index=True)
    graph, starts, ends = pm4py.discover_dfg(clean.copy())
    ours = {(s, t): n for s, t, n in zip(*(journeys.dfg[c] for c in ("source", "target", "n")), strict=True)}
    assert {k: n for k, n in ours.items() if START not in k and END not in k} == dict(graph)
    assert {t: n for (s, t), n in ours.items() if s == START} == dict(starts)
    assert {s: n for (s, t), n in ours.items() if t == END} == dict(ends)
    variants = dict(zip(journeys.variants["touchpoints"], journeys.variants["journeys"], strict=True))
    assert variants == dict(pm4py.get_variants(clean))

    performance, _, _ = pm4py.discover_performance_dfg(clean.copy())
    times = journeys.dfg.set_index(["source", "target"])
    edges = list(performance)
    for column, figure in (("mean_s", "mean"), ("median_s", "median")):
        theirs = [performance[e][figure] for e in edges]
        assert times.loc[edges, column].tolist() == pytest.approx(theirs, rel=1e-6, abs=1e-3)


def test_no_case_and_no_event_is_lost_and_row_order_of_the_frame_changes_only_ties(log):
    _, raw = log
    journeys = build_journeys(dataset(raw), by="case")
    assert len(journeys.log) == len(raw)
    assert len(journeys) == raw["case"].nunique()
    assert journeys.events["event_id"].nunique() == len(raw)
    assert int(journeys.dfg["n"].sum()) == len(raw) + len(journeys)


def test_published_counts_of_bpic_2012():
    raw = read_xes("BPI_Challenge_2012.xes.gz")
    journeys = build_journeys(dataset(raw), by="case")
    assert (len(journeys), len(journeys.log), len(journeys.log.touchpoints)) == (13_087, 262_200, 24)
    assert len(journeys.variants) == 4_366
    both = raw.assign(activity=raw["activity"] + "+" + raw["lifecycle"])
    assert len(build_journeys(dataset(both), by="case").log.touchpoints) == 36
    assert len(build_journeys(dataset(both), by="case").variants) == 4_366
    complete = build_journeys(dataset(raw[raw["lifecycle"] == "COMPLETE"]), by="case")
    assert (len(complete.log), len(complete.variants)) == (164_506, 4_336)


@pytest.mark.parametrize("name", ["running-example.xes", "Helpdesk.xes.gz", "env_permit.xes.gz"])
@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_the_tree_from_variants_is_pm4pys_on_the_full_log(name, noise):
    import pm4py

    raw = read_xes(name)
    journeys = build_journeys(dataset(raw), by="case")
    ours = mine_tree(journeys.variants["touchpoints"].tolist(), journeys.variants["journeys"].tolist(), noise)
    clean = journeys.events.rename(
        columns={"case_id": "case:concept:name", "touchpoint": "concept:name", "timestamp": "time:timestamp"}
    )
    theirs = pm4py.discover_process_tree_inductive(
        pd.DataFrame(clean[["case:concept:name", "concept:name", "time:timestamp"]]), noise_threshold=noise
    )
    assert _shape(ours) == _their_shape(theirs)


def _shape(tree):
    return _sorted(tree.kind.value, [_shape(c) for c in tree.children], tree.label)


def _their_shape(tree):
    if tree.operator is None:
        return _sorted("tau" if tree.label is None else "step", [], tree.label or "")
    return _sorted(tree.operator.value, [_their_shape(c) for c in tree.children], "")


def _sorted(kind, children, label):
    return (kind, tuple(sorted(children) if kind in "X+" else children), label)


def test_replay_and_precision_agree_with_pm4py_on_journeys_whose_touchpoints_are_in_the_model(tmp_path):
    # pm4py passes over an event that its net does not know, and calls such a journey fitting; ours misses a token.
    import pm4py

    journeys = build_journeys(dataset(read_xes("Helpdesk.xes.gz")), by="case")
    model = discover(journeys)
    file = tmp_path / "model.pnml"
    file.write_text(model.to_pnml(), encoding="utf-8")
    net, first, last = pm4py.read_pnml(str(file))
    known = journeys.variants[[set(v) <= set(model.tree.labels) for v in journeys.variants["touchpoints"]]]
    assert len(known) < len(journeys.variants)
    fit = replay(model.tree, known["touchpoints"].tolist(), known["journeys"].tolist())
    chosen = journeys.events["journey_id"].isin(
        journeys.table.loc[journeys.table["variant_id"].isin(known["variant_id"]), "journey_id"]
    )
    clean = journeys.events[chosen].rename(
        columns={"case_id": "case:concept:name", "touchpoint": "concept:name", "timestamp": "time:timestamp"}
    )[["case:concept:name", "concept:name", "time:timestamp"]]
    theirs = pm4py.fitness_token_based_replay(clean, net, first, last)
    assert fit.replayed == pytest.approx(theirs["percentage_of_fitting_traces"] / 100)
    assert fit.precision == pytest.approx(pm4py.precision_token_based_replay(clean, net, first, last))
    # Tokens of silent steps are never missing: counting them, as pm4py does, flatters.
    assert 0 < theirs["log_fitness"] - fit.fitness < 0.03


def test_a_real_log_of_4366_variants_has_a_model_within_its_budget():
    journeys = build_journeys(dataset(read_xes("BPI_Challenge_2012.xes.gz")), by="case")
    model = discover(journeys)
    assert model.variants <= 500
    assert 0.5 < model.quality["fitness"] <= 1
    assert "of 4,366 variants" in model.note
