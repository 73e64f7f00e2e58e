"""Customer numbers that people write: what counts as one, and when it is believed."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cxmining.identity import resolve, suspects, with_mentions
from cxmining.identity.mentions import _numbers
from cxmining.schema import Reading, empty, table
from cxmining.study import IdentitySettings

from .conftest import KEY, KEYS, make

EAN = "871687120000000017"
PEOPLE = [
    ("anna", {"account": "70012345", "name": "Anna Bos", "device": EAN, "email": "anna@x.nl"}),
    ("ben", {"account": "70012346", "name": "Ben Smit", "email": "info@smit.nl"}),
    ("short", {"account": "1234", "name": "Cas Vos"}),
]


def crm(rows=PEOPLE):
    ids = [(r, k, v) for r, values in rows for k, v in values.items()]
    columns = dict(zip(("record_id", "kind", "value"), zip(*ids, strict=True), strict=True))
    names = [r for r, _ in rows]
    customers = {"record_id": names, "source": ["crm"] * len(rows), "seq": list(range(1, len(rows) + 1))}
    return Reading(
        "crm", "csv", (), empty("ledger"), identifiers=table("identifiers", columns),
        customers=table("customers", customers),
    )  # fmt: skip


def mails(rows, direction="inbound", source="mail", column="text"):
    """Make mails of (record, identifiers, text)."""
    reading = make([(r, values) for r, values, _ in rows], source)
    texts = pd.Series([text for *_, text in rows], dtype="str")
    events = reading.events.assign(**{"direction": pd.Series([direction] * len(rows), dtype="str"), column: texts})
    return Reading(source, "mbox", (), empty("ledger"), identifiers=reading.identifiers, events=events)


def find(*readings, **more):
    done, identity = resolve(with_mentions(readings), IdentitySettings(**{"keys": KEYS, **more}), KEY)
    found = identity.assignments.set_index("record_id")["customer_id"]
    return SimpleNamespace(identity=identity, done=done, of=found.to_dict())


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Mijn klantnummer is 70012345.", [("70012345", True)]),
        ("klantnr.70012345", [("70012345", True)]),
        ("customer number: 7001 2345", [("70012345", True), ("7001", True)]),
        ("account #K-70012345", [("70012345", True), ("k70012345", True)]),
        (f"Het gaat om EAN {EAN}", [(EAN, True)]),
        # without a word for it a name must bear it out
        ("Jaarnota 70012345", [("70012345", False)]),
        # too short to be told from a year, an amount or a house number
        ("in 2025 betaalde ik € 1.234,56 op nummer 1234", []),
        ("klantnr 123", []),
        ("70012345@x.nl", []),
    ],
)
def test_what_may_be_a_number_of_ours(text, numbers):
    assert list(_numbers(text)) == numbers


def test_an_unknown_address_belongs_to_whose_number_it_writes():
    rows = [
        ("m1", {"email": "new@x.nl"}, "Dag, mijn klantnummer is 70012345."),
        ("m2", {"email": "new@x.nl"}, "Hoor ik nog iets?"),
        ("m3", {"email": "other@x.nl"}, "Dag, klantnr 79999999"),
    ]
    found = find(crm(), mails(rows))
    assert found.of["m1"] == found.of["m2"] == found.of["anna"]
    assert found.of["m3"] not in {found.of[r] for r in ("anna", "ben", "short")}
    why = found.identity.why("anna", "m2")
    assert why.confidence == 0.92
    assert "number in its text" in repr(why)
    assert found.identity.confidence["m2"] == 0.92
    # what was written is nowhere left
    assert all(not len(r.identifiers) for r in found.done)


@pytest.mark.parametrize("text", ["klantnr 70012345", f"EAN {EAN}"])
@pytest.mark.parametrize("column", ["text", "raw_subject", "raw_signature"])
def test_numbers_are_found_wherever_a_customer_writes(text, column):
    found = find(crm(), mails([("m", {"email": "new@x.nl"}, text)], column=column))
    assert found.of["m"] == found.of["anna"]


def test_what_we_wrote_and_what_was_quoted_tells_nothing():
    row = [("m", {"email": "new@x.nl"}, "klantnr 70012345")]
    for readings in (mails(row, "outbound"), mails(row, column="raw_quoted")):
        found = find(crm(), readings)
        assert found.of["m"] != found.of["anna"]


@pytest.mark.parametrize(
    ("values", "text", "believed"),
    [
        ({"email": "z@x.nl"}, "klantnr 70012345", True),
        ({"email": "z@x.nl", "name": "A. Bos"}, "klantnr 70012345", True),
        ({"email": "z@x.nl", "name": "Zoë Kok"}, "klantnr 70012345", False),  # writes for somebody else
        ({"email": "z@x.nl", "name": "A. Bos"}, "nota 70012345", True),
        ({"email": "z@x.nl"}, "nota 70012345", False),  # may be the number of the invoice
        ({"email": "z@x.nl"}, "klantnr 70012345 en klantnr 70012346", False),
        ({"email": "info@smit.nl"}, "klantnr 70012345", False),  # Ben's, whatever he writes
    ],
)
def test_when_it_is_believed(values, text, believed):
    found = find(crm(), mails([("m", values, text)]))
    assert (found.of["m"] == found.of["anna"]) is believed


def test_a_mailbox_that_writes_for_two_customers_is_neither():
    rows = [(f"m{i}", {"email": "help@x.nl"}, f"klantnr {n}") for i, n in enumerate(("70012345", "70012346"))]
    found = find(crm(), mails(rows))
    assert found.of["m0"] == found.of["m1"]
    assert found.of["m0"] not in {found.of["anna"], found.of["ben"]}


def test_on_a_shared_mailbox_each_mail_is_whose_number_it_bears():
    couple = [
        ("anna", {"account": "70012345", "name": "Anna Bos", "email": "fam@x.nl"}),
        ("ben", {"account": "70012346", "name": "Ben Bos", "email": "fam@x.nl"}),
    ]
    rows = [("m1", {"email": "fam@x.nl"}, "klantnr 70012345"), ("m2", {"email": "fam@x.nl"}, "Dag")]
    found = find(crm(couple), mails(rows))
    assert found.of["m1"] == found.of["anna"]
    assert found.of["m2"] not in {found.of["anna"], found.of["ben"]}


def test_masking_may_come_after_and_nothing_is_looked_for_without_a_crm():
    row = [("m", {"email": "new@x.nl"}, "klantnr 70012345")]
    login = make([("login", {"account": "70012345"})], "app")
    assert [len(r.identifiers) for r in with_mentions([login, mails(row)])] == [1, 1]


TEXT = st.sampled_from(["", "klantnr 70012345", "klantnr 70012346", f"EAN {EAN}", "70012345"])
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "account": st.sampled_from(["70012345", "1234"]),
        "email": st.sampled_from(["anna@x.nl", "new@x.nl", "info@smit.nl"]),
        "phone": st.sampled_from(["0201234567", "0201234568"]),
        "name": st.sampled_from(["A. Bos", "Ben Smit"]),
    },
)
ROWS = st.lists(st.tuples(VALUES, TEXT), min_size=1, max_size=8)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ROWS, seed=st.integers(0, 99), pair=st.sampled_from([None, ("70012345", "new@x.nl")]))
@example(  # the second row shares a telephone with another customer: none of that one's records vouches for the first
    rows=[
        ({}, "klantnr 70012345"),
        ({"account": "70012345", "name": "Ben Smit", "phone": "0201234567"}, ""),
        ({"account": "1234", "name": "A. Bos", "phone": "0201234567"}, ""),
        ({"account": "1234", "name": "Ben Smit", "email": "new@x.nl"}, ""),
    ],
    seed=0,
    pair=("70012345", "new@x.nl"),
)
def test_order_changes_nothing_and_every_joined_pair_has_a_reason(rows, seed, pair):
    rows = [(f"r{i}", values, text or None) for i, (values, text) in enumerate(rows)]
    there = any(values.get("email") == "new@x.nl" for _, values, _ in rows)
    never = [pair] if pair and there else []
    found = find(crm(), mails(rows), never_merge=never)
    shuffled = [rows[i] for i in np.random.default_rng(seed).permutation(len(rows))]
    assert find(mails(shuffled), crm(), never_merge=never).of == found.of
    if never:
        mine = {found.of[r] for r, v, _ in rows if v.get("email") == "new@x.nl" and v.get("account") != "70012345"}
        assert found.of["anna"] not in mine
    confidence = found.identity.confidence
    for r, *_ in rows:
        why = found.identity.why("anna", r)
        assert why.joined == (found.of["anna"] == found.of[r])
        if why.joined and not never:
            assert why.confidence >= min(confidence[["anna", r]]) - 1e-9


def test_too_many_addresses_for_suspects_is_said(monkeypatch):
    rows = [("typo", {"email": "bso@x.nl"}, None), ("bos", {"email": "bos@x.nl"}, None)]
    assert len(find(mails(rows)).identity.suspects)
    monkeypatch.setattr(suspects, "MOST", 1)
    found = find(mails(rows)).identity
    assert not len(found.suspects)
    assert "not looked for: there are 2" in found.notes[0]
    assert found.notes[0] in repr(found)
    assert "not looked for" in found._repr_html_()
