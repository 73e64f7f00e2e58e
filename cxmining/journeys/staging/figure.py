"""Pictures of stages: who moves where, and what was proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cxmining.errors import NotEnoughDataError
from cxmining.figures import Picture, palette, shown
from cxmining.i18n import counted, stage_label
from cxmining.schema import STAGES

if TYPE_CHECKING:
    from cxmining.journeys.build import Journeys
    from cxmining.journeys.staging.proposing import StageProposal

__all__ = ["moves_picture", "proposal_picture"]

_COLOURS = {"catalogue": palette.SOFT, "milestone": palette.AMBER, "proposed": palette.TEAL, "unknown": palette.RULE}
_MOST = 40


def moves_picture(journeys: Journeys) -> Picture:
    """Return a matrix of moves from stage to stage; below the diagonal they go back.

    Raises
    ------
    NotEnoughDataError
        When no journey has two events of known stage.
    """
    moves = journeys.stage_moves
    if not len(moves):
        raise NotEnoughDataError(
            f"no journey ({journeys.notion}) has two events of known stage; give the catalogue stages or `propose_stages`"
        )
    used = [s for s in STAGES if s in {*moves["source"], *moves["target"]}]
    at = {s: i for i, s in enumerate(used)}
    labels = [shown(stage_label(s, "en")) for s in used]
    n = len(used)
    data: list[dict[str, Any]] = []
    kinds = (
        ("ahead", palette.TEAL, ~moves["backward"] & (moves["source"] != moves["target"])),
        ("within the stage", palette.SOFT, moves["source"] == moves["target"]),
        ("back", palette.AMBER, moves["backward"]),
    )
    total = int(moves["n"].sum())
    for name, colour, which in kinds:
        part = moves[which]
        x, y = [at[t] for t in part["target"]], [at[s] for s in part["source"]]
        share = part["n"].to_numpy() / total
        count = [f"{v:,}" for v in part["n"]]
        data.append({
            "type": "scatter", "mode": "markers+text", "name": f"{name} ({int(part['n'].sum()):,})", "x": x, "y": y,
            "text": count, "textposition": "bottom center", "textfont": {"color": palette.INK, "size": 12},
            "marker": {"color": colour, "size": (8 + 44 * np.sqrt(share)).round(1).tolist(), "line": {"width": 0}},
            "hovertext": [f"{labels[b]} → {labels[a]}<br>{c} moves in {counted(j, 'journey')}"
                          for a, b, c, j in zip(x, y, count, part["journeys"].tolist(), strict=True)],
            "hoverinfo": "text", "cliponaxis": False,
        })  # fmt: skip
    axis = {"tickvals": list(range(n)), "ticktext": labels, "showgrid": True, "gridcolor": palette.RULE,
            "zeroline": False, "fixedrange": True}  # fmt: skip
    foot = f"n = {counted(total, 'move')} in {counted(len(journeys), 'journey')} · {journeys.notion}"
    foot = "<br>".join(shown(line) for line in [foot, *journeys.chain])
    layout = _layout("Moves from stage to stage", 150 + 76 * n + 16 * len(journeys.chain), foot, 100) | {
        "xaxis": axis | {"title": {"text": "to"}, "range": [-0.6, n - 0.4]},
        "yaxis": axis | {"title": {"text": "from"}, "range": [n - 0.4, -0.6], "automargin": True},
    }
    return Picture("moves from stage to stage", moves, {"data": data, "layout": layout})


def proposal_picture(found: StageProposal) -> Picture:
    """Return touchpoints with the stage proposed and how sure it is, the catalogue's own left out."""
    table = found.table[found.table["stage_source"] != "catalogue"].head(_MOST)
    if not len(table):
        raise NotEnoughDataError("the catalogue gives every touchpoint a stage: nothing was proposed")
    table = table.iloc[::-1]
    labels = [shown(t) for t in table["touchpoint"]]
    data: list[dict[str, Any]] = []
    for source in ("proposed", "milestone", "unknown"):
        part = table["stage_source"].eq(source).to_numpy()
        if not part.any():
            continue
        said = [stage_label(s, "en") if s in STAGES else "unknown" for s in table["stage"][part]]
        if source == "milestone":
            rules = (("Consideration before", found.confidence_before), ("Service after", found.confidence_after))
            said = [" · ".join(f"{name} ({sure:.2f})" for name, sure in rules if sure >= found.least)] * len(said)
        data.append({
            "type": "bar", "orientation": "h", "width": 0.8, "name": source, "x": table["confidence"][part].round(4).tolist(),
            "y": np.flatnonzero(part).tolist(), "text": said, "textposition": "outside", "cliponaxis": False,
            "marker": {"color": _COLOURS[source]},
            "hovertext": [f"{a}: {b}<br>confidence {c:.2f}, n = {e:,}" for a, b, c, e in zip(
                np.array(labels, dtype=object)[part], said, table["confidence"][part], table["events"][part], strict=True)],
            "hoverinfo": "text",
        })  # fmt: skip
    shown_of = f"{counted(len(table), 'touchpoint')} without a stage in the catalogue"
    foot = "<br>".join(shown(x) for x in [f"n = {shown_of} · {found.notion}", *found.chain])
    layout = _layout("Stages proposed, and how sure they are", 200 + 26 * len(table), foot, 62) | {
        "barmode": "overlay",
        "xaxis": {"range": [0, 1.35], "tickvals": [0, 0.25, 0.5, 0.75, 1], "title": {"text": "confidence"},
                  "gridcolor": palette.RULE},
        "yaxis": {"tickvals": list(range(len(labels))), "ticktext": labels, "automargin": True},
        "shapes": [{"type": "line", "x0": found.least, "x1": found.least, "yref": "paper", "y0": 0, "y1": 1,
                    "line": {"color": palette.MUTED, "dash": "dot", "width": 1}}],
    }  # fmt: skip
    return Picture("stages proposed", table, {"data": data, "layout": layout})


def _layout(title: str, height: int, foot: str, below: int) -> dict[str, Any]:
    return {
        "title": {"text": title, "x": 0.02, "font": {"size": 16, "color": palette.INK}},
        "font": {"family": palette.FONT, "color": palette.INK}, "height": height + 40,
        "paper_bgcolor": palette.PAPER, "plot_bgcolor": palette.PAPER,
        "margin": {"l": 120, "r": 40, "t": 90, "b": below + 40},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "itemsizing": "constant"},
        "annotations": [{"x": 0, "y": 0, "xref": "paper", "yref": "paper", "text": foot, "showarrow": False,
                         "align": "left", "xanchor": "left", "yanchor": "top", "yshift": -below + 6,
                         "font": {"color": palette.MUTED, "size": 12}}],
    }  # fmt: skip
