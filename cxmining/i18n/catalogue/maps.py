"""The words on the pictures."""

from __future__ import annotations

from typing import Final

__all__ = ["MESSAGES"]

MESSAGES: Final[dict[str, dict[str, str]]] = {
    "map": {"en": "Journey map: touchpoints and the flow between them", "nl": "Klantreis: contactmomenten en de stroom ertussen"},
    "flow": {"en": "Share of the flow shown", "nl": "Getoond deel van de stroom"},
    "shown": {"en": "Edges {shown} of {all}, {share} of the flow.", "nl": "Lijnen {shown} van {all}, {share} van de stroom."},
    "shown_hidden": {
        "en": "Edges {shown} of {all}, {share} of the flow; {hidden} more are about too few customers to be shown.",
        "nl": "Lijnen {shown} van {all}, {share} van de stroom; nog {hidden} gaan over te weinig klanten om te tonen.",
    },
    "selected": {"en": "Selected: {label}, {edges} transitions.", "nl": "Gekozen: {label}, {edges} overgangen."},
    "clear": {"en": "clear", "nl": "wis keuze"},
    "from": {"en": "Most come from", "nl": "De meesten komen van"},
    "to": {"en": "Most go on to", "nl": "De meesten gaan naar"},
    "nothing": {"en": "nothing that can be shown", "nl": "niets dat getoond kan worden"},
    "touchpoints_n": {"en": "{n} touchpoints", "nl": "{n} contactmomenten"},
    "touchpoints_1": {"en": "1 touchpoint", "nl": "1 contactmoment"},
    "contacts": {"en": "contacts", "nl": "contacten"},
    "journey": {"en": "journey", "nl": "klantreis"},
    "journeys": {"en": "journeys", "nl": "klantreizen"},
    "customers": {"en": "customers", "nl": "klanten"},
    "reach": {"en": "reach", "nl": "bereik"},
    "score": {"en": "score", "nl": "score"},
    "expected": {"en": "expected before", "nl": "vooraf verwacht"},
    "gap": {"en": "experience − expectation", "nl": "beleving − verwachting"},
    "low": {"en": "95%: from", "nl": "95%: van"},
    "high": {"en": "to", "nl": "tot"},
    "wow": {"en": "▲ WOW", "nl": "▲ WOW"},
    "pain": {"en": "▼ pain", "nl": "▼ pijn"},
    "wait": {"en": "wait, median", "nl": "wachttijd, mediaan"},
    "nine_in_ten": {"en": "9 in 10 within {time}", "nl": "9 op 10 binnen {time}"},
    "owner": {"en": "owner", "nl": "eigenaar"},
    "stage": {"en": "stage", "nl": "fase"},
    "channels": {"en": "channels", "nl": "kanalen"},
    "sentiment": {"en": "sentiment in text (−1 to 1)", "nl": "sentiment in tekst (−1 tot 1)"},
    "starts": {"en": "journeys start here", "nl": "reizen beginnen hier"},
    "ends": {"en": "journeys end here", "nl": "reizen eindigen hier"},
    "declared": {"en": "set by people", "nl": "opgegeven"},
    "mined": {"en": "found in the data", "nl": "gevonden in de data"},
    "catalogue": {"en": "catalogue", "nl": "catalogus"},
    "milestone": {"en": "milestone", "nl": "mijlpaal"},
    "proposed": {"en": "proposed", "nl": "voorgesteld"},
    "unknown": {"en": "unknown", "nl": "onbekend"},
    "above": {"en": "▲ better than expected", "nl": "▲ beter dan verwacht"},
    "below": {"en": "▼ worse than expected", "nl": "▼ slechter dan verwacht"},
    "fair_share": {"en": "fair share of what is explained", "nl": "eerlijk deel van wat verklaard is"},
    "number_kept": {"en": "number of touchpoints", "nl": "aantal contactmomenten"},
    "baseline": {"en": "if all mattered equally (flat halo)", "nl": "als alle even zwaar telden (vlakke halo)"},
}  # fmt: skip
