"""cxmining's engine beside its rivals: the same questions, the same log, the same run, a process each.

    python benchmarks/engine.py --sizes 1e6,10e6
    python benchmarks/engine.py --sizes 1e6,10e6,100e6 --only cxmining

Prints CPU and wall seconds from the Parquet file to the result, the peak of memory, the ratios, what a single
pass can cost at best, and which goals are met. Results are held against each other first: an engine that
answers otherwise than the others is reported as wrong and compared with nobody. How to install the rivals
stands in README.md beside this file; one that is not there is reported as not installed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import goals
import processes
from questions import TASKS, differences

ENGINES = {
    "cxmining": "cxmining_engine",
    "pandas codes": "pandas_codes",
    "duckdb": "duckdb_sql",
    "polars": "polars_lazy",
    "pm4py": "pm4py_pandas",
    "pm4py polars": "pm4py_polars",
    "retentioneering": "retentioneering_stream",
}
LARGE = 50_000_000
REPEATS = 3
QUICK_S = 20.0  # what takes less is run again: the least of three counts


@dataclass(frozen=True)
class Run:
    """One engine at one task and size."""

    engine: str
    task: str
    size: int
    said: dict[str, Any]

    @property
    def ran(self) -> bool:
        return self.said["status"] == "ran"

    @property
    def cpu_s(self) -> float:
        return float(self.said["cpu_s"])

    @property
    def peak_mb(self) -> float:
        return float(self.said["peak_kb"]) / processes._PER_MB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1e6,10e6", help="numbers of events")
    parser.add_argument("--only", help=f"engines: {', '.join(ENGINES)}")
    parser.add_argument("--tasks", help=f"some of: {', '.join(TASKS)}")
    parser.add_argument("--scratch", type=Path, help="folder for the logs, kept; default a temporary one")
    parser.add_argument("--json", type=Path, help="write all figures there")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=900, help="seconds per process")
    parser.add_argument("--memory", type=float, default=processes.memory_gb(), help="GB per process")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="of what is quick; the least counts")
    arguments = parser.parse_args()
    sizes = sorted({round(float(s)) for s in arguments.sizes.split(",")})
    engines = chosen(arguments.only, ENGINES, parser)
    tasks = chosen(arguments.tasks, dict.fromkeys(TASKS), parser)
    if arguments.scratch:
        arguments.scratch.mkdir(parents=True, exist_ok=True)
        report(measure(sizes, engines, tasks, arguments.scratch, arguments), arguments)
        return
    with tempfile.TemporaryDirectory(prefix="cxmining-benchmark-") as scratch:
        report(measure(sizes, engines, tasks, Path(scratch), arguments), arguments)


def chosen(asked: str | None, known: dict[str, Any], parser: argparse.ArgumentParser) -> list[str]:
    names = [name.strip() for name in asked.split(",")] if asked else list(known)
    for name in names:
        if name not in known:
            parser.error(f"no {name!r}; there is: {', '.join(known)}")
    return names


def measure(sizes: list[int], engines: list[str], tasks: list[str], scratch: Path, arguments: Any) -> list[Run]:
    runs = []
    warm = log_of(2_000, scratch, arguments.seed)
    for size in sizes:
        folder = log_of(size, scratch, arguments.seed)
        for task in (*tasks, "together", "passes", "out_of_core"):
            for engine in engines:
                if task not in TASKS and engine != "cxmining":
                    continue
                if task == "out_of_core" and size < LARGE:
                    continue
                said = one(ENGINES[engine], task, folder, warm, arguments)
                runs.append(Run(engine, task, size, said))
                print(line(runs[-1]), flush=True)
        hold_against_each_other([r for r in runs if r.size == size], folder)
    return runs


def log_of(size: int, scratch: Path, seed: int) -> Path:
    folder = scratch / f"{size}-{seed}"
    if not (folder / "truth.json").exists():  # written last
        # Not in this process: it would grow, and with it what every child starts from.
        made = ["logs.py", "--events", str(size), "--seed", str(seed), "--out", str(folder)]
        said = processes.run(made, timeout_s=3600, memory_gb=processes.memory_gb())
        if not (folder / "truth.json").exists():
            sys.exit(f"the log could not be written: {said['why']}")
    return folder


def one(module: str, task: str, folder: Path, warm: Path, arguments: Any) -> dict[str, Any]:
    best: dict[str, Any] = {}
    for _ in range(arguments.repeats):
        said = processes.run(
            ["worker.py", module, task, str(folder), str(warm)],
            timeout_s=arguments.timeout, memory_gb=arguments.memory,
        )  # fmt: skip
        if said["status"] != "ran":
            return said
        if not best or said["cpu_s"] < best["cpu_s"]:
            best = said
        if said["wall_s"] > QUICK_S:
            break
    return best


def line(run: Run) -> str:
    where = f"{run.size:>11,}  {run.task:<12} {run.engine:<16}"
    if not run.ran:
        why = run.said.get("why", "")
        return f"{where} {run.said['status']}" + (f": {why}" if why else "")
    if run.task == "passes":
        return where + "  ".join(f"{k} {v:.3f}" for k, v in run.said["facts"].items())
    return f"{where} CPU {run.cpu_s:8.2f} s   wall {run.said['wall_s']:8.2f} s   peak {run.peak_mb:8,.0f} MB"


def hold_against_each_other(runs: list[Run], folder: Path) -> None:
    """Mark as wrong who contradicts the truth of the generator, or else the answer that most engines give."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    agreed: dict[str, Any] = {}
    for task in TASKS:
        answers = [r for r in runs if r.task == task and r.ran]
        if not answers:
            continue
        facts = [r.said["facts"] for r in answers]
        agree = [sum(not differences(a, b) for b in facts) for a in facts]
        # Who says the most is the judge: one who is silent on the mean contradicts nobody. At equal numbers a
        # rival's answer counts: cxmining is not its own judge.
        at = max(range(len(facts)), key=lambda i: (figures(facts[i]), agree[i], answers[i].engine != "cxmining"))
        agreed[task] = facts[at]
        for run in answers:
            refute(run, differences(run.said["facts"], agreed[task]) or against_truth(task, run.said["facts"], truth))
    for run in runs:
        if run.task == "together" and run.ran:
            said = {task: facts for task, facts in run.said["facts"].items() if task in agreed}
            refute(run, [line for task, facts in said.items() for line in differences(facts, agreed[task], task)])
        if run.task == "out_of_core" and run.ran:
            refute(run, against_truth("graph", run.said["facts"], truth))


def figures(facts: Any) -> int:
    """How many kinds of figures an answer has: its keys, and the values of its first edge."""
    edges = facts.get("edges", {})
    first = next(iter(edges.values()), [])
    return len(facts) + sum(value is not None for value in first)


def against_truth(task: str, facts: dict[str, Any], truth: dict[str, Any]) -> list[str]:
    match task:
        case "graph":
            return differences({e: v[0] for e, v in facts["edges"].items()}, truth["edges"], "edges")
        case "variants":
            return differences(facts["journeys"], truth["cases"], "journeys")
        case "sessions":
            return differences(sum(int(k) * n for k, n in facts["lengths"].items()), truth["events"], "events")
        case "matrix":
            return differences(sum(facts["events"].values()), truth["events"], "events")
    return []


def refute(run: Run, contradictions: list[str]) -> None:
    if contradictions:
        more = f" and {len(contradictions) - 1} more" if len(contradictions) > 1 else ""
        run.said.update(status="wrong", why=contradictions[0] + more)


def report(runs: list[Run], arguments: Any) -> None:
    print(
        f"\n{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}"
    )
    versions = {r.engine: r.said["version"] for r in runs if "version" in r.said}
    print(", ".join(f"{engine} {version}" for engine, version in versions.items()))
    for size in sorted({r.size for r in runs}):
        print(f"\n{size:,} events: CPU seconds (wall; peak GB), and cxmining's part of it\n")
        print(table([r for r in runs if r.size == size]))
    for run in runs:
        if run.task == "passes" and run.ran:
            print(f"\nOn a coded log of {run.size:,} events, CPU seconds:")
            for name, seconds in run.said["facts"].items():
                print(f"  {name:<40} {seconds:.3f}")
    verdicts = goals.judge(runs)
    print("\nGoals")
    for verdict in verdicts:
        print(f"  {verdict}")
    if arguments.json:
        document = {
            "runs": [{"engine": r.engine, "task": r.task, "size": r.size, **slim(r)} for r in runs],
            "goals": [v.__dict__ for v in verdicts],
            "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "memory_gb": arguments.memory},
        }
        arguments.json.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")


def slim(run: Run) -> dict[str, Any]:
    return {k: v for k, v in run.said.items() if k != "facts" or run.task == "passes"}


def table(runs: list[Run]) -> str:
    tasks = [t for t in (*TASKS, "together") if any(r.task == t for r in runs)]
    engines = list(dict.fromkeys(r.engine for r in runs))
    at = {(r.engine, r.task): r for r in runs}
    rows = [["", *tasks]]
    for engine in engines:
        cells, parts = [engine], [""]
        for task in tasks:
            run, ours = at.get((engine, task)), at.get(("cxmining", task))
            if run is None:
                cells.append("")
                parts.append("")
            elif not run.ran:
                cells.append(run.said["status"])
                parts.append("out of memory" if "out of memory" in run.said.get("why", "") else "")
            else:
                cells.append(f"{run.cpu_s:.2f} ({run.said['wall_s']:.2f}; {run.peak_mb / 1024:.2f})")
                both = ours is not None and ours.ran and run is not ours
                parts.append(f"× {ours.cpu_s / run.cpu_s:.3f}" if both else "")
        rows.append(cells)
        if any(parts):
            rows.append(parts)
    wide = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    text = ["  ".join(cell.ljust(w) for cell, w in zip(row, wide, strict=True)).rstrip() for row in rows]
    wrong = [
        f"{r.engine}, {r.task}: {r.said['status']}: {r.said['why']}" for r in runs if r.said.get("why") and not r.ran
    ]
    return "\n".join([*text, "", *dict.fromkeys(wrong)] if wrong else text)


if __name__ == "__main__":
    main()
