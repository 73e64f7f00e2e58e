"""Logs larger than memory: DuckDB deals the customers out to Parquet partitions, the same kernels run over each.

A customer's events never stand in two partitions, so the summaries of the partitions merge to that of the
whole, in any order. `summarise`, from the Arrow table of one partition to a summary, is all that another
place to run (Spark's ``mapInArrow`` over partitions by customer) has to call.
"""

# ruff: noqa: S608  (all that enters a statement is a number or passes _text or _name, which quote it)
from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, TypeVar

from cxmining.engine.coded import CodedLog, split_sessions
from cxmining.engine.counts import TouchpointCounts, count_touchpoints
from cxmining.engine.graph import Graph, follow
from cxmining.engine.parquet import Paths, check_columns, encode_arrow, paths_of
from cxmining.engine.variants import Variants, count_variants
from cxmining.errors import NotEnoughDataError, StudyError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["COLUMNS", "Partitions", "bucket", "summarise"]

COLUMNS: Final = ("journey", "customer", "timestamp", "touchpoint", "channel", "seq")
"""The columns of a partition; `seq` is the row's number in the source, which orders ties."""
BUDGET: Final = 100_000_000
_BYTES_PER_EVENT: Final = 200
"""Memory that a partition takes while it is coded and reduced, measured generously."""


class Mergeable(Protocol):
    """A summary of some customers that merges with the summary of others."""

    def merge(self, other: Self, /) -> Self:
        """Return the summary of both."""
        ...


S = TypeVar("S", bound=Mergeable)


def summarise(table: pa.Table, reduction: Callable[[CodedLog], S], gap_us: int | None = None) -> S:
    """Return the summary of the customers of one partition: the seam between where it runs and what is counted.

    Parameters
    ----------
    table : pyarrow.Table
        With the columns of `COLUMNS`, of which `channel` may be absent, and `customer` where each journey is a
        customer's own; all events of each of its customers, in any order.
    reduction : callable
        From a coded log to a summary that merges, e.g. `follow`.
    gap_us : int, optional
        Microseconds of silence after which a new journey begins.

    Examples
    --------
    >>> import pyarrow as pa
    >>> table = pa.table({
    ...     "journey": ["a", "a"], "customer": ["a", "a"], "touchpoint": ["call", "buy"], "seq": [1, 0],
    ...     "timestamp": pa.array([0, 0], pa.timestamp("us", tz="UTC")),
    ... })
    >>> summarise(table, follow).frame()[["source", "target", "n"]]
        source target  n
    0  (start)    buy  1
    1      buy   call  1
    2     call  (end)  1
    """
    log = _log(table)
    return reduction(log if gap_us is None else split_sessions(log, gap_us))


@dataclass(frozen=True, eq=False)
class Partitions:
    """A log in Parquet partitions by customer; reductions read one partition after the other.

    Attributes
    ----------
    folder : Path
        Where the partitions stand.
    files : tuple of tuple of Path
        The files of each partition.
    n : int
        Events in all.
    gap_us : int, optional
        Microseconds of silence after which a new journey begins (`split`).
    budget : int
        Above so many different values in a summary, medians are of rounded values: at most 0.4% off, and the
        frame says so.
    """

    folder: Path
    files: tuple[tuple[Path, ...], ...]
    n: int
    gap_us: int | None = None
    budget: int = BUDGET

    def __len__(self) -> int:
        return self.n

    def split(self, gap_us: int | None) -> Partitions:
        """Return the same log with journeys that end when a customer is silent for longer than `gap_us`."""
        return replace(self, gap_us=gap_us)

    def logs(self) -> Iterator[CodedLog]:
        """Yield the coded log of each partition; ``log.rows`` are row numbers of the source."""
        for table in self.tables():
            log = _log(table)
            yield log if self.gap_us is None else split_sessions(log, self.gap_us)

    def tables(self) -> Iterator[pa.Table]:
        """Yield each partition as an Arrow table."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        for files in self.files:
            names = [name for name in pq.read_schema(files[0]).names if name in COLUMNS]
            labels = [name for name in ("touchpoint", "channel") if name in names]
            read = [pq.ParquetFile(file, read_dictionary=labels, pre_buffer=False) for file in files]
            yield pa.concat_tables([file.read(columns=names, use_threads=False) for file in read])

    def reduce(self, reduction: Callable[[CodedLog], S]) -> S:
        """Return the merged summary of all partitions.

        Summaries are merged in pairs of like size, so that none is copied more often than there are doublings.
        """
        waiting: list[tuple[int, S]] = []
        for table in self.tables():
            level, summary = 0, summarise(table, reduction, self.gap_us)
            del table
            while waiting and waiting[-1][0] == level:
                summary = waiting.pop()[1].merge(summary)
                level += 1
            waiting.append((level, summary))
        whole = waiting.pop()[1]
        while waiting:
            whole = waiting.pop()[1].merge(whole)
        return whole

    def follow(self) -> Graph:
        """Return the directly-follows graph, as `follow` does for a log in memory."""
        return self.reduce(partial(follow, budget=self.budget))

    def count_variants(self) -> Variants:
        """Return the variants, as `count_variants` does for a log in memory."""
        return self.reduce(partial(_variants, budget=self.budget))

    def count_touchpoints(self) -> TouchpointCounts:
        """Return the counts per touchpoint, as `count_touchpoints` does for a log in memory."""
        return self.reduce(count_touchpoints)

    def __repr__(self) -> str:
        count = len(self.files)
        return f"Partitions({self.n:,} events in {count} partition{'' if count == 1 else 's'} of {self.folder.name!r})"


def _log(table: pa.Table) -> CodedLog:
    columns = {name: name for name in COLUMNS if name in table.column_names}
    return encode_arrow(table, {"customer": "journey", **columns})


def _variants(log: CodedLog, budget: int) -> Variants:
    return count_variants(log, budget=budget)[0]


def bucket(
    path_or_paths: Paths,
    into: str | PathLike[str],
    *,
    journey: str,
    customer: str,
    timestamp: str,
    touchpoint: str,
    channel: str | None = None,
    memory_limit: str = "2GB",
    disk_limit: str = "50GB",
    threads: int = 1,
    buckets: int | None = None,
) -> Partitions:
    """Deal a log out to Parquet partitions by customer, without ever holding it in memory.

    Parameters
    ----------
    path_or_paths : path or list of paths
        Parquet files; ties in time are ordered by the place in them, in the order given.
    into : path
        A folder that is new or empty.
    journey, customer, timestamp, touchpoint, channel : str
        Columns, as in `encode_parquet`. A journey goes with the customer of its first event.
    memory_limit, disk_limit : str
        How much DuckDB may hold in memory, and on disk under `into` while it works.
    threads : int, default 1
        Of DuckDB; the result does not depend on it.
    buckets : int, optional
        How many partitions; by default so many that one fits into `memory_limit`.

    Returns
    -------
    Partitions

    Raises
    ------
    InputError, UnknownNameError
        As `encode_parquet`.
    StudyError
        When `into` is not empty, or a limit cannot be understood or is too small.
    NotEnoughDataError
        When no event has a journey.
    """
    import duckdb

    columns = {"journey": journey, "timestamp": timestamp, "touchpoint": touchpoint}
    if customer != journey:
        columns["customer"] = customer
    if channel is not None:
        columns["channel"] = channel
    files = paths_of(path_or_paths)
    for file in files:
        check_columns(file, columns.values())
    memory = _bytes("memory_limit", memory_limit)
    _bytes("disk_limit", disk_limit)
    if buckets is not None and buckets < 1:
        raise StudyError(f"buckets={buckets}: at least 1 partition is needed")
    folder = Path(into)
    if folder.exists() and any(folder.iterdir()):
        raise StudyError(f"{folder} is not empty; partitions need a folder of their own")
    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / "scratch"
    try:
        with duckdb.connect() as con:
            con.execute(f"SET temp_directory={_text(str(scratch))}")
            con.execute(f"SET memory_limit={_text(memory_limit)}")
            con.execute(f"SET max_temp_directory_size={_text(disk_limit)}")
            con.execute(f"SET threads={int(threads)}")
            con.execute("SET preserve_insertion_order=false")
            return _deal(con, files, folder, columns, memory, buckets)
    except duckdb.Error as cause:
        raise StudyError(f"the log could not be dealt out: {cause}; raise memory_limit or disk_limit") from cause
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _deal(
    con: Any, files: list[Path], folder: Path, columns: Mapping[str, str], memory: int, buckets: int | None
) -> Partitions:
    import pyarrow.parquet as pq

    selects, start = [], 0
    for file in files:
        chosen = ", ".join(f"{_name(source)} AS {_name(name)}" for name, source in columns.items())
        source = f"read_parquet({_text(str(file))}, file_row_number=true, hive_partitioning=false)"
        selects.append(f"SELECT {chosen}, file_row_number + {start} AS seq FROM {source}")
        start += pq.read_metadata(file).num_rows
    events = f"(SELECT * FROM ({' UNION ALL '.join(selects)}) WHERE journey IS NOT NULL)"
    buckets = buckets or 1 + start * _BYTES_PER_EVENT // memory
    # Rows wait in memory, a share per partition, until a row group is full: large groups are read faster.
    rows = min(max(memory // (_BYTES_PER_EVENT * buckets), 10_000), 1 << 19)
    con.execute(f"SET partitioned_write_flush_threshold={rows}")
    if "customer" in columns:
        shared = con.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {events} GROUP BY journey HAVING min(customer) <> max(customer)"
            " OR (count(customer) > 0 AND count(customer) < count(*)))"
        ).fetchone()[0]
        if shared:
            con.execute(
                "CREATE TEMP TABLE owners AS SELECT journey, arg_min({'is': customer}, (timestamp, seq)).is AS owner "
                f"FROM {events} GROUP BY journey"
            )
            events = f"(SELECT e.* REPLACE (o.owner AS customer) FROM {events} e JOIN owners o USING (journey))"
    owner = "customer" if "customer" in columns else "journey"
    n = con.execute(
        f"COPY (SELECT *, hash({owner}) % {int(buckets)} AS part FROM {events}) TO {_text(str(folder / 'parts'))} "
        "(FORMAT parquet, PARTITION_BY (part), COMPRESSION lz4_raw)"
    ).fetchone()[0]
    if not n:
        raise NotEnoughDataError("there is no event in any journey; an event log with at least one event is needed")
    parts = sorted((folder / "parts").iterdir(), key=lambda part: int(part.name.removeprefix("part=")))
    return Partitions(folder, tuple(tuple(sorted(part.glob("*.parquet"))) for part in parts), n)


def _bytes(name: str, limit: str) -> int:
    import re

    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)i?b\s*", limit.lower())
    if not found or not float(found[1]):
        raise StudyError(f"{name}={limit!r} is no amount of bytes; write e.g. '2GB'")
    return max(int(float(found[1]) * 1000 ** " kmgt".index(found[2] or " ")), 1)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
