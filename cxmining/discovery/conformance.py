"""Conformance: where customers leave the intended journey, how often, how long it costs, and how they score it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.discovery.align import DEVIATION
from cxmining.discovery.deviation_table import Measure
from cxmining.discovery.deviations import KINDS, NOWHERE
from cxmining.discovery.effects import Clusters
from cxmining.discovery.following import BUDGET, Aligned, align_journeys
from cxmining.discovery.intended import Intended, Step, intended_journey
from cxmining.discovery.moves import MATCH
from cxmining.discovery.net import PetriNet
from cxmining.discovery.scoring import score_of_each
from cxmining.engine import START
from cxmining.engine.coded import Ints
from cxmining.errors import StudyError, nearest
from cxmining.journeys import Journeys, Scored, journeys_of
from cxmining.repr_html import repr_html
from cxmining.stats import Interval

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.discovery.model import JourneyModel, ReadModel

__all__ = ["Conformance", "check_conformance"]

_AGAINST: Final = ("conforming", "without")

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Conformance:
    """How journeys compare with the intended one.

    Attributes
    ----------
    intended : Intended
        The intended journey.
    share : Interval
        Share of journeys without a deviation, with its 95% interval by customer, and n.
    fitness : float
        Mean fitness of the journeys: 1 − deviations / (events + steps of the shortest intended journey).
    summary : DataFrame
        One row per kind of deviation and touchpoint, most journeys first: `kind`, `touchpoint`, `journeys`,
        `customers`, `times`, `share` with `low`, `high`; how much longer journeys with it last than those they
        are held against, `longer_mean_s` and `longer_median_s` with their intervals and `longer_n_against`; how
        much higher they are scored, `score_difference` with `score_low`, `score_high`, `score_n` and
        `score_n_against`; `longer_q`, `score_q`: p values corrected for the false discovery rate over all rows
        and both measures.
    places : DataFrame
        The same by place: beside `kind` and `touchpoint` the steps done last before it, `after`, and first after
        it, `before`.
    steps : DataFrame
        One row per intended step, after ``(start)``: journeys that `reached` it, that did it (`done`), went past
        it (`skipped`) or ended before it (`missed`), each as a number; `following`: journeys that did it
        and had not left the path; `left`: those of them that leave it right after, with `left_share`, `left_low`,
        `left_high`, of `following`.
    journeys : DataFrame
        One row per journey: `journey_id`, `customer_id`, `deviations` (as alignments count: a step in another place
        is two), `fitness`, `conforms`, and the first deviation: `first_kind`, `first_touchpoint`, `first_after`,
        `first_event` (events before it). Missing where not aligned.
    against : str
        What journeys with a deviation are held against.
    min_n : int
        The fewest journeys that are counted as a deviation.
    metric : str or None
        What `score` is.
    notion : str
        What one journey is.
    chain : tuple of str
        The filters that chose the journeys.
    notes : tuple of str
        What a reader must know.
    """

    intended: Intended
    share: Interval
    fitness: float
    summary: pd.DataFrame
    places: pd.DataFrame
    steps: pd.DataFrame
    journeys: pd.DataFrame
    against: str
    min_n: int
    metric: str | None
    notion: str
    chain: tuple[str, ...]
    notes: tuple[str, ...]

    def figure(self) -> go.Figure:
        """Draw the intended steps in a row, and where customers leave it."""
        from cxmining.discovery.conformance_picture import conformance_picture

        return conformance_picture(self).figure()

    @cached_property
    def _head(self) -> str:
        n = self.share.n
        return (
            f"Conformance({self.intended.name}: {self.share.value:.1%} of {n:,} {'journey' if n == 1 else 'journeys'} "
            f"conform [{self.share.low:.1%} to {self.share.high:.1%}], fitness {self.fitness:.3f}; {self.notion})"
        )

    def __repr__(self) -> str:
        lines = [self._head, *(f"  filter: {step}" for step in self.chain)]
        lines += [
            f"  {row['kind']}: {row['touchpoint']}: {row['journeys']:,} journeys ({row['share']:.1%})"
            for row in self.summary.head(5).to_dict("records")
        ]
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=self._head, said=[*self.chain, *self.notes])


def check_conformance(
    source: Journeys | Scored,
    intended: str | Path | JourneyModel | ReadModel | PetriNet | Sequence[str | Step | Sequence[str | Step]],
    *,
    against: Literal["conforming", "without"] = "conforming",
    metric: str | None = None,
    missing: Literal["error", "keep"] = "error",
    min_n: int = 10,
    budget: int = BUDGET,
) -> Conformance:
    """Hold journeys against the intended one.

    Each variant gets the cheapest alignment with the intended journey (Adriansyah 2014), of equally cheap ones
    always the same; its moves are read as skipped steps, extra and repeated contacts, steps in another order, and
    an early end. Differences say what is associated with a deviation, not what it causes.

    Parameters
    ----------
    source : Journeys or Scored
        Journeys, or an experience that scored them.
    intended : str, Path, JourneyModel, ReadModel, PetriNet or sequence
        A file (BPMN, PNML, PTML), a model, a path as touchpoints, or several; a :class:`Step` in a path may be
        optional or repeatable.
    against : {"conforming", "without"}, default "conforming"
        What journeys with a deviation are held against: those that conform, or all that do not have it.
    metric : str, optional
        Which score; default the overall metric that most journeys have.
    missing : {"error", "keep"}, default "error"
        Whether an intended touchpoint that occurs in no journey is an error or a note.
    min_n : int, default 10
        Deviations of fewer journeys are named in a note and not counted.
    budget : int, default 200,000,000
        Events × steps of the model to align, the most frequent variants first.

    Returns
    -------
    Conformance

    Raises
    ------
    StudyError
        When the intended journey is empty, cannot end, or a parameter is out of range.
    UnknownNameError
        When an intended touchpoint occurs in no journey.
    NotEnoughDataError
        When no journey is within the budget.

    Examples
    --------
    >>> from cxmining.journeys import build_journeys
    >>> from cxmining.schema import Dataset, table
    >>> events = table(
    ...     "events",
    ...     {
    ...         "event_id": ["r1", "r2", "r3", "r4"],
    ...         "customer_id": ["c1", "c1", "c2", "c2"],
    ...         "timestamp": ["2025-03-01", "2025-03-09", "2025-03-09", "2025-03-10"],
    ...         "channel": ["web", "phone", "web", "phone"],
    ...         "touchpoint": ["buys", "pays", "buys", "calls"],
    ...         "source": ["s", "s", "s", "s"],
    ...         "seq": [1, 2, 3, 4],
    ...     },
    ... )
    >>> found = check_conformance(build_journeys(Dataset(events=events)), ["buys", "pays"], min_n=1)
    >>> found.share.value
    0.5
    >>> found.summary[["kind", "touchpoint", "journeys"]].values.tolist()
    [['ended early', 'pays', 1], ['extra', 'calls', 1]]
    """
    if against not in _AGAINST:
        raise StudyError(f"against={against!r} is unknown; {nearest(str(against), _AGAINST)}")
    if min_n < 1:
        raise StudyError(f"min_n={min_n!r} must be 1 or more")
    journeys = journeys_of(source)
    log = journeys.log
    # What a filter left no event of is still a touchpoint of the study.
    path = intended_journey(intended, log.touchpoints, missing)
    aligned = align_journeys(journeys, path, budget)
    scores, metric_name, score_note = score_of_each(source, journeys, metric)
    notes = [*journeys.notes, *aligned.notes, *score_note]
    if path.absent:
        notes.append(f"intended, and in no journey: {', '.join(path.absent)}")

    number, inside = aligned.number, aligned.inside
    customer = Clusters.of(log.customer[inside])
    conforms = aligned.conforms[number]
    per_journey = _journeys(journeys, aligned)
    measure = Measure(
        aligned, customer, (log.duration / 1e6)[inside], scores[inside], log.customer[inside], conforms, against
    )
    summary, rare = measure.table(["kind", "label"], min_n)
    places, rare_places = measure.table(["kind", "label", "after", "before"], min_n)
    if len(rare):
        named = "; ".join(f"{KINDS[k]}: {aligned.touchpoints[t]}" for k, t in rare[:5])
        n = len(rare)
        notes.append(
            f"{n:,} {'deviation' if n == 1 else 'deviations'} of fewer than {min_n} journeys each {'is' if n == 1 else 'are'} "
            f"not shown: {named}{'; …' if n > 5 else ''}"
        )
    if len(rare_places):
        notes.append(f"places: {len(rare_places):,} of fewer than {min_n} journeys each are not shown")
    if against == "conforming" and not min_n <= int(conforms.sum()):
        notes.append(
            f"{int(conforms.sum()):,} {'journey conforms' if conforms.sum() == 1 else 'journeys conform'}, too few to hold "
            'others against; see against="without"'
        )
    return Conformance(
        path, customer.share(conforms), float(per_journey["fitness"].mean()), summary, places,
        _steps(aligned, path, customer), per_journey, against, min_n, metric_name, str(journeys.notion), journeys.chain, tuple(notes),
    )  # fmt: skip


def _journeys(journeys: Journeys, aligned: Aligned) -> pd.DataFrame:
    found = aligned.deviations
    n = len(aligned.length)
    cost = aligned.moves.cost // DEVIATION
    worst = (DEVIATION * aligned.length + aligned.shortest) // DEVIATION
    first = np.full(n, -1, dtype=np.int64)
    first[found.variant[::-1]] = np.arange(len(found.variant))[::-1]  # the last write stands
    names = np.array([*aligned.touchpoints, None], dtype=object)
    kinds = np.array([*KINDS, None], dtype=object)

    def of_first(values: Ints, words: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
        out = np.full(n, None, dtype=object)
        some = first >= 0
        out[some] = words[values[first[some]]]
        return out

    places = np.array([*aligned.touchpoints, None, START], dtype=object)  # −2: never left, −1: before the first step
    event = np.where(first >= 0, np.append(found.event, 0)[first], -1)
    per_variant = pd.DataFrame(
        {
            "deviations": pd.array(cost, dtype="Int64"),
            "fitness": 1 - cost / np.maximum(worst, 1),
            "conforms": pd.array(aligned.conforms, dtype="boolean"),
            "first_kind": pd.array(of_first(found.kind, kinds), dtype="str"),
            "first_touchpoint": pd.array(of_first(found.label, names), dtype="str"),
            "first_after": pd.array(places[aligned.left_after], dtype="str"),
            "first_event": pd.array(event, dtype="Int64"),
        }
    )
    per_variant.loc[first < 0, "first_event"] = pd.NA
    where = np.full(len(journeys), -1, dtype=np.int64)
    where[aligned.inside] = aligned.number
    told = per_variant.reindex(where).reset_index(drop=True)
    return pd.concat([journeys.table[["journey_id", "customer_id"]].reset_index(drop=True), told], axis=1)


def _steps(aligned: Aligned, path: Intended, customer: Clusters) -> pd.DataFrame:
    found, number = aligned.deviations, aligned.number
    code = {t: i for i, t in enumerate(aligned.touchpoints)}
    n = len(aligned.length)
    moves, left_after = aligned.moves, aligned.left_after
    broken = np.cumsum(moves.kind != MATCH)
    still = broken == np.append(0, broken)[moves.offsets[:-1]][moves.variant]
    follows = np.zeros((n, len(aligned.touchpoints)), dtype=bool)
    follows[moves.variant[still], moves.label[still]] = True

    rows: list[dict[str, Any]] = []
    for step in (START, *path.steps):
        c = code.get(step, NOWHERE) if step != START else NOWHERE
        done, skipped, missed = (
            (np.ones(n, bool), np.zeros(n, bool), np.zeros(n, bool))
            if c == NOWHERE
            else (found.done[:, c], found.skipped[:, c], found.missed[:, c])
        )
        following = (np.ones(n, bool) if c == NOWHERE else follows[:, c])[number]
        left = (left_after == c)[number]
        share = _share_of(customer, left & following, following)
        rows.append(
            {
                "step": step,
                "reached": int((done | skipped)[number].sum()),
                "done": int(done[number].sum()),
                "skipped": int(skipped[number].sum()),
                "missed": int(missed[number].sum()),
                "following": int(following.sum()),
                "left": int((left & following).sum()),
                "left_share": share.value,
                "left_low": share.low,
                "left_high": share.high,
            }
        )
    frame = pd.DataFrame(rows)
    return frame.astype({"step": "str"})


def _share_of(customer: Clusters, hits: Mask, among: Mask) -> Interval:
    """Return the share of `among` with a hit, by customer."""
    whose = np.repeat(np.arange(len(customer.starts)), np.diff(np.append(customer.starts, customer.n)))
    return Clusters.of(whose[among]).share(hits[among])
