"""From events to journeys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine import CodedLog, Graph, Variants, count_touchpoints, count_variants, encode, follow, split_sessions
from cxmining.engine.coded import Ints
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.i18n import counted
from cxmining.journeys.cases.cutting import cut_process
from cxmining.journeys.cases.goals import goal_reached, to_goal
from cxmining.journeys.cases.keys import customers_of, journey_key, shared_journeys, without
from cxmining.journeys.cases.notion import CaseNotion, Goal
from cxmining.journeys.staging.proposing import SOURCES, EventStages, StageProposal, event_stages, propose_stages
from cxmining.journeys.staging.stages import UNKNOWN, backward_moves, stage_moves, stage_table
from cxmining.repr_html import repr_html
from cxmining.schema import STAGES, Dataset, table
from cxmining.stats import wilson

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.journeys.filters.base import EventFilter, Filter

__all__ = ["Journeys", "build_journeys"]


@dataclass(frozen=True, eq=False)
class Journeys:
    """The journeys of a dataset under one case notion; tables are made when they are asked for.

    Attributes
    ----------
    data : Dataset
        What they were made from.
    notion : CaseNotion
        What one journey is.
    log : CodedLog
        The events in journey order; ``log.rows`` are rows of ``data.events``.
    notes : tuple of str
        What a reader of any result must know.
    chain : tuple of str
        The filters that were applied, in order, each with what it left; empty: all journeys.
    origin : ndarray of int64, optional
        The row of the event that each journey is named by, where filters left out its first one.
    staging : StageProposal, optional
        Stages that were accepted beside those of the catalogue.
    reached : ndarray of bool, optional
        Which journeys reached their goal, where filters may have left out the event that shows it.
    """

    data: Dataset
    notion: CaseNotion
    log: CodedLog
    notes: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    origin: Ints | None = None
    staging: StageProposal | None = None
    reached: npt.NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return self.log.n_journeys

    def take(self, journeys: npt.ArrayLike, why: str) -> Journeys:
        """Return some of the journeys, and remember why.

        Parameters
        ----------
        journeys : array-like
            Journey numbers, or one boolean per journey, in the order of `table`.
        why : str
            What chose them; joins `chain` with the count that is left.

        Returns
        -------
        Journeys
            Of the same dataset and case notion; journey ids, variant ids and stages stay what they were.

        Raises
        ------
        NotEnoughDataError
            When none is left; the message names `why` and the filters before it.
        """
        chosen = np.asarray(journeys)
        left = int(np.count_nonzero(chosen)) if chosen.dtype == bool else len(np.unique(chosen))
        if not left:
            before = f" after {'; '.join(self.chain)}" if self.chain else ""
            raise NotEnoughDataError(
                f"{why} leaves none of the {counted(len(self), 'journey')}{before}; loosen or drop it"
            )
        step = f"{why}: {left:,} of {counted(len(self), 'journey')}"
        pick = chosen if chosen.dtype == bool else np.unique(chosen)
        named = None if self.origin is None else self.origin[pick]
        reached = None if self.reached is None else self.reached[pick]
        return replace(self, log=self.log.take(chosen), chain=(*self.chain, step), origin=named, reached=reached)

    def where(self, f: Filter | EventFilter) -> Journeys:
        """Return the journeys that pass a filter, or all journeys with the events that pass.

        Parameters
        ----------
        f : Filter or EventFilter
            Of :mod:`cxmining.journeys.filters`. A filter on journeys keeps whole journeys; one on events
            keeps their events, and drops the journeys that are left without any.

        Returns
        -------
        Journeys
            With the filter in `chain`. Journey ids stay what they were.

        Raises
        ------
        UnknownNameError
            When `f` names a touchpoint, channel, column or value that is not there.
        NotEnoughDataError
            When nothing is left; the message names the part of `f` that left nothing.
        StudyError
            When `f` is no filter, or asks for scores: these need an Experience.
        """
        from cxmining.journeys.filters.applying import apply

        return apply(self, f)

    @property
    def goal_reached(self) -> npt.NDArray[np.bool_]:
        """Which journeys reached the goal of the notion; none where it has none."""
        return goal_reached(self.log, self.notion) if self.reached is None else self.reached

    @property
    def origins(self) -> Ints:
        """The row of ``data.events`` that names each journey: its first event, filtered out or not."""
        return self.log.rows[self.log.offsets[:-1]] if self.origin is None else self.origin

    def with_stages(self, proposal: StageProposal) -> Journeys:
        """Return the same journeys with the stages that `propose_stages` proposed, accepted."""
        return replace(self, staging=proposal, notes=(*self.notes, _staged(proposal)))

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per journey, in the order of the log; beside the declared columns `backward_moves`.

        Under a notion with a goal also `goal_reached`: false where the log ends, or falls silent, first.
        """
        log, events = self.log, self.data.events
        first = self.origins
        customer = customers_of(events)
        notion = str(self.notion)
        keys = zip(customer.iloc[first].tolist(), events["event_id"].iloc[first].tolist(), strict=True)
        ids = ["j" + blake2b(f"{c}|{notion}|{e}".encode(), digest_size=8).hexdigest() for c, e in keys]
        variants, number = self._variants
        got_there = {"goal_reached": self.goal_reached} if self.notion.goal else {}
        return table(
            "journeys",
            {
                "journey_id": ids,
                "customer_id": customer.iloc[first],
                "start": log.time[log.offsets[:-1]].view("datetime64[us]"),
                "end": log.time[log.offsets[1:] - 1].view("datetime64[us]"),
                "n_events": np.diff(log.offsets),
                "duration_s": log.duration / 1e6,
                "variant_id": np.array(variants.ids, dtype=object)[number],
                "case_notion": [notion] * len(log.customer),
                "backward_moves": np.add.reduceat(self._backward.astype(np.int64), log.offsets[:-1]),
                **got_there,
            },
        )

    @cached_property
    def events(self) -> pd.DataFrame:
        """The events in journey order with `journey_id`, `position` (from 0), `stage` and `stage_source`.

        Where stages were proposed and accepted also `stage_confidence`, 1 for the catalogue's.
        """
        frame = self.data.events.iloc[self.log.rows].reset_index(drop=True)
        names = pd.array([*STAGES, UNKNOWN], dtype="str")
        frame["journey_id"] = self.table["journey_id"].array[self.log.journey]
        frame["position"] = self.log.position
        frame["stage"] = names.take(self._stage % len(names))  # −1, unknown, is the last
        frame["stage_source"] = pd.array(SOURCES, dtype="str").take(self._event_stages.source)
        if self.staging is not None:
            frame["stage_confidence"] = self._event_stages.confidence
        return frame

    @cached_property
    def variants(self) -> pd.DataFrame:
        """One row per variant, most frequent first, with journeys, customers, share and median duration."""
        return self._variants[0].frame()

    @cached_property
    def graph(self) -> Graph:
        """Who follows whom, as a summary that merges with that of other customers."""
        return follow(self.log)

    @cached_property
    def dfg(self) -> pd.DataFrame:
        """One row per pair of touchpoints that follow each other directly, the most walked first."""
        frame = self.graph.frame()
        return frame.sort_values(["n", "source", "target"], ascending=[False, True, True], ignore_index=True)

    @cached_property
    def touchpoints(self) -> pd.DataFrame:
        """One row per touchpoint: stage, channels, events, journeys, customers, reach and waits.

        `reach` is the share of customers who met it, with its 95% interval (Wilson); `channel` the most used
        one, `channel_mix` the share of each; `wait_*` how long customers waited, where the source says so.
        `stage` is that of most of its events: a milestone can turn it from journey to journey.
        """
        counts = count_touchpoints(self.log)
        per_touchpoint = counts.events.sum(axis=1)
        mix = counts.events / np.maximum(per_touchpoint, 1)[:, None]
        stage = _most(self.log, np.where(self._stage < 0, len(STAGES), self._stage), len(STAGES) + 1)
        source = _most(self.log, self._event_stages.source, len(SOURCES))
        reach = wilson(counts.customers, counts.total_customers)
        waits = self.data.events["wait_s"].iloc[self.log.rows].astype("float64").groupby(self.log.touchpoint)
        codes = range(len(counts.touchpoints))
        frame = pd.DataFrame(
            {
                "touchpoint": pd.Series(counts.touchpoints, dtype="str"),
                "stage": pd.array([*STAGES, UNKNOWN], dtype="str").take(stage),
                "stage_source": pd.array(SOURCES, dtype="str").take(source),
                "channel": pd.array(counts.channels, dtype="str").take(counts.events.argmax(axis=1)),
                "channel_mix": pd.Series([_mix(counts.channels, row) for row in mix], dtype="str"),
                "events": per_touchpoint,
                "journeys": counts.journeys,
                "customers": counts.customers,
                "reach": reach.value,
                "reach_low": reach.low,
                "reach_high": reach.high,
                "wait_median_s": waits.median().reindex(codes).to_numpy(),
                "wait_p90_s": waits.quantile(0.9).reindex(codes).to_numpy(),
                "wait_n": waits.count().reindex(codes, fill_value=0).to_numpy(),
            }
        )
        # The dictionary of filtered journeys still names touchpoints that none of them meets.
        frame = frame[frame["events"] > 0]
        return frame.sort_values(["events", "touchpoint"], ascending=[False, True], ignore_index=True)

    @cached_property
    def stages(self) -> pd.DataFrame:
        """One row per stage that occurs: touchpoints, events, journeys, customers, and moves back into it."""
        return stage_table(self.log, self._stage, self._backward)

    @cached_property
    def stage_moves(self) -> pd.DataFrame:
        """One row per pair of stages that follow each other: `source`, `target`, `n`, `journeys`, `backward`."""
        return stage_moves(self.log, self._stage)

    def figure(self) -> go.Figure:
        """Draw the moves from stage to stage, those backward in a colour of their own."""
        from cxmining.journeys.staging.figure import moves_picture

        return moves_picture(self).figure()

    @property
    def summary(self) -> pd.DataFrame:
        """The journeys in a few figures: columns `figure` and `value`."""
        log = self.log
        lengths = np.diff(log.offsets)
        last = int(log.time.max())
        figures: dict[str, object] = {
            "case notion": str(self.notion),
            "journeys": log.n_journeys,
            "customers": log.n_customers,
            "events": len(log),
            "touchpoints": len(np.unique(log.touchpoint)),
            "variants": len(self._variants[0].journeys),
            "median events per journey": float(np.median(lengths)),
            "longest journey, events": int(lengths.max()),
            "median duration, days": round(float(np.median(log.duration)) / 86_400e6, 3),
            "moves back to an earlier stage": int(self._backward.sum()),
            "events of unknown stage": int((self._stage < 0).sum()),
            "first": pd.Timestamp(int(log.time.min()), unit="us", tz="UTC"),
            "last": pd.Timestamp(last, unit="us", tz="UTC"),
        }
        return pd.DataFrame({"figure": list(figures), "value": pd.Series(list(figures.values()), dtype="object")})

    def __repr__(self) -> str:
        log = self.log
        head = (
            f"Journeys({self.notion}: {counted(log.n_journeys, 'journey')} of {counted(log.n_customers, 'customer')}, "
            f"{counted(len(log), 'event')}, {counted(len(log.touchpoints), 'touchpoint')}, "
            f"{counted(len(self._variants[0].journeys), 'variant')})"
        )
        said = [*(f"filter: {step}" for step in self.chain), *(f"note: {note}" for note in self.notes)]
        return "\n".join([head, *(f"  {line}" for line in said)])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, said=[*self.chain, *self.notes])

    @cached_property
    def _variants(self) -> tuple[Variants, Ints]:
        return count_variants(self.log)

    @cached_property
    def _event_stages(self) -> EventStages:
        return event_stages(self.log, self.data, self.staging)

    @property
    def _stage(self) -> Ints:
        return self._event_stages.code

    @cached_property
    def _backward(self) -> npt.NDArray[np.bool_]:
        return backward_moves(self.log, self._stage)


def build_journeys(
    data: Dataset,
    by: str | CaseNotion = "customer",
    gap: str | dt.timedelta | None = None,
    exclude: Iterable[str] = (),
    *,
    goal: Goal | None = None,
    cut: Literal["process"] | None = None,
    stages: StageProposal | Literal["catalogue", "proposed"] = "catalogue",
) -> Journeys:
    """Put the events that belong together into journeys.

    Parameters
    ----------
    data : Dataset
        With events ordered by (timestamp, source, file, record), as `read` and `from_frame` leave them.
    by : str or CaseNotion, default "customer"
        Whose events belong together: ``"customer"``; ``"case"``, the source's own; ``"thread"``, one
        conversation; ``"issue"``, whatever shares a case or a thread, over however many steps; or a column of
        ``data.events``, whose equal values belong together whatever their source. Events without a case,
        thread or value are journeys of one event each; events without a customer are in none. A
        `CaseNotion` says all that follows as well.
    gap : str or timedelta, optional
        Silence after which a new journey begins, e.g. ``"30D"``; without it none does. `propose_gap`
        proposes one.
    exclude : iterable of str
        Touchpoints that are no step of a journey: they stay in ``data.events``.
    goal : (str or iterable of str, str or iterable of str), optional
        A journey goes from one of the first touchpoints to the first of the second that follows, within what
        `by` and `gap` hold together. A start inside is a step. What lies outside is in no journey. A journey
        whose end never comes is kept up to the customer's last event (the silence, with a `gap`), and
        ``table["goal_reached"]`` tells: to leave such journeys out would tell of those who got there only.
    cut : {"process"}, optional
        Cut where the process itself starts anew (see :func:`cxmining.journeys.cases.cutting.cut_process`).
    stages : StageProposal or {"catalogue", "proposed"}, default "catalogue"
        Where stages come from when the catalogue gives none: nowhere, an accepted result of `propose_stages`,
        or (``"proposed"``) whatever it proposes for these journeys.

    Returns
    -------
    Journeys
        ``notes`` says what was cut, left open or left out, with counts.

    Raises
    ------
    StudyError
        When an argument cannot be understood.
    UnknownNameError
        When a touchpoint of `exclude` or `goal` does not occur.
    NotEnoughDataError
        When there is no event, none is left, none has a case (a thread, a value), or none starts towards the goal.

    Examples
    --------
    >>> events = table(
    ...     "events",
    ...     {
    ...         "event_id": ["r1", "r2"],
    ...         "customer_id": ["c1", "c1"],
    ...         "timestamp": ["2025-03-01T10:00Z", "2025-03-09T10:00Z"],
    ...         "channel": ["web", "phone"],
    ...         "touchpoint": ["signs contract", "calls about invoice"],
    ...         "source": ["s", "s"],
    ...         "seq": [1, 2],
    ...     },
    ... )
    >>> build_journeys(Dataset(events=events))
    Journeys(customer: 1 journey of 1 customer, 2 events, 2 touchpoints, 1 variant)
    >>> len(build_journeys(Dataset(events=events), gap="7D"))
    2
    >>> build_journeys(Dataset(events=events), goal=("signs contract", "calls about invoice"))
    Journeys(customer, goal from 'signs contract' to 'calls about invoice': 1 journey of 1 customer, 2 events, \
2 touchpoints, 1 variant)
      note: 1 of 1 journey reached the goal
    """
    notion = _notion(by, gap, exclude, goal, cut)
    events = data.events
    if not len(events):
        raise NotEnoughDataError(f"study {data.name!r} has no events, so there are no journeys; look at its ledger")
    keep, notes = without(events, notion.exclude)
    notion.check_touchpoints(events["touchpoint"].unique())
    key, said = journey_key(events, notion, keep)
    notes += said
    customer = customers_of(events)
    log = encode(
        journey=key, customer=customer, timestamp=events["timestamp"], touchpoint=events["touchpoint"],
        channel=events["channel"],
    )  # fmt: skip
    if notion.by != "customer":
        notes += shared_journeys(log, customer)
    if notion.gap_us is not None:
        log = split_sessions(log, notion.gap_us)
    if notion.cut is not None:
        log, said = cut_process(log)
        notes += said
    if notion.goal is not None:
        log, said = to_goal(log, notion)
        notes += said
    journeys = Journeys(data, notion, log, tuple(notes))
    if isinstance(stages, StageProposal):
        return journeys.with_stages(stages)
    if stages not in ("catalogue", "proposed"):
        raise StudyError(f"stages={stages!r}: expected a StageProposal, 'catalogue' or 'proposed'")
    return journeys.with_stages(propose_stages(journeys)) if stages == "proposed" else journeys


def _staged(proposal: StageProposal) -> str:
    given = int(proposal.table["stage_source"].isin(["milestone", "proposed"]).sum())
    return f"{counted(given, 'touchpoint')} without a stage in the catalogue got a proposed one"


def _most(log: CodedLog, value: Ints, size: int) -> Ints:
    """Return for each touchpoint the value that most of its events have; of equals the first."""
    k = len(log.touchpoints)
    counts = np.bincount(log.touchpoint * np.int64(size) + value, minlength=k * size)
    return np.asarray(counts.reshape(k, size).argmax(axis=1), dtype=np.int64)


def _notion(
    by: str | CaseNotion, gap: str | dt.timedelta | None, exclude: Iterable[str], goal: Goal | None, cut: str | None
) -> CaseNotion:
    if not isinstance(by, CaseNotion):
        return CaseNotion.of(by, gap, exclude, goal, cut)
    if gap is not None or tuple(exclude) or goal is not None or cut is not None:
        raise StudyError(f"the case notion {str(by)!r} says it all; give it alone, or its parts alone")
    return by


def _mix(channels: tuple[str, ...], shares: npt.NDArray[np.float64]) -> str:
    used = sorted((-share, channel) for channel, share in zip(channels, shares.tolist(), strict=True) if share > 0)
    return "; ".join(f"{channel} {-share:.0%}" for share, channel in used)
