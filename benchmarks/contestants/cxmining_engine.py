"""cxmining: the coded log and its reductions."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from questions import CONTAINED, FOLLOWED, GAP_DAYS, STARTING, WITHIN_DAYS, variants_digest

import cxmining
from cxmining.engine import (
    CodedLog,
    asof,
    bucket,
    coded,
    count_variants,
    encode_arrow,
    encode_parquet,
    follow,
    journey_counts,
    split_sessions,
)
from cxmining.engine.masks import contains, followed_by, starts_with

VERSION = cxmining.__version__
# The warm-up is to load the compiled loops too, although its log is far too small for them.
coded.COMPILED_FROM = coded.LOADED_FROM = 0  # type: ignore[misc]
NOT_OFFERED: dict[str, str] = {}
DAY_US = 86_400_000_000
COLUMNS = {"journey": "case_id", "customer": "case_id", "timestamp": "timestamp", "touchpoint": "touchpoint"}


def read(folder: Path) -> CodedLog:
    return encode_parquet(folder / "log.parquet", **COLUMNS)


def graph(folder: Path) -> Any:
    return follow(read(folder)).frame()


def graph_facts(frame: Any) -> dict[str, Any]:
    inner = frame[(frame["source"] != cxmining.engine.START) & (frame["target"] != cxmining.engine.END)]
    return {
        "edges": {
            f"{r.source} → {r.target}": [int(r.n), float(r.median_s), float(r.mean_s)] for r in inner.itertuples()
        }
    }


def out_of_core(folder: Path) -> Any:
    """The graph of a log that is dealt out to partitions first: for logs larger than memory."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        return bucket(folder / "log.parquet", Path(place) / "partitions", **COLUMNS).follow().frame()


def variants(folder: Path) -> Any:
    return count_variants(read(folder))[0]


def variants_facts(found: Any) -> dict[str, Any]:
    joined = ("|".join(sequence) for sequence in found.sequences)
    return {
        "variants": len(found.journeys),
        "journeys": int(found.journeys.sum()),
        "digest": variants_digest(zip(joined, found.journeys.tolist(), strict=True), "|"),
    }


def sessions(folder: Path) -> Any:
    return sessions_of(read(folder))


def sessions_of(log: CodedLog) -> Any:
    cut = split_sessions(log, GAP_DAYS * DAY_US)
    return np.diff(cut.offsets), cut.duration


def sessions_facts(result: Any) -> dict[str, Any]:
    lengths, lasts = result
    return {
        "sessions": len(lengths),
        "lengths": {str(k): int(v) for k, v in zip(*np.unique(lengths, return_counts=True), strict=True)},
        "seconds": float(lasts.sum()) / 1e6,
    }


def matrix(folder: Path) -> Any:
    log = read(folder)
    return journey_counts(log), log.touchpoints


def matrix_facts(result: Any) -> dict[str, Any]:
    cells, names = result
    return {
        "cells": int(cells.nnz),
        "journeys": dict(zip(names, np.bincount(cells.indices, minlength=len(names)).tolist(), strict=True)),
        "events": dict(zip(names, cells.sum(axis=0).tolist(), strict=True)),
    }


def responses(folder: Path, log: CodedLog, ids: Any = None) -> tuple[Any, Any]:
    """Return customer number and moment of each response; `ids` are the cases of the rows that were coded."""
    answered = pq.read_table(folder / "responses.parquet", columns=["case_id", "timestamp"])
    if ids is None:
        ids = pq.read_table(folder / "log.parquet", columns=["case_id"])["case_id"]
    # A customer's number is the place of its first event's id among those of the journeys.
    first = ids.take(log.rows[log.offsets[:-1]])
    place = pc.fill_null(pc.index_in(answered["case_id"], value_set=first), -1).to_numpy()
    customer = np.where(place < 0, -1, log.customer[place])
    return customer, answered["timestamp"].cast("int64").to_numpy()


def asof_of(log: CodedLog, asked: tuple[Any, Any]) -> Any:
    event = asof(log, *asked)
    some = event >= 0
    return log.touchpoint[event[some]], asked[1][some] - log.time[event[some]], log.touchpoints


def asof_task(folder: Path) -> Any:
    # Only cases that answered need be coded; polars gets the same chance, a semi join.
    names = list(dict.fromkeys(COLUMNS.values()))
    answered = pq.read_table(folder / "responses.parquet", columns=["case_id"])["case_id"]
    some = pq.read_table(folder / "log.parquet", columns=names, filters=pc.field("case_id").isin(answered))
    log = encode_arrow(some, COLUMNS)
    return asof_of(log, responses(folder, log, some["case_id"]))


def asof_facts(result: Any) -> dict[str, Any]:
    touchpoint, lag, names = result
    counts = np.bincount(touchpoint, minlength=len(names)).tolist()
    return {
        "joined": len(lag),
        "touchpoints": {name: n for name, n in zip(names, counts, strict=True) if n},
        "lag_s": float(lag.sum()) / 1e6,
    }


def filters(folder: Path) -> Any:
    return filters_of(read(folder))


def filters_of(log: CodedLog) -> Any:
    contained, first, then, starting = (log.touchpoints.index(t) for t in (CONTAINED, *FOLLOWED, STARTING))
    return (
        contains(log, contained),
        followed_by(log, first, then, within_us=WITHIN_DAYS * DAY_US),
        starts_with(log, starting),
    )


def filters_facts(kept: Any) -> dict[str, Any]:
    return {
        name: int(np.count_nonzero(mask)) for name, mask in zip(("contains", "followed", "starts"), kept, strict=True)
    }


def together(folder: Path) -> Any:
    """The five reductions from one coded log; who answered is found while the ids are at hand."""
    answered = pq.read_table(folder / "responses.parquet", columns=["case_id", "timestamp"])
    log, customer = encode_parquet(folder / "log.parquet", **COLUMNS, find=answered["case_id"])
    return {
        "graph": follow(log).frame(),
        "variants": count_variants(log)[0],
        "sessions": sessions_of(log),
        "matrix": (journey_counts(log), log.touchpoints),
        "asof": asof_of(log, (customer, answered["timestamp"].cast("int64").to_numpy())),
    }


def together_facts(results: dict[str, Any]) -> dict[str, Any]:
    return {task: FACTS[task](result) for task, result in results.items()}


def passes(folder: Path) -> dict[str, float]:
    """CPU seconds of each pass on a log that is coded: the least of three; and what one pass can cost at best."""
    log = read(folder)
    asked = responses(folder, log)
    pair = log.touchpoint[:-1].astype(np.int64) * len(log.touchpoints) + log.touchpoint[1:]
    return {
        "graph": least(lambda: follow(log).frame()),
        "variants": least(lambda: count_variants(log)),
        "sessions": least(lambda: sessions_of(log)),
        "matrix": least(lambda: journey_counts(log)),
        "asof": least(lambda: asof_of(log, asked)),
        "filters": least(lambda: filters_of(log)),
        "limit: read the times once": least(lambda: log.time.sum()),
        "limit: count pair codes that are ready": least(lambda: np.bincount(pair)),
        "limit: decode three Parquet columns": least(
            lambda: pq.read_table(folder / "log.parquet", columns=["case_id", "timestamp", "touchpoint"])
        ),
    }


def least(run: Callable[[], object]) -> float:
    costs = []
    for _ in range(3):
        before = cpu()
        run()
        costs.append(cpu() - before)
    return min(costs)


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def passes_facts(seconds: dict[str, float]) -> dict[str, float]:
    return seconds


TASKS = {
    "graph": graph, "variants": variants, "sessions": sessions, "matrix": matrix, "asof": asof_task,
    "filters": filters, "together": together, "passes": passes, "out_of_core": out_of_core,
}  # fmt: skip
FACTS = {
    "graph": graph_facts, "variants": variants_facts, "sessions": sessions_facts, "matrix": matrix_facts,
    "asof": asof_facts, "filters": filters_facts, "together": together_facts, "passes": passes_facts,
    "out_of_core": graph_facts,
}  # fmt: skip
