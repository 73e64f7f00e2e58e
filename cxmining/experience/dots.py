"""Figures with their intervals, one under the other: the picture of several results about touchpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from cxmining.figures import Picture, palette, shown, wrapped
from cxmining.figures.measure import width_of
from cxmining.i18n import speaking, translate

__all__ = ["Series", "dots_picture", "foot_of"]

say = speaking("experience")
ROW = 30
LEFT, RIGHT, TOP = 200, 190, 96


class Series(NamedTuple):
    """One kind of mark: a value with its interval per row, missing where there is none."""

    name: str
    colour: str
    symbol: str
    value: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    hover: Sequence[str]


def foot_of(notion: str, chain: Sequence[str], *said: str, language: str = "en") -> list[str]:
    """Return the lines under a picture: what was counted, of which journeys, after which filters."""
    lines = [*said, say("foot_notion", language, notion=translate(notion, language))]
    lines += [say("foot_filter", language, step=translate(step, language)) for step in chain]
    return [part for line in lines for part in wrapped(line, 140, 3).split("<br>")]


def dots_picture(
    title: str, table: pd.DataFrame, labels: Sequence[str], series: Sequence[Series], axis: str, right: Sequence[str],
    foot: Sequence[str], *, percent: bool = True,
) -> Picture:  # fmt: skip
    """Draw series of values with intervals, a row per label, `right` beside each row and `foot` (escaped) below."""
    rows = len(labels)
    names = [wrapped(label, 28, 2) for label in labels]
    form = ".0%" if percent else "~g"
    data: list[dict[str, Any]] = []
    for i, s in enumerate(series):
        y = [k + (i - (len(series) - 1) / 2) * 0.28 for k in range(rows)]
        whole = [k for k in range(rows) if s.value[k] == s.value[k]]
        up = [s.high[k] - s.value[k] if s.high[k] == s.high[k] else 0.0 for k in whole]
        down = [s.value[k] - s.low[k] if s.low[k] == s.low[k] else 0.0 for k in whole]
        data.append(
            {
                "type": "scatter", "mode": "markers", "name": shown(s.name), "x": [float(s.value[k]) for k in whole], "y": [y[k] for k in whole],
                "marker": {"color": s.colour, "symbol": s.symbol, "size": 11, "line": {"width": 1.2, "color": palette.PAPER}},
                "error_x": {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "color": s.colour, "thickness": 2, "width": 4},
                "hoverinfo": "text", "hovertext": [shown(s.hover[k]) for k in whole],
            }
        )  # fmt: skip
    bottom = 66 + 17 * len(foot)
    height = TOP + ROW * rows + bottom
    # what stands at the right is never cut off; a fifth more where the typeface is a wide one
    room = max([RIGHT, *(30 + 1.2 * width_of(text, 12) for text in right)])
    notes = [
        {"x": 1.01, "xref": "paper", "xanchor": "left", "y": k, "yref": "y", "text": shown(text), "showarrow": False,
         "font": {"size": 12, "color": palette.MUTED}}
        for k, text in enumerate(right)
    ]  # fmt: skip
    notes += [
        {"x": 0, "xref": "paper", "xanchor": "left", "xshift": -LEFT + 12, "y": 0, "yref": "paper", "yanchor": "top", "yshift": -56 - 17 * i,
         "text": line, "showarrow": False, "font": {"size": 12, "color": palette.MUTED}}
        for i, line in enumerate(foot)
    ]  # fmt: skip
    notes.append(
        {"x": 0, "xref": "paper", "xanchor": "left", "xshift": -LEFT + 12, "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 58,
         "text": f"<b>{shown(title)}</b>", "showarrow": False, "font": {"size": 17, "color": palette.INK}}
    )  # fmt: skip
    layout = {
        "width": 1100, "height": height, "margin": {"l": LEFT, "r": room, "t": TOP, "b": bottom},
        "plot_bgcolor": palette.CLEAR, "paper_bgcolor": palette.PAPER, "font": {"family": palette.FONT, "size": 12, "color": palette.INK},
        "hoverlabel": {"bgcolor": palette.PAPER, "bordercolor": palette.MUTED, "font": {"color": palette.INK, "size": 12}},
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "itemclick": False, "itemdoubleclick": False}, "showlegend": True,
        "dragmode": False, "hovermode": "closest", "annotations": notes,
        "xaxis": {"title": {"text": shown(axis), "font": {"size": 12, "color": palette.MUTED}, "standoff": 4}, "tickformat": form, "fixedrange": True,
                  "gridcolor": palette.RULE, "zeroline": True, "zerolinecolor": palette.MUTED, "tickfont": {"color": palette.MUTED}},
        "yaxis": {"range": [rows - 0.4, -0.6], "tickvals": list(range(rows)), "ticktext": names, "showgrid": False, "zeroline": False, "fixedrange": True},
    }  # fmt: skip
    return Picture(title, table, {"data": data, "layout": layout})
