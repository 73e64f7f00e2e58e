"""Whose the records without identifiers are: by case, thread or reference, else by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from cxmining.identity.arrays import Bools, Ints
from cxmining.identity.strength import LEVEL, Levels

__all__ = ["CONTEXT_RULES", "Context", "by_context"]

CONTEXT_RULES: Final = ("case", "thread", "reference", "own case", "own record")
Names = Callable[[Ints], list[str]]
_EVENTS, _CUSTOMERS = 0, 3  # places in RECORD_TABLES


@dataclass(eq=False)
class Context:
    """What was decided without identifiers.

    Attributes
    ----------
    person : ndarray of int
        Per record; nobody is left without.
    rule : ndarray of int
        Per record: a place in `CONTEXT_RULES`, -1 where identifiers decided.
    giver : ndarray of int
        Per record: the record it follows, -1 for none.
    sure : ndarray of uint8
        Per record, where a rule decided.
    names : Series of str
        Of the people that were added, in order of their number.
    first : int
        Number of the first of them.
    """

    person: Ints
    rule: Ints
    giver: Ints
    sure: Levels
    names: pd.Series
    first: int


def by_context(
    records: pd.DataFrame, person: Ints, n_people: int, sources: list[str], alone: Bools, names: Names
) -> Context:
    """Decide on the records that `person` leaves open.

    Those `alone` stay by themselves whatever they belong to; `names` says what people are named after, for ties.
    """
    n = len(records)
    found = Context(
        person.copy(), np.full(n, -1), np.full(n, -1), np.zeros(n, dtype=np.uint8), pd.Series([], dtype="str"), n_people,
    )  # fmt: skip
    if not (person < 0).any():
        return found
    table = records["table"].to_numpy()
    event = (table == _EVENTS) & ~alone
    other = (table != _EVENTS) & (table != _CUSTOMERS) & ~alone
    number = {rule: i for i, rule in enumerate(CONTEXT_RULES)}
    source = records["reading"].to_numpy(dtype=np.int64)
    case, thread = _codes(records, "case_id"), _codes(records, "thread_id")
    cases = _codes(records, "case_id", "reference")
    _inherit(found, event, event, _within(source, case), _within(source, case), number["case"], names, majority=True)
    _inherit(found, event, event, _within(source, thread), _within(source, thread), number["thread"], names)
    asked = np.where(table == _EVENTS, cases[0], cases[1])
    _inherit(found, event, other, asked, asked, number["reference"], names)
    own = np.flatnonzero(event & (found.person < 0) & (case[0] >= 0))
    added: list[pd.Series] = []
    if len(own):
        group, first = np.unique(_within(source, case)[own], return_index=True)
        place = np.searchsorted(group, _within(source, case)[own])
        found.person[own] = n_people + place
        found.rule[own], found.sure[own] = number["own case"], LEVEL["case"]
        at = own[first]
        named = pd.Series([sources[s] for s in source[at]], dtype="str")
        added.append("case:" + named + ":" + records["case_id"].iloc[at].reset_index(drop=True))
        n_people += len(group)
    _inherit(found, other, event, asked, asked, number["reference"], names)
    left = np.flatnonzero(found.person < 0)
    found.person[left] = n_people + np.arange(len(left))
    found.rule[left], found.sure[left] = number["own record"], LEVEL["own"]
    added.append("record:" + records["record_id"].iloc[left].reset_index(drop=True))
    found.names = pd.concat(added, ignore_index=True).astype("str")
    return found


def _codes(records: pd.DataFrame, *columns: str) -> tuple[Ints, ...]:
    """Number the texts of columns, alike in all of them; -1 is missing."""
    there = [c for c in columns if c in records]
    if not there:  # one number in memory, however many records there are
        return tuple(np.broadcast_to(np.int64(-1), len(records)) for _ in columns)
    nothing = pd.Series([], dtype="str").reindex(range(len(records)))
    texts = [records[c] if c in there else nothing for c in columns]
    codes = pd.factorize(pd.concat(texts, ignore_index=True))[0].astype(np.int64)
    return tuple(np.split(codes, len(columns)))


def _within(source: Ints, codes: tuple[Ints, ...]) -> Ints:
    """Keep cases of different sources apart."""
    if not (codes[0] >= 0).any():
        return codes[0]
    base = int(codes[0].max(initial=-1)) + 1
    return np.where(codes[0] >= 0, source * base + codes[0], -1)


def _inherit(
    found: Context,
    takers: Bools,
    givers: Bools,
    taker_key: Ints,
    giver_key: Ints,
    rule: int,
    names: Names,
    *,
    majority: bool = False,
) -> None:
    """Give the nameless among `takers` the person of the named `givers` of the same key, when those agree.

    With `majority`, the person most givers are of, ties to the smallest name, decides where they do not: an
    agent's note belongs to the one whom the ticket is mostly about, but that is marked uncertain.
    """
    open_ = np.flatnonzero(takers & (found.person < 0) & (taker_key >= 0))
    named = np.flatnonzero(givers & (found.person >= 0) & (giver_key >= 0))
    if not len(open_) or not len(named):
        return
    named = named[np.isin(giver_key[named], taker_key[open_])]
    if not len(named):
        return
    votes = pd.DataFrame({"key": giver_key[named], "person": found.person[named], "record": named})
    votes = (
        votes.groupby(["key", "person"], sort=True).agg(n=("record", "size"), record=("record", "min")).reset_index()
    )
    votes["several"] = votes.duplicated("key", keep=False)
    if not majority:
        votes = votes[~votes["several"]]
    elif votes["several"].any():
        votes["name"] = ""
        tied = votes["several"]
        votes.loc[tied, "name"] = names(votes.loc[tied, "person"].to_numpy())
        votes = votes.sort_values(["key", "n", "name"], ascending=[True, False, True])
    best = votes.drop_duplicates("key")
    keys = best["key"].to_numpy()
    if not len(keys):
        return
    place = np.minimum(np.searchsorted(keys, taker_key[open_]), len(keys) - 1)
    got = keys[place] == taker_key[open_]
    taker, place = open_[got], place[got]
    found.person[taker] = best["person"].to_numpy()[place]
    found.rule[taker] = rule
    found.giver[taker] = best["record"].to_numpy()[place]
    sure = np.where(best["several"].to_numpy()[place], LEVEL["most of the case"], LEVEL[CONTEXT_RULES[rule]])
    found.sure[taker] = sure.astype(np.uint8)
