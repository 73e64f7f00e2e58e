"""The table of touchpoints, each cell with its small print."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cxmining.figures.breaks import softened
from cxmining.maps import words
from cxmining.maps.emotion import gap_kind
from cxmining.maps.facts import Facts, gap_digits, signed
from cxmining.maps.tables import label_of, records
from cxmining.maps.words import CHANNEL_WORDS, HIDDEN, METRIC_WORDS, MISSING, STAGE_WORDS, known, named
from cxmining.report.messages import say

__all__ = ["cell_of", "shown_columns", "table"]


_COLUMNS: list[tuple[str, str, bool]] = [
    ("touchpoint", "c_touchpoint", False), ("stage", "c_stage", False), ("channel", "c_channel", False), ("owner", "c_owner", False),
    ("events", "c_events", True), ("journeys", "c_journeys", True), ("reach", "c_reach", True), ("score_mean", "c_score", True),
    ("gap_mean", "c_gap", True), ("pain_n", "c_moments", True), ("sentiment_mean", "c_sentiment", True),
    ("wait_median_s", "c_wait", True),
]  # fmt: skip


def shown_columns(touchpoints: pd.DataFrame, hidden: set[tuple[str, str]]) -> list[tuple[str, str, bool]]:
    """Return the columns of the table, its message and whether it is numeric; one in which nothing was measured stays out."""

    def filled(column: str) -> bool:
        return column in touchpoints and bool(
            (touchpoints[column].notna() & (touchpoints[column].astype(str) != "")).any()
        )

    off = {column for _, column in hidden}
    kept = [c for c in _COLUMNS if c[0] == "touchpoint" or filled(c[0]) or c[0] in off]
    return kept if filled("gap_mean") or "gap_mean" in off else [c for c in kept if c[0] != "pain_n"]


def table(touchpoints: pd.DataFrame, language: str, hidden: set[tuple[str, str]]) -> dict[str, Any]:
    """One row per touchpoint."""
    kept = shown_columns(touchpoints, hidden)
    rows = []
    for row in records(touchpoints):
        cells = [cell_of(row, column, language, hidden) for column, _, _ in kept[1:]]
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


def cell_of(row: dict[str, Any], column: str, language: str, hidden: set[tuple[str, str]]) -> dict[str, Any]:
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
