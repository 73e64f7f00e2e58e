"""Segments of customers: planted habits are found, attributes are laid beside them, few are never shown."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.journeys import build_journeys
from cxmining.journeys.grouping.attributes import attribute_points, attribute_table
from cxmining.journeys.grouping.behaviour import describe, read_contacts
from cxmining.journeys.grouping.personas import find_personas
from cxmining.journeys.grouping.profile import _cramer, _guarded
from cxmining.schema import Dataset, table

EVIL = "<img src=x onerror=alert(1)>"


def dataset(rows, customers=None, shuffle=None):
    """Rows of (customer, moment, touchpoint, channel, direction)."""
    frame = pd.DataFrame(rows, columns=["customer_id", "timestamp", "touchpoint", "channel", "direction"])
    frame["event_id"], frame["source"], frame["seq"] = [f"e{i}" for i in range(len(frame))], "s", range(len(frame))
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], utc=True)
    if shuffle is not None:
        frame = frame.sample(frac=1, random_state=shuffle)
    data = Dataset(events=table("events", {c: frame[c] for c in frame}))
    if customers is None:
        return data
    file = {"record_id": [f"r{i}" for i in range(len(customers))], "source": "crm", "seq": range(len(customers))}
    made = table("customers", {**{c: customers[c] for c in customers}, **{k: pd.Series(v, index=customers.index) for k, v in file.items()}})  # fmt: skip
    return replace(data, customers=made)


def people(n=160, seed=1, tell=True):
    """Callers who ask about invoices, and people who look things up in the app; segment `a` are the callers, if `tell`."""
    rng = np.random.default_rng(seed)
    rows, known = [], []
    for i in range(n):
        calls = bool(rng.random() < 0.4)
        segment = "a" if (calls if tell else rng.random() < 0.5) else "b"
        known.append((f"c{i:04d}", segment, float(rng.normal(2015, 3))))
        for _ in range(3 + int(rng.poisson(2))):
            own = rng.random() < 0.9
            what = ("asks about invoice", "phone") if calls == own else ("views usage", "app")
            day = pd.Timestamp("2025-01-01T09:00Z") + pd.Timedelta(hours=float(rng.uniform(0, 8000)))
            rows.append((f"c{i:04d}", day, *what, "inbound"))
    return rows, pd.DataFrame(known, columns=["customer_id", "segment", "since"])


def test_planted_habits_are_found_and_named():
    rows, known = people()
    found = find_personas(build_journeys(dataset(rows, known), gap="30D"), attributes=["segment"])
    assert found.behaviour.k == 2
    assert found.behaviour.stable
    assert found.behaviour.summary["label_en"].str.split(",").str[0].tolist() == ["mostly app", "mostly phone"]
    assert found.behaviour.summary["label_nl"].str.split(",").str[0].tolist() == ["vooral app", "vooral telefoon"]
    assert set(found.behaviour.summary["medoid"]) <= set(found.assignments["customer_id"])
    assert found.attributes.summary["label_en"].tolist() == ["b", "a"]
    v = found.agreement.set_index("measure").loc["Cramér's V"]
    assert 0.8 < v["low"] <= v["value"] <= v["high"] <= 1
    assert any("attributes tell most of the behaviour" in note for note in found.notes)


def test_attributes_that_tell_nothing_are_said_to_tell_nothing():
    rows, known = people(tell=False)
    found = find_personas(build_journeys(dataset(rows, known), gap="30D"), attributes=["segment"])
    assert found.agreement["low"].max() < 0.1
    assert any("tell nothing for certain" in note or "tell little" in note for note in found.notes)


def test_behaviour_is_no_control_and_attributes_may_be():
    rows, known = people(60)
    found = find_personas(build_journeys(dataset(rows, known)), attributes="segment")
    assert found.usable_as_control is False
    assert found.behaviour.usable_as_control is False
    assert found.attributes.usable_as_control is True
    assert "never use them as controls" in repr(found)


def test_customers_who_draw_from_one_pot_are_one_group():
    rng = np.random.default_rng(3)
    pot = [("asks", "phone"), ("asks", "mail"), ("views", "app"), ("reads", "web")]
    rows = [
        (f"c{i:04d}", pd.Timestamp("2025-01-01T09:00Z") + pd.Timedelta(hours=float(h)), *pot[int(rng.integers(4))], "inbound")
        for i in range(200)
        for h in rng.uniform(0, 8000, int(rng.integers(3, 9)))
    ]  # fmt: skip
    found = find_personas(build_journeys(dataset(rows)))
    assert found.behaviour.k == 1
    assert not found.behaviour.stable
    assert any("no stable segments" in note for note in found.notes)


def test_habits_by_hand():
    rows = [
        ("a", "2025-01-01T10:00Z", "asks", "phone", "inbound"),  # Wednesday
        ("a", "2025-01-03T20:00Z", "asks", "chat", "inbound"),  # the same within a week, elsewhere, in the evening
        ("a", "2025-01-04T10:00Z", "letter", "mail", "outbound"),  # not his
        ("a", "2025-02-01T10:00Z", "views", "app", "inbound"),  # Saturday, four weeks on
        ("b", "2025-01-01T11:00Z", "letter", "mail", "outbound"),
    ]
    journeys = build_journeys(dataset(rows))
    contacts = read_contacts(journeys, np.array([0, 1]))
    log = journeys.log
    shown = describe(contacts, log.channels, log.touchpoints, np.array([0, 2])).shown
    a, b = shown.iloc[0], shown.iloc[1]
    third = pytest.approx(1 / 3)
    assert (a["channel: phone"], a["channel: chat"], a["channel: app"], a["self-service"]) == (third,) * 4
    assert a["topic: asks"] == pytest.approx(2 / 3)
    assert (a["repeat contacts"], a["switches channel"], a["evening or night"], a["weekend"]) == (third,) * 4
    assert a["contacts per year"] == pytest.approx(3 * 365.25 / 31)  # from the first event of the log to the last
    assert (b == 0).all()


def test_the_order_of_rows_changes_nothing():
    rows, known = people(40, seed=5)
    one, other = (
        find_personas(build_journeys(dataset(rows, known, shuffle=s), gap="30D"), attributes=["segment", "since"], k=2)
        for s in (None, 9)
    )
    for name in ("summary", "profile", "assignments", "agreement"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), rtol=1e-9)


def test_few_are_never_shown():
    rows, known = people(60)
    known.loc[:3, "segment"] = "rare"
    found = find_personas(build_journeys(dataset(rows, known)), attributes=["segment"])
    assert "rare" not in repr(found)
    assert found.assignments["attributes"].isna().sum() == 4
    assert any("4 customers in segments of fewer than 10 are not shown" in note for note in found.notes)
    assert (found.summary["customers"] >= 10).all()
    assert not found.profile["feature"].str.contains("rare").any()


def test_a_small_cell_cannot_be_had_back():
    # 3 is hidden; 5 less would give it back by the row's total, and so would the column's.
    shown = _guarded(np.array([[50, 3, 20], [30, 40, 25], [60, 70, 0]]))
    assert np.isnan(shown[0, 1])
    hidden = np.isnan(shown)
    assert (hidden.sum(axis=0)[hidden.any(axis=0)] >= 2).all()
    assert (hidden.sum(axis=1)[hidden.any(axis=1)] >= 2).all()


def test_cramers_v_is_one_when_the_one_gives_the_other_and_nothing_by_chance():
    assert _cramer(np.diag([30.0, 20.0, 50.0])) == pytest.approx(1.0)
    assert _cramer(np.outer([30, 20], [0.5, 0.5])) == 0.0


def test_words_numbers_and_days_are_told_apart():
    rows, _ = people(30)
    file = pd.DataFrame({
        "customer_id": ["c1", "c1", "c2"], "segment": [None, "a", "b"], "age": ["40", None, "50"],
        "since": ["17-04-2013", None, "01-02-2020"],
    })  # fmt: skip
    customers = dataset(rows, file).customers
    found = attribute_table(customers, ["segment", "age", "since"], ["c1", "c2", "c3"])
    assert found["segment"].tolist() == ["a", "b"]
    assert found["age"].tolist() == [40.0, 50.0]
    assert found["since"].round(2).tolist() == [2013.29, 2020.08]
    with pytest.raises(UnknownNameError, match="did you mean 'segment'"):
        attribute_table(customers, ["segmnt"], ["c1"])
    many = dataset(
        rows, pd.DataFrame({"customer_id": [f"c{i}" for i in range(60)], "name": [f"n{i}" for i in range(60)]})
    )
    with pytest.raises(StudyError, match="60 different values"):
        attribute_table(many.customers, ["name"], [f"c{i}" for i in range(60)])
    with pytest.raises(NotEnoughDataError, match="no customer of these journeys"):
        attribute_table(customers, ["segment"], ["z"])


def test_distances_of_attributes_are_gowers():
    points = attribute_points(pd.DataFrame({"kind": ["a", "b"], "age": [20.0, 60.0]}))
    assert ((points[0] - points[1]) ** 2).sum() == pytest.approx(2.0)


def test_too_few_customers_and_nobody_who_did_anything():
    with pytest.raises(NotEnoughDataError, match="1 customer: personas need at least 20"):
        find_personas(build_journeys(dataset([("a", "2025-01-01T10:00Z", "asks", "phone", "inbound")])))
    letters = [(f"c{i}", "2025-01-01T10:00Z", "letter", "mail", "outbound") for i in range(30)]
    with pytest.raises(NotEnoughDataError, match="no event was made by a customer"):
        find_personas(build_journeys(dataset(letters)))
    alike = [(f"c{i}", "2025-01-01T10:00Z", "asks", "phone", "inbound") for i in range(30)]
    found = find_personas(build_journeys(dataset(alike)))
    assert found.behaviour.k == 1
    assert found.figure().layout.annotations


def test_hostile_labels_are_text():
    rows, known = people(60)
    rows = [(c, t, EVIL if "asks" in what else what, *rest) for c, t, what, *rest in rows]
    known["segment"] = known["segment"].str.replace("a", EVIL)
    found = find_personas(build_journeys(dataset(rows, known)), attributes=["segment"])
    assert "<img" not in found._repr_html_()
    for language in ("en", "nl"):
        assert "<img" not in json.dumps(found.figure(language).to_plotly_json(), default=str)
