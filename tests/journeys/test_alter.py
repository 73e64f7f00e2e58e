"""What if the journey were other: arithmetic by hand, an association where scores allow it, and no more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxmining.errors import StudyError, UnknownNameError
from cxmining.journeys import build_journeys, changes
from cxmining.journeys.altering import alter
from cxmining.journeys.altering.alter import alter_journeys
from cxmining.schema import Dataset, table

HOUR = pd.Timedelta(hours=1)
START = pd.Timestamp("2025-01-01", tz="UTC")


def journeys(*rows, cost=None, extra=()):
    """(customer, hour, touchpoint, wait in seconds or None)"""
    names = sorted({r[2] for r in rows} | set(extra))
    catalogue = table(
        "catalogue",
        {
            "touchpoint": names,
            "backstage": [False] * len(names),
            "third_party": [False] * len(names),
            "cost": [(cost or {}).get(n) for n in names],
        },
    )
    return build_journeys(
        Dataset(
            events=table(
                "events",
                {
                    "event_id": [f"e{i}" for i in range(len(rows))],
                    "customer_id": [r[0] for r in rows],
                    "timestamp": [START + r[1] * HOUR for r in rows],
                    "touchpoint": [r[2] for r in rows],
                    "wait_s": [r[3] if len(r) > 3 else None for r in rows],
                    "channel": ["phone"] * len(rows),
                    "source": ["s"] * len(rows),
                    "seq": range(1, len(rows) + 1),
                },
            ),
            catalogue=catalogue,
        )
    )


# Ann: buy, call, call, cancel over 10 hours. Bob: buy and call. Cas: reads only.
ROWS = [
    ("ann", 0, "buy"),
    ("ann", 2, "call", 60.0),
    ("ann", 6, "call", 120.0),
    ("ann", 10, "cancel"),
    ("bob", 0, "buy"),
    ("bob", 4, "call", 30.0),
    ("cas", 1, "read"),
]


class Lived:
    """Journeys with scores, as an experience has them."""

    def __init__(self, source, score):
        self.journeys, self._score = source, score

    def journey_scores(self, metric=None):
        t = self.journeys.table[["journey_id", "customer_id"]]
        return t.assign(
            metric="csat", survey_kind="journey", score=t["customer_id"].map(self._score), scale_low=1, scale_high=5
        ).dropna(subset="score")


def measure(found):
    return found.summary.set_index("measure")


def test_removing_a_step_takes_its_contacts_waits_and_cost_and_leaves_the_others_in_their_place():
    found = alter_journeys(journeys(*ROWS, cost={"call": 5.0, "buy": 1.0}), changes.remove("call"))
    m = measure(found)
    assert m.loc["contacts", ["total_before", "total_after", "before", "after"]].tolist() == [7, 4, 7 / 3, 4 / 3]
    assert m.loc["wait_s", ["total_before", "total_after"]].tolist() == [210, 0]
    assert m.loc["cost", ["total_before", "total_after"]].tolist() == [17, 2]
    # Ann still cancels ten hours after she bought; Bob's journey is his purchase alone.
    assert m.loc["duration_s", ["total_before", "total_after"]].tolist() == [14 * 3600, 10 * 3600]
    assert found.touched.iloc[0][["journeys", "n", "customers", "vanished"]].tolist() == [2, 3, 2, 0]
    assert m.loc["contacts", "touched_difference"] == -1.5
    assert set(found.variants["touchpoints"]) == {("buy", "cancel"), ("buy",), ("read",)}
    assert found.variants["journeys_before"].tolist() == [0, 0, 1]


def test_only_repeats_are_removed_when_asked():
    found = alter_journeys(journeys(*ROWS), changes.remove("call", repeats=True))
    assert set(found.variants["touchpoints"]) == {("buy", "call", "cancel"), ("buy", "call"), ("read",)}
    assert found.touched.iloc[0]["journeys"] == 1


def test_a_journey_that_loses_all_its_events_counts_as_one_without_contacts():
    found = alter_journeys(journeys(*ROWS), changes.remove("read"))
    assert found.touched.iloc[0]["vanished"] == 1
    assert measure(found).loc["contacts", ["after", "n"]].tolist() == [2, 3]
    assert found.log_after.n_journeys == 2


def test_a_rerouted_step_waits_and_costs_what_its_new_touchpoint_does():
    source = journeys(*ROWS, cost={"call": 5.0, "self-service": 0.5}, extra=["self-service"])
    m = measure(alter_journeys(source, changes.reroute("call", to="self-service")))
    assert m.loc["cost", ["total_before", "total_after"]].tolist() == [15, 1.5]
    assert m.loc["contacts", "difference"] == 0
    # Nobody has waited for the new touchpoint yet: not known is not nothing, and it is said.
    assert m.loc["wait_s", "unknown"] == 1


def test_a_step_is_added_once_and_only_where_it_does_not_come_anyway():
    rows = [*ROWS, ("bob", 9, "welcome"), ("dee", 0, "welcome"), ("dee", 1, "buy"), ("dee", 2, "buy")]
    found = alter_journeys(journeys(*rows), changes.add("welcome", after="buy"))
    assert set(found.variants["touchpoints"]) == {
        ("buy", "welcome", "call", "call", "cancel"),
        ("buy", "call", "welcome"),
        ("read",),
        ("welcome", "buy", "welcome", "buy"),
    }
    assert found.touched.iloc[0]["journeys"] == 2


def test_shortening_a_step_moves_all_that_comes_after_it_and_nothing_before():
    source = journeys(*ROWS)
    found = alter_journeys(source, changes.shorten("call", "call", by="50%"))
    assert measure(found).loc["duration_s", ["total_before", "total_after"]].tolist() == [14 * 3600, 12 * 3600]
    hours = (found.log_after.time[:4] - found.log_after.time[0]) / 3.6e9
    assert hours.tolist() == [0, 2, 4, 8]
    edge = found.graph.frame().set_index(["source", "target"]).loc[("call", "call"), "median_s"]
    assert edge == 2 * 3600
    # At most three hours: the four become three, whoever was faster stays as they were.
    capped = alter_journeys(source, changes.shorten("buy", "call", at_most="3h"))
    assert measure(capped).loc["duration_s", "total_after"] == 13 * 3600
    assert capped.touched.iloc[0]["journeys"] == 1


def test_shortening_the_wait_at_a_touchpoint():
    found = alter_journeys(journeys(*ROWS), changes.shorten("call", at_most="45s"))
    assert measure(found).loc["wait_s", ["total_before", "total_after"]].tolist() == [210, 120]
    assert measure(found).loc["duration_s", "difference"] == 0


def test_changes_are_applied_one_after_the_other():
    found = alter_journeys(journeys(*ROWS), changes.reroute("call", to="read"), changes.remove("read", repeats=True))
    assert set(found.variants["touchpoints"]) == {("buy", "read", "cancel"), ("buy", "read"), ("read",)}
    assert found.touched.iloc[0]["journeys"] == 2


def test_the_score_difference_is_an_association_with_an_interval_and_its_sign_is_that_of_the_change():
    r = np.random.default_rng(1)
    rows, score = [], {}
    for i in range(200):
        calls = i % 2
        rows += [(f"c{i}", 0, "buy"), *[(f"c{i}", 1, "call")] * calls, *[(f"c{i}", 2, "mail")] * (i % 3)]
        score[f"c{i}"] = 4 - calls + r.normal(0, 0.3)
    found = alter_journeys(Lived(journeys(*rows), score), changes.remove("call"))
    row = found.score.iloc[0]
    assert row["low"] < 1 < row["high"]
    assert 0.9 < row["difference"] < 1.1
    assert (row["n_with"], row["n_without"]) == (100, 100)
    assert "no forecast" in repr(found)
    assert "geen voorspelling" in found.caveat("nl")


def test_too_few_scores_are_said_and_give_no_figure():
    found = alter_journeys(Lived(journeys(*ROWS), {"ann": 3, "bob": 4}), changes.remove("call"))
    assert "2 scored journeys with and 0 without" in found.score.iloc[0]["why_not"]
    assert np.isnan(found.score.iloc[0]["difference"])


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (changes.remove("cal"), UnknownNameError, "did you mean 'call'"),
        (changes.add("welcme", after="buy"), UnknownNameError, "the journeys or the catalogue"),
        (changes.shorten("cancel", "buy", by="10%"), StudyError, "no journey has anything to change"),
        (changes.remove("read", repeats=True), StudyError, "no journey has anything to change"),
    ],
)
def test_a_change_that_cannot_be_made_says_why(change, error, words):
    with pytest.raises(error, match=words):
        alter_journeys(journeys(*ROWS), change)


@pytest.mark.parametrize("wrong", [{}, {"by": "50%", "at_most": "2D"}, {"by": "half"}, {"by": "0%"}, {"at_most": "2"}])
def test_a_time_that_cannot_be_understood_says_how_to_write_it(wrong):
    with pytest.raises(StudyError, match=r"'50%'|'2D'"):
        changes.shorten("call", **wrong)


def test_hostile_labels_are_text():
    bad = "<img src=x onerror=alert(1)>"
    found = alter_journeys(journeys(("ann", 0, "buy"), ("ann", 1, bad)), changes.remove(bad))
    assert "<img" not in found._repr_html_()
    assert "<img" not in found.figure().to_json()


def test_altering_changes_nothing_in_the_journeys_themselves():
    source = journeys(*ROWS)
    before = source.log.time.copy(), source.log.touchpoint.copy()
    alter_journeys(source, changes.shorten("call", "call", by="50%"), changes.remove("call"))
    assert np.array_equal(source.log.time, before[0])
    assert np.array_equal(source.log.touchpoint, before[1])
    assert alter.__doc__


def test_filtered_journeys_list_the_touchpoints_they_meet_and_no_others():
    source = journeys(*ROWS)
    alone = source.take((source.table["customer_id"] == "cas").to_numpy(), "Cas")
    assert alone.touchpoints["touchpoint"].tolist() == ["read"]
    bob = source.take((source.table["customer_id"] == "bob").to_numpy(), "Bob").touchpoints.set_index("touchpoint")
    assert bob.loc["call", ["wait_median_s", "wait_n"]].tolist() == [30, 1]
    assert bob.loc["buy", "wait_n"] == 0
