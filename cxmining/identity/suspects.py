"""Addresses that look like a typing error of each other: shown to people, joined by nobody."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

from cxmining.identity.arrays import Ints
from cxmining.identity.digests import digests, shown
from cxmining.identity.guards import Guards
from cxmining.identity.joining import People
from cxmining.identity.pairs import Pairs

__all__ = ["COLUMNS", "MOST", "find_suspects"]

COLUMNS: Final = ("customer_id", "address", "like_customer_id", "like_address")
MOST: Final = 50_000
"""Addresses among which typing errors are looked for; of more, none are."""
_DIGITS: Final = re.compile(r"\d+")


def find_suspects(
    pairs: Pairs, guards: Guards, people: People, named_after: Ints, customer_ids: pd.Series, number: Ints, key: bytes
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """List addresses of customers without an account that are one letter away from another customer's address.

    A letter more, less, other, or two that changed places. Addresses that differ in their digits are no suspects:
    those are numbered, not mistyped.

    Returns
    -------
    suspects : DataFrame
        Columns `COLUMNS`; addresses are pseudonyms. Sorted.
    notes : tuple of str
        That they were not looked for, where there are more than `MOST` addresses.
    """
    email, account = pairs.rank("email"), pairs.rank("account")
    none = pd.DataFrame({c: pd.Series(dtype="str") for c in COLUMNS})
    mine = np.flatnonzero((pairs.kind == email) & (people.owner >= 0) & ~guards.blocked)
    mine = mine[named_after[people.owner[mine]] >= 0]
    who = people.owner[mine]
    orphan = pairs.kind[named_after[who]] != account
    if email < 0 or len(mine) < 2 or not orphan.any():
        return none, ()
    if len(mine) > MOST:
        note = (
            f"addresses with a typing error were not looked for: there are {len(mine):,} addresses, and the search is for up "
            f"to {MOST:,}; log.identity.suspects is empty for that reason"
        )
        return none, (note,)
    texts = pairs.text.iloc[mine].tolist()
    found = [(i, j) for i, j in _one_letter_apart(texts, orphan.tolist()) if who[i] != who[j]]
    rows = []
    for i, j in found:
        a, b = shown("email", digests("email", pairs.text.iloc[mine[[i, j]]], key)[:, 1])
        rows.append((str(customer_ids.iloc[number[who[i]]]), a, str(customer_ids.iloc[number[who[j]]]), b))
    return (pd.DataFrame(sorted(rows), columns=list(COLUMNS)).astype("str") if rows else none), ()


def _one_letter_apart(texts: list[str], orphan: list[bool]) -> list[tuple[int, int]]:
    """Return pairs of an orphan and another text within one edit; what is left when a letter goes is looked up."""
    from rapidfuzz.distance import OSA

    left: dict[str, list[int]] = {}
    for i, text in enumerate(texts):
        if orphan[i] and len(text) < 100:
            for short in {text, *(text[:k] + text[k + 1 :] for k in range(len(text)))}:
                left.setdefault(short, []).append(i)
    found: set[tuple[int, int]] = set()
    for j, text in enumerate(texts):
        if len(text) >= 100:
            continue
        for short in {text, *(text[:k] + text[k + 1 :] for k in range(len(text)))}:
            for i in left.get(short, ())[:20]:
                if i == j or (orphan[j] and j < i):
                    continue
                if _DIGITS.findall(texts[i]) == _DIGITS.findall(text) and OSA.distance(texts[i], text) == 1:
                    found.add((i, j))
    return sorted(found)
