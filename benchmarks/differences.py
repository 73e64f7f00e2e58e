"""Does the comparison of two groups cry wolf, and does it see what is planted?

Run by hand: ``python benchmarks/differences.py`` (500 repeats per null, about ten minutes).

Nulls, in each of which any difference that is shown is false:

- *sample*: the customers of the sample study split at random, 1:1 and 1:9, journeys by customer with a gap;
- *habits*: a planted log in which each customer has lasting habits of his own and one to some twenty journeys;
- *heavy*: as habits, but group a's customers have three times as many journeys as group b's;
- *period*: as habits, journeys split by time, so that most customers are in both groups.

For each: the mean false discovery proportion per family, which under a null is the share of repeats that show
anything (with its 95% interval), and how often the test of all travel says that groups differ. It must be at most 5%.

Power: in *habits* one edge is walked more often by group a; how often it is shown, and its mean rank.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd

from cxmining.journeys import Journeys, build_journeys
from cxmining.journeys.comparing.compare import GroupComparison, compare_groups
from cxmining.schema import Dataset, table
from cxmining.stats import wilson

TOUCHPOINTS = 12
STEPS = 15
PLANTED = ("t01", "t07")


def planted_log(
    rng: np.random.Generator, customers: int, *, habits: float = 0.8, boost: float = 1.0, heavy: float = 1.0
) -> tuple[Dataset, pd.Series]:
    """Draw journeys of customers with lasting habits; half of the customers are in group a.

    Parameters
    ----------
    rng : numpy.random.Generator
    customers : int
    habits : float
        Standard deviation, between customers, of the logarithm of how readily each touchpoint is visited.
    boost : float
        How many times as readily group a goes from the first to the second of `PLANTED`.
    heavy : float
        How many times as many journeys a customer of group a has.

    Returns
    -------
    Dataset
        Each journey is a case.
    Series of bool
        Per customer id whether he is in group a.
    """
    in_a = rng.random(customers) < 0.5
    per = 1 + rng.poisson(np.where(in_a, 3.0 * heavy, 3.0) * rng.gamma(1.0, 1.0, customers))
    owner = np.repeat(np.arange(customers), per)
    n = len(owner)
    # The same process in every repeat: only the customers are new.
    fixed = np.random.default_rng(7)
    base = fixed.gamma(0.5, 1.0, (TOUCHPOINTS + 1, TOUCHPOINTS + 1)) + 0.05
    base[:, TOUCHPOINTS] = 1.2  # the end
    base[TOUCHPOINTS, TOUCHPOINTS] = 0  # which is no beginning
    base[int(PLANTED[0][1:]), int(PLANTED[1][1:])] = 0.6
    like = np.exp(habits * rng.standard_normal((customers, TOUCHPOINTS + 1)))
    at = np.full(n, TOUCHPOINTS)
    alive = np.arange(n)
    steps = []
    for step in range(STEPS):
        weight = base[at] * like[owner[alive]]
        chosen = in_a[owner[alive]] & (at == int(PLANTED[0][1:]))
        weight[chosen, int(PLANTED[1][1:])] *= boost
        edges = weight.cumsum(axis=1)
        at = (edges < rng.random(len(alive))[:, None] * edges[:, -1:]).sum(axis=1)
        alive, at = alive[at < TOUCHPOINTS], at[at < TOUCHPOINTS]
        steps.append((alive, at, np.full(len(alive), step)))
    journey, touchpoint, step_of = (np.concatenate(part) for part in zip(*steps, strict=True))
    first = rng.integers(0, 365 * 86_400, n)
    seconds = first[journey] + step_of * 3_600 + rng.integers(0, 3_000, len(journey))
    order = np.argsort(seconds, kind="stable")
    journey, touchpoint, seconds = journey[order], touchpoint[order], seconds[order]
    names = np.array([f"t{k:02d}" for k in range(TOUCHPOINTS)], dtype=object)
    ids = np.array([f"c{k:06d}" for k in range(customers)], dtype=object)
    events = table(
        "events",
        {
            "event_id": [f"e{k}" for k in range(len(journey))],
            "customer_id": ids[owner[journey]],
            "case_id": [f"j{k}" for k in journey.tolist()],
            "timestamp": pd.to_datetime(seconds * 1_000_000, unit="us", utc=True),
            "touchpoint": names[touchpoint],
            "channel": ["other"] * len(journey),
            "source": ["planted"] * len(journey),
            "seq": np.arange(len(journey)),
        },
    )
    return Dataset(events=events), pd.Series(in_a, index=ids)


def split(journeys: Journeys, in_a: np.ndarray, resamples: int = 99) -> GroupComparison:
    """Compare the journeys of `in_a` with the others."""
    return compare_groups(journeys.take(in_a, "a"), journeys.take(~in_a, "b"), resamples=resamples)


def of_customers(journeys: Journeys, in_a: pd.Series) -> np.ndarray:
    """Return per journey whether its customer is in group a."""
    return journeys.table["customer_id"].map(in_a).to_numpy(dtype=bool)


def sample_splits(repeats: int, share: float):
    """Split the sample's customers at random."""
    from cxmining.ingest import read

    journeys = build_journeys(read("data/sample/study.toml"), by="customer", gap="30D")
    people = journeys.table["customer_id"].unique()
    for k in range(repeats):
        rng = np.random.default_rng([k, 1])
        yield split(journeys, of_customers(journeys, pd.Series(rng.random(len(people)) < share, index=people)))


def habit_splits(repeats: int, customers: int, heavy: float = 1.0, boost: float = 1.0):
    """New customers each time."""
    for k in range(repeats):
        data, in_a = planted_log(np.random.default_rng([k, 2]), customers, heavy=heavy, boost=boost)
        journeys = build_journeys(data, by="case")
        yield split(journeys, of_customers(journeys, in_a))


def period_splits(repeats: int, customers: int):
    """Journeys of new customers, before and after one third of the year."""
    for k in range(repeats):
        data, _ = planted_log(np.random.default_rng([k, 3]), customers)
        journeys = build_journeys(data, by="case")
        yield split(journeys, (journeys.table["start"] < pd.Timestamp("1970-05-01", tz="UTC")).to_numpy())


def nulls(name: str, comparisons) -> None:
    """Print how often something is shown where nothing is."""
    begun = time.perf_counter()
    shares, counts, times, tests, tested, below = [], [], [], [], 0, 0
    for found in comparisons:
        share = found.cells["measure"] == "share"
        shares.append(found.cells.loc[share, "shown"].any())
        counts.append(found.cells.loc[found.cells["measure"] == "count", "shown"].any())
        times.append(found.cells.loc[found.cells["measure"].isin(["wait_s", "time_s"]), "shown"].any())
        tests.append(found.test.p <= 0.05)
        p = found.cells.loc[share & found.cells["tested"], "p"]
        tested, below = tested + len(p), below + int((p <= 0.05).sum())
    n = len(shares)
    said = []
    for what, hits in (("shares", shares), ("counts", counts), ("times", times), ("test of all", tests)):
        rate = wilson(int(np.sum(hits)), n)
        said.append(f"{what} {rate.value:.3f} [{rate.low:.3f}, {rate.high:.3f}]")
    print(
        f"{name:22} {n} repeats: {'; '.join(said)}; p ≤ .05 in {below / tested:.3f} of {tested:,} shares "
        f"({time.perf_counter() - begun:.0f} s)",
        flush=True,
    )


def power(repeats: int, customers: int, boost: float) -> None:
    """Print how often the planted edge is shown, its rank, and what else is."""
    seen, ranks, first_all = [], [], []
    for found in habit_splits(repeats, customers, boost=boost):
        rows = found.edges[(found.edges["measure"] == "share") & found.edges["tested"]]
        rows = rows.assign(rank=rows["p"].rank(method="min"))
        mine = rows[(rows["source"] == PLANTED[0]) & (rows["target"] == PLANTED[1])].iloc[0]
        seen.append(bool(mine["shown"]))
        ranks.append(int(mine["rank"]))
        first_all.append(found.test.p <= 0.05)
    print(
        f"planted edge × {boost:g}, {customers} customers: shown in {np.mean(seen):.2f} of {repeats} repeats, "
        f"median rank {np.median(ranks):.0f}; the test of all travel says so in {np.mean(first_all):.2f}",
        flush=True,
    )


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--repeats", type=int, default=500)
    repeats = options.parse_args().repeats
    nulls("habits, 300 customers", habit_splits(repeats, 300))
    nulls("heavy, 300 customers", habit_splits(repeats, 300, heavy=3.0))
    nulls("period, 300 customers", period_splits(repeats, 300))
    nulls("sample, 1:1", sample_splits(repeats, 0.5))
    nulls("sample, 1:9", sample_splits(repeats, 0.1))
    for size, boost in ((300, 2.0), (300, 4.0), (1_000, 2.0)):
        power(max(repeats // 5, 1), size, boost)
