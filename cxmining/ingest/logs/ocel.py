"""OCEL 2.0 logs, flattened on one type of object: its objects are the cases.

An event belongs to as many objects as it likes, a journey's event to one case. So an event with three objects
of the chosen type becomes three events, and one with none is in no journey; both are counted and said.

Options
-------
object_type : str
    The type whose objects are the cases. Needed.
customer_type : str
    The type whose objects are the customers; an event belongs to the customer it names, or to the one that the
    other events of its case name. Default: each case is its own customer.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.logs.ocel_tables import ObjectLog, parse_ocel
from cxmining.ingest.records.build import (
    attribute_name,
    check_columns,
    check_options,
    events_table,
    identifiers_of,
    typed,
)
from cxmining.ingest.records.ledger import FileLedger, join_ledgers
from cxmining.ingest.records.times import parse_stamps
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "read"]

OPTIONS: Final = {
    "object_type": "type whose objects are the cases",
    "customer_type": "type whose objects are the customers",
}


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read OCEL logs.

    Returns
    -------
    Reading
        A record is an event with one of its objects of the chosen type; an event with none is context.

    Raises
    ------
    StudyError
        When no object type is chosen, or an attribute is in no event or object.
    UnknownNameError
        When the chosen type is not in the log.
    """
    options = check_options(source, OPTIONS, "ocel")
    check_columns(source, ("channel",))
    ledgers, events, people, notes = [], [], [], []
    seen: dict[tuple[str, str | None], str] | None = {} if len(files) > 1 else None
    for file in files:
        log = parse_ocel(file)
        ledger, table, who, said = _flatten(file, log, source, study, options, seen)
        ledgers.append(ledger)
        events.append(table)
        people.append(who)
        notes += said
    inputs, rows = join_ledgers(ledgers)
    return Reading(
        source.name, "ocel", inputs, rows, identifiers=pd.concat(people, ignore_index=True),
        events=pd.concat(events, ignore_index=True), notes=tuple(dict.fromkeys(notes)),
    )  # fmt: skip


def _type(log: ObjectLog, options: dict[str, Any], key: str, file: SourceFile, source: SourceSettings) -> str:
    types = log.types()
    wanted = options.get(key)
    if wanted in set(types["object_type"]):
        return str(wanted)
    offered = "; ".join(
        f"{r['object_type']!r}: {r['rows']:,} events, {r['multiplied']:,} of them for several objects, {r['lost']:,} lost"
        for r in types.to_dict("records")
    )
    if wanted is None:
        raise StudyError(f"source {source.name!r}: options.{key} is needed; {file.name} has {offered}")
    raise UnknownNameError(
        f"{file.name}: no object is of the type {wanted!r}; {nearest(str(wanted), types['object_type'])}; it has {offered}"
    )


def _flatten(
    file: SourceFile,
    log: ObjectLog,
    source: SourceSettings,
    study: Study,
    options: dict[str, Any],
    seen: dict[tuple[str, str | None], str] | None,
) -> tuple[FileLedger, pd.DataFrame, pd.DataFrame, list[str]]:
    kind = _type(log, options, "object_type", file, source)
    pairs = log.of_type(kind)
    n = len(log.event_type)
    per_event = np.bincount(pairs["event"].to_numpy(dtype=np.int64), minlength=n)
    without = np.flatnonzero(per_event == 0)
    pairs = pd.concat(
        [pairs, pd.DataFrame({"event": without, "object": pd.Series([None] * len(without), dtype="str")})]
    )
    # A record is an event with one of its objects, in the order of the file's events.
    pairs = pairs.sort_values("event", kind="stable", ignore_index=True)
    at = pairs["event"].to_numpy(dtype=np.int64)
    ledger = FileLedger(source.name, file, len(pairs))
    if seen is not None:
        _mark_repeats(ledger, log, pairs, seen)
    ledger.context(pairs["object"].isna().to_numpy(), f"has no object of the type {kind!r}")
    stamps = parse_stamps(_text(log.event_time, at), source.tz, f"{file.name}, event times")
    touchpoint = _text(log.event_type, at)
    ledger.no_moment(stamps, "timestamp")
    ledger.reject(touchpoint.isna().to_numpy(), "no event type")
    kept = ledger.kept
    out: dict[str, Any] = {
        "timestamp": stamps.utc.iloc[kept], "utc_offset": stamps.offset.iloc[kept],
        "touchpoint": touchpoint.iloc[kept], "case_id": pairs["object"].iloc[kept],
        "channel": np.full(len(kept), source.constants.get("channel", "other"), dtype=object),
    }  # fmt: skip
    for name in source.attributes:
        out[attribute_name(name)] = typed(_attribute(log, name, pairs, stamps.utc, source, file), name).iloc[kept]
    customer = _customers(log, pairs, options, file, source)
    who = {"account": customer.iloc[kept]} if customer is not None else {"object": pairs["object"].iloc[kept]}
    types = next(r for r in log.types().to_dict("records") if r["object_type"] == kind)
    notes = stamps.notes(source.name)
    notes.append(
        f"source {source.name!r}: flattened on {kind!r}: {n:,} events became {len(pairs) - len(without):,}; "
        f"{int(types['multiplied']):,} events were multiplied because they have several {kind!r} objects, "
        f"{len(without):,} lost because they have none; {int(types['objects_without_events']):,} of "
        f"{int(types['objects']):,} objects have no event"
    )
    return (
        ledger,
        events_table(ledger, kept, out, source),
        identifiers_of(ledger.ids[kept], who, study.company.country),
        notes,
    )


def _mark_repeats(
    ledger: FileLedger, log: ObjectLog, pairs: pd.DataFrame, seen: dict[tuple[str, str | None], str]
) -> None:
    """Mark events that an earlier file names too, by their ids: the log of a year holds that of its first month."""
    names = np.array(list(log.events), dtype=object)[pairs["event"].to_numpy(dtype=np.int64)]
    things = pairs["object"].astype(object).where(pairs["object"].notna(), None)
    keys = list(zip(names.tolist(), things.tolist(), strict=True))
    again = [k for k, key in enumerate(keys) if key in seen]
    if again:
        of = np.array([seen[keys[k]] for k in again], dtype=object)
        ledger.duplicate(np.array(again), of, "the same event stands in another file")
    seen.update((key, name) for key, name in zip(keys, ledger.ids.tolist(), strict=True) if key not in seen)


def _text(values: list[str | None], at: np.ndarray[Any, Any]) -> pd.Series[Any]:
    return pd.Series(np.array(values, dtype=object)[at], dtype="str")


def _attribute(
    log: ObjectLog, name: str, pairs: pd.DataFrame, times: pd.Series[Any], source: SourceSettings, file: SourceFile
) -> pd.Series[Any]:
    """Return an attribute per record: the event's own, or with ``case:`` the object's at that moment."""
    key = name.removeprefix("case:")
    known = log.object_attributes if name.startswith("case:") else log.attributes
    if key not in known:
        every = [*log.attributes, *("case:" + k for k in log.object_attributes)]
        raise StudyError(
            f"{file.name}: source {source.name!r}, attributes = {name!r} is in no event or object; {nearest(name, every, 5)}"
        )
    if not name.startswith("case:"):
        where, values = log.attributes[key]
        full = np.full(len(log.event_type), None, dtype=object)
        full[where] = values
        return _text(full.tolist(), pairs["event"].to_numpy(dtype=np.int64))
    history = pd.DataFrame(log.object_attributes[key], columns=["object", "time", "value"])
    # A value without a moment, or one from the beginning of time, was there from the start.
    stamps = parse_stamps(history["time"].astype("str"), source.tz or "UTC", f"{file.name}, attribute {key!r}")
    history["since"] = stamps.utc.fillna(pd.Timestamp("1970-01-01", tz="UTC")).array
    history = history.sort_values("since", kind="stable")
    asked = pairs[["object"]].assign(row=np.arange(len(pairs)), moment=times.array)
    asked = asked[asked["moment"].notna() & asked["object"].notna()].sort_values("moment", kind="stable")
    found = pd.merge_asof(
        asked, history[["object", "since", "value"]].astype({"object": "str"}), left_on="moment", right_on="since",
        by="object",
    )  # fmt: skip
    out = np.full(len(pairs), None, dtype=object)
    out[found["row"].to_numpy()] = found["value"].astype(object).where(found["value"].notna(), None)
    return pd.Series(out, dtype="str")


def _customers(
    log: ObjectLog, pairs: pd.DataFrame, options: dict[str, Any], file: SourceFile, source: SourceSettings
) -> pd.Series[Any] | None:
    if options.get("customer_type") is None:
        return None
    kind = _type(log, options, "customer_type", file, source)
    if kind == options["object_type"]:
        return pairs["object"]
    named = log.of_type(kind).drop_duplicates("event").set_index("event")["object"]
    own = pairs["event"].map(named)
    of_case = pd.DataFrame({"case": pairs["object"], "customer": own}).dropna().drop_duplicates("case")
    inherited = pairs["object"].map(of_case.set_index("case")["customer"])
    return own.fillna(inherited).astype("str")
