"""The goals of the engine, judged on one run."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from questions import REDUCTIONS

MILLION = 1_000_000
JUDGED_AT = 10 * MILLION
LEVEL = 1.05  # two costs within five in a hundred are the same
PASS_S = 0.3


@dataclass(frozen=True)
class Verdict:
    """One goal: what it asks, what was measured."""

    goal: str
    limit: float
    value: float | None
    why_not: str = ""

    @property
    def met(self) -> bool | None:
        return None if self.value is None else self.value <= self.limit

    def __str__(self) -> str:
        if self.value is None:
            return f"not judged  {self.goal}: {self.why_not}"
        return f"{'met        ' if self.met else 'NOT MET    '} {self.goal}: {self.value:.3f}, at most {self.limit:g}"


def judge(runs: list[Any]) -> list[Verdict]:
    """Return a verdict for each goal; ratios at the largest size that rivals ran, up to ten million."""
    at = {(r.engine, r.task, r.size): r for r in runs}
    sizes = sorted({r.size for r in runs})
    contested = [s for s in sizes if s <= JUDGED_AT]
    size = contested[-1] if contested else sizes[-1]
    out = []

    def ratio(goal: str, limit: float, ours: str, rival: str, theirs: tuple[str, ...], what: str = "cpu_s") -> None:
        mine, others = at.get(("cxmining", ours, size)), [at.get((rival, t, size)) for t in theirs]
        if mine is None or not mine.ran:
            out.append(Verdict(goal, limit, None, "cxmining has no result"))
        elif any(o is None or not o.ran for o in others):
            out.append(Verdict(goal, limit, None, f"{rival} has no result to compare with"))
        else:
            out.append(Verdict(goal, limit, getattr(mine, what) / sum(getattr(o, what) for o in others)))

    where = f"at {size:,} events"
    for rival, limit in (("duckdb", 0.5), ("polars", 0.4), ("pm4py", 0.07), ("pm4py polars", 0.07)):
        ratio(f"graph with exact medians, {where}, CPU against {rival}", limit, "graph", rival, ("graph",))
    for rival, limit in (("polars", 0.55), ("duckdb", 0.35)):
        ratio(f"variants, {where}, CPU against {rival}", limit, "variants", rival, ("variants",))
    for rival in ("duckdb", "polars"):
        ratio(f"five reductions together, {where}, CPU against the sum of {rival}", 0.15, "together", rival, REDUCTIONS)
    for task in ("matrix", "asof"):
        ratio(f"{task}, {where}, CPU against pandas on int codes", LEVEL, task, "pandas codes", (task,))
    for task in ("graph", "variants"):
        ratio(f"{task}, {where}, peak of memory against duckdb", 0.7, task, "duckdb", (task,), "peak_mb")
    passes = at.get(("cxmining", "passes", size))
    if passes is not None and passes.ran and size == JUDGED_AT:
        for name, seconds in passes.said["facts"].items():
            if not name.startswith("limit"):
                out.append(Verdict(f"the pass '{name}' on a coded log, {where}, CPU seconds", PASS_S, seconds))
    for less, more in pairwise(sizes):
        small, large = at.get(("cxmining", "graph", less)), at.get(("cxmining", "graph", more))
        if small and large and small.ran and large.ran:
            grown = (large.cpu_s / more) / (small.cpu_s / less)
            out.append(Verdict(f"graph, CPU per event at {more:,} against {less:,}", 1.2, grown))
    for big in (s for s in sizes if s >= 100 * MILLION):
        for task in ("graph", "out_of_core"):
            run = at.get(("cxmining", task, big))
            if run and run.ran:
                out.append(Verdict(f"{task} of {big:,} events, peak GB", 4.0, run.peak_mb / 1024))
            elif run:
                out.append(Verdict(f"{task} of {big:,} events, peak GB", 4.0, None, run.said.get("why", "")))
    return out
