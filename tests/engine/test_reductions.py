"""What the reductions count, by hand; and the law that merging parts gives the whole."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.engine import (
    Samples,
    count_touchpoints,
    count_variants,
    encode,
    follow,
    journey_counts,
    split_sessions,
)
from cxmining.engine import variants as variants_module

HOUR = 3_600_000_000


def log_of(events):
    """Events are (customer, journey, hours, touchpoint, channel)."""
    customer, journey, hour, touchpoint, channel = (list(c) for c in zip(*events, strict=True))
    return encode(
        journey=[f"{c}/{j}" for c, j in zip(customer, journey, strict=True)],
        customer=customer,
        timestamp=pd.to_datetime("2025-01-01", utc=True) + pd.to_timedelta(hour, unit="h"),
        touchpoint=touchpoint,
        channel=channel,
    )


LOG = log_of(
    [
        ("ann", 1, 0, "buy", "web"),
        ("ann", 1, 2, "call", "phone"),
        ("ann", 1, 6, "call", "chat"),
        ("ann", 2, 9, "buy", "web"),
        ("ann", 2, 15, "call", "phone"),
        ("bob", 1, 1, "buy", "web"),
        ("bob", 1, 2, "call", "phone"),
        ("bob", 1, 3, "call", "phone"),
        ("bob", 1, 5, "call", "phone"),
    ]
)


def test_the_graph_counts_steps_journeys_and_people_and_keeps_exact_waits():
    frame = follow(LOG).frame().set_index(["source", "target"])
    assert frame[["n", "journeys", "customers"]].to_dict("index") == {
        ("(start)", "buy"): {"n": 3, "journeys": 3, "customers": 2},
        ("buy", "call"): {"n": 3, "journeys": 3, "customers": 2},
        ("call", "call"): {"n": 3, "journeys": 2, "customers": 2},
        ("call", "(end)"): {"n": 3, "journeys": 3, "customers": 2},
    }
    # waits of buy → call: 2, 6 and 1 hours; of call → call: 4, 1 and 2 hours
    assert frame.loc[("buy", "call"), ["median_s", "mean_s", "p90_s"]].tolist() == [7200, 10800, 3600 * 5.2]
    assert frame.loc[("call", "call"), "median_s"] == 7200
    assert frame.loc[("call", "(end)"), ["median_s", "mean_s", "p90_s"]].isna().all()


def test_variants_are_counted_with_people_coverage_and_duration():
    frame = count_variants(LOG)[0].frame()
    assert frame["touchpoints"].tolist() == [("buy", "call"), ("buy", "call", "call"), ("buy", "call", "call", "call")]
    assert frame["journeys"].tolist() == [1, 1, 1]
    assert frame["cumulative"].tolist() == pytest.approx([1 / 3, 2 / 3, 1])
    assert frame["median_duration_s"].tolist() == [6 * 3600, 6 * 3600, 4 * 3600]


def test_a_variant_keeps_its_name_in_another_log():
    alone = count_variants(log_of([("zoe", 1, 0, "buy", "web"), ("zoe", 1, 1, "call", "web")]))[0]
    assert alone.ids[0] in count_variants(LOG)[0].ids


def test_touchpoints_by_channel_journeys_and_people():
    counts = count_touchpoints(LOG)
    assert counts.touchpoints == ("buy", "call")
    assert counts.channels == ("chat", "phone", "web")
    assert counts.events.tolist() == [[0, 0, 3], [1, 5, 0]]
    assert counts.journeys.tolist() == [3, 3]
    assert counts.customers.tolist() == [2, 2]
    assert journey_counts(LOG).toarray().tolist() == [[1, 2], [1, 1], [1, 3]]


def test_sequences_that_share_a_hash_are_told_apart(monkeypatch):
    monkeypatch.setattr(variants_module, "_hash", lambda codes, offsets: np.zeros(len(offsets) - 1, np.uint64))
    log = log_of(
        [
            (c, 1, h, t, "web")
            for c, walk in zip("abcd", ["xy", "yx", "xy", "x"], strict=True)
            for h, t in enumerate(walk)
        ]
    )
    found, number = count_variants(log)
    assert found.sequences == [("x", "y"), ("y", "x"), ("x",)]
    assert number.tolist() == [0, 1, 0, 2]
    assert found.journeys.tolist() == [2, 1, 1]


def test_thue_morse_words_are_told_apart_by_the_hash_itself():
    # They break every polynomial hash modulo 2^64; ours must not be one.
    word, other = "x", "y"
    for _ in range(11):
        word, other = word + other, other + word
    codes = np.array([c == "x" for c in word + other], dtype=np.uint8)
    hashes = variants_module._hash(codes, np.array([0, len(word), 2 * len(word)]))
    assert hashes[0] != hashes[1]


def test_many_touchpoints_and_wide_waits_take_the_other_paths():
    r = np.random.default_rng(5)
    many = log_of([(int(c), 1, int(h), f"t{t}", "web") for c, h, t in r.integers(0, [5, 99, 3000], (60, 3))])
    assert follow(many).n.sum() == 60 + many.n_journeys  # 3,000² possible edges: none is tabled
    wide = Samples.of(np.array([0, 1, 0]), np.array([2**62, 5, 7]), 2)
    assert wide.values.tolist() == [7, 2**62, 5]


events = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.integers(0, 1),
        st.integers(0, 90),
        st.sampled_from("pqrs"),
        st.sampled_from(["web", "mail"]),
    ),
    min_size=1,
    max_size=40,
)


def frames(log):
    counts = count_touchpoints(log)
    return [follow(log), count_variants(log)[0], counts]


def same(a, b):
    for left, right in zip(a, b, strict=True):
        if hasattr(left, "frame"):
            pd.testing.assert_frame_equal(left.frame(), right.frame(), check_exact=True)
        else:
            for name, value in vars(left).items():
                assert np.array_equal(value, getattr(right, name)), name


@settings(max_examples=60, deadline=None)
@given(events, st.lists(st.integers(0, 2), min_size=6, max_size=6), st.permutations(range(3)))
def test_merged_parts_are_the_whole_however_customers_are_split_and_parts_are_ordered(rows, part_of, order):
    rows = [(c, j, h, t + str(part_of[c] % 2), ch) for c, j, h, t, ch in rows]  # parts have dictionaries of their own
    whole = frames(log_of(rows))
    parts = [frames(log_of(some)) for p in order if (some := [r for r in rows if part_of[r[0]] == p])]
    left = parts[0]
    for part in parts[1:]:
        left = [a.merge(b) for a, b in zip(left, part, strict=True)]
    same(left, whole)
    right = parts[-1]
    for part in reversed(parts[:-1]):
        right = [a.merge(b) for a, b in zip(part, right, strict=True)]
    same(right, whole)


@settings(max_examples=60, deadline=None)
@given(events, st.integers(1, 40))
def test_counts_agree_with_counting_one_by_one(rows, gap):
    log = split_sessions(log_of(rows), gap * HOUR)
    walks, times = [], []
    for journey in sorted({(c, j) for c, j, *_ in rows}):
        own = sorted(((h, i, t) for i, (c, j, h, t, _) in enumerate(rows) if (c, j) == journey))
        for k, (h, _, t) in enumerate(own):
            if k == 0 or h - own[k - 1][0] > gap:
                walks.append([])
                times.append([])
            walks[-1].append(t)
            times[-1].append(h)
    variants, number = count_variants(log)
    assert len(number) == len(walks)
    assert dict(zip(variants.sequences, variants.journeys, strict=True)) == {
        w: sum(tuple(x) == w for x in walks) for w in {tuple(x) for x in walks}
    }
    pairs = {}
    for walk, time in zip(walks, times, strict=True):
        for a, b, wait in zip(walk, walk[1:], np.diff(time), strict=False):
            pairs.setdefault((a, b), []).append(wait * 3600)
    edges = follow(log).frame()
    inner = edges[edges["median_s"].notna()]
    assert {(s, t): n for s, t, n in zip(inner["source"], inner["target"], inner["n"], strict=True)} == {
        k: len(v) for k, v in pairs.items()
    }
    for s, t, median, p90 in zip(inner["source"], inner["target"], inner["median_s"], inner["p90_s"], strict=True):
        assert median == pytest.approx(np.median(pairs[s, t]))
        assert p90 == pytest.approx(np.quantile(pairs[s, t], 0.9))
