"""Which touchpoints decide: the verdict in words, and the two figures under it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cxmining.maps import words
from cxmining.maps.decisive import cumulative_spec, share_spec
from cxmining.maps.words import METRIC_WORDS, known, named
from cxmining.report.chain import count
from cxmining.report.messages import say
from cxmining.report.tables import RunTables
from cxmining.report.twins import curve_twin, picked, share_twin

__all__ = ["decide"]


def decide(run: RunTables, figures: dict[str, Any], labels: dict[str, str], language: str) -> dict[str, Any]:
    """Return the section, and put its figures into `figures`; without a verdict it says why there is none."""
    verdict = run.verdict
    word = verdict.get("word")
    if word is None or not len(run.drivers):
        reason = (verdict.get("reason") or {}).get(language) or say("decide_none", language)
        return {"shown": False, "word": say("no_verdict", language), "sentence": reason}
    drivers = len(run.drivers)
    best = int(verdict.get("k") or -(-drivers // 5))
    figures["shares"] = share_spec(run.drivers, labels, language, best if word == "concentrated" else 0, 16)
    pareto = pd.DataFrame(verdict.get("pareto") or [])
    if len(pareto):
        figures["curve"] = cumulative_spec(pareto, labels, language)
        figures["curve"]["layout"]["height"] = max(340, min(520, figures["shares"]["layout"]["height"]))
    known_figures = verdict.get("figures") or {}
    fair = float(run.drivers["share"].sort_values(ascending=False).head(best).sum())
    psi = next((known_figures[k] for k in ("psi", "psi_k", "sufficiency") if known(known_figures.get(k))), None)
    p = int(verdict.get("p") or drivers)
    values = {"k": best, "p": p, "fair": words.percent(fair, language)}
    both = (
        say("two_answers_fair", language, **values)
        if psi is None
        else say("two_answers", language, psi=words.percent(float(psi), language), **values)
    )
    details = [both]
    if word == "cannot tell" and len(pareto):
        details.append(say("curve_open", language))
    if known(verdict.get("r2")):
        adjusted: Any = verdict.get("r2_adjusted")
        said = {
            "p": p,
            "raw": words.percent(verdict["r2"], language),
            "target": named(METRIC_WORDS, verdict.get("target"), language),
            "n": count(verdict.get("n"), language),
        }
        if known(adjusted):
            # the interval is that of adjusted R²; beside the other it would say something else
            span = words.interval(verdict.get("r2_low"), verdict.get("r2_high"), language, 0, share=True)
            details.append(say("explains", language, r2=words.percent(float(adjusted), language), span=span, **said))
        else:
            details.append(say("explains_raw", language, **said))
    twins = {"shares": share_twin(run, labels, language)}
    if len(pareto):
        twins["curve"] = curve_twin(pareto, labels, language)
    return {
        "shown": True,
        "twins": twins,
        "picked": picked(run, pareto, labels, language),
        "word": say(word, language)
        if word in ("concentrated", "interchangeable", "spread", "cannot tell")
        else str(word),
        "kind": str(word).replace(" ", "-"),
        "sentence": (verdict.get("sentence") or {}).get(language, ""),
        "details": details,
        "curve": bool(len(pareto)),
        "baseline": bool(len(pareto)) and "baseline" in pareto and bool(pareto["baseline"].notna().any()),
    }
