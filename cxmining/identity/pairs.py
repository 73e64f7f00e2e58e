"""Which record carries which identifier, as integers: the universe that everything else is decided on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.identity.arrays import Grouped, Ints, Joined, distinct
from cxmining.privacy.normalise import normalised_codes
from cxmining.schema import Reading, empty

__all__ = ["RECORD_TABLES", "Given", "Names", "Pairs", "arrow", "gather", "make_pairs", "make_records", "places"]

RECORD_TABLES: Final = {
    "events": "event_id",
    "responses": "response_id",
    "invitations": "invitation_id",
    "customers": "record_id",
}
_TITLE: Final = r"^(?:dhr|mevr|mw|de heer|mevrouw|mr|mrs|ms|dr)\.?\s+"
_MOST: Final = 50  # values of one kind in one record: more is a list, such as the recipients of a circular
_CONTEXT: Final = ("case_id", "thread_id", "reference")
Given = dict[str, tuple[Ints, pd.Series]]
"""Per kind: the row of the record that each identifier is of, -1 for none, and the identifiers."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Parallel arrays of record and value; values are numbered kind after kind, pairs stand in that order too."""

    record: Ints
    value: Ints
    kind: Ints
    """Per value: its place in `keys`."""
    text: pd.Series
    """Per value."""
    keys: tuple[str, ...]
    bounds: Ints
    """Pairs of kind k are ``bounds[k]:bounds[k + 1]``."""
    unusable: tuple[int, ...]
    """Per kind: how many values of the sources are no identifier."""

    def of(self, k: int) -> tuple[Ints, Ints]:
        """Return the records and values of kind `k`."""
        part = slice(int(self.bounds[k]), int(self.bounds[k + 1]))
        return self.record[part], self.value[part]

    def rank(self, kind: str) -> int:
        """Return the place of a kind among the keys, -1 when it does not join."""
        return self.keys.index(kind) if kind in self.keys else -1


def _without_lists(record: Ints, value: Ints) -> tuple[Ints, Ints]:
    """Leave out records that name more of a kind than any person has; pairs are sorted by record."""
    if len(record) <= _MOST or not (record[_MOST:] == record[:-_MOST]).any():
        return record, value
    first = np.searchsorted(record, record, "left")
    n = np.searchsorted(record, record, "right") - first
    return record[n <= _MOST], value[n <= _MOST]


@dataclass(frozen=True, eq=False)
class Names:
    """What records call people: equal numbers are equal names, -1 tells nothing."""

    record: Ints
    loose: Ints
    """First letter and last word: what *J. Bos* and *Jan Bos* have in common."""
    full: Ints
    """All words, where the first is more than a letter."""

    def beside(self, group: Ints, record: Ints, *, full: bool = False) -> Joined:
        """Return the distinct (group, name) of records."""
        code = self.full if full else self.loose
        return Grouped(*distinct(self.record[code >= 0], code[code >= 0])).join(record, group)


def make_records(readings: Sequence[Reading]) -> pd.DataFrame:
    """List every record of every table once: what gets a customer. Columns that nobody fills are left out."""
    parts: list[dict[str, Any]] = []
    for r, reading in enumerate(readings):
        for t, (name, column) in enumerate(RECORD_TABLES.items()):
            frame: pd.DataFrame = getattr(reading, name)
            if not len(frame):
                continue
            n = len(frame)
            part = {"record_id": frame[column], "reading": np.full(n, r, np.int32), "table": np.full(n, t, np.int8)}
            part |= {c: frame[c].str.strip() for c in _CONTEXT if c in frame and frame[c].notna().any()}
            parts.append(part)
    ids = [p["record_id"] for p in parts]
    columns: dict[str, Any] = {
        "record_id": pd.concat(ids, ignore_index=True).astype("str") if ids else pd.Series(dtype="str"),
        "reading": np.concatenate([np.zeros(0, np.int32), *(p["reading"] for p in parts)]),
        "table": np.concatenate([np.zeros(0, np.int8), *(p["table"] for p in parts)]),
    }
    for context in _CONTEXT:
        if any(context in p for p in parts):
            nothing = pd.Series([], dtype="str")
            filled = [p[context] if context in p else nothing.reindex(range(len(p["table"]))) for p in parts]
            columns[context] = pd.concat(filled, ignore_index=True)
    return pd.DataFrame(columns)


def make_pairs(given: Given, keys: Sequence[str], country: str) -> tuple[Pairs, Names]:
    """Code the identifiers, and the names beside them, which join nobody but are evidence."""
    at: list[Ints] = []
    which: list[Ints] = []
    texts: list[pd.Series] = []
    unusable: list[int] = []
    bounds, sizes = [0], []
    n_values = 0
    for kind in (*keys, "name"):
        record, raw = given.get(kind, (np.zeros(0, dtype=np.int64), pd.Series(dtype="str")))
        if (record < 0).any():  # records that were rejected join nobody
            record, raw = record[record >= 0], raw[record >= 0]
        codes, unique = normalised_codes(kind, raw, country)
        usable = codes >= 0
        carrier, carried = record, codes
        if not usable.all():
            carrier, carried = carrier[usable], codes[usable]
        carrier, carried = distinct(carrier, carried.astype(np.int64, copy=False))
        carrier, carried = _without_lists(carrier, carried)
        if kind == "name":
            loose, full = _name_keys(unique)
            names = Names(carrier, loose[carried], full[carried])
            break
        unusable.append(int(raw[~usable].nunique()) if not usable.all() else 0)
        at.append(carrier)
        which.append(carried + n_values)
        bounds.append(bounds[-1] + len(carrier))
        sizes.append(len(unique))
        texts.append(unique)
        n_values += len(unique)
    pairs = Pairs(
        np.concatenate(at),
        np.concatenate(which),
        np.repeat(np.arange(len(sizes)), sizes),
        pd.concat(texts, ignore_index=True),
        tuple(keys),
        np.array(bounds, dtype=np.int64),
        tuple(unusable),
    )
    return pairs, names


def _name_keys(names: pd.Series) -> tuple[Ints, Ints]:
    """Number names: loosely, by first letter and last word, and in full; one word alone tells nothing."""
    plain = names.str.casefold().str.replace(_TITLE, "", regex=True).str.replace(".", " ", regex=False)
    words = plain.str.split().str.join(" ")
    several = words.str.contains(" ", regex=False).fillna(False).astype(bool)
    loose = (words.str[:1] + " " + words.str.rsplit(" ", n=1).str[-1]).where(several)
    full = words.where(several & (words.str[1:2] != " "))
    return np.asarray(pd.factorize(loose)[0], dtype=np.int64), np.asarray(pd.factorize(full)[0], dtype=np.int64)


def arrow(texts: pd.Series) -> Any:
    """Return texts as one Arrow array."""
    import pyarrow as pa

    return pa.array(texts, pa.large_string())


def places(ids: pd.Series, known: pd.Series) -> Ints:
    """Return where each id stands among the known ones, -1 where it does not."""
    import pyarrow.compute as pc

    place = pc.index_in(arrow(ids), value_set=arrow(known))
    return np.asarray(pc.fill_null(place, -1).to_numpy(zero_copy_only=False), dtype=np.int64)


def gather(readings: Sequence[Reading], records: pd.DataFrame) -> Given:
    """Return, per kind, the row of the record that each identifier is of (-1 for none), and the identifiers.

    A source mostly speaks of its own records, as a rule of all of them in their order: that is asked first.
    """
    into = _merged(readings)
    ends = np.cumsum(np.bincount(records["reading"].to_numpy(), minlength=len(readings)))
    at: list[Ints] = []
    found: list[tuple[str, pd.Series, pd.Series]] = []
    for end, reading in zip(ends.tolist(), readings, strict=True):
        first = end - sum(len(getattr(reading, name)) for name in RECORD_TABLES)
        own = records["record_id"].iloc[first:end]
        parts = [(kind, _surviving(ids, into), values) for kind, ids, values in _by_kind(reading.identifiers)]
        found += parts
        there = [np.arange(first, end) if _same(ids, own) else None for _, ids, _ in parts]
        open_ = [ids for (_, ids, _), place in zip(parts, there, strict=True) if place is None]
        if open_:
            place = places(pd.concat(open_, ignore_index=True), own)
            split = iter(np.split(np.where(place >= 0, place + first, -1), np.cumsum([len(i) for i in open_])[:-1]))
            there = [next(split) if place is None else place for place in there]
        at += [place for place in there if place is not None]
    lost = [np.flatnonzero(place < 0) for place in at]
    if any(len(n) for n in lost):
        named = [ids.iloc[n] for (_, ids, _), n in zip(found, lost, strict=True)]
        elsewhere = places(pd.concat(named, ignore_index=True), records["record_id"])
        for place, n, new in zip(at, lost, np.split(elsewhere, np.cumsum([len(n) for n in lost])[:-1]), strict=True):
            place[n] = new
    out: Given = {}
    for kind in dict.fromkeys(kind for kind, *_ in found):
        mine = [(place, values) for place, (k, _, values) in zip(at, found, strict=True) if k == kind]
        out[kind] = np.concatenate([p for p, _ in mine]), pd.concat([v for _, v in mine], ignore_index=True)
    return out


def _by_kind(identifiers: pd.DataFrame) -> list[tuple[str, pd.Series, pd.Series]]:
    """Return kind, record ids and values; readers write one kind after the other, so that nothing needs copying."""
    if not len(identifiers):
        return []
    codes, kinds = pd.factorize(identifiers["kind"])
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    ids, values = identifiers["record_id"], identifiers["value"]
    if len(starts) == len(kinds):
        spans = zip(kinds, starts.tolist(), [*starts[1:].tolist(), len(codes)], strict=True)
        return [(str(kind), ids.iloc[i:j], values.iloc[i:j]) for kind, i, j in spans]
    rows = [np.flatnonzero(codes == k) for k in range(len(kinds))]
    return [(str(kind), ids.iloc[mine], values.iloc[mine]) for kind, mine in zip(kinds, rows, strict=True)]


def _same(ids: pd.Series, known: pd.Series) -> bool:
    if len(ids) != len(known):
        return False
    import pyarrow as pa

    a, b = (x if isinstance(x, pa.ChunkedArray) else pa.chunked_array([x]) for x in (arrow(ids), arrow(known)))
    return bool(a.equals(b))


def _merged(readings: Sequence[Reading]) -> pd.Series:
    """Return which record each merged one (the second leg of a call) became part of."""
    ledgers = [r.ledger.loc[r.ledger["merged_into"].notna(), ["record_id", "merged_into"]] for r in readings]
    merged = pd.concat([*ledgers, empty("ledger")[["record_id", "merged_into"]]], ignore_index=True)
    return merged.drop_duplicates("record_id").set_index("record_id")["merged_into"]


def _surviving(ids: pd.Series, into: pd.Series) -> pd.Series:
    """Let what a merged record named count for the record it became part of."""
    for _ in range(10 if len(into) else 0):  # a chain of legs; ten is more than any switch makes
        target = ids.map(into)
        if not target.notna().any():
            break
        ids = ids.where(target.isna(), target)
    return ids
