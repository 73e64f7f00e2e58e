"""What Asterisk's call records say: the legs of one call joined, which way it went, how it ended, who it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from cxmining.errors import StudyError, nearest
from cxmining.ingest.contact.common import labels
from cxmining.ingest.files.arrow import arrow_of, constant, labels_of, text_of
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.build import events_table, identifiers_of, is_range, missing_text, seconds_of
from cxmining.ingest.records.coded import Coded, combined
from cxmining.ingest.records.duplicates import rises
from cxmining.ingest.records.ledger import FileLedger
from cxmining.ingest.records.routes import routes_of
from cxmining.ingest.records.times import parse_stamps
from cxmining.privacy.normalise import normalise
from cxmining.study import SourceSettings, Study

__all__ = ["CLOCKS", "DISPOSITIONS", "calls_of"]

CLOCKS: Final = ("start", "answer", "end")
DISPOSITIONS: Final = ("ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION")
_STATUS: Final = {"NO ANSWER": "abandoned", "BUSY": "busy", "FAILED": "failed", "CONGESTION": "failed"}
_ENDINGS: Final = ("answered", "transferred", "abandoned", "busy", "failed", "menu only", "unanswered")
_DIRECTIONS: Final = ("inbound", "outbound", "internal")
_NEVER: Final = np.iinfo(np.int64).min  # as numpy writes a missing moment
_TOGETHER: Final = ("confbridge", "meetme", "conference", "bridge")  # rooms in which people talk without another end
_EXTENSION: Final = r"\d{1,6}"
_LONGEST: Final = np.iinfo(np.int32).max
_WITHHELD: Final = frozenset(("anonymous", "restricted", "unknown", "unavailable", "private", "withheld"))


def calls_of(
    file: SourceFile,
    frame: pd.DataFrame,
    ledger: FileLedger,
    source: SourceSettings,
    study: Study,
    options: dict[str, Any],
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Return the events and identifiers of a file's call records, one event per call, and notes.

    Parameters
    ----------
    file : SourceFile
    frame : DataFrame
        The columns that are looked at, under Asterisk's names.
    ledger : FileLedger
        Learns which records cannot be used and which are legs of another.
    source : SourceSettings
    study : Study
    options : dict
        See `asterisk`.
    """
    stamps = {name: parse_stamps(frame[name], source.tz, f"{file.name}, column {name!r}") for name in CLOCKS}
    clock = {name: _micros(found.utc) for name, found in stamps.items()}
    start, answer, end = (clock[name] for name in CLOCKS)
    disposition = Coded.of(frame["disposition"])
    ledger.never(stamps["start"], "start")
    ledger.reject(start == _NEVER, "start is no moment")
    ledger.reject(~disposition.tells(lambda w: w.isin(DISPOSITIONS)), "disposition is none of Asterisk's")
    ledger.reject(
        ((end < start) & (end != _NEVER)) | ((answer < start) & (answer != _NEVER)),
        "ends or is answered before it starts",
    )
    named = _call_of(frame, options, source, ledger)
    # a queue or a menu picks up itself: who is not connected to another end has talked to nobody
    app = Coded.of(frame["lastapp"]).change(lambda words: words.str.casefold())
    alone = missing_text(frame["dstchannel"]).isna().to_numpy(bool) & ~app.tells(lambda w: w.isin(_TOGETHER))
    taken = disposition.tells(lambda words: words == "ANSWERED")
    calls = _joined(frame, named, clock, taken & ~alone, ledger)

    one = calls.first
    row = {c: Coded.of(frame[c]).take(one) for c in ("src", "dst", "dcontext", "lastapp", "lastdata")}
    queue = _queue(row)
    inside = _inside(row, study)
    inbound, outbound, internal = (inside == _DIRECTIONS.index(word) for word in _DIRECTIONS)
    picked = calls.answer != _NEVER
    heard = calls.any(taken & alone) & ~picked
    waited = calls.any(taken & alone & app.tells(lambda words: words == "queue")) & ~picked
    status = _status(disposition.take(one), picked, calls.ends > 1, heard, waited, outbound)
    until = np.where(picked, calls.answer, calls.end)
    named_queue = pd.Series(queue.text())
    events = events_table(
        ledger,
        one,
        {
            "case_id": calls.name,
            "timestamp": _picked(stamps["start"].utc, one),
            "utc_offset": _picked(stamps["start"].offset, one),
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
            **_routes(frame, calls, clock),
        },
        source,
    )  # fmt: skip
    who: dict[str, Any] = {
        "phone": row["dst"].choose(outbound, row["src"]).where(~internal),
        "name": _caller_names(frame["clid"], one, inbound),
    }
    if "account" in options:
        account = _field(frame, str(options["account"]), source, ("userfield", "accountcode"))
        who["account"] = account.take(one)
    names = ledger.names if len(one) == ledger.n and is_range(one) else ledger.names.take(one)
    people = identifiers_of(names, who, study.company.country, distinct=True)
    return events, people, stamps["start"].notes(source.name)


@dataclass(frozen=True, eq=False)
class _Calls:
    """What legs make a call, in the order of the file.

    `at` and `leg` are as long as the legs: where each stands, and where the first leg of its call does. All else is
    as long as the calls: what the exchange calls it, positions of the first and of the last answered leg, clocks in
    microseconds (`_NEVER` for none), seconds talked, how many ends answered, how many legs there are.
    """

    name: pd.Series[Any]
    at: np.ndarray[Any, Any]
    leg: np.ndarray[Any, Any]
    first: np.ndarray[Any, Any]
    last: np.ndarray[Any, Any]
    start: np.ndarray[Any, Any]
    answer: np.ndarray[Any, Any]
    end: np.ndarray[Any, Any]
    talk: np.ndarray[Any, Any]
    ends: np.ndarray[Any, Any]
    legs: np.ndarray[Any, Any]

    def any(self, true: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Tell of each call whether something is true of any of its legs; `true` is as long as the file."""
        found = np.zeros(len(true), dtype=bool)
        found[self.leg[true[self.at]]] = True
        return np.asarray(found[self.first])


def _joined(
    frame: pd.DataFrame,
    named: pd.Series[Any],
    clock: dict[str, np.ndarray[Any, Any]],
    answered: np.ndarray[Any, Any],
    ledger: FileLedger,
) -> _Calls:
    """Join the legs that stand to calls; all columns are as long as the file."""
    at = ledger.kept
    # numbers only: a call is the code of its id, an end that answered the code of its channel
    own = _picked(named, at)
    call = np.arange(len(at)) if rises(own) else pd.factorize(own)[0]
    start, answer, end = (clock[name] for name in CLOCKS)
    billed = _billed(frame["billsec"], clock, ledger)
    n = int(call.max(initial=-1)) + 1
    if n == len(at):  # as where nobody is put through: nothing is joined
        start, answer, end, answered = (c if len(at) == ledger.n else c[at] for c in (start, answer, end, answered))
        billed = billed if len(at) == ledger.n else billed[at]
        return _Calls(
            own, at, at, at, at, start, np.where(answered, answer, _NEVER), end, np.where(answered, billed, 0.0),
            answered.astype(np.int64), np.ones(n, dtype=np.int64),
        )  # fmt: skip
    if (start[at][1:] < start[at][:-1]).any():
        order = np.lexsort((at, start[at]))
        at, call = at[order], call[order]
    start, answer, end, answered, billed = (c[at] for c in (start, answer, end, answered, billed))
    first, begun = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    first[call[::-1]], begun[call[::-1]] = at[::-1], start[::-1]  # of equal ones the last written stands
    last = first.copy()
    last[call[answered]] = at[answered]
    until = np.full(n, _NEVER)
    np.maximum.at(until, call, end)
    picked = np.full(n, np.iinfo(np.int64).max)
    real = answered & (answer != _NEVER)
    np.minimum.at(picked, call[real], answer[real])
    picked[picked == np.iinfo(np.int64).max] = _NEVER
    talk = np.bincount(call[answered], weights=billed[answered], minlength=n)
    legs = np.bincount(call, minlength=n)
    ends = np.bincount(call[answered], minlength=n)
    several = (ends > 1)[call] & answered
    if several.any():  # two legs may have been answered at one end
        point = _bare(frame["dstchannel"].iloc[at[several]])
        there, points = point.codes >= 0, len(point.words) + 1
        pairs = np.unique(call[several][there] * points + point.codes[there]) // points
        ends = np.where(ends > 1, np.bincount(pairs, minlength=n), ends)
    leg = first[call]
    ledger.merge(at[leg != at], leg[leg != at], "leg of one call")
    order = np.argsort(first, kind="stable")
    columns = (c[order] for c in (first, last, begun, picked, until, talk, ends, legs))
    return _Calls(_picked(named, first[order]), at, leg, *columns)


def _billed(column: pd.Series[Any], clock: dict[str, np.ndarray[Any, Any]], ledger: FileLedger) -> np.ndarray[Any, Any]:
    """Return the seconds that were billed; where that is no number, the span from answer to end that Asterisk bills."""
    billsec = Coded.of(column)
    number = pd.to_numeric(billsec.words, errors="coerce").fillna(0).to_numpy(dtype=float)
    billed = billsec.each(number, 0.0)
    odd = billsec.each(seconds_of(missing_text(billsec.words))[1], False)
    if odd.any():
        ledger.cell(odd & ledger.open, "billsec", "is no number of seconds")
        answer, end = clock["answer"][odd], clock["end"][odd]
        billed[odd] = np.where((answer == _NEVER) | (end == _NEVER), 0.0, np.maximum(end - answer, 0) / 1e6)
    return billed


def _status(
    disposition: Coded,
    picked: np.ndarray[Any, Any],
    several: np.ndarray[Any, Any],
    heard: np.ndarray[Any, Any],
    waited: np.ndarray[Any, Any],
    outbound: np.ndarray[Any, Any],
) -> Coded:
    """Return how each call ended, by what was written of its first leg and by what became of it."""
    words = disposition.change(lambda w: w.map(_STATUS))
    known = [_ENDINGS.index(w) if w in _ENDINGS else -1 for w in words.words]
    ending = words.each(np.array(known, dtype=np.int64), -1)
    for mask, word in ((picked, "answered"), (several, "transferred"), (heard, "menu only"), (waited, "abandoned")):
        ending[mask] = _ENDINGS.index(word)
    # nobody at the other end of a call of ours has abandoned it
    ours = outbound & np.isin(ending, [_ENDINGS.index(word) for word in ("abandoned", "menu only")])
    ending[ours] = _ENDINGS.index("unanswered")
    return Coded(ending, pd.Series(_ENDINGS, dtype="str"))


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
    return _line(row).fill(row["dcontext"]).change(missing_text)


def _line(row: dict[str, Coded]) -> Coded:
    """Return the queue of each leg, missing where it was in none."""
    queued = row["lastapp"].tells(lambda words: words.str.lower() == "queue")
    return row["lastdata"].change(lambda words: _found(words, r"^(?P<queue>[^,|]+)")).where(queued)


def _routes(frame: pd.DataFrame, calls: _Calls, clock: dict[str, np.ndarray[Any, Any]]) -> dict[str, Any]:
    """Return through which queues each call went and how long it waited in each; nothing where none was put through."""
    if len(calls.at) == len(calls.first):
        return {}
    several = np.isin(calls.leg, calls.first[calls.legs > 1])
    at = calls.at[several]
    until = np.where(clock["answer"][at] != _NEVER, clock["answer"][at], clock["end"][at])
    known = (until != _NEVER) & (clock["start"][at] != _NEVER)
    waits = np.where(known, (until - clock["start"][at]) / 1e6, np.nan)
    line = _line({c: Coded.of(frame[c].iloc[at]) for c in ("lastapp", "lastdata")})
    routes = routes_of(calls.leg[several], pd.Series(line.change(missing_text).text()), waits)
    if not len(routes):
        return {}
    return {str(n): c.reindex(calls.first).reset_index(drop=True).astype("str") for n, c in routes.items()}


def _inside(row: dict[str, Coded], study: Study) -> np.ndarray[Any, Any]:
    """Return the direction, as a place in `_DIRECTIONS`.

    Ours are the study's numbers, extensions (up to six digits) and what is no number at all.
    """
    import pyarrow.compute as pc

    own = set(normalise("phone", pd.Series(list(study.company.numbers), dtype="str"), study.company.country).dropna())
    own |= set(study.company.numbers)
    ends = tuple(sorted({number[-3:] for number in own if number}))

    def ours(words: pd.Series[Any]) -> pd.Series[Any]:
        # only what ends like a number of ours, is short, or is no plain number, need be read as one
        text = arrow_of(words)
        digits = pc.ascii_ltrim(text, characters="+")
        long = pc.and_(pc.ascii_is_decimal(digits), pc.greater(pc.binary_length(digits), 6))
        near = ~np.asarray(pc.fill_null(long, False))
        for end in ends:
            near |= np.asarray(pc.fill_null(pc.ends_with(text, end), False))
        some = words[near]
        plain = some.str.fullmatch(r"[+0-9]+").fillna(False) & ~some.str.endswith(ends).fillna(False)
        odd = some[~plain]
        number = normalise("phone", odd, study.company.country)
        inside = odd.isin(own) | number.isin(own)
        peer = number.isna() & odd.str.contains(r"[A-Za-z]", regex=True).fillna(False)
        extension = some.str.fullmatch(_EXTENSION).fillna(False)
        found = extension | (inside | peer).reindex(some.index, fill_value=False)
        return found.reindex(words.index, fill_value=False)

    def somebody(words: pd.Series[Any]) -> pd.Series[Any]:
        found = ours(words)
        found[found] = ~words[found].str.lower().isin(_WITHHELD.union({""}))
        return found

    src, dst = row["src"].tells(somebody), row["dst"].tells(ours)
    return np.where(src & ~dst, 1, np.where(src & dst, 2, 0))


def _caller_names(clid: pd.Series[Any], at: np.ndarray[Any, Any], stands: np.ndarray[Any, Any]) -> Coded:
    """Return the names that callers gave at some positions, where one counts; most exchanges write ``"" <number>``."""
    import pyarrow.compute as pc

    text = arrow_of(clid)
    named = stands & ~np.asarray(pc.fill_null(pc.starts_with(text, '"" <'), True))[at]
    codes = np.full(len(at), -1, dtype=np.int64)
    if not named.any():
        return Coded(codes, pd.Series([], dtype="str"))
    some = Coded.of(pd.Series(text_of(text.take(pa.array(at[named]))))).change(_caller_name)
    codes[named] = some.codes
    return Coded(codes, some.words)


def _caller_name(clid: pd.Series[Any]) -> pd.Series[Any]:
    name = _found(clid, r'^\s*"*\s*(?P<name>[^"<]*?)\s*"*\s*<')
    return name.mask(name.str.contains(r"\d{3}", regex=True).fillna(False).to_numpy(bool))
