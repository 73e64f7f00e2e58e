"""The ways that journeys take, the most walked first: those of enough customers, for a reader to explore."""

from __future__ import annotations

from typing import Any, Final

from cxmining.maps import words
from cxmining.maps.tables import records
from cxmining.maps.words import METRIC_WORDS, MISSING, known, named
from cxmining.report.chain import count
from cxmining.report.messages import say
from cxmining.report.tables import RunTables
from cxmining.stats import wilson

__all__ = ["FIRST", "ways", "ways_data"]

FIRST: Final = 10
"""Ways that are shown before more are asked for, and on paper."""
_MOST: Final = 200
_STEPS: Final = 12


def ways(run: RunTables, labels: dict[str, str], language: str) -> dict[str, Any]:
    """Return the ways with their share of journeys, what the page's script needs of them, and how well the model fits."""
    channel = dict(zip(run.touchpoints["touchpoint"], run.touchpoints["channel"], strict=True))
    total: Any = run.counts.get("journeys")
    shown = run.variants[run.variants["journeys"].notna() & run.variants["share"].notna()]
    rows = []
    for i, row in enumerate(records(shown.head(_MOST)), start=1):
        steps = str(row["touchpoints"]).split(" → ")
        said = [labels.get(s, s) for s in steps]
        score = _score(row, language)
        rows.append(
            {
                "rank": i,
                "name": say("way", language, rank=i, steps=" → ".join(said)),
                "ids": steps,
                "steps": [
                    {"label": label, "channel": channel.get(s) if known(channel.get(s)) else "other"}
                    for s, label in zip(steps[:_STEPS], said, strict=False)
                ],
                "rest": max(0, len(steps) - _STEPS),
                "n": int(row["journeys"]),
                "journeys": say("way_of", language, n=words.number(row["journeys"], language)),
                "share": words.percent(row["share"], language, 1),
                "span": _span_of(row["journeys"], total, language),
                "width": f"{100 * float(row['share']) / float(shown['share'].max()):.1f}",
                "duration": say("one_step", language)
                if len(steps) == 1
                else say("way_median", language, time=words.duration(row["median_duration_s"], language)),
                # what is one step lasts no time at all
                "duration_s": float(row["median_duration_s"]) if known(row["median_duration_s"]) else 0.0,
                **score,
            }
        )
    longer = say("ways_longer", language, n=_MOST, all=words.number(len(shown), language))
    return {
        "lead": _lead(run, language, bool(rows)),
        "rows": rows,
        "first": FIRST,
        "scored": any(row["score"] for row in rows),
        "longer": longer if len(shown) > _MOST else "",
        "model": _model(run, language),
    }


def _lead(run: RunTables, language: str, some: bool) -> str:
    every = count(run.counts.get("variants", len(run.variants)), language)
    if not some:
        return say("ways_none", language, min=run.min_cell, all=every)
    if len(run.variants) == 1:
        return say("ways_lead_one", language, min=run.min_cell, all=every)
    return say("ways_lead", language, shown=words.number(len(run.variants), language), min=run.min_cell, all=every)


def _score(row: dict[str, Any], language: str) -> dict[str, Any]:
    """Return the mean score of who went this way, where the run has it and enough of them answered."""
    value: Any = row.get("score_mean")
    if not known(value):
        return {"score": "", "score_n": "", "score_mean": None}
    span = words.interval(row.get("score_low"), row.get("score_high"), language, 1)
    return {
        "score": f"{named(METRIC_WORDS, row['score_metric'], language)} {words.number(value, language, 1)} {span}".strip(),
        "score_n": f"n = {words.number(row.get('score_n'), language)}",
        "score_mean": round(float(value), 6),
    }


def _model(run: RunTables, language: str) -> str:
    m = run.model
    if not known(m.get("fitness")):
        return ""
    digits = {
        k: words.number(float(m[k]), language, 2) if known(m.get(k)) else MISSING
        for k in ("fitness", "precision", "simplicity")
    }
    noise = words.number(float(m["noise"]), language, 1) if known(m.get("noise")) else MISSING
    text = say("model", language, miner=str(m.get("miner", "")), noise=noise, **digits)
    if known(m.get("variants")) and known(m.get("journeys")):
        sizes = {k: words.number(float(m[k]), language) for k in ("variants", "journeys")}
        text += " " + say("model_of", language, **sizes)
    return text


def ways_data(run: RunTables, found: dict[str, Any], language: str) -> dict[str, Any] | None:
    """Return what the page's script needs to choose, sort, filter and add up ways."""
    total: Any = run.counts.get("journeys")
    if not found["rows"] or not known(total):
        return None
    ids = sorted({s for row in found["rows"] for s in row["ids"]})
    place = {s: k for k, s in enumerate(ids)}
    keys = (
        "cover", "cover_one", "way_chosen", "way_see", "ways_through", "ways_any", "ways_more", "ways_less",
    )  # fmt: skip
    return {
        "first": FIRST,
        "all": int(total),
        "ids": ids,
        "rows": [
            {
                "steps": [place[s] for s in row["ids"]],
                "n": row["n"],
                "duration": row["duration_s"],
                "score": row["score_mean"],
            }
            for row in found["rows"]
        ],
        "text": {k: say(k, language) for k in keys} | {"cover_none": say("cover_none", language, min=run.min_cell)},
    }


def _span_of(part: Any, whole: Any, language: str) -> str:
    """Return the 95% interval of a share of journeys, or nothing where it is not known of how many."""
    if not known(part) or not known(whole) or not whole:
        return ""
    _, low, high, _ = wilson(float(part), float(whole))
    return str(words.interval(low, high, language, 1, share=True))
