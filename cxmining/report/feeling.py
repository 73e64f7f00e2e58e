"""The emotional journey on the page: by touchpoint, by stage (per group where the run has groups) and by position."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.experience.curve_picture import Scene, curve_spec
from cxmining.experience.measures import scaled_threshold
from cxmining.i18n import number, speaking, translate
from cxmining.maps.emotion import emotional_journey_spec, gap_kind, run_scene
from cxmining.maps.tables import records
from cxmining.maps.words import HIDDEN
from cxmining.report.tables import RunTables
from cxmining.report.twins import feeling_twin, felt

__all__ = ["feeling"]

say = speaking("report")


def feeling(
    run: RunTables, touchpoints: pd.DataFrame, figures: dict[str, Any], language: str, hidden: set[tuple[str, str]]
) -> dict[str, Any]:
    """Return what stands in the section, and put its pictures into `figures`."""
    unseen = sum(1 for _, column in hidden if column == "score_mean")
    more = []
    twins: dict[str, Any] = {}
    try:
        if len(run.emotions):
            scene = run_scene(run.emotions, run.suppressed, touchpoints, run.dfg, by="touchpoint")
            figures["emotion"] = curve_spec(scene, language)
            twins["emotion"] = feeling_twin(scene, language)
            places = len(scene.places)
            more = _others(run, touchpoints, figures, twins, language)
        else:
            figures["emotion"] = emotional_journey_spec(touchpoints, run.dfg, language, hidden)
            known = [c for c in ("score_mean", "sentiment_mean") if c in touchpoints]
            places = int(touchpoints[known].notna().any(axis=1).sum())
    except NotEnoughDataError:
        reason = say("emotion_all_hidden", language, n=run.min_cell) if unseen else say("emotion_none", language)
        return {"shown": False, "reason": reason}
    none = len(touchpoints) - places - unseen
    dropped = [say("emotion_nobody", language, n=none)] if none > 0 else []
    dropped += [say("emotion_too_few", language, n=unseen, sign=HIDDEN)] if unseen else []
    kinds = {gap_kind(r) for r in records(touchpoints[touchpoints["score_mean"].notna()])}
    wow = float((run.study.get("experience") or {}).get("wow", 2))
    rated = touchpoints[touchpoints["score_scale_low"].notna()] if "score_scale_low" in touchpoints else touchpoints[:0]
    if len(rated):
        wow = scaled_threshold(wow, (float(rated["score_scale_low"].iloc[0]), float(rated["score_scale_high"].iloc[0])))
    return {
        "shown": True,
        "dropped": " ".join(dropped),
        "above": "above" in kinds,
        "below": "below" in kinds,
        "expected": bool(touchpoints["expected_mean"].notna().any()) if "expected_mean" in touchpoints else False,
        "moment": say("key_moment", language, wow=number(wow, language, 0 if wow == int(wow) else 1)),
        "basis": _basis(run, language),
        "more": more,
        "twins": twins,
        "picked": felt(twins["emotion"]) if "emotion" in twins else {},
    }


def _basis(run: RunTables, language: str) -> str:
    """Say when expectations were not asked: an estimate is never shown as an answer."""
    if not len(run.emotions):
        return ""
    known = run.emotions.loc[run.emotions["line"] == "gap", "basis"]
    return say("emotion_estimated", language) if len(known) and (known == "estimated").all() else ""


def _others(
    run: RunTables, touchpoints: pd.DataFrame, figures: dict[str, Any], twins: dict[str, Any], language: str
) -> list[dict[str, str]]:
    """Draw by stage and by position; where there is one stage only, or one group, there is nothing beside it."""
    names = [n for n in run.emotions["grouped_by"].fillna("").astype(str).unique() if n]
    wanted = [("stage", None), ("position", None), *(("stage", n) for n in names)]
    found = []
    for by, group in wanted:
        try:
            scene: Scene = run_scene(run.emotions, run.suppressed, touchpoints, run.dfg, by=by, group=group)
        except NotEnoughDataError:
            continue
        if len(scene.places) < 2 or (group and len(scene.groups) < 2):
            continue
        key = f"emotion-{by}" + ("-groups" if group else "")
        figures[key] = curve_spec(scene, language)
        twins[key] = feeling_twin(scene, language)
        title = say(f"emotion_by_{by}", language)
        if group:
            title = say("emotion_groups", language, by=translate(group, language))
        found.append({"name": key, "title": title})
    return found
