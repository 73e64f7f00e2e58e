"""The emotional journey: score with interval, what was expected, and where the two part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.figures import palette, shown, wrapped
from cxmining.figures.picture import Picture
from cxmining.maps import words
from cxmining.maps.facts import gap_digits, signed
from cxmining.maps.tables import Hidden, dfg_of, in_order, label_of, records, touchpoints_of
from cxmining.maps.words import HIDDEN, METRIC_WORDS, MISSING, STAGE_WORDS, known, say

if TYPE_CHECKING:
    pass

__all__ = ["emotional_journey", "emotional_journey_spec"]

PITCH = 50
ROW = 17
"""Pixels a touchpoint needs for its figures."""
LEFT, RIGHT = 104, 16


def emotional_journey(
    source: Any, dfg: pd.DataFrame | None = None, *, language: str = "en", hidden: Hidden = ()
) -> Picture:
    """Draw how customers felt at each touchpoint, in the order of the stages.

    Different customers rate different touchpoints, so no line joins the points.

    Parameters
    ----------
    source : Experience, Run or DataFrame
        What was felt; a table has a row per touchpoint with ``score_*``, ``expected_*`` and ``gap_*``.
    dfg : DataFrame, optional
        Who follows whom, to order touchpoints within a stage.
    language : {"en", "nl"}
        Language of labels and words.
    hidden : collection of (touchpoint, column)
        Figures that are known and not shown.

    Returns
    -------
    Picture

    Raises
    ------
    NotEnoughDataError
        When no touchpoint has a score.

    Examples
    --------
    >>> tp = pd.DataFrame({"touchpoint": ["call"], "stage": ["service"], "score_metric": ["csat"],
    ...     "score_scale_low": [1], "score_scale_high": [5], "score_mean": [3.9], "score_low": [3.7],
    ...     "score_high": [4.1], "score_n": [120]})
    >>> emotional_journey(tp)
    Picture(emotional journey: 1 touchpoints)
    >>> float(emotional_journey(tp).figure().data[-1].y[0])
    3.9
    """
    if dfg is None and not isinstance(source, pd.DataFrame):
        dfg = dfg_of(source)
    touchpoints = touchpoints_of(source)
    spec = emotional_journey_spec(touchpoints, dfg, language, hidden)
    rated = touchpoints[touchpoints["score_mean"].notna()]
    names = [str(c) for c in rated]
    columns = [c for c in names if c in ("touchpoint", "stage") or c.startswith(("score_", "expected_", "gap_"))]
    layout = {**spec["layout"], "width": max(640, spec["least"])}
    return Picture("emotional journey", rated[columns].reset_index(drop=True), {"data": spec["data"], "layout": layout})


def emotional_journey_spec(
    touchpoints: pd.DataFrame, dfg: pd.DataFrame | None, language: str, hidden: Hidden = ()
) -> dict[str, Any]:
    """Return ``data`` and ``layout`` for plotly, and ``least``: the width in pixels below which it must scroll."""
    off = set(hidden)
    table = in_order(touchpoints_of(touchpoints), dfg)
    rated = table[table["score_mean"].notna()].reset_index(drop=True) if "score_mean" in table else table.head(0)
    if not len(rated):
        raise NotEnoughDataError("no touchpoint has a score: there is no emotional journey to draw")
    rows = records(rated)
    x, bands, total = _places(rows, language)
    metrics = list(dict.fromkeys(rated["score_metric"]))
    per = 300 if len(metrics) == 1 else 220
    labels = [wrapped(label_of(r, language), 34, 2) for r in rows]
    upright = len(rows) <= 10
    if upright:
        labels = [wrapped(label_of(r, language), 15, 4) for r in rows]
    longest = max(len(part) for label in labels for part in label.split("<br>"))
    figures = 12 + ROW * len(_rows(rows))
    bottom = figures + (76 if upright else int(26 + 4.7 * longest))
    top = 58
    # the first slanted label reaches left of its point
    left = LEFT if upright else max(LEFT, int(4.6 * len(max(labels[0].split("<br>"), key=len)) - x[0] + 12))
    height = top + per * len(metrics) + bottom
    layout: dict[str, Any] = {
        "height": height, "margin": {"l": left, "r": RIGHT, "t": top, "b": bottom},
        "plot_bgcolor": palette.CLEAR, "paper_bgcolor": palette.CLEAR,
        "font": {"family": palette.FONT, "size": 12, "color": palette.INK},
        "separators": ",." if language == "nl" else ".,",
        "hoverlabel": {"bgcolor": palette.PAPER, "bordercolor": palette.MUTED, "font": {"color": palette.INK, "size": 12}},
        "showlegend": False, "dragmode": False, "hovermode": "closest",
        "xaxis": {
            "range": [0, total], "tickvals": x, "ticktext": labels, "tickangle": 0 if upright else -45, "showgrid": False,
            "zeroline": False, "fixedrange": True, "ticklabelstandoff": figures, "ticks": "", "tickfont": {"size": 12}, "automargin": False,
            "anchor": f"y{len(metrics)}" if len(metrics) > 1 else "y",
        },
        "shapes": _bands(bands, top, per * len(metrics)),
        "annotations": _band_names(bands, language),
    }  # fmt: skip
    data: list[dict[str, Any]] = []
    for i, metric in enumerate(metrics):
        mine = [
            k
            for k, r in enumerate(rows)
            if r["score_metric"] == metric or (not known(metric) and not known(r["score_metric"]))
        ]
        axis = "y" if i == 0 else f"y{i + 1}"
        low, high = float(rows[mine[0]]["score_scale_low"]), float(rows[mine[0]]["score_scale_high"])
        room = (high - low) * 0.05
        part = 1 / len(metrics)
        layout["yaxis" if i == 0 else f"yaxis{i + 1}"] = {
            "range": [low - room, high + room], "domain": [1 - (i + 1) * part + (0.03 if len(metrics) > 1 else 0), 1 - i * part],
            "gridcolor": palette.RULE, "zeroline": False, "fixedrange": True, "dtick": _step(low, high), "tick0": low,
            "title": {"text": f"{words.named(METRIC_WORDS, metric, language)} {low:g}–{high:g}", "font": {"size": 12, "color": palette.MUTED}, "standoff": 8},
            "tickfont": {"size": 12, "color": palette.MUTED},
        }  # fmt: skip
        data += _points([rows[k] for k in mine], [x[k] for k in mine], axis, language)
    layout["annotations"] += _figures(rows, x, language, off)
    return {"data": data, "layout": layout, "least": int(total + left + RIGHT)}


def _step(low: float, high: float) -> float:
    return 1 if high - low <= 12 else 50 if high - low >= 150 else 10


def _places(rows: list[dict[str, Any]], language: str) -> tuple[list[float], list[tuple[str, float, float]], float]:
    """Give each touchpoint its place, in pixels at the least width; a stage is as wide as its name needs."""
    x: list[float] = []
    bands: list[tuple[str, float, float]] = []
    at = 0.0
    stages = list(dict.fromkeys(r["stage"] for r in rows))
    for stage in stages:
        count = sum(r["stage"] == stage for r in rows)
        width = max(count * (PITCH if len(rows) > 10 else 2 * PITCH), len(STAGE_WORDS[stage][language]) * 7.6 + 34)
        x += [round(at + width * (i + 0.5) / count, 2) for i in range(count)]
        bands.append((stage, at, at + width))
        at += width
    return x, bands, round(at, 2)


def _bands(bands: list[tuple[str, float, float]], top: int, inner: int) -> list[dict[str, Any]]:
    if [b[0] for b in bands] == [""]:
        return []
    shapes = []
    low, high = 1 + 12 / inner, 1 + (top - 12) / inner
    middle, tip = (low + high) / 2, 9
    for i, (stage, a, b) in enumerate(bands):
        if i % 2:
            shapes.append({"type": "rect", "xref": "x", "yref": "paper", "x0": a, "x1": b, "y0": 0, "y1": 1, "fillcolor": palette.LANE, "line": {"width": 0}, "layer": "below"})  # fmt: skip
        notch = f"L {a + tip + 2},{middle} " if i else ""
        path = f"M {a + 2},{low} L {b - tip},{low} L {b},{middle} L {b - tip},{high} L {a + 2},{high} {notch}Z"
        colour = palette.CHEVRON if stage else palette.MUTED
        shapes.append({"type": "path", "xref": "x", "yref": "paper", "path": path, "fillcolor": colour, "line": {"width": 0}, "layer": "below"})  # fmt: skip
    return shapes


def _band_names(bands: list[tuple[str, float, float]], language: str) -> list[dict[str, Any]]:
    if [b[0] for b in bands] == [""]:
        return []
    return [
        {"x": (a + b) / 2, "xref": "x", "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 18, "showarrow": False,
         "text": f"<b>{STAGE_WORDS[stage][language]}</b>", "font": {"size": 13, "color": palette.CHEVRON_INK}}
        for stage, a, b in bands
    ]  # fmt: skip


def _points(rows: list[dict[str, Any]], x: list[float], axis: str, language: str) -> list[dict[str, Any]]:
    data = []
    asked = [k for k, r in enumerate(rows) if known(r.get("expected_mean"))]
    if asked:
        data.append(
            {
                "type": "scatter", "mode": "markers", "x": [x[k] for k in asked], "y": [rows[k]["expected_mean"] for k in asked], "yaxis": axis,
                "marker": {"symbol": "line-ew-open", "size": 30, "line": {"width": 2.5, "color": palette.AMBER}, "color": palette.AMBER},
                "hoverinfo": "text",
                "hovertext": [
                    f"{shown(label_of(rows[k], language))}<br>{say('expected', language)}: {words.number(rows[k]['expected_mean'], language, 2)} "
                    f"{words.interval(rows[k].get('expected_low'), rows[k].get('expected_high'), language, 2)}"
                    for k in asked
                ],
            }
        )  # fmt: skip
    kinds = {
        "same": ("circle", palette.NAVY, 11),
        "above": ("triangle-up", palette.TEAL, 15),
        "below": ("triangle-down", palette.RED, 15),
    }
    for kind, (symbol, colour, size) in kinds.items():
        mine = [k for k, r in enumerate(rows) if gap_kind(r) == kind]
        if not mine:
            continue
        data.append(
            {
                "type": "scatter", "mode": "markers", "x": [x[k] for k in mine], "y": [rows[k]["score_mean"] for k in mine], "yaxis": axis,
                "customdata": [rows[k]["touchpoint"] for k in mine], "meta": kind,
                "marker": {"symbol": symbol, "color": colour, "size": size, "line": {"width": 1.5, "color": palette.PAPER}, "opacity": 1},
                "error_y": {
                    "type": "data", "symmetric": False, "color": colour, "thickness": 2, "width": 5,
                    "array": [_reach(rows[k], "score_high", 1) for k in mine],
                    "arrayminus": [_reach(rows[k], "score_low", -1) for k in mine],
                },
                "unselected": {"marker": {"opacity": 0.3}}, "selected": {"marker": {"opacity": 1, "size": size + 5}},
                "hoverinfo": "text", "hovertext": [_hover(rows[k], language) for k in mine],
            }
        )  # fmt: skip
    return data


def gap_kind(row: Mapping[str, Any]) -> str:
    """Say whether the 95% interval of the gap lies above, below or around nothing."""
    if known(row.get("gap_low")) and row["gap_low"] > 0:
        return "above"
    return "below" if known(row.get("gap_high")) and row["gap_high"] < 0 else "same"


def _reach(row: dict[str, Any], column: str, sign: int) -> float:
    value: Any = row.get(column)
    return max(0.0, sign * (float(value) - float(row["score_mean"]))) if known(value) else 0.0


def _hover(row: dict[str, Any], language: str) -> str:
    span = words.interval(row.get("score_low"), row.get("score_high"), language, 2)
    lines = [
        f"<b>{shown(label_of(row, language))}</b>",
        f"{words.named(METRIC_WORDS, row['score_metric'], language)} {words.number(row['score_mean'], language, 2)} {span}",
    ]
    if known(row.get("score_n")):
        lines.append(f"n = {words.number(row['score_n'], language)}")
    if known(row.get("gap_mean")):
        gap = words.interval(row.get("gap_low"), row.get("gap_high"), language, 2)
        lines.append(f"{say('gap', language)}: {signed(row['gap_mean'], language)} {gap}")
    return "<br>".join(lines)


def _rows(rows: list[dict[str, Any]]) -> list[str]:
    """The rows of figures under the picture."""
    paired = any(known(r.get("gap_mean")) for r in rows)
    return ["n", "score", *(["gap", "low", "high", "wow", "pain"] if paired else [])]


def _figures(
    rows: list[dict[str, Any]], x: list[float], language: str, hidden: set[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Write n, score, the gap with its interval, how many WOW and how many pain under each point."""
    notes = []
    for j, line in enumerate(_rows(rows)):
        name = {"n": "n", "gap": say("gap_short", language)}.get(line) or say(line, language)
        colour = {"wow": palette.TEAL, "pain": palette.RED}.get(line, palette.MUTED)
        place = {"yref": "paper", "y": 0, "yanchor": "top", "yshift": -8 - ROW * j, "showarrow": False}
        notes.append({**place, "xref": "paper", "x": 0, "xanchor": "right", "xshift": -10, "text": name, "font": {"size": 12, "color": colour}})  # fmt: skip
        for place_x, row in zip(x, rows, strict=True):
            text, ink = _figure_of(line, row, language, hidden)
            notes.append({**place, "xref": "x", "x": place_x, "xanchor": "center", "text": text, "font": {"size": 11.5, "color": ink}})  # fmt: skip
    return notes


def _figure_of(line: str, row: dict[str, Any], language: str, hidden: set[tuple[str, str]]) -> tuple[str, str]:
    columns = {"n": "score_n", "score": "score_mean", "gap": "gap_mean", "low": "gap_low", "high": "gap_high"}
    column = columns.get(line) or f"{line}_n"
    value: Any = row.get(column)
    asked = line not in ("wow", "pain") or known(row.get("gap_mean"))
    off = (row["touchpoint"], column) in hidden
    if value is None or not known(value) or off or not asked:
        return (HIDDEN if off else MISSING), palette.MUTED
    if line in ("low", "high"):
        return signed(value, language, gap_digits(row)), palette.MUTED
    if line == "score":
        return f"<b>{words.number(value, language, 1)}</b>", palette.INK
    if line == "gap":
        kind = gap_kind(row)
        colour = {"above": palette.TEAL, "below": palette.RED}.get(kind, palette.INK)
        return (f"<b>{signed(value, language)}</b>" if kind != "same" else signed(value, language)), colour
    return words.number(value, language), palette.INK
