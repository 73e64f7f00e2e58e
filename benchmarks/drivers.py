"""Fair credit for every subset of touchpoints: how fast, beside the packages that compute the same.

    python benchmarks/drivers.py
    python benchmarks/drivers.py --only cxmining

Each task runs in a process of its own, after one call on a small problem (imports and compiling count for nobody);
CPU seconds of that process; what takes less than a second runs five times and the least counts. Rivals get the same
data: n = 1,000 answers on p touchpoints that correlate by .4. Their shares are held against cxmining's first: one that
computes something else is reported as different and compared with nobody. What is not installed is said so (see
README.md and requirements.txt); relaimpo runs by Rscript where R and the package are there.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray
MARK = "drivers-benchmark:"
QUICK_S = 1.0

TASKS: dict[str, tuple[str, int]] = {
    "exact 12": ("exact", 12), "exact 16": ("exact", 16), "exact 20": ("exact", 20), "exact 25": ("exact", 25),
    "exact 28": ("exact", 28), "bootstrap 12": ("bootstrap", 12), "orders 40": ("orders", 40),
}  # fmt: skip
RIVALS: dict[str, dict[str, int]] = {
    "dominance-analysis": {"exact 12": 12},
    "pingouin": {"exact 12": 12, "exact 16": 16},
    "shapiq": {"exact 12": 12, "exact 16": 16},
    "relaimpo": {"exact 12": 12, "exact 16": 16},
}
GOALS = [("exact 20", 0.05), ("exact 25", 1.5), ("exact 28", 25.0), ("bootstrap 12", 0.4), ("orders 40", 0.1)]
RATIOS = [
    ("dominance-analysis", "exact 12", 10_000), ("shapiq", "exact 16", 500), ("relaimpo", "exact 16", 1_000),
    ("pingouin", "exact 12", None), ("pingouin", "exact 16", None),
]  # fmt: skip


def answers(p: int, n: int = 1000) -> tuple[Array, Array]:
    """Return what n customers answered: p touchpoints, and a score that the first five decide."""
    rng = np.random.default_rng([1, p])
    x = np.sqrt(0.4) * rng.normal(size=(n, 1)) + np.sqrt(0.6) * rng.normal(size=(n, p))
    signal = x[:, :5].sum(axis=1)
    return x, signal + rng.normal(size=n) * np.sqrt(signal.var() * 0.65 / 0.35)


def correlations(p: int) -> Array:
    """Return their correlations, the score last."""
    x, y = answers(p)
    return np.corrcoef(np.column_stack([x, y]).T)


def cxmining_task(kind: str, p: int) -> Callable[[], Any]:
    from cxmining.drivers.permute import permutation_credit, random_orders
    from cxmining.drivers.subsets import credit_many, walk_subsets

    groups = [[i] for i in range(p)]
    corr = correlations(p)
    if kind == "exact":
        return lambda: walk_subsets(corr, groups, -(-p // 5), lambda r2, columns: r2, 0.28, False).credit
    if kind == "orders":
        return lambda: permutation_credit(corr[None], groups, random_orders(p, 50, 1))
    import pandas as pd

    from cxmining.drivers.bootstrap import draw_moments
    from cxmining.drivers.design import RatingFrame, build_design
    from cxmining.drivers.lattice import correlations as partialled

    x, y = answers(p)
    names = [f"t{i:02d}" for i in range(p)]
    frame = pd.DataFrame(x, columns=names).assign(score=y)
    met = pd.DataFrame(np.ones(x.shape, dtype=bool), columns=names)
    design = build_design(RatingFrame(frame, met, "score", tuple(names)))

    def bootstrap() -> Array:
        drawn, _ = partialled(draw_moments(design, 1000, np.random.default_rng(1)), 1)
        return credit_many(drawn, groups, 3, lambda r2, columns: r2)[0]

    return bootstrap


def rival_task(rival: str, p: int) -> Callable[[], Array]:
    import pandas as pd

    x, y = answers(p)
    names = [f"t{i:02d}" for i in range(p)]
    frame = pd.DataFrame(x, columns=names).assign(score=y)
    if rival == "pingouin":
        import pingouin

        return lambda: np.asarray(pingouin.linear_regression(frame[names], y, relimp=True)["relimp"][1:], dtype=float)
    if rival == "dominance-analysis":
        # Its plotting library asks for a name that numpy has dropped, and opens a notebook as it is imported.
        np.bool8 = np.bool_  # type: ignore[attr-defined]
        import bokeh.io
        import plotly.offline

        bokeh.io.output_notebook = plotly.offline.init_notebook_mode = lambda *_, **__: None
        from dominance_analysis import Dominance

        def dominance() -> Array:
            found = Dominance(data=frame, target="score", objective=1, top_k=p)
            found.incremental_rsquare()
            shares = found.dominance_stats()["Total Dominance"]
            return shares.reindex(names).to_numpy(dtype=float)

        return dominance
    import shapiq

    corr = correlations(p)

    def game(coalitions: Array) -> Array:
        # shapiq asks for sets in bulk; a solve each is what its user would write.
        out = np.zeros(len(coalitions))
        for i, coalition in enumerate(np.asarray(coalitions, dtype=bool)):
            if coalition.any():
                inside, toward = corr[:-1, :-1][np.ix_(coalition, coalition)], corr[:-1, -1][coalition]
                out[i] = toward @ np.linalg.solve(inside, toward)
        return out

    def exact() -> Array:
        values = shapiq.ExactComputer(n_players=p, game=game)("SV")
        return np.array([values[(i,)] for i in range(p)])

    return exact


def relaimpo(p: int) -> dict[str, Any]:
    """Run R's relaimpo: seconds as R itself counts them."""
    if shutil.which("Rscript") is None:
        return {"status": "not installed"}
    x, y = answers(p)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.csv"
        np.savetxt(path, np.column_stack([y, x]), delimiter=",")
        code = (
            f"library(relaimpo); d <- read.csv('{path}', header=FALSE); f <- lm(V1 ~ ., d); "
            "t <- system.time(r <- calc.relimp(f, type='lmg')); cat(t[['user.self']], r@lmg)"
        )
        done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=False)
    if done.returncode:
        return {"status": "not installed", "why": done.stderr.strip().splitlines()[-1:]}
    numbers = [float(v) for v in done.stdout.split()]
    return {"status": "ran", "cpu_s": numbers[0], "shares": numbers[1:]}


def measured(task: Callable[[], Any]) -> dict[str, Any]:
    """Run a task, and again while it is quick; the least CPU time counts."""
    best, result = float("inf"), None
    for _ in range(5):
        begin = time.process_time()
        result = task()
        best = min(best, time.process_time() - begin)
        if best > QUICK_S:
            break
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1 << 20)
    said = {"status": "ran", "cpu_s": best, "peak_mb": peak}
    if isinstance(result, tuple):  # credit and standard errors
        said["se"] = float(np.max(result[1]))
        result = result[0]
    if np.ndim(result) == 1 or np.shape(result)[1] == 1:
        said["shares"] = np.ravel(result).tolist()
    return said


def child(engine: str, name: str) -> None:
    """Do one task and print what was measured."""
    kind, p = TASKS[name]
    try:
        if engine == "cxmining":
            cxmining_task(kind, 6)()
            said = measured(cxmining_task(kind, p))
        else:
            rival_task(engine, 6)()
            said = measured(rival_task(engine, p))
    except ImportError as error:
        said = {"status": "not installed", "why": str(error)}
    print(MARK + json.dumps(said))


def run(engine: str, name: str, timeout: float) -> dict[str, Any]:
    if engine == "relaimpo":
        return relaimpo(TASKS[name][1])
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    # -P: a script's folder is no place to import other people's packages from.
    command = [sys.executable, "-P", __file__, "--child", engine, "--task", name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environment, check=False)
    except subprocess.TimeoutExpired:
        return {"status": f"more than {timeout:.0f} s"}
    said = [line for line in done.stdout.splitlines() if line.startswith(MARK)]
    if not said:
        return {"status": "failed", "why": (done.stderr.strip().splitlines() or ["nothing was said"])[-1]}
    return dict(json.loads(said[-1].removeprefix(MARK)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help=f"engines: cxmining, {', '.join(RIVALS)}")
    parser.add_argument("--tasks", help=f"some of: {', '.join(TASKS)}")
    parser.add_argument("--timeout", type=float, default=600, help="seconds per process")
    parser.add_argument("--json", type=Path, help="write all figures there")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--task", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.task)
        return
    only = arguments.only.split(",") if arguments.only else ["cxmining", *RIVALS]
    tasks = arguments.tasks.split(",") if arguments.tasks else list(TASKS)
    for wrong in [t for t in tasks if t not in TASKS] + [e for e in only if e not in ("cxmining", *RIVALS)]:
        parser.error(f"{wrong!r} is no task and no engine")
    figures: dict[str, dict[str, dict[str, Any]]] = {}
    for name in tasks:
        for engine in only:
            if engine != "cxmining" and name not in RIVALS[engine]:
                continue
            said = run(engine, name, arguments.timeout)
            figures.setdefault(name, {})[engine] = said
            ours = figures[name].get("cxmining", {})
            if engine != "cxmining" and said.get("shares") and ours.get("shares"):
                apart = float(np.abs(np.subtract(said["shares"], ours["shares"])).max())
                said["apart"] = apart
                if apart > 1e-4:
                    said["status"] = f"different: shares up to {apart:.4f} apart"
            if said["status"] in ("ran",):
                extra = f", peak {said['peak_mb']:,.0f} MB" if "peak_mb" in said else ""
                extra += f", largest standard error {said['se']:.2g}" if "se" in said else ""
                extra += f", shares within {said['apart']:.1g}" if "apart" in said else ""
                print(f"{name:14s} {engine:20s} {said['cpu_s']:10.4f} s{extra}", flush=True)
            else:
                print(f"{name:14s} {engine:20s} {said['status']} {said.get('why', '')}", flush=True)
    print()
    for name, limit in GOALS:
        said = figures.get(name, {}).get("cxmining", {})
        if said.get("status") == "ran":
            print(
                f"{'met' if said['cpu_s'] <= limit else 'NOT MET':8s} {name}: {said['cpu_s']:.4f} s, at most {limit:g} s"
            )
    if (said := figures.get("exact 28", {}).get("cxmining", {})).get("status") == "ran":
        print(
            f"{'met' if said['peak_mb'] <= 2048 else 'NOT MET':8s} exact 28: {said['peak_mb']:,.0f} MB, at most 2,048 MB"
        )
    if (said := figures.get("orders 40", {}).get("cxmining", {})).get("status") == "ran":
        print(
            f"{'met' if said['se'] <= 2e-4 else 'NOT MET':8s} orders 40: standard error {said['se']:.2g}, at most 2e-4"
        )
    for rival, name, least in RATIOS:
        ours, theirs = (figures.get(name, {}).get(e, {}) for e in ("cxmining", rival))
        if ours.get("status") == theirs.get("status") == "ran":
            ratio = theirs["cpu_s"] / ours["cpu_s"]
            asked = "" if least is None else f", at least {least:,}"
            kept = "" if least is None else "met" if ratio >= least else "NOT MET"
            print(f"{kept:8s} {name}: {ratio:,.0f} times {rival}{asked}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
