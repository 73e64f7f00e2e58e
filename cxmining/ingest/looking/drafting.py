"""What the files of a folder are, as the sources of a study that nobody has written yet.

Shared by ``cxmining init``, which writes it down with its questions, and by `read` of a file or folder
without a study, which says what it decided.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path
from typing import Any, Final, TypeAlias

from cxmining.errors import CxminingError, InputError
from cxmining.ingest.files.opening import SourceFile, open_file
from cxmining.ingest.looking.drafting_survey import propose_survey
from cxmining.ingest.looking.sniff import Sniffed, sniff
from cxmining.ingest.mapping.proposing import LOOKED_AT, propose_table
from cxmining.ingest.readers import reader_of
from cxmining.ingest.survey.items import recognise_items
from cxmining.ingest.survey.responses import Layout
from cxmining.ingest.tables.presets import channel_values
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study, parse_study

__all__ = [
    "SURVEYS",
    "Draft",
    "as_study",
    "exports_below",
    "own_domains",
    "propose_sources",
    "survey_layout",
    "survey_values",
]

_SKIPPED: Final = {".toml", ".key", ".md", ".html", ".ipynb", ".py", ".png", ".pdf"}
_TOGETHER: Final = ("mbox", "eml", "msg", "asterisk", "zendesk", "ga4", "segment", "amplitude", "mixpanel", "xes")
_PLAIN: Final = ("csv", "parquet", "excel")
SURVEYS: Final = ("qualtrics", "surveymonkey", "googleforms", "msforms", "limesurvey")
_WORDS: Final = 20
_ROWS: Final = 2000  # looked at for a score
_NEARLY: Final = 0.8  # of the mails
_SCORES: Final = re.compile(r"score|rating|sterren|stars|waardering|tevreden|satisf", re.I)
_EVERYBODYS: Final = re.compile(
    r"(?:gmail|googlemail|hotmail|outlook|live|msn|yahoo|icloud|me|ziggo|kpnmail|planet|xs4all|hetnet|home|gmx|aol|proton|protonmail)\."
)
_Seen: TypeAlias = tuple[SourceFile, Sniffed]


@dataclass
class Draft:
    """One source as it will be written."""

    name: str
    path: str
    format: str
    why: str
    files: list[SourceFile]
    settings: dict[str, Any] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    survey: dict[str, Any] | None = None
    survey_doubts: list[str] = field(default_factory=list)
    preset: str = ""
    columns: list[str] = field(default_factory=list)


def exports_below(folder: Path) -> list[Path]:
    """Return the files of a folder that may be exports: no hidden ones, no drafts, no results of a run."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() or p.is_symlink()):
        inner = path.relative_to(folder)
        if any(part.startswith((".", "~$")) for part in inner.parts) or path.suffix.lower() in _SKIPPED:
            continue
        if any((folder / parent / "run.json").exists() for parent in inner.parents if parent != Path()):
            continue  # a run folder is a result, no export
        found.append(path)
    return found


def propose_sources(paths: Iterable[Path], target: Path) -> tuple[list[Draft], list[str]]:
    """Propose the sources that files are.

    Parameters
    ----------
    paths : iterable of Path
        Below `target`.
    target : Path
        Folder of the study.

    Returns
    -------
    list of Draft
    list of str
        What was not read, and why: each begins with the name of the file.
    """
    found: list[_Seen] = []
    unread: list[str] = []
    for path in paths:
        name = (
            path.relative_to(target).as_posix()
            if path.is_relative_to(target)
            else path.resolve().relative_to(target.resolve()).as_posix()
        )
        try:
            file = open_file(path, name, target)
            found.append((file, sniff(file)))
        except InputError as error:
            unread.append(str(error))
    return [_describe(d) for d in _together(found)], unread


def _together(found: Sequence[_Seen]) -> Iterator[Draft]:
    """Make one source of files that lie in one folder, end alike and are one format."""
    taken: set[str] = set()
    names: Counter[str] = Counter()
    for file, seen in found:
        if file.name in taken:
            continue
        here, suffix = Path(file.name).parent, Path(file.name).suffix
        pattern = f"{here.as_posix()}/*{suffix}".removeprefix("./")
        if seen.format == "eml" and here.name in ("cur", "new"):  # a Maildir, whose files' names end as they like
            here, suffix = here.parent, ""
            pattern = here.as_posix()
            alike = [(f, s) for f, s in found if Path(f.name).parent in (here / "cur", here / "new")]
        else:
            alike = [(f, s) for f, s in found if Path(f.name).parent == here and Path(f.name).suffix == suffix]
        ours = [f for f, s in alike if s.format == seen.format]
        together = seen.format in _TOGETHER and len(ours) > 1 and len(ours) == len(alike)
        group = ours if together else [file]
        taken |= {f.name for f in group}
        stem = here.name if together and here.name else Path(file.name).name.split(".")[0]
        names[stem] += 1
        label = stem if names[stem] == 1 else f"{stem} {names[stem]}"
        # brackets in the name of a file are no pattern
        path = pattern if together else escape(file.name)
        yield Draft(label, path, seen.format, seen.why, group, preset=seen.preset)


def _describe(draft: Draft) -> Draft:
    if draft.format in _PLAIN:
        _describe_table(draft)
    elif draft.format in SURVEYS:
        _describe_survey(draft)
    elif draft.format == "asterisk":
        _describe_calls(draft)
    return draft


def _describe_calls(draft: Draft) -> None:
    """See whether the exchange notes in ``userfield`` which leg came first."""
    from cxmining.ingest.contact import asterisk

    values = {"name": "s", "path": draft.files[0].name}
    calls, _ = asterisk.load(draft.files[0], parse_study({"name": "s", "source": [values]}, Path()).sources[0])
    if {"userfield", "uniqueid"} <= set(calls.columns) and "linkedid" not in calls.columns:
        noted = calls["userfield"].dropna()
        noted = noted[noted != ""]
        if len(noted) > len(calls) / 2 and noted.isin(calls["uniqueid"]).mean() > 0.99:
            draft.settings["options"] = {"linked": "userfield"}
            draft.doubts.append(
                "does userfield say which call a leg belongs to? Its values are the uniqueid of another leg"
            )


def _raw(draft: Draft) -> Any:
    from cxmining.ingest.tables.tabular import load

    values = {"name": "s", "path": draft.path, "format": draft.format}
    return load(draft.files[0], parse_study({"name": "s", "source": [values]}, Path()).sources[0])


def _describe_table(draft: Draft) -> None:
    try:
        raw = _raw(draft)
    except CxminingError as error:
        draft.doubts.append(str(error))
        return
    draft.columns = [str(c) for c in raw.frame.columns]
    if draft.format == "csv" and raw.delimiter != ",":
        draft.settings["delimiter"] = raw.delimiter
    if draft.preset:
        draft.settings["preset"] = draft.preset
        return
    proposal = propose_table(raw.frame)
    draft.settings["into"] = proposal.into
    draft.settings["columns"] = dict(proposal.columns)
    if proposal.constants:
        draft.settings["constants"] = dict(proposal.constants)
    if proposal.attributes:
        draft.settings["attributes"] = list(proposal.attributes)
    if proposal.into == "events" and "channel" in proposal.columns:
        words = raw.frame[proposal.columns["channel"]].dropna().astype("str").str.strip().value_counts().head(_WORDS)
        if meant := channel_values(sorted(words.index)):
            draft.settings["options"] = {"values": {"channel": meant}}
    if proposal.into == "events":
        draft.doubts += _scores_beside(draft, raw.frame, {*proposal.columns.values(), *proposal.attributes})
    if proposal.into == "responses":
        asked = [c for c in draft.columns[:LOOKED_AT] if c not in proposal.columns.values()]
        draft.survey, draft.survey_doubts = propose_survey(draft.name, raw.frame.astype("str"), {}, asked)
        draft.settings["survey"] = draft.name
    draft.doubts += proposal.doubts


def _scores_beside(draft: Draft, frame: Any, used: set[str]) -> list[str]:
    """Ask about columns of contacts that look like scores: they are not read until somebody says so."""
    left = [c for c in draft.columns[:LOOKED_AT] if c not in used]
    found = [
        i
        for i in recognise_items(frame[left].head(_ROWS).astype("str"), {})
        if i.metric not in ("", "other") or (i.metric == "other" and _SCORES.search(i.column))
    ]
    return [
        f"does {item.column!r} hold what customers answered? It is not read yet: read the file a second time "
        'with into = "responses", and a [[survey]] with link = "touchpoint" and this item (see Tables on the site)'
        for item in found
    ]


def survey_layout(file: SourceFile, source: SourceSettings) -> tuple[Layout, list[str]]:
    """Lay out a survey, and name the columns in which somebody was asked something."""
    from cxmining.ingest.survey import forms, qualtrics

    layout = (qualtrics if source.format == "qualtrics" else forms).lay_out(file, source)
    return layout, [c for c in layout.questions if c not in layout.people.values() and c not in layout.names]


def _describe_survey(draft: Draft) -> None:
    values = {"name": "s", "path": draft.path, "format": draft.format}
    try:
        layout, asked = survey_layout(draft.files[0], parse_study({"name": "s", "source": [values]}, Path()).sources[0])
    except CxminingError as error:
        draft.doubts.append(str(error))
        return
    draft.survey, draft.survey_doubts = propose_survey(draft.name, layout.frame, layout.questions, asked)
    draft.settings = {"into": "responses", "survey": draft.name}


def nothing_kept(draft: Draft, reading: Reading) -> list[str]:
    """Say of a source that was read to no end why, and what it may lack."""
    told = {k: sum(i.counts[k] for i in reading.inputs) for k in ("read", "rejected", "duplicate")}
    if not told["read"] or told["read"] > told["rejected"] + told["duplicate"]:
        return []
    why = reading.ledger.loc[reading.ledger["status"] == "rejected", "reason"].value_counts()
    said = f": {why.index[0]}" if len(why) else ""
    help_ = (
        "; its tickets, comments, users and history are read by one source: put them in a folder of their own"
        if draft.format == "zendesk"
        else ""
    )
    noun = "record was" if told["read"] == 1 else "records were"
    return [f"of {told['read']:,} {noun} none kept{said}{help_}"]


def own_domains(drafts: Sequence[Draft]) -> list[str]:
    """Propose the own mail domain: the one that most mails go to or come from; none where two are level."""
    seen: Counter[str] = Counter()
    mails = 0
    for draft in (d for d in drafts if d.format in ("mbox", "eml", "msg")):
        headers = reader_of(draft.format).headers
        for file in draft.files:
            for row in headers(file, 2000):
                mails += 1
                both = f"{row['From'] or ''} {row['To'] or ''}"
                seen.update(set(re.findall(r"@([\w.-]+\.\w+)", both.lower())))
    first = [(d, n) for d, n in seen.most_common(3) if not _EVERYBODYS.match(d)]
    if not first or first[0][1] <= mails * _NEARLY or (len(first) > 1 and first[1][1] == first[0][1]):
        return []
    return [first[0][0]]


def as_study(drafts: Sequence[Draft], target: Path, company: Mapping[str, Any], *, name: str = "draft") -> Study:
    """Return the study that the drafts are; `company` is what its table of that name says."""
    sources = [{"name": d.name, "path": d.path, "format": d.format, **d.settings} for d in drafts]
    surveys = [survey_values(d) for d in drafts if d.survey is not None]
    return parse_study({"name": name, "source": sources, "survey": surveys, "company": company}, target, name)


def survey_values(draft: Draft) -> dict[str, Any]:
    """Return what the table ``[[survey]]`` of a drafted study says."""
    assert draft.survey is not None
    values = {k: v for k, v in draft.survey.items() if k != "items"}
    return {**values, "item": [entry for entry, _ in draft.survey["items"]]}
