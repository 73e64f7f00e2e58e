"""pm4py on a polars LazyFrame, which some of its functions take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pm4py
import polars as pl
from pm4py.algo.discovery.dfg.adapters.polars.df_statistics import get_dfg_graph
from pm4py.algo.filtering.polars.ltl import ltl_checker
from questions import CONTAINED, FOLLOWED, STARTING, WITHIN_DAYS

from contestants.pm4py_pandas import NAMES, graph_facts, variants_facts

VERSION = f"{pm4py.__version__} on polars {pl.__version__}"
NOT_OFFERED = {
    "sessions": "no inactivity gap",
    "asof": "knows no responses",
    "matrix": "its encodings take no LazyFrame",
}


def read(folder: Path) -> pl.LazyFrame:
    return pl.scan_parquet(folder / "log.parquet").select(NAMES.keys()).rename(NAMES)


def graph(folder: Path) -> Any:
    return get_dfg_graph(read(folder), measure="both", perf_aggregation_key="all")


def variants(folder: Path) -> Any:
    return pm4py.get_variants(read(folder))


def filters(folder: Path) -> Any:
    log = read(folder)
    within = {"timestamp_diff_boundaries": [(0, WITHIN_DAYS * 86_400)]}
    kept = (
        pm4py.filter_event_attribute_values(log, "concept:name", [CONTAINED], level="case", retain=True),
        ltl_checker.eventually_follows(log, list(FOLLOWED), parameters=within),
        pm4py.filter_start_activities(log, [STARTING]),
    )
    return [log.collect() for log in kept]


def filters_facts(kept: Any) -> dict[str, Any]:
    case = "case:concept:name"
    return {
        name: frame[case].n_unique() for name, frame in zip(("contains", "followed", "starts"), kept, strict=True)
    }  # fmt: skip


TASKS = {"graph": graph, "variants": variants, "filters": filters}
FACTS = {"graph": graph_facts, "variants": variants_facts, "filters": filters_facts}
