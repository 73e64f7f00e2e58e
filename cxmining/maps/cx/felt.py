"""Rows of a CX map on what customers feel: scores, gaps, moments, emotions, perceptions, elements, pain points."""

from __future__ import annotations

from typing import Any, Final

from cxmining.figures import palette
from cxmining.figures.measure import fitted, lines_of, width_of
from cxmining.figures.scene import Box, Circle, Line, Words, block
from cxmining.i18n import ELEMENT_LABELS, EMOTION_LABELS, named
from cxmining.maps import words
from cxmining.maps.cx.sheet import LABELS, Sheet, figures_row, first_text, kinds, texts_row
from cxmining.maps.facts import signed
from cxmining.maps.words import METRIC_WORDS

__all__ = ["elements", "emotions", "gaps", "moments", "pains", "perceptions", "quotes", "scores"]

_MOOD: Final = {
    "joy": palette.TEAL, "satisfaction": palette.TEAL, "surprise": palette.BLUE, "frustration": palette.RED,
    "confusion": palette.AMBER, "worry": palette.AMBER, "anger": palette.RED,
}  # fmt: skip
_PERCEIVED: Final = ("speed", "friendliness", "relevance")


def scores(sheet: Sheet) -> None:
    """Draw mean scores with their intervals, and what was expected before."""
    cells, asked = sheet.of("score"), sheet.of("expected")
    if not cells:
        return
    low, high = sheet.facts["scale"]
    metric = words.named(METRIC_WORDS, sheet.facts["metric"], sheet.language)
    values = [v for row in (cells, asked) for many in row.values() for c in many for v in (c["low"], c["high"], c["value"]) if words.known(v)]  # fmt: skip
    if values:  # the part of the scale that is used, in whole points, never less than half of it
        least, most = max(low, min(values) - 0.3), min(high, max(values) + 0.3)
        while most - least < (high - low) / 2:
            least, most = max(low, least - 0.5), min(high, most + 0.5)
        low, high = float(int(least // 1)), float(int(-(-most // 1)))
    plot = 150.0
    small = sheet.said("score_small", metric=f"{metric} {sheet.facts['scale'][0]:g}–{sheet.facts['scale'][1]:g}")
    top = sheet.row("score", plot + 58, kinds(cells), small)
    right = LABELS + sheet.pitch * len(sheet.columns)

    def at(value: Any) -> float:
        return float(top + 16 + plot * (high - float(value)) / (high - low))

    step = 1 if high - low <= 6 else 2 if high - low <= 14 else 50 if high - low > 120 else 25
    mark = low
    while mark <= high:
        sheet.items.append(Line(((LABELS, at(mark)), (right, at(mark))), palette.RULE))
        sheet.items.append(
            Words(LABELS - 8, at(mark) + 4, words.number(mark, sheet.language), 11, palette.MUTED, anchor="end")
        )
        mark += step
    for t in sheet.columns:
        x, cell = sheet.x(t), next(iter(cells.get(t, [])), None)
        expected = next((c for c in asked.get(t, []) if not c["hidden"]), None)
        if expected is not None:
            span = words.interval(expected["low"], expected["high"], sheet.language, 1)
            said = sheet.said("expected", value=words.number(expected["value"], sheet.language, 1), interval=span)
            sheet.items.append(Line(((x - 16, at(expected["value"])), (x + 16, at(expected["value"]))), palette.AMBER, 2.5, said=said))  # fmt: skip
        if cell is None or cell["hidden"] or not words.known(cell["value"]):
            sheet.items.append(Words(x, top + plot + 36, sheet.absent(cell), 12, palette.MUTED))
            continue
        gap = next((c for c in sheet.of("gap").get(t, []) if not c["hidden"] and words.known(c["low"])), None)
        kind = 0 if gap is None else 1 if gap["low"] > 0 else -1 if gap["high"] < 0 else 0
        colour = (palette.NAVY, palette.TEAL, palette.RED)[kind]
        if words.known(cell["low"]):
            y0, y1 = at(max(low, cell["low"])), at(min(high, cell["high"]))
            sheet.items.append(Line(((x, y0), (x, y1)), colour, 2))
            sheet.items += [Line(((x - 5, y), (x + 5, y)), colour, 2) for y in (y0, y1)]
        y = at(cell["value"])
        span = words.interval(cell["low"], cell["high"], sheet.language, 1)
        said = f"{sheet.labels[t]}: {words.number(cell['value'], sheet.language, 1)} {span}, n = {words.number(cell['n'], sheet.language)}"
        if kind:
            turn = -1 if kind > 0 else 1
            points = ((x, y + turn * 8), (x - 8, y - turn * 6), (x + 8, y - turn * 6))
            sheet.items.append(Line(points, palette.PAPER, 1.5, fill=colour, closed=True, said=said))
        else:
            sheet.items.append(Circle(x, y, 5.5, colour, palette.PAPER, 1.5, said))
        sheet.items.append(Words(x, top + plot + 36, words.number(cell["value"], sheet.language, 1), 12.5, bold=True))
        sheet.items.append(
            Words(x, top + plot + 51, f"n = {words.number(cell['n'], sheet.language)}", 11, palette.MUTED)
        )


def gaps(sheet: Sheet) -> None:
    """Draw experience less expectation."""

    def show(cell: dict[str, Any]) -> tuple[str, str, str]:
        sure = words.known(cell["low"]) and not cell["low"] <= 0 <= cell["high"]
        digits = 2 if sure and min(abs(cell["low"]), abs(cell["high"])) < 0.05 else 1
        colour = palette.INK if not sure else palette.TEAL if cell["value"] > 0 else palette.RED
        return (
            signed(cell["value"], sheet.language, digits),
            words.interval(cell["low"], cell["high"], sheet.language, digits),
            colour,
        )

    figures_row(sheet, "gap", show)


def moments(sheet: Sheet) -> None:
    """Draw how often experience stood far above or below expectation."""
    wow, pain = sheet.of("wow"), sheet.of("pain")
    if not wow and not pain:
        return
    top = sheet.row("moments", 98, kinds(wow) | kinds(pain), sheet.said("moments_small", wow=f"{sheet.facts['wow']:g}"))
    for t in sheet.columns:
        n = None
        for i, (cells, sign, colour) in enumerate(((wow, "▲", palette.TEAL), (pain, "▼", palette.RED))):
            cell, y = next(iter(cells.get(t, [])), None), top + 21 + 32 * i
            if cell is None or cell["hidden"]:
                sheet.items.append(Words(sheet.x(t), y, sheet.absent(cell), 11.5, palette.MUTED))
                continue
            n = cell["n"]
            ink = colour if cell["value"] > 0 else palette.MUTED
            span = words.interval(cell["low"], cell["high"], sheet.language, 0, share=True)
            value = f"{sign} {words.percent(cell['value'], sheet.language)}"
            sheet.items.append(Words(sheet.x(t), y, value, 11.5, ink))
            sheet.items.append(Words(sheet.x(t), y + 14, span, 11, palette.MUTED))
        if n is not None:
            sheet.items.append(Words(sheet.x(t), top + 84, f"n = {words.number(n, sheet.language)}", 11, palette.MUTED))


def emotions(sheet: Sheet) -> None:
    """Draw the emotions that customers name most."""
    cells = sheet.of("emotion")
    if not cells:
        return
    top = sheet.row("emotion", 66, kinds(cells))
    for t in sheet.columns:
        many = cells.get(t, [])
        shown = sorted((c for c in many if not c["hidden"] and c["value"] > 0), key=lambda c: (-c["value"], c["key"]))[
            :2
        ]
        if not shown:
            sheet.items.append(
                Words(
                    sheet.x(t), top + 24, sheet.absent(next((c for c in many if c["hidden"]), None)), 12, palette.MUTED
                )
            )
        for i, cell in enumerate(shown):
            name = named(EMOTION_LABELS, cell["key"], sheet.language)
            colour = _MOOD.get(cell["key"], palette.MUTED)
            text = fitted(f"{words.percent(cell['value'], sheet.language)} {name}", 11, sheet.pitch - 18)
            wide = width_of(text, 11) + 12
            said = f"{name}: {words.percent(cell['value'], sheet.language)} {words.interval(cell['low'], cell['high'], sheet.language, 0, share=True)}, n = {words.number(cell['n'], sheet.language)}"  # fmt: skip
            sheet.items.append(
                Box(sheet.x(t) - wide / 2, top + 9 + 23 * i, wide, 19, palette.CLEAR, colour, 1.4, 9.5, said)
            )
            sheet.items.append(Words(sheet.x(t), top + 22.5 + 23 * i, text, 11, colour))


def quotes(sheet: Sheet) -> None:
    """Draw what customers say."""
    texts_row(
        sheet,
        "quote",
        lambda c: f"“{first_text(c)}”" if any(x["text"] for x in c) else first_text(c),
        most=5,
        slanted=True,
    )


def perceptions(sheet: Sheet) -> None:
    """Draw speed, friendliness and relevance from bad to good."""
    cells = sheet.of("perception")
    if not cells:
        return
    top = sheet.row("perception", 72, kinds(cells))
    wide = sheet.pitch - 52
    for t in sheet.columns:
        mine = {c["key"]: c for c in cells.get(t, [])}
        for i, name in enumerate(_PERCEIVED):
            y, cell = top + 13 + 19 * i, mine.get(name)
            letter, left = sheet.said(name)[0].upper(), sheet.x(t) - sheet.pitch / 2 + 30
            sheet.items.append(Words(left - 8, y + 9, letter, 11, palette.MUTED, anchor="end"))
            middle = left + wide / 2
            if cell is None or cell["hidden"] or not words.known(cell["value"]):
                sheet.items.append(Words(middle, y + 9, sheet.absent(cell), 11, palette.MUTED))
                continue
            value = max(-1.0, min(1.0, float(cell["value"])))
            said = f"{sheet.said(name)}: {signed(value, sheet.language, 2)} {words.interval(cell['low'], cell['high'], sheet.language, 2)}, n = {words.number(cell['n'], sheet.language)}"  # fmt: skip
            colour = palette.TEAL if value > 0 else palette.RED
            sheet.items.append(Line(((left, y + 5), (left + wide, y + 5)), palette.RULE))
            long = abs(value) * wide / 2
            sheet.items.append(Box(middle - (long if value < 0 else 0), y, long, 10, colour, said=said))
            sheet.items.append(Line(((middle, y - 2), (middle, y + 12)), palette.MUTED))
            if words.known(cell["low"]):
                a, b = (middle + max(-1.0, min(1.0, float(v))) * wide / 2 for v in (cell["low"], cell["high"]))
                sheet.items.append(Line(((a, y + 5), (b, y + 5)), palette.INK, 1.2))


def elements(sheet: Sheet) -> None:
    """Draw the CX elements as tiles."""
    cells = sheet.of("element")
    if not cells:
        return
    names = list(ELEMENT_LABELS)
    short = {name: (str(i), named(ELEMENT_LABELS, name, sheet.language)) for i, name in enumerate(names, start=1)}
    legend = " · ".join(f"{a} {b}" for a, b in short.values())
    top = sheet.row("element", 56, kinds(cells), f"{legend}. {sheet.said('element_small')}")
    tile = min(16.0, (sheet.pitch - 16) / max(1, len(names)) - 1)
    for t in sheet.columns:
        mine = {c["key"]: c for c in cells.get(t, [])}
        x = sheet.x(t) - (tile + 1) * len(names) / 2
        for name in names:
            cell = mine.get(name)
            value = None if cell is None or cell["hidden"] or not words.known(cell["value"]) else float(cell["value"])
            colour = palette.LANE if value is None else palette.DIVERGING[min(4, max(0, round((value + 1) * 2)))]
            said = f"{short[name][1]}: {sheet.absent(cell) if value is None or cell is None else signed(value, sheet.language, 2) + ' ' + words.interval(cell['low'], cell['high'], sheet.language, 2) + ', n = ' + words.number(cell['n'], sheet.language)}"  # fmt: skip
            sheet.items.append(Box(x, top + 13, tile, 18, colour, palette.RULE, 0.8, 3, said))
            sheet.items.append(Words(x + tile / 2, top + 45, fitted(short[name][0], 11, tile + 6), 11, palette.MUTED))
            x += tile + 1


def pains(sheet: Sheet) -> None:
    """Where customers got less than they expected, beyond chance; and what people wrote there."""
    gaps, own = sheet.of("gap"), sheet.of("pain_point")
    told: dict[str, str] = {}
    rests = kinds(own)
    for t in sheet.columns:
        parts = [c["text"] for c in own.get(t, []) if c["text"]]
        gap = next((c for c in gaps.get(t, []) if not c["hidden"] and words.known(c["high"]) and c["high"] < 0), None)
        if gap is not None:
            rests.add("measured")
            span = words.interval(gap["low"], gap["high"], sheet.language, 1 if gap["high"] <= -0.05 else 2)
            parts.append(sheet.said("pain_told", gap=signed(gap["value"], sheet.language, 1), interval=span))
        if parts:
            told[t] = "; ".join(parts)
    if not told:
        return
    lines = max(len(lines_of(s, 11.5, sheet.pitch - 14, 5)) for s in told.values())
    top = sheet.row("pain_point", 20 + 15 * lines + 6, rests)
    for t, text in told.items():
        sheet.items += block(text, sheet.x(t), top + 20, sheet.pitch - 14, size=11.5, most=5, colour=palette.RED)
