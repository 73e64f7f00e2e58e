"""Shared lines, mailboxes and devices, and what a study forbids to merge: worked by hand."""

from __future__ import annotations

import pytest

from cxmining.errors import StudyError
from cxmining.identity import resolve
from cxmining.study import Company, IdentitySettings


def test_a_mailbox_of_a_role_joins_nobody_that_two_accounts_or_names_use(people):
    rows = [
        ("a", {"account": "1", "email": "info@bakker.nl"}),
        ("b", {"account": "2", "email": "info@bakker.nl"}),
        ("x", {"email": "info@bakker.nl"}),
        ("y", {"email": "info@bakker.nl"}),
    ]
    found = people.find(people.make(rows))
    assert found.groups == people.sets("a", "b", "x", "y")
    assert found.identity.hubs["reason"].tolist() == ["role address"]
    # one account alone: a small shop, and its mails are its owner's
    assert people.find(people.make(rows[:1] + rows[2:])).groups == people.sets("a x y")
    named = [("x", {"email": "sales@x.nl", "name": "Jan Bos"}), ("y", {"email": "sales@x.nl", "name": "Mia Smit"})]
    assert people.find(people.make(named)).groups == people.sets("x", "y")


def test_a_line_with_more_names_than_the_guard_allows_is_a_switchboard(people):
    rows = [("crm", {"account": "1", "phone": "0201234567", "name": "Jan Bos"})]
    rows += [(f"call{i}", {"phone": "0201234567", "name": f"{c} SMIT"}) for i, c in enumerate("ABCD")]
    found = people.find(people.make(rows))
    assert len(found.groups) == 5
    assert found.identity.hubs["reason"].tolist() == ["several names"]


def test_a_family_line_without_accounts_joins_no_two_names(people):
    rows = [
        ("anna", {"email": "anna@x.nl", "phone": "0201234567", "name": "Anna Bos"}),
        ("ben", {"email": "ben@x.nl", "phone": "0201234567", "name": "Ben Bos"}),
        ("mail", {"email": "ben@x.nl"}),
    ]
    assert people.find(people.make(rows)).groups == people.sets("anna", "ben mail")
    # without names it may be one person who changed an address: joined, and said to be unsure
    same = people.find(people.make([(r, {k: v for k, v in i.items() if k != "name"}) for r, i in rows]))
    assert same.groups == people.sets("anna ben mail")
    assert same.identity.customers["identity_confidence"].tolist() == [0.80]


def test_couples_share_mailbox_and_line_and_stay_two(people):
    both = {"email": "fam@x.nl", "phone": "0201234567"}
    rows = [
        ("anna", {"account": "1", "name": "Anna Bos", **both}),
        ("ben", {"account": "2", "name": "Ben Bos", **both}),
        ("hers", {"email": "fam@x.nl", "name": "Anna Bos"}),
        ("his", {"phone": "0201234567", "name": "B. BOS"}),
        ("whose", {"phone": "0201234567"}),
    ]
    found = people.find(people.make(rows))
    assert found.groups == people.sets("anna hers", "ben his", "whose")
    assert found.identity.confidence[["hers", "his", "whose"]].tolist() == [0.92, 0.92, 0.50]


@pytest.mark.parametrize(
    ("second", "one"),
    [
        ({"email": "j.bos@x.nl", "name": "Jan Bos"}, True),
        ({"email": "j.bos@x.nl", "name": "J. Bos"}, True),  # an initial, and the same mailbox
        ({"phone": "0612345678", "name": "Jan Bos"}, True),
        ({"phone": "0612345678", "name": "J. Bos"}, False),  # father and son
        ({"email": "j.bos@x.nl", "name": "Joke Bos"}, False),
        ({"email": "j.bos@x.nl"}, False),
        ({"name": "Jan Bos"}, False),  # a name alone joins nobody
    ],
)
def test_two_accounts_are_one_person_on_two_kinds_of_evidence(people, second, one):
    first = {"account": "1", "email": "j.bos@x.nl", "phone": "0612345678", "name": "Jan Bos"}
    found = people.find(people.make([("a", first), ("b", {"account": "2", **second})]))
    assert (len(found.groups) == 1) == one


def test_our_own_numbers_and_domains_join_nobody(people):
    rows = [("a", {"email": "desk@ours.nl"}), ("b", {"email": "desk@ours.nl"}), ("c", {"phone": "0880000000"})]
    company = Company(domains=("ours.nl",), numbers=("088 000 0000",))
    (done,), identity = resolve([people.make(rows)], IdentitySettings(), people.key, company=company)
    assert done.events["customer_id"].nunique() == 3
    assert identity.hubs["reason"].tolist() == ["own number or domain"] * 2


CHAIN = [
    ("crm", {"account": "7", "email": "a@x.nl"}),
    ("mail", {"email": "a@x.nl", "phone": "0612345678"}),
    ("call", {"phone": "0612345678"}),
]


def test_a_value_of_the_list_joins_nobody_as_text_or_pseudonym(people):
    assert people.find(people.make(CHAIN)).groups == people.sets("crm mail call")
    found = people.find(people.make(CHAIN), never_merge=["06-12345678"])
    assert found.groups == people.sets("crm mail", "call")
    (pseudonym,) = found.identity.never_merge
    assert pseudonym[0] == "p"
    assert people.find(people.make(CHAIN), never_merge=[pseudonym]).groups == found.groups
    assert people.find(people.make(CHAIN), never_merge=["phone:0612345678"]).groups == found.groups


def test_a_pair_of_the_list_is_never_one_customer(people):
    rows = [*CHAIN, ("old", {"email": "old@x.nl", "phone": "0612345678"}), ("older", {"email": "old@x.nl"})]
    found = people.find(people.make(rows), never_merge=[("a@x.nl", "old@x.nl")])
    # the call could be of either: of nobody in particular
    assert found.groups == people.sets("crm mail", "old older", "call")
    assert "never one customer" in repr(found.identity.why("crm", "older"))
    # an account too is taken apart when the study says so
    rows = [("a", {"account": "1", "email": "a@x.nl"}), ("b", {"account": "1", "email": "b@x.nl"})]
    found = people.find(people.make([*rows, ("c", {"account": "1"})]), never_merge=[("a@x.nl", "b@x.nl")])
    assert found.groups == people.sets("a", "b", "c")


def test_the_list_may_be_a_file(people, tmp_path):
    (tmp_path / "never.txt").write_text("# a switchboard\n0612345678\n\na@x.nl, 7  # not the same\n", encoding="utf-8")
    (done,), identity = resolve(
        [people.make(CHAIN)], IdentitySettings(never_merge="never.txt"), people.key, root=tmp_path
    )
    assert done.events["customer_id"].nunique() == 3  # `crm` bears both of the pair: it is of neither
    assert len(identity.never_merge) == 2
    (tmp_path / "never.txt").write_text("a,b,c\n", encoding="utf-8")
    with pytest.raises(StudyError, match="line 1: 3 values"):
        resolve([people.make(CHAIN)], IdentitySettings(never_merge="never.txt"), people.key, root=tmp_path)
    with pytest.raises(StudyError, match="cannot be read"):
        resolve([people.make(CHAIN)], IdentitySettings(never_merge="gone.txt"), people.key, root=tmp_path)


@pytest.mark.parametrize("entry", ["a@x.n", "e0123456789abcdef", "0699999999"])
def test_an_unknown_entry_names_the_nearest_without_saying_it(people, entry):
    with pytest.raises(StudyError, match=r"entry 1: no source names that value; \w+") as error:
        people.find(people.make(CHAIN), never_merge=[entry])
    assert "a@x.nl" not in str(error.value)
    assert "612345678" not in str(error.value)


def test_without_guards_everything_that_shares_anything_is_one(people):
    rows = [(f"r{i}", {"account": str(i), "phone": "0881234567"}) for i in range(9)]
    assert len(people.find(people.make(rows), guards=False).groups) == 1
    assert len(people.find(people.make(rows)).groups) == 9
