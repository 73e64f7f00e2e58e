"""Each metric by its own mathematics, worked by hand; kinds and scales apart; a real survey against plain pandas."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import cxmining as cx
from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.experience.cases import compare_cases
from cxmining.experience.metrics import Question, measures_of
from cxmining.experience.survey_levels import _asked, measure_survey
from cxmining.schema import Dataset, table
from cxmining.stats import wilson

WHOLE = "(overall)"


def survey(*answers, weights=None, kinds=("relationship",)):
    """Make a data set without a log. answers: (response, customer, kind, metric, touchpoint, score, low, high[, better])."""
    made = {}
    for response, customer, kind, *_ in answers:
        made[response] = (customer, kind)
    r = table(
        "responses",
        {
            "response_id": list(made),
            "customer_id": [v[0] for v in made.values()],
            "timestamp": ["2025-01-01T12:00Z"] * len(made),
            "survey": [v[1] for v in made.values()],
            "survey_kind": [v[1].split()[0] for v in made.values()],
            "weight": [None if weights is None else weights.get(k) for k in made],
            "source": ["s"] * len(made),
            "seq": range(1, len(made) + 1),
        },
    )
    a = table(
        "answers",
        {
            "response_id": [x[0] for x in answers],
            "item": [f"{x[3]} {x[4]} {x[6]}-{x[7]}" for x in answers],
            "metric": [x[3] for x in answers],
            "touchpoint": [x[4] for x in answers],
            "score": [x[5] for x in answers],
            "scale_low": [float(x[6]) for x in answers],
            "scale_high": [float(x[7]) for x in answers],
            "higher_is_better": [x[8] if len(x) > 8 else True for x in answers],
            "status": ["answered" if x[5] is not None else "blank" for x in answers],
        },
    )
    return Dataset(table("events", {}), responses=r, answers=a)


def of(levels):
    return {r.measure: (r.value, r.n) for r in levels.itertuples()}


def test_nps_and_its_shares_by_hand():
    # 3 promoters (9, 10, 10), 1 passive (8), 1 detractor (6) of 5: 60% - 20% = 40
    data = survey(
        *[(f"r{i}", f"c{i}", "relationship", "nps", WHOLE, s, 0, 10) for i, s in enumerate([9, 10, 10, 8, 6])]
    )
    found = measure_survey(data).levels
    assert of(found) == {"nps": (40, 5), "promoters": (0.6, 5), "passives": (0.2, 5), "detractors": (0.2, 5)}
    share = found.set_index("measure").loc["promoters"]
    assert (share["low"], share["high"]) == (pytest.approx(wilson(3, 5).low), pytest.approx(wilson(3, 5).high))


def test_csat_cijfer_and_effort_by_hand():
    csat = measures_of([5, 4, 4, 2], Question("csat", 1, 5, True))
    assert (csat["mean"].value, csat["top-2-box"].value) == (3.75, 0.75)
    cijfer = measures_of([8, 7.5, 5, 4, 10], Question("rapportcijfer", 1, 10, True))
    assert (cijfer["mean"].value, cijfer["8 or more"].value, cijfer["5 or less"].value) == (6.9, 0.4, 0.4)
    easy = measures_of([7, 5, 4, 1], Question("ces", 1, 7, True))
    hard = measures_of([1, 3, 4, 7], Question("ces", 1, 7, False))
    assert easy["easy"].value == hard["easy"].value == 0.5  # the middle is neither
    assert "top-2-box" not in measures_of([0, 1], Question("csat", 0, 1, True))
    assert list(measures_of([1, 5], Question("nps", 1, 5, True))) == ["mean"]  # nobody is a promoter on 1 to 5


def test_effort_says_its_direction_and_whether_there_was_a_task():
    data = survey(
        ("r0", "a", "transactional", "ces", "(contact)", 2, 1, 7, False), ("r1", "b", "transactional", "ces", "(contact)", 4, 1, 7, False),
        ("r2", "a", "relationship", "ces", WHOLE, 6, 1, 7), ("r3", "b", "relationship", "ces", WHOLE, 6.5, 1, 7),
    )  # fmt: skip
    found = measure_survey(data)
    directions = found.levels.drop_duplicates("survey").set_index("survey")["direction"]
    assert directions.to_dict() == {"relationship": "higher is easier", "transactional": "higher is more effort"}
    said = [n for n in found.notes if "right after a task" in n]
    assert len(said) == 1
    assert said[0].startswith("survey 'relationship' asks effort about the whole relationship")


def test_weights_by_hand():
    # 5 weighs 3, the three 1s weigh 1 each: (15 + 3) / 6 = 3; effective n = 36 / 12 = 3; without weights 2
    data = survey(
        *[(f"r{i}", f"c{i}", "relationship", "csat", WHOLE, s, 1, 5) for i, s in enumerate([5, 1, 1, 1])],
        weights={"r0": 3.0, "r1": 1.0, "r2": 1.0, "r3": 1.0},
    )
    row = measure_survey(data).take("csat")
    assert (row["value"], row["unweighted"], row["n_effective"], row["n"]) == (3, 2, pytest.approx(3), 4)
    assert row["weighted"]
    assert row["high"] - row["low"] > 3  # as of three answers, kept within the scale


def test_an_answer_without_a_weight_is_said():
    data = survey(
        *[(f"r{i}", f"c{i}", "relationship", "csat", WHOLE, s, 1, 5) for i, s in enumerate([5, 1, 3])],
        weights={"r0": 1.0, "r1": 1.0},
    )
    found = measure_survey(data)
    assert found.take("csat")["n"] == 2
    assert "survey 'relationship': 1 answer without a weight left out of weighted figures" in found.notes


def test_relationship_and_transactional_nps_are_never_one_figure():
    data = survey(
        *[(f"r{i}", f"c{i}", "relationship", "nps", WHOLE, 9, 0, 10) for i in range(3)],
        *[(f"t{i}", f"c{i}", "transactional", "nps", "(contact)", 2, 0, 10) for i in range(3)],
    )
    found = measure_survey(data)
    with pytest.raises(StudyError, match="relationship, journey and transactional scores are never mixed"):
        found.take("nps")
    assert found.take("nps", survey="relationship")["value"] == 100
    assert found.take("nps", survey="transactional")["value"] == -100
    with pytest.raises(UnknownNameError, match="'nps'"):
        found.take("npz")
    with pytest.raises(UnknownNameError, match="relationship"):
        found.take("nps", survey="relationshp")
    with pytest.raises(UnknownNameError, match="promoters"):
        found.take("nps", "promotors", survey="relationship")


def test_two_scales_stand_apart():
    data = survey(
        ("r0", "a", "relationship", "csat", WHOLE, 5, 1, 5), ("r1", "b", "relationship", "csat", WHOLE, 9, 1, 10),
        ("r2", "c", "relationship", "csat", WHOLE, 7, 1, 10),
    )  # fmt: skip
    found = measure_survey(data)
    means = found.levels[found.levels["measure"] == "mean"]
    assert means[["scale_high", "value", "n"]].values.tolist() == [[5, 5, 1], [10, 8, 2]]
    assert any("several scales (1 to 5, 1 to 10): they stand apart" in n for n in found.notes)
    with pytest.raises(StudyError, match="different questions"):
        found.take("csat", "mean")


def test_all_equal_and_one_answer_are_said():
    found = measure_survey(
        survey(*[(f"r{i}", f"c{i}", "relationship", "csat", WHOLE, 4, 1, 5) for i in range(20)],
               ("x", "y", "transactional", "csat", "(contact)", 2, 1, 5))
    )  # fmt: skip
    same, one = found.take("csat", survey="relationship"), found.take("csat", survey="transactional")
    assert (same["value"], round(same["low"], 2), round(same["high"], 2)) == (4, 3.52, 4.16)
    assert math.isnan(one["low"])
    assert any("all 20 answers on csat are 4" in n for n in found.notes)
    assert any("one answer on csat: a figure without an interval" in n for n in found.notes)


def test_a_customer_who_answers_often_is_one():
    once = survey(
        *[(f"r{i}", f"c{i}", "transactional", "csat", "(contact)", s, 1, 5) for i, s in enumerate([5, 4, 1, 2] * 3)]
    )
    often = survey(
        *[(f"r{i}", f"c{i % 4}", "transactional", "csat", "(contact)", s, 1, 5) for i, s in enumerate([5, 4, 1, 2] * 3)]
    )
    narrow, wide = measure_survey(once).take("csat"), measure_survey(often).take("csat")
    assert (narrow["value"], narrow["n"], wide["customers"]) == (wide["value"], wide["n"], 4)
    assert wide["high"] - wide["low"] > 1.5 * (narrow["high"] - narrow["low"])


def test_complete_cases_by_hand():
    """r0 and r1 answered both, r2 only a: of a, the complete cases say 4.5 where all who answered say 4."""
    frame = survey(
        ("r0", "a", "relationship", "csat", "a", 4, 1, 5), ("r0", "a", "relationship", "csat", "b", 2, 1, 5),
        ("r1", "b", "relationship", "csat", "a", 5, 1, 5), ("r1", "b", "relationship", "csat", "b", 3, 1, 5),
        ("r2", "c", "relationship", "csat", "a", 3, 1, 5), ("r2", "c", "relationship", "csat", "b", None, 1, 5),
    )  # fmt: skip
    cases = measure_survey(frame).cases.set_index("touchpoint")
    assert cases.loc["a", ["available", "available_n", "complete", "complete_n", "difference"]].tolist() == [
        4,
        3,
        4.5,
        2,
        0.5,
    ]
    # pulls: (4-4.5)/2 - 0 = -.25, (5-4.5)/2 - 1/3 = -1/12, 0 + 1/3; variance 3/2 × their squares = .2708, t(2) = 4.3027
    half = 4.302653 * math.sqrt(1.5 * (1 / 16 + 1 / 144 + 1 / 9))
    assert cases.loc["a", "difference_high"] == pytest.approx(0.5 + half)
    assert math.isnan(cases.loc["b", "difference_low"])  # all who answered b are complete: there is nothing to differ
    assert cases["complete_responses"].tolist() == [2, 2]


def test_cases_hold_their_level():
    """Who answers everything does so at random: the difference is zero, and its interval holds it."""
    rng = np.random.default_rng(3)
    n, rows = 80, []
    for repeat in range(150):  # a survey each: all are compared in one call
        gone = rng.random(n) < 0.4
        for i in range(n):
            for t in "ab":
                score = None if t == "b" and gone[i] else int(rng.integers(1, 6))
                rows.append((f"r{repeat}-{i}", f"c{i}", f"relationship {repeat}", "csat", t, score, 1, 5))
    cases = compare_cases(_asked(survey(*rows)))
    of_a = cases[cases["touchpoint"] == "a"]
    assert len(of_a) == 150
    assert of_a["difference_low"].le(0).mul(of_a["difference_high"].ge(0)).mean() > 0.9


def test_one_item_has_no_complete_cases():
    assert len(measure_survey(survey(("r0", "a", "relationship", "nps", WHOLE, 9, 0, 10))).cases) == 0


def test_markup_stays_text():
    bad = "<img src=x onerror=alert(1)>"
    found = measure_survey(survey(*[(f"r{i}", f"c{i}", "relationship", "csat", bad, i + 1, 1, 5) for i in range(3)]))
    assert found.touchpoints["touchpoint"].tolist() == [bad] * 2
    assert "<img" not in found._repr_html_()


def test_nothing_scored_is_an_error():
    with pytest.raises(NotEnoughDataError, match="no answer is a score"):
        measure_survey(survey(("r0", "a", "relationship", "csat", WHOLE, None, 1, 5)))


def test_order_of_rows_does_not_matter():
    rows = [(f"r{i}", f"c{i % 5}", "relationship", "csat", WHOLE, i % 5 + 1, 1, 5) for i in range(20)]
    one, two = measure_survey(survey(*rows)), measure_survey(survey(*rows[::-1]))
    pd.testing.assert_frame_equal(one.levels, two.levels)


# --- real ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def airport(tmp_path_factory, real):
    path = real / "satisfaction/2017_SFO_Customer_Survey.csv"
    if not path.exists():
        pytest.skip("../shared/data/satisfaction is not here")
    folder = tmp_path_factory.mktemp("sfo")
    (folder / "sfo.csv").write_bytes(path.read_bytes())
    frame = pd.read_csv(path, encoding="latin-1", low_memory=False)
    rated = [c for c in frame if c.startswith("Q7") and c != "Q7ALL"]
    items = ",\n".join(
        f'{{column = "{c}", metric = "perception", touchpoint = "{c}", low = 1, high = 5, not_used = [6], blank = [0]}}'
        for c in rated
    )
    (folder / "study.toml").write_text(f"""
name = "sfo"
[[source]]
name = "sfo"
path = "sfo.csv"
format = "csv"
encoding = "latin-1"
into = "responses"
survey = "sfo"
tz = "America/Los_Angeles"
columns = {{account = "RESPNUM"}}
constants = {{timestamp = "2017-05-15 12:00"}}
[[survey]]
name = "sfo"
kind = "relationship"
weight = "WEIGHT"
item = [
{{column = "Q7ALL", metric = "csat", low = 1, high = 5, blank = ["Blank"]}},
{{column = "NETPRO", metric = "nps", low = 0, high = 10}},
{items}
]
""")
    return cx.read(folder / "study.toml"), frame, rated


@pytest.mark.real
def test_weighted_means_of_the_airport_are_those_of_plain_pandas(airport):
    data, frame, rated = airport
    found = measure_survey(data)
    for item in rated:
        ok = frame[frame[item].between(1, 5)]
        mean = (ok[item] * ok["WEIGHT"]).sum() / ok["WEIGHT"].sum()
        row = found.touchpoints.set_index("touchpoint").loc[item]
        assert row["value"] == pytest.approx(mean, abs=1e-12)
        assert (row["n"], row["unweighted"]) == (len(ok), pytest.approx(ok[item].mean()))
        assert row["n_effective"] == pytest.approx(ok["WEIGHT"].sum() ** 2 / (ok["WEIGHT"] ** 2).sum())
        assert row["low"] < mean < row["high"]
    scores = pd.to_numeric(frame["Q7ALL"], errors="coerce")
    ok = scores.between(1, 5)
    whole = found.take("csat")
    assert whole["value"] == pytest.approx(
        (scores[ok] * frame["WEIGHT"][ok]).sum() / frame["WEIGHT"][ok].sum(), abs=1e-12
    )
    ok = frame["NETPRO"].between(0, 10)
    w = frame["WEIGHT"][ok]
    score = frame["NETPRO"][ok]
    by_hand = 100 * (w[score >= 9].sum() - w[score <= 6].sum()) / w.sum()
    assert found.take("nps")["value"] == pytest.approx(by_hand, abs=1e-10)


@pytest.mark.real
def test_an_eleven_is_a_rejected_cell_and_the_rest_of_its_response_stands(airport):
    data, frame, _ = airport
    elevens = int((frame["NETPRO"] == 11).sum())
    assert elevens == 84
    cells = data.ledger[data.ledger["cell"].eq("NETPRO")]
    assert len(cells) == elevens
    assert cells["reason"].unique().tolist() == ["outside the scale 0 to 10 of item 'NETPRO'"]
    assert len(data.responses) == len(frame)
    found = measure_survey(data)
    assert found.items.set_index("item").loc["NETPRO", "invalid"] == elevens
    assert found.take("nps")["n"] == int(frame["NETPRO"].between(0, 10).sum())
    assert "84 answers outside their scale left out; the ledger has them" in found.notes


@pytest.mark.real
def test_complete_and_available_cases_of_the_airport_stand_side_by_side(airport):
    data, frame, rated = airport
    cases = measure_survey(data).cases.set_index("item")
    scores = frame[rated].where(frame[rated].isin([1, 2, 3, 4, 5]))
    scores["Q7ALL"] = pd.to_numeric(frame["Q7ALL"], errors="coerce")
    scores["NETPRO"] = frame["NETPRO"].where(frame["NETPRO"].between(0, 10))
    full = scores.notna().all(axis=1)
    assert cases["complete_responses"].unique().tolist() == [int(full.sum())] == [483]
    assert cases["responses"].unique().tolist() == [len(frame)]
    for item in rated:
        w = frame["WEIGHT"][full]
        assert cases.loc[item, "complete"] == pytest.approx((scores[item][full] * w).sum() / w.sum())
    # of those who rate everything, the free WiFi is worse: to keep only them would have moved it by a quarter point
    assert cases.loc["Q7WIFI", "difference_high"] < 0
    assert cases.loc["Q7WIFI", "q"] < 0.001
