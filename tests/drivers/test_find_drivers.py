"""The verb: shares, intervals and verdicts, on frames whose truth is known."""

import json
import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxmining as cx
from cxmining.drivers import RatingFrame
from cxmining.errors import UnknownNameError
from cxmining.i18n import translate

SHARED = Path(__file__).parents[3] / "shared/data"
FAST = {"bootstrap": 100}


def halo(seed, n=1000, rho=0.4, beta=(1, 1, 1, *[0] * 12), r2=0.3):
    """Touchpoints that all correlate by rho, of which `beta` says who matters."""
    rng = np.random.default_rng(seed)
    p = len(beta)
    x = np.sqrt(rho) * rng.normal(size=(n, 1)) + np.sqrt(1 - rho) * rng.normal(size=(n, p))
    signal = x @ np.asarray(beta, dtype=float)
    frame = pd.DataFrame(x, columns=[f"t{i:02d}" for i in range(p)])
    return frame.assign(csat=signal + rng.normal(size=n) * np.sqrt(signal.var() * (1 - r2) / r2))


def by_name(found, column="share"):
    return found.shares.set_index("touchpoint")[column].sort_index()


# --- planted truth -------------------------------------------------------------------------------


def test_three_of_fifteen_come_out_concentrated():
    found = cx.find_drivers(halo(11, r2=0.35), "csat", bootstrap=300)
    assert found.verdict.word == "concentrated"
    assert set(found.verdict.touchpoints) == {"t00", "t01", "t02"}
    assert set(found.shares["touchpoint"][:3]) == {"t00", "t01", "t02"}
    for text in (found.verdict.sentence("en"), found.verdict.sentence("nl")):
        assert "80%" in text
        assert "R² =" in text
    assert "not the effect of changing" in found.verdict.sentence()


def test_a_flat_halo_comes_out_spread():
    found = cx.find_drivers(halo(12, n=3000, beta=np.ones(15)), "csat", bootstrap=300)
    assert found.verdict.word == "spread"
    # any three of fifteen would "explain" this much: the curve must be read against it
    assert found.pareto["baseline"][2] == pytest.approx(0.733, abs=0.02)
    assert found.pareto["cumulative"][2] < 0.8


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_shuffled_score_is_never_explained(seed):
    frame = halo(seed)
    frame["csat"] = np.random.default_rng(seed).permutation(frame["csat"])
    verdict = cx.find_drivers(frame, "csat", **FAST).verdict
    assert verdict.word in ("cannot tell", "spread")
    assert "no clear association" in verdict.sentence()
    assert "Er is geen aantal" in verdict.sentence("nl") or "Ongeveer" in verdict.sentence("nl")


def test_too_few_responses_say_how_many_it_takes():
    verdict = cx.find_drivers(halo(4, n=250), "csat", **FAST).verdict
    assert (verdict.word, verdict.reason) == ("cannot tell", "n")
    assert "250 effective responses" in verdict.sentence()
    assert verdict.figures["n_needed"] >= 300


def test_below_a_thousand_power_is_warned_about():
    found = cx.find_drivers(halo(4, n=600), "csat", **FAST)
    assert found.verdict.figures["power_warning"]
    assert any("below 1,000" in note for note in found.notes)


def test_missing_by_design_keeps_the_true_drivers_in_front():
    frame = halo(5, n=1500, rho=0.3)
    rng = np.random.default_rng(5)
    seen = frame.drop(columns="csat").mask(rng.random((1500, 15)) < 0.5, -1.0)
    # who did not meet a touchpoint cannot be pleased or annoyed by it
    score = seen[["t00", "t01", "t02"]].replace(-1.0, 0.0).sum(axis=1) + rng.normal(size=1500)
    found = cx.find_drivers(seen.assign(csat=score), "csat", not_used=-1.0, **FAST)
    assert set(found.shares["touchpoint"][:3]) == {"t00", "t01", "t02"}
    assert found.shares["reach"].between(0.45, 0.55).all()
    assert found.shares["imputed"].max() == 0


def test_a_signal_of_meeting_alone_is_named_as_such():
    rng = np.random.default_rng(11)
    met = rng.random((1200, 8)) < 0.5
    x = pd.DataFrame(np.where(met, rng.normal(7, 1.5, (1200, 8)), -9.0), columns=list("abcdefgh"))
    score = -1.0 * met[:, 0] + 0.7 * np.where(met[:, 1], x["b"] - 7, 0) + rng.normal(size=1200)
    found = cx.find_drivers(x.assign(csat=score), "csat", not_used=-9, **FAST)
    (note,) = [n for n in found.notes if n.startswith("the score goes with having met")]
    assert note.endswith(": a")
    assert translate(note, "nl").endswith("splitst hun aandeel): a")
    parts = found.parts.set_index(["touchpoint", "part"])["share"]
    assert parts["a", "exposure"] > 10 * parts["a", "experience"]


def test_who_would_do_alone_is_said():
    frame = halo(3, n=1500, rho=0.3, beta=(2, *[0] * 14), r2=0.6)
    verdict = cx.find_drivers(frame, "csat", **FAST).verdict
    assert verdict.word == "concentrated"
    assert "In these data t00 alone already reaches 80%." in verdict.sentence()
    assert "In deze gegevens haalt t00 alleen al 80%." in verdict.sentence("nl")


# --- what the figures mean -----------------------------------------------------------------------


def test_figures_fit_together():
    found = cx.find_drivers(halo(6, n=500), "csat", **FAST)
    s = found.shares
    assert s["share"].sum() == pytest.approx(1)
    assert s["direct"].sum() == pytest.approx(1)
    assert s["pmvd"].sum() == pytest.approx(1)
    assert (s["share"].diff().dropna() <= 1e-9).all()
    assert ((s["share_low"] <= s["share_high"]) & (s["rank_low"] <= s["rank_high"])).all()
    assert (s["reach"] == 1).all()
    assert (s["n"] == 500).all()
    assert found.r2_low < found.r2
    assert found.r2_low < found.r2_high
    assert found.pareto["credit"].iloc[-1] == pytest.approx(1)
    assert found.pareto["cumulative"].iloc[-1] == pytest.approx(1)
    assert all(low <= high for low, high in zip(found.pareto["low"], found.pareto["high"], strict=True))
    assert all(a <= b for a, b in pairwise(found.pareto["baseline"]))
    assert list(found.summary)[:4] == ["touchpoint", "share", "share_low", "share_high"]


def test_codes_by_hand():
    # 6 = never met, 0 = blank, 11 outside the scale, text and infinity no score
    frame = pd.DataFrame(
        {
            "all": [1, 2, 3, 4, 5, 6, 0, 3, 2, 4] * 5,
            "mail": [1, 2, 6, 4, 5, 1, 1, 0, 9, 3] * 5,
            "phone": ["2", "x", "3", "5", "4", "1", "1", "2", "1", None] * 5,
        }
    )
    found = cx.find_drivers(
        frame, "all", touchpoints=["mail", "phone"], not_used=6, blank=0, scales={"mail": (1, 5)}, **FAST
    )
    assert found.n == 40  # two of ten have no score on the target
    assert found.rejected == {"mail": 5, "phone": 5}
    n = by_name(found, "n")
    assert (n["mail"], n["phone"]) == (25, 30)  # mail: 1 2 4 5 3; phone: 2 3 5 4 2 1
    assert by_name(found, "reach")["mail"] == pytest.approx(7 / 8)
    assert by_name(found, "imputed")["mail"] == pytest.approx(2 / 7)
    assert by_name(found, "mean")["mail"] == pytest.approx(3.0)
    assert by_name(found, "mean")["phone"] == pytest.approx(17 / 6)


def test_a_code_inside_a_declared_scale_is_a_score():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"nps": rng.integers(0, 12, 400), "mail": rng.integers(1, 7, 400)})
    found = cx.find_drivers(frame, "nps", not_used=6, blank=0, scales={"nps": (0, 10)}, **FAST)
    assert found.n == int((frame["nps"] <= 10).sum())
    assert found.rejected == {"nps": int((frame["nps"] == 11).sum())}


def test_weights_and_their_effective_number():
    frame = halo(7, n=400, beta=(1, 0.5))
    frame["w"] = np.where(np.arange(400) < 200, 3.0, 1.0)
    found = cx.find_drivers(frame, "csat", weights="w", **FAST)
    assert found.n_eff == pytest.approx((600 + 200) ** 2 / (200 * 9 + 200))
    # whole weights are rows that stand there so often
    often = pd.concat([frame, frame[:200], frame[:200]]).drop(columns="w")
    twin = cx.find_drivers(often, "csat", **FAST)
    assert found.r2 == pytest.approx(twin.r2, abs=1e-12)
    np.testing.assert_allclose(by_name(found), by_name(twin), atol=1e-12)
    array = cx.find_drivers(frame.drop(columns="w"), "csat", weights=frame["w"].to_numpy(), **FAST)
    assert array.r2 == pytest.approx(found.r2, abs=1e-12)


def test_repeats_of_a_customer_widen_intervals_and_count_once():
    frame = halo(8, n=300, beta=(1, 0.5, 0))
    often = pd.concat([frame.assign(customer=np.arange(300).astype(str))] * 4, ignore_index=True)
    clustered = cx.find_drivers(often, "csat", bootstrap=300)
    naive = cx.find_drivers(often, "csat", touchpoints=["t00", "t01", "t02"], cluster=None, bootstrap=300)
    assert clustered.n == 1200
    assert clustered.n_eff == pytest.approx(300)
    assert (clustered.r2_high - clustered.r2_low) > 1.5 * (naive.r2_high - naive.r2_low)


def test_controls_are_partialled_out():
    rng = np.random.default_rng(9)
    segment = rng.integers(0, 3, 800)
    frame = halo(9, n=800, beta=(1, 0, 0), rho=0.0)
    frame["csat"] = 3.0 * segment + frame["t00"] + rng.normal(size=800)
    frame["t01"] = segment + rng.normal(size=800)  # rides on the segment only
    frame["segment"] = np.array(["home", "shop", "farm"])[segment]
    names = ["t00", "t01", "t02"]
    alone = cx.find_drivers(frame, "csat", touchpoints=names, **FAST)
    held = cx.find_drivers(frame, "csat", touchpoints=names, controls=["segment"], **FAST)
    assert by_name(alone)["t01"] > 0.3
    assert by_name(held)["t01"] < 0.02
    assert held.r2 + held.r2_controls < 1
    assert held.r2_controls > 0.6
    assert "segment" in held.verdict.sentence()
    assert held.as_dict()["controls"] == ["segment"]


def test_slopes_are_points_per_point_in_the_good_direction():
    frame = halo(10, n=2000, beta=(2, 1), rho=0.2, r2=0.9)
    assert by_name(cx.find_drivers(frame, "csat", **FAST), "slope")["t00"] == pytest.approx(2, abs=0.1)
    met = pd.DataFrame(True, index=frame.index, columns=["t00", "t01"])
    effort = RatingFrame(frame, met, "csat", ("t00", "t01"), higher_is_better=False)
    assert by_name(cx.find_drivers(effort, "csat", **FAST), "slope")["t00"] == pytest.approx(-2, abs=0.1)


def test_groups_share_as_one():
    frame = halo(13, n=500, beta=(1, 1, 0, 0))
    found = cx.find_drivers(frame, "csat", groups={"contact": ["t00", "t02"]}, **FAST)
    assert set(found.shares["touchpoint"]) == {"contact", "t01", "t03"}
    assert found.shares["share"].sum() == pytest.approx(1)


def test_pmvd_gives_nothing_to_what_adds_nothing():
    frame = halo(14, n=3000, beta=(1, 1, 0), r2=0.9)
    lmg = cx.find_drivers(frame, "csat", **FAST)
    found = cx.find_drivers(frame, "csat", method="pmvd", **FAST)
    assert found.method == "pmvd"
    assert by_name(found)["t02"] < 0.01 < by_name(lmg)["t02"]
    np.testing.assert_allclose(by_name(found), by_name(lmg, "pmvd"), atol=1e-12)


# --- laws ----------------------------------------------------------------------------------------


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000))
def test_rows_columns_names_and_units_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    frame = halo(seed, n=350, beta=(1, 0.5, 0.2, 0)).round(1)
    frame["customer"] = rng.integers(0, 300, 350).astype(str)
    frame = frame.mask(rng.random(frame.shape) < 0.03)
    base = cx.find_drivers(frame, "csat", **FAST)
    rows = cx.find_drivers(frame.sample(frac=1, random_state=seed), "csat", **FAST)
    pd.testing.assert_frame_equal(base.shares, rows.shares, check_exact=True)
    assert base.as_dict() == rows.as_dict()
    columns = cx.find_drivers(frame[rng.permutation(frame.columns)], "csat", **FAST)
    assert base.as_dict()["figures"]["psi"] == pytest.approx(columns.as_dict()["figures"]["psi"])
    pd.testing.assert_frame_equal(base.shares, columns.shares)
    scaled = cx.find_drivers(frame.assign(t00=frame["t00"] * 7 + 3, csat=frame["csat"] * 0.1), "csat", **FAST)
    pd.testing.assert_frame_equal(
        base.shares.drop(columns=["mean", "slope"]), scaled.shares.drop(columns=["mean", "slope"])
    )
    named = cx.find_drivers(frame.rename(columns={"t00": "zz", "t03": "aa"}), "csat", **FAST)
    np.testing.assert_allclose(base.shares["share_low"], named.shares["share_low"])
    assert base.verdict.word == named.verdict.word


def test_a_seed_is_a_seed_and_threads_do_not_matter():
    from threadpoolctl import threadpool_limits

    frame = halo(15, n=400, beta=(1, 1, 0, 0))
    with threadpool_limits(1):
        one = cx.find_drivers(frame, "csat", seed=5, **FAST)
    with threadpool_limits(2):
        two = cx.find_drivers(frame, "csat", seed=5, **FAST)
    pd.testing.assert_frame_equal(one.shares, two.shares, check_exact=True)
    assert one.as_dict() == two.as_dict()
    other = cx.find_drivers(frame, "csat", seed=6, **FAST)
    assert other.shares["share_low"].tolist() != one.shares["share_low"].tolist()
    np.testing.assert_array_equal(by_name(other), by_name(one))


@pytest.mark.parametrize(("p", "exact"), [(22, True), (30, False)])
def test_where_not_all_subsets_are_walked_it_says_so(p, exact):
    names = [f"t{i:02d}" for i in range(p)]
    found = cx.find_drivers(halo(16, n=900, beta=(2, 2, *[0] * (p - 2))), "csat", touchpoints=names, **FAST)
    said = "shares are exact" if exact else "shares come from random orders"
    assert any("random orders" in note and said in note for note in found.notes)
    assert found.shares["share"].sum() == pytest.approx(1)
    assert set(found.shares["touchpoint"][:2]) == {"t00", "t01"}
    checks = found.checks.set_index("check")["value"]
    assert ("largest standard error of a share" in checks) is not exact
    if not exact:
        assert checks["largest standard error of a share"] < 0.002


@pytest.mark.parametrize("seed", range(1, 4))
def test_a_verdict_near_a_border_does_not_hang_on_one_split(seed):
    # ψ = .9, D = .8: whether the three carry it is open, whichever halves the customers fall into
    frame = halo(31, beta=(1, 1, 1, *[0.25] * 12), r2=0.35)
    verdict = cx.find_drivers(frame, "csat", seed=seed, **FAST).verdict
    assert verdict.word == "cannot tell"
    assert 0 <= verdict.figures["psi_upper"] <= 1
    assert 0 <= verdict.figures["direct_upper"] <= 1


# --- pictures and plain values -------------------------------------------------------------------


def test_labels_with_markup_stay_text():
    evil = "<img src=x onerror=alert(1)>"
    frame = halo(17, n=400, beta=(1, 1, 0)).rename(columns={"t00": evil, "csat": "<b>score</b>"})
    found = cx.find_drivers(frame, "<b>score</b>", **FAST)
    assert "<img" not in found._repr_html_()
    assert "<b>score" not in found._repr_html_()
    figure = found.figure()
    figure.update_traces(customdata=None)  # the key of a bar: it is never shown
    drawn = figure.to_json()
    assert "<img" not in drawn
    assert "\\u003cimg" not in drawn
    assert "&lt;img" in drawn
    assert evil in repr(found)


def test_plain_values_are_json():
    found = cx.find_drivers(halo(18, n=400), "csat", **FAST)
    plain = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert list(plain) == [
        "word", "sentence", "target", "r2", "r2_adjusted", "r2_low", "r2_high", "n", "n_eff", "k", "p", "controls",
        "figures", "pareto",
    ]  # fmt: skip
    assert list(plain["pareto"][0]) == ["rank", "touchpoint", "cumulative", "low", "high", "baseline"]
    assert (plain["k"], plain["p"]) == (3, 15)


def test_ratings_from_journeys_are_taken_as_they_are():
    frame = halo(19, n=400, beta=(1, 0.5)).rename(columns={"csat": "target"})
    frame["customer"] = np.arange(400).astype(str)
    met = pd.DataFrame({"t00": True, "t01": np.arange(400) % 2 == 0})
    gathered = SimpleNamespace(
        frame=frame.mask(~met.reindex(columns=frame.columns, fill_value=True)),
        exposed=met, target="csat", metric="perception", touchpoints=("t00", "t01"), controls=(),
    )  # fmt: skip
    experience = SimpleNamespace(ratings=lambda target, metric=None, controls=(): gathered)
    found = cx.find_drivers(experience, "csat", **FAST)
    assert found.target == "csat"
    assert by_name(found, "reach")["t01"] == pytest.approx(0.5)
    assert cx.find_drivers(gathered, "csat", **FAST).r2 == found.r2
    with pytest.raises(UnknownNameError, match="nps"):
        cx.find_drivers(gathered, "nps", **FAST)


# --- real ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def airport():
    path = SHARED / "satisfaction/2017_SFO_Customer_Survey.csv"
    if not path.exists():
        pytest.skip("../shared/data/satisfaction is not here")
    frame = pd.read_csv(path, encoding="latin-1", low_memory=False)
    return frame, [c for c in frame if c.startswith("Q7") and c != "Q7ALL"]


@pytest.mark.real
def test_the_airport_survey_is_not_concentrated(airport):
    frame, items = airport
    begin = time.process_time()
    found = cx.find_drivers(
        frame, target="Q7ALL", touchpoints=items, not_used=6, blank=0, weights="WEIGHT", scales={"NETPRO": (0, 10)}
    )
    assert time.process_time() - begin < 6
    assert found.verdict.word in ("interchangeable", "spread")
    assert found.shares["share"].sum() == pytest.approx(1)
    assert found.verdict.figures["p"] == 14
    scores = pd.to_numeric(frame["Q7ALL"], errors="coerce")
    n = by_name(found, "n")
    for item in items:
        assert n[item] == ((scores.between(1, 5)) & frame[item].between(1, 5)).sum()
    assert found.n_eff < found.n < scores.notna().sum() + 1


@pytest.mark.real
def test_an_eleven_on_a_scale_of_ten_is_a_rejected_cell(airport):
    frame, items = airport
    found = cx.find_drivers(
        frame,
        target="NETPRO",
        touchpoints=items,
        not_used=6,
        blank=0,
        weights="WEIGHT",
        scales={"NETPRO": (0, 10)},
        **FAST,
    )
    assert found.rejected == {"NETPRO": int((frame["NETPRO"] == 11).sum())}
    assert found.verdict.word != "concentrated"


@pytest.mark.real
def test_an_airport_frame_with_unnamed_touchpoints_asks_which(airport):
    frame, _ = airport
    with pytest.raises(ValueError, match=r"numeric columns, which cannot all be ratings.*'Q7ART'"):
        cx.find_drivers(frame, target="Q7ALL", not_used=6, blank=0)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "target"), [("swiss", "Fertility"), ("longley", "Employed"), ("mtcars", "mpg"), ("attitude", "rating")]
)
def test_plain_frames_agree_with_relaimpo(name, target):
    if not (SHARED / "oracle").exists():
        pytest.skip("../shared/data/oracle is not here")
    frame = pd.read_csv(SHARED / f"oracle/{name}.csv", index_col=0)
    expected = pd.read_csv(SHARED / f"oracle/relaimpo_{name}.csv", index_col=0)["lmg"].sort_index()
    found = cx.find_drivers(frame, target=target, **FAST)
    np.testing.assert_allclose(by_name(found) * found.r2, expected, rtol=0, atol=1e-10)
    assert found.verdict.word == "cannot tell"


@pytest.mark.real
def test_groups_controls_and_pmvd_agree_with_the_oracle():
    if not (SHARED / "oracle").exists():
        pytest.skip("../shared/data/oracle is not here")
    frame = pd.read_csv(SHARED / "oracle/swiss.csv", index_col=0)
    groups = {"work": ["Agriculture", "Examination"], "rest": ["Catholic", "Infant.Mortality"]}
    found = cx.find_drivers(frame, "Fertility", groups=groups, **FAST)
    np.testing.assert_allclose(
        by_name(found) * found.r2, [0.2768373320, 0.2159516869, 0.2139459827], atol=1e-10, rtol=0
    )
    found = cx.find_drivers(frame, "Fertility", controls=["Catholic"], **FAST)
    expected = [0.0402101328, 0.2562230714, 0.1036508563, 0.0916474395]
    np.testing.assert_allclose(by_name(found) * found.r2, expected, atol=1e-10, rtol=0)
    found = cx.find_drivers(frame, "Fertility", method="pmvd", **FAST)
    expected = [0.04478517, 0.13433174, 0.37981877, 0.04446868, 0.10333064]
    np.testing.assert_allclose(by_name(found) * found.r2, expected, atol=1e-8, rtol=0)
