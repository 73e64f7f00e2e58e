"""The journey map: what is in it, for the widget, for the report and for plotly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxmining.errors import StudyError
from cxmining.figures import palette, shown, wrapped
from cxmining.maps import words
from cxmining.maps.facts import Facts
from cxmining.maps.tables import START_END, Hidden, dfg_of, in_order, label_of, records, touchpoints_of
from cxmining.maps.words import CHANNEL_WORDS, STAGE_WORDS, known, say
from cxmining.schema import CHANNELS, STAGES

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["JourneyMap", "journey_map"]

SAID = ("map", "flow", "shown", "shown_hidden", "selected", "clear", "from", "to", "nothing")
"""What the widget says of itself."""
MANY = 0.05
"""Touchpoints where at least this part of the journeys starts (ends) are marked."""


@dataclass(frozen=True, eq=False)
class JourneyMap:
    """A journey map, not yet drawn.

    Attributes
    ----------
    spec : mapping
        What the widget draws: stages, nodes, edges, words. Plain JSON.
    touchpoints, dfg : DataFrame
        The tables behind it.
    language : {"en", "nl"}
        Of the words.
    """

    spec: Mapping[str, Any]
    touchpoints: pd.DataFrame
    dfg: pd.DataFrame
    language: str = "en"

    @property
    def summary(self) -> pd.DataFrame:
        """One row per touchpoint, in the order of the map."""
        columns = [
            c
            for c in ("touchpoint", "stage", "channel", "events", "journeys", "customers", "reach")
            if c in self.touchpoints
        ]
        return self.touchpoints[columns]

    def figure(self) -> go.Figure:
        """Draw the map with plotly: the same stages, circles and lines, without selection."""
        import plotly.graph_objects as go

        return go.Figure(_figure(self.spec))

    def __repr__(self) -> str:
        nodes, edges = self.spec["nodes"], self.spec["edges"]
        stages = [s["label"] for s in self.spec["stages"]]
        return f"JourneyMap({len(nodes)} touchpoints, {len(edges)} transitions; stages: {', '.join(stages) or 'none known'})"

    def _repr_html_(self) -> str:
        head = f"<p>{escape(repr(self))}</p>"
        return head + str(self.summary.to_html(index=False, escape=True, border=0, float_format=lambda v: f"{v:.2f}"))


def journey_map(
    source: Any,
    dfg: pd.DataFrame | None = None,
    *,
    language: str = "en",
    flow: float | None = None,
    hidden: Hidden = (),
    hidden_edges: int = 0,
) -> JourneyMap:
    """Make the journey map of a log: stages, touchpoints with their reach, and the flow between them.

    Parameters
    ----------
    source : Journeys, Experience, Run or DataFrame
        What happened. A table has a row per touchpoint (see ``share/touchpoints.csv`` of a run).
    dfg : DataFrame, optional
        Who follows whom: ``source``, ``target``, ``n``, ``journeys``, ``median_s``; default that of `source`.
    language : {"en", "nl"}
        Language of labels and words.
    flow : float, optional
        Part of the flow shown at first, strongest transitions first; default the most that stays readable.
    hidden : collection of (touchpoint, column)
        Figures that are known and not shown.
    hidden_edges : int
        Transitions that are not shown because they are about too few customers.

    Returns
    -------
    JourneyMap

    Examples
    --------
    >>> tp = pd.DataFrame({"touchpoint": ["order", "call"], "stage": ["purchase", "service"], "reach": [1.0, 0.4]})
    >>> follows = pd.DataFrame({"source": ["order"], "target": ["call"], "n": [4], "journeys": [4], "median_s": [60.0]})
    >>> journey_map(tp, follows)
    JourneyMap(2 touchpoints, 1 transitions; stages: Purchase, Service)
    """
    table = touchpoints_of(source)
    if dfg is None and isinstance(source, pd.DataFrame):
        raise StudyError("a table of touchpoints alone holds no flow; give who follows whom as dfg=")
    follows = dfg_of(source if dfg is None else dfg)
    touchpoints = in_order(table, follows)
    off = set(hidden)
    edges = _edges(follows, touchpoints, language)
    starts, ends = _ends(follows)
    nodes = [
        _node(row, language, off, starts.get(row["touchpoint"]), ends.get(row["touchpoint"]))
        for row in records(touchpoints)
    ]
    used = {node["channel"] for node in nodes}
    staged = _stages(touchpoints, language)
    spec = {
        "version": 1,
        "language": language,
        "stages": staged,
        "nodes": nodes,
        "edges": edges,
        "channels": [{"id": c, "label": CHANNEL_WORDS[c][language]} for c in CHANNELS if c in used],
        "flow": _readable(edges, len(nodes)) if flow is None else float(flow),
        "hidden": int(hidden_edges),
        "text": {
            **{key: say(key, language) for key in SAID},
            "hint": say("hint" if staged else "hint_plain", language),
        },
    }
    return JourneyMap(spec, touchpoints, follows, language)


def _stages(touchpoints: pd.DataFrame, language: str) -> list[dict[str, str]]:
    present = set(touchpoints["stage"])
    if present <= {""}:
        return []
    found = []
    for stage in (*STAGES, ""):
        if stage not in present:
            continue
        count = int((touchpoints["stage"] == stage).sum())
        caption = say("touchpoints_1", language) if count == 1 else say("touchpoints_n", language, n=count)
        found.append({"id": stage, "label": STAGE_WORDS[stage][language], "caption": caption})
    return found


def _edges(dfg: pd.DataFrame, touchpoints: pd.DataFrame, language: str) -> list[dict[str, Any]]:
    labels = {row["touchpoint"]: label_of(row, language) for row in records(touchpoints)}
    turn = {stage: i for i, stage in enumerate(STAGES)}
    stage_of = {row["touchpoint"]: turn.get(row["stage"]) for row in records(touchpoints)}
    weight = "journeys" if "journeys" in dfg.columns else "n"
    inside = dfg[dfg["source"].isin(labels) & dfg["target"].isin(labels)].dropna(subset=[weight])
    found = []
    for row in records(inside.sort_values([weight, "source", "target"], ascending=[False, True, True])):
        count = words.number(row[weight], language)
        text = count
        if known(row.get("median_s")):
            text += f" · {words.duration(row['median_s'], language)}"
        title = f"{labels[row['source']]} → {labels[row['target']]}: {count} {say('journey' if row[weight] == 1 else 'journeys', language)}"
        if known(row.get("median_s")):
            title += (
                f", mediaan {words.duration(row['median_s'], language)}"
                if language == "nl"
                else (f", median {words.duration(row['median_s'], language)}")
            )
        before, after = stage_of[row["source"]], stage_of[row["target"]]
        back = before is not None and after is not None and after < before
        edge = {"s": row["source"], "t": row["target"], "v": int(row[weight]), "label": text, "title": title}
        found.append({**edge, "back": True} if back else edge)
    return found


def _ends(dfg: pd.DataFrame) -> tuple[dict[str, tuple[int, float]], dict[str, tuple[int, float]]]:
    """Journeys that start (end) at each touchpoint, and which part of all journeys that is."""
    out = []
    for own, other, mark in (("source", "target", START_END[0]), ("target", "source", START_END[1])):
        rows = dfg[dfg[own] == mark].dropna(subset=["n"])
        total = float(rows["n"].sum()) or 1.0
        out.append({str(k): (int(n), float(n) / total) for k, n in zip(rows[other], rows["n"], strict=True)})
    return out[0], out[1]


def _readable(edges: list[dict[str, Any]], nodes: int) -> float:
    """The largest share of the flow whose lines the eye can still follow: about two and a half per touchpoint."""
    total = sum(e["v"] for e in edges)
    if not total or len(edges) <= 2.5 * nodes:
        return 1.0
    shown = sum(e["v"] for e in edges[: int(2.5 * nodes)])
    return max(0.3, min(1.0, int(100 * shown / total) / 100))


def _node(
    row: Mapping[str, Any],
    language: str,
    hidden: set[tuple[str, str]],
    start: tuple[int, float] | None,
    end: tuple[int, float] | None,
) -> dict[str, Any]:
    facts = Facts(row, language, hidden)
    label, badge, reach = label_of(row, language), facts.reach(), row.get("reach")
    channel = str(row["channel"]) if row.get("channel") in CHANNELS else "other"
    lines = facts.all()
    for found, word in ((start, "starts"), (end, "ends")):
        if found:
            lines.append((say(word, language), words.number(found[0], language), words.percent(found[1], language)))
    said = f"{say('reach', language)} {badge}"
    return {
        "id": row["touchpoint"],
        "label": label,
        "stage": row["stage"],
        "channel": channel,
        "channel_label": CHANNEL_WORDS[channel][language],
        "reach": float(reach) if reach is not None and known(reach) else None,
        "badge": badge,
        "facts": [list(line) for line in lines],
        "starts": bool(start and start[1] >= MANY),
        "ends": bool(end and end[1] >= MANY),
        "title": f"{label}: {said}",
        "aria": f"{label}, {CHANNEL_WORDS[channel][language]}, {said}",
    }


def _figure(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Columns per stage (or by turn), circles sized by reach, lines by journeys."""
    stages = [s["id"] for s in spec["stages"]] or [""]
    at: dict[str, tuple[float, float]] = {}
    heads: list[tuple[str, float, float]] = []
    column = 0
    for stage in stages:
        members = [n for n in spec["nodes"] if n["stage"] == stage]
        first = column
        for i in range(0, len(members), 6):
            part = members[i : i + 6]
            for j, node in enumerate(part):
                at[node["id"]] = (column, (len(part) - 1) / 2 - j)
            column += 1
        heads.append((next((s["label"] for s in spec["stages"] if s["id"] == stage), ""), first - 0.45, column - 0.55))
    top = max((e["v"] for e in spec["edges"]), default=1)
    total = sum(e["v"] for e in spec["edges"]) or 1
    lines, passed = [], 0
    for edge in spec["edges"]:
        if passed / total >= spec["flow"] or edge["s"] == edge["t"]:
            passed += edge["v"]
            continue
        passed += edge["v"]
        (x0, y0), (x1, y1) = at[edge["s"]], at[edge["t"]]
        lines.append(
            {
                "type": "scatter", "mode": "lines", "x": [x0, (x0 + x1) / 2, x1], "y": [y0, (y0 + y1) / 2 + 0.12, y1],
                "line": {"color": palette.SOFT, "width": 1 + 6 * edge["v"] / top, "shape": "spline"},
                "opacity": 0.6, "hoverinfo": "text", "text": shown(edge["title"]), "showlegend": False,
            }
        )  # fmt: skip
    nodes = spec["nodes"]
    circles = {
        "type": "scatter", "mode": "markers+text", "x": [at[n["id"]][0] for n in nodes], "y": [at[n["id"]][1] for n in nodes],
        "marker": {"size": [28 + 24 * (n["reach"] or 0) for n in nodes], "color": palette.CHEVRON},
        "text": [wrapped(n["label"], 18) for n in nodes], "textposition": "bottom center",
        "hovertext": [shown(n["title"]) for n in nodes], "hoverinfo": "text", "showlegend": False,
        "customdata": [n["id"] for n in nodes],
    }  # fmt: skip
    rows = max((y for _, y in at.values()), default=0) + 0.9
    notes = [
        {
            "x": (a + b) / 2, "y": rows, "text": f"<b>{shown(name)}</b>", "showarrow": False, "font": {"color": palette.INK, "size": 14}
        }
        for name, a, b in heads if name
    ]  # fmt: skip
    axis = {"visible": False, "fixedrange": True}
    return {
        "data": [*lines, circles],
        "layout": {
            "height": int(160 + 2 * rows * 90), "width": max(700, 150 * column), "xaxis": axis, "yaxis": axis, "annotations": notes,
            "plot_bgcolor": palette.PAPER, "paper_bgcolor": palette.PAPER, "font": {"family": palette.FONT, "color": palette.INK, "size": 12},
            "margin": {"l": 20, "r": 20, "t": 20, "b": 40},
        },
    }  # fmt: skip
