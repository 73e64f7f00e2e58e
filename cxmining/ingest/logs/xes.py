"""XES logs, packed or not, streamed trace by trace.

The parser resolves no entity, loads no DTD and opens no network; a document that declares a DTD is
refused. ``columns`` maps our names to attribute keys, ``case:…`` for those of the trace, e.g.
``{channel = "case:channel"}``; identity kinds are allowed too. ``attributes`` names what to keep as
typed extra columns: an event's under its own name, a trace's as ``case_…``.

Options
-------
values : table of tables
    Our column → what the log writes → what we call it, ``"*"`` for all else.
lifecycle : list of str
    Transitions that are events; all others are *context*. Default: every transition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import InputError, StudyError, nearest
from cxmining.ingest.files.opening import SourceFile, first_line
from cxmining.ingest.records.build import (
    EVENT_COLUMNS,
    KINDS,
    RAW_COLUMNS,
    attribute_name,
    channels_of,
    check_columns,
    check_options,
    directions_of,
    events_table,
    identifiers_of,
    missing_text,
    seconds_of,
    translate,
    typed,
    value_map,
)
from cxmining.ingest.records.ledger import FileLedger, join_ledgers
from cxmining.ingest.records.times import parse_stamps
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "mapping_of", "parse", "read", "repeat_keys"]

OPTIONS: Final = {"values": "our column → the log's value → our value", "lifecycle": "transitions that are events"}
_DEFAULT: Final = {
    "case_id": "case:concept:name", "touchpoint": "concept:name", "timestamp": "time:timestamp",
    "resource": "org:resource", "queue": "org:group", "lifecycle": "lifecycle:transition", "channel": "org:channel",
}  # fmt: skip
_PANDAS: Final = {
    "int": "Int64",
    "float": "Float64",
    "boolean": "boolean",
    "date": "datetime",
    "string": "str",
    "id": "str",
}
_TRUE: Final = {"true": True, "1": True, "false": False, "0": False}


class _Attributes:
    """The wanted attributes as one list per key, and each key's type."""

    def __init__(self) -> None:
        self.case: list[int] = []
        self.event: dict[str, tuple[list[int], list[str]]] = {}
        self.trace: dict[str, tuple[list[int], list[str]]] = {}
        self.types: dict[str, str] = {}
        self.traces = 0
        self.hollow = 0


def parse(file: SourceFile, wanted: frozenset[str] | None = None) -> _Attributes:
    """Stream a log into columns.

    Parameters
    ----------
    file : SourceFile
    wanted : frozenset of str, optional
        Keys to collect, ``case:…`` for those of the trace; default all.

    Raises
    ------
    InputError
        When the XML is damaged, is no XES, or declares a DTD.
    """
    from lxml import etree

    out = _Attributes()
    event, trace, types = out.event, out.trace, out.types
    n = 0
    try:
        with file.open() as stream:
            for element in _traces(stream, file, etree):
                first = n
                if element.tag.rpartition("}")[2] == "event":
                    for attribute in element:
                        key = attribute.get("key")
                        if key is not None and (wanted is None or key in wanted):
                            _put(event, types, key, n, attribute)
                    n += 1
                    out.case.append(-1)
                    continue
                for child in element:
                    tag = child.tag  # always text: the parser drops comments and processing instructions
                    if tag.rpartition("}")[2] != "event":
                        key = child.get("key")
                        if key is not None and (wanted is None or "case:" + key in wanted):
                            _put(trace, types, "case:" + key, out.traces, child)
                        continue
                    for attribute in child:
                        key = attribute.get("key")
                        if key is None or (wanted is not None and key not in wanted):
                            continue
                        value = attribute.get("value")
                        if value is None:
                            continue
                        column = event.get(key)
                        if column is None:
                            column = event[key] = ([], [])
                            types[key] = attribute.tag.rpartition("}")[2]
                        column[0].append(n)
                        column[1].append(value)
                    n += 1
                out.case.extend([out.traces] * (n - first))
                out.hollow += n == first
                out.traces += 1
    except etree.XMLSyntaxError as error:
        raise InputError(f"{file.name}: is no well-formed XML: {first_line(error.msg)}; export it again") from None
    return out


def _put(columns: dict[str, tuple[list[int], list[str]]], types: dict[str, str], key: str, at: int, child: Any) -> None:
    value = child.get("value")
    if value is None:
        return
    column = columns.setdefault(key, ([], []))
    types.setdefault(key, child.tag.rpartition("}")[2])
    column[0].append(at)
    column[1].append(value)


def _traces(stream: Any, file: SourceFile, etree: Any) -> Iterator[Any]:
    context = etree.iterparse(
        stream, events=("start", "end"), tag=("{*}log", "{*}trace"), resolve_entities=False, no_network=True,
        load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    root = None
    for kind, element in context:
        if root is None:
            root = element.getroottree().getroot()
            if element.getroottree().docinfo.internalDTD is not None:
                # libxml2 expands entities in attribute values whatever it is told: nothing good needs them
                raise InputError(f"{file.name}: declares a DTD, which no XES log needs; refused")
            if root.tag.rpartition("}")[2] != "log":
                raise InputError(f"{file.name}: is XML but no XES log: its root is <{root.tag.rpartition('}')[2]}>")
        if kind == "end" and element.tag.rpartition("}")[2] == "trace":
            yield from _loose(reversed(list(element.itersiblings(preceding=True))))
            yield element
            element.clear(keep_tail=False)
            while element.getprevious() is not None:
                del element.getparent()[0]
    if root is None:
        raise InputError(f"{file.name}: is XML but no XES log: there is no <log> in it")
    yield from _loose(child for child in root if child.tag.rpartition("}")[2] != "trace")


def _loose(elements: Iterable[Any]) -> Iterator[Any]:
    """Yield the events that stand in the log itself, as the standard allows."""
    return (element for element in elements if element.tag.rpartition("}")[2] == "event")


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read XES logs.

    Returns
    -------
    Reading
        Each event kept, rejected (without trace, moment or name), duplicate (it stands in another file too), or
        context (a transition not asked for).

    Raises
    ------
    StudyError
        When a key under ``columns`` or ``attributes`` is in no event or trace.
    """
    options = check_options(source, OPTIONS, "xes")
    check_columns(source, (*EVENT_COLUMNS, *RAW_COLUMNS, *KINDS))
    mapping = mapping_of(source)
    ledgers, events, people, notes = [], [], [], []
    seen: dict[int, Any] = {}
    for file in files:
        log = parse(file, frozenset([*mapping.values(), *source.attributes]))
        n = len(log.case)
        if not n:
            raise InputError(f"{file.name}: the log is empty: {log.traces} traces and no event")
        ledger = FileLedger(source.name, file, n)
        if len(files) > 1:
            _mark_repeats(ledger, repeat_keys(log, mapping), seen)
        if log.hollow:
            notes.append(f"source {source.name!r}: {log.hollow} traces hold no event")
        table, who, said = _events(file, log, ledger, source, study, mapping, options)
        ledgers.append(ledger)
        events.append(table)
        people.append(who)
        notes += said
    inputs, rows = join_ledgers(ledgers)
    return Reading(
        source.name, "xes", inputs, rows, identifiers=pd.concat(people, ignore_index=True),
        events=pd.concat(events, ignore_index=True), notes=tuple(dict.fromkeys(notes)),
    )  # fmt: skip


def mapping_of(source: SourceSettings) -> dict[str, str]:
    """Return our names → the keys of the log."""
    return {**_DEFAULT, **source.columns}


def repeat_keys(log: _Attributes, mapping: Mapping[str, str]) -> np.ndarray[Any, Any]:
    """Return a number per event that tells it from all others of its log, 0 where its trace has no name.

    It says the same for the same event in another export: trace, name, moment, transition and resource, and the which
    of those that are equal in all of these it is.
    """
    case = _column(log, mapping["case_id"])
    if case is None:
        return np.zeros(len(log.case), dtype=np.uint64)
    looked = {"case": case}
    for ours in ("touchpoint", "timestamp", "lifecycle", "resource"):
        found = _column(log, mapping[ours])
        if found is not None:
            looked[ours] = found
    frame = pd.DataFrame(looked).fillna("")
    key = pd.util.hash_pandas_object(frame, index=False)
    nth = key.groupby(key, sort=False).cumcount()
    told = pd.util.hash_pandas_object(pd.DataFrame({"key": key, "nth": nth}), index=False).to_numpy()
    return np.where(case.isna().to_numpy(), np.uint64(0), told)


def _mark_repeats(ledger: FileLedger, keys: np.ndarray[Any, Any], seen: dict[int, Any]) -> None:
    """Mark events that stand in an earlier file too: the log of a year holds that of its first month."""
    first = [seen.get(k) if k else None for k in keys.tolist()]
    again = np.array([f is not None for f in first], dtype=bool)
    if again.any():
        of = np.array([f for f in first if f is not None], dtype=object)
        ledger.duplicate(np.flatnonzero(again), of, "the same event stands in another file")
    fresh = ~again & (keys != 0)
    seen.update(zip(keys[fresh].tolist(), ledger.ids[fresh].tolist(), strict=True))


def _column(log: _Attributes, key: str) -> pd.Series[Any] | None:
    """Return an attribute as text, one value per event."""
    if key in log.event:
        at, values = log.event[key]
        full = np.full(len(log.case), None, dtype=object)
        full[at] = values
        return pd.Series(full, dtype="str")
    if key in log.trace:
        at, values = log.trace[key]
        full = np.full(log.traces + 1, None, dtype=object)  # the last is that of events without a trace, −1
        full[at] = values
        return pd.Series(full[np.asarray(log.case, dtype=np.int64)], dtype="str")
    return None


def _events(
    file: SourceFile,
    log: _Attributes,
    ledger: FileLedger,
    source: SourceSettings,
    study: Study,
    mapping: dict[str, str],
    options: dict[str, Any],
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    columns: dict[str, pd.Series[Any]] = {}
    for ours, key in mapping.items():
        found = _column(log, key)
        if found is not None:
            columns[ours] = found if ours == "channel" else translate(missing_text(found), value_map(source, ours))
        elif ours in source.columns:
            raise _no_key(file, source, log, key, f"columns.{ours}")
    for ours, value in source.constants.items():
        columns.setdefault(ours, pd.Series([str(value)] * ledger.n, dtype="str"))
    for name in ("timestamp", "touchpoint"):
        if name not in columns:
            raise _no_key(file, source, log, mapping[name], f"columns.{name}")
    # a trace without a name is still one case
    position = pd.Series(["trace " + str(i + 1) for i in log.case], dtype="str")
    columns["case_id"] = columns["case_id"].fillna(position) if "case_id" in columns else position
    stamps = parse_stamps(columns["timestamp"], source.tz, f"{file.name}, attribute {mapping['timestamp']!r}")
    ledger.reject(np.asarray(log.case) < 0, "the event is in no trace")
    ledger.no_moment(stamps, "timestamp")
    ledger.reject(columns["touchpoint"].isna().to_numpy(), f"no {mapping['touchpoint']}")
    lifecycle = columns.get("lifecycle")
    if lifecycle is not None:
        columns["lifecycle"] = lifecycle = lifecycle.str.lower()
    if "lifecycle" in options:
        chosen = [str(v).lower() for v in options["lifecycle"]]
        asked = lifecycle.isin(chosen).to_numpy(bool) if lifecycle is not None else np.zeros(ledger.n, bool)
        ledger.context(~asked, f"transition is not {' or '.join(chosen)}")
    at = ledger.kept
    notes = stamps.notes(source.name)
    out: dict[str, Any] = {"timestamp": stamps.utc.iloc[at], "utc_offset": stamps.offset.iloc[at]}
    if "channel" in columns:
        out["channel"], said = channels_of(missing_text(columns["channel"]).iloc[at], source)
        notes += said
    else:
        out["channel"] = np.full(len(at), "other", dtype=object)
    for name, column in columns.items():
        if name in EVENT_COLUMNS and name not in out:
            out[name] = column.iloc[at]
        elif name in RAW_COLUMNS:
            out[f"raw_{name}"] = column.iloc[at]
    for name in ("wait_s", "duration_s"):
        if name in out:
            out[name], wrong = seconds_of(out[name])
            ledger.cell(at[wrong], mapping[name], f"{name} is no number of seconds")
    if "direction" in out:
        out["direction"] = directions_of(out["direction"])
    if "queue" in out:
        out["owner_mined"] = out["queue"]
    for key in source.attributes:
        found = _column(log, key)
        if found is None:
            raise _no_key(file, source, log, key, "attributes")
        out[attribute_name(key)] = _as_declared(found, log.types[key], key).iloc[at]
    who = {kind: columns[kind].iloc[at] for kind in KINDS if kind in columns}
    return events_table(ledger, at, out, source), identifiers_of(ledger.ids[at], who, study.company.country), notes


def _as_declared(text: pd.Series[Any], tag: str, name: str) -> pd.Series[Any]:
    match _PANDAS.get(tag, "str"):
        case "Int64":
            number = pd.to_numeric(text, errors="coerce").astype("Float64")
            return number.astype("Int64") if (number.dropna() % 1 == 0).all() else number
        case "Float64":
            return pd.to_numeric(text, errors="coerce").astype("Float64")
        case "boolean":
            return text.str.lower().map(_TRUE).astype("boolean")
        case "datetime":
            return pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce").astype("datetime64[us, UTC]")
        case _:
            return typed(text, name)


def _no_key(file: SourceFile, source: SourceSettings, log: _Attributes, key: str, where: str) -> StudyError:
    every = parse(file).types  # a second pass, only to name what there is
    return StudyError(
        f"{file.name}: source {source.name!r}, {where} = {key!r} is in no event or trace; {nearest(key, every, 5)}"
    )
