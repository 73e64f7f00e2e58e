"""Miners whose models are nets: heuristics (by pm4py, on the graph), alpha, and the directly-follows graph itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxmining.discovery.canonical import canonical_net
from cxmining.discovery.net import PetriNet
from cxmining.engine import Variants
from cxmining.engine.coded import Ints
from cxmining.errors import NotEnoughDataError

__all__ = ["alpha_net", "and_relations", "graph_net", "heuristics_net"]

Edges = Mapping[tuple[int, int], int]
Ends = Mapping[int, int]

_MOST_CAUSAL: Final = 1_500
"""Pairs "a causes b" that alpha puts together; every two are compared."""
_MOST_PLACES: Final = 20_000
_MOST_EDGES: Final = 20_000
_MOST_DEPENDENCIES: Final = 550
"""Of the heuristics miner: for them pm4py takes some 7 s to make a net, for twice as many a minute."""


def and_relations(variants: Variants) -> dict[tuple[int, int], int]:
    """Return how often a touchpoint is met again right after one other: the triples a, b, a.

    Examples
    --------
    >>> import pandas as pd
    >>> from cxmining.engine import count_variants, encode
    >>> log = encode(
    ...     journey=["x"] * 4,
    ...     customer=["x"] * 4,
    ...     touchpoint=["a", "b", "a", "b"],
    ...     channel=["web"] * 4,
    ...     timestamp=pd.date_range("2025-01-01", periods=4, tz="UTC"),
    ... )
    >>> and_relations(count_variants(log)[0])
    {(0, 1): 1, (1, 0): 1}
    """
    codes, offsets, k = variants.codes.astype(np.int64), variants.offsets, len(variants.touchpoints)
    if len(codes) < 3:
        return {}
    variant = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    here = (variant[:-2] == variant[2:]) & (codes[:-2] == codes[2:]) & (codes[:-2] != codes[1:-1])
    at = np.flatnonzero(here)
    pair, place = np.unique(codes[at] * k + codes[at + 1], return_inverse=True)
    n = np.zeros(len(pair), dtype=np.int64)
    np.add.at(n, place, variants.journeys[variant[at]])
    return {divmod(p, k): m for p, m in zip(pair.tolist(), n.tolist(), strict=True)}


def heuristics_net(
    labels: Sequence[str], edges: Edges, starts: Ends, ends: Ends, occurrences: Sequence[int], again: Edges,
    noise: float,
) -> PetriNet:  # fmt: skip
    """Return the net of the heuristics miner (Weijters, van der Aalst & Alves de Medeiros 2006).

    Dependency threshold 0.5, and-threshold 0.65, two-loop threshold 0.5: pm4py's defaults.

    Parameters
    ----------
    labels : sequence of str
        The touchpoints; the mappings name them by position.
    edges, starts, ends : mapping
        The graph.
    occurrences : sequence of int
        Events at each touchpoint.
    again : mapping
        What `and_relations` counts.
    noise : float
        An edge is left out that is weaker than this share of the strongest edge at its source and of that at its
        target.

    Raises
    ------
    NotEnoughDataError
        When no touchpoint depends on another, or too many do.
    """
    from pm4py.algo.discovery.heuristics.variants.classic import apply_heu_dfg
    from pm4py.objects.conversion.heuristics_net.variants import to_petri_net

    kept = _clean(edges, len(labels), noise)
    if len(kept) > _MOST_EDGES:
        raise _too_dense(len(kept), _MOST_EDGES, "edges")
    name = _names(len(labels))
    found = apply_heu_dfg(
        {(name[a], name[b]): n for (a, b), n in kept.items()},
        activities=name,
        activities_occurrences=dict(zip(name, occurrences, strict=True)),
        start_activities={name[a]: n for a, n in sorted(starts.items())},
        end_activities={name[a]: n for a, n in sorted(ends.items())},
        dfg_window_2={},  # copied, and never read
        freq_triples={(name[a], name[b], name[a]): n for (a, b), n in again.items()},
        parameters={"dfg_pre_cleaning_noise_thresh": 0.0},
    )
    if not found.nodes:
        raise NotEnoughDataError(
            "heuristics miner: no touchpoint depends on another one, so there is no model; "
            'use miner="inductive" or look at the directly-follows map'
        )
    dependencies = sum(len(node.output_connections) for node in found.nodes.values())
    if dependencies > _MOST_DEPENDENCIES:
        raise _too_dense(dependencies, _MOST_DEPENDENCIES, "dependencies")
    net, first, last = to_petri_net.apply(found)
    return canonical_net(
        [place.name for place in net.places],
        [(t.name, None if t.label is None else labels[int(t.label)]) for t in net.transitions],
        [(arc.source.name, arc.target.name) for arc in net.arcs],
        {place.name: n for place, n in first.items()},
        {place.name: n for place, n in last.items()},
    )


def _too_dense(n: int, most: int, what: str) -> NotEnoughDataError:
    return NotEnoughDataError(
        f"heuristics miner: {n:,} {what} between touchpoints are more than the {most:,} it is run on; raise noise, "
        'exclude touchpoints, or use miner="directly-follows"'
    )


def _names(n: int) -> list[str]:
    return [str(i).zfill(len(str(max(n - 1, 0)))) for i in range(n)]


def _clean(edges: Edges, nodes: int, noise: float) -> dict[tuple[int, int], int]:
    # pm4py's rule; it asks for each touchpoint the whole graph again.
    strongest = np.zeros(nodes, dtype=np.int64)
    pairs = np.array(list(edges), dtype=np.int64).reshape(-1, 2)
    n = np.array(list(edges.values()), dtype=np.int64)
    np.maximum.at(strongest, pairs[:, 0], n)
    np.maximum.at(strongest, pairs[:, 1], n)
    keep = n >= noise * np.minimum(strongest[pairs[:, 0]], strongest[pairs[:, 1]])
    return {e: m for (e, m), k in zip(edges.items(), keep.tolist(), strict=True) if k}


def alpha_net(labels: Sequence[str], edges: Edges, starts: Ends, ends: Ends) -> PetriNet:
    """Return the net of the alpha algorithm (van der Aalst, Weijters & Maruster 2004).

    A place stands between each maximal pair of sets A and B where every a causes every b, no two of A follow each
    other, nor two of B. Such pairs are the maximal cliques of "these two causal pairs go together", which is
    found once instead of growing every subset as pm4py does; the net is the same.

    Raises
    ------
    NotEnoughDataError
        When more touchpoints cause each other than can be put together.

    Examples
    --------
    >>> net = alpha_net(["a", "b", "c"], {(0, 1): 1, (0, 2): 1}, {0: 2}, {1: 1, 2: 1})
    >>> net.places, len(net.arcs)
    (('start', 'p1', 'end'), 6)
    """
    from pm4py.util import nx_utils

    k = len(labels)
    follows = np.zeros((k, k), dtype=bool)
    for (a, b), n in edges.items():
        follows[a, b] = n > 0
    itself = np.diag(follows)
    causal = follows & ~follows.T
    causal[itself] = False
    causal[:, itself] = False
    unrelated = ~(follows | follows.T)
    cause, effect = np.nonzero(causal)
    if len(cause) > _MOST_CAUSAL:
        raise _too_tangled(
            f"{len(cause):,} pairs of touchpoints cause each other, more than the {_MOST_CAUSAL:,} it takes"
        )
    apart: npt.NDArray[np.bool_] = unrelated | np.eye(k, dtype=bool)
    together = apart[np.ix_(cause, cause)] & apart[np.ix_(effect, effect)]
    crossed = causal[np.ix_(cause, effect)]
    together &= crossed & crossed.T
    graph = nx_utils.Graph()
    graph.add_nodes_from(range(len(cause)))
    graph.add_edges_from((i, j) for i, j in np.argwhere(np.triu(together, 1)).tolist())
    pairs: set[tuple[tuple[int, ...], tuple[int, ...]]] = set()
    for clique in nx_utils.find_cliques(graph):
        pairs.add((tuple(sorted({int(cause[e]) for e in clique})), tuple(sorted({int(effect[e]) for e in clique}))))
        if len(pairs) > _MOST_PLACES:
            raise _too_tangled(f"it would put more than {_MOST_PLACES:,} places between them")
    places = ["start", *(f"p{i}" for i in range(1, len(pairs) + 1)), "end"]
    used = sorted({*starts, *ends, *(node for edge in edges for node in edge)})
    arcs = [("start", f"t{x + 1}") for x in sorted(starts)]
    for place, (before, after) in zip(places[1:-1], sorted(pairs), strict=True):
        arcs += [(f"t{x + 1}", place) for x in before] + [(place, f"t{x + 1}") for x in after]
    arcs += [(f"t{x + 1}", "end") for x in sorted(ends)]
    return PetriNet(tuple(places), tuple((f"t{x + 1}", labels[x]) for x in used), tuple(arcs), "start", "end")


def _too_tangled(why: str) -> NotEnoughDataError:
    return NotEnoughDataError(
        f'alpha miner: {why}; raise noise, exclude touchpoints, or use miner="inductive" or "heuristics"'
    )


def graph_net(labels: Sequence[str], source: Ints, target: Ints) -> PetriNet:
    """Return the net whose runs are the walks along the edges of a directly-follows graph.

    Examples
    --------
    >>> net = graph_net(["a"], np.array([-1, 0]), np.array([0, -1]))
    >>> net.transitions
    (('t1', 'a'), ('e1', None), ('e2', None))
    """
    used = sorted({*source.tolist(), *target.tolist()} - {-1})
    places = ["start", *(f"{side}{x + 1}" for x, side in product(used, ("before", "after"))), "end"]
    arcs: list[tuple[str, str]] = []
    for x in used:
        arcs += [(f"before{x + 1}", f"t{x + 1}"), (f"t{x + 1}", f"after{x + 1}")]
    steps: list[tuple[str, Any]] = [(f"t{x + 1}", labels[x]) for x in used]
    for i, (a, b) in enumerate(zip(source.tolist(), target.tolist(), strict=True), 1):
        steps.append((f"e{i}", None))
        arcs += [("start" if a < 0 else f"after{a + 1}", f"e{i}"), (f"e{i}", "end" if b < 0 else f"before{b + 1}")]
    return PetriNet(tuple(places), tuple(steps), tuple(arcs), "start", "end")
