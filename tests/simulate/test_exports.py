"""Every export that is simulated is read back: each record has the fate it should have, each event is the simulated one."""

import hashlib
import json
from collections import Counter

import pandas as pd
import pytest

import cxmining as cx
from cxmining.errors import StudyError, UnknownNameError
from cxmining.simulate.exports import FORMATS, make_exports


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_exports(tmp_path_factory.mktemp("exports"), customers=200).parent


@pytest.fixture(scope="module")
def data(folder):
    return cx.read(folder / "study.toml")


@pytest.fixture(scope="module")
def truth(folder):
    return json.loads((folder / "truth.json").read_text(encoding="utf-8"))["exports"]


@pytest.mark.parametrize("name", FORMATS)
def test_each_record_has_the_fate_it_should_have(folder, data, truth, name):
    ledger = data.ledger[(data.ledger["source"] == name) & data.ledger["cell"].isna()]
    found, wanted = {}, truth[name]["files"]
    for file in wanted:
        sha = hashlib.sha256((folder / name / file).read_bytes()).hexdigest()[:12]
        status = ledger.loc[ledger["file"] == sha, "status"].value_counts()
        found[file] = {s: int(status.get(s, 0)) for s in wanted[file]}
    assert found == wanted
    # nothing is read that was not written
    assert sum(sum(c.values()) for c in found.values()) == len(ledger)


@pytest.mark.parametrize("name", FORMATS)
def test_the_events_are_the_simulated_ones(folder, data, truth, name):
    wanted = truth[name]["events"]
    events = data.events[data.events["source"] == name]
    seconds = (events["timestamp"] - pd.Timestamp("1970-01-01", tz="UTC")) // pd.Timedelta(seconds=1)
    assert Counter(zip(seconds, events["touchpoint"], strict=True)) == Counter((t, p) for _, t, p in wanted)
    # whose they are: where moment and touchpoint tell an event, and nobody else has the number or the mailbox
    crm = pd.read_csv(folder / "crm.csv", sep=";", dtype="str")
    own = set(crm.loc[~crm["telefoon"].duplicated(keep=False) & ~crm["email"].duplicated(keep=False), "klantnummer"])
    told = Counter((t, p) for _, t, p in wanted)
    account = {(t, p): a for a, t, p in wanted if told[t, p] == 1 and a in own}
    pairs = {
        (account[key], customer)
        for key, customer in zip(zip(seconds, events["touchpoint"], strict=True), events["customer_id"], strict=True)
        if key in account
    }
    assert len(pairs) > 0 or not any(a for a, _, _ in wanted)
    assert len({a for a, _ in pairs}) == len(pairs) == len({c for _, c in pairs})


def test_a_format_is_written_the_same_with_or_without_others(tmp_path, folder):
    alone = make_exports(tmp_path, ["connect"], customers=200).parent
    assert (alone / "connect" / "ctr.jsonl").read_bytes() == (folder / "connect" / "ctr.jsonl").read_bytes()


def test_what_cannot_be_simulated_is_said(tmp_path):
    with pytest.raises(UnknownNameError, match="'conect' cannot be simulated.*'connect'"):
        make_exports(tmp_path, ["conect"])
    with pytest.raises(StudyError, match="at least 200"):
        make_exports(tmp_path, customers=20)
