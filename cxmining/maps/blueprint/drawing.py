"""The service blueprint as a drawing: columns are touchpoints under their stages, lanes are who does what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from cxmining.figures import palette
from cxmining.figures.measure import lines_of, width_of
from cxmining.figures.scene import Box, Curve, Line, Scene, Words, block
from cxmining.maps import words
from cxmining.maps.blueprint.cards import GAP, Card, Plan, card_of, height_of, note_of, put
from cxmining.maps.blueprint.cells import ACTIVITY, AWAY, LANES, PEOPLE
from cxmining.maps.cx.drawing import draw_borders, draw_feet, draw_head, draw_stages
from cxmining.maps.cx.sheet import EDGE, LABELS, SIGN
from cxmining.maps.cx.walked import channels
from cxmining.maps.tables import records
from cxmining.maps.words import MISSING, known

__all__ = ["draw"]

MOST: Final = 3
"""Units that a cell shows; of more it says how many."""
_UNITS: Final = (
    (86_400, {"en": "d", "nl": "d"}), (3_600, {"en": "h", "nl": "u"}), (60, {"en": "min", "nl": "min"}), (1, {"en": "s", "nl": "s"}),
)  # fmt: skip
INDENT: Final = 9.0
"""How far cards give way to the arrows that pass them."""


def draw(
    cells: pd.DataFrame,
    handovers: pd.DataFrame,
    columns: list[str],
    labels: Mapping[str, str],
    facts: Mapping[str, Any],
    language: str,
    *,
    framed: bool = True,
) -> Scene:
    """Draw the cells of these touchpoints.

    Parameters
    ----------
    cells, handovers : DataFrame
        See :mod:`cxmining.maps.blueprint.cells`.
    columns : list of str
        Touchpoints in the order in which they stand.
    labels : mapping
        What they are called.
    facts : mapping
        ``title``, ``size``, ``under`` and ``feet`` (sentences below).
    language : {"en", "nl"}
    framed : bool, default True
        With title, legend and sentences above and below; without where a page says them itself.
    """
    stages = cells[cells["touchpoint"] != ""].drop_duplicates("touchpoint").set_index("touchpoint")["stage"].to_dict()
    pitch = max(132.0 if len(columns) <= 30 else 120.0, (760 - LABELS) / max(1, len(columns)))
    handed: dict[str, list[Mapping[str, Any]]] = {}
    for row in records(handovers[~handovers["hidden"]]):
        handed.setdefault(row["touchpoint"], []).append(row)
    plan = Plan(cells, columns, {t: stages.get(t, "") for t in columns}, labels, language, facts, pitch, handed=handed)
    if framed:
        draw_head(plan)
    first = plan.y
    draw_stages(plan)
    channels(plan)
    customers = _customers(plan)
    rows = {lane: {t: _cards(plan, lane, t) for t in columns} for lane in LANES}
    bottoms = _line(plan, "interaction", 30, dash=True)
    _greet(plan, customers, bottoms)
    front = _lane(plan, "frontstage", rows["frontstage"], {})
    arrows = {t: _arrows(plan, t, rows["backstage"][t]) for t in columns}
    visible = _line(plan, "visibility", 24 + 14 * max([1, *map(len, arrows.values())]))
    back = _lane(plan, "backstage", rows["backstage"], arrows)
    _connect(plan, arrows, front, visible, back)
    deep = {t: _arrows(plan, t, rows["support"][t]) for t in columns}
    hidden = _line(plan, "internal", 24 + 14 * max([0, *map(len, deep.values())]), dash=True)
    last = _lane(plan, "support", rows["support"], deep)
    lowest = {t: back[t] if rows["backstage"][t] else front[t] for t in columns}
    _connect(plan, deep, lowest, hidden, last)
    draw_borders(plan, first)
    if framed:
        draw_feet(plan)
    return Scene(
        plan.width, plan.y + EDGE, facts["title"], tuple(plan.items), plan.said("told", touchpoints=len(columns))
    )


def _right(plan: Plan) -> float:
    return LABELS + plan.pitch * len(plan.columns)


def _line(plan: Plan, key: str, room: float, *, dash: bool = False) -> float:
    """Draw one of the three lines in a strip of some height, and return where it runs."""
    y = plan.y + room / 2
    name = plan.said(key)
    lines = lines_of(name, 11.5, LABELS - EDGE - 12, 2, bold=True)
    for i, text in enumerate(lines):
        plan.items.append(Words(EDGE, y + 4 + 14 * (i - (len(lines) - 1) / 2), text, 11.5, palette.NAVY, bold=True, anchor="start"))  # fmt: skip
    plan.items.append(Line(((LABELS - 6, y), (_right(plan), y)), palette.NAVY, 1.6, dash=dash, said=name))
    plan.y += room
    return y


def _customers(plan: Plan) -> dict[str, float | None]:
    """Draw what customers do; return which share of contacts they began, None where nobody knows, −1 where they are not."""
    reach = {t: next((c for c in cells if c["key"] == "reach"), None) for t, cells in plan.of("touchpoint").items()}
    main = {
        t: max(cells, key=lambda c: float(c["value"]) if known(c["value"]) else -1.0)["key"]
        for t, cells in plan.of("channel").items()
    }
    begun: dict[str, float | None] = {}
    for t in plan.columns:
        action = next(iter(plan.of("action").get(t, [])), None)
        away = action is not None and action["key"] == AWAY
        begun[t] = -1.0 if away else float(action["value"]) if action is not None and known(action["value"]) else None
    wide = plan.pitch - 14
    lines = {t: lines_of(plan.labels[t], 12.5, wide - 12, 4, bold=True) for t in plan.columns}
    high = 14 + 15.5 * max(len(lines[t]) for t in plan.columns)
    top = plan.row("action", high + 54, {"measured"}) + 12
    for t in plan.columns:
        x, share = plan.x(t), begun[t]
        cell, ground = reach.get(t), palette.CHANNEL.get(main.get(t, "other"), palette.CHANNEL["other"])
        if share == -1.0:
            text = block(plan.said("inside_only"), x, top + 19, wide - 8, size=11, colour=palette.MUTED, slanted=True)
            plan.items += text
            continue
        figure = words.percent(cell["value"], plan.language) if cell is not None and known(cell["value"]) else plan.absent(cell)  # fmt: skip
        span = words.interval(cell["low"], cell["high"], plan.language, 0, share=True) if cell is not None else ""
        n = plan.said("n", n=words.number(cell["n"], plan.language)) if cell is not None and known(cell["n"]) else ""
        filled = share is None or share >= 0.5
        said = " · ".join(p for p in (plan.labels[t], f"{figure} {span}".strip(), n) if p)
        plan.items.append(Box(x - wide / 2, top, wide, high, ground if filled else palette.PAPER, ground, 2, 8, said))
        y = top + high / 2 + 4.5 - 15.5 * (len(lines[t]) - 1) / 2
        for line in lines[t]:
            plan.items.append(Words(x, y, line, 12.5, palette.ON_CHANNEL if filled else palette.INK, bold=True))
            y += 15.5
        plan.items.append(Words(x, top + high + 16, f"{figure} {span}".strip(), 11, palette.INK))
        plan.items.append(Words(x, top + high + 30, n, 11, palette.MUTED))
    return begun


def _greet(plan: Plan, begun: Mapping[str, float | None], y: float) -> None:
    """Draw across the line of interaction who comes to whom."""
    for t, share in begun.items():
        if share == -1.0:
            continue
        x = plan.x(t)
        ways = [share is None or share >= 0.2, share is not None and share <= 0.8]
        off = 8.0 if all(ways) else 0.0
        for down, there in zip((True, False), ways, strict=True):
            if there:
                at, (a, b) = x + (-off if down else off), ((y - 14, y + 15) if down else (y + 15, y - 14))
                plan.items.append(Curve((at, a), ((at, (a + b) / 2), (at, (a + b) / 2)), (at, b), palette.NAVY, 1.8, tip=share is not None))  # fmt: skip


def _cards(plan: Plan, lane: str, touchpoint: str) -> list[Card]:
    """Return the cards of a touchpoint in a lane: what was measured, and beside it what people set."""
    cells = plan.of(lane).get(touchpoint, [])
    measured = [c for c in cells if c["status"] != "people"]
    shown = sorted((c for c in measured if not c["hidden"]), key=lambda c: (-_value(c), c["key"]))
    owner = [c["text"] for c in plan.of("owner").get(touchpoint, []) if c["status"] == "people" and c["text"]]
    own = _home(plan, touchpoint) == lane
    cards: list[Card] = []
    for i, c in enumerate(shown[:MOST]):
        more = []
        if own and c["key"].casefold() in [o.casefold() for o in owner]:
            owner = [o for o in owner if o.casefold() != c["key"].casefold()]
            more.append(f"{SIGN['people']} {plan.said('declared_too')}")
        if lane == "frontstage" and i == 0:
            more += _waited(plan, touchpoint) + _passed(plan, touchpoint)
        if lane != "frontstage":
            more += _lain(plan, touchpoint, c["key"])
        cards.append(card_of(plan, c, more))
    if not shown and measured:
        cards.append(card_of(plan, measured[0]))
    if len(shown) > MOST:
        last = cards[-1]
        cards[-1] = Card(last.name, (*last.small, plan.said("more", n=len(shown) - MOST)), last.look, last.target)
    if own:
        role = (plan.said("responsible"),) if lane != "frontstage" else ()
        cards += [note_of(text, *role) for text in dict.fromkeys(owner)]
    said = [c["text"] for c in cells if c["status"] == "people" and c["text"]]
    return cards + [note_of(text) for text in dict.fromkeys(said)]


def _home(plan: Plan, touchpoint: str) -> str:
    """Return the lane in which a touchpoint itself takes place."""
    for lane in LANES[1:]:
        if any(c["key"] == ACTIVITY for c in plan.of(lane).get(touchpoint, [])):
            return lane
    return LANES[0]


def _value(cell: Mapping[str, Any]) -> float:
    return float(cell["value"]) if known(cell["value"]) else -1.0


def _waited(plan: Plan, touchpoint: str) -> list[str]:
    cell = next(iter(plan.of("wait").get(touchpoint, [])), None)
    if cell is None or cell["hidden"] or not known(cell["value"]) or cell["value"] <= 0:
        return []
    span = _span(cell["low"], cell["high"], plan.language)
    return [plan.said("waits", time=words.duration(cell["value"], plan.language)), *([span] if span else [])]


def _span(low: Any, high: Any, language: str) -> str:
    """Write an interval of seconds in one unit, the largest that its upper end fills."""
    if not (known(low) and known(high)):
        return ""
    size, unit = next((s, u) for s, u in _UNITS if float(high) >= 2 * s or s == 1)
    digits = 0 if float(high) / size >= 20 else 1
    return f"{words.interval(float(low) / size, float(high) / size, language, digits)} {unit[language]}"


def _passed(plan: Plan, touchpoint: str) -> list[str]:
    """Return to whom work goes on at the front itself."""
    behind = {c["key"] for lane in LANES[1:] for c in plan.of(lane).get(touchpoint, [])}
    found = []
    for row in plan.handed.get(touchpoint, []):
        if row["target"] in behind:
            continue
        target = plan.said("somebody_else") if row["target"] == PEOPLE else row["target"]
        told = {"target": target, "n": words.number(row["n"], plan.language)}
        known_ = known(row["wait_median_s"])
        found.append(plan.said("passes", time=words.duration(row["wait_median_s"], plan.language), **told) if known_ else plan.said("passes_unknown", **told))  # fmt: skip
    return found[:2]


def _lain(plan: Plan, touchpoint: str, target: str) -> list[str]:
    """Return how long work lies at a unit, and how much of it comes back."""
    row = next((r for r in plan.handed.get(touchpoint, []) if r["target"] == target), None)
    if row is None:
        return []
    found = []
    if known(row["wait_median_s"]):
        span = _span(row["wait_low_s"], row["wait_high_s"], plan.language)
        found += [plan.said("lies", time=words.duration(row["wait_median_s"], plan.language)), *([span] if span else [])]  # fmt: skip
    if known(row["back"]):
        found.append(plan.said("comes_back", share=words.percent(row["back"], plan.language)))
    return found


def _arrows(plan: Plan, touchpoint: str, cards: list[Card]) -> dict[str, str]:
    """Return for each unit in a lane that gets work from this touchpoint what its arrow says."""
    found = {}
    for card in cards:
        row = next((r for r in plan.handed.get(touchpoint, []) if card.target and r["target"] == card.target), None)
        if row is not None:
            time = f" · {words.duration(row['wait_median_s'], plan.language)}" if known(row["wait_median_s"]) else ""
            found[card.target] = f"{words.number(row['n'], plan.language)}×{time}"
    return found


def _lane(
    plan: Plan, lane: str, rows: Mapping[str, list[Card]], arrows: Mapping[str, Mapping[str, str]]
) -> dict[str, float]:
    """Draw a lane; return where the cards of each touchpoint end, or begin where `arrows` go to them."""
    wide = plan.pitch - 14

    def width(t: str, i: int) -> float:
        return wide - INDENT * max(0, len(arrows.get(t, {})) - 1 - i)

    high = {t: sum(height_of(c, width(t, i)) + GAP for i, c in enumerate(cards)) for t, cards in rows.items()}
    measured = {c["status"] for many in plan.of(lane).values() for c in many} | ({"people"} if lane == "frontstage" and plan.of("owner") else set())  # fmt: skip
    nothing = not any(c["status"] != "people" for many in plan.of(lane).values() for c in many)
    nothing = nothing and (lane != "support" or not any(rows.values()))
    told = (
        lines_of(plan.said(f"none_{lane}"), 12, max(240.0, plan.pitch * len(plan.columns) - 24), 6) if nothing else ()
    )
    below = 17 * len(told) + (8 if told else 0)
    top = plan.row(lane, 12 + below + max([24.0, *high.values()]) + 6, measured)
    if lane != "frontstage":
        plan.items.insert(0, Box(EDGE, top, _right(plan) - EDGE, plan.y - top, palette.LANE))
    for i, text in enumerate(told):
        plan.items.append(Words(LABELS + 12, top + 24 + 17 * i, text, 12, palette.MUTED, slanted=True, anchor="start"))
    ends: dict[str, float] = {}
    for t in plan.columns:
        y = top + 12 + below
        if not rows[t]:
            plan.items += [] if told else [Words(plan.x(t), y + 14, MISSING, 12, palette.MUTED)]
            ends[t] = y
            continue
        for i, card in enumerate(rows[t]):
            w = width(t, i)
            plan.items += put(card, plan.x(t) + wide / 2 - w, y, w)
            if card.target in arrows.get(t, {}):
                ends[f"{t}\n{card.target}"] = y
            y += height_of(card, w) + GAP
        ends[t] = y - GAP
    return ends


def _connect(
    plan: Plan,
    arrows: Mapping[str, Mapping[str, str]],
    above: Mapping[str, float],
    line: float,
    below: Mapping[str, float],
) -> None:
    """Draw the hand-overs across a line: how many, and how long they waited."""
    wide = plan.pitch - 14
    for t, targets in arrows.items():
        left = plan.x(t) - wide / 2
        for i, (target, text) in enumerate(targets.items()):
            x = left + INDENT * (len(targets) - 1 - i) + (wide / 2 if len(targets) == 1 else 4.5)
            x = left + 14 if len(targets) == 1 else x
            end = below[f"{t}\n{target}"]
            y = line - 3 - 14 * (len(targets) - 1 - i) if len(targets) > 1 else line - 5
            plan.items.append(Curve((x, above[t] + 1), ((x, line), (x, end - 8)), (x, end), palette.AMBER, 2.2, tip=True, said=f"{target}: {text}"))  # fmt: skip
            at = left + INDENT * len(targets) + 12
            room = width_of(text, 11.5, bold=True)
            plan.items.append(Box(at - 3, y - 11, room + 6, 14, palette.PAPER, radius=3))
            plan.items.append(Words(at, y, text, 11.5, palette.AMBER, bold=True, anchor="start"))
