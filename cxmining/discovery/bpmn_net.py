"""A BPMN process as a Petri net of the same language.

An exclusive gateway is a place, a parallel one a transition, an inclusive pair a chain of choices that takes at least
one branch. A task that several flows lead into takes either; one that several lead out of gives to all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cxmining.discovery.net import PetriNet
from cxmining.discovery.net_machine import NetMachine, TooManyMarkings
from cxmining.errors import InputError

__all__ = ["Node", "Process", "process_net"]

_MOST_MARKINGS: Final = 20_000
"""Looked at to see which ends are reached side by side."""

Flow = tuple[str, str]


@dataclass(frozen=True)
class Node:
    """A node: `kind` is task, event, start, end, xor, and, or; `where` names it in messages."""

    kind: str
    label: str
    where: str


@dataclass(frozen=True)
class Process:
    """Nodes by id, and flows from node to node."""

    nodes: dict[str, Node]
    flows: list[Flow]
    file: str


def process_net(process: Process) -> PetriNet:
    """Return the net whose complete runs are those of the process.

    Raises
    ------
    InputError
        When nothing starts the process, a node is started by nothing, or an inclusive gateway has no partner.

    Examples
    --------
    >>> nodes = {"s": Node("start", "", ""), "a": Node("task", "call", ""), "e": Node("end", "", "")}
    >>> process_net(Process(nodes, [("s", "a"), ("a", "e")], "calls.bpmn")).transitions
    (('t1', 'call'),)
    """
    return _Weaver(process).net()


class _Weaver:
    def __init__(self, process: Process) -> None:
        self.nodes, self.file = process.nodes, process.file
        self.flows = process.flows
        self.out: dict[str, list[int]] = {name: [] for name in self.nodes}
        self.into: dict[str, list[int]] = {name: [] for name in self.nodes}
        for i, (a, b) in enumerate(self.flows):
            self.out[a].append(i)
            self.into[b].append(i)
        self.places: list[str] = ["source"]
        self.steps: list[tuple[str, str | None]] = []
        self.arcs: list[tuple[str, str]] = []
        self.kind = {name: self._kind(name) for name in self.nodes}
        self.starts = self._starts()
        self.joins = self._inclusive()
        self.arrivals: dict[int, str] = {}
        """Where the token of a flow into an inclusive join waits."""
        self.chosen: dict[str, str] = {}
        """The place that tells an inclusive join that its split has chosen."""

    def net(self) -> PetriNet:
        ends = self._place_nodes()
        for name in self.nodes:
            self._step(name)
        # flows between two places need a step of their own; they come last, as a skip stands last in a choice
        for i, (a, _) in enumerate(self.flows):
            if self._leaves(a) and (before := self._gate(a)) != (behind := self._enter(i)) and not self._direct(i):
                self._transition([before], [behind])
        if len(self.starts) > 1:
            for name in self.starts:
                self._transition(["source"], [self._gate(name)])
        return self._ended(ends)

    def _kind(self, name: str) -> str:
        kind, ways = self.nodes[name].kind, (len(self.into[name]), len(self.out[name]))
        if kind == "or" and max(ways) <= 1:
            return "xor"
        if kind == "or" and min(ways) > 1:
            raise InputError(
                f"{self.file}: {self.nodes[name].where} joins and splits at once, which is not supported; use two gateways"
            )
        return kind

    def _starts(self) -> list[str]:
        alone = [name for name in self.nodes if not self.into[name]]
        started = [name for name in self.nodes if self.nodes[name].kind == "start"]
        for name in started:
            if self.into[name]:
                raise InputError(
                    f"{self.file}: {self.nodes[name].where} has an incoming flow, which no start event has"
                )
        for name, node in self.nodes.items():
            if node.kind == "end" and self.out[name]:
                raise InputError(f"{self.file}: {node.where} has an outgoing flow, which no end event has")
        stray = [name for name in alone if name not in started]
        if started and stray:
            raise InputError(
                f"{self.file}: nothing leads to {self.nodes[stray[0]].where}; draw a flow to it or delete it"
            )
        if not started and len(stray) != 1:
            raise InputError(f"{self.file}: {len(stray)} nodes begin without a start event; expected one start event")
        return started or stray

    def _leaves(self, name: str) -> bool:
        """Tell whether the node's tokens wait in a place of its own: they leave it one way each."""
        return self.kind[name] == "xor" or (self.kind[name] == "start" and len(self.out[name]) <= 1)

    def _gate(self, name: str) -> str:
        if len(self.starts) == 1 and name == self.starts[0]:
            return "source"
        return f"at {name}"

    def _place_nodes(self) -> list[str]:
        """Make the places; return those where journeys end."""
        ends = []
        for name in self.nodes:
            if not self.out[name]:
                ends.append(f"end {name}")
            if self._gate(name) != "source" and (
                self._leaves(name) or self.kind[name] == "start" or (len(self.into[name]) > 1 and self._merges(name))
            ):
                self.places.append(f"at {name}")
        self.places += ends
        return ends

    def _merges(self, name: str) -> bool:
        return self.kind[name] in ("task", "event") or (self.kind[name] == "or" and len(self.out[name]) > 1)

    def _direct(self, i: int) -> bool:
        """Tell whether the flow leads from a place straight into a step, which takes its token there."""
        a, b = self.flows[i]
        return self._leaves(a) and self._merges(b) and len(self.into[b]) == 1

    def _enter(self, i: int) -> str:
        """Return the place that a token on this flow goes to."""
        a, b = self.flows[i]
        if self.kind[b] == "end":
            return f"end {b}"
        if self._leaves(b) or (self._merges(b) and len(self.into[b]) > 1):
            return f"at {b}"
        if self._direct(i):
            return self._gate(a)
        if i in self.arrivals:
            return self.arrivals[i]
        if f"on {i}" not in self.places:
            self.places.append(f"on {i}")
        return f"on {i}"

    def _step(self, name: str) -> None:
        kind = self.kind[name]
        if self._leaves(name):
            if not self.out[name]:
                self._transition([self._gate(name)], [f"end {name}"])
            return
        if kind == "end":
            return
        given = [self._enter(i) for i in self.out[name]] or [f"end {name}"]
        if name in self.starts:
            taken = [self._gate(name)]
        elif self._merges(name):
            taken = [self._enter(self.into[name][0])]
        else:
            taken = [self._enter(i) for i in self.into[name]]
        if kind == "or":
            self._choose(name, taken) if len(self.out[name]) > 1 else self._join(name)
            return
        self._transition(taken, given, self.nodes[name].label if kind == "task" else None)

    def _choose(self, name: str, taken: list[str]) -> None:
        """Take each branch or pass it by, in turn, but not pass all."""
        join = self.joins[name]
        none: str | None = taken[0]
        some: str | None = None
        branches = self.out[name]
        for k, i in enumerate(branches):
            last = k == len(branches) - 1
            taking = self._chosen(join) if last else self._new(f"some {name} {k}")
            passing = None if last else self._new(f"none {name} {k}")
            branch, arrival = self._enter(i), self._arrival(join, i)
            for before, after in ((none, passing), (some, taking)):
                if before is not None:
                    self._transition([before], [branch, taking])
                    if after is not None:
                        self._transition([before], [arrival, after])
            none, some = passing, taking

    def _join(self, name: str) -> None:
        waiting = [self.arrivals.setdefault(i, self._new(f"on {i}")) for i in self.into[name]]
        given = [self._enter(i) for i in self.out[name]] or [f"end {name}"]
        self._transition([*waiting, self._chosen(name)], given)

    def _chosen(self, join: str) -> str:
        return self.chosen.setdefault(join, self._new(f"chosen {join}"))

    def _arrival(self, join: str, branch: int) -> str:
        """Return where the token waits that comes out of a branch."""
        i = self._way(branch, join)[1]
        return self.arrivals.setdefault(i, self._new(f"on {i}"))

    def _new(self, name: str) -> str:
        if name not in self.places:
            self.places.append(name)
        return name

    def _inclusive(self) -> dict[str, str]:
        """Return the join of each inclusive split."""
        splits = [n for n in self.nodes if self.kind[n] == "or" and len(self.out[n]) > 1]
        joins = [n for n in self.nodes if self.kind[n] == "or" and len(self.out[n]) <= 1]
        found: dict[str, str] = {}
        for split in splits:
            for join in joins:
                if len(self.into[join]) == len(self.out[split]) and self._closed(split, join):
                    found[split] = join
        lonely = [n for n in (*splits, *joins) if n not in found and n not in found.values()]
        if lonely:
            raise InputError(
                f"{self.file}: {self.nodes[lonely[0]].where} has no partner: an inclusive gateway is supported where each "
                "branch of a split leads to the same join and nothing else does"
            )
        return found

    def _closed(self, split: str, join: str) -> bool:
        seen: set[str] = set()
        arrived: set[int] = set()
        for branch in self.out[split]:
            inside, arrival = self._way(branch, join)
            entered = {i for name in inside for i in self.into[name]}
            led = {branch, *(i for name in inside for i in self.out[name])}
            if arrival < 0 or inside & seen or split in inside or not entered <= led:
                return False
            if any(not self.out[name] for name in inside):
                return False
            seen |= inside
            arrived.add(arrival)
        return arrived == set(self.into[join])

    def _way(self, branch: int, join: str) -> tuple[set[str], int]:
        """Return the nodes of a branch, and the one flow by which it reaches the join; −1: none or several."""
        inside: set[str] = set()
        arrivals: set[int] = set()
        todo = [branch]
        while todo:
            i = todo.pop()
            name = self.flows[i][1]
            if name == join:
                arrivals.add(i)
            elif name not in inside:
                inside.add(name)
                todo += self.out[name]
        return inside, arrivals.pop() if len(arrivals) == 1 else -1

    def _transition(self, sources: list[str], targets: list[str], label: str | None = None) -> None:
        t = f"t{len(self.steps) + 1}"
        self.steps.append((t, label))
        self.arcs += [*((s, t) for s in sources), *((t, x) for x in targets)]

    def _ended(self, ends: list[str]) -> PetriNet:
        """Bring the ends together: each alone, or those that are reached side by side."""
        splits = any(
            len(self.out[n]) > 1 and self.kind[n] in ("and", "or", "task", "event", "start") for n in self.nodes
        )
        if not ends:
            raise InputError(f"{self.file}: the process never ends: every node has an outgoing flow")
        reaching = sum(b in ends for _, b in self.arcs)
        together: list[tuple[str, ...]] = [(end,) for end in ends]
        if splits and reaching > 1:
            together = self._together(ends)
        if together == [(ends[0],)]:
            return self._numbered(ends[0])
        self.places.append("sink")
        for marking in together:
            self._transition(list(marking), ["sink"])
        return self._numbered("sink")

    def _together(self, ends: list[str]) -> list[tuple[str, ...]]:
        names = [*self.places, "never"]
        net = PetriNet(tuple(names), tuple((t, None) for t, _ in self.steps), tuple(self.arcs), "source", "never")
        try:
            markings = NetMachine(net, _MOST_MARKINGS).reachable()
        except TooManyMarkings:
            raise InputError(
                f"{self.file}: {len(ends)} ends may be reached side by side in more than {_MOST_MARKINGS:,} ways; join the "
                "branches before one end event"
            ) from None
        found = sorted({tuple(names[p] for p in m) for m in markings if all(names[p] in ends for p in m)})
        if not found:
            raise InputError(f"{self.file}: the process cannot end: no run reaches an end with all its branches")
        return found

    def _numbered(self, sink: str) -> PetriNet:
        """Give plain ids, those of a file are of no interest, and leave out places that nothing touches."""
        touched = {x for arc in self.arcs for x in arc} | {"source", sink}
        used = [p for p in self.places if p in touched]
        name = {p: f"p{i}" for i, p in enumerate(used, 1)} | {t: t for t, _ in self.steps}
        arcs = tuple((name[a], name[b]) for a, b in self.arcs)
        return PetriNet(tuple(name[p] for p in used), tuple(self.steps), arcs, "p1", name[sink])
