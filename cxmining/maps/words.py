"""The words on the pictures, in English and Dutch, and how figures are written in them."""

from __future__ import annotations

import math
from typing import Any, Final

import pandas as pd

from cxmining.errors import UnknownNameError, nearest

__all__ = ["CHANNEL_WORDS", "HIDDEN", "METRIC_WORDS", "MISSING", "STAGE_WORDS", "say"]

HIDDEN: Final = "⊘"
"""Known, and not shown because it is about too few customers."""
MISSING: Final = "–"
"""Never measured."""

STAGE_WORDS: Final = {
    "awareness": {"en": "Awareness", "nl": "Ontdekken"},
    "consideration": {"en": "Consideration", "nl": "Overwegen"},
    "purchase": {"en": "Purchase", "nl": "Kopen"},
    "service": {"en": "Service", "nl": "Gebruik en service"},
    "loyalty": {"en": "Loyalty", "nl": "Blijven"},
    "advocacy": {"en": "Advocacy", "nl": "Aanbevelen"},
    "": {"en": "No stage", "nl": "Geen fase"},
}
CHANNEL_WORDS: Final = {
    "mail": {"en": "mail", "nl": "mail"},
    "phone": {"en": "phone", "nl": "telefoon"},
    "chat": {"en": "chat", "nl": "chat"},
    "app": {"en": "app", "nl": "app"},
    "web": {"en": "web", "nl": "web"},
    "post": {"en": "post", "nl": "post"},
    "sms": {"en": "sms", "nl": "sms"},
    "social": {"en": "social", "nl": "social"},
    "desk": {"en": "desk", "nl": "balie"},
    "survey": {"en": "survey", "nl": "enquête"},
    "other": {"en": "other", "nl": "overig"},
}
METRIC_WORDS: Final = {
    "csat": {"en": "CSAT", "nl": "CSAT"},
    "nps": {"en": "NPS", "nl": "NPS"},
    "rapportcijfer": {"en": "report mark", "nl": "rapportcijfer"},
    "ces": {"en": "CES", "nl": "CES"},
    "perception": {"en": "perception", "nl": "beleving"},
}

_WORDS: Final = {
    "map": {"en": "Journey map: touchpoints and the flow between them", "nl": "Klantreis: contactmomenten en de stroom ertussen"},
    "flow": {"en": "Share of the flow shown", "nl": "Getoond deel van de stroom"},
    "hint": {
        "en": "circle = reach (share of customers) · line = journeys · ▸ many journeys start, ■ many end here",
        "nl": "cirkel = bereik (deel van de klanten) · lijn = klantreizen · ▸ veel reizen beginnen, ■ veel eindigen hier",
    },
    "shown": {"en": "{shown} of {all} transitions, together {share} of the flow.", "nl": "{shown} van {all} overgangen, samen {share} van de stroom."},
    "shown_hidden": {
        "en": "{shown} of {all} transitions, together {share} of the flow; {hidden} more are about too few customers to be shown.",
        "nl": "{shown} van {all} overgangen, samen {share} van de stroom; nog {hidden} gaan over te weinig klanten om te tonen.",
    },
    "selected": {"en": "Selected: {label}, {edges} transitions.", "nl": "Gekozen: {label}, {edges} overgangen."},
    "clear": {"en": "clear", "nl": "wis keuze"},
    "from": {"en": "Most come from", "nl": "De meesten komen van"},
    "to": {"en": "Most go on to", "nl": "De meesten gaan naar"},
    "nothing": {"en": "nothing that can be shown", "nl": "niets dat getoond kan worden"},
    "touchpoints_n": {"en": "{n} touchpoints", "nl": "{n} contactmomenten"},
    "touchpoints_1": {"en": "1 touchpoint", "nl": "1 contactmoment"},
    "contacts": {"en": "contacts", "nl": "contacten"},
    "journeys": {"en": "journeys", "nl": "klantreizen"},
    "customers": {"en": "customers", "nl": "klanten"},
    "reach": {"en": "reach", "nl": "bereik"},
    "score": {"en": "score", "nl": "score"},
    "expected": {"en": "expected before", "nl": "vooraf verwacht"},
    "gap": {"en": "experience − expectation", "nl": "beleving − verwachting"},
    "gap_short": {"en": "gap", "nl": "verschil"},
    "interval": {"en": "95% interval", "nl": "95%-interval"},
    "wow": {"en": "▲ WOW", "nl": "▲ WOW"},
    "pain": {"en": "▼ pain", "nl": "▼ pijn"},
    "wait": {"en": "wait, median (9 in 10 within)", "nl": "wachttijd, mediaan (9 op 10 binnen)"},
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
    "as_expected": {"en": "score, no clear difference", "nl": "score, geen duidelijk verschil"},
    "above": {"en": "▲ better than expected", "nl": "▲ beter dan verwacht"},
    "below": {"en": "▼ worse than expected", "nl": "▼ slechter dan verwacht"},
    "fair_share": {"en": "fair share of what is explained", "nl": "eerlijk deel van wat verklaard is"},
    "number_kept": {"en": "number of touchpoints", "nl": "aantal contactmomenten"},
    "explained_by": {"en": "part of what all predict", "nl": "deel van wat alle voorspellen"},
    "predicted": {"en": "predicted by the best so many (ψ)", "nl": "voorspeld door de beste zoveel (ψ)"},
    "carried": {"en": "fair share, added up", "nl": "eerlijk deel, opgeteld"},
    "baseline": {"en": "if all mattered equally (flat halo)", "nl": "als alle even zwaar telden (vlakke halo)"},
}  # fmt: skip


def say(key: str, language: str, **values: Any) -> str:
    """Return the words `key` in `language`.

    Examples
    --------
    >>> say("touchpoints_n", "nl", n=3)
    '3 contactmomenten'
    """
    if language not in ("en", "nl"):
        raise UnknownNameError(f"language {language!r}: {nearest(language, ['en', 'nl'])}")
    text = _WORDS[key][language]
    return text.format(**values) if values else text


def named(words: dict[str, dict[str, str]], key: Any, language: str) -> str:
    """Return the word for `key`; a key without one is shown as it is recorded."""
    return words[key][language] if key in words else ("" if pd.isna(key) else str(key))


def known(value: Any) -> bool:
    """Whether a cell holds something."""
    return not (value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)) or value is pd.NaT)


def number(value: float, language: str, digits: int = 0) -> str:
    """Write a number: ``1,234.5`` or ``1.234,5``, with a true minus."""
    text = f"{abs(value):,.{digits}f}"
    if language == "nl":
        text = text.translate({ord(","): ".", ord("."): ","})
    return ("−" if value < 0 and float(f"{value:.{digits}f}") != 0 else "") + text


def percent(value: float, language: str, digits: int = 0) -> str:
    """Write a share; what is above nothing never rounds to nothing."""
    if 0 < value < 0.5 * 10 ** -(digits + 2):
        return "<" + percent(10 ** -(digits + 2), language, digits)
    return number(100 * value, language, digits) + "%"


def duration(seconds: float, language: str) -> str:
    """Write a duration in the one unit that reads best."""
    hour = {"en": "h", "nl": "u"}[language]
    for size, unit in ((86_400.0, "d"), (3_600.0, hour), (60.0, "min")):
        if seconds >= size * (1 if unit != "min" else 1.5):
            amount = seconds / size
            return f"{number(amount, language, 1 if amount < 10 else 0)} {unit}"
    return f"{number(seconds, language)} s"


def interval(low: Any, high: Any, language: str, digits: int = 1, *, share: bool = False) -> str:
    """Write an interval, or nothing when it is not known."""
    if not (known(low) and known(high)):
        return ""
    write = percent if share else number
    return f"[{write(low, language, digits)}; {write(high, language, digits)}]"


def shown(text: Any) -> str:
    """Return a label as plotly must get it: it reads ``<b>`` and ``&amp;`` as markup, labels are text."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def wrapped(label: str, width: int, lines: int = 3) -> str:
    """Break a label into lines for plotly, escaped, with an ellipsis when it does not fit."""
    import textwrap

    parts = textwrap.wrap(label, width, break_long_words=True) or ["?"]
    if len(parts) > lines:
        parts = [*parts[: lines - 1], parts[lines - 1][: width - 1].rstrip() + "…"]
    return "<br>".join(shown(p) for p in parts)
