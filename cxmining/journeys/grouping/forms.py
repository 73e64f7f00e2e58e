"""Distinct journeys, with their channels and their timing, as sequences and as points.

What clusters journeys works on these forms, each weighted by its journeys, so that its cost depends on how
many different journeys there are and not on how many events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from cxmining.engine.coded import CodedLog, Ints, gather
from cxmining.engine.variants import group_sequences

__all__ = ["BINS", "GAPS_S", "Forms", "Steps", "make_forms", "ngram_points", "read_steps"]

Floats = npt.NDArray[np.float64]

GAPS_S: Final = (3_600.0, 86_400.0, 604_800.0)
"""Silence before a step is told apart as: within the hour, the day, the week, longer."""
BINS: Final = len(GAPS_S) + 2  # bin 0: the first step, which nothing precedes
DIMENSIONS: Final = 16
# What a journey is like, and what each part weighs: its steps, what follows what, how fast.
_WEIGHTS: Final = {"step": 1.0, "touchpoint": 1.0, "follows": 1.0, "follows within": 0.35, "channel": 0.5, "pace": 0.35}


@dataclass(frozen=True, eq=False)
class Steps:
    """The events of journeys as steps with the silence before them.

    Attributes
    ----------
    step : ndarray of int64
        Touchpoint and channel of each event: a row of `pairs`.
    gap_s : ndarray of float64
        Seconds since the step before in the same journey; 0 for the first.
    offsets : ndarray of int64
        Where each journey begins.
    pairs : ndarray of int64, shape (steps, 2)
        Touchpoint and channel code of each step, ascending.
    """

    step: Ints
    gap_s: Floats
    offsets: Ints
    pairs: Ints

    @property
    def first(self) -> npt.NDArray[np.bool_]:
        """Whether an event is the first of its journey."""
        out = np.zeros(len(self.step), dtype=bool)
        out[self.offsets[:-1]] = True
        return out

    def take(self, journeys: Ints) -> Steps:
        """Return the steps of these journeys, in this order."""
        at, offsets = gather(self.offsets, journeys)
        return Steps(self.step[at], self.gap_s[at], offsets, self.pairs)

    def shuffled(self, rng: np.random.Generator) -> Steps:
        """Return journeys of the same lengths whose steps and gaps are drawn from one pot, without return.

        This is what journeys look like when there is one kind of journey only.
        """
        gaps = self.gap_s.copy()
        inner = np.flatnonzero(~self.first)
        gaps[inner] = gaps[rng.permutation(inner)]
        return Steps(self.step[rng.permutation(len(self.step))], gaps, self.offsets, self.pairs)


@dataclass(frozen=True, eq=False)
class Forms:
    """The distinct journeys by step and gap class, the most frequent first.

    Attributes
    ----------
    symbol : ndarray of int64
        ``step * BINS + gap class`` of each step of each form.
    offsets : ndarray of int64
        Form `f` is ``symbol[offsets[f]:offsets[f + 1]]``.
    number : ndarray of int64
        The form of each journey.
    journeys : ndarray of int64
        How many journeys have each form.
    log_s : ndarray of float64
        Mean of log(1 + duration in seconds) over the journeys of each form.
    pairs : ndarray of int64, shape (steps, 2)
        As in :class:`Steps`.
    """

    symbol: Ints
    offsets: Ints
    number: Ints
    journeys: Ints
    log_s: Floats
    pairs: Ints

    def __len__(self) -> int:
        return len(self.journeys)


def read_steps(log: CodedLog) -> Steps:
    """Return the steps of a log.

    Examples
    --------
    >>> import pandas as pd
    >>> from cxmining.engine import encode
    >>> log = encode(
    ...     journey=["a", "a", "b"],
    ...     customer=["a", "a", "b"],
    ...     touchpoint=["call", "call", "buy"],
    ...     channel=["phone", "chat", "web"],
    ...     timestamp=pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-01"], utc=True),
    ... )
    >>> steps = read_steps(log)
    >>> steps.pairs.tolist(), steps.step.tolist(), steps.gap_s.tolist()
    ([[0, 2], [1, 0], [1, 1]], [2, 1, 0], [0.0, 86400.0, 0.0])
    """
    size = max(len(log.channels), 1)
    joint = log.touchpoint.astype(np.int64) * size + log.channel
    codes, step = np.unique(joint, return_inverse=True)
    gap = np.zeros(len(log))
    gap[1:] = np.diff(log.time) / 1e6
    gap[log.offsets[:-1]] = 0.0
    return Steps(step.astype(np.int64), gap, log.offsets, np.column_stack([codes // size, codes % size]))


def make_forms(steps: Steps) -> Forms:
    """Find the distinct journeys; their order depends on what they are, not on the order of the journeys."""
    bins = np.searchsorted(np.array(GAPS_S), steps.gap_s, side="right") + 1
    bins[steps.offsets[:-1]] = 0
    symbol = steps.step * BINS + bins
    number, first = group_sequences(cast(Any, symbol), steps.offsets)
    counts = np.bincount(number, minlength=len(first))
    wide = symbol.astype(">u4")  # big-endian: bytes sort as the numbers do
    keys = [
        wide[a:b].tobytes()
        for a, b in zip(steps.offsets[first].tolist(), steps.offsets[first + 1].tolist(), strict=True)
    ]
    frequency = counts.tolist()
    order = np.array(sorted(range(len(keys)), key=lambda f: (-frequency[f], keys[f])), dtype=np.int64)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    number, counts = place[number], counts[order]
    at, offsets = gather(steps.offsets, first[order])
    total = np.add.reduceat(steps.gap_s, steps.offsets[:-1])
    # Sorted before they are added up: the sum must not depend on the order of the journeys.
    logs = np.log1p(total)
    by = np.lexsort((logs, number))
    log_s = np.bincount(number[by], weights=logs[by], minlength=len(order)) / counts
    return Forms(symbol[at], offsets, number, counts, log_s, steps.pairs)


def ngram_points(forms: Forms, weight: Floats, seed: int) -> Floats:
    """Return each form as a point: what it consists of, what follows what, and how fast.

    Counts of steps (touchpoint on its channel), touchpoints, channels, pairs of touchpoints that follow each
    other (with how soon), and gap classes are weighted as in tf-idf, brought to length one per part, and reduced by
    a singular value decomposition; duration and length stand beside.

    Parameters
    ----------
    forms : Forms
    weight : ndarray of float64, shape (forms,)
        Journeys by which the axes are found; forms of weight 0 are placed on them too.
    seed : int
        Of the randomised decomposition.

    Returns
    -------
    ndarray of float64, shape (forms, dimensions)
        Rounded, so that the last bit decides nothing.
    """
    from scipy.sparse import csr_array, diags_array, hstack
    from sklearn.utils.extmath import randomized_svd

    row = np.repeat(np.arange(len(forms)), np.diff(forms.offsets))
    parts = []
    for name, (where, feature) in _ngrams(forms, row).items():
        codes, column = np.unique(feature, return_inverse=True)
        counts = csr_array((np.ones(len(where)), (where, column)), shape=(len(forms), len(codes)))
        counts.sum_duplicates()
        present = csr_array((np.ones(len(counts.data)), counts.indices, counts.indptr), shape=counts.shape)
        total = float(weight.sum())
        # Damped: undamped, one rare step that some journeys of one kind take outweighs all that they share.
        idf = np.sqrt(np.log((1 + total) / (1 + present.T @ weight)) + 1)
        counts.data = (1 + np.log(counts.data)) * idf[counts.indices]
        norm = np.sqrt(counts.multiply(counts).sum(axis=1))
        scale = _WEIGHTS[name] / np.where(norm > 0, norm, 1.0)
        parts.append(diags_array(scale) @ counts)
    table = hstack(parts, format="csr")
    rank = min(DIMENSIONS, min(table.shape) - 1)
    lengths = np.log(np.diff(forms.offsets))
    beside = [_standard(forms.log_s, weight), _standard(lengths, weight)]
    used = np.flatnonzero(weight > 0)
    if rank >= 1 and len(used) > rank:
        centred = diags_array(np.sqrt(weight[used])) @ table[used]
        _, _, axes = randomized_svd(centred, n_components=rank, n_iter=4, random_state=seed)
        coordinates = np.asarray(table @ axes.T)
    else:
        coordinates = table.toarray()[:, : 4 * DIMENSIONS]
    return np.round(np.column_stack([coordinates, *(0.25 * b for b in beside)]), 9) + 0.0


def _ngrams(forms: Forms, row: Ints) -> dict[str, tuple[Ints, Ints]]:
    """Return, per part, the form and the code of each thing that occurs."""
    step, gap = forms.symbol // BINS, forms.symbol % BINS
    touchpoint, channel = forms.pairs[step, 0] + 1, forms.pairs[step, 1]
    size = int(forms.pairs[:, 0].max()) + 2
    inner = np.ones(len(row), dtype=bool)
    inner[forms.offsets[:-1]] = False
    at = np.flatnonzero(inner)
    first, last, everyone = forms.offsets[:-1], forms.offsets[1:] - 1, np.arange(len(forms))
    edges = np.concatenate([touchpoint[at - 1] * size + touchpoint[at], touchpoint[first], touchpoint[last] * size])
    return {
        "step": (row, step),
        "touchpoint": (row, touchpoint),
        "follows": (np.concatenate([row[at], everyone, everyone]), edges),
        "follows within": (row[at], (touchpoint[at - 1] * size + touchpoint[at]) * BINS + gap[at]),
        "channel": (row, channel),
        "pace": (row, gap),
    }


def _standard(values: Floats, weight: Floats) -> Floats:
    """Return z values, by the weighted mean and spread; nothing where all are equal."""
    mean = np.average(values, weights=weight)
    spread = np.sqrt(np.average((values - mean) ** 2, weights=weight))
    return cast(Floats, np.clip((values - mean) / spread, -3, 3) if spread > 1e-12 else np.zeros(len(values)))
