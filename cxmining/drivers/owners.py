"""Who is responsible for a contact: mined from who handled it, and checked against who is declared.

A log knows queues and people; an organisation knows departments. Queues that the same people work in are one team
(working together: van der Aalst, Reijers & Song 2005), and a team is called by the department that the catalogue
declares for most of its work. For a touchpoint that the catalogue declares too, its own declaration has no
vote: else the check would find what it was told.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.i18n import counted
from cxmining.stats import wilson

if TYPE_CHECKING:
    from cxmining.journeys import Journeys
    from cxmining.schema import Dataset

__all__ = ["AGREES", "DECLARED", "DIFFERS", "MINED", "UNKNOWN", "Owners", "find_owners"]

AGREES: Final = "agrees"
DIFFERS: Final = "differs"
DECLARED: Final = "declared only"
MINED: Final = "mined only"
UNKNOWN: Final = "unknown"

TOGETHER: Final = 0.5
"""Two queues are one team when this part of the smaller one's work is done by people who work in both."""
LEAST: Final = 5
"""Events in a queue by known people below which it is not joined to another."""


@dataclass(frozen=True, eq=False)
class Owners:
    """Who is responsible for each touchpoint, and how that is known.

    Attributes
    ----------
    summary : DataFrame
        One row per touchpoint: ``touchpoint``, ``owner`` (the declared one, else the mined), ``owner_source``
        (``declared``, ``mined``, ``unknown``), ``declared``, ``mined`` (the department or team that handled most),
        ``mined_share`` with ``mined_low`` and ``mined_high`` (Wilson), ``n`` (events that say who handled them),
        ``events``, ``handed_to`` (where most hand-overs from here go), ``handed_share``, ``handed_low``,
        ``handed_high``, ``n_threads`` (threads and cases with a next contact), ``check`` (agrees, differs, declared only,
        mined only, unknown).
    teams : DataFrame
        ``unit`` (queue or resource), ``team``, ``department``, ``n``: which queues are one team, and its name.
    notes : tuple of str
    """

    summary: pd.DataFrame
    teams: pd.DataFrame
    notes: tuple[str, ...]

    def of(self, touchpoint: str) -> tuple[str | None, str]:
        """Return a touchpoint's owner and how that is known; None and ``unknown`` for one that is not there."""
        row = self.summary[self.summary["touchpoint"] == touchpoint]
        if not len(row) or pd.isna(row["owner"].iloc[0]):
            return None, UNKNOWN
        return str(row["owner"].iloc[0]), str(row["owner_source"].iloc[0])

    def __repr__(self) -> str:
        counts = self.summary["check"].value_counts()
        said = ", ".join(f"{int(n)} {name}" for name, n in counts.items())
        columns = ["touchpoint", "owner", "mined", "mined_share", "n", "check"]
        table = self.summary[columns].to_string(index=False, float_format=lambda v: f"{v:.2f}", na_rep="–")
        head = f"Owners of {counted(len(self.summary), 'touchpoint')}: {said}"
        return "\n".join([head, table, *(f"- {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        table = self.summary.to_html(index=False, escape=True, border=0, na_rep="–", float_format=lambda v: f"{v:.2f}")
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        return f"<div>{table}" + (f"<ul>{notes}</ul>" if notes else "") + "</div>"


def find_owners(journeys: Journeys | Dataset) -> Owners:
    """Find who is responsible for each touchpoint.

    Parameters
    ----------
    journeys : Journeys or Dataset
        Events with ``owner_mined``, ``queue`` or ``resource``, and the catalogue with declared owners; either may lack.

    Returns
    -------
    Owners

    Raises
    ------
    NotEnoughDataError
        When there are no events.

    References
    ----------
    van der Aalst, Reijers & Song (2005). Discovering social networks from event logs. CSCW 14(6).

    Examples
    --------
    >>> from cxmining.schema import Dataset, table
    >>> events = table("events", {"event_id": ["1", "2"], "timestamp": ["2025-01-01T00:00Z"] * 2,
    ...     "channel": ["phone"] * 2, "touchpoint": ["calls", "complains"], "queue": ["Billing", "Complaints"],
    ...     "source": ["s"] * 2, "seq": [1, 2]})
    >>> find_owners(Dataset(events=events)).summary[["touchpoint", "owner", "check"]].values.tolist()
    [['calls', 'Billing', 'mined only'], ['complains', 'Complaints', 'mined only']]
    """
    data: Any = getattr(journeys, "data", journeys)
    events = data.events
    if not len(events):
        raise NotEnoughDataError("find_owners: there are no events")
    declared = (
        data.catalogue.drop_duplicates("touchpoint").set_index("touchpoint")["owner_declared"]
        if len(data.catalogue)
        else pd.Series(dtype="str")
    )
    names = sorted({*events["touchpoint"].unique().tolist(), *declared.dropna().index.tolist()})
    unit = events["owner_mined"].fillna(events["queue"])
    unit = unit.fillna(_usual_unit(unit, events["resource"])).fillna(events["resource"])
    known = pd.DataFrame({"touchpoint": events["touchpoint"], "unit": unit, "who": events["resource"]}).dropna(
        subset="unit"
    )
    team = _teams(known)
    known["team"] = known["unit"].map(team)
    votes = known.assign(declared=known["touchpoint"].map(declared)).dropna(subset="declared")
    table = votes.groupby(["team", "declared", "touchpoint"]).size().rename("n").reset_index()
    # a touchpoint has one vote, divided over its teams: a busy one does not outvote the others
    table["n"] = table["n"] / table.groupby("touchpoint")["n"].transform("sum")
    departments = {str(d).casefold().strip(): str(d) for d in declared.dropna().unique()}
    size = events.groupby("touchpoint").size()
    handed = _handovers(events, unit.map(team))
    rows: list[dict[str, Any]] = []
    for name in names:
        mine = known[known["touchpoint"] == name]
        own = mine.groupby("unit").size()
        called: dict[str, int] = {}
        for label, n in own.items():
            department = _department(str(label), str(team[label]), table, name, departments)
            called[department] = called.get(department, 0) + int(n)
        best = min(called, key=lambda d: (-called[d], d)) if called else None
        share = wilson(called[best] if best else 0, len(mine))
        said = declared.get(name)
        said = None if said is None or pd.isna(said) else str(said)
        to = handed.get(name)
        part = wilson(to[1], to[2]) if to else wilson(0, 0)
        check = UNKNOWN
        if said is not None and best is not None and best.casefold().strip() in departments:
            check = AGREES if said.casefold().strip() == best.casefold().strip() else DIFFERS
        elif said is not None:  # a queue whose department nobody named contradicts nothing
            check = DECLARED
        elif best is not None:
            check = MINED
        rows.append(
            {
                "touchpoint": name,
                "owner": said or best,
                "owner_source": "declared" if said else "mined" if best else UNKNOWN,
                "declared": said,
                "mined": best,
                "mined_share": share.value,
                "mined_low": share.low,
                "mined_high": share.high,
                "n": len(mine),
                "events": int(size.get(name, 0)),
                "handed_to": None if to is None else _department(to[0], to[0], table, name, departments),
                "handed_share": part.value,
                "handed_low": part.low,
                "handed_high": part.high,
                "n_threads": 0 if to is None else to[2],
                "check": check,
            }
        )
    summary = pd.DataFrame(rows)
    for column in ("touchpoint", "owner", "owner_source", "declared", "mined", "handed_to", "check"):
        summary[column] = summary[column].astype("str")
    counts = known.groupby("unit").size()
    teams = pd.DataFrame(
        {
            "unit": counts.index,
            "team": [team[u] for u in counts.index],
            "department": [_department(str(u), str(team[u]), table, None, departments) for u in counts.index],
            "n": counts.to_numpy(),
        }
    ).astype({"unit": "str", "team": "str", "department": "str"})
    return Owners(summary, teams, _notes(summary))


def _usual_unit(unit: pd.Series, who: pd.Series) -> pd.Series:
    """Return, where an event names its person only, the queue that this person works in most."""
    pairs = pd.DataFrame({"unit": unit, "who": who}).dropna()
    counts = pairs.groupby(["who", "unit"]).size().rename("n").reset_index()
    counts = counts.sort_values(["who", "n", "unit"], ascending=[True, False, True]).drop_duplicates("who")
    return who.map(counts.set_index("who")["unit"])


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
    total = work.sum(axis=1)
    # of all the work in a queue, the part done by people who work in the other one too
    shared = work @ (work > 0).T
    with np.errstate(divide="ignore", invalid="ignore"):
        part = shared / total[:, None]
    parent = list(range(len(units)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    several = (work > 0).sum(axis=1) > 1  # one person is no team: a mailbox's own address works in all that it writes
    for i in range(len(units)):
        for j in range(i):
            enough = min(total[i], total[j]) >= LEAST and several[i] and several[j]
            if enough and min(part[i, j], part[j, i]) >= TOGETHER:
                a, b = sorted((root(i), root(j)))
                parent[b] = a
    return {str(u): str(units[root(i)]) for i, u in enumerate(units)}


def _department(unit: str, team: str, votes: pd.DataFrame, but: str | None, departments: dict[str, str]) -> str:
    """Return the department that a queue belongs to: called so, or declared for most of its team's other work."""
    for name in (unit, team):
        if name.casefold().strip() in departments:
            return departments[name.casefold().strip()]
    mine = votes[votes["team"] == team]
    if but is not None:
        mine = mine[mine["touchpoint"] != but]
    counts = mine.groupby("declared")["n"].sum()
    if not len(counts):
        return team
    best = sorted(counts.index, key=lambda d: (-round(float(counts[d]), 9), str(d)))[0]
    return str(best) if 2 * float(counts[best]) > float(counts.sum()) + 1e-9 else team


def _handovers(events: pd.DataFrame, team: pd.Series) -> dict[str, tuple[str, int, int]]:
    """Return per touchpoint the team that most hand-overs within its threads go to, how many, and of how many."""
    thread = events["thread_id"].fillna(events["case_id"])
    rows = pd.DataFrame(
        {"thread": thread, "touchpoint": events["touchpoint"], "team": team, "timestamp": events["timestamp"],
         "source": events["source"], "seq": events["seq"]}
    ).dropna(subset=["thread", "team"])  # fmt: skip
    rows = rows.sort_values(["thread", "timestamp", "source", "seq"], kind="stable")
    next_team, same = rows["team"].shift(-1), rows["thread"] == rows["thread"].shift(-1)
    rows = rows.assign(next=next_team.where(same)).dropna(subset="next")
    total = rows.groupby("touchpoint").size()
    moved = rows[rows["next"] != rows["team"]].groupby(["touchpoint", "next"]).size().rename("n").reset_index()
    moved = moved.sort_values(["touchpoint", "n", "next"], ascending=[True, False, True]).drop_duplicates("touchpoint")
    return {
        str(r["touchpoint"]): (str(r["next"]), int(r["n"]), int(total[str(r["touchpoint"])]))
        for r in moved.to_dict("records")
    }


def _notes(summary: pd.DataFrame) -> tuple[str, ...]:
    notes = [
        f"{row['touchpoint']!r}: declared {row['declared']!r}, and {row['mined']!r} handled {row['mined_share']:.0%} of "
        f"{counted(int(row['n']), 'event')} that say who did; the declared owner stands"
        for row in summary[summary["check"] == DIFFERS].to_dict("records")
    ]
    unknown = summary.loc[summary["check"] == UNKNOWN, "touchpoint"]
    if len(unknown):
        listed = ", ".join(repr(t) for t in unknown.head(3)) + (" …" if len(unknown) > 3 else "")
        notes.append(f"{counted(len(unknown), 'touchpoint')} without any owner: {listed}; declare one in the catalogue")
    return tuple(notes)
