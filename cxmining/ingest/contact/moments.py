"""Stamps as interfaces write them, a million at a time; what is written otherwise goes the careful way.

``2024-01-01T10:00:00Z``, with or without a fraction, and ``Tue, 10 Aug 2010 10:00:00 +0000`` have their digits in
fixed places: they are read as columns of bytes.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cxmining.ingest.records.times import Stamps, local_offset, parse_stamps

__all__ = ["MAIL_DATE", "fixed", "moments"]

MAIL_DATE: Final = r"^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} "
_MAIL_FORM: Final = "%a, %d %b %Y %H:%M:%S %z"
_ZULU: Final = (b"Z", b"+00:00", b"+0000", b" UTC", b" +0000", b" GMT")
_MONTHS: Final = np.frombuffer(b"JanFebMarAprMayJunJulAugSepOctNovDec", dtype=np.uint8).reshape(12, 3)
_LONGEST: Final = 40


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
    sizes, counts = np.unique(lengths, return_counts=True)
    for size in sizes[np.argsort(-counts, kind="stable")][:8]:
        if not 20 <= size <= _LONGEST:
            continue
        at = np.flatnonzero(lengths == size)
        some = text if len(at) == n else text.take(pa.array(at))
        data = np.frombuffer(some.buffers()[2], dtype=np.uint8)
        first = np.frombuffer(some.buffers()[1], dtype=np.int64)[some.offset]
        signs = data[first : first + len(at) * size].reshape(len(at), size)
        mail = chr(signs[0, 3]) == ","
        value, good = _mail(signs) if mail else _iso(signs)
        micro[at[good]] = value[good]
        done[at[good]] = True
        greenwich[at[good]] = not mail and b"+" in signs[0].tobytes()
    return micro, done, greenwich


def _number(signs: np.ndarray[Any, Any], good: np.ndarray[Any, Any], start: int, stop: int) -> np.ndarray[Any, Any]:
    """Return the number that digits make; clears `good` where there are others than digits."""
    digits = signs[:, start:stop] - 48  # wraps round below "0"
    good &= (digits <= 9).all(axis=1)
    return np.asarray(digits.astype(np.int64) @ 10 ** np.arange(stop - start - 1, -1, -1))


def _moment(
    year: np.ndarray[Any, Any], month: np.ndarray[Any, Any], day: np.ndarray[Any, Any],
    signs: np.ndarray[Any, Any], good: np.ndarray[Any, Any], clock: int,
) -> np.ndarray[Any, Any]:  # fmt: skip
    """Return microseconds; clears `good` where a number is too large."""
    hour, minute, second = (_number(signs, good, clock + k, clock + k + 2) for k in (0, 3, 6))
    good &= (signs[:, clock + 2] == 58) & (signs[:, clock + 5] == 58)
    good &= (year >= 1900) & (year < 2200) & (month >= 1) & (month <= 12) & (day >= 1)
    good &= (hour <= 23) & (minute <= 59) & (second <= 59)
    months = (np.where(good, year, 1970) - 1970) * 12 + np.where(good, month, 1) - 1
    begin = months.astype("datetime64[M]")
    days = begin.astype("datetime64[D]").astype(np.int64)
    good &= days + day <= (begin + 1).astype("datetime64[D]").astype(np.int64)
    return np.asarray((((days + day - 1) * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000)


def _iso(signs: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    n, size = signs.shape
    good = np.ones(n, dtype=bool)
    year, month, day = (_number(signs, good, *span) for span in ((0, 4), (5, 7), (8, 10)))
    good &= (signs[:, 4] == 45) & (signs[:, 7] == 45) & ((signs[:, 10] == 84) | (signs[:, 10] == 32))
    micro = _moment(year, month, day, signs, good, 11)
    head = signs[0].tobytes()
    digits = 0
    if size > 19 and head[19:20] == b".":
        while 20 + digits < size and chr(head[20 + digits]).isdigit():
            digits += 1
        if not digits:
            return micro, np.zeros(n, dtype=bool)
        good &= signs[:, 19] == 46
        micro += _number(signs, good, 20, 20 + min(digits, 6)) * 10 ** (6 - min(digits, 6))
        _number(signs, good, 20, 20 + digits)  # digits beyond microseconds must be some all the same
    tail = 19 + (digits + 1 if digits else 0)
    if head[tail:] not in _ZULU:
        return micro, np.zeros(n, dtype=bool)
    return micro, good & (signs[:, tail:] == signs[0, tail:]).all(axis=1)


def _mail(signs: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    n, size = signs.shape
    good = np.ones(n, dtype=bool)
    tail = signs[0, 25:].tobytes()
    if size < 26 or tail not in _ZULU:
        return np.zeros(n, dtype=np.int64), np.zeros(n, dtype=bool)
    same = (signs[:, 8:11][:, None, :] == _MONTHS[None]).all(axis=2)
    good &= same.any(axis=1) & (signs[:, 25:] == signs[0, 25:]).all(axis=1)
    for at, sign in ((3, 44), (4, 32), (7, 32), (11, 32), (16, 32)):
        good &= signs[:, at] == sign
    year, day = _number(signs, good, 12, 16), _number(signs, good, 5, 7)
    return _moment(year, same.argmax(axis=1) + 1, day, signs, good, 17), good
