"""The true shares: LMG of everybody's overall score on everybody's ratings, asked or not.

Written apart from ``cxmining.drivers`` on purpose: the truth must not come from the code it judges.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

__all__ = ["design", "lmg", "true_shares"]


def design(exposed: Array, ratings: Array) -> tuple[Array, list[list[int]]]:
    """Return columns (exposure where it varies, rating of the exposed around its mean) and those of each touchpoint."""
    columns: list[Array] = []
    groups: list[list[int]] = []
    for j in range(exposed.shape[1]):
        e = exposed[:, j]
        mine = [len(columns)]
        columns.append(np.where(e, ratings[:, j] - ratings[e, j].mean(), 0.0))
        if 0.02 < e.mean() < 0.98:
            mine.append(len(columns))
            columns.append(e.astype(float))
        groups.append(mine)
    return np.column_stack(columns), groups


def lmg(x: Array, y: Array, groups: list[list[int]]) -> tuple[Array, float]:
    """Return each group's LMG part of R², and R², by walking all orderings' subsets once."""
    p = len(groups)
    cov = np.cov(np.column_stack([x, y]).T)
    value = np.zeros(1 << p)

    def walk(j: int, s: Array, left: list[list[int]], mask: int) -> None:
        # `s` is the covariance of what is left and y, given the groups taken so far
        value[mask] = 1 - s[-1, -1] / cov[-1, -1]
        for i in range(j, p):
            take = left[i]
            b = np.linalg.solve(s[np.ix_(take, take)], s[take])
            walk(i + 1, s - s[:, take] @ b, left, mask | 1 << i)

    walk(0, cov, groups, 0)
    sets = np.arange(1 << p)
    size = np.bitwise_count(sets)
    shares = np.empty(p)
    for i in range(p):
        without = sets[(sets >> i) & 1 == 0]
        weight = np.array([1 / (p * comb(p - 1, k)) for k in range(p)])[size[without]]
        shares[i] = (weight * (value[without | 1 << i] - value[without])).sum()
    return shares, float(value[-1])


def true_shares(exposed: Array, ratings: Array, overall: Array, weights: Mapping[str, float]) -> tuple[Array, float]:
    """Return the shares of all customers, summing to 1, and R²."""
    del weights
    x, groups = design(exposed, ratings)
    parts, r2 = lmg(x, overall.astype(float), groups)
    return parts / parts.sum(), r2
