"""By month with limits: borders of months, limits by hand, rules at their known rate, and what cannot be followed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scored_worlds import asked_after, lived_of

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.experience.continuous import track
from cxmining.experience.limits import control_limits, signals


def test_months_are_local() -> None:
    """23:30 UTC on 31 January is February in Amsterdam."""
    times = ["2025-01-10T12:00Z", "2025-01-31T23:30Z", "2025-02-10T12:00Z", "2025-03-01T12:00Z"]
    contacts = [
        {"customer": f"c{i}", "time": "2025-01-01T00:00Z", "touchpoint": "bill", "case_id": f"k{i}"} for i in range(4)
    ]
    answers = [(f"c{i}", t, f"k{i}", "csat", i + 1) for i, t in enumerate(times)]
    local = track(lived_of(contacts, answers, zone="Europe/Amsterdam"))
    assert local.points["n"].tolist() == [1, 2, 1]
    assert local.points["value"].tolist() == [1, 2.5, 4]
    assert track(lived_of(contacts, answers)).points["n"].tolist() == [2, 1, 1]
    assert local.points["start"].tolist() == [
        pd.Timestamp("2025-01-01"),
        pd.Timestamp("2025-02-01"),
        pd.Timestamp("2025-03-01"),
    ]
    assert local.points["open"].tolist() == [False, False, True]


def points(value, n, phase=0):
    return pd.DataFrame({"value": np.asarray(value, float), "n": n, "phase": phase})


def test_limits_by_hand() -> None:
    # p-chart: centre .5, n 25: SD .1; the points differ by .4, of which the mean range over 1.128 is 3.546 SD.
    t = points([0.3, 0.7, 0.3, 0.7], 25)
    assert control_limits(t, 0, "p", True)[["lower", "upper"]].iloc[0].tolist() == pytest.approx([0.2, 0.8])
    laney = control_limits(t, 0, "laney", True)
    assert laney["z"].abs().tolist() == pytest.approx([2 / (4 / 1.128)] * 4)
    assert laney[["lower", "upper"]].iloc[0].tolist() == [0, 1]  # a share stays one
    xmr = control_limits(points([5, 6, 5, 7], [1, 9, 4, 4]), 0, "xmr", False)
    assert xmr["upper"].iloc[0] == pytest.approx(5.75 + 3 * (4 / 3) / 1.128)


def test_limits_are_never_narrower_than_chance() -> None:
    t = points([5.0, 5.0, 5.0, 5.0001], 4)
    one, two = (control_limits(t, 2.0, chart, False)["upper"] for chart in ("laney", "p"))
    assert one.tolist() == pytest.approx(two.tolist())


def test_rules_by_hand() -> None:
    assert signals(np.array([0.1] * 8))[-2:] == ["", "8 in a row"]
    assert signals(np.array([1.5, 1.5, 0, 1.5, 1.5]))[-1] == "4 of 5"
    assert signals(np.array([2.5, -2.5, 2.5])) == ["", "", "2 of 3"]
    assert signals(np.array([2.5, -2.5, -1.0])) == ["", "", ""]


def test_signals_come_at_their_known_rate() -> None:
    """On pure noise the first of the four rules comes after 92 points on average (Champ and Woodall 1987)."""
    rng = np.random.default_rng(1)
    first = [next((i + 1 for i, s in enumerate(signals(rng.normal(size=900))) if s), 900) for _ in range(300)]
    assert np.mean(first) == pytest.approx(92, rel=0.2)


def monthly(means, n=30, seed=0):
    rng = np.random.default_rng(seed)
    rows = []
    for month, mean in enumerate(means):
        for i in range(n):
            rows.append(
                (
                    f"c{month}x{i}",
                    30.4 * month + rng.uniform(0.5, 29),
                    "bill",
                    int(np.clip(round(rng.normal(mean, 1)), 0, 10)),
                )
            )
    return rows


def test_a_change_is_told_from_noise_and_a_phase_ends_it() -> None:
    lived = asked_after(monthly([6] * 10 + [8] * 6), metric="rapportcijfer")
    found = track(lived)
    assert (found.points["signal"] != "").any()
    assert found.metric == "rapportcijfer"
    split = track(lived, phases=["2025-11-01"])
    assert split.points["phase"].tolist()[:10] == [0] * 10
    assert (split.points["signal"] == "").mean() > 0.85
    assert split.points["centre"].iloc[-1] > split.points["centre"].iloc[0] + 1.5
    quiet = track(asked_after(monthly([6] * 16, seed=2), metric="rapportcijfer"))
    assert quiet.say() == ["No month is told apart from noise: all lie within what chance makes."]
    assert "ruis" in quiet.say("nl")[0]


def test_nps_top_two_and_weeks() -> None:
    rows = [(f"c{i}", i, "bill", [10, 9, 3, 8][i % 4]) for i in range(56)]
    found = track(asked_after(rows, metric="nps"), every="W")
    whole = found.points[found.points["n"] == 7]
    assert whole["value"].between(-100, 100).all()
    # 2025-01-01 is a Wednesday: the first week has five days, 10 9 3 8 10 → 3 promoters, 1 detractor
    assert found.points.loc[0, ["n", "value"]].tolist() == [5, pytest.approx(40)]
    rows = [(f"c{i}", i, "bill", 5 - i % 4) for i in range(120)]
    top = track(asked_after(rows), "csat_top2")
    assert top.points["value"].iloc[0] == pytest.approx(16 / 31)  # of 31 days 8 × 5 and 8 × 4
    assert top.written(0.5, "nl") == "50,0%"


def test_response_rate_by_hand() -> None:
    """Three months, four invitations each; an answer belongs to the latest invitation before it."""
    contacts = [
        {"customer": f"c{i}", "time": "2024-12-01T00:00Z", "touchpoint": "bill", "case_id": f"k{i}"} for i in range(4)
    ]
    asked = [(f"c{i}", f"2025-0{m}-05T00:00Z") for m in (1, 2, 3) for i in range(4)]
    answers = [
        ("c0", "2025-01-06T00:00Z", "k0", "csat", 3),
        ("c1", "2025-02-01T00:00Z", "k1", "csat", 4),
        ("c0", "2025-03-09T00:00Z", "k0", "csat", 5),
    ]
    invitations = {
        "invitation_id": [f"i{k:02}" for k in range(12)], "customer_id": [a[0] for a in asked], "survey": ["q"] * 12,
        "invited_at": pd.to_datetime([a[1] for a in asked], utc=True), "source": ["i"] * 12, "seq": range(1, 13),
    }  # fmt: skip
    lived = lived_of(contacts, answers, invitations=invitations, gap="400D")
    found = track(lived, "response_rate")
    assert found.points["value"].tolist() == [0.5, 0, 0.25]
    assert found.points["n"].tolist() == [4, 4, 4]
    with pytest.raises(NotEnoughDataError, match="no invitations were read"):
        track(lived_of(contacts, answers), "response_rate")


def test_effort_by_month() -> None:
    found = track(asked_after([(f"c{i}", i, "bill", 3) for i in range(100)] + [("c1", 1.5, "bill", 3)]), "contacts")
    assert found.points["value"].iloc[0] == pytest.approx(32 / 31)


def test_what_cannot_be_followed() -> None:
    one_month = asked_after([(f"c{i}", i, "bill", 1 + i % 5) for i in range(20)])
    with pytest.raises(NotEnoughDataError, match="lie in 1 period only"):
        track(one_month)
    with pytest.raises(NotEnoughDataError, match="all 100 values of csat are 4"):
        track(asked_after([(f"c{i}", i, "bill", 4) for i in range(100)]))
    with pytest.raises(StudyError, match="every='Y'"):
        track(one_month, every="Y")
    with pytest.raises(UnknownNameError, match="'csta' is unknown; did you mean 'csat'"):
        track(one_month, "csta")
    with pytest.raises(UnknownNameError, match="nobody answered about touchpoint 'bil'"):
        track(one_month, touchpoint="bil")
    longer = asked_after([(f"c{i}", i, "bill", 1 + i % 5) for i in range(120)])
    with pytest.raises(NotEnoughDataError, match="no period begins before"):
        track(longer, phases=["2030-01-01"])
    with pytest.raises(StudyError, match="contacts is not about one touchpoint"):
        track(longer, "contacts", touchpoint="bill")
    with pytest.raises(StudyError, match="is no date"):
        track(longer, phases=["soon"])


def test_a_period_without_answers_is_a_gap() -> None:
    found = track(asked_after([(f"c{i}", d, "bill", 1 + i % 5) for i, d in enumerate([1, 2, 3, 70, 71, 100, 101])]))
    assert found.points["n"].tolist() == [3, 0, 2, 2]
    assert np.isnan(found.points["value"].iloc[1])
    assert found.points["signal"].iloc[1] == ""
    assert "1 month without any value" in found.notes
    found.figure("nl").to_json()


def test_markup_stays_text() -> None:
    evil = "<img src=x onerror=alert(1)>"
    found = track(asked_after([(f"c{i}", i, evil, 1 + i % 5) for i in range(100)]), touchpoint=evil)
    assert "<img" not in found._repr_html_()
    assert "<img" not in found.figure().to_json().replace("\\u003c", "<")
