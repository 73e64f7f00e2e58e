"""Who follows whom, how often, and after how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import pandas as pd

from cxmining.engine.coded import CodedLog, Ints
from cxmining.engine.samples import Samples, compress, distinct, union

__all__ = ["END", "START", "Graph", "follow"]

START: Final = "(start)"
END: Final = "(end)"


@dataclass(frozen=True, eq=False)
class Graph:
    """The directly-follows graph of some customers' journeys; graphs of other customers merge into it.

    Attributes
    ----------
    touchpoints : tuple of str
        The nodes, alphabetically.
    source, target : ndarray of int64
        Node numbers per edge, −1 for outside (before the first, behind the last event); edges ascend.
    n, journeys, customers : ndarray of int64
        How often the edge was walked, in how many journeys, by how many different customers.
    waits : Samples
        Microseconds between the two events, all of them, so that medians are exact; none to or from outside.
    """

    touchpoints: tuple[str, ...]
    source: Ints
    target: Ints
    n: Ints
    journeys: Ints
    customers: Ints
    waits: Samples

    def merge(self, other: Graph) -> Graph:
        """Return the graph of both groups of customers, which must be different people."""
        touchpoints, mine, theirs = union(self.touchpoints, other.touchpoints)
        size = len(touchpoints) + 1
        own = _code(self.source, self.target, mine, size)
        new = _code(other.source, other.target, theirs, size)
        codes, place, _ = compress(np.concatenate([own, new]), size * size)
        mine, theirs = place[: len(own)], place[len(own) :]

        def add(a: Ints, b: Ints) -> Ints:
            total = np.zeros(len(codes), dtype=np.int64)
            total[mine] += a
            total[theirs] += b
            return total

        return Graph(
            touchpoints, codes // size - 1, codes % size - 1,
            add(self.n, other.n), add(self.journeys, other.journeys), add(self.customers, other.customers),
            self.waits.merge(other.waits, mine, theirs, len(codes)),
        )  # fmt: skip

    def frame(self) -> pd.DataFrame:
        """Return one row per edge: source, target, n, journeys, customers, median_s, mean_s, p90_s."""
        names = np.array([*self.touchpoints, ""], dtype=object)
        return pd.DataFrame(
            {
                "source": pd.Series(np.where(self.source < 0, START, names[self.source]), dtype="str"),
                "target": pd.Series(np.where(self.target < 0, END, names[self.target]), dtype="str"),
                "n": self.n,
                "journeys": self.journeys,
                "customers": self.customers,
                "median_s": self.waits.quantile(0.5) / 1e6,
                "mean_s": self.waits.mean() / 1e6,
                "p90_s": self.waits.quantile(0.9) / 1e6,
            }
        )


def follow(log: CodedLog) -> Graph:
    """Return the directly-follows graph of a log.

    Examples
    --------
    >>> from cxmining.engine import encode
    >>> log = encode(
    ...     journey=["a", "a"],
    ...     customer=["a", "a"],
    ...     touchpoint=["buy", "call"],
    ...     channel=["web", "phone"],
    ...     timestamp=pd.to_datetime(["2025-01-01T10:00", "2025-01-01T10:01"], utc=True),
    ... )
    >>> follow(log).frame()[["source", "target", "n", "median_s"]]
        source target  n  median_s
    0  (start)    buy  1       NaN
    1      buy   call  1      60.0
    2     call  (end)  1       NaN
    """
    size = len(log.touchpoints) + 1
    nodes = log.touchpoint.astype(np.int64) + 1
    first, last = log.offsets[:-1], log.offsets[1:] - 1
    inner = np.ones(len(log), dtype=bool)
    inner[first] = False
    steps = np.flatnonzero(inner)
    walked = np.concatenate([nodes[steps - 1] * size + nodes[steps], nodes[first], nodes[last] * size])
    everyone = np.arange(log.n_journeys)
    journey = np.concatenate([log.journey[steps], everyone, everyone])
    codes, edge, n = compress(walked, size * size)
    return Graph(
        log.touchpoints, codes // size - 1, codes % size - 1, n,
        distinct(edge, journey, len(codes)), distinct(edge, log.customer[journey], len(codes)),
        Samples.of(edge[: len(steps)], log.time[steps] - log.time[steps - 1], len(codes)),
    )  # fmt: skip


def _code(source: Ints, target: Ints, place: Ints, size: int) -> Ints:
    node = np.append(place + 1, 0)  # −1, outside, picks the last
    return cast(Ints, node[source] * size + node[target])
