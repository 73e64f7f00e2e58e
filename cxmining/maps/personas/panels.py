"""The small pictures on a persona card: bars with intervals, a strip of touchpoints, feelings by stage, habits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cxmining.figures import palette
from cxmining.figures.measure import fitted, lines_of, width_of
from cxmining.figures.scene import Box, Circle, Item, Line, Words, block
from cxmining.maps import words
from cxmining.maps.words import HIDDEN, known

__all__ = ["Panel", "bars", "feelings", "habits", "strip"]

_TIP: Final = 9.0
_ROW: Final = 44.0
Cell = dict[str, Any]


@dataclass
class Panel:
    """A column that is written from above to below; `y` is the base line of the next text."""

    x: float
    y: float
    width: float
    language: str
    items: list[Item] = field(default_factory=list)

    def text(self, text: str, size: float, colour: str, *, bold: bool = False, most: int = 3, up: float = 0) -> None:
        """Write a paragraph."""
        lines = block(text, self.x, self.y + up, 0.94 * self.width, size=size, most=most, colour=colour, bold=bold, anchor="start")  # fmt: skip
        self.items += lines
        self.y += up + round(size * 1.28) * len(lines) + 4

    def head(self, text: str) -> None:
        """Write what the next picture is called, under a rule."""
        self.items.append(Line(((self.x, self.y - 4), (self.x + self.width, self.y - 4)), palette.RULE))
        self.y += 16
        self.text(text, 13, palette.INK, bold=True, most=2)

    def small(self, text: str) -> None:
        """Write what the next picture shows, small."""
        self.y -= 2
        self.text(text, 11, palette.MUTED, most=5)
        self.y += 4


def _figure(cell: Cell, language: str) -> str:
    span = words.interval(cell["low"], cell["high"], language, 0, share=True)
    return f"{words.percent(cell['value'], language)} {span}".strip()


def bars(panel: Panel, cells: Sequence[Cell], *, coloured: bool) -> None:
    """Draw shares as bars with their interval, each with its figure."""
    for cell in cells:
        told = _figure(cell, panel.language)
        took = width_of(told, 11.5)
        above = panel.width - took - 8 >= 0.4 * panel.width
        name = fitted(cell["text"], 12, panel.width - took - 8 if above else panel.width)
        said = f"{cell['text']}: {told}"
        panel.items.append(Words(panel.x, panel.y + 6, name, 12, anchor="start", said=said if name != cell["text"] else ""))  # fmt: skip
        if not above:
            panel.y += 16
        panel.items.append(Words(panel.x + panel.width, panel.y + 6, told, 11.5, palette.MUTED, anchor="end"))
        top, value = panel.y + 12, min(1.0, float(cell["value"]))
        fill = palette.CHANNEL.get(cell["key"], palette.NAVY) if coloured else palette.NAVY
        panel.items.append(Box(panel.x, top, panel.width, 9, palette.LANE, radius=3))
        panel.items.append(Box(panel.x, top, max(1.5, panel.width * value), 9, fill, radius=min(3, panel.width * value / 2), said=said))  # fmt: skip
        if known(cell["low"]):
            a, b = (panel.x + panel.width * min(1.0, max(0.0, float(cell[c]))) for c in ("low", "high"))
            mid = top + 4.5
            panel.items.append(Line(((a, mid), (b, mid)), palette.SOFT if coloured else palette.AMBER, 3))
            panel.items += [Line(((v, mid - 5.5), (v, mid + 5.5)), palette.INK, 1.5) for v in (a, b)]
        panel.y += 40
    panel.y -= 2


def strip(panel: Panel, steps: Sequence[Cell], more: str) -> None:
    """Draw touchpoints as a strip of chevrons, in as many lines as they need; the colour is that of the usual channel."""
    per = max(1, int((panel.width + 6) // 150))
    wide = min(190.0, panel.width / per)
    texts = [(s["text"], s["by"]) for s in steps] + ([(more, "")] if more else [])
    for i, (text, channel) in enumerate(texts):
        column = i % per
        if i and column == 0:
            panel.y += _ROW + 6
        x0, top = panel.x + column * wide, panel.y - 4
        x1 = x0 + wide - 3
        points = ((x0, top), (x1 - _TIP, top), (x1, top + _ROW / 2), (x1 - _TIP, top + _ROW), (x0, top + _ROW), (x0 + _TIP, top + _ROW / 2))  # fmt: skip
        fill = palette.CHANNEL.get(channel, palette.CHANNEL["other"]) if channel else palette.MUTED
        panel.items.append(Line(points, palette.CLEAR, 0, fill=fill, closed=True, said=text))
        lines = lines_of(text, 11.5, wide - 2 * _TIP - 12, 2)
        first = top + _ROW / 2 + 4 - 7.5 * (len(lines) - 1)
        ink = palette.ON_CHANNEL if channel else palette.PAPER
        panel.items += [
            Words((x0 + x1) / 2 + 2, first + 15 * j, line, 11.5, ink) for j, line in enumerate(lines)
        ]  # fmt: skip
    panel.y += _ROW + 14


def feelings(
    panel: Panel, cells: Sequence[Cell], expected: Sequence[Cell], low: float, high: float, digits: int
) -> None:
    """Draw a mean per stage with its interval and n; a dash is what was expected."""
    tall, left = 104.0, 26.0
    top = panel.y + 2
    bottom = top + tall
    inside = panel.width - left

    def at(value: Any) -> float:
        return bottom - tall * (min(high, max(low, float(value))) - low) / (high - low)

    for mark in (low, (low + high) / 2, high):
        panel.items.append(Line(((panel.x + left, at(mark)), (panel.x + panel.width, at(mark))), palette.RULE))
        text = words.number(mark, panel.language, 0 if mark == int(mark) else 1)
        panel.items.append(Words(panel.x + left - 6, at(mark) + 4, text, 11, palette.MUTED, anchor="end"))
    before = {c["by"]: c for c in expected}
    step = inside / len(cells)
    deepest = 0
    for i, cell in enumerate(sorted(cells, key=lambda c: c["place"])):
        x = panel.x + left + step * (i + 0.5)
        value = words.number(cell["value"], panel.language, digits)
        span = words.interval(cell["low"], cell["high"], panel.language, digits)
        said = f"{cell['text']}: {value} {span}, n = {words.number(cell['n'], panel.language)}"
        if known(cell["low"]):
            panel.items.append(Line(((x, at(cell["low"])), (x, at(cell["high"]))), palette.NAVY, 2))
            panel.items += [
                Line(((x - 5, at(cell[c])), (x + 5, at(cell[c]))), palette.NAVY, 2) for c in ("low", "high")
            ]
        ends = [at(cell[c]) for c in ("low", "high", "value") if known(cell[c])]
        if cell["by"] in before and known(before[cell["by"]]["value"]):
            level = at(before[cell["by"]]["value"])
            panel.items.append(Line(((x - 15, level), (x + 15, level)), palette.AMBER, 3))
            ends.append(level)
        panel.items.append(Circle(x, at(cell["value"]), 5.5, palette.NAVY, palette.PAPER, 1.5, said=said))
        above = min(ends) - 10 >= top + 4
        panel.items.append(Words(x, min(ends) - 10 if above else max(ends) + 19, value, 12, bold=True))
        names = lines_of(cell["text"], 11, step - 6, 3)
        told = [*names, f"n = {words.number(cell['n'], panel.language)}"]
        panel.items += [Words(x, bottom + 17 + 14 * j, fitted(t, 11, step - 2), 11, palette.MUTED) for j, t in enumerate(told)]  # fmt: skip
        deepest = max(deepest, len(told))
    panel.y = bottom + 17 + 14 * deepest + 10


def habits(panel: Panel, cells: Sequence[Cell]) -> None:
    """Write each habit with its figure and interval: beside each other where there is room, else each on a line."""
    tiles = panel.width >= 600
    wide = panel.width / max(1, len(cells))
    for i, cell in enumerate(cells):
        if cell["hidden"] or not known(cell["value"]):
            value, span = HIDDEN, ""
        elif cell["key"] == "contacts per year":
            value = words.number(cell["value"], panel.language, 1)
            span = words.interval(cell["low"], cell["high"], panel.language, 1)
        else:
            value = words.percent(cell["value"], panel.language)
            span = words.interval(cell["low"], cell["high"], panel.language, 0, share=True)
        if tiles:
            x = panel.x + i * wide
            panel.items += [
                Words(x, panel.y + 4, fitted(cell["text"], 11.5, wide - 10), 11.5, palette.MUTED, anchor="start"),
                Words(x, panel.y + 27, value, 18, bold=True, anchor="start"),
                Words(x, panel.y + 44, span, 11, palette.MUTED, anchor="start"),
            ]
            continue
        told = f"{value} {span}".strip()
        took = width_of(told, 12, bold=True)
        panel.items.append(Words(panel.x, panel.y + 6, fitted(cell["text"], 12, panel.width - took - 8), 12, palette.MUTED, anchor="start"))  # fmt: skip
        panel.items.append(Words(panel.x + panel.width, panel.y + 6, told, 12, bold=True, anchor="end"))
        panel.y += 21
    panel.y += 66 if tiles else 4
