"""The difference map: where two groups go, with colour only where they differ beyond chance."""

from __future__ import annotations

import math
from collections.abc import Iterable
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.engine import END, START
from cxmining.figures import Picture, palette, shown, wrapped
from cxmining.journeys.rows import records_of, rows_of
from cxmining.journeys.staging.stages import UNKNOWN
from cxmining.schema import STAGES

if TYPE_CHECKING:
    from cxmining.journeys.comparing.compare import GroupComparison

__all__ = ["caption", "difference_map"]

WIDTH: Final = 1400
PITCH: Final = 92
TOP: Final = 104
MOST_NODES: Final = 42
MOST_GREY: Final = 40
MOST_COLOURED: Final = 40
MOST_LABELS: Final = 16
ROWS: Final = 7

Spot = tuple[float, float]


def difference_map(found: GroupComparison) -> Picture:
    """Make the picture of the difference map.

    Touchpoints stand in the columns of their stages (without stages: by their mean place in the journey). An edge
    is blue where more journeys of group a walk it and orange where more of group b do, as wide as the difference, if
    that survives correction; else grey. A touchpoint's border is coloured by the same rule.
    """
    nodes = found.nodes[found.nodes["measure"] == "share"]
    edges = found.edges[found.edges["measure"] == "share"]
    kept = _kept(nodes, found.places)
    spots, bands, rows, box = _spots(found.places[found.places["touchpoint"].isin(kept)])
    height = TOP + rows * PITCH + 40
    usable = edges[edges["source"].isin(spots) & edges["target"].isin(spots)]
    coloured = usable[usable["shown"]]
    coloured = coloured.reindex(coloured["difference"].abs().sort_values(ascending=False, kind="stable").index)
    drawn = coloured.head(MOST_COLOURED)
    grey = usable[~usable["shown"]].assign(pooled=lambda t: t["n_a"] + t["n_b"])
    grey = grey.sort_values(["pooled", "source", "target"], ascending=[False, True, True]).head(MOST_GREY)
    shapes, marks, labels = _edges(grey, drawn, spots, box)
    shapes += _boxes(nodes, spots, box)
    names, hover = _labels(nodes, spots, box, found.names)
    said = _said(found, nodes, edges, len(kept), len(coloured), len(drawn))
    foot = caption(found)
    lines = [*said, *foot]
    layout: dict[str, Any] = {
        "width": WIDTH, "height": height + 17 * len(lines) + 24, "showlegend": True,
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "plot_bgcolor": palette.CLEAR, "paper_bgcolor": palette.PAPER,
        "font": {"family": palette.FONT, "size": 12, "color": palette.INK},
        "xaxis": {"range": [0, WIDTH], "visible": False, "fixedrange": True},
        "yaxis": {"range": [height + 17 * len(lines) + 24, 0], "visible": False, "fixedrange": True},
        "hoverlabel": {"bgcolor": palette.PAPER, "bordercolor": palette.MUTED, "font": {"color": palette.INK, "size": 12}},
        "legend": {"orientation": "h", "x": 0.014, "y": 1 - 34 / (height + 17 * len(lines) + 24), "yanchor": "top", "bgcolor": palette.CLEAR},
        "shapes": shapes, "hovermode": "closest", "dragmode": False,
        "annotations": [
            _text(20, 20, f"<b>How {shown(found.names[0])} and {shown(found.names[1])} travel differently</b>", 17, palette.INK, "left"),
            *(_text(x, TOP - 22, f"<b>{shown(name)}</b>", 13, palette.MUTED, "center") for name, x in bands),
            *names, *labels,
            *(_text(20, height + 17 * i, shown(line), 12, palette.MUTED, "left") for i, line in enumerate(lines)),
        ],
    }  # fmt: skip
    data = [*_legend(found.names), marks, hover]
    return Picture("difference map", found.summary, {"data": data, "layout": layout})


def caption(found: GroupComparison, width: int = 200) -> list[str]:
    """Say under a picture how many there are of each group, what a journey is, and which filters made them."""
    lines = []
    for name, size, chain in zip(found.names, rows_of(found.sizes), found.chains, strict=True):
        made = f"; {'; '.join(chain)}" if chain else ""
        lines += wrap(f"{name}: n = {size.journeys:,} journeys of {size.customers:,} customers{made}", width)
    both = f"; {found.shared_customers:,} customers in both" if found.shared_customers else ""
    test = str(found.test)
    return [*lines, *wrap(f"Journeys by {found.notion}{both}. {test[0].upper()}{test[1:]}.", width)]


def _said(
    found: GroupComparison, nodes: pd.DataFrame, edges: pd.DataFrame, kept: int, coloured: int, drawn: int
) -> list[str]:
    tested = int(nodes["tested"].sum() + edges["tested"].sum())
    hits = int(nodes["shown"].sum() + edges["shown"].sum())
    text = (
        f"{hits:,} of {tested:,} tested shares of journeys differ (false discovery rate {1 - found.level:.0%}, "
        "clustered by customer); numbers at edges: difference in percentage points. Associated, not caused."
    )
    if kept < len(nodes):
        text += f" The {kept} touchpoints that differ or are met most are drawn, of {len(nodes):,}."
    if drawn < coloured:
        text += f" The {drawn} largest differences of edges are drawn, of {coloured:,}."
    return wrap(text, 200)


def _kept(nodes: pd.DataFrame, places: pd.DataFrame) -> list[str]:
    events = places.set_index("touchpoint")["events"]
    order = nodes.assign(events=nodes["touchpoint"].map(events), size=nodes["difference"].abs() * nodes["shown"])
    order = order.sort_values(["size", "events", "touchpoint"], ascending=[False, False, True])
    return [str(t) for t in order["touchpoint"].head(MOST_NODES)]


def _spots(places: pd.DataFrame) -> tuple[dict[str, Spot], list[tuple[str, float]], int, Spot]:
    """Give every touchpoint the middle of its box, in pixels; return also the stages' names, rows and box size."""
    stages = [s for s in (*STAGES, UNKNOWN) if (places["stage"] == s).any()]
    named = stages != [UNKNOWN]
    columns: list[tuple[str, list[str]]] = []
    for stage in stages:
        mine = places[places["stage"] == stage].sort_values(["place", "touchpoint"])
        names = [str(t) for t in mine["touchpoint"]]
        many = max(1, math.ceil(len(names) / ROWS)) if named else max(1, min(6, math.ceil(len(names) / 3)))
        events = mine.set_index("touchpoint")["events"]
        for part in np.array_split(np.array(names, dtype=object), many):
            busiest = sorted((str(t) for t in part), key=lambda t: (-events[t], t))
            # The busiest in the middle: what everyone passes has short ways to all else.
            columns.append((stage, [*busiest[1::2][::-1], *busiest[::2]]))
    pitch = (WIDTH - 150) / len(columns)
    rows = max(len(names) for _, names in columns)
    spots: dict[str, Spot] = {}
    middle = TOP + rows * PITCH / 2
    at: dict[str, list[float]] = {}
    for i, (stage, names) in enumerate(columns):
        x = 75 + pitch * (i + 0.5)
        at.setdefault(stage, []).append(x)
        # Neighbouring columns stand half a step apart where there is room, so that edges do not run behind boxes.
        top = middle - len(names) * PITCH / 2 + (PITCH * 0.25 if i % 2 and len(names) < rows else 0)
        for k, name in enumerate(names):
            spots[name] = (x, top + PITCH * (k + 0.5))
    spots[START], spots[END] = (38, middle), (WIDTH - 38, middle)
    bands = [(s if s != UNKNOWN else "no stage", sum(x) / len(x)) for s, x in at.items()] if named else []
    return spots, bands, rows, (min(150, pitch - 38), 56)


def _edges(
    grey: pd.DataFrame, drawn: pd.DataFrame, spots: dict[str, Spot], box: Spot
) -> tuple[list[dict[str, Any]], dict[str, Any], list[dict[str, Any]]]:
    shapes: list[dict[str, Any]] = []
    labels: list[dict[str, Any]] = []
    spots_of: list[tuple[float, float, str]] = []
    taken = [(at, (box[0] / 2, box[1] / 2)) for at in spots.values()]
    most = float(drawn["difference"].abs().max()) if len(drawn) else 1.0
    for r in rows_of(grey):
        path, curve, head = _path(str(r.source), str(r.target), spots, box, 4)
        shapes += [_line(path, palette.RULE, 1.1), _line(head, palette.RULE, 0, fill=True)]
        spots_of.append((*curve[0], _hover(r)))
    lines: list[dict[str, Any]] = []
    for i, r in enumerate(rows_of(drawn)):
        size = abs(float(r.difference)) / most
        colour = palette.BLUE if r.difference > 0 else palette.AMBER
        path, curve, head = _path(str(r.source), str(r.target), spots, box, 5 + 6 * size)
        lines += [_line(head, colour, 0, fill=True), _line(path, colour, 1.3 + 6 * size)]
        free = next((at for at in curve if _is_free(at, taken)), None) if i < MOST_LABELS else None
        middle = free or curve[0]
        spots_of.append((*middle, _hover(r)))
        if free:  # a number that would cover a name is left to the hover text
            points = f"{100 * r.difference:+.0f}" if abs(r.difference) >= 0.01 else f"{100 * r.difference:+.1f}"
            note = _text(middle[0], middle[1], points.replace("-", "−"), 12, colour, "center")
            labels.append({**note, "bgcolor": palette.PAPER, "borderpad": 1})
            taken.append((middle, (15, 9)))
    shapes += lines[::-1]  # the largest on top
    marks = {"type": "scatter", "mode": "markers", "x": [m[0] for m in spots_of], "y": [m[1] for m in spots_of],
             "hovertext": [m[2] for m in spots_of], "hoverinfo": "text", "marker": {"size": 14, "color": palette.CLEAR}, "showlegend": False}  # fmt: skip
    return shapes, marks, labels


def _hover(r: Any) -> str:
    end = f"<br>q = {r.q:.2g}" if r.tested else "<br>not tested: too few customers"
    return (
        f"{shown(r.source)} → {shown(r.target)}<br>{r.a:.1%} of journeys against {r.b:.1%}<br>difference "
        f"{100 * r.difference:+.1f} points [{100 * r.low:.1f}, {100 * r.high:.1f}]<br>n = {r.n_a:,} and {r.n_b:,}{end}"
    )


def _is_free(at: Spot, taken: list[tuple[Spot, Spot]]) -> bool:
    return all(abs(at[0] - x) > w + 16 or abs(at[1] - y) > h + 10 for (x, y), (w, h) in taken)


def _path(source: str, target: str, spots: dict[str, Spot], box: Spot, head: float) -> tuple[str, list[Spot], str]:
    """Return the curve in SVG's words, places on it from the middle outwards, and its arrowhead."""
    (x0, y0), (x1, y1) = spots[source], spots[target]
    if source == target:
        x, y = x0 + box[0] / 2 - 14, y0 - box[1] / 2
        tip = (x + 12, y)
        return (
            f"M {x - 12:.1f},{y:.1f} C {x - 16:.1f},{y - 26:.1f} {x + 16:.1f},{y - 26:.1f} {tip[0]:.1f},{tip[1]:.1f}",
            [(x + d, y - 19) for d in (0, 20, -20)], _arrow(tip, (0.15, 1.0), head),
        )  # fmt: skip
    dx, dy = x1 - x0, y1 - y0
    length = math.hypot(dx, dy)
    bend = 0.16 if dx > 0 else 0.26  # backwards leans further out
    if abs(dx) < 1 and length > 1.5 * PITCH:
        bend = (box[0] + 24) / length  # beside the boxes between the two, not behind them
    cx, cy = (x0 + x1) / 2 - dy * bend, (y0 + y1) / 2 + dx * bend
    start = _border((x0, y0), (cx, cy), source, box)
    tip = _border((x1, y1), (cx, cy), target, box)
    along = (tip[0] - cx, tip[1] - cy)
    norm = math.hypot(*along) or length
    unit = (along[0] / norm, along[1] / norm)
    stop = (tip[0] - unit[0] * head, tip[1] - unit[1] * head)
    curve = [
        tuple((1 - t) ** 2 * p + 2 * t * (1 - t) * c + t**2 * q for p, c, q in zip(start, (cx, cy), tip, strict=True))
        for t in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82)
    ]
    path = f"M {start[0]:.1f},{start[1]:.1f} Q {cx:.1f},{cy:.1f} {stop[0]:.1f},{stop[1]:.1f}"
    return path, [(x, y) for x, y in curve], _arrow(tip, unit, head)


def _arrow(tip: Spot, unit: Spot, size: float) -> str:
    (x, y), (u, v) = tip, unit
    back = (x - u * size * 1.6, y - v * size * 1.6)
    return (
        f"M {x:.1f},{y:.1f} L {back[0] - v * size * 0.8:.1f},{back[1] + u * size * 0.8:.1f} "
        f"L {back[0] + v * size * 0.8:.1f},{back[1] - u * size * 0.8:.1f} Z"
    )


def _border(centre: Spot, towards: Spot, name: str, box: Spot) -> Spot:
    """Where the line from the centre towards a point leaves the box."""
    w, h = (26.0, 16.0) if name in (START, END) else (box[0] / 2, box[1] / 2)
    dx, dy = towards[0] - centre[0], towards[1] - centre[1]
    scale = min(w / abs(dx) if dx else math.inf, h / abs(dy) if dy else math.inf)
    return centre[0] + dx * scale, centre[1] + dy * scale


def _boxes(nodes: pd.DataFrame, spots: dict[str, Spot], box: Spot) -> list[dict[str, Any]]:
    shapes = []
    rows = {r["touchpoint"]: r for r in records_of(nodes)}
    for name, (x, y) in spots.items():
        w, h = (26.0, 16.0) if name in (START, END) else (box[0] / 2, box[1] / 2)
        colour, width = palette.SOFT, 1.0
        if name in rows and rows[name]["shown"]:
            colour = palette.BLUE if rows[name]["difference"] > 0 else palette.AMBER
            width = 3.0
        shapes.append(
            {"type": "rect", "xref": "x", "yref": "y", "x0": x - w, "x1": x + w, "y0": y - h, "y1": y + h, "layer": "below",
             "fillcolor": palette.LANE, "line": {"color": colour, "width": width}}
        )  # fmt: skip
    return shapes


def _labels(
    nodes: pd.DataFrame, spots: dict[str, Spot], box: Spot, names: tuple[str, str]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    notes, x, y, text = [], [], [], []
    rows = {r["touchpoint"]: r for r in records_of(nodes)}
    for name, (cx, cy) in spots.items():
        if name in (START, END):
            notes.append(_text(cx, cy, name, 12, palette.MUTED, "center"))
            continue
        row = rows[name]
        colour = (palette.BLUE if row["difference"] > 0 else palette.AMBER) if row["shown"] else palette.MUTED
        notes.append(_text(cx, cy - 8, wrapped(name, max(8, int(box[0] / 7)), 2), 12, palette.INK, "center"))
        notes.append(_text(cx, cy + 17, f"{row['a']:.0%} : {row['b']:.0%}", 11, colour, "center"))
        x.append(cx)
        y.append(cy)
        text.append(
            f"{shown(name)}<br>{shown(names[0])} {row['a']:.1%}, {shown(names[1])} {row['b']:.1%} of journeys<br>"
            f"difference {100 * row['difference']:+.1f} points [{100 * row['low']:.1f}, {100 * row['high']:.1f}]<br>"
            f"n = {row['n_a']:,} and {row['n_b']:,}"
            + (f"<br>q = {row['q']:.2g}" if row["tested"] else "<br>not tested: too few customers")
        )
    hover = {"type": "scatter", "mode": "markers", "x": x, "y": y, "hovertext": text, "hoverinfo": "text",
             "marker": {"size": 40, "color": palette.CLEAR, "symbol": "square"}, "showlegend": False}  # fmt: skip
    return notes, hover


def _legend(names: tuple[str, str]) -> Iterable[dict[str, Any]]:
    for name, colour, width in (
        (f"more often: {names[0]}", palette.BLUE, 4),
        (f"more often: {names[1]}", palette.AMBER, 4),
        ("no difference shown", palette.SOFT, 1.5),
    ):
        yield {"type": "scatter", "mode": "lines", "x": [None], "y": [None], "name": shown(name), "hoverinfo": "skip",
               "line": {"color": colour, "width": width}}  # fmt: skip


def _line(path: str, colour: str, width: float, fill: bool = False) -> dict[str, Any]:
    shape = {"type": "path", "xref": "x", "yref": "y", "path": path, "layer": "below",
             "line": {"color": colour, "width": round(width, 2)}}  # fmt: skip
    return {**shape, "fillcolor": colour} if fill else shape


def _text(x: float, y: float, text: str, size: int, colour: str, anchor: str) -> dict[str, Any]:
    return {"x": round(x, 1), "y": round(y, 1), "xref": "x", "yref": "y", "text": text, "showarrow": False,
            "xanchor": anchor, "yanchor": "middle", "font": {"size": size, "color": colour}, "align": anchor}  # fmt: skip
