"""Which record carries which identifier, as integers: the universe that everything else is decided on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.identity.arrays import Grouped, Ints, Joined, distinct
from cxmining.privacy.normalise import normalised_codes
from cxmining.schema import Reading

__all__ = ["RECORD_TABLES", "Names", "Pairs", "arrow", "make_pairs", "make_records", "places"]

RECORD_TABLES: Final = {
    "events": "event_id",
    "responses": "response_id",
    "invitations": "invitation_id",
    "customers": "record_id",
}
_TITLE: Final = r"^(?:dhr|mevr|mw|de heer|mevrouw|mr|mrs|ms|dr)\.?\s+"
_MOST: Final = 50  # values of one kind in one record: more is a list, such as the recipients of a circular
_CONTEXT: Final = ("case_id", "thread_id", "reference")


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


def make_pairs(
    readings: Sequence[Reading], records: pd.DataFrame, keys: Sequence[str], country: str
) -> tuple[Pairs, Names]:
    """Code the identifiers of all readings, and the names beside them, which join nobody but are evidence."""
    frames = [r.identifiers for r in readings if len(r.identifiers)]
    ids = pd.concat([f["record_id"] for f in frames], ignore_index=True) if frames else pd.Series(dtype="str")
    kinds = pd.concat([f["kind"] for f in frames], ignore_index=True) if frames else pd.Series(dtype="str")
    values = pd.concat([f["value"] for f in frames], ignore_index=True) if frames else pd.Series(dtype="str")
    record = _records_of(_surviving(ids, readings), frames, readings, records)
    kind_codes, known = pd.factorize(kinds)
    number = {str(kind): i for i, kind in enumerate(known)}
    at: list[Ints] = []
    which: list[Ints] = []
    texts: list[pd.Series] = []
    unusable: list[int] = []
    bounds, sizes = [0], []
    n_values = 0
    for kind in (*keys, "name"):
        # Records that were rejected join nobody.
        mine = np.flatnonzero((kind_codes == number.get(kind, -2)) & (record >= 0))
        raw = values.iloc[mine] if len(mine) < len(values) else values
        codes, unique = normalised_codes(kind, raw, country)
        usable = codes >= 0
        carrier, carried = record[mine], codes
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

    a, b = arrow(ids), arrow(known)
    if len(a) == len(b) and a.equals(b):
        return np.arange(len(a), dtype=np.int64)
    place = pc.index_in(a, value_set=b)
    return np.asarray(pc.fill_null(place, -1).to_numpy(zero_copy_only=False), dtype=np.int64)


def _records_of(ids: pd.Series, frames: list[pd.DataFrame], readings: Sequence[Reading], records: pd.DataFrame) -> Ints:
    """Return the row of the record each identifier is of, -1 for none; a source mostly speaks of its own records."""
    whose = records["reading"].to_numpy()
    own = [i for i, r in enumerate(readings) if len(r.identifiers)]
    ends = np.cumsum([0, *(len(f) for f in frames)])
    out = np.full(len(ids), -1, dtype=np.int64)
    for i, start, end in zip(own, ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        first, last = np.searchsorted(whose, [i, i + 1])
        place = places(ids.iloc[start:end], records["record_id"].iloc[first:last])
        out[start:end] = np.where(place >= 0, place + first, -1)
    lost = np.flatnonzero(out < 0)
    if len(lost):
        out[lost] = places(ids.iloc[lost], records["record_id"])
    return out


def _surviving(ids: pd.Series, readings: Sequence[Reading]) -> pd.Series:
    """Let what a merged record named (the second leg of a call) count for the record it became part of."""
    ledgers = [r.ledger.loc[r.ledger["merged_into"].notna(), ["record_id", "merged_into"]] for r in readings]
    merged = pd.concat(ledgers, ignore_index=True) if ledgers else pd.DataFrame()
    if not len(merged):
        return ids
    into = merged.drop_duplicates("record_id").set_index("record_id")["merged_into"]
    for _ in range(10):  # a chain of legs; ten is more than any switch makes
        target = ids.map(into)
        if not target.notna().any():
            break
        ids = ids.where(target.isna(), target)
    return ids
