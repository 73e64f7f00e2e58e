"""The CX map on the page, drawn from the cells that the run keeps."""

from __future__ import annotations

from typing import Any

from cxmining.errors import NotEnoughDataError
from cxmining.experience.measures import scaled_threshold
from cxmining.i18n import speaking
from cxmining.maps.cx.result import MOST, map_of
from cxmining.maps.words import known
from cxmining.report.tables import RunTables

__all__ = ["cx_section"]

say = speaking("report")


def cx_section(
    run: RunTables, language: str, verdict: str, decisive: tuple[str, ...], most: int = MOST
) -> dict[str, Any]:
    """Return the section: the drawing, and why there is none where there is none."""
    scores = run.touchpoints
    scale, metric = (0.0, 1.0), ""
    if "score_scale_low" in scores and scores["score_scale_low"].notna().any():
        row = scores[scores["score_scale_low"].notna()].iloc[0]
        scale, metric = (float(row["score_scale_low"]), float(row["score_scale_high"])), str(row["score_metric"])
    target = run.verdict.get("target")
    facts = {
        "title": say("cx_map", language),
        "size": "",
        "under": "",
        "scale": scale,
        "metric": metric,
        "wow": scaled_threshold(float((run.study.get("experience") or {}).get("wow", 2)), scale),
        "target": str(target) if known(target) else "",
        "decided": bool(verdict),
        "decisive": decisive,
        "feet": [],
    }
    try:
        found = map_of(run.cx, facts, language, most)
    except NotEnoughDataError:
        return {"shown": False, "reason": say("cx_none", language, n=run.min_cell)}
    return {"shown": True, "drawing": found.to_html(framed=False)}
