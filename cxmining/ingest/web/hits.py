"""The few fields that are needed of millions of JSON records, as columns.

A reader says which *paths* it needs. Lines are handed to Arrow a few MiB at a time with a schema of
those paths, so that no Python object is made of all that nobody looks at; a block that Arrow refuses
(a damaged line, a number where the others have text) is read record by record instead, with the same
result. Texts are held once each, as the codes of a dictionary.

A path is a tuple of keys. ``"event_params[]"`` is a list of ``{"key": …, "value": {…}}``, as GA4 has
them, looked into by the next key; ``"#0"`` is the first element of a list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pj

from cxmining.ingest.files.arrow import text_of
from cxmining.ingest.files.json_records import Batch, parse, why_not

__all__ = ["Hits", "Path"]

Path: TypeAlias = tuple[str, ...]
_SAMPLE: Final = 500
_FEWEST: Final = 50  # fewer records do not tell the types of their fields
_EXACT: Final = 2**53
_VALUES: Final = ("string_value", "int_value", "float_value", "double_value")


class _MixedError(Exception):
    """The sample has no one type per field: nothing for Arrow."""


def word(value: Any) -> str | None:
    """Return a scalar as text; what is no scalar, or a number that JSON could not carry, as missing.

    Examples
    --------
    >>> word(" a"), word(7), word(7.0), word(True), word(1e300), word({"a": 1})
    (' a', '7', '7', 'true', None, None)
    """
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, float):
        return None
    if value.is_integer():
        return str(int(value)) if abs(value) < _EXACT else None
    return repr(value) if np.isfinite(value) else None


class Hits:
    """Columns of text, filled batch by batch.

    Parameters
    ----------
    paths : mapping of str to sequence of path
        Column → where it stands; the first path that holds something wins.
    plain : collection of str
        Columns whose values differ nearly all, for which a dictionary would only cost.
    """

    def __init__(self, paths: Mapping[str, Sequence[Path]], plain: Sequence[str] = ()) -> None:
        self.paths = {name: tuple(dict.fromkeys(where)) for name, where in paths.items()}
        self.n = 0
        self._plain = frozenset(plain)
        self._parts: dict[str, list[Any]] = {name: [] for name in self.paths}
        self._prints: list[np.ndarray[Any, Any]] = []
        self._schema: Any = None
        self._probed = False
        self.by_arrow = 0
        """Records that Arrow read; the others were read one by one."""

    def new_file(self) -> None:
        """Look at the types anew: another file may write a number where this one writes text."""
        self._probed = False

    def add_batch(self, batch: Batch) -> dict[int, str]:
        """Take the fields of a batch; return position within it → why, for those that are no object."""
        if not len(batch):
            return {}
        if batch.lines is not None and len(batch) >= _FEWEST:
            if not self._probed:
                self._schema, self._probed = self._probe([parse(line) for line in batch.lines[:_SAMPLE]]), True
            if self._schema is not None and (found := self._by_arrow(batch.lines, batch.block)) is not None:
                self._append(found, _prints(batch.lines))
                self.by_arrow += len(batch)
                return {}
        values = batch.values()
        if batch.refuse is not None and not all(isinstance(v, dict) for v in values):
            batch.refuse()
            return {}
        bad = {i: why_not(v) for i, v in enumerate(values) if not isinstance(v, dict)}
        if bad and self._schema is not None and batch.lines is not None and len(batch) - len(bad) >= _FEWEST:
            # a few damaged lines are no reason to read all others one by one
            fits = np.setdiff1d(np.arange(len(batch)), list(bad))
            if (found := self._by_arrow([batch.lines[i] for i in fits])) is not None:
                place = np.zeros(len(batch), dtype=np.int64)
                place[fits] = np.arange(len(fits))
                at = pa.array(place, mask=np.isin(np.arange(len(batch)), list(bad)))
                self._append({name: column.take(at) for name, column in found.items()}, _prints(batch.lines))
                self.by_arrow += len(fits)
                return bad
        records = [v if isinstance(v, dict) else {} for v in values]
        columns = {name: pa.array(self._one_by_one(records, where), pa.string()) for name, where in self.paths.items()}
        lines = batch.lines or [orjson.dumps(r, option=orjson.OPT_SORT_KEYS) for r in records]
        self._append(columns, _prints(lines))
        return bad

    def add_table(self, table: Any) -> None:
        """Take the fields of an Arrow table, as Parquet has them."""
        table = table.combine_chunks()
        columns = self._columns(table)
        self._append(columns, _table_prints(table))

    def add_frame(self, frame: pd.DataFrame, names: Mapping[str, Sequence[str]]) -> None:
        """Take columns of text as a warehouse names them: our column → its names, the first filled one wins."""
        none = pd.Series([None] * len(frame), index=frame.index, dtype="str")
        columns = {}
        for name in self.paths:
            text = none
            for column in names.get(name, ()):
                if column in frame:
                    given = frame[column].str.strip()
                    text = text.fillna(given.where(given != ""))
            columns[name] = pa.array(text, pa.string(), from_pandas=True)
        self._append(columns, pd.util.hash_pandas_object(frame, index=False).to_numpy())

    def _append(self, columns: Mapping[str, Any], prints: np.ndarray[Any, Any]) -> None:
        for name, column in columns.items():
            self._parts[name].append(column if name in self._plain else column.dictionary_encode())
        self._prints.append(prints)
        self.n += len(prints)

    def take(self) -> tuple[dict[str, Any], np.ndarray[Any, Any]]:
        """Return the columns (categoricals, plain ones as Series of text) and a fingerprint per record."""
        out: dict[str, Any] = {}
        for name in self.paths:
            parts = self._parts.pop(name)
            if name in self._plain:
                out[name] = pd.Series(text_of(pa.chunked_array(parts, pa.string())))
                continue
            coded = pa.chunked_array(parts, pa.dictionary(pa.int32(), pa.string())).unify_dictionaries()
            codes = [np.asarray(c.indices.fill_null(-1)) for c in coded.chunks]
            words = coded.chunk(0).dictionary if coded.num_chunks else pa.array([], pa.string())
            index = pd.Index(text_of(words))
            out[name] = pd.Categorical.from_codes(np.concatenate(codes) if codes else [], index, validate=False)
        prints = np.concatenate(self._prints) if self._prints else np.zeros(0, np.uint64)
        self._prints = []
        return out, prints

    # one by one

    def _one_by_one(self, records: Sequence[dict[str, Any]], where: Sequence[Path]) -> list[str | None]:
        return [_first(record, where) for record in records]

    # by Arrow

    def _probe(self, sample: Sequence[Any]) -> Any:
        tree: dict[str, Any] = {}
        try:
            for path in dict.fromkeys(p for where in self.paths.values() for p in where):
                _plant(tree, path)
            rows = [r for r in sample if isinstance(r, dict)]
            return pa.schema([(key, _type(node, [r.get(key) for r in rows])) for key, node in tree.items()])
        except _MixedError:
            return None

    def _by_arrow(self, lines: Sequence[bytes], whole: bytes | None = None) -> dict[str, Any] | None:
        block = b"\n".join(lines) if whole is None else whole
        options = pj.ParseOptions(
            explicit_schema=self._schema, unexpected_field_behavior="ignore",
            newlines_in_values=whole is None and block.count(b"\n") >= len(lines),
        )  # fmt: skip
        try:
            if not block.isascii():
                block.decode()  # Arrow takes bytes that are no UTF-8 for text
            # in one piece and one thread: to cut a few MiB and glue their columns again costs more than it saves
            table = pj.read_json(
                pa.BufferReader(block), parse_options=options,
                read_options=pj.ReadOptions(use_threads=False, block_size=len(block) + 1),
            )  # fmt: skip
        except (pa.ArrowInvalid, UnicodeDecodeError):
            return None
        if table.num_rows != len(lines):  # two objects on one line are no record
            return None
        table = table.combine_chunks()
        return self._columns(table)

    def _columns(self, table: Any) -> dict[str, Any]:
        held: dict[Path, Any] = {}
        texts: dict[Path, Any] = {}  # two columns may look at one place
        for path in dict.fromkeys(p for where in self.paths.values() for p in where):
            text = _texts(_walk(table, path, held))
            texts[path] = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
        none = pa.nulls(table.num_rows, pa.string())
        return {
            name: none if not where else texts[where[0]] if len(where) == 1 else pc.coalesce(*(texts[p] for p in where))
            for name, where in self.paths.items()
        }


def _prints(lines: Sequence[bytes]) -> np.ndarray[Any, Any]:
    held = np.empty(len(lines), dtype=object)
    held[:] = lines
    return pd.util.hash_array(held, categorize=False)


def _first(record: Mapping[str, Any], where: Sequence[Path]) -> str | None:
    for path in where:
        value: Any = record
        for key in path:
            value = _step(value, key)
            if value is None:
                break
        text = word(value)
        if text is not None:
            return text
    return None


def _step(value: Any, key: str) -> Any:
    if key.startswith("#"):
        at = int(key[1:])
        return value[at] if isinstance(value, list) and len(value) > at else None
    if isinstance(value, list):  # the parameters of GA4; the last of equal keys stands
        for p in reversed(value):
            if isinstance(p, dict) and p.get("key") == key and isinstance(p.get("value"), dict):
                return next((p["value"][k] for k in _VALUES if p["value"].get(k) is not None), None)
        return None
    return value.get(key.removesuffix("[]")) if isinstance(value, dict) else None


def _plant(tree: dict[str, Any], path: Path) -> None:
    for key in path[:-1]:
        tree = tree.setdefault(key.removesuffix("[]"), {"[]": {}} if key.endswith("[]") else {})
        if tree is None:
            raise _MixedError
    if tree.setdefault(path[-1], None) is not None:
        raise _MixedError


def _type(node: Any, values: Sequence[Any]) -> Any:
    there = [v for v in values if v is not None]
    if node is None:
        return _scalar(there)
    if "[]" in node:
        pairs = [p for v in there if isinstance(v, list) for p in v if isinstance(p, dict)]
        inner = [p["value"] for p in pairs if isinstance(p.get("value"), dict)]
        value = pa.struct([(k, _scalar([v[k] for v in inner if v.get(k) is not None])) for k in _VALUES])
        return pa.list_(pa.struct([("key", pa.string()), ("value", value)]))
    if all(key.startswith("#") for key in node):
        return pa.list_(_scalar([e for v in there if isinstance(v, list) for e in v if e is not None]))
    if not all(isinstance(v, dict) for v in there):
        raise _MixedError
    return pa.struct([(key, _type(child, [v.get(key) for v in there])) for key, child in node.items()])


def _scalar(values: Sequence[Any]) -> Any:
    kinds = {type(v) for v in values}
    for some, arrow in (
        ({str}, pa.string()), ({int}, pa.int64()), ({bool}, pa.bool_()), ({float, int}, pa.float64()),
    ):  # fmt: skip
        if kinds <= some:
            return arrow
    raise _MixedError


def _walk(table: Any, path: Path, held: dict[Path, Any]) -> Any:
    """Return what stands at a path of a table, one value per row; `held` keeps lists of parameters that were opened."""
    n = table.num_rows
    head = path[0].removesuffix("[]")
    if head not in table.column_names:
        return pa.nulls(n, pa.string())
    column = table.column(head)
    here: Any = column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)
    for i, key in enumerate(path[1:], start=1):
        here = _unwrapped(here)
        if pa.types.is_list(here.type) or pa.types.is_large_list(here.type):
            if key.startswith("#"):
                here = _element(here, int(key[1:]))
                continue
            if path[:i] not in held:
                held[path[:i]] = _pairs(here)
            here = _parameter(held[path[:i]], key, n)
        elif pa.types.is_struct(here.type) and here.type.get_field_index(key.removesuffix("[]")) >= 0:
            here = pc.struct_field(here, key.removesuffix("[]"))
        else:
            return pa.nulls(n, pa.string())
    return here


def _unwrapped(array: Any) -> Any:
    """Take off what BigQuery's Parquet may put around a list: ``{"list": [{"element": …}]}``."""
    if pa.types.is_struct(array.type) and [f.name for f in array.type] == ["list"]:
        array = pc.struct_field(array, "list")
    return array


def _taken(values: Any, rows: np.ndarray[Any, Any], at: np.ndarray[Any, Any], n: int) -> Any:
    """Return the values at `at` in the rows they belong to; all other rows are missing."""
    index = np.full(n, -1, dtype=np.int64)
    index[rows] = at  # of equal rows the last one stands
    return values.take(pa.array(index, mask=index < 0))


def _element(array: Any, i: int) -> Any:
    parents = np.asarray(pc.list_parent_indices(array))
    nth = np.arange(len(parents)) - np.searchsorted(parents, parents)
    at = np.flatnonzero(nth == i)
    return _taken(pc.list_flatten(array), parents[at], at, len(array))


def _pairs(array: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], list[Any], Any]:
    """Return of all parameters of all rows: the row, the number of the key, the keys, the values."""
    flat = pc.list_flatten(array)
    if len(flat.type) == 1:  # {"element": {"key": …, "value": …}}
        flat = pc.struct_field(flat, flat.type.field(0).name)
    parents = np.asarray(pc.list_parent_indices(array))
    keys = pc.struct_field(flat, "key").dictionary_encode()
    return parents, np.asarray(keys.indices.fill_null(-1)), keys.dictionary.to_pylist(), pc.struct_field(flat, "value")


def _parameter(pairs: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], list[Any], Any], key: str, n: int) -> Any:
    parents, codes, keys, values = pairs
    if key not in keys:
        return pa.nulls(n, pa.string())
    at = np.flatnonzero(codes == keys.index(key))
    value = values.take(pa.array(at))
    kinds = [_texts(pc.struct_field(value, k)) for k in _VALUES if value.type.get_field_index(k) >= 0]
    return _taken(pc.coalesce(*kinds), parents[at], np.arange(len(at)), n)


def _texts(array: Any) -> Any:
    """Return an array as text, as `word` would make it."""
    kind = array.type
    if pa.types.is_string(kind):
        return array
    if pa.types.is_large_string(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return pc.cast(array, pa.string())
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return pc.cast(array, pa.string())
    if pa.types.is_floating(kind):
        coded = pc.cast(array, pa.float64()).dictionary_encode()
        return pa.array([word(v) for v in coded.dictionary.to_pylist()], pa.string()).take(coded.indices)
    return pa.nulls(len(array), pa.string())


def _table_prints(table: Any) -> np.ndarray[Any, Any]:
    """Return a fingerprint of all that a row holds, lists and structs among it."""
    total = np.zeros(table.num_rows, dtype=np.uint64)
    for i, name in enumerate(table.column_names):
        column = table.column(name)
        array = column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)
        total = total * np.uint64(1_000_003) + _array_prints(array, np.uint64(i + 1))
    return total


def _array_prints(array: Any, salt: Any) -> np.ndarray[Any, Any]:
    if pa.types.is_struct(array.type):
        total = np.zeros(len(array), dtype=np.uint64)
        for i, child in enumerate(array.flatten()):
            total = total * np.uint64(1_000_003) + _array_prints(child, salt + np.uint64(i))
        return total
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        inner = _array_prints(pc.list_flatten(array), salt)
        parents = np.asarray(pc.list_parent_indices(array))
        total = np.zeros(len(array), dtype=np.uint64)
        np.add.at(total, parents, inner * (inner >> np.uint64(7) | np.uint64(1)))
        return total
    coded = array.dictionary_encode()
    words = pd.util.hash_array(coded.dictionary.to_pandas().astype("str").to_numpy(dtype=object), categorize=False)
    codes = np.asarray(coded.indices.fill_null(len(words)))
    return np.asarray(np.append(words, np.uint64(0))[codes] * np.uint64(2_654_435_761) + salt)
