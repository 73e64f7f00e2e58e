"""Two groups compared: hand-worked shares, laws, published twins, planted truth, and nothing where there is nothing."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.journeys.comparing.compare import compare_groups, split_by
from cxmining.journeys.comparing.ranks import compare_values
from cxmining.maps import difference_map


@pytest.fixture(scope="module")
def small(journeys_of_steps):
    """20 customers in a, of whom 15 call after they buy; 20 in b, of whom 5 do."""
    rows = [(f"a{i:02}", "buy call" if i < 15 else "buy") for i in range(20)]
    rows += [(f"b{i:02}", "buy call" if i < 5 else "buy") for i in range(20)]
    journeys = journeys_of_steps(rows)
    in_a = journeys.table["customer_id"].str.startswith("a").to_numpy()
    return journeys, compare_groups(journeys.take(in_a, "a"), journeys.take(~in_a, "b"), resamples=199)


def test_shares_by_hand(small):
    call = small[1].nodes.query("touchpoint == 'call' and measure == 'share'").iloc[0]
    assert (call["a"], call["b"], call["difference"]) == (0.75, 0.25, 0.5)
    assert call["odds_ratio"] == pytest.approx(9.0)  # 15/5 over 5/15
    assert call["effect"] == pytest.approx(2 * (np.arcsin(np.sqrt(0.75)) - np.arcsin(np.sqrt(0.25))))
    assert (call["n_a"], call["n_b"], call["customers_a"], call["customers_b"]) == (15, 5, 15, 5)
    # The exact test's .0038; with so few customers Student's tail and Yates's half together are a little more careful.
    exact = stats.fisher_exact([[15, 5], [5, 15]]).pvalue
    assert exact < call["p"] < 2.5 * exact
    assert call["low"] < 0.2 < 0.8 > call["high"] > 0.5


def test_what_everybody_does_is_not_tested_and_counted(small):
    buy = small[1].nodes.query("touchpoint == 'buy' and measure == 'share'").iloc[0]
    assert (buy["difference"], buy["tested"], bool(buy["shown"])) == (0, False, False)
    assert any("not tested" in note for note in small[1].notes)


def test_one_family_over_touchpoints_and_edges(small):
    shares = small[1].cells.query("measure == 'share' and tested")
    # call; buy → call; buy → (end); call → (end): one family of four, all equally strong.
    assert len(shares) == 4
    assert np.allclose(shares["q"], shares["p"])
    assert shares["shown"].all()


def test_repeated_journeys_of_a_customer_tell_nothing_new(journeys_of_steps, small):
    """Each customer's journey three times over: the same shares with the same intervals."""
    rows = [
        (f"{g}{i:02}", "buy call" if i < n else "buy")
        for g, n in (("a", 15), ("b", 5))
        for i in range(20)
        for _ in "123"
    ]
    journeys = journeys_of_steps(rows)
    in_a = journeys.table["customer_id"].str.startswith("a").to_numpy()
    thrice = compare_groups(journeys.take(in_a, "a"), journeys.take(~in_a, "b"), resamples=19)
    once = small[1].nodes.query("touchpoint == 'call' and measure == 'share'").iloc[0]
    again = thrice.nodes.query("touchpoint == 'call' and measure == 'share'").iloc[0]
    assert again[["low", "high"]].tolist() == pytest.approx(once[["low", "high"]].tolist())
    assert again["p"] == pytest.approx(once["p"], rel=1.0)
    assert again["p"] > 1e-4  # of 60 independent journeys each it would be 1e-8


def test_customers_in_both_groups_are_counted_and_dependent(journeys_of_steps):
    """Everyone calls in both periods or in neither: no difference, and a customer's own habit is no noise."""
    rows = [(f"c{i:02}", "buy call" if i % 2 else "buy") for i in range(40) for _ in "12"]
    journeys = journeys_of_steps(rows)
    first = (journeys.table["start"] < pd.Timestamp("2020-06-01", tz="UTC")).to_numpy()
    found = compare_groups(journeys.take(first, "first"), journeys.take(~first, "later"), resamples=19)
    call = found.nodes.query("touchpoint == 'call' and measure == 'share'").iloc[0]
    assert found.shared_customers == 40
    assert call["difference"] == 0
    assert call["high"] - call["low"] < 0.1  # two groups of 40 different customers: 0.42
    assert "40 customers in both groups" in found.notes[0]


def test_a_journey_in_both_groups_is_counted(small):
    journeys = small[0]
    found = compare_groups(
        journeys.take(np.arange(25), "first"), journeys.take(np.arange(15, 40), "last"), resamples=19
    )
    assert (found.shared_journeys, found.shared_customers) == (10, 10)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=3, max_size=12), st.lists(st.integers(0, 6), min_size=3, max_size=12))
def test_cliffs_delta_is_what_it_says(a, b):
    values = np.array([*a, *b], dtype=float)
    group = np.repeat([0, 1], [len(a), len(b)])
    row = compare_values(np.zeros(len(values), int), group, np.arange(len(values)), values, 1).iloc[0]
    pairs = [np.sign(x - y) for x in a for y in b]
    assert row["delta"] == pytest.approx(np.mean(pairs))
    assert row["median_a"] == pytest.approx(np.median(a))
    assert row["mean_b"] == pytest.approx(np.mean(b))


def test_ranks_agree_with_brunner_and_munzel():
    """One value per customer, spreads that differ: the variance is theirs, and so are p and the freedom."""
    rng = np.random.default_rng(3)
    a, b = rng.normal(0.6, 4, 25), rng.normal(0, 0.7, 60)
    values, group = np.concatenate([a, b]), np.repeat([0, 1], [25, 60])
    row = compare_values(np.zeros(85, int), group, np.arange(85), values, 1).iloc[0]
    twin = stats.brunnermunzel(a, b)
    assert row["p"] == pytest.approx(twin.pvalue, rel=1e-6)


def test_complete_separation_of_few_is_not_certain():
    values, group = np.arange(20.0), np.repeat([0, 1], 10)
    row = compare_values(np.zeros(20, int), group, np.arange(20), values, 1).iloc[0]
    assert row["delta"] == -1
    assert 1e-7 < row["p"] < 0.01  # exact: 2 / C(20, 10) = 1e-5


def test_values_are_clustered():
    """Ten copies of each customer's value are still that many customers."""
    rng = np.random.default_rng(5)
    values, group = rng.normal(size=40), np.repeat([0, 1], 20)
    once = compare_values(np.zeros(40, int), group, np.arange(40), values, 1).iloc[0]
    ten = compare_values(
        np.zeros(400, int), np.repeat(group, 10), np.repeat(np.arange(40), 10), np.repeat(values, 10), 1
    )
    assert ten["p"].iloc[0] == pytest.approx(once["p"], rel=0.1)
    assert ten["mean_low"].iloc[0] == pytest.approx(once["mean_low"])


def test_nothing_is_found_where_nothing_is(planted):
    """The benchmark's null at 12 repeats: at 5% there are more than three hits twice in a thousand."""
    found = list(planted.habit_splits(12, 120))
    assert sum(f.cells.query("measure == 'share'")["shown"].any() for f in found) <= 3
    assert sum(f.test.p <= 0.05 for f in found) <= 3


def test_the_planted_edge_is_found(planted):
    for found in planted.habit_splits(3, 400, boost=4.0):
        edges = found.edges.query("measure == 'share' and tested").sort_values("p")
        assert tuple(edges.iloc[0][["source", "target"]]) == planted.PLANTED
        assert edges.iloc[0]["shown"]
        assert found.test.p <= 0.05


def test_same_seed_same_result_and_row_order_does_not_matter(planted):
    data, in_a = planted.planted_log(np.random.default_rng(4), 60)
    from cxmining.journeys import build_journeys
    from cxmining.schema import Dataset

    shuffled = data.events.sample(frac=1, random_state=2).sort_values(["timestamp", "seq"], ignore_index=True)
    results = []
    for events in (data.events, shuffled.assign(touchpoint=shuffled["touchpoint"].astype("category").astype("str"))):
        journeys = build_journeys(Dataset(events=events), by="case")
        results.append(planted.split(journeys, planted.of_customers(journeys, in_a)))
    pd.testing.assert_frame_equal(results[0].cells, results[1].cells)
    assert results[0].test == results[1].test


@dataclass
class Scores:
    """The least that is scored."""

    journeys: object
    of: dict

    def journey_scores(self, metric=None):
        ids = self.journeys.table["journey_id"]
        score = [self.of.get(c, 5.0) for c in self.journeys.table["customer_id"]]
        columns = {"metric": "nps", "survey_kind": "journey", "score": score, "scale_low": 0.0, "scale_high": 10.0}
        return pd.DataFrame({"journey_id": ids, "customer_id": self.journeys.table["customer_id"], **columns})


def test_promoters_against_detractors(small):
    journeys = small[0]
    # Who calls is a detractor, except one; who does not a promoter, except one.
    calls = journeys.table["n_events"].to_numpy() == 2
    score = dict(zip(journeys.table["customer_id"], np.where(calls, 3.0, 9.0), strict=True))
    score["a00"], score["a19"] = 9.0, 3.0
    scored = Scores(journeys, score)
    groups = split_by(scored, "score")
    assert {k: len(v.journeys) for k, v in groups.items()} == {"detractor": 20, "promoter": 20}
    found = compare_groups(scored, by="score", resamples=99)
    assert found.names == ("promoter", "detractor")
    call = found.nodes.query("touchpoint == 'call' and measure == 'share'").iloc[0]
    assert (call["a"], call["b"]) == (0.05, 0.95)
    # The groups were made by score: that they differ in it is no finding, anywhere.
    assert "score" not in set(found.cells["measure"])
    assert any("do not overlap in score" in n for n in found.notes)
    assert found.test.p == pytest.approx(0.01)


def test_scores_of_groups_made_otherwise_are_compared(small):
    journeys = small[0]
    calls = journeys.table["n_events"].to_numpy() == 2
    score = dict(zip(journeys.table["customer_id"], np.where(calls, 4.0, 8.0), strict=True))
    names = journeys.table["customer_id"].str[0].tolist()
    found = compare_groups(Scores(journeys, score), by=names, resamples=19)
    row = found.nodes.query("touchpoint == 'buy' and measure == 'score'").iloc[0]
    assert (row["a"], row["b"]) == (5.0, 7.0)
    assert row["shown"]


def test_splits(small):
    journeys = small[0]
    assert set(split_by(journeys, "year")) == {"2020"}
    assert list(split_by(journeys, "channel")) == ["other"]
    with pytest.raises(UnknownNameError, match="did you mean 'channel'"):
        split_by(journeys, "chanel")
    with pytest.raises(StudyError, match="3 labels for 40 journeys"):
        split_by(journeys, ["x", "y", "z"])
    with pytest.raises(StudyError, match="scored"):
        split_by(journeys, "score")


def test_errors_say_what_and_why(small, journeys_of_steps):
    journeys = small[0]
    part = journeys.take(np.arange(20), "some")
    with pytest.raises(StudyError, match="same 40 journeys"):
        compare_groups(journeys, journeys)
    with pytest.raises(StudyError, match="two datasets"):
        compare_groups(part, journeys_of_steps([("x", "buy"), ("y", "buy")]))
    with pytest.raises(NotEnoughDataError, match="'b' has 1 customer; at least 10"):
        compare_groups(part, journeys.take([30], "one"))
    with pytest.raises(StudyError, match="one group alone"):
        compare_groups(journeys)
    with pytest.raises(StudyError, match="name two"):
        compare_groups(journeys, by=["x", "y", "z", "z"] * 10)
    with pytest.raises(StudyError, match="no group 'Y'"):
        compare_groups(journeys, by=["x", "y"] * 20, names=("x", "Y"))


def test_hostile_labels_and_one_instant(journeys_of_steps):
    evil = "<img/src=x/onerror=alert(1)>"
    rows = [(f"{g}{i:02}", f"buy {evil}" if i < n else "buy") for g, n in (("a", 18), ("b", 2)) for i in range(20)]
    journeys = journeys_of_steps(rows, step_h=0)
    names = [evil if c.startswith("a") else "b" for c in journeys.table["customer_id"]]
    found = compare_groups(journeys, by=names, names=(evil, "b"), resamples=19)
    assert evil not in found._repr_html_()
    assert "<img" not in found.figure().to_json().replace("\\u003c", "<")
    assert found.cells.query("measure == 'time_s'")["a"].eq(0).all()


def test_pictures_say_n_and_chain(small):
    said = " ".join(a.text for a in small[1].figure().layout.annotations)
    assert "n = 20 journeys of 20 customers" in said
    assert "a: 20 of 40 journeys" in said
    assert "GroupComparison(a: 20 journeys of 20 customers; b: 20 of 20; case)" in repr(small[1])


def test_a_comparison_without_anything_to_test_still_draws(journeys_of_steps):
    journeys = journeys_of_steps([(f"c{i:02}", "buy") for i in range(40)])
    found = compare_groups(journeys, by=["x", "y"] * 20, resamples=19)
    assert not len(found.summary)
    assert found.test.p == 1
    assert found.figure().layout.annotations
    assert "the same in both groups" in difference_map(found).to_svg()
