"""How ways were scored: means about enough customers, and none from which a hidden one could be had back."""

from types import SimpleNamespace

import pandas as pd
import pytest

from cxmining.errors import NotEnoughDataError
from cxmining.experience.example import small_example
from cxmining.runs.ways import with_scores


def felt(*groups, scale=(1.0, 5.0)):
    """(way, customers, score) each: an experience in which every customer has one journey, scored."""
    rows = [(way, score) for way, n, score in groups for _ in range(n)]
    journeys = pd.DataFrame({"journey_id": range(len(rows)), "variant_id": [way for way, _ in rows]})
    scores = pd.DataFrame(
        {
            "journey_id": range(len(rows)),
            "customer_id": range(len(rows)),
            "metric": "csat",
            "score": [s for _, s in rows],
        }
    ).assign(scale_low=scale[0], scale_high=scale[1])
    return SimpleNamespace(journeys=SimpleNamespace(table=journeys), journey_scores=lambda metric: scores)


def ways(*names):
    return pd.DataFrame({"variant_id": list(names)})


def test_the_mean_of_a_way_has_its_n_and_stays_away_where_too_few_answered():
    hidden = []
    found = with_scores(ways("a", "b"), felt(("a", 12, 4.0), ("b", 9, 1.0), ("rare", 5, 2.0)), 10, hidden)
    assert found["score_mean"].tolist()[0] == 4.0
    assert found["score_n"].fillna(0).tolist() == [12, 0]
    assert found["score_low"].iloc[0] < 4.0 < found["score_high"].iloc[0]
    assert found["score_mean"].isna().tolist() == [False, True]
    assert [tuple(r) for r in pd.concat(hidden).to_numpy()] == [
        ("variants.csv", "(1 variant)", "score_mean", "fewer than 10 customers")
    ]


def test_what_is_left_outside_is_never_about_fewer_customers_than_may_be_shown():
    """All 30 are known to have a mean; with 12 + 15 of them shown, the other three could be worked out."""
    hidden = []
    found = with_scores(ways("a", "b"), felt(("a", 12, 4.0), ("b", 15, 3.0), ("rare", 3, 1.0)), 10, hidden)
    assert found["score_mean"].isna().tolist() == [True, False]  # the smaller one goes: 3 + 12 are enough
    assert hidden[0]["reason"].tolist() == ["protects another hidden cell"]
    # where nobody is outside nothing can be worked out
    found = with_scores(ways("a", "b"), felt(("a", 12, 4.0), ("b", 15, 3.0)), 10, [])
    assert found["score_mean"].tolist() == [4.0, 3.0]


def test_without_scores_the_columns_are_empty():
    def nothing(metric):
        raise NotEnoughDataError("nobody answered")

    lived = SimpleNamespace(journeys=None, journey_scores=nothing)
    found = with_scores(ways("a"), lived, 10, [])
    assert found.loc[0, ["score_mean", "score_metric"]].isna().all()


def test_it_is_the_mean_that_the_workbench_shows():
    from cxmining.workbench import explore

    lived = small_example()
    table = lived.journeys.variants
    found = with_scores(table, lived, 10, []).set_index("variant_id")
    seen = explore(lived).variants(50).set_index("variant_id")
    both = found.join(seen.add_suffix("_seen"), how="inner")
    assert len(both)
    shown = both[both["score_mean"].notna()]
    assert shown["score_mean"].to_numpy() == pytest.approx(shown["score_mean_seen"].to_numpy())
