"""Qualtrics CSV (or workbook): names, localised question texts and ``ImportId`` above the responses.

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
sheet : str
    Of an export as workbook; default the first that is shown.
header : int
    Row of its sheet that holds the names of the columns, from 1.
"""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from cxmining.errors import InputError
from cxmining.ingest.files.csv_rows import RawTable, read_csv
from cxmining.ingest.files.excel import is_workbook, read_excel
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.build import check_options, missing_text
from cxmining.ingest.records.ledger import FileLedger
from cxmining.ingest.survey.responses import Layout, read_responses
from cxmining.ingest.tables.tabular import same_id
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "header_rows", "lay_out", "load", "number_of", "read"]

OPTIONS: Final = {
    "timestamp": "column that dates a response",
    "sheet": "of a workbook",
    "header": "row of a workbook's sheet that holds the names",
}
_DATE: Final = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}|^\d{1,2}[/.-]\d{1,2}[/.-]\d{4}[ ,]"
# Status as code or as label, in English, German and Dutch
_STATUS: Final = {
    "1": "a preview", "survey preview": "a preview", "umfragevorschau": "a preview", "enquêtevoorbeeld": "a preview",
    "voorbeeld van enquête": "a preview", "enquêtepreview": "a preview", "enquete preview": "a preview", "2": "a test", "survey test": "a test", "8": "spam", "spam": "spam", "9": "spam",
}  # fmt: skip
_SYSTEM: Final = frozenset((
    "StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished", "RecordedDate", "ResponseId", "ResponseID",
    "RecipientLastName", "RecipientFirstName", "RecipientEmail", "RecipientPhone", "ExternalReference", "ExternalDataReference",
    "LocationLatitude", "LocationLongitude", "DistributionChannel", "UserLanguage", "ResponseSet", "Name", "EmailAddress", "Q_RecaptchaScore",
))  # fmt: skip
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


def lay_out(file: SourceFile, source: SourceSettings) -> Layout:
    """Return the responses of a file, with the texts of its questions.

    Raises
    ------
    InputError
        When it is no export of Qualtrics, or holds no response.
    """
    raw = _raw(file, source)
    if "StartDate" not in raw.frame.columns:
        raise InputError(f"{file.name}: has no column 'StartDate', so it is no Qualtrics export; set format")
    if not len(raw.frame):
        raise InputError(f"{file.name}: the export is empty: a header and no responses")
    skip = header_rows(raw.frame, file.name)
    texts = raw.frame.iloc[0]
    columns = [str(c) for c in raw.frame.columns]
    last = max((i for i, c in enumerate(columns) if c in _SYSTEM), default=-1)
    return Layout(
        raw.frame.iloc[skip:].reset_index(drop=True),
        {c: str(texts[c]) if pd.notna(texts[c]) else c for c in columns[last + 1 :]},
        "EndDate", _DEFAULT_PEOPLE, ("RecipientFirstName", "RecipientLastName"),
        {k - skip: v for k, v in raw.broken.items() if k >= skip},
        tuple((i - skip, c, why) for i, c, why in raw.cells if i >= skip), raw.notes,
    )  # fmt: skip


def _raw(file: SourceFile, source: SourceSettings) -> RawTable:
    if is_workbook(file):
        return read_excel(file, source.options)
    return read_csv(file, source.encoding, source.delimiter)


def load(file: SourceFile, source: SourceSettings) -> tuple[pd.DataFrame, dict[int, str]]:
    """Return the responses as text, and the records that could not be laid out."""
    layout = lay_out(file, source)
    return layout.frame, dict(layout.broken)


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
    return read_responses(
        files, source, study, "qualtrics", lambda file: lay_out(file, source), _sift, options.get("timestamp")
    )


def _sift(frame: pd.DataFrame, ledger: FileLedger) -> pd.Series[Any] | None:
    if "Status" in frame.columns:
        status = missing_text(frame["Status"]).str.casefold().map(_STATUS)
        for reason in sorted(status.dropna().unique()):
            ledger.reject(status.eq(reason).to_numpy(), f"is {reason}, no response")
    if "Finished" in frame.columns:
        ledger.reject(missing_text(frame["Finished"]).str.casefold().isin(_UNFINISHED).to_numpy(), "unfinished")
    numbers = number_of(frame)
    if numbers is not None:
        same_id(ledger, numbers)
    return numbers


def number_of(frame: pd.DataFrame) -> pd.Series[Any] | None:
    """Return the number of each response; None in an export without."""
    own = next((c for c in ("ResponseId", "ResponseID") if c in frame.columns), None)
    return None if own is None else missing_text(frame[own])
