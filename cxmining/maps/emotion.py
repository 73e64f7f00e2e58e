"""The emotional journey as a picture: of what was measured just now, of a run's tables, or of a table of touchpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError, UnknownNameError, nearest
from cxmining.experience.curve import EmotionalCurve, emotional_curve
from cxmining.experience.curve_lines import ALL
from cxmining.experience.curve_picture import MOST, Scene, curve_picture, curve_spec
from cxmining.figures import palette
from cxmining.figures.picture import Picture
from cxmining.i18n import LANGUAGES, STAGE_LABELS
from cxmining.maps.tables import Hidden, dfg_of, in_order, label_of, records, touchpoints_of
from cxmining.maps.words import known
from cxmining.schema import STAGES

__all__ = ["TABLE", "emotional_journey", "emotional_journey_spec", "gap_kind", "run_scene"]

TABLE: Final = "emotional_journey"
"""Name of the table in a run."""
_LINES: Final = {"score": "score", "emotion": "sentiment", "gap": "gap", "expected": "expected"}
_COLUMNS: Final = ["group", "line", "place", "mean", "low", "high", "n", "customers"]


def emotional_journey(
    source: Any, dfg: pd.DataFrame | None = None, *, by: str = "touchpoint", group: Any = None, language: str = "en",
    hidden: Hidden = (),
) -> Picture:  # fmt: skip
    """Draw how customers felt along their journeys: score, emotion and gap one under the other, emotions below.

    Different customers rate different touchpoints, so no line joins touchpoints; stages and positions are joined.

    Parameters
    ----------
    source : Experience, EmotionalCurve, Run or DataFrame
        What was felt; a table has a row per touchpoint with ``score_*``, and where known ``sentiment_*``,
        ``expected_*`` and ``gap_*``. What :func:`cxmining.experience.emotional_curve` returns is drawn as it is.
    dfg : DataFrame, optional
        Who follows whom, to order the touchpoints of a table or a run within a stage.
    by : {"touchpoint", "stage", "position"}
        What stands along the axis; for an Experience or a Run.
    group : optional
        Groups of customers or journeys, as :func:`~cxmining.experience.emotional_curve` takes them; of a run, the name of
        the groups that it holds.
    language : {"en", "nl"}
        Language of labels and words.
    hidden : collection of (touchpoint, column)
        Figures of a table that are known and not shown.

    Returns
    -------
    Picture

    Raises
    ------
    NotEnoughDataError
        When there is nothing to draw.

    Examples
    --------
    >>> tp = pd.DataFrame({"touchpoint": ["call"], "stage": ["service"], "score_metric": ["csat"],
    ...     "score_scale_low": [1], "score_scale_high": [5], "score_mean": [3.9], "score_low": [3.7],
    ...     "score_high": [4.1], "score_n": [120]})
    >>> emotional_journey(tp)
    Picture(emotional journey: 1 touchpoints)
    >>> float(emotional_journey(tp).figure().data[-1].y[0])
    3.9
    """
    if isinstance(source, EmotionalCurve):
        return curve_picture(source, language)
    if hasattr(source, "journeys") and hasattr(source, "links"):
        return curve_picture(emotional_curve(source, by, group), language)  # type: ignore[arg-type]  # checked there
    if dfg is None and not isinstance(source, pd.DataFrame):
        dfg = dfg_of(source)
    touchpoints = touchpoints_of(source)
    along = _along(source)
    if along is not None:
        scene = run_scene(along, source.table("suppressed"), touchpoints, dfg, by=by, group=group)
        spec, summary = curve_spec(scene, language), scene.points
    else:
        spec = emotional_journey_spec(touchpoints, dfg, language, hidden)
        names = [str(c) for c in touchpoints]
        columns = [c for c in names if c in ("touchpoint", "stage") or c.startswith(("score_", "expected_", "gap_"))]
        summary = touchpoints.loc[touchpoints["score_mean"].notna(), columns]
    layout = {**spec["layout"], "width": max(640, spec["least"]), "paper_bgcolor": palette.PAPER}
    return Picture("emotional journey", summary.reset_index(drop=True), {"data": spec["data"], "layout": layout})


def _along(source: Any) -> pd.DataFrame | None:
    """Return the run's table of the emotional journey, where it has one."""
    from cxmining.errors import StudyError

    if isinstance(source, pd.DataFrame) or not hasattr(source, "table") or not callable(source.table):
        return None
    try:
        found: pd.DataFrame = source.table(TABLE)
    except StudyError:  # a run of an earlier version
        return None
    return found


def emotional_journey_spec(
    touchpoints: pd.DataFrame, dfg: pd.DataFrame | None, language: str, hidden: Hidden = ()
) -> dict[str, Any]:
    """Return ``data`` and ``layout`` for plotly, and ``least``: the width in pixels below which it must scroll."""
    table = in_order(touchpoints_of(touchpoints), dfg)
    felt = [c for c in ("score_mean", "sentiment_mean") if c in table]
    rated = table[table[felt].notna().any(axis=1)] if felt else table.head(0)
    if not len(rated) or "score_mean" not in table or not table["score_mean"].notna().any():
        raise NotEnoughDataError("no touchpoint has a score: there is no emotional journey to draw")
    return curve_spec(_touchpoint_scene(rated.reset_index(drop=True), hidden), language)


def _touchpoint_scene(rated: pd.DataFrame, hidden: Hidden) -> Scene:
    """Take the lines out of the columns of a table of touchpoints."""
    parts = []
    for line, prefix in _LINES.items():
        columns = {f"{prefix}_{end}": end for end in ("mean", "low", "high", "n")}
        part = rated.reindex(columns=["touchpoint", *columns]).rename(columns={**columns, "touchpoint": "place"})
        parts.append(part.assign(line=line, group=ALL, customers=np.nan))
    points = pd.concat(parts, ignore_index=True)
    points[["mean", "low", "high"]] = points[["mean", "low", "high"]].astype("Float64").astype(float)
    shown = points.groupby("line")["mean"].transform("count") > 0
    off = {f"{prefix}_mean": line for line, prefix in _LINES.items()} | {"wow_n": "wow", "pain_n": "pain"}
    counts = [c for c in ("wow_n", "pain_n") if c in rated]
    scale = rated.loc[rated["score_mean"].notna(), ["score_scale_low", "score_scale_high"]].iloc[0]
    metrics = rated.loc[rated["score_mean"].notna(), "score_metric"]
    return Scene(
        points=points[shown & (points["line"] != "expected")], emotions=points.iloc[:0], expected=points[points["line"] == "expected"],
        moments=rated.set_index("touchpoint")[counts], places=rated["touchpoint"].tolist(), groups=(ALL,), by="touchpoint",
        metric=str(metrics.iloc[0]), scale=(float(scale.iloc[0]), float(scale.iloc[1])), labels=_labels(rated),
        stages=dict(zip(rated["touchpoint"], rated["stage"], strict=True)),
        hidden={(ALL, off[column], touchpoint) for touchpoint, column in hidden if column in off},
    )  # fmt: skip


def run_scene(
    along: pd.DataFrame, suppressed: pd.DataFrame, touchpoints: pd.DataFrame, dfg: pd.DataFrame | None, *, by: str, group: Any = None,
) -> Scene:  # fmt: skip
    """Return what a run's table holds of the emotional journey.

    Parameters
    ----------
    along : DataFrame
        Of the run, ``share/emotional_journey.csv``.
    suppressed : DataFrame
        What is known and not shown.
    touchpoints : DataFrame
        For labels, stages, order, WOW and pain.
    dfg : DataFrame or None
    by : {"touchpoint", "stage", "position"}
    group : str, optional
        Name of what makes the groups; default all journeys as one.

    Raises
    ------
    UnknownNameError
        When the run holds no such groups.
    NotEnoughDataError
        When nothing of it is left to draw.
    """
    name = "" if group is None else str(group)
    of = along["grouped_by"].fillna("").astype(str)
    if name not in set(of):
        raise UnknownNameError(
            f"the run holds no emotional journey by {name!r}; {nearest(name, [n for n in of.unique() if n])}"
        )
    mine = along[(of == name) & (along["by"] == by)]
    if not mine["mean"].notna().any():
        raise NotEnoughDataError(f"nothing of the emotional journey by {by} is left to draw")
    mine = mine.assign(place=mine["place"].astype(str), group=mine["group"].astype(str))
    table = in_order(touchpoints_of(touchpoints), dfg)
    there = set(mine.loc[mine["mean"].notna() | mine["line"].isin(("score", "emotion")), "place"])
    if by == "position":
        order = sorted(there, key=lambda p: int(p.rstrip("+")))
    else:
        order = table["touchpoint"].tolist() if by == "touchpoint" else [*STAGES, "unknown"]
    places = [p for p in order if p in there]
    keys = suppressed.loc[suppressed["file"] == f"{TABLE}.csv", "key"].astype(str).str.split(" | ", n=4, regex=False)
    off = {
        tuple(k[-3:])
        for k in keys
        if len(k) >= 5 and k[0] == by and (k[1] == name or (not name and k[1] in ("", "nan")))
    }
    if by == "touchpoint" and not name:
        told = suppressed[(suppressed["file"] == "touchpoints.csv") & suppressed["column"].isin(["wow_n", "pain_n"])]
        off |= {(ALL, str(c).removesuffix("_n"), str(k)) for k, c in zip(told["key"], told["column"], strict=True)}
    groups = [g for g in sorted(mine["group"].unique()) if mine.loc[mine["group"] == g, "mean"].notna().any()]
    scored = mine[mine["line"] == "score"]
    lines = mine[mine["line"].isin(["score", "emotion", "gap"])]
    seen = lines.groupby("line")["mean"].transform("count") > 0
    single = by == "touchpoint" and not name
    counts = [c for c in ("wow_n", "pain_n") if c in table] if single else []
    return Scene(
        points=lines[seen], emotions=mine[~mine["line"].isin([*_LINES])], expected=mine[mine["line"] == "expected"],
        moments=table.set_index("touchpoint")[counts], places=places, groups=tuple(groups[:MOST]), by=by,
        metric="" if not len(scored) else str(scored["metric"].iloc[0]),
        scale=(float("nan"), float("nan")) if not len(scored) else (float(scored["scale_low"].iloc[0]), float(scored["scale_high"].iloc[0])),
        labels=_labels(table) if by == "touchpoint" else {s: STAGE_LABELS[s] for s in STAGES} | {"unknown": {"en": "No stage", "nl": "Geen fase"}},
        stages=dict(zip(table["touchpoint"], table["stage"], strict=True)) if by == "touchpoint" else {},
        hidden=frozenset((g, line, p) for g, line, p in off),
    )  # fmt: skip


def _labels(table: pd.DataFrame) -> dict[str, dict[str, str]]:
    return {str(r["touchpoint"]): {language: label_of(r, language) for language in LANGUAGES} for r in records(table)}


def gap_kind(row: Mapping[str, Any]) -> str:
    """Say whether the 95% interval of the gap lies above, below or around nothing."""
    if known(row.get("gap_low")) and row["gap_low"] > 0:
        return "above"
    return "below" if known(row.get("gap_high")) and row["gap_high"] < 0 else "same"
