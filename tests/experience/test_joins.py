"""What was linked, what was not and why, and the same headline under every rule: tiny logs worked by hand."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from cxmining.errors import StudyError, UnknownNameError
from cxmining.experience import link_answers, measure_experience
from cxmining.experience.linking import LATEST_OF_ANYBODY, OWN_CUSTOMER, SOURCE_ORDER
from cxmining.journeys import build_journeys
from cxmining.schema import CONTACT, OVERALL, Dataset, table
from cxmining.study import SurveySettings

START = pd.Timestamp("2025-01-01 12:00", tz="UTC")


def journeys(events, responses, answers, *, gap=None, surveys=()):
    """events: (customer, day, touchpoint, case); responses: (customer, day, kind, key); answers: (number, metric, about, score)."""
    e = table(
        "events",
        {
            "event_id": [f"e{i}" for i in range(len(events))],
            "customer_id": [x[0] for x in events],
            "timestamp": [START + pd.Timedelta(days=x[1]) for x in events],
            "touchpoint": [x[2] for x in events],
            "case_id": [x[3] for x in events],
            "channel": ["phone"] * len(events),
            "direction": ["inbound"] * len(events),
            "source": ["pbx"] * len(events),
            "seq": range(1, len(events) + 1),
        },
    )
    r = table(
        "responses",
        {
            "response_id": [f"r{i}" for i in range(len(responses))],
            "customer_id": [x[0] for x in responses],
            "timestamp": [START + pd.Timedelta(days=x[1]) for x in responses],
            "survey": [x[2] for x in responses],
            "survey_kind": [x[2] for x in responses],
            "reference": [x[3] for x in responses],
            "source": ["s"] * len(responses),
            "seq": range(1, len(responses) + 1),
        },
    )
    a = table(
        "answers",
        {
            "response_id": [f"r{x[0]}" for x in answers],
            "item": [f"{x[1]} {x[2]}" for x in answers],
            "metric": [x[1] for x in answers],
            "touchpoint": [x[2] for x in answers],
            "score": [x[3] for x in answers],
            "scale_low": [0.0 if x[1] == "nps" else 1.0 for x in answers],
            "scale_high": [10.0 if x[1] == "nps" else 5.0 for x in answers],
            "higher_is_better": [True] * len(answers),
            "status": ["answered"] * len(answers),
        },
    )
    return build_journeys(Dataset(e, responses=r, answers=a, surveys=surveys), gap=gap)


# c1 called about case k1 on day 0, asked about a bill on day 10; c2 called on day 0
EVENTS = [("c1", 0, "calls", "k1"), ("c1", 10, "bill", "k2"), ("c2", 0, "calls", "k3")]


@pytest.fixture(scope="module")
def report():
    responses = [
        ("c1", 11, "transactional", "k1"),  # by key the call of day 0; nearest is the bill of day 10
        ("c2", 20, "transactional", "k3"),  # 20 days later: within 30 days, not within 7
        ("c2", 21, "transactional", None),  # no key
        ("c1", -1, "transactional", "k1"),  # before any contact
        ("c9", 5, "transactional", "k8"),  # neither customer nor key is known
    ]
    answers = [(0, "csat", CONTACT, 2), (1, "csat", CONTACT, 4), (2, "csat", CONTACT, 5), (3, "csat", CONTACT, 1), (4, "csat", CONTACT, 3)]  # fmt: skip
    return measure_experience(journeys(EVENTS, responses, answers, gap="5D")).join


def test_what_was_linked_by_hand(report):
    row = report.summary.iloc[0]
    assert (row["responses"], row["responses_matched"], row["answers"], row["unmatched"]) == (5, 2, 5, 3)
    assert (row["share"], row["lag_min"], row["lag_median"], row["lag_max"]) == (0.4, 11, 15.5, 20)
    assert 0 < row["low"] < 0.4 < row["high"] < 1
    why = report.unmatched.set_index("why")["answers"].to_dict()
    assert why == {"no key": 1, "key only after the response": 1, "key not in the log": 1}


def test_the_headline_under_every_rule_by_hand(report):
    rules = report.alternatives.set_index("rule")
    assert rules["used"].to_dict() == {
        "reference": True, "touchpoint, 1 day": False, "touchpoint, 7 days": False, "touchpoint, 30 days": False,
        "journey": False, "customer": False,
    }  # fmt: skip
    assert rules["n"].to_dict() == {
        "reference": 2, "touchpoint, 1 day": 1, "touchpoint, 7 days": 1, "touchpoint, 30 days": 3, "journey": 3, "customer": 3,
    }  # fmt: skip
    assert rules["value"].round(4).to_dict() == {
        "reference": 3, "touchpoint, 1 day": 2, "touchpoint, 7 days": 2, "touchpoint, 30 days": 3.6667, "journey": 3.6667,
        "customer": 3.6667,
    }  # fmt: skip
    # r0 moves from the call to the bill; r1 is lost to the short windows; r2 has a contact within 30 days, and had no key
    assert rules.loc["touchpoint, 7 days", ["moved", "gained", "lost"]].tolist() == [1, 0, 1]
    assert rules.loc["touchpoint, 30 days", ["moved", "gained", "lost"]].tolist() == [1, 1, 0]
    assert rules.loc["journey", ["moved", "gained", "lost"]].tolist() == [0, 0, 2]  # a journey is no touchpoint
    there = report.touchpoints.set_index(["rule", "touchpoint"])[["value", "n"]]
    assert there.loc[("reference", "calls")].tolist() == [3, 2]
    assert there.loc[("touchpoint, 30 days", "bill")].tolist() == [2, 1]
    assert there.loc[("touchpoint, 30 days", "calls")].tolist() == [4.5, 2]


def test_nothing_after_the_response_counts_under_any_rule(report):
    j = journeys(EVENTS, [("c1", 5, "transactional", "k2")], [(0, "csat", CONTACT, 2)])
    assert not link_answers(j)["matched"].any()  # k2 is of day 10
    near = link_answers(j, survey="transactional", rule="touchpoint", window="30D")
    assert near["event_id"].tolist() == ["e0"]


def test_a_relationship_score_is_laid_on_no_contact():
    responses = [("c1", 20, "relationship", None), ("c2", 20, "relationship", None), ("c1", 11, "transactional", "k1")]
    answers = [(0, "nps", OVERALL, 9), (1, "nps", OVERALL, 3), (2, "nps", CONTACT, 10)]
    j = journeys(EVENTS, responses, answers)
    lived = measure_experience(j)
    rows = lived.join.alternatives.set_index("survey")
    assert rows.loc["relationship", "rule"] == "customer"
    assert rows.loc[["relationship"], "n"].tolist() == [2]
    assert lived.links.loc[lived.links["survey"] == "relationship", "event_id"].isna().all()
    assert any("linked to no last contact" in n for n in lived.join.notes)
    for rule in ("touchpoint", "reference", "journey"):
        with pytest.raises(StudyError, match="never linked to the last contact"):
            link_answers(j, survey="relationship", rule=rule)
    with pytest.raises(StudyError, match="never mixed"):
        lived.levels.take("nps")
    assert lived.overall.set_index("survey_kind")["score"].to_dict() == {"relationship": 0, "transactional": 100}


def test_nps_of_touchpoints_is_of_one_kind_of_survey_or_an_error():
    responses = [("c1", 20, "relationship", None), ("c1", 11, "transactional", "k1")]
    j = journeys(EVENTS, responses, [(0, "nps", "calls", 9), (1, "nps", CONTACT, 2)])
    with pytest.raises(StudyError, match="1 of relationship surveys and 1 of transactional surveys"):
        measure_experience(j, metric="nps")
    assert measure_experience(j).metric is None  # nothing else was asked, and a mixture is not shown
    both = journeys(EVENTS, responses, [(0, "nps", "calls", 9), (1, "nps", CONTACT, 2), (1, "csat", CONTACT, 4)])
    assert measure_experience(both).metric == "csat"


def test_a_relationship_survey_cannot_be_declared_about_a_contact():
    with pytest.raises(ValueError, match="link must be"):
        SurveySettings(name="x", kind="relationship", link="touchpoint")


def test_ties_say_what_was_taken():
    events = [("c1", 0, "calls", "k1"), ("c2", 1, "bill", "k1"), ("c3", 0, "calls", None), ("c3", 0, "bill", None)]
    responses = [("c1", 5, "transactional", "k1"), ("c9", 5, "transactional", "k1"), ("c3", 5, "relationship", None)]
    answers = [(0, "csat", CONTACT, 2), (1, "csat", CONTACT, 4), (2, "csat", "calls", 5)]
    lived = measure_experience(journeys(events, responses, answers))
    assert lived.links["event_id"].tolist() == ["e0", "e1", "e2"]  # the own customer's, though c2's is later
    assert lived.links["tie_break"].tolist()[:2] == [OWN_CUSTOMER, LATEST_OF_ANYBODY]
    assert lived.join.ties[["tie_break", "answers"]].values.tolist() == [[LATEST_OF_ANYBODY, 1], [OWN_CUSTOMER, 1]]
    near = link_answers(lived.journeys, survey="transactional", rule="touchpoint", window="30D")
    assert near["tie_break"].isna().all()
    same = journeys(events, [("c3", 5, "transactional", None)], [(0, "csat", CONTACT, 2)])
    assert link_answers(same, survey="transactional", rule="touchpoint", window="9D")["tie_break"].tolist() == [
        SOURCE_ORDER
    ]


def test_reasons_of_other_rules():
    responses = [("c1", -1, "relationship", None), ("c1", 5, "relationship", None), ("c9", 5, "relationship", None), (None, 5, "relationship", None), ("c2", 9, "relationship", None)]  # fmt: skip
    answers = [
        (0, "csat", OVERALL, 2),
        (1, "csat", "bill", 4),
        (2, "csat", OVERALL, 5),
        (3, "csat", OVERALL, 5),
        (4, "csat", OVERALL, 5),
    ]
    links = measure_experience(journeys(EVENTS, responses, answers)).links
    assert links["why"].tolist()[:4] == [
        "before any contact",
        "touchpoint not met before",
        "customer not in the log",
        "customer unknown",
    ]
    assert pd.isna(links["why"].iloc[4])


def test_dates_that_cannot_be_are_said():
    responses = [("c1", 400, "relationship", None), ("c2", -400, "relationship", None), ("c2", 3, "relationship", None)]
    answers = [(i, "csat", OVERALL, 3 + i % 2) for i in range(3)]
    notes = measure_experience(journeys(EVENTS, responses, answers)).join.notes
    assert any(
        n.startswith("1 response dated more than 90 days after the last event of the log (2025-01-11)") for n in notes
    )
    assert any(n.startswith("1 response dated before the first event of the log") for n in notes)


def test_what_is_asked_wrongly_is_said():
    j = journeys(EVENTS, [("c1", 11, "transactional", "k1")], [(0, "csat", CONTACT, 2)])
    with pytest.raises(UnknownNameError, match="'transactional'"):
        link_answers(j, survey="transactionl")
    with pytest.raises(UnknownNameError, match="'touchpoint'"):
        link_answers(j, survey="transactional", rule="touchpint")
    with pytest.raises(StudyError, match="say of which survey"):
        link_answers(j, rule="journey")


def test_shown_without_markup_and_drawn(report):
    assert "contact" in repr(report) or "transactional by reference" in repr(report)
    assert "2 of 5 responses linked" in repr(report)
    evil = "<img src=x onerror=alert(1)>"
    j = journeys([("c1", 0, evil, "k1")], [("c1", 1, "transactional", "k1")], [(0, "csat", CONTACT, 2)])
    lived = measure_experience(j)
    assert "<img" not in lived.join._repr_html_()
    for figure in (lived.join.figure("nl"), lived.levels.figure(), report.figure()):
        assert "<img" not in json.dumps(figure.to_plotly_json(), default=str)
    assert len(report.figure().data[0]["x"]) == 6


def test_no_survey_no_report_and_no_error():
    lived = measure_experience(journeys(EVENTS, [], []))
    assert "no survey was answered" in repr(lived.join)


def test_order_of_rows_does_not_matter():
    responses = [("c1", 11, "transactional", "k1"), ("c2", 20, "transactional", "k3")]
    answers = [(0, "csat", CONTACT, 2), (1, "csat", CONTACT, 4)]
    one = measure_experience(journeys(EVENTS, responses, answers)).join
    j = journeys(EVENTS, responses, answers)
    back = Dataset(
        j.data.events,
        responses=j.data.responses.iloc[::-1].reset_index(drop=True),
        answers=j.data.answers.iloc[::-1].reset_index(drop=True),
    )
    two = measure_experience(build_journeys(back)).join
    pd.testing.assert_frame_equal(one.alternatives, two.alternatives)
    pd.testing.assert_frame_equal(one.links, two.links)
