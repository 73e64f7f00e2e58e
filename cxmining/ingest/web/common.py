"""What web and app exports share: sessions, what stands for a session, and who it was.

Of the records of a session

* each event that a rule maps, or that ``key_events`` names, is an event; when it repeats within the
  session it is *merged* into its first occurrence;
* everything else is *merged* into the latest of those, or the first when none came before;
* a session with none of those is one event, ``web session`` or ``app session``, at its first record.

A record that says who somebody is and nothing else (``identify``, ``alias``) is merged into the
event of that person just before it, so that what it says counts for that person, earlier visits on
the same device among them; where the export has no event of that person it is a row of ``customers``.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import InputError, StudyError
from cxmining.ingest.files.arrow import joined
from cxmining.ingest.files.json_records import batches, is_json, records
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.files.warehouse import read_copy
from cxmining.ingest.mapping.rules import load_rules, match_rules
from cxmining.ingest.records.build import attribute_name, check_columns, check_options, events_table, typed
from cxmining.ingest.records.coded import Coded
from cxmining.ingest.records.ledger import FileLedger, join_ledgers
from cxmining.ingest.records.times import Stamps, local_offset
from cxmining.ingest.web.hits import Hits, Path
from cxmining.ingest.web.people import people, rows_of_customers, told_of, with_login
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "Kind", "read_web"]

OPTIONS: Final = {
    "key_events": "names of events that stand for themselves",
    "pause": "minutes of silence that end a session",
}
_COLUMNS: Final = (
    "event",
    "user",
    "account",
    "session",
    "url",
    "platform",
    "shift",
    "email",
    "phone",
    "key",
    "previous",
)


@dataclass(frozen=True)
class Kind:
    """What tells one export from another.

    Attributes
    ----------
    name : str
        The format.
    paths : mapping
        Our column → where its JSON has it. ``time`` and ``event`` are needed; ``user`` is a cookie or
        device, ``account`` an account, ``previous`` an id that the record says is the same person.
    copies : mapping
        Our column → what warehouse copies call it.
    stamps : callable
        Text, settings, place and whether it is a warehouse's copy → moments.
    settle : callable
        Makes ``event``, ``url``, ``channel`` and ``silent`` of what was read.
    time_word, event_word : str
        The names of those fields, for reasons.
    key_word : str
        The format's own key of a record, for reasons.
    places : callable
        Name of an attribute → the paths where it may stand.
    options : mapping
        Switches beside `OPTIONS`.
    """

    name: str
    paths: Mapping[str, Sequence[Path]]
    copies: Mapping[str, Sequence[str]]
    stamps: Callable[[pd.Series[Any], SourceSettings, str, bool], Stamps]
    settle: Callable[[pd.DataFrame, SourceSettings], pd.DataFrame]
    time_word: str
    event_word: str
    key_word: str = ""
    places: Callable[[str], Sequence[Path]] = lambda name: ((name,),)
    options: Mapping[str, str] = field(default_factory=dict)


def read_web(files: list[SourceFile], source: SourceSettings, study: Study, kind: Kind) -> Reading:
    """Read a web or app export; sessions may run across files.

    Returns
    -------
    Reading
        Each record kept, merged, rejected (no JSON, no moment, no name), or duplicate.
    """
    options = check_options(source, {**OPTIONS, **kind.options}, kind.name)
    check_columns(source, ("channel",))
    pause = options.get("pause", 30)
    if not isinstance(pause, int | float) or isinstance(pause, bool) or not pause > 0:
        raise StudyError(f"source {source.name!r}: options.pause = {pause!r}: expected minutes")
    key_events = options.get("key_events", ())
    if not isinstance(key_events, list | tuple):
        raise StudyError(f"source {source.name!r}: options.key_events = {key_events!r}: expected a list of names")
    hits, ledgers, notes = _collect(files, source, kind)
    ids = joined([ledger.names for ledger in ledgers])
    _duplicates(hits, ledgers, ids, kind)
    stand = np.concatenate([ledger.open for ledger in ledgers])
    quiet = hits["silent"].to_numpy()
    hits = hits.drop(columns=["print", "key"])
    silent = hits[stand & quiet]
    # records stand in the order of files and positions, which settles what is at one moment
    at = np.flatnonzero(stand & ~quiet)
    hits = hits.iloc[at[np.lexsort((hits["time"].to_numpy()[at], hits["who"].to_numpy()[at]))]]
    hits["session"] = _sessions(hits, float(pause))
    kept, into = _lay_together(hits, source, study, tuple(map(str, key_events)))
    goes = into[into.to_numpy() != into.index.to_numpy()]
    _merge(ledgers, ids, goes, "part of one session or a repeat within it")
    kept = with_login(kept, hits, into)
    told = told_of(silent, kept)
    _merge(ledgers, ids, told[told >= 0], "says who the person of this event is")
    links = silent[(told < 0).to_numpy()]
    inputs, rows = join_ledgers(ledgers)
    events = [_events(kept[kept["file"] == k], ledger, source) for k, ledger in enumerate(ledgers)]
    sessions = hits["session"].nunique()
    notes.append(
        f"source {source.name!r}: {_count(len(hits), 'record')} of {_count(sessions, 'session')} "
        f"became {_count(len(kept), 'event')}"
    )
    return Reading(
        source.name, kind.name, inputs, rows, identifiers=people(kept, silent, ids, study),
        events=pd.concat(events, ignore_index=True), notes=tuple(notes), **rows_of_customers(links, ids, source),
    )  # fmt: skip


def _count(n: int, word: str) -> str:
    return f"{n:,} {word}" + ("" if n == 1 else "s")


def _collect(
    files: Sequence[SourceFile], source: SourceSettings, kind: Kind
) -> tuple[pd.DataFrame, list[FileLedger], list[str]]:
    """Return all records of all files as one frame, with the ledger of each file."""
    extra = {f"extra {name}": kind.places(name) for name in source.attributes}
    paths = {name: kind.paths.get(name, ()) for name in ("time", *_COLUMNS)}
    more = {name: where for name, where in kind.paths.items() if name not in paths}
    found = Hits({**paths, **more, **extra}, plain=("time", "key"))
    ledgers: list[FileLedger] = []
    ends = [0]
    bad: list[dict[int, str]] = []
    for file in files:
        bad.append(_load(file, source, kind, found))
        if found.n == ends[-1]:
            raise InputError(
                f"{file.name}: the export is empty: it holds no record; take it out of the study or export it again"
            )
        ledgers.append(FileLedger(source.name, file, found.n - ends[-1]))
        ends.append(found.n)
    columns, prints = found.take()
    time, key = columns.pop("time"), columns.pop("key")
    frame = pd.DataFrame(columns)
    moments: list[Stamps] = []
    notes: list[str] = []
    for file, ledger, wrong, a, b in zip(files, ledgers, bad, ends[:-1], ends[1:], strict=True):
        for reason in sorted(set(wrong.values())):
            ledger.reject([i for i, r in wrong.items() if r == reason], reason)
        # `time` of a damaged record is missing; its own reason stands
        copied = not is_json(file)
        stamps = kind.stamps(time.iloc[a:b], source, f"{file.name}, {kind.time_word!r}", copied)
        ledger.never(stamps, kind.time_word)
        ledger.reject(stamps.missing | stamps.bad, f"{kind.time_word} is no moment")
        notes += stamps.notes(source.name)
        moments.append(stamps)
    utc = pd.concat([s.utc for s in moments], ignore_index=True)
    frame["utc"] = utc
    frame["time"] = utc.dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype("int64")
    frame["offset"] = pd.concat([s.offset for s in moments], ignore_index=True)
    shift = Coded.of(frame["shift"])
    minutes = pd.to_numeric(shift.words, errors="coerce").astype("float64") / 60
    east = shift.each(minutes.where(minutes.abs() <= 18 * 60).round(), np.nan)
    unknown = np.isnan(east)
    frame["shift"] = pd.arrays.IntegerArray(np.where(unknown, 0, east).astype(np.int16), unknown)
    frame["print"], frame["key"] = prints, key
    frame["file"] = np.repeat(np.arange(len(files), dtype=np.int32), np.diff(ends))
    frame["seq"] = np.concatenate([np.arange(ledger.n) for ledger in ledgers])
    frame = kind.settle(frame, source)
    channel = source.constants.get("channel")
    if channel is not None:
        frame["channel"] = pd.Categorical([str(channel)]).take(np.zeros(len(frame), dtype=int))
    nameless = frame["event"].isna().to_numpy()
    for ledger, a, b in zip(ledgers, ends[:-1], ends[1:], strict=True):
        ledger.reject(nameless[a:b], f"no {kind.event_word}")
    frame["who"] = _who(frame)
    return frame, ledgers, notes


def _load(file: SourceFile, source: SourceSettings, kind: Kind, found: Hits) -> dict[int, str]:
    """Read one file into the columns; return position → why for records that are none."""
    if file.head(4) == b"PAR1":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with file.open() as stream:
                parquet = pq.ParquetFile(stream)
                for rows in parquet.iter_batches(1 << 16):
                    found.add_table(pa.Table.from_batches([rows]))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
            raise InputError(f"{file.name}: is no readable Parquet file: {str(error).splitlines()[0]}") from None
        return {}
    if is_json(file):
        bad: dict[int, str] = {}
        found.new_file()
        for batch in batches(file, unproven=True):
            bad |= {batch.position + i: why for i, why in found.add_batch(batch).items()}
        return bad
    raw = read_copy(file, source.encoding, source.delimiter)
    extra = {f"extra {name}": (name,) for name in source.attributes}
    missing = [word for word in ("time", "event") if not set(kind.copies.get(word, ())) & set(raw.frame.columns)]
    if "time" in missing:
        expected = " or ".join(repr(c) for c in kind.copies.get("time", ()))
        raise InputError(
            f"{file.name}: is no copy of a {kind.name} export: it has no column {expected or 'that is known'}"
        )
    found.add_frame(raw.frame, {**kind.copies, **extra})
    return raw.broken


def first_rows(
    file: SourceFile, source: SourceSettings, limit: int, flat: Callable[[dict[str, Any]], dict[str, str | None]]
) -> pd.DataFrame:
    """Return the first records of a file as a flat table of text."""
    if is_json(file):
        some = itertools.islice(records(file), limit)
        return pd.DataFrame([flat(r) for _, r, _ in some if isinstance(r, dict)]).astype("str")
    if file.head(4) == b"PAR1":
        import pyarrow.parquet as pq

        with file.open() as stream:
            rows = next(pq.ParquetFile(stream).iter_batches(limit), None)
            return pd.DataFrame([flat(r) for r in rows.to_pylist()] if rows is not None else []).astype("str")
    return read_copy(file, source.encoding, source.delimiter).frame.head(limit)


def _who(frame: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return a number per person: the device, else the account, else each record by itself."""
    user, account = frame["user"].cat, frame["account"].cat
    who = user.codes.to_numpy().astype(np.int64)
    n = len(user.categories)
    by_account = account.codes.to_numpy().astype(np.int64)
    alone = n + len(account.categories) + np.arange(len(frame))
    return np.where(who >= 0, who, np.where(by_account >= 0, n + by_account, alone))


def _duplicates(hits: pd.DataFrame, ledgers: Sequence[FileLedger], ids: Any, kind: Kind) -> None:
    at = np.flatnonzero(np.concatenate([ledger.open for ledger in ledgers]))
    number, keys = pd.factorize(hits["key"].iloc[at])
    keyed = np.zeros(len(hits), dtype=bool)
    keyed[at] = number >= 0
    by_print, prints = pd.factorize(hits["print"].to_numpy()[at[number < 0]])
    number = number.astype(np.int64)
    number[number < 0] = by_print + len(keys)
    if len(keys) + len(prints) == len(at):
        return
    first = np.zeros(len(keys) + len(prints), dtype=np.int64)
    first[number[::-1]] = at[::-1]  # of equal ones the last written stands
    first = first[number]
    files, seq = hits["file"].to_numpy(), hits["seq"].to_numpy()
    for k, ledger in enumerate(ledgers):
        for by_key, reason in (
            (False, "equal to an earlier record in every byte"),
            (True, f"its {kind.key_word} was read before"),
        ):
            mine = (first != at) & (files[at] == k) & (keyed[at] == by_key)
            if mine.any():
                ledger.duplicate(seq[at[mine]], ids[first[mine]], reason)


def _merge(ledgers: Sequence[FileLedger], ids: Any, into: pd.Series[Any], reason: str) -> None:
    at, target = into.index.to_numpy(), into.to_numpy()
    if len(ledgers) == 1:  # positions say it, and need no text
        ledgers[0].merge(at, target, reason)
        return
    starts = np.cumsum([0, *(ledger.n for ledger in ledgers)])
    for ledger, a, b in zip(ledgers, starts[:-1], starts[1:], strict=True):
        mine = (at >= a) & (at < b)
        ledger.merge(at[mine] - a, ids[target[mine]], reason)


def _sessions(hits: pd.DataFrame, pause: float) -> np.ndarray[Any, Any]:
    """Return the number of the session of each record; `hits` is in order of person and time."""
    who, time = hits["who"].to_numpy(), hits["time"].to_numpy()
    own = hits["session"].cat.codes.to_numpy().astype(np.int64)
    begins = np.ones(len(hits), dtype=bool)
    begins[1:] = (who[1:] != who[:-1]) | (np.diff(time) > pause * 60e6)
    by_pause = np.cumsum(begins)
    if (own < 0).all():
        return by_pause - 1
    # one number per person and session of the export; below zero those that a pause ends
    number, _ = pd.factorize(np.where(own < 0, -by_pause, who * (int(own.max()) + 1) + own))
    return number


def _lay_together(
    hits: pd.DataFrame, source: SourceSettings, study: Study, key_events: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Return the records that stand for their session, and for every record the one it goes into."""
    rules = load_rules(study.root / study.rules, study.rules) if study.rules else ()
    found = np.full(len(hits), -1)
    if rules:
        seen = pd.DataFrame(
            {"channel": hits["channel"], "direction": "inbound", "source": source.name, "raw_event": hits["event"], "raw_url": hits["url"]}
        )  # fmt: skip
        found = match_rules(seen, rules)
    names = [r.touchpoint for r in rules]
    is_key = hits["event"].isin(key_events).to_numpy()
    mapped = (found >= 0) | is_key
    # what it is called when it stands: a rule's touchpoint, else its event; as numbers
    event, url = hits["event"].cat.codes.to_numpy().astype(np.int64), hits["url"].cat.codes.to_numpy().astype(np.int64)
    viewed = (hits["event"] == "page_view").to_numpy(bool)
    kind = np.where(found >= 0, found, np.where(is_key, len(names) + event * (len(hits["url"].cat.categories) + 2), -1))
    kind = np.where((found < 0) & is_key & viewed, kind + url + 2, kind)
    if names:  # two rules may give one touchpoint
        first_of = {name: i for i, name in reversed(list(enumerate(names)))}
        same = np.array([first_of[name] for name in names])
        kind = np.where(found >= 0, same[np.maximum(found, 0)], kind)
    # within a session records are in the order of time: the first and the last written stand
    session, index, time = hits["session"].to_numpy(), hits.index.to_numpy(), hits["time"].to_numpy()
    opens, begin, last = (np.zeros(int(session.max(initial=-1)) + 1, dtype=np.int64) for _ in range(3))
    opens[session[::-1]], begin[session[::-1]], last[session] = index[::-1], time[::-1], time
    if mapped.any():
        into = _anchors(session, kind, mapped, index, opens[session])
    else:
        into = pd.Series(opens[session], index=hits.index)
    chosen = into.to_numpy() == hits.index.to_numpy()
    kept = hits[chosen].copy()
    label = kept["event"].to_numpy(dtype=object).copy()
    pages = viewed[chosen]
    label[pages] = _with_path(kept.loc[pages, "event"], kept.loc[pages, "url"])
    bare = ~mapped[chosen]
    kept["label"] = np.where(bare, kept["channel"].astype("str") + " session", label)
    kept["begin"] = begin[session[chosen]]
    kept["duration_s"] = np.where(bare, (last[session[chosen]] - kept["time"].to_numpy()) / 1e6, np.nan)
    return kept, into


def _anchors(
    session: np.ndarray[Any, Any],
    kind: np.ndarray[Any, Any],
    mapped: np.ndarray[Any, Any],
    index: np.ndarray[Any, Any],
    opens: np.ndarray[Any, Any],
) -> pd.Series[Any]:
    """Return for each record the one it goes into, which may be itself; `opens` is the first of its session."""
    frame = pd.DataFrame({"session": session, "kind": kind, "mapped": mapped, "index": index})
    # the first of its kind in its session stands
    first = (
        frame["index"].where(frame["mapped"]).groupby([frame["session"], frame["kind"]], sort=False).transform("first")
    )
    stands = frame["mapped"] & (first == frame["index"])
    # what is not mapped goes into the latest that stands, else the first one, else the session's first record
    anchor = frame["index"].where(stands)
    per = anchor.groupby(frame["session"], sort=False)
    fallback = pd.Series(opens)
    into = first.where(frame["mapped"], per.ffill().fillna(per.transform("first")).fillna(fallback)).astype("int64")
    return into.set_axis(index)


def _with_path(event: pd.Series[Any], url: pd.Series[Any]) -> np.ndarray[Any, Any]:
    codes, unique = pd.factorize(url)
    paths = pd.Series(np.asarray(unique, dtype=object), dtype="str").str.extract(r"^(?:[a-z]+://[^/]+)?(/[^?#]*)")[0]
    lookup = np.append((" " + paths).fillna("").to_numpy(dtype=object), "")
    return np.asarray(event.to_numpy(dtype=object) + lookup[codes])


def _events(kept: pd.DataFrame, ledger: FileLedger, source: SourceSettings) -> pd.DataFrame:
    kept = kept.sort_values("seq")
    offset = kept["shift"].fillna(kept["offset"])
    if source.tz is not None:
        offset = offset.fillna(local_offset(kept["utc"], source.tz))
    name = kept["user"].astype("str").fillna(kept["account"].astype("str"))
    name = name.fillna(pd.Series(ledger.names.take(kept["seq"].to_numpy()), index=kept.index))
    columns: dict[str, Any] = {
        "case_id": _names(name + "|" + kept["begin"].astype("str")),
        "timestamp": kept["utc"],
        "utc_offset": offset,
        "channel": kept["channel"].astype("str"),
        "touchpoint": kept["label"].astype("str"),
        "direction": np.full(len(kept), "inbound", dtype=object),
        "duration_s": kept["duration_s"].astype("Float64").mask(kept["duration_s"].isna()),
        "raw_event": kept["event"].astype("str"),
        "raw_url": kept["url"].astype("str"),
    }
    for name_ in source.attributes:
        columns[attribute_name(name_)] = typed(kept[f"extra {name_}"].astype("str"), name_)
    return events_table(ledger, kept["seq"].to_numpy(dtype=np.int64), columns, source)


def _names(sessions: pd.Series[Any]) -> np.ndarray[Any, Any]:
    """Name sessions without their cookie: a case id may be kept readable, a cookie never."""
    codes, unique = pd.factorize(sessions)
    texts = np.asarray(unique, dtype=object).tolist()  # an Arrow index is slow to walk through
    hashed = [hashlib.blake2b(text.encode(), digest_size=8).hexdigest() for text in texts]
    return np.array(hashed, dtype=object)[codes] if len(hashed) else np.array([], dtype=object)
