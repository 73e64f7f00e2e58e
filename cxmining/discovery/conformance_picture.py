"""The intended journey as a row of steps: who is still on it, who left it where, and by what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.engine import START
from cxmining.figures import Picture, palette, shown, wrapped

if TYPE_CHECKING:
    from cxmining.discovery.conformance import Conformance

__all__ = ["conformance_picture", "way_out"]

_IN_A_ROW: Final = 7
_ROW: Final = 400
"""Pixels of one row of steps: labels, bars, and what is written below them."""
_TOP, _FOOT = 110, 64
_LABEL, _BARS = 74, 170
_WAYS: Final = 2


def way_out(found: Conformance) -> pd.DataFrame:
    """Return by what journeys leave the path after each step.

    Returns
    -------
    DataFrame
        One row per step, first deviation and touchpoint, most journeys first: `step`, `kind`, `touchpoint`,
        `journeys`.
    """
    left = found.journeys.dropna(subset="first_kind")
    counts = left.groupby(["first_after", "first_kind", "first_touchpoint"], observed=True).size()
    frame = counts.rename("journeys").reset_index()
    frame.columns = pd.Index(["step", "kind", "touchpoint", "journeys"])
    return frame.sort_values(
        ["journeys", "step", "kind", "touchpoint"], ascending=[False] + [True] * 3, ignore_index=True
    )


def conformance_picture(found: Conformance) -> Picture:
    """Return the picture of a conformance check."""
    steps = found.steps
    if not int(steps["left"].iloc[0]):
        steps = steps.iloc[1:]
    steps = steps.reset_index(drop=True)
    n = found.share.n
    rows = -(-len(steps) // _IN_A_ROW)
    columns = -(-len(steps) // rows)
    height = _TOP + rows * _ROW + _FOOT
    inner = height - _TOP - _FOOT
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {
        "height": height, "width": 1400, "margin": {"l": 56, "r": 24, "t": _TOP, "b": _FOOT}, "barmode": "stack", "bargap": 0.45,
        "paper_bgcolor": palette.PAPER, "plot_bgcolor": palette.PAPER,
        "font": {"family": palette.FONT, "size": 13, "color": palette.INK},
        "legend": {"orientation": "h", "x": 0, "y": 1 + 12 / inner, "yanchor": "bottom", "traceorder": "normal"},
        "title": {"text": _title(found), "x": 0, "xref": "paper", "y": 1 - 14 / height, "yanchor": "top", "font": {"size": 18}},
        "annotations": [_foot(found, inner)], "shapes": [],
    }  # fmt: skip
    for r in range(rows):
        part = steps.iloc[r * columns : (r + 1) * columns]
        top = 1 - (r * _ROW + _LABEL) / inner
        axis = "" if r == 0 else str(r + 1)
        layout[f"yaxis{axis}"] = {
            "domain": [top - _BARS / inner, top], "range": [0, 1], "tickformat": ".0%", "fixedrange": True, "anchor": f"x{axis}",
            "gridcolor": palette.RULE, "zerolinecolor": palette.RULE, "tickvals": [0, 0.5, 1], "color": palette.MUTED,
        }  # fmt: skip
        layout[f"xaxis{axis}"] = {
            "range": [-0.5, columns - 0.5], "showticklabels": False, "showgrid": False, "zeroline": False, "fixedrange": True,
            "anchor": f"y{axis}",
        }  # fmt: skip
        data += _bars(part, n, axis, r == 0)
        _write(layout, part, axis, top, inner, found, columns)
    return Picture("conformance", steps, {"data": data, "layout": layout})


def _bars(part: pd.DataFrame, n: int, axis: str, legend: bool) -> list[dict[str, Any]]:
    goes_on = part["following"] - part["left"]
    beside = (part["done"] - part["following"]).clip(lower=0)
    x = list(range(len(part)))
    names = [shown(step) for step in part["step"]]
    return [
        {
            "type": "bar", "name": name, "x": x, "y": (values / n).tolist(), "marker": {"color": colour},
            "xaxis": f"x{axis}", "yaxis": f"y{axis}", "showlegend": legend, "customdata": list(zip(names, values.tolist(), strict=True)),
            "legendgroup": name, "hovertemplate": "%{customdata[0]}<br>" + name + ": %{customdata[1]:,} (%{y:.1%})<extra></extra>",
        }
        for name, values, colour in (
            ("followed the path so far and goes on", goes_on, palette.NAVY),
            ("followed it so far and leaves it right after this step", part["left"], palette.RED),
            ("did the step, had left the path before", beside, palette.SOFT),
        )
    ]  # fmt: skip


def _write(
    layout: dict[str, Any],
    part: pd.DataFrame,
    axis: str,
    top: float,
    inner: int,
    found: Conformance,
    columns: int,
) -> None:
    """Write the step over each bar, and who leaves by what below it."""
    n, ways = found.share.n, way_out(found)
    letters = 27 * _IN_A_ROW // columns
    for i, row in enumerate(part.to_dict("records")):
        place = {"xref": f"x{axis}", "yref": "paper", "x": i, "showarrow": False}
        low, high = top + 10 / inner, top + (_LABEL - 6) / inner
        middle = (low + high) / 2
        layout["shapes"].append(
            {
                "type": "rect", "xref": f"x{axis}", "yref": "paper", "x0": i - 0.46, "x1": i + 0.46, "y0": low, "y1": high,
                "fillcolor": palette.CHEVRON, "line": {"width": 0},
            }
        )  # fmt: skip
        layout["annotations"].append(
            {**place, "y": middle, "yanchor": "middle", "text": wrapped(row["step"], min(letters - 5, 40)), "font": {"size": 12, "color": palette.CHEVRON_INK}}
        )  # fmt: skip
        if i:
            layout["annotations"].append(
                {**place, "x": i - 0.5, "y": middle, "yanchor": "middle", "text": "›", "font": {"size": 18, "color": palette.MUTED}}
            )  # fmt: skip
        text = "" if row["step"] == START else f"done {row['done'] / n:.0%}<br>"
        if row["left"]:
            text += (
                f"<span style='color:{palette.RED}'>{row['left']:,} leave here</span>"
                f"<br><span style='color:{palette.RED}'>{row['left_share']:.1%} [{row['left_low']:.1%} to {row['left_high']:.1%}]</span>"
            )
            mine = ways[(ways["step"] == row["step"]) & (ways["journeys"] >= found.min_n)].head(_WAYS)
            for way in mine.to_dict("records"):
                said = wrapped(f"{way['kind']}: {way['touchpoint']} ({way['journeys']:,})", min(letters, 48))
                text += f"<br><span style='color:{palette.MUTED}'>{said}</span>"
        layout["annotations"].append(
            {**place, "y": top - (_BARS + 6) / inner, "yanchor": "top", "text": text, "font": {"size": 12}, "align": "center"}
        )  # fmt: skip


def _title(found: Conformance) -> str:
    n = found.share.n
    low, high = found.share.low, found.share.high
    digits = 1 if high - low >= 0.002 else 2
    return (
        f"{found.share.value:.{digits}%} of {n:,} {'journey follows' if n == 1 else 'journeys follow'} the intended path "
        f"[{low:.{digits}%} to {high:.{digits}%}]"
    )


def _foot(found: Conformance, inner: int) -> dict[str, Any]:
    said = [f"n = {found.share.n:,} journeys ({found.notion}); shares with 95% interval, by customer", *found.chain]
    text = wrapped("; ".join(said), 190, lines=2)
    return {
        "xref": "paper", "yref": "paper", "x": 0, "y": -(_FOOT - 8) / inner, "xanchor": "left", "yanchor": "bottom", "align": "left",
        "showarrow": False, "text": text, "font": {"size": 12, "color": palette.MUTED},
    }  # fmt: skip
