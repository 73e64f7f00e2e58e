"""Which touchpoints the journeys meet, how often, and through which channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cxmining.engine.coded import CodedLog, Ints
from cxmining.engine.samples import union
from cxmining.engine.visits import BLOCK, blocks, visits

__all__ = ["TouchpointCounts", "count_touchpoints", "journey_counts"]


@dataclass(frozen=True, eq=False)
class TouchpointCounts:
    """Counts per touchpoint for some customers; counts of other customers merge into it.

    Attributes
    ----------
    touchpoints, channels : tuple of str
        Rows and columns of `events`.
    events : ndarray of int64, shape (touchpoints, channels)
        Number of events.
    journeys, customers : ndarray of int64
        How many journeys, of how many different customers, meet the touchpoint.
    total_journeys, total_customers : int
        How many there are.
    """

    touchpoints: tuple[str, ...]
    channels: tuple[str, ...]
    events: Ints
    journeys: Ints
    customers: Ints
    total_journeys: int
    total_customers: int

    def merge(self, other: TouchpointCounts) -> TouchpointCounts:
        """Return the counts of both groups of customers, which must be different people."""
        touchpoints, row, other_row = union(self.touchpoints, other.touchpoints)
        channels, column, other_column = union(self.channels, other.channels)
        events = np.zeros((len(touchpoints), len(channels)), dtype=np.int64)
        events[np.ix_(row, column)] += self.events
        events[np.ix_(other_row, other_column)] += other.events
        journeys, customers = np.zeros((2, len(touchpoints)), dtype=np.int64)
        journeys[row] += self.journeys
        journeys[other_row] += other.journeys
        customers[row] += self.customers
        customers[other_row] += other.customers
        return TouchpointCounts(
            touchpoints, channels, events, journeys, customers,
            self.total_journeys + other.total_journeys, self.total_customers + other.total_customers,
        )  # fmt: skip


def count_touchpoints(log: CodedLog) -> TouchpointCounts:
    """Return how often each touchpoint is met, by how many, and through which channel.

    Examples
    --------
    >>> import pandas as pd
    >>> from cxmining.engine import encode
    >>> log = encode(
    ...     journey=["a", "a", "b"],
    ...     customer=["a", "a", "b"],
    ...     touchpoint=["call", "call", "buy"],
    ...     channel=["phone", "chat", "web"],
    ...     timestamp=pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-01"], utc=True),
    ... )
    >>> counts = count_touchpoints(log)
    >>> counts.touchpoints, counts.channels, counts.events.tolist(), counts.journeys.tolist()
    (('buy', 'call'), ('chat', 'phone', 'web'), [[0, 0, 1], [1, 1, 0]], [1, 1])
    """
    k, c = len(log.touchpoints), len(log.channels)
    events = np.zeros(k * c, dtype=np.int64)
    size = max(BLOCK, 4 * k * c)
    for at in range(0, len(log), size):
        pair = log.touchpoint[at : at + size].astype(np.intp)
        pair *= c
        pair += log.channel[at : at + size]
        events += np.bincount(pair, minlength=k * c)
    journeys, customers = visits(log.touchpoint, log.offsets, log.customer, k)
    return TouchpointCounts(
        log.touchpoints, log.channels, events.reshape(k, c), journeys, customers, log.n_journeys, log.n_customers
    )


def journey_counts(log: CodedLog) -> Any:
    """Return the journeys × touchpoints matrix of counts (``scipy.sparse.csr_array`` of int64).

    Examples
    --------
    >>> import pandas as pd
    >>> from cxmining.engine import encode
    >>> log = encode(
    ...     journey=["a", "a", "b"],
    ...     customer=["a", "a", "b"],
    ...     touchpoint=["call", "call", "buy"],
    ...     channel=["phone", "chat", "web"],
    ...     timestamp=pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-01"], utc=True),
    ... )
    >>> journey_counts(log).toarray().tolist()
    [[0, 2], [1, 0]]
    """
    from scipy.sparse import csr_array

    k = len(log.touchpoints)
    indices, data = [], []
    per_journey = np.zeros(log.n_journeys + 1, dtype=np.int64)
    for first, behind in blocks(log.offsets, np.arange(log.n_journeys)):
        start, stop = log.offsets[first], log.offsets[behind]
        packed = np.repeat(np.arange(behind - first), np.diff(log.offsets[first : behind + 1]))
        if (behind - first) * k < 1 << 32:
            packed = packed.astype(np.uint32)
        packed *= packed.dtype.type(k)
        packed += log.touchpoint[start:stop]
        packed.sort()
        new = np.ones(len(packed), dtype=bool)
        np.not_equal(packed[1:], packed[:-1], out=new[1:])
        at = np.flatnonzero(new)
        packed = packed[at]
        journey = packed // packed.dtype.type(k)
        indices.append((packed - journey * packed.dtype.type(k)).astype(np.int32))
        data.append(np.diff(np.append(at, stop - start)))
        per_journey[first + 1 : behind + 1] = np.bincount(journey, minlength=behind - first)
    return csr_array((np.concatenate(data), np.concatenate(indices), np.cumsum(per_journey)), shape=(log.n_journeys, k))
