"""Rows of a CX map on what customers do: tasks, touchpoints and flow, channels, choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxmining.figures import palette
from cxmining.figures.measure import lines_of
from cxmining.figures.scene import Box, Circle, Curve, Words, block
from cxmining.i18n import CHANNEL_LABELS
from cxmining.maps import words
from cxmining.maps.cx.sheet import Sheet, first_text, kinds, texts_row
from cxmining.maps.tables import records
from cxmining.maps.words import MISSING

__all__ = ["channels", "choices", "tasks", "touchpoints"]


def tasks(sheet: Sheet) -> None:
    """Draw what customers want done."""
    texts_row(sheet, "task", first_text)


def touchpoints(sheet: Sheet) -> None:
    """Draw the touchpoints with their reach, and the strongest transitions between them."""
    reach = {t: next((c for c in cells if c["key"] == "reach"), None) for t, cells in sheet.of("touchpoint").items()}
    channel = _main_channels(sheet)
    edges, shown, total, every = _edges(sheet, channel)
    longest = max((abs(b - a) for a, b, _, _, _ in edges), default=0)
    above = 16 + min(78.0, 11.0 * longest) if any(b > a for a, b, *_ in edges) else 12
    below = (
        12 + min(46.0, 7.0 * max((a - b for a, b, *_ in edges if a > b), default=0))
        if any(a > b for a, b, *_ in edges)
        else 2
    )
    lines = max(len(lines_of(sheet.labels[t], 12.5, sheet.pitch - 10, 4, bold=True)) for t in sheet.columns)
    top = sheet.row("touchpoint", above + 48 + below + 16 * lines + 27, {"measured"} if reach else set())
    middle = top + above + 24
    size = {t: _radius(reach.get(t)) for t in sheet.columns}
    strongest = max((edge[2] for edge in edges), default=1.0)
    for a, b, value, said, dash in sorted(edges, key=lambda e: e[2]):
        s, t = sheet.columns[a], sheet.columns[b]
        forward = b > a
        lift = (12 + min(78.0, 11.0 * abs(b - a))) * 1.15 if forward else -(8 + min(46.0, 7.0 * abs(b - a))) * 1.2
        x0, x1 = sheet.x(s) + (8 if forward else -8), sheet.x(t) - (8 if forward else -8)
        y0 = middle - size[s] * 0.9 if forward else middle + size[s] * 0.9
        y1 = middle - size[t] * 0.9 - 2 if forward else middle + size[t] * 0.9 + 2
        pull = ((x0 + (x1 - x0) * 0.25, y0 - lift), (x0 + (x1 - x0) * 0.75, y1 - lift))
        thick = 0.9 + 4.6 * (value / strongest) ** 0.5
        sheet.items.append(Curve((x0, y0), pull, (x1, y1), palette.SOFT, thick, dash, True, said))
    for t in sheet.columns:
        cell, x = reach.get(t), sheet.x(t)
        text = words.percent(cell["value"], sheet.language) if cell is not None and not cell["hidden"] and words.known(cell["value"]) else sheet.absent(cell)  # fmt: skip
        kind = channel.get(t, "other")
        ground = palette.CHANNEL.get(kind, palette.CHANNEL["other"])
        said = f"{sheet.labels[t]}: {text} {words.interval(cell['low'], cell['high'], sheet.language, 0, share=True)}" if cell is not None else sheet.labels[t]  # fmt: skip
        sheet.items.append(Circle(x, middle, size[t], ground, palette.PAPER, 2, said))
        sheet.items.append(Words(x, middle + 4, text, 11.5, palette.ON_CHANNEL, bold=True))
        under = block(sheet.labels[t], x, middle + 40 + below, sheet.pitch - 10, size=12.5, most=4, bold=True)
        sheet.items += under
        if cell is not None and not cell["hidden"] and words.known(cell["n"]):
            n = f"n = {words.number(cell['n'], sheet.language)}"
            sheet.items.append(Words(x, under[-1].y + 15, n, 11, palette.MUTED))
    if edges and shown < every:
        sheet.feet.append(sheet.said("flow", shown=shown, all=every, share=words.percent(total, sheet.language)))


def _radius(cell: Mapping[str, Any] | None) -> float:
    value = cell["value"] if cell is not None and words.known(cell["value"]) else 0.0
    return float(15 + 9 * float(value) ** 0.5)


def _main_channels(sheet: Sheet) -> dict[str, str]:
    """Return the channel that most contacts of each touchpoint come over."""

    def share(cell: dict[str, Any]) -> float:
        return float(cell["value"]) if words.known(cell["value"]) else -1.0

    return {t: max(cells, key=share)["key"] for t, cells in sheet.of("channel").items()}


def _edges(sheet: Sheet, channel: Mapping[str, str]) -> tuple[list[tuple[int, int, float, str, bool]], int, float, int]:
    """Return the strongest transitions, about two per touchpoint: places, journeys, what is said, changes channel."""
    cells = sheet.cells[(sheet.cells["row"] == "flow") & ~sheet.cells["hidden"]]
    inside = cells[cells["touchpoint"].isin(sheet.columns) & cells["key"].isin(sheet.columns)]
    inside = inside.sort_values(["value", "touchpoint", "key"], ascending=[False, True, True])
    total = float(inside["value"].sum()) or 1.0
    chosen = inside.head(max(6, round(1.1 * len(sheet.columns))))
    place = {t: i for i, t in enumerate(sheet.columns)}
    found = []
    for cell in records(chosen):
        s, t, v = cell["touchpoint"], cell["key"], float(cell["value"])
        said = f"{sheet.labels[s]} → {sheet.labels[t]}: {words.number(v, sheet.language)}"
        found.append((place[s], place[t], v, said, channel.get(s) != channel.get(t)))
    return found, len(found), float(chosen["value"].sum()) / total, len(inside)


def channels(sheet: Sheet) -> None:
    """Draw the mix of channels, and what the touchpoint is about."""
    cells, about = sheet.of("channel"), sheet.of("evidence")
    if not cells:
        return
    told = {t: ", ".join(c["text"] for c in many if c["text"]) for t, many in about.items()}
    lines = max((len(lines_of(t, 11, sheet.pitch - 14, 3)) for t in told.values()), default=0)
    top = sheet.row("channel", 54 + 14 * lines, kinds(cells) | kinds(about))
    for t in sheet.columns:
        shares = [
            (c["key"], float(c["value"])) for c in cells.get(t, []) if not c["hidden"] and words.known(c["value"])
        ]
        x, wide = sheet.x(t) - (sheet.pitch - 26) / 2, sheet.pitch - 26
        if not shares:
            sheet.items.append(
                Words(sheet.x(t), top + 24, sheet.absent(next(iter(cells.get(t, [])), None)), 12, palette.MUTED)
            )
            continue
        shares.sort(key=lambda s: (-s[1], s[0]))
        said = " · ".join(f"{CHANNEL_LABELS[k][sheet.language]} {words.percent(v, sheet.language)}" for k, v in shares)
        at = x
        for key, value in shares:
            sheet.items.append(Box(at, top + 14, wide * value, 9, palette.CHANNEL[key], said=said))
            at += wide * value
        first = f"{CHANNEL_LABELS[shares[0][0]][sheet.language]} {words.percent(shares[0][1], sheet.language)}"
        sheet.items.append(Words(sheet.x(t), top + 38, first, 11, palette.INK))
        sheet.items += block(told.get(t, ""), sheet.x(t), top + 54, wide + 12, size=11, colour=palette.MUTED)


def choices(sheet: Sheet) -> None:
    """Where journeys part: the most frequent next steps, at touchpoints from which no single one takes nearly all."""
    told: dict[str, list[tuple[str, str]]] = {}
    for t, many in sheet.of("next").items():
        shown = sorted((c for c in many if not c["hidden"]), key=lambda c: (-c["value"], c["key"]))
        if len(shown) > 1 and shown[0]["value"] < 0.8:
            told[t] = [
                (_option(sheet, c), words.interval(c["low"], c["high"], sheet.language, 0, share=True))
                for c in shown[:3]
            ]
    if not told:
        return
    wide = sheet.pitch - 12
    rows = {t: [(*lines_of(text, 11, wide, 2), span) for text, span in many] for t, many in told.items()}
    top = sheet.row("next", 12 + 14.5 * max(sum(map(len, h)) for h in rows.values()) + 4 * 2 + 8, {"measured"})
    for t in sheet.columns:
        y = top + 20
        for option in rows.get(t, []):
            for i, line in enumerate(option):
                colour = palette.INK if i < len(option) - 1 else palette.MUTED
                sheet.items.append(Words(sheet.x(t), y, line, 11, colour))
                y += 14.5
            y += 4
        if t not in told:
            sheet.items.append(Words(sheet.x(t), y, MISSING, 12, palette.MUTED))


def _option(sheet: Sheet, cell: Mapping[str, Any]) -> str:
    where = sheet.said("leaves") if cell["key"].startswith("(") else sheet.labels.get(cell["key"], cell["key"])
    return f"{words.percent(cell['value'], sheet.language)} {where}"
