"""What stays of verdict and top three when a choice is made otherwise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxmining.errors import StudyError
from cxmining.journeys import CaseNotion
from cxmining.runs.sensitivity import BASE, Sensitivity, _around, _near, sensitivity
from cxmining.schema import Dataset, table
from cxmining.study import load_study


def test_half_and_double_are_written_as_people_write_them():
    assert _around(["14D"]) == ["7D", "28D"]
    assert _around(["14D", "30D"]) == ["7D", "60D"]
    assert _around(["1D"]) == ["12h", "2D"]
    with pytest.raises(StudyError, match="'soon' is no time"):
        _around(["soon"])


def test_the_notions_next_to_one():
    events = {"event_id": ["1"], "timestamp": ["2025-01-01T00:00Z"], "channel": ["web"], "touchpoint": ["a"], "source": ["s"],
              "seq": [1]}  # fmt: skip
    without = Dataset(events=table("events", events))
    near = [str(n) for n in _near(CaseNotion.of("customer", "30D"), without)]
    assert near == ["customer, gap 15D", "customer, gap 60D", "customer"]
    cases = Dataset(events=table("events", events | {"case_id": ["k"]}))
    assert [str(n) for n in _near(CaseNotion.of("customer"), cases)] == ["case"]


def made():
    columns = ["variant", "choice", "question", "journeys", "linked", "answers", "n", "r2", "r2_low", "r2_high", "verdict", "top",
               "same_verdict", "same_top", "tau", "reason"]  # fmt: skip
    row = [BASE, "study", "ratings", 9, 9, 9, 400, 0.3, 0.2, 0.4, "spread", "a, b, c", True, True, 1.0, ""]
    other = [
        "window of 7D <img>",
        "link rule",
        "ratings",
        9,
        9,
        9,
        300,
        0.3,
        0.2,
        0.4,
        "cannot tell",
        "a, b, d",
        False,
        False,
        0.5,
        "",
    ]
    none = [
        "certain identities only",
        "identity",
        "ratings",
        9,
        0,
        9,
        0,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        "nobody",
    ]
    shares = pd.DataFrame(
        [(v, "ratings", t, s, s - 0.05, s + 0.05, i, 300) for v in (BASE, "window of 7D <img>") for i, (t, s) in enumerate([("a", 0.5), ("b", 0.3), ("c", 0.2)])],
        columns=["variant", "question", "touchpoint", "share", "share_low", "share_high", "rank", "n"],
    )  # fmt: skip
    return Sensitivity(pd.DataFrame([row, other, none], columns=columns), shares, (0, 1), (0, 1), "csat", ("a note",))


def test_it_says_how_many_stay_and_draws_every_variant():
    found = made()
    assert found.sentence("en") == "The verdict stays under 0 of 1 other choices, the top three under 0 of 1."
    assert found.sentence("nl").startswith("Het oordeel blijft staan")
    for width in (1200, 390):
        svg = found.picture(width=width).to_svg()
        assert "<img" not in svg
        assert "cannot tell" in svg
        assert "no analysis" in svg
        assert "nan" not in svg
    assert "<img" not in found._repr_html_()


@pytest.mark.slow
def test_the_sample_is_run_again_under_each_choice(sample):
    study = load_study(sample / "study.toml")
    found = sensitivity(study, notions=["case"], windows=["7D"], bootstrap=100)
    table_ = found.summary
    assert set(table_["choice"]) == {"study", "link rule", "case notion", "identity"}
    rated = table_[table_["question"] == "ratings"]
    # what customers rated hangs on their answers: no link rule and no notion changes it
    assert rated["same_verdict"].all()
    assert np.allclose(rated["tau"].astype(float), 1)
    assert found.verdict_stays[1] == len(table_) - 2
