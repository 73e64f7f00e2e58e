"""By which words tasks are asked for: learned from labelled texts, judged on texts whose writers were not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.stats import deal_folds, wilson

if TYPE_CHECKING:
    from cxmining.schema import Dataset

__all__ = ["FEWEST", "QUALITY", "Learned", "learn_tasks"]

Bools = npt.NDArray[np.bool_]
Names = npt.NDArray[np.object_]

FEWEST: Final = 50
"""Texts with a label; from fewer nothing is learned."""
_FEWEST_EACH: Final = 10
_AGREES: Final = 0.4
"""Kappa, at its lower end, from which words are believed: below it they agree with the labels no more than moderately
(Landis and Koch 1977)."""
_WORDS: Final = 6
_FOLDS: Final = 5
_LEARNED_FROM: Final = 20_000
QUALITY: Final = ("told_by", "n", "accuracy", "low", "high", "kappa", "kappa_low", "kappa_high", "used")


@dataclass(frozen=True, eq=False)
class Learned:
    """What words tell.

    Attributes
    ----------
    quality : list of tuple
        One row of `QUALITY` per kind of label that was tried, tasks first.
    found : ndarray of object, optional
        The task of each text by its words, empty where it has none; none where words are not to be believed.
    margin : ndarray of float, optional
        How far the task is ahead of the next.
    words : mapping of str to str, optional
        Task → the words that speak most for it.
    """

    quality: list[tuple[Any, ...]]
    found: Names | None = None
    margin: Any = None
    words: Mapping[str, str] | None = None


def learn_tasks(
    read: pd.Series, people: pd.Series, task: Names, touchpoint: Names, data: Dataset, seed: int
) -> Learned:
    """Learn tasks from words; without tasks in the catalogue, the touchpoints by name.

    Parameters
    ----------
    read : Series of str
        Subjects and texts.
    people : Series
        Who wrote each; nobody is judged by a model that has seen another text of theirs.
    task, touchpoint : ndarray of object
        Of each text: the catalogue's task of its touchpoint (empty where none), and the touchpoint.
    data : Dataset
        For the labels of touchpoints.
    seed : int
        Of the folds.

    Returns
    -------
    Learned
    """
    from cxmining.text.topics import weigh_words

    order = np.lexsort([people.to_numpy(dtype=object).astype(str), read.to_numpy(dtype=object).astype(str)])
    back = np.argsort(order, kind="stable")
    weights, vocabulary, there = weigh_words(read.iloc[order], people.iloc[order])
    label = data.catalogue.drop_duplicates("touchpoint").set_index("touchpoint")
    named = label[f"label_{data.language}"] if f"label_{data.language}" in label else pd.Series(dtype="object")
    shown = named.dropna().to_dict()
    called = np.array([shown.get(t, t) for t in touchpoint], dtype=object)
    quality: list[tuple[Any, ...]] = []
    for told_by, labels in (("task", task), ("touchpoint", called)):
        held = _held_out(weights, there, labels[order], people.iloc[order], seed)
        if held is None:
            continue
        found, margin, classifier, row = held
        quality.append((told_by, *row))
        if row[-1]:
            return Learned(quality, found[back], margin[back], _marking(classifier, vocabulary))
    return Learned(quality)


def _held_out(weights: Any, there: Bools, labels: Names, people: pd.Series, seed: int) -> Any:
    """Judge each text by a model that has not seen its writer; None where too little is labelled."""
    from sklearn.linear_model import RidgeClassifier

    use = there & (labels != "")
    names, counts = np.unique(labels[use].astype(str), return_counts=True)
    names = names[counts >= _FEWEST_EACH]
    use &= np.isin(labels.astype(str), names)
    if len(names) < 2 or use.sum() < FEWEST:
        return None
    group = pd.factorize(people)[0]
    fold = deal_folds(group, _FOLDS, seed)
    code = np.searchsorted(names, labels.astype(str))
    best, margin = np.full(len(labels), -1), np.full(len(labels), np.nan)
    rng = np.random.default_rng(seed)

    def fit(rows: npt.NDArray[Any]) -> Any:
        if len(rows) > _LEARNED_FROM:
            rows = np.sort(rng.choice(rows, _LEARNED_FROM, replace=False))
        return RidgeClassifier(alpha=1.0, solver="sparse_cg").fit(weights[rows], code[rows])

    for f in range(_FOLDS):
        train, test = np.flatnonzero(use & (fold != f)), np.flatnonzero(there & (fold == f))
        if not len(test) or len(np.unique(code[train])) < 2:
            continue
        model = fit(train)
        decision = np.asarray(model.decision_function(weights[test]))
        if decision.ndim == 1:
            decision = np.column_stack([-decision, decision])
        top = decision.argmax(axis=1)
        ranked = np.sort(decision, axis=1)
        best[test], margin[test] = model.classes_[top], ranked[:, -1] - ranked[:, -2]
    judged = use & (best >= 0)
    row = _agreement(code[judged], best[judged], group[judged], len(names), seed)
    found = np.where(best >= 0, names[np.maximum(best, 0)], "").astype(object)
    classifier = fit(np.flatnonzero(use))
    return found, np.where(best >= 0, margin, -np.inf), (classifier, names), row


def _agreement(true: Any, called: Any, group: Any, kinds: int, seed: int) -> tuple[Any, ...]:
    """Return n, accuracy with interval, kappa with its interval (resampled by customer), and whether it is enough."""
    n = len(true)
    accuracy, low, high, _ = wilson(int((true == called).sum()), n)
    who = pd.factorize(group)[0]
    cells = np.zeros((int(who.max()) + 1, 1 + 2 * kinds))
    np.add.at(cells, (who, 0), true == called)
    np.add.at(cells, (who, 1 + true), 1.0)
    np.add.at(cells, (who, 1 + kinds + called), 1.0)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(cells), np.full(len(cells), 1 / len(cells)), size=200)
    totals = np.vstack([cells.sum(axis=0), drawn @ cells])
    hits, t, c = totals[:, 0], totals[:, 1 : 1 + kinds], totals[:, 1 + kinds :]
    size = np.maximum(t.sum(axis=1), 1)
    chance = (t * c).sum(axis=1) / size**2
    kappa = (hits / size - chance) / np.maximum(1 - chance, 1e-9)
    k_low, k_high = np.quantile(kappa[1:], [0.025, 0.975])
    return n, accuracy, low, high, float(kappa[0]), float(k_low), float(k_high), bool(k_low >= _AGREES)


def _marking(fitted: Any, vocabulary: npt.NDArray[Any]) -> dict[str, str]:
    """Return the words that speak most for each task."""
    classifier, names = fitted
    weight = np.atleast_2d(classifier.coef_)
    if len(weight) == 1:
        weight = np.vstack([-weight, weight])
    told = {}
    for code, row in zip(classifier.classes_, weight, strict=True):
        top = np.argsort(-row, kind="stable")[:_WORDS]
        told[str(names[code])] = ", ".join(str(vocabulary[i]) for i in top if row[i] > 0)
    return told
