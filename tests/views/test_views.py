"""Each view is a table that can be worked by hand, and a picture that shows that table and no markup."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.journeys import build_journeys
from cxmining.journeys.views import (
    cohort_table,
    dotted_chart,
    funnel,
    performance_spectrum,
    sankey,
    step_matrix,
    transition_matrix,
)
from cxmining.schema import Dataset, table

DAY = pd.Timedelta(days=1)
START = pd.Timestamp("2025-01-10", tz="UTC")
HOSTILE = "<img src=x onerror=alert(1)>"


def journeys(*rows, zone="UTC"):
    """(customer, day, touchpoint)"""
    n = len(rows)
    return build_journeys(
        Dataset(
            time_zone=zone,
            events=table(
                "events",
                {
                    "event_id": [f"e{i}" for i in range(n)],
                    "customer_id": [r[0] for r in rows],
                    "timestamp": [START + r[1] * DAY for r in rows],
                    "touchpoint": [r[2] for r in rows],
                    "channel": ["web"] * n,
                    "source": ["s"] * n,
                    "seq": range(n),
                },
            ),
        )
    )


# Ann: look, buy, call, call. Bob: look, call. Cas: buy. Dee: look, buy.
WALKS = journeys(
    ("ann", 0, "look"), ("ann", 2, "buy"), ("ann", 5, "call"), ("ann", 6, "call"),
    ("bob", 0, "look"), ("bob", 1, "call"),
    ("cas", 3, "buy"),
    ("dee", 0, "look"), ("dee", 4, "buy"),
)  # fmt: skip


def test_the_step_matrix_counts_where_journeys_are_and_its_steps_add_up():
    found = step_matrix(WALKS, steps=3).summary
    cells = found.set_index(["step", "touchpoint"])["journeys"].to_dict()
    assert cells == {
        (1, "look"): 3, (1, "buy"): 1,
        (2, "buy"): 2, (2, "call"): 1, (2, "(not there)"): 1,
        (3, "call"): 1, (3, "(not there)"): 3,
    }  # fmt: skip
    assert found.groupby("step")["share"].sum().tolist() == pytest.approx([1, 1, 1])
    assert (found["low"] < found["share"]).all()


def test_the_step_matrix_around_a_touchpoint_counts_from_its_first_visit():
    found = step_matrix(WALKS, steps=1, around="call")
    cells = found.summary.set_index(["step", "touchpoint"])["journeys"].to_dict()
    assert cells == {(-1, "buy"): 1, (-1, "look"): 1, (0, "call"): 2, (1, "call"): 1, (1, "(not there)"): 1}
    assert "2 journeys without it left out" in repr(found)


def test_rare_touchpoints_are_one_row_and_nothing_is_lost():
    found = step_matrix(WALKS, steps=2, top=1).summary
    assert found.groupby("step")["journeys"].sum().tolist() == [4, 4]
    assert "(other)" in set(found["touchpoint"])


def test_the_transition_matrix_is_shares_of_visits():
    found = transition_matrix(WALKS).summary.set_index(["source", "target"])
    assert found.loc[("look", "buy"), ["n", "visits", "share"]].tolist() == [2, 3, 2 / 3]
    assert found.loc[("call", "(end)"), ["n", "visits"]].tolist() == [2, 3]
    assert found.loc[("look", "buy"), "median_s"] == 3 * 86_400
    assert found.groupby("source")["share"].sum().round(9).eq(1).all()


def test_the_funnel_counts_who_gets_through_how_long_it_takes_and_where_the_others_went():
    rows = funnel(WALKS, ["look", "buy", "call"]).summary.to_dict("records")
    assert [r["journeys"] for r in rows] == [3, 2, 1]
    assert [r["lost"] for r in rows] == [0, 1, 1]
    assert rows[1]["share"] == rows[1]["share_of_previous"] == 2 / 3
    assert (rows[2]["share"], rows[2]["share_of_previous"]) == (1 / 3, 1 / 2)
    # Ann bought after two days and Dee after four; Bob, who did not buy, called; Dee, who did not call, left.
    assert rows[1]["median_s"] == 3 * 86_400
    assert (rows[0]["next"], rows[0]["next_share"]) == ("call", 1)
    assert rows[1]["next"] == "(end)"
    assert np.isnan(rows[0]["low"])  # all are at the first step by definition


def test_a_funnel_in_a_time_counts_from_the_first_step_and_its_limit_belongs_to_it():
    assert funnel(WALKS, ["look", "buy"], within="2D").summary["journeys"].tolist() == [3, 1]
    assert funnel(WALKS, ["look", "buy"], within="47h").summary["journeys"].tolist() == [3, 0]


def test_a_step_that_is_repeated_needs_two_visits():
    assert funnel(WALKS, ["call", "call"]).summary["journeys"].tolist() == [2, 1]


def test_the_sankey_shows_each_journey_once_per_step():
    found = sankey(WALKS, "call", before=2, after=1).summary
    cells = found.set_index(["step", "source", "target"])["journeys"].to_dict()
    assert cells == {
        (-2, "look", "buy"): 1, (-2, "(start)", "look"): 1,
        (-1, "buy", "call"): 1, (-1, "look", "call"): 1,
        (0, "call", "call"): 1, (0, "call", "(end)"): 1,
    }  # fmt: skip


def test_cohorts_know_nothing_of_a_month_that_is_not_over():
    walks = journeys(
        ("ann", 0, "x"), ("ann", 30, "x"),  # January, and again in February
        ("bob", 1, "x"),  # January
        ("cas", 25, "x"), ("cas", 60, "y"),  # February, and again in March
    )  # fmt: skip
    found = cohort_table(walks).summary
    rows = [(f"{r.cohort:%m}", r.after, r.customers, r.n) for r in found.itertuples()]
    # The log ends on 11 March: what March brings is not known yet.
    assert rows == [("01", 0, 2, 2), ("01", 1, 1, 2), ("02", 0, 1, 1)]
    assert "is not over and left out" in repr(cohort_table(walks))
    assert cohort_table(walks, touchpoint="y").summary["customers"].sum() == 0


def test_cohorts_follow_the_clock_of_the_study():
    late = [("ann", 21.98, "x"), ("bob", 22.5, "x"), ("bob", 60, "x")]  # half past eleven on 31 January in London
    assert len(cohort_table(journeys(*late)).summary["cohort"].unique()) == 2
    assert len(cohort_table(journeys(*late, zone="Europe/Amsterdam")).summary["cohort"].unique()) == 1


def test_the_dotted_chart_has_a_dot_per_event_in_the_order_asked_for():
    found = dotted_chart(WALKS, sort="duration").summary
    assert len(found) == 9
    lengths = found.groupby("journey")["days"].max().tolist()
    assert lengths == sorted(lengths) == [0, 1, 4, 6]
    assert not {"customer_id", "journey_id"} & set(found.columns)
    fewer = dotted_chart(WALKS, sort="duration", max_journeys=2)
    assert fewer.summary["journey"].nunique() == 2
    assert "2 journeys drawn, evenly by duration" in repr(fewer)


def test_the_spectrum_has_a_row_per_period_and_says_which_passages_were_slow():
    rows = [(f"c{i}", 7 * i, "a") for i in range(8)] + [(f"c{i}", 7 * i + (5 if i > 5 else 1), "b") for i in range(8)]
    found = performance_spectrum(journeys(*rows), "a", "b").summary
    assert found["n"].sum() == 8
    assert found["slow_share"].tolist() == [0] * 6 + [1] * 2
    assert found["median_s"].tolist() == [86_400.0] * 6 + [5 * 86_400.0] * 2


VIEWS = {
    "steps": lambda j: step_matrix(j),
    "around": lambda j: step_matrix(j, around=HOSTILE),
    "transitions": lambda j: transition_matrix(j),
    "funnel": lambda j: funnel(j, ["a", HOSTILE]),
    "sankey": lambda j: sankey(j, HOSTILE),
    "cohorts": lambda j: cohort_table(j),
    "dots": lambda j: dotted_chart(j, colour="touchpoint"),
    "spectrum": lambda j: performance_spectrum(j, "a", HOSTILE),
}


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_is_text_and_draws_one_journey_of_hostile_labels(name):
    view = VIEWS[name](journeys(("ann", 0, "a"), ("ann", 60, HOSTILE)))
    assert "<img" not in view.figure().to_json()
    assert "<img" not in view._repr_html_()
    assert "1 journey of 1 customer, 2 events" in repr(view)


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_names_the_filters_it_was_made_with(name):
    walks = journeys(("ann", 0, "a"), ("ann", 60, HOSTILE), ("bob", 0, "a"))
    some = walks.take([0], "only Ann")
    assert "only Ann: 1 of 2 journeys" in repr(VIEWS[name](some))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: step_matrix(WALKS, around="cal"), UnknownNameError, "did you mean 'call'"),
        (lambda: step_matrix(WALKS, steps=0), StudyError, "1 or more"),
        (lambda: funnel(WALKS, ["look"]), StudyError, "two touchpoints or more"),
        (lambda: funnel(WALKS, "look"), StudyError, "two touchpoints or more"),
        (lambda: funnel(WALKS, ["look", "buy"], within="7"), StudyError, "write for example '7D'"),
        (lambda: sankey(WALKS, "bye"), UnknownNameError, "buy"),
        (lambda: cohort_table(WALKS, period="moth"), StudyError, "month"),
        (lambda: dotted_chart(WALKS, sort="begin"), StudyError, "there is"),
        (lambda: performance_spectrum(WALKS, "call", "look"), NotEnoughDataError, "never directly follows"),
    ],
)
def test_what_cannot_be_shown_says_why(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_hundred_thousand_journeys_take_no_loop():
    r = np.random.default_rng(1)
    n = 400_000
    events = table(
        "events",
        {
            "event_id": pd.Series(np.arange(n)).astype("str"),
            "customer_id": pd.Series(r.integers(0, 100_000, n)).astype("str"),
            "timestamp": pd.to_datetime("2024-01-01", utc=True) + pd.to_timedelta(np.sort(r.integers(0, 3e7, n)), "s"),
            "touchpoint": pd.Series(np.array(list("abcdefgh"))[r.integers(0, 8, n)]).astype("str"),
            "channel": ["web"] * n,
            "source": ["s"] * n,
            "seq": np.arange(n),
        },
    )
    import time

    walks = build_journeys(Dataset(events=events))
    assert len(walks.events) == n  # made once, by whoever asks first
    _ = walks.dfg
    for name, view in VIEWS.items():
        if name in ("around", "funnel", "sankey", "spectrum"):
            continue
        began = time.process_time()
        view(walks)
        assert time.process_time() - began < 5, name
