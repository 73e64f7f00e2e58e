"""What stands beside the shares: dominance, parts, other treatments of what is missing, ceiling, checks, negative control."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import cxmining as cx
from cxmining.drivers.bounds import carried_at_most, predicted_at_most, ratio_upper
from cxmining.drivers.dominance import _levels, owen_of
from cxmining.drivers.find import _control_note
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.i18n import translate

FAST = {"bootstrap": 100}


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(1)
    x = pd.DataFrame(rng.normal(size=(600, 3)) + 0.7 * rng.normal(size=(600, 1)), columns=["mail", "phone", "chat"])
    x["phone"] = x["phone"].where(rng.random(600) < 0.6)
    x["segment"] = rng.choice(["home", "shop"], 600)
    x["w"] = rng.uniform(0.5, 2, 600)
    return x.assign(csat=2 * x["mail"] + x["phone"].fillna(0) + 0.5 * x["phone"].notna() + rng.normal(size=600))


@pytest.fixture(scope="module")
def found(frame):
    coded = frame.fillna({"phone": -9.0})
    names = ["mail", "phone", "chat"]
    return cx.find_drivers(
        coded, "csat", touchpoints=names, not_used=-9, controls=["segment"], weights="w", negative_control=True, **FAST
    )


def test_dominance_by_hand():
    # v(a) = .36, v(b) = .25, v(ab) = .41: a adds .36 alone and .16 after b, b adds .25 and .05
    levels = _levels(np.array([0.0, 0.36, 0.25, 0.41]), ["a", "b"])
    assert levels.levels.to_dict("records") == [{"touchpoint": "a", "over": "b", "level": "complete", "sets": 1.0}]
    np.testing.assert_allclose(levels.conditional[["0", "1"]], np.array([[0.36, 0.16], [0.25, 0.05]]) / 0.41)
    np.testing.assert_allclose(levels.conditional["general"], np.array([0.26, 0.15]) / 0.41)
    # of three, a is ahead of b alone but not beside c: general only
    values = np.array([0.0, 0.30, 0.20, 0.40, 0.10, 0.31, 0.33, 0.45])
    pair = _levels(values, ["a", "b", "c"]).levels.set_index(["touchpoint", "over"])
    assert pair.loc[("a", "b"), "level"] == "general"
    assert pair.loc[("a", "b"), "sets"] == 0.5


def test_general_dominance_is_the_share(found):
    general = found.dominance.conditional.set_index("touchpoint")["general"]
    np.testing.assert_allclose(general, found.shares.set_index("touchpoint")["share"][general.index], atol=1e-12)
    assert found.dominance.summary.iloc[0]["level"] == "complete"
    assert "mail" in repr(found.dominance)
    assert "<table" in found.dominance._repr_html_()


def test_parts_are_the_shares_split(found):
    parts = found.parts
    whole = parts.groupby("touchpoint")["share"].sum()
    np.testing.assert_allclose(whole, found.shares.set_index("touchpoint")["share"][whole.index], atol=1e-10)
    assert set(parts.loc[parts["touchpoint"] == "phone", "part"]) == {"experience", "exposure"}
    assert set(parts.loc[parts["touchpoint"] == "mail", "part"]) == {"experience"}
    # ½·(0.5 points by meeting it)² is little beside the scores' own variance, and yet not nothing
    phone = parts[parts["touchpoint"] == "phone"].set_index("part")["share"]
    assert 0 < phone["exposure"] < phone["experience"]


def test_a_groups_share_goes_to_its_members(frame):
    names = ["mail", "phone", "chat"]
    held = cx.find_drivers(
        frame.fillna({"phone": -9.0}),
        "csat",
        touchpoints=names,
        not_used=-9,
        groups={"desk": ["phone", "chat"]},
        **FAST,
    )
    split = held.parts[held.parts["touchpoint"] == "desk"]
    parts = split.groupby("member")["share"].sum()
    assert set(parts.index) == {"phone", "chat"}
    assert parts.sum() == pytest.approx(held.shares.set_index("touchpoint").loc["desk", "share"])
    # having met the phone is told from how it was, within the group too
    assert split.loc[split["member"] == "phone", "part"].tolist() == ["experience", "exposure"]
    assert parts["phone"] > parts["chat"]
    large = replace(held.design, labels=tuple((f"m{i}", "experience") for i in range(len(held.design.labels))))
    assert len(owen_of(large)) == len(large.labels)


def test_a_member_of_two_gets_what_owen_gives_it_by_hand():
    # independent columns: whatever the order, each adds its own square; the group's parts are those
    rng = np.random.default_rng(5)
    x = np.linalg.qr(np.column_stack([np.ones(400), rng.normal(size=(400, 4))]))[0][:, 1:]
    y = 3 * x[:, 0] + 2 * x[:, 1] + x[:, 2] + x[:, 3]
    scores = pd.DataFrame(x, columns=["mail", "phone", "chat", "shop"]).assign(csat=y)
    held = cx.find_drivers(scores, "csat", groups={"desk": ["phone", "chat"], "rest": ["mail", "shop"]}, **FAST)
    share = held.parts.set_index(["touchpoint", "member"])["share"]
    assert share.round(9).to_dict() == {
        ("desk", "phone"): round(4 / 15, 9), ("desk", "chat"): round(1 / 15, 9),
        ("rest", "mail"): round(9 / 15, 9), ("rest", "shop"): round(1 / 15, 9),
    }  # fmt: skip


def lived(frame):
    """What `find_drivers` asks of an experience, with two stages and two channels."""
    names = ["mail", "phone", "chat"]
    ratings = SimpleNamespace(
        frame=frame.rename(columns={"csat": "target"}), exposed=frame[names].notna(), target="csat",
        touchpoints=tuple(names), controls=(),
    )  # fmt: skip
    touchpoints = pd.DataFrame({"touchpoint": names, "stage": ["service", "service", "unknown"]})
    events = pd.DataFrame({"touchpoint": ["mail", "phone", "phone", "phone", "chat"], "channel": ["web", "phone", "phone", "web", "web"]})  # fmt: skip
    journeys = SimpleNamespace(touchpoints=touchpoints, data=SimpleNamespace(events=events))
    return SimpleNamespace(ratings=lambda *a: ratings, journeys=journeys)


def test_stages_and_channels_are_groups_of_their_own(frame):
    by_channel = cx.find_drivers(lived(frame), "csat", groups="channel", **FAST)
    assert set(by_channel.shares["touchpoint"]) == {"web", "phone (channel)"}
    assert set(by_channel.parts.loc[by_channel.parts["touchpoint"] == "web", "member"]) == {"mail", "chat"}
    by_stage = cx.find_drivers(lived(frame), "csat", groups="stage", **FAST)
    assert set(by_stage.shares["touchpoint"]) == {"service", "chat"}
    assert "without a stage, each for itself: chat" in by_stage.notes
    with pytest.raises(StudyError, match="a table of ratings knows no stages; give what measure_experience returns"):
        cx.find_drivers(frame, "csat", touchpoints=["mail"], groups="stage", **FAST)
    with pytest.raises(StudyError, match="did you mean 'stage'"):
        cx.find_drivers(lived(frame), "csat", groups="stages", **FAST)
    bare = lived(frame)
    bare.journeys.touchpoints["stage"] = "unknown"
    with pytest.raises(NotEnoughDataError, match="none of 3 touchpoints has a stage"):
        cx.find_drivers(bare, "csat", groups="stage", **FAST)


def test_other_treatments_of_what_is_missing(found):
    table = found.sensitivity
    assert list(table["variant"].unique()) == [
        "as analysed", "complete cases", "available cases", "unweighted", "without controls",
    ]  # fmt: skip
    sums = table.groupby("variant")["share"].sum()
    np.testing.assert_allclose(sums, 1, atol=1e-9)
    mine = table[table["variant"] == "as analysed"].set_index("touchpoint")["share"]
    np.testing.assert_allclose(mine, found.shares.set_index("touchpoint")["share"][mine.index])
    met = int(found.ratings.exposed["phone"].sum())
    assert (table.loc[table["variant"] == "complete cases", "n"] == met).all()


def test_a_treatment_that_cannot_be_says_why(frame):
    plain = cx.find_drivers(frame[["mail", "chat", "csat"]], "csat", **FAST).sensitivity
    why = plain[plain["touchpoint"].isna()].set_index("variant")["note"]
    assert why["unweighted"] == "there are no weights"
    assert why["without controls"] == "there are no controls"
    # without anything missing, all ways of treating it are one
    shares = plain.dropna(subset=["touchpoint"]).pivot(index="touchpoint", columns="variant", values="share")
    np.testing.assert_allclose(shares["available cases"], shares["as analysed"], atol=1e-9)
    np.testing.assert_allclose(shares["complete cases"], shares["as analysed"], atol=1e-9)


def test_the_ceiling_sees_what_lines_cannot():
    rng = np.random.default_rng(2)
    x = pd.DataFrame(rng.normal(size=(800, 2)), columns=["mail", "phone"])
    bent = cx.find_drivers(x.assign(csat=np.abs(x["mail"]) + 0.3 * rng.normal(size=800)), "csat", **FAST)
    ceiling = bent.ceiling.set_index("model")
    assert ceiling.loc["boosted", "r2"] > 0.6 > 0.2 > ceiling.loc["linear", "r2"]
    assert ceiling.loc["difference", "low"] > 0.3
    bend = bent.checks.set_index("check").loc["largest gain by a bend"]
    assert bend["note"].startswith("mail; p = 0.000")
    assert "its line bends" in bend["note"]
    with pytest.raises(NotEnoughDataError, match="50 responses of 50 customers are too few"):
        _ = cx.find_drivers(x[:50].assign(csat=x["mail"] + rng.normal(size=800)), "csat", **FAST).ceiling


def test_checks_name_what_says_the_same():
    rng = np.random.default_rng(3)
    x = pd.DataFrame(rng.normal(size=(300, 3)), columns=["mail", "phone", "chat"])
    x["twin"] = x["mail"] + 0.1 * rng.normal(size=300)
    x["copy"] = 2 * x["phone"]
    held = cx.find_drivers(x.assign(csat=x.sum(axis=1) + rng.normal(size=300)), "csat", **FAST)
    checks = held.checks
    inflated = checks.loc[checks["check"] == "variance inflation", "note"]
    assert {note.split(":")[0] for note in inflated} == {"mail", "twin"}
    alias = checks.set_index("check").loc["touchpoints that others give exactly"]
    assert alias["value"] == 1
    assert "perfect collinearity" in alias["note"]


def test_a_few_answers_that_decide_are_seen():
    rng = np.random.default_rng(4)
    x = pd.DataFrame(rng.normal(size=(400, 2)), columns=["mail", "phone"])
    y = x["mail"] + rng.normal(size=400)
    x.loc[:3, "phone"], y[:4] = 30.0, 40.0
    move = cx.find_drivers(x.assign(csat=y), "csat", **FAST).checks.set_index("check")
    row = move.loc["largest move of a share without the most influential 1%"]
    assert row["value"] > 0.5
    assert row["note"].endswith("without 4 customers, other touchpoints come first then")


def test_shuffled_scores_explain_nothing(found):
    assert sum(found.negative_control.values()) == 19
    assert found.negative_control["concentrated"] == 0
    assert sum(note.startswith("negative control: with the scores shuffled") for note in found.notes) == 1
    assert [note for note in found.notes if "none of 19 runs found drivers" in note]
    for wrong, said in (
        (1, "luck does so in one of twenty"),
        (4, "4 of 19 runs found drivers where there are none: distrust"),
    ):
        (note,) = _control_note({"concentrated": wrong, "interchangeable": 0, "spread": 0, "cannot tell": 19 - wrong})
        assert said in note
        assert translate(note, "nl").startswith("tegenproef")


def test_without_its_rows_an_analysis_says_so(found):
    with pytest.raises(StudyError, match="does not hold its rows"):
        _ = replace(found, design=None).dominance


# --- upper bounds --------------------------------------------------------------------------------


def test_fieller_by_hand():
    # a = 8 ± 1, b = 10 known: 8/10 + 1.6449/10
    upper = ratio_upper(*(np.array([v]) for v in (8.0, 10.0, 1.0, 0.0, 0.0)))
    assert upper[0] == pytest.approx(0.8 + 0.16449)
    # b may be nothing: then no ratio is ruled out
    assert np.isinf(ratio_upper(*(np.array([v]) for v in (8.0, 1.0, 1.0, 0.0, 1.0)))[0])


def test_bounds_hold_the_truth_and_shrink():
    from cxmining.drivers.bootstrap import draw_moments, total_moments
    from cxmining.drivers.estimate import Problem, adjust

    def bounds(n):
        rng = np.random.default_rng(n)
        x = pd.DataFrame(rng.normal(size=(n, 10)) + rng.normal(size=(n, 1)), columns=[f"t{i}" for i in range(10)])
        held = cx.find_drivers(x.assign(csat=x.sum(axis=1) + 5 * rng.normal(size=n)), "csat", **FAST)
        problem = Problem(held.design.groups, 1)
        point = problem.estimate(total_moments(held.design), n)
        draws = problem.estimate(draw_moments(held.design, 300, rng), n, replicate=True, credit=False)
        carried = carried_at_most(point, draws, problem, rng)
        return carried, predicted_at_most(point, draws, problem, lambda r, c, again: adjust(r, n, c, again))

    small, large = bounds(500), bounds(4000)
    # all alike: two of ten carry .2, and predict (by halo .5) 2(1 + 9·.5)/(10(1 + .5)) = .733
    for carried, predicted in (small, large):
        assert carried >= 0.2
        assert predicted >= 0.72
    assert large[0] < small[0]
    assert large[0] < 0.5
    assert large[1] < 0.8
