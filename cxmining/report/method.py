"""How it was counted: what was read and kept, how answers were linked, the method and its words."""

from __future__ import annotations

from typing import Any, Final

from cxmining.i18n import is_known, translate
from cxmining.maps import words
from cxmining.maps.tables import records
from cxmining.maps.words import HIDDEN, MISSING, known
from cxmining.report.messages import say
from cxmining.report.suppression import hidden_figures
from cxmining.report.tables import RunTables

__all__ = ["ledger", "links", "method"]


_LEDGER = ("read", "kept", "rejected", "duplicate", "merged", "context")


def ledger(run: RunTables, language: str) -> dict[str, Any]:
    """Return what became of every record of every file, and the total."""
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


def links(run: RunTables, language: str) -> list[list[str]]:
    """Return one row per survey and rule: how many answers found their contact, and after how long."""
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


def method(run: RunTables, language: str) -> dict[str, Any]:
    """Return the method in sentences, the words of the trade, and what was noted during the run."""
    lines = [say("m_reach", language), say("m_flow", language), say("m_interval", language)]
    if len(run.drivers):
        lines += [say("m_drivers", language), say("association", language)]
    lines.append(
        say(
            "m_privacy",
            language,
            n=run.min_cell,
            hidden=words.number(hidden_figures(run.suppressed), language),
            sign=HIDDEN,
        )
    )
    files = len(run.manifest.get("inputs", []))
    if files:
        said = {"hash": run.fingerprint} | ({} if files == 1 else {"n": words.number(files, language)})
        lines.append(say("m_data_one" if files == 1 else "m_data", language, **said))
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
