"""Columns of text that stay in Arrow's memory: making a Python object of each value costs more than parsing it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

__all__ = ["arrow_of", "constant", "no_text", "text_of"]

STR: Final = pd.StringDtype("pyarrow", na_value=np.nan)


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


def constant(value: str, n: int) -> Any:
    """Return `n` times one text."""
    return text_of(pa.repeat(pa.scalar(value, pa.large_string()), n))


def no_text(n: int) -> Any:
    """Return `n` missing texts."""
    return text_of(pa.nulls(n, pa.large_string()))
