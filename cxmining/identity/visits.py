"""Devices that pass from hand to hand: who was logged in when a nameless event took place.

On a device of several people (a kiosk, a tablet in a shop, a family's computer) an event without a name belongs to
the person who logged in before it, until that person logs out or half an hour passes without an event on the
device, which ends the visit. Two things are given and said to be uncertain: what precedes the first login of a visit
goes to that login, and what follows a silence goes to the login before it (of a hub: for a day). Where the login before
and the login after are of one person, what lies between is that person's. What follows a logout belongs to nobody
until somebody logs in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from cxmining.identity.arrays import Bools, Grouped, Ints, single
from cxmining.identity.guards import Guards
from cxmining.identity.pairs import Pairs
from cxmining.identity.strength import LEVEL, Levels
from cxmining.schema import Reading

__all__ = ["DEVICES", "SILENCE", "Visits", "make_visits", "take_turns", "who_was_there"]

SILENCE: Final = 30 * 60 * 1_000_000
"""Microseconds without an event after which a visit is over: the half hour that web analytics use."""
_DAY: Final = 24 * 2 * SILENCE
DEVICES: Final = ("device", "cookie")
"""Kinds that change hands."""
_LOGOUT: Final = r"(?:user |account )?(?:log(?:ged|s)?[ _-]?(?:out|off)|sign(?:ed|s)?[ _-]?(?:out|off)|uitlog(?:gen|t)?|uitgelogd|logt uit|meldt? (?:zich )?af)"


@dataclass(frozen=True, eq=False)
class Visits:
    """Per record: when it happened (`there` says whether it is an event), and whether it is a logout."""

    time: Ints
    tie: Ints
    there: Bools
    logout: Bools


def make_visits(readings: Sequence[Reading], records: pd.DataFrame) -> Visits:
    """Take time and logouts from the events; ties in time go by source and position."""
    n = len(records)
    time, tie = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    there, logout = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    sources = sorted({r.source for r in readings})
    at = records["table"].to_numpy() == 0
    whose = records["reading"].to_numpy()
    for r, reading in enumerate(readings):
        events = reading.events
        if not len(events):
            continue
        mine = np.flatnonzero(at & (whose == r))
        time[mine] = events["timestamp"].to_numpy(dtype="datetime64[us]").astype(np.int64)
        tie[mine] = events["seq"].to_numpy(dtype=np.int64) + (sources.index(reading.source) << 40)
        there[mine] = True
        for column in ("raw_event", "touchpoint"):
            if column in events:
                codes, unique = pd.factorize(events[column])
                names = pd.Series(np.asarray(unique, dtype=object), dtype="str").str.strip().str.casefold()
                says = np.append(names.str.fullmatch(_LOGOUT).fillna(False).to_numpy(bool), False)
                logout[mine] |= says[codes]
    return Visits(time, tie, there, logout)


def _on_devices(pairs: Pairs, visits: Visits, values: Bools) -> tuple[Ints, Ints]:
    """Return the events on these devices as (record, value), per device in order of time."""
    parts = [pairs.of(pairs.rank(k)) for k in DEVICES if pairs.rank(k) >= 0]
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return none, none
    record, value = (np.concatenate(p) for p in zip(*parts, strict=True))
    use = values[value] & visits.there[record]
    record, value = record[use], value[use]
    order = np.lexsort((visits.tie[record], visits.time[record], value))
    return record[order], value[order]


def take_turns(guards: Guards, pairs: Pairs, visits: Visits, several: Bools) -> None:
    """Block devices that two addresses use in turns: who changes an address does not change back."""
    email = pairs.rank("email")
    record, value = _on_devices(pairs, visits, several)
    if email < 0 or not len(record):
        return
    place = np.arange(len(record))
    said = Grouped(*pairs.of(email)).join(record, place)
    turn, who = said.left, said.right
    device = value[turn]
    switched = (device[1:] == device[:-1]) & (who[1:] != who[:-1])
    switches = np.bincount(device[1:][switched], minlength=len(several))
    once = np.unique(np.stack([device, who]), axis=1)[0] if len(device) else device
    people = np.bincount(once, minlength=len(several))
    guards.block(several & (switches >= people) & (people > 1), "taken in turns", people)


def who_was_there(pairs: Pairs, visits: Visits, shared: Bools, hubs: Bools, person: Ints) -> tuple[Ints, Ints, Levels]:
    """Give the nameless events on shared devices to who was logged in.

    Returns
    -------
    taker, giver : ndarray of int
        The record and the login that tells whose it is; every taker once.
    level : ndarray of uint8
        How sure each is.
    """
    none = np.zeros(0, dtype=np.int64)
    record, value = _on_devices(pairs, visits, shared)
    if not len(record):
        return none, none, np.zeros(0, dtype=np.uint8)
    place = np.arange(len(record))
    known = person[record] >= 0
    begins = np.ones(len(record), dtype=bool)
    begins[1:] = (value[1:] != value[:-1]) | (visits.time[record[1:]] - visits.time[record[:-1]] > SILENCE)
    after_logout = np.zeros(len(record), dtype=bool)
    after_logout[1:] = visits.logout[record[:-1]] & ~begins[1:]
    cut = begins | after_logout
    part = np.cumsum(cut) - 1
    start = np.flatnonzero(cut)[part]
    last = np.maximum.accumulate(np.where(known, place, -1))
    before = np.where(last >= start, last, -1)
    closed = (value[1:] != value[:-1]) | visits.logout[record[:-1]]
    since = np.flatnonzero(np.append(True, closed))[np.cumsum(np.append(True, closed)) - 1]
    day_old = (visits.time[record] - visits.time[record[np.maximum(last, 0)]] > _DAY) & hubs[value]
    stale = np.where((last >= since) & ~day_old, last, -1)
    until = np.append(np.flatnonzero(np.append(True, closed))[1:], len(record))[np.cumsum(np.append(True, closed)) - 1]
    end = np.append(np.flatnonzero(cut)[1:], len(record))[part]
    coming = np.minimum.accumulate(np.where(known, place, len(record))[::-1])[::-1]
    later = np.where((coming < end) & begins[start], coming, -1)
    ahead = np.where(coming < until, coming, -1)
    between = (stale >= 0) & (ahead >= 0) & (person[record[stale]] == person[record[ahead]])
    before = np.where(between, stale, before)
    first_of_all = np.where((last < 0) | (value[np.maximum(last, 0)] != value), ahead, -1)
    giver = np.select(
        [before >= 0, later >= 0, stale >= 0], [before, later, stale], np.where(hubs[value], -1, first_of_all)
    )
    # two people at one instant: nobody can say who was there
    instant = np.append(0, np.cumsum((value[1:] != value[:-1]) | (visits.time[record[1:]] != visits.time[record[:-1]])))
    _, crowded = single(instant[known], person[record[known]], int(instant[-1]) + 1)
    take = ~known & (giver >= 0) & ~crowded[instant[np.maximum(giver, 0)]]
    level = np.where(before >= 0, LEVEL["hand-over"], LEVEL["near a login"]).astype(np.uint8)
    taker, source, sure = record[take], record[giver[take]], level[take]
    # An event with two devices belongs to who was on both, else to nobody; the surer device tells.
    order = np.lexsort((visits.tie[source], visits.time[source], -sure.astype(np.int64), taker))
    taker, source, sure = taker[order], source[order], sure[order]
    first = np.ones(len(taker), dtype=bool)
    first[1:] = taker[1:] != taker[:-1]
    group = np.cumsum(first) - 1
    agrees = person[source] == person[source[first]][group] if len(taker) else first
    unanimous = np.bincount(group, weights=~agrees, minlength=int(first.sum())) == 0
    return taker[first][unanimous], source[first][unanimous], sure[first][unanimous]
