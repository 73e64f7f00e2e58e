"""What became of the records that were read, for people: the files, what was rejected, why, and how to mend it.

Readers say where (position) and why (a sentence). What kind of fault that is (a code) and what helps against it
stand here, in one closed table; where in the file the record lies is looked up when somebody asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.remedies import FILES, RECORDS
from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    from cxmining.schema import InputFile

__all__ = ["FILE_REMEDIES", "REMEDIES", "Rejects", "Sources", "code_of", "file_code_of", "rejects_of"]

REMEDIES: Final[Mapping[str, str]] = {code: fix[0] for code, (_, fix) in RECORDS.items()}
"""The codes of what can be wrong with a record or a cell → what helps. The list is closed."""

FILE_REMEDIES: Final[Mapping[str, str]] = {code: fix[0] for code, (_, fix) in FILES.items()}
"""The codes of what can be wrong with a whole file, of which nothing is read then → what helps."""

# The first that is found in the sentence decides; what a sentence names (a column) stands before "is no …".
_SAID: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (code, re.compile(pattern, re.I))
    for code, pattern in (
        ("time-never", r"\bmeans? \*?never"),
        ("too-deep", r"nested more than|too deep|parts deep"),
        ("too-long", r"is longer than|too long"),
        ("bad-encoding", r"not UTF-8|bytes that are|encoding"),
        ("truncated", r"cut off|damaged|is no JSON|not closed"),
        ("out-of-scale", r"outside the scale|out of scale|is no answer on"),
        ("wrong-width", r"\bfields?, expected"),
        (
            "bad-shape",
            r"no object with fields|list or an object where|where a value belongs|of the wrong kind|is no (?:mail|letter|message)\b|holds no (?:mail|header)",
        ),
        ("negative-time", r"before (?:it|they) (?:starts?|begins?)|lies before the beginning|ends before|is negative"),
        ("bad-time", r"\b(?:is|are|holds?) (?:no|not a) (?:moment|date|time|stamp)|no moment that can be read"),
        (
            "no-time",
            r"bears no date|^no (?:[\w. ]+ )?(?:timestamp|moment|date|time|invited_at|stamp)\b|no header holds a moment",
        ),
        ("bad-number", r"is no (?:number|count|weight|amount)|no number"),
        ("unknown-survey", r"survey that the study does not declare|^no survey"),
        ("no-response", r"no response|unfinished|preview|spam|test response"),
        ("deleted", r"\bdeleted\b"),
        ("no-parent", r"is not in the export|was rejected|is in no trace"),
        ("no-customer", r"which customer|no customer|nobody is named"),
        ("unknown-value", r"is none of|\bunknown\b|is no (?:status|kind|type|channel|code)"),
        ("no-record", r"above the first|no record\b"),
        ("empty", r"without any|\bempty\b|holds nothing|no text"),
        ("no-id", r"^(?:no|neither) (?:.* )?(?:\w*id|key|uniqueid|sid|chatkey)\b"),
        ("no-touchpoint", r"^no \S+"),
    )
)
_SAID_OF_FILES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (code, re.compile(pattern, re.I))
    for code, pattern in (
        ("no-zone", r"carry no time zone|carries no time zone|projects since 2023|needs tz"),
        (
            "day-or-month",
            r"day and month|month and day|day from month|order of day|set timestamp_format|options\.order",
        ),
        ("needs-extra", r"with its extra"),
        ("file-changed", r"changed while it was read"),
        ("file-missing", r"there is no file|no file matches|there is no folder"),
        ("file-damaged", r"well-formed|damaged|cut off|truncated|ends before|no readable|corrupt|CRC|gzip|ends within"),
        ("archive-refused", r"unpacks? to more|unpack it yourself|no workbook does|archive|unpack it into|\bZIP\b"),
        ("not-a-file", r"is a folder|is a link|not a regular file|leads out of"),
        ("file-locked", r"password"),
        ("xml-refused", r"declares a DTD|entit(?:y|ies)"),
        ("file-empty", r"\bis empty\b|holds no|no response bears|without a sheet"),
        ("file-encoding", r"is not [\w-]+; leave `encoding`|unknown encoding|says it is |UTF-16 text"),
        ("who-is-us", r"is us\b|which are ours|customer's number"),
        (
            "wrong-format",
            r"set format|could be|several formats|which is not read|is XML|is JSON|is an? SQLite|is no \w+|is neither|is none|is text in sentences|read it with cx\.",
        ),
        (
            "wrong-layout",
            r"\brow \S+ (?:holds|merges)|rows stand above|holds both|several sizes|no sheet|merges the cells|no column|none of the columns|stands there twice|columns are called|type map|is not in the file|longer than|delimiter",
        ),
        ("file-unreadable", r"cannot be read"),
    )
)
_CALLED: Final = re.compile(r"\A(?:source '[^']*'|[^:\n]+?)(?:, (?:column|field) '[^']*')?: ")
_QUOTED: Final = re.compile(r"'[^'\n]*'")
_EXAMPLES: Final = 3


def code_of(reason: str) -> str:
    """Return the code of a reason, one of `REMEDIES`.

    Examples
    --------
    >>> code_of("no timestamp"), code_of("created_at is no moment"), code_of("has 3 fields, expected 5")
    ('no-time', 'bad-time', 'wrong-width')
    >>> code_of("outside the scale 0 to 10 of item 'nps'"), code_of("what nobody foresaw")
    ('out-of-scale', 'other')
    """
    return next((code for code, pattern in _SAID if pattern.search(reason)), "other")


def file_code_of(message: str) -> str:
    """Return the code of what an `InputError` says, one of `FILE_REMEDIES`.

    Examples
    --------
    >>> file_code_of("a.csv: the export is empty (0 bytes); export it again")
    'file-empty'
    >>> file_code_of("a.csv, column 'at': stamps carry no time zone; say …"), file_code_of("what nobody foresaw")
    ('no-zone', 'file-other')
    """
    # what the file is called, and what is quoted from it, says nothing of the fault
    said = _QUOTED.sub("''", _CALLED.sub("", message, count=1))
    return next((code for code, pattern in _SAID_OF_FILES if pattern.search(said)), "file-other")


@dataclass(frozen=True, eq=False)
class Rejects:
    """The records and cells that were rejected: where each lies, what is wrong and what helps.

    It holds places, reasons and names of columns, never what stands in a record.

    Attributes
    ----------
    records : DataFrame
        One row per rejected record, or cell of a record that stands: `source`, `file`, `member` (of a ZIP
        archive), `record` (from 1), `line` (from 1), `byte` (from 0; both missing where the format has none, as
        Parquet, and in a workbook the line is the row of the sheet), `cell`, `code`, `reason`, `fix`, and the ids of
        table ``ledger``: `file_id`, `record_id`.
    """

    records: pd.DataFrame

    @property
    def summary(self) -> pd.DataFrame:
        """One row per file, cell and reason, the most frequent first: `n`, `examples` (places), `fix`."""
        keys = ["source", "file", "cell", "code", "reason"]
        columns = [*keys, "n", "examples", "fix"]
        if self.records.empty:
            return pd.DataFrame({c: pd.Series(dtype="int64" if c == "n" else "str") for c in columns})
        rows = []
        for key, part in self.records.groupby(keys, sort=True, dropna=False):
            places = "; ".join(_place(row) for row in part.head(_EXAMPLES).to_dict("records"))
            rows.append((*key, len(part), places + ("; …" if len(part) > _EXAMPLES else ""), part["fix"].iloc[0]))
        found = pd.DataFrame(rows, columns=columns)
        return found.sort_values("n", ascending=False, kind="stable", ignore_index=True)

    def __len__(self) -> int:
        return len(self.records)

    def _said(self) -> str:
        cells = int(self.records["cell"].notna().sum())
        whole = len(self.records) - cells
        return f"{_count(whole, 'record')} and {_count(cells, 'cell')} rejected"

    def __repr__(self) -> str:
        lines = [f"Rejects({self._said()})"]
        for row in self.summary.to_dict("records"):
            what = row["reason"] if pd.isna(row["cell"]) else f"cell {row['cell']!r}: {row['reason']}"
            lines.append(f"  {row['n']:,} × {row['code']} in {row['file']}: {what} ({row['examples']}). {row['fix']}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=self._said())


@dataclass(frozen=True, eq=False)
class Sources:
    """The files that were read, and what became of their records: read = kept + … + context, per file.

    ``sources["kept"]`` is a column of its `summary`.

    Attributes
    ----------
    summary : DataFrame
        One row per file: `source`, `file`, `bytes`, `sha256`, and the counts `read`, `kept`, `rejected`,
        `duplicate`, `merged`, `context`.
    """

    summary: pd.DataFrame

    def __getitem__(self, column: Any) -> Any:
        return self.summary[column]

    def __len__(self) -> int:
        return len(self.summary)

    def _said(self) -> str:
        if self.summary.empty:
            return "0 files"
        counts = self.summary.drop(columns=["source", "file", "bytes", "sha256"]).sum()
        rest = " + ".join(f"{n:,} {word}" for word, n in counts.items() if word != "read")
        return f"{_count(len(self.summary), 'file')}: {counts['read']:,} read = {rest}"

    def __repr__(self) -> str:
        lines = [f"Sources({self._said()})"]
        for row in self.summary.to_dict("records"):
            counts = ", ".join(
                f"{row[c]:,} {c}" for c in row if c not in ("source", "file", "bytes", "sha256") and row[c]
            )
            lines.append(f"  {row['source']}: {row['file']}: {counts}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        table = self.summary.assign(sha256=self.summary["sha256"].str.slice(0, 12)) if len(self) else self.summary
        return repr_html(table, head=self._said())


def rejects_of(
    ledger: pd.DataFrame, inputs: tuple[InputFile, ...], finder: Callable[[pd.DataFrame], pd.DataFrame] | None
) -> Rejects:
    """Lay out what a ledger rejected.

    Parameters
    ----------
    ledger : DataFrame
        Table ``ledger``.
    inputs : tuple of InputFile
    finder : callable, optional
        Given rows of the ledger, returns `member`, `line` and `byte` of each, in the same order.
    """
    rows = ledger[ledger["status"].eq("rejected")].reset_index(drop=True)
    names = {(i.source, i.file): i.shown or i.name for i in reversed(inputs)}  # of files that are equal, the first
    places = finder(rows) if finder is not None and len(rows) else None
    reason = rows["reason"].astype("str").fillna("")
    codes = {r: code_of(r) for r in reason.unique()}
    nothing: list[Any] = [None] * len(rows)
    return Rejects(
        pd.DataFrame(
            {
                "source": rows["source"],
                "file": pd.Series(
                    [names.get(k, k[1]) for k in zip(rows["source"], rows["file"], strict=True)], dtype="str"
                ),
                "member": pd.Series(nothing if places is None else places["member"].array, dtype="str"),
                "record": rows["seq"],
                "line": pd.Series(nothing if places is None else places["line"].array, dtype="Int64"),
                "byte": pd.Series(nothing if places is None else places["byte"].array, dtype="Int64"),
                "cell": rows["cell"],
                "code": reason.map(codes).astype("str"),
                "reason": reason,
                "fix": reason.map({r: REMEDIES[c] for r, c in codes.items()}).astype("str"),
                "file_id": rows["file"],
                "record_id": rows["record_id"],
            }
        )
    )


def _place(row: Mapping[Any, Any]) -> str:
    said = [] if pd.isna(row["member"]) else [str(row["member"])]
    said.append(f"record {row['record']:,}")
    if not pd.isna(row["line"]):
        said.append(f"line {row['line']:,}")
    if not pd.isna(row["byte"]):
        said.append(f"byte {row['byte']:,}")
    return ", ".join(said)


def _count(n: int, word: str) -> str:
    return f"1 {word}" if n == 1 else f"{n:,} {word}s"
