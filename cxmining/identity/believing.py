"""Whose number was written in a text, and when that is believed."""

from __future__ import annotations

import numpy as np

from cxmining.identity.arrays import Bools, Grouped, Ints, single
from cxmining.identity.guards import Guards
from cxmining.identity.mentions import Said
from cxmining.identity.pairs import Names
from cxmining.identity.strength import LEVEL, Levels

__all__ = ["as_said"]


def as_said(
    said: Said, guards: Guards, conflict: Bools, carried: Grouped, owner: Ints, person: Ints, names: Names, n_known: int
) -> tuple[Ints, Ints, Levels]:
    """Give those who are nobody yet to the one customer whose number they write, changing `owner` and `person`.

    Nobody yet is a record without a person (it carries only what several people share), or people who know no account
    (numbers from `n_known` on): these go as a whole, with every address and device that is theirs. Believed is who writes
    the numbers of one customer only, and bears no other name than that customer does anywhere in what was written.

    Returns
    -------
    taker, giver : ndarray of int
        The records with the number, and a record of that customer that carries it, or carries the account.
    level : ndarray of uint8
        How sure each is.
    """
    whose = owner[said.value]
    open_ = (person[said.record] < 0) | (person[said.record] >= n_known)
    one = (whose >= 0) & (whose < n_known) & ~conflict[said.value] & ~guards.blocked[said.value]
    use = np.flatnonzero(open_ & one)
    none = np.zeros(0, dtype=np.int64)
    if not len(use):
        return none, none, np.zeros(0, dtype=np.uint8)
    named = _common_names(said.record[use], whose[use], carried, owner, names)
    use, named = use[said.sure[use] | (named > 0)], named[said.sure[use] | (named > 0)]
    record, whose, value = said.record[use], whose[use], said.value[use]
    group = np.where(person[record] < 0, n_known + len(owner) + len(person) + record, person[record])
    where, place = np.unique(group, return_inverse=True)
    believed, _ = single(place, whose, len(where))
    believed[place[named == 0]] = -1
    fits = believed[place] >= 0
    if not fits.any():
        return none, none, np.zeros(0, dtype=np.uint8)
    taker, first = np.unique(record[fits], return_index=True)
    whom, number = whose[fits][first], value[fits][first]
    # A giver is a record of the customer that carries the very number: another of the customer's might be taken from him
    # later, where the study says that two of his values are never one customer.
    giver = np.full(len(owner), -1, dtype=np.int64)
    wanted = np.flatnonzero(np.isin(carried.item, number) & (person[carried.group] == owner[carried.item]))[::-1]
    giver[carried.item[wanted]] = carried.group[wanted]  # the first is written last
    told = giver[number]
    # What is no account stands beside one in the customer's row.
    other = np.full(int(whose.max()) + 1, -1, dtype=np.int64)
    theirs = owner[carried.item]
    wanted = np.flatnonzero(np.isin(theirs, whom) & (person[carried.group] == theirs))[::-1]
    other[theirs[wanted]] = carried.group[wanted]
    told = np.where(told >= 0, told, other[whom])
    taker, whom, told = taker[told >= 0], whom[told >= 0], told[told >= 0]
    moved = np.arange(max(int(person.max()), int(owner.max())) + 1)
    old = person[taker]
    moved[old[old >= 0]] = whom[old >= 0]
    person[taker] = whom
    there = person >= 0
    person[there] = moved[person[there]]
    held = owner >= 0
    owner[held] = moved[owner[held]]
    return taker, told, np.full(len(taker), LEVEL["number in its text"], dtype=np.uint8)


def _common_names(record: Ints, whose: Ints, carried: Grouped, owner: Ints, names: Names) -> Ints:
    """Count, per pair of a record and a customer, the names that both bear; -1 where one of them has none."""
    number = np.arange(len(record))
    ours = names.beside(number, record)
    mine = np.isin(owner[carried.item], whose)
    borne = names.beside(owner[carried.item[mine]], carried.group[mine])
    theirs = Grouped(borne.left, borne.right).join(whose, number)
    has = [np.bincount(side.left, minlength=len(record)) > 0 for side in (ours, theirs)]
    size = int(names.record.size) + 1
    both = np.intersect1d(ours.left * size + ours.right, theirs.left * size + theirs.right) // size
    return np.where(has[0] & has[1], np.bincount(both, minlength=len(record)), -1)
