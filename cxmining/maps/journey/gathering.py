"""From live results or a run's files to what a journey map shows: nothing about too few customers, never too many touchpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.engine import CodedLog, count_touchpoints, follow
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.journeys.build import Journeys
from cxmining.journeys.switches import channel_switches
from cxmining.journeys.variants.paths import JourneyPaths, find_paths
from cxmining.maps.cx.cells import REST
from cxmining.maps.tables import START_END, Hidden, dfg_of, in_order, touchpoints_of
from cxmining.privacy.cells import suppress
from cxmining.stats import wilson

__all__ = ["REST", "Gathered", "gather", "together"]

_FELT: Final = ("score", "expected", "gap", "sentiment")
_MET: Final = (
    "events", "journeys", "customers", "reach", "reach_low", "reach_high", "channel_mix", "wait_median_s", "wait_p90_s",
    "wait_n",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Gathered:
    """What a map shows.

    Attributes
    ----------
    touchpoints : DataFrame
        In the order of the map; figures about too few are missing.
    dfg : DataFrame
        Who follows whom, without what is about too few; ``switch_share`` is the part of the walks on which the channel
        changes, where that is known.
    hidden : set of (touchpoint, column)
        Figures that are known and not shown.
    hidden_edges : int
        Transitions that are not shown.
    grouped : tuple of str
        Touchpoints that stand together as one.
    paths : JourneyPaths or None
        None where only tables are known.
    facts : mapping
        ``name``, ``journeys``, ``customers``, ``events``, ``notion``, ``chain``: of live results.
    min_cell : int
    upward : bool
        Whether a higher score is a better one.
    """

    touchpoints: pd.DataFrame
    dfg: pd.DataFrame
    hidden: set[tuple[str, str]]
    hidden_edges: int
    grouped: tuple[str, ...]
    paths: JourneyPaths | None
    min_cell: int
    upward: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict)


def gather(
    source: Any, dfg: pd.DataFrame | None, *, hidden: Hidden, hidden_edges: int, most: int, min_cell: int,
    paths: pd.DataFrame | None = None,
) -> Gathered:  # fmt: skip
    """Gather what a map of `source` shows.

    Raises
    ------
    StudyError
        When `source` is no result, or a table without flow.
    NotEnoughDataError
        When there is no touchpoint.
    """
    table = touchpoints_of(source)
    if dfg is None and isinstance(source, pd.DataFrame):
        raise StudyError("a table of touchpoints alone holds no flow; give who follows whom as dfg=")
    follows = dfg_of(source if dfg is None else dfg)
    if not len(table):
        raise NotEnoughDataError("there is no touchpoint, so there is no journey map to draw")
    off = set(hidden)
    journeys = _live(source)
    log = None if journeys is None else journeys.log
    rest = _rarest(table, most)
    if rest:
        table, follows, log = together(table, follows, log, rest)
    if log is not None:
        follows = follows.drop(columns="switch_share", errors="ignore").merge(
            channel_switches(log)[["source", "target", "switch_share"]], on=["source", "target"], how="left"
        )
    touchpoints = in_order(table, follows)
    if journeys is not None:
        touchpoints, small = _without_small(touchpoints, min_cell)
        off |= small
        rare = (follows["customers"] > 0) & (follows["customers"] < min_cell)
        hidden_edges += int((rare & ~follows["source"].isin(START_END) & ~follows["target"].isin(START_END)).sum())
        follows = follows[~rare].reset_index(drop=True)
    found = find_paths(source, min_cell=min_cell) if journeys is not None else None if paths is None else _kept(paths)
    if found is not None and rest:
        found = replace(found, table=_on_map(found.table, set(rest)))
    return Gathered(
        touchpoints, follows, off, hidden_edges, tuple(rest), found, min_cell, _upward(source), _facts(journeys)
    )  # fmt: skip


def _live(source: Any) -> Journeys | None:
    journeys = getattr(source, "journeys", source)
    return journeys if isinstance(journeys, Journeys) else None


def _upward(source: Any) -> bool:
    links, metric = getattr(source, "links", None), getattr(source, "metric", None)
    if links is None or metric is None or not len(links):
        return True
    return bool(links.loc[links["metric"] == metric, "higher_is_better"].fillna(True).astype(bool).any())


def _facts(journeys: Journeys | None) -> dict[str, Any]:
    if journeys is None:
        return {}
    log = journeys.log
    return {
        "name": journeys.data.name, "journeys": log.n_journeys, "customers": log.n_customers, "events": len(log),
        "notion": str(journeys.notion), "chain": journeys.chain,
    }  # fmt: skip


def _rarest(table: pd.DataFrame, most: int) -> list[str]:
    """Return the touchpoints that stand together: those that fewest meet, so that `most` places are enough."""
    if most < 2:
        raise StudyError(f"most={most}: a map shows at least 2 touchpoints")
    if len(table) <= most:
        return []
    met = next((c for c in ("customers", "reach", "journeys", "events") if c in table and table[c].notna().any()), None)
    size = pd.to_numeric(table[met]).astype(float).fillna(0.0) if met else pd.Series(0.0, index=table.index)
    order = table.assign(size=size).sort_values(["size", "touchpoint"], ascending=[False, True])
    return sorted(order["touchpoint"].iloc[most - 1 :])


def together(
    table: pd.DataFrame, follows: pd.DataFrame, log: CodedLog | None, rest: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame, CodedLog | None]:
    """Put touchpoints into one, called `REST`; what cannot be known of tables alone is missing."""
    stages = set(table.loc[table["touchpoint"].isin(rest), "stage"])
    row: dict[str, Any] = {"touchpoint": REST, "stage": stages.pop() if len(stages) == 1 else ""}
    if log is None:
        renamed = follows.assign(
            **{c: follows[c].where(~follows[c].isin(rest), REST) for c in ("source", "target")}
        )  # journeys and medians do not add up; walks do
        follows = renamed.groupby(["source", "target"], sort=True)[["n"]].sum(min_count=1).reset_index()
        if "events" in table:
            row["events"] = table.loc[table["touchpoint"].isin(rest), "events"].sum(min_count=1)
    else:
        log = _recoded(log, rest)
        follows = follow(log).frame()
        counts = count_touchpoints(log)
        i = counts.touchpoints.index(REST)
        reach = wilson(int(counts.customers[i]), counts.total_customers)
        row |= {
            "events": int(counts.events[i].sum()), "journeys": int(counts.journeys[i]),
            "customers": int(counts.customers[i]), "reach": reach.value, "reach_low": reach.low, "reach_high": reach.high,
            "channel": counts.channels[int(counts.events[i].argmax())],
        }  # fmt: skip
    kept = table[~table["touchpoint"].isin(rest)]
    return pd.concat([kept, pd.DataFrame([row])], ignore_index=True), follows, log


def _recoded(log: CodedLog, rest: list[str]) -> CodedLog:
    called = [REST if t in set(rest) else t for t in log.touchpoints]
    names, code = np.unique(np.array(called, dtype=object), return_inverse=True)
    codes = code.astype(np.min_scalar_type(max(len(names) - 1, 0)))
    return replace(log, touchpoints=tuple(names.tolist()), touchpoint=codes[log.touchpoint])


def _without_small(table: pd.DataFrame, min_cell: int) -> tuple[pd.DataFrame, set[tuple[str, str]]]:
    """Hide what is about fewer than `min_cell` customers, or answers."""
    off: set[tuple[str, str]] = set()
    parts = [(tuple(c for c in _MET if c in table), "customers")]
    parts += [(tuple(f"{p}_{s}" for s in ("mean", "low", "high", "n") if f"{p}_{s}" in table), f"{p}_n") for p in _FELT]
    for columns, n in parts:
        if n not in table:
            continue
        of = table.assign(**{n: pd.to_numeric(table[n]).astype("Float64").fillna(0)})
        shown, listed = suppress(of, columns, n, min_cell, "map", "touchpoint")
        kept = {c: shown[c] for c in columns if c != n}
        table = table.assign(**kept, **{n: shown[n].where(table[n].notna())})
        off |= set(zip(listed["key"], listed["column"], strict=True))
    return table, off


def _kept(paths: pd.DataFrame) -> JourneyPaths:
    """Return paths that a run kept, as they were."""
    text = {c: paths[c].astype("object").where(paths[c].notna(), "").astype("str") for c in ("steps", "how", "metric")}
    steps = pd.Series([tuple(s.split(" → ")) if s else () for s in text["steps"]], dtype="object", index=paths.index)
    table = paths.assign(how=text["how"], steps=steps)
    table["hidden"] = table["hidden"].astype("str").str.lower() == "true"
    metric = next((m for m in text["metric"] if m), None)
    return JourneyPaths(table.reset_index(drop=True), metric, "", (), ())


def _on_map(paths: pd.DataFrame, rest: set[str]) -> pd.DataFrame:
    def seen(steps: tuple[str, ...]) -> tuple[str, ...]:
        called = [REST if s in rest else s for s in steps]
        return tuple(s for i, s in enumerate(called) if i == 0 or s != called[i - 1])

    return paths.assign(steps=pd.Series([seen(s) for s in paths["steps"]], dtype="object", index=paths.index))
