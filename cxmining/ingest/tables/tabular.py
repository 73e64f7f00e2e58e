r"""Tables of any kind (CSV, TSV, Excel, Parquet) through a mapping of columns.

Everything is read as text: an id is never a number, ``0012`` stays ``0012``. What the mapping and
``attributes`` do not name is not kept.

``columns`` maps our names to the file's. For events: ``timestamp``, ``touchpoint``, ``channel``,
``direction``, ``case_id``, ``thread_id``, ``lifecycle``, ``wait_s``, ``duration_s``, ``resource``,
``queue``, ``owner_mined``, ``text``; what only the rules look at: ``subject``, ``event``, ``url``,
``status``, ``tags``; and identity kinds: ``account``, ``email``, ``phone``, ``device``, ``cookie``,
``name``, ``object``. A log with XES column names (``case:concept:name`` …) needs no mapping, nor does a table
with a ``preset``, see `cxmining.ingest.tables.presets`. A constant beside a column is for rows that lack a value.

Options
-------
values : table of tables
    Our column → what the file writes → what we call it, ``"*"`` for all else.
na : list of str
    What means *missing*; default ``NA``, ``N/A``, ``NULL``, ``\\N``, ``NaN``.
sheet : str
    Of a workbook; default the first that is shown. Other sheets are named in a note.
header : int
    Row of a workbook's sheet that holds the names of the columns, from 1; default the first.
duplicates : str
    ``"drop"`` (default): a row equal to an earlier one in every column is a duplicate; ``"keep"``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import InputError, StudyError, nearest
from cxmining.ingest.files.arrow import arrow_of, constant, is_tidy, text_of
from cxmining.ingest.files.csv_rows import RawTable, read_csv, unique_names
from cxmining.ingest.files.excel import read_excel
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.build import (
    EVENT_COLUMNS,
    KINDS,
    RAW_COLUMNS,
    answers_of,
    attribute_name,
    channels_of,
    check_columns,
    check_options,
    directions_of,
    events_table,
    identifiers_of,
    missing_text,
    seconds_of,
    stacked,
    survey_of,
    translate,
    typed,
    value_map,
)
from cxmining.ingest.records.coded import Coded
from cxmining.ingest.records.duplicates import mark_duplicates
from cxmining.ingest.records.ledger import FileLedger, join_ledgers
from cxmining.ingest.records.times import Stamps, parse_stamps
from cxmining.ingest.tables.presets import settle
from cxmining.schema import CHANNELS, TABLES, Reading, empty, table
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "load", "mark_duplicates", "read", "same_id"]

OPTIONS: Final = {
    "values": "our column → the file's value → our value",
    "na": "texts that mean missing",
    "sheet": "of a workbook",
    "header": "row of a workbook's sheet that holds the names",
    "duplicates": '"drop" or "keep"',
}
_NA: Final = ("NA", "N/A", "NULL", "\\N", "NaN")
_XES_NAMES: Final = {
    "case_id": "case:concept:name", "touchpoint": "concept:name", "timestamp": "time:timestamp",
    "resource": "org:resource", "queue": "org:group", "lifecycle": "lifecycle:transition",
}  # fmt: skip
_RESPONSE_COLUMNS: Final = ("timestamp", "response_id", "invited_at", "reference", "weight", "comment", *KINDS)
_INVITATION_COLUMNS: Final = ("invited_at", "survey", "channel", "reference", *KINDS)
_NUMBERS: Final = ("wait_s", "duration_s")
_MANY: Final = 200


def _read_parquet(file: SourceFile) -> RawTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with file.open() as stream:
            frame = pq.read_table(pa.BufferReader(stream.read())).to_pandas()
    except pa.ArrowInvalid as error:
        raise InputError(f"{file.name}: is no readable Parquet file: {str(error).splitlines()[0]}") from None
    return RawTable(frame.reset_index(drop=True).set_axis(unique_names([str(c) for c in frame], file.name), axis=1), {})


def load(
    file: SourceFile, source: SourceSettings, only: Collection[str] | None = None, limit: int | None = None
) -> RawTable:
    """Read a file as it stands, without a mapping; of delimited text only the columns (and first rows) asked for."""
    match source.format:
        case "parquet":
            raw = _read_parquet(file)
        case "excel":
            raw = read_excel(file, source.options)
        case _:
            raw = read_csv(file, source.encoding, source.delimiter, only=only, limit=limit)
    if not len(raw.frame):
        raise InputError(
            f"{file.name}: the export is empty: a header and no records; take it out of the study or export it again"
        )
    return replace(raw, frame=_with_missing(raw.frame, source))


def _with_missing(frame: pd.DataFrame, source: SourceSettings) -> pd.DataFrame:
    """Make what means *missing* missing, in columns of text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    words = sorted({*map(str, source.options.get("na", _NA)), ""})
    na, longest = pa.array(words, pa.large_string()), max(len(word.encode()) for word in words)

    def without(text: Any) -> Any:
        if is_tidy(text):  # nothing to strip, so that most columns are too long to be one of these words
            shortest = pc.min_max(pc.binary_length(text))["min"].as_py()
            if shortest is None or shortest > longest:
                return text
            none = pc.is_in(text, value_set=na)
            return pc.if_else(none, pa.scalar(None, pa.large_string()), text) if pc.any(none).as_py() else text
        none = pc.is_in(pc.utf8_trim_whitespace(text), value_set=na)
        return pc.if_else(none, pa.scalar(None, pa.large_string()), text) if pc.any(none).as_py() else text

    n = len(frame)
    if frame.shape[1] > _MANY and all(str(dtype) == "str" for dtype in frame.dtypes):
        # thousands of short columns are looked at as one long one
        long = without(pa.concat_arrays([arrow_of(values) for _, values in frame.items()]))
        made = {name: text_of(long[i * n : (i + 1) * n]) for i, name in enumerate(frame.columns)}
        return pd.DataFrame(made, columns=frame.columns, index=frame.index)
    columns = {}
    for name, values in frame.items():
        if str(values.dtype) == "object":
            values = values.map(lambda v: v if v is None or isinstance(v, str) else str(v)).astype("str")
        columns[name] = text_of(without(arrow_of(values))) if str(values.dtype) == "str" else values.array
    return pd.DataFrame(columns, columns=frame.columns, index=frame.index)


def _needed(source: SourceSettings, study: Study) -> set[str]:
    """Return the columns of a file that its source looks at; what else stands in it is not kept in memory."""
    names = {*source.columns.values(), *source.attributes}
    if not source.columns and source.into == "events":
        names |= set(_XES_NAMES.values())
    if source.into == "responses" and source.survey is not None:
        survey = study.survey(source.survey)
        names |= {item.column for item in survey.items} | set(survey.customer.values())
        names |= {c for c in (survey.comment, survey.weight, survey.reference) if c is not None}
    return names


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read tables through the mapping of their source.

    Parameters
    ----------
    files : list of SourceFile
    source : SourceSettings
        ``into`` says which of our tables the rows are.
    study : Study

    Returns
    -------
    Reading
        Every row kept, rejected, or duplicate.
    """
    options = check_options(source, OPTIONS, source.format)
    needed = _needed(source, study) if source.preset is None else None
    raws = [load(file, source, needed) for file in files]
    source, frames, settled = settle(source, [raw.frame for raw in raws], study)
    ledgers = [FileLedger(source.name, f, len(r.frame)) for f, r in zip(files, raws, strict=True)]
    for ledger, raw in zip(ledgers, raws, strict=True):
        for position, reason in sorted(raw.broken.items()):
            ledger.reject([position], reason)
        for position, column, reason in raw.cells:
            ledger.cell([position], column, reason)
    made = [replace(raw, frame=frame) for raw, frame in zip(raws, frames, strict=True)]
    if source.into == "events":  # a mapping that lacks something is told before anything is compared
        for file, raw in zip(files, made, strict=True):
            _of_events(file, raw, source)
    if options.get("duplicates", "drop") == "drop":
        mark_duplicates(ledgers, [r.frame for r in raws], lambda k, at: _others(files[k], source, raws[k], at))
    reader = {"events": _events, "responses": _responses, "invitations": _invitations, "customers": _customers}[
        source.into
    ]
    parts = [reader(f, raw, ledger, source, study) for f, raw, ledger in zip(files, made, ledgers, strict=True)]
    inputs, rows = join_ledgers(ledgers)
    tables = {
        name: stacked([p[0][name] for p in parts])
        for name in ("events", "responses", "answers", "invitations", "customers", "identifiers")
        if any(name in p[0] for p in parts)
    }
    notes = settled + [n for r in raws for n in r.notes] + [n for p in parts for n in p[1]]
    return Reading(source.name, source.format, inputs, rows, notes=tuple(dict.fromkeys(notes)), **tables)


def _others(file: SourceFile, source: SourceSettings, raw: RawTable, at: np.ndarray[Any, Any]) -> pd.DataFrame:
    """Read, of some records, the columns that were not kept."""
    rest = set(raw.names) - set(raw.frame.columns)
    if not rest:
        return pd.DataFrame(index=at)
    return _with_missing(read_csv(file, raw.encoding, raw.delimiter, only=rest, rows=at).frame, source)


class _Columns:
    """The mapped columns of one file, by our names."""

    def __init__(self, file: SourceFile, raw: RawTable, source: SourceSettings) -> None:
        self.where, self.source = file.name, source
        self.frame = frame = raw.frame
        self.names = raw.names or tuple(map(str, frame.columns))
        self.mapping = dict(source.columns)
        if not self.mapping and source.into == "events" and {"concept:name", "time:timestamp"} <= set(frame.columns):
            self.mapping = {k: v for k, v in _XES_NAMES.items() if v in frame.columns}
        for ours, theirs in self.mapping.items():
            self._there(theirs, f"columns.{ours}")
        for theirs in source.attributes:
            self._there(theirs, "attributes")

    def _there(self, column: str, key: str) -> None:
        if column not in self.frame.columns:
            raise StudyError(
                f"{self.where}: source {self.source.name!r}, {key} = {column!r} is not a column of the file; "
                + nearest(column, self.names, 5)
            )

    def has(self, name: str) -> bool:
        return name in self.mapping or name in self.source.constants

    def raw(self, name: str) -> pd.Series[Any] | None:
        if name in self.mapping:
            column: pd.Series[Any] = self.frame[self.mapping[name]]
            if name in self.source.constants and str(column.dtype) == "str":
                column = missing_text(column).fillna(str(self.source.constants[name]))
            return column
        if name in self.source.constants:
            return pd.Series(constant(str(self.source.constants[name]), len(self.frame)), index=self.frame.index)
        return None

    def text(self, name: str) -> pd.Series[Any] | None:
        column = self.raw(name)
        if column is None:
            return None
        return translate(missing_text(column), value_map(self.source, name) if name != "channel" else {})

    def need(self, name: str, example: str) -> None:
        if not self.has(name):
            listed = ", ".join(repr(c) for c in self.names[:12])
            raise StudyError(
                f"{self.where}: source {self.source.name!r} must say which column is the {name}: "
                f"columns = {{{name} = {example}}}; the file has {listed}"
            )

    def stamps(self, name: str) -> Stamps:
        column = self.raw(name)
        assert column is not None
        return parse_stamps(
            column,
            self.source.tz,
            f"{self.where}, column {self.mapping.get(name, name)!r}",
            form=self.source.timestamp_format,
        )

    def identities(self, at: np.ndarray[Any, Any]) -> dict[str, pd.Series[Any] | Coded]:
        out: dict[str, pd.Series[Any] | Coded] = {}
        for kind in KINDS:
            column = self.raw(kind)
            if column is not None and str(column.dtype) == "str" and not value_map(self.source, kind):
                out[kind] = Coded.of(column).change(missing_text).take(at)  # customers come back
            elif column is not None:
                out[kind] = translate(missing_text(column), value_map(self.source, kind)).iloc[at]
        return out


_Part = tuple[dict[str, pd.DataFrame], list[str]]


def _of_events(file: SourceFile, raw: RawTable, source: SourceSettings) -> _Columns:
    check_columns(source, (*EVENT_COLUMNS, *RAW_COLUMNS, *KINDS))
    columns = _Columns(file, raw, source)
    columns.need("timestamp", '"…"')
    columns.need("touchpoint", '"…"')
    return columns


def _events(file: SourceFile, raw: RawTable, ledger: FileLedger, source: SourceSettings, study: Study) -> _Part:
    columns, frame = _of_events(file, raw, source), raw.frame
    stamps = columns.stamps("timestamp")
    ledger.no_moment(stamps, "timestamp")
    touchpoint = columns.text("touchpoint")
    assert touchpoint is not None
    ledger.reject(touchpoint.isna().to_numpy(), "no touchpoint")
    at = ledger.kept
    notes = stamps.notes(source.name)
    out: dict[str, Any] = {
        name: column if len(at) == len(column) else column.iloc[at]
        for name, column in (("timestamp", stamps.utc), ("utc_offset", stamps.offset), ("touchpoint", touchpoint))
    }
    always = str(source.constants.get("channel", "other"))
    raw_channel = columns.raw("channel")
    plain = "channel" not in columns.mapping and always in CHANNELS and not value_map(source, "channel")
    if raw_channel is None or plain:
        out["channel"] = constant(always, len(at))
    else:
        out["channel"], said = channels_of(missing_text(raw_channel).iloc[at], source)
        notes += said
    for name in EVENT_COLUMNS:
        if name in out or not columns.has(name):
            continue
        text = columns.text(name)
        assert text is not None
        out[name] = _number(text, at, name, ledger) if name in _NUMBERS else text.iloc[at]
    if "direction" in out:
        out["direction"] = directions_of(out["direction"])
    if "owner_mined" not in out and "queue" in out:
        out["owner_mined"] = out["queue"]
    for name in RAW_COLUMNS:
        text = columns.text(name)
        if text is not None:
            out[f"raw_{name}"] = text.iloc[at]
    for name in source.attributes:
        out[attribute_name(name)] = typed(frame[name], name).iloc[at]
    events = events_table(ledger, at, out, source)
    return {
        "events": events,
        "identifiers": identifiers_of(
            ledger.names.take(at), columns.identities(at), study.company.country, distinct=True
        ),
    }, notes


def _number(text: pd.Series[Any], at: np.ndarray[Any, Any], name: str, ledger: FileLedger) -> pd.Series[Any]:
    number, wrong = seconds_of(text.iloc[at])
    said = "no weight: a number from 0 on" if name == "weight" else "no number of seconds"
    ledger.cell(at[wrong], name, f"{name} is {said}")
    return number


def _responses(file: SourceFile, raw: RawTable, ledger: FileLedger, source: SourceSettings, study: Study) -> _Part:
    check_columns(source, _RESPONSE_COLUMNS)
    survey = survey_of(source, study)
    columns, frame = _Columns(file, raw, source), raw.frame
    columns.need("timestamp", '"…"')
    for key, theirs in [
        *survey.customer.items(),
        *((k, getattr(survey, k)) for k in ("comment", "weight", "reference")),
    ]:
        if theirs is not None and key not in columns.mapping:
            columns._there(theirs, f"survey {survey.name!r}: {key}")
            columns.mapping[key] = theirs
    stamps = columns.stamps("timestamp")
    ledger.no_moment(stamps, "timestamp")
    own = columns.text("response_id")
    if own is not None:
        same_id(ledger, own)
    at = ledger.kept
    out: dict[str, Any] = {
        "response_id": ledger.names.take(at),
        "timestamp": stamps.utc.iloc[at],
        "survey": np.full(len(at), survey.name, dtype=object),
        "survey_kind": np.full(len(at), survey.kind, dtype=object),
        "source": constant(source.name, len(at)),
        "seq": at + 1,
    }
    notes = stamps.notes(source.name)
    if columns.has("invited_at"):
        out["invited_at"] = columns.stamps("invited_at").utc.iloc[at]
    for name in ("reference", "comment"):
        text = columns.text(name)
        if text is not None:
            out[name] = text.iloc[at]
    weight = columns.text("weight")
    if weight is not None:
        out["weight"] = _number(weight, at, "weight", ledger)
    answers = answers_of(frame, at, survey, ledger, file.name)
    people = identifiers_of(ledger.names.take(at), columns.identities(at), study.company.country, distinct=True)
    return {"responses": table("responses", out), "answers": answers, "identifiers": people}, notes


def same_id(ledger: FileLedger, ids: pd.Series[Any]) -> None:
    """Mark records that bear the id of an earlier one, which stands."""
    position = np.arange(ledger.n)
    usable = ledger.open & ids.notna().to_numpy()
    seen = pd.Series(position, index=ids.to_numpy(dtype=object))[usable]
    first = seen.groupby(level=0).transform("min").to_numpy()
    at = position[usable]
    ledger.duplicate(at[first != at], first[first != at], "bears the id of an earlier record")


def _invitations(file: SourceFile, raw: RawTable, ledger: FileLedger, source: SourceSettings, study: Study) -> _Part:
    check_columns(source, _INVITATION_COLUMNS)
    columns, frame = _Columns(file, raw, source), raw.frame
    columns.need("invited_at", '"…"')
    survey = columns.text("survey")
    if survey is None:
        survey = pd.Series([survey_of(source, study).name] * len(frame), dtype="str")
    known = [s.name for s in study.surveys]
    stamps = columns.stamps("invited_at")
    ledger.no_moment(stamps, "invited_at")
    ledger.reject(survey.isna().to_numpy(), "no survey")
    ledger.reject(~survey.isin(known).to_numpy(), "belongs to a survey that the study does not declare")
    at = ledger.kept
    notes = stamps.notes(source.name)
    out: dict[str, Any] = {
        "invitation_id": ledger.names.take(at),
        "survey": survey.iloc[at],
        "invited_at": stamps.utc.iloc[at],
        "source": constant(source.name, len(at)),
        "seq": at + 1,
    }
    channel = columns.raw("channel")
    if channel is not None:
        out["channel"], said = channels_of(missing_text(channel).iloc[at], source)
        notes += said
    reference = columns.text("reference")
    if reference is not None:
        out["reference"] = reference.iloc[at]
    people = identifiers_of(ledger.names.take(at), columns.identities(at), study.company.country, distinct=True)
    return {"invitations": table("invitations", out), "identifiers": people}, notes


def _customers(file: SourceFile, raw: RawTable, ledger: FileLedger, source: SourceSettings, study: Study) -> _Part:
    columns, frame = _Columns(file, raw, source), raw.frame
    if not any(columns.has(kind) for kind in KINDS):
        columns.need("account", '"…"')
    at = ledger.kept
    out: dict[str, Any] = {
        "record_id": ledger.names.take(at),
        "source": constant(source.name, len(at)),
        "seq": at + 1,
    }
    declared = TABLES["customers"]
    for name in [*columns.mapping, *source.constants]:
        if name in KINDS:
            continue
        if name in declared:
            raise StudyError(
                f"source {source.name!r}: columns has the key {name!r}, which is ours; choose another name"
            )
        text = columns.text(name)
        assert text is not None
        out[name] = typed(text, name).iloc[at]
    for name in source.attributes:
        out[attribute_name(name)] = typed(frame[name], name).iloc[at]
    notes = []
    if "channel" in out:
        wrong = sorted(set(out["channel"].dropna().unique()) - set(CHANNELS))
        if wrong:
            notes.append(f"source {source.name!r}: attribute channel holds {wrong[0]!r}, which is no channel")
    people = identifiers_of(ledger.names.take(at), columns.identities(at), study.company.country, distinct=True)
    nameless = ~pd.Series(ledger.names.take(at)).isin(people["record_id"]).to_numpy(bool)
    if nameless.any():
        ledger.reject(at[nameless], "nothing says which customer this is")
        keep = ~nameless
        out = {k: (v.iloc[keep] if isinstance(v, pd.Series) else v[keep]) for k, v in out.items()}
    return {
        "customers": table("customers", out) if len(out["seq"]) else empty("customers"),
        "identifiers": people,
    }, notes
