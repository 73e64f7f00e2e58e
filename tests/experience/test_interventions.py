"""Did it work: planted changes, the rate of false alarms, coverage, controls, and dates that cannot be judged."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scored_worlds import asked_after

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.experience.interventions import _periods, measure_intervention
from cxmining.experience.segmented import fit_segments


def weeks(rng, step=0.0, slope=0.0, trend=0.02, before=26, after=26):
    """Weekly means of 20 to 60 answers of SD 2."""
    time = np.arange(-before, after) + 0.5
    n = rng.integers(20, 60, len(time)).astype(float)
    truth = 7 + trend * time + (time > 0) * (step + slope * time)
    return time, truth + rng.normal(0, 2, len(time)) / np.sqrt(n), n


def test_coverage_and_false_alarms() -> None:
    rng = np.random.default_rng(2)
    held, alarms = [], []
    for _ in range(150):
        effects = fit_segments(*weeks(rng, step=0.8, slope=0.01)).effects.set_index("effect")
        truth = {"level": 0.8, "slope": 0.01}
        held.append([effects.loc[k, "low"] <= v <= effects.loc[k, "high"] for k, v in truth.items()])
        alarms.append(fit_segments(*weeks(rng)).p < 0.05)
    assert np.mean(held, axis=0).tolist() == pytest.approx([0.95, 0.95], abs=0.05)
    assert np.mean(alarms) == pytest.approx(0.05, abs=0.05)


def test_without_noise_the_truth_is_found() -> None:
    time = np.arange(-10, 10) + 0.5
    found = fit_segments(time, 5 + 0.1 * time + (time > 0) * (1 + 0.2 * time), np.ones(20))
    assert found.effects["value"].tolist() == pytest.approx([1, 0.2, 1 + 0.2 * 5])
    assert found.counterfactual[0][-1] == pytest.approx(5 + 0.95)


def test_another_course_with_no_difference_on_average_is_said_as_that() -> None:
    """One up at the date and down again since: on average nothing, and yet no chance."""
    rng = np.random.default_rng(1)
    rows = []
    for k in range(2000):
        day = rng.uniform(0, 280)
        mean = 6 + (day > 140) * (2 - 4 * (day - 140) / 140)
        rows.append((f"c{k}", day, "bill", int(np.clip(round(rng.normal(mean, 1)), 1, 10))))
    found = measure_intervention(asked_after(rows, metric="rapportcijfer"), DATE)
    assert found.found
    assert "took another course (step +" in found.say()[0]
    assert "nam rapportcijfer een andere loop" in found.say("nl")[0]


def contacts(rng, step, weeks_=40, per=25, touchpoint="bill", shock=0.0, prefix="c"):
    rows = []
    for k in range(weeks_ * per):
        day = rng.uniform(0, 7 * weeks_)
        mean = 6 + (step + shock) * (day > 140)
        rows.append((f"{prefix}{k}", day, touchpoint, int(np.clip(round(rng.normal(mean, 1.5)), 1, 10))))
    return rows


DATE = "2025-05-21T10:00"  # day 140


def test_a_planted_change_is_found() -> None:
    lived = asked_after(contacts(np.random.default_rng(3), 1.0), metric="rapportcijfer")
    found = measure_intervention(lived, DATE)
    average = found.effects.set_index("effect").loc["average"]
    assert found.found
    assert average["low"] < 1 < average["high"]
    assert found.points["n"].sum() == 1000
    assert found.points["counterfactual"].isna().sum() == (found.points["period"] < 0).sum()
    assert "other things that changed then" in found.say()[1]
    assert "Hangt samen met de datum" in found.say("nl")[1]
    assert "21 mei 2025" in found.say("nl")[0]
    monthly = measure_intervention(lived, DATE, every="M")
    assert monthly.effects.loc[2, "value"] == pytest.approx(1, abs=0.5)
    found.figure("nl").to_json()


def test_what_changed_for_both_drops_out() -> None:
    rng = np.random.default_rng(5)
    rows = contacts(rng, 0.0, shock=1.0) + contacts(rng, 0.0, shock=1.0, touchpoint="move", prefix="d")
    lived = asked_after(rows, metric="rapportcijfer")
    alone = measure_intervention(lived, DATE, "bill")
    beside = measure_intervention(lived, DATE, "bill", control="move")
    assert alone.found
    assert not beside.found
    assert beside.effects["low"].iloc[2] < 0 < beside.effects["high"].iloc[2]
    assert beside.controlled
    assert "control: answers about move" in beside.chain
    assert beside.points["value"].tolist() == pytest.approx((beside.points["own"] - beside.points["control"]).tolist())


def test_no_period_holds_both_sides_of_the_date() -> None:
    moment = pd.Timestamp("2025-05-31")
    times = pd.DatetimeIndex(
        ["2025-05-30 23:59", "2025-05-31", "2025-06-29 23:59", "2025-06-30", "2025-04-30", "2025-04-29"]
    )
    assert _periods(times, moment, "M").tolist() == [-1, 0, 0, 1, -1, -2]
    assert _periods(times, moment, "W").tolist() == [-1, 0, 4, 4, -5, -5]


def test_dates_that_cannot_be_judged() -> None:
    lived = asked_after([(f"c{i}", i, "bill", 1 + i % 5) for i in range(100)])
    with pytest.raises(NotEnoughDataError, match="no answer comes before 2024-01-01; answers run from 2025-01-01"):
        measure_intervention(lived, "2024-01-01")
    with pytest.raises(NotEnoughDataError, match="no answer comes from 2027-01-01"):
        measure_intervention(lived, "2027-01-01")
    with pytest.raises(NotEnoughDataError, match="2 weeks with answers before 2025-01-10"):
        measure_intervention(lived, "2025-01-10")
    with pytest.raises(StudyError, match="'soon' is no date"):
        measure_intervention(lived, "soon")
    with pytest.raises(UnknownNameError, match="did you mean 'bill'"):
        measure_intervention(lived, "2025-02-15", "bil")
    with pytest.raises(StudyError, match="its own control"):
        measure_intervention(lived, "2025-02-15", "bill", control="bill")
    with pytest.raises(NotEnoughDataError, match="all 100 answers are 3"):
        measure_intervention(asked_after([(f"c{i}", i, "bill", 3) for i in range(100)]), "2025-02-15")
