"""What a journey map holds, as plain JSON: the widget and the drawing show the same."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

import pandas as pd

from cxmining.i18n import speaking
from cxmining.journeys.variants.paths import PATHS
from cxmining.maps import words
from cxmining.maps.facts import Facts
from cxmining.maps.journey.gathering import REST, Gathered
from cxmining.maps.tables import START_END, label_of, records
from cxmining.maps.words import CHANNEL_WORDS, HIDDEN, METRIC_WORDS, MISSING, STAGE_WORDS, known, say
from cxmining.schema import CHANNELS, STAGES

__all__ = ["LABELS", "brief_time", "coverage_of", "many", "spec_of", "tell"]

tell = speaking("journey_map")
SAID: Final = ("map", "flow", "shown", "shown_hidden", "selected", "clear", "from", "to", "nothing")
"""What the widget says of itself."""
MANY: Final = 0.05
"""Touchpoints where at least this part of the journeys starts (ends) are marked."""
LABELS: Final = ("count", "time", "both")
MOSTLY: Final = 0.5
"""An edge is dashed when the channel changes in more than this part of its walks."""


def many(key: str, n: float, language: str) -> str:
    """Write a count with its noun: one is one.

    Examples
    --------
    >>> many("journeys", 1, "en"), many("customers", 1200, "nl")
    ('1 journey', '1.200 klanten')
    """
    return tell(f"{key}_1", language) if n == 1 else tell(f"{key}_n", language, n=words.number(n, language))


def brief_time(seconds: float, language: str) -> str:
    """Write a duration in its largest unit, for where there is little room; the tip has it in full.

    Examples
    --------
    >>> brief_time(86_400, "en"), brief_time(112_000, "nl"), brief_time(2_590_000, "en"), brief_time(0.2, "en")
    ('1 d', '1,3 d', '30 d', '<1 s')
    """
    for unit, en, nl in ((86_400, "d", "d"), (3_600, "h", "u"), (60, "min", "min")):
        if seconds >= unit:
            value = round(seconds / unit, 1 if seconds < 9.95 * unit else 0)
            return f"{words.number(value, language, int(value % 1 > 0))} {nl if language == 'nl' else en}"
    return words.duration(seconds, language)


def spec_of(of: Gathered, language: str, label: str, coverage: float | None, edges: int | None) -> dict[str, Any]:
    """Return what the widget draws: stages, nodes, edges, paths, words."""
    labels = {row["touchpoint"]: label_of(row, language) for row in records(of.touchpoints)}
    if of.grouped:
        labels[REST] = many("more", len(of.grouped), language)
    lines = _edges(of.dfg, of.touchpoints, labels, language, label)
    starts, ends = _ends(of.dfg)
    scale = _scale(of.touchpoints, language)
    nodes = [
        _node(
            row,
            labels[row["touchpoint"]],
            of,
            language,
            starts.get(row["touchpoint"]),
            ends.get(row["touchpoint"]),
            scale is not None,
        )
        for row in records(of.touchpoints)
    ]
    used = {node["channel"] for node in nodes}
    staged = _stages(of.touchpoints, language)
    if edges is not None:
        weight = [e["v"] for e in lines]
        flow = (sum(weight[:edges]) - 0.5) / sum(weight) if weight else 1.0
    else:
        flow = _readable(lines, len(nodes)) if coverage is None else float(coverage)
    hints = ["size_reach", "line_count"]
    hints += [key for key, mark in (("line_switch", "switch"), ("line_back", "back")) if any(mark in e for e in lines)]
    hints += ["marks"] if any(n["starts"] or n["ends"] for n in nodes) else []
    return {
        "version": 1,
        "language": language,
        "stages": staged,
        "nodes": nodes,
        "edges": lines,
        "channels": [{"id": c, "label": CHANNEL_WORDS[c][language]} for c in CHANNELS if c in used],
        "flow": max(0.0, min(1.0, flow)),
        "hidden": of.hidden_edges,
        "scale": scale,
        "paths": _paths(of, labels, language),
        "text": {
            **{key: say(key, language) for key in SAID},
            "hint": " · ".join(tell(k, language) for k in hints),
            "paths": tell("paths", language),
            "unrated": tell("unrated", language),
            "unscored": tell("paths_unknown", language) if of.paths is not None and of.paths.metric is None else "",
        },
    }


def coverage_of(spec: Mapping[str, Any]) -> tuple[list[dict[str, Any]], float]:
    """Return the edges that are drawn at first, and the part of the flow that they are."""
    on = {(a, b) for path in spec["paths"] for a, b in path["edges"]}
    total = sum(e["v"] for e in spec["edges"])
    shown, passed = [], 0
    for edge in spec["edges"]:
        if passed < spec["flow"] * total - 1e-9 or (edge["s"], edge["t"]) in on:
            shown.append(edge)
        passed += edge["v"]
    return shown, sum(e["v"] for e in shown) / total if total else 1.0


def _stages(touchpoints: pd.DataFrame, language: str) -> list[dict[str, str]]:
    present = set(touchpoints["stage"])
    if present <= {""}:
        return []
    found = []
    for stage in (*STAGES, ""):
        if stage not in present:
            continue
        count = int((touchpoints["stage"] == stage).sum())
        caption = say("touchpoints_1", language) if count == 1 else say("touchpoints_n", language, n=count)
        found.append({"id": stage, "label": STAGE_WORDS[stage][language], "caption": caption})
    return found


def _edges(
    dfg: pd.DataFrame, touchpoints: pd.DataFrame, labels: Mapping[str, str], language: str, label: str
) -> list[dict[str, Any]]:
    turn = {stage: i for i, stage in enumerate(STAGES)}
    stage_of = {row["touchpoint"]: turn.get(row["stage"]) for row in records(touchpoints)}
    usual = (
        dict(zip(touchpoints["touchpoint"], touchpoints["channel"], strict=True)) if "channel" in touchpoints else {}
    )
    weight = "journeys" if "journeys" in dfg.columns else "n"
    inside = dfg[dfg["source"].isin(labels) & dfg["target"].isin(labels)].dropna(subset=[weight])
    found = []
    for row in records(inside.sort_values([weight, "source", "target"], ascending=[False, True, True])):
        count = words.number(row[weight], language)
        time = words.duration(row["median_s"], language) if known(row.get("median_s")) else ""
        brief = brief_time(row["median_s"], language) if time else ""
        said = {"count": count, "time": brief or count, "both": f"{count} · {brief}" if brief else count}[label]
        told = [many("journeys" if weight == "journeys" else "walks", row[weight], language)]
        if time:
            told.append(tell("median", language, time=time, n=words.number(row["n"], language)))
        switch, sentence = _switch(row, usual, language)
        told += [sentence] if sentence else []
        before, after = stage_of[row["source"]], stage_of[row["target"]]
        found.append(
            {
                "s": row["source"],
                "t": row["target"],
                "v": int(row[weight]),
                "label": said,
                "title": f"{labels[row['source']]} → {labels[row['target']]}: {', '.join(told)}",
                **({"back": True} if before is not None and after is not None and after < before else {}),
                **({"switch": True} if switch else {}),
            }
        )
    return found


def _switch(row: Mapping[str, Any], usual: Mapping[str, Any], language: str) -> tuple[bool, str]:
    """Whether the channel mostly changes, and what is known of it."""
    share: Any = row.get("switch_share")
    if known(share):
        if share == 0:
            return False, tell("no_switch", language)
        return share > MOSTLY, tell("switches", language, share=words.percent(share, language))
    if "switch_share" in row or row["source"] == row["target"]:
        return False, ""
    a, b = usual.get(row["source"]), usual.get(row["target"])
    differ = known(a) and known(b) and a != b and "other" not in (a, b)
    return differ, tell("usual_switch", language) if differ else ""


def _ends(dfg: pd.DataFrame) -> tuple[dict[str, tuple[int, float]], dict[str, tuple[int, float]]]:
    """Journeys that start (end) at each touchpoint, and which part of all journeys that is."""
    out = []
    for own, other, mark in (("source", "target", START_END[0]), ("target", "source", START_END[1])):
        rows = dfg[dfg[own] == mark].dropna(subset=["n"])
        total = float(rows["n"].sum()) or 1.0
        out.append({str(k): (int(n), float(n) / total) for k, n in zip(rows[other], rows["n"], strict=True)})
    return out[0], out[1]


def _readable(edges: list[dict[str, Any]], nodes: int) -> float:
    """The largest share of the flow whose lines the eye can still follow: about two per touchpoint."""
    total = sum(e["v"] for e in edges)
    if not total or len(edges) <= 2 * nodes:
        return 1.0
    shown = sum(e["v"] for e in edges[: 2 * nodes])
    return max(0.3, min(1.0, int(100 * shown / total) / 100))


def _node(
    row: Mapping[str, Any],
    label: str,
    of: Gathered,
    language: str,
    start: tuple[int, float] | None,
    end: tuple[int, float] | None,
    rated_any: bool,
) -> dict[str, Any]:
    facts = Facts(row, language, of.hidden)
    badge, reach = facts.reach(), row.get("reach")
    channel = str(row["channel"]) if row.get("channel") in CHANNELS else "other"
    lines = facts.all()
    for found, word in ((start, "starts"), (end, "ends")):
        if found:
            lines.append((say(word, language), words.number(found[0], language), words.percent(found[1], language)))
    tone, score, rated = _felt(row, facts, of, language)
    if rated_any and not rated:  # the circle shows a sign, which nobody can hear
        rated = tell("score_hidden" if score == HIDDEN else "unrated", language)
    said = [f"{say('reach', language)} {badge}", rated]
    return {
        "id": row["touchpoint"],
        "label": label,
        "stage": row["stage"],
        "channel": channel,
        "channel_label": CHANNEL_WORDS[channel][language],
        "reach": float(reach) if reach is not None and known(reach) else None,
        "badge": badge,
        "tone": tone,
        "score": score,
        "small": tell("reached", language, share=badge) if rated_any else "",
        "facts": [list(line) for line in lines],
        "starts": bool(start and start[1] >= MANY),
        "ends": bool(end and end[1] >= MANY),
        "title": f"{label}: {', '.join(s for s in said if s)}",
        "aria": f"{label}, {CHANNEL_WORDS[channel][language]}, {', '.join(s for s in said if s)}",
    }


def _felt(row: Mapping[str, Any], facts: Facts, of: Gathered, language: str) -> tuple[int | None, str, str]:
    """Return the step of the diverging scale (0 bad to 4 good), the score, and both with interval and n in words."""
    mean: Any = row.get("score_mean")
    low, high = row.get("score_scale_low"), row.get("score_scale_high")
    if mean is None or not known(mean):
        sign = facts.absent("score_mean")
        return None, sign if sign == HIDDEN else MISSING, ""
    score, more = facts.level("score")
    metric = row.get("score_metric")
    name = words.named(METRIC_WORDS, metric, language) if known(metric) else say("score", language)
    if not (known(low) and known(high)):
        return None, score, f"{name} {score} {more}"
    place = 2 * (float(mean) - float(low)) / (float(high) - float(low)) - 1  # type: ignore[arg-type]
    place = place if of.upward else -place
    return min(4, max(0, round(2 * (place + 1)))), score, f"{name} {score} {more}".strip()


def _scale(touchpoints: pd.DataFrame, language: str) -> dict[str, str] | None:
    """What the colours of the circles are a scale of; None when nothing was rated."""
    if not {"score_mean", "score_scale_low", "score_scale_high"} <= set(touchpoints.columns):
        return None
    rated = touchpoints.dropna(subset=["score_mean", "score_scale_low", "score_scale_high"])
    if not len(rated):
        return None
    first = records(rated.head(1))[0]
    metric = first.get("score_metric")
    name = words.named(METRIC_WORDS, metric, language) if known(metric) else say("score", language)
    ends = {k: words.number(first[f"score_scale_{k}"], language) for k in ("low", "high")}
    return {
        "label": tell("experience", language, metric=name, **ends),
        "bad": tell("bad", language),
        "good": tell("good", language),
        "unrated": tell("unrated", language),
    }


def _paths(of: Gathered, labels: Mapping[str, str], language: str) -> list[dict[str, Any]]:
    """Return the paths that may be shown: steps, edges, and a sentence each with n, share and interval."""
    if of.paths is None:
        return []
    metric = of.paths.metric
    found: list[dict[str, Any]] = []
    seen: dict[tuple[str, ...], str] = {}
    rows = records(of.paths.table)
    if metric is not None:
        there = {row["path"] for row in rows}
        rows += [{"path": kind, "steps": (), "hidden": False, "how": "nobody"} for kind in PATHS if kind not in there]
    for row in rows:
        kind, steps = row["path"], tuple(row["steps"])
        thirds = metric not in (None, "nps") and kind != "happy"
        key = {"promoters": "promoters_high", "detractors": "detractors_low"}.get(kind, kind) if thirds else kind
        name = (
            tell(key, language, metric=words.named(METRIC_WORDS, metric, language)) if thirds else tell(key, language)
        )
        if row["hidden"]:
            told = tell("path_hidden", language, path=name, least=of.min_cell)
        elif row["how"] == "nobody":
            told = tell("path_nobody", language, path=name)
        elif not row["how"] or len(steps) < 2:
            told = tell("path_none", language, path=name)
        else:
            told = tell(
                "path", language, path=name, how=tell(row["how"], language), steps=" → ".join(labels.get(s, s) for s in steps),
                n=words.number(row["customers"], language), of=words.number(row["of"], language),
                share=words.percent(row["share"], language),
                interval=words.interval(row["low"], row["high"], language, 0, share=True),
            )  # fmt: skip
        if steps and steps in seen:
            told += f" ({tell('path_same', language, path=name, other=seen[steps])})"
        seen.setdefault(steps, name)
        pairs = [list(p) for p in pairwise(steps)]
        found.append({"id": kind, "label": name, "nodes": list(steps), "edges": pairs, "told": told})
    return found
