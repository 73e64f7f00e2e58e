"""Dutch as people write it: templates, slots, moods, typing errors; every draw from one stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from cxmining.simulate import company, noise, vocabulary as v

__all__ = ["Writer"]

T = TypeVar("T")
MONTHS_EN = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
             "December")  # fmt: skip
NEAR = {"a": "s", "e": "r", "i": "o", "o": "p", "n": "m", "t": "r", "s": "d", "r": "t", "d": "f", "l": "k"}


class Writer:
    """Writes texts; one per sample, so that the same seed writes the same words."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._pool: list[float] = []
        self._at = 0

    def chance(self) -> float:
        """Return the next uniform draw; drawn in blocks, because one by one is ten times slower."""
        if self._at == len(self._pool):
            self._pool = self._rng.random(65536).tolist()
            self._at = 0
        self._at += 1
        return self._pool[self._at - 1]

    def pick(self, options: Sequence[T]) -> T:
        """Return one of `options`."""
        return options[int(self.chance() * len(options))]

    def number(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both possible."""
        return low + int(self.chance() * (high - low + 1))

    def fill(self, template: str, who: dict[str, str]) -> str:
        """Fill the slots of a template."""
        if "{" not in template:
            return template
        t1 = self.number(85, 260)
        month = self.number(0, 11)
        kwh = self.number(1400, 5200)
        slots: dict[str, Any] = {
            "amount": self.money(self.number(140, 1650)),
            "small": self.money(self.number(25, 240)),
            "t1": t1,
            "t2": t1 + self.number(18, 110),
            "kwh": f"{kwh:,}".replace(",", "."),
            "kwh2": f"{int(kwh * (0.6 + 0.25 * self.chance())):,}".replace(",", "."),
            "month": company.MONTHS[month],
            "month_en": MONTHS_EN[month],
            "day": self.number(1, 28),
            "stand": str(self.number(3000, 68000)).zfill(6 if self.chance() < 0.4 else 5),
            "n": self.number(2, 6),
            "years": self.number(2, 17),
            "city": self.pick(v.CITIES),
        }
        return template.format(**{**slots, **who})

    def money(self, euros: int) -> str:
        """Write an amount the way one of us would."""
        cents = self.number(0, 99)
        form = self.number(0, 4)
        thousands = f"{euros:,}".replace(",", ".")
        return (
            f"€ {thousands},{cents:02d}",
            f"€{euros}",
            f"{euros} euro",
            f"{euros},{cents:02d} euro",
            f"€{thousands},-",
        )[form]

    def rough(self, text: str, much: float = 1.0) -> str:
        """Type less carefully: swapped, missed and neighbouring letters, no capitals, no full stops."""
        mood = self.chance()
        if mood < 0.16 * much:
            text = text.lower()
        elif mood < 0.19 * much:
            text = text.upper()
        if self.chance() < 0.15 * much:
            text = text.replace(". ", " ").rstrip(".")
        if self.chance() < 0.06:
            text = text.replace("!", "!!!").replace("?", "???")
        if self.chance() < noise.TYPO * much and len(text) > 12:
            for _ in range(self.number(1, 2)):
                i = self.number(1, len(text) - 3)
                if not (text[i].isalpha() and text[i + 1].isalpha()):
                    continue
                kind = self.number(0, 3)
                if kind == 0:
                    text = text[:i] + text[i + 1] + text[i] + text[i + 2 :]
                elif kind == 1:
                    text = text[:i] + text[i + 1 :]
                elif kind == 2:
                    text = text[:i] + NEAR.get(text[i], text[i]) + text[i + 1 :]
                else:
                    text = text[:i] + text[i] + text[i:]
        return text

    def question(
        self, intent: str, who: dict[str, str], *, number: int, english: bool, angry: bool, length: int
    ) -> str:
        """Write what a customer asks; `number` counts the contacts before this one."""
        if english:
            parts = [self.pick(v.ENGLISH[intent])]
        else:
            parts = [self.pick(v.PROBLEM[intent])]
            if number:
                parts.insert(self.number(0, 1), self.pick(v.AGAIN))
            parts.extend(self.pick(v.DETAIL) for _ in range(length))
            if angry and self.chance() < 0.6:
                parts.append(self.pick(v.ANGRY))
        seen = list(dict.fromkeys(parts))
        return self.rough(" ".join(self.fill(p, who) for p in seen))

    def mail(
        self, intent: str, who: dict[str, str], *, number: int, english: bool, formal: bool, angry: bool
    ) -> tuple[str, str]:
        """Return subject and body of a mail."""
        body = self.question(intent, who, number=number, english=english, angry=angry, length=self.number(1, 3))
        if english:
            greeting, closing = self.pick(("Hello,", "Hi,", "Dear Sir/Madam,")), self.pick(v.ENGLISH_END)
        else:
            greeting = self.pick(v.GREETING)
            closing = self.pick(v.CLOSING_FORMAL if formal else v.CLOSING_INFORMAL)
        name = who["name"] if self.chance() < 0.9 else who["first"]
        lines = [greeting, "", body, ""] if self.chance() < 0.85 else [body, ""]
        lines += [closing, name]
        if self.chance() < 0.35:
            lines += ["", who["account"] if self.chance() < 0.5 else f"klantnr. {who['account']}"]
        if self.chance() < 0.22:
            lines += ["", self.pick(v.SIGNATURE)]
        return self.fill(self.pick(v.SUBJECT[intent]), who), "\n".join(lines)

    def reply(self, nl: str, who: dict[str, str], *, solved: bool, agent: str) -> str:
        """Write the company's answer."""
        answer = self.fill(self.pick(v.ANSWER_SOLVED if solved else v.ANSWER_OPEN), who)
        text = self.pick(v.REPLY).format(answer=answer, about=nl)
        return (
            f"Beste {who['name']},\n\n{text}\n\nMet vriendelijke groet,\n{agent}\nKlantenservice {company.NAME}\n"
            f"{company.DOMAIN} | 088 001 2300"
        )

    def comment(self, mood: int, topics: Sequence[str]) -> str:
        """Write a survey comment: `mood` 1 to 5, about one of `topics` or about nothing in particular."""
        book = v.GOOD if mood >= 4 else v.BAD if mood <= 2 else (v.GOOD if self.chance() < 0.45 else v.BAD)
        known = [t for t in topics if t in book]
        topic = self.pick(known) if known and self.chance() < 0.75 else ""
        text = self.pick(book[topic])
        if self.chance() < 0.45:
            text = text.rstrip(".") + self.pick(v.ADDITION)
        return self.rough(self.fill(text, {}), 1.2)
