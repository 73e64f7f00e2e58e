"""The journey map: what it shows, and the ways in which it goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

import pandas as pd

from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.figures.drawn import DrawnMap
from cxmining.figures.scene import Scene
from cxmining.i18n import check_language
from cxmining.journeys.comparing.compare import GroupComparison
from cxmining.maps import words
from cxmining.maps.journey.drawing import draw
from cxmining.maps.journey.gathering import Gathered, gather
from cxmining.maps.journey.spec import LABELS, coverage_of, many, spec_of, tell
from cxmining.maps.tables import Hidden
from cxmining.maps.words import HIDDEN, say

__all__ = ["LIVE", "MOST", "JourneyMap", "journey_map"]

LIVE: Final = "application/vnd.cxmining.map+json"
"""What a notebook keeps of a map beside its drawing: the exported page brings it to life with it."""

MOST: Final = 60
"""More touchpoints than this are no map: the rarest stand together."""
_SUMMARY: Final = (
    "touchpoint", "stage", "channel", "events", "journeys", "customers", "reach", "reach_low", "reach_high", "score_mean",
    "score_low", "score_high", "score_n",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class JourneyMap(DrawnMap):
    """A journey map, not yet drawn.

    Attributes
    ----------
    spec : mapping
        What the widget draws: stages, nodes, edges, paths, words. Plain JSON.
    touchpoints, dfg : DataFrame
        The tables behind it.
    language : {"en", "nl"}
        Of the words.
    facts : mapping
        Title, size, coverage, filter chain: the sentences above and below the drawing.
    """

    spec: Mapping[str, Any]
    touchpoints: pd.DataFrame
    dfg: pd.DataFrame
    language: str = "en"
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def summary(self) -> pd.DataFrame:
        """One row per touchpoint, in the order of the map; hidden figures are missing."""
        return self.touchpoints[[c for c in _SUMMARY if c in self.touchpoints]]

    @property
    def edges(self) -> pd.DataFrame:
        """One row per edge, the heaviest first: how often, after how long, and whether it is drawn at first."""
        shown = {(e["s"], e["t"]) for e in coverage_of(self.spec)[0]}
        order = pd.DataFrame([(e["s"], e["t"], e.get("switch", False), e.get("back", False)) for e in self.spec["edges"]],
                             columns=["source", "target", "switch", "back"])  # fmt: skip
        found = order.merge(self.dfg, on=["source", "target"], how="left")
        return found.assign(shown=[pair in shown for pair in zip(found["source"], found["target"], strict=True)])

    @property
    def coverage(self) -> float:
        """The part of the flow that is drawn at first."""
        return coverage_of(self.spec)[1]

    @property
    def paths(self) -> pd.DataFrame:
        """The paths that are brought out, with their steps and what is said of them."""
        rows = [(p["id"], tuple(p["nodes"]), p["told"]) for p in self.spec["paths"]]
        return pd.DataFrame(rows, columns=["path", "steps", "told"])

    @cached_property
    def scene(self) -> Scene:
        """The drawing."""
        canvas, told = draw(self.spec, self.facts, self.language)
        return canvas.scene(self.facts["title"], told)

    def to_html(self) -> str:
        """Write it for a page: the map scrolls where the page is narrower, what is said above and below follows its width."""
        canvas, told = draw(self.spec, self.facts, self.language, framed=False)
        return canvas.page(self.facts["title"], told)

    def __repr__(self) -> str:
        nodes, edges = self.spec["nodes"], self.spec["edges"]
        stages = [s["label"] for s in self.spec["stages"]]
        head = f"JourneyMap({len(nodes)} touchpoints, {len(edges)} transitions; stages: {', '.join(stages) or 'none known'})"
        told = [self.facts["coverage"], *(p["told"] for p in self.spec["paths"])] if self.facts.get("live") else []
        return "\n".join([head, *(f"  {line}" for line in told), *([f"  {self.facts['under']}"] if told else [])])

    def _repr_html_(self) -> str:
        return self.to_html()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": repr(self), "text/html": self.to_html(), LIVE: dict(self.spec)}


def journey_map(
    source: Any,
    dfg: pd.DataFrame | None = None,
    *,
    language: str = "en",
    label: Literal["count", "time", "both"] = "both",
    coverage: float | None = None,
    edges: int | None = None,
    most: int = MOST,
    min_cell: int = 10,
    name: str | None = None,
    paths: pd.DataFrame | None = None,
    hidden: Hidden = (),
    hidden_edges: int = 0,
) -> Any:
    """Make the journey map of a log: stages, touchpoints with their experience and reach, and the flow between them.

    Parameters
    ----------
    source : Journeys, Experience, Run, DataFrame or GroupComparison
        What happened. A table has a row per touchpoint (see ``share/touchpoints.csv`` of a run). Of a comparison the
        difference map is made (see :func:`difference_map`).
    dfg : DataFrame, optional
        Who follows whom: ``source``, ``target``, ``n``, ``journeys``, ``median_s``; default that of `source`.
    language : {"en", "nl"}
        Language of labels and words.
    label : {"count", "time", "both"}
        What stands at lines: journeys, the exact median time between the two, or both.
    coverage : float, optional
        Part of the flow shown at first, the most walked edges first; default the most that stays readable. Edges of the
        paths are always shown.
    edges : int, optional
        The same as a number of edges.
    most : int, default 60
        Touchpoints drawn; of more, those that fewest customers meet stand together as one.
    min_cell : int, default 10
        Of live results, edges and figures about fewer customers (or answers) are hidden, and it is said how many.
    name : str, optional
        What the map is about; default the study's name.
    paths : DataFrame, optional
        Of tables: the paths that are brought out, as ``share/paths.csv`` of a run has them.
    hidden : collection of (touchpoint, column)
        Figures of a table that are known and not shown.
    hidden_edges : int
        Transitions of a table that are not shown because they are about too few customers.

    Returns
    -------
    JourneyMap
        Or a DifferenceMap, of a comparison.

    Raises
    ------
    StudyError
        When `source` is no result, a table comes without its flow, or a number makes no sense.
    UnknownNameError
        When there is no such `label` or `language`.
    NotEnoughDataError
        When there is no touchpoint.

    Examples
    --------
    >>> tp = pd.DataFrame({"touchpoint": ["order", "call"], "stage": ["purchase", "service"], "reach": [1.0, 0.4]})
    >>> follows = pd.DataFrame({"source": ["order"], "target": ["call"], "n": [4], "journeys": [4], "median_s": [60.0]})
    >>> journey_map(tp, follows)
    JourneyMap(2 touchpoints, 1 transitions; stages: Purchase, Service)
    """
    check_language(language)
    if isinstance(source, GroupComparison):
        from cxmining.maps.journey.difference import difference_map

        return difference_map(source, language=language, most=most, min_cell=min_cell)
    if label not in LABELS:
        raise UnknownNameError(f"journey_map: label={label!r}: {nearest(str(label), LABELS)}")
    if coverage is not None and edges is not None:
        raise StudyError("journey_map: give coverage= (a part of the flow) or edges= (a number), not both")
    if coverage is not None and not 0 < coverage <= 1:
        raise StudyError(f"journey_map: coverage={coverage}: give a part of the flow above 0 up to 1")
    if edges is not None and edges < 1:
        raise StudyError(f"journey_map: edges={edges}: give a number of edges from 1")
    if min_cell < 1:
        raise StudyError(f"journey_map: min_cell={min_cell} must be 1 or more")
    of = gather(source, dfg, hidden=hidden, hidden_edges=hidden_edges, most=most, min_cell=min_cell, paths=paths)
    spec = spec_of(of, language, label, coverage, edges)
    return JourneyMap(spec, of.touchpoints, of.dfg, language, _facts(of, spec, label, name, language))


def _facts(of: Gathered, spec: Mapping[str, Any], label: str, name: str | None, language: str) -> dict[str, Any]:
    live = of.facts
    called = name or live.get("name")
    count = len(spec["nodes"]) - bool(of.grouped) + len(of.grouped)
    size = [
        say("touchpoints_1", language)
        if count == 1
        else say("touchpoints_n", language, n=words.number(count, language))
    ]
    if live:
        size = [f"n = {many('customers', live['customers'], language)}", many("journeys", live["journeys"], language),
                many("contacts", live["events"], language), *size]  # fmt: skip
    chain = " · ".join([*live["chain"]] or [tell("all", language)]) if live else ""
    feet = []
    if of.paths is not None and of.paths.metric is None:
        feet.append(tell("paths_unknown", language))
    if of.grouped:
        feet.append(tell("grouped", language, label=many("more", len(of.grouped), language)))
    feet.append(tell("signs", language, hidden=HIDDEN, least=of.min_cell))
    return {
        "title": tell("title", language, name=called) if called else say("map", language),
        "size": " · ".join(size),
        "coverage": _coverage(of, spec, language),
        "numbers": tell(f"numbers_{label}", language),
        "feet": feet,
        "under": tell("chain", language, notion=live["notion"], chain=chain) if live else "",
        "live": bool(live),
    }


def _coverage(of: Gathered, spec: Mapping[str, Any], language: str) -> str:
    if not spec["edges"]:
        return tell("no_edges_hidden" if of.hidden_edges else "no_edges", language, **({"least": of.min_cell} if of.hidden_edges else {}))  # fmt: skip
    shown, share = coverage_of(spec)
    numbers = {"shown": words.number(len(shown), language), "all": words.number(len(spec["edges"]), language)}
    # 99.7% is not all
    part = words.percent(share if len(shown) == len(spec["edges"]) else min(share, 0.994), language)
    told = tell("coverage", language, share=part, **numbers)
    if of.hidden_edges:
        told += "; " + tell(
            "coverage_hidden", language, hidden=words.number(of.hidden_edges, language), least=of.min_cell
        )
    if all(e["s"] == e["t"] for e in spec["edges"]):
        told += ". " + tell("only_loops", language)
    return told
