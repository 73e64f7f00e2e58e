"""Where a log is reduced does not matter: memory, Parquet, or Parquet in partitions give the same figures."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxmining.engine import bucket, count_touchpoints, count_variants, encode, encode_parquet, follow, split_sessions
from cxmining.errors import InputError, NotEnoughDataError, StudyError, UnknownNameError

HOUR = 3_600_000_000
NAMES = {"journey": "case", "customer": "who", "timestamp": "at", "touchpoint": "step", "channel": "by"}

rows = st.lists(
    st.tuples(
        st.one_of(st.none(), st.sampled_from(["a", "b", "ab", "a\x00", "a much longer case id", ""])),
        st.sampled_from(["ann", "bob", "cid"]),
        st.integers(-30, 30),
        st.sampled_from("pqrs"),
        st.sampled_from(["web", "mail"]),
    ),
    min_size=1,
    max_size=40,
).filter(lambda rows: any(r[0] is not None for r in rows))


def table_of(events):
    case, who, hour, step, by = (list(c) for c in zip(*events, strict=True))
    at = pa.array(np.array(hour) * HOUR, pa.timestamp("us", tz="UTC"))
    return pa.table({"step": step, "case": pa.array(case, pa.string()), "who": who, "at": at, "by": by, "more": at})


def in_memory(table):
    frame = table.to_pandas()
    return encode(
        journey=frame["case"], customer=frame["who"], timestamp=frame["at"], touchpoint=frame["step"],
        channel=frame["by"],
    )  # fmt: skip


def same_logs(a, b):
    assert (a.touchpoints, a.channels) == (b.touchpoints, b.channels)
    for name in ("touchpoint", "channel", "time", "offsets", "customer", "rows"):
        assert getattr(a, name).tolist() == getattr(b, name).tolist(), name


def same_figures(whole, parts):
    for a, b in zip(whole, parts, strict=True):
        if hasattr(a, "frame"):
            pd.testing.assert_frame_equal(a.frame(), b.frame(), check_exact=True)
        else:
            for name, value in vars(a).items():
                assert np.array_equal(value, getattr(b, name)), name


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, st.integers(0, 40), st.integers(1, 7))
def test_parquet_gives_the_log_that_memory_gives(tmp_path, events, cut, group):
    table = table_of(events)
    pq.write_table(table.slice(0, cut), tmp_path / "1.parquet", row_group_size=group)
    pq.write_table(table.slice(cut), tmp_path / "2.parquet", use_dictionary=False)
    same_logs(encode_parquet([tmp_path / "1.parquet", tmp_path / "2.parquet"], **NAMES), in_memory(table))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, st.integers(1, 4), st.one_of(st.none(), st.integers(0, 20)))
def test_partitions_give_the_figures_that_memory_gives(tmp_path_factory, events, buckets, gap):
    folder = tmp_path_factory.mktemp("log")
    pq.write_table(table_of(events), folder / "log.parquet")
    parts = bucket(folder / "log.parquet", folder / "into", buckets=buckets, **NAMES)
    log = in_memory(table_of(events))
    if gap is not None:
        log, parts = split_sessions(log, gap * HOUR), parts.split(gap * HOUR)
    assert len(parts) == len(log)
    same_figures(
        [follow(log), count_variants(log)[0], count_touchpoints(log)],
        [parts.follow(), parts.count_variants(), parts.count_touchpoints()],
    )
    owners = [set(log.rows.tolist()) for log in parts.logs()]
    assert sum(map(len, owners)) == len(log)
    assert not (folder / "into" / "scratch").exists()


def test_a_case_of_two_customers_goes_with_the_first_ones_partition(tmp_path):
    events = [
        (f"case{i}", ["ann", "bob", "cid", "dan"][(i * h) % 4], h, "p", "web") for i in range(30) for h in range(3)
    ]
    pq.write_table(table_of(events), tmp_path / "log.parquet")
    parts = bucket(tmp_path / "log.parquet", tmp_path / "into", buckets=3, threads=2, **NAMES)
    assert sum(log.n_journeys for log in parts.logs()) == 30
    frame, whole = parts.follow().frame(), follow(in_memory(table_of(events))).frame()
    pd.testing.assert_frame_equal(frame, whole)


def test_above_the_budget_of_values_medians_are_rounded_and_said_to_be(tmp_path):
    r = np.random.default_rng(1)
    events = [
        (f"c{i}", f"c{i}", int(h), "pq"[k], "web") for i in range(200) for k, h in enumerate(r.integers(0, 9999, 2))
    ]
    pq.write_table(table_of(events), tmp_path / "log.parquet")
    parts = bucket(tmp_path / "log.parquet", tmp_path / "into", buckets=4, **NAMES)
    exact = parts.follow()
    assert exact.waits.error == 0
    assert "relative_error" not in exact.frame()
    rough = replace(parts, budget=20).follow()
    frame = rough.frame()
    assert (frame["relative_error"] == 2**-8).all()
    for column in ("median_s", "mean_s", "p90_s"):
        off = (frame[column] / exact.frame()[column] - 1).abs().dropna()
        assert len(off)
        assert off.max() <= 2**-8
    # Rounding a part and then the whole is rounding the whole.
    whole = follow(in_memory(table_of(events)), budget=20)
    same_figures([whole], [rough])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"journey": "cas"}, UnknownNameError, "no column 'cas'; did you mean 'case'"),
        ({"timestamp": "step"}, StudyError, "column 'step' holds"),
    ],
)
def test_a_wrong_column_is_named(tmp_path, change, error, message):
    pq.write_table(table_of([("a", "ann", 1, "p", "web")]), tmp_path / "log.parquet")
    with pytest.raises(error, match=message):
        encode_parquet(tmp_path / "log.parquet", **NAMES | change)


def test_what_is_no_parquet_and_what_has_no_events_is_said(tmp_path):
    (tmp_path / "x.parquet").write_text("case,who\n")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        encode_parquet(tmp_path / "x.parquet", **NAMES)
    with pytest.raises(InputError, match="there is no file"):
        encode_parquet(tmp_path / "y.parquet", **NAMES)
    pq.write_table(table_of([(None, "ann", 1, "p", "web")]), tmp_path / "log.parquet")
    with pytest.raises(NotEnoughDataError, match="no event in any journey"):
        encode_parquet(tmp_path / "log.parquet", **NAMES)
    with pytest.raises(NotEnoughDataError, match="no event in any journey"):
        bucket(tmp_path / "log.parquet", tmp_path / "into", **NAMES)
    with pytest.raises(StudyError, match="is not empty"):
        bucket(tmp_path / "log.parquet", tmp_path, **NAMES)
    with pytest.raises(StudyError, match="memory_limit='plenty' is no amount of bytes"):
        bucket(tmp_path / "log.parquet", tmp_path / "other", memory_limit="plenty", **NAMES)


@pytest.mark.parametrize("missing", ["who", "at", "step", "by"])
def test_a_missing_cell_is_an_error_in_parquet_too(tmp_path, missing):
    table = table_of([("a", "ann", 1, "p", "web")])
    i = table.column_names.index(missing)
    table = table.set_column(i, missing, pa.nulls(1, table.schema.field(i).type))
    pq.write_table(table, tmp_path / "log.parquet")
    with pytest.raises(StudyError, match=r"needs one|each needs"):
        encode_parquet(tmp_path / "log.parquet", **NAMES)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_every_unit_of_time_and_whole_number_keys(tmp_path, unit):
    at = pa.array([-7200, 0], pa.timestamp("s")).cast(pa.timestamp(unit, tz="Europe/Amsterdam"))
    table = pa.table({"case": [-5, -5], "who": pa.array([7, 7], pa.uint8()), "at": at, "step": ["x", "y"]})
    pq.write_table(table, tmp_path / "log.parquet")
    names = {k: v for k, v in NAMES.items() if k != "channel"}
    log = encode_parquet(str(tmp_path / "log.parquet"), **names)
    assert log.time.tolist() == [-2 * HOUR, 0]
    assert (log.channels, log.channel.tolist()) == (("other",), [0, 0])
