"""The strongest differences of two groups with their intervals, one under the other."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.figures import Picture, palette, shown
from cxmining.journeys.rows import records_of, rows_of

if TYPE_CHECKING:
    from cxmining.journeys.comparing.compare import GroupComparison

__all__ = ["difference_forest"]

MOST: Final = 14
ROW: Final = 27
_WORDS: Final = {"count": "times per journey", "wait_s": "wait", "time_s": "time between", "score": "score"}


def difference_forest(found: GroupComparison) -> Picture:
    """Make the picture of the strongest differences: of shares above, of times, counts and scores below."""
    rows = found.cells[found.cells["tested"]]
    what = rows["touchpoint"].where(rows["kind"] == "touchpoint", rows["source"] + " → " + rows["target"])
    rows = rows.assign(what=what, size=rows["effect"].abs().round(9))
    rows = rows.sort_values(["shown", "size", "what"], ascending=[False, False, True])
    panels = []
    shares = rows[rows["measure"] == "share"].head(MOST)
    if len(shares):
        panels.append(
            ("share of journeys, difference in percentage points", shares, 100.0, ("difference", "low", "high"))
        )
    others = rows[rows["measure"] != "share"].head(MOST)
    if len(others):
        effect = ("effect", "effect_low", "effect_high")
        panels.append(("times, counts, scores: Cliff's delta (−1 to 1)", others, 1.0, effect))
    a, b = found.names
    notes: list[dict[str, Any]] = [
        _note(0, 1, 44, f"<b>Strongest differences: {shown(a)} against {shown(b)}</b>", 17, palette.INK)
    ]
    layout: dict[str, Any] = {}
    data: list[dict[str, Any]] = []
    sizes = [len(p[1]) * ROW + 74 for p in panels]
    total = sum(sizes) or 1
    top = 1.0
    for i, (title, part, factor, columns) in enumerate(panels):
        axis = "" if i == 0 else str(i + 1)
        bottom = top - sizes[i] / total
        layout[f"yaxis{axis}"] = {
            "domain": [bottom + 44 / total, top - 26 / total], "range": [len(part) - 0.5, -0.5], "anchor": f"x{axis}",
            "tickvals": list(range(len(part))), "ticktext": [_label(r) for r in records_of(part)],
            "showgrid": False, "zeroline": False, "fixedrange": True, "tickfont": {"size": 12},
        }  # fmt: skip
        ends = [0.0, *(part[list(columns)].to_numpy(dtype=float) * factor).ravel().tolist()]
        low, high = min(v for v in ends if v == v), max(v for v in ends if v == v)
        layout[f"xaxis{axis}"] = {
            "range": [low - 0.04 * (high - low), high + 0.04 * (high - low)],
            "anchor": f"y{axis}", "domain": [0, 1], "zeroline": True, "zerolinecolor": palette.MUTED, "gridcolor": palette.RULE,
            "fixedrange": True, "tickfont": {"color": palette.MUTED}, "title": {"text": f"← {shown(b)} more · {shown(a)} more →", "font": {"size": 12, "color": palette.MUTED}, "standoff": 4},
        }  # fmt: skip
        notes.append({**_note(0, top, 0, f"<b>{shown(title)}</b>", 13, palette.MUTED), "yanchor": "top"})
        data += _points(part, factor, columns, axis)
        for k, r in enumerate(records_of(part)):
            notes.append(
                {"x": 1.01, "xref": "paper", "y": k, "yref": f"y{axis}", "text": _figures(r), "showarrow": False,
                 "xanchor": "left", "font": {"size": 12, "color": palette.INK if r["shown"] else palette.MUTED}}
            )  # fmt: skip
        top = bottom
    marks = (
        f"Filled: survives correction (Benjamini–Hochberg, false discovery rate {1 - found.level:.0%}); open: does not."
    )
    foot = [
        f"{marks} Intervals {found.level:.0%}, clustered by customer. Associated, not caused.",
        *_caption(found, 190),
    ]
    if not panels:
        foot.insert(0, "No touchpoint or edge has enough customers to be tested.")
    notes += [_note(-0.28, 0, -22 - 17 * i, shown(line), 12, palette.MUTED) for i, line in enumerate(foot)]
    layout |= {
        "width": 1400, "height": total + 84 + 40 + 17 * len(foot), "margin": {"l": 330, "r": 250, "t": 84, "b": 40 + 17 * len(foot)},
        "plot_bgcolor": palette.CLEAR, "paper_bgcolor": palette.PAPER, "showlegend": False, "dragmode": False,
        "font": {"family": palette.FONT, "size": 12, "color": palette.INK}, "annotations": notes, "hovermode": "closest",
        "hoverlabel": {"bgcolor": palette.PAPER, "bordercolor": palette.MUTED, "font": {"color": palette.INK, "size": 12}},
    }  # fmt: skip
    left = -330 / (1400 - 330 - 250) + 0.015
    for note in notes:
        if note["xref"] == "paper" and note["x"] <= 0:
            note["x"] = left
    return Picture("strongest differences", rows.drop(columns="size"), {"data": data, "layout": layout})


def _points(part: pd.DataFrame, factor: float, columns: tuple[str, str, str], axis: str) -> list[dict[str, Any]]:
    at, low, high = (part[c].to_numpy(dtype=float) * factor for c in columns)
    side = [palette.BLUE if v > 0 else palette.AMBER for v in at]
    colour = [c if s else palette.SOFT for c, s in zip(side, part["shown"], strict=True)]
    y = list(range(len(part)))
    lines = [
        {"type": "scatter", "mode": "lines", "x": [lo, hi], "y": [k, k], "xaxis": f"x{axis}", "yaxis": f"y{axis}",
         "line": {"color": c, "width": 2}, "hoverinfo": "skip"}
        for k, (lo, hi, c) in enumerate(zip(low.tolist(), high.tolist(), colour, strict=True)) if lo == lo and hi == hi
    ]  # fmt: skip
    fill = [c if s else palette.PAPER for c, s in zip(colour, part["shown"], strict=True)]
    hover = [f"{_label(r)}<br>{_figures(r)}<br>n = {r['n_a']:,} and {r['n_b']:,}" for r in records_of(part)]
    dots = {"type": "scatter", "mode": "markers", "x": at.tolist(), "y": y, "xaxis": f"x{axis}", "yaxis": f"y{axis}",
            "marker": {"size": 10, "color": fill, "line": {"color": colour, "width": 2}}, "hovertext": hover, "hoverinfo": "text"}  # fmt: skip
    return [*lines, dots]


def _label(r: dict[str, Any]) -> str:
    text = r["what"] if r["measure"] == "share" else f"{r['what']}: {_WORDS[r['measure']]}"
    return shown(text if len(text) <= 50 else text[:49] + "…")


def _figures(r: dict[str, Any]) -> str:
    from cxmining.i18n import duration

    if r["measure"] == "share":
        pair = f"{r['a']:.1%} : {r['b']:.1%}"
    elif r["measure"].endswith("_s"):
        pair = f"{duration(r['a'], 'en')} : {duration(r['b'], 'en')}"
    else:
        pair = f"{r['a']:.2f} : {r['b']:.2f}"
    return f"{pair}   q {_q(r['q'])}"


def _note(x: float, y: float, shift: float, text: str, size: int, colour: str) -> dict[str, Any]:
    return {"x": x, "xref": "paper", "y": y, "yref": "paper", "yshift": shift, "text": text, "showarrow": False,
            "xanchor": "left", "yanchor": "middle", "font": {"size": size, "color": colour}}  # fmt: skip


def _q(q: float) -> str:
    return "&lt; 0.001" if q < 0.001 else f"= {q:.3f}"


def _caption(found: GroupComparison, width: int = 200) -> list[str]:
    """Say under the picture how many there are of each group, what a journey is, and which filters made them."""
    lines = []
    for name, size, chain in zip(found.names, rows_of(found.sizes), found.chains, strict=True):
        made = f"; {'; '.join(chain)}" if chain else ""
        lines += wrap(f"{name}: n = {size.journeys:,} journeys of {size.customers:,} customers{made}", width)
    both = f"; {found.shared_customers:,} customers in both" if found.shared_customers else ""
    test = str(found.test)
    return [*lines, *wrap(f"Journeys by {found.notion}{both}. {test[0].upper()}{test[1:]}.", width)]
