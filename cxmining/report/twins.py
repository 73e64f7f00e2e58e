"""The table that stands beside each figure, for whoever cannot point at it, and what a touchpoint is in it in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from cxmining.experience.curve_picture import Scene
from cxmining.i18n import signed
from cxmining.maps import words
from cxmining.maps.tables import records
from cxmining.maps.words import HIDDEN, METRIC_WORDS, MISSING, known, named
from cxmining.report.messages import say
from cxmining.report.tables import RunTables

__all__ = ["curve_twin", "feeling_twin", "felt", "picked", "share_twin"]

Cell = dict[str, str]
_PARTS: Final = (("score", "c_score"), ("expected", "c_expected"), ("gap", "c_gap"), ("emotion", "c_emotion"))


def share_twin(run: RunTables, labels: Mapping[str, str], language: str) -> dict[str, Any]:
    """Return the bars as a table: share with its interval, rank with the ranks it may have, n."""
    rows = []
    for rank, row in enumerate(_by_share(run.drivers), start=1):
        name = str(row["touchpoint"])
        cells = [
            _cell(str(rank)),
            _cell(words.percent(row["share"], language), _span(row, "share_low", "share_high", language)),
            _cell(_ranks(row, language)),
            _cell(words.number(row["n"], language) if known(row.get("n")) else HIDDEN),
        ]
        rows.append({"id": name, "label": labels.get(name, name), "cells": cells})
    heads = [say(k, language) for k in ("c_touchpoint", "c_rank", "c_fair", "c_ranks", "c_n")]
    return {"heads": heads, "rows": rows}


def curve_twin(pareto: pd.DataFrame, labels: Mapping[str, str], language: str) -> dict[str, Any]:
    """Return the curve as a table: what the first so many predict together, and a flat halo beside it."""
    based = "baseline" in pareto and bool(pareto["baseline"].notna().any())
    rows = []
    for row in records(pareto.sort_values("rank")):
        name = str(row.get("touchpoint", ""))
        cells = [
            _cell(str(int(row["rank"]))),
            _cell(words.percent(row["cumulative"], language), _span(row, "low", "high", language)),
        ]
        if based:
            cells.append(_cell(words.percent(row["baseline"], language) if known(row["baseline"]) else MISSING))
        rows.append({"id": name, "label": labels.get(name, name), "cells": cells})
    keys = ("c_touchpoint", "c_rank", "c_together", *(("c_halo",) if based else ()))
    return {"heads": [say(k, language) for k in keys], "rows": rows}


def picked(run: RunTables, pareto: pd.DataFrame, labels: Mapping[str, str], language: str) -> dict[str, str]:
    """Return touchpoint → what it is among those that decide: share, rank and n, and what the first so many predict."""
    drivers = _by_share(run.drivers)
    first: dict[str, Any] = (
        {str(r["touchpoint"]): r for r in records(pareto)} if len(pareto) and "touchpoint" in pareto else {}
    )
    said = {}
    for rank, row in enumerate(drivers, start=1):
        name = str(row["touchpoint"])
        low, high = row.get("rank_low"), row.get("rank_high")
        between = (
            say("picked_ranks", language, low=int(low), high=int(high))
            if low is not None and high is not None and known(low) and known(high)
            else ""
        )
        text = say(
            "picked_share", language, label=labels.get(name, name), share=words.percent(row["share"], language),
            span=_span(row, "share_low", "share_high", language), rank=rank, p=len(drivers), ranks=between,
            n=f", n = {words.number(row['n'], language)}" if known(row.get("n")) else "",
        )  # fmt: skip
        if name in first:
            k = int(first[name]["rank"])
            text += " " + say(
                "picked_first_one" if k == 1 else "picked_first", language,
                value=words.percent(first[name]["cumulative"], language), span=_span(first[name], "low", "high", language),
                **({} if k == 1 else {"k": k}),
            )  # fmt: skip
        said[name] = text
    return said


def feeling_twin(scene: Scene, language: str) -> dict[str, Any]:
    """Return the lines of the emotional journey as a table: a row per place (and group), each mean with interval and n."""
    points = pd.concat([scene.points, scene.expected], ignore_index=True)
    there: dict[tuple[str, str, str], dict[str, Any]] = {
        (str(r["group"]), str(r["line"]), str(r["place"])): r for r in records(points)
    }
    parts = [(line, key) for line, key in _PARTS if any(line == at[1] for at in there)]
    several = len(scene.groups) > 1
    rows = []
    for place in scene.places:
        for group in scene.groups:
            cells = [_mean(there.get((group, line, place)), scene.absent(group, line, place), line, language) for line, _ in parts]  # fmt: skip
            rows.append(
                {
                    "id": place if scene.by == "touchpoint" else "",
                    "label": scene.label(place, language),
                    "cells": [*([_cell(scene.label(group, language))] if several else []), *cells],
                }
            )
    heads = [say("c_touchpoint" if scene.by == "touchpoint" else "c_place", language)]
    heads += [say("c_group", language)] if several else []
    heads += [_head(line, key, scene, language) for line, key in parts]
    return {"heads": heads, "rows": rows}


def felt(twin: Mapping[str, Any]) -> dict[str, str]:
    """Return touchpoint → its row in words: each mean with interval and n; what is hidden or not measured has its sign."""
    said = {}
    for row in twin["rows"]:
        parts = [
            f"{head} {cell['text']} {cell['small']}".strip()
            for head, cell in zip(twin["heads"][1:], row["cells"], strict=True)
        ]
        said[row["id"]] = f"{row['label']}: {'; '.join(parts)}."
    return said


def _head(line: str, key: str, scene: Scene, language: str) -> str:
    if line != "score" or not scene.metric:
        return say(key, language)
    low, high = scene.scale
    return f"{named(METRIC_WORDS, scene.metric, language)} {low:g}–{high:g}"


def _mean(row: Mapping[str, Any] | None, absent: str, line: str, language: str) -> Cell:
    if row is None or not known(row["mean"]):
        return _cell(absent)
    digits = 2 if line == "emotion" else 1
    write = signed if line in ("gap", "emotion") else words.number
    n = f"n = {words.number(row['n'], language)}" if known(row.get("n")) else ""
    span = words.interval(row["low"], row["high"], language, digits)
    return _cell(write(row["mean"], language, digits), " · ".join(t for t in (span, n) if t))


def _cell(text: str, small: str = "") -> Cell:
    return {"text": text, "small": small}


def _span(row: Mapping[str, Any], low: str, high: str, language: str) -> str:
    return str(words.interval(row.get(low), row.get(high), language, 0, share=True))


def _ranks(row: Mapping[str, Any], language: str) -> str:
    low, high = row.get("rank_low"), row.get("rank_high")
    if low is None or high is None or not known(low) or not known(high):
        return MISSING
    return f"{int(low)}–{int(high)}" if int(low) != int(high) else str(int(low))


def _by_share(drivers: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as the bars stand: the largest share first, equals by name."""
    return records(drivers.sort_values(["share", "touchpoint"], ascending=[False, True]))
