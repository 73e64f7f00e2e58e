"""What leaves in a table: small cells hidden, and no cell that a spreadsheet would execute."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

__all__ = ["SUPPRESSED_COLUMNS", "read_safe_csv", "safe_csv", "suppress"]

SUPPRESSED_COLUMNS: Final = ("file", "key", "column", "reason")
_DIGITS: Final = 6
_OPENS: Final = "'*[=+\\-@\\t\\r\\n＝＋－＠]"
"""What a cell begins with that gets an apostrophe; one that has apostrophes before it already gets one more, so that
reading back gives what was there."""
_FORMULA: Final = f"^{_OPENS}"  # OWASP, CSV injection; the wide forms open formulas in Asian locales


def suppress(
    frame: pd.DataFrame,
    columns: Sequence[str],
    n_column: str,
    min_cell: int,
    file: str,
    key: str | Sequence[str],
    *,
    total_by: Sequence[str] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hide figures about fewer than `min_cell` customers.

    Where the rows add up to a total that is published too, one hidden row could be had back by
    subtraction; then the next smallest row is hidden as well (`total_by`). A figure whose number of
    customers is unknown is hidden; a row about nobody (0) reveals nobody and stays.

    Parameters
    ----------
    frame : DataFrame
        Aggregates, one row per thing.
    columns : sequence of str
        The figures to hide in a row, `n_column` among them when it is published.
    n_column : str
        Number of customers behind the row.
    min_cell : int
        Smallest number that may be shown.
    file : str
        Name of the file, for the list.
    key : str or sequence of str
        Column or columns that name a row, joined by ``" | "`` in the list.
    total_by : sequence of str, optional
        The rows within each value of these columns sum to a published total; ``()`` when all rows
        together do; None, the default, when no total is published.

    Returns
    -------
    frame : DataFrame
        A copy with the hidden figures missing.
    suppressed : DataFrame
        Columns ``file``, ``key``, ``column``, ``reason``: one row per figure that was hidden, not per
        figure that was never measured.

    Examples
    --------
    >>> import pandas as pd
    >>> t = pd.DataFrame({"step": ["a", "b", "c"], "customers": [50, 12, 3]})
    >>> shown, hidden = suppress(t, ["customers"], "customers", 10, "t.csv", "step", total_by=())
    >>> shown["customers"].tolist()
    [50, <NA>, <NA>]
    >>> hidden[["key", "reason"]].values.tolist()
    [['b', 'protects another hidden cell'], ['c', 'fewer than 10 customers']]
    """
    n = pd.to_numeric(frame[n_column]).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    reason = np.full(len(frame), "", dtype=object)
    reason[(n > 0) & (n < min_cell)] = f"fewer than {min_cell} customers"
    reason[np.isnan(n)] = "number of customers unknown"
    if total_by is not None:
        _protect(frame, n, reason, list(total_by))

    out = frame.copy()
    hidden = reason != ""
    keys = [key] if isinstance(key, str) else list(key)
    names = frame[keys].astype("str").fillna("").agg(" | ".join, axis=1) if len(frame) else pd.Series(dtype="str")
    rows = []
    for column in columns:
        gone = hidden & frame[column].notna().to_numpy()
        rows.append(
            pd.DataFrame(
                {
                    "row": np.flatnonzero(gone),
                    "file": file,
                    "key": names[gone],
                    "column": column,
                    "reason": reason[gone],
                }
            )
        )
        if gone.any():
            out[column] = _nullable(frame[column]).mask(gone)
    if not rows:
        return out, pd.DataFrame({c: pd.Series(dtype="str") for c in SUPPRESSED_COLUMNS})
    listed = pd.concat(rows, ignore_index=True).sort_values("row", kind="stable", ignore_index=True)
    return out, listed[list(SUPPRESSED_COLUMNS)].astype("str")


def _protect(frame: pd.DataFrame, n: np.ndarray, reason: np.ndarray, by: list[str]) -> None:
    """Hide the next smallest row of every set in which exactly one is hidden."""
    group = frame.groupby(by, dropna=False, sort=False).ngroup().to_numpy() if by else np.zeros(len(frame), dtype=int)
    hidden = pd.Series(reason != "").groupby(group).transform("sum").to_numpy()
    # Rows about nobody protect nothing: whoever subtracts knows that they are empty.
    candidates = np.flatnonzero((hidden == 1) & (reason == "") & (n > 0))
    order = candidates[np.lexsort((candidates, n[candidates], group[candidates]))]
    first = np.unique(group[order], return_index=True)[1]
    reason[order[first]] = "protects another hidden cell"


def _nullable(column: pd.Series) -> pd.Series:
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.astype("boolean")
    return column.astype("Int64") if pd.api.types.is_integer_dtype(column.dtype) else column


def safe_csv(frame: pd.DataFrame, path: str | Path) -> None:
    r"""Write a table that reads the same everywhere and that no spreadsheet executes.

    UTF-8, ``\n``, no index; floats at 6 significant digits; a text cell (or column name) that begins
    with ``=``, ``+``, ``-``, ``@``, tab or a line break gets an apostrophe before it. Numbers are
    left alone, and so is the table that was given.

    Parameters
    ----------
    frame : DataFrame
    path : path-like
        Overwritten when it is there.

    Examples
    --------
    >>> import pandas as pd, tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "t.csv"
    >>> safe_csv(pd.DataFrame({"what": ["=1+1", "fine"], "x": [-1 / 3, 2e6]}), file)
    >>> print(file.read_text(), end="")
    what,x
    '=1+1,-0.333333
    fine,2000000
    """
    out = pd.DataFrame({i: _cells(frame.iloc[:, i]) for i in range(frame.shape[1])}, index=frame.index)
    names = pd.Series([str(c) for c in frame.columns], dtype="object")
    out.columns = pd.Index(_harmless(names).tolist())
    with Path(path).open("w", encoding="utf-8", newline="") as stream:
        out.to_csv(stream, index=False, lineterminator="\n", na_rep="")


def read_safe_csv(path: str | Path, text: Collection[str] = ()) -> pd.DataFrame:
    """Read a table that `safe_csv` wrote: labels as they were, without the apostrophe that keeps a spreadsheet still.

    Parameters
    ----------
    path : path-like
    text : collection of str
        Columns that are text whatever stands in them. Others have the type that their cells have.

    Returns
    -------
    DataFrame
        Only an empty cell is missing: "NA" is a label that somebody recorded.

    Examples
    --------
    >>> import pandas as pd, tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "t.csv"
    >>> safe_csv(pd.DataFrame({"what": ["=1+1", "'=", "NA"], "x": [-0.5, 1, 2]}), file)
    >>> read_safe_csv(file).values.tolist()
    [['=1+1', -0.5], ["'=", 1.0], ['NA', 2.0]]
    """
    frame = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=dict.fromkeys(text, "str"))
    for column in frame.columns[[isinstance(t, pd.StringDtype) for t in frame.dtypes]]:
        frame[column] = frame[column].str.replace(f"^'({_OPENS})", r"\1", regex=True)
    frame.columns = pd.Index(frame.columns.str.replace(f"^'({_OPENS})", r"\1", regex=True).tolist())
    return frame


def _cells(column: pd.Series) -> pd.Series:
    dtype = column.dtype
    if pd.api.types.is_float_dtype(dtype):
        return _rounded(column)
    if isinstance(dtype, pd.CategoricalDtype):
        column = column.astype("object")
    if column.dtype == object or pd.api.types.is_string_dtype(column.dtype):
        return _harmless(column)
    return column


def _harmless(column: pd.Series) -> pd.Series:
    text = column.astype("object")
    is_text = text.map(lambda v: isinstance(v, str)).to_numpy(dtype=bool)
    bad = np.zeros(len(text), dtype=bool)
    bad[is_text] = text[is_text].astype("str").str.match(_FORMULA).to_numpy(dtype=bool)
    text = text.copy()
    if bad.any():
        text[bad] = "'" + text[bad].astype("str")
    # A lone CR ends the line for half of all readers, and csv does not quote it.
    text[is_text] = text[is_text].astype("str").str.replace(r"\r\n?", "\n", regex=True).astype("object")
    return text


def _rounded(column: pd.Series) -> pd.Series:
    codes, unique = pd.factorize(column.to_numpy(dtype=float, na_value=np.nan))
    lookup = np.array([*(_digits(float(v)) for v in unique), None], dtype=object)
    return pd.Series(lookup[codes], index=column.index, dtype="object")


def _digits(x: float) -> str:
    if not np.isfinite(x):
        return "inf" if x > 0 else "-inf"
    if x == 0:
        return "0"  # also for -0.0
    if 1e-5 <= abs(x) < 1e15:  # as people write numbers; beyond, as computers do
        return np.format_float_positional(x, precision=_DIGITS, unique=False, fractional=False, trim="-")
    return f"{x:.{_DIGITS}g}"
