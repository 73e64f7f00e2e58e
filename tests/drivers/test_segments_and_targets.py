"""Drivers per segment with the difference tested, and several scores at once."""

import numpy as np
import pandas as pd
import pytest

import cxmining as cx
from cxmining.drivers.segments import compare_drivers
from cxmining.drivers.several import find_drivers_each
from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError

FEW = {"bootstrap": 100, "permutations": 199}


def two_kinds(seed, n=600, differ=True):
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.normal(size=(n, 3)) + 0.6 * rng.normal(size=(n, 1)), columns=["mail", "phone", "chat"])
    kind = np.where(np.arange(n) % 3 == 0, "shop", "home")
    driver = np.where(kind == "shop", x["phone"], x["mail"]) if differ else x["mail"]
    # a level of its own is no difference in drivers
    return x.assign(kind=kind, csat=driver + rng.normal(size=n) - 3.0 * (kind == "shop"))


def test_planted_difference_is_found_and_named():
    found = compare_drivers(two_kinds(1), "csat", "kind", touchpoints=["mail", "phone", "chat"], **FEW)
    tests = found.tests.set_index("touchpoint")
    assert tests.loc[["mail", "phone"], "differs"].all()
    assert not tests.loc["chat", "differs"]
    assert tests.loc["phone", "most"] == "shop"
    assert found.p_all < 0.02
    assert found.segments["n"].tolist() == [400, 200]
    assert found.segments["segment"].tolist() == ["home", "shop"]
    np.testing.assert_allclose(found.shares.groupby("segment")["share"].sum(), 1)
    assert (found.shares["share_low"] <= found.shares["share_high"]).all()
    assert found.segments.loc[1, "verdict"] == "cannot tell"  # 200 responses carry none
    assert "differs at" in repr(found)
    assert list(found.summary.columns) == ["touchpoint", "home", "shop", "difference", "p_adjusted", "differs"]


def test_no_difference_is_seldom_found():
    p = [
        compare_drivers(two_kinds(s, 400, differ=False), "csat", "kind", bootstrap=100, permutations=99).p_all
        for s in range(12)
    ]
    assert np.mean(np.array(p) < 0.05) <= 0.25
    assert 0.2 < np.mean(p) < 0.8


def test_shares_are_those_of_the_segment_alone():
    frame = two_kinds(2)
    found = compare_drivers(frame, "csat", "kind", touchpoints=["mail", "phone", "chat"], **FEW)
    alone = cx.find_drivers(
        frame[frame["kind"] == "home"], "csat", touchpoints=["mail", "phone", "chat"], bootstrap=100
    )
    mine = found.shares[found.shares["segment"] == "home"].set_index("touchpoint")["share"]
    np.testing.assert_allclose(alone.shares.set_index("touchpoint")["share"][mine.index], mine, atol=1e-9)


def test_rows_and_markup_do_not_matter():
    evil = "<img src=x onerror=alert(1)>"
    frame = two_kinds(3, 400).replace({"kind": {"shop": evil}})
    found = compare_drivers(frame, "csat", "kind", touchpoints=["mail", "phone"], **FEW)
    again = compare_drivers(frame[::-1], "csat", "kind", touchpoints=["mail", "phone"], **FEW)
    pd.testing.assert_frame_equal(found.tests, again.tests)
    assert "<img" not in found._repr_html_()
    assert evil in repr(found)


def test_segments_that_cannot_be_compared():
    frame = two_kinds(4, 450)
    frame.loc[:20, "kind"] = "farm"
    frame.loc[21:23, "kind"] = None
    found = compare_drivers(frame, "csat", "kind", touchpoints=["mail", "phone"], **FEW)
    assert any("farm 21" in note for note in found.notes)
    assert any("3 responses are of no segment" in note for note in found.notes)
    with pytest.raises(NotEnoughDataError, match="fewer than two segments of 'kind' have 100"):
        compare_drivers(frame[:200], "csat", "kind", **FEW)
    with pytest.raises(UnknownNameError, match="did you mean 'kind'"):
        compare_drivers(frame, "csat", "kindd", **FEW)
    with pytest.raises(StudyError, match="makes the segments and is a control"):
        compare_drivers(frame, "csat", "kind", controls=["kind"], **FEW)
    many = pd.concat([frame] * 8, ignore_index=True).assign(kind=np.arange(3600) % 30)
    with pytest.raises(StudyError, match="30 segments; 12 at most"):
        compare_drivers(many, "csat", "kind", touchpoints=["mail"], **FEW)
    both = frame.assign(customer=np.arange(450) // 2)
    with pytest.raises(StudyError, match="more than one segment"):
        compare_drivers(both, "csat", "kind", touchpoints=["mail"], **FEW)


def test_several_scores_do_not_explain_each_other():
    frame = two_kinds(5, 400).drop(columns="kind")
    frame["ces"] = frame["chat"] + np.random.default_rng(1).normal(size=400)
    frame["flat"] = 3.0
    found = find_drivers_each(frame, ["csat", "ces", "flat"], bootstrap=100)
    assert set(found.summary["touchpoint"]) == {"mail", "phone", "chat"}
    assert found["ces"].shares["touchpoint"][0] == "chat"
    assert "are 3" in found.left_out["flat"]
    assert found.verdicts["target"].tolist() == ["csat", "ces"]
    assert "flat: not explained" in repr(found)
    assert "<table" in found._repr_html_()
    with pytest.raises(StudyError, match="named more than once"):
        find_drivers_each(frame, ["csat", "csat"])
    with pytest.raises(StudyError, match="for several at once use find_drivers_each"):
        cx.find_drivers(frame, ["csat", "ces"])
    with pytest.raises(StudyError, match="there is no target"):
        find_drivers_each(frame, [])
    with pytest.raises(StudyError, match="a score cannot explain itself"):
        find_drivers_each(frame, ["csat", "ces"], touchpoints=["mail", "ces"])
    with pytest.raises(NotEnoughDataError, match="none of 1 targets"):
        find_drivers_each(frame, ["flat"])
