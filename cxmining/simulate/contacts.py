"""Why customers make contact, how it goes, and whether they have to come back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxmining.simulate import company, noise
from cxmining.simulate.customers import CHANNEL_SHARE, CHANNELS, People, calibrated

Array = NDArray[Any]

__all__ = ["make_contacts"]

WEEK = np.array(noise.WEEKDAYS)
OUTAGE_DAYS = np.array([company.day_of(m, d) for m, d, _ in noise.OUTAGES])
HOLIDAYS = np.array([company.day_of(*d) for d in ((1, 1), (4, 21), (5, 29), (6, 9), (12, 25), (12, 26))])
CANDIDATES = 24  # customers looked at per planned question; the one with the best reason asks it
ROUNDS = 5
PHONE, CHAT, WHATSAPP, MAIL, WEB, SOCIAL = range(6)
OUTAGE, COMPLAINT = company.INTENTS.index("reports outage"), company.INTENTS.index("files complaint")
EASE = np.array([0.0, 0.25, 0.2, 0.0, 0.35, 0.5, -1.0])  # of solving, per intent


def _choose(rng: np.random.Generator, weight: Array) -> Array:
    """Choose a column per row with chance proportional to its weight."""
    return np.asarray((np.log(np.maximum(weight, 1e-12)) + rng.gumbel(size=weight.shape)).argmax(axis=1))


def _issues(rng: np.random.Generator, p: People, messages: pd.DataFrame, hits: list[Array]) -> pd.DataFrame:
    """Plan what people want to ask: when, who and why."""
    days = np.arange(company.DAYS)
    month = company.months_of(days)
    weight = WEEK[company.weekday(days)] * 7 * np.where(month <= 2, noise.WINTER_FACTOR * noise.WINTER_SPILL, 1.0)
    weight[HOLIDAYS] *= 0.15
    extra = weight[OUTAGE_DAYS] * (noise.OUTAGE_FACTOR - 1)
    contacts = noise.CONTACTS_PER_YEAR * p.years.sum()
    ordinary = contacts / (1 + extra.sum() / weight.sum())
    count = rng.poisson(ordinary / (1 + noise.REPEATS))
    day = rng.choice(days, count, p=weight / weight.sum())

    mix = np.array([0.42, 0.20, 0.12, 0.16, 0.08, 0.02])
    mixes = np.tile(mix, (12, 1))
    mixes[np.array(noise.MOVE_SEASON) - 1, 4] *= noise.MOVE_SEASON_FACTOR
    mixes /= mixes.sum(axis=1, keepdims=True)
    topic = (rng.random(count)[:, None] > mixes.cumsum(axis=1)[company.months_of(day) - 1]).sum(axis=1)

    at = rng.choice(len(p), (count, CANDIDATES), p=p.talkative / p.talkative.sum())
    d = day[:, None]
    since_statement = np.where(p.statement[at] >= 0, d - p.statement[at], -1)
    letter = np.min([np.where(d >= t, d - t, 999) for t in company.TARIFF_LETTERS], axis=0)
    offers = np.full(len(p), -999)
    sent = messages["kind"] == "verlengaanbod"
    offers[messages.loc[sent, "who"]] = messages.loc[sent, "day"]
    boost = np.ones(at.shape)
    recent = (since_statement >= 0) & (since_statement < 25)
    push = 14 * (1 + 1.5 * (p.shock[at] > 0.7) + 2.5 * p.unclear[at])
    boost += np.where((topic[:, None] == 0) & recent, push, 0)
    later = (since_statement >= 5) & (since_statement < 45)
    boost += np.where((topic[:, None] == 1) & later, 7 * (1 + (p.shock[at] > 0.3)), 0)
    asked = (p.statement[at] >= 0) & ~p.smart[at] & (since_statement >= -20) & (since_statement < 0)
    asked |= (p.statement[at] - d > 0) & (p.statement[at] - d <= 20) & ~p.smart[at]
    boost += np.where((topic[:, None] == 2) & asked, 14, 0)
    told = (letter < 18) & ~p.fixed[at]
    offered = (d - offers[at] >= 0) & (d - offers[at] < 20)
    leaving = p.leaves[at] & (p.end[at] - d < 35)
    boost += np.where(topic[:, None] == 3, 5 * told + 12 * offered + 10 * leaving, 0)
    there = (d >= p.start[at]) & (d < np.minimum(p.end[at] + 30, company.DAYS))
    pick = _choose(rng, boost * there)
    who = at[np.arange(count), pick]
    real = there[np.arange(count), pick]
    near = recent[np.arange(count), pick]
    frame: pd.DataFrame = pd.DataFrame(
        {
            "who": who,
            "day": day,
            "topic": topic,
            "preventable": (near & (topic == 0) & p.unclear[who]) | ((topic == 2) & (rng.random(count) < 0.25)),
            "second": -1,
        }
    )[real]

    # On outage days those without power call in the hours after it went.
    per_day = ordinary / weight.sum()
    for (m, dd, hour), factor, hit in zip(noise.OUTAGES, extra, hits, strict=True):
        d0 = company.day_of(m, dd)
        k = min(rng.poisson(per_day * factor / 1.07), len(hit))
        callers = np.sort(rng.choice(hit, k, replace=False, p=p.talkative[hit] / p.talkative[hit].sum()))
        second = np.minimum(hour * 3600 + rng.gamma(1.3, 2400, k).astype(np.int64) + 120, 86000)
        frame = pd.concat(
            [frame, pd.DataFrame({"who": callers, "day": d0, "topic": 5, "preventable": False, "second": second})],
            ignore_index=True,
        )
    return frame.sort_values(["day", "who"], kind="stable", ignore_index=True)


def _channels(rng: np.random.Generator, p: People, who: Array, topic: Array, day: Array) -> tuple[Array, Array]:
    """Choose the channel that is wanted and the one that is used; they differ where we force the phone."""
    count = len(who)
    loyal = rng.random(count) < noise.LOYAL_TO_CHANNEL
    wanted = np.where(loyal, p.wanted[who], rng.choice(len(CHANNELS), count, p=CHANNEL_SHARE / CHANNEL_SHARE.sum()))
    digital = np.isin(wanted, (CHAT, WHATSAPP, WEB))
    forced = digital & (rng.random(count) < noise.FORCED) & (topic != OUTAGE)
    used = np.where(forced, PHONE, wanted)
    # The lines are closed on Sundays, but for outages.
    closed = (used == PHONE) & (company.weekday(day) == 6) & (topic != OUTAGE)
    return np.where(closed, WHATSAPP, used), forced & ~closed


def _seconds(rng: np.random.Generator, channel: Array) -> Array:
    count = len(channel)
    phone = company.daytime(rng, count, 8, 20, 9.5)
    chat = company.daytime(rng, count, 8, 22, 14)
    write = np.clip(rng.normal(15.5, 4.5, count) * 3600, 5 * 3600, 86000).astype(np.int64)
    return np.select([channel == PHONE, np.isin(channel, (CHAT, WHATSAPP))], [phone, chat], write)


def _round(rng: np.random.Generator, p: People, todo: pd.DataFrame, number: int, ease: float | None) -> pd.DataFrame:
    """Let the contacts of one round take place."""
    count = len(todo)
    who, day, topic = (todo[c].to_numpy() for c in ("who", "day", "topic"))
    channel, forced = _channels(rng, p, who, topic, day)
    second = np.where(todo["second"] >= 0, todo["second"], _seconds(rng, channel))
    phone = channel == PHONE
    winter = company.months_of(day) <= 2
    busy = 0.35 * (company.weekday(day) == 0) + 0.3 * winter + 1.2 * np.isin(day, OUTAGE_DAYS) - 0.19
    z = (busy + 0.93 * rng.standard_normal(count)) / np.sqrt(0.93**2 + 0.09)
    offered = np.exp(np.log(noise.WAIT_MEDIAN_S) + noise.WAIT_SIGMA * z)
    hung_up = np.zeros(count, dtype=bool)
    hung_up[phone] = calibrated(1.1 * z[phone], rng.random(int(phone.sum())), noise.ABANDONED)
    moved = phone & ~hung_up & (rng.random(count) < noise.TRANSFERRED * np.where(topic == OUTAGE, 0.5, 1.04))
    chat_wait = rng.lognormal(np.log(48), 0.9, count)
    reply_h = rng.lognormal(np.log(noise.MAIL_REPLY_H), noise.MAIL_REPLY_SIGMA, count)
    replied = rng.random(count) < noise.MAIL_REPLIED
    written = np.isin(channel, (MAIL, WEB, SOCIAL))
    wait = np.select(
        [phone & hung_up, phone, written], [offered * rng.uniform(0.4, 0.9, count), offered, 0.0], chat_wait
    )
    logit = (
        EASE[topic]
        - 0.9 * moved
        - 0.25 * np.minimum(number, 2)
        - 0.2 * np.where(phone, z, 0)
        - 0.7 * (written & ~replied)
    )
    logit = logit - 0.2 * forced
    u = rng.random(count)
    solved = (
        calibrated(logit[~hung_up], u[~hung_up], noise.SOLVED_FIRST)
        if ease is None
        else u[~hung_up] < 1 / (1 + np.exp(-(logit[~hung_up] + ease)))
    )
    out = todo.assign(
        round=number,
        channel=channel,
        forced=forced,
        second=second,
        wait_s=np.maximum(wait, 2).round(),
        talk_s=rng.lognormal(np.log(310), 0.6, count).round(),
        z=z,
        abandoned=hung_up,
        transferred=moved,
        second_wait_s=rng.lognormal(np.log(55), 0.8, count).round(),
        reply_h=np.where(written & replied, reply_h, np.nan),
        solved=False,
        agent=rng.integers(0, company.AGENTS, count),
    )
    out.loc[~hung_up, "solved"] = solved
    out["utc"] = company.to_utc(day, second)
    return out


def _again(rng: np.random.Generator, p: People, done: pd.DataFrame) -> pd.DataFrame:
    """Say who comes back, when, and who turns it into a complaint."""
    chance = np.where(done["abandoned"], 0.75, noise.COMES_BACK) * ~done["solved"]
    back = done[rng.random(len(done)) < chance]
    count = len(back)
    at_once = (back["abandoned"] & (rng.random(count) < 0.7)).to_numpy()
    # The day after an unsolved question is drawn among a few with the week's rhythm in mind.
    options = back["day"].to_numpy()[:, None] + 1 + rng.geometric(0.22, (count, 6))
    best = _choose(rng, WEEK[company.weekday(options)])
    day = np.where(at_once, back["day"], options[np.arange(count), best])
    second = np.where(at_once, np.minimum(back["second"] + back["wait_s"] + rng.integers(200, 5000, count), 71900), -1)
    complains = (
        ~at_once
        & (back["topic"] != COMPLAINT)
        & (rng.random(count) < noise.COMPLAINT_PER_REPEAT)
        & (p.halo[back["who"]] < 1.0)
    )
    again = back[["issue", "who", "topic", "base", "preventable"]].assign(
        day=day, second=second, topic=np.where(complains, COMPLAINT, back["topic"]), preventable=True
    )
    return again[(again["day"] < company.DAYS) & (again["day"] < p.end[again["who"]] + 60)]


def make_contacts(rng: np.random.Generator, p: People, messages: pd.DataFrame, hits: list[Array]) -> pd.DataFrame:
    """Make all inbound contacts, in order of time.

    Parameters
    ----------
    rng : Generator
    p : People
    messages : DataFrame
        What was sent, because it makes people call.
    hits : list of array
        The customers without power, per large outage.

    Returns
    -------
    DataFrame
        One row per contact; `topic` indexes ``company.INTENTS``, `base` is the topic the issue began with.
    """
    todo = _issues(rng, p, messages, hits)
    todo["issue"] = np.arange(len(todo))
    todo["base"] = todo["topic"]
    done = _round(rng, p, todo, 0, None)
    rounds = [done]
    answered = ~done["abandoned"]
    share = float(done.loc[answered, "solved"].mean())
    ease = float(np.log(share / (1 - share))) - float(EASE[done.loc[answered, "topic"]].mean())
    for number in range(1, ROUNDS):
        todo = _again(rng, p, done)
        if not len(todo):
            break
        done = _round(rng, p, todo, number, ease)
        rounds.append(done)
    contacts = pd.concat(rounds, ignore_index=True)
    contacts["intent"] = np.array(company.INTENTS)[contacts["topic"]]
    contacts = contacts.sort_values(["utc", "issue", "round"], kind="stable", ignore_index=True)
    contacts["contact"] = np.arange(len(contacts))
    return contacts
