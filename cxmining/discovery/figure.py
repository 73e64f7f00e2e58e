"""Models as pictures: steps and gateways from left to right, and the directly-follows map with frequency and time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.discovery.layered import Point, layered, place_net
from cxmining.discovery.layout import COMPACT, Box, Measures, place
from cxmining.discovery.net import PetriNet
from cxmining.discovery.tree import Tree
from cxmining.engine import END, START
from cxmining.errors import NotEnoughDataError
from cxmining.figures import Picture, palette, shown, wrapped

if TYPE_CHECKING:
    from cxmining.discovery.model import JourneyModel

__all__ = ["map_picture", "model_picture"]

_MOST_BOXES: Final = 400
"""Nodes that a person can still find something in, on a poster."""
_MOST_EDGES: Final = 60
"""Edges of a directly-follows map; the others are named below it."""
_WIDE: Final = Measures(34, 12, 10, (104, 38), (18, 18), (18, 18))
"""For nets, whose arrows need room between layers."""
_LETTER: Final = 6.1
"""Mean width of a letter at 11 px."""
_NODE: Final = (124.0, 50.0)
_END: Final = (18.0, 18.0)
_MARK: Final = {"exclusiveGateway": "×", "parallelGateway": "+"}


def model_picture(tree: Tree | None, net: PetriNet, title: str, note: str, chain: Sequence[str] = ()) -> Picture:
    """Return the picture of a model.

    Parameters
    ----------
    tree : Tree, optional
        Drawn as nested blocks when there is one.
    net : PetriNet
        Drawn in layers otherwise.
    title, note : str
    chain : sequence of str
        The filters, shown under the picture with the note.

    Raises
    ------
    NotEnoughDataError
        When it has more nodes than a picture can show.
    """
    boxes, flows = place_net(net, _WIDE) if tree is None else place(tree, COMPACT)
    if len(boxes) > _MOST_BOXES:
        raise NotEnoughDataError(
            f"the model has {len(boxes):,} nodes, a picture shows {_MOST_BOXES}: raise noise, lower coverage or exclude "
            "touchpoints, or open to_bpmn() in a modeller"
        )
    shapes: list[dict[str, Any]] = [_shape(box) for box in boxes if box.tag == "frame"]
    words: list[dict[str, Any]] = []
    for flow in flows:
        shapes.append(_path(flow.points, palette.SOFT, 1.3))
        shapes.append(_head(flow.points, palette.SOFT))
    for box in boxes:
        if box.tag != "frame":
            shapes.append(_shape(box))
        if box.again:
            words.append(_word(box.x + box.width - 8, box.y + 1, "↻", 14, palette.AMBER, background=True))
        (x, y), text = box.middle, _MARK.get(box.tag, "")
        if box.tag == "task":
            text = wrapped(box.label, int((box.width - 10) / _LETTER), 2 if box.height < 50 else 3)
        if text:
            words.append(_word(x, y, text, 11 if box.tag == "task" else 13))
    tasks = [box for box in boxes if box.tag == "task"]
    size = max(b.x + b.width for b in boxes), max(y for f in flows for _, y in f.points)
    size = size[0], max(size[1], *(b.y + b.height for b in boxes))
    said = []
    if any(box.skipped for box in boxes):
        said.append("Dashed: may be left out.")
    if any(box.again for box in boxes):
        said.append("↻: may be done again.")
    low = min(0.0, *(y for f in flows for _, y in f.points), *(b.y for b in boxes))
    data = [_hover([b.middle for b in tasks], [shown(b.label) for b in tasks])]
    summary = pd.DataFrame({"touchpoint": pd.Series([b.label for b in tasks], dtype="str")})
    return Picture(
        title,
        summary,
        {"data": data, "layout": _layout(title, size, low, shapes, words, [*chain, " ".join([*said, note])])},
    )


def map_picture(model: JourneyModel) -> Picture:
    """Return the directly-follows map: how often, and the median time between, at every arrow."""
    edges = model.edges
    assert edges is not None
    drawn = _few(edges)
    names = [START, *sorted({*drawn["source"], *drawn["target"]} - {START, END}), END]
    number = {name: i for i, name in enumerate(names)}
    events = edges.groupby("target")["n"].sum()
    sizes = [_END if name in (START, END) else _NODE for name in names]
    pairs = [(number[a], number[b]) for a, b in zip(drawn["source"], drawn["target"], strict=True)]
    at = layered(sizes, pairs, gap=(110, 32))
    strongest = float(drawn["n"].max())
    degree = [sum(v in pair for pair in pairs) for v in range(len(names))]
    shapes: list[dict[str, Any]] = []
    words: list[dict[str, Any]] = []
    points: list[Point] = []
    told: list[str] = []
    taken = [(x, y, w, h) for x, y, (w, h) in zip(at.x, at.y, sizes, strict=True)]
    for row, (a, b), bends in zip(drawn.to_dict("records"), pairs, at.bends, strict=True):
        line = _between((at.x[a], at.y[a]), sizes[a], (at.x[b], at.y[b]), sizes[b], bends, loop=a == b)
        width = 0.8 + 4.2 * (row["n"] / strongest) ** 0.5
        colour = palette.SOFT if at.x[b] > at.x[a] else palette.AMBER
        shapes += [_path(line, colour, round(width, 1)), _head(line, colour)]
        text = f"{row['n']:,}"
        if row["median_s"] == row["median_s"]:
            text += f"<br>{_span(row['median_s'])}"
        # Where many arrows meet, each is told at its other end.
        spot = _free_spot(line if degree[a] < degree[b] else line[::-1], text, taken, loop=a == b)
        words.append(_word(*spot, text, 10, palette.MUTED, background=True))
        points.append(spot)
        told.append(
            f"{shown(row['source'])} → {shown(row['target'])}<br>{row['n']:,} times ({row['share']:.0%} of what leaves), "
            f"{row['journeys']:,} {'journey' if row['journeys'] == 1 else 'journeys'}"
            + (f"<br>median {_span(row['median_s'])}, 9 of 10 within {_span(row['p90_s'])}" if "<br>" in text else "")
        )
    for name, (w, h), x, y in zip(names, sizes, at.x, at.y, strict=True):
        if name in (START, END):
            shapes.append(_ellipse(x, y, w, palette.NAVY if name == START else palette.PAPER))
            continue
        shapes.append(_rectangle(x - w / 2, y - h / 2, w, h))
        words.append(_word(x, y - 7, wrapped(name, int((w - 8) / _LETTER), 2), 11))
        words.append(_word(x, y + h / 2 - 8, f"{int(events.get(name, 0)):,}", 10, palette.MUTED))
        points.append((x, y))
        told.append(f"{shown(name)}<br>{int(events.get(name, 0)):,} arrivals shown")
    left = len(edges) - len(drawn)
    said = [*model.chain, model.note]
    if left:
        said.insert(
            len(model.chain),
            f"{len(drawn)} of {len(edges):,} edges are drawn, walked {drawn['n'].sum() / edges['n'].sum():.1%} as often as all.",
        )
    said.insert(len(model.chain), "At each arrow: how often, and the median time between; amber leads back.")
    width = max(x + s[0] / 2 for x, s in zip(at.x, sizes, strict=True))
    ends = [y for bends in at.bends for _, y in bends] + [y + s[1] / 2 for y, s in zip(at.y, sizes, strict=True)]
    layout = _layout(f"Who follows whom ({model.notion})", (width, max(ends)), -34, shapes, words, said)
    return Picture(layout["title"]["text"], drawn, {"data": [_hover(points, told)], "layout": layout})


def _few(edges: pd.DataFrame) -> pd.DataFrame:
    """Return the strongest edges, and those that hang the touchpoints they join between start and end."""
    if len(edges) <= _MOST_EDGES:
        return edges
    import numpy as np

    from cxmining.discovery.trim import shown_edges

    top = edges.head(_MOST_EDGES)
    names = sorted({*top["source"], *top["target"]} - {START, END})
    number = {name: i for i, name in enumerate(names)} | {START: -1, END: -1}
    inner = edges[edges["source"].isin([*names, START]) & edges["target"].isin([*names, END])].reset_index(drop=True)
    source = np.array([number[x] for x in inner["source"]], dtype=np.int64)
    target = np.array([number[x] for x in inner["target"]], dtype=np.int64)
    n = inner["n"].to_numpy()
    order = np.lexsort((target, source))
    keep = np.zeros(len(inner), dtype=bool)
    keep[order] = shown_edges(source[order], target[order], n[order], len(names), 1.0)
    keep[:1] = True
    rank = np.flatnonzero(~keep)[: max(_MOST_EDGES - int(keep.sum()), 0)]
    keep[rank] = True
    return inner[keep].reset_index(drop=True)


def _span(seconds: float) -> str:
    if seconds != seconds:
        return "–"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            value = seconds / size
            return f"{value:.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"
    return f"{seconds:.0f} s"


def _between(
    a: Point, size_a: tuple[float, float], b: Point, size_b: tuple[float, float], bends: Sequence[Point], *, loop: bool
) -> list[Point]:
    if loop:
        top = a[1] - size_a[1] / 2
        return [(a[0] - 14, top), (a[0] - 14, top - 20), (a[0] + 14, top - 20), (a[0] + 14, top)]
    side = 1 if b[0] > a[0] else -1
    # Ways back leave and arrive a little lower than ways on, so that two arrows between a pair stay two.
    shift = 0.0 if side > 0 else 12.0
    first = (a[0] + side * size_a[0] / 2, a[1] + min(shift, size_a[1] / 3))
    last = (b[0] - side * size_b[0] / 2, b[1] + min(shift, size_b[1] / 3))
    return [first, *bends, last]


def _free_spot(
    line: Sequence[Point], text: str, taken: list[tuple[float, float, float, float]], *, loop: bool
) -> Point:
    """Return where along the line a label hides least, as near to its beginning as may be, and take that place."""
    rows = text.split("<br>")
    w, h = 5.8 * max(len(r) for r in rows) + 4, 12.0 * len(rows) + 1
    total = sum(_far(p, q) for p, q in pairwise(line))
    best: tuple[float, Point] | None = None
    if loop:
        best = 0.0, (line[1][0] + 14, line[1][1] - h / 2 - 1)
    for step in range(0 if loop else int(max(total - 34, 1) // 6) + 1):
        x, y = _along(line, min(17 + 6 * step + w / 4, total / 2 if total < 40 else total))
        hidden = sum(
            max(0.0, min(x + w / 2, x2 + w2 / 2) - max(x - w / 2, x2 - w2 / 2))
            * max(0.0, min(y + h / 2, y2 + h2 / 2) - max(y - h / 2, y2 - h2 / 2))
            for x2, y2, w2, h2 in taken
        )
        if best is None or hidden < best[0]:
            best = hidden, (round(x, 1), round(y, 1))
        if not hidden:
            break
    assert best is not None
    taken.append((*best[1], w, h))
    return best[1]


def _along(line: Sequence[Point], way: float) -> Point:
    """Return the point so far along the line."""
    for p, q in pairwise(line):
        length = _far(p, q)
        if length >= way and length:
            return p[0] + (q[0] - p[0]) * way / length, p[1] + (q[1] - p[1]) * way / length
        way -= length
    return line[-1]


def _far(p: Point, q: Point) -> float:
    return float(((p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2) ** 0.5)


def _path(points: Sequence[Point], colour: str, width: float) -> dict[str, Any]:
    way = "M " + " L ".join(f"{x:g} {y:g}" for x, y in points)
    return {"type": "path", "path": way, "line": {"color": colour, "width": width}, "layer": "below"}


def _head(points: Sequence[Point], colour: str) -> dict[str, Any]:
    (x, y) = points[-1]
    before = next((p for p in reversed(points[:-1]) if p != points[-1]), (x - 1, y))
    length = _far(before, (x, y)) or 1.0
    dx, dy = (x - before[0]) / length, (y - before[1]) / length
    left, right = (x - 7 * dx - 3.5 * dy, y - 7 * dy + 3.5 * dx), (x - 7 * dx + 3.5 * dy, y - 7 * dy - 3.5 * dx)
    way = f"M {x:g} {y:g} L {left[0]:.1f} {left[1]:.1f} L {right[0]:.1f} {right[1]:.1f} Z"
    return {"type": "path", "path": way, "line": {"width": 0}, "fillcolor": colour, "layer": "below"}


def _shape(box: Box) -> dict[str, Any]:
    if box.tag in ("task", "frame"):
        shape = _rectangle(box.x, box.y, box.width, box.height)
        if box.tag == "frame":
            shape |= {"fillcolor": palette.CLEAR, "line": {"color": palette.SOFT, "width": 1}}
        if box.skipped:
            shape["line"]["dash"] = "4px,3px"
        return shape
    (x, y), w, h = box.middle, box.width, box.height
    if box.tag.endswith("Event"):
        return _ellipse(x, y, w, palette.NAVY if box.tag == "startEvent" else palette.PAPER)
    way = f"M {x - w / 2:g} {y:g} L {x:g} {y - h / 2:g} L {x + w / 2:g} {y:g} L {x:g} {y + h / 2:g} Z"
    line = {"color": palette.NAVY, "width": 1.2}
    return {"type": "path", "path": way, "line": line, "fillcolor": palette.PAPER, "layer": "below"}


def _rectangle(x: float, y: float, w: float, h: float) -> dict[str, Any]:
    return {
        "type": "rect", "x0": x, "y0": y, "x1": x + w, "y1": y + h, "fillcolor": palette.LANE,
        "line": {"color": palette.NAVY, "width": 1.2}, "layer": "below",
    }  # fmt: skip


def _ellipse(x: float, y: float, w: float, fill: str) -> dict[str, Any]:
    return {
        "type": "circle", "x0": x - w / 2, "y0": y - w / 2, "x1": x + w / 2, "y1": y + w / 2, "fillcolor": fill,
        "line": {"color": palette.NAVY, "width": 2}, "layer": "below",
    }  # fmt: skip


def _word(
    x: float, y: float, text: str, size: int, colour: str = palette.INK, *, background: bool = False
) -> dict[str, Any]:
    word: dict[str, Any] = {
        "x": x, "y": y, "text": text, "showarrow": False, "font": {"size": size, "color": colour}, "align": "center",
    }  # fmt: skip
    if background:
        word |= {"bgcolor": palette.PAPER, "borderpad": 0}
    return word


def _hover(points: Sequence[Point], told: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "x": [x for x, _ in points], "y": [y for _, y in points],
        "marker": {"size": 22, "color": palette.CLEAR}, "hovertext": list(told), "hoverinfo": "text",
        "showlegend": False,
    }  # fmt: skip


def _layout(
    title: str, size: Point, low: float, shapes: list[dict[str, Any]], words: list[dict[str, Any]], said: Sequence[str]
) -> dict[str, Any]:
    """One unit is one pixel, so that letters fit their boxes; the note stands below, in lines that fit."""
    margin, top = 20, 52
    width = max(size[0] + 2 * margin + 8, 720)
    lines = [line for text in said if text for line in wrapped(text, int((width - 2 * margin) / 5.6), 6).split("<br>")]
    below = 24 + 15 * len(lines)
    height = size[1] - low + 24
    note = {
        "xref": "paper", "yref": "paper", "x": 0, "y": 0, "xanchor": "left", "yanchor": "top", "yshift": -10,
        "text": "<br>".join(lines), "showarrow": False, "align": "left", "font": {"size": 10, "color": palette.MUTED},
    }  # fmt: skip
    axis = {"visible": False, "fixedrange": True}
    return {
        "title": {"text": shown(title), "x": 0, "xref": "paper", "xanchor": "left", "font": {"size": 15}},
        "width": round(width), "height": round(height + top + below),
        "margin": {"l": margin, "r": margin, "t": top, "b": below},
        "xaxis": {**axis, "range": [-4, width - 2 * margin - 4]}, "yaxis": {**axis, "range": [low + height - 12, low - 12]},
        "shapes": shapes, "annotations": [*words, note], "paper_bgcolor": palette.PAPER, "plot_bgcolor": palette.PAPER,
        "font": {"family": palette.FONT, "color": palette.INK}, "hovermode": "closest", "showlegend": False,
    }  # fmt: skip
