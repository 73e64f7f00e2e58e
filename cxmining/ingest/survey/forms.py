"""SurveyMonkey, Google Forms, Microsoft Forms and LimeSurvey: one row per response below the questions, CSV or workbook.

A column is called by its question. Of a SurveyMonkey export, which has two rows of names, that is the question and,
after `` - ``, what the second row says (``How satisfied are you with - Price``); the words for a plain answer
(``Response``, ``Open-Ended Response``) are left out. Two questions of one text are told apart by ``(2)``.

Previews do not stand in these exports. LimeSurvey's responses without ``submitdate`` are unfinished and rejected, as
is one dated 1980-01-01, which stands for *no date*. A response that bears the id of an earlier one is a duplicate;
Google writes no id, so there one that is equal in every column. ``IP Address`` is never kept; a respondent who is
``anonymous`` is nobody.

Needs ``tz``: the stamps are in the zone of the account, save Google's when they end in one (``GMT+1``, ``CET``).

``columns`` may name identity kinds and ``reference``, ``comment``, ``weight``; what the ``[[survey]]`` declares
wins. Without either, the e-mail address that the form collected is the customer's.

Options
-------
timestamp : str
    Column that dates a response; default when it was completed.
sheet : str
    Of a workbook; default the first that is shown.
header : int
    Row of its sheet that holds the names of the columns, from 1.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import InputError
from cxmining.ingest.files.csv_rows import read_csv
from cxmining.ingest.files.excel import is_workbook, read_excel
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.build import check_options, missing_text
from cxmining.ingest.records.ledger import FileLedger
from cxmining.ingest.survey.responses import Layout, read_responses
from cxmining.ingest.tables.presets import plain
from cxmining.ingest.tables.tabular import same_id
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "VENDORS", "lay_out", "number_of", "read", "vendor_of"]

OPTIONS: Final = {
    "timestamp": "column that dates a response",
    "sheet": "of a workbook",
    "header": "row of a workbook's sheet that holds the names",
}


@dataclass(frozen=True)
class _Vendor:
    """What a form tool calls its own columns, as `plain` writes them; the first pattern that fits is taken."""

    title: str
    marks: tuple[str, ...]
    """Patterns that must all fit a column."""
    own: str
    """Columns that hold no answer."""
    when: tuple[str, ...]
    key: str = ""
    email: str = r"e_?mail(?:_?adres|_address)?"
    names: str = r"(?:first|last)_name|voornaam|achternaam|naam|name"


VENDORS: Final = {
    "surveymonkey": _Vendor(
        "SurveyMonkey", (r"respondent_?id", r"collector_?id"),
        r"respondent_?id|collector_?id|start_date|end_date|begindatum|startdatum|einddatum|ip_address|ip_adres|e_?mail_?address|e_?mail_?adres|first_name|last_name|voornaam|achternaam|custom_data(?:_\d+)?|aangepaste_gegevens(?:_\d+)?|date_(?:created|modified)|language",
        (r"end_date|einddatum", r"date_modified", r"start_date|startdatum|begindatum"), r"respondent_?id",
    ),
    "googleforms": _Vendor(
        "Google Forms", (r"timestamp|tijdstempel|zeitstempel",),
        r"timestamp|tijdstempel|zeitstempel|e_?mail_?address|e_?mail_?adres|username|gebruikersnaam|nutzername|score|totaalscore",
        (r"timestamp|tijdstempel|zeitstempel",), email=r"e_?mail_?address|e_?mail_?adres|username|gebruikersnaam|nutzername", names=r"$^",
    ),
    "msforms": _Vendor(
        "Microsoft Forms", (r"start_?time|begintijd|startzeit", r"completion_?time|tijd_van_voltooien|voltooiingstijd|fertigstellungszeit", r"id"),
        r"id|start_?time|begintijd|startzeit|completion_?time|tijd_van_voltooien|voltooiingstijd|fertigstellungszeit|e_?mail|name|naam|last_modified_time|tijd_van_laatste_wijziging|total_points|totaal_aantal_punten|quiz_feedback|testfeedback|language|taal|(?:points|feedback|punten)_.*|grade_posted_time",
        (r"completion_?time|tijd_van_voltooien|voltooiingstijd|fertigstellungszeit",), r"id", names=r"name|naam",
    ),
    "limesurvey": _Vendor(
        "LimeSurvey", (r"submitdate|date_submitted", r"lastpage|last_page", r"startlanguage|start_language"),
        r"id|response_id|submitdate|date_submitted|lastpage|last_page|startlanguage|start_language|seed|token|access_code|startdate|date_started|datestamp|date_last_action|ipaddr|ip_address|refurl|referrer_url|interviewtime|total_time|grouptime.*|group_time.*|.+time",
        (r"submitdate|date_submitted",), r"id|response_id", email=r"attribute_email|email", names=r"(?:attribute_)?(?:first|last)_?name",
    ),
}  # fmt: skip
_ANSWER: Final = re.compile(r"response|open[- ]?ended response|reactie|antwoord|open antwoord|antwort|réponse", re.I)
_QUESTION: Final = re.compile(r"\?|\[.+\]$|^(?:\S+\s+){3,}\S+")
_GOOGLE: Final = (
    r"^(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2}) (?P<H>\d{1,2}):(?P<M>\d{2}):(?P<S>\d{2})"
    r"(?:\s*(?P<p>[AaPp])\.?[Mm]\.?)?(?:\s+(?P<z>[A-Z]{2,5})?(?P<o>[+-]\d{1,2}(?::?\d{2})?)?)?$"
)
_ZONES: Final = {
    "UTC": "+00:00", "GMT": "+00:00", "WET": "+00:00", "WEST": "+01:00", "BST": "+01:00", "CET": "+01:00", "MEZ": "+01:00", "CEST": "+02:00",
    "MESZ": "+02:00", "EET": "+02:00", "OEZ": "+02:00", "EEST": "+03:00", "OESZ": "+03:00", "EST": "-05:00", "EDT": "-04:00", "CST": "-06:00",
    "CDT": "-05:00", "MST": "-07:00", "MDT": "-06:00", "PST": "-08:00", "PDT": "-07:00",
}  # fmt: skip
_NO_DATE: Final = "1980-01-01"


def vendor_of(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the form tools whose export has columns of these names, and why.

    Examples
    --------
    >>> vendor_of(["ID", "Begintijd", "Tijd van voltooien", "E-mail", "Naam", "Hoe tevreden bent u?"])
    [('msforms', "has the columns 'Begintijd', 'Tijd van voltooien' and 'ID' of Microsoft Forms")]
    >>> vendor_of(["Timestamp", "user", "action"])
    []
    """
    found = []
    for kind, vendor in VENDORS.items():
        hits = [next((n for n in names if re.fullmatch(mark, plain(n))), None) for mark in vendor.marks]
        if None in hits:
            continue
        if kind == "googleforms" and (hits[0] != names[0] or not any(_QUESTION.search(n) for n in names[1:])):
            continue  # a column of that name alone says little: it must come first, before questions
        shown = [repr(h) for h in hits]
        listed = " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
        said = (
            f"has the column {listed} before questions, as" if kind == "googleforms" else f"has the columns {listed} of"
        )
        found.append((kind, f"{said} {vendor.title}" + (" writes it" if kind == "googleforms" else "")))
    return found


def lay_out(file: SourceFile, source: SourceSettings) -> Layout:
    """Return the responses of a file, with the texts of its questions.

    Raises
    ------
    InputError
        When it is no export of the tool, or holds no response.
    """
    vendor = VENDORS[source.format]
    if is_workbook(file):
        raw = read_excel(file, source.options, repeated=True)
        frame, broken = raw.frame, dict(raw.broken)
        names, notes, cells = [re.sub(r"^column \d+$", "", str(c)) for c in frame.columns], raw.notes, raw.cells
    else:
        raw = read_csv(file, source.encoding, source.delimiter, header=False)
        frame, cells, notes = raw.frame.iloc[1:].reset_index(drop=True), (), raw.notes
        names = ["" if pd.isna(v) else str(v).strip() for v in raw.frame.iloc[0]]
        broken = {k - 1: v for k, v in raw.broken.items()}
    missing = [m for m in vendor.marks if not any(re.fullmatch(m, plain(n)) for n in names)]
    if missing:
        raise InputError(
            f"{file.name}: has no column {missing[0].split('|')[0].replace('_?', ' ')!r}, so it is no export of {vendor.title}; set format"
        )
    if source.format == "surveymonkey":
        names, skip = _two_rows(names, frame)
        frame = frame.iloc[skip:].reset_index(drop=True)
        broken = {k - skip: v for k, v in broken.items() if k >= skip}
        cells = tuple((i - skip, c, why) for i, c, why in cells if i >= skip)
    renamed = dict(zip(map(str, frame.columns), _told_apart(names), strict=True))
    frame = frame.rename(columns=renamed)
    columns = [str(c) for c in frame.columns]
    when = next(c for pattern in vendor.when for c in columns if re.fullmatch(pattern, plain(c)))
    if source.format == "googleforms":
        frame[when] = _google_stamps(missing_text(frame[when]))
    email = next((c for c in columns if re.fullmatch(vendor.email, plain(c))), None)
    return Layout(
        frame, {c: c for c in columns if not re.fullmatch(vendor.own, plain(c))}, when,
        {} if email is None else {"email": email}, tuple(c for c in columns if re.fullmatch(vendor.names, plain(c))),
        broken, tuple((i, renamed.get(c, c), why) for i, c, why in cells), notes,
    )  # fmt: skip


def _two_rows(names: Sequence[str], frame: pd.DataFrame) -> tuple[list[str], int]:
    """Join SurveyMonkey's two rows of names: a question spans its options, which the second row names."""
    at = next(i for i, n in enumerate(names) if re.fullmatch(r"respondent_?id", plain(n)))
    if not len(frame) or missing_text(frame.iloc[:1, at]).notna().iloc[0]:
        return list(names), 0
    second = ["" if pd.isna(v) else str(v).strip() for v in frame.iloc[0]]
    joined, question = [], ""
    for name, option in zip(names, second, strict=True):
        question = name or question
        joined.append(f"{question} - {option}" if option and not _ANSWER.fullmatch(option) else question)
    return joined, 1


def _told_apart(names: Sequence[str]) -> list[str]:
    seen: Counter[str] = Counter()
    out = []
    for i, name in enumerate(names, start=1):
        given = " ".join(name.split()) or f"column {i}"
        seen[given] += 1
        out.append(given if seen[given] == 1 else f"{given} ({seen[given]})")
    return out


def _google_stamps(text: pd.Series[Any]) -> pd.Series[Any]:
    """Rewrite ``2024/05/31 1:22:11 PM GMT+2`` as ISO 8601; leave everything else as it is.

    Examples
    --------
    >>> _google_stamps(pd.Series(["2024/05/31 1:22:11 PM GMT+2", "2024/05/31 12:00:00 AM CEST", "31-5-2024 13:22:11"])).tolist()
    ['2024-05-31T13:22:11+02:00', '2024-05-31T00:00:00+02:00', '31-5-2024 13:22:11']
    """
    part = text.str.extract(_GOOGLE)
    fits = part["y"].notna() & (part["z"].isna() | part["z"].isin(_ZONES))
    if not fits.any():
        return text
    hour = part["H"].where(fits, "0").astype("int64")
    half = part["p"].str.lower()
    hour = hour.where(half.isna(), hour % 12 + (half == "p").astype("int64") * 12)
    shift = part["o"].str.replace(":", "", regex=False)
    hours = shift.str.extract(r"^([+-])(\d{1,2}?)(\d{2})?$")
    told = hours[0] + hours[1].str.zfill(2) + ":" + hours[2].fillna("00")
    zone = told.fillna(part["z"].map(_ZONES)).fillna("")
    iso = (
        part["y"] + "-" + part["m"].str.zfill(2) + "-" + part["d"].str.zfill(2) + "T" + hour.astype("str").str.zfill(2)
        + ":" + part["M"] + ":" + part["S"] + zone
    )  # fmt: skip
    return iso.where(fits, text)


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read exports of one form.

    Returns
    -------
    Reading
        ``responses``, ``answers``, ``identifiers``; each response kept, rejected with its reason, or duplicate.

    Raises
    ------
    StudyError
        When the survey is not named, or a column it names is not in the file.
    """
    options = check_options(source, OPTIONS, source.format)
    vendor = VENDORS[source.format]

    def sift(frame: pd.DataFrame, ledger: FileLedger) -> pd.Series[Any] | None:
        if source.format == "limesurvey":
            _unfinished(frame, vendor, ledger, "timestamp" in options)
        numbers = number_of(frame, source.format)
        if numbers is None:
            _same_content(frame, ledger)
        else:
            same_id(ledger, numbers)
        return numbers

    return read_responses(
        files, source, study, source.format, lambda file: lay_out(file, source), sift, options.get("timestamp")
    )


def number_of(frame: pd.DataFrame, kind: str) -> pd.Series[Any] | None:
    """Return the number of each response; None where the tool gives none."""
    pattern = VENDORS[kind].key
    key = next((c for c in frame.columns if pattern and re.fullmatch(pattern, plain(str(c)))), None)
    return None if key is None else missing_text(frame[key])


def _unfinished(frame: pd.DataFrame, vendor: _Vendor, ledger: FileLedger, dated: bool) -> None:
    submitted = missing_text(frame[next(c for c in frame.columns if re.fullmatch(vendor.when[0], plain(str(c))))])
    ledger.reject(submitted.isna().to_numpy(), "unfinished")
    undated = submitted.str.startswith(_NO_DATE).fillna(False).to_numpy(bool)
    if dated:
        return
    if undated.any() and undated[submitted.notna().to_numpy()].all():
        raise InputError(
            f"{ledger.file.name}: no response bears a date ({_NO_DATE} stands for none: the survey was set to keep none); "
            "name another column: options.timestamp"
        )
    ledger.reject(undated, f"bears no date ({_NO_DATE} stands for none)")


def _same_content(frame: pd.DataFrame, ledger: FileLedger) -> None:
    codes = frame.astype("str").fillna("").groupby(list(frame.columns), sort=False, dropna=False).ngroup().to_numpy()
    _, first = np.unique(codes, return_index=True)
    original = first[np.unique(codes, return_inverse=True)[1]]
    at = np.flatnonzero(original != np.arange(len(frame)))
    ledger.duplicate(at, original[at], "equal to an earlier record in every column")
