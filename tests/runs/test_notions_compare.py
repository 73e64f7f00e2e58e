"""Case notions side by side."""

import numpy as np
import pandas as pd
import pytest

from cxmining.errors import StudyError
from cxmining.journeys import CaseNotion
from cxmining.runs.notions import compare_case_notions
from cxmining.schema import Dataset, table


def events(rows):
    customer, case, day, touchpoint = zip(*rows, strict=True)
    return table(
        "events",
        {
            "event_id": [f"r{i}" for i in range(len(rows))],
            "customer_id": customer,
            "case_id": case,
            "timestamp": days(day),
            "touchpoint": touchpoint,
            "channel": "web",
            "source": "s",
            "seq": range(len(rows)),
        },
    )


def days(day):
    return pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(list(day), unit="D")


ROWS = [
    ("c1", "k1", 0, "look"), ("c2", "k3", 0, "look"), ("c1", "k1", 1, "buy"), ("c2", "k3", 2, "look"),
    ("c1", "k2", 50, "look"), ("c1", "k2", 54, "buy"),
]  # fmt: skip


def test_each_notion_has_its_own_journeys_worked_by_hand():
    found = compare_case_notions(Dataset(events=events(ROWS)), ["customer", {"gap": "30D"}, CaseNotion.of("case")])
    t = found.table.set_index("notion")
    assert t["journeys"].to_dict() == {"customer": 2, "customer, gap 30D": 3, "case": 3}
    assert t["events_per_journey"].tolist() == [3.0, 2.0, 2.0]
    # customer: look buy look buy over 54 days, look look over 2; cut: 1, 4 and 2 days.
    assert (t["median_duration_s"] / 86_400).tolist() == [28.0, 2.0, 2.0]
    assert t["variants"].tolist() == [2, 2, 2]
    assert t["rework_share"].tolist() == pytest.approx([1.0, 1 / 3, 1 / 3])
    assert t["top10_share"].tolist() == [1.0, 1.0, 1.0]
    # look-buy, buy-look and look-look; the year between the visits of c1 is no step once it is cut.
    assert t["edges"].tolist() == [3, 2, 2]
    assert t["median_edge_n"].tolist() == [1.0, 1.5, 1.5]
    assert (t["rework_low"] < t["rework_share"]).all()
    assert set(t["reason"]) == {"the data have no scores"}
    assert len(found.agreement) == 0
    assert "no drivers: the data have no scores" in repr(found)
    assert len(found.figure().data) == 6


def test_the_same_notion_twice_or_alone_is_no_comparison():
    data = Dataset(events=events(ROWS))
    for notions in (["customer"], "customer", ["customer", {"by": "customer"}], []):
        with pytest.raises(StudyError, match="two or more that differ"):
            compare_case_notions(data, notions)
    with pytest.raises(StudyError, match="expected the keys by, gap"):
        compare_case_notions(data, ["case", {"gab": "30D"}])


def scored(seed=1, people=900):
    """Two visits a year apart; who waits in the visit that is rated scores lower."""
    rng = np.random.default_rng(seed)
    rows, answers = [], []
    for i in range(people):
        for visit in (0, 300):
            waits, chats = rng.random(2) < 0.5
            steps = ["ask", *["wait"] * int(waits), *["chat"] * int(chats), "answer"]
            rows += [(f"c{i}", f"k{i}-{visit}", visit + i % 50 + 0.1 * j, s) for j, s in enumerate(steps)]
        answers.append(float(np.clip(round(4.2 - 1.5 * waits + rng.normal(0, 0.5)), 1, 5)))
    rows.sort(key=lambda r: r[2])
    responses = table(
        "responses",
        {
            "response_id": [f"a{i}" for i in range(people)], "customer_id": [f"c{i}" for i in range(people)],
            "timestamp": days([360] * people), "survey": "na", "survey_kind": "journey", "source": "q",
            "seq": range(people),
        },
    )  # fmt: skip
    answered = table(
        "answers",
        {
            "response_id": responses["response_id"], "item": "q1", "metric": "csat", "touchpoint": "(overall)",
            "score": answers, "scale_low": 1.0, "scale_high": 5.0, "higher_is_better": True, "status": "answered",
        },
    )  # fmt: skip
    return Dataset(events=events(rows), responses=responses, answers=answered)


def test_drivers_are_found_under_the_notion_that_holds_the_visit_and_agreement_has_its_n():
    found = compare_case_notions(scored(), [{"gap": "30D"}, "case", "customer"])
    t = found.table.set_index("notion")
    assert found.target == "csat"
    top = found.drivers[found.drivers["rank"] == 1].set_index("notion")["touchpoint"]
    assert top["customer, gap 30D"] == top["case"] == "wait"
    assert t.loc["customer, gap 30D", "r2"] > 0.5
    # The whole relationship mixes both visits: what was met says less of the one that was rated.
    assert t.loc["customer", "r2"] < t.loc["customer, gap 30D", "r2"] - 0.2
    assert t["scored"].tolist() == [900, 900, 900]
    same = found.agreement.set_index(["first", "second"]).loc[("customer, gap 30D", "case")]
    assert (same["n"], same["tau"]) == (2, pytest.approx(1.0))


def test_a_target_that_nobody_answered_is_the_reason_not_a_crash():
    found = compare_case_notions(scored(people=20), ["customer", "case"], target="nps")
    assert all("no journey has an overall score with metric 'nps'" in r for r in found.table["reason"])
