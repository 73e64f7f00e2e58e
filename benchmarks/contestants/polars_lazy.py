"""polars: one lazy query per question, with the engine and the form that were fastest of those tried."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from questions import CONTAINED, FOLLOWED, GAP_DAYS, STARTING, WITHIN_DAYS, variants_digest

VERSION = pl.__version__
NOT_OFFERED: dict[str, str] = {}
DAY_US = 86_400_000_000
TIME = pl.col("timestamp").dt.epoch("us")
CODED = pl.col("touchpoint").cast(pl.Categorical)


def scan(folder: Path, *columns: Any) -> pl.LazyFrame:
    return pl.scan_parquet(folder / "log.parquet").select(*columns)


def graph(folder: Path) -> Any:
    return (
        scan(folder, "case_id", "timestamp", CODED)
        .sort("case_id", "timestamp")
        .select(
            same=pl.col("case_id") == pl.col("case_id").shift(-1),
            source="touchpoint",
            target=pl.col("touchpoint").shift(-1),
            wait=TIME.shift(-1) - TIME,
        )
        .filter("same")
        .group_by("source", "target")
        .agg(n=pl.len(), median=pl.col("wait").median(), mean=pl.col("wait").mean())
        .collect(engine="streaming")
    )


def graph_facts(frame: Any) -> dict[str, Any]:
    return {
        "edges": {f"{a} → {b}": [n, median / 1e6, mean / 1e6] for a, b, n, median, mean in frame.iter_rows()},
    }  # fmt: skip


def variants(folder: Path) -> Any:
    # A group keeps the order of its rows.
    return (
        scan(folder, "case_id", "timestamp", CODED)
        .sort("timestamp")
        .group_by("case_id")
        .agg("touchpoint")
        .group_by("touchpoint")
        .len()
        .collect()
    )


def variants_facts(frame: Any) -> dict[str, Any]:
    joined = frame["touchpoint"].cast(pl.List(pl.String)).list.join("|").to_list()
    n = frame["len"].to_list()
    return {"variants": len(n), "journeys": sum(n), "digest": variants_digest(zip(joined, n, strict=True), "|")}


def sessions(folder: Path) -> Any:
    opens = (pl.col("case_id") != pl.col("case_id").shift(1)) | (TIME.diff() > GAP_DAYS * DAY_US)
    return (
        scan(folder, "case_id", "timestamp")
        .sort("case_id", "timestamp")
        .with_columns(session=opens.fill_null(True).cum_sum())
        .group_by("session")
        .agg(pl.col("case_id").first(), n=pl.len(), lasts=TIME.max() - TIME.min())
        .collect(engine="streaming")
    )


def sessions_facts(frame: Any) -> dict[str, Any]:
    lengths = frame.group_by("n").len().iter_rows()
    return {
        "sessions": len(frame),
        "lengths": {str(k): int(v) for k, v in lengths},
        "seconds": float(frame["lasts"].sum()) / 1e6,
    }


def matrix(folder: Path) -> Any:
    return scan(folder, "case_id", CODED).group_by("case_id", "touchpoint").len().collect(engine="streaming")


def matrix_facts(frame: Any) -> dict[str, Any]:
    per = frame.group_by("touchpoint").agg(journeys=pl.len(), events=pl.col("len").sum()).rows(named=True)
    return {
        "cells": len(frame),
        "journeys": {r["touchpoint"]: int(r["journeys"]) for r in per},
        "events": {r["touchpoint"]: int(r["events"]) for r in per},
    }


def asof(folder: Path) -> Any:
    responses = pl.scan_parquet(folder / "responses.parquet").sort("timestamp")
    events = (
        scan(folder, "case_id", "timestamp", "touchpoint", pl.col("timestamp").alias("at"))
        .join(responses, on="case_id", how="semi")
        .sort("timestamp")
    )
    return (
        responses.join_asof(events, on="timestamp", by="case_id", check_sortedness=False)
        .filter(pl.col("at").is_not_null())
        .select("case_id", "touchpoint", lag=(pl.col("timestamp") - pl.col("at")).dt.total_microseconds())
        .collect(engine="streaming")
    )


def asof_facts(frame: Any) -> dict[str, Any]:
    return {
        "joined": len(frame),
        "touchpoints": {str(k): int(v) for k, v in frame.group_by("touchpoint").len().iter_rows()},
        "lag_s": float(frame["lag"].sum()) / 1e6,
    }


def filters(folder: Path) -> Any:
    first, then = FOLLOWED
    is_first, is_then = pl.col("touchpoint") == first, pl.col("touchpoint") == then
    before = pl.when(is_first).then(TIME).forward_fill()
    asked = (
        scan(folder, "case_id", "touchpoint").filter(pl.col("touchpoint") == CONTAINED).select("case_id").unique(),
        scan(folder, "case_id", "timestamp", "touchpoint")
        .filter(is_first | is_then)
        .sort("timestamp")
        .group_by("case_id")
        .agg(passes=((TIME - before).filter(is_then) <= WITHIN_DAYS * DAY_US).any())
        .filter("passes")
        .select("case_id"),
        scan(folder, "case_id", "timestamp", pl.col("touchpoint") == STARTING)
        .sort("timestamp")
        .group_by("case_id")
        .agg(pl.col("touchpoint").first())
        .filter("touchpoint")
        .select("case_id"),
    )
    return [one.collect(engine="streaming") for one in asked]


def filters_facts(kept: list[Any]) -> dict[str, Any]:
    return {name: len(journeys) for name, journeys in zip(("contains", "followed", "starts"), kept, strict=True)}


TASKS = {
    "graph": graph, "variants": variants, "sessions": sessions, "matrix": matrix, "asof": asof, "filters": filters,
}  # fmt: skip
FACTS = {
    "graph": graph_facts, "variants": variants_facts, "sessions": sessions_facts, "matrix": matrix_facts,
    "asof": asof_facts, "filters": filters_facts,
}  # fmt: skip
