"""A chart in plotly's words as a drawing of shapes and words.

The charts that stay alive on a page are plotly's. To print one, to put it on a slide whose shapes can be edited, or to
keep it as SVG with text as text, no browser should be needed: what our charts use of plotly (bars, points, lines, bands,
intervals, stages above) is little, and is drawn here with the same colours and in the same places.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from typing import Any, Final

from cxmining.figures import palette
from cxmining.figures.measure import width_of
from cxmining.figures.scene import Box, Circle, Item, Line, Scene, Words
from cxmining.figures.ticks import nice_ticks

__all__ = ["scene_of"]

Spec = Mapping[str, Any]
_SYMBOLS: Final = {
    "triangle-up": ((0, -1.15), (1.0, 0.6), (-1.0, 0.6)), "triangle-down": ((0, 1.15), (1.0, -0.6), (-1.0, -0.6)),
    "square": ((-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)), "diamond": ((0, -1.2), (1.0, 0), (0, 1.2), (-1.0, 0)),
}  # fmt: skip


@dataclass(frozen=True)
class _Axis:
    """Where a number stands: from `at` (the low end) over `length` pixels, upwards where it is negative."""

    at: float
    length: float
    low: float
    high: float
    spec: Spec

    def of(self, value: Any) -> float:
        share = (float(value) - self.low) / ((self.high - self.low) or 1.0)
        return self.at + min(1.0, max(0.0, share)) * self.length


def scene_of(spec: Spec, title: str, described: str = "") -> Scene:
    """Draw a chart of bars, points, lines and bands.

    Parameters
    ----------
    spec : mapping
        ``data`` and ``layout`` in plotly's words, with width and height; labels in it are escaped.
    title : str
        The name that is read out.
    described : str
        What a screen reader says in place of it.

    Examples
    --------
    >>> chart = {"data": [{"type": "scatter", "mode": "markers", "x": [1], "y": [2]}],
    ...     "layout": {"width": 200, "height": 100, "xaxis": {"range": [0, 2]}, "yaxis": {"range": [0, 4]}}}
    >>> [(round(i.x), round(i.y)) for i in scene_of(chart, "one point").items if isinstance(i, Circle)]
    [(100, 50)]
    """
    chart = _Chart(spec)
    items = [*chart.shapes("below"), *chart.axes(), *chart.traces(), *chart.shapes("above"), *chart.notes()]
    return Scene(chart.width, chart.height, title, (*items, *chart.legend()), described)


class _Chart:
    def __init__(self, spec: Spec) -> None:
        self.data: Sequence[Spec] = list(spec["data"])
        self.layout: Spec = spec["layout"]
        margin = {"l": 0, "r": 0, "t": 0, "b": 0} | dict(self.layout.get("margin") or {})
        self.width, self.height = float(self.layout["width"]), float(self.layout["height"])
        self.left, self.top = float(margin["l"]), float(margin["t"])
        self.wide = max(1.0, self.width - self.left - margin["r"])
        self.tall = max(1.0, self.height - self.top - margin["b"])

    def axis(self, name: str) -> _Axis:
        """Return the axis that a trace calls ``x``, ``y2`` and so on."""
        spec: Spec = self.layout.get(f"{name[0]}axis{name[1:]}") or {}
        first, last = spec.get("domain") or (0, 1)
        low, high = spec.get("range") or (0, 1)
        if name[0] == "x":
            return _Axis(self.left + first * self.wide, (last - first) * self.wide, low, high, spec)
        return _Axis(self.top + (1 - first) * self.tall, -(last - first) * self.tall, low, high, spec)

    def x(self, ref: str, value: Any) -> float:
        """Return where a value of what plotly calls a reference stands: of the paper, an axis, or its domain."""
        if ref == "paper":
            return self.left + float(value) * self.wide
        axis = self.axis(ref.split()[0])
        return axis.at + float(value) * axis.length if ref.endswith("domain") else axis.of(value)

    def y(self, ref: str, value: Any) -> float:
        if ref == "paper":
            return self.top + (1 - float(value)) * self.tall
        axis = self.axis(ref.split()[0])
        return axis.at + float(value) * axis.length if ref.endswith("domain") else axis.of(value)

    # axes

    def axes(self) -> list[Item]:
        items: list[Item] = []
        for key in (k for k in self.layout if re.fullmatch(r"[xy]axis\d*", k)):
            if self.layout[key].get("visible", True):
                items += self._axis(key[0] + key[5:])
        return items

    def _axis(self, name: str) -> list[Item]:
        axis, across = self.axis(name), name[0] == "x"
        spec = axis.spec
        other = spec.get("anchor") or ("y" if across else "x")
        if other == "free":
            place = self.y("paper", spec.get("position", 0)) if across else self.x("paper", spec.get("position", 0))
        else:
            place = self.axis(other).at
        against = self.axis(other) if other != "free" else _Axis(place, -self.tall if across else self.wide, 0, 1, {})
        items: list[Item] = []

        def line(at: float, colour: str, thick: float) -> Line:
            ends = (against.at, against.at + against.length)
            return Line(tuple((at, e) if across else (e, at) for e in ends), colour, thick)

        ticks = self._ticks(axis)
        if spec.get("showgrid", True):
            items += [line(axis.of(v), str(spec.get("gridcolor", palette.RULE)), 1) for v, _ in ticks]
        if spec.get("zeroline", False) and axis.low <= 0 <= axis.high:
            items.append(line(axis.of(0), str(spec.get("zerolinecolor", palette.MUTED)), 1))
        font = spec.get("tickfont") or {}
        size, colour = float(font.get("size", 12)), str(font.get("color", palette.INK))
        turn, off = float(spec.get("tickangle") or 0), 6.0 + float(spec.get("ticklabelstandoff") or 0)
        for value, text in ticks:
            at, lines = axis.of(value), _lines(text)
            for i, (words, bold) in enumerate(lines):
                if across and turn:
                    drop = 4 + i * 13  # a second line stands beside the first
                    items.append(Words(at + 4 + drop * 0.7, place + off + 6 + drop * 0.7, words, size, colour, bold, anchor="end", turn=turn))  # fmt: skip
                elif across:
                    items.append(Words(at, place + off + size + i * size * 1.3, words, size, colour, bold))
                else:
                    y = at + size * 0.35 + (i - (len(lines) - 1) / 2) * size * 1.3
                    items.append(Words(place - off, y, words, size, colour, bold, anchor="end"))
        return items + self._title(axis, across, place, off, ticks)

    def _title(self, axis: _Axis, across: bool, place: float, off: float, ticks: Sequence[tuple[float, str]]) -> list[Item]:  # fmt: skip
        title = axis.spec.get("title") or {}
        if not title.get("text"):
            return []
        font = title.get("font") or {}
        size, colour = float(font.get("size", 12)), str(font.get("color", palette.MUTED))
        words = _plain(title["text"])
        if across:
            return [Words(axis.at + axis.length / 2, place + off + 36, words, size, colour)]
        widest = max((width_of(t, 12) for _, text in ticks for t, _ in _lines(text)), default=0.0)
        x = max(size + 2, place - off - widest - float(title.get("standoff", 8)))
        return [Words(x, axis.at + axis.length / 2, words, size, colour, turn=-90)]

    def _ticks(self, axis: _Axis) -> list[tuple[float, str]]:
        spec = axis.spec
        if "tickvals" in spec:
            return [(float(v), str(t)) for v, t in zip(spec["tickvals"], spec["ticktext"], strict=True)]
        if spec.get("dtick"):
            first, step = float(spec.get("tick0", 0)), float(spec["dtick"])
            values, at = [], first
            while at <= axis.high + 1e-9:
                values += [at] if at >= axis.low - 1e-9 else []
                at += step
        else:
            form = str(spec.get("tickformat", ""))
            room = max(width_of(self._number(v, [axis.low, axis.high], form), 12) for v in (axis.low, axis.high)) + 12
            most = int(spec.get("nticks") or 6)
            values = nice_ticks(
                axis.low, axis.high, max(2, min(most, int(axis.length / room))) if axis.length > 0 else most
            )
        return [(v, self._number(v, values, str(spec.get("tickformat", "")))) for v in values]

    def _number(self, value: float, others: Sequence[float], form: str) -> str:
        if form.endswith("%"):
            return f"{100 * value:.0f}%"
        steps = [abs(b - a) for a, b in pairwise(others)]
        digits = 0 if all(float(v).is_integer() for v in others) else 1 if min(steps, default=1.0) >= 0.099 else 2
        text = f"{value:.{digits}f}".replace("-", "\u2212")
        return text.replace(".", str(self.layout.get("separators", ".,"))[0])

    # marks

    def traces(self) -> list[Item]:
        return [item for trace in self.data for item in self._trace(trace)]

    def _trace(self, trace: Spec) -> list[Item]:
        x, y = self.axis(trace.get("xaxis") or "x"), self.axis(trace.get("yaxis") or "y")
        if trace["type"] == "bar":
            return self._bars(trace, x, y)
        points = [
            (x.of(a), y.of(b)) for a, b in zip(trace["x"], trace["y"], strict=True) if a is not None and b is not None
        ]
        mode, line = str(trace.get("mode", "")), trace.get("line") or {}
        items: list[Item] = []
        if trace.get("fill") == "toself" and points:
            return [Line(tuple(points), palette.CLEAR, 0, fill=str(trace["fillcolor"]), closed=True)]
        if "lines" in mode and len(points) > 1:
            items.append(Line(tuple(points), str(line.get("color", palette.NAVY)), float(line.get("width", 2)), line.get("dash", "solid") != "solid"))  # fmt: skip
        if "text" in mode:
            font = trace.get("textfont") or {}
            inks = font.get("color", palette.INK)
            size = float(font.get("size", 12))
            for i, ((a, b), text) in enumerate(zip(points, trace["text"], strict=True)):
                ink = inks if isinstance(inks, str) else inks[i]
                items += [Words(a, b + size * 0.35, words, size, ink, bold) for words, bold in _lines(str(text))]
        if "markers" in mode:
            items += self._marks(trace, x, y, points)
        return items

    def _marks(self, trace: Spec, x: _Axis, y: _Axis, points: Sequence[tuple[float, float]]) -> list[Item]:
        marker = trace.get("marker") or {}
        edge = marker.get("line") or {}
        colour, symbol = str(marker.get("color", palette.NAVY)), str(marker.get("symbol", "circle"))
        said = trace.get("hovertext") or [""] * len(points)
        items: list[Item] = self._reach(trace, "error_y", points, y)
        for i, ((a, b), words) in enumerate(zip(points, said, strict=True)):
            size = marker.get("size", 8)
            r = float(size if isinstance(size, int | float) else size[i]) / 2
            told = _plain(str(words).replace("<br>", " \u00b7 "))
            if symbol == "line-ew-open":
                items.append(Line(((a - r, b), (a + r, b)), colour, float(edge.get("width", 2)), said=told))
            elif symbol in _SYMBOLS:
                corners = tuple((a + dx * r, b + dy * r) for dx, dy in _SYMBOLS[symbol])
                items.append(Line(corners, palette.PAPER, float(edge.get("width", 1)), False, colour, True, told))
            else:
                items.append(Circle(a, b, r, colour, palette.PAPER, float(edge.get("width", 1)), told))
        return items

    def _bars(self, trace: Spec, x: _Axis, y: _Axis) -> list[Item]:
        items: list[Item] = []
        marker = trace.get("marker") or {}
        colours = marker.get("color", palette.NAVY)
        said = trace.get("hovertext") or [""] * len(trace["x"])
        deep = abs(y.length) / ((y.high - y.low) or 1.0) * float(trace.get("width", 0.7))
        points = []
        for i, (value, at, words) in enumerate(zip(trace["x"], trace["y"], said, strict=True)):
            colour = colours if isinstance(colours, str) else colours[i]
            from_, to = x.of(0), x.of(value)
            told = _plain(str(words).replace("<br>", " \u00b7 "))
            items.append(Box(min(from_, to), y.of(at) - deep / 2, abs(to - from_), deep, colour, said=told))
            points.append((to, y.of(at)))
        return items + self._reach(trace, "error_x", points, x)

    def _reach(self, trace: Spec, key: str, points: Sequence[tuple[float, float]], axis: _Axis) -> list[Item]:
        """Draw intervals; what runs out of the picture ends at its edge without a cap."""
        error = trace.get(key)
        if not error:
            return []
        items: list[Item] = []
        values = trace["y" if key == "error_y" else "x"]
        colour, thick, cap = str(error["color"]), float(error.get("thickness", 2)), float(error.get("width", 4))
        for (a, b), value, up, down in zip(points, values, error["array"], error["arrayminus"], strict=True):
            ends = (float(value) - float(down), float(value) + float(up))
            low, high = (axis.of(e) for e in ends)
            bars: list[tuple[tuple[float, float], tuple[float, float]]]
            bars = [((a, low), (a, high))] if key == "error_y" else [((low, b), (high, b))]
            for end, at in zip(ends, (low, high), strict=True):
                if axis.low <= end <= axis.high:
                    bars.append(((a - cap, at), (a + cap, at)) if key == "error_y" else ((at, b - cap), (at, b + cap)))
            items += [Line(bar, colour, thick) for bar in bars]
        return items

    # what stands around them

    def shapes(self, layer: str) -> list[Item]:
        found = [s for s in self.layout.get("shapes") or () if s.get("layer", "above") == layer]
        return [self._shape(s) for s in found]

    def _shape(self, shape: Spec) -> Item:
        line, fill = shape.get("line") or {}, str(shape.get("fillcolor", palette.CLEAR))
        across, up = shape.get("xref", "x"), shape.get("yref", "y")
        if shape["type"] == "path":
            pairs = re.findall(r"[ML] ?(-?[\d.e-]+),(-?[\d.e-]+)", shape["path"])
            points = tuple((self.x(across, a), self.y(up, b)) for a, b in pairs)
            return Line(points, palette.CLEAR, 0, fill=fill, closed=True)
        (x0, x1), (y0, y1) = (
            (self.x(across, shape[f"x{i}"]) for i in (0, 1)),
            (self.y(up, shape[f"y{i}"]) for i in (0, 1)),
        )
        if shape["type"] == "rect":
            return Box(min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0), fill)
        return Line(((x0, y0), (x1, y1)), str(line.get("color", palette.MUTED)), float(line.get("width", 1)), line.get("dash", "solid") != "solid")  # fmt: skip

    def notes(self) -> list[Item]:
        return [item for note in self.layout.get("annotations") or () for item in self._note(note)]

    def _note(self, note: Spec) -> list[Item]:
        font = note.get("font") or {}
        size, colour = float(font.get("size", 12)), str(font.get("color", palette.INK))
        lines = _lines(str(note["text"]))
        x = self.x(note.get("xref", "x"), note["x"]) + float(note.get("xshift", 0))
        y = self.y(note.get("yref", "y"), note["y"]) - float(note.get("yshift", 0))
        high = size * 1.3 * len(lines)
        top = {"top": y + 1, "bottom": y - high - 1}.get(note.get("yanchor", "middle"), y - high / 2)
        anchor = {"left": "start", "right": "end"}.get(note.get("xanchor", "center"), "middle")
        if anchor == "middle" and note.get("align") == "left":
            anchor = "start"
            x -= max(width_of(t, size, bold=b) for t, b in lines) / 2
        return [
            Words(x, top + size * (1.0 + 1.3 * i), words, size, colour, bold, anchor=anchor)
            for i, (words, bold) in enumerate(lines)
        ]

    def legend(self) -> list[Item]:
        if not self.layout.get("showlegend"):
            return []
        at: Spec = self.layout.get("legend") or {}
        x, y = self.x("paper", at.get("x", 0)), self.y("paper", at.get("y", 1)) - 12
        items: list[Item] = []
        for trace in (t for t in self.data if t.get("showlegend", True) and t.get("name")):
            name, colour = _plain(str(trace["name"])), str((trace.get("marker") or {}).get("color", palette.NAVY))
            items += [Circle(x + 8, y, 4.5, colour), Words(x + 18, y + 4, name, 12, palette.INK, anchor="start")]
            x += 34 + width_of(name, 12)
        return items


def _lines(text: str) -> list[tuple[str, bool]]:
    """Return the lines of a text of plotly, and whether each is bold."""
    whole = text.startswith("<b>") and text.endswith("</b>")
    return [(_plain(part), whole or part.startswith("<b>")) for part in text.split("<br>")]


def _plain(text: str) -> str:
    """Return the text without plotly's own markup; what is escaped in it is a label, and stays text."""
    return unescape(re.sub(r"</?[bi]>|<br>", "", text))
