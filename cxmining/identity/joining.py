"""Whose each record is, by the values it carries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxmining.identity import strength
from cxmining.identity.arrays import Bools, Grouped, Ints, Joined, connected, label, single
from cxmining.identity.guards import NEVER, Guards, guard_roles, guard_strangers, role_addresses
from cxmining.identity.pairs import Pairs
from cxmining.identity.visits import Visits, take_turns, who_was_there

__all__ = ["People", "join", "join_all"]

_ROUNDS = 12


@dataclass(eq=False)
class People:
    """The decision.

    Attributes
    ----------
    person : ndarray of int
        Per record; -1 for nobody.
    rank : ndarray of int
        Per record: the kind that decided; ``len(keys)`` is a hand-over.
    owner : ndarray of int
        Per value: the one person it belongs to, -1 for none. It names that person, and joins its records.
    level : ndarray of uint8
        Per value: the class of its links.
    conflict : ndarray of bool
        Per value: belongs to several people.
    merged : pair of ndarray
        Accounts that are one person because they share an address and a number.
    turns : tuple of ndarray
        Records given to who was logged in, the record of that login, and the class of that link.
    n : int
        How many people there are.
    """

    person: Ints
    rank: Ints
    owner: Ints
    level: strength.Levels
    conflict: Bools
    merged: tuple[Ints, Ints]
    turns: tuple[Ints, Ints, strength.Levels]
    n: int


def join(
    pairs: Pairs, n_records: int, guards: Guards, limit: int, names: tuple[Ints, Ints], visits: Visits | None
) -> People:
    """Join records with all guards; see the package for the rules."""
    account = pairs.rank("account")
    n_values, n_kinds = len(pairs.text), len(pairs.keys)
    none = np.zeros(0, dtype=np.int64)
    holders = pairs.of(account) if account >= 0 else (none, none)
    open_accounts = ~guards.blocked[holders[1]]
    carried = Grouped(holders[0][open_accounts], holders[1][open_accounts])

    # Which accounts each other value is seen with, directly in a record.
    seen = _beside(pairs, carried, account)
    n_accounts = np.bincount(seen.left, minlength=n_values)
    guards.block(n_accounts > limit, "hub", n_accounts)
    roles = role_addresses(pairs)
    guard_roles(guards, roles, n_accounts)

    same = _shared_twice(seen, guards.blocked | roles, pairs)
    owner, n_people = _account_people(carried, same, n_values, limit)
    person = np.full(n_records, -1, dtype=np.int64)
    rank = np.full(n_records, -1, dtype=np.int64)
    known = owner[carried.item] >= 0
    label(person, rank, carried.group[known], owner[carried.item[known]], account)
    conflict = _spread(pairs, guards, person, rank, owner, account, n_people > 0)

    # The rest knows no account; accounts in it come from records that list many, and join nobody.
    kind = pairs.kind[pairs.value]
    left = (person[pairs.record] < 0) & (kind != account)
    open_ = left & ~guards.blocked[pairs.value] & ~conflict[pairs.value] & (owner[pairs.value] < 0)
    several = guard_strangers(guards, pairs, open_, names, roles, limit)
    if visits is not None:
        take_turns(guards, pairs, visits, several)
        several &= ~guards.blocked
    open_ &= ~guards.blocked[pairs.value]
    n_people = _components(pairs, open_, person, rank, owner, n_people)

    turns = (none, none, np.zeros(0, dtype=np.uint8))
    if visits is not None:
        shared = conflict | (guards.blocked & (guards.state != NEVER))
        turns = who_was_there(pairs, visits, shared, person)
        person[turns[0]], rank[turns[0]] = person[turns[1]], n_kinds

    # Nothing but values of several people: somebody of them, who is counted as one uncertain customer.
    left &= (person[pairs.record] < 0) & conflict[pairs.value] & ~guards.blocked[pairs.value] & (owner[pairs.value] < 0)
    n_people = _components(pairs, left, person, rank, owner, n_people)

    return People(person, rank, owner, strength.of_values(pairs, conflict, several), conflict, same, turns, n_people)


def join_all(pairs: Pairs, n_records: int, guards: Guards) -> People:
    """Join all records that share any value, directly or through others: what happens without guards."""
    n_values = len(pairs.text)
    none = np.zeros(0, dtype=np.int64)
    person = np.full(n_records, -1, dtype=np.int64)
    rank = np.full(n_records, -1, dtype=np.int64)
    owner = np.full(n_values, -1, dtype=np.int64)
    n = _components(pairs, ~guards.blocked[pairs.value], person, rank, owner, 0)
    no = np.zeros(n_values, dtype=bool)
    turns = (none, none, np.zeros(0, dtype=np.uint8))
    return People(person, rank, owner, strength.of_values(pairs, no, no), no, (none, none), turns, n)


def _beside(pairs: Pairs, carried: Grouped, account: int) -> Joined:
    parts = [carried.join(*pairs.of(k)) for k in range(len(pairs.keys)) if k != account]
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return Joined(none, none)
    return Joined(np.concatenate([p.left for p in parts]), np.concatenate([p.right for p in parts]))


def _shared_twice(seen: Joined, weak: Bools, pairs: Pairs) -> tuple[Ints, Ints]:
    """Return the pairs of accounts that share an e-mail address and a telephone number."""
    found: list[pd.DataFrame] = []
    for k in (pairs.rank("email"), pairs.rank("phone")):
        if k < 0:
            none = np.zeros(0, dtype=np.int64)
            return none, none
        mine = (pairs.kind[seen.left] == k) & ~weak[seen.left]
        left, right = seen.left[mine], seen.right[mine]
        several = np.bincount(left, minlength=len(weak))[left] > 1
        frame = pd.DataFrame({"v": left[several], "a": right[several]})
        both = frame.merge(frame, on="v")
        found.append(both.loc[both["a_x"] < both["a_y"], ["a_x", "a_y"]].drop_duplicates())
    twice = found[0].merge(found[1], on=["a_x", "a_y"])
    return twice["a_x"].to_numpy(dtype=np.int64), twice["a_y"].to_numpy(dtype=np.int64)


def _account_people(carried: Grouped, same: tuple[Ints, Ints], n_values: int, limit: int) -> tuple[Ints, int]:
    """Number the people that accounts are; a record that names more than `limit` accounts is a list, not a person."""
    owner = np.full(n_values, -1, dtype=np.int64)
    if not len(carried.group):
        return owner, 0
    adjacent = carried.group[1:] == carried.group[:-1]
    a, b = same
    if adjacent.any():
        _, at, n = np.unique(carried.group, return_inverse=True, return_counts=True)
        use = n[at] <= limit
        pair = adjacent & use[1:] & use[:-1]
        a = np.concatenate([carried.item[:-1][pair], a])
        b = np.concatenate([carried.item[1:][pair], b])
    there = np.zeros(n_values, dtype=bool)
    there[carried.item] = True
    accounts = np.flatnonzero(there)
    if not len(a):
        owner[accounts] = np.arange(len(accounts))
        return owner, len(accounts)
    numbers, people = pd.factorize(connected(a, b, n_values)[accounts])
    owner[accounts] = numbers
    return owner, len(people)


def _spread(pairs: Pairs, guards: Guards, person: Ints, rank: Ints, owner: Ints, account: int, learnt: bool) -> Bools:
    """Let what is known spread over values of one person, strongest kind first; return the values of several.

    Again while something was learnt, for a mail may name a telephone that names a device. Chains longer than
    that are followed in one go where only one person stands at their ends.
    """
    n_values = len(owner)
    conflict = np.zeros(n_values, dtype=bool)
    rounds = 0
    while learnt and rounds < 2 * _ROUNDS:
        learnt = False
        for k in range(len(pairs.keys)):
            if k == account:
                continue
            record, value = pairs.of(k)
            use = ~guards.blocked[value] if guards.blocked.any() else np.ones(len(value), dtype=bool)
            known = use & (person[record] >= 0)
            first = int(value.min()) if len(value) else 0
            size = int(value.max()) - first + 1 if len(value) else 0
            here = slice(first, first + size)
            alone, several = single(value[known] - first, person[record[known]], size)
            conflict[here] |= several
            new = (owner[here] < 0) & ~conflict[here] & (alone >= 0)
            owner[here][new] = alone[new]
            open_ = use & ~known & (owner[value] >= 0)
            learnt |= label(person, rank, record[open_], owner[value[open_]], k) > 0
        rounds += 1
        if learnt and rounds == _ROUNDS:
            _follow_chains(pairs, guards, person, rank, owner, conflict, account)
    return conflict


def _follow_chains(
    pairs: Pairs, guards: Guards, person: Ints, rank: Ints, owner: Ints, conflict: Bools, account: int
) -> None:
    """Give whole chains of nameless records to the only person at their ends."""
    kind = pairs.kind[pairs.value]
    usable = (kind != account) & ~guards.blocked[pairs.value] & ~conflict[pairs.value]
    nameless = usable & (person[pairs.record] < 0)
    n = len(person)
    chain = connected(pairs.record[nameless], pairs.value[nameless] + n, n + len(owner))
    known = usable & (owner[pairs.value] >= 0)
    touched, _ = single(chain[pairs.value[known] + n], owner[pairs.value[known]], int(chain.max()) + 1)
    record, value = pairs.record[nameless], pairs.value[nameless]
    new = touched[chain[record]]
    given = new >= 0
    person[record[given]] = new[given]
    owner[value[given]] = new[given]
    order = np.argsort(-kind[nameless][given], kind="stable")
    rank[record[given][order]] = kind[nameless][given][order]  # the strongest kind is written last


def _components(pairs: Pairs, use: Bools, person: Ints, rank: Ints, owner: Ints, n_people: int) -> int:
    """Join the records that share values; return how many people there are now."""
    if not use.any():
        return n_people
    record, value = pairs.record[use], pairs.value[use]
    at, r = np.unique(record, return_inverse=True)
    what, v = _compact(value, len(owner))
    found = connected(r, v + len(at), len(at) + len(what))
    person[at] = found[: len(at)] + n_people
    owner[what] = found[len(at) :] + n_people
    best = np.full(len(at), np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(best, r, pairs.kind[value])
    rank[at] = best
    return n_people + int(found.max()) + 1


def _compact(value: Ints, n: int) -> tuple[Ints, Ints]:
    there = np.zeros(n, dtype=bool)
    there[value] = True
    what = np.flatnonzero(there)
    place = np.empty(n, dtype=np.int64)
    place[what] = np.arange(len(what))
    return what, place[value]
