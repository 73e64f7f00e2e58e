"""Lines of right angles: one beside another, and with their corners rounded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

__all__ = ["rounded", "shifted"]

Spot = tuple[float, float]


def shifted(points: Sequence[Spot], by: float) -> tuple[Spot, ...]:
    """Return a line of right angles beside another, `by` pixels to its left.

    Examples
    --------
    >>> shifted([(0, 0), (10, 0), (10, 20)], 2)
    ((0.0, -2.0), (12.0, -2.0), (12.0, 20.0))
    """
    found: list[Spot] = []
    for i, (x, y) in enumerate(points):
        dx = dy = 0.0
        for (px, py), (qx, qy) in pairwise(points[max(0, i - 1) : i + 2]):
            if abs(qx - px) > abs(qy - py):
                dy = -by if qx > px else by
            elif qy != py:
                dx = by if qy > py else -by
        found.append((float(x + dx), float(y + dy)))
    return tuple(found)


def rounded(points: Sequence[Spot], radius: float = 9.0) -> tuple[Spot, ...]:
    """Return a line with its corners rounded, as points.

    Examples
    --------
    >>> len(rounded([(0, 0), (50, 0), (50, 50)]))
    6
    """
    found = [points[0]]
    for (ax, ay), (bx, by), (cx, cy) in zip(points, points[1:], points[2:], strict=False):
        one, two = math.dist((ax, ay), (bx, by)), math.dist((bx, by), (cx, cy))
        r = min(radius, one / 2, two / 2)
        if r < 0.8:
            found.append((bx, by))
            continue
        px, py = bx + (ax - bx) / one * r, by + (ay - by) / one * r
        qx, qy = bx + (cx - bx) / two * r, by + (cy - by) / two * r
        for t in (0.0, 0.33, 0.67, 1.0):
            u = 1 - t
            found.append((u * u * px + 2 * u * t * bx + t * t * qx, u * u * py + 2 * u * t * by + t * t * qy))
    return (*found, points[-1])
