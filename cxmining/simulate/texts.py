"""Dutch as people write it: templates, slots, moods, typing errors; every draw from one stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from cxmining.simulate import company, noise
from cxmining.simulate import vocabulary as v

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
        self._stories: dict[int, dict[str, Any]] = {}

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

    def slots(self, who: dict[str, str], month: int) -> dict[str, Any]:
        """Return what a text written in `month` (1 to 12) by `who` may mention; one set serves all parts of a story."""
        t1 = self.number(85, 260)
        last = (month - 1 - self.number(0, 1)) % 12
        ahead = (month - 1 + self.number(0, 2)) % 12
        kwh = self.number(1400, 5200)
        return {
            "amount": self.money(self.number(140, 1650)),
            "small": self.money(self.number(25, 240)),
            "t1": t1,
            "t2": t1 + self.number(18, 110),
            "kwh": f"{kwh:,}".replace(",", "."),
            "kwh2": f"{int(kwh * (0.6 + 0.25 * self.chance())):,}".replace(",", "."),
            "last": company.MONTHS[last],
            "last_en": MONTHS_EN[last],
            "next": company.MONTHS[ahead],
            "next_en": MONTHS_EN[ahead],
            "month": company.MONTHS[last],
            "day": self.number(1, 28),
            "stand": str(self.number(3000, 68000)).zfill(6 if self.chance() < 0.4 else 5),
            "n": self.number(2, 6),
            "years": self.number(2, 17),
            "city": self.pick(v.CITIES),
            **who,
        }

    def story(self, issue: int, who: dict[str, str], month: int) -> dict[str, Any]:
        """Return the slots of an issue: who comes back tells the same story."""
        if issue not in self._stories:
            self._stories[issue] = self.slots(who, month)
        return self._stories[issue]

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
        elif mood < 0.18 * much:
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
        self, intent: str, slots: dict[str, Any], *, number: int, english: bool, angry: bool, length: int
    ) -> str:
        """Write what a customer asks; `number` counts the contacts before this one."""
        if english:
            parts = [self.pick(v.ENGLISH[intent])]
        else:
            book = v.PROBLEM[intent]
            # the same issue is put in the same words, more or less, by who comes back
            key = f"problem {intent}"
            parts = [slots.setdefault(key, self.pick(book)) if self.chance() < 0.8 else self.pick(book)]
            if number:
                parts.insert(self.number(0, 1), self.pick(v.AGAIN))
            for _ in range(length):
                parts.append(self.pick(v.MORE[intent] if self.chance() < 0.5 else v.DETAIL))
            if length and self.chance() < 0.45:
                parts.append(self.pick(v.IDENT))
            if angry and self.chance() < 0.6:
                parts.append(self.pick(v.ANGRY))
        return self.rough(" ".join(p.format(**slots) for p in dict.fromkeys(parts)))

    def mail(
        self, intent: str, slots: dict[str, Any], *, number: int, english: bool, formal: bool, angry: bool
    ) -> tuple[str, str]:
        """Return subject and body of a mail."""
        body = self.question(intent, slots, number=number, english=english, angry=angry, length=self.number(1, 3))
        if english:
            greeting, closing = self.pick(("Hello,", "Hi,", "Dear Sir/Madam,")), self.pick(v.ENGLISH_END)
        else:
            greeting = self.pick(v.GREETING)
            closing = self.pick(v.CLOSING_FORMAL if formal else v.CLOSING_INFORMAL)
        name = slots["name"] if self.chance() < 0.9 else slots["first"]
        lines = [greeting, "", body, ""] if self.chance() < 0.85 else [body, ""]
        lines += [closing, name]
        if slots["account"] not in body and self.chance() < 0.35:
            lines += ["", slots["account"] if self.chance() < 0.5 else f"klantnr. {slots['account']}"]
        if self.chance() < 0.22:
            lines += ["", self.pick(v.SIGNATURE)]
        return self.pick(v.SUBJECT[intent]).format(**slots), "\n".join(lines)

    def answer(self, intent: str, slots: dict[str, Any], *, solved: bool) -> str:
        """Write what the company has to say."""
        return self.pick(v.ANSWER_SOLVED[intent] if solved else v.ANSWER_OPEN).format(**slots)

    def reply(self, intent: str, slots: dict[str, Any], *, solved: bool, agent: str) -> str:
        """Write the company's mail."""
        text = self.pick(v.REPLY).format(answer=self.answer(intent, slots, solved=solved))
        return (
            f"Beste {slots['name']},\n\n{text}\n\nMet vriendelijke groet,\n{agent}\nKlantenservice {company.NAME}\n"
            f"{company.DOMAIN} | 088 001 2300"
        )

    def comment(self, mood: int, topics: Sequence[str], *, month: int, english: bool = False,
                forced: bool = False) -> str:  # fmt: skip
        """Write a survey comment: `mood` 1 to 5, about one of `topics` or about nothing in particular."""
        level = 2 if mood >= 4 else 0 if mood <= 2 else 1
        end = (v.END_BAD, v.END_MIXED, v.END_GOOD)[level]
        slots = self.slots({}, month)
        form = self.chance()
        if english and form < 0.7:
            return self.pick(v.COMMENT_EN[level]).format(**slots)
        if form < 0.17:
            return self.rough(self.pick(v.SHORT[level]))
        known = [t for t in topics if t in v.ABOUT]
        topic = self.pick(known) if known and self.chance() < 0.8 else ""
        kind = v.KIND.get(topic, "")
        why = v.FORCED_TO_PHONE if forced and level < 2 else v.REASON[kind][level]
        text = f"{self.pick(v.ABOUT[topic])} {self.pick(v.JUDGED[kind][level])}"
        if form < 0.86:
            join = self.pick((", ", ". ", " - ", "; ", "... ", ", "))
            text = (
                f"{text}{join}{self.pick(why)}"
                if self.chance() < 0.62
                else f"{self.pick(why)}{self.pick((', ', '. ', '! '))}{text}"
            )
        if form > 0.72:
            text += self.pick((". ", ", ", " ", "! ")) + self.pick(end)
        text = text.format(**slots)
        if self.chance() < 0.6:
            text = text[0].upper() + text[1:]
        if self.chance() < 0.3 and text[-1].isalnum():
            text += self.pick((".", "!", "..", "!!"))
        return self.rough(text)
