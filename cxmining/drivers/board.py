"""What the pictures of decisions have in common: a sheet in pixels, and rows of marks with intervals.

Every text is measured before it is placed, so that nothing overlaps or is cut off at 6 or 40 rows, on a wide page or
a narrow one. The sheet becomes a :class:`~cxmining.figures.scene.Scene`: plotly figure, page and SVG alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np

from cxmining.errors import StudyError
from cxmining.figures import palette
from cxmining.figures.measure import lines_of, width_of
from cxmining.figures.scene import Box, Circle, Item, Line, Scene, Words
from cxmining.figures.ticks import nice_ticks

__all__ = ["LEAST", "NARROW", "Board", "Mark", "Row", "bar", "between", "check_width", "forest"]

LEAST: Final = 360
NARROW: Final = 720
"""Below this width labels stand above their rows."""
PAD: Final = 16
LEADING: Final = 15


def check_width(width: int) -> None:
    """Refuse a width that no picture fits."""
    if width < LEAST:
        raise StudyError(f"a picture {width} pixels wide is not readable; expected at least {LEAST}")


def between(low: str, high: str, language: str) -> str:
    """Return two written numbers as an interval.

    Examples
    --------
    >>> between("+0.1", "+0.3", "en"), between("+0,1", "+0,3", "nl")
    ('[+0.1, +0.3]', '[+0,1; +0,3]')
    """
    return f"[{low}{';' if language == 'nl' else ','} {high}]"


@dataclass
class Board:
    """Items that are put down from the top."""

    width: float
    items: list[Item] = field(default_factory=list)

    def text(self, x: float, y: float, text: str, *, size: float = 12, colour: str = palette.INK, anchor: str = "start",
             bold: bool = False, said: str = "") -> None:  # fmt: skip
        """Put one line of text with its middle at `y`."""
        self.items.append(Words(x, y + 0.35 * size, text, size, colour, bold, False, anchor, said))

    def lines(self, x: float, y: float, lines: Sequence[str], *, size: float = 12, **how: Any) -> float:
        """Put lines downwards, the first with its middle at `y`; return where the next would stand."""
        leading = round(size * 1.28)
        for i, line in enumerate(lines):
            self.text(x, y + i * leading, line, size=size, **how)
        return y + len(lines) * leading

    def line(
        self, x0: float, y0: float, x1: float, y1: float, colour: str, *, thick: float = 1, dash: bool = False
    ) -> None:
        """Put a straight line."""
        self.items.append(Line(((x0, y0), (x1, y1)), colour, thick, dash))

    def interval(self, x0: float, x1: float, y: float, colour: str, *, thick: float = 2, cap: float = 4) -> None:
        """Put a bar with ends."""
        self.line(x0, y, x1, y, colour, thick=thick)
        self.line(x0, y - cap, x0, y + cap, colour, thick=thick)
        self.line(x1, y - cap, x1, y + cap, colour, thick=thick)

    def mark(
        self,
        x: float,
        y: float,
        colour: str,
        symbol: str = "circle",
        *,
        filled: bool = True,
        size: float = 5.5,
        said: str = "",
    ) -> None:
        """Put a mark: circle, diamond, up, down."""
        fill, edge, thick = (colour, palette.PAPER, 1.2) if filled else (palette.PAPER, colour, 2.0)
        if symbol == "circle":
            self.items.append(Circle(x, y, size, fill, edge, thick, said))
            return
        turns = {"diamond": ((0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)), "up": ((0, -1.15), (1.1, 0.85), (-1.1, 0.85)),
                 "down": ((0, 1.15), (1.1, -0.85), (-1.1, -0.85))}  # fmt: skip
        points = tuple((x + a * size, y + b * size) for a, b in turns[symbol])
        self.items.append(Line(points, edge, thick, False, fill, True, said))

    def box(self, x: float, y: float, width: float, height: float, fill: str, **how: Any) -> None:
        """Put a rectangle."""
        self.items.append(Box(x, y, width, height, fill, **how))

    def head(self, title: str, under: str) -> float:
        """Put title and subtitle; return where the rest may begin."""
        room = self.width - 2 * PAD
        y = self.lines(PAD, 24, lines_of(title, 18, room, 4, bold=True), size=18, bold=True)
        y = self.lines(PAD, y + 2, lines_of(under, 12, room, 9), size=12, colour=palette.MUTED)
        return y + 4

    def foot(self, y: float, said: Sequence[str]) -> float:
        """Put sentences under the picture; return its height."""
        y += 14
        for sentence in said:
            y = self.lines(PAD, y, lines_of(sentence, 12, 0.96 * (self.width - 2 * PAD), 20), colour=palette.MUTED)
        return y + 6

    def legend(self, y: float, entries: Sequence[tuple[str, str, bool, str]]) -> float:
        """Put keys (colour, symbol, filled, words) in as many lines as they need."""
        x = float(PAD)
        for colour, symbol, filled, words in entries:
            wide = 24 + width_of(words, 12)
            if x > PAD and x + wide > self.width - PAD:
                x, y = PAD, y + 19
            self.mark(x + 6, y, colour, symbol, filled=filled)
            room = self.width - PAD - x - 18
            self.text(x + 17, y, lines_of(words, 12, room, 1)[0])
            x += wide + 14
        return y + 20

    def scene(self, height: float, title: str, described: str = "") -> Scene:
        """Return the finished picture."""
        return Scene(self.width, round(height), title, tuple(self.items), described)


class Mark(NamedTuple):
    """A value with its interval."""

    value: float
    low: float
    high: float
    colour: str
    symbol: str = "circle"
    filled: bool = True
    said: str = ""


class Row(NamedTuple):
    """A row of marks. A row without marks is a heading."""

    label: str
    marks: Sequence[Mark] = ()
    right: str = ""
    under: str = ""
    strong: bool = False
    apart: bool = False
    """Whether its marks stand one under the other."""


def forest(
    board: Board,
    y: float,
    rows: Sequence[Row],
    span: tuple[float, float],
    tick: Callable[[float], str],
    *,
    zero: float | None = 0.0,
    ticks: Sequence[float] | None = None,
    axis: str = "",
) -> float:
    """Put rows of marks with intervals, an axis above and below them; return where they end.

    Parameters
    ----------
    board : Board
    y : float
        Where they begin.
    rows : sequence of Row
    span : (float, float)
        What the axis shows.
    tick : callable
        How a number on the axis is written.
    zero : float, optional
        Where a stronger line stands.
    ticks : sequence of float, optional
    axis : str
        What the axis shows, in words.
    """
    width, narrow = board.width, board.width < NARROW
    longest = max((width_of(r.right, 12) for r in rows), default=0.0)
    if narrow:
        left, right = float(PAD + 10), width - PAD - 10
    else:
        names = max(
            (max(width_of(r.label, 12.5, bold=r.strong), width_of(r.under, 11)) for r in rows if r.marks), default=80.0
        )
        left = PAD + min(max(names + 18, 110), 0.30 * width)
        right = width - PAD - min(longest + 16, 0.30 * width)
    low, high = span
    if high <= low:
        high = low + 1.0

    def at(v: float) -> float:
        return float(left + (min(max(v, low), high) - low) / (high - low) * (right - left))

    wide = max((width_of(tick(t), 11) for t in (low, high)), default=20.0) + 14
    shown_ticks = (
        list(ticks) if ticks is not None else nice_ticks(low, high, int(min(8, max(2, (right - left) / wide))))
    )
    heights = [_height(r, narrow, left, width, right) for r in rows]
    top = y + 22
    bottom = top + sum(heights)
    for t in shown_ticks:
        if not narrow:  # there the lines would run through the labels
            board.line(at(t), top, at(t), bottom, palette.RULE)
        board.text(at(t), top - 10, tick(t), size=11, colour=palette.MUTED, anchor="middle")
        if len(rows) > 8:
            board.text(at(t), bottom + 11, tick(t), size=11, colour=palette.MUTED, anchor="middle")
    if zero is not None and low <= zero <= high and not narrow:
        board.line(at(zero), top, at(zero), bottom, palette.MUTED, thick=1.4)
    for i, r in enumerate(rows):
        if not r.marks:
            start = top + sum(heights[:i])
            board.box(PAD - 8, start, width - 2 * PAD + 16, heights[i], palette.LANE)
    start = top
    for r, height in zip(rows, heights, strict=True):
        _row(board, r, start, height, narrow, left, right, at, (low, high), shown_ticks, zero)
        start += height
    end = bottom + (20 if len(rows) > 8 else 6)
    if axis:
        lines = lines_of(axis, 12, max(right - left, 200) if not narrow else width - 2 * PAD, 2)
        x = (left + right) / 2
        end = board.lines(x, end + 8, lines, colour=palette.MUTED, anchor="middle")
    return end


def _label_room(narrow: bool, left: float, width: float) -> float:
    return width - 2 * PAD if narrow else left - PAD - 14


def _height(r: Row, narrow: bool, left: float, width: float, right: float) -> float:
    room = _label_room(narrow, left, width)
    if not r.marks:
        return 12 + 17 * len(lines_of(r.label, 13, width - 2 * PAD, 2, bold=True))
    words = len(lines_of(r.label, 12.5, room, 2, bold=r.strong)) * 16 + (
        14 * len(lines_of(r.under, 11, room, 2)) if r.under else 0
    )
    marks = 14 * len(r.marks) if r.apart else 16
    if narrow:
        beside = width_of(r.label, 12.5, bold=r.strong) + width_of(r.right, 12) + 14 <= room
        return words + (0 if beside or not r.right else 15) + marks + 12
    besides = 15 * len(lines_of(r.right, 12, width - PAD - right - 12, 2)) if r.right else 0
    return max(words, marks, besides) + 12


def _row(
    board: Board, r: Row, start: float, height: float, narrow: bool, left: float, right: float,
    at: Callable[[float], float], span: tuple[float, float], ticks: Sequence[float], zero: float | None,
) -> None:  # fmt: skip
    width = board.width
    room = _label_room(narrow, left, width)
    if not r.marks:
        board.lines(PAD, start + 14, lines_of(r.label, 13, width - 2 * PAD, 2, bold=True), size=13, bold=True)
        return
    label = lines_of(r.label, 12.5, room, 2, bold=r.strong) or ("?",)
    under = lines_of(r.under, 11, room, 2) if r.under else ()
    cut = r.label if label[-1].endswith("…") else ""
    if narrow:
        y = start + 12
        beside = width_of(r.label, 12.5, bold=r.strong) + width_of(r.right, 12) + 14 <= room
        for i, line in enumerate(label):
            board.text(PAD, y + 16 * i, line, size=12.5, bold=r.strong, said=cut if i == len(label) - 1 else "")
        y += 16 * len(label)
        if r.right and beside:
            board.text(width - PAD, start + 12, r.right, colour=palette.MUTED, anchor="end")
        elif r.right:
            board.text(PAD, y - 1, lines_of(r.right, 12, room, 1)[0], colour=palette.MUTED)
            y += 15
        y = board.lines(PAD, y - 2, under, size=11, colour=palette.MUTED) if under else y
        middle = (y + start + height - 4) / 2 - 2
        half = 7 * len(r.marks) + 1 if r.apart else 8
        for t in [*ticks, zero] if zero is not None else ticks:
            strong = t == zero
            board.line(
                at(t),
                middle - half,
                at(t),
                middle + half,
                palette.MUTED if strong else palette.RULE,
                thick=1.4 if strong else 1,
            )
    else:
        middle = start + height / 2
        total = 16 * len(label) + 14 * len(under)
        y = middle - total / 2 + 8
        for i, line in enumerate(label):
            board.text(
                left - 14,
                y + 16 * i,
                line,
                size=12.5,
                bold=r.strong,
                anchor="end",
                said=cut if i == len(label) - 1 else "",
            )
        for i, line in enumerate(under):
            board.text(left - 14, y + 16 * len(label) + 14 * i - 1, line, size=11, colour=palette.MUTED, anchor="end")
        if r.right:
            lines = lines_of(r.right, 12, width - PAD - right - 12, 2)
            board.lines(right + 14, middle - (len(lines) - 1) * 7.5, lines, colour=palette.MUTED)
    for i, m in enumerate(r.marks):
        y = middle + (i - (len(r.marks) - 1) / 2) * 14 if r.apart else middle
        bar(board, m, y, at, span)


def bar(board: Board, m: Mark, y: float, at: Callable[[float], float], span: tuple[float, float]) -> None:
    """Put a mark with its interval; an end beyond the axis is an arrow."""
    if not np.isfinite(m.value):
        return
    if np.isfinite(m.low) and np.isfinite(m.high):
        board.line(at(m.low), y, at(m.high), y, m.colour, thick=2)
        for end, side in ((m.low, -1), (m.high, 1)):
            x = at(end)
            if end < span[0] or end > span[1]:
                board.items.append(
                    Line(((x, y - 4), (x + side * 5, y), (x, y + 4)), m.colour, 1, False, m.colour, True)
                )
            else:
                board.line(x, y - 4, x, y + 4, m.colour, thick=2)
    board.mark(at(m.value), y, m.colour, m.symbol, filled=m.filled, said=m.said)
