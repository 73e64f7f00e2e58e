"""How long a map takes, and how large it is: the journey map at 6 to 60 touchpoints with labels of 60 characters.

``python benchmarks/maps.py`` prints a table: seconds of the processor for the layout alone, for the map with its tables, and
for its picture, the least of five; and the size of the picture as SVG. A map of 60 is asked to be laid out in .5 s, and to
weigh no more than 300 kB.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from cxmining.maps.journey import journey_map
from cxmining.maps.journey.drawing import plan_of
from cxmining.schema import STAGES

CHANNELS = ("mail", "phone", "web", "app", "desk", "chat")


def tables(count: int, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return touchpoints with long labels in six stages, and edges of which few are walked often and most seldom."""
    rng = np.random.default_rng(seed)
    names = [f"{i:02} {'vraag over betalingsherinnering en verhuizing ' * 2}"[:60].strip() for i in range(count)]
    touchpoints = pd.DataFrame(
        {
            "touchpoint": names, "stage": [STAGES[i * len(STAGES) // count] for i in range(count)],
            "channel": [CHANNELS[i % len(CHANNELS)] for i in range(count)], "reach": rng.random(count) ** 2,
            "score_metric": "csat", "score_scale_low": 1.0, "score_scale_high": 5.0, "score_mean": rng.uniform(1, 5, count),
            "score_low": 1.0, "score_high": 5.0, "score_n": 100,
        }
    )  # fmt: skip
    ends = np.clip(np.repeat(np.arange(count), 6) + rng.integers(-4, 12, 6 * count), 0, count - 1)
    walks = (rng.pareto(1.1, 6 * count) * 20).astype(int) + 10
    edges = {(int(a), int(b)): int(w) for a, b, w in zip(np.repeat(np.arange(count), 6), ends, walks, strict=True)}
    follows = [(names[a], names[b], w, w, 3600.0 * w) for (a, b), w in edges.items()]
    return touchpoints, pd.DataFrame(follows, columns=["source", "target", "n", "journeys", "median_s"])


def least(do: Callable[[], object]) -> float:
    """Return the least processor time of five goes."""
    took = []
    for _ in range(5):
        started = time.process_time()
        do()
        took.append(time.process_time() - started)
    return min(took)


def main() -> None:
    print("| touchpoints | stages | edges drawn | layout, s | tables, s | picture, s | SVG, kB |")
    print("|---:|---|---:|---:|---:|---:|---:|")
    for count in (6, 30, 60):
        touchpoints, follows = tables(count)
        for staged in (True, False):
            table = touchpoints if staged else touchpoints.assign(stage="")
            drawn = journey_map(table, follows)
            layout = least(lambda drawn=drawn: plan_of(drawn.spec))
            made = least(lambda table=table, follows=follows: journey_map(table, follows))
            picture = least(lambda table=table, follows=follows: journey_map(table, follows).to_svg()) - made
            size = len(drawn.to_svg().encode()) / 1000
            shown = int(drawn.edges["shown"].sum())
            print(
                f"| {count} | {'yes' if staged else 'no'} | {shown} | {layout:.3f} | {made:.3f} | {picture:.3f} | {size:.0f} |"
            )


if __name__ == "__main__":
    main()
