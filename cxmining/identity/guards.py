"""Which values join nobody: hubs, shared lines, addresses of a role, our own numbers, and what the study forbids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.identity.arrays import Bools, Grouped, Ints
from cxmining.identity.pairs import Names, Pairs, arrow

if TYPE_CHECKING:
    from cxmining.study import Company

__all__ = ["NEVER", "ROLES", "STATES", "Guards", "guard_own", "guard_roles", "guard_strangers"]

STATES: Final = (
    "joins",
    "hub",
    "role address",
    "several names",
    "taken in turns",
    "own number or domain",
    "never-merge",
)
"""Why a value joins nobody; ``joins`` is one that may."""
NEVER: Final = STATES.index("never-merge")
ROLES: Final = frozenset(
    (
        "info", "contact", "office", "mail", "post", "hello", "hallo", "welcome", "sales", "verkoop", "support", "service",
        "help", "helpdesk", "klantenservice", "klantcontact", "customerservice", "customercare", "servicedesk", "admin",
        "administratie", "administration", "boekhouding", "facturen", "factuur", "finance", "financien", "accounting",
        "accounts", "billing", "invoice", "invoices", "crediteuren", "debiteuren", "inkoop", "purchase", "orders",
        "bestellingen", "reception", "receptie", "secretariaat", "noreply", "no-reply", "donotreply", "do-not-reply",
        "mailer-daemon", "postmaster", "webmaster", "hostmaster", "abuse", "hr", "jobs", "team", "bestuur", "directie",
    )
)  # fmt: skip
"""Mailboxes of a role: many read them, so two people who share one are not shown to be one."""


class Guards:
    """What is known against each value, as arrays: `state` (a place in `STATES`) and `degree` (of how many)."""

    def __init__(self, n_values: int, on: bool = True) -> None:
        self.state: npt.NDArray[np.int8] = np.zeros(n_values, dtype=np.int8)
        self.degree = np.zeros(n_values, dtype=np.int64)
        self.on = on

    @property
    def blocked(self) -> Bools:
        """Where a value joins nobody."""
        return self.state > 0

    def block(self, where: Bools, state: str, degree: Ints | None = None) -> None:
        """Let values join nobody from now on; the first reason stands, but never-merge comes before all."""
        if not self.on and state != "never-merge":
            return
        new = where & ((self.state == 0) | (state == "never-merge"))
        self.state[new] = STATES.index(state)
        if degree is not None:
            self.degree[new] = degree[new]


def role_addresses(pairs: Pairs) -> Bools:
    """Return which values are mailboxes of a role."""
    email = pairs.rank("email")
    out = np.zeros(len(pairs.text), dtype=bool)
    if email >= 0:
        import pyarrow.compute as pc

        mine = np.flatnonzero(pairs.kind == email)
        named = pc.match_substring_regex(arrow(pairs.text.iloc[mine]), "^(?:" + "|".join(sorted(ROLES)) + ")@")
        out[mine] = named.to_numpy(zero_copy_only=False)
    return out


def guard_own(guards: Guards, pairs: Pairs, company: Company | None, country: str) -> None:
    """Block our own telephone numbers and the addresses of our own mail domains: who uses them works here."""
    from cxmining.privacy.normalise import normalise

    if company is None:
        return
    own = np.zeros(len(pairs.text), dtype=bool)
    phone, email = pairs.rank("phone"), pairs.rank("email")
    if company.numbers and phone >= 0:
        numbers = normalise("phone", pd.Series(list(company.numbers), dtype="str"), country).dropna()
        own |= (pairs.kind == phone) & pairs.text.isin(numbers).to_numpy(bool)
    if company.domains and email >= 0:
        domains = [d.lower().lstrip("@.") for d in company.domains]
        mine = np.flatnonzero(pairs.kind == email)
        for domain in domains:
            own[mine] |= pairs.text.iloc[mine].str.endswith("@" + domain).to_numpy(bool)
    guards.block(own, "own number or domain")


def guard_roles(guards: Guards, pairs: Pairs, roles: Bools, n_accounts: Ints, names: Names, limit: int) -> None:
    """Block mailboxes of a role that more than one account or name uses, and values that bear more names than `limit`."""
    guards.block(roles & (n_accounts > 1), "role address", n_accounts)
    if not len(names.record):
        return
    n_names = np.bincount(names.beside(pairs.value, pairs.record).left, minlength=len(roles))
    guards.block(roles & (n_names > 1), "role address", n_names)
    guards.block((n_names > limit) & (pairs.kind != pairs.rank("account")), "several names", n_names)


def guard_strangers(guards: Guards, pairs: Pairs, open_: Bools, names: Names, roles: Bools, limit: int) -> Bools:
    """Find shared values among records that know no account, by what stands beside them.

    Blocked are values seen with more than `limit` e-mail addresses (devices and cookies: telephone numbers too),
    addresses seen with more than twice as many numbers, addresses of a role seen with two, and values whose
    addresses bear different names.

    Parameters
    ----------
    guards : Guards
        Changed.
    pairs : Pairs
    open_ : ndarray of bool
        Per pair: of a record that knows no account, and not blocked.
    names : Names
        What the records call people.
    roles : ndarray of bool
        Per value.
    limit : int
        Of the study.

    Returns
    -------
    ndarray of bool
        Per value: seen with several e-mail addresses, and yet not blocked.
    """
    n = len(pairs.text)
    email, phone = pairs.rank("email"), pairs.rank("phone")
    several = np.zeros(n, dtype=bool)
    kind = pairs.kind[pairs.value]
    devices = np.isin(kind, [pairs.rank(k) for k in ("device", "cookie") if pairs.rank(k) >= 0])
    if email >= 0:
        weaker = open_ & (kind != email)
        beside = _degree(pairs, open_ & (kind == email), weaker, n)
        guards.block(beside > limit, "hub", beside)
        several = (beside > 1) & ~guards.blocked
        if several.any():
            at = weaker & several[pairs.value]
            n_names = np.bincount(names.beside(pairs.value[at], pairs.record[at]).left, minlength=n)
            guards.block(several & (n_names > 1), "several names", n_names)
            several &= ~guards.blocked
    if phone >= 0:
        numbers = open_ & (kind == phone)
        beside = _degree(pairs, numbers, open_ & devices, n)
        guards.block(beside > limit, "hub", beside)
        if email >= 0:
            beside = _degree(pairs, numbers, open_ & (kind == email), n)
            guards.block(beside > 2 * limit, "hub", beside)
            guards.block(roles & (beside > 1), "role address", beside)
    if email >= 0 and roles.any():
        at = open_ & roles[pairs.value]
        n_names = np.bincount(names.beside(pairs.value[at], pairs.record[at]).left, minlength=n)
        guards.block(roles & (n_names > 1), "role address", n_names)
    return several


def _degree(pairs: Pairs, counted: Bools, of: Bools, n: int) -> Ints:
    """Count, per value of `of`, the distinct values of `counted` that stand in a record with it."""
    beside = Grouped(pairs.record[counted], pairs.value[counted])
    return np.bincount(beside.join(pairs.record[of], pairs.value[of]).left, minlength=n)
