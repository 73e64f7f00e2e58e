"""From events to journeys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine import CodedLog, Graph, Variants, count_touchpoints, count_variants, encode, follow, split_sessions
from cxmining.engine.coded import Ints
from cxmining.errors import NotEnoughDataError, UnknownNameError, nearest
from cxmining.journeys.notion import CaseNotion
from cxmining.journeys.stages import UNKNOWN, backward_moves, stage_codes, stage_table
from cxmining.schema import STAGES, Dataset, table
from cxmining.stats import wilson

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
    """

    data: Dataset
    notion: CaseNotion
    log: CodedLog
    notes: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()

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
            raise NotEnoughDataError(f"{why} leaves none of the {len(self):,} journeys{before}; loosen or drop it")
        step = f"{why}: {left:,} of {len(self):,} journeys"
        return replace(self, log=self.log.take(chosen), chain=(*self.chain, step))

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per journey, in the order of the log; beside the declared columns `backward_moves`."""
        log, events = self.log, self.data.events
        first = log.rows[log.offsets[:-1]]
        customer = _customers(events)
        notion = str(self.notion)
        keys = zip(customer.iloc[first].tolist(), events["event_id"].iloc[first].tolist(), strict=True)
        ids = ["j" + blake2b(f"{c}|{notion}|{e}".encode(), digest_size=8).hexdigest() for c, e in keys]
        variants, number = self._variants
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
            },
        )

    @cached_property
    def events(self) -> pd.DataFrame:
        """The events in journey order with `journey_id`, `position` (from 0), `stage` and `stage_source`."""
        frame = self.data.events.iloc[self.log.rows].reset_index(drop=True)
        names = pd.array([*STAGES, UNKNOWN], dtype="str")
        sources = pd.array(["catalogue", UNKNOWN], dtype="str")
        frame["journey_id"] = self.table["journey_id"].array[self.log.journey]
        frame["position"] = self.log.position
        frame["stage"] = names.take(self._stage % len(names))  # −1, unknown, is the last
        frame["stage_source"] = sources.take((self._stage < 0).astype(np.int64))
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
        """
        counts = count_touchpoints(self.log)
        per_touchpoint = counts.events.sum(axis=1)
        mix = counts.events / per_touchpoint[:, None]
        of_touchpoint = np.full(len(counts.touchpoints), -1, dtype=np.int64)
        of_touchpoint[self.log.touchpoint] = self._stage
        reach = wilson(counts.customers, counts.total_customers)
        waits = self.data.events["wait_s"].iloc[self.log.rows].astype("float64").groupby(self.log.touchpoint)
        frame = pd.DataFrame(
            {
                "touchpoint": pd.Series(counts.touchpoints, dtype="str"),
                "stage": pd.array([*STAGES, UNKNOWN], dtype="str").take(of_touchpoint % (len(STAGES) + 1)),
                "stage_source": np.where(of_touchpoint < 0, UNKNOWN, "catalogue"),
                "channel": pd.array(counts.channels, dtype="str").take(counts.events.argmax(axis=1)),
                "channel_mix": pd.Series([_mix(counts.channels, row) for row in mix], dtype="str"),
                "events": per_touchpoint,
                "journeys": counts.journeys,
                "customers": counts.customers,
                "reach": reach.value,
                "reach_low": reach.low,
                "reach_high": reach.high,
                "wait_median_s": waits.median().to_numpy(),
                "wait_p90_s": waits.quantile(0.9).to_numpy(),
                "wait_n": waits.count().to_numpy(),
            }
        )
        frame["stage_source"] = frame["stage_source"].astype("str")
        return frame.sort_values(["events", "touchpoint"], ascending=[False, True], ignore_index=True)

    @cached_property
    def stages(self) -> pd.DataFrame:
        """One row per stage that occurs: touchpoints, events, journeys, customers, and moves back into it."""
        return stage_table(self.log, self._stage, self._backward)

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
            f"Journeys({self.notion}: {log.n_journeys:,} journeys of {log.n_customers:,} customers, "
            f"{len(log):,} events, {len(log.touchpoints)} touchpoints, {len(self._variants[0].journeys):,} variants)"
        )
        said = [*(f"filter: {step}" for step in self.chain), *(f"note: {note}" for note in self.notes)]
        return "\n".join([head, *(f"  {line}" for line in said)])

    def _repr_html_(self) -> str:
        from html import escape

        notes = "".join(f"<p>{escape(note)}</p>" for note in [*self.chain, *self.notes])
        return str(self.summary.to_html(index=False, escape=True, border=0)) + notes

    @cached_property
    def _variants(self) -> tuple[Variants, Ints]:
        return count_variants(self.log)

    @cached_property
    def _stage(self) -> Ints:
        return stage_codes(self.log, self.data.catalogue)

    @cached_property
    def _backward(self) -> npt.NDArray[np.bool_]:
        return backward_moves(self.log, self._stage)


def build_journeys(
    data: Dataset, by: str = "customer", gap: str | dt.timedelta | None = None, exclude: Iterable[str] = ()
) -> Journeys:
    """Put the events that belong together into journeys.

    Parameters
    ----------
    data : Dataset
        With events ordered by (timestamp, source, file, record), as `read` and `from_frame` leave them.
    by : {"customer", "case", "thread"}, default "customer"
        Whose events belong together. Events without a case (a thread) are journeys of one event each.
    gap : str or timedelta, optional
        Silence after which a new journey begins, e.g. ``"30D"``; without it none does.
    exclude : iterable of str
        Touchpoints that are no step of a journey: they stay in ``data.events``.

    Returns
    -------
    Journeys

    Raises
    ------
    StudyError
        When `by` or `gap` cannot be understood.
    UnknownNameError
        When a touchpoint of `exclude` does not occur.
    NotEnoughDataError
        When there is no event, none is left, or none has a case (a thread).

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
    Journeys(customer: 1 journeys of 1 customers, 2 events, 2 touchpoints, 1 variants)
    >>> len(build_journeys(Dataset(events=events), gap="7D"))
    2
    """
    notion = CaseNotion.of(by, gap, exclude)
    events = data.events
    if not len(events):
        raise NotEnoughDataError(f"study {data.name!r} has no events, so there are no journeys; look at its ledger")
    keep, notes = _without(events, notion.exclude)
    key = _key(events, notion)
    customer = _customers(events)
    if notion.by == "customer":
        nobody = int((events["customer_id"].isna() & keep).sum())
        if nobody:
            notes.append(f"{nobody:,} events belong to no known customer and are in no journey")
            if nobody == int(keep.sum()):
                raise NotEnoughDataError('no event has a customer; choose by="case" or by="thread"')
    else:
        alone = int((events[f"{notion.by}_id"].isna() & keep).sum())
        if alone:
            notes.append(f"{alone:,} events have no {notion.by} and are journeys of one event each")
    log = encode(
        journey=key.where(keep), customer=customer, timestamp=events["timestamp"], touchpoint=events["touchpoint"],
        channel=events["channel"],
    )  # fmt: skip
    if notion.by != "customer":
        notes += _shared(log, customer)
    if notion.gap_us is not None:
        log = split_sessions(log, notion.gap_us)
    return Journeys(data, notion, log, tuple(notes))


def _mix(channels: tuple[str, ...], shares: npt.NDArray[np.float64]) -> str:
    used = sorted((-share, channel) for channel, share in zip(channels, shares.tolist(), strict=True) if share > 0)
    return "; ".join(f"{channel} {-share:.0%}" for share, channel in used)


def _without(events: pd.DataFrame, exclude: tuple[str, ...]) -> tuple[pd.Series, list[str]]:
    if not exclude:
        return pd.Series(True, index=events.index), []
    there = sorted(events["touchpoint"].unique())
    for name in exclude:
        if name not in there:
            raise UnknownNameError(f"exclude: no touchpoint {name!r} in the events; {nearest(name, there)}")
    keep = ~events["touchpoint"].isin(exclude)
    if not keep.any():
        raise NotEnoughDataError(f"exclude leaves no event: all {len(events):,} are at one of {', '.join(exclude)}")
    left_out = int((~keep).sum())
    return keep, [f"{left_out:,} events at {', '.join(exclude)} are no step of a journey and left out"]


def _key(events: pd.DataFrame, notion: CaseNotion) -> pd.Series:
    if notion.by == "customer":
        return events["customer_id"]
    own = events[f"{notion.by}_id"]
    if own.isna().all():
        raise NotEnoughDataError(f'by="{notion.by}": no event has a {notion.by}_id; choose by="customer"')
    # A case id is the source's own: 1001 in two sources is two cases. A thread (Message-ID) is one everywhere.
    named = events["source"] + "\x1f" + own if notion.by == "case" else own
    return named.fillna("\x1f" + events["event_id"])


def _customers(events: pd.DataFrame) -> pd.Series:
    """Return the customer of each event; a case that nobody is known of is its own customer."""
    customer = events["customer_id"]
    if not customer.isna().any():
        return customer
    return customer.fillna(events["case_id"]).fillna(events["thread_id"]).fillna(events["event_id"])


def _shared(log: CodedLog, customer: pd.Series) -> list[str]:
    person = pd.factorize(customer)[0][log.rows]
    differs = person != person[log.offsets[:-1]][log.journey]
    shared = len(np.unique(log.journey[differs]))
    if not shared:
        return []
    return [f"{shared:,} journeys have events of more than one customer; they count as the first one's"]
