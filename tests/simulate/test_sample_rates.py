"""Every rate that the sample promises, measured on a large year, with a tolerance of sampling error and a little."""

import numpy as np
import pandas as pd
import pytest

from cxmining.simulate import company, noise
from cxmining.simulate.customers import CHANNELS, make_people
from cxmining.simulate.journeys import make_world
from cxmining.simulate.shares import design, lmg
from cxmining.simulate.surveys import WAVE, make_surveys

N = 30_000


@pytest.fixture(scope="module")
def year():
    a, b, c = (np.random.default_rng([11, k]) for k in range(3))
    people = make_people(a, N)
    world = make_world(b, people, 5 * N)
    return people, world, make_surveys(c, people, world)


def near(value, target, tolerance):
    assert abs(value - target) <= tolerance, f"{value:.4g} is not {target} ± {tolerance}"


def test_volumes_per_customer_year(year):
    p, w, _ = year
    years = p.years.sum()
    near(len(w.contacts) / years, 1.8, 0.07)
    near(len(w.app) / years, 8, 0.2)
    near(len(w.messages) / years, 15, 0.5)
    near(p.leaves.mean(), 0.13, 0.006)


def test_channels(year):
    _, w, _ = year
    share = np.bincount(w.contacts["channel"], minlength=6) / len(w.contacts)
    by = dict(zip(CHANNELS, share, strict=True))
    near(by["phone"], 0.45, 0.02)
    near(by["chat"] + by["whatsapp"], 0.25, 0.02)
    near(by["mail"], 0.22, 0.02)
    near(by["web"] + by["social"], 0.08, 0.015)


def test_seasons_weekdays_and_outage_days(year):
    _, w, _ = year
    per_day = np.bincount(w.contacts["day"], minlength=365)
    outages = np.array([company.day_of(m, d) for m, d, _ in noise.OUTAGES])
    ordinary = np.setdiff1d(np.arange(365), outages)
    winter = ordinary[company.months_of(ordinary) <= 2]
    rest = np.setdiff1d(ordinary, winter)
    near(per_day[winter].mean() / per_day[rest].mean(), 1.70, 0.12)
    near(per_day[company.weekday(np.arange(365)) == 0].sum() / per_day.sum(), 0.23, 0.012)
    for day in outages:
        like = rest[(company.weekday(rest) == company.weekday(day)) & (abs(rest - day) < 60)]
        near(per_day[day] / np.median(per_day[like]), 6, 1.5)
    moves = w.contacts[w.contacts["intent"] == "reports move"]
    month = np.bincount(company.months_of(moves["day"].to_numpy()), minlength=13)[1:]
    assert month[6:9].min() > 1.2 * np.delete(month, [0, 1, 6, 7, 8]).max()
    assert month[6:9].sum() / month.sum() > 0.38


def test_how_contacts_go(year):
    _, w, _ = year
    c = w.contacts
    phone = c[c["channel"] == 0]
    answered = phone[~phone["abandoned"]]
    near(answered["wait_s"].median(), 95, 6)
    near(answered["wait_s"].quantile(0.9), 420, 30)
    near(phone["abandoned"].mean(), 0.07, 0.006)
    near(answered["transferred"].mean(), 0.12, 0.006)
    first = c[(c["round"] == 0) & ~c["abandoned"]]
    near(first["solved"].mean(), 0.70, 0.01)
    near((c["intent"] == "files complaint").mean(), 0.03, 0.005)


def test_forced_and_preventable_contacts_are_planted(year):
    _, w, _ = year
    c = w.contacts
    assert 0.03 < c["forced"].mean() < 0.08
    assert (c.loc[c["forced"], "channel"] == 0).all()
    assert 0.2 < c["preventable"].mean() < 0.5
    assert c.loc[c["round"] > 0, "preventable"].all()


def test_response_rates_and_silence(year):
    _, _, s = year
    i = s.invitations
    asked = i[i["survey"] == "contact"]
    rate = s.contact["channel"].value_counts() / asked["channel"].value_counts()
    for channel, target, tolerance in (
        ("phone", 0.14, 0.012),
        ("chat", 0.22, 0.015),
        ("mail", 0.08, 0.015),
        ("app", 0.04, 0.008),
    ):
        near(rate[channel], target, tolerance)
    near(len(s.relationship) / (i["survey"] == "relatie").sum(), 0.12, 0.008)
    gap = asked.sort_values(["who", "utc"]).groupby("who")["utc"].diff().dropna()
    assert gap.min() >= 30 * 86400


def test_scores(year):
    _, _, s = year
    for frame in (s.relationship, s.contact):
        share = frame["CSAT"].value_counts(normalize=True)
        for score, target in zip((5, 4, 3, 2, 1), (0.48, 0.27, 0.10, 0.06, 0.09), strict=True):
            near(share[score], target, 0.03)
        near(frame["comments"].mean(), 0.38, 0.03)
    nps = s.relationship["NPS"]
    near(100 * ((nps >= 9).mean() - (nps <= 6).mean()), -11, 4)
    near(s.relationship["cijfer"].mean(), 7.2, 0.1)


def test_non_response_depends_on_experience(year):
    _, _, s = year
    answered = s.feeling[s.relationship["who"]]
    assert answered.mean() - s.feeling.mean() > 0.15


def test_halo_and_r2_and_the_strongest(year):
    p, _, s = year
    x = pd.DataFrame(np.where(s.exposed, s.ratings, np.nan)).corr(min_periods=200).to_numpy()
    near(np.nanmean(x[np.triu_indices(len(company.BATTERY), 1)]), 0.40, 0.03)
    asked = (p.start < WAVE[0] - 30) & (p.end > WAVE[0])
    columns, groups = design(s.exposed[asked], s.ratings[asked])
    parts, r2 = lmg(columns, s.overall[asked].astype(float), groups)
    near(r2, 0.35, 0.03)
    best = int(parts.argmax())
    assert company.BATTERY[best] == "yearly statement"
    assert parts[best] / parts.sum() > 0.35


def test_wow_is_rare_and_pain_is_there(year):
    _, _, s = year
    rated = sum(
        ((s.relationship[f"r{j}"] > 0) & (s.relationship[f"e{j}"] > 0)).sum()
        for j, t in enumerate(company.BATTERY)
        if t not in company.NO_EXPECTATION
    )
    assert 0.01 <= len(s.wow) / rated <= 0.03
    assert 0.05 <= len(s.pain) / rated <= 0.20


def test_experience_follows_from_the_log(year):
    p, w, s = year
    j = company.BATTERY.index("yearly statement")
    met = s.exposed[:, j]
    assert np.corrcoef(s.ratings[met, j], p.shock[met])[0, 1] < -0.3
    j = company.BATTERY.index("power outage")
    met = s.exposed[:, j]
    assert np.corrcoef(s.ratings[met, j], np.log(w.outage_minutes[met]))[0, 1] < -0.3
    j = company.BATTERY.index("asks about invoice")
    c = w.contacts[(w.contacts["base"] == 0) & (w.contacts["utc"] < company.EPOCH + WAVE[0] * 86400)]
    unsolved = c.groupby("who")["solved"].min()
    unsolved = unsolved[s.exposed[unsolved.index, j]]
    rating = s.ratings[unsolved.index, j]
    assert rating[unsolved.to_numpy(bool)].mean() - rating[~unsolved.to_numpy(bool)].mean() > 0.8
