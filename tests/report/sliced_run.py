"""A run folder with figures by channel and persona, made by hand from a fixed recipe."""

import json
from pathlib import Path

import pandas as pd
from example_run import HOSTILE, make_run

LABELS = {"1": ("mostly app", "vooral app"), "2": ("more phone", "meer telefoon"), "3": ("few of them", "weinig")}
CLOSING = "</script><script>alert(2)</script>"
MOVES = ("events", "journeys", "customers")


def make_sliced(folder: Path, *, hostile=False, language="en") -> Path:
    """Write a run with slices at `folder`: by phone half of it, of persona 1 a third, of both a sixth."""
    run = make_run(folder, hostile=hostile, language=language)
    share = run / "share"
    whole, dfg = (pd.read_csv(share / name) for name in ("touchpoints.csv", "dfg.csv"))
    counts = json.loads((run / "run.json").read_text())["counts"]
    by = HOSTILE if hostile else "phone"
    named = dict.fromkeys(LABELS, (CLOSING, CLOSING)) if hostile else LABELS
    slices, cells, edges, ways = [], [], [], []
    for channel, persona, part in (
        (by, "", 2), ("chat", "", None), ("", "1", 3), ("", "2", 4), ("", "3", None), (by, "1", 6), (by, "2", None),
        ("chat", "1", None), ("chat", "2", None), (by, "3", None), ("chat", "3", None),
    ):  # fmt: skip
        key = {"channel": channel, "persona": persona}
        en, nl = named.get(persona, ("", ""))
        status = "shown" if part else "protects" if persona == "2" else "few"
        row = {**key, "persona_en": en, "persona_nl": nl, "status": status}
        if part:
            row |= {
                "journeys": counts["journeys"] // part,
                "customers": counts["customers"] // part,
                "answers": 900 // part,
            }
            row |= {
                "score_metric": "csat",
                "score_mean": 3 + 1 / part,
                "score_low": 2.5,
                "score_high": 4,
                "score_n": 300 // part,
            }
            cells.append(_cells(whole, part).assign(**key))
            edges.append(_edges(dfg, part).assign(**key))
            ways.append(_ways(cells[-1], part).assign(**key))
        slices.append(row)
    pd.DataFrame(slices).to_csv(share / "slices.csv", index=False)
    for name, parts in (("touchpoints", cells), ("edges", edges), ("variants", ways)):
        pd.concat(parts).to_csv(share / f"slice_{name}.csv", index=False)
    return run


def _cells(whole, part):
    """The touchpoints of a slice: figures of the whole by `part`; every fifth is left out, every third score."""
    kept = whole[[i % 5 != 4 for i in range(len(whole))]].dropna(subset=["events"]).reset_index(drop=True)
    table = kept[["touchpoint"]].copy()
    for column in MOVES:
        table[column] = (kept[column] // part).astype(int)
    table["reach"] = table["customers"] / (2000 // part)
    table["reach_low"], table["reach_high"] = table["reach"] * 0.9, (table["reach"] * 1.1).clip(upper=1)
    off = [i % 3 == 2 for i in range(len(kept))]
    for line in ("score", "expected", "gap"):
        for end in ("mean", "low", "high"):
            table[f"{line}_{end}"] = (kept[f"{line}_{end}"] - (0 if line == "gap" else 0.1 * part)).mask(off)
        table[f"{line}_n"] = (kept[f"{line}_n"] // part).where(table[f"{line}_mean"].notna())
    for kind in ("wow_n", "pain_n"):
        table[kind] = (kept[kind] // part).where(table["gap_mean"].notna())
    return table


def _edges(dfg, part):
    table = dfg[["source", "target", "n", "journeys", "customers", "median_s"]].copy()
    for column in ("n", "journeys", "customers"):
        table[column] = table[column] // part
    return table[table["customers"] >= 60]


def _ways(cells, part):
    names = cells["touchpoint"].tolist()
    n = [120 // part, 60 // part]
    return pd.DataFrame(
        {"rank": [1, 2], "variant_id": ["va", "vb"], "touchpoints": [" → ".join(names[:3]), names[1]], "journeys": n, "customers": n,
         "share": [k / (4812 // part) for k in n], "low": 0.01, "high": 0.09, "median_duration_s": [86_400.0 * part, 0]}
    )  # fmt: skip
