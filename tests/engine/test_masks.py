"""Masks ask journeys one question each; every answer is held against a plain reading of the walks."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.engine import encode
from cxmining.engine.masks import (
    all_events,
    any_event,
    contains,
    count_of,
    ends_with,
    followed_by,
    position,
    starts_with,
)

HOUR = 3_600_000_000

walks = st.lists(
    st.lists(st.tuples(st.sampled_from("pqr"), st.integers(0, 5)), min_size=1, max_size=6), min_size=1, max_size=6
)


def log_of(journeys):
    """Journeys are lists of (touchpoint, hours since the event before)."""
    hours = [np.cumsum([w for _, w in steps]) for steps in journeys]
    rows = [(j, t, h) for j, steps in enumerate(journeys) for (t, _), h in zip(steps, hours[j], strict=True)]
    journey, touchpoint, hour = (list(c) for c in zip(*rows, strict=True))
    # The dictionary holds p, q and r whatever the journeys hold: a last journey has all three.
    return encode(
        journey=[*journey, "z", "z", "z"],
        customer=[*journey, "z", "z", "z"],
        touchpoint=[*touchpoint, "p", "q", "r"],
        channel=["web"] * (len(rows) + 3),
        timestamp=pd.to_datetime("1969-12-31T22:00Z") + pd.to_timedelta([*hour, 0, 0, 0], unit="h"),
    )


@settings(max_examples=150, deadline=None)
@given(walks, st.sampled_from("pqr"), st.sampled_from("pqr"), st.integers(-4, 4), st.integers(0, 6))
def test_masks_say_what_reading_the_walks_says(journeys, a, b, at, hours):
    log = log_of(journeys)
    journeys = [*journeys, [("p", 0), ("q", 0), ("r", 0)]]
    code_a, code_b = "pqr".index(a), "pqr".index(b)
    names = [[t for t, _ in steps] for steps in journeys]
    times = [np.cumsum([w for _, w in steps]) for steps in journeys]
    assert contains(log, code_a).tolist() == [a in n for n in names]
    assert starts_with(log, code_a).tolist() == [n[0] == a for n in names]
    assert ends_with(log, code_a).tolist() == [n[-1] == a for n in names]
    assert count_of(log, code_a).tolist() == [n.count(a) for n in names]
    assert position(log, code_a, at).tolist() == [-len(n) <= at < len(n) and n[at] == a for n in names]
    for direct in (True, False):
        for within in (None, hours * HOUR):
            expected = [
                any(
                    n[i] == a and n[j] == b and (within is None or (t[j] - t[i]) * HOUR <= within)
                    for i in range(len(n))
                    for j in range(i + 1, i + 2 if direct else len(n))
                    if j < len(n)
                )
                for n, t in zip(names, times, strict=True)
            ]
            assert followed_by(log, code_a, code_b, direct, within).tolist() == expected


def test_any_attribute_of_the_events_can_be_asked_for():
    log = log_of([[("p", 0), ("q", 1)], [("p", 0)]])
    is_p = log.touchpoint == 0
    assert contains(log, is_p).tolist() == any_event(log, is_p).tolist() == [True, True, True]
    assert all_events(log, is_p).tolist() == [False, True, False]
    assert followed_by(log, is_p, log.touchpoint == 1, True).tolist() == [True, False, True]
    assert position(log, is_p, -1).tolist() == [False, True, False]


def test_what_is_no_code_and_no_mask_of_the_events_is_an_error():
    log = log_of([[("p", 0)]])
    with pytest.raises(ValueError, match="3 is no touchpoint code of this log; codes go from 0 to 2"):
        contains(log, 3)
    with pytest.raises(ValueError, match="one boolean per event is needed, 4 in all"):
        contains(log, np.array([True]))
