"""Satisfied customers who do not recommend, come back or stay are counted, a customer once."""

from __future__ import annotations

import json

import pytest
from felt import study

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.experience.afterwards import share_difference
from cxmining.experience.loyalty import compare_loyalty
from cxmining.schema import OVERALL

HOSTILE = "<img src=x onerror=alert(1)>"


def lived(people, extra=(), **more):
    """(csat, nps) per customer c0, c1 …, asked on day 1."""
    events = [(f"c{i}", 0, "calls") for i in range(len(people))] + list(extra) + [("z", 300, "calls")]
    answers = [
        a for i, (csat, nps) in enumerate(people) for a in ((i, "csat", OVERALL, csat), (i, "nps", OVERALL, nps))
    ]
    return study(events, [(f"c{i}", 1) for i in range(len(people))], answers, gap="5D", **more)


def test_shares_by_hand() -> None:
    # Four satisfied (4, 5): promoters 9 and 10, passive 8, detractor 6. One neutral, one dissatisfied.
    extra = [
        ("c0", 20, "calls"),
        ("c2", 30, "buys"),
        ("c3", 40, "cancels"),
        ("c5", 250, "calls"),
        ("c5", 30, "cancels"),
    ]
    found = compare_loyalty(
        lived([(5, 9), (4, 10), (5, 8), (4, 6), (3, 7), (1, 2)], extra),
        within="90D",
        purchase="buys",
        leaving="cancels",
    )
    table = found.summary.set_index(["by", "level", "outcome"])
    assert table.loc[("satisfaction", "satisfied", "promoter"), ["share", "k", "n"]].tolist() == [0.5, 2, 4]
    assert table.loc[("satisfaction", "satisfied", "returns"), "share"] == 0.75  # c0, c2, c3: each another journey
    assert table.loc[("satisfaction", "satisfied", "buys"), "share"] == 0.25
    assert table.loc[("satisfaction", "satisfied", "leaves"), "share"] == 0.25
    assert table.loc[("recommendation", "detractor", "leaves"), ["share", "n"]].tolist() == [1.0, 2]
    assert table.loc[("satisfaction", "neutral", "promoter"), ["share", "n"]].tolist() == [0, 1]
    assert "of 4 satisfied customers 50.0%" in repr(found)
    contrast = found.contrasts.set_index(["contrast", "outcome"]).loc[
        ("satisfied promoters against other satisfied", "leaves")
    ]
    assert (contrast["difference"], contrast["n"], contrast["n_against"]) == (-0.5, 2, 2)
    assert (contrast["low"], contrast["high"]) == pytest.approx(share_difference(0, 2, 1, 2)[1:])


def test_newcombes_example() -> None:
    # Newcombe 1998, table II, row (a), method 10: 56/70 - 48/80 = .2, .0524 to .3339
    assert share_difference(56, 70, 48, 80) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_a_customer_counts_once_with_the_latest_questionnaire_and_only_as_long_as_the_log_lasts() -> None:
    events = [("a", 0, "calls"), ("b", 0, "calls"), ("b", 60, "calls")]
    answers = [(0, "csat", OVERALL, 1), (0, "nps", OVERALL, 0), (1, "csat", OVERALL, 5), (1, "nps", OVERALL, 10), (2, "csat", OVERALL, 5), (2, "nps", OVERALL, 5)]  # fmt: skip
    made = study(events, [("a", 1), ("a", 50), ("b", 2)], answers)
    found = compare_loyalty(made, within="30D")
    table = found.summary.set_index(["by", "level", "outcome"])
    assert table.loc[("satisfaction", "satisfied", "promoter"), ["k", "n"]].tolist() == [1, 2]
    assert table.loc[("satisfaction", "satisfied", "returns"), "n"] == 1  # a answered 10 days before the log ends
    assert table.loc[("satisfaction", "dissatisfied", "promoter"), "n"] == 0
    assert any("1 customer answered less than 30 days" in note for note in found.notes)
    assert any("leaving is not known" in note for note in found.notes)
    none = compare_loyalty(made, within="900D")
    assert any("followed 59 days" in note or "followed 58 days" in note for note in none.notes)


def test_what_satisfies_is_told_from_what_makes_promoters() -> None:
    # The bill decides satisfaction, the welcome decides recommending; both are rated by all.
    events, answers = [], []
    for i in range(80):
        bill, welcome = (9 if i % 2 else 3), (9 if i // 2 % 2 else 3)
        events += [(f"c{i:02d}", 0, "bill"), (f"c{i:02d}", 0.1, "welcome")]
        answers += [(i, "rapportcijfer", "bill", bill), (i, "rapportcijfer", "welcome", welcome)]
        answers += [
            (i, "csat", OVERALL, 5 if bill == 9 and i % 10 else 3),
            (i, "nps", OVERALL, 9 if welcome == 9 and i % 7 else 7),
        ]
    found = compare_loyalty(study(events, [(f"c{i:02d}", 1) for i in range(80)], answers))
    table = found.touchpoints.set_index("touchpoint")
    assert table.loc["bill", "satisfied_low"] > 0.5
    assert table.loc["bill", "promoter_low"] < 0 < table.loc["bill", "promoter_high"]
    assert table.loc["welcome", "promoter_q"] < 0.001
    assert table.loc["welcome", "beyond_low"] > 0.3
    assert table.loc["bill", "beyond_high"] < -0.3
    assert table.loc["bill", ["n", "n_against"]].tolist() == [40, 40]
    assert len(found.figure().data) == 2


def test_bad_calls() -> None:
    one = lived([(5, 9)])
    with pytest.raises(UnknownNameError, match="'calls'"):
        compare_loyalty(one, leaving="cals")
    with pytest.raises(StudyError, match="longer than nothing"):
        compare_loyalty(one, within="0D")
    with pytest.raises(NotEnoughDataError, match="'csat'"):
        compare_loyalty(one, metric="cssat")
    with pytest.raises(NotEnoughDataError, match="both"):
        compare_loyalty(study([("a", 0, "calls")], [("a", 1)], [(0, "nps", OVERALL, 9)]))
    with pytest.raises(NotEnoughDataError, match="nothing to draw"):
        compare_loyalty(one).figure()


def test_labels_are_text() -> None:
    events = [(f"c{i:02d}", 0, HOSTILE) for i in range(30)]
    answers = [a for i in range(30) for a in ((i, "csat", OVERALL, 3 + i % 3), (i, "nps", OVERALL, i % 11), (i, "rapportcijfer", HOSTILE, 1 + i % 10))]  # fmt: skip
    found = compare_loyalty(study(events, [(f"c{i:02d}", 1) for i in range(30)], answers))
    assert len(found.touchpoints) == 1
    assert "<img" not in json.dumps(found.figure().to_plotly_json(), default=str) + found._repr_html_()
