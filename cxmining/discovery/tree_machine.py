"""A process tree that runs: its state is that of its children, so that no way through silent steps is searched."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from cxmining.discovery.tree import Kind, Tree

__all__ = ["TreeMachine"]

State = Any  # a step: done or not; a block: a tuple of what its kind needs
Visits = Counter[Any]
"""How often each step was done and each block was entered and left: what its transitions in the net would fire."""


class TreeMachine:
    """A tree as something to replay on.

    Examples
    --------
    >>> machine = TreeMachine(Tree(Kind.STEP, label="a"))
    >>> after = machine.step(machine.initial, "a")
    >>> after, machine.finish(after[0])
    ((True,), True)
    """

    def __init__(self, tree: Tree) -> None:
        self._root = _machine(tree)
        self.initial: State = self._root.initial
        self.labels = self._root.labels
        self.step = self._root.step
        self.enabled = self._root.enabled
        self.finish = self._root.finish
        self.force = self._root.force

    def begin(self, visits: Visits, n: int) -> None:
        """Count what `n` journeys pass when they start."""
        self._root.begin(visits, n)

    def visit(self, visits: Visits, before: State, after: State, label: str, n: int) -> None:
        """Count what `n` journeys pass between two states with the event `label` between them."""
        self._root.visit(visits, before, after, label, n)

    def complete(self, visits: Visits, state: State, n: int) -> None:
        """Count what `n` journeys pass silently to the end."""
        self._root.complete(visits, state, n)


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

    def begin(self, visits: Visits, n: int) -> None:
        """Count that the block is entered; what has no transition for that counts nothing."""
        return

    @abstractmethod
    def visit(self, visits: Visits, before: State, after: State, label: str, n: int) -> None:
        """Count what is passed from one state to the next, by an event of this block."""

    @abstractmethod
    def complete(self, visits: Visits, state: State, n: int) -> None:
        """Count what is passed silently until the block has ended."""

    def through(self, visits: Visits, n: int) -> None:
        """Count what is passed by going through without an event."""
        self.begin(visits, n)
        self.complete(visits, self.initial, n)


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

    def visit(self, visits: Visits, before: State, after: State, label: str, n: int) -> None:
        visits[self] += n

    def complete(self, visits: Visits, state: State, n: int) -> None:
        return


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

    def visit(self, visits: Visits, before: State, after: State, label: str, n: int) -> None:
        raise AssertionError("a skip has no event")

    def complete(self, visits: Visits, state: State, n: int) -> None:
        visits[self] += n


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

    def begin(self, visits: Visits, n: int) -> None:
        self.children[0].begin(visits, n)

    def visit(self, visits: Visits, before: State, after: State, label: str, n: int) -> None:
        (here, inner), (there, reached) = before, after
        child = self.children[there]
        if here == there:
            child.visit(visits, inner, reached, label, n)
            return
        if here < there:  # else an event that was not allowed leads back
            self.children[here].complete(visits, inner, n)
            for passed in self.children[here + 1 : there]:
                passed.through(visits, n)
        child.begin(visits, n)
        child.visit(visits, child.initial, reached, label, n)

    def complete(self, visits: Visits, state: State, n: int) -> None:
        at, inner = state
        self.children[at].complete(visits, inner, n)
        for passed in self.children[at + 1 :]:
            passed.through(visits, n)


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

    def visit(self, visits: Visits, before: State, after: State, label: str, n: int) -> None:
        at, reached = after
        child = self.children[at]
        if before is None or before[0] != at:
            child.begin(visits, n)
            child.visit(visits, child.initial, reached, label, n)
        else:
            child.visit(visits, before[1], reached, label, n)

    def complete(self, visits: Visits, state: State, n: int) -> None:
        if state is not None:
            self.children[state[0]].complete(visits, state[1], n)
        elif self.skippable:
            # a skip if there is one; it stands last
            next(child for child in reversed(self.children) if child.skippable).through(visits, n)


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

    def begin(self, visits: Visits, n: int) -> None:
        visits[self, "split"] += n
        for child in self.children:
            child.begin(visits, n)

    def visit(self, visits: Visits, before: State, after: State, label: str, n: int) -> None:
        at = self.child_of[label]
        self.children[at].visit(visits, before[at], after[at], label, n)

    def complete(self, visits: Visits, state: State, n: int) -> None:
        for child, inner in zip(self.children, state, strict=True):
            child.complete(visits, inner, n)
        visits[self, "join"] += n


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

    def begin(self, visits: Visits, n: int) -> None:
        visits[self, "in"] += n
        self.children[0].begin(visits, n)

    def visit(self, visits: Visits, before: State, after: State, label: str, n: int) -> None:
        (here, inner), (there, reached) = before, after
        child, other = self.children[there], self.children[1 - there]
        if here == there and (reached in child.step(inner, label) or not child.finish(inner) or not other.skippable):
            child.visit(visits, inner, reached, label, n)
            return
        self.children[here].complete(visits, inner, n)
        if here == there:
            other.through(visits, n)
        child.begin(visits, n)
        child.visit(visits, child.initial, reached, label, n)

    def complete(self, visits: Visits, state: State, n: int) -> None:
        at, inner = state
        self.children[at].complete(visits, inner, n)
        if at == 1:
            self.children[0].through(visits, n)
        visits[self, "out"] += n


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
