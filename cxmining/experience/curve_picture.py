"""The emotional journey: score, emotion and gap one under the other, with interval and n at each point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cxmining.experience.dots import foot_of
from cxmining.figures import Picture, palette, shown, wrapped
from cxmining.i18n import stage_label
from cxmining.journeys.rows import records_of
from cxmining.schema import STAGES

if TYPE_CHECKING:
    from cxmining.experience.curve import EmotionalCurve

__all__ = ["curve_picture"]

_LINES: Final = ("score", "emotion", "gap")
_MOST: Final = 6
_SURE: Final = 10
PANEL, LEFT, TOP = 210, 128, 92


def curve_picture(curve: EmotionalCurve) -> Picture:
    """Draw up to six groups; the others stand in the table."""
    groups = curve.groups[:_MOST]
    lines = [line for line in _LINES if (curve.points["line"] == line).any()]
    places = list(curve.places)
    labels = [wrapped(stage_label(p, "en") if p in STAGES else p, 16, 3) for p in places]
    colours = palette.DOTS[: len(groups)]
    rows_of_n = 16 * len(groups)
    wide = max(760, LEFT + 40 + 84 * len(places))
    upright = len(places) <= 12
    under = 60 if upright else 130
    foot = foot_of(curve.notion, curve.chain, *_said(curve, groups))
    heights = [PANEL + rows_of_n + 14 for _ in lines]
    inner = sum(heights)
    bottom = under + 17 * len(foot) + 16
    data: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = [
        {"x": 0, "xref": "paper", "xanchor": "left", "xshift": -LEFT + 12, "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 54,
         "text": "<b>Emotional journey: score, emotion, gap to expectation</b>", "showarrow": False, "font": {"size": 17, "color": palette.INK}}
    ]  # fmt: skip
    layout: dict[str, Any] = {}
    top = 1.0
    for i, line in enumerate(lines):
        axis = "" if i == 0 else str(i + 1)
        end = top - PANEL / inner
        layout[f"yaxis{axis}"] = _axis(curve, line) | {"domain": [end + 6 / inner, top - 6 / inner]}
        for g, name in enumerate(groups):
            mine = curve.points[(curve.points["line"] == line) & (curve.points["group"] == name)]
            data.append(_line(curve, mine, g, len(groups), f"y{axis}", places, colours[g], first=i == 0))
            notes += [
                {"x": places.index(r["place"]), "xref": "x", "y": end, "yref": "paper", "yanchor": "top", "yshift": -2 - 16 * g,
                 "text": f"{r['n']:,}", "showarrow": False, "font": {"size": 11.5, "color": colours[g]}}
                for r in records_of(mine)
            ]  # fmt: skip
            notes.append(
                {"x": 0, "xref": "paper", "xanchor": "right", "xshift": -8, "y": end, "yref": "paper", "yanchor": "top", "yshift": -2 - 16 * g,
                 "text": "n" if len(groups) == 1 else f"n {wrapped(name, 13, 1)}", "showarrow": False, "font": {"size": 11.5, "color": colours[g]}}
            )  # fmt: skip
        top = end - (rows_of_n + 14) / inner
    notes += [
        {"x": 0, "xref": "paper", "xanchor": "left", "xshift": -LEFT + 12, "y": 0, "yref": "paper", "yanchor": "top", "yshift": -under - 17 * i,
         "text": text, "showarrow": False, "font": {"size": 12, "color": palette.MUTED}}
        for i, text in enumerate(foot)
    ]  # fmt: skip
    layout |= {
        "width": wide, "height": TOP + inner + bottom, "margin": {"l": LEFT, "r": 24, "t": TOP, "b": bottom},
        "plot_bgcolor": palette.CLEAR, "paper_bgcolor": palette.PAPER, "font": {"family": palette.FONT, "size": 12, "color": palette.INK},
        "hoverlabel": {"bgcolor": palette.PAPER, "bordercolor": palette.MUTED, "font": {"color": palette.INK, "size": 12}},
        "showlegend": len(groups) > 1, "dragmode": False, "hovermode": "closest", "annotations": notes,
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "itemclick": False, "itemdoubleclick": False},
        "xaxis": {"range": [-0.6, len(places) - 0.4], "tickvals": list(range(len(places))), "ticktext": labels, "tickangle": 0 if upright else -45,
                  "showgrid": False, "zeroline": False, "fixedrange": True, "anchor": "free", "position": 0, "automargin": False},
    }  # fmt: skip
    return Picture("emotional journey", curve.points, {"data": data, "layout": layout})


def _said(curve: EmotionalCurve, groups: tuple[str, ...]) -> list[str]:
    said = ["n under each panel; intervals 95%, by customer. At each point other customers may have answered."]
    if curve.basis:
        said.append(f"Gap: score less the {curve.basis} expectation, in scale points.")
    if len(groups) < len(curve.groups):
        said.append(f"{len(groups)} of {len(curve.groups)} groups are drawn.")
    return said


def _axis(curve: EmotionalCurve, line: str) -> dict[str, Any]:
    low, high = curve.scale
    title = {"score": f"{curve.metric} {low:g}–{high:g}", "emotion": "emotion −1–1", "gap": "gap, points"}[line]
    axis: dict[str, Any] = {
        "title": {"text": shown(title), "font": {"size": 12, "color": palette.MUTED}, "standoff": 8}, "fixedrange": True, "gridcolor": palette.RULE,
        "zeroline": line != "score", "zerolinecolor": palette.MUTED, "tickfont": {"color": palette.MUTED},
    }  # fmt: skip
    if line == "score":
        axis["range"] = [low - 0.04 * (high - low), high + 0.04 * (high - low)]
    if line == "gap":
        # Two values can have an interval wider than the scale; it runs out of the picture, the others stay readable.
        mine = curve.points[curve.points["line"] == line]
        sure = mine[mine["n"] >= _SURE]
        ends = [*mine["mean"].abs(), *sure["low"].abs().dropna(), *sure["high"].abs().dropna(), 0.5]
        axis["range"] = [-1.1 * max(ends), 1.1 * max(ends)]
    if line == "emotion":
        axis |= {"range": [-1.08, 1.08], "dtick": 0.5}
    return axis


def _line(
    curve: EmotionalCurve, mine: Any, g: int, groups: int, axis: str, places: list[str], colour: str, *, first: bool
) -> dict[str, Any]:
    shift = (g - (groups - 1) / 2) * 0.12
    at = [places.index(p) + shift for p in mine["place"]]
    mean, low, high = (mine[c].tolist() for c in ("mean", "low", "high"))
    hover = [
        f"{shown(r['group'])}, {shown(r['place'])}<br>{r['line']} {r['mean']:.2f} [{r['low']:.2f}, {r['high']:.2f}]<br>"
        f"n = {r['n']:,} of {r['customers']:,} customers"
        for r in records_of(mine)
    ]
    name = mine["group"].iloc[0] if len(mine) else ""
    return {
        # Touchpoints are met in many orders, so nothing joins them.
        "type": "scatter", "mode": "markers" if curve.by == "touchpoint" else "lines+markers", "x": at, "y": mean, "yaxis": axis, "xaxis": "x",
        "name": shown(name), "legendgroup": shown(name), "showlegend": first,
        "line": {"color": colour, "width": 2}, "marker": {"color": colour, "size": 9, "line": {"width": 1.2, "color": palette.PAPER}},
        "error_y": {
            "type": "data", "symmetric": False, "color": colour, "thickness": 1.6, "width": 4,
            "array": [h - m if h == h else 0.0 for m, h in zip(mean, high, strict=True)],
            "arrayminus": [m - lo if lo == lo else 0.0 for m, lo in zip(mean, low, strict=True)],
        },
        "hoverinfo": "text", "hovertext": hover,
    }  # fmt: skip
