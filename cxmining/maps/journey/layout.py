"""Where everything on a journey map stands.

Layers, order within a layer, then lines (Sugiyama, Tagawa & Toda 1981). The layers are the stages, a long one in several
columns; without stages they are the order in which touchpoints tend to come. Lines travel only in the free strips between
rows and between columns, each in a lane of its own, so that none crosses a label or hides another; the strips are as wide
as their lanes need.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Final

from cxmining.figures.measure import lines_of

__all__ = ["LABEL", "LINE", "RADIUS", "Edge", "Node", "Place", "Plan", "Route", "arrange"]

Spot = tuple[float, float]
LABEL: Final = 12.5
"""Size of a label's type."""
LINE: Final = 15.0
RADIUS: Final = 27.0
"""Of the largest touchpoint."""
_SMALL: Final = 16.0
_OVER: Final = 17.0
"""Above a circle: loops, and the marks of paths."""
_UNDER: Final = 14.0
"""Below a circle: its badge."""
_FREE: Final = 3.0
"""Between two lanes."""
_SWEEPS: Final = 10


@dataclass(frozen=True)
class Node:
    """A touchpoint: its name, what it is called, the layer it belongs to, and how many customers meet it (0 to 1)."""

    key: str
    label: str
    layer: str
    reach: float | None


@dataclass(frozen=True)
class Edge:
    """A line from one touchpoint to another, how heavy it weighs, and how thick it is."""

    source: str
    target: str
    weight: float
    thick: float


@dataclass
class Place:
    """Where a touchpoint stands: the middle of its circle, its radius, and the lines of its label."""

    x: float
    y: float
    radius: float
    column: int
    row: int
    lines: tuple[str, ...]


@dataclass
class Route:
    """The corners of a line, and the `spots` where a number has most room on it, best first."""

    edge: Edge
    points: tuple[Spot, ...] = ()
    spots: tuple[Spot, ...] = ()
    kind: str = ""
    out: int = 1
    into: int = -1
    first: int = 0
    last: int = 0
    strip: int = 0
    ends: list[float] = field(default_factory=lambda: [0.0, 0.0])
    across: list[float] = field(default_factory=lambda: [0.0, 0.0])
    level: float = 0.0


@dataclass(frozen=True)
class Plan:
    """A map laid out; `heads` are the layers with where they begin and end, `below` is how far a label reaches down."""

    width: float
    height: float
    places: dict[str, Place]
    routes: list[Route]
    heads: list[tuple[str, float, float]]
    label: float
    below: float


def arrange(nodes: Sequence[Node], edges: Sequence[Edge], layers: Sequence[str], *, least: float = 0.0) -> Plan:
    """Lay a map out from left to right.

    Parameters
    ----------
    nodes : sequence of Node
        In the order in which they tend to come, those of a layer together.
    edges : sequence of Edge
        Between these nodes.
    layers : sequence of str
        From left to right; empty: no node has one.
    least : float, default 0
        The columns share out so many pixels where they need fewer.

    Examples
    --------
    >>> plan = arrange([Node("a", "a", "", 1), Node("b", "b", "", 1)], [Edge("a", "b", 1, 2)], [])
    >>> plan.places["a"].x < plan.places["b"].x, plan.places["a"].y == plan.places["b"].y
    (True, True)
    """
    columns = _columns(nodes, edges, layers)
    many = max(len(c) for _, c in columns)
    row = _rows([[n.key for n in c] for _, c in columns], edges, many)
    wide, labels = _labels(nodes)
    tall = _OVER + 2 * RADIUS + _UNDER + LINE * max(map(len, labels.values())) + 19
    places = {
        n.key: Place(0, 0, _radius(n.reach), c, row[n.key], labels[n.key]) for c, (_, members) in enumerate(columns) for n in members
    }  # fmt: skip
    routes = [_routed(e, places, many) for e in sorted(edges, key=lambda e: (-e.weight, e.source, e.target))]
    gutters = _needed(len(columns) + 1, [(g, r) for r in routes for g in _gutters(r)], 30.0)
    strips = _needed(many + 1, [(r.strip, r) for r in routes if r.kind == "far"], 16.0)
    spare = max(0.0, least - sum(gutters) - wide * len(columns)) / len(gutters)
    gutters = [g + spare for g in gutters]
    left = [sum(gutters[: c + 1]) + wide * c for c in range(len(columns))]
    top = [sum(strips[: r + 1]) + tall * r for r in range(many)]
    for place in places.values():
        place.x, place.y = left[place.column] + wide / 2, top[place.row] + _OVER + RADIUS
    middle = [sum(gutters[:g]) + wide * g + gutters[g] / 2 for g in range(len(gutters))]
    level = [sum(strips[:k]) + tall * k + strips[k] / 2 for k in range(len(strips))]
    _lanes(routes, places, middle, level)
    for route in routes:
        _draw(route, places)
    width = sum(gutters) + wide * len(columns)
    heads = []
    for layer in layers:
        mine = [c for c, (name, members) in enumerate(columns) if name == layer and members]
        if mine:
            first, last = middle[mine[0]], middle[mine[-1] + 1]
            heads.append((layer, 0.0 if mine[0] == 0 else first, width if mine[-1] + 1 == len(columns) else last))
    return Plan(width, sum(strips) + tall * many, places, routes, heads, wide, tall - _OVER - RADIUS)


def _columns(nodes: Sequence[Node], edges: Sequence[Edge], layers: Sequence[str]) -> list[tuple[str, list[Node]]]:
    found: list[tuple[str, list[Node]]] = []
    if layers:
        rows = min(7, max(4, math.ceil(math.sqrt(len(nodes) * 0.85))))
        for layer in layers:
            members = [n for n in nodes if n.layer == layer]
            parts = math.ceil(len(members) / rows)
            for i in range(parts):
                cut = members[round(i * len(members) / parts) : round((i + 1) * len(members) / parts)]
                found.append((layer, cut))
        return found
    rows = min(7, max(1, math.ceil(math.sqrt(len(nodes) * 0.5))))
    step = _steps(nodes, edges)
    columns: list[list[Node]] = []
    for at in sorted(set(step.values())):
        members = [n for n in nodes if step[n.key] == at]
        # neighbouring steps that together fit one column, and do not follow each other, share it
        if columns and len(columns[-1]) + len(members) <= rows and not _linked(columns[-1], members, edges):
            columns[-1] += members
            continue
        parts = math.ceil(len(members) / rows)
        columns += [
            members[round(i * len(members) / parts) : round((i + 1) * len(members) / parts)] for i in range(parts)
        ]
    return [("", c) for c in columns]


def _steps(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[str, int]:
    """Put each node a step after the one it is mostly reached from.

    What leads onward is decided by weight: the heaviest edges first, each that does not close a circle.
    """
    out: dict[str, list[str]] = {n.key: [] for n in nodes}
    before: dict[str, list[str]] = {n.key: [] for n in nodes}
    into: dict[str, str] = {}
    pull = dict.fromkeys(out, 0.0)
    for e in sorted(edges, key=lambda e: (-e.weight, e.source, e.target)):
        if e.source == e.target or _leads(out, e.target, e.source):
            continue
        out[e.source].append(e.target)
        before[e.target].append(e.source)
        into.setdefault(e.target, e.source)
        pull[e.source] += e.weight
        pull[e.target] -= e.weight
    found: dict[str, int] = {}
    left = [n.key for n in nodes]
    while left:
        for key in [k for k in left if all(b in found for b in before[k])]:
            found[key] = found[into[key]] + 1 if key in into else 0
            left.remove(key)
    # from where more goes on than comes in stands before that
    for key in reversed(list(found)):
        if out[key] and pull[key] > 0:
            found[key] = max(found[key], min(found[k] for k in out[key]) - 1)
    alone = [n.key for n in nodes if n.key not in into and not out[n.key]]
    # what no line reaches stands where it tends to come
    order = [n.key for n in nodes]
    for key in alone:
        near = [found[k] for k in order[: order.index(key)] if k not in alone]
        found[key] = near[-1] if near else 0
    return found


def _leads(out: dict[str, list[str]], start: str, end: str) -> bool:
    """Whether a way leads from one node to another."""
    seen, waiting = {start}, [start]
    while waiting:
        at = waiting.pop()
        if at == end:
            return True
        fresh = [k for k in out[at] if k not in seen]
        seen.update(fresh)
        waiting += fresh
    return False


def _linked(left: list[Node], right: list[Node], edges: Sequence[Edge]) -> bool:
    a, b = {n.key for n in left}, {n.key for n in right}
    return any((e.source in a and e.target in b) or (e.source in b and e.target in a) for e in edges)


def _rows(columns: list[list[str]], edges: Sequence[Edge], many: int) -> dict[str, int]:
    """Order each column so that heavy lines run level: barycentres, the best of a few sweeps."""
    near: dict[str, list[tuple[str, float]]] = {}
    pairs = [(e.source, e.target, e.weight) for e in edges if e.source != e.target]
    for a, b, w in pairs:
        near.setdefault(a, []).append((b, w))
        near.setdefault(b, []).append((a, w))

    def placed(order: list[list[str]]) -> dict[str, int]:
        return {key: (many - len(c)) // 2 + i for c in order for i, key in enumerate(c)}

    def cost(row: dict[str, int]) -> float:
        return sum(w * abs(row[a] - row[b]) for a, b, w in pairs)

    row = placed(columns)
    best, least = row, cost(row)
    order = [list(c) for c in columns]
    for sweep in range(_SWEEPS):
        for c in range(len(order)) if sweep % 2 == 0 else reversed(range(len(order))):
            wish = {}
            for key in order[c]:
                links = near.get(key, [])
                weight = sum(w for _, w in links)
                wish[key] = sum(w * row[o] for o, w in links) / weight if weight else float(row[key])
            order[c].sort(key=lambda key, wish=wish, row=row: (wish[key], row[key]))  # type: ignore[misc]
            row = placed(order)
        now = cost(row)
        if now < least - 1e-9:
            best, least = row, now
    return _swapped(columns, best, near)


def _swapped(columns: list[list[str]], row: dict[str, int], near: dict[str, list[tuple[str, float]]]) -> dict[str, int]:
    """Exchange two of a column as long as that shortens the way up and down of all lines together."""
    row = dict(row)

    def pull(a: str, at: int, b: str, other: int) -> float:
        return sum(w * abs(at - (other if o == b else row[o])) for o, w in near.get(a, []))

    for _ in range(_SWEEPS):
        moved = False
        for column in columns:
            for a, b in combinations(column, 2):
                i, k = row[a], row[b]
                gain = pull(a, i, b, k) + pull(b, k, a, i) - pull(a, k, b, i) - pull(b, i, a, k)
                if gain > 1e-9:
                    row[a], row[b], moved = k, i, True
        if not moved:
            break
    return row


def _labels(nodes: Sequence[Node]) -> tuple[float, dict[str, tuple[str, ...]]]:
    """Give labels three lines of the least width that fits them all, or else four."""
    for most, wides in ((3, range(112, 164, 8)), (4, range(136, 172, 8))):
        for wide in wides:
            found = {n.key: lines_of(n.label, LABEL, wide, most + 1, bold=True) or ("?",) for n in nodes}
            if all(len(v) <= most for v in found.values()):
                return float(wide), found
    return 164.0, {n.key: lines_of(n.label, LABEL, 164, 4, bold=True) or ("?",) for n in nodes}


def _radius(reach: float | None) -> float:
    return _SMALL if reach is None else _SMALL + (RADIUS - _SMALL) * math.sqrt(max(0.0, min(1.0, reach)))


def _routed(edge: Edge, places: dict[str, Place], many: int) -> Route:
    """Choose the strips of a line: out sideways, to another height in a gutter, past columns in a corridor, in sideways."""
    a, b = places[edge.source], places[edge.target]
    route = Route(edge)
    if a is b:
        route.kind = "self"
    elif a.column == b.column:
        side = 1 if b.row > a.row else -1
        route.kind, route.out, route.into = "bow", side, side
        route.first = route.last = a.column + (side > 0)
    else:
        onward = b.column > a.column
        route.out, route.into = (1, -1) if onward else (-1, 1)
        route.first = a.column + onward
        route.last = b.column + (not onward)
        between = range(min(a.column, b.column) + 1, max(a.column, b.column))
        full = any(p.row == a.row and p.column in between for p in places.values())
        if route.first == route.last:
            route.kind = "step"
        elif a.row == b.row and not full:
            route.kind, route.last = "step", route.first
        else:
            # a corridor lies half a row above its row; the outermost are the least wanted
            cost = [
                (abs(a.row + 0.35 - k) + abs(b.row + 0.35 - k) + 0.2 * (k in (0, many)), k) for k in range(many + 1)
            ]
            route.kind, route.strip = "far", min(cost)[1]
    return route


def _gutters(route: Route) -> list[int]:
    return [] if route.kind == "self" else [route.first, route.last] if route.kind == "far" else [route.first]


def _needed(count: int, used: list[tuple[int, Route]], least: float) -> list[float]:
    found = [least] * count
    for i, route in used:
        found[i] += route.edge.thick + _FREE
    return found


def _lanes(routes: list[Route], places: dict[str, Place], middle: list[float], level: list[float]) -> None:
    """Give every line its own lane in each strip, in the order that crosses least, and its own port at each circle."""

    def of(route: Route) -> tuple[Place, Place]:
        return places[route.edge.source], places[route.edge.target]

    def key(route: Route) -> tuple[str, str]:
        return route.edge.source, route.edge.target

    far = [r for r in routes if r.kind == "far"]
    for k in sorted({r.strip for r in far}):
        mine = [r for r in far if r.strip == k]
        mine.sort(key=lambda r: (of(r)[0].y + of(r)[1].y, of(r)[0].x, of(r)[1].x, key(r)))
        for r, shift in _spread(mine, math.inf):
            r.level = level[k] + shift
    ends = [(r, i, g) for r in routes for i, g in enumerate(_gutters(r))]
    for g in sorted({g for _, _, g in ends}):
        turning = [(r, i) for r, i, at in ends if at == g]
        # who goes up stands left of who goes down where they come from the left: lines then do not cross on their way out
        turning.sort(key=lambda e: (_height(e[0], e[1], of(e[0])), key(e[0])))
        for (r, i), shift in zip(turning, _offsets([r.edge.thick for r, _ in turning], math.inf), strict=True):
            r.across[i] = middle[g] + shift
    ports: dict[tuple[str, int], list[tuple[float, tuple[str, str], Route, int]]] = {}
    for r in routes:
        if r.kind == "self":
            continue
        a, b = of(r)
        far_off = r.kind == "far"
        ports.setdefault((r.edge.source, r.out), []).append((r.level if far_off else b.y, key(r), r, 0))
        ports.setdefault((r.edge.target, r.into), []).append((r.level if far_off else a.y, key(r), r, 1))
    for (name, _), lines in ports.items():
        lines.sort(key=lambda p: p[:2])
        place = places[name]
        for (_, _, r, end), shift in zip(
            lines, _offsets([p[2].edge.thick for p in lines], 0.62 * place.radius), strict=True
        ):
            r.ends[end] = place.y + shift


def _height(route: Route, end: int, ends: tuple[Place, Place]) -> float:
    """How far a line goes up or down where it turns, signed by the side it comes from."""
    a, b = ends
    start, stop = (a.y, route.level) if route.kind == "far" and end == 0 else (route.level, b.y) if route.kind == "far" else (a.y, b.y)  # fmt: skip
    return (stop - start) * -(route.out if end == 0 else -route.into)


def _spread(routes: list[Route], room: float) -> list[tuple[Route, float]]:
    return list(zip(routes, _offsets([r.edge.thick for r in routes], room), strict=True))


def _offsets(thick: Sequence[float], room: float) -> list[float]:
    """Stand lines of these thicknesses side by side around 0, within `room` to either side."""
    at, found = 0.0, []
    for i, t in enumerate(thick):
        at += t / 2 + (_FREE if i else 0)
        found.append(at)
        at += t / 2
    shift = at / 2
    tight = min(1.0, 2 * room / at) if at else 1.0
    return [(v - shift) * tight for v in found]


def _edge_of(place: Place, y: float, side: int) -> float:
    return place.x + side * math.sqrt(max(0.0, place.radius**2 - (y - place.y) ** 2))


def _draw(route: Route, places: dict[str, Place]) -> None:
    a, b = places[route.edge.source], places[route.edge.target]
    if route.kind == "self":
        x, y = a.x, a.y - a.radius - 6
        turn = [math.radians(d) for d in range(35, 326, 29)]
        route.points = tuple((x + 9 * math.sin(t), y + 9 * math.cos(t)) for t in turn)
        route.spots = ((x, y - 17), (x + 24, y - 4), (x - 24, y - 4))
        return
    y0, y1 = route.ends
    x0, x1 = _edge_of(a, y0, route.out) + route.out * 2, _edge_of(b, y1, route.into) + route.into * 3
    g0, g1 = route.across[0], route.across[1] if route.kind == "far" else route.across[0]
    corners: list[Spot] = [(x0, y0), (g0, y0)]
    corners += [(g0, route.level), (g1, route.level)] if route.kind == "far" else []
    corners += [(g1, y1), (x1, y1)]
    route.points = tuple(corners)
    longest = sorted(pairwise(corners), key=lambda s: -math.dist(*s))
    beside = [((p[0] + q[0]) / 2, (p[1] + q[1]) / 2) for p, q in longest if math.dist(p, q) > 24]
    spread = [(p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t) for p, q in longest[:3] for t in (0.25, 0.75, 0.12, 0.88) if math.dist(p, q) > 70]  # fmt: skip
    route.spots = (*beside, *spread)
