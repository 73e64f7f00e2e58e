"""Clocks by the day: a million stamps lie on a few hundred days, and on nearly all of them no clock is turned.

What is asked of a zone once per day instead of once per stamp; stamps on a day on which the clock was turned are
left to the careful way.
"""

from __future__ import annotations

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
    zulu = bool(pc.all(pc.ends_with(column, "Z")).as_py())
    try:  # Arrow takes this one form, and refuses a zone where none is expected
        read = pc.cast(column, pa.timestamp("us", "UTC" if zulu else None))
    except pa.ArrowInvalid:
        return None
    number = np.asarray(pc.fill_null(pc.cast(read, pa.int64()), _NAT))
    return pd.Series(number.view("datetime64[us]"), index=text.index), zulu


def _days(micros: Micros) -> tuple[Micros, Micros]:
    """Return the days that occur, as counts since 1970, and for each moment the number of its day among them."""
    day = micros // _DAY
    first = int(day.min())
    there = np.bincount(day - first) > 0
    return np.flatnonzero(there) + first, (np.cumsum(there) - 1)[day - first]


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
    days, which = _days(utc)
    at = [_shift(d * _DAY, tz) for d in (days, days + 1)]
    minutes = np.round(at[0] / _MINUTE).astype(np.int16)
    return minutes[which], (at[0] != at[1])[which]


def _shift(utc: Micros, tz: str) -> Micros:
    moments = pd.Series(utc.view("datetime64[us]")).dt.tz_localize("UTC").dt.tz_convert(tz).dt.tz_localize(None)
    return moments.to_numpy(dtype="datetime64[us]").view(np.int64) - utc


def local_to_utc(wall: Micros, tz: str) -> tuple[Micros, Mask]:
    """Return the moments that local clocks in `tz` meant, and where the day's clock was turned (there 0).

    Parameters
    ----------
    wall : ndarray of int64
        Microseconds since 1970 on that clock, none missing, at least one.
    tz : str

    Examples
    --------
    >>> hour = 3_600_000_000
    >>> (local_to_utc(np.array([12 * hour]), "Europe/Amsterdam")[0] // hour).tolist()
    [11]
    """
    days, which = _days(wall)
    begin, end = (_utc(d * _DAY, tz) for d in (days, days + 1))
    turned = (begin == _NAT) | (end == _NAT) | (end - begin != _DAY)
    shift = np.where(turned, 0, days * _DAY - begin)
    odd = turned[which]
    return np.where(odd, 0, wall - shift[which]), odd


def _utc(wall: Micros, tz: str) -> Micros:
    local = pd.Series(wall.view("datetime64[us]")).dt.tz_localize(tz, ambiguous="NaT", nonexistent="NaT")
    return local.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(dtype="datetime64[us]").view(np.int64)
