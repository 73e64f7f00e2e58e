"""The fields that a contact-centre reader needs of millions of JSON records, as columns of text.

Records are read a few MiB at a time, by Arrow where all of a batch are alike (`Layout`). Of other batches one
column after the other is taken: a field is looked up in a loop without calls, and texts go to Arrow at once, so that
memory holds a batch of objects and the columns. What is no text (a number, a list where a value belongs) is looked at
one by one.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any, Final, TypeAlias

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cxmining.ingest.files.arrow import is_tidy, text_of
from cxmining.ingest.files.json_arrow import TEXT, Layout, as_text, field_of
from cxmining.ingest.files.json_records import Batch, parse, why_not
from cxmining.ingest.records.ledger import FileLedger

__all__ = ["Columns", "Path", "column_of", "objects", "text_series", "uncollected", "word"]

Path: TypeAlias = tuple[str, ...]
_NONE: Final[dict[str, Any]] = {}
_TOGETHER: Final = 32


def word(value: Any) -> str | None:
    """Return a JSON scalar as text, and nothing for a list, an object or null.

    Examples
    --------
    >>> word(9007199254740993), word(True), word(" "), word([1])
    ('9007199254740993', 'true', None, None)
    """
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector of rings from looking, over and over, at records that hold none: a fifth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def objects(batch: Batch) -> Iterator[tuple[list[Any], dict[int, str]]]:
    """Yield the records of a batch a few at a time, an empty one for each that is none, and position among them → why it is none.

    A few, so that they are still at hand for the processor when their fields are taken: that halves the time.
    """
    every = batch.parsed if batch.parsed is not None else batch.lines or []
    for at in range(0, len(every), _TOGETHER):
        values = every[at : at + _TOGETHER]
        if batch.parsed is None:
            values = _parsed(values)
        if all(type(v) is dict for v in values):
            yield values, {}
        else:
            bad = {i: why_not(v) for i, v in enumerate(values) if not isinstance(v, dict)}
            yield [v if isinstance(v, dict) else _NONE for v in values], bad


def _parsed(lines: list[bytes]) -> list[Any]:
    try:
        values: list[Any] = orjson.loads(b"[" + b",".join(lines) + b"]")
    except orjson.JSONDecodeError:
        return [parse(line) for line in lines]
    # two records on one line are none
    return values if len(values) == len(lines) else [parse(line) for line in lines]


def column_of(values: list[Any]) -> tuple[Any, list[int]]:
    """Return scalars as Arrow text (blank ones missing), and where a list or an object stands instead.

    Examples
    --------
    >>> text, odd = column_of(["a", None, 7, [1], " "])
    >>> text.to_pylist(), odd
    (['a', None, '7', None, None], [3])
    """
    try:
        return pa.array(values, pa.large_string()), []
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        pass
    if set(map(type, values)) <= {int, type(None)}:
        try:
            return pa.array(values, pa.int64()).cast(pa.large_string()), []
        except (pa.ArrowInvalid, OverflowError):
            pass
    odd = [i for i, v in enumerate(values) if isinstance(v, list | dict) and v]
    words = [word(v) for v in values]
    return pa.array([None if w is None else _whole(w) for w in words], pa.large_string()), odd


def _whole(text: str) -> str:
    """Return text that UTF-8 can write: half a surrogate pair, which JSON may hold, is replaced."""
    return text.encode("utf-8", "replace").decode()


def text_series(parts: Sequence[Any]) -> pd.Series[Any]:
    """Return Arrow texts behind each other as a column, without blanks around them; empty ones are missing."""
    whole = pa.chunked_array(parts, pa.large_string()).combine_chunks()
    if not is_tidy(whole):  # an export pads nothing: what has no blank at its ends needs no copy
        whole = pc.utf8_trim_whitespace(whole)
        if pc.any(pc.equal(pc.binary_length(whole), 0)).as_py():
            whole = pc.if_else(pc.equal(pc.binary_length(whole), 0), pa.scalar(None, pa.large_string()), whole)
    return pd.Series(text_of(whole))


def _listed(lists: Any) -> Any:
    """Return lists of scalars as text with commas between; nothing when one of them is missing or blank."""
    words = as_text(lists.flatten())
    if words.null_count or pc.any(pc.equal(pc.binary_length(pc.utf8_trim_whitespace(words)), 0)).as_py():
        return None
    again = pa.ListArray.from_arrays(_starts(lists), words.cast(pa.string()))
    text = as_text(pc.binary_join(again, ","))
    return pc.if_else(pc.is_valid(lists), text, pa.scalar(None, pa.large_string())) if lists.null_count else text


def _starts(lists: Any) -> Any:
    """Return where each list begins among the values of all."""
    sizes = np.asarray(pc.fill_null(pc.list_value_length(lists), 0))
    return pa.array(np.concatenate(([0], np.cumsum(sizes))), pa.int32())


class Columns:
    """Columns of text, grown batch by batch.

    Parameters
    ----------
    paths : mapping of str to sequence of path
        Column → where it stands in a record, keys outermost first; the first that holds something wins.
    lists : collection of str
        Columns in which a list of scalars is one text, with commas between; other lists are odd.

    Examples
    --------
    >>> columns = Columns({"queue": (("Queue", "Name"),), "wait": (("Duration",),)})
    >>> columns.add([{"Queue": {"Name": "billing"}, "Duration": 12}, {"Queue": 7, "Duration": ["x"]}])
    >>> columns.frame().to_numpy().tolist(), columns.odd
    ([['billing', '12'], [nan, nan]], {'wait': [1]})
    """

    def __init__(self, paths: Mapping[str, Sequence[Path]], lists: Sequence[str] = ()) -> None:
        self.paths = dict(paths)
        self._lists = frozenset(lists)
        keys: dict[Path, list[str]] = {}
        for path in dict.fromkeys(p for where in self.paths.values() for p in where):
            keys.setdefault(path[:-1], []).append(path[-1])
            for depth in range(1, len(path)):  # the object that holds it is a field too
                outer = keys.setdefault(path[: depth - 1], [])
                if path[depth - 1] not in outer:
                    outer.append(path[depth - 1])
        # outer objects first; a getter of several keys is one call per record
        self._groups = [(at, tuple(keys[at]), itemgetter(*keys[at], *keys[at][:1])) for at in sorted(keys, key=len)]
        self._getters: dict[tuple[Path, tuple[str, ...]], Any] = {}
        self._empty = {at: dict.fromkeys(names) for at, names, _ in self._groups}
        self._layout = Layout(self._shape())
        self._parts: dict[str, list[Any]] = {name: [] for name in self.paths}
        self.odd: dict[str, list[int]] = {}
        self.broken: dict[int, str] = {}
        self.n = 0

    def _shape(self) -> dict[str, Any]:
        """Return what is needed of a record; where an object is asked for its fields and for itself, the fields."""
        shape: dict[str, Any] = {}
        for name, where in self.paths.items():
            for path in where:
                here = shape
                for key in path[:-1]:
                    if not isinstance(here.get(key), dict):
                        here[key] = {}
                    here = here[key]
                here.setdefault(path[-1], [TEXT] if name in self._lists else TEXT)
        return shape

    def add_batch(self, batch: Batch) -> None:
        """Take the fields of a batch; what is no record is remembered as broken."""
        table = self._layout.table(batch)
        if table is not None and (texts := self._texts(table)) is not None:
            for name, text in texts.items():
                self._parts[name].append(text)
            self.n += len(batch)
            return
        if batch.refuse is not None and not all(type(v) is dict for v in batch.values()):
            batch.refuse()
            return
        held: dict[str, list[Any]] = {name: [] for name in self.paths}
        taken = 0
        with uncollected():
            for records, bad in objects(batch):
                self.broken |= {self.n + taken + i: why for i, why in bad.items()}
                self._take(records, held)
                taken += len(records)
            self._keep(held, taken)

    def _texts(self, table: Any) -> dict[str, Any] | None:
        """Return the columns of a table; nothing when an object stands where a value would be taken."""
        whole = {name: table.column(name).chunk(0) for name in table.column_names}
        out: dict[str, Any] = {}
        for name, where in self.paths.items():
            text = None
            for path in where:
                if text is not None and not text.null_count:
                    break
                here = whole[path[0]]
                for key in path[1:]:
                    here = field_of(here, key)
                if pa.types.is_struct(here.type):
                    taken = pc.is_valid(here) if text is None else pc.and_(pc.is_valid(here), pc.is_null(text))
                    if pc.any(taken).as_py():
                        return None
                    continue
                found = _listed(here) if pa.types.is_list(here.type) else as_text(here)
                if found is None:
                    return None
                text = found if text is None else pc.coalesce(text, found)
            out[name] = pa.nulls(table.num_rows, pa.large_string()) if text is None else text
        return out

    def add(self, records: list[dict[str, Any]]) -> None:
        """Take the fields of records."""
        held: dict[str, list[Any]] = {name: [] for name in self.paths}
        self._take(records, held)
        self._keep(held, len(records))

    def _take(self, records: list[dict[str, Any]], held: dict[str, list[Any]]) -> None:
        found: dict[Path, Sequence[Any]] = {}
        for at, names, getter in self._groups:
            rows = records
            if at:
                empty = self._empty[at]
                rows = [v if type(v) is dict else empty for v in found[at]]
            values: list[Sequence[Any]]
            try:
                values = list(zip(*map(getter, rows), strict=True))
            except KeyError:  # a field that is not in every record
                values = self._sparse(rows, at, names)
            found |= {(*at, name): column for name, column in zip(names, values, strict=False)}
        for name, where in self.paths.items():
            if not where:
                held[name] += [None] * len(records)
                continue
            column = found[where[0]]
            for path in where[1:]:
                if None not in column:
                    break
                column = [b if a is None else a for a, b in zip(column, found[path], strict=True)]
            held[name] += column

    def _sparse(self, rows: list[dict[str, Any]], at: Path, names: tuple[str, ...]) -> list[Sequence[Any]]:
        """Return the fields of records of which not all have all; what the first one has the others mostly have."""
        there = tuple(name for name in names if name in rows[0])
        known: dict[str, Sequence[Any]] = {}
        if there:
            getter = self._getters.setdefault((at, there), itemgetter(*there, there[0]))
            try:
                known = dict(zip(there, zip(*map(getter, rows), strict=True), strict=False))
            except KeyError:
                known = {}
        nothing = [None] * len(rows)
        return [
            known[name] if name in known else [r.get(name) for r in rows] if any(name in r for r in rows) else nothing
            for name in names
        ]

    def _keep(self, held: dict[str, list[Any]], n: int) -> None:
        for name, values in held.items():
            if name in self._lists:
                values = [",".join(w for w in map(word, v) if w) if type(v) is list else v for v in values]
            text, odd = column_of(values)
            self._parts[name].append(text)
            if odd:
                self.odd.setdefault(name, []).extend(self.n + i for i in odd)
        self.n += n

    def frame(self) -> pd.DataFrame:
        """Return the columns as a table of text and let go of them."""
        return pd.DataFrame({name: text_series(self._parts.pop(name)) for name in list(self._parts)})

    def account(self, ledger: FileLedger) -> None:
        """Reject what is no record, and the cells that hold no value."""
        for why in sorted(set(self.broken.values())):
            ledger.reject(np.array([i for i, w in self.broken.items() if w == why], dtype=np.int64), why)
        for name, at in sorted(self.odd.items()):
            shown = name.removeprefix("extra ")
            ledger.cell(np.array(at, dtype=np.int64), shown, "holds a list or an object where a value belongs")
