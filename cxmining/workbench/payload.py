"""What the front end draws, as plain JSON: every figure already written out in the reader's language, with its n and interval.

Nothing in it is markup. The front end sets it as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from cxmining.errors import CxminingError, StudyError
from cxmining.figures.breaks import softened
from cxmining.i18n import channel_label, duration, interval, number, percent, speaking, stage_label
from cxmining.i18n.labels import METRIC_LABELS, named
from cxmining.journeys import filters
from cxmining.journeys.filters.base import Filter
from cxmining.maps.tables import in_order, records
from cxmining.maps.words import HIDDEN, MISSING, known
from cxmining.workbench.chips import facet_of
from cxmining.workbench.explore import Exploration

__all__ = ["after", "at_once", "differences", "fixed", "labelled", "made"]

say = speaking("workbench")
_STEPS: Final = 12
_TOP: Final = 12
_DIFFERENCES: Final = 8
LATER: Final = ("variants", "detail", "decides", "pair")
"""What `after` brings; until then it is shown as it was."""
SAID: Final = (
    "filters", "period", "from", "until", "touchpoint", "lasts", "days_least", "days_most", "coverage", "add", "any",
    "undo", "redo", "clear", "copy", "copied", "paste", "apply", "save_a", "save_b", "open_a", "open_b", "compare", "remove", "reach", "score",
    "map_head", "curve_head", "pareto_head", "detail_head", "variants_head", "compare_head", "again", "narrow", "nothing_selected",
    "quotes", "what_if", "points", "point", "stop", "working", "no_kernel", "expected_key", "score_key", "wow_key", "step_contains",
    "step_starts", "step_ends", "step_followed", "then", "share_key", "more_steps", "test_difference", "none_selected", "close", "persona",
    "variants_none", "curve_none", "not_measured",
)  # fmt: skip


def fixed(x: Exploration) -> dict[str, Any]:
    """Return what stays: words, the values that can be ticked, touchpoints with labels, the period."""
    language, ground = x.language, x._ground
    labels = ground.labels[language]
    first, last = ground.period
    table = in_order(ground.everything, None)
    return {
        "language": language,
        "text": {key: say(f"w_{key}", language) for key in SAID},
        "choices": [
            {"facet": facet, "name": _facet(facet, language), "values": [{"id": v, "label": _value(facet, v, language)} for v in values]}
            for facet, values in x.choices.items()
        ],
        "touchpoints": [{"id": t, "label": labels.get(t, t)} for t in table["touchpoint"]],
        "first": str(first.date()),
        "last": str(last.date()),
        "key": f"{ground.journeys.notion}, {len(ground.log)} events, {len(ground.journeys)} journeys",
        "missing": MISSING,
        "decides": x.drivers is not None,
        "lived": ground.lived is not None,
    }  # fmt: skip


def at_once(x: Exploration) -> dict[str, Any]:
    """Return what must follow a filter at once: counts, chips, map and curve."""
    shown = {
        "headline": list(x.headline),
        "hidden": x.counts.hidden,
        "chips": [{"label": c.label, "code": c.code} for c in x.chips],
        "ticked": _ticked(x),
        "code": x.code,
        "undo": x.can_undo,
        "redo": x.can_redo,
        "saved": {name: [c.code for c in x.chips_of(x.saved[name])] for name in x.saved},
        "kind": x.state.kind,
        "selected": x.state.selected,
        "stages": _stages(x),
        "foot": _foot(x),
        "map": None,
        "curve": None,
    }
    if not x.counts.hidden:
        shown["map"] = dict(x.map(medians=False).spec)
        shown["curve"] = curve(x)
    return shown


def after(x: Exploration) -> dict[str, Any]:
    """Return what may follow: the map with exact medians, variants, the selected touchpoint, what decides."""
    if x.counts.hidden:
        return {"variants": [], "detail": None, "decides": None, "pair": None}
    return {
        "map": dict(x.map(medians=True).spec),
        "variants": variants(x),
        "detail": detail(x),
        "decides": decides(x),
        "pair": pair(x),
    }


def curve(x: Exploration) -> dict[str, Any] | None:
    """Return the emotional journey: per touchpoint score, expectation and gap, each with interval and n."""
    scores = x._ground.scores
    table = x.touchpoints
    if scores is None or not len(table):
        return None
    language, hidden = x.language, x.shown.hidden
    low, high = scores.scale
    columns = []
    for row in records(in_order(table, x.edges)):
        gone = (row["touchpoint"], "score_mean") in hidden
        if not known(row.get("score_mean")) and not gone:
            continue
        columns.append(
            {
                "id": row["touchpoint"], "name": labelled(x, row["touchpoint"]), "label": softened(labelled(x, row["touchpoint"]), 11),
                **{line: _point(row, line) for line in ("score", "expected")},
                "said": HIDDEN if gone else f"{number(row['score_mean'], language, 1)}",
                "more": [] if gone else [_tight(interval(row["score_low"], row["score_high"], language, 1)), _n(row["score_n"], language)],
                "gap": _gap(row, language), "wow": _count(row, "wow_n", language), "pain": _count(row, "pain_n", language),
            }
        )  # fmt: skip
    if not columns:
        return None
    metric = x._ground.lived.metric if x._ground.lived is not None else None
    name = f"{named(METRIC_LABELS, metric, language)} {low:g}–{high:g}"
    return {"metric": name, "low": low, "high": high, "columns": columns}


def variants(x: Exploration) -> list[dict[str, Any]]:
    """Return the most frequent variants as bars of touchpoints."""
    language, table = x.language, x.variants(_TOP)
    channel = dict(zip(x.touchpoints["touchpoint"], x.touchpoints["channel"], strict=True))
    top = float(table["share"].max()) if len(table) else 1.0
    out = []
    for row in records(table):
        steps = [{"id": s, "label": labelled(x, s), "channel": str(channel.get(s, "other"))} for s in row["steps"]]
        facts = [
            _n(row["journeys"], language),
            f"{say('w_median', language)} {duration(row['median_duration_s'], language)}",
        ]
        if known(row.get("score_mean")):
            facts.append(
                f"{x.counts.metric} {number(row['score_mean'], language, 1)} "
                f"{_tight(interval(row['score_low'], row['score_high'], language, 1))} {_n(row['score_n'], language)}"
            )
        out.append(
            {
                "id": row["variant_id"], "steps": steps[:_STEPS], "more": max(0, len(steps) - _STEPS), "bar": row["share"] / top,
                "share": percent(row["share"], language, 1), "facts": facts,
                "span": _tight(interval(row["low"], row["high"], language, 1, share=True)),
            }
        )  # fmt: skip
    return out


def detail(x: Exploration) -> dict[str, Any] | None:
    """Return what is known about the selected touchpoint."""
    if x.state.kind != "touchpoint":
        return None
    found = x.touchpoint()
    rated = x.drivers is not None and found.touchpoint in set(x.decides.shares["touchpoint"])
    return {
        "id": found.touchpoint, "label": found.label, "facts": [list(f) for f in found.facts], "quotes": list(found.quotes),
        "quotes_said": found.quotes_said, "what_if": rated,
    }  # fmt: skip


def decides(x: Exploration) -> dict[str, Any] | None:
    """Return what decides: bars of fair share with intervals, the verdict, and on whom it was computed."""
    if x.drivers is None:
        return None
    language, found = x.language, x.decides
    shares = found.shares
    top = max(float(shares["share_high"].max()), 0.01) if len(shares) else 1.0
    rows = [
        {
            "id": r["touchpoint"], "label": softened(labelled(x, r["touchpoint"]), 14), "share": max(0.0, r["share"]) / top,
            "low": max(0.0, r["share_low"]) / top, "high": r["share_high"] / top, "said": percent(r["share"], language),
            "more": f"{_tight(interval(r['share_low'], r['share_high'], language, 0, share=True))} {_n(r['n'], language)}",
        }
        for r in records(shares)
    ]  # fmt: skip
    return {
        "rows": rows,
        "verdict": found.verdict(language),
        "scope": found.said(language),
        "again": found.scope == "other",
    }


def pair(x: Exploration) -> dict[str, Any] | None:
    """Return A and B side by side; None until both are saved."""
    if set(x.saved) != {"A", "B"}:
        return None
    language = x.language
    said = {name: [c.label for c in x.chips_of(x.saved[name])] or [say("w_any", language)] for name in ("A", "B")}
    try:
        table = x.side_by_side()
    except CxminingError as error:
        return {"said": said, "rows": [], "error": str(error)}
    scale = x._ground.scores.scale if x._ground.scores is not None else (0.0, 1.0)
    off = {name.lower(): x.of(name).hidden for name in ("A", "B")}
    place = {t: i for i, t in enumerate(in_order(x._ground.everything, x._ground.journeys.dfg)["touchpoint"])}
    rows = [
        {
            "id": r["touchpoint"], "label": labelled(x, r["touchpoint"]),
            "reach": [_reach(r, side, language, off[side]) for side in off],
            "score": [_score(r, side, language, scale, off[side]) for side in off],
        }
        for r in sorted(records(table), key=lambda r: place[r["touchpoint"]])
    ]  # fmt: skip
    return {"said": said, "rows": rows, "error": ""}


def differences(x: Exploration, found: Any) -> list[str]:
    """Return the differences between A and B that hold after correction, in words."""
    language = x.language
    table = found.summary[found.summary["shown"]].head(_DIFFERENCES)
    said = []
    for r in records(table):
        share = r["measure"] == "share"

        def write(v: Any, digits: int = 1, share: bool = share) -> str:
            return percent(v, language, digits) if share else number(v, language, digits)

        what = " → ".join(labelled(x, part) for part in str(r["what"]).split(" → "))
        said.append(
            say(
                "difference", language, what=what, measure=say(f"m_{r['measure']}", language), a=write(r["a"]), b=write(r["b"]),
                span=interval(r["low"], r["high"], language, 1, share=share), n_a=number(r["n_a"], language), n_b=number(r["n_b"], language),
            )
        )  # fmt: skip
    return said or [say("no_difference", language)]


def made(message: Mapping[str, Any], x: Exploration) -> Filter | None:
    """Return the filter that a control asks for; None when it asks for none.

    Raises
    ------
    StudyError
        When the message is not one of a control.
    """
    kind, values = message.get("facet"), message.get("values", [])
    if not isinstance(kind, str) or not isinstance(values, list):
        raise StudyError("a control of the workbench names its facet and its values")
    given = [v for v in values if isinstance(v, str) and v]
    if kind == "period":
        start, end = (
            (given[0] if values and values[0] else None),
            (values[1] if len(values) > 1 and values[1] else None),
        )
        until = None if end is None else str((pd.Timestamp(end) + pd.Timedelta(days=1)).date())
        return filters.period(start, until, keep="starting") if start or until else None
    if kind == "duration":
        low, high = (f"{float(v):g}D" if str(v).strip() else None for v in [*values, "", ""][:2])
        return filters.duration(low, high) if low or high else None
    if kind == "coverage":
        share = float(values[0]) if values else 1.0
        return filters.coverage(share) if share < 1 else None
    if kind == "step":
        how, first, then = ([*given, "", ""])[:3]
        if how == "followed":
            return filters.followed_by(first, then)
        return {"contains": filters.contains, "starts": filters.starts, "ends": filters.ends}[how](first)
    offered = x.choices.get(kind)
    if offered is None:
        raise StudyError(f"there is no control {kind!r}")
    if not given or set(given) >= set(offered):
        return None
    if kind.startswith("segment:"):
        return filters.segment(kind.removeprefix("segment:"), *given)
    return {"channel": filters.channel, "stage": filters.stage, "score_class": filters.score_class}[kind](*given)


def _ticked(x: Exploration) -> dict[str, list[Any]]:
    """Facet → what its control shows."""
    found: dict[str, list[Any]] = {}
    for f in x.state.filters:
        facet, own = facet_of(f), vars(f)
        if facet in ("channel", "stage"):
            found[facet] = list(own["step"].conditions[0][1])
        elif facet.startswith("segment:"):
            found[facet] = [str(v) for v in own["values"]]
        elif facet == "score_class":
            found[facet] = list(own["names"])
        elif facet == "coverage":
            found[facet] = [own["share"]]
        elif facet == "period":
            end = own["end"]
            last = "" if end is None else str((pd.Timestamp(end) - pd.Timedelta(days=1)).date())
            found[facet] = ["" if own["start"] is None else str(own["start"])[:10], last]
        elif facet == "duration":
            found[facet] = ["" if us is None else f"{us / 86_400e6:g}" for us in (own["low"], own["high"])]
    return found


def _stages(x: Exploration) -> dict[str, list[str]]:
    table = x._ground.everything
    return {str(s): [str(t) for t in part["touchpoint"]] for s, part in table.groupby("stage") if s}


def _foot(x: Exploration) -> str:
    return say(
        "foot",
        x.language,
        notion=str(x._ground.journeys.notion),
        filters="; ".join(c.label for c in x.chips) or say("w_any", x.language),
    )


def _facet(facet: str, language: str) -> str:
    if facet.startswith("segment:"):
        name = facet.removeprefix("segment:")
        return say("w_persona", language) if name == "persona" else name
    return say(f"facet_{facet}", language)


def _value(facet: str, value: str, language: str) -> str:
    if facet == "channel":
        return channel_label(value, language)
    if facet == "stage":
        return stage_label(value, language)
    return say(f"class_{value}", language) if facet == "score_class" else value


def _tight(text: str) -> str:
    """Keep an interval on one line."""
    return text.replace(" ", "\u00a0")


def _n(n: Any, language: str) -> str:
    return _tight(f"n = {number(n, language)}")


def labelled(x: Exploration, touchpoint: str) -> str:
    """Return what the catalogue calls a touchpoint."""
    return x._ground.labels[x.language].get(touchpoint, touchpoint)


def _point(row: Mapping[str, Any], line: str) -> list[float] | None:
    mean = row.get(f"{line}_mean")
    if mean is None or not known(mean):
        return None
    ends = [row.get(f"{line}_{end}") for end in ("low", "high")]
    return [float(v) if v is not None and known(v) else float(mean) for v in (mean, *ends)]


def _gap(row: Mapping[str, Any], language: str) -> str:
    from cxmining.maps.facts import gap_digits, signed

    gap = row.get("gap_mean")
    if gap is None or not known(gap):
        return ""
    digits = gap_digits(row)
    return say(
        "gap_said", language, gap=signed(float(gap), language, digits), n=number(row.get("gap_n"), language),
        span=interval(row.get("gap_low"), row.get("gap_high"), language, digits),
    )  # fmt: skip


def _count(row: Mapping[str, Any], column: str, language: str) -> str:
    n = row.get(column)
    return number(n, language) if n is not None and known(n) and n else ""


def _reach(row: Mapping[str, Any], side: str, language: str, hidden: set[tuple[str, str]]) -> dict[str, Any]:
    value = row.get(f"reach_{side}")
    if value is None or not known(value):
        return {"at": None, "said": HIDDEN if (row["touchpoint"], "reach") in hidden else MISSING, "more": ""}
    low, high = row[f"reach_low_{side}"], row[f"reach_high_{side}"]
    more = f"{_tight(interval(low, high, language, 0, share=True))} {_n(row[f'customers_{side}'], language)}"
    return {"at": [float(value), float(low), float(high)], "said": percent(value, language), "more": more}


def _score(
    row: Mapping[str, Any], side: str, language: str, scale: tuple[float, float], hidden: set[tuple[str, str]]
) -> dict[str, Any]:
    value = row.get(f"score_mean_{side}")
    if value is None or not known(value):
        return {"at": None, "said": HIDDEN if (row["touchpoint"], "score_mean") in hidden else MISSING, "more": ""}
    low, high = row[f"score_low_{side}"], row[f"score_high_{side}"]
    wide = scale[1] - scale[0]
    ends = [v if known(v) else value for v in (low, high)]
    at = [(float(v) - scale[0]) / wide for v in (value, *ends)]
    more = f"{_tight(interval(low, high, language, 1))} {_n(row[f'score_n_{side}'], language)}"
    return {"at": at, "said": number(value, language, 1), "more": more}
