"""pm4py on a pandas frame: its own functions, the cheapest of those that answer the question."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pm4py
from pm4py.algo.discovery.dfg.adapters.pandas.df_statistics import get_dfg_graph
from pm4py.algo.filtering.pandas.ltl import ltl_checker
from questions import CONTAINED, FOLLOWED, STARTING, WITHIN_DAYS, variants_digest

VERSION = pm4py.__version__
NOT_OFFERED = {"sessions": "no inactivity gap", "asof": "knows no responses"}
NAMES = {"case_id": "case:concept:name", "touchpoint": "concept:name", "timestamp": "time:timestamp"}


def read(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "log.parquet", columns=list(NAMES)).rename(columns=NAMES)


def graph(folder: Path) -> Any:
    # discover_dfg and discover_performance_dfg are this function, called twice.
    return get_dfg_graph(read(folder), measure="both", perf_aggregation_key="all")


def graph_facts(result: Any) -> dict[str, Any]:
    n, times = result
    return {
        "edges": {f"{a} → {b}": [int(n[a, b]), float(times[a, b]["median"]), float(times[a, b]["mean"])] for a, b in n}
    }


def variants(folder: Path) -> Any:
    # Asked of the frame as it comes, in order of time, it finds more variants than there are: it takes one order for
    # granted (the third of its traps) and does not sort.
    return pm4py.get_variants(read(folder).sort_values(["case:concept:name", "time:timestamp"], ignore_index=True))


def variants_facts(counts: Any) -> dict[str, Any]:
    counted = (("|".join(sequence), int(n)) for sequence, n in counts.items())
    return {"variants": len(counts), "journeys": int(sum(counts.values())), "digest": variants_digest(counted, "|")}


def matrix(folder: Path) -> Any:
    log = read(folder).sort_values(["case:concept:name", "time:timestamp"], ignore_index=True)
    return pm4py.extract_features_dataframe(log, str_ev_attr=["concept:name"], count_occurrences=True)


def matrix_facts(frame: Any) -> dict[str, Any]:
    counts = frame.drop(columns="case:concept:name", errors="ignore")
    counts.columns = [column.removeprefix("concept:name_") for column in counts.columns]
    return {
        "cells": int((counts > 0).to_numpy().sum()),
        "journeys": {touchpoint: int(n) for touchpoint, n in (counts > 0).sum().items()},
        "events": {touchpoint: int(n) for touchpoint, n in counts.sum().items()},
    }


def filters(folder: Path) -> Any:
    log = read(folder)
    within = {"timestamp_diff_boundaries": [(0, WITHIN_DAYS * 86_400)]}
    return (
        pm4py.filter_event_attribute_values(log, "concept:name", [CONTAINED], level="case", retain=True),
        ltl_checker.eventually_follows(log, list(FOLLOWED), parameters=within),
        pm4py.filter_start_activities(log, [STARTING]),
    )


def filters_facts(kept: Any) -> dict[str, Any]:
    case = "case:concept:name"
    return {
        name: int(frame[case].nunique()) for name, frame in zip(("contains", "followed", "starts"), kept, strict=True)
    }


TASKS = {"graph": graph, "variants": variants, "matrix": matrix, "filters": filters}
FACTS = {"graph": graph_facts, "variants": variants_facts, "matrix": matrix_facts, "filters": filters_facts}
