"""How far apart journeys are, by hand, by law, and as rapidfuzz says it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from cxmining.journeys.grouping.distance import OTHER_CHANNEL, OTHER_PACE, EditCosts, _weighted, edit_distances
from cxmining.journeys.grouping.forms import BINS, Steps

# Step 0: invoice by mail, 1: invoice by post, 2: call by phone, 3: chat.
PAIRS = np.array([[0, 0], [0, 1], [1, 2], [2, 3]])
INVOICE, POST, CALL, CHAT = range(4)


def log(*journeys):
    step = np.concatenate([np.array(j, dtype=np.int64) for j in journeys])
    offsets = np.concatenate([[0], np.cumsum([len(j) for j in journeys])]).astype(np.int64)
    return Steps(step, np.zeros(len(step)), offsets, PAIRS)


def raw(a, b, costs, bins=None):
    symbol = np.array([*a, *b], dtype=np.int64) * BINS
    if bins is not None:
        symbol += np.array(bins)
    offsets = np.array([0, len(a), len(a) + len(b)])
    return float(_weighted(symbol, offsets, np.array([0]), np.array([1]), costs)[0, 0])


def test_costs_come_from_transitions_and_channels():
    # Invoice (either channel) is left three times: twice for a call, once for a chat; call and chat are never left.
    costs = EditCosts.of(log([INVOICE, CALL], [POST, CALL], [INVOICE, CHAT])).steps
    assert costs[INVOICE, POST] == OTHER_CHANNEL == 0.5
    assert costs[INVOICE, CALL] == pytest.approx(2 - 2 / 3)
    assert costs[POST, CALL] == pytest.approx(2 - 2 / 3)
    assert costs[INVOICE, CHAT] == pytest.approx(2 - 1 / 3)
    assert costs[CALL, CHAT] == 2.0
    assert (costs == costs.T).all()
    assert (np.diag(costs) == 0).all()


def test_a_journey_is_turned_into_another_in_the_cheapest_way():
    costs = EditCosts.of(log([INVOICE], [POST], [CALL], [CHAT]))  # nothing follows anything: all others cost 2
    assert raw([INVOICE, CALL], [POST, CALL], costs) == 0.5  # the other channel
    assert raw([INVOICE, CALL], [CALL], costs) == 1.0  # the invoice left out
    assert raw([INVOICE], [CALL], costs) == 2.0  # exchanged, or out and in: the same
    assert raw([INVOICE, CALL, CHAT], [POST, CHAT, CALL], costs) == 2.5  # channel, and the chat out and in again
    # A call within the hour (gap class 1) against one after more than a week (4): three of four classes.
    assert raw([INVOICE, CALL], [INVOICE, CALL], costs, [0, 1, 0, 4]) == pytest.approx(OTHER_PACE * 3 / 4)


def test_the_share_of_the_lengths_that_is_not_shared():
    costs = EditCosts.of(log([INVOICE], [POST], [CALL], [CHAT]))
    symbol, offsets = np.array([INVOICE, CALL, POST, CALL, CHAT]) * BINS, np.array([0, 2, 4, 5])
    found = edit_distances(symbol, offsets, np.arange(3), np.arange(3), costs)
    # .5 of lengths 2 and 2: 2 · .5 / (4 + .5); nothing in common, 3 of lengths 2 and 1: 2 · 3 / (3 + 3).
    assert found == pytest.approx(np.array([[0, 1 / 4.5, 1], [1 / 4.5, 0, 1], [1, 1, 0]]))


journey = st.lists(st.integers(0, 3), min_size=1, max_size=9)


@settings(max_examples=150, deadline=None)
@given(a=journey, b=journey)
def test_with_equal_costs_it_is_levenshteins(a, b):
    assert raw(a, b, EditCosts.uniform(4)) == Levenshtein.distance(a, b)
    symbol, offsets = np.array([*a, *b]) * BINS, np.array([0, len(a), len(a) + len(b)])
    d = Levenshtein.distance(a, b)
    through = edit_distances(symbol, offsets, np.array([0]), np.array([1]), EditCosts.uniform(4))[0, 0]
    assert through == pytest.approx(2 * d / (len(a) + len(b) + d))


@settings(max_examples=100, deadline=None)
@given(a=journey, b=journey, c=journey, seen=st.lists(journey, min_size=1, max_size=6))
def test_it_is_a_distance_whatever_the_log(a, b, c, seen):
    for costs in (EditCosts.uniform(4), EditCosts.of(log(*seen, [INVOICE, POST, CALL, CHAT]))):
        for plain in (True, False):

            def d(x, y, costs=costs, plain=plain):
                if plain:
                    return raw(x, y, costs)
                symbol, offsets = np.array([*x, *y]) * BINS, np.array([0, len(x), len(x) + len(y)])
                return edit_distances(symbol, offsets, np.array([0]), np.array([1]), costs)[0, 0]

            assert d(a, b) == pytest.approx(d(b, a), abs=1e-8)
            assert d(a, a) == 0
            assert (d(a, b) > 0) == (a != b)
            assert d(a, c) <= d(a, b) + d(b, c) + 1e-8


def test_many_at_once_are_what_each_is_alone():
    rng = np.random.default_rng(4)
    journeys = [rng.integers(0, 4, int(rng.integers(1, 30))).tolist() for _ in range(40)]
    costs = EditCosts.of(log(*journeys))
    symbol = np.concatenate([np.array(j) for j in journeys]) * BINS
    offsets = np.concatenate([[0], np.cumsum([len(j) for j in journeys])])
    together = _weighted(symbol, offsets, np.arange(40), np.arange(40), costs)
    alone = [[raw(a, b, costs) for b in journeys] for a in journeys]
    assert together == pytest.approx(np.array(alone))


def test_more_steps_than_rates_can_be_told_of_cost_the_same():
    n = 700
    pairs = np.column_stack([np.arange(n), np.zeros(n, dtype=np.int64)])
    costs = EditCosts.of(Steps(np.arange(n), np.zeros(n), np.array([0, n]), pairs)).steps
    assert costs[0, 1] == 2.0
    assert costs[0, 0] == 0.0
