"""Cut long journeys where the process itself starts anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from cxmining.engine import CodedLog
from cxmining.engine.coded import Ints
from cxmining.engine.samples import compress
from cxmining.i18n import counted
from cxmining.journeys.cases.silences import BINS, bin_of, fit_mixture, silences

__all__ = ["DOUBT", "cut_process", "restart_chance"]

Floats = npt.NDArray[np.float64]

DOUBT: Final = 0.4
"""Share of the new journeys expected that may be in doubt. On planted journeys that can be told apart it stays
below .15, on journeys that are whole already it lies above .45."""
_ROUNDS: Final = 300
_SETTLED: Final = 1e-4
_PRIOR: Final = 1.0  # one event's worth of "any step may follow": a rare step is no new journey for being rare
_UNSURE: Final = 0.3
_SURE: Final = 1e-6


def cut_process(log: CodedLog) -> tuple[CodedLog, list[str]]:
    """Return the log cut where the process starts anew, and how often that was.

    A customer's events are read as whole journeys of one process, one after the other. Step *b* after step
    *a* is then either a step of the journey, which happens as often as *b* follows *a* inside journeys, or
    the first of the next journey, which happens as often as *a* is a last and *b* a first step: as if the two
    had nothing to do with each other. The silence between them speaks too: the longer it is, the more, or at
    least not the less, for a new journey. All three are learnt from the log itself, by expectation and
    maximisation in the manner of Ferreira and Gillblad (2009, "Discovering process models from unlabelled
    event logs"), here for journeys of one customer that follow each other: each pair of neighbours can then
    be judged by itself, so that the estimate is exact, needs no draw and one pass over the events. (For cases
    that interleave see Bayomie et al. 2023, "Event-case correlation for process mining using probabilistic
    optimization", and the survey of Diba et al. 2020.) It starts from the first events of customers, which
    are known starts, and from two kinds of silence where `propose_gap` would see them.

    A place is cut where a new journey is the likelier reading. When the reading of too many places is in
    doubt (more than `DOUBT` of the new journeys expected), steps and silences do not tell journeys apart
    and nothing is cut. The notes say how many cuts are expected to be wrong, and how many missing, if the
    model holds.

    Parameters
    ----------
    log : CodedLog
        Journeys that may hold several.

    Returns
    -------
    log, notes : CodedLog, list of str

    Examples
    --------
    >>> import pandas as pd
    >>> from cxmining.engine import encode
    >>> walked = ["look", "buy", "pay"] * 40
    >>> days = [9 * visit + step / 24 for visit in range(40) for step in range(3)]
    >>> log = encode(
    ...     journey=["a"] * 60 + ["b"] * 60,
    ...     customer=["a"] * 60 + ["b"] * 60,
    ...     touchpoint=walked,
    ...     channel=["web"] * 120,
    ...     timestamp=pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(days, unit="D"),
    ... )
    >>> cut, notes = cut_process(log)
    >>> cut.n_journeys, notes
    (40, ['cut at 38 places where the process starts anew: 2 journeys became 40 (expected: 0% of cuts wrong, 0% missed)'])
    """
    chance = restart_chance(log)
    cut = chance > 0.5
    made, expected = int(cut.sum()), float(chance.sum())
    doubt = float(np.minimum(chance, 1 - chance).sum())
    if not made or doubt > DOUBT * expected:
        return log, ["neither steps nor silences tell where the process starts anew: nothing was cut"]
    wrong = float(1 - chance[cut].mean())
    missed = float(chance[~cut].sum()) / expected
    cut[log.offsets[:-1]] = True
    starts = np.flatnonzero(cut)
    new = CodedLog(
        log.touchpoints, log.channels, log.touchpoint, log.channel, log.time, np.append(starts, len(log)),
        log.customer[log.journey[starts]], log.rows,
    )  # fmt: skip
    were = counted(log.n_journeys, "journey")
    said = f"cut at {counted(made, 'place')} where the process starts anew: {were} became {new.n_journeys:,}"
    return new, [f"{said} (expected: {wrong:.0%} of cuts wrong, {missed:.0%} missed)"]


def restart_chance(log: CodedLog) -> Floats:
    """Return the probability of each event that the process starts anew there; 0 for the first of a journey.

    Parameters
    ----------
    log : CodedLog

    Returns
    -------
    ndarray of float64
        One per event.
    """
    found = np.zeros(len(log))
    length, at = silences(log)
    if not len(at):
        return found
    k = len(log.touchpoints)
    before, after = log.touchpoint[at - 1].astype(np.int64), log.touchpoint[at].astype(np.int64)
    # Neighbours with equal steps and a silence of one bin are judged alike: some thousands of cells, not events.
    cell, of_event, n = compress((before * k + after) * BINS + bin_of(length), k * k * BINS)
    edge = compress(cell // BINS, k * k)[1]
    first = np.bincount(log.touchpoint[log.offsets[:-1]], minlength=k).astype(np.float64)
    pairs = _Pairs(k, cell // (k * BINS), cell // BINS % k, cell % BINS, edge, n.astype(np.float64), first)
    found[at] = pairs.restarts()[of_event]
    return found


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Neighbours in a journey, counted: `n` times step `a`, then step `b` after a silence in bin `t`."""

    k: int
    a: Ints
    b: Ints
    t: Ints
    edge: Ints
    n: Floats
    first: Floats

    def restarts(self) -> Floats:
        """Return the probability of each cell that a new journey begins with its second step."""
        chance = self._begin()
        for _ in range(_ROUNDS):
            was, chance = chance, self._improve(chance)
            if np.abs(chance - was).max() < _SETTLED:
                break
        return chance

    def _sum(self, group: Ints, values: Floats, size: int) -> Floats:
        return np.asarray(np.bincount(group, values, minlength=size), dtype=np.float64)

    def _begin(self) -> Floats:
        mixture = fit_mixture(self._sum(self.t, self.n, BINS))
        apart = mixture.slow()[self.t] if mixture.clear[0] else np.full(len(self.n), _UNSURE)
        usual = self._sum(self.b, self.n, self.k) / self.n.sum()
        start = (self.first + usual) / (self.first.sum() + 1)
        follows = (
            self._sum(self.edge, self.n, self.edge.max() + 1)[self.edge] / self._sum(self.a, self.n, self.k)[self.a]
        )
        odds = start[self.b] / follows
        return np.asarray(apart * odds / (apart * odds + 1 - apart + 1e-12))

    def _improve(self, chance: Floats) -> Floats:
        """Learn starts, ends, steps and silences from who is likely what, and judge anew."""
        anew, inner = self.n * chance, self.n * (1 - chance)
        per_step = self._sum(self.a, self.n, self.k)
        usual = self._sum(self.b, self.n, self.k) / self.n.sum()
        overall = anew.sum() / self.n.sum()
        end = (self._sum(self.a, anew, self.k) + _PRIOR * overall) / (per_step + _PRIOR)
        start = self.first + self._sum(self.b, anew, self.k) + usual
        start /= start.sum()
        inside = self._sum(self.b, inner, self.k) + usual
        inside /= inside.sum()
        follows = self._sum(self.edge, inner, self.edge.max() + 1)[self.edge] + _PRIOR * inside[self.b]
        follows /= (self._sum(self.a, inner, self.k) + _PRIOR)[self.a]
        silence = self._silence(self._sum(self.t, anew, BINS), self._sum(self.t, inner, BINS))[self.t]
        with np.errstate(divide="ignore", over="ignore"):
            odds = np.log(end[self.a]) + np.log(start[self.b]) - np.log1p(-end[self.a]) - np.log(follows) + silence
            return np.asarray(1 / (1 + np.exp(-np.clip(odds, -50, 50))))

    def _silence(self, anew: Floats, inner: Floats) -> Floats:
        """Return per bin the log odds that a silence of that length adds: a line that never falls."""
        from scipy.optimize import isotonic_regression

        total = anew + inner
        there = np.flatnonzero(total > 0)
        rising = isotonic_regression(anew[there] / total[there], weights=total[there]).x
        share = np.clip(np.interp(np.arange(BINS), there, rising), _SURE, 1 - _SURE)
        overall = np.clip(anew.sum() / total.sum(), _SURE, 1 - _SURE)
        return np.asarray(np.log(share / (1 - share)) - np.log(overall / (1 - overall)))
