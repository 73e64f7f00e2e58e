"""How well a model and the journeys fit each other: token replay and escaping edges, on weighted variants.

pm4py replays on a Petri net and searches a way through its silent steps each time; on the parallel,
skippable blocks that real journeys give, 200 variants took it 75 s, and which way it took depended on
memory addresses. On the tree itself no search is needed: the state of a block is that of its children.
On a net that is no tree all ways are followed, once for each marking.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import nan, sqrt
from typing import Any, Final, Protocol

from cxmining.discovery.net import PetriNet, petri_net
from cxmining.discovery.net_machine import NetMachine
from cxmining.discovery.tree import Tree
from cxmining.discovery.tree_machine import TreeMachine

__all__ = ["Fit", "replay", "replay_net"]

_MAX_ALTERNATIVES: Final = 32
"""States followed at once. More than one arises only where an event can belong to this round of a loop or the next."""

State = Any


@dataclass(frozen=True)
class Fit:
    """What a replay counted, weighted by journeys.

    Attributes
    ----------
    fitness : float
        1 − missing tokens / consumed tokens: each event, and the end, needs one.
    replayed : float
        Share of journeys that the model allows from first to last event.
    precision : float
        1 − escaping / enabled steps, over all beginnings of journeys that the model allows
        (Muñoz-Gama & Carmona 2010): of what the model allows next, the share that journeys ever do next. Missing
        when the model allows no beginning.
    generalisation : float
        1 − mean of 1/√(how often a transition fired), 1 for those that never did (Buijs, van Dongen & van der
        Aalst 2014): how much evidence there is for each part of the model.
    """

    fitness: float
    replayed: float
    precision: float
    generalisation: float


class _Machine(Protocol):
    initial: Any
    labels: frozenset[str]

    @property
    def step(self) -> Any: ...
    @property
    def enabled(self) -> Any: ...
    @property
    def finish(self) -> Any: ...
    @property
    def force(self) -> Any: ...
    def begin(self, visits: Counter[Any], n: int) -> None: ...
    def visit(self, visits: Counter[Any], before: Any, after: Any, label: str, n: int) -> None: ...
    def complete(self, visits: Counter[Any], state: Any, n: int) -> None: ...


def replay(tree: Tree, variants: Sequence[tuple[str, ...]], journeys: Sequence[int]) -> Fit:
    """Replay weighted variants on a tree in which each touchpoint stands at most once.

    Examples
    --------
    >>> from cxmining.discovery.tree import Kind
    >>> a, b = Tree(Kind.STEP, label="a"), Tree(Kind.STEP, label="b")
    >>> fit = replay(Tree(Kind.SEQUENCE, (a, b)), [("a", "b"), ("b",)], [3, 1])
    >>> round(fit.fitness, 3), fit.replayed, fit.precision, round(fit.generalisation, 3)
    (0.909, 0.75, 1.0, 0.461)
    """
    return _replay(TreeMachine(tree), len(petri_net(tree).transitions), variants, journeys, _MAX_ALTERNATIVES)


def replay_net(net: PetriNet, variants: Sequence[tuple[str, ...]], journeys: Sequence[int], budget: int) -> Fit:
    """Replay weighted variants on a net, following every way through its silent steps.

    Parameters
    ----------
    net : PetriNet
    variants, journeys
        Distinct sequences of touchpoints, and how many journeys follow each.
    budget : int
        Markings to look at.

    Raises
    ------
    TooManyMarkings
        When the budget is spent.

    Examples
    --------
    >>> net = PetriNet(("i", "o"), (("t", "a"),), (("i", "t"), ("t", "o")), "i", "o")
    >>> replay_net(net, [("a",)], [4], 100)
    Fit(fitness=1.0, replayed=1.0, precision=1.0, generalisation=0.5)
    """
    return _replay(NetMachine(net, budget), len(net.transitions), variants, journeys, budget)


def _replay(
    machine: _Machine, transitions: int, variants: Sequence[tuple[str, ...]], journeys: Sequence[int], most: int
) -> Fit:
    consumed = missing = fitting = total = escaping = allowed = asked = 0
    start = _Walked(None, "", {machine.initial: machine.initial})
    walked = [start]
    todo: list[tuple[_Beginning, _Walked, int, int]] = [(_beginnings(variants, journeys), start, 0, 0)]
    while todo:
        here, at, depth, lost = todo.pop()
        if here.ending:
            ends = [state for state in at.came if machine.finish(state)]
            unfinished = lost + (not ends)
            total += here.ending
            consumed += here.ending * (depth + 1)
            missing += here.ending * unfinished
            fitting += here.ending * (unfinished == 0)
            at.ended(ends[0] if ends else next(iter(at.came)), here.ending, finished=bool(ends))
        if here.after and not lost:
            enabled = frozenset[str]().union(*(machine.enabled(state) for state in at.came))
            asked += here.continuing
            allowed += here.continuing * len(enabled)
            escaping += here.continuing * len(enabled - here.after.keys())
        for touchpoint, there in here.after.items():
            reached, forced = _advance(machine, at, touchpoint, most)
            walked.append(reached)
            todo.append((there, reached, depth + 1, lost + forced))
    return Fit(
        1 - missing / consumed if consumed else 1.0,
        fitting / total if total else 1.0,
        1 - escaping / allowed if allowed else (nan if asked else 1.0),
        _generalisation(machine, walked, total, transitions),
    )


@dataclass
class _Beginning:
    """A beginning that journeys share: what they do next, how many go on and how many end here."""

    after: dict[str, _Beginning] = field(default_factory=dict)
    continuing: int = 0
    ending: int = 0


def _beginnings(variants: Sequence[tuple[str, ...]], journeys: Sequence[int]) -> _Beginning:
    root = _Beginning()
    for variant, weight in zip(variants, journeys, strict=True):
        here = root
        for touchpoint in variant:
            here.continuing += int(weight)
            if touchpoint not in here.after:
                here.after[touchpoint] = _Beginning()
            here = here.after[touchpoint]
        here.ending += int(weight)
    return root


@dataclass
class _Walked:
    """The states after a beginning, each with the one that it came from, and how many journeys went through it."""

    before: _Walked | None
    label: str
    came: dict[State, State]
    passed: Counter[State] = field(default_factory=Counter)
    finished: Counter[State] = field(default_factory=Counter)

    def ended(self, state: State, n: int, *, finished: bool) -> None:
        self.passed[state] += n
        if finished:
            self.finished[state] += n


def _advance(machine: _Machine, at: _Walked, touchpoint: str, most: int) -> tuple[_Walked, bool]:
    """Do the event in every state that allows it; where none does, put the missing token before it."""
    if touchpoint not in machine.labels:
        return _Walked(at, "", {state: state for state in at.came}), True
    reached: dict[State, State] = {}
    for state in at.came:
        for after in machine.step(state, touchpoint):
            reached.setdefault(after, state)
    if reached:
        return _Walked(at, touchpoint, dict(list(reached.items())[:most])), False
    first = next(iter(at.came))
    return _Walked(at, touchpoint, {machine.force(first, touchpoint): first}), True


def _generalisation(machine: _Machine, walked: list[_Walked], total: int, transitions: int) -> float:
    visits: Counter[Any] = Counter()
    machine.begin(visits, total)
    for at in reversed(walked):  # those that come later first: each hands what passed it to the one before
        for state, n in at.finished.items():
            machine.complete(visits, state, n)
        if at.before is None:
            continue
        for state, n in at.passed.items():
            if at.label:
                machine.visit(visits, at.came[state], state, at.label, n)
            at.before.passed[at.came[state]] += n
    fired = sorted(n for n in visits.values() if n)  # sorted: a sum of floats depends on their order
    return 1 - (sum(1 / sqrt(n) for n in fired) + transitions - len(fired)) / transitions
