"""Where the nodes of a tree stand when it is drawn from left to right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from cxmining.discovery.tree import Kind, Tree

__all__ = ["SIZES", "Box", "Flow", "place"]

_GAP: Final = 50
_ROW: Final = 30
SIZES: Final = {
    "task": (120, 60),
    "startEvent": (36, 36),
    "endEvent": (36, 36),
    "exclusiveGateway": (50, 50),
    "parallelGateway": (50, 50),
}
"""Width and height of each kind of node."""
_GATEWAY: Final = SIZES["exclusiveGateway"]
_LANE: Final = 20
"""Height of a branch without a step."""


@dataclass(eq=False)
class Box:
    """A node of the drawing, by its upper left corner."""

    id: str
    tag: str
    x: float
    y: float
    label: str = ""
    direction: str = ""

    @property
    def width(self) -> int:
        """Width in pixels."""
        return SIZES[self.tag][0]

    @property
    def height(self) -> int:
        """Height in pixels."""
        return SIZES[self.tag][1]

    @property
    def middle(self) -> tuple[float, float]:
        """The centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    def edge(self, y: float) -> float:
        """Return the height of the upper or lower edge, whichever faces `y`."""
        return self.y if y < self.middle[1] else self.y + self.height


@dataclass(eq=False)
class Flow:
    """An arrow between two boxes, along `points`."""

    id: str
    ends: tuple[Box, Box]
    points: list[tuple[float, float]]


@dataclass(eq=False)
class _Drawing:
    boxes: list[Box] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)

    def box(self, tag: str, x: float, middle: float, label: str = "", direction: str = "") -> Box:
        box = Box(f"n{len(self.boxes) + 1}", tag, x, 0, label, direction)
        box.y = middle - box.height / 2
        self.boxes.append(box)
        return box

    def flow(self, source: Box, target: Box, *, lane: float | None = None, joins: bool = False) -> None:
        """Draw an arrow; it turns at its source, or at its target where branches join, or runs along a lane."""
        (x1, y1), (x2, y2) = source.middle, target.middle
        forward = 1 if x2 > x1 else -1
        leave, enter = x1 + forward * source.width / 2, x2 - forward * target.width / 2
        if lane is not None and lane != y1:
            points = [(x1, source.edge(lane)), (x1, lane), (x2, lane), (x2, target.edge(lane))]
        elif y1 == y2:
            points = [(leave, y1), (enter, y2)]
        elif joins:
            points = [(leave, y1), (x2, y1), (x2, target.edge(y1))]
        else:
            points = [(x1, source.edge(y2)), (x1, y2), (enter, y2)]
        self.flows.append(Flow(f"f{len(self.flows) + 1}", (source, target), points))


def place(tree: Tree) -> tuple[list[Box], list[Flow]]:
    """Return the boxes and arrows of a tree between a start and an end event.

    Examples
    --------
    >>> boxes, flows = place(Tree(Kind.STEP, label="call"))
    >>> [(b.tag, b.x, b.y) for b in boxes]
    [('startEvent', 0, 12.0), ('task', 86, 0.0), ('endEvent', 256, 12.0)]
    """
    drawing = _Drawing()
    width, height = _size(tree)
    middle = height / 2
    x = SIZES["startEvent"][0] + _GAP
    start = drawing.box("startEvent", 0, middle)
    last = _draw(drawing, tree, x, 0, start)
    end = drawing.box("endEvent", x + width + _GAP, middle)
    drawing.flow(last, end)
    return drawing.boxes, drawing.flows


def _size(tree: Tree) -> tuple[float, float]:
    if tree.kind is Kind.STEP:
        return SIZES["task"]
    if tree.kind is Kind.SKIP:
        return 0, _LANE
    sizes = [_size(child) for child in tree.children]
    if tree.kind is Kind.SEQUENCE:
        return sum(w for w, _ in sizes) + _GAP * (len(sizes) - 1), max(h for _, h in sizes)
    width = max(w for w, _ in sizes) + 2 * (_GATEWAY[0] + _GAP)
    return width, max(sum(h for _, h in sizes) + _ROW * (len(sizes) - 1), _GATEWAY[1])


def _draw(drawing: _Drawing, tree: Tree, x: float, y: float, before: Box) -> Box:
    """Draw the tree in its rectangle at (x, y), joined to `before`; return the box that it ends with.

    A skip draws nothing and ends with `before`: whoever asked joins that to what comes next.
    """
    width, height = _size(tree)
    middle = y + height / 2
    if tree.kind is Kind.SKIP:
        return before
    if tree.kind is Kind.STEP:
        task = drawing.box("task", x, middle, tree.label)
        drawing.flow(before, task)
        return task
    if tree.kind is Kind.SEQUENCE:
        for child in tree.children:
            w, h = _size(child)
            before = _draw(drawing, child, x, middle - h / 2, before)
            x += w + _GAP
        return before
    tag = "parallelGateway" if tree.kind is Kind.PARALLEL else "exclusiveGateway"
    loop = tree.kind is Kind.LOOP
    # A loop is entered where its rounds meet and left where they part: the other way round than a choice.
    first, second = ("Converging", "Diverging") if loop else ("Diverging", "Converging")
    opening = drawing.box(tag, x, middle, direction=first)
    drawing.flow(before, opening)
    closing = drawing.box(tag, x + width - _GATEWAY[0], middle, direction=second)
    top = y + (height - sum(_size(c)[1] for c in tree.children) - _ROW * (len(tree.children) - 1)) / 2
    for i, child in enumerate(tree.children):
        w, h = _size(child)
        source, target = (closing, opening) if loop and i == 1 else (opening, closing)
        last = _draw(drawing, child, x + (width - w) / 2, top, source)
        drawing.flow(last, target, lane=top + h / 2 if child.kind is Kind.SKIP else None, joins=True)
        top += h + _ROW
    return closing
