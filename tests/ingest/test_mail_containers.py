"""Letters, Maildirs, archives of letters and Outlook files become the same mails as a mailbox does."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import cxmining as cx
from cxmining.errors import InputError
from cxmining.ingest import read_source
from cxmining.ingest.files.opening import open_file
from cxmining.ingest.looking.sniff import sniff
from cxmining.ingest.mail.msg import _letter
from cxmining.study import parse_study

OURS = {"name": "Ons", "domains": ["ons.nl"]}
LETTER = (
    "Return-Path: <jan@a.nl>\r\nDate: Wed, 01 Jan 2025 10:00:00 +0100\r\nFrom: Jan <jan@a.nl>\r\nTo: info@ons.nl\r\n"
    "Subject: Vraag\r\nMessage-ID: <{}@a>\r\n{}\r\nHallo\r\n"
)


def read(root: Path, path: str, **source: Any) -> Any:
    study = parse_study({"name": "t", "company": OURS, "source": [{"name": "s", "path": path, **source}]}, root)
    return read_source(study.sources[0], study)


def counts(reading: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for file in reading.inputs:
        for status, n in file.counts.items():
            if n:
                total[status] = total.get(status, 0) + n
    return total


def put(root: Path, name: str, content: str | bytes) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_a_letter_and_its_answer_in_files_of_their_own(tmp_path):
    put(tmp_path, "in/1.eml", LETTER.format(1, ""))
    answer = LETTER.format(2, "In-Reply-To: <1@a>\r\n").replace("10:00", "11:30")
    put(tmp_path, "in/2.eml", answer.replace("Jan <jan@a.nl>", "x").replace("info@ons.nl", "jan@a.nl").replace(": x", ": info@ons.nl"))  # fmt: skip
    r = read(tmp_path, "in/*.eml")
    assert (r.format, counts(r)) == ("eml", {"read": 2, "kept": 2})
    e = r.events.sort_values("timestamp")
    assert e["thread_id"].nunique() == 1
    assert e["direction"].tolist() == ["inbound", "outbound"]
    assert e["wait_s"].tolist()[0] == 5400
    assert set(r.identifiers["value"]) == {"jan@a.nl", "Jan"}


def test_a_maildir_is_a_folder_and_what_was_not_delivered_is_no_contact(tmp_path):
    put(tmp_path, "box/cur/1735725600.M1P2.host:2,S", LETTER.format(1, ""))
    put(tmp_path, "box/new/1735725601.M1P2.host", LETTER.format(2, ""))
    put(tmp_path, "box/.Sent/cur/1735725602.M1P2.host:2,RS", LETTER.format(3, ""))
    put(tmp_path, "box/cur/1735725603.M1P2.host:2,DS", LETTER.format(4, ""))  # a draft
    # no Date and no Received: the name of the file says when it was delivered
    put(tmp_path, "box/new/1735725604.M1P2.host", "From: piet@b.nl\nSubject: x\n\nHallo\n")
    put(tmp_path, "box/tmp/1735725605.M1P2.host", LETTER.format(6, ""))
    put(tmp_path, "box/dovecot-uidlist", "3 V1 N1\n")
    r = read(tmp_path, "box", format="eml")
    assert counts(r) == {"read": 5, "kept": 4, "context": 1}
    assert str(r.events["timestamp"].max()) == "2025-01-01 10:00:04+00:00"
    assert any("file's name dates it" in n for n in r.notes)
    r = read(tmp_path, "box/*/17*", format="eml")
    assert r.ledger.loc[r.ledger["status"] == "context", "reason"].sort_values().tolist() == [
        "a draft that was never sent", "was never delivered: it lies in tmp",
    ]  # fmt: skip


def test_an_archive_of_letters_counts_what_is_none(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a/1.eml", LETTER.format(1, ""))
        archive.writestr("a/1 (copy).eml", LETTER.format(1, "X-Copy: ja\r\n"))
        archive.writestr("a/readme.txt", "Dit is geen mail.")
    put(tmp_path, "letters.zip", packed.getvalue())
    r = read(tmp_path, "letters.zip")
    assert (r.format, counts(r)) == ("eml", {"read": 3, "kept": 1, "duplicate": 1, "rejected": 1})
    assert r.ledger["reason"].dropna().tolist() == ["the same mail was there before", "holds no header of a mail"]


@pytest.mark.parametrize("change", [lambda t: t, lambda t: t.replace("\r\n", "\n"), lambda t: t.replace("\r\n", "\r"),
                                    lambda t: "\ufeff" + t, lambda t: "\r\n" + t, lambda t: "From x Wed Jan  1 10:00:00 2025\r\n" + t])  # fmt: skip
def test_letters_as_programs_save_them(tmp_path, change):
    put(tmp_path, "x.eml", change(LETTER.format(1, "")))
    r = read(tmp_path, "x.eml", format="eml")
    assert r.events["text"].tolist() == ["Hallo"]


def test_an_empty_letter_and_a_letter_of_nothing_but_a_body(tmp_path):
    put(tmp_path, "x.eml", "alleen tekst\n\nen nog wat\n")
    r = read(tmp_path, "x.eml", format="eml")
    assert counts(r) == {"read": 1, "rejected": 1}
    assert r.ledger["reason"].tolist() == ["holds no header of a mail"]


def test_the_reader_says_what_it_took_a_file_for(tmp_path):
    put(tmp_path, "a.txt", LETTER.format(1, ""))
    put(tmp_path, "b.txt", "From x Wed Jan  1 10:00:00 2025\n" + LETTER.format(1, ""))
    assert sniff(open_file(tmp_path / "a.txt", "a.txt")).format == "eml"
    assert sniff(open_file(tmp_path / "b.txt", "b.txt")).format == "mbox"
    seen = cx.inspect(tmp_path / "a.txt")
    assert (seen.format, seen.counts["kept"]) == ("eml", 1)
    assert "jan@a.nl" not in repr(seen)


def outlook(**given: Any) -> bytes:
    """Write an Outlook item: text properties by their number, and ``sent``, ``flags``, ``recipients``."""
    ole = pytest.importorskip("extract_msg").OleWriter()
    fixed = b""
    if (sent := given.pop("sent", None)) is not None:
        ticks = int((sent - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds() * 10**7)
        fixed += (0x00390040).to_bytes(4, "little") + b"\x06\0\0\0" + ticks.to_bytes(8, "little")
    if (flags := given.pop("flags", None)) is not None:
        fixed += (0x0E070003).to_bytes(4, "little") + b"\x06\0\0\0" + flags.to_bytes(8, "little")
    for i, (name, address) in enumerate(given.pop("recipients", [])):
        folder = f"__recip_version1.0_#{i:08X}"
        ole.addEntry([folder], storage=True)
        ole.addEntry([folder, "__properties_version1.0"], b"\0" * 8)
        for number, text in (("3001", name), ("39FE", address), ("3003", "/O=ONS/CN=" + name)):
            ole.addEntry([folder, f"__substg1.0_{number}001F"], text.encode("utf-16-le"))
    ole.addEntry(["__nameid_version1.0"], storage=True)
    for number in ("0002", "0003", "0004"):
        ole.addEntry(["__nameid_version1.0", f"__substg1.0_{number}0102"], b"")
    for number, text in given.items():
        kind = "0102" if isinstance(text, bytes) else "001F"
        raw = text if isinstance(text, bytes) else text.encode("utf-16-le")
        ole.addEntry([f"__substg1.0_{number.strip('_')}{kind}"], raw)
        fixed += (
            int(number.strip("_") + kind, 16).to_bytes(4, "little") + b"\x06\0\0\0" + len(raw).to_bytes(8, "little")
        )
    ole.addEntry(["__properties_version1.0"], b"\0" * 32 + fixed)
    out = io.BytesIO()
    ole.write(out)
    return out.getvalue()


NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)


def test_outlook_mails_delivered_and_sent(tmp_path):
    heads = "Date: Wed, 01 Jan 2025 10:00:00 +0100\r\nFrom: Jan <jan@a.nl>\r\nTo: info@ons.nl\r\nMessage-ID: <1@a>\r\nSubject: Vraag\r\n"
    put(tmp_path, "in.msg", outlook(_001A="IPM.Note", _0037="Vraag", _007D=heads, _1000="Hoe zit dat?\r\n"))
    # a sent mail has no headers, and its people are Exchange's
    put(tmp_path, "out.msg", outlook(
        _001A="IPM.Note", _0037="RE: Vraag", _0C1A="Sanne", _0C1F="/O=ONS/CN=SANNE", _5D01="sanne@ons.nl", _1042="<1@a>", _1035="<2@ons>",
        _1013=b"<html><p>Zo.</p><blockquote>Hoe zit dat?</blockquote></html>", sent=NOON, recipients=[("Jan", "jan@a.nl"), ("Piet", "piet@ons.nl")],
    ))  # fmt: skip
    put(
        tmp_path, "draft.msg", outlook(_001A="IPM.Note", _0037="x", _1000="y", flags=8, _5D01="sanne@ons.nl", _0C1A="S")
    )
    put(tmp_path, "card.msg", outlook(_001A="IPM.Contact", _0037="Jan"))
    put(tmp_path, "away.msg", outlook(
        _001A="IPM.Note.Rules.OofTemplate.Microsoft", _0037="Weg", _5D01="jan@a.nl", _0C1A="Jan", sent=NOON, recipients=[("I", "info@ons.nl")]))  # fmt: skip
    r = read(tmp_path, "*.msg")
    assert (r.format, counts(r)) == ("msg", {"read": 5, "kept": 3, "context": 2})
    e = r.events.set_index("raw_subject")
    assert e["direction"].to_dict() == {"Vraag": "inbound", "RE: Vraag": "outbound", "Weg": "inbound"}
    assert e["text"].to_dict() | {"Weg": None} == {"Vraag": "Hoe zit dat?", "RE: Vraag": "Zo.", "Weg": None}
    assert e.loc["Vraag", "thread_id"] == e.loc["RE: Vraag", "thread_id"] != e.loc["Weg", "thread_id"]
    assert e.loc["Vraag", "wait_s"] == 3 * 3600
    assert e.loc["Weg", "raw_status"] == "auto-reply"
    assert set(r.identifiers["value"]) == {"Jan", "jan@a.nl"}


def test_a_damaged_outlook_file_is_a_reject(tmp_path):
    whole = outlook(_001A="IPM.Note", _0037="x", _1000="y" * 9000, sent=NOON, _5D01="jan@a.nl", _0C1A="J")
    for i, raw in enumerate((whole[:700], whole[:44] + b"\x99" * 40 + whole[84:], b"\x00" * 700)):
        put(tmp_path, f"{i}.msg", raw)
        r = read(tmp_path, f"{i}.msg", format="msg")
        assert counts(r) == {"read": 1, "rejected": 1}
        assert r.ledger["reason"].iloc[0] in ("the Outlook file is damaged or cut off", "holds no header of a mail")

    # cut where the body lies: what is there is read, and it is said
    put(tmp_path, "half.msg", whole[: len(whole) // 2])
    r = read(tmp_path, "half.msg", format="msg")
    assert any("ends before its parts do" in n for n in r.notes)
    put(tmp_path, "whole.msg", whole)
    assert not any("ends before" in n for n in read(tmp_path, "whole.msg", format="msg").notes)


@pytest.mark.parametrize("seed", range(3))
def test_no_byte_of_an_outlook_file_breaks_the_reader(seed):
    whole = outlook(_001A="IPM.Note", _0037="x", _1000="y" * 9000, sent=NOON, _5D01="jan@a.nl", _0C1A="J", recipients=[("a", "b@c.nl")])  # fmt: skip
    chance = random.Random(seed)
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(chance.choice((1, 3, 30))):
            broken[chance.randrange(len(broken) if chance.random() < 0.5 else 1600)] = chance.choice((0, 254, 255, 77))
        letter = _letter(bytes(broken), "x.msg")
        assert (letter.mail is None) == (letter.trouble is not None)


def test_outlook_files_are_told_from_old_office_files(tmp_path):
    put(tmp_path, "a.bin", outlook(_001A="IPM.Note", _0037="x", _1000="y" * 200_000))
    assert sniff(open_file(tmp_path / "a.bin", "a.bin")).format == "msg"
    put(tmp_path, "b.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000)
    with pytest.raises(InputError, match="old Office file"):
        sniff(open_file(tmp_path / "b.doc", "b.doc"))


def test_a_maildir_is_drafted_as_one_source_with_its_own_domain(tmp_path):
    from cxmining.drafting import draft_study

    for i in range(3):
        put(tmp_path, f"box/cur/173572560{i}.M1P2.host:2,S", LETTER.format(i, ""))
    put(tmp_path, "box/new/1735725609.M1P2.host", LETTER.format(9, "").replace("jan@a.nl", "piet@b.nl"))
    study = cx.load_study(draft_study(tmp_path))
    assert [(s.path, s.format) for s in study.sources] == [("box", "eml")]
    assert study.company.domains == ("ons.nl",)


def test_where_a_rejected_letter_lies(tmp_path):
    from cxmining.ingest.looking.locate import Place, locate

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.eml", LETTER.format(1, ""))
        archive.writestr("b.txt", "Dit is geen mail.")
    put(tmp_path, "letters.zip", packed.getvalue())
    put(tmp_path, "x.eml", "alleen tekst\n")
    assert locate(open_file(tmp_path / "letters.zip", "letters.zip"), [1], 2, "eml") == {1: Place(1, 0, "b.txt")}
    assert locate(open_file(tmp_path / "x.eml", "x.eml"), [0], 1, "eml") == {0: Place(1, 0)}


def test_a_box_that_lost_its_first_line_is_said(tmp_path):
    put(tmp_path, "x.eml", LETTER.format(1, "") + "\r\nFrom x@y Wed Jan  1 10:00:00 2025\r\n" + LETTER.format(2, ""))
    r = read(tmp_path, "x.eml")
    assert (r.format, counts(r)) == ("eml", {"read": 1, "kept": 1})
    assert any("1 file holds the From_ line of another mail below" in n for n in r.notes)


def test_a_text_longer_than_anybody_writes_is_said(tmp_path):
    put(tmp_path, "x.eml", LETTER.format(1, "").replace("Hallo", "log line\r\n" * 5000))
    r = read(tmp_path, "x.eml")
    assert len(r.events["text"][0]) == 20_000
    assert any("1 mail is longer than anybody writes" in n for n in r.notes)
