"""Are planted WOW and pain moments found, over several simulated companies; and how long does effort take.

``python benchmarks/feelings.py --seeds 5 --customers 2000`` makes that many companies, reads them as anybody would, and
holds the moments that are found where expectation was asked against those that were planted. ``--events 1e6`` times
`measure_effort` on a log of so many events with an asked effort after every eighteenth.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import cxmining as cx
from cxmining.experience import measure_experience
from cxmining.experience.effort import measure_effort
from cxmining.experience.moments import find_moments
from cxmining.journeys import build_journeys
from cxmining.schema import CONTACT, Dataset, table


def found_moments(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Return per kind how many were found and planted, found, and planted."""
    lived = cx.measure_experience(cx.build_journeys(cx.read(folder / "study.toml"), by="customer", gap="30D"))
    truth = json.loads((folder / "truth.json").read_text())
    with (folder / "surveys" / "relatie.csv").open(encoding="utf-8-sig") as stream:
        named = [row["ResponseId"] for row in csv.DictReader(stream)][2:]  # two more rows of headings
    responses = lived.journeys.data.responses
    seq = responses[responses["survey"] == "relatie"].set_index("response_id")["seq"]
    raw = {name: named[int(i) - 1] for name, i in seq.items()}
    moments = find_moments(lived).moments
    asked = moments[moments["expectation"] == "asked"]
    out = {}
    for kind in ("wow", "pain"):
        planted = {(name.removeprefix("q:"), t) for name, t in truth[kind]}
        mine = asked[asked["moment"] == kind]
        seen = {(raw[i], t) for i, t in zip(mine["response_id"], mine["touchpoint"], strict=True)}
        out[kind] = (len(seen & planted), len(seen), len(planted))
    return out


def effort_log(n: int, seed: int = 1) -> Dataset:
    """Return `n` events of a tenth as many customers, and answers on effort."""
    rng = np.random.default_rng(seed)
    who = rng.integers(0, n // 10, n)
    at = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(rng.integers(0, 365 * 86_400, n), unit="s")
    customer = np.char.add("c", who.astype(str))
    case = np.char.add("k", (3 * who + rng.integers(0, 3, n)).astype(str))
    events = {
        "event_id": [f"e{i}" for i in range(n)], "customer_id": customer, "timestamp": at, "case_id": case,
        "touchpoint": np.char.add("t", rng.integers(0, 30, n).astype(str)),
        "channel": np.array(["phone", "mail", "chat", "web", "app"])[rng.integers(0, 5, n)],
        "direction": np.where(rng.random(n) < 0.7, "inbound", "outbound"),
        "wait_s": np.where(rng.random(n) < 0.5, rng.exponential(120, n), np.nan),
        "resource": np.char.add("a", rng.integers(0, 200, n).astype(str)), "source": ["s"] * n, "seq": range(1, n + 1),
    }  # fmt: skip
    pick = rng.choice(n, n // 18, replace=False)
    m = len(pick)
    ids = [f"r{i}" for i in range(m)]
    responses = {
        "response_id": ids, "customer_id": customer[pick], "timestamp": at[pick] + pd.Timedelta("1h"), "survey": ["q"] * m,
        "survey_kind": ["transactional"] * m, "reference": case[pick], "source": ["q"] * m, "seq": range(1, m + 1),
    }  # fmt: skip
    answers = {
        "response_id": ids, "item": ["q1"] * m, "metric": ["ces"] * m, "touchpoint": [CONTACT] * m,
        "score": rng.integers(1, 8, m).astype(float), "scale_low": [1.0] * m, "scale_high": [7.0] * m,
        "higher_is_better": [True] * m, "status": ["answered"] * m,
    }  # fmt: skip
    log = table("events", events).sort_values("timestamp", kind="stable", ignore_index=True)
    return Dataset(events=log, responses=table("responses", responses), answers=table("answers", answers))


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--events", type=float, default=0)
    asked = parser.parse_args()
    total = {"wow": np.zeros(3, dtype=int), "pain": np.zeros(3, dtype=int)}
    for seed in range(1, asked.seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            cx.make_sample(Path(folder) / "company", customers=asked.customers, seed=seed)
            for kind, (both, seen, planted) in found_moments(Path(folder) / "company").items():
                total[kind] += (both, seen, planted)
                print(
                    f"seed {seed} {kind}: precision {both / seen:.3f}, recall {both / planted:.3f} ({planted} planted)",
                    flush=True,
                )
    for kind, (both, seen, planted) in total.items():
        if planted:
            print(f"all {kind}: precision {both / seen:.3f}, recall {both / planted:.3f} ({planted} planted)")
    if asked.events:
        lived = measure_experience(build_journeys(effort_log(int(asked.events)), gap="30D"))
        measure_effort(lived)  # imports, and what journeys compute once
        start = time.process_time()
        found = measure_effort(lived)
        print(
            f"effort of {asked.events:,.0f} events, {len(found.journeys):,} journeys: {time.process_time() - start:.1f} s CPU"
        )


if __name__ == "__main__":
    main()
