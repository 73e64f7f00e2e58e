"""Pictures of what the surveys say, and of what hangs on how their answers were linked."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.figures import palette, shown, wrapped
from cxmining.figures.picture import Picture
from cxmining.i18n import METRIC_LABELS, between, number, speaking
from cxmining.i18n.notes import translate
from cxmining.journeys.rows import rows_of
from cxmining.journeys.views.view import layout

if TYPE_CHECKING:
    from cxmining.experience.joins import JoinReport
    from cxmining.experience.nonresponse import NonResponse
    from cxmining.experience.scales import ScaleCheck
    from cxmining.experience.survey_levels import SurveyLevels

__all__ = ["join_picture", "levels_picture", "nonresponse_picture", "scales_picture"]

say = speaking("surveys")
_ROW: Final = 34  # pixels for a row
_WIDTH: Final = 115
_MOST: Final = 12
_FIXED: Final = ("unweighted", "weighted", "all at the bottom", "all at the top")
_GAP: Final = 70  # and between panels, for the axis and the name of the next


def rule_name(rule: str, language: str) -> str:
    """Return what a link rule is called.

    Examples
    --------
    >>> rule_name("touchpoint, 7 days", "nl")
    'dichtstbijzijnde contact, 7 dagen'
    """
    kind, _, window = rule.partition(", ")
    if not window:
        return say(f"rule_{kind}", language)
    n, unit = window.split(" ")
    return say("rule_touchpoint", language, days=f"{n} {say(unit, language)}")


def _whiskers(rows: pd.DataFrame, colour: str) -> dict[str, Any]:
    up = [0.0 if pd.isna(r.high) else float(r.high - r.value) for r in rows_of(rows)]
    down = [0.0 if pd.isna(r.low) else float(r.value - r.low) for r in rows_of(rows)]
    return {
        "type": "data", "symmetric": False, "array": up, "arrayminus": down, "color": colour, "thickness": 1.5, "width": 4,
    }  # fmt: skip


def _panels(sizes: list[int]) -> tuple[int, list[list[float]]]:
    """Return the height of a picture of panels of so many rows, and where each stands, the first on top."""
    heights = [_ROW * n for n in sizes]
    whole = sum(heights) + _GAP * (len(sizes) - 1)
    places, top = [], float(whole)
    for h in heights:
        places.append([max(0.0, (top - h) / whole), top / whole])
        top -= h + _GAP
    return whole, places


def _metric(metric: str, language: str) -> str:
    return METRIC_LABELS[metric][language]


def _dots(
    rows: pd.DataFrame, names: list[str], hover: list[str], k: int, fill: list[str], text: list[str]
) -> dict[str, Any]:
    at = "" if k == 0 else str(k + 1)
    return {
        "type": "scatter", "mode": "markers+text", "x": [None if pd.isna(v) else float(v) for v in rows["value"]], "y": names,
        "xaxis": f"x{at}", "yaxis": f"y{at}", "error_x": _whiskers(rows, palette.NAVY), "hoverinfo": "text", "hovertext": hover,
        "marker": {"size": 10, "color": fill, "line": {"color": palette.NAVY, "width": 1.5}}, "cliponaxis": False,
        "text": text, "textposition": "top center", "textfont": {"size": 11, "color": palette.MUTED},
    }  # fmt: skip


def _frame(k: int, place: list[float], names: list[str], title: str, ends: tuple[float, float]) -> dict[str, Any]:
    at = "" if k == 0 else str(k + 1)
    room = 0.02 * (ends[1] - ends[0])
    line = {"gridcolor": palette.RULE, "linecolor": palette.RULE, "zerolinecolor": palette.MUTED, "automargin": True}
    return {
        f"xaxis{at}": {**line, "anchor": f"y{at}", "domain": [0, 1], "range": [ends[0] - room, ends[1] + room],
                       "zeroline": ends[0] < 0 < ends[1]},
        f"yaxis{at}": {**line, "anchor": f"x{at}", "domain": place, "type": "category", "categoryorder": "array",
                       "categoryarray": names[::-1], "range": [-0.6, len(names) - 0.2], "showgrid": False},
        "annotation": {"text": shown(title), "showarrow": False, "xref": "paper", "yref": "paper", "x": 0, "y": place[1],
                       "xanchor": "left", "yanchor": "bottom", "yshift": 6, "font": {"size": 13, "color": palette.INK}},
    }  # fmt: skip


def _together(title: str, panels: list[tuple[pd.DataFrame, list[str], list[str], list[str], list[str], str]],
              said: list[str], language: str, name: str, table: pd.DataFrame) -> Picture:  # fmt: skip
    height, places = _panels([len(p[0]) for p in panels])
    data, axes, notes = [], {}, []
    for k, (rows, names, hover, fill, text, head) in enumerate(panels):
        first: Any = rows.iloc[0]
        data.append(_dots(rows, names, hover, k, fill, text))
        frame = _frame(k, places[k], names, head, (float(first["scale_low"]), float(first["scale_high"])))
        notes.append(frame.pop("annotation"))
        axes.update(frame)
    said = [
        part for line in said for part in wrap(translate(line, language), _WIDTH)
    ]  # they begin where the names of the rows end
    made = layout(
        title,
        said,
        height + 150,
        annotations=notes,
        margin={"t": 90, "b": 60},
        separators=",." if language == "nl" else ".,",
        **axes,
    )
    return Picture(name, table, {"data": data, "layout": made})


def join_picture(found: JoinReport, language: str) -> Picture:
    """Draw the headline of each survey under each rule."""
    panels, said = [], []
    for survey, rows in found.alternatives.groupby("survey", sort=True):
        names = [wrapped(rule_name(r.rule, language), 36, 2) for r in rows_of(rows)]
        hover = [
            say(
                "join_hover", language, value=number(r.value, language, 2), interval=between(r.low, r.high, language),
                n=number(r.n, language), responses=number(r.responses, language), moved=number(r.moved, language),
            )
            for r in rows_of(rows)
        ]  # fmt: skip
        text = [
            f"n = {number(r.n, language)}" + (f", {say('join_used', language)}" if r.used else "")
            for r in rows_of(rows)
        ]
        fill = [palette.NAVY if r.used else palette.PAPER for r in rows_of(rows)]
        used: Any = rows[rows["used"]].iloc[0]
        metric = _metric(str(used["metric"]), language)
        panels.append((rows, names, hover, fill, text, f"{survey}: {metric}"))
        said.append(
            say(
                "join_line", language, survey=survey, metric=metric, matched=number(used["n"], language),
                responses=number(used["responses"], language), rule=rule_name(str(used["rule"]), language),
                moved=number(rows["moved"].max(), language),
            )
        )  # fmt: skip
    if not panels:
        return Picture("join", found.links, {"data": [], "layout": layout(say("join_title", language), [*found.notes, *found.chain], 200)})  # fmt: skip
    said += [*found.notes, *found.chain]
    return _together(say("join_title", language), panels, said, language, "join", found.alternatives)


def levels_picture(found: SurveyLevels, language: str) -> Picture:
    """Draw the figures of each survey, a panel per scale: what has the same ends stands in one, shares in another."""
    panels = []
    placed = not len(found.levels)
    table = found.touchpoints.assign(about="") if placed else found.levels
    shares = ~table["measure"].isin(["nps", "mean"])
    keys = ["survey", "about", "share", "scale_low", "scale_high"]
    for (survey, about, share, _, _), part in table.assign(share=shares).groupby(keys, sort=True):
        names = []
        for r in rows_of(part):
            what = _metric(str(r.metric), language)
            said = f"{what}: {say(r.measure, language)}" if share else what
            names.append(wrapped(f"{r.touchpoint}: {said}" if placed else said, 36, 2))
        hover = [
            f"{number(r.value, language, 2)} {between(r.low, r.high, language)}<br>n = {number(r.n, language)}"
            for r in rows_of(part)
        ]
        text = [
            f"n = {number(r.n, language)}" + (f", {say('weighted', language)}" if r.weighted else "")
            for r in rows_of(part)
        ]
        fill = [palette.PAPER if share else palette.NAVY] * len(part)
        panels.append(
            (part, names, hover, fill, text, str(survey) if placed else f"{survey}, {say(f'about_{about}', language)}")
        )
    lines = [say("levels_line", language), *found.notes, *found.chain]
    return _together(say("levels_title", language), panels, lines, language, "levels", table)


def scales_picture(found: ScaleCheck, language: str) -> Picture:
    """Draw the item-total correlations of each scale."""
    panels = []
    for r in rows_of(found.scales):
        part = found.items[(found.items["survey"] == r.survey) & (found.items["scale"] == r.scale)]
        rows = part.rename(columns={"item_total": "value", "item_total_low": "low", "item_total_high": "high"})
        rows = rows.assign(scale_low=min(0.0, float(rows["low"].min())), scale_high=1.0)
        names = [wrapped(str(i), 36, 2) for i in rows["item"]]
        without = [number(v, language, 2) for v in rows["alpha_if_deleted"]]
        text = [say("alpha_without", language, alpha=v) for v in without]
        hover = [
            f"{number(i.value, language, 2)} {between(i.low, i.high, language)}<br>n = {number(i.n, language)}"
            for i in rows_of(rows)
        ]
        head = f"{r.survey}, {r.scale}: alpha {number(r.alpha, language, 2)} {between(r.alpha_low, r.alpha_high, language)}"
        panels.append((rows, names, hover, [palette.NAVY] * len(rows), text, f"{head}, n = {number(r.n, language)}"))
    lines = [*found.notes, *found.chain]
    return _together(say("scales_title", language), panels, lines, language, "scales", found.items)


def _signed(points: str, language: str) -> str:
    shown_ = points.replace("-", "−")
    return shown_.replace(".", ",") if language == "nl" else shown_


def nonresponse_picture(found: NonResponse, language: str) -> Picture:
    """Draw the level with what the silent could do to it, and below how unlike the answerers are before and after."""
    levels = found.levels.reset_index(names="name")
    moved = found.bounds[found.bounds["silent_scored"] != "0"].rename(columns={"silent_scored": "name"})
    rows = pd.concat([levels, moved], ignore_index=True).rename(columns={"mean": "value"})
    ends = found.bounds.iloc[-2:]["mean"].to_numpy(dtype=float)
    low, high = min(float(rows["low"].min()), *ends), max(float(rows["high"].max()), *ends)
    rows = rows.assign(scale_low=low, scale_high=high)
    names = [
        wrapped(say(n, language) if n in _FIXED else say("silent", language, points=_signed(n, language)), 40, 2)
        for n in rows["name"]
    ]
    hover = [f"{number(r.value, language, 2)} {between(r.low, r.high, language)}" for r in rows_of(rows)]
    text = [
        f"n = {number(r.n, language)}" + (f" ({say('worth', language, n=number(r.n_effective, language))})" if r.name == "weighted" else "")
        if pd.notna(r.n) else "" for r in rows_of(rows)
    ]  # fmt: skip
    fill = [palette.NAVY if n in ("unweighted", "weighted") else palette.PAPER for n in rows["name"]]
    worst = found.propensity.balance
    worst = worst.reindex(worst["smd_before"].abs().sort_values(ascending=False, kind="stable").index).head(_MOST)
    reach = max(0.2, float(worst[["smd_before", "smd_after"]].abs().to_numpy().max()))
    balance = pd.DataFrame(
        {
            "value": worst["smd_before"],
            "low": float("nan"),
            "high": float("nan"),
            "scale_low": -reach,
            "scale_high": reach,
        }
    )
    labels = [wrapped(f"{r.feature}: {r.value}", 40, 2) for r in rows_of(worst)]
    told = [
        say("balance_hover", language, before=number(r.smd_before, language, 2), after=number(r.smd_after, language, 2))
        for r in rows_of(worst)
    ]
    metric = METRIC_LABELS[found.metric][language] if found.metric in METRIC_LABELS else found.metric
    panels = [
        (rows, names, hover, fill, text, f"{found.survey}: {metric}, {say('mean_points', language)}"),
        (balance, labels, told, [palette.PAPER] * len(balance), [""] * len(balance), say("balance", language)),
    ]
    lines = [*([found.warning] if found.warning else []), *found.chain]
    made = _together(say("nonresponse_title", language), panels, lines, language, "nonresponse", found.levels)
    after = {**made.spec["data"][1], "x": [float(v) for v in worst["smd_after"]], "error_x": {"visible": False}, "mode": "markers",
             "marker": {"size": 10, "color": palette.NAVY}}  # fmt: skip
    return Picture("nonresponse", found.levels, {"data": [*made.spec["data"], after], "layout": made.spec["layout"]})
