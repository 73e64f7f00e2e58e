"""Compiled walks over the subsets of touchpoints: each block of subsets stays in the processor's cache.

The doubling is that of `cxmining.drivers.lattice`. Here the players above `BLOCK` are taken in or left out one
after the other, depth first, and only the rest is doubled in long vectors: what is asked of the subsets (fair
credit, the best set of each size) is added up on the way, so that memory does not grow with their number. One
thread, no reordering of sums: the same bits everywhere. The loop over blocks is left to Python while they are few:
it gives the same bits, and is there when a new environment still compiles.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

__all__ = ["BLOCK", "PIVOT", "compiled", "copy_matrix", "take_out", "walk", "walk_many"]

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Loop = TypeVar("Loop", bound=Callable[..., Any])

BLOCK: Final = 12
"""Players that are doubled together: their subsets' matrices fit into the second cache."""

FEW: Final = 6
"""Players above the block up to which the loop over blocks is left to Python: it costs less than compiling it."""

PIVOT: Final = 1e-9
"""As in `cxmining.drivers.lattice`."""


def compiled(loop: Loop) -> Loop:
    """Return a loop that is compiled when it is first called, and kept for the next process."""
    return cast(Loop, numba.njit(cache=True, nogil=True)(loop))


@compiled
def copy_matrix(source: Array, target: Array) -> None:
    """Copy a matrix. Loops: an assignment of slices, with its look at overlaps, takes seconds to compile."""
    for a in range(source.shape[0]):
        for b in range(source.shape[1]):
            target[a, b] = source[a, b]


@compiled
def take_out(state: Array, c: int, stop: int) -> None:
    """Partial column `c` out of the columns before `stop` and out of the score, which is the last column."""
    pivot = state[c, c]
    if pivot <= PIVOT:
        return
    inverse = 1.0 / pivot
    last = state.shape[0] - 1
    for a in range(stop):
        factor = state[c, a] * inverse
        for b in range(a, stop):
            state[a, b] -= factor * state[c, b]
            state[b, a] = state[a, b]
        state[a, last] -= factor * state[c, last]
        state[last, a] = state[a, last]
    state[last, last] -= state[c, last] * state[c, last] * inverse


@compiled
def _double(start: Array, ends: Ints, count: int, values: Array, one: Array, two: Array, inv: Array) -> None:
    """Write R² of all subsets of the first `count` players into `values`; `start` holds them first, the score last."""
    width = ends[count - 1]
    w = width + 1
    source, target = one, two
    for a in range(w):
        for b in range(a, w):
            source[a * w + b] = start[a if a < width else -1, b if b < width else -1]
    length, done = 1, 0
    for k in range(count):
        g = ends[k] - done
        done = ends[k]
        left = w - g
        final = k == count - 1
        if final:
            corner = source[(w * w - 1) * length : w * w * length]
            for s in range(length):
                values[s] = 1.0 - corner[s]
        else:
            for a in range(left):
                for b in range(a, left):
                    old = source[((a + g) * w + b + g) * length :]
                    new = target[(a * left + b) * 2 * length :]
                    for s in range(length):
                        new[s] = old[s]
        for c in range(g):
            pivot = source[(c * w + c) * length :]
            for s in range(length):
                inv[s] = 1.0 / pivot[s] if pivot[s] > PIVOT else 0.0
            for a in range(c + 1, w):
                x = source[(c * w + a) * length :]
                for b in range(a, w):
                    y = source[(c * w + b) * length :]
                    old = source[(a * w + b) * length :]
                    if c < g - 1:
                        for s in range(length):
                            old[s] -= x[s] * y[s] * inv[s]
                    elif final:
                        for s in range(length):
                            values[length + s] = 1.0 - (old[s] - x[s] * y[s] * inv[s])
                    else:
                        new = target[(((a - g) * left + b - g) * 2 + 1) * length :]
                        for s in range(length):
                            new[s] = old[s] - x[s] * y[s] * inv[s]
        length *= 2
        w = left
        source, target = target, source


@compiled
def _fold(work: Array, count: int, credit: Array) -> float:
    """Add to each player's credit the sum over the subsets with it; return the sum over all. `work` is used up."""
    half = 1 << count
    for player in range(count - 1, -1, -1):
        half //= 2
        upper = 0.0
        for s in range(half):
            upper += work[half + s]
            work[s] += work[half + s]
        credit[player] += upper
    return float(work[0])


def _buffers(ends: Ints, count: int) -> int:
    """Return the most numbers that one level of the doubling holds."""
    w, most, done = int(ends[count - 1]) + 1, (int(ends[count - 1]) + 1) ** 2, 0
    for k in range(count):
        w -= int(ends[k]) - done
        done = int(ends[k])
        most = max(most, w * w * (2 << k))
    return most


def _widths(ends: Ints, count: int) -> tuple[Ints, Ints]:
    """Return how many players, and how many columns, each subset of the first `count` players has."""
    sizes, columns = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    for own in np.diff(ends[:count], prepend=0):
        sizes, columns = np.concatenate([sizes, sizes + 1]), np.concatenate([columns, columns + own])
    return sizes, columns


@compiled
def _descend(stack: Array, m: int, above: int, count: int, ends: Ints) -> tuple[int, int]:
    """Take the players above the block in or leave them out, the last one first, as the bits of `m` say.

    Only those whose bit changed since `m` − 1 are decided anew. Returned: how many are in, and their columns.
    """
    changed = above
    if m > 0:
        flips, changed = m ^ (m - 1), 0
        while flips:
            flips >>= 1
            changed += 1
    taken, wide = 0, 0
    for h in range(above - 1, -1, -1):
        player = count + h
        begin = ends[player - 1]
        inside = (m >> h) & 1
        depth = above - h
        if inside:
            taken += 1
            wide += ends[player] - begin
        if h < changed:
            copy_matrix(stack[depth - 1], stack[depth])
            if inside:
                for c in range(ends[player] - 1, begin - 1, -1):
                    take_out(stack[depth], c, c)
    return taken, wide


@compiled
def _tally(
    block: Array,
    work: Array,
    sizes: Ints,
    columns: Ints,
    taken: int,
    wide: int,
    base: int,
    joins: Array,
    stays: Array,
    factor: Array,
    goal: float,
    k: int,
    best: Array,
    masks: Ints,
    reaching: Ints,
    sets: Array,
    values: Array,
    filled: int,
    lost: float,
) -> tuple[int, float]:
    """Count one block of subsets; return how many `sets` are filled, and what is taken off all credit."""
    for s in range(len(block)):
        v = min(max(block[s], 0.0), 1.0)
        block[s] = v
        i = sizes[s] + taken
        lost += stays[i] * v
        work[s] = (joins[i] + stays[i]) * v
        adjusted = 1.0 - (1.0 - v) * factor[columns[s] + wide]
        if adjusted > best[i]:
            best[i] = adjusted
            masks[i] = base + s
        if adjusted >= goal:
            reaching[i] += 1
        if len(sets) > 0 and i == k:
            sets[filled] = adjusted
            filled += 1
        if len(values) > 0:
            values[base + s] = v
    return filled, lost


def walk(
    corr: Array,
    ends: Ints,
    joins: Array,
    stays: Array,
    factor: Array,
    goal: float,
    k: int,
    credit: Array,
    best: Array,
    masks: Ints,
    reaching: Ints,
    sets: Array,
    values: Array,
) -> None:
    """Walk all subsets of one matrix.

    `ends`: where each player's columns end; `joins`, `stays`: LMG's weights by size of the set; `factor`: what
    1 − R² is multiplied by per number of columns, to be adjusted. Filled: `credit` per player; per size the `best`
    adjusted R², its set as bits and how many sets of that size are `reaching` the goal; the adjusted R² of all
    `sets` of size k, where there is room; R² of all subsets as `values`, where there is room.
    """
    p = len(ends)
    count = min(p, BLOCK)
    size = 1 << count
    sizes, columns = _widths(ends, count)
    room = _buffers(ends, count)
    one, two, inv = np.empty(room), np.empty(room), np.empty(size)
    block, work = np.empty(size), np.empty(size)
    stack = np.empty((p - count + 1, corr.shape[0], corr.shape[0]))
    stack[0] = corr
    best[:] = -np.inf
    reaching[:] = 0
    credit[:] = 0.0
    loop = _blocks if p - count <= FEW else _blocks_compiled
    credit -= loop(
        stack, ends, count, sizes, columns, one, two, inv, block, work, joins, stays, factor, goal, k, credit, best, masks,
        reaching, sets, values,
    )  # fmt: skip


def _blocks(
    stack: Array,
    ends: Ints,
    count: int,
    sizes: Ints,
    columns: Ints,
    one: Array,
    two: Array,
    inv: Array,
    block: Array,
    work: Array,
    joins: Array,
    stays: Array,
    factor: Array,
    goal: float,
    k: int,
    credit: Array,
    best: Array,
    masks: Ints,
    reaching: Ints,
    sets: Array,
    values: Array,
) -> float:
    """Walk block after block; return what is taken off all credit."""
    above = len(stack) - 1
    lost, filled = 0.0, 0
    for m in range(1 << above):
        taken, wide = _descend(stack, m, above, count, ends)
        _double(stack[above], ends, count, block, one, two, inv)
        base = m << count
        filled, lost = _tally(
            block, work, sizes, columns, taken, wide, base, joins, stays, factor, goal, k, best, masks, reaching, sets,
            values, filled, lost,
        )  # fmt: skip
        total = _fold(work, count, credit)
        for h in range(above):
            if (m >> h) & 1:
                credit[count + h] += total
    return lost


_blocks_compiled = compiled(_blocks)


@compiled
def _weigh(block: Array, work: Array, plus: Array, minus: Array, columns: Ints, factor: Array) -> tuple[float, float]:
    """Weigh R² of all subsets into `work`; return the best adjusted one where `columns` says how many, and the loss."""
    lost, most = 0.0, -np.inf
    for s in range(len(block)):
        v = min(max(block[s], 0.0), 1.0)
        lost += minus[s] * v
        work[s] = plus[s] * v
        if columns[s] >= 0:
            most = max(most, 1.0 - (1.0 - v) * factor[columns[s]])
    return most, lost


def walk_many(
    corr: Array, ends: Ints, joins: Array, stays: Array, factor: Array, k: int, credit: Array, psi: Array
) -> None:
    """Walk all subsets of each matrix: fill `credit` (p, R) and `psi` (R), the best adjusted R² of k players.

    Not compiled: what it calls is, and a loop over replicates costs less than compiling it.
    """
    count = len(ends)
    size = 1 << count
    sizes, columns = _widths(ends, count)
    room = _buffers(ends, count)
    one, two, inv, block, work = np.empty(room), np.empty(room), np.empty(size), np.empty(size), np.empty(size)
    own, columns_k = np.empty(count), np.where(sizes == k, columns, -1)
    plus, minus = joins[sizes] + stays[sizes], stays[sizes]
    for r in range(corr.shape[0]):
        _double(corr[r], ends, count, block, one, two, inv)
        psi[r], lost = _weigh(block, work, plus, minus, columns_k, factor)
        own[:] = 0.0
        _fold(work, count, own)
        credit[:, r] = own - lost
