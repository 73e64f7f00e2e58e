"""The service blueprint: what it shows, and the ways in which it goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from cxmining.figures.scene import Scene
from cxmining.i18n import counted, speaking
from cxmining.maps import words
from cxmining.maps.blueprint.cells import HANDOVER_COLUMNS, LANES, ROWS, blueprint_cells
from cxmining.maps.blueprint.drawing import draw
from cxmining.maps.cx.cells import typed
from cxmining.maps.cx.scrolling import MOST, ScrollingMap, check_request, heading, of_cells, with_rest
from cxmining.maps.cx.workshop import filled_in

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.journeys import Journeys
    from cxmining.maps.cx.workshop import Workshop

__all__ = ["MOST", "ServiceBlueprint", "blueprint", "blueprint_of"]

say = speaking("blueprint")


@dataclass(frozen=True, eq=False)
class ServiceBlueprint(ScrollingMap):
    """A service blueprint, not yet drawn.

    Attributes
    ----------
    cells : DataFrame
        Every figure and word of it, in the columns of ``CXMap.cells``; see `cxmining.maps.blueprint.cells`.
    handovers : DataFrame
        Who hands over to whom at each touchpoint: ``touchpoint``, ``source``, ``target``, ``n``, ``customers``, ``share`` of
        the contacts, ``wait_*_s``, ``back``, ``by_customer``, ``hidden``.
    facts : mapping
        Title, size, filter chain: what stands above and below.
    language : {"en", "nl"}
    touchpoints : tuple of str
        The columns, in order.
    """

    PAGE: ClassVar[int] = 10
    PAPER: ClassVar[int] = 10
    KIND: ClassVar[str] = "blueprint"

    cells: pd.DataFrame
    handovers: pd.DataFrame
    facts: Mapping[str, Any]
    language: str
    touchpoints: tuple[str, ...]
    _labels: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def summary(self) -> pd.DataFrame:
        """One row per touchpoint: its stage, who serves it in each lane with the share of contacts, and what people say."""
        rows = []
        for touchpoint in self.touchpoints:
            mine = self.cells[(self.cells["touchpoint"] == touchpoint) & ~self.cells["hidden"]]
            row: dict[str, Any] = {"touchpoint": touchpoint, "stage": mine["stage"].iloc[0] if len(mine) else ""}
            for lane in LANES:
                some = mine[(mine["row"] == lane) & (mine["status"] != "people")].sort_values("value", ascending=False)
                row[lane] = str(some["key"].iloc[0]) if len(some) else None
                for column in ("value", "low", "high", "n"):
                    name = lane if column == "value" else f"{lane}_{column}"
                    row[f"{lane}_share" if column == "value" else name] = some[column].iloc[0] if len(some) else None
            for name, of in (("owner", "owner"), ("supported_by", "support")):
                said = mine[(mine["row"] == of) & (mine["status"] == "people") & (mine["text"] != "")]
                row[name] = "; ".join(said["text"]) or None
            rows.append(row)
        words_ = ["touchpoint", "stage", *LANES, "owner", "supported_by"]
        out = pd.DataFrame(rows).astype(dict.fromkeys(words_, "str"))
        return out.astype({c: "Float64" for c in out.columns if c not in words_})

    def _part(self, touchpoints: list[str], title: str) -> Scene:
        return self._drawn(touchpoints, title, framed=True)

    def _grid(self) -> tuple[Scene, Sequence[str]]:
        grid = self._drawn(list(self.touchpoints), self.facts["title"], framed=False)
        return grid, (*self.facts["feet"], say("signs", self.language, hidden=words.HIDDEN))

    def _drawn(self, columns: list[str], title: str, *, framed: bool) -> Scene:
        facts = {**self.facts, "title": title, "feet": list(self.facts["feet"])}
        return draw(self.cells, self.handovers, columns, self._labels, facts, self.language, framed=framed)

    def __repr__(self) -> str:
        hidden = int(self.cells["hidden"].sum())
        handed = int(self.handovers["n"].fillna(0).sum())
        said = [counted(len(self.touchpoints), "touchpoint"), counted(len(self.cells), "cell"), f"{hidden} hidden"]
        lines = [
            f"ServiceBlueprint({', '.join(said)}, {counted(handed, 'hand-over')} shown)",
            f"  {self.facts['size']}",
            f"  {self.facts['under']}",
        ]
        return "\n".join(line for line in lines if line.strip())


def blueprint(
    source: Experience | Journeys,
    *,
    language: str = "en",
    name: str | None = None,
    most: int = MOST,
    min_cell: int = 10,
    people: Workshop | str | Path | None = None,
) -> ServiceBlueprint:
    """Make the service blueprint: what customers do, who serves them, who works behind, and what that leans on.

    Parameters
    ----------
    source : Experience or Journeys
    language : {"en", "nl"}
        Language of labels and words.
    name : str, optional
        What the map is about; default the study's name.
    most : int, default 60
        Touchpoints drawn; of more, those that fewest customers meet stand together in one column at the end.
    min_cell : int, default 10
        Cells about fewer customers are hidden, with a sign of their own.
    people : Workshop or path-like, optional
        What people filled in, or the ``cx-map.toml`` that keeps it: its rows owner, evidence, frontstage, backstage and
        support; it stands beside what was mined.

    Returns
    -------
    ServiceBlueprint
        A lane of which the log tells nothing says so.

    Raises
    ------
    NotEnoughDataError
        When no touchpoint was met by `min_cell` customers.
    StudyError
        When `most` is below 1.
    UnknownNameError
        When people filled in a touchpoint that the log does not have.

    References
    ----------
    Shostack (1984). Designing services that deliver. Harvard Business Review 62(1); Bitner, Ostrom & Morgan (2008).
    Service blueprinting. California Management Review 50(3).

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> found = blueprint(small_example())
    >>> found.touchpoints
    ('orders', 'asks about the bill', 'calls back')
    >>> found.summary["frontstage"].dropna().tolist()
    ['(system) web']
    """
    check_request(language, most)
    journeys: Journeys = source.journeys if hasattr(source, "journeys") else source
    cells, handovers = blueprint_cells(
        source, min_cell=min_cell, more=filled_in(people, journeys.log.touchpoints, ROWS)
    )
    cells, columns, labels, left = with_rest(cells, journeys.log, most, language, min_cell, "blueprint")
    facts = _facts(journeys, cells, handovers, name, language, min_cell, left)
    return ServiceBlueprint(cells, handovers, facts, language, tuple(columns), labels)


def blueprint_of(
    cells: pd.DataFrame, handovers: pd.DataFrame, facts: Mapping[str, Any], language: str, most: int = MOST
) -> ServiceBlueprint:
    """Make a blueprint of cells and hand-overs that were kept, as a run does.

    Parameters
    ----------
    cells, handovers : DataFrame
        Of a `ServiceBlueprint`, as written to CSV and read back.
    facts : mapping
        As in ``ServiceBlueprint.facts``; ``feet`` are added to.
    language : {"en", "nl"}
    most : int, default 60

    Raises
    ------
    NotEnoughDataError
        When no touchpoint may be shown.
    """
    own = typed(cells)
    columns, labels = of_cells(own, most, language, "blueprint")
    handed = handovers.reindex(columns=list(HANDOVER_COLUMNS))
    handed = handed.assign(
        **{c: pd.to_numeric(handed[c]).astype("Float64") for c in HANDOVER_COLUMNS[3:-1]},
        hidden=handed["hidden"].astype("str").str.lower().eq("true"),
    )
    feet = [*facts["feet"], *_feet(own, handed, language)]
    return ServiceBlueprint(own, handed, {**facts, "feet": feet}, language, columns, labels)


def _facts(
    journeys: Journeys, cells: pd.DataFrame, handovers: pd.DataFrame, name: str | None, language: str, min_cell: int, left: int
) -> dict[str, Any]:  # fmt: skip
    handed = handovers["n"].fillna(0).sum()
    feet = _feet(cells, handovers, language)
    if left:
        feet.append(speaking("cx_map")("grouped", language, n=left))
    return {
        **heading(say, journeys, cells, name, language, min_cell, handed=handed),
        "decided": False,
        "feet": feet,
    }


def _feet(cells: pd.DataFrame, handovers: pd.DataFrame, language: str) -> list[str]:
    """Return the sentences below: what is handed over most, and which groups nobody named."""
    shown = handovers[~handovers["hidden"] & (handovers["source"] != handovers["target"])]
    feet = []
    if len(shown):
        first = shown.sort_values(["n", "touchpoint"], ascending=[False, True]).iloc[0]
        feet.append(
            say(
                "most_handed", language, source=first["source"], target=first["target"], n=words.number(first["n"], language),
                wait=words.duration(first["wait_median_s"], language),
            )
        )  # fmt: skip
    elif not len(handovers):
        feet.append(say("no_handovers", language))
    keys = cells.loc[cells["row"].isin(LANES) & ~cells["hidden"], "key"]
    numbers = sorted({k for k in keys if k.isdigit()})
    if numbers:
        feet.append(say("unnamed", language, names=", ".join(numbers[:6]) + (" …" if len(numbers) > 6 else "")))
    return feet
