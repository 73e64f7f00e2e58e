"""Masking: what names a person in free text is replaced by what it was.

Order matters: the kinds with a check digit go first, because a telephone pattern would eat half an
IBAN. What a check refuses stays readable, so that "factuur 2024001234" survives. Masking lowers the
risk and does not end it: people describe themselves in words that no pattern knows. How much it finds
is measured by ``benchmarks/masking.py`` on texts with planted data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import pandas as pd

from cxmining.privacy._addresses import find_emails, find_houses
from cxmining.privacy._found import Found, Searched
from cxmining.privacy._numbers import find_ibans, find_numbers, find_plates
from cxmining.privacy._people import People

__all__ = ["KINDS", "find_personal", "mask"]

KINDS: Final = ("email", "iban", "card", "ean", "bsn", "phone", "plate", "address", "name")

_DIGIT: Final = re.compile(r"\d")


def mask(texts: pd.Series, names: Iterable[str] = (), *, parts: bool = True) -> tuple[pd.Series, dict[str, int]]:
    """Replace personal data in texts by ``[kind]``.

    Parameters
    ----------
    texts : Series of str
        Free text; missing stays missing.
    names : iterable of str
        People the sources name (identifiers of kind ``name``). Full names are masked in any case, family
        names behind initials and titles, and parts of three letters or more where they stand as words
        with a capital; parts that are words of the language too only where a name must stand.
    parts : bool, default True
        Whether parts of names count; without, only full names of two words or more.

    Returns
    -------
    texts : Series of str
        On the index of `texts`.
    counts : dict of str to int
        How many of each of `KINDS` were replaced.

    Examples
    --------
    >>> import pandas as pd
    >>> masked, counts = mask(pd.Series(["Bel Anna op 06-12345678, IBAN NL91ABNA0417164300"]), ["Anna Bos"])
    >>> masked[0]
    'Bel [name] op [phone], IBAN [iban]'
    >>> {k: n for k, n in counts.items() if n}
    {'iban': 1, 'phone': 1, 'name': 1}
    """
    counts = dict.fromkeys(KINDS, 0)
    people = People(names, parts)

    def one(text: str) -> str:
        out, at = [], 0
        for start, end, kind in _find(text, people):
            counts[kind] += 1
            out += [text[at:start], f"[{kind}]"]
            at = end
        return "".join([*out, text[at:]]) if out else text

    masked = [one(v) if isinstance(v, str) else None for v in texts]
    return pd.Series(masked, index=texts.index, name=texts.name, dtype="str"), counts


def find_personal(text: str, people: People) -> list[Found]:
    """Return where personal data stands in a text, in order and without overlap.

    Parameters
    ----------
    text : str
    people : People
        The names to look for, made once for many texts.

    Returns
    -------
    list of Found
        ``start``, ``end`` and ``kind`` (one of `KINDS`).

    Examples
    --------
    >>> find_personal("mail a.bos@web.nl", People([]))
    [Found(start=5, end=17, kind='email')]
    """
    return _find(text, people)


def _find(text: str, people: People) -> list[Found]:
    searched = Searched(text)
    find_emails(searched)
    searched.blank()
    if _DIGIT.search(searched.text):
        for find in (find_ibans, find_numbers, find_houses, find_plates):
            find(searched)
            searched.blank()
    people.find(searched)
    found: list[Found] = []
    for one in sorted(searched.found):
        if found and one.start < found[-1].end:
            continue
        found.append(one)
    return found
