"""A drawing of plain shapes and words, laid out in pixels, that several writers can put on paper.

The maps that people draw by hand are no charts: they are boxes, circles, lines and words in rows. A `Scene` holds
those, and is written as SVG with text as text, as a plotly figure, or as a slide whose shapes can be edited. Labels
come from data: they are text in each of them, never markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from math import cos, radians, sin
from typing import TYPE_CHECKING, Final

from cxmining.figures import palette
from cxmining.figures.labels import shown
from cxmining.figures.measure import lines_of, width_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["ILLEGAL", "SMALLEST", "Box", "Circle", "Curve", "Item", "Line", "Scene", "Words", "block"]

SMALLEST: Final = 11.0
"""No type is smaller, in pixels."""
# What XML 1.0 cannot hold, however it is escaped: one such character in a label, and the drawing does not open.
ILLEGAL: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Words:
    """A line of text; `x` is its start, middle or end by `anchor`, `y` its base line. Sizes are pixels.

    `turn` is by how many degrees it is turned clockwise around that point.
    """

    x: float
    y: float
    text: str
    size: float = 12
    colour: str = palette.INK
    bold: bool = False
    slanted: bool = False
    anchor: str = "middle"
    said: str = ""
    turn: float = 0


@dataclass(frozen=True)
class Box:
    """A rectangle from its upper left corner; `radius` rounds the corners, `said` is read out and shown on hover."""

    x: float
    y: float
    width: float
    height: float
    fill: str = palette.CLEAR
    line: str = palette.CLEAR
    thick: float = 0
    radius: float = 0
    said: str = ""


@dataclass(frozen=True)
class Circle:
    """A circle around its middle."""

    x: float
    y: float
    radius: float
    fill: str = palette.CLEAR
    line: str = palette.CLEAR
    thick: float = 0
    said: str = ""


@dataclass(frozen=True)
class Line:
    """A straight line through points, or with `closed` a polygon."""

    points: tuple[tuple[float, float], ...]
    colour: str = palette.RULE
    thick: float = 1
    dash: bool = False
    fill: str = palette.CLEAR
    closed: bool = False
    said: str = ""


@dataclass(frozen=True)
class Curve:
    """A Bézier curve from a point to a point, pulled towards two others; `tip` puts an arrow head at its end."""

    start: tuple[float, float]
    pull: tuple[tuple[float, float], tuple[float, float]]
    end: tuple[float, float]
    colour: str = palette.SOFT
    thick: float = 1.5
    dash: bool = False
    tip: bool = False
    said: str = ""


Item = Words | Box | Circle | Line | Curve


def block(
    text: str,
    x: float,
    y: float,
    width: float,
    *,
    size: float = 12,
    most: int = 3,
    colour: str = palette.INK,
    bold: bool = False,
    slanted: bool = False,
    anchor: str = "middle",
) -> list[Words]:
    """Set a text in lines of at most `width` pixels from base line `y` downwards; what is cut is said on hover.

    Examples
    --------
    >>> [(w.text, round(w.y)) for w in block("understand the invoice", 0, 20, 90)]
    [('understand', 20), ('the invoice', 35)]
    """
    lines = lines_of(text, size, width, most, bold=bold)
    cut = bool(lines) and lines[-1].endswith("…") and not text.endswith("…")
    return [
        Words(x, y + i * round(size * 1.28), line, size, colour, bold, slanted, anchor, text if cut else "")
        for i, line in enumerate(lines)
    ]


@dataclass(frozen=True, eq=False)
class Scene:
    """A drawing.

    Attributes
    ----------
    width, height : float
        Pixels.
    title : str
        What it shows; the name that is read out.
    items : tuple of Words, Box, Circle, Line, Curve
        In the order in which they are drawn.
    described : str
        What a screen reader says in place of the picture.
    """

    width: float
    height: float
    title: str
    items: tuple[Item, ...] = field(repr=False)
    described: str = field(default="", repr=False)

    def cut(self, x: float, width: float) -> Scene:
        """Return the part between two verticals: words that begin there, and shapes that reach into it."""
        inside = [i for i in self.items if _left(i) < x + width and (_left(i) >= x or _right(i) > x)]
        return Scene(width, self.height, self.title, tuple(_moved(i, -x) for i in inside), self.described)

    def to_svg(self, name: str = "") -> str:
        """Write it as SVG 1.1: text as text, in light and dark, with a title and what a screen reader says.

        Parameters
        ----------
        name : str, optional
            An id for what is drawn, by which other windows on it can show it again.

        Examples
        --------
        >>> drawn = Scene(90, 40, "a map", (Words(45, 20, "<b>&"),)).to_svg()
        >>> "&lt;b&gt;&amp;" in drawn, drawn.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
        (True, True)
        """
        w, h = _n(self.width), _n(self.height)
        body = "".join(_svg(item) for item in self.items)
        body = f'<g class="cx-scene" id="{escape(name)}">{body}</g>' if name else body
        said = f"<title>{escape(self.title)}</title>" + (
            f"<desc>{escape(self.described)}</desc>" if self.described else ""
        )
        drawn = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="cx-scene" role="img" aria-label="{escape(self.title)}" '
            f'viewBox="0 0 {w} {h}" width="{w}" height="{h}" font-family="{escape(palette.FONT)}">{said}'
            f"<style>{_style(self.items)}</style>"
            f'<rect class="{_name("f", palette.PAPER)}" width="{w}" height="{h}"/>{body}</svg>'
        )
        return ILLEGAL.sub("\ufffd", drawn)

    def to_html(self, sticky: float = 0, name: str = "") -> str:
        """Write it for a page: the SVG in a box that scrolls where the page is narrower.

        Parameters
        ----------
        sticky : float, default 0
            Pixels at the left that stay where they are while the rest scrolls.
        name : str, optional
            Ids ``name-left`` and ``name-right`` for the two parts of what is drawn.
        """
        look = 'role="region" tabindex="0" style="display:flex;overflow-x:auto;max-width:100%"'
        box = f'<div class="cx-scroll" aria-label="{escape(self.title)}" {look}>'
        if not sticky:
            # in a narrow page it scrolls; made smaller it could not be read
            return f'{box}<div style="flex:none">{self.to_svg()}</div></div>'
        left, right = self.cut(0, sticky), self.cut(sticky, self.width - sticky)
        # a page that is printed cannot scroll: it shares its width out by these
        wide, rest = (f"--wide:{_n(part.width)}" for part in (left, right))
        fixed = f'<div style="position:sticky;left:0;flex:none;z-index:1;{wide}">{left.to_svg(name and f"{name}-left")}</div>'
        moving = f'<div style="flex:none;{rest}">{right.to_svg(name and f"{name}-right")}</div>'
        return f"{box}{fixed}{moving}</div>"

    def figure(self) -> go.Figure:
        """Draw it with plotly: shapes and annotations, with what is said where the pointer stands."""
        import plotly.graph_objects as go

        shapes = [s for item in self.items for s in _shapes(item)]
        notes = [_note(item) for item in self.items if isinstance(item, Words)]
        spots = [(*_middle(item), item.said) for item in self.items if item.said]
        axis = {"visible": False, "fixedrange": True}
        layout = {
            "width": self.width, "height": self.height, "shapes": shapes, "annotations": notes,
            "xaxis": {**axis, "range": [0, self.width]}, "yaxis": {**axis, "range": [self.height, 0]},
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "plot_bgcolor": palette.PAPER, "paper_bgcolor": palette.PAPER,
            "font": {"family": palette.FONT, "color": palette.INK}, "dragmode": False, "showlegend": False,
        }  # fmt: skip
        points = {
            "type": "scatter", "mode": "markers", "x": [s[0] for s in spots], "y": [s[1] for s in spots],
            "marker": {"size": 18, "color": palette.CLEAR}, "hoverinfo": "text", "hovertext": [shown(s[2]) for s in spots],
        }  # fmt: skip
        return go.Figure({"data": [points], "layout": layout})

    def _repr_html_(self) -> str:
        return self.to_html()


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") or "0"


def _name(kind: str, colour: str) -> str:
    """A class per colour, so that the dark page can give it another: the same name in every picture of a page."""
    return kind + "".join(c for c in colour if c.isalnum())


def _style(items: Iterable[Item]) -> str:
    fills, lines = {palette.PAPER}, set()
    for item in items:
        if isinstance(item, Words):
            fills.add(item.colour)
        elif isinstance(item, Curve):
            lines.add(item.colour)
            fills |= {item.colour} if item.tip else set()
        else:
            fills.add(item.fill)
            lines.add(item.colour if isinstance(item, Line) else item.line)
    light = _rules(fills, lines, {}, ".cx-scene")
    # JupyterLab's theme decides where there is one, else what the reader's system asks for
    system, lab = (
        _rules(fills & set(palette.DARK), lines & set(palette.DARK), palette.DARK, where)
        for where in ('.cx-scene:not([data-jp-theme-light="true"] *)', '[data-jp-theme-light="false"] .cx-scene')
    )
    return f"{light}@media screen and (prefers-color-scheme:dark){{{system}}}@media screen{{{lab}}}"


def _rules(fills: set[str], lines: set[str], other: dict[str, str], where: str) -> str:
    def rule(kind: str, what: str, colour: str) -> str:
        value = other.get(colour, colour)
        return f"{where} .{_name(kind, colour)}{{{what}:{'none' if value == palette.CLEAR else value}}}"

    return "".join([*(rule("f", "fill", c) for c in sorted(fills)), *(rule("s", "stroke", c) for c in sorted(lines))])


def _svg(item: Item) -> str:
    said = f"<title>{escape(item.said)}</title>" if item.said else ""
    if isinstance(item, Words):
        look = f' text-anchor="{item.anchor}"' if item.anchor != "start" else ""
        look += ' font-weight="700"' if item.bold else ""
        look += ' font-style="italic"' if item.slanted else ""
        look += f' transform="rotate({_n(item.turn)} {_n(item.x)} {_n(item.y)})"' if item.turn else ""
        where = f'x="{_n(item.x)}" y="{_n(item.y)}" font-size="{_n(item.size)}"'
        return f'<text class="{_name("f", item.colour)}" {where}{look}>{escape(item.text, quote=False)}{said}</text>'
    if isinstance(item, Curve):
        (ax, ay), ((bx, by), (cx, cy)), (dx, dy) = item.start, item.pull, item.end
        d = f"M{_n(ax)} {_n(ay)}C{_n(bx)} {_n(by)} {_n(cx)} {_n(cy)} {_n(dx)} {_n(dy)}"
        path = (
            f'<path class="{_name("s", item.colour)}" d="{d}" fill="none"{_stroke(item.thick, item.dash)}>{said}</path>'
        )
        return path + (_svg(_tip(item)) if item.tip else "")
    if isinstance(item, Line):
        points = " ".join(f"{_n(x)},{_n(y)}" for x, y in item.points)
        kind = "polygon" if item.closed else "polyline"
        classes = f"{_name('s', item.colour)} {_name('f', item.fill)}"
        return f'<{kind} class="{classes}" points="{points}"{_stroke(item.thick, item.dash)}>{said}</{kind}>'
    classes = f"{_name('f', item.fill)} {_name('s', item.line)}"
    if isinstance(item, Circle):
        place = f'cx="{_n(item.x)}" cy="{_n(item.y)}" r="{_n(item.radius)}"'
        return f'<circle class="{classes}" {place}{_stroke(item.thick, False)}>{said}</circle>'
    place = f'x="{_n(item.x)}" y="{_n(item.y)}" width="{_n(max(0, item.width))}" height="{_n(max(0, item.height))}"'
    corner = f' rx="{_n(item.radius)}"' if item.radius else ""
    return f'<rect class="{classes}" {place}{corner}{_stroke(item.thick, False)}>{said}</rect>'


def _stroke(thick: float, dash: bool) -> str:
    gaps = f' stroke-dasharray="{_n(max(5, 2.2 * thick))} {_n(max(4, 1.4 * thick))}"' if dash else ""
    return f' stroke-width="{_n(thick)}"{gaps}'


def _tip(curve: Curve) -> Line:
    """An arrow head in the direction in which the curve arrives."""
    (cx, cy), (dx, dy) = curve.pull[1], curve.end
    far = max(((dx - cx) ** 2 + (dy - cy) ** 2) ** 0.5, 1e-6)
    ux, uy = (dx - cx) / far, (dy - cy) / far
    size = 5 + curve.thick
    back = (dx - ux * size, dy - uy * size)
    wide = size * 0.5
    points = ((dx, dy), (back[0] - uy * wide, back[1] + ux * wide), (back[0] + uy * wide, back[1] - ux * wide))
    return Line(points, palette.CLEAR, 0, fill=curve.colour, closed=True)


def _shapes(item: Item) -> list[dict[str, object]]:
    """Return an item as shapes of plotly; words are annotations and stand elsewhere."""
    if isinstance(item, Words):
        return []
    if isinstance(item, Circle):
        x, y, r = item.x, item.y, item.radius
        return [{"type": "circle", "x0": x - r, "x1": x + r, "y0": y - r, "y1": y + r, "fillcolor": item.fill, "line": {"color": item.line, "width": item.thick}}]  # fmt: skip
    if isinstance(item, Curve):
        (ax, ay), ((bx, by), (cx, cy)), (dx, dy) = item.start, item.pull, item.end
        path = f"M {_n(ax)},{_n(ay)} C {_n(bx)},{_n(by)} {_n(cx)},{_n(cy)} {_n(dx)},{_n(dy)}"
        line = {"color": item.colour, "width": item.thick, "dash": "dash" if item.dash else "solid"}
        own: dict[str, object] = {"type": "path", "path": path, "fillcolor": palette.CLEAR, "line": line}
        return [own, *(_shapes(_tip(item)) if item.tip else [])]
    if isinstance(item, Line):
        path = "M " + " L ".join(f"{_n(x)},{_n(y)}" for x, y in item.points) + (" Z" if item.closed else "")
        line = {"color": item.colour, "width": item.thick, "dash": "dash" if item.dash else "solid"}
        return [{"type": "path", "path": path, "fillcolor": item.fill, "line": line}]
    x, y, w, h = item.x, item.y, max(0.0, item.width), max(0.0, item.height)
    r = min(item.radius, w / 2, h / 2)
    path = (
        f"M {_n(x + r)},{_n(y)} L {_n(x + w - r)},{_n(y)} Q {_n(x + w)},{_n(y)} {_n(x + w)},{_n(y + r)} L {_n(x + w)},{_n(y + h - r)} "
        f"Q {_n(x + w)},{_n(y + h)} {_n(x + w - r)},{_n(y + h)} L {_n(x + r)},{_n(y + h)} Q {_n(x)},{_n(y + h)} {_n(x)},{_n(y + h - r)} "
        f"L {_n(x)},{_n(y + r)} Q {_n(x)},{_n(y)} {_n(x + r)},{_n(y)} Z"
    )
    return [{"type": "path", "path": path, "fillcolor": item.fill, "line": {"color": item.line, "width": item.thick}}]


def _note(item: Words) -> dict[str, object]:
    text = shown(item.text)
    text = f"<b>{text}</b>" if item.bold else f"<i>{text}</i>" if item.slanted else text
    # plotly turns a text around its middle: a turned one stands on that
    long = width_of(item.text, item.size, bold=item.bold) * {"start": 0.5, "middle": 0.0, "end": -0.5}[item.anchor]
    angle = radians(item.turn)
    turned = {
        "x": item.x + long * cos(angle), "y": item.y + long * sin(angle), "textangle": item.turn, "xanchor": "center",
        "yanchor": "middle", "yshift": 0,
    } if item.turn else {}  # fmt: skip
    return {
        "x": item.x, "y": item.y, "text": text, "showarrow": False, "yanchor": "bottom", "yshift": -round(item.size * 0.35),
        "xanchor": {"start": "left", "middle": "center", "end": "right"}[item.anchor], "borderpad": 0,
        "font": {"size": item.size, "color": item.colour}, **turned,
    }  # fmt: skip


def _points_of(item: Item) -> Sequence[tuple[float, float]]:
    if isinstance(item, Line):
        return item.points
    if isinstance(item, Curve):
        return (item.start, item.end)
    if isinstance(item, Box):
        return ((item.x, item.y), (item.x + item.width, item.y + item.height))
    return ((item.x, item.y),)


def _middle(item: Item) -> tuple[float, float]:
    points = _points_of(item)
    if isinstance(item, Line) and not item.closed and len(points) > 2:
        return points[len(points) // 2]  # on the line, where the pointer will be
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def _left(item: Item) -> float:
    return item.x - item.radius if isinstance(item, Circle) else min(x for x, _ in _points_of(item))


def _right(item: Item) -> float:
    if isinstance(item, Words):
        return item.x
    return item.x + item.radius if isinstance(item, Circle) else max(x for x, _ in _points_of(item))


def _moved(item: Item, by: float) -> Item:
    if isinstance(item, Line):
        return replace(item, points=tuple((x + by, y) for x, y in item.points))
    if isinstance(item, Curve):
        (ax, ay), ((bx, by_), (cx, cy)), (dx, dy) = item.start, item.pull, item.end
        return replace(item, start=(ax + by, ay), pull=((bx + by, by_), (cx + by, cy)), end=(dx + by, dy))
    return replace(item, x=item.x + by)
