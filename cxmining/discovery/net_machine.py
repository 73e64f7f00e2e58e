"""A Petri net that runs, with every way through its silent steps, within a budget."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from cxmining.discovery.net import PetriNet

__all__ = ["NetMachine", "TooManyMarkings"]

Marking = tuple[int, ...]
"""The places that hold a token, by number, ascending; one with two tokens stands twice."""
Way = tuple[int, ...]
"""Transitions that fire one after the other."""

_MOST_AT_ONCE: Final = 20_000
"""Markings that silent steps may reach from one marking."""


class TooManyMarkings(Exception):  # noqa: N818 - no error that a user meets: whoever replays catches it
    """Silent steps lead to more markings than the budget allows."""


class NetMachine:
    """A net as something to replay on: a state is a marking.

    Parameters
    ----------
    net : PetriNet
    budget : int
        How many markings may be looked at in all.
    most : int, default 20,000
        How many may be reached from one by silent steps.

    Examples
    --------
    >>> net = PetriNet(("i", "o"), (("t", "a"),), (("i", "t"), ("t", "o")), "i", "o")
    >>> machine = NetMachine(net, 100)
    >>> machine.step(machine.initial, "a"), machine.finish((1,))
    (((1,),), True)
    """

    def __init__(self, net: PetriNet, budget: int, most: int = _MOST_AT_ONCE) -> None:
        place = {name: i for i, name in enumerate(net.places)}
        self._take = [Counter(place[p] for p in net.preset[t]) for t, _ in net.transitions]
        self._give = [[place[p] for p in net.postset[t]] for t, _ in net.transitions]
        self._label = [label for _, label in net.transitions]
        # A transition is looked at where its first place holds a token; one without any place always can fire.
        self._of_place: list[list[int]] = [[] for _ in net.places]
        self._always = [t for t, take in enumerate(self._take) if not take]
        for t, take in enumerate(self._take):
            if take:
                self._of_place[min(take)].append(t)
        self._named: dict[str, list[int]] = {}
        for t, label in enumerate(self._label):
            if label is not None:
                self._named.setdefault(label, []).append(t)
        self.initial: Marking = (place[net.source],)
        self.labels = frozenset(self._named)
        self._sink = place[net.sink]
        self._left = budget
        self._most = most
        near: list[set[int]] = [set() for _ in net.places]
        for take, give in zip(self._take, self._give, strict=True):
            for p in (*take, *give):
                near[p].update((*take, *give))
        self._near = [sorted(around) for around in near]
        self._far: dict[int, dict[int, int]] = {}
        self._jumps: dict[tuple[Marking, str], tuple[Marking, Way]] = {}
        self._silent: dict[Marking, dict[Marking, Way]] = {}
        self._routes: dict[tuple[Marking, str], dict[Marking, Way]] = {}
        self._enabled: dict[Marking, frozenset[str]] = {}

    def step(self, state: Marking, label: str) -> tuple[Marking, ...]:
        """Return the markings after the event, none when it is not allowed."""
        return tuple(self._route(state, label))

    def enabled(self, state: Marking) -> frozenset[str]:
        """Return the events that are allowed next, perhaps after silent steps."""
        if state not in self._enabled:
            self._enabled[state] = frozenset(
                label for m in self._reach(state) for t in self._ready(m) if (label := self._label[t]) is not None
            )
        return self._enabled[state]

    def finish(self, state: Marking) -> bool:
        """Tell whether silent steps lead to the end: one token in the sink and none elsewhere."""
        return (self._sink,) in self._reach(state)

    def force(self, state: Marking, label: str) -> Marking:
        """Return the marking after an event that was not allowed."""
        return self._forced(state, label)[0]

    def reachable(self) -> list[Marking]:
        """Return the markings that silent steps lead to from the start."""
        return list(self._reach(self.initial))

    def begin(self, visits: Counter[Any], n: int) -> None:
        """Count what `n` journeys pass when they start: nothing."""

    def visit(self, visits: Counter[Any], before: Marking, after: Marking, label: str, n: int) -> None:
        """Count the transitions that `n` journeys fire between two markings."""
        way = self._route(before, label).get(after) or self._forced(before, label)[1]
        for t in way:
            visits[t] += n

    def complete(self, visits: Counter[Any], state: Marking, n: int) -> None:
        """Count the transitions that `n` journeys fire to the end."""
        for t in self._reach(state).get((self._sink,), ()):
            visits[t] += n

    def _ready(self, marking: Marking) -> list[int]:
        found = list(self._always)
        for place in dict.fromkeys(marking):
            for t in self._of_place[place]:
                take = self._take[t]
                if all(marking.count(p) >= n for p, n in take.items()):
                    found.append(t)
        return found

    def _fire(self, marking: Marking, t: int) -> Marking:
        left = list(marking)
        for place, n in self._take[t].items():
            for _ in range(n):
                left.remove(place)
        return tuple(sorted([*left, *self._give[t]]))

    def _reach(self, marking: Marking) -> dict[Marking, Way]:
        """Return the markings that silent steps lead to, each by a shortest way; the marking itself first."""
        if marking in self._silent:
            return self._silent[marking]
        found: dict[Marking, Way] = {marking: ()}
        todo = [marking]
        for here in todo:
            for t in self._ready(here):
                if self._label[t] is None:
                    there = self._fire(here, t)
                    if there not in found:
                        found[there] = (*found[here], t)
                        todo.append(there)
            self._left -= 1 + len(here) // 4  # a marking costs what its tokens do
            if self._left < 0 or len(todo) > self._most:
                raise TooManyMarkings
        self._silent[marking] = found
        return found

    def _route(self, marking: Marking, label: str) -> dict[Marking, Way]:
        """Return the markings that the event leads to, each by a shortest way."""
        key = (marking, label)
        if key not in self._routes:
            found: dict[Marking, Way] = {}
            for here, way in self._reach(marking).items():
                for t in self._ready(here):
                    if self._label[t] == label:
                        found.setdefault(self._fire(here, t), (*way, t))
            self._routes[key] = found
        return self._routes[key]

    def _forced(self, marking: Marking, label: str) -> tuple[Marking, Way]:
        """Fire the event where the fewest tokens are missing; each that is missing is moved there from near by.

        Were it put there and the other left, two journeys would go on in one, and each further event that is not
        allowed would add another.
        """
        key = (marking, label)
        if key not in self._jumps:
            best: tuple[int, Marking, int, Way, list[int]] | None = None
            for here, way in self._reach(marking).items():
                for t in self._named.get(label, ()):
                    lacking = [p for p, n in self._take[t].items() for _ in range(n - here.count(p))]
                    if best is None or len(lacking) < best[0]:
                        best = (len(lacking), here, t, way, lacking)
            if best is None:
                return marking, ()
            _, here, t, way, lacking = best
            free = Counter(here)
            free.subtract(self._take[t])
            left = list(here)
            for place in lacking:
                far = self._distances(place)
                spare = [p for p, n in free.items() if n > 0 and p in far]
                if spare:
                    nearest = min(spare, key=lambda p: (far[p], p))
                    free[nearest] -= 1
                    left.remove(nearest)
                left.append(place)
            self._jumps[key] = self._fire(tuple(sorted(left)), t), (*way, t)
        return self._jumps[key]

    def _distances(self, place: int) -> dict[int, int]:
        """Return how many steps, forwards or backwards, lie between a place and each other one."""
        if place not in self._far:
            far = {place: 0}
            todo = [place]
            for here in todo:
                for there in self._near[here]:
                    if there not in far:
                        far[there] = far[here] + 1
                        todo.append(there)
            self._far[place] = far
        return self._far[place]
