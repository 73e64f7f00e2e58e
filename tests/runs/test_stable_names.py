"""Names of records: of what they say, not of where they lie."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxmining.ingest.records.stable import name_records, record_states
from cxmining.schema import InputFile, Reading, table

KEY = b"0123456789abcdef"
COUNTS = {"read": 0, "kept": 0, "rejected": 0, "duplicate": 0, "merged": 0, "context": 0}


def reading(rows: list[tuple[str | None, int, str, str | None]], source: str = "a", prefix: str = "r") -> Reading:
    """Events of (number at the vendor, minute, label, account), named after their position as readers do."""
    n = len(rows)
    ids = [f"{prefix}{i:016x}" for i in range(n)]
    events = table(
        "events",
        {
            "event_id": ids, "case_id": pd.array([r[0] for r in rows], dtype="str"), "channel": ["mail"] * n, "source": [source] * n,
            "timestamp": pd.Series([pd.Timestamp("2024-01-01", tz="UTC") + pd.Timedelta(minutes=r[1]) for r in rows], dtype="datetime64[us, UTC]"),
            "touchpoint": [r[2] for r in rows], "seq": range(1, n + 1), "thread_id": ids,
        },
    )  # fmt: skip
    who = [(i, "account", r[3]) for i, r in zip(ids, rows, strict=True) if r[3]]
    ledger = table(
        "ledger",
        {"source": [source] * n, "file": ["f"] * n, "seq": range(1, n + 1), "record_id": ids, "status": ["kept"] * n},
    )
    identifiers = table(
        "identifiers", {"record_id": [w[0] for w in who], "kind": [w[1] for w in who], "value": [w[2] for w in who]}
    )
    return Reading(source, "csv", (InputFile(source, "f", 1, "0" * 64, COUNTS),), ledger, identifiers, events)


ROWS = st.lists(
    st.tuples(st.sampled_from([None, "1", "2"]), st.integers(0, 3), st.sampled_from(["x", "y"]), st.sampled_from([None, "p", "q"])),
    min_size=1, max_size=12,
)  # fmt: skip


@given(ROWS, st.randoms(use_true_random=False))
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
def test_names_are_the_records_own_whatever_the_order_of_the_file(rows, random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    (a,), (b,) = name_records([reading(rows)], KEY), name_records([reading(shuffled, prefix="s")], KEY)
    assert a.events["event_id"].is_unique
    told = [sorted(zip(r.events["event_id"], given_, strict=True), key=str) for r, given_ in ((a, rows), (b, shuffled))]
    assert told[0] == told[1]
    assert set(a.ledger["record_id"]) == set(a.events["event_id"])
    assert set(a.identifiers["record_id"]) <= set(a.events["event_id"])
    assert set(a.events["thread_id"]) == set(a.events["event_id"])  # a thread of one is named after it


@given(ROWS, ROWS)
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
def test_a_file_that_grows_renames_nobody(rows, more) -> None:
    """But where the very same number stands at the very same moment again: then nobody can tell which was which."""
    keys = {(r[0] or r[3] or r[2], r[1]) for r in rows}
    new = [r for r in more if (r[0] or r[3] or r[2], r[1]) not in keys]
    (a,), (b,) = name_records([reading(rows)], KEY), name_records([reading([*new, *rows], prefix="s")], KEY)
    assert b.events["event_id"].tolist()[len(new) :] == a.events["event_id"].tolist()


def test_a_name_is_keyed_and_of_its_source() -> None:
    rows = [("1", 0, "x", "p")]
    names = {
        name_records([reading(rows, source)], key)[0].events["event_id"][0]
        for source in ("a", "b")
        for key in (KEY, b"another key 12345")
    }
    assert len(names) == 4


def test_a_thread_is_named_after_its_earliest() -> None:
    made = reading([(None, 5, "x", "p"), (None, 1, "x", "q"), (None, 9, "x", "p")])
    first = made.events["event_id"][0]  # a reader takes the smallest, and which that is changes with the file
    made.events["thread_id"] = pd.array([first] * 3, dtype="str")
    (named,) = name_records([made], KEY)
    assert named.events["thread_id"].unique().tolist() == [named.events["event_id"][1]]


def test_content_is_told_apart_from_what_other_records_tell() -> None:
    a, b, c = reading([("1", 0, "x", "p")]), reading([("1", 0, "y", "p")]), reading([("1", 0, "x", "p")])
    c.events["wait_s"] = pd.array([60.0], dtype="Float64")
    states = [record_states(name_records([r], KEY), KEY).iloc[0] for r in (a, b, c)]
    assert states[0]["record_id"] == states[1]["record_id"] == states[2]["record_id"]
    assert states[0]["said"] != states[1]["said"]
    assert states[0]["said"] == states[2]["said"]
    assert states[0]["derived"] != states[2]["derived"]


def test_an_empty_column_changes_no_record() -> None:
    a, b = reading([("1", 0, "x", "p")]), reading([("1", 0, "x", "p")])
    b.events["new"] = pd.array([None], dtype="str")
    states = [record_states(name_records([r], KEY), KEY).iloc[0]["said"] for r in (a, b)]
    assert states[0] == states[1]


def test_the_samples_records_have_names_of_their_own(sample: Path) -> None:
    from cxmining.ingest import read_source
    from cxmining.study import load_study

    study = load_study(sample)
    source = next(s for s in study.sources if s.name == "messages")
    (named,) = name_records([read_source(source, study)], KEY)
    assert named.events["event_id"].is_unique
    assert named.events["event_id"].str.fullmatch("r[0-9a-f]{16}").all()
