"""Tasks that no touchpoint does well: chances for something new, where a repair of one touchpoint would not help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.experience.tasks import Tasks

__all__ = ["Unmet", "unmet_tasks"]

LEAST: Final = 10
"""Customers who want a task done below which nothing is said of it."""
PART: Final = 0.1
"""A touchpoint to which customers bring at least this part of a task's contacts has to do with it."""


class Unmet(NamedTuple):
    """A task that no touchpoint does well."""

    task: str
    n: int
    """Scores given at its touchpoints, or where these are told by customers' words its contacts."""
    touchpoints: tuple[str, ...]
    evidence: str


def unmet_tasks(lived: Experience, tasks: Tasks | None = None) -> list[Unmet]:
    """Return the tasks of which every touchpoint that was scored stays clearly below what customers expect of it.

    Parameters
    ----------
    lived : Experience
    tasks : Tasks, optional
        What customers say they want done: their tasks are judged at the touchpoints to which they bring them, and not
        only at those that the catalogue made for them. A task that they ask for and for which the catalogue has no
        touchpoint, while it has one for others, is unmet as well.

    Returns
    -------
    list of Unmet
        Those that most have first.
    """
    catalogue = lived.journeys.data.catalogue
    if not len(catalogue):
        return []
    own = catalogue.drop_duplicates("touchpoint").set_index("touchpoint")
    state = _state(lived, own)
    meant = own["task"].dropna()
    found = {
        str(task): Unmet(str(task), int(part["n"].sum()), tuple(map(str, part.index)), "measured")
        for task, part in state.join(meant, how="inner").groupby("task", sort=True)
        if part["known"].all() and part["below"].all()
    }
    for told in _told(tasks, state, meant) if tasks is not None else []:
        found.setdefault(told.task, told)
    return sorted(found.values(), key=lambda u: (-u.n, u.task))


def _state(lived: Experience, own: pd.DataFrame) -> pd.DataFrame:
    """Return, per touchpoint that was scored, n, whether an expectation is known, and whether it stays below that."""
    scores = lived.touchpoints
    rows = own[["expected"]].join(scores[["score_n", "score_high", "gap_high"]], how="inner")
    rows = rows[rows["score_n"].fillna(0) > 0]
    expected, gap, high = (
        rows[c].astype("Float64").to_numpy(dtype=float, na_value=np.nan) for c in ("expected", "gap_high", "score_high")
    )
    known = np.isfinite(gap) | (np.isfinite(expected) & np.isfinite(high))
    below = np.where(np.isfinite(gap), gap < 0, high < expected) & known
    return pd.DataFrame({"n": rows["score_n"].astype("int64"), "known": known, "below": below}, index=rows.index)


def _told(tasks: Tasks, state: pd.DataFrame, meant: pd.Series) -> list[Unmet]:
    from cxmining.experience.tasks import UNKNOWN_TASK

    said = tasks.summary[(tasks.summary["task"] != UNKNOWN_TASK) & (tasks.summary["customers"] >= LEAST)]
    brought = tasks.touchpoints.groupby("task")
    out = []
    for task, n in zip(said["task"].astype(str), said["n"].astype(int), strict=True):
        places = brought.get_group(task).sort_values(["k", "touchpoint"], ascending=[False, True])
        near = places.loc[places["k"] >= PART * places["k"].sum(), "touchpoint"].astype(str)
        own = state.reindex(near).dropna()
        homeless = len(meant) > 0 and task not in set(meant.astype(str))
        if homeless or (len(own) and own["known"].all() and own["below"].all()):
            out.append(Unmet(task, n, tuple(near), "text"))
    return out
