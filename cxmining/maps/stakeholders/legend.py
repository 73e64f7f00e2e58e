"""What stands beside the stakeholder map in words: everybody, and each tie, by the number it has on the map."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import pandas as pd

from cxmining.i18n import speaking
from cxmining.maps import words
from cxmining.maps.stakeholders.people import CUSTOMER
from cxmining.maps.tables import records
from cxmining.maps.told import say_once
from cxmining.maps.words import HIDDEN, known

__all__ = ["MOST_TIES", "Known", "Party"]

say = speaking("stakeholders")
MOST_TIES: Final = 24
"""Ties between stakeholders that are drawn; the others stand in the table."""
_TEXTS: Final = 4


@dataclass(frozen=True)
class Party:
    """A stakeholder as the map shows it."""

    name: str
    kind: str
    cells: tuple[dict[str, Any], ...] = field(repr=False)

    def levels(self, what: str) -> list[float]:
        """Return what people said of its influence or interest."""
        return [float(c["value"]) for c in self.cells if c["row"] == "level" and c["key"] == what and known(c["value"])]

    @property
    def ring(self) -> int:
        """0 for much influence to 2 for little, 3 where nobody said."""
        said = self.levels("influence")
        if not said:
            return 3
        mean = sum(said) / len(said)
        return 0 if mean >= 3.75 else 1 if mean >= 2.5 else 2

    def of(self, row: str, key: str) -> list[dict[str, Any]]:
        """Return its cells of a kind."""
        return [c for c in self.cells if c["row"] == row and c["key"] == key]


class Known:
    """The cells of a map, asked by stakeholder and by tie."""

    def __init__(self, cells: pd.DataFrame, language: str, least: int) -> None:
        self.rows, self.language, self.least = records(cells), language, least

    def said(self, key: str, **values: Any) -> str:
        """Return a sentence of the map."""
        return say(key, self.language, **values)

    def about(self, key: str) -> dict[str, Any] | None:
        """Return what is known of the whole."""
        return next((c for c in self.rows if c["row"] == "about" and c["key"] == key), None)

    @cached_property
    def parties(self) -> list[Party]:
        """Everybody, in the order in which they go round."""
        own: dict[str, list[dict[str, Any]]] = {}
        for cell in self.rows:
            if cell["row"] in ("stakeholder", "level", "said", "traffic"):
                own.setdefault(cell["name"], []).append(cell)
        return [Party(c["name"], c["key"], tuple(own[c["name"]])) for c in self.rows if c["row"] == "stakeholder"]

    @cached_property
    def ties(self) -> list[tuple[str, str, list[dict[str, Any]]]]:
        """Ties between stakeholders, each pair once: what people told first, then the most walked."""
        pairs: dict[frozenset[str], list[dict[str, Any]]] = {}
        for cell in self.rows:
            if cell["row"] == "tie" and CUSTOMER not in (cell["name"], cell["other"]):
                pairs.setdefault(frozenset((cell["name"], cell["other"])), []).append(cell)
        found = [(cells[0]["name"], cells[0]["other"], cells) for cells in pairs.values()]

        def weight(tie: tuple[str, str, list[dict[str, Any]]]) -> tuple[bool, float, str, str]:
            told = any(c["key"] in ("gives", "gets") for c in tie[2])
            walked = sum(float(c["n"]) if known(c["n"]) else 0.0 for c in tie[2] if c["key"] == "hands_over")
            return (not told, -1e6 * (walked > 0) - walked - len(tie[2]), tie[0], tie[1])

        return sorted(found, key=weight)

    @property
    def open(self) -> list[str]:
        """Whose influence nobody has filled in."""
        return [p.name for p in self.parties if p.ring == 3]

    def feet(self) -> list[str]:
        """Return what people still have to fill in."""
        if len(self.open) == len(self.parties):
            return [self.said("empty")]
        return [self.said("some_open", names=", ".join(self.open))] if self.open else []

    def traffic(self, party: Party) -> list[str]:
        """Return how much of the log is about somebody, short."""
        contacts, reach = party.of("traffic", "contacts"), party.of("traffic", "reach")
        if not contacts:
            return [self.said("traffic_none")]
        if contacts[0]["hidden"]:
            return [HIDDEN]
        span = words.interval(reach[0]["low"], reach[0]["high"], self.language, 0, share=True)
        share = words.percent(reach[0]["value"], self.language)
        return [self.said("contacts", n=self._n(contacts[0]["n"])), self.said("share", share=share, span=span)]

    def lines(self, party: Party) -> list[str]:
        """Return everything that is known of somebody, a sentence each."""
        out = []
        kinds = [(self.said(c["text"]), c["by"]) for c in party.of("said", "kind")]
        if len(say_once(kinds)) > 1:
            out.append(self._with_doubt(f"✎ {_together(kinds)}", kinds))
        levels = []
        for what in ("influence", "interest"):
            given = [(f"{float(c['value']):g}", c["by"]) for c in party.of("level", what)]
            if given:
                levels.append(self._with_doubt(f"{self.said(what)} {_together(given)}", given))
        out += [f"✎ {' · '.join(levels)}"] if levels else []
        for key in ("role", "we_do", "they_do"):
            given = [(c["text"], c["by"]) for c in party.of("said", key)]
            if given:
                out.append(self._with_doubt(self.said(key, text=_together(given)), given))
        out += self._tied(
            [c for c in self.rows if c["row"] == "tie" and {c["name"], c["other"]} == {party.name, CUSTOMER}]
        )
        contacts, reach = party.of("traffic", "contacts"), party.of("traffic", "reach")
        if contacts and contacts[0]["hidden"]:
            out.append(self.said("traffic_hidden", sign=HIDDEN, least=self.least))
        elif contacts:
            more = party.of("traffic", "more")
            at = [c["text"] for c in party.of("traffic", "at")] + [self.said("and_more", n=c["place"]) for c in more]
            span = words.interval(reach[0]["low"], reach[0]["high"], self.language, 0, share=True)
            out.append(
                self.said(
                    "traffic_long", contacts=self._n(contacts[0]["n"]), customers=self._n(contacts[0]["customers"]),
                    share=words.percent(reach[0]["value"], self.language), span=span, at=", ".join(at),
                )
            )  # fmt: skip
        return out or ["– " + self.said("traffic_none")]

    def tie_lines(self, cells: list[dict[str, Any]]) -> list[str]:
        """Return everything that is known of a tie, a sentence each."""
        return self._tied(cells)

    def _tied(self, cells: list[dict[str, Any]]) -> list[str]:
        told: dict[tuple[str, str], list[tuple[str, str]]] = {}
        supported: dict[tuple[str, str], list[str]] = {}
        walked = []
        for c in cells:
            a, b = self._named(c["name"]), self._named(c["other"])
            if c["key"] == "gives":
                told.setdefault((a, b), []).append((c["text"], c["by"]))
            elif c["key"] == "gets":
                told.setdefault((b, a), []).append((c["text"], c["by"]))
            elif c["key"] == "supports":
                supported.setdefault((a, b), []).append(c["text"])
            elif c["hidden"]:
                walked.append(self.said("hands_over_hidden", a=a, b=b, sign=HIDDEN))
            else:
                span = words.interval(c["low"], c["high"], self.language, 0, share=True)
                share = words.percent(c["value"], self.language)
                walked.append(self.said("hands_over", a=a, b=b, n=self._n(c["n"]), share=share, span=span, customers=self._n(c["customers"])))  # fmt: skip
        out = [self._with_doubt(self.said("does_for", a=a, b=b, text=_together(t)), t) for (a, b), t in told.items()]
        for (a, b), texts in supported.items():
            rest = [self.said("and_more", n=len(texts) - _TEXTS)] if len(texts) > _TEXTS else []
            out.append(self.said("supports", a=a, b=b, text=", ".join([*texts[:_TEXTS], *rest])))
        return out + walked

    def _named(self, name: str) -> str:
        return self.said("customer") if name == CUSTOMER else name

    def _with_doubt(self, text: str, given: list[tuple[str, str]]) -> str:
        return f"{text} {self.said('differ')}" if len(say_once(given)) > 1 else text

    def _n(self, value: Any) -> str:
        return words.number(value, self.language)


def _together(given: list[tuple[str, str]]) -> str:
    return "; ".join(f"{text} ({who})" if who.strip(", ") else text for text, who in say_once(given))
