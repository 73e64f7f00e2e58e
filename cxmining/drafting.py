"""``cxmining init``: a study, its mapping rules and its catalogue, drafted from a folder of exports.

What the files say is written down; what they leave open stands as ``# QUESTION: …`` where the
answer belongs. Nothing that is there is overwritten.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd
import tomlkit
from tomlkit.items import AoT, InlineTable, Table

from cxmining.errors import CxminingError, InputError, StudyError
from cxmining.ingest import read_source
from cxmining.ingest._files import SourceFile, open_file
from cxmining.ingest._propose import propose_item, propose_table
from cxmining.ingest.rules import apply_rules, load_rules
from cxmining.ingest.sniff import sniff
from cxmining.schema import Reading
from cxmining.study import Study, parse_study

__all__ = ["draft_study"]

_SKIPPED: Final = {".toml", ".key", ".md", ".html", ".ipynb", ".py", ".png", ".pdf"}
_TOGETHER: Final = ("mbox", "asterisk", "zendesk", "ga4", "segment", "amplitude", "mixpanel", "xes")
_LOCAL: Final = ("asterisk", "qualtrics")
_AUTOMATIC: Final = ("session_start", "first_visit", "first_open", "user_engagement", "scroll", "page_view", "screen_view", "app_update",
                     "os_update", "app_remove", "click", "form_start", "view_search_results", "file_download")  # fmt: skip
_MOST: Final = 40
_LEAST: Final = 5  # what fewer records share may name somebody


@dataclass
class _Draft:
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


def draft_study(folder: str | Path, out: str | Path | None = None) -> Path:
    r"""Draft ``study.toml``, ``rules.toml`` and ``touchpoints.toml`` from a folder of exports.

    Parameters
    ----------
    folder : path-like
        Holds the exports, in folders of its own if need be.
    out : path-like, optional
        Where the drafts go: the folder itself (default) or one above it, because a study reads
        nothing outside its own folder.

    Returns
    -------
    Path
        The drafted ``study.toml``; it can be run once its questions are answered.

    Raises
    ------
    StudyError
        When one of the three files is there already, or nothing in the folder is an export.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "log.csv").write_text("klantnummer;tijdstip;kanaal;soort\n1;2024-05-01 10:00;phone;vraag\n")
    >>> "QUESTION: in which zone" in draft_study(folder).read_text()
    True
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise StudyError(f"init: there is no folder {str(folder)!r}")
    target = folder if out is None else Path(out)
    if not folder.resolve().is_relative_to(target.resolve()):
        raise StudyError(
            f"init: the drafts must go into {str(folder)!r} or a folder above it, because a study reads nothing outside"
        )
    target.mkdir(parents=True, exist_ok=True)
    files = {n: target / n for n in ("study.toml", "rules.toml", "touchpoints.toml")}
    for name, path in files.items():
        if path.exists():
            raise StudyError(
                f"init: {name} is there already in {str(target)!r}; nothing was written. Move it away first"
            )
    drafts, unread = _sources(folder, target)
    if not drafts:
        said = "; ".join(unread[:3])
        raise StudyError(
            f"init: nothing in {str(folder)!r} is an export that can be read" + (f" ({said})" if said else "")
        )
    domains = _domains(drafts)
    study = _as_study(drafts, target, domains)
    readings = [r for d, s in zip(drafts, study.sources, strict=True) if (r := _attempt(d, s, study)) is not None]
    rules = _rules(readings)
    files["rules.toml"].write_text(rules, encoding="utf-8", newline="\n")
    files["touchpoints.toml"].write_text(
        _catalogue(readings, files["rules.toml"], study), encoding="utf-8", newline="\n"
    )
    files["study.toml"].write_text(_study(folder, drafts, unread, domains, readings), encoding="utf-8", newline="\n")
    return files["study.toml"]


def _sources(folder: Path, target: Path) -> tuple[list[_Draft], list[str]]:
    found: list[tuple[SourceFile, str, str]] = []
    unread: list[str] = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        inner = path.relative_to(folder)
        if any(part.startswith(".") for part in inner.parts) or path.suffix.lower() in _SKIPPED:
            continue
        if any((folder / parent / "run.json").exists() for parent in inner.parents if parent != Path()):
            continue  # a run folder is a result, no export
        name = (
            path.relative_to(target).as_posix()
            if path.is_relative_to(target)
            else path.resolve().relative_to(target.resolve()).as_posix()
        )
        try:
            file = open_file(path, name, target)
            taken = sniff(file)
        except InputError as error:
            unread.append(str(error))
            continue
        found.append((file, taken.format, taken.why))
    return [_describe(d) for d in _together(found)], unread


def _together(found: Sequence[tuple[SourceFile, str, str]]) -> Iterator[_Draft]:
    """Make one source of files that lie in one folder, end alike and are one format."""
    taken: set[str] = set()
    names: Counter[str] = Counter()
    for file, kind, why in found:
        if file.name in taken:
            continue
        same = [f for f, k, _ in found if k == kind and Path(f.name).parent == Path(file.name).parent]
        pattern = f"{Path(file.name).parent.as_posix()}/*{Path(file.name).suffix}".removeprefix("./")
        alike = [
            f for f, k, _ in found if Path(f.name).match(pattern) and Path(f.name).parent == Path(file.name).parent
        ]
        ours = [f for f in same if Path(f.name).suffix == Path(file.name).suffix]
        together = kind in _TOGETHER and len(ours) > 1 and len(ours) == len(alike)
        group = ours if together else [file]
        taken |= {f.name for f in group}
        stem = (
            Path(file.name).parent.name
            if together and Path(file.name).parent.name
            else Path(file.name).name.split(".")[0]
        )
        names[stem] += 1
        label = stem if names[stem] == 1 else f"{stem} {names[stem]}"
        yield _Draft(label, pattern if together else file.name, kind, why, group)


def _describe(draft: _Draft) -> _Draft:
    if draft.format in ("csv", "parquet", "excel"):
        _describe_table(draft)
    elif draft.format == "qualtrics":
        _describe_survey(draft)
    elif draft.format == "asterisk":
        _describe_calls(draft)
    return draft


def _describe_calls(draft: _Draft) -> None:
    """See whether the exchange notes in ``userfield`` which leg came first."""
    from cxmining.ingest import asterisk

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


def _raw(draft: _Draft) -> Any:
    from cxmining.ingest.tabular import load

    values = {"name": "s", "path": draft.path, "format": draft.format}
    return load(draft.files[0], parse_study({"name": "s", "source": [values]}, Path()).sources[0])


def _describe_table(draft: _Draft) -> None:
    try:
        raw = _raw(draft)
    except CxminingError as error:
        draft.doubts.append(str(error))
        return
    proposal = propose_table(raw.frame)
    draft.settings = {"into": proposal.into}
    if draft.format == "csv" and raw.delimiter != ",":
        draft.settings["delimiter"] = raw.delimiter
    draft.settings["columns"] = dict(proposal.columns)
    if proposal.attributes:
        draft.settings["attributes"] = list(proposal.attributes)
    if proposal.into == "events" and "channel" in proposal.columns:
        _channel_values(draft, raw.frame[proposal.columns["channel"]])
    draft.doubts += proposal.doubts


def _channel_values(draft: _Draft, values: pd.Series[Any]) -> None:
    """Propose what the file's words for channels mean."""
    words = {"phone": "phone|tel|bel|call", "mail": "mail", "web": "web|internet|site|online", "chat": "chat|whatsapp", "app": "^app",
             "social": "twitter|facebook|insta|social", "post": "post|brief|letter", "desk": "desk|balie|counter|winkel", "sms": "sms"}  # fmt: skip
    proposed = {}
    for value in sorted(values.dropna().astype("str").str.strip().value_counts().head(20).index):
        fit = next((ours for ours, pattern in words.items() if re.search(pattern, value, re.I)), None)
        if fit is not None and fit != value.lower():
            proposed[value] = fit
    if proposed:
        draft.settings["options"] = {"values": {"channel": proposed}}


def _describe_survey(draft: _Draft) -> None:
    from cxmining.ingest._csv import read_csv
    from cxmining.ingest.qualtrics import header_rows

    try:
        raw = read_csv(draft.files[0], None, None)
        skip = header_rows(raw.frame, draft.files[0].name)
    except CxminingError as error:
        draft.doubts.append(str(error))
        return
    questions, body = raw.frame.iloc[0], raw.frame.iloc[skip:]
    system = list(raw.frame.columns).index("UserLanguage") if "UserLanguage" in raw.frame.columns else 16
    items, comment, reference, longest = [], None, None, 0.0
    spoken: Counter[str] = Counter()
    for column in raw.frame.columns[system + 1 :]:
        if re.search(r"ref|ticket|call_?id|order", column, re.I):
            reference = column
            continue
        item = propose_item(column, str(questions[column]), body[column])
        if item is not None:
            entry: dict[str, Any] = {"column": column, "metric": item.metric, "low": item.low, "high": item.high}
            if item.not_used:
                entry["not_used"] = list(item.not_used)
                spoken.update(item.not_used)
            if item.codes:
                entry["codes"] = dict(item.codes)
            items.append((entry, str(questions[column]), item.doubts))
            continue
        length = float(body[column].dropna().str.len().mean()) if body[column].notna().any() else 0.0
        if length > max(longest, 15):
            comment, longest = column, length
    name = draft.name
    draft.settings = {"into": "responses", "survey": name}
    draft.survey = {"name": name, "kind": "transactional" if reference else "relationship", "items": items}
    draft.survey |= {k: v for k, v in (("comment", comment), ("reference", reference)) if v is not None}
    for word, n in sorted(spoken.items()):
        draft.survey_doubts.append(f"does {word!r} ({n} items) mean that this touchpoint was never met (not_used)?")
    draft.survey_doubts.append("kind: relationship (the whole relationship), journey, or transactional (one contact)?")
    draft.survey_doubts.append(
        "which touchpoint is each item about? Without touchpoint = … it is about the relationship as a whole"
    )


def _domains(drafts: Sequence[_Draft]) -> list[str]:
    """Propose the own mail domain: the one most mails go to or come from."""
    from cxmining.ingest.mbox import headers

    seen: Counter[str] = Counter()
    mails = 0
    for draft in (d for d in drafts if d.format == "mbox"):
        for file in draft.files:
            for row in headers(file, 2000):
                mails += 1
                both = f"{row['From'] or ''} {row['To'] or ''}"
                seen.update(set(re.findall(r"@([\w.-]+\.\w+)", both.lower())))
    return [d for d, n in seen.most_common(1) if n > mails * 0.8]


def _as_study(drafts: Sequence[_Draft], target: Path, domains: list[str]) -> Study:
    sources = [{"name": d.name, "path": d.path, "format": d.format, **d.settings} for d in drafts]
    surveys = [_survey_values(d) for d in drafts if d.survey is not None]
    return parse_study(
        {"name": "draft", "source": sources, "survey": surveys, "company": {"domains": domains}}, target, "draft"
    )


def _survey_values(draft: _Draft) -> dict[str, Any]:
    assert draft.survey is not None
    values = {k: v for k, v in draft.survey.items() if k != "items"}
    return {**values, "item": [entry for entry, _, _ in draft.survey["items"]]}


def _attempt(draft: _Draft, source: Any, study: Study) -> Reading | None:
    """Read a source to see whether it can be read; a missing zone becomes a question."""
    try:
        return read_source(source, study)
    except InputError as error:
        if "no time zone" not in str(error):
            draft.doubts.append(str(error))
            return None
    except CxminingError as error:
        if draft.format not in ("csv", "parquet", "excel"):
            draft.doubts.append(str(error))
        return None
    draft.doubts.insert(0, "in which zone were the stamps written? They carry none. Remove the # and set it:")
    draft.settings["tz?"] = "Europe/Amsterdam"
    try:
        return read_source(source.model_copy(update={"tz": "UTC"}), study)
    except CxminingError as error:
        draft.doubts.append(str(error))
        return None


def _rules(readings: Sequence[Reading]) -> str:
    document = tomlkit.document()
    for line in (
        "Which raw record is which touchpoint: the first rule that matches wins, what matches none keeps its raw label.",
        "channel, direction, queue, status, source: exactly; subject, event, url, text, tags: an RE2 pattern, in either case.",
        "QUESTION: what does a customer do here? Give each touchpoint the name that people in the company use.",
    ):
        document.add(tomlkit.comment(line))
    entries: AoT = tomlkit.aot()
    for reading in readings:
        for keys, touchpoint, n in _kinds_of(reading):
            entry: Table = tomlkit.table()
            entry.add(tomlkit.comment(f"{n:,} records"))
            for key, value in {"source": reading.source, **keys, "touchpoint": touchpoint}.items():
                entry.add(key, value)
            entries.append(entry)
    if len(entries):
        document.add("rule", entries)
    return tomlkit.dumps(document)


def _kinds_of(reading: Reading) -> Iterator[tuple[dict[str, str], str, int]]:
    """Yield what tells the records of a source apart, the frequent first."""
    events = reading.events
    if reading.format in ("ga4", "segment", "amplitude", "mixpanel"):
        column, key = "raw_event", "event"
    elif reading.format == "zendesk":
        column, key = "raw_tags", "tags"
    elif reading.format == "asterisk":
        column, key = "queue", "queue"
    else:
        return
    if column not in events or not events[column].notna().any():
        return
    values = events[column].str.split(",").explode() if key == "tags" else events[column]
    for value, n in values.value_counts().head(_MOST).items():
        word = str(value)
        if n < _LEAST or word in _AUTOMATIC:
            continue
        yield (
            {key: word if key == "queue" else f"^{re.escape(word)}$" if key == "event" else re.escape(word)},
            word.replace("_", " "),
            int(n),
        )


def _catalogue(readings: Sequence[Reading], rules: Path, study: Study) -> str:
    from cxmining import identity
    from cxmining.catalogue import draft_catalogue

    if not readings:
        return "# QUESTION: no event could be read yet; answer the questions in study.toml and draft this again.\n"
    ruled = load_rules(rules, rules.name)
    named = [replace(r, events=apply_rules(r.events, ruled)[0]) for r in readings]
    # a key of its own: this draft names nobody
    resolved, _ = identity.resolve(named, study.identity, b"draft of a catalogue", country=study.company.country)
    frames = [r.events for r in resolved if len(r.events)]
    if not frames:
        return "# QUESTION: the sources hold no events; which file says what customers did?\n"
    events = pd.concat(frames, ignore_index=True)
    counts = events["touchpoint"].map(events["touchpoint"].value_counts())
    return draft_catalogue(events[counts >= min(_LEAST, len(events))])


def _study(
    folder: Path, drafts: Sequence[_Draft], unread: Sequence[str], domains: list[str], readings: Sequence[Reading]
) -> str:
    document = tomlkit.document()
    document.add(
        tomlkit.comment("Drafted from the exports in this folder. Lines with QUESTION wait for somebody who knows.")
    )
    for line in unread:
        document.add(tomlkit.comment(f"not read: {line}"))
    document.add("schema_version", 1)
    document.add("name", re.sub(r"\W+", "-", folder.resolve().name).strip("-").lower() or "study")
    document.add(_question("in which language should the report be: en or nl?"))
    document.add("language", "en")
    document.add(_question("in which zone do people read the results?"))
    document.add(tomlkit.comment('time_zone = "Europe/Amsterdam"'))
    document.add("rules", "rules.toml")
    document.add("catalogue", "touchpoints.toml")
    company = tomlkit.table()
    company.add(
        _question(
            "which mail domains and telephone numbers are the company's own? They tell what comes in from what goes out"
        )
    )
    company.add("domains", domains)
    company.add("numbers", [])
    document.add("company", company)
    counts = {i.name: i.counts for r in readings for i in r.inputs}
    sources: AoT = tomlkit.aot()
    for draft in drafts:
        sources.append(_source_table(draft, counts))
    document.add("source", sources)
    journeys = tomlkit.table()
    journeys.add(
        _question(
            'what is one journey: all of a customer ("customer"), one case ("case") or one thread ("thread")? After which silence does a new one begin?'
        )
    )
    has_people = any(len(r.identifiers) for r in readings)
    journeys.add("by", "customer" if has_people or not readings else "case")
    journeys.add(tomlkit.comment('gap = "30D"'))
    document.add("journeys", journeys)
    surveys: AoT = tomlkit.aot()
    for draft in drafts:
        if draft.survey is not None:
            surveys.append(_survey_table(draft))
    if len(surveys):
        document.add("survey", surveys)
    return tomlkit.dumps(document)


def _question(text: str) -> Any:
    return tomlkit.comment(f"QUESTION: {' '.join(text.split())}")


def _source_table(draft: _Draft, counts: dict[str, Any]) -> Table:
    entry: Table = tomlkit.table()
    entry.add(tomlkit.comment(f"{draft.format}: {draft.why}"))
    for file in draft.files:
        if file.name in counts:
            said = ", ".join(f"{k} {v:,}" for k, v in counts[file.name].items() if v)
            entry.add(tomlkit.comment(f"{file.name}: {said}"))
    entry.add("name", draft.name)
    entry.add("path", draft.path)
    entry.add("format", draft.format)
    zone = draft.settings.pop("tz?", None)
    for doubt in draft.doubts:
        entry.add(_question(doubt))
        if zone is not None:
            entry.add(tomlkit.comment(f'tz = "{zone}"'))
            zone = None
    for key, value in draft.settings.items():
        entry.add(key, _inline(value))
    entry.add(tomlkit.nl())
    return entry


def _inline(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    table: InlineTable = tomlkit.inline_table()
    for key, inner in value.items():
        table.append(key, _inline(inner))
    return table


def _survey_table(draft: _Draft) -> Table:
    assert draft.survey is not None
    entry: Table = tomlkit.table()
    for doubt in draft.survey_doubts:
        entry.add(_question(doubt))
    for key in ("name", "kind", "comment", "reference"):
        if key in draft.survey:
            entry.add(key, draft.survey[key])
    items: AoT = tomlkit.aot()
    for values, question, doubts in draft.survey["items"]:
        item: Table = tomlkit.table()
        item.add(tomlkit.comment(" ".join(question.split())[:160]))
        for doubt in doubts:
            item.add(_question(doubt))
        for key, value in values.items():
            item.add(key, _inline(value))
        item.add(tomlkit.nl())
        items.append(item)
    if len(items):
        entry.add("item", items)
    return entry
