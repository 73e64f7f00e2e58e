"""Shares and net shares: the textbook where all answers weigh the same, brute force and hand work where not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize
from scipy import stats as oracle

from cxmining.errors import StudyError
from cxmining.stats import design_of, effective_n, mean_interval, net_share, nps, scale_mean, share_interval, wilson


def score_test(up: int, down: int, n: int, delta: float) -> float:
    """Tango's statistic by maximising the multinomial likelihood numerically under p - d = delta."""
    same = n - up - down

    def loss(d: float) -> float:
        shares = np.array([d + delta, d, 1 - 2 * d - delta])
        if (shares < 0).any():
            return 1e9
        counts = np.array([up, down, same])
        return -float((counts[counts > 0] * np.log(np.maximum(shares[counts > 0], 1e-300))).sum())

    lowest, highest = max(0.0, -delta), (1 - delta) / 2
    d = optimize.minimize_scalar(loss, bounds=(lowest, highest), method="bounded", options={"xatol": 1e-12}).x
    variance = (2 * d + delta - delta**2) / n
    return ((up - down) / n - delta) / math.sqrt(variance)


@pytest.mark.parametrize(("up", "down", "n"), [(4, 4, 10), (25, 3, 40), (3, 12, 30), (60, 10, 100)])
def test_tango_by_brute_force(up, down, n):
    found = net_share([1] * up + [-1] * down + [0] * (n - up - down))
    assert score_test(up, down, n, found.low) == pytest.approx(1.959964, abs=1e-3)
    assert score_test(up, down, n, found.high) == pytest.approx(-1.959964, abs=1e-3)


def test_all_promoters_is_twice_wilson_less_one():
    # with no detractor seen the least favourable rest are detractors: p - d = 2p - 1
    assert net_share([1] * 30).low == pytest.approx(2 * wilson(30, 30).low - 1, abs=1e-9)
    assert net_share([-1] * 7).high == pytest.approx(1 - 2 * wilson(7, 7).low, abs=1e-9)


def test_large_samples_are_the_wald_interval():
    points = [1] * 4000 + [-1] * 2000 + [0] * 4000
    half = 1.959964 * math.sqrt((0.6 - 0.04) / 10_000)
    found = net_share(points)
    assert (found.low, found.high) == (pytest.approx(0.2 - half, abs=2e-4), pytest.approx(0.2 + half, abs=2e-4))


@settings(max_examples=40)
@given(hits=st.lists(st.integers(0, 1), min_size=1, max_size=40))
def test_a_plain_share_is_wilson(hits):
    found, plain = share_interval(hits), wilson(sum(hits), len(hits))
    assert tuple(found) == pytest.approx(tuple(plain))
    assert tuple(share_interval(hits, [2.5] * len(hits), range(len(hits)))) == pytest.approx(tuple(plain))


def test_answers_of_one_customer_add_nothing():
    # each customer says the same thing four times: as precise as one answer each, and no more
    hits = [1, 1, 0, 1, 0, 0, 1, 1, 1, 0]
    once = share_interval(hits)
    often = share_interval(np.repeat(hits, 4), cluster=np.repeat(range(10), 4))
    assert often.n == 40
    assert often.high - often.low >= once.high - once.low - 0.02
    plain = share_interval(np.repeat(hits, 4))
    assert plain.high - plain.low < 0.7 * (often.high - often.low)


def test_weights_by_hand():
    # 1 of weight 3 and three of weight 1 each: share 3/6; effective n = 36/12 = 3
    found = share_interval([1, 0, 0, 0], [3, 1, 1, 1])
    assert found.value == pytest.approx(0.5)
    assert design_of([1, 0, 0, 0], [3, 1, 1, 1]).effective == effective_n([3, 1, 1, 1]) == 3
    # errors .5·3, -.5 ×3: squares 2.25 + .75 = 3; times 3/2 over 36
    assert design_of([1, 0, 0, 0], [3, 1, 1, 1]).variance == pytest.approx(1.5 * 3 / 36)
    assert found.high - found.low > wilson(2, 4).high - wilson(2, 4).low


def test_a_mean_on_a_scale_is_the_t_interval_within_it():
    values = [3.0, 4, 4, 5, 2, 3]
    found = scale_mean(values, (1, 5))
    assert (found.low, found.high) == pytest.approx(oracle.t.interval(0.95, 5, np.mean(values), oracle.sem(values)))
    assert tuple(found) == pytest.approx(tuple(mean_interval(values)))
    assert scale_mean([5, 5, 4], (1, 5)).high == 5
    one = scale_mean([4], (1, 5))
    assert (one.value, one.n, math.isnan(one.low)) == (4, 1, True)
    same = scale_mean([3] * 4, (1, 5), cluster=["a"] * 4)
    assert math.isnan(same.low)  # one customer
    nobody = scale_mean([None, None], (1, 5))
    assert (math.isnan(nobody.value), nobody.n) == (True, 0)


def test_a_missing_customer_is_somebody():
    found = design_of([1, 2, 3, 4], cluster=["a", None, None, "a"])
    assert (found.people, found.n) == (3, 4)


def test_a_negative_weight_is_refused():
    with pytest.raises(StudyError, match="must not be negative"):
        share_interval([1, 0], [1, -1])


def test_nps_by_customers_is_wider():
    scores = [10, 10, 10, 0, 0, 0, 9, 7, 8, 10, 3, 6]
    who = [1, 1, 1, 2, 2, 2, 3, 4, 5, 6, 7, 8]
    assert nps(scores, cluster=who).low < nps(scores).low
    assert nps(scores, cluster=who).value == nps(scores).value
