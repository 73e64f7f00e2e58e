"""Pictures of change and effort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.experience.wording import METRICS, RULES, between, say, signed
from cxmining.figures import palette, shown, wrapped
from cxmining.figures.picture import Picture
from cxmining.i18n import date as written
from cxmining.i18n import number, translate
from cxmining.journeys.rows import rows_of
from cxmining.journeys.views.view import layout
from cxmining.stats import grouped_mean

if TYPE_CHECKING:
    from cxmining.experience.continuous import Track
    from cxmining.experience.effort import Effort
    from cxmining.experience.interventions import Intervention
    from cxmining.experience.moving import ScoreChange

__all__ = ["change_picture", "effort_picture", "intervention_picture", "track_picture"]

_MOST: Final = 12
_BINS: Final = (1, 2, 3, 4, 5, 7, 10)
"""Where bars of contacts begin; the last is open."""


def _reach(value: Any, low: Any, high: Any, colour: str) -> dict[str, Any]:
    """Error bars from an interval; where it is not known, none."""
    up = [0.0 if pd.isna(h) else float(h - v) for v, h in zip(value, high, strict=True)]
    down = [0.0 if pd.isna(w) else float(v - w) for v, w in zip(value, low, strict=True)]
    return {
        "type": "data", "symmetric": False, "array": up, "arrayminus": down, "color": colour, "thickness": 1.5, "width": 4,
    }  # fmt: skip


def _told(found: ScoreChange | Track | Intervention | Effort, language: str) -> list[str]:
    """What must be known, and what was counted of which journeys after which filters."""
    return [translate(line, language) for line in (*found.notes, *found.chain)]


def _axis(title: str | None = None, **more: Any) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "gridcolor": palette.RULE, "linecolor": palette.RULE, "zerolinecolor": palette.MUTED, "automargin": True, **more,
    }  # fmt: skip
    if title:
        axis["title"] = {"text": shown(title), "font": {"size": 12, "color": palette.MUTED}}
    return axis


def _floats(values: Any) -> list[float | None]:
    """Plain JSON: missing is null."""
    return [None if pd.isna(v) else float(v) for v in values]


def change_picture(found: ScoreChange, language: str) -> Picture:
    """Draw the way from before to after above the parts per touchpoint."""
    digits = 1 if found.metric == "nps" else 2
    levels = found.levels
    way = [r for r in rows_of(found.parts) if r.part != "total" and not (r.part == "respondents" and pd.isna(r.change))]
    names, data = [f"{say('before', language)}<br>n = {number(levels['n'].iloc[0], language)}"], []
    at = float(levels["score"].iloc[0])
    steps = []
    for r in way:
        names.append(f"{say(r.part, language)}<br>{signed(r.change, language, digits)}")
        steps.append((at, at + r.change, r))
        at += r.change
    names.append(f"{say('after', language)}<br>n = {number(levels['n'].iloc[1], language)}")
    for i, (start, end, r) in enumerate(steps):
        sure = r.low > 0 or r.high < 0
        colour = (palette.TEAL if r.change > 0 else palette.RED) if sure else palette.SOFT
        hover = (
            f"{say(r.part, language)}: {signed(r.change, language, digits)} {between(r.low, r.high, language, digits)}"
        )
        data.append(
            {
                "type": "bar", "x": [names[i + 1]], "y": [end - start], "base": [start], "marker": {"color": colour},
                "error_y": _reach([r.change], [r.low], [r.high], palette.INK), "hovertext": [hover], "hoverinfo": "text", "width": 0.5,
            }
        )  # fmt: skip
    data.append(
        {
            "type": "scatter", "mode": "markers+text", "x": [names[0], names[-1]], "y": _floats(levels["score"]),
            "marker": {"color": palette.NAVY, "size": 12}, "textposition": "middle right", "textfont": {"size": 13},
            "text": [f"  {number(v, language, digits)}" for v in levels["score"]], "hoverinfo": "text",
            "hovertext": [f"{number(r.score, language, digits)} {between(r.low, r.high, language, digits)}" for r in rows_of(levels)],
            "error_y": _reach(levels["score"], levels["low"], levels["high"], palette.NAVY),
        }
    )  # fmt: skip
    table = found.touchpoints.head(_MOST).iloc[::-1]
    labels = [
        f"{wrapped(str(r[0]), 30, 1)}  ({number(r[1], language)} → {number(r[2], language)}){' ⚠' if r[3] else ''}"
        for r in zip(table.iloc[:, 0], table["n_before"], table["n_after"], table["small"], strict=True)
    ]
    for part, symbol, colour in (("rate", "circle", palette.NAVY), ("mix", "diamond-open", palette.AMBER)):
        trace: dict[str, Any] = {
            "type": "scatter", "mode": "markers", "x": _floats(table[part]), "y": labels, "xaxis": "x2", "yaxis": "y2",
            "marker": {"symbol": symbol, "color": colour, "size": 10, "line": {"width": 2, "color": colour}}, "hoverinfo": "text",
            "hovertext": [f"{say(part, language)}: {signed(v, language, digits)}" for v in table[part]],
        }  # fmt: skip
        if part == "rate":
            trace["error_x"] = _reach(table["rate"], table["rate_low"], table["rate_high"], colour)
        data.append(trace)
    height = 330 + 60 + 26 * len(labels) + 40
    split = 1 - 330 / height
    said = [*found.say(language)[1:], *_told(found, language)]
    by = say("touchpoint", language) if found.by == "touchpoint" else found.by
    frame = layout(
        found.say(language)[0], said, height + 130,
        xaxis={"type": "category", "anchor": "y", "showgrid": False, "categoryorder": "array", "categoryarray": names},
        yaxis=_axis(METRICS[found.metric][language], domain=[split + 0.05, 1], zeroline=False),
        xaxis2=_axis(say("rate_of", language, by=by), anchor="y2", zeroline=True, tickfont={"size": 12}),
        yaxis2=_axis(None, domain=[0, max(0.1, split - 0.13)], type="category", range=[-0.7, len(labels) - 0.3]),
        margin={"l": 60, "b": 70}, separators=",." if language == "nl" else ".,",
    )  # fmt: skip
    return Picture("score change", found.touchpoints, {"data": data, "layout": frame})


def track_picture(found: Track, language: str) -> Picture:
    """Draw the points over their limits; those that are more than noise stand out."""
    points = found.points
    x = [f"{s:%Y-%m-%d}" for s in points["start"]]
    data: list[dict[str, Any]] = []
    for _, part in points.groupby("phase", sort=True):
        px = [f"{s:%Y-%m-%d}" for s in part["start"]]
        line = {"color": palette.MUTED, "width": 1.2, "dash": "dash", "shape": "hvh"}
        data += [
            {"type": "scatter", "mode": "lines", "x": px, "y": _floats(part["lower"]), "line": line, "hoverinfo": "skip"},
            {"type": "scatter", "mode": "lines", "x": px, "y": _floats(part["upper"]), "line": line, "hoverinfo": "skip",
             "fill": "tonexty", "fillcolor": palette.BAND},
            {"type": "scatter", "mode": "lines", "x": px, "y": _floats(part["centre"]), "hoverinfo": "skip",
             "line": {"color": palette.MUTED, "width": 1.2}},
        ]  # fmt: skip
    data.append(
        {
            "type": "scatter", "mode": "lines", "x": x, "y": _floats(points["value"]), "hoverinfo": "skip",
            "line": {"color": palette.NAVY, "width": 1.5},
        }
    )  # fmt: skip
    signal = points["signal"] != ""
    for rows, symbol, colour, size in (
        (points[~signal], "circle", palette.NAVY, 8),
        (points[signal], "diamond", palette.RED, 12),
    ):
        rows = rows[rows["n"] > 0]
        if not len(rows):
            continue
        apart = ";" if language == "nl" else ","  # a comma is the decimal sign there
        hover = [
            f"{r.start:%Y-%m-%d}: {found.written(r.value, language)} [{found.written(r.low, language)}{apart} "
            f"{found.written(r.high, language)}]<br>n = {number(r.n, language)}"
            + "".join(f"<br>{RULES[s][language]}" for s in r.signal.split("; ") if s)
            for r in rows_of(rows)
        ]
        data.append(
            {
                "type": "scatter", "mode": "markers", "x": [f"{s:%Y-%m-%d}" for s in rows["start"]], "y": _floats(rows["value"]),
                "marker": {"symbol": symbol, "color": colour, "size": size, "line": {"width": 1, "color": palette.PAPER}},
                "error_y": _reach(rows["value"], rows["low"], rows["high"], colour), "hovertext": hover, "hoverinfo": "text",
            }
        )  # fmt: skip
    period = say(found.every, language)
    title = say("track_title", language, metric=found.name[language], period=period)
    every = max(1, len(x) // 24)
    notes = [
        {"x": x[i], "xref": "x", "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False, "font": {"size": 11, "color": palette.MUTED},
         "text": number(points["n"].iloc[i], language)}
        for i in range(0, len(x), every)
    ]  # fmt: skip
    notes.append(
        {"x": 0, "xref": "paper", "xanchor": "right", "xshift": -8, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False,
         "text": "n", "font": {"size": 11, "color": palette.MUTED}}
    )  # fmt: skip
    said = [
        *found.say(language)[:6],
        say("track_chart", language, chart=found.chart, zone=found.zone),
        *_told(found, language),
    ]
    share = found.metric in ("csat_top2", "response_rate")
    frame = layout(
        title, said, 430, annotations=notes, xaxis={"type": "date", "showgrid": False, "tickformat": "%Y-%m-%d"},
        yaxis=_axis(found.name[language], zeroline=False, **({"tickformat": ".0%"} if share else {})),
        margin={"t": 80, "b": 50}, separators=",." if language == "nl" else ".,",
    )  # fmt: skip
    return Picture("track", points, {"data": data, "layout": frame})


def intervention_picture(found: Intervention, language: str) -> Picture:
    """Draw points, both lines, and the line that it would have followed with its interval."""
    points = found.points
    x = [f"{s:%Y-%m-%d}" for s in points["start"]]
    late = (points["period"] >= 0).to_numpy()
    lx = [v for v, after in zip(x, late, strict=True) if after]
    most = float(points["n"].max())
    digits = 1 if found.metric == "nps" else 2
    edge = {"color": palette.CLEAR, "width": 0}
    data: list[dict[str, Any]] = [
        {"type": "scatter", "mode": "lines", "x": lx, "y": _floats(points.loc[late, "counterfactual_low"]), "line": edge, "hoverinfo": "skip"},
        {"type": "scatter", "mode": "lines", "x": lx, "y": _floats(points.loc[late, "counterfactual_high"]), "line": edge,
         "fill": "tonexty", "fillcolor": palette.BAND, "hoverinfo": "skip"},
        {"type": "scatter", "mode": "lines", "x": lx, "y": _floats(points.loc[late, "counterfactual"]), "hoverinfo": "skip",
         "line": {"color": palette.MUTED, "width": 2, "dash": "dash"}},
        {
            "type": "scatter", "mode": "markers", "x": x, "y": _floats(points["value"]), "hoverinfo": "text",
            "marker": {"color": palette.SOFT, "size": [round(4 + 8 * float(np.sqrt(n / most)), 1) for n in points["n"]]},
            "hovertext": [f"{r.start:%Y-%m-%d}: {number(r.value, language, digits)}<br>n = {number(r.n, language)}" for r in rows_of(points)],
        },
    ]  # fmt: skip
    data += [
        {
            "type": "scatter", "mode": "lines", "x": [v for v, there in zip(x, side, strict=True) if there],
            "y": _floats(points.loc[side, "fitted"]), "line": {"color": palette.NAVY, "width": 3}, "hoverinfo": "skip",
        }
        for side in (~late, late)
    ]  # fmt: skip
    what = METRICS[found.metric][language]
    what = say("its_difference", language, metric=what) if found.controlled else what
    title = say("its_title", language, metric=what, date=written(found.date, language))
    effects = [
        f"{say(f'effect_{r.effect}', language, period=say(found.every, language))}: {signed(r.value, language, digits)} "
        f"{between(r.low, r.high, language, digits)}"
        for r in rows_of(found.effects)
    ]
    mark = {"type": "line", "x0": f"{found.date:%Y-%m-%d}", "x1": f"{found.date:%Y-%m-%d}", "y0": 0, "y1": 1, "xref": "x", "yref": "paper",
            "line": {"color": palette.AMBER, "width": 1.5}}  # fmt: skip
    note = {"x": lx[-1], "xref": "x", "y": float(points["counterfactual"].iloc[-1]), "yref": "y", "xanchor": "right", "yanchor": "bottom",
            "showarrow": False, "text": say("counterfactual", language), "font": {"size": 12, "color": palette.MUTED}}  # fmt: skip
    said = [*found.say(language), " · ".join(effects), *_told(found, language)]
    frame = layout(
        title, said, 430, shapes=[mark], annotations=[note], xaxis={"type": "date", "showgrid": False, "tickformat": "%Y-%m-%d"},
        yaxis=_axis(what, zeroline=False), margin={"b": 50}, separators=",." if language == "nl" else ".,",
    )  # fmt: skip
    return Picture("intervention", points, {"data": data, "layout": frame})


def effort_picture(found: Effort, language: str) -> Picture:
    """Draw contacts per journey, and above them how easy it was found."""
    names = [
        f"{a}" if a + 1 == b else f"{a}–{b - 1}" for a, b in zip(_BINS, [*_BINS[1:], 0], strict=True) if b
    ] + [f"{_BINS[-1]}+"]  # fmt: skip
    journeys = found.journeys
    bins = np.clip(np.searchsorted(_BINS, journeys["contacts"].to_numpy(dtype=float), side="right") - 1, -1, None)
    counts = np.bincount(bins + 1, minlength=len(_BINS) + 1)
    names = ["0", *names]
    table = pd.DataFrame({"contacts": names, "journeys": counts, "share": counts / counts.sum()})
    ces = journeys.assign(bin=bins + 1).dropna(subset=["ces"])
    asked = len(ces) > 0
    data: list[dict[str, Any]] = [
        {
            "type": "bar", "x": names, "y": _floats(100 * table["share"]), "marker": {"color": palette.SOFT}, "hoverinfo": "text",
            "hovertext": [f"{number(100 * r.share, language, 1)}%<br>n = {number(r.journeys, language)}" for r in rows_of(table)],
        }
    ]  # fmt: skip
    axes: dict[str, Any] = {
        "yaxis": _axis(say("effort_share", language), domain=[0, 0.42] if asked else [0, 1], rangemode="tozero")
    }
    if asked:
        level = grouped_mean(ces, "bin", "ces", cluster="customer_id")
        table = table.join(level.rename(columns={c: f"ces_{c}" for c in level}))
        data.append(
            {
                "type": "scatter", "mode": "markers+text", "x": [names[int(i)] for i in level.index], "y": _floats(level["mean"]), "yaxis": "y2",
                "marker": {"color": palette.NAVY, "size": 10}, "error_y": _reach(level["mean"], level["low"], level["high"], palette.NAVY),
                "text": [f"  n={number(n, language)}" for n in level["n"]], "textposition": "middle right", "hoverinfo": "text",
                "textfont": {"size": 11, "color": palette.MUTED},
                "hovertext": [f"{number(r.mean, language, 2)} {between(r.low, r.high, language)}<br>n = {number(r.n, language)}" for r in rows_of(level)],
            }
        )  # fmt: skip
        room = 0.05 * (found.scale[1] - found.scale[0])
        axes["yaxis2"] = _axis(
            METRICS["ces"][language],
            domain=[0.5, 1],
            zeroline=False,
            dtick=1,
            range=[found.scale[0] - room, found.scale[1] + room],
        )
    said = [*found.say(language), *_told(found, language)]
    frame = layout(
        say("effort_title" if asked else "effort_plain", language), said, 560 if asked else 400,
        xaxis={"type": "category", "anchor": "y", "showgrid": False,
               "title": {"text": say("effort_contacts", language), "font": {"size": 12, "color": palette.MUTED}},
               "categoryorder": "array", "categoryarray": names},
        margin={"b": 70}, separators=",." if language == "nl" else ".,", **axes,
    )  # fmt: skip
    return Picture("effort", table, {"data": data, "layout": frame})
