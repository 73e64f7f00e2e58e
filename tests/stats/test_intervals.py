"""Intervals against hand-worked numbers, tables and scipy."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as oracle

from cxmining.errors import StudyError
from cxmining.stats import benjamini_hochberg, effective_n, grouped_mean, mean_interval, nps, scale_mean, wilson


def test_mean_of_three_by_hand():
    # mean 8, sd 1, se 1/√3 = .57735, t(2, .975) = 4.30265: 8 ± 2.48414
    mean, low, high, n = mean_interval([7, 8, 9])
    assert (mean, n) == (8, 3)
    assert low == pytest.approx(5.51586, abs=1e-5)
    assert high == pytest.approx(10.48414, abs=1e-5)


def test_weighted_mean_by_hand():
    # weights 2,1,1: mean (14+8+9)/4 = 7.75; n_eff 16/6 = 8/3; weighted variance (2·.5625+.0625+1.5625)/4 = .6875;
    # se² = .6875/(8/3-1) = .4125; t with 5/3 degrees of freedom
    mean, low, high, n = mean_interval([7, 8, 9], [2, 1, 1])
    half = oracle.t.ppf(0.975, 5 / 3) * math.sqrt(0.4125)
    assert (mean, n) == (7.75, 3)
    assert (low, high) == (pytest.approx(7.75 - half), pytest.approx(7.75 + half))


def test_too_little_to_know_the_spread():
    assert all(math.isnan(v) for v in mean_interval([])[:3])
    assert mean_interval([]).n == 0
    value, low, high, n = mean_interval([4, None])
    assert (value, n) == (4, 1)
    assert math.isnan(low)
    assert math.isnan(high)
    assert math.isnan(mean_interval([4, 5], [1, 0]).low)  # only one weighs anything
    assert math.isnan(nps([9]).low)
    assert math.isnan(wilson(0, 0).high)
    one = pd.DataFrame({"g": ["a"] * 3, "x": [1.0, 2.0, 3.0], "who": [7, 7, 7]})
    assert grouped_mean(one, "g", "x", cluster="who")["low"].isna().all()  # one customer, however often


def test_one_customer_who_answers_three_times_is_not_three():
    # cluster sums of errors: who 1: (7-8)+(8-8) = -1, who 2: 1; two customers of two answers and one are 3²/(2²+1²) =
    # 1.8 effective ones (with plain G = 2 the interval held the truth in .925 of 4,000 samples with a few heavy
    # answerers): var = 1.8/.8·(1+1)/9 = .5; t(.8) = 23.328
    t = pd.DataFrame({"g": ["a"] * 3, "x": [7, 8, 9], "who": [1, 1, 2]})
    row = grouped_mean(t, "g", "x", cluster="who").loc["a"]
    assert row["high"] - 8 == pytest.approx(oracle.t.ppf(0.975, 0.8) * math.sqrt(0.5), abs=1e-4)


VALUES = st.lists(st.integers(0, 10), min_size=2, max_size=30)


@settings(max_examples=50, deadline=None)
@given(values=VALUES)
def test_unweighted_is_the_textbook_t_interval(values):
    mean, low, high, _ = mean_interval(values)
    if np.std(values) > 0:
        expected = oracle.t.interval(0.95, len(values) - 1, np.mean(values), oracle.sem(values))
        assert (low, high) == (pytest.approx(expected[0]), pytest.approx(expected[1]))
    everyone = pd.DataFrame({"g": 1, "x": values, "who": range(len(values))})
    assert grouped_mean(everyone, "g", "x", cluster="who").loc[1, "low"] == pytest.approx(low)
    assert mean_interval(values, [3] * len(values)).low == pytest.approx(low)
    assert mean == pytest.approx(np.mean(values))


@settings(max_examples=30, deadline=None)
@given(values=VALUES, groups=st.lists(st.sampled_from("abc"), min_size=30, max_size=30))
def test_groups_are_what_each_would_be_alone_in_any_order(values, groups):
    t = pd.DataFrame({"g": groups[: len(values)], "x": values})
    found = grouped_mean(t, "g", "x")
    for name, part in t.groupby("g"):
        alone = mean_interval(part["x"])
        assert found.loc[name].tolist() == pytest.approx(list(alone), nan_ok=True)
    pd.testing.assert_frame_equal(found, grouped_mean(t.sample(frac=1, random_state=1), "g", "x"))


def test_rows_without_group_value_or_weight_are_left_out():
    t = pd.DataFrame({"g": ["a", "a", None, "a"], "x": [1, 3, 9, None], "w": [1, 1, 1, 1]})
    assert grouped_mean(t, "g", "x", weight="w")["n"].to_dict() == {"a": 2}
    assert list(grouped_mean(t.iloc[:0], "g", "x").columns) == ["mean", "low", "high", "n"]
    with pytest.raises(StudyError, match="must not be negative"):
        grouped_mean(t.assign(w=-1), "g", "x", weight="w")


def test_several_columns_make_a_group():
    t = pd.DataFrame({"g": ["a", "a", "b"], "h": [1, 2, 1], "x": [1, 2, 3]})
    assert grouped_mean(t, ["g", "h"], "x")["mean"].to_dict() == {("a", 1): 1, ("a", 2): 2, ("b", 1): 3}


@pytest.mark.parametrize(
    # Newcombe 1998, table I, method 3
    ("k", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_against_the_published_table(k, n, low, high):
    found = wilson(k, n)
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_wilson_stays_within_0_and_1_and_refuses_nonsense():
    found = wilson([0, 10, 3], [10, 10, 10])
    assert (found.low[0], found.high[1]) == (0, 1)
    with pytest.raises(StudyError):
        wilson(3, 2)


def test_nps_by_hand():
    # 4 promoters, 2 passives, 4 detractors of 10: NPS 0. At a true difference of δ the likeliest share of detractors, by
    # symmetry of the observed, is such that at the end (0 - δ)² = z²·(p + d - δ²)/10; a Wald interval (±67) would have
    # taken p + d = .8 at its ends too, where it cannot be, and held the truth in only .88 of samples of 30 at 85 - 2
    value, low, high, n = nps([10, 9, 9, 10, 8, 7, 0, 6, 5, 3])
    assert (value, n) == (0, 10)
    assert high == pytest.approx(48.727, abs=1e-3)
    assert low == pytest.approx(-high)


def test_nps_weighs_and_keeps_to_the_scale():
    assert nps([10, 0], [3, 1]).value == 50
    assert nps([10, 0, 10]).high < 100  # one of three is no promoter: it cannot be all of them
    assert nps([10] * 5).high == 100
    with pytest.raises(StudyError, match="found 11"):
        nps([11, 3])


def test_effective_n():
    assert effective_n([2, 2, 2]) == 3
    assert effective_n([3, 1]) == pytest.approx(16 / 10)
    assert effective_n([]) == 0


def test_benjamini_hochberg_against_scipy_and_by_hand():
    assert benjamini_hochberg([0.01, 0.02, 0.03, 0.5]).tolist() == pytest.approx([0.04, 0.04, 0.04, 0.5])
    p = np.random.default_rng(1).random(50)
    assert benjamini_hochberg(p) == pytest.approx(oracle.false_discovery_control(p))
    assert benjamini_hochberg([]).tolist() == []
    with pytest.raises(StudyError):
        benjamini_hochberg([1.5])


def test_means_per_group_keep_within_their_scale_as_one_mean_does():
    frame = pd.DataFrame(
        {
            "g": ["two"] * 2 + ["equal"] * 6 + ["one"] + ["spread"] * 5,
            "x": [9, 10, *[8] * 6, 7, 3, 9, 4, 8, 6],
            "who": [1, 2, 1, 1, 2, 3, 4, 5, 1, 1, 2, 3, 3, 4],
            "w": [1, 1, 1, 2, 1, 1, 3, 1, 1, 1, 2, 1, 1, 1],
        }
    )
    for weight in (None, "w"):
        found = grouped_mean(frame, "g", "x", weight, "who", scale=(1, 10))
        for name, part in frame.groupby("g"):
            one = scale_mean(part["x"], (1, 10), None if weight is None else part["w"], part["who"])
            assert found.loc[name].tolist() == pytest.approx([one.value, one.low, one.high, one.n], nan_ok=True)
    assert found.loc["two", "high"] == 10  # 9 or 10 of two people: the plain interval ends at 15.9
    assert found.loc["equal", "low"] < 8 < found.loc["equal", "high"]
