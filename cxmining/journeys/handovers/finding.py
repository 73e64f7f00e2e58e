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
from cxmining.stats import median_interval, wilson

if TYPE_CHECKING:
    from cxmining.journeys import Journeys
    from cxmining.schema import Dataset

__all__ = ["LEVELS", "edges_of", "find_handovers", "label_of"]

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
    of = _contacts(events, held)
    touchpoints = edges_of(moves, ["touchpoint", "source", "target"]).merge(of, on="touchpoint", how="left")
    passed = edges_of(moves, ["touchpoint"]).merge(of, on="touchpoint", how="left")
    handled = _handled(events, held, units, unit)
    people = frozenset(events["resource"].dropna().unique()) & {*held["unit"].unique(), *handled["unit"].unique()}
    return Handovers(
        summary=edges_of(moves, ["source", "target"]),
        touchpoints=_with_share(touchpoints),
        passed=_with_share(passed),
        units=_units(events, held, moves),
        handled=handled,
        people=people,
        level=unit,
        pieces=int(held["work"].nunique()),
        over=over,
        notes=tuple(notes),
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


def edges_of(moves: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Return a row per group of hand-overs; see `Handovers` for the columns."""
    columns = [*by, *EDGE_COLUMNS]
    frame = moves.assign(whose=moves["customer"].where(moves["customer"] >= 0, -2 - moves["work"]))
    grouped = frame.groupby(by if len(by) > 1 else by[0], sort=True)
    n, customers = grouped.size(), grouped["whose"].nunique()
    out = pd.DataFrame({"n": n, "customers": customers}).join(_waits(frame, grouped, len(n)))
    back = wilson(grouped["back"].mean() * customers, customers)
    out = out.assign(back=back.value, back_low=back.low, back_high=back.high, by_customer=grouped["by_customer"].sum())
    out = out.reset_index().reindex(columns=columns)
    whole = dict.fromkeys(("n", "customers", "wait_n", "by_customer"), "int64")
    out = out.astype({c: whole.get(c, "str" if c in by else "float64") for c in columns})
    return out.sort_values(["n", *by], ascending=[False, *[True] * len(by)], ignore_index=True)


def _waits(frame: pd.DataFrame, grouped: Any, groups: int) -> pd.DataFrame:
    """Return median with its interval by order statistics, and nine-tenths, of the known waits of each group."""
    group = grouped.ngroup().to_numpy()
    wait = frame["wait_s"].to_numpy(dtype=float)
    known = ~np.isnan(wait)
    group, wait = group[known], wait[known]
    order = np.lexsort((wait, group))
    wait = np.append(wait[order], np.nan)
    n = np.bincount(group, minlength=groups)
    begin = np.concatenate([[0], np.cumsum(n)[:-1]]).astype(np.int64)
    nothing = len(wait) - 1
    # which of n sorted values are the ends depends on n alone
    ends = {int(size): median_interval(np.arange(size)) for size in np.unique(n)}
    low, high = (np.array([getattr(ends[int(size)], side) for size in n]) for side in ("low", "high"))
    at_low = np.where(np.isnan(low), nothing, begin + np.nan_to_num(low)).astype(np.int64)
    at_high = np.where(np.isnan(high), nothing, begin + np.nan_to_num(high)).astype(np.int64)
    by = grouped["wait_s"]
    return pd.DataFrame(
        {
            "wait_median_s": by.median(),
            "wait_low_s": wait[at_low] if groups else [],
            "wait_high_s": wait[at_high] if groups else [],
            "wait_p90_s": by.quantile(0.9),
            "wait_n": by.count(),
        }
    )


def _contacts(events: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Return per touchpoint the contacts that say who held them, and of how many customers."""
    row = held.loc[held["hop"] == 0, "row"].to_numpy(dtype=np.int64)
    frame = events[["touchpoint", "customer_id"]].iloc[row]
    grouped = frame.groupby("touchpoint")
    return pd.DataFrame({"of": grouped.size(), "of_customers": grouped["customer_id"].nunique()}).reset_index()


def _with_share(table: pd.DataFrame) -> pd.DataFrame:
    """Add which share of the contacts was handed over; one customer may have many, so there are as many as customers."""
    people = np.maximum(table["of_customers"].to_numpy(dtype=float), 1.0)
    part = np.minimum(table["n"].to_numpy(dtype=float) / np.maximum(table["of"].to_numpy(dtype=float), 1.0), 1.0)
    share = wilson(part * people, people)
    return table.drop(columns="of_customers").assign(share=share.value, share_low=share.low, share_high=share.high)


def _handled(events: pd.DataFrame, held: pd.DataFrame, units: Units, unit: str) -> pd.DataFrame:
    """Return who took the contacts of each touchpoint at first hand."""
    first = held[held["hop"] == 0]
    row = first["row"].to_numpy(dtype=np.int64)
    frame = pd.DataFrame(
        {
            "touchpoint": events["touchpoint"].to_numpy(dtype=object)[row],
            "unit": first["unit"].to_numpy(dtype=object),
            "queue": units.queue.to_numpy(dtype=object)[row],
            "customer": pd.factorize(events["customer_id"])[0][row],
        }
    )
    if unit == "department":
        # what is declared for a touchpoint has no vote on who handles it: else it would find what it was told
        at, names = pd.factorize(frame["touchpoint"])
        queue, queues = pd.factorize(frame["queue"])
        pairs, which = np.unique(at * len(queues) + queue, return_inverse=True)
        called = [units.department(str(queues[p % len(queues)]), str(names[p // len(queues)])) for p in pairs]
        frame["unit"] = np.array(called, dtype=object)[which]
    # whose customer nobody knows is one of his own
    frame["customer"] = frame["customer"].where(frame["customer"] >= 0, -1 - np.arange(len(frame)))
    grouped = frame.groupby(["touchpoint", "unit"], sort=True)
    out = pd.DataFrame({"n": grouped.size(), "customers": grouped["customer"].nunique()}).reset_index()
    by = frame.groupby("touchpoint")
    of, people = out["touchpoint"].map(by.size()), out["touchpoint"].map(by["customer"].nunique())
    share = wilson(out["n"] / of * people, people)
    out = out.assign(share=share.value, low=share.low, high=share.high, of=of, of_customers=people)
    out = out.astype({"touchpoint": "str", "unit": "str"})
    return out.sort_values(["touchpoint", "n", "unit"], ascending=[True, False, True], ignore_index=True)


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
