"""Is the truth's strongest touchpoint found? The whole main job over many simulated companies.

    python benchmarks/recovery.py --seeds 20

Prints, per seed, the rank that the drivers give the touchpoint that is truly strongest, the verdict and
the seconds, and at the end in how many it is among the first two.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import cxmining as cx


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--customers", type=int, default=2000)
    arguments = parser.parse_args()
    hits = 0
    for seed in range(1, arguments.seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            study = cx.make_sample(Path(folder) / "sample", customers=arguments.customers, seed=seed)
            made = time.perf_counter()
            run = cx.run_study(study, out=Path(folder) / "run", quiet=True)
            done = time.perf_counter()
            truth = json.loads((study.parent / "truth.json").read_text(encoding="utf-8"))["shares"]
            strongest = max(truth, key=truth.get)
            order = run.table("drivers").sort_values("share", ascending=False)["touchpoint"].tolist()
            rank = order.index(strongest) + 1 if strongest in order else 99
            hits += rank <= 2
            n = run.verdict.get("n")
            print(
                f"seed {seed:>3}: {strongest!r} (true share {truth[strongest]:.2f}) ranks {rank:>2}; n = {n}; "
                f"{run.verdict.get('word')}; sample {made - started:.1f} s, run {done - made:.1f} s",
                flush=True,
            )
    print(f"among the first two: {hits} of {arguments.seeds}")


if __name__ == "__main__":
    main()
