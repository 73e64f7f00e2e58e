"""The journey map as a drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from cxmining.figures import palette
from cxmining.figures.scene import Box, Circle, Item, Line, Words
from cxmining.maps.journey.canvas import EDGE, LEAST, ON_TONE, Canvas, Mark, Numbered, arrow, badge, tag
from cxmining.maps.journey.layout import Edge, Node, Plan, arrange
from cxmining.maps.journey.lines import shifted
from cxmining.maps.journey.spec import coverage_of, tell
from cxmining.maps.words import say

__all__ = ["PATH_COLOUR", "draw", "plan_of"]

PATH_COLOUR: Final = {"happy": palette.NAVY, "promoters": palette.TEAL, "detractors": palette.RED}
_STRAND: Final = 3.0
_MOST_NUMBERS: Final = 60


def plan_of(spec: Mapping[str, Any], *, least: float = LEAST - 2 * EDGE) -> Plan:
    """Lay out a map: its touchpoints, and the edges that are drawn at first."""
    shown, _ = coverage_of(spec)
    top = max((e["v"] for e in shown), default=1)
    strands = _strands(spec)
    nodes = [Node(n["id"], n["label"], n["stage"], n["reach"]) for n in spec["nodes"]]
    edges = [
        Edge(
            e["s"], e["t"], e["v"],
            max(1 + 6 * (e["v"] / top) ** 0.5, (_STRAND + 1.4) * len(strands.get((e["s"], e["t"]), []))),
        )
        for e in shown
    ]  # fmt: skip
    return arrange(nodes, edges, [s["id"] for s in spec["stages"]], least=least)


def _strands(spec: Mapping[str, Any]) -> dict[tuple[str, str], list[str]]:
    """Return the paths that go along each edge."""
    found: dict[tuple[str, str], list[str]] = {}
    for path in spec["paths"]:
        for a, b in path["edges"]:
            mine = found.setdefault((a, b), [])
            if path["id"] not in mine:
                mine.append(path["id"])
    return found


def draw(
    spec: Mapping[str, Any], facts: Mapping[str, Any], language: str, *, framed: bool = True
) -> tuple[Canvas, str]:
    """Draw a map; return the drawing and what a screen reader says in its place.

    Parameters
    ----------
    spec : mapping
        Of :func:`cxmining.maps.journey.spec.spec_of`.
    facts : mapping
        ``title``, ``size``, ``coverage``, ``under`` and ``feet`` (sentences), ``numbers`` (what stands at lines).
    language : {"en", "nl"}
    framed : bool, default True
        With title, legend and sentences drawn; else the page says them.
    """
    plan = plan_of(spec)
    width = max(LEAST, plan.width + 2 * EDGE)
    canvas = Canvas(width, framed=framed)
    canvas.title(facts["title"])
    canvas.sentence(facts["size"], size=13, colour=palette.INK)
    canvas.sentence(facts["coverage"], size=13, colour=palette.INK, bold=True)
    canvas.legend(_legend(spec, language))
    canvas.legend(_line_legend(spec, facts, language))
    left = (width - plan.width) / 2
    names = [(s["label"], s["caption"], f"{s['label']}: {s['caption']}", bool(s["id"])) for s in spec["stages"]]
    canvas.stages(plan, names, left, plan.height)
    top = canvas.y
    numbers = _edges(canvas, spec, plan, left, top)
    _nodes(canvas, spec, plan, left, top)
    for text, route in numbers[:_MOST_NUMBERS]:
        canvas.number(text, route, [r for _, r in numbers], (4, top, width - 4, top + plan.height))
    canvas.grid(plan.height)
    _feet(canvas, spec, facts)
    told = tell("told", language, touchpoints=len(spec["nodes"]), coverage=facts["coverage"])
    return canvas, " ".join([told, *(p["told"] + "." for p in spec["paths"])])


def _channels(spec: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the channels that occur; none where no channel was recorded."""
    found: list[dict[str, str]] = spec["channels"]
    return [] if [c["id"] for c in found] == ["other"] else found


def _legend(spec: Mapping[str, Any], language: str) -> list[Mark]:
    scale = spec["scale"]
    marks = []
    if scale is None:
        marks.append(Mark(14, lambda x, y: [Circle(x + 7, y, 7, palette.CHEVRON)], tell("no_scores", language)))
    else:
        marks.append(Mark(0, lambda x, y: [], f"{scale['label']} {scale['bad']}"))
        marks.append(Mark(5 * 20, _steps, scale["good"]))
        if any(n["tone"] is None for n in spec["nodes"]):
            marks.append(Mark(14, lambda x, y: [Circle(x + 7, y, 6.5, palette.PAPER, palette.SOFT, 1.5)], scale["unrated"]))  # fmt: skip
    marks.append(Mark(28, lambda x, y: [Circle(x + 5, y, 4.5, palette.SOFT), Circle(x + 19, y, 8.5, palette.SOFT)], tell("size_reach", language)))  # fmt: skip
    return marks + [Mark(12, _square(palette.CHANNEL[c["id"]]), c["label"]) for c in _channels(spec)]


def _steps(x: float, y: float) -> list[Item]:
    return [Box(x + 20 * i, y - 7, 20, 14, colour, palette.PAPER, 1) for i, colour in enumerate(palette.DIVERGING)]


def _square(colour: str) -> Callable[[float, float], list[Item]]:
    return lambda x, y: [Box(x, y - 6, 12, 12, colour, radius=4)]


def _stroke(colour: str, thick: float, dash: bool) -> Callable[[float, float], list[Item]]:
    return lambda x, y: list(arrow([(x, y), (x + 34, y)], colour, thick, dash=dash))


def _line_legend(spec: Mapping[str, Any], facts: Mapping[str, Any], language: str) -> list[Mark]:
    edges = spec["edges"]
    if not edges:
        return []
    marks = [Mark(34, _stroke(palette.SOFT, 4, False), tell("line_count", language))]
    if any(e.get("switch") for e in edges):
        marks.append(Mark(34, _stroke(palette.SOFT, 2.5, True), tell("line_switch", language)))
    if any(e.get("back") for e in edges):
        marks.append(Mark(34, _stroke(palette.MUTED, 2.5, False), tell("line_back", language)))
    marks.append(Mark(0, lambda x, y: [], facts["numbers"]))
    if any(n["starts"] or n["ends"] for n in spec["nodes"]):
        marks.append(Mark(0, lambda x, y: [], tell("marks", language)))
    return marks


def _edges(canvas: Canvas, spec: Mapping[str, Any], plan: Plan, left: float, top: float) -> list[tuple[str, Numbered]]:
    """Draw the lines, thick ones first so that none disappears; return the numbers to write at them."""
    of = {(e["s"], e["t"]): e for e in spec["edges"]}
    heaviest = max((r.edge.weight for r in plan.routes), default=1)
    strands = _strands(spec)
    numbers: list[tuple[str, Numbered]] = []
    over: list[Item] = []
    for route in plan.routes:
        edge = of[route.edge.source, route.edge.target]
        thick = 1 + 6 * (edge["v"] / heaviest) ** 0.5
        points = [(left + x, top + y) for x, y in route.points]
        colour = palette.MUTED if edge.get("back") else palette.SOFT
        canvas.items += arrow(points, colour, min(thick, 3.5) if route.kind == "self" else thick, dash=bool(edge.get("switch")), said=edge["title"])  # fmt: skip
        mine = strands.get((route.edge.source, route.edge.target), [])
        for k, path in enumerate(mine):
            beside = shifted(points, ((len(mine) - 1) / 2 - k) * (_STRAND + 1.4)) if route.kind != "self" else points
            over += arrow(beside, PATH_COLOUR[path], _STRAND, head=9.0)
        spots = tuple((left + x, top + y) for x, y in route.spots)
        numbers.append((edge["label"], Numbered(tuple(points), spots, palette.INK, edge["title"])))
    canvas.items += over
    return numbers


def _nodes(canvas: Canvas, spec: Mapping[str, Any], plan: Plan, left: float, top: float) -> None:
    language = spec["language"]
    for node in spec["nodes"]:
        place = plan.places[node["id"]]
        x, y, r = left + place.x, top + place.y, place.radius
        if spec["scale"] is None:
            fill, line, ink, text = palette.CHEVRON, palette.PAPER, palette.CHEVRON_INK, node["badge"]
        elif node["tone"] is None:
            fill, line, ink, text = palette.PAPER, palette.SOFT, palette.MUTED, node["score"]
        else:
            tone = node["tone"]
            fill, line, ink, text = palette.DIVERGING[tone], palette.PAPER, ON_TONE[tone], node["score"]
        canvas.items.append(Circle(x, y, r, fill, line, 2, node["title"]))
        canvas.items.append(Words(x, y + 2, text, 12, ink, True))
        if node["starts"] or node["ends"]:
            canvas.taken += [(x - r - 14, y - r, x - r, y - r + 12), (x + r, y - r, x + r + 14, y - r + 12)]
        if node["starts"]:
            canvas.items.append(Line(((x - r - 12, y - r + 1), (x - r - 4, y - r + 6), (x - r - 12, y - r + 11)), palette.CLEAR, 0, fill=palette.MUTED, closed=True, said=say("starts", language)))  # fmt: skip
        if node["ends"]:
            canvas.items.append(Box(x + r + 4, y - r + 2, 8, 8, palette.MUTED, said=say("ends", language)))
        if _channels(spec):
            canvas.items += badge(x, y + r + 3, node["channel_label"], palette.CHANNEL[node["channel"]], palette.ON_CHANNEL)  # fmt: skip
        canvas.under(place, (x, y), node["label"], node["small"], plan.label)
        _tags(canvas, spec, node["id"], x, y - r - 5)


def _tags(canvas: Canvas, spec: Mapping[str, Any], key: str, x: float, y: float) -> None:
    """Number the steps of the paths that come by: the first path left of the loop, the others right of it."""
    right = x + 11
    for path in spec["paths"]:
        steps = [i + 1 for i, step in enumerate(path["nodes"]) if step == key]
        if not steps:
            continue
        items, wide = tag(right, y, path["label"][0] + "·".join(map(str, steps)), PATH_COLOUR[path["id"]])
        if path["id"] == "happy":
            items, wide = tag(x - 11 - wide, y, path["label"][0] + "·".join(map(str, steps)), PATH_COLOUR[path["id"]])
        else:
            right += wide + 2
        canvas.items += items
        box = items[0]
        assert isinstance(box, Box)  # a tag is a box with words on it
        canvas.taken.append((box.x, box.y, box.x + box.width, box.y + box.height))


def _feet(canvas: Canvas, spec: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    for path in spec["paths"]:
        canvas.sentence(path["told"], colour=palette.INK, mark=_sign(path))
        canvas.y += 3
    for text in [*facts["feet"], *([facts["under"]] if facts["under"] else [])]:
        canvas.sentence(text)


def _sign(path: Mapping[str, Any]) -> Mark:
    letter, colour = path["label"][0], PATH_COLOUR[path["id"]]
    return Mark(tag(0, 0, letter, colour)[1], lambda x, y: tag(x, y, letter, colour)[0], "")
