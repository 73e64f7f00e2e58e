"""The coded log: events in journey order as flat arrays, built without sorting what is in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError

__all__ = ["CodedLog", "Codes", "Ints", "encode", "gather", "split_sessions"]

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.unsignedinteger[Any]]


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
    rows : ndarray of int64
        Where each event stands in the frame that was encoded.
    """

    touchpoints: tuple[str, ...]
    channels: tuple[str, ...]
    touchpoint: Codes
    channel: Codes
    time: Ints
    offsets: Ints
    customer: Ints
    rows: Ints

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
    keys, n_journeys = _number(journey)
    rows = np.flatnonzero(keys >= 0)
    if not len(rows):
        raise NotEnoughDataError("there is no event in any journey; an event log with at least one event is needed")
    everything = len(rows) == len(keys)
    pick: Any = slice(None) if everything else rows
    keys = keys[pick]
    moments = pd.Series(pd.DatetimeIndex(pd.to_datetime(timestamp, utc=True)))[pick]
    if moments.isna().any():
        raise StudyError(f"{int(moments.isna().sum())} events have no timestamp; every event needs one")
    time = moments.to_numpy(dtype="datetime64[us]").view(np.int64)
    touchpoint_codes, touchpoints = _dictionary(touchpoint, pick, "touchpoint")
    channel_codes, channels = _dictionary(channel, pick, "channel")
    customers, _ = _number(customer)
    customers = customers[pick]

    order, offsets = _counting_sort(keys, n_journeys)
    order = _repair(order, offsets, time)
    owner = customers[order[offsets[:-1]]]
    if (owner < 0).any():
        raise StudyError(f"{int((owner < 0).sum())} journeys have no customer; every journey needs one")
    if (np.diff(owner) < 0).any():
        by_customer = np.argsort(owner, kind="stable")
        at, offsets = gather(offsets, by_customer)
        order, owner = order[at], owner[by_customer]
    return CodedLog(
        touchpoints, channels, touchpoint_codes[order], channel_codes[order], time[order], offsets, owner,
        order if everything else rows[order],
    )  # fmt: skip


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
    cut = np.zeros(len(log), dtype=bool)
    cut[1:] = np.diff(log.time) > gap_us
    cut[log.offsets[:-1]] = True
    starts = np.flatnonzero(cut)
    return CodedLog(
        log.touchpoints, log.channels, log.touchpoint, log.channel, log.time, np.append(starts, len(log)),
        log.customer[log.journey[starts]], log.rows,
    )  # fmt: skip


def gather(offsets: Ints, chosen: Ints) -> tuple[Ints, Ints]:
    """Return the positions of all members of the `chosen` groups, one after the other, and their new offsets."""
    lengths = np.diff(offsets)[chosen]
    new = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return np.repeat(offsets[chosen] - new[:-1], lengths) + np.arange(new[-1]), new


def _number(values: Sequence[Any] | pd.Series) -> tuple[Ints, int]:
    codes, uniques = pd.factorize(values if isinstance(values, pd.Series) else pd.Series(list(values)))
    return codes.astype(np.int64, copy=False), len(uniques)


def _dictionary(values: Sequence[Any] | pd.Series, pick: Any, what: str) -> tuple[Codes, tuple[str, ...]]:
    series = (values if isinstance(values, pd.Series) else pd.Series(list(values))).iloc[pick]
    # A categorical lists categories that do not occur, in an order that is its own: only what is there counts.
    codes, uniques = pd.factorize(series)
    if (codes < 0).any():
        raise StudyError(f"{int((codes < 0).sum())} events have no {what}; every event needs one")
    labels = np.array([str(u) for u in uniques], dtype=object)
    names, rank = np.unique(labels, return_inverse=True)
    smallest = np.min_scalar_type(max(len(names) - 1, 0))
    return rank.astype(smallest)[codes], tuple(names.tolist())


def _counting_sort(keys: Ints, n: int) -> tuple[Ints, Ints]:
    """Order rows by key in O(n), rows of one key in row order: what COO → CSR does."""
    from scipy.sparse import coo_array

    size = len(keys)
    rows = np.arange(size)
    csr = coo_array((rows, (keys, rows)), shape=(n, size)).tocsr()
    return csr.data.astype(np.int64, copy=False), csr.indptr.astype(np.int64)


def _repair(order: Ints, offsets: Ints, time: Ints) -> Ints:
    """Sort by time the journeys that are out of order, and only those."""
    at = time[order]
    backwards = np.flatnonzero(np.diff(at) < 0) + 1
    broken = np.searchsorted(offsets, backwards, side="right") - 1
    broken = np.unique(broken[offsets[broken] != backwards])  # a step back between two journeys is none
    if not len(broken):
        return order
    places, inner = gather(offsets, broken)
    journey = np.repeat(np.arange(len(broken)), np.diff(inner))
    order = order.copy()
    order[places] = order[places][np.lexsort((at[places], journey))]  # lexsort is stable: ties keep row order
    return order
