"""Journeys back from what was written: the same tables, ids, stages and scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.engine import CodedLog
from cxmining.errors import InputError
from cxmining.exchange.export import VERSION, notion_of, staging_of
from cxmining.exchange.xes import ABOUT, KEYS, PREFIX
from cxmining.journeys import Journeys
from cxmining.schema import TABLES, Dataset, check, table
from cxmining.study import SurveySettings

__all__ = ["read_journeys"]

_TABLES: Final = ("events", "responses", "answers", "invitations", "customers", "catalogue", "ledger")
_OF_JOURNEY: Final = ("journey_id", "position", "stage", "stage_source", "stage_confidence", "row")


def read_journeys(path: str | Path) -> Journeys:
    """Read journeys that `write_parquet` or `write_xes` wrote.

    Parameters
    ----------
    path : path-like
        The folder, or the ``.xes`` or ``.xes.gz`` file.

    Returns
    -------
    Journeys
        As they were written, with their case notion and filters. From a folder also with all answers, so that
        `measure_experience` finds what it found; from XES with scores and expectations as columns of the events.

    Raises
    ------
    InputError
        When it is not what one of the two wrote, or is damaged.
    """
    place = Path(path)
    return _from_folder(place) if place.is_dir() else _from_xes(place)


def _from_folder(folder: Path) -> Journeys:
    about = _about_folder(folder)
    tables = {name: _parquet(folder, name) for name in (*_TABLES, "journeys", "steps")}
    where = folder.name
    for name in _TABLES:
        check(name, tables[name], f"{where}/{name}.parquet")
    data = _dataset(about, where, **{name: tables[name] for name in _TABLES})
    steps, journeys = tables["steps"], tables["journeys"]
    number = pd.Series(np.arange(len(journeys)), index=journeys["journey_id"])
    journey = number.reindex(steps["journey_id"]).to_numpy()
    rows = steps["row"].to_numpy(dtype=np.int64)
    # A damaged or mixed folder must not become journeys: each step is the event that it says it is.
    fits = len(steps) > 0 and not np.isnan(journey).any() and (rows >= 0).all() and (rows < len(data.events)).all()
    if not fits or not np.array_equal(data.events["event_id"].to_numpy()[rows], steps["event_id"].to_numpy()):
        raise InputError(f"{where}: steps.parquet does not fit events.parquet and journeys.parquet; write it again")
    origin = journeys["origin"].to_numpy(dtype=np.int64)
    return _journeys(data, about, where, rows, journey.astype(np.int64), origin, journeys, steps["stage"])


def _about_folder(folder: Path) -> dict[str, Any]:
    file = folder / "journeys.json"
    if not file.is_file():
        raise InputError(f"{folder.name}: holds no journeys.json; expected a folder that write_parquet wrote")
    return _checked(file.read_bytes(), f"{folder.name}/journeys.json")


def _checked(raw: bytes | str, where: str) -> dict[str, Any]:
    try:
        about = json.loads(raw)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{where}: is no well-formed JSON ({error}); write the journeys again") from None
    if not isinstance(about, dict) or about.get("format") != "cxmining journeys":
        raise InputError(f"{where}: is not about journeys that cxmining wrote")
    if about.get("version") != VERSION:
        raise InputError(f"{where}: is of version {about.get('version')!r}; this cxmining reads version {VERSION}")
    needed = ("notion", "notes", "chain", "touchpoints", "channels", "dataset")
    missing = [key for key in needed if key not in about]
    if missing:
        raise InputError(f"{where}: lacks {' and '.join(missing)}; write the journeys again")
    return about


def _parquet(folder: Path, name: str) -> pd.DataFrame:
    import pyarrow as pa

    file = folder / f"{name}.parquet"
    if not file.is_file():
        raise InputError(f"{folder.name}: holds no {name}.parquet; write the journeys again")
    try:
        frame = pd.read_parquet(file)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{folder.name}/{name}.parquet: is damaged or no Parquet file ({error})") from None
    if name in TABLES and name != "journeys":
        return table(name, {str(k): v for k, v in frame.items()})
    return frame


def _dataset(about: dict[str, Any], where: str, **tables: pd.DataFrame) -> Dataset:
    said = about["dataset"]
    given: dict[str, Any] = dict(tables)
    try:
        surveys = tuple(SurveySettings.model_validate(s) for s in said["surveys"])
        return Dataset(
            **given, name=str(said["name"]), language=str(said["language"]), time_zone=str(said["time_zone"]),
            notes=tuple(map(str, said["notes"])), surveys=surveys,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{where}: what it says of its data set cannot be read ({error!r})") from None


def _journeys(
    data: Dataset, about: dict[str, Any], where: str, rows: np.ndarray[Any, Any], journey: np.ndarray[Any, Any],
    origin: np.ndarray[Any, Any], traces: pd.DataFrame, stage: pd.Series[Any],
) -> Journeys:  # fmt: skip
    if (np.diff(journey) < 0).any() or len(np.unique(journey)) != len(traces):
        raise InputError(f"{where}: its steps are not in the order of its journeys; write the journeys again")
    events = data.events.iloc[rows]

    def coded(column: str, names: list[str]) -> np.ndarray[Any, Any]:
        codes = pd.Index(names).get_indexer(pd.Index(events[column]))
        if (codes < 0).any() or names != sorted(names):
            raise InputError(f"{where}: an event's {column} is not among those that the journeys name")
        return codes.astype(np.min_scalar_type(max(len(names) - 1, 0)))

    offsets = np.append(np.flatnonzero(np.diff(journey, prepend=-1)), len(journey))
    time = events["timestamp"].to_numpy(dtype="datetime64[us]").view(np.int64)
    log = CodedLog(
        tuple(about["touchpoints"]), tuple(about["channels"]), coded("touchpoint", about["touchpoints"]),
        coded("channel", about["channels"]), time, offsets, pd.factorize(traces["customer_id"])[0].astype(np.int64), rows,
    )  # fmt: skip
    filtered = None if np.array_equal(origin, rows[offsets[:-1]]) else origin
    found = Journeys(
        data, notion_of(about["notion"], where), log, tuple(about["notes"]), tuple(about["chain"]), filtered,
        staging_of(about.get("staging"), where),
        traces["goal_reached"].to_numpy(dtype=bool) if "goal_reached" in traces else None,
    )  # fmt: skip
    if found.events["stage"].tolist() != stage.tolist():
        raise InputError(f"{where}: the stages written do not follow from what it holds; write_parquet holds all")
    return found


def _from_xes(path: Path) -> Journeys:
    from cxmining.ingest.files.opening import open_file
    from cxmining.ingest.logs.xes import parse

    file = open_file(path, path.name)
    about = _about_xes(file)
    found = parse(file)
    traces = pd.DataFrame({k: _full(v, found.traces, found.types[k]) for k, v in found.trace.items()})
    traces.columns = [_name(str(c).removeprefix("case:"), {"concept:name": "journey_id"}) for c in traces.columns]
    back = {key: column for column, key in KEYS.items()} | {"time:timestamp": "timestamp"}
    columns: dict[str, pd.Series[Any]] = {
        _name(k, back): _full(v, len(found.case), found.types[k]) for k, v in found.event.items()
    }
    missing = [c for c in ("event_id", "row", "timestamp", "touchpoint", "stage") if c not in columns]
    missing += [c for c in ("journey_id", "customer_id", "origin") if c not in traces]
    if missing:
        raise InputError(f"{path.name}: its events or traces lack {', '.join(missing)}; write the journeys again")
    events = table("events", {str(k): v for k, v in columns.items() if k not in _OF_JOURNEY})
    # Back into the order of the event log; filtered journeys named events that were not written.
    written = columns["row"].to_numpy(dtype=np.int64)
    order = np.argsort(written, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    events = events.iloc[order].reset_index(drop=True)
    catalogue = table("catalogue", _columns(about.get("catalogue", [])))
    data = _dataset(about, path.name, events=check("events", events, path.name), catalogue=catalogue)
    origin = traces["origin"].to_numpy(dtype=np.int64)
    place = np.searchsorted(written[order], origin)
    there = written[order][np.minimum(place, len(order) - 1)] == origin
    if not there.all():
        raise InputError(
            f"{path.name}: {int((~there).sum()):,} journeys are named by an event that a filter left out; "
            "XES cannot hold that: write them with write_parquet"
        )
    case = np.asarray(found.case, dtype=np.int64)
    return _journeys(data, about, path.name, rank, case, place, traces, columns["stage"])


def _about_xes(file: Any) -> dict[str, Any]:
    """Find what the log says of itself, before its first trace."""
    from lxml import etree

    try:
        with file.open() as stream:
            context = etree.iterparse(
                stream, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
                huge_tree=False,
            )  # fmt: skip
            for _, element in context:
                if str(element.tag).rpartition("}")[2] == "trace":
                    break
                if element.get("key") == ABOUT:
                    return _checked(element.get("value", ""), file.name)
    except etree.XMLSyntaxError as error:
        raise InputError(f"{file.name}: is no well-formed XML: {error.msg}; write the journeys again") from None
    raise InputError(
        f"{file.name}: was not written by write_xes; read other logs with cx.read and build_journeys(by='case')"
    )


def _name(key: str, back: dict[str, str]) -> str:
    return back.get(key, key.removeprefix(PREFIX))


def _columns(records: list[dict[str, Any]]) -> dict[str, list[Any]]:
    names = list(records[0]) if records else list(TABLES["catalogue"])
    return {name: [r.get(name) for r in records] for name in names}


def _full(column: tuple[list[int], list[str]], n: int, tag: str) -> pd.Series[Any]:
    """Return an attribute as a column of its declared type, missing where it was not written."""
    values = np.full(n, None, dtype=object)
    values[column[0]] = column[1]
    text = pd.Series(values, dtype="str")
    match tag:
        case "int":
            # Not by way of floats, which know no whole numbers above 2^53.
            whole = np.zeros(n, dtype=np.int64)
            whole[column[0]] = np.array(column[1], dtype=object).astype(np.int64)
            return pd.Series(pd.arrays.IntegerArray(whole, text.isna().to_numpy()))
        case "float":
            number = pd.to_numeric(text).astype("Float64")
            return number.mask(number.isna())
        case "boolean":
            return text.map({"true": True, "false": False}).astype("boolean")
        case "date":
            return pd.to_datetime(text, format="ISO8601", utc=True).astype("datetime64[us, UTC]")
        case _:
            return text
