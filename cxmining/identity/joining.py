"""Whose each record is, by the values it carries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from cxmining.identity import strength
from cxmining.identity.arrays import Bools, Grouped, Ints, Joined, connected, label, single
from cxmining.identity.believing import as_said
from cxmining.identity.guards import NEVER, STATES, Guards, guard_roles, guard_strangers, role_addresses
from cxmining.identity.mentions import Said
from cxmining.identity.pairs import Names, Pairs
from cxmining.identity.visits import DEVICES, Visits, take_turns, who_was_there

__all__ = ["FOLLOWS", "People", "join", "join_all"]

FOLLOWS: Final = ("hand-over", "name beside it", "number in its text")
"""Rules for records that go with another, though no value of their own decides."""
_ROUNDS: Final = 12


@dataclass(eq=False)
class People:
    """The decision.

    Attributes
    ----------
    person : ndarray of int
        Per record; -1 for nobody.
    rank : ndarray of int
        Per record: the kind that decided; from ``len(keys)`` on a rule of `FOLLOWS`.
    owner : ndarray of int
        Per value: the one person it belongs to, -1 for none. It names that person, and joins its records.
    level : ndarray of uint8
        Per value: the class of its links.
    conflict : ndarray of bool
        Per value: belongs to several people.
    merged : pair of ndarray
        Accounts that are one person on two kinds of evidence.
    follows : tuple of ndarray
        Records that no value of their own decides, the record whose person they go with, and the class of that link: who
        was logged in, who of those that share a value bears the name, or whose number was written.
    n : int
        How many people there are.
    """

    person: Ints
    rank: Ints
    owner: Ints
    level: strength.Levels
    conflict: Bools
    merged: tuple[Ints, Ints]
    follows: tuple[Ints, Ints, strength.Levels]
    n: int


def join(
    pairs: Pairs, n_records: int, guards: Guards, limit: int, names: Names, said: Said, visits: Callable[[], Visits]
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
    guard_roles(guards, pairs, roles, n_accounts, names, limit)

    same = _same_person(seen, guards, roles, pairs, carried, names)
    owner, n_people = _account_people(carried, same, n_values, limit)
    person = np.full(n_records, -1, dtype=np.int64)
    rank = np.full(n_records, -1, dtype=np.int64)
    known = owner[carried.item] >= 0
    label(person, rank, carried.group[known], owner[carried.item[known]], account)
    conflict = _spread(pairs, guards, person, rank, owner, account, n_people > 0)

    follows = [_called(pairs, guards, conflict, seen, carried, owner, person, names)]
    person[follows[0][0]], rank[follows[0][0]] = person[follows[0][1]], n_kinds + 1

    # The rest knows no account; accounts in it come from records that list many, and join nobody.
    kind = pairs.kind[pairs.value]
    left = (person[pairs.record] < 0) & (kind != account)
    open_ = left & ~guards.blocked[pairs.value] & ~conflict[pairs.value] & (owner[pairs.value] < 0)
    several = guard_strangers(guards, pairs, open_, names, roles, limit)
    devices = np.isin(pairs.kind, [pairs.rank(k) for k in DEVICES if k in pairs.keys])
    if (several & devices).any():
        take_turns(guards, pairs, visits(), several)
        several &= ~guards.blocked
    open_ &= ~guards.blocked[pairs.value]
    n_known, n_people = n_people, _components(pairs, open_, person, rank, owner, n_people)
    if len(said.record):
        believed = as_said(said, guards, conflict, carried, owner, person, names, n_known)
        rank[believed[0]] = n_kinds + 2
        follows.append(believed)

    shared = devices & (conflict | (guards.blocked & (guards.state != NEVER)))
    if shared.any():
        follows.append(who_was_there(pairs, visits(), shared, guards.blocked, person))
        person[follows[-1][0]], rank[follows[-1][0]] = person[follows[-1][1]], n_kinds

    # Nothing but values of several people: somebody of them, who is counted as one uncertain customer.
    left &= (person[pairs.record] < 0) & conflict[pairs.value] & ~guards.blocked[pairs.value] & (owner[pairs.value] < 0)
    n_people = _components(pairs, left, person, rank, owner, n_people)

    level = strength.of_values(pairs, conflict, several)
    if len(same[0]):
        several_accounts = (n_accounts > 1) & (owner >= 0) & ~conflict
        level[several_accounts] = np.minimum(level[several_accounts], strength.LEVEL["of two accounts"])
    after = tuple(np.concatenate(part) for part in zip(*follows, strict=True))
    return People(person, rank, owner, level, conflict, same, (after[0], after[1], after[2].astype(np.uint8)), n_people)


def join_all(pairs: Pairs, n_records: int, guards: Guards) -> People:
    """Join all records that share any value, directly or through others: what happens without guards."""
    n_values = len(pairs.text)
    none = np.zeros(0, dtype=np.int64)
    person = np.full(n_records, -1, dtype=np.int64)
    rank = np.full(n_records, -1, dtype=np.int64)
    owner = np.full(n_values, -1, dtype=np.int64)
    n = _components(pairs, ~guards.blocked[pairs.value], person, rank, owner, 0)
    no = np.zeros(n_values, dtype=bool)
    nothing = (none, none, np.zeros(0, dtype=np.uint8))
    return People(person, rank, owner, strength.of_values(pairs, no, no), no, (none, none), nothing, n)


def _beside(pairs: Pairs, carried: Grouped, account: int) -> Joined:
    parts = [carried.join(*pairs.of(k)) for k in range(len(pairs.keys)) if k != account]
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return Joined(none, none)
    return Joined(np.concatenate([p.left for p in parts]), np.concatenate([p.right for p in parts]))


def _same_person(
    seen: Joined, guards: Guards, roles: Bools, pairs: Pairs, carried: Grouped, names: Names
) -> tuple[Ints, Ints]:
    """Return the pairs of accounts that two kinds of evidence make one person.

    That is an e-mail address and a telephone number, unless their names differ: couples share both. Or one of the two
    and the full name. Or the address and what there is of the name, where one of them is written with an initial.
    """
    base = np.int64(len(roles))
    hub = guards.blocked & (guards.state != STATES.index("role address"))
    email, phone, at_work = (
        _sharing(seen, where, base)
        for where in (
            (pairs.kind == pairs.rank("email")) & ~hub & ~roles, (pairs.kind == pairs.rank("phone")) & ~hub, roles & ~hub,
        )
    )  # fmt: skip
    couples = np.union1d(np.union1d(email, phone), at_work)
    alike, named = (_names_in_common(couples, base, carried, names, full=full) for full in (False, True))
    by_mail, by_phone = np.isin(couples, email), np.isin(couples, phone)
    twice = by_mail & by_phone & (alike != 0) & (named != 0)
    found = couples[twice | (named > 0) | (by_mail & (alike > 0) & (named < 0))]
    return found // base, found % base


def _sharing(seen: Joined, values: Bools, base: np.int64) -> Ints:
    """Return the pairs of accounts that are seen with one of these values, as one number each."""
    mine = values[seen.left]
    left, right = seen.left[mine], seen.right[mine]
    several = np.bincount(left, minlength=len(values))[left] > 1
    order = np.argsort(left[several], kind="stable")
    left, right = left[several][order], right[several][order]
    both = Grouped(left, right).join(left, right)
    ordered = both.left < both.right
    return both.left[ordered] * base + both.right[ordered]


def _names_in_common(couple: Ints, base: np.int64, carried: Grouped, names: Names, *, full: bool) -> Ints:
    """Count, per pair of accounts, the names that both bear; -1 where one of them has none."""
    ends = couple // base, couple % base
    mine = np.isin(carried.item, np.concatenate(ends))
    borne = names.beside(carried.item[mine], carried.group[mine], full=full)
    by_account = Grouped(borne.left, borne.right)
    number = np.arange(len(couple))
    ours, theirs = (by_account.join(end, number) for end in ends)
    has = [np.bincount(side.left, minlength=len(couple)) > 0 for side in (ours, theirs)]
    size = int(names.record.size) + 1
    both = np.intersect1d(ours.left * size + ours.right, theirs.left * size + theirs.right) // size
    return np.where(has[0] & has[1], np.bincount(both, minlength=len(couple)), -1)


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


def _called(
    pairs: Pairs, guards: Guards, conflict: Bools, seen: Joined, carried: Grouped, owner: Ints, person: Ints, names: Names
) -> tuple[Ints, Ints, strength.Levels]:  # fmt: skip
    """Give records that carry a value of several accounts, and the name of one of them, to that one.

    Among the few that share a line the first letter and the last name tell them apart; of a hub more people are
    unknown than known, so the full name must be the same.
    """
    hub = np.isin(guards.state, [STATES.index(s) for s in ("hub", "role address", "several names")])
    couple = seen.left[(conflict | hub)[seen.left]], seen.right[(conflict | hub)[seen.left]]
    nameless = np.isin(pairs.value, couple[0]) & (person[pairs.record] < 0)
    found: list[tuple[Ints, Ints]] = []
    for full, of in ((True, conflict | hub), (False, conflict & ~hub)):
        mine = np.isin(carried.item, couple[1])
        borne = names.beside(np.flatnonzero(mine), carried.group[mine], full=full)
        by_account = Grouped(
            *(
                x[np.argsort(carried.item[borne.left], kind="stable")]
                for x in (carried.item[borne.left], np.arange(len(borne.left)))
            )
        )
        use = of[couple[0]]
        bearer = by_account.join(couple[1][use], couple[0][use])
        value, row = bearer.left, borne.left[bearer.right]
        name, giver = borne.right[bearer.right], carried.group[row]
        called = nameless & of[pairs.value]
        at = np.flatnonzero(called)
        said = names.beside(at, pairs.record[at], full=full)
        size = int(max(names.record.size, 1)) + 1
        wanted, there = pairs.value[said.left] * size + said.right, value * size + name
        keys, place = np.unique(there, return_inverse=True)
        if not len(keys) or not len(wanted):
            continue
        who, _ = single(place, owner[carried.item[row]], len(keys))
        first = np.zeros(len(keys), dtype=np.int64)
        first[place[::-1]] = giver[::-1]
        spot = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        fits = (keys[spot] == wanted) & (who[spot] >= 0)
        found.append((pairs.record[said.left[fits]], first[spot[fits]]))
    none = np.zeros(0, dtype=np.int64)
    taker, giver = (np.concatenate([none, *(f[k] for f in found)]) for k in (0, 1))
    at, place = np.unique(taker, return_inverse=True)
    agreed, _ = single(place, person[giver], len(at))
    from_whom = np.zeros(len(at), dtype=np.int64)
    from_whom[place[::-1]] = giver[::-1]
    sure = agreed >= 0
    level = np.full(int(sure.sum()), strength.LEVEL["shared, and the name"], dtype=np.uint8)
    return at[sure], from_whom[sure], level


def _follow_chains(
    pairs: Pairs, guards: Guards, person: Ints, rank: Ints, owner: Ints, conflict: Bools, account: int
) -> None:
    """Give whole chains of nameless records to the only person at their ends."""
    kind = pairs.kind[pairs.value]
    usable = (kind != account) & ~guards.blocked[pairs.value] & ~conflict[pairs.value]
    nameless = usable & (person[pairs.record] < 0)
    n = len(person)
    chain = connected(pairs.record[nameless], pairs.value[nameless] + n, n + len(owner))
    known = usable & (person[pairs.record] >= 0)
    touched, _ = single(chain[pairs.value[known] + n], person[pairs.record[known]], int(chain.max()) + 1)
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
