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

from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.ingest.files.csv_rows import RawTable, read_csv
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.build import check_options, stacked
from cxmining.ingest.records.duplicates import mark_duplicates
from cxmining.ingest.records.ledger import FileLedger, join_ledgers
from cxmining.ingest.tables.columns import XES_NAMES
from cxmining.ingest.tables.loading import load, with_missing
from cxmining.ingest.tables.presets import settle
from cxmining.ingest.tables.rows import MAKERS, columns_of_events, same_id
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "load", "mark_duplicates", "read", "same_id"]

OPTIONS: Final = {
    "values": "our column → the file's value → our value",
    "na": "texts that mean missing",
    "sheet": "of a workbook",
    "header": "row of a workbook's sheet that holds the names",
    "duplicates": '"drop" or "keep"',
}


def _needed(source: SourceSettings, study: Study) -> set[str]:
    """Return the columns of a file that its source looks at; what else stands in it is not kept in memory."""
    names = {*source.columns.values(), *source.attributes}
    if not source.columns and source.into == "events":
        names |= set(XES_NAMES.values())
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
            columns_of_events(file, raw, source)
    if options.get("duplicates", "drop") == "drop":
        mark_duplicates(ledgers, [r.frame for r in raws], lambda k, at: _others(files[k], source, raws[k], at))
    make = MAKERS[source.into]
    parts = [make(f, raw, ledger, source, study) for f, raw, ledger in zip(files, made, ledgers, strict=True)]
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
    return with_missing(read_csv(file, raw.encoding, raw.delimiter, only=rest, rows=at).frame, source)
