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

from cxmining.errors import InputError, StudyError, nearest
from cxmining.ingest._arrow import arrow_of, constant, labels_of, text_of
from cxmining.ingest._build import (
    check_columns,
    check_options,
    events_table,
    identifiers_of,
    is_range,
    missing_text,
    seconds_of,
)
from cxmining.ingest._contact import labels
from cxmining.ingest._csv import read_csv
from cxmining.ingest._duplicates import mark_duplicates
from cxmining.ingest._files import SourceFile
from cxmining.ingest._ledger import FileLedger, join_ledgers
from cxmining.ingest._time import parse_stamps
from cxmining.privacy.normalise import normalise
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
_DISPOSITIONS: Final = ("ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION")
_STATUS: Final = {"NO ANSWER": "abandoned", "BUSY": "busy", "FAILED": "failed", "CONGESTION": "failed"}
_NEVER: Final = np.iinfo(np.int64).min  # as numpy writes a missing moment
_TOGETHER: Final = ("confbridge", "meetme", "conference", "bridge")  # rooms in which people talk without another end
_EXTENSION: Final = r"\d{1,6}"
_WITHHELD: Final = frozenset(("anonymous", "restricted", "unknown", "unavailable", "private", "withheld"))


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
            & head.iloc[:, word].isin(_DISPOSITIONS).to_numpy(bool)
        )
        if fits.mean() > 0.5:
            return names[: frame.shape[1]]
    return None


def load(file: SourceFile, source: SourceSettings, limit: int | None = None) -> tuple[pd.DataFrame, dict[int, str]]:
    """Return the (first) call records as text under their names, and those that could not be laid out."""
    raw = read_csv(file, source.encoding, source.delimiter or ",", header=False, limit=limit)
    names = layout(raw.frame)
    if names is None:
        raise InputError(
            f"{file.name}: start, end and disposition stand in neither of Asterisk's two column orders; "
            'a header line, or another format? Set format, or map the columns with format = "csv"'
        )
    return raw.frame.set_axis(list(names), axis=1), raw.broken


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
    frames, ledgers, notes = [], [], []
    for file in files:
        frame, broken = load(file, source)
        ledger = FileLedger(source.name, file, len(frame))
        for position, reason in sorted(broken.items()):
            ledger.reject([position], reason)
        frames.append(frame)
        ledgers.append(ledger)
    mark_duplicates(ledgers, frames)
    events, people = [], []
    for file, frame, ledger in zip(files, frames, ledgers, strict=True):
        calls, who, said = _calls(file, frame, ledger, source, study, options)
        events.append(calls)
        people.append(who)
        notes += said
    inputs, rows = join_ledgers(ledgers)
    return Reading(
        source.name, "asterisk", inputs, rows, identifiers=pd.concat(people, ignore_index=True),
        events=pd.concat(events, ignore_index=True), notes=tuple(dict.fromkeys(notes)),
    )  # fmt: skip


def _calls(
    file: SourceFile,
    frame: pd.DataFrame,
    ledger: FileLedger,
    source: SourceSettings,
    study: Study,
    options: dict[str, Any],
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    moments = {
        name: parse_stamps(missing_text(frame[name]), source.tz, f"{file.name}, column {name!r}")
        for name in ("start", "answer", "end")
    }
    start, answer, end = (moments[name].utc for name in ("start", "answer", "end"))
    ledger.reject(start.isna().to_numpy(), "start is no moment")
    ledger.reject(~frame["disposition"].isin(_DISPOSITIONS).to_numpy(), "disposition is none of Asterisk's")
    backwards = ((end < start) | (answer < start)).fillna(False).to_numpy(bool)
    ledger.reject(backwards, "ends or is answered before it starts")
    at = ledger.kept
    # numbers only: a call is the code of its id, an end that answered the code of its channel
    named = _call_of(frame, options, source, ledger)
    call, _ = pd.factorize(_picked(named, at))
    clocks = {k: _micros(m.iloc[at]) for k, m in (("start", start), ("answer", answer), ("end", end))}
    order = np.lexsort((at, clocks["start"]))
    at, call = at[order], call[order]
    clocks = {k: v[order] for k, v in clocks.items()}
    given = _numbers(frame["billsec"])
    codes, unique = pd.factorize(frame["billsec"])
    odd = np.append(seconds_of(missing_text(pd.Series(unique, dtype="str")))[1], False)[codes]
    ledger.cell(odd & ledger.open, "billsec", "is no number of seconds")
    # what Asterisk bills is the span from answer to end
    talked = np.where(clocks["answer"] == _NEVER, 0, (clocks["end"] - clocks["answer"]) / 1e6)
    billed = np.where(odd[at], np.maximum(talked, 0), given[at])
    # a queue or a menu picks up itself: who is not connected to another end has talked to nobody
    app = frame["lastapp"].str.casefold()
    alone = missing_text(frame["dstchannel"]).isna().to_numpy(bool) & ~app.isin(_TOGETHER).to_numpy(bool)
    by_exchange = (frame["disposition"].eq("ANSWERED").to_numpy(bool) & alone)[at]
    answered = frame["disposition"].eq("ANSWERED").to_numpy(bool)[at] & ~by_exchange
    calls = _joined(call, at, clocks, billed, answered, frame["dstchannel"])
    other = calls.leg != at
    ledger.merge(at[other], calls.leg[other], "leg of one call")

    one = calls.first
    row = frame if len(one) == len(frame) and is_range(one) else frame.iloc[one].reset_index(drop=True)
    final = row if (calls.last == one).all() else frame.iloc[calls.last].reset_index(drop=True)
    picked = calls.answer != _NEVER
    status = row["disposition"].map(_STATUS).where(~picked, "answered").mask(calls.ends > 1, "transferred")
    heard, waited = np.zeros(len(frame), dtype=bool), np.zeros(len(frame), dtype=bool)
    heard[calls.leg[by_exchange]] = True
    waited[calls.leg[by_exchange & app.eq("queue").to_numpy(bool)[at]]] = True
    heard, waited = heard[one] & ~picked, waited[one] & ~picked
    status = status.mask(heard, "menu only").mask(waited, "abandoned")
    queue = _queue(row)
    direction = _direction(row, study)
    outbound = direction.eq("outbound").to_numpy(bool)
    # nobody at the other end of a call of ours has abandoned it
    status = status.mask(outbound & status.isin(["abandoned", "menu only"]).to_numpy(bool), "unanswered")
    customer = row["src"].where(~outbound, row["dst"]).mask(direction.eq("internal").to_numpy(bool))
    agent = missing_text(_bare(final["dstchannel"].where(~outbound, final["channel"]))).where(picked)
    until = np.where(picked, calls.answer, calls.end)
    events = events_table(
        ledger,
        one,
        {
            "case_id": _picked(named, one),
            "timestamp": start.iloc[one],
            "utc_offset": moments["start"].offset.iloc[one],
            "channel": constant("phone", len(one)),
            "touchpoint": labels(constant("phone", len(one)), queue, status),
            "direction": direction,
            "lifecycle": constant("complete", len(one)),
            # when we call, it is our agent who waits, not the customer
            "wait_s": _float((until - calls.start) / 1e6, outbound | (until == _NEVER) | (heard & ~waited)),
            "duration_s": calls.talk,
            "resource": agent,
            "queue": queue,
            "owner_mined": queue,
            "raw_status": status,
            "transfers": _whole(np.maximum(calls.ends, 1) - 1),
            "legs": _whole(calls.legs),
        },
        source,
    )  # fmt: skip
    who: dict[str, Any] = {"phone": customer, "name": _caller_name(row).where(direction.eq("inbound").to_numpy(bool))}
    if "account" in options:
        who["account"] = _field(row, str(options["account"]), source, ("userfield", "accountcode"))
    people = identifiers_of(ledger.names.take(one), who, study.company.country, distinct=True)
    return events, people, moments["start"].notes(source.name)


@dataclass(frozen=True, eq=False)
class _Calls:
    """What legs make a call, in the order of the file.

    `leg` is as long as the legs: the first leg of the call of each. All else is as long as the calls:
    positions of the first and of the last answered leg, clocks in microseconds (`_NEVER` for none),
    seconds talked, how many ends answered, how many legs there are.
    """

    leg: np.ndarray[Any, Any]
    first: np.ndarray[Any, Any]
    last: np.ndarray[Any, Any]
    start: np.ndarray[Any, Any]
    answer: np.ndarray[Any, Any]
    end: np.ndarray[Any, Any]
    talk: np.ndarray[Any, Any]
    ends: np.ndarray[Any, Any]
    legs: np.ndarray[Any, Any]


def _joined(
    call: np.ndarray[Any, Any],
    at: np.ndarray[Any, Any],
    clocks: dict[str, np.ndarray[Any, Any]],
    billed: np.ndarray[Any, Any],
    answered: np.ndarray[Any, Any],
    channel: pd.Series[Any],
) -> _Calls:
    """Join legs, which are in the order of their start."""
    n = int(call.max(initial=-1)) + 1
    first = np.zeros(n, dtype=np.int64)
    start = np.zeros(n, dtype=np.int64)
    first[call[::-1]], start[call[::-1]] = at[::-1], clocks["start"][::-1]  # of equal ones the last written stands
    last = first.copy()
    last[call[answered]] = at[answered]
    end = np.full(n, _NEVER)
    np.maximum.at(end, call, clocks["end"])
    answer = np.full(n, np.iinfo(np.int64).max)
    real = answered & (clocks["answer"] != _NEVER)
    np.minimum.at(answer, call[real], clocks["answer"][real])
    answer[answer == np.iinfo(np.int64).max] = _NEVER
    talk = np.bincount(call[answered], weights=billed[answered], minlength=n)
    legs = np.bincount(call, minlength=n)
    ends = np.bincount(call[answered], minlength=n)
    several = (ends > 1)[call] & answered
    if several.any():  # two legs may have been answered at one end
        point, points = pd.factorize(_bare(channel.iloc[at[several]]))
        there = point >= 0
        pairs = np.unique(call[several][there] * (len(points) + 1) + point[there]) // (len(points) + 1)
        ends = np.where(ends > 1, np.bincount(pairs, minlength=n), ends)
    order = np.argsort(first, kind="stable")
    return _Calls(
        first[call], *(column[order] for column in (first, last, start, answer, end, talk, ends, legs))
    )  # fmt: skip


def _numbers(column: pd.Series[Any]) -> np.ndarray[Any, Any]:
    codes, unique = pd.factorize(column)
    number = pd.to_numeric(pd.Series(unique, dtype="str"), errors="coerce").fillna(0).to_numpy(dtype=float)
    return np.append(number, 0.0)[codes]


def _micros(moments: pd.Series[Any]) -> np.ndarray[Any, Any]:
    return np.asarray(moments.dt.tz_localize(None).to_numpy(dtype="datetime64[us]").view(np.int64))


def _float(values: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]) -> Any:
    return pd.arrays.FloatingArray(np.where(missing, 0.0, values), missing)


def _whole(values: np.ndarray[Any, Any]) -> Any:
    return pd.arrays.IntegerArray(values.astype(np.int64), np.zeros(len(values), dtype=bool))


def _bare(channel: pd.Series[Any]) -> pd.Series[Any]:
    """Return a channel without the number that Asterisk gives it for one call: ``PJSIP/100-0000a1b2``."""
    return channel.str.replace(r"-[0-9a-f]+$", "", regex=True)


def _field(frame: pd.DataFrame, name: str, source: SourceSettings, allowed: tuple[str, ...]) -> pd.Series[Any]:
    if name not in allowed or name not in frame.columns:
        raise StudyError(f"source {source.name!r}: option names the field {name!r}; {nearest(name, allowed)}")
    return missing_text(frame[name])


def _call_of(
    frame: pd.DataFrame, options: dict[str, Any], source: SourceSettings, ledger: FileLedger
) -> pd.Series[Any]:
    """Return what legs of one call have in common; a record without it is a call of its own."""
    if "linked" in options:
        given = [_field(frame, str(options["linked"]), source, ("linkedid", "uniqueid", "userfield"))]
    else:
        given = [missing_text(frame[name]) for name in ("linkedid", "uniqueid") if name in frame.columns]
        if "userfield" in frame.columns:
            # an exchange without a column for it may write `linkedid=…` among its own pairs
            given.insert(0, _found(frame["userfield"], r"(?:^|[;&,\s])linkedid=(?P<id>[^;&,\s]+)"))
    own = given[0] if given else pd.Series([None] * len(frame), index=frame.index, dtype="str")
    for more in given[1:]:
        if not own.isna().any():
            break
        own = own.fillna(more)
    if own.isna().any():
        own = own.fillna(pd.Series(ledger.names))
    return own


def _picked(column: pd.Series[Any], at: np.ndarray[Any, Any]) -> pd.Series[Any]:
    return column if len(at) == len(column) and is_range(at) else column.iloc[at].reset_index(drop=True)


def _found(column: pd.Series[Any], pattern: str) -> pd.Series[Any]:
    """Return what the one group of a pattern finds, stripped; ``str.extract`` is a loop, this is none."""
    import pyarrow.compute as pc

    groups = pc.extract_regex(arrow_of(column), pattern)
    return missing_text(pd.Series(text_of(pc.struct_field(groups, 0)), index=column.index))


def _queue(row: pd.DataFrame) -> pd.Series[Any]:
    named = _found(row["lastdata"], r"^(?P<queue>[^,|]+)").where(row["lastapp"].str.lower() == "queue")
    return missing_text(named.fillna(row["dcontext"]))


def _direction(row: pd.DataFrame, study: Study) -> pd.Series[Any]:
    """Ours are the study's numbers, extensions (up to six digits) and what is no number at all."""
    own = set(normalise("phone", pd.Series(list(study.company.numbers), dtype="str"), study.company.country).dropna())
    own |= set(study.company.numbers)

    def ours(column: pd.Series[Any]) -> np.ndarray[Any, Any]:
        codes, unique = pd.factorize(column)
        written = pd.Series(unique, dtype="str")
        number = normalise("phone", written, study.company.country)
        inside = written.str.fullmatch(_EXTENSION).fillna(False) | written.isin(own) | number.isin(own)
        peer = number.isna() & written.str.contains(r"[A-Za-z]", regex=True).fillna(False)
        return np.append(np.asarray(inside | peer, dtype=bool), False)[codes]

    nobody = _WITHHELD.union({""})
    src, dst = ours(row["src"]) & ~row["src"].str.lower().isin(nobody).to_numpy(bool), ours(row["dst"])
    words = ("inbound", "outbound", "internal")
    return pd.Series(labels_of(np.where(src & ~dst, 1, np.where(src & dst, 2, 0)), words))


def _caller_name(row: pd.DataFrame) -> pd.Series[Any]:
    name = _found(row["clid"], r'^\s*"*\s*(?P<name>[^"<]*?)\s*"*\s*<')
    return name.mask(name.str.contains(r"\d{3}", regex=True).fillna(False).to_numpy(bool))
