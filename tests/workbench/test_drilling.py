"""From figures down to journeys, and the values of an attribute side by side: by hand, and against the filters and scipy."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, kruskal

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.experience import measure_experience
from cxmining.experience.example import _data, small_example
from cxmining.ingest import from_frame
from cxmining.journeys import build_journeys, filters
from cxmining.schema import table
from cxmining.stats import benjamini_hochberg
from cxmining.workbench import explore
from cxmining.workbench.journeys import ORDERS
from cxmining.workbench.segments import attributes

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def lived():
    return small_example()


@pytest.fixture(scope="module")
def written():
    """The small company in Amsterdam, with a name and a number in what customers wrote."""
    data = _data()
    comments = data.responses["comment"].where(
        data.responses["response_id"] != "r00", "mail mij: a.b@example.com " + HOSTILE
    )
    return measure_experience(
        build_journeys(
            replace(data, time_zone="Europe/Amsterdam", responses=data.responses.assign(comment=comments)), gap="30D"
        )
    )


def test_the_first_journeys_by_hand(written):
    x = explore(written)
    found = x.list_journeys(3)
    assert (found.journeys, found.customers, found.order, found.metric) == (105, 60, "start", "csat")
    first = found.summary.iloc[0]
    # c00 orders on 6 January at 9:00 UTC, asks after 3 and 5 days, and is called after 12
    assert str(first["start"]) == "2025-01-06 10:00:00+01:00"
    assert (first["duration_s"], first["n_events"]) == (12 * 86_400, 4)
    assert first["steps"] == ("orders", "asks about the bill", "asks about the bill", "calls back")
    assert first["channels"] == ("web", "phone", "phone", "phone")
    assert first["customer"].startswith("#"), "a name as it was given is nobody's business"
    assert "c00" not in repr(found) + found._repr_html_()
    assert found.summary["start"].is_monotonic_increasing


def test_each_order_puts_first_what_it_says(lived):
    x = explore(lived)
    for order in ORDERS:
        table = x.list_journeys(105, order=order).summary
        assert sorted(table["journey_id"]) == sorted(lived.journeys.table["journey_id"])
        scored = table["score"].dropna()
        assert scored.index.tolist() == list(range(60)) or order in ("start", "longest"), "the unscored stand last"
        if order == "longest":
            assert table["duration_s"].is_monotonic_decreasing
        if order == "lowest":
            assert scored.is_monotonic_increasing
        if order == "highest":
            assert scored.is_monotonic_decreasing


def test_the_list_is_what_the_headless_table_says(lived):
    x = explore(lived).where(filters.channel("phone")).select("touchpoint", "calls back")
    ours, theirs = x.list_journeys(50).summary, x.journey_table(50)
    columns = ["journey_id", "duration_s", "n_events", "variant_id", "score"]
    ours, theirs = (t.sort_values("journey_id")[columns].reset_index(drop=True) for t in (ours, theirs))
    pd.testing.assert_frame_equal(ours, theirs, check_dtype=False)


def test_one_journey_contact_by_contact(written):
    silent, x = explore(written), explore(written, text="masked")
    journey = x.list_journeys(1).summary["journey_id"][0]
    found = x.open_journey(journey)
    table = found.contacts
    assert table["since_s"].tolist()[1:] == [3 * 86_400, 2 * 86_400, 7 * 86_400]
    assert table["wait_s"].tolist()[:3] == [0, 60, 300]
    assert str(table["timestamp"][3]) == "2025-01-18 10:00:00+01:00"
    # asked of the touchpoint, not of one of its two contacts: the answer stands at the last, which is when they answer
    assert [dict(s) for s in table["scores"]] == [{}, {}, {"rapportcijfer": 4.0, "expectation": 7.0}, {}]
    assert dict(found.scores) == {"csat": 3.0, "nps": 5.0, "ces": 4.0}
    assert "a.b@example.com" not in str(table["quote"][2])
    assert HOSTILE in table["quote"][2]
    assert "&lt;img" in found._repr_html_()
    assert "<img" not in found._repr_html_()
    assert silent.open_journey(journey).contacts["quote"].isna().all()
    assert silent.open_journey(journey).quotes == ()


def test_about_too_few_customers_there_is_no_journey(lived):
    x = explore(lived).select("touchpoint", "calls back")
    mine = x.list_journeys(1).summary["journey_id"][0]
    others = explore(lived).where(~filters.contains("calls back"))
    with pytest.raises(UnknownNameError, match="among those that are left"):
        others.open_journey(mine)
    x.where(filters.period("2025-06-01", None, keep="starting"))
    for ask in (x.list_journeys, lambda: x.open_journey(mine)):
        with pytest.raises(NotEnoughDataError, match="fewer than 10 customers"):
            ask()


def test_what_cannot_be_listed_is_said(lived):
    x = explore(lived)
    with pytest.raises(UnknownNameError, match="did you mean 'lowest'"):
        x.list_journeys(order="lowes")
    for n in (0, True, 1.5):
        with pytest.raises(StudyError, match="a whole number from 1"):
            x.list_journeys(n)
    with pytest.raises(StudyError, match="needs scores"):
        explore(lived.journeys).list_journeys(order="lowest")
    assert "score" not in explore(lived.journeys).list_journeys(2).summary


def test_segments_are_what_the_filter_on_each_value_leaves(lived):
    x = explore(lived, min_cell=1).where(filters.starts("orders"))
    found = x.segments("segment")
    for value in found.values:
        alone = explore(lived, min_cell=1).where(filters.starts("orders")).where(filters.segment("segment", value))
        want = alone.touchpoints.set_index("touchpoint")
        ours = found.summary[found.summary["value"] == value].set_index("touchpoint").loc[want.index]
        for mine, theirs in {"met": "customers", "reach": "reach", "reach_low": "reach_low", "reach_high": "reach_high",
                             "score_mean": "score_mean", "score_low": "score_low", "score_high": "score_high"}.items():  # fmt: skip
            np.testing.assert_allclose(
                ours[mine].to_numpy(dtype=float), want[theirs].to_numpy(dtype=float), err_msg=mine
            )
        size = found.sizes.set_index("value").loc[value]
        assert (size["journeys"], size["customers"]) == (alone.counts.journeys, alone.counts.customers)
    met = found.summary.groupby("touchpoint")["met"].sum()
    whole = x.touchpoints.set_index("touchpoint")["customers"]
    assert met.loc[whole.index].tolist() == whole.tolist(), "everybody has a value, and only one"


def test_the_corrected_test_against_scipy(lived):
    found = explore(lived, min_cell=1).segments("segment")
    tests = found.tests.set_index(["touchpoint", "measure"])
    of = found.sizes["customers"].to_numpy(dtype=int)
    for name in ("calls back", "orders"):
        met = found.summary[found.summary["touchpoint"] == name]["met"].to_numpy(dtype=int)
        if (met == of).all():  # all met it: the counts of who did not are 0, and nothing can be tested
            assert (name, "reach") not in tests.index
            continue
        want = chi2_contingency(np.stack([met, of - met]), correction=False).pvalue
        assert tests.loc[(name, "reach"), "p"] == pytest.approx(want)
    links = lived.links[(lived.links["metric"] == "rapportcijfer") & lived.links["matched"]]
    people = lived.journeys.data.customers.set_index("customer_id")["segment"]
    parts = [links["score"][links["customer_id"].map(people) == v].to_numpy(dtype=float) for v in found.values]
    assert tests.loc[("asks about the bill", "score"), "p"] == pytest.approx(kruskal(*parts).pvalue)
    for measure in ("reach", "score"):
        family = found.tests[found.tests["measure"] == measure]
        np.testing.assert_allclose(family["q"], benjamini_hochberg(family["p"]))
    # every other customer is of a business, and only they are called back: 10 of 30 against none
    assert tests.loc[("calls back", "reach"), ["differs", "lowest", "highest"]].tolist() == [True, "home", "business"]


def parted(sizes, met):
    """Customers by value, of whom so many meet b."""
    rows, people = [], []
    for value, n in sizes.items():
        for i in range(n):
            who = f"{value}{i:03}"
            people.append((who, value))
            rows += [(who, "a", "web"), *([(who, "b", "phone")] if i < met[value] else [])]
    frame = pd.DataFrame(rows, columns=["who", "what", "how"])
    frame["when"] = pd.date_range("2025-01-01", periods=len(frame), tz="UTC", freq="h")
    data = from_frame(frame, customer="who", touchpoint="what", timestamp="when", channel="how")
    ids = dict(zip(frame["who"], data.events["customer_id"], strict=True))
    customers = table("customers", {
        "customer_id": [ids[w] for w, _ in people], "record_id": [w for w, _ in people], "source": ["x"] * len(people),
        "seq": list(range(len(people))), "kind": [v for _, v in people],
    })  # fmt: skip
    return build_journeys(replace(data, customers=customers))


def test_a_small_value_is_hidden_and_so_is_what_would_give_it_away():
    found = explore(parted({"big": 40, "mid": 15, "tiny": 4}, {"big": 20, "mid": 12, "tiny": 2})).segments("kind")
    sizes = found.sizes.set_index("value")["customers"]
    assert sizes["big"] == 40
    assert sizes[["mid", "tiny"]].isna().all(), "59 less 40 less 15 is 4"
    rows = found.summary.set_index(["touchpoint", "value"])
    assert rows.loc[("b", "big"), ["met", "reach"]].tolist() == [20, 0.5]
    assert rows.loc[[("b", "mid"), ("b", "tiny"), ("a", "tiny")], ["met", "reach", "reach_low"]].isna().all(axis=None)
    assert {("b", "mid", "reach"), ("b", "tiny", "reach")} <= found.hidden
    assert not len(found.tests), "one value alone differs from nothing"


def test_a_cell_of_few_is_hidden_where_its_value_is_large():
    found = explore(parted({"one": 40, "two": 40, "three": 40}, {"one": 3, "two": 12, "three": 30})).segments("kind")
    rows = found.summary.set_index(["touchpoint", "value"])
    assert rows.loc[("b", "three"), "met"] == 30
    assert rows.loc[[("b", "one"), ("b", "two")], "met"].isna().all(), "45 less 30 less 12 is 3"
    assert rows.loc["a"]["met"].tolist() == [40, 40, 40]


def test_the_channel_of_the_first_contact_is_an_attribute(lived):
    x = explore(lived, min_cell=1)
    assert attributes(x) == ("segment", "channel")
    found = x.segments("channel")
    assert found.values == ("web",), "everybody orders first, on the web"
    assert found.sizes["customers"].tolist() == [60]
    with pytest.raises(UnknownNameError, match="did you mean 'segment'"):
        x.segments("segmnt")


def test_customers_without_a_value_are_counted_and_left_out(lived):
    customers = lived.journeys.data.customers
    lacking = customers.assign(segment=customers["segment"].where(customers.index >= 6))
    some = replace(lived, journeys=replace(lived.journeys, data=replace(lived.journeys.data, customers=lacking)))
    found = explore(some, min_cell=1).segments("segment")
    assert (found.without, found.sizes["customers"].tolist()) == (6, [27, 27])
    assert "SegmentTable(segment: 2 values" in repr(found)
    assert "27" in found._repr_html_()
