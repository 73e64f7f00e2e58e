"""What customers had to do and to bear in each journey, from the coded log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.experience.wording import MEASURES

if TYPE_CHECKING:
    from cxmining.journeys import Journeys

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

__all__ = ["EventEffort", "event_effort", "journey_effort"]

_WEEK: Final = 7 * 86_400_000_000


@dataclass(frozen=True, eq=False)
class EventEffort:
    """Per event of a coded log: what was borne there.

    Attributes
    ----------
    contact : ndarray of bool
        The customer's own: not outbound, not internal, no survey.
    repeat : ndarray of bool
        A contact at the touchpoint of an earlier one of the journey, at most 7 days before.
    switch : ndarray of bool
        A contact on another channel than the one before it in the journey.
    handover : ndarray of float
        How often it was handed over: transfers that the source counts, and another resource (else queue) than that of
        the event before it of the same case. Missing throughout where the log shows neither.
    wait_s : ndarray of float
        Missing where the source does not say.
    """

    contact: Bools
    repeat: Bools
    switch: Bools
    handover: Floats
    wait_s: Floats


def event_effort(journeys: Journeys, kept: Bools | None = None) -> EventEffort:
    """Mark what is effort, event by event; with `kept`, as if only these had happened."""
    log = journeys.log
    use = np.ones(len(log), dtype=bool) if kept is None else kept
    # Only these columns: to take the texts of a million events along costs more than all that follows.
    columns = [
        c for c in ("direction", "wait_s", "transfers", "resource", "queue", "case_id") if c in journeys.data.events
    ]
    events = journeys.data.events[columns].iloc[log.rows]
    quiet = events["direction"].isin(["outbound", "internal"]).to_numpy()
    survey = np.array([c == "survey" for c in log.channels], dtype=bool)[log.channel]
    contact = use & ~quiet & ~survey
    at = np.flatnonzero(contact)
    journey, channel = log.journey[at], log.channel[at]
    switch, repeat = np.zeros(len(log), dtype=bool), np.zeros(len(log), dtype=bool)
    switch[at[1:]] = (journey[1:] == journey[:-1]) & (channel[1:] != channel[:-1])
    # The log is in order of time within a journey: a stable sort by touchpoint keeps that order.
    place = journey * len(log.touchpoints) + log.touchpoint[at]
    again = at[np.argsort(place, kind="stable")]
    same = (log.journey[again][1:] == log.journey[again][:-1]) & (
        log.touchpoint[again][1:] == log.touchpoint[again][:-1]
    )
    repeat[again[1:]] = same & (log.time[again][1:] - log.time[again][:-1] <= _WEEK)
    wait = events["wait_s"].to_numpy(dtype=float, na_value=np.nan)
    return EventEffort(contact, repeat, switch, _handovers(events, log.journey, use), np.where(use, wait, np.nan))


def _handovers(events: pd.DataFrame, journey: npt.NDArray[np.int64], use: Bools) -> Floats:
    found = np.zeros(len(events))
    known = False
    if "transfers" in events:
        counted = pd.to_numeric(events["transfers"], errors="coerce").astype("Float64").to_numpy(float, na_value=np.nan)
        known = bool((~np.isnan(counted)).any())
        found += np.nan_to_num(counted)
    for column in ("resource", "queue"):
        who = pd.factorize(events[column])[0]
        case = pd.factorize(events["case_id"])[0].astype(np.int64)
        rows = np.flatnonzero((who >= 0) & (case >= 0) & use)
        if not len(rows):
            continue
        rows = rows[np.lexsort((rows, case[rows], journey[rows]))]
        same = (case[rows][1:] == case[rows][:-1]) & (journey[rows][1:] == journey[rows][:-1])
        found[rows[1:]] += same & (who[rows][1:] != who[rows][:-1])
        known = True
        break
    return np.where(use, found, 0.0) if known else np.full(len(events), np.nan)


def journey_effort(
    journeys: Journeys, until: npt.NDArray[np.int64] | None = None, *, found: EventEffort | None = None
) -> pd.DataFrame:
    """Add up the effort of each journey.

    Parameters
    ----------
    journeys : Journeys
    until : ndarray of int64, optional
        Microseconds since 1970, one per journey: only events up to then count.
    found : EventEffort, optional
        Of all events, where it was marked before.

    Returns
    -------
    DataFrame
        One row per journey, in the order of the log: ``journey_id``, ``customer_id``, ``start`` and the measures:
        ``contacts``, ``contacts_per_task`` (where the catalogue names tasks), ``repeats``, ``wait_s``, ``handovers``,
        ``channel_switches``, ``days_open`` (first to last event). Missing is what the log does not show.
    """
    log = journeys.log
    kept = None if until is None else log.time <= until[log.journey]
    if found is None or kept is not None:
        found = event_effort(journeys, kept)

    def total(what: npt.NDArray[np.generic]) -> Floats:
        return np.asarray(np.bincount(log.journey, weights=what.astype(float), minlength=log.n_journeys), dtype=float)

    waits = ~np.isnan(found.wait_s)
    with np.errstate(invalid="ignore"):
        waited = np.where(total(waits) > 0, total(np.nan_to_num(found.wait_s)), np.nan)
    first, last = log.time[log.offsets[:-1]], log.time[log.offsets[1:] - 1]
    if kept is not None:
        last = np.maximum.reduceat(np.where(kept, log.time, first[log.journey]), log.offsets[:-1])
    table = journeys.table[["journey_id", "customer_id", "start"]].reset_index(drop=True)
    table["contacts"] = total(found.contact)
    table["contacts_per_task"] = _per_task(journeys, found.contact)
    table["repeats"] = total(found.repeat)
    table["wait_s"] = waited
    table["handovers"] = total(found.handover)
    table["channel_switches"] = total(found.switch)
    table["days_open"] = (last - first) / 86_400e6
    return table[["journey_id", "customer_id", "start", *MEASURES]]


def _per_task(journeys: Journeys, contact: Bools) -> Floats:
    """Contacts of each journey over the number of different tasks that they serve."""
    log, catalogue = journeys.log, journeys.data.catalogue
    names = catalogue.dropna(subset=["task"]).drop_duplicates("touchpoint").set_index("touchpoint")["task"]
    task = pd.factorize(pd.Series(list(log.touchpoints), dtype="object").map(names))[0][log.touchpoint]
    use = contact & (task >= 0)
    contacts = np.bincount(log.journey[use], minlength=log.n_journeys).astype(float)
    if not use.any():
        return np.full(log.n_journeys, np.nan)
    pairs = np.unique(log.journey[use] * (int(task.max()) + 1) + task[use])
    tasks = np.bincount(pairs // (int(task.max()) + 1), minlength=log.n_journeys)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(tasks > 0, contacts / tasks, np.nan)
