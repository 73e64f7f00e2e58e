"""The words on the stakeholder map."""

from __future__ import annotations

from typing import Final

__all__ = ["MESSAGES"]

MESSAGES: Final[dict[str, dict[str, str]]] = {
    "title": {"en": "Stakeholder map: {name}", "nl": "Stakeholderkaart: {name}"},
    "section": {"en": "Stakeholders", "nl": "Stakeholders"},
    "none": {
        "en": "Nobody is known around the customer: declare owners in the catalogue, name the queues in the log, or fill in stakeholders.toml.",
        "nl": "Rond de klant is niemand bekend: noem eigenaren in de catalogus, de wachtrijen in de log, of vul stakeholders.toml in.",
    },
    "size": {
        "en": "{customers} customers · {stakeholders} stakeholders · {ties} ties · filled in by {people}",
        "nl": "{customers} klanten · {stakeholders} stakeholders · {ties} banden · ingevuld door {people}",
    },
    "people_0": {"en": "nobody yet", "nl": "nog niemand"},
    "people_1": {"en": "1 person or team", "nl": "1 persoon of team"},
    "people_n": {"en": "{n} people or teams", "nl": "{n} personen of teams"},
    "under": {
        "en": "{chain} · figures about fewer than {least} customers hidden · 95% intervals",
        "nl": "{chain} · cijfers over minder dan {least} klanten verborgen · 95%-intervallen",
    },
    "all": {"en": "no filter", "nl": "geen filter"},
    "lead": {
        "en": "The ring is how much influence people give a stakeholder (✎); traffic and hand-overs from the log (●) stand beside it and are not its measure.",
        "nl": "De ring is hoeveel invloed mensen een stakeholder toekennen (✎); verkeer en overdracht uit de log (●) staan ernaast en zijn niet de maat.",
    },
    "empty": {
        "en": "Nobody has filled in influence, interest or what is exchanged: all stand on one neutral ring. stakeholders.toml takes it; write_template writes a first one.",
        "nl": "Niemand heeft invloed, belang of de uitwisseling ingevuld: allen staan op één neutrale ring. Dat kan in stakeholders.toml; write_template schrijft een begin.",
    },
    "some_open": {"en": "Influence not filled in yet: {names}.", "nl": "Invloed nog niet ingevuld: {names}."},
    "customer": {"en": "Customer", "nl": "Klant"},
    "n": {"en": "n = {n}", "nl": "n = {n}"},
    "department": {"en": "department", "nl": "afdeling"},
    "partner": {"en": "partner", "nl": "partner"},
    "regulator": {"en": "regulator", "nl": "toezichthouder"},
    "other": {"en": "other party", "nl": "andere partij"},
    "ring_0": {"en": "much influence (4–5)", "nl": "veel invloed (4–5)"},
    "ring_1": {"en": "some influence (about 3)", "nl": "enige invloed (rond 3)"},
    "ring_2": {"en": "little influence (1–2)", "nl": "weinig invloed (1–2)"},
    "ring_3": {"en": "influence unknown", "nl": "invloed onbekend"},
    "influence": {"en": "influence", "nl": "invloed"},
    "interest": {"en": "interest", "nl": "belang"},
    "unknown": {"en": "unknown", "nl": "onbekend"},
    "contacts": {"en": "{n} contacts", "nl": "{n} contacten"},
    "share": {"en": "{share} {span} of customers", "nl": "{share} {span} van klanten"},
    "traffic_long": {
        "en": "● {contacts} contacts of {customers} customers, {share} {span} of all, at {at}",
        "nl": "● {contacts} contacten van {customers} klanten, {share} {span} van alle, bij {at}",
    },
    "traffic_hidden": {
        "en": "● {sign} about fewer than {least} customers",
        "nl": "● {sign} over minder dan {least} klanten",
    },
    "traffic_none": {"en": "not in the log", "nl": "niet in de log"},
    "and_more": {"en": "{n} more", "nl": "nog {n}"},
    "we_do": {"en": "✎ what we do for them: {text}", "nl": "✎ wat wij voor hen doen: {text}"},
    "they_do": {"en": "✎ what they do for us: {text}", "nl": "✎ wat zij voor ons doen: {text}"},
    "role": {"en": "✎ {text}", "nl": "✎ {text}"},
    "differ": {"en": "≠ people differ", "nl": "≠ meningen verschillen"},
    "does_for": {"en": "✎ {a} for {b}: {text}", "nl": "✎ {a} voor {b}: {text}"},
    "supports": {
        "en": "✎ {a} supports {b} at {text} (catalogue)",
        "nl": "✎ {a} ondersteunt {b} bij {text} (catalogus)",
    },
    "hands_over": {
        "en": "● {a} hands over to {b}: {n} times, {share} {span} of its work, {customers} customers",
        "nl": "● {a} draagt over aan {b}: {n} keer, {share} {span} van het werk, {customers} klanten",
    },
    "hands_over_hidden": {"en": "● {a} hands over to {b}: {sign}", "nl": "● {a} draagt over aan {b}: {sign}"},
    "who": {"en": "Who they are, what goes to and fro", "nl": "Wie het zijn, wat er heen en weer gaat"},
    "ties": {"en": "Ties to one another", "nl": "Banden onderling"},
    "tie_people": {"en": "told by people", "nl": "door mensen verteld"},
    "tie_other": {"en": "from catalogue or log", "nl": "uit catalogus of log"},
    "more_ties": {"en": "{n} more ties stand in the table only.", "nl": "Nog {n} banden staan alleen in de tabel."},
    "signs": {
        "en": "✎ set by people (map, catalogue) · ● measured, with n and 95% interval · {hidden} about too few customers · – not measured",
        "nl": "✎ opgegeven door mensen (kaart, catalogus) · ● gemeten, met n en 95%-interval · {hidden} over te weinig klanten · – niet gemeten",
    },
    "told": {
        "en": "Stakeholder map: the customer in the middle, {n} stakeholders around; who they are and what is exchanged stands below.",
        "nl": "Stakeholderkaart: de klant in het midden, {n} stakeholders eromheen; wie het zijn en wat er heen en weer gaat staat eronder.",
    },
}
