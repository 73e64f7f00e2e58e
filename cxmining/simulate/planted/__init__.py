"""Texts with personal data planted in them, beside what only looks like it, and where each stands.

Masking is judged by these texts. A *shape* is a sentence with the way a value is written in it;
`OPEN` holds the shapes that the masker may be built on, `APART` those it may not: they were written
before its misses were known, and nothing may be tuned on them.

Examples
--------
>>> from cxmining.simulate.planted import OPEN, plant
>>> one = plant(1, OPEN, seed=3)[0]
>>> all(one.text[s.start:s.end] == s.value for s in one.spans)
True
"""

from __future__ import annotations

from cxmining.simulate.planted.apart import APART
from cxmining.simulate.planted.open import OPEN
from cxmining.simulate.planted.people import CRM, Person, make_person
from cxmining.simulate.planted.text import Book, Planted, Span, plant

__all__ = ["APART", "CRM", "OPEN", "Book", "Person", "Planted", "Span", "make_person", "plant"]
