"""One file of records, in every wrapping that vendors and people deliver it in."""

import gzip
import io
import json
import zipfile

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.errors import InputError
from cxmining.ingest.files import archive, json_records, json_scan
from cxmining.ingest.files.opening import open_file

ROWS = [{"id": i, "body": 'a "quoted" } { ] text\\', "parts": [{"id": -i}, {"id": 0}]} for i in range(5)]
LINES = "\n".join(json.dumps(r) for r in ROWS).encode()
ARRAY = json.dumps(ROWS).encode()


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def read(tmp_path, content: bytes):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    return list(json_records.records(open_file(path, path.name)))


WRAPPINGS = {
    "lines": LINES,
    "lines with blank ones, CRLF and a byte order mark": b"\xef\xbb\xbf\r\n" + LINES.replace(b"\n", b"\r\n\r\n") + b"\r\n",
    "an array": ARRAY,
    "an array on many lines": json.dumps(ROWS, indent=2).encode(),
    "wrapped": b'{"count": 5, "conversations": ' + ARRAY + b', "next": {"page": ["x"]}}',
    "wrapped, on many lines": json.dumps({"meta": {"a": [1]}, "tickets": ROWS, "n": 5}, indent=1).encode(),
    "a page a line": b'{"results": ' + json.dumps(ROWS[:2]).encode() + b'}\n{"results": ' + json.dumps(ROWS[2:]).encode() + b"}\n",
    "pages on many lines": (json.dumps({"data": ROWS[:3]}, indent=1) + "\n" + json.dumps({"data": ROWS[3:]}, indent=1)).encode(),
    "arrays behind each other": json.dumps(ROWS[:1]).encode() + b"\n" + json.dumps(ROWS[1:]).encode(),
    "objects behind each other": LINES.replace(b"\n", b""),
    "objects on many lines": "\n".join(json.dumps(r, indent=1) for r in ROWS).encode(),
    "UTF-16": LINES.decode().encode("utf-16"),
    "an array in UTF-16": b"\xfe\xff" + ARRAY.decode().encode("utf-16-be"),
    "gzip": gzip.compress(LINES),
    "ZIP": zipped({"b.json": json.dumps(ROWS[3:]).encode(), "a.json": json.dumps(ROWS[:3]).encode()}),
    "ZIP of gzip": zipped({"1/b.json.gz": gzip.compress(LINES[LINES.index(b"\n") :]), "1/a.json.gz": gzip.compress(LINES.split(b"\n")[0]),
                           "__MACOSX/._a": b"rubbish", "1/": b""}),
}  # fmt: skip


@pytest.mark.parametrize("small", [False, True], ids=["one block", "blocks of 7 bytes"])
@pytest.mark.parametrize("wrapping", list(WRAPPINGS))
def test_every_wrapping_holds_the_same_records(wrapping, small, tmp_path, monkeypatch):
    if small:  # whatever a block may cut in two is cut in two
        monkeypatch.setattr(json_records, "_BLOCK", 7)
        monkeypatch.setattr(json_scan, "_BLOCK", 7)
    found = read(tmp_path, WRAPPINGS[wrapping])
    assert [record for _, record, _ in found] == ROWS
    assert [position for position, _, _ in found] == list(range(5))


def test_places_are_where_a_record_begins(tmp_path):
    assert [place for _, _, place in read(tmp_path, b"\n" + LINES)][:2] == ["line 2", "line 3"]
    content = b'\xef\xbb\xbf {"n": 1, "users": [{"id": 1}, {"id": 22}, {"id": 3}]}'
    at = [int(place.removeprefix("byte ")) for _, _, place in read(tmp_path, content)]
    assert [content[i : i + 7] for i in at] == [b'{"id": ', b'{"id": ', b'{"id": ']
    assert read(tmp_path, zipped({"q.json": LINES}))[4][2] == "q.json, line 5"


@given(
    st.lists(
        st.dictionaries(st.text(max_size=4), st.recursive(st.none() | st.integers(-9, 9) | st.text(max_size=5),
                        lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=3), v, max_size=3), max_leaves=6), max_size=4),
        min_size=1, max_size=12,
    ),
    st.sampled_from([None, 1]), st.integers(1, 40),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_arrays_are_cut_where_records_end(rows, indent, block):
    scanned, before = [], json_scan._BLOCK
    content = json.dumps(rows, indent=indent).encode()
    json_scan._BLOCK = block
    try:
        scanner = json_scan.Scanner(io.BytesIO(content), b"", 0, 0, "x", frozenset(("data",)), 1 << 20)
        for values, at, raw in scanner.batches(orjson.loads):
            assert raw is None or [orjson.loads(r) for r in raw] == values
            assert all(content[i : i + 1] == b"{" for i in at)
            scanned += values
    finally:
        json_scan._BLOCK = before
    assert scanned == json.loads(content)


@given(st.binary(max_size=60), st.integers(1, 20))
@settings(max_examples=200, deadline=None)
def test_no_bytes_make_the_scanner_crash_or_turn_in_circles(noise, block):
    before = json_scan._BLOCK
    json_scan._BLOCK = block
    try:
        scanner = json_scan.Scanner(io.BytesIO(noise), b"", 0, 0, "x", frozenset(("data",)), 40)
        assert sum(len(found[0]) for found in scanner.batches(json_records.parse)) <= len(noise)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - whether there is one depends on the noise
    finally:
        json_scan._BLOCK = before


def test_a_damaged_record_costs_itself_only(tmp_path):
    lines = [b'{"a": 1}', b'{"a": ', b"7", b'{"a": "\xe9"}', b'{"a": ' + b"[" * 9000 + b"]" * 9000 + b"}", b'{"a": 2}']
    why = [None if isinstance(r, dict) else json_records.why_not(r) for _, r, _ in read(tmp_path, b"\n".join(lines))]
    assert why[0] is None
    assert why[5] is None
    assert "damaged or cut off" in why[1]
    assert "no object" in why[2]
    assert "not UTF-8" in why[3]
    assert "nested" in why[4]
    array = b'[{"a": 1}, {"a": tru}, {"a": 2}, 7, null, "x", {"b": 3}]'
    assert [isinstance(r, dict) for _, r, _ in read(tmp_path, array)] == [True, False, True, False, False, False, True]
    first = b'{"a": "cut off\n{"a": 1}\n{"a": 2}\n'
    assert [isinstance(r, dict) for _, r, _ in read(tmp_path, first)] == [False, True, True]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (ARRAY[:-40], "is cut off or damaged"),
        (b'{"tickets": ' + ARRAY, "is cut off or damaged"),
        (b'[{"a": "no end', "begins at byte 1 "),
        (b'{"tickets": [{"id": 1}], "n": 0, "users": [{"id": 2}]}', "both 'tickets' and, at byte 42, 'users'"),
        (b'{"tickets":\n [{"id": 1}], "users": [{"id": 2}]}', "both 'tickets' and, at byte 35, 'users'"),
        (gzip.compress(LINES * 999)[:-9], "gzip archive is cut off"),
        (gzip.compress(LINES * 999)[:50] + b"\0" * 99, "gzip archive is damaged"),
        (gzip.compress(gzip.compress(LINES)), "archive within an archive"),
        (zipped({"a.zip": zipped({"b.json": LINES})}), "archive within an archive"),
        (zipped({"a.gz": gzip.compress(gzip.compress(LINES))}), "archive within an archive"),
        (zipped({"../a.json": LINES}), "leads out of it"),
        (zipped({"C:\\a.json": LINES}), "leads out of it"),
        (zipped({}), "holds no file"),
        (zipped({"a.json": LINES})[:-30], "ZIP archive is damaged or cut off"),
        (zipped({"a.gz": gzip.compress(LINES * 999)[:-20]}), "member 'a.gz': the gzip archive is cut off"),
        (b"\xff\xfe{\x00}\x00\x00\xd8\x00\xd8", "UTF-16"),
    ],
)  # fmt: skip
def test_what_is_broken_as_a_whole_is_refused_with_its_place(content, said, tmp_path):
    with pytest.raises(InputError, match=said) as refused:
        read(tmp_path, content)
    assert "x.json" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_bombs_are_stopped_on_their_way(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_RATIO_FROM", 1 << 20)
    many = b'{"a": 1}\n' * 300_000
    for bomb in (
        gzip.compress(many),
        zipped({"a.json": many}),
        zipped({f"{i}.gz": gzip.compress(many[: 1 << 19]) for i in range(9)}),
    ):
        path = tmp_path / "x.json"
        path.write_bytes(bomb)
        with pytest.raises(InputError, match="times its size"):
            sum(len(b) for b in json_records.batches(open_file(path, path.name)))
    monkeypatch.setattr(archive, "_MAX_MEMBERS", 8)
    with pytest.raises(InputError, match="9 files"):
        read(tmp_path, zipped({f"{i}.json": b"{}" for i in range(9)}))


def test_a_line_without_end_is_one_rejected_record(tmp_path, monkeypatch):
    monkeypatch.setattr(json_records, "_LONGEST", 1 << 12)
    monkeypatch.setattr(json_records, "_BLOCK", 1 << 10)
    content = b'{"a": 1}\n{"a": "' + b"x" * 100_000 + b'"}\n{"a": 2}\n'
    found = read(tmp_path, content)
    assert [r if isinstance(r, dict) else None for _, r, _ in found] == [{"a": 1}, None, {"a": 2}]
    assert "longer than" in json_records.why_not(found[1][1])
    assert found[2][2] == "line 3"
    with pytest.raises(InputError, match="longer than"):
        read(tmp_path, b'[{"a": "' + b"x" * 100_000)
