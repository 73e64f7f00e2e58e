"""From a net back to a tree, where its blocks are closed: each split with its own join, each loop with one way in.

The net is reduced step by step; a transition stands for the block that it has swallowed. No step changes what the net
allows (series and choice after Murata 1989; blocks and loops as van Zelst & Leemans 2020 turn nets into trees).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cxmining.discovery.net import PetriNet
from cxmining.discovery.tree import Kind, Tree

__all__ = ["as_tree"]

_SKIP: Final = Tree(Kind.SKIP)
_MOST: Final = 5_000
"""Transitions of a net that is tried; each step looks at all that are left."""


def as_tree(net: PetriNet) -> Tree | None:
    """Return the tree that allows what the net allows, or None when its blocks are not closed.

    Branches come in the order of the net's transitions.

    Examples
    --------
    >>> from cxmining.discovery.net import petri_net
    >>> call, mail = Tree(Kind.STEP, label="call"), Tree(Kind.STEP, label="mail")
    >>> print(as_tree(petri_net(Tree(Kind.LOOP, (call, Tree(Kind.CHOICE, (mail, Tree(Kind.SKIP))))))))
    *( 'call', X( 'mail', tau ) )
    """
    if len(net.transitions) > _MOST or len(set(net.arcs)) < len(net.arcs):
        return None
    blocks = _Blocks(net)
    while blocks.choices() or blocks.series() or blocks.parallel() or blocks.loops() or blocks.rounds():
        pass
    return blocks.whole()


def _block(kind: Kind, children: Iterable[Tree]) -> Tree:
    """Return the block, flat: no sequence in a sequence, no skip where it says nothing."""
    flat: list[Tree] = []
    for child in children:
        flat += child.children if child.kind is kind else (child,)
    if kind is not Kind.CHOICE:
        flat = [child for child in flat if child.kind is not Kind.SKIP]
    elif _SKIP in flat:
        first = flat.index(_SKIP)
        flat = [child for i, child in enumerate(flat) if child != _SKIP or i == first]
    if not flat:
        return _SKIP
    return flat[0] if len(flat) == 1 else Tree(kind, tuple(flat))


class _Blocks:
    """The net while it is reduced: places by their neighbours, transitions by the block that they stand for."""

    def __init__(self, net: PetriNet) -> None:
        self.tree: dict[int, Tree] = {}
        self.order: dict[int, int] = {}
        """Where the first transition of each block stood in the net."""
        self.branches: dict[int, list[tuple[int, Tree]]] = {}
        """Of a choice: others may join it later, and stand between."""
        self.again: dict[int, tuple[Tree, list[tuple[int, Tree]]]] = {}
        """Of a loop: what is done, and the ways back, which others may join."""
        self.pre: dict[int, frozenset[int]] = {}
        self.post: dict[int, frozenset[int]] = {}
        self.into: dict[int, set[int]] = {}
        self.out: dict[int, set[int]] = {}
        self.next_place = 0
        self.next_step = 0
        place = {name: self._place() for name in net.places}
        self.first, self.last = self._place(), self._place()
        for t, label in net.transitions:
            tree = _SKIP if label is None else Tree(Kind.STEP, label=label)
            self._add(tree, len(self.order), {place[p] for p in net.preset[t]}, {place[p] for p in net.postset[t]})
        # Ends of their own: ways may lead back to the source, or on from the sink.
        self._add(_SKIP, -1, {self.first}, {place[net.source]})
        self._add(_SKIP, len(self.order), {place[net.sink]}, {self.last})

    def whole(self) -> Tree | None:
        if len(self.tree) != 1:
            return None
        (t,) = self.tree
        return self.tree[t] if (set(self.pre[t]), set(self.post[t])) == ({self.first}, {self.last}) else None

    def choices(self) -> bool:
        """Join blocks that stand between the same places."""
        alike: dict[tuple[frozenset[int], frozenset[int]], list[int]] = {}
        for t in self.tree:
            alike.setdefault((self.pre[t], self.post[t]), []).append(t)
        found = False
        for (pre, post), steps in alike.items():
            if len(steps) < 2:
                continue
            branches = [b for t in steps for b in self._branches(t)]
            branches.sort(key=lambda branch: branch[0])
            for t in steps:
                self._remove(t)
            joined = self._add(_block(Kind.CHOICE, (tree for _, tree in branches)), branches[0][0], pre, post)
            self.branches[joined] = branches
            found = True
        return found

    def series(self) -> bool:
        """Join two blocks with one place between them that belongs to nobody else."""
        found = False
        for p in list(self.into):
            if len(self.into[p]) != 1 or len(self.out[p]) != 1:
                continue
            (a,), (b,) = self.into[p], self.out[p]
            if a == b or self.post[a] != {p} or self.pre[b] != {p}:
                continue
            self._in_sequence(a, b)
            del self.into[p], self.out[p]
            found = True
        return found

    def parallel(self) -> bool:
        """Join the branches between a block that gives several tokens and the one that takes them all."""
        for a in list(self.tree):
            branches: list[tuple[int, Tree]] = []
            steps: list[int] = [a]
            places: set[int] = set(self.post[a])
            joins: set[int] = set()
            if len(self.post[a]) < 2:
                continue
            for p in sorted(self.post[a]):
                if self.into[p] != {a} or len(self.out[p]) != 1:
                    break
                (t,) = self.out[p]
                if len(self.pre[t]) == 1 and len(self.post[t]) == 1:
                    (q,) = self.post[t]
                    if self.into[q] != {t} or len(self.out[q]) != 1:
                        break
                    branches.append((self.order[t], self.tree[t]))
                    steps.append(t)
                    places.add(q)
                    (t,) = self.out[q]
                joins.add(t)
            else:
                (b, *others) = joins
                if others or b == a or not self.pre[b] <= places or len(self.pre[b]) != len(self.post[a]):
                    continue
                trees = [tree for _, tree in sorted(branches, key=lambda pair: pair[0])]
                whole = _block(Kind.SEQUENCE, (self.tree[a], _block(Kind.PARALLEL, trees), self.tree[b]))
                order, pre, post = min(self.order[t] for t in (*steps, b)), self.pre[a], self.post[b]
                for t in (*steps, b):
                    self._remove(t)
                for p in places:
                    del self.into[p], self.out[p]
                self._add(whole, order, pre, post)
                return True
        return False

    def loops(self) -> bool:
        """Join what is done between two places with what leads back from the second to the first."""
        for t in list(self.tree):
            if len(self.pre[t]) != 1 or len(self.post[t]) != 1 or self.pre[t] == self.post[t]:
                continue
            (p,), (q,) = self.pre[t], self.post[t]
            back = [r for r in self.out[q] if self.pre[r] == {q} and self.post[r] == {p}]
            if self.out[p] == {t} and self.into[q] == {t} and len(back) == 1:
                do, ways = self.again.get(t, (self.tree[t], []))
                ways = sorted([*ways, *self._branches(back[0])], key=lambda branch: branch[0])
                order, pre, post = min(self.order[t], self.order[back[0]]), self.pre[t], self.post[t]
                self._remove(t)
                self._remove(back[0])
                redo = _block(Kind.CHOICE, (tree for _, tree in ways))
                self.again[self._add(Tree(Kind.LOOP, (do, redo)), order, pre, post)] = do, ways
                return True
        return False

    def _branches(self, t: int) -> list[tuple[int, Tree]]:
        return self.branches.get(t, [(self.order[t], self.tree[t])])

    def rounds(self) -> bool:
        """Turn a block that leads from a place to itself into a loop that does nothing first."""
        for t in list(self.tree):
            if self.pre[t] != self.post[t] or len(self.pre[t]) != 1:
                continue
            (p,) = self.pre[t]
            tree, order = self.tree[t], self.order[t]
            self._remove(t)
            if tree != _SKIP:
                behind = self._place()
                for onward in list(self.out[p]):
                    whole, at, post = self.tree[onward], self.order[onward], self.post[onward]
                    pre = (self.pre[onward] - {p}) | {behind}
                    self._remove(onward)
                    self._add(whole, at, pre, post)
                self._add(Tree(Kind.LOOP, (_SKIP, tree)), order, {p}, {behind})
            return True
        return False

    def _in_sequence(self, a: int, b: int) -> None:
        whole, order = _block(Kind.SEQUENCE, (self.tree[a], self.tree[b])), min(self.order[a], self.order[b])
        pre, post = self.pre[a], self.post[b]
        self._remove(a)
        self._remove(b)
        self._add(whole, order, pre, post)

    def _place(self) -> int:
        self.next_place += 1
        self.into[self.next_place] = set()
        self.out[self.next_place] = set()
        return self.next_place

    def _add(self, tree: Tree, order: int, pre: Iterable[int], post: Iterable[int]) -> int:
        self.next_step += 1
        t = self.next_step
        self.tree[t], self.order[t], self.pre[t], self.post[t] = tree, order, frozenset(pre), frozenset(post)
        for p in self.pre[t]:
            self.out[p].add(t)
        for p in self.post[t]:
            self.into[p].add(t)
        return t

    def _remove(self, t: int) -> None:
        for p in self.pre[t]:
            self.out[p].discard(t)
        for p in self.post[t]:
            self.into[p].discard(t)
        del self.tree[t], self.order[t], self.pre[t], self.post[t]
        self.branches.pop(t, None)
        self.again.pop(t, None)
