"""Blocks of JSON records laid out by Arrow: columns of what is needed, and no Python object of what is not.

A reader says what it needs of a record (`Layout`). The types are learnt from the first records, and a block in which
a field is of another type, a number is too large for 64 bits or a record is none is refused: the reader then takes
that block record by record, with the same result. So an id never becomes a number with a rounding, and a list where a
value belongs is seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from cxmining.ingest.files.json_records import Batch, parse

__all__ = ["NUMBER", "TEXT", "Layout", "Shape", "as_text", "field_of"]

Shape: TypeAlias = Any
"""`TEXT`, `NUMBER`, a mapping of key to shape for an object, or a list of one shape."""
TEXT: Final = "text"
"""A scalar whose words count: text, a whole number or a truth value, all records alike."""
NUMBER: Final = "number"
"""A number that is reckoned with."""
_SAMPLE: Final = 500
_ENOUGH: Final = 1 << 19
_FEWEST: Final = 50  # fewer records do not tell the types of their fields
_TRIES: Final = 3
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_PAIR: Final = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")


class _MixedError(Exception):
    """The sample has no one type per field: nothing for Arrow."""


class Layout:
    """What is needed of the records of one file.

    Parameters
    ----------
    shape : mapping of str to shape
        The needed fields of a record.

    Examples
    --------
    >>> from cxmining.ingest.files.json_records import Batch
    >>> lines = b'{"id": 1, "who": {"name": "a"}, "more": [1, 2]}' + bytes([10])
    >>> batch = Batch(0, None, None, range(1, 61), "line", "", block=lines * 60, neat=True)
    >>> Layout({"id": TEXT, "who": {"name": TEXT}}).table(batch).schema.names
    ['id', 'who']
    """

    def __init__(self, shape: Mapping[str, Shape]) -> None:
        self._shape = shape
        self._schema: Any = None
        self._learnt = False
        self._refused = 0

    def table(self, batch: Batch) -> Any:
        """Return a batch as a table of one piece; nothing when its records are to be taken one by one."""
        if len(batch) < _FEWEST or self._refused >= _TRIES:
            return None
        block = batch.as_lines()
        if block is None:
            return None
        if not self._learnt:
            self._learnt = True
            try:
                some = block[:_ENOUGH].split(b"\n", _SAMPLE)[:_SAMPLE]
                rows = [r for r in map(parse, some) if isinstance(r, dict)]
                self._schema = pa.schema([(k, _type(s, [r.get(k) for r in rows])) for k, s in self._shape.items()])
            except _MixedError:
                self._schema = None
        loose = not batch.neat and block.count(b"\n") >= len(batch)
        found = None if self._schema is None else _read(block, self._schema, len(batch), loose)
        if found is None:
            self._refused += 1
            self._learnt = False  # what follows may be written otherwise
        else:
            self._refused = 0
        return found


def _type(shape: Shape, values: Sequence[Any]) -> Any:
    there = [v for v in values if v is not None]
    if shape == NUMBER:
        if not all(type(v) in (int, float) for v in there):
            raise _MixedError
        return pa.float64()
    if shape == TEXT:
        kinds = {type(v) for v in there}
        for kind, arrow in ((str, pa.string()), (int, pa.int64()), (bool, pa.bool_())):
            if kinds <= {kind}:
                return arrow
        raise _MixedError
    if isinstance(shape, list):
        if not all(type(v) is list for v in there):
            raise _MixedError
        return pa.list_(_type(shape[0], [e for v in there for e in v]))
    if not all(type(v) is dict for v in there):
        raise _MixedError
    return pa.struct([(key, _type(child, [v.get(key) for v in there])) for key, child in shape.items()])


def _read(block: bytes, schema: Any, n: int, loose: bool) -> Any:
    """Return the `n` records of a block as a table, or nothing when Arrow would read one of them otherwise.

    `loose` says that records go over several lines.
    """
    import pyarrow.json as pj

    try:
        if not block.isascii():
            block.decode()  # Arrow takes bytes that are no UTF-8 for text
        if b"\\u" in block and len(_SURROGATE.findall(block)) != 2 * len(_PAIR.findall(block)):
            return None  # half a surrogate pair is no text
        # in one piece and one thread: to cut a few MiB and glue their columns again costs more than it saves
        table = pj.read_json(
            pa.BufferReader(block),
            parse_options=pj.ParseOptions(
                explicit_schema=schema, unexpected_field_behavior="ignore", newlines_in_values=loose
            ),
            read_options=pj.ReadOptions(use_threads=False, block_size=len(block) + 1),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError):
        return None
    return table.combine_chunks() if table.num_rows == n else None


def field_of(array: Any, name: str) -> Any:
    """Return a field of objects; missing where the object is."""
    return pc.struct_field(array, name)


def as_text(array: Any) -> Any:
    """Return scalars as text.

    Examples
    --------
    >>> as_text(pa.array([7, None])).to_pylist()
    ['7', None]
    """
    return array if array.type == pa.large_string() else pc.cast(array, pa.large_string())
