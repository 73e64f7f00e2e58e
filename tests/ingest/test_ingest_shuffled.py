"""The order of a frame's rows is nobody's information, ties in time included."""

from __future__ import annotations

import pandas as pd
import pytest

import cxmining as cx

ROWS = [
    (f"c{i % 9}", ("calls", "mails", "pays", "chats")[i * 7 % 4], f"2024-01-{1 + i % 3:02d} 10:00", ("a", "b")[i % 2])
    for i in range(120)  # each moment of a customer carries several events, some equal in every column
]
FRAME = pd.DataFrame(ROWS, columns=["who", "what", "when", "extra"])


def tables(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    data = cx.from_frame(
        frame, customer="who", touchpoint="what", timestamp="when", tz="Europe/Amsterdam", attributes=["extra"]
    )
    found = cx.build_journeys(data, by="customer", gap="1D")
    return {"events": data.events, "table": found.table, "dfg": found.dfg, "variants": found.variants,
            "touchpoints": found.touchpoints}  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_a_shuffled_frame_gives_the_same_tables(seed):
    first, second = tables(FRAME), tables(FRAME.sample(frac=1, random_state=seed))
    for name, table in first.items():
        pd.testing.assert_frame_equal(table, second[name], obj=name)


def test_a_frame_whose_day_and_month_could_be_either_is_read_as_it_is_told():
    import pandas as pd
    import pytest

    import cxmining as cx
    from cxmining.errors import InputError

    log = pd.DataFrame({"who": ["a", "b"], "what": ["x", "y"], "when": ["03/04/2024 10:00", "04/04/2024 10:00"]})
    given = {"customer": "who", "touchpoint": "what", "timestamp": "when", "tz": "UTC"}
    with pytest.raises(InputError, match="timestamp_format"):
        cx.from_frame(log, **given)
    read = cx.from_frame(log, **given, timestamp_format="%d/%m/%Y %H:%M")
    assert read.events["timestamp"].dt.month.tolist() == [4, 4]


def test_a_large_frame_is_read_without_a_loop_over_its_rows():
    import time

    import numpy as np
    import pandas as pd

    import cxmining as cx

    n = 100_000
    r = np.random.default_rng(1)
    log = pd.DataFrame(
        {
            "who": r.integers(0, 9_999, n).astype(str),
            "what": r.integers(0, 20, n).astype(str),
            "when": pd.to_datetime("2024-01-01", utc=True) + pd.to_timedelta(r.integers(0, 3e7, n), "s"),
        }
    )
    began = time.process_time()
    read = cx.from_frame(log, customer="who", touchpoint="what", timestamp="when")
    assert len(read.events) == n
    assert time.process_time() - began < 10
