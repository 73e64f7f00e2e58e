"""The mess of identities: the year stays the same, every record has its person, and each kind is really there."""

import csv
import hashlib
import json

import numpy as np
import pytest

import cxmining as cx
from cxmining.errors import StudyError
from cxmining.simulate import Mess, make_sample


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    out = tmp_path_factory.mktemp("mess")
    make_sample(out / "clean", customers=600, prospects=600)
    make_sample(out / "messy", customers=600, prospects=600, mess=Mess(handed_over=0.05, cleared_cookies=0.6))
    return out / "clean", out / "messy"


@pytest.fixture(scope="module")
def truth(folders):
    return json.loads((folders[1] / "truth.json").read_text(encoding="utf-8"))


def calls(folder):
    rows = list(csv.reader((folder / "Master.csv").read_text(encoding="utf-8").splitlines()))
    return [r for r in rows if len(r) == 18]


def test_without_mess_nothing_is_said_of_it(folders):
    truth = json.loads((folders[0] / "truth.json").read_text(encoding="utf-8"))
    assert "people" not in truth
    assert "mess" not in truth


def test_the_year_stays_the_same(folders):
    # who calls when is drawn from other streams: only what is left behind changes
    clean, messy = (calls(f) for f in folders)
    assert {r[16] for r in clean} == {r[16] for r in messy}
    assert {(r[16], r[9]) for r in clean} == {(r[16], r[9]) for r in messy}
    assert {(r[16], r[1]) for r in clean} != {(r[16], r[1]) for r in messy}


def test_every_record_has_its_person(folders, truth):
    data = cx.read(folders[1] / "study.toml")
    ledger = data.ledger[data.ledger["cell"].isna()]
    by_file = {str(f): len(part) for f, part in ledger.groupby("file")}
    found = {
        name: by_file[hashlib.sha256((folders[1] / name).read_bytes()).hexdigest()[:12]] for name in truth["people"]
    }
    assert {name: len(people) for name, people in truth["people"].items()} == found
    assert len(found) == len(by_file)
    # A record that two systems would both call the customer's is the same person's: accounts are the truth's keys.
    lines = (folders[1] / "messages.csv").read_text(encoding="utf-8").splitlines()[1:]
    second = {new: old for old, new in truth["mess"]["second_account"]}
    for line, person in zip(lines, truth["people"]["messages.csv"], strict=True):
        account = line.split(";")[0]
        assert person is None or second.get(account, account) == person


def test_each_kind_is_in_the_files(folders, truth):
    planted, people = truth["mess"], truth["people"]
    assert {"family_phone", "family_mailbox", "firm_mailbox", "switchboard", "changed_email", "second_account",
            "typo_email", "typo_phone", "handed_over", "cleared_cookies"} <= set(planted)  # fmt: skip
    every = list(csv.reader((folders[1] / "Master.csv").read_text(encoding="utf-8").splitlines()))
    callers: dict[str, set[str]] = {}
    for row, person in zip(every, people["Master.csv"], strict=True):
        callers.setdefault(row[1], set()).add(person)
    assert max(len(callers.get(number, ())) for number, _ in planted["switchboard"]) >= 3
    assert max(len(callers.get(number, ())) for number, _ in planted["family_phone"]) >= 2
    crm = list(csv.DictReader((folders[1] / "customers.csv").read_text(encoding="utf-8").splitlines(), delimiter=";"))
    emails = {r["email"] for r in crm}
    accounts = {r["klantnummer"] for r in crm}
    assert {wrong for *_, wrong in planted["typo_email"]} <= emails
    assert {right for _, right, _ in planted["typo_email"]} - emails
    assert {new for _, new in planted["second_account"]} <= accounts
    rows = []
    for line, person in zip(
        (folders[1] / "ga4.jsonl").read_text(encoding="utf-8").splitlines(), people["ga4.jsonl"], strict=True
    ):
        if person is not None:
            rows.append((json.loads(line), person))
    users: dict[str, set[str]] = {}
    for event, person in rows:
        users.setdefault(event["user_pseudo_id"], set()).add(person)
    assert sum(len(users.get(device, ())) == 2 for device, *_ in planted["handed_over"]) >= 5
    visitor = {event["user_pseudo_id"]: person for event, person in rows}
    assert all(visitor[old] == visitor[new] for old, new in planted["cleared_cookies"])
    app = [e for e, person in rows if not person.startswith("v:") and not e["event_params"]]
    share = float(np.mean(["user_id" not in e for e in app]))
    assert 0.07 < share < 0.13


def test_a_share_is_a_share():
    with pytest.raises(StudyError, match=r"Mess\(switchboard=2\): expected a share between 0 and 1"):
        Mess(switchboard=2)


def test_the_same_seed_is_the_same_mess(tmp_path):
    a = make_sample(tmp_path / "a", customers=200, prospects=50, mess=True).parent
    b = make_sample(tmp_path / "b", customers=200, prospects=50, mess=True).parent
    assert [f.name for f in a.rglob("*.*") if f.read_bytes() != (b / f.relative_to(a)).read_bytes()] == []
