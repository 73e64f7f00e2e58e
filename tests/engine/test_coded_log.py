"""The coded log: order, ties and types of what comes in do not matter; time and journey do."""

import numpy as np
import pandas as pd
import pytest

from cxmining.engine import encode, split_sessions
from cxmining.errors import NotEnoughDataError, StudyError

DAY = 86_400_000_000


def columns(*rows, customer=None):
    """Rows are (journey, day, touchpoint)."""
    journey, day, touchpoint = (list(c) for c in zip(*rows, strict=True))
    return {
        "journey": journey,
        "customer": customer or journey,
        "timestamp": pd.to_datetime("2025-01-01", utc=True) + pd.to_timedelta(day, unit="D"),
        "touchpoint": touchpoint,
        "channel": ["web"] * len(journey),
    }


def walks(log):
    names = np.array(log.touchpoints, dtype=object)
    return [tuple(names[log.touchpoint[a:b]]) for a, b in zip(log.offsets, log.offsets[1:], strict=False)]


def test_only_the_journey_that_is_out_of_time_order_is_sorted():
    log = encode(**columns(("a", 3, "x"), ("b", 1, "y"), ("a", 1, "z"), ("b", 2, "x")))
    assert walks(log) == [("z", "x"), ("y", "x")]
    assert log.rows.tolist() == [2, 0, 1, 3]


def test_a_step_back_in_time_between_two_journeys_is_none():
    log = encode(**columns(("a", 5, "x"), ("b", 1, "y")))
    assert log.rows.tolist() == [0, 1]


def test_ties_keep_the_order_of_the_rows_also_where_a_journey_is_repaired():
    log = encode(**columns(("a", 2, "late"), ("a", 1, "first"), ("a", 1, "second"), ("a", 1, "third")))
    assert walks(log) == [("first", "second", "third", "late")]


def test_journeys_of_one_customer_stand_together_wherever_their_rows_are():
    log = encode(**columns(("t1", 1, "x"), ("t2", 2, "x"), ("t3", 3, "y"), customer=["p", "q", "p"]))
    assert log.customer.tolist() == [0, 0, 1]
    assert log.rows.tolist() == [0, 2, 1]
    assert (log.n_journeys, log.n_customers) == (3, 2)


@pytest.mark.parametrize(("k", "dtype"), [(256, "uint8"), (257, "uint16"), (65_536, "uint16"), (65_537, "uint32")])
def test_codes_take_the_smallest_type_that_holds_them(k, dtype):
    log = encode(**columns(*((0, 1, f"t{i:05d}") for i in range(k))))
    assert log.touchpoint.dtype == dtype
    assert log.touchpoints[log.touchpoint[-1]] == f"t{k - 1:05d}"


def test_categories_that_do_not_occur_are_not_in_the_dictionary():
    given = columns(("a", 1, "x"), ("b", 2, "x"))
    given["touchpoint"] = pd.Series(pd.Categorical(["x", "x"], categories=["zz", "x"]))
    assert encode(**given).touchpoints == ("x",)


def test_times_before_1970_and_other_units_and_zones():
    given = columns(("a", 1, "x"), ("a", 1, "y"))
    given["timestamp"] = pd.Series(pd.to_datetime(["1969-07-20T22:17+02:00", "1969-07-20T20:16Z"], utc=True)).astype(
        "datetime64[s, Europe/Amsterdam]"
    )
    log = encode(**given)
    assert walks(log) == [("y", "x")]
    assert log.duration.tolist() == [60_000_000]
    assert log.time[0] < 0


def test_events_without_a_journey_are_left_out_and_the_rows_still_point_home():
    log = encode(**columns((None, 1, "x"), ("a", 2, "y"), ("a", 1, "x")) | {"customer": ["a", "a", "a"]})
    assert log.rows.tolist() == [2, 1]


def test_arrays_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        encode(**columns(("a", 1, "x"))).time[0] = 0


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"journey": [None]}, NotEnoughDataError, "no event in any journey"),
        ({"touchpoint": [None]}, StudyError, "1 event has no touchpoint"),
        ({"channel": [None]}, StudyError, "no channel"),
        ({"customer": [None]}, StudyError, "no customer"),
        ({"timestamp": [pd.NaT]}, StudyError, "no timestamp"),
    ],
)
def test_what_is_missing_is_said(change, error, message):
    with pytest.raises(error, match=message):
        encode(**columns(("a", 1, "x")) | change)


def test_a_session_ends_after_more_silence_than_the_gap_not_after_as_much():
    log = encode(**columns(("a", 0, "x"), ("a", 1, "x"), ("a", 3, "x"), ("b", 3, "x")))
    cut = split_sessions(log, DAY)
    assert cut.offsets.tolist() == [0, 2, 3, 4]
    assert cut.customer.tolist() == [0, 0, 1]
    assert split_sessions(log, 2 * DAY).offsets.tolist() == log.offsets.tolist()


def test_take_keeps_whole_journeys():
    log = encode(**columns(("a", 1, "x"), ("b", 1, "y"), ("b", 2, "x"), ("c", 1, "y")))
    some = log.take([False, True, True])
    assert walks(some) == [("y", "x"), ("y",)]
    assert some.rows.tolist() == [1, 2, 3]
    assert some.n_customers == 2
