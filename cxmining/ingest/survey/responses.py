"""What all surveys share once their responses stand in rows: moments, people, items, and the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import InputError, StudyError, nearest
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.build import KINDS, answers_of, check_columns, identifiers_of, missing_text, survey_of
from cxmining.ingest.records.ledger import FileLedger, join_ledgers
from cxmining.ingest.records.times import Stamps, parse_stamps
from cxmining.schema import Reading, table
from cxmining.study import SourceSettings, Study

__all__ = ["Layout", "read_responses"]

_NOT_SAID: Final = ("anonymous", "anoniem", "anonyme", "anonym")
"""What forms write where a respondent did not sign in: it is nobody, and no name to mask."""


@dataclass(frozen=True)
class Layout:
    """One file of responses.

    Attributes
    ----------
    frame : DataFrame
        One row per response, as text.
    questions : dict of str to str
        Column → text of its question, of the columns that were answered.
    when : str
        The column that dates a response.
    people : dict of str to str
        Identity kind → column, where the study names none.
    names : tuple of str
        Columns that make up the respondent's name.
    broken : dict of int to str
        Positions of records that could not be laid out → why.
    cells : tuple of (int, str, str)
        Cells that came in spoilt: position, column, why.
    notes : tuple of str
    """

    frame: pd.DataFrame
    questions: dict[str, str]
    when: str
    people: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    broken: Mapping[int, str] = field(default_factory=dict)
    cells: tuple[tuple[int, str, str], ...] = ()
    notes: tuple[str, ...] = ()


def read_responses(
    files: Sequence[SourceFile],
    source: SourceSettings,
    study: Study,
    kind: str,
    layout_of: Callable[[SourceFile], Layout],
    sift: Callable[[pd.DataFrame, FileLedger], pd.Series[Any] | None],
    when: str | None = None,
) -> Reading:
    """Read the files of one survey.

    Parameters
    ----------
    files, source, study
        As of every reader.
    kind : str
        The format.
    layout_of : callable
        Lays out one file.
    sift : callable
        Decides about the responses that are none: previews, unfinished ones, copies. Returns the number of
        each response, or nothing where the tool gives none.
    when : str, optional
        The column that dates a response, in place of the layout's.

    Raises
    ------
    StudyError
        When the survey is not named, or a column it names is not in the file.
    InputError
        When a file holds no response.
    """
    check_columns(source, ("reference", "comment", "weight", *KINDS))
    survey = survey_of(source, study)
    layouts, moments, keys, ledgers = [], [], [], []
    responses, answers, people, notes = [], [], [], []
    for file in files:
        layout = layout_of(file)
        frame = layout.frame
        if not len(frame):
            raise InputError(f"{file.name}: the export is empty: header rows and no responses")
        ledger = FileLedger(source.name, file, len(frame))
        for position, reason in sorted(layout.broken.items()):
            ledger.reject([position], reason)
        for position, column, reason in layout.cells:
            ledger.cell([position], column, reason)
        keys.append(sift(frame, ledger))
        moment = when or layout.when
        _in(file, frame, moment, "options.timestamp")
        stamps = parse_stamps(frame[moment], source.tz, f"{file.name}, column {moment!r}", form=source.timestamp_format)
        ledger.never(stamps, moment)
        ledger.reject(stamps.missing | stamps.bad, f"{moment} is no moment")
        notes += [*layout.notes, *stamps.notes(source.name)]
        layouts.append(layout)
        moments.append(stamps)
        ledgers.append(ledger)
    _keep_newest(
        ledgers, [k if k is not None else _content(x.frame) for k, x in zip(keys, layouts, strict=True)], moments
    )
    for file, layout, ledger, stamps in zip(files, layouts, ledgers, moments, strict=True):
        frame, at = layout.frame, ledger.kept
        named = {**source.columns, **survey.customer}
        for key in ("reference", "comment", "weight"):
            if (theirs := getattr(survey, key)) is not None:
                named[key] = theirs
        for key, theirs in named.items():
            _in(file, frame, theirs, key)
        if not any(k in named for k in KINDS):
            named |= {k: v for k, v in layout.people.items() if v in frame.columns}
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
            given = missing_text(frame[named["weight"]]).str.replace(",", ".", regex=False)
            weight = pd.to_numeric(given.iloc[at], errors="coerce").astype("Float64")
            bad = (weight.isna() | (weight < 0)).fillna(True).to_numpy(bool)
            ledger.cell(at[bad], named["weight"], "weight is no number of 0 or more")
            out["weight"] = weight.mask(bad)
        responses.append(table("responses", out))
        answers.append(answers_of(frame, at, survey, ledger, file.name))
        people.append(_people(ledger.ids[at], frame.iloc[at], named, layout, study))
    inputs, rows = join_ledgers(ledgers)
    return Reading(
        source.name, kind, inputs, rows,
        identifiers=pd.concat(people, ignore_index=True),
        responses=pd.concat(responses, ignore_index=True),
        answers=pd.concat(answers, ignore_index=True),
        notes=tuple(dict.fromkeys(notes)),
    )  # fmt: skip


def _content(frame: pd.DataFrame) -> pd.Series[Any]:
    """Return all that a response says, its questions with it, where nothing numbers it."""
    return _side_by_side(frame, "\x1f") + "\x1e" + "\x1f".join(map(str, frame.columns))


def _side_by_side(frame: pd.DataFrame, between: str) -> pd.Series[Any]:
    """Join the cells of each row; `agg` makes a table of no rows of a table of no rows."""
    cells = frame.astype("str").fillna("")
    first: pd.Series[Any] = cells.iloc[:, 0]
    return first.str.cat(cells.iloc[:, 1:], sep=between) if cells.shape[1] > 1 else first


def _keep_newest(ledgers: Sequence[FileLedger], keys: Sequence[pd.Series[Any]], moments: Sequence[Stamps]) -> None:
    """Of a response that stands in several files let the newest stand: each export begins with the one before."""
    if len(ledgers) < 2:
        return
    parts = [
        pd.DataFrame(
            {"key": key.to_numpy(dtype=object), "utc": stamps.utc.array, "file": k, "at": np.arange(ledger.n)}
        )[ledger.open]
        for k, (key, stamps, ledger) in enumerate(zip(keys, moments, ledgers, strict=True))
    ]
    every = pd.concat(parts, ignore_index=True).dropna(subset="key")
    several = every[every.duplicated("key", keep=False)].sort_values(["utc", "file", "at"], kind="stable")
    last = several.groupby("key", sort=False)[["file", "at"]].transform("last")
    for k, ledger in enumerate(ledgers):
        mine = (several["file"] == k) & ((last["file"] != k) | (last["at"] != several["at"]))
        newest = last[mine]
        ids = np.array([ledgers[f].ids[a] for f, a in zip(newest["file"], newest["at"], strict=True)], dtype=object)
        ledger.duplicate(several.loc[mine, "at"].to_numpy(), ids, "the same response stands in another file")


def _people(
    ids: np.ndarray[Any, Any], frame: pd.DataFrame, named: Mapping[str, str], layout: Layout, study: Study
) -> pd.DataFrame:
    who = {k: frame[v] for k, v in named.items() if k in KINDS}
    names = [c for c in layout.names if c in frame.columns]
    if names:
        # they join nobody; they are there to be masked in comments
        who["name#recipient"] = _side_by_side(frame[names], " ")
    said = {k: v.where(~missing_text(v).str.casefold().isin(_NOT_SAID)) for k, v in who.items()}
    return identifiers_of(ids, said, study.company.country)


def _in(file: SourceFile, frame: pd.DataFrame, column: str, key: str) -> None:
    if column not in frame.columns:
        raise StudyError(
            f"{file.name}: {key} = {column!r} is not a column of the file; {nearest(column, frame.columns, 5)}"
        )
