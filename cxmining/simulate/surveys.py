"""What customers lived through, what they say about it when asked, and who does not answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxmining.simulate import company, noise
from cxmining.simulate.customers import People, chances
from cxmining.simulate.journeys import World

Array = NDArray[Any]

__all__ = ["Surveys", "lived", "make_surveys"]

WAVE = (company.day_of(11, 10), company.day_of(11, 21))
ANSWERS_AFTER_DAYS = 1.0
# How much of a rating's own part comes from what the log shows (the rest is taste and luck).
VISIBLE = {
    "yearly statement": 0.80, "asks about invoice": 0.75, "asks about instalment": 0.75, "asks about meter": 0.75,
    "reports move": 0.70, "power outage": 0.70, "changes instalment": 0.45, "monthly invoice": 0.35,
    "tariff change letter": 0.25, "checks usage": 0.30, "views invoice": 0.20, "submits meter reading": 0.20,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Surveys:
    """The questionnaires as they were answered; items in columns, ``NaN`` = blank, −1 = never met."""

    relationship: pd.DataFrame
    contact: pd.DataFrame
    invitations: pd.DataFrame
    exposed: Array  # customers × battery
    ratings: Array  # what each customer would rate, whether asked or not
    feeling: Array  # overall, standard normal
    overall: Array  # overall CSAT that each would give
    wow: pd.DataFrame  # response, touchpoint
    pain: pd.DataFrame


def _standard(x: Array, where: Array) -> Array:
    inside = x[where]
    if len(inside) < 2 or float(inside.std()) == 0:
        return np.zeros(len(x))
    return np.asarray((x - inside.mean()) / inside.std())


def _contact_quality(c: pd.DataFrame) -> Array:
    """Say how well each contact went, judged by what the log shows of it."""
    late = np.where(
        c["reply_h"].isna() & np.isin(c["channel"], (3, 4, 5)), 1.2, np.log(c["reply_h"].fillna(18) / 18) * 0.35
    )
    return np.asarray(
        1.2 * c["solved"]
        - 0.40 * np.where(c["channel"] == 0, c["z"], 0)
        - 0.6 * c["transferred"]
        - 0.45 * np.minimum(c["round"], 3)
        - 0.9 * c["abandoned"]
        - late
        - 0.35 * c["forced"],
        dtype=float,
    )


def lived(p: People, w: World, until: int) -> tuple[Array, Array]:
    """Return which battery touchpoints each customer met before day `until`, and the visible part of how it was."""
    n, k = len(p), len(company.BATTERY)
    exposed, visible = np.zeros((n, k), dtype=bool), np.zeros((n, k))
    limit = company.EPOCH + until * 86400
    column = {t: j for j, t in enumerate(company.BATTERY)}
    sent = w.messages[w.messages["utc"] < limit]
    for touchpoint, kinds in (
        ("monthly invoice", ["factuur"]),
        ("yearly statement", ["jaarafrekening", "eindnota"]),
        ("tariff change letter", ["tariefbrief"]),
        ("renewal offer", ["verlengaanbod"]),
    ):
        exposed[sent.loc[sent["kind"].isin(kinds), "who"], column[touchpoint]] = True
    reminded = np.bincount(sent.loc[sent["kind"] == "herinnering", "who"], minlength=n)
    visible[:, column["monthly invoice"]] = -reminded
    visible[:, column["yearly statement"]] = -p.shock - 1.3 * p.unclear
    visible[:, column["tariff change letter"]] = -0.5 * (p.segment_index >= 2)
    used = w.app[w.app["utc"] < limit]
    for touchpoint, kind in (
        ("checks usage", "view_usage"),
        ("views invoice", "view_invoice"),
        ("submits meter reading", "submit_reading"),
        ("changes instalment", "change_instalment"),
    ):
        times = np.bincount(used.loc[used["kind"] == kind, "who"], minlength=n)
        exposed[:, column[touchpoint]] = times > 0
        visible[:, column[touchpoint]] = -p.shock if kind == "change_instalment" else np.log1p(times)
    contacts = w.contacts[w.contacts["utc"] < limit]
    went = pd.Series(_contact_quality(contacts), index=contacts.index)
    for base, name in enumerate(company.INTENTS):
        if name not in column:
            continue
        about = contacts["base"] == base
        exposed[contacts.loc[contacts["intent"] == name, "who"], column[name]] = True
        # the last contact of a question weighs as much as all before it
        per = went[about].groupby(contacts.loc[about, "who"]).agg(["mean", "last"]).mean(axis=1)
        visible[per.index.to_numpy(), column[name]] = per.to_numpy()
    out = w.meter[(w.meter["kind"] == "storing") & (w.meter["utc"] < limit)]
    exposed[out["who"], column["power outage"]] = True
    visible[:, column["power outage"]] = -np.log(np.maximum(w.outage_minutes, 10))
    exposed[:, column["signs contract"]] = p.joins & (p.start < until)
    return exposed, visible


def _cut(latent: Array, weight: Array, shares: tuple[float, ...], low: int) -> Array:
    """Cut a latent feeling into a scale such that, weighted, the shares are met."""
    order = np.argsort(latent, kind="stable")
    cumulated = np.cumsum(weight[order]) / weight.sum()
    edges = np.interp(np.cumsum(shares)[:-1], cumulated, latent[order])
    return np.asarray(low + np.searchsorted(edges, latent))


def _ids(rng: np.random.Generator, n: int) -> list[str]:
    letters = np.array(list("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    return ["R_" + "".join(row) for row in letters[rng.integers(0, 62, (n, 15))].tolist()]


def _experience(rng: np.random.Generator, p: People, w: World, until: int) -> tuple[Array, Array, Array]:
    """Return exposure, standardised experience and the rating each would give, per battery touchpoint."""
    exposed, visible = lived(p, w, until)
    n = len(p)
    z = np.empty(exposed.shape)
    for j, touchpoint in enumerate(company.BATTERY):
        a = VISIBLE.get(touchpoint, 0.0)
        own = a * _standard(visible[:, j], exposed[:, j]) + np.sqrt(1 - a * a) * rng.standard_normal(n)
        z[:, j] = np.sqrt(noise.HALO) * p.halo + np.sqrt(1 - noise.HALO) * own
    mean = noise.RATING_MEAN + np.array([0.0, -0.5, -0.7, 0.4, 0.4, 0.3, 0.1, 0.1, 0.0, 0.2, 0.1, -0.4, 0.5, -0.1])
    ratings = np.clip(np.rint(mean + noise.RATING_SD * z), 1, 10)
    return exposed, z, ratings


def _expectations(rng: np.random.Generator, ratings: Array, asked: Array) -> tuple[Array, Array, Array]:
    """Draw what was expected; a WOW is planted, never left to the noise, and returned with the pain."""
    expected = np.clip(np.rint(7.4 + 0.5 * (ratings - 7.2) + rng.normal(0, 0.7, ratings.shape)), 1, 10)
    possible = asked & (ratings >= 8)
    wow = possible & (rng.random(ratings.shape) < noise.WOW * asked.sum() / max(1, possible.sum()))
    # Who is not overwhelmed had expected about as much.
    expected = np.where(~wow & (ratings - expected >= 2), ratings - 1, expected)
    expected = np.where(wow, np.minimum(expected, ratings - 2), expected)
    return expected, wow, asked & (expected - ratings >= 2)


def make_surveys(rng: np.random.Generator, p: People, w: World) -> Surveys:
    """Ask everybody once in November, and after contacts; let part of them answer."""
    n, k = len(p), len(company.BATTERY)
    exposed, z, ratings = _experience(rng, p, w, WAVE[0])
    weight = np.array([noise.OVERALL_WEIGHTS[t] for t in company.BATTERY])
    sum_ = _standard((exposed * z * weight).sum(axis=1) - 0.15 * exposed[:, 7] - 0.1 * exposed[:, 11], np.ones(n, bool))
    feeling = noise.LATENT_R * sum_ + np.sqrt(1 - noise.LATENT_R**2) * rng.standard_normal(n)

    invited = (p.start < WAVE[0] - 30) & (p.end > WAVE[0])
    day = rng.integers(WAVE[0], WAVE[1] + 1, n)
    at = company.to_utc(day, rng.integers(9 * 3600, 12 * 3600, n))
    propensity = np.full(n, 1e-12)
    propensity[invited] = chances(noise.NONRESPONSE_SLOPE * feeling[invited], noise.RESPONSE["relationship"])
    answers = rng.random(n) < propensity
    s = noise.SCALE_NOISE

    def item(shares: tuple[float, ...], low: int) -> Array:
        latent = np.sqrt(1 - s * s) * feeling + s * rng.standard_normal(n)
        return _cut(latent, propensity, shares, low)

    nps, csat, cijfer, ces = item(noise.NPS, 0), item(noise.CSAT, 1), item(noise.RAPPORTCIJFER, 1), item(noise.CES, 1)
    who = np.flatnonzero(answers)
    asked = exposed[who] & ~np.isin(company.BATTERY, company.NO_EXPECTATION)
    expected, wow, pain = _expectations(rng, ratings[who], asked)
    frame = pd.DataFrame({"who": who, "invited": at[who], "NPS": nps[who], "CSAT": csat[who], "cijfer": cijfer[who],
                          "CES": ces[who]})  # fmt: skip
    blank = rng.random((len(who), k)) < noise.BLANK_CELL
    blank_expected = rng.random((len(who), k)) < noise.BLANK_CELL * 1.5
    for j in range(k):
        frame[f"r{j}"] = np.where(~exposed[who, j], -1, np.where(blank[:, j], np.nan, ratings[who, j]))
        frame[f"e{j}"] = np.where(~exposed[who, j], -1, np.where(blank_expected[:, j], np.nan, expected[:, j]))
    for i, (touchpoint, *_rest) in enumerate(company.PERCEPTIONS):
        j = company.BATTERY.index(touchpoint)
        seen = np.clip(np.rint(ratings[who, j] / 2 + rng.normal(0, 0.7, len(who))), 1, 5)
        frame[f"p{i}"] = np.where(exposed[who, j], seen, -1)
    seen_pair = ~blank & ~blank_expected
    frame = _timing(rng, frame)

    contact, invitations = _after_contacts(rng, p, w)
    invitations = pd.concat(
        [
            pd.DataFrame({"who": np.flatnonzero(invited), "utc": at[invited], "survey": "relatie", "channel": "mail",
                          "contact": -1, "session": -1}),
            invitations,
        ],
        ignore_index=True,
    ).sort_values(["utc", "who"], kind="stable", ignore_index=True)  # fmt: skip
    pairs = [pd.DataFrame(np.argwhere(m & seen_pair), columns=["row", "item"]) for m in (wow, pain)]
    planted = [
        pd.DataFrame({"response": frame["id"].to_numpy()[q["row"]], "touchpoint": np.array(company.BATTERY)[q["item"]]})
        for q in pairs
    ]
    return Surveys(frame, contact, invitations, exposed, ratings, feeling, csat, *planted)


def _timing(rng: np.random.Generator, frame: pd.DataFrame) -> pd.DataFrame:
    count = len(frame)
    start = (
        frame["invited"] + (rng.lognormal(np.log(ANSWERS_AFTER_DAYS * 86400 * 0.6), 1.2, count)).astype(np.int64) + 60
    )
    latest = company.EPOCH + company.DAYS * 86400 - 7200
    duration = rng.lognormal(np.log(240), 0.5, count).astype(np.int64)
    return frame.assign(
        start=np.minimum(start, latest),
        duration=duration,
        id=_ids(rng, count),
        comments=rng.random(count) < noise.COMMENTS,
        unfinished=rng.random(count) < noise.UNFINISHED,
    )


def _after_contacts(rng: np.random.Generator, p: People, w: World) -> tuple[pd.DataFrame, pd.DataFrame]:
    c = w.contacts
    label = np.array(["phone", "chat", "chat", "mail", "", ""])[c["channel"]]
    ended = c["utc"] + np.where(c["reply_h"].notna(), c["reply_h"].fillna(0) * 3600, c["wait_s"] + c["talk_s"])
    quality = 1.0 * _contact_quality(c) + 0.55 * p.halo[c["who"]] + rng.normal(0, 0.9, len(c))
    reached = (label != "") & ~c["abandoned"].to_numpy() & ((label != "mail") | c["reply_h"].notna().to_numpy())
    asked = pd.DataFrame(
        {
            "who": c["who"],
            "utc": (ended + 1800).astype(np.int64),
            "channel": label,
            "contact": c["contact"],
            "session": -1,
            "quality": quality,
            "solved": c["solved"],
        }
    )[reached]
    key = w.app["kind"].isin(["submit_reading", "change_instalment"]) | (rng.random(len(w.app)) < 0.06)
    sessions = w.app[key]
    asked = pd.concat(
        [
            asked,
            pd.DataFrame(
                {
                    "who": sessions["who"],
                    "utc": sessions["utc"] + 40,
                    "channel": "app",
                    "contact": -1,
                    "session": sessions.index.to_numpy(),
                    "quality": 0.8 + 0.55 * p.halo[sessions["who"]] + rng.normal(0, 1.0, len(sessions)),
                    "solved": True,
                }
            ),
        ],
        ignore_index=True,
    ).sort_values(["utc", "who"], kind="stable", ignore_index=True)
    asked = asked[asked["utc"] < company.EPOCH + (company.DAYS - 3) * 86400]
    asked = asked[_not_too_soon(asked)].reset_index(drop=True)
    asked["quality"] = _standard(asked["quality"].to_numpy(), np.ones(len(asked), bool))
    weight = np.zeros(len(asked))
    for name in ("phone", "chat", "mail", "app"):
        at = (asked["channel"] == name).to_numpy()
        weight[at] = chances(noise.NONRESPONSE_SLOPE * asked["quality"].to_numpy()[at], noise.RESPONSE[name])
    answers = rng.random(len(asked)) < weight
    csat = _cut(asked["quality"].to_numpy(), weight, noise.CSAT, 1)
    easy = 0.8 * asked["quality"].to_numpy() + 0.6 * rng.standard_normal(len(asked))
    ces = _cut(easy, weight, noise.CES, 1)
    frame = asked.assign(CSAT=csat, CES=ces, invited=asked["utc"])[answers].reset_index(drop=True)
    u = rng.random(len(frame))
    frame["resolved"] = np.where(
        frame["solved"], np.where(u < 0.9, "ja", np.where(u < 0.96, "deels", "nee")), np.where(u < 0.7, "nee", "deels")
    )
    frame = _timing(rng, frame)
    invitations = asked.assign(survey="contact")[["who", "utc", "survey", "channel", "contact", "session"]]
    return frame, invitations


def _not_too_soon(asked: pd.DataFrame) -> Array:
    """Keep an invitation when the customer's last kept one lies 30 days back; rounds instead of a loop over rows."""
    keep = np.zeros(len(asked), dtype=bool)
    undecided = np.ones(len(asked), dtype=bool)
    who, utc = asked["who"].to_numpy(), asked["utc"].to_numpy()
    silence = noise.SILENCE_DAYS * 86400
    last = np.full(int(who.max()) + 1 if len(who) else 1, -(2**60), dtype=np.int64)
    while undecided.any():
        open_ = np.flatnonzero(undecided)
        _, first = np.unique(who[open_], return_index=True)
        chosen = open_[first]
        keep[chosen] = True
        last[who[chosen]] = utc[chosen]
        undecided &= utc >= last[who] + silence
        undecided[chosen] = False
    return keep
