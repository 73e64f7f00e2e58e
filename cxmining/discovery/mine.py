"""The inductive miner, run by pm4py on weighted variants. Everything that is odd about it stays here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cxmining.discovery.tree import Kind, Tree

if TYPE_CHECKING:
    from pm4py.objects.process_tree.obj import ProcessTree

__all__ = ["mine_tree"]


def mine_tree(variants: Sequence[tuple[str, ...]], journeys: Sequence[int], noise: float) -> Tree:
    """Return the tree that the inductive miner (infrequent) finds.

    Parameters
    ----------
    variants : sequence of tuple of str
        Distinct sequences of touchpoints, none empty.
    journeys : sequence of int
        How many journeys follow each.
    noise : float
        Share of the strongest outgoing edge below which an edge is noise; 0: none is.

    Returns
    -------
    Tree
        Alternatives and parallel branches in alphabetical order of their first touchpoint, skips last.

    Examples
    --------
    >>> print(mine_tree([("a", "b"), ("a",)], [3, 2], noise=0.2))
    ->( 'a', X( 'b', tau ) )
    """
    from pm4py.algo.discovery.inductive.dtypes.im_ds import IMDataStructureUVCL
    from pm4py.algo.discovery.inductive.variants.imf import IMFUVCL
    from pm4py.objects.process_tree.utils.generic import fold

    labels = sorted({touchpoint for variant in variants for touchpoint in variant})
    # pm4py walks sets of activities and takes the first that fits. Sets of text are in another order in
    # every process, sets of small numbers are not; numbers in alphabetical order break ties as text would.
    number = {label: i + 1 for i, label in enumerate(labels)}
    counts = Counter({tuple(number[t] for t in v): int(n) for v, n in zip(variants, journeys, strict=True)})
    parameters = {"noise_threshold": noise, "multiprocessing": False, "disable_fallthroughs": False}
    raw = IMFUVCL(parameters).apply(IMDataStructureUVCL(counts), parameters)
    _to_text(raw)  # fold compares trees as text
    return _as_tree(fold(raw), labels)


def _to_text(node: ProcessTree) -> None:
    if node.label is not None:
        node.label = str(node.label)
    for child in node.children:
        _to_text(child)


def _as_tree(node: ProcessTree, labels: Sequence[str]) -> Tree:
    if node.operator is None:
        return Tree(Kind.SKIP) if node.label is None else Tree(Kind.STEP, label=labels[int(node.label) - 1])
    kind = Kind(node.operator.value)
    children = [_as_tree(child, labels) for child in node.children]
    if kind in (Kind.CHOICE, Kind.PARALLEL):
        children.sort(key=lambda child: (not child.labels, child.labels))
    return Tree(kind, tuple(children))
