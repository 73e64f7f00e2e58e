"""Workbooks (.xlsx, .xls, .xlsb, .ods) as tables of text, through calamine.

A cell means what the workbook shows: ``123.0`` is the id ``123``, a date is a date by the workbook's own epoch
(1900 or 1904). What a workbook has spoilt before anybody read it is said instead of handed on: a number beyond
2^53 lost its last digits (an EAN, an account of 18 digits), a cell of a formula that failed holds no value.

Failed formulas are found in .xlsx only; the other kinds hand them on as empty cells.
"""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.errors import InputError, StudyError, nearest
from cxmining.ingest.files.csv_rows import RawTable, unique_names
from cxmining.ingest.files.opening import SourceFile

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

__all__ = ["OLD_WORKBOOK", "is_old_workbook", "is_workbook", "load_workbook", "read_excel", "sheet_names"]

OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
"""How .xls begins, and .msg, .doc and everything else of its time."""
_LARGEST: Final = 512 << 20  # a full sheet of a million rows
_RATIO: Final = 100
_EXACT: Final = 2**53
_FAILED: Final = re.compile(rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})(\d{1,7})"')
_COVERED: Final = 3  # so many names in a row are a header, whatever stands above them


@dataclass(frozen=True)
class _Chosen:
    sheet: CalamineSheet
    name: str
    notes: tuple[str, ...]


def is_old_workbook(content: bytes) -> bool:
    """Tell a workbook (.xls, or .xlsx with a password) from what else lies in an OLE container, by its streams."""
    return any(name.encode("utf-16-le") in content for name in ("Workbook\0", "Book\0", "EncryptedPackage\0"))


def is_workbook(file: SourceFile) -> bool:
    """Tell a workbook from text."""
    return file.head(len(OLD_WORKBOOK)) in (b"PK\x03\x04", OLD_WORKBOOK)


def load_workbook(file: SourceFile, content: bytes) -> CalamineWorkbook:
    """Open a workbook that somebody else made.

    Raises
    ------
    InputError
        When it is none, has a password, or unpacks to more than a workbook does.
    """
    from python_calamine import CalamineError, PasswordError
    from python_calamine import load_workbook as load

    if content.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                unpacked = sum(member.file_size for member in archive.infolist())
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise InputError(f"{file.name}: is no Excel workbook: {error}") from None
        if unpacked > max(_LARGEST, _RATIO * file.bytes):
            raise InputError(
                f"{file.name}: unpacks to {unpacked >> 20:,} MiB, as no workbook does; export the sheet as CSV"
            )
    try:
        return load(io.BytesIO(content))
    except PasswordError:
        raise InputError(f"{file.name}: is a workbook with a password; save it without one") from None
    except (CalamineError, OSError, ValueError) as error:
        if b"[Content_Types].xml" in content[:4096]:
            raise InputError(f"{file.name}: is an Excel workbook without a sheet; export it again") from None
        if "EncryptedPackage\0".encode("utf-16-le") in content:
            raise InputError(f"{file.name}: is a workbook with a password; save it without one") from None
        raise InputError(
            f"{file.name}: is no Excel workbook that can be read ({error}); if it has a password, save it without one"
        ) from None


def sheet_names(book: CalamineWorkbook) -> list[str]:
    """Return the names of the sheets that are shown, in their order."""
    from python_calamine import SheetVisibleEnum

    return [str(m.name) for m in book.sheets_metadata if m.visible == SheetVisibleEnum.Visible]


def read_excel(
    file: SourceFile, options: Mapping[str, Any] | None = None, *, rows: int | None = None, repeated: bool = False
) -> RawTable:
    """Read one sheet of a workbook as text.

    Parameters
    ----------
    file : SourceFile
    options : mapping, optional
        ``sheet``: name, default the first that is shown; ``header``: row of the sheet that holds the names of the
        columns, counted from 1, default the first that is not empty.
    rows : int, optional
        Read no more than so many.
    repeated : bool, default False
        Whether two columns may bear one name: the second is then called ``name (2)``.

    Returns
    -------
    RawTable
        With what was not read in `notes` and spoilt cells in `cells`.

    Raises
    ------
    StudyError
        When there is no such sheet or row.
    InputError
        When it is no workbook, is empty, or a title stands where the names should.
    """
    options = options or {}
    content = file.read()
    book = load_workbook(file, content)
    try:
        chosen = _choose(book, options.get("sheet"), file)
        first = _first_row(options.get("header"), chosen.sheet, file)
        grid = chosen.sheet.to_python(nrows=None if rows is None else first + 1 + rows)
        merged = chosen.sheet.merged_cell_ranges or []
    except (InputError, StudyError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever a library meets in a sheet that somebody else made
        raise InputError(f"{file.name}: the sheet cannot be read: {error}") from None
    finally:
        book.close()
    start = chosen.sheet.start or (0, 0)
    _no_title(grid, first, start, merged, "header" in options, file)
    given = [_text(v) or "" for v in grid[first]]
    names = unique_names(_numbered(given) if repeated else given, file.name)
    body = grid[first + 1 :]
    while body and all(v == "" for v in body[-1]):
        body.pop()
    cells = [*_rounded(body, names), *_failed(content, chosen.name, start, first, names, len(body))]
    frame = pd.DataFrame([[_text(v) for v in row] for row in body], columns=pd.Index(names), dtype="str")
    for position, column, _ in cells:
        frame.iat[position, names.index(column)] = None
    return RawTable(frame, {}, notes=chosen.notes, cells=tuple(cells))


def _choose(book: CalamineWorkbook, wanted: Any, file: SourceFile) -> _Chosen:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    tables = [m for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
    names = [str(m.name) for m in tables]
    if not names:
        raise InputError(f"{file.name}: is an Excel workbook without a sheet; export it again")
    shown = [str(m.name) for m in tables if m.visible == SheetVisibleEnum.Visible]
    if wanted is not None and wanted not in names:
        raise StudyError(f"{file.name}: no sheet {str(wanted)!r}; {nearest(str(wanted), names)}")
    name = str(wanted) if wanted is not None else (shown or names)[0]
    full = [n for n in names if n != name and book.get_sheet_by_name(n).start is not None]
    notes = []
    if full and wanted is None:
        also = ", ".join(repr(n) if n in shown else f"{n!r} (hidden)" for n in full)
        notes.append(f'{file.name}: the sheet {name!r} was read; not read: {also}. options.sheet = "…" reads another')
    if name not in shown:
        notes.append(f"{file.name}: the sheet {name!r} that was read is hidden in the workbook")
    sheet = book.get_sheet_by_name(name)
    if sheet.start is None:
        raise InputError(f"{file.name}: the sheet is empty: {name!r}" + (f"; there is {also}" if notes else ""))
    return _Chosen(sheet, name, tuple(notes))


def _first_row(wanted: Any, sheet: CalamineSheet, file: SourceFile) -> int:
    """Return where the names stand within the sheet's used area."""
    if wanted is None:
        return 0
    start = sheet.start or (0, 0)
    if isinstance(wanted, bool) or not isinstance(wanted, int) or not start[0] < wanted <= start[0] + sheet.height:
        raise StudyError(
            f"{file.name}: options.header = {wanted!r} is no row of the sheet; "
            f"expected one from {start[0] + 1} to {start[0] + sheet.height}"
        )
    return wanted - 1 - start[0]


def _no_title(
    grid: Sequence[Sequence[Any]],
    first: int,
    start: tuple[int, int],
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]],
    said: bool,
    file: SourceFile,
) -> None:
    """Refuse a title, or names that span several columns, where the names of the columns should be."""
    row = start[0] + first
    spans = [f"{_letters(a[1])}{row + 1}:{_letters(b[1])}{row + 1}" for a, b in merged if a[0] == row and b[1] > a[1]]
    named = sum(v != "" for v in grid[first])
    below = [
        row + 1 + i for i, r in enumerate(grid[first + 1 : first + 11], start=1) if sum(v != "" for v in r) >= _COVERED
    ]
    if spans:
        raise InputError(
            f"{file.name}: row {row + 1} merges the cells {', '.join(spans[:3])}, so that columns have no name of their own; "
            "unmerge them, or say which row holds the names: options.header = " + str(below[0] if below else row + 2)
        )
    if not said and named == 1 and below:
        raise InputError(
            f"{file.name}: row {row + 1} holds one cell, which is a title and no name of a column; "
            f"say which row holds the names: options.header = {below[0]}"
        )


def _text(value: Any) -> str | None:
    if value == "":
        return None
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        # a workbook has one kind of number: 1001 is stored as 1001.0
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.timedelta):
        return f"{value.total_seconds():g}"
    return value.isoformat(sep=" ") if isinstance(value, dt.datetime) else str(value)


def _numbered(names: Sequence[str]) -> list[str]:
    return [n if n not in names[:i] or not n else f"{n} ({names[:i].count(n) + 1})" for i, n in enumerate(names)]


def _rounded(body: Sequence[Sequence[Any]], names: Sequence[str]) -> list[tuple[int, str, str]]:
    return [
        (i, names[j], "is a number beyond 2^53, whose last digits the workbook lost; store the column as text")
        for i, row in enumerate(body) for j, v in enumerate(row)
        if isinstance(v, int | float) and not isinstance(v, bool) and abs(v) > _EXACT
    ]  # fmt: skip


def _failed(
    content: bytes, sheet: str, start: tuple[int, int], first: int, names: Sequence[str], n: int
) -> list[tuple[int, str, str]]:
    """Find the cells whose formula failed: calamine hands them on as empty ones."""
    if not content.startswith(b"PK"):
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "xl/workbook.xml" not in archive.NameToInfo:
                return []
            book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
            links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
            member = _member(book, links, sheet)
            cells = _FAILED.findall(archive.read(member)) if member in archive.NameToInfo else []
    except (zipfile.BadZipFile, KeyError, ValueError):
        return []
    found = []
    for letters, row in cells:
        i, j = int(row) - 1 - start[0] - first - 1, _number(letters) - start[1]
        if 0 <= i < n and 0 <= j < len(names):
            found.append((i, names[j], "holds a formula that failed"))
    return found


def _member(book: str, links: str, sheet: str) -> str:
    """Return the file of a sheet inside an .xlsx: ``<sheet name= r:id=>`` in one file, its target in another."""
    for attributes in re.findall(r"<(?:\w+:)?sheet\b([^>]*)>", book):
        name = re.search(r'\bname="([^"]*)"', attributes)
        link = re.search(r'\b\w+:id="([^"]*)"', attributes)
        if name is None or link is None or html.unescape(name.group(1)) != sheet:
            continue
        for relation in re.findall(r"<(?:\w+:)?Relationship\b([^>]*)>", links):
            if re.search(rf'\bId="{re.escape(link.group(1))}"', relation):
                target = re.search(r'\bTarget="([^"]*)"', relation)
                found = target.group(1) if target else ""
                return found.lstrip("/") if found.startswith("/") else f"xl/{found}"
    return ""


def _number(letters: bytes) -> int:
    n = 0
    for letter in letters:
        n = n * 26 + letter - 64
    return n - 1


def _letters(column: int) -> str:
    out = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        out = chr(65 + rest) + out
    return out
