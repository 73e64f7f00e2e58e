"""The exports as files: the same bytes, the shapes of the real formats, their mess, and nobody who exists."""

import csv
import io
import json
import mailbox
import os
import re
import statistics
import subprocess
import sys
import tomllib
from email.utils import parsedate_to_datetime
from pathlib import Path

import phonenumbers
import pytest
from stdnum import ean

from cxmining.errors import StudyError
from cxmining.simulate import company, make_sample
from cxmining.study import load_study

SHIPPED = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The sample, written by a process of its own with another order of hashes."""
    out = tmp_path_factory.mktemp("sample") / "s"
    code = f"from cxmining.simulate import make_sample; make_sample({str(out)!r})"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONHASHSEED": "4711"})
    return out


def files(folder):
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def lines(path):
    return path.read_text(encoding="utf-8").splitlines()


def parsed(path):
    out, broken = [], 0
    for line in lines(path):
        try:
            out.append(json.loads(line))
        except json.JSONDecodeError:
            broken += 1
    return out, broken


def test_the_shipped_sample_is_reproduced_byte_for_byte(sample):
    made, shipped = files(sample), files(SHIPPED)
    assert sorted(made) == sorted(shipped)
    assert [name for name in made if made[name] != shipped[name]] == []
    assert sum(map(len, shipped.values())) < 8_000_000


def test_another_seed_is_another_year(tmp_path):
    a = files(make_sample(tmp_path / "a", customers=200, seed=1).parent)
    b = files(make_sample(tmp_path / "b", customers=200, seed=2).parent)
    assert [n for n in a if a[n] == b[n]] == [
        "personas.toml",
        "pseudonym.key",
        "rules.toml",
        "stakeholders.toml",
        "touchpoints.toml",
    ]


def test_too_few_customers_are_refused(tmp_path):
    with pytest.raises(StudyError, match="at least 200"):
        make_sample(tmp_path, customers=10)


def test_the_study_is_valid_and_names_only_what_exists(sample):
    study = load_study(sample)
    for source in study.sources:
        assert list(sample.glob(source.path)), source.path
    catalogue = tomllib.loads((sample / "touchpoints.toml").read_text(encoding="utf-8"))["touchpoint"]
    names = [t["name"] for t in catalogue]
    assert len(names) == len(set(names))
    assert 25 <= len(names) <= 30
    assert {t["stage"] for t in catalogue} == {
        "awareness",
        "consideration",
        "purchase",
        "service",
        "loyalty",
        "advocacy",
    }
    assert {"Netbeheerder", "Vergelijkingssite"} <= {t["owner"] for t in catalogue if t.get("third_party")}
    rules = tomllib.loads((sample / "rules.toml").read_text(encoding="utf-8"))["rule"]
    assert {r["touchpoint"] for r in rules} == set(names)
    for rule in rules:
        for key in ("subject", "event", "url", "tags", "text"):
            re.compile(rule.get(key, ""))
    survey = study.survey("relatie")
    rated = {i.touchpoint for i in survey.items if i.metric == "rapportcijfer"} - {"(overall)"}
    assert rated <= set(names)
    assert 12 <= len(rated) <= 15


def test_mail_is_an_mbox_with_threads_charsets_and_answers_within_a_day(sample):
    box = list(mailbox.mbox(sample / "mail.mbox"))
    ids = [m["Message-ID"] for m in box]
    assert len(set(ids)) < len(ids)  # some twice
    charsets = {m.get_content_charset() for m in box}
    assert {"utf-8", "iso-8859-1", "windows-1252"} <= charsets
    when, undated = {}, 0
    for m in box:
        try:
            when[m["Message-ID"]] = parsedate_to_datetime(m["Date"])
        except ValueError:
            undated += 1
        else:
            m.get_payload(decode=True).decode(m.get_content_charset() or "ascii")
    assert undated == 1
    assert all(w.tzinfo is not None for w in when.values())
    hours = []
    for m in box:
        if f"@{company.DOMAIN}" in m["Message-ID"] and "auto" not in m["Message-ID"] and m["In-Reply-To"]:
            hours.append((when[m["Message-ID"]] - when[m["In-Reply-To"]]).total_seconds() / 3600)
    assert 16 <= statistics.median(hours) <= 20
    assert any((m["Auto-Submitted"] or "") == "auto-replied" for m in box)
    assert any("\n> " in m.get_payload() for m in box)


def test_calls_have_asterisks_columns_and_legs(sample):
    rows = list(csv.reader(lines(sample / "Master.csv")))
    assert [len(r) for r in rows if len(r) != 18] == [5]
    rows = [r for r in rows if len(r) == 18]
    assert sum(r[9].startswith("0000") for r in rows) == 1
    legs = [r for r in rows if r[16] != r[17]]
    firsts = {r[16] for r in rows}
    assert legs
    assert all(r[17] in firsts for r in legs)
    assert {r[14] for r in rows} == {"ANSWERED", "NO ANSWER"}
    assert all((r[10] == "") == (r[14] == "NO ANSWER") for r in rows)
    numbers = {r[1] for r in rows if r[1].startswith("0")}
    assert all(phonenumbers.is_possible_number(phonenumbers.parse(n, "NL")) for n in numbers)
    assert "anonymous" in {r[1] for r in rows}


def test_tickets_comments_and_users_belong_together(sample):
    tickets, broken = parsed(sample / "zendesk" / "tickets.json")
    comments, _ = parsed(sample / "zendesk" / "comments.json")
    users, _ = parsed(sample / "zendesk" / "users.json")
    assert broken == 1
    assert {t["via"]["channel"] for t in tickets} == {"chat", "whatsapp", "web", "facebook"}
    known = {u["id"] for u in users}
    assert {t["requester_id"] for t in tickets} | {c["author_id"] for c in comments} <= known
    assert {c["ticket_id"] for c in comments} == {t["id"] for t in tickets}
    assert all(t["created_at"].endswith("Z") for t in tickets)


def test_app_and_web_are_bigquerys_lines(sample):
    events, broken = parsed(sample / "ga4.jsonl")
    assert broken == 1
    assert all(isinstance(e["event_params"], list) and e["event_timestamp"].isdigit() for e in events)
    signed = [e for e in events if e["event_name"] == "purchase"]
    cookies = {e["user_pseudo_id"] for e in events if "user_id" not in e}
    assert sum(e["user_pseudo_id"] in cookies for e in signed) > 0.7 * len(signed)
    assert len(cookies) > 4000


def test_questionnaires_have_three_header_rows_and_their_mess(sample):
    for name in ("relatie", "contact"):
        rows = list(csv.reader(io.StringIO((sample / "surveys" / f"{name}.csv").read_text(encoding="utf-8"))))
        assert rows[0][0] == "StartDate"
        assert rows[1][0] == "Startdatum"
        assert json.loads(rows[2][0]) == {"ImportId": "startDate"}
        body = rows[3:]
        assert sum(r[2] == "1" for r in body) == 3
        assert any(r[6] == "0" for r in body)
        comment = rows[0].index("Q8" if name == "relatie" else "Q4")
        texts = [r[comment] for r in body if r[comment] and r[2] == "0"]
        assert 7 <= statistics.median(len(t.split()) for t in texts) <= 11
        assert len(set(texts)) > 0.75 * len(texts)
    relation = list(csv.reader(io.StringIO((sample / "surveys" / "relatie.csv").read_text(encoding="utf-8"))))
    assert [r[17] for r in relation[3:] if r[17] and int(r[17]) > 10].count("11") >= 1
    assert any("niet van toepassing" in r for r in relation[3:])


def test_nobody_exists(sample):
    everything = b"".join(files(sample).values()).decode("utf-8", "replace")
    addresses = set(re.findall(r"[\w.+-]+@([\w.-]+\.[a-z]+)", everything))
    assert all(d.endswith(".example") or d in ("example.com", "example.org", "example.net") for d in addresses)
    hosts = set(re.findall(r"https?://([\w.-]+)", everything))
    assert all(h.endswith(".example") for h in hosts)
    crm = list(csv.DictReader(lines(sample / "customers.csv"), delimiter=";"))
    assert all(ean.calc_check_digit(r["ean"][:-1]) == r["ean"][-1] and len(r["ean"]) == 18 for r in crm)
    assert all(phonenumbers.is_possible_number(phonenumbers.parse(r["telefoon"], "NL")) for r in crm)
    assert len({r["klantnummer"] for r in crm}) == 2000
    assert len(crm) > 2000  # some rows twice
    assert any(not r["naam"] for r in crm)
    assert any(not r["email"] for r in crm)


def test_the_truth_names_records_that_are_there(sample):
    truth = json.loads((sample / "truth.json").read_text(encoding="utf-8"))
    calls = {r[16] for r in csv.reader(lines(sample / "Master.csv")) if len(r) == 18}
    mails = {m["Message-ID"].strip("<>") for m in mailbox.mbox(sample / "mail.mbox")}
    tickets = {str(t["id"]) for t in parsed(sample / "zendesk" / "tickets.json")[0]}
    answers = {
        row[8] for name in ("relatie", "contact") for row in csv.reader(lines(sample / "surveys" / f"{name}.csv"))
    }
    there = {"p": calls, "m": mails, "z": tickets, "q": answers}
    named = [r for _, _, _, records in truth["issues"] for r in records]
    named += [
        *truth["responses"],
        *truth["preventable"],
        *truth["forced"],
        *(r for r, _ in truth["wow"] + truth["pain"]),
    ]
    assert [r for r in named if r[2:] not in there[r[0]]] == []
    accounts = {r["klantnummer"] for r in csv.DictReader(lines(sample / "customers.csv"), delimiter=";")}
    assert {a for a, *_ in truth["issues"]} | set(truth["responses"].values()) <= accounts
    assert abs(sum(truth["shares"].values()) - 1) < 0.001
    solved = [s for *_, s, _ in truth["issues"]]
    assert 0.6 < sum(solved) / len(solved) < 0.75
