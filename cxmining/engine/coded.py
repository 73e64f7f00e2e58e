"""The coded log: events in journey order as flat arrays, built without sorting what is in order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError

__all__ = ["CodedLog", "Codes", "Ints", "Rows", "encode", "gather", "split_sessions", "worth"]

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.unsignedinteger[Any]]
Rows = npt.NDArray[np.signedinteger[Any]]
LIMIT: Final = 2**31 - 1
BLOCK: Final = 1 << 16
COMPILED_FROM: Final = 1 << 22
"""From so many elements on the compiled loops of `kernels` run: below, they would save less than they cost to load."""
LOADED_FROM: Final = 1 << 18
"""From so many on they run when they are loaded anyhow; what they return is what the numpy passes return."""


@dataclass(frozen=True, eq=False)
class CodedLog:
    """Events sorted by (customer, journey, timestamp, source order); journeys of one customer stand together.

    Attributes
    ----------
    touchpoints, channels : tuple of str
        The dictionaries, in alphabetical order; a code is a position in them.
    touchpoint, channel : ndarray of the smallest unsigned integer that fits
        One code per event.
    time : ndarray of int64
        Microseconds since 1970-01-01 UTC.
    offsets : ndarray of int64
        Journey `j` is events ``offsets[j]`` up to ``offsets[j + 1]``; no journey is empty.
    customer : ndarray of int64
        One customer number per journey, not decreasing.
    rows : ndarray of int32, or int64 from partitions
        Where each event stands in the frame, or the file, that was encoded.
    """

    touchpoints: tuple[str, ...]
    channels: tuple[str, ...]
    touchpoint: Codes
    channel: Codes
    time: Ints
    offsets: Ints
    customer: Ints
    rows: Rows

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    def __len__(self) -> int:
        return len(self.touchpoint)

    @property
    def n_journeys(self) -> int:
        """Number of journeys."""
        return len(self.offsets) - 1

    @cached_property
    def n_customers(self) -> int:
        """Number of different customers."""
        return int(np.count_nonzero(np.diff(self.customer))) + 1 if len(self.customer) else 0

    @cached_property
    def journey(self) -> Ints:
        """The journey number of each event."""
        return np.repeat(np.arange(self.n_journeys), np.diff(self.offsets))

    @cached_property
    def position(self) -> Ints:
        """The place of each event in its journey, from 0."""
        return cast(Ints, np.arange(len(self)) - self.offsets[self.journey])

    @property
    def duration(self) -> Ints:
        """Microseconds from first to last event, per journey."""
        return cast(Ints, self.time[self.offsets[1:] - 1] - self.time[self.offsets[:-1]])

    def take(self, journeys: npt.ArrayLike) -> CodedLog:
        """Return the log of these journeys only, in the order of the log.

        Parameters
        ----------
        journeys : array-like
            Journey numbers, or one boolean per journey.

        Returns
        -------
        CodedLog
            With the same dictionaries.
        """
        chosen = np.asarray(journeys)
        chosen = np.flatnonzero(chosen) if chosen.dtype == bool else np.unique(chosen.astype(np.int64))
        at, offsets = gather(self.offsets, chosen)
        return CodedLog(
            self.touchpoints, self.channels, self.touchpoint[at], self.channel[at], self.time[at], offsets,
            self.customer[chosen], self.rows[at],
        )  # fmt: skip

    def renumbered(self, rows: Rows) -> CodedLog:
        """Return the log with other row numbers, for events whose source counts them differently."""
        return replace(self, rows=rows)

    def __repr__(self) -> str:
        return (
            f"CodedLog({len(self):,} events, {self.n_journeys:,} journeys of {self.n_customers:,} customers, "
            f"{len(self.touchpoints)} touchpoints)"
        )


def encode(
    *,
    journey: Sequence[Any] | pd.Series,
    customer: Sequence[Any] | pd.Series,
    timestamp: Sequence[Any] | pd.Series,
    touchpoint: Sequence[Any] | pd.Series,
    channel: Sequence[Any] | pd.Series,
) -> CodedLog:
    """Make the coded log of event columns of one length.

    Events of a journey are ordered by time; ties stay in the order of the rows, so the rows must
    come in the order that breaks ties. An event with a missing `journey` is left out.

    Parameters
    ----------
    journey, customer, touchpoint, channel : array-like
        Keys and labels per event. A journey belongs to the customer of its first event.
    timestamp : array-like of datetime
        Time zone aware, or UTC.

    Returns
    -------
    CodedLog

    Raises
    ------
    StudyError
        When a time, customer, touchpoint or channel is missing.
    NotEnoughDataError
        When no event has a journey.

    Examples
    --------
    >>> log = encode(
    ...     journey=["a", "b", "a"],
    ...     customer=["a", "b", "a"],
    ...     touchpoint=["call", "call", "buy"],
    ...     channel=["phone", "phone", "web"],
    ...     timestamp=pd.to_datetime(["2025-01-02", "2025-01-02", "2025-01-01"], utc=True),
    ... )
    >>> log
    CodedLog(3 events, 2 journeys of 2 customers, 2 touchpoints)
    >>> [log.touchpoints[c] for c in log.touchpoint]
    ['buy', 'call', 'call']
    """
    from cxmining.engine.keys import number

    keys, n_journeys = number(journey)
    guard(len(keys))
    same = customer is journey or _same(customer, journey)
    moments = pd.DatetimeIndex(pd.to_datetime(timestamp, utc=True)).to_numpy(dtype="datetime64[us]")
    inside = keys >= 0 if n_journeys and (keys < 0).any() else None
    touchpoint_codes, touchpoints = _labels(touchpoint, inside, "touchpoint")
    channel_codes, channels = _labels(channel, inside, "channel")
    if inside is not None:
        moments = moments[inside]
    missing = int(np.count_nonzero(np.isnat(moments)))
    if missing and n_journeys:
        raise StudyError(f"{events_have(missing)} no timestamp; every event needs one")
    return assemble(
        keys, n_journeys, None if same else lambda rows: number(_take(customer, rows))[0], moments.view(np.int64),
        touchpoint_codes, touchpoints, channel_codes, channels,
    )  # fmt: skip


def assemble(
    keys: npt.NDArray[np.int32],
    n_journeys: int,
    customers: Callable[[Rows], npt.NDArray[np.int32]] | None,
    time: Ints,
    touchpoint: Codes,
    touchpoints: tuple[str, ...],
    channel: Codes,
    channels: tuple[str, ...],
) -> CodedLog:
    """Put coded events, in the order that breaks ties, into journey order.

    Parameters
    ----------
    keys : ndarray of int32
        Journey number per row, −1 for a row that is in none.
    n_journeys : int
    customers : callable, optional
        From row numbers to customer numbers (−1 unknown), asked once for the first row of each journey;
        without it each journey is a customer's own.
    time, touchpoint, channel : ndarray
        Per row that is in a journey.
    touchpoints, channels : tuple of str

    Returns
    -------
    CodedLog
    """
    some_journey(n_journeys)
    rows = None if len(time) == len(keys) else np.flatnonzero(keys >= 0).astype(np.int32)
    if rows is not None:
        keys = keys[rows]
    order, offsets, code = counting_sort(keys, n_journeys, touchpoint)
    del keys
    at = time[order]
    repair(offsets, at, order, code)
    channel = np.broadcast_to(channel[:1], len(order)) if len(channels) == 1 else channel[order]
    if rows is not None:
        order = rows[order]
    return by_customer(order, offsets, at, code, touchpoints, channel, channels, customers)


def by_customer(
    order: npt.NDArray[np.int32],
    offsets: Ints,
    at: Ints,
    code: Codes,
    touchpoints: tuple[str, ...],
    channel: Codes,
    channels: tuple[str, ...],
    customers: Callable[[Rows], npt.NDArray[np.int32]] | None,
) -> CodedLog:
    """Make the log of events in journey order (`order` holds their rows): journeys of one customer come together."""
    owner = np.arange(len(offsets) - 1)
    if customers is not None:
        owner = customers(order[offsets[:-1]]).astype(np.int64)
        nobody = int(np.count_nonzero(owner < 0))
        if nobody:
            raise StudyError(f"{nobody:,} journey{' has' if nobody == 1 else 's have'} no customer; each needs one")
    if (owner[1:] < owner[:-1]).any():
        sorted_ = np.argsort(owner, kind="stable")
        moved, offsets = gather(offsets, sorted_)
        order, owner, at, code = order[moved], owner[sorted_], at[moved], code[moved]
        if len(channels) > 1:
            channel = channel[moved]
    return CodedLog(touchpoints, channels, code, channel, at, offsets, owner, order)


def some_journey(n: int) -> None:
    """Raise when there is none."""
    if not n:
        raise NotEnoughDataError("there is no event in any journey; an event log with at least one event is needed")


def split_sessions(log: CodedLog, gap_us: int) -> CodedLog:
    """Return the log cut where a customer was silent for longer than `gap_us` microseconds.

    Examples
    --------
    >>> log = encode(
    ...     journey=["a", "a", "a"],
    ...     customer=["a", "a", "a"],
    ...     touchpoint=["x", "x", "x"],
    ...     channel=["web", "web", "web"],
    ...     timestamp=pd.to_datetime(["2025-01-01", "2025-01-02", "2025-02-02"], utc=True),
    ... )
    >>> split_sessions(log, 86_400_000_000).offsets.tolist()
    [0, 2, 3]
    """
    cut = np.ones(len(log) + 1, dtype=bool)
    for a in range(1, len(log), BLOCK):
        b = min(a + BLOCK, len(log))
        np.greater(log.time[a:b] - log.time[a - 1 : b - 1], gap_us, out=cut[a:b])
    cut[log.offsets] = True
    offsets = np.flatnonzero(cut)
    journey = np.searchsorted(log.offsets, offsets[:-1], side="right") - 1
    return CodedLog(
        log.touchpoints, log.channels, log.touchpoint, log.channel, log.time, offsets, log.customer[journey], log.rows
    )


def gather(offsets: Ints, chosen: Ints) -> tuple[Ints, Ints]:
    """Return the positions of all members of the `chosen` groups, one after the other, and their new offsets."""
    lengths = np.diff(offsets)[chosen]
    new = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return np.repeat(offsets[chosen] - new[:-1], lengths) + np.arange(new[-1]), new


def _labels(values: Sequence[Any] | pd.Series, inside: npt.NDArray[np.bool_] | None, what: str) -> Any:
    import pyarrow as pa

    from cxmining.engine.keys import Labels, arrow

    labels = Labels()
    chunks = arrow(values)
    if chunks is None:  # labels of several types: as text
        series = pd.Series(values if isinstance(values, pd.Series) else list(values))
        codes, uniques = pd.factorize(series)
        chunks = [pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array([str(u) for u in uniques]))]
    start = 0
    for chunk in chunks:
        stop = start + len(chunk)
        labels.add(chunk if inside is None else chunk.filter(pa.array(inside[start:stop])))
        start = stop
    if labels.missing:
        raise StudyError(f"{events_have(labels.missing)} no {what}; every event needs one")
    return labels.finish()


def events_have(n: int) -> str:
    """Begin a sentence about so many events."""
    return f"{n:,} event has" if n == 1 else f"{n:,} events have"


def _same(a: Any, b: Any) -> bool:
    """Whether two columns are the same text, seen without walking Python objects."""
    from cxmining.engine.keys import arrow

    if not (isinstance(a, pd.Series) and isinstance(b, pd.Series)) or a.dtype != b.dtype or a.dtype == object:
        return False
    left, right = arrow(a), arrow(b)
    if left is None or right is None or len(left) != len(right):
        return False
    return all(x.equals(y) for x, y in zip(left, right, strict=True))


def _take(values: Any, rows: Rows) -> Any:
    if isinstance(values, pd.Series):
        return values.iloc[rows]
    return [values[row] for row in rows.tolist()]


def worth(n: int) -> bool:
    """Whether a compiled loop over `n` elements saves more than it takes to load it."""
    return n >= (LOADED_FROM if "cxmining.engine.kernels" in sys.modules else COMPILED_FROM)


def guard(n: int) -> None:
    """Raise when so many events do not fit into 32-bit numbers."""
    if n >= LIMIT:
        raise StudyError(
            f"{n:,} events are too many for one coded log, which holds {LIMIT - 1:,}; put them into partitions with "
            "cxmining.engine.bucket and read those one by one"
        )


def counting_sort(
    keys: npt.NDArray[np.int32], n: int, payload: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.int32], Ints, npt.NDArray[Any]]:
    """Order rows by key in O(n), rows of one key in row order, and take `payload` along: what CSR → CSC does."""
    from scipy.sparse import csr_array

    size = len(keys)
    sorted_ = csr_array((payload, keys, np.arange(size + 1, dtype=np.int32)), shape=(size, n)).tocsc()
    return sorted_.indices, sorted_.indptr.astype(np.int64), sorted_.data


def repair(offsets: Ints, at: Ints, *columns: npt.NDArray[Any]) -> None:
    """Sort by time, in place, the journeys that are out of order; `columns` go along with their times."""
    back = at[1:] < at[:-1]
    back[offsets[1:-1] - 1] = False  # a step back between two journeys is none
    broken = np.flatnonzero(back)
    if not len(broken):
        return
    broken = np.searchsorted(offsets, broken, side="right") - 1
    broken = broken[np.concatenate([[True], broken[1:] != broken[:-1]])]
    places, inner = gather(offsets, broken)
    time = at[places]
    journey = np.repeat(np.arange(len(broken)), np.diff(inner))
    low = int(time.min())
    width = (int(time.max()) - low).bit_length()
    if len(broken).bit_length() + width < 64:
        word = (journey << width) | (time - low)
        inside = np.argsort(word)
        ordered = word[inside]
        if (ordered[1:] == ordered[:-1]).any():  # ties keep row order, which costs the slower sort
            inside = np.argsort(word, kind="stable")
    else:
        inside = np.lexsort((time, journey))
    for column in (at, *columns):
        column[places] = column[places][inside]
