"""Effort: journeys counted by hand, what the log does not show, and how well behaviour predicts what customers say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from felt import study
from scored_worlds import lived_of

from cxmining.experience.effort import measure_effort
from cxmining.experience.wording import MEASURES


def contact(customer, day, touchpoint="bill", channel="phone", **more):
    time = pd.Timestamp("2025-01-01 10:00", tz="UTC") + pd.Timedelta(days=day)
    return {
        "customer": customer,
        "time": time.isoformat(),
        "touchpoint": touchpoint,
        "channel": channel,
        "direction": "inbound",
        **more,
    }


def by_customer(found):
    return found.journeys.set_index("customer_id")


def test_journeys_by_hand() -> None:
    """Ann asks about a bill by phone, by mail 3 days later, by mail 8 days after that; a letter goes out between."""
    contacts = [
        contact("ann", 0, wait_s=60.0, case_id="k1", resource="Eva"),
        contact("ann", 3, channel="mail", case_id="k1", resource="Tom", wait_s=30.0),
        contact("ann", 5, channel="post", direction="outbound", case_id="k1", resource="Tom"),
        contact("ann", 11, channel="mail", case_id="k1"),
        contact("bob", 0, touchpoint="move", case_id="k2", resource="Eva"),
    ]
    found = by_customer(measure_effort(lived_of(contacts, [], gap="30D")))
    ann, bob = found.loc["ann"], found.loc["bob"]
    assert ann["contacts"] == 3
    assert ann["repeats"] == 1  # the third comes 8 days after the second
    assert ann["wait_s"] == 90
    assert ann["handovers"] == 1  # Eva, Tom, Tom, nobody
    assert ann["channel_switches"] == 1  # phone, mail, mail; the letter is not hers
    assert ann["days_open"] == 11
    assert bob[["contacts", "repeats", "handovers", "channel_switches", "days_open"]].tolist() == [1, 0, 0, 0, 0]
    assert np.isnan(bob["wait_s"])


def test_transfers_that_the_source_counts_and_tasks() -> None:
    contacts = [contact("ann", 0, transfers=2), contact("ann", 1, transfers=None), contact("ann", 2, touchpoint="move")]
    catalogue = {
        "touchpoint": ["bill", "move"], "task": ["pay", "move"], "backstage": [False] * 2, "third_party": [False] * 2,
    }  # fmt: skip
    found = by_customer(measure_effort(lived_of(contacts, [], catalogue=catalogue))).loc["ann"]
    assert found["handovers"] == 2
    assert found["contacts_per_task"] == 1.5


def test_what_the_log_does_not_show_is_not_nothing() -> None:
    found = measure_effort(lived_of([contact("ann", 0), contact("bob", 0)], []))
    assert "wait_s" not in found.levels["measure"].tolist()
    assert "the log does not show hand-overs" in found.notes
    assert found.journeys["handovers"].isna().all()
    assert found.say() == [
        "How well behaviour predicts the asked effort is not known: nobody was asked how easy it was."
    ]
    assert "niemand is gevraagd" in found.say("nl")[0]
    assert not found.predicts
    found.figure().to_json()


def world(slope, n=300, seed=0):
    """Customers with 1 to 6 contacts; CES is 6 less `slope` per contact, and noise."""
    rng = np.random.default_rng(seed)
    contacts, answers = [], []
    for i in range(n):
        many = int(rng.integers(1, 7))
        for k in range(many):
            contacts.append(contact(f"c{i:03}", k, case_id=f"k{i}", channel=["phone", "mail"][int(rng.integers(2))]))
        score = int(np.clip(round(6 - slope * many + rng.normal(0, 0.7)), 1, 7))
        answers.append(
            (
                f"c{i:03}",
                (pd.Timestamp("2025-01-01", tz="UTC") + pd.Timedelta(days=many)).isoformat(),
                f"k{i}",
                "ces",
                score,
            )
        )
    return contacts, answers


def test_what_behaviour_predicts_is_told() -> None:
    found = measure_effort(lived_of(*world(0.6)))
    r2 = found.prediction.set_index("measure").loc["r2"]
    # Truly: contacts have variance 35/12, so .36 · 35/12 = 1.05 of 1.05 + .49 + rounding 1/12
    assert r2["value"] == pytest.approx(1.05 / (1.05 + 0.49 + 1 / 12), abs=0.1)
    assert r2["low"] < r2["value"] < r2["high"]
    assert found.predicts
    relation = found.relation.set_index("measure")
    assert relation.loc["contacts", "high"] < -0.5
    assert relation.loc["contacts", "p_adjusted"] < 0.001
    ces = found.levels.set_index("measure").loc["ces"]
    assert ces["n"] == 300
    figure = found.figure("nl")
    assert figure.layout.yaxis2.title.text.startswith("CES")


def test_a_model_no_better_than_the_mean_is_said_to_be_so() -> None:
    for seed in range(2):
        found = measure_effort(lived_of(*world(0.0, seed=seed)))
        assert not found.predicts
        assert "no better than its mean" in found.say()[0]
        assert "niet beter dan het gemiddelde" in found.say("nl")[0]


def test_only_what_came_before_the_answer_predicts() -> None:
    """CES after the first contact; the hard ones come back afterwards: that is no prediction."""
    contacts, answers = [], []
    for i in range(200):
        hard = i % 2
        contacts += [contact(f"c{i:03}", k, case_id=f"k{i}") for k in range(1 + 4 * hard)]
        answers.append((f"c{i:03}", "2025-01-01T11:00Z", f"k{i}", "ces", 2 + 4 * (1 - hard)))
    found = measure_effort(lived_of(contacts, answers))
    assert not found.predicts
    assert found.prediction["value"].iloc[0] < 0.05
    assert by_customer(found).loc["c001", "contacts"] == 5


def test_equal_or_few_answers_are_said() -> None:
    contacts, answers = world(0.5)
    assert measure_effort(lived_of(contacts, answers[:20])).unasked == "fewces"
    assert measure_effort(lived_of(contacts, [(*a[:4], 5) for a in answers])).unasked == "equal"


def test_per_touchpoint() -> None:
    contacts = [
        contact("ann", 0),
        contact("ann", 1),
        contact("bob", 0),
        contact("bob", 1, "<b>x", "mail"),
        contact("cas", 0),
    ]
    found = measure_effort(lived_of(contacts, []))
    bill = found.touchpoints.set_index("touchpoint").loc["bill"]
    assert bill["contacts"] == 4
    assert bill["repeat_mean"] == 0.25
    assert found.touchpoints.set_index("touchpoint").loc["<b>x", "switch_mean"] == 1
    assert "<b>x" not in found._repr_html_()
    assert set(MEASURES) <= set(found.journeys)


def test_the_order_of_rows_changes_nothing() -> None:
    contacts, answers = world(0.4, n=120)
    one = measure_effort(lived_of(contacts, answers))
    data = lived_of(contacts, answers).journeys.data
    from dataclasses import replace

    from cxmining.experience import measure_experience
    from cxmining.journeys import build_journeys

    mixed = replace(
        data, responses=data.responses.sample(frac=1, random_state=1).reset_index(drop=True),
        answers=data.answers.sample(frac=1, random_state=2).reset_index(drop=True),
    )  # fmt: skip
    two = measure_effort(measure_experience(build_journeys(mixed, gap="7D")))
    pd.testing.assert_frame_equal(one.prediction, two.prediction)
    pd.testing.assert_frame_equal(one.levels, two.levels)


def test_effort_on_two_scales_has_no_mean_of_both_and_no_share_beyond_all():
    events = [(f"c{i}", i * 9.0, "calls") for i in range(4)]
    asked = [(i, "ces", "calls", 6 - i % 2, (1, 7)) for i in range(3)] + [(3, "ces", "calls", 40, (0, 100))]
    found = measure_effort(study(events, [(f"c{i}", i * 9.0 + 1) for i in range(4)], asked))
    row = found.touchpoints.set_index("touchpoint").loc["calls"]
    assert row["ces_n"] == 3  # forty of a hundred is no forty of seven
    assert 1 <= row["ces_low"] < row["ces_mean"] < row["ces_high"] <= 7
    assert 0 == row["repeat_low"] == row["repeat_mean"] < row["repeat_high"] < 1
