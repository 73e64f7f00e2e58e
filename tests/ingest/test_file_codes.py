"""A file that cannot be read has a code and a remedy, as a rejected record has."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import cxmining.ingest
from cxmining.errors import InputError, ReconciliationError
from cxmining.ledger import FILE_REMEDIES, file_code_of

HOME = Path(cxmining.ingest.__file__).parent


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("t.jsonl.gz: the gzip archive is cut off; export or copy the file again", "file-damaged"),
        ("a.xes: is no well-formed XML: x; export it again", "file-damaged"),
        ("bomb.zip: is JSON of an unknown kind (fields none)", "wrong-format"),  # its name says nothing
        ("my password.csv: the export is empty: a header and no records", "file-empty"),
        ("t.zip: is a ZIP archive whose member '../evil' leads out of it; unpack it yourself if you trust it", "archive-refused"),
        ("a.xlsx: is a workbook with a password; save it without one", "file-locked"),
        ("a.csv: two columns are called 's'; rename one before reading", "wrong-layout"),
        ("source 'x': no file matches '*.csv' below the folder of the study", "file-missing"),
        ("source 'x': a.csv changed while it was read; run again", "file-changed"),
        ("x: is a link that leads nowhere; copy the file there instead", "not-a-file"),
        ("a.csv, column 'tijd': stamps carry no time zone; say in which zone", "no-zone"),
        ("a.csv, column 'tijd': nothing in the column tells day from month; set timestamp_format", "day-or-month"),
        ("a.csv: byte 3 is not utf-8; leave `encoding` out to have it found", "file-encoding"),
        ("source 'w': nobody in it is us (zon), among 3 people who write", "who-is-us"),
        ("a.csv: cannot be read: Permission denied", "file-unreadable"),
        ("a.xes: declares a DTD, which no XES log needs; refused", "xml-refused"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_file_has_a_code(said, code):
    assert file_code_of(said) == code
    assert InputError(said).fix == FILE_REMEDIES[code]


def said_in(file: Path) -> list[str]:
    """What a module says where it raises `InputError`, with a word for what is filled in."""
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args):
            continue
        if getattr(node.exc.func, "id", "") != "InputError":
            continue
        text = "".join(
            part.value if isinstance(part, ast.Constant) else "x"
            for part in getattr(node.exc.args[0], "values", [node.exc.args[0]])
            if isinstance(part, ast.Constant | ast.FormattedValue)
        )
        if len(text) > 20:  # else it is put together elsewhere
            found.append(text)
    return found


def test_no_reader_says_what_has_no_code():
    said = [(file.relative_to(HOME).as_posix(), text) for file in sorted(HOME.rglob("*.py")) for text in said_in(file)]
    assert len(said) > 40
    assert [entry for entry in said if file_code_of(entry[1]) == "file-other"] == []


def test_a_defect_of_a_reader_is_an_error_like_any_other():
    assert ReconciliationError("x").code == "file-other"
