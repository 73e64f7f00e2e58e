"""Issues, keys of the analyst's own and ways to a goal: who belongs together, what is left out, what is said."""

from hashlib import blake2b

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notion_events import dataset, walks

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.journeys import CaseNotion, build_journeys

GOAL = ("look", "buy")


def test_an_issue_joins_what_shares_a_case_or_a_thread_over_however_many_steps():
    data = dataset(
        [
            ("c1", 0, "mails", None, "t1"),
            ("c1", 1, "answered", "k1", "t1"),  # the thread becomes a case
            ("c1", 2, "phones", "k1", None),
            ("c1", 3, "mails", "k2", "t2"),
            ("c1", 4, "looks", None, None),  # belongs to nothing
        ]
    )
    journeys = build_journeys(data, by="issue")
    assert sorted(walks(journeys)) == ["looks", "mails", "mails answered phones"]
    assert journeys.notes == ("1 event has no issue and is a journey of one event",)
    assert str(journeys.notion) == "issue"


def test_an_explicit_key_is_any_column_and_equal_values_belong_together():
    order = pd.array([7, 7, None, 8], dtype="Int64")
    data = dataset([("c1", 0, "a"), ("c1", 1, "b"), ("c1", 2, "c"), ("c1", 3, "d")], order=order)
    journeys = build_journeys(data, by="order")
    assert sorted(walks(journeys)) == ["a b", "c", "d"]
    assert journeys.notes == ("1 event has no value in 'order' and is a journey of one event",)
    as_float = dataset([("c1", 0, "a"), ("c1", 1, "b"), ("c1", 2, "c"), ("c1", 3, "d")], order=[7.0, 7.0, None, 8.0])
    assert build_journeys(as_float, by="order").table["journey_id"].tolist() == journeys.table["journey_id"].tolist()


@pytest.mark.parametrize(("by", "message"), [("ordr", "did you mean 'order'"), ("timestamp", "cannot tell journeys")])
def test_a_key_that_is_not_there_or_no_key_is_named(by, message):
    with pytest.raises(StudyError, match=message):
        build_journeys(dataset([("c1", 0, "a")], order=[1]), by=by)
    with pytest.raises(NotEnoughDataError, match="the column is empty"):
        build_journeys(dataset([("c1", 0, "a")], order=[None]), by="order")


def test_a_way_to_the_goal_goes_from_the_first_start_to_the_first_end_after_it():
    data = dataset(
        [
            ("c1", 0, "buy"),  # an end without a start is nothing
            ("c1", 1, "look"), ("c1", 2, "call"), ("c1", 3, "look"), ("c1", 4, "buy"),  # the start inside is a step
            ("c1", 5, "pay"), ("c1", 6, "buy"),  # outside
            ("c1", 7, "look"), ("c1", 8, "buy"),  # a second way of the same customer
            ("c2", 1, "look"), ("c2", 2, "call"),  # never there: kept, open
            ("c3", 1, "call"),  # never set out
        ]
    )  # fmt: skip
    journeys = build_journeys(data, goal=GOAL)
    assert walks(journeys) == ["look call look buy", "look buy", "look call"]
    assert journeys.table["goal_reached"].tolist() == [True, True, False]
    assert journeys.table["customer_id"].tolist() == ["c1", "c1", "c2"]
    assert journeys.notes == (
        "2 of 3 journeys reached the goal; 1 did not before the log ends or falls silent and is kept, open",
        "4 events of 12 lie outside any way to the goal, in no journey",
        "1 customer of 3 never set out and has no journey",
    )
    assert str(journeys.notion) == "customer, goal from 'look' to 'buy'"
    assert journeys.take([2], "the open one").table["goal_reached"].tolist() == [False]


def test_a_silence_ends_the_way_to_a_goal():
    data = dataset([("c1", 0, "look"), ("c1", 90, "call"), ("c1", 91, "buy")])
    assert walks(build_journeys(data, goal=GOAL)) == ["look call buy"]
    cut = build_journeys(data, gap="30D", goal=GOAL)
    assert walks(cut) == ["look"]
    assert str(cut.notion) == "customer, gap 30D, goal from 'look' to 'buy'"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"goal": ("lok", "buy")}, UnknownNameError, "did you mean 'look'"),
        ({"goal": ("look", "look")}, StudyError, "start and end at once"),
        ({"goal": "look"}, StudyError, "expected two"),
        ({"goal": ("look",)}, StudyError, "expected two"),
        ({"goal": ([], "buy")}, StudyError, "at least one"),
        ({"goal": GOAL, "cut": "process"}, StudyError, "give one of them"),
        ({"goal": GOAL, "exclude": ["buy"]}, StudyError, "part of the goal and excluded"),
        ({"cut": "often"}, StudyError, "expected 'process'"),
        ({"by": CaseNotion(), "gap": "3D"}, StudyError, "says it all"),
        ({"stages": "mine"}, StudyError, "expected a StageProposal"),
    ],
)
def test_a_wish_that_cannot_be_is_named(arguments, error, message):
    with pytest.raises(error, match=message):
        build_journeys(dataset([("c1", 0, "look"), ("c1", 1, "buy")]), **arguments)


def test_several_starts_and_ends_and_a_notion_given_whole():
    notion = CaseNotion.of("customer", goal=(["look", "ask"], ["buy", "leave"]))
    data = dataset([("c1", 0, "ask"), ("c1", 1, "leave"), ("c1", 2, "look"), ("c1", 3, "buy")])
    journeys = build_journeys(data, notion)
    assert walks(journeys) == ["ask leave", "look buy"]
    assert str(notion) == "customer, goal from 'look' or 'ask' to 'buy' or 'leave'"


def slow_goal(walk):
    """The state machine that the arrays stand for."""
    out, now = [], None
    for step in walk:
        if now is None and step == "s":
            now = [step]
        elif now is not None:
            now.append(step)
            if step == "e":
                out.append("".join(now))
                now = None
    return [*out, *(["".join(now)] if now else [])]


@given(st.lists(st.text("sexy", min_size=1, max_size=12), min_size=1, max_size=5))
def test_goal_equals_a_walk_through_the_events(people):
    expected = [w for person in people for w in slow_goal(person)]
    rows = [(f"c{i}", j, step) for i, person in enumerate(people) for j, step in enumerate(person)]
    rows += [("z", 0, "s"), ("z", 1, "e")]
    journeys = build_journeys(dataset(rows), goal=("s", "e"))
    assert sorted(w.replace(" ", "") for w in walks(journeys)) == sorted([*expected, "se"])
    assert journeys.table["goal_reached"].tolist() == [w.endswith("e") for w in walks(journeys)]


def test_ids_of_the_notions_there_were_do_not_change():
    # Byte for byte what they were before there were goals and cuts: runs are compared by them.
    data = dataset([("c1", 0, "look"), ("c1", 40, "buy"), ("c2", 1, "look")])
    assert build_journeys(data, gap="30D").table["journey_id"].tolist() == [
        "j" + blake2b(f"{c}|customer, gap 30D|{e}".encode(), digest_size=8).hexdigest()
        for c, e in (("c1", "r0"), ("c1", "r2"), ("c2", "r1"))
    ]


def test_one_is_one():
    journeys = build_journeys(dataset([("c1", 0, "look")]))
    assert repr(journeys) == "Journeys(customer: 1 journey of 1 customer, 1 event, 1 touchpoint, 1 variant)"


def test_labels_are_text():
    evil = "<img src=x onerror=alert(1)>"
    journeys = build_journeys(dataset([("c1", 0, evil), ("c1", 1, "buy")]), goal=(evil, "buy"))
    assert "<img" not in journeys._repr_html_()
    assert np.all(journeys.table["goal_reached"])
