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
