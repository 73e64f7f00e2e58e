"""The Petri net: what every model can be turned into, as a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from cxmining.discovery.tree import Kind, Tree
from cxmining.errors import StudyError

__all__ = ["PetriNet", "petri_net"]


@dataclass(frozen=True)
class PetriNet:
    """A net that runs from one token in `source` to one token in `sink`, and no other token left.

    Attributes
    ----------
    places : tuple of str
        Their ids.
    transitions : tuple of (str, str or None)
        Id and label; a transition without a label is silent.
    arcs : tuple of (str, str)
        From place to transition or from transition to place, by id; an arc of weight 2 stands twice.
    source, sink : str
        The places of the first and of the last token. A net with another marking at its start or end gets
        silent transitions that make and take it: see `marked`.

    Raises
    ------
    StudyError
        When an id stands twice, an arc hangs in the air or joins two of a kind.

    Examples
    --------
    >>> PetriNet(("i", "o"), (("t1", "call"),), (("i", "t1"), ("t1", "o")), "i", "o").labels
    ('call',)
    """

    places: tuple[str, ...]
    transitions: tuple[tuple[str, str | None], ...]
    arcs: tuple[tuple[str, str], ...]
    source: str
    sink: str

    def __post_init__(self) -> None:
        places, steps = set(self.places), {name for name, _ in self.transitions}
        if len(places) < len(self.places) or len(steps) < len(self.transitions) or places & steps:
            ids = Counter([*self.places, *(name for name, _ in self.transitions)])
            twice = min(name for name, n in ids.items() if n > 1)
            raise StudyError(f"Petri net: the id {twice!r} stands for more than one node; ids must differ")
        for end in (self.source, self.sink):
            if end not in places:
                raise StudyError(f"Petri net: {end!r}, where it begins or ends, is none of its places")
        for a, b in self.arcs:
            if not ((a in places and b in steps) or (a in steps and b in places)):
                raise StudyError(f"Petri net: the arc {a!r} → {b!r} does not join a place and a transition")

    @classmethod
    def marked(
        cls,
        places: Iterable[str],
        transitions: Iterable[tuple[str, str | None]],
        arcs: Iterable[tuple[str, str]],
        initial: Mapping[str, int],
        final: Mapping[str, int],
    ) -> PetriNet:
        """Return the net of the same language that starts and ends with one token.

        Parameters
        ----------
        places, transitions, arcs
            As of the net.
        initial, final : mapping of str to int
            Tokens per place at the start and at the end.

        Examples
        --------
        >>> net = PetriNet.marked(["p", "q"], [("t", "call")], [("p", "t"), ("q", "t")], {"p": 1, "q": 1}, {})
        >>> net.source, net.sink, net.transitions
        ('source', 'sink', (('begin', None), ('t', 'call'), ('end', None)))
        """
        nodes, steps, all_arcs = list(places), list(transitions), list(arcs)
        taken = {*nodes, *(name for name, _ in steps)}
        first, last = _only(initial), _only(final)
        if first is None or (first == last):
            first, name = _fresh("source", taken), _fresh("begin", taken)
            nodes.insert(0, first)
            steps.insert(0, (name, None))
            all_arcs += [(first, name), *((name, p) for p, n in initial.items() for _ in range(n))]
        if last is None:
            last, name = _fresh("sink", taken), _fresh("end", taken)
            nodes.append(last)
            steps.append((name, None))
            all_arcs += [*((p, name) for p, n in final.items() for _ in range(n)), (name, last)]
        return cls(tuple(nodes), tuple(steps), tuple(all_arcs), first, last)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The different labels, in alphabetical order."""
        return tuple(sorted({label for _, label in self.transitions if label is not None}))

    @cached_property
    def preset(self) -> dict[str, tuple[str, ...]]:
        """The places (transitions) that each transition (place) takes from; an arc of weight 2 counts twice."""
        before: dict[str, list[str]] = {n: [] for n in (*self.places, *(name for name, _ in self.transitions))}
        for a, b in self.arcs:
            before[b].append(a)
        return {node: tuple(nodes) for node, nodes in before.items()}

    @cached_property
    def postset(self) -> dict[str, tuple[str, ...]]:
        """The places (transitions) that each transition (place) gives to; an arc of weight 2 counts twice."""
        after: dict[str, list[str]] = {n: [] for n in (*self.places, *(name for name, _ in self.transitions))}
        for a, b in self.arcs:
            after[a].append(b)
        return {node: tuple(nodes) for node, nodes in after.items()}

    @property
    def simplicity(self) -> float:
        """1 / (1 + max(mean arcs per node − 2, 0)), the inverse arc degree (Sánchez-González et al. 2010)."""
        nodes = len(self.places) + len(self.transitions)
        return 1 / (1 + max(2 * len(self.arcs) / nodes - 2, 0))

    def to_pnml(self, name: str) -> str:
        """Return the net as PNML, with its initial and final marking; equal nets are equal text."""
        from cxmining.discovery.export import to_pnml

        return to_pnml(self, name)


def _only(marking: Mapping[str, int]) -> str | None:
    """Return the place that holds the only token, if so."""
    held = [(place, n) for place, n in marking.items() if n]
    return held[0][0] if len(held) == 1 and held[0][1] == 1 else None


def _fresh(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name


class _Builder:
    """A net while it grows; nodes are numbered in the order in which they are made."""

    def __init__(self) -> None:
        self.places: list[str] = []
        self.transitions: list[tuple[str, str | None]] = []
        self.arcs: list[tuple[str, str]] = []

    def place(self) -> str:
        self.places.append(f"p{len(self.places) + 1}")
        return self.places[-1]

    def transition(self, sources: list[str], targets: list[str], label: str | None = None) -> None:
        name = f"t{len(self.transitions) + 1}"
        self.transitions.append((name, label))
        self.arcs += [*((s, name) for s in sources), *((name, t) for t in targets)]

    def grow(self, tree: Tree, source: str, target: str) -> None:
        if tree.kind in (Kind.STEP, Kind.SKIP):
            self.transition([source], [target], tree.label if tree.kind is Kind.STEP else None)
        elif tree.kind is Kind.SEQUENCE:
            between = [source, *(self.place() for _ in tree.children[1:]), target]
            for child, (a, b) in zip(tree.children, pairwise(between), strict=True):
                self.grow(child, a, b)
        elif tree.kind is Kind.CHOICE:
            for child in tree.children:
                self.grow(child, source, target)
        elif tree.kind is Kind.PARALLEL:
            ends = [(self.place(), self.place()) for _ in tree.children]
            self.transition([source], [a for a, _ in ends])
            for child, (a, b) in zip(tree.children, ends, strict=True):
                self.grow(child, a, b)
            self.transition([b for _, b in ends], [target])
        else:
            # Own places: in a choice or in another loop, a way back to `source` would be a way out of this loop.
            first, last = self.place(), self.place()
            self.transition([source], [first])
            self.grow(tree.children[0], first, last)
            self.grow(tree.children[1], last, first)
            self.transition([last], [target])


def petri_net(tree: Tree) -> PetriNet:
    """Return the workflow net of a tree, from place ``p1`` to place ``p2``.

    Examples
    --------
    >>> net = petri_net(Tree(Kind.LOOP, (Tree(Kind.STEP, label="call"), Tree(Kind.SKIP))))
    >>> net.transitions
    (('t1', None), ('t2', 'call'), ('t3', None), ('t4', None))
    """
    made = _Builder()
    source, sink = made.place(), made.place()
    made.grow(tree, source, sink)
    return PetriNet(tuple(made.places), tuple(made.transitions), tuple(made.arcs), source, sink)
