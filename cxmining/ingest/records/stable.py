"""Names of records that outlive their file: next month's export holds last month's records again.

A reader names a record after its file's content and its place therein, and both change when a file
grows. Here a record gets a name of what it says: its own number at the vendor (``case_id``) and its
moment; without a number, the people it is about; without people, all its content. So a record whose
other fields were corrected keeps its name, and the same record in another file is the same.

The names are keyed: they would else tell whoever guesses a telephone number that the guess was right.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.schema import TABLES, Reading

__all__ = ["name_records", "record_states", "row_hashes"]

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

IDS: Final = {
    "events": "event_id",
    "responses": "response_id",
    "invitations": "invitation_id",
    "customers": "record_id",
}
_MOMENT: Final = {"events": "timestamp", "responses": "timestamp", "invitations": "invited_at"}
# What a record's number at its vendor is; a questionnaire about a ticket is one of its own.
_NUMBER: Final = {"events": ("case_id",), "responses": (), "invitations": ("survey", "reference"), "customers": ()}
# Where the record lies, and what reading names it: no content.
_PLACE: Final = ("event_id", "response_id", "invitation_id", "record_id", "customer_id", "source", "seq", "raw_file")
_CONTEXT: Final = ("case_id", "thread_id", "reference")
# What follows from other records as well: a mail's wait is known once it was answered.
_DERIVED: Final = ("thread_id", "wait_s", "duration_s")
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)


def _salt(key: bytes) -> str:
    """Return 16 ASCII characters, as SipHash wants them, that hold 96 bits of the key."""
    return base64.b64encode(hmac.digest(key, b"cxmining record names 1", "sha256")[:12]).decode()


def _hashed(values: pd.Series[Any], salt: str) -> Hashes:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        number = values.to_numpy(dtype="datetime64[us]").astype(np.int64)
        return np.asarray(pd.util.hash_array(number), dtype=np.uint64)
    if pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_numeric_dtype(values.dtype):
        # not by type: a column of whole numbers is Int64 in one delivery and Float64 in the next
        number = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.asarray(pd.util.hash_array(number + 0.0), dtype=np.uint64)
    codes, unique = pd.factorize(values)
    known = pd.Series(unique).astype("str").to_numpy(dtype=object)  # to_numpy, for an Arrow array is slow to iterate
    text = np.concatenate([known, np.array([""], dtype=object)])  # missing, code -1, is the last
    return np.asarray(pd.util.hash_array(text, hash_key=salt, categorize=False)[codes], dtype=np.uint64)


def _mixed(parts: Sequence[Hashes], n: int) -> Hashes:
    total = np.full(n, _ODD, dtype=np.uint64)
    for part in parts:
        total = np.asarray(pd.util.hash_array(total * _ODD + part), dtype=np.uint64)
    return total


def _among(values: pd.Series[Any], own: Any) -> npt.NDArray[np.bool_]:
    import pyarrow.compute as pc

    return np.asarray(pc.is_in(_arrow(values), value_set=own).to_numpy(zero_copy_only=False), dtype=bool)


def row_hashes(frame: pd.DataFrame, salt: str) -> Hashes:
    """Return a hash per row over all columns, whatever their order; `salt` keeps what the rows say to oneself.

    Examples
    --------
    >>> rows = pd.DataFrame({"a": ["1", "1", None], "b": ["x", "x", "x"]})
    >>> h = row_hashes(rows, "0123456789abcdef")
    >>> bool(h[0] == h[1]), bool(h[0] == h[2])
    (True, False)
    """
    named = sorted(map(str, frame.columns))
    head = _hashed(pd.Series(["|".join(named)], dtype="str"), salt[:16])
    columns = frame.set_axis(list(map(str, frame.columns)), axis=1)
    parts = [_hashed(columns[c].astype("str"), salt[:16]) for c in named]
    return _mixed([np.full(len(frame), head[0], dtype=np.uint64), *parts], len(frame))


def _sum_by(codes: npt.NDArray[np.int64], values: Hashes, n: int) -> Hashes:
    """Add up hashes per row whatever their order; wraps."""
    total = np.zeros(n, dtype=np.uint64)
    known = codes >= 0
    np.add.at(total, codes[known], values[known])
    return total


def _arrow(values: Any) -> Any:
    import pyarrow as pa

    return pa.array(values, type=pa.large_string())


class _Records:
    """What the rows of one table say, as hashes; `own` are the ids that the reader gave."""

    def __init__(self, reading: Reading, name: str, salt: str, own: Any) -> None:
        self.frame: pd.DataFrame = getattr(reading, name)
        self.name, self.salt, self.n = name, salt, len(self.frame)
        self.ids = pd.Index(self.frame[IDS[name]])
        self.own = own
        people = reading.identifiers
        at = self.ids.get_indexer(people["record_id"])
        each = _mixed([_hashed(people["kind"], salt), _hashed(people["value"], salt)], len(people))
        self.people = _sum_by(at, each, self.n)
        account = (people["kind"] == "account").to_numpy(bool)
        self.account = _sum_by(at[account], each[account], self.n)
        self.answers = np.zeros(self.n, dtype=np.uint64)
        if name == "responses" and len(reading.answers):
            rows = reading.answers
            said = [_hashed(rows[c], salt) for c in TABLES["answers"] if c != "response_id"]
            self.answers = _sum_by(self.ids.get_indexer(rows["response_id"]), _mixed(said, len(rows)), self.n)

    def _of_reading(self, column: str) -> npt.NDArray[np.bool_]:
        """Where a case or thread is named after a record of ours, which says nothing of itself."""
        return _among(self.frame[column], self.own)

    def number(self) -> tuple[Hashes, npt.NDArray[np.bool_]]:
        """Return the record's number at its vendor, and where it has one."""
        columns = [c for c in _NUMBER[self.name] if c in self.frame]
        if not columns:
            return np.zeros(self.n, dtype=np.uint64), np.zeros(self.n, dtype=bool)
        there = self.frame[columns[-1]].notna().to_numpy(bool) & ~self._of_reading(columns[-1])
        return _mixed([_hashed(self.frame[c], self.salt) for c in columns], self.n), there

    def content(self, derived: bool, at: Ints | None = None) -> Hashes:
        """Hash what the records (those at some positions) themselves say, or what follows for them from others."""
        frame = self.frame if at is None else self.frame.iloc[at]
        n = len(frame)
        own = (self.people, self.answers) if at is None else (self.people[at], self.answers[at])
        parts = [] if derived else list(own)
        for column in sorted(map(str, frame.columns)):
            if column in _PLACE or (column in _DERIVED) != derived:
                continue
            missing = frame[column].isna().to_numpy(bool)
            if missing.all():
                continue
            if column in _CONTEXT:
                missing = missing | _among(frame[column], self.own)  # named after a record of ours, it says nothing
            # by name, and nothing for what is missing: a column nobody filled before changes no record
            named = np.asarray(pd.util.hash_array(np.array([column], dtype=object)), dtype=np.uint64)[0]
            parts.append(np.where(missing, np.uint64(0), _mixed([_hashed(frame[column], self.salt) + named], n)))
        return _mixed([np.sum(parts, axis=0, dtype=np.uint64)], n) if parts else np.zeros(n, dtype=np.uint64)

    def names(self, source: str) -> np.ndarray[Any, Any]:
        """Return the records' stable names; those that say the same are numbered."""
        number, numbered = self.number()
        who = self.people.copy()
        nobody = np.flatnonzero(~numbered & (self.people == 0))
        if len(nobody):
            who[nobody] = self.content(False, nobody)
        if self.name == "customers":
            who = np.where(self.account != 0, self.account, who)
        elif self.name == "responses":
            who = _mixed([who, _hashed(self.frame["survey"], self.salt)], self.n)
        head = _hashed(pd.Series([f"{source}|{self.name}"], dtype="str"), self.salt)[0]
        parts = [np.full(self.n, head, dtype=np.uint64), np.where(numbered, number, who)]
        if self.name in _MOMENT:
            parts.append(_hashed(self.frame[_MOMENT[self.name]], self.salt))
        hashed = _mixed(parts, self.n)
        # of several at one moment: in the order of what they are called, so that the file's order is nothing
        several = np.flatnonzero(pd.Series(hashed).duplicated(keep=False).to_numpy(bool))
        if len(several):
            frame = pd.DataFrame({"h": hashed[several], "c": self.content(False, several), "l": ""})
            if "touchpoint" in self.frame:
                frame["l"] = self.frame["touchpoint"].iloc[several].array
            order = frame.sort_values(["h", "l", "c"], kind="stable")
            nth = order.groupby("h", sort=False).cumcount().reindex(range(len(several))).to_numpy().astype(np.uint64)
            hashed[several] = np.where(nth == 0, hashed[several], _mixed([hashed[several], nth], len(several)))
        return np.array([f"r{h:016x}" for h in hashed.tolist()], dtype=object)


def name_records(readings: Sequence[Reading], key: bytes) -> list[Reading]:
    """Give every kept record a name that next month's delivery gives it too.

    Parameters
    ----------
    readings : sequence of Reading
        As the readers made them; not changed.
    key : bytes
        The pseudonym key.

    Returns
    -------
    list of Reading
        Equal but for ids. Threads and cases that a reader named after a record are named after their
        earliest one.
    """
    return [_named(reading, _salt(key)) for reading in readings]


def _named(reading: Reading, salt: str) -> Reading:
    own = _arrow(reading.ledger["record_id"])
    old: list[np.ndarray[Any, Any]] = []
    new: list[np.ndarray[Any, Any]] = []
    for name, column in IDS.items():
        frame: pd.DataFrame = getattr(reading, name)
        if len(frame):
            old.append(frame[column].to_numpy(dtype=object))
            new.append(_Records(reading, name, salt, own).names(reading.source))
    if not old:
        return reading
    names = _Names(np.concatenate(old), np.concatenate(new))
    changed: dict[str, Any] = {}
    for name in (*IDS, "answers", "identifiers", "ledger"):
        frame = getattr(reading, name)
        if not len(frame):
            continue
        columns = [c for c in ("event_id", "response_id", "invitation_id", "record_id", "merged_into") if c in frame]
        given = {c: names.of(frame[c]) for c in columns}
        if name in IDS:
            given |= {c: _context(frame, c, given[IDS[name]], own, names) for c in _CONTEXT if c in frame}
        changed[name] = frame.assign(**given)
    return replace(reading, **changed)


class _Names:
    """Old name → new one; what has none keeps its own."""

    def __init__(self, old: np.ndarray[Any, Any], new: np.ndarray[Any, Any]) -> None:
        self.old, self.new = _arrow(old), _arrow(new)

    def of(self, values: pd.Series[Any]) -> pd.Series[Any]:
        import pyarrow.compute as pc

        given = _arrow(values)
        found = self.new.take(pc.index_in(given, value_set=self.old))
        return pd.Series(pd.array(pc.coalesce(found, given).to_pylist(), dtype="str"), index=values.index)


def _context(frame: pd.DataFrame, column: str, ids: pd.Series[Any], own: Any, names: _Names) -> pd.Series[Any]:
    """Name a thread after its earliest record, not after the one whose old name was smallest."""
    mine = _among(frame[column], own)
    if not mine.any():
        return frame[column]
    moment = frame["timestamp"] if "timestamp" in frame else frame["invited_at"]
    first = pd.DataFrame({"context": frame[column], "at": moment, "id": ids})[mine].sort_values(["at", "id"])
    earliest = first.drop_duplicates("context")
    found = _Names(earliest["context"].to_numpy(dtype=object), earliest["id"].to_numpy(dtype=object))
    return found.of(frame[column])


def record_states(readings: Sequence[Reading], key: bytes) -> pd.DataFrame:
    """Return what must be remembered of each record to tell next month what became of it.

    Parameters
    ----------
    readings : sequence of Reading
        After `name_records`.
    key : bytes
        The pseudonym key.

    Returns
    -------
    DataFrame
        ``source``, ``table``, ``record_id``, ``at`` (UTC; missing for customers), ``number`` (hash of its
        number at the vendor, 0 without), ``said`` and ``derived`` (hashes of its content and of what
        follows for it from other records), ``file``.
    """
    salt = _salt(key)
    parts = []
    for reading in readings:
        own = _arrow(reading.ledger["record_id"])
        kept = reading.ledger[reading.ledger["cell"].isna()].drop_duplicates("record_id").set_index("record_id")["file"]
        for name in IDS:
            records = _Records(reading, name, salt, own)
            if not records.n:
                continue
            number, numbered = records.number()
            nothing = pd.Series([None] * records.n, dtype="datetime64[us, UTC]")
            moment = records.frame[_MOMENT[name]] if name in _MOMENT else nothing
            parts.append(
                pd.DataFrame(
                    {
                        "source": reading.source, "table": name, "record_id": records.ids.array, "at": moment.array,
                        "number": np.where(numbered, number, np.uint64(0)), "said": records.content(derived=False),
                        "derived": records.content(derived=True), "file": kept.reindex(records.ids).array,
                    }
                )
            )  # fmt: skip
    columns = ("source", "table", "record_id", "at", "number", "said", "derived", "file")
    if not parts:
        return pd.DataFrame({c: [] for c in columns})
    return pd.concat(parts, ignore_index=True)
