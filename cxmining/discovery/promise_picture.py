"""Promises as rows: the share kept with its interval, and what is behind it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Final

from cxmining.figures import Picture, palette, shown, wrapped

if TYPE_CHECKING:
    from cxmining.discovery.promise_report import PromiseReport

__all__ = ["promise_picture"]

_ROW: Final = 62
_TOP, _FOOT = 104, 76
_LEFT, _RIGHT = 420, 380
_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def promise_picture(report: PromiseReport) -> Picture:
    """Return the picture of a promise report."""
    rows = report.summary
    n = len(rows)
    y = list(range(n))
    inner = n * _ROW
    share, low, high = (rows[c].astype(float).tolist() for c in ("share", "low", "high"))
    data: list[dict[str, Any]] = [
        {
            "type": "bar", "orientation": "h", "x": [None if s != s else s for s in share], "y": y, "width": 0.5,
            "marker": {"color": palette.NAVY}, "showlegend": False, "customdata": [shown(text) for text in rows["promise"]],
            "hovertemplate": "%{customdata}<br>kept: %{x:.1%}<extra></extra>",
            "error_x": {
                "type": "data", "symmetric": False, "color": palette.AMBER, "thickness": 2,
                "array": [None if s != s else b - s for s, b in zip(share, high, strict=True)],
                "arrayminus": [None if s != s else s - a for s, a in zip(share, low, strict=True)],
            },
        }
    ]  # fmt: skip
    notes: list[dict[str, Any]] = [_foot(report, inner)]
    for i, row in enumerate(rows.to_dict("records")):
        place = {"xref": "paper", "yref": "y", "y": i, "yanchor": "middle", "showarrow": False}
        notes.append(
            {**place, "x": 0, "xanchor": "right", "xshift": -14, "align": "right", "text": wrapped(row["promise"], 54), "font": {"size": 13}}
        )  # fmt: skip
        notes.append(
            {
                **place,
                "x": 1,
                "xanchor": "left",
                "xshift": 16,
                "align": "left",
                "text": _beside(row),
                "font": {"size": 12},
            }
        )
    layout = {
        "height": _TOP + inner + _FOOT, "width": 1400, "margin": {"l": _LEFT, "r": _RIGHT, "t": _TOP, "b": _FOOT},
        "paper_bgcolor": palette.PAPER, "plot_bgcolor": palette.PAPER,
        "font": {"family": palette.FONT, "size": 13, "color": palette.INK},
        "title": {
            "text": "Promises: share kept, with 95% interval", "x": 0.01, "y": 1 - 16 / (_TOP + inner + _FOOT),
            "yanchor": "top", "font": {"size": 18},
        },
        "xaxis": {
            "range": [0, 1.02], "tickformat": ".0%", "side": "top", "gridcolor": palette.RULE, "zerolinecolor": palette.RULE,
            "fixedrange": True, "color": palette.MUTED, "tickvals": [0, 0.25, 0.5, 0.75, 1],
        },
        "yaxis": {"range": [n - 0.5, -0.5], "showticklabels": False, "showgrid": False, "zeroline": False, "fixedrange": True},
        "annotations": notes,
    }  # fmt: skip
    return Picture("promises", rows, {"data": data, "layout": layout})


def _beside(row: dict[Hashable, Any]) -> str:
    """Return the figures of a promise in up to three short lines."""
    due = row["due"]
    lines = [f"<b>{row['share']:.1%}</b> of {due:,}" if due else "none due"]
    if due:
        lines[0] += f" [{row['low']:.1%} to {row['high']:.1%}]"
    if row["pending"]:
        lines[0] += f", {row['pending']:,} pending"
    if row["median_s"] == row["median_s"]:
        high = f" to {_time(row['median_high_s'])}" if row["median_high_s"] == row["median_high_s"] else " or more"
        low = f" [{_time(row['median_low_s'])}{high}]" if row["median_low_s"] == row["median_low_s"] else ""
        lines.append(f"answered after {_time(row['median_s'])} in the median{low}")
    if row["score_difference"] == row["score_difference"]:
        lines.append(
            f"score where kept {row['score_difference']:+.2f} [{row['score_low']:+.2f} to {row['score_high']:+.2f}], "
            f"n {row['score_n']:,} against {row['score_n_against']:,}"
        )
    return "<br>".join(f"<span style='color:{palette.MUTED}'>{line}</span>" for line in lines)


def _time(seconds: float) -> str:
    """Say a time in the largest unit that it has one of.

    Examples
    --------
    >>> _time(172_800), _time(5_400), _time(0)
    ('2 d', '1.5 h', '0 s')
    """
    size, unit = next(((s, u) for s, u in _UNITS if seconds >= s), (1, "s"))
    return f"{seconds / size:.3g} {unit}"


def _foot(report: PromiseReport, inner: int) -> dict[str, Any]:
    n = int(report.journeys["journey_id"].nunique())
    said = [
        f"n = {n:,} {'journey' if n == 1 else 'journeys'} that a promise calls upon ({report.notion})",
        f"observed until {report.last:%Y-%m-%d}; calendar time; intervals by customer; score differences are associated, not caused",
        *report.chain,
    ]
    return {
        "xref": "paper", "yref": "paper", "x": 0, "xshift": -_LEFT + 14, "y": -(_FOOT - 10) / inner, "xanchor": "left",
        "yanchor": "bottom", "align": "left", "showarrow": False, "text": wrapped("; ".join(said), 190, lines=3),
        "font": {"size": 12, "color": palette.MUTED},
    }  # fmt: skip
