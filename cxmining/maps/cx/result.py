"""The CX map: what it shows, and the ways in which it goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.experience.measures import scaled_threshold
from cxmining.figures.drawn import DrawnMap
from cxmining.figures.scene import Scene
from cxmining.i18n import check_language, date, speaking
from cxmining.maps import words
from cxmining.maps.cx.cells import REST, ROWS, cells_of, rest_of, typed
from cxmining.maps.cx.chances import plan_cells, quote_cells
from cxmining.maps.cx.columns import chosen, labels_of, parts_of
from cxmining.maps.cx.drawing import draw, lay, legend_of
from cxmining.maps.cx.paper import on_paper
from cxmining.maps.cx.sheet import LABELS
from cxmining.maps.cx.workshop import filled_in

if TYPE_CHECKING:
    from cxmining.drivers import DriverAnalysis
    from cxmining.drivers.roadmap import Roadmap
    from cxmining.experience import Experience
    from cxmining.maps.cx.workshop import Workshop

__all__ = ["MOST", "CXMap", "cx_map", "map_of"]

say = speaking("cx_map")
MOST: Final = 60
"""More touchpoints than this are no map: the rarest stand together."""


@dataclass(frozen=True, eq=False)
class CXMap(DrawnMap):
    """A CX map, not yet drawn.

    Attributes
    ----------
    cells : DataFrame
        Every figure and word of it: ``row``, ``key``, ``stage``, ``touchpoint``, ``place``, ``value``, ``low``,
        ``high``, ``n``, ``text``, ``status`` (measured, estimated, text, people, unknown), ``hidden``.
    facts : mapping
        Title, size, filter chain, verdict: what stands above and below.
    language : {"en", "nl"}
        Of labels and words.
    touchpoints : tuple of str
        The columns, in order.
    """

    cells: pd.DataFrame
    facts: Mapping[str, Any]
    language: str
    touchpoints: tuple[str, ...]
    _labels: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def summary(self) -> pd.DataFrame:
        """One row per touchpoint: reach, score, expectation, gap, share, owner, task; hidden figures are missing."""
        cells = self.cells[self.cells["touchpoint"].isin(self.touchpoints)]
        out = pd.DataFrame({"touchpoint": list(self.touchpoints)}).set_index("touchpoint")
        out["stage"] = cells.drop_duplicates("touchpoint").set_index("touchpoint")["stage"]
        for row, key, name in (("touchpoint", "reach", "reach"), ("score", None, "score"), ("expected", None, "expected"),
                               ("gap", None, "gap"), ("wow", None, "wow"), ("pain", None, "pain"), ("share", None, "share")):  # fmt: skip
            of = cells[(cells["row"] == row) & ((cells["key"] == key) if key else True)].drop_duplicates("touchpoint")
            for column in ("value", "low", "high", "n"):
                out[name if column == "value" else f"{name}_{column}"] = of.set_index("touchpoint")[column]
        for row in ("task", "owner"):
            text = cells[(cells["row"] == row) & (cells["text"] != "")].groupby("touchpoint")["text"].agg("; ".join)
            out[row] = text.reindex(out.index)
        return out.reset_index()

    @cached_property
    def scene(self) -> Scene:
        """The drawing."""
        return draw(self.cells, list(self.touchpoints), self._labels, self.facts, self.language)

    def to_html(self, *, framed: bool = True) -> str:
        """Write it for a page: the names of the rows stay where they are while the map scrolls under a narrow window.

        Parameters
        ----------
        framed : bool, default True
            With title, size and filter chain; without where the page says them itself.
        """
        facts = self.facts
        grid, said = lay(self.cells, list(self.touchpoints), self._labels, facts, self.language, framed=False)
        name = f"cx{crc32(repr((facts['title'], self.touchpoints)).encode()):08x}"
        head = f"<h3>{escape(facts['title'])}</h3><p>{escape(facts['size'])}</p><p><small>{escape(facts['under'])}</small></p>"
        marks = "".join(
            f'<span style="margin-right:1em;white-space:nowrap">{_mark(sign, colour)} {escape(text)}</span>'
            for sign, colour, text in legend_of(self.cells, self.language)
        )
        said = (*said, say("signs", self.language, hidden=words.HIDDEN))
        feet = f"<p><small>{escape(' · '.join(said))}</small></p>"
        head = head if framed else ""
        return f'<section class="cx-cxmap">{head}<p><small>{marks}</small></p>{grid.to_html(sticky=LABELS, name=name)}{self._printed(grid, name)}{feet}</section>'

    def _printed(self, grid: Scene, name: str, columns: int = 7) -> str:
        """Return the parts that paper shows in place of what scrolls."""
        stage = self.cells.drop_duplicates("touchpoint").set_index("touchpoint")["stage"]
        return on_paper(grid, name, parts_of(self.touchpoints, stage, columns), columns)

    def label(self, touchpoint: str) -> str:
        """Return what a touchpoint is called on the map."""
        return self._labels.get(touchpoint, touchpoint)

    def pages(self, columns: int = 12) -> list[Scene]:
        """Draw it in parts of at most `columns` touchpoints, as a page or a slide can show.

        A stage is cut only where it alone is wider than a page.
        """
        stage = self.cells.drop_duplicates("touchpoint").set_index("touchpoint")["stage"]
        parts = parts_of(self.touchpoints, stage, columns)
        scenes = []
        for i, part in enumerate(parts, start=1):
            told = f"{self.facts['title']} · {say('page', self.language, i=i, n=len(parts))}"
            facts = {**self.facts, "title": told if len(parts) > 1 else self.facts["title"]}
            scenes.append(draw(self.cells, part, self._labels, facts, self.language))
        return scenes

    def to_slides(self, path: str | Path, columns: int = 12) -> Path:
        """Write it as slides (``.pptx``) whose shapes and words can be edited, a part of the map on each."""
        from cxmining.figures.slides import write_slides

        return write_slides(self.pages(columns), path)

    def to_workbook(self, path: str | Path) -> Path:
        """Write it as a workbook (``.xlsx``): what is known on one sheet, what people fill in on another.

        `read_workshop` reads it back.
        """
        from cxmining.maps.cx.workshop import write_workbook

        return write_workbook(self, path)

    def __repr__(self) -> str:
        hidden = int(self.cells["hidden"].sum())
        lines = [
            f"CXMap({len(self.touchpoints)} touchpoints, {len(self.cells)} cells, {hidden} hidden)",
            f"  {self.facts['size']}",
            f"  {self.facts['under']}",
        ]
        return "\n".join(lines)


def _mark(sign: str, colour: str) -> str:
    box = f"display:inline-block;width:.8em;height:.8em;border-radius:3px;background:{colour}"
    return escape(sign) if sign else f'<span style="{box}"></span>'


def cx_map(
    experience: Experience,
    found: DriverAnalysis | None = None,
    *,
    language: str = "en",
    name: str | None = None,
    most: int = MOST,
    min_cell: int = 10,
    people: Workshop | str | Path | None = None,
    plan: Roadmap | None = None,
    quotes: bool = True,
    more: pd.DataFrame | None = None,
) -> CXMap:
    """Make the CX map: process and feeling in one picture, every cell with n, interval and where it comes from.

    Parameters
    ----------
    experience : Experience
        What was lived and felt.
    found : DriverAnalysis, optional
        Which touchpoints explain the score; without it that row is left out.
    language : {"en", "nl"}
        Language of labels and words.
    name : str, optional
        What the map is about; default the study's name.
    most : int, default 60
        Touchpoints drawn; of more, those that fewest customers meet stand together in one column at the end.
    min_cell : int, default 10
        Cells about fewer customers or answers are hidden, with a sign of their own.
    people : Workshop or path-like, optional
        What people filled in, or the ``cx-map.toml`` that keeps it; it stands beside what was mined.
    plan : Roadmap, optional
        Of `plan_roadmap`: its items stand among the opportunities, with the difference that goes with them.
    quotes : bool, default True
        A masked quote at a touchpoint of whose moments `min_cell` customers wrote; never where the study keeps texts
        to itself (``privacy.text = "none"``).
    more : DataFrame, optional
        Further cells in the columns of ``CXMap.cells``.

    Returns
    -------
    CXMap

    Raises
    ------
    NotEnoughDataError
        When no touchpoint was met by `min_cell` customers.
    StudyError
        When `most` is below 1, or `more` names a row that there is not.
    UnknownNameError
        When people filled in a touchpoint that the log does not have.
    """
    check_language(language)
    if most < 1:
        raise StudyError(f"most={most}: a map shows at least one touchpoint")
    own = filled_in(people, experience.journeys.log.touchpoints, ROWS)
    made = [*(quote_cells(experience) if quotes else []), *(plan_cells(plan) if plan is not None else [])]
    both = [frame for frame in (own, pd.DataFrame(made), more) if frame is not None and len(frame)]
    cells = cells_of(experience, found, min_cell=min_cell, more=pd.concat(both, ignore_index=True) if both else None)
    shown, kept = chosen(cells, most)
    if not len(shown):
        raise NotEnoughDataError(
            f"no touchpoint was met by {min_cell} customers: there is no CX map to draw that would not be about single people"
        )
    columns = list(kept["touchpoint"])
    labels = labels_of(cells, language)
    rest = sorted(set(shown["touchpoint"]) - set(columns))
    if rest:
        log = experience.journeys.log
        together = rest_of(log, rest, log.n_customers, min_cell)
        cells = pd.concat([cells, together], ignore_index=True)
        columns.append(REST)
        labels[REST] = say("others", language, n=len(rest))
    facts = _facts(experience, found, cells, labels, name, language, min_cell, len(rest))
    return CXMap(cells, facts, language, tuple(columns), labels)


def map_of(cells: pd.DataFrame, facts: Mapping[str, Any], language: str, most: int = MOST) -> CXMap:
    """Make a CX map of cells that were kept, as a run does.

    Parameters
    ----------
    cells : DataFrame
        ``CXMap.cells``, as written to CSV and read back.
    facts : mapping
        As in ``CXMap.facts``.
    language : {"en", "nl"}
    most : int, default 60

    Raises
    ------
    NotEnoughDataError
        When no touchpoint may be shown.
    """
    own = typed(cells)
    shown, kept = chosen(own[own["touchpoint"] != REST], most)
    if not len(kept):
        raise NotEnoughDataError("the CX map has no touchpoint that may be shown")
    columns = list(kept["touchpoint"])
    labels = labels_of(own, language)
    if (own["touchpoint"] == REST).any():
        columns.append(REST)
        labels[REST] = say("others", language, n=len(shown) - len(kept))
    return CXMap(own, facts, language, tuple(columns), labels)


def _facts(
    experience: Experience, found: DriverAnalysis | None, cells: pd.DataFrame, labels: Mapping[str, str],
    name: str | None, language: str, min_cell: int, left: int,
) -> dict[str, Any]:  # fmt: skip
    journeys = experience.journeys
    table = journeys.table
    zone = journeys.data.time_zone
    period = f"{date(table['start'].min(), language, zone)} – {date(table['end'].max(), language, zone)}"

    def count(n: Any) -> str:
        return words.number(float(n), language)

    size = say(
        "size", language, customers=count(table["customer_id"].nunique()), journeys=count(len(table)),
        contacts=count(len(journeys.log)), answers=count(experience.link_report["matched"].sum() if len(experience.link_report) else 0),
        period=period,
    )  # fmt: skip
    chain = " · ".join([str(journeys.notion), *(journeys.chain or (say("all", language),))])
    score = cells[cells["row"] == "score"]
    scale = experience.touchpoints[["score_scale_low", "score_scale_high"]].dropna() if len(score) else pd.DataFrame()
    low, high = scale.to_numpy(dtype=float)[0] if len(scale) else (0.0, 1.0)
    ends = (float(low), float(high))
    feet = []
    if found is not None:
        feet.append(say("verdict", language, sentence=found.verdict.sentence(language)))
    if left:
        feet.append(say("grouped", language, n=left))
    return {
        "title": say("title", language, name=name or journeys.data.name),
        "size": size,
        "under": say("under", language, chain=chain, least=min_cell, hidden=count(cells["hidden"].sum())),
        "scale": ends,
        "metric": experience.metric or "",
        "wow": scaled_threshold(experience.wow, ends) if len(scale) else experience.wow,
        "target": found.target if found is not None else "",
        "decided": found is not None,
        "decisive": () if found is None or found.verdict.word == "cannot tell" else found.verdict.touchpoints,
        "feet": feet,
    }
