"""Delimited text as it stands: every value is text, every record has its position."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from cxmining.errors import InputError
from cxmining.ingest.files.arrow import text_of
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.files.recode import Text, look

__all__ = ["RawTable", "find_delimiter", "read_csv", "unique_names"]

_LOOK: Final = 1 << 17  # as much as the csv module takes for one field: less cannot be too long
_BLOCK: Final = 1 << 20  # small enough that what is made of one block takes the place of the one before
_LARGEST: Final = (1 << 31) - 1
_CELLS: Final = 1 << 21  # as much as a look at a file takes
_FEW: Final = 50
_CODED: Final = pa.dictionary(pa.int32(), pa.string())
_CLOCK: Final = pa.timestamp("us")


@dataclass(frozen=True)
class RawTable:
    """A file as a table of text (Parquet keeps its types), with what could not be laid out.

    Attributes
    ----------
    frame : DataFrame
        One row per record, in the order of the file; a rejected record is a row of missing values.
    broken : dict of int to str
        0-based position of records that have no row of their own → why.
    notes : tuple of str
        What a reader of any result must know of the file, such as sheets that were not read.
    cells : tuple of (int, str, str)
        Cells that came in spoilt: position, column, why.
    names : tuple of str
        All columns of the file, those that were not asked for among them; empty where all were.
    """

    frame: pd.DataFrame
    broken: dict[int, str]
    delimiter: str = ","
    encoding: str = "utf-8"
    notes: tuple[str, ...] = ()
    cells: tuple[tuple[int, str, str], ...] = ()
    names: tuple[str, ...] = ()


def read_csv(
    file: SourceFile | Text,
    encoding: str | None,
    delimiter: str | None,
    *,
    header: bool = True,
    skip: int = 0,
    only: Collection[str] | None = None,
    rows: np.ndarray[Any, Any] | None = None,
    limit: int | None = None,
    coded: Collection[str] = (),
    moments: Collection[str] = (),
) -> RawTable:
    """Read delimited text; every value stays text, records of the wrong length are set aside.

    The file is read block by block; what is kept of it are the columns (and rows) asked for.

    Parameters
    ----------
    file : SourceFile or Text
        Text where it was looked through already.
    encoding, delimiter : str, optional
        Found where they are not given.
    header : bool, default True
    skip : int, default 0
        Records below the header that are none.
    only : collection of str, optional
        The columns to keep; by default all. Names that the file does not have are passed over.
    rows : ndarray of int, optional
        The records to keep, as positions in ascending order; by default all.
    limit : int, optional
        For a look at a file: its first records, at most so many, and fewer where thousands of columns make them long.
    coded : collection of str
        Columns of few different texts, which come as categories: each text is held once.
    moments : collection of str
        Columns that come as ``datetime64[us]`` where each of their values is a clock in ISO 8601 without a zone, or
        nothing; as text where any of them holds anything else.

    Raises
    ------
    InputError
        When two delimiters fit equally well, when there is a header and nothing below it, or two
        columns bear one name.
    """
    text = file if isinstance(file, Text) else look(file, encoding)
    head = text.head(2 * _LOOK)
    delimiter = delimiter or find_delimiter(head, text.file.name)
    largest = min(text.bytes + 1, _LARGEST)
    size = min(_BLOCK if limit is None else _LOOK, largest)
    while True:
        try:
            types = {**dict.fromkeys(coded, _CODED), **dict.fromkeys(moments, _CLOCK)}
            return _read(text, head, delimiter, header, skip, only, rows, limit, types, size, size < largest)
        except _NoClockError:
            moments = ()
        except _TooLongError:
            size = min(size * 8, largest)  # a record longer than a block


# What Arrow says when a record, or the names, do not end within a block
_CUT_OFF: Final = ("straddling", "Empty CSV file or block")


class _TooLongError(Exception):
    """A record is longer than a block."""


class _NoClockError(Exception):
    """A column that was thought to hold moments holds something else."""


def _read(
    text: Text,
    head: str,
    delimiter: str,
    header: bool,
    skip: int,
    only: Collection[str] | None,
    rows: np.ndarray[Any, Any] | None,
    limit: int | None,
    types: Mapping[str, Any],
    size: int,
    again: bool,
) -> RawTable:
    import pyarrow.csv as pc

    name = text.file.name
    broken: dict[int, str] = {}
    words: dict[tuple[int, int], str] = {}

    def set_aside(row: Any) -> str:
        width = row.actual_columns, row.expected_columns
        # one sentence per kind of damage: a file may be damaged in every line
        broken[row.number - 1 - int(header) - skip] = words.setdefault(
            width, f"has {width[0]} fields, expected {width[1]}"
        )
        return "skip"

    parse = pc.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=set_aside)
    read = pc.ReadOptions(
        use_threads=False, block_size=size, autogenerate_column_names=not header, skip_rows_after_names=skip
    )
    try:
        given = _names(text, size, skip, parse) if header else [f"f{i}" for i in range(_width(head, delimiter))]
        broken.clear()
        names = unique_names(given, name) if header else given
        wanted = [i for i, c in enumerate(names) if only is None or c in only]
        twice = len(set(given)) < len(given)  # columns without a name: they can only be told by their place
        some = [given[i] for i in wanted] or given[:1]  # no column at all would stand for all of them
        convert = pc.ConvertOptions(
            column_types={c: types.get(c, pa.large_string()) for c in (given if twice else some)},
            strings_can_be_null=False,
            null_values=[""],
            timestamp_parsers=[pc.ISO8601],
            include_columns=None if twice else some,
        )  # fmt: skip
        enough = None if limit is None else max(_FEW, min(limit, _CELLS // max(1, len(wanted))))
        with text.open() as stream:
            blocks = pc.open_csv(stream, read_options=read, parse_options=parse, convert_options=convert)
            kept, n = _keep(blocks, wanted if twice else list(range(len(wanted))), rows, broken, enough)
    except pa.ArrowInvalid as error:
        if again and any(said in str(error) for said in _CUT_OFF):
            raise _TooLongError from None
        if _CLOCK in types.values() and "CSV conversion error to timestamp" in str(error):
            raise _NoClockError from None
        raise InputError(f"{name}: is no table delimited by {delimiter!r}: {str(error).splitlines()[0]}") from None
    frame = pd.DataFrame(
        {names[i]: column for i, column in zip(wanted, kept, strict=True)},
        columns=pd.Index([names[i] for i in wanted]), index=range(n) if not wanted else None,
    )  # fmt: skip
    broken = {k: v for k, v in broken.items() if k >= 0}
    if limit is not None:  # a row that could not be laid out may lie behind what was looked at
        return RawTable(frame, {}, delimiter, text.encoding, names=tuple(names))
    if rows is not None:
        return RawTable(frame.set_axis(rows, axis=0), {}, delimiter, text.encoding, names=tuple(names))
    if broken:
        n += len(broken)
        stand = np.setdiff1d(np.arange(n), np.fromiter(broken, dtype=np.int64))
        frame.index = pd.Index(stand)
        frame = frame.reindex(range(n))
    return RawTable(frame, broken, delimiter, text.encoding, names=tuple(names))


def _names(text: Text, size: int, skip: int, parse: Any) -> list[str]:
    """Return the names of the columns; Arrow guesses types meanwhile, so that it is shown little."""
    import pyarrow.csv as pc

    for few in sorted({min(size, _LOOK), size}):
        read = pc.ReadOptions(use_threads=False, block_size=few, skip_rows_after_names=skip)
        try:
            with text.open() as stream:
                return list(pc.open_csv(stream, read_options=read, parse_options=parse).schema.names)
        except pa.ArrowInvalid:
            if few == size:
                raise
    return []


def _keep(
    blocks: Iterable[Any],
    columns: Sequence[int],
    rows: np.ndarray[Any, Any] | None,
    broken: Mapping[int, str],
    enough: int | None,
) -> tuple[list[Any], int]:
    """Return the columns and rows that are wanted, each column as chunks, and the number of rows."""
    chunks: list[list[Any]] = [[] for _ in columns]
    n = kept = 0
    for block in blocks:
        if enough is not None:
            block = block.slice(0, enough - n)
        take = None
        if rows is not None:
            # rows that could not be laid out have a position and no row
            before = np.searchsorted(np.sort(np.fromiter(broken, dtype=np.int64, count=len(broken))), rows)
            place = rows - before - n
            take = pa.array(place[(place >= 0) & (place < block.num_rows)])
        for chunk, i in zip(chunks, columns, strict=True):
            column = block.column(i)
            chunk.append(column if take is None else column.take(take))
        n += block.num_rows
        kept += block.num_rows if take is None else len(take)
        if n == enough:
            break
    # one column after the other gives its chunks back, so that the file is not there twice
    return [_column(chunks.pop(0)) for _ in columns], kept


def _column(chunks: Sequence[Any]) -> Any:
    """Return the chunks of a column as pandas' text in one piece, or as categories or moments where Arrow read those."""
    if chunks and chunks[0].type == _CLOCK:
        return np.concatenate([chunk.to_numpy(zero_copy_only=False) for chunk in chunks])
    if not chunks or not pa.types.is_dictionary(chunks[0].type):
        # in one piece, since each later look at it would put the chunks together anew
        return text_of(pa.concat_arrays(chunks) if chunks else pa.array([], pa.large_string()))
    whole = pa.chunked_array(chunks).unify_dictionaries()
    codes = np.concatenate([np.asarray(c.indices) for c in whole.chunks])
    words = pd.Index(text_of(whole.chunk(0).dictionary))
    return pd.Categorical.from_codes(codes, words, validate=False)


def unique_names(names: Sequence[str], where: str) -> list[str]:
    """Strip the names of columns, give those without one a name, and refuse two of one name.

    Examples
    --------
    >>> unique_names(["a ", "", ""], "x.csv")
    ['a', 'column 2', 'column 3']
    """
    named = [name.strip() or f"column {i}" for i, name in enumerate(names, start=1)]
    twice = sorted(name for name, n in Counter(named).items() if n > 1)
    if twice:
        raise InputError(f"{where}: two columns are called {twice[0]!r}; rename one before reading")
    return named


def _width(text: str, delimiter: str) -> int:
    rows = csv.reader(text[:_LOOK].splitlines(keepends=True), delimiter=delimiter)
    return len(next((row for row in rows if row), [""]))


def find_delimiter(text: str, name: str) -> str:
    """Return the delimiter that splits the first records into equally many fields, most of them.

    Raises
    ------
    InputError
        When two delimiters do so equally well.
    """
    lines = text[:_LOOK].splitlines(keepends=True)[:200]
    if len(text) > _LOOK:
        lines = lines[:-1] or lines
    fits: dict[str, tuple[float, int]] = {}
    for candidate in ",;\t|":
        rows = [r for r in csv.reader(lines, delimiter=candidate) if r]
        width = len(rows[0]) if rows else 0
        if width > 1:
            fits[candidate] = (sum(len(r) == width for r in rows) / len(rows), width)
    if not fits:
        return ","  # one column
    best = max(fits.values())
    winners = [c for c, v in fits.items() if v == best]
    if len(winners) > 1:
        shown = " and ".join(repr(c) for c in winners)
        raise InputError(f"{name}: {shown} split it equally well; set delimiter")
    return winners[0]
