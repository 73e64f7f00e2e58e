"""Seven expected and nine got is a WOW; asked and estimated never meet in one row."""

from __future__ import annotations

import csv
import dataclasses
import json

import pandas as pd
import pytest
from felt import study

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.experience.erosion import find_changes, follow_expectations, slope_by_customer
from cxmining.experience.example import small_example
from cxmining.experience.moments import find_moments
from cxmining.schema import OVERALL

HOSTILE = "<img src=x onerror=alert(1)>"


def asked(pairs, *, nps=None, metric="rapportcijfer", scale=(1.0, 10.0), touchpoint="calls", comments=None):
    """(expected, score) of one call per customer; an NPS in the same questionnaire where given."""
    events = [(f"c{i}", i, touchpoint) for i in range(len(pairs))]
    comments = comments or [None] * len(pairs)
    responses = [(f"c{i}", i + 0.5, "relationship", comments[i]) for i in range(len(pairs))]
    answers = []
    for i, (expected, score) in enumerate(pairs):
        answers += [(i, "expectation", touchpoint, expected, scale), (i, metric, touchpoint, score, scale)]
        if nps is not None:
            answers.append((i, "nps", OVERALL, nps[i]))
    return study(events, responses, answers)


def test_seven_to_nine_is_a_wow_and_bad_as_expected_is_a_pain_of_its_own() -> None:
    found = find_moments(asked([(7, 9), (7, 8), (8, 6), (8, 7), (4, 4), (3, 5), (6, 6)]))
    kinds = found.moments["moment"]
    assert kinds.where(kinds.notna(), "").tolist() == ["wow", "", "pain", "", "expected pain", "wow", ""]
    row = found.summary.iloc[0]
    assert (row["n"], row["customers"], row["wow"], row["pain"], row["expected_pain"]) == (7, 7, 2, 1, 1)
    assert row["wow_share"] == pytest.approx(2 / 7)
    assert row["wow_share_low"] == pytest.approx(0.0822, abs=1e-3)  # Wilson, 2 of 7
    assert row["wow_share_high"] == pytest.approx(0.6411, abs=1e-3)
    assert len(found.of("wow")) == 2


@pytest.mark.parametrize(("scale", "points"), [((1.0, 10.0), 2), ((1.0, 5.0), 1), ((0.0, 10.0), 2), ((1.0, 7.0), 1)])
def test_the_threshold_is_that_of_the_items_scale_and_is_said(scale, points) -> None:
    low, high = scale
    found = find_moments(asked([(low + 2, low + 2 + points), (high, high - points), (low + 2, low + 2)], scale=scale))
    assert (found.wow, found.pain) == (points, points)
    assert found.moments["moment"].tolist()[:2] == ["wow", "pain"]
    assert any("1-to-10 scale" in note for note in found.notes) == (scale != (1.0, 10.0))
    assert f"WOW from +{points}" in repr(found)


def test_given_thresholds_are_scale_points() -> None:
    found = find_moments(asked([(7, 8), (8, 5)]), wow=1, pain=4)
    assert found.moments["moment"].fillna("").tolist() == ["wow", ""]
    for bad in (0, -2, 10):
        with pytest.raises(StudyError, match="points above 0"):
            find_moments(asked([(7, 8)]), wow=bad)


def test_asked_and_estimated_stand_apart() -> None:
    pairs = [(7, 7)] * 6
    lived = asked(pairs)
    events = [(f"c{i}", i, "calls") for i in range(8)]
    responses = [(f"c{i}", i + 0.5) for i in range(8)]
    answers = [(i, "rapportcijfer", "calls", 7) for i in range(7)] + [(7, "rapportcijfer", "calls", 2)]
    answers.append((0, "expectation", "calls", 5))
    found = find_moments(study(events, responses, answers))
    table = found.summary.set_index("expectation")
    assert table["n"].to_dict() == {"asked": 1, "estimated": 3}
    assert (table.loc["asked", "wow"], table.loc["estimated", "wow"], table.loc["estimated", "pain"]) == (1, 0, 1)
    assert any("estimated expectations are no answers" in note for note in found.notes)
    assert "estimated: 0 wow, 1 pain" in repr(found)
    assert set(find_moments(lived).summary["expectation"]) == {"asked"}


def test_who_had_a_wow_and_recommends_counts_once_and_not_what_came_before() -> None:
    # c0 and c1 had a WOW, one is a promoter; of the four others one is. c0 answers again later, as a detractor; an
    # NPS of c2 that came before the call counts for nothing.
    events = [(f"c{i}", i + 1, "calls") for i in range(6)] + [("c2", 0, "signs")]
    responses = [(f"c{i}", i + 1.5) for i in range(6)] + [("c0", 50), ("c2", 0.5)]
    answers = []
    for i, (expected, score, nps) in enumerate([(6, 9, 10), (5, 8, 7), (7, 7, 9), (7, 7, 5), (8, 8, 8), (8, 7, 0)]):
        answers += [
            (i, "expectation", "calls", expected),
            (i, "rapportcijfer", "calls", score),
            (i, "nps", OVERALL, nps),
        ]
    answers += [(6, "nps", OVERALL, 3), (7, "nps", OVERALL, 10)]
    table = find_moments(study(events, responses, answers)).recommendation
    wow = table[table["moment"] == "wow"].set_index("answer")
    same = wow.loc["same questionnaire"]
    assert (same["promoters"], same["n"], same["against"], same["n_against"]) == (0.5, 2, 0.25, 4)
    assert same["difference"] == 0.25
    assert same["low"] < 0 < same["high"]
    assert (wow.loc["later", "n"], wow.loc["later", "promoters"], wow.loc["later", "n_against"]) == (1, 0.0, 0)
    assert (table["survey_kind"] == "relationship").all()


def test_quotes_come_only_when_asked_for_and_masked() -> None:
    said = ["Bel me op 06-12345678, top!", "prima", None, "slecht"]
    found = find_moments(asked([(5, 9), (6, 9), (6, 9), (9, 2)], comments=said))
    quotes = found.quotes("wow")
    assert quotes["quote"].tolist() == ["Bel me op [phone], top!", "prima"]
    assert "customer_id" not in quotes
    assert found.quotes("pain", touchpoint="calls")["quote"].tolist() == ["slecht"]
    assert "06-1234" not in repr(found) + found._repr_html_() + found.summary.to_string() + found.moments.to_string()
    with pytest.raises(UnknownNameError, match="calls"):
        found.quotes("pain", touchpoint="cals")
    with pytest.raises(UnknownNameError, match="wow"):
        found.of("wouw")
    with pytest.raises(NotEnoughDataError, match="comment"):
        found.quotes("expected pain")


def test_no_expectation_at_all_and_one_customer() -> None:
    with pytest.raises(NotEnoughDataError, match="1 score of touchpoints, and no expectation"):
        find_moments(study([("a", 0, "calls")], [("a", 1)], [(0, "csat", "calls", 3)]))
    found = find_moments(asked([(7, 9)]))
    assert found.summary["wow"].tolist() == [1]
    assert pd.isna(found.summary["gap_low"].iloc[0])  # one value has no interval
    assert found.figure() is not None


def test_labels_are_text_in_every_picture_and_table() -> None:
    found = find_moments(asked([(7, 9), (7, 7)], touchpoint=HOSTILE))
    assert "<img" not in found._repr_html_()
    assert "<img" not in json.dumps(found.figure().to_plotly_json(), default=str)


def test_what_was_a_wow_becomes_what_is_expected() -> None:
    # Each month the same 8 is got; 6 is expected in the first three months and 8 in the last three.
    rows = [(c, m, 6.0 if m < 3 else 8.0) for m in range(6) for c in range(8)]
    pairs = pd.DataFrame(
        {
            "touchpoint": "calls",
            "expectation": "asked",
            "customer_id": [f"c{c}" for c, _, _ in rows],
            "timestamp": [pd.Timestamp(2025, m + 1, 10, c, tz="UTC") for c, m, _ in rows],
            "expected": [e + (c % 2) * 0.5 for c, _, e in rows],
            "gap": [8 - e - (c % 2) * 0.5 for c, _, e in rows],
        }
    )
    found = follow_expectations(pairs).set_index("what")
    assert found.loc["expected", "slope"] == pytest.approx(2 * 9 / 35)  # of 0 0 0 2 2 2 over 0 … 5
    assert found["change"].tolist() == ["2025-04", "2025-04"]
    assert found["change_by"].tolist() == pytest.approx([2, -2])
    assert found["changes"].tolist() == [1, 1]
    short = follow_expectations(pairs[pairs["timestamp"] < "2025-03-01"])
    assert not len(short)
    assert "eroding" in short


def test_noise_has_no_change_point_and_a_clear_one_has_its_month() -> None:
    import numpy as np

    rng = np.random.default_rng(1)
    wrong = sum(bool(find_changes(np.repeat(np.arange(12), 20), rng.normal(size=240))) for _ in range(200))
    assert wrong / 200 < 0.05
    held = 0
    for _ in range(200):
        value = rng.normal(size=240) + np.repeat(np.arange(12) >= 7, 20) * 0.8
        found = find_changes(np.repeat(np.arange(12), 20), value)
        held += any(low <= 7 <= high for _, low, high, _, _ in found)
    assert held / 200 > 0.9


@pytest.mark.slow
def test_the_slope_of_one_answer_each_has_the_interval_of_robust_regression() -> None:
    sm = pytest.importorskip("statsmodels.api")
    import numpy as np

    rng = np.random.default_rng(3)
    x, y, who = rng.integers(0, 6, 60).astype(float), rng.normal(size=60), np.repeat(np.arange(20), 3)
    slope, low, high, _ = slope_by_customer(x, y, who)
    fit = sm.OLS(y, sm.add_constant(x)).fit(
        cov_type="cluster", cov_kwds={"groups": who, "use_correction": False}, use_t=True
    )
    assert slope == pytest.approx(fit.params[1])
    half = fit.bse[1] * (20 / 19) ** 0.5 * 2.093024
    assert (low, high) == pytest.approx((slope - half, slope + half), rel=1e-5)


@pytest.mark.slow
def test_planted_moments_are_found_where_expectation_was_asked(sample) -> None:
    import cxmining as cx

    lived = cx.measure_experience(cx.build_journeys(cx.read(sample / "study.toml"), by="customer", gap="30D"))
    truth = json.loads((sample / "truth.json").read_text())
    with (sample / "surveys" / "relatie.csv").open(encoding="utf-8-sig") as stream:
        named = [row["ResponseId"] for row in csv.DictReader(stream)][2:]  # two more rows of headings
    r = lived.journeys.data.responses
    seq = r[r["survey"] == "relatie"].set_index("response_id")["seq"]
    raw = {name: named[int(i) - 1] for name, i in seq.items()}
    found = find_moments(lived)
    asked_ = found.moments[found.moments["expectation"] == "asked"]
    for kind in ("wow", "pain"):
        planted = {(name.removeprefix("q:"), t) for name, t in truth[kind]}
        mine = asked_[asked_["moment"] == kind]
        seen = {(raw[i], t) for i, t in zip(mine["response_id"], mine["touchpoint"], strict=True)}
        print(kind, len(seen & planted), len(seen), len(planted))
        assert len(seen & planted) / len(seen) >= 0.9
        assert len(seen & planted) / len(planted) >= 0.8


def test_a_study_that_keeps_texts_to_itself_shows_no_quote():
    lived = small_example()
    data = dataclasses.replace(lived.journeys.data, texts="none")
    kept = dataclasses.replace(lived, journeys=dataclasses.replace(lived.journeys, data=data))
    with pytest.raises(StudyError, match="shows no words of customers"):
        find_moments(kept).quotes("pain")
