"""Who hands work over to whom, on tables worked by hand, against pm4py, and on the simulator's truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.errors import NotEnoughDataError, UnknownNameError
from cxmining.ingest.records.routes import hops_of, routes_of
from cxmining.journeys import build_journeys, filters
from cxmining.journeys.handovers import find_handovers
from cxmining.schema import Dataset, empty, table

START = pd.Timestamp("2025-03-03 09:00", tz="UTC")


def log(rows, **more):
    """(customer, thread, hours, queue, direction) → a dataset."""
    frame = pd.DataFrame(rows, columns=["who", "thread", "hours", "queue", "direction"])
    columns = {
        "event_id": [f"e{i}" for i in range(len(frame))], "customer_id": frame["who"], "thread_id": frame["thread"],
        "timestamp": START + pd.to_timedelta(frame["hours"], unit="h"), "channel": ["mail"] * len(frame),
        "touchpoint": ["asks"] * len(frame), "queue": frame["queue"], "direction": frame["direction"],
        "source": ["s"] * len(frame), "seq": np.arange(1, len(frame) + 1), **more,
    }  # fmt: skip
    return Dataset(events=table("events", columns))


def test_waits_run_from_the_end_of_one_event_to_the_beginning_of_the_next():
    rows = [("a", "t1", 0, "front", "inbound"), ("a", "t1", 5, "back", "internal"), ("a", "t1", 6, "front", "outbound")]
    found = find_handovers(log(rows, duration_s=[3600.0, None, None]), "queue")
    edges = found.summary.set_index(["source", "target"])
    # five hours less the one that the front was still at it; then one hour
    assert edges.loc[("front", "back"), "wait_median_s"] == 4 * 3600
    assert edges.loc[("back", "front"), "wait_median_s"] == 3600
    # the work came back to the front; it did not come back to the back office
    assert edges["back"].to_dict() == {("back", "front"): 0.0, ("front", "back"): 1.0}
    assert found.units.set_index("unit")[["held", "first", "received", "given"]].to_numpy().tolist() == [
        [1, 0, 1, 1],
        [1, 1, 1, 1],
    ]
    assert found.behind == {"back"}


def test_how_long_a_customer_stayed_away_is_not_the_units_wait():
    rows = [("a", "t1", 0, "front", "inbound"), ("a", "t1", 48, "claims", "inbound"), ("b", "t2", 0, "front", "inbound"),
            ("b", "t2", 10, "claims", "inbound")]  # fmt: skip
    found = find_handovers(log(rows, wait_s=[5.0, 120.0, 5.0, None]), "queue").summary.iloc[0]
    assert (found["n"], found["by_customer"], found["wait_n"], found["wait_median_s"]) == (2, 2, 1, 120.0)


def test_a_route_inside_one_event_is_read_hop_by_hop():
    rows = [("a", "t1", 0, "front", "inbound"), ("b", "t2", 1, "front", "inbound")]
    data = log(rows, route=["front > back > front", None], route_waits=["5s > 60s > 7s", None])
    found = find_handovers(data, "queue")
    assert found.summary[["source", "target", "n", "wait_median_s", "back"]].to_numpy().tolist() == [
        ["back", "front", 1, 7.0, 0.0],
        ["front", "back", 1, 60.0, 1.0],
    ]
    # one of the two contacts went to the back office; who took them at first hand is the front
    assert found.touchpoints.set_index("target").loc["back", ["of", "share"]].tolist() == [2, 0.5]
    assert found.handled[["unit", "n", "of"]].to_numpy().tolist() == [["front", 2, 2]]


@settings(max_examples=40)
@given(st.lists(st.lists(st.sampled_from(["a", "b b", "c > d", None]), max_size=5), max_size=5))
def test_a_route_that_was_written_is_read_back(pieces):
    work = [i for i, units in enumerate(pieces) for _ in units]
    unit = pd.Series([u for units in pieces for u in units], dtype="str")
    routes = routes_of(work, unit, np.arange(len(work), dtype=float))
    events = routes.reindex(range(len(pieces)))
    back = hops_of(events).groupby("row")["unit"].agg(list).to_dict()
    # what one unit held alone has no route; neighbours that are the same are one hold
    told = {i: [u for u in units if u is not None] for i, units in enumerate(pieces)}
    told = {i: [u for k, u in enumerate(units) if k == 0 or units[k - 1] != u] for i, units in told.items()}
    assert back == {i: [u.replace(">", "›") for u in units] for i, units in told.items() if len(units) > 1}


@settings(max_examples=8)
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from("xyz")), min_size=1, max_size=30), st.randoms())
def test_holds_reconcile_and_the_order_of_the_rows_does_not_matter(steps, random):
    rows = [(f"c{case}", f"t{case}", i, unit, "internal") for i, (case, unit) in enumerate(steps)]
    found = find_handovers(log(rows), "queue")
    assert found.units["received"].sum() == found.units["given"].sum() == found.summary["n"].sum()
    assert found.units["first"].sum() == found.pieces == len({case for case, _ in steps})
    assert found.passed["n"].sum() == found.touchpoints["n"].sum() == found.summary["n"].sum()
    assert (found.handled["share"].sum()) == pytest.approx(1.0)
    mixed = log(rows).events.sample(frac=1, random_state=random.randint(0, 99)).reset_index(drop=True)
    pd.testing.assert_frame_equal(find_handovers(Dataset(events=mixed), "queue").summary, found.summary)


def test_departments_are_told_apart_and_queues_of_one_team_are_not_handed_over_between():
    rng = np.random.default_rng(1)
    rows, who = [], []
    for i in range(60):  # q1 and q2 have the same six people; the back office has its own
        rows += [
            (f"c{i}", f"t{i}", i, "q1" if i % 2 else "q2", "inbound"),
            (f"c{i}", f"t{i}", i + 2, "q2" if i % 2 else "q1", "outbound"),
        ]
        rows += [(f"c{i}", f"t{i}", i + 3, "desk 7", "internal")]
        who += [f"p{rng.integers(6)}", f"p{rng.integers(6)}", f"b{rng.integers(3)}"]
    data = log(rows, resource=who)
    events = data.events.assign(touchpoint=np.where(data.events["queue"] == "desk 7", "checks", "asks")).astype(
        {"touchpoint": "str"}
    )
    catalogue = table("catalogue", {"touchpoint": ["asks", "checks"], "owner_declared": ["Service", "Back office"],
                                    "backstage": [False, True], "third_party": [False, False]})  # fmt: skip
    found = find_handovers(Dataset(events=events, catalogue=catalogue))
    assert found.summary[["source", "target", "n"]].to_numpy().tolist() == [["Service", "Back office", 60]]
    assert find_handovers(Dataset(events=events), "queue").summary["n"].sum() == 120
    # what is declared for a touchpoint has no vote on who handles it
    assert set(found.handled["unit"]) == {"q1", "desk 7"} or set(found.handled["unit"]) == {"q2", "desk 7"}


def test_handover_of_work_is_that_of_pm4py():
    pm4py = pytest.importorskip("pm4py")
    rng = np.random.default_rng(3)
    cases = [f"case {c}" for c in range(40) for _ in range(6)]
    people = [f"p{k}" for k in rng.integers(0, 4, len(cases))]
    hours = np.arange(len(cases), dtype=float)
    rows = list(zip(cases, cases, hours, [None] * len(cases), ["internal"] * len(cases), strict=True))
    ours = find_handovers(log(rows, resource=people), "resource").summary
    # pm4py wants a sorted frame of its own names, counts who hands over to himself too, and divides by all
    theirs = pm4py.discover_handover_of_work_network(
        pd.DataFrame({"case:concept:name": cases, "concept:name": "asks", "org:resource": people,
                      "time:timestamp": START + pd.to_timedelta(hours, unit="h")})
    )  # fmt: skip
    between = {pair: value for pair, value in theirs.connections.items() if pair[0] != pair[1] and value > 0}
    total = sum(between.values())
    expected = {pair: value / total for pair, value in between.items()}
    mine = {(r.source, r.target): r.n / ours["n"].sum() for r in ours.itertuples()}
    assert mine == pytest.approx(expected)


def test_other_customers_of_a_thread_are_strangers_and_filters_narrow():
    rows = [("a", "t", 0, "front", "inbound"), ("b", "t", 1, "back", "inbound"), ("c", "u", 0, "front", "inbound"),
            (None, "u", 3, "back", "internal")]  # fmt: skip
    data = log(rows)
    assert find_handovers(data, "queue").summary["n"].sum() == 1
    journeys = build_journeys(data)
    only = journeys.where(filters.contains("asks"))
    found = find_handovers(only, "queue")
    # the back office's record names no customer, is in no journey, and is found by its thread
    assert found.summary[["source", "target", "n", "wait_median_s"]].to_numpy().tolist() == [
        ["front", "back", 1, 3 * 3600.0]
    ]
    assert "customer" in found.over


def test_nothing_known_and_nothing_handed_over_are_said():
    with pytest.raises(NotEnoughDataError, match="no queue, no group and no resource"):
        find_handovers(log([("a", "t", 0, None, "inbound")]))
    with pytest.raises(NotEnoughDataError, match="no events"):
        find_handovers(Dataset(events=empty("events")))
    with pytest.raises(UnknownNameError, match="'team'"):
        find_handovers(log([("a", "t", 0, "x", "inbound")]), "teem")
    alone = find_handovers(log([("a", "t", 0, "<b>x</b>", "inbound")]), "queue")
    assert not len(alone.summary)
    assert "no work changed hands" in repr(alone)
    assert "<b>" not in alone._repr_html_()


def test_the_picture_shows_the_pairs_with_waits_and_labels_as_text():
    rows = [(f"c{k}", f"t{k}", h, q, "internal") for k in range(8) for h, q in ((0, "<b>front"), (2, "back " * 30))]
    found = find_handovers(log(rows), "queue")
    drawn = found.to_svg()
    assert "&lt;b&gt;front → back" in drawn
    assert "<b>" not in drawn
    assert "lies 2 h [2 h – 2 h], nine in ten 2 h · 0% [0%, 32%] comes back" in drawn
    assert found.figure().layout.height == found.scene.height
    alone = find_handovers(log(rows[:1]), "queue")
    assert "No work changed hands" in alone.to_svg()
