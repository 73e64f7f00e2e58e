"""Priority, the roadmap and what people decide about it."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import cxmining as cx
from cxmining.drivers import find_drivers
from cxmining.drivers.people import read_decided
from cxmining.drivers.priority import _product, prioritise
from cxmining.drivers.roadmap import MOMENT, OWN, PAIN, UNMET, plan_roadmap
from cxmining.drivers.truth import find_moments_of_truth
from cxmining.drivers.unmet import unmet_tasks
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.experience import measure_experience
from cxmining.journeys import build_journeys


@pytest.fixture(scope="module")
def lived(sample):
    data = cx.read(sample / "study.toml")
    return measure_experience(
        build_journeys(data, by="customer", gap="30D", exclude=["monthly invoice"]), metric="rapportcijfer"
    )


@pytest.fixture(scope="module")
def analysis(lived):
    return find_drivers(lived.ratings("csat", "rapportcijfer", ["segment"]), "csat", bootstrap=100)


@pytest.fixture(scope="module")
def moments(lived):
    return find_moments_of_truth(lived, leaving="cancels contract")


@pytest.fixture(scope="module")
def road(lived, analysis, moments):
    return plan_roadmap(lived, analysis, moments=moments, customer_value=240)


# priority


def test_the_product_of_three_parts_and_its_interval():
    # by hand: one part alone keeps its own interval, and an end at 0 makes 0
    parts = np.array([[0.2, 0.1, 0.3], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]])
    assert _product(parts) == pytest.approx((0.2, 0.1, 0.3))
    parts[1] = [0.5, 0.0, 0.8]
    value, low, high = _product(parts)
    assert (value, low) == (pytest.approx(0.1), 0.0)
    # log scale: the squares of log(.3/.2) and log(.8/.5) add up
    assert high == pytest.approx(0.1 * np.exp(np.hypot(np.log(1.5), np.log(1.6))))


def test_priority_is_the_product_and_shows_its_parts(analysis, lived):
    table = prioritise(analysis, lived).summary
    assert np.allclose(table["priority"], table["pain"] * table["share"] * table["reach"])
    assert table["priority"].is_monotonic_decreasing
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    for part in ("pain", "reach", "priority"):
        assert (table[f"{part}_low"] <= table[part] + 1e-12).all()
        assert (table[part] <= table[f"{part}_high"] + 1e-12).all()
    assert (table[["pain_n", "share_n", "reach_n"]] > 0).all().all()
    # the yearly statement is what the simulator lets weigh most, and what shocks
    assert table["touchpoint"][0] == "yearly statement"


def test_without_an_experience_pain_is_a_low_score():
    scores = pd.DataFrame({"a": [1.0, 9] * 200, "b": [8.0, 8, 9, 9] * 100})
    scores["all"] = scores["a"] + np.arange(400) % 3
    table = prioritise(find_drivers(scores, "all", bootstrap=100)).summary.set_index("touchpoint")
    assert table.loc["a", "pain"] == 0.5
    assert table.loc["b", "priority"] == 0
    assert set(table["pain_basis"]) == {"low"}


# roadmap


def test_the_roadmap_joins_owner_difference_cost_and_value(road, moments):
    table = road.summary.set_index("item")
    assert set(table["kind"]) <= {MOMENT, PAIN, UNMET, OWN}
    breaking = moments.decisive[moments.decisive["direction"] == "breaks"]
    assert set(breaking["touchpoint"]) <= set(table.index)
    row = table.loc["yearly statement"]
    assert row["owner"] == "Facturatie"
    assert row["low"] < row["difference"] < row["high"]
    assert row["outcome"] == "leaves"
    truth = breaking.set_index("touchpoint").loc["yearly statement"]
    assert row["value"] == pytest.approx(truth["customers"] * truth["difference"] * 240)
    assert row["value_low"] < row["value"] < row["value_high"]
    calls = table.loc["asks about invoice"]
    assert calls["cost"] == 6.2
    assert calls["saved"] == pytest.approx(calls["repeats"] * 6.2, rel=0.02)  # repeats are shown in whole contacts
    assert table["effort"].isna().all()  # nobody filled it in, and nothing guesses it
    assert set(table["quarter_source"]) == {"proposed"}


def test_an_owner_is_proposed_no_more_than_he_can_take(lived, analysis, moments):
    for room in (1, 2):
        table = plan_roadmap(lived, analysis, moments=moments, per_owner=room, start="2026-Q3").summary
        within = table[table["quarter"] != "later"]
        assert within.groupby(["owner", "quarter"]).size().max() <= room
        assert within["quarter"].min() == "2026-Q3"
        assert within["quarter"].max() <= "2027-Q2"


def test_what_people_decide_survives_a_new_run(road, lived, analysis, moments, tmp_path):
    file = tmp_path / "roadmap.toml"
    road.save(file)
    assert all(not v for v in read_decided(file).items.values())  # proposals are questions, never facts
    text = file.read_text()
    text = text.replace(
        'name = "yearly statement"',
        'name = "yearly statement"\nquarter = "2027-Q1"\neffort = "L"\nby = "Anna" # asked twice',
    )
    text = text.replace('name = "power outage"', 'name = "power outage"\ndrop = true')
    text += '\n[[item]]\nname = "train the team"\nowner = "Academy"\n'
    file.write_text("customer_value = 100.0\n" + text)
    again = plan_roadmap(lived, analysis, moments=moments, file=file)
    table = again.summary.set_index("item")
    row = table.loc["yearly statement"]
    assert (row["quarter"], row["quarter_source"], row["effort"], row["by"]) == ("2027-Q1", "people", "L", "Anna")
    assert row["value"] == pytest.approx(road.summary.set_index("item").loc["yearly statement", "value"] / 2.4)
    assert "power outage" not in table.index
    assert (table.loc["train the team", "kind"], table.loc["train the team", "owner"]) == (OWN, "Academy")
    assert "2027-Q1" in again.quarters
    before = file.read_text()
    again.save(file)
    assert file.read_text().startswith(before)  # to the letter, comments and all


def test_no_spreadsheet_runs_what_people_wrote(road, tmp_path):
    table = road.summary.assign(note='=HYPERLINK("http://x")', owner="@SUM(1)")
    dataclasses.replace(road, summary=table).to_csv(tmp_path / "r.csv")
    text = (tmp_path / "r.csv").read_text(encoding="utf-8")
    assert "'=HYPERLINK" in text
    assert "'@SUM" in text
    assert pd.read_csv(tmp_path / "r.csv").shape == table.shape


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[item]]\nname = 3", "expected the item as the roadmap calls it"),
        ('[[item]]\nname = "a"\nquarter = "soon"', "item 'a': quarter = 'soon'"),
        ('[[item]]\nname = "a"\neffrot = "L"', "did you mean 'effort'"),
        ('[[item]]\nname = "a"\n[[item]]\nname = "a"', "listed twice"),
        ('[[item]]\nname = "a"\ndrop = "yes"', "expected true or false"),
        ("customer_value = -1", "expected an amount"),
        ("worth = 1", "unknown key 'worth'"),
        ("item = 1", "expected a list"),
        ("x = = 1", "is not TOML"),
    ],
)
def test_a_file_that_cannot_be_is_named(text, message, tmp_path):
    (tmp_path / "roadmap.toml").write_text(text)
    with pytest.raises(StudyError, match=message):
        read_decided(tmp_path / "roadmap.toml")


def test_a_plan_of_nothing_and_wrong_numbers_are_named(lived, analysis, moments):
    with pytest.raises(NotEnoughDataError, match="nothing to plan"):
        plan_roadmap(lived)
    for how, message in (
        ({"quarters": 0}, "quarters = 0"), ({"top": 0}, "top = 0"), ({"start": "2026"}, "start = '2026'"),
        ({"customer_value": -1.0}, "customer_value = -1.0"),
    ):  # fmt: skip
        with pytest.raises(StudyError, match=message):
            plan_roadmap(lived, analysis, moments=moments, **how)


def test_a_task_that_no_touchpoint_does_well_is_a_chance(lived, analysis):
    # two touchpoints carry the task "move house"; both are expected to score far above what they do
    data = lived.journeys.data
    catalogue = data.catalogue.copy()
    of = catalogue["touchpoint"].isin(["reports move", "asks about meter"])
    catalogue.loc[of, "task"] = "move house"
    catalogue.loc[of, "expected"] = 9.9
    touchpoints = lived.touchpoints.copy()
    touchpoints.loc[["reports move", "asks about meter"], ["gap_high", "gap_mean"]] = np.nan
    changed = dataclasses.replace(data, catalogue=catalogue)
    journeys = dataclasses.replace(lived.journeys, data=changed)
    table = plan_roadmap(
        dataclasses.replace(lived, journeys=journeys, touchpoints=touchpoints), analysis
    ).summary.set_index("item")
    row = table.loc["task: move house"]
    assert (row["kind"], row["owner"]) == (UNMET, "Klantenservice")
    assert row["n"] > 0
    one_works = catalogue.copy()
    one_works.loc[one_works["touchpoint"] == "reports move", "expected"] = 1.0
    journeys = dataclasses.replace(lived.journeys, data=dataclasses.replace(data, catalogue=one_works))
    table = plan_roadmap(dataclasses.replace(lived, journeys=journeys, touchpoints=touchpoints), analysis).summary
    assert "task: move house" not in set(table["item"])


def test_a_task_that_customers_ask_for_and_no_touchpoint_is_made_for_is_a_chance_too(lived):
    """Fifty ask to move house at the meter line; the catalogue has touchpoints for paying alone. Nine are too few."""
    data = lived.journeys.data
    catalogue = data.catalogue.assign(task=pd.NA, expected=pd.NA)
    catalogue.loc[catalogue["touchpoint"] == "asks about invoice", "task"] = "pay"
    changed = dataclasses.replace(lived, journeys=dataclasses.replace(lived.journeys, data=dataclasses.replace(data, catalogue=catalogue)))  # fmt: skip
    told = SimpleNamespace(
        summary=pd.DataFrame({"task": ["move house", "pay", "sing", "(unknown)"], "n": [60, 90, 9, 500], "customers": [50, 80, 9, 400]}),
        touchpoints=pd.DataFrame({"touchpoint": ["asks about meter", "asks about invoice", "asks about invoice", "asks about meter"],
                                  "task": ["move house", "move house", "pay", "sing"], "k": [58, 2, 90, 9]}),
    )  # fmt: skip
    assert unmet_tasks(changed) == []
    # two of sixty contacts at the invoice line are noise: the task has to do with the meter line
    assert unmet_tasks(changed, told) == [("move house", 60, ("asks about meter",), "text")]
