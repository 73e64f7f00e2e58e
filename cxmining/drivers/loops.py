"""Compiled loops over matrices: the best set of a size, random orders, regressions, R² of named sets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cxmining.drivers.kernels import PIVOT, compiled, copy_matrix, take_out

__all__ = ["best_sets", "credit_of_orders", "r2_of_sets", "regress"]

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


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
        copy_matrix(corr[r], stack[0])
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
                take_out(state, c, c)
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
