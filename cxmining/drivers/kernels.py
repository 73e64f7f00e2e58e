"""Compiled walks over the subsets of touchpoints: each block of subsets stays in the processor's cache.

The doubling is that of `cxmining.drivers.lattice`. Here the players above `BLOCK` are taken in or left out one
after the other, depth first, and only the rest is doubled in long vectors: what is asked of the subsets (fair
credit, the best set of each size) is added up on the way, so that memory does not grow with their number. One
thread, no reordering of sums: the same bits everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

__all__ = ["BLOCK", "best_sets", "credit_of_orders", "r2_of_sets", "regress", "walk", "walk_many"]

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Loop = TypeVar("Loop", bound=Callable[..., Any])

BLOCK: Final = 12
"""Players that are doubled together: their subsets' matrices fit into the second cache."""

PIVOT: Final = 1e-9
"""As in `cxmining.drivers.lattice`."""


def compiled(loop: Loop) -> Loop:
    return cast(Loop, numba.njit(cache=True, nogil=True)(loop))


@compiled
def _take(state: Array, c: int, stop: int) -> None:
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
def _double(
    start: Array, width: int, ends: Ints, count: int, values: Array, one: Array, two: Array, inv: Array
) -> None:
    """Write R² of all subsets of the first `count` players into `values`; `start` holds them first, the score last."""
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


@compiled
def _buffers(width: int, ends: Ints, count: int) -> int:
    """Return the most numbers that one level of the doubling holds."""
    w, most, done = width + 1, (width + 1) * (width + 1), 0
    for k in range(count):
        w -= ends[k] - done
        done = ends[k]
        most = max(most, w * w * (2 << k))
    return most


@compiled
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
    width = ends[count - 1]
    size = 1 << count
    keep, keep_sets = len(values) > 0, len(sets) > 0
    sizes, columns = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for player in range(count):
        own = ends[player] - (ends[player - 1] if player else 0)
        for s in range(1 << player):
            sizes[(1 << player) + s] = sizes[s] + 1
            columns[(1 << player) + s] = columns[s] + own
    room = _buffers(width, ends, count)
    one, two, inv = np.empty(room), np.empty(room), np.empty(size)
    block, work = np.empty(size), np.empty(size)
    above = p - count
    stack = np.empty((above + 1, corr.shape[0], corr.shape[0]))
    stack[0] = corr
    best[:] = -np.inf
    reaching[:] = 0
    credit[:] = 0.0
    lost, filled = 0.0, 0
    for m in range(1 << above):
        # Players above the block, the last one first: only those whose bit changed are decided anew.
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
                stack[depth] = stack[depth - 1]
                if inside:
                    for c in range(ends[player] - 1, begin - 1, -1):
                        _take(stack[depth], c, c)
        _double(stack[above], width, ends, count, block, one, two, inv)
        base = m << count
        for s in range(size):
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
            if keep_sets and i == k:
                sets[filled] = adjusted
                filled += 1
        if keep:
            values[base : base + size] = block
        total = _fold(work, count, credit)
        for h in range(above):
            if (m >> h) & 1:
                credit[count + h] += total
    for player in range(p):
        credit[player] -= lost


@compiled
def walk_many(
    corr: Array, ends: Ints, joins: Array, stays: Array, factor: Array, k: int, credit: Array, psi: Array
) -> None:
    """Walk all subsets of each matrix: fill `credit` (p, R) and `psi` (R), the best adjusted R² of k players."""
    count = len(ends)
    width = ends[count - 1]
    size = 1 << count
    sizes, columns = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for player in range(count):
        own = ends[player] - (ends[player - 1] if player else 0)
        for s in range(1 << player):
            sizes[(1 << player) + s] = sizes[s] + 1
            columns[(1 << player) + s] = columns[s] + own
    chosen = np.flatnonzero(sizes == k)
    minus, plus = np.empty(size), np.empty(size)
    for s in range(size):
        minus[s] = stays[sizes[s]]
        plus[s] = joins[sizes[s]] + stays[sizes[s]]
    room = _buffers(width, ends, count)
    one, two, inv, block, work = np.empty(room), np.empty(room), np.empty(size), np.empty(size), np.empty(size)
    own_credit = np.empty(count)
    for r in range(corr.shape[0]):
        _double(corr[r], width, ends, count, block, one, two, inv)
        lost = 0.0
        for s in range(size):
            v = min(max(block[s], 0.0), 1.0)
            block[s] = v
            lost += minus[s] * v
            work[s] = plus[s] * v
        own_credit[:] = 0.0
        _fold(work, count, own_credit)
        for player in range(count):
            credit[player, r] = own_credit[player] - lost
        most = -np.inf
        for which in chosen:
            most = max(most, 1.0 - (1.0 - block[which]) * factor[columns[which]])
        psi[r] = most


@compiled
def _gain(state: Array, begin: int, end: int, small: Array) -> float:
    """Return what the columns begin…end-1 together take off the score's variance."""
    last = state.shape[0] - 1
    if end - begin == 1:
        d = state[begin, begin]
        return float(state[begin, last] ** 2 / d) if d > PIVOT else 0.0
    g = end - begin
    for a in range(g):
        for b in range(g):
            small[a, b] = state[begin + a, begin + b]
        small[a, g] = state[begin + a, last]
    gain = 0.0
    for c in range(g):
        if small[c, c] <= PIVOT:
            continue
        inverse = 1.0 / small[c, c]
        gain += small[c, g] ** 2 * inverse
        for a in range(c + 1, g):
            f = small[a, c] * inverse
            for b in range(c + 1, g + 1):
                small[a, b] -= f * small[c, b]
    return gain


@compiled
def best_sets(corr: Array, begins: Ints, ends: Ints, k: int, factor: Array, score: Array, chosen: Ints) -> None:
    """Find, for each matrix, the k players of the highest adjusted R²: all sets of k, none of any other size.

    Players are taken from the last to the first, so that what is still open are the columns before.
    """
    p, q = len(ends), corr.shape[1]
    stack = np.empty((k, q, q))
    path, wide = np.empty(k, dtype=np.int64), np.zeros(k, dtype=np.int64)
    widest = 0
    for i in range(p):
        widest = max(widest, ends[i] - begins[i])
    small = np.empty((widest, widest + 1))
    for r in range(corr.shape[0]):
        score[r] = -np.inf
        stack[0] = corr[r]
        depth = 0
        path[0] = p
        while depth >= 0:
            path[depth] -= 1
            j = path[depth]
            if j < k - 1 - depth:  # too few players are left before it
                depth -= 1
                continue
            if depth == k - 1:
                # The last choice needs no state: try all at once.
                for last in range(j, -1, -1):
                    left = stack[depth, q - 1, q - 1] - _gain(stack[depth], begins[last], ends[last], small)
                    columns = wide[depth] + ends[last] - begins[last]
                    adjusted = 1.0 - min(max(left, 0.0), 1.0) * factor[columns]
                    if adjusted > score[r]:
                        score[r] = adjusted
                        for d in range(k - 1):
                            chosen[r, d] = path[d]
                        chosen[r, k - 1] = last
                depth -= 1
                continue
            wide[depth + 1] = wide[depth] + ends[j] - begins[j]
            state = stack[depth + 1]
            stop = ends[j]
            for a in range(stop):
                for b in range(stop):
                    state[a, b] = stack[depth, a, b]
                state[a, q - 1] = stack[depth, a, q - 1]
                state[q - 1, a] = state[a, q - 1]
            state[q - 1, q - 1] = stack[depth, q - 1, q - 1]
            for c in range(ends[j] - 1, begins[j] - 1, -1):
                _take(state, c, c)
            depth += 1
            path[depth] = j


@compiled
def credit_of_orders(corr: Array, begins: Ints, ends: Ints, orders: Ints, total: Array) -> None:
    """Add to `total` what each player adds to R² as it enters, on average over orders of the players."""
    p, q = len(ends), corr.shape[0] - 1
    factor = np.empty((q + 1, q + 1))
    index = np.empty(q + 1, dtype=np.int64)
    for o in range(len(orders)):
        at = 0
        for i in range(p):
            player = orders[o, i]
            for c in range(begins[player], ends[player]):
                index[at] = c
                at += 1
        index[q] = q
        # Cholesky row by row; the squares in the last row are what each column adds.
        for a in range(q + 1):
            for b in range(a):
                s = corr[index[a], index[b]]
                for c in range(b):
                    s -= factor[a, c] * factor[b, c]
                factor[a, b] = s * factor[b, b]
            if a < q:
                d = corr[index[a], index[a]]
                for c in range(a):
                    d -= factor[a, c] * factor[a, c]
                # The diagonal holds the inverse root; a column that the ones before give adds nothing.
                factor[a, a] = 1.0 / np.sqrt(d) if d > PIVOT else 0.0
        at = 0
        for i in range(p):
            player = orders[o, i]
            for _ in range(begins[player], ends[player]):
                total[player] += factor[q, at] ** 2 / len(orders)
                at += 1


@compiled
def regress(corr: Array, begins: Ints, ends: Ints, noise: float, own: Array, r2: Array, slopes: Array) -> int:
    """Fill each player's direct effect `own` (p, R), not floored, `r2` and `slopes` (R, q); count singular matrices.

    `noise` is what (1 − R²) tr(S V) is multiplied by. A singular matrix is left to the caller: its `r2` is NaN.
    """
    p, q = len(ends), corr.shape[1] - 1
    a = np.empty((q, q))
    bad = 0
    for r in range(corr.shape[0]):
        c = corr[r]
        # Gauss–Jordan without exchange: the matrix is a correlation matrix.
        for i in range(q):
            for j in range(q):
                a[i, j] = c[i, j]
        singular = False
        for k in range(q):
            pivot = a[k, k]
            if pivot <= PIVOT:
                singular = True
                break
            inverse = 1.0 / pivot
            for i in range(q):
                if i == k:
                    continue
                f = a[i, k] * inverse
                if f == 0.0:
                    continue
                for j in range(q):
                    a[i, j] -= f * a[k, j]
                a[i, k] = -f
            for j in range(q):
                a[k, j] *= inverse
            a[k, k] = inverse
        if singular:
            r2[r] = np.nan
            bad += 1
            continue
        total = 0.0
        b = slopes[r]
        for i in range(q):
            s = 0.0
            for j in range(q):
                s += a[i, j] * c[j, q]
            b[i] = s
            total += s * c[i, q]
        total = min(max(total, 0.0), 1.0)
        r2[r] = total
        for player in range(p):
            effect, trace = 0.0, 0.0
            for i in range(begins[player], ends[player]):
                for j in range(begins[player], ends[player]):
                    effect += b[i] * c[i, j] * b[j]
                    trace += c[i, j] * a[j, i]
            own[player, r] = effect - noise * (1.0 - total) * trace
    return bad


@compiled
def r2_of_sets(corr: Array, begins: Ints, ends: Ints, sets: Ints, r2: Array) -> None:
    """Fill R² of each set of players (rows of `sets`) in each matrix: `r2` (sets, R)."""
    q = corr.shape[1] - 1
    index = np.empty(q + 1, dtype=np.int64)
    work = np.empty((q + 1, q + 1))
    for which in range(len(sets)):
        count = 0
        for player in sets[which]:
            for c in range(begins[player], ends[player]):
                index[count] = c
                count += 1
        index[count] = q
        for r in range(corr.shape[0]):
            for a in range(count + 1):
                for b in range(a, count + 1):
                    work[a, b] = corr[r, index[a], index[b]]
            for c in range(count):
                if work[c, c] <= PIVOT:
                    continue
                inverse = 1.0 / work[c, c]
                for a in range(c + 1, count + 1):
                    f = work[c, a] * inverse
                    for b in range(a, count + 1):
                        work[a, b] -= f * work[c, b]
            r2[which, r] = min(max(1.0 - work[count, count], 0.0), 1.0)
