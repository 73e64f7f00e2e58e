"""What results about surveys say: how answers were linked, and what each metric says."""

from __future__ import annotations

from typing import Final

__all__ = ["MESSAGES"]

MESSAGES: Final[dict[str, dict[str, str]]] = {
    "join_title": {
        "en": "The same score under every rule of linking",
        "nl": "Hetzelfde cijfer onder elke koppelregel",
    },
    "join_used": {"en": "used", "nl": "gebruikt"},
    "join_hover": {
        "en": "{value} {interval}<br>n = {n} of {responses}<br>at another touchpoint: {moved}",
        "nl": "{value} {interval}<br>n = {n} van {responses}<br>bij een ander contactmoment: {moved}",
    },
    "join_line": {
        "en": "{survey} ({metric}): {matched} of {responses} responses linked by {rule}; {moved} responses at most move to another "
        "touchpoint under another rule.",
        "nl": "{survey} ({metric}): {matched} van {responses} reacties gekoppeld via {rule}; hooguit {moved} reacties verhuizen "
        "onder een andere regel naar een ander contactmoment.",
    },
    "rule_reference": {"en": "key", "nl": "sleutel"},
    "rule_touchpoint": {"en": "nearest contact, {days}", "nl": "dichtstbijzijnde contact, {days}"},
    "rule_journey": {"en": "journey", "nl": "klantreis"},
    "rule_customer": {"en": "whole relationship", "nl": "hele relatie"},
    "day": {"en": "day", "nl": "dag"},
    "days": {"en": "days", "nl": "dagen"},
    "levels_title": {"en": "What the surveys say", "nl": "Wat de enquêtes zeggen"},
    "about_the whole": {"en": "the whole", "nl": "het geheel"},
    "about_the contact": {"en": "the contact", "nl": "het contact"},
    "weighted": {"en": "weighted", "nl": "gewogen"},
    "promoters": {"en": "promoters", "nl": "promotors"},
    "passives": {"en": "passives", "nl": "passief"},
    "detractors": {"en": "detractors", "nl": "criticasters"},
    "top-2-box": {"en": "two best answers", "nl": "twee beste antwoorden"},
    "8 or more": {"en": "8 or more", "nl": "8 of hoger"},
    "5 or less": {"en": "5 or less", "nl": "5 of lager"},
    "easy": {"en": "easy", "nl": "makkelijk"},
    "nonresponse_title": {
        "en": "Who answered, and what the silent could do to the level",
        "nl": "Wie antwoordde, en wat de zwijgers met het cijfer konden doen",
    },
    "unweighted": {"en": "as answered", "nl": "zoals beantwoord"},
    "silent": {"en": "had the silent scored {points}", "nl": "als de zwijgers {points} scoorden"},
    "all at the bottom": {"en": "all silent at the bottom", "nl": "alle zwijgers onderaan"},
    "all at the top": {"en": "all silent at the top", "nl": "alle zwijgers bovenaan"},
    "worth": {"en": "worth {n}", "nl": "waard {n}"},
    "mean_points": {"en": "mean in points of its scale", "nl": "gemiddelde in punten van de schaal"},
    "balance": {
        "en": "Answerers less all who were invited, in SD: open as answered, filled weighted",
        "nl": "Antwoorders min alle uitgenodigden, in SD: open zoals beantwoord, gevuld gewogen",
    },
    "balance_hover": {"en": "before {before}<br>after {after}", "nl": "ervoor {before}<br>erna {after}"},
    "scales_title": {
        "en": "What each item has in common with the rest of its scale",
        "nl": "Wat elk item gemeen heeft met de rest van zijn schaal",
    },
    "alpha_without": {"en": "alpha without it {alpha}", "nl": "alpha zonder dit item {alpha}"},
    "levels_line": {
        "en": "Filled: NPS in points or the mean; open: shares. Whiskers: 95%, by customer.",
        "nl": "Gevuld: NPS in punten of het gemiddelde; open: aandelen. Lijnen: 95%, per klant.",
    },
}
