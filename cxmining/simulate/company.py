"""Zonnestroom Energie, which does not exist: its touchpoints, departments, lines and calendar."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

NAME: Final = "Zonnestroom Energie"
DOMAIN: Final = "zonnestroom.example"
MAILBOX: Final = f"klantenservice@{DOMAIN}"
SITE: Final = f"https://{DOMAIN}"
COMPARISON_SITE: Final = "https://energievergelijk.example/"
EXTENSION: Final = "8800"  # what the trunk hands every inbound call to, as a PBX logs it
YEAR: Final = 2025
DAYS: Final = 365


class Touchpoint(NamedTuple):
    """One row of ``touchpoints.toml``."""

    name: str
    nl: str
    stage: str
    owner: str
    supported_by: str = ""
    backstage: bool = False
    third_party: bool = False
    task: str = ""
    elements: tuple[str, ...] = ()
    expected: float | None = None
    cost: float | None = None


TOUCHPOINTS: Final = (
    Touchpoint("sees campaign", "ziet campagne", "awareness", "Marketing", task="find a supplier", cost=0.40),
    Touchpoint("compares tariffs", "vergelijkt tarieven", "consideration", "Vergelijkingssite", "Marketing",
               third_party=True, task="find a supplier", elements=("price",)),
    Touchpoint("views tariffs", "bekijkt tarieven", "consideration", "Digitaal", "Pricing", task="find a supplier",
               elements=("price", "website")),
    Touchpoint("uses savings calculator", "gebruikt rekentool", "consideration", "Digitaal", task="find a supplier",
               elements=("website",)),
    Touchpoint("signs contract", "sluit contract", "purchase", "Verkoop", "Backoffice", task="become a customer",
               elements=("website", "price"), expected=7.5, cost=4.0),
    Touchpoint("welcome letter", "welkomstbrief", "purchase", "Verkoop", "Backoffice", task="become a customer", cost=0.3),
    Touchpoint("supply switch", "leveranciersswitch", "purchase", "Netbeheerder", "Backoffice", True, True,
               task="become a customer"),
    Touchpoint("monthly invoice", "maandfactuur", "service", "Facturatie", "Backoffice", task="pay",
               elements=("price", "letter"), expected=7.0, cost=0.15),
    Touchpoint("yearly statement", "jaarafrekening", "service", "Facturatie", "Backoffice", task="pay",
               elements=("price", "letter"), expected=7.0, cost=0.6),
    Touchpoint("tariff change letter", "brief tariefwijziging", "service", "Pricing", "Marketing", task="pay",
               elements=("price", "letter"), expected=6.5, cost=0.6),
    Touchpoint("payment reminder", "betalingsherinnering", "service", "Facturatie", "Incasso", task="pay", cost=0.7),
    Touchpoint("checks usage", "bekijkt verbruik", "service", "Digitaal", task="save energy", elements=("app",),
               expected=7.5),
    Touchpoint("views invoice", "bekijkt factuur", "service", "Digitaal", "Facturatie", task="pay", elements=("app",),
               expected=7.5),
    Touchpoint("changes instalment", "wijzigt termijnbedrag", "service", "Digitaal", "Facturatie", task="pay",
               elements=("app", "price"), expected=7.5),
    Touchpoint("meter reading request", "verzoek meterstand", "service", "Meetdienst", task="pass on readings", cost=0.2),
    Touchpoint("submits meter reading", "geeft meterstand door", "service", "Digitaal", "Meetdienst",
               task="pass on readings", elements=("app",), expected=7.5),
    Touchpoint("meter exchange", "meterwissel", "service", "Netbeheerder", "Meetdienst", True, True,
               task="pass on readings"),
    Touchpoint("asks about invoice", "vraag over factuur", "service", "Klantenservice", "Facturatie", task="pay",
               elements=("speed", "friendliness", "price"), expected=7.5, cost=6.2),
    Touchpoint("asks about instalment", "vraag over termijnbedrag", "service", "Klantenservice", "Facturatie",
               task="pay", elements=("speed", "price"), expected=7.5, cost=5.8),
    Touchpoint("asks about meter", "vraag over meter", "service", "Klantenservice", "Meetdienst",
               task="pass on readings", elements=("speed",), expected=7.5, cost=5.9),
    Touchpoint("asks about contract", "vraag over contract", "service", "Klantenservice", "Verkoop",
               task="change contract", elements=("price", "speed"), expected=7.5, cost=6.0),
    Touchpoint("reports move", "geeft verhuizing door", "service", "Klantenservice", "Backoffice", task="move house",
               elements=("speed",), expected=7.5, cost=6.8),
    Touchpoint("power outage", "stroomstoring", "service", "Netbeheerder", "Klantenservice", False, True,
               task="have power", elements=("speed",), expected=8.0),
    Touchpoint("reports outage", "meldt storing", "service", "Klantenservice", "Netbeheerder", task="have power",
               elements=("speed", "information"), expected=8.0, cost=5.5),
    Touchpoint("files complaint", "dient klacht in", "service", "Klachtenteam", "Klantenservice", task="get it put right",
               elements=("friendliness",), expected=7.0, cost=38.0),
    Touchpoint("company reply", "antwoord van Zonnestroom", "service", "Klantenservice", "Backoffice",
               task="get an answer", elements=("speed",), cost=4.0),
    Touchpoint("renewal offer", "verlengaanbod", "loyalty", "Retentie", "Pricing", task="change contract",
               elements=("price", "letter"), expected=7.0, cost=0.5),
    Touchpoint("renews contract", "verlengt contract", "loyalty", "Retentie", "Backoffice", task="change contract"),
    Touchpoint("cancels contract", "zegt op", "loyalty", "Retentie", "Backoffice", task="leave", cost=21.0),
    Touchpoint("refers a friend", "nodigt vriend uit", "advocacy", "Marketing", "Digitaal", task="tell others",
               elements=("app",)),
)  # fmt: skip

BATTERY: Final = (
    "monthly invoice", "yearly statement", "tariff change letter", "checks usage", "views invoice",
    "submits meter reading", "changes instalment", "asks about invoice", "asks about instalment", "asks about meter",
    "reports move", "power outage", "signs contract", "renewal offer",
)  # fmt: skip
NO_EXPECTATION: Final = ("views invoice", "signs contract")
PERCEPTIONS: Final = (
    ("asks about invoice", "speed", "snelheid van het contact over uw factuur"),
    ("asks about invoice", "friendliness", "vriendelijkheid van de medewerker over uw factuur"),
    ("yearly statement", "relevance", "duidelijkheid van uw jaarafrekening"),
    ("checks usage", "relevance", "nut van het verbruiksoverzicht in de app"),
)

TASKS_NL: Final = {
    "find a supplier": "een leverancier vinden",
    "become a customer": "klant worden",
    "pay": "betalen",
    "save energy": "energie besparen",
    "pass on readings": "standen doorgeven",
    "change contract": "contract wijzigen",
    "move house": "verhuizen",
    "have power": "stroom hebben",
    "get it put right": "het rechtgezet krijgen",
    "get an answer": "antwoord krijgen",
    "leave": "vertrekken",
    "tell others": "het doorvertellen",
}
"""What the tasks are called in Dutch."""
ELEMENTS_NL: Final = {
    "price": "prijs",
    "website": "website",
    "letter": "brief",
    "app": "app",
    "speed": "snelheid",
    "information": "informatie",
    "friendliness": "vriendelijkheid",
}
"""What the elements are called in Dutch."""

INTENTS: Final = (
    "asks about invoice", "asks about instalment", "asks about meter", "asks about contract", "reports move",
    "reports outage", "files complaint",
)  # fmt: skip
QUEUES: Final = ("facturen", "termijnbedrag", "meterstanden", "contract", "verhuizen", "storing", "klachten")
SECOND_LINE: Final = ("backoffice-facturatie", "backoffice-facturatie", "meetdienst", "retentie", "backoffice-verhuizen",
                      "netbeheer-loket", "klachtenteam")  # fmt: skip
AGENTS: Final = 45

# one per month: number of days of its first of the month
MONTHS: Final = ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
                 "november", "december")  # fmt: skip

EPOCH: Final = int(np.datetime64(f"{YEAR}-01-01", "s").astype(np.int64))
_SUMMER_UTC: Final = (
    int(np.datetime64(f"{YEAR}-03-30T01:00", "s").astype(np.int64)),
    int(np.datetime64(f"{YEAR}-10-26T01:00", "s").astype(np.int64)),
)
TARIFF_LETTERS: Final = (145, 327)  # 26 May and 24 November
WEEKDAY_OF_FIRST: Final = 2  # 1 January 2025 is a Wednesday; Monday = 0


def day_of(month: int, day: int = 1) -> int:
    """Return the 0-based day of the year.

    Examples
    --------
    >>> day_of(2, 1)
    31
    """
    return int((np.datetime64(f"{YEAR}-{month:02d}-{day:02d}") - np.datetime64(f"{YEAR}-01-01")).astype(int))


def to_utc(day: Array, second: Array) -> Array:
    """Return UTC seconds since 1970 of a local day and second; the hour that spring skips moves on by one."""
    local = EPOCH + day.astype(np.int64) * 86400 + second.astype(np.int64)
    # In the hour of autumn that happens twice the first, summer, one is meant.
    summer = (local >= _SUMMER_UTC[0] + 3600) & (local < _SUMMER_UTC[1] + 2 * 3600)
    gap = (local >= _SUMMER_UTC[0] + 3600) & (local < _SUMMER_UTC[0] + 2 * 3600)
    return np.where(gap, local - 3600, local - np.where(summer, 7200, 3600))


def offset(utc: Array) -> Array:
    """Return the seconds to add to `utc` for Dutch local time."""
    return np.where((utc >= _SUMMER_UTC[0]) & (utc < _SUMMER_UTC[1]), 7200, 3600)


def months_of(day: Array) -> Array:
    """Return the month, 1 to 12, of 0-based days of the year."""
    firsts = np.array([day_of(m) for m in range(1, 13)])
    return np.searchsorted(firsts, day, side="right")


def stamps(seconds: Array, form: str = "iso") -> list[str]:
    """Write seconds since 1970 as text: ``iso`` (with T), ``space`` or ``date`` (dd-mm-yyyy).

    Examples
    --------
    >>> stamps(np.array([0]), "space"), stamps(np.array([0]), "date")
    (['1970-01-01 00:00:00'], ['01-01-1970'])
    """
    text: list[str] = np.datetime_as_string(seconds.astype("datetime64[s]")).tolist()
    if form == "space":
        return [t.replace("T", " ") for t in text]
    if form == "date":
        return [f"{t[8:10]}-{t[5:7]}-{t[:4]}" for t in text]
    return text


def local(utc: Array, form: str = "space") -> list[str]:
    """Write UTC seconds as local clock text."""
    return stamps(utc + offset(utc), form)


def daytime(rng: np.random.Generator, n: int, opens: float, closes: float, peak: float) -> Array:
    """Draw seconds of the day between two hours, most around `peak`."""
    return (rng.triangular(opens, peak, closes, n) * 3600).astype(np.int64)


def weekday(day: Array) -> Array:
    """Return 0 = Monday … 6 for 0-based days of the year."""
    return np.asarray((day + WEEKDAY_OF_FIRST) % 7)
