"""What the front end draws, as plain JSON: every figure already written out in the reader's language, with its n and interval.

Nothing in it is markup. The front end sets it as text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
from cxmining.workbench.cells import labelled, n_said, tight
from cxmining.workbench.chips import facet_of
from cxmining.workbench.decide import Decides
from cxmining.workbench.explore import Exploration
from cxmining.workbench.ifs import deciding
from cxmining.workbench.payload_tables import offered, orders, pair

__all__ = ["after", "at_once", "fixed", "key_of", "made", "words"]

say = speaking("workbench")
_STEPS: Final = 12
_TOP: Final = 12
LATER: Final = ("variants", "detail", "decides", "pair")
"""What `after` brings; until then it is shown as it was."""
SAID: Final = (
    "filters", "period", "from", "until", "touchpoint", "lasts", "days_least", "days_most", "coverage", "add", "any",
    "undo", "redo", "clear", "copy", "copied", "paste", "apply", "save_a", "save_b", "open_a", "open_b", "compare", "remove", "reach", "score",
    "map_head", "curve_head", "pareto_head", "detail_head", "variants_head", "compare_head", "again", "narrow", "nothing_selected",
    "quotes", "what_if", "points", "point", "stop", "working", "working_share", "no_kernel", "expected_key", "score_key", "wow_key",
    "step_contains", "step_starts", "step_ends", "step_followed", "then", "share_key", "more_steps", "test_difference", "none_selected",
    "close", "persona", "variants_none", "curve_none", "not_measured", "ifs_head", "ifs_key", "ifs_start", "below_head", "journeys_tab",
    "segments_tab", "order", "steps_col", "customer", "start_col", "duration_col", "contacts_col", "open_journey", "back", "since",
    "contact_col", "channel_col", "local_col", "wait_col", "quote_col", "score_col", "whole", "attribute", "measure", "no_attribute", "view_failed", "opening",
    "stopped", "try_again", "pair_none", "reach_col", "differs", "stage", "if_zero", "scale_col",
)  # fmt: skip


def words(language: str) -> dict[str, str]:
    """Return the words that the front end says itself."""
    return {key: say(f"w_{key}", language) for key in SAID}


def fixed(x: Exploration) -> dict[str, Any]:
    """Return what stays: words, the values that can be ticked, touchpoints with labels, the period."""
    language, ground = x.language, x._ground
    labels = ground.labels[language]
    first, last = ground.period
    table = in_order(ground.everything, None)
    return {
        "language": language,
        "text": words(language),
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
        "attributes": offered(x),
        "orders": orders(x),
        "notes": _notes(x),
    }  # fmt: skip


def at_once(x: Exploration, kept: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what must follow a filter at once: counts, chips, map and curve; what is `kept` is not made again."""
    shown: dict[str, Any] = {
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
        "failed": {},
    }
    if x.counts.hidden:
        return shown
    return shown | _each({"map": lambda: dict(x.map(medians=False).spec), "curve": lambda: curve(x)}, {}, kept)


def after(
    x: Exploration, failed: Mapping[str, str] | None = None, kept: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return what may follow: the map with exact medians, variants, the selected touchpoint, what decides.

    A view that cannot be made is said in ``failed``, and the others go on; one that is `kept` is not made again.
    """
    views: dict[str, Callable[[], Any]] = {"pair": lambda: pair(x)}
    if x.counts.hidden:
        return {"variants": [], "detail": None, "decides": None} | _each(views, failed or {}, kept)
    views |= {
        "map": lambda: dict(x.map(medians=True).spec),
        "variants": lambda: variants(x),
        "detail": lambda: detail(x),
        "decides": lambda: decides(x),
    }
    return _each(views, failed or {}, kept)


def key_of(x: Exploration, found: Decides) -> str:
    """Return what tells one analysis of what decides from another: the filters it was computed under."""
    return x.code if found.scope == "shown" else ""


def _each(
    views: Mapping[str, Callable[[], Any]], failed: Mapping[str, str], kept: Mapping[str, Any] | None
) -> dict[str, Any]:
    found: dict[str, Any] = {name: kept[name] for name in views if kept is not None and name in kept}
    said = {name: why for name, why in failed.items() if name not in views}
    for name, make in views.items():
        if name in found:
            continue
        try:
            found[name] = make()
        except Exception as error:  # noqa: BLE001  # one view that fails is said in its place; the others must live
            found[name] = None
            said[name] = str(error) if isinstance(error, CxminingError) else f"{type(error).__name__}: {error}"
    return {**found, "failed": said}


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
                "more": [] if gone else [tight(interval(row["score_low"], row["score_high"], language, 1)), n_said(row["score_n"], language)],
                "gap": _gap(row, language), **{name: HIDDEN if (row["touchpoint"], f"{name}_n") in hidden else _count(row, f"{name}_n", language) for name in ("wow", "pain")},
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
            n_said(row["journeys"], language),
            f"{say('w_median', language)} {duration(row['median_duration_s'], language)}",
        ]
        if known(row.get("score_mean")):
            facts.append(
                f"{x.counts.metric} {number(row['score_mean'], language, 1)} "
                f"{tight(interval(row['score_low'], row['score_high'], language, 1))} {n_said(row['score_n'], language)}"
            )
        out.append(
            {
                "id": row["variant_id"], "steps": steps[:_STEPS], "more": max(0, len(steps) - _STEPS), "bar": row["share"] / top,
                "share": percent(row["share"], language, 1), "facts": facts,
                "span": tight(interval(row["low"], row["high"], language, 1, share=True)),
            }
        )  # fmt: skip
    return out


def detail(x: Exploration) -> dict[str, Any] | None:
    """Return what is known about the selected touchpoint."""
    if x.state.kind != "touchpoint":
        return None
    found = x.touchpoint()
    rated = x.drivers is not None and found.touchpoint in deciding(x, len(x.decides.shares))
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
            "more": f"{tight(interval(r['share_low'], r['share_high'], language, 0, share=True))} {n_said(r['n'], language)}",
        }
        for r in records(shares)
    ]  # fmt: skip
    return {
        "rows": rows,
        "verdict": found.verdict(language),
        "scope": found.said(language),
        "key": key_of(x, found),
        "ifs": [{"id": t, "label": labelled(x, t)} for t in deciding(x)],
        "again": found.scope == "other",
    }


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


def _notes(x: Exploration) -> list[str]:
    """Return what a reader misses among the filters, and why."""
    customers = x._ground.journeys.data.customers
    if "persona" not in customers or "segment:persona" in x.choices:
        return []
    names = sorted(str(v) for v in customers["persona"].dropna().unique())
    return [say("one_persona", x.language, name=names[0])] if len(names) == 1 else []


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
