"""One catalogue of what is said, in English and Dutch: a room for each part of the product, a key for each sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from cxmining import remedies
from cxmining.i18n.catalogue import (
    blueprint,
    cx_map,
    decisions,
    experience,
    journey_map,
    maps,
    personas,
    report,
    stakeholders,
    surveys,
    words,
    workbench,
)
from cxmining.i18n.writing import check_language

__all__ = ["CATALOGUE", "Speaker", "say", "speaking"]

CATALOGUE: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    "blueprint": blueprint.MESSAGES,
    "cx_map": cx_map.MESSAGES,
    "decisions": decisions.MESSAGES,
    "experience": experience.MESSAGES,
    "journey_map": journey_map.MESSAGES,
    "maps": maps.MESSAGES,
    "personas": personas.MESSAGES,
    "quality": remedies.MESSAGES,
    "report": report.MESSAGES,
    "stakeholders": stakeholders.MESSAGES,
    "surveys": surveys.MESSAGES,
    "words": words.MESSAGES,
    "workbench": workbench.MESSAGES,
}
"""Room → key → language → text; what stands in braces is filled in."""


class Speaker(Protocol):
    """What says the sentences of one room."""

    def __call__(self, key: str, language: str, **values: Any) -> str:
        """Return the sentence `key` in `language`."""


def say(room: str, key: str, language: str, **values: Any) -> str:
    """Return the sentence `key` of a room in `language`.

    Raises
    ------
    UnknownNameError
        When there is no such language.

    Examples
    --------
    >>> say("maps", "touchpoints_n", "nl", n=3)
    '3 contactmomenten'
    """
    check_language(language)
    text = CATALOGUE[room][key][language]
    return text.format(**values) if values else text


def speaking(room: str) -> Speaker:
    """Return what says the sentences of one room.

    Examples
    --------
    >>> speaking("report")("total", "nl")
    'Totaal'
    """

    def of_room(key: str, language: str, **values: Any) -> str:
        return say(room, key, language, **values)

    return of_room
