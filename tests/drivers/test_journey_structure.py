"""The journey's structure as a block of its own."""

import numpy as np
import pandas as pd
import pytest

import cxmining as cx
from cxmining.drivers.structure import explain_structure, journey_structure
from cxmining.errors import NotEnoughDataError, StudyError

FAST = {"bootstrap": 100}


def made(seed=1, n=500):
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.normal(size=(n, 2)), columns=["mail", "phone"])
    block = pd.DataFrame({"wait_s": rng.exponential(600, n), "repeats": rng.poisson(1.0, n).astype(float)})
    x["csat"] = x["mail"] - np.log1p(block["wait_s"]) + rng.normal(size=n)
    return x, block


def test_blocks_share_what_both_explain():
    frame, block = made()
    analysis = cx.find_drivers(frame, "csat", **FAST)
    found = explain_structure(analysis, block, bootstrap=200)
    assert found.blocks["share"].sum() == pytest.approx(1)
    structure = found.blocks.set_index("block").loc["structure"]
    assert structure["low"] <= structure["share"] <= structure["high"]
    assert found.shares["share"].sum() == pytest.approx(structure["share"])
    assert found.shares["column"].tolist() == ["wait_s", "repeats"]
    assert found.shares["slope"][0] < 0
    assert found.r2_touchpoints == pytest.approx(analysis.r2)
    # blocks that do not move together: each explains what it explains alone
    assert found.r2 == pytest.approx(found.blocks["alone"].sum(), abs=0.05)
    assert "log(1 + x)" in found.notes[-1]
    assert "Journey structure" in repr(found)
    assert "<table" in found._repr_html_()


def test_rows_may_come_in_any_order():
    frame, block = made(2)
    found = explain_structure(cx.find_drivers(frame, "csat", **FAST), block, bootstrap=100)
    order = np.random.default_rng(1).permutation(len(frame))
    again = explain_structure(cx.find_drivers(frame.iloc[order], "csat", **FAST), block.iloc[order], bootstrap=100)
    pd.testing.assert_frame_equal(found.shares, again.shares)


def test_what_is_not_known_takes_no_part():
    frame, block = made(3)
    analysis = cx.find_drivers(frame, "csat", **FAST)
    thin = block.assign(repeats=block["repeats"].where(np.arange(500) < 50), handovers=0.0)
    found = explain_structure(analysis, thin, bootstrap=100)
    assert found.shares["column"].tolist() == ["wait_s"]
    assert any("known of 10% of the responses" in note for note in found.notes)
    assert any("handovers takes no part: it is the same for all" in note for note in found.notes)
    with pytest.raises(NotEnoughDataError, match="does not vary"):
        explain_structure(analysis, thin[["handovers"]])
    with pytest.raises(StudyError, match="499 rows for 500"):
        explain_structure(analysis, block[:-1])
    with pytest.raises(StudyError, match="13 columns; 12 at most"):
        explain_structure(analysis, pd.DataFrame(np.zeros((500, 13))))


def test_journeys_are_described_until_the_answer(sample):
    journeys = cx.build_journeys(cx.read(sample))
    experience = cx.measure_experience(journeys)
    frame = experience.ratings("csat").frame
    table = journey_structure(experience, frame["response_id"])
    assert len(table) == len(frame)
    assert (table["contacts"].dropna() >= 0).all()
    assert table["position"].dropna().between(0, 1).all()
    assert table[["peak", "end"]].stack().between(0, 1).all()
    # counted by hand for one customer: contacts before the answer, surveys and outbound messages left out
    row = int(table["contacts"].fillna(0).to_numpy().argmax())
    data = journeys.data
    response = data.responses.set_index("response_id").loc[frame["response_id"][row]]
    events = data.events[data.events["customer_id"] == response["customer_id"]]
    own = events[~events["direction"].isin(["outbound", "internal"]) & (events["channel"] != "survey")]
    assert table["contacts"][row] == (own["timestamp"] <= response["timestamp"]).sum()
    with pytest.raises(StudyError, match="made of a frame"):
        explain_structure(cx.find_drivers(made()[0], "csat", **FAST), experience)
