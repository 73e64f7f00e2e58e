"""Choices: hand-worked branches, statsmodels' estimates, a planted ground, and none where there is none."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.ingest import from_frame
from cxmining.journeys import CaseNotion, build_journeys
from cxmining.journeys.choosing import choosing as module
from cxmining.journeys.choosing.choosing import choices
from cxmining.journeys.choosing.model import Spread, deviance_test, fit, marginal
from cxmining.schema import table


@pytest.fixture(scope="module")
def clustered():
    """400 decisions of 130 customers between three options, by two binary columns."""
    rng = np.random.default_rng(11)
    cluster = np.sort(rng.integers(0, 130, 400))
    cluster = np.unique(cluster, return_inverse=True)[1]
    x = np.column_stack([np.ones(400), rng.integers(0, 2, 400), rng.integers(0, 2, 130)[cluster % 130]]).astype(float)
    taste = rng.normal(0, 0.8, cluster.max() + 1)[cluster]
    score = np.column_stack([0.4 * x[:, 1] + taste, 0.9 * x[:, 2], np.zeros(400)])
    y = (score + rng.gumbel(size=score.shape)).argmax(axis=1)
    return x, y, cluster


def test_estimates_and_clustered_errors_are_those_of_statsmodels(clustered):
    from statsmodels.discrete.discrete_model import MNLogit

    x, y, cluster = clustered
    model = fit(x, y, 3, ridge=0.0)
    spread = Spread.of(model, x, y, cluster)
    # statsmodels measures against the first option, we against the last.
    twin = MNLogit((y + 1) % 3, x).fit(disp=0, method="newton", maxiter=100)
    np.testing.assert_allclose(model.beta.T, np.asarray(twin.params), atol=1e-6)
    assert model.log_likelihood == pytest.approx(twin.llf)
    bread = np.asarray(twin.cov_params())
    scores = np.asarray(twin.model.score_obs(np.asarray(twin.params).ravel(order="F")))
    sums = np.add.reduceat(scores, np.searchsorted(cluster, np.unique(cluster)), axis=0)
    g = len(sums)
    assert spread.covariance == pytest.approx(bread @ (sums.T @ sums) @ bread * g / (g - 1), abs=1e-6)


def test_two_options_agree_with_statsmodels_logit_clustered(clustered):
    from statsmodels.discrete.discrete_model import Logit as Twin

    x, y, cluster = clustered
    y = (y == 0).astype(np.int64)
    model = fit(x, 1 - y, 2, ridge=0.0)  # the first option is what statsmodels calls 1
    spread = Spread.of(model, x, 1 - y, cluster)
    g, n = cluster.max() + 1, len(y)
    twin = Twin(y, x).fit(disp=0, cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False})
    assert model.beta[0] == pytest.approx(twin.params, abs=1e-6)
    assert np.sqrt(np.diag(spread.covariance)) == pytest.approx(twin.bse * np.sqrt(g / (g - 1)), rel=1e-4)
    high, low = x.copy(), x.copy()
    high[:, 1], low[:, 1] = 1, 0
    effect, _ = marginal(model, spread.covariance, high, low)
    assert effect[0] == pytest.approx(float((twin.predict(high) - twin.predict(low)).mean()))
    assert effect.sum() == pytest.approx(0)
    assert n == 400


def test_the_test_is_the_likelihood_ratio_at_the_design_effect(clustered):
    x, y, cluster = clustered
    full, without = fit(x, y, 3), fit(x[:, [0, 1]], y, 3)
    spread = Spread.of(full, x, y, cluster)
    statistic, df, effect, p = deviance_test(full, without, np.array([2]), spread)
    assert df == 2
    assert effect >= 1
    room = 1 - 6 / spread.customers
    assert statistic * df * effect == pytest.approx(2 * room * (full.log_likelihood - without.log_likelihood))
    assert 0 < p < 0.05


def test_a_quick_refit_is_the_slow_one(clustered):
    x, y, cluster = clustered
    full = fit(x, y, 3)
    spread = Spread.of(full, x, y, cluster)
    kept = [0, 1, 3, 4]
    quick = fit(x[:, :2], y, 3, start=full.beta[:, :2], curvature=spread.information[np.ix_(kept, kept)])
    assert quick.converged
    assert quick.log_likelihood == pytest.approx(fit(x[:, :2], y, 3).log_likelihood, abs=1e-5)


def study(n, seed, *, effect=0.0, segments=("A", "B"), label="call", no_segment=0):
    """Customers ask once, wait, and either call (B after a long wait more often, by `effect`), mail, or leave."""
    rng = np.random.default_rng(seed)
    segment = rng.choice(segments, n)
    wait = rng.choice([30.0, 300.0, 3_000.0], n)
    calls = rng.random(n) < 0.3 + effect * ((segment == "B") & (wait > 1_000))
    mails = rng.random(n) < 0.5
    start = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(rng.integers(0, 365 * 24 * 60, n), unit="min")
    rows = []
    for i in range(n):
        rows.append((f"c{i:04}", "ask", start[i], wait[i]))
        if calls[i] or mails[i]:
            rows.append((f"c{i:04}", label if calls[i] else "mail", start[i] + pd.Timedelta("1D"), np.nan))
    frame = pd.DataFrame(rows, columns=["customer", "step", "time", "wait"])
    data = from_frame(frame.drop(columns="wait"), customer="customer", touchpoint="step", timestamp="time")
    of = dict(zip(frame["customer"] + frame["step"], frame["wait"], strict=True))
    keys = data.events["customer_id"] + data.events["touchpoint"]
    events = data.events.assign(wait_s=pd.array([of[k] for k in keys], dtype="Float64"))
    ids = [f"c{i:04}" for i in range(n)][no_segment:]
    customers = {"customer_id": ids, "record_id": ids, "source": ["crm"] * len(ids), "seq": range(len(ids))}
    customers = table("customers", {**customers, "segment": segment[no_segment:]})
    return build_journeys(replace(data, events=events, customers=customers))


@pytest.fixture(scope="module")
def planted_ground():
    return choices(study(1_500, 1, effect=0.5))


def test_branch_by_hand(journeys_of_steps):
    """30 customers ask; 20 then call, 10 leave."""
    journeys = journeys_of_steps([(f"c{i:02}", "ask call" if i < 20 else "ask") for i in range(30)])
    found = choices(journeys, fewest=10)
    assert found.branches[["option", "n", "customers"]].values.tolist() == [["call", 20, 20], ["(end)", 10, 10]]
    assert found.branches["share"].tolist() == pytest.approx([2 / 3, 1 / 3])
    low, high = found.branches.loc[0, ["low", "high"]]
    half = 2.0452 * np.sqrt(2 / 9 / 29)  # t with 29 degrees of freedom
    assert (low, high) == pytest.approx((2 / 3 - half, 2 / 3 + half), abs=1e-4)
    assert found.summary.loc[0, "most_taken"] == "call"


def test_rare_next_steps_are_pooled_and_said(journeys_of_steps):
    rows = [(f"c{i:02}", f"ask {s}") for i, s in enumerate(["call"] * 15 + ["mail"] * 12 + ["fax", "post", "visit"])]
    found = choices(journeys_of_steps(rows), at="ask", fewest=10)
    assert found.branches[["option", "n"]].values.tolist() == [["call", 15], ["mail", 12], ["(other)", 3]]
    assert any("pooled into (other)" in n for n in found.notes)


def test_the_planted_ground_is_found(planted_ground):
    tests = planted_ground.tests.query("touchpoint == 'ask'").set_index("ground")
    assert tests.loc[["segment", "wait here"], "shown"].all()
    assert not tests.loc[["time of day", "day"], "shown"].any()
    rows = planted_ground.grounds.query("ground == 'wait here' and option == 'call'")
    long = rows[rows["level"].str.startswith("over") | rows["reference"].str.startswith("over")].iloc[0]
    # Among all customers a long wait adds half of .5; the interval covers it.
    sign = 1 if long["level"].startswith("over") else -1
    assert min(sign * long["low"], sign * long["high"]) < 25 < max(sign * long["low"], sign * long["high"])
    assert planted_ground.summary.set_index("touchpoint").at["ask", "can_be_told"]


def test_it_is_said_in_two_languages(planted_ground):
    english = next(s for s in planted_ground.sentences() if s.startswith("After ask"))
    dutch = next(s for s in planted_ground.sentences("nl") if s.startswith("Na ask"))
    assert all(words in english for words in ("wait here", "points call"))
    assert all(words in dutch for words in ("wachttijd hier", "punten call", "1.500 beslissingen"))
    with pytest.raises(UnknownNameError, match="language"):
        planted_ground.sentences("de")


def test_no_ground_is_found_where_there_is_none():
    found = [choices(study(400, seed)) for seed in range(4)]
    assert sum(int(f.tests["shown"].sum()) for f in found) <= 1
    p = np.concatenate([f.tests["p"].dropna() for f in found])
    assert (p <= 0.05).mean() <= 0.15
    assert sum(int(f.summary["can_be_told"].sum()) for f in found) <= 1
    assert "cannot be told from what is known" in found[0].sentences()[0]


def test_shuffled_choices_have_no_grounds(monkeypatch):
    """The choices of the planted study, dealt out anew: what predicted them no longer does."""
    rng = np.random.default_rng(6)
    original = module._options

    def shuffled(*args):
        branch = original(*args)
        return branch and branch._replace(option=rng.permutation(branch.option))

    monkeypatch.setattr(module, "_options", shuffled)
    found = [choices(study(400, seed, effect=0.5)) for seed in range(4)]
    assert sum(int(f.tests["shown"].sum()) for f in found) <= 1


def test_who_is_in_no_customer_file_is_a_ground_of_its_own():
    found = choices(study(500, 3, no_segment=120))
    tests = found.tests.set_index("ground")
    assert "customer file" in tests.index
    assert tests.at["segment", "unknown"] == 0


def test_an_option_never_taken_at_a_level_is_handled(journeys_of_steps):
    """Nobody of segment C calls: no interval is sure there, and nothing breaks."""
    rng = np.random.default_rng(8)
    segment = {f"c{i:03}": "ABC"[i % 3] for i in range(240)}
    rows = [(c, "ask call" if s != "C" and rng.random() < 0.5 else "ask") for c, s in segment.items()]
    found = choices(journeys_of_steps(rows, {"segment": segment}), at="ask", attributes="segment")
    assert found.tests.set_index("ground").at["segment", "shown"]
    assert any("never, or always" in n for n in found.notes)
    row = found.grounds.query("level == 'C' or reference == 'C'").query("option == 'call'").iloc[0]
    assert abs(row["effect"]) == pytest.approx(50, abs=12)
    assert np.isfinite(row[["low", "high"]].astype(float)).all()


def test_decisions_at_the_end_of_the_log_are_left_out(journeys_of_steps):
    journeys = journeys_of_steps([(f"c{i:02}", "ask call" if i % 2 else "ask") for i in range(60) for _ in "12"])
    journeys = replace(journeys, notion=CaseNotion.of("case", "30D"))
    found = choices(journeys, at="ask", fewest=10)
    assert found.branches["n"].sum() == 60  # each customer's second journey is within 30 days of the end
    assert any("within 30D of the end of the log" in n for n in found.notes)


def test_errors_say_what_and_why(planted_ground, journeys_of_steps):
    journeys = study(60, 1)
    with pytest.raises(UnknownNameError, match="did you mean 'ask'"):
        choices(journeys, at="ask!")
    with pytest.raises(UnknownNameError, match="customers have no 'segmnt'; did you mean 'segment'"):
        choices(journeys, attributes="segmnt")
    with pytest.raises(NotEnoughDataError, match="'call' is no branch"):
        choices(journeys, at="call")
    with pytest.raises(NotEnoughDataError, match="there is no branch"):
        choices(journeys_of_steps([("c", "ask")]))
    with pytest.raises(StudyError, match="level"):
        choices(journeys, level=2)
    with pytest.raises(UnknownNameError, match="no branch 'nothing'"):
        planted_ground.figure("nothing")


def test_pictures_and_hostile_labels():
    evil = "<img src=x onerror=alert(1)>"
    found = choices(study(300, 2, effect=0.6, segments=("A", "B", evil), label=evil))
    assert "<img" not in found._repr_html_()
    for picture in (found.figure(), found.figure("ask"), found.figure("ask", language="nl")):
        assert "<img" not in picture.to_json().replace("\\u003c", "<")
    assert "Choices(1 branch, 300 decisions" in repr(found)


def test_same_seed_same_result():
    one, two = (choices(study(300, 4), seed=5) for _ in range(2))
    pd.testing.assert_frame_equal(one.summary, two.summary)
    pd.testing.assert_frame_equal(one.grounds, two.grounds)
