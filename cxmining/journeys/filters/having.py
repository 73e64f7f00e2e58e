"""Filters on journeys with an event that has something: short for ``contains(events(…))``."""

from __future__ import annotations

from cxmining.journeys.filters.base import Filter
from cxmining.journeys.filters.events import events
from cxmining.journeys.filters.kinds import Contains
from cxmining.journeys.filters.values import Scalar

__all__ = ["channel", "direction", "local_hour", "queue", "resource", "stage", "weekday"]


def channel(*names: str) -> Filter:
    """Keep the journeys with an event through any of these channels.

    Examples
    --------
    >>> channel("phone", "chat").say()
    'journeys that meet an event through chat or phone'
    """
    return Contains(events(channel=names))


def direction(*names: str) -> Filter:
    """Keep the journeys with an event in any of these directions: inbound, outbound, internal.

    Examples
    --------
    >>> direction("inbound")
    filters.direction("inbound")
    """
    return Contains(events(direction=names))


def stage(*names: str) -> Filter:
    """Keep the journeys that reach any of these stages; ``"unknown"`` is where none is known.

    Examples
    --------
    >>> stage("service").say("nl")
    'journeys die langs een gebeurtenis in fase Gebruik en service komen'
    """
    return Contains(events(stage=names))


def weekday(*names: str) -> Filter:
    """Keep the journeys with an event on any of these days: ``"monday"`` …, by the local clock.

    Examples
    --------
    >>> weekday("sunday", "saturday")
    filters.weekday("saturday", "sunday")
    """
    return Contains(events(weekday=names))


def local_hour(first: int, until: int) -> Filter:
    """Keep the journeys with an event from hour `first` up to hour `until`, by the local clock.

    Examples
    --------
    >>> local_hour(22, 6).say()
    'journeys that meet an event between 22:00 and 6:00 local time'
    """
    return Contains(events(hour=(first, until)))


def resource(*names: Scalar) -> Filter:
    """Keep the journeys with an event handled by any of these resources.

    Examples
    --------
    >>> resource("agent 7")
    filters.resource("agent 7")
    """
    return Contains(events(resource=names))


def queue(*names: Scalar) -> Filter:
    """Keep the journeys with an event in any of these queues.

    Examples
    --------
    >>> queue("billing")
    filters.queue("billing")
    """
    return Contains(events(queue=names))
