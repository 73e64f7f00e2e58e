"""What is kept per journey answers as the passes over events do."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.engine import count_variants, encode, masks
from cxmining.engine.traits import Traits, bits_of

DAY = 86_400_000_000
EVENTS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=30)


def log_of(rows):
    """One event a day, in the order of the rows: journey, touchpoint, channel."""
    return encode(
        journey=[f"j{j}" for j, _, _ in rows], customer=[f"c{j // 2}" for j, _, _ in rows],
        touchpoint=[f"t{t}" for _, t, _ in rows], channel=[f"h{c}" for _, _, c in rows],
        timestamp=pd.date_range("2025-01-01", periods=len(rows), tz="UTC"),
    )  # fmt: skip


@pytest.fixture(scope="module")
def compiled():
    patch = pytest.MonkeyPatch()
    patch.setattr("cxmining.engine.traits.COMPILED_FROM", 0)
    yield
    patch.undo()


@given(EVENTS, st.data())
@settings(max_examples=60)
def test_bits_and_ends_say_what_the_masks_say(rows, data):
    log = log_of(rows)
    traits = Traits(log)
    some = data.draw(st.sets(st.integers(0, len(log.touchpoints) - 1), min_size=1))
    events = np.isin(log.touchpoint, list(some))
    assert traits.touchpoints.any_of(sorted(some)).tolist() == masks.contains(log, events).tolist()
    assert np.isin(traits.first, list(some)).tolist() == masks.starts_with(log, events).tolist()
    assert np.isin(traits.last, list(some)).tolist() == masks.ends_with(log, events).tolist()
    assert traits.channels.any_of([0]).tolist() == masks.contains(log, log.channel == 0).tolist()
    assert traits.duration.tolist() == log.duration.tolist()


@given(EVENTS, st.booleans(), st.sampled_from([None, 0, DAY, 4 * DAY]), st.data())
@settings(max_examples=60)
def test_one_after_another_is_found_alike(compiled, rows, direct, within, data):
    log = log_of(rows)
    codes = st.sets(st.integers(0, len(log.touchpoints) - 1), min_size=1).map(sorted)
    a, b = data.draw(codes), data.draw(codes)
    slow = masks.followed_by(
        log, np.isin(log.touchpoint, a), np.isin(log.touchpoint, b), direct=direct, within_us=within
    )
    assert Traits(log).followed_by(a, b, direct, within).tolist() == slow.tolist()


def test_an_event_does_not_follow_itself(compiled):
    # a: call; b: call, call two days later; c: call, buy, call
    log = log_of([(0, 1, 0), (2, 1, 0), (2, 2, 0), (2, 1, 0), (1, 1, 0), (1, 1, 0)])
    call = log.touchpoints.index("t1")
    assert Traits(log).followed_by([call], [call]).tolist() == [False, True, True]
    assert Traits(log).followed_by([call], [call], direct=True).tolist() == [False, True, False]
    assert Traits(log).followed_by([call], [call], within_us=DAY).tolist() == [False, True, False]


@pytest.mark.parametrize("size", [1, 8, 9, 64, 65, 130])
def test_every_code_has_a_bit_of_its_own(size):
    codes = np.arange(size)
    bits = bits_of(codes, np.arange(size + 1), size)  # journey i holds code i alone
    for code in {0, size // 2, size - 1}:
        assert np.flatnonzero(bits.any_of([code])).tolist() == [code]
    assert bits.any_of([0, size - 1]).sum() == len({0, size - 1})
    assert not bits.any_of([]).any()
    # a code below 0 is the last: unknown
    assert bits_of(np.array([-1]), np.array([0, 1]), size).any_of([size - 1]).tolist() == [True]


@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=70), min_size=1, max_size=12), st.booleans())
@settings(max_examples=60)
def test_variants_rank_by_frequency_and_then_by_their_touchpoints(journeys, long):
    # a common beginning that is longer than what is compared as numbers
    journeys = [[0] * 70 + j for j in journeys] if long else journeys
    found, _ = count_variants(log_of([(i, t, 0) for i, j in enumerate(journeys) for t in j]))
    frequency, names = found.journeys.tolist(), found.sequences
    expected = sorted(range(len(names)), key=lambda v: (-frequency[v], names[v]))
    assert np.argsort(found.rank).tolist() == expected
