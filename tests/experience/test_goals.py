"""What customers were after, why, and whether they got there, worked by hand."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from felt import study

from cxmining.errors import NotEnoughDataError, UnknownNameError
from cxmining.experience import measure_experience
from cxmining.experience.curve import emotional_curve
from cxmining.experience.goals import UNKNOWN_GOAL, find_goals
from cxmining.journeys import build_journeys
from cxmining.study import Item, SurveySettings

MAIL = {"channel": "mail"}
CATALOGUE = {
    "touchpoint": ["views", "signs", "asks"],
    "task": ["join", "join", "pay"],
    "backstage": [False] * 3,
    "third_party": [False] * 3,
}


def of(found, customer):
    table = found.table
    return table[table["customer_id"] == customer].iloc[0]


def test_goal_outcome_duration_and_score_by_hand():
    lived = study(
        [
            ("a", 0, "views"),
            ("a", 2, "signs"),
            ("b", 0, "views"),
            ("c", 0, "asks"),
            ("c", 1, "views"),
            ("d", 0, "else"),
        ],
        [("a", 3, "journey"), ("c", 3, "journey")],
        [(0, "csat", "(overall)", 5), (1, "csat", "(overall)", 2)],
        catalogue=CATALOGUE,
    )
    found = find_goals(lived, {"join": "signs"})
    assert of(found, "a")[["goal", "goal_source", "outcome", "outcome_source", "days"]].tolist() == [
        "join",
        "catalogue",
        "reached",
        "log",
        2,
    ]
    assert of(found, "b")["outcome"] == "not reached"
    assert of(found, "c")[["goal", "outcome"]].tolist() == ["pay", "unknown"]  # of two as frequent the earlier
    assert of(found, "d")["goal"] == UNKNOWN_GOAL
    join = found.summary.set_index("goal").loc["join"]
    assert join[["n", "reached", "reached_n", "reached_status", "days", "score", "score_n"]].tolist() == [
        2,
        0.5,
        2,
        "measured",
        1,
        5,
        1,
    ]
    assert join["share"] == 0.5
    assert join["low"] < 0.5 < join["high"]
    assert found.summary["goal"].tolist()[-1] == UNKNOWN_GOAL
    groups = found.split()
    assert {k: len(v.journeys) for k, v in groups.items()} == {"join": 2, "pay": 1}


def test_who_was_asked_is_believed_before_the_log_and_the_log_before_words():
    lived = study(
        [("a", 0, "views"), ("a", 1, "signs"), ("b", 0, "asks", {**MAIL, "text": "nog steeds niet opgelost"})],
        [("a", 2, "journey")],
        [(0, "resolved", "(overall)", 0, (0.0, 1.0))],
        catalogue=CATALOGUE,
    )
    found = find_goals(lived, {"join": ["signs"]})
    assert of(found, "a")[["outcome", "outcome_source"]].tolist() == ["not reached", "item"]
    assert of(found, "b")[["outcome", "outcome_source"]].tolist() == ["not reached", "text"]
    assert found.summary.set_index("goal").loc["pay", "reached_status"] == "from text"


def test_goal_and_motive_that_were_asked():
    lived = study(
        [("a", 0, "views"), ("b", 0, "views")],
        [("a", 1, "journey"), ("b", 1, "journey")],
        [
            (0, "other", "(overall)", 2, (1.0, 3.0)),
            (0, "other", "(overall)", 1, (1.0, 3.0)),
            (1, "other", "(overall)", 9, (1.0, 9.0)),
        ],
        catalogue=CATALOGUE,
    )
    items = (
        Item(
            column="other (overall) 0",
            metric="other",
            low=1,
            high=3,
            codes={"een prijs vergelijken": 2},
            elements=("doel",),
        ),
        Item(column="other (overall) 1", metric="other", low=1, high=3, codes={"een vriend": 1}, elements=("reden",)),
    )
    surveys = (SurveySettings(name="journey", kind="journey", item=items),)
    lived = measure_experience(build_journeys(replace(lived.journeys.data, surveys=surveys)))
    found = find_goals(lived)
    assert of(found, "a")[["goal", "goal_source", "motive", "motive_source"]].tolist() == [
        "een prijs vergelijken",
        "item",
        "een vriend",
        "item",
    ]
    assert of(found, "b")["goal_source"] == "catalogue"


def test_why_is_told_by_words_and_else_by_what_was_sent_before():
    letter = {"direction": "outbound", "channel": "post"}
    lived = study(
        [
            ("a", 0, "letter", letter),
            ("a", 3, "asks", {**MAIL, "text": "wij gaan verhuizen"}),
            ("b", 0, "letter", letter),
            ("b", 3, "asks"),
            ("c", 0, "letter", letter),
            ("c", 30, "asks"),  # too long after
        ],
        catalogue=CATALOGUE,
    )
    found = find_goals(lived)
    assert of(found, "a")[["motive", "motive_source"]].tolist() == ["change", "text"]
    assert of(found, "b")[["motive", "motive_source"]].tolist() == ["after letter", "log"]
    assert of(found, "c")["motive_source"] == "unknown"
    assert found.motives[["motive", "k", "n"]].values.tolist() == [["after letter", 1, 2], ["change", 1, 2]]


def test_goals_are_groups_of_the_emotional_journey():
    events = [("a", 0, "asks", {**MAIL, "text": "heel slecht"}), ("b", 0, "views", {**MAIL, "text": "prima, top"})]
    lived = study(events, catalogue=CATALOGUE)
    curve = emotional_curve(lived, "touchpoint", group=find_goals(lived).labels)
    assert set(curve.groups) == {"join", "pay"}
    for group in ("goal", find_goals(lived)):  # as by persona: its name, or what was found
        assert emotional_curve(lived, "touchpoint", group=group).points.equals(curve.points)
    with pytest.raises(NotEnoughDataError, match="no journey has a known goal"):
        emotional_curve(study(events), "touchpoint", group="goal")


def test_errors_and_hostile_names():
    evil = "<img src=x onerror=alert(1)>"
    lived = study(
        [("a", 0, evil)], catalogue={"touchpoint": [evil], "task": [evil], "backstage": [False], "third_party": [False]}
    )
    found = find_goals(lived)
    assert "<img" not in found._repr_html_()
    with pytest.raises(NotEnoughDataError, match="of no journey it is known"):
        found.figure()
    with pytest.raises(UnknownNameError, match="touchpoint 'sign' is not in the log"):
        find_goals(lived, {"join": "sign"})
    ended = find_goals(lived, {evil: evil}).figure().to_dict()
    assert "<img" not in str(ended["layout"]["yaxis"]["ticktext"])


def test_order_of_rows_changes_nothing():
    events = [("a", 0, "views"), ("b", 0.5, "asks"), ("a", 2, "signs"), ("c", 3, "asks", {**MAIL, "text": "te duur"})]
    one = find_goals(study(events, catalogue=CATALOGUE)).summary
    two = find_goals(study(events[::-1], catalogue=CATALOGUE)).summary
    pd.testing.assert_frame_equal(one, two)
