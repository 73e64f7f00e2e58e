"""Files read each alone make together what they make read as one source, in every format where that is done."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import pandas as pd
import pytest

from cxmining.ingest import read_source
from cxmining.ingest.looking.apart import _FINDERS, WHOLE
from cxmining.ingest.readers import _MODULES
from cxmining.runs.readings import KeptReadings, Sealed
from cxmining.schema import Reading
from cxmining.simulate.exports import make_exports
from cxmining.study import Study, load_study

KEY = b"0123456789abcdef"
SEVERAL = 3


def lines_by(*names: str) -> Callable[[str], list[str]]:
    """Deal JSON lines out by the first of some fields that they have."""

    def deal(text: str) -> list[str]:
        rows = []
        for line in text.splitlines(keepends=True):
            try:
                record = json.loads(line)
            except ValueError:
                record = {}
            rows.append((str(next((record[n] for n in names if record.get(n)), "")), line))
        return _dealt(rows)

    return deal


def rows_by(column: int, head: int, delimiter: str = ",") -> Callable[[str], list[str]]:
    """Deal rows of delimited text out by a column; each file has the header rows."""

    def deal(text: str) -> list[str]:
        every = list(csv.reader(io.StringIO(text), delimiter=delimiter))
        rows = [(row[column] if len(row) > column else "", _line(row, delimiter)) for row in every[head:]]
        above = "".join(_line(row, delimiter) for row in every[:head])
        return [above + part for part in _dealt(rows)]

    return deal


def _line(row: list[str], delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(row)
    return out.getvalue()


def _dealt(rows: list[tuple[str, str]]) -> list[str]:
    parts = [""] * SEVERAL
    for key, line in rows:
        parts[crc32(key.encode()) % SEVERAL] += line
    return parts


DEALS: dict[str, Callable[[str], list[str]]] = {
    "connect": lines_by("InitialContactId", "ContactId"),
    "genesys": lines_by("conversationId"),
    "intercom": lines_by("id"),
    "twilio": lines_by("parent_call_sid", "sid"),
    "salesforce": rows_by(0, 1),
    "asterisk": rows_by(17, 0),
    "qualtrics": rows_by(8, 3),
    "surveymonkey": rows_by(0, 2),
    "limesurvey": rows_by(0, 1),
    "googleforms": rows_by(0, 1),
    "sms": rows_by(0, 1, ";"),
}


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """One year in many formats, each dealt out over several files."""
    folder = tmp_path_factory.mktemp("exports")
    wanted = [*DEALS, "whatsapp"]
    path = make_exports(folder, wanted, customers=200, seed=3)
    text = path.read_text()
    for name, deal in DEALS.items():
        match = re.search(rf'^path = "({name}/[^"]+)"', text, re.M)
        assert match is not None
        whole = folder / match[1]
        for k, part in enumerate(deal(whole.read_text(encoding="utf-8"))):
            whole.with_name(f"part{k}{whole.suffix}").write_text(part, encoding="utf-8")
        whole.unlink()
        text = text.replace(match[0], f'path = "{name}/*"')
    path.write_text(text)
    return load_study(path)


def kept(study: Study, name: str, folder: Path) -> tuple[Reading, KeptReadings]:
    readings = KeptReadings(Sealed(folder, KEY))
    source = next(s for s in study.sources if s.name == name)
    return readings.read(source, study), readings


ORDER = {
    "events": ["event_id"], "responses": ["response_id"], "answers": ["response_id", "item"], "ledger": ["record_id", "cell"],
    "invitations": ["invitation_id"], "customers": ["record_id"], "identifiers": ["record_id", "kind", "value"],
}  # fmt: skip


def same(one: Reading, other: Reading) -> None:
    for name, keys in ORDER.items():
        a, b = (getattr(r, name).sort_values(keys, kind="stable", ignore_index=True) for r in (one, other))
        pd.testing.assert_frame_equal(a, b, obj=name)
    assert one.inputs == other.inputs
    assert set(one.notes) == set(other.notes)


@pytest.mark.parametrize("name", [*DEALS, "whatsapp"])
def test_files_without_a_tie_are_read_each_alone(name: str, exports: Study, tmp_path: Path) -> None:
    source = next(s for s in exports.sources if s.name == name)
    whole = read_source(source, exports)
    first, readings = kept(exports, name, tmp_path)
    same(first, whole)
    assert len(whole.inputs) > 1
    (use,) = readings.uses
    assert use.how == "read"
    assert use.whole == {}, use
    # what was kept is the same, and one file that goes has no other read
    again, readings = kept(exports, name, tmp_path)
    same(again, whole)
    assert (readings.uses[0].how, readings.uses[0].read) == ("kept", 0)
    folder = exports.root / name
    gone = sorted(folder.iterdir())[0]
    content = gone.read_bytes()
    gone.unlink()
    try:
        same(kept(exports, name, tmp_path)[0], read_source(source, exports))
        _, readings = kept(exports, name, tmp_path)
        assert readings.uses[0].read == 0
    finally:
        gone.write_bytes(content)


def test_every_format_is_read_apart_or_says_why_not() -> None:
    assert {*WHOLE} | {*_FINDERS} == {*_MODULES}
    assert not {*WHOLE} & {*_FINDERS}
    assert all({*why} == {"en", "nl"} for why in WHOLE.values())


def test_files_that_hold_states_of_one_contact_are_read_together(exports: Study, tmp_path: Path) -> None:
    _, readings = kept(exports, "connect", tmp_path)
    assert readings.uses[0].read == SEVERAL
    folder = exports.root / "connect"
    first = next(line for line in (folder / "part0.jsonl").read_text().splitlines() if '"ContactId"' in line)
    newer = json.loads(first) | {"LastUpdateTimestamp": "2026-02-01T00:00:00Z"}
    extra = folder / "part9.jsonl"
    extra.write_text(json.dumps(newer) + "\n")
    try:
        found, readings = kept(exports, "connect", tmp_path)
        source = next(s for s in exports.sources if s.name == "connect")
        same(found, read_source(source, exports))
        # the new file and the one that holds the older state; the two others stay as they were kept
        assert (readings.uses[0].how, readings.uses[0].read, readings.uses[0].files) == ("part", 2, SEVERAL + 1)
    finally:
        extra.unlink()


def test_many_small_files_are_kept_in_bundles(exports: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cxmining.runs.readings._MANY", 2)
    monkeypatch.setattr("cxmining.runs.readings._BUNDLES", 2)
    source = next(s for s in exports.sources if s.name == "whatsapp")
    first, readings = kept(exports, "whatsapp", tmp_path)
    same(first, read_source(source, exports))
    assert len([n for n in tmp_path.iterdir() if (n / "events.parquet").exists()]) <= 2
    assert readings.uses[0].read == readings.uses[0].files > 2


def test_a_format_that_must_be_read_as_a_whole_says_why(tmp_path: Path) -> None:
    study = tmp_path / "study"
    study.mkdir()
    (study / "study.toml").write_text(
        'name = "m"\n[company]\ndomains = ["zon.example"]\n[[source]]\nname = "mail"\npath = "*.mbox"\nformat = "mbox"\n'
    )
    mail = "From x\nFrom: a@x.example\nTo: info@zon.example\nDate: Mon, {day} Jan 2024 10:00:00 +0000\nMessage-ID: <{day}@x>\nSubject: S\n\nHoi\n\n"
    for day in (1, 8):
        (study / f"{day}.mbox").write_text(mail.format(day=day))
    _, readings = kept(load_study(study), "mail", tmp_path / "kept")
    assert readings.uses[0].whole["en"] == "its mails answer mails in other files"
    from cxmining.runs.delivery_words import say_reading

    assert say_reading(readings.uses, "en") == (
        "mail: all 2 files were read, because its mails answer mails in other files.",
    )
    assert say_reading(readings.uses, "nl") == (
        "mail: alle 2 bestanden zijn gelezen, want mails beantwoorden mails in andere bestanden.",
    )
    _, readings = kept(load_study(study), "mail", tmp_path / "kept")
    assert say_reading(readings.uses, "en") == ()  # nothing of it changed, so nothing of it was read
