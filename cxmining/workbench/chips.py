"""A filter as people read it: a chip with a short label, and which control of the workbench makes such a one."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cxmining.i18n import channel_label, percent, speaking, stage_label
from cxmining.journeys.filters.base import EventFilter, Filter, Not
from cxmining.journeys.filters.belonging import Coverage, OfVariant, Period, ScoreClass, Segment
from cxmining.journeys.filters.events import Events, told
from cxmining.journeys.filters.kinds import Contains, Duration, Followed, Place
from cxmining.journeys.filters.values import listed, spoken
from cxmining.journeys.staging.stages import UNKNOWN

__all__ = ["Chip", "as_code", "facet_of", "label_of"]

say = speaking("workbench")
_CLASS = {"promoter": "promoter", "passive": "passief", "detractor": "criticaster"}
_MOST = 3
"""Names in a chip; more are counted."""


@dataclass(frozen=True)
class Chip:
    """One active filter.

    Attributes
    ----------
    filter : Filter
    label : str
        What it says, short, in the language that was asked for.
    code : str
        ``cx.filters…``, what makes it.
    facet : str
        Which control makes such filters: ``channel``, ``stage``, ``segment:contract`` …; empty for one of its own.
    """

    filter: Filter
    label: str
    code: str
    facet: str


def facet_of(f: Filter) -> str:
    """Return which control makes such filters; only one of each is active at a time.

    Examples
    --------
    >>> from cxmining.journeys import filters
    >>> facet_of(filters.channel("phone")), facet_of(filters.segment("contract", "solar")), facet_of(filters.contains("a"))
    ('channel', 'segment:contract', '')
    """
    if isinstance(f, Contains) and isinstance(f.step, Events) and len(f.step.conditions) == 1:
        name = f.step.conditions[0][0]
        return name if name in ("channel", "stage") else ""
    if isinstance(f, Segment):
        return f"segment:{f.name}"
    kinds = {Period: "period", ScoreClass: "score_class", Duration: "duration", Coverage: "coverage"}
    return next((name for kind, name in kinds.items() if isinstance(f, kind)), "")


def label_of(f: Filter, language: str, labels: Mapping[str, str]) -> str:
    """Return the label of a filter's chip.

    Parameters
    ----------
    f : Filter
    language : {"en", "nl"}
    labels : mapping
        Touchpoint → what the catalogue calls it.

    Examples
    --------
    >>> from cxmining.journeys import filters
    >>> label_of(filters.channel("phone", "chat"), "nl", {})
    'kanaal: chat of telefoon'
    >>> label_of(~filters.ends("buys"), "en", {"buys": "Buys <b>online</b>"})
    'not: ends with Buys <b>online</b>'
    """
    if isinstance(f, Not):
        return say("chip_not", language, chip=label_of(f.part, language, labels))
    if isinstance(f, Contains) and isinstance(f.step, Events) and len(f.step.conditions) == 1:
        name, values = f.step.conditions[0]
        if name == "channel":
            return say(
                "chip_channel", language, values=_some([channel_label(str(v), language) for v in values], language)
            )
        if name == "stage":
            unknown = {"en": UNKNOWN, "nl": "onbekend"}[language]
            named = [unknown if v == UNKNOWN else stage_label(str(v), language) for v in values]
            return say("chip_stage", language, values=_some(named, language))
    if isinstance(f, Contains) and not isinstance(f.step, EventFilter):
        return say("chip_contains", language, steps=_steps(f.step, language, labels))
    if isinstance(f, Place) and f.at in (1, -1) and not isinstance(f.step, EventFilter):
        return say("chip_starts" if f.at == 1 else "chip_ends", language, steps=_steps(f.step, language, labels))
    if isinstance(f, Followed) and not isinstance(f.first, EventFilter) and not isinstance(f.then, EventFilter):
        within = "" if f.within_us is None else say("chip_within", language, time=spoken(f.within_us, language))
        first, then = (_steps(step, language, labels) for step in (f.first, f.then))
        return say("chip_directly" if f.direct else "chip_followed", language, first=first, then=then, within=within)
    if isinstance(f, Segment):
        return say("chip_segment", language, name=f.name, values=_some([str(v) for v in f.values], language))
    if isinstance(f, ScoreClass):
        named = [_CLASS[n] if language == "nl" else n for n in f.names]
        return say("chip_class", language, values=listed(named, language))
    if isinstance(f, Period):
        return say("chip_period", language, how=say(f"chip_{f.keep}", language), period=told(f.start, f.end, language))
    if isinstance(f, Duration):
        return say("chip_duration", language, bounds=f.bounds(language))
    if isinstance(f, Coverage):
        share = percent(f.share, language, 0 if float(f.share * 100).is_integer() else 1)
        return say("chip_coverage", language, share=share)
    if isinstance(f, OfVariant):
        return say("chip_variant", language, ids=_some([i[:7] for i in f.ids], language))
    return f.phrase(language)


def as_code(f: Filter) -> str:
    """Return the code of a filter as a notebook that says ``import cxmining as cx`` runs it.

    Examples
    --------
    >>> from cxmining.journeys import filters
    >>> as_code(filters.contains("filters.x") & ~filters.ends("a"))
    'cx.filters.contains("filters.x") & ~cx.filters.ends("a")'
    """
    text = repr(f)
    # Only names are names: a touchpoint may well be called "filters.x".
    at = [
        t.start[1] for t in tokenize.generate_tokens(io.StringIO(text).readline) if t[:2] == (tokenize.NAME, "filters")
    ]
    for place in reversed(at):
        text = f"{text[:place]}cx.{text[place:]}"
    return text


def _steps(step: Any, language: str, labels: Mapping[str, str]) -> str:
    return _some([labels.get(name, name) for name in step], language)


def _some(words: list[str], language: str) -> str:
    if len(words) > _MOST:
        words = [*words[: _MOST - 1], f"+{len(words) - _MOST + 1}"]
    return listed(words, language)
