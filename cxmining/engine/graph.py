"""Who follows whom, how often, and after how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine.coded import CodedLog, Ints, worth
from cxmining.engine.samples import Samples, compress, smallest, union
from cxmining.engine.visits import BLOCK, visits

__all__ = ["END", "START", "Graph", "count_edges", "follow"]

START: Final = "(start)"
END: Final = "(end)"
TABLE: Final = 1 << 16
"""Up to so many possible edges have a number each, walked or not."""


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
        """Return one row per edge: source, target, n, journeys, customers, median_s, mean_s, p90_s.

        Where the waits are rounded, `relative_error` says how far median, mean and p90 may be off.
        """
        names = np.array([*self.touchpoints, ""], dtype=object)
        frame = pd.DataFrame(
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
        return frame.assign(relative_error=self.waits.error) if self.waits.error else frame


def follow(log: CodedLog, budget: int | None = None) -> Graph:
    """Return the directly-follows graph of a log.

    Parameters
    ----------
    log : CodedLog
    budget : int, optional
        Above so many different waits they are rounded (`Samples.rounded`), and the frame says so; a graph merged
        with others keeps the budget. Without it medians are exact.

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
    k = len(log.touchpoints)
    step, edges = _steps(log)
    waits = _waits(log, step, len(edges))
    journeys, customers = visits(step, log.offsets, log.customer, len(edges) + 1)
    walked = np.flatnonzero(waits.n)
    edges = edges[walked]
    codes, n = [(edges // k + 1) * (k + 1) + edges % k + 1], [waits.n[walked]]
    of_journeys, of_customers = [journeys[walked]], [customers[walked]]
    one_each = np.arange(log.n_journeys + 1)
    for at, weight in ((log.offsets[:-1], 1), (log.offsets[1:] - 1, k + 1)):
        journeys, customers = visits(log.touchpoint[at], one_each, log.customer, k)
        met = np.flatnonzero(journeys)
        codes.append((met + 1) * weight)
        n.append(journeys[met])
        of_journeys.append(journeys[met])
        of_customers.append(customers[met])
    code = np.concatenate(codes)
    order = np.argsort(code)
    code = code[order]
    # The waits keep their place: edges to and from outside come between them, with none.
    sizes = np.zeros(len(code), dtype=np.int64)
    sizes[order < len(edges)] = np.diff(waits.offsets)[walked]
    return Graph(
        log.touchpoints, code // (k + 1) - 1, code % (k + 1) - 1, np.concatenate(n)[order],
        np.concatenate(of_journeys)[order], np.concatenate(of_customers)[order],
        Samples(waits.values, np.concatenate([[0], np.cumsum(sizes)]), waits.counts).within(budget),
    )  # fmt: skip


def count_edges(log: CodedLog) -> tuple[Ints, Ints, Ints]:
    """Return how often each touchpoint directly follows each: counts alone, in a tenth of the time of `follow`.

    Returns
    -------
    source, target, n : ndarray of int64
        Touchpoint codes and the count of each edge that was walked, ascending; outside is no node here.

    Examples
    --------
    >>> from cxmining.engine import encode
    >>> log = encode(
    ...     journey=["a", "a", "b"],
    ...     customer=["a", "a", "b"],
    ...     touchpoint=["buy", "call", "buy"],
    ...     channel=["web", "phone", "web"],
    ...     timestamp=pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-03"], utc=True),
    ... )
    >>> [x.tolist() for x in count_edges(log)]
    [[0], [1], [1]]
    """
    k = len(log.touchpoints)
    if k * k > TABLE:
        step, edges = _steps(log)
        n = np.bincount(step.astype(np.intp), minlength=len(edges))[: len(edges)]
        return edges // k, edges % k, n
    n = np.zeros(k * k, dtype=np.int64)
    for a in range(0, len(log) - 1, BLOCK):
        pair = log.touchpoint[a : min(a + BLOCK, len(log) - 1)].astype(np.intp)
        pair *= k
        pair += log.touchpoint[a + 1 : a + 1 + len(pair)]
        n += np.bincount(pair, minlength=k * k)
    # The last event of one journey and the first of the next were taken for a step.
    border = log.offsets[1:-1]
    n -= np.bincount(log.touchpoint[border - 1].astype(np.intp) * k + log.touchpoint[border], minlength=k * k)
    walked = np.flatnonzero(n)
    return walked // k, walked % k, n[walked]


def _steps(log: CodedLog) -> tuple[npt.NDArray[np.unsignedinteger[Any]], Ints]:
    """Return for each event which edge leads on from it, and the edges (source × touchpoints + target).

    The last event of a journey has the number behind the last edge.
    """
    k = len(log.touchpoints)
    word = smallest(k * k)
    code = np.empty(len(log), dtype=word)
    np.multiply(log.touchpoint[:-1], word.type(k), out=code[:-1], dtype=word, casting="unsafe")
    code[:-1] += log.touchpoint[1:]
    ends = log.offsets[1:] - 1
    if k * k <= TABLE:
        code[ends] = k * k
        return code, np.arange(k * k)
    # Of 5,000² pairs few are walked: number those.
    code[ends] = k * k
    walked = np.sort(code)[: len(code) - len(ends)]
    new = np.ones(len(walked), dtype=bool)
    np.not_equal(walked[1:], walked[:-1], out=new[1:])
    present = walked[new]
    return np.searchsorted(present, code).astype(smallest(len(present))), present.astype(np.int64)


def _waits(log: CodedLog, step: npt.NDArray[np.unsignedinteger[Any]], n: int) -> Samples:
    """Collect the microseconds from each event to the next by edge; the last events fall out at the end."""
    if worth(len(log)):
        from cxmining.engine.kernels import deal_steps, once

        return Samples(*once(*deal_steps(step, log.time, n)))
    word = np.zeros(len(log), dtype=np.int64)
    np.subtract(log.time[1:], log.time[:-1], out=word[:-1])
    word[log.offsets[1:] - 1] = 0
    width = int(word.max()).bit_length()
    inner = len(log) - log.n_journeys
    if (n + 1).bit_length() + width >= 64:
        keep = step < n
        return Samples.of(step[keep], word[keep], n)
    for a in range(0, len(word), BLOCK):
        word[a : a + BLOCK] |= step[a : a + BLOCK].astype(np.int64) << width
    word.sort()
    return Samples.of_packed(word[:inner], width, 0, n)


def _code(source: Ints, target: Ints, place: Ints, size: int) -> Ints:
    node = np.append(place + 1, 0)  # −1, outside, picks the last
    return cast(Ints, node[source] * size + node[target])
