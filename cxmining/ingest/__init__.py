"""Raw exports in, one `Dataset` out: each record kept, or accounted for.

A room per kind of channel and one module per format (`readers`). They stand on `files` (what is opened, unpacked and
read by blocks) and `records` (what becomes of each record); `mapping` says which touchpoint a record is, `looking`
what a file is. `read` puts the readings together, applies the mapping rules and lets `identity` say whose they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.catalogue import load_edits
from cxmining.errors import InputError, ReconciliationError, StudyError
from cxmining.ingest._verbs import (
    read_app,
    read_chat,
    read_exports,
    read_log,
    read_mail,
    read_phone,
    read_survey,
    read_table,
)
from cxmining.ingest.files.opening import SourceFile, find_files
from cxmining.ingest.looking.inspecting import Inspection, inspect
from cxmining.ingest.looking.locate import Finder
from cxmining.ingest.looking.sniff import sniff
from cxmining.ingest.mapping.edits import apply_catalogue, edit_touchpoints
from cxmining.ingest.mapping.proposals import propose_touchpoints
from cxmining.ingest.mapping.rules import Coverage, load_rules, raw_of
from cxmining.ingest.readers import is_table, reader_of
from cxmining.ingest.records.frame import from_frame
from cxmining.ingest.records.labels import mask_labels, mask_notes, mask_texts, names_of
from cxmining.ingest.records.stable import name_records
from cxmining.ingest.survey.reverse import reverse_notes
from cxmining.schema import RECORD_STATUS, TABLES, Dataset, InputFile, Reading, check, empty, reconcile, table
from cxmining.study import SourceSettings, Study, load_study

if TYPE_CHECKING:
    from cxmining.identity import Identity

__all__ = [
    "Inspection",
    "apply_catalogue",
    "from_frame",
    "inspect",
    "propose_touchpoints",
    "read",
    "read_app",
    "read_chat",
    "read_log",
    "read_mail",
    "read_phone",
    "read_source",
    "read_survey",
    "read_table",
]

_IDS: Final = {
    "events": "event_id",
    "responses": "response_id",
    "invitations": "invitation_id",
    "customers": "record_id",
}


def read(
    study: Study | str | Path,
    *,
    tz: str | None = None,
    country: str | None = None,
    domains: Sequence[str] = (),
    numbers: Sequence[str] = (),
    company: str = "",
) -> Dataset:
    r"""Read everything a study names, or one export or folder of exports without a study.

    Parameters
    ----------
    study : Study or path-like
        A study, its ``study.toml`` or the folder that holds one. Or an export, or a folder of exports: what each
        file is, which columns are what and what a survey asks is decided from their content and said in the notes.
    tz : str, optional
        Without a study: the zone of stamps that carry none.
    country : str, optional
        Without a study: ISO 3166 code for telephone numbers without one; default ``"NL"``.
    domains, numbers : sequence of str
        Without a study: own mail domains and telephone numbers.
    company : str
        Without a study: the company's name, as it takes part in chats.

    Returns
    -------
    Dataset
        About pseudonymous customers. Without a study the key of the pseudonyms is ``CXMINING_KEY`` of the
        environment, else the content of the files: then another delivery names the same people otherwise.

    Raises
    ------
    StudyError
        When the study is wrong, or columns are not known well enough: the message says what to fill in.
    InputError
        When a file is missing, empty, unreadable, of two kinds, or its records do not add up.

    Examples
    --------
    >>> import tempfile
    >>> log = Path(tempfile.mkdtemp()) / "log.csv"
    >>> _ = log.write_text("case:concept:name,concept:name,time:timestamp\n1,calls,2024-05-01T10:00:00+02:00\n")
    >>> read(log).events["touchpoint"].tolist()
    ['calls']
    """
    if not isinstance(study, Study):
        path = Path(study)
        # a link that leads nowhere, or an export that is not there, is no study that cannot be read either
        named = path.exists() or path.is_symlink() or path.suffix.lower() not in ("", ".toml")
        if named and path.suffix.lower() != ".toml" and not (path / "study.toml").exists():
            return read_exports(
                [path], tz=tz, country=country or "NL", domains=domains, numbers=numbers, company=company
            )
        study = load_study(path)
    if tz is not None or country is not None or domains or numbers or company:
        raise StudyError("tz, country, domains, numbers and company stand in the study file; take them out of the call")
    return read_all(study)


def read_all(
    study: Study,
    key: bytes | None = None,
    *,
    reader: Callable[[SourceSettings, Study], Reading] | None = None,
    seen: Callable[[Sequence[Reading], bytes], None] | None = None,
    said: Sequence[str] = (),
) -> Dataset:
    """Read everything a study names; `key` stands in for the study's pseudonym key where there is none.

    `reader` reads one source, else `read_source` does; `seen` is shown what was read, before rules and identity;
    `said` is what the notes begin with.
    """
    from cxmining import identity, privacy

    rules = load_rules(study.root / study.rules, study.rules) if study.rules else ()
    # by name, not by place in the study: the order of sources is nobody's information
    readings = [(reader or read_source)(source, study) for source in sorted(study.sources, key=lambda s: s.name)]
    if key is None:
        key = privacy.load_key(study)
    readings = name_records(readings, key)
    if seen is not None:
        seen(readings, key)
    readings = identity.with_mentions(readings)  # before masking takes customer numbers out of texts
    notes = [*said, *(note for reading in readings for note in sorted(set(reading.notes)))]
    raw = pd.concat([raw_of(reading.events) for reading in readings], ignore_index=True)
    coverage = Coverage(rules)
    named = [replace(reading, events=coverage.apply(reading.events)) for reading in readings]
    notes += coverage.notes()
    people = names_of(named)  # known until identity is through
    if study.privacy.text == "masked":
        named, masked = mask_texts(named, people)
        notes.append(masked)
    named, masks = mask_labels(named, people, {rule.touchpoint for rule in rules})
    notes = mask_notes(notes, people) + masks
    resolved, found = identity.resolve(
        named, study.identity, key, keep_case_ids=study.privacy.keep_case_ids, country=study.company.country,
        company=study.company, root=study.root,
    )  # fmt: skip
    data = _assemble(study, resolved, found, [*notes, *found.notes], people)
    data = replace(data, raw=raw, mapping=coverage.table(data.events))
    if study.catalogue is not None:
        data = edit_touchpoints(data, load_edits(study.root / study.catalogue), study.catalogue)
    return data.certain() if study.identity.certain_only else data


def read_source(source: SourceSettings, study: Study) -> Reading:
    """Read one source and insist that its records add up.

    Raises
    ------
    InputError
        When a file is missing, empty or unreadable.
    ReconciliationError
        When a kept record is in no table, or a table holds what was not kept.
    """
    return read_files(find_files(study.root, source.path, source.name), source, study)


def read_files(files: Sequence[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read some files of a source, see `read_source`."""
    if source.format == "auto":
        source = source.model_copy(update={"format": _one_format(files, source)})
    if source.preset is not None and not is_table(source.format):
        raise StudyError(
            f"source {source.name!r}: preset = {source.preset!r} is for plain tables (csv, parquet, excel), "
            f"and this is {source.format}"
        )
    once: dict[str, SourceFile] = {}
    copies: list[SourceFile] = []
    for file in files:
        if file.sha256 in once:
            copies.append(file)
        else:
            once[file.sha256] = file
    reader: Callable[[list[SourceFile], SourceSettings, Study], Reading] = reader_of(source.format).read
    reading = _with_copies(reader(list(once.values()), source, study), copies)
    _verify(reading)
    if source.survey is not None and len(reading.answers):
        said = reverse_notes(reading.answers, study.survey(source.survey))
        reading = replace(reading, notes=(*reading.notes, *said))
    return reading


def _one_format(files: Sequence[SourceFile], source: SourceSettings) -> str:
    found = {f.name: sniff(f, delimiter=source.delimiter).format for f in files}
    formats = sorted(set(found.values()))
    if len(formats) > 1:
        shown = "; ".join(f"{n}: {f}" for n, f in sorted(found.items())[:4])
        raise InputError(f"source {source.name!r}: its files are of several formats ({shown}); make a source of each")
    return formats[0]


def _with_copies(reading: Reading, copies: Sequence[SourceFile]) -> Reading:
    """Account for files that equal another one: each of their records is a duplicate."""
    if not copies:
        return reading
    inputs, ledgers, notes = list(reading.inputs), [reading.ledger], list(reading.notes)
    for i, copy in enumerate(copies, start=1):
        original = next(f for f in reading.inputs if f.sha256 == copy.sha256)
        rows = reading.ledger[(reading.ledger["file"] == copy.file) & reading.ledger["cell"].isna()]
        n = len(rows)
        inputs.append(
            replace(
                original, name=copy.name, counts={"read": n, **{s: n if s == "duplicate" else 0 for s in RECORD_STATUS}}
            )
        )
        ledgers.append(
            rows.assign(
                seq=rows["seq"] + i * n, status="duplicate", reason="the whole file equals another one",
                merged_into=rows["record_id"], record_id=rows["record_id"] + f"-{i}",
            )
        )  # fmt: skip
        notes.append(
            f"source {reading.source!r}: {copy.name} has the same content as {original.name}; it was read once"
        )
    ledger = pd.concat(ledgers, ignore_index=True)
    return replace(
        reading,
        inputs=tuple(inputs),
        ledger=table("ledger", {str(k): v for k, v in ledger.items()}),
        notes=tuple(notes),
    )


def _verify(reading: Reading) -> None:
    """Hold the ledger against the parser's counts and against the tables."""
    where = f"source {reading.source!r}"
    counted: dict[str, int] = {}
    for file in reading.inputs:
        counted[file.file] = counted.get(file.file, 0) + file.counts["read"]
    reconcile(reading.ledger, counted, where)
    rows = reading.ledger
    kept = rows.loc[rows["cell"].isna() & (rows["status"] == "kept"), "record_id"].array
    there = pd.concat([getattr(reading, t)[c] for t, c in _IDS.items()], ignore_index=True).array
    same = len(kept) == len(there)
    # in the order of the file, as a rule, which is told in no time
    if same and not (kept == there).all():
        same = pd.Index(kept).sort_values().equals(pd.Index(there).sort_values())
    if not same:
        raise ReconciliationError(
            f"{where}: {len(kept)} records were kept but {len(there)} rows were made of them; this is a defect of the reader"
        )


def _assemble(
    study: Study, readings: Sequence[Reading], found: Identity, notes: list[str], people: Sequence[str]
) -> Dataset:
    tables: dict[str, Any] = {
        name: _stack(name, [getattr(r, name) for r in readings])
        for name in ("events", "responses", "answers", "invitations", "customers", "ledger")
    }
    events = tables["events"]
    order = ["timestamp", "source", "raw_file", "seq"] if "raw_file" in events else ["timestamp", "source", "seq"]
    events = events.sort_values(order, kind="stable", ignore_index=True)
    tables["events"] = events.drop(columns=[c for c in events.columns if c.startswith("raw_")])
    for name in ("responses", "invitations"):
        moment = "timestamp" if name == "responses" else "invited_at"
        identity_column = _IDS[name]
        tables[name] = tables[name].sort_values([moment, identity_column], kind="stable", ignore_index=True)
    for name, order in (("ledger", ["source", "file", "seq", "record_id"]), ("customers", ["source", "record_id"])):
        tables[name] = tables[name].sort_values(order, kind="stable", ignore_index=True)
    # answers follow their responses, in the order of the questionnaire
    rank = pd.Series(
        np.arange(len(tables["responses"])), index=tables["responses"]["response_id"].to_numpy(dtype=object)
    )
    answers = tables["answers"]
    by = answers["response_id"].map(rank).to_numpy()
    tables["answers"] = answers.iloc[np.argsort(by, kind="stable")].reset_index(drop=True)
    if study.catalogue is not None:
        from cxmining.catalogue import load_catalogue

        catalogue = load_catalogue(study.root / study.catalogue)
    else:
        catalogue = empty("catalogue")
    for name, frame in tables.items():
        check(name, frame, f"study {study.name!r}")
    inputs = _shown(tuple(i for r in readings for i in r.inputs), people)
    said = {s.name: (s.delimiter, s.encoding) for s in study.sources}
    finder = Finder(study.root, inputs, {r.source: (r.format, *said[r.source]) for r in readings}, tables["ledger"])
    return Dataset(
        **tables, catalogue=catalogue, inputs=inputs, identity=found, name=study.name, language=study.language,
        time_zone=study.time_zone, notes=tuple(dict.fromkeys(notes)), surveys=study.surveys,
        finder=finder, texts=study.privacy.text,
    )  # fmt: skip


def _shown(inputs: tuple[InputFile, ...], people: Sequence[str]) -> tuple[InputFile, ...]:
    """Mask names of files for the eye: an exported chat is called after the customer."""
    masked = mask_notes([i.name for i in inputs], people)
    return tuple(i if i.name == m else replace(i, shown=m) for i, m in zip(inputs, masked, strict=True))


def _stack(name: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Put tables below each other; an attribute whose sources disagree about its type becomes text."""
    frames = [f for f in frames if len(f)]
    if not frames:
        return empty(name)
    for plain, nullable in (("int64", "Int64"), ("float64", "Float64"), ("bool", "boolean")):
        # a source that lacks the attribute must be able to say so
        frames = [
            f.astype({c: nullable for c in f.columns if c not in TABLES[name] and f[c].dtype == plain}) for f in frames
        ]
    extra = sorted({c for f in frames for c in f.columns if c not in TABLES[name]})
    for column in extra:
        kinds = {str(f[column].dtype) for f in frames if column in f}
        if len(kinds) > 1:
            frames = [f.assign(**{column: f[column].astype("str")}) if column in f else f for f in frames]
        kind: Any = "str" if len(kinds) > 1 else kinds.pop()
        frames = [
            f if column in f else f.assign(**{column: pd.Series([None] * len(f), index=f.index, dtype=kind)})
            for f in frames
        ]
    return table(name, {str(k): v for k, v in pd.concat(frames, ignore_index=True).items()})
