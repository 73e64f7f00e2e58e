"""What stands under every figure: of how many, cut how, and how many figures are hidden there."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from cxmining.i18n import date, translate
from cxmining.maps import words
from cxmining.maps.tables import label_of, records
from cxmining.maps.words import HIDDEN, MISSING, known
from cxmining.report.messages import say
from cxmining.report.tables import RunTables

__all__ = ["chain", "count", "day", "hidden_rows", "notion", "rows_of"]


def rows_of(suppressed: pd.DataFrame, file: str, column: str = "") -> pd.DataFrame:
    """Return the lines of the suppression log about one file, and about columns that match `column`."""
    rows = suppressed[suppressed["file"] == file]
    return rows[rows["column"].astype(str).str.match(column)] if column else rows


def hidden_rows(suppressed: pd.DataFrame, file: str) -> int:
    """Rows of a file that are left out: each has a line of its own, or one line gives their number."""
    total = 0
    for key in rows_of(suppressed, file)["key"].astype(str).unique():
        number = re.match(r"\((\d+) ", key)
        total += int(number[1]) if number else 1
    return total


def chain(run: RunTables, language: str, hidden: int) -> str:
    """Return what stands under a figure: how many journeys, cut by which rule, and how many figures are hidden."""
    c = run.counts
    text = say(
        "chain",
        language,
        journeys=count(c.get("journeys"), language),
        customers=count(c.get("customers"), language),
        notion=notion(run, language),
    )
    tail = say("chain_open", language)
    if hidden:
        values = {"sign": HIDDEN} | ({} if hidden == 1 else {"n": words.number(hidden, language)})
        tail = say("chain_hidden_one" if hidden == 1 else "chain_hidden", language, **values)
    return f"{text} · {tail}"


def notion(run: RunTables, language: str) -> str:
    """Return what one journey is in this run, in words."""
    rule = run.study.get("journeys") or {}
    if rule.get("by") not in ("customer", "case", "thread"):
        return translate(str(run.counts.get("case_notion") or MISSING), language)
    named = rule.get("goal") or rule.get("exclude")
    labels = {row["touchpoint"]: label_of(row, language) for row in records(run.touchpoints)} if named else {}
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


def count(value: Any, language: str) -> str:
    """Return a whole number in words, or the sign for what is not known."""
    return words.number(float(value), language) if known(value) else MISSING


def day(value: Any, language: str) -> str:
    """Return a date in words, or the sign for what is not known."""
    return date(pd.Timestamp(value), language) if known(value) else MISSING
