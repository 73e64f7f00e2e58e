"""Filters: values that say which journeys, or which events, to look at.

>>> from cxmining.journeys import filters
>>> f = filters.channel("phone") & filters.followed_by("mail: complaint", "phone: status", within="7D")
>>> f | ~filters.ends("buys")
(filters.channel("phone") & filters.followed_by("mail: complaint", "phone: status", within="7D")) | ~filters.ends("buys")

A filter is applied with ``journeys.where(f)``, or ``experience.where(f)`` where scores are asked for.
Filters on journeys keep or drop whole journeys. Filters on events (:func:`events`, and
:func:`period` with ``keep="cut"``) thin journeys out. The two are different types and do not mix with
``&`` and ``|``; they are applied one after the other. `parse` reads the code form back without running it.
"""

from cxmining.journeys.filters.applying import mask
from cxmining.journeys.filters.base import EventFilter, Filter
from cxmining.journeys.filters.belonging import coverage, period, score, score_class, scored, segment, variants
from cxmining.journeys.filters.events import events
from cxmining.journeys.filters.having import channel, direction, local_hour, queue, resource, stage, weekday
from cxmining.journeys.filters.kinds import (
    contains,
    count,
    directly_followed,
    duration,
    ends,
    followed_by,
    n_events,
    position,
    starts,
    touchpoint,
)
from cxmining.journeys.filters.reading import parse, parse_chain, say_chain

__all__ = [
    "EventFilter",
    "Filter",
    "channel",
    "contains",
    "count",
    "coverage",
    "direction",
    "directly_followed",
    "duration",
    "ends",
    "events",
    "followed_by",
    "local_hour",
    "mask",
    "n_events",
    "parse",
    "parse_chain",
    "period",
    "position",
    "queue",
    "resource",
    "say_chain",
    "score",
    "score_class",
    "scored",
    "segment",
    "stage",
    "starts",
    "touchpoint",
    "variants",
    "weekday",
]
