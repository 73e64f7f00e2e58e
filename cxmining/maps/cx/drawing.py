"""The CX map as a drawing: columns are touchpoints under their stages, rows are what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cxmining.figures import palette
from cxmining.figures.measure import fitted, width_of
from cxmining.figures.scene import Box, Item, Line, Scene, Words, block
from cxmining.i18n import CHANNEL_LABELS, speaking
from cxmining.maps import words
from cxmining.maps.cx.decided import opportunities, owners, shares
from cxmining.maps.cx.felt import elements, emotions, gaps, moments, pains, perceptions, quotes, scores
from cxmining.maps.cx.sheet import EDGE, LABELS, SIGN, Sheet
from cxmining.maps.cx.walked import channels, choices, tasks, touchpoints
from cxmining.maps.tables import records
from cxmining.maps.words import HIDDEN, STAGE_WORDS
from cxmining.schema import CHANNELS

__all__ = ["draw", "draw_borders", "draw_feet", "draw_head", "draw_stages", "lay", "legend_of"]

say = speaking("cx_map")


def draw(
    cells: pd.DataFrame,
    columns: list[str],
    labels: Mapping[str, str],
    facts: Mapping[str, Any],
    language: str,
    *,
    framed: bool = True,
) -> Scene:
    """Draw the cells of these touchpoints (see `lay`)."""
    return lay(cells, columns, labels, facts, language, framed=framed)[0]


def lay(
    cells: pd.DataFrame,
    columns: list[str],
    labels: Mapping[str, str],
    facts: Mapping[str, Any],
    language: str,
    *,
    framed: bool = True,
) -> tuple[Scene, tuple[str, ...]]:
    """Draw the cells of these touchpoints, and return what is to be said below.

    Parameters
    ----------
    cells : DataFrame
        See `cxmining.maps.cx.cells`.
    columns : list of str
        Touchpoints in the order in which they stand.
    labels : mapping
        What they are called.
    facts : mapping
        ``title``, ``size``, ``under`` and ``feet`` (sentences below), ``target``, ``wow``.
    language : {"en", "nl"}
    framed : bool, default True
        With title, legend and sentences above and below; without where a page says them itself.

    Returns
    -------
    scene : Scene
    feet : tuple of str
        Sentences that stand below: those of the facts, and how much of the flow is drawn.
    """
    stages = cells[cells["touchpoint"] != ""].drop_duplicates("touchpoint").set_index("touchpoint")["stage"].to_dict()
    pitch = 124.0 if len(columns) <= 8 else 110.0 if len(columns) <= 30 else 100.0
    pitch = max(pitch, (760 - LABELS) / max(1, len(columns)))
    sheet = Sheet(cells, columns, {t: stages.get(t, "") for t in columns}, labels, language, facts, pitch)
    if framed:
        draw_head(sheet)
    first = sheet.y
    draw_stages(sheet)
    for part in (tasks, touchpoints, channels, choices, scores, gaps, moments, emotions, quotes, perceptions,
                 elements, pains, shares, owners, opportunities):  # fmt: skip
        part(sheet)
    draw_borders(sheet, first)
    if framed:
        draw_feet(sheet)
    stages_shown = len({s for s, _, _ in sheet.spans() if s})
    told = sheet.said("told", touchpoints=len(columns), stages=stages_shown)
    scene = Scene(sheet.width, sheet.y + EDGE, facts["title"], tuple(sheet.items), told)
    return scene, (*facts["feet"], *sheet.feet)


def draw_head(sheet: Sheet) -> None:
    """Title, size, filter chain and legend."""
    wide = sheet.width - 2 * EDGE
    sheet.items.append(Words(EDGE, sheet.y + 22, fitted(sheet.facts["title"], 20, wide, bold=True), 20, bold=True, anchor="start"))  # fmt: skip
    sheet.y += 34
    for key, size, colour in (("size", 13, palette.INK), ("under", 11.5, palette.MUTED)):
        told = block(sheet.facts[key], EDGE, sheet.y + 13, wide, size=size, most=4, colour=colour, anchor="start")
        sheet.items += told
        sheet.y += 5 + 16.5 * len(told)
    x = EDGE
    for sign, colour, text in legend_of(sheet.cells, sheet.language):
        took = 17 + width_of(text, 11.5) + 14
        if x + took > sheet.width - EDGE and x > EDGE:
            x, sheet.y = EDGE, sheet.y + 18
        mark: Item = (
            Words(x + 5, sheet.y + 15, sign, 11.5, colour) if sign else Box(x, sheet.y + 5, 11, 11, colour, radius=3)
        )
        sheet.items += [mark, Words(x + 17, sheet.y + 15, text, 11.5, palette.MUTED, anchor="start")]
        x += took
    sheet.y += 32


def legend_of(cells: pd.DataFrame, language: str) -> list[tuple[str, str, str]]:
    """Return what the colours of channels and the signs of evidence mean: sign or "", colour, name."""
    used = set(cells.loc[cells["row"] == "channel", "key"])
    channels = [("", palette.CHANNEL[c], CHANNEL_LABELS[c][language]) for c in CHANNELS if c in used]
    return channels + [(s, palette.MUTED, say(k, language)) for k, s in SIGN.items() if (cells["status"] == k).any()]


def draw_stages(sheet: Sheet) -> None:
    """The stages above their touchpoints; nothing where no touchpoint has one."""
    cells = sheet.cells[sheet.cells["row"] == "stage"]
    known = {(c["stage"], c["key"]): c for c in records(cells)}
    if not any(stage for stage, _, _ in sheet.spans()):
        return
    top, high, tip = sheet.y, 44.0, 9.0
    for stage, a, b in sheet.spans():
        x0, x1 = LABELS + sheet.pitch * a + 2, LABELS + sheet.pitch * b - 1
        points = ((x0, top), (x1 - tip, top), (x1, top + high / 2), (x1 - tip, top + high), (x0, top + high), (x0 + tip, top + high / 2))  # fmt: skip
        fill = palette.CHEVRON if stage else palette.MUTED
        share, time = known.get((stage, "share")), known.get((stage, "median_s"))
        told = []
        if share is not None and not share["hidden"]:
            part = words.percent(share["value"], sheet.language)
            span = words.interval(share["low"], share["high"], sheet.language, 0, share=True)
            told = [sheet.said("stage_share", share=part), f"{part} {span}", part]
        if time is not None and not time["hidden"] and words.known(time["value"]) and time["value"] > 0:
            took = sheet.said("stage_time", time=words.duration(time["value"], sheet.language))
            told = [*(f"{text} · {took}" for text in told[:2]), *told]
        name, inner = STAGE_WORDS[stage][sheet.language], x1 - x0 - 2 * tip - 6
        middle = (x0 + x1) / 2 + tip / 4
        fits = next((text for text in told if width_of(text, 11) <= inner), "")
        size = next((s for s in (14.0, 13.0, 12.0, 11.0) if width_of(name, s, bold=True) <= inner), 11.0)
        full = f"{name}: {told[0]} {span}" if told else name
        sheet.items.append(Line(points, palette.CLEAR, 0, fill=fill, closed=True, said=full))
        sheet.items.append(Words(middle, top + (19 if fits else 27), fitted(name, size, inner, bold=True), size, palette.CHEVRON_INK, bold=True))  # fmt: skip
        sheet.items.append(Words(middle, top + 35, fits, 11, palette.CHEVRON_INK))
    sheet.y = top + high + 6


def draw_borders(sheet: Sheet, top: float) -> None:
    """A thin vertical where a stage ends, behind everything."""
    lines: list[Item] = [
        Line(((LABELS + sheet.pitch * b, top + 50), (LABELS + sheet.pitch * b, sheet.y)), palette.RULE)
        for _, _, b in sheet.spans()[:-1]
    ]
    sheet.items[:0] = lines


def draw_feet(sheet: Sheet) -> None:
    """The sentences below."""
    right = LABELS + sheet.pitch * len(sheet.columns)
    sheet.items.append(Line(((EDGE, sheet.y), (right, sheet.y)), palette.RULE))
    sheet.y += 8
    for i, text in enumerate([*sheet.facts["feet"], *sheet.feet, sheet.said("signs", hidden=HIDDEN)]):
        bold = i == 0 and bool(sheet.facts["decided"])
        size = 13 if bold else 11.5
        told = block(text, EDGE, sheet.y + 15, min(sheet.width, 1500) - 2 * EDGE, size=size, most=6, bold=bold, anchor="start", colour=palette.INK if bold else palette.MUTED)  # fmt: skip
        sheet.items += told
        sheet.y += 5 + (17 if bold else 15.5) * len(told)
    sheet.y += 4
