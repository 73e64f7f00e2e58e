"""The coded log of Parquet files and Arrow tables: columns are coded as they are read, no Python string is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, overload

import numpy as np
import numpy.typing as npt

from cxmining.engine.coded import (
    CodedLog,
    Codes,
    Ints,
    assemble,
    by_customer,
    events_have,
    guard,
    repair,
    some_journey,
    worth,
)
from cxmining.engine.keys import Column, Keys, Labels, Numbers
from cxmining.errors import InputError, StudyError, UnknownNameError, nearest

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["NO_CHANNEL", "Paths", "check_columns", "encode_arrow", "encode_parquet", "paths_of"]

Paths = str | PathLike[str] | Sequence[str | PathLike[str]]
NO_CHANNEL = "other"
BATCH = 1 << 18
"""Rows read at a time."""


@overload
def encode_parquet(
    path_or_paths: Paths, *, journey: str, customer: str, timestamp: str, touchpoint: str, channel: str | None = None
) -> CodedLog: ...


@overload
def encode_parquet(
    path_or_paths: Paths, *, journey: str, customer: str, timestamp: str, touchpoint: str, channel: str | None = None,
    find: pa.Array | pa.ChunkedArray,
) -> tuple[CodedLog, Ints]: ...  # fmt: skip


def encode_parquet(
    path_or_paths: Paths,
    *,
    journey: str,
    customer: str,
    timestamp: str,
    touchpoint: str,
    channel: str | None = None,
    find: pa.Array | pa.ChunkedArray | None = None,
) -> CodedLog | tuple[CodedLog, Ints]:
    """Make the coded log of Parquet files.

    Only the named columns are read, a quarter of a million rows at a time. The rules are those of `encode`: events of a
    journey are ordered by time, ties by their place in the files, which come in the order given.

    Parameters
    ----------
    path_or_paths : path or list of paths
        The files.
    journey, customer : str
        Columns with the keys, text or whole numbers; they may be the same. An event without a journey is left out.
    timestamp : str
        Column of timestamps; without a time zone they count as UTC.
    touchpoint : str
        Column of labels.
    channel : str, optional
        Column of labels; without it every event's channel is "other".
    find : pyarrow.Array, optional
        Customers' ids, such as those of survey answers, to be found in the log while its ids are at hand.

    Returns
    -------
    CodedLog
        ``log.rows`` counts rows through all files.
    ndarray of int64
        With `find`: the customer number of each id, −1 for one that is not in the log.

    Raises
    ------
    InputError
        When a file cannot be read as Parquet.
    UnknownNameError
        When a column is not there; the message names the nearest ones.
    StudyError
        When a time, customer, touchpoint or channel is missing, a timestamp is none, or there are 2^31 events.
    NotEnoughDataError
        When no event has a journey.

    Examples
    --------
    >>> import tempfile, pyarrow as pa, pyarrow.parquet as pq
    >>> events = {"who": ["a", "b", "a"], "step": ["call", "buy", "buy"], "at": [3, 1, 2]}
    >>> table = pa.table(events).set_column(2, "at", pa.array(events["at"], pa.timestamp("s", tz="UTC")))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pq.write_table(table, f"{folder}/log.parquet")
    ...     log = encode_parquet(
    ...         f"{folder}/log.parquet", journey="who", customer="who", timestamp="at", touchpoint="step"
    ...     )
    >>> log, log.rows.tolist()
    (CodedLog(3 events, 2 journeys of 2 customers, 2 touchpoints), [2, 0, 1])
    """
    columns = {"journey": journey, "customer": customer, "timestamp": timestamp, "touchpoint": touchpoint}
    if channel is not None:
        columns["channel"] = channel
    files = paths_of(path_or_paths)
    labels = [touchpoint] if channel is None else [touchpoint, channel]
    expected = sum(_rows(file, columns.values()) for file in files)
    guard(expected)
    if worth(expected):
        log, found = _encode_large(files, columns, expected, find)
        return log if find is None else (log, found)
    log = encode_arrow(_batches(files, list(dict.fromkeys(columns.values())), labels), columns, expected)
    return log if find is None else (log, _places_of(log, files, customer, find))


def _places_of(log: CodedLog, files: Sequence[Path], customer: str, ids: Any) -> Ints:
    """Find customers by the ids that stand in the rows of their journeys' first events."""
    import pyarrow as pa
    import pyarrow.compute as pc

    known = pa.Table.from_batches(list(_batches(files, [customer], []))).column(0)
    first = known.take(log.rows[log.offsets[:-1]])
    place = pc.fill_null(pc.index_in(ids.cast(first.type), value_set=first, skip_nulls=True), -1).to_numpy()
    return np.where(place < 0, -1, log.customer[place])


def encode_arrow(
    tables: pa.Table | Iterable[pa.RecordBatch], columns: Mapping[str, str], expected: int = 0
) -> CodedLog:
    """Make the coded log of an Arrow table, or of a stream of record batches.

    Parameters
    ----------
    tables : pyarrow.Table or iterable of pyarrow.RecordBatch
        The events.
    columns : mapping of str to str
        The names of the columns `journey`, `customer`, `timestamp`, `touchpoint`, and if there are such
        `channel` and `seq`: a whole number that orders ties (and becomes ``log.rows``) in place of the row number.
    expected : int, optional
        How many rows will come, so that memory is asked for once.

    Returns
    -------
    CodedLog
    """
    import pyarrow as pa

    if isinstance(tables, pa.Table):
        expected = len(tables)
        tables = tables.to_batches()
    keys, people, touchpoints, channels = Keys(expected), Keys(), Labels(expected), Labels()
    times, sequence = Column(np.int64, expected), Column(np.int64)
    same = columns["journey"] == columns["customer"]
    n = 0
    for batch in tables:
        n += len(batch)
        guard(n)
        journeys = batch.column(columns["journey"])
        inside = journeys.is_valid() if journeys.null_count else None
        keys.add(journeys)
        if not same:
            people.add(batch.column(columns["customer"]))
        if "seq" in columns:
            sequence.add(batch.column(columns["seq"]).to_numpy().astype(np.int64))
        kept = batch if inside is None else batch.filter(inside)
        times.add(_microseconds(kept.column(columns["timestamp"]), columns["timestamp"]))
        touchpoints.add(kept.column(columns["touchpoint"]))
        if "channel" in columns:
            channels.add(kept.column(columns["channel"]))
    _labelled(touchpoints, channels)
    time = times.finish()
    touchpoint_codes, names = touchpoints.finish()
    channel_codes: npt.NDArray[Any] = np.zeros(1, dtype=np.uint8)
    channel_names: tuple[str, ...] = (NO_CHANNEL,)
    if "channel" in columns:
        channel_codes, channel_names = channels.finish()
    owners: Numbers | None = None if same else people.finish()[0]
    codes, n_journeys = keys.finish()
    seq = sequence.finish() if "seq" in columns else None
    if seq is not None and (seq[1:] < seq[:-1]).any():
        return _in_order(seq, codes, n_journeys, owners, time, touchpoint_codes, names, channel_codes, channel_names)
    log = assemble(
        codes, n_journeys, None if owners is None else lambda rows: _first_seen(owners[rows]), time,
        touchpoint_codes, names, channel_codes, channel_names,
    )  # fmt: skip
    return log if seq is None else log.renumbered(seq[log.rows])


def _encode_large(
    files: Sequence[Path], columns: Mapping[str, str], expected: int, find: Any = None
) -> tuple[CodedLog, Ints]:
    """Read the keys first, then put each event where it belongs as it is read: no column is held twice."""
    import pyarrow as pa

    from cxmining.engine.kernels import count_keys, place_events

    def numbers(column: str, asked: Any) -> tuple[Numbers, int, Numbers]:
        keys, kind = Keys(expected), None
        for batch in _batches(files, [column], []):
            keys.add(batch.column(0))
            kind = batch.column(0).type
        # Ids that are looked for come last: one that is new gets a number behind those of the log.
        for chunk in [] if asked is None or kind is None else pa.chunked_array(asked).cast(kind).chunks:
            keys.add(chunk)
        codes, n = keys.finish()
        if asked is None:
            return codes, n, codes[:0]
        own, found = codes[:expected], codes[expected:]
        n = int(own.max(initial=-1)) + 1
        return own, n, np.where(found < n, found, np.int32(-1))

    alone = columns["journey"] == columns["customer"]
    journeys, n_journeys, found = numbers(columns["journey"], find if alone else None)
    some_journey(n_journeys)
    offsets = count_keys(journeys, n_journeys)
    n = int(offsets[-1])
    cursor, order, at = offsets[:-1].copy(), np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int64)
    code: Codes = np.empty(n, dtype=np.uint8)
    medium: Codes = np.empty(n if "channel" in columns else 0, dtype=np.uint8)
    touchpoints, channels = Labels(), Labels()
    labels = [columns[what] for what in ("touchpoint", "channel") if what in columns]
    first = 0
    for batch in _batches(files, list(dict.fromkeys([columns["timestamp"], *labels])), labels):
        keys = journeys[first : first + len(batch)]
        inside = keys >= 0
        kept = batch if inside.all() else batch.filter(inside)
        time = _microseconds(kept.column(columns["timestamp"]), columns["timestamp"])
        touched = touchpoints.number(kept.column(columns["touchpoint"]))
        through = channels.number(kept.column(columns["channel"])) if "channel" in columns else medium
        if not touchpoints.missing + channels.missing:
            code = code.astype(np.promote_types(code.dtype, touched.dtype), copy=False)
            medium = medium.astype(np.promote_types(medium.dtype, through.dtype), copy=False)
            place_events(keys, first, cursor, order, time, at, touched, code, through, medium)
        first += len(batch)
    _labelled(touchpoints, channels)
    del journeys, cursor
    code, names = touchpoints.ranked(code)
    channel, channel_names = channels.ranked(medium) if "channel" in columns else (np.zeros(1, np.uint8), (NO_CHANNEL,))
    if len(channel_names) == 1:
        channel = np.broadcast_to(channel[:1], n)
        repair(offsets, at, order, code)
    else:
        repair(offsets, at, order, code, channel)
    if alone:
        log = by_customer(order, offsets, at, code, names, channel, channel_names, None)
        return log, found.astype(np.int64)
    owners, n_owners, found = numbers(columns["customer"], find)
    log = by_customer(
        order, offsets, at, code, names, channel, channel_names, lambda rows: _first_seen(owners[rows])
    )  # fmt: skip
    place = np.full(n_owners + 1, -1, dtype=np.int64)  # the last for ids that are not there
    place[owners[log.rows[log.offsets[:-1]]]] = log.customer
    return log, place[found]


def _labelled(touchpoints: Labels, channels: Labels) -> None:
    for what, labels in (("touchpoint", touchpoints), ("channel", channels)):
        if labels.missing:
            raise StudyError(f"{events_have(labels.missing)} no {what}; every event needs one")


def _in_order(
    seq: Ints, codes: Numbers, n: int, owners: Numbers | None, time: Ints, touchpoint: npt.NDArray[Any],
    names: tuple[str, ...], channel: npt.NDArray[Any], channels: tuple[str, ...],
) -> CodedLog:  # fmt: skip
    """Assemble events that do not come in the order that breaks ties."""
    order = np.argsort(seq, kind="stable")
    inside = codes >= 0
    kept = (np.cumsum(inside) - 1)[order][inside[order]]  # the columns hold the rows that are in a journey
    # Numbers go by first appearance in the right order, as if the rows had come in it.
    keys = _first_seen(codes[order])
    log = assemble(
        keys, n, None if owners is None else lambda rows: _first_seen(owners[order[rows]]), time[kept],
        touchpoint[kept], names, channel if len(channels) == 1 else channel[kept], channels,
    )  # fmt: skip
    return log.renumbered(seq[order[log.rows]])


def _first_seen(codes: Numbers) -> Numbers:
    import pandas as pd

    out = np.full(len(codes), -1, dtype=np.int32)
    there = codes >= 0
    out[there] = pd.factorize(codes[there])[0]
    return out


def paths_of(path_or_paths: Paths) -> list[Path]:
    """Return the files as a list, each of which is there."""
    one = isinstance(path_or_paths, str | PathLike)
    files = [Path(path_or_paths)] if one else [Path(p) for p in path_or_paths]  # type: ignore[arg-type, union-attr]
    for file in files:
        if not file.is_file():
            raise InputError(f"there is no file {file}; a Parquet file is expected")
    if not files:
        raise StudyError("no Parquet file is named; at least one is needed")
    return files


def check_columns(file: Path, columns: Iterable[str]) -> None:
    """Raise when a file is no Parquet file or lacks one of the columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        there = pq.read_schema(file).names
    except (pa.ArrowInvalid, OSError) as cause:
        raise InputError(f"{file} cannot be read as Parquet ({cause}); write it anew") from cause
    for name in columns:
        if name not in there:
            raise UnknownNameError(f"{file.name} has no column {name!r}; {nearest(name, there)}")


def _rows(file: Path, columns: Iterable[str]) -> int:
    import pyarrow.parquet as pq

    check_columns(file, columns)
    return int(pq.read_metadata(file).num_rows)


def _batches(files: Sequence[Path], columns: list[str], labels: list[str]) -> Iterator[pa.RecordBatch]:
    import pyarrow.parquet as pq

    for file in files:
        with pq.ParquetFile(file, read_dictionary=labels, pre_buffer=False) as source:
            yield from source.iter_batches(batch_size=BATCH, columns=columns, use_threads=False)


def _microseconds(values: pa.Array, name: str) -> Ints:
    import pyarrow as pa

    if values.null_count:
        raise StudyError(f"{events_have(values.null_count)} no timestamp; every event needs one")
    if pa.types.is_date(values.type):
        values = values.cast(pa.timestamp("us"))
    if not pa.types.is_timestamp(values.type):
        raise StudyError(f"column {name!r} holds {values.type}, no timestamps; convert it before it is written")
    raw = values.view(pa.int64()).to_numpy()
    if values.type.unit == "ns":
        return cast(Ints, raw // 1000)
    return cast(Ints, raw * {"s": 1_000_000, "ms": 1000, "us": 1}[values.type.unit])
