"""A mailbox cut into its mails, block by block, whatever their number and length.

A line that begins with ``From `` opens a mail where a writer of mailboxes would have put one: after an
empty line, with a date in it or a header of a mail below it, so that a sentence which nobody escaped does
not cut its mail in two. Where the empty line is missing, both are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from cxmining.errors import InputError

__all__ = ["LONGEST", "Chunk", "split"]

LONGEST: Final = 16 << 20
"""Bytes of one mail that are held: text and headers come first, what lies beyond is attachments."""
_BLOCK: Final = 4 << 20
_LINE: Final = 1000  # a From_ line is an address and a date
_LOOK: Final = 2 * _LINE  # what must be seen after "From " to tell
_DATED: Final = re.compile(rb"\b\d{1,2}:\d\d\b.*\b\d{4}\b|\b\d{4}\b.*\b\d{1,2}:\d\d\b")
_FIELD: Final = re.compile(rb"[!-9;-~]{1,200}:|>From |From [^\n]{1,200}:\d\d[^\n]{0,20} \d{4}|[ \t]*\r?\n|[ \t\r]*\Z")
_MAIL_FIELD: Final = re.compile(
    rb"(?:Return-Path|Received(?:-SPF)?|Date|From|To|Cc|Bcc|Subject|Message-ID|MIME-Version|Reply-To|Sender|Errors-To|"
    rb"In-Reply-To|References|Delivered-To|Envelope-To|Delivery-Date|Status|Content-[A-Za-z-]{1,40}|DKIM-Signature|"
    rb"Authentication-Results|ARC-[A-Za-z-]{1,40}|List-[A-Za-z-]{1,40}|X-[!-9;-~]{1,100}|Resent-[A-Za-z-]{1,40}):",
    re.I,
)


class Chunk(NamedTuple):
    """One mail as it lies in its file.

    Attributes
    ----------
    offset, first : int
        Byte (from 0) and line (from 1) of its From_ line.
    line : bytes
        That line.
    raw : bytes
        What lies below it, as far as it is held.
    size : int
        How many bytes lie below it.
    """

    offset: int
    first: int
    line: bytes
    raw: bytes
    size: int


def split(stream: BinaryIO, name: str, block: int = _BLOCK) -> Iterator[Chunk]:
    r"""Cut a mailbox into mails.

    Parameters
    ----------
    stream : file
        Opened for bytes; read `block` bytes at a time.
    name : str
        Of the file, for messages.
    block : int, default 4 MiB
        Changes nothing but the memory it takes.

    Yields
    ------
    Chunk
        The mails in the order of the file; their sizes and From_ lines add up to the file.

    Raises
    ------
    InputError
        When something else stands before the first mail.

    Examples
    --------
    >>> import io
    >>> box = b"From a Wed Jan  1 10:00:00 2025\nTo: b\n\nFrom here on\n\nFrom a Wed Jan  1 11:00:00 2025\nTo: c\n\nx\n"
    >>> [(c.offset, c.raw) for c in split(io.BytesIO(box), "box")]
    [(0, b'To: b\n\nFrom here on\n\n'), (53, b'To: c\n\nx\n')]
    """
    held = _Held(name)
    buffer, at, scanned = (
        b"",
        0,
        0,
    )  # the bytes not yet given away, where they begin in the file, how far they were seen
    old_mac = False
    while True:
        more = stream.read(block)
        if not at and not buffer and more:
            old_mac = b"\n" not in more and b"\r" in more
            skipped = 3 if more.startswith(b"\xef\xbb\xbf") else 0
            if more.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise InputError(f"{name}: is UTF-16 text, which no mailbox is; export the box again as mbox")
            more, at = more[skipped:], skipped
        if old_mac:
            more = more.replace(b"\r", b"\n")
        buffer += more
        end = len(buffer) if not more else max(len(buffer) - _LOOK, 0)
        taken = 0
        for begin, after in _marks(buffer, scanned, end, first=held.empty, last=not more):
            yield from held.close(buffer[taken:begin])
            held.open(at + begin, buffer[begin:after])
            taken = after
        if not more:
            yield from held.close(buffer[taken:], last=True)
            return
        keep = max(taken, end - 4)  # an empty line before a mark must still be seen
        held.add(buffer[taken:keep])
        buffer, at, scanned = buffer[keep:], at + keep, max(end - keep, 0)


class _Held:
    """The mail that is open, as far as it is held."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._offset = -1
        self._line = b""
        self._parts: list[bytes] = []
        self._room, self._size = LONGEST, 0
        self._first, self._seen = 1, 1  # the line on which the mail begins, and the one that comes next
        self.empty = True

    def open(self, offset: int, line: bytes) -> None:
        self._offset, self._line, self._parts, self._room, self._size = offset, line, [], LONGEST, 0
        self._first, self._seen = self._seen, self._seen + 1
        self.empty = False

    def add(self, part: bytes) -> None:
        self._seen += part.count(b"\n")
        if self._offset < 0:
            if part.strip():
                raise InputError(
                    f"{self._name}: is no mbox: it does not begin with a From_ line; "
                    'a single mail is read with format = "eml", a box is exported again as mbox'
                )
            return
        self._size += len(part)
        if part and self._room:
            self._parts.append(part[: self._room])
            self._room -= len(self._parts[-1])

    def close(self, part: bytes, *, last: bool = False) -> Iterator[Chunk]:
        self.add(part)
        if self._offset >= 0:
            yield Chunk(self._offset, self._first, self._line, b"".join(self._parts), self._size)
        elif last:
            raise InputError(f"{self._name}: is no mbox: it does not begin with a From_ line; it holds no mail")


def _marks(buffer: bytes, scanned: int, end: int, *, first: bool, last: bool) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each From_ line that begins between `scanned` and `end`."""
    at = scanned
    while True:
        at = buffer.find(b"From ", at, end + 5)
        if at < 0 or at >= end:
            return
        found = _mark(buffer, at, first=first, last=last)
        if found:
            yield at, found
            first = False
        at = found or at + 5


def _mark(buffer: bytes, at: int, *, first: bool, last: bool) -> int:
    """Return where the From_ line that begins at `at` ends; 0 where it is none."""
    opening = first and not buffer[:at].strip()
    if not opening and buffer[at - 1 : at] != b"\n":
        return 0
    newline = buffer.find(b"\n", at, at + _LINE)
    if newline < 0:
        return len(buffer) if last and len(buffer) - at <= _LINE and _DATED.search(buffer, at) else 0
    line = buffer[at:newline]
    below = buffer[newline + 1 : newline + 1 + _LINE]
    dated, mail = _DATED.search(line), _MAIL_FIELD.match(below)
    alone = opening or buffer[at - 2 : at] == b"\n\n" or buffer[at - 3 : at] == b"\n\r\n"
    if (dated and mail) or (alone and (mail or ((dated or opening) and _FIELD.match(below)))):
        return newline + 1
    return 0
