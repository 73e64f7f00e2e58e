"""Find who hands work over to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError, UnknownNameError, nearest
from cxmining.i18n import counted
from cxmining.journeys.handovers.moves import holds_of, moves_of, threads_of
from cxmining.journeys.handovers.result import EDGE_COLUMNS, Handovers
from cxmining.journeys.handovers.units import Units, find_units
from cxmining.stats import median_interval, share_interval

if TYPE_CHECKING:
    from cxmining.journeys import Journeys
    from cxmining.schema import Dataset

__all__ = ["LEVELS", "find_handovers", "label_of"]

LEVELS: Final = ("department", "team", "queue", "resource")


def find_handovers(journeys: Journeys | Dataset, unit: str = "department") -> Handovers:
    """Find who hands work over to whom, how long it lies there, and how much of it comes back.

    Work is a thread, else a case of the source's own: what is handed over is written by internal events and by
    back-office records of the same thread, by the groups of a ticket, and by the legs of a call that was put through.

    Parameters
    ----------
    journeys : Journeys or Dataset
        Of journeys their own events count, and all others of the same threads, as internal ones that belong to no customer.
    unit : {"department", "team", "queue", "resource"}, default "department"
        Whom to tell apart: departments as `find_owners` names them, queues that the same people work in, queues as the
        log has them, or people (by pseudonym).

    Returns
    -------
    Handovers
        ``summary`` is empty where no work changed hands, and a note says so.

    Raises
    ------
    UnknownNameError
        When there is no such unit.
    NotEnoughDataError
        When nothing in the log tells who handled anything.

    References
    ----------
    van der Aalst, Reijers & Song (2005). Discovering social networks from event logs. CSCW 14(6).

    Examples
    --------
    >>> from cxmining.schema import Dataset, table
    >>> events = table("events", {"event_id": ["1", "2"], "customer_id": ["c", "c"],
    ...     "timestamp": ["2025-01-01T10:00Z", "2025-01-01T12:30Z"], "channel": ["phone", "other"], "thread_id": ["t", "t"],
    ...     "touchpoint": ["asks", "checks"], "direction": ["inbound", "internal"], "queue": ["front", "back office"],
    ...     "duration_s": [1800.0, None], "source": ["s", "s"], "seq": [1, 2]})
    >>> find_handovers(Dataset(events=events), "queue")
    Handovers(1 hand-over between 2 queues, 1 piece of work; all events)
      front → back office: 1, median wait 2 h, 0% come back
    """
    if unit not in LEVELS:
        raise UnknownNameError(f"find_handovers: unit {unit!r}; {nearest(unit, LEVELS)}")
    data: Any = getattr(journeys, "data", journeys)
    log: Any = getattr(journeys, "log", None)
    if not len(data.events):
        raise NotEnoughDataError("find_handovers: there are no events")
    events = data.events if log is None else data.events.iloc[_rows(data.events, log.rows)]
    events = events.reset_index(drop=True)
    units = find_units(data.events, data.catalogue)
    if log is not None:
        units = Units(units.queue.iloc[_rows(data.events, log.rows)].reset_index(drop=True), units.team, units.votes, units.departments)  # fmt: skip
    label = label_of(units, unit)
    who = (
        events["resource"]
        if unit == "resource"
        else units.queue.map({q: label(q) for q in units.queue.dropna().unique()})
    )
    held = holds_of(events, who, label, routes=unit != "resource")
    if not len(held):
        raise NotEnoughDataError(
            f"find_handovers: nothing in the log tells who handled the {counted(len(events), 'event')}: it has no queue, no "
            "group and no resource; name the columns that hold them in the study"
        )
    moves = moves_of(events, held)
    notes = []
    if not len(moves):
        notes.append(
            f"no work changed hands between one {unit} and another in {counted(held['work'].nunique(), 'piece')} of work"
        )
    over = "all events" if log is None else " · ".join([str(journeys.notion), *journeys.chain])  # type: ignore[union-attr]
    summary = _edges(moves, ["source", "target"])
    touchpoints = _edges(moves, ["touchpoint", "source", "target"])
    return Handovers(
        summary, touchpoints, _units(events, held, moves), unit, int(held["work"].nunique()), over, tuple(notes)
    )


def label_of(units: Units, unit: str) -> Any:
    """Return what names a queue at a level."""
    if unit == "department":
        return units.department
    return (lambda q: units.team.get(q, q)) if unit == "team" else str


def _rows(events: pd.DataFrame, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the rows of the log and those of the same threads that are in no journey, as internal ones."""
    mine = np.zeros(len(events), dtype=bool)
    mine[rows] = True
    thread = threads_of(events)
    met = np.zeros(thread.max(initial=-1) + 2, dtype=bool)  # −1, no thread, is the last
    met[thread[mine]] = True
    met[-1] = False
    inside = events["direction"].eq("internal").fillna(False).to_numpy(bool) | events["customer_id"].isna().to_numpy()
    return np.flatnonzero(mine | (met[thread] & inside))


def _edges(moves: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return a row per group of hand-overs; groups are pairs of units, tens and not thousands."""
    rows: list[dict[str, Any]] = []
    for key, some in moves.groupby(by, sort=True):
        waits = some["wait_s"].to_numpy(dtype=float)
        known = waits[~np.isnan(waits)]
        median = median_interval(known)
        whose = some["customer"].where(some["customer"] >= 0, -2 - some["work"])
        back = share_interval(some["back"].to_numpy(), cluster=whose.to_numpy())
        rows.append(
            {
                **dict(zip(by, key, strict=True)),
                "n": len(some),
                "customers": int(whose.nunique()),
                "wait_median_s": median.value,
                "wait_low_s": median.low,
                "wait_high_s": median.high,
                "wait_p90_s": float(np.quantile(known, 0.9)) if len(known) else np.nan,
                "wait_n": len(known),
                "back": back.value,
                "back_low": back.low,
                "back_high": back.high,
                "by_customer": int(some["by_customer"].sum()),
            }
        )
    columns = [*by[:-2], *EDGE_COLUMNS]
    frame = pd.DataFrame(rows, columns=columns)
    whole = dict.fromkeys(("n", "customers", "wait_n", "by_customer"), "int64")
    kinds = {c: whole.get(c, "str" if c in by else "float64") for c in columns}
    return frame.astype(kinds).sort_values(["n", *by], ascending=[False, *[True] * len(by)], ignore_index=True)


def _units(events: pd.DataFrame, held: pd.DataFrame, moves: pd.DataFrame) -> pd.DataFrame:
    first = ~held["work"].duplicated()
    # who is called again within the same work by the customer himself is met at first hand too
    whose = events["customer_id"].iloc[held["row"]].to_numpy(dtype=object)
    frame = held.assign(first=first, customer=whose)
    grouped = frame.groupby("unit")
    out = (
        pd.DataFrame(
            {
                "held": grouped["work"].nunique(),
                "customers": grouped["customer"].nunique(),
                "first": grouped["first"].sum(),
                "received": moves.groupby("target").size(),
                "given": moves.groupby("source").size(),
            }
        )
        .fillna(0)
        .astype("int64")
    )
    out = out.rename_axis("unit").reset_index().astype({"unit": "str"})
    return out.sort_values(["held", "unit"], ascending=[False, True], ignore_index=True)
