"""The mess by which systems tell people apart badly, and who it really was.

People share telephones and mailboxes, mistype addresses, hand a device on, change an address, clear
cookies, and stand in the CRM twice. `Traces` says what somebody leaves behind at a moment; without
mess that never changes. Everything is drawn from a stream of its own, so that the year itself (who
calls when, and why) is the same with and without.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxmining.errors import StudyError
from cxmining.simulate import company, names
from cxmining.simulate.customers import People
from cxmining.simulate.journeys import World

Array = NDArray[Any]

__all__ = ["Crm", "Mess", "Traces"]


@dataclass(frozen=True)
class Mess:
    """How much of each kind of mess: shares between 0 and 1.

    Attributes
    ----------
    second_account : float, default 0.02
        Customers who stand in the CRM twice, because they moved: from some day on all goes by the
        second account. Three in four have the same e-mail address and telephone in both rows, the
        others only one of them; one name in four is spelled otherwise.
    switchboard : float, default 0.04
        Customers who call from work, 8 to 30 to a switchboard, in 6 of 10 calls; 15% gave that number to the CRM.
    family_phone : float, default 0.06
        Customers of a household of two or three, each with a contract, whose landline the CRM knows for
        all; they call from it in 7 of 10 calls.
    firm_mailbox : float, default 0.02
        Customers who write from ``info@`` of a firm, 3 to 8 to a firm; half gave it to the CRM.
    family_mailbox : float, default 0.04
        Customers of couples with one mailbox, known to the CRM for both. A fifth of the couples share a
        landline too: only their names tell them apart.
    typo_email, typo_phone : float, default 0.02
        Addresses and numbers that the CRM has wrong; 1 in 20 of the numbers is somebody else's. As
        many web forms bear a mistyped address.
    handed_over : float, default 0.02
        Customers with the app who get the device of another customer, who buys a new one.
    new_device : float, default 0.06
        Customers with the app who install it on a new device.
    changed_email : float, default 0.05
        Customers who change their address: 7 in 10 tell the CRM, which keeps both rows for 6 in 10.
    cleared_cookies : float, default 0.25
        Visitors who come again and have cleared their cookies in between.
    logged_out : float, default 0.1
        Events of the app before logging in: without the account.
    doubled : float, default 0.01
        Records that stand in a file once more, far from the first, as overlapping exports have them.

    Examples
    --------
    >>> Mess(switchboard=0).switchboard
    0
    """

    second_account: float = 0.02
    switchboard: float = 0.04
    family_phone: float = 0.06
    firm_mailbox: float = 0.02
    family_mailbox: float = 0.04
    typo_email: float = 0.02
    typo_phone: float = 0.02
    handed_over: float = 0.02
    new_device: float = 0.06
    changed_email: float = 0.05
    cleared_cookies: float = 0.25
    logged_out: float = 0.1
    doubled: float = 0.01

    def __post_init__(self) -> None:
        for field in fields(self):
            share = getattr(self, field.name)
            if not 0 <= share <= 1:
                raise StudyError(f"Mess({field.name}={share}): expected a share between 0 and 1")


@dataclass(frozen=True)
class Crm:
    """One row of the CRM."""

    account: str
    name: str
    email: str
    phone: str
    ean: str
    since: int  # day


class Traces:
    """What each customer leaves behind at a moment.

    Parameters
    ----------
    people : People
        Households get one family name in it, when there is mess.
    world : World
        For who visits more than once.
    rng : Generator
    mess : Mess or None
        None: everybody always leaves the same.
    """

    def __init__(self, people: People, world: World, rng: np.random.Generator, mess: Mess | None) -> None:
        self.mess = mess
        self._p, self._rng = people, rng
        self.email, self.phone = list(people.email), list(people.phone)
        self._account: dict[int, tuple[int, str, str, Crm]] = {}  # from when, account, ean, second row
        self._calls_from: dict[int, tuple[float, str]] = {}  # chance, number
        self._writes_from: dict[int, str] = {}
        self._new_mail: dict[int, tuple[int, str]] = {}
        self._history: dict[int, str] = {}  # further addresses the CRM keeps in a row of their own
        self._devices: dict[int, list[tuple[int, str]]] = {}
        self._cookies: dict[str, tuple[int, str]] = {}
        self.planted: dict[str, list[Any]] = {}
        if mess is not None:
            self._plant(mess, world)

    # --- what writers ask ---------------------------------------------------------------------
    def account(self, who: int, utc: float) -> str:
        """Return the account that is in use."""
        late = self._account.get(who)
        return late[1] if late and utc >= late[0] else self._p.account[who]

    def ean(self, who: int, utc: float) -> str:
        """Return the connection of the house lived in."""
        late = self._account.get(who)
        return late[2] if late and utc >= late[0] else self._p.ean[who]

    def number(self, who: int) -> str:
        """Return the number of a call."""
        shared = self._calls_from.get(who)
        return shared[1] if shared and self._rng.random() < shared[0] else self._p.number[who]

    def mailbox(self, who: int, utc: float) -> str:
        """Return the address written from."""
        if who in self._writes_from:
            return self._writes_from[who]
        new = self._new_mail.get(who)
        return new[1] if new and utc >= new[0] else self._p.mailbox[who]

    def form(self, who: int, utc: float) -> str:
        """Return the address typed into a form."""
        address = self.mailbox(who, utc)
        return _mistyped(self._rng, address) if self.mess and self._rng.random() < self.mess.typo_email else address

    def invited(self, who: int, utc: float) -> str:
        """Return the address an invitation goes to: the one that the CRM knows by then."""
        new = self._new_mail.get(who)
        return self._history.get(who, self.email[who]) if new and utc < new[0] else self.email[who]

    def device(self, who: int, utc: float) -> str:
        """Return the device of the app."""
        found = self._p.device[who]
        for since, device in self._devices.get(who, ()):
            found = device if utc >= since else found
        return found

    def cookie(self, cookie: str, utc: float) -> str:
        """Return what became of a cookie."""
        new = self._cookies.get(cookie)
        return new[1] if new and utc >= new[0] else cookie

    def logged_in(self) -> bool:
        """Say whether an event of the app bears the account."""
        return not (self.mess and self._rng.random() < self.mess.logged_out)

    def further(self, who: int) -> list[Crm]:
        """Return what the CRM has on a customer besides the one row that each has."""
        p, rows = self._p, []
        if who in self._account:
            rows.append(self._account[who][3])
        if who in self._history:
            name = f"{p.first[who]} {p.last[who]}"
            rows.append(Crm(p.account[who], name, self._history[who], self.phone[who], p.ean[who], int(p.since[who])))
        return rows

    def again(self, rows: list[Any]) -> list[Any]:
        """Repeat some records at the end, as an export that overlaps the one before."""
        if not self.mess:
            return rows
        return [*rows, *(rows[i] for i in np.flatnonzero(self._rng.random(len(rows)) < self.mess.doubled).tolist())]

    # --- planting -----------------------------------------------------------------------------
    def _some(self, share: float, among: Array | None = None) -> list[int]:
        pool = np.arange(len(self._p)) if among is None else among
        out: list[int] = self._rng.permutation(pool)[: round(share * len(pool))].tolist()
        return out

    def _groups(self, who: list[int], low: int, high: int) -> list[list[int]]:
        out = []
        while len(who) >= low:
            size = int(self._rng.integers(low, high + 1))
            out.append(who[:size])
            who = who[size:]
        return out

    def _moment(self) -> int:
        return int(company.EPOCH + self._rng.integers(30, 331) * 86400)

    def _plant(self, mess: Mess, world: World) -> None:
        self._plant_shared(mess)
        self._plant_changed(mess)
        self._plant_typos(mess)
        self._plant_devices(mess)
        self._plant_cookies(mess, world)
        self.planted["shares"] = [asdict(mess)]

    def _plant_shared(self, mess: Mess) -> None:
        p, rng = self._p, self._rng
        free = np.array([i for i in range(len(p)) if not p.mailbox[i].startswith("post@bewind")])
        homes = self._groups(self._some(mess.family_phone, free), 2, 3)
        for k, home in enumerate(homes):
            number = f"{names.AREA_CODES[k % len(names.AREA_CODES)]}{1_000_000 + k:07d}"
            same_name = rng.random() < 0.6
            for i in home:
                self.phone[i] = number
                self._calls_from[i] = (0.7, number)
                p.last[i] = p.last[home[0]] if same_name else p.last[i]
            self.planted.setdefault("family_phone", []).append([number, [p.account[i] for i in home]])
        couples = self._groups(self._some(mess.family_mailbox, free), 2, 2)
        n_both = min(len(couples) // 5, len(homes))
        couples[:n_both] = [home[:2] for home in homes[:n_both]]
        for k, couple in enumerate(couples):
            address = f"fam.{names.mailbox_part(p.last[couple[0]])}{k}@example.org"
            for i in couple:
                self.email[i] = self._writes_from[i] = address
            self.planted.setdefault("family_mailbox", []).append([address, [p.account[i] for i in couple]])
        free = np.array([i for i in free.tolist() if i not in self._writes_from])
        for k, firm in enumerate(self._groups(self._some(mess.firm_mailbox, free), 3, 8)):
            address = f"info@bedrijf{k}.example"
            for i in firm:
                self._writes_from[i] = address
                self.email[i] = address if rng.random() < 0.5 else self.email[i]
            self.planted.setdefault("firm_mailbox", []).append([address, [p.account[i] for i in firm]])
        free = np.array([i for i in free.tolist() if i not in self._calls_from])
        for k, firm in enumerate(self._groups(self._some(mess.switchboard, free), 8, 30)):
            number = f"0{(10, 20, 30, 40, 50)[k % 5]}{8_000_000 + k:07d}"
            for i in firm:
                self._calls_from[i] = (0.6, number)
                self.phone[i] = number if rng.random() < 0.15 else self.phone[i]
            self.planted.setdefault("switchboard", []).append([number, [p.account[i] for i in firm]])

    def _plant_changed(self, mess: Mess) -> None:
        p, rng = self._p, self._rng
        free = np.array([i for i in range(len(p)) if i not in self._writes_from])
        for k, i in enumerate(self._some(mess.changed_email, free)):
            old, new, at = self.email[i], f"{names.mailbox_part(p.last[i])}.nieuw{k}@example.com", self._moment()
            self._new_mail[i] = (at, new)
            if rng.random() < 0.7:
                self.email[i] = new
                if old and rng.random() < 0.6:
                    self._history[i] = old
            self.planted.setdefault("changed_email", []).append([p.account[i], old, new])
        used = {int(a) for a in p.account}
        accounts = [a for a in rng.permutation(len(p) * 13 + 99)[: 3 * len(p)] + 90_000_000 if int(a) not in used]
        stays = np.flatnonzero(p.end - p.start > 120)
        for k, i in enumerate(self._some(mess.second_account, stays)):
            at = int(company.EPOCH + (p.start[i] + rng.integers(40, p.end[i] - p.start[i] - 40)) * 86400)
            ean = f"{p.ean[i][:8]}9{k:08d}"
            ean += str(int(_gs1(ean)))
            both = rng.random() < 0.75
            mail = both or rng.random() < 0.5
            name = f"{p.first[i]} {p.last[i]}" if rng.random() < 0.75 else f"{p.first[i][0]}. {p.last[i]}"
            row = Crm(str(accounts[k]), name, self.email[i] if mail else "", self.phone[i] if both or not mail else "",
                      ean, (at - company.EPOCH) // 86400)  # fmt: skip
            self._account[i] = (at, row.account, ean, row)
            self.planted.setdefault("second_account", []).append([p.account[i], row.account])

    def _plant_typos(self, mess: Mess) -> None:
        p, rng = self._p, self._rng
        known = np.array([i for i in range(len(p)) if self.email[i] and i not in self._writes_from])
        for i in self._some(mess.typo_email, known):
            wrong = _mistyped(rng, self.email[i])
            self.planted.setdefault("typo_email", []).append([p.account[i], self.email[i], wrong])
            self.email[i] = wrong
        own = np.array([i for i in range(len(p)) if i not in self._calls_from])
        for i in self._some(mess.typo_phone, own):
            right = self.phone[i]
            at = int(rng.integers(4, len(right)))
            wrong = right[:at] + str((int(right[at]) + int(rng.integers(1, 10))) % 10) + right[at + 1 :]
            if rng.random() < 0.05:
                wrong = p.number[int(rng.integers(len(p)))]
            self.planted.setdefault("typo_phone", []).append([p.account[i], right, wrong])
            self.phone[i] = wrong

    def _plant_devices(self, mess: Mess) -> None:
        p = self._p
        users = np.flatnonzero(p.app)
        for k, i in enumerate(self._some(mess.new_device, users)):
            self._devices[i] = [(self._moment(), f"ne{k:06x}")]
        apart = np.array([i for i in users.tolist() if i not in self._devices])
        for k, (giver, taker) in enumerate(self._groups(self._some(2 * mess.handed_over, apart), 2, 2)):
            at = self._moment()
            self._devices[giver] = [(at, f"aa{k:06x}")]
            self._devices[taker] = [(at, p.device[giver])]
            self.planted.setdefault("handed_over", []).append([p.device[giver], p.account[giver], p.account[taker]])

    def _plant_cookies(self, mess: Mess, world: World) -> None:
        visits = world.web.groupby("cookie", sort=True)["utc"].agg(["size", "min", "max"])
        visits = visits[visits["max"] > visits["min"]]
        cleared = self._rng.random(len(visits)) < mess.cleared_cookies
        part = self._rng.random(len(visits))
        for cookie, low, high, clears, x in zip(visits.index, visits["min"], visits["max"], cleared, part, strict=True):
            if clears:
                new = f"{int(self._rng.integers(10**8, 10**9))}.{int(self._rng.integers(1_735_000_000, 1_766_000_000))}"
                self._cookies[str(cookie)] = (int(low + 1 + x * (high - low - 1)), new)
                self.planted.setdefault("cleared_cookies", []).append([cookie, new])


def _gs1(body: str) -> int:
    digits = [int(d) for d in reversed(body)]
    return (10 - sum(d * (3 if k % 2 == 0 else 1) for k, d in enumerate(digits)) % 10) % 10


def _mistyped(rng: np.random.Generator, address: str) -> str:
    """Swap two letters, miss one or double one, before the ``@``; never the address itself."""
    local, _, domain = address.partition("@")
    for _ in range(20):
        at, kind = int(rng.integers(0, len(local) - 1)), int(rng.integers(3))
        wrong = (
            local[:at] + local[at + 1] + local[at] + local[at + 2 :]
            if kind == 0
            else local[:at] + local[at + 1 :]
            if kind == 1
            else local[: at + 1] + local[at:]
        )
        if wrong != local and wrong[0] != "." and wrong[-1] != "." and ".." not in wrong:
            return f"{wrong}@{domain}"
    return f"x{local}@{domain}"
