"""OCEL 2.0: three forms, one log; flattening says what it multiplies and what it loses."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

import cxmining as cx
from cxmining.errors import InputError, StudyError, UnknownNameError
from cxmining.ingest import read_source
from cxmining.ingest.flattening import flatten_ocel
from cxmining.study import parse_study

REAL = Path(__file__).parents[3] / "shared" / "data" / "logs" / "ocel20_example.sqlite"

# One order of two items by Ann; the payment is for both items, the newsletter for nobody.
OBJECTS = [("o1", "order"), ("i1", "item"), ("i2", "item"), ("i3", "item"), ("ann", "customer")]
EVENTS = [
    ("e1", "orders", "2024-03-31T01:30:00+01:00", ["o1", "i1", "i2", "ann"], {"amount": 12}),
    ("e2", "newsletter", "2024-03-31T12:00:00+02:00", [], {}),
    ("e3", "packs", "2024-03-31T13:00:00+02:00", ["i1"], {}),
    ("e4", "pays", "2024-04-01T13:00:00+02:00", ["o1", "i1", "i2"], {"amount": 7}),
]
COLOURS = [("i1", "2024-01-01T00:00:00Z", "red"), ("i1", "2024-03-31T12:00:00Z", "blue")]


def as_json(path: Path) -> Path:
    path.write_text(
        json.dumps(
            {
                "objectTypes": [{"name": n, "attributes": []} for n in ("customer", "item", "order")],
                "eventTypes": [],
                "objects": [
                    {
                        "id": i,
                        "type": t,
                        "attributes": [
                            {"name": "colour", "time": when, "value": v} for o, when, v in COLOURS if o == i
                        ],
                    }
                    for i, t in OBJECTS
                ],
                "events": [
                    {
                        "id": i,
                        "type": t,
                        "time": when,
                        "attributes": [{"name": k, "value": v} for k, v in a.items()],
                        "relationships": [{"objectId": o, "qualifier": q} for o in objects for q in ("a", "b")],
                    }
                    for i, t, when, objects, a in EVENTS
                ],
            }
        )
    )
    return path


def as_xml(path: Path) -> Path:
    objects = "".join(
        f'<object id="{i}" type="{t}"><attributes>'
        + "".join(f'<attribute name="colour" time="{when}">{v}</attribute>' for o, when, v in COLOURS if o == i)
        + '</attributes><objects><relationship object-id="o1" qualifier="in"/></objects></object>'
        for i, t in OBJECTS
    )
    events = "".join(
        f'<event id="{i}" type="{t}" time="{when}"><attributes>'
        + "".join(f'<attribute name="{k}">{v}</attribute>' for k, v in a.items())
        + "</attributes><objects>"
        + "".join(f'<relationship object-id="{o}" qualifier="q"/>' for o in related)
        + "</objects></event>"
        for i, t, when, related, a in EVENTS
    )
    path.write_text(
        f'<?xml version="1.0"?><log><object-types/><event-types/><objects>{objects}</objects><events>{events}</events></log>'
    )
    return path


def as_sqlite(path: Path) -> Path:
    con = sqlite3.connect(path)
    con.executescript(
        "CREATE TABLE event_map_type (ocel_type TEXT, ocel_type_map TEXT);"
        "CREATE TABLE object_map_type (ocel_type TEXT, ocel_type_map TEXT);"
        "CREATE TABLE event (ocel_id TEXT, ocel_type TEXT); CREATE TABLE object (ocel_id TEXT, ocel_type TEXT);"
        "CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT);"
        "CREATE TABLE object_Item (ocel_id TEXT, ocel_time TEXT, colour TEXT, ocel_changed_field TEXT);"
    )
    con.executemany("INSERT INTO object VALUES (?, ?)", OBJECTS)
    con.executemany("INSERT INTO object_map_type VALUES (?, ?)", [("item", "Item")])
    con.executemany("INSERT INTO object_Item VALUES (?, ?, ?, 'colour')", COLOURS)
    for i, t, when, related, a in EVENTS:
        con.execute("INSERT INTO event VALUES (?, ?)", (i, t))
        con.execute("INSERT INTO event_map_type VALUES (?, ?)", (t, t.title()))
        con.execute(f'CREATE TABLE "event_{t.title()}" (ocel_id TEXT, ocel_time TEXT, amount)')
        con.execute(f'INSERT INTO "event_{t.title()}" VALUES (?, ?, ?)', (i, when, a.get("amount")))
        con.executemany("INSERT INTO event_object VALUES (?, ?, 'q')", [(i, o) for o in related])
    con.commit()
    con.close()
    return path


FORMS = [("log.json", as_json), ("log.xml", as_xml), ("log.sqlite", as_sqlite)]


@pytest.mark.parametrize(("name", "write"), FORMS)
def test_each_form_is_the_same_log_and_every_record_is_accounted_for(tmp_path, name, write) -> None:
    found = flatten_ocel(write(tmp_path / name), "item")
    events = found.data.events
    # Ordering and paying are for two items each: two events became four; packing is for one.
    assert sorted(events["touchpoint"]) == ["orders", "orders", "packs", "pays", "pays"]
    assert events["case_id"].nunique() == 2
    counts = found.data.sources.summary.iloc[0]
    assert counts[["read", "kept", "context"]].tolist() == [6, 5, 1]
    row = found.summary.set_index("object_type").loc["item"]
    assert row[["objects", "objects_without_events", "events", "lost", "multiplied", "rows"]].tolist() == [
        3,
        1,
        3,
        1,
        2,
        5,
    ]
    assert "4 events became 5; 2 events were multiplied" in repr(found)
    assert "1 lost because they have none" in repr(found)
    # An hour before the clocks went forward, and after: the local hour survives.
    assert events["utc_offset"].tolist() == [60, 60, 120, 120, 120]


def test_flattening_on_the_order_multiplies_nothing_but_loses_the_packing(tmp_path) -> None:
    found = flatten_ocel(as_json(tmp_path / "log.json"), "order")
    assert found.data.events["touchpoint"].tolist() == ["orders", "pays"]
    assert found.summary["object_type"].iloc[0] == "item"  # loses least


def test_the_customer_of_a_case_is_the_one_that_any_of_its_events_names(tmp_path) -> None:
    found = flatten_ocel(as_json(tmp_path / "log.json"), "item", customer_type="customer")
    assert found.data.events["customer_id"].nunique() == 1
    assert flatten_ocel(tmp_path / "log.json", "item").data.events["customer_id"].nunique() == 2
    journeys = cx.build_journeys(found.data, by="case")
    assert len(journeys) == 2


@pytest.mark.parametrize(("name", "write"), FORMS)
def test_an_objects_attribute_has_the_value_of_the_moment(tmp_path, name, write) -> None:
    write(tmp_path / name)
    source = {
        "name": "o",
        "path": name,
        "options": {"object_type": "item"},
        "attributes": ["amount", "case:colour"],
    }
    study = parse_study({"name": "s", "source": [source]}, root=tmp_path, where="s")
    reading = read_source(study.sources[0], study)
    of_i1 = reading.events[reading.events["case_id"] == "i1"].sort_values("timestamp")
    assert of_i1["case_colour"].tolist() == ["red", "red", "blue"]
    assert of_i1["amount"].tolist()[0::2] == [12, 7]
    assert pd.isna(of_i1["amount"].iloc[1])


@pytest.mark.parametrize(("name", "write"), FORMS)
def test_each_form_is_recognised_and_asks_for_the_object_type_with_what_there_is(tmp_path, name, write) -> None:
    write(tmp_path / name)
    with pytest.raises(
        StudyError, match=r"object_type is needed.*'item': 5 events, 2 of them for several objects, 1 lost"
    ):
        cx.read(tmp_path / name)
    assert "item" in str(cx.inspect(tmp_path / name))


def test_an_event_that_stands_in_two_exports_counts_once(tmp_path) -> None:
    as_json(tmp_path / "log.json")
    as_xml(tmp_path / "log.xml")
    values = {"name": "s", "path": "log.*", "format": "ocel", "options": {"object_type": "item"}}
    study = parse_study({"name": "t", "source": [values]}, tmp_path)
    reading = read_source(study.sources[0], study)
    # five pairs of an event and an item, and one event without: in either form
    assert reading.ledger["status"].value_counts().to_dict() == {"duplicate": 6, "kept": 5, "context": 1}
    assert reading.events["touchpoint"].value_counts().to_dict() == {"orders": 2, "pays": 2, "packs": 1}


def test_an_unknown_type_names_the_nearest(tmp_path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'item'"):
        flatten_ocel(as_json(tmp_path / "log.json"), "itm")


def broken_sqlite(path: Path) -> None:
    as_sqlite(path)
    raw = bytearray(path.read_bytes())
    raw[4096:8192] = b"\xff" * 4096
    path.write_bytes(raw)


def view_for_a_table(path: Path) -> None:
    as_sqlite(path)
    con = sqlite3.connect(path)
    con.executescript("DROP TABLE event; CREATE VIEW event AS SELECT 'e' AS ocel_id, 'x' AS ocel_type;")
    con.close()


def one_event_twice(path: Path) -> None:
    as_sqlite(path)
    con = sqlite3.connect(path)
    con.execute("INSERT INTO event SELECT * FROM event LIMIT 1")
    con.commit()
    con.close()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xml", '<!DOCTYPE log [<!ENTITY a "b">]><log><object-types/><events/></log>', "declares a DTD"),
        ("b.xml", "<log><object-types/><events><event id='e'", "no well-formed XML"),
        ("c.xml", "<log><object-types/><objects/><events/></log>", "holds no event"),
        ("d.json", '{"objectTypes": [], "events": [{"id": "e"}], "objects": []}', "holds no object"),
        ("e.json", '{"objectTypes": [], "events": [{"type": "x"}], "objects": [{"id": "o", "type": "t"}]}', "near event 0"),
        ("f.json", '{"objectTypes": [], "events": ', "no well-formed JSON"),
        ("g.json", '{"objectTypes": [], "events": [{"id": "e", "type": "x"}, {"id": "e", "type": "y"}], "objects": []}', "stands there twice"),
        ("h.sqlite", broken_sqlite, "damaged or no OCEL"),
        ("i.sqlite", view_for_a_table, "has no table event"),
        ("j.sqlite", one_event_twice, "stands there twice"),
    ],
)  # fmt: skip
def test_what_is_damaged_or_no_ocel_is_said_in_one_sentence(tmp_path, name, content, words) -> None:
    path = tmp_path / name
    if callable(content):
        content(path)
    else:
        path.write_text(content)
    with pytest.raises(InputError, match=words):
        flatten_ocel(path, "item")


@pytest.mark.real
@pytest.mark.skipif(not REAL.exists(), reason="the real logs are not here")
def test_a_real_log_flattens_to_what_pm4py_makes_of_it() -> None:
    import pm4py

    ocel = pm4py.read_ocel2(str(REAL))
    for kind in ("Invoice", "Payment", "Purchase Order", "Purchase Requisition"):
        theirs = pm4py.ocel_flattening(ocel, kind)
        ours = flatten_ocel(REAL, kind, tz="UTC").data.events
        assert len(ours) == len(theirs)
        assert sorted(ours["touchpoint"]) == sorted(theirs["concept:name"])
        assert ours["case_id"].nunique() == theirs["case:concept:name"].nunique()
