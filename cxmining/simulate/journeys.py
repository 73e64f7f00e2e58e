"""What happens to the customers in one year: letters, outages, sessions and, because of them, contacts.

Contacts are not sprinkled over customers: most have a cause (a statement that shocks, a letter, an
outage), and a question that was not solved comes back. What they rate later follows from this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxmining.simulate import company, noise
from cxmining.simulate.contacts import make_contacts
from cxmining.simulate.customers import People

Array = NDArray[Any]

__all__ = ["World", "make_world"]


@dataclass(frozen=True, eq=False)
class World:
    """All that happened, one frame per kind; `who` is the customer's position in `People`."""

    messages: pd.DataFrame  # who, utc, kind, channel
    meter: pd.DataFrame  # who, utc, kind, minutes
    app: pd.DataFrame  # who, utc, kind
    web: pd.DataFrame  # who (-1 = a prospect who stayed one), cookie, utc, kind
    contacts: pd.DataFrame  # one row per inbound contact, see contacts.py
    outage_minutes: Array  # longest outage per customer, 0 = none


def _messages(rng: np.random.Generator, p: People) -> pd.DataFrame:
    n = len(p)
    parts: list[tuple[Array, Array, str, Array]] = []

    def send(who: Array, day: Array, kind: str, by_post: float) -> None:
        keep = (day >= 0) & (day < company.DAYS)
        post = rng.random(len(who)) < by_post
        parts.append((who[keep], day[keep], kind, post[keep]))

    everyone = np.arange(n)
    for month in range(1, 13):
        day = company.day_of(month) + p.billing_day - 1
        active = (day >= p.start) & (day < p.end)
        send(everyone[active], day[active], "factuur", 0.08)
    has = p.statement >= 0
    send(everyone[has & ~(p.leaves & (p.statement > p.end))], p.statement[has & ~(p.leaves & (p.statement > p.end))],
         "jaarafrekening", 0.25)  # fmt: skip
    final = has & p.leaves & (p.statement > p.end)
    send(everyone[final], p.statement[final], "eindnota", 0.25)
    for letter in company.TARIFF_LETTERS:
        day = np.full(n, letter) + rng.integers(0, 4, n)
        told = ~p.fixed & (day >= p.start) & (day < p.end)
        send(everyone[told], day[told], "tariefbrief", 0.3)
    asked = has & ~p.smart & (p.statement - 20 > p.start) & (p.statement - 20 < p.end)
    send(everyone[asked], p.statement[asked] - 20, "meterstandverzoek", 0.35)
    for month in (2, 4, 6, 9, 11):  # not paid on time
        late = (rng.random(n) < 0.045) & (company.day_of(month) >= p.start) & (company.day_of(month) < p.end)
        send(everyone[late], np.full(int(late.sum()), company.day_of(month)) + p.billing_day[late], "herinnering", 0.5)
    send(everyone[p.joins], p.start[p.joins] - 12, "welkom", 0.2)
    offered = p.fixed & ~p.joins & (rng.random(n) < 0.75)
    offer = rng.integers(20, 345, n)
    told = offered & (offer < p.end)
    send(everyone[told], offer[told], "verlengaanbod", 0.25)
    renews = told & ~p.leaves & (rng.random(n) < 0.6)
    send(everyone[renews], offer[renews] + rng.integers(2, 25, int(renews.sum())), "verlengbevestiging", 0.05)
    send(everyone[p.leaves], p.end[p.leaves] - rng.integers(5, 15, int(p.leaves.sum())), "opzegbevestiging", 0.05)

    who = np.concatenate([a for a, *_ in parts])
    day = np.concatenate([b for _, b, *_ in parts])
    kind = np.concatenate([np.full(len(a), k) for a, _, k, _ in parts])
    post = np.concatenate([d for *_, d in parts])
    utc = company.to_utc(day, np.where(post, 11 * 3600, rng.integers(5 * 3600, 8 * 3600, len(who))))
    return pd.DataFrame({"who": who, "utc": utc, "kind": kind, "channel": np.where(post, "post", "mail"), "day": day})


def _meter(rng: np.random.Generator, p: People) -> tuple[pd.DataFrame, Array, list[Array]]:
    n = len(p)
    minutes = np.zeros(n)
    frames = []
    hits = []
    for month, date, hour in noise.OUTAGES:
        areas = rng.choice(20, noise.OUTAGE_AREAS, replace=False)
        d = company.day_of(month, date)
        hit = np.flatnonzero(np.isin(p.area, areas) & (p.start <= d) & (p.end > d))
        lasts = rng.lognormal(np.log(95), 0.5) * rng.uniform(0.7, 1.3, len(hit))
        minutes[hit] = np.maximum(minutes[hit], lasts)
        hits.append(hit)
        begin = company.to_utc(np.full(len(hit), d), hour * 3600 + rng.integers(0, 90, len(hit)))
        frames.append(pd.DataFrame({"who": hit, "utc": begin, "kind": "storing", "minutes": lasts.round()}))
    small = np.flatnonzero(rng.random(n) < 0.05)
    day = (p.start[small] + rng.random(len(small)) * (p.end[small] - p.start[small])).astype(np.int64)
    lasts = rng.lognormal(np.log(60), 0.6, len(small))
    minutes[small] = np.maximum(minutes[small], lasts)
    utc = company.to_utc(day, rng.integers(0, 86400, len(small)))
    frames.append(pd.DataFrame({"who": small, "utc": utc, "kind": "storing", "minutes": lasts.round()}))
    swap = np.flatnonzero((rng.random(n) < 0.06) & ~p.smart & (p.end - p.start > 60))
    day = (p.start[swap] + 5 + rng.random(len(swap)) * (p.end[swap] - p.start[swap] - 10)).astype(np.int64)
    utc = company.to_utc(day, company.daytime(rng, len(swap), 8, 16, 10))
    frames.append(pd.DataFrame({"who": swap, "utc": utc, "kind": "meterwissel", "minutes": np.nan}))
    for who, day, kind in (
        (np.flatnonzero(p.joins), p.start, "switch_in"),
        (np.flatnonzero(p.leaves), p.end, "switch_uit"),
    ):
        utc = company.to_utc(day[who], rng.integers(0, 6 * 3600, len(who)))
        frames.append(pd.DataFrame({"who": who, "utc": utc, "kind": kind, "minutes": np.nan}))
    return pd.concat(frames, ignore_index=True), minutes, hits


def _app(rng: np.random.Generator, p: People, contacts: pd.DataFrame) -> pd.DataFrame:
    users = np.flatnonzero(p.app)
    years = p.years[users]
    parts: list[tuple[Array, Array, str]] = []

    asked = users[(p.statement[users] >= 0) & ~p.smart[users] & (p.statement[users] - 20 > p.start[users])]
    asked = asked[rng.random(len(asked)) < 0.7]
    parts.append((asked, p.statement[asked] - 20 + rng.integers(0, 8, len(asked)), "submit_reading"))
    shocked = users[(p.statement[users] >= 0) & (rng.random(len(users)) < np.where(p.shock[users] > 0.3, 0.45, 0.1))]
    parts.append((shocked, p.statement[shocked] + rng.integers(0, 30, len(shocked)), "change_instalment"))
    happy = users[(p.halo[users] > 0.8) & (rng.random(len(users)) < 0.2)]
    parts.append((happy, _any_day(rng, p, happy), "share_referral"))
    fixed = sum(len(w) for w, _, _ in parts) + int((contacts["forced"] & p.app[contacts["who"]]).sum())

    rest = max(0, int(noise.APP_SESSIONS_PER_YEAR * p.years.sum()) - fixed)
    weight = years * rng.gamma(1.2, 1.0, len(users))
    who = rng.choice(users, rest, p=weight / weight.sum())
    kind = rng.choice(np.array(["view_usage", "view_invoice", "submit_reading"]), rest, p=[0.60, 0.36, 0.04])
    day = _any_day(rng, p, who)
    # An invoice is looked at in the days after it came.
    month = company.months_of(day)
    firsts = np.array([company.day_of(m) for m in range(1, 13)])
    near = firsts[month - 1] + p.billing_day[who] - 1 + rng.geometric(0.35, rest)
    day = np.where(kind == "view_invoice", np.clip(near, p.start[who], p.end[who] - 1), day)
    parts.extend((who[kind == k], day[kind == k], k) for k in ("view_usage", "view_invoice", "submit_reading"))

    who = np.concatenate([a for a, _, _ in parts])
    day = np.concatenate([b for _, b, _ in parts])
    kinds = np.concatenate([np.full(len(a), k) for a, _, k in parts])
    hour = np.where(rng.random(len(who)) < 0.6, rng.normal(20, 1.6, len(who)), rng.uniform(6.5, 18, len(who)))
    utc = company.to_utc(day, (np.clip(hour, 0, 23.99) * 3600).astype(np.int64))
    frame = pd.DataFrame({"who": who, "utc": utc, "kind": kinds})
    # Somebody who is made to phone tried the app first.
    tried = contacts[contacts["forced"] & p.app[contacts["who"]]]
    before = pd.DataFrame(
        {
            "who": tried["who"].to_numpy(),
            "utc": tried["utc"].to_numpy() - rng.integers(240, 3000, len(tried)),
            "kind": np.where(
                tried["intent"] == "asks about instalment",
                "change_instalment",
                np.where(tried["intent"] == "asks about meter", "submit_reading", "view_invoice"),
            ),
        }
    )
    frame = pd.concat([frame, before], ignore_index=True)
    inside = (frame["utc"] >= company.EPOCH) & (frame["utc"] < company.EPOCH + company.DAYS * 86400 - 3600)
    return frame[inside].sort_values(["utc", "who"], kind="stable", ignore_index=True)


def _any_day(rng: np.random.Generator, p: People, who: Array) -> Array:
    return np.asarray((p.start[who] + rng.random(len(who)) * (p.end[who] - p.start[who])).astype(np.int64))


def _web(rng: np.random.Generator, p: People, prospects: int) -> pd.DataFrame:
    seen = rng.binomial(prospects, noise.CONSENT)
    cookies = [
        f"{a}.{b}"
        for a, b in zip(rng.integers(10**8, 10**9, seen), rng.integers(1_735_000_000, 1_766_000_000, seen), strict=True)
    ]
    kinds = np.array(["campaign", "comparison", "tariffs", "calculator"])
    first = rng.choice(kinds, seen, p=[0.28, 0.40, 0.22, 0.10])
    day = rng.integers(0, company.DAYS - 1, seen)
    sec = company.daytime(rng, seen, 6, 24, 20.5)
    again = np.flatnonzero(rng.random(seen) < 0.16)
    second = rng.choice(kinds[2:], len(again), p=[0.62, 0.38])
    joiners = np.flatnonzero(p.joins & (rng.random(len(p)) < 0.8))
    sign = p.start[joiners] - rng.integers(14, 30, len(joiners))
    rows = [
        pd.DataFrame({"who": -1, "cookie": cookies, "utc": company.to_utc(day, np.minimum(sec, 86399)), "kind": first}),
        pd.DataFrame(
            {
                "who": -1,
                "cookie": [cookies[i] for i in again.tolist()],
                "utc": company.to_utc(day[again], np.minimum(sec[again], 86399)) + rng.integers(40, 900, len(again)),
                "kind": second,
            }
        ),
    ]
    own = [p.cookie[i] for i in joiners.tolist()]
    at = company.to_utc(sign, company.daytime(rng, len(joiners), 8, 23, 20))
    for kind, chance, back in (
        ("campaign", 0.3, 9),
        ("comparison", 0.65, 4),
        ("tariffs", 0.8, 2),
        ("calculator", 0.35, 1),
    ):
        takes = rng.random(len(joiners)) < chance
        ago = (rng.random(len(joiners)) * 2 * 86400 * back).astype(np.int64) // 2 + 300 * back
        rows.append(pd.DataFrame({"who": joiners, "cookie": own, "utc": at - ago, "kind": kind})[takes])
    rows.append(pd.DataFrame({"who": joiners, "cookie": own, "utc": at, "kind": "signs"}))
    frame = pd.concat(rows, ignore_index=True)
    frame = frame[(frame["utc"] >= company.EPOCH) & (frame["utc"] < company.EPOCH + company.DAYS * 86400 - 3600)]
    return frame.sort_values(["utc", "cookie"], kind="stable", ignore_index=True)


def make_world(rng: np.random.Generator, people: People, prospects: int) -> World:
    """Let the year happen."""
    messages = _messages(rng, people)
    meter, minutes, hits = _meter(rng, people)
    contacts = make_contacts(rng, people, messages, hits)
    app = _app(rng, people, contacts)
    web = _web(rng, people, prospects)
    return World(messages, meter, app, web, contacts, minutes)
