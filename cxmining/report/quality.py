"""The section on data quality: what was rejected and what helps, and what no rule maps."""

from __future__ import annotations

import re
from typing import Any, Final

import pandas as pd

from cxmining.i18n import number, percent, speaking
from cxmining.remedies import RECORDS
from cxmining.report.tables import RunTables

__all__ = ["quality"]

_MOST: Final = 40  # rows: the whole list stands beside the page
_HIDDEN: Final = r"\((\d+) labels, (\d+) events\)"
say = speaking("quality")


def quality(run: RunTables, language: str) -> dict[str, Any]:
    """Return what the section shows; places and reasons, never what stands in a record."""
    return {
        "name": say("quality", language),
        "short": _short(run, language),
        "lead": say("lead", language),
        "why": _why(run, language),
        "unmapped": _unmapped(run, language),
    }


def _counted(n: int, one: str, several: str, language: str) -> str:
    return say(one if n == 1 else several, language, n=number(n, language))


def _short(run: RunTables, language: str) -> str:
    """Say it in one line, which is what a closed section shows."""
    cells = int(run.rejects.loc[run.rejects["cell"].notna(), "n"].sum())
    inputs = list(run.manifest.get("inputs", []))
    records = sum(int(i.get("rejected", 0)) for i in inputs)
    read = number(sum(int(i.get("read", 0)) for i in inputs), language)
    if records or cells:
        first = say(
            "rejected", language, records=_counted(records, "record", "records", language),
            cells=_counted(cells, "cell", "cells", language),
        )  # fmt: skip
    else:
        first = say("none", language)
    return f"{first} {say('of_read', language, n=read)}" + (f" · {_left(run, language)}" if _rules(run) else "")


def _rules(run: RunTables) -> bool:
    return bool(run.study.get("rules"))


def _rest(run: RunTables) -> tuple[int, int]:
    """Number of labels that are hidden, and of their events."""
    keys = run.suppressed.loc[run.suppressed["file"] == "unmapped.csv", "key"].astype("str")
    found = keys.str.extract(_HIDDEN).dropna().astype("int64")
    return (int(found[0].sum()), int(found[1].sum())) if len(found) else (0, 0)


def _left(run: RunTables, language: str) -> str:
    n = int(run.unmapped["events"].sum()) + _rest(run)[1]
    if not n:
        return say("all_mapped", language)
    every = int(run.counts.get("events", 0))
    return say("unmapped_n", language, n=number(n, language), all=number(every, language))


def _why(run: RunTables, language: str) -> dict[str, Any]:
    rejects = run.rejects
    shown = {str(i["source"]): str(i.get("shown") or i["name"]) for i in run.manifest.get("inputs", [])}
    rows = []
    for row in rejects.head(_MOST).to_dict("records"):
        code = str(row["code"])
        (name, name_nl), (fix, fix_nl) = RECORDS.get(code, RECORDS["other"])
        cell = row["cell"]
        rows.append(
            {
                # a line may end behind a folder
                "file": str(row["file"] if pd.notna(row["file"]) else shown.get(str(row["source"]), "")).replace(
                    "/", "/\u200b"
                ),
                "source": str(row["source"]),
                "what": say("whole_record", language) if pd.isna(cell) else say("in_cell", language, name=str(cell)),
                "name": name_nl if language == "nl" else name,
                "reason": str(row["reason"]),
                "n": number(int(row["n"]), language),
                "where": _place(str(row["examples"]).split("; ")[0], language),
                "fix": fix_nl if language == "nl" else fix,
            }
        )
    return {
        "title": say("why", language),
        "none": _sentence(say("none", language)),
        "heads": [say(k, language) for k in ("c_why", "c_where", "c_fix")],
        "n": say("c_n", language),
        "rows": rows,
        "longer": _longer(len(rejects), "rejects.csv", language),
    }


def _place(text: str, language: str) -> str:
    return re.sub(r"(?<=\d),(?=\d)", ".", text.replace("line ", "regel ")) if language == "nl" else text


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _longer(n: int, file: str, language: str) -> str:
    return say("longer", language, n=_MOST, all=number(n, language), file=file) if n > _MOST else ""


def _unmapped(run: RunTables, language: str) -> dict[str, Any]:
    rows = [
        {
            "label": str(row["label"]),
            "events": number(int(row["events"]), language),
            "share": percent(float(row["share"]), language, 1),
        }
        for row in run.unmapped.head(_MOST).to_dict("records")
    ]
    labels, events = _rest(run)
    if labels:
        kind = "rest_one" if labels == 1 else "rest"
        values = {"min": run.min_cell} | ({} if labels == 1 else {"n": number(labels, language)})
        rows.append({"label": say(kind, language, **values), "events": number(events, language), "share": ""})
    return {
        "title": say("unmapped", language),
        "lead": say("unmapped_lead", language)
        if rows
        else _sentence(say("all_mapped" if _rules(run) else "no_rules", language)),
        "heads": [say(k, language) for k in ("c_label", "c_events", "c_share")],
        "rows": rows,
        "longer": _longer(len(run.unmapped), "unmapped.csv", language),
    }
