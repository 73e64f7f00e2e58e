"""DuckDB: one SQL statement per question, on the Parquet file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from questions import CONTAINED, FOLLOWED, GAP_DAYS, STARTING, WITHIN_DAYS, variants_digest

VERSION = duckdb.__version__
NOT_OFFERED: dict[str, str] = {}


def ask(folder: Path, sql: str, first: str = "") -> Any:
    files = {
        "log": f"read_parquet('{folder / 'log.parquet'}')",
        "responses": f"read_parquet('{folder / 'responses.parquet'}')",
    }
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        # It says "out of memory" instead of filling the disk.
        con.execute(f"SET temp_directory = '{folder / 'spill'}'; SET max_temp_directory_size = '20GB'")
        if first:
            con.execute(first.format(**files))
        return con.sql(sql.format(**files)).to_arrow_table()


def graph(folder: Path) -> Any:
    return ask(
        folder,
        """
        WITH step AS (
            SELECT touchpoint AS source, lead(touchpoint) OVER journey AS target,
                   epoch_us(lead(timestamp) OVER journey) - epoch_us(timestamp) AS wait
            FROM {log} WINDOW journey AS (PARTITION BY case_id ORDER BY timestamp)
        )
        SELECT source, target, count(*) AS n, median(wait) / 1e6 AS median_s, avg(wait) / 1e6 AS mean_s
        FROM step WHERE target IS NOT NULL GROUP BY ALL
        """,
    )


def graph_facts(table: Any) -> dict[str, Any]:
    frame = table.to_pandas()
    return {
        "edges": {
            f"{r.source} → {r.target}": [int(r.n), float(r.median_s), float(r.mean_s)] for r in frame.itertuples()
        }
    }


def variants(folder: Path) -> Any:
    # Lists of an ENUM, a dictionary made on the way, are three times faster than aggregated strings.
    return ask(
        folder,
        """
        SELECT variant, count(*) AS n
        FROM (SELECT list(touchpoint::touchpoints ORDER BY timestamp) AS variant FROM {log} GROUP BY case_id)
        GROUP BY variant
        """,
        first="CREATE TYPE touchpoints AS ENUM (SELECT DISTINCT touchpoint FROM {log})",
    )


def variants_facts(table: Any) -> dict[str, Any]:
    frame = table.to_pandas()
    counted = zip(frame["variant"].str.join("|"), frame["n"].tolist(), strict=True)
    return {"variants": len(frame), "journeys": int(frame["n"].sum()), "digest": variants_digest(counted, "|")}


def sessions(folder: Path) -> Any:
    return ask(
        folder,
        f"""
        WITH event AS (
            SELECT case_id, timestamp,
                   epoch_us(timestamp) - epoch_us(lag(timestamp) OVER journey) > {GAP_DAYS * 86_400_000_000} AS opens
            FROM {{log}} WINDOW journey AS (PARTITION BY case_id ORDER BY timestamp)
        ), numbered AS (
            SELECT case_id, timestamp,
                   sum(coalesce(opens, false)::INT) OVER (PARTITION BY case_id ORDER BY timestamp) AS session
            FROM event
        )
        SELECT case_id, session, count(*) AS n, epoch_us(max(timestamp)) - epoch_us(min(timestamp)) AS lasts
        FROM numbered GROUP BY ALL
        """,
    )


def sessions_facts(table: Any) -> dict[str, Any]:
    frame = table.to_pandas()
    lengths = frame["n"].value_counts()
    return {
        "sessions": len(frame),
        "lengths": {str(k): int(v) for k, v in lengths.items()},
        "seconds": float(frame["lasts"].sum()) / 1e6,
    }


def matrix(folder: Path) -> Any:
    # One row per journey and touchpoint met: a wide table of two dozen columns is slower and says no more.
    return ask(folder, "SELECT case_id, touchpoint, count(*) AS n FROM {log} GROUP BY ALL")


def matrix_facts(table: Any) -> dict[str, Any]:
    frame = table.to_pandas()
    return {
        "cells": len(frame),
        "journeys": {str(k): int(v) for k, v in frame["touchpoint"].value_counts().items()},
        "events": {str(k): int(v) for k, v in frame.groupby("touchpoint")["n"].sum().items()},
    }


def asof(folder: Path) -> Any:
    return ask(
        folder,
        """
        SELECT r.case_id, e.touchpoint, epoch_us(r.timestamp) - epoch_us(e.timestamp) AS lag
        FROM {responses} r ASOF JOIN {log} e ON r.case_id = e.case_id AND r.timestamp >= e.timestamp
        """,
    )


def asof_facts(table: Any) -> dict[str, Any]:
    frame = table.to_pandas()
    return {
        "joined": len(frame),
        "touchpoints": {str(k): int(v) for k, v in frame["touchpoint"].value_counts().items()},
        "lag_s": float(frame["lag"].sum()) / 1e6,
    }


def filters(folder: Path) -> Any:
    first, then = FOLLOWED
    asked = (
        f"SELECT DISTINCT case_id FROM {{log}} WHERE touchpoint = '{CONTAINED}'",
        f"""
        WITH either AS (
            SELECT case_id, touchpoint, timestamp,
                   max(CASE WHEN touchpoint = '{first}' THEN timestamp END)
                       OVER (PARTITION BY case_id ORDER BY timestamp) AS before
            FROM {{log}} WHERE touchpoint IN ('{first}', '{then}')
        )
        SELECT DISTINCT case_id FROM either
        WHERE touchpoint = '{then}' AND epoch_us(timestamp) - epoch_us(before) <= {WITHIN_DAYS * 86_400_000_000}
        """,
        f"SELECT case_id FROM {{log}} GROUP BY case_id HAVING arg_min(touchpoint, timestamp) = '{STARTING}'",
    )
    return [ask(folder, sql) for sql in asked]


def filters_facts(kept: list[Any]) -> dict[str, Any]:
    return {name: len(journeys) for name, journeys in zip(("contains", "followed", "starts"), kept, strict=True)}


TASKS = {
    "graph": graph, "variants": variants, "sessions": sessions, "matrix": matrix, "asof": asof, "filters": filters,
}  # fmt: skip
FACTS = {
    "graph": graph_facts, "variants": variants_facts, "sessions": sessions_facts, "matrix": matrix_facts,
    "asof": asof_facts, "filters": filters_facts,
}  # fmt: skip
