"""The persona cards as a drawing: on the left a slip that people wrote, on the right what the log shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from cxmining.figures import palette
from cxmining.figures.measure import fitted
from cxmining.figures.scene import Box, Circle, Item, Line, Scene, Words, block
from cxmining.i18n import signed, speaking
from cxmining.maps import words
from cxmining.maps.personas.cells import LEAST_ANSWERS
from cxmining.maps.personas.panels import Panel, bars, feelings, habits, strip
from cxmining.maps.personas.people import FAR, FIELDS
from cxmining.maps.tables import records
from cxmining.maps.told import say_once
from cxmining.maps.words import HIDDEN, METRIC_WORDS, known

__all__ = ["draw", "feet_of"]

say = speaking("personas")
EDGE: Final = 14.0
GAP: Final = 18.0
LEFT: Final = 296.0
"""Width of what people say, where both parts stand side by side."""
_WIDE: Final = 700.0


def draw(
    cells: pd.DataFrame, segments: list[int], facts: Mapping[str, Any], language: str, width: float, *, framed: bool = True
) -> Scene:  # fmt: skip
    """Draw the cards of some segments, one under the other.

    Parameters
    ----------
    cells : DataFrame
        See `cxmining.maps.personas.cells`.
    segments : list of int
    facts : mapping
        ``title``, ``size``, ``under``, ``least``.
    language : {"en", "nl"}
    width : float
        Pixels; below 700 the two parts stand one under the other.
    framed : bool, default True
        With title and sentences above and below; without where a page says them itself.
    """
    items: list[Item] = []
    y = EDGE if framed else 2.0
    wide = width - 2 * EDGE
    if framed:
        items.append(Words(EDGE, y + 20, fitted(facts["title"], 20, wide, bold=True), 20, bold=True, anchor="start"))
        y += 32
        told = [(facts["size"], 13.0, palette.INK), (say("lead", language), 12.0, palette.MUTED)]
        for text, size, colour in [*told, *((t, 13.0, palette.INK) for t in feet_of(cells, language))]:
            lines = block(text, EDGE, y + 12, wide, size=size, most=4, colour=colour, anchor="start")
            items += lines
            y += 6 + 16.5 * len(lines)
        y += 6
    scale = cells[cells["row"] == "scale"]
    for s in segments:
        mine = cells[cells["segment"] == s]
        card = _Card(records(mine), language, int(facts["least"]), records(scale)[0] if len(scale) else None)
        made, height = card.draw(EDGE if framed else 2.0, y, wide if framed else width - 4)
        items += made
        y += height + GAP
    y -= GAP if segments else 0
    if framed:
        for text in (facts["under"], say("signs", language, hidden=HIDDEN)):
            lines = block(text, EDGE, y + 22, wide, size=11.5, most=4, colour=palette.MUTED, anchor="start")
            items += lines
            y += 4 + 15.5 * len(lines)
        y += EDGE
    return Scene(width, y + (8 if framed else 4), facts["title"], tuple(items), say("told", language, n=len(segments)))


def feet_of(cells: pd.DataFrame, language: str) -> list[str]:
    """Return what must be said of all cards: that there is one group, or that the segments are not stable."""
    how = cells.loc[(cells["row"] == "segment") & (cells["key"] == "stability"), "text"]
    if (how == "one").any():
        return [say("one_group", language)]
    return [say("shaky", language)] if (how == "unstable").any() else []


@dataclass
class _Card:
    """One card, from its cells."""

    cells: list[dict[str, Any]]
    language: str
    least: int
    scale: dict[str, Any] | None
    items: list[Item] = field(default_factory=list)

    def said(self, key: str, **values: Any) -> str:
        return say(key, self.language, **values)

    def of(self, row: str, key: str | None = None) -> list[dict[str, Any]]:
        return [c for c in self.cells if c["row"] == row and (key is None or c["key"] == key)]

    def draw(self, x: float, y: float, width: float) -> tuple[list[Item], float]:
        aside = width >= _WIDE
        left = LEFT if aside else width
        slip, low = self._people(x, y, left)
        right = x + left + 1 if aside else x
        top = y if aside else y + low
        log, high = self._log(right, top, width - left - 1 if aside else width) if self.of("segment") else ([], 0.0)
        if self.of("unmatched"):
            log, high = self._unmatched(right, top, width - left - 1 if aside else width)
        height = max(low, high) if aside else low + high
        ground: list[Item] = [
            Box(x, y, width, height, palette.PAPER, palette.RULE, 1, 10),
            Box(x, y, left, height if aside else low, palette.NOTE, palette.NOTE_RULE, 1, 10),
        ]
        return [*ground, *slip, *log], height

    def _people(self, x: float, y: float, width: float) -> tuple[list[Item], float]:
        inner, at = width - 32, y + 24
        out: list[Item] = [Words(x + 16, at, f"✎ {self.said('people')}", 12, palette.MUTED, anchor="start")]
        name = next(iter(self.of("said", "name")), None)
        out += [
            Circle(x + 40, at + 40, 24, palette.PAPER, palette.NOTE_RULE, 1.5),
            Circle(x + 40, at + 34, 7.5, palette.NOTE_RULE),
            Line(_shoulders(x + 40, at + 57), palette.CLEAR, 0, fill=palette.NOTE_RULE, closed=True),
        ]
        title = name["text"] if name else self.said("nobody")
        lines = block(title, x + 76, at + 34, inner - 60, size=17, most=3, bold=True, anchor="start", colour=palette.INK if name else palette.MUTED)  # fmt: skip
        out += lines
        at += max(82.0, 28 + 22.0 * len(lines) + 12)
        if not name:
            told = block(self.said("nobody_why"), x + 16, at + 6, inner, size=12.5, most=8, colour=palette.MUTED, anchor="start")  # fmt: skip
            return [*out, *told], at - y + 16 * len(told) + 16
        if self.of("segment") and known(name["value"]):
            told = block(self.said("matched", value=words.number(name["value"], self.language, 2)), x + 16, at, inner, size=11, most=2, colour=palette.MUTED, anchor="start")  # fmt: skip
            out += told
            at += 15 * len(told) + 4
        for key in FIELDS:
            said = say_once([(c["text"], c["by"]) for c in self.of("said", key)])
            head = self.said(key) + (f"  ≠ {self.said('differ')}" if len(said) > 1 else "")
            out.append(Words(x + 16, at + 12, head, 12.5, palette.AMBER if len(said) > 1 else palette.INK, bold=True, anchor="start"))  # fmt: skip
            at += 29
            for text, who in said or [(self.said("open"), "")]:
                lines = block(text, x + 16, at, inner, size=12.5, most=8, colour=palette.INK if said else palette.MUTED, slanted=not said, anchor="start")  # fmt: skip
                out += lines
                at += 16 * len(lines)
                if who:
                    out.append(Words(x + 16, at - 1, fitted(f"— {who}", 11, inner), 11, palette.MUTED, anchor="start"))
                    at += 15
                at += 4
        return out, at - y + 6

    def _unmatched(self, x: float, y: float, width: float) -> tuple[list[Item], float]:
        cell = self.of("unmatched")[0]
        value = cell["value"]
        if not known(value):
            text = self.said("unmatched_new")
        elif value > FAR:
            text = self.said("unmatched_why", label=cell["text"], value=words.number(value, self.language, 2), far=words.number(FAR, self.language, 2))  # fmt: skip
        else:
            text = self.said("unmatched_taken", label=cell["text"])
        head = block(self.said("unmatched"), x + 20, y + 50, width - 40, size=17, most=2, bold=True, colour=palette.RED, anchor="start")  # fmt: skip
        told = block(text, x + 20, y + 52 + 22 * len(head), width - 40, size=13, most=9, anchor="start")
        out = [Words(x + 20, y + 24, f"● {self.said('log')}", 12, palette.MUTED, anchor="start"), *head, *told]
        return list(out), 66 + 22 * len(head) + 17 * len(told)

    def _log(self, x: float, y: float, width: float) -> tuple[list[Item], float]:
        inner = width - 40
        panel = Panel(x + 20, y + 24, inner, self.language)
        panel.text(f"● {self.said('log')}", 12, palette.MUTED)
        self._head(panel)
        if self.of("segment", "share")[0]["hidden"]:
            return panel.items, panel.y - y + 10
        self._path(panel)
        self._habits(panel)
        parts = [[self._channels], [self._tasks], [self._felt, self._drivers]]
        if inner < 600:
            parts = [[part for column in parts for part in column]]
        column = (inner - 24 * (len(parts) - 1)) / len(parts)
        bottom = panel.y
        for i, several in enumerate(parts):
            one = Panel(panel.x + i * (column + 24), panel.y, column, self.language)
            for part in several:
                part(one)
                one.y += 4
            panel.items += one.items
            bottom = max(bottom, one.y)
        panel.y = bottom
        return panel.items, panel.y - y + 2

    def _head(self, panel: Panel) -> None:
        label = self.of("segment", "label")[0]["text"]
        share = self.of("segment", "share")[0]
        panel.text(label, 17, palette.INK, bold=True, most=3, up=8)
        if share["hidden"]:
            panel.text(self.said("hidden", sign=HIDDEN, least=self.least), 13, palette.MUTED)
            return
        span = words.interval(share["low"], share["high"], self.language, 0, share=True)
        panel.text(self.said("customers", share=words.percent(share["value"], self.language), span=span, n=words.number(share["n"], self.language)), 13, palette.INK)  # fmt: skip
        how = self.of("segment", "stability")[0]
        value = words.percent(how["value"], self.language) if known(how["value"]) else ""
        colour = {"stable": palette.TEAL, "unstable": palette.RED}.get(how["text"], palette.MUTED)
        panel.text(self.said(how["text"], value=value) if value else self.said("one"), 12.5, colour, bold=how["text"] == "unstable")  # fmt: skip
        for score in self.of("segment", "score"):
            metric = words.named(METRIC_WORDS, score["text"].split(" ")[0], self.language)
            span = words.interval(score["low"], score["high"], self.language, 1)
            panel.text(self.said("score", metric=metric, value=words.number(score["value"], self.language, 1), span=span, n=words.number(score["n"], self.language)), 12.5, palette.INK)  # fmt: skip
        marks = [self._mark(c) for c in self.of("mark")]
        if marks:
            panel.text(self.said("marks", said="; ".join(marks)), 12, palette.MUTED, most=4)

    def _mark(self, cell: Mapping[str, Any]) -> str:
        low, high = (100 * cell[c] if known(cell[c]) else None for c in ("low", "high"))
        span = words.interval(low, high, self.language, 0)
        return (
            f"{cell['text']} {self.said('points', value=signed(100 * cell['value'], self.language, 0))} {span}".strip()
        )

    def _path(self, panel: Panel) -> None:
        panel.head(self.said("path"))
        path, steps = self.of("path"), self.of("step")
        if not path:
            panel.small(self.said("path_none"))
            return
        if path[0]["hidden"]:
            panel.small(self.said("path_hidden", sign=HIDDEN, least=self.least))
            return
        cell = path[0]
        span = words.interval(cell["low"], cell["high"], self.language, 0, share=True)
        panel.small(self.said("path_small", share=words.percent(cell["value"], self.language), span=span, n=words.number(cell["n"], self.language)))  # fmt: skip
        left = int(cell["place"]) - len(steps)
        strip(panel, steps, self.said("more", n=left) if left > 0 else "")
        panel.y += 6

    def _channels(self, panel: Panel) -> None:
        self._bars(panel, "channel", "")

    def _tasks(self, panel: Panel) -> None:
        self._bars(panel, "task", self.said("task_none"))

    def _bars(self, panel: Panel, row: str, none: str) -> None:
        panel.head(self.said(row))
        cells = self.of(row)
        open_ = [c for c in cells if not c["hidden"]]
        if not cells:
            panel.small(none or words.MISSING)
        if open_:
            panel.small(self.said(f"{row}_small", n=words.number(open_[0]["n"], self.language)))
            bars(panel, open_, coloured=row == "channel")
        if len(cells) > len(open_):
            panel.small(self.said("few_n", sign=HIDDEN, n=len(cells) - len(open_)))

    def _felt(self, panel: Panel) -> None:
        panel.head(self.said("felt"))
        there = [c for c in self.of("felt") if not c["hidden"]]
        scores = [c for c in there if c["key"] == "score"]
        if scores and self.scale is not None:
            metric = words.named(METRIC_WORDS, self.scale["key"], self.language)
            panel.small(self.said("felt_score", metric=metric))
            feelings(panel, scores, [c for c in there if c["key"] == "expected"], float(self.scale["low"]), float(self.scale["high"]), 1)  # fmt: skip
            return
        texts = [c for c in there if c["key"] == "emotion"]
        if not texts:
            panel.small(self.said("felt_none"))
            return
        panel.small(self.said("felt_emotion"))
        feelings(panel, texts, [], -1.0, 1.0, 2)

    def _habits(self, panel: Panel) -> None:
        panel.head(self.said("habit"))
        cells = self.of("habit")
        if cells:
            panel.small(self.said("habit_small", n=words.number(cells[0]["n"], self.language)))
        habits(panel, cells)

    def _drivers(self, panel: Panel) -> None:
        cells = self.of("driver")
        target = (cells[0]["by"] or cells[0]["text"]) if cells else ""
        panel.head(self.said("driver", target=words.named(METRIC_WORDS, target, self.language)) if target else self.said("driver_none"))  # fmt: skip
        if not cells:
            panel.small(self.said("driver_unknown"))
        elif cells[0]["key"] == "few":
            n = words.number(cells[0]["n"], self.language) if not cells[0]["hidden"] else HIDDEN
            panel.small(self.said("driver_few", n=n, least=LEAST_ANSWERS))
        else:
            panel.small(self.said("driver_small", n=words.number(cells[0]["n"], self.language)))
            bars(panel, cells, coloured=False)


def _shoulders(x: float, y: float) -> tuple[tuple[float, float], ...]:
    return (
        (x - 13, y),
        (x - 11.5, y - 7),
        (x - 7, y - 11.5),
        (x, y - 13),
        (x + 7, y - 11.5),
        (x + 11.5, y - 7),
        (x + 13, y),
    )
