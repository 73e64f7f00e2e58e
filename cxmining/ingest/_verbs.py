"""Exports without a study: what each is gets decided, said, and read through the same pipeline.

`read_mail`, `read_phone`, `read_chat`, `read_app`, `read_survey`, `read_log` and `read_table` take the exports of
one channel and refuse those of another by naming its verb; `cxmining.read` of a file or folder takes all of them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from cxmining.errors import CxminingError, InputError, StudyError
from cxmining.ingest.looking.drafting import Draft, as_study, exports_below, nothing_kept, own_domains, propose_sources
from cxmining.schema import Dataset, Reading
from cxmining.study import SourceSettings, Study

__all__ = [
    "VERBS",
    "read_app",
    "read_chat",
    "read_exports",
    "read_log",
    "read_mail",
    "read_phone",
    "read_survey",
    "read_table",
]

# The first verb that lists a format is the one that an error names; contact centres deliver every channel.
VERBS: Final[Mapping[str, tuple[str, ...]]] = {
    "read_mail": ("mbox", "eml", "msg"),
    "read_phone": ("asterisk", "twilio", "genesys", "connect"),
    "read_chat": ("zendesk", "intercom", "salesforce", "whatsapp", "genesys", "connect"),
    "read_app": ("ga4", "segment", "amplitude", "mixpanel"),
    "read_survey": ("qualtrics", "surveymonkey", "googleforms", "msforms", "limesurvey"),
    "read_log": ("xes", "ocel"),
    "read_table": ("csv", "parquet", "excel"),
}
_PLAIN: Final = VERBS["read_table"]
_XES: Final = frozenset({"case:concept:name", "concept:name", "time:timestamp"})
_SHOWN: Final = 6


def read_mail(
    *paths: str | Path,
    tz: str | None = None,
    country: str = "NL",
    domains: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
) -> Dataset:
    r"""Read mail boxes into one event log.

    Parameters
    ----------
    *paths : path-like
        Files, or folders whose files are all mail.
    tz : str, optional
        Zone of stamps that carry none, such as ``"Europe/Amsterdam"``.
    country : str, default "NL"
        ISO 3166 code for telephone numbers written without a country.
    domains : sequence of str
        Own mail domains, which tell what goes out from what comes in; default the one domain that nearly all
        mails go to or come from.
    options : mapping, optional
        The format's own switches, as under ``options`` of a ``[[source]]``.

    Returns
    -------
    Dataset
        About pseudonymous customers. Its notes say what each file was taken for. Pseudonyms are made with
        ``CXMINING_KEY`` of the environment, else with the content of the files: then another delivery names the
        same people otherwise.

    Raises
    ------
    InputError
        When a file is of another channel (the message names its verb), cannot be read, or lacks a zone.

    Examples
    --------
    >>> import tempfile
    >>> box = Path(tempfile.mkdtemp()) / "box.mbox"
    >>> _ = box.write_text("From a@b.nl Wed May  1 10:00:00 2024\nFrom: a@b.nl\nTo: info@us.example\n"
    ...                    "Date: Wed, 01 May 2024 10:00:00 +0200\nSubject: Factuur\n\nKlopt dit?\n")
    >>> read_mail(box, domains=["us.example"]).events["direction"].tolist()
    ['inbound']
    """
    return read_exports(paths, verb="read_mail", tz=tz, country=country, domains=domains, options=options)


def read_phone(
    *paths: str | Path,
    tz: str | None = None,
    country: str = "NL",
    numbers: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
) -> Dataset:
    r"""Read call records into one event log: Asterisk, Twilio, Genesys Cloud, Amazon Connect.

    Parameters
    ----------
    *paths : path-like
        Files, or folders whose files are all call records.
    tz, country, options
        As of `read_mail`.
    numbers : sequence of str
        Own telephone numbers or extensions: a call from one of them is outbound.

    Returns
    -------
    Dataset
        As of `read_mail`.

    Examples
    --------
    >>> import tempfile
    >>> calls = Path(tempfile.mkdtemp()) / "Master.csv"
    >>> _ = calls.write_text('"","0612345678","8800","in","x","c","d","Queue","q","2024-05-01 10:00:00","",'
    ...                      '"2024-05-01 10:00:09",9,0,"NO ANSWER","DOCUMENTATION"\n')
    >>> len(read_phone(calls, tz="Europe/Amsterdam").events)
    1
    """
    return read_exports(paths, verb="read_phone", tz=tz, country=country, numbers=numbers, options=options)


def read_chat(
    *paths: str | Path,
    tz: str | None = None,
    country: str = "NL",
    company: str = "",
    options: Mapping[str, Any] | None = None,
) -> Dataset:
    r"""Read conversations and tickets into one event log: Zendesk, Intercom, Salesforce, WhatsApp, contact centres.

    Parameters
    ----------
    *paths : path-like
        Files, or folders whose files are all conversations.
    tz, country, options
        As of `read_mail`.
    company : str
        The name under which the company takes part, where an export (WhatsApp's) does not say who is who.

    Returns
    -------
    Dataset
        As of `read_mail`.

    Examples
    --------
    >>> import tempfile
    >>> chat = Path(tempfile.mkdtemp()) / "chat.txt"
    >>> _ = chat.write_text("31-05-2024 10:00 - Jan: Dag\n31-05-2024 10:01 - Piet: Hallo\n")
    >>> read_chat(chat, tz="Europe/Amsterdam", company="Piet").events["channel"].unique().tolist()
    ['chat']
    """
    return read_exports(paths, verb="read_chat", tz=tz, country=country, company=company, options=options)


def read_app(
    *paths: str | Path, tz: str | None = None, country: str = "NL", options: Mapping[str, Any] | None = None
) -> Dataset:
    r"""Read hits of apps and sites into one event log: GA4, Segment, Amplitude, Mixpanel.

    Parameters
    ----------
    *paths : path-like
        Files, or folders whose files are all hits.
    tz, country, options
        As of `read_mail`.

    Returns
    -------
    Dataset
        As of `read_mail`.

    Examples
    --------
    >>> import tempfile
    >>> hits = Path(tempfile.mkdtemp()) / "hits.json"
    >>> _ = hits.write_text('{"event_timestamp": "1714557600000000", "event_name": "purchase", "event_params": [], '
    ...                     '"user_pseudo_id": "p1"}\n')
    >>> len(read_app(hits).events)
    1
    """
    return read_exports(paths, verb="read_app", tz=tz, country=country, options=options)


def read_survey(
    *paths: str | Path, tz: str | None = None, country: str = "NL", options: Mapping[str, Any] | None = None
) -> Dataset:
    r"""Read surveys; which metric each question asks for is recognised from its name, text and scale.

    Parameters
    ----------
    *paths : path-like
        Files, or folders whose files are all surveys: exports of survey tools, or plain tables of answers.
    tz, country, options
        As of `read_mail`.

    Returns
    -------
    Dataset
        Its notes say which question was taken for which metric, and why.

    Examples
    --------
    >>> import tempfile
    >>> survey = Path(tempfile.mkdtemp()) / "survey.csv"
    >>> _ = survey.write_text("StartDate,EndDate,ResponseId,UserLanguage,Q1\nStart,End,Id,Language,Zou u ons aanbevelen?\n"
    ...                       "2024-05-01 10:00:00,2024-05-01 10:05:00,R_1,NL,9\n")
    >>> read_survey(survey, tz="Europe/Amsterdam").answers[["metric", "score"]].to_numpy().tolist()
    [['nps', 9.0]]
    """
    return read_exports(paths, verb="read_survey", tz=tz, country=country, options=options)


def read_log(
    *paths: str | Path, tz: str | None = None, country: str = "NL", options: Mapping[str, Any] | None = None
) -> Dataset:
    r"""Read event logs: XES, OCEL 2.0, or tables with the column names of XES.

    Parameters
    ----------
    *paths : path-like
        Files, or folders whose files are all event logs.
    tz, country, options
        As of `read_mail`.

    Returns
    -------
    Dataset
        As of `read_mail`.

    Examples
    --------
    >>> import tempfile
    >>> log = Path(tempfile.mkdtemp()) / "log.csv"
    >>> _ = log.write_text("case:concept:name,concept:name,time:timestamp\n1,calls,2024-05-01T10:00:00+02:00\n")
    >>> read_log(log).events["touchpoint"].tolist()
    ['calls']
    """
    return read_exports(paths, verb="read_log", tz=tz, country=country, options=options)


def read_table(
    *paths: str | Path,
    tz: str | None = None,
    country: str = "NL",
    numbers: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    preset: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> Dataset:
    r"""Read plain tables (CSV, Excel, Parquet) into one event log.

    Parameters
    ----------
    *paths : path-like
        Files of one layout, or folders of them.
    tz, country, options
        As of `read_mail`.
    numbers : sequence of str
        Own telephone numbers, for text messages.
    columns : mapping of str to str, optional
        Our name → the file's column; default as proposed, which the notes say.
    preset : str, optional
        A ready mapping, see `cxmining.ingest.tables.presets`; default the one whose columns the tables have.

    Returns
    -------
    Dataset
        As of `read_mail`.

    Examples
    --------
    >>> import tempfile
    >>> post = Path(tempfile.mkdtemp()) / "post.csv"
    >>> _ = post.write_text("Poststuknummer;Ontvangstdatum;Klantnummer;Betreft\nP1;31-05-2024;0017;Factuur\n")
    >>> read_table(post, tz="Europe/Amsterdam").events[["channel", "touchpoint"]].to_numpy().tolist()
    [['post', 'letter']]
    """
    return read_exports(
        paths, verb="read_table", tz=tz, country=country, numbers=numbers, columns=columns, preset=preset, options=options
    )  # fmt: skip


def read_exports(
    paths: Sequence[str | Path],
    *,
    verb: str | None = None,
    tz: str | None = None,
    country: str = "NL",
    domains: Sequence[str] = (),
    numbers: Sequence[str] = (),
    company: str = "",
    columns: Mapping[str, str] | None = None,
    preset: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> Dataset:
    """Read files and folders without a study; see the verbs of this module."""
    from cxmining.ingest import read_all

    name = f"cx.{verb or 'read'}"
    files, folders = _files(paths, name)
    root = _root(files)
    drafts, unread = propose_sources(files, root)
    _readable(drafts, unread, folders, name)
    if verb is not None:
        _of_channel(drafts, verb)
    for draft in drafts:
        _told(draft, tz, columns, preset, options)
    about = {"name": company, "domains": list(domains) or own_domains(drafts), "numbers": list(numbers)}
    study = as_study(drafts, root, {**about, "country": country}, name=_name(paths))
    readings = _readings(drafts, study, name)
    said = [note for draft in drafts for note in _decided(draft)] + [f"not read: {line}" for line in unread]
    by_name = {d.name: d for d in drafts}
    said += [f"{name}: {line}" for name, reading in readings.items() for line in nothing_kept(by_name[name], reading)]
    # each source was read once already, so that what stands in the way is told of all of them
    return read_all(study, _key(study, drafts), reader=lambda source, _: readings[source.name], said=said)


def _files(paths: Sequence[str | Path], name: str) -> tuple[list[Path], bool]:
    """Return the files below what was named, and whether a folder was among it."""
    if not paths:
        raise StudyError(f"{name}: name at least one file or folder")
    files: list[Path] = []
    folders = False
    for given in map(Path, paths):
        if given.is_dir():
            folders = True
            below = exports_below(given.absolute())
            if not below:
                raise InputError(f"{name}: there is no export in the folder {str(given)!r}")
            files += below
        else:
            files.append(given.absolute())
    return list(dict.fromkeys(files)), folders


def _root(files: Sequence[Path]) -> Path:
    try:
        return Path(os.path.commonpath([f.parent for f in files]))
    except ValueError:  # two drives
        raise StudyError("the files lie on different drives; copy them to one, or read them apart") from None


def _readable(drafts: Sequence[Draft], unread: Sequence[str], folders: bool, name: str) -> None:
    """Refuse what was named and cannot be read, and in a folder what somebody must decide."""
    undecided = [line for line in unread if "; set " in line] if folders else list(unread)
    if undecided or not drafts:
        lines = undecided or list(unread)
        raise InputError(
            lines[0] if len(lines) == 1 else f"{name}: {len(lines)} files cannot be read:" + _listed(lines)
        )


def _listed(lines: Sequence[str]) -> str:
    more = [f"… and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return "".join(f"\n  {line}" for line in [*lines[:_SHOWN], *more])


def _of_channel(drafts: Sequence[Draft], verb: str) -> None:
    for draft in drafts:
        if draft.format in VERBS[verb] or _fits(draft, verb):
            continue
        right = next((v for v, formats in VERBS.items() if draft.format in formats), "read")
        raise InputError(
            f"{draft.files[0].name}: is {draft.format}, because it {draft.why}: read it with cx.{right}, not cx.{verb}"
        )


def _fits(draft: Draft, verb: str) -> bool:
    """Tell whether a plain table is a survey or a log."""
    if draft.format not in _PLAIN:
        return False
    return draft.survey is not None if verb == "read_survey" else verb == "read_log" and set(draft.columns) >= _XES


def _told(
    draft: Draft,
    tz: str | None,
    columns: Mapping[str, str] | None,
    preset: str | None,
    options: Mapping[str, Any] | None,
) -> None:
    """Put what the caller says over what was proposed."""
    settings = draft.settings
    if tz is not None:
        settings["tz"] = tz
    if preset is not None:
        for key in ("into", "columns", "constants", "attributes", "options"):
            settings.pop(key, None)
        settings["preset"], draft.doubts = preset, []
    if columns is not None:
        if {"touchpoint", "timestamp"} <= set(columns) and settings.get("into", "events") != "events":
            # one stamp that is none hid from the proposal that something happens in these rows
            for key in ("columns", "constants", "attributes", "survey"):
                settings.pop(key, None)
            settings["into"], draft.survey, draft.doubts = "events", None, []
        settings["columns"] = dict(columns) if "preset" in settings else settings.get("columns", {}) | dict(columns)
        draft.doubts = [d for d in draft.doubts if not any(f" {ours} " in f" {d} " for ours in columns)]
    if options is not None:
        settings["options"] = settings.get("options", {}) | dict(options)


def _name(paths: Sequence[str | Path]) -> str:
    return Path(paths[0]).absolute().name.split(".")[0] or "exports"


def _readings(drafts: Sequence[Draft], study: Study, name: str) -> dict[str, Reading]:
    """Read each source; what stands in the way is told for all of them at once."""
    from cxmining.ingest import read_source

    readings: dict[str, Reading] = {}
    wrong: list[CxminingError] = []
    read: Callable[[SourceSettings, Study], Reading] = read_source
    for source in sorted(study.sources, key=lambda s: s.name):
        try:
            readings[source.name] = read(source, study)
        except CxminingError as error:
            wrong.append(error)
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        many = f"{name}: {len(wrong)} of {len(drafts)} sources cannot be read yet:"
        raise InputError(many + _listed([str(e) for e in wrong]))
    return readings


def _key(study: Study, drafts: Sequence[Draft]) -> bytes:
    """Return the key of pseudonyms: of the environment, else made of the content, so that nothing is written."""
    from cxmining.privacy.keys import ENVIRONMENT, load_key

    if ENVIRONMENT in os.environ:
        return load_key(study)
    hashes = sorted({f.sha256 for d in drafts for f in d.files})
    return bytes.fromhex(hashes[0]) if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).digest()


def _decided(draft: Draft) -> list[str]:
    """Say what a file was taken for, what its columns and questions were taken for, and what stays open."""
    files = draft.files[0].name if len(draft.files) == 1 else f"{draft.path} ({len(draft.files)} files)"
    why = f"is {draft.why}" if draft.why.startswith("JSON") else draft.why
    notes = [f"{files}: taken for {draft.format}, because it {why}"]
    columns = draft.settings.get("columns", {})
    if columns and "preset" not in draft.settings:
        into = draft.settings.get("into", "events")
        notes.append(f"{files}: its rows are {into}: " + ", ".join(f"{k} = {v!r}" for k, v in columns.items()))
    if draft.survey is not None:
        items = [f"{i.column} = {i.metric} ({i.low:g} to {i.high:g}; {i.reason})" for _, i in draft.survey["items"]]
        notes.append(f"{files}: questions taken for: " + ("; ".join(items) or "none"))
        open_ = [d for _, i in draft.survey["items"] for d in i.doubts]
        notes += [f"{files}: not sure: {doubt}" for doubt in open_]
    return notes + [f"{files}: not sure: {doubt}" for doubt in draft.doubts]
