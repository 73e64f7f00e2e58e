"""What the journey map and the difference map draw alike: heads, legends, stages, lines, circles, numbers at lines."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from itertools import pairwise
from typing import Final

from cxmining.figures import palette
from cxmining.figures.measure import fitted, width_of
from cxmining.figures.scene import Box, Circle, Item, Line, Scene, Words, block
from cxmining.maps.journey.layout import LABEL, LINE, Place, Plan
from cxmining.maps.journey.lines import rounded

__all__ = ["EDGE", "LEAST", "ON_TONE", "Canvas", "Mark", "Numbered", "arrow", "badge", "tag"]

EDGE: Final = 18.0
LEAST: Final = 760.0
"""A map is at least as wide, so that what stands above and below can be read."""
ON_TONE: Final = (palette.PAPER, palette.INK, palette.INK, palette.INK, palette.PAPER)
"""Words on each step of the diverging scale, in the light and in the dark."""
_MOST_COVERED: Final = 1
"""Lines that a number may hide a piece of, beside its own."""
Spot = tuple[float, float]
Rect = tuple[float, float, float, float]


@dataclass(frozen=True)
class Mark:
    """A line of a legend: what is drawn at a place, how wide that is, and what it means."""

    wide: float
    drawn: Callable[[float, float], list[Item]]
    text: str


@dataclass(frozen=True)
class Numbered:
    """A line that a number may stand at: where, what its corners span, the colour of the number, and what is said."""

    points: tuple[Spot, ...]
    spots: tuple[Spot, ...]
    colour: str
    said: str

    @cached_property
    def rects(self) -> list[Rect]:
        """The pieces of the line as rectangles."""
        return [
            (min(a[0], b[0]) - 1, min(a[1], b[1]) - 1, max(a[0], b[0]) + 1, max(a[1], b[1]) + 1)
            for a, b in pairwise(self.points)
        ]


def _meet(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@dataclass
class Canvas:
    """A drawing that grows downwards: `y` is where the next thing begins.

    Without a frame only what is between the sentences is drawn; the page says the sentences, in lines that follow its width.
    """

    width: float
    y: float = EDGE
    framed: bool = True
    said: list[str] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    taken: list[Rect] = field(default_factory=list)

    def title(self, text: str) -> None:
        """Draw what the map is called."""
        if not self.framed:
            self.said.append(f"<h3>{escape(text)}</h3>")
            return
        size = 20
        self.items += block(text, EDGE, self.y + size, self.width - 2 * EDGE, size=size, most=2, bold=True, anchor="start")  # fmt: skip
        self.y += 12 + sum(24 for i in self.items if isinstance(i, Words) and i.size == size)

    def sentence(self, text: str, *, size: float = 12, colour: str = palette.MUTED, bold: bool = False, mark: Mark | None = None) -> None:  # fmt: skip
        """Draw a sentence in as many lines as it takes, behind a mark where it has one."""
        if not self.framed:
            words = f"<b>{escape(text)}</b>" if bold else f"<small>{escape(text)}</small>" if colour == palette.MUTED else escape(text)  # fmt: skip
            self.said.append(f'<p style="margin:.3em 0">{_drawn(mark) if mark else ""} {words}</p>')
            return
        x = EDGE
        if mark is not None:
            self.items += mark.drawn(x, self.y + 9)
            x += mark.wide + 8
        room = min(self.width, 1500) - EDGE - x
        lines = block(text, x, self.y + 13, room, size=size, most=8, colour=colour, bold=bold, anchor="start")
        self.items += lines
        self.y += round(size * 1.28) * len(lines) + 3

    def legend(self, marks: Sequence[Mark]) -> None:
        """Draw what marks mean, beside each other as far as the width goes."""
        if not self.framed:
            look = "display:inline-flex;align-items:center;gap:6px;margin-right:16px;vertical-align:middle"
            each = "".join(f'<span style="{look}">{_drawn(m)}{escape(m.text)}</span>' for m in marks)
            self.said += [f'<p style="margin:.3em 0;line-height:1.9"><small>{each}</small></p>'] if marks else []
            return
        x = EDGE
        self.y += 4
        for mark in marks:
            text = fitted(mark.text, 12, self.width - 2 * EDGE - mark.wide - 6)
            took = mark.wide + (6 if mark.wide and text else 0) + width_of(text, 12) + 20
            if x > EDGE and x + took - 20 > self.width - EDGE:
                x, self.y = EDGE, self.y + 22
            self.items += mark.drawn(x, self.y + 9)
            if text:
                at = x + mark.wide + (6 if mark.wide else 0)
                self.items.append(Words(at, self.y + 13, text, 12, palette.MUTED, anchor="start"))
            x += took
        self.y += 26 if marks else 0

    def stages(self, plan: Plan, names: Sequence[tuple[str, str, str, bool]], left: float, height: float) -> None:
        """Draw the chevrons above the columns: name, small print, what is said, whether it is a stage at all."""
        if not names:
            return
        top, high, tip = self.y, 44.0, 11.0
        for i, ((_, x0, x1), (name, small, said, real)) in enumerate(zip(plan.heads, names, strict=True)):
            a, b = left + x0 + (2 if i else 0), left + x1 - 2
            if i % 2:
                self.items.append(Box(a, top, b - a + 2, high + 8 + height, palette.LANE))
            notch = ((a + tip, top + high / 2),) if i else ()
            points = ((a, top), (b - tip, top), (b, top + high / 2), (b - tip, top + high), (a, top + high), *notch)
            self.items.append(Line(points, palette.CLEAR, 0, fill=palette.CHEVRON if real else palette.MUTED, closed=True, said=said))  # fmt: skip
            room, middle = b - a - 2 * tip - 8, (a + b) / 2 + (2 if i else -3)
            size = next((s for s in (14.0, 13.0, 12.0) if width_of(name, s, bold=True) <= room), 11.0)
            ink = palette.CHEVRON_INK if real else palette.PAPER
            fits = bool(small) and width_of(small, 11) <= room
            self.items.append(Words(middle, top + (19 if fits else 27), fitted(name, size, room, bold=True), size, ink, bold=True))  # fmt: skip
            if fits:
                self.items.append(Words(middle, top + 35, small, 11, ink))
        self.y = top + high + 8

    def under(self, place: Place, at: Spot, label: str, small: str, room: float) -> None:
        """Draw what stands below a circle: the lines of its label, and small print."""
        x, y = at
        top = y + place.radius + 13
        cut = " ".join(place.lines).endswith("…")
        for i, line in enumerate(place.lines):
            said = label if cut and i + 1 == len(place.lines) else ""
            self.items.append(Words(x, top + LINE * (i + 1), line, LABEL, palette.INK, True, said=said))
        bottom = top + LINE * (len(place.lines) + 1)
        if small:
            self.items.append(Words(x, bottom, fitted(small, 11, room + 16), 11, palette.MUTED))
        wide = max([width_of(line, LABEL, bold=True) for line in place.lines] + [width_of(small, 11)]) / 2 + 3
        self.taken += [
            (x - place.radius - 3, y - place.radius - 3, x + place.radius + 3, y + place.radius + 16),
            (x - wide, top, x + wide, bottom + 4),
        ]

    def number(self, text: str, route: Numbered, others: Sequence[Numbered], limits: Rect) -> bool:
        """Write a number at a line where there is room for it, and where it is clear at which; return whether there was."""
        wide = width_of(text, 11) / 2 + 5
        free = []
        for i, (x, y) in enumerate(route.spots):
            mine = (x - wide, y - 8, x + wide, y + 8)
            if mine[0] < limits[0] or mine[1] < limits[1] or mine[2] > limits[2] or mine[3] > limits[3]:
                continue
            if any(_meet(mine, rect) for rect in self.taken):
                continue
            covered = sum(_meet(mine, rect) for o in others if o is not route for rect in o.rects)
            free.append((covered, i, mine))
        if not free or min(free)[0] > _MOST_COVERED:
            return False
        left, top, right, bottom = min(free)[2]
        self.taken.append((left - 2, top - 2, right + 2, bottom + 2))
        x, y = (left + right) / 2, (top + bottom) / 2
        self.items.append(Box(left, top, 2 * wide, 16, palette.PAPER, palette.RULE, 0.8, 8, route.said))
        self.items.append(Words(x, y + 4, text, 11, route.colour))
        return True

    def grid(self, height: float) -> None:
        """Leave the place of the map itself; what is said from here on stands below it."""
        self.y += height + 6
        if self.framed:
            self.items.append(Line(((EDGE, self.y), (self.width - EDGE, self.y)), palette.RULE))
            self.y += 6
        else:
            self.said.append("")

    def page(self, title: str, described: str) -> str:
        """Return the drawing for a page, with what is said above and below it as text."""
        at = self.said.index("")
        drawing = self.scene(title, described).to_html()
        above, below = "".join(self.said[:at]), "".join(self.said[at + 1 :])
        look = f'aria-label="{escape(title, quote=True)}" style="font-family:{escape(palette.FONT, quote=True)}"'
        return f'<section class="cx-map-page" {look}>{above}{drawing}{below}</section>'

    def scene(self, title: str, described: str) -> Scene:
        """Return the drawing."""
        return Scene(round(self.width), round(self.y + EDGE), title, tuple(self.items), described)


def _drawn(mark: Mark) -> str:
    if not mark.wide:
        return ""
    drawing = Scene(mark.wide, 18, "", tuple(mark.drawn(0, 9))).to_svg()
    return f'<span aria-hidden="true" style="display:inline-flex;vertical-align:middle">{drawing}</span>'


def arrow(points: Sequence[Spot], colour: str, thick: float, *, dash: bool = False, said: str = "", head: float = 0.0) -> list[Item]:  # fmt: skip
    """Draw a line with rounded corners and an arrow head at its end.

    Examples
    --------
    >>> [type(i).__name__ for i in arrow([(0, 0), (40, 0)], palette.SOFT, 2)]
    ['Line', 'Line']
    """
    (ax, ay), (bx, by) = points[-2], points[-1]
    far = math.dist((ax, ay), (bx, by)) or 1.0
    ux, uy = (bx - ax) / far, (by - ay) / far
    size = head or 5.0 + 0.9 * thick
    back = (bx - ux * size, by - uy * size)
    stem = (bx - ux * min(size * 0.8, far * 0.9), by - uy * min(size * 0.8, far * 0.9))
    half = size * 0.55
    tip = ((bx, by), (back[0] - uy * half, back[1] + ux * half), (back[0] + uy * half, back[1] - ux * half))
    return [
        Line(rounded([*points[:-1], stem]), colour, round(thick, 1), dash, said=said),
        Line(tip, palette.CLEAR, 0, fill=colour, closed=True),
    ]


def badge(x: float, y: float, text: str, fill: str, ink: str) -> list[Item]:
    """Draw a small plate with a word on it."""
    wide = width_of(text, 11) / 2 + 7
    return [Box(x - wide, y - 8, 2 * wide, 16, fill, palette.PAPER, 1.5, 8), Words(x, y + 4, text, 11, ink)]


def tag(x: float, y: float, text: str, fill: str) -> tuple[list[Item], float]:
    """Draw the mark of a step on a path with its left edge at `x`; return how wide it is, too."""
    wide = width_of(text, 11, bold=True) + 8
    return [
        Box(x, y - 8, wide, 16, fill, palette.PAPER, 1, 4),
        Words(x + wide / 2, y + 4, text, 11, palette.PAPER, True),
    ], wide


def disc(radius: float, fill: str, line: str) -> Callable[[float, float], list[Item]]:
    """Return what draws a circle in a legend."""
    return lambda x, y: [Circle(x + radius, y, radius, fill, line, 1.2)]
