"""Names for the nodes of a net that depend on the net only, not on the order in which it was met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from cxmining.discovery.net import PetriNet

__all__ = ["canonical_net"]


def canonical_net(
    places: Iterable[str],
    transitions: Iterable[tuple[str, str | None]],
    arcs: Iterable[tuple[str, str]],
    initial: Mapping[str, int],
    final: Mapping[str, int],
) -> PetriNet:
    """Return the net with new ids, equal for nets that differ in ids and order only.

    Nodes are told apart by what they are and, again and again, by what their neighbours are (Weisfeiler and
    Leman 1968); of those that stay alike one is picked and the rest told apart from it. pm4py's nets come out of
    sets ordered by memory address, with random ids or numbers that differ from run to run.

    Parameters
    ----------
    places, transitions, arcs, initial, final
        As in `PetriNet.marked`.

    Examples
    --------
    >>> net = canonical_net(["z", "y"], [("9f3", "call")], [("y", "9f3"), ("9f3", "z")], {"y": 1}, {"z": 1})
    >>> net.places, net.transitions, net.arcs
    (('p1', 'p2'), (('t1', 'call'),), (('p1', 't1'), ('t1', 'p2')))
    """
    raw = PetriNet.marked(places, transitions, arcs, initial, final)
    label = dict(raw.transitions)
    nodes = [*raw.places, *label]
    before, after = raw.preset, raw.postset
    colour = _numbered(
        {p: (0, int(p != raw.source), int(p == raw.sink), "", len(before[p]), len(after[p])) for p in raw.places}
        | {t: (1, int(name is None), 0, name or "", len(before[t]), len(after[t])) for t, name in label.items()}
    )
    while True:
        while True:
            finer = _numbered(
                {
                    x: (
                        colour[x],
                        tuple(sorted(colour[y] for y in before[x])),
                        tuple(sorted(colour[y] for y in after[x])),
                    )
                    for x in nodes
                }
            )
            if len(set(finer.values())) == len(set(colour.values())):
                break
            colour = finer
        size = Counter(colour.values())
        alike = min((c for c, n in size.items() if n > 1), default=None)
        if alike is None:
            break
        chosen = next(x for x in nodes if colour[x] == alike)
        colour = _numbered({x: (colour[x], int(x != chosen)) for x in nodes})
    order = sorted(nodes, key=colour.__getitem__)
    new_places = [x for x in order if x not in label]
    new_steps = [x for x in order if x in label]
    name = {x: f"p{i}" for i, x in enumerate(new_places, 1)} | {x: f"t{i}" for i, x in enumerate(new_steps, 1)}
    rank = {x: i for i, x in enumerate(order)}
    return PetriNet(
        tuple(name[x] for x in new_places),
        tuple((name[x], label[x]) for x in new_steps),
        tuple((name[a], name[b]) for a, b in sorted(raw.arcs, key=lambda arc: (rank[arc[0]], rank[arc[1]]))),
        name[raw.source],
        name[raw.sink],
    )


def _numbered(keys: Mapping[str, tuple[object, ...]]) -> dict[str, int]:
    rank = {key: i for i, key in enumerate(sorted(set(keys.values())))}
    return {x: rank[key] for x, key in keys.items()}
