"""Logs at the edge of what can be, all the way: from_frame, build_journeys, discover, summary."""

import numpy as np
import pandas as pd
import pytest

import cxmining as cx
from cxmining.discovery import discover
from cxmining.engine import coded, encode
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.journeys import build_journeys, filters
from cxmining.schema import Dataset, table

HOSTILE = "<img src=x onerror=alert(1)>"


def frame_of(rows):
    """(customer, touchpoint, moment) …"""
    frame = pd.DataFrame(rows, columns=["who", "what", "when"])
    return frame.assign(when=pd.to_datetime(frame["when"], utc=True, format="ISO8601"))


def journeys_of(frame):
    return build_journeys(cx.from_frame(frame, customer="who", touchpoint="what", timestamp="when"))


def events_of(who, what, when):
    """A table of events without the checks of from_frame, which cost a moment per row: for large logs."""
    n = len(who)
    return Dataset(
        events=table(
            "events",
            {
                "event_id": "r" + pd.Series(np.arange(n)).astype("str"), "customer_id": who, "touchpoint": what,
                "timestamp": when, "channel": ["web"] * n, "source": ["s"] * n, "seq": np.arange(n),
            },
        )
    )  # fmt: skip


def figures(result):
    return dict(zip(result.summary.iloc[:, 0], result.summary.iloc[:, 1], strict=True))


def test_one_event_goes_all_the_way():
    journeys = journeys_of(frame_of([("c", HOSTILE, "2025-01-01")]))
    said = figures(journeys)
    assert (said["journeys"], said["events"], said["variants"], said["touchpoints"]) == (1, 1, 1, 1)
    assert journeys.table["duration_s"].tolist() == [0.0]
    assert journeys.dfg[["source", "target", "n"]].values.tolist() == [["(start)", HOSTILE, 1], [HOSTILE, "(end)", 1]]
    model = discover(journeys)
    assert model.quality["fitness"] == 1
    for result in (journeys, model):
        assert "<img" not in result._repr_html_()
    assert "1 journey of 1 customer, 1 event, 1 touchpoint, 1 variant" in repr(journeys)


def test_a_filter_that_leaves_nothing_says_which_one_it_was_and_what_came_before():
    journeys = journeys_of(frame_of([("c", "buys", "2025-01-01"), ("d", "calls", "2025-01-02")]))
    some = journeys.where(filters.contains("buys"))
    with pytest.raises(NotEnoughDataError, match="calls") as caught:
        some.where(filters.starts("calls"))
    assert "buys" in str(caught.value)  # the filter before it
    with pytest.raises(NotEnoughDataError, match="duration"):
        journeys.where(filters.duration(at_least="1D"))


def test_all_events_at_one_instant_keep_one_order_and_wait_no_time():
    rows = [(f"c{i}", step, "2025-01-01T12:00Z") for i in range(5) for step in ("asks", "buys", "calls")]
    given, turned = journeys_of(frame_of(rows)), journeys_of(frame_of(rows[::-1]))
    pd.testing.assert_frame_equal(given.variants, turned.variants)
    pd.testing.assert_frame_equal(given.dfg, turned.dfg)
    assert len(given.variants) == 1
    assert set(given.dfg["median_s"].dropna()) == {0.0}
    assert given.table["duration_s"].unique().tolist() == [0.0]
    assert discover(given).quality["fitness"] == 1


def test_events_before_1970_are_in_order_and_so_are_their_waits():
    rows = [("c", "asks", "1923-12-31T23:00Z"), ("c", "buys", "1969-12-31T23:59:59.999999Z"),
            ("c", "calls", "1970-01-01T00:00:00.000001Z")]  # fmt: skip
    journeys = journeys_of(frame_of(rows[::-1]))
    assert journeys.variants["touchpoints"].tolist() == [("asks", "buys", "calls")]
    assert journeys.dfg.set_index(["source", "target"])["median_s"]["buys", "calls"] == pytest.approx(2e-6)
    assert figures(journeys)["first"] == pd.Timestamp("1923-12-31T23:00Z")
    assert discover(journeys).quality["fitness"] == 1


def test_one_journey_of_a_hundred_thousand_events():
    n = 100_000
    steps = np.array(["asks", "buys", "calls", "pays"])[np.random.default_rng(1).integers(0, 4, n)]
    when = pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(np.arange(n), unit="s")
    journeys = build_journeys(events_of(["c"] * n, steps, when))
    said = figures(journeys)
    assert (said["journeys"], said["events"], said["variants"]) == (1, n, 1)
    assert int(journeys.dfg["n"].sum()) == n + 1
    assert journeys.variants["n_events"].tolist() == [n]
    # Such a journey is no pattern to mine: it says so, and what to do; the map of who follows whom is there.
    try:
        model = discover(journeys)
    except NotEnoughDataError as error:
        assert "gap" in str(error)  # noqa: PT017 - either answer is right, neither may hang
    else:
        assert model.journeys == 1
    assert len(discover(journeys, "directly-follows", noise=0).edges) == 16 + 2
    assert len(build_journeys(journeys.data, gap="1s")) == 1
    assert len(build_journeys(journeys.data, gap="0.5s")) == n


def test_five_thousand_touchpoints():
    k = 5_000
    names = np.array([f"touchpoint {i:04d}" for i in range(k)])
    rng = np.random.default_rng(1)
    what = np.concatenate([names, names[rng.integers(0, k, 15_000)]])
    who = [f"c{i % 4_000}" for i in range(len(what))]
    when = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(np.arange(len(what)), unit="min")
    journeys = build_journeys(events_of(who, what, when))
    said = figures(journeys)
    assert (said["journeys"], said["events"], said["touchpoints"]) == (4_000, 20_000, k)
    assert journeys.log.touchpoint.dtype == np.uint16
    assert int(journeys.dfg["n"].sum()) == 24_000
    assert len(journeys.touchpoints) == k
    model = discover(journeys, max_variants=5)
    assert model.variants <= 5
    assert len(journeys.where(filters.contains("touchpoint 0007"))) >= 1


@pytest.mark.parametrize(("k", "dtype"), [(256, np.uint8), (257, np.uint16), (65_536, np.uint16), (65_537, np.uint32)])
def test_codes_do_not_overflow_where_the_next_wider_number_begins(k, dtype):
    names = np.array([f"t{i:05d}" for i in range(k)])
    # Each touchpoint once, by one customer, in alphabetical order, and the first again at the end.
    what = np.append(names, names[0])
    when = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(np.arange(k + 1), unit="s")
    journeys = build_journeys(events_of(["c"] * (k + 1), what, when))
    log = journeys.log
    assert log.touchpoint.dtype == dtype
    assert log.touchpoints == tuple(names)
    assert np.array_equal(log.touchpoint, np.append(np.arange(k), 0))
    edges = journeys.graph
    inner = (edges.source >= 0) & (edges.target >= 0)
    assert np.array_equal(edges.target[inner], np.append(np.arange(1, k), 0))  # the last one leads to the first
    assert set(edges.n.tolist()) == {1}
    assert len(journeys.where(filters.contains(names[-1]))) == 1


def test_more_events_than_a_row_number_holds_are_refused_before_any_work(monkeypatch):
    with pytest.raises(StudyError, match=r"2,147,483,648 events are too many .* put them into partitions"):
        coded.guard(2**31)
    coded.guard(2**31 - 2)
    seen = []
    guard = coded.guard
    monkeypatch.setattr(coded, "guard", lambda n: (seen.append(n), guard(n))[1])
    encode(
        journey=["a"], customer=["a"], timestamp=pd.to_datetime(["2025-01-01"], utc=True), touchpoint=["x"],
        channel=["web"],
    )  # fmt: skip
    assert seen == [1]
