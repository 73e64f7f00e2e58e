"""From events to single hand-overs: one row each time that work goes from one unit to another."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.ingest.records.routes import hops_of

__all__ = ["holds_of", "moves_of", "threads_of"]


def threads_of(events: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return the piece of work that each event is about, by number: its thread, else its case, else −1.

    Examples
    --------
    >>> events = pd.DataFrame({"thread_id": ["t", None, None], "case_id": ["c", "c", None]}, dtype="str")
    >>> threads_of(events).tolist()
    [0, 1, -1]
    """
    return np.asarray(pd.factorize(events["thread_id"].fillna(events["case_id"]))[0], dtype=np.int64)


def holds_of(
    events: pd.DataFrame, unit: pd.Series[Any], called: Any, *, routes: bool = True, unknown: bool = False
) -> pd.DataFrame:
    """Return who held each piece of work, in order: a row per event, and one more per hop inside an event.

    Parameters
    ----------
    events : DataFrame
    unit : Series of str
        Who held the work, per event; an event that says nothing is left out.
    called : callable
        What a unit that only a route names is called.
    routes : bool, default True
        With the hops inside events (see :mod:`cxmining.ingest.records.routes`).
    unknown : bool, default False
        With the events that say nothing.

    Returns
    -------
    DataFrame
        ``work`` (number), ``row`` (of `events`), ``hop``, ``unit``, ``wait_s`` (of a hop), in the order of the work.
    """
    work = threads_of(events)
    row = np.arange(len(events))
    alone = work < 0
    work[alone] = work.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    held = pd.DataFrame({"row": row, "hop": 0, "unit": unit.to_numpy(dtype=object), "wait_s": np.nan})
    if routes:
        hops = hops_of(events)
        if len(hops):
            names = {name: called(name) for name in hops["unit"].unique()}
            hops = hops.assign(unit=hops["unit"].map(names).astype(object))
            held = pd.concat([held[~np.isin(row, hops["row"].unique())], hops], ignore_index=True)
    held = held if unknown else held.dropna(subset="unit")
    at = held["row"].to_numpy()
    time = events["timestamp"].astype("int64").to_numpy()[at]
    source = pd.factorize(events["source"], sort=True)[0][at]
    seq = events["seq"].fillna(0).to_numpy(dtype=np.int64)[at]
    order = np.lexsort((held["hop"].to_numpy(), seq, source, time, work[at]))
    return held.assign(work=work[at]).iloc[order].reset_index(drop=True)


def moves_of(events: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Return each hand-over: a hold and the next one of the same work, by another unit, for the same customer.

    Work waits at the unit that takes it over. Inside an event that is what its record says. Where our side acts next, it is the
    time since the event before ended; where the customer comes himself, only what he then waited, if the log says so: how
    long he stayed away is not the unit's.

    Returns
    -------
    DataFrame
        ``touchpoint`` (from which), ``source``, ``target``, ``wait_s``, ``by_customer`` (he came himself),
        ``customer`` (number, −1 unknown), ``work``, ``back`` (the unit it came from holds it again later).
    """
    row = held["row"].to_numpy(dtype=np.int64)
    unit, names = pd.factorize(held["unit"])
    customer = pd.factorize(events["customer_id"])[0][row]
    work = held["work"].to_numpy()
    here = np.flatnonzero((work[1:] == work[:-1]) & (unit[1:] != unit[:-1]))
    strangers = (customer[here] != customer[here + 1]) & (customer[here] >= 0) & (customer[here + 1] >= 0)
    here = here[~strangers]
    there = here + 1
    inside = row[here] == row[there]
    came = events["direction"].eq("inbound").fillna(False).to_numpy(bool)[row[there]] & ~inside
    start = events["timestamp"].astype("int64").to_numpy() / _per_second(events)
    end = start + events["duration_s"].astype("float64").fillna(0.0).to_numpy()
    gap = np.maximum(start[row[there]] - end[row[here]], 0.0)
    waited = events["wait_s"].astype("float64").to_numpy()[row[there]]
    wait = np.select([inside, came], [held["wait_s"].to_numpy(dtype=float)[there], waited], gap)
    last = pd.Series(np.arange(len(held))).groupby([work, unit]).transform("max").to_numpy()
    return pd.DataFrame(
        {
            "touchpoint": events["touchpoint"].iloc[row[here]].to_numpy(dtype=object),
            "source": np.asarray(names)[unit[here]],
            "target": np.asarray(names)[unit[there]],
            "wait_s": wait,
            "by_customer": came,
            "customer": np.where(customer[here] >= 0, customer[here], customer[there]),
            "work": work[here],
            "back": last[here] > here,
        }
    ).astype({"touchpoint": "str", "source": "str", "target": "str"})


def _per_second(events: pd.DataFrame) -> float:
    unit = np.datetime_data(events["timestamp"].dt.tz_localize(None).dtype)[0]
    return {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[str(unit)]
