"""Stages that the catalogue does not give: words, position, milestones; never without a confidence."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from notion_events import dataset

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.journeys import build_journeys, propose_stages
from cxmining.journeys.staging.vocabulary import PHRASES, stages_in
from cxmining.schema import STAGES

CATALOGUE = {
    "ziet campagne": "awareness", "opent site": "awareness",
    "vergelijkt tarieven": "consideration", "rekent na": "consideration", "leest folder": "consideration",
    "sluit contract": "purchase", "krijgt pakket": "purchase",
    "krijgt factuur": "service", "vraagt om hulp": "service", "meldt storing": "service",
    "verlengt": "loyalty",
}  # fmt: skip


def relationship(person, day):
    """One customer: looks, calls, buys, calls, and comes back."""
    steps = [
        "ziet campagne", "opent site", "vergelijkt tarieven", "belt", "rekent na", "leest folder", "sluit contract",
        "krijgt pakket", "krijgt factuur", "belt", "vraagt om hulp", "meldt storing", "xyz", "krijgt factuur", "verlengt",
    ]  # fmt: skip
    return [(person, day + 3 * i, step) for i, step in enumerate(steps)]


def rows(people=12):
    return [r for i in range(people) for r in relationship(f"c{i}", i)]


@pytest.mark.parametrize(
    ("label", "stage"),
    [
        ("Vraag over factuur", "service"), ("asks about invoice", "service"), ("renews contract", "loyalty"),
        ("bestelling geplaatst", "purchase"), ("vergelijkt prijzen", "consideration"), ("sees campaign", "awareness"),
        ("beveelt aan bij een vriend", "advocacy"), ("signs contract", "purchase"), ("meldt storing", "service"),
        ("contract opgezegd", "loyalty"),
    ],
)  # fmt: skip
def test_words_in_dutch_and_english_tell_the_stage(label, stage):
    found = stages_in(label)
    assert max(found, key=lambda s: found[s]) == stage


def test_a_name_that_says_nothing_says_nothing():
    assert stages_in("belt") == stages_in("W_123") == stages_in("") == {}
    assert set(PHRASES) == set(STAGES)


def test_a_milestone_turns_calls_from_consideration_into_service():
    data = dataset(rows(), CATALOGUE)
    plain = build_journeys(data)
    proposal = propose_stages(plain)
    row = proposal.table.set_index("touchpoint").loc["belt"]
    assert (row["stage_source"], row["before"], row["after"]) == ("milestone", 12, 12)
    assert set(proposal.milestones) == {"sluit contract", "krijgt pakket"}
    # Before: 5 events of known stage a customer, all awareness or consideration: (60 + 1) / (60 + 2).
    assert proposal.confidence_before == pytest.approx(61 / 62)
    # After: pakket, factuur, hulp, storing, factuur, verlengt; 4 of 6 are service: (48 + 1) / (72 + 2).
    assert proposal.confidence_after == pytest.approx(49 / 74)
    journeys = build_journeys(data, stages=proposal)
    calls = journeys.events[journeys.events["touchpoint"] == "belt"]
    assert calls["stage"].tolist() == ["consideration", "service"] * 12
    assert set(calls["stage_source"]) == {"milestone"}
    assert calls["stage_confidence"].tolist() == pytest.approx([61 / 62, 49 / 74] * 12)
    assert plain.events.loc[plain.events["touchpoint"] == "belt", "stage"].unique().tolist() == ["unknown"]
    assert "got a proposed one" in journeys.notes[-1]


def test_who_is_first_seen_with_an_invoice_was_a_customer_already():
    old = [("old", 0, "belt"), ("old", 5, "krijgt factuur"), ("old", 9, "belt"), ("old", 12, "sluit contract")]
    journeys = build_journeys(dataset([*rows(), *old], CATALOGUE))
    journeys = journeys.with_stages(propose_stages(journeys))
    calls = journeys.events[(journeys.events["customer_id"] == "old") & (journeys.events["touchpoint"] == "belt")]
    assert calls["stage_source"].tolist()[1] == "milestone"
    assert calls["stage"].tolist()[1] == "service"
    assert calls["stage_source"].tolist()[0] != "milestone"  # nobody knows on which side it lies


def test_position_among_what_is_known_places_a_name_that_says_nothing():
    found = propose_stages(build_journeys(dataset(rows(), CATALOGUE))).table.set_index("touchpoint")
    assert found.loc["xyz", ["stage", "stage_source"]].tolist() == ["service", "proposed"]
    assert found.loc["krijgt factuur", ["stage_source", "confidence"]].tolist() == ["catalogue", 1.0]


def test_the_catalogue_is_never_overruled_and_confidence_has_a_ceiling():
    wrong = CATALOGUE | {"krijgt factuur": "advocacy"}
    journeys = build_journeys(dataset(rows(), wrong), stages="proposed")
    invoices = journeys.events[journeys.events["touchpoint"] == "krijgt factuur"]
    assert set(invoices["stage"]) == {"advocacy"}
    assert set(invoices["stage_source"]) == {"catalogue"}
    table = journeys.staging.table
    assert table.loc[table["stage_source"] != "catalogue", "confidence"].max() <= 61 / 62
    assert table["confidence"].between(0, 1).all()


def test_the_method_is_tried_on_the_catalogue_itself():
    check = propose_stages(build_journeys(dataset(rows(), CATALOGUE))).check
    assert check["n"].tolist()[0] == len(CATALOGUE)
    assert check["right"].tolist()[0] >= 8
    assert (check["low"] <= check["share"]).all()
    assert abs(check["mean_confidence"][0] - check["share"][0]) < 0.25


def test_without_a_catalogue_words_speak_and_the_rest_stays_unknown():
    proposal = propose_stages(build_journeys(dataset([(f"c{i}", d, t) for i in range(9) for d, t in
                                                      enumerate(["qqq", "bestelt", "krijgt factuur"])])))  # fmt: skip
    found = proposal.table.set_index("touchpoint")
    assert found["stage"].to_dict() == {"bestelt": "purchase", "krijgt factuur": "service", "qqq": "unknown"}
    assert proposal.notes == ("the catalogue gives a stage to 0 touchpoints: confidence is not calibrated",)
    assert found["confidence"].max() <= 0.9


def test_a_filter_does_not_turn_a_stage():
    journeys = build_journeys(dataset(rows(), CATALOGUE), gap="20D", stages="proposed")
    some = journeys.take(np.arange(len(journeys)) % 2 == 0, "every other")
    whole = journeys.events.set_index("event_id")["stage"]
    assert some.events.set_index("event_id")["stage"].equals(whole[some.events["event_id"]])


def test_row_order_of_the_catalogue_does_not_matter():
    data = dataset(rows(), CATALOGUE)
    turned = replace(data, catalogue=data.catalogue.iloc[::-1].reset_index(drop=True))
    first, again = (propose_stages(build_journeys(d)).table for d in (data, turned))
    pd.testing.assert_frame_equal(first, again)


def test_backward_moves_stay_visible():
    back = [("c1", 0, "krijgt factuur"), ("c1", 1, "vergelijkt tarieven"), ("c1", 2, "meldt storing")]
    journeys = build_journeys(dataset(back, CATALOGUE))
    assert journeys.table["backward_moves"].tolist() == [1]
    assert journeys.stage_moves.to_numpy().tolist() == [
        ["consideration", "service", 1, 1, False],
        ["service", "consideration", 1, 1, True],
    ]
    figure = journeys.figure()
    assert [t.name for t in figure.data] == ["ahead (1)", "within the stage (0)", "back (1)"]
    assert "n = 2 moves in 1 journey · customer" in figure.layout.annotations[0].text


def test_wrong_wishes_and_nothing_to_draw():
    journeys = build_journeys(dataset([("c1", 0, "belt")]))
    with pytest.raises(UnknownNameError, match="did you mean 'belt'"):
        propose_stages(journeys, milestones="bel")
    with pytest.raises(StudyError, match="between 0 and 1"):
        propose_stages(journeys, least=2)
    with pytest.raises(NotEnoughDataError, match="no journey"):
        journeys.figure()
    all_known = propose_stages(build_journeys(dataset([("c1", 0, "verlengt")], CATALOGUE)))
    with pytest.raises(NotEnoughDataError, match="nothing was proposed"):
        all_known.figure()


def test_labels_are_text():
    evil = "<img src=x onerror=alert(1)>"
    proposal = propose_stages(build_journeys(dataset([("c1", 0, evil), ("c1", 1, "belt")])))
    assert "<img" not in proposal._repr_html_()
    assert all("<img" not in str(t) for t in proposal.figure().layout.yaxis.ticktext)
