"""How customers behave: what each of them did, over all journeys, in a few figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine.coded import Ints

if TYPE_CHECKING:
    from cxmining.journeys.build import Journeys

__all__ = ["Behaviour", "Contacts", "describe", "read_contacts"]

Floats = npt.NDArray[np.float64]

SOON_US: Final = 7 * 86_400_000_000
"""A contact about the same within so long is a repeat; on another channel, a switch."""
SELF_SERVICE: Final = ("app", "web")
TOPICS: Final = 12
_YEAR_US: Final = 365.25 * 86_400e6
# What a part weighs when customers are compared: where, about what; less: how often, when, how persistent.
_WEIGHTS: Final = {"channel": 1.0, "topic": 1.0, "rate": 0.5, "when": 0.5, "again": 0.5}
_DIMENSIONS: Final = 10


@dataclass(frozen=True, eq=False)
class Contacts:
    """The events of customers, by customer and time; those that the customer did not make are marked.

    Attributes
    ----------
    customer : ndarray of int64
        Whose event, from 0, ascending; customers by their id.
    time, touchpoint, channel : ndarray of int64
    own : ndarray of bool
        Made by the customer: not outbound and not internal.
    late, weekend : ndarray of bool
        From 18 to 8 o'clock, on Saturday or Sunday, where it happened.
    people : int
        Number of customers.
    years : float
        Length of the log.
    """

    customer: Ints
    time: Ints
    touchpoint: Ints
    channel: Ints
    own: npt.NDArray[np.bool_]
    late: npt.NDArray[np.bool_]
    weekend: npt.NDArray[np.bool_]
    people: int
    years: float

    def take(self, customers: Ints) -> Contacts:
        """Return the contacts of some customers (ascending numbers), who get new numbers."""
        place = np.full(self.people, -1)
        place[customers] = np.arange(len(customers))
        keep = np.flatnonzero(place[self.customer] >= 0)
        return replace(
            self, customer=place[self.customer[keep]], time=self.time[keep], touchpoint=self.touchpoint[keep],
            channel=self.channel[keep], own=self.own[keep], late=self.late[keep], weekend=self.weekend[keep],
            people=len(customers),
        )  # fmt: skip

    def shuffled(self, rng: np.random.Generator) -> Contacts:
        """Return customers with as many events, who draw from one pot what each is and at which hour."""
        what, when = rng.permutation(len(self.time)), rng.permutation(len(self.time))
        return replace(
            self, touchpoint=self.touchpoint[what], channel=self.channel[what], own=self.own[what],
            late=self.late[when], weekend=self.weekend[when],
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Behaviour:
    """One row per customer.

    Attributes
    ----------
    shown : DataFrame
        The features as people read them: shares, contacts per year.
    kinds : tuple of (str, str)
        Kind (``channel``, ``topic``, ``rate``, ``when``, ``again``, ``self-service``) and name of each.
    points : ndarray of float64
        Customers as points.
    """

    shown: pd.DataFrame
    kinds: tuple[tuple[str, str], ...]
    points: Floats


def read_contacts(journeys: Journeys, customer: Ints) -> Contacts:
    """Return the events of the journeys' customers; `customer` is the number of each journey's customer, by id."""
    log, events = journeys.log, journeys.data.events
    direction = events["direction"].iloc[log.rows]
    own = ~direction.isin(["outbound", "internal"]).to_numpy()
    offset = events["utc_offset"].iloc[log.rows]
    utc = pd.DatetimeIndex(log.time.view("datetime64[us]")).tz_localize("UTC")
    there = (
        utc.tz_convert(journeys.data.time_zone).tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)
    )
    known = offset.notna().to_numpy()
    local = np.where(known, log.time + offset.fillna(0).to_numpy(dtype=np.int64) * 60_000_000, there)
    hour = local // 3_600_000_000 % 24
    day = (local // 86_400_000_000 + 3) % 7  # 1 January 1970 was a Thursday
    who = customer[log.journey]
    touchpoint, channel = log.touchpoint.astype(np.int64), log.channel.astype(np.int64)
    order = np.lexsort((own, channel, touchpoint, log.time, who))
    span = max(float(log.time.max() - log.time.min()), 86_400e6)
    return Contacts(
        who[order], log.time[order], touchpoint[order], channel[order], own[order], ((hour >= 18) | (hour < 8))[order],
        (day >= 5)[order], int(who.max()) + 1, span / _YEAR_US,
    )  # fmt: skip


def describe(contacts: Contacts, channels: tuple[str, ...], touchpoints: tuple[str, ...], topics: Ints) -> Behaviour:
    """Describe each customer by what he did himself; who did nothing has 0 everywhere.

    Parameters
    ----------
    contacts : Contacts
    channels, touchpoints : tuple of str
        What the codes stand for.
    topics : ndarray of int64
        Touchpoints whose share is a feature.
    """
    n = contacts.people
    at = np.flatnonzero(contacts.own)
    who, channel, touchpoint = contacts.customer[at], contacts.channel[at], contacts.touchpoint[at]
    total = np.bincount(who, minlength=n).astype(np.float64)
    base = np.maximum(total, 1.0)

    def share(mask: Any) -> Floats:
        return np.bincount(who, weights=np.asarray(mask, dtype=np.float64), minlength=n) / base

    shown: dict[tuple[str, str], Floats] = {("rate", "contacts per year"): total / contacts.years}
    used: dict[str, list[Floats]] = {"rate": [np.log1p(total)], "channel": [], "topic": [], "when": [], "again": []}
    for c in np.unique(channel).tolist():
        shown["channel", channels[c]] = share(channel == c)
        used["channel"].append(np.sqrt(shown["channel", channels[c]]))
    shown["self-service", "self-service"] = share(np.isin(channel, [channels.index(c) for c in SELF_SERVICE if c in channels]))  # fmt: skip
    for t in topics.tolist():
        shown["topic", touchpoints[t]] = share(touchpoint == t)
        used["topic"].append(np.sqrt(shown["topic", touchpoints[t]]))
    used["topic"].append(np.sqrt(share(~np.isin(touchpoint, topics))))
    shown["when", "evening or night"] = share(contacts.late[at])
    shown["when", "weekend"] = share(contacts.weekend[at])
    used["when"] += [shown["when", "evening or night"], shown["when", "weekend"]]
    again, switched = _again(who, contacts.time[at], touchpoint, channel)
    shown["again", "repeat contacts"] = share(again)
    shown["again", "switches channel"] = share(switched)
    used["again"] += [shown["again", "repeat contacts"], shown["again", "switches channel"]]
    frame = pd.DataFrame(
        {f"{kind}: {name}" if kind in ("channel", "topic") else name: v for (kind, name), v in shown.items()}
    )
    return Behaviour(frame, tuple(shown), _points(used))


def _again(who: Ints, time: Ints, touchpoint: Ints, channel: Ints) -> tuple[Any, Any]:
    """Return which contacts repeat one about the same within a week, and which follow one on another channel."""
    soon = np.zeros(len(who), dtype=bool)
    soon[1:] = (np.diff(who) == 0) & (np.diff(time) <= SOON_US)
    switched = soon.copy()
    switched[1:] &= np.diff(channel) != 0
    order = np.lexsort((np.arange(len(who)), touchpoint, who))
    same = np.zeros(len(who), dtype=bool)
    same[1:] = (
        (np.diff(who[order]) == 0) & (np.diff(touchpoint[order]) == 0) & (np.diff(time[order]) <= SOON_US)
    )  # fmt: skip
    again = np.zeros(len(who), dtype=bool)
    again[order] = same
    return again, switched


def _points(used: dict[str, list[Floats]]) -> Floats:
    """Give each part its weight in the distances, whatever it is measured in, and keep what most varies."""
    parts = []
    for name, columns in used.items():
        block = np.column_stack(columns) if columns else np.zeros((len(used["rate"][0]), 1))
        block = block - block.mean(axis=0)
        spread = np.sqrt((block**2).sum(axis=1).mean())
        parts.append(block * (_WEIGHTS[name] / spread if spread > 1e-9 else 0.0))
    table = np.column_stack(parts)
    values, axes = np.linalg.eigh(np.round(table.T @ table / len(table), 12))
    axes = axes[:, np.argsort(-values, kind="stable")[:_DIMENSIONS]]
    return cast(Floats, np.round(table @ axes, 9) + 0.0)
