"""Where the nodes of any graph stand when it is drawn from left to right, without Graphviz.

Layers, then order within a layer, then heights (Sugiyama, Tagawa & Toda 1981): arrows that would lead back are turned
round first; the order follows the mean of the neighbours; heights are pulled towards them without overlap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from cxmining.discovery.layout import FILE, Box, Flow, Measures
from cxmining.discovery.net import PetriNet

__all__ = ["Placed", "layered", "place_net"]

_SWEEPS: Final = 12
_MOST_BENDS: Final = 50_000
"""Points where arrows pass a layer; beyond them arrows go straight, or the drawing would take minutes."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Placed:
    """A layered drawing.

    Attributes
    ----------
    x, y : list of float
        Centre of each node.
    bends : list of list of (float, float)
        Per edge the points between its ends, from its source to its target.
    """

    x: list[float]
    y: list[float]
    bends: list[list[Point]]


def layered(
    sizes: Sequence[tuple[float, float]], edges: Sequence[tuple[int, int]], gap: tuple[float, float] = (50, 30)
) -> Placed:
    """Place a graph in layers, node 0 in the first.

    Parameters
    ----------
    sizes : sequence of (float, float)
        Width and height of each node.
    edges : sequence of (int, int)
        Node numbers, the most important edge first: those are the least likely to lead back.
    gap : (float, float), default (50, 30)
        Between two layers, and between two nodes of one layer.

    Examples
    --------
    >>> layered([(10, 10)] * 3, [(0, 1), (1, 2), (0, 2)], gap=(20, 5)).x
    [5.0, 35.0, 65.0]
    """
    n = len(sizes)
    layer = _layers(n, _forward(n, edges))
    nodes, links, chains = _with_bends(layer, edges)
    order = _ordered(nodes, links)
    depth = max(layer, default=0) + 1
    widest = [0.0] * depth
    for v in range(n):
        widest[layer[v]] = max(widest[layer[v]], sizes[v][0])
    left = [sum(widest[:i]) + gap[0] * i for i in range(depth)]
    x = [left[at] + widest[at] / 2 for at in nodes]
    high = [sizes[v][1] if v < n else 8.0 for v in range(len(nodes))]
    y = _heights(order, links, high, gap[1])
    return Placed(x[:n], y[:n], [[(x[v], y[v]) for v in chain] for chain in chains])


def _forward(n: int, edges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Turn round the edges that close a circle, found by depth first from node 0."""
    out: list[list[int]] = [[] for _ in range(n)]
    for a, b in edges:
        out[a].append(b)
    state = [0] * n
    back: set[tuple[int, int]] = set()
    for root in range(n):
        if state[root]:
            continue
        state[root] = 1
        stack = [(root, iter(out[root]))]
        while stack:
            v, rest = stack[-1]
            w = next(rest, None)
            if w is None:
                state[v] = 2
                stack.pop()
            elif state[w] == 1:
                back.add((v, w))
            elif state[w] == 0:
                state[w] = 1
                stack.append((w, iter(out[w])))
    return [(b, a) if (a, b) in back else (a, b) for a, b in edges if a != b]


def _layers(n: int, forward: Sequence[tuple[int, int]]) -> list[int]:
    """Put each node right of all that lead to it, by the longest way."""
    after: list[list[int]] = [[] for _ in range(n)]
    waiting = [0] * n
    for a, b in forward:
        after[a].append(b)
        waiting[b] += 1
    layer = [0] * n
    ready = [v for v in range(n) if not waiting[v]]
    for v in ready:
        for w in after[v]:
            layer[w] = max(layer[w], layer[v] + 1)
            waiting[w] -= 1
            if not waiting[w]:
                ready.append(w)
    return layer


def _with_bends(
    layer: Sequence[int], edges: Sequence[tuple[int, int]]
) -> tuple[list[int], list[tuple[int, int]], list[list[int]]]:
    """Give each edge a point in every layer that it crosses; return all layers, all links, and each edge's points."""
    nodes = list(layer)
    links: list[tuple[int, int]] = []
    chains: list[list[int]] = []
    bend = sum(max(abs(layer[a] - layer[b]) - 1, 0) for a, b in edges) <= _MOST_BENDS
    for a, b in edges:
        step = 1 if layer[b] > layer[a] else -1
        chain = []
        if bend:
            for at in range(layer[a] + step, layer[b], step):
                chain.append(len(nodes))
                nodes.append(at)
        chains.append(chain)
        whole = [a, *chain, b]
        if a != b:
            links += [(v, w) if step > 0 else (w, v) for v, w in pairwise(whole)]
    return nodes, links, chains


def _ordered(nodes: Sequence[int], links: Sequence[tuple[int, int]]) -> list[list[int]]:
    order: list[list[int]] = [[] for _ in range(max(nodes, default=0) + 1)]
    for v, at in enumerate(nodes):
        order[at].append(v)
    sides: tuple[list[list[int]], list[list[int]]] = [[] for _ in nodes], [[] for _ in nodes]
    for a, b in links:
        sides[0][b].append(a)
        sides[1][a].append(b)
    best, fewest = [list(row) for row in order], _crossings(order, sides[0])
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        near = sides[0 if down else 1]
        place = {v: i for row in order for i, v in enumerate(row)}
        for row in order if down else reversed(order):
            mean = {v: sum(place[w] for w in near[v]) / len(near[v]) if near[v] else place[v] for v in row}
            row.sort(key=lambda v: (mean[v], place[v]))
            place.update({v: i for i, v in enumerate(row)})
        crossing = _crossings(order, sides[0])
        if crossing < fewest:
            best, fewest = [list(row) for row in order], crossing
    return best


def _crossings(order: Sequence[Sequence[int]], before: Sequence[Sequence[int]]) -> int:
    """Count the links that cross between neighbouring layers (Barth, Jünger & Mutzel 2002: an accumulator tree)."""
    found = 0
    for left, right in pairwise(order):
        place = {v: i for i, v in enumerate(left)}
        size = len(left) + 1
        tree = [0] * (size + 1)
        seen = 0
        for v in right:
            ends = sorted(place[w] for w in before[v])
            for end in ends:
                i, below = end + 1, 0
                while i:
                    below += tree[i]
                    i -= i & -i
                found += seen - below
            for end in ends:
                i = end + 1
                while i <= size:
                    tree[i] += 1
                    i += i & -i
                seen += 1
    return found


def _heights(
    order: Sequence[Sequence[int]], links: Sequence[tuple[int, int]], high: Sequence[float], gap: float
) -> list[float]:
    """Pull each node towards the mean of its neighbours, keeping order and distance."""
    near: list[list[int]] = [[] for _ in high]
    for a, b in links:
        near[a].append(b)
        near[b].append(a)
    y = [0.0] * len(high)
    for row in order:
        top = -sum(high[v] + gap for v in row) / 2
        for v in row:
            y[v] = top + (high[v] + gap) / 2
            top += high[v] + gap
    for sweep in range(_SWEEPS):
        for row in order if sweep % 2 == 0 else reversed(order):
            wish = [sum(y[w] for w in near[v]) / len(near[v]) if near[v] else y[v] for v in row]
            for v, at in zip(row, _apart(wish, [high[v] + gap for v in row]), strict=True):
                y[v] = at
    top = min((y[v] - high[v] / 2 for v in range(len(high))), default=0.0)
    return [round(at - top, 1) for at in y]


def _apart(wish: Sequence[float], room: Sequence[float]) -> list[float]:
    """Return the places closest to those wished for, in squares, with room between them (pool adjacent violators)."""
    at = 0.0
    shift = []
    for i, r in enumerate(room):
        at += (room[i - 1] + r) / 2 if i else 0.0
        shift.append(at)
    pools: list[tuple[float, int]] = []
    for w, s in zip(wish, shift, strict=True):
        total, n = w - s, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / n:
            total, n = total + pools[-1][0], n + pools[-1][1]
            pools.pop()
        pools.append((total, n))
    level = [total / n for total, n in pools for _ in range(n)]
    return [a + s for a, s in zip(level, shift, strict=True)]


def place_net(net: PetriNet, measures: Measures = FILE) -> tuple[list[Box], list[Flow]]:
    """Return the boxes and arrows of a net between a start and an end event.

    What can be in no run that ends is left out: steps that need a token nobody gives, or give one nobody takes.

    Examples
    --------
    >>> boxes, flows = place_net(PetriNet(("i", "o"), (("t", "call"),), (("i", "t"), ("t", "o")), "i", "o"))
    >>> [(b.tag, b.label) for b in boxes]
    [('startEvent', ''), ('task', 'call'), ('endEvent', '')]
    """
    kinds, edges = _as_process(net)
    names = {name: i for i, name in enumerate(kinds)}
    pairs = [(names[a], names[b]) for a, b in edges]
    placed = layered([measures.of(tag) for tag, _ in kinds.values()], pairs, (measures.gap, measures.row))
    into, out = Counter(b for _, b in edges), Counter(a for a, _ in edges)
    boxes = []
    for name, (tag, label) in kinds.items():
        direction = ""
        if tag.endswith("Gateway"):
            direction = {(True, True): "Mixed", (True, False): "Converging", (False, True): "Diverging"}.get(
                (into[name] > 1, out[name] > 1), "Unspecified"
            )
        i = names[name]
        width, height = measures.of(tag)
        boxes.append(
            Box(
                f"n{i + 1}",
                tag,
                placed.x[i] - width / 2,
                round(placed.y[i] - height / 2, 1),
                width,
                height,
                label,
                direction,
            )
        )
    flows = []
    for i, ((a, b), bends) in enumerate(zip(edges, placed.bends, strict=True), 1):
        ends = boxes[names[a]], boxes[names[b]]
        flows.append(Flow(f"f{i}", ends, _line(*ends, bends)))
    return boxes, flows


def _line(source: Box, target: Box, bends: list[Point]) -> list[Point]:
    (x1, y1), (x2, y2) = source.middle, target.middle
    if source is target:
        top = source.y - 12
        return [(x1 + 8, source.y), (x1 + 8, top), (x1 - 8, top), (x1 - 8, source.y)]
    side = 1 if x2 > x1 else -1
    return [(x1 + side * source.width / 2, y1), *bends, (x2 - side * target.width / 2, y2)]


def _as_process(net: PetriNet) -> tuple[dict[str, tuple[str, str]], list[tuple[str, str]]]:
    """Return the BPMN nodes (tag and label by name) and flows of a net."""
    alive = _useful(net)
    kinds: dict[str, tuple[str, str]] = {"start": ("startEvent", "")}
    edges: list[tuple[str, str]] = [("start", f"p {net.source}")]
    passing: set[str] = set()
    for place in net.places:
        name = f"p {place}"
        before = sum(t in alive for t in net.preset[place]) + (place == net.source)
        after = sum(t in alive for t in net.postset[place]) + (place == net.sink)
        if before and after:
            kinds[name] = ("exclusiveGateway", "")
            if before == 1 and after == 1:
                passing.add(name)
    for t, label in net.transitions:
        if t not in alive:
            continue
        first = last = f"t {t}"
        many = len(net.preset[t]) > 1, len(net.postset[t]) > 1
        if label is None:
            kinds[first] = ("parallelGateway", "")
            if many == (False, False):
                passing.add(first)
            elif many == (True, True):
                last = f"t {t} out"
                kinds[last] = ("parallelGateway", "")
                edges.append((first, last))
        else:
            if many[0]:
                first = f"t {t} in"
                kinds[first] = ("parallelGateway", "")
                edges.append((first, f"t {t}"))
            kinds[f"t {t}"] = ("task", label)
            if many[1]:
                last = f"t {t} out"
                kinds[last] = ("parallelGateway", "")
                edges.append((f"t {t}", last))
        edges += [(f"p {p}", first) for p in net.preset[t]] + [(last, f"p {p}") for p in net.postset[t]]
    kinds["end"] = ("endEvent", "")
    edges.append((f"p {net.sink}", "end"))
    return _contracted(kinds, [e for e in edges if e[0] in kinds and e[1] in kinds], passing)


def _useful(net: PetriNet) -> set[str]:
    """Return the transitions that the shape of the net lets be in a run from start to end."""
    alive = {t for t, _ in net.transitions}
    while True:
        given = {p for t in alive for p in net.postset[t]} | {net.source}
        taken = {p for t in alive for p in net.preset[t]} | {net.sink}
        left = {t for t in alive if set(net.preset[t]) <= given and set(net.postset[t]) <= taken and net.preset[t]}
        if left == alive:
            return alive
        alive = left


def _contracted(
    kinds: dict[str, tuple[str, str]], edges: list[tuple[str, str]], passing: set[str]
) -> tuple[dict[str, tuple[str, str]], list[tuple[str, str]]]:
    """Join what stands before and behind a node that does nothing."""
    onward = {a: b for a, b in edges if a in passing}
    out: dict[tuple[str, str], int] = {}
    for a, b in edges:
        if a in passing:
            continue
        steps = 0
        while b in passing and steps <= len(passing):
            b, steps = onward[b], steps + 1
        choice = kinds[a][0] == kinds[b][0] == "exclusiveGateway"
        if choice and a == b:
            continue  # going round for nothing
        out[a, b] = 1 if choice else out.get((a, b), 0) + 1
    return {k: v for k, v in kinds.items() if k not in passing}, [e for e, n in out.items() for _ in range(n)]
