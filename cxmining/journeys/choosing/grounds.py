"""What was known before a customer chose: each ground as a few levels per event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine.coded import CodedLog, Ints
from cxmining.errors import UnknownNameError, nearest
from cxmining.i18n import duration
from cxmining.journeys.build import Journeys
from cxmining.schema import TABLES

__all__ = ["NOT_KNOWN", "Ground", "grounds_at", "known_before", "usable_attributes"]

NOT_KNOWN: Final = "not known"
FEW: Final = "other"
MOST_LEVELS: Final = 12
_OF_CUSTOMER: Final = frozenset(TABLES["customers"])
_HOURS: Final = ("night (0 to 7 h)", "morning (7 to 12 h)", "afternoon (12 to 18 h)", "evening (18 to 24 h)")
_DAYS: Final = ("weekday", "weekend")
_CONTACTS: Final = ("first", "second or third", "fourth to ninth", "tenth or later")
_SINCE: Final = ("at the start", "within the hour", "within the day", "within the week", "within 30 days", "later")
_AGAIN: Final = ("first time", "again")
_HOUR: Final = 3_600_000_000


@dataclass(frozen=True, eq=False)
class Ground:
    """One predictor at one branch.

    Attributes
    ----------
    name : str
    levels : tuple of str
        The first is the reference.
    code : ndarray of int64
        Level per decision.
    unknown : int
        Decisions for which it is not known; they are a level of their own, or with too few customers the reference.
    pooled : int
        Decisions at levels with too few customers, put together or with the reference.
    """

    name: str
    levels: tuple[str, ...]
    code: Ints
    unknown: int
    pooled: int


def usable_attributes(customers: pd.DataFrame, wanted: Iterable[str] | None) -> list[str]:
    """Return the attributes of customers to look at: those asked for, or those with 2 to 12 values that repeat.

    Raises
    ------
    UnknownNameError
        When one asked for is not there.
    """
    there = [str(c) for c in customers if c not in _OF_CUSTOMER]
    if wanted is not None:
        chosen = [wanted] if isinstance(wanted, str) else list(wanted)
        for name in chosen:
            if name not in there:
                raise UnknownNameError(f"attributes: customers have no {name!r}; {nearest(str(name), there)}")
        return chosen
    few = [c for c in there if 2 <= customers[c].nunique() <= MOST_LEVELS]
    # A date on which somebody left is known only afterwards, however few dates there are.
    return [c for c in few if not pd.api.types.is_datetime64_any_dtype(customers[c])]


def known_before(journeys: Journeys, attributes: list[str]) -> dict[str, pd.Series]:
    """Return, per ground, a text or a number of seconds per event of the log (waits), missing where not known."""
    log, events = journeys.log, journeys.data.events
    rows = log.rows
    found: dict[str, pd.Series] = {}
    if attributes:
        first = journeys.data.customers.dropna(subset=["customer_id"]).drop_duplicates("customer_id")
        first = first.set_index("customer_id")
        owner = journeys.table["customer_id"]
        there = owner.isin(first.index)
        if not there.all():
            # That somebody is in no customer file says something of its own, once, not again with each attribute.
            found["customer file"] = pd.Series(np.where(there, "in it", "not in it").astype(object)[log.journey])
        for name in attributes:
            per_journey = owner.map(first[name]).astype("object")
            per_journey = per_journey.where(there, first[name].mode().iloc[0])
            text = per_journey.where(per_journey.notna(), None).map(lambda v: None if v is None else str(v))
            found[name] = pd.Series(text.to_numpy(dtype=object)[log.journey])
    found["channel"] = pd.Series(np.array(log.channels, dtype=object)[log.channel])
    wait = events["wait_s"].to_numpy(dtype=float, na_value=np.nan)[rows]
    found["wait here"] = pd.Series(wait)
    found["longest wait before"] = pd.Series(_longest_before(log, wait))
    hour, weekend = _local(events, rows, journeys.data.time_zone)
    found["time of day"] = pd.Series(np.array(_HOURS, dtype=object)[np.digitize(hour, (7, 12, 18))])
    found["day"] = pd.Series(np.array(_DAYS, dtype=object)[weekend.astype(np.int64)])
    found["contact"] = pd.Series(np.array(_CONTACTS, dtype=object)[np.digitize(log.position, (1, 3, 9))])
    since = log.time - log.time[log.offsets[:-1]][log.journey]
    steps = (1, _HOUR, 24 * _HOUR, 7 * 24 * _HOUR, 30 * 24 * _HOUR)
    found["since the start"] = pd.Series(
        np.array(_SINCE, dtype=object)[np.where(log.position == 0, 0, np.maximum(np.digitize(since, steps), 1))]
    )
    found["visit"] = pd.Series(np.array(_AGAIN, dtype=object)[_again(log).astype(np.int64)])
    return found


def _longest_before(log: CodedLog, wait: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Longest wait at the earlier events of the same journey."""
    known = np.nan_to_num(wait, nan=-1.0)
    # Whole journeys are lifted above each other, so that one running maximum serves all of them.
    lift = np.arange(log.n_journeys, dtype=float) * (known.max() + 2)
    running = np.maximum.accumulate(known + lift[log.journey])
    before = np.concatenate([[-1.0], running[:-1]]) - lift[log.journey]
    before[log.offsets[:-1]] = -1
    return cast("npt.NDArray[np.float64]", np.where(before < 0, np.nan, np.round(before, 6)))


def _local(events: pd.DataFrame, rows: Ints, zone: str) -> tuple[Ints, npt.NDArray[np.bool_]]:
    moment = events["timestamp"].iloc[rows]
    here = moment.dt.tz_convert(zone).dt.tz_localize(None)
    offset = events["utc_offset"].iloc[rows]
    told = moment.dt.tz_localize(None) + pd.to_timedelta(offset.astype("Float64"), unit="min")
    local = here.where(offset.isna(), told)
    return local.dt.hour.to_numpy(dtype=np.int64), (local.dt.day_of_week >= 5).to_numpy(dtype=bool)


def _again(log: CodedLog) -> npt.NDArray[np.bool_]:
    key = log.journey * len(log.touchpoints) + log.touchpoint
    _, first = np.unique(key, return_index=True)
    again = np.ones(len(log), dtype=bool)
    again[first] = False
    return again


def grounds_at(known: dict[str, pd.Series], at: Ints, customer: Ints, fewest: int) -> tuple[list[Ground], list[str]]:
    """Return the grounds that vary among the decisions `at`, and the names of those that do not.

    Parameters
    ----------
    known : dict
        Of :func:`known_before`.
    at : ndarray of int64
        The events after which was chosen.
    customer : ndarray of int64
        Whose, per decision.
    fewest : int
        Customers a level needs.
    """
    found, same = [], []
    for name, values in known.items():
        mine = values.iloc[at].reset_index(drop=True)
        text = _levelled(mine) if mine.dtype.kind == "f" else mine
        missing = text.isna().to_numpy(dtype=bool)
        text = text.where(~missing, NOT_KNOWN)
        people = pd.Series(customer).groupby(text.to_numpy()).nunique()
        few = set(people.index[people < fewest])
        sizes = text.value_counts()
        order = sorted(sizes.index, key=lambda v: (v == NOT_KNOWN, -sizes[v], str(v)))
        reference = order[0]
        pooled = text.isin(few).to_numpy(dtype=bool)
        enough = pooled.any() and len(np.unique(customer[pooled])) >= fewest
        text = text.mask(pooled, FEW if enough else reference)
        levels = [v for v in order if v not in few] + ([FEW] if enough and FEW not in order else [])
        if len(levels) < 2:
            same.append(name)
            continue
        place = {v: i for i, v in enumerate(levels)}
        code = text.map(place).to_numpy(dtype=np.int64)
        found.append(Ground(name, tuple(str(v) for v in levels), code, int(missing.sum()), int(pooled.sum())))
    return found, same


def _levelled(seconds: pd.Series) -> pd.Series:
    """Cut waits in thirds, named by their borders."""
    some = seconds.dropna()
    if not len(some):
        return seconds.astype("object")
    cuts = np.unique(np.quantile(some, [1 / 3, 2 / 3], method="lower"))
    cuts = cuts[cuts < some.max()]
    said = [duration(c, "en") for c in cuts]
    if len(cuts) == 2:
        names = [f"up to {said[0]}", f"{said[0]} to {said[1]}", f"over {said[1]}"]
    elif len(cuts) == 1:
        names = [f"up to {said[0]}", f"over {said[0]}"]
    else:
        names = ["known"]
    place = np.digitize(seconds, cuts, right=True)
    return pd.Series(np.array(names, dtype=object)[place]).where(seconds.notna().to_numpy(), None)
