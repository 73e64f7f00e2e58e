"""What is said of a delivery, in English and Dutch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.i18n import number

if TYPE_CHECKING:
    from cxmining.runs.readings import Use

__all__ = ["say", "say_reading"]

# one, several
_FILES: Final = {
    "en": {
        "new": ("{n} file is new", "{n} files are new"),
        "changed": ("{n} file changed", "{n} files changed"),
        "renamed": ("{n} file has another name", "{n} files have another name"),
        "copy": ("{n} file equals another one", "{n} files equal another one"),
        "gone": ("{n} file is gone", "{n} files are gone"),
        "same": ("{n} file is as it was", "{n} files are as they were"),
    },
    "nl": {
        "new": ("{n} bestand is nieuw", "{n} bestanden zijn nieuw"),
        "changed": ("{n} bestand is gewijzigd", "{n} bestanden zijn gewijzigd"),
        "renamed": ("{n} bestand heeft een andere naam", "{n} bestanden hebben een andere naam"),
        "copy": ("{n} bestand is gelijk aan een ander", "{n} bestanden zijn gelijk aan een ander"),
        "gone": ("{n} bestand is verdwenen", "{n} bestanden zijn verdwenen"),
        "same": ("{n} bestand is zoals het was", "{n} bestanden zijn zoals ze waren"),
    },
}
_RECORDS: Final = {
    "en": {
        "new": ("{n} new record", "{n} new records"),
        "late": ("of which {n} came late", "of which {n} came late"),
        "corrected": ("{n} corrected", "{n} corrected"),
        "completed": ("{n} known better by other records", "{n} known better by other records"),
        "vanished": ("{n} vanished", "{n} vanished"),
    },
    "nl": {
        "new": ("{n} nieuw record", "{n} nieuwe records"),
        "late": ("waarvan {n} te laat kwam", "waarvan {n} te laat kwamen"),
        "corrected": ("{n} gecorrigeerd", "{n} gecorrigeerd"),
        "completed": ("{n} beter bekend door andere records", "{n} beter bekend door andere records"),
        "vanished": ("{n} verdwenen", "{n} verdwenen"),
    },
}
_CUSTOMERS: Final = {
    "en": {
        "merged": ("{n} customer id was merged into another by new evidence", "{n} customer ids were merged into others by new evidence"),
        "split": ("{n} customer id lost records to another", "{n} customer ids lost records to others"),
        "renamed": ("{n} customer has a new id", "{n} customers have a new id"),
    },
    "nl": {
        "merged": ("{n} klant-id is door nieuwe gegevens opgegaan in een ander", "{n} klant-id's zijn door nieuwe gegevens opgegaan in andere"),
        "split": ("{n} klant-id verloor records aan een ander", "{n} klant-id's verloren records aan andere"),
        "renamed": ("{n} klant heeft een nieuw id", "{n} klanten hebben een nieuw id"),
    },
}  # fmt: skip
_WHY: Final = {
    "its file no longer holds it": {"en": "no longer in their file", "nl": "niet meer in hun bestand"},
    "it lies before the earliest record there is now": {
        "en": "older than the export now reaches", "nl": "ouder dan de export nu reikt",
    },
    "its file is gone": {"en": "with their file", "nl": "met hun bestand"},
}  # fmt: skip
_FIRST: Final = {
    "en": "This is the first delivery that is remembered: {n} {files}, nothing to compare with.",
    "nl": "Dit is de eerste levering die wordt onthouden: {n} {files}, niets om mee te vergelijken.",
}
_NOTHING: Final = {"en": "no record is new, corrected or gone", "nl": "geen record is nieuw, gecorrigeerd of verdwenen"}
_OTHER: Final = {
    "en": "{source}: read by other settings or another version than last time, so its records are not compared.",
    "nl": "{source}: anders ingesteld of door een andere versie gelezen dan de vorige keer; de records zijn niet vergeleken.",
}  # fmt: skip
_EARLIER: Final = {
    "en": "{source}: its newest record is older than that of the last delivery; was an older export put back?",
    "nl": "{source}: het nieuwste record is ouder dan dat van de vorige levering; is een oudere export teruggezet?",
}
_PEOPLE: Final = {
    "en": "Customers are found by other settings than last time, so their ids are not compared.",
    "nl": "Klanten worden met andere instellingen gevonden dan de vorige keer; hun id's zijn niet vergeleken.",
}

_PART: Final = {
    "en": ("{source}: {n} of {all} files was read; the others are known from before.", "{source}: {n} of {all} files were read; the others are known from before."),
    "nl": ("{source}: {n} van {all} bestanden is gelezen; de andere zijn bekend van eerder.", "{source}: {n} van {all} bestanden zijn gelezen; de andere zijn bekend van eerder."),
}  # fmt: skip
_WHOLE: Final = {
    "en": "{source}: all {all} files were read, because {why}.",
    "nl": "{source}: alle {all} bestanden zijn gelezen, want {why}.",
}


def say_reading(uses: Sequence[Use], language: str) -> tuple[str, ...]:
    """Return how many files of each source were read, where that were some of several, or more than had changed."""
    lines = []
    for use in sorted(uses, key=lambda u: u.source):
        told = {"source": use.source, "n": number(use.read, language), "all": number(use.files, language)}
        if 0 < use.read < use.files:
            lines.append(_PART[language][use.read != 1].format(**told))
        elif use.read and use.whole:
            lines.append(_WHOLE[language].format(**told, why=use.whole[language]))
    return tuple(lines)


def say(
    first: bool, files: pd.DataFrame, counts: pd.DataFrame, records: pd.DataFrame, customers: pd.DataFrame,
    other: Sequence[str], earlier: Sequence[str], same_people: bool, language: str,
) -> tuple[str, ...]:  # fmt: skip
    """Return the sentences about a delivery; see `Delivery` for the tables."""
    if first:
        word = {"en": ("file", "files"), "nl": ("bestand", "bestanden")}[language][len(files) != 1]
        return (_FIRST[language].format(n=number(len(files), language), files=word),)
    what = files["what"].value_counts()
    told = [_count(int(what[k]), _FILES[language][k], language) for k in _FILES[language] if k in what]
    lines = [_sentence(", ".join(told))] if told else []
    for row in counts.to_dict("records"):
        source = str(row["source"])
        if source in other:
            lines.append(_OTHER[language].format(source=source))
            continue
        line = _of_source(row, records[records["source"] == source], language)
        if line:
            lines.append(f"{source}: {line}.")
        if source in earlier:
            lines.append(_EARLIER[language].format(source=source))
    if not any(int(row[k] or 0) for row in counts.fillna(0).to_dict("records") for k in _RECORDS["en"]) and not other:
        lines.append(_sentence(_NOTHING[language]))
    if not same_people:
        lines.append(_PEOPLE[language])
    moved = customers["what"].value_counts()
    told = [_count(int(moved[k]), _CUSTOMERS[language][k], language) for k in _CUSTOMERS[language] if k in moved]
    return (*lines, *([_sentence("; ".join(told))] if told else ()))


def _of_source(row: Mapping[Any, Any], records: pd.DataFrame, language: str) -> str:
    n = {k: int(row[k]) for k in _RECORDS[language]}
    parts = []
    for kind in ("new", "corrected", "completed", "vanished"):
        if not n[kind]:
            continue
        part = _count(n[kind], _RECORDS[language][kind], language)
        if kind == "new" and n["late"]:
            part += ", " + _count(n["late"], _RECORDS[language]["late"], language)
        if kind == "vanished":
            why = records.loc[records["what"] == "vanished", "why"].value_counts().sort_index()
            part += (
                " (" + ", ".join(f"{number(int(k), language)} {_WHY[str(w)][language]}" for w, k in why.items()) + ")"
            )
        parts.append(part)
    return "; ".join(parts)


def _count(n: int, words: tuple[str, str], language: str) -> str:
    return words[n != 1].format(n=number(n, language))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
