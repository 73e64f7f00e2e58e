"""Delimited text as it stands: every value is text, every record has its position."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import InputError
from cxmining.ingest._files import SourceFile, as_stream, decode

__all__ = ["RawTable", "find_delimiter", "read_csv", "unique_names"]

_LOOK: Final = 1 << 17  # as much as the csv module takes for one field: less cannot be too long


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
    """

    frame: pd.DataFrame
    broken: dict[int, str]
    delimiter: str = ","
    encoding: str = "utf-8"
    notes: tuple[str, ...] = ()
    cells: tuple[tuple[int, str, str], ...] = ()


def read_csv(
    file: SourceFile, encoding: str | None, delimiter: str | None, *, header: bool = True, skip: int = 0
) -> RawTable:
    """Read delimited text; every value stays text, records of the wrong length are set aside.

    Raises
    ------
    InputError
        When two delimiters fit equally well, when there is a header and nothing below it, or two
        columns bear one name.
    """
    import pyarrow as pa
    import pyarrow.csv as pc

    text, found = decode(file.read(), encoding, file.name)
    if not text.strip():
        raise InputError(f"{file.name}: the export holds no text; export it again or take it out of the study")
    delimiter = delimiter or find_delimiter(text, file.name)
    broken: dict[int, str] = {}

    def set_aside(row: Any) -> str:
        broken[row.number - 1 - int(header) - skip] = (
            f"has {row.actual_columns} fields, expected {row.expected_columns}"
        )
        return "skip"

    stream = as_stream(text)
    size = stream.getbuffer().nbytes
    read = pc.ReadOptions(
        use_threads=False,
        block_size=min(size + 1, (1 << 31) - 1),
        autogenerate_column_names=not header,
        skip_rows_after_names=skip,
    )
    parse = pc.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=set_aside)
    try:
        # the reader is asked for the names first, because a type can be given by name only
        first = pc.open_csv(stream, read_options=read, parse_options=parse) if header else None
        columns = list(first.schema.names) if first is not None else [f"f{i}" for i in range(_width(text, delimiter))]
        broken.clear()
        stream.seek(0)
        convert = pc.ConvertOptions(column_types={c: pa.large_string() for c in columns}, strings_can_be_null=False)
        arrow = pc.read_csv(stream, read_options=read, parse_options=parse, convert_options=convert)
    except pa.ArrowInvalid as error:
        raise InputError(f"{file.name}: is no table delimited by {delimiter!r}: {str(error).splitlines()[0]}") from None
    if header:
        columns = unique_names(columns, file.name)
    frame = pd.DataFrame(
        {c: arrow.column(i).to_pandas().astype("str") for i, c in enumerate(columns)}, columns=pd.Index(columns)
    )
    if skip:
        broken = {k: v for k, v in broken.items() if k >= 0}
    if broken:
        n = len(frame) + len(broken)
        stand = np.setdiff1d(np.arange(n), np.fromiter(broken, dtype=np.int64))
        frame.index = pd.Index(stand)
        frame = frame.reindex(range(n))
    return RawTable(frame, broken, delimiter, found)


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
    return len(next(csv.reader(text[:_LOOK].splitlines(keepends=True), delimiter=delimiter)))


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
