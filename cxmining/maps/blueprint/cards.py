"""What stands in the lanes of a blueprint: cards with a name and small print, one below the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cxmining.figures import palette
from cxmining.figures.measure import lines_of
from cxmining.figures.scene import Box, Item, Line, Words
from cxmining.i18n import CHANNEL_LABELS, named, speaking
from cxmining.maps import words
from cxmining.maps.blueprint.cells import ACTIVITY, PEOPLE, SYSTEM
from cxmining.maps.cx.sheet import SIGN, Sheet
from cxmining.maps.words import HIDDEN

__all__ = ["GAP", "Card", "Plan", "card_of", "height_of", "note_of", "put"]

say = speaking("blueprint")
GAP: Final = 8.0
"""Pixels between two cards."""
_OWN: Final = frozenset(("channel", "channel_small", "signs", "told"))
"""What the blueprint says in its own words and the CX map in others."""


@dataclass
class Plan(Sheet):
    """The sheet of a blueprint: `handed` are the hand-overs from each touchpoint that may be shown."""

    handed: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    def said(self, key: str, **values: Any) -> str:
        """Return a sentence of the map."""
        from cxmining.i18n import CATALOGUE

        return say(key, self.language, **values) if key in CATALOGUE["blueprint"] or key in _OWN else super().said(key, **values)  # fmt: skip


@dataclass(frozen=True)
class Card:
    """A card: its name, its small print, and how it looks."""

    name: str
    small: tuple[str, ...] = ()
    look: str = "measured"
    target: str = ""
    """The unit that it shows, by which arrows find it."""


def card_of(plan: Plan, cell: Mapping[str, Any], more: Sequence[str] = ()) -> Card:
    """Return the card of a cell that was measured."""
    if cell["hidden"]:
        return Card(HIDDEN, look="hidden")
    key, language = str(cell["key"]), plan.language
    share = words.percent(cell["value"], language) if words.known(cell["value"]) else ""
    span = words.interval(cell["low"], cell["high"], language, 0, share=True)
    small = [f"{share} {span}".strip()] if share else []
    small += [plan.said("n", n=words.number(cell["n"], language))] if words.known(cell["n"]) else []
    small += [*more]
    if key == ACTIVITY:
        return Card(plan.labels[cell["touchpoint"]], tuple(small), "activity")
    if key.startswith(SYSTEM):
        channel = key.removeprefix(SYSTEM).strip()
        return Card(plan.said("system", channel=named(CHANNEL_LABELS, channel, language)), tuple(small))
    if key.startswith(PEOPLE):
        n = int(key.removeprefix(PEOPLE))
        return Card(plan.said("person") if n == 1 else plan.said("people_n", n=words.number(n, language)), tuple(small))
    return Card(key, tuple(small), "measured", key)


def note_of(text: str, *small: str) -> Card:
    """Return the card of what people set: a slip of paper."""
    return Card(text, small, look="people")


def _lines(card: Card, width: float) -> tuple[tuple[str, ...], list[str]]:
    # what people set is as long as they like, and a figure is never cut
    people = card.look == "people"
    name = lines_of(card.name, 12, width - (18 if people else 12), 4 if people else 3, bold=not people)
    return name, [line for text in card.small for line in lines_of(text, 11, width - 10, 4)]


def height_of(card: Card, width: float) -> float:
    """Return how high a card of some width is."""
    name, small = _lines(card, width)
    return 9 + 15 * len(name) + 14 * len(small) + 5


def put(card: Card, x: float, top: float, width: float) -> list[Item]:
    """Draw a card from its upper left corner."""
    name, small = _lines(card, width)
    high = height_of(card, width)
    said = " · ".join((card.name, *card.small))
    if card.look == "hidden":
        return [Words(x + width / 2, top + 20, card.name, 12, palette.MUTED)]
    items: list[Item]
    if card.look == "people":
        items = [
            Box(x, top, width, high, palette.NOTE, palette.NOTE_RULE, 1, 4, said),
            Words(x + 8, top + 18, SIGN["people"], 11, palette.MUTED),
        ]
    elif card.look == "activity":
        corners = ((x, top), (x + width, top), (x + width, top + high), (x, top + high))
        items = [
            Box(x, top, width, high, palette.PAPER, said=said),
            Line(corners, palette.TEAL, 1.5, dash=True, closed=True),
        ]
    else:
        items = [Box(x, top, width, high, palette.PAPER, palette.NAVY, 1.4, 7, said)]
    y, middle = top + 18, x + width / 2 + (6 if card.look == "people" else 0)
    for line in name:
        items.append(Words(middle, y, line, 12, bold=card.look != "people"))
        y += 15
    for line in small:
        items.append(Words(middle, y - 1, line, 11, palette.MUTED))
        y += 14
    return items
