"""What the CX map and the service blueprint have in common: columns of touchpoints that scroll, print and fall apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final
from zlib import crc32

import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.figures.drawn import DrawnMap
from cxmining.figures.scene import Scene
from cxmining.i18n import check_language, date, speaking
from cxmining.i18n.messages import Speaker
from cxmining.maps import words
from cxmining.maps.cx.cells import REST, rest_of
from cxmining.maps.cx.columns import chosen, labels_of, parts_of
from cxmining.maps.cx.drawing import legend_of
from cxmining.maps.cx.paper import on_paper
from cxmining.maps.cx.sheet import LABELS

if TYPE_CHECKING:
    from cxmining.engine.coded import CodedLog
    from cxmining.journeys import Journeys

__all__ = ["MOST", "ScrollingMap", "check_request", "heading", "of_cells", "with_rest"]

say = speaking("cx_map")
MOST: Final = 60
"""More touchpoints than this are no map: the rarest stand together."""


class ScrollingMap(DrawnMap):
    """A map of `cells`, a column per touchpoint: `_part` draws some of them."""

    PAGE: ClassVar[int]
    """Touchpoints that stand on one page or slide."""
    PAPER: ClassVar[int]
    """Touchpoints that stand beside each other where the page is printed."""
    KIND: ClassVar[str]
    """What its element on a page is called."""

    cells: pd.DataFrame
    facts: Mapping[str, Any]
    language: str
    touchpoints: tuple[str, ...]
    _labels: Mapping[str, str]

    def _part(self, touchpoints: list[str], title: str) -> Scene:
        """Draw some columns with a title, size and filter chain."""
        raise NotImplementedError

    def _grid(self) -> tuple[Scene, Sequence[str]]:
        """Draw all columns without a frame, and say what stands below."""
        raise NotImplementedError

    @cached_property
    def scene(self) -> Scene:
        """The drawing."""
        return self._part(list(self.touchpoints), self.facts["title"])

    def label(self, touchpoint: str) -> str:
        """Return what a touchpoint is called on the map."""
        return self._labels.get(touchpoint, touchpoint)

    def pages(self, columns: int | None = None) -> list[Scene]:
        """Draw it in parts of at most `columns` touchpoints, as a page or a slide can show.

        A stage is cut only where it alone is wider than a page.
        """
        parts, title = self._parts(columns or self.PAGE), self.facts["title"]
        if len(parts) == 1:
            return [self._part(parts[0], title)]
        return [
            self._part(part, f"{title} · {say('page', self.language, i=i, n=len(parts))}")
            for i, part in enumerate(parts, start=1)
        ]

    def to_slides(self, path: str | Path, columns: int | None = None) -> Path:
        """Write it as slides (``.pptx``) whose shapes and words can be edited, a part of the map on each."""
        from cxmining.figures.slides import write_slides

        return write_slides(self.pages(columns), path)

    def to_html(self, *, framed: bool = True) -> str:
        """Write it for a page: the names of the rows stay where they are while it scrolls under a narrow window.

        Parameters
        ----------
        framed : bool, default True
            With title, size and filter chain; without where the page says them itself.
        """
        grid, feet = self._grid()
        title = self.facts["title"]
        name = f"{self.KIND}{crc32(repr((title, self.touchpoints)).encode()):08x}"
        said = "".join(f"<p>{escape(self.facts[k])}</p>" for k in ("size", "under") if self.facts[k])
        marks = "".join(
            f'<span style="margin-right:1em;white-space:nowrap">{_mark(sign, colour)} {escape(text)}</span>'
            for sign, colour, text in legend_of(self.cells, self.language)
        )
        parts = [
            f"<h3>{escape(title)}</h3>{said}" if framed else "",
            f"<p><small>{marks}</small></p>",
            grid.to_html(sticky=LABELS, name=name),
            # paper shows parts in place of what scrolls
            on_paper(grid, name, self._parts(self.PAPER), self.PAPER),
            f"<p><small>{escape(' · '.join(feet))}</small></p>",
        ]
        return f'<section class="cx-{self.KIND}" aria-label="{escape(title, quote=True)}">{"".join(parts)}</section>'

    def _parts(self, columns: int) -> list[list[str]]:
        stage = self.cells.drop_duplicates("touchpoint").set_index("touchpoint")["stage"]
        return parts_of(self.touchpoints, stage, columns)


def _mark(sign: str, colour: str) -> str:
    box = f"display:inline-block;width:.8em;height:.8em;border-radius:3px;background:{colour}"
    return escape(sign) if sign else f'<span style="{box}"></span>'


def check_request(language: str, most: int) -> None:
    """Insist on a language that is spoken and on a map of at least one touchpoint."""
    check_language(language)
    if most < 1:
        raise StudyError(f"most={most}: a map shows at least one touchpoint")


def with_rest(
    cells: pd.DataFrame, log: CodedLog, most: int, language: str, min_cell: int, what: str
) -> tuple[pd.DataFrame, list[str], dict[str, str], int]:
    """Choose the columns of a map: those that most customers meet, and behind them one for the others.

    Returns
    -------
    tuple
        The cells with those of the others, the columns in order, what each is called, and how many stand together.

    Raises
    ------
    NotEnoughDataError
        When no touchpoint was met by `min_cell` customers.
    """
    shown, kept = chosen(cells, most)
    if not len(shown):
        raise NotEnoughDataError(
            f"no touchpoint was met by {min_cell} customers: there is no {what} to draw that would not be about single people"
        )
    columns, labels = list(kept["touchpoint"]), labels_of(cells, language)
    rest = sorted(set(shown["touchpoint"]) - set(columns))
    if rest:
        cells = pd.concat([cells, rest_of(log, rest, log.n_customers, min_cell)], ignore_index=True)
        columns.append(REST)
        labels[REST] = say("others", language, n=len(rest))
    return cells, columns, labels, len(rest)


def of_cells(cells: pd.DataFrame, most: int, language: str, what: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """Choose the columns of a map whose cells were kept, and what each is called.

    Raises
    ------
    NotEnoughDataError
        When no touchpoint may be shown.
    """
    shown, kept = chosen(cells[cells["touchpoint"] != REST], most)
    if not len(kept):
        raise NotEnoughDataError(f"the {what} has no touchpoint that may be shown")
    columns, labels = list(kept["touchpoint"]), labels_of(cells, language)
    if (cells["touchpoint"] == REST).any():
        columns.append(REST)
        labels[REST] = say("others", language, n=len(shown) - len(kept))
    return tuple(columns), labels


def heading(
    speech: Speaker, journeys: Journeys, cells: pd.DataFrame, name: str | None, language: str, min_cell: int, **counts: float
) -> dict[str, str]:  # fmt: skip
    """Say what stands above and below a map: title, size (with `counts` beside those of the log) and filter chain."""
    table, zone = journeys.table, journeys.data.time_zone
    counts = {
        "customers": table["customer_id"].nunique(),
        "journeys": len(table),
        "contacts": len(journeys.log),
        **counts,
    }
    numbers = {what: words.number(float(n), language) for what, n in counts.items()}
    period = f"{date(table['start'].min(), language, zone)} – {date(table['end'].max(), language, zone)}"
    chain = " · ".join([str(journeys.notion), *(journeys.chain or (say("all", language),))])
    hidden = words.number(float(cells["hidden"].sum()), language)
    return {
        "title": speech("title", language, name=name or journeys.data.name),
        "size": speech("size", language, **numbers, period=period),
        "under": speech("under", language, chain=chain, least=min_cell, hidden=hidden),
    }
