"""The emotional journey drawn: score, emotion and gap one under the other, the emotions as a lane below.

The one drawing of it: of a live result and of a run's tables alike, see :class:`Scene`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.experience.curve_axis import Axis, axis_of, band_names, bands
from cxmining.experience.curve_lane import lane
from cxmining.experience.curve_lines import Labels
from cxmining.experience.curve_rows import HIDDEN, ROW, figure_rows, rows_of_line
from cxmining.experience.curve_shape import LINES
from cxmining.experience.dots import foot_of
from cxmining.figures import Picture, palette, shown
from cxmining.i18n import METRIC_LABELS, MISSING, interval, is_missing, named, number, signed, speaking, translate
from cxmining.journeys.rows import records_of

if TYPE_CHECKING:
    from cxmining.experience.curve import EmotionalCurve

__all__ = ["HIDDEN", "MOST", "Scene", "curve_picture", "curve_spec"]

MOST: Final = 6
"""Groups in one picture."""
_SURE: Final = 10
_GAP: Final = 16
_SIDE: Final = 16
say = speaking("experience")


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that is drawn.

    Attributes
    ----------
    points : DataFrame
        ``group``, ``line`` (score, emotion, gap), ``place``, ``mean``, ``low``, ``high``, ``n`` (missing: hidden or not measured).
    emotions, expected : DataFrame
        The same per kind of emotion as ``line``, and for what was expected.
    moments : DataFrame
        ``wow_n``, ``pain_n`` by touchpoint; without columns where they are not known.
    places, groups : tuple of str
        In order.
    by : {"stage", "position", "touchpoint"}
    metric : str
    scale : (float, float)
    labels : mapping
        Place or group → language → what it is called.
    stages : mapping
        Touchpoint → stage.
    hidden : collection of (group, line, place)
        Figures that are known and not shown.
    """

    points: pd.DataFrame
    emotions: pd.DataFrame
    expected: pd.DataFrame
    moments: pd.DataFrame
    places: Sequence[str]
    groups: Sequence[str]
    by: str
    metric: str
    scale: tuple[float, float]
    labels: Labels
    stages: Mapping[str, str] = field(default_factory=dict)
    hidden: Collection[tuple[str, str, str]] = ()

    def label(self, name: str, language: str) -> str:
        """Return what a place or a group is called."""
        return self.labels[name][language] if name in self.labels else name

    def absent(self, group: str, line: str, place: str) -> str:
        """Return the sign for a figure that is not there."""
        return HIDDEN if (group, line, place) in self.hidden else MISSING


def curve_picture(curve: EmotionalCurve, language: str = "en") -> Picture:
    """Draw up to six groups with title and foot; the others stand in the table."""
    groups = curve.groups[:MOST]
    scene = Scene(
        curve.points, curve.emotions, curve.expected, curve.moments, curve.places, groups, curve.by, curve.metric,
        curve.scale, curve.labels, curve.stages,
    )  # fmt: skip
    spec = curve_spec(scene, language)
    said = [say("curve_foot", language)]
    if curve.basis:
        said.append(say(f"curve_{curve.basis}", language))
    if len(groups) < len(curve.groups):
        said.append(say("curve_some", language, shown=len(groups), all=len(curve.groups)))
    said += [translate(note, language) for note in curve.notes]
    foot = foot_of(curve.notion, curve.chain, *said, language=language)
    return Picture("emotional journey", curve.points, {"data": spec["data"], "layout": framed(spec, foot, language)})


def framed(spec: dict[str, Any], foot: Sequence[str], language: str) -> dict[str, Any]:
    """Return the layout with a title above and `foot` (escaped) below."""
    layout = spec["layout"]
    margin, width = layout["margin"], max(760, spec["least"])
    top, bottom = 40, 17 * len(foot) + 18
    inner = layout["height"] - margin["t"] - margin["b"]
    rule = {"xref": "paper", "x": 0, "xanchor": "left", "xshift": 12 - margin["l"], "yref": "paper", "showarrow": False}
    notes = [
        {**rule, "y": 1, "yanchor": "bottom", "yshift": margin["t"] + 4, "text": f"<b>{say('curve_title', language)}</b>",
         "font": {"size": 17, "color": palette.INK}},
        *({**rule, "y": 0, "yanchor": "top", "yshift": -margin["b"] - 17 * i, "text": text, "align": "left",
           "font": {"size": 12, "color": palette.MUTED}} for i, text in enumerate(foot)),
    ]  # fmt: skip
    return {
        **layout, "width": width, "height": inner + margin["t"] + top + margin["b"] + bottom, "paper_bgcolor": palette.PAPER,
        "margin": {**margin, "t": margin["t"] + top, "b": margin["b"] + bottom}, "annotations": [*layout["annotations"], *notes],
    }  # fmt: skip


def curve_spec(scene: Scene, language: str) -> dict[str, Any]:
    """Return ``data`` and ``layout`` for plotly, and ``least``: the width in pixels below which it must scroll."""
    groups = list(scene.groups)
    single = len(groups) == 1
    axis = axis_of(scene, language)
    lines = [line for line in LINES if (scene.points["line"] == line).any()]
    colours = [palette.NAVY] if single else list(palette.DOTS[: len(groups)])
    panels = [
        (line, 260 if i == 0 and single else 190 if i == 0 else 130, rows_of_line(scene, line))
        for i, line in enumerate(lines)
    ]
    under = lane(scene, axis, colours, language)
    heights = [tall + ROW * len(rows) + 12 + _GAP for _, tall, rows in panels]
    inner = sum(heights) + under.height
    top = 46 if any(scene.stages.get(p) for p in scene.places) else 14
    top += 0 if single else 26
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {
        "plot_bgcolor": palette.CLEAR, "paper_bgcolor": palette.CLEAR, "font": {"family": palette.FONT, "size": 12, "color": palette.INK},
        "hoverlabel": {"bgcolor": palette.PAPER, "bordercolor": palette.MUTED, "font": {"color": palette.INK, "size": 12}},
        "separators": ",." if language == "nl" else ".,", "showlegend": not single, "dragmode": False, "hovermode": "closest",
        "legend": {"orientation": "h", "x": 0, "y": 1 + (top - 24) / inner, "yanchor": "bottom", "itemclick": False, "itemdoubleclick": False},
        "height": top + inner + axis.below, "margin": {"l": axis.left, "r": _SIDE, "t": top, "b": axis.below},
        "shapes": bands(scene, axis, top - (0 if single else 26), inner),
        "annotations": band_names(scene, axis, language),
    }  # fmt: skip
    at = inner
    keyed: set[str] = set()
    for i, ((line, tall, rows), height) in enumerate(zip(panels, heights, strict=True)):
        name = "y" if i == 0 else f"y{i + 1}"
        end = (at - tall) / inner
        layout[f"yaxis{name[1:]}"] = _scale(scene, line, language) | {"domain": [end, at / inner]}
        below = len(panels) + 2 + i  # the figures have a plot of their own: marks outside an axis are not drawn
        deep = ROW * len(rows) + 4
        heads, figures = figure_rows(scene, line, rows, axis, end, colours, language)
        layout["annotations"] += heads
        layout[f"yaxis{below}"] = {
            "domain": [end - (deep + 6) / inner, end - 6 / inner],
            "range": [-deep, 0],
            "visible": False,
            "fixedrange": True,
        }
        data.append({**figures, "yaxis": f"y{below}"})
        for g, group in enumerate(groups):
            mine = scene.points[(scene.points["line"] == line) & (scene.points["group"] == group)]
            data += _marks(scene, line, mine, axis, name, language, g, colours[g], first=group not in keyed)
            keyed |= {group} if len(mine) and mine["mean"].notna().any() else set()
        at -= height
    layout["annotations"] += under.heads(inner)
    if under.data:
        layout[f"yaxis{len(panels) + 1}"] = under.scale | {
            "domain": [(under.height - under.top - under.tall) / inner, (under.height - under.top) / inner]
        }
        data += [{**trace, "yaxis": f"y{len(panels) + 1}"} for trace in under.data]
    layout["xaxis"] = {
        "range": [0, axis.total], "tickvals": axis.at, "ticktext": axis.names, "tickangle": 0 if axis.upright else -45, "showgrid": False,
        "zeroline": False, "fixedrange": True, "ticks": "", "tickfont": {"size": 12}, "automargin": False, "anchor": "free", "position": 0,
    }  # fmt: skip
    return {"data": data, "layout": layout, "least": int(axis.total + axis.left + _SIDE)}


def _scale(scene: Scene, line: str, language: str) -> dict[str, Any]:
    low, high = scene.scale
    title = {
        "score": f"{named(METRIC_LABELS, scene.metric, language)} {low:g}–{high:g}",
        "emotion": say("curve_emotion", language),
        "gap": say("curve_gap", language),
    }[line]
    axis: dict[str, Any] = {
        "title": {"text": shown(title), "font": {"size": 12, "color": palette.MUTED}, "standoff": 8}, "fixedrange": True,
        "gridcolor": palette.RULE, "tickfont": {"size": 12, "color": palette.MUTED}, "zeroline": line != "score", "zerolinecolor": palette.MUTED,
    }  # fmt: skip
    if line == "score":
        room = (high - low) * 0.05
        length = high - low
        axis |= {
            "range": [low - room, high + room],
            "tick0": low,
            "dtick": 1 if length <= 12 else 50 if length >= 150 else 10,
        }
    if line != "score":
        # Two values can have an interval wider than the scale; it runs out of the picture, the others stay readable.
        mine = scene.points[(scene.points["line"] == line) & scene.points["group"].isin(list(scene.groups))]
        sure = mine[mine["n"].fillna(0) >= _SURE]
        least = 0.5 if line == "gap" else 0.3
        ends = [*mine["mean"].abs().dropna(), *sure["low"].abs().dropna(), *sure["high"].abs().dropna(), least]
        reach = 1.1 * float(max(ends))
        axis["range"] = [-reach, reach] if line == "gap" else [-min(1.08, reach), min(1.08, reach)]
        axis["nticks"] = 5
    return axis


def _marks(
    scene: Scene,
    line: str,
    mine: pd.DataFrame,
    axis: Axis,
    name: str,
    language: str,
    g: int,
    colour: str,
    *,
    first: bool,
) -> list[dict[str, Any]]:
    """Points with intervals; where there is one group they say by their shape where the interval lies."""
    single = len(scene.groups) == 1
    mine = mine[mine["mean"].notna() & mine["place"].isin(list(scene.places))]
    group = scene.groups[g]
    if not len(mine):
        return []
    base = {"type": "scatter", "yaxis": name, "xaxis": "x", "hoverinfo": "text"}
    joined = scene.by != "touchpoint"  # touchpoints are met in many orders, so nothing joins them
    if not single:
        shift = (g - (len(scene.groups) - 1) / 2) * min(10.0, 0.7 * axis.pitch / len(scene.groups))
        return [
            {
                **base, "mode": "lines+markers" if joined else "markers", "x": [axis.of(p) + shift for p in mine["place"]], "y": _plain(mine["mean"]),
                "name": shown(scene.label(group, language)), "legendgroup": str(g), "showlegend": first, "line": {"color": colour, "width": 2},
                "marker": {"color": colour, "size": 9, "line": {"width": 1.2, "color": palette.PAPER}}, "error_y": _reach(mine, colour),
                "hovertext": [_hover(scene, line, r, language) for r in records_of(mine)],
            }
        ]  # fmt: skip
    data: list[dict[str, Any]] = []
    if joined:
        data.append({**base, "mode": "lines", "x": [axis.of(p) for p in mine["place"]], "y": _plain(mine["mean"]),
                     "line": {"color": palette.SOFT, "width": 2}, "hoverinfo": "skip"})  # fmt: skip
    if line == "score":
        data += _before(scene, mine, axis, base, language)
    kinds = _kinds(scene, line, mine)
    for kind, (symbol, ink, size) in {
        "same": ("circle", palette.NAVY, 11), "above": ("triangle-up", palette.TEAL, 15), "below": ("triangle-down", palette.RED, 15),
    }.items():  # fmt: skip
        part = mine[kinds == kind]
        if not len(part):
            continue
        data.append(
            {
                **base, "mode": "markers", "x": [axis.of(p) for p in part["place"]], "y": _plain(part["mean"]), "error_y": _reach(part, ink),
                "customdata": part["place"].tolist(), "meta": kind,
                "marker": {"symbol": symbol, "color": ink, "size": size if line == "score" else size - 3, "line": {"width": 1.5, "color": palette.PAPER}, "opacity": 1},
                "unselected": {"marker": {"opacity": 0.3}}, "selected": {"marker": {"opacity": 1, "size": size + 5}},
                "hovertext": [_hover(scene, line, r, language) for r in records_of(part)],
            }
        )  # fmt: skip
    return data


def _before(scene: Scene, mine: pd.DataFrame, axis: Axis, base: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """What was expected, as a dash behind the score."""
    said = scene.expected[scene.expected["place"].isin(mine["place"]) & scene.expected["mean"].notna()]
    if not len(said):
        return []
    hover = [
        f"{shown(scene.label(r['place'], language))}<br>{say('curve_expected', language)}: {number(r['mean'], language, 2)} "
        f"{interval(r['low'], r['high'], language, 2)}"
        for r in records_of(said)
    ]
    return [
        {
            **base, "mode": "markers", "x": [axis.of(p) for p in said["place"]], "y": _plain(said["mean"]), "hovertext": hover,
            "marker": {"symbol": "line-ew-open", "size": 30, "line": {"width": 2.5, "color": palette.AMBER}, "color": palette.AMBER},
        }
    ]  # fmt: skip


def _kinds(scene: Scene, line: str, mine: pd.DataFrame) -> Any:
    """Whether the 95% interval (of the gap, for scores) lies above, below or around nothing."""
    of = mine.set_index("place")
    if line == "score":
        gaps = scene.points[(scene.points["line"] == "gap") & scene.points["group"].isin(mine["group"])]
        of = gaps.drop_duplicates("place").set_index("place").reindex(mine["place"])
    low, high = of["low"].astype(float), of["high"].astype(float)
    return (
        pd.Series("same", index=of.index)
        .mask((low > 0).to_numpy(), "above")
        .mask((high < 0).to_numpy(), "below")
        .to_numpy()
    )


def _hover(scene: Scene, line: str, row: Mapping[str, Any], language: str) -> str:
    name = named(METRIC_LABELS, scene.metric, language) if line == "score" else say(f"curve_{line}", language)
    write = number if line == "score" else signed
    head = [shown(scene.label(row["place"], language))]
    if len(scene.groups) > 1:
        head.append(shown(scene.label(row["group"], language)))
    figure = f"{write(row['mean'], language, 2)} {interval(row['low'], row['high'], language, 2)}"
    lines = [f"<b>{', '.join(head)}</b>", f"{shown(name)}: {figure}"]
    if not is_missing(row.get("n")):
        who = row.get("customers")
        of = "" if is_missing(who) else say("curve_of", language, n=number(who, language))
        lines.append(f"n = {number(row['n'], language)}{of}")
    return "<br>".join(lines)


def _reach(part: pd.DataFrame, colour: str) -> dict[str, Any]:
    mean, low, high = (part[c].astype(float).tolist() for c in ("mean", "low", "high"))
    return {
        "type": "data", "symmetric": False, "color": colour, "thickness": 2, "width": 5,
        "array": [max(0.0, h - m) if h == h else 0.0 for m, h in zip(mean, high, strict=True)],
        "arrayminus": [max(0.0, m - lo) if lo == lo else 0.0 for m, lo in zip(mean, low, strict=True)],
    }  # fmt: skip


def _plain(values: Any) -> list[float]:
    return [float(v) for v in values]
