"""Where places stand along the emotional journey, in pixels, and the stages above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxmining.figures import palette, wrapped
from cxmining.i18n import stage_label

if TYPE_CHECKING:
    from cxmining.experience.curve_picture import Scene

__all__ = ["Axis", "axis_of", "band_names", "bands", "written"]

PITCH, LEFT = 50, 104
"""Pixels a place needs for its figures; and what stands left of them."""


@dataclass(frozen=True, eq=False)
class Axis:
    """Places along the axis.

    Attributes
    ----------
    places : sequence of str
    at : list of float
        Middle of each place, in pixels at the least width.
    pitch : float
        Between two places.
    total : float
        Width of all.
    stages : list of (str, float, float)
        Runs of places of one stage: where each begins and ends.
    names : list of str
        Labels, broken into lines.
    upright : bool
        Whether labels stand upright; else slanted.
    left, below : int
        Margins for the words left of the picture and the labels below.
    """

    places: Sequence[str]
    at: list[float]
    pitch: float
    total: float
    stages: list[tuple[str, float, float]]
    names: list[str]
    upright: bool
    left: int
    below: int

    def of(self, place: str) -> float:
        """Return where a place stands."""
        return self.at[list(self.places).index(place)]


def axis_of(scene: Scene, language: str) -> Axis:
    """Lay the places out; a stage is as wide as its name needs."""
    places = list(scene.places)
    upright = len(places) <= 10
    pitch = 2.0 * PITCH if upright else float(PITCH)
    stage = [scene.stages.get(p, "") for p in places]
    at: list[float] = []
    runs: list[tuple[str, float, float]] = []
    end = 0.0
    for name in dict.fromkeys(stage):
        count = stage.count(name)
        needed = len(_stage(name, language)) * 7.6 + 34 if any(stage) else 0.0
        width = max(count * pitch, needed)
        at += [round(end + width * (i + 0.5) / count, 2) for i in range(count)]
        runs.append((name, end, end + width))
        end += width
    names = [wrapped(scene.label(p, language), 15 if upright else 34, 4 if upright else 2) for p in places]
    longest = max(len(part) for name in names for part in name.split("<br>"))
    deep = 1 + max(name.count("<br>") for name in names)
    # The first slanted label reaches left of its point.
    widest = max((len(scene.label(g, language)) for g in scene.groups), default=0) if len(scene.groups) > 1 else 0
    least = max(LEFT, 28 + 7 * min(18, widest))
    left = least if upright else max(least, int(4.6 * max(map(len, names[0].split("<br>"))) - at[0] + 12))
    below = 16 * deep + 22 if upright else int(30 + 4.7 * longest)
    return Axis(places, at, pitch, round(end, 2), runs, names, upright, left, below)


def _stage(name: str, language: str) -> str:
    return stage_label(name, language) if name else {"en": "No stage", "nl": "Geen fase"}[language]


def bands(scene: Scene, axis: Axis, top: int, inner: float) -> list[dict[str, Any]]:
    """Return the stages as chevrons above, every second one a lane."""
    if not any(name for name, _, _ in axis.stages):
        return []
    shapes: list[dict[str, Any]] = []
    low, high, tip = 1 + 8 / inner, 1 + (top - 4) / inner, 9
    middle = (low + high) / 2
    for i, (stage, a, b) in enumerate(axis.stages):
        if i % 2:
            shapes.append({"type": "rect", "xref": "x", "yref": "paper", "x0": a, "x1": b, "y0": 0, "y1": 1, "fillcolor": palette.LANE, "line": {"width": 0}, "layer": "below"})  # fmt: skip
        notch = f"L {a + tip + 2},{middle} " if i else ""
        path = f"M {a + 2},{low} L {b - tip},{low} L {b},{middle} L {b - tip},{high} L {a + 2},{high} {notch}Z"
        colour = palette.CHEVRON if stage else palette.MUTED
        shapes.append({"type": "path", "xref": "x", "yref": "paper", "path": path, "fillcolor": colour, "line": {"width": 0}, "layer": "below"})  # fmt: skip
    return shapes


def band_names(scene: Scene, axis: Axis, language: str) -> list[dict[str, Any]]:
    """Return the names of the stages."""
    if not any(name for name, _, _ in axis.stages):
        return []
    return [
        {"x": (a + b) / 2, "xref": "x", "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 14, "showarrow": False,
         "text": f"<b>{_stage(stage, language)}</b>", "font": {"size": 13, "color": palette.CHEVRON_INK}}
        for stage, a, b in axis.stages
    ]  # fmt: skip


def written(x: Sequence[float], y: Sequence[float], texts: Sequence[str], inks: Sequence[str]) -> dict[str, Any]:
    """Return text at places of an axis: one trace is a tenth of as many annotations."""
    return {
        "type": "scatter", "mode": "text", "xaxis": "x", "x": list(x), "y": [round(v, 4) for v in y], "text": list(texts),
        "textfont": {"size": 11.5, "color": list(inks)}, "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip
