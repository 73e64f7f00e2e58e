"""A knee is proposed when there are two kinds of silence, and not otherwise."""

import numpy as np
import pandas as pd
import pytest
from notion_events import dataset

from cxmining.errors import NotEnoughDataError
from cxmining.journeys import build_journeys, propose_gap

DAY = 86_400.0


def people(silences, each=20):
    """Customers with so many silences (seconds) each, one after the other."""
    rows = []
    for person, part in enumerate(np.array_split(silences, max(1, len(silences) // each))):
        rows += [(f"c{person}", float(t) / DAY, "visit") for t in np.concatenate([[0], np.cumsum(part)])]
    return dataset(rows)


def two_kinds(n=4000, share=0.2, short=600.0, long=10 * DAY, seed=1):
    rng = np.random.default_rng(seed)
    pick = rng.random(n) < share
    return np.where(pick, rng.lognormal(np.log(long), 0.7, n), rng.lognormal(np.log(short), 0.7, n))


def test_the_knee_lies_where_both_kinds_are_as_likely():
    found = propose_gap(people(two_kinds()), bootstrap=60)
    # By hand: equal spreads, so ln x = mid + 0.7² · ln(0.8 / 0.2) / ln(long / short); kinds of 600 s and 10 days.
    mid, apart = np.log(600 * 10 * DAY) / 2, np.log(10 * DAY / 600)
    by_hand = np.exp(mid + 0.49 * np.log(4) / apart)
    assert found.clear
    assert found.knee_s == pytest.approx(by_hand, rel=0.15)
    assert found.low_s < by_hand < found.high_s
    assert found.share_longer == pytest.approx(0.2, abs=0.02)
    assert found.gap == "7h"
    assert found.kinds["share"].tolist() == pytest.approx([0.8, 0.2], abs=0.02)
    assert found.kinds["median_s"].tolist() == pytest.approx([600, 10 * DAY], rel=0.1)


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: rng.lognormal(np.log(5 * DAY), 1.2, 4000),
        lambda rng: rng.exponential(5 * DAY, 4000),
        lambda rng: rng.pareto(1.2, 4000) * 3600 + 1,
        lambda rng: rng.gamma(3, DAY, 4000),
    ],
)
def test_silences_of_one_kind_have_no_knee(draw):
    for seed in range(3):
        found = propose_gap(people(draw(np.random.default_rng(seed))), bootstrap=40)
        assert not found.clear
        assert found.gap is None
        assert np.isnan(found.knee_s)
        assert "no clear knee" in repr(found)


def test_a_knee_between_bursts_is_no_gap_between_journeys():
    found = propose_gap(people(two_kinds(share=0.9)), bootstrap=40)
    assert found.gap is None
    assert "parts bursts of contact, not journeys: 90% of silences are longer" in found.why


def test_the_curve_counts_journeys_as_building_them_does():
    data = people(two_kinds(400))
    found = propose_gap(data, bootstrap=20)
    for row in found.curve.itertuples():
        journeys = build_journeys(data, gap=row.gap)
        assert (row.journeys, row.events_per_journey) == (len(journeys), len(journeys.log) / len(journeys))


def test_the_same_seed_gives_the_same_interval_whatever_the_row_order():
    data = people(two_kinds(1000))
    shuffled = data.events.sample(frac=1, random_state=3).sort_values("timestamp", kind="stable").reset_index(drop=True)
    first, again = propose_gap(data, bootstrap=30), propose_gap(type(data)(events=shuffled), bootstrap=30)
    assert first.knee_s == again.knee_s
    assert propose_gap(data, bootstrap=30).low_s == first.low_s
    assert first.n == again.n


def test_what_a_company_sends_each_month_hides_the_silences():
    rng = np.random.default_rng(2)
    rows = [(f"c{i % 50}", d, "visit") for i, d in enumerate(rng.uniform(0, 300, 400))]
    rows += [(f"c{i}", 30.0 * m, "invoice") for i in range(50) for m in range(10)]
    found = propose_gap(dataset(rows), exclude=["invoice"], bootstrap=20)
    assert found.notion == "customer, without invoice"
    assert found.n == 350


def test_too_little_to_tell():
    with pytest.raises(NotEnoughDataError, match="2 events in 2 journeys"):
        propose_gap(dataset([("c1", 0, "a"), ("c2", 1, "a")]))
    with pytest.raises(NotEnoughDataError, match="a second or more apart"):
        propose_gap(dataset([("c1", 0, "a")] * 50))
    few = propose_gap(dataset([("c1", 0, "a"), ("c1", 1, "a")]))
    assert few.gap is None
    assert few.why == "1 silence of 1 customer is too few to tell two kinds apart"


def test_neighbours_within_a_second_are_no_silence():
    rows = [("c1", 0.0, "a"), ("c1", 0.0, "b"), ("c1", 1.0, "c")]
    found = propose_gap(dataset(rows))
    assert (found.n, found.simultaneous) == (1, 1)
    assert found.notes == ("1 of 2 neighbours lie less than a second apart: no silence, and no part of this",)


def test_the_picture_has_knee_interval_n_and_notion():
    found = propose_gap(people(two_kinds(1000)), bootstrap=30)
    figure = found.figure()
    assert len(figure.layout.shapes) == 2
    said = " ".join(a.text for a in figure.layout.annotations)
    assert f"gap {found.gap}" in said
    assert "n = 1,000 silences of 50 customers · customer" in said
    assert sum(figure.data[0].y) == 1000
    assert isinstance(found.summary, pd.DataFrame)
    assert "<p>GapProposal(" in found._repr_html_()
    bare = propose_gap(people(np.random.default_rng(1).lognormal(9, 1, 500)), bootstrap=20).figure()
    assert not bare.layout.shapes
