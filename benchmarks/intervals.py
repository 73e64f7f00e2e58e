"""Do 95% intervals hold the truth in 95% of samples: known populations, many samples, three sizes.

    python benchmarks/coverage.py [--repeats 1000] [--sizes 30,100,1000]

Each interval is the one that results carry. The populations are as surveys have them: most answers at the happy end of
1 to 5; a sample of which one stratum is four times too large, weighted back; customers of whom a few answer often and
each is in a mood of his own. Where a share is true is drawn anew in each sample, for the coverage of a share goes up
and down with it (Brown, Cai and DasGupta 2001). Between .93 and .97 is asked of each.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import pandas as pd

from cxmining.experience.afterwards import share_difference
from cxmining.experience.cases import compare_cases
from cxmining.journeys.comparing.ranks import compare_values
from cxmining.stats import grouped_mean, mean_interval, nps, scale_mean, share_interval, wilson

SCALE = np.arange(1.0, 6.0)
HAPPY = np.array([0.04, 0.08, 0.18, 0.40, 0.30])
UNHAPPY = np.array([0.10, 0.20, 0.30, 0.25, 0.15])
Rng = np.random.Generator
Case = Callable[[int, Rng], tuple[float, float, float]]  # size, draws → low, truth, high


def mean(n: int, rng: Rng) -> tuple[float, float, float]:
    _, low, high, _ = mean_interval(rng.choice(SCALE, n, p=HAPPY))
    return low, float(SCALE @ HAPPY), high


def stratified(n: int, rng: Rng) -> tuple[np.ndarray, np.ndarray, float]:
    """Half of all are happy, four fifths of the sample; weights put that right, and vary besides."""
    happy = rng.random(n) < 0.8
    score = np.where(happy, rng.choice(SCALE, n, p=HAPPY), rng.choice(SCALE, n, p=UNHAPPY))
    weight = np.where(happy, 0.5 / 0.8, 0.5 / 0.2) * rng.lognormal(0, 0.2, n)
    return score, weight, float(SCALE @ (HAPPY + UNHAPPY) / 2)


def weighted_mean(n: int, rng: Rng) -> tuple[float, float, float]:
    score, weight, truth = stratified(n, rng)
    _, low, high, _ = scale_mean(score, (1, 5), weight)
    return low, truth, high


def weighted_share(n: int, rng: Rng) -> tuple[float, float, float]:
    score, weight, _ = stratified(n, rng)
    _, low, high, _ = share_interval(score >= 4, weight)
    return low, float((HAPPY + UNHAPPY)[3:].sum() / 2), high


def share(n: int, rng: Rng) -> tuple[float, float, float]:
    truth = rng.uniform(0.05, 0.95)
    _, low, high, _ = wilson(int(rng.binomial(n, truth)), n)
    return low, truth, high


def promoters(p: float, d: float) -> Case:
    def draw(n: int, rng: Rng) -> tuple[float, float, float]:
        _, low, high, _ = nps(rng.choice([10.0, 8.0, 3.0], n, p=[p, 1 - p - d, d]))
        return low, 100 * (p - d), high

    return draw


# rounded, a mood and a moment of SD .7 each around 3.4 make a 5 from 4.5 on and a 2 or 1 below 2.5
CUTS = [NormalDist(3.4, (2 * 0.7**2) ** 0.5).cdf(c) for c in (1.5, 2.5, 3.5, 4.5)]
MEAN_OF_CROWD = 5 - sum(CUTS)
NPS_OF_CROWD = 100 * ((1 - CUTS[3]) - CUTS[1])


def crowd(n: int, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Half as many customers as answers, some of whom answer often."""
    often = 1 / np.arange(1, n // 2 + 1) ** 0.7
    who = rng.choice(n // 2, n, p=often / often.sum())
    mood = rng.normal(0, 0.7, n // 2)
    return np.clip(np.round(3.4 + mood[who] + rng.normal(0, 0.7, n)), 1, 5), who


def clustered_mean(n: int, rng: Rng) -> tuple[float, float, float]:
    score, who = crowd(n, rng)
    row = grouped_mean(pd.DataFrame({"g": 0, "score": score, "who": who}), "g", "score", cluster="who").iloc[0]
    return float(row["low"]), MEAN_OF_CROWD, float(row["high"])


def clustered_nps(n: int, rng: Rng) -> tuple[float, float, float]:
    score, who = crowd(n, rng)
    _, low, high, _ = nps(np.where(score >= 5, 10.0, np.where(score <= 2, 3.0, 8.0)), cluster=who)
    return low, NPS_OF_CROWD, high


def difference(n: int, rng: Rng) -> tuple[float, float, float]:
    group = np.arange(n) % 2
    value = np.where(group == 0, rng.choice(SCALE, n, p=HAPPY), rng.choice(SCALE, n, p=UNHAPPY))
    row = compare_values(np.zeros(n, dtype=np.int64), group, np.arange(n), value, 1).iloc[0]
    return float(row["mean_low"]), float(SCALE @ (HAPPY - UNHAPPY)), float(row["mean_high"])


def share_gap(n: int, rng: Rng) -> tuple[float, float, float]:
    a, b = rng.uniform(0.05, 0.95, 2)
    m = n // 2
    _, low, high = share_difference(int(rng.binomial(m, a)), m, int(rng.binomial(m, b)), m)
    return low, a - b, high


def complete_less_available(n: int, rng: Rng) -> tuple[float, float, float]:
    """Who is happy with the first answers the second more often: the complete cases score higher than all."""
    score = rng.choice(SCALE, n, p=HAPPY)
    full = rng.random(n) < 0.2 + 0.12 * score
    base = {
        "survey": "s",
        "metric": "csat",
        "touchpoint": "t",
        "scale_low": 1.0,
        "scale_high": 5.0,
        "higher_is_better": True,
    }
    ids = np.arange(n).astype(str)
    first = pd.DataFrame(
        {**base, "response_id": ids, "customer_id": ids, "item": "a", "score": score, "status": "answered"}
    )
    second = first.assign(item="b", score=np.where(full, 3.0, np.nan), status=np.where(full, "answered", "blank"))
    row = compare_cases(pd.concat([first, second], ignore_index=True).assign(weight=np.nan)).iloc[0]
    chance = 0.2 + 0.12 * SCALE
    truth = float((SCALE * HAPPY * chance).sum() / (HAPPY * chance).sum() - SCALE @ HAPPY)
    return float(row["difference_low"]), truth, float(row["difference_high"])


CASES: dict[str, Case] = {
    "mean": mean,
    "weighted mean": weighted_mean,
    "clustered mean": clustered_mean,
    "share (Wilson)": share,
    "weighted share": weighted_share,
    "NPS 35 - 25": promoters(0.35, 0.25),
    "NPS 80 - 4": promoters(0.80, 0.04),
    "clustered NPS": clustered_nps,
    "difference of means": difference,
    "difference of shares": share_gap,
    "complete less available": complete_less_available,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=1000)
    parser.add_argument("--sizes", default="30,100,1000")
    asked = parser.parse_args()
    sizes = [int(s) for s in asked.sizes.split(",")]
    print(f"{asked.repeats:,} samples; share of 95% intervals that hold the truth\n")
    print("| interval | " + " | ".join(f"n = {n:,}" for n in sizes) + " |\n|---" + "|---:" * len(sizes) + "|")
    for name, case in CASES.items():
        held = []
        for n in sizes:
            draws = [case(n, np.random.default_rng([n, k])) for k in range(asked.repeats)]
            held.append(np.mean([low <= truth <= high for low, truth, high in draws]))
        print(f"| {name} | " + " | ".join(f"{h:.3f}" for h in held) + " |", flush=True)


if __name__ == "__main__":
    main()
