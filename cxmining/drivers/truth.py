"""Moments of truth: the contacts that make or break the relationship, rare grave ones included, with their owner.

Who left early had less time to meet anything, and who stayed meets everything: whoever compares leavers with
stayers over a year finds that contacts keep customers. Here the year is cut at landmarks (van Houwelingen 2007):
of the customers that are there at a landmark, what they met since the one before is laid against whether they left
(came back) in the time after it; customers who are looked at several times count as one in the intervals. Recommendation is taken from the answer, and all that was met before it.

Each contact is judged by a penalised logistic regression beside how much else the customer met and the landmark:
its interval exists for a contact that nine customers had, too. All tests are corrected together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.drivers.firth import Fit, fit_firth, profile_ends
from cxmining.drivers.landmarks import (
    DETRACTS,
    LEAVES,
    RECOMMENDS,
    RETURNS,
    Met,
    Question,
    at_landmarks,
    recommending,
    told_apart,
)
from cxmining.drivers.owners import UNKNOWN, Owners, find_owners
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.figures.drawn import DrawnResult
from cxmining.i18n import counted
from cxmining.repr_html import repr_html
from cxmining.stats import benjamini_hochberg, wilson

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.figures.scene import Scene
    from cxmining.journeys import Journeys

__all__ = ["DETRACTS", "LEAVES", "RECOMMENDS", "RETURNS", "MomentsOfTruth", "find_moments_of_truth"]

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_GOOD: Final = {LEAVES: False, RETURNS: True, RECOMMENDS: True, DETRACTS: False}

LEVEL: Final = 0.05
_MOST: Final = 12
"""Further touchpoints met that are told apart; above, one more says nothing new."""


@dataclass(frozen=True, eq=False)
class MomentsOfTruth(DrawnResult):
    """Contacts, what happens to the relationship after them, and who is responsible.

    Attributes
    ----------
    summary : DataFrame
        One row per touchpoint and outcome, decisive ones first: ``touchpoint``, ``experience`` (``any``; asked for,
        also ``badly`` and ``well``), ``outcome`` (leaves, returns, recommends, detracts), ``decisive`` (the difference stands after correction), ``direction`` (``makes`` or
        ``breaks``; empty where not decisive), ``rare``, ``reach`` (share of the customers looked at), ``n_met`` and
        ``n_other`` (customers at landmarks, or who answered), ``customers`` (who met it), ``share_met``,
        ``share_met_low``, ``share_met_high``, ``share_other``, ``share_other_low``, ``share_other_high`` (Wilson),
        ``difference``, ``low``, ``high`` (share of the outcome among those who met it less that of customers like
        them, 95%), ``odds_ratio``, ``p``, ``p_adjusted`` (Benjamini-Hochberg over all rows), ``owner``,
        ``owner_source``, ``owner_check``.
    outcomes : DataFrame
        Per outcome: ``outcome``, ``n`` (customers at landmarks, or answers), ``customers``, ``share`` with ``low`` and
        ``high``.
    owners : Owners
    left_out : DataFrame
        ``touchpoint``, ``outcome``, ``n_met``, ``n_other``, ``reason``: what could not be tested.
    within : str
        Time after a landmark.
    notion : str
    chain, notes : tuple of str
    """

    summary: pd.DataFrame
    outcomes: pd.DataFrame
    owners: Owners
    left_out: pd.DataFrame
    within: str
    notion: str
    chain: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def decisive(self) -> pd.DataFrame:
        """The rows that stand after correction."""
        return self.summary[self.summary["decisive"]].reset_index(drop=True)

    def sentence(self, language: str = "en", touchpoint: str | None = None) -> str:
        """Return in words what the first row, or the first of `touchpoint`, says."""
        from cxmining.drivers.saying import truth_sentence

        return truth_sentence(self, language, touchpoint)

    def picture(self, *, width: int = 1080, language: str = "en", labels: Mapping[str, str] | None = None) -> Scene:
        """Return the picture: every contact under its owner, with what goes with it; `width` in pixels, from 360."""
        from cxmining.drivers.boards import truth_picture

        return truth_picture(self, width, language, labels or {})

    def _head(self) -> str:
        found = self.decisive
        rare = int(found["rare"].sum())
        return (
            f"MomentsOfTruth: {counted(found['touchpoint'].nunique(), 'decisive contact')} of "
            f"{self.summary['touchpoint'].nunique()}, {rare} rare; within {self.within}; {self.notion}"
        )

    def __repr__(self) -> str:
        columns = ["touchpoint", "outcome", "direction", "n_met", "share_met", "share_other", "difference", "low", "high",
                   "p_adjusted", "owner"]  # fmt: skip
        table = self.decisive[columns].to_string(index=False, float_format=lambda v: f"{v:.3f}", na_rep="–")
        said = [*(f"filter: {step}" for step in self.chain), *self.notes]
        body = [table] if len(self.decisive) else ["no contact stands after correction"]
        return "\n".join([self._head(), *body, *(f"- {line}" for line in said)])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=self._head(), said=[*self.chain, *self.notes])


def find_moments_of_truth(
    lived: Experience | Journeys,
    *,
    leaving: str | Iterable[str] | None = None,
    returning: str | Iterable[str] | None = None,
    within: str = "90D",
    rare: float = 0.05,
    least: int = 5,
    by_experience: bool = False,
) -> MomentsOfTruth:
    """Find the contacts that make or break the relationship.

    Parameters
    ----------
    lived : Experience or Journeys
        Journeys alone have no answers: then recommendation is not looked at.
    leaving : str or iterable of str, optional
        Touchpoints that are leaving (``"cancels contract"``); default the customers' column ``left_at``.
    returning : str or iterable of str, optional
        Touchpoints that are coming back (``"renews contract"``, ``"orders again"``).
    within : str, default "90D"
        How long after a landmark leaving and returning count; landmarks are a third of it apart.
    rare : float, default 0.05
        A contact that at most this part of the customers had is called rare.
    least : int, default 5
        Customers who met it, and who did not, below which a contact is not tested but listed in ``left_out``.
    by_experience : bool, default False
        Also tell contacts that went badly (scored below the middle of their scale) from contacts that went well (in
        its upper quarter), each as a row of its own, from when the customer said so. Only contacts that were scored
        can be told apart.

    Returns
    -------
    MomentsOfTruth

    Raises
    ------
    UnknownNameError
        For a touchpoint that does not occur.
    StudyError
        When `within` is no time, or `rare` or `least` cannot be.
    NotEnoughDataError
        When there is nothing to look at: no leaving, no returning and no answered overall NPS.

    References
    ----------
    Firth (1993); Heinze & Schemper (2002); van Houwelingen (2007). Dynamic prediction by landmarking in event history
    analysis. Scandinavian Journal of Statistics 34(1). Carlzon (1987). Moments of Truth.
    """
    from cxmining.experience.afterwards import events_of, leaving_events, length_of

    if not 0 < rare < 1:
        raise StudyError(f"find_moments_of_truth: rare = {rare!r}: expected a share between 0 and 1")
    if least < 1:
        raise StudyError(f"find_moments_of_truth: least = {least!r}: expected at least 1 customer")
    window = length_of(within)
    journeys: Any = getattr(lived, "journeys", lived)
    notes: list[str] = []
    met = Met.of(journeys)
    if by_experience:
        met = told_apart(met, lived, notes)
    questions: list[Question] = []
    left = leaving_events(journeys, leaving)
    names = _listed(leaving)
    if left is not None and len(left):
        questions.append(at_landmarks(LEAVES, met, left, window, left, names))
    else:
        notes.append("leaving is not looked at: name its touchpoints with leaving=" if left is None else "nobody left")
    back = _listed(returning)
    if back:
        came = events_of(journeys, back, "returning")
        questions.append(at_landmarks(RETURNS, met, came, window, left, [*back, *names]))
    else:
        notes.append("returning is not looked at: name its touchpoints with returning=")
    questions += recommending(lived, met, notes)
    questions = [q for q in questions if q.usable(notes)]
    if not questions:
        raise NotEnoughDataError(
            "find_moments_of_truth: nothing to look at: " + "; ".join(notes or ["no outcome"]) + "; give leaving= or "
            "returning=, or an overall NPS question"
        )
    rows, left_out = [], []
    for question in questions:
        tested, untested = _judge(question, met, least)
        rows += tested
        left_out += untested
    if not rows:
        raise NotEnoughDataError(
            f"find_moments_of_truth: no touchpoint was met, and not met, by {counted(least, 'customer')} each"
        )
    owners = find_owners(journeys)
    table = _table(rows, rare, owners)
    return MomentsOfTruth(
        summary=table,
        outcomes=pd.DataFrame([q.described() for q in questions]),
        owners=owners,
        left_out=pd.DataFrame(left_out, columns=["touchpoint", "outcome", "n_met", "n_other", "reason"]),
        within=within,
        notion=str(journeys.notion),
        chain=tuple(journeys.chain),
        notes=tuple(notes),
    )


def _listed(names: str | Iterable[str] | None) -> list[str]:
    return [] if names is None else [names] if isinstance(names, str) else list(names)


def _judge(question: Question, met: Met, least: int) -> tuple[list[dict[str, Any]], list[tuple[Any, ...]]]:
    rows: list[dict[str, Any]] = []
    left_out: list[tuple[Any, ...]] = []
    everybody = len(np.unique(question.who))
    several = question.met[:, : met.whole].sum(axis=1)
    strata = int(question.stratum.max()) + 1
    for t, name in enumerate(met.touchpoints):
        contact, how = met.part(t)
        if met.touchpoints[contact] in question.excluded:
            continue
        x = question.met[:, t]
        n1, n0 = int(x.sum()), int((~x).sum())
        people = len(np.unique(question.who[x]))
        if people < least or len(np.unique(question.who[~x])) < least:
            few = "met" if people < least else "not met"
            left_out.append((name, question.outcome, n1, n0, f"{few} by fewer than {counted(least, 'customer')}"))
            continue
        met_at = np.bincount(question.stratum, weights=x, minlength=strata)
        if not ((met_at > 0) & (met_at < np.bincount(question.stratum, minlength=strata))).any():
            # As whoever joins within the first weeks: the contact is then the landmark by another name.
            left_out.append((name, question.outcome, n1, n0, "at each landmark met by everybody or nobody"))
            continue
        k1, k0 = int(question.true[x].sum()), int(question.true[~x].sum())
        a, b = wilson(k1, n1), wilson(k0, n0)
        low, best, high, p = _fit(question, x, several - question.met[:, contact], strata)
        rows.append(
            {
                "touchpoint": name,
                "experience": how,
                "contact": met.touchpoints[contact],
                "outcome": question.outcome,
                "reach": people / everybody,
                "n_met": n1,
                "n_other": n0,
                "customers": people,
                "share_met": a.value,
                "share_met_low": a.low,
                "share_met_high": a.high,
                "share_other": b.value,
                "share_other_low": b.low,
                "share_other_high": b.high,
                "difference": best[0],
                "low": low[0],
                "high": high[0],
                "odds_ratio": best[1],
                "p": p,
            }
        )
    return rows, left_out


def _fit(
    question: Question, x: Mask, others: npt.NDArray[Any], strata: int
) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float], float]:
    """Return difference and odds ratio at the low end, the estimate and the high end, and p."""
    more = np.minimum(others, _MOST).astype(np.int64)
    key = (question.stratum * (_MOST + 1) + more) * 2 + x
    patterns, at = np.unique(key, return_inverse=True)
    n = np.bincount(at).astype(np.float64)
    k = np.bincount(at, weights=question.true.astype(np.float64)).astype(np.float64)
    met = (patterns % 2).astype(np.float64)
    stratum, busy = patterns // 2 // (_MOST + 1), patterns // 2 % (_MOST + 1)
    columns = [np.ones(len(patterns)), met]
    if len(np.unique(busy)) > 1:
        columns.append(np.log1p(busy) - np.log1p(busy).mean())
    columns += [(stratum == s) * 1.0 for s in range(1, strata) if (stratum == s).any() and (stratum != s).any()]
    design = np.column_stack(columns)
    best = fit_firth(design, n, k)
    expected = 1 / (1 + np.exp(-np.clip(design @ best.beta, -35, 35)))
    influence = (question.true - expected[at]) * (design @ best.inverse[:, 1])[at]
    together = np.bincount(question.who, weights=influence)
    alone = float((influence**2).sum())
    inflation = max(1.0, float((together**2).sum()) / alone) if alone > 0 else 1.0
    low, high, p = profile_ends(design, n, k, 1, best, inflation)

    def told(fit: Fit) -> tuple[float, float]:
        eta = design @ fit.beta
        with_it = 1 / (1 + np.exp(-np.clip(eta, -35, 35)))
        without = 1 / (1 + np.exp(-np.clip(eta - design[:, 1] * fit.beta[1], -35, 35)))
        weight = n * met
        return float(weight @ (with_it - without) / weight.sum()), float(np.exp(np.clip(fit.beta[1], -30, 30)))

    return told(low), told(best), told(high), p


def _table(rows: list[dict[str, Any]], rare: float, owners: Owners) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    table["p_adjusted"] = benjamini_hochberg(table["p"])
    table["decisive"] = table["p_adjusted"] <= LEVEL
    table["rare"] = table["reach"] <= rare
    good = table["outcome"].map(_GOOD).to_numpy(dtype=bool) == (table["difference"].to_numpy() > 0)
    table["direction"] = np.where(table["decisive"], np.where(good, "makes", "breaks"), "")
    known = owners.summary.set_index("touchpoint")
    for column, source in (("owner", "owner"), ("owner_source", "owner_source"), ("owner_check", "check")):
        table[column] = table["contact"].map(known[source]).astype("str")
    table["owner_source"] = table["owner_source"].fillna(UNKNOWN)
    table["direction"] = table["direction"].astype("str")
    order = np.lexsort(
        (table["outcome"], table["touchpoint"], -np.round(np.abs(table["difference"]), 9), ~table["decisive"])
    )
    columns = ["touchpoint", "experience", "outcome", "decisive", "direction", "rare"]
    rest = [c for c in table if c not in (*columns, "contact")]
    return table.iloc[order][[*columns, *rest]].reset_index(drop=True)
