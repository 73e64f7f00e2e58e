"""The sheet a CX map is drawn on: columns are touchpoints, rows are named at the left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import pandas as pd

from cxmining.figures import palette
from cxmining.figures.evidence import EVIDENCE
from cxmining.figures.measure import lines_of, width_of
from cxmining.figures.scene import Item, Line, Words, block
from cxmining.i18n import speaking
from cxmining.maps import words
from cxmining.maps.cx.columns import words_of
from cxmining.maps.tables import records
from cxmining.maps.words import HIDDEN, MISSING

__all__ = ["CALLED", "EDGE", "LABELS", "SIGN", "Sheet", "figures_row", "first_text", "kinds", "texts_row"]

say = speaking("cx_map")
LABELS: Final = 168.0
"""Width of the column in which the rows are named, in pixels."""
EDGE: Final = 14.0
SIGN: Final = EVIDENCE
CALLED: Final = ("task", "evidence", "opportunity")
"""Rows whose words the catalogue may call otherwise in another language."""


@dataclass
class Sheet:
    """What is drawn so far: `y` is where the next row begins, `feet` what its rows want said below beside the facts."""

    cells: pd.DataFrame
    columns: list[str]
    stage_of: Mapping[str, str]
    labels: Mapping[str, str]
    language: str
    facts: Mapping[str, Any]
    pitch: float
    y: float = EDGE
    items: list[Item] = field(default_factory=list)
    feet: list[str] = field(default_factory=list)

    @property
    def width(self) -> float:
        """Pixels in all."""
        return LABELS + self.pitch * len(self.columns) + EDGE

    def x(self, touchpoint: str) -> float:
        """Return the middle of a touchpoint's column."""
        return LABELS + self.pitch * (self.columns.index(touchpoint) + 0.5)

    @cached_property
    def _rows(self) -> dict[str, dict[str, list[dict[str, Any]]]]:
        found: dict[str, dict[str, list[dict[str, Any]]]] = {}
        called = words_of(self.cells, self.language)
        for cell in records(self.cells[self.cells["touchpoint"].isin(self.columns)]):
            if cell["row"] in CALLED:
                cell["text"] = called.get(cell["text"], cell["text"])
            found.setdefault(cell["row"], {}).setdefault(cell["touchpoint"], []).append(cell)
        return found

    def of(self, row: str) -> dict[str, list[dict[str, Any]]]:
        """Return the cells of a row by touchpoint."""
        return self._rows.get(row, {})

    def said(self, key: str, **values: Any) -> str:
        """Return a sentence of the map."""
        return say(key, self.language, **values)

    def spans(self) -> list[tuple[str, int, int]]:
        """Return the stages with the columns they take."""
        out: list[tuple[str, int, int]] = []
        for i, t in enumerate(self.columns):
            stage = self.stage_of[t]
            if out and out[-1][0] == stage:
                out[-1] = (stage, out[-1][1], i + 1)
            else:
                out.append((stage, i, i + 1))
        return out

    def row(self, key: str, height: float, kinds: set[str], small: str | None = None) -> float:
        """Name a row at its left, rule it off above, and return where it begins; `y` goes on below it."""
        top = self.y
        right = LABELS + self.pitch * len(self.columns)
        self.items.append(Line(((EDGE, top), (right, top)), palette.RULE))
        sign = " ".join(SIGN[k] for k in SIGN if k in kinds)
        self.items.append(Words(EDGE, top + 21, self.said(key), 13, bold=True, anchor="start"))
        if sign:
            at = EDGE + width_of(self.said(key), 13, bold=True) + 7
            self.items.append(Words(at, top + 21, sign, 11, palette.MUTED, anchor="start"))
        told = block(small or self.said(f"{key}_small"), EDGE, top + 38, LABELS - EDGE - 30, size=11, most=8, colour=palette.MUTED, anchor="start")  # fmt: skip
        self.items += told
        self.y = top + max(height, 38 + 14.5 * len(told) + 4)
        return top

    def absent(self, cell: Mapping[str, Any] | None) -> str:
        """Return the sign of a cell that shows nothing: hidden, or never measured."""
        return HIDDEN if cell is not None and cell["hidden"] else MISSING


def kinds(cells: Mapping[str, list[dict[str, Any]]]) -> set[str]:
    """Return what the cells of a row rest on."""
    return {c["status"] for many in cells.values() for c in many}


def texts_row(
    sheet: Sheet, key: str, text: Callable[[list[dict[str, Any]]], str], *, most: int = 4, slanted: bool = False, row: str | None = None
) -> None:  # fmt: skip
    """Draw a row of plain words; neighbours of one stage that say the same share them."""
    cells = sheet.of(row or key)
    if not cells:
        return
    said = {t: text(cells[t]) if t in cells else MISSING for t in sheet.columns}
    runs: list[tuple[str, int, int]] = []
    for i, t in enumerate(sheet.columns):
        before = sheet.columns[i - 1] if i else None
        same = before is not None and sheet.stage_of[before] == sheet.stage_of[t] and said[before] == said[t]
        if same and said[t] not in (MISSING, HIDDEN):
            runs[-1] = (said[t], runs[-1][1], i + 1)
        else:
            runs.append((said[t], i, i + 1))
    rows = max(len(lines_of(s, 12, sheet.pitch * (b - a) - 14, most)) for s, a, b in runs)
    top = sheet.row(key, 18 + 15.5 * rows + 8, kinds(cells))
    for words_, a, b in runs:
        x = LABELS + sheet.pitch * (a + b) / 2
        colour = palette.MUTED if words_ in (MISSING, HIDDEN) else palette.INK
        lines = block(words_, x, top + 21, sheet.pitch * (b - a) - 14, most=most, colour=colour, slanted=slanted)
        sheet.items += lines
        if b - a > 1:
            below = top + 21 + 15 * len(lines) - 6
            sheet.items.append(Line(((LABELS + sheet.pitch * a + 16, below), (LABELS + sheet.pitch * b - 16, below)), palette.SOFT, 2))  # fmt: skip


def first_text(cells: list[dict[str, Any]]) -> str:
    """Return the texts of a cell, or the sign that there is none."""
    shown = [c for c in cells if c["text"]]
    return (
        "; ".join(dict.fromkeys(c["text"] for c in shown))
        if shown
        else HIDDEN
        if any(c["hidden"] for c in cells)
        else MISSING
    )


def figures_row(
    sheet: Sheet, key: str, show: Callable[[dict[str, Any]], tuple[str, str, str]], *, row: str | None = None
) -> None:
    """Draw a row of figures: one large, one small below it, in a colour."""
    cells = sheet.of(row or key)
    if not cells:
        return
    top = sheet.row(key, 50, kinds(cells))
    for t in sheet.columns:
        cell = next(iter(cells.get(t, [])), None)
        if cell is None or cell["hidden"] or not words.known(cell["value"]):
            sheet.items.append(Words(sheet.x(t), top + 23, sheet.absent(cell), 12, palette.MUTED))
            continue
        large, small, colour = show(cell)
        sheet.items.append(Words(sheet.x(t), top + 23, large, 12.5, colour, bold=colour != palette.INK))
        sheet.items.append(Words(sheet.x(t), top + 38, small, 11, palette.MUTED))
