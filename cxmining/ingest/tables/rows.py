"""What the rows of a table become: events, responses with their answers, invitations or customers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import StudyError
from cxmining.ingest.files.arrow import constant
from cxmining.ingest.files.csv_rows import RawTable
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.build import (
    EVENT_COLUMNS,
    KINDS,
    RAW_COLUMNS,
    answers_of,
    attribute_name,
    channels_of,
    check_columns,
    directions_of,
    events_table,
    identifiers_of,
    missing_text,
    seconds_of,
    survey_of,
    typed,
    value_map,
)
from cxmining.ingest.records.ledger import FileLedger
from cxmining.ingest.tables.columns import Columns
from cxmining.schema import CHANNELS, TABLES, empty, table
from cxmining.study import SourceSettings, Study

__all__ = ["MAKERS", "columns_of_events", "same_id"]

_RESPONSE_COLUMNS: Final = ("timestamp", "response_id", "invited_at", "reference", "weight", "comment", *KINDS)
_INVITATION_COLUMNS: Final = ("invited_at", "survey", "channel", "reference", *KINDS)
_NUMBERS: Final = ("wait_s", "duration_s")

Part = tuple[dict[str, pd.DataFrame], list[str]]


def columns_of_events(file: SourceFile, raw: RawTable, source: SourceSettings) -> Columns:
    """Return the columns of a table of events, or say what its mapping lacks."""
    check_columns(source, (*EVENT_COLUMNS, *RAW_COLUMNS, *KINDS))
    columns = Columns(file, raw, source)
    columns.need("timestamp", '"…"')
    columns.need("touchpoint", '"…"')
    return columns


def _events(file: SourceFile, raw: RawTable, ledger: FileLedger, source: SourceSettings, study: Study) -> Part:
    columns, frame = columns_of_events(file, raw, source), raw.frame
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


def _responses(file: SourceFile, raw: RawTable, ledger: FileLedger, source: SourceSettings, study: Study) -> Part:
    check_columns(source, _RESPONSE_COLUMNS)
    survey = survey_of(source, study)
    columns, frame = Columns(file, raw, source), raw.frame
    columns.need("timestamp", '"…"')
    for key, theirs in [
        *survey.customer.items(),
        *((k, getattr(survey, k)) for k in ("comment", "weight", "reference")),
    ]:
        if theirs is not None and key not in columns.mapping:
            columns.there(theirs, f"survey {survey.name!r}: {key}")
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


def _invitations(file: SourceFile, raw: RawTable, ledger: FileLedger, source: SourceSettings, study: Study) -> Part:
    check_columns(source, _INVITATION_COLUMNS)
    columns, frame = Columns(file, raw, source), raw.frame
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


def _customers(file: SourceFile, raw: RawTable, ledger: FileLedger, source: SourceSettings, study: Study) -> Part:
    columns, frame = Columns(file, raw, source), raw.frame
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


MAKERS: Final[dict[str, Callable[[SourceFile, RawTable, FileLedger, SourceSettings, Study], Part]]] = {
    "events": _events,
    "responses": _responses,
    "invitations": _invitations,
    "customers": _customers,
}
"""By the table that the rows of a source go into."""
