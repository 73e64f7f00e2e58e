"""The number that an answer gives: alone, with a comma, or with its label beside it."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

__all__ = ["numbers_of"]

# "7 - tevreden", "7: tevreden", "7 (tevreden)", "(7) tevreden", "7=tevreden", "7. tevreden"; never "7 - 8" or "7 uur"
_LABELLED: Final = r"^\(?(?P<n>-?\d{1,4}(?:[.,]\d{1,6})?)(?:\)|\s*[-–—:=|.)](?:\s|\D)|\s+\()\s*\(?[^\d\s].*$"
# "zeer tevreden (5)", "tevreden = 5"
_TRAILED: Final = r"^[^\d(]+(?:\(|[:=])\s*(?P<n>\d{1,4}(?:[.,]\d{1,6})?)\)?$"


def numbers_of(text: pd.Series[Any]) -> pd.Series[Any]:
    """Return the number that each answer gives, missing where it gives none, or more than one.

    Parameters
    ----------
    text : Series of str

    Returns
    -------
    Series of Float64

    Examples
    --------
    >>> numbers_of(pd.Series(["7 - tevreden", "7,5", "(2) slecht", "zeer tevreden (5)", "7 - 8", "7 uur", None])).tolist()
    [7.0, 7.5, 2.0, 5.0, <NA>, <NA>, <NA>]
    """
    codes, unique = pd.factorize(text)
    values = pd.Series(unique, dtype="str").str.strip()
    number = pd.to_numeric(values.str.replace(",", ".", regex=False), errors="coerce").astype("Float64")
    number = number.mask(number.isna())
    for pattern in (_LABELLED, _TRAILED):
        rest = number.isna() & values.notna()
        if not rest.any():
            break
        found = values[rest].str.extract(pattern)["n"].str.replace(",", ".", regex=False)
        number = number.fillna(pd.to_numeric(found, errors="coerce").astype("Float64").reindex(values.index))
    looked = number.reindex([*range(len(values)), -1])
    return pd.Series(looked.array.take(codes), index=text.index, dtype="Float64")
