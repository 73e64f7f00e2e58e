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
    assert pairs or not any(a for a, _, _ in wanted)
    assert len({a for a, _ in pairs}) == len(pairs) == len({c for _, c in pairs})


@pytest.mark.parametrize("name", ["qualtrics", "surveymonkey", "googleforms", "msforms", "limesurvey"])
def test_the_responses_are_the_simulated_ones(data, truth, name):
    responses = data.responses[data.responses["survey"] == name]
    wanted = truth[name]["responses"]
    assert wanted
    seconds = (responses["timestamp"] - pd.Timestamp("1970-01-01", tz="UTC")) // pd.Timedelta(seconds=1)
    answers = data.answers[data.answers["status"] == "answered"].dropna(subset="score")
    scores = {r: dict(zip(part["metric"], part["score"], strict=True)) for r, part in answers.groupby("response_id")}
    found = sorted(
        (int(t), sorted(scores.get(r, {}).items())) for t, r in zip(seconds, responses["response_id"], strict=True)
    )
    assert found == sorted((int(t), sorted(s.items())) for _, t, s in wanted)


def test_the_clock_is_turned_in_every_channel(truth):
    spring, autumn = pd.Timestamp("2025-03-30T01:00Z").timestamp(), pd.Timestamp("2025-10-26T00:00Z").timestamp()
    for name in ("asterisk", "connect", "intercom", "whatsapp", "ga4", "mbox", "xes"):
        moments = [t for _, t, _ in truth[name]["events"]]
        assert sum(spring <= t < spring + 3600 for t in moments) >= 1, name
        assert sum(autumn <= t < autumn + 7200 for t in moments) >= 2, name


def test_a_format_is_written_the_same_with_or_without_others(tmp_path, folder):
    alone = make_exports(tmp_path, ["connect"], customers=200).parent
    assert (alone / "connect" / "ctr.jsonl").read_bytes() == (folder / "connect" / "ctr.jsonl").read_bytes()


def test_what_cannot_be_simulated_is_said(tmp_path):
    with pytest.raises(UnknownNameError, match=r"'conect' cannot be simulated.*'connect'"):
        make_exports(tmp_path, ["conect"])
    with pytest.raises(StudyError, match="at least 200"):
        make_exports(tmp_path, customers=20)


def test_identities_may_be_messy_too(tmp_path):
    study = make_exports(tmp_path, ["connect", "intercom", "mbox"], customers=200, mess=True)
    data = cx.read(study)
    wanted = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))["exports"]
    for name in wanted:
        status = data.ledger.loc[(data.ledger["source"] == name) & data.ledger["cell"].isna(), "status"].value_counts()
        (counts,) = wanted[name]["files"].values()
        assert {s: int(status.get(s, 0)) for s in counts} == counts
        assert (data.events["source"] == name).sum() == len(wanted[name]["events"])
