"""An event log that is in memory already, as a `Dataset`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxmining.errors import StudyError, nearest
from cxmining.ingest.records.build import attribute_name, typed
from cxmining.ingest.records.times import parse_stamps
from cxmining.schema import CHANNELS, Dataset, InputFile, check, table

__all__ = ["from_frame"]


def from_frame(
    df: pd.DataFrame,
    *,
    customer: str,
    touchpoint: str,
    timestamp: str,
    tz: str | None = None,
    timestamp_format: str | None = None,
    channel: str | None = None,
    case: str | None = None,
    attributes: Sequence[str] = (),
) -> Dataset:
    """Make a `Dataset` of an event log in a DataFrame.

    The order of its rows does not matter. Customer and case ids stay as they are given, as text:
    they are the caller's own, and results can be joined back to them.

    Parameters
    ----------
    df : DataFrame
        One row per event; not changed.
    customer, touchpoint, timestamp : str
        Columns. Rows in which one of them is missing are rejected and counted.
    tz : str, optional
        Zone of stamps that carry none.
    timestamp_format : str, optional
        How text is to be read where day and month could be either, for example ``"%d/%m/%Y %H:%M"``.
    channel : str, optional
        Column, or the one channel of all rows (``"phone"``); default ``"other"``.
    case : str, optional
        Column with the source's own case.
    attributes : sequence of str
        Columns to keep.

    Returns
    -------
    Dataset

    Raises
    ------
    StudyError
        When a column is not there or a channel is none.
    InputError
        When stamps carry no zone and `tz` is not given.

    Examples
    --------
    >>> log = pd.DataFrame({"klant": ["1001", "1001"], "stap": ["belt", "mailt"],
    ...                     "tijd": ["2024-03-02 10:00", "2024-03-01 09:30"]})
    >>> data = from_frame(log, customer="klant", touchpoint="stap", timestamp="tijd", tz="Europe/Amsterdam")
    >>> data.events["touchpoint"].tolist()
    ['mailt', 'belt']
    """
    one_channel = channel if channel in CHANNELS and channel not in df.columns else None
    columns = {"customer": customer, "touchpoint": touchpoint, "timestamp": timestamp, "case": case}
    if one_channel is None:
        columns["channel"] = channel
    for argument, column in [*columns.items(), *(("attributes", a) for a in attributes)]:
        if column is not None and column not in df.columns:
            raise StudyError(
                f"from_frame: {argument}={column!r} is not a column; {nearest(column, map(str, df.columns), 5)}"
            )
    if not len(df):
        raise StudyError("from_frame: the DataFrame has no rows")
    frame = df.reset_index(drop=True)
    stamps = parse_stamps(frame[timestamp], tz, f"from_frame, column {timestamp!r}", form=timestamp_format)
    who, what = _text(frame[customer]), _text(frame[touchpoint])
    out: dict[str, Any] = {"customer_id": who, "touchpoint": what, "timestamp": stamps.utc, "utc_offset": stamps.offset}
    out["channel"] = pd.Series([one_channel or "other"] * len(frame), dtype="str")
    notes = stamps.notes("frame")
    if one_channel is None and channel is not None:
        given = _text(frame[channel]).str.lower()
        known = given.isin(CHANNELS)
        if not known.any():
            raise StudyError(f"from_frame: column {channel!r} holds no channel; expected {', '.join(CHANNELS)}")
        out["channel"] = given.where(known, "other")
        if not known.all():
            notes.append(f"{int((~known).sum())} events have a channel that is none; they are 'other'")
    if case is not None:
        out["case_id"] = _text(frame[case])
    for name in attributes:
        out[attribute_name(name)] = typed(frame[name], name)
    events = pd.DataFrame({k: v.array if isinstance(v, pd.Series) else v for k, v in out.items()})
    reason = np.full(len(frame), None, dtype=object)
    for bad, why in (
        (who.isna(), "no customer"), (what.isna(), "no touchpoint"),
        (pd.Series(stamps.missing), "no timestamp"), (pd.Series(stamps.bad), "timestamp is no moment"),
    ):  # fmt: skip
        reason[(bad.to_numpy(bool)) & pd.isna(reason)] = why
    # the content orders the rows, so that a shuffled frame gives the same table
    text = events.astype("str").fillna("")
    key = [c for c in ("timestamp", "customer_id", "touchpoint") if c in events]
    keyed = text.assign(_reason=pd.Series(reason, dtype="str").fillna(""))
    order = keyed.sort_values([*key, *(c for c in keyed.columns if c not in key)], kind="stable").index.to_numpy()
    events, text, reason = events.iloc[order], text.iloc[order], reason[order]
    lines = text.iloc[:, 0]
    for column in text.columns[1:]:  # column by column: row by row, a million rows took minutes
        lines = lines + "|" + text[column]
    nth = lines.groupby(lines, sort=False).cumcount().astype("str")
    ids = [_event_id(line) for line in lines + "|" + nth]
    file = hashlib.sha256("\n".join(ids).encode()).hexdigest()
    stands = pd.isna(reason)
    seq = np.arange(1, len(events) + 1)
    kept = table(
        "events",
        {
            "event_id": np.array(ids, dtype=object)[stands], "source": np.full(int(stands.sum()), "frame", dtype=object),
            "seq": seq[stands], **{c: events[c].array[stands] for c in events.columns},
        },
    )  # fmt: skip
    ledger = table(
        "ledger",
        {
            "source": np.full(len(ids), "frame", dtype=object), "file": np.full(len(ids), file[:12], dtype=object),
            "seq": seq, "record_id": np.array(ids, dtype=object), "status": np.where(stands, "kept", "rejected"), "reason": reason,
        },
    )  # fmt: skip
    n = int(stands.sum())
    counts = {"read": len(ids), "kept": n, "rejected": len(ids) - n, "duplicate": 0, "merged": 0, "context": 0}
    if not n:
        raise StudyError(f"from_frame: not one of {len(ids)} rows has customer, touchpoint and timestamp")
    inputs = (InputFile("frame", "(DataFrame)", 0, file, counts),)
    return Dataset(
        check("events", kept, "from_frame"),
        ledger=ledger,
        inputs=inputs,
        name="frame",
        time_zone=tz or "UTC",
        notes=tuple(notes),
    )


def _text(column: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_float_dtype(column.dtype) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")  # 1001.0 is 1001 to whoever wrote it
    text = column.astype("str").str.strip()
    return text.where(text != "")


def _event_id(line: str) -> str:
    return "r" + hashlib.blake2b(line.encode(), digest_size=8).hexdigest()
