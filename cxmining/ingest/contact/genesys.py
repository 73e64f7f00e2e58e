"""Genesys Cloud conversation details: sessions and segments of all who took part, as contacts of the customer.

A record is one session or one survey. Each session of the customer (voice, chat, email, message,
callback) is an event; the sessions of menus, queues and agents are *merged* into the one they served,
so are co-browsing and screen sharing beside another session. Of a conversation exported twice the
one that ended last stands.

* ``wait_s`` = from the beginning until an agent answered, or until the end when none did;
  ``ivr_s`` and ``queue_s`` are the parts spent in menus and queues.
* ``duration_s`` = agents' interacting segments, without hold; not for mail.
* ``callback`` tells callbacks; ``hold_s``, ``transfers``, ``wrap_up`` (code), ``wrap_up_s``, ``agents``, ``bot_s``, ``self_served``.
* the queue is the name of the queue's participant, else its id; ``values = {queue = {…}}`` renames.
* ``case_id`` and ``thread_id`` = the conversation.

Surveys become responses when the study names a ``survey`` for the source (items ``surveyPromoterScore``,
``oSurveyTotalScore``), those sent and not completed invitations; otherwise they are context.

``attributes`` may name fields of the conversation (``externalTag``) or the customer's participant attributes.

Options
-------
account : str
    Field of the conversation, or participant attribute, that holds the customer's account; default none.
values : table
    ``values = {queue = {"id" = "name"}}``.
"""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from cxmining.errors import InputError
from cxmining.ingest.contact.common import (
    addresses,
    attributes_of,
    by_name,
    is_ours,
    keep_newest_spans,
    labels,
    responses_of,
)
from cxmining.ingest.contact.genesys_contacts import Contacts, contacts
from cxmining.ingest.contact.genesys_sessions import Flat
from cxmining.ingest.files.json_records import batches
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.build import (
    check_columns,
    check_options,
    events_table,
    identifiers_of,
    survey_of,
    translate,
    value_map,
)
from cxmining.ingest.records.ledger import FileLedger, join_ledgers
from cxmining.ingest.records.times import from_epoch
from cxmining.schema import Reading, table
from cxmining.study import SourceSettings, Study

__all__ = ["CHANNEL_OF", "OPTIONS", "read"]

OPTIONS: Final = {
    "account": "field of the conversation, or participant attribute, that holds the customer's account",
    "values": "queue id → name",
}
CHANNEL_OF: Final = {
    "voice": "phone", "callback": "phone", "chat": "chat", "message": "chat", "email": "mail", "internalmessage": "chat",
}  # fmt: skip
# our column → the row's field
_SECONDS: Final = {
    "wait_s": "wait", "duration_s": "talk", "hold_s": "hold", "ivr_s": "ivr", "queue_s": "queued", "bot_s": "bot",
    "wrap_up_s": "wrap_up_s",
}  # fmt: skip
_SCORES: Final = ("surveyPromoterScore", "oSurveyTotalScore")


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read conversation details.

    Returns
    -------
    Reading
        One event per session of the customer, other sessions merged; surveys as responses or context.

    Raises
    ------
    InputError
        When a file is no JSON, or its stamps carry no zone and ``tz`` is not given.
    StudyError
        When an option, or the survey the study names, does not fit.
    """
    options = check_options(source, OPTIONS, "genesys")
    check_columns(source, ())
    loaded = [_load(file, source, str(options.get("account", ""))) for file in files]
    ledgers = [_ledger(flat, file, source) for flat, file in zip(loaded, files, strict=True)]
    found = [contacts(flat, ledger) for flat, ledger in zip(loaded, ledgers, strict=True)]
    keep_newest_spans([made.spans for made in found], ledgers, "conversation")
    parts: dict[str, list[pd.DataFrame]] = {}
    for flat, made, ledger in zip(loaded, found, ledgers, strict=True):
        for name, frame in _tables(flat, made, ledger, source, study).items():
            parts.setdefault(name, []).append(frame)
    inputs, rows = join_ledgers(ledgers)
    tables: dict[str, Any] = {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
    return Reading(source.name, "genesys", inputs, rows, **tables)


def _load(file: SourceFile, source: SourceSettings, account: str) -> Flat:
    out = Flat(file.name, ZoneInfo(source.tz) if source.tz else None, tuple(source.attributes), account)
    for batch in batches(file, unproven=True):
        out.add_batch(batch)
    if not out.n:
        raise InputError(f"{file.name}: the export is empty: it holds no conversation")
    return out


def _ledger(flat: Flat, file: SourceFile, source: SourceSettings) -> FileLedger:
    """Return the ledger of a file, which knows the conversation that each record is a part of."""
    ledger = FileLedger(source.name, file, flat.n)
    ledger.within = np.searchsorted(np.array(flat.begins, dtype=np.int64), np.arange(flat.n), side="right") - 1
    return ledger


def _tables(
    flat: Flat, made: Contacts, ledger: FileLedger, source: SourceSettings, study: Study
) -> dict[str, pd.DataFrame]:
    ledger.merge(made.merged[:, 0], made.merged[:, 1], "a session of the same conversation")
    at, frame = made.at, made.frame
    who = pd.DataFrame(
        {
            "phone": addresses(frame["phone"]), "email": addresses(frame["email"]), "device": frame["device"],
            "name": frame["name"], "account": frame["account"],
        }
    )  # fmt: skip
    for kind in ("phone", "email"):
        who[kind] = who[kind].mask(is_ours(who[kind], study))
    open_ = ledger.open[at]
    stands = frame[open_].reset_index(drop=True)
    parts = {"events": _events(stands, at[open_], ledger, source)}
    people = [identifiers_of(ledger.ids[at[open_]], by_name(who[open_]), study.company.country)]
    surveys = flat.surveys.frame()
    if len(surveys):
        about = [made.main_of.get(c, -1) for c in flat.survey_of]
        who_rated = who.reindex(about).reset_index(drop=True)
        survey_at = np.array(flat.survey_at, dtype=np.int64)
        rated, rows = _surveys(flat, survey_at, surveys, ledger, source, study)
        parts |= rated
        people.append(identifiers_of(ledger.ids[survey_at[rows]], by_name(who_rated.iloc[rows]), study.company.country))
    return {**parts, "identifiers": pd.concat(people, ignore_index=True)}


def _events(frame: pd.DataFrame, at: np.ndarray[Any, Any], ledger: FileLedger, source: SourceSettings) -> pd.DataFrame:
    stamps = from_epoch(frame["start"], "us", source.tz)
    media = frame["media"].str.lower()
    channel = media.map(CHANNEL_OF).astype("str").fillna("other")
    queue = translate(frame["queue"], value_map(source, "queue")).astype("str")
    direction = frame["direction"].where(frame["direction"].isin(["inbound", "outbound"]))
    columns: dict[str, Any] = {
        "case_id": frame["conversation"], "thread_id": frame["conversation"],
        "timestamp": stamps.utc, "utc_offset": stamps.offset, "channel": channel,
        "touchpoint": labels(channel, queue, frame["status"]), "direction": direction,
        "lifecycle": np.full(len(frame), "complete", dtype=object),
        "resource": frame["agent"], "queue": queue, "owner_mined": queue,
        "raw_status": frame["status"], "raw_event": media, "wrap_up": frame["wrap_up"],
        "self_served": frame["self_served"], "callback": media.eq("callback").astype("boolean"),
        **{ours: frame[theirs] for ours, theirs in _SECONDS.items()},
        **{name: frame[name].astype("Int64") for name in ("transfers", "agents")},
    }  # fmt: skip
    columns |= attributes_of(frame, source)
    return events_table(ledger, at, columns, source)


def _surveys(
    flat: Flat,
    at: np.ndarray[Any, Any],
    frame: pd.DataFrame,
    ledger: FileLedger,
    source: SourceSettings,
    study: Study,
) -> tuple[dict[str, pd.DataFrame], np.ndarray[Any, Any]]:
    """Return the tables made of surveys, and the rows (of `frame`) that they were made of."""
    if source.survey is None:
        ledger.context(at, "a survey about the conversation; name it (survey = …) to read its scores")
        return {}, np.zeros(0, dtype=np.int64)
    survey = survey_of(source, study)
    for name, odd in flat.surveys.odd.items():
        ledger.cell(at[odd], name, "holds a list or an object where a value belongs")
    done = from_epoch(frame["surveyCompletedDate"], "us", source.tz).utc
    sent = from_epoch(frame["eventTime"], "us", source.tz).utc
    scored = frame[list(_SCORES)].notna().any(axis=1)
    answered = (scored | done.notna()).to_numpy(bool)
    when = done.fillna(sent)
    ledger.reject(at[when.isna().to_numpy()], "surveyCompletedDate and eventTime are no moment")
    open_ = ledger.open[at]
    rated, asked = np.flatnonzero(open_ & answered), np.flatnonzero(open_ & ~answered)
    about = frame["conversation"]
    more = {"reference": about.iloc[rated]}
    tables = responses_of(frame.iloc[rated], at[rated], when.iloc[rated], survey, ledger, source, more)
    invited: dict[str, Any] = {
        "invitation_id": ledger.ids[at[asked]], "survey": np.full(len(asked), survey.name, dtype=object),
        "invited_at": when.iloc[asked], "reference": about.iloc[asked],
        "source": np.full(len(asked), source.name, dtype=object), "seq": at[asked] + 1,
    }  # fmt: skip
    return {**tables, "invitations": table("invitations", invited)}, np.concatenate([rated, asked])
