"""The emotions that customers name, as a lane under the emotional journey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cxmining.experience.curve_axis import written
from cxmining.experience.curve_rows import HIDDEN
from cxmining.figures import palette, shown, wrapped
from cxmining.i18n import EMOTION_LABELS, emotion_label, interval, is_missing, number, percent, speaking
from cxmining.journeys.rows import records_of

if TYPE_CHECKING:
    from cxmining.experience.curve_axis import Axis
    from cxmining.experience.curve_picture import Scene

__all__ = ["Lane", "lane"]

KINDS: Final = tuple(EMOTION_LABELS)
_GOOD: Final = ("joy", "satisfaction")
_HIGH: Final = 22
_ROW: Final = 17
say = speaking("experience")


@dataclass(frozen=True, eq=False)
class Lane:
    """A panel of emotions: a row each.

    Attributes
    ----------
    height, tall, top : float
        Pixels of all, of the panel alone, and above it.
    data : list of dict
        Traces, without an axis.
    scale : dict
        The axis.
    named : list of (dict, float)
        Names of the rows, and how far each stands below the top of the lane, in pixels.
    """

    height: float = 0.0
    tall: float = 0.0
    top: float = 0.0
    data: list[dict[str, Any]] = field(default_factory=list)
    scale: dict[str, Any] = field(default_factory=dict)
    named: list[tuple[dict[str, Any], float]] = field(default_factory=list)

    def heads(self, inner: float) -> list[dict[str, Any]]:
        """Return the names of the rows as annotations; `inner` is the height of the whole plot."""
        place = {"yref": "paper", "yanchor": "top", "showarrow": False}
        return [{**place, **head, "y": (self.height - below) / inner} for head, below in self.named]


def lane(scene: Scene, axis: Axis, colours: Sequence[str], language: str) -> Lane:
    """Draw the share of texts that name each emotion; n, the texts, stands below."""
    groups = list(scene.groups)
    table = scene.emotions[scene.emotions["group"].isin(groups) & scene.emotions["place"].isin(list(scene.places))]
    if not len(table):
        return Lane()
    single = len(groups) == 1
    seen = table[(table["mean"].astype(float) > 0).fillna(False)]
    data = []
    for g, group in enumerate(groups):
        for good in (True, False, None) if single else (None,):
            mine = seen[seen["group"] == group]
            if single:
                helped = mine["line"].map(lambda k: True if k in _GOOD else None if k == "surprise" else False)
                mine = mine[[k is good for k in helped]]
            if not len(mine):
                continue
            ink = {True: palette.TEAL, False: palette.RED, None: palette.AMBER}[good] if single else colours[g]
            shift = 0.0 if single else (g - (len(groups) - 1) / 2) * min(10.0, 0.7 * axis.pitch / len(groups))
            data.append(
                {
                    "type": "scatter", "mode": "markers", "xaxis": "x", "x": [axis.of(p) + shift for p in mine["place"]],
                    "y": [-KINDS.index(k) for k in mine["line"]], "showlegend": False, "hoverinfo": "text",
                    "marker": {"color": ink, "line": {"width": 0}, "opacity": 0.85,
                               "size": [round(3 + 19 * float(np.sqrt(v)), 1) for v in mine["mean"].astype(float)]},
                    "hovertext": [_hover(scene, r, language) for r in records_of(mine)],
                }
            )  # fmt: skip
    top = 22.0
    last = -len(KINDS) + 0.4
    span = (last - (_ROW * len(groups) + 6) / _HIGH, 0.6)
    tall = _HIGH * (span[1] - span[0])
    title = {
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "text": say("lane_title", language),
        "font": {"size": 12, "color": palette.MUTED},
    }
    heads: list[tuple[dict[str, Any], float]] = [(title, 0.0)]
    x: list[float] = []
    y: list[float] = []
    texts: list[str] = []
    inks: list[str] = []
    for i, group in enumerate(groups):
        ink = palette.MUTED if single else colours[i]
        said = "n" if single else f"n {wrapped(scene.label(group, language), 18, 1)}"
        head = {
            "xref": "paper",
            "x": 0,
            "xanchor": "right",
            "xshift": -8,
            "text": said,
            "font": {"size": 12, "color": ink},
        }
        heads.append((head, top + _HIGH * (0.6 - last) + 2 + _ROW * i))
        mine = table[table["group"] == group]
        most = mine.assign(n=mine["n"].astype("Float64")).groupby("place")["n"].max()
        for place in scene.places:
            n: Any = most.get(place)
            x.append(axis.of(place))
            y.append(last - (11 + _ROW * i) / _HIGH)
            texts.append(scene.absent(group, KINDS[0], place) if is_missing(n) else number(float(n), language))
            inks.append(palette.INK if single else ink)
        for kind, place in [
            (k, p) for g, k, p in sorted(scene.hidden) if g == group and k in KINDS and p in scene.places
        ]:
            if single and not is_missing(most.get(place)):
                x.append(axis.of(place))
                y.append(-KINDS.index(kind))
                texts.append(HIDDEN)
                inks.append(palette.MUTED)
    scale = {
        "range": list(span), "tickvals": [-i for i in range(len(KINDS))], "ticktext": [emotion_label(k, language) for k in KINDS],
        "fixedrange": True, "gridcolor": palette.RULE, "zeroline": False, "tickfont": {"size": 12, "color": palette.MUTED},
    }  # fmt: skip
    data.insert(0, written(x, y, texts, inks))
    return Lane(top + tall + 6, tall, top, data, scale, heads)


def _hover(scene: Scene, row: dict[str, Any], language: str) -> str:
    head = [shown(scene.label(row["place"], language))]
    if len(scene.groups) > 1:
        head.append(shown(scene.label(row["group"], language)))
    span = (
        interval(max(0.0, row["low"]), min(1.0, row["high"]), language, 0, share=True)
        if not is_missing(row["low"])
        else ""
    )
    share = say("lane_share", language, share=percent(row["mean"], language), n=number(row["n"], language))
    return f"<b>{', '.join(head)}</b><br>{emotion_label(row['line'], language)}: {share} {span}"
