"""Where everybody stands: cards on rings around the customer, none over another, and ties that pass between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, sin
from typing import Final

__all__ = ["CENTRE", "Layout", "Spot", "Tie", "lay_out", "tie_between"]

CENTRE: Final = 84.0
"""Radius of the customer's place."""
FLAT: Final = 0.96
"""Rings are a little wider than high: so are the cards on them."""
_GAP: Final = 18.0
_PHASES: Final = 40
_BOWS: Final = (0.12, -0.12, 0.28, -0.28, 0.5, -0.5, 0.8, -0.8)
_PLACES: Final = (0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72, 0.22, 0.78)
BADGE: Final = 11.0
Point = tuple[float, float]


@dataclass(frozen=True)
class Spot:
    """A card: its middle and its size."""

    x: float
    y: float
    width: float
    height: float

    def holds(self, x: float, y: float, gap: float = 0) -> bool:
        """Whether a point lies on it, or nearer than `gap`."""
        return abs(x - self.x) < self.width / 2 + gap and abs(y - self.y) < self.height / 2 + gap

    def meets(self, other: Spot, gap: float) -> bool:
        """Whether two cards are nearer to each other than `gap`."""
        return (
            abs(self.x - other.x) < (self.width + other.width) / 2 + gap
            and abs(self.y - other.y) < (self.height + other.height) / 2 + gap
        )


@dataclass(frozen=True)
class Layout:
    """Cards around a middle at (0, 0), and the half axes of the rings that are used, by ring."""

    spots: tuple[Spot, ...]
    rings: dict[int, Point]

    def reach(self) -> tuple[float, float]:
        """Return how far it goes from the middle to the side, and above or below."""
        wide = max([CENTRE, *(abs(s.x) + s.width / 2 for s in self.spots), *(a for a, _ in self.rings.values())])
        high = max([CENTRE, *(abs(s.y) + s.height / 2 for s in self.spots), *(b for _, b in self.rings.values())])
        return wide, high


def lay_out(cards: Sequence[tuple[int, float, float]]) -> Layout:
    """Place cards, given as ring (0 is the innermost), width and height, in the order in which they go round.

    Each ring is as small as lets its cards stand free of each other, of the rings inside and of the middle.

    Examples
    --------
    >>> found = lay_out([(0, 180, 90)] * 5 + [(2, 180, 90)] * 9)
    >>> any(a.meets(b, 10) for i, a in enumerate(found.spots) for b in found.spots[:i])
    False
    """
    spots: list[Spot | None] = [None] * len(cards)
    rings: dict[int, Point] = {}
    placed: list[Spot] = []
    a = CENTRE
    for ring in sorted({r for r, _, _ in cards}):
        mine = [i for i, card in enumerate(cards) if card[0] == ring]
        a += 80.0 if not rings else 36.0
        while True:
            tried = [_round(mine, cards, a, phase / _PHASES) for phase in range(_PHASES)]
            free = next((t for t in tried if _free(t, placed)), None)
            if free is not None:
                break
            a += 6.0
        for i, spot in zip(mine, free, strict=True):
            spots[i] = spot
        placed += free
        rings[ring] = (a, a * FLAT)
    return Layout(tuple(s for s in spots if s is not None), rings)


def _round(mine: Sequence[int], cards: Sequence[tuple[int, float, float]], a: float, phase: float) -> list[Spot]:
    turn = [2 * pi * (k + phase) / len(mine) - pi / 2 for k in range(len(mine))]
    return [Spot(a * cos(t), a * FLAT * sin(t), cards[i][1], cards[i][2]) for t, i in zip(turn, mine, strict=True)]


def _free(tried: Sequence[Spot], placed: Sequence[Spot]) -> bool:
    for k, spot in enumerate(tried):
        dx, dy = max(0.0, abs(spot.x) - spot.width / 2), max(0.0, abs(spot.y) - spot.height / 2)
        if hypot(dx, dy) < CENTRE + _GAP:
            return False
        if any(spot.meets(other, _GAP) for other in (*placed, *tried[:k])):
            return False
    return True


@dataclass(frozen=True)
class Tie:
    """A curve between two cards, and where its number stands."""

    start: Point
    pull: tuple[Point, Point]
    end: Point
    badge: Point

    def at(self, t: float) -> Point:
        """Return a point of the curve, 0 at its start and 1 at its end."""
        points = (self.start, *self.pull, self.end)
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        return (
            sum(w * p[0] for w, p in zip(weights, points, strict=True)),
            sum(w * p[1] for w, p in zip(weights, points, strict=True)),
        )


def tie_between(i: int, j: int, layout: Layout, badges: Sequence[Point]) -> Tie:
    """Return the curve that passes behind fewest cards and has a place for its number that is free.

    Parameters
    ----------
    i, j : int
        The cards.
    layout : Layout
    badges : sequence of (float, float)
        Where numbers stand already.
    """
    a, b = layout.spots[i], layout.spots[j]
    wide, high = layout.reach()
    dx, dy = b.x - a.x, b.y - a.y
    best: tuple[float, Tie] | None = None
    for turn, bow in enumerate(_BOWS):
        pull = tuple((a.x + f * dx - bow * dy, a.y + f * dy + bow * dx) for f in (0.3, 0.7))
        tie = Tie((a.x, a.y), (pull[0], pull[1]), (b.x, b.y), (0.0, 0.0))
        along = [tie.at(t / 24) for t in range(1, 24)]
        others = [s for k, s in enumerate(layout.spots) if k not in (i, j)]
        behind = sum(any(s.holds(x, y) for s in others) or hypot(x, y) < CENTRE for x, y in along)
        behind += 3 * sum(abs(x) > wide or abs(y) > high for x, y in along)
        free = next((p for p in (tie.at(t) for t in _PLACES) if _is_free(p, layout, badges)), None)
        cost = behind + turn * 0.6 + (0 if free is not None else 100)
        if best is None or cost < best[0]:
            best = (cost, Tie(tie.start, tie.pull, tie.end, free or _anywhere(tie.at(0.5), layout, badges)))
    return best[1]  # type: ignore[index]  # there are bows


def _is_free(p: Point, layout: Layout, badges: Sequence[Point]) -> bool:
    return (
        hypot(*p) > CENTRE + BADGE + 2
        and not any(s.holds(*p, BADGE + 2) for s in layout.spots)
        and not any(hypot(p[0] - q[0], p[1] - q[1]) < 2 * BADGE + 3 for q in badges)
    )


def _anywhere(p: Point, layout: Layout, badges: Sequence[Point]) -> Point:
    """Return the free place that is nearest: where cards stand close, a number stands beside its curve."""
    for step in range(1, 400):
        for turn in range(16):
            q = (p[0] + 6 * step * cos(turn * pi / 8), p[1] + 6 * step * sin(turn * pi / 8))
            if _is_free(q, layout, badges):
                return q
    return p
