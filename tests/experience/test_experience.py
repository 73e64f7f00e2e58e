"""Answers find their events by stated rules, and what was felt is counted once, by hand where it can be."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from cxmining.errors import NotEnoughDataError
from cxmining.experience import measure_experience
from cxmining.experience.measures import pair_expectations
from cxmining.journeys import Journeys, build_journeys
from cxmining.schema import CONTACT, OVERALL, Dataset, empty, table
from cxmining.study import SurveySettings

DAY = pd.Timedelta(days=1)
START = pd.Timestamp("2025-01-01 12:00", tz="UTC")


def at(day: float) -> pd.Timestamp:
    return START + day * DAY


def events(*rows: tuple[str, float, str, str | None]) -> pd.DataFrame:
    """(customer, day, touchpoint, case)"""
    return table(
        "events",
        {
            "event_id": [f"e{i}" for i in range(len(rows))],
            "customer_id": [r[0] for r in rows],
            "timestamp": [at(r[1]) for r in rows],
            "touchpoint": [r[2] for r in rows],
            "case_id": [r[3] for r in rows],
            "channel": ["phone"] * len(rows),
            "direction": ["inbound"] * len(rows),
            "source": ["pbx"] * len(rows),
            "seq": range(1, len(rows) + 1),
        },
    )


def responses(*rows: tuple[str, float, str, str | None]) -> pd.DataFrame:
    """(customer, day, kind, reference)"""
    return table(
        "responses",
        {
            "response_id": [f"r{i}" for i in range(len(rows))],
            "customer_id": [r[0] for r in rows],
            "timestamp": [at(r[1]) for r in rows],
            "survey": [r[2] for r in rows],
            "survey_kind": [r[2] for r in rows],
            "reference": [r[3] for r in rows],
            "source": ["survey"] * len(rows),
            "seq": range(1, len(rows) + 1),
        },
    )


def answers(*rows: tuple[str, str, str, float | None, str]) -> pd.DataFrame:
    """(response, metric, touchpoint, score, status)"""
    return table(
        "answers",
        {
            "response_id": [r[0] for r in rows],
            "item": [f"{r[1]} {r[2]}" for r in rows],
            "metric": [r[1] for r in rows],
            "touchpoint": [r[2] for r in rows],
            "score": [r[3] for r in rows],
            "scale_low": [1.0] * len(rows),
            "scale_high": [5.0 if r[1] == "csat" else 10.0 for r in rows],
            "higher_is_better": [r[1] != "ces" for r in rows],
            "status": [r[4] for r in rows],
        },
    )


def journeys(
    e: pd.DataFrame, r: pd.DataFrame, a: pd.DataFrame, surveys: tuple[SurveySettings, ...] = (), gap: str | None = None
) -> Journeys:
    customers = table(
        "customers",
        {
            "customer_id": ["c1", "c2"],
            "record_id": ["x1", "x2"],
            "source": ["crm"] * 2,
            "seq": [1, 2],
            "segment": ["a", "b"],
        },
    )
    data = Dataset(e, responses=r, answers=a, invitations=empty("invitations"), customers=customers, surveys=surveys)
    return build_journeys(data, gap=gap)


CALLS = events(("c1", 0, "calls", "k1"), ("c1", 2, "bill", None), ("c1", 4, "calls", "k2"), ("c2", 0, "calls", "k3"))


def test_a_relationship_item_about_a_touchpoint_finds_the_latest_earlier_event() -> None:
    r = responses(("c1", 3, "relationship", None))
    lived = measure_experience(journeys(CALLS, r, answers(("r0", "rapportcijfer", "calls", 7, "answered"))))
    link = lived.links.iloc[0]
    assert link["event_id"] == "e0"  # e2 lies after the response
    assert link["lag_s"] == 3 * 86400
    assert link["rule"] == "customer"


def test_an_overall_relationship_score_belongs_to_no_event() -> None:
    r = responses(("c1", 5, "relationship", None))
    lived = measure_experience(journeys(CALLS, r, answers(("r0", "nps", OVERALL, 9, "answered"))))
    link = lived.links.iloc[0]
    assert link["matched"]
    assert pd.isna(link["event_id"])
    assert pd.isna(link["journey_id"])


def test_a_transactional_score_goes_to_the_case_it_names() -> None:
    r = responses(("c1", 5, "transactional", "k1"), ("c1", 5, "transactional", "k9"))
    a = answers(("r0", "csat", CONTACT, 2, "answered"), ("r1", "csat", CONTACT, 5, "answered"))
    lived = measure_experience(journeys(CALLS, r, a))
    assert lived.links["event_id"].tolist()[0] == "e0"
    assert lived.links["touchpoint"].tolist()[0] == "calls"
    assert pd.isna(lived.links["event_id"].tolist()[1])
    report = lived.link_report.iloc[0]
    assert (report["answers"], report["matched"], report["unmatched"], report["ambiguous"]) == (2, 1, 1, 0)


def test_what_happens_after_the_response_is_never_what_it_is_about() -> None:
    r = responses(("c1", 1, "transactional", "k2"), ("c1", 1, "transactional", "k1"))
    a = answers(("r0", "csat", CONTACT, 2, "answered"), ("r1", "csat", CONTACT, 5, "answered"))
    lived = measure_experience(journeys(CALLS, r, a))
    assert lived.links["matched"].tolist() == [False, True]


def test_the_nearest_contact_rule_keeps_to_its_window() -> None:
    rule = SurveySettings(name="transactional", kind="transactional", link="touchpoint", window="2D")
    r = responses(("c1", 5, "transactional", None), ("c1", 9, "transactional", None))
    a = answers(("r0", "csat", CONTACT, 2, "answered"), ("r1", "csat", CONTACT, 5, "answered"))
    lived = measure_experience(journeys(CALLS, r, a, (rule,)))
    assert lived.links["event_id"].tolist()[0] == "e2"
    assert lived.links["matched"].tolist() == [True, False]


def test_a_tie_is_said() -> None:
    e = events(("c1", 0, "calls", None), ("c1", 0, "calls", None))
    r = responses(("c1", 1, "relationship", None))
    lived = measure_experience(journeys(e, r, answers(("r0", "rapportcijfer", "calls", 7, "answered"))))
    assert lived.link_report["ambiguous"].tolist() == [1]
    assert lived.links["event_id"].tolist() == ["e1"]


def test_a_case_number_that_two_customers_share_is_ambiguous() -> None:
    e = events(("c1", 0, "calls", "k1"), ("c2", 0, "bill", "k1"))
    r = responses(("c1", 1, "transactional", "k1"))
    lived = measure_experience(journeys(e, r, answers(("r0", "csat", CONTACT, 4, "answered"))))
    assert lived.link_report["ambiguous"].tolist() == [1]


def test_a_journey_survey_is_about_the_journey_before_it() -> None:
    e = events(("c1", 0, "calls", None), ("c1", 60, "bill", None))
    r = responses(("c1", 30, "journey", None))
    a = answers(("r0", "csat", OVERALL, 4, "answered"), ("r0", "csat", "calls", 3, "answered"),
                ("r0", "csat", "bill", 3, "answered"))  # fmt: skip
    built = journeys(e, r, a, gap="20D")
    lived = measure_experience(built)
    first = built.events.loc[built.events["event_id"] == "e0", "journey_id"].iloc[0]
    assert lived.links["journey_id"].tolist()[0] == first
    assert lived.links["matched"].tolist() == [True, True, False]
    assert lived.links["event_id"].tolist()[1] == "e0"


def test_one_of_five_is_what_two_of_ten_are() -> None:
    def pairs(low, high, score):
        asked = {"expectation": 3.0, "csat": score}
        rows = [{"metric": m, "score": s, "response_id": "r", "customer_id": "c"} for m, s in asked.items()]
        about = {
            "item": "q",
            "touchpoint": "calls",
            "event_id": "e",
            "journey_id": "j",
            "weight": 1.0,
            "survey": "s",
            "survey_kind": "journey",
        }
        links = pd.DataFrame(rows).assign(matched=True, scale_low=low, scale_high=high, **about)
        return pair_expectations(links, "csat", 2.0)["moment"].fillna("").tolist()

    assert pairs(1.0, 5.0, 4.0) == ["wow"]
    assert pairs(1.0, 5.0, 2.0) == ["pain"]
    assert pairs(1.0, 10.0, 4.0) == [""]


def test_expected_seven_got_nine_is_a_wow() -> None:
    r = responses(("c1", 5, "relationship", None), ("c2", 5, "relationship", None))
    a = answers(
        ("r0", "rapportcijfer", "calls", 9, "answered"),
        ("r0", "expectation", "calls", 7, "answered"),
        ("r0", "rapportcijfer", "bill", 4, "answered"),
        ("r0", "expectation", "bill", 8, "answered"),
        ("r1", "rapportcijfer", "calls", 8, "answered"),
        ("r1", "expectation", "calls", 7, "answered"),
    )
    lived = measure_experience(journeys(CALLS, r, a))
    assert lived.moments[["touchpoint", "gap", "moment"]].values.tolist()[:2] == [
        ["calls", 2, "wow"],
        ["bill", -4, "pain"],
    ]
    calls = lived.touchpoints.loc["calls"]
    assert (calls["score_mean"], calls["expected_mean"], calls["gap_mean"]) == (8.5, 7, 1.5)
    assert (calls["wow_n"], calls["pain_n"], calls["rated_pairs_n"], calls["score_n"]) == (1, 0, 2, 2)
    bill = lived.touchpoints.loc["bill"]
    assert bill["pain_n"] == 1
    assert math.isnan(bill["score_low"])  # one answer has no interval


def test_relationship_and_transactional_levels_stay_apart() -> None:
    r = responses(("c1", 5, "relationship", None), ("c1", 5, "transactional", "k1"))
    a = answers(("r0", "csat", OVERALL, 5, "answered"), ("r1", "csat", CONTACT, 1, "answered"))
    overall = measure_experience(journeys(CALLS, r, a)).overall.set_index("survey_kind")["score"]
    assert overall.to_dict() == {"relationship": 5.0, "transactional": 1.0}


def test_ratings_tell_never_met_from_not_answered() -> None:
    r = responses(("c1", 5, "relationship", None), ("c2", 5, "relationship", None))
    a = answers(
        ("r0", "csat", OVERALL, 4, "answered"),
        ("r0", "rapportcijfer", "calls", 6, "answered"),
        ("r0", "rapportcijfer", "bill", None, "blank"),  # met by the log, not answered
        ("r1", "csat", OVERALL, 3, "answered"),
        ("r1", "rapportcijfer", "calls", None, "not_used"),  # says never met: the customer's word counts
        ("r1", "rapportcijfer", "bill", None, "blank"),  # not in the log, not answered: never met
    )
    lived = measure_experience(journeys(CALLS, r, a))
    ratings = lived.ratings("csat", "rapportcijfer", controls=["segment"])
    assert ratings.touchpoints == ("bill", "calls")
    assert ratings.exposed.to_numpy().tolist() == [[True, True], [False, False]]
    assert ratings.frame["target"].tolist() == [4.0, 3.0]
    assert ratings.frame["segment"].tolist() == ["a", "b"]


def test_effort_is_turned_so_that_more_is_better() -> None:
    r = responses(("c1", 5, "relationship", None))
    a = answers(("r0", "ces", OVERALL, 6, "answered"), ("r0", "rapportcijfer", "calls", 7, "answered"))
    ratings = measure_experience(journeys(CALLS, r, a)).ratings("ces", "rapportcijfer")
    assert ratings.frame["target"].tolist() == [-6.0]


def test_a_survey_nobody_can_be_matched_to_is_said() -> None:
    r = responses(("c9", 5, "relationship", None))
    with pytest.raises(NotEnoughDataError, match="none belongs to a customer or case of the log"):
        measure_experience(journeys(CALLS, r, answers(("r0", "csat", OVERALL, 4, "answered"))))


def test_a_log_without_survey_has_no_scores_and_no_error() -> None:
    lived = measure_experience(journeys(CALLS, empty("responses"), empty("answers")))
    assert lived.metric is None
    assert len(lived.links) == 0
    assert "no answer" in repr(lived)
    with pytest.raises(NotEnoughDataError, match="no touchpoint was rated"):
        lived.ratings("csat")


def test_an_unknown_target_names_those_that_were_asked() -> None:
    r = responses(("c1", 5, "relationship", None))
    a = answers(("r0", "nps", OVERALL, 9, "answered"), ("r0", "rapportcijfer", "calls", 7, "answered"))
    with pytest.raises(NotEnoughDataError, match="'nps'"):
        measure_experience(journeys(CALLS, r, a)).ratings("csat")


def test_order_of_rows_does_not_matter() -> None:
    r = responses(("c1", 5, "relationship", None), ("c2", 5, "relationship", None))
    a = answers(
        ("r0", "rapportcijfer", "calls", 9, "answered"),
        ("r1", "rapportcijfer", "calls", 8, "answered"),
        ("r0", "rapportcijfer", "bill", 4, "answered"),
    )
    one = measure_experience(journeys(CALLS, r, a)).touchpoints
    two = measure_experience(journeys(CALLS, r.iloc[::-1], a.iloc[::-1].reset_index(drop=True))).touchpoints
    pd.testing.assert_frame_equal(one, two)
