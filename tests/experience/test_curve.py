"""Three lines along the journey, each with its own n; peak, end, trend and volatility by their definitions."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from felt import study

import cxmining as cx
from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.experience import measure_experience
from cxmining.experience.curve import emotional_curve
from cxmining.journeys import build_journeys
from cxmining.schema import OVERALL
from cxmining.stats import grouped_mean

HOSTILE = "<img src=x onerror=alert(1)>"


def walk(customer, scores, start=0.0, expected=None, texts=None):
    """One journey: a touchpoint t0, t1 … a day, each scored at once."""
    events = [(customer, start + i, f"t{i}", {"text": (texts or {}).get(i)}) for i in range(len(scores))]
    return events, [
        (customer, start + i + 0.5, s, (expected or {}).get(i)) for i, s in enumerate(scores) if s is not None
    ]


def lived(*walks, segments=None):
    events = [e for es, _ in walks for e in es]
    given = [(c, d, s, x) for _, rs in walks for c, d, s, x in rs]
    answers = []
    for i, (_, d, s, x) in enumerate(given):
        name = f"t{int(d % 100)}"
        answers.append((i, "rapportcijfer", name, s))
        if x is not None:
            answers.append((i, "expectation", name, x))
    return study(events, [(c, d) for c, d, _, _ in given], answers, segments)


def test_peak_end_trend_and_volatility_by_hand() -> None:
    # 7 2 6 9 on 1 to 10, middle 5.5: furthest are 2 and 9 (3.5 both), the later is the peak. End 9, peak-end 9. Slope
    # over 0 1 2 3: (-1.5 * 7 - .5 * 2 + .5 * 6 + 1.5 * 9) / 5 = 1. Moves 5, 4, 3: 4 on average.
    curve = emotional_curve(lived(walk("a", [7, 2, 6, 9])), by="position")
    row = curve.journeys.iloc[0]
    assert (row["peak"], row["end"], row["peak_end"], row["trend"], row["volatility"]) == (9, 9, 9, 1, 4)
    assert row["n"] == 4
    low = emotional_curve(lived(walk("a", [8, 1, 6])), by="position").journeys.iloc[0]
    assert (low["peak"], low["end"], low["peak_end"]) == (1, 6, 3.5)


def test_one_value_has_a_peak_and_an_end_and_no_trend() -> None:
    curve = emotional_curve(lived(walk("a", [None, 8])), by="position")
    row = curve.journeys.iloc[0]
    assert (row["peak"], row["end"]) == (8, 8)
    assert math.isnan(row["trend"])
    assert math.isnan(row["volatility"])
    assert set(curve.shape["measure"]) == {"peak", "end", "peak_end"}
    assert curve.points["place"].tolist() == ["2"]
    assert math.isnan(curve.points["low"].iloc[0])


def test_each_line_has_its_own_n_and_interval_by_customer() -> None:
    walks = [
        walk("a", [7, 5], expected={0: 6}, texts={0: "Heel erg blij, top!", 1: "factuur nummer vier"}),
        walk("b", [9, None], expected={0: 9}, texts={0: "Wat een slechte service"}),
        walk("a", [8, 4], start=100),
    ]
    curve = emotional_curve(lived(*walks), by="touchpoint")
    points = curve.points.set_index(["line", "place"])
    assert points["n"].to_dict() == {("score", "t0"): 3, ("score", "t1"): 2, ("emotion", "t0"): 2, ("gap", "t0"): 2}
    assert points.loc[("score", "t0"), "customers"] == 2
    assert points.loc[("score", "t0"), "mean"] == 8
    assert points.loc[("gap", "t0"), "mean"] == 0.5
    by_hand = grouped_mean(
        pd.DataFrame({"g": 0, "x": [7.0, 9, 8], "who": [1, 2, 1]}), "g", "x", cluster="who", scale=(1, 10)
    ).iloc[0]
    assert points.loc[("score", "t0"), "low"] == pytest.approx(by_hand["low"])
    assert curve.basis == "asked"
    assert "3 scores" not in repr(curve)
    assert "5 scores, 2 texts, 2 gaps" in repr(curve)


def test_an_agents_words_are_not_the_customers() -> None:
    events = [
        ("a", 0, "mail", {"text": "Heel erg blij, top!", "direction": "outbound"}),
        ("a", 1, "mail", {"text": "slecht"}),
    ]
    curve = emotional_curve(study(events), by="touchpoint")
    assert curve.points["line"].tolist() == ["emotion"]
    assert curve.points["n"].tolist() == [1]
    assert curve.points["mean"].iloc[0] < 0
    assert "no touchpoint was scored: there is no line of scores or gaps" in curve.notes


def test_positions_from_the_tenth_on_stand_together() -> None:
    curve = emotional_curve(lived(walk("a", [5] * 12)), by="position")
    assert curve.places == (*(str(i) for i in range(1, 10)), "10+")
    assert curve.points[curve.points["line"] == "score"]["n"].tolist() == [1] * 9 + [3]


def test_groups_are_compared_at_each_point_and_corrected() -> None:
    rng = np.random.default_rng(1)
    walks, segments = [], {}
    for i in range(40):
        name = f"c{i:02d}"
        segments[name] = "new" if i % 2 else "old"
        walks.append(walk(name, [int(7 + rng.integers(-1, 2)), int((9 if i % 2 else 4) + rng.integers(-1, 2))]))
    made = lived(*walks, segments=segments)
    curve = emotional_curve(made, by="touchpoint", group="segment")
    assert curve.groups == ("new", "old")
    found = curve.compare().query("line == 'score'").set_index("place")
    assert found.loc["t1", "q"] < 0.001
    assert found.loc["t1", "low"] > 3
    assert found.loc["t0", "low"] < 0 < found.loc["t0", "high"]
    assert found["n_a"].tolist() == [20, 20]
    welch = pytest.importorskip("scipy.stats")
    new, old = ([w[1][1][2] for w in walks if segments[w[1][1][0]] == g] for g in ("new", "old"))
    low, high = welch.ttest_ind(new, old, equal_var=False).confidence_interval(0.95)
    assert (found.loc["t1", "low"], found.loc["t1", "high"]) == pytest.approx((low, high), rel=1e-6)
    back = curve.compare("old", "new").query("line == 'score'").set_index("place")
    assert back.loc["t1", "difference"] == -found.loc["t1", "difference"]
    own = emotional_curve(made, by="touchpoint", group=["x", "y"] * 20)
    assert own.groups == ("x", "y")
    with pytest.raises(UnknownNameError, match="old"):
        curve.compare("new", "odl")
    with pytest.raises(NotEnoughDataError, match="one group only"):
        emotional_curve(made, by="touchpoint").compare()


def test_bad_calls_and_nothing_felt() -> None:
    with pytest.raises(UnknownNameError, match="'stage'"):
        emotional_curve(lived(walk("a", [5])), by="stages")
    with pytest.raises(NotEnoughDataError, match="no emotional journey"):
        emotional_curve(study([("a", 0, "calls")], [("a", 1)], [(0, "nps", OVERALL, 9)]))


def test_the_figure_draws_three_panels_with_n_and_no_markup() -> None:
    events = [("a", 0, HOSTILE, {"text": "slecht"}), ("b", 0, HOSTILE, {"text": "top"})]
    answers = [(i, m, HOSTILE, 7) for i in range(2) for m in ("rapportcijfer", "expectation")]
    curve = emotional_curve(
        study(events, [("a", 1), ("b", 1)], answers, {"a": "<b>x</b>", "b": "y"}), "touchpoint", "segment"
    )
    figure = curve.figure()
    panels = [trace.yaxis for trace in figure.data if trace.mode != "text"]
    assert [panels.count(axis) for axis in ("y", "y2", "y3")] == [2, 2, 2]  # score, emotion and gap of each group
    assert set(panels) - {"y", "y2", "y3"} <= {"y4"}  # the emotions that were named
    drawn = json.dumps(figure.to_plotly_json(), default=str)
    assert "<img" not in drawn
    assert "<b>x" not in drawn
    assert "<img" not in curve._repr_html_()


def test_the_emotions_that_customers_name_stand_with_their_texts_and_customers() -> None:
    texts = ["Wat een gedoe, ik ben woedend!!", "niet boos, wel ongerust", "factuur nummer vier", "wat een gedoe"]
    events = [(f"c{min(i, 2)}", i, "mail", {"text": t}) for i, t in enumerate(texts)]
    curve = emotional_curve(study(events), by="touchpoint")
    found = curve.emotions.set_index("line")
    # Of four texts of three customers two speak of a hassle (frustration), each by another customer, and one of worry.
    assert found.loc["frustration", ["mean", "n", "customers", "named"]].tolist() == [0.5, 4, 3, 2]
    assert found.loc["worry", ["mean", "named"]].tolist() == [0.25, 1]
    assert found.loc["joy", ["mean", "named"]].tolist() == [0, 0]
    drawn = [n["text"] for n in curve.figure("nl").to_plotly_json()["layout"]["annotations"]]
    assert any("Emoties in eigen teksten" in t for t in drawn)


def test_a_comment_about_one_event_is_the_customers_own_text_and_one_about_many_is_not() -> None:
    events = [("a", 0, "t0"), ("a", 1, "t1")]
    one = study(events, [("a", 2, "relationship", "Top service!")], [(0, "rapportcijfer", "t0", 8)])
    points = emotional_curve(one, by="touchpoint").points.set_index(["line", "place"])
    assert points.loc[("emotion", "t0"), "n"] == 1
    two = study(events, [("a", 2, "relationship", "Top service!")], [(0, "rapportcijfer", t, 8) for t in ("t0", "t1")])
    assert set(emotional_curve(two, by="touchpoint").points["line"]) == {"score"}


def test_groups_may_be_personas_or_labels_by_customer_or_journey() -> None:
    made = lived(*(walk(f"c{i}", [7, 5 + i % 3]) for i in range(6)))
    by_customer = emotional_curve(made, "position", {f"c{i}": "even" if i % 2 == 0 else "odd" for i in range(6)})
    assert by_customer.groups == ("even", "odd")
    ids = made.journeys.table.set_index("journey_id")["customer_id"]
    goal = ids.map(lambda c: "reached" if c in ("c0", "c1") else None)
    curve = emotional_curve(made, "position", goal)
    assert curve.groups == ("reached",)
    assert curve.points["n"].tolist() == [2, 2]
    with pytest.raises(StudyError, match="names neither journeys nor customers"):
        emotional_curve(made, "position", {"nobody": "x"})


def test_personas_have_their_words_in_both_languages() -> None:
    walks = [walk(f"c{i:02d}", [7, 6, 8]) for i in range(30)]
    made = lived(*walks)
    found = cx.find_personas(made)
    curve = emotional_curve(made, "stage", found)
    assert set(curve.groups) <= set(found.behaviour.summary["label_en"])
    labels = dict(zip(found.behaviour.summary["label_en"], found.behaviour.summary["label_nl"], strict=True))
    assert all(curve.labels[g]["nl"] == labels[g] for g in curve.groups)


def test_what_is_rated_but_no_step_of_a_journey_stands_among_the_touchpoints() -> None:
    made = lived(walk("a", [7, 3]))
    left = build_journeys(made.journeys.data, exclude=["t1"])
    curve = emotional_curve(measure_experience(left), "touchpoint")
    assert curve.points["place"].tolist() == ["t0", "t1"]
    assert curve.journeys["n"].tolist() == [1]  # and bears on the shape of no journey


def test_a_dutch_picture_says_nothing_in_english() -> None:
    events = [("a", 0, "mail", {"text": "slecht"}), ("b", 0, "mail", {"text": "top"})]
    curve = emotional_curve(study(events), "stage")
    drawn = json.dumps(curve.figure("nl").to_plotly_json(), default=str, ensure_ascii=False)
    for english in ("emotion ", "Journeys", "joy", "no touchpoint", "all journeys", "customer"):
        assert english not in drawn, english


def test_intervals_keep_within_the_scale_and_have_a_width() -> None:
    two = emotional_curve(lived(walk("a", [9]), walk("b", [10])), "position")
    score = two.points.set_index("line").loc["score"]
    assert (score["mean"], score["high"]) == (9.5, 10)  # 9.5 ± 6.4 else
    assert two.shape.loc[two.shape["measure"] == "peak", "high"].max() == 10
    made = lived(*(walk(f"c{i}", [8]) for i in range(12)))
    same = emotional_curve(made, "position").points.set_index("line").loc["score"]
    assert same["low"] < same["mean"] == 8 < same["high"]  # twelve who agree are not all there are
    touchpoint = made.touchpoints.iloc[0]
    assert (touchpoint["score_low"], touchpoint["score_high"]) == (same["low"], same["high"])
