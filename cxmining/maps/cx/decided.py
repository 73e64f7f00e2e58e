"""Rows of a CX map on what follows: what decides, who is responsible, what people see as chances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxmining.figures import palette
from cxmining.figures.measure import lines_of
from cxmining.figures.scene import Box, Line, Words, block
from cxmining.i18n import speaking
from cxmining.maps import words
from cxmining.maps.cx.sheet import LABELS, SIGN, Sheet, first_text, kinds
from cxmining.maps.facts import signed
from cxmining.maps.words import HIDDEN, METRIC_WORDS, MISSING

__all__ = ["opportunities", "owners", "shares"]


def shares(sheet: Sheet) -> None:
    """Draw which part of what explains the score each touchpoint has."""
    cells = sheet.of("share")
    if not cells:
        return
    plot = 74.0
    top = sheet.row(
        "share",
        plot + 40,
        kinds(cells),
        sheet.said("share_small", target=words.named(METRIC_WORDS, sheet.facts["target"], sheet.language)),
    )
    most = max([0.1, *(float(c["high"] if words.known(c["high"]) else c["value"]) for many in cells.values() for c in many if words.known(c["value"]))])  # fmt: skip
    base = top + 14 + plot
    sheet.items.append(Line(((LABELS + 4, base), (LABELS + sheet.pitch * len(sheet.columns) - 4, base)), palette.RULE))
    for t in sheet.columns:
        cell, x = next(iter(cells.get(t, [])), None), sheet.x(t)
        if cell is None or cell["hidden"] or not words.known(cell["value"]):
            sheet.items.append(Words(x, base + 17, sheet.absent(cell), 12, palette.MUTED))
            continue
        first = t in sheet.facts["decisive"]
        high = plot * float(cell["value"]) / most
        said = f"{sheet.labels[t]}: {words.percent(cell['value'], sheet.language)} {words.interval(cell['low'], cell['high'], sheet.language, 0, share=True)}, n = {words.number(cell['n'], sheet.language)}"  # fmt: skip
        sheet.items.append(Box(x - 15, base - high, 30, high, palette.NAVY if first else palette.SOFT, said=said))
        if words.known(cell["low"]):
            y0, y1 = (base - plot * float(v) / most for v in (cell["low"], cell["high"]))
            sheet.items.append(Line(((x, y0), (x, y1)), palette.AMBER if first else palette.INK, 2))
        sheet.items.append(Words(x, base + 17, words.percent(cell["value"], sheet.language), 12, bold=first))


def owners(sheet: Sheet) -> None:
    """Draw who is responsible."""
    cells = sheet.of("owner")
    if not cells:
        return
    lines = max(len(lines_of(first_text(many), 12, sheet.pitch - 26, 2, bold=True)) for many in cells.values())
    top = sheet.row("owner", 26 + 15 * lines, kinds(cells))
    for t in sheet.columns:
        text = first_text(cells[t]) if t in cells else MISSING
        rows = block(text, sheet.x(t), top + 24, sheet.pitch - 26, most=2, bold=True)
        if text not in (MISSING, HIDDEN):
            sheet.items.append(Box(sheet.x(t) - sheet.pitch / 2 + 6, top + 9, sheet.pitch - 12, 8 + 15 * len(rows), palette.LANE, palette.RULE, 1, 8))  # fmt: skip
        sheet.items += rows


def opportunities(sheet: Sheet) -> None:
    """Draw chances: what people see, and what the roadmap holds with the difference that goes with it."""
    cells = sheet.of("opportunity")
    if not cells:
        return
    told = {t: [line for c in many for line in _chance(sheet, c)] for t, many in cells.items()}
    wide = sheet.pitch - 22
    rows = {t: [line for text in texts for line in lines_of(text, 11.5, wide, 6)][:12] for t, texts in told.items()}
    top = sheet.row("opportunity", 28 + 15 * max(map(len, rows.values())), kinds(cells))
    for t, lines in rows.items():
        sheet.items.append(Box(sheet.x(t) - sheet.pitch / 2 + 4, top + 8, sheet.pitch - 8, 12 + 15 * len(lines), palette.NOTE, palette.NOTE_RULE, 1, 5, said=" · ".join(told[t])))  # fmt: skip
        for i, line in enumerate(lines):
            sheet.items.append(Words(sheet.x(t), top + 24 + 15 * i, line, 11.5))


def _chance(sheet: Sheet, cell: Mapping[str, Any]) -> list[str]:
    """Return what stands on the slip: its sign, the words or the difference with interval, and n."""
    if cell["hidden"]:
        return [HIDDEN]
    sign = SIGN[cell["status"]]
    n = [f"n = {words.number(cell['n'], sheet.language)}"] if words.known(cell["n"]) else []
    if cell["key"] == "task":
        return [f"{sign} {sheet.said('chance_task', task=cell['text'])}", *n]
    if not words.known(cell["value"]):
        return [f"{sign} {cell['text']}"]
    if cell["key"] == "difference":
        value, span = (
            signed(cell["value"], sheet.language, 2),
            words.interval(cell["low"], cell["high"], sheet.language, 2),
        )
        return [f"{sign} {sheet.said('chance_point', value=value)}", span, *n]
    outcome = speaking("decisions")("out_" + str(cell["key"]), sheet.language)
    value = signed(100 * cell["value"], sheet.language, 0)
    span = words.interval(100 * cell["low"], 100 * cell["high"], sheet.language, 0)
    return [f"{sign} {outcome} {value} pp", span, *n]
