"""What the finders share: a text that is searched once per kind, with what was found blanked out."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["Found", "Searched", "counted_otherwise"]

# Spellings of one sign, each as long as what it stands for, so that positions stay.
_SAME: Final = str.maketrans(
    {
        "\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u2009": " ", "\t": " ", "\r": " ",
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
        "\uff20": "@", "\u2019": "'", "\u2018": "'", "\uff0e": ".",
        **{chr(0xFF10 + d): str(d) for d in range(10)},
    }
)  # fmt: skip

# What counts, orders or measures: a number right behind such a word is no person's.
_COUNTED: Final = re.compile(
    r"(?:order|bestel\w*|factu\w+|nota|invoice|offerte|quote|klant|customer|client|contract|ticket|zaak|dossier|case|kenmerk|"
    r"betalings\w+|referentie|reference|ref|melding\w*|storing\w*|klacht|meter|teller|stand|serie\w*|serial|artikel\w*|article|"
    r"product\w*|barcode|isbn|account|debiteur\w*|relatie|polis\w*|policy|type|model|versie|version|update|code|foutcode|zend\w*|"
    r"pakket|tracking\w*|track|barcode|batch|lot|transactie\w*|transaction|incident|inc|aanvraag|request|order-?id|id|rma|sku)"
    r"(?:[ -]?(?:nummer|number|nr|num|no|id|code|kenmerk))?s?\.?\s{0,2}[:#=]?\s{0,2}#?$",
    re.IGNORECASE,
)


class Found(NamedTuple):
    """Where personal data stands in a text."""

    start: int
    end: int
    kind: str


class Searched:
    """A text under search: `text` has spellings levelled and what was found blanked, at equal positions."""

    def __init__(self, text: str) -> None:
        self.text = text if text.isascii() and "\t" not in text else text.translate(_SAME)
        self.found: list[Found] = []

    def take(self, start: int, end: int, kind: str) -> None:
        """Claim a part of the text."""
        self.found.append(Found(start, end, kind))

    def blank(self) -> None:
        """Hide what was claimed from the finders that follow."""
        if not self.found:
            return
        parts, at = [], 0
        for start, end, _ in sorted(self.found):
            if start < at:
                continue
            parts += [self.text[at:start], "\0" * (end - start)]
            at = end
        self.text = "".join([*parts, self.text[at:]])


def counted_otherwise(text: str, at: int) -> bool:
    """Say whether the word before position `at` says that the number there counts something else.

    Examples
    --------
    >>> counted_otherwise("ordernummer 123456782", 12), counted_otherwise("mijn BSN 123456782", 9)
    (True, False)
    """
    return _COUNTED.search(text, max(0, at - 40), at) is not None
