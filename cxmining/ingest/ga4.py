"""GA4 export from BigQuery: JSON lines (or an array), streamed and laid together by session.

A session is one ``ga_session_id`` of one ``user_pseudo_id``; without such an id, what one device
does without a pause of 30 minutes. Of the records of a session

* each event that a rule maps, or that ``key_events`` names, is an event; when it repeats within the
  session it is *merged* into its first occurrence;
* everything else is *merged* into the latest of those, or the first when none came before;
* a session with none of those is one event, ``web session`` or ``app session``, at its first record.

The channel is ``app`` for IOS and ANDROID, ``web`` for WEB; without ``platform``, a record with a
page is web and one without is app. ``user_id`` is the account, ``user_pseudo_id`` a cookie on the web
and a device in an app. The local clock comes from ``device.time_zone_offset_seconds``, else ``tz``.
``attributes`` names event parameters or top-level fields to keep.

Options
-------
key_events : list of str
    Event names that are events whether or not a rule maps them.
pause : int
    Minutes of silence that end a session without an id; default 30.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import orjson
import pandas as pd

from cxmining.errors import InputError, StudyError
from cxmining.ingest._build import attribute_name, check_columns, check_options, events_table, identifiers_of, typed
from cxmining.ingest._files import SourceFile
from cxmining.ingest._json import records
from cxmining.ingest._ledger import FileLedger, join_ledgers
from cxmining.ingest._time import from_epoch, local_offset
from cxmining.ingest.rules import load_rules, match_rules
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "read"]

OPTIONS: Final = {
    "key_events": "names of events that stand for themselves",
    "pause": "minutes of silence that end a session",
}
_PARAMETERS: Final = ("ga_session_id", "page_location", "firebase_screen", "firebase_screen_class")
_APPS: Final = ("IOS", "ANDROID")


class _Records:
    """The fields that are needed, as one list per field; equal texts are held once."""

    def __init__(self, attributes: Sequence[str]) -> None:
        self.columns: dict[str, list[Any]] = {
            k: [] for k in ("time", "event", "user", "account", "session", "url", "platform", "shift")
        }
        self.extra: dict[str, list[Any]] = {a: [] for a in attributes}
        self.print: list[int] = []
        self.bad: list[int] = []
        self._same: dict[str, str] = {}
        self._wanted = frozenset([*_PARAMETERS, *attributes])

    def text(self, value: Any) -> str | None:
        if value is None or value == "":
            return None
        value = value if isinstance(value, str) else str(value)
        return self._same.setdefault(value, value)

    def add(self, position: int, record: Any, raw: bytes) -> None:
        if not isinstance(record, dict):
            self.bad.append(position)
            record = {}
        values: dict[str, Any] = {}
        params = record.get("event_params")
        if isinstance(params, list):
            wanted = self._wanted
            for p in params:
                # a hit has a dozen parameters, and three of them matter
                if isinstance(p, dict) and p.get("key") in wanted and isinstance(p.get("value"), dict):
                    values[p["key"]] = next((v for v in p["value"].values() if v is not None), None)
        device = record.get("device")
        columns = self.columns
        columns["time"].append(_integer(record.get("event_timestamp")))
        columns["event"].append(self.text(record.get("event_name")))
        columns["user"].append(self.text(record.get("user_pseudo_id")))
        columns["account"].append(self.text(record.get("user_id")))
        columns["session"].append(self.text(values.get("ga_session_id")))
        columns["url"].append(
            self.text(
                values.get("page_location") or values.get("firebase_screen") or values.get("firebase_screen_class")
            )
        )
        columns["platform"].append(self.text(record.get("platform") or ("WEB" if "page_location" in values else None)))
        columns["shift"].append(_integer(device.get("time_zone_offset_seconds")) if isinstance(device, dict) else None)
        for name, column in self.extra.items():
            column.append(self.text(values.get(name, record.get(name))))
        whole = raw or orjson.dumps(record, option=orjson.OPT_SORT_KEYS)
        self.print.append(int.from_bytes(hashlib.blake2b(whole, digest_size=8).digest(), "big", signed=True))


def _integer(value: Any) -> int | None:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if abs(number) < 2**62 else None


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read GA4 exports; sessions may run across files.

    Returns
    -------
    Reading
        Each record kept, merged, rejected (no JSON, no moment, no name), or duplicate (equal to the byte).
    """
    options = check_options(source, OPTIONS, "ga4")
    check_columns(source, ("channel",))
    pause = options.get("pause", 30)
    if not isinstance(pause, int | float) or pause <= 0:
        raise StudyError(f"source {source.name!r}: options.pause = {pause!r}: expected minutes")
    ledgers: list[FileLedger] = []
    frames: list[pd.DataFrame] = []
    for file in files:
        rows = _Records(source.attributes)
        for position, record, _ in records(file):
            rows.add(position, record, b"")
        if not rows.print:
            raise InputError(
                f"{file.name}: the export is empty: it holds no record; take it out of the study or export it again"
            )
        ledger = FileLedger(source.name, file, len(rows.print))
        ledger.reject(rows.bad, "is no JSON: the line is damaged or cut off")
        frames.append(_frame(rows, ledger, len(ledgers)))
        ledgers.append(ledger)
    hits = pd.concat(frames, ignore_index=True)
    ids = np.concatenate([ledger.ids for ledger in ledgers])
    files_of, seq = hits["file"].to_numpy(), hits["seq"].to_numpy()
    stands = np.concatenate([ledger.open for ledger in ledgers])
    first = hits[stands].reset_index().groupby("print", sort=False)["index"].transform("first").to_numpy()
    at = np.flatnonzero(stands)
    twice = first != at
    for k, ledger in enumerate(ledgers):
        mine = twice & (files_of[at] == k)
        ledger.duplicate(seq[at[mine]], ids[first[mine]], "equal to an earlier record in every byte")
    hits = hits[np.concatenate([ledger.open for ledger in ledgers])]
    hits = hits.sort_values(["who", "time", "file", "seq"], kind="stable")
    hits["session"] = _sessions(hits, float(pause))
    channel = source.constants.get("channel")
    app = hits["platform"].str.upper().isin(_APPS) | hits["platform"].isna()
    hits["channel"] = str(channel) if channel is not None else np.where(app, "app", "web")
    kept, into = _lay_together(hits, source, study, tuple(options.get("key_events", ())))
    gone = kept.index.symmetric_difference(hits.index)
    for k, ledger in enumerate(ledgers):
        mine = gone[files_of[gone] == k]
        ledger.merge(seq[mine], ids[into.loc[mine].to_numpy()], "part of one session or a repeat within it")
    inputs, rows_ = join_ledgers(ledgers)
    events = [_events(kept[kept["file"] == k], ledger, source) for k, ledger in enumerate(ledgers)]
    on_web = kept["channel"].eq("web").to_numpy()
    user = kept["user"]
    who = {"account": kept["account"], "cookie": user.where(on_web), "device": user.where(~on_web)}
    return Reading(
        source.name, "ga4", inputs, rows_, identifiers=identifiers_of(ids[kept.index], who, study.company.country),
        events=pd.concat(events, ignore_index=True),
        notes=(f"source {source.name!r}: {len(hits):,} records of {hits['session'].nunique():,} sessions became {len(kept):,} events",),
    )  # fmt: skip


def _frame(rows: _Records, ledger: FileLedger, k: int) -> pd.DataFrame:
    time = pd.Series(rows.columns["time"], dtype="Int64")
    stamps = from_epoch(time, "us", None)
    ledger.reject((stamps.missing | stamps.bad), "event_timestamp is no moment")
    frame = pd.DataFrame(
        {c: pd.Series(rows.columns[c], dtype="str") for c in ("event", "user", "account", "session", "url", "platform")}
    )
    ledger.reject(frame["event"].isna().to_numpy(), "no event_name")
    frame["utc"] = stamps.utc
    frame["time"] = time.fillna(0).astype("int64")
    frame["shift"] = pd.Series(rows.columns["shift"], dtype="Int64")
    for name, values in rows.extra.items():
        frame[f"extra {name}"] = pd.Series(values, dtype="str")
    frame["print"] = np.array(rows.print, dtype=np.int64)
    frame["file"], frame["seq"] = k, np.arange(len(frame))
    frame["who"] = frame["user"].fillna(frame["account"]).fillna(pd.Series(ledger.ids, dtype="str"))
    rows.columns.clear()
    return frame


def _sessions(hits: pd.DataFrame, pause: float) -> np.ndarray[Any, Any]:
    """Return the number of the session of each record; `hits` is in order of person and time."""
    who = pd.factorize(hits["who"])[0]
    own = pd.factorize(hits["session"])[0]
    time = hits["time"].to_numpy()
    begins = np.ones(len(hits), dtype=bool)
    begins[1:] = (who[1:] != who[:-1]) | (np.diff(time) > pause * 60e6)
    by_pause = np.cumsum(begins)
    key = pd.DataFrame({"who": who, "own": own, "pause": np.where(own < 0, by_pause, -1)})
    return key.groupby(["who", "own", "pause"], sort=False).ngroup().to_numpy()


def _lay_together(
    hits: pd.DataFrame, source: SourceSettings, study: Study, key_events: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Return the records that stand for their session, and for every record the one it goes into."""
    rules = load_rules(study.root / study.rules, study.rules) if study.rules else ()
    seen = pd.DataFrame(
        {
            "channel": hits["channel"],
            "direction": "inbound",
            "source": source.name,
            "raw_event": hits["event"],
            "raw_url": hits["url"],
        }
    )
    found = match_rules(seen, rules)
    names = np.array([r.touchpoint for r in rules] + [""], dtype=object)
    is_key = hits["event"].isin(key_events).to_numpy()
    mapped = (found >= 0) | is_key
    label = hits["event"].to_numpy(dtype=object).copy()
    viewed = (hits["event"] == "page_view").to_numpy(bool)
    label[viewed] = _with_path(hits.loc[viewed, "event"], hits.loc[viewed, "url"])
    kind = np.where(found >= 0, names[found], np.where(is_key, label, ""))
    frame = pd.DataFrame({"session": hits["session"].to_numpy(), "kind": kind, "mapped": mapped, "index": hits.index})
    # the first of its kind in its session stands
    first = (
        frame["index"].where(frame["mapped"]).groupby([frame["session"], frame["kind"]], sort=False).transform("first")
    )
    stands = frame["mapped"] & (first == frame["index"])
    # what is not mapped goes into the latest that stands, else the first one, else the session's first record
    anchor = frame["index"].where(stands)
    per = anchor.groupby(frame["session"], sort=False)
    fallback = frame.groupby("session", sort=False)["index"].transform("first")
    into = first.where(frame["mapped"], per.ffill().fillna(per.transform("first")).fillna(fallback))
    into = into.astype("int64")
    into.index = hits.index
    kept = hits[into.to_numpy() == hits.index.to_numpy()].copy()
    chosen = into.to_numpy() == hits.index.to_numpy()
    bare = ~mapped[chosen]
    kept["label"] = np.where(bare, kept["channel"] + " session", label[chosen])
    per_session = hits.groupby("session", sort=False)["time"]
    kept["begin"] = per_session.transform("min").to_numpy()[chosen]
    last = per_session.transform("max").to_numpy()[chosen]
    kept["duration_s"] = np.where(bare, (last - kept["time"].to_numpy()) / 1e6, np.nan)
    return kept, into


def _with_path(event: pd.Series[Any], url: pd.Series[Any]) -> np.ndarray[Any, Any]:
    codes, unique = pd.factorize(url)
    paths = pd.Series(np.asarray(unique, dtype=object), dtype="str").str.extract(r"^(?:[a-z]+://[^/]+)?(/[^?#]*)")[0]
    lookup = np.append((" " + paths).fillna("").to_numpy(dtype=object), "")
    return np.asarray(event.to_numpy(dtype=object) + lookup[codes])


def _events(kept: pd.DataFrame, ledger: FileLedger, source: SourceSettings) -> pd.DataFrame:
    kept = kept.sort_values("seq")
    offset = (kept["shift"] / 60).round().astype("Int16")
    if source.tz is not None:
        offset = offset.fillna(local_offset(kept["utc"], source.tz))
    first = kept["who"] + "|" + kept["begin"].astype("str")
    columns: dict[str, Any] = {
        "case_id": _names(first),
        "timestamp": kept["utc"],
        "utc_offset": offset,
        "channel": kept["channel"].astype("str"),
        "touchpoint": kept["label"].astype("str"),
        "direction": np.full(len(kept), "inbound", dtype=object),
        "duration_s": kept["duration_s"].astype("Float64").mask(kept["duration_s"].isna()),
        "raw_event": kept["event"],
        "raw_url": kept["url"],
    }
    for name in source.attributes:
        columns[attribute_name(name)] = typed(kept[f"extra {name}"], name)
    return events_table(ledger, kept["seq"].to_numpy(dtype=np.int64), columns, source)


def _names(sessions: pd.Series[Any]) -> np.ndarray[Any, Any]:
    """Name sessions without their cookie: a case id may be kept readable, a cookie never."""
    codes, unique = pd.factorize(sessions)
    hashed = [hashlib.blake2b(str(u).encode(), digest_size=8).hexdigest() for u in unique]
    return np.array(hashed, dtype=object)[codes] if len(hashed) else np.array([], dtype=object)
