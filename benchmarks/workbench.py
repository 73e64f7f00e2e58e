"""How soon the workbench answers after a filter: counts, map and curve; then variants and exact medians.

    python benchmarks/workbench.py --sizes 1e6
    python benchmarks/workbench.py --sizes 1e6,10e6

Prints what it takes to lay the ground, step by step; then, per filter that was never asked for before, the CPU
milliseconds (the middle of several tries, each on ground that is laid anew) of the figures alone, of figures and map, of
figures and all that the widget is sent at once, and of what may follow; and what the goals are. The journeys are drawn:
24 touchpoints of very different frequency, six channels, 4 contacts a journey on average, two journeys a customer, and a
questionnaire with three answers behind one contact in fifty.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from cxmining.experience import Experience, measure_experience
from cxmining.journeys import build_journeys, filters
from cxmining.schema import OVERALL, Dataset, table
from cxmining.workbench import explore, payload
from cxmining.workbench.explore import Exploration

TOUCHPOINTS = [f"touchpoint {i:02}" for i in range(24)]
CHANNELS = ["app", "chat", "mail", "phone", "post", "web"]
DAY_US = 86_400_000_000
GOALS = {1_000_000: (100, 2000), 10_000_000: (500, 2000)}


def draw(n: int, seed: int = 1) -> Experience:
    """Draw a log of about `n` events, with answers."""
    rng = np.random.default_rng(seed)
    customers = n // 8
    per = rng.geometric(1 / 8, customers)
    who = np.repeat(np.arange(customers), per)
    n = len(who)
    weight = 1 / np.arange(1, len(TOUCHPOINTS) + 1) ** 0.8
    touchpoint = rng.choice(len(TOUCHPOINTS), n, p=weight / weight.sum())
    step = np.where(rng.random(n) < 0.25, 60, 2) * DAY_US  # one silence in four ends a journey
    first = np.r_[True, who[1:] != who[:-1]]
    elapsed = np.cumsum(step + rng.integers(0, DAY_US, n))
    time_us = elapsed - np.repeat(elapsed[first], per) + np.repeat(rng.integers(0, 700, customers) * DAY_US, per)
    order = np.argsort(time_us, kind="stable")
    ids = pd.array(np.char.add("c", who[order].astype(str)), dtype="str")
    events = table(
        "events",
        {
            "event_id": pd.array(np.char.add("e", np.arange(n).astype(str)), dtype="str"),
            "customer_id": ids,
            "timestamp": pd.to_datetime(1_700_000_000_000_000 + time_us[order], unit="us", utc=True),
            "touchpoint": pd.array(TOUCHPOINTS, dtype="str").take(touchpoint[order]),
            "channel": pd.array(CHANNELS, dtype="str").take(touchpoint[order] % len(CHANNELS)),
            "direction": pd.array(["inbound"], dtype="str").take(np.zeros(n, dtype=int)),
            "wait_s": np.where(rng.random(n) < 0.3, rng.integers(0, 900, n), np.nan),
            "source": pd.array(["drawn"], dtype="str").take(np.zeros(n, dtype=int)),
            "seq": np.arange(1, n + 1),
        },
    )
    some = np.flatnonzero(rng.random(n) < 0.02)
    named = np.char.add("r", np.arange(len(some)).astype(str))
    given = table(
        "responses",
        {
            "response_id": named, "customer_id": ids.take(some), "survey": "yearly", "survey_kind": "relationship",
            "timestamp": events["timestamp"].iloc[some].array + pd.Timedelta("1h"), "source": "drawn", "seq": np.arange(1, len(some) + 1),
        },
    )  # fmt: skip
    about = events["touchpoint"].iloc[some].to_numpy()
    asked = [("csat", OVERALL), ("rapportcijfer", about), ("expectation", about)]
    answers = table(
        "answers",
        {
            "response_id": np.tile(named, 3), "item": np.repeat([m for m, _ in asked], len(some)),
            "metric": np.repeat([m for m, _ in asked], len(some)),
            "touchpoint": np.concatenate([np.broadcast_to(a, len(some)) for _, a in asked]),
            "score": rng.integers(1, 11, 3 * len(some)).astype(float), "scale_low": 1.0, "scale_high": 10.0,
            "higher_is_better": True, "status": "answered",
        },
    )  # fmt: skip
    people = pd.array(np.char.add("c", np.arange(customers).astype(str)), dtype="str")
    customer = table(
        "customers", {"customer_id": people, "record_id": people, "source": "drawn", "seq": np.arange(1, customers + 1)}
    ).assign(contract=pd.array(["home", "office", "solar"], dtype="str").take(rng.integers(0, 3, customers)))
    data = Dataset(events=events, responses=given, answers=answers, customers=customer)
    return measure_experience(build_journeys(replace(data, name="drawn"), gap="30D"))


def asked() -> list[tuple[str, Any]]:
    """Return a filter of every kind."""
    t = TOUCHPOINTS
    return [
        ("period", filters.period("2024-01-01", "2024-12-01", keep="starting")),
        ("channel", filters.channel("phone")),
        ("attribute", filters.segment("contract", "solar")),
        ("score", filters.score(at_least=7)),
        ("contains", filters.contains(t[3])),
        ("starts", filters.starts(t[0])),
        ("ends", filters.ends(t[1])),
        ("followed by", filters.followed_by(t[0], t[5], within="14D")),
        ("duration", filters.duration(at_least="2D")),
        ("coverage", filters.coverage(0.8)),
        ("three at once", filters.channel("mail") & filters.duration(at_most="20D") & filters.contains(t[7])),
    ]


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Return the CPU and wall milliseconds of some work."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return 1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - wall)


def numbers(x: Exploration, f: Any) -> None:
    """Filter, and get the figures that must be there at once."""
    x.where(f)
    _ = x.counts, x.touchpoints, x.edges, x.curve


def slow(x: Exploration) -> None:
    """Get what may follow."""
    x.variants()
    x.map(medians=True)


def lay(lived: Experience) -> Exploration:
    """Lay the ground, and print how long each step took."""
    seen: list[tuple[str, float, float]] = []
    x = explore(lived)
    x.prepare(lambda what, _share: seen.append((what, time.process_time(), time.perf_counter())))
    steps = [f"{what} {1000 * (later[1] - at):,.0f}" for (what, at, _), later in pairwise(seen) if what]
    cpu, wall = (1000 * (seen[-1][i] - seen[0][i]) for i in (1, 2))
    print(f"  the ground: {cpu:,.0f} ms CPU, {wall:,.0f} wall ({', '.join(steps)}); peak {peak():.1f} GB")
    return x


def peak() -> float:
    """Return the highest resident memory so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def measure(size: int, repeat: int) -> None:
    """Measure and print one size."""
    began = time.perf_counter()
    lived = draw(size)
    log = lived.journeys.log
    said = f"{len(log):,} events, {log.n_journeys:,} journeys, {len(lived.links):,} answers"
    print(f"{said} (drawn in {time.perf_counter() - began:.0f} s, peak {peak():.1f} GB)", flush=True)
    tries: dict[str, list[list[float]]] = {name: [] for name, _ in asked()}
    for _ in range(repeat):
        x = lay(lived)
        for name, f in asked():
            x.clear()
            figures = spent(lambda x=x, f=f: numbers(x, f))[0]
            drawn = spent(lambda x=x: x.map(medians=False))[0]
            sent = spent(lambda x=x: payload.at_once(x))[0]
            later = spent(lambda x=x: slow(x))[0]
            tries[name].append([figures, figures + drawn, figures + sent, later])
    found = {name: np.median(rows, axis=0) for name, rows in tries.items()}
    print("  ms CPU            figures  and map  as sent    after")
    for name, row in found.items():
        print(f"  {name:16}" + "".join(f"{v:9,.0f}" for v in row))
    print(f"  {'median':16}" + "".join(f"{v:9,.0f}" for v in np.median(list(found.values()), axis=0)))
    print(f"  {'worst':16}" + "".join(f"{v:9,.0f}" for v in np.max(list(found.values()), axis=0)))
    goal = GOALS.get(size)
    if goal:
        print(f"  goals: {goal[0]} ms at once, {goal[1]} after; peak {peak():.1f} GB")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sizes", default="1e6")
    parser.add_argument("--repeat", type=int, default=3, help="tries, of which the middle counts")
    given = parser.parse_args()
    for size in given.sizes.split(","):
        measure(int(float(size)), given.repeat)


if __name__ == "__main__":
    main()
