"""Rows of a table for words and pictures, which format whatever stands in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import pandas as pd

__all__ = ["records_of", "rows_of"]


def rows_of(frame: pd.DataFrame) -> Iterable[Any]:
    """Return the rows one by one, columns as attributes.

    Examples
    --------
    >>> [row.n for row in rows_of(pd.DataFrame({"n": [1, 2]}))]
    [1, 2]
    """
    return frame.itertuples()


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as dictionaries by column.

    Examples
    --------
    >>> records_of(pd.DataFrame({"n": [1]}))
    [{'n': 1}]
    """
    return cast("list[dict[str, Any]]", frame.to_dict("records"))
