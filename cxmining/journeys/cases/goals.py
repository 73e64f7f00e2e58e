"""Journeys with a goal: from a touchpoint where customers set out to one that they are to reach."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cxmining.engine import CodedLog
from cxmining.errors import NotEnoughDataError
from cxmining.i18n import counted
from cxmining.journeys.cases.notion import CaseNotion

__all__ = ["goal_reached", "to_goal"]


def to_goal(log: CodedLog, notion: CaseNotion) -> tuple[CodedLog, list[str]]:
    """Return the log of the stretches from a start to the first end after it, and what became of the rest.

    A stretch begins at a start touchpoint and ends with the first end touchpoint after it, or, when that
    never comes, with the journey it was found in (an *open* stretch). A start inside a stretch is a step of
    it; an end outside one is nothing. No event is in two stretches.

    Parameters
    ----------
    log : CodedLog
        Cut already at silences.
    notion : CaseNotion
        With a goal.

    Returns
    -------
    log, notes : CodedLog, list of str

    Raises
    ------
    NotEnoughDataError
        When no journey has a start touchpoint.
    """
    starts, ends = notion.goal or ((), ())
    sets_out, arrives = _at(log, starts), _at(log, ends)
    marks = np.flatnonzero(sets_out | arrives)
    # Between two marks nothing opens or closes: of equal marks in a row the first counts, and each journey
    # begins closed.
    same = np.zeros(len(marks), dtype=bool)
    same[1:] = log.journey[marks[1:]] == log.journey[marks[:-1]]
    before = np.zeros(len(marks), dtype=bool)  # was a stretch open before this mark?
    before[1:] = same[1:] & sets_out[marks[:-1]]
    opens, closes = marks[sets_out[marks] & ~before], marks[arrives[marks] & before]
    if not len(opens):
        named = " or ".join(map(repr, starts))
        raise NotEnoughDataError(f"goal: no journey has {named} left to start from; look at exclude and the data")
    begin = np.zeros(len(log), dtype=bool)
    begin[opens] = True
    # The stretch an event could be in is the last one that opened; it is in it up to its end or the journey's.
    stretch = np.cumsum(begin) - 1
    last = log.offsets[log.journey[opens] + 1] - 1
    last[stretch[closes]] = closes
    inside = np.flatnonzero((stretch >= 0) & (np.arange(len(log)) <= last[stretch]))
    offsets = np.append(np.flatnonzero(begin[inside]), len(inside))
    found = CodedLog(
        log.touchpoints, log.channels, log.touchpoint[inside], log.channel[inside], log.time[inside], offsets,
        log.customer[log.journey[opens]], log.rows[inside],
    )  # fmt: skip
    return found, _notes(log, found, opens, closes)


def goal_reached(log: CodedLog, notion: CaseNotion) -> npt.NDArray[np.bool_]:
    """Tell of each journey of a goal whether it got there: a stretch ends with the first end it meets."""
    return _at(log, notion.goal[1] if notion.goal else ())[log.offsets[1:] - 1]


def _at(log: CodedLog, names: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    return np.isin(np.array(log.touchpoints, dtype=object), list(names))[log.touchpoint]


def _notes(log: CodedLog, found: CodedLog, opens: npt.NDArray[np.int64], closes: npt.NDArray[np.int64]) -> list[str]:
    still = len(opens) - len(closes)
    reached = f"{len(closes):,} of {counted(len(opens), 'journey')} reached the goal"
    kept = f"; {still:,} did not before the log ends or falls silent and {'is' if still == 1 else 'are'} kept, open"
    notes = [reached + (kept if still else "")]
    outside = len(log) - len(found)
    if outside:
        lie = "lies" if outside == 1 else "lie"
        notes.append(f"{counted(outside, 'event')} of {len(log):,} {lie} outside any way to the goal, in no journey")
    never = log.n_customers - found.n_customers
    if never:
        have = "has" if never == 1 else "have"
        notes.append(f"{counted(never, 'customer')} of {log.n_customers:,} never set out and {have} no journey")
    return notes
