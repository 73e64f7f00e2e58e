"""How good a model is: four measures on weighted variants, each with how it was taken and on how many journeys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan, prod
from typing import Final

import pandas as pd

from cxmining.discovery.align import align
from cxmining.discovery.net import PetriNet
from cxmining.discovery.net_machine import NetMachine, TooManyMarkings
from cxmining.discovery.replay import Fit, replay, replay_net
from cxmining.discovery.tree import Kind, Tree
from cxmining.errors import NotEnoughDataError, StudyError

__all__ = ["MEASURES", "Quality", "measure"]

MEASURES: Final = ("fitness", "alignment_fitness", "replayed", "precision", "generalisation", "simplicity")

# Budgets are counts, not seconds, so that a slow computer finds the same figures as a fast one.
_REPLAY_WORK: Final = 4_000_000
"""Steps × touchpoints of the model; the replay's time grows with them."""
_MARKINGS: Final = 100_000
"""Markings, or tokens in them, that the replay on a net that is no tree may look at: some seconds."""
_STATES: Final = 10_000
"""States of a model that is aligned."""
_ALIGN_WORK: Final = 4_000_000
"""Events × transitions of a model of 500 states, fewer of a larger one; some two seconds."""


@dataclass(frozen=True)
class Quality:
    """A model measured on journeys.

    Attributes
    ----------
    values : dict
        `fitness`, `alignment_fitness`, `replayed`, `precision`, `generalisation`, `simplicity`, 0 to 1; None where
        a figure could not be had.
    how : dict
        How each was taken, or why it could not be.
    variants, journeys : int
        On how many, the most frequent first, token replay was done.
    """

    values: dict[str, float | None]
    how: dict[str, str]
    variants: int
    journeys: int


def measure(
    net: PetriNet, tree: Tree | None, ranked: pd.DataFrame, at_least: int = 1, *, aligned: bool = True
) -> Quality:
    """Measure a model on weighted variants.

    Parameters
    ----------
    net : PetriNet
    tree : Tree, optional
        The same model as a tree, on which replay needs no search; a tree with a touchpoint twice is replayed as net.
    ranked : DataFrame
        One row per variant in the order in which they are taken: `touchpoints`, `journeys`, `n_events`.
    at_least : int, default 1
        Take no fewer variants than these.
    aligned : bool, default True
        Align too, within 4 million events × transitions, fewer for a model of more than 500 states.

    Returns
    -------
    Quality
        Fitness, precision and generalisation on as many variants as 4 million steps × touchpoints allow.

    Examples
    --------
    >>> from cxmining.discovery.net import petri_net
    >>> from cxmining.discovery.tree import Kind
    >>> step = Tree(Kind.STEP, label="buy")
    >>> ranked = pd.DataFrame({"touchpoints": [("buy",)], "journeys": [4], "n_events": [1]})
    >>> measure(petri_net(step), step, ranked).values["generalisation"]
    0.5
    """
    sequences: list[tuple[str, ...]] = ranked["touchpoints"].tolist()
    weights: list[int] = ranked["journeys"].tolist()
    work = ranked["n_events"].cumsum() * len(net.labels)
    most = max(at_least, int((work <= _REPLAY_WORK).sum()))
    values: dict[str, float | None] = {"simplicity": net.simplicity}
    how = {"simplicity": "inverse mean arc degree of the Petri net"}
    fit, why, n = _replayed(net, tree, sequences, weights, most)
    journeys = sum(weights[:n])
    on = _on(journeys, sum(weights))
    ways = "" if tree is not None else "; every way through silent steps followed"
    said = {
        "fitness": f"1 - missing / consumed tokens in token replay, tokens of silent steps not counted, {on}{ways}",
        "replayed": f"share of journeys the model allows from first to last event, {on}{ways}",
        "precision": f"1 - escaping / allowed next steps after each replayable beginning (ETC), {on}{ways}",
        "generalisation": f"1 - mean of 1 / root of how often each transition fired (Buijs et al.), {on}{ways}",
    }
    for name, text in said.items():
        value = None if fit is None else float(getattr(fit, name))
        if value is not None and isnan(value):
            value, why = None, "unknown: the model allows no journey even to begin"
        values[name], how[name] = value, why if value is None else text
    values["alignment_fitness"], how["alignment_fitness"] = (
        _aligned(net, tree, sequences, weights) if aligned else (None, "not asked for")
    )
    return Quality({m: values[m] for m in MEASURES}, {m: how[m] for m in MEASURES}, n, journeys)


def _on(journeys: int, total: int) -> str:
    return f"on {journeys:,} {'journey' if journeys == 1 else 'journeys'} ({journeys / total:.1%})"


def _replayed(
    net: PetriNet, tree: Tree | None, sequences: Sequence[tuple[str, ...]], weights: Sequence[int], most: int
) -> tuple[Fit | None, str, int]:
    """Replay the first variants, on a net fewer and fewer until the budget suffices."""
    if tree is not None and len(set(tree.labels)) == len(tree.labels):
        return replay(tree, sequences[:most], weights[:most]), "", most
    tried = most
    while tried:
        try:
            return replay_net(net, sequences[:tried], weights[:tried], _MARKINGS), "", tried
        except TooManyMarkings:
            tried //= 4
    return None, f"unknown: the most frequent variant alone leads to more than {_MARKINGS:,} markings of the net", 0


def _aligned(
    net: PetriNet, tree: Tree | None, sequences: Sequence[tuple[str, ...]], weights: Sequence[int]
) -> tuple[float | None, str]:
    states = _states(net, tree)
    if states > _STATES:
        return None, f"unknown: the model has more than {_STATES:,} states, alignments could take hours"
    try:
        found = align(net, sequences, weights, budget=_ALIGN_WORK * 500 // max(500, states))
    except (NotEnoughDataError, StudyError) as problem:
        return None, f"unknown: {problem}"
    journeys = int(found.weights[found.aligned].sum())
    return found.log_fitness, (
        "1 - cost of optimal alignments / cost if no event matched (Adriansyah), "
        f"{_on(journeys, int(found.weights.sum()))}"
    )


def _states(net: PetriNet, tree: Tree | None) -> int:
    """Return how many states the model has, or at least one more than the most that are aligned.

    The search for an alignment goes through them, for each event; events alone tell nothing of its time.
    """
    if tree is not None:
        return _tree_states(tree)
    silent = replace(net, transitions=tuple((t, None) for t, _ in net.transitions))
    try:
        return len(NetMachine(silent, 2 * _STATES, _STATES).reachable())
    except TooManyMarkings:
        return _STATES + 1


def _tree_states(tree: Tree) -> int:
    below = [_tree_states(child) for child in tree.children]
    if tree.kind is Kind.PARALLEL:
        return min(prod(below), _STATES + 1)
    return min(sum(below) or 2, _STATES + 1)
