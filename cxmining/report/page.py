"""What stands on the page: every figure written out in the study's language, nothing computed."""

from __future__ import annotations

import re
from typing import Any, Final

import pandas as pd

from cxmining.figures import palette
from cxmining.figures.breaks import softened
from cxmining.i18n import date, is_known, translate
from cxmining.maps import words
from cxmining.maps.decisive import cumulative_spec, share_spec
from cxmining.maps.emotion import gap_kind
from cxmining.maps.facts import Facts, gap_digits, signed
from cxmining.maps.journey import journey_map
from cxmining.maps.tables import in_order, label_of, records, touchpoints_of
from cxmining.maps.words import CHANNEL_WORDS, HIDDEN, METRIC_WORDS, MISSING, STAGE_WORDS, known, named
from cxmining.report.blueprint import blueprint_section
from cxmining.report.cx import cx_section
from cxmining.report.feeling import feeling
from cxmining.report.messages import say
from cxmining.report.personas import persona_section
from cxmining.report.quality import quality
from cxmining.report.stakeholders import stakeholder_section
from cxmining.report.tables import RunTables
from cxmining.schema import SURVEY_KINDS
from cxmining.stats import wilson

__all__ = ["page"]


def page(run: RunTables) -> dict[str, Any]:
    """Return everything the template shows, and under ``data`` what the page's script draws."""
    language = str(run.study.get("language", "en"))
    hidden = run.hidden("touchpoints.csv")
    touchpoints = in_order(touchpoints_of(run.touchpoints), run.dfg)
    labels = {row["touchpoint"]: label_of(row, language) for row in records(touchpoints)}
    # what is rated but no step of a journey stands in the table and not on the map
    walked = touchpoints[
        touchpoints["events"].notna() | touchpoints["touchpoint"].isin([k for k, c in hidden if c == "events"])
    ]
    drawn = journey_map(
        walked, run.dfg, language=language, hidden=hidden, hidden_edges=_hidden_rows(run.suppressed, "dfg.csv"),
        paths=run.paths if len(run.paths) else None, min_cell=run.min_cell,
    )  # fmt: skip
    figures: dict[str, Any] = {}
    emotion = feeling(run, touchpoints, figures, language, hidden)
    decide = _decide(run, figures, labels, language)
    return {
        "language": language,
        "title": str(run.study.get("title") or run.study.get("name") or say("kind", language)),
        "company": str((run.study.get("company") or {}).get("name") or ""),
        "head": _head(run, language),
        "levels": _levels(run, language),
        "map_note": "" if drawn.spec["stages"] else say("map_nostage" if len(walked) else "map_empty", language),
        "has_map": bool(len(walked)),
        "emotion": emotion,
        "decide": decide,
        "cx": cx_section(
            run,
            language,
            decide["sentence"],
            tuple(
                (run.verdict.get("touchpoints") or ()) if run.verdict.get("word") not in (None, "cannot tell") else ()
            ),
        ),
        "blueprint": blueprint_section(run, language),
        "personas": persona_section(run, language),
        "stakeholders": stakeholder_section(run, language),
        "table": _table(touchpoints, language, hidden),
        "ways": _ways(run, labels, language),
        "ledger": _ledger(run, language),
        "quality": quality(run, language),
        "links": _links(run, language),
        "method": _method(run, language),
        "chain": {
            "map": _chain(run, language, len(_of(run.suppressed, "touchpoints.csv")) + drawn.spec["hidden"]),
            "emotion": _chain(
                run,
                language,
                len(_of(run.suppressed, "touchpoints.csv", "score|expected|gap|wow|pain|rated"))
                + len(_of(run.suppressed, "emotional_journey.csv", "mean")),
            ),
            "decide": _chain(run, language, len(_of(run.suppressed, "drivers.csv"))),
            "cx": _chain(run, language, len(_of(run.suppressed, "cx_map.csv"))),
            "blueprint": _chain(
                run, language, len(_of(run.suppressed, "blueprint.csv")) + len(_of(run.suppressed, "handovers.csv"))
            ),
            "personas": _chain(run, language, len(_of(run.suppressed, "personas.csv"))),
            "stakeholders": _chain(run, language, len(_of(run.suppressed, "stakeholders.csv"))),
            "table": _chain(run, language, len(_of(run.suppressed, "touchpoints.csv"))),
        },
        "signs": [
            (HIDDEN, say("sign_hidden", language, n=run.min_cell)),
            (MISSING, say("sign_missing", language)),
        ],
        "data": {
            "map": dict(drawn.spec) if len(walked) else None,
            "figures": {name: {"data": f["data"], "layout": f["layout"]} for name, f in figures.items()},
            "dark": palette.DARK,
            "wider": say("wider", language),
        },
        "least": {name: f["least"] for name, f in figures.items()},
    }


def _of(suppressed: pd.DataFrame, file: str, column: str = "") -> pd.DataFrame:
    rows = suppressed[suppressed["file"] == file]
    return rows[rows["column"].astype(str).str.match(column)] if column else rows


def _hidden_rows(suppressed: pd.DataFrame, file: str) -> int:
    """Rows of a file that are left out: each has a line of its own, or one line gives their number."""
    total = 0
    for key in _of(suppressed, file)["key"].astype(str).unique():
        number = re.match(r"\((\d+) ", key)
        total += int(number[1]) if number else 1
    return total


def _chain(run: RunTables, language: str, hidden: int) -> str:
    c = run.counts
    text = say(
        "chain",
        language,
        journeys=_count(c.get("journeys"), language),
        customers=_count(c.get("customers"), language),
        notion=_notion(run, language),
    )
    tail = (
        say("chain_hidden", language, n=words.number(hidden, language), sign=HIDDEN)
        if hidden
        else say("chain_open", language)
    )
    return f"{text} · {tail}"


def _notion(run: RunTables, language: str) -> str:
    rule = run.study.get("journeys") or {}
    if rule.get("by") not in ("customer", "case", "thread"):
        return translate(str(run.counts.get("case_notion") or MISSING), language)
    labels = {row["touchpoint"]: label_of(row, language) for row in records(run.touchpoints)}
    text = say(f"by_{rule['by']}", language)
    if rule.get("gap"):
        text += ", " + say("by_gap", language, gap=words.duration(pd.Timedelta(rule["gap"]).total_seconds(), language))
    if rule.get("cut"):
        text += ", " + say("by_cut", language)
    if rule.get("goal"):
        first, last = (_names(names, labels, language) for names in rule["goal"])
        text += ", " + say("by_goal", language, first=first, last=last)
    if rule.get("exclude"):
        text += ", " + say("by_without", language, names=", ".join(labels.get(t, str(t)) for t in rule["exclude"]))
    return text


def _names(names: Any, labels: dict[str, str], language: str) -> str:
    listed = [names] if isinstance(names, str) else list(names)
    return f" {say('or', language)} ".join(f"‘{labels.get(n, str(n))}’" for n in listed)


def _count(value: Any, language: str) -> str:
    return words.number(float(value), language) if known(value) else MISSING


def _date(value: Any, language: str) -> str:
    return date(pd.Timestamp(value), language) if known(value) else MISSING


def _head(run: RunTables, language: str) -> dict[str, Any]:
    c = run.counts
    figures = [
        (_count(c.get(key), language), say(word, language))
        for key, word in (
            ("journeys", "journeys"),
            ("customers", "customers"),
            ("events", "contacts"),
            ("responses", "responses"),
        )
        if known(c.get(key))
    ]
    channels = c.get("channels") or {}
    total = sum(channels.values()) or 1
    ordered = sorted(channels.items(), key=lambda item: (-item[1], item[0]))
    return {
        "figures": figures,
        "period": f"{_date(c.get('first'), language)} {say('until', language)} {_date(c.get('last'), language)}",
        "channels": [
            {"id": key, "label": named(CHANNEL_WORDS, key, language), "share": words.percent(n / total, language)}
            for key, n in ordered
        ],
        "notion": _notion(run, language),
        "hash": run.fingerprint,
    }


_METRICS = ("csat", "rapportcijfer", "nps", "ces")


def _levels(run: RunTables, language: str) -> list[dict[str, Any]]:
    """The overall scores per kind of survey: who is asked, when and about what differ, so they stand apart."""
    rows = records(run.overall)
    kinds = sorted({str(r["survey_kind"]) for r in rows}, key=lambda k: (_turn(SURVEY_KINDS, k), k))
    groups = []
    for kind in kinds:
        mine = sorted(
            (r for r in rows if r["survey_kind"] == kind),
            key=lambda r: (_turn(_METRICS, str(r["metric"])), str(r["metric"])),
        )
        cards = [_card(row, language) for row in mine]
        rates = {card["rate"] for card in cards}
        groups.append(
            {
                "kind": say(kind, language) if kind in SURVEY_KINDS else kind,
                # one survey, one rate: said once
                "rate": rates.pop() if len(rates) == 1 else "",
                "cards": cards,
                "count": len(cards),
            }
        )
    return groups


def _turn(order: tuple[str, ...], key: str) -> int:
    return order.index(key) if key in order else len(order)


def _card(row: dict[str, Any], language: str) -> dict[str, str]:
    nps = row["metric"] == "nps"
    digits = 0 if nps else 2 if row["metric"] != "rapportcijfer" else 1
    rate: Any = row.get("response_rate")
    invited: Any = row.get("invited")
    low, high = row.get("scale_low"), row.get("scale_high")
    value = HIDDEN
    if known(row["score"]):
        value = signed(row["score"], language, 0) if nps else words.number(row["score"], language, digits)
    unit = say("points" if nps else "mean", language)
    if not nps and low is not None and high is not None and known(low) and known(high):
        unit = say("scale", language, low=f"{low:g}", high=f"{high:g}")
    return {
        "metric": named(METRIC_WORDS, row["metric"], language),
        "value": value,
        "unit": unit,
        "span": words.interval(row["low"], row["high"], language, digits),
        "n": f"n = {words.number(row['n'], language)}" if known(row["n"]) else say("level_hidden", language),
        "rate": say("rate", language, rate=words.percent(float(rate), language), invited=_count(invited, language))
        if known(rate) and known(invited)
        else say("rate_unknown", language),
    }


def _decide(run: RunTables, figures: dict[str, Any], labels: dict[str, str], language: str) -> dict[str, Any]:
    verdict = run.verdict
    word = verdict.get("word")
    if word is None or not len(run.drivers):
        reason = (verdict.get("reason") or {}).get(language) or say("decide_none", language)
        return {"shown": False, "word": say("no_verdict", language), "sentence": reason}
    count = len(run.drivers)
    best = int(verdict.get("k") or -(-count // 5))
    figures["shares"] = share_spec(run.drivers, labels, language, best if word == "concentrated" else 0, 16)
    pareto = pd.DataFrame(verdict.get("pareto") or [])
    if len(pareto):
        figures["curve"] = cumulative_spec(pareto, labels, language)
        figures["curve"]["layout"]["height"] = max(340, min(520, figures["shares"]["layout"]["height"]))
    known_figures = verdict.get("figures") or {}
    fair = float(run.drivers["share"].sort_values(ascending=False).head(best).sum())
    psi = next((known_figures[k] for k in ("psi", "psi_k", "sufficiency") if known(known_figures.get(k))), None)
    p = int(verdict.get("p") or count)
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
            "n": _count(verdict.get("n"), language),
        }
        if known(adjusted):
            # the interval is that of adjusted R²; beside the other it would say something else
            span = words.interval(verdict.get("r2_low"), verdict.get("r2_high"), language, 0, share=True)
            details.append(say("explains", language, r2=words.percent(float(adjusted), language), span=span, **said))
        else:
            details.append(say("explains_raw", language, **said))
    return {
        "shown": True,
        "word": say(word, language)
        if word in ("concentrated", "interchangeable", "spread", "cannot tell")
        else str(word),
        "kind": str(word).replace(" ", "-"),
        "sentence": (verdict.get("sentence") or {}).get(language, ""),
        "details": details,
        "curve": bool(len(pareto)),
        "baseline": bool(len(pareto)) and "baseline" in pareto and bool(pareto["baseline"].notna().any()),
    }


_COLUMNS: list[tuple[str, str, bool]] = [
    ("touchpoint", "c_touchpoint", False), ("stage", "c_stage", False), ("channel", "c_channel", False), ("owner", "c_owner", False),
    ("events", "c_events", True), ("journeys", "c_journeys", True), ("reach", "c_reach", True), ("score_mean", "c_score", True),
    ("gap_mean", "c_gap", True), ("pain_n", "c_moments", True), ("sentiment_mean", "c_sentiment", True),
    ("wait_median_s", "c_wait", True),
]  # fmt: skip


def _table(touchpoints: pd.DataFrame, language: str, hidden: set[tuple[str, str]]) -> dict[str, Any]:
    """One row per touchpoint; a column in which nothing was measured stays out."""

    def filled(column: str) -> bool:
        return column in touchpoints and bool(
            (touchpoints[column].notna() & (touchpoints[column].astype(str) != "")).any()
        )

    off = {column for _, column in hidden}
    kept = [c for c in _COLUMNS if c[0] == "touchpoint" or filled(c[0]) or c[0] in off]
    if not filled("gap_mean") and "gap_mean" not in off:
        kept = [c for c in kept if c[0] != "pain_n"]
    rows = []
    for row in records(touchpoints):
        cells = [_cell(row, column, language, hidden) for column, _, _ in kept[1:]]
        label = label_of(row, language)
        rows.append({"id": row["touchpoint"], "label": label, "shown": softened(label), "cells": cells})
    names = [column for column, _, _ in kept]
    return {
        "heads": [(say(word, language), numeric, _explain(column, language)) for column, word, numeric in kept],
        "rows": rows,
        "lead": " ".join([say("table_lead", language), *_small(touchpoints, names, language)]),
    }


def _small(touchpoints: pd.DataFrame, names: list[str], language: str) -> list[str]:
    """What the small print in the cells is."""
    lines = []
    if "score_mean" in names and _scaled(touchpoints):
        scales = touchpoints.loc[
            touchpoints["score_mean"].notna(), ["score_metric", "score_scale_low", "score_scale_high"]
        ]
        said = [
            f"{named(METRIC_WORDS, r['score_metric'], language)} {r['score_scale_low']:g}–{r['score_scale_high']:g}"
            for r in records(scales.drop_duplicates())
        ]
        lines.append(say("small_score", language, metric=", ".join(said)))
    lines += [say("small_sentiment", language)] if "sentiment_mean" in names else []
    lines += [say("small_wait", language)] if "wait_median_s" in names else []
    return lines


def _scaled(touchpoints: pd.DataFrame) -> bool:
    """Whether the table says what the score is and on which scale."""
    columns = ["score_metric", "score_scale_low", "score_scale_high"]
    if not set(columns) <= set(touchpoints.columns):
        return False
    rated = touchpoints.loc[touchpoints["score_mean"].notna(), columns]
    return bool(len(rated)) and bool(rated.notna().all(axis=None))


def _explain(column: str, language: str) -> str:
    if column == "pain_n":
        return say("moments", language)
    said = {"gap_mean": "gap", "wait_median_s": "wait", "sentiment_mean": "sentiment"}
    return words.say(said[column], language) if column in said else ""


def _cell(row: dict[str, Any], column: str, language: str, hidden: set[tuple[str, str]]) -> dict[str, Any]:
    """Return text, small print (`more`), class, and the value to sort by: empty when hidden or not measured."""
    value: Any = row.get(column)
    off = (row["touchpoint"], column) in hidden
    if column == "pain_n":
        return _moments(row, language, hidden)
    if off or not known(value) or value == "":
        return {"text": HIDDEN if off else MISSING, "v": "", "more": [], "class": "off" if off else "none"}
    if column == "stage":
        return {"text": STAGE_WORDS[value][language], "v": STAGE_WORDS[value][language], "more": [], "class": ""}
    if column == "channel":
        return {"text": named(CHANNEL_WORDS, value, language), "v": str(value), "more": [], "class": ""}
    if column == "owner":
        source = row.get("owner_source")
        note = [words.say(str(source), language)] if source in ("declared", "mined") else []
        return {"text": softened(str(value)), "v": str(value), "more": note, "class": ""}
    facts = Facts(row, language, hidden)
    text, more, style = words.number(value, language), [], ""
    if column == "reach":
        text = words.percent(value, language)
        more = [words.interval(row.get("reach_low"), row.get("reach_high"), language, 0, share=True)]
    elif column in ("score_mean", "gap_mean", "sentiment_mean"):
        part, digits = column.removesuffix("_mean"), 2 if column == "sentiment_mean" else 1
        text = words.number(value, language, digits) if part == "score" else signed(value, language, digits)
        ends = gap_digits(row) if part == "gap" else digits
        more = [words.interval(row.get(f"{part}_low"), row.get(f"{part}_high"), language, ends), facts.of(f"{part}_n")]
        style = {"above": "good", "below": "bad"}.get(gap_kind(row), "") if part == "gap" else ""
    elif column == "wait_median_s":
        slow: Any = row.get("wait_p90_s")
        text = words.duration(value, language)
        more = [f"p90 {words.duration(slow, language)}" if known(slow) else "", facts.of("wait_n")]
    return {"text": text, "v": f"{float(value):g}", "more": [m for m in more if m], "class": style}


def _moments(row: dict[str, Any], language: str, hidden: set[tuple[str, str]]) -> dict[str, Any]:
    """WOW and pain beside each other, of so many answers that have an expectation."""
    facts = Facts(row, language, hidden)
    asked = known(row.get("gap_mean"))
    unseen = any((row["touchpoint"], c) in hidden for c in ("wow_n", "pain_n"))
    if not asked and not unseen:
        return {"text": MISSING, "v": "", "more": [], "class": "none"}
    pain: Any = row.get("pain_n")
    counts = [facts.count("wow_n"), facts.count("pain_n")]
    pairs: Any = row.get("rated_pairs_n")
    return {
        "text": " / ".join(counts),
        "v": f"{float(pain):g}" if known(pain) else "",
        "more": [say("of_pairs", language, n=words.number(pairs, language))] if known(pairs) else [],
        "class": "off" if set(counts) == {HIDDEN} else "",
    }


def _ways(run: RunTables, labels: dict[str, str], language: str) -> dict[str, Any]:
    total = run.counts.get("variants", len(run.variants))
    values = {"shown": words.number(len(run.variants), language), "min": run.min_cell, "all": _count(total, language)}
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


_LEDGER = ("read", "kept", "rejected", "duplicate", "merged", "context")


def _ledger(run: RunTables, language: str) -> dict[str, Any]:
    inputs = list(run.manifest.get("inputs", []))
    rows = [
        {
            "source": str(i["source"]),
            "name": str(i.get("shown") or i["name"]),  # an exported chat is called after the customer
            "counts": [words.number(int(i.get(c, 0)), language) for c in _LEDGER],
            "sha": str(i["sha256"])[:12],
        }
        for i in inputs
    ]
    total = [words.number(sum(int(i.get(c, 0)) for i in inputs), language) for c in _LEDGER]
    wrong = run.unbalanced
    return {
        "heads": [say(f"c_{c}", language) for c in _LEDGER],
        "rows": rows,
        "total": total,
        "wrong": say("ledger_wrong", language, names=", ".join(wrong)) if wrong else "",
    }


_RULES: Final = {
    "customer": "link_customer", "journey": "link_journey", "reference": "link_reference", "touchpoint": "link_touchpoint",
}  # fmt: skip
"""What a rule of linking is called on the page."""


def _links(run: RunTables, language: str) -> list[list[str]]:
    rows = []
    for row in records(run.links):
        counts = [
            words.number(row[c], language) if known(row[c]) else HIDDEN
            for c in ("answers", "matched", "unmatched", "ambiguous")
        ]
        lag: Any = row.get("median_lag_s")
        rule = str(row["rule"])
        rule = say(_RULES[rule], language) if rule in _RULES else rule
        rows.append([str(row["survey"]), rule, *counts, words.duration(lag, language) if known(lag) else MISSING])
    return rows


def _method(run: RunTables, language: str) -> dict[str, Any]:
    lines = [say("m_reach", language), say("m_flow", language), say("m_interval", language)]
    if len(run.drivers):
        lines += [say("m_drivers", language), say("association", language)]
    lines.append(
        say("m_privacy", language, n=run.min_cell, hidden=words.number(len(run.suppressed), language), sign=HIDDEN)
    )
    versions = run.manifest.get("versions") or {}
    if versions:
        lines.append(say("m_versions", language, versions=", ".join(f"{k} {versions[k]}" for k in sorted(versions))))
    notes = [*run.manifest.get("notes", []), *((run.verdict.get("figures") or {}).get("notes") or [])]
    told = [
        (translate(str(note), language), "en" if language != "en" and not is_known(str(note)) else "") for note in notes
    ]
    english = any(tongue for _, tongue in told)
    return {
        "lines": lines,
        "notes": told,
        "head": say("m_notes_mixed" if english else "m_notes", language),
        "words": _glossary(run, language),
    }


def _glossary(run: RunTables, language: str) -> list[tuple[str, str]]:
    """Return the words of the trade that stand on this page, each with what it means."""
    used = ["g_interval", "g_n"]
    used += ["g_share", "g_psi", "g_r2", "g_halo"] if len(run.drivers) else []
    used += ["g_p90"] if "wait_median_s" in run.touchpoints and run.touchpoints["wait_median_s"].notna().any() else []
    used += ["g_model"] if known(run.model.get("fitness")) else []
    pairs = [say(key, language).split("|", 1) for key in used]
    return [(name, meaning) for name, meaning in pairs]
