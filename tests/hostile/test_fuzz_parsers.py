"""The parsers written by hand, held to reference parsers on what hypothesis thinks of.

No crash, nothing lost, and the same values as `json`, `csv`, and the words that were written into a chat.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cxmining.errors import CxminingError, InputError
from cxmining.ingest.contact.whatsapp_lines import day_order, headers, spoken
from cxmining.ingest.files import csv_rows, json_records, json_scan
from cxmining.ingest.files.csv_rows import read_csv
from cxmining.ingest.files.json_records import Damaged, batches, records
from cxmining.ingest.files.opening import SourceFile, open_file
from cxmining.ingest.looking.locate import locate

FEW = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


@contextmanager
def a_file(content: bytes, name: str = "x") -> Iterator[SourceFile]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield open_file(path, name)


# JSON ---------------------------------------------------------------------------------------------------------------

KEYS = st.text('abc"\\{[é ', max_size=4)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.text('ab"\\{}[],:\n\r\t é€😀\x00', max_size=12),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
)  # fmt: skip
VALUES = st.recursive(LEAVES, lambda v: st.lists(v, max_size=3) | st.dictionaries(KEYS, v, max_size=3), max_leaves=8)
RECORDS = st.lists(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), min_size=1, max_size=8)


def dumped(value: Any, dice: int) -> str:
    return json.dumps(value, ensure_ascii=bool(dice % 2))


def laid_out(rows: list[Any], how: str, dice: int) -> str:
    texts = [dumped(row, dice + i) for i, row in enumerate(rows)]
    match how:
        case "lines":
            return "\n".join(texts) + "\n"
        case "lines apart":
            return "\n" + "\r\n \n".join(texts)
        case "array":
            return "[" + ",".join(texts) + "]"
        case "pretty array":
            return json.dumps(rows, indent=1 + dice % 3, ensure_ascii=False) + "\n"
        case "wrapped":
            return '{"count": 3, "page": {"data": 1}, "records": [' + ", ".join(texts) + '], "next": null}'
        case "pages":
            return "\n".join('{"records": [' + text + "]}" for text in texts)
        case _:
            return "".join(texts)


WAYS = ("lines", "lines apart", "array", "pretty array", "wrapped", "pages", "behind each other")


def same(found: Any, meant: Any) -> bool:
    return json.dumps(found, sort_keys=True) == json.dumps(meant, sort_keys=True)


@FEW
@given(RECORDS, st.sampled_from(WAYS), st.integers(0, 5), st.sampled_from([16, 64, 1 << 20]))
@example([{"a": "\x00"}], "lines", 0, 16)
@example([{"a": [{}]}, {"a": []}], "pretty array", 0, 16)
@example([{"": ""}], "behind each other", 1, 16)
def test_json_in_every_wrapping_is_what_json_says(rows, how, dice, block):
    text = laid_out(rows, how, dice)
    with pytest.MonkeyPatch.context() as patch, a_file(text.encode()) as file:
        for module in (json_records, json_scan):
            patch.setattr(module, "_BLOCK", block)
        found = list(records(file))
        every = list(batches(file))
        places = locate(file, range(len(rows)), len(rows), "ga4")
    assert [position for position, _, _ in found] == list(range(len(rows)))
    assert same([record for _, record, _ in found], rows), text
    assert sum(len(batch) for batch in every) == len(rows)
    raw = text.encode()
    for position, row in enumerate(rows):  # the place that is said of a record is the one where it begins
        place = places[position]
        value, _ = json.JSONDecoder().raw_decode(raw[place.byte :].decode().lstrip())
        assert same(value, row)
        assert place.line == raw.count(b"\n", 0, place.byte) + 1


@FEW
@given(st.lists(st.sampled_from([b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b'"a"', b"1", b"\n", b" ", b"\x00", b"\xe9",
                                 b'{"a":1}', b'{"records":[', b"null", b"tru", b"-", b"1e9", b'"records"', b"\xef\xbb\xbf"]), max_size=25),
       st.sampled_from([16, 1 << 20]))  # fmt: skip
@example([b'{"records":['], 16)
@example([b"[", b"{", b'"'], 16)
def test_json_of_any_kind_is_counted_or_refused(pieces, block):
    content = b"".join(pieces)
    if not content:
        return
    with pytest.MonkeyPatch.context() as patch, a_file(content) as file:
        for module in (json_records, json_scan):
            patch.setattr(module, "_BLOCK", block)
        try:
            found = list(records(file))
        except InputError:
            return
    assert [position for position, _, _ in found] == list(range(len(found)))
    try:
        meant = json.loads(content)
    except (ValueError, RecursionError):
        return
    # what the standard calls JSON is never damaged, and no array loses an element
    assert not any(isinstance(record, Damaged) for _, record, _ in found)
    if isinstance(meant, list):
        assert same([record for _, record, _ in found], meant)


# CSV ----------------------------------------------------------------------------------------------------------------

CELLS = st.text("ab1 \",;|\t\n\r'é€😀", max_size=8)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], str, dict[str, Any]]:
    width = draw(st.integers(2, 5))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8))
    delimiter = draw(st.sampled_from(",;\t|"))
    how = {
        "quoting": draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])),
        "lineterminator": draw(st.sampled_from(["\n", "\r\n"])),
    }
    if any("\r" in cell for row in rows for cell in row):
        how["quoting"] = csv.QUOTE_ALL  # Python writes a bare carriage return as it is, and reads it as a line break
    return rows, delimiter, how


def as_csv(rows: list[list[str]], delimiter: str, how: dict[str, Any]) -> str:
    out = io.StringIO()
    names = [f"n{i}" for i in range(len(rows[0]))]
    csv.writer(out, delimiter=delimiter, **how).writerows([names, *rows])
    return out.getvalue()


@FEW
@given(tables(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.sampled_from([64, 1 << 20]))
@example(([["a\nb", '"'], ["", ""]], ",", {"quoting": csv.QUOTE_MINIMAL, "lineterminator": "\n"}), "utf-8", 64)
@example(([["\r", "\r\n"]], ";", {"quoting": csv.QUOTE_ALL, "lineterminator": "\r\n"}), "utf-16", 64)
def test_csv_is_what_csv_says(given_, codec, block):
    rows, delimiter, how = given_
    text = as_csv(rows, delimiter, how)
    with pytest.MonkeyPatch.context() as patch, a_file(text.encode(codec)) as file:
        patch.setattr(csv_rows, "_BLOCK", block)
        found = read_csv(file, None, delimiter)
        places = locate(file, range(len(rows)), len(rows), "csv", delimiter=delimiter)
    assert found.broken == {}
    assert found.frame.fillna("").to_numpy().tolist() == rows
    assert len(places) == len(rows)
    wide = 2 if codec == "utf-16" else 1
    encoded = text.encode("utf-16-le" if wide == 2 else "utf-8")
    mark = {"utf-8": 0, "utf-8-sig": 3, "utf-16": 2}[codec]
    for position, row in enumerate(rows):
        rest = encoded[places[position].byte - mark :].decode("utf-16-le" if wide == 2 else "utf-8")
        assert next(csv.reader(io.StringIO(rest, newline=""), delimiter=delimiter)) == row


@FEW
@given(st.lists(st.lists(st.text("ab ", min_size=1, max_size=3), min_size=1, max_size=5), min_size=1, max_size=12))
def test_rows_of_another_length_are_set_aside_and_counted(rows):
    text = "x,y,z\n" + "".join(",".join(row) + "\n" for row in rows)
    meant = [row for row in csv.reader(io.StringIO(text)) if row][1:]
    with a_file(text.encode()) as file:
        found = read_csv(file, None, ",")
    assert len(found.frame) == len(meant)
    assert sorted(found.broken) == [i for i, row in enumerate(meant) if len(row) != 3]
    for i, row in enumerate(meant):
        if len(row) == 3:
            assert found.frame.iloc[i].fillna("").tolist() == row


@FEW
@given(st.lists(st.sampled_from(['"', ",", "\n", "\r", "\r\n", "a", "é", '""', "\x00", " ", ";", "\t", "\ufeff", "\u2028", "'"]), max_size=30),
       st.sampled_from([None, ",", ";"]))  # fmt: skip
@example(['"', "a", "\n"], ",")
def test_text_of_any_kind_is_laid_out_or_refused(pieces, delimiter):
    content = "".join(["k,s\n", *pieces]).encode()
    with a_file(content) as file:
        try:
            found = read_csv(file, None, delimiter)
        except CxminingError:
            return
    assert set(found.broken) <= set(range(len(found.frame)))


# WhatsApp -----------------------------------------------------------------------------------------------------------

STYLES = {
    "Android": ("{d:%d/%m/%Y, %H:%M} - ", 60, "dmy"),
    "iPhone": ("[{d:%d-%m-%y %H:%M:%S}] ", 1, "dmy"),
    "American": ("{d:%m/%d/%y, %I:%M %p} - ", 60, "mdy"),
    "ISO": ("{d:%Y-%m-%d, %H:%M} - ", 60, "ymd"),
    "German": ("{d:%d.%m.%y, %H:%M} - ", 60, "dmy"),
    "American iPhone": ("[{d:%m/%d/%y, %I:%M:%S\u202f%p}] ", 1, "mdy"),
}
SENDERS = st.sampled_from(["Jan de Vries", "+31 6 12345678", "Élise 😀", "Firma", "O'Neil", "李雷"])
WORDS = st.text("ab :-/[]1é😀,.", min_size=1, max_size=20).filter(lambda t: t.strip() and t[0] not in ":")


@FEW
@given(
    st.lists(st.tuples(SENDERS, st.lists(WORDS, min_size=1, max_size=3), st.integers(0, 10**6)), min_size=1, max_size=8),
    st.sampled_from(list(STYLES)), st.booleans(), st.sampled_from(["\n", "\r\n"]),
)  # fmt: skip
def test_a_chat_is_read_as_it_was_written(said, style, marked, ending):
    form, unit, order = STYLES[style]
    moment, rows = dt.datetime(2023, 12, 31, 10, 5), []
    for sender, words, pause in said:
        moment += dt.timedelta(seconds=pause)
        rows.append((moment.replace(second=moment.second if unit == 1 else 0), sender, words))
    text = "".join(
        ("\u200e" if marked else "") + form.format(d=when) + sender + ": " + ending.join(words) + ending
        for when, sender, words in rows
    )
    found, bodies, before = headers(text)
    # a further line that begins like a message of this phone is one: nothing in the file tells them apart
    if any(headers(word)[0] for _, _, words in rows for word in words):
        return
    assert (len(found), before) == (len(rows), 0)
    meant = [when.isoformat() for when, _, _ in rows]
    try:
        read, offered = day_order(found, "x").tolist(), ""
    except InputError as refused:  # nothing tells day from month, as it says; what it offers is among them right
        read, offered = meant, str(refused)
    assert read == meant
    assert not offered or f'"{order}"' in offered
    assert day_order(found, "x", order).tolist() == meant
    for body, (_, sender, words) in zip(bodies, rows, strict=True):
        heard = spoken(body)
        assert heard.sender == sender
        assert squeezed(heard.text) == squeezed(" ".join(words))


def squeezed(text: str | None) -> str:
    return "".join((text or "").split())


@FEW
@given(st.lists(st.sampled_from(["1/2/24, 10:00 - ", "[15-01-20 02:22:56] ", "A: x", "\n", "\u200e", "99/99/9999, 99:99 - ", ":", " - ", "é",
                                 "31/12/2023, 10:05 - ", "Jan: hoi", "\u202f", "PM", "\r", "[", "]", "2024-01-01, 10:00 - ", "١٢/٣/٢٠٢٤"]), max_size=25))  # fmt: skip
def test_lines_of_any_kind_are_messages_or_stand_above_them(pieces):
    text = "".join(pieces)
    found, bodies, before = headers(text)
    assert len(found) == len(bodies)
    kept = squeezed("".join(bodies))
    if found:
        for body in bodies:
            spoken(body)
        try:
            local = day_order(found, "x")
            assert pd.to_datetime(local).notna().all()
        except CxminingError:
            pass
    assert before + len(found) >= (1 if text.strip().strip("\u200e\u202f") else 0)
    assert kept.count("Jan") + kept.count("A:") <= text.count("Jan") + text.count("A:")
