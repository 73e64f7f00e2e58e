"""Each reject says where it lies and what helps: line and byte are looked up, and are those of the file."""

from __future__ import annotations

import ast
import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

import cxmining as cx
from cxmining.ingest.looking import locate
from cxmining.ledger import REMEDIES, code_of

TABLE = 'format = "csv"\ntz = "UTC"\ncolumns = {timestamp = "t", touchpoint = "s", account = "k"}'
# the third record has no touchpoint, the fifth no moment; the second holds a line break, the first a stray quote
ROWS = 'k,s,t\n1,5" pipe,2024-01-01 10:00\n2,"a\nb ""c""",2024-01-01\n\n3,,2024-01-01\n4,é,2024-01-02\n5,x,soon\n'


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CXMINING_KEY", "0123456789abcdef-places")

    def call(name: str, content: bytes | str, source: str = TABLE):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        (tmp_path / "study.toml").write_text(
            f'schema_version = 1\nname = "p"\n[[source]]\nname = "x"\npath = "{name}"\n{source}\n'
        )
        return cx.read(tmp_path)

    return call


def places(data) -> list[tuple[int, int, int]]:
    rows = data.rejects.records
    return list(rows[["record", "line", "byte"]].itertuples(index=False, name=None))


def test_a_table_with_line_breaks_blank_lines_and_stray_quotes(read):
    data = read("x.csv", ROWS)
    raw = ROWS.encode()
    assert places(data) == [(3, 6, raw.index(b"3,,")), (5, 8, raw.index(b"5,x"))]
    assert data.rejects.records["code"].tolist() == ["no-touchpoint", "bad-time"]


@pytest.mark.parametrize(("codec", "mark"), [("utf-8-sig", 3), ("utf-16", 2), ("cp1252", 0)])
def test_bytes_are_those_of_the_file_whatever_it_is_encoded_in(codec, mark, read):
    raw = ROWS.encode(codec)
    row = raw.index("5,x".encode("utf-16-le" if codec == "utf-16" else "ascii"))
    assert places(read("x.csv", raw))[1] == (5, 8, row)


def test_packed_files_are_counted_unpacked(read):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("in/x.csv", ROWS)
    for name, raw in (("x.csv.gz", gzip.compress(ROWS.encode())), ("x.zip", out.getvalue())):
        assert places(read(name, raw))[0] == (3, 6, ROWS.index("3,,"))


HIT = '{{"event_name": "{}", "event_timestamp": {}, "user_pseudo_id": "1"}}'
HITS = [HIT.format("a", 1704103200000000), HIT.format("b", '"soon"'), HIT.format("c", 1704103200000001), '{"cut": ']


def test_json_lines_and_arrays(read):
    lines = "\n\n".join(HITS) + "\n"
    data = read("x.jsonl", lines, 'format = "ga4"')
    assert places(data) == [(2, 3, lines.index(HITS[1])), (4, 7, lines.index(HITS[3]))]
    assert data.rejects.records["code"].tolist() == ["bad-time", "truncated"]
    array = "[\n" + ",\n".join([*HITS[:3], "4711"]) + "\n]\n"
    data = read("x.json", array, 'format = "ga4"')
    assert places(data) == [(2, 3, array.index(HITS[1])), (4, 5, array.index("4711"))]
    assert data.rejects.records["code"].tolist() == ["bad-time", "bad-shape"]


def test_members_of_an_archive_are_named(read):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.jsonl", HITS[0] + "\n" + HITS[1] + "\n")
        archive.writestr("b.jsonl.gz", gzip.compress(("\n" + HITS[3] + "\n" + HITS[2]).encode()))
    rows = read("x.zip", out.getvalue(), 'format = "ga4"').rejects.records
    assert rows[["member", "line", "byte"]].to_numpy().tolist() == [
        ["a.jsonl", 2, len(HITS[0]) + 1],
        ["b.jsonl.gz", 2, 1],
    ]


LOG = (
    '<?xml version="1.0"?>\n<log>\n<!-- <event> -->\n<trace>\n<event><string key="concept:name" value="a"/>'
    '<date key="time:timestamp" value="2024-01-01T10:00:00Z"/></event>\n<event>\n<date key="time:timestamp" '
    'value="2024-01-01T10:00:00Z"/></event></trace></log>'
)


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_events_of_a_log(codec, read):
    raw = LOG.encode(codec)
    tag = "<event>\n<date".encode("utf-16-le" if codec == "utf-16" else codec)
    assert places(read("x.xes", raw, "")) == [(2, 6, raw.index(tag))]


def test_mails(read):
    mail = "From a@b.nl Mon Jan  1 10:00:00 2024\nFrom: a@b.nl\nTo: c@d.nl\nSubject: s\nDate: {}\n\n>From here\n\n"
    box = mail.format("Mon, 1 Jan 2024 10:00:00 +0000") + mail.format("once").replace(
        "Mon Jan  1 10:00:00 2024", "then"
    )
    assert places(read("x.mbox", box, "")) == [(2, 9, box.index("From a", 9))]


def test_a_conversation_is_found_by_its_place_in_the_file_not_by_its_sessions(read):
    session = {"mediaType": "chat", "segments": [{"segmentType": "interact", "segmentStart": "2024-01-01T10:00:00Z"}]}
    people = [{"purpose": "customer", "sessions": [session]}, {"purpose": "agent", "sessions": [session]}]
    talks = [json.dumps({"conversationId": key, "participants": people}) for key in ("c1", None)]
    lines = "\n".join([*talks, '{"a'])
    rows = read("x.jsonl", lines, 'format = "genesys"').rejects.records
    assert set(rows["line"]) == {2, 3}
    assert rows["line"].tolist().count(3) == 1
    assert set(rows.loc[rows["line"].eq(2), "byte"]) == {lines.index("\n") + 1}


def test_nothing_is_said_about_a_file_that_changed_or_is_counted_differently(read, tmp_path):
    data = read("x.csv", ROWS)
    (tmp_path / "x.csv").write_text(ROWS + "6,x,2024-01-01\n")
    assert data.rejects.records["line"].isna().all()
    file = locate.open_file(tmp_path / "x.csv", "x.csv")
    assert locate.locate(file, [2], 99, "csv") == {}


def test_results_show_counts_and_places_and_no_personal_data(read):
    rows = 'k,s,t\n"<b>jan@example.com</b>",x,soon\n+31612345678,,2024-01-01\n7,x,2024-01-01 10:00\n'
    data = read("jan@example.com <b>.csv", rows)
    shown = [repr(data.rejects), data.rejects._repr_html_(), repr(data.sources), data.sources._repr_html_()]
    for text in shown:
        assert "jan@" not in text
        assert "612345678" not in text
    assert "<b>" not in shown[1] + shown[3]
    assert "1 file: 3 read = 1 kept + 2 rejected + 0 duplicate + 0 merged + 0 context" in shown[2]
    assert data.rejects.summary["n"].tolist() == [1, 1]
    assert "record 1, line 2, byte 6" in shown[0]
    assert data.sources["rejected"].tolist() == [2]


def test_a_reading_without_rejects_says_so(read):
    rejects = read("x.csv", "k,s,t\n7,x,2024-01-01 10:00\n").rejects
    assert (len(rejects), len(rejects.summary)) == (0, 0)
    assert "0 records and 0 cells rejected" in repr(rejects)
    assert "0 records" in rejects._repr_html_()


def sentences(tree: ast.AST) -> set[str]:
    """Return the reasons that readers give to the ledger, with 7 for what is filled in."""
    found = set()
    for call in (n for n in ast.walk(tree) if isinstance(n, ast.Call) and n.args):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name not in ("reject", "cell", "Damaged", "add_broken"):
            continue
        for part in ast.walk(call.args[-1]):
            if isinstance(part, ast.JoinedStr):
                found.add("".join(v.value if isinstance(v, ast.Constant) else "7" for v in part.values))
        plain = (
            [call.args[-1]] if not isinstance(call.args[-1], ast.IfExp) else [call.args[-1].body, call.args[-1].orelse]
        )
        found |= {p.value for p in plain if isinstance(p, ast.Constant) and isinstance(p.value, str)}
    return {text for text in found if len(text) > len("7 is 7")}  # what is only put together there is seen elsewhere


def test_every_sentence_of_every_reader_has_a_code():
    """A new sentence without a code of its own shows up here."""
    folder = Path(cx.__file__).parent / "ingest"
    found = set().union(*(sentences(ast.parse(path.read_text())) for path in folder.rglob("*.py")))
    assert len(found) > 30
    assert {text for text in found if code_of(text) == "other"} == set()
    assert {code_of(text) for text in found} <= set(REMEDIES)
