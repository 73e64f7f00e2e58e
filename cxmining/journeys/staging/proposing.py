"""Stages for touchpoints of which the catalogue says none: proposed, with confidence, for people to accept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine import CodedLog
from cxmining.engine.coded import Ints
from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.i18n import counted
from cxmining.journeys.cases.keys import customers_of
from cxmining.journeys.staging.stages import UNKNOWN, stage_codes
from cxmining.journeys.staging.vocabulary import stages_in
from cxmining.repr_html import repr_html
from cxmining.schema import STAGES, Dataset
from cxmining.stats import wilson

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.journeys.build import Journeys

__all__ = ["SOURCES", "EventStages", "StageProposal", "event_stages", "propose_stages"]

Floats = npt.NDArray[np.float64]

SOURCES: Final = ("catalogue", "milestone", "proposed", UNKNOWN)
_SIZE: Final = len(STAGES)
_CONSIDERATION, _PURCHASE, _SERVICE = (STAGES.index(s) for s in ("consideration", "purchase", "service"))
_WORD: Final = float(np.log(10))  # what one telling word is worth; more than two are not worth more than two
_NEIGHBOURS: Final = 2.0
_CENTRES: Final[Floats] = np.array([0.05, 0.2, 0.35, 0.6, 0.85, 0.95])
_TEMPERATURES: Final = (0.2, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0)
_ENOUGH: Final = 8
_UNTRIED: Final = 0.9
_BOTH_SIDES: Final = 0.1


class EventStages(NamedTuple):
    """Stage, where it comes from and how sure it is, per event of a log.

    `code` is a place in `STAGES` or −1; `source` one in `SOURCES`; `confidence` is missing where unknown.
    """

    code: Ints
    source: Ints
    confidence: Floats


@dataclass(frozen=True, eq=False)
class StageProposal:
    """Stages for the touchpoints that have none; nothing changes until they are accepted.

    Accept with ``build_journeys(…, stages=proposal)`` or ``journeys.with_stages(proposal)``.

    Attributes
    ----------
    table : DataFrame
        One row per touchpoint, the most frequent first: ``touchpoint``, ``events``, ``stage``,
        ``stage_source`` (catalogue, milestone, proposed, unknown), ``confidence`` (0 to 1; 1 for the
        catalogue), ``second`` (the next likely stage), ``words`` (what in the name spoke for a stage),
        ``before``, ``after`` (events before and after the customer's milestone). A touchpoint that a
        milestone turns is ``consideration`` before it and ``service`` after; its row shows the more frequent.
    milestones : tuple of str
        The touchpoints that make a customer.
    confidence_before, confidence_after : float
        Of the events before a milestone whose stage is known (from the catalogue, or their words) those in
        awareness or consideration, and of the events after one those in service: how often the rule is right
        where it can be told, (k + 1) / (n + 2); 0 where it never can.
    check : DataFrame
        The same method for the catalogue's own touchpoints, each hidden in turn: ``confidence`` (at least),
        ``n``, ``right``, ``share``, ``low``, ``high`` (Wilson), ``mean_confidence``.
    least : float
        Confidence below which a stage stays unknown.
    notion, chain, notes
        What journeys it was made from, and what a reader must know.
    """

    table: pd.DataFrame
    milestones: tuple[str, ...]
    confidence_before: float
    confidence_after: float
    check: pd.DataFrame
    least: float
    notion: str
    chain: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def summary(self) -> pd.DataFrame:
        """The touchpoints with their stages, those of the catalogue last."""
        order = self.table["stage_source"].eq("catalogue")
        return self.table.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)

    def figure(self) -> go.Figure:
        """Draw the proposals: touchpoints by stage, as sure as they are long."""
        from cxmining.journeys.staging.figure import proposal_picture

        return proposal_picture(self).figure()

    def __repr__(self) -> str:
        counts = self.table["stage_source"].value_counts()
        parts = [f"{counts[s]} {s}" for s in SOURCES if s in counts]
        head = f"StageProposal({self.notion}: {counted(len(self.table), 'touchpoint')}: {', '.join(parts)})"
        return "\n".join([head, *(f"  filter: {c}" for c in self.chain), *(f"  note: {n}" for n in self.notes)])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=repr(self).splitlines()[0], said=self.notes)


def propose_stages(journeys: Journeys, *, milestones: str | Iterable[str] = (), least: float = 0.5) -> StageProposal:
    """Propose a stage for each touchpoint of which the catalogue says none.

    Three things speak. *Words* of the name and labels, in Dutch and English (factuur, invoice: service).
    *Position*: the last stage known before it and the first known after it, compared with where the
    catalogue's touchpoints of each stage stand; without a catalogue, the place in the journey. A *milestone*:
    a touchpoint whose name says nothing and that occurs on both sides of the moment a customer becomes one
    is consideration before that moment and service after it (calls before the contract, calls after).

    The three add up as log odds (naive Bayes); their weight is chosen on the catalogue's own touchpoints,
    each hidden in turn, so that confidence means what it says, and no confidence is above what so many
    trials can show ((n + 1) / (n + 2)); ``check`` shows how well it went. With fewer than 8 of them the
    confidence is uncalibrated, at most .9, and the notes say so.

    Parameters
    ----------
    journeys : Journeys
    milestones : str or iterable of str
        Touchpoints that make a customer; default those of stage purchase, in the catalogue or by their words.
    least : float, default 0.5
        Confidence below which a stage stays unknown.

    Returns
    -------
    StageProposal

    Raises
    ------
    UnknownNameError
        When a milestone does not occur.
    StudyError
        When `least` is no share.

    Examples
    --------
    >>> from cxmining.journeys import build_journeys
    >>> from cxmining.schema import table
    >>> events = table(
    ...     "events",
    ...     {
    ...         "event_id": ["r1", "r2", "r3"],
    ...         "customer_id": ["c1"] * 3,
    ...         "timestamp": ["2025-03-01T10:00Z", "2025-03-02T10:00Z", "2025-03-09T10:00Z"],
    ...         "channel": ["web", "web", "mail"],
    ...         "touchpoint": ["vergelijkt prijzen", "bestelt", "vraag over factuur"],
    ...         "source": ["s"] * 3,
    ...         "seq": [1, 2, 3],
    ...     },
    ... )
    >>> found = propose_stages(build_journeys(Dataset(events=events)))
    >>> found.table[["touchpoint", "stage"]].values.tolist()
    [['bestelt', 'purchase'], ['vergelijkt prijzen', 'consideration'], ['vraag over factuur', 'service']]
    """
    if not 0 <= least <= 1:
        raise StudyError(f"least={least!r}: expected a confidence between 0 and 1")
    log, data = journeys.log, journeys.data
    known = np.full(len(log.touchpoints), -1, dtype=np.int64)
    known[log.touchpoint] = stage_codes(log, data.catalogue)
    words = [stages_in(*labels) for labels in _labels(log.touchpoints, data.catalogue)]
    votes = np.array([[min(w.get(s, 0), 2) for s in STAGES] for w in words], dtype=np.float64) * _WORD
    scores = votes + _position(log, known)
    notes: list[str] = []
    temperature, check = _calibrate(log, known, votes, least)
    if temperature is None:
        temperature = 1.0
        few = int((known >= 0).sum())
        notes.append(f"the catalogue gives a stage to {counted(few, 'touchpoint')}: confidence is not calibrated")
    chance = _softmax(scores * temperature)
    # Nobody is surer than his experience: of n touchpoints hidden all may have been right, the next need not be.
    tried = int((known >= 0).sum())
    most = (tried + 1) / (tried + 2) if tried >= _ENOUGH else _UNTRIED
    marks = _milestones(milestones, log, known, votes, chance)
    relation = known >= _PURCHASE
    relation[[log.touchpoints.index(m) for m in marks]] = True
    side = _sides(data, log, marks, tuple(np.array(log.touchpoints, dtype=object)[relation]))[log.rows]
    size = len(log.touchpoints)
    before = np.bincount(log.touchpoint[side < 0], minlength=size)
    after = np.bincount(log.touchpoint[side > 0], minlength=size)
    top = np.sort(votes, axis=1)
    silent = top[:, -1] == top[:, -2]  # no word, or words of several stages
    sided = np.maximum(before + after, 1)
    turned = (known < 0) & silent & (before / sided >= _BOTH_SIDES) & (after / sided >= _BOTH_SIDES)
    told = np.where(known >= 0, known, np.where(silent | (chance.max(axis=1) < least), -1, chance.argmax(axis=1)))
    of_event = told[log.touchpoint]
    right_before = _right((of_event >= 0) & (side < 0), of_event <= _CONSIDERATION)
    right_after = _right((of_event >= 0) & (side > 0), of_event == _SERVICE)
    if turned.any():
        names = " or ".join(map(repr, marks))
        notes.append(
            f"{counted(int(turned.sum()), 'touchpoint')} turned by a milestone ({names}): consideration before, service after"
        )
    table = _table(log, known, words, chance, turned, before, after, (right_before, right_after), least, most)
    return StageProposal(
        table, marks, right_before, right_after, check, least, str(journeys.notion), journeys.chain, tuple(notes)
    )  # fmt: skip


def event_stages(log: CodedLog, data: Dataset, proposal: StageProposal | None) -> EventStages:
    """Return the stage of each event: the catalogue's, else what the proposal says, else unknown."""
    code = stage_codes(log, data.catalogue)
    source = np.where(code >= 0, SOURCES.index("catalogue"), SOURCES.index(UNKNOWN)).astype(np.int64)
    confidence = np.where(code >= 0, 1.0, np.nan)
    if proposal is None:
        return EventStages(code, source, confidence)
    table = proposal.table
    own: list[dict[Any, Any]] = [
        {**r} for r in table.set_index("touchpoint").reindex(log.touchpoints).to_dict("records")
    ]
    blank = code < 0
    for name in ("proposed", "milestone"):
        stage = np.array([STAGES.index(r["likely"]) if r["stage_source"] == name else -1 for r in own], dtype=np.int64)
        sure = np.array([r["likely_confidence"] for r in own], dtype=np.float64)
        fits = blank & (stage[log.touchpoint] >= 0) & (sure[log.touchpoint] >= proposal.least)
        code = np.where(fits, stage[log.touchpoint], code)
        source = np.where(fits, SOURCES.index("proposed"), source)
        confidence = np.where(fits, sure[log.touchpoint], confidence)
    turned = np.array([r["stage_source"] == "milestone" for r in own])[log.touchpoint] & blank
    if turned.any():
        past = table.loc[table["relation"], "touchpoint"].tolist()
        side = _sides(data, log, proposal.milestones, tuple(past))[log.rows]
        sides = ((-1, _CONSIDERATION, proposal.confidence_before), (1, _SERVICE, proposal.confidence_after))
        for where, stage_of, sure_of in sides:
            if sure_of < proposal.least:
                continue
            fits = turned & (side == where)
            code = np.where(fits, stage_of, code)
            source = np.where(fits, SOURCES.index("milestone"), source)
            confidence = np.where(fits, sure_of, confidence)
    return EventStages(code, source, confidence)


def _labels(touchpoints: tuple[str, ...], catalogue: pd.DataFrame) -> list[tuple[str, ...]]:
    named = catalogue.set_index("touchpoint")[["label_en", "label_nl"]].fillna("").to_dict("index")
    return [(t, *map(str, named.get(t, {}).values())) for t in touchpoints]


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _neighbours(log: CodedLog, known: Ints) -> Floats:
    """Return per touchpoint the shares of the last stage before and the first after it, of other touchpoints.

    Shape (touchpoints, 2, stages + 1); the last column is *none*.
    """
    stage = known[log.touchpoint]
    n = len(log)
    place = np.arange(n)
    out = np.zeros((len(log.touchpoints), 2, _SIZE + 1))
    new = np.ones(n, dtype=bool)  # runs of one touchpoint count as one: its own repeat is no neighbour
    new[1:] = (log.touchpoint[1:] != log.touchpoint[:-1]) | (log.journey[1:] != log.journey[:-1])
    last = np.ones(n, dtype=bool)
    last[:-1] = new[1:]
    for side, border in ((0, new), (1, last)):
        seen = np.where(stage >= 0, place, -1 if side == 0 else n)
        if side == 0:
            near = np.concatenate([[-1], np.maximum.accumulate(seen)[:-1]])[border]
        else:
            near = np.concatenate([np.minimum.accumulate(seen[::-1])[::-1][1:], [n]])[border]
        at = place[border]
        inside = (near >= 0) & (near < n)
        near = np.clip(near, 0, n - 1)
        inside &= log.journey[near] == log.journey[at]
        what = np.where(inside, stage[near], _SIZE)
        flat = np.bincount(log.touchpoint[at].astype(np.int64) * (_SIZE + 1) + what, minlength=out[:, 0].size)
        out[:, side] = flat.reshape(-1, _SIZE + 1)
    return np.asarray(out / np.maximum(out.sum(axis=2, keepdims=True), 1))


def _position(log: CodedLog, known: Ints, hidden: int | None = None) -> Floats:
    """Return the log odds per touchpoint and stage of where it stands; `hidden` takes no part in the learning."""
    learnt = known.copy()
    if hidden is not None:
        learnt[hidden] = -1
    if len(np.unique(learnt[learnt >= 0])) < 2:
        length = np.diff(log.offsets)[log.journey]
        relative = np.where(length > 1, log.position / np.maximum(length - 1, 1), 0.5)
        mean = np.bincount(log.touchpoint, relative, len(known)) / np.maximum(np.bincount(log.touchpoint), 1)
        return np.asarray(-(((mean[:, None] - _CENTRES) / 0.5) ** 2) / 2)
    share = _neighbours(log, learnt)
    votes = np.bincount(learnt[learnt >= 0], minlength=_SIZE)
    typical = np.zeros((_SIZE, 2, _SIZE + 1))
    np.add.at(typical, learnt[learnt >= 0], share[learnt >= 0])
    usual = share[learnt >= 0].mean(axis=0)
    # A stage that the catalogue names once or never leans on what is usual, by the weight of one touchpoint.
    typical = (typical + usual + 0.02) / (votes[:, None, None] + 1 + 0.02 * (_SIZE + 1))
    fit = np.einsum("tpu,spu->ts", share, np.log(typical))
    prior = np.log((votes + 1) / (votes.sum() + _SIZE))
    return np.asarray(_NEIGHBOURS * (fit - fit.max(axis=1, keepdims=True)) + prior)


def _calibrate(log: CodedLog, known: Ints, votes: Floats, least: float) -> tuple[float | None, pd.DataFrame]:
    """Hide each touchpoint of the catalogue in turn; take the temperature with the best log score."""
    there = np.flatnonzero(known >= 0)
    scores = np.array([(votes + _position(log, known, int(t)))[t] for t in there]).reshape(-1, _SIZE)
    temperature = None
    if len(there) >= _ENOUGH:
        logs = [
            float(np.log(_softmax(scores * t)[np.arange(len(there)), known[there]] + 1e-12).sum())
            for t in _TEMPERATURES
        ]
        temperature = _TEMPERATURES[int(np.argmax(logs))]
    chance = _softmax(scores * (temperature or 1.0)) if len(there) else scores
    right = chance.argmax(axis=1) == known[there] if len(there) else np.zeros(0, dtype=bool)
    sure = np.minimum(chance.max(axis=1), (len(there) + 1) / (len(there) + 2)) if len(there) else np.zeros(0)
    rows: list[dict[str, Any]] = []
    for bound in (0.0, least):
        some = sure >= bound
        found = wilson(int(right[some].sum()), int(some.sum()))
        mean = float(sure[some].mean()) if some.any() else float("nan")
        rows.append({"confidence": bound, "n": int(some.sum()), "right": int(right[some].sum()), "share": found.value,
                     "low": found.low, "high": found.high, "mean_confidence": mean})  # fmt: skip
    return temperature, pd.DataFrame(rows)


def _milestones(
    asked: str | Iterable[str], log: CodedLog, known: Ints, votes: Floats, chance: Floats
) -> tuple[str, ...]:
    names = (asked,) if isinstance(asked, str) else tuple(asked)
    for name in names:
        if name not in log.touchpoints:
            raise UnknownNameError(
                f"milestones: no touchpoint {name!r} in these journeys; {nearest(name, log.touchpoints)}"
            )
    if names:
        return tuple(sorted(set(names)))
    found = known == _PURCHASE
    if not found.any():
        found = (known < 0) & (votes[:, _PURCHASE] > 0) & (chance.argmax(axis=1) == _PURCHASE)
    return tuple(t for t, is_one in zip(log.touchpoints, found, strict=True) if is_one)


def _sides(data: Dataset, log: CodedLog, milestones: tuple[str, ...], relation: tuple[str, ...]) -> Ints:
    """Tell of each row of the events whether it lies before (−1) or after (1) its customer became one; else 0.

    A customer is one from the first event that only customers have (`relation`) on. That event must be a
    milestone for what lies before it to be known as *before*: who is first seen with an invoice was a
    customer already. All events count, not only those of the journeys, so that no filter turns a stage.
    """
    events = data.events
    customer = pd.factorize(customers_of(events))[0]
    n = len(events)
    flagged = np.flatnonzero(events["touchpoint"].isin([*relation, *milestones]).to_numpy())
    first = np.full(int(customer.max(initial=-1)) + 1, n, dtype=np.int64)
    first[customer[flagged][::-1]] = flagged[::-1]  # the last write, the earliest row, stands
    opened = np.append(events["touchpoint"].isin(milestones).to_numpy(), False)[first]
    row, at = np.arange(n), first[customer]
    return np.where(row > at, 1, np.where((row < at) & opened[customer], -1, 0)).astype(np.int64)


def _right(cases: npt.NDArray[np.bool_], hits: npt.NDArray[np.bool_]) -> float:
    """Return how often the rule was right where it can be told, nought where it never can."""
    return float(((cases & hits).sum() + 1) / (cases.sum() + 2)) if cases.any() else 0.0


def _table(
    log: CodedLog, known: Ints, words: list[dict[str, int]], chance: Floats, turned: npt.NDArray[np.bool_],
    before: Ints, after: Ints, rules: tuple[float, float], least: float, most: float,
) -> pd.DataFrame:  # fmt: skip
    names = np.array([*STAGES, UNKNOWN], dtype=object)
    order = np.argsort(-chance, axis=1, kind="stable")
    likely, sure = order[:, 0], np.minimum(chance.max(axis=1), most)
    turning = turned & (np.maximum(*rules) >= least)
    early = ((before > after) & (rules[0] >= least)) | (rules[1] < least)
    side = np.where(early, _CONSIDERATION, _SERVICE)
    stage = np.where(known >= 0, known, np.where(turning, side, np.where(sure >= least, likely, _SIZE)))
    source = np.where(known >= 0, 0, np.where(turning, 1, np.where(sure >= least, 2, 3)))
    confidence = np.where(known >= 0, 1.0, np.where(turning, np.where(early, *rules), sure))
    frame = pd.DataFrame(
        {
            "touchpoint": pd.Series(log.touchpoints, dtype="str"),
            "events": np.bincount(log.touchpoint, minlength=len(known)),
            "stage": pd.Series(names[stage], dtype="str"),
            "stage_source": pd.Series(np.array(SOURCES, dtype=object)[source], dtype="str"),
            "confidence": confidence,
            "likely": pd.Series(names[likely], dtype="str"),
            "likely_confidence": sure,
            "second": pd.Series(names[order[:, 1]], dtype="str"),
            "words": pd.Series(["; ".join(sorted(w, key=lambda s: (-w[s], s))) for w in words], dtype="str"),
            "before": before,
            "after": after,
            "relation": known >= _PURCHASE,
        }
    )
    frame = frame[frame["events"] > 0]
    return frame.sort_values(["events", "touchpoint"], ascending=[False, True], ignore_index=True)
