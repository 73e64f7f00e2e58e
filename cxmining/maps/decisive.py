"""Which touchpoints decide: fair share with intervals, what so many predict, and the verdict in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.figures import palette, shown, wrapped
from cxmining.figures.picture import Picture
from cxmining.maps import words
from cxmining.maps.tables import records
from cxmining.maps.words import known, say

__all__ = ["cumulative_spec", "driver_chart", "share_spec"]


def driver_chart(
    source: Any,
    pareto: pd.DataFrame | None = None,
    *,
    verdict: Any = None,
    labels: Mapping[str, str] | None = None,
    language: str = "en",
) -> Picture:
    """Draw which touchpoints decide: bars of fair share, the curve of what so many touchpoints predict.

    Parameters
    ----------
    source : DriverAnalysis or DataFrame
        Driver analysis, or its table of shares: ``touchpoint``, ``share``, ``share_low``, ``share_high``.
    pareto : DataFrame, optional
        ``rank``, ``cumulative``, ``low``, ``high``, ``baseline``; default that of `source`.
    verdict : Verdict or mapping, optional
        The sentence below the picture; default that of `source`.
    labels : mapping, optional
        Touchpoint → label.
    language : {"en", "nl"}
        Language of the words.

    Returns
    -------
    Picture

    Examples
    --------
    >>> shares = pd.DataFrame({"touchpoint": ["bill", "call"], "share": [0.7, 0.3],
    ...     "share_low": [0.6, 0.2], "share_high": [0.8, 0.4]})
    >>> driver_chart(shares)
    Picture(what decides: 2 touchpoints)
    >>> len(driver_chart(shares).figure().data)
    1
    """
    import textwrap

    shares = source if isinstance(source, pd.DataFrame) else source.shares
    if not isinstance(source, pd.DataFrame):
        pareto = source.pareto if pareto is None else pareto
        verdict = source.verdict if verdict is None else verdict
    bars = share_spec(shares, labels or {}, language)
    data, layout = list(bars["data"]), dict(bars["layout"])
    if pareto is not None and len(pareto):
        curve = cumulative_spec(pareto, labels or {}, language)
        layout["xaxis"] = {**layout["xaxis"], "domain": [0, 0.46]}
        layout["xaxis2"] = {**curve["layout"]["xaxis"], "domain": [0.6, 1], "anchor": "y2"}
        layout["yaxis2"] = {**curve["layout"]["yaxis"], "anchor": "x2"}
        data += [{**t, "xaxis": "x2", "yaxis": "y2"} for t in curve["data"]]
        moved = [
            {**s, "xref": "x2 domain" if s["xref"] == "x domain" else "x2", "yref": "y2"}
            for s in curve["layout"]["shapes"]
        ]
        layout["shapes"] = [*layout.get("shapes", []), *moved]
        layout["annotations"] = [
            *[{**a, "x": 0.46} if a.get("xref") == "paper" else a for a in layout["annotations"]],
            *[{**a, "xref": "x2" if a["xref"] == "x" else "x2 domain", "yref": "y2"} for a in curve["layout"]["annotations"]],
        ]  # fmt: skip
        layout["height"] = max(layout["height"], curve["layout"]["height"])
    sentence = _sentence(verdict, language)
    if sentence:
        text = "<br>".join(shown(line) for line in textwrap.wrap(sentence, 130))
        layout["margin"] = {**layout["margin"], "b": 60 + 18 * (1 + text.count("<br>"))}
        layout["height"] += 18 * (1 + text.count("<br>"))
        layout["annotations"] = [
            *layout["annotations"],
            {"xref": "paper", "yref": "paper", "x": 0, "y": 0, "yshift": -48, "yanchor": "top", "xanchor": "left", "align": "left",
             "showarrow": False, "text": text, "font": {"size": 13, "color": palette.INK}},
        ]  # fmt: skip
    layout["width"] = 1080
    return Picture("what decides", shares.reset_index(drop=True), {"data": data, "layout": layout})


def _sentence(verdict: Any, language: str) -> str:
    if verdict is None:
        return ""
    if isinstance(verdict, Mapping):
        value = verdict.get("sentence") or verdict.get("reason") or {}
        return str(value.get(language, "")) if isinstance(value, Mapping) else str(value)
    return str(verdict.sentence(language))


def share_spec(shares: pd.DataFrame, labels: Mapping[str, str], language: str, first: int = 0) -> dict[str, Any]:
    """Return bars of fair share, largest on top; the `first` ones stand out (only when the verdict singles them out)."""
    if not len(shares):
        raise NotEnoughDataError("no touchpoint has a share: there is nothing to draw")
    rows = records(shares.sort_values(["share", "touchpoint"], ascending=[False, True]))
    count = len(rows)
    y = list(range(count, 0, -1))
    text = [
        f"{words.percent(r['share'], language)} {words.interval(r.get('share_low'), r.get('share_high'), language, 0, share=True)}"
        for r in rows
    ]
    ends = [float(r["share_high"]) if known(r.get("share_high")) else float(r["share"]) for r in rows]
    names = [wrapped(labels.get(r["touchpoint"], r["touchpoint"]), 30, 2) for r in rows]
    per = 40 if any("<br>" in n for n in names) else 32
    widest = max(len(part) for n in names for part in n.split("<br>"))
    colours = [palette.NAVY if k < first or not first else palette.SOFT for k in range(count)]
    bars = {
        "type": "bar", "orientation": "h", "x": [r["share"] for r in rows], "y": y, "customdata": [r["touchpoint"] for r in rows], "meta": "bar",
        "marker": {"color": colours, "opacity": 1, "line": {"width": 0}}, "width": 0.62,
        "error_x": {
            "type": "data", "symmetric": False, "color": palette.AMBER, "thickness": 2, "width": 5,
            "array": [max(0.0, e - float(r["share"])) for e, r in zip(ends, rows, strict=True)],
            "arrayminus": [max(0.0, float(r["share"]) - float(r["share_low"])) if known(r.get("share_low")) else 0.0 for r in rows],
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
            "tickfont": {"color": palette.MUTED}, "nticks": 6,
        },
        "yaxis": {"tickvals": y, "ticktext": names, "range": [0.4, count + 0.6], "showgrid": False, "zeroline": False, "fixedrange": True, "ticks": "", "ticklabelstandoff": 6},
        "annotations": [
            {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 8, "yref": "y", "y": k, "showarrow": False, "text": t, "font": {"size": 12, "color": palette.INK}}
            for k, t in zip(y, text, strict=True)
        ],
    }  # fmt: skip
    return {"data": [bars], "layout": layout, "least": layout["margin"]["l"] + 118 + 190}


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
                "hovertext": [f"{say('baseline', language)}: {words.percent(float(v), language)}" for v in based["baseline"]],
            }
        )  # fmt: skip
    data.append(
        {
            "type": "scatter", "mode": "lines+markers", "x": k, "y": value, "customdata": list(table["touchpoint"]) if "touchpoint" in table else None,
            "meta": "curve", "line": {"color": palette.NAVY, "width": 2.5}, "marker": {"color": palette.NAVY, "size": 8, "opacity": 1},
            "selected": {"marker": {"size": 13}}, "unselected": {"marker": {"opacity": 0.6}},
            "hoverinfo": "text", "hovertext": [
                f"<b>{n}. {shown(name)}</b><br>{words.percent(v, language)}" for n, name, v in zip(k, names, value, strict=True)
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
