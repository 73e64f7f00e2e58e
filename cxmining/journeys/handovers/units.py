"""Who does the work: the queues of a log, the teams that the same people make of them, and the departments they are.

A log knows queues and people; an organisation knows departments. Queues that the same people work in are one team
(joint activities: van der Aalst, Reijers & Song 2005), and a team is called by the department that the catalogue
declares for most of its work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

__all__ = ["Units", "find_units"]

TOGETHER: Final = 0.5
"""Two queues are one team when people work in both at least this times as often as if all queues were one pool."""
LEAST: Final = 5.0
"""Pairs of events, one in each of two queues, by one person, that a pool would show; of fewer nobody can tell."""


@dataclass(frozen=True, eq=False)
class Units:
    """Who did the work of a log, at three levels.

    Attributes
    ----------
    queue : Series of str
        Per event the queue, else the queue in which its person works most, else the person; missing where none is named.
    team : mapping
        Queue → the team it is part of, called by its largest queue.
    votes : DataFrame
        ``team``, ``declared``, ``touchpoint``, ``n``: which departments the catalogue declares for a team's work; each
        touchpoint has one vote, divided over its teams.
    departments : mapping
        A department's name without capitals → its name.
    """

    queue: pd.Series[Any]
    team: Mapping[str, str]
    votes: pd.DataFrame
    departments: Mapping[str, str]

    def department(self, unit: str, but: str | None = None) -> str:
        """Return the department that a queue belongs to: called so, or declared for most of its team's other work.

        Parameters
        ----------
        unit : str
        but : str, optional
            A touchpoint whose own declaration has no vote: else a check would find what it was told.

        Returns
        -------
        str
            The department; the team where no department has more than half of the votes.
        """
        team = self.team.get(unit, unit)
        for name in (unit, team):
            if name.casefold().strip() in self.departments:
                return self.departments[name.casefold().strip()]
        counts = self._cast(team, but)
        if not len(counts):
            return team
        best = sorted(counts.index, key=lambda d: (-round(float(counts[d]), 9), str(d)))[0]
        return str(best) if 2 * float(counts[best]) > float(counts.sum()) + 1e-9 else team

    @cached_property
    def _by_team(self) -> dict[str, pd.DataFrame]:
        return {str(team): mine for team, mine in self.votes.groupby("team")}

    def _cast(self, team: str, but: str | None) -> pd.Series[Any]:
        mine = self._by_team.get(team)
        if mine is None:
            return pd.Series(dtype="float64")
        if but is not None:
            mine = mine[mine["touchpoint"] != but]
        return mine.groupby("declared")["n"].sum()


def find_units(events: pd.DataFrame, catalogue: pd.DataFrame) -> Units:
    """Find who did the work of each event, and what they are called.

    Parameters
    ----------
    events : DataFrame
        With ``owner_mined``, ``queue`` and ``resource``; each may be empty.
    catalogue : DataFrame
        With ``owner_declared`` and ``supported_by``; may be empty.

    Returns
    -------
    Units

    Examples
    --------
    >>> from cxmining.schema import empty, table
    >>> events = table("events", {"event_id": ["1", "2"], "timestamp": ["2025-01-01T00:00Z"] * 2, "channel": ["phone"] * 2,
    ...     "touchpoint": ["calls"] * 2, "queue": ["billing", None], "resource": ["p1", "p1"], "source": ["s"] * 2, "seq": [1, 2]})
    >>> find_units(events, empty("catalogue")).queue.tolist()
    ['billing', 'billing']
    """
    unit = events["owner_mined"].fillna(events["queue"])
    unit = unit.fillna(_usual_unit(unit, events["resource"])).fillna(events["resource"])
    known = pd.DataFrame({"touchpoint": events["touchpoint"], "unit": unit, "who": events["resource"]})
    known = known.dropna(subset="unit")
    team = _teams(known)
    table = catalogue.drop_duplicates("touchpoint").set_index("touchpoint") if len(catalogue) else catalogue
    declared = table["owner_declared"] if len(table) else pd.Series(dtype="str")
    votes = known.assign(team=known["unit"].map(team), declared=known["touchpoint"].map(declared)).dropna(
        subset="declared"
    )
    counted = votes.groupby(["team", "declared", "touchpoint"]).size().rename("n").reset_index()
    # a touchpoint has one vote, divided over its teams: a busy one does not outvote the others
    counted["n"] = counted["n"] / counted.groupby("touchpoint")["n"].transform("sum")
    support = table["supported_by"].dropna().unique() if len(table) else ()
    names = {str(d).casefold().strip(): str(d) for d in support}
    names |= {str(d).casefold().strip(): str(d) for d in declared.dropna().unique()}
    return Units(unit, team, counted, names)


def _usual_unit(unit: pd.Series[Any], who: pd.Series[Any]) -> pd.Series[Any]:
    """Return, where an event names its person only, the queue that this person works in most."""
    pairs = pd.DataFrame({"unit": unit, "who": who}).dropna()
    counts = pairs.groupby(["who", "unit"]).size().rename("n").reset_index()
    counts = counts.sort_values(["who", "n", "unit"], ascending=[True, False, True]).drop_duplicates("who")
    return who.map(counts.set_index("who")["unit"].to_dict()).astype("str")


def _teams(known: pd.DataFrame) -> dict[str, str]:
    """Join the queues that the same people work in; a team is called by its largest queue."""
    sizes = known.groupby("unit").size()
    units = sorted(sizes.index, key=lambda u: (-int(sizes[u]), str(u)))
    handled = known.dropna(subset="who")
    handled = handled[handled["unit"] != handled["who"]]
    at = {u: i for i, u in enumerate(units)}
    people = pd.factorize(handled["who"])[0]
    work = np.zeros((len(units), people.max() + 1 if len(people) else 0))
    if len(people):
        np.add.at(work, (handled["unit"].map(at).to_numpy(dtype=np.intp), people), 1.0)
    # one person is no team, and tells of none: a mailbox's own address works in all that it writes
    several = (work > 0).sum(axis=1) > 1
    work[~several] = 0.0
    size, load = work.sum(axis=1), work.sum(axis=0)
    total = max(1.0, size.sum())
    # how often one person works in both, and how often it would be if everybody took whatever comes
    both = work @ work.T
    pooled = np.outer(size, size) / total**2 * (load * (load - 1)).sum()
    parent = list(range(len(units)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    for i in range(len(units)):
        for j in range(i):
            if pooled[i, j] >= LEAST and both[i, j] >= TOGETHER * pooled[i, j]:
                a, b = sorted((root(i), root(j)))
                parent[b] = a
    return {str(u): str(units[root(i)]) for i, u in enumerate(units)}
