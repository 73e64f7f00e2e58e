"""How right identity is on a simulated company, and how fast on ten million identifiers.

    python benchmarks/identity.py [--pairs 1e6,10e6] [--rivals 1e6] [--customers 10000] [--seeds 1,2] [--only speed]

*Right*: the simulated company with its mess on (shared numbers and mailboxes, typing errors, devices handed on, changed
addresses, second accounts), read from its raw exports; pairs of records that were joined against pairs of records of
one person, with the guards, without them, and on certain identities only; then, per class of confidence, which
share of the records is with the person that most of its customer is.

*Fast*: customers with an account, an address, a number and a device in seventeen records and twenty pairs each (the
sample company has thirty-four); one in a thousand calls from the same switchboard. Each size and each rival in a process of its own; seconds of the clock and of the processor from
the readers' tables to customer ids, peak memory above what the tables take. The rivals only join what shares a value: a
loop of pandas merges that takes the smallest label until nothing changes, and networkx; neither has guards, pseudonyms
or reasons.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

KEY = b"benchmark key 0123456789"
PER_CUSTOMER = 20  # pairs; in seventeen records


def made(pairs: int) -> list[Any]:
    """Make the readings: CRM, logins, an app, mails and calls."""
    from cxmining.schema import Reading, empty, table

    n = pairs // PER_CUSTOMER
    number = np.arange(n)
    account = pd.Series(number + 70_000_000).astype("str")
    email = "klant" + pd.Series(number).astype("str") + "@mail.example"
    # one customer in a thousand calls from the same switchboard
    phone = "+316" + pd.Series(np.where(number % 1000 == 0, 0, number) + 10_000_000).astype("str")
    device = "device-" + pd.Series(number * 7919 + 1_000_003).astype("str")
    stamp = pd.Series(np.full(n, np.datetime64("2025-01-01", "us"))).dt.tz_localize("UTC") + pd.to_timedelta(
        number, "s"
    )
    out = []
    for source, values in (
        ("crm", {"account": account, "email": email, "phone": phone}),
        ("login", {"account": account, "device": device}),
        *((f"portal{i}", {"account": account}) for i in range(4)),
        *((f"app{i}", {"device": device}) for i in range(5)),
        *((f"mail{i}", {"email": email}) for i in range(3)),
        *((f"call{i}", {"phone": phone}) for i in range(3)),
    ):
        ids = f"{source}-" + pd.Series(number).astype("str")
        identifiers = pd.DataFrame(
            {
                "record_id": pd.concat([ids] * len(values), ignore_index=True),
                "kind": pd.Series(np.repeat(list(values), n)).astype("str"),
                "value": pd.concat(list(values.values()), ignore_index=True),
            }
        )
        where = {"source": [source] * n, "seq": number + 1}
        if source == "crm":
            tables = {"customers": table("customers", {"record_id": ids, **where})}
        else:
            events = {"event_id": ids, "timestamp": stamp, "channel": ["app"] * n, "touchpoint": ["x"] * n, **where}
            tables = {"events": table("events", events)}
        out.append(Reading(source, "csv", (), empty("ledger"), identifiers=identifiers, **tables))
    return out


def ours(readings: list[Any]) -> int:
    from cxmining.identity import resolve
    from cxmining.study import IdentitySettings

    done, identity = resolve(readings, IdentitySettings(), KEY)
    del done
    return len(identity.customer_ids)


def with_pandas(readings: list[Any]) -> int:
    """Take the smallest label of all records that share a value, again and again."""
    pairs = pd.concat([r.identifiers for r in readings], ignore_index=True)
    pairs["value"] = pairs["kind"] + ":" + pairs["value"]
    label = pairs[["record_id"]].drop_duplicates().assign(label=lambda f: np.arange(len(f)))
    while True:
        both = pairs.merge(label, on="record_id")
        least = both.groupby("value")["label"].min().rename("least")
        again = both.merge(least, on="value").groupby("record_id")["least"].min()
        new = label["record_id"].map(again)
        if (new == label["label"]).all():
            return int(new.nunique())
        label["label"] = new


def with_networkx(readings: list[Any]) -> int:
    import networkx as nx

    graph = nx.Graph()
    for r in readings:
        i = r.identifiers
        graph.add_edges_from(zip(i["record_id"], i["kind"] + ":" + i["value"], strict=True))
    return sum(1 for _ in nx.connected_components(graph))


ENGINES = {"cxmining": ours, "pandas merges": with_pandas, "networkx": with_networkx}


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def work(engine: str, pairs: int) -> None:
    ENGINES[engine](made(1000))  # imports count for nobody
    readings = made(pairs)
    before, wall, cpu = peak_mb(), time.perf_counter(), time.process_time()
    n = ENGINES[engine](readings)
    seconds = time.perf_counter() - wall
    print(json.dumps({"wall_s": seconds, "cpu_s": time.process_time() - cpu, "mb": peak_mb() - before, "customers": n}))


def speed(sizes: list[int], rivals: list[int]) -> None:
    print(f"{'engine':14} {'pairs':>12} {'wall s':>8} {'CPU s':>8} {'peak MB':>8} {'customers':>10}")
    first: dict[str, tuple[int, float]] = {}
    for engine in ENGINES:
        for size in sizes if engine == "cxmining" else rivals:
            command = [sys.executable, __file__, "--work", engine, "--pairs", str(size)]
            try:
                run = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=True)
            except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
                print(f"{engine:14} {size:12,} did not finish ({type(error).__name__})")
                continue
            r = json.loads(run.stdout.strip().split("\n")[-1])
            print(
                f"{engine:14} {size:12,} {r['wall_s']:8.1f} {r['cpu_s']:8.1f} {r['mb']:8.0f} {r['customers']:10,}",
                flush=True,
            )
            if engine == "cxmining":
                if engine in first:
                    was, cost = first[engine]
                    print(f"  {size / was:g} times the pairs, {r['cpu_s'] / cost:.1f} times the CPU")
                first.setdefault(engine, (size, r["cpu_s"]))


def truth_of(data: Any, folder: Path) -> pd.Series:
    """Return whose each kept record is."""
    people = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["people"]
    kept = data.ledger[data.ledger["cell"].isna() & (data.ledger["status"] == "kept")]
    names = {i.file: i.name for i in data.inputs}
    parts = []
    for file, rows in kept.groupby("file"):
        owners = np.array(people[names[file]], dtype=object)
        parts.append(pd.Series(owners[rows["seq"].to_numpy(dtype=int) - 1], index=rows["record_id"].array))
    return pd.concat(parts)


def right(customers: int, seeds: list[int]) -> None:
    from cxmining.identity import judge
    from cxmining.ingest import read
    from cxmining.simulate import make_sample
    from cxmining.study import load_study

    for seed in seeds:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            study = make_sample(folder, customers=customers, seed=seed, mess=True)
            for said, overrides in (("with guards", []), ("without guards", ["identity.guards=false"])):
                data = read(load_study(study, overrides))
                truth = truth_of(data, folder)
                found = data.identity.assignments.set_index("record_id")
                print(f"{customers:,} customers, seed {seed}, {said}: {judge(found['customer_id'], truth)}")
                if overrides:
                    continue
                sure = found[found["identity_confidence"] >= 0.9]
                print(f"  certain identities only: {judge(sure['customer_id'], truth)}")
                print(by_class(found, truth).to_string(index=False), flush=True)


def by_class(found: pd.DataFrame, truth: pd.Series) -> pd.DataFrame:
    """Say, per confidence, which share of the records is with the person that most of their customer is."""
    from cxmining.stats import wilson

    both = found.assign(person=truth.reindex(found.index)).dropna(subset=["person"])
    most = both.groupby("customer_id")["person"].agg(lambda p: p.value_counts().index[0])
    both["right"] = both["person"] == both["customer_id"].map(most)
    rows = []
    for confidence, part in both.groupby("identity_confidence"):
        share = wilson(int(part["right"].sum()), len(part))
        rows.append(
            {"confidence": confidence, "records": share.n, "right": share.value, "low": share.low, "high": share.high}
        )
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--pairs", default="1e6,10e6")
    parser.add_argument("--rivals", default="1e6")
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--seeds", default="1,2")
    parser.add_argument("--only", choices=("speed", "right"))
    parser.add_argument("--work", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        work(given.work, int(given.pairs))
        return
    if given.only != "right":
        speed([int(float(s)) for s in given.pairs.split(",")], [int(float(s)) for s in given.rivals.split(",")])
    if given.only != "speed":
        right(given.customers, [int(s) for s in given.seeds.split(",")])


if __name__ == "__main__":
    main()
