"""What results about customers' own words, tasks and goals say under their pictures."""

from __future__ import annotations

from typing import Final

__all__ = ["MESSAGES"]

MESSAGES: Final[dict[str, dict[str, str]]] = {
    "place_overall": {"en": "the whole", "nl": "het geheel"},
    "place_contact": {"en": "a contact that was not found", "nl": "een contact dat niet gevonden is"},
    "place_unknown": {"en": "unknown", "nl": "onbekend"},
    "texts_title": {"en": "How customers' own words feel", "nl": "Hoe klanten klinken in hun eigen woorden"},
    "texts_foot": {
        "en": "Customers' own texts, −1 to 1, scored by the {method} (macro-F1 {f1}, n = {n}). Intervals 95%.",
        "nl": "Eigen teksten van klanten, −1 tot 1, gemeten met {method} (macro-F1 {f1}, n = {n}). Intervallen 95%.",
    },
    "method_lexicon": {"en": "lexicon", "nl": "het lexicon"},
    "method_trained": {"en": "model of the company's own comments", "nl": "het model van eigen reacties"},
    "sentiment": {"en": "sentiment", "nl": "sentiment"},
    "texts_hover": {
        "en": "{touchpoint}: {value}, {bad} bad, {good} good, {customers} customers",
        "nl": "{touchpoint}: {value}, {bad} slecht, {good} goed, {customers} klanten",
    },
    "tasks_title": {"en": "What customers want done", "nl": "Wat klanten gedaan willen krijgen"},
    "tasks_axis": {"en": "share of contacts", "nl": "aandeel van de contacten"},
    "tasks_hover": {
        "en": "{task}: {n} contacts of {customers} customers; {words}",
        "nl": "{task}: {n} contacten van {customers} klanten; {words}",
    },
    "tasks_foot_task": {
        "en": "Words tell the task of {share} {interval} of {n} held-out texts.",
        "nl": "Woorden wijzen de taak aan van {share} {interval} van {n} achtergehouden teksten.",
    },
    "tasks_foot_touchpoint": {
        "en": "Words tell the touchpoint of {share} {interval} of {n} held-out texts.",
        "nl": "Woorden wijzen het contactmoment aan van {share} {interval} van {n} achtergehouden teksten.",
    },
    "perceptions_title": {"en": "How customers perceive {what}", "nl": "Hoe klanten {what} beleven"},
    "answered": {"en": "what was answered", "nl": "wat is geantwoord"},
    "written": {"en": "what was written", "nl": "wat is geschreven"},
    "level": {"en": "level, 0% worst to 100% best", "nl": "niveau, 0% slechtst tot 100% best"},
    "and": {"en": "and", "nl": "en"},
    "wait": {"en": "wait {time}", "nl": "wachttijd {time}"},
    "writers": {
        "en": "Those who write are not all customers. Intervals 95%, by customer.",
        "nl": "Wie schrijft is niet elke klant. Intervallen 95%, per klant.",
    },
    "elements_title": {
        "en": "The eight elements of customer experience",
        "nl": "De acht elementen van klantbeleving",
    },
    "elements_foot": {
        "en": "Items before text; what is not drawn is unknown. Intervals 95%, by customer.",
        "nl": "Vragen gaan voor tekst; wat niet getekend is, is onbekend. Intervallen 95%, per klant.",
    },
    "servqual_title": {
        "en": "Service quality: what was expected, what was experienced",
        "nl": "Kwaliteit van dienstverlening: verwacht en ervaren",
    },
    "experience": {"en": "experience", "nl": "ervaring"},
    "expectation": {"en": "expectation", "nl": "verwachting"},
    "score": {"en": "score", "nl": "score"},
    "gap": {"en": "gap {gap}, n = {n}", "nl": "verschil {gap}, n = {n}"},
    "not_before": {"en": "n = {n}, expectation not asked", "nl": "n = {n}, verwachting niet gevraagd"},
    "servqual_foot": {
        "en": "In points of the scale. Intervals 95%, by customer.",
        "nl": "In punten van de schaal. Intervallen 95%, per klant.",
    },
    "intervals": {"en": "Intervals 95%, by customer.", "nl": "Intervallen 95%, per klant."},
    "goals_title": {"en": "Goals reached", "nl": "Bereikte doelen"},
    "goals_axis": {"en": "share of journeys that reached it", "nl": "aandeel klantreizen dat het bereikte"},
    "goals_right": {"en": "known of {k} of {n}", "nl": "bekend van {k} van {n}"},
    "goals_foot": {
        "en": "Of the journeys of which it is known. Intervals 95%, by customer.",
        "nl": "Van de klantreizen waarvan het bekend is. Intervallen 95%, per klant.",
    },
}
