"""Fill shapes: sentences with slots, ways of writing a value, and where in the text each came to stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from cxmining.simulate.planted.people import Person, make_person

__all__ = ["Book", "Form", "Planted", "Span", "plant"]

Form = Callable[[Person, np.random.Generator], str]
_SLOT: Final = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True)
class Book:
    """Shapes: sentences, and per slot the ways it is written.

    Attributes
    ----------
    sentences : tuple of str
        With slots in braces.
    personal : mapping of str to tuple of callable
        Per kind of personal data, the ways it is written.
    harmless : mapping of str to tuple of callable
        Per kind of thing that only looks like it.
    """

    sentences: tuple[str, ...]
    personal: Mapping[str, tuple[Form, ...]]
    harmless: Mapping[str, tuple[Form, ...]]

    @property
    def shapes(self) -> int:
        """Return how many ways there are to write one value in one sentence."""
        slots = [s for sentence in self.sentences for s in _SLOT.findall(sentence)]
        return sum(len(self.personal.get(s, ())) or len(self.harmless[s]) for s in slots)


@dataclass(frozen=True)
class Span:
    """A value in a text: `form` is the position among the ways of writing its kind."""

    start: int
    end: int
    kind: str
    value: str
    form: int


@dataclass(frozen=True)
class Planted:
    """A text, the personal data in it, and the harmless look-alikes."""

    text: str
    spans: tuple[Span, ...]
    decoys: tuple[Span, ...]
    sentence: int


def plant(n: int, book: Book, *, seed: int = 1) -> list[Planted]:
    """Write `n` texts; every sentence and every way of writing comes up in turn.

    Parameters
    ----------
    n : int
    book : Book
        `OPEN` or `APART`.
    seed : int, default 1

    Returns
    -------
    list of Planted
    """
    rng = np.random.default_rng(seed)
    turn: dict[str, int] = {}
    out = []
    order = rng.permutation(len(book.sentences))
    for k in range(n):
        if k and k % len(order) == 0:
            order = rng.permutation(len(book.sentences))
        which = int(order[k % len(order)])
        person = make_person(rng)
        text = ""
        spans: list[Span] = []
        decoys: list[Span] = []
        at = 0
        for slot in _SLOT.finditer(book.sentences[which]):
            text += book.sentences[which][at : slot.start()]
            at = slot.end()
            kind = slot.group(1)
            forms = book.personal.get(kind) or book.harmless[kind]
            form = turn.get(kind, int(rng.integers(len(forms))))
            turn[kind] = (form + 1) % len(forms)
            value = forms[form](person, rng)
            span = Span(len(text), len(text) + len(value), kind, value, form)
            (spans if kind in book.personal else decoys).append(span)
            text += value
        text += book.sentences[which][at:]
        out.append(Planted(text, tuple(spans), tuple(decoys), which))
    return out
