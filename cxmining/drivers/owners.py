"""Who is responsible for a contact: mined from who handled it, and checked against who is declared.

Teams and departments are those of :mod:`cxmining.journeys.handovers.units`. For a touchpoint that the catalogue declares
too, its own declaration has no vote: else the check would find what it was told. Where a contact itself names nobody,
the team that takes its work over is responsible for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.i18n import counted
from cxmining.journeys.handovers.moves import holds_of
from cxmining.journeys.handovers.units import Units, find_units
from cxmining.repr_html import repr_html
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


@dataclass(frozen=True, eq=False)
class Owners:
    """Who is responsible for each touchpoint, and how that is known.

    Attributes
    ----------
    summary : DataFrame
        One row per touchpoint: ``touchpoint``, ``owner`` (the declared one, else the mined), ``owner_source``
        (``declared``, ``mined``, ``unknown``), ``declared``, ``mined`` (the department or team that handled most),
        ``mined_share`` with ``mined_low`` and ``mined_high`` (Wilson), ``mined_from`` (``handled``: who did it by queue or
        person; ``handed over``: nobody is named, and this is who takes the work over), ``n`` (events that say it),
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
        return repr_html(self.summary, said=self.notes)


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
    units = find_units(events, data.catalogue)
    known = pd.DataFrame({"touchpoint": events["touchpoint"], "unit": units.queue}).dropna(subset="unit")
    size = events.groupby("touchpoint").size()
    handed = _handovers(events, units)
    rows: list[dict[str, Any]] = []
    for name in names:
        mine = known[known["touchpoint"] == name]
        own = mine.groupby("unit").size()
        called: dict[str, int] = {}
        for label, n in own.items():
            department = units.department(str(label), name)
            called[department] = called.get(department, 0) + int(n)
        best = min(called, key=lambda d: (-called[d], d)) if called else None
        share, n, mined_from = wilson(called[best] if best else 0, len(mine)), len(mine), "handled"
        said = declared.get(name)
        said = None if said is None or pd.isna(said) else str(said)
        to = handed.get(name)
        part = wilson(to[1], to[2]) if to else wilson(0, 0)
        if best is None and to is not None:  # it names nobody itself: who takes its work over is responsible for it
            best, share, n, mined_from = units.department(to[0], name), part, to[2], "handed over"
        check = UNKNOWN
        if said is not None and best is not None and best.casefold().strip() in units.departments:
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
                "mined_from": mined_from if best else None,
                "n": n,
                "events": int(size.get(name, 0)),
                "handed_to": None if to is None else units.department(to[0], name),
                "handed_share": part.value,
                "handed_low": part.low,
                "handed_high": part.high,
                "n_threads": 0 if to is None else to[2],
                "check": check,
            }
        )
    summary = pd.DataFrame(rows)
    for column in ("touchpoint", "owner", "owner_source", "declared", "mined", "mined_from", "handed_to", "check"):
        summary[column] = summary[column].astype("str")
    counts = known.groupby("unit").size()
    teams = pd.DataFrame(
        {
            "unit": counts.index,
            "team": [units.team[u] for u in counts.index],
            "department": [units.department(str(u)) for u in counts.index],
            "n": counts.to_numpy(),
        }
    ).astype({"unit": "str", "team": "str", "department": "str"})
    return Owners(summary, teams, _notes(summary))


def _handovers(events: pd.DataFrame, units: Units) -> dict[str, tuple[str, int, int]]:
    """Return per touchpoint the team that most hand-overs go to, how many, and of how many that went on."""
    team = units.queue.map(units.team)
    held = holds_of(events, team, lambda unit: units.team.get(unit, unit), unknown=True)
    work, row = held["work"].to_numpy(), held["row"].to_numpy()
    unit = held["unit"].to_numpy(dtype=object)
    on = np.flatnonzero((work[1:] == work[:-1]) & pd.notna(unit[1:]))
    steps = pd.DataFrame(
        {"touchpoint": events["touchpoint"].to_numpy(dtype=object)[row[on]], "from": unit[on], "to": unit[on + 1]}
    )
    total = steps.groupby("touchpoint").size()
    moved = (
        steps[steps["from"].isna() | (steps["from"] != steps["to"])]
        .groupby(["touchpoint", "to"])
        .size()
        .rename("n")
        .reset_index()
    )
    moved = moved.sort_values(["touchpoint", "n", "to"], ascending=[True, False, True]).drop_duplicates("touchpoint")
    return {
        str(r["touchpoint"]): (str(r["to"]), int(r["n"]), int(total[str(r["touchpoint"])]))
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
