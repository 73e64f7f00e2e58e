"""Touchpoints renamed, merged and split by the catalogue: at once, and as reading again would."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pytest

from cxmining.catalogue import load_edits
from cxmining.errors import StudyError, UnknownNameError
from cxmining.ingest import apply_catalogue, from_frame, read
from cxmining.schema import Dataset, table

LETTERS = """nr,at,what,account,team,subject,topic
1,2024-01-01T10:00:00,invoice,a1,north,Mijn factuur klopt niet,betalen
2,2024-01-02T10:00:00,invoice,a1,south,Vraag over incasso,betalen
3,2024-01-03T10:00:00,calls,a2,north,,opzeggen
4,2024-01-04T10:00:00,<img src=x onerror=alert(1)>,a2,,,
"""
SURVEY = "at,account,q1\n2024-01-05T10:00:00,a1,7\n"
STUDY = """
name = "zon"
catalogue = "touchpoints.toml"
[[source]]
name = "letters"
path = "letters.csv"
format = "csv"
tz = "UTC"
columns = { timestamp = "at", touchpoint = "what", account = "account", queue = "team", subject = "subject", topic = "topic" }
[[source]]
name = "answers"
path = "survey.csv"
format = "csv"
into = "responses"
survey = "s"
tz = "UTC"
columns = { timestamp = "at" }
[[survey]]
name = "s"
kind = "relationship"
customer = { account = "account" }
item = [{ column = "q1", metric = "rapportcijfer", touchpoint = "invoice", low = 1, high = 10 }]
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "letters.csv").write_text(LETTERS)
    (tmp_path / "survey.csv").write_text(SURVEY)
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "pseudonym.key").write_text("public-0123456789abcdef\n")
    return tmp_path


def write(folder: Path, *entries: str) -> Path:
    file = folder / "touchpoints.toml"
    file.write_text("".join(f"[[touchpoint]]\n{e}\n" for e in entries))
    return file


def same(a: Dataset, b: Dataset) -> None:
    for name in ("events", "answers", "catalogue", "responses", "ledger"):
        pd.testing.assert_frame_equal(getattr(a, name), getattr(b, name))


RENAMED = 'name = "asks about invoice"\nrename = "invoice"'


@pytest.mark.parametrize(
    ("entries", "touchpoints"),
    [
        ((RENAMED,), ["asks about invoice", "asks about invoice", "calls", "<img src=x onerror=alert(1)>"]),
        (('name = "contact"\nmerge = ["invoice", "calls", "<img src=x onerror=alert(1)>"]',), ["contact"] * 4),
        (
            ('name = "disputes"\nsplit = { of = "invoice", subject = "klopt NIET" }', 'name = "calls"'),
            ["disputes", "invoice", "calls", "<img src=x onerror=alert(1)>"],
        ),
        (  # a split takes its part before what it is of is renamed, wherever it stands in the file
            (RENAMED, 'name = "north"\nsplit = { of = ["invoice", "calls"], queue = "north" }'),
            ["north", "asks about invoice", "north", "<img src=x onerror=alert(1)>"],
        ),
        (
            ('name = "leaves"\nsplit = [{ of = "calls", topic = "^opzeg" }, { of = "invoice", subject = "incasso" }]',),
            ["invoice", "leaves", "leaves", "<img src=x onerror=alert(1)>"],
        ),
        (  # names swapped: edits do not act on each other's results
            ('name = "calls"\nrename = "invoice"', 'name = "invoice"\nrename = "calls"'),
            ["calls", "calls", "invoice", "<img src=x onerror=alert(1)>"],
        ),
    ],
)  # fmt: skip
def test_what_reading_again_gives_applying_gives(study: Path, entries: tuple[str, ...], touchpoints: list[str]) -> None:
    write(study, 'name = "calls"')
    before = read(study)
    file = write(study, *entries)
    after = apply_catalogue(before, file)
    assert after.events["touchpoint"].tolist() == touchpoints
    same(read(study), after)
    same(apply_catalogue(after, file), after)  # twice is once
    same(apply_catalogue(after, write(study, 'name = "calls"')), before)  # and back


def test_answers_follow_their_touchpoint(study: Path) -> None:
    write(study, RENAMED)
    data = read(study)
    assert data.answers["touchpoint"].tolist() == ["asks about invoice"]
    write(study, 'name = "x"\nsplit = { of = "invoice", queue = "north" }')
    assert read(study).answers["touchpoint"].tolist() == ["invoice"]  # about which part nobody knows


@pytest.mark.parametrize(
    ("entry", "error", "said"),
    [
        ('name = "x"\nrename = "invoise"', UnknownNameError, "rename names 'invoise', which is not in the log; did you mean 'invoice'"),
        ('name = "x"\nmerge = ["calls", "cals"]', UnknownNameError, "merge names 'cals'"),
        ('name = "x"\nsplit = { of = "nothing", queue = "north" }', UnknownNameError, "split names 'nothing'"),
        ('name = "x"\nsplit = { queue = "north" }', StudyError, "does not say of what"),
        ('name = "x"\nsplit = { of = "calls" }', StudyError, "says no condition"),
        ('name = "x"\nsplit = { of = "calls", que = "north" }', StudyError, "unknown key 'que'; did you mean 'queue'"),
        ('name = "x"\nsplit = { of = "calls", subject = "(?=x)" }', StudyError, "is no RE2 pattern"),
        ('name = "x"\nsplit = { of = "calls", url = "x" }', StudyError, "no event of this log holds a url; it holds .* queue, subject, topic"),
        ('name = "x"\nsplit = { of = "calls", channel = "mail", channel_to = "web" }', StudyError, "a split keeps channels"),
        ('name = "x"\nsplit = { of = "calls", subject = ["a"] }', StudyError, "expected text"),
        ('name = "x"\nrename = "calls"\n[[touchpoint]]\nname = "y"\nmerge = ["calls"]', StudyError, "which 'x' claims too"),
        ('name = "x"\nmerge = "calls"', StudyError, "merge"),
    ],
)  # fmt: skip
def test_mistakes_are_named(study: Path, entry: str, error: type[Exception], said: str) -> None:
    write(study, 'name = "calls"')
    data = read(study)
    with pytest.raises(error, match=said):
        apply_catalogue(data, write(study, entry))
    with pytest.raises(error, match=said):
        read(study)


def test_a_log_of_a_frame_can_be_renamed_too(tmp_path: Path) -> None:
    frame = pd.DataFrame({"who": ["a", "b"], "what": ["mail", "mial"], "at": ["2024-01-01T00:00Z"] * 2})
    log = from_frame(frame, customer="who", touchpoint="what", timestamp="at")
    done = apply_catalogue(log, write(tmp_path, 'name = "mail"\nmerge = ["mial"]'))
    assert done.events["touchpoint"].tolist() == ["mail", "mail"]
    with pytest.raises(StudyError, match="no event of this log holds a subject"):
        apply_catalogue(log, write(tmp_path, 'name = "x"\nsplit = { of = "mail", subject = "x" }'))


def test_splits_come_first_whatever_the_order(tmp_path: Path) -> None:
    file = write(tmp_path, 'name = "a"\nrename = "b"', 'name = "c"\nsplit = { of = "b", queue = "q" }')
    assert [e.key for e in load_edits(file)] == ["split", "rename"]


def test_a_million_events_in_a_second(tmp_path: Path) -> None:
    n = 1_000_000
    labels = pd.array([f"t{i % 40}" for i in range(n)], dtype="str")
    events = table(
        "events",
        {
            "event_id": [f"r{i}" for i in range(n)], "timestamp": pd.Series([pd.Timestamp("2024-01-01", tz="UTC")] * n),
            "channel": ["web"] * n, "touchpoint": labels, "source": ["w"] * n, "seq": range(n), "queue": ["q", "r"] * (n // 2),
        },
    )  # fmt: skip
    file = write(tmp_path, 'name = "x"\nmerge = ["t1", "t2"]', 'name = "y"\nsplit = { of = "t3", queue = "r" }')
    data = Dataset(events)
    start = time.process_time()
    done = apply_catalogue(data, file)
    assert time.process_time() - start < 3  # 0.6 s where nothing else runs
    assert done.events["touchpoint"].value_counts()[["x", "y"]].tolist() == [50_000, 25_000]
