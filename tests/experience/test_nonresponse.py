"""Who answers: a world of known truth, the counts by hand, and what cannot be told."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxmining as cx
from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.experience.nonresponse import weigh_answers
from cxmining.stats import deal_folds

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from nonresponse import ask


def test_what_is_known_of_all_is_repaired() -> None:
    errors = []
    for seed in range(6):
        found, truth = ask(3000, seed, hidden=False)
        errors.append(found.levels["mean"] - truth)
    bias = pd.DataFrame(errors).mean()
    assert bias["unweighted"] > 0.15
    assert abs(bias["weighted"]) <= bias["unweighted"] / 3


def test_what_nobody_can_see_is_bounded_not_repaired() -> None:
    found, truth = ask(3000, 1, hidden=True)
    bounds = found.bounds.set_index("silent_scored")
    assert found.levels.loc["weighted", "low"] > truth  # weighting does not see it
    assert bounds.loc["-0.8", "low"] <= truth <= bounds.loc["0", "high"]
    assert bounds.loc["all at the bottom", "mean"] <= truth <= bounds.loc["all at the top", "mean"]


def test_bounds_by_hand() -> None:
    """Half answered, 4 each: were the silent 0.4 lower than weighting says (4 too), the mean is 3.8."""
    n = 400
    score = pd.Series(np.where(np.arange(n) % 2 == 0, 4.0, np.nan))
    known = pd.DataFrame({"kind": np.where(np.arange(n) % 4 < 2, "a", "b")})
    found = weigh_answers(known, score, pd.Series(range(n)), scale=(1, 5))
    bounds = found.bounds.set_index("silent_scored")["mean"]
    assert bounds["0"] == pytest.approx(4)
    assert bounds["-0.4"] == pytest.approx(3.8)
    assert bounds["all at the bottom"] == pytest.approx(2.5)
    assert found.rates[["invited", "answered"]].values.tolist() == [[200, 100], [200, 100]]
    assert found.warning is None


def test_balance_after_weighting() -> None:
    found, _ = ask(3000, 2, hidden=False)
    balance = found.propensity.balance
    assert balance["smd_before"].abs().max() > 0.2
    assert balance["smd_after"].abs().max() < 0.1
    assert "differ from those who were asked" in str(found.warning)
    assert found.weights.mean() == pytest.approx(1)


def test_too_little_to_model_is_said() -> None:
    score = pd.Series([4.0] * 30 + [np.nan] * 200)
    with pytest.raises(NotEnoughDataError, match="30 of 230 invitations were answered"):
        weigh_answers(pd.DataFrame({"a": [1] * 230}), score, pd.Series(range(230)), scale=(1, 5))
    score = pd.Series([4.0] * 100 + [np.nan] * 100)
    with pytest.raises(NotEnoughDataError, match="nothing that is known"):
        weigh_answers(pd.DataFrame({"a": [1] * 200}), score, pd.Series(range(200)), scale=(1, 5))


def test_markup_stays_text() -> None:
    score = pd.Series(np.where(np.arange(300) % 3 == 0, 4.0, np.nan))
    known = pd.DataFrame({"<img src=x onerror=alert(1)>": np.where(np.arange(300) % 2 == 0, "<b>", "b")})
    found = weigh_answers(known, score, pd.Series(range(300)), scale=(1, 5))
    assert "<img" not in found._repr_html_()
    assert "<b>" not in found._repr_html_().replace("<tbody>", "")


def test_the_same_again_whatever_the_order() -> None:
    one, two = (ask(1000, 3, hidden=False)[0] for _ in range(2))
    pd.testing.assert_frame_equal(one.levels, two.levels)
    assert repr(one) == repr(two)


def test_folds_part_nobody_and_are_even() -> None:
    group = np.random.default_rng(0).integers(0, 40, 500)
    fold = deal_folds(group, 5, seed=2)
    assert all(len(set(fold[group == g])) == 1 for g in np.unique(group))
    assert np.bincount(fold).max() - np.bincount(fold).min() < 60


@pytest.fixture(scope="module")
def lived(sample):
    return cx.measure_experience(cx.build_journeys(cx.read(sample / "study.toml")))


def test_the_sample(lived) -> None:
    found = cx.check_nonresponse(lived, "contact", features=["segment"])
    data = lived.journeys.data
    invited = int((data.invitations["survey"] == "contact").sum())
    assert int(found.rates.loc[found.rates["feature"] == "segment", "invited"].sum()) == invited
    assert 0.5 < found.propensity.auc <= 1
    assert found.levels.loc["unweighted", "n"] == len(found.weights) <= 298
    assert found.chain[-1].startswith(f"{invited:,} invitations to 'contact'")
    assert set(found.weights.index) <= set(data.responses["response_id"])


def test_only_what_came_before_the_invitation_is_known(lived) -> None:
    from dataclasses import replace

    from cxmining.experience.invited import invited_answers, known_before

    asked = invited_answers(lived, "contact", None)
    known = known_before(lived.journeys, asked)
    assert (known["days since the last"].dropna() >= 0).all()
    row = known["last touchpoint"].first_valid_index()
    events = lived.journeys.data.events.iloc[lived.journeys.log.rows]
    own = events[
        (events["customer_id"] == asked.loc[row, "customer_id"])
        & (events["timestamp"] <= asked.loc[row, "invited_at"])
        & (events["channel"] != "survey")
    ]
    assert own.sort_values("timestamp", kind="stable")["touchpoint"].iloc[-1] == known.loc[row, "last touchpoint"]
    since = asked.loc[row, "invited_at"] - pd.Timedelta(days=90)
    assert known.loc[row, "contacts in 90 days"] == (own["timestamp"] > since).sum()
    nobody = replace(lived.journeys.data, invitations=lived.journeys.data.invitations.head(0))
    with pytest.raises(NotEnoughDataError, match="no invitations were read"):
        cx.check_nonresponse(replace(lived, journeys=replace(lived.journeys, data=nobody)))


def test_rates_by_channel_touchpoint_persona_length_and_ending(lived) -> None:
    data = lived.journeys.data
    people = data.invitations["customer_id"].dropna().unique()
    labels = {c: "one" if i % 2 else "two" for i, c in enumerate(sorted(people))}
    found = cx.check_nonresponse(lived, "contact", features=["segment"], personas=labels)
    rates = found.rates
    invited = int((data.invitations["survey"] == "contact").sum())
    for feature in (
        "invited by", "last channel", "last touchpoint", "steps of the journey", "segment", "persona",
        "length of the journey", "ending",
    ):  # fmt: skip
        own = rates[rates["feature"] == feature]
        assert own["invited"].sum() == invited
        assert (own["low"] <= own["rate"]).all()
        assert (own["rate"] <= own["high"]).all()
    # what may have come after the invitation describes who answers, and weighs nobody
    assert set(rates.loc[~rates["weighed"], "feature"]) == {"persona", "length of the journey", "ending"}
    assert not set(found.propensity.balance["feature"]) & {"persona", "length of the journey", "ending"}
    plain = cx.check_nonresponse(lived, "contact", features=["segment"])
    pd.testing.assert_series_equal(plain.weights, found.weights)
    figure = found.figure("nl")
    assert len(figure.data) == 3


def test_the_ending_is_that_of_the_journey_that_the_invitation_followed_on(lived) -> None:
    from cxmining.experience.invited import invited_answers, whole_journeys

    asked = invited_answers(lived, "contact", None)
    whole = whole_journeys(lived.journeys, asked)
    row = whole["ending"].first_valid_index()
    events = lived.journeys.events
    own = events[
        (events["customer_id"] == asked.loc[row, "customer_id"]) & (events["timestamp"] <= asked.loc[row, "invited_at"])
    ].sort_values("timestamp", kind="stable")
    journey = events[events["journey_id"] == own["journey_id"].iloc[-1]].sort_values("timestamp", kind="stable")
    assert whole.loc[row, "length of the journey"] == len(journey)
    assert whole.loc[row, "ending"] == journey["touchpoint"].iloc[-1]


def test_unknown_names_are_errors_that_name_the_nearest(lived) -> None:
    with pytest.raises(UnknownNameError, match="contact"):
        cx.check_nonresponse(lived, "contakt")
    with pytest.raises(UnknownNameError, match="segment"):
        cx.check_nonresponse(lived, "contact", features=["segmnt"])
    with pytest.raises(UnknownNameError, match="csat"):
        cx.check_nonresponse(lived, "contact", metric="csta")


def test_a_filter_is_refused_because_invitations_are_not_filtered(lived) -> None:
    with pytest.raises(StudyError, match="all of the invitations"):
        cx.check_nonresponse(lived.where(cx.filters.contains("power outage")))
