"""A file of text as a stream of UTF-8, however long it is and whatever it was written in.

The text is looked through once, block by block, to know its encoding; then it is read again as UTF-8
without a byte order mark and without NUL characters. A short file is kept between the two, a long one
is not.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final, TypeAlias, cast

from cxmining.errors import InputError
from cxmining.ingest.files.opening import UTF8_BEYOND_ASCII, SourceFile, decode, mixed

__all__ = ["Text", "look"]

_Bytes: TypeAlias = bytes  # the dataclass below has a field of that name
_BLOCK: Final = 1 << 20
# What is kept of a file between looking and reading, at most: of a packed one, since unpacking takes time. A plain
# one is still in the system's cache, and to hold it a second time takes longer than to read it again.
_KEPT: Final = 32 << 20
_BOM: Final = b"\xef\xbb\xbf"
_BLANK: Final = " \t\r\n\x0b\x0c\x00\ufeff"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_UNDEFINED: Final = (0x81, 0x8D, 0x8F, 0x90, 0x9D)  # in Windows-1252


@dataclass(frozen=True, eq=False)
class Text:
    """What is known of a file of text after it was looked through.

    Attributes
    ----------
    file : SourceFile
    encoding : str
        As `decode` names it.
    codec, errors : str
        How its bytes become text; ``""`` where they are UTF-8 as they stand.
    start : int
        Length of the byte order mark.
    content : bytes or None
        All of it, where it is short.
    bytes : int
        At most so many are there as UTF-8.
    """

    file: SourceFile
    encoding: str
    codec: str
    errors: str
    start: int
    content: _Bytes | None
    bytes: int

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the text as UTF-8."""
        if self.content is not None:
            yield self._as_utf8(io.BytesIO(self.content))
        else:
            with self.file.open() as stream:
                yield self._as_utf8(stream)

    def head(self, n: int) -> str:
        """Return the first `n` bytes of UTF-8 as text; a character that is cut is left out."""
        with self.open() as stream:
            found = b""
            while len(found) < n and (block := stream.read(n - len(found))):
                found += block
        return codecs.getincrementaldecoder("utf-8")("replace").decode(found)

    def _as_utf8(self, stream: BinaryIO) -> BinaryIO:
        if self.start:
            stream.read(self.start)
        recoded = _Recoded(stream, self.codec, self.errors, self.file.name) if self.codec else stream
        return cast("BinaryIO", _Filled(cast("BinaryIO", recoded)))


class _Filled(io.RawIOBase):
    """A stream in blocks as Arrow wants them.

    It takes a short answer for a whole block, so that it is given as much as it asks for; and it takes the
    line feed that begins a block for the rest of a line's end, so that no block ends between the two.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._held = stream, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        pieces, length = [self._held] if self._held else [], len(self._held)
        while (size < 0 or length < size) and (more := self._stream.read(size if size < 0 else size - length)):
            pieces.append(more)
            length += len(more)
        block = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self._held = b""
        if length == size > 1 and block.endswith(b"\r"):
            self._held = self._stream.read(1)
            if self._held == b"\n":
                block, self._held = block[:-1], b"\r\n"
        return block


class _Recoded(io.RawIOBase):
    """A stream that gives UTF-8 of what is written in another way; it may give less than was asked for."""

    def __init__(self, stream: BinaryIO, codec: str, errors: str, name: str) -> None:
        self._stream, self._name = stream, name
        self._decoder = codecs.getincrementaldecoder(codec)(errors)
        self._left, self._begun = b"", False

    def read(self, size: int = -1) -> bytes:
        while not self._left:
            block = self._stream.read(_BLOCK)
            try:
                text = self._decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:  # the file changed since it was looked through
                raise InputError(f"{self._name}: cannot be read as text: {error.reason}") from None
            if text and not self._begun:
                text, self._begun = text.removeprefix("\ufeff"), True
            self._left = text.replace("\x00", "").encode("utf-8", errors="replace")
            if not block:
                break
        size = len(self._left) if size < 0 else size
        taken, self._left = self._left[:size], self._left[size:]
        return taken


def look(file: SourceFile, encoding: str | None) -> Text:
    """Look a file through: find its encoding, as `decode` does, and refuse one that holds no text.

    Raises
    ------
    InputError
        When it holds no text, or a declared encoding is unknown or does not fit.
    """
    kept: list[bytes] = []
    mark, size = b"", 0
    fits, blank, nul, odd, both = True, True, False, False, False
    codec = _codec(encoding, file.name)
    decoder = codecs.getincrementaldecoder(codec)()
    most = _KEPT if file.packed or file.zipped else _BLOCK
    with file.open() as stream:
        while block := stream.read(_BLOCK):
            if not size:
                mark = block[:3]
                if encoding is None and mark[:2] in _UTF16:
                    codec = "utf-16"
                    decoder = codecs.getincrementaldecoder(codec)()
            size += len(block)
            if size <= most:
                kept.append(block)
            nul = nul or b"\x00" in block
            odd = odd or (not block.isascii() and any(byte in block for byte in _UNDEFINED))
            both = both or (not block.isascii() and UTF8_BEYOND_ASCII.search(block) is not None)
            if fits and (blank or not (codec == "utf-8" and block.isascii() and not decoder.getstate()[0])):
                text = _decoded(decoder, block)
                fits = text is not None
                blank = blank and text is not None and not text.strip(_BLANK)
    fits = fits and _decoded(decoder, b"", final=True) is not None
    content = b"".join(kept) if size <= most else None
    if not fits and (encoding is not None or codec == "utf-16" or mark == _BOM):
        decode(content if content is not None else file.read(), encoding, file.name)  # says at which byte
    if blank:
        raise InputError(f"{file.name}: the export holds no text; export it again or take it out of the study")
    start = len(_BOM) if mark == _BOM and codec == "utf-8" else 0
    if not fits and both:  # put together of files in two encodings
        return Text(file, "cp1252", "utf-8", mixed(), 0, content, 3 * size)
    if not fits:
        return Text(file, "cp1252", "latin-1" if odd else "cp1252", "replace", 0, content, 3 * size)
    found = encoding or (codec if codec != "utf-8" else "utf-8-sig" if start else "utf-8")
    return Text(file, found, "" if codec == "utf-8" and not nul else codec, "strict", start, content, 3 * size)


def _codec(encoding: str | None, name: str) -> str:
    """Return how Python calls an encoding; UTF-8 where none is declared."""
    if encoding is None:
        return "utf-8"
    try:
        codec = codecs.lookup(encoding).name
    except LookupError:
        decode(b"", encoding, name)  # says so
        raise
    return "utf-8" if codec in ("utf-8-sig", "ascii") else codec


def _decoded(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> str | None:
    """Return the text of a block; none where it does not fit."""
    try:
        return decoder.decode(block, final)
    except UnicodeDecodeError:
        return None
