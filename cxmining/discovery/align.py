"""Optimal alignments of variants with a net: the fewest deviations between what was done and what may be done.

r4pm finds them, in Rust and by A* over the product of net and sequence. What is cheapest is certain, which of
several equally cheap alignments it hands back is not (it walks tables in an order that differs between two
runs), so costs are taken from it and moves from :mod:`cxmining.discovery.moves`, which chooses by rule.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt

from cxmining.discovery.net import PetriNet
from cxmining.engine.coded import Ints
from cxmining.errors import NotEnoughDataError, StudyError

__all__ = ["BUDGET", "DEVIATION", "SILENT", "Alignments", "align", "left_out", "within"]

Floats = npt.NDArray[np.float64]

DEVIATION: Final = 10_000
"""Cost of a step that was left out, and of an event that no step allows: pm4py's."""
SILENT: Final = 1
"""Cost of a silent step: pm4py's. Of two alignments with equal deviations the shorter way through the net wins."""
BUDGET: Final = 20_000_000
"""Events × transitions that are aligned, summed over variants: some 10 s for nets with concurrency."""
_STATES: Final = 2_000_000
"""States that one search may visit, some 300 MB; the search of a net without bounds ends here."""
_AT_ONCE: Final = 20_000
"""Events that r4pm aligns in one go: some 100 MB, where 26,000 variants took 4 GB."""
_LONGEST: Final = 20_000
"""Events of the longest sequence that is aligned: r4pm's time grows with their square."""


@dataclass(frozen=True, eq=False)
class Alignments:
    """What optimal alignments cost.

    Attributes
    ----------
    cost : ndarray of int64, one per variant
        10,000 for each deviation and 1 for each silent step, as in pm4py; −1 where not aligned.
    length : ndarray of int64
        Events per variant.
    weights : ndarray of int64
        Journeys per variant.
    shortest : int
        Cost of the shortest way through the net without any event.
    note : str
        What was left out, in words; empty when nothing was.

    Examples
    --------
    >>> net = PetriNet(("i", "o"), (("t1", "call"),), (("i", "t1"), ("t1", "o")), "i", "o")
    >>> found = align(net, [("call",), ("mail", "call")], [3, 1])
    >>> found.cost.tolist(), found.deviations.tolist()
    ([0, 10000], [0, 1])
    >>> found.fitness.round(3).tolist(), round(found.log_fitness, 3), found.fitting
    ([1.0, 0.667], 0.889, 0.75)
    """

    cost: Ints
    length: Ints
    weights: Ints
    shortest: int
    note: str

    def __post_init__(self) -> None:
        for array in (self.cost, self.length, self.weights):
            array.flags.writeable = False

    @property
    def aligned(self) -> npt.NDArray[np.bool_]:
        """Which variants were aligned."""
        return self.cost >= 0

    @property
    def deviations(self) -> Ints:
        """Steps left out and events too many, per variant; −1 where not aligned."""
        return np.where(self.aligned, self.cost // DEVIATION, -1)

    @property
    def fitness(self) -> Floats:
        """1 − deviations / (events + steps of the shortest way), per variant; missing where not aligned.

        The denominator is the worst alignment there is: no event matches (Adriansyah 2014; pm4py's fitness).
        """
        worst = (DEVIATION * self.length + self.shortest) // DEVIATION
        # Nothing was asked and nothing was done: pm4py says 0 there, which no reader would.
        share = np.divide(self.deviations, worst, out=np.zeros(len(worst)), where=worst > 0)
        return np.where(self.aligned, 1 - share, np.nan)

    @property
    def mean_fitness(self) -> float:
        """The mean fitness over journeys that were aligned (pm4py's averageFitness)."""
        done = self.aligned
        return float(np.average(self.fitness[done], weights=self.weights[done]))

    @property
    def log_fitness(self) -> float:
        """1 − all costs / all worst costs, over journeys that were aligned (pm4py's log_fitness)."""
        done = self.aligned
        worst = int((self.weights * (DEVIATION * self.length + self.shortest))[done].sum())
        return 1 - int((self.weights * self.cost)[done].sum()) / worst if worst else 1.0

    @property
    def fitting(self) -> float:
        """Share of aligned journeys without a deviation."""
        done = self.aligned
        return float(self.weights[done & (self.deviations == 0)].sum() / self.weights[done].sum())

    def __repr__(self) -> str:
        done = self.aligned
        n, all_n = int(self.weights[done].sum()), int(self.weights.sum())
        head = (
            f"Alignments({int(done.sum()):,} of {len(done):,} variants, {n:,} of {all_n:,} journeys: "
            f"fitness {self.log_fitness:.3f}, {self.fitting:.1%} without deviation)"
        )
        return f"{head}\n  {self.note}" if self.note else head


def align(
    net: PetriNet, variants: Sequence[Sequence[str]], weights: npt.ArrayLike | None = None, *, budget: int = BUDGET
) -> Alignments:
    """Align weighted variants with a net at least cost.

    Parameters
    ----------
    net : PetriNet
        From one token in its source to one token in its sink; silent steps, loops and concurrency allowed.
    variants : sequence of sequence of str
        The touchpoints of each.
    weights : array-like of int, optional
        Journeys per variant; default 1 each.
    budget : int, default 20,000,000
        Events × transitions to align, summed over variants. The most frequent variants come first, of equally
        frequent ones the shorter. A count and not a time, so that a slow computer aligns what a fast one does.

    Returns
    -------
    Alignments
        With what was left out in its note.

    Raises
    ------
    StudyError
        When the net cannot reach its end.
    NotEnoughDataError
        When there is no variant, or not one is within the budget.

    References
    ----------
    A. Adriansyah (2014), Aligning observed and modeled behavior, PhD thesis, Eindhoven.
    """
    sequences = [list(v) for v in variants]
    length = np.array([len(s) for s in sequences], dtype=np.int64)
    weight = np.ones(len(sequences), np.int64) if weights is None else np.asarray(weights, dtype=np.int64)
    if len(weight) != len(sequences) or (weight < 0).any():
        raise StudyError(f"align: expected one weight, not negative, for each of {len(sequences):,} variants")
    search = _searcher(net)
    shortest = search([[]])[0]
    if shortest < 0:
        raise StudyError(
            f"the net with {len(net.transitions):,} transitions cannot reach its end ({net.sink!r} alone) from its "
            f"start ({net.source!r}) within {_STATES:,} states; no journey can follow it: look for a step that "
            "leads nowhere or a branch that never joins"
        )
    chosen = within(length, weight, length * max(len(net.transitions), 1), budget, _LONGEST)
    cost = np.full(len(sequences), -1, dtype=np.int64)
    for batch in _batches(chosen, length):
        cost[batch] = search([sequences[i] for i in batch.tolist()])
    if not (cost >= 0).any():
        raise NotEnoughDataError(
            f"none of the {len(sequences):,} variants can be aligned within {budget:,} events × transitions and "
            f"{_LONGEST:,} events each; raise the budget or cut the journeys with a gap"
        )
    return Alignments(cost, length, weight, shortest, left_out(cost >= 0, weight, length))


def within(length: Ints, weight: Ints, work: Ints, budget: int, longest: int) -> Ints:
    """Return the numbers of the variants to align: the most frequent first, until the work is done.

    Examples
    --------
    >>> within(np.array([3, 9, 2]), np.array([1, 5, 1]), np.array([3, 9, 2]), budget=11, longest=100).tolist()
    [1, 2]
    """
    order = np.lexsort((length, -weight))
    order = order[(length[order] <= longest) & (work[order] <= budget)]
    return order[np.cumsum(work[order]) <= budget]


def left_out(aligned: npt.NDArray[np.bool_], weight: Ints, length: Ints) -> str:
    """Say which variants were not aligned.

    Examples
    --------
    >>> left_out(np.array([True, False]), np.array([3, 1]), np.array([5, 900]))
    '1 of 2 variants, 1 of 4 journeys, is beyond the budget and not aligned; the longest has 900 events'
    """
    n = int((~aligned).sum())
    if not n:
        return ""
    journeys = int(weight[~aligned].sum())
    return (
        f"{n:,} of {len(aligned):,} variants, {journeys:,} of {int(weight.sum()):,} journeys, "
        f"{'is' if n == 1 else 'are'} beyond the budget and not aligned; the longest has "
        f"{int(length[~aligned].max()):,} events"
    )


def _batches(chosen: Ints, length: Ints) -> list[Ints]:
    """Cut the variants where the events of a batch would be too many: r4pm keeps all its answers until the end."""
    return np.split(chosen, np.flatnonzero(np.diff(np.cumsum(length[chosen]) // _AT_ONCE)) + 1) if len(chosen) else []


def _searcher(net: PetriNet) -> Callable[[list[list[str]]], Ints]:
    """Return what finds the costs of some sequences, −1 where it gave up."""
    import r4pm

    options = {
        "cost_fn": {
            "log_move_cost": DEVIATION,
            "model_move_cost": DEVIATION,
            "silent_move_cost": SILENT,
            "sync_move_cost": 0,
        },
        "max_states": _STATES,
    }
    asked = {"net": _as_r4pm(net), "options": options}

    def search(sequences: list[list[str]]) -> Ints:
        labels = sorted({label for sequence in sequences for label in sequence})
        number = {label: i for i, label in enumerate(labels)}
        coded = [[number[label] for label in sequence] for sequence in sequences]
        distinct = {tuple(sequence): None for sequence in coded}
        projection = {"activities": labels, "act_to_index": number, "traces": [[s, 1] for s in distinct]}
        # r4pm takes a projection from a file alone.
        with TemporaryDirectory(prefix="cxmining-") as folder:
            file = Path(folder) / "variants.json"
            file.write_text(json.dumps(projection), encoding="utf-8")
            item = r4pm.import_item("EventLogActivityProjection", str(file))
        try:
            answer = r4pm.call_binding(
                "process_mining::conformance::case_centric::alignments::align_variants",
                json.dumps({**asked, "projection": item}),
            )
        finally:
            r4pm.remove_item(item)
        # Answers may come in another order than the questions.
        costs = {
            tuple(number[label] for label in found["activities"]): found["result"].get("Ok", {"cost": -1})["cost"]
            for found in json.loads(answer)
        }
        return np.array([costs[tuple(sequence)] for sequence in coded], dtype=np.int64)

    return search


def _as_r4pm(net: PetriNet) -> dict[str, Any]:
    ids = {node: str(UUID(int=i)) for i, node in enumerate([*net.places, *(t for t, _ in net.transitions)], 1)}
    places = set(net.places)
    weights = Counter(net.arcs)
    return {
        "places": {ids[p]: {"id": ids[p]} for p in net.places},
        "transitions": {ids[t]: {"id": ids[t], "label": label} for t, label in net.transitions},
        "arcs": [
            {
                "from_to": {
                    "type": "PlaceTransition" if a in places else "TransitionPlace",
                    "nodes": [ids[a], ids[b]],
                },
                "weight": n,
            }
            for (a, b), n in weights.items()
        ],
        "initial_marking": {ids[net.source]: 1},
        "final_markings": [{ids[net.sink]: 1}],
    }
