"""How results show themselves in a notebook's cell: a head, their tables, and under them filters and notes."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any, Final

import numpy as np
import pandas as pd

__all__ = ["repr_html"]

_MISSING: Final = "–"
_SMALL: Final = 0.001


def repr_html(*tables: pd.DataFrame, head: str | Iterable[str] = (), said: Iterable[str] = (), most: int = 60) -> str:
    """Write a result for a notebook's cell; whatever comes from data is text, never markup.

    Parameters
    ----------
    *tables : DataFrame
        Empty ones are left out. An index that has a name is shown. Each column of numbers is rounded by its size, so that
        the figures of a column stand under each other: counts whole, shares to three decimals.
    head : str or iterable of str
        What stands above.
    said : iterable of str
        What stands below: filters, notes.
    most : int, default 60
        Rows that are shown of each table; how many there are is said.

    Returns
    -------
    str

    Examples
    --------
    >>> print(repr_html(pd.DataFrame({"name": ["<b>"], "share": [0.25], "n": [1200.0]}), head="Found", said=["a note"]))
    <div><p>Found</p><table class="dataframe">
      <thead>
        <tr style="text-align: right;">
          <th>name</th>
          <th>share</th>
          <th>n</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <td>&lt;b&gt;</td>
          <td>0.250</td>
          <td>1,200</td>
        </tr>
      </tbody>
    </table><p>a note</p></div>
    """
    above = [head] if isinstance(head, str) else list(head)
    shown = "".join(_written(table, most) for table in tables if len(table))
    return f"<div>{_lines(above)}{shown}{_lines(said)}</div>"


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"<p>{escape(line.strip())}</p>" for line in lines if line.strip())


def _written(table: pd.DataFrame, most: int) -> str:
    some = table.head(most).copy()
    for i in range(some.shape[1]):
        column = some.iloc[:, i]
        if column.dtype.kind not in "mM":  # pandas writes moments by itself: days without a time of day
            some.isetitem(i, _texts(column))
    named = any(name is not None for name in table.index.names)
    html = some.to_html(index=named, escape=True, border=0, na_rep=_MISSING)
    rest = f"<p>the first {most} of {len(table):,} rows</p>" if len(table) > most else ""
    return f"{html}{rest}"


def _texts(column: pd.Series[Any]) -> list[Any]:
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return [_MISSING if lacks else v for v, lacks in zip(column, column.isna(), strict=True)]
    values = column.astype("float64")
    form = _form(values[np.isfinite(values)].abs())
    return [_MISSING if v != v else format(v, form) for v in values]


def _form(sizes: pd.Series[float]) -> str:
    """Return how a column of numbers is written, by how large they are."""
    if (sizes == sizes.round()).all():
        return ",.0f"
    if (sizes[sizes > 0] < _SMALL).any() and (sizes <= 1).all():
        return ".2g"  # error probabilities
    top = sizes.max()
    return f",.{0 if top >= 1000 else 1 if top >= 100 else 2 if top >= 10 else 3}f"
