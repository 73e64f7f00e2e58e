"""JSON as vendors deliver it, one record at a time: lines, arrays, wrapped arrays, pages of them.

Read are JSON lines; an array; an object that wraps one, such as ``{"conversations": […]}``; lines or a
row of such objects (the pages of an interface); objects behind each other without a line break
(Kinesis Firehose); each of them packed or in a ZIP archive. Memory holds one block, however large the
file or its array is. A record that is no JSON, or longer than 64 MiB, comes as `Damaged` and the next one is
read; an array that is cut off is an error with its position.
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO, Final, cast

import numpy as np
import orjson

from cxmining.errors import InputError
from cxmining.ingest.files.json_scan import Scanner
from cxmining.ingest.files.opening import SourceFile

__all__ = ["WRAPPERS", "Batch", "Damaged", "batches", "first_keys", "is_json", "records", "why_not"]

WRAPPERS: Final = (
    "tickets", "comments", "users", "conversations", "calls", "records", "results", "batch", "data",
)  # fmt: skip
"""Keys under which interfaces wrap the array of their records."""
_BLOCK: Final = 4 << 20
_LONGEST: Final = 64 << 20
_BLANK: Final = b"\x00 \t\r\n"
_MARKS: Final = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", ""))


@dataclass(frozen=True)
class Damaged:
    """Stands where a record cannot be read; `why` is what the ledger says."""

    why: str


_NO_JSON: Final = Damaged("is no JSON: the line is damaged or cut off")
_DEEP: Final = Damaged("is nested more than 1,000 deep, as no export is")
_NO_TEXT: Final = Damaged("is no JSON: it holds bytes that are not UTF-8")
_LONG: Final = Damaged(f"is longer than {_LONGEST >> 20} MiB, as no record is")
# What stands before the records of a page of an API: counts, links, an object about the page.
_WRAPPED: Final = re.compile(
    r'\{(?:\s*"\w+"\s*:\s*(?:"[^"]*"|[-\d.]+|true|false|null|\{(?:[^{}]|\{[^{}]*\})*\})\s*,)*'
    r'\s*"(tickets|comments|users|ticket_events|groups|satisfaction_ratings|conversations|messages|calls|records|batch|results'
    # Genesys has participants too, inside a conversation
    r'|participants(?="\s*:\s*\[\s*\{[^{}]{0,2000}"conversation_sid"))"\s*:\s*\['
)
_TOO_LONG: Final = b"\x00 too long"


def why_not(record: Any) -> str:
    """Return why a record that is no object cannot be used, for the ledger."""
    return record.why if isinstance(record, Damaged) else "is JSON, but no object with fields"


@dataclass(frozen=True, eq=False)
class Batch:
    """Records behind each other.

    Attributes
    ----------
    position : int
        0-based position, in the file, of the first one.
    pieces : list of bytes
        The bytes of each record, where they were cut apart already; else None.
    parsed : list
        The records, where they were parsed already, as those of arrays; else None.
    at : sequence of int
        The line (from 1) or byte (from 0) at which each begins in its file or member.
    unit : str
        ``"line"`` or ``"byte"``.
    member : str
        Name within the ZIP archive, else empty.
    refuse : callable or None
        Where nobody looked yet whether `lines` are records: call it when one of them is none, and take
        nothing of this batch; its records come again, one by one.
    block : bytes or None
        `lines` as they stand in the file, each on a line of its own and nothing between, where that is at hand.
    neat : bool
        Each line of `block` begins as an object does and ends as one does, without blanks, and so does none else:
        then as many objects as there are lines are one on each.
    """

    position: int
    pieces: list[bytes] | None
    parsed: list[Any] | None
    at: Sequence[int]
    unit: str
    member: str
    refuse: Callable[[], None] | None = None
    block: bytes | None = None
    neat: bool = False

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def lines(self) -> list[bytes] | None:
        """The bytes of each record, where they are at hand; else None."""
        if self.pieces is None and self.neat and self.block is not None:
            return self.block.split(b"\n")[:-1]
        return self.pieces

    def as_lines(self) -> bytes | None:
        """Return the records behind each other, as many objects as there are records or none at all; else nothing."""
        if self.neat:
            return self.block
        lines = self.lines
        # between "}" and "{" no object goes on: what parses into as many objects was cut between them
        if lines is None or not all(line[:1] == b"{" and line[-1:] == b"}" for line in lines):
            return None
        return b"\n".join(lines)

    def values(self) -> list[Any]:
        """Return the records; `Damaged` stands for those that cannot be read."""
        if self.parsed is not None:
            return self.parsed
        return [parse(line) for line in self.lines or ()]

    def record(self, i: int) -> Any:
        """Return one record."""
        return self.parsed[i] if self.parsed is not None else parse((self.lines or ())[i])

    def place(self, i: int) -> str:
        """Return where record `i` of the batch begins, for messages."""
        inside = f"{self.member}, " if self.member else ""
        return f"{inside}{self.unit} {self.at[i]:,}"


def parse(line: bytes) -> Any:
    r"""Return a record, or `Damaged`.

    Examples
    --------
    >>> parse(b'{"a": 1}'), parse(b'{"a": ').why
    ({'a': 1}, 'is no JSON: the line is damaged or cut off')
    """
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        if line is _TOO_LONG:
            return _LONG
        said = str(error)
        if "depth" in said or "recursion" in said:
            return _DEEP
        try:
            line.decode()
        except UnicodeDecodeError:
            return _NO_TEXT
        return _NO_JSON


def is_json(file: SourceFile) -> bool:
    """Tell whether the content begins like JSON."""
    head = file.head(256)
    for mark, _ in _MARKS:
        head = head.removeprefix(mark)
    return head.lstrip(_BLANK)[:1] in (b"{", b"[")


def records(file: SourceFile, *, wrapped: Sequence[str] = WRAPPERS) -> Iterator[tuple[int, Any, str]]:
    """Yield position, record and place (``"line 17"``, ``"byte 2,048"``); see `batches`.

    What is no record comes too, as `Damaged` or as the number or text that it is, so that every
    position is accounted for; `why_not` says why.
    """
    for batch in batches(file, wrapped=wrapped):
        inside = f"{batch.member}, {batch.unit} " if batch.member else f"{batch.unit} "
        for i, record in enumerate(batch.values()):
            yield batch.position + i, record, f"{inside}{batch.at[i]:,}"


def batches(file: SourceFile, *, wrapped: Sequence[str] = WRAPPERS, unproven: bool = False) -> Iterator[Batch]:
    """Yield the records of a file in batches of a few MiB.

    Parameters
    ----------
    file : SourceFile
        Plain, gzip, or a ZIP archive of either.
    wrapped : sequence of str
        Keys under which a wrapping object may hold its records.
    unproven : bool, default False
        Give batches of arrays before anybody parsed them, see `Batch.refuse`.

    Raises
    ------
    InputError
        When an array is damaged or cut off, an object wraps two arrays, or the archive is damaged.
    """
    position = 0
    with file.parts() as parts:
        for member, stream in parts:
            where = f"{file.name}, member {member!r}" if member else file.name
            with _utf8(stream, where) as (plain, bom):
                for batch in _one(plain, bom, where, member, position, frozenset(wrapped), unproven):
                    yield batch
                    position = batch.position + len(batch)


@contextmanager
def _utf8(stream: BinaryIO, where: str) -> Iterator[tuple[BinaryIO, int]]:
    """Take off the byte order mark, and read UTF-16 as UTF-8; the mark's length keeps byte offsets true."""
    first = stream.read(4)
    again = cast("BinaryIO", _Chained(first, stream))
    for mark, codec in _MARKS:
        if first.startswith(mark):
            again.read(len(mark))
            if codec:
                yield cast("BinaryIO", _Recoded(again, codec, where)), 0
            else:
                yield again, len(mark)
            return
    yield again, 0


class _Chained(io.RawIOBase):
    """A stream whose first bytes were read already."""

    def __init__(self, first: bytes, stream: BinaryIO) -> None:
        self._first, self._stream = first, stream

    def read(self, size: int = -1) -> bytes:
        if self._first:
            taken, self._first = self._first[:size], self._first[size:]
            return taken
        return self._stream.read(size)


class _Recoded(io.RawIOBase):
    """UTF-16 as UTF-8."""

    def __init__(self, stream: BinaryIO, codec: str, where: str) -> None:
        self._stream, self._decoder, self._where = stream, codecs.getincrementaldecoder(codec)(), where

    def read(self, size: int = -1) -> bytes:
        while True:
            block = self._stream.read(size)
            try:
                text = self._decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                raise InputError(f"{self._where}: says it is UTF-16, and is not: {error.reason}") from None
            if text or not block:
                return text.encode("utf-8", errors="surrogatepass")


def _one(
    stream: BinaryIO, bom: int, where: str, member: str, position: int, wrapped: frozenset[str], unproven: bool
) -> Iterator[Batch]:
    """Yield the records of one stream."""
    first = _first_block(stream)
    blank = len(first) - len(first.lstrip(_BLANK))
    if not _is_lines(first[blank:], wrapped):
        scanner = Scanner(stream, first, blank, bom, where, wrapped, _LONGEST, unproven=unproven)
        for values, at, raw in scanner.batches(parse):
            scanner.refused = False
            yield Batch(position, raw, values, at, "byte", member, scanner.refuse if values is None else None)
            if not scanner.refused:
                position += len(at)
        return
    for lines, at, block in _lines(stream, first):
        yield Batch(position, lines, None, at, "line", member, block=block, neat=lines is None)
        position += len(at)


def _first_block(stream: BinaryIO) -> bytes:
    block = stream.read(_BLOCK)
    while block and not block.strip(_BLANK) and len(block) < _LONGEST:
        more = stream.read(_BLOCK)
        if not more:
            break
        block += more
    if len(block) < 1 << 16:  # a stream may give less than was asked for, and the first line must be whole
        block += stream.read(_BLOCK)
    return block


def _is_lines(start: bytes, wrapped: frozenset[str]) -> bool:
    """Tell JSON lines from all else: arrays, wrapped ones, objects over several lines or behind each other."""
    if not start.startswith(b"{"):
        # lines may begin with anything: a damaged first one is one record, not the whole file
        return not start.startswith(b"[") or _is_short_line(start)
    line, newline, rest = start.partition(b"\n")
    if not newline and len(start) >= _BLOCK:
        return False  # one line, longer than a block: read piece by piece
    value = parse(line.strip(_BLANK))
    if isinstance(value, dict):
        return not _wraps(value, wrapped)
    # a damaged first line is still a line when it looks closed, or when a whole one follows
    following = rest.lstrip(_BLANK).partition(b"\n")[0].strip(_BLANK)
    closed = line.rstrip(_BLANK).endswith(b"}") and b"}{" not in line
    return closed or isinstance(parse(following), dict)


def _is_short_line(start: bytes) -> bool:
    """Tell JSON lines that begin with an empty array from an array."""
    line, _, rest = start.partition(b"\n")
    return line.strip(_BLANK) == b"[]" and rest.lstrip(_BLANK).startswith(b"{")


def _wraps(value: dict[str, Any], wrapped: frozenset[str]) -> bool:
    lists = (value[key] for key in wrapped & value.keys())
    return any(isinstance(rows, list) and (not rows or isinstance(rows[0], dict)) for rows in lists)


def _lines(stream: BinaryIO, first: bytes) -> Iterator[tuple[list[bytes] | None, Sequence[int], bytes | None]]:
    """Yield lines that are not blank, their numbers, and where no line was left out their block.

    Where each line of a block begins and ends as an object does, the block is not cut apart.
    """
    number, carry, block = 1, [first], first
    while block:
        cut = block.rfind(b"\n")
        if cut < 0:
            # a line that goes on: keep its pieces, unless it is longer than any record
            if sum(map(len, carry)) > _LONGEST:
                block = _skip_line(stream)
                yield [_TOO_LONG], [number], None
                number, carry = number + 1, [block]
                continue
        else:
            carry[-1] = block[: cut + 1]
            whole = b"".join(carry)
            carry = [block[cut + 1 :]]
            neat = _neat(whole)
            if neat:
                yield None, range(number, number + neat), whole
                number += neat
            else:
                lines = whole.split(b"\n")[:-1]
                numbers: Sequence[int] = range(number, number + len(lines))
                number += len(lines)
                kept, at = _not_blank(lines, numbers)
                if kept:
                    yield kept, at, whole if len(kept) == len(lines) and b"\x00" not in whole else None
        block = stream.read(_BLOCK)
        carry.append(block)
    kept, at = _not_blank([b"".join(carry)], [number])
    if kept:
        yield kept, at, None


def _neat(whole: bytes) -> int:
    """Return how many lines there are when each begins with a brace and ends with one; else 0."""
    signs = np.frombuffer(whole, dtype=np.uint8)
    ends = np.flatnonzero(signs == 10)
    edged = signs[0] == 0x7B and (signs[ends - 1] == 0x7D).all() and (signs[ends[:-1] + 1] == 0x7B).all()
    return len(ends) if edged and b"\x00" not in whole else 0


def _skip_line(stream: BinaryIO) -> bytes:
    """Read over the rest of a line; return what was read of the next."""
    while block := stream.read(_BLOCK):
        cut = block.find(b"\n")
        if cut >= 0:
            return block[cut + 1 :] or stream.read(_BLOCK)
    return b""


def _not_blank(lines: list[bytes], numbers: Sequence[int]) -> tuple[list[bytes], Sequence[int]]:
    stripped = [line.strip(_BLANK) for line in lines]
    if all(stripped):
        return stripped, numbers
    keep = [i for i, line in enumerate(stripped) if line]
    return [stripped[i] for i in keep], [numbers[i] for i in keep]


def first_keys(text: str) -> set[str]:
    """Return the keys of the first record of an array, of JSON lines, or of ``{"tickets": […]}``."""
    decoder = json.JSONDecoder()
    start = text.lstrip()
    for _ in range(3):
        start = start.lstrip()
        if start.startswith("["):
            start = start[1:].lstrip()
            continue
        wrapped = _WRAPPED.match(start)
        if wrapped:
            start = start[wrapped.end() :]
            continue
        break
    if start.startswith("]"):
        return set()
    try:
        record, _ = decoder.raw_decode(start)
    except (json.JSONDecodeError, RecursionError):
        # a first record longer than what was looked at, or broken: its keys still show
        return set(re.findall(r'"(\w+)"\s*:', start[:20000]))
    return set(record) if isinstance(record, dict) else set()
