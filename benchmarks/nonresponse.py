"""Does weighting repair what it claims to: a known truth, many times over.

    python benchmarks/nonresponse.py [--repeats 200] [--customers 4000]

Two worlds. In the first, who answers depends on what is known of all (age, contacts, channel), as does the score:
the bias of the weighted mean is to be at most a third of the unweighted one's. In the second the unhappy are silent
whatever is known of them: no weighting can see that, and the bounds for silent customers who scored up to a fifth of
the scale lower are to hold the truth.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from cxmining.experience.nonresponse import NonResponse, weigh_answers

SCALE = (1.0, 5.0)


def world(n: int, seed: int, *, hidden: bool) -> tuple[pd.DataFrame, pd.Series, float]:
    """Return what is known, the scores of those who answered, and the mean score of all."""
    rng = np.random.default_rng(seed)
    age = rng.choice(["young", "middle", "old"], n, p=[0.4, 0.4, 0.2])
    contacts = rng.poisson(2.0, n)
    channel = rng.choice(["phone", "app", "mail"], n, p=[0.3, 0.5, 0.2])
    mood = rng.normal(0, 0.7, n)
    level = 3.6 - 0.35 * np.minimum(contacts, 5) + 0.5 * (age == "old") + 0.3 * (channel == "app") + mood
    score = np.clip(np.round(level), 1, 5)
    logit = (
        -1.2 + 0.8 * (age == "old") - 0.7 * (age == "young") - 0.25 * np.minimum(contacts, 5) + 0.5 * (channel == "app")
    )
    if hidden:
        logit = -0.9 + 0.5 * (score - 3.2)
    answered = rng.random(n) < 1 / (1 + np.exp(-logit))
    known = pd.DataFrame({"age": age, "contacts": contacts, "channel": channel})
    return known, pd.Series(score).where(answered), float(score.mean())


def ask(n: int, seed: int, *, hidden: bool) -> tuple[NonResponse, float]:
    known, score, truth = world(n, seed, hidden=hidden)
    return weigh_answers(known, score, pd.Series(range(n)), scale=SCALE, seed=seed), truth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--customers", type=int, default=4000)
    asked = parser.parse_args()
    errors, held, covered = [], 0, 0
    for seed in range(asked.repeats):
        found, truth = ask(asked.customers, seed, hidden=False)
        errors.append(found.levels["mean"] - truth)
        covered += int(found.levels.loc["weighted", "low"] <= truth <= found.levels.loc["weighted", "high"])
        silent, truth = ask(asked.customers, seed, hidden=True)
        lower = silent.bounds.set_index("silent_scored")
        held += int(lower.loc["-0.8", "low"] <= truth <= lower.loc["0", "high"])
    bias = pd.DataFrame(errors).mean()
    print(f"{asked.repeats} repeats of {asked.customers:,} invitations")
    print(f"bias unweighted {bias['unweighted']:+.3f}, weighted {bias['weighted']:+.3f}: "
          f"{abs(bias['weighted'] / bias['unweighted']):.3f} of it, at most 0.333")  # fmt: skip
    print(f"the weighted interval holds the truth in {covered / asked.repeats:.3f}")
    print(f"the bounds hold the truth where the unhappy are silent in {held / asked.repeats:.3f}")


if __name__ == "__main__":
    main()
