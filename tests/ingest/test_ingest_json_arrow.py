"""Records that Arrow lays out and records that are taken one by one say the same."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from cxmining.ingest.contact.columns import Columns
from cxmining.ingest.files.json_arrow import TEXT, Layout
from cxmining.ingest.files.json_records import Batch

PATHS = {"id": (("id",),), "queue": (("Queue", "Name"), ("queue",)), "tags": (("tags",),), "done": (("done",),)}
LARGE = 2**53 + 1


def record(i: int) -> dict[str, Any]:
    """An id beyond 2^53, a queue in one of two places, tags, blanks, and a field that is not always there."""
    return {
        "id": LARGE + i, "Queue": {"Name": f" q{i % 3} "} if i % 4 else None, "queue": "", "tags": ["a", "é"][: i % 3],
        **({"done": True} if i % 5 else {}),
    }  # fmt: skip


def batch(records: list[Any], neat: bool = True) -> Batch:
    block = "".join(json.dumps(r) + "\n" for r in records).encode()
    return Batch(0, None, None, range(1, len(records) + 1), "line", "", block=block, neat=neat)


def one_by_one(records: list[dict[str, Any]]) -> pd.DataFrame:
    columns = Columns(PATHS, lists=("tags",))
    columns.add(records)
    return columns.frame()


def test_a_block_is_laid_out_as_its_records_are_one_by_one() -> None:
    records = [record(i) for i in range(100)]
    assert Layout({"id": TEXT}).table(batch(records)) is not None
    columns = Columns(PATHS, lists=("tags",))
    columns.add_batch(batch(records))
    frame = columns.frame()
    pd.testing.assert_frame_equal(frame, one_by_one(records))
    assert frame["id"].iloc[0] == "9007199254740993"  # as a number with a fraction it would be …992


@pytest.mark.parametrize("odd", ["text", 1.0, 2**70, [1], {"a": 1}])
def test_a_block_with_another_type_in_a_field_is_read_one_by_one(odd: object) -> None:
    records = [record(i) for i in range(100)]
    records[70]["id"] = odd
    assert Layout({"id": TEXT}).table(batch(records)) is None
    columns = Columns(PATHS, lists=("tags",))
    columns.add_batch(batch(records))
    assert columns.odd == ({"id": [70]} if isinstance(odd, list | dict) else {})
    pd.testing.assert_frame_equal(
        columns.frame(),
        one_by_one([json.loads(json.dumps(r)) for r in records]) if odd != 2**70 else columns_of(records),
    )


def columns_of(records: list[dict[str, Any]]) -> pd.DataFrame:
    """A whole number beyond 64 bits is what JSON makes of it, and the other ids keep every digit."""
    frame = one_by_one(records)
    frame.loc[70, "id"] = str(float(2**70))
    return frame


def test_half_a_character_and_two_records_on_a_line_are_no_block() -> None:
    half = b'{"id": "\\ud83d"}\n' * 60
    assert Layout({"id": TEXT}).table(Batch(0, None, None, range(60), "line", "", block=half, neat=True)) is None
    two = b'{"id": 1}{"id": 2}\n' * 60
    assert Layout({"id": TEXT}).table(Batch(0, None, None, range(60), "line", "", block=two, neat=True)) is None
