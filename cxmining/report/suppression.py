"""The suppression log: which figures are known and not shown, of what, and why. Never what they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from cxmining.i18n import CATALOGUE, CHANNEL_LABELS, EMOTION_LABELS, STAGE_LABELS, named, number, speaking, translate
from cxmining.report.messages import say
from cxmining.report.tables import RunTables

__all__ = ["hidden_figures", "suppression"]

_NUMBERED: Final = re.compile(r"\((\d+) ([^)]*)\)")
"""What is hidden as a whole is counted and not named."""
_PART: Final = re.compile(r"_(?:mean|low|high|n|median_s|p90_s|s)$")
_FILES: Final = {
    "touchpoints.csv": "table", "dfg.csv": "map", "variants.csv": "ways", "paths.csv": "hid_paths", "overall.csv": "hid_overall",
    "emotional_journey.csv": "emotion", "cx_map.csv": "cx_map", "blueprint.csv": "blueprint", "handovers.csv": "blueprint",
    "personas.csv": "toc_personas", "stakeholders.csv": "toc_stakeholders", "drivers.csv": "decide", "unmapped.csv": "hid_unmapped",
    "slices.csv": "hid_slices", "slice_touchpoints.csv": "hid_slices", "slice_edges.csv": "hid_slices", "slice_variants.csv": "hid_slices",
}  # fmt: skip
"""What a file is called on the page."""
_COLUMNS: Final = {
    "score": "c_score", "expected": "c_expected", "gap": "c_gap", "wow": "hid_wow", "pain": "hid_pain", "rated_pairs": "hid_pairs",
    "sentiment": "c_sentiment", "emotion": "c_emotion", "wait": "c_wait", "row": "hid_row", "channel_mix": "hid_traffic",
    "events": "hid_traffic", "journeys": "hid_traffic", "customers": "hid_traffic", "reach": "hid_traffic", "share": "c_share",
}  # fmt: skip
_PATHS: Final = {"happy": "hid_happy", "promoters": "hid_promoters", "detractors": "hid_detractors"}
_NOUNS: Final = {
    "transition": ("hid_transitions_one", "hid_transitions"), "variant": ("hid_variants_one", "hid_variants"),
    "hand-over": ("hid_handovers_one", "hid_handovers"), "label": ("hid_labels_one", "hid_labels"),
    "touchpoint": ("hid_touchpoints_one", "hid_touchpoints"),
}  # fmt: skip


def hidden_figures(suppressed: pd.DataFrame) -> int:
    """Return how many figures are hidden; a line that stands for many counts for as many.

    Examples
    --------
    >>> hidden_figures(pd.DataFrame({"key": ["bill", "(237 transitions)"]}))
    238
    """
    keys = suppressed["key"].astype("str").str.extract(_NUMBERED.pattern)[0]
    return int(pd.to_numeric(keys).fillna(1).sum())


def suppression(run: RunTables, labels: Mapping[str, str], language: str) -> dict[str, Any]:
    """Return the log in two sizes: per figure and reason, and per touchpoint (or what else it is about)."""
    rows = _rows(run, labels, language)
    if not len(rows):
        return {"shown": False, "lead": say("hid_none", language, n=run.min_cell), "short": [], "whole": []}
    short = rows.groupby(["at", "figure", "reason"], sort=False).agg(
        n=("n", "sum"), about=("about", "nunique"), one=("about", "first")
    )
    what = rows.groupby(["at", "figure", "about", "reason"], sort=False).agg(
        n=("n", "sum"), what=("what", lambda w: ", ".join(dict.fromkeys(w)))
    )
    total = hidden_figures(run.suppressed)
    return {
        "shown": True,
        "lead": say(
            "hid_lead_one" if total == 1 else "hid_lead", language, n=number(total, language), min=run.min_cell
        ),
        "heads": [say(k, language) for k in ("hid_figure", "hid_about", "hid_why", "hid_n")],
        "short": [
            {
                "figure": figure,
                "about": rest.one if rest.about == 1 else say("hid_things", language, n=number(rest.about, language)),
                "reason": reason,
                "n": number(rest.n, language),
            }
            for (_, figure, reason), rest in _sorted(short)
        ],
        "every": say("hid_every", language),
        "names": [say(k, language) for k in ("hid_figure", "hid_subject", "hid_which", "hid_why", "hid_n")],
        "whole": [
            {"figure": figure, "about": about, "what": rest.what, "reason": reason, "n": number(rest.n, language)}
            for (_, figure, about, reason), rest in _sorted(what)
        ],
        "file": say("hid_file", language),
    }


def _sorted(table: pd.DataFrame) -> list[tuple[Any, Any]]:
    """Return rows in the order of the page, within one figure as they were hidden."""
    ordered = table.sort_index(level="at", sort_remaining=False, kind="stable")
    return list(zip(ordered.index, ordered.itertuples(index=False), strict=True))


def _rows(run: RunTables, labels: Mapping[str, str], language: str) -> pd.DataFrame:
    """Return each line of ``suppressed.csv`` in words."""
    places = {name: i for i, name in enumerate(dict.fromkeys(_FILES.values()))}
    out = []
    for file, key, column, reason in run.suppressed[["file", "key", "column", "reason"]].astype("object").fillna("").astype("str").itertuples(index=False):  # fmt: skip
        numbered = _NUMBERED.match(key)
        about, what = _of(file, key, column, labels, language)
        out.append(
            {
                "at": places.get(_FILES.get(file, ""), len(places)),
                "figure": say(_FILES[file], language) if file in _FILES else f"share/{file}",
                "about": about,
                "what": what,
                "reason": _reason(reason, language),
                "n": int(numbered[1]) if numbered else 1,
            }
        )
    return pd.DataFrame(out, columns=["at", "figure", "about", "what", "reason", "n"])


def _of(file: str, key: str, column: str, labels: Mapping[str, str], language: str) -> tuple[str, str]:
    """Return what a hidden figure is about, and which figure it is."""
    numbered = _NUMBERED.match(key)
    if numbered:
        n, noun = int(numbered[1]), numbered[2].split(",")[0].rstrip("s")
        about = say(_NOUNS[noun][n != 1], language, n=number(n, language)) if noun in _NOUNS else key
        part = _slice(key[numbered.end() :].strip(), language)
        return f"{part}: {about}" if part and noun in _NOUNS else about, _column(column, language)
    if file == "emotional_journey.csv" and key.count(" | ") >= 4:
        by, _, group, line, place = (part.strip() for part in key.split(" | ", 4))
        where = labels.get(place, place)
        if by == "stage":
            where = named(STAGE_LABELS, place, language) if place in STAGE_LABELS else say("hid_no_stage", language)
        elif by == "position":
            where = say("hid_position", language, n=place)
        about = where if group in ("", "all journeys") else f"{where}, {translate(group, language)}"
        return about, _column(line, language)
    if not key:  # what stands in no stage has no name in a table of stages
        return say("hid_no_stage", language), _column(column, language)
    if file == "paths.csv" and key in _PATHS:
        return say(_PATHS[key], language), _column(column, language)
    return labels.get(key, _plain(key, language)), _column(column, language)


def _slice(text: str, language: str) -> str:
    """Return what part of the journeys a line is about, where it is about one: a channel, a persona, both."""
    parts = []
    for part in text.split(", ") if text else []:
        kind, _, name = part.partition(" ")
        parts.append(named(CHANNEL_LABELS, name, language) if kind == "channel" else part)
    return ", ".join(parts)


def _plain(key: str, language: str) -> str:
    """Return the name of a row that is no touchpoint: a part of a persona, all contacts together."""
    if key == "(contact)":
        return say("hid_all", language)
    head, colon, row = key.partition(": ")
    part = CATALOGUE["personas"].get(row)
    # “What goes with {target}” is said without the target
    return f"{head}: {re.sub(r' ?{[a-z]+}', '', part[language]).lower()}" if colon and part else key


def _column(column: str, language: str) -> str:
    part = _PART.sub("", column)
    if part in _COLUMNS:
        return say(_COLUMNS[part], language).lower()
    for words in (EMOTION_LABELS, CHANNEL_LABELS):
        if part in words:
            return words[part][language]
    for room in ("cx_map", "blueprint"):
        if part in CATALOGUE[room]:
            return speaking(room)(part, language).lower()
    return column


def _reason(reason: str, language: str) -> str:
    few = re.fullmatch(r"fewer than (\d+) customers( or answers)?", reason)
    if few:
        return say("hid_few_answers" if few[2] else "hid_few", language, n=few[1])
    if reason == "protects another hidden cell":
        return say("hid_protects", language)
    if reason == "number of customers unknown":
        return say("hid_unknown", language)
    return translate(reason, language)
