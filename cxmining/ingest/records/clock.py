"""Clocks by the day: a million stamps lie on a few hundred days, and on nearly all of them no clock is turned.

What is asked of a zone once per day instead of once per stamp; stamps on a day on which the clock was turned are
left to the careful way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cxmining.ingest.files.arrow import arrow_of

__all__ = ["local_to_utc", "minutes_at", "plain_moments"]

Micros = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_DAY: Final = 86_400_000_000
_MINUTE: Final = 60_000_000
_BLOCK: Final = 1 << 14
_NAT: Final = np.iinfo(np.int64).min
_SHORTEST, _LONGEST = 19, 27  # 2024-01-01T10:00:00 and 2024-01-01T10:00:00.123456Z


def plain_moments(text: pd.Series[Any]) -> tuple[pd.Series[Any], bool] | None:
    """Read stamps that are all written ``2024-01-01T10:00:00``, with or without fraction, or all so with ``Z``.

    Returns
    -------
    tuple of Series and bool, or None
        ``datetime64[us]`` and whether they are UTC; None where any is written in another way.

    Examples
    --------
    >>> [str(t) for t in plain_moments(pd.Series(["2024-01-01 10:00:00.5", None]))[0]]
    ['2024-01-01 10:00:00.500000', 'NaT']
    >>> plain_moments(pd.Series(["2024-01-01 10:00:00", "2024-01-01 10:00:00Z"])) is None
    True
    """
    column = arrow_of(text)
    lengths = pc.min_max(pc.binary_length(column)).as_py()
    if lengths["min"] is None or lengths["min"] < _SHORTEST or lengths["max"] > _LONGEST:
        return None
    first = column[pc.index(column.is_valid(), True).as_py()].as_py()
    zulu = first.endswith("Z") and bool(pc.all(pc.ends_with(column, "Z")).as_py())
    try:  # Arrow takes this one form, and refuses a zone where none is expected
        read = pc.cast(column, pa.timestamp("us", "UTC" if zulu else None))
    except pa.ArrowInvalid:
        return None
    number = pc.cast(read, pa.int64())
    number = np.asarray(pc.fill_null(number, _NAT) if number.null_count else number)
    return pd.Series(number.view("datetime64[us]"), index=text.index), zulu


class _Days:
    """The days on which moments lie, and what is known of a day said of each of its moments.

    Block by block: what is made on the way stays small, where whole columns would be made one after the other.
    """

    def __init__(self, micros: Micros) -> None:
        self.micros = micros
        self.first = int(micros.min()) // _DAY
        self.there = np.zeros(int(micros.max()) // _DAY - self.first + 1, dtype=bool)
        for place in self._places():
            self.there[place[1]] = True
        self.days = np.flatnonzero(self.there) + self.first

    def _places(self) -> Iterator[tuple[slice, Micros]]:
        for i in range(0, len(self.micros), _BLOCK):
            part = slice(i, i + _BLOCK)
            yield part, self.micros[part] // _DAY - self.first

    def each(self, *known: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], ...]:
        """Return per moment what is known of its day; each of `known` is as long as `days`."""
        said = [np.zeros(len(self.there), dtype=one.dtype) for one in known]
        for some, one in zip(said, known, strict=True):
            some[self.there] = one
        made = tuple(np.empty(len(self.micros), dtype=one.dtype) for one in known)
        for part, place in self._places():
            for whole, some in zip(made, said, strict=True):
                np.take(some, place, out=whole[part])
        return made


def minutes_at(utc: Micros, tz: str) -> tuple[npt.NDArray[np.int16], Mask]:
    """Return the minutes east of Greenwich that clocks in `tz` showed, and where the day's clock was turned.

    Parameters
    ----------
    utc : ndarray of int64
        Microseconds since 1970, none missing, at least one.
    tz : str

    Examples
    --------
    >>> day = 86_400_000_000
    >>> minutes, turned = minutes_at(np.array([0, 17_614 * day]), "Europe/Amsterdam")  # 2018-03-24
    >>> minutes.tolist(), turned.tolist()
    ([60, 60], [False, False])
    """
    found = _Days(utc)
    at = [_shift(d * _DAY, tz) for d in (found.days, found.days + 1)]
    minutes, turned = found.each(np.round(at[0] / _MINUTE).astype(np.int16), at[0] != at[1])
    return minutes, turned


def _shift(utc: Micros, tz: str) -> Micros:
    moments = pd.Series(utc.view("datetime64[us]")).dt.tz_localize("UTC").dt.tz_convert(tz).dt.tz_localize(None)
    return moments.to_numpy(dtype="datetime64[us]").view(np.int64) - utc


def local_to_utc(wall: Micros, tz: str) -> tuple[Micros, npt.NDArray[np.int16], Mask]:
    """Return the moments that local clocks in `tz` meant, their minutes east of Greenwich, and where neither is known.

    That is where the day's clock was turned; there both are 0.

    Parameters
    ----------
    wall : ndarray of int64
        Microseconds since 1970 on that clock, none missing, at least one.
    tz : str

    Examples
    --------
    >>> hour = 3_600_000_000
    >>> moments, minutes, turned = local_to_utc(np.array([12 * hour]), "Europe/Amsterdam")
    >>> (moments // hour).tolist(), minutes.tolist(), turned.tolist()
    ([11], [60], [False])
    """
    found = _Days(wall)
    begin, end = (_utc(d * _DAY, tz) for d in (found.days, found.days + 1))
    odd = (begin == _NAT) | (end == _NAT) | (end - begin != _DAY)
    shift = np.where(odd, 0, found.days * _DAY - begin)
    moments, minutes, turned = found.each(shift, np.round(shift / _MINUTE).astype(np.int16), odd)
    np.subtract(wall, moments, out=moments)
    if odd.any():
        moments[turned] = 0
    return moments, minutes, turned


def _utc(wall: Micros, tz: str) -> Micros:
    local = pd.Series(wall.view("datetime64[us]")).dt.tz_localize(tz, ambiguous="NaT", nonexistent="NaT")
    return local.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(dtype="datetime64[us]").view(np.int64)
