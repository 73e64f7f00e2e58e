"""Tables that a warehouse copied from an export: columns by name, whatever else stands between."""

from __future__ import annotations

import csv
from collections import Counter

from cxmining.errors import InputError
from cxmining.ingest.files.csv_rows import RawTable, find_delimiter, read_csv, unique_names
from cxmining.ingest.files.opening import SourceFile, decode

__all__ = ["read_copy"]


def read_copy(file: SourceFile, encoding: str | None, delimiter: str | None) -> RawTable:
    """Read a copy with a header; a column given twice, as some tools do, counts once when both are alike.

    Raises
    ------
    InputError
        When two columns of one name differ.
    """
    names = _names(file, encoding, delimiter)
    twice = [name for name, n in Counter(names).items() if n > 1 and name]
    if not twice:
        return read_csv(file, encoding, delimiter)
    raw = read_csv(file, encoding, delimiter, header=False)
    frame = raw.frame.iloc[1:].reset_index(drop=True)
    keep: list[int] = []
    seen: dict[str, int] = {}
    for i, name in enumerate(names):
        first = seen.setdefault(name or f"column {i + 1}", i)
        if first == i:
            keep.append(i)
    frame = frame.iloc[:, keep].set_axis(unique_names([names[i] for i in keep], file.name), axis=1)
    return RawTable(frame, {k - 1: v for k, v in raw.broken.items()}, raw.delimiter, raw.encoding)


def _names(file: SourceFile, encoding: str | None, delimiter: str | None) -> list[str]:
    text, _ = decode(file.head(), encoding, file.name) if encoding else (file.head().decode("utf-8-sig", "replace"), "")
    lines = text.lstrip().splitlines()
    if not lines:
        raise InputError(f"{file.name}: the export holds no text; export it again or take it out of the study")
    mark = delimiter or find_delimiter(text, file.name)
    return [name.strip() for name in next(csv.reader(lines[:1], delimiter=mark))]
