"""Real logs: the same graph, variants, starts and ends as pm4py on a sorted clean log, and the same model.

Where pm4py is wrong stands in test_pm4py_traps.py.
"""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from real_logs import LOGS, dataset, read_xes, real

import cxmining as cx
from cxmining.discovery import discover
from cxmining.discovery.mine import mine_graph_tree, mine_tree
from cxmining.discovery.replay import replay
from cxmining.engine import END, START
from cxmining.journeys import build_journeys

pytestmark = real
SMALL = ("running-example.xes", "Helpdesk.xes.gz", "env_permit.xes.gz")
LARGE = "BPI_Challenge_2012.xes.gz"
CASE, ACTIVITY, TIME = "case:concept:name", "concept:name", "time:timestamp"


@cache
def journeys_of(name):
    return build_journeys(dataset(read_xes(name)), by="case")


@cache
def theirs_of(name):
    """The log as pm4py wants it: in order of case, time and place in the file.

    Read by pm4py itself, but for the large log: its reader takes half a minute there.
    """
    if name == LARGE:
        frame = read_xes(name).rename(columns={"case": CASE, "activity": ACTIVITY, "time": TIME})
    else:
        from pm4py.objects.conversion.log import converter
        from pm4py.objects.log.importer.xes.variants import chunk_regex

        log = chunk_regex.apply(str(LOGS / name), parameters={"show_progress_bar": False})
        frame = converter.apply(log, variant=converter.Variants.TO_DATA_FRAME)
        frame[TIME] = pd.to_datetime(frame[TIME], utc=True)
    frame = frame[[CASE, ACTIVITY, TIME]].assign(order=np.arange(len(frame)))
    return frame.sort_values([CASE, TIME, "order"], ignore_index=True)


@pytest.fixture(scope="module", params=[*SMALL, LARGE])
def name(request):
    return request.param


def test_graph_variants_starts_and_ends_equal_pm4pys(name):
    import pm4py

    journeys, clean = journeys_of(name), theirs_of(name)
    graph, starts, ends = pm4py.discover_dfg(clean.copy())
    ours = {(s, t): n for s, t, n in zip(*(journeys.dfg[c] for c in ("source", "target", "n")), strict=True)}
    assert {k: n for k, n in ours.items() if START not in k and END not in k} == dict(graph)
    assert {t: n for (s, t), n in ours.items() if s == START} == dict(starts) == pm4py.get_start_activities(clean)
    assert {s: n for (s, t), n in ours.items() if t == END} == dict(ends) == pm4py.get_end_activities(clean)
    variants = dict(zip(journeys.variants["touchpoints"], journeys.variants["journeys"], strict=True))
    assert variants == dict(pm4py.get_variants(clean))


def test_waits_along_the_edges_equal_pm4pys(name):
    import pm4py

    performance, _, _ = pm4py.discover_performance_dfg(theirs_of(name).copy())
    times = journeys_of(name).dfg.set_index(["source", "target"])
    edges = list(performance)
    for column, figure in (("mean_s", "mean"), ("median_s", "median")):
        theirs = [performance[e][figure] for e in edges]
        assert times.loc[edges, column].tolist() == pytest.approx(theirs, rel=1e-6, abs=1e-3)


def test_no_case_and_no_event_is_lost(name):
    raw, journeys = read_xes(name), journeys_of(name)
    assert len(journeys.log) == len(raw)
    assert len(journeys) == raw["case"].nunique()
    assert journeys.events["event_id"].nunique() == len(raw)
    assert int(journeys.dfg["n"].sum()) == len(raw) + len(journeys)


def _shuffled(log):
    return log.sample(frac=1, random_state=7)


def _categorical(log):
    return log.astype({"case": "category", "activity": "category"})


def _arrow_text(log):
    return log.astype({"case": "string[pyarrow]", "activity": "string[pyarrow]"})


def _objects(log):
    return log.astype({"case": object, "activity": object})


def _local_time(log):
    return log.assign(time=log["time"].dt.tz_convert("Europe/Amsterdam"))


def _with_rows_that_name_no_touchpoint(log):
    empty = log.iloc[:50].assign(activity=np.nan)
    return pd.concat([empty, log], ignore_index=True)


@cache
def tables_as_given():
    return tables(read_xes("env_permit.xes.gz"))


def tables(log):
    data = cx.from_frame(log, customer="case", case="case", touchpoint="activity", timestamp="time")
    journeys = build_journeys(data, by="case")
    assert len(data.events) == 8_577
    return journeys.dfg, journeys.variants, journeys.table, journeys.touchpoints


@pytest.mark.parametrize(
    "change", [_shuffled, _categorical, _arrow_text, _objects, _local_time, _with_rows_that_name_no_touchpoint]
)
def test_row_order_types_local_time_and_rejected_rows_change_nothing(change):
    for given, changed in zip(tables_as_given(), tables(change(read_xes("env_permit.xes.gz"))), strict=True):
        # Ids of events are made of what is written: an hour that is written otherwise is another id.
        volatile = [c for c in given.columns if c == "journey_id" and change is _local_time]
        pd.testing.assert_frame_equal(given.drop(columns=volatile), changed.drop(columns=volatile))


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


@pytest.mark.parametrize("noise", [0.0, 0.2])
@pytest.mark.parametrize("name", SMALL, indirect=True)
def test_the_tree_from_variants_is_pm4pys_on_the_full_log(name, noise):
    import pm4py

    variants = journeys_of(name).variants
    ours = mine_tree(variants["touchpoints"].tolist(), variants["journeys"].tolist(), noise)
    theirs = pm4py.discover_process_tree_inductive(theirs_of(name), noise_threshold=noise, multi_processing=False)
    assert _shape(ours) == _their_shape(theirs)


def test_the_tree_of_the_large_logs_usual_variants_is_pm4pys_on_their_journeys():
    import pm4py

    journeys, log = journeys_of(LARGE), theirs_of(LARGE)
    usual = journeys.variants[journeys.variants["journeys"] >= 10]
    assert usual["journeys"].sum() > len(journeys) / 2
    ours = mine_tree(usual["touchpoints"].tolist(), usual["journeys"].tolist(), 0.2)
    sequences = log.groupby(CASE)[ACTIVITY].agg(tuple)
    cases = sequences.index[sequences.isin(set(usual["touchpoints"]))]
    theirs = pm4py.discover_process_tree_inductive(
        log[log[CASE].isin(cases)], noise_threshold=0.2, multi_processing=False
    )
    assert _shape(ours) == _their_shape(theirs)


def test_the_tree_from_the_graph_is_pm4pys_from_its_own(name):
    import pm4py

    graph = journeys_of(name).graph
    inner = (graph.source >= 0) & (graph.target >= 0)
    ours = mine_graph_tree(
        graph.touchpoints,
        dict(zip(zip(graph.source[inner].tolist(), graph.target[inner].tolist(), strict=True),
                 graph.n[inner].tolist(), strict=True)),
        dict(zip(graph.target[graph.source < 0].tolist(), graph.n[graph.source < 0].tolist(), strict=True)),
        dict(zip(graph.source[graph.target < 0].tolist(), graph.n[graph.target < 0].tolist(), strict=True)),
    )  # fmt: skip
    from pm4py.objects.dfg.obj import DFG

    theirs = pm4py.discover_process_tree_inductive(DFG(*pm4py.discover_dfg(theirs_of(name).copy())))
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
