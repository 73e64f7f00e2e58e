"""Qualtrics CSV: names, localised question texts and ``ImportId`` above the responses.

A legacy export has two header rows; how many there are is told from where the first date stands.
Previews, tests, spam and unfinished responses are rejected. ``IPAddress`` and ``Location*`` are
never kept. Needs ``tz``: the stamps are in the zone of the account that exported.

``columns`` may name identity kinds and ``reference``, ``comment``, ``weight``; what the
``[[survey]]`` declares wins. Without either, ``ExternalReference`` is the account and
``RecipientEmail`` the address.

Options
-------
timestamp : str
    Column that dates a response; default ``EndDate``.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import InputError, StudyError, nearest
from cxmining.ingest._build import (
    KINDS,
    answers_of,
    check_columns,
    check_options,
    identifiers_of,
    missing_text,
    survey_of,
)
from cxmining.ingest._csv import read_csv
from cxmining.ingest._files import SourceFile
from cxmining.ingest._ledger import FileLedger, join_ledgers
from cxmining.ingest._time import parse_stamps
from cxmining.ingest.tabular import same_id
from cxmining.schema import Reading, table
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "header_rows", "load", "read"]

OPTIONS: Final = {"timestamp": "column that dates a response"}
_DATE: Final = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}|^\d{1,2}[/.-]\d{1,2}[/.-]\d{4}[ ,]"
# Status as code or as label, in English, German and Dutch
_STATUS: Final = {
    "1": "a preview", "survey preview": "a preview", "umfragevorschau": "a preview", "enquêtevoorbeeld": "a preview",
    "voorbeeld van enquête": "a preview", "2": "a test", "survey test": "a test", "8": "spam", "spam": "spam", "9": "spam",
}  # fmt: skip
_UNFINISHED: Final = frozenset({"0", "false", "falsch", "onwaar", "no", "nee", "nein"})
_DEFAULT_PEOPLE: Final = {"account": "ExternalReference", "email": "RecipientEmail", "phone": "RecipientPhone"}


def header_rows(frame: pd.DataFrame, name: str) -> int:
    """Return how many rows below the names are no response (1 or 2).

    Raises
    ------
    InputError
        When no response follows.
    """
    dates = missing_text(frame["StartDate"]).str.match(_DATE).fillna(False).to_numpy(bool)
    first = int(dates.argmax()) if dates.any() else None
    if first is None:
        raise InputError(f"{name}: the export is empty: header rows and no responses")
    if not 1 <= first <= 2:
        raise InputError(
            f"{name}: {first + 1} rows stand above the first response; a Qualtrics export has 3 (or 2); export it again as CSV"
        )
    return first


def load(file: SourceFile, source: SourceSettings) -> tuple[pd.DataFrame, dict[int, str]]:
    """Return the responses as text, and the records that could not be laid out."""
    raw = read_csv(file, source.encoding, source.delimiter)
    if "StartDate" not in raw.frame.columns:
        raise InputError(f"{file.name}: has no column 'StartDate', so it is no Qualtrics export; set format")
    if not len(raw.frame):
        raise InputError(f"{file.name}: the export is empty: a header and no responses")
    skip = header_rows(raw.frame, file.name)
    return raw.frame.iloc[skip:].reset_index(drop=True), {k - skip: v for k, v in raw.broken.items() if k >= skip}


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read Qualtrics exports of one survey.

    Returns
    -------
    Reading
        ``responses``, ``answers``, ``identifiers``; each response kept, rejected with its reason, or duplicate.

    Raises
    ------
    StudyError
        When the survey is not named, or a column it names is not in the file.
    """
    options = check_options(source, OPTIONS, "qualtrics")
    check_columns(source, ("reference", "comment", "weight", *KINDS))
    survey = survey_of(source, study)
    ledgers, responses, answers, people, notes = [], [], [], [], []
    for file in files:
        frame, broken = load(file, source)
        ledger = FileLedger(source.name, file, len(frame))
        for position, reason in sorted(broken.items()):
            ledger.reject([position], reason)
        _sift(frame, ledger)
        when = options.get("timestamp", "EndDate")
        _in(file, frame, when, "options.timestamp")
        stamps = parse_stamps(frame[when], source.tz, f"{file.name}, column {when!r}", form=source.timestamp_format)
        ledger.reject(stamps.missing | stamps.bad, f"{when} is no moment")
        at = ledger.kept
        notes += stamps.notes(source.name)
        named = {**source.columns, **survey.customer}
        for key in ("reference", "comment", "weight"):
            if (theirs := getattr(survey, key)) is not None:
                named[key] = theirs
        for key, theirs in named.items():
            _in(file, frame, theirs, key)
        if not any(k in named for k in KINDS):
            named |= {k: v for k, v in _DEFAULT_PEOPLE.items() if v in frame.columns}
        out: dict[str, Any] = {
            "response_id": ledger.ids[at],
            "timestamp": stamps.utc.iloc[at],
            "survey": np.full(len(at), survey.name, dtype=object),
            "survey_kind": np.full(len(at), survey.kind, dtype=object),
            "source": np.full(len(at), source.name, dtype=object),
            "seq": at + 1,
        }
        for key in ("reference", "comment"):
            if key in named:
                out[key] = missing_text(frame[named[key]]).iloc[at]
        if "weight" in named:
            weight = pd.to_numeric(frame[named["weight"]].iloc[at], errors="coerce").astype("Float64")
            bad = (weight.isna() | (weight < 0)).fillna(True).to_numpy(bool)
            ledger.cell(at[bad], named["weight"], "weight is no number of 0 or more")
            out["weight"] = weight.mask(bad)
        responses.append(table("responses", out))
        answers.append(answers_of(frame, at, survey, ledger, file.name))
        who = {k: frame[v].iloc[at] for k, v in named.items() if k in KINDS}
        names = [c for c in ("RecipientFirstName", "RecipientLastName") if c in frame.columns]
        if names:
            # they join nobody; they are there to be masked in comments
            joined = frame[names].fillna("").agg(" ".join, axis=1)
            who["name#recipient"] = joined.iloc[at]
        people.append(identifiers_of(ledger.ids[at], who, study.company.country))
        ledgers.append(ledger)
    inputs, rows = join_ledgers(ledgers)
    return Reading(
        source.name, "qualtrics", inputs, rows,
        identifiers=pd.concat(people, ignore_index=True),
        responses=pd.concat(responses, ignore_index=True),
        answers=pd.concat(answers, ignore_index=True),
        notes=tuple(dict.fromkeys(notes)),
    )  # fmt: skip


def _in(file: SourceFile, frame: pd.DataFrame, column: str, key: str) -> None:
    if column not in frame.columns:
        raise StudyError(
            f"{file.name}: {key} = {column!r} is not a column of the file; {nearest(column, frame.columns, 5)}"
        )


def _sift(frame: pd.DataFrame, ledger: FileLedger) -> None:
    if "Status" in frame.columns:
        status = missing_text(frame["Status"]).str.casefold().map(_STATUS)
        for reason in sorted(status.dropna().unique()):
            ledger.reject(status.eq(reason).to_numpy(), f"is {reason}, no response")
    if "Finished" in frame.columns:
        ledger.reject(missing_text(frame["Finished"]).str.casefold().isin(_UNFINISHED).to_numpy(), "unfinished")
    if "ResponseId" in frame.columns:
        same_id(ledger, missing_text(frame["ResponseId"]))
