"""The shapes that are kept apart: written before the masker's misses were seen, and never tuned on."""

from __future__ import annotations

from typing import Final

from cxmining.simulate.planted.open import grouped, say
from cxmining.simulate.planted.people import number
from cxmining.simulate.planted.text import Book, Form

__all__ = ["APART"]

EMAIL: Final[tuple[Form, ...]] = (
    lambda p, r: p.email,
    lambda p, r: p.email.capitalize(),
    say('"{local}@{domain}"'),
    say("[{local}@{domain}]"),
    say("{local} -at- {domain}"),
    say("{local} {{at}} {domain}"),
    say("{local} at {domain}"),
    say("{local}@{domain}\n"),
    say("{local}@\n{domain}"),
    say("{local} apenstaart {domain}"),
    say("{local} [at] {host} [dot] {tld}"),
    say("{local} (at) {host} (punt) {tld}"),
    say("{local}.2025@{domain}"),
    say("e-mail:{local}@{domain}"),
)
PHONE: Final[tuple[Form, ...]] = (
    lambda p, r: p.mobile,
    lambda p, r: "06." + p.mobile[2:],
    lambda p, r: grouped(p.mobile, (2,), "-"),
    lambda p, r: "06-" + grouped(p.mobile[2:], (4,), " "),
    lambda p, r: "06 " + grouped(p.mobile[2:], (2, 3)),
    lambda p, r: "06" + grouped(p.mobile[2:], (4,), " "),
    lambda p, r: "+31 6 " + grouped(p.mobile[2:], (2,), " "),
    lambda p, r: "+31 6-" + p.mobile[2:],
    lambda p, r: "(+31) 6 " + p.mobile[2:],
    lambda p, r: "(0031) 6" + p.mobile[2:],
    lambda p, r: "+31 / 6 " + grouped(p.mobile[2:], (4,)),
    lambda p, r: "0031 (0)6 " + grouped(p.mobile[2:], (4,)),
    lambda p, r: "31 6 " + p.mobile[2:],
    lambda p, r: "0" + p.landline[1:4] + "/" + p.landline[4:],
    lambda p, r: f"{p.landline[:3]}.{grouped(p.landline[3:], (3, 4), '.')}",
    lambda p, r: f"(0){p.landline[1:3]}-{p.landline[3:]}",
    lambda p, r: f"+31{p.landline[1:]}",
    lambda p, r: f"{p.landline[:4]}-{grouped(p.landline[4:], (2,), ' ')}",
    lambda p, r: "+32 (0)4" + number(r, 8),
    lambda p, r: "+44 20 7" + grouped(number(r, 7), (3, 4)),
)
IBAN: Final[tuple[Form, ...]] = (
    lambda p, r: p.iban,
    lambda p, r: grouped(p.iban, (4, 4, 4, 6)),
    lambda p, r: grouped(p.iban, (4, 4, 2, 3)),
    lambda p, r: p.iban[:2].lower() + p.iban[2:],
    lambda p, r: grouped(p.iban, (4, 4, 4), "\n"),
    lambda p, r: grouped(p.iban, (2, 16)),
    lambda p, r: grouped(p.iban, (4,), " . "),
    lambda p, r: grouped(p.foreign_iban, (4,), "-"),
    lambda p, r: grouped(p.foreign_iban, (4,)).lower(),
)
BSN: Final[tuple[Form, ...]] = (
    lambda p, r: p.bsn,
    lambda p, r: grouped(p.bsn, (3, 2)),
    lambda p, r: grouped(p.bsn, (4, 2, 3), "-"),
    lambda p, r: grouped(p.bsn, (1, 4, 4)),
    lambda p, r: grouped(p.bsn, (5, 4)),
)
CARD: Final[tuple[Form, ...]] = (
    lambda p, r: p.card,
    lambda p, r: grouped(p.card, (4,), "  "),
    lambda p, r: grouped(p.card, (4,), "_"),
    lambda p, r: grouped(p.card, (4,), " - "),
    lambda p, r: grouped(p.amex, (4, 6, 5), "."),
    lambda p, r: grouped(p.card, (6, 6)),
)
PLATE: Final[tuple[Form, ...]] = (
    lambda p, r: p.plate,
    lambda p, r: p.plate.replace("-", "–"),
    lambda p, r: p.plate.capitalize(),
    lambda p, r: p.plate.replace("-", "  "),
    lambda p, r: f'"{p.plate}"',
    lambda p, r: "NL-" + p.plate,
)
ADDRESS: Final[tuple[Form, ...]] = (
    say("{d4} {l2}  {house}"),
    say("{d4}{l2} {house}{more}"),
    say("{d4} {l2} huisnr. {house}"),
    say("{d4}-{l2} {house}"),
    say("{street} {house} te {town}"),
    say("{street} {house} - {d4} {l2}"),
    say("{street} {house} in {town}"),
    say("{d4} {l2} (nr. {house})"),
    say("{street} {house} | {pc} | {town}"),
    say("nr {house}, {d4} {l2}"),
    say("pc {pc} hnr {house}"),
    say("{street} {house}{more} ({pc})"),
    lambda p, r: f"{p.street.lower()} {p.house}, {p.town.lower()}",
    lambda p, r: f"{p.street.upper()} {p.house}, {p.postcode} {p.town.upper()}",
)
NAME: Final[tuple[Form, ...]] = (
    say("{first} {last}"),
    say("{last} {first}"),
    lambda p, r: f"{p.last.upper()}, {p.first}",
    say("mw. {i}.{j}. {last}"),
    say("Dhr {last}"),
    say("de familie {last}"),
    say("Ms. {last}"),
    say("meneer en mevrouw {last}"),
    lambda p, r: f"{p.first.lower()} {p.last}",
    say("mijn man {first}"),
    say("{first} ({last})"),
    lambda p, r: f"{p.first[0]}{p.first[-1].upper()} {p.last}",
    lambda p, r: f"{p.first[0]}. {p.last}'s",
    lambda p, r: f"{p.first}-{p.last}".replace(" ", "-"),
    lambda p, r: f"{p.first.upper()} {p.last}",
    lambda p, r: f"de erven {p.last[0].upper()}{p.last[1:]}",
    say("{first} {last} jr."),
)
EAN: Final[tuple[Form, ...]] = (
    lambda p, r: p.ean,
    lambda p, r: grouped(p.ean, (2, 4)),
    lambda p, r: grouped(p.ean, (8, 10)),
    lambda p, r: grouped(p.ean, (9, 9), "-"),
)

_ORDER: Final = (
    lambda p, r: f"bestelnummer {number(r, 9)}",
    lambda p, r: f"nota {number(r, 10)}",
    lambda p, r: f"order no. {grouped(number(r, 9), (3,))}",
    lambda p, r: f"kenmerk {number(r, 4)}.{number(r, 4)}.{number(r, 2)}",
    lambda p, r: f"account {number(r, 8)}",
    lambda p, r: f"offerte O{number(r, 6)}",
    lambda p, r: f"debiteurnummer {number(r, 9)}",
    lambda p, r: f"relatienr {number(r, 7)}",
)
_TICKET: Final = (
    lambda p, r: f"melding {number(r, 9)}",
    lambda p, r: f"case-id {number(r, 5)}-{number(r, 4)}",
    lambda p, r: f"zaak {number(r, 4)}-{number(r, 6)}",
    lambda p, r: f"klacht K{number(r, 6)}",
    lambda p, r: f"reference {number(r, 9)}",
)
_METER: Final = (
    lambda p, r: f"gasmeter {number(r, 5)},{number(r, 3)}",
    lambda p, r: f"teller op {number(r, 6)}",
    lambda p, r: f"T1 {number(r, 6)} T2 {number(r, 6)}",
    lambda p, r: f"{number(r, 2)}.{number(r, 3)},{number(r, 2)} kWh",
    lambda p, r: f"meternummer {number(r, 9)}",
    lambda p, r: f"{number(r, 4)} MW",
)
_AMOUNT: Final = (
    lambda p, r: f"{number(r, 4)},{number(r, 2)} euro",
    lambda p, r: f"-/- € {number(r, 3)}",
    lambda p, r: f"€{number(r, 5)},-",
    lambda p, r: f"{number(r, 3)}.{number(r, 2)} EUR",
)
_DAY: Final = (
    lambda p, r: f"{r.integers(1, 29)}/{r.integers(1, 13)}/2{r.integers(0, 7)}",
    lambda p, r: f"ma {r.integers(1, 29)} juni",
    lambda p, r: f"202{r.integers(0, 7)}{r.integers(1, 13):02d}{r.integers(1, 29):02d}",
    lambda p, r: f"03 {r.integers(10, 13)} 202{r.integers(0, 7)}",
    lambda p, r: f"1 Jan 202{r.integers(0, 7)}",
    lambda p, r: f"week {r.integers(1, 53)} van 202{r.integers(0, 7)}",
)
_TIME: Final = (
    lambda p, r: f"{r.integers(0, 24):02d}u{r.integers(0, 60):02d}",
    lambda p, r: f"half {r.integers(1, 13)}",
    lambda p, r: f"{r.integers(0, 24):02d}:{r.integers(0, 60):02d}:{r.integers(0, 60):02d}",
)
_PRODUCT: Final = (
    lambda p, r: f"KX-{number(r, 4)}",
    lambda p, r: f"de {number(r, 2)}-{number(r, 3)} uitvoering",
    lambda p, r: f"RAL {number(r, 4)}",
    lambda p, r: f"PV-{number(r, 3)}W",
    lambda p, r: f"update {number(r, 2)}.{number(r, 1)}.{number(r, 4)}",
    lambda p, r: f"barcode 87{number(r, 11)}",
)
_POSTCODE: Final = (
    say("{d4}{l2}"),
    say("de wijk {d4} {l2}"),
    say("regio {d4}-{d4}"),
)
_WORD: Final = (
    lambda p, r: "de meester",
    lambda p, r: "een vos in de tuin",
    lambda p, r: "het bos",
    lambda p, r: "De bakker",
    lambda p, r: "Groen gas",
    lambda p, r: "een kaya yoghurt",
    lambda p, r: "roos en iris",
    lambda p, r: "de brouwer",
    lambda p, r: "de wit gekalkte muur",
    lambda p, r: "een smit",
    lambda p, r: "bij de prins",
    lambda p, r: "jan modaal",
    lambda p, r: "Post",
)
_LINE: Final = (
    lambda p, r: "0900 8844",
    lambda p, r: "10.0.0.138",
    lambda p, r: "@ns_online",
    lambda p, r: "2 @ 5 euro",
)

SENTENCES: Final = (
    "{email} of {phone}",
    "Stuur de bevestiging maar naar {email}, want {word} is weg",
    "Inloggen met {email} lukt niet meer sinds {day}",
    "contact: {phone} / {email}",
    "reach me on {phone} after {time}",
    "mijn mobiel ({phone}) staat verkeerd in het systeem",
    "Kunt u bellen naar {phone}? Het gaat om {order}.",
    "app me even {phone}",
    "het nummer {phone} is van mijn vrouw",
    "Geld kan naar {iban}",
    "incasso loopt via {iban} en niet via {iban}",
    "Refund {amount} to {iban} please",
    "t.n.v. {name}, {iban}",
    "kopie ID met BSN {bsn} gestuurd",
    "bsn-nummer {bsn} klopt niet",
    "ik heb betaald met {card}",
    "creditcardnummer: {card}, {amount}",
    "MasterCard {card} is afgeschreven",
    "kenteken {plate}",
    "mijn {plate} laadt niet bij {product}",
    "numberplate {plate}, charged {amount}",
    "Het gaat om {address}",
    "leveringsadres {address} sinds {day}",
    "Please update my address: {address}",
    "bewoners van {address} hebben hetzelfde",
    "Hoogachtend,\n\n{name}",
    "ik sprak {name} van de klantenservice",
    "De polis van {name} is {order}",
    "Best wishes {name}",
    "cc {name}",
    "uw collega {name} zei {amount}",
    "namens {name}, {address}, {email}",
    "aansluiting {ean}",
    "EAN-code stroom: {ean}; {meter}",
    "storing {postcode} vanaf {time}",
    "{word} had het over {ticket}",
    "Sinds {day} staat {meter} stil, {ticket}",
    "{order} en {order} zijn dubbel, samen {amount}",
    "bel {line} niet, {time} wachten",
    "{product} is niet leverbaar, {word}",
    "Op {day}, {time}: {meter}. Daarna {meter}.",
    "in {postcode} kost het {amount}",
    "{word}. Zie {order}",
    "{line} geprobeerd, {ticket} aangemaakt om {time}",
)  # fmt: skip

APART: Final = Book(
    SENTENCES,
    {"email": EMAIL, "phone": PHONE, "iban": IBAN, "bsn": BSN, "card": CARD, "plate": PLATE, "address": ADDRESS, "name": NAME, "ean": EAN},
    {"order": _ORDER, "ticket": _TICKET, "meter": _METER, "amount": _AMOUNT, "day": _DAY, "time": _TIME, "product": _PRODUCT,
     "postcode": _POSTCODE, "word": _WORD, "line": _LINE},
)  # fmt: skip
