"""Filters on scores, and what an Experience is when only some journeys are left."""

import pandas as pd
import pytest
from filter_tables import dataset

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.experience import measure_experience
from cxmining.journeys import Scored, build_journeys, filters, list_variants
from cxmining.schema import OVERALL, Dataset, table

# Each customer has two journeys (a silence of 60 days between), and answers on the day after the second one.
NPS = {"A": 9, "B": 10, "C": 7, "D": 8, "E": 6, "F": 0, "G": None}


def lived(metric="nps", scores=NPS, better=True, high=10):
    rows = [(c, day, step, "web") for c in scores for day, step in ((0, "looks"), (60, "asks"), (61, "buys"))]
    data = dataset(rows)
    answered = {c: s for c, s in scores.items() if s is not None}
    responses = {
        "response_id": [f"q{c}" for c in answered], "customer_id": list(answered),
        "timestamp": pd.Timestamp("2025-03-10T00:00Z"), "survey": "panel", "survey_kind": "relationship",
        "source": "q", "seq": range(len(answered)),
    }  # fmt: skip
    items = [(f"q{c}", metric, OVERALL, s, high) for c, s in answered.items()]
    items += [(f"q{c}", "csat", "asks", 4, 5) for c in answered]
    response, kind, about, score, top = zip(*items, strict=True)
    answers = {
        "response_id": response, "item": [f"i{i}" for i in range(len(items))], "metric": kind, "touchpoint": about,
        "score": score, "scale_low": 0.0, "scale_high": [float(t) for t in top], "higher_is_better": better,
        "status": "answered",
    }  # fmt: skip
    data = Dataset(events=data.events, responses=table("responses", responses), answers=table("answers", answers))
    return measure_experience(build_journeys(data, gap="30D"))


def who(found):
    return "".join(sorted(found.journeys.table["customer_id"]))


@pytest.fixture(scope="module")
def experience():
    return lived()


@pytest.mark.parametrize(
    ("f", "left"),
    [
        (filters.score_class("promoter"), "AB"),  # 9 and 10
        (filters.score_class("passive"), "CD"),  # 7 and 8
        (filters.score_class("detractor"), "EF"),  # 0 to 6
        (filters.score_class("promoter", "detractor"), "ABEF"),
        (filters.score("nps", at_least=7, at_most=8), "CD"),
        (filters.score(at_least=10), "B"),
        (filters.scored("nps"), "ABCDEF"),
        # the first journeys, and G's second, have no score: they are no promoters
        (~filters.score_class("promoter"), "ABCCDDEEFFGG"),
        (filters.score_class("promoter") & filters.ends("buys"), "AB"),
    ],
    ids=repr,
)
def test_journeys_by_score(experience, f, left):
    assert isinstance(experience, Scored)
    found = experience.where(f)
    assert who(found) == left
    assert found.journeys.chain[0].startswith(f"{f!r}: {len(left)} of 14 journeys; 6 of 14 have a nps score")
    assert "filter: " + repr(f) in repr(found)


def test_bare_journeys_have_no_scores_and_the_message_says_where_they_come_from(experience):
    f = filters.contains("buys") & filters.score_class("promoter")
    with pytest.raises(StudyError) as error:
        experience.journeys.where(f)
    assert str(error.value) == (
        'filters.score_class("promoter") needs scores, and bare journeys have none; '
        'write cx.measure_experience(journeys).where(filters.score_class("promoter"))'
    )


def test_a_metric_that_nobody_answered_and_a_class_that_nobody_is_in(experience):
    with pytest.raises(NotEnoughDataError, match="no journey has an overall score with metric 'csat'"):
        experience.where(filters.score("csat", at_least=4))
    with pytest.raises(
        NotEnoughDataError, match=r'score\("nps", at_least=9.5, at_most=9.7\) leaves none.*6 of 14 have'
    ):
        experience.where(filters.score("nps", at_least=9.5, at_most=9.7))
    with pytest.raises(UnknownNameError, match="no touchpoint 'bys'"):
        experience.where(filters.score_class("promoter") & filters.contains("bys"))


def test_where_less_is_better_the_scale_is_turned_round():
    effort = lived("ces", {"A": 1, "B": 7}, better=False, high=7)  # 1 is little effort
    assert who(effort.where(filters.score("ces", at_least=6))) == "A"


def test_an_answer_stays_with_its_journey_when_that_is_filtered_out(experience):
    # A's answer is about the second journey. Without it the first one must not come by the score.
    first = experience.where(filters.contains("looks"))
    assert who(first) == "ABCDEFG"
    assert len(first.links) == 0
    assert len(first.overall) == 0
    with pytest.raises(NotEnoughDataError):
        first.journey_scores("nps")
    second = experience.where(filters.contains("buys"))
    assert second.journey_scores("nps")["score"].tolist() == experience.journey_scores("nps")["score"].tolist()


def test_what_is_left_is_measured_again_and_nobody_was_invited_to_be_left(experience):
    promoters = experience.where(filters.score_class("promoter"))
    overall = promoters.overall.set_index("metric").loc["nps"]
    assert (overall["score"], overall["n"], overall["responses"]) == (100.0, 2, 2)
    assert pd.isna(overall["response_rate"])
    assert promoters.touchpoints.loc["asks", "score_n"] == 2  # of the six who rated it
    assert promoters.metric == experience.metric == "csat"
    one = promoters.where(filters.score("nps", at_least=10))
    assert who(one) == "B"
    assert one.journey_scores("nps")["score"].tolist() == [10.0]
    assert len(one.journeys.chain) == 2


def test_events_that_are_left_out_take_the_answers_about_them_along(experience):
    left = experience.where(~filters.events(touchpoint="asks"))
    assert left.metric is None
    assert left.links["event_id"].isna().all()  # what is about the whole stays
    assert left.journey_scores("nps")["score"].tolist() == experience.journey_scores("nps")["score"].tolist()
    nothing_lost = experience.where(filters.events(touchpoint=["looks", "asks", "buys"]))
    pd.testing.assert_frame_equal(
        nothing_lost.links, experience.links[experience.links["matched"]].reset_index(drop=True)
    )


def test_variants_carry_their_scores(experience):
    frame = list_variants(experience, metric="nps").table.set_index("steps")
    # 9, 10, 7, 8, 6, 0: mean 40/6
    assert frame.loc[[("asks", "buys")], "score_mean"].iloc[0] == pytest.approx(40 / 6)
    assert frame["score_n"].tolist() == [6, 0]
    assert pd.isna(frame["score_mean"].iloc[1])
    low, high = frame["score_low"].iloc[0], frame["score_high"].iloc[0]
    assert 0 <= low < 40 / 6 < high <= 10
    assert "score: nps, of 6 journeys" in repr(list_variants(experience, metric="nps"))
