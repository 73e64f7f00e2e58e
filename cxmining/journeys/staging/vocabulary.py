"""Words that tell a stage: the beginnings of Dutch and English words in the names of touchpoints."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["PHRASES", "stages_in"]

# Beginnings of words. Two words in one entry must both occur: "renews contract" is loyalty, "signs contract" purchase.
PHRASES: Final[Mapping[str, tuple[str, ...]]] = {
    "awareness": (
        "campaign", "campagne", "advert", "banner", "newsletter", "nieuwsbrief", "flyer", "folder", "landing",
        "promo", "homepage", "hears", "sees", "ziet",
    ),
    "consideration": (
        "compar", "vergelijk", "tarif", "price", "prijs", "prijzen", "calculat", "rekentool", "bereken", "quote",
        "offerte", "catalog", "search", "zoekt", "zoeken", "browse", "product", "brochure", "demo", "trial",
        "advice", "advies", "orient", "wishlist", "preview",
    ),
    "purchase": (
        "sign contract", "sluit contract", "order", "bestel", "checkout", "cart", "winkel", "koop", "koopt", "buy",
        "purchase", "aankoop", "payment confirm", "betaalt", "subscri", "aanmeld", "welcome", "welkom", "onboard",
        "deliver", "lever", "activat", "activeer", "switch", "overstap", "contract sign",
    ),
    "service": (
        "invoice", "factuur", "facturen", "bill", "nota", "complain", "klacht", "klaag", "outage", "storing", "fault",
        "defect", "repair", "reparat", "monteur", "meter", "instalment", "termijn", "reminder", "herinner",
        "aanmaning", "usage", "verbruik", "help", "support", "incident", "ticket", "question", "vraag", "vragen",
        "statement", "jaarafreken", "verhuis", "move", "moving", "refund", "return", "retour", "password",
        "wachtwoord", "status", "track", "afspraak", "appointment", "service", "solve", "resolve", "warranty",
        "garantie",
    ),
    "loyalty": (
        "renew", "verleng", "loyal", "upgrade", "extend", "cancel", "opzeg", "opgezegd", "retention", "behoud",
        "churn", "leave", "vertrek", "reorder", "voucher", "spaar", "reward",
    ),
    "advocacy": (
        "refer", "recommend", "aanbeve", "beveelt", "review", "recensie", "share", "deelt", "testimonial", "ambassad",
        "invites friend",
    ),
}  # fmt: skip
_WORD: Final = re.compile(r"[^\W\d_]+")
_INSIDE: Final = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")


def stages_in(*labels: str) -> dict[str, int]:
    """Return how many entries of each stage occur in the labels of one touchpoint; two-word entries count double.

    Examples
    --------
    >>> stages_in("asks about invoice", "vraag over factuur"), stages_in("renews contract"), stages_in("calls")
    ({'service': 3}, {'loyalty': 1}, {})
    """
    words = {w.lower() for label in labels for part in _INSIDE.split(label) for w in _WORD.findall(part)}
    found: dict[str, int] = {}
    for stage, phrases in PHRASES.items():
        hits = 0
        for phrase in phrases:
            parts = phrase.split()
            if all(any(word.startswith(part) for word in words) for part in parts):
                hits += len(parts)
        if hits:
            found[stage] = hits
    return found
