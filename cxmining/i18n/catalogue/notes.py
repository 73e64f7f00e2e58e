"""Notes of runs and results: the English sentence as it is made, and the Dutch one.

``{name}`` is what was filled in; ``[one|many]`` is one of the two, by the number filled in before it.
"""

from __future__ import annotations

from typing import Final

__all__ = ["NOTES"]


def _notions() -> list[tuple[str, str]]:
    """What one journey is, as a case notion writes itself."""
    by = {
        "customer": "alle contacten van één klant",
        "case": "één zaak van de bron",
        "thread": "één berichtenwisseling",
    }
    gap = {"": "", ", gap {gap}": ", een nieuwe na {gap} stilte"}
    ends = {
        "": "", ", cut where the process starts anew": ", geknipt waar het proces opnieuw begint",
        ", goal from {first} to {last}": ", doel: van {first} naar {last}",
    }  # fmt: skip
    rest = {"": "", ", without {names}": ", zonder {names}"}
    return [(b + g + e + r, by[b] + gap[g] + ends[e] + rest[r]) for b in by for g in gap for e in ends for r in rest]


NOTES: Final[tuple[tuple[str, str], ...]] = (
    *_notions(),
    # the emotional journey
    ("no touchpoint was scored: there is no line of scores or gaps", "geen contactmoment is beoordeeld: er is geen lijn van scores of verschillen"),
    ("{n} score[|s] about an event that is in none of these journeys: in no line", "{n} [score|scores] over een gebeurtenis in geen van deze klantreizen: in geen lijn"),
    ("expectations were not asked: the gap is to an estimate from earlier scores", "naar verwachtingen is niet gevraagd: het verschil is met een schatting uit eerdere scores"),
    ("the gap holds asked expectations only", "het verschil gaat alleen over verwachtingen waarnaar is gevraagd"),
    ("no text of the customers' own: there is no line of emotion", "geen eigen tekst van klanten: er is geen lijn van emotie"),
    ("{n} answer[|s] on another scale than most: left out", "{n} [antwoord|antwoorden] op een andere schaal dan de meeste: weggelaten"),
    ("{n} answer[|s] dated more than a year after the last event: left out", "{n} [antwoord|antwoorden] van meer dan een jaar na de laatste gebeurtenis: weggelaten"),
    ("{n} answer[|s] about an event that the same customer scored again later", "{n} [antwoord|antwoorden] over een gebeurtenis die dezelfde klant later opnieuw beoordeelde"),
    ("{n} expectation[|s] on another scale than the score: left out", "{n} [verwachting|verwachtingen] op een andere schaal dan de score: weggelaten"),
)  # fmt: skip
