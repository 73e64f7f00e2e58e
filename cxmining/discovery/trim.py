"""Which edges of a directly-follows graph are shown: the strong ones, and what keeps every touchpoint on a way."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

import numpy as np
import numpy.typing as npt

from cxmining.engine.coded import Ints

__all__ = ["shown_edges", "strong_edges"]

Mask = npt.NDArray[np.bool_]


def strong_edges(source: Ints, n: npt.NDArray[Any], noise: float) -> Mask:
    """Return which edges are at least `noise` times the strongest one that leaves the same touchpoint.

    Parameters
    ----------
    source : ndarray of int64, shape (edges,)
        Where each edge begins, not decreasing.
    n : ndarray, shape (edges,) or (samples, edges)
        How often it was walked; an edge that never was is not strong.
    noise : float
        0 to 1.

    Returns
    -------
    ndarray of bool, shape of `n`

    Examples
    --------
    >>> strong_edges(np.array([0, 0, 1]), np.array([10, 1, 3]), 0.2).tolist()
    [True, False, True]
    """
    first = np.flatnonzero(np.r_[True, source[1:] != source[:-1]])
    strongest = np.maximum.reduceat(n, first, axis=-1)
    return (n > 0) & (n >= noise * np.repeat(strongest, np.diff(np.r_[first, len(source)]), axis=-1))


def shown_edges(source: Ints, target: Ints, n: Ints, nodes: int, noise: float) -> Mask:
    """Return the strong edges, and those that a touchpoint needs to lie on a way from the start to the end.

    A touchpoint that strong edges do not reach, or from which they do not reach the end, gets the edges of its
    widest way: the one whose rarest edge is walked most.

    Parameters
    ----------
    source, target : ndarray of int64, shape (edges,)
        As in :class:`~cxmining.engine.Graph`: −1 is outside.
    n : ndarray of int64, shape (edges,)
    nodes : int
        Number of touchpoints.
    noise : float
        0 to 1; 0: every edge is shown.

    Returns
    -------
    ndarray of bool, shape (edges,)

    Examples
    --------
    Between 0 and 1 customers go back and forth; the rare way out of 1 is kept, or nobody would ever arrive.

    >>> source, target = np.array([-1, 0, 1, 1]), np.array([0, 1, -1, 0])
    >>> shown_edges(source, target, np.array([5, 95, 5, 90]), 2, 0.2).tolist()
    [True, True, True, True]
    """
    keep = strong_edges(source, n, noise)
    outside = nodes
    begin, end = np.where(source < 0, outside, source), np.where(target < 0, outside, target)
    for a, b in ((begin, end), (end, begin)):
        lost = np.setdiff1d(begin[n > 0], _reached(a[keep], b[keep], nodes))
        if len(lost):
            keep = keep.copy()
            keep[_widest_ways(a, b, n, outside, lost.tolist())] = True
    return keep


def _reached(a: Ints, b: Ints, nodes: int) -> Ints:
    """Return the nodes that can be reached from outside along edges from `a` to `b`."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order

    # Outside has two numbers here, so that no way leads through it.
    graph = csr_array((np.ones(len(a)), (a, np.where(b == nodes, nodes + 1, b))), shape=(nodes + 2, nodes + 2))
    order: Ints = breadth_first_order(graph, nodes, return_predecessors=False)
    return order


def _widest_ways(a: Ints, b: Ints, n: Ints, outside: int, wanted: list[int]) -> list[int]:
    """Return the edges on the widest ways from outside to the wanted nodes."""
    leaving: dict[int, list[int]] = {}
    for edge in np.flatnonzero(n > 0).tolist():
        leaving.setdefault(int(a[edge]), []).append(edge)
    came: dict[int, int] = {}
    todo = [(-int(n[e]), 1, int(b[e]), e) for e in leaving.get(outside, [])]
    todo.sort()
    while todo:
        width, steps, node, edge = heappop(todo)
        if node in came or node == outside:
            continue
        came[node] = edge
        for onward in leaving.get(node, []):
            if int(b[onward]) not in came:
                heappush(todo, (max(width, -int(n[onward])), steps + 1, int(b[onward]), onward))
    found: set[int] = set()
    for node in wanted:
        while node != outside and node in came and came[node] not in found:
            found.add(came[node])
            node = int(a[came[node]])
    return sorted(found)
