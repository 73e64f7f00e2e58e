"""What was expected is what was asked; an estimate knows nothing that came later, and moves as far as the data say."""

from __future__ import annotations

import numpy as np
import pytest
from felt import study
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.experience.expectation import _shrunken, gather_expectations
from cxmining.experience.measures import scaled_threshold
from cxmining.schema import OVERALL


def rated(scores, segments=None, order=None, metric="csat"):
    """(customer, day, score) of calls the same day."""
    events = [(c, d - 0.1, "calls") for c, d, _ in scores]
    responses = [(c, d) for c, d, _ in scores]
    answers = [(i, metric, "calls", s) for i, (_, _, s) in enumerate(scores)]
    return study(events, responses, answers, segments, order=order)


def test_an_estimate_begins_with_five_earlier_answers_and_uses_those_only() -> None:
    # Everybody answers once: customers cannot be told apart, so the estimate is the mean of what came before.
    lived = rated([(f"c{i}", i + 1, s) for i, s in enumerate([1, 5, 3, 3, 3, 5, 1])])
    pairs = gather_expectations(lived).pairs
    assert pairs["expectation"].isna().tolist() == [True] * 5 + [False, False]
    assert pairs["estimate"].tolist()[5] == pytest.approx(3.0)
    assert pairs["estimate"].tolist()[6] == pytest.approx(20 / 6)  # the fifth answer is known by then
    assert pairs["own_n"].tolist() == [0] * 7
    assert pairs["level_n"].tolist() == list(range(7))


def test_answers_of_the_same_moment_do_not_know_each_other() -> None:
    lived = rated([*((f"c{i}", 1, 3) for i in range(5)), ("a", 2, 5), ("b", 2, 1)])
    pairs = gather_expectations(lived).pairs
    assert pairs["estimate"].tolist()[5:] == [3.0, 3.0]


def test_what_was_asked_is_never_replaced_and_the_estimate_stands_beside_it() -> None:
    events = [(f"c{i}", i, "calls") for i in range(7)]
    responses = [(f"c{i}", i + 0.5) for i in range(7)]
    answers = [(i, "csat", "calls", 3) for i in range(7)]
    answers.append((6, "expectation", "calls", 5, (1.0, 5.0)))
    found = gather_expectations(study(events, responses, answers))
    assert found.pairs["expectation"].tolist()[5:] == ["estimated", "asked"]
    assert found.pairs["expected"].tolist()[5:] == [3.0, 5.0]
    assert found.error == (2.0, 1)  # where both are known the estimate was two points off


def test_a_customer_who_always_scores_low_is_expected_to() -> None:
    # Ten customers answer four times, half of them 2 and half of them 4: they differ, and hardly vary themselves.
    scores = [(f"c{c}", 10 * k + c + 1, 2 if c % 2 else 4) for k in range(5) for c in range(10)]
    pairs = gather_expectations(rated(scores)).pairs
    last = pairs[pairs["own_n"] >= 3]
    assert (last["gap"].abs() < 0.3).all()


def test_customers_who_do_not_differ_are_not_told_apart() -> None:
    rng = np.random.default_rng(1)
    value = rng.normal(size=4000)
    moved, size = _shrunken(value, np.arange(4000) % 200, np.arange(4000))
    own = np.abs(moved[-200:])
    assert size[-1] == 19
    assert own.mean() < 0.1  # their means lie .23 from 0 by chance alone


def test_the_shrinkage_is_that_of_the_variances_before() -> None:
    # Before the last row: group 0 has 1, 3 and group 1 has -1, -3. Within: (2 + 2) / (4 - 2) = 2; squares 20 / 4 = 5;
    # between 3. Two values of the group, mean 2: 2 * 3 / (2 * 3 + 2) * 2 = 1.5.
    moved, size = _shrunken(np.array([1.0, -1, 3, -3, 9]), np.array([0, 1, 0, 1, 0]), np.arange(5))
    assert moved[4] == pytest.approx(1.5)
    assert size.tolist() == [0, 0, 1, 1, 2]


@settings(max_examples=4)
@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 12), st.integers(1, 5)), min_size=8, max_size=20),
    st.integers(0, 99),
)
def test_nothing_later_and_no_order_of_rows_changes_an_estimate(scores, seed) -> None:
    unique = list({(c, d): (c, d, s) for c, d, s in scores}.values())
    segments = {"a": "x", "b": "x", "c": "y"}
    whole = gather_expectations(rated(unique, segments)).pairs.set_index(["customer_id", "timestamp"])["estimate"]
    shuffled = gather_expectations(rated(unique, segments, lambda n: np.random.default_rng(seed).permutation(n))).pairs
    again = shuffled.set_index(["customer_id", "timestamp"])["estimate"]
    np.testing.assert_allclose(again.loc[whole.index].to_numpy(), whole.to_numpy())
    cut = sorted(d for _, d, _ in unique)[len(unique) // 2]
    early = gather_expectations(rated([x for x in unique if x[1] <= cut], segments)).pairs
    early = early.set_index(["customer_id", "timestamp"])["estimate"]
    np.testing.assert_allclose(early.to_numpy(), whole.loc[early.index].to_numpy())


def test_lower_is_better_is_turned_round() -> None:
    lived = rated([(f"c{i}", i + 1, s) for i, s in enumerate([1, 1, 1, 1, 1, 7])], metric="ces")
    pairs = gather_expectations(lived).pairs
    assert pairs["score"].tolist() == [7, 7, 7, 7, 7, 1]
    assert pairs["gap"].tolist()[5] == -6


def test_other_scales_second_answers_and_future_dates_are_said() -> None:
    events = [("a", 0, "calls"), ("b", 0, "calls"), ("c", 0, "calls")]
    responses = [("a", 1), ("a", 2), ("b", 1), ("c", 900)]
    answers = [
        (0, "csat", "calls", 3),
        (1, "csat", "calls", 4),
        (2, "csat", "calls", 9, (1.0, 10.0)),
        (3, "csat", "calls", 5),
    ]
    answers.append((1, "expectation", "calls", 8, (1.0, 10.0)))
    found = gather_expectations(study(events, responses, answers))
    assert found.pairs["score"].tolist() == [4]
    assert found.notes == (
        "1 answer on another scale than most: left out",
        "1 answer dated more than a year after the last event: left out",
        "1 answer about an event that the same customer scored again later",
        "1 expectation on another scale than the score: left out",
    )


def test_errors_say_what_is_missing() -> None:
    lived = study([("a", 0, "calls")], [("a", 1)], [(0, "nps", OVERALL, 9)])
    with pytest.raises(NotEnoughDataError, match="no touchpoint was scored"):
        gather_expectations(lived)
    with pytest.raises(UnknownNameError, match="'segment'"):
        gather_expectations(rated([("a", 1, 3)], {"a": "x"}), segment="segmnt")
    for bad in (0, -1, float("nan")):
        with pytest.raises(StudyError, match="above 0"):
            scaled_threshold(bad, (1, 5))
