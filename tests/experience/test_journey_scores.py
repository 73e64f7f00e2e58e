"""One overall score per journey: of one metric and one kind of survey, higher is better, read once."""

from __future__ import annotations

import pandas as pd
import pytest

from cxmining.errors import NotEnoughDataError
from cxmining.experience import measure_experience
from cxmining.journeys import Scored, build_journeys, journeys_of, scores_of
from cxmining.schema import CONTACT, OVERALL, Dataset, table

START = pd.Timestamp("2025-01-01 12:00", tz="UTC")


def lived(answers, gap="10D"):
    """Ann contacts on days 0 and 40 (two journeys), Bob on day 5; answers are (customer, day, kind, metric, score)."""
    events = [("ann", 0, "k1"), ("ann", 40, "k2"), ("bob", 5, "k3")]
    data = Dataset(
        events=table(
            "events",
            {
                "event_id": [f"e{i}" for i in range(3)],
                "customer_id": [e[0] for e in events],
                "timestamp": [START + pd.Timedelta(days=e[1]) for e in events],
                "case_id": [e[2] for e in events],
                "touchpoint": ["calls"] * 3,
                "channel": ["phone"] * 3,
                "source": ["s"] * 3,
                "seq": [1, 2, 3],
            },
        ),
        responses=table(
            "responses",
            {
                "response_id": [f"r{i}" for i in range(len(answers))],
                "customer_id": [a[0] for a in answers],
                "timestamp": [START + pd.Timedelta(days=a[1]) for a in answers],
                "survey": [a[2] for a in answers],
                "survey_kind": [a[2] for a in answers],
                "reference": [{"ann": "k2", "bob": "k3"}[a[0]] for a in answers],
                "source": ["q"] * len(answers),
                "seq": range(1, len(answers) + 1),
            },
        ),
        answers=table(
            "answers",
            {
                "response_id": [f"r{i}" for i in range(len(answers))],
                "item": ["q1"] * len(answers),
                "metric": [a[3] for a in answers],
                "touchpoint": [CONTACT if a[2] == "transactional" else OVERALL for a in answers],
                "score": [a[4] for a in answers],
                "scale_low": [0.0 if a[3] == "nps" else 1.0 for a in answers],
                "scale_high": [10.0 if a[3] == "nps" else 7.0 for a in answers],
                "higher_is_better": [a[3] != "ces" for a in answers],
                "status": ["answered"] * len(answers),
            },
        ),
    )
    return measure_experience(build_journeys(data, gap=gap))


def by_start(found, source):
    return found.merge(journeys_of(source).table[["journey_id", "start"]]).sort_values("start")


def test_an_answer_about_the_relationship_scores_the_latest_journey_before_it_and_no_other() -> None:
    source = lived([("ann", 20, "relationship", "nps", 9), ("bob", 6, "relationship", "nps", 2)])
    found = by_start(source.journey_scores(), source)
    assert found["customer_id"].tolist() == ["ann", "bob"]
    assert found["score"].tolist() == [9, 2]  # Ann's second journey began after she answered
    assert (found["start"] == [START, START + pd.Timedelta(days=5)]).all()


def test_of_two_answers_the_later_one_stands() -> None:
    source = lived([("ann", 20, "relationship", "nps", 9), ("ann", 30, "relationship", "nps", 4)])
    assert source.journey_scores()["score"].tolist() == [4]


def test_effort_is_turned_round_so_that_higher_is_better() -> None:
    assert lived([("ann", 41, "transactional", "ces", 2)]).journey_scores()["score"].tolist() == [6]


def test_kinds_of_survey_are_never_mixed() -> None:
    source = lived(
        [
            ("ann", 41, "transactional", "nps", 9),
            ("bob", 6, "transactional", "nps", 8),
            ("ann", 20, "relationship", "nps", 1),
        ]
    )
    found = source.journey_scores("nps")
    assert set(found["survey_kind"]) == {"transactional"}
    assert sorted(found["score"]) == [8, 9]


def test_a_metric_that_nobody_answered_names_those_that_were() -> None:
    with pytest.raises(NotEnoughDataError, match=r"'ces'.*there is: 'nps'"):
        lived([("ann", 20, "relationship", "nps", 9)]).journey_scores("ces")


def test_bare_journeys_have_no_scores() -> None:
    source = lived([("ann", 20, "relationship", "nps", 9)])
    assert isinstance(source, Scored)
    assert not isinstance(source.journeys, Scored)
    assert scores_of(source.journeys) is None
    assert scores_of(source) is not None


def test_taking_journeys_remembers_why_and_keeps_their_names() -> None:
    journeys = lived([("ann", 20, "relationship", "nps", 9)]).journeys
    late = journeys.take((journeys.table["start"] > START).to_numpy(), "started later")
    assert late.chain == ("started later: 2 of 3 journeys",)
    assert set(late.table["journey_id"]) < set(journeys.table["journey_id"])
    assert "filter: started later" in repr(late)
    with pytest.raises(NotEnoughDataError, match="never leaves none of the 2 journeys after started later"):
        late.take([], "never")
