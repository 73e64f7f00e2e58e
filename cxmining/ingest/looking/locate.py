"""Where in its file a record lies: line and byte, looked up for the few records that somebody asks about.

Readers know records by their position only, which costs nothing. One pass over the file finds the lines and bytes
afterwards, as its family of formats divides it: JSON, delimited text, mailboxes, XML, chats. A place is said only
where that pass counts as many records as the reader did; a wrong line is worse than none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import numpy as np
import pandas as pd

from cxmining.errors import InputError
from cxmining.ingest.files.json_records import WRAPPERS, batches, is_json
from cxmining.ingest.files.opening import SourceFile, open_file
from cxmining.ingest.mail.split import split
from cxmining.schema import InputFile

__all__ = ["Finder", "Place", "locate"]

_BLOCK: Final = 4 << 20
_MARGIN: Final = 1 << 16
_LOOK_BEHIND: Final = 8  # more than what the patterns look back at
_EVENT: Final = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<(?:[\w.-]+:)?event(?=[\s/>])", re.S)
# Possessive throughout: a quotation mark that is never closed is looked for once.
_FIELD: Final = rb'(?:"(?:[^"]*+"")*+[^"]*+(?:"|\Z))?+[^%s\r\n]*+'
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_MORE_WRAPPERS: Final = ("groups", "satisfaction_ratings", "events", "messages")
_HEADS: Final = {"asterisk": (0,), "qualtrics": (2, 3)}


@dataclass(frozen=True)
class Place:
    """Line (from 1) and byte (from 0) at which a record begins, and in which member of a ZIP archive."""

    line: int | None
    byte: int | None
    member: str | None = None


@dataclass(frozen=True)
class Finder:
    """Finds the places of rejected records when it is called with rows of the ledger.

    Attributes
    ----------
    root : Path
        Folder of the study.
    inputs : tuple of InputFile
    formats : mapping of str to tuple of str
        Source → its format, delimiter and encoding.
    ledger : DataFrame
        The whole one, which knows how many records each file has.
    """

    root: Path
    inputs: tuple[InputFile, ...]
    formats: Mapping[str, tuple[str, str | None, str | None]]
    ledger: pd.DataFrame

    def __call__(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return `member`, `line` and `byte` of each row, in the same order."""
        found: list[Place] = [Place(None, None)] * len(rows)
        first: dict[tuple[str, str], InputFile] = {}
        for each in self.inputs:
            first.setdefault((each.source, each.file), each)
        within = rows["within"].fillna(rows["seq"]).to_numpy(dtype=np.int64) - 1
        for key, at in rows.groupby(["source", "file"], sort=False).indices.items():
            source, name = cast("tuple[str, str]", key)
            places = self._of_file(first.get((source, name)), source, name, within[at])
            for i, position in zip(at, within[at], strict=True):
                found[i] = places.get(int(position), found[i])
        columns = ("member", "line", "byte")
        return pd.DataFrame({c: pd.Series([getattr(p, c) for p in found], dtype="object") for c in columns})

    def _of_file(
        self, given: InputFile | None, source: str, name: str, positions: np.ndarray[Any, Any]
    ) -> dict[int, Place]:
        if given is None or source not in self.formats:
            return {}
        try:
            file = open_file(self.root / given.name, given.name, self.root)
        except InputError:
            return {}  # it is gone since it was read
        if file.sha256 != given.sha256:
            return {}
        mine = self.ledger["source"].eq(source) & self.ledger["file"].eq(name)
        inside = self.ledger.loc[mine, "within"]
        n = int(inside.max()) if inside.notna().any() else given.counts["read"]
        kind, delimiter, encoding = self.formats[source]
        return locate(file, positions, n, kind, delimiter=delimiter, encoding=encoding)


def locate(
    file: SourceFile,
    positions: Any,
    n: int,
    kind: str,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> dict[int, Place]:
    r"""Return the places of records.

    Parameters
    ----------
    file : SourceFile
    positions : array of int
        0-based, as the reader of the format counts.
    n : int
        How many records the reader found; unless the locator finds as many, it says nothing.
    kind : str
        The format.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "x.csv"
    >>> _ = path.write_text('a,b\n1,"x\ny"\n2,z\n')
    >>> locate(open_file(path, "x.csv"), [1], 2, "csv")
    {1: Place(line=4, byte=12, member=None)}
    """
    wanted = sorted({int(p) for p in positions})
    if not wanted:
        return {}
    try:
        found = _family(file, kind)(file, wanted, n, kind, delimiter, encoding)
    except (InputError, UnicodeError):
        return {}
    if not found and n == 1:
        return {0: Place(1, 0)}
    return found


_Family = Callable[[SourceFile, list[int], int, str, "str | None", "str | None"], dict[int, Place]]


def _family(file: SourceFile, kind: str) -> _Family:
    head = file.head(4096)
    if head.startswith((b"PAR1", b"SQLite format 3")):
        return _nowhere
    if head.startswith(b"PK\x03\x04"):
        return _sheet
    if kind == "whatsapp":
        return _chat
    if is_json(file):
        return _json
    if head.startswith(b"From "):
        return _mailbox
    if kind in ("xes", "ocel"):
        return _xml
    if kind in ("eml", "msg"):
        return _letters
    return _nowhere if kind == "mbox" else _table


def _nowhere(
    file: SourceFile, wanted: list[int], n: int, kind: str, delimiter: str | None, encoding: str | None
) -> dict[int, Place]:
    return {}


def _letters(
    file: SourceFile, wanted: list[int], n: int, kind: str, delimiter: str | None, encoding: str | None
) -> dict[int, Place]:
    """Each file is a mail, each member of an archive is one."""
    with file.parts() as parts:
        names = [member for member, _ in parts]
    return {p: Place(1, 0, names[p] or None) for p in wanted if p < n} if len(names) == n else {}


def _sheet(
    file: SourceFile, wanted: list[int], n: int, kind: str, delimiter: str | None, encoding: str | None
) -> dict[int, Place]:
    # below the names of the columns, which are the first row
    return {p: Place(p + 2, None) for p in wanted if p < n}


def _json(
    file: SourceFile, wanted: list[int], n: int, kind: str, delimiter: str | None, encoding: str | None
) -> dict[int, Place]:
    at: dict[str, list[tuple[int, int]]] = {}
    units: dict[str, str] = {}
    count = 0
    for batch in batches(file, wrapped=("events",) if kind == "ocel" else (*WRAPPERS, *_MORE_WRAPPERS)):
        count += len(batch)
        units[batch.member] = batch.unit
        for position in wanted[_upto(wanted, batch.position) : _upto(wanted, batch.position + len(batch))]:
            at.setdefault(batch.member, []).append((position, batch.at[position - batch.position]))
    if count != n:
        return {}
    found: dict[int, Place] = {}
    with file.parts() as parts:
        for member, stream in parts:
            if member not in at:
                continue
            first = stream.read(4)
            wide = first.startswith((b"\xff\xfe", b"\xfe\xff"))  # read as UTF-8, so its bytes are none of the file's
            places = at[member]
            if wide:
                lined = units[member] == "line"
                found.update({p: Place(a if lined else None, None, member or None) for p, a in places})
            elif units[member] == "line":
                begins = _bytes_of_lines(first, stream, [a for _, a in places])
                found.update({p: Place(a, b, member or None) for (p, a), b in zip(places, begins, strict=True)})
            else:
                lines = _lines_of_bytes(first, stream, [a for _, a in places])
                found.update({p: Place(b, a, member or None) for (p, a), b in zip(places, lines, strict=True)})
    return found


def _upto(wanted: list[int], position: int) -> int:
    return bisect_right(wanted, position - 1)


def _blocks(first: bytes, stream: BinaryIO) -> Iterator[tuple[int, np.ndarray[Any, Any]]]:
    """Yield blocks of a stream with the byte at which each begins."""
    base, block = 0, first
    while block:
        yield base, np.frombuffer(block, dtype=np.uint8)
        base += len(block)
        block = stream.read(_BLOCK)


def _bytes_of_lines(first: bytes, stream: BinaryIO, lines: Sequence[int]) -> list[int | None]:
    """Return the byte at which each of the lines (ascending, from 1) begins."""
    out: list[int | None] = [0 if line == 1 else None for line in lines]
    before = 1  # lines that have begun
    for base, block in _blocks(first, stream):
        ends = np.flatnonzero(block == 0x0A)
        for i in range(bisect_right(lines, before), bisect_right(lines, before + len(ends))):
            out[i] = base + int(ends[lines[i] - before - 1]) + 1
        before += len(ends)
        if before >= lines[-1]:
            break
    return out


def _lines_of_bytes(first: bytes, stream: BinaryIO, places: Sequence[int]) -> list[int | None]:
    """Return the line in which each of the bytes (ascending, from 0) lies."""
    out: list[int | None] = [None] * len(places)
    before = 1
    for base, block in _blocks(first, stream):
        ends = np.flatnonzero(block == 0x0A)
        for i in range(bisect_right(places, base - 1), bisect_right(places, base + len(block) - 1)):
            out[i] = before + int(np.searchsorted(ends, places[i] - base))
        before += len(ends)
        if base + len(block) > places[-1]:
            break
    return out


def _plain(raw: bytes) -> tuple[bytes, int, int]:
    """Return bytes in which each character of ASCII is one byte, what each is wide in the file, and its mark."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        units = np.frombuffer(raw[2 : 2 + (len(raw) - 2) // 2 * 2], dtype="<u2" if raw[0] == 0xFF else ">u2")
        return np.minimum(units, 0x80).astype(np.uint8).tobytes(), 2, 2
    mark = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    return raw[mark:], 1, mark


def _table(
    file: SourceFile, wanted: list[int], n: int, kind: str, delimiter: str | None, encoding: str | None
) -> dict[int, Place]:
    from cxmining.ingest.files.csv_rows import find_delimiter
    from cxmining.ingest.files.opening import decode

    raw = file.read()
    if delimiter is None:
        delimiter = find_delimiter(decode(raw[: 1 << 18], None, file.name)[0], file.name)
    plain, width, mark = _plain(raw)
    rows = np.array(_rows(plain, delimiter.encode()), dtype=np.int64)
    heads = len(rows) - n
    if heads not in _HEADS.get(kind, (1,)):
        return {}
    chosen = rows[np.array(wanted) + heads]
    breaks = np.flatnonzero(np.frombuffer(plain, dtype=np.uint8) == 0x0A)
    if not len(breaks):
        breaks = np.flatnonzero(np.frombuffer(plain, dtype=np.uint8) == 0x0D)
    lines = np.searchsorted(breaks, chosen) + 1
    return {p: Place(int(k), int(b) * width + mark) for p, k, b in zip(wanted, lines, chosen, strict=True)}


def _rows(content: bytes, delimiter: bytes) -> list[int]:
    """Return where each row begins, blank lines left out; a quoted field may hold line breaks."""
    field = _FIELD % re.escape(delimiter)
    record = re.compile(field + rb"(?:" + re.escape(delimiter) + field + rb")*+")
    opening = delimiter + b'"'
    starts: list[int] = []
    end = behind = 0  # of the line, and of the record that it belongs to
    for line in content.splitlines(keepends=True):
        begin, end = end, end + len(line)
        if begin < behind or not line.strip(b"\r\n\x00"):
            continue
        starts.append(begin)
        behind = end
        quotes = line.count(b'"')
        # each field opened at its beginning and closed again: the line is the record
        if quotes and 2 * (line.count(opening) + line.startswith(b'"')) != quotes:
            matched = record.match(content, begin)
            behind = max(end, matched.end() if matched else end)
    return starts


def _found(file: SourceFile, pattern: re.Pattern[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """Yield byte, line and text of each match, block by block."""
    with file.open() as stream:
        base, line, buffer, scanned = 0, 1, b"", 0  # of the buffer: its byte and line; how far in it we looked
        while True:
            block = stream.read(_BLOCK)
            buffer += block
            upto = max(len(buffer) - _MARGIN, 0) if block else len(buffer)
            here, counted = line, 0
            for match in pattern.finditer(buffer, scanned):
                if match.start() >= upto:
                    break
                here, counted = here + buffer.count(b"\n", counted, match.start()), match.start()
                scanned = match.end()
                yield base + counted, here, match[0]
            if not block:
                return
            scanned = max(scanned, upto)
            cut = max(scanned - _LOOK_BEHIND, 0)
            line += buffer.count(b"\n", 0, cut)
            base, buffer, scanned = base + cut, buffer[cut:], scanned - cut


def _mailbox(
    file: SourceFile, wanted: list[int], n: int, kind: str, delimiter: str | None, encoding: str | None
) -> dict[int, Place]:
    with file.open() as stream:
        return _chosen(((mail.offset, mail.first) for mail in split(stream, file.name)), wanted, n)


def _xml(
    file: SourceFile, wanted: list[int], n: int, kind: str, delimiter: str | None, encoding: str | None
) -> dict[int, Place]:
    if file.head(2) in (b"\xff\xfe", b"\xfe\xff"):
        plain, width, mark = _plain(file.read())
        starts = (m.start() for m in _EVENT.finditer(plain) if not m[0].startswith(b"<!"))
        return _chosen(((b * width + mark, plain.count(b"\n", 0, b) + 1) for b in starts), wanted, n)
    events = ((byte, line) for byte, line, text in _found(file, _EVENT) if not text.startswith(b"<!"))
    return _chosen(events, wanted, n)


def _chosen(found: Iterator[tuple[int, int]], wanted: list[int], n: int) -> dict[int, Place]:
    asked = set(wanted)
    out: dict[int, Place] = {}
    count = 0
    for byte, line in found:
        if count in asked:
            out[count] = Place(line, byte)
        count += 1
    return out if count == n else {}


def _chat(
    file: SourceFile, wanted: list[int], n: int, kind: str, delimiter: str | None, encoding: str | None
) -> dict[int, Place]:
    from cxmining.ingest.contact.whatsapp_lines import header
    from cxmining.ingest.files.opening import decode

    raw = file.read()
    text, found = decode(raw, encoding, file.name)
    codec = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(found, found)
    byte = 3 if found == "utf-8-sig" else 2 if found == "utf-16" else 0
    begins: list[tuple[int, int]] = []
    shape: Any = None
    above: tuple[int, int] | None = None
    for number, line in enumerate(_LINE.findall(text), start=1):
        head = header(line) if line[:4].strip() else None
        if head is not None and shape in (None, head.shape):
            shape = head.shape
            begins.append((byte, number))
        elif shape is None and line.strip():
            above = above or (byte, number)
        byte += len(line.encode(codec, errors="surrogatepass"))
    if above is not None:
        begins.append(above)  # the last record stands for what is above the first message
    places = _chosen(iter(begins), wanted, n)
    # characters that were left out when the text was read would put each byte behind them wrong
    return {k: Place(p.line, None) for k, p in places.items()} if b"\x00" in raw and byte != len(raw) else places
