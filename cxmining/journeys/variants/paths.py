"""The paths worth knowing by heart: the happy path, and how promoters and detractors travel."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.engine import END, START, CodedLog
from cxmining.engine.samples import distinct
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.journeys.build import Journeys
from cxmining.journeys.comparing.sides import split_by
from cxmining.journeys.rows import records_of
from cxmining.journeys.scored import Scored, journeys_of
from cxmining.journeys.variants.modulo import sort_variants
from cxmining.repr_html import repr_html
from cxmining.stats import wilson

__all__ = ["PATHS", "JourneyPaths", "find_paths"]

PATHS: Final = ("happy", "promoters", "detractors")
_CLASSES: Final[Mapping[str, tuple[str, str]]] = {
    "promoters": ("promoter", "high"),
    "detractors": ("detractor", "low"),
}
"""What :func:`split_by` calls the classes: on NPS, and on any other scale."""


@dataclass(frozen=True, eq=False)
class JourneyPaths:
    """The paths of some journeys.

    Attributes
    ----------
    table : DataFrame
        One row per path: ``path`` (happy, promoters, detractors), ``steps`` (tuple, empty where hidden), ``how``
        (``"variant"``, the most frequent one; ``"flow"``, the path along which most go on at its narrowest step; empty
        when there is none), ``customers`` who walked it, ``of`` (customers of that class), ``share`` with ``low`` and
        ``high`` (95%, Wilson), ``hidden`` (walked by fewer than `min_cell` customers).
    metric : str or None
        Of the score classes; None without scores.
    notion : str
        What one journey is.
    chain : tuple of str
        Filters.
    notes : tuple of str
        What a reader must know.
    """

    table: pd.DataFrame
    metric: str | None
    notion: str
    chain: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def summary(self) -> pd.DataFrame:
        """The table, steps as text."""
        return self.table.assign(steps=[" → ".join(s) for s in self.table["steps"]])

    def __repr__(self) -> str:
        lines = [f"JourneyPaths({self.notion})"]
        for r in records_of(self.table):
            if r["hidden"] or not r["how"]:
                lines.append(f"  {r['path']}: {'hidden, too few customers' if r['hidden'] else 'none'}")
                continue
            lines.append(
                f"  {r['path']}: {' → '.join(r['steps'])}; {r['customers']:,} of {r['of']:,} customers, "
                f"{r['share']:.1%} [{r['low']:.1%}, {r['high']:.1%}]"
            )
        return "\n".join([*lines, *(f"  filter: {c}" for c in self.chain), *(f"  note: {n}" for n in self.notes)])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, said=[self.notion, *self.chain, *self.notes])


def find_paths(source: Journeys | Scored, *, min_cell: int = 10, metric: str | None = None) -> JourneyPaths:
    """Find the happy path, and the paths of promoters and of detractors.

    A path is the variant of at least two touchpoints that most journeys follow, whatever comes several times in a row
    said once; under a case notion with a goal, of the journeys that reached it. Where no variant is followed by
    `min_cell` customers, because nearly each is unlike all others, it is the path of best flow: from start to end along
    the edges whose narrowest is walked by most customers, with those who walked every one of them.

    Parameters
    ----------
    source : Journeys or Scored
        Only scored journeys have promoters (on a scale other than NPS: the upper third) and detractors (the lower one).
    min_cell : int, default 10
        What fewer customers walked is hidden.
    metric : str, optional
        Of the score; default the overall metric that most journeys have.

    Returns
    -------
    JourneyPaths

    Raises
    ------
    StudyError
        When `min_cell` is below 1.

    Examples
    --------
    >>> from cxmining.ingest import from_frame
    >>> from cxmining.journeys import build_journeys
    >>> rows = [(f"c{i}", s) for i in range(12) for s in (("buy", "call") if i < 2 else ("buy", "pay", "pay"))]
    >>> frame = pd.DataFrame(rows, columns=["customer", "touchpoint"])
    >>> frame["timestamp"] = pd.date_range("2025-01-01", periods=len(frame), tz="UTC")
    >>> find_paths(build_journeys(from_frame(frame, customer="customer", touchpoint="touchpoint", timestamp="timestamp")))
    JourneyPaths(customer)
      happy: buy → pay; 10 of 12 customers, 83.3% [55.2%, 95.3%]
      note: no journey has a score, so the paths of promoters and detractors are not known
    """
    if min_cell < 1:
        raise StudyError(f"find_paths: min_cell={min_cell} must be 1 or more")
    journeys = journeys_of(source)
    whole = journeys.take(journeys.goal_reached, "reached the goal") if _has_goal(journeys) else journeys
    rows = [_path("happy", whole, min_cell)]
    name, notes = None, []
    try:
        groups = split_by(source, "score", metric=metric) if isinstance(source, Scored) else {}
    except NotEnoughDataError:
        groups = {}
    if groups:
        assert isinstance(source, Scored)  # only those are split by score
        name = str(source.journey_scores(metric)["metric"].iloc[0])
    else:
        notes.append("no journey has a score, so the paths of promoters and detractors are not known")
    for path, called in _CLASSES.items():
        part = next((groups[c] for c in called if c in groups), None)
        if part is not None:
            rows.append(_path(path, journeys_of(part), min_cell))
        elif groups:
            notes.append(f"no journey belongs to {path}")
    return JourneyPaths(pd.DataFrame(rows), name, str(journeys.notion), journeys.chain, tuple(notes))


def _has_goal(journeys: Journeys) -> bool:
    return journeys.notion.goal is not None and bool(journeys.goal_reached.any())


def _path(path: str, journeys: Journeys, min_cell: int) -> dict[str, Any]:
    found = sort_variants(journeys, "loops")
    log = journeys.log
    k = len(found.steps)
    people, n = distinct(found.number, log.customer, k).tolist(), np.bincount(found.number, minlength=k).tolist()
    ways = sorted((v for v in range(k) if len(found.steps[v]) > 1), key=lambda v: (-n[v], found.steps[v]))
    best = next((v for v in ways if people[v] >= min_cell), None)
    if best is not None:
        steps, how, met = found.steps[best], "variant", int(people[best])
    else:
        steps = _best_flow(journeys) if ways else ()
        how, met = ("flow", _walked_all(log, steps)) if steps else ("", 0)
    hidden = bool(how) and met < min_cell
    share = wilson(met, log.n_customers)
    value, low, high = (np.nan,) * 3 if hidden or not how else (share.value, share.low, share.high)
    return {
        "path": path, "steps": () if hidden else steps, "how": how, "customers": None if hidden else met,
        "of": log.n_customers, "share": value, "low": low, "high": high, "hidden": hidden,
    }  # fmt: skip


def _best_flow(journeys: Journeys) -> tuple[str, ...]:
    """Return the way from start to end, over two touchpoints or more, whose narrowest edge most customers walk."""
    out: dict[str, list[tuple[int, str]]] = {}
    edges = journeys.graph.frame().sort_values(["source", "target"])
    for a, b, n in zip(edges["source"], edges["target"], edges["customers"], strict=True):
        if a != b:
            out.setdefault(a, []).append((int(n), b))
    # widest first, then shortest, then by name; a node is settled once per "one step in" and "further in"
    heap: list[tuple[int, int, tuple[str, ...]]] = [(-len(journeys), 0, (START,))]
    settled: set[tuple[str, bool]] = set()
    while heap:
        width, length, way = heapq.heappop(heap)
        at, far = way[-1], length > 1
        if at == END:
            return way[1:-1]
        if (at, far) in settled:
            continue
        settled.add((at, far))
        for n, then in out.get(at, []):
            if then not in way and not (then == END and not far):
                heapq.heappush(heap, (max(width, -n), length + 1, (*way, then)))
    return ()


def _walked_all(log: CodedLog, steps: tuple[str, ...]) -> int:
    """Count the customers who walked every edge of a way, in whatever journeys."""
    code = {t: i for i, t in enumerate(log.touchpoints)}
    inner = np.ones(max(len(log) - 1, 0), dtype=bool)
    inner[log.offsets[1:-1] - 1] = False
    left = np.unique(log.customer)
    for a, b in pairwise(steps):
        at = np.flatnonzero(inner & (log.touchpoint[:-1] == code[a]) & (log.touchpoint[1:] == code[b]))
        left = np.intersect1d(left, log.customer[log.journey[at]])
    return len(left)
