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
from cxmining.ingest.contact.common import labels
from cxmining.ingest.files.arrow import arrow_of, constant, labels_of, text_of
from cxmining.ingest.files.csv_rows import read_csv
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.files.recode import Text, look
from cxmining.ingest.records.build import (
    check_columns,
    check_options,
    events_table,
    identifiers_of,
    is_range,
    missing_text,
    seconds_of,
)
from cxmining.ingest.records.coded import Coded, combined
from cxmining.ingest.records.duplicates import mark_duplicates, rises
from cxmining.ingest.records.ledger import FileLedger, join_ledgers
from cxmining.ingest.records.times import parse_stamps
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
_ENDINGS: Final = ("answered", "transferred", "abandoned", "busy", "failed", "menu only", "unanswered")
_DIRECTIONS: Final = ("inbound", "outbound", "internal")
_NEVER: Final = np.iinfo(np.int64).min  # as numpy writes a missing moment
_TOGETHER: Final = ("confbridge", "meetme", "conference", "bridge")  # rooms in which people talk without another end
_EXTENSION: Final = r"\d{1,6}"
_HEAD: Final = 200
_LONGEST: Final = np.iinfo(np.int32).max
# what is looked at; of these the texts that differ from call to call
_NEEDED: Final = frozenset((*_CALL, "uniqueid", "userfield", "linkedid")) - {"duration", "amaflags"}
_DIFFERENT: Final = frozenset(
    ("src", "clid", "channel", "dstchannel", "start", "answer", "end", "uniqueid", "linkedid")
)
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
    """The columns of a file that are looked at; the others are read again of the few records that may be duplicates."""

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
        raw = read_csv(text, None, delimiter, header=False, only=kept, coded=few)
        return cls(text, delimiter, names, raw.frame.rename(columns=kept), raw.broken)

    def others(self, at: np.ndarray[Any, Any]) -> pd.DataFrame:
        """Return the other columns of some records."""
        rest = {f"f{i}": name for i, name in enumerate(self.names) if name not in self.frame.columns}
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
    mark_duplicates(ledgers, [r.frame for r in found], lambda k, at: found[k].others(at))
    events, people = [], []
    for file, records, ledger in zip(files, found, ledgers, strict=True):
        calls, who, said = _calls(file, records.frame, ledger, source, study, options)
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
        name: parse_stamps(frame[name], source.tz, f"{file.name}, column {name!r}")
        for name in ("start", "answer", "end")
    }
    clock = {name: _micros(m.utc) for name, m in moments.items()}
    start, answer, end = (clock[name] for name in ("start", "answer", "end"))
    disposition = Coded.of(frame["disposition"])
    ledger.reject(start == _NEVER, "start is no moment")
    ledger.reject(~disposition.tells(lambda w: w.isin(_DISPOSITIONS)), "disposition is none of Asterisk's")
    ledger.reject(
        ((end < start) & (end != _NEVER)) | ((answer < start) & (answer != _NEVER)),
        "ends or is answered before it starts",
    )
    at = ledger.kept
    # numbers only: a call is the code of its id, an end that answered the code of its channel
    named = _call_of(frame, options, source, ledger)
    own = _picked(named, at)
    call = np.arange(len(at)) if rises(own) else pd.factorize(own)[0]
    if (start[at][1:] < start[at][:-1]).any():
        order = np.lexsort((at, start[at]))
        at, call = at[order], call[order]
    clocks = {name: micros[at] for name, micros in clock.items()}
    billsec = Coded.of(frame["billsec"])
    number = pd.to_numeric(billsec.words, errors="coerce").fillna(0).to_numpy(dtype=float)
    odd = billsec.each(seconds_of(missing_text(billsec.words))[1], False)
    ledger.cell(odd & ledger.open, "billsec", "is no number of seconds")
    # what Asterisk bills is the span from answer to end
    talked = np.where(clocks["answer"] == _NEVER, 0, (clocks["end"] - clocks["answer"]) / 1e6)
    billed = np.where(odd[at], np.maximum(talked, 0), billsec.each(number, 0.0)[at])
    # a queue or a menu picks up itself: who is not connected to another end has talked to nobody
    app = Coded.of(frame["lastapp"]).change(lambda words: words.str.casefold())
    connected = missing_text(frame["dstchannel"])
    alone = connected.isna().to_numpy(bool) & ~app.tells(lambda words: words.isin(_TOGETHER))
    answers = disposition.tells(lambda words: words == "ANSWERED")
    by_exchange = (answers & alone)[at]
    answered = answers[at] & ~by_exchange
    calls = _joined(call, at, clocks, billed, answered, frame["dstchannel"])
    other = calls.leg != at
    ledger.merge(at[other], calls.leg[other], "leg of one call")

    one = calls.first
    row = {c: Coded.of(frame[c]).take(one) for c in ("src", "dst", "dcontext", "clid", "lastapp", "lastdata")}
    picked = calls.answer != _NEVER
    heard, waited = np.zeros(len(frame), dtype=bool), np.zeros(len(frame), dtype=bool)
    heard[calls.leg[by_exchange]] = True
    waited[calls.leg[by_exchange & app.tells(lambda words: words == "queue")[at]]] = True
    heard, waited = heard[one] & ~picked, waited[one] & ~picked
    queue = _queue(row)
    inside = _inside(row, study)
    outbound = inside == _DIRECTIONS.index("outbound")
    words = disposition.change(lambda w: w.map(_STATUS)).take(one)
    known = [_ENDINGS.index(w) if w in _ENDINGS else -1 for w in words.words]
    ending = words.each(np.array(known, dtype=np.int64), -1)
    for mask, word in (
        (picked, "answered"),
        (calls.ends > 1, "transferred"),
        (heard, "menu only"),
        (waited, "abandoned"),
    ):
        ending = np.where(mask, _ENDINGS.index(word), ending)
    # nobody at the other end of a call of ours has abandoned it
    ours = outbound & np.isin(ending, [_ENDINGS.index(word) for word in ("abandoned", "menu only")])
    status = Coded(np.where(ours, _ENDINGS.index("unanswered"), ending), pd.Series(_ENDINGS, dtype="str"))
    customer = row["dst"].choose(outbound, row["src"]).where(inside != _DIRECTIONS.index("internal"))
    until = np.where(picked, calls.answer, calls.end)
    named_queue = pd.Series(queue.text())
    events = events_table(
        ledger,
        one,
        {
            "case_id": _picked(named, one),
            "timestamp": _picked(moments["start"].utc, one),
            "utc_offset": _picked(moments["start"].offset, one),
            "channel": constant("phone", len(one)),
            "touchpoint": combined(
                [queue, status], lambda line, end: labels(constant("phone", len(line)), line, end)
            ).text(),
            "direction": labels_of(inside, _DIRECTIONS),
            "lifecycle": constant("complete", len(one)),
            # when we call, it is our agent who waits, not the customer
            "wait_s": _float((until - calls.start) / 1e6, outbound | (until == _NEVER) | (heard & ~waited)),
            "duration_s": calls.talk,
            "resource": _agent(frame, calls.last, outbound, picked).text(),
            "queue": named_queue,
            "owner_mined": named_queue,
            "raw_status": status.text(),
            "transfers": _whole(np.maximum(calls.ends, 1) - 1),
            "legs": _whole(calls.legs),
        },
        source,
    )  # fmt: skip
    caller = row["clid"].change(_caller_name).where(inside == _DIRECTIONS.index("inbound"))
    who: dict[str, Any] = {"phone": customer, "name": caller}
    if "account" in options:
        account = _field(frame, str(options["account"]), source, ("userfield", "accountcode"))
        who["account"] = account.take(one)
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
        point = _bare(channel.iloc[at[several]])
        there, points = point.codes >= 0, len(point.words) + 1
        pairs = np.unique(call[several][there] * points + point.codes[there]) // points
        ends = np.where(ends > 1, np.bincount(pairs, minlength=n), ends)
    order = np.argsort(first, kind="stable")
    return _Calls(
        first[call], *(column[order] for column in (first, last, start, answer, end, talk, ends, legs))
    )  # fmt: skip


def _micros(moments: pd.Series[Any]) -> np.ndarray[Any, Any]:
    return np.asarray(moments.dt.tz_localize(None).to_numpy(dtype="datetime64[us]").view(np.int64))


def _float(values: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]) -> Any:
    return pd.arrays.FloatingArray(np.where(missing, 0.0, values), missing)


def _whole(values: np.ndarray[Any, Any]) -> Any:
    return pd.arrays.IntegerArray(values.astype(np.int64), np.zeros(len(values), dtype=bool))


def _bare(channel: Any) -> Coded:
    """Return a channel without the number that Asterisk gives it for one call: ``PJSIP/100-0000a1b2``.

    The digits are cut off behind, and where no hyphen stood before them they are put back: no pattern, which would
    take longer than to read the file.
    """
    import pyarrow.compute as pc

    text = arrow_of(channel)
    cut = pc.ascii_rtrim(text, characters="0123456789abcdef")
    own = pc.and_(pc.ends_with(cut, "-"), pc.less(pc.binary_length(cut), pc.binary_length(text)))
    known = pc.if_else(own, pc.binary_replace_slice(cut, -1, _LONGEST, ""), text)
    return Coded.of(pd.Series(text_of(known)))


def _agent(
    frame: pd.DataFrame, last: np.ndarray[Any, Any], outbound: np.ndarray[Any, Any], picked: np.ndarray[Any, Any]
) -> Coded:
    theirs = _picked(frame["dstchannel"], last)
    if outbound.any():
        theirs = theirs.where(~outbound, _picked(frame["channel"], last))
    return _bare(theirs).change(missing_text).where(picked)


def _field(frame: pd.DataFrame, name: str, source: SourceSettings, allowed: tuple[str, ...]) -> Coded:
    if name not in allowed or name not in frame.columns:
        raise StudyError(f"source {source.name!r}: option names the field {name!r}; {nearest(name, allowed)}")
    return Coded.of(frame[name]).change(missing_text)


def _call_of(
    frame: pd.DataFrame, options: dict[str, Any], source: SourceSettings, ledger: FileLedger
) -> pd.Series[Any]:
    """Return what legs of one call have in common; a record without it is a call of its own."""
    if "linked" in options:
        chosen = _field(frame, str(options["linked"]), source, ("linkedid", "uniqueid", "userfield"))
        given = [pd.Series(chosen.text())]
    else:
        given = [missing_text(frame[name]) for name in ("linkedid", "uniqueid") if name in frame.columns]
        if "userfield" in frame.columns:
            # an exchange without a column for it may write `linkedid=…` among its own pairs
            pairs = Coded.of(frame["userfield"]).change(
                lambda words: _found(words, r"(?:^|[;&,\s])linkedid=(?P<id>[^;&,\s]+)")
            )
            if (pairs.codes >= 0).any():
                given.insert(0, pd.Series(pairs.text()))
    own = given[0] if given else pd.Series([None] * len(frame), dtype="str")
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


def _queue(row: dict[str, Coded]) -> Coded:
    queued = row["lastapp"].tells(lambda words: words.str.lower() == "queue")
    named = row["lastdata"].change(lambda words: _found(words, r"^(?P<queue>[^,|]+)")).where(queued)
    return named.fill(row["dcontext"]).change(missing_text)


def _inside(row: dict[str, Coded], study: Study) -> np.ndarray[Any, Any]:
    """Return the direction, as a place in `_DIRECTIONS`.

    Ours are the study's numbers, extensions (up to six digits) and what is no number at all.
    """
    own = set(normalise("phone", pd.Series(list(study.company.numbers), dtype="str"), study.company.country).dropna())
    own |= set(study.company.numbers)
    ends = tuple(sorted({number[-3:] for number in own if number}))

    def ours(written: pd.Series[Any]) -> pd.Series[Any]:
        # only what ends like a number of ours, or is no plain number, need be read as one
        plain = written.str.fullmatch(r"[+0-9]+").fillna(False) & ~written.str.endswith(ends).fillna(False)
        odd = written[~plain]
        number = normalise("phone", odd, study.company.country)
        inside = odd.isin(own) | number.isin(own)
        peer = number.isna() & odd.str.contains(r"[A-Za-z]", regex=True).fillna(False)
        extension = written.str.fullmatch(_EXTENSION).fillna(False)
        return extension | (inside | peer).reindex(written.index, fill_value=False)

    nobody = _WITHHELD.union({""})
    src = row["src"].tells(lambda words: ours(words) & ~words.str.lower().isin(nobody))
    dst = row["dst"].tells(ours)
    return np.where(src & ~dst, 1, np.where(src & dst, 2, 0))


def _caller_name(clid: pd.Series[Any]) -> pd.Series[Any]:
    name = _found(clid, r'^\s*"*\s*(?P<name>[^"<]*?)\s*"*\s*<')
    return name.mask(name.str.contains(r"\d{3}", regex=True).fillna(False).to_numpy(bool))
