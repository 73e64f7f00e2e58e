"""Columns grown record by record or a block at a time, and what becomes of a block's arrays on the way there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cxmining.ingest.contact.columns import text_series, word
from cxmining.ingest.contact.moments import microseconds
from cxmining.ingest.files.arrow import text_of
from cxmining.ingest.files.json_arrow import as_text
from cxmining.ingest.records.ledger import FileLedger

__all__ = [
    "NEVER",
    "Grown",
    "Rows",
    "first_of",
    "inner",
    "long_enough",
    "microseconds_of",
    "only_lists",
    "picked",
    "words_of",
]

NEVER: Final = int(np.iinfo(np.int64).min)
"""Stands for a moment that is not there."""
_FEW: Final = 50_000  # values of a column beyond this are mostly different ones: holding each once saves nothing
_FIRST: Final = -2_208_988_800  # 1900 and 2200: databases write 0001 and 9999 for "never"
_LAST: Final = 7_258_118_400


class Grown:
    """Whole numbers and texts, one row per record.

    Examples
    --------
    >>> rows = Grown(("at",), ("who",))
    >>> rows.add((1, "a"))
    >>> rows.extend({"at": np.array([2]), "who": pa.array([None], pa.large_string())})
    >>> rows.frame().to_numpy().tolist()
    [[1, 'a'], [2, nan]]
    """

    def __init__(self, numbers: Sequence[str], texts: Sequence[str] = ()) -> None:
        self._texts = frozenset(texts)
        self._open: dict[str, list[Any]] = {name: [] for name in (*numbers, *texts)}
        self._parts: dict[str, list[Any]] = {name: [] for name in self._open}

    def add(self, row: Sequence[Any]) -> None:
        """Add a record: its numbers, then its texts."""
        for column, value in zip(self._open.values(), row, strict=True):
            column.append(value)

    def extend(self, columns: Mapping[str, Any]) -> None:
        """Add records as arrays: of numpy for numbers, of Arrow for texts."""
        self._settle()
        for name, values in columns.items():
            self._parts[name].append(values)

    def _settle(self) -> None:
        for name, values in self._open.items():
            if values:
                made = pa.array(values, pa.large_string()) if name in self._texts else np.array(values, dtype=np.int64)
                self._parts[name].append(made)
                self._open[name] = []

    def frame(self) -> pd.DataFrame:
        """Return the columns as a table and let go of them."""
        self._settle()
        out: dict[str, Any] = {}
        for name in list(self._parts):
            parts = self._parts.pop(name)
            if name in self._texts:
                out[name] = text_of(pa.chunked_array(parts, pa.large_string()))
            else:
                out[name] = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
        return pd.DataFrame(out)


class Rows:
    """Columns of text, grown record by record; equal values of a column are held once.

    Examples
    --------
    >>> rows = Rows(("queue", "wait"))
    >>> rows.add({"queue": "billing", "wait": 12})
    >>> rows.add({"queue": ["x"]})
    >>> rows.frame().to_numpy().tolist(), rows.odd
    ([['billing', '12'], [nan, nan]], {'queue': [1]})
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._columns: dict[str, list[str | None]] = {n: [] for n in names}
        self._parts: dict[str, list[Any]] = {n: [] for n in self._columns}
        self._same: dict[str, dict[str, str]] = {n: {} for n in self._columns}
        self.odd: dict[str, list[int]] = {}
        self.broken: dict[str, list[int]] = {}
        self.n = 0

    def add(self, values: Mapping[str, Any]) -> None:
        """Add a record; a field that holds a list or an object instead of a value is remembered as odd."""
        for name, column in self._columns.items():
            value = values.get(name)
            text = None if value is None else word(value)
            if text is None:
                if isinstance(value, list | dict) and value:
                    self.odd.setdefault(name, []).append(self.n)
            else:
                same = self._same[name]
                if len(same) < _FEW:
                    text = same.setdefault(text, text)
            column.append(text)
        self.n += 1

    def add_broken(self, why: str) -> None:
        """Add a record that is none."""
        self.broken.setdefault(why, []).append(self.n)
        self.add({})

    def extend(self, columns: Mapping[str, Any], n: int) -> None:
        """Add `n` records as Arrow texts; columns that are not given are missing."""
        self._settle()
        nothing = pa.nulls(n, pa.large_string())
        for name, parts in self._parts.items():
            parts.append(columns.get(name, nothing))
        self.n += n

    def _settle(self) -> None:
        for name, column in self._columns.items():
            if column:
                self._parts[name].append(pa.array(column, pa.large_string()))
                self._columns[name] = []

    def frame(self) -> pd.DataFrame:
        """Return the columns as a table of text and let go of them."""
        self._settle()
        self._same.clear()
        return pd.DataFrame({n: text_series(self._parts.pop(n)) for n in list(self._parts)})

    def account(self, ledger: FileLedger) -> None:
        """Reject what is no record, and the cells that hold no value."""
        for why, broken in sorted(self.broken.items()):
            ledger.reject(np.array(broken, dtype=np.int64), why)
        for name, at in sorted(self.odd.items()):
            ledger.cell(np.array(at, dtype=np.int64), name, "holds a list or an object where a value belongs")


def only_lists(lists: Any) -> Any:
    """Return what stands in lists, one behind the other; nothing where one element is missing, which counts for none."""
    flat = lists.flatten()
    return None if flat.null_count else flat


def long_enough(lists: Any) -> np.ndarray[Any, Any]:
    """Return how many elements each list has; a missing one has none."""
    return np.asarray(pc.fill_null(pc.list_value_length(lists), 0), dtype=np.int64)


def words_of(array: Any) -> Any:
    """Return scalars as text; blank ones are missing.

    Examples
    --------
    >>> words_of(pa.array(["a ", " ", None])).to_pylist()
    ['a ', None, None]
    """
    text = as_text(array)
    # blanks of any kind are few signs: only short texts are looked at
    short = pc.less_equal(pc.binary_length(text), 64)
    if pc.any(short).as_py():
        blank = pc.and_(short, pc.equal(pc.binary_length(pc.utf8_trim_whitespace(text)), 0))
        if pc.any(blank).as_py():
            return pc.if_else(blank, pa.scalar(None, pa.large_string()), text)
    return text


def picked(array: Any, at: np.ndarray[Any, Any]) -> Any:
    """Return the values at positions; missing at negative ones."""
    return array.take(pa.array(at, mask=at < 0))


def first_of(groups: np.ndarray[Any, Any], chosen: np.ndarray[Any, Any], n: int) -> np.ndarray[Any, Any]:
    """Return, per group, the first position that is chosen; -1 where none is."""
    out = np.full(n, -1, dtype=np.int64)
    at = np.flatnonzero(chosen)[::-1]
    out[groups[at]] = at  # of equal groups the last written stands: the first
    return out


def inner(array: Any, *names: str) -> Any:
    """Return a field of a field of objects."""
    for name in names:
        array = pc.struct_field(array, name)
    return array


def microseconds_of(array: Any, tz: ZoneInfo | None, where: str) -> np.ndarray[Any, Any]:
    """Return stamps as microseconds since 1970, as `microseconds` reads them one by one; `NEVER` where there is none."""
    if pa.types.is_integer(array.type):
        count = np.asarray(pc.fill_null(array, _LAST))
        known = (count >= _FIRST) & (count < _LAST)
        return np.where(known, np.where(known, count, 0) * 1_000_000, NEVER)
    if pa.types.is_boolean(array.type):
        return np.full(len(array), NEVER)
    coded = as_text(array).dictionary_encode()
    moments = [microseconds(v, tz, where) for v in coded.dictionary.to_pylist()]
    found = np.array([NEVER if m is None else m for m in moments] + [NEVER], dtype=np.int64)
    return np.asarray(found[np.asarray(pc.fill_null(coded.indices, len(moments)))])
