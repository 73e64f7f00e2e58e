"""Visitors before they log in, and devices that pass from hand to hand."""

from __future__ import annotations

TAB = {"device": "tab"}


def test_a_visitor_becomes_the_customer_who_logs_in_later(people):
    rows = [
        ("first", {"cookie": "c1"}, 0),
        ("second", {"cookie": "c1"}, 9000),
        ("login", {"cookie": "c1", "account": "7"}, 9001),
        ("stranger", {"cookie": "c2"}, 9002),
    ]
    found = people.find(people.make(rows))
    assert found.groups == people.sets("first second login", "stranger")


def test_a_shared_tablet_goes_to_who_is_logged_in(people):
    rows = [
        ("before", TAB, 0),
        ("anna", {**TAB, "account": "1"}, 5),
        ("hers", TAB, 10),
        ("ben", {**TAB, "account": "2"}, 15),
        ("his", TAB, 20),
        ("out", TAB, 25, "Logout"),
        ("nobody", TAB, 26),
    ]
    found = people.find(people.make(rows))
    assert found.groups == people.sets("before anna hers", "ben his out", "nobody")
    sure = found.identity.confidence
    assert sure[["before", "hers", "his", "out", "nobody"]].tolist() == [0.60, 0.90, 0.90, 0.90, 0.50]


def test_between_two_logins_of_one_person_it_is_that_person(people):
    rows = [
        ("a1", {**TAB, "account": "1"}, 0), ("days", TAB, 5000), ("a2", {**TAB, "account": "1"}, 9000),
        ("gap", TAB, 20000), ("b1", {**TAB, "account": "2"}, 30000),
    ]  # fmt: skip
    found = people.find(people.make(rows))
    assert found.groups == people.sets("a1 days a2 gap", "b1")
    assert found.identity.confidence[["days", "gap"]].tolist() == [0.90, 0.60]


def test_a_kiosk_keeps_nothing_after_a_logout(people):
    rows = []
    for i in range(6):
        rows += [
            (f"in{i}", {**TAB, "account": str(i + 1)}, 20 * i),
            (f"do{i}", TAB, 20 * i + 1),
            (f"out{i}", TAB, 20 * i + 2, "signed out"),
            (f"after{i}", TAB, 20 * i + 3),
        ]
    found = people.find(people.make(rows))
    assert found.groups == people.sets(*(f"in{i} do{i} out{i}" for i in range(6)), *(f"after{i}" for i in range(6)))


def test_two_addresses_in_turns_are_two_people_and_one_after_the_other_is_a_change(people):
    def mails(order):
        return [(f"r{i}", {"cookie": "c", "email": f"{who}@x.nl"}, 100 * i) for i, who in enumerate(order)]

    assert len(people.find(people.make(mails("aabb"))).groups) == 1
    turns = people.find(people.make(mails("abab")))
    assert turns.groups == people.sets("r0 r2", "r1 r3")
    assert turns.identity.hubs["reason"].tolist() == ["taken in turns"]


def test_two_people_at_one_instant_give_nothing_away(people):
    rows = [("a", {**TAB, "account": "1"}, 0), ("b", {**TAB, "account": "2"}, 0), ("x", TAB, 1)]
    assert people.find(people.make(rows)).groups == people.sets("a", "b", "x")


def test_a_changed_address_of_one_account_joins_both(people):
    rows = [("old", {"account": "1", "email": "old@x.nl"}), ("new", {"account": "1", "email": "new@x.nl"})]
    rows += [("m1", {"email": "old@x.nl"}), ("m2", {"email": "new@x.nl"}), ("typo", {"email": "nwe@x.nl"})]
    found = people.find(people.make(rows))
    assert found.groups == people.sets("old new m1 m2", "typo")
    (suspect,) = found.identity.suspects.itertuples(index=False)
    assert (suspect.customer_id, suspect.like_customer_id) == (found.customer["typo"], found.customer["new"])
    assert "@" not in suspect.address + suspect.like_address
    # numbered addresses are other people's
    rows = [("a", {"email": "bos1@x.nl"}), ("b", {"email": "bos2@x.nl"})]
    assert not len(people.find(people.make(rows)).identity.suspects)
