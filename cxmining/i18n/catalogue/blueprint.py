"""The words on the service blueprint."""

from __future__ import annotations

from typing import Final

__all__ = ["MESSAGES"]

MESSAGES: Final[dict[str, dict[str, str]]] = {
    "title": {"en": "Service blueprint: {name}", "nl": "Serviceblauwdruk: {name}"},
    "size": {
        "en": "customers: {customers} · journeys: {journeys} · contacts: {contacts} · hand-overs: {handed} · {period}",
        "nl": "klanten: {customers} · klantreizen: {journeys} · contacten: {contacts} · overdrachten: {handed} · {period}",
    },
    "under": {
        "en": "{chain} · cells about fewer than {least} customers hidden ({hidden}) · 95% intervals",
        "nl": "{chain} · cellen over minder dan {least} klanten verborgen ({hidden}) · 95%-intervallen",
    },
    "channel": {"en": "Evidence, channel", "nl": "Bewijs, kanaal"},
    "channel_small": {"en": "share of contacts; what the customer sees or gets", "nl": "deel van de contacten; wat de klant ziet of krijgt"},
    "action": {"en": "Customer", "nl": "Klant"},
    "action_small": {
        "en": "filled = comes to us, outlined = gets it from us; share of customers who meet it",
        "nl": "gevuld = komt naar ons, omlijnd = krijgt het van ons; deel van de klanten dat het meemaakt",
    },
    "frontstage": {"en": "Frontstage", "nl": "Frontstage"},
    "frontstage_small": {
        "en": "staff or system that customers meet: share of contacts, and how long they waited (median)",
        "nl": "mensen of systeem die de klant ontmoet: deel van de contacten, en hoelang hij wachtte (mediaan)",
    },
    "backstage": {"en": "Backstage", "nl": "Backstage"},
    "backstage_small": {
        "en": "whom customers reach through others only, and what happens out of their sight; arrow = hand-overs · median wait",
        "nl": "wie de klant alleen via anderen bereikt, en wat buiten zijn zicht gebeurt; pijl = overdrachten · mediane wachttijd",
    },
    "support": {"en": "Support", "nl": "Ondersteuning"},
    "support_small": {"en": "processes and third parties that the work leans on", "nl": "processen en derden waar het werk op steunt"},
    "interaction": {"en": "line of interaction", "nl": "lijn van interactie"},
    "visibility": {"en": "line of visibility", "nl": "lijn van zichtbaarheid"},
    "internal": {"en": "line of internal interaction", "nl": "lijn van interne interactie"},
    "system": {"en": "System: {channel}", "nl": "Systeem: {channel}"},
    "person": {"en": "1 person", "nl": "1 medewerker"},
    "people_n": {"en": "{n} people", "nl": "{n} medewerkers"},
    "n": {"en": "n = {n}", "nl": "n = {n}"},
    "waits": {"en": "waits {time}", "nl": "wacht {time}"},
    "lies": {"en": "lies {time}", "nl": "ligt {time}"},
    "comes_back": {"en": "{share} comes back", "nl": "{share} komt terug"},
    "passes": {"en": "→ {target}: {n}×, {time}", "nl": "→ {target}: {n}×, {time}"},
    "passes_unknown": {"en": "→ {target}: {n}×", "nl": "→ {target}: {n}×"},
    "somebody_else": {"en": "a colleague", "nl": "een collega"},
    "declared_too": {"en": "declared too", "nl": "ook opgegeven"},
    "responsible": {"en": "responsible", "nl": "verantwoordelijk"},
    "more": {"en": "and {n} more", "nl": "en nog {n}"},
    "inside_only": {"en": "the customer is not there", "nl": "de klant is er niet bij"},
    "none_frontstage": {
        "en": "Nothing in the log tells who serves customers: it names no queue, no group and no person.",
        "nl": "Niets in het log zegt wie de klant helpt: het noemt geen wachtrij, geen groep en geen medewerker.",
    },
    "none_backstage": {
        "en": "Nothing in the log tells what happens backstage: it holds no internal events, no back-office records, and nobody whom customers reach through others only.",
        "nl": "Niets in het log zegt wat er achter de schermen gebeurt: geen interne gebeurtenissen, geen registraties van de backoffice, en niemand die de klant alleen via anderen bereikt.",
    },
    "none_support": {
        "en": "Nothing in the log or the catalogue tells what supports this: declare supported_by or third_party in the catalogue.",
        "nl": "Niets in het log of de catalogus zegt wat dit ondersteunt: geef supported_by of third_party op in de catalogus.",
    },
    "most_handed": {
        "en": "Most handed over: {source} → {target}, {n}×, median wait {wait}.",
        "nl": "Meest overgedragen: {source} → {target}, {n}×, mediane wachttijd {wait}.",
    },
    "no_handovers": {
        "en": "No work changed hands in this log, or it does not say so.",
        "nl": "In dit log gaat geen werk van hand tot hand, of het zegt dat niet.",
    },
    "unnamed": {
        "en": "Groups known by number only: {names}. Name them with the group export of their system, or with values = {{queue = …}} in the study.",
        "nl": "Groepen waarvan alleen het nummer bekend is: {names}. Noem ze met de groepenexport van hun systeem, of met values = {{queue = …}} in de studie.",
    },
    "handed_title": {"en": "Who hands over to whom, by {level}", "nl": "Wie draagt over aan wie, per {level}"},
    "handed_under": {
        "en": "hand-overs: {n} · pieces of work: {pieces} · {over} · waits: median [95% interval], nine in ten",
        "nl": "overdrachten: {n} · stukken werk: {pieces} · {over} · wachttijd: mediaan [95%-interval], negen van de tien",
    },
    "handed_wait": {"en": "lies {time}{span}, nine in ten {slow}", "nl": "ligt {time}{span}, negen van de tien {slow}"},
    "level_department": {"en": "department", "nl": "afdeling"},
    "level_team": {"en": "team", "nl": "team"},
    "level_queue": {"en": "queue", "nl": "wachtrij"},
    "level_resource": {"en": "person", "nl": "medewerker"},
    "signs": {"en": "– not in the log, {hidden} about too few", "nl": "– niet in het log, {hidden} over te weinig"},
    "told": {
        "en": "Service blueprint, touchpoints: {touchpoints}; its cells stand in the table beside it.",
        "nl": "Serviceblauwdruk, contactmomenten: {touchpoints}; de cellen staan in de tabel erbij.",
    },
}  # fmt: skip
