"""Delimited text and JSON read piece by piece say what they would say read as a whole."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.errors import InputError
from cxmining.ingest.files import csv_rows, json_scan, recode
from cxmining.ingest.files.csv_rows import read_csv
from cxmining.ingest.files.json_records import batches
from cxmining.ingest.files.opening import SourceFile, open_file
from cxmining.ingest.records.clock import local_to_utc, minutes_at, plain_moments
from cxmining.ingest.records.duplicates import mark_duplicates
from cxmining.ingest.records.ledger import FileLedger, record_ids
from cxmining.ingest.web.hits import Hits


def put(folder: Path, content: bytes) -> SourceFile:
    path = folder / "export.csv"
    path.write_bytes(content)
    return open_file(path, path.name)


def laid_out(raw):
    return raw.frame.fillna("<none>").to_numpy().tolist(), raw.broken


# what a quoted cell may hold; a NUL is dropped on reading, as `decode` does
CELL = st.text(alphabet='ab,;"\n\r\t é€', max_size=6)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=8)
)


@settings(max_examples=150, deadline=None)
@given(rows=TABLES, mark=st.sampled_from(",;\t|"), ending=st.sampled_from(["\n", "\r\n", "\r"]))
def test_what_the_csv_module_wrote_is_what_it_would_read(rows, mark, ending, tmp_path_factory):
    out = io.StringIO()
    csv.writer(out, delimiter=mark, quoting=csv.QUOTE_ALL, lineterminator=ending).writerows(rows)
    file = put(tmp_path_factory.mktemp("t"), out.getvalue().encode())
    raw = read_csv(file, None, mark, header=False)
    expected = list(csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=mark))
    assert laid_out(raw) == (expected, {})


@settings(max_examples=60, deadline=None)
@given(rows=TABLES, ragged=st.lists(st.integers(1, 5), max_size=4), block=st.sampled_from([8, 40, 200]))
def test_blocks_however_small_say_what_the_whole_says(rows, ragged, block, tmp_path_factory):
    width = len(rows[0])
    lines = [[f"c{i}" for i in range(width)], *rows, *(["x"] * n for n in ragged)]
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(lines)
    file = put(tmp_path_factory.mktemp("t"), out.getvalue().encode())
    whole = read_csv(file, None, ",")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_rows, "_BLOCK", block)
        assert laid_out(read_csv(file, None, ",")) == laid_out(whole)
        some = read_csv(file, None, ",", only={"c0"})
    assert some.names == tuple(f"c{i}" for i in range(width))
    assert (some.frame["c0"].fillna("") == whole.frame["c0"].fillna("")).all()
    assert some.broken == whole.broken == {len(rows) + i: f"has {n} fields, expected {width}" for i, n in enumerate(ragged) if n != width}  # fmt: skip
    stands = np.setdiff1d(np.arange(len(whole.frame)), list(whole.broken))[::2]
    picked = read_csv(file, None, ",", rows=stands)
    assert picked.frame.fillna("").equals(whole.frame.iloc[stands].fillna(""))


@pytest.mark.parametrize("kept", [0, 1 << 20])
@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("naam,stap\nJosé,café €\n".encode(), "utf-8"),
        ("naam,stap\nJosé,café €\n".encode("utf-8-sig"), "utf-8-sig"),
        ("naam,stap\nJosé,café €\n".encode("utf-16"), "utf-16"),
        ("naam,stap\nJosé,café €\n".encode("cp1252"), "cp1252"),
        ("naam,stap\nJos\x00é,ca\x00fé €\n\x00".encode(), "utf-8"),
    ],
)
def test_encodings_are_found_whether_or_not_the_file_is_kept(content, encoding, kept, tmp_path, monkeypatch):
    monkeypatch.setattr(recode, "_KEPT", kept)
    monkeypatch.setattr(recode, "_BLOCK", 7)  # characters of two bytes are cut between blocks
    raw = read_csv(put(tmp_path, content), None, None)
    assert raw.frame.to_numpy().tolist() == [["José", "café €"]]
    assert raw.encoding == encoding


def test_a_byte_that_windows_lacks_and_a_declared_encoding_that_does_not_fit(tmp_path):
    assert read_csv(put(tmp_path, b"a,b\n\x81,x\n"), None, None).frame["a"].tolist() == ["\x81"]
    with pytest.raises(InputError, match="byte 4 is not utf-8"):
        read_csv(put(tmp_path, b"a,b\n\x81,x\n"), "utf-8", None)
    with pytest.raises(InputError, match="holds no text"):
        read_csv(put(tmp_path, b"\xef\xbb\xbf \r\n\x00"), None, None)


def test_ten_thousand_columns_of_which_three_are_looked_at(read_one):
    names = [f"c{i}" for i in range(10_000)]
    line = ",".join(str(i % 7) for i in range(9_997))
    text = ",".join(["klant", "stap", "tijd", *names[3:]]) + "\n"
    text += f"1,belt,2025-01-01 10:00:00,{line}\n" * 2 + f"1,belt,2025-01-01 10:00:00,{line[:-1]}x\n"
    columns = {"account": "klant", "touchpoint": "stap", "timestamp": "tijd"}
    r = read_one(text, format="csv", tz="UTC", columns=columns)
    # the third differs in its last column only, which nothing maps
    assert r.ledger["status"].tolist() == ["kept", "duplicate", "kept"]


VALUES = st.sampled_from(["a", "b", None])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=2, max_size=12), st.integers(1, 3))
def test_duplicates_are_the_rows_that_equal_an_earlier_one(rows, at_hand):
    frame = pd.DataFrame(rows, columns=["x", "y", "z"], dtype="str")
    cut = len(rows) // 2
    files = [frame[:cut].reset_index(drop=True), frame[cut:].reset_index(drop=True)]
    ledgers = [FileLedger("s", SourceFile(Path("x"), "x", str(k) * 64, 1, False), len(f)) for k, f in enumerate(files)]
    mark_duplicates(ledgers, [f.iloc[:, :at_hand] for f in files], lambda k, at: files[k].iloc[:, at_hand:].iloc[at])
    status = pd.concat([ledger.frame() for ledger in ledgers])["status"].tolist()
    assert status == ["duplicate" if row in rows[:i] else "kept" for i, row in enumerate(rows)]


def test_a_column_that_rises_holds_nothing_twice_and_a_duplicate_in_another_file_is_found():
    rises = pd.DataFrame({"t": [f"2025-01-01 10:{m:02d}" for m in range(60)], "x": "same"})
    files = [rises, rises.iloc[10:12].reset_index(drop=True)]
    ledgers = [FileLedger("s", SourceFile(Path("x"), "x", str(k) * 64, 1, False), len(f)) for k, f in enumerate(files)]
    mark_duplicates(ledgers, files)
    assert ledgers[0].frame()["status"].eq("kept").all()
    assert ledgers[1].frame()["merged_into"].tolist() == ledgers[0].ids[10:12].tolist()


def test_ids_of_a_file_all_differ_and_depend_on_it():
    ids = record_ids("mail", "ab", np.arange(1, 100_001))
    assert len(set(ids)) == 100_000
    assert not set(ids) & set(record_ids("mail", "ac", np.arange(1, 100_001)))
    assert pd.Series(ids).str.fullmatch("r[0-9a-f]{16}").all()


# Sao Paulo turned at midnight, Lord Howe turns by half an hour, Apia skipped a whole day
@pytest.mark.parametrize("tz", ["Europe/Amsterdam", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"])  # fmt: skip
def test_clocks_by_the_day_are_those_of_every_minute(tz):
    start = datetime(2011, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(minutes=37 * i) for i in range(20_000)]  # 16 months
    micros = np.array([int(m.timestamp()) for m in moments]) * 1_000_000
    minutes, turned = minutes_at(micros, tz)
    zone = ZoneInfo(tz)
    local = [m.astimezone(zone) for m in moments]
    expected = [int(m.utcoffset().total_seconds()) // 60 for m in local]
    assert turned.mean() < 0.02
    assert (minutes == expected)[~turned].all()
    wall = np.array([int(m.replace(tzinfo=UTC).timestamp()) for m in local]) * 1_000_000
    utc, shown, odd = local_to_utc(wall, tz)
    assert odd.mean() < 0.02
    assert (utc == micros)[~odd].all()
    assert (shown == expected)[~odd].all()


def test_stamps_in_one_form_only_go_the_short_way():
    read, zulu = plain_moments(pd.Series(["2024-02-29T10:00:00Z", "2024-02-29T10:00:00.5Z", None]))
    assert zulu
    assert [str(t) for t in read] == ["2024-02-29 10:00:00", "2024-02-29 10:00:00.500000", "NaT"]
    for odd in (
        "2024-02-30 10:00:00",
        "2024-02-29 10:00",
        "2024-02-29 10:00:00+01:00",
        "2024-02-29 10:00:00Z",
        "x" * 19,
        "29-02-2024 10:00:00",
    ):
        assert plain_moments(pd.Series(["2024-02-29 10:00:00", odd])) is None


PATHS = {"time": (("t",),), "event": (("e",),), "key": ()}
NESTED = [{"t": str(i), "e": "x", "more": [{"t": "inner", "e": "y"}, {"t": "inner", "e": "z"}]} for i in range(300)]


@pytest.mark.parametrize("records", [NESTED, [{"t": str(i), "e": "x"} for i in range(300)]])
@pytest.mark.parametrize("damaged", [None, 150])
def test_an_array_cut_where_it_should_not_be_is_read_again(records, damaged, tmp_path, monkeypatch):
    # records within records begin as the records do: only who parses the pieces can tell
    monkeypatch.setattr(json_scan, "_BLOCK", 4096)
    texts = [json.dumps(r) for r in records]
    if damaged is not None:
        texts[damaged] = texts[damaged].replace('"e": "x"', '"e": x')
    file = put(tmp_path, ("[" + ",\n".join(texts) + "]").encode())
    read = {}
    for unproven in (False, True):
        found = Hits(PATHS, plain=("time", "key"))
        bad = {}
        for batch in batches(file, unproven=unproven):
            bad |= {batch.position + i: why for i, why in found.add_batch(batch).items()}
        columns, prints = found.take()
        read[unproven] = columns["time"].fillna("").tolist(), columns["event"].astype(object).tolist(), bad, prints.tolist()  # fmt: skip
    assert read[True] == read[False]
    assert read[True][0] == ["" if i == damaged else str(i) for i in range(300)]
    assert list(read[True][2]) == ([] if damaged is None else [damaged])


def test_damaged_lines_leave_the_others_to_arrow(tmp_path):
    lines = [json.dumps({"t": str(i), "e": f"e{i % 3}"}) for i in range(200)]
    lines[7], lines[90] = lines[7][:-3], "[1]"
    found = Hits(PATHS, plain=("time", "key"))
    [batch] = batches(put(tmp_path, ("\n".join(lines) + "\n").encode()))
    bad = found.add_batch(batch)
    assert sorted(bad) == [7, 90]
    assert found.by_arrow == 198
    columns, prints = found.take()
    assert columns["time"].fillna("").tolist() == ["" if i in (7, 90) else str(i) for i in range(200)]
    assert columns["event"].astype(object)[1:3].tolist() == ["e1", "e2"]
    assert len(set(prints)) == 200
