"""Columns of text that stay in Arrow's memory: making a Python object of each value costs more than parsing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

__all__ = ["arrow_of", "constant", "hexadecimal", "is_tidy", "joined", "labels_of", "no_text", "text_of"]

_DIGITS: Final = np.frombuffer(b"".join(b"%02x" % i for i in range(256)), dtype=np.uint16)
_BLOCK: Final = 1 << 15
_FIRST_PRINTED, _PRINTED = np.uint8(0x21), np.uint8(0x7E - 0x21)
STR: Final[Any] = pd.StringDtype("pyarrow", na_value=np.nan)


def text_of(array: Any) -> Any:
    """Return Arrow text (an array or chunks of it) as pandas' ``str``, without a copy where it is large text.

    Examples
    --------
    >>> pd.Series(text_of(pa.array(["a", None]))).tolist()
    ['a', nan]
    """
    if array.type != pa.large_string():
        array = array.cast(pa.large_string())
    return STR.__from_arrow__(array)


def arrow_of(values: Any) -> Any:
    """Return a column of text as one Arrow array of large text.

    Examples
    --------
    >>> arrow_of(pd.Series(["a", None])).null_count
    1
    """
    held = getattr(getattr(values, "array", values), "_pa_array", None)
    if held is None:
        return pa.array(values, pa.large_string(), from_pandas=True)
    whole = held.combine_chunks() if isinstance(held, pa.ChunkedArray) else held
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks != 1 else whole.chunk(0)
    return whole if whole.type == pa.large_string() else whole.cast(pa.large_string())


def is_tidy(array: Any) -> bool:
    """Tell whether no text of an Arrow array is empty or may have a blank at an end; strange characters there may be.

    A look at the first and last byte of each, which takes a tenth of the time of stripping them.

    Examples
    --------
    >>> is_tidy(pa.array(["a", None], pa.large_string())), is_tidy(pa.array(["a", " b"], pa.large_string()))
    (True, False)
    """
    if len(array) == array.null_count:
        return True
    _, ends, text = array.buffers()
    if text is None:
        return False
    data = np.frombuffer(text, dtype=np.uint8)
    if not len(data):
        return False
    places = np.frombuffer(ends, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    for i in range(0, len(array), _BLOCK):  # block by block, which stays where the processor is quick
        some = places[i : i + _BLOCK + 1]
        begin, last = some[:-1], some[1:] - 1
        if array.null_count:
            there = array[i : i + _BLOCK].is_valid().to_numpy(zero_copy_only=False)
            begin, last = begin[there], last[there]
        if (last < begin).any():
            return False
        # what is printed in ASCII; the difference of bytes wraps, so that blanks are far above
        if ((data[begin] - _FIRST_PRINTED) > _PRINTED).any() or ((data[last] - _FIRST_PRINTED) > _PRINTED).any():
            return False
    return True


def constant(value: str, n: int) -> Any:
    """Return `n` times one text."""
    return text_of(pa.repeat(pa.scalar(value, pa.large_string()), n))


def nulls(n: int) -> Any:
    """Return an Arrow array of `n` missing texts, in memory that no page stands behind before somebody looks at it."""
    return pa.LargeStringArray.from_buffers(
        n, pa.py_buffer(np.zeros(n + 1, np.int64)), pa.py_buffer(b""), pa.py_buffer(np.zeros(n // 8 + 1, np.uint8)), n
    )


def no_text(n: int) -> Any:
    """Return `n` missing texts."""
    return text_of(nulls(n))


def joined(parts: Sequence[Any]) -> Any:
    """Return columns of text behind each other."""
    return parts[0] if len(parts) == 1 else text_of(pa.concat_arrays([arrow_of(part) for part in parts]))


def labels_of(codes: np.ndarray[Any, Any], labels: Sequence[str | None]) -> Any:
    """Return the label of each code as text; code -1 is missing.

    Examples
    --------
    >>> pd.Series(labels_of(np.array([1, -1]), ["a", "b"])).tolist()
    ['b', nan]
    """
    if len(codes) and (low := codes.min()) == codes.max():  # what most ledgers say of all their records
        label = None if low < 0 else labels[low]
        return no_text(len(codes)) if label is None else constant(label, len(codes))
    words = pa.array([*labels, None], pa.large_string())
    return text_of(words.take(pa.array(np.where(codes < 0, len(labels), codes))))


def hexadecimal(prefix: str, numbers: np.ndarray[Any, Any]) -> Any:
    """Return unsigned 64-bit numbers as text of 16 digits behind a prefix.

    Examples
    --------
    >>> pd.Series(hexadecimal("r", np.array([255], dtype=np.uint64))).tolist()
    ['r00000000000000ff']
    """
    n, width = len(numbers), len(prefix) + 16
    text = np.empty((n, width), dtype=np.uint8)
    text[:, : len(prefix)] = np.frombuffer(prefix.encode("ascii"), np.uint8)
    for i in range(0, n, _BLOCK):  # big-endian, as numbers are written
        some = np.ascontiguousarray(numbers[i : i + _BLOCK], ">u8").view(np.uint8)
        text[i : i + _BLOCK, len(prefix) :] = _DIGITS[some].view(np.uint8).reshape(-1, 16)
    ends = np.arange(0, width * (n + 1), width, dtype=np.int64)
    return text_of(pa.LargeStringArray.from_buffers(n, pa.py_buffer(ends), pa.py_buffer(text)))
