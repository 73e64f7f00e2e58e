"""The stakeholder map as a drawing: the customer in the middle, cards on rings, ties between them by number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, pi, sin
from typing import Any, Final

import pandas as pd

from cxmining.figures import palette
from cxmining.figures.measure import fitted, lines_of, width_of
from cxmining.figures.scene import Box, Circle, Curve, Item, Line, Scene, Words, block
from cxmining.i18n import speaking
from cxmining.maps import words
from cxmining.maps.stakeholders.layout import BADGE, CENTRE, Layout, Spot, lay_out, tie_between
from cxmining.maps.stakeholders.legend import MOST_TIES, Known, Party
from cxmining.maps.stakeholders.people import CUSTOMER
from cxmining.maps.words import HIDDEN

__all__ = ["COLOURS", "draw", "keys_of"]

say = speaking("stakeholders")
EDGE: Final = 16.0
CARD: Final = 198.0
_TALK: Final = CARD - 30
COLOURS: Final = {
    "department": palette.NAVY,
    "partner": palette.TEAL,
    "regulator": palette.DOTS[4],
    "other": palette.MUTED,
}


def draw(cells: pd.DataFrame, facts: Mapping[str, Any], language: str, *, framed: bool = True) -> Scene:
    """Draw the map.

    Parameters
    ----------
    cells : DataFrame
        See `cxmining.maps.stakeholders.cells`.
    facts : mapping
        ``title``, ``size``, ``under``, ``least``.
    language : {"en", "nl"}
    framed : bool, default True
        With title above and everybody in words below; without where a page says them itself.
    """
    known = Known(cells, language, int(facts["least"]))
    parties = known.parties
    layout = lay_out([(p.ring, CARD, _height(p, known)) for p in parties])
    wide, high = layout.reach()
    width = max(2 * wide + 2 * EDGE, 900.0 if framed else 0.0)
    items: list[Item] = []
    y = EDGE
    if framed:
        items, y = _head(known, facts, width)
    x0, y0 = width / 2, y + high + 6
    items += _rings(layout, known, x0, y0)
    items += _ties(layout, known, parties, x0, y0)
    items += _centre(known, x0, y0)
    for i, (party, spot) in enumerate(zip(parties, layout.spots, strict=True), start=1):
        items += _card(i, party, known, spot, x0, y0)
    y = y0 + high + EDGE
    if framed:
        y = _below(items, known, facts, width, y)
    return Scene(width, y, facts["title"], tuple(items), say("told", language, n=len(parties)))


def _height(party: Party, known: Known) -> float:
    names = len(lines_of(party.name, 12.5, _TALK - 16, 4, bold=True))
    return 16 + 16 * names + 15 + 16 * 2 + 15 * len(known.traffic(party)) + 8


def _head(known: Known, facts: Mapping[str, Any], width: float) -> tuple[list[Item], float]:
    inner = width - 2 * EDGE
    items: list[Item] = [
        Words(EDGE, EDGE + 20, fitted(facts["title"], 20, inner, bold=True), 20, bold=True, anchor="start")
    ]
    y = EDGE + 34
    told = [(facts["size"], 13.0, palette.INK), (known.said("lead"), 12.0, palette.MUTED)]
    for text, size, colour in [*told, *((t, 13.0, palette.INK) for t in known.feet())]:
        lines = block(text, EDGE, y + 12, 0.96 * inner, size=size, most=5, colour=colour, anchor="start")
        items += lines
        y += 6 + 16.5 * len(lines)
    x = EDGE
    for mark, colour, text in keys_of(known):
        took = 20 + width_of(text, 11.5) + 16
        if x + took > width - EDGE and x > EDGE:
            x, y = EDGE, y + 20
        if mark == "box":
            items.append(Box(x, y + 6, 11, 11, colour, radius=3))
        elif mark:
            items.append(Line(((x - 1, y + 12), (x + 13, y + 12)), colour, 2.5, dash=mark == "dash"))
        items.append(Words(x + (19 if mark else 0), y + 16, text, 11.5, palette.MUTED, anchor="start"))
        x += took
    return items, y + 34


def keys_of(known: Known) -> list[tuple[str, str, str]]:
    """Return the key: what is drawn (box, line, dash, nothing), its colour, what it means."""
    kinds = [k for k in COLOURS if any(p.kind == k for p in known.parties)]
    rings = [known.said(f"ring_{r}") for r in sorted({p.ring for p in known.parties})]
    return [
        *(("box", COLOURS[k], known.said(k)) for k in kinds),
        ("line", palette.AMBER, known.said("tie_people")),
        ("dash", palette.SOFT, known.said("tie_other")),
        ("", palette.MUTED, "◎ " + " ⟶ ".join(rings)),
    ]


def _rings(layout: Layout, known: Known, x0: float, y0: float) -> list[Item]:
    out: list[Item] = []
    for ring, (a, b) in sorted(layout.rings.items(), reverse=True):
        turns = [2 * pi * k / 90 for k in range(90)]
        points = tuple((x0 + a * cos(t), y0 + b * sin(t)) for t in turns)
        fill = palette.LANE if ring == 0 else palette.CLEAR
        out.append(
            Line(points, palette.RULE, 1.5, dash=ring == 3, fill=fill, closed=True, said=known.said(f"ring_{ring}"))
        )
    return out


def _ties(layout: Layout, known: Known, parties: Sequence[Party], x0: float, y0: float) -> list[Item]:
    lines: list[Item] = []
    marks: list[Item] = []
    place = {p.name: i for i, p in enumerate(parties)}
    customers = {e for c in known.rows if c["row"] == "tie" for e in (c["name"], c["other"]) if CUSTOMER in (c["name"], c["other"])}  # fmt: skip
    for party, spot in zip(parties, layout.spots, strict=True):
        told = (
            any(c["row"] == "said" and c["key"] in ("we_do", "they_do") for c in party.cells) or party.name in customers
        )
        if told or party.of("traffic", "contacts"):
            colour = palette.AMBER if told else palette.SOFT
            lines.append(Line(((x0, y0), (x0 + spot.x, y0 + spot.y)), colour, 2.2 if told else 1.2, dash=not told))
    badges: list[tuple[float, float]] = []
    for number, (a, b, cells) in enumerate(known.ties[:MOST_TIES], start=len(parties) + 1):
        tie = tie_between(place[a], place[b], layout, badges)
        badges.append(tie.badge)
        told = any(c["key"] in ("gives", "gets") for c in cells)
        colour = palette.AMBER if told else palette.SOFT

        def at(p: tuple[float, float]) -> tuple[float, float]:
            return (x0 + p[0], y0 + p[1])

        said = f"{number}. " + " ".join(known.tie_lines(cells))
        lines.append(Curve(at(tie.start), (at(tie.pull[0]), at(tie.pull[1])), at(tie.end), colour, 2.2 if told else 1.4, dash=not told, said=said))  # fmt: skip
        x, y = at(tie.badge)
        marks += [
            Circle(x, y, BADGE, palette.PAPER, colour, 1.5, said=said),
            Words(x, y + 4, str(number), 11, palette.INK, bold=told),
        ]
    return [*lines, *marks]


def _centre(known: Known, x0: float, y0: float) -> list[Item]:
    company, customers = known.about("company"), known.about("customers")
    name = company["text"] if company else ""
    n = words.number(customers["n"], known.language) if customers and not customers["hidden"] else HIDDEN
    under = lines_of(name, 11, 96, 2)
    return [
        Circle(x0, y0, CENTRE, palette.PAPER, palette.SOFT, 1.5, said=name),
        Circle(x0, y0 - 16, 48, palette.CHEVRON),
        Words(x0, y0 - 17, known.said("customer"), 17, palette.CHEVRON_INK, bold=True),
        Words(x0, y0 + 2, known.said("n", n=n), 11.5, palette.CHEVRON_INK),
        *(Words(x0, y0 + 48 + 14 * i, line, 11, palette.MUTED, bold=True) for i, line in enumerate(under)),
    ]


def _card(number: int, party: Party, known: Known, spot: Spot, x0: float, y0: float) -> list[Item]:
    x, y = x0 + spot.x - spot.width / 2, y0 + spot.y - spot.height / 2
    colour = COLOURS.get(party.kind, palette.MUTED)
    said = f"{number}. {party.name}: " + " ".join(known.lines(party))
    items: list[Item] = [
        Box(
            x, y, spot.width, spot.height, palette.PAPER, palette.RULE if party.ring == 3 else colour, 1.5, 8, said=said
        ),
        Box(x, y + 8, 5, spot.height - 16, colour),
        Circle(x + 22, y + 20, 11, colour),
        Words(x + 22, y + 24, str(number), 11, palette.PAPER, bold=True),
    ]
    left, at = x + 40, y + 24.0
    for line in lines_of(party.name, 12.5, _TALK - 16, 4, bold=True):
        items.append(Words(left, at, line, 12.5, bold=True, anchor="start"))
        at += 16
    left = x + 16
    items.append(Words(left, at, fitted(known.said(party.kind), 11, _TALK), 11, palette.MUTED, anchor="start"))
    at += 16
    for what in ("influence", "interest"):
        items += _pips(party.levels(what), known.said(what), known.said("unknown"), left, x + spot.width - 12, at)
        at += 16
    for line in known.traffic(party):
        items.append(Words(left, at - 1, fitted(line, 11, _TALK + 8), 11, palette.MUTED, anchor="start"))
        at += 15
    return items


def _pips(said: Sequence[float], what: str, unknown: str, left: float, right: float, y: float) -> list[Item]:
    """Draw 1 to 5 as dots; where people differ a bar joins the lowest and the highest that they said."""
    out: list[Item] = [Words(left, y, what, 11, palette.MUTED, anchor="start")]
    if not said:
        return [*out, Words(right, y, unknown, 11, palette.MUTED, slanted=True, anchor="end")]
    first, step = right - 58, 13.0
    mean = sum(said) / len(said)
    if max(said) > min(said):
        span = ((first + step * (min(said) - 1), y - 4), (first + step * (max(said) - 1), y - 4))
        out.append(Line(span, palette.AMBER, 3))
    for k in range(5):
        full = k + 1 <= mean + 1e-9
        half = not full and k + 0.5 <= mean + 1e-9
        fill = palette.INK if full else palette.SOFT if half else palette.PAPER
        out.append(Circle(first + step * k, y - 4, 4.2, fill, palette.INK, 1))
    return out


def _below(items: list[Item], known: Known, facts: Mapping[str, Any], width: float, y: float) -> float:
    """Write everybody and each tie in words, in columns, and what the figures are about."""
    count = max(2, int((width - EDGE) // 440))
    column = (width - 2 * EDGE - 28 * (count - 1)) / count
    parts = [
        (str(i), p.name, known.lines(p), known.said("who") if i == 1 else "") for i, p in enumerate(known.parties, 1)
    ]
    ties = known.ties[:MOST_TIES]
    for i, (a, b, cells) in enumerate(ties, start=len(parts) + 1):
        parts.append((str(i), f"{a} ⇄ {b}", known.tie_lines(cells), known.said("ties") if cells is ties[0][2] else ""))
    made = [_part(part, column) for part in parts]
    most = sum(h for _, h in made) / count
    items.append(Line(((EDGE, y), (width - EDGE, y)), palette.RULE))
    top, deepest, at, col = y + 10, y + 10, y + 10, 0
    for lines, height in made:
        if at - top >= most - height / 3 and col < count - 1:
            col, at = col + 1, top
        x = EDGE + col * (column + 28)
        items += [
            Words(w.x + x, w.y + at, w.text, w.size, w.colour, w.bold, w.slanted, w.anchor, w.said) for w in lines
        ]
        at += height
        deepest = max(deepest, at)
    y = deepest + 8
    rest = len(known.ties) - len(ties)
    feet = [
        *([known.said("more_ties", n=rest)] if rest > 0 else []),
        facts["under"],
        known.said("signs", hidden=HIDDEN),
    ]
    items.append(Line(((EDGE, y), (width - EDGE, y)), palette.RULE))
    for text in feet:
        lines = block(text, EDGE, y + 20, 0.96 * (width - 2 * EDGE), size=11.5, most=4, colour=palette.MUTED, anchor="start")  # fmt: skip
        items += lines
        y += 4 + 15.5 * len(lines)
    return y + EDGE + 8


def _part(part: tuple[str, str, list[str], str], width: float) -> tuple[list[Words], float]:
    number, title, lines, head = part
    out: list[Words] = []
    y = 0.0
    if head:
        out.append(Words(0, y + 16, fitted(head, 14, width, bold=True), 14, palette.INK, bold=True, anchor="start"))
        y += 28
    named = block(f"{number}  {title}", 0, y + 14, 0.95 * width, size=12.5, most=3, bold=True, anchor="start")
    out += named
    y += 16 * len(named) + 3
    for line in lines:
        told = block(line, 14, y + 13, 0.95 * (width - 14), size=12, most=8, anchor="start")
        out += told
        y += 15 * len(told) + 3
    return out, y + 9
