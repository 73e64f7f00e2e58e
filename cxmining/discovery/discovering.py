"""From journeys to a model."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.discovery.mine import MINING_WORK, TooMuchWork, mine_graph_tree, mine_tree, mining_work
from cxmining.discovery.mine_net import alpha_net, and_relations, graph_net, heuristics_net
from cxmining.discovery.model import JourneyModel
from cxmining.discovery.net import PetriNet, petri_net
from cxmining.discovery.quality import MEASURES, Quality, measure
from cxmining.discovery.tree import Tree
from cxmining.discovery.trim import shown_edges
from cxmining.engine import Graph
from cxmining.errors import NotEnoughDataError, StudyError, nearest
from cxmining.journeys import Journeys

__all__ = ["MINERS", "check_miner", "discover", "mine_model", "outer", "ranked_variants"]

MINERS: Final = ("directly-follows", "inductive", "inductive-dfg", "heuristics", "alpha")
_MINING_WORK: Final = MINING_WORK
_FULL: Final = "{:,} steps × touchpoints²"
_MOST_EDGES: Final = 100_000
"""Edges that are mined or replayed; some 5,000 touchpoints in any order have millions."""


def discover(
    journeys: Journeys, miner: str = "inductive", noise: float = 0.2, coverage: float = 0.8, max_variants: int = 500
) -> JourneyModel:
    """Mine a model of the usual journeys.

    The inductive miner takes the most frequent variants until they cover enough journeys or a limit is met:
    `max_variants`, or 8 million steps × touchpoints² (longer variants count more). Among equally frequent ones
    those with the smallest `variant_id`, a hash, come first: a fair draw. The other miners read the graph of who
    follows whom, of all journeys. Quality is measured on all journeys, or on as many, in the same order, as
    4 million steps × touchpoints allow.

    Parameters
    ----------
    journeys : Journeys
    miner : str, default "inductive"
        - ``"directly-follows"``: who follows whom, how often and after how long.
        - ``"inductive"``: inductive miner, infrequent (IMf; Leemans, Fahland & van der Aalst 2013); with
          ``noise=0`` the plain one (IM).
        - ``"inductive-dfg"``: the inductive miner on the graph alone (IMd; Leemans et al. 2018).
        - ``"heuristics"``: Weijters, van der Aalst & Alves de Medeiros (2006), with pm4py's thresholds.
        - ``"alpha"``: van der Aalst, Weijters & Maruster (2004).
    noise : float, default 0.2
        Edges rarer than this share of the strongest one that leaves the same touchpoint are not modelled; 0 to 1.
        In the graph a touchpoint keeps its widest way from the start and to the end. The heuristics miner leaves out
        an edge that is weak at its source *and* at its target.
    coverage : float, default 0.8
        Share of journeys that the inductive model is to be mined from; above 0, up to 1.
    max_variants : int, default 500
        Mine the inductive model from no more variants than this.

    Returns
    -------
    JourneyModel

    Raises
    ------
    StudyError
        When a parameter is outside its range.
    NotEnoughDataError
        When every journey is too long to mine from, or the graph too tangled for the miner.

    Examples
    --------
    >>> from cxmining.journeys import build_journeys
    >>> from cxmining.schema import Dataset, table
    >>> events = table(
    ...     "events",
    ...     {
    ...         "event_id": ["r1", "r2", "r3"],
    ...         "customer_id": ["c1", "c1", "c2"],
    ...         "timestamp": ["2025-03-01", "2025-03-09", "2025-03-09"],
    ...         "channel": ["web", "phone", "web"],
    ...         "touchpoint": ["buys", "calls", "buys"],
    ...         "source": ["s", "s", "s"],
    ...         "seq": [1, 2, 3],
    ...     },
    ... )
    >>> journeys = build_journeys(Dataset(events=events))
    >>> print(discover(journeys, coverage=1).tree)
    ->( 'buys', X( 'calls', tau ) )
    >>> discover(journeys, "directly-follows").edges[["source", "target", "n", "share", "median_s"]]
        source target  n  share  median_s
    0  (start)   buys  2    1.0       NaN
    1     buys  calls  1    0.5  691200.0
    2     buys  (end)  1    0.5       NaN
    3    calls  (end)  1    1.0       NaN
    """
    check_miner(miner, noise, coverage, max_variants)
    ranked = ranked_variants(journeys)
    total = int(ranked["journeys"].sum())
    net, tree, edges, mined, first, at_least = mine_model(journeys, miner, noise, coverage, max_variants)
    quality = measure(net, tree, ranked, at_least)
    return JourneyModel(
        net, tree, _note(journeys, first, net, quality, total), miner, noise,
        float(mined["journeys"].sum() / total), int(mined["journeys"].sum()), len(mined),
        {
            **{m: quality.values[m] for m in MEASURES},
            **{f"{m}_how": quality.how[m] for m in MEASURES},
            "measured_journeys": quality.journeys,
            "measured_variants": quality.variants,
            "measured_share": quality.journeys / total,
        },
        str(journeys.notion), journeys.chain, edges,
    )  # fmt: skip


def mine_model(
    journeys: Journeys, miner: str, noise: float, coverage: float, max_variants: int
) -> tuple[PetriNet, Tree | None, pd.DataFrame | None, pd.DataFrame, str, int]:
    """Mine a model without measuring it.

    Returns
    -------
    net, tree, edges
        As in :class:`JourneyModel`.
    mined : DataFrame
        The variants it was mined from.
    first : str
        From what it was mined, in words.
    at_least : int
        On how many variants, in their order, it should be measured at least.
    """
    ranked = ranked_variants(journeys)
    if miner != "inductive":
        tree, net, edges, first = _from_graph(journeys, miner, noise)
        return net, tree, edges, ranked, first, 1
    chosen, limit = _choose(ranked, coverage, max_variants)
    if not chosen:
        raise _too_long(journeys, ranked)
    while True:
        mined = ranked.iloc[chosen]
        try:
            whole = mine_tree(mined["touchpoints"].tolist(), mined["journeys"].tolist(), noise, _MINING_WORK)
            break
        except TooMuchWork:
            chosen, limit = chosen[: len(chosen) // 4], _FULL.format(_MINING_WORK)
        if not chosen:
            one = mined.iloc[0]
            raise NotEnoughDataError(
                f"the journeys ({journeys.notion}) are too tangled to mine a model from within {limit}: the most frequent "
                f"variant alone has {_many(int(one['n_events']), 'event')} at {len(set(one['touchpoints']))} touchpoints; "
                "cut them with a gap, for example gap='30D', exclude touchpoints, or use miner=\"inductive-dfg\""
            )
    return petri_net(whole), whole, None, mined, _mined_from(journeys, ranked, mined, coverage, limit), chosen[-1] + 1


def ranked_variants(journeys: Journeys) -> pd.DataFrame:
    """Return the variants, the most frequent first; equals by their id, which is a hash."""
    return journeys.variants.sort_values(["journeys", "variant_id"], ascending=[False, True], ignore_index=True)


def _from_graph(journeys: Journeys, miner: str, noise: float) -> tuple[Tree | None, PetriNet, pd.DataFrame | None, str]:
    """Mine from the graph: return the tree if it is one, the net, the edges shown if they are the model, and a note."""
    graph, labels = journeys.graph, journeys.log.touchpoints
    source, target, n = graph.source, graph.target, graph.n
    first = f"Mined from the graph of all {_many(len(journeys), 'journey')}"
    cut = np.ones(len(n), dtype=bool)
    if miner != "heuristics":
        cut = shown_edges(source, target, n, len(labels), noise)
        if not cut.all():
            first += (
                f"; {_many(int(cut.sum()), 'edge')} of {len(n):,} are used, walked "
                f"{n[cut].sum() / n.sum():.1%} of the time, the others are rarer than {noise:.0%} of the strongest "
                "beside them"
            )
    if int(cut.sum()) > _MOST_EDGES:
        raise NotEnoughDataError(
            f"{miner} miner: {int(cut.sum()):,} edges are more than the {_MOST_EDGES:,} it takes; raise noise or "
            "exclude touchpoints"
        )
    if miner == "directly-follows":
        return None, graph_net(labels, source[cut], target[cut]), _edges(journeys, cut), first
    edges, starts, ends = outer(graph, cut)
    if miner == "inductive-dfg":
        try:
            tree = mine_graph_tree(labels, edges, starts, ends, _MINING_WORK)
        except TooMuchWork:
            raise NotEnoughDataError(
                f"inductive-dfg miner: {_many(len(edges), 'edge')} between touchpoints are too tangled for "
                f"{_FULL.format(_MINING_WORK)}; raise noise or exclude touchpoints"
            ) from None
        return tree, petri_net(tree), None, first
    if miner == "alpha":
        return None, alpha_net(labels, edges, starts, ends), None, first
    if not edges:
        raise NotEnoughDataError(
            'heuristics miner: no event follows another one, every journey has one; use miner="inductive"'
        )
    occurrences = np.bincount(journeys.log.touchpoint, minlength=len(labels)).tolist()
    again = and_relations(journeys._variants[0])
    return None, heuristics_net(labels, edges, starts, ends, occurrences, again, noise), None, first


def outer(
    graph: Graph, cut: npt.NDArray[np.bool_] | None = None
) -> tuple[dict[tuple[int, int], int], dict[int, int], dict[int, int]]:
    """Return how often one touchpoint follows another, and how many journeys begin and end where, by number."""
    chosen = slice(None) if cut is None else cut
    edges, starts, ends = {}, {}, {}
    arrays = (graph.source[chosen], graph.target[chosen], graph.n[chosen])
    for a, b, m in zip(*(x.tolist() for x in arrays), strict=True):
        if a < 0:
            starts[b] = m
        elif b < 0:
            ends[a] = m
        else:
            edges[a, b] = m
    return edges, starts, ends


def _edges(journeys: Journeys, cut: npt.NDArray[np.bool_]) -> pd.DataFrame:
    frame = journeys.graph.frame()
    frame.insert(3, "share", frame["n"] / frame.groupby("source")["n"].transform("sum"))
    columns = ["source", "target", "n", "share", "journeys", "customers", "median_s", "p90_s", "mean_s"]
    shown = frame.loc[cut, columns]
    return shown.sort_values(["n", "source", "target"], ascending=[False, True, False], ignore_index=True)


def _choose(ranked: pd.DataFrame, coverage: float, max_variants: int) -> tuple[list[int], str | None]:
    """Return which variants to mine from, and the limit that was met before `coverage` was."""
    chosen: list[int] = []
    known: set[str] = set()
    steps = squares = covered = 0
    wanted = coverage * int(ranked["journeys"].sum()) - 1e-9
    full = _FULL.format(_MINING_WORK)
    limit = None
    for i, (variant, n) in enumerate(zip(ranked["touchpoints"], ranked["journeys"], strict=True)):
        if covered >= wanted:
            return chosen, None
        if len(chosen) == max_variants:
            return chosen, f"{max_variants:,} variants"
        size = len(variant)
        if mining_work(size, len(set(variant)), size**2) > _MINING_WORK:
            limit = full  # too long by itself: shorter ones may follow
            continue
        if mining_work(steps + size, len(known.union(variant)), squares + size**2) > _MINING_WORK:
            return chosen, full
        chosen.append(i)
        known.update(variant)
        steps += size
        squares += size**2
        covered += int(n)
    return chosen, limit if covered < wanted else None


def check_miner(miner: str, noise: float, coverage: float = 1, max_variants: int = 1) -> None:
    """Raise `StudyError` when a parameter is outside its range."""
    if miner not in MINERS:
        raise StudyError(f"miner={miner!r} is unknown; {nearest(str(miner), MINERS)}")
    if not 0 <= noise <= 1:
        raise StudyError(f"noise={noise!r} must lie between 0 and 1")
    if not 0 < coverage <= 1:
        raise StudyError(f"coverage={coverage!r} must lie above 0 and not above 1")
    if max_variants < 1:
        raise StudyError(f"max_variants={max_variants!r} must be 1 or more")


def _too_long(journeys: Journeys, ranked: pd.DataFrame) -> NotEnoughDataError:
    n = int(ranked["journeys"].sum())
    which = f"each of the {n:,} journeys" if n > 1 else "the only journey"
    return NotEnoughDataError(
        f"{which} ({journeys.notion}) is too long to mine a model from: the shortest has "
        f"{_many(int(ranked['n_events'].min()), 'event')}; cut them with a gap, for example gap='30D', exclude "
        'touchpoints, or use miner="directly-follows"'
    )


def _mined_from(journeys: Journeys, ranked: pd.DataFrame, mined: pd.DataFrame, asked: float, limit: str | None) -> str:
    n, total = int(mined["journeys"].sum()), int(ranked["journeys"].sum())
    first = (
        f"Mined from {len(mined):,} of {_many(len(ranked), 'variant')}, the most frequent first: "
        f"{n:,} of {_many(total, 'journey')} ({n / total:.1%})"
    )
    if limit:
        first += f"; {asked:.0%} was asked for, the limit of {limit} was met first"
    if len(mined) < len(ranked):
        events = int((mined["n_events"] * mined["journeys"]).sum())
        first += (
            f"; the {_many(total - n, 'rarer journey')} left out {'has' if total - n == 1 else 'have'} "
            f"{(len(journeys.log) - events) / (total - n):.1f} events on average, those mined {events / n:.1f}"
        )
    return first


def _note(journeys: Journeys, first: str, net: PetriNet, quality: Quality, total: int) -> str:
    parts = [first]
    there = {journeys.log.touchpoints[code] for code in np.unique(journeys.log.touchpoint).tolist()}
    missing = sorted(there - set(net.labels))
    if missing:
        shown = ", ".join(missing[:10]) + (", …" if len(missing) > 10 else "")
        parts.append(f"touchpoints that are not in the model: {shown}")
    if quality.journeys < total:
        parts.append(f"fitness and precision are measured on {quality.journeys / total:.1%} of the journeys")
    return "; ".join(parts) + "."


def _many(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
