"""The bootstrap of whole customers, a block of replicates at a time.

A replicate gives each customer a Poisson(1) count (Chamandy et al. 2012): the same intervals as
drawing customers with replacement, and the counts can be made chunk by chunk, so that memory stays
bounded. Every statistic here is a function of the weighted cross products, and these are one matrix
product for all replicates. Draws follow an order that the rows' content gives, on one thread:
the same seed gives the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from cxmining.drivers.design import Design

__all__ = ["customer_products", "draw_moments", "halves", "total_moments", "unpacked"]

Array = npt.NDArray[np.float64]

TICKETS: Final = 1 << 16
"""A count is one of so many equally likely tickets: a look-up, ten times faster than drawing it."""

CHUNK: Final = 4096
"""Customers whose cross products are held at once; part of what a seed means."""


@cache
def _poisson() -> Array:
    """Return 65,536 numbers of which each Poisson(1) count takes its part; the last digits make the mean exactly 1."""
    cumulative = np.cumsum([math.exp(-1) / math.factorial(i) for i in range(9)])
    ends = np.round(cumulative * TICKETS).astype(np.int64)
    counts = np.diff(ends, prepend=0)
    counts[-1] += TICKETS - ends[-1]
    surplus = int(counts @ np.arange(len(counts))) - TICKETS
    counts[0] += surplus
    counts[1] -= surplus
    return np.repeat(np.arange(len(counts), dtype=np.float64), counts)


def customer_products(design: Design, take: npt.NDArray[np.bool_] | None) -> Iterator[Array]:
    """Yield each customer's weighted cross products (upper triangle), a chunk of customers at a time."""
    rows, columns = np.triu_indices(design.z.shape[1])
    starts = np.flatnonzero(np.diff(design.cluster, prepend=-1))
    ends = np.append(starts[1:], design.n)
    chosen = np.arange(len(starts)) if take is None else np.flatnonzero(take)
    for begin in range(0, len(chosen), CHUNK):
        part = chosen[begin : begin + CHUNK]
        sizes = ends[part] - starts[part]
        offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        index = np.repeat(starts[part] - offsets, sizes) + np.arange(sizes.sum())
        z = design.z[index]
        cross = (z * design.w[index, None])[:, rows] * z[:, columns]
        yield cross if len(index) == len(part) else np.add.reduceat(cross, offsets, axis=0)


def unpacked(packed: Array, m: int) -> Array:
    """Return full matrices (R, m, m) of upper triangles, row by row."""
    full = np.empty((len(packed), m, m))
    rows, columns = np.triu_indices(m)
    full[:, rows, columns] = packed
    full[:, columns, rows] = packed
    return full


def total_moments(design: Design, take: npt.NDArray[np.bool_] | None = None) -> Array:
    """Return the cross products of all customers, or of those that `take` names.

    Parameters
    ----------
    design : Design
        The columns.
    take : array of bool, optional
        One value per customer.

    Returns
    -------
    array of shape (1, m, m)
        Cross products of all columns of `design`.
    """
    m = design.z.shape[1]
    packed = np.zeros((1, m * (m + 1) // 2))
    for cross in customer_products(design, take):
        packed += cross.sum(axis=0)
    return unpacked(packed, m)


def draw_moments(
    design: Design, replicates: int, rng: np.random.Generator, take: npt.NDArray[np.bool_] | None = None
) -> Array:
    """Return the cross products of `replicates` Poisson bootstrap draws of customers.

    Parameters
    ----------
    design : Design
        The columns.
    replicates : int
        Draws.
    rng : Generator
        Source of the draws.
    take : array of bool, optional
        Which customers there are to draw from.

    Returns
    -------
    array of shape (replicates, m, m)
        Cross products per draw.
    """
    m = design.z.shape[1]
    packed = np.zeros((replicates, m * (m + 1) // 2))
    counts = _poisson()
    for cross in customer_products(design, take):
        packed += counts[rng.integers(0, TICKETS, size=(replicates, len(cross)), dtype=np.uint16)] @ cross
    return unpacked(packed, m)


def halves(design: Design, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Split the customers in two at random: True for those of the first half.

    Parameters
    ----------
    design : Design
        The columns.
    rng : Generator
        Source of the draw.

    Returns
    -------
    array of bool
        One value per customer.
    """
    customers = int(design.cluster[-1]) + 1
    first = np.zeros(customers, dtype=bool)
    first[rng.permutation(customers)[: customers // 2]] = True
    return first
