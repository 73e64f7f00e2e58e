"""The compiled loops and the numpy passes say the same, element by element, of any log."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import fields
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxmining.engine import CodedLog, Samples, count_variants, encode_parquet, follow
from cxmining.engine import coded as engine_coded
from cxmining.engine.keys import Keys
from cxmining.engine.variants import group_sequences
from cxmining.engine.visits import visits
from cxmining.errors import NotEnoughDataError, StudyError

COLUMNS = {"journey": "case", "customer": "who", "timestamp": "at", "touchpoint": "step"}


@contextmanager
def compiled(on: bool):
    size = 0 if on else 1 << 40
    with patch.object(engine_coded, "COMPILED_FROM", size), patch.object(engine_coded, "LOADED_FROM", size):
        yield


def same(a: object, b: object) -> None:
    for field in fields(a):  # type: ignore[arg-type]
        left, right = getattr(a, field.name), getattr(b, field.name)
        if isinstance(left, np.ndarray):
            assert left.dtype == right.dtype, field.name
            assert left.tolist() == right.tolist(), field.name
        elif isinstance(left, Samples):
            same(left, right)
        else:
            assert left == right, field.name


def both(ask):
    with compiled(False):
        plain = ask()
    with compiled(True):
        return plain, ask()


texts = st.text(alphabet="ab\x00\x01é", max_size=20)
keys = st.lists(st.one_of(st.none(), texts, st.sampled_from(["12345678", "1234567", "12345678\x00", ""])), max_size=60)


@given(keys, st.integers(0, 5), st.booleans())
def test_ids_are_numbered_alike(values: list[str | None], cut: int, large: bool) -> None:
    kind = pa.large_string() if large else pa.string()
    # A slice whose first entry is not the buffer's, and one that ends where the buffer does.
    blocks = [pa.array(["x", *values[:cut]], kind).slice(1), pa.array(values[cut:], kind)]

    def ask() -> tuple[list[int], int]:
        found = Keys(len(values))
        for block in blocks:
            found.add(block)
        codes, n = found.finish()
        return codes.tolist(), n

    plain, fast = both(ask)
    assert plain == fast
    order = dict.fromkeys(v for v in values if v is not None)
    numbers = {v: i for i, v in enumerate(order)}
    assert fast == ([numbers[v] if v is not None else -1 for v in values], len(order))


def test_ids_of_other_types() -> None:
    for block in (
        pa.array([7, -1, None, 7, 2**63 - 1]),
        pa.array([7, 1, None, 7], pa.uint8()),
        pa.array(["b", "a", None, "b"]).dictionary_encode(),
        pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 0]), pa.array(["b", "a", "b"])),
        pa.array([True, False, None, True]),
        pa.array([], pa.string()),
    ):

        def ask(block: pa.Array = block) -> tuple[list[int], int]:
            found = Keys(1)
            found.add(block)
            codes, n = found.finish()
            return codes.tolist(), n

        plain, fast = both(ask)
        assert plain == fast


def test_a_table_of_ids_grows_and_keeps_its_numbers() -> None:
    ids = [f"customer-{i % 90_000:x}" + "y" * (i % 3) for i in range(200_000)]
    with compiled(True):
        found = Keys(len(ids))
        for a in range(0, len(ids), 70_000):
            found.add(pa.array(ids[a : a + 70_000]))
        codes, n = found.finish()
    numbers = {v: i for i, v in enumerate(dict.fromkeys(ids))}
    assert n == len(numbers)
    assert codes.tolist() == [numbers[v] for v in ids]


events = st.lists(
    st.tuples(
        st.one_of(st.none(), st.sampled_from(["a", "b", "c", "a long journey's own id"])),
        st.sampled_from(["p", "q"]),
        st.integers(-3, 6),
        st.sampled_from(["call", "buy", "ask", "mail", "é"]),
        st.sampled_from(["phone", "web"]),
    ),
    min_size=1,
    max_size=40,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory):
    return tmp_path_factory.mktemp("kernels")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(events, st.booleans(), st.booleans(), st.integers(1, 9))
def test_a_file_is_coded_and_reduced_alike(folder, rows, own: bool, channel: bool, size: int) -> None:
    case, who, at, step, via = zip(*rows, strict=True)
    table = pa.table(
        {
            "case": pa.array(case, pa.string()),
            "who": who,
            "at": pa.array(at, pa.timestamp("s")),
            "step": step,
            "via": via,
        }
    )
    pq.write_table(table, folder / "log.parquet", row_group_size=size)
    columns = COLUMNS | ({"customer": "case"} if own else {}) | ({"channel": "via"} if channel else {})

    def ask() -> object:
        try:
            log = encode_parquet(folder / "log.parquet", **columns)
        except NotEnoughDataError as error:
            return str(error)
        return log, follow(log), *count_variants(log), follow(log).frame(), count_variants(log)[0].frame()

    plain, fast = both(ask)
    if isinstance(plain, str):
        assert plain == fast
        return
    assert isinstance(plain[0], CodedLog)
    for a, b in zip(plain[:3], fast[:3], strict=True):
        same(a, b)
    assert plain[3].tolist() == fast[3].tolist()
    assert plain[4].equals(fast[4])
    assert plain[5].equals(fast[5])


def test_labels_outgrow_their_type_while_a_file_is_read(tmp_path) -> None:
    n = 600  # 300 labels: the 257th needs a wider code when the first batch is placed already
    table = pa.table(
        {
            "case": [f"j{i % 7}" for i in range(n)],
            "at": pa.array(range(n), pa.timestamp("s")),
            "step": [f"step {i % 300}" for i in range(n)],
            "via": [f"via {i % 270}" for i in range(n)],
        }
    )
    pq.write_table(table, tmp_path / "log.parquet", row_group_size=100)
    columns = COLUMNS | {"customer": "case", "channel": "via"}
    with patch("cxmining.engine.parquet.BATCH", 100):
        plain, fast = both(lambda: encode_parquet(tmp_path / "log.parquet", **columns))
    same(plain, fast)
    assert fast.touchpoint.dtype == np.uint16


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(events, st.booleans(), st.lists(st.sampled_from(["a", "b", "p", "q", "nobody", None]), max_size=6))
def test_ids_are_found_as_the_log_is_coded(folder, rows, own: bool, ids: list[str | None]) -> None:
    case, who, at, step, _ = zip(*rows, strict=True)
    table = pa.table(
        {"case": pa.array(case, pa.string()), "who": who, "at": pa.array(at, pa.timestamp("s")), "step": step}
    )
    pq.write_table(table, folder / "log.parquet", row_group_size=3)
    columns = COLUMNS | ({"customer": "case"} if own else {})
    asked = pa.array(ids, pa.string())

    def ask() -> object:
        try:
            return encode_parquet(folder / "log.parquet", **columns, find=asked)
        except NotEnoughDataError as error:
            return str(error)

    plain, fast = both(ask)
    if isinstance(plain, str):
        assert plain == fast
        return
    (log, found), (other, again) = plain, fast
    same(log, other)
    column = case if own else who
    number = {column[row]: int(log.customer[j]) for j, row in enumerate(log.rows[log.offsets[:-1]].tolist())}
    assert found.tolist() == [number.get(i, -1) if i is not None else -1 for i in ids]
    assert again.tolist() == found.tolist()


def test_what_is_missing_is_said_alike(tmp_path) -> None:
    table = pa.table({"case": ["a", "b"], "at": pa.array([1, 2], pa.timestamp("s")), "step": ["x", None]})
    pq.write_table(table, tmp_path / "log.parquet")
    for on in (False, True):
        with compiled(on), pytest.raises(StudyError, match="1 event has no touchpoint"):
            encode_parquet(tmp_path / "log.parquet", **COLUMNS | {"customer": "case"})


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5)), max_size=80))
def test_samples_are_collected_alike(pairs: list[tuple[int, int]]) -> None:
    group = np.array([g for g, _ in pairs], dtype=np.int64)
    values = np.array([v for _, v in pairs], dtype=np.int64)
    plain, fast = both(lambda: Samples.of(group, values, 4))
    same(plain, fast)
    means, compiled_means = both(plain.mean)
    np.testing.assert_array_equal(means, compiled_means)


@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=5), min_size=1, max_size=30))
def test_equal_sequences_are_found_alike(journeys: list[list[int]]) -> None:
    codes = np.concatenate(journeys).astype(np.uint8)
    offsets = np.cumsum([0, *map(len, journeys)])
    plain, fast = both(lambda: group_sequences(codes, offsets))
    assert [x.tolist() for x in plain] == [x.tolist() for x in fast]
    customer = np.arange(len(journeys)) // 2
    plain, fast = both(lambda: visits(codes, offsets, customer, 3))
    assert [x.tolist() for x in plain] == [x.tolist() for x in fast]
