"""What holds for all filters on all logs."""

from dataclasses import replace

import numpy as np
from filter_tables import dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.errors import NotEnoughDataError
from cxmining.journeys import build_journeys, filters

LETTERS, CHANNELS, CUSTOMERS = "abc", ("phone", "web"), "ABCDEF"
events_ = st.tuples(
    st.sampled_from(CUSTOMERS), st.integers(0, 6), st.sampled_from(LETTERS), st.sampled_from(CHANNELS)
)  # fmt: skip
logs = st.lists(events_, min_size=1, max_size=30).map(
    # each letter and channel is there, in both halves of the customers, so that none is unknown
    lambda rows: [*rows, *((who, 7, t, c) for who in "YZ" for t in LETTERS for c in CHANNELS)]
)
names = st.sampled_from([*LETTERS, *(f"{c}: {t}" for t in LETTERS for c in CHANNELS)])
lasting = st.sampled_from([None, "0s", "1D", "36h", "3D"])
bounds = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(sorted)
on_events = st.recursive(
    st.one_of(
        st.sampled_from(CHANNELS).map(lambda c: filters.events(channel=c)),
        st.lists(names, min_size=1).map(lambda t: filters.events(touchpoint=t)),
        st.integers(0, 5).map(lambda d: filters.period(f"2025-01-0{d + 1}", f"2025-01-0{d + 3}", keep="cut")),
        st.sampled_from(["monday", "friday"]).map(lambda d: filters.events(weekday=d)),
    ),
    lambda f: st.one_of(f.map(lambda x: ~x), st.tuples(f, f).map(lambda p: p[0] & p[1]), st.tuples(f, f).map(lambda p: p[0] | p[1])),
    max_leaves=3,
)  # fmt: skip
steps = st.one_of(names, on_events)
leaves = st.one_of(
    steps.map(filters.contains),
    steps.map(filters.starts),
    steps.map(filters.ends),
    st.tuples(steps, st.sampled_from([-2, -1, 1, 2, 3])).map(lambda p: filters.position(*p)),
    st.tuples(steps, steps, lasting).map(lambda p: filters.followed_by(*p)),
    st.tuples(steps, steps, lasting).map(lambda p: filters.directly_followed(*p)),
    st.tuples(steps, bounds).map(lambda p: filters.count(p[0], *p[1])),
    bounds.map(lambda b: filters.n_events(*b)),
    bounds.map(lambda b: filters.duration(f"{b[0]}D", f"{b[1]}D")),
    st.tuples(st.integers(1, 5), st.sampled_from(["inside", "touching", "starting", "ending"])).map(
        lambda p: filters.period(f"2025-01-0{p[0]}", f"2025-01-0{p[0] + 2}", keep=p[1])
    ),
)
local = st.recursive(
    leaves,
    lambda f: st.one_of(f.map(lambda x: ~x), st.tuples(f, f).map(lambda p: p[0] & p[1]), st.tuples(f, f).map(lambda p: p[0] | p[1])),
    max_leaves=4,
)  # fmt: skip
"""Filters that look at one journey at a time."""
whole = st.one_of(local, st.sampled_from([0.1, 0.5, 0.8, 1.0]).map(filters.coverage))
few = settings(max_examples=20, deadline=None)


def mask(journeys, f):
    return filters.mask(journeys, f).tolist()


@given(logs, whole, whole)
@few
def test_de_morgan_double_negation_and_idempotence(rows, f, g):
    journeys = build_journeys(dataset(rows))
    assert mask(journeys, ~(f & g)) == mask(journeys, ~f | ~g)
    assert mask(journeys, ~(f | g)) == mask(journeys, ~f & ~g)
    assert mask(journeys, ~~f) == mask(journeys, f)
    assert mask(journeys, f & f) == mask(journeys, f) == mask(journeys, f | f)
    assert mask(journeys, f & g) == mask(journeys, g & f)


@given(logs, whole)
@few
def test_a_filter_and_its_negation_part_the_journeys(rows, f):
    journeys = build_journeys(dataset(rows))
    left = []
    for g in (f, ~f):
        try:
            left.append(len(journeys.where(g)))
        except NotEnoughDataError:
            left.append(0)
    assert sum(left) == len(journeys)


@given(logs, on_events)
@few
def test_an_event_filter_and_its_negation_part_the_events(rows, f):
    journeys = build_journeys(dataset(rows))
    seen = []
    for g in (f, ~f):
        try:
            thinned = journeys.where(g)
        except NotEnoughDataError:
            continue
        assert (np.diff(thinned.log.offsets) > 0).all()
        assert set(thinned.table["journey_id"]) <= set(journeys.table["journey_id"])
        seen += thinned.log.rows.tolist()
    assert sorted(seen) == sorted(journeys.log.rows.tolist())


@given(whole, on_events)
@settings(max_examples=200, deadline=None)
def test_what_is_printed_reads_back(f, g):
    assert filters.parse(repr(f)) == f
    assert filters.parse(repr(g)) == g


@given(logs, local)
@few
def test_to_filter_and_then_merge_is_to_merge_and_then_filter(rows, f):
    data = dataset(rows)
    half = data.events["customer_id"].isin(list("ABCY"))
    merged = None
    for part in (half, ~half):
        events = data.events[part].reset_index(drop=True)
        try:
            found = build_journeys(replace(data, events=events)).where(f)
        except NotEnoughDataError:
            continue
        summary = (found._variants[0], found.graph)
        merged = summary if merged is None else tuple(a.merge(b) for a, b in zip(merged, summary, strict=True))
    try:
        together = build_journeys(data).where(f)
    except NotEnoughDataError:
        assert merged is None
        return
    assert merged is not None
    assert merged[0].frame().equals(together.variants)
    columns = ["source", "target", "n"]
    expected = together.dfg.sort_values(columns, ignore_index=True)[columns]
    assert merged[1].frame().sort_values(columns, ignore_index=True)[columns].equals(expected)


@given(logs, whole, st.randoms(use_true_random=False))
@few
def test_the_order_of_the_rows_does_not_matter(rows, f, random):
    # ties in time are ordered by the source: give each event its own minute
    apart = [(c, t + i / 1440, touch, ch) for i, (c, t, touch, ch) in enumerate(rows)]
    shuffled = apart.copy()
    random.shuffle(shuffled)
    found = []
    for some in (apart, shuffled):
        journeys = build_journeys(dataset(some))
        found.append(sorted(journeys.table["customer_id"][filters.mask(journeys, f)]))
    assert found[0] == found[1]
