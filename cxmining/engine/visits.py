"""How many journeys and customers meet each of some groups: first visits, counted block by block."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from cxmining.engine.coded import Ints, worth

__all__ = ["blocks", "visits"]

BLOCK = 1 << 18
"""Events per block: what is worked on at once stays in the processor's cache."""


def blocks(offsets: Ints, customer: Ints, size: int = 0) -> Iterator[tuple[int, int]]:
    """Cut the journeys into ranges ``(first, behind)`` of about `size` events that part no customer."""
    size = size or BLOCK
    borders = np.flatnonzero(customer[1:] != customer[:-1]) + 1
    borders = np.concatenate([[0], borders, [len(customer)]])
    at = offsets[borders]
    chosen = np.searchsorted(at, np.arange(size, int(at[-1]), size))
    edges = borders[np.unique(np.concatenate([[0], chosen, [len(borders) - 1]]))].tolist()
    yield from ((a, b) for a, b in itertools.pairwise(edges) if b > a)


def visits(group: npt.NDArray[Any], offsets: Ints, customer: Ints, n: int) -> tuple[Ints, Ints]:
    """Return how many journeys, and of how many different customers, have each of `n` groups among their elements.

    Parameters
    ----------
    group : ndarray of unsigned integers
        One group number per element, below `n`; elements stand in journey order.
    offsets : ndarray of int64
        Journey `j` is elements ``offsets[j]`` up to ``offsets[j + 1]``.
    customer : ndarray of int64
        One customer number per journey, not decreasing.
    n : int
        How many groups.

    Returns
    -------
    journeys, customers : ndarray of int64, shape (n,)
    """
    if worth(len(group)):
        from cxmining.engine.kernels import visit

        return visit(group, offsets, customer, n)
    journeys, customers = np.zeros((2, n), dtype=np.int64)
    alone = bool((customer[1:] != customer[:-1]).all())
    for first, behind in blocks(offsets, customer):
        start, stop = int(offsets[first]), int(offsets[behind])
        bits = max(behind - first - 1, 1).bit_length()
        word: Any = np.uint32 if n.bit_length() + bits <= 32 else np.uint64
        packed: npt.NDArray[Any] = group[start:stop].astype(word)
        packed <<= word(bits)
        packed |= np.repeat(np.arange(behind - first, dtype=word), np.diff(offsets[first : behind + 1]))
        packed.sort()
        new = np.ones(len(packed), dtype=bool)
        np.not_equal(packed[1:], packed[:-1], out=new[1:])
        packed = packed[new]
        met = (packed >> word(bits)).astype(np.intp)
        _add(journeys, met)
        if alone:
            continue
        # Customers ascend with journeys, so that sorted by journey is sorted by customer.
        packed &= word((1 << bits) - 1)
        person = customer[first:behind][packed]
        new = np.ones(len(met), dtype=bool)
        new[1:] = (met[1:] != met[:-1]) | (person[1:] != person[:-1])
        _add(customers, met[new])
    return journeys, journeys if alone else customers


def _add(total: Ints, met: Ints) -> None:
    if len(total) <= 4 * len(met):
        total += np.bincount(met, minlength=len(total))
    elif len(met):  # sorted: few of many groups, no table of all of them per block
        start = np.flatnonzero(np.concatenate([[True], met[1:] != met[:-1]]))
        total[met[start]] += np.diff(np.append(start, len(met)))
