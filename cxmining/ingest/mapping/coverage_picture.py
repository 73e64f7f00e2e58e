"""The picture of proposed touchpoints: a bar for each, and one for the texts that have none."""

from __future__ import annotations

import pandas as pd

from cxmining.figures import palette
from cxmining.figures.labels import wrapped
from cxmining.figures.picture import Picture

__all__ = ["coverage_picture"]


def coverage_picture(summary: pd.DataFrame, n: int, left_out: str) -> Picture:
    """Draw the share of the texts that each topic covers.

    Parameters
    ----------
    summary : DataFrame
        ``topic`` (0: none), ``touchpoint``, ``events``, ``share``, ``low``, ``high``.
    n : int
        Texts looked at.
    left_out : str
        Which were not looked at, in words.

    Returns
    -------
    Picture

    Examples
    --------
    >>> rows = pd.DataFrame({"topic": [1, 0], "touchpoint": ["invoice", ""], "events": [6, 4], "share": [0.6, 0.4],
    ...                      "low": [0.3, 0.2], "high": [0.8, 0.7]})
    >>> coverage_picture(rows, 10, "").spec["data"][0]["y"]
    ['no topic', 'invoice']
    """
    topics = summary[summary["topic"] > 0].sort_values("share", kind="stable")
    rows = pd.concat([summary[summary["topic"] == 0], topics], ignore_index=True)  # plotly draws from below
    none = rows["topic"].eq(0)
    share = rows["share"].to_numpy(dtype=float)
    bars = {
        "type": "bar", "orientation": "h", "showlegend": False,
        "x": share.tolist(), "y": _labels(rows),
        "marker": {"color": [palette.SOFT if no else palette.NAVY for no in none]},
        "error_x": {
            "type": "data", "symmetric": False, "array": (rows["high"].to_numpy(float) - share).tolist(),
            "arrayminus": (share - rows["low"].to_numpy(float)).tolist(), "color": palette.MUTED, "thickness": 1.2, "width": 3,
        },
        "customdata": rows["events"].astype(int).tolist(),
        "hovertemplate": "%{y}<br>%{x:.1%} of the texts, n = %{customdata}<extra></extra>",
    }  # fmt: skip
    said = (
        f"n = {n:,} {'text' if n == 1 else 'texts'}" + (f" · {left_out}" if left_out else "") + " · bars: 95% intervals"
    )
    layout = {
        "height": max(240, 110 + 34 * len(rows)), "margin": {"l": 10, "r": 24, "t": 16, "b": 74},
        "paper_bgcolor": palette.PAPER, "plot_bgcolor": palette.PAPER, "font": {"family": palette.FONT, "color": palette.INK},
        "xaxis": {"title": {"text": "share of the texts"}, "tickformat": ".0%", "rangemode": "tozero", "gridcolor": palette.RULE},
        "yaxis": {"automargin": True, "type": "category"},
        "annotations": [
            {"text": wrapped(said, 96), "xref": "paper", "yref": "paper", "x": 0, "y": 0, "yshift": -46, "xanchor": "left", "yanchor": "top",
             "showarrow": False, "align": "left", "font": {"size": 12, "color": palette.MUTED}},
        ],
    }  # fmt: skip
    return Picture("proposed touchpoints", rows, {"data": [bars], "layout": layout})


def _labels(rows: pd.DataFrame) -> list[str]:
    """Return a label per bar, none twice: plotly would lay bars of one label over each other."""
    names = rows["touchpoint"].astype("str")
    twice = names.duplicated(keep=False)
    told = names.mask(twice, names + " (" + rows["topic"].astype("str") + ")")
    return ["no topic" if topic == 0 else wrapped(str(t), 32) for topic, t in zip(rows["topic"], told, strict=True)]
