"""Files that somebody broke, cut off, mixed up or made to hurt: one clear sentence, or a reject with a reason."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

import cxmining as cx
from cxmining.errors import CxminingError, InputError
from cxmining.ingest.files.opening import open_file
from cxmining.ingest.looking.sniff import sniff

KEY = "0123456789abcdef-hostile"
ROWS = "k,s,t\n" + "".join(
    f"{1000 + i % 7},{('calls', 'mails', 'chats')[i % 3]},2024-01-{1 + i % 28:02d} 10:{i % 60:02d}:00\n"
    for i in range(40)
)
TABLE = 'format = "csv"\ntz = "UTC"\ncolumns = {timestamp = "t", touchpoint = "s", account = "k"}'
LOG = (
    '<log><trace><string key="concept:name" value="1"/><event><string key="concept:name" value="{0}"/>'
    '<date key="time:timestamp" value="2024-01-01T10:00:00Z"/>{1}</event></trace></log>'
)


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Read one file: (name, content, lines of its [[source]]) → Dataset."""
    monkeypatch.setenv("CXMINING_KEY", KEY)

    def call(name: str, content: bytes | str, source: str = TABLE):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        (tmp_path / "study.toml").write_text(
            f'schema_version = 1\nname = "h"\n[[source]]\nname = "x"\npath = "{name}"\n{source}\n'
        )
        return cx.read(tmp_path)

    return call


def zipped(members: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


LAUGHS = "<!DOCTYPE log [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + i)} '{('&' + chr(97 + i) + ';') * 10}'>" for i in range(9)
)
REFUSED = {
    "cut-off gzip": ("x.xes.gz", gzip.compress(LOG.format("q" * 90_000, "").encode())[:-40], "", "cut off"),
    "billion laughs": ("x.xes", LAUGHS + "]>" + LOG.format("&j;", ""), "", "DTD"),
    "external entity": (
        "x.xes", "<!DOCTYPE log [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" + LOG.format("&e;", ""), "", "DTD",
    ),
    "endless depth": ("x.xes", "<log>" + "<trace>" * 50_000, "", "well-formed"),
    "zip": ("x.zip", zipped({"../../evil.csv": ROWS}), "", "ZIP archive"),
    "workbook without a sheet": (
        "x.xlsx",
        zipped({
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'spreadsheetml.sheet.main+xml"/></Types>',
            "xl/workbook.xml": "<workbook/>",
        }),
        TABLE.replace("csv", "excel"), "without a sheet",
    ),
    "only NUL": ("x.csv", b"\0" * 9000, "", "no character"),
    "only a byte order mark": ("x.csv", b"\xef\xbb\xbf  \n", "", "no character"),
    "header only": ("x.csv", "k,s,t\n", TABLE, "no records"),
    "two columns of one name": ("x.csv", ROWS.replace("k,s,t", "k,t,t"), TABLE, "'t'"),
    "one line of 3 MB": ("x.csv", "z" * 3_000_000, TABLE, "x.csv"),
    "JSON nested 10,000 deep": ("x.json", "[" * 10_000 + "]" * 10_000, "", "unknown kind"),
    "one mail": (
        "x.mbox", "Subject: hi\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nhello\n", 'format = "mbox"', "From_",
    ),
    "counts of two sizes": (
        "x.csv", "k,s,t\n1,calls,1704103200000\n2,mails,1704106800\n", TABLE, "1 in seconds and 1 in milliseconds",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", list(REFUSED))
def test_what_cannot_be_read_is_refused_in_one_sentence(case, read):
    name, content, source, said = REFUSED[case]
    with pytest.raises(CxminingError) as refused:
        read(name, content, source)
    message = str(refused.value)
    assert said in message
    assert name in message
    assert "\n" not in message
    assert refused.value.exit_status in (2, 3)


def test_a_head_that_ends_within_a_line_or_a_character_is_still_told(tmp_path):
    single = tmp_path / "one-line.xes"
    single.write_text('<?xml version="1.0"?>\n' + LOG.format("q" * 70_000, ""))
    assert sniff(open_file(single, single.name)).format == "xes"
    for encoding in ("utf-8", "utf-16"):
        table = tmp_path / f"{encoding}.csv"
        table.write_bytes(("k;s;t\n" + "1;één gesprek €𝄞;2024-01-01\n" * 4000).encode(encoding))
        assert sniff(open_file(table, table.name)).format == "csv"


def test_links_that_lead_nowhere_round_or_outside(tmp_path, read):
    read("x.csv", ROWS)
    (tmp_path / "x.csv").unlink()
    for target, said in (("x.csv", "leads nowhere"), ("gone.csv", "leads nowhere"), ("/etc/hostname", "leads out")):
        (tmp_path / "x.csv").symlink_to(target)
        for path in ("x.csv", "*.csv"):
            (tmp_path / "study.toml").write_text(
                f'schema_version = 1\nname = "h"\n[[source]]\nname = "x"\npath = "{path}"\n{TABLE}\n'
            )
            with pytest.raises(InputError, match=said):
                cx.read(tmp_path)
        (tmp_path / "x.csv").unlink()


def test_what_unpacks_to_hundreds_of_times_its_size(tmp_path, monkeypatch, read):
    from cxmining.ingest.files import archive

    monkeypatch.setattr(archive, "_RATIO_FROM", 1 << 20)
    with pytest.raises(InputError, match="times its size"):
        read("x.csv", gzip.compress(b"k,s,t\n" + b"1,calls,2024-01-01 10:00:00\n" * 200_000))


def test_reading_a_small_file_reserves_little(tmp_path):
    import resource

    table = tmp_path / "x.csv"
    table.write_text(ROWS)
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (now + (1 << 30), limits[1]))
    try:
        assert len(open_file(table, "x.csv").read()) == len(ROWS)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


def test_columns_without_a_name_do_not_stand_in_the_way(read):
    data = read("x.csv", "\n".join(line + ",," for line in ROWS.splitlines()))
    assert len(data.events) == 40


def test_years_that_mean_never_and_zones_that_are_none_are_rejected_and_noted(read):
    never = "".join(f"1,calls,{t}\n" for t in ("0001-01-01 00:00:00", "9999-12-31 23:59:59", "2024-01-01T10:00+99:99"))
    data = read("x.csv", ROWS + never)
    assert len(data.events) == 40
    assert data.ledger["status"].value_counts().to_dict() == {"kept": 40, "rejected": 3}
    assert any("2 stamps lie before 1900" in note for note in data.notes)


@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_counts_since_1970(unit, factor, read):
    """Their size shows the unit (the issue asks for it, where a format had to be set before); what was chosen is said."""
    rows = f"k,s,t\n1,calls,{1704103200 * factor}\n1,mails,{1704103260 * factor}\n"
    for source in (TABLE + f'\ntimestamp_format = "epoch {unit}"', TABLE):
        data = read("x.csv", rows, source)
        assert [str(t) for t in data.events["timestamp"]] == ["2024-01-01 10:00:00+00:00", "2024-01-01 10:01:00+00:00"]
    assert any(f'timestamp_format = "epoch {unit}" settles it' in note for note in data.notes)


def test_seconds_that_are_none(read):
    source = TABLE.replace("account", 'wait_s = "w", account')
    rows = ROWS.splitlines()[:7]
    waits = ["w", "-5", "inf", "1e308", "nan", "30", ""]
    data = read("x.csv", "\n".join(f"{r},{w}" for r, w in zip(rows, waits, strict=True)), source)
    assert data.events["wait_s"].dropna().tolist() == [30.0]
    assert data.ledger["cell"].notna().sum() >= 3
    log = read("x.xes", LOG.format("q", '<float key="d" value="INF"/>'), 'columns = {duration_s = "d"}')
    assert log.events["duration_s"].isna().all()


def test_ids_beyond_the_whole_numbers_of_a_float_stay_apart(read):
    data = read("x.csv", ROWS + "9007199254740993,calls,2024-01-01\n9007199254740992,calls,2024-01-01\n")
    assert data.events["customer_id"].nunique() == 9


def test_mails_within_mails_beyond_counting(read):
    part = "hello"
    for _ in range(3000):
        part = f"Content-Type: message/rfc822\n\n{part}\n"
    head = "From a@b.nl Mon Jan  1 10:00:00 2024\nFrom: a@b.nl\nTo: c@d.nl\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n"
    assert len(read("x.mbox", head + part, "").events) == 1


def test_hits_whose_fields_are_of_the_wrong_kind(read):
    import json

    hits = [
        {"event_name": "a", "event_timestamp": 1700000000000000, "user_pseudo_id": "1", "event_params": "x"},
        {"event_name": "b", "event_timestamp": 1e30, "user_pseudo_id": ["x"], "device": 5},
        {"event_name": {"a": 1}, "event_timestamp": "soon", "event_params": [1, None, {"key": 1}]},
    ]
    data = read("x.jsonl", "\n".join(json.dumps(h) for h in hits), 'format = "ga4"')
    assert data.ledger["status"].tolist().count("rejected") == 2


def test_nothing_kept_says_why(tmp_path, read):
    from cxmining.errors import NotEnoughDataError

    assert not len(read("x.csv", "k,s,t\n1,,2024-01-01\n").events)
    with pytest.raises(NotEnoughDataError, match="no touchpoint, 1 records"):
        cx.run_study(tmp_path, out=tmp_path / "run", quiet=True)
    # no folder of a run; what was read is remembered out of sight for the next delivery
    assert not [p for p in tmp_path.iterdir() if p.is_dir() and not p.name.startswith(".")]
