"""Small tools on arrays of codes that the other files of this room share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Bools", "Grouped", "Ints", "Joined", "connected", "distinct", "label", "single"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def distinct(a: Ints, b: Ints) -> tuple[Ints, Ints]:
    """Return the distinct pairs, sorted by the first and then the second.

    Examples
    --------
    >>> [x.tolist() for x in distinct(np.array([2, 1, 2]), np.array([0, 5, 0]))]
    [[1, 2], [5, 0]]
    """
    if not len(a):
        return a, b
    base = int(b.max()) + 1
    pair = a * base + b
    if len(pair) > 1 and not (pair[1:] > pair[:-1]).all():
        pair = np.sort(pair)  # np.unique hashes, which takes ten times as long on millions
        pair = pair[np.concatenate([[True], pair[1:] != pair[:-1]])]
    return pair // base, pair % base


@dataclass(frozen=True, eq=False)
class Joined:
    """Distinct pairs of what stands in one record."""

    left: Ints
    right: Ints


class Grouped:
    """Items by group, laid out so that joining needs no hashing."""

    def __init__(self, group: Ints, item: Ints) -> None:
        if len(group) > 1 and (group[1:] < group[:-1]).any():
            order = np.argsort(group, kind="stable")
            group, item = group[order], item[order]
        self.group, self.item = group, item

    def join(self, group: Ints, left: Ints) -> Joined:
        """Return the distinct (left, item) that share a group."""
        if not len(self.group) or not len(group):
            none = np.zeros(0, dtype=np.int64)
            return Joined(none, none)
        first = np.searchsorted(self.group, group, "left")
        n = np.searchsorted(self.group, group, "right") - first
        out = np.repeat(left, n)
        offset = np.arange(len(out)) - np.repeat(np.cumsum(n) - n, n)
        return Joined(*distinct(out, self.item[np.repeat(first, n) + offset]))


def connected(a: Ints, b: Ints, n: int) -> Ints:
    """Label `n` nodes by the component they are in, given edges a-b."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(a), dtype=np.int8), (a.astype(np.int32), b.astype(np.int32))), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def single(group: Ints, item: Ints, n: int) -> tuple[Ints, Bools]:
    """Return per group its only item, -1 where it has none or several, and where it has several."""
    low = np.full(n, np.iinfo(np.int64).max, dtype=np.int64)
    high = np.full(n, -1, dtype=np.int64)
    np.minimum.at(low, group, item)
    np.maximum.at(high, group, item)
    several = (high >= 0) & (low != high)
    return np.where(several, -1, high), several


def label(person: Ints, rank: Ints, record: Ints, owner: Ints, k: int) -> int:
    """Give the nameless among `record` their owner where their values agree on one; return how many got one."""
    if not len(record):
        return 0
    at, place = np.unique(record, return_inverse=True)
    agreed, _ = single(place, owner, len(at))
    new = (person[at] < 0) & (agreed >= 0)
    person[at[new]], rank[at[new]] = agreed[new], k
    return int(new.sum())
