"""What is known of customers apart from what they did: attributes from the customer file, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.schema import TABLES

__all__ = ["UNKNOWN", "attribute_points", "attribute_table", "is_number"]

UNKNOWN: Final = "(unknown)"
LEVELS: Final = 50


def attribute_table(customers: pd.DataFrame, names: Sequence[str], ids: Sequence[str]) -> pd.DataFrame:
    """Return the attributes of these customers, numbers and dates as numbers, the rest as words.

    Parameters
    ----------
    customers : DataFrame
        Table ``customers``; of several records of one customer the first that knows a value speaks.
    names : sequence of str
        Columns.
    ids : sequence of str
        Customers; who is in no record is missing from the result.

    Raises
    ------
    UnknownNameError
        When a column is not there.
    StudyError
        When words take more than 50 values: such a column names customers rather than grouping them.
    NotEnoughDataError
        When none of the customers is in the table.
    """
    there = [c for c in customers.columns if c not in TABLES["customers"]]
    for name in names:
        if name not in there:
            raise UnknownNameError(f"attributes: no column {name!r} in the customer file; {nearest(name, there)}")
    rows = customers[customers["customer_id"].isin(list(ids))]
    rows = rows.sort_values(["customer_id", "source", "seq", "record_id"], kind="stable")
    first = rows.groupby("customer_id", sort=True)[list(names)].first()
    if not len(first):
        raise NotEnoughDataError("no customer of these journeys is in the customer file, so there are no attributes")
    return pd.DataFrame({name: _column(first[name], name) for name in names}, index=first.index)


def is_number(column: pd.Series) -> bool:
    """Whether an attribute was taken as a number."""
    return column.dtype == np.float64


def _column(values: pd.Series, name: str) -> pd.Series:
    if isinstance(values.dtype, pd.DatetimeTZDtype) or values.dtype.kind == "M":
        return _years(pd.DatetimeIndex(values), values.index)
    if values.dtype.kind == "b":
        return values.astype("str")
    known = values.notna()
    numbers = pd.to_numeric(values, errors="coerce")
    if known.any() and numbers[known].notna().all():
        return numbers.astype("Float64").astype("float64")
    for form in ("ISO8601", "%d-%m-%Y"):  # the second is how Dutch systems write a day, and nobody else does
        dates = pd.to_datetime(values.astype("str"), errors="coerce", format=form, utc=True)
        if known.any() and dates[known].notna().all():
            return _years(pd.DatetimeIndex(dates), values.index)
    words = values.astype("str").where(known, UNKNOWN)
    if words.nunique() > LEVELS:
        raise StudyError(
            f"attribute {name!r} has {words.nunique():,} different values, more than {LEVELS}: name one that groups customers"
        )
    return words


def _years(days: pd.DatetimeIndex, index: pd.Index) -> pd.Series:
    return pd.Series(np.asarray(days.year + (days.day_of_year - 1) / 365.25, dtype=np.float64), index=index)


def attribute_points(table: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return customers as points whose squared distances add up the attributes' differences, each from 0 to 1.

    As in Gower (1971): two different words differ by 1, two numbers by their part of the range (here squared, and from
    the 1st to the 99th percentile, so that one wrong date does not make all others equal). Missing numbers stand at the
    median.

    Examples
    --------
    >>> t = pd.DataFrame({"segment": ["a", "b", "a"], "since": [2000.0, 2010.0, 2020.0]})
    >>> x = attribute_points(t)
    >>> [round(float(((x[0] - x[i]) ** 2).sum()), 2) for i in (1, 2)]
    [1.25, 1.0]
    """
    parts = []
    for name in table.columns:
        column = table[name]
        if is_number(column):
            values = column.fillna(column.median()).to_numpy()
            low, high = np.quantile(values, [0.01, 0.99]) if len(values) > 100 else (values.min(), values.max())
            scaled = np.clip((values - low) / (high - low), 0, 1) if high > low else np.zeros(len(values))
            parts.append(scaled[:, None])
        else:
            levels = np.array(sorted(column.unique()), dtype=object)
            parts.append((column.to_numpy(dtype=object)[:, None] == levels[None, :]) / np.sqrt(2))
    points: npt.NDArray[np.float64] = np.round(np.column_stack(parts), 9).astype(np.float64)
    return points
