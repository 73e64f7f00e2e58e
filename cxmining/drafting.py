"""``cxmining init``: a study, its mapping rules and its catalogue, drafted from a folder of exports.

What the files say is written down; what they leave open stands as ``# QUESTION: …`` where the
answer belongs. Nothing that is there is overwritten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pandas as pd
import tomlkit
from tomlkit.items import AoT, InlineTable, Table

from cxmining.errors import CxminingError, InputError, StudyError
from cxmining.ingest import read_source
from cxmining.ingest.looking.drafting import Draft, as_study, exports_below, nothing_kept, own_domains, propose_sources
from cxmining.ingest.mapping.rules import apply_rules, load_rules
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["draft_study"]

_LOCAL: Final = ("asterisk", "qualtrics")
_AUTOMATIC: Final = ("session_start", "first_visit", "first_open", "user_engagement", "scroll", "page_view", "screen_view", "app_update",
                     "os_update", "app_remove", "click", "form_start", "view_search_results", "file_download")  # fmt: skip
_WEB: Final = ("ga4", "segment", "amplitude", "mixpanel")
_HITS: Final = 50_000
_FEW_HITS: Final = 500
_MOST: Final = 40
_LEAST: Final = 5  # what fewer records share may name somebody


def draft_study(folder: str | Path, out: str | Path | None = None, *, tz: str | None = None) -> Path:
    r"""Draft ``study.toml``, ``rules.toml`` and ``touchpoints.toml`` from a folder of exports.

    Parameters
    ----------
    folder : path-like
        Holds the exports, in folders of its own if need be.
    out : path-like, optional
        Where the drafts go: the folder itself (default) or one above it, because a study reads
        nothing outside its own folder.
    tz : str, optional
        Zone in which stamps without one were written, when it is the same for all files; else it is asked.

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
    drafts, unread = propose_sources(exports_below(folder), target)
    if not drafts:
        said = "; ".join(unread[:3])
        raise StudyError(
            f"init: nothing in {str(folder)!r} is an export that can be read" + (f" ({said})" if said else "")
        )
    domains = own_domains(drafts)
    study = as_study(drafts, target, {"domains": domains})
    readings = [r for d, s in zip(drafts, study.sources, strict=True) if (r := _attempt(d, s, study, tz)) is not None]
    rules = _rules(readings, {d.name: _hits(d, s) for d, s in zip(drafts, study.sources, strict=True)})
    files["rules.toml"].write_text(rules, encoding="utf-8", newline="\n")
    # with the rules, hits are touchpoints that were a part of a session without them
    ruled = study.model_copy(update={"rules": "rules.toml"})
    again = {s.name: s for s in study.sources if s.format in _WEB}
    readings = [_reread(r, again[r.source], ruled) if r.source in again else r for r in readings]
    files["touchpoints.toml"].write_text(
        _catalogue(readings, files["rules.toml"], study), encoding="utf-8", newline="\n"
    )
    files["study.toml"].write_text(_study(folder, drafts, unread, domains, readings), encoding="utf-8", newline="\n")
    return files["study.toml"]


def _attempt(draft: Draft, source: Any, study: Study, tz: str | None) -> Reading | None:
    """Read a source to see whether it can be read; a missing zone becomes a question, or `tz`."""
    try:
        return _looked_at(draft, read_source(source, study))
    except InputError as error:
        if "no time zone" not in str(error):
            draft.doubts.append(str(error))
            return None
    except CxminingError as error:
        if draft.format not in ("csv", "parquet", "excel") or draft.preset:
            draft.doubts.append(str(error))
        return None
    if tz is None:
        draft.doubts.insert(0, "in which zone were the stamps written? They carry none. Remove the # and set it:")
        draft.settings["tz?"] = "Europe/Amsterdam"
    else:
        draft.settings["tz"] = tz
    try:
        return _looked_at(draft, read_source(source.model_copy(update={"tz": tz or "UTC"}), study))
    except CxminingError as error:
        draft.doubts.append(str(error))
        return None


def _looked_at(draft: Draft, reading: Reading) -> Reading:
    """Ask about what a person would stumble on: nothing was kept, an item that falls as the others rise."""
    draft.doubts += nothing_kept(draft, reading)
    draft.survey_doubts += [note for note in reading.notes if "falls as the others rise" in note]
    return reading


def _reread(reading: Reading, source: SourceSettings, study: Study) -> Reading:
    try:
        return read_source(source, study)
    except CxminingError:
        return reading


def _hits(draft: Draft, source: SourceSettings) -> pd.Series:
    """Return the names of the first hits of an app or site: reading made sessions of them, called after the first."""
    from cxmining.ingest.looking.inspecting import rows_of

    if draft.format not in _WEB:
        return pd.Series([], dtype="str")
    names = []
    for file in draft.files:
        try:
            rows = rows_of(file, source, max(_FEW_HITS, _HITS // len(draft.files)))
        except CxminingError:  # what is wrong with it was said when it was read
            continue
        column = next((c for c in ("event_name", "event_type", "event") if c in rows), None)
        names += [] if column is None else [rows[column].dropna()]
    return pd.concat(names, ignore_index=True) if names else pd.Series([], dtype="str")


def _rules(readings: Sequence[Reading], hits: Mapping[str, pd.Series]) -> str:
    document = tomlkit.document()
    for line in (
        "Which raw record is which touchpoint: the first rule that matches wins, what matches none keeps its raw label.",
        "channel, direction, queue, status, source: exactly; subject, event, url, text, tags: an RE2 pattern, in either case.",
        "QUESTION: what does a customer do here? Give each touchpoint the name that people in the company use.",
    ):
        document.add(tomlkit.comment(line))
    entries: AoT = tomlkit.aot()
    for reading in readings:
        for keys, touchpoint, n in _kinds_of(reading, hits.get(reading.source)):
            entry: Table = tomlkit.table()
            entry.add(tomlkit.comment(f"{n:,} records"))
            for key, value in {"source": reading.source, **keys, "touchpoint": touchpoint}.items():
                entry.add(key, value)
            entries.append(entry)
    if len(entries):
        document.add("rule", entries)
    return tomlkit.dumps(document)


def _kinds_of(reading: Reading, hits: pd.Series | None) -> Iterator[tuple[dict[str, str], str, int]]:
    """Yield what tells the records of a source apart, the frequent first."""
    events = reading.events
    if reading.format in _WEB:
        column, key = "raw_event", "event"
        events = pd.DataFrame({column: events[column] if hits is None else hits})
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
    folder: Path, drafts: Sequence[Draft], unread: Sequence[str], domains: list[str], readings: Sequence[Reading]
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


def _source_table(draft: Draft, counts: dict[str, Any]) -> Table:
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


def _survey_table(draft: Draft) -> Table:
    assert draft.survey is not None
    entry: Table = tomlkit.table()
    for doubt in draft.survey_doubts:
        entry.add(_question(doubt))
    for key in ("name", "kind", "comment", "reference"):
        if key in draft.survey:
            entry.add(key, draft.survey[key])
    items: AoT = tomlkit.aot()
    for values, found in draft.survey["items"]:
        item: Table = tomlkit.table()
        item.add(tomlkit.comment(" ".join(found.question.split())[:160]))
        item.add(tomlkit.comment(f"{found.reason}; confidence {found.confidence:g}"))
        for doubt in found.doubts:
            item.add(_question(doubt))
        for key, value in values.items():
            item.add(key, _inline(value))
        item.add(tomlkit.nl())
        items.append(item)
    if len(items):
        entry.add("item", items)
    return entry
