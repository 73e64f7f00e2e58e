"""One engine, one task, one log, in a process of its own: prints what it cost and what it found, as JSON.

    python benchmarks/worker.py duckdb_sql graph FOLDER [WARM-UP FOLDER]

The task runs once on a log of a few events first, so that imports and what is compiled on first use count
for no engine; what is timed is the way from the Parquet file to the result.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path

NOT_INSTALLED, NOT_OFFERED, FAILED = "not installed", "not offered", "failed"
MARK = "@@result "  # a rival may print, too


def main() -> None:
    engine, task, folder, *warm = sys.argv[1:]
    os.environ["RETENTIONEERING_NO_TRACK"] = "1"
    try:
        contestant = importlib.import_module(f"contestants.{engine}")
    except ImportError as error:
        tell({"status": NOT_INSTALLED, "why": str(error)})
        return
    if task in contestant.NOT_OFFERED:
        tell({"status": NOT_OFFERED, "why": contestant.NOT_OFFERED[task]})
        return
    run = contestant.TASKS[task]
    try:
        if warm:
            run(Path(warm[0]))
        before, started = _cpu(), time.perf_counter()
        result = run(Path(folder))
        cpu, wall = _cpu() - before, time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # before the facts, which are ours, not the engine's
        tell({"status": "ran", "cpu_s": cpu, "wall_s": wall, "peak_kb": peak, "version": contestant.VERSION,
              "facts": contestant.FACTS[task](result)})  # fmt: skip
    except MemoryError:
        tell({"status": FAILED, "why": "out of memory"})
    except Exception as error:  # noqa: BLE001 - an engine that fails, however, says how
        said = " ".join(str(error).split())
        tell(
            {
                "status": FAILED,
                "why": "out of memory" if "out of memory" in said.lower() else f"{type(error).__name__}: {said}"[:200],
            }
        )


def tell(said: dict[str, object]) -> None:
    print(MARK + json.dumps(said, ensure_ascii=False), flush=True)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
