"""The Pareto picture of a driver analysis; it shows figures and computes none."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.drivers.analysis import DriverAnalysis

__all__ = ["pareto_figure"]

BAR, LINE, BASE = "#0072b2", "#d55e00", "#666666"  # Okabe & Ito: told apart by colour-blind readers too


def _label(text: str, width: int | None = None) -> str:
    """Show a label as recorded: plotly reads ``<b>`` and ``<a>`` as markup and ``&lt;`` as text."""
    lines = textwrap.wrap(str(text), width) if width else [str(text)]
    return "<br>".join(line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for line in lines)


def _tick(text: str, many: bool) -> str:
    """Labels under many bars stand aslant, on one line: cut them, the whole text shows on hovering."""
    return _label(text if len(text) <= 24 else text[:23] + "…") if many else _label(text, 16)


def pareto_figure(found: DriverAnalysis) -> go.Figure:
    """Draw shares with intervals, the cumulative prediction with its band, and the verdict under it.

    Parameters
    ----------
    found : DriverAnalysis
        What to show.

    Returns
    -------
    plotly.graph_objects.Figure
        Bars, a line with band, a dotted baseline.
    """
    import plotly.graph_objects as go

    shares, pareto = found.shares, found.pareto
    position = np.arange(len(shares))
    many = len(shares) > 6
    labels = [_label(name, 60) for name in shares["touchpoint"]]
    share = shares["share"].to_numpy()
    # A bar shorter than the interval's end, or an interval beside the estimate: draw no negative arm.
    up = np.maximum(shares["share_high"].to_numpy() - share, 0)
    down = np.maximum(share - shares["share_low"].to_numpy(), 0)
    hover = [
        f"{label}<br>share {row.share:.1%} [{row.share_low:.1%}, {row.share_high:.1%}]<br>n = {row.n:,}, reach {row.reach:.0%}"
        for label, row in zip(labels, shares.itertuples(), strict=True)
    ]
    figure = go.Figure()
    figure.add_bar(
        x=position,
        y=share,
        name="fair share of R² (95% interval)",
        marker={"color": BAR},
        error_y={"type": "data", "array": up, "arrayminus": down, "color": "#222222", "thickness": 1.2, "width": 4},
        hovertext=hover,
        hoverinfo="text",
    )
    figure.add_scatter(
        x=np.concatenate([position, position[::-1]]),
        y=np.concatenate([pareto["high"].to_numpy(), pareto["low"].to_numpy()[::-1]]),
        fill="toself",
        fillcolor="rgba(213, 94, 0, 0.15)",
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_scatter(
        x=position,
        y=pareto["cumulative"],
        name="what the first so many predict, of what all predict",
        mode="lines+markers",
        line={"color": LINE},
        hovertemplate="first %{customdata}: %{y:.0%}<extra></extra>",
        customdata=pareto["rank"],
    )
    figure.add_scatter(
        x=position,
        y=pareto["baseline"],
        name="the same if all mattered alike and merely moved together",
        mode="lines",
        line={"color": BASE, "dash": "dot"},
        hovertemplate="flat halo: %{y:.0%}<extra></extra>",
    )
    figure.add_hline(y=0.8, line={"color": BASE, "width": 1, "dash": "dash"})
    lines = _label(f"{found.verdict.word.capitalize()}. {found.verdict.sentence()}", 66)
    figure.add_annotation(
        text=lines,
        xref="paper",
        yref="paper",
        x=0,
        y=0,
        yshift=-125,
        xanchor="left",
        yanchor="top",
        align="left",
        showarrow=False,
        font={"size": 12},
    )
    figure.update_layout(
        title={
            "text": f"What explains {_label(found.target)}: R² = {found.r2:.2f} "
            f"[{found.r2_low:.2f}, {found.r2_high:.2f}], n = {found.n:,}",
            "y": 0.98,
            "yanchor": "top",
            "x": 0.02,
            "font": {"size": 15},
        },
        template="plotly_white",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        margin={"b": 140 + 18 * (lines.count("<br>") + 1), "t": 130, "l": 60, "r": 20},
        height=580 + 18 * (lines.count("<br>") + 1),
        yaxis={"tickformat": ".0%", "range": [0, 1.08], "title": {"text": "part of what is predicted"}},
        xaxis={
            "tickvals": position,
            "ticktext": [_tick(str(name), many) for name in shares["touchpoint"]],
            "tickangle": -40 if many else 0,
        },
    )
    return figure
