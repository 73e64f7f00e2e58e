"""Real mails, counted by the standard library: the same out of a box, out of letters and out of a Maildir."""

from __future__ import annotations

import mailbox
from typing import Any

import pytest

from cxmining.ingest import read_source
from cxmining.ingest.mail.message import parse_mail
from cxmining.study import parse_study

pytestmark = pytest.mark.real
COLUMNS = ["case_id", "timestamp", "utc_offset", "text", "raw_subject", "raw_status", "raw_quoted", "raw_signature"]


def read(root: Any, path: str) -> Any:
    study = parse_study({"name": "t", "source": [{"name": "s", "path": path, "tz": "UTC"}]}, root)
    return read_source(study.sources[0], study)


def told(reading: Any) -> Any:
    return reading.events[COLUMNS].sort_values(["case_id", "timestamp"], ignore_index=True)


def test_the_same_mails_out_of_every_container(real, tmp_path):
    box = mailbox.mbox(real / "mail/mailing-lists-300.mbox")
    stored = mailbox.Maildir(tmp_path / "dir")
    for i, mail in enumerate(box):
        raw = box.get_bytes(box.keys()[i])
        (tmp_path / f"{i}.eml").write_bytes(raw)
        stored.add(mail)
    whole = read(real / "mail", "mailing-lists-300.mbox")
    letters, maildir = read(tmp_path, "*.eml"), read(tmp_path, "dir")
    for reading in (whole, letters, maildir):
        counts = [file.counts for file in reading.inputs]
        assert sum(c["read"] for c in counts) == sum(c["kept"] for c in counts) == len(box) == len(reading.events)
    assert told(letters).equals(told(maildir))
    # a box escapes lines that begin with "From "; in files of their own they stay as the box wrote them
    same = (told(whole)["text"].fillna("") == told(letters)["text"].fillna("")).sum()
    assert same >= len(box) - 10
    for column in ("case_id", "timestamp", "raw_subject"):
        assert told(whole)[column].equals(told(letters)[column])


def test_headers_as_the_standard_library_has_them(real):
    box = mailbox.mbox(real / "mail/mailing-lists-300.mbox")
    for i, mail in enumerate(box):
        mine = parse_mail(box.get_bytes(box.keys()[i]))
        for name in ("Message-ID", "In-Reply-To", "References", "List-Id", "Precedence"):
            assert mine.header(name.lower()) == " ".join(str(mail[name] or "").split())


def test_little_of_what_others_wrote_is_left(real):
    e = read(real / "mail", "mailing-lists-300.mbox").events
    text = e["text"].fillna("")
    assert not text.str.contains(r"(?m)^>", regex=True).any()
    assert text.str.contains(r"(?mi)^on .{10,80} wrote:\s*$", regex=True).sum() == 0
    assert text.str.contains(r"(?m)^-- ?$", regex=True).sum() == 0
    assert e["text"].isna().mean() < 0.02
