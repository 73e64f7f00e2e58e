"""The moves of one optimal alignment per variant, always the same one.

What is cheapest is known only up to ties: of ``a a`` against a net that asks for one ``a``, either is the one too
many. A tie is broken by rule, read from the end: first a step left out, then an event too many, then the match,
then the silent step, each in the order of the net. So the first ``a`` matches, and what is missing at the end is
missing after all that was done. The rule needs the cost of every way to every state, which is a dynamic program
over (events done, marking), done for many variants at once; nets of customer journeys have few markings.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cxmining.discovery.align import DEVIATION, SILENT
from cxmining.discovery.net import PetriNet
from cxmining.engine.coded import Ints, gather
from cxmining.errors import StudyError

__all__ = ["LEFT_OUT", "MATCH", "TOO_MANY", "Moves", "States", "find_moves", "states"]

MATCH, TOO_MANY, LEFT_OUT = 0, 1, 2
_FAR: Final = 1 << 60
_MARKINGS: Final = 4_096
_CELLS: Final = 4_000_000
"""Numbers held per batch of variants: 32 MB."""


@dataclass(frozen=True, eq=False)
class States:
    """The markings that a net can reach and the steps between them, in breadth-first order from its start.

    Attributes
    ----------
    n : int
        How many; the start is 0.
    end : int
        The one with a token in the sink and nowhere else.
    source, target, label : ndarray of int64, one per step
        From marking to marking; `label` is a position in `labels`, −1 for a silent step.
    labels : tuple of str
    """

    n: int
    end: int
    source: Ints
    target: Ints
    label: Ints
    labels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Moves:
    """The moves of many alignments one after the other; silent steps are not listed.

    Attributes
    ----------
    kind : ndarray of int64
        MATCH, TOO_MANY (an event that no step allows) or LEFT_OUT (a step without an event).
    label : ndarray of int64
        Code of the touchpoint, as the variants were coded; for LEFT_OUT of the step.
    event : ndarray of int64
        Position of the event in its variant; for LEFT_OUT how many events came before.
    offsets : ndarray of int64
        The moves of variant `v` are ``offsets[v]`` up to ``offsets[v + 1]``.
    cost : ndarray of int64, one per variant
        As `align` counts.
    """

    kind: Ints
    label: Ints
    event: Ints
    offsets: Ints
    cost: Ints

    @property
    def variant(self) -> Ints:
        """The variant of each move."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))


def states(net: PetriNet) -> States:
    """Return the markings of a net that can still end.

    Raises
    ------
    StudyError
        When there are more than 4,096, or the end is not among them.

    Examples
    --------
    >>> net = PetriNet(("i", "o"), (("t1", "call"),), (("i", "t1"), ("t1", "o")), "i", "o")
    >>> found = states(net)
    >>> found.n, found.end, found.source.tolist(), found.target.tolist()
    (2, 1, [0], [1])
    """
    place = {p: i for i, p in enumerate(net.places)}
    labels = net.labels
    code = {label: i for i, label in enumerate(labels)}
    steps = [
        (
            Counter(place[p] for p in net.preset[t]),
            Counter(place[p] for p in net.postset[t]),
            -1 if name is None else code[name],
        )
        for t, name in net.transitions
    ]
    start: tuple[tuple[int, int], ...] = ((place[net.source], 1),)
    end = ((place[net.sink], 1),)
    number = {start: 0}
    edges: list[tuple[int, int, int]] = []
    todo = deque([start])
    while todo:
        marking = todo.popleft()
        here = dict(marking)
        for takes, gives, label_code in steps:
            if any(here.get(p, 0) < n for p, n in takes.items()):
                continue
            after = Counter(here)
            after.subtract(takes)
            after.update(gives)
            reached = tuple(sorted((p, n) for p, n in after.items() if n))
            if reached not in number:
                number[reached] = len(number)
                todo.append(reached)
                if len(number) > _MARKINGS:
                    raise StudyError(
                        f"the model can be in more than {_MARKINGS:,} states, or in states without end; where customers "
                        "leave it cannot be told step by step: model fewer steps side by side"
                    )
            edges.append((number[marking], number[reached], label_code))
    if end not in number:
        raise StudyError(
            f"the model cannot reach its end: none of its {len(number):,} states has a token in {net.sink!r} alone; "
            "look for a step that leads nowhere or a branch that never joins"
        )
    return _that_can_end(np.array(edges, dtype=np.int64).reshape(-1, 3), len(number), number[end], labels)


def _that_can_end(edges: Ints, n: int, end: int, labels: tuple[str, ...]) -> States:
    """Leave out the markings from which the end is out of reach, and steps that change nothing."""
    alive = np.zeros(n, dtype=bool)
    alive[end] = True
    while True:
        more = edges[alive[edges[:, 1]] & ~alive[edges[:, 0]], 0]
        if not len(more):
            break
        alive[more] = True
    if not alive[0]:
        raise StudyError("the model cannot reach its end from its start; look for a step that leads nowhere")
    new = np.cumsum(alive) - 1
    kept = edges[alive[edges[:, 0]] & alive[edges[:, 1]]]
    kept = kept[(kept[:, 0] != kept[:, 1]) | (kept[:, 2] >= 0)]
    return States(int(alive.sum()), int(new[end]), new[kept[:, 0]], new[kept[:, 1]], kept[:, 2], labels)


def find_moves(net: States, codes: npt.NDArray[np.integer], offsets: Ints, touchpoints: Sequence[str]) -> Moves:
    """Return the moves of the canonical optimal alignment of each variant.

    Parameters
    ----------
    net : States
    codes, offsets : ndarray
        Variant `v` is ``codes[offsets[v]:offsets[v + 1]]``, codes of `touchpoints`.
    touchpoints : sequence of str
        Every label of the net must be among them.

    Returns
    -------
    Moves
        Of the same costs that `align` finds.

    Examples
    --------
    >>> net = PetriNet(("i", "o"), (("t1", "call"),), (("i", "t1"), ("t1", "o")), "i", "o")
    >>> found = find_moves(states(net), np.array([0, 0]), np.array([0, 2]), ["call"])
    >>> found.kind.tolist(), found.event.tolist(), found.cost.tolist()
    ([0, 1], [0, 1], [10000])
    """
    place = {t: i for i, t in enumerate(touchpoints)}
    label = np.array([*(place[x] for x in net.labels), -1], dtype=np.int64)[net.label]  # −1, silent, is the last
    lengths = np.diff(offsets)
    order = np.argsort(lengths, kind="stable")
    cost = np.zeros(len(lengths), dtype=np.int64)
    found: list[tuple[Ints, Ints, Ints, Ints]] = []
    at = 0
    while at < len(order):
        # Variants of like length together, as many as memory allows.
        room = _CELLS // net.n
        upto = at + 1
        while upto < len(order) and (upto + 1 - at) * (int(lengths[order[upto]]) + 1) <= room:
            upto += 1
        chosen = order[at:upto]
        where, bounds = gather(offsets, chosen)
        table = np.full((len(chosen), max(int(lengths[chosen].max(initial=0)), 1)), -1, dtype=np.int64)
        row = np.repeat(np.arange(len(chosen)), np.diff(bounds))
        table[row, np.arange(len(where)) - bounds[row]] = codes[where]
        cost[chosen], moves = _batch(net, label, table, lengths[chosen])
        found.append((chosen[moves[0]], *moves[1:]))
        at = upto
    variant, kind, what, event = (
        np.concatenate([f[i] for f in found]) if found else np.zeros(0, np.int64) for i in range(4)
    )
    # Moves come from the last to the first; a stable sort of the reversed list brings each variant's together.
    by_variant = np.argsort(variant[::-1], kind="stable")
    counts = np.bincount(variant, minlength=len(lengths))
    bounds = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Moves(kind[::-1][by_variant], what[::-1][by_variant], event[::-1][by_variant], bounds, cost)


def _batch(net: States, label: Ints, table: Ints, lengths: Ints) -> tuple[Ints, tuple[Ints, Ints, Ints, Ints]]:
    """Align the rows of `table`; return their costs and (row, kind, label, event) of all moves, last move first."""
    price = np.where(label < 0, SILENT, DEVIATION)
    by_target = np.argsort(net.target, kind="stable")
    source, target, step, price = net.source[by_target], net.target[by_target], label[by_target], price[by_target]
    reached, starts = np.unique(target, return_index=True)

    def relax(best: Ints) -> Ints:
        """Walk the model alone, as far as that is cheaper."""
        while len(starts):
            new = np.minimum(best[:, reached], np.minimum.reduceat(best[:, source] + price, starts, axis=1))
            if (new == best[:, reached]).all():
                break
            best[:, reached] = new
        return best

    best = np.full((len(table), net.n), _FAR, dtype=np.int64)
    best[:, 0] = 0
    layers = [relax(best)]
    for i in range(int(lengths.max(initial=0))):
        before = layers[-1]
        after = before + DEVIATION
        if len(starts):
            match = np.where(step == table[:, i, None], before[:, source], _FAR)
            after[:, reached] = np.minimum(after[:, reached], np.minimum.reduceat(match, starts, axis=1))
        layers.append(relax(after))
    stack = np.stack(layers)
    rows = np.arange(len(table))
    return stack[lengths, rows, net.end], _walk_back(stack, table, lengths, net.end, (source, target, step, price))


def _walk_back(
    stack: Ints, table: Ints, lengths: Ints, end: int, edges: tuple[Ints, Ints, Ints, Ints]
) -> tuple[Ints, Ints, Ints, Ints]:
    source, target, step, price = edges
    # Which steps lead to each marking, in the order of the net, padded to the widest.
    n = stack.shape[2]
    into = np.bincount(target, minlength=n)
    edge = np.full((n, max(int(into.max(initial=0)), 1)), -1, dtype=np.int64)
    first = np.concatenate([[0], np.cumsum(into)])
    edge[target, np.arange(len(target)) - first[target]] = np.arange(len(target))

    row = np.arange(len(table))
    event, marking = lengths.copy(), np.full(len(table), end, dtype=np.int64)
    out: list[tuple[Ints, Ints, Ints, Ints]] = []
    while len(row):
        now = stack[event, row, marking]
        ways = edge[marking]
        there, real = source[ways], ways >= 0
        alone = real & (stack[event[:, None], row[:, None], there] + price[ways] == now[:, None])
        loud, quiet = alone & (step[ways] >= 0), alone & (step[ways] < 0)
        earlier = np.maximum(event - 1, 0)
        done = np.where(event > 0, table[row, earlier], -1)
        match = (
            real & (event > 0)[:, None] & (step[ways] == done[:, None])
            & (stack[earlier[:, None], row[:, None], there] == now[:, None])
        )  # fmt: skip
        extra = (event > 0) & (stack[earlier, row, marking] + DEVIATION == now)
        does_skip, does_match, does_quiet = loud.any(axis=1), match.any(axis=1), quiet.any(axis=1)
        kind = np.select([does_skip, extra, does_match, does_quiet], [LEFT_OUT, TOO_MANY, MATCH, 3], 4)
        way = np.select(
            [kind == LEFT_OUT, kind == MATCH, kind == 3],
            [loud.argmax(axis=1), match.argmax(axis=1), quiet.argmax(axis=1)], 0,
        )  # fmt: skip
        taken = ways[np.arange(len(row)), way]
        told = kind < 3
        what = np.where(kind == LEFT_OUT, step[taken], done)
        uses = (kind == MATCH) | (kind == TOO_MANY)
        out.append((row[told], kind[told], what[told], np.where(uses, event - 1, event)[told]))
        event = event - uses
        marking = np.where(kind == TOO_MANY, marking, source[taken])
        going = kind < 4
        row, event, marking = row[going], event[going], marking[going]
    return tuple(np.concatenate([o[i] for o in out]) for i in range(4))  # type: ignore[return-value]
