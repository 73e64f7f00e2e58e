"""Files of a delivery: found safely below the study, hashed, unpacked and decoded.

Everything that can be wrong with a file as a file is said here, once, in one sentence; what can be
wrong with an archive in `archive`.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from cxmining.errors import InputError, nearest
from cxmining.ingest.files import archive

__all__ = ["UTF8_BEYOND_ASCII", "SourceFile", "decode", "find_files", "first_line", "mixed", "open_file"]

_Bytes: TypeAlias = bytes  # the dataclass below has a field of that name
_GZIP: Final = b"\x1f\x8b"
_BLOCK: Final = 1 << 20
UTF8_BEYOND_ASCII: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
"""Which a text in Windows-1252 holds by the rarest accident only."""
_MIXED: Final = "cxmining.mixed"
# A guard for the formats that are read as a whole; streams are bounded by how far they unpack only.
_MAX_WHOLE: Final = 8 << 30


@dataclass(frozen=True)
class SourceFile:
    """One file to read: where it is, what it is called in the study, what it contains.

    Attributes
    ----------
    path : Path
    name : str
        Relative to the study, with ``/``.
    sha256 : str
        Of the bytes as they lie on disk.
    bytes : int
    packed : bool
        Whether the content is gzip, whatever the name says.
    zipped : bool
        Whether it is a ZIP archive of files (an Office workbook is none).
    """

    path: Path
    name: str
    sha256: str
    bytes: int
    packed: bool
    zipped: bool = False

    @property
    def file(self) -> str:
        """The file's id in the ledger."""
        return self.sha256[:12]

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the content, unpacked; a broken archive becomes an `InputError` naming the file.

        Of a ZIP archive the one file in it; one of several files can only be read by `parts`.
        """
        try:
            if self.zipped:
                with archive.only_member(self.path, self.name, self.bytes) as stream:
                    yield stream
                return
            with self.path.open("rb") as raw:
                yield archive.unpacked(raw, self.name, self.bytes) if self.packed else raw
        except OSError as error:
            raise InputError(f"{self.name}: cannot be read: {first_line(error)}") from None

    @contextmanager
    def parts(self) -> Iterator[Iterator[tuple[str, BinaryIO]]]:
        """Open the files that this one is: of a ZIP archive each member in the order of names, else itself.

        Yields
        ------
        iterator of (str, file)
            The member's name, empty where the file is no archive of files, and its content unpacked; each
            is read before the next one is asked for.
        """
        if not self.zipped:
            with self.open() as stream:
                yield iter((("", stream),))
            return
        try:
            with archive.members(self.path, self.name, self.bytes) as found:
                yield found
        except OSError as error:
            raise InputError(f"{self.name}: cannot be read: {first_line(error)}") from None

    def read(self) -> _Bytes:
        """Return the whole content, unpacked."""
        # block by block: asking a file for 8 GiB reserves 8 GiB, however short the file is
        blocks, size = [], 0
        with self.open() as stream:
            while block := stream.read(_BLOCK):
                blocks.append(block)
                size += len(block)
                if size > _MAX_WHOLE:
                    raise InputError(f"{self.name}: unpacks to more than {_MAX_WHOLE >> 30} GiB; split the export")
        return b"".join(blocks)

    def head(self, n: int = 1 << 16) -> _Bytes:
        """Return the first `n` bytes, unpacked; of a ZIP archive those of its first file."""
        with self.parts() as parts:
            return next(parts)[1].read(n)

    def text(self, encoding: str | None = None) -> str:
        """Return the whole content as text, see `decode`."""
        return decode(self.read(), encoding, self.name)[0]


def first_line(error: object) -> str:
    """Return what a library said went wrong, in one line and without the bytes of the file that it quotes."""
    said = (getattr(error, "strerror", None) or str(error) or type(error).__name__).splitlines()[0]
    return "".join(c if c.isprintable() else "?" for c in said)


def find_files(root: Path, pattern: str, source: str) -> list[SourceFile]:
    """Find the files of a source.

    Parameters
    ----------
    root : Path
        Folder of the study; nothing outside is read, not through a link either.
    pattern : str
        A relative path, possibly with ``*`` and ``**``; or the folder of a Maildir.
    source : str
        Name of the source, for messages.

    Returns
    -------
    list of SourceFile
        Ordered by content, so that renaming changes nothing.

    Raises
    ------
    InputError
        When there is no such file, it is a folder, empty, unreadable, or a link that leads outside.
    """
    where = f"source {source!r}"
    if any(c in pattern for c in "*?["):
        matched = sorted(root.glob(pattern))
        paths = [p for p in matched if not p.is_dir()]
        called = [p for p in matched if p.is_dir() and p.suffix and "." in Path(pattern).name]
        folder = next((p for p in called if any(p.iterdir())), None)
        if folder is not None:  # it is called like a file, and what is in it would be left out without a word
            name = folder.relative_to(root).as_posix()
            raise InputError(f"{where}: {name!r} is a folder, not a file; the pattern {name + '/*'!r} reads its files")
        if not paths:
            raise InputError(f"{where}: no file matches {pattern!r} below the folder of the study")
    else:
        paths = _letters(root / pattern) or [root / pattern]
        if paths[0].is_dir():
            raise InputError(
                f"{where}: {pattern!r} is a folder, not a file; a pattern such as {pattern + '/*'!r} reads its files"
            )
        if paths[0].is_symlink() and not paths[0].exists():
            raise InputError(f"{where}: {pattern!r} is a link that leads nowhere; copy the file there instead")
        if not paths[0].exists():
            raise InputError(f"{where}: there is no file {pattern!r}; {_neighbours(paths[0])}")
    files = [open_file(p, p.relative_to(root).as_posix(), root) for p in paths]
    return sorted(files, key=lambda f: (f.sha256, f.name))


def _letters(path: Path) -> list[Path]:
    """Return the mails of a Maildir and of its folders; none where `path` is no Maildir."""
    if not path.is_dir() or not any((path / name).is_dir() for name in ("cur", "new")):
        return []
    return [p for name in ("cur", "new") for p in sorted(path.rglob(f"{name}/*")) if not p.is_dir()]


def open_file(path: Path, name: str, root: Path | None = None) -> SourceFile:
    """Hash one file and look whether it is packed; see `find_files` for what is refused."""
    if path.is_symlink() and not path.exists():  # before resolving, which a loop of links never ends
        raise InputError(f"{name}: is a link that leads nowhere; copy the file there instead")
    real = path.resolve()
    if root is not None and not real.is_relative_to(root.resolve()):
        raise InputError(f"{name}: is a link that leads out of the folder of the study; copy the file there instead")
    if real.is_dir():
        raise InputError(f"{name}: is a folder, not a file")
    if not real.exists():
        raise InputError(f"there is no file {name!r}; {_neighbours(path)}")
    if not real.is_file():
        raise InputError(f"{name}: is not a regular file")
    digest, size, first = hashlib.sha256(), 0, b""
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                first = first or block[:2]
                digest.update(block)
                size += len(block)
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {first_line(error)}") from None
    if not size:
        raise InputError(f"{name}: the export is empty (0 bytes); export it again or take it out of the study")
    zipped = first == archive.ZIP[:2] and archive.is_zip(path)
    return SourceFile(path, name, digest.hexdigest(), size, first == _GZIP, zipped)


def _neighbours(path: Path) -> str:
    if not path.parent.is_dir():
        return f"there is no folder {path.parent.name!r} either"
    return nearest(path.name, sorted(p.name for p in path.parent.iterdir() if p.is_file() and p.suffix != ".key"))


def decode(raw: bytes, encoding: str | None, name: str) -> tuple[str, str]:
    r"""Turn bytes into text.

    A declared encoding must fit. Without one: a byte order mark, else UTF-8, else what
    charset-normalizer finds, else Windows-1252 (which holds every byte that Latin-1 does); of a file
    that was put together of both, each character as what it is.

    Returns
    -------
    text, encoding : str
        Without a byte order mark and without NUL characters.

    Raises
    ------
    InputError
        When the declared encoding is unknown or does not fit.

    Examples
    --------
    >>> decode(b"caf\xe9", None, "x.csv")
    ('café', 'cp1252')
    """
    if encoding is not None:
        try:
            text = raw.decode(encoding)
        except LookupError:
            raise InputError(f"{name}: unknown encoding {encoding!r}; for example utf-8, cp1252, latin-1") from None
        except UnicodeDecodeError as error:
            raise InputError(
                f"{name}: byte {error.start} is not {encoding}; leave `encoding` out to have it found"
            ) from None
        return text.removeprefix("\ufeff").replace("\x00", ""), encoding
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            try:
                return raw.decode(codec).replace("\x00", ""), codec
            except UnicodeDecodeError as error:
                raise InputError(f"{name}: says it is {codec}, but byte {error.start} is not") from None
    try:
        return raw.decode("utf-8").replace("\x00", ""), "utf-8"
    except UnicodeDecodeError:
        pass
    if UTF8_BEYOND_ASCII.search(raw):
        return raw.decode("utf-8", errors=mixed()).replace("\x00", ""), "cp1252"
    return _guess(raw).replace("\x00", ""), "cp1252"


def mixed() -> str:
    """Return the name of what reads bytes that are not UTF-8 as Windows-1252, in a file put together of both."""
    codecs.register_error(_MIXED, _as_windows)
    return _MIXED


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _guess(error.object[error.start : error.end]), error.end


def _guess(raw: bytes) -> str:
    # Western exports that are no UTF-8 are Windows-1252 nearly always, and guessing among thirty
    # look-alike code pages does more harm; the five bytes it lacks are taken from Latin-1.
    return raw.decode("cp1252", errors="replace") if not _undefined(raw) else raw.decode("latin-1")


def _undefined(raw: bytes) -> bool:
    return any(bytes([b]) in raw for b in (0x81, 0x8D, 0x8F, 0x90, 0x9D))


def as_stream(text: str) -> io.BytesIO:
    """Return `text` as UTF-8 bytes to read from."""
    return io.BytesIO(text.encode("utf-8", errors="replace"))
