"""Logs that break engines: borders of the codes, one huge journey, no time at all, times before 1970, 2^31 events."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.engine import (
    CodedLog,
    Samples,
    asof,
    count_edges,
    count_touchpoints,
    count_variants,
    encode,
    follow,
    journey_counts,
    keys,
    split_sessions,
)
from cxmining.engine import coded as coded_module
from cxmining.engine import graph as graph_module
from cxmining.engine import samples as samples_module
from cxmining.engine import visits as visits_module
from cxmining.errors import StudyError


def log_of(journey, touchpoint, time, customer=None, touchpoints=None):
    """A log of codes: journeys ascend, times in microseconds ascend in each."""
    journey, touchpoint, time = np.asarray(journey), np.asarray(touchpoint), np.asarray(time, dtype=np.int64)
    names = tuple(f"t{i:06d}" for i in range(touchpoints or int(touchpoint.max()) + 1))
    offsets = np.append(np.flatnonzero(np.diff(journey, prepend=-1)), len(journey))
    return CodedLog(
        names, ("web",), touchpoint.astype(np.min_scalar_type(len(names) - 1)), np.zeros(len(journey), np.uint8),
        time, offsets, np.arange(len(offsets) - 1) if customer is None else np.asarray(customer), np.arange(len(journey)),
    )  # fmt: skip


@pytest.mark.parametrize("k", [15, 16, 17, 255, 256, 257, 65_535, 65_536, 65_537])
def test_codes_of_pairs_hold_at_the_borders_of_the_integer_types(k):
    # 16² = 256, 256² = 65,536 and 65,536² = 2^32 pairs do not fit where 15², 255² and 65,535² do.
    log = log_of([0, 0, 0, 1, 1], [k - 1, k - 1, 0, k - 1, k - 2], [0, 5, 7, 0, 3], touchpoints=k)
    frame = follow(log).frame()
    last, before, first = f"t{k - 1:06d}", f"t{k - 2:06d}", "t000000"
    edges = {(s, t): (n, j) for s, t, n, j in frame[["source", "target", "n", "journeys"]].itertuples(index=False)}
    assert edges == {
        ("(start)", last): (2, 2),
        (last, last): (1, 1),
        (last, first): (1, 1),
        (last, before): (1, 1),
        (first, "(end)"): (1, 1),
        (before, "(end)"): (1, 1),
    }
    assert count_variants(log)[0].sequences == [(last, last, first), (last, before)]
    assert [x.tolist() for x in count_edges(log)] == [[k - 1, k - 1, k - 1], [0, k - 2, k - 1], [1, 1, 1]]
    assert journey_counts(log)[[0], [k - 1]].tolist() == [2]
    counts = count_touchpoints(log)
    assert (counts.events.sum(), counts.journeys.sum()) == (5, 4)


def test_five_thousand_touchpoints_need_no_table_of_their_pairs():
    import tracemalloc

    r = np.random.default_rng(1)
    journey = np.sort(r.integers(0, 3000, 20_000))
    log = log_of(journey, r.integers(0, 5000, 20_000), np.arange(20_000), touchpoints=5000)
    tracemalloc.start()
    graph = follow(log)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert graph.n.sum() == len(log) + log.n_journeys
    assert used < 30e6  # 5,000² counts alone are 200 MB


def test_the_table_of_edges_and_the_list_of_edges_agree(monkeypatch):
    r = np.random.default_rng(2)
    journey = np.sort(r.integers(0, 300, 4000))
    log = log_of(journey, r.integers(0, 9, 4000), np.arange(4000) ** 2)
    tabled = follow(log).frame()
    monkeypatch.setattr(graph_module, "TABLE", 0)
    pd.testing.assert_frame_equal(follow(log).frame(), tabled)


def test_blocks_part_no_customer(monkeypatch):
    r = np.random.default_rng(3)
    journey = np.sort(r.integers(0, 300, 4000))
    n = len(np.unique(journey))
    log = log_of(journey, r.integers(0, 9, 4000), np.arange(4000), customer=np.sort(r.integers(0, 40, n)))
    whole, counts, matrix = follow(log).frame(), count_touchpoints(log), journey_counts(log).toarray()
    monkeypatch.setattr(visits_module, "BLOCK", 64)
    pd.testing.assert_frame_equal(follow(log).frame(), whole)
    assert np.array_equal(count_touchpoints(log).customers, counts.customers)
    assert np.array_equal(journey_counts(log).toarray(), matrix)


def test_one_journey_of_a_hundred_thousand_events():
    n = 100_000
    log = log_of(np.zeros(n), np.arange(n) % 3, np.arange(n) * 1_000_000)
    frame = follow(log).frame().set_index(["source", "target"])
    assert frame.loc[("t000000", "t000001"), ["n", "journeys", "customers"]].tolist() == [33_333, 1, 1]
    assert frame["median_s"].dropna().eq(1).all()
    assert count_variants(log)[0].journeys.tolist() == [1]
    assert journey_counts(log).toarray().tolist() == [[33_334, 33_333, 33_333]]


def test_all_events_at_one_instant_and_one_event():
    log = log_of([0, 0, 0, 1], [0, 1, 0, 1], [-5] * 4)
    assert follow(log).frame()["median_s"].dropna().tolist() == [0, 0]
    assert split_sessions(log, 0).offsets.tolist() == [0, 3, 4]
    one = log_of([0], [0], [-1])
    assert follow(one).n.tolist() == [1, 1]
    assert split_sessions(one, 0).n_journeys == 1
    assert asof(one, [0, 0, 7], [-2, -1, 5]).tolist() == [-1, 0, -1]


def test_times_far_apart_and_before_1970_keep_exact_medians():
    year = 365 * 86_400_000_000
    log = log_of([0, 0, 0, 1, 1], [0, 1, 0, 0, 1], [-290_000 * year, -3, 290_000 * year, -7, -2])
    frame = follow(log).frame().set_index(["source", "target"])
    assert frame.loc[("t000000", "t000001"), "median_s"] == pytest.approx((290_000 * year - 3 + 5) / 2 / 1e6)


def test_samples_take_values_of_any_sign_and_count_repeats():
    group, values = np.array([1, 0, 1, 1, 0]), np.array([-5, -(2**62), -5, 3, 2**62])
    samples = Samples.of(group, values, 3)
    assert samples.values.tolist() == [-(2**62), 2**62, -5, 3]
    assert samples.counts.tolist() == [1, 1, 2, 1]
    assert samples.n.tolist() == [2, 3, 0]
    assert samples.quantile(0.5)[:2].tolist() == [0, -5]
    assert samples.mean()[:2].tolist() == [0, -7 / 3]
    rounded = samples.rounded()
    assert rounded.values.tolist() == rounded.rounded().values.tolist()
    assert np.abs(rounded.values / samples.values - 1).max() <= 2**-8


@pytest.mark.parametrize("block", [1, 2, 3, 7])
def test_repeats_are_counted_across_blocks(monkeypatch, block):
    monkeypatch.setattr(samples_module, "BLOCK", block)
    r = np.random.default_rng(block)
    for top, n in [(3, 40), (1, 20), (10**6, 20), (40, 40)]:
        values, group = r.integers(0, top, n), r.integers(0, 3, n)
        samples = Samples.of(group, values, 3)
        for g in range(3):
            own = slice(samples.offsets[g], samples.offsets[g + 1])
            expected = np.unique(values[group == g], return_counts=True)
            assert samples.values[own].tolist() == expected[0].tolist()
            assert samples.counts[own].tolist() == expected[1].tolist()


def test_a_journey_out_of_time_order_across_all_of_time_is_repaired():
    days = pd.to_datetime(["2262-01-01", "1678-01-01", "1969-12-31", "2262-01-01"], utc=True)
    log = encode(
        journey=list("aaab"), customer=list("aaab"), timestamp=days, touchpoint=list("xyzx"), channel=["w"] * 4
    )
    assert log.rows.tolist() == [1, 2, 0, 3]


def test_two_thousand_million_events_are_refused_before_memory_is_taken(monkeypatch):
    with pytest.raises(StudyError, match=r"2,147,483,647 events are too many for one coded log.* partitions"):
        coded_module.guard(2**31 - 1)
    monkeypatch.setattr(coded_module, "LIMIT", 2)
    with pytest.raises(StudyError, match="2 events are too many"):
        encode(
            journey=["a", "a"], customer=["a", "a"], timestamp=pd.to_datetime([0, 1], utc=True), touchpoint=["x", "x"],
            channel=["w", "w"],
        )  # fmt: skip


def test_ids_whose_hashes_collide_are_told_apart(monkeypatch):
    monkeypatch.setattr(keys, "_hash", lambda words: np.zeros(len(words), np.uint64))
    names = ["a long id, number one", "a long id, number two", "a", "a long id, number one", "a\x00"]
    assert keys.number(names)[0].tolist() == [0, 1, 2, 0, 3]


@pytest.mark.parametrize(
    "make",
    [
        list,
        pd.Series,
        lambda v: pd.Series(v, dtype="str"),
        lambda v: pd.Series(v, dtype="object", index=[9] * len(v)),
        lambda v: pd.Series(v, dtype="string[python]"),
        lambda v: pd.Series(v, dtype="category"),
        lambda v: pd.Series(pd.Categorical(v, categories=["zz", "b", "é", "a", "a long id, number two"])),
    ],
)
def test_text_of_any_pandas_kind_is_numbered_alike(make):
    values = ["b", None, "é", "b", "a long id, number two", "a"]
    numbers, n = keys.number(make(values))
    assert (numbers.tolist(), n) == ([0, -1, 1, 0, 2, 3], 4)


@pytest.mark.parametrize("values", [[1, "1", None, 1.0], [2.5, float("nan"), 2.5], [True, False], [None, None]])
def test_keys_that_are_no_text_are_numbered_as_pandas_does(values):
    assert keys.number(values)[0].tolist() == pd.factorize(pd.Series(values))[0].tolist()


def test_an_answer_finds_the_last_event_of_the_customer_over_all_journeys():
    # Two journeys of customer 0 overlap: hours 1, 5 and 2, 3.
    log = log_of([0, 0, 1, 1, 2], [0] * 5, [1, 5, 2, 3, 4], customer=[0, 0, 1])
    assert asof(log, [0] * 7 + [1, 1, -1], [0, 1, 2, 3, 4, 5, 9, 3, 4, 9]).tolist() == [-1, 0, 2, 3, 3, 1, 1, -1, 4, -1]


def test_as_of_agrees_with_merge_asof_of_pandas():
    r = np.random.default_rng(4)
    journey = np.sort(r.integers(0, 200, 2000))
    log = log_of(journey, r.integers(0, 3, 2000), np.sort(r.integers(-900, 900, 2000)))
    n = log.n_journeys
    people, moments = r.integers(0, n, 500), r.integers(-1000, 1000, 500)
    events = pd.DataFrame({"t": log.time, "c": log.customer[log.journey], "event": np.arange(len(log))})
    asked = pd.DataFrame({"t": moments, "c": people}).sort_values("t", kind="stable")
    found = pd.merge_asof(asked, events.sort_values("t", kind="stable"), on="t", by="c")["event"].fillna(-1)
    assert asof(log, asked["c"], asked["t"]).tolist() == found.astype(int).tolist()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from([-(2**62), -3, 0, 1, 2, 999, 1000, 2**40, 2**62]))),
    st.lists(st.booleans(), min_size=60, max_size=60),
    st.one_of(st.none(), st.integers(0, 6)),
)
def test_samples_merge_to_what_they_are_together(pairs, side, budget):
    def of(chosen):
        group, values = [p[0] for p in chosen], [p[1] for p in chosen]
        return Samples.of(np.array(group, np.int64), np.array(values, np.int64), 3).within(budget)

    same = np.arange(3)
    left = of([p for p, s in zip(pairs, side, strict=False) if s])
    right = of([p for p, s in zip(pairs, side, strict=False) if not s])
    whole = of(pairs[:60])
    for merged in (left.merge(right, same, same, 3), right.merge(left, same, same, 3)):
        assert merged.error == whole.error
        for name in ("values", "offsets", "counts"):
            assert getattr(merged, name).tolist() == getattr(whole, name).tolist()
