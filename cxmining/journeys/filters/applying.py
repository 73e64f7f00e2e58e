"""Filters put to work: which journeys pass, and which events are left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cxmining.engine import CodedLog
from cxmining.engine.coded import Ints
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.journeys.filters.base import And, EventAnd, EventFilter, Filter, Mask
from cxmining.journeys.filters.view import View

if TYPE_CHECKING:
    from cxmining.journeys.build import Journeys
    from cxmining.journeys.scored import Scored

__all__ = ["apply", "mask"]


def mask(source: Journeys | Scored, f: Filter) -> Mask:
    """Return which journeys pass.

    Parameters
    ----------
    source : Journeys or Scored
        Filters on scores need one that was scored, such as an Experience.
    f : Filter

    Returns
    -------
    ndarray of bool, shape (journeys,)
        In the order of ``journeys.table``. All may be False: `where` is what insists on some.

    Raises
    ------
    StudyError
        When `f` is no filter on journeys.
    UnknownNameError
        When it names what these journeys do not have.
    """
    if not isinstance(f, Filter):
        _must_be_filter(f)
        raise StudyError(f"{f!r} chooses events, not journeys; ask for filters.contains({f!r}), or apply it with where")
    return f.mask(View(source))


def apply(source: Journeys | Scored, f: Filter | EventFilter) -> Journeys:
    """Return the journeys that pass, or all journeys with the events that pass."""
    _must_be_filter(f)
    view = View(source)
    chosen = _passing(view, f)
    return _with_events(view, f, chosen) if isinstance(f, EventFilter) else _with_journeys(view, f, chosen)


def _must_be_filter(f: object) -> None:
    if not isinstance(f, Filter | EventFilter):
        hint = "; filters.parse reads code" if isinstance(f, str) else ""
        raise StudyError(f'where: {f!r} is no filter; write for example filters.contains("a touchpoint"){hint}')


def _passing(view: View, f: Filter | EventFilter) -> Mask:
    """Return the mask, or say which part of a conjunction left nothing."""
    parts: tuple[Any, ...] = f.parts if isinstance(f, And | EventAnd) else (f,)
    unit = ("event", "events") if isinstance(f, EventFilter) else ("journey", "journeys")
    size = len(view.log) if isinstance(f, EventFilter) else view.log.n_journeys
    left = np.ones(size, dtype=bool)
    for i, part in enumerate(parts):
        before = int(np.count_nonzero(left))
        own = np.asarray(part.mask(view))
        left = left & own
        if left.any():
            continue
        alone = int(np.count_nonzero(own))
        said = f"{part!r} leaves none of the {before:,} {unit[before != 1]}" + (f"{_history(view)}" if i == 0 else "")
        if i:
            first = " & ".join(f"({p!r})" if " | " in repr(p) else repr(p) for p in parts[:i])
            said += f" that {first} left{_history(view)}"
            if alone:
                said += f" (by itself it would keep {alone:,} of {size:,})"
        raise NotEnoughDataError(f"{said}; loosen or drop it{_unscored(view)}")
    return left


def _history(view: View) -> str:
    chain = view.journeys.chain
    return f" after {'; '.join(chain)}" if chain else ""


def _unscored(view: View) -> str:
    return f" ({'; '.join(view.notes)})" if view.notes else ""


def _with_journeys(view: View, f: Filter, chosen: Mask) -> Journeys:
    journeys = view.journeys
    step = f"{f!r}: {int(np.count_nonzero(chosen)):,} of {len(journeys):,} journeys"
    taken = journeys.take(chosen, repr(f))
    return replace(taken, chain=(*journeys.chain, "; ".join([step, *view.notes])))


def _with_events(view: View, f: EventFilter, chosen: Mask) -> Journeys:
    journeys, log = view.journeys, view.log
    per_journey: Ints = np.add.reduceat(chosen, log.offsets[:-1], dtype=np.int64)
    some = per_journey > 0
    left, lost = int(np.count_nonzero(some)), int(np.count_nonzero(~some))
    step = f"{f!r}: {int(np.count_nonzero(chosen)):,} of {len(log):,} events in {left:,} of {len(journeys):,} journeys"
    if lost:
        step += f"; {lost:,} {'journey' if lost == 1 else 'journeys'} left without an event and dropped"
    kept = CodedLog(
        log.touchpoints, log.channels, log.touchpoint[chosen], log.channel[chosen], log.time[chosen],
        np.concatenate([[0], np.cumsum(per_journey[some])]).astype(np.int64), log.customer[some], log.rows[chosen],
    )  # fmt: skip
    # A journey stays the one it was when its first event is left out: its name is that of its first event.
    # And one that reached its goal has reached it, whichever events are looked at.
    reached = journeys.goal_reached[some] if journeys.notion.goal else None
    return replace(journeys, log=kept, chain=(*journeys.chain, step), origin=journeys.origins[some], reached=reached)
