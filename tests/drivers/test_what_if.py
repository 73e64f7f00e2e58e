"""What-ifs, asymmetry and the importance–performance map, on planted truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxmining.drivers import find_drivers
from cxmining.drivers.asymmetry import find_asymmetry
from cxmining.drivers.performance import importance_performance
from cxmining.drivers.whatif import what_if
from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError

WEIGHTS = np.array([0.3, 0.2, 0.1, 0.0, 0.05])


def ratings(seed, n=900, shape=lambda x: x, halo=0.4):
    rng = np.random.default_rng(seed)
    z = np.sqrt(halo) * rng.normal(size=(n, 1)) + np.sqrt(1 - halo) * rng.normal(size=(n, 5))
    x = np.clip(np.rint(7 + 1.6 * z), 1, 10)
    frame = pd.DataFrame(x, columns=list("abcde"))
    return frame.assign(score=shape(x) @ WEIGHTS + rng.normal(size=n))


def analysed(*given, **how):
    return find_drivers(ratings(*given, **how), "score", bootstrap=100)


@pytest.fixture(scope="module")
def analysis():
    return analysed(1)


def test_the_interval_holds_the_planted_difference():
    held = np.zeros(5)
    for seed in range(12):
        frame = ratings(seed)
        truth = WEIGHTS * (np.minimum(frame[list("abcde")] + 1, 10) - frame[list("abcde")]).mean().to_numpy()
        table = (
            what_if(find_drivers(frame, "score", bootstrap=100), bootstrap=200)
            .summary.set_index("touchpoint")
            .loc[list("abcde")]
        )
        held += (table["low"] <= truth) & (truth <= table["high"])
    # 60 intervals of 95%: three miss on average; more than nine would be chance of one in a thousand
    assert held.sum() >= 51


def test_nobody_is_moved_past_the_end_of_the_scale():
    frame = ratings(2).assign(a=np.where(np.arange(900) % 10 < 8, 10.0, 9.0))
    frame["score"] += 0.5 * frame["a"]
    row = what_if(find_drivers(frame, "score", bootstrap=100), "a", bootstrap=100).summary.iloc[0]
    assert row["at_end"] == pytest.approx(0.8)
    assert row["raised"] == pytest.approx(0.2)  # eight of ten cannot rise
    wider = what_if(
        find_drivers(frame, "score", bootstrap=100), "a", scales={"a": (1, 11)}, bootstrap=100
    ).summary.iloc[0]
    assert wider["raised"] == pytest.approx(1.0)


def test_a_line_that_flattens_promises_less_than_a_straight_one():
    # above 7 nothing is gained: who gives 7 or more would gain nothing, and the straight line says otherwise
    row = what_if(analysed(3, n=2500, shape=lambda x: np.minimum(x, 7)), "a", bootstrap=100).summary.iloc[0]
    assert row["difference"] < 0.75 * row["linear"]


def test_together_is_the_sum_and_points_may_differ(analysis):
    both = what_if(analysis, {"a": 1, "b": -1}, bootstrap=200)
    assert both.together["overall"] == pytest.approx(both.summary["overall"].sum())
    down = both.summary.set_index("touchpoint").loc["b"]
    assert down["difference"] < 0
    assert both.draws.shape == (2, 200)


def test_one_asked_alone_is_the_same_as_among_all(analysis):
    alone = what_if(analysis, "c", bootstrap=150).summary
    among = what_if(analysis, bootstrap=150).summary.query("touchpoint == 'c'").reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, among)


def test_rows_in_another_order_give_the_same():
    frame = ratings(4)
    a = what_if(find_drivers(frame, "score", bootstrap=100), bootstrap=100).summary
    b = what_if(find_drivers(frame.sample(frac=1, random_state=2), "score", bootstrap=100), bootstrap=100).summary
    pd.testing.assert_frame_equal(a, b, rtol=1e-9)


def test_who_did_not_meet_it_is_not_raised():
    frame = ratings(5)
    frame["a"] = frame["a"].where(np.arange(900) % 4 == 0, 99)  # three of four never met a
    row = what_if(find_drivers(frame, "score", not_used=[99], bootstrap=100), "a", bootstrap=100).summary.iloc[0]
    assert row["overall"] == pytest.approx(row["difference"] * row["reach"])
    assert row["n"] == 225


def test_it_never_says_that_something_is_caused(analysis):
    found = what_if(analysis)
    english, dutch = found.sentence("en"), found.sentence("nl")
    assert "associated" in english
    assert "samen" in dutch
    for word in ("effect of", "causes", "leads to", "zorgt voor"):
        assert word not in english.replace("not the effect of", "")
    assert english in repr(found)


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ({"touchpoint": "aa"}, UnknownNameError, "no touchpoint 'aa'"),
        ({"touchpoint": "a", "points": 0}, StudyError, "0 points"),
        ({"touchpoint": "a", "points": float("nan")}, StudyError, "nan points"),
        ({"touchpoint": {}}, StudyError, "no touchpoint was named"),
        ({"touchpoint": "a", "bootstrap": 5}, StudyError, "at least 100"),
    ],
)
def test_a_question_that_cannot_be_is_named(analysis, how, error, message):
    with pytest.raises(error, match=message):
        what_if(analysis, **how)


def test_a_group_cannot_be_raised_by_a_point():
    grouped = find_drivers(ratings(1), "score", groups={"both": ["a", "b"]}, bootstrap=100)
    with pytest.raises(StudyError, match="group of touchpoints"):
        what_if(grouped, "both")
    assert any("'both' is not asked" in note for note in what_if(grouped, bootstrap=100).notes)


# penalty and reward


def test_planted_dissatisfiers_and_satisfiers_are_named():
    worse = find_asymmetry(analysed(1, n=2000, shape=lambda x: np.minimum(x, 7) + 0.1 * x), bootstrap=300)
    assert worse.of("dissatisfier")[:2] == ["a", "b"]
    better = find_asymmetry(analysed(1, n=2000, shape=lambda x: np.maximum(x, 7) + 0.1 * x), bootstrap=300)
    assert better.of("satisfier")[:2] == ["a", "b"]
    assert worse.of("satisfier") == better.of("dissatisfier") == []


def test_a_straight_line_is_not_called_asymmetric():
    wrong = 0
    for seed in range(10):
        found = find_asymmetry(analysed(seed), bootstrap=200)
        wrong += len(found.of("dissatisfier")) + len(found.of("satisfier"))
        assert found.summary.set_index("touchpoint").loc["a", "kind"] in ("hybrid", "dissatisfier", "satisfier")
    assert wrong <= 3  # of fifty


def test_every_class_says_how_many_and_its_interval(analysis):
    table = find_asymmetry(analysis, low=6, high=9, bootstrap=100).summary
    frame = ratings(1)
    row = table.set_index("touchpoint").loc["a"]
    assert (row["n_low"], row["n_high"]) == ((frame["a"] <= 6).sum(), (frame["a"] >= 9).sum())
    assert (table["n_low"] + table["n_middle"] + table["n_high"] == table["n"]).all()
    assert (table["penalty_low"] <= table["penalty"]).all()
    assert (table["reward"] <= table["reward_high"]).all()


def test_too_few_low_scores_are_said():
    frame = ratings(1).assign(a=np.where(np.arange(900) < 890, 8.0, 3.0) + (np.arange(900) % 2))
    found = find_asymmetry(find_drivers(frame, "score", bootstrap=100), low=4, high=9, bootstrap=100)
    assert "each needs 20" in found.left_out["a"]
    with pytest.raises(StudyError, match="leave no middle"):
        find_asymmetry(find_drivers(frame, "score", bootstrap=100), low=8, high=4)
    two = pd.DataFrame({"a": [1.0, 2] * 200, "score": np.tile([1.0, 2, 2, 3], 100)})
    with pytest.raises(NotEnoughDataError, match="low, middle and high are three"):
        find_asymmetry(find_drivers(two, "score", bootstrap=100))


# importance and performance


def test_quadrants_are_only_said_where_both_intervals_clear_the_lines(analysis):
    found = importance_performance(analysis, performance=5)
    table = found.summary.set_index("touchpoint")
    assert found.importance_line == pytest.approx(0.2)
    assert table.loc["a", "quadrant"] == "keep up"  # weighs most, scores 7 on average
    assert table.loc["d", "quadrant"] == "no more needed"
    near = importance_performance(analysis).summary  # all score 7: none clears the line of performance
    assert (near["quadrant"] == "on a line").sum() >= 4
    for low, mid, high in (("share_low", "share", "share_high"), ("mean_low", "mean", "mean_high")):
        assert (near[low] <= near[mid]).all()
        assert (near[mid] <= near[high]).all()
    with pytest.raises(StudyError, match="is no score"):
        importance_performance(analysis, performance=float("nan"))
