"""Why a score moved: parts worked by hand, that add up in every world, and what is said to be unknown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scored_worlds import asked_after

import cxmining as cx
from cxmining.errors import NotEnoughDataError, UnknownNameError
from cxmining.experience.moving import explain_change
from cxmining.experience.splitting import split_change
from cxmining.journeys import filters


def table(before, after, weights=None):
    """Each answer is (label, value)."""
    rows = [*before, *after]
    return pd.DataFrame(
        {
            "side": ["before"] * len(before) + ["after"] * len(after),
            "label": [r[0] for r in rows],
            "value": [float(r[1]) for r in rows],
            "weight": weights or [1.0] * len(rows),
            "customer_id": [f"c{i}" for i in range(len(rows))],
        }
    )


def changes(found):
    return found[0].set_index("part")["change"]


def test_mix_and_rate_by_hand() -> None:
    """Half of all answers go from a (8, then 9) to b (4): mix -½·8½ + ½·4, rate the mean share of a, ½, times 1."""
    found = split_change(table([("a", 8)] * 3 + [("b", 4)], [("a", 9)] + [("b", 4)] * 3), known=False, repeats=20)
    assert changes(found)[["mix", "rate", "total"]].tolist() == pytest.approx([-2.25, 0.5, -1.75])
    a = found[1].set_index("label").loc["a"]
    # Against the middle of both levels, 6.125: what is average gains or loses nothing by its share.
    assert a["mix"] == pytest.approx(-0.5 * (8.5 - 6.125))
    assert a["rate"] == pytest.approx(0.5)
    assert a[["n_before", "n_after"]].tolist() == [3, 1]
    assert bool(a["small"])


def test_respondents_by_hand() -> None:
    """Afterwards the content answer more: unweighted 7, but who answered 4 stands for three; among the invited 6 still."""
    frame = table([("a", 4), ("a", 8)], [("a", 4)] + [("a", 8)] * 3, weights=[1, 1, 3, 1, 1, 1])
    assert changes(split_change(frame, repeats=20)).tolist() == pytest.approx([0, 0, 1, 1])


def test_what_is_met_on_one_side_only_is_mix() -> None:
    found = split_change(table([("a", 6)] * 4, [("a", 6)] * 2 + [("new", 8)] * 2), known=False, repeats=20)
    assert changes(found)[["mix", "rate", "total"]].tolist() == pytest.approx([1, 0, 1])


answers = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 10), st.integers(1, 5)), min_size=1, max_size=12)


@settings(max_examples=25)
@given(answers, answers, st.booleans())
def test_parts_add_up_whatever_the_world(before, after, known) -> None:
    weights = [float(r[2]) if known else 1.0 for r in [*before, *after]]
    frame = table(before, after, weights)
    parts, per = split_change(frame, known=known, repeats=3)
    side = frame.groupby("side")["value"].mean()
    change = parts.set_index("part")["change"]
    assert change["total"] == pytest.approx(side["after"] - side["before"], abs=1e-9)
    assert change[["mix", "rate", "respondents"]].sum() == pytest.approx(change["total"], abs=1e-9)
    columns = ["mix", "rate", "respondents", "total"]
    assert per[columns].sum().tolist() == pytest.approx(change[columns].fillna(0).tolist(), abs=1e-9)
    # Seen the other way round, every part has the other sign: no order is preferred.
    swapped = split_change(
        frame.assign(side=frame["side"].map({"before": "after", "after": "before"})), known=known, repeats=3
    )
    assert changes(swapped).fillna(0).tolist() == pytest.approx((-change).fillna(0).tolist(), abs=1e-9)


def test_the_order_of_rows_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    frame = table(
        [("ab"[i % 2], v) for i, v in enumerate(rng.integers(0, 11, 80))], [("a", v) for v in rng.integers(0, 11, 60)]
    )
    for one, two in zip(
        split_change(frame, repeats=100), split_change(frame.sample(frac=1, random_state=3), repeats=100), strict=True
    ):
        pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_intervals_hold_the_truth() -> None:
    """Truly mix -1 (half the answers go from mean 7 to mean 5) and rate +½; of 60 worlds about 57 hold each."""
    rng = np.random.default_rng(4)
    held = np.zeros((60, 3))
    for i in range(60):
        n = 200
        early, late = rng.random(n) < 0.75, rng.random(n) < 0.25
        one = [("a" if a else "b", v) for a, v in zip(early, np.where(early, 7, 5) + rng.normal(0, 1, n), strict=True)]
        two = [
            ("a" if a else "b", v) for a, v in zip(late, np.where(late, 7.5, 5.5) + rng.normal(0, 1, n), strict=True)
        ]
        parts = split_change(table(one, two), known=False, repeats=150, seed=i)[0].set_index("part")
        for k, (part, truth) in enumerate((("mix", -1.0), ("rate", 0.5), ("total", -0.5))):
            held[i, k] = parts.loc[part, "low"] <= truth <= parts.loc[part, "high"]
    assert (held.mean(axis=0) > 0.87).all()


def periods(lived):
    return (
        lived.where(filters.period("2025-01-01", "2025-02-01", keep="starting")),
        lived.where(filters.period("2025-02-01", "2025-03-01", keep="starting")),
    )


def world():
    """January: 30 × bill at 4, 10 × move at 2; February: 15 and 25, bill at 4 or 5."""
    rows = [(f"j{i}", i % 28, "bill" if i < 30 else "<b>move", 4 if i < 30 else 2) for i in range(40)]
    rows += [(f"f{i}", 31 + i % 27, "bill" if i < 15 else "<b>move", 4 + i % 2 if i < 15 else 2) for i in range(40)]
    return asked_after(rows)


def test_two_periods_of_one_experience() -> None:
    before, after = periods(world())
    found = explain_change(before, after, repeats=200)
    assert found.levels["score"].tolist() == pytest.approx([3.5, (15 * 4 + 7 + 50) / 40])
    assert found.metric == "csat"
    change = found.parts.set_index("part")["change"]
    assert change["mix"] + change["rate"] == pytest.approx(change["total"])
    assert np.isnan(change["respondents"])
    assert found.unknown == "none"
    assert "not known" in found.say()[-1]
    assert "niet bekend" in found.say("nl")[-1]
    assert any("period" in step for step in found.chain)
    assert "<b>" not in found._repr_html_().replace("<tbody>", "")
    figure = found.figure("nl")
    assert "&lt;b&gt;move" in " ".join(figure.data[-1].y)


def test_one_that_is_split_by_customers() -> None:
    before, after = periods(world())
    persona = {f"j{i}": "old" for i in range(40)} | {f"f{i}": "new" if i < 20 else "old" for i in range(40)}
    found = explain_change(before, after, by=persona, repeats=50)
    assert found.touchpoints.set_index("group")["n_after"].to_dict() == {"new": 20, "old": 20}
    with pytest.raises(UnknownNameError, match="by='segmnt' is no customer attribute"):
        explain_change(before, after, by="segmnt")


def test_what_cannot_be_split() -> None:
    equal = asked_after([(f"c{i}", i, "bill", 4) for i in range(59)])
    with pytest.raises(NotEnoughDataError, match="all 58 answers are 4"):
        explain_change(*periods(equal.where(filters.period("2025-01-01", "2025-02-28", keep="starting"))))
    whole = asked_after([(f"c{i}", i, "bill", i % 11) for i in range(58)], metric="nps", kind="relationship")
    with pytest.raises(NotEnoughDataError, match="about no touchpoint: split it by an attribute"):
        explain_change(*periods(whole))


def test_the_same_answers_on_both_sides_are_said() -> None:
    lived = world()
    found = explain_change(lived, lived, repeats=20)
    assert found.parts["change"].fillna(0).abs().max() < 1e-12
    assert "80 responses on both sides" in found.notes[0]


def test_who_answered_is_told_where_invitations_are() -> None:
    """The young score 2, the old 4; in February half of the young who answered in January stay silent."""
    rng = np.random.default_rng(1)
    rows, customers, invitations = [], [], []
    for month in (0, 1):
        for i in range(400):
            who, young = f"m{month}c{i:03}", i % 2 == 0
            customers.append((who, young))
            day = 31 * month + rng.integers(0, 27)
            touchpoint = "app" if young else "desk"
            chance = {0: 0.6, 1: 0.2}[month] if young else 0.6
            invitations.append((who, day + 1 / 48))
            rows.append((who, day, touchpoint, 2 if young else 4, rng.random() < chance))
    start = pd.Timestamp("2025-01-01 10:00", tz="UTC")
    asked = {
        "invitation_id": [f"i{k:04}" for k in range(800)], "customer_id": [i[0] for i in invitations], "survey": ["q"] * 800,
        "invited_at": [start + pd.Timedelta(days=float(i[1])) for i in invitations], "source": ["i"] * 800, "seq": range(1, 801),
    }  # fmt: skip
    from scored_worlds import lived_of

    contacts, answers = [], []
    for k, (who, day, touchpoint, score, said) in enumerate(rows):
        time = start + pd.Timedelta(days=float(day))
        contacts.append({"customer": who, "time": time.isoformat(), "touchpoint": touchpoint, "case_id": f"k{k}"})
        if said:
            answers.append((who, (time + pd.Timedelta(hours=1)).isoformat(), f"k{k}", "csat", score))
    before, after = periods(lived_of(contacts, answers, invitations=asked))
    found = explain_change(before, after, repeats=200)
    change = found.parts.set_index("part")
    assert found.unknown is None
    assert change.loc["respondents", "low"] > 0.3
    assert abs(change.loc["mix", "change"]) < 0.15  # among the invited nothing changed
    assert change["change"][:3].sum() == pytest.approx(change.loc["total", "change"])
    plain = explain_change(before, after, weigh=False, repeats=50).parts.set_index("part")["change"]
    assert plain["mix"] == pytest.approx(plain["total"])  # unweighted it looks like mix


@pytest.mark.slow
def test_the_sample(sample) -> None:
    lived = cx.measure_experience(cx.build_journeys(cx.read(sample / "study.toml"), gap="30D"))
    sides = [
        lived.where(filters.period(a, b, keep="starting"))
        for a, b in (("2025-01-01", "2025-07-01"), ("2025-07-01", "2026-01-01"))
    ]
    found = explain_change(*sides, survey="transactional", repeats=200)
    assert found.parts["change"].iloc[:3].sum() == pytest.approx(found.parts["change"].iloc[3])
    assert found.levels["n"].min() > 50
