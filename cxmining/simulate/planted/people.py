"""People who do not exist, with everything that could name them, and the numbers that only look like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from cxmining.simulate import names

__all__ = ["CRM", "Person", "make_person", "number"]

LETTERS: Final = "BDFGHJKLNPRSTVXZ"  # as the registry issues them: no vowels, no C, M, Q, W, Y
SIDE_CODES: Final = ("LL-99-99", "99-99-LL", "99-LL-99", "LL-99-LL", "LL-LL-99", "99-LL-LL", "99-LLL-9", "9-LLL-99",
                     "LL-999-L", "L-999-LL", "LLL-99-L", "9-LL-999", "999-LL-9")  # fmt: skip
STREETS: Final = ("Kerkstraat", "Dorpsweg", "Lindelaan", "Stationsplein", "Prinsengracht", "Oude Haven", "Molendijk",
                  "Burgemeester Jansenlaan", "Nieuwe Kade", "Van Goghstraat", "Het Zand", "Beukenhof", "Zuidersingel",
                  "Laan van Meerdervoort", "Sint Jansstraat", "'s-Gravenweg", "De Ruyterkade", "1e Pijnackerstraat",
                  "Koningin Julianaplein", "Achter de Kerk", "Eikendreef", "Waalpad", "Veldweg", "Hoofdstraat")  # fmt: skip
TOWNS: Final = ("Utrecht", "Den Haag", "Zwolle", "Oss", "Breda", "Apeldoorn", "Bergen op Zoom", "Alphen aan den Rijn")
BANKS: Final = ("ABNA", "INGB", "RABO", "TRIO", "SNSB", "KNAB", "ASNB", "BUNQ")
PARTICLES: Final = ("van", "de", "den", "der", "ter", "ten", "van de", "van der", "van den", "van 't", "el")


@dataclass(frozen=True)
class Person:
    """What is to be found in texts, each in its plainest spelling."""

    first: str
    last: str  # with particle
    email: str
    mobile: str  # 0612345678
    landline: str  # 0201234567
    iban: str
    foreign_iban: str
    bsn: str
    card: str
    amex: str
    plate: str
    street: str
    house: str
    addition: str
    postcode: str  # 1234AB
    town: str
    ean: str

    @property
    def particle(self) -> str:
        """Return the particle of the family name, or nothing."""
        head, _, tail = self.last.rpartition(" ")
        return head if tail and head else ""

    @property
    def base(self) -> str:
        """Return the family name without particle."""
        return self.last.rpartition(" ")[2]


# The whole CRM: every combination is somebody's name, as in a large one.
CRM: Final = tuple(
    f"{first} {last}"
    for k, first in enumerate([*names.FIRST_F, *names.FIRST_M])
    for last in names.LAST[k % 7 :: 7]
)  # fmt: skip


def number(rng: np.random.Generator, n: int) -> str:
    """Return `n` digits, the first of them no zero."""
    digits = rng.integers(0, 10, n).tolist()
    return str(1 + digits[0] % 9) + "".join(map(str, digits[1:]))


def _pick(rng: np.random.Generator, options: Any) -> Any:
    return options[int(rng.integers(len(options)))]


def _iban(country: str, body: str) -> str:
    text = "".join(str(int(c, 36)) for c in f"{body}{country}00")
    return f"{country}{98 - int(text) % 97:02d}{body}"


def _luhn(body: str) -> str:
    total = 0
    for k, digit in enumerate(reversed(body)):
        double = int(digit) * (2 if k % 2 == 0 else 1)
        total += double - 9 if double > 9 else double
    return body + str(-total % 10)


def _bsn(rng: np.random.Generator) -> str:
    while True:
        body = number(rng, 8)
        rest = sum(w * int(d) for w, d in zip(range(9, 1, -1), body, strict=True)) % 11
        if rest < 10:
            return body + str(rest)


def _letters(rng: np.random.Generator, pattern: str) -> str:
    return "".join(_pick(rng, LETTERS) if c == "L" else str(int(rng.integers(10))) if c == "9" else c for c in pattern)


def make_person(rng: np.random.Generator) -> Person:
    """Draw somebody of the CRM.

    Examples
    --------
    >>> import numpy as np
    >>> p = make_person(np.random.default_rng(1))
    >>> f"{p.first} {p.last}" in CRM, len(p.bsn), len(p.ean)
    (True, 9, 18)
    """
    who = str(_pick(rng, CRM))
    first, _, last = who.partition(" ")
    domain = _pick(rng, (*names.MAIL_DOMAINS, "kpnpost.nl", "web-post.co.uk", "mail2.eu", "firma-jansen.nl"))
    local = _pick(rng, ("{a}.{b}", "{i}.{b}", "{a}{n}", "{b}_{a}", "{i}{b}{n}", "{a}-{b}", "info.{b}")).format(
        a=names.mailbox_part(first), b=names.mailbox_part(last), i=names.mailbox_part(first)[:1], n=rng.integers(1, 99)
    )
    area = str(_pick(rng, (*names.AREA_CODES, "0113", "0592", "0222")))
    body = "8716" + number(rng, 13)
    odd, even = sum(int(d) for d in body[::-2]), sum(int(d) for d in body[-2::-2])
    while True:
        postcode = (
            f"{int(rng.integers(1011, 9999))}{_pick(rng, 'ABCDEGHJKLMNPRSTVWXZ')}{_pick(rng, 'ABCDEGHJKLMNPRSTVWXZ')}"
        )
        if postcode[4:] not in ("SA", "SD", "SS"):
            break
    foreign = _pick(
        rng,
        (
            ("BE", number(rng, 12)),
            ("DE", number(rng, 18)),
            ("FR", number(rng, 10) + "A" + number(rng, 12)),
            ("ES", number(rng, 20)),
        ),
    )
    return Person(
        first=first,
        last=last,
        email=f"{local}@{domain}",
        mobile="06" + number(rng, 8),
        landline=area + number(rng, 10 - len(area)),
        iban=_iban("NL", _pick(rng, BANKS) + "0" + number(rng, 9)),
        foreign_iban=_iban(*foreign),
        bsn=_bsn(rng),
        card=_luhn(_pick(rng, ("4", "51", "53", "55", "2221")).ljust(5, "7") + number(rng, 10)),
        amex=_luhn("37" + number(rng, 12)),
        plate=_letters(rng, _pick(rng, SIDE_CODES)),
        street=str(_pick(rng, STREETS)),
        house=str(int(rng.integers(1, 400))),
        addition=str(_pick(rng, ("a", "B", "-2", " bis", " hs", "c", "-III", " 2e"))),
        postcode=postcode,
        town=str(_pick(rng, TOWNS)),
        ean=body + str((10 - (3 * odd + even) % 10) % 10),
    )
