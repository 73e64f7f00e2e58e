"""The CX map: what it shows, and the ways in which it goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from cxmining.experience.measures import scaled_threshold
from cxmining.figures.scene import Scene
from cxmining.i18n import speaking
from cxmining.maps import words
from cxmining.maps.cx.cells import ROWS, cells_of, typed
from cxmining.maps.cx.chances import plan_cells, quote_cells
from cxmining.maps.cx.drawing import draw, lay
from cxmining.maps.cx.scrolling import MOST, ScrollingMap, check_request, heading, of_cells, with_rest
from cxmining.maps.cx.workshop import filled_in

if TYPE_CHECKING:
    from cxmining.drivers import DriverAnalysis
    from cxmining.drivers.roadmap import Roadmap
    from cxmining.experience import Experience
    from cxmining.maps.cx.workshop import Workshop

__all__ = ["MOST", "CXMap", "cx_map", "map_of"]

say = speaking("cx_map")


@dataclass(frozen=True, eq=False)
class CXMap(ScrollingMap):
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

    PAGE: ClassVar[int] = 12
    PAPER: ClassVar[int] = 7
    KIND: ClassVar[str] = "cxmap"

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

    def _part(self, touchpoints: list[str], title: str) -> Scene:
        return draw(self.cells, touchpoints, self._labels, {**self.facts, "title": title}, self.language)

    def _grid(self) -> tuple[Scene, Sequence[str]]:
        grid, said = lay(self.cells, list(self.touchpoints), self._labels, self.facts, self.language, framed=False)
        return grid, (*said, say("signs", self.language, hidden=words.HIDDEN))

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
    check_request(language, most)
    own = filled_in(people, experience.journeys.log.touchpoints, ROWS)
    made = [*(quote_cells(experience) if quotes else []), *(plan_cells(plan) if plan is not None else [])]
    both = [frame for frame in (own, pd.DataFrame(made), more) if frame is not None and len(frame)]
    cells = cells_of(experience, found, min_cell=min_cell, more=pd.concat(both, ignore_index=True) if both else None)
    log = experience.journeys.log
    cells, columns, labels, left = with_rest(cells, log, most, language, min_cell, "CX map")
    facts = _facts(experience, found, cells, name, language, min_cell, left)
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
    columns, labels = of_cells(own, most, language, "CX map")
    return CXMap(own, facts, language, columns, labels)


def _facts(
    experience: Experience, found: DriverAnalysis | None, cells: pd.DataFrame, name: str | None, language: str,
    min_cell: int, left: int,
) -> dict[str, Any]:  # fmt: skip
    answers = experience.link_report["matched"].sum() if len(experience.link_report) else 0
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
        **heading(say, experience.journeys, cells, name, language, min_cell, answers=answers),
        "scale": ends,
        "metric": experience.metric or "",
        "wow": scaled_threshold(experience.wow, ends) if len(scale) else experience.wow,
        "target": found.target if found is not None else "",
        "decided": found is not None,
        "decisive": () if found is None or found.verdict.word == "cannot tell" else found.verdict.touchpoints,
        "feet": feet,
    }
