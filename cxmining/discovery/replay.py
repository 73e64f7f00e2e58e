"""How well a tree and the journeys fit each other: token replay and escaping edges, on weighted variants.

pm4py replays on a Petri net and searches a way through its silent steps each time; on the parallel,
skippable blocks that real journeys give, 200 variants took it 75 s, and which way it took depended on
memory addresses. On the tree itself no search is needed: the state of a block is that of its children.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cxmining.discovery.tree import Kind, Tree

__all__ = ["Fit", "replay"]

_MAX_ALTERNATIVES: Final = 32
"""States followed at once. More than one arises only where an event can belong to this round of a loop or the next."""

State = Any  # a step: done or not; a block: a tuple of what its kind needs


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
        (Muñoz-Gama & Carmona 2010): of what the model allows next, the share that journeys ever do next.
    """

    fitness: float
    replayed: float
    precision: float


def replay(tree: Tree, variants: Sequence[tuple[str, ...]], journeys: Sequence[int]) -> Fit:
    """Replay weighted variants on a tree in which each touchpoint stands at most once.

    Examples
    --------
    >>> a, b = Tree(Kind.STEP, label="a"), Tree(Kind.STEP, label="b")
    >>> replay(Tree(Kind.SEQUENCE, (a, b)), [("a", "b"), ("b",)], [3, 1])
    Fit(fitness=0.9090909090909091, replayed=0.75, precision=1.0)
    """
    machine = _machine(tree)
    consumed = missing = fitting = total = escaping = allowed = 0
    todo: list[tuple[_Beginning, tuple[State, ...], int, int]] = [
        (_beginnings(variants, journeys), (machine.initial,), 0, 0)
    ]
    while todo:
        here, states, depth, lost = todo.pop()
        if here.ending:
            unfinished = lost + (not any(machine.finish(state) for state in states))
            total += here.ending
            consumed += here.ending * (depth + 1)
            missing += here.ending * unfinished
            fitting += here.ending * (unfinished == 0)
        if here.after and not lost:
            enabled = frozenset[str]().union(*(machine.enabled(state) for state in states))
            allowed += here.continuing * len(enabled)
            escaping += here.continuing * len(enabled - here.after.keys())
        for touchpoint, there in here.after.items():
            reached, forced = _advance(machine, states, touchpoint)
            todo.append((there, reached, depth + 1, lost + forced))
    return Fit(
        1 - missing / consumed if consumed else 1.0,
        fitting / total if total else 1.0,
        1 - escaping / allowed if allowed else 1.0,
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


def _advance(machine: _Machine, states: tuple[State, ...], touchpoint: str) -> tuple[tuple[State, ...], bool]:
    """Do the event in every state that allows it; where none does, put the missing token before it."""
    reached = dict.fromkeys(after for state in states for after in machine.step(state, touchpoint))
    if reached:
        return tuple(reached)[:_MAX_ALTERNATIVES], False
    if touchpoint not in machine.labels:
        return states, True
    return (machine.force(states[0], touchpoint),), True


class _Machine(ABC):
    """A block that runs: states are values, the machine keeps none."""

    initial: State
    labels: frozenset[str]
    skippable: bool
    """Whether it can be passed without an event."""

    @abstractmethod
    def finish(self, state: State) -> bool:
        """Tell whether the block can end without a further event."""

    @abstractmethod
    def step(self, state: State, label: str) -> tuple[State, ...]:
        """Return the states after the event, none when it is not allowed."""

    @abstractmethod
    def enabled(self, state: State) -> frozenset[str]:
        """Return the events that are allowed next."""

    @abstractmethod
    def force(self, state: State, label: str) -> State:
        """Return the state after an event of this block that was not allowed."""


class _Step(_Machine):
    initial = False
    skippable = False

    def __init__(self, label: str) -> None:
        self.labels = frozenset((label,))

    def finish(self, state: State) -> bool:
        return bool(state)

    def step(self, state: State, label: str) -> tuple[State, ...]:
        return () if state or label not in self.labels else (True,)

    def enabled(self, state: State) -> frozenset[str]:
        return frozenset() if state else self.labels

    def force(self, state: State, label: str) -> State:
        return True


class _Skip(_Machine):
    initial = None
    labels: frozenset[str] = frozenset()
    skippable = True

    def finish(self, state: State) -> bool:
        return True

    def step(self, state: State, label: str) -> tuple[State, ...]:
        return ()

    def enabled(self, state: State) -> frozenset[str]:
        return frozenset()

    def force(self, state: State, label: str) -> State:
        raise AssertionError("a skip has no event")


class _Block(_Machine):
    """A block of blocks; each touchpoint stands in one child at most. Answers are remembered."""

    def __init__(self, children: Sequence[_Machine]) -> None:
        self.children = children
        self.child_of = {label: i for i, child in enumerate(children) for label in child.labels}
        self.labels = frozenset(self.child_of)
        self._steps: dict[tuple[State, str], tuple[State, ...]] = {}
        self._enabled: dict[State, frozenset[str]] = {}

    def step(self, state: State, label: str) -> tuple[State, ...]:
        if label not in self.labels:
            return ()
        key = (state, label)
        if key not in self._steps:
            self._steps[key] = self._step(state, label, self.child_of[label])
        return self._steps[key]

    def enabled(self, state: State) -> frozenset[str]:
        if state not in self._enabled:
            self._enabled[state] = self._enable(state)
        return self._enabled[state]

    @abstractmethod
    def _step(self, state: State, label: str, at: int) -> tuple[State, ...]: ...

    @abstractmethod
    def _enable(self, state: State) -> frozenset[str]: ...


class _Sequence(_Block):
    """State: which child, and its state."""

    def __init__(self, children: Sequence[_Machine]) -> None:
        super().__init__(children)
        self.initial = (0, children[0].initial)
        self.skippable = all(child.skippable for child in children)

    def finish(self, state: State) -> bool:
        at, inner = state
        return self.children[at].finish(inner) and all(child.skippable for child in self.children[at + 1 :])

    def _open(self, state: State) -> list[tuple[int, State]]:
        """Return the children that can move next, with their states."""
        at, inner = state
        found = [(at, inner)]
        passable = self.children[at].finish(inner)
        while passable and at + 1 < len(self.children):
            at += 1
            found.append((at, self.children[at].initial))
            passable = self.children[at].skippable
        return found

    def _step(self, state: State, label: str, at: int) -> tuple[State, ...]:
        return tuple(
            (i, after) for i, inner in self._open(state) if i == at for after in self.children[i].step(inner, label)
        )

    def _enable(self, state: State) -> frozenset[str]:
        return frozenset[str]().union(*(self.children[i].enabled(inner) for i, inner in self._open(state)))

    def force(self, state: State, label: str) -> State:
        at = self.child_of[label]
        inner = state[1] if at == state[0] else self.children[at].initial
        return (at, _allow(self.children[at], inner, label))


class _Choice(_Block):
    """State: None before the choice, then which child, and its state."""

    def __init__(self, children: Sequence[_Machine]) -> None:
        super().__init__(children)
        self.initial = None
        self.skippable = any(child.skippable for child in children)

    def finish(self, state: State) -> bool:
        return self.skippable if state is None else self.children[state[0]].finish(state[1])

    def _step(self, state: State, label: str, at: int) -> tuple[State, ...]:
        if state is not None and state[0] != at:
            return ()
        child = self.children[at]
        return tuple((at, after) for after in child.step(child.initial if state is None else state[1], label))

    def _enable(self, state: State) -> frozenset[str]:
        if state is not None:
            at, inner = state
            return self.children[int(at)].enabled(inner)
        return frozenset[str]().union(*(child.enabled(child.initial) for child in self.children))

    def force(self, state: State, label: str) -> State:
        at = self.child_of[label]
        inner = state[1] if state is not None and state[0] == at else self.children[at].initial
        return (at, _allow(self.children[at], inner, label))


class _Parallel(_Block):
    """State: the children's states."""

    def __init__(self, children: Sequence[_Machine]) -> None:
        super().__init__(children)
        self.initial = tuple(child.initial for child in children)
        self.skippable = all(child.skippable for child in children)

    def finish(self, state: State) -> bool:
        return all(child.finish(inner) for child, inner in zip(self.children, state, strict=True))

    def _step(self, state: State, label: str, at: int) -> tuple[State, ...]:
        return tuple((*state[:at], after, *state[at + 1 :]) for after in self.children[at].step(state[at], label))

    def _enable(self, state: State) -> frozenset[str]:
        return frozenset[str]().union(*(c.enabled(inner) for c, inner in zip(self.children, state, strict=True)))

    def force(self, state: State, label: str) -> State:
        at = self.child_of[label]
        return (*state[:at], self.children[at].force(state[at], label), *state[at + 1 :])


class _Loop(_Block):
    """State: which child is going on, 0 to do or 1 to redo, and its state."""

    def __init__(self, children: Sequence[_Machine]) -> None:
        super().__init__(children)
        self.initial = (0, children[0].initial)
        self.skippable = children[0].skippable

    def finish(self, state: State) -> bool:
        at, inner = state
        return self.children[at].finish(inner) and (at == 0 or self.children[0].skippable)

    def _open(self, state: State) -> list[tuple[int, State]]:
        at, inner = state
        found = [(at, inner)]
        if self.children[at].finish(inner):
            found.append((1 - at, self.children[1 - at].initial))
            if self.children[1 - at].skippable:
                found.append((at, self.children[at].initial))
        return found

    def _step(self, state: State, label: str, at: int) -> tuple[State, ...]:
        steps = (
            (i, after) for i, inner in self._open(state) if i == at for after in self.children[i].step(inner, label)
        )
        return tuple(dict.fromkeys(steps))

    def _enable(self, state: State) -> frozenset[str]:
        return frozenset[str]().union(*(self.children[i].enabled(inner) for i, inner in self._open(state)))

    def force(self, state: State, label: str) -> State:
        at = self.child_of[label]
        inner = state[1] if at == state[0] else self.children[at].initial
        return (at, _allow(self.children[at], inner, label))


def _allow(machine: _Machine, state: State, label: str) -> State:
    """Do the event where the block itself allows it, else force it."""
    reached = machine.step(state, label)
    return reached[0] if reached else machine.force(state, label)


def _machine(tree: Tree) -> _Machine:
    if tree.kind is Kind.STEP:
        return _Step(tree.label)
    if tree.kind is Kind.SKIP:
        return _Skip()
    blocks: dict[Kind, Callable[[Sequence[_Machine]], _Machine]] = {
        Kind.SEQUENCE: _Sequence,
        Kind.CHOICE: _Choice,
        Kind.PARALLEL: _Parallel,
        Kind.LOOP: _Loop,
    }
    return blocks[tree.kind]([_machine(child) for child in tree.children])
