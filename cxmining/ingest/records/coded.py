"""Columns of few different texts, as numbers: what is said of a text is said once, however many records bear it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from cxmining.ingest.files.arrow import arrow_of, text_of

__all__ = ["Coded", "combined"]


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of text: the number of each record's text, and the texts.

    Attributes
    ----------
    codes : ndarray of int
        One per record; -1 is missing.
    words : Series of str
        Two of them may be alike after `change`.

    Examples
    --------
    >>> queue = Coded.of(pd.Series(["Help ", None, "Help "]))
    >>> pd.Series(queue.change(lambda words: words.str.strip()).text()).tolist()
    ['Help', nan, 'Help']
    """

    codes: np.ndarray[Any, Any]
    words: pd.Series[Any]

    @classmethod
    def of(cls, column: pd.Series[Any]) -> Coded:
        """Return a column of text or categories as numbers."""
        if isinstance(column.dtype, pd.CategoricalDtype):
            return cls(column.cat.codes.to_numpy(), pd.Series(column.cat.categories, dtype="str"))
        found = arrow_of(column).dictionary_encode()
        return cls(np.asarray(found.indices.fill_null(-1)), pd.Series(text_of(found.dictionary)))

    def change(self, how: Callable[[pd.Series[Any]], pd.Series[Any]]) -> Coded:
        """Return what becomes of each text; one that becomes missing is missing."""
        words = how(self.words)
        gone = words.isna().to_numpy()
        codes = np.where(np.append(gone, True)[self.codes], -1, self.codes) if gone.any() else self.codes
        return Coded(codes, words)

    def each(self, values: Any, missing: Any) -> np.ndarray[Any, Any]:
        """Return per record what `values` holds for its text."""
        return np.asarray(np.append(np.asarray(values), np.asarray([missing]))[self.codes])

    def tells(self, what: Callable[[pd.Series[Any]], Any]) -> np.ndarray[Any, Any]:
        """Return per record what is true of its text; false of none."""
        return self.each(pd.Series(what(self.words)).fillna(False).to_numpy(bool), False)

    def take(self, at: np.ndarray[Any, Any]) -> Coded:
        """Return the records at those positions."""
        return Coded(self.codes[at], self.words)

    def where(self, stands: np.ndarray[Any, Any]) -> Coded:
        """Return the column with all else missing."""
        return Coded(np.where(stands, self.codes, -1), self.words)

    def choose(self, mine: np.ndarray[Any, Any], other: Coded) -> Coded:
        """Return the records of this column where `mine`, else those of another."""
        beyond = np.where(other.codes < 0, -1, other.codes.astype(np.int64) + len(self.words))
        words = pd.concat([self.words, other.words], ignore_index=True)
        return Coded(np.where(mine, self.codes, beyond), words)

    def fill(self, other: Coded) -> Coded:
        """Return the column, and where it is missing another."""
        return self if (self.codes >= 0).all() else self.choose(self.codes >= 0, other)

    def text(self) -> Any:
        """Return the column as text."""
        if not len(self.words):
            return text_of(pa.nulls(len(self.codes), pa.large_string()))
        words = arrow_of(self.words)
        at = pa.array(self.codes, mask=self.codes < 0) if (self.codes < 0).any() else pa.array(self.codes)
        return text_of(words.take(at))

    def categories(self) -> pd.Series[Any]:
        """Return the column as pandas' categories."""
        again, unique = pd.factorize(self.words)
        codes = self.each(again, -1)
        return pd.Series(pd.Categorical.from_codes(codes, pd.Index(unique), validate=False))


def combined(columns: list[Coded], make: Callable[..., pd.Series[Any]]) -> Coded:
    """Return what `make` makes of the texts of several columns, which it is shown once per combination."""
    joint = np.zeros(len(columns[0].codes), dtype=np.int64)
    for column in columns:
        joint = joint * (len(column.words) + 1) + column.codes + 1
    codes, unique = pd.factorize(joint)
    shown = []
    for column in reversed(columns):
        n = len(column.words) + 1
        shown.append(pd.Series(Coded(unique % n - 1, column.words).text()))
        unique = unique // n
    return Coded(codes, make(*reversed(shown)))
