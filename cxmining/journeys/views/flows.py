"""The sankey: what journeys come from and go on to, around a touchpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxmining.engine import END, START
from cxmining.errors import StudyError
from cxmining.figures import palette, shown
from cxmining.i18n import counted
from cxmining.journeys.views.view import View, code_of, first_visits, layout, under
from cxmining.stats import wilson

if TYPE_CHECKING:
    from cxmining.journeys.build import Journeys

__all__ = ["sankey"]

REST = "(other)"


def sankey(journeys: Journeys, touchpoint: str, *, before: int = 2, after: int = 3, top: int = 6) -> View:
    """Show the steps before and after the first visit of a touchpoint as streams.

    Parameters
    ----------
    journeys : Journeys
    touchpoint : str
        The anchor; journeys without it are left out and counted.
    before, after : int, default 2 and 3
        How many steps to show.
    top : int, default 6
        Touchpoints per step that are shown by name; others flow together.

    Returns
    -------
    View
        ``summary``: `step` (of the source; 0 is the anchor), `source`, `target`, `journeys`, `n` (with the anchor),
        `share` with `low`, `high` (Wilson). ``(start)`` and ``(end)`` are where journeys begin and end.

    Raises
    ------
    UnknownNameError
        When the touchpoint does not occur.
    StudyError
        When there is no step to show, or `top` is below one.
    """
    if before < 0 or after < 0 or before + after < 1 or top < 1:
        raise StudyError(
            f"sankey: before={before}, after={after}, top={top}: show at least one step and one touchpoint"
        )
    log = journeys.log
    anchor = first_visits(journeys, code_of(journeys, touchpoint, "sankey"))
    here = np.flatnonzero(anchor >= 0)
    steps = np.arange(-before, after + 1)
    places = anchor[here][:, None] + steps
    k = len(log.touchpoints)
    start, end, out = k, k + 1, k + 3
    codes = log.touchpoint[np.clip(places, 0, len(log) - 1)].astype(np.int64)
    low, high = log.offsets[here][:, None], log.offsets[here + 1][:, None]
    # One node for having begun or ended, beyond which there is no stream.
    codes = np.where(places == low - 1, start, np.where(places == high, end, codes))
    codes = np.where((places < low - 1) | (places > high), out, codes)
    codes = np.stack([_pooled(codes[:, i], k, top) for i in range(len(steps))], axis=1)
    names = [*log.touchpoints, START, END, REST]
    rows = []
    for i in range(len(steps) - 1):
        pair = codes[:, i] * (out + 1) + codes[:, i + 1]
        found, counts = np.unique(pair[(codes[:, i] != out) & (codes[:, i + 1] != out)], return_counts=True)
        rows += [
            {"step": int(steps[i]), "source": names[p // (out + 1)], "target": names[p % (out + 1)], "journeys": n}
            for p, n in zip(found.tolist(), counts.tolist(), strict=True)
        ]
    frame = pd.DataFrame(rows, columns=["step", "source", "target", "journeys"])
    frame = frame.astype({"source": "str", "target": "str"})
    share = wilson(frame["journeys"].to_numpy(), np.full(len(frame), len(here)))
    frame = frame.assign(n=len(here), share=share.value, low=share.low, high=share.high)
    frame = frame.sort_values(
        ["step", "journeys", "source", "target"], ascending=[True, False, True, True], ignore_index=True
    )
    title = f"Before and after the first {touchpoint!r}"
    left = (
        f"{counted(len(here), 'journey')} with it; {counted(len(journeys) - len(here), 'journey')} without it left out"
    )
    said = under(journeys, left)
    return View(title, frame, _spec(frame, title, said, -before, after), said)


def _pooled(codes: np.ndarray[Any, Any], k: int, top: int) -> np.ndarray[Any, Any]:
    counts = np.bincount(codes[codes < k], minlength=k)
    ranked = np.argsort(-counts, kind="stable")
    rare = np.ones(k, dtype=bool)
    rare[ranked[:top]] = False
    if int((counts[rare] > 0).sum()) <= 1:
        return codes  # one alone keeps its name
    return np.where((codes < k) & rare[np.minimum(codes, k - 1)], k + 2, codes)


def _spec(frame: pd.DataFrame, title: str, said: tuple[str, ...], first: int, last: int) -> dict[str, Any]:
    nodes: dict[tuple[int, str], int] = {}
    for r in frame.to_dict("records"):
        nodes.setdefault((r["step"], r["source"]), len(nodes))
        nodes.setdefault((r["step"] + 1, r["target"]), len(nodes))
    colour = {START: palette.SOFT, END: palette.SOFT, REST: palette.RULE}
    width = max(last - first, 1)
    size = {key: max(frame.loc[(frame["step"] == key[0]) & (frame["source"] == key[1]), "journeys"].sum(),
                     frame.loc[(frame["step"] == key[0] - 1) & (frame["target"] == key[1]), "journeys"].sum())
            for key in nodes}  # fmt: skip
    middle = _stacked(size, range(first, last + 1))
    links = frame.to_dict("records")
    data = {
        "type": "sankey", "arrangement": "fixed",
        "node": {
            "label": [shown(name) for _, name in nodes], "pad": 14, "thickness": 14,
            "color": [palette.NAVY if step == 0 else colour.get(name, palette.TEAL) for step, name in nodes],
            "x": [0.001 + 0.998 * (step - first) / width for step, _ in nodes],
            "y": [round(middle[key], 5) for key in nodes],
            "line": {"width": 0}, "hovertemplate": "%{label}<br>%{value:,} journeys<extra></extra>",
        },
        "link": {
            "source": [nodes[r["step"], r["source"]] for r in links],
            "target": [nodes[r["step"] + 1, r["target"]] for r in links],
            "value": [r["journeys"] for r in links], "color": palette.BAND,
            "customdata": [f"{r['share']:.1%} [{r['low']:.1%}, {r['high']:.1%}]" for r in links],
            "hovertemplate": "%{source.label} → %{target.label}<br>%{value:,} journeys, %{customdata}<extra></extra>",
        },
        "textfont": {"color": palette.INK, "size": 12},
    }  # fmt: skip
    most = max((sum(1 for s, _ in nodes if s == step) for step in range(first, last + 1)), default=1)
    frame_ = layout(title, said, 160 + 55 * most, margin={"l": 20, "r": 20, "b": 30})
    return {"data": [data], "layout": frame_}


def _stacked(size: dict[tuple[int, str], float], steps: range) -> dict[tuple[int, str], float]:
    """Return the middle of each node, from 0 (top) to 1: at each step the largest first, others and ends last."""
    late = {REST: 1, START: 2, END: 2}
    most = max(sum(n for (s, _), n in size.items() if s == step) for step in steps)
    crowd = max(sum(1 for s, _ in size if s == step) for step in steps)
    gap = min(0.04, 0.5 / max(crowd, 1))
    scale = (1 - gap * crowd) / most
    middle = {}
    for step in steps:
        here = sorted((k for k in size if k[0] == step), key=lambda k: (late.get(k[1], 0), -size[k], k[1]))
        top = 0.0
        for key in here:
            middle[key] = min(max(top + scale * size[key] / 2, 0.001), 0.999)
            top += scale * size[key] + gap
    return middle
