"""What a study says must never be merged: values that join nobody, and pairs that are never one customer.

An entry is a value (``"info@bakker.nl"``) or a pair of values (``["anna@x.nl", "ben@x.nl"]``). Each is written as the
sources write it, or as the pseudonym that `Identity.why` shows (``e`` and 16 hex digits). A kind may stand in front
(``"account:17"``); without one, every kind that knows the value is meant. A file has one entry per line, the two of a
pair separated by a comma or a tab; what follows ``#`` is a remark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from cxmining.errors import StudyError
from cxmining.identity.arrays import Bools, Ints, connected, single
from cxmining.identity.digests import PREFIXES, digests, shown
from cxmining.identity.joining import People
from cxmining.identity.pairs import Pairs
from cxmining.privacy.normalise import normalise

__all__ = ["Entries", "find_entries", "read_entries", "split"]

_PSEUDONYM: Final = re.compile(r"[a-z][0-9a-f]{16}")
_SEARCHED: Final = 5_000
_ROUNDS: Final = 100  # links a record may be away from the value it goes with


@dataclass(frozen=True, eq=False)
class Entries:
    """The list, found among the values: numbers of values that join nobody, and pairs of them; and its pseudonyms."""

    values: Ints
    pairs: tuple[tuple[Ints, Ints], ...]
    pseudonyms: tuple[str | tuple[str, str], ...]


def read_entries(given: str | Sequence[str | tuple[str, str]], root: Path) -> tuple[str | tuple[str, str], ...]:
    """Return the entries of ``identity.never_merge``, from its file where it names one.

    Raises
    ------
    StudyError
        When the file cannot be read, or a line holds more than two values.
    """
    if not isinstance(given, str):
        return tuple(given)
    try:
        lines = (root / given).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise StudyError(
            f"identity.never_merge = {given!r}: the file cannot be read ({why}); "
            'expected a text file beside the study, one value or two per line, or a list such as ["info@x.nl"]'
        ) from None
    entries: list[str | tuple[str, str]] = []
    for number, line in enumerate(lines, start=1):
        parts = [p.strip() for p in re.split(r"[,\t]", line.split("#", 1)[0]) if p.strip()]
        if len(parts) > 2:
            raise StudyError(
                f"identity.never_merge = {given!r}, line {number}: {len(parts)} values; "
                "expected one, or two that are never one customer"
            )
        if parts:
            entries.append(parts[0] if len(parts) == 1 else (parts[0], parts[1]))
    return tuple(entries)


def find_entries(entries: Sequence[str | tuple[str, str]], pairs: Pairs, key: bytes, country: str) -> Entries:
    """Find the entries among the values.

    Raises
    ------
    StudyError
        When no source names an entry; the message gives the pseudonym of the nearest value.
    """
    if not entries:
        return Entries(np.zeros(0, dtype=np.int64), (), ())
    find = _Finder(pairs, key, country)
    alone: list[Ints] = []
    both: list[tuple[Ints, Ints]] = []
    names: list[str | tuple[str, str]] = []
    for place, entry in enumerate(entries, start=1):
        if isinstance(entry, str):
            found = find(entry, place)
            alone.append(found)
            names += find.pseudonyms(found)
            continue
        a, b = (find(e, place) for e in entry)
        if np.intersect1d(a, b).size:
            raise StudyError(f"identity.never_merge, entry {place}: both values are the same; expected two that differ")
        both.append((a, b))
        names += [(x, y) for x in find.pseudonyms(a) for y in find.pseudonyms(b)]
    values = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *alone]))
    order = sorted(range(len(both)), key=lambda i: [sorted(pairs.text.iloc[v]) for v in both[i]])
    canonical = sorted({n if isinstance(n, str) else (min(n), max(n)) for n in names}, key=str)
    return Entries(values, tuple(both[i] for i in order), tuple(canonical))


class _Finder:
    def __init__(self, pairs: Pairs, key: bytes, country: str) -> None:
        self.pairs, self.key, self.country = pairs, key, country
        self.by_pseudonym: dict[str, dict[str, int]] = {}

    def __call__(self, entry: str, place: int) -> Ints:
        kind, colon, rest = entry.partition(":")
        kinds, text = ([kind], rest) if colon and kind in self.pairs.keys else (list(self.pairs.keys), entry.strip())
        found: list[int] = []
        if _PSEUDONYM.fullmatch(text):
            for kind in kinds:
                if PREFIXES[kind] == text[0]:
                    at = self._pseudonyms(kind).get(text)
                    found += [] if at is None else [at]
        for kind in kinds:
            wanted = normalise(kind, pd.Series([text], dtype="str"), self.country)[0]
            if isinstance(wanted, str):
                mine = np.flatnonzero(self.pairs.kind == self.pairs.rank(kind))
                found += mine[(self.pairs.text.iloc[mine] == wanted).to_numpy(bool)].tolist()
        if not found:
            raise StudyError(
                f"identity.never_merge, entry {place}: no source names that value; {self._near(text, kinds)}"
            )
        return np.unique(np.array(found, dtype=np.int64))

    def _pseudonyms(self, kind: str) -> Mapping[str, int]:
        if kind not in self.by_pseudonym:
            mine = np.flatnonzero(self.pairs.kind == self.pairs.rank(kind))
            names = shown(kind, digests(kind, self.pairs.text.iloc[mine], self.key)[:, 1])
            self.by_pseudonym[kind] = dict(zip(names, mine.tolist(), strict=True))
        return self.by_pseudonym[kind]

    def pseudonyms(self, values: Ints) -> list[str]:
        out = []
        for v in values.tolist():
            kind = self.pairs.keys[self.pairs.kind[v]]
            out += shown(kind, digests(kind, self.pairs.text.iloc[[v]], self.key)[:, 1])
        return out

    def _near(self, text: str, kinds: Sequence[str]) -> str:
        """Name the nearest value by its pseudonym: an error ends up in logs that many read."""
        best: list[str] = []
        if _PSEUDONYM.fullmatch(text):
            for kind in kinds:
                if PREFIXES[kind] == text[0]:
                    best += get_close_matches(text, list(self._pseudonyms(kind))[:_SEARCHED], n=1, cutoff=0.5)
            return f"did you mean {best[0]!r}?" if best else "see log.identity.hubs for the pseudonyms there are"
        from rapidfuzz.process import extractOne

        scored: list[tuple[float, int]] = []
        for kind in kinds:
            mine = np.flatnonzero(self.pairs.kind == self.pairs.rank(kind))
            match = extractOne(text.casefold(), self.pairs.text.iloc[mine].tolist(), score_cutoff=60)
            if match is not None:
                scored.append((float(match[1]), int(mine[match[2]])))
        if not scored:
            return f"none is like it among the {', '.join(kinds)} values"
        value = max(scored)[1]
        name = self.pseudonyms(np.array([value]))[0]
        return f"nearest is the {self.pairs.keys[self.pairs.kind[value]]} {name} (an entry may be a pseudonym)"


def split(people: People, pairs: Pairs, entries: Entries) -> People:
    """Take customers apart that hold both values of a pair; each record goes with the value it is nearer to.

    Within such a customer the two values are the seeds of two people, and their records spread like those of
    two accounts: strongest kind first, and a value that both have decides nothing. What neither reaches forms
    customers of its own; a record that names both belongs to neither, and one that only followed another into
    such a customer follows nobody: which of his records it followed was a matter of order.
    """
    if not entries.pairs:
        return people
    person, owner, conflict = people.person.copy(), people.owner.copy(), people.conflict.copy()
    n = people.n
    for a, b in entries.pairs:
        with_a, with_b = (_carriers(pairs, v, len(person)) for v in (a, b))
        for p in np.intersect1d(person[with_a & (person >= 0)], person[with_b & (person >= 0)]).tolist():
            n = _take_apart(p, n, pairs, with_a, with_b, person, owner, conflict)
    level = people.level.copy()
    return replace(people, person=person, owner=owner, conflict=conflict, level=level, n=n)


def _carriers(pairs: Pairs, values: Ints, n: int) -> Bools:
    out = np.zeros(n, dtype=bool)
    out[pairs.record[np.isin(pairs.value, values)]] = True
    return out


def _take_apart(
    p: int, n: int, pairs: Pairs, with_a: Bools, with_b: Bools, person: Ints, owner: Ints, conflict: Bools
) -> int:
    """Split person `p`, changing the arrays; records that nothing holds any more become -1. Returns the next number."""
    mine = (person[pairs.record] == p) & (owner[pairs.value] == p)
    everybody = np.flatnonzero(person == p)
    which, value = np.unique(pairs.value[mine], return_inverse=True)
    record, kind = np.searchsorted(everybody, pairs.record[mine]), pairs.kind[which][value]
    a, b = with_a[everybody], with_b[everybody]
    neither = a & b
    side = np.where(a & ~b, 0, np.where(b & ~a, 1, -1))
    held = np.full(len(which), -1, dtype=np.int64)
    torn = np.zeros(len(which), dtype=bool)
    for _ in range(_ROUNDS):
        learnt = False
        for k in np.unique(kind).tolist():
            use = (kind == k) & ~neither[record]
            r, v = record[use], value[use]
            known = side[r] >= 0
            alone, several = single(v[known], side[r[known]], len(which))
            torn |= several
            held = np.where((held < 0) & ~torn & (alone >= 0), alone, held)
            open_ = ~known & (held[v] >= 0)
            got, _several = single(r[open_], held[v[open_]], len(side))
            new = (side < 0) & (got >= 0)
            side[new] = got[new]
            learnt |= bool(new.any())
        if not learnt:
            break
    owner[which] = np.select([torn, held == 0, held == 1], [-1, p, n], -1)
    conflict[which[torn]] = True
    person[everybody] = np.select([side == 0, side == 1], [p, n], -1)
    n += 1
    rest = (side[record] < 0) & ~neither[record] & (owner[which[value]] < 0)
    if rest.any():
        who, r = np.unique(record[rest], return_inverse=True)
        what, v = np.unique(value[rest], return_inverse=True)
        found = connected(r, v + len(who), len(who) + len(what)) + n
        person[everybody[who]] = found[: len(who)]
        owner[which[what]] = found[len(who) :]
        n = int(found.max()) + 1
    return n
