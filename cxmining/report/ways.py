"""The ways that journeys take, the most walked first."""

from __future__ import annotations

from typing import Any

from cxmining.maps import words
from cxmining.maps.tables import records
from cxmining.maps.words import HIDDEN, MISSING, known
from cxmining.report.chain import count
from cxmining.report.messages import say
from cxmining.report.tables import RunTables
from cxmining.stats import wilson

__all__ = ["ways"]


def ways(run: RunTables, labels: dict[str, str], language: str) -> dict[str, Any]:
    """Return the most walked ways with their share of journeys, and how well the model fits."""
    total = run.counts.get("variants", len(run.variants))
    values = {"shown": words.number(len(run.variants), language), "min": run.min_cell, "all": count(total, language)}
    channel = dict(zip(run.touchpoints["touchpoint"], run.touchpoints["channel"], strict=True))
    rows = []
    for row in records(run.variants.head(10)):
        steps = str(row["touchpoints"]).split(" → ")
        rows.append(
            {
                "steps": [
                    {"label": labels.get(s, s), "channel": channel.get(s) if known(channel.get(s)) else "other"}
                    for s in steps[:12]
                ],
                "rest": len(steps) - 12 if len(steps) > 12 else 0,
                "journeys": words.number(row["journeys"], language) if known(row["journeys"]) else HIDDEN,
                "share": words.percent(row["share"], language, 1) if known(row["share"]) else HIDDEN,
                "span": _span_of(row["journeys"], run.counts.get("journeys"), language),
                "width": f"{100 * float(row['share']) / float(run.variants['share'].max()):.1f}"
                if known(row["share"])
                else "0",
                "duration": say("one_step", language)
                if len(steps) == 1
                else words.duration(row["median_duration_s"], language),
            }
        )
    lead = (
        say("ways_lead", language, **values)
        if rows
        else say("ways_none", language, min=values["min"], all=values["all"])
    )
    m = run.model
    model = ""
    if known(m.get("fitness")):
        digits = {
            k: words.number(float(m[k]), language, 2) if known(m.get(k)) else MISSING
            for k in ("fitness", "precision", "simplicity")
        }
        noise = words.number(float(m["noise"]), language, 1) if known(m.get("noise")) else MISSING
        model = say("model", language, miner=str(m.get("miner", "")), noise=noise, **digits)
        if known(m.get("variants")) and known(m.get("journeys")):
            sizes = {k: words.number(float(m[k]), language) for k in ("variants", "journeys")}
            model += " " + say("model_of", language, **sizes)
    return {"lead": lead, "rows": rows, "model": model}


def _span_of(part: Any, whole: Any, language: str) -> str:
    """Return the 95% interval of a share of journeys, or nothing where it is not known of how many."""
    if not known(part) or not known(whole) or not whole:
        return ""
    _, low, high, _ = wilson(float(part), float(whole))
    return str(words.interval(low, high, language, 1, share=True))
