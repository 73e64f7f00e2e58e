"""OCEL 2.0 in its three forms (SQLite, JSON, XML) as one set of columns.

The specification is Berti et al. (2024), *OCEL (Object-Centric Event Log) 2.0*. An SQLite file is a program's
own format: it is opened read only from a copy, its schema is not trusted, and only plain tables are read.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxmining.errors import InputError
from cxmining.ingest.files.opening import SourceFile, decode, first_line

__all__ = ["ObjectLog", "parse_ocel"]

Pairs = tuple[list[int], list[str]]


@dataclass
class ObjectLog:
    """An object-centric log: events, objects, and who was in what.

    Attributes
    ----------
    event_type, event_time : list of str or None
        Per event, in the order of the file.
    attributes : dict of str to (positions, values)
        Of events.
    objects : dict of str to str
        Object id → its type.
    related : list of (event position, object id)
        In the order of the file; a pair that is named twice (with two qualifiers) stands there once.
    object_attributes : dict of str to list of (object id, time, value)
    """

    event_type: list[str | None] = field(default_factory=list)
    event_time: list[str | None] = field(default_factory=list)
    attributes: dict[str, Pairs] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    related: list[tuple[int, str]] = field(default_factory=list)
    object_attributes: dict[str, list[tuple[str, str | None, str]]] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)

    def event(self, name: str, kind: str | None, time: str | None, file: SourceFile) -> int:
        """Add an event and return its position."""
        if name in self.events:
            raise InputError(f"{file.name}: event {name!r} stands there twice; an OCEL names each event once")
        self.events[name] = len(self.event_type)
        self.event_type.append(kind)
        self.event_time.append(time)
        return self.events[name]

    def value(self, at: int, name: str, value: Any) -> None:
        """Note an attribute of an event; what is empty is missing."""
        if value is None or value == "":
            return
        where, values = self.attributes.setdefault(name, ([], []))
        where.append(at)
        values.append(str(value))

    def of_type(self, kind: str) -> pd.DataFrame:
        """Return the pairs with objects of a type: `event` (position) and `object`, each once."""
        pairs = dict.fromkeys((e, o) for e, o in self.related if self.objects.get(o) == kind)
        return pd.DataFrame({"event": [e for e, _ in pairs], "object": pd.Series([o for _, o in pairs], dtype="str")})

    def frame(self) -> pd.DataFrame:
        """Return one row per event: type, time, attributes, and per object type the ids it names."""
        n = len(self.event_type)
        out: dict[str, list[Any]] = {"type": self.event_type, "time": self.event_time}
        for name, (where, values) in self.attributes.items():
            column: list[str | None] = [None] * n
            for at, value in zip(where, values, strict=True):
                column[at] = value
            out[f"attribute {name}"] = column
        for kind in sorted(set(self.objects.values())):
            named = self.of_type(kind).groupby("event")["object"].agg("; ".join)
            out[f"objects {kind}"] = pd.Series(named, index=range(n), dtype="object").tolist()
        return pd.DataFrame(out, dtype="str")

    def types(self) -> pd.DataFrame:
        """Return what flattening on each object type would do: one row per type, the least harm first.

        Columns: `object_type`, `objects`, `objects_without_events`, `events` (that have one), `lost` (events without
        one), `multiplied` (events with more than one), `rows` (events after flattening).
        """
        rows = []
        n = len(self.event_type)
        for kind in sorted(set(self.objects.values())):
            pairs = self.of_type(kind)
            per_event = np.bincount(pairs["event"].to_numpy(dtype=np.int64), minlength=n)
            objects = sum(t == kind for t in self.objects.values())
            rows.append(
                {
                    "object_type": kind,
                    "objects": objects,
                    "objects_without_events": objects - pairs["object"].nunique(),
                    "events": int((per_event > 0).sum()),
                    "lost": int((per_event == 0).sum()),
                    "multiplied": int((per_event > 1).sum()),
                    "rows": len(pairs),
                }
            )
        columns = ["object_type", "objects", "objects_without_events", "events", "lost", "multiplied", "rows"]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.sort_values(["lost", "multiplied", "object_type"], ignore_index=True)


def parse_ocel(file: SourceFile) -> ObjectLog:
    """Read an OCEL 2.0 log, whichever of its forms it has.

    Raises
    ------
    InputError
        When it is none, is damaged, or names an event twice.
    """
    head = file.head(4096).lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \r\n\t")
    if head.startswith(b"SQLite format 3"):
        log = _sqlite(file)
    elif head.startswith(b"<"):
        log = _xml(file)
    else:
        log = _json(file)
    if not log.event_type:
        raise InputError(f"{file.name}: the log is empty: it holds no event")
    if not log.objects:
        raise InputError(f"{file.name}: the log holds no object, so there is nothing to make journeys of")
    return log


def _sqlite(file: SourceFile) -> ObjectLog:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "log.sqlite"
        with file.open() as stream, copy.open("wb") as out:
            shutil.copyfileobj(stream, out)
        con = sqlite3.connect(f"{copy.as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            con.execute("PRAGMA trusted_schema = OFF")
            con.execute("PRAGMA query_only = ON")
            con.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
            return _tables(con, file)
        except sqlite3.DatabaseError as error:
            raise InputError(f"{file.name}: the SQLite file is damaged or no OCEL 2.0 ({first_line(error)})") from None
        finally:
            con.close()


def _tables(con: sqlite3.Connection, file: SourceFile) -> ObjectLog:
    there = {name for (name,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    needed = ["event", "object", "event_object", "event_map_type"]
    missing = [name for name in needed if name not in there]
    if missing:
        raise InputError(
            f"{file.name}: is an SQLite file but no OCEL 2.0 log: it has no table {' and no table '.join(missing)}"
        )
    log = ObjectLog()
    log.objects = {str(i): str(t) for i, t in con.execute("SELECT ocel_id, ocel_type FROM object") if i is not None}
    kinds = [(str(i), t) for i, t in con.execute("SELECT ocel_id, ocel_type FROM event ORDER BY rowid")]
    rows: dict[str, tuple[str | None, list[tuple[str, Any]]]] = {}
    for _, mapped in con.execute("SELECT ocel_type, ocel_type_map FROM event_map_type ORDER BY rowid"):
        for row in _rows(con, f"event_{mapped}", there, file):
            rows[str(row.pop("ocel_id"))] = (row.pop("ocel_time", None), list(row.items()))
    for name, kind in kinds:
        time, values = rows.get(name, (None, []))
        at = log.event(name, kind, time, file)
        for key, value in values:
            log.value(at, key, value)
    if "object_map_type" in there:
        for _, mapped in con.execute("SELECT ocel_type, ocel_type_map FROM object_map_type ORDER BY rowid"):
            for row in _rows(con, f"object_{mapped}", there, file):
                thing, time = str(row.pop("ocel_id")), row.pop("ocel_time", None)
                changed = row.pop("ocel_changed_field", None)
                for key, value in row.items():
                    if value not in (None, "") and changed in (None, "", key):
                        log.object_attributes.setdefault(key, []).append((thing, time, str(value)))
    pairs = con.execute("SELECT ocel_event_id, ocel_object_id FROM event_object ORDER BY rowid").fetchall()
    log.related = _pairs(log, ((str(e), str(o)) for e, o in pairs))
    return log


def _rows(con: sqlite3.Connection, name: str, there: set[str], file: SourceFile) -> Iterable[dict[str, Any]]:
    if name not in there:
        raise InputError(f"{file.name}: its type map names the table {name!r}, which is not there")
    found = con.execute('SELECT * FROM "{}" ORDER BY rowid'.format(name.replace('"', '""')))  # noqa: S608 (a table there is)
    columns = [c[0] for c in found.description]
    for row in found:
        yield dict(zip(columns, row, strict=True))


def _pairs(log: ObjectLog, named: Iterable[tuple[str, str]]) -> list[tuple[int, str]]:
    return list(dict.fromkeys((log.events[e], o) for e, o in named if e in log.events and o in log.objects))


def _json(file: SourceFile) -> ObjectLog:
    import orjson

    try:
        raw = orjson.loads(decode(file.read(), None, file.name)[0].encode("utf-8", "surrogatepass"))
    except orjson.JSONDecodeError as error:
        raise InputError(f"{file.name}: is no well-formed JSON: {first_line(error)}; export it again") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("events"), list) or not isinstance(raw.get("objects"), list):
        raise InputError(f"{file.name}: is JSON but no OCEL 2.0 log: it needs the lists 'events' and 'objects'")
    log, pairs = ObjectLog(), []
    try:
        for thing in raw["objects"]:
            log.objects[str(thing["id"])] = str(thing["type"])
            for a in thing.get("attributes") or ():
                if a.get("value") not in (None, ""):
                    log.object_attributes.setdefault(str(a["name"]), []).append(
                        (str(thing["id"]), a.get("time"), str(a["value"]))
                    )
        for event in raw["events"]:
            at = log.event(str(event["id"]), event.get("type"), event.get("time"), file)
            for a in event.get("attributes") or ():
                log.value(at, str(a["name"]), a.get("value"))
            pairs += [(str(event["id"]), str(r["objectId"])) for r in event.get("relationships") or ()]
    except (KeyError, TypeError, AttributeError) as error:
        at_event = len(log.event_type)
        raise InputError(
            f"{file.name}: is no OCEL 2.0 log: near event {at_event:,} or object {len(log.objects):,} "
            f"a field is missing or of another kind ({error})"
        ) from None
    log.related = _pairs(log, pairs)
    return log


def _xml(file: SourceFile) -> ObjectLog:
    from lxml import etree

    log, pairs = ObjectLog(), []
    try:
        with file.open() as stream:
            context = etree.iterparse(
                stream, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
                huge_tree=False, remove_comments=True, remove_pis=True,
            )  # fmt: skip
            root = None
            for step, element in context:
                if root is None:
                    root = element
                    if element.getroottree().docinfo.internalDTD is not None:
                        raise InputError(f"{file.name}: declares a DTD, which no OCEL log needs; refused")
                    if _tag(element) != "log":
                        raise InputError(f"{file.name}: is XML but no OCEL 2.0 log: its root is <{_tag(element)}>")
                parent = element.getparent()
                if step == "start" or parent is None:
                    continue
                within = _tag(parent)
                if _tag(element) == "object" and within == "objects" and element.get("type") is not None:
                    name = element.get("id")
                    log.objects[name] = element.get("type")
                    for a in element.iterfind("{*}attributes/{*}attribute"):
                        if a.text:
                            log.object_attributes.setdefault(a.get("name"), []).append((name, a.get("time"), a.text))
                    element.clear(keep_tail=False)
                elif _tag(element) == "event" and within == "events":
                    name = element.get("id")
                    at = log.event(name, element.get("type"), element.get("time"), file)
                    for a in element.iterfind("{*}attributes/{*}attribute"):
                        log.value(at, a.get("name"), a.text)
                    # The specification says <relationship>; its first tools wrote <object>.
                    pairs += [(name, r.get("object-id")) for r in element.iterfind("{*}objects/*")]
                    element.clear(keep_tail=False)
    except etree.XMLSyntaxError as error:
        raise InputError(f"{file.name}: is no well-formed XML: {first_line(error.msg)}; export it again") from None
    log.related = _pairs(log, pairs)
    return log


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
