"""JSON arrays, JSON lines, and ``{"tickets": […]}``, one record at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import orjson

from cxmining.errors import InputError
from cxmining.ingest._files import SourceFile

__all__ = ["is_json", "records"]

_WRAPPERS: Final = ("tickets", "comments", "users", "results", "data")


def is_json(file: SourceFile) -> bool:
    """Tell whether the content begins like JSON."""
    head = file.head(256).removeprefix(b"\xef\xbb\xbf").lstrip(b"\x00 \t\r\n")
    return head[:1] in (b"{", b"[")


def records(file: SourceFile) -> Iterator[tuple[int, Any, bytes]]:
    """Yield position, record and raw line; a line that is no JSON yields ``None`` as its record.

    Lines are streamed; an array is read as a whole. An object that wraps one array is unwrapped.

    Raises
    ------
    InputError
        When an array is damaged or cut off.
    """
    with file.open() as stream:
        first = stream.readline()
        start = first.removeprefix(b"\xef\xbb\xbf").lstrip()
        while first and not start:
            first = stream.readline()
            start = first.lstrip()
        if start.startswith(b"[") or not _is_line(start):
            yield from _whole(start + stream.read(), file)
            return
        position = 0
        line = start
        while line:
            stripped = line.strip(b"\x00 \t\r\n")
            if stripped:
                try:
                    record = orjson.loads(stripped)
                except orjson.JSONDecodeError:
                    record = None
                yield position, record, stripped
                position += 1
            line = stream.readline()


def _is_line(line: bytes) -> bool:
    """Tell a line of JSON lines from the beginning of one large object."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        # a damaged first line is still a line when it looks closed
        return line.rstrip().endswith(b"}") and line.count(b"{") > 0
    return not (isinstance(value, dict) and _wrapped(value) is not None)


def _wrapped(value: dict[str, Any]) -> list[Any] | None:
    for name in _WRAPPERS:
        if isinstance(value.get(name), list):
            return list(value[name])
    return None


def _whole(content: bytes, file: SourceFile) -> Iterator[tuple[int, Any, bytes]]:
    try:
        value = orjson.loads(content.strip(b"\x00 \t\r\n"))
    except orjson.JSONDecodeError as error:
        raise InputError(
            f"{file.name}: is neither a JSON array nor JSON lines: {error}; the export may be cut off"
        ) from None
    items = _wrapped(value) if isinstance(value, dict) else value
    for position, item in enumerate(items if items is not None else [value]):
        yield position, item, b""
