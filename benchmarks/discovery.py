"""Models from summaries beside pm4py's on the whole log: the same model, at which part of the time?

    python benchmarks/discovery.py --events 1e6

Mines the log of `logs` with pm4py from the DataFrame and with cxmining from the summary that every analysis has
already (graph, weighted variants), a process each, and holds the models against each other: trees node by node,
nets by the colours of their nodes. Then aligns the most frequent variants with one net: pm4py's costs against ours.
CPU seconds; what was imported or compiled on first use does not count.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import processes

MINERS = ("inductive-dfg", "heuristics", "alpha", "inductive", "inductive-noise", "alignments")
LIMITS = {"inductive-dfg": 0.05, "heuristics": 0.05, "alpha": 0.05, "alignments": 0.01}
NOISE = 0.2
THEIR_NOISE = 0.05  # pm4py's heuristics miner, without being asked
MODELLED = 300  # variants that the net of the alignments is mined from
ALIGNED = 200
CASE, ACTIVITY, TIME = "case:concept:name", "concept:name", "time:timestamp"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=float, default=1e6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default=",".join(MINERS), help="some of: " + ", ".join(MINERS))
    parser.add_argument("--timeout", type=float, default=1800)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", nargs=3, metavar=("SIDE", "MINER", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        one(*arguments.one)
        return
    with tempfile.TemporaryDirectory(prefix="cxmining-benchmark-") as scratch:
        said = compare(Path(scratch), arguments)
    if arguments.json:
        arguments.json.write_text(json.dumps(said, indent=1), encoding="utf-8")


def compare(scratch: Path, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    memory = processes.memory_gb()
    for name, events in (("warm", 2_000), ("log", round(arguments.events))):
        made = ["logs.py", "--events", str(events), "--seed", str(arguments.seed), "--out", str(scratch / name)]
        processes.run(made, timeout_s=3600, memory_gb=memory)
    out = []
    print(f"{'':<16} {'pm4py on the log':>18} {'from summaries':>16} {'ratio':>9}   model")
    for miner in arguments.only.split(","):
        sides = {
            side: processes.run(
                ["discovery.py", "--one", side, miner, str(scratch)], timeout_s=arguments.timeout, memory_gb=memory
            )
            for side in ("pm4py", "cxmining")
        }
        failed = [f"{side}: {said['why']}" for side, said in sides.items() if said["status"] != "ran"]
        if failed:
            print(f"{miner:<16} {'; '.join(failed)}", flush=True)
            out.append({"miner": miner, "failed": failed})
            continue
        theirs, ours = sides["pm4py"], sides["cxmining"]
        ratio = ours["cpu_s"] / theirs["cpu_s"]
        equal = ours["model"] == theirs["model"]
        limit = LIMITS.get(miner)
        verdict = "" if limit is None else f"   goal {limit:g}: {'met' if ratio <= limit and equal else 'NOT MET'}"
        word = ("equal" if equal else "OTHER") + (" costs" if miner == "alignments" else "")
        print(
            f"{miner:<16} {theirs['cpu_s']:>16.2f} s {ours['cpu_s']:>14.3f} s {ratio:>9.4f}   {word}{verdict}",
            flush=True,
        )
        out.append({"miner": miner, "pm4py_s": theirs["cpu_s"], "cxmining_s": ours["cpu_s"], "ratio": ratio,
                    "equal": equal, "limit": limit})  # fmt: skip
    return out


def one(side: str, miner: str, scratch: str) -> None:
    """Do it on the small log, then on the large one, and say what the latter cost."""
    task = ours if side == "cxmining" else theirs
    task(miner, Path(scratch) / "warm")()
    run = task(miner, Path(scratch) / "log")
    before = _cpu()
    model = run()
    cost = _cpu() - before
    described = describe(model) if miner != "alignments" else list(map(int, model))
    sys.stdout.write(processes.MARK + json.dumps({"status": "ran", "cpu_s": cost, "model": described}) + "\n")


def ours(miner: str, folder: Path) -> Callable[[], Any]:
    from cxmining.discovery.align import align
    from cxmining.discovery.mine import mine_graph_tree, mine_tree
    from cxmining.discovery.mine_net import alpha_net, and_relations, heuristics_net

    log, graph, variants = summaries(folder)
    edges, starts, ends = {}, {}, {}
    for a, b, n in zip(graph.source.tolist(), graph.target.tolist(), graph.n.tolist(), strict=True):
        if a < 0:
            starts[b] = n
        elif b < 0:
            ends[a] = n
        else:
            edges[a, b] = n
    labels = log.touchpoints
    match miner:
        case "inductive-dfg":
            return lambda: mine_graph_tree(labels, edges, starts, ends)
        case "heuristics":
            import numpy as np

            met = np.bincount(log.touchpoint, minlength=len(labels)).tolist()
            return lambda: heuristics_net(labels, edges, starts, ends, met, and_relations(variants), THEIR_NOISE)
        case "alpha":
            return lambda: alpha_net(labels, edges, starts, ends)
        case "alignments":
            sequences, net = asked(folder)
            return lambda: align(net, sequences).cost
        case _:
            noise = NOISE if miner == "inductive-noise" else 0.0
            return lambda: mine_tree(variants.sequences, variants.journeys.tolist(), noise)


def theirs(miner: str, folder: Path) -> Callable[[], Any]:
    import pandas as pd
    import pm4py

    names = {"case_id": CASE, "touchpoint": ACTIVITY, "timestamp": TIME}
    log = pd.read_parquet(folder / "log.parquet", columns=list(names)).rename(columns=names)
    log = log.sort_values([CASE, TIME], ignore_index=True)
    match miner:
        case "inductive-dfg":
            from pm4py.objects.dfg.obj import DFG

            return lambda: pm4py.discover_process_tree_inductive(DFG(*pm4py.discover_dfg(log)))
        case "heuristics":
            return lambda: pm4py.discover_petri_net_heuristics(log)
        case "alpha":
            return lambda: pm4py.discover_petri_net_alpha(log)
        case "alignments":
            return their_alignments(folder)
        case _:
            noise = NOISE if miner == "inductive-noise" else 0.0
            return lambda: pm4py.discover_process_tree_inductive(log, noise_threshold=noise, multi_processing=False)


def summaries(folder: Path) -> tuple[Any, Any, Any]:
    from cxmining.engine import count_variants, encode_parquet, follow

    log = encode_parquet(
        folder / "log.parquet", journey="case_id", customer="case_id", timestamp="timestamp", touchpoint="touchpoint"
    )
    return log, follow(log), count_variants(log)[0]


def asked(folder: Path) -> tuple[list[tuple[str, ...]], Any]:
    """Return the most frequent variants, and a net that not all of them fit."""
    from cxmining.discovery import petri_net
    from cxmining.discovery.mine import mine_tree

    _, _, variants = summaries(folder)
    ranked = sorted(zip(variants.journeys.tolist(), variants.sequences, strict=True), key=lambda v: (-v[0], v[1]))
    some = ranked[:MODELLED]
    net = petri_net(mine_tree([s for _, s in some], [n for n, _ in some], NOISE))
    return [s for _, s in ranked[:ALIGNED]], net


def their_alignments(folder: Path) -> Callable[[], Any]:
    import pm4py
    from pm4py.objects.log.obj import Event, EventLog, Trace

    sequences, ours = asked(folder)
    file = folder / "net.pnml"
    file.write_text(ours.to_pnml("net"), encoding="utf-8")
    net, first, last = pm4py.read_pnml(str(file))
    log = EventLog([Trace([Event({ACTIVITY: t}) for t in sequence]) for sequence in sequences])

    def run() -> list[int]:
        from pm4py.algo.conformance.alignments.petri_net import algorithm

        found = algorithm.apply_log(log, net, first, last, parameters={"show_progress_bar": False})
        # A whole deviation costs 10,000 with them; what is below are silent steps.
        return [a["cost"] for a in found]

    return run


def describe(model: Any) -> Any:
    """Return what two equal models have in common, whoever made them and however they name their nodes."""
    if isinstance(model, tuple):
        net = model[0]
        nodes = {id(p): "place" for p in net.places} | {id(t): f"step {t.label}" for t in net.transitions}
        return colours(nodes, [(id(arc.source), id(arc.target)) for arc in net.arcs])
    if hasattr(model, "transitions"):
        nodes = dict.fromkeys(model.places, "place") | {name: f"step {label}" for name, label in model.transitions}
        return colours(nodes, list(model.arcs))
    return shape(model)


def shape(tree: Any) -> Any:
    operator = tree.kind.value if hasattr(tree, "kind") else tree.operator and tree.operator.value
    children = [shape(child) for child in tree.children]
    if not children:
        return tree.label or "tau"
    return [operator, sorted(children, key=json.dumps) if operator in ("X", "+") else children]


def colours(nodes: dict[Any, str], arcs: list[tuple[Any, Any]]) -> Any:
    """Refine the colour of each node by those before and behind it (Weisfeiler and Leman) and count the colours."""
    from hashlib import sha256

    colour = dict(nodes)
    for _ in range(8):
        before: dict[Any, list[str]] = {node: [] for node in nodes}
        behind: dict[Any, list[str]] = {node: [] for node in nodes}
        for a, b in arcs:
            before[b].append(colour[a])
            behind[a].append(colour[b])
        colour = {
            node: sha256(repr((colour[node], sorted(before[node]), sorted(behind[node]))).encode()).hexdigest()[:12]
            for node in nodes
        }
    return sorted(Counter(colour.values()).items())


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
