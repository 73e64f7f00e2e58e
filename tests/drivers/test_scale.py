"""Shares by logits beside shares by lines."""

import numpy as np
import pandas as pd
import pytest

import cxmining as cx
from cxmining.drivers import scale
from cxmining.drivers.scale import _classes, _deviance, check_classes
from cxmining.errors import NotEnoughDataError, StudyError

FAST = {"bootstrap": 100}


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(1)
    x = pd.DataFrame(rng.normal(size=(900, 3)) + 0.6 * rng.normal(size=(900, 1)), columns=["mail", "phone", "chat"])
    latent = 1.2 * x["mail"] + 0.6 * x["phone"] + rng.logistic(size=900)
    return x.assign(latent=latent, nps=np.clip(np.round(7 + 1.5 * latent), 0, 10), back=(latent > 1).astype(float))


def test_a_logistic_fit_is_that_of_statsmodels(frame):
    import statsmodels.api as sm

    x = frame[["mail", "phone", "chat"]].to_numpy()
    fit = sm.Logit(frame["back"].to_numpy(), sm.add_constant(x)).fit(disp=0)
    mine = _deviance(x, frame["back"].to_numpy().astype(np.int64), 2, np.ones(900))
    assert mine == pytest.approx(-fit.llf, abs=0.02)


def test_two_classes_and_three_and_more_say_the_same(frame):
    names = ["mail", "phone", "chat"]
    found = cx.find_drivers(frame[[*names, "back"]], "back", **FAST)
    check = check_classes(found)
    assert check.model == "logistic"
    assert check.shares["touchpoint"].tolist() == ["mail", "phone", "chat"]
    np.testing.assert_allclose(check.shares[["linear", "logit"]].sum(), 1)
    assert check.largest_difference < 0.05
    assert "hardly hang on the scale" in repr(check)
    nps = check_classes(cx.find_drivers(frame[[*names, "nps"]], "nps", **FAST), "nps")
    assert nps.model == "cumulative logit"
    assert nps.classes["class"].tolist() == ["detractor", "passive", "promoter"]
    assert nps.classes["n"].sum() == nps.n == 900
    assert nps.largest_difference < 0.06
    plain = check_classes(cx.find_drivers(frame[[*names, "nps"]], "nps", **FAST))
    assert len(plain.classes) <= 5
    assert "<table" in plain._repr_html_()


def test_a_touchpoint_that_tells_classes_apart_without_fail_has_a_finite_fit():
    rng = np.random.default_rng(2)
    x = pd.DataFrame(rng.normal(size=(200, 2)), columns=["mail", "phone"])
    check = check_classes(cx.find_drivers(x.assign(back=(x["mail"] > 0).astype(float)), "back", **FAST))
    assert check.shares.set_index("touchpoint").loc["mail", "logit"] > 0.9
    assert np.isfinite(check.r2_mcfadden)


def test_classes_by_hand():
    code, names = _classes(np.array([0.0, 6, 7, 8, 9, 10]), "nps", "nps")
    assert code.tolist() == [0, 0, 1, 1, 2, 2]
    assert names == ["detractor", "passive", "promoter"]
    assert _classes(np.array([9.0, 3, 9]), "nps", "nps")[1] == ["detractor", "promoter"]
    with pytest.raises(NotEnoughDataError, match="of one class"):
        _classes(np.array([9.0, 10]), "nps", "nps")
    with pytest.raises(StudyError, match="runs from 1 to 12"):
        _classes(np.array([1.0, 12]), "nps", "nps")


def test_many_touchpoints_are_asked_along_random_orders(monkeypatch):
    rng = np.random.default_rng(4)
    x = pd.DataFrame(rng.normal(size=(400, 6)) + 0.6 * rng.normal(size=(400, 1)), columns=list("abcdef"))
    latent = x["a"] + 0.5 * x["b"] + rng.logistic(size=400)
    found = cx.find_drivers(x.assign(back=(latent > 1).astype(float)), "back", **FAST)
    exact = check_classes(found)
    monkeypatch.setattr(scale, "ALL", 5)  # one touchpoint more than all of whose subsets are fitted
    sampled = check_classes(found)
    assert exact.se == 0 < sampled.se < 0.01
    both = exact.shares.set_index("touchpoint").join(sampled.shares.set_index("touchpoint").add_suffix("_2"))
    assert np.abs(both["logit"] - both["logit_2"]).max() < 4 * sampled.se
    assert sampled.shares["logit"].sum() == pytest.approx(1)
    assert "from random orders, standard error at most" in sampled.note


def test_what_it_refuses(frame, monkeypatch):
    found = cx.find_drivers(frame[["mail", "phone", "back"]], "back", **FAST)
    with pytest.raises(StudyError, match="expected 'nps'"):
        check_classes(found, "top2")
    monkeypatch.setattr(scale, "MOST", 1)
    with pytest.raises(StudyError, match="2 touchpoints are too many fits"):
        check_classes(found)
    monkeypatch.undo()
    with pytest.raises(StudyError, match="LMG"):
        check_classes(cx.find_drivers(frame[["mail", "phone", "back"]], "back", method="pmvd", **FAST))
