"""Where the nodes of a tree stand when it is drawn from left to right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from cxmining.discovery.tree import Kind, Tree

__all__ = ["COMPACT", "FILE", "Box", "Flow", "Measures", "place"]

Size = tuple[int, int]


@dataclass(frozen=True)
class Measures:
    """Sizes of a drawing in pixels.

    Attributes
    ----------
    gap, row : int
        Between neighbours from left to right, and from top to bottom.
    lane : int
        Height of a branch without a step.
    task, event, gateway : (int, int)
        Width and height.
    frame : int, default 0
        Room around a block that may be left out or done again, which is then framed and needs no gateways; 0: it
        has gateways, as in BPMN.
    """

    gap: int
    row: int
    lane: int
    task: Size
    event: Size
    gateway: Size
    frame: int = 0

    def of(self, tag: str) -> Size:
        """Return width and height of a kind of node."""
        if tag == "task":
            return self.task
        return self.event if tag.endswith("Event") else self.gateway


FILE: Final = Measures(50, 30, 20, (120, 60), (36, 36), (50, 50))
"""As modellers draw BPMN."""
COMPACT: Final = Measures(11, 9, 12, (90, 36), (16, 16), (16, 16), frame=7)
"""As small as letters of 11 pixels allow."""


@dataclass(eq=False)
class Box:
    """A node of the drawing, or the frame of a block, by its upper left corner.

    `skipped`: it may be left out; `again`: it may be done again.
    """

    id: str
    tag: str
    x: float
    y: float
    width: int
    height: int
    label: str = ""
    direction: str = ""
    skipped: bool = False
    again: bool = False

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
    measures: Measures
    boxes: list[Box] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)

    def box(self, tag: str, x: float, middle: float, label: str = "", direction: str = "") -> Box:
        width, height = self.measures.of(tag)
        box = Box(f"n{len(self.boxes) + 1}", tag, x, 0, width, height, label, direction)
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


def place(tree: Tree, measures: Measures = FILE) -> tuple[list[Box], list[Flow]]:
    """Return the boxes and arrows of a tree between a start and an end event.

    Examples
    --------
    >>> boxes, flows = place(Tree(Kind.STEP, label="call"))
    >>> [(b.tag, b.x, b.y) for b in boxes]
    [('startEvent', 0, 12.0), ('task', 86, 0.0), ('endEvent', 256, 12.0)]
    """
    drawing = _Drawing(measures)
    width, height = _size(tree, measures)
    middle = height / 2
    x = measures.event[0] + measures.gap
    start = drawing.box("startEvent", 0, middle)
    last = _draw(drawing, tree, x, 0, start)
    end = drawing.box("endEvent", x + width + measures.gap, middle)
    drawing.flow(last, end)
    return drawing.boxes, drawing.flows


def _folded(tree: Tree, m: Measures) -> tuple[Tree, bool, bool]:
    """Return what may be left out, or be done again, and which."""
    skipped = again = False
    while m.frame:
        if tree.kind is Kind.CHOICE and len(tree.children) == 2 and tree.children[1].kind is Kind.SKIP:
            tree, skipped = tree.children[0], True
        elif tree.kind is Kind.LOOP and tree.children[1].kind is Kind.SKIP:
            tree, again = tree.children[0], True
        else:
            break
    return tree, skipped, again


def _size(tree: Tree, m: Measures) -> tuple[float, float]:
    tree, skipped, again = _folded(tree, m)
    if (skipped or again) and tree.kind is not Kind.STEP:
        width, height = _size(tree, m)
        return width + 2 * m.frame, height + 2 * m.frame
    if tree.kind is Kind.STEP:
        return m.task
    if tree.kind is Kind.SKIP:
        return 0, m.lane
    sizes = [_size(child, m) for child in tree.children]
    if tree.kind is Kind.SEQUENCE:
        return sum(w for w, _ in sizes) + m.gap * (len(sizes) - 1), max(h for _, h in sizes)
    width = max(w for w, _ in sizes) + 2 * (m.gateway[0] + m.gap)
    return width, max(sum(h for _, h in sizes) + m.row * (len(sizes) - 1), m.gateway[1])


def _draw(drawing: _Drawing, tree: Tree, x: float, y: float, before: Box) -> Box:
    """Draw the tree in its rectangle at (x, y), joined to `before`; return the box that it ends with.

    A skip draws nothing and ends with `before`: whoever asked joins that to what comes next.
    """
    m = drawing.measures
    width, height = _size(tree, m)
    tree, skipped, again = _folded(tree, m)
    if (skipped or again) and tree.kind is not Kind.STEP:
        frame = Box("", "frame", x, y, int(width), int(height), skipped=skipped, again=again)
        drawing.boxes.append(frame)
        return _draw(drawing, tree, x + m.frame, y + m.frame, before)
    middle = y + height / 2
    if tree.kind is Kind.SKIP:
        return before
    if tree.kind is Kind.STEP:
        task = drawing.box("task", x, middle, tree.label)
        task.skipped, task.again = skipped, again
        drawing.flow(before, task)
        return task
    if tree.kind is Kind.SEQUENCE:
        for child in tree.children:
            w, h = _size(child, m)
            before = _draw(drawing, child, x, middle - h / 2, before)
            x += w + m.gap
        return before
    tag = "parallelGateway" if tree.kind is Kind.PARALLEL else "exclusiveGateway"
    loop = tree.kind is Kind.LOOP
    # A loop is entered where its rounds meet and left where they part: the other way round than a choice.
    first, second = ("Converging", "Diverging") if loop else ("Diverging", "Converging")
    opening = drawing.box(tag, x, middle, direction=first)
    drawing.flow(before, opening)
    closing = drawing.box(tag, x + width - m.gateway[0], middle, direction=second)
    top = y + (height - sum(_size(c, m)[1] for c in tree.children) - m.row * (len(tree.children) - 1)) / 2
    for i, child in enumerate(tree.children):
        w, h = _size(child, m)
        source, target = (closing, opening) if loop and i == 1 else (opening, closing)
        last = _draw(drawing, child, x + (width - w) / 2, top, source)
        drawing.flow(last, target, lane=top + h / 2 if child.kind is Kind.SKIP else None, joins=True)
        top += h + m.row
    return closing
