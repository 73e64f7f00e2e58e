"""The inductive miners, run by pm4py on summaries. Everything that is odd about them stays here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from cxmining.discovery.tree import Kind, Tree

if TYPE_CHECKING:
    from pm4py.objects.process_tree.obj import ProcessTree

__all__ = ["MINING_WORK", "TooMuchWork", "mine_graph_tree", "mine_tree", "mining_work"]

# Counted, not timed, so that a slow computer finds the same model as a fast one.
MINING_WORK: Final = 8_000_000
"""Steps × touchpoints² that the inductive miner may do; some 4 s."""


_TRIED: Final = 5
"""Charged is for leaving out each touchpoint in turn; where one fits the others are not tried, so more is granted."""


class TooMuchWork(Exception):  # noqa: N818 - no error that a user meets: whoever mines catches it
    """The miner has spent its budget."""


def mine_tree(
    variants: Sequence[tuple[str, ...]], journeys: Sequence[int], noise: float, budget: int = MINING_WORK
) -> Tree:
    """Return the tree that the inductive miner (infrequent) finds.

    Parameters
    ----------
    variants : sequence of tuple of str
        Distinct sequences of touchpoints, none empty.
    journeys : sequence of int
        How many journeys follow each.
    noise : float
        Share of the strongest outgoing edge below which an edge is noise; 0: none is.
    budget : int, default 8,000,000
        What the miner may do, counted where it spends its time: at each block it looks at all steps and all pairs of
        touchpoints, and where it finds none it does so again without each of them in turn.

    Raises
    ------
    TooMuchWork
        When the budget is spent.

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
    from pm4py.algo.discovery.inductive.variants.im import IMUVCL
    from pm4py.algo.discovery.inductive.variants.imf import IMFUVCL
    from pm4py.objects.process_tree.utils.generic import fold

    labels = sorted({touchpoint for variant in variants for touchpoint in variant})
    # pm4py walks sets of activities and takes the first that fits. Sets of text are in another order in
    # every process, sets of small numbers are not; numbers in alphabetical order break ties as text would.
    number = {label: i + 1 for i, label in enumerate(labels)}
    counts = Counter({tuple(number[t] for t in v): int(n) for v, n in zip(variants, journeys, strict=True)})
    parameters = {"noise_threshold": noise, "multiprocessing": False, "disable_fallthroughs": False}
    miner = _counted(IMFUVCL if noise else IMUVCL, _steps, budget)(parameters)
    raw = _run(miner, IMDataStructureUVCL(counts), parameters)
    _to_text(raw)  # fold compares trees as text
    return _as_tree(fold(raw), labels)


def mine_graph_tree(
    labels: Sequence[str],
    edges: Mapping[tuple[int, int], int],
    starts: Mapping[int, int],
    ends: Mapping[int, int],
    budget: int = MINING_WORK,
) -> Tree:
    """Return the tree that the inductive miner (directly-follows) finds.

    Parameters
    ----------
    labels : sequence of str
        The touchpoints, alphabetically; the mappings name them by position.
    edges, starts, ends : mapping
        How often one follows another, and how many journeys begin and end where.
    budget : int, default 8,000,000
        As of `mine_tree`.

    Raises
    ------
    TooMuchWork
        When the budget is spent.

    Examples
    --------
    >>> print(mine_graph_tree(["a", "b"], {(0, 1): 3}, {0: 5}, {0: 2, 1: 3}))
    ->( 'a', X( 'b', tau ) )
    """
    from pm4py.algo.discovery.inductive.dtypes.im_dfg import InductiveDFG
    from pm4py.algo.discovery.inductive.dtypes.im_ds import IMDataStructureDFG
    from pm4py.algo.discovery.inductive.variants.imd import IMD
    from pm4py.objects.dfg.obj import DFG
    from pm4py.objects.process_tree.utils.generic import fold

    graph = DFG(
        {(a + 1, b + 1): n for (a, b), n in edges.items()},
        {a + 1: n for a, n in starts.items()},
        {a + 1: n for a, n in ends.items()},
    )
    parameters = {"noise_threshold": 0.0, "multiprocessing": False, "disable_fallthroughs": False}
    miner = _counted(IMD, _no_steps, budget)(parameters)
    raw = _run(miner, IMDataStructureDFG(InductiveDFG(dfg=graph, skip=False)), parameters)
    _to_text(raw)
    return _as_tree(fold(raw), labels)


def _counted(kind: Any, steps: Callable[[Any], int], budget: int) -> Any:
    """Return the miner as one that counts what it does."""

    class Counted(kind):  # type: ignore[misc]
        left = _TRIED * budget

        def find_cut(self, obj: Any, parameters: dict[str, Any] | None = None) -> Any:
            self._spend(steps(obj) + _ways(obj)[1])
            return super().find_cut(obj, parameters)

        def fall_through(self, obj: Any, parameters: dict[str, Any] | None = None) -> Any:
            touchpoints, ways = _ways(obj)
            # IMd has nothing to leave out and ends with a flower
            self._spend(touchpoints * (steps(obj) + ways) if steps is _steps else 0)
            return super().fall_through(obj, parameters)

        def _spend(self, work: int) -> None:
            self.left -= work
            if self.left < 0:
                raise TooMuchWork

    return Counted


def _steps(obj: Any) -> int:
    """Return the steps of the variants, of long ones their square."""
    return sum(len(v) + len(v) ** 2 // 64 for v in obj.data_structure)


def _no_steps(obj: Any) -> int:
    return 0


def _ways(obj: Any) -> tuple[int, int]:
    """Return the touchpoints, and what it takes to follow every way from each of them, twice, in steps."""
    graph = obj.dfg.graph if hasattr(obj.dfg, "graph") else obj.dfg.dfg.graph
    k = len({t for edge in graph for t in edge})
    return k, 12 * k * k + k * len(graph)


def _run(miner: Any, what: Any, parameters: dict[str, Any]) -> Any:
    try:
        return miner.apply(what, parameters)
    except RecursionError:  # a block in a block in a block, hundreds deep
        raise TooMuchWork from None


def mining_work(steps: int, touchpoints: int, squares: int) -> int:
    """Return what the inductive miner will have to do, in steps × touchpoints².

    On logs without structure it leaves out one touchpoint after the other, at every level, and counts again who
    follows whom; and for each step it counts pm4py hashes the whole variant, so that long ones cost their square.

    Parameters
    ----------
    steps : int
        Events of the variants.
    touchpoints : int
        Different ones.
    squares : int
        Sum of the squared lengths.
    """
    return steps * touchpoints**2 + squares * touchpoints // 64


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
