"""The shapes that the masker may be built on."""

from __future__ import annotations

from typing import Final

import numpy as np

from cxmining.simulate import company
from cxmining.simulate.planted.people import Person, number
from cxmining.simulate.planted.text import Book, Form

__all__ = ["OPEN", "grouped", "say"]

Rng = np.random.Generator


def grouped(text: str, sizes: tuple[int, ...], by: str = " ") -> str:
    """Write `text` in groups; the last size serves for the rest.

    Examples
    --------
    >>> grouped("0612345678", (2, 4), "-")
    '06-1234-5678'
    """
    parts, at, k = [], 0, 0
    while at < len(text):
        size = sizes[min(k, len(sizes) - 1)]
        parts.append(text[at : at + size])
        at, k = at + size, k + 1
    return by.join(parts)


def say(pattern: str) -> Form:
    """Write a person's fields into a pattern: ``{local}``, ``{domain}``, ``{host}``, ``{tld}`` and those of `Person`."""

    def form(p: Person, rng: Rng) -> str:
        local, _, domain = p.email.partition("@")
        host, _, tld = domain.rpartition(".")
        return pattern.format(
            local=local, domain=domain, host=host, tld=tld, dotted=domain.replace(".", " dot "), punt=domain.replace(".", " punt "),
            first=p.first, last=p.last, base=p.base, i=p.first[0], ps=p.particle, street=p.street, house=p.house, more=p.addition,
            pc=p.postcode, d4=p.postcode[:4], l2=p.postcode[4:], town=p.town, m=p.mobile[2:], t=p.landline, j=str(rng.choice(list("ABCHJMPRW"))),
        )  # fmt: skip

    return form


EMAIL: Final[tuple[Form, ...]] = (
    lambda p, r: p.email,
    lambda p, r: p.email.upper(),
    lambda p, r: p.email.title(),
    say("mailto:{local}@{domain}"),
    say("<{local}@{domain}>"),
    say("{local} @ {domain}"),
    say("{local}@ {domain}"),
    say("{local} @{domain}"),
    say("{local}(at){domain}"),
    say("{local} (at) {domain}"),
    say("{local}[at]{domain}"),
    say("{local} at {dotted}"),
    say("{local} AT {dotted}"),
    say("{local} apenstaartje {domain}"),
    say("{local} apestaartje {punt}"),
    say("{local} (apenstaart) {punt}"),
    say("{local}\n@{domain}"),
    say("{local}+energie@{domain}"),
    say("{local}@mail.{domain}"),
    say("{local}@{host} . {tld}"),
    say("{local}@{host} .{tld}"),
    say("{local}%40{domain}"),
    say("'{local}@{domain}'"),
    say("{local}@{host},{tld}"),
    say("{local}＠{domain}"),
)
PHONE: Final[tuple[Form, ...]] = (
    lambda p, r: p.mobile,
    say("06-{m}"),
    say("06 {m}"),
    lambda p, r: grouped(p.mobile, (2,)),
    lambda p, r: "06-" + grouped(p.mobile[2:], (2,)),
    lambda p, r: "06 " + grouped(p.mobile[2:], (4,)),
    lambda p, r: "06-" + grouped(p.mobile[2:], (4,), "-"),
    lambda p, r: "06 " + grouped(p.mobile[2:], (3, 3, 2)),
    lambda p, r: grouped(p.mobile, (2,), "."),
    say("06/{m}"),
    say("(06) {m}"),
    say("(06){m}"),
    say("06 - {m}"),
    say("06\u2013{m}"),
    say("06\u2011{m}"),
    say("06\u00a0{m}"),
    say("06\n{m}"),
    say("+316{m}"),
    say("+31 6 {m}"),
    say("+31 (0)6 {m}"),
    say("+31(0)6-{m}"),
    say("+31-6-{m}"),
    say("+31.6.{m}"),
    say("+31 06 {m}"),
    say("00316{m}"),
    say("0031 6 {m}"),
    say("0031-(0)6-{m}"),
    say("316{m}"),
    say("o6-{m}"),
    say("O6 {m}"),
    lambda p, r: grouped(p.mobile, (1,)),
    lambda p, r: grouped(p.mobile, (1,), "."),
    lambda p, r: p.landline,
    lambda p, r: f"{p.landline[:3]}-{p.landline[3:]}",
    lambda p, r: f"{p.landline[:4]} - {p.landline[4:]}",
    lambda p, r: f"({p.landline[:3]}) {grouped(p.landline[3:], (3, 2))}",
    lambda p, r: f"{p.landline[:3]} {grouped(p.landline[3:], (3, 4))}",
    lambda p, r: f"+31 {p.landline[1:3]} {grouped(p.landline[3:], (3, 2))}",
    lambda p, r: f"+31 (0){p.landline[1:3]} - {p.landline[3:]}",
    lambda p, r: f"0031{p.landline[1:]}",
    lambda p, r: "+32 4" + grouped(number(r, 8), (2,)),
    lambda p, r: "+49 151 " + number(r, 8),
    lambda p, r: "0044 7911 " + number(r, 6),
)
IBAN: Final[tuple[Form, ...]] = (
    lambda p, r: p.iban,
    lambda p, r: grouped(p.iban, (4,)),
    lambda p, r: p.iban.lower(),
    lambda p, r: grouped(p.iban, (4,)).lower(),
    lambda p, r: grouped(p.iban, (4,), "."),
    lambda p, r: grouped(p.iban, (4,), "-"),
    lambda p, r: grouped(p.iban, (2, 2, 4, 10)),
    lambda p, r: grouped(p.iban, (4, 4, 2)),
    lambda p, r: grouped(p.iban, (4, 4, 3)),
    lambda p, r: grouped(p.iban, (8, 10)),
    lambda p, r: grouped(p.iban, (4, 4, 10), "\n"),
    lambda p, r: grouped(p.iban, (4,), "\u00a0"),
    lambda p, r: grouped(p.iban, (4,), "  "),
    lambda p, r: "IBAN" + p.iban,
    lambda p, r: p.foreign_iban,
    lambda p, r: grouped(p.foreign_iban, (4,)),
    lambda p, r: p.foreign_iban.lower(),
    lambda p, r: grouped(p.foreign_iban, (4,), "."),
)
BSN: Final[tuple[Form, ...]] = (
    lambda p, r: p.bsn,
    lambda p, r: grouped(p.bsn, (3,), "."),
    lambda p, r: grouped(p.bsn, (3,)),
    lambda p, r: grouped(p.bsn, (4, 2, 3)),
    lambda p, r: grouped(p.bsn, (4, 2, 3), "."),
    lambda p, r: grouped(p.bsn, (3,), "-"),
    lambda p, r: grouped(p.bsn, (4, 5)),
    lambda p, r: grouped(p.bsn, (3,), "\u00a0"),
    lambda p, r: grouped(p.bsn, (2, 3, 2)),
)
CARD: Final[tuple[Form, ...]] = (
    lambda p, r: p.card,
    lambda p, r: grouped(p.card, (4,)),
    lambda p, r: grouped(p.card, (4,), "-"),
    lambda p, r: grouped(p.card, (4,), "."),
    lambda p, r: grouped(p.card, (4,), "\u00a0"),
    lambda p, r: grouped(p.card, (4, 4), "\n"),
    lambda p, r: grouped(p.card, (4, 6)),
    lambda p, r: p.amex,
    lambda p, r: grouped(p.amex, (4, 6, 5)),
    lambda p, r: grouped(p.amex, (4, 6, 5), "-"),
    lambda p, r: grouped(p.card, (8, 8)),
)
PLATE: Final[tuple[Form, ...]] = (
    lambda p, r: p.plate,
    lambda p, r: p.plate.lower(),
    lambda p, r: p.plate.replace("-", ""),
    lambda p, r: p.plate.replace("-", "").lower(),
    lambda p, r: p.plate.replace("-", " "),
    lambda p, r: p.plate.replace("-", " - "),
    lambda p, r: p.plate.replace("-", "."),
    lambda p, r: p.plate.replace("-", " ").lower(),
)
ADDRESS: Final[tuple[Form, ...]] = (
    say("{d4} {l2} {house}"),
    say("{pc} {house}"),
    say("{pc}, {house}"),
    say("{d4} {l2} {house}{more}"),
    say("{d4} {l2} nr {house}"),
    say("{d4} {l2}, nr. {house}"),
    say("{pc} huisnummer {house}"),
    say("{pc}-{house}"),
    say("{pc}/{house}"),
    say("{street} {house}"),
    say("{street} {house}{more}"),
    say("{street} {house}, {d4} {l2} {town}"),
    say("{street} {house}{more}, {pc} {town}"),
    say("{street} {house} {pc}"),
    say("{street} {house}\n{d4} {l2}"),
    say("{street} nr {house}"),
    say("postcode {d4} {l2} huisnummer {house}"),
    say("huisnummer {house}, postcode {pc}"),
    say("{house}, {pc}"),
    lambda p, r: f"{p.postcode.lower()} {p.house}",
    lambda p, r: f"{p.postcode[:4]} {p.postcode[4:].lower()} {p.house}{p.addition}",
    lambda p, r: f"{p.street.lower()} {p.house}, {p.postcode.lower()}",
    lambda p, r: f"{p.street.upper()} {p.house} {p.postcode}",
    say("house number {house}, postal code {pc}"),
)
NAME: Final[tuple[Form, ...]] = (
    say("{first} {last}"),
    lambda p, r: f"{p.first} {p.last}".lower(),
    lambda p, r: f"{p.first} {p.last}".upper(),
    say("{first} {last}'s"),
    say("{i}. {last}"),
    say("{i}.{j}. {last}"),
    say("{i}.{j}.{i}. {last}"),
    say("{i} {last}"),
    lambda p, r: f"{p.first[0]}. {p.last}".lower(),
    say("{last}, {first}"),
    say("{last}, {i}."),
    lambda p, r: f"{p.base}, {p.first[0]}. {p.particle}".strip(),
    lambda p, r: "mevrouw " + p.last[0].upper() + p.last[1:],
    say("mevr. {last}"),
    say("dhr. {i}. {last}"),
    say("de heer {last}"),
    say("meneer {last}"),
    lambda p, r: f"meneer {p.last}".lower(),
    say("fam. {last}"),
    say("familie {last}"),
    say("Mr {last}"),
    say("Mrs. {first} {last}"),
    say("{first}"),
    say("{first}'s"),
    say("{first} {i}. {last}"),
    say("{first}\n{last}"),
    say("{first}  {last}"),
    lambda p, r: (
        f"{p.first} {p.last}".replace("van der ", "v.d. ").replace("van den ", "v.d. ").replace("van de ", "v.d. ")
    ),
    lambda p, r: f"{p.first[0]}. {p.last}".replace("van der ", "v/d ").replace("van den ", "v/d "),
    lambda p, r: f"{p.first} {p.last}".translate(str.maketrans("ıÖöüÜóëéşğç", "iOouUoeesgc")),
    say("{first} {last}-{last}"),
)
EAN: Final[tuple[Form, ...]] = (
    lambda p, r: p.ean,
    lambda p, r: grouped(p.ean, (4,)),
    lambda p, r: grouped(p.ean, (6,)),
    lambda p, r: grouped(p.ean, (3,)),
    lambda p, r: grouped(p.ean, (4,), "."),
)

_DAY: Final = (
    lambda p, r: f"{r.integers(1, 29)}-{r.integers(1, 13)}-202{r.integers(0, 7)}",
    lambda p, r: f"{r.integers(1, 29):02d}/{r.integers(1, 13):02d}/202{r.integers(0, 7)}",
    lambda p, r: f"202{r.integers(0, 7)}-{r.integers(1, 13):02d}-{r.integers(1, 29):02d}",
    lambda p, r: f"{r.integers(1, 29)} {company.MONTHS[int(r.integers(12))]} 202{r.integers(0, 7)}",
    lambda p, r: f"{r.integers(1, 29):02d}.{r.integers(1, 13):02d}.202{r.integers(0, 7)}",
    lambda p, r: f"{r.integers(1, 29):02d}{r.integers(1, 13):02d}202{r.integers(0, 7)}",
    lambda p, r: f"{r.integers(1, 29)} jan 202{r.integers(0, 7)}",
    lambda p, r: (
        f"202{r.integers(0, 7)}-{r.integers(1, 13):02d}-{r.integers(1, 29):02d}T{r.integers(0, 24):02d}:{r.integers(0, 60):02d}:00Z"
    ),
    lambda p, r: f"{r.integers(1, 29):02d}-{r.integers(1, 13):02d}-2{r.integers(0, 7)}",
)
_TIME: Final = (
    lambda p, r: f"{r.integers(0, 24)}:{r.integers(0, 60):02d}",
    lambda p, r: f"{r.integers(0, 24)}.{r.integers(0, 60):02d} uur",
    lambda p, r: f"{r.integers(8, 12)}:00-{r.integers(13, 20)}:00",
)
_AMOUNT: Final = (
    lambda p, r: f"€ {r.integers(10, 2000)},{r.integers(100):02d}",
    lambda p, r: f"€{r.integers(1, 10)}.{r.integers(1000):03d},{r.integers(100):02d}",
    lambda p, r: f"{r.integers(10, 3000)} euro",
    lambda p, r: f"EUR {r.integers(1000, 100000)}.00",
    lambda p, r: f"{r.integers(1, 30)}%",
    lambda p, r: f"0,{r.integers(10000, 99999)} per kWh",
)
_ORDER: Final = (
    lambda p, r: f"ordernummer {number(r, 9)}",
    lambda p, r: f"bestelling {number(r, 8)}",
    lambda p, r: f"factuur 2024{number(r, 6)}",
    lambda p, r: f"factuurnummer F-202{r.integers(0, 7)}-{number(r, 5)}",
    lambda p, r: f"order #{number(r, 10)}",
    lambda p, r: f"invoice {number(r, 9)}",
    lambda p, r: f"betalingskenmerk {grouped(number(r, 16), (4,))}",
    lambda p, r: f"klantnummer {number(r, 8)}",
    lambda p, r: f"klantnr. {number(r, 9)}",
    lambda p, r: f"contractnummer {number(r, 10)}",
)
_TICKET: Final = (
    lambda p, r: f"ticket #{number(r, 6)}",
    lambda p, r: f"ticket {number(r, 9)}",
    lambda p, r: f"ZD-{number(r, 7)}",
    lambda p, r: f"zaaknummer {number(r, 4)}/{number(r, 3)}",
    lambda p, r: f"dossier {number(r, 9)}",
    lambda p, r: f"case {number(r, 8)}",
    lambda p, r: f"[ref:{number(r, 5)}X{number(r, 4)}]",
    lambda p, r: f"INC{number(r, 8)}",
)
_METER: Final = (
    lambda p, r: f"meterstand {number(r, 5)}",
    lambda p, r: f"stand 0{number(r, 5)}",
    lambda p, r: f"1.8.1: {number(r, 5)} en 1.8.2: {number(r, 5)}",
    lambda p, r: f"{number(r, 1)}.{number(r, 3)} kWh",
    lambda p, r: f"{number(r, 4)} m3",
    lambda p, r: f"meter E00{number(r, 13)}",
    lambda p, r: f"hoog {number(r, 5)} laag {number(r, 5)}",
    lambda p, r: f"{number(r, 4)} KW",
)
_PRODUCT: Final = (
    lambda p, r: f"WP-{number(r, 3)}-X",
    lambda p, r: f"type HR{number(r, 3)}",
    lambda p, r: f"A{number(r, 4)}-Z{number(r, 2)}",
    lambda p, r: f"serienummer SN{number(r, 7)}",
    lambda p, r: f"foutcode E-{number(r, 2)}-F",
    lambda p, r: f"versie {number(r, 1)}.{number(r, 2)}.{number(r, 3)}",
    lambda p, r: f"artikel {number(r, 3)}-{number(r, 4)}",
    lambda p, r: f"ISBN 97890{number(r, 8)}",
    lambda p, r: "de Tesla Model 3",
    lambda p, r: f"model XC{number(r, 2)}",
)
_POSTCODE: Final = (
    say("{d4} {l2}"),
    say("{pc}"),
    say("postcodegebied {d4}"),
    say("{d4}"),
)
_WORD: Final = (
    lambda p, r: "een bos bloemen",
    lambda p, r: "de bakker op de hoek",
    lambda p, r: "in jan en feb",
    lambda p, r: "groen gas",
    lambda p, r: "de post",
    lambda p, r: "een visser",
    lambda p, r: "de groot verbruiker",
    lambda p, r: "een wit vlak",
    lambda p, r: "de boer",
    lambda p, r: "de kok van het hotel",
    lambda p, r: "een mark",
    lambda p, r: "de jong volwassenen",
    lambda p, r: "een prins op het witte paard",
    lambda p, r: "in mei",
    lambda p, r: "2 ton co2",
    lambda p, r: "een advies ad hoc",
    lambda p, r: "PostNL",
    lambda p, r: "de maas",
)
_LINE: Final = (
    lambda p, r: "0800-1234",
    lambda p, r: "112",
    lambda p, r: "www.zonnestroom.example/contact",
    lambda p, r: "@zonnestroom",
    lambda p, r: "1.8.1",
    lambda p, r: "192.168.1.10",
    lambda p, r: "24/7",
    lambda p, r: "https://zonnestroom.example/faq?id=12345678",
)

SENTENCES: Final = (
    "{email}",
    "{phone}",
    "{iban}",
    "{name}",
    "{address}",
    "Mail mij op {email} graag.",
    "mijn mailadres is {email}",
    "U kunt me bereiken via {email} of {phone}.",
    "Graag een kopie van {order} naar {email}!",
    "Please send it to {email}, thanks",
    "my new address is {email} since {day}",
    "({email})",
    "e-mail: {email}; tel: {phone}",
    "Account: {email} / {order}",
    "bel me op {phone}",
    "Bel mij terug: {phone}. Na {time} ben ik er.",
    "ik ben bereikbaar op {phone} tussen {time}",
    "Telefoon {phone} (thuis) en {phone} (werk)",
    "tel.{phone}",
    "Call me at {phone} please, ticket is {ticket}",
    "06-nummer? {phone} dus",
    "Nummer: {phone}",
    "Graag terugstorten op {iban} t.n.v. {name}",
    "mijn rekeningnummer {iban}",
    "Rekening {iban} wordt niet meer gebruikt, {amount} is verkeerd geboekt.",
    "Bank account {iban} ({name})",
    "IBAN: {iban}\nBedrag: {amount}",
    "mijn BSN is {bsn}",
    "BSN {bsn}, geboren {day}",
    "burgerservicenummer: {bsn}",
    "Op de brief staat mijn sofinummer {bsn}, dat mag toch niet?",
    "My citizen service number (BSN) is {bsn}",
    "betaald met creditcard {card}",
    "Card number {card}, amount {amount}",
    "kaartnummer {card} geldig tot 12/27",
    "visa {card}",
    "mijn auto met kenteken {plate} staat voor de laadpaal",
    "Kenteken: {plate}",
    "laadpas gekoppeld aan {plate} werkt niet",
    "de bus van jullie monteur ({plate}) blokkeerde de oprit",
    "licence plate {plate} was charged twice",
    "Ik woon op {address}.",
    "adres: {address}",
    "nieuw adres wordt {address} per {day}",
    "We moved to {address} on {day}",
    "verhuisd van {address} naar {address}",
    "op {address} is geen stroom sinds {time}",
    "Met vriendelijke groet,\n{name}\n{address}\n{phone}",
    "groetjes {name}",
    "Mijn naam is {name} en ik heb {order}",
    "Gesproken met {name} over {amount}",
    "{name} belde gisteren om {time} over {meter}",
    "Kind regards, {name}",
    "het contract staat op naam van {name}",
    "t.a.v. {name}",
    "Regards\n{name}\n{email}",
    "volgens {name} klopt {meter} niet",
    "Beste, ik ben {name}, {order}, en mijn nummer is {phone}",
    "EAN {ean} van de meter",
    "ean-code {ean}: {meter}",
    "EAN: {ean}, {address}",
    "Ik heb {order} van {day} nog niet ontvangen",
    "{ticket}: al {amount} betaald, zie {order}",
    "{meter} op {day}",
    "Op {day} om {time} belde ik {line} en wachtte 45 minuten",
    "wij wonen in {postcode} en hebben {product}",
    "Is er een storing in {postcode}?",
    "{product} geeft {product}",
    "{word} snapt het niet, {amount} is te veel",
    "dat was {word}, niet {word}",
    "{order}, {ticket}, {meter}, {amount}, {day}",
    "Kijk op {line} of bel {line}",
    "I paid {amount} on {day} for {product}, see {ticket}",
    "zie {order}. Ik zou {word} terugkrijgen",
    "termijnbedrag van {amount} naar {amount} per {day}, {word}",
    "verbruik {meter}, vorig jaar {meter}",
)  # fmt: skip

OPEN: Final = Book(
    SENTENCES,
    {"email": EMAIL, "phone": PHONE, "iban": IBAN, "bsn": BSN, "card": CARD, "plate": PLATE, "address": ADDRESS, "name": NAME, "ean": EAN},
    {"order": _ORDER, "ticket": _TICKET, "meter": _METER, "amount": _AMOUNT, "day": _DAY, "time": _TIME, "product": _PRODUCT,
     "postcode": _POSTCODE, "word": _WORD, "line": _LINE},
)  # fmt: skip
