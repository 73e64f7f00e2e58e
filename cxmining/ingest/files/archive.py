"""Archives from outside: gzip streams and ZIP archives of exports, read without being trusted.

Nothing is written to disk, so a member cannot land outside a folder; one that claims such a path is
refused all the same, because no export tool makes it. How far content may unpack is bounded for the
archive as a whole, an archive within a member is opened once (Amplitude delivers a ZIP of ``.gz``)
and never twice.
"""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, cast

from cxmining.errors import InputError

__all__ = ["ZIP", "is_zip", "members", "only_member", "unpacked"]

ZIP: Final = b"PK\x03\x04"
_GZIP: Final = b"\x1f\x8b"
# Exports pack 5 to 50 times; what unpacks to hundreds of times its size was packed to exhaust memory.
_MAX_RATIO: Final = 200
_RATIO_FROM: Final = 256 << 20
_MAX_MEMBERS: Final = 10_000
_BUFFER: Final = 1 << 18


class _Stream(io.RawIOBase):
    """An unpacked stream that counts what comes out and says what is wrong in one sentence."""

    def __init__(self, stream: Any, name: str, kind: str, spend: Callable[[int], None]) -> None:
        self._stream, self._name, self._kind, self._spend = stream, name, kind, spend

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            block: bytes = self._stream.read(len(buffer))
        except EOFError:
            raise InputError(
                f"{self._name}: the {self._kind} archive is cut off; export or copy the file again"
            ) from None
        except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
            raise InputError(
                f"{self._name}: the {self._kind} archive is damaged ({error}); export or copy it again"
            ) from None
        self._spend(len(block))
        buffer[: len(block)] = block
        return len(block)


def _spender(name: str, size: int) -> Callable[[int], None]:
    """Return a function that is told what was unpacked and refuses what no export unpacks to."""
    spent = 0

    def spend(n: int) -> None:
        nonlocal spent
        spent += n
        if spent > max(_RATIO_FROM, _MAX_RATIO * size):
            raise InputError(
                f"{name}: unpacks to more than {_MAX_RATIO} times its size, as no export does; "
                "if it is right, unpack it and name the unpacked file"
            )

    return spend


def unpacked(raw: BinaryIO, name: str, size: int) -> BinaryIO:
    """Return the content of a gzip stream; `size` is that of the archive and bounds what may come out."""
    return _open_gzip(raw, name, _spender(name, size))


def _open_gzip(raw: Any, name: str, spend: Callable[[int], None]) -> BinaryIO:
    stream = io.BufferedReader(_Stream(gzip.GzipFile(fileobj=raw), name, "gzip", spend), _BUFFER)
    if stream.peek(4).startswith((_GZIP, ZIP)):
        raise InputError(f"{name}: is an archive within an archive; unpack it once before reading")
    return cast("BinaryIO", stream)


def is_zip(path: Path) -> bool:
    """Tell a ZIP archive of files from a workbook, which is one too; a damaged one counts as such."""
    try:
        with zipfile.ZipFile(path) as archive:
            return not any(name in archive.NameToInfo for name in ("[Content_Types].xml", "mimetype"))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        with path.open("rb") as stream:
            head = stream.read(1 << 16)
        return head.startswith(ZIP) and b"[Content_Types].xml" not in head and b"xl/" not in head


@contextmanager
def members(path: Path, name: str, size: int, *, one: bool = False) -> Iterator[Iterator[tuple[str, BinaryIO]]]:
    """Open the files of a ZIP archive one after the other, in the order of their names.

    Raises
    ------
    InputError
        When the archive is damaged or empty, has too many members, one with a path that leads out, a
        password, or another archive in it.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise InputError(f"{name}: the ZIP archive is damaged or cut off ({error}); export or copy it again") from None
    with archive:
        listed = _listed(archive, name)
        if one and len(listed) > 1:
            raise InputError(
                f"{name}: is a ZIP archive of {len(listed):,} files, which this format does not put together; "
                "unpack it into the folder of the study"
            )
        yield _each(archive, listed, name, _spender(name, size))


@contextmanager
def only_member(path: Path, name: str, size: int) -> Iterator[BinaryIO]:
    """Open the one file of a ZIP archive, for formats whose files are not put together."""
    with members(path, name, size, one=True) as found:
        yield next(found)[1]


def _listed(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    found = []
    for info in archive.infolist():
        inside = PurePosixPath(info.filename.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts or ":" in inside.parts[0]:
            raise InputError(
                f"{name}: is a ZIP archive whose member {info.filename[:80]!r} leads out of it, as no export's does; "
                "unpack it yourself if you trust it"
            )
        # what a Mac adds to each archive is no part of the export
        if info.is_dir() or inside.parts[:1] == ("__MACOSX",) or inside.name in (".DS_Store", "Thumbs.db"):
            continue
        if info.flag_bits & 1:
            raise InputError(f"{name}: the ZIP archive has a password; unpack it into the folder of the study")
        found.append(info)
    if len(found) > _MAX_MEMBERS:
        raise InputError(f"{name}: the ZIP archive has {len(found):,} files, more than {_MAX_MEMBERS:,}; unpack it")
    if not found:
        raise InputError(f"{name}: the export is empty: the ZIP archive holds no file; export it again")
    return sorted(found, key=lambda info: info.filename)


def _each(
    archive: zipfile.ZipFile, listed: list[zipfile.ZipInfo], name: str, spend: Callable[[int], None]
) -> Iterator[tuple[str, BinaryIO]]:
    for info in listed:
        where = f"{name}, member {info.filename!r}"
        try:
            raw = archive.open(info)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise InputError(f"{where}: the ZIP archive is damaged ({error}); export or copy it again") from None
        with raw:
            plain = io.BufferedReader(_Stream(raw, where, "ZIP", spend), _BUFFER)
            first = plain.peek(4)
            if first.startswith(ZIP):
                raise InputError(f"{where}: is an archive within an archive; unpack it once before reading")
            # what the inner archive holds counts again: a bomb may sit in either
            packed = first.startswith(_GZIP)
            yield info.filename, _open_gzip(plain, where, spend) if packed else cast("BinaryIO", plain)
