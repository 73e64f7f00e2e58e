"""The list of bad input, in its order, over every reader it can befall.

Each case ends in one of two ways: an `InputError` of one sentence that names the file, or a reading whose records add
up (which `read_source` itself insists on) and that says of each record it did not keep why. Time and memory are
bounded; where that is the point they are measured in `test_large_exports`.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hostile_samples import SAMPLES, N, Sample, iso, lines, read, rows, table

from cxmining.errors import CxminingError, InputError
from cxmining.ingest.files import archive
from cxmining.ingest.files.opening import find_files, open_file
from cxmining.ingest.looking.sniff import sniff
from cxmining.ledger import code_of
from cxmining.schema import TABLES, Reading
from cxmining.study import FORMATS

ALL = list(SAMPLES)
TEXT = [name for name, s in SAMPLES.items() if s.text]
JSON = [name for name, s in SAMPLES.items() if s.family == "json"]
JSON_LINES = [name for name in JSON if SAMPLES[name].content.count(b"\n") == N or name == "g.jsonl"]
DELIMITED = [name for name, s in SAMPLES.items() if s.family == "delimited"]
XML = [name for name, s in SAMPLES.items() if s.family == "xml"]


def counts(reading: Reading) -> dict[str, int]:
    return {k: v for k, v in reading.inputs[0].counts.items() if v}


def reasons(reading: Reading) -> list[str]:
    rejected = reading.ledger["status"].eq("rejected")
    return reading.ledger.loc[rejected, "reason"].tolist()


def refused(call: Callable[[], object], name: str, *said: str) -> str:
    """The call is refused in one sentence that names the file (or the source, for want of one)."""
    with pytest.raises(CxminingError) as caught:
        call()
    message = str(caught.value)
    one_sentence(message, name)
    for words in said:
        assert re.search(words, message), message
    return message


def one_sentence(message: str, name: str) -> None:
    assert "\n" not in message
    assert name in message or "source 's'" in message
    assert "please report it" not in message


def survives(sample: Sample, folder: Path, content: bytes, **source: object) -> Reading | None:
    """The file is read with a reason for each record that is not kept, or refused in one sentence."""
    try:
        reading = read(sample, folder, content, **source)
    except CxminingError as error:
        one_sentence(str(error), str(source.get("name", sample.name)))
        return None
    lost = reading.ledger[reading.ledger["status"].ne("kept") | reading.ledger["cell"].notna()]
    assert lost["reason"].notna().all()
    assert {code_of(r) for r in reasons(reading)} <= set(_codes())
    return reading


def _codes() -> tuple[str, ...]:
    from cxmining.ledger import REMEDIES

    return tuple(code for code in REMEDIES if code != "other")


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def test_every_format_has_a_sample_here():
    # nothing here writes an Outlook mail (.msg); its reader has tests of its own
    assert set(FORMATS) - {"auto", "msg"} == {s.format for s in SAMPLES.values()}


@pytest.mark.parametrize("name", ALL)
def test_0_the_samples_are_sound_and_recognised(name, tmp_path):
    sample = SAMPLES[name]
    reading = read(sample, tmp_path, format="auto")
    assert reading.format == sample.format
    assert "rejected" not in counts(reading)


# 1 truncated gz ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_01_truncated_gz(name, tmp_path):
    sample = SAMPLES[name]
    whole = gzip.compress(sample.content, mtime=0)
    if name.endswith(".xlsx"):  # a workbook is an archive already
        refused(lambda: read(sample, tmp_path, whole, name=name + ".gz"), name, "archive within an archive")
        return
    assert counts(read(sample, tmp_path, whole, name=name + ".gz")) == counts(read(sample, tmp_path))
    for cut in (len(whole) // 2, len(whole) - 4):  # within the data, and within the checksum behind it
        refused(lambda cut=cut: read(sample, tmp_path, whole[:cut], name=name + ".gz"), name, "cut off|damaged")


# 2 zip bomb --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXT)
def test_02_zip_bomb(name, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_RATIO_FROM", 1 << 18)
    sample = SAMPLES[name]
    bomb = sample.content + b"\n" * (2 << 20)
    refused(lambda: read(sample, tmp_path, gzip.compress(bomb), name="b.gz"), "b.gz", "times its size")
    refused(lambda: read(sample, tmp_path, zipped(("a", bomb)), name="b.zip"), "b.zip", "times its size")
    refused(lambda: read(sample, tmp_path, zipped(("a", gzip.compress(bomb))), name="c.zip"), "c.zip", "times its size")
    within = gzip.compress(gzip.compress(bomb))
    refused(lambda: read(sample, tmp_path, within, name="d.gz"), "d.gz", "archive within an archive")


# 3 billion laughs, 4 external entities -----------------------------------------------------------------------------

LAUGHS = (
    "<!DOCTYPE log [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {chr(98 + i)} '{('&' + chr(97 + i) + ';') * 10}'>" for i in range(9))
    + "]>"
)
OUTSIDE = "<!DOCTYPE log [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>"
REMOTE = "<!DOCTYPE log SYSTEM 'http://127.0.0.1:9/log.dtd'>"


@pytest.mark.parametrize("name", XML)
@pytest.mark.parametrize(
    ("declared", "used"), [(LAUGHS, "&j;"), (OUTSIDE, "&e;"), (REMOTE, "")], ids=["laughs", "outside", "remote"]
)
def test_03_04_billion_laughs_and_external_entities(name, declared, used, tmp_path):
    text = SAMPLES[name].content.decode()
    head, _, rest = text.partition("<log")
    content = head + declared + "<log" + rest.replace("stap 0", used or "x").replace(">0<", f">{used}<")
    refused(lambda: read(SAMPLES[name], tmp_path, content.encode()), name, "DTD")


@pytest.mark.parametrize(("declared", "used"), [(LAUGHS, "&j;"), (OUTSIDE, "&e;")], ids=["laughs", "outside"])
def test_03_04_entities_in_a_workbook(declared, used, tmp_path):
    sample = SAMPLES["x.xlsx"]
    parts = []
    with zipfile.ZipFile(io.BytesIO(sample.content)) as book:
        for part in book.namelist():
            content = book.read(part).decode()
            if part.endswith(("sheet1.xml", "sharedStrings.xml")):
                begin = content.index("?>") + 2 if content.startswith("<?") else 0
                content = content[:begin] + declared.replace("DOCTYPE log", "DOCTYPE x") + content[begin:]
                content = content.replace("belt", used)
            parts.append((part, content.encode()))
    reading = survives(sample, tmp_path, zipped(*parts))
    if reading is not None:
        hostname = Path("/etc/hostname").read_text().strip() if Path("/etc/hostname").exists() else "?"
        assert not reading.events["touchpoint"].str.contains(re.escape(hostname) + "|haha").any()


# 5 path traversal in archives --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "member"),
    [*((name, "../x") for name in TEXT), *(("x.csv", m) for m in ("a/../../x", "/etc/x", "..\\x", "C:\\x"))],
)
def test_05_path_traversal(name, member, tmp_path):
    content = zipped((member, SAMPLES[name].content))
    folder = tmp_path / "study"
    folder.mkdir()
    refused(lambda: read(SAMPLES[name], folder, content, name="x.zip"), "x.zip", "leads out")
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["study", "x.zip"]


# 6 100 MB single line ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXT)
def test_06_a_long_single_line(name, tmp_path):
    """As above in small, for all: nothing but one line, and one line among others."""
    sample = SAMPLES[name]
    survives(sample, tmp_path, b"z" * 600_000)
    survives(sample, tmp_path, sample.content + b"z" * 600_000 + b"\n")
    survives(sample, tmp_path, sample.content + b'"' + b"z" * 600_000 + b"\n")


# 7 NUL bytes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXT)
def test_07_nul_bytes(name, tmp_path):
    sample = SAMPLES[name]
    survives(sample, tmp_path, b"\0" * 5000)
    padded = survives(sample, tmp_path, sample.content + b"\0" * 5000)  # as a disk leaves it after a power cut
    if sample.family not in ("xml", "mail"):
        assert padded is not None
        whole = counts(read(sample, tmp_path))
        assert counts(padded)["kept"] >= whole["kept"] - 1
        assert counts(padded)["read"] in (whole["read"], whole["read"] + 1)
    middle = len(sample.content) // 2
    survives(sample, tmp_path, sample.content[:middle] + b"\0" + sample.content[middle:])


# 8 mixed encodings -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXT)
def test_08_mixed_encodings(name, tmp_path):
    sample = SAMPLES[name]
    whole = counts(read(sample, tmp_path))
    mixed = sample.content.replace("é".encode(), b"\xe9", 3)
    reading = survives(sample, tmp_path, mixed)
    if sample.family == "json" and b"\\u00e9" not in sample.content and mixed != sample.content and reading is not None:
        assert any("UTF-8" in r for r in reasons(reading))
    elif reading is not None:
        assert counts(reading) == whole
        if sample.family in ("delimited", "chat"):  # each character is read as what it is
            assert set(reading.events["touchpoint"]) == set(read(sample, tmp_path).events["touchpoint"])
            assert "\u00c3" not in reading.events.to_csv()


# 9 UTF-16 with BOM -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("name", [n for n in TEXT if SAMPLES[n].family != "mail"])
def test_09_a_byte_order_mark(name, codec, tmp_path):
    sample = SAMPLES[name]
    text = sample.content.decode().replace('encoding="UTF-8"', "")
    raw = ("\ufeff" + text).encode(codec) if codec == "utf-16-be" else text.encode(codec)
    assert counts(read(sample, tmp_path, raw)) == counts(read(sample, tmp_path))
    assert sniff(open_file(tmp_path / name, name)).format == sample.format


# 10 wrong delimiter ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DELIMITED)
def test_10_wrong_delimiter(name, tmp_path):
    sample = SAMPLES[name]
    message = refused(lambda: read(sample, tmp_path, delimiter="|"), name)
    assert len(message) < 600
    if name != "Master.csv":  # Asterisk writes commas
        text = sample.content.decode()
        other = "".join(";".join(f'"{f}"' for f in row) + "\n" for row in csv_fields(text))
        assert counts(read(sample, tmp_path, other.encode())) == counts(read(sample, tmp_path))


def csv_fields(text: str) -> list[list[str]]:
    import csv

    return [[f.replace('"', '""') for f in row] for row in csv.reader(io.StringIO(text))]


# 11 duplicate column names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in DELIMITED if n != "Master.csv"])
def test_11_duplicate_column_names(name, tmp_path):
    head, _, rest = SAMPLES[name].content.partition(b"\n")
    names = head.split(b",")
    names[-1] = names[0]
    content = b",".join(names) + b"\n" + rest
    # questionnaires may ask a thing twice: their columns are numbered, and the one that the study names is missed
    refused(lambda: read(SAMPLES[name], tmp_path, content), name, "two columns are called|is not in the file")


def test_11_duplicate_column_names_elsewhere(tmp_path):
    frame = pd.DataFrame(rows())
    doubled = pd.concat([frame, frame[["tijd"]]], axis=1)
    book = io.BytesIO()
    doubled.to_excel(book, index=False)
    refused(lambda: read(SAMPLES["x.xlsx"], tmp_path, book.getvalue()), "x.xlsx", "two columns are called 'tijd'")
    # a JSON object that says a thing twice means the last, as every parser has it
    hit = '{"event_name": "a", "event_name": "b", "event_timestamp": 1704103200000000, "user_pseudo_id": "1"}\n'
    assert counts(read(SAMPLES["hits.jsonl"], tmp_path, hit.encode())) == {"read": 1, "kept": 1}


# 12 header only ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DELIMITED)
def test_12_header_only(name, tmp_path):
    sample = SAMPLES[name]
    heads = {"q.csv": 4, "monkey.csv": 2, "Master.csv": 0}.get(name, 1)
    for k in range(heads + 1):
        content = b"".join(sample.content.splitlines(keepends=True)[:k])
        refused(lambda content=content: read(sample, tmp_path, content), name)


EMPTY = {
    "json": (b"[]", b"{}", b"[ ]\n", b"null", b" "), "xml": (b"<log/>", b"<log></log>", b"<?xml version='1.0'?>"),
    "chat": (b"\n\n", b"hallo\n"), "mail": (b"\n\n", b"From "), "delimited": (b"\n\n\n", b",,,\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXT)
def test_12_nothing_in_it(name, tmp_path):
    for content in (b"", *EMPTY[SAMPLES[name].family]):
        for declared in (SAMPLES[name].format, "auto"):
            reading = survives(SAMPLES[name], tmp_path, content, format=declared)
            # a record without anything in it is rejected, and there is no other
            assert reading is None or "kept" not in counts(reading)


# 13 a directory called x.csv ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["x.csv", "x.mbox", "log.xes", "hits.jsonl"])
def test_13_a_directory_called_like_a_file(name, tmp_path):
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match="is a folder, not a file"):
        find_files(tmp_path, name, "s")
    (tmp_path / name / "inside.csv").write_bytes(b"a\n1\n")
    with pytest.raises(InputError, match="is a folder, not a file"):
        find_files(tmp_path, "*." + name.rpartition(".")[2], "s")
    with pytest.raises(InputError, match="is a folder"):
        open_file(tmp_path / name, name)


# 14 symlink loops --------------------------------------------------------------------------------------------------


def test_14_symlink_loops(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.csv").write_bytes(SAMPLES["x.csv"].content)
    (tmp_path / "a" / "round").symlink_to(tmp_path)
    (tmp_path / "b").symlink_to("c")
    (tmp_path / "c").symlink_to("b")
    found = find_files(tmp_path, "**/*.csv", "s")
    assert {f.sha256 for f in found} == {open_file(tmp_path / "a" / "x.csv", "x.csv").sha256}
    for pattern in ("b", "c", "b*"):
        with pytest.raises(InputError, match="leads nowhere"):
            find_files(tmp_path, pattern, "s")
    (tmp_path / "a" / "self.csv").symlink_to("self.csv")
    with pytest.raises(InputError, match="leads nowhere"):
        find_files(tmp_path, "a/*.csv", "s")


# 15 10,000 columns -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", JSON_LINES)
def test_15_ten_thousand_fields(name, tmp_path):
    first, *_ = SAMPLES[name].content.splitlines()
    record = {**json.loads(first), **{f"c{i}": i for i in range(10_000)}}
    reading = read(SAMPLES[name], tmp_path, lines([record]))
    assert counts(reading)["kept"] == 1


# 16 dates in year 1 and 9999 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", ["0001", "9999"])
@pytest.mark.parametrize("name", [n for n in TEXT if b"2024-01-03" in SAMPLES[n].content])
def test_16_dates_that_mean_never(name, year, tmp_path):
    """The records of one day are of year 1 or 9999: they are rejected with that reason, all others stand."""
    sample = SAMPLES[name]
    whole = counts(read(sample, tmp_path))
    reading = read(sample, tmp_path, sample.content.replace(b"2024-01-03", f"{year}-01-03".encode()))
    got = counts(reading)
    assert got["read"] == whole["read"]
    assert got["rejected"] >= 1
    assert got["kept"] == whole["kept"] - (got["rejected"] if "merged" not in whole else got["rejected"] // 2)
    moments = reading.events["timestamp"] if len(reading.events) else reading.responses["timestamp"]
    assert moments.dt.year.eq(2024).all()
    # a Genesys conversation has many moments, of which none is left
    assert {code_of(r) for r in reasons(reading)} == {"no-time" if name == "g.jsonl" else "time-never"}


def test_16_dates_that_mean_never_in_mails_and_chats(tmp_path):
    mail = SAMPLES["x.mbox"].content.replace(b"3 Jan 2024", b"3 Jan 0001").replace(b"4 Jan 2024", b"4 Jan 9999")
    reading = survives(SAMPLES["x.mbox"], tmp_path, mail)
    assert reading is not None
    assert reading.events["timestamp"].dt.year.eq(2024).all()
    survives(SAMPLES["chat.txt"], tmp_path, SAMPLES["chat.txt"].content.replace(b"/2024", b"/0001", 2))
    survives(SAMPLES["chat.txt"], tmp_path, SAMPLES["chat.txt"].content.replace(b"/2024", b"/9999"))


# 17 epoch in s, ms, µs and ns --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
@pytest.mark.parametrize("name", ["x.csv", "x.parquet", "x.xlsx"])
def test_17_epoch(name, unit, factor, tmp_path):
    counted = [{**row, "tijd": (1704103200 + i) * factor} for i, row in enumerate(rows())]
    if name == "x.xlsx":  # a workbook's numbers have 15 digits, so exports write longer ones as text
        counted = [{**row, "tijd": str(row["tijd"])} for row in counted]
    out = io.BytesIO()
    frame = pd.DataFrame(counted)
    frame.to_parquet(out) if name == "x.parquet" else frame.to_excel(
        out, index=False
    ) if name == "x.xlsx" else out.write(table(counted))
    reading = read(SAMPLES[name], tmp_path, out.getvalue())
    assert reading.events["timestamp"].dt.tz_localize(None).tolist() == [
        pd.Timestamp(1704103200 + i, unit="s") for i in range(N)
    ]
    assert any(f'timestamp_format = "epoch {unit}"' in note for note in reading.notes)


# 18 negative durations ---------------------------------------------------------------------------------------------

NEGATIVE = {
    "x.csv": (b",5\n", b",-5\n"), "Master.csv": (b",300,240,", b",-300,-240,"), "chats.csv": (b",480,60,", b",-480,-60,"),
    "ctr.jsonl": (b'"AgentInteractionDuration": 480', b'"AgentInteractionDuration": -480'),
    "calls.json": (b'"duration": "300"', b'"duration": "-300"'), "calls.csv": (b",300,", b",-300,"),
    "g.jsonl": (b'"value": 60000', b'"value": -60000'),
}  # fmt: skip


@pytest.mark.parametrize("name", list(NEGATIVE))
def test_18_negative_durations(name, tmp_path):
    old, new = NEGATIVE[name]
    assert old in SAMPLES[name].content
    reading = read(SAMPLES[name], tmp_path, SAMPLES[name].content.replace(old, new))
    for column in ("duration_s", "wait_s"):
        assert not reading.events[column].lt(0).fillna(False).any()
    cells = reading.ledger["cell"].notna().sum()
    assert cells + reading.ledger["status"].eq("rejected").sum() > 0 or name in ("g.jsonl", "Master.csv")


ENDS_FIRST = {
    "Master.csv": (b"10:05:", b"09:05:"), "calls.json": (b"10:05:00 +0000", b"09:05:00 +0000"),
    "g.jsonl": (b"T10:09:", b"T09:09:"), "ctr.jsonl": (b"T10:09:", b"T09:09:"), "chats.csv": (b"T10:09:", b"T09:09:"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(ENDS_FIRST))
def test_18_contacts_that_end_before_they_begin(name, tmp_path):
    reading = read(SAMPLES[name], tmp_path, SAMPLES[name].content.replace(*ENDS_FIRST[name]))
    for column in ("duration_s", "wait_s"):
        assert not reading.events[column].lt(0).fillna(False).any()


# 19 an mbox without From_ ------------------------------------------------------------------------------------------


def test_19_an_mbox_without_its_separators(tmp_path):
    sample = SAMPLES["x.mbox"]
    bare = re.sub(rb"(?m)^From [^\n]*\n", b"", sample.content)
    for content in (bare, b"hallo\n\n" + sample.content):
        reading = survives(sample, tmp_path, content)
        assert reading is None or counts(reading)["read"] >= 1


# 20 e-mail with 50 nested parts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["multipart/mixed", "message/rfc822", "wide"])
@pytest.mark.parametrize("depth", [50, 1000])
def test_20_nested_parts(kind, depth, tmp_path):
    body = "Content-Type: text/plain\n\nhallo\n"
    for i in range(depth if kind != "wide" else 0):
        if kind == "message/rfc822":
            body = f"Content-Type: message/rfc822\n\n{body}"
        else:
            body = f'Content-Type: multipart/mixed; boundary="b{i}"\n\n--b{i}\n{body}\n--b{i}--\n'
    if kind == "wide":
        parts = "".join(f"--w\nContent-Type: text/plain\n\ndeel {i}\n" for i in range(depth))
        body = f'Content-Type: multipart/mixed; boundary="w"\n\n{parts}--w--\n'
    head = "From a@b.nl Mon Jan  1 10:00:00 2024\nFrom: a@b.nl\nTo: info@firm.example\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n"
    reading = read(SAMPLES["x.mbox"], tmp_path, (head + body).encode())
    assert counts(reading)["read"] == 1


# 21 JSON nested 10,000 deep ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", JSON_LINES)
@pytest.mark.parametrize("bracket", ["[]", '{"a":}'])
def test_21_nested_ten_thousand_deep(name, bracket, tmp_path):
    sample = SAMPLES[name]
    begin, end = (bracket[0], bracket[1]) if bracket == "[]" else ('{"a":', "}")
    deep = begin * 10_000 + "1" + end * 10_000
    whole = counts(read(sample, tmp_path))
    reading = read(sample, tmp_path, sample.content + f'{{"id": {deep}}}\n'.encode())
    assert counts(reading)["rejected"] == 1
    assert code_of(reasons(reading)[0]) in ("too-deep", "bad-time")  # where only fields are taken out, it has no time
    assert counts(reading)["kept"] == whole["kept"]
    refused(lambda: read(sample, tmp_path, deep.encode(), format="auto"), name)
    survives(sample, tmp_path, deep.encode())


@pytest.mark.parametrize("name", [n for n in JSON if n not in JSON_LINES])
def test_21_nested_ten_thousand_deep_in_a_document(name, tmp_path):
    deep = "[" * 10_000 + "]" * 10_000
    survives(SAMPLES[name], tmp_path, SAMPLES[name].content.replace(b"{", b'{"deep": ' + deep.encode() + b",", 1))


@pytest.mark.parametrize("name", XML)
def test_21_elements_nested_ten_thousand_deep(name, tmp_path):
    deep = b"<a>" * 10_000 + b"</a>" * 10_000
    head, _, rest = SAMPLES[name].content.partition(b"<log")
    begin, _, rest = rest.partition(b">")
    content = head + b"<log" + begin + b">" + deep + rest
    refused(lambda: read(SAMPLES[name], tmp_path, content), name, "well-formed")


# 22 numbers beyond 2^53 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["x.csv", "tickets.json"])
def test_22_ids_beyond_the_whole_numbers_of_a_float(name, tmp_path):
    """9007199254740993 is 9007199254740992 for whoever reads it as a float."""
    reading = read(SAMPLES[name], tmp_path)
    values = set(reading.identifiers["value"])
    assert {str(9007199254740993 + i) for i in range(7)} <= {re.sub(r"\D", "", v) for v in values}


def test_22_ids_in_parquet_workbooks_and_json(tmp_path):
    counted = pd.DataFrame([{**row, "klant": int(row["klant"])} for row in rows()])
    out = io.BytesIO()
    counted.to_parquet(out)
    for gaps in (False, True):
        if gaps:
            out = io.BytesIO()
            counted.astype({"klant": "Int64"}).assign(klant=lambda f: f["klant"].where(f.index > 0)).to_parquet(out)
        reading = read(SAMPLES["x.parquet"], tmp_path, out.getvalue())
        accounts = reading.identifiers.query("kind == 'account'")["value"]
        assert set(accounts) == {str(9007199254740993 + i) for i in range(7)}
    intercom = read(SAMPLES["talks.json"], tmp_path)
    assert counts(intercom)["kept"] == N
    huge = lines([{"id": 10**30 + i, "created_at": iso(i), "status": "new", "requester_id": 10**30} for i in range(3)])
    survives(SAMPLES["tickets.json"], tmp_path, huge)


@pytest.mark.parametrize(
    ("name", "number"),
    [("klant_id", False), ("customerId", False), ("CustomerID", False), ("userid", False), ("klantnummer", False),
     ("phone1", False), ("Telefoon", False), ("postcode", False), ("Postcode (bezorging)", False), ("zip_code", False),
     ("ordernr", False), ("IBAN", False), ("kosten", True), ("paid", True), ("valid", True), ("wait", True), ("numbers", True),
     ("phone_calls", True), ("aantal", True)],
)  # fmt: skip
def test_22_names_written_in_digits_are_no_numbers(name, number, tmp_path):
    values = [{**row, name: 31612340000 + i} for i, row in enumerate(rows())]
    out = io.BytesIO()
    pd.DataFrame(values).to_parquet(out)
    for sample, content in (("x.csv", table(values)), ("x.parquet", out.getvalue())):
        reading = read(SAMPLES[sample], tmp_path, content, attributes=[name])
        kept = reading.events[next(c for c in reading.events.columns if c not in TABLES["events"] and c != "raw_file")]
        assert pd.api.types.is_numeric_dtype(kept.dtype) == number, (name, kept.dtype)
        assert str(kept.iloc[3]) == "31612340003"


# and whatever else -------------------------------------------------------------------------------------------------

BITS = (
    b"\x00", b"\xff\xfe", b"\xe9", b'"', b"'", b",", b";", b"\n", b"\r", b"{", b"}", b"[", b"]", b"<", b">", b"null", b"-1",
    b"1e999", b"9" * 25, b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59Z", b"\xf0\x9f\x98\x80", b"\xed\xa0\x80", b"\\ud800",
    b"NaN", b"[]", b"{}", b'""', b"From ", b"\n\n", b"\xc2\x85", b"\xe2\x80\xa8", b"+1", b"now",
)  # fmt: skip


def altered(content: bytes, dice: random.Random) -> bytes:
    """Cut, doubled, moved and overwritten in a few places."""
    new = bytearray(content)
    for _ in range(dice.choice((1, 2, 5))):
        a = dice.randrange(len(new) + 1)
        b = min(len(new), a + dice.choice((1, 5, 20, 200)))
        match dice.randrange(5):
            case 0:
                del new[a:b]
            case 1:
                new[a:a] = dice.choice(BITS)
            case 2:
                new[a:b] = dice.choice(BITS)
            case 3:
                new[a:a] = new[a:b]
            case _:
                c = dice.randrange(len(new) + 1)
                new[a:a] = new[min(a, c) : max(a, c)][:500]
    return bytes(new) or b"x"


@pytest.mark.parametrize("name", ALL)
def test_whatever_happens_to_a_file_it_is_read_and_counted_or_refused(name, tmp_path):
    sample = SAMPLES[name]
    for seed in range(4):
        dice = random.Random(f"{name} {seed}")
        survives(sample, tmp_path, altered(sample.content, dice), format=dice.choice((sample.format, "auto")))
