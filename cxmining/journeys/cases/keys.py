"""Which events belong together, before silences, goals or the process itself cut them."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from cxmining.engine import CodedLog
from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.i18n import counted
from cxmining.journeys.cases.notion import CaseNotion
from cxmining.study import CASE_NOTIONS

__all__ = ["customers_of", "journey_key", "shared_journeys", "without"]

_NO_KEY: Final = ("event_id", "timestamp", "seq", "text", "utc_offset", "wait_s", "duration_s")
_SEP: Final = "\x1f"


def without(events: pd.DataFrame, exclude: tuple[str, ...]) -> tuple[pd.Series, list[str]]:
    """Tell which events stay when these touchpoints go, and how many went."""
    if not exclude:
        return pd.Series(True, index=events.index), []
    there = sorted(events["touchpoint"].unique())
    for name in exclude:
        if name not in there:
            raise UnknownNameError(f"exclude: no touchpoint {name!r} in the events; {nearest(name, there)}")
    keep = ~events["touchpoint"].isin(exclude)
    if not keep.any():
        raise NotEnoughDataError(f"exclude leaves no event: all {len(events):,} are at one of {', '.join(exclude)}")
    left_out = int((~keep).sum())
    are = "is" if left_out == 1 else "are"
    return keep, [f"{counted(left_out, 'event')} at {', '.join(exclude)} {are} no step of a journey and left out"]


def journey_key(events: pd.DataFrame, notion: CaseNotion, keep: pd.Series) -> tuple[pd.Series, list[str]]:
    """Return what each event's journey is called, missing where it has none, and what must be said of that.

    Parameters
    ----------
    events : DataFrame
        Table ``events``.
    notion : CaseNotion
    keep : Series of bool
        The events that are steps at all.

    Raises
    ------
    StudyError
        When ``notion.by`` is neither a notion nor a column that could be a key.
    NotEnoughDataError
        When no event has what is asked for.
    """
    if notion.by == "customer":
        nobody = int((events["customer_id"].isna() & keep).sum())
        if nobody == int(keep.sum()):
            raise NotEnoughDataError('no event has a customer; choose by="case" or by="thread"')
        belong = "belongs to no known customer and is" if nobody == 1 else "belong to no known customer and are"
        said = [f"{counted(nobody, 'event')} {belong} in no journey"] if nobody else []
        return events["customer_id"].where(keep), said
    own = _own(events, notion)
    alone = int((own.isna() & keep).sum())
    said = []
    if alone:
        word = notion.by if notion.by in CASE_NOTIONS else f"value in {notion.by!r}"
        has = (
            "has no {} and is a journey of one event" if alone == 1 else "have no {} and are journeys of one event each"
        )
        said = [f"{counted(alone, 'event')} {has.format(word)}"]
    return own.fillna(_SEP + events["event_id"]).where(keep), said


def _own(events: pd.DataFrame, notion: CaseNotion) -> pd.Series:
    by = notion.by
    # A case id is the source's own: 1001 in two sources is two cases. A thread (Message-ID) is one everywhere,
    # and so is a key that the analyst names.
    case = events["source"].astype("str") + _SEP + events["case_id"].astype("str")
    if by in ("case", "thread"):
        if events[f"{by}_id"].isna().all():
            raise NotEnoughDataError(f'by="{by}": no event has a {by}_id; choose by="customer"')
        return case if by == "case" else events["thread_id"].astype("str")
    if by == "issue":
        if events["case_id"].isna().all() and events["thread_id"].isna().all():
            raise NotEnoughDataError('by="issue": no event has a case_id or a thread_id; choose by="customer"')
        return _issues(case, events["thread_id"])
    if by not in events or by in _NO_KEY:
        keys = [*CASE_NOTIONS, *(str(c) for c in events if c not in _NO_KEY)]
        why = "cannot tell journeys apart" if by in events else "is no case notion and no column of the events"
        raise StudyError(f"by={by!r} {why}; {nearest(by, keys)}")
    values = events[by]
    if values.isna().all():
        raise NotEnoughDataError(f'by="{by}": the column is empty; choose by="customer"')
    if pd.api.types.is_float_dtype(values.dtype) and (values.dropna() % 1 == 0).all():
        values = values.astype("Float64").astype("Int64")  # a number with gaps beside it: 1001.0 is 1001
    return values.astype("str").where(values.notna())


def _issues(case: pd.Series, thread: pd.Series) -> pd.Series:
    """Name alike the events that are joined by a case or a thread, over however many steps."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    cases, threads = pd.factorize(case)[0], pd.factorize(thread)[0]
    size = int(cases.max(initial=-1)) + 1
    both = np.flatnonzero((cases >= 0) & (threads >= 0))
    nodes = size + int(threads.max(initial=-1)) + 1
    links = coo_array((np.ones(len(both), dtype=np.int8), (cases[both], size + threads[both])), shape=(nodes, nodes))
    issue = connected_components(links, directed=False)[1]
    node = np.where(cases >= 0, cases, np.where(threads >= 0, size + threads, -1))
    number = pd.Series(issue[node] if nodes else node, index=case.index)
    return number.astype("str").where(node >= 0)


def customers_of(events: pd.DataFrame) -> pd.Series:
    """Return the customer of each event; a case that nobody is known of is its own customer."""
    customer = events["customer_id"]
    if not customer.isna().any():
        return customer
    return customer.fillna(events["case_id"]).fillna(events["thread_id"]).fillna(events["event_id"])


def shared_journeys(log: CodedLog, customer: pd.Series) -> list[str]:
    """Say how many journeys have events of several people."""
    person = pd.factorize(customer)[0][log.rows]
    differs = person != person[log.offsets[:-1]][log.journey]
    shared = len(np.unique(log.journey[differs]))
    if not shared:
        return []
    has = (
        "has events of more than one customer; it counts"
        if shared == 1
        else ("have events of more than one customer; they count")
    )
    return [f"{counted(shared, 'journey')} {has} as the first one's"]
