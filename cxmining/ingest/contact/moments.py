"""Stamps as interfaces write them, a million at a time; what is written otherwise goes the careful way.

``2024-01-01T10:00:00Z``, with or without a fraction, and ``Tue, 10 Aug 2010 10:00:00 +0000`` have their digits in
fixed places: they are read as columns of bytes.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cxmining.errors import InputError
from cxmining.ingest.records.times import Stamps, local_offset, parse_stamps

__all__ = ["MAIL_DATE", "fixed", "microseconds", "moments"]

MAIL_DATE: Final = r"^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} "
_MAIL_FORM: Final = "%a, %d %b %Y %H:%M:%S %z"
_ZULU: Final = (b"Z", b"+00:00", b"+0000", b" UTC", b" +0000", b" GMT")
_MONTHS: Final = np.array(
    [int.from_bytes(m, "big") for m in b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()]
)
_NAMES: Final = np.sort(_MONTHS)
_NUMBERS: Final = np.argsort(_MONTHS) + 1
_FIRST_MONTH: Final = 1900 * 12
_DAYS: Final = np.arange("1900-01", "2200-03", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int32)
"""Days since 1970 at which each month begins."""
_LONGEST: Final = 40
_FIRST: Final = 1900
_LAST: Final = 2199
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICRO: Final = dt.timedelta(microseconds=1)
_TOGETHER: Final = 1 << 16


def moments(column: pd.Series[Any], tz: str | None, where: str, *, local: bool = True) -> Stamps:
    """Read stamps as `parse_stamps` does; where some are ISO 8601, what is not is no moment rather than a year -1.

    Stamps of mail (RFC 5322) are read too. `local` says whether the local clock is asked for.

    Examples
    --------
    >>> s = moments(pd.Series(["2024-01-01T10:00:00Z", "2024-07-01T10:00:00.5Z", "soon", None]), "Europe/Amsterdam", "x")
    >>> [str(t) for t in s.utc[:2]], s.offset.tolist()[:2], s.bad.tolist(), s.missing.tolist()
    (['2024-01-01 10:00:00+00:00', '2024-07-01 10:00:00.500000+00:00'], [60, 120], [False, False, True, False], [False, False, False, True])
    """
    text = pa.array(column, type=pa.large_string(), from_pandas=True)
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    micro, done, greenwich = fixed(text)
    missing = np.asarray(pc.is_null(text))
    rest = ~done & ~missing
    if not done.any() and rest.any():
        return _careful(column, tz, where)
    utc = pd.Series(micro.view("datetime64[us]")).where(done).dt.tz_localize("UTC")
    bad = np.zeros(len(text), dtype=bool)
    offset = local_offset(utc, tz) if tz is not None and local else _unknown(len(text))
    if local and greenwich.any():
        offset = offset.mask(greenwich, 0)
    if not rest.any():
        return Stamps(utc, offset, bad, missing)
    # one that was read stands behind them: that not all are wrong is known
    at = np.flatnonzero(rest)
    known = column.iloc[[int(np.argmax(done))]]
    other = _careful(pd.concat([column.iloc[at], known], ignore_index=True), tz, where)
    utc.iloc[at] = other.utc.iloc[:-1].array
    offset.iloc[at] = other.offset.iloc[:-1].array
    bad[at] = other.bad[:-1]
    missing[at] |= other.missing[:-1]
    outside = None
    if other.outside is not None:
        outside = np.zeros(len(text), dtype=bool)
        outside[at] = other.outside[:-1]
    return Stamps(utc, offset, bad, missing, other.gap, other.overlap, outside, other.choice)


def _unknown(n: int) -> pd.Series[Any]:
    return pd.Series(pd.arrays.IntegerArray(np.zeros(n, np.int16), np.ones(n, bool)))


def _careful(column: pd.Series[Any], tz: str | None, where: str) -> Stamps:
    if column.str.match(MAIL_DATE).fillna(False).any():
        text = column.str.replace(r" (?:GMT|UTC)$", " +0000", regex=True)
        return parse_stamps(text, tz, where, form=_MAIL_FORM)
    iso = column.str.match(r"\d{4}-\d{2}-\d{2}").fillna(False).astype(bool)
    if iso.any():
        column = column.where(iso | column.isna(), "no moment")
    return parse_stamps(column, tz, where)


def fixed(text: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return microseconds since 1970 of the stamps in UTC whose digits stand in fixed places, and which those are.

    The third array says which of them name Greenwich's offset (``+00:00``) rather than none.
    """
    n = len(text)
    micro, done, greenwich = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    lengths = np.asarray(pc.fill_null(pc.binary_length(text), 0))
    counts = np.bincount(np.minimum(lengths, _LONGEST + 1))
    for size in np.argsort(-counts, kind="stable")[:9]:
        if not 20 <= size <= _LONGEST or not counts[size]:
            continue
        every = np.flatnonzero(lengths == size)
        for start in range(0, len(every), _TOGETHER):
            at = every[start : start + _TOGETHER]
            some = text[start : start + len(at)] if len(every) == n else text.take(pa.array(at))
            data = np.frombuffer(some.buffers()[2], dtype=np.uint8)
            first = np.frombuffer(some.buffers()[1], dtype=np.int64)[some.offset]
            # a column per sign: the same sign of all stamps stands together, and is looked at in one go
            signs = np.ascontiguousarray(data[first : first + len(at) * size].reshape(len(at), size).T)
            mail = chr(signs[3, 0]) == ","
            value, good = _mail(signs) if mail else _iso(signs)
            if good.all():
                micro[at], done[at] = value, True
            else:
                micro[at[good]], done[at[good]] = value[good], True
            if not mail and b"+" in signs[:, 0].tobytes():
                greenwich[at[good]] = True
    return micro, done, greenwich


def _number(signs: np.ndarray[Any, Any], good: np.ndarray[Any, Any], start: int, stop: int) -> np.ndarray[Any, Any]:
    """Return the number that digits make; clears `good` where there are others than digits."""
    number = np.zeros(signs.shape[1], dtype=np.int32)
    for digit in signs[start:stop] - np.uint8(48):  # wraps round below "0"
        good &= digit <= 9
        number *= 10
        number += digit
    return number


def _same(signs: np.ndarray[Any, Any], good: np.ndarray[Any, Any], start: int) -> bytes:
    """Return how the first stamp goes on from a place; clears `good` for those that go on otherwise."""
    for sign in signs[start:]:
        good &= sign == sign[0]
    return signs[start:, 0].tobytes()


def _moment(
    year: np.ndarray[Any, Any], month: np.ndarray[Any, Any], day: np.ndarray[Any, Any],
    signs: np.ndarray[Any, Any], good: np.ndarray[Any, Any], clock: int,
) -> np.ndarray[Any, Any]:  # fmt: skip
    """Return microseconds; clears `good` where a number is too large."""
    hour, minute, second = (_number(signs, good, clock + k, clock + k + 2) for k in (0, 3, 6))
    good &= (signs[clock + 2] == 58) & (signs[clock + 5] == 58)
    good &= (year >= 1900) & (year < 2200) & (month >= 1) & (month <= 12) & (day >= 1)
    good &= (hour <= 23) & (minute <= 59) & (second <= 59)
    months = np.where(good, year * 12 + month - 1 - _FIRST_MONTH, 0)
    days = _DAYS[months] + day
    good &= days <= _DAYS[months + 1]
    clocks = (hour * 60 + minute) * 60 + second
    return np.asarray((days - 1).astype(np.int64) * 86_400_000_000 + clocks.astype(np.int64) * 1_000_000)


def _iso(signs: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    size, n = signs.shape
    good = np.ones(n, dtype=bool)
    year, month, day = (_number(signs, good, *span) for span in ((0, 4), (5, 7), (8, 10)))
    good &= (signs[4] == 45) & (signs[7] == 45) & ((signs[10] == 84) | (signs[10] == 32))
    micro = _moment(year, month, day, signs, good, 11)
    head = signs[:, 0].tobytes()
    digits = 0
    if size > 19 and head[19:20] == b".":
        while 20 + digits < size and chr(head[20 + digits]).isdigit():
            digits += 1
        if not digits:
            return micro, np.zeros(n, dtype=bool)
        good &= signs[19] == 46
        micro += _number(signs, good, 20, 20 + min(digits, 6)).astype(np.int64) * 10 ** (6 - min(digits, 6))
        for beyond in signs[26 : 20 + digits]:  # digits beyond microseconds must be some all the same
            good &= beyond - np.uint8(48) <= 9
    if _same(signs, good, 19 + (digits + 1 if digits else 0)) not in _ZULU:
        return micro, np.zeros(n, dtype=bool)
    return micro, good


def _mail(signs: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    size, n = signs.shape
    good = np.ones(n, dtype=bool)
    if size < 26 or _same(signs, good, 25) not in _ZULU:
        return np.zeros(n, dtype=np.int64), np.zeros(n, dtype=bool)
    name = (signs[8].astype(np.int32) << 16) | (signs[9].astype(np.int32) << 8) | signs[10]
    month = np.minimum(np.searchsorted(_NAMES, name), 11)
    good &= _NAMES[month] == name
    for at, sign in ((3, 44), (4, 32), (7, 32), (11, 32), (16, 32)):
        good &= signs[at] == sign
    year, day = _number(signs, good, 12, 16), _number(signs, good, 5, 7)
    return _moment(year, _NUMBERS[month], day, signs, good, 17), good


def microseconds(value: Any, tz: ZoneInfo | None, where: str) -> int | None:
    """Return an ISO stamp, or seconds since 1970, as microseconds since 1970; nothing when it is no moment.

    Raises
    ------
    InputError
        When the stamp carries no zone and none was given.

    Examples
    --------
    >>> microseconds("1970-01-01T00:00:01.5Z", None, "x"), microseconds(2, None, "x"), microseconds("soon", None, "x")
    (1500000, 2000000, None)
    """
    found = _count_of(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    if found is None:
        return None
    since, naive = found
    if not naive:
        return since
    if tz is None:
        raise InputError(
            f"{where}: stamps carry no time zone; say in which zone they were written: "
            'tz = "Europe/Amsterdam" (local clock) or tz = "UTC"'
        )
    wall = _EPOCH.replace(tzinfo=None) + since * _MICRO
    return (wall.replace(tzinfo=tz) - _EPOCH) // _MICRO


@lru_cache(maxsize=1 << 14)  # where one segment ends the next begins: every other stamp was just read
def _count_of(value: str | int | float) -> tuple[int, bool] | None:
    """Return microseconds since 1970, and whether they are of a local clock; nothing when it is no moment."""
    try:
        if isinstance(value, str):
            text = value.strip()
            if text.isdecimal() and 9 <= len(text) <= 11:
                return _count_of(int(text))
            moment = dt.datetime.fromisoformat(text.removesuffix(" UTC") + "+00:00" if text.endswith(" UTC") else text)
        else:
            moment = dt.datetime.fromtimestamp(value, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
    # a century that no contact has: databases write 0001 and 9999 for "never"
    if not _FIRST <= moment.year <= _LAST:
        return None
    naive = moment.tzinfo is None
    return ((moment.replace(tzinfo=dt.UTC) if naive else moment) - _EPOCH) // _MICRO, naive
