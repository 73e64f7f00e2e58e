"""Journeys planted one after the other are found again where the process, not the clock, starts anew."""

import numpy as np
import pandas as pd
import pytest
from notion_events import dataset, walks

from cxmining.engine import encode, split_sessions
from cxmining.journeys import build_journeys, propose_gap
from cxmining.journeys.cases.cutting import cut_process, restart_chance


def planted(between, kind, customers=250, seed=1, visits=4.0):
    """Return a log of whole journeys in a row and where each but a customer's first begins; days."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(customers):
        day = 0.0
        for visit in range(1 + rng.poisson(visits - 1)):
            for i, step in enumerate(WALKS[kind](rng)):
                day += rng.lognormal(np.log(between), 0.8) if i == 0 and visit else rng.lognormal(0, 1.0)
                rows.append((person, day, step, i == 0 and visit > 0))
    frame = pd.DataFrame(rows, columns=["person", "day", "step", "begins"])
    log = encode(
        journey=frame["person"], customer=frame["person"], touchpoint=frame["step"],
        channel=pd.Series(["web"] * len(frame)),
        timestamp=pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(frame["day"], unit="D"),
    )  # fmt: skip
    return log, frame["begins"].to_numpy()[log.rows]


def shop(rng):
    kind = rng.random()
    if kind < 0.5:
        return ["browse", *["compare"] * rng.integers(0, 3), "order", "pay", "deliver"]
    if kind < 0.8:
        return ["report fault", *["call"] * rng.integers(0, 2), "visit", "repair"]
    return ["invoice", "call", "reminder", "pay"][: rng.integers(2, 5)]


def messy(rng):
    core = ["browse", "order", "pay", "deliver"] if rng.random() < 0.6 else ["report fault", "visit", "repair"]
    out = []
    for step in core:
        while rng.random() < 0.25:
            out.append(str(rng.choice(["call", "mail", "app"])))
        if rng.random() < 0.9:
            out.append(step)
    return out or ["app"]


WALKS = {"shop": shop, "messy": messy}


def found(cut, truth):
    hits = float((cut & truth).sum())
    return hits / max(cut.sum(), 1), hits / truth.sum()


def begins(log, of):
    out = np.zeros(len(of), dtype=bool)
    out[log.offsets[:-1]] = True
    out[of.offsets[:-1]] = False
    return out


@pytest.mark.parametrize(
    ("kind", "between", "precision", "recall"),
    [("shop", 20, 0.98, 0.98), ("shop", 6, 0.98, 0.98), ("messy", 20, 0.97, 0.93), ("messy", 6, 0.97, 0.9)],
)
def test_planted_journeys_are_found_where_no_gap_could(kind, between, precision, recall):
    log, truth = planted(between, kind)
    whole = log.take(np.arange(log.n_journeys))
    cut, notes = cut_process(whole)
    p, r = found(begins(cut, whole), truth)
    assert p >= precision
    assert r >= recall
    assert "starts anew" in notes[0]
    # The best of all gaps, chosen with the truth in hand, does worse.
    silence = np.diff(whole.time)
    best = 0.0
    for gap in np.quantile(silence[silence > 0], np.linspace(0.4, 0.99, 60)).astype(int):
        gp, gr = found(begins(split_sessions(whole, int(gap)), whole), truth)
        best = max(best, 2 * gp * gr / max(gp + gr, 1e-9))
    assert 2 * p * r / (p + r) > best + 0.05


def test_the_notes_expect_about_as_many_wrong_cuts_as_there_are():
    log, truth = planted(6, "messy")
    chance = restart_chance(log)
    cut = chance > 0.5
    p, r = found(cut, truth)
    assert abs((1 - chance[cut]).mean() - (1 - p)) < 0.04
    assert abs(chance[~cut].sum() / chance.sum() - (1 - r)) < 0.08


def test_journeys_that_are_whole_stay_whole():
    for kind in WALKS:
        log, _ = planted(1, kind, visits=1.0, customers=800)
        cut, notes = cut_process(log)
        assert cut is log
        assert notes == ["neither steps nor silences tell where the process starts anew: nothing was cut"]


def test_the_cut_is_named_the_same_again_and_does_not_hang_on_row_order_or_names():
    rng = np.random.default_rng(5)
    rows = []
    for person in range(40):
        day = rng.uniform(0, 9)
        for _ in range(5):
            rows += [(f"c{person}", day, "look"), (f"c{person}", day + 0.2, "buy"), (f"c{person}", day + 1, "pay")]
            day += rng.uniform(15, 40)
    journeys = build_journeys(dataset(rows), cut="process")
    assert set(walks(journeys)) == {"look buy pay"}
    assert len(journeys) == 200
    assert str(journeys.notion) == "customer, cut where the process starts anew"
    assert journeys.notes[0].startswith("cut at 160 places where the process starts anew: 40 journeys became 200")
    mixed = build_journeys(dataset(sorted(rows, key=lambda r: r[2])), cut="process")
    assert sorted(walks(mixed)) == sorted(walks(journeys))
    renamed = [(c, d, {"look": "zz", "buy": "mm", "pay": "aa"}[t]) for c, d, t in rows]
    assert set(walks(build_journeys(dataset(renamed), cut="process"))) == {"zz mm aa"}


@pytest.mark.parametrize(
    "rows",
    [
        [("c1", 0, "look")],
        [("c1", 0, "look"), ("c1", 0, "look"), ("c2", 0, "buy")],
        [("c1", i / 1000, "look") for i in range(300)],
    ],
)
def test_nothing_to_learn_from_cuts_nothing(rows):
    journeys = build_journeys(dataset(rows), cut="process")
    assert len(journeys) == len({r[0] for r in rows})
    assert "nothing was cut" in journeys.notes[0]


def test_a_pure_gap_on_the_same_events_says_its_own():
    log, _ = planted(60, "shop")
    rows = [
        (f"c{c}", t / 86_400e6, log.touchpoints[s])
        for c, t, s in zip(log.customer[log.journey], log.time, log.touchpoint, strict=True)
    ]
    proposal = propose_gap(dataset(rows), bootstrap=50)
    assert proposal.clear
    assert 4 < proposal.knee_s / 86_400 < 20
