"""Asterisk ``Master.csv``: call records without a header, in either of the two column orders.

``cdr_csv`` begins with the account code, ``cdr_custom`` with the caller id; which it is shows in
where the three stamps stand. The legs of one call (one ``linkedid``, as a column or as
``linkedid=…`` in ``userfield``, else one ``uniqueid``) become
one contact: the first leg stays, the others are *merged* into it.

* ``wait_s`` = first answer − start; for a call nobody answered, end − start; missing when we called.
* ``duration_s`` = talking: the billed seconds of the answered legs, added up.
* ``raw_status`` = answered, transferred (answered on two ends), abandoned (NO ANSWER, or picked up by the queue only),
  menu only (picked up by the exchange, and connected to nobody), unanswered (we called), busy, failed.
* a call nobody answered is a touchpoint of its own (``phone: billing, abandoned``) until a rule maps it;
  ``legs`` and ``transfers`` (ends that answered beyond the first).
* the queue is the first argument of ``Queue``, else the dial-plan context.

Needs ``tz`` (stamps are local unless the exchange runs with ``usegmtime=yes``; then ``"UTC"``).

Options
-------
account : str
    Field that holds the customer's account, ``userfield`` or ``accountcode``; default none.
linked : str
    Field that joins legs: ``linkedid``, ``uniqueid`` or ``userfield``; default as above.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import InputError
from cxmining.ingest.contact.asterisk_calls import CLOCKS, DISPOSITIONS, calls_of
from cxmining.ingest.files.csv_rows import read_csv
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.files.recode import Text, look
from cxmining.ingest.records.build import check_columns, check_options, stacked
from cxmining.ingest.records.duplicates import mark_duplicates
from cxmining.ingest.records.ledger import FileLedger, join_ledgers
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["CUSTOM", "OPTIONS", "STANDARD", "layout", "load", "read"]

OPTIONS: Final = {"account": "userfield or accountcode", "linked": "linkedid, uniqueid or userfield"}
_CALL: Final = (
    "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer", "end",
    "duration", "billsec", "disposition", "amaflags",
)  # fmt: skip
STANDARD: Final = ("accountcode", *_CALL, "uniqueid", "userfield", "peeraccount", "linkedid", "sequence")
CUSTOM: Final = (
    "clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer", "end",
    "duration", "billsec", "disposition", "amaflags", "accountcode", "uniqueid", "userfield", "sequence", "linkedid",
)  # fmt: skip
_STAMP: Final = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d+)?$"
_HEAD: Final = 200
# what is looked at; of these the texts that differ from call to call
_NEEDED: Final = frozenset((*_CALL, "uniqueid", "userfield", "linkedid")) - {"duration", "amaflags"}
_DIFFERENT: Final = frozenset(("src", "clid", "channel", "dstchannel", *CLOCKS, "uniqueid", "linkedid"))


def layout(frame: pd.DataFrame) -> tuple[str, ...] | None:
    """Return the names of the columns, judged by where start, end and disposition stand; none if nowhere.

    Examples
    --------
    >>> layout(pd.DataFrame([["x"] * 16])) is None
    True
    """
    head = frame.head(200)
    for names in (STANDARD, CUSTOM):
        if not 16 <= frame.shape[1] <= len(names) and frame.shape[1] != 15:
            continue
        start, end, word = (names.index(c) for c in ("start", "end", "disposition"))
        if word >= frame.shape[1]:
            continue
        fits = (
            head.iloc[:, start].str.match(_STAMP).fillna(False).to_numpy(bool)
            & head.iloc[:, end].str.match(_STAMP).fillna(False).to_numpy(bool)
            & head.iloc[:, word].isin(DISPOSITIONS).to_numpy(bool)
        )
        if fits.mean() > 0.5:
            return names[: frame.shape[1]]
    return None


def load(file: SourceFile, source: SourceSettings, limit: int | None = None) -> tuple[pd.DataFrame, dict[int, str]]:
    """Return the (first) call records as text under their names, and those that could not be laid out."""
    text = look(file, source.encoding)
    raw = read_csv(text, source.encoding, source.delimiter or ",", header=False, limit=limit)
    return raw.frame.set_axis(list(_laid_out(raw.frame, file)), axis=1), raw.broken


def _laid_out(frame: pd.DataFrame, file: SourceFile) -> tuple[str, ...]:
    names = layout(frame)
    if names is None:
        raise InputError(
            f"{file.name}: start, end and disposition stand in neither of Asterisk's two column orders; "
            'a header line, or another format? Set format, or map the columns with format = "csv"'
        )
    return names


@dataclass(frozen=True, eq=False)
class _Records:
    """The columns of a file that are looked at; the others are read again of the few records that may be duplicates.

    So are the stamps, since two of one moment may be written in two ways.
    """

    text: Text
    delimiter: str
    names: tuple[str, ...]
    frame: pd.DataFrame
    broken: dict[int, str]

    @classmethod
    def of(cls, file: SourceFile, source: SourceSettings, options: dict[str, Any]) -> _Records:
        text, delimiter = look(file, source.encoding), source.delimiter or ","
        names = _laid_out(read_csv(text, None, delimiter, header=False, limit=_HEAD).frame, file)
        kept = {f"f{i}": name for i, name in enumerate(names) if name in _NEEDED or name in options.values()}
        few = {f for f, name in kept.items() if name not in _DIFFERENT}
        clocks = {f for f, name in kept.items() if name in CLOCKS}
        raw = read_csv(text, None, delimiter, header=False, only=kept, coded=few, moments=clocks)
        return cls(text, delimiter, names, raw.frame.rename(columns=kept), raw.broken)

    def at_hand(self) -> pd.DataFrame:
        """Return the columns that are there as they are written."""
        return self.frame.drop(columns=[name for name in CLOCKS if name in self.frame])

    def others(self, at: np.ndarray[Any, Any]) -> pd.DataFrame:
        """Return the other columns of some records."""
        here = self.at_hand().columns
        rest = {f"f{i}": name for i, name in enumerate(self.names) if name not in here}
        if not rest:
            return pd.DataFrame(index=at)
        raw = read_csv(self.text, None, self.delimiter, header=False, only=rest, rows=at)
        return raw.frame.rename(columns=rest)


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read call records.

    Returns
    -------
    Reading
        One event per call; each record kept, merged, rejected, or duplicate.

    Raises
    ------
    InputError
        When the columns stand in no known order, or no ``tz`` is given.
    """
    options = check_options(source, OPTIONS, "asterisk")
    check_columns(source, ())
    found, ledgers, notes = [], [], []
    for file in files:
        records = _Records.of(file, source, options)
        ledger = FileLedger(source.name, file, len(records.frame))
        for position, reason in sorted(records.broken.items()):
            ledger.reject([position], reason)
        found.append(records)
        ledgers.append(ledger)
    mark_duplicates(ledgers, [r.at_hand() for r in found], lambda k, at: found[k].others(at))
    events, people = [], []
    for file, records, ledger in zip(files, found, ledgers, strict=True):
        calls, who, said = calls_of(file, records.frame, ledger, source, study, options)
        events.append(calls)
        people.append(who)
        notes += said
    inputs, rows = join_ledgers(ledgers)
    return Reading(
        source.name, "asterisk", inputs, rows, identifiers=stacked(people), events=stacked(events), notes=tuple(dict.fromkeys(notes)),
    )  # fmt: skip
