"""A scanner for JSON that is no lines: it finds where each record of an array ends.

The ends of values are found by their brackets; it hands the bytes between to orjson, so that memory
holds a block and one record. Where records begin alike, as exported ones do, a whole block is handed
over at once; that it parses as the inside of an array proves that it was cut between two records.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, Final, TypeAlias

import orjson

from cxmining.errors import InputError

__all__ = ["Scanner"]

_BLOCK: Final = 4 << 20
# Possessive throughout: a text that does not end is read once, not once per character.
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]"]', re.S)
_SPACE: Final = re.compile(rb"[\x00 \t\r\n]*+")
_BETWEEN: Final = re.compile(rb"[\x00 \t\r\n,]*+")
_COLON: Final = re.compile(rb"[ \t\r\n]*+:?[ \t\r\n]*+")
_SCALAR: Final = re.compile(rb"[^,\]}\s]*+")
# How a record begins, up to the colon of its first key.
_BEGIN: Final = re.compile(rb'\{\s*+"[^"\\]{1,200}"\s*+:')
_TOGETHER: Final = 1000

Found: TypeAlias = tuple[list[Any] | None, Sequence[int], list[bytes]]
"""Records, the byte at which each begins, and their bytes; where the reader proves the cuts itself, bytes only."""


class Scanner:
    """Reads the values of a stream one after the other; arrays and wrapped arrays record by record.

    Parameters
    ----------
    stream : file
    first : bytes
        What was read of it already.
    at : int
        Where in `first` the first value begins.
    base : int
        Offset of `first` in the file.
    where : str
        File, for messages.
    wrapped : frozenset of str
        Keys that hold the records of a wrapping object.
    longest : int
        A value longer than this is refused.
    unproven : bool, default False
        Give the bytes of a whole block without parsing them. Each that is an object by itself proves the cut
        before it, and who parses them will know; else `refuse` brings the records again one by one.
    """

    def __init__(
        self,
        stream: BinaryIO,
        first: bytes,
        at: int,
        base: int,
        where: str,
        wrapped: frozenset[str],
        longest: int,
        *,
        unproven: bool = False,
    ) -> None:
        self._stream, self._buffer, self._at, self._base = stream, first, at, base
        self._where, self._wrapped, self._longest = where, wrapped, longest
        self._unproven, self.refused = unproven, False

    def refuse(self) -> None:
        """Say that a block just given was not cut between records, or holds a damaged one: it comes again, exactly."""
        self.refused = True

    def batches(self, parse: Callable[[bytes], Any]) -> Iterator[Found]:
        """Yield lists of records, the byte at which each begins, and their bytes."""
        self._parse = parse
        loose, places, raw = _fresh()
        while (byte := self._peek()) != b"":
            if byte == b"," or len(loose) >= _TOGETHER:  # objects behind each other may have commas between
                self._at += byte == b","
                if len(loose) >= _TOGETHER:
                    yield loose, places, raw
                    loose, places, raw = _fresh()
                continue
            if byte == b"[":
                yield from self._array()
            elif byte == b"{" and (key := self._find_wrapped()) is not None:
                yield from self._array()
                self._rest_of_object(key)
            else:
                places.append(self._base + self._at)
                raw.append(self._value())
                loose.append(self._parse(raw[-1]))
        if loose:
            yield loose, places, raw

    def _more(self) -> bool:
        """Read on; what lies before the place we are at is let go."""
        block = self._stream.read(_BLOCK)
        self._base += self._at
        self._buffer = self._buffer[self._at :] + block
        self._at = 0
        return bool(block)

    def _byte(self, ahead: int, skipped: re.Pattern[bytes]) -> tuple[bytes, int]:
        """Return the next byte that is not skipped, and how far ahead it is; at the end an empty one."""
        while True:
            found = skipped.match(self._buffer, self._at + ahead)
            ahead = found.end() - self._at if found else ahead
            if self._at + ahead < len(self._buffer):
                return self._buffer[self._at + ahead : self._at + ahead + 1], ahead
            if not self._more():
                return b"", ahead

    def _peek(self) -> bytes:
        byte, ahead = self._byte(0, _SPACE)
        self._at += ahead
        return byte

    def _cut_off(self) -> InputError:
        return InputError(
            f"{self._where}: the JSON is cut off or damaged: what begins at byte {self._base + self._at:,} is never "
            "closed; export or copy the file again"
        )

    def _value(self) -> bytes:
        """Return the bytes of the value we are at, and go behind it."""
        length = self._length(0)
        value = self._buffer[self._at : self._at + length]
        self._at += length
        return value

    def _length(self, ahead: int) -> int:
        """Return the length of the value so far ahead; the place we are at stays in the buffer."""
        if self._buffer[self._at + ahead : self._at + ahead + 1] in (b"{", b"[", b'"'):
            return self._nested(ahead)
        while True:
            found = _SCALAR.match(self._buffer, self._at + ahead)
            end = found.end() - self._at if found else ahead
            if self._at + end < len(self._buffer) or end - ahead > self._longest or not self._more():
                return max(end - ahead, 1)

    def _nested(self, ahead: int) -> int:
        depth, scanned = 0, ahead
        while True:
            for token in _TOKEN.finditer(self._buffer, self._at + scanned):
                mark = self._buffer[token.start()]
                if mark == 0x22:
                    if token.end() - token.start() == 1:  # a text that goes on behind the buffer
                        scanned = token.start() - self._at
                        break
                elif mark in b"{[":
                    depth += 1
                else:
                    depth -= 1
                if depth <= 0:
                    return token.end() - self._at - ahead
            else:
                scanned = len(self._buffer) - self._at
            if len(self._buffer) - self._at > self._longest:
                raise InputError(
                    f"{self._where}: the record that begins at byte {self._base + self._at:,} is longer than "
                    f"{self._longest >> 20} MiB, as no record is"
                )
            if not self._more():
                raise self._cut_off()

    def _find_wrapped(self) -> str | None:
        """Go to the array that the object we are at wraps; stay where we are when it wraps none."""
        ahead = 1
        while True:
            byte, ahead = self._byte(ahead, _BETWEEN)
            if byte != b'"':
                return None
            length = self._nested(ahead)
            key = self._buffer[self._at + ahead + 1 : self._at + ahead + length - 1].decode("utf-8", "replace")
            byte, ahead = self._byte(ahead + length, _COLON)
            if key in self._wrapped and byte == b"[" and self._byte(ahead + 1, _SPACE)[0] in (b"{", b"]"):
                self._at += ahead
                return key
            if byte == b"":
                return None
            ahead += self._length(ahead)

    def _rest_of_object(self, key: str) -> None:
        """Go behind the object whose array was read; a second array of records is refused, not dropped."""
        while True:
            byte, ahead = self._byte(0, _BETWEEN)
            self._at += ahead
            if byte == b"":
                raise self._cut_off()
            if byte == b"}":
                self._at += 1
                return
            name = self._value()[1:-1].decode("utf-8", "replace")
            byte, ahead = self._byte(0, _COLON)
            self._at += ahead
            if name in self._wrapped and byte == b"[" and self._byte(1, _SPACE)[0] == b"{":
                raise InputError(
                    f"{self._where}: holds both {key!r} and, at byte {self._base + self._at:,}, {name!r}; export them apart"
                )
            self._value()

    def _array(self) -> Iterator[Found]:
        """Yield the records of the array we are at, and go behind it."""
        self._at += 1
        glue = None
        exact_until = -1
        values, places, raw = _fresh()
        while (byte := self._peek()) != b"]":
            if byte == b"":
                raise self._cut_off()
            if byte == b",":
                self._at += 1
                continue
            if byte == b"{" and glue is not None and self._base + self._at >= exact_until:
                if values:
                    yield values, places, raw
                    values, places, raw = _fresh()
                cut = self._last(glue)
                if cut >= 0:
                    at, self.refused = self._at, False
                    found = self._block(glue, cut)
                    if found is not None:
                        yield found
                        if not self.refused:
                            continue
                        self._at = at
                    exact_until = self._base + cut
                else:
                    exact_until = self._base + len(self._buffer)
            places.append(self._base + self._at)
            raw.append(self._value())
            values.append(self._parse(raw[-1]))
            if len(values) == 1 and glue is None:
                glue = self._glue()
            if len(values) >= _TOGETHER:
                yield values, places, raw
                values, places, raw = _fresh()
        self._at += 1
        if values:
            yield values, places, raw

    def _glue(self) -> bytes | None:
        """Return what stands between two records and begins the second, when we are behind the first."""
        if self._buffer[self._at - 1 : self._at] != b"}":
            return None
        byte, ahead = self._byte(0, _BETWEEN)
        while byte == b"{" and len(self._buffer) - self._at - ahead < 4096 and self._more():
            pass
        begin = _BEGIN.match(self._buffer, self._at + ahead)
        return b"}" + self._buffer[self._at : begin.end()] if begin is not None else None

    def _last(self, glue: bytes) -> int:
        """Return where, in the buffer, the last but one record ends; -1 when the next one is the last."""
        while True:
            cut = self._buffer.rfind(glue, self._at)
            if cut >= 0 or len(self._buffer) - self._at > self._longest or not self._more():
                return cut

    def _block(self, glue: bytes, cut: int) -> Found | None:
        """Return the records up to `cut` when all of them can be read."""
        piece = self._buffer[self._at : cut + 1]
        begin = glue.index(b"{")
        starts, at = [0], piece.find(glue)
        while at >= 0:  # a pattern of one fixed text looks for it more slowly than this
            starts.append(at + begin)
            at = piece.find(glue, at + len(glue))
        values: list[Any] | None = None
        if not self._unproven:
            try:
                values = orjson.loads(b"[" + piece + b"]")
            except orjson.JSONDecodeError:
                return None
            if len(starts) != len(values):
                return None  # not all begin alike: where each does is found one by one
        base = self._base + self._at
        self._at = cut + 1
        ends = [start - begin + 1 for start in starts[1:]]
        raw = [piece[a:b] for a, b in zip(starts, [*ends, len(piece)], strict=True)]
        return values, [base + start for start in starts], raw


def _fresh() -> tuple[list[Any], list[int], list[bytes]]:
    return [], [], []
