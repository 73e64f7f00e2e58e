"""How customers choose, in a sentence or two per branch, in English and Dutch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from cxmining.engine import END
from cxmining.errors import UnknownNameError, nearest
from cxmining.i18n import LANGUAGES, number, percent
from cxmining.journeys.rows import records_of, rows_of

if TYPE_CHECKING:
    from cxmining.journeys.choosing.result import Choices

__all__ = ["named", "sentence"]

OTHER: Final = "(other)"
_DUTCH: Final = {
    "channel": "kanaal",
    "wait here": "wachttijd hier",
    "longest wait before": "langste wachttijd ervoor",
    "time of day": "tijdstip",
    "day": "dag",
    "contact": "contact",
    "since the start": "sinds het begin",
    "visit": "bezoek",
    "not known": "niet bekend",
    "other": "overig",
    "night (0 to 7 h)": "nacht (0 tot 7 uur)",
    "morning (7 to 12 h)": "ochtend (7 tot 12 uur)",
    "afternoon (12 to 18 h)": "middag (12 tot 18 uur)",
    "evening (18 to 24 h)": "avond (18 tot 24 uur)",
    "weekday": "werkdag",
    "weekend": "weekend",
    "first": "eerste",
    "second or third": "tweede of derde",
    "fourth to ninth": "vierde tot negende",
    "tenth or later": "tiende of later",
    "at the start": "aan het begin",
    "customer file": "klantbestand",
    "in it": "erin",
    "not in it": "er niet in",
    "within the hour": "binnen het uur",
    "within the day": "binnen de dag",
    "within the week": "binnen de week",
    "within 30 days": "binnen 30 dagen",
    "later": "later",
    "first time": "eerste keer",
    "again": "opnieuw",
    "phone": "telefoon",
    "desk": "balie",
    "survey": "enquête",
    END: "einde",
    OTHER: "iets anders",
}
_ENGLISH: Final = {END: "the end", OTHER: "something else"}


def named(word: str, language: str) -> str:
    """Return a ground, a level or an option in a reader's words; what comes from the data stays as it is.

    Examples
    --------
    >>> named("again", "nl"), named("over 1 h 5 min", "nl"), named("views invoice", "nl"), named("(end)", "en")
    ('opnieuw', 'meer dan 1 u 5 min', 'views invoice', 'the end')
    """
    if language not in LANGUAGES:
        raise UnknownNameError(f"language {language!r}: {nearest(language, LANGUAGES)}")
    if language == "en":
        return _ENGLISH.get(word, word)
    if word in _DUTCH:
        return _DUTCH[word]
    for english, dutch in (("up to ", "tot en met "), ("over ", "meer dan ")):
        if word.startswith(english) and word[len(english) : len(english) + 1].isdigit():
            return dutch + word[len(english) :].replace(" h", " u")
    if " to " in word and word[:1].isdigit():
        return word.replace(" to ", " tot ").replace(" h", " u")
    return word


def sentence(found: Choices, touchpoint: str, language: str) -> str:
    """Say what customers chose between after a touchpoint, and on what grounds."""
    branch = found.summary[found.summary["touchpoint"] == touchpoint].iloc[0]
    options = found.branches[found.branches["touchpoint"] == touchpoint].head(3)
    parts = [f"{percent(r.share, language)} {named(str(r.option), language)}" for r in rows_of(options)]
    n, people = number(branch["n"], language), number(branch["customers"], language)
    if language == "en":
        text = f"After {touchpoint} ({n} decisions of {people} customers): {', '.join(parts)}. "
    else:
        text = f"Na {touchpoint} ({n} beslissingen van {people} klanten): {', '.join(parts)}. "
    return text + _grounds(found, touchpoint, language) + " " + _told(branch, language)


def _grounds(found: Choices, touchpoint: str, language: str) -> str:
    tests = found.tests[(found.tests["touchpoint"] == touchpoint) & found.tests["shown"]].sort_values("p")
    if not len(tests):
        return {
            "en": "No ground for the choice is found that survives correction.",
            "nl": "Er is geen grond voor de keuze gevonden die na correctie overeind blijft.",
        }[language]
    said = []
    for name in tests["ground"].head(3):
        rows = found.grounds[(found.grounds["touchpoint"] == touchpoint) & (found.grounds["ground"] == name)]
        if not len(rows):
            continue
        # The effect that lies furthest from nothing, not the largest: a rare level may be anything.
        sure = rows[["low", "high"]].abs().min(axis=1).where((rows["low"] > 0) | (rows["high"] < 0), -1.0)
        r = records_of(rows.loc[[sure.idxmax()]])[0]
        points = number(r["effect"], language, 1)
        points = points if points.startswith("−") else f"+{points}"
        low, high = number(r["low"], language, 1), number(r["high"], language, 1)
        ground, level = named(name, language), named(r["level"], language)
        reference, option = named(r["reference"], language), named(r["option"], language)
        if language == "en":
            said.append(f"{ground} “{level}” against “{reference}”: {points} points {option} [{low}; {high}]")
        else:
            said.append(f"{ground} ‘{level}’ tegenover ‘{reference}’: {points} punten {option} [{low}; {high}]")
    start = "Goes with the choice: " if language == "en" else "Hangt samen met de keuze: "
    return start + "; ".join(said) + "."


def _told(branch: pd.Series, language: str) -> str:
    if pd.isna(branch["skill"]):
        return {
            "en": "There are too few customers to say more.",
            "nl": "Er zijn te weinig klanten om meer te zeggen.",
        }[language]
    share = percent(max(float(branch["skill"]), 0), language, 1)
    if branch["can_be_told"]:
        return {
            "en": f"What is known beforehand tells the choice {share} better than the shares alone.",
            "nl": f"Wat vooraf bekend is, voorspelt de keuze {share} beter dan de aandelen alleen.",
        }[language]
    return {
        "en": "Who chooses what cannot be told from what is known beforehand.",
        "nl": "Wie wat kiest, is niet te voorspellen uit wat vooraf bekend is.",
    }[language]
