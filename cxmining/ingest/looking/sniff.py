"""What a file is taken for, and why; where two formats fit, it is refused to guess."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from cxmining.errors import CxminingError, InputError
from cxmining.ingest.contact.marks import by_columns, by_fields, is_chat_line, zendesk_part
from cxmining.ingest.files.excel import OLD_WORKBOOK, is_old_workbook, read_excel
from cxmining.ingest.files.json_records import first_keys
from cxmining.ingest.files.opening import SourceFile, decode
from cxmining.ingest.mail.marks import is_outlook
from cxmining.ingest.web.marks import web_columns, web_fields, web_parquet

__all__ = ["Sniffed", "sniff"]

_MAIL_HEADER: Final = re.compile(rb"\A(?:>?From [^\n]*\r?\n)[A-Za-z][A-Za-z0-9-]*:", re.S)
_HEAD: Final = 1 << 16
# Six words in a row, with what stands between words in prose: a line of sentences
_SENTENCE: Final = re.compile(r"(?:[^\W\d_][\w'’-]*[,.;:!?)*_`]* +[(*_`]*){5}[^\W\d_]")
_SHARE: Final = 0.2
_CALL: Final = 40
"""More columns than any record of a call has."""
# Three header fields of a mail in a row, folded lines among them: a saved letter (.eml).
_LETTER: Final = re.compile(
    rb"\A(?=[\s\S]{0,8000}?^(?:Date|Received|Message-ID):)(?:[A-Za-z][A-Za-z0-9-]{1,40}: [^\n]{0,2000}\n(?:[ \t][^\n]{0,2000}\n){0,20}){2}",
    re.I | re.M,
)
_OTHERS: Final = (
    (b"SQLite format 3", "an SQLite database without the tables of OCEL 2.0"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (.doc)"),
    (b"%PDF", "a PDF"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


@dataclass(frozen=True)
class Sniffed:
    """What a file is taken for.

    Attributes
    ----------
    format : str
        A format of the study file.
    why : str
        What in the content says so.
    part : str
        Within a format: ``tickets``, ``comments`` or ``users`` of Zendesk; else empty.
    preset : str
        The ready mapping that a plain table is made for; else empty.
    """

    format: str
    why: str
    part: str = ""
    preset: str = ""


def sniff(file: SourceFile, *, delimiter: str | None = None) -> Sniffed:
    """Tell the format of a file from its content; its name decides nothing.

    Raises
    ------
    InputError
        When two formats fit, when none does, or when the file is empty or damaged.
    """
    head = file.head(_HEAD)
    if not head.strip(b"\x00\r\n\t "):
        raise InputError(f"{file.name}: the export is empty: it holds no character; export it again")
    binary = _binary(head, file)
    if binary is not None:
        return binary
    letter = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if _MAIL_HEADER.match(letter) or re.match(rb"From [^\n]*\d\d:\d\d", letter):
        return Sniffed("mbox", "begins with a From_ line and mail headers")
    if _LETTER.match(letter):
        return Sniffed("eml", "begins with the headers of a mail")
    text = _whole_lines(decode(_whole_characters(head), None, file.name)[0].lstrip(), len(head))
    if not text:
        raise InputError(f"{file.name}: the export is empty: it holds no character; export it again")
    if text.startswith("<"):
        return _xml(text, file)
    if is_chat_line(text):
        return Sniffed("whatsapp", "begins with the date, time and sender of a WhatsApp message")
    if text[0] in "[{":
        return _json(text, file)
    found = _delimited(text, file, delimiter, complete=len(head) < _HEAD)
    if len(found) > 1:
        shown = " or ".join(f"{s.format!r} ({s.why})" for s in found)
        raise InputError(f"{file.name}: could be {shown}; set format")
    return found[0]


def _whole_characters(head: bytes) -> bytes:
    """Cut off a character that the end of the head cut in two."""
    if len(head) < _HEAD:
        return head
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):  # UTF-16: the first half of a pair cannot stand alone
        last = head[-1] if head[:2] == b"\xff\xfe" else head[-2]
        return head[:-2] if 0xD8 <= last <= 0xDB else head
    for back in range(1, 4):
        if head[-back] >= 0xC0:
            return head[:-back]
        if head[-back] < 0x80:
            break
    return head


def _whole_lines(text: str, seen: int) -> str:
    """Cut off a record that the end of the head cut in two, unless it is nearly all there is."""
    cut = text.rfind("\n")
    return text[: cut + 1] if seen >= _HEAD and cut > len(text) // 2 else text


def _binary(head: bytes, file: SourceFile) -> Sniffed | None:
    if file.zipped and head.startswith((b"PAR1", b"SQLite format 3")):
        raise InputError(f"{file.name}: is a ZIP archive of no text; unpack it into the folder of the study")
    if head.startswith(b"PAR1"):
        if not file.packed and (found := web_parquet(file.path)):
            return Sniffed(*found[0])
        return _plain("parquet", "begins with PAR1", [] if file.packed else _parquet_names(file))
    if head.startswith(b"SQLite format 3") and b"event_map_type" in head:
        return Sniffed("ocel", "is an SQLite database with the tables of OCEL 2.0")
    if head.startswith(b"PK\x03\x04"):
        return _workbook(file, "is an Office archive with a workbook")
    if head.startswith(OLD_WORKBOOK) and not file.packed and is_old_workbook(file.read()):
        return _workbook(file, "is an old Office file with a workbook")
    if not file.packed and is_outlook(head, file.path):
        return Sniffed("msg", "is a compound file with the properties of an Outlook item")
    for magic, what in _OTHERS:
        if head.startswith(magic):
            raise InputError(f"{file.name}: is {what}, which is not read; export the data as CSV, Excel or Parquet")
    return None


def _workbook(file: SourceFile, why: str) -> Sniffed:
    """Look at the names of the columns of the sheet that would be read: survey tools export workbooks too."""
    try:
        names = [str(c) for c in read_excel(file, rows=1, repeated=True).frame.columns]
    except CxminingError:
        return Sniffed("excel", why)  # what is wrong with it is said when it is read
    surveys = [Sniffed(kind, f"{why} that {said}") for kind, said in _surveys(names)]
    if len(surveys) > 1:
        shown = " or ".join(f"{s.format!r} ({s.why})" for s in surveys)
        raise InputError(f"{file.name}: could be {shown}; set format")
    return surveys[0] if surveys else _plain("excel", f"{why} of {_columns(len(names))}", names)


def _parquet_names(file: SourceFile) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return [str(n) for n in pq.read_schema(file.path).names]
    except (pa.ArrowInvalid, OSError):
        return []  # what is wrong with it is said when it is read


def _surveys(names: list[str]) -> list[tuple[str, str]]:
    from cxmining.ingest.survey.forms import vendor_of

    keys = set(names)
    found = []
    if {"StartDate", "EndDate"} <= keys and {"ResponseId", "ResponseID", "Finished", "RecordedDate"} & keys:
        found.append(("qualtrics", "has the columns StartDate, EndDate and ResponseId"))
    return found + vendor_of(names)


def _xml(text: str, file: SourceFile) -> Sniffed:
    root = re.search(r"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s>/]", text)
    name = root.group(2) if root else "?"
    if name == "log" and re.search(r"<(?:[\w.-]+:)?(?:object-types|event-types)[\s>/]", text):
        return Sniffed("ocel", "is XML with the root <log> and the types of OCEL 2.0")
    if name == "log":
        return Sniffed("xes", "is XML with the root <log>")
    raise InputError(f"{file.name}: is XML with the root <{name}>, which is no XES log")


def _json(text: str, file: SourceFile) -> Sniffed:
    keys = first_keys(text)
    if {"objectTypes", "eventTypes"} & keys and {"objects", "events"} & keys:
        return Sniffed("ocel", "JSON with the objects and events of OCEL 2.0")
    part = zendesk_part(keys)
    others = by_fields(keys) + web_fields(keys)
    if part and not others:
        return Sniffed("zendesk", f"JSON with the fields of Zendesk {part}", part)
    if len(others) == 1:
        return Sniffed(*others[0])
    if others:
        known = " or ".join(f"{name!r} ({why})" for name, why in others)
        raise InputError(f"{file.name}: could be {known}; set format")
    shown = ", ".join(sorted(keys)[:8])
    raise InputError(
        f"{file.name}: is JSON of an unknown kind (fields {shown or 'none'}); known are exports of GA4, Segment, Amplitude, "
        "Mixpanel, Zendesk and contact centres"
    )


def _delimited(text: str, file: SourceFile, delimiter: str | None, *, complete: bool) -> list[Sniffed]:
    from cxmining.ingest.contact import asterisk
    from cxmining.ingest.files.csv_rows import find_delimiter

    mark = delimiter or find_delimiter(text, file.name)
    lines = text.splitlines(keepends=True)
    rows = [r for r in csv.reader(lines if complete else lines[:-1] or lines, delimiter=mark) if r]
    if not rows:
        raise InputError(f"{file.name}: holds no record")
    if delimiter is None and _is_prose(lines, rows):
        raise InputError(
            f"{file.name}: is text in sentences and no table: neither commas, semicolons, tabs nor bars divide its lines "
            'into fields; if it is a table of one column, set format = "csv"'
        )
    if any("\ufffd" in v for v in rows[0]):
        raise InputError(f"{file.name}: is neither text nor a format that is known")
    names = [v.strip() for v in rows[0]]
    keys = set(names)
    found: list[Sniffed] = []
    found += [Sniffed(*survey) for survey in _surveys(names)]
    part = zendesk_part(keys)
    if part and "_fivetran_synced" in keys | ({"_fivetran_synced"} if _zendesk_columns(keys, part) else set()):
        found.append(Sniffed("zendesk", f"has the columns of Zendesk {part}", part))
    found += [Sniffed(*other) for other in by_columns(keys) + web_columns(keys)]
    width = max(len(r) for r in rows[:50])
    body: list[list[Any]] = [r for r in rows[:50] if len(r) == width]
    if mark == "," and width <= _CALL and asterisk.layout(pd.DataFrame(body, dtype="str")) is not None:
        found.append(Sniffed("asterisk", "has start, end and disposition where Asterisk writes them, and no header"))
    if found:
        return found
    word = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}.get(mark, repr(mark))
    return [_plain("csv", f"is text with a header and {_columns(len(names))}, divided by {word}", names)]


def _is_prose(lines: list[str], rows: list[list[str]]) -> bool:
    """Tell text for people from a table: sentences, in lines that no delimiter divides alike."""
    width = len(rows[0])
    if width > 1 and 2 * sum(len(r) == width for r in rows) > len(rows):
        return False
    # of a table with texts over several lines, the lines are no records
    if width == 1 and any("\n" in r[0].strip() for r in rows):
        return False
    filled = [line for line in lines if line.strip()]
    return len(filled) > 0 and sum(bool(_SENTENCE.search(line)) for line in filled) > _SHARE * len(filled)


def _plain(kind: str, why: str, names: list[str]) -> Sniffed:
    """Say which ready mapping a plain table is made for, if one."""
    from cxmining.ingest.tables.presets import find_preset

    found = find_preset(names)
    return Sniffed(kind, f"{why}; {found.why}" if found.why else why, preset=found.name)


def _columns(n: int) -> str:
    return "1 column" if n == 1 else f"{n:,} columns"


def _zendesk_columns(keys: set[str], part: str) -> bool:
    own = {"tickets": {"submitter_id", "via_channel"}, "comments": {"public"}, "users": {"locale", "verified"}}
    return own.get(part, set()) <= keys
