"""The Pareto picture: fair share with intervals, what the first so many predict, and what a flat halo would give.

One drawing for notebook, verb and page: the page lays the two parts out itself and lets them choose touchpoints.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.figures import palette, shown, wrapped
from cxmining.figures.measure import lines_of
from cxmining.figures.picture import Picture
from cxmining.i18n import interval, is_missing, number, percent, speaking

if TYPE_CHECKING:
    from cxmining.drivers.analysis import DriverAnalysis

__all__ = ["cumulative_spec", "pareto_of", "pareto_picture", "share_spec"]

say = speaking("maps")
NARROW: Final = 720
"""Below this width the two parts stand one under the other."""


def pareto_of(found: DriverAnalysis, width: int, language: str, labels: Mapping[str, str]) -> Picture:
    """Return the picture of an analysis, with what it explains above and the verdict below."""
    tell = speaking("decisions")
    values = {"r2": found.r2, "low": found.r2_low, "high": found.r2_high}
    under = tell(
        "pareto_under", language, n=number(found.n, language), **{k: number(v, language, 2) for k, v in values.items()}
    )
    return pareto_picture(
        found.shares, found.pareto, found.verdict.sentence(language), labels=labels, language=language, width=width,
        title=tell("pareto_title", language, target=found.target), under=under,
    )  # fmt: skip


def pareto_picture(
    shares: pd.DataFrame,
    pareto: pd.DataFrame | None,
    sentence: str,
    *,
    labels: Mapping[str, str],
    language: str,
    width: int = 1080,
    title: str = "",
    under: str = "",
) -> Picture:
    """Draw bars of fair share, and beside (on a narrow page: under) them the curve of what so many touchpoints predict.

    Parameters
    ----------
    shares : DataFrame
        ``touchpoint``, ``share``, ``share_low``, ``share_high``.
    pareto : DataFrame, optional
        ``rank``, ``cumulative``, ``low``, ``high``, ``baseline``.
    sentence : str
        Said under the picture.
    labels : mapping
        Touchpoint → label.
    language : {"en", "nl"}
    width : int, default 1080
        Pixels.
    title, under : str
        Said above it.
    """
    narrow = width < NARROW
    bars = share_spec(shares, labels, language, letters=16 if narrow else 30)
    data, layout = list(bars["data"]), dict(bars["layout"])
    left, right, below = layout["margin"]["l"], layout["margin"]["r"], 48
    head = [*lines_of(title, 17, width - 32, 3, bold=True)] if title else []
    small = lines_of(under, 12, width - 32, 3) if under else ()
    top = 24 + 22 * len(head) + 16 * len(small) + (8 if head else 0)
    inside = layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]
    notes = list(layout["annotations"])
    if pareto is not None and len(pareto):
        curve = cumulative_spec(pareto, labels, language)
        if narrow:
            gap, lower = 74, 230
            whole = inside + gap + lower
            # the curve needs no room for names: its axis begins and ends nearer to the edge
            layout["yaxis"] = {**layout["yaxis"], "domain": [1 - inside / whole, 1]}
            layout["xaxis"] = {**layout["xaxis"], "anchor": "y"}
            every = -(-26 * len(pareto) // max(1, width - left - right))  # a number needs 26 pixels
            step = next((d for d in (1, 2, 5, 10, 20, 50) if d >= every), 100)
            layout["xaxis2"] = {**curve["layout"]["xaxis"], "domain": [0, 1], "anchor": "y2", "dtick": step}
            layout["yaxis2"] = {**curve["layout"]["yaxis"], "domain": [0, lower / whole], "anchor": "x2"}
            inside = whole
        else:
            first = (0.5 * width - left) / (width - left - 18)
            second = (0.5 * width + right + 64 - left) / (width - left - 18)
            layout["xaxis"] = {**layout["xaxis"], "domain": [0, first]}
            layout["xaxis2"] = {**curve["layout"]["xaxis"], "domain": [second, 1], "anchor": "y2"}
            layout["yaxis2"] = {**curve["layout"]["yaxis"], "anchor": "x2"}
            notes = [{**a, "x": first} if a.get("xref") == "paper" else a for a in notes]
            right = 18
            inside = max(inside, 300)
        data += [{**t, "xaxis": "x2", "yaxis": "y2"} for t in curve["data"]]
        layout["shapes"] = [
            *layout.get("shapes", []),
            *({**s, "xref": "x2 domain" if s["xref"] == "x domain" else "x2", "yref": "y2"} for s in curve["layout"]["shapes"]),
        ]  # fmt: skip
        notes += [
            {**a, "xref": "x2" if a["xref"] == "x" else "x2 domain", "yref": "y2"}
            for a in curve["layout"]["annotations"]
        ]
    if sentence:
        lines = lines_of(sentence, 13, width - 40, 40)
        notes.append(
            {"xref": "paper", "yref": "paper", "x": 0, "y": 0, "xshift": 16 - left, "yshift": -52, "yanchor": "top", "xanchor": "left", "align": "left",
             "showarrow": False, "text": "<br>".join(shown(line) for line in lines), "font": {"size": 13, "color": palette.INK}}
        )  # fmt: skip
        below += 20 + 18 * len(lines)
    if pareto is not None and len(pareto):
        key = speaking("decisions")("pareto_key", language, baseline=say("baseline", language))
        notes.append(
            {"xref": "paper", "yref": "paper", "x": 0, "y": 0, "xshift": 16 - left, "yshift": 8 - below, "yanchor": "top", "xanchor": "left",
             "showarrow": False, "text": "<br>".join(shown(line) for line in lines_of(key, 12, width - 40, 3)), "align": "left",
             "font": {"size": 12, "color": palette.MUTED}}
        )  # fmt: skip
        below += 18 * len(lines_of(key, 12, width - 40, 3)) + 4
    for i, line in enumerate([*head, *small]):
        big = i < len(head)
        at = 14 + 22 * min(i, len(head)) + 16 * max(i - len(head), 0)
        notes.append(
            {"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xshift": 16 - left, "yshift": top - at, "yanchor": "top", "xanchor": "left",
             "showarrow": False, "text": f"<b>{shown(line)}</b>" if big else shown(line),
             "font": {"size": 17 if big else 12, "color": palette.INK if big else palette.MUTED}}
        )  # fmt: skip
    layout |= {
        "width": width, "height": top + inside + below, "margin": {"l": left, "r": right, "t": top, "b": below},
        "annotations": notes, "paper_bgcolor": palette.PAPER,
    }  # fmt: skip
    return Picture("what decides", shares.reset_index(drop=True), {"data": data, "layout": layout})


def share_spec(
    shares: pd.DataFrame, labels: Mapping[str, str], language: str, first: int = 0, letters: int = 30
) -> dict[str, Any]:  # fmt: skip
    """Return bars of fair share, largest on top; the `first` ones stand out (only when the verdict singles them out); names break after `letters`."""
    if not len(shares):
        raise NotEnoughDataError("no touchpoint has a share: there is nothing to draw")
    rows: list[dict[str, Any]] = [
        {str(k): v for k, v in row.items()}
        for row in shares.sort_values(["share", "touchpoint"], ascending=[False, True]).to_dict("records")
    ]
    count = len(rows)
    y = list(range(count, 0, -1))
    text = [
        f"{percent(r['share'], language)} {interval(r.get('share_low'), r.get('share_high'), language, 0, share=True)}"
        for r in rows
    ]
    ends = [float(r["share_high"]) if not is_missing(r.get("share_high")) else float(r["share"]) for r in rows]
    names = [wrapped(labels.get(r["touchpoint"], r["touchpoint"]), letters, 3 if letters > 20 else 5) for r in rows]
    per = max(32, 10 + 15 * max(1 + n.count("<br>") for n in names))
    widest = max(len(part) for n in names for part in n.split("<br>"))
    colours = [palette.NAVY if k < first or not first else palette.SOFT for k in range(count)]
    bars = {
        "type": "bar", "orientation": "h", "x": [r["share"] for r in rows], "y": y, "customdata": [r["touchpoint"] for r in rows], "meta": "bar",
        "marker": {"color": colours, "opacity": 1, "line": {"width": 0}}, "width": 0.62,
        "error_x": {
            "type": "data", "symmetric": False, "color": palette.AMBER, "thickness": 2, "width": 5,
            "array": [max(0.0, e - float(r["share"])) for e, r in zip(ends, rows, strict=True)],
            "arrayminus": [max(0.0, float(r["share"]) - float(r["share_low"])) if not is_missing(r.get("share_low")) else 0.0 for r in rows],
        },
        "selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 0.35}},
        "hoverinfo": "text", "hovertext": [
            f"<b>{shown(labels.get(r['touchpoint'], r['touchpoint']))}</b><br>{say('fair_share', language)}: {t}" for r, t in zip(rows, text, strict=True)
        ],
    }  # fmt: skip
    layout: dict[str, Any] = {
        "height": 56 + per * count + 16, "margin": {"l": 18 + int(6.7 * widest), "r": 118, "t": 24, "b": 48},
        "plot_bgcolor": palette.CLEAR, "paper_bgcolor": palette.CLEAR, "showlegend": False, "dragmode": False, "hovermode": "closest",
        "font": {"family": palette.FONT, "size": 12, "color": palette.INK}, "separators": ",." if language == "nl" else ".,",
        "hoverlabel": {"bgcolor": palette.PAPER, "bordercolor": palette.MUTED, "font": {"color": palette.INK, "size": 12}},
        "xaxis": {
            "range": [0, max(max(ends) * 1.04, 0.05)], "tickformat": ".0%", "gridcolor": palette.RULE, "zeroline": False, "fixedrange": True,
            "title": {"text": say("fair_share", language), "font": {"size": 12, "color": palette.MUTED}, "standoff": 8},
            "tickfont": {"color": palette.MUTED}, "nticks": 4, "tickangle": 0,
        },
        "yaxis": {"tickvals": y, "ticktext": names, "range": [0.4, count + 0.6], "showgrid": False, "zeroline": False, "fixedrange": True, "ticks": "", "ticklabelstandoff": 6},
        "annotations": [
            {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 8, "yref": "y", "y": k, "showarrow": False, "text": t, "font": {"size": 12, "color": palette.INK}}
            for k, t in zip(y, text, strict=True)
        ],
    }  # fmt: skip
    return {"data": [bars], "layout": layout, "least": layout["margin"]["l"] + 118 + 86}


def cumulative_spec(pareto: pd.DataFrame, labels: Mapping[str, str], language: str) -> dict[str, Any]:
    """Return the curve of how much the best 1, 2, 3 … touchpoints give, its band, and what a flat halo would give."""
    table = pareto.sort_values("rank")
    k = [int(v) for v in table["rank"]]
    value = [float(v) for v in table["cumulative"]]
    banded = table.dropna(subset=["low", "high"]) if {"low", "high"} <= set(table.columns) else table.head(0)
    names = [labels.get(t, t) for t in table["touchpoint"]] if "touchpoint" in table else [""] * len(k)
    data: list[dict[str, Any]] = []
    if len(banded):
        across = [int(v) for v in banded["rank"]]
        data.append(
            {
                "type": "scatter", "mode": "lines", "x": [*across, *across[::-1]],
                "y": [*map(float, banded["high"]), *map(float, banded["low"][::-1])],
                "fill": "toself", "fillcolor": palette.BAND, "line": {"width": 0}, "hoverinfo": "skip",
            }
        )  # fmt: skip
    based = table.dropna(subset=["baseline"]) if "baseline" in table else table.head(0)
    if len(based):
        data.append(
            {
                "type": "scatter", "mode": "lines", "x": [int(v) for v in based["rank"]], "y": [float(v) for v in based["baseline"]],
                "line": {"color": palette.AMBER, "width": 2, "dash": "dot"}, "hoverinfo": "text",
                "hovertext": [f"{say('baseline', language)}: {percent(float(v), language)}" for v in based["baseline"]],
            }
        )  # fmt: skip
    data.append(
        {
            "type": "scatter", "mode": "lines+markers", "x": k, "y": value, "customdata": list(table["touchpoint"]) if "touchpoint" in table else None,
            "meta": "curve", "line": {"color": palette.NAVY, "width": 2.5}, "marker": {"color": palette.NAVY, "size": 8, "opacity": 1},
            "selected": {"marker": {"size": 13}}, "unselected": {"marker": {"opacity": 0.6}},
            "hoverinfo": "text", "hovertext": [
                f"<b>{n}. {shown(name)}</b><br>{percent(v, language)}" for n, name, v in zip(k, names, value, strict=True)
            ],
        }
    )  # fmt: skip
    most = max([1.0, *value])
    fifth = -(-len(k) // 5)
    line = {"type": "line", "layer": "above", "line": {"color": palette.MUTED, "width": 1, "dash": "dash"}}
    layout = {
        "height": 380, "margin": {"l": 56, "r": 18, "t": 24, "b": 48}, "plot_bgcolor": palette.CLEAR, "paper_bgcolor": palette.CLEAR,
        "showlegend": False, "dragmode": False, "hovermode": "closest", "font": {"family": palette.FONT, "size": 12, "color": palette.INK},
        "hoverlabel": {"bgcolor": palette.PAPER, "bordercolor": palette.MUTED, "font": {"color": palette.INK, "size": 12}},
        "separators": ",." if language == "nl" else ".,",
        "xaxis": {
            "range": [0.5, len(k) + 0.5], "dtick": 1 if len(k) <= 10 else 2 if len(k) <= 24 else 5, "tick0": 1, "showgrid": False, "zeroline": False, "fixedrange": True,
            "title": {"text": say("number_kept", language), "font": {"size": 12, "color": palette.MUTED}, "standoff": 8}, "tickfont": {"color": palette.MUTED},
        },
        "yaxis": {"range": [0, most * 1.04], "tickformat": ".0%", "gridcolor": palette.RULE, "zeroline": False, "fixedrange": True, "tickfont": {"color": palette.MUTED}},
        "shapes": [
            {**line, "xref": "x domain", "yref": "y", "x0": 0, "x1": 1, "y0": 0.8, "y1": 0.8},
            {**line, "xref": "x", "yref": "y", "x0": fifth, "x1": fifth, "y0": 0, "y1": most * 1.04},
        ],
        "annotations": [
            {"xref": "x domain", "yref": "y", "x": 1, "y": 0.8, "xanchor": "right", "yanchor": "bottom", "showarrow": False, "text": "80%", "font": {"size": 12, "color": palette.MUTED}},
            {"xref": "x", "yref": "y", "x": fifth, "y": 0, "xanchor": "left", "yanchor": "bottom", "xshift": 4, "showarrow": False,
             "text": f"20% = {fifth}", "font": {"size": 12, "color": palette.MUTED}},
        ],
    }  # fmt: skip
    return {"data": data, "layout": layout, "least": 300}
