"""The difference map as a drawing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from cxmining.figures import palette
from cxmining.figures.scene import Circle, Item, Words
from cxmining.i18n import signed
from cxmining.maps import words
from cxmining.maps.journey.canvas import EDGE, LEAST, Canvas, Mark, Numbered, arrow
from cxmining.maps.journey.layout import Edge, Node, Plan, arrange
from cxmining.maps.journey.spec import tell
from cxmining.maps.tables import records
from cxmining.maps.words import STAGE_WORDS
from cxmining.schema import STAGES

__all__ = ["GROUPS", "draw_difference"]

GROUPS: Final = (palette.BLUE, palette.AMBER)
"""Of group a and group b: apart for colour-blind eyes, and no judgement of good or bad."""
_NUMBERS: Final = 40


def draw_difference(
    table: pd.DataFrame, places: pd.DataFrame, labels: Mapping[str, str], facts: Mapping[str, Any], language: str,
    *, framed: bool = True,
) -> tuple[Canvas, str]:  # fmt: skip
    """Draw a difference map; return the drawing and what a screen reader says in its place.

    Parameters
    ----------
    table : DataFrame
        See :class:`cxmining.maps.journey.difference.DifferenceMap`; those in ``facts["drawn"]`` are drawn.
    places : DataFrame
        Stage and place of each touchpoint, in the order of the map.
    labels : mapping
        What touchpoints are called.
    facts : mapping
        Sentences, group names, what is drawn.
    language : {"en", "nl"}
    framed : bool, default True
        With title, legend and sentences drawn; else the page says them.
    """
    rows = [r for r in records(table) if (r["source"], r["target"]) in facts["drawn"]]
    nodes = {r["source"]: r for r in rows if r["kind"] == "touchpoint"}
    edges = [r for r in rows if r["kind"] == "edge"]
    present = [s for s in (*STAGES, "") if (places["stage"] == s).any()]
    stages = [] if present == [""] else present
    most = max((r["gap"] for r in edges), default=0.0) or 1.0
    heaviest = max((r["weight"] for r in edges), default=0.0) or 1.0
    placed = [Node(r["touchpoint"], labels[r["touchpoint"]], r["stage"], nodes[r["touchpoint"]]["weight"]) for r in records(places)]  # fmt: skip
    lines = [Edge(r["source"], r["target"], r["weight"], _thick(r, most, heaviest)) for r in edges]
    plan = arrange(placed, lines, stages, least=LEAST - 2 * EDGE)
    canvas = Canvas(max(LEAST, plan.width + 2 * EDGE), framed=framed)
    canvas.title(facts["title"])
    for text in facts["groups"]:
        canvas.sentence(text, size=13, colour=palette.INK)
    canvas.sentence(facts["found"], size=13, colour=palette.INK, bold=True)
    canvas.legend(_legend(facts, language))
    left = (canvas.width - plan.width) / 2
    canvas.stages(plan, [(STAGE_WORDS[s][language], "", STAGE_WORDS[s][language], bool(s)) for s in stages], left, plan.height)  # fmt: skip
    top = canvas.y
    numbers = _edges(canvas, edges, plan, (left, top), facts, language)
    for node in placed:
        _node(canvas, nodes[node.key], plan, (left, top), labels[node.key], facts, language)
    for text, route in numbers:
        canvas.number(text, route, [r for _, r in numbers], (4, top, canvas.width - 4, top + plan.height))
    canvas.grid(plan.height)
    for text in [*facts["feet"], tell("signs", language, hidden=facts["hidden"], least=facts["least"])]:
        canvas.sentence(text)
    return canvas, f"{' '.join(facts['groups'])} {facts['found']}"


def _thick(row: Mapping[str, Any], most: float, heaviest: float) -> float:
    return float(2 + 5 * row["gap"] / most if row["shown"] else 1 + 1.5 * (row["weight"] / heaviest) ** 0.5)


def _colour(row: Mapping[str, Any], otherwise: str) -> str:
    return GROUPS[0 if row["more_a"] else 1] if row["shown"] else otherwise


def _legend(facts: Mapping[str, Any], language: str) -> list[Mark]:
    def line(colour: str, thick: float) -> Mark:
        return Mark(34, lambda x, y: list(arrow([(x, y), (x + 34, y)], colour, thick)), "")

    a, b = facts["names"]
    texts = [tell("difference_more", language, name=n) for n in (a, b)] + [tell("difference_grey", language)]
    marks = [
        Mark(m.wide, m.drawn, text)
        for m, text in zip((line(GROUPS[0], 4), line(GROUPS[1], 4), line(palette.RULE, 2)), texts, strict=True)
    ]
    return [*marks, Mark(0, lambda x, y: [], tell("difference_numbers", language, a=a, b=b))]


def _edges(
    canvas: Canvas, edges: list[dict[str, Any]], plan: Plan, at: tuple[float, float], facts: Mapping[str, Any], language: str
) -> list[tuple[str, Numbered]]:  # fmt: skip
    of = {(r["source"], r["target"]): r for r in edges}
    numbers: list[tuple[str, Numbered]] = []
    coloured: list[Item] = []
    order = sorted(plan.routes, key=lambda r: -of[r.edge.source, r.edge.target]["gap"])
    for route in order:
        row = of[route.edge.source, route.edge.target]
        points = [(at[0] + x, at[1] + y) for x, y in route.points]
        said = tip(row, facts, language)
        drawn = arrow(points, _colour(row, palette.RULE), min(route.edge.thick, 3.5) if route.kind == "self" else route.edge.thick, said=said)  # fmt: skip
        if not row["shown"]:
            canvas.items += drawn
            continue
        coloured = [*drawn, *coloured]  # the largest on top
        if not row["hidden"] and len(numbers) < _NUMBERS:
            spots = tuple((at[0] + x, at[1] + y) for x, y in route.spots)
            numbers.append(
                (_points(row, facts, language), Numbered(tuple(points), spots, _colour(row, palette.INK), said))
            )
    canvas.items += coloured
    return numbers


def _node(
    canvas: Canvas, row: Mapping[str, Any], plan: Plan, at: tuple[float, float], label: str, facts: Mapping[str, Any], language: str
) -> None:  # fmt: skip
    place = plan.places[row["source"]]
    x, y = at[0] + place.x, at[1] + place.y
    fill = _colour(row, palette.PAPER)
    line, ink = (palette.PAPER, palette.PAPER) if row["shown"] else (palette.SOFT, palette.MUTED)
    canvas.items.append(Circle(x, y, place.radius, fill, line, 2, tip(row, facts, language)))
    canvas.items.append(Words(x, y + 4, _points(row, facts, language), 12, ink, True))
    shares = facts["hidden"] if row["hidden"] else " : ".join(words.percent(row[g], language) for g in "ab")
    canvas.under(place, (x, y), label, shares, plan.label)


def _points(row: Mapping[str, Any], facts: Mapping[str, Any], language: str) -> str:
    """Write a difference in percentage points."""
    if row["hidden"]:
        return str(facts["hidden"])
    value = 100 * row["difference"]
    return signed(value, language, 0 if abs(value) >= 0.95 else 1)


def tip(row: Mapping[str, Any], facts: Mapping[str, Any], language: str) -> str:
    """Say both shares, their difference with its interval, and whether it survives correction."""
    a, b = facts["names"]
    if row["hidden"]:
        told = f"{row['what']}: {facts['hidden']}"
    else:
        counts = [f"{words.percent(row[g], language, 1)} (n = {words.number(row[f'n_{g}'], language)})" for g in "ab"]
        told = tell(
            "difference_tip", language, what=row["what"], a=a, b=b, share_a=counts[0], share_b=counts[1],
            difference=signed(100 * row["difference"], language, 1),
            interval=words.interval(100 * row["low"], 100 * row["high"], language, 1),
        )  # fmt: skip
    if not row["tested"]:
        same = not row["hidden"] and row["difference"] == 0
        return f"{told}; {tell('difference_same' if same else 'difference_untested', language)}"
    if row["hidden"]:
        return told
    least = 0.001
    q = f"< {words.number(least, language, 3)}" if row["q"] < least else words.number(row["q"], language, 3)
    return f"{told}; {tell('difference_sure' if row['shown'] else 'difference_unsure', language, q=q)}"
