"""Moments: zones, summer time, and the order of day and month.

A stamp without a zone is refused unless the study says which zone it was written in. Where the
clock was turned, `fold = 0` of PEP 495 is the rule: a stamp in the gap of spring is read with the
offset that was valid before (so durations survive), a stamp in the overlap of autumn is the first
of the two, summer time. Both are counted. Only what is written as a whole date is one: neither a bare
year nor a number nor a word such as ``now``, which libraries take for dates too. Whole numbers as large
as counts since 1970 are read as such counts, and the unit that their size shows is said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from cxmining.errors import InputError
from cxmining.ingest.records.clock import local_to_utc, minutes_at, plain_moments

__all__ = ["Stamps", "from_epoch", "local_offset", "parse_stamps"]

UTC: Final = "datetime64[us, UTC]"
_NAIVE: Final = "datetime64[us]"
# What databases write for "never" (0001, 1753, 9999) would stretch a journey over millennia.
_FIRST: Final = pd.Timestamp("1900-01-01", tz="UTC")
_LAST: Final = pd.Timestamp("2200-01-01", tz="UTC")
_FIRST_CLOCK: Final = int((_FIRST - pd.Timedelta(days=1)).timestamp()) * 1_000_000
_LAST_CLOCK: Final = int((_LAST + pd.Timedelta(days=1)).timestamp()) * 1_000_000
_MOST_OFFSET: Final = 15 * 60 + 13  # Manila and Alaska before 1867; no clock was ever further from Greenwich
_EPOCH: Final = {"epoch s": "s", "epoch ms": "ms", "epoch us": "us", "epoch ns": "ns"}
# between 1990 and 2050 counts in the four units have no size in common
_COUNTED: Final = {"epoch s": 1, "epoch ms": 10**3, "epoch us": 10**6, "epoch ns": 10**9}
_COUNTS_FROM: Final = 631_152_000
_COUNTS_TO: Final = 2_524_608_000
_UNITS: Final = {
    "epoch s": "seconds",
    "epoch ms": "milliseconds",
    "epoch us": "microseconds",
    "epoch ns": "nanoseconds",
}
# whole, zone and all: what is left over is taken for another kind of date by libraries
_ISO: Final = (
    r"^\d{4}(?:-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2}|\d{4})"
    r"(?:[T ]\s*\d{1,2}(?::?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)?(?:\s*(?:[Zz]|UTC|GMT|[+-]\d{2}:?(?:\d{2})?))?)?$"
)
_ZONE: Final = r"(?:(?P<zulu>[Zz]|\s*UTC|\s*GMT)|\s*(?P<sign>[+-])(?P<h>\d{2}):?(?P<m>\d{2})?)$"
_DMY: Final = (
    r"^(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-](?P<y>\d{4})"
    r"(?:,?[T ]\s*(?P<H>\d{1,2})[:.](?P<M>\d{2})(?:[:.](?P<S>\d{2})(?:[.,]\d+)?)?\s*(?P<p>[AaPp]\.?[Mm]\.?)?)?$"
)


@dataclass(frozen=True)
class Stamps:
    """What was made of a column of stamps.

    Attributes
    ----------
    utc : Series
        ``datetime64[us, UTC]``; missing where it could not be read.
    offset : Series
        ``Int16``, minutes east of Greenwich; missing where the local clock is unknown.
    bad : ndarray of bool
        There was something, and it is no moment.
    missing : ndarray of bool
        There was nothing.
    gap, overlap : int
        Stamps in the hour that spring skips, or autumn repeats.
    """

    utc: pd.Series[Any]
    offset: pd.Series[Any]
    bad: np.ndarray[Any, Any]
    missing: np.ndarray[Any, Any]
    gap: int = 0
    overlap: int = 0
    outside: np.ndarray[Any, Any] | None = None
    """Of `bad`: dates in years that no contact has, such as 0001 and 9999, which mean *never*."""
    choice: str = ""
    """What was chosen by the look of the column, in words."""

    @property
    def never(self) -> np.ndarray[Any, Any]:
        """Mask of the dates that mean *never*."""
        return np.zeros(len(self.utc), dtype=bool) if self.outside is None else self.outside

    def notes(self, source: str) -> list[str]:
        """Return what a reader must know, in words."""
        out = []
        if self.choice:
            out.append(f"source {source!r}: {self.choice}")
        if self.gap:
            out.append(
                f"source {source!r}: {_lie(self.gap)} in the hour that summer time skips; "
                "read with the offset that was valid before"
            )
        if self.overlap:
            out.append(
                f"source {source!r}: {_lie(self.overlap)} in the hour that winter time repeats; "
                "read as the first of the two"
            )
        if self.never.any():
            out.append(
                f"source {source!r}: {_lie(int(self.never.sum()))} before {_FIRST.year} or after {_LAST.year - 1}, "
                "as dates do that mean *never*; they count as no moment"
            )
        return out


def _lie(n: int) -> str:
    return "1 stamp lies" if n == 1 else f"{n:,} stamps lie"


def parse_stamps(
    column: pd.Series[Any], tz: str | None, where: str, *, form: str | None = None, hint: str = "tz"
) -> Stamps:
    """Read a column of stamps.

    Parameters
    ----------
    column : Series
        Text (ISO 8601; or day, month and year in an order that the whole column must settle), or
        datetimes.
    tz : str, optional
        Zone of stamps that carry none.
    where : str
        File and column, for messages.
    form : str, optional
        strptime format, or ``"epoch s"``, ``ms``, ``us``, ``ns`` for counts since 1970; then nothing is
        inferred.
    hint : str
        The setting to name when a zone is needed.

    Raises
    ------
    InputError
        When a stamp carries no zone and `tz` is not given; when day and month cannot be told
        apart; when nothing in the column is a moment.

    Examples
    --------
    >>> s = parse_stamps(pd.Series(["2018-03-25 02:30:00", "2018-07-01 12:00:00"]), "Europe/Amsterdam", "x.csv")
    >>> [str(t) for t in s.utc], s.offset.tolist(), s.gap
    (['2018-03-25 01:30:00+00:00', '2018-07-01 10:00:00+00:00'], [120, 120], 1)
    """
    return _plausible(_parse(column.reset_index(drop=True), tz, where, form, hint))


def _plausible(stamps: Stamps) -> Stamps:
    """Set aside what lies in a year that no contact can have."""
    utc = stamps.utc
    low, high = utc.min(), utc.max()
    if not (low < _FIRST or high >= _LAST):  # of nothing, both are missing
        return stamps
    outside = ((utc < _FIRST) | (utc >= _LAST)).to_numpy(bool)
    inside = pd.Series(~outside, index=utc.index)
    return replace(
        stamps, utc=utc.where(inside), offset=stamps.offset.where(inside), bad=stamps.bad | outside,
        outside=outside,
    )  # fmt: skip


def _parse(column: pd.Series[Any], tz: str | None, where: str, form: str | None, hint: str) -> Stamps:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        utc = column.dt.tz_convert("UTC").astype(UTC)
        asked = pd.Series(_asked(utc.dt.tz_localize(None).to_numpy(dtype=_NAIVE).view(np.int64)))
        wall = column.where(asked).dt.tz_localize(None).astype(_NAIVE)
        return Stamps(utc, _offset(wall, utc), np.zeros(len(column), bool), utc.isna().to_numpy())
    if str(column.dtype).startswith("datetime64"):
        return _localise(column.astype(_NAIVE), column.isna().to_numpy(), np.zeros(len(column), bool), tz, where, hint)
    if pd.api.types.is_float_dtype(column.dtype) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")  # a table with gaps keeps its whole numbers as fractions
    if form is None and str(column.dtype) == "str" and (plain := plain_moments(column)) is not None:
        return _of_plain(
            plain, column.isna().to_numpy(), tz, where, hint
        )  # as nearly all are written: nothing to strip
    text = column.astype("str").str.strip()
    text = text.where(text != "")
    missing = text.isna().to_numpy()
    if form in _EPOCH:
        stamps = from_epoch(text, _EPOCH[form], tz)
        _some(stamps.bad, missing, f"{where} (timestamp_format = {form!r})")
        return stamps
    if form is not None:
        return _with_format(text, missing, tz, where, form, hint)
    if (plain := plain_moments(text)) is not None:
        return _of_plain(plain, missing, tz, where, hint)
    dated = text.str.match(_ISO).fillna(False).astype(bool)
    if not missing.all() and not dated.any():
        counted = _size(text, where)
        if counted is not None:
            large = pd.to_numeric(text, errors="coerce").ge(_COUNTS_FROM * _COUNTED[counted] / 10)
            stamps = from_epoch(text.where(large), _EPOCH[counted], tz)
            return replace(
                stamps,
                bad=stamps.bad | (~large & text.notna()).to_numpy(bool),  # 0 and -1 mean none
                missing=missing,
                choice=f"{where}: its numbers are read as {_UNITS[counted]} since 1970, as their size shows; "
                f'timestamp_format = "{counted}" settles it',
            )
        text = _order_day_month(text, where)
        dated = text.str.match(_ISO).fillna(False).astype(bool)
    given, text = text, text.where(dated)
    zone = _extract(text, _ZONE)
    # a date alone ends in "-dd", which reads like an offset: a zone needs a clock before it
    clocked = text.str.contains(r"\d[:T ]", regex=True).fillna(False).to_numpy(bool) & (text.str.len() > 10).fillna(
        False
    ).to_numpy(bool)
    zulu = zone["zulu"].notna().to_numpy() & clocked
    shifted = zone["sign"].notna().to_numpy() & clocked
    wall_text = text.where(~(zulu | shifted), _without(text, _ZONE)) if (zulu | shifted).any() else text
    if wall_text.str.contains(r":\d\d,\d", regex=True).any():
        wall_text = wall_text.str.replace(",", ".", regex=False)  # a comma before the fraction, as ISO 8601 has it
    wall = pd.to_datetime(wall_text, format="ISO8601", errors="coerce").astype(_NAIVE)
    minutes = (zone["h"].astype("Float64").fillna(0) * 60 + zone["m"].astype("Float64").fillna(0)) * zone["sign"].map(
        {"+": 1, "-": -1}
    ).astype("Float64").fillna(0)
    absurd = shifted & (minutes.abs() > _MOST_OFFSET).to_numpy(bool)
    wall = wall.where(pd.Series(~absurd))
    bad = wall.isna().to_numpy() & ~missing
    _some(bad, missing, where, given)
    aware = (zulu | shifted) & ~bad
    if not aware.any():
        return _localise(wall, missing, bad, tz, where, hint)
    offset = minutes.where(pd.Series(~absurd), 0).round().astype("Int16")
    utc = (wall - pd.to_timedelta(offset.fillna(0).astype("int64"), unit="min")).dt.tz_localize("UTC").astype(UTC)
    offset = offset.where(pd.Series(aware & shifted))
    if zulu.any() and tz is not None:
        offset = offset.where(pd.Series(~zulu), local_offset(utc, tz))
    naive = ~aware & ~bad & ~missing
    if not naive.any():
        return Stamps(utc, offset, bad, missing)
    rest = _localise(wall.where(pd.Series(naive)), ~naive, np.zeros(len(naive), bool), tz, where, hint)
    return Stamps(
        utc.where(pd.Series(~naive), rest.utc), offset.where(pd.Series(~naive), rest.offset),
        bad, missing, rest.gap, rest.overlap,
    )  # fmt: skip


def _of_plain(
    plain: tuple[pd.Series[Any], bool], missing: np.ndarray[Any, Any], tz: str | None, where: str, hint: str
) -> Stamps:
    wall, in_utc = plain
    if not in_utc:
        return _localise(wall, missing, np.zeros(len(wall), bool), tz, where, hint)
    utc = wall.dt.tz_localize("UTC")
    return Stamps(utc, local_offset(utc, tz) if tz else _unknown(len(utc)), np.zeros(len(utc), bool), missing)


def _size(text: pd.Series[Any], where: str) -> str | None:
    """Return the unit of a column of counts since 1970, as their size shows; nothing when most are none.

    Raises
    ------
    InputError
        When they are of several sizes.
    """
    plain = text.str.fullmatch(r"[1-9]\d{8,18}(?:\.\d+)?").fillna(False).astype(bool)
    if not plain.any():
        return None
    number = pd.to_numeric(text[plain]).astype("float64")
    fits = {u: int(number.between(_COUNTS_FROM * k, _COUNTS_TO * k).sum()) for u, k in _COUNTED.items()}
    found = [unit for unit, n in fits.items() if n]
    if 2 * sum(fits.values()) <= int(text.notna().sum()):
        return None
    if len(found) > 1:
        shown = " and ".join(f"{fits[u]:,} in {_UNITS[u]}" for u in found)
        raise InputError(
            f"{where}: holds counts since 1970 of several sizes, {shown}; split the export or set the format"
        )
    return found[0]


def from_epoch(values: pd.Series[Any], unit: str, tz: str | None) -> Stamps:
    """Read integer counts since 1970 (UTC); the local clock is that of `tz` when it is given.

    Examples
    --------
    >>> str(from_epoch(pd.Series([0, None]), "s", "Europe/Amsterdam").offset[0])
    '60'
    """
    number = pd.to_numeric(values.reset_index(drop=True), errors="coerce").astype("Float64")
    missing = values.isna().to_numpy()
    scale = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 0.001}[unit]
    inside = (number.abs() * scale < 2**62).fillna(False).to_numpy(bool)
    whole = (number.where(pd.Series(inside)).fillna(0).astype("float64") * scale).astype("int64")
    utc = pd.Series(whole.to_numpy().astype("datetime64[us]")).dt.tz_localize("UTC").where(pd.Series(inside))
    utc = utc.astype(UTC)
    offset = local_offset(utc, tz) if tz else pd.Series([None] * len(utc), dtype="Int16")
    return _plausible(Stamps(utc, offset, ~inside & ~missing, missing))


def local_offset(utc: pd.Series[Any], tz: str) -> pd.Series[Any]:
    """Return the minutes east of Greenwich that clocks in `tz` showed at those moments; of no contact's year, none."""
    moments = utc.dt.tz_localize(None).to_numpy(dtype="datetime64[us]").view(np.int64)
    there = _asked(moments)
    minutes = np.zeros(len(utc), dtype=np.int16)
    odd = np.zeros(len(utc), dtype=bool)
    if there.any():
        minutes[there], odd[there] = minutes_at(moments[there], tz)
    if odd.any():
        turned = utc[odd]
        exact = _offset(turned.dt.tz_convert(tz).dt.tz_localize(None).astype(_NAIVE), turned)
        minutes[odd] = exact.to_numpy(dtype=np.int16)
    return pd.Series(pd.arrays.IntegerArray(minutes, ~there), index=utc.index)


def _asked(micros: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Tell which moments or clocks a zone is asked about: those in years of a contact, and a day around them.

    Libraries know no zone before year 1 and after 9999, where the day before or behind a date may lie.
    """
    return np.asarray((micros >= _FIRST_CLOCK) & (micros < _LAST_CLOCK))


def _unknown(n: int) -> pd.Series[Any]:
    """Return `n` offsets that nobody knows."""
    return pd.Series(pd.arrays.IntegerArray(np.zeros(n, dtype=np.int16), np.ones(n, dtype=bool)))


def _offset(wall: pd.Series[Any], utc: pd.Series[Any]) -> pd.Series[Any]:
    shift: pd.Series[Any] = (wall - utc.dt.tz_localize(None).astype(_NAIVE)).dt.total_seconds() / 60
    return shift.round().astype("Float64").astype("Int16")


def _localise(
    wall: pd.Series[Any],
    missing: np.ndarray[Any, Any],
    bad: np.ndarray[Any, Any],
    tz: str | None,
    where: str,
    hint: str,
) -> Stamps:
    if tz is None:
        if (missing | bad).all():
            return Stamps(
                wall.dt.tz_localize("UTC").astype(UTC), pd.Series([None] * len(wall), dtype="Int16"), bad, missing
            )
        raise InputError(
            f"{where}: stamps carry no time zone; say in which zone they were written: "
            f'{hint} = "Europe/Amsterdam" (local clock) or {hint} = "UTC"'
        )
    clocks = wall.to_numpy(dtype="datetime64[us]").view(np.int64)
    asked = _asked(clocks)
    if asked.all() and len(asked):
        found, minutes, turned = local_to_utc(clocks, tz)
    else:  # what lies in no year of a contact stays as it is, and is set aside for that
        found, minutes, turned = clocks.copy(), np.zeros(len(wall), np.int16), np.zeros(len(wall), bool)
        if asked.any():
            found[asked], minutes[asked], turned[asked] = local_to_utc(clocks[asked], tz)
    gap = overlap = 0
    if turned.any():
        exact, gap, overlap = _turned(wall[turned].reset_index(drop=True), tz)
        found[turned] = exact.view(np.int64)
        minutes[turned] = local_offset(pd.Series(exact).dt.tz_localize("UTC"), tz).to_numpy(dtype=np.int16)
    utc = pd.Series(found.view("datetime64[us]"), index=wall.index).dt.tz_localize("UTC")
    offset = pd.Series(pd.arrays.IntegerArray(minutes, ~asked), index=wall.index)
    return Stamps(utc, offset, bad, missing, gap, overlap)


def _turned(wall: pd.Series[Any], tz: str) -> tuple[np.ndarray[Any, Any], int, int]:
    """Return the moments of stamps on days on which the clock was turned, how many no clock showed, how many twice."""
    early = wall.dt.tz_localize(tz, ambiguous="NaT", nonexistent="shift_forward")
    unsure = early.isna().to_numpy()
    plain = wall.dt.tz_localize(tz, ambiguous="NaT", nonexistent="NaT")
    gap = plain.isna().to_numpy() & ~unsure
    utc = plain.dt.tz_convert("UTC").astype(UTC)
    odd = np.flatnonzero(gap | unsure)
    if len(odd):
        zone = ZoneInfo(tz)
        values = [pd.Timestamp(t).to_pydatetime().replace(tzinfo=zone, fold=0) for t in wall.iloc[odd]]
        utc.iloc[odd] = pd.Series(pd.to_datetime(values, utc=True), index=odd).astype(UTC)
    return utc.dt.tz_localize(None).to_numpy(dtype="datetime64[us]"), int(gap.sum()), int(unsure.sum())


def _with_format(
    text: pd.Series[Any], missing: np.ndarray[Any, Any], tz: str | None, where: str, form: str, hint: str
) -> Stamps:
    try:
        parsed = pd.to_datetime(text, format=form, errors="coerce", utc="%z" in form or "%Z" in form)
    except ValueError as error:
        raise InputError(f"{where}: timestamp_format = {form!r} is no strptime format: {error}") from None
    bad = parsed.isna().to_numpy() & ~missing
    _some(bad, missing, f"{where} (timestamp_format = {form!r})")
    if isinstance(parsed.dtype, pd.DatetimeTZDtype):
        utc = parsed.astype(UTC)
        offset = local_offset(utc, tz) if tz else pd.Series([None] * len(utc), dtype="Int16")
        return Stamps(utc, offset, bad, missing)
    return _localise(parsed.astype(_NAIVE), missing, bad, tz, where, hint)


def _extract(text: pd.Series[Any], pattern: str) -> pd.DataFrame:
    """Return the named groups of a pattern; RE2 over Arrow, because ``str.extract`` is a loop."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.extract_regex(pa.array(text, type=pa.large_string(), from_pandas=True), pattern)
    names = [f.name for f in found.type]
    frame = pd.DataFrame(
        {n: pc.struct_field(found, n).to_pandas().astype("str").to_numpy() for n in names},
        index=text.index,
        dtype="str",
    )
    return frame.where(frame != "")


def _without(text: pd.Series[Any], pattern: str) -> pd.Series[Any]:
    """Return the text without what the (unnamed) pattern finds, stripped."""
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = re.sub(r"\?P<\w+>", "?:", pattern)
    cut = pc.replace_substring_regex(pa.array(text, type=pa.large_string(), from_pandas=True), plain, "")
    return pd.Series(pc.utf8_trim_whitespace(cut).to_pandas().astype("str").to_numpy(), index=text.index, dtype="str")


def _some(
    bad: np.ndarray[Any, Any], missing: np.ndarray[Any, Any], where: str, text: pd.Series[Any] | None = None
) -> None:
    if not (bad.any() and (bad | missing).all()):
        return
    n = int(bad.sum())
    shown = "" if text is None else _looks(text[bad])
    raise InputError(
        f"{where}: {'the one value' if n == 1 else f'not one of {n:,} values'} is {'no' if n == 1 else 'a'} moment; "
        f"set timestamp_format{shown}"
    )


def _looks(text: pd.Series[Any]) -> str:
    """Return what a value looks like, without its digits and letters: it may be about a person."""
    shape = re.sub(r"[^\W\d_]", "x", re.sub(r"\d", "9", str(text.iloc[0])[:40]))
    return f" (the first looks like {shape!r})"


def _order_day_month(text: pd.Series[Any], where: str) -> pd.Series[Any]:
    """Rewrite ``31/12/2020 …`` as ISO, in the one order that fits the whole column."""
    part = _extract(text, _DMY)
    read = part["y"].notna()
    if not read.any():
        return text
    a, b = (part[c].astype("Float64") for c in "ab")
    day_first, month_first = bool((a > 12).any()), bool((b > 12).any())
    if day_first and month_first:
        raise InputError(f"{where}: day and month stand in both orders; split the export or set timestamp_format")
    if not day_first and not month_first:
        raise InputError(
            f"{where}: nothing in the column tells day from month; "
            'set timestamp_format, for example "%d/%m/%Y %H:%M" or "%m/%d/%Y %H:%M"'
        )
    day, month = (part["a"], part["b"]) if day_first else (part["b"], part["a"])
    hour = part["H"].fillna("0").astype("int64")
    half = part["p"].str[0].str.lower()
    hour = hour.where(half.isna(), hour % 12 + (half == "p").astype("int64") * 12)
    iso = (
        part["y"] + "-" + month.str.zfill(2) + "-" + day.str.zfill(2) + "T" + hour.astype("str").str.zfill(2)
        + ":" + part["M"].fillna("00") + ":" + part["S"].fillna("00")
    )  # fmt: skip
    return iso.where(read, text)
