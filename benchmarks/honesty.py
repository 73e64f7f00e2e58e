"""Does the verdict on drivers say what is true? Counted on simulated surveys whose truth is known.

    python benchmarks/honesty.py                          # 1,000 repeats of each of 24 cells
    python benchmarks/honesty.py --repeats 200 --cells "flat,border"
    python benchmarks/honesty.py --json honesty.json      # goes on where the file ends

A cell draws n respondents who rate p touchpoints that all correlate by rho (the halo of a satisfied customer) and
an overall score of which the touchpoints explain R². K is 20% of p. Its kinds:

- *flat*: all touchpoints matter alike: *concentrated* is false;
- *ψ border*: K touchpoints predict exactly 80% of what all predict: *yes* and *no* are both false;
- *tie*: the same, by halo alone: any K of p do it;
- *D border*: only the K largest direct effects stand at exactly 80% of all: *concentrated* is false;
- *few*: the K that matter predict at least 95%: *yes* is true;
- *nothing*: the score has nothing to do with any touchpoint;
- *intervals*: how often the 95% intervals of the shares hold the true shares, one answer or three per customer;
- *recovery*: customers meet part of the touchpoints, and personas differ in what they meet, rate and score. Once the
  personas are known and are a control, once nobody knows them: with zeros filled in where nothing was met, they then
  pass for touchpoints, and half of what matters is lost.

The bounds of each rate hold for all cells together (Clopper and Pearson's interval at 5% over the number of cells).
*held*: even the bound keeps to the limit. *within*: the rate does, the bound does not, more repeats would be needed.
*broken*: the rate does not.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from cxmining.drivers.bootstrap import draw_moments, total_moments
from cxmining.drivers.design import RatingFrame, build_design
from cxmining.drivers.estimate import Problem
from cxmining.drivers.lattice import subset_r2
from cxmining.drivers.shapley import lmg
from cxmining.drivers.verdict import judge

BOOTSTRAP = 1000
MINOR = 0.02  # below this true share an interval is one-sided by nature
ALPHA = 0.05


@dataclass(frozen=True)
class Cell:
    """One kind of truth at one size."""

    kind: str
    p: int
    rho: float
    r2: float
    n: int
    beta: tuple[float, ...]
    repeats_per_customer: int = 1

    @property
    def k(self) -> int:
        return ceil(0.2 * self.p - 1e-9)

    @property
    def name(self) -> str:
        often = f" x{self.repeats_per_customer}" if self.repeats_per_customer > 1 else ""
        small = f" b={self.beta[-1]:.2g}" if self.kind == "few" else ""
        return f"{self.kind} p={self.p} rho={self.rho:g} R2={self.r2:g} n={self.n}{often}{small}"

    def correlations(self) -> np.ndarray:
        """Correlations of the population, the score last."""
        inside = np.full((self.p, self.p), self.rho)
        np.fill_diagonal(inside, 1.0)
        beta = np.asarray(self.beta)
        signal = float(beta @ inside @ beta)
        whole = np.eye(self.p + 1)
        whole[:-1, :-1] = inside
        if signal > 0:
            whole[:-1, -1] = whole[-1, :-1] = inside @ beta / np.sqrt(signal / self.r2)
        return whole


def steps(p: int, k: int, small: float) -> tuple[float, ...]:
    """K touchpoints that matter by 1, the others by `small`."""
    return (*[1.0] * k, *[small] * (p - k))


def psi(cell: Cell) -> float:
    """What the best K predict in the population, of what all predict (the first K matter most)."""
    corr = cell.correlations()
    inside, toward = corr[: cell.k, : cell.k], corr[: cell.k, -1]
    return float(toward @ np.linalg.solve(inside, toward)) / cell.r2


def direct(cell: Cell) -> float:
    """The part of all direct effects that the K largest have in the population."""
    squares = np.sort(np.asarray(cell.beta) ** 2)[::-1]
    return float(squares[: cell.k].sum() / squares.sum())


def tuned(goal: float, of: Callable[[Cell], float], kind: str, p: int, rho: float, r2: float, n: int) -> Cell:
    """The cell of which the smaller touchpoints matter just so much that `of` it is `goal`."""
    k = ceil(0.2 * p - 1e-9)
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if of(Cell(kind, p, rho, r2, n, steps(p, k, middle))) > goal:
            low = middle
        else:
            high = middle
    return Cell(kind, p, rho, r2, n, steps(p, k, low))


def tie(p: int, r2: float, n: int) -> Cell:
    """All alike, with the halo at which any K of them predict exactly 80%: K(1+(p−1)ρ) = .8 p(1+(K−1)ρ)."""
    k = ceil(0.2 * p - 1e-9)
    rho = (0.8 * p - k) / (k * (p - 1) - 0.8 * p * (k - 1))
    return Cell("tie", p, rho, r2, n, (1.0,) * p)


MIXED = (1.0, 0.9, 0.8, 0.6, 0.5, 0.4, 0.2, 0.1, 0.0, 0.0)


def all_cells() -> list[Cell]:
    """Return the 24 cells."""
    flat = [(10, 0.2, 0.2, 500), (10, 0.5, 0.5, 2000), (15, 0.0, 0.35, 1000), (15, 0.4, 0.35, 1000),
            (15, 0.6, 0.35, 1000), (20, 0.4, 0.2, 500), (20, 0.6, 0.5, 2000)]  # fmt: skip
    border = [(15, 0.4, 0.35, 1000), (15, 0.0, 0.35, 1000), (10, 0.2, 0.2, 500), (20, 0.4, 0.5, 3000)]
    return [
        *(Cell("flat", p, rho, r2, n, (1.0,) * p) for p, rho, r2, n in flat),
        *(tuned(0.8, psi, "ψ border", *size) for size in border),
        tie(15, 0.35, 1000),
        tie(10, 0.5, 3000),
        tuned(0.8, direct, "D border", 15, 0.4, 0.35, 1000),
        tuned(0.8, direct, "D border", 15, 0.4, 0.35, 3000),
        Cell("few", 15, 0.4, 0.35, 1000, steps(15, 3, 0.0)),
        tuned(0.95, psi, "few", 15, 0.4, 0.35, 1000),
        tuned(0.95, psi, "few", 10, 0.2, 0.35, 1000),
        Cell("nothing", 15, 0.4, 0.0, 1000, (0.0,) * 15),
        Cell("intervals", 10, 0.4, 0.35, 1000, MIXED),
        Cell("intervals", 10, 0.2, 0.2, 500, MIXED),
        Cell("intervals", 12, 0.6, 0.5, 2000, (*MIXED, 0.3, 0.0)),
        Cell("intervals", 10, 0.4, 0.35, 500, MIXED, 3),
        Cell("recovery", 15, 0.3, 0.35, 1500, (1.0, 0.8, 0.6, *[0.0] * 12)),
    ]


def survey(cell: Cell, rng: np.random.Generator) -> RatingFrame:
    """Draw one survey. Answers of one customer share half of everything: his halo, his ratings, his luck."""
    often, p = cell.repeats_per_customer, cell.p
    rows = cell.n * often

    def lasting(*shape: int) -> np.ndarray:
        own = rng.normal(size=(rows, *shape))
        if often == 1:
            return own
        stays = np.repeat(rng.normal(size=(cell.n, *shape)), often, axis=0)
        return np.sqrt(0.5) * (own + stays)

    x = np.sqrt(cell.rho) * lasting(1) + np.sqrt(1 - cell.rho) * lasting(p)
    beta = np.asarray(cell.beta)
    inside = np.full((p, p), cell.rho) + (1 - cell.rho) * np.eye(p)
    signal = float(beta @ inside @ beta)
    noise = np.sqrt(signal * (1 - cell.r2) / cell.r2) if signal > 0 else 1.0
    names = [f"t{i:02d}" for i in range(p)]
    frame = pd.DataFrame(x, columns=names).assign(score=x @ beta + noise * lasting())
    customer = None
    if often > 1:
        frame["customer"] = np.repeat(np.arange(cell.n), often)
        customer = "customer"
    met = pd.DataFrame(np.ones((rows, p), dtype=bool), columns=names)
    return RatingFrame(frame, met, "score", tuple(names), customer=customer)


def judged(cell: Cell, seed: int, rng: np.random.Generator) -> dict[str, int]:
    """Draw a survey and give the verdict on it as `find_drivers` does, without the shares."""
    design = build_design(survey(cell, rng))
    problem = Problem(design.groups, design.always, "lmg", seed)
    n = design.n_kish
    point = problem.estimate(total_moments(design), n)
    draws_rng, judge_rng = (np.random.default_rng([seed, purpose]) for purpose in (1, 2))
    draws = problem.estimate(draw_moments(design, BOOTSTRAP, draws_rng), n, replicate=True, credit=False)
    verdict = judge(design, problem, point, draws, judge_rng)
    return {verdict.word: 1, f"ψ {verdict.sufficiency}": 1, f"D {verdict.direct}": 1}


def covered(cell: Cell, seed: int, rng: np.random.Generator) -> dict[str, int]:
    """Count the intervals of the shares that hold the true share."""
    design = build_design(survey(cell, rng))
    problem = Problem(design.groups, design.always, "lmg", seed)
    n = design.n_kish
    point = problem.estimate(total_moments(design), n)
    moments = draw_moments(design, BOOTSTRAP, np.random.default_rng([seed, 1]))
    draws = problem.estimate(moments, n, replicate=True, anchor=point)
    low, high = np.quantile(draws.credit, [0.025, 0.975], axis=1)
    truth = lmg(subset_r2(cell.correlations()[None], [[i] for i in range(cell.p)]))[:, 0] / cell.r2
    shares = dict(zip((f"t{i:02d}" for i in range(cell.p)), truth, strict=True))
    counts: Counter[str] = Counter()
    for player, a, b in zip(design.players, low, high, strict=True):
        if shares[player] >= MINOR:
            counts["intervals"] += 1
            counts["cover"] += int(a <= shares[player] <= b)
    return dict(counts)


def recovered(cell: Cell, seed: int, rng: np.random.Generator) -> dict[str, float]:
    """Draw customers who met part of the touchpoints; is what matters found, as defined and with zeros filled in?"""
    n, p = cell.n, cell.p
    persona = rng.integers(0, 3, n)
    reach = rng.uniform(0.25, 0.6, p)
    leaning = rng.uniform(-0.15, 0.15, (3, p))  # personas meet different touchpoints …
    met = rng.random((n, p)) < np.clip(reach + leaning[persona], 0.05, 0.95)
    x = np.sqrt(cell.rho) * rng.normal(size=(n, 1)) + np.sqrt(1 - cell.rho) * rng.normal(size=(n, p))
    x = np.clip(np.round(7 + 1.5 * x + np.array([-0.7, 0.0, 0.7])[persona, None]), 1, 10)  # … rate differently …
    order = rng.permutation(p)
    beta = np.zeros(p)
    beta[order[:3]] = cell.beta[:3]
    signal = np.where(met, (x - 7) * beta, 0.0)
    sway = np.array([-1.0, 0.0, 1.0])[persona] * signal.sum(axis=1).std()  # … and score differently
    noise = np.sqrt(signal.sum(axis=1).var() * (1 - cell.r2) / cell.r2)
    score = signal.sum(axis=1) + sway + noise * rng.normal(size=n)
    names = [f"t{i:02d}" for i in range(p)]
    kinds = np.array(["home", "shop", "farm"])[persona]
    own = np.array([np.var(signal[:, j]) for j in range(p)])
    true_direct = own / own.sum()

    def top(x: np.ndarray, exposed: np.ndarray, *controls: str) -> tuple[float, float]:
        frame = pd.DataFrame(x, columns=names).assign(score=score, persona=kinds)
        ratings = RatingFrame(frame, pd.DataFrame(exposed, columns=names), "score", tuple(names), controls)
        design = build_design(ratings)
        problem = Problem(design.groups, design.always, "lmg", seed)
        point = problem.estimate(total_moments(design), design.n_kish)
        place = {name: i for i, name in enumerate(design.players)}
        share = np.array([point.credit[place[name], 0] if name in place else 0.0 for name in names])
        d = np.array([point.direct[place[name], 0] if name in place else 0.0 for name in names])
        found = set(np.argsort(-share)[:3].tolist()) & set(order[:3].tolist())
        return len(found) / 3, float(np.abs(d / max(d.sum(), 1e-12) - true_direct).sum() / 2)

    found: dict[str, float] = {}
    for known, controls in (("known", ("persona",)), ("unknown", ())):
        found[f"recall {known}"], found[f"variation {known}"] = top(np.where(met, x, np.nan), met, *controls)
        found[f"zero {known}"], _ = top(np.where(met, x, 0.0), np.ones_like(met), *controls)
    return found


def interval(hits: float, trials: float, alpha: float) -> tuple[float, float]:
    """Clopper and Pearson's interval."""
    from scipy import stats

    low = 0.0 if hits <= 0 else float(stats.beta.ppf(alpha / 2, hits, trials - hits + 1))
    high = 1.0 if hits >= trials else float(stats.beta.ppf(1 - alpha / 2, hits + 1, trials - hits))
    return low, high


def limits(cell: Cell) -> list[tuple[str, str, float]]:
    """What is asked of a cell: which rate, at most or at least, how much."""
    named = (cell.p, cell.rho, cell.r2, cell.n) == (15, 0.4, 0.35, 1000)
    asked: list[tuple[str, str, float]] = []
    if cell.kind == "flat":
        asked.append(("concentrated", "<=", 0.01))
        if psi(cell) < 0.8:
            asked.append(("ψ yes", "<=", 0.06))
        if named:
            asked.append(("spread", ">=", 0.75))
    elif cell.kind in ("ψ border", "tie"):
        asked += [("ψ yes", "<=", 0.06), ("ψ no", "<=", 0.06)]
        if cell.kind == "tie":
            asked.append(("concentrated", "<=", 0.01))
    elif cell.kind == "D border":
        asked += [("concentrated", "<=", 0.05), ("D no", "<=", 0.06)]
    elif cell.kind == "few":
        asked.append(("ψ yes", ">=", 0.85))
        if psi(cell) > 0.999:
            asked.append(("concentrated", ">=", 0.90))
    elif cell.kind == "nothing":
        asked += [("concentrated", "<=", 0.01), ("interchangeable", "<=", 0.01)]
    return asked


def verdict_on(rate: float, low: float, high: float, sign: str, limit: float) -> str:
    """Say whether a limit is kept, and whether that is sure."""
    if sign == "<=":
        return "held" if high <= limit else "within" if rate <= limit else "broken"
    return "held" if low >= limit else "within" if rate >= limit else "broken"


def report(results: dict[str, dict[str, float]], cells: list[Cell]) -> None:
    """Print a line per limit, and what was said."""
    alpha = ALPHA / max(sum(len(limits(c)) for c in cells), 1)
    for cell in cells:
        counts = results.get(cell.name)
        if not counts:
            continue
        n = counts["repeats"]
        print(f"\n{cell.name}  ({n:.0f} repeats; true ψ {psi(cell) if cell.r2 else float('nan'):.3f})")
        if cell.kind == "recovery":
            if "recall known" not in counts:
                print("  counted when personas were always known: run it anew")
                continue
            for known in ("known", "unknown"):
                for what, name, sign, limit in (
                    ("recall", "top-3 recall", ">=", 0.95),
                    ("variation", "total variation of direct shares", "<=", 0.20),
                ):
                    mean = counts[f"{what} {known}"] / n
                    good = mean >= limit if sign == ">=" else mean <= limit
                    print(
                        f"  {f'{name}, personas {known}':50s} {mean:.3f}   {sign} {limit:g}   {'kept' if good else 'broken'}"
                    )
                print(
                    f"  {f'top-3 recall with zeros filled in, personas {known}':50s} {counts[f'zero {known}'] / n:.3f}"
                )
            continue
        if cell.kind == "intervals":
            rate = counts["cover"] / counts["intervals"]
            # Intervals of one survey are no independent news: counted as one per survey.
            low, high = interval(rate * n, n, alpha)
            top = 1.0 if cell.repeats_per_customer > 1 else 0.97
            good = 0.93 <= rate <= top
            print(
                f"  {'coverage':34s} {rate:.3f} [{low:.3f}, {high:.3f}]   .93 to {top:g}   {'kept' if good else 'broken'}"
            )
            continue
        words = ("concentrated", "interchangeable", "spread", "cannot tell")
        print("  " + ", ".join(f"{w} {counts.get(w, 0) / n:.3f}" for w in words))
        for what, sign, limit in limits(cell):
            hits = counts.get(what, 0)
            low, high = interval(hits, n, alpha)
            said = verdict_on(hits / n, low, high, sign, limit)
            print(f"  {what:34s} {hits / n:.3f} [{low:.3f}, {high:.3f}]   {sign} {limit:g}   {said}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=1000)
    parser.add_argument("--cells", default="", help="parts of the names of cells, with commas; default all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="counts so far; read at the start and written after each round")
    parser.add_argument("--round", type=int, default=20, help="repeats of each cell before the next cell's turn")
    arguments = parser.parse_args()
    wanted = [part for part in arguments.cells.split(",") if part]
    cells = [c for c in all_cells() if not wanted or any(part in c.name for part in wanted)]
    results: dict[str, dict[str, float]] = {}
    if arguments.json and arguments.json.exists():
        results = json.loads(arguments.json.read_text())
    runs: dict[str, Callable[[Cell, int, np.random.Generator], dict[str, Any]]] = {
        "intervals": covered,
        "recovery": recovered,
    }
    begin = time.process_time()
    places = {cell.name: i for i, cell in enumerate(all_cells())}
    with threadpool_limits(limits=1):
        for until in range(arguments.round, arguments.repeats + arguments.round, arguments.round):
            for cell in cells:
                counts = results.setdefault(cell.name, {"repeats": 0})
                while counts["repeats"] < min(until, arguments.repeats):
                    repeat = int(counts["repeats"])
                    rng = np.random.default_rng([arguments.seed, places[cell.name], repeat])
                    for key, value in runs.get(cell.kind, judged)(cell, repeat + 1, rng).items():
                        counts[key] = counts.get(key, 0) + value
                    counts["repeats"] = repeat + 1
                if arguments.json:
                    arguments.json.write_text(json.dumps(results, indent=1, ensure_ascii=False))
    report(results, cells)
    print(f"\n{time.process_time() - begin:.0f} s of one processor")


if __name__ == "__main__":
    main()
