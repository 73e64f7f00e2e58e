"""A look into one file: what it is taken for and why, what is in it, what would be rejected."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import string
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from cxmining.errors import CxminingError, InputError
from cxmining.ingest.files.arrow import arrow_of
from cxmining.ingest.files.opening import SourceFile, open_file
from cxmining.ingest.looking.sniff import Sniffed, sniff
from cxmining.ingest.readers import reader_of
from cxmining.repr_html import repr_html
from cxmining.study import SourceSettings, Study, parse_study

__all__ = ["Inspection", "inspect"]

_ROWS: Final = 5
_WIDEST: Final = 90
_COLUMNS: Final = 100  # as many as a table shows; all of them stand in `columns`
_CELLS: Final = 1 << 21
_FEWEST: Final = 50
_OFTEN: Final = 5
"""A value is shown as it is only when at least so many records have it: then it names nobody."""
_PERSONAL: Final = re.compile(r"name|naam|mail|phone|tel|addr|adres|street|straat|src|dst|clid|from|to$|ip", re.I)
_TELLS: Final = re.compile(r"@|(?:\d[ .-]?){6}")
_ASCII: Final = str.maketrans(
    {
        **dict.fromkeys(string.ascii_uppercase, "X"),
        **dict.fromkeys(string.ascii_lowercase, "x"),
        **dict.fromkeys(string.digits, "0"),
    }
)
_WIDE: Final = 1000
_HEAD: Final = 1 << 22
_NOTHING: Final = ("NA", "N/A", "NULL", "\\N", "NaN")
_STAMP: Final = re.compile(r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?$|^\d{1,2}[/.-]\d{1,2}[/.-]\d{4}(?: .*)?$")


@dataclass(frozen=True, eq=False)
class Inspection:
    """What was seen in a file.

    Attributes
    ----------
    file : str
        Its name.
    format : str
        What it is taken for.
    why : str
        What in the content says so.
    columns : DataFrame
        One row per column: ``column``, ``filled`` (share), ``distinct``, ``example`` (masked).
    head : DataFrame
        The first rows, masked: letters as x, digits as 0, unless a value is so frequent that it names nobody.
    counts : dict of str to int
        What would become of its records; empty when that needs a mapping or a survey first.
    reasons : DataFrame
        ``status``, ``reason``, ``records``.
    questions : tuple of str
        What the study must say before it can be read.
    items : DataFrame
        Of a survey: one row per question with ``column``, ``metric``, ``scale``, ``confidence``, ``pair`` and ``reason``;
        an empty metric is no score.
    preset : str
        Of a plain table: the ready mapping that it is made for.
    """

    file: str
    format: str
    why: str
    columns: pd.DataFrame
    head: pd.DataFrame
    counts: dict[str, int] = field(default_factory=dict)
    reasons: pd.DataFrame = field(default_factory=pd.DataFrame)
    questions: tuple[str, ...] = ()
    items: pd.DataFrame = field(default_factory=pd.DataFrame)
    preset: str = ""

    @property
    def summary(self) -> pd.DataFrame:
        """The columns."""
        return self.columns

    def __repr__(self) -> str:
        lines = [
            f"{self.file}: {self.format}, because it {self.why}"
            if not self.why.startswith("JSON")
            else f"{self.file}: {self.format}, because it is {self.why}"
        ]
        if self.counts:
            lines.append("records: " + ", ".join(f"{k} {v:,}" for k, v in self.counts.items()))
        lines += [f"  {r.status}: {r.reason}: {r.records:,}" for r in self.reasons.itertuples()]
        lines += [f"question: {q}" for q in self.questions]
        for shown in self._tables():
            lines += ["", shown.to_string(index=False, max_colwidth=_WIDEST)]
        if len(self.columns) > _COLUMNS:
            lines += ["", f"and {len(self.columns) - _COLUMNS:,} columns more: all of them stand in .columns"]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        more = len(self.columns) - _COLUMNS
        left = f"and {more:,} columns more: all of them stand in .columns" if more > 0 else ""
        return repr_html(*self._tables(), head=repr(self).split("\n\n", 1)[0].splitlines(), said=[left])

    def _tables(self) -> list[pd.DataFrame]:
        return [t for t in (self.columns.head(_COLUMNS), self.items, self.head.iloc[:, :_COLUMNS]) if len(t)]


def inspect(
    path: str | Path,
    *,
    format: str = "auto",  # noqa: A002 - the study file's own word
    tz: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> Inspection:
    r"""Say what a file is taken for, and why, without a study.

    Parameters
    ----------
    path : path-like
    format : str, default "auto"
        As in the study file.
    tz : str, optional
        Zone of stamps that carry none; without it UTC is assumed for the counts, and asked for.
    encoding, delimiter : str, optional

    Returns
    -------
    Inspection

    Raises
    ------
    InputError
        When the file is missing, empty, or of no kind or two kinds.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "x.csv"
    >>> _ = file.write_text("klant;stap\n1;belt\n2;mailt\n")
    >>> inspect(file).format
    'csv'
    """
    path = Path(path)
    file = open_file(path, path.name)
    found = sniff(file, delimiter=delimiter) if format == "auto" else Sniffed(format, "was said to be")
    values: dict[str, Any] = {"name": "export", "path": path.name, "format": found.format}
    given = {"tz": tz, "encoding": encoding, "delimiter": delimiter}
    values |= {key: value for key, value in given.items() if value is not None}
    if found.preset:
        values["preset"] = found.preset
    source = parse_study({"name": "inspection", "source": [values]}, root=path.parent).sources[0]
    frame = rows_of(file, source)
    survey, items, open_ = _survey(file, source)
    counts, reasons, questions = _try(path, values, survey)
    columns, head = _look(frame)
    return Inspection(
        file=path.name, format=found.format, why=found.why, columns=columns, head=head,
        counts=counts, reasons=reasons, questions=(*questions, *open_), items=items, preset=found.preset,
    )  # fmt: skip


def rows_of(file: SourceFile, source: SourceSettings, limit: int = 5000) -> pd.DataFrame:
    """Return the first records of a file as a flat table of text, by the names the file uses."""
    match source.format:
        case "mbox" | "eml" | "msg":
            module = reader_of(source.format)
            return pd.DataFrame(module.headers(file, limit), dtype="str")
        case "asterisk":
            from cxmining.ingest.contact import asterisk

            return asterisk.load(file, source, limit=limit)[0]
        case "qualtrics":
            from cxmining.ingest.survey import qualtrics

            return qualtrics.load(file, source)[0].head(limit)
        case "surveymonkey" | "googleforms" | "msforms" | "limesurvey":
            from cxmining.ingest.survey import forms

            return forms.lay_out(file, source).frame.head(limit)
        case "whatsapp":
            from cxmining.ingest.contact import whatsapp

            return whatsapp.messages(file, source).head(limit)
        case "ga4" | "segment" | "amplitude" | "mixpanel":
            from cxmining.ingest.web import common

            return common.first_rows(file, source, limit, _flat)
        case "zendesk" | "genesys" | "connect" | "twilio" | "intercom" | "salesforce":
            from cxmining.ingest.files import json_records

            if source.format in ("zendesk", "connect", "twilio", "salesforce") and not json_records.is_json(file):
                from cxmining.ingest.files.csv_rows import read_csv

                return read_csv(file, source.encoding, source.delimiter, limit=limit).frame
            some = itertools.islice(json_records.records(file), limit)
            return pd.DataFrame([_flat(r) for _, r, _ in some if isinstance(r, dict)]).astype("str")
        case "xes":
            from cxmining.ingest.logs import xes

            log = xes.parse(file)
            keys = [*log.trace, *log.event]
            return pd.DataFrame({k: xes._column(log, k) for k in keys}).head(limit)
        case "ocel":
            from cxmining.ingest.logs.ocel_tables import parse_ocel

            return parse_ocel(file).frame().head(limit)
        case _:
            from cxmining.ingest.tables import tabular

            if source.format == "csv" and (first := _first_rows(file, source)) is not None:
                return first
            frame = tabular.load(file, source, limit=limit).frame
            return frame.head(min(limit, max(_FEWEST, _CELLS // max(1, frame.shape[1]))))


def _first_rows(file: SourceFile, source: SourceSettings) -> pd.DataFrame | None:
    """Return the first rows of a text of very many columns, of which a table takes seconds to make; else nothing."""
    from cxmining.ingest.files.csv_rows import find_delimiter, unique_names
    from cxmining.ingest.files.recode import look

    text = look(file, source.encoding)
    head = text.head(_HEAD)
    mark = source.delimiter or find_delimiter(head, file.name)
    first = next(csv.reader(io.StringIO(head), delimiter=mark), [])
    if len(first) <= _WIDE:
        return None
    whole = len(head) < _HEAD
    rows = [r for r in csv.reader(io.StringIO(head), delimiter=mark) if len(r) == len(first)]
    body = rows[1 : None if whole else -1][:_FEWEST]  # the last may be cut off
    if not body:
        return None
    cells = np.array(body, dtype=object)
    cells[np.isin(cells, ("", *_NOTHING))] = None
    return pd.DataFrame(cells, columns=unique_names(first, file.name), dtype=object)


def _flat(record: dict[str, Any]) -> dict[str, str | None]:
    return {
        k: None if v is None else v if isinstance(v, str) else json.dumps(v, ensure_ascii=False)
        for k, v in record.items()
    }


def _look(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what is in the columns, and the first rows: masked, but for what many records share.

    Examples
    --------
    >>> _look(pd.DataFrame({"naam": ["Jan de Wit"], "dag": ["2024-01-01"]}))[1].to_numpy().tolist()
    [['Xxx xx Xxx', '2024-01-01']]
    """
    rows, head = [], []
    if frame.shape[1] > _WIDE:
        return _look_wide(frame)
    for column, values in frame.items():
        text = arrow_of(values if str(values.dtype) == "str" else values.astype("str"))
        filled = text.drop_null() if text.null_count else text
        counts = filled.value_counts()
        few = not _PERSONAL.search(str(column)) and len(counts) <= max(1, len(text) // _OFTEN)
        common: set[str] = set()
        if few:
            common = set(counts.field(0).filter(pc.greater_equal(counts.field(1), _OFTEN)).to_pylist())
        head.append([None if v is None else _masked(v, common) for v in text[:_ROWS].to_pylist()])
        example = "" if not len(filled) else _masked(filled[0].as_py(), common)
        rows.append((column, round(len(filled) / max(len(text), 1), 3), len(counts), example))
    columns = pd.DataFrame(rows, columns=["column", "filled", "distinct", "example"])
    # by row: thousands of short columns are slow to put together one by one
    shown = pd.DataFrame(np.array(head, dtype=object).reshape(len(head), -1).T, columns=frame.columns, dtype="str")
    return columns, shown


def _look_wide(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Do the same value by value: of thousands of columns, each as an array of its own costs more than what is in it."""
    cells = frame.astype(object).to_numpy().T
    n = max(frame.shape[0], 1)
    rows = []
    head = np.full((min(_ROWS, frame.shape[0]), len(cells)), None, dtype=object)
    for k, (column, values) in enumerate(zip(frame.columns, cells, strict=True)):
        filled = [str(v) for v in values if v is not None and v == v]
        counts = Counter(filled)
        few = not _PERSONAL.search(str(column)) and len(counts) <= max(1, n // _OFTEN)
        common = {v for v, times in counts.items() if times >= _OFTEN} if few else set()
        for i in range(len(head)):
            value = values[i]
            head[i, k] = None if value is None or value != value else _masked(str(value), common)
        rows.append((column, round(len(filled) / n, 3), len(counts), _masked(filled[0], common) if filled else ""))
    columns = pd.DataFrame(rows, columns=["column", "filled", "distinct", "example"])
    return columns, pd.DataFrame(head, columns=frame.columns, dtype=object)


def _masked(value: str, common: set[str]) -> str:
    return value if _STAMP.match(value) or (value in common and not _TELLS.search(value)) else _shape(value)


def _shape(text: str) -> str:
    short = text if len(text) <= 40 else text[:40] + "…"
    if short.isascii():
        return short.translate(_ASCII)
    return re.sub(r"\d", "0", re.sub(r"[^\W\d_]", lambda m: "X" if m.group().isupper() else "x", short))


def _survey(file: SourceFile, source: SourceSettings) -> tuple[dict[str, Any] | None, pd.DataFrame, tuple[str, ...]]:
    """Recognise the questions of a survey: its settings, a table of them, and what is open."""
    from cxmining.ingest.looking.drafting import SURVEYS, survey_layout
    from cxmining.ingest.looking.drafting_survey import propose_survey
    from cxmining.ingest.survey.items import recognise_items

    if source.format not in SURVEYS:
        return None, pd.DataFrame(), ()
    layout, asked = survey_layout(file, source)
    proposed, doubts = propose_survey("survey", layout.frame, layout.questions, asked)
    found = recognise_items(layout.frame[asked], layout.questions)
    table = pd.DataFrame(
        [
            {"column": r.column, "metric": r.metric, "scale": f"{r.low:g} to {r.high:g}" if r.metric else "",
             "confidence": r.confidence, "pair": r.pair, "reason": r.reason} for r in found
        ],
        columns=["column", "metric", "scale", "confidence", "pair", "reason"],
    )  # fmt: skip
    asks = tuple(d for r in found if r.metric for d in r.doubts)
    values = {k: v for k, v in proposed.items() if k != "items"} | {"item": [entry for entry, _ in proposed["items"]]}
    return values, table, (*doubts, *asks)


def _try(
    path: Path, values: dict[str, Any], proposed: dict[str, Any] | None
) -> tuple[dict[str, int], pd.DataFrame, tuple[str, ...]]:
    """Read the file for the counts; what the study would have to say first becomes a question."""
    from cxmining.ingest import read_source

    questions: list[str] = []
    none = pd.DataFrame(columns=["status", "reason", "records"])
    survey: dict[str, Any] = {}
    if proposed is not None:
        values = {**values, "survey": "survey"}
        survey = {"survey": [proposed]}
    if values["format"] in ("csv", "parquet", "excel") and "preset" not in values:
        questions.append("what are the rows (into) and which columns are what (columns)? `cxmining init` proposes both")

    def attempt(given: dict[str, Any]) -> Study:
        return parse_study({"name": "inspection", "source": [given], **survey}, root=path.parent)

    try:
        reading = read_source((study := attempt(values)).sources[0], study)
    except InputError as error:
        if "no time zone" not in str(error):
            return {}, none, (*questions, str(error))
        questions.append("in which zone were the stamps written (tz)? UTC was assumed for the counts")
        study = attempt({**values, "tz": "UTC"})
        try:
            reading = read_source(study.sources[0], study)
        except CxminingError as again:
            return {}, none, (*questions, str(again))
    except CxminingError as error:
        return {}, none, (*questions, *([str(error)] if "preset" in values else []))
    rows = reading.ledger
    said = (
        rows[rows["reason"].notna()].groupby(["status", "reason"], dropna=False).size().rename("records").reset_index()
    )
    return dict(reading.inputs[0].counts), said, tuple(questions)
