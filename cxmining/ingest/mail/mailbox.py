"""Mails of any container → one `Reading`: whose they are, which way they went, which thread they are in.

*Threads* follow ``References`` and ``In-Reply-To``, also through mails forwarded or returned as attachment; a
reply that names none of them joins the latest earlier message with its subject and one of its correspondents,
within 60 days. *Direction*: from one of the study's own domains is outbound, to the outside; without declared
domains it stays open. The customer is whoever is on the other side, never an own address and never a program
that carries mail. *Text* is what this message adds; what it quotes and its signature ride apart as
``raw_quoted`` and ``raw_signature`` until the rules were applied, and no table keeps them. ``raw_status`` is
``auto-reply``, ``bounce``, ``robot`` (a machine wrote it), ``bulk``, or ``person``.

``wait_s`` of a customer's message is the time until the company first writes back in its thread.

A ``Date`` that cannot be read falls back to the newest ``Received`` header, then to the From_ line (UTC where
the source has no ``tz``, as RFC 4155 says) or the name of a Maildir's file. ``-0000`` means UTC with unknown
local clock. A draft that was never sent is context. The same mail twice is a duplicate: by its Message-ID,
with date, sender and subject, because programs exist that repeat an id; without an id by its content.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.mail.dates import moment_of
from cxmining.ingest.mail.marks import MACHINES, QUEUES, status_of
from cxmining.ingest.mail.message import Mail
from cxmining.ingest.mail.own_text import LONGEST, MOST, text_of
from cxmining.ingest.mail.threads import is_reply, join_threads, strip_subject
from cxmining.ingest.records.build import check_columns, check_options, identifiers_of
from cxmining.ingest.records.ledger import FileLedger, join_ledgers
from cxmining.ingest.records.times import local_offset, parse_stamps
from cxmining.schema import Reading, table
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "Letter", "mail_columns", "read_mails"]

OPTIONS: Final = {"queues": "local parts of own addresses that are queues"}
_BATCH: Final = 4096
_TEXTS: Final = ("message_id", "subject", "base", "direction", "customer", "customer_name", "resource", "queue", "status", "text",
                 "quoted", "signature", "date", "sender", "print", "trouble", "context")  # fmt: skip
_DRAFT: Final = re.compile(r":2,[A-Z]*D[A-Z]*$")


class Letter(NamedTuple):
    """One mail of a file.

    Attributes
    ----------
    mail : Mail, optional
        None where it cannot be read; `trouble` says why.
    line : str
        From_ line of a mailbox, or the name of the mail's file.
    offset : int
        Where it begins in its file, in bytes.
    trouble : str, optional
    context : str, optional
        Why it is no contact, though it is a mail.
    """

    mail: Mail | None
    line: str = ""
    offset: int = 0
    trouble: str | None = None
    context: str | None = None


def read_mails(
    kind: str,
    files: list[SourceFile],
    letters: Callable[[SourceFile], Iterable[Letter]],
    source: SourceSettings,
    study: Study,
) -> Reading:
    """Read the mails of a source; threads run through all its files.

    Returns
    -------
    Reading
        Each message kept, rejected (unreadable, or no moment anywhere), duplicate, or context (a draft).

    Raises
    ------
    InputError
        When a message carries a stamp without any zone, and neither its ``Received`` headers nor
        ``tz`` help.
    """
    options = check_options(source, OPTIONS, kind)
    check_columns(source, ())
    reader = _Rows(source, study, QUEUES | {str(q).lower() for q in options.get("queues", ())})
    numbers: list[int] = []
    for k, file in enumerate(files):
        before = reader.n
        for seq, letter in enumerate(letters(file)):
            reader.add(k, seq, letter)
        numbers.append(reader.n - before)
    mails, counts = reader.frame(), reader.counts
    ledgers = [FileLedger(source.name, file, n) for file, n in zip(files, numbers, strict=True)]
    starts = np.concatenate([[0], np.cumsum(numbers)]).astype(np.int64)
    _zones(mails, source, files, counts)
    _decide(mails, ledgers, starts)
    ids = np.concatenate([ledger.ids for ledger in ledgers])
    again, original = _duplicates(mails, np.concatenate([ledger.open for ledger in ledgers]), counts)
    for k in np.unique(mails["file"].to_numpy()[again]):
        mine = mails["file"].to_numpy()[again] == k
        ledgers[k].duplicate(again[mine] - starts[k], ids[original[mine]], "the same mail was there before")
    mails["id"] = ids
    mails["sha"] = np.repeat(np.array([file.file for file in files], dtype=object), numbers)
    mails = mails[np.concatenate([ledger.open for ledger in ledgers])].reset_index(drop=True)
    mails["thread"] = join_threads(mails)
    mails["wait_s"] = _waits(mails)
    inputs, rows = join_ledgers(ledgers)
    who = {"email": mails["customer"], "name": mails["customer_name"]}
    return Reading(
        source.name, kind, inputs, rows,
        identifiers=identifiers_of(mails["id"].to_numpy(dtype=object), who, study.company.country),
        events=_events(mails, source), notes=_notes(source, counts, study),
    )  # fmt: skip


def _decide(mails: pd.DataFrame, ledgers: list[FileLedger], starts: np.ndarray[Any, Any]) -> None:
    """Reject what cannot be read or dated, and set aside what is no contact."""
    aside = mails["context"].notna().to_numpy(bool)
    bad = (mails["trouble"].notna() | mails["utc"].isna()).to_numpy(bool) & ~aside
    reason = mails["trouble"].fillna("no header holds a moment that can be read").to_numpy(dtype=object)
    context = mails["context"].to_numpy(dtype=object)
    owner = mails["file"].to_numpy()
    for k in np.unique(owner[bad]):
        at = starts[k] + np.flatnonzero(bad[starts[k] : starts[k + 1]])
        ledgers[k].reject(at - starts[k], reason[at].tolist())
    for k in np.unique(owner[aside]):
        at = starts[k] + np.flatnonzero(aside[starts[k] : starts[k + 1]])
        for word in sorted(set(context[at])):
            ledgers[k].context(at[context[at] == word] - starts[k], word)


def mail_columns(mail: Mail) -> dict[str, str | None]:
    """Return the main headers of a mail, decoded."""
    names = ("Date", "From", "To", "Subject", "Message-ID", "In-Reply-To")
    return {**{n: mail.header(n.lower()) or None for n in names}, "Content-Type": mail.kind}


class _Rows:
    """Rows of mails, laid down as columns batch by batch."""

    def __init__(self, source: SourceSettings, study: Study, queues: frozenset[str]) -> None:
        self._tz = source.tz
        self._queues = queues
        self._domains = tuple(d.lower().lstrip("@.") for d in study.company.domains)
        self._below = tuple("." + d for d in self._domains)
        self._rows: list[dict[str, Any]] = []
        self._frames: list[pd.DataFrame] = []
        self.counts = Counter[str]()
        self.n = 0

    def add(self, file: int, seq: int, letter: Letter) -> None:
        row = _EMPTY if letter.mail is None else self._row(letter.mail, letter.line)
        context = letter.context or ("a draft that was never sent" if row["draft"] else None)
        self._rows.append({**row, "file": file, "seq": seq, "trouble": letter.trouble, "context": context})
        self.n += 1
        if len(self._rows) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        columns: dict[str, Any] = {}
        for name in (*_EMPTY, "file", "seq", "trouble", "context"):
            values = [row[name] for row in self._rows]
            columns[name] = (
                pd.array(values, dtype="str") if name in _TEXTS else pd.Series(values, dtype=_TYPES.get(name, object))
            )
        self._frames.append(pd.DataFrame(columns))
        self._rows = []

    def frame(self) -> pd.DataFrame:
        if self._rows or not self._frames:
            self._flush()
        return pd.concat(self._frames, ignore_index=True)

    def _ours(self, address: str) -> bool:
        host = address.rpartition("@")[2]
        return host in self._domains or host.endswith(self._below) if self._domains else False

    def _row(self, mail: Mail, line: str) -> dict[str, Any]:
        counts = self.counts
        sender = (mail.addresses("from") or mail.addresses("sender") or [("", "")])[0]
        to = mail.addresses("to", "cc", "delivered-to")
        subject = mail.header("subject")
        status = status_of(mail, sender[1], subject)
        direction, customer = self._sides(mail, sender, to, status)
        boxes = [a.partition("@")[0] for _, a in (*to, sender) if self._ours(a)]
        text = text_of(mail)
        long = len(text.own) >= LONGEST or sum(map(len, mail.plain)) > MOST
        counts.update(mail.troubles | ({"long"} if long else set()))
        moment = moment_of(mail, line, self._tz)
        counts[moment.how] += 1
        identifier = mail.header("message-id").strip("<> ")
        parents = [*mail.ids("references", "in-reply-to"), *mail.inner]
        base = strip_subject(subject)
        # a date that is none, the same for all mails of a program, makes no copies of them
        date = mail.header("date") if moment.how in ("date", "naive") else ""
        told = "|".join([date, sender[1], *sorted(a for _, a in to), subject, text.own, text.quoted])
        return {
            "utc": moment.utc, "offset": moment.offset, "naive": moment.naive, "message_id": identifier or None,
            "parents": parents, "subject": subject or None, "base": base, "is_reply": bool(parents) or is_reply(subject),
            "people": frozenset(a for _, a in (sender, *to) if a and not self._ours(a)),
            "direction": direction, "customer": customer[1] or None, "customer_name": customer[0] or None,
            "resource": sender[1] if direction in ("outbound", "internal") else None,
            "queue": next((b for b in boxes if b in self._queues), None), "status": status, "text": text.own or None,
            "quoted": text.quoted or None, "signature": text.signature or None, "date": date or None, "sender": sender[1],
            "print": hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=12).hexdigest(),
            "draft": _DRAFT.search(line) is not None or mail.has("x-mozilla-draft-info") or mail.header("x-unsent") == "1",
        }  # fmt: skip

    def _sides(
        self, mail: Mail, sender: tuple[str, str], to: list[tuple[str, str]], status: str
    ) -> tuple[str | None, tuple[str, str]]:
        """Return the direction, and name and address of the customer."""
        nobody = ("", "")
        missed = [
            a for v in mail.headers.get("x-failed-recipients", ()) for a in re.split(r"[,\s]+", v.lower()) if "@" in a
        ]
        missed = [a for a in (*mail.failed, *missed) if not self._ours(a)]
        if status == "bounce":
            # the customer is whom the mail did not reach, not the server that says so
            return "inbound" if self._domains else None, ("", missed[0]) if missed else nobody
        known = nobody if MACHINES.match(sender[1].partition("@")[0]) else sender
        if not self._domains:
            return None, known
        if not self._ours(sender[1]):
            return "inbound", known
        outside = [a for a in to if not self._ours(a[1])]
        if outside:
            self.counts["several"] += len({a for _, a in outside}) > 1
            return "outbound", outside[0]
        reply_to = [a for a in mail.addresses("reply-to") if not self._ours(a[1])]
        if reply_to and not mail.has("in-reply-to"):
            return "inbound", reply_to[0]  # a form on the site that mails in the customer's name
        return "internal", nobody


_EMPTY: Final[dict[str, Any]] = {
    "utc": None, "offset": None, "naive": None, "message_id": None, "parents": [], "subject": None, "base": "", "is_reply": False,
    "people": frozenset(), "direction": None, "customer": None, "customer_name": None, "resource": None, "queue": None, "status": "person",
    "text": None, "quoted": None, "signature": None, "date": None, "sender": "", "print": "", "draft": False,
}  # fmt: skip
_TYPES: Final[dict[str, Any]] = {
    "utc": "datetime64[us, UTC]", "naive": "datetime64[us]", "offset": "Int16", "is_reply": bool, "draft": bool,
    "file": "int64", "seq": "int64",
}  # fmt: skip


def _zones(mails: pd.DataFrame, source: SourceSettings, files: list[SourceFile], counts: Counter[str]) -> None:
    """Give bare clocks their zone, all at once."""
    bare = mails["naive"].notna().to_numpy()
    if bare.any():
        n = int(bare.sum())
        where = files[int(mails["file"].to_numpy()[bare][0])].name
        stamps = parse_stamps(mails["naive"], source.tz, f"{where}, header 'Date' of {n:,} mail{'s' if n > 1 else ''}")
        rest = pd.Series(~bare)
        mails["utc"], mails["offset"] = mails["utc"].where(rest, stamps.utc), mails["offset"].where(rest, stamps.offset)
    if source.tz is not None:
        mails["offset"] = mails["offset"].fillna(local_offset(mails["utc"], source.tz))


def _duplicates(
    mails: pd.DataFrame, open_: np.ndarray[Any, Any], counts: Counter[str]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the positions of mails that are there already, and of those that they repeat.

    The same mail from inbox and archive differs in transport headers; through a mailing list also in a mark
    in its subject and a few lines below.
    """
    named = mails["message_id"].notna().to_numpy()
    there = open_ & (named | mails["date"].notna().to_numpy())
    key = mails["message_id"].where(pd.Series(named), mails["print"])
    twice = np.flatnonzero(key.where(pd.Series(there)).duplicated(keep=False).to_numpy() & there)
    first: dict[tuple[Any, ...], tuple[int, str]] = {}
    exact: dict[tuple[Any, ...], int] = {}
    again, original, ids = [], [], Counter[str]()
    columns = [mails[c].iloc[twice].tolist() for c in ("date", "sender", "base", "text")]
    for i, own, date, sender, base, text in zip(twice.tolist(), key.iloc[twice].tolist(), *columns, strict=True):
        said = "" if pd.isna(text) else " ".join(text.split())
        mail = (own, date if isinstance(date, str) else "", sender, base)
        j, before = first.setdefault(mail, (i, said))
        of = exact.setdefault((*mail, said), j if j != i and _continues(said, before) else i)
        if of != i:
            again.append(i)
            original.append(of)
        else:
            ids[own] += 1
    counts["same id"] += sum(n - 1 for n in ids.values() if n > 1)
    return np.array(again, dtype=np.int64), np.array(original, dtype=np.int64)


def _continues(a: str, b: str) -> bool:
    return bool(a and b) and (a.startswith(b) or b.startswith(a))


def _waits(mails: pd.DataFrame) -> pd.Series[Any]:
    """Return the seconds from each inbound mail to the first human answer in its thread."""
    wait = pd.Series(np.nan, index=mails.index, dtype="float64")
    asks = mails[(mails["direction"] == "inbound") & (mails["status"] == "person")].sort_values("utc", kind="stable")
    answers = mails[(mails["direction"] == "outbound") & (mails["status"] == "person")].sort_values(
        "utc", kind="stable"
    )
    if asks.empty or answers.empty:
        return wait
    right = pd.DataFrame({"thread": answers["thread"], "utc": answers["utc"], "answered": answers["utc"]})
    met = pd.merge_asof(
        asks[["utc", "thread"]], right, on="utc", by="thread", direction="forward", allow_exact_matches=False
    )
    wait.loc[asks.index] = (met["answered"] - met["utc"]).dt.total_seconds().to_numpy()
    return wait


def _events(mails: pd.DataFrame, source: SourceSettings) -> pd.DataFrame:
    n = len(mails)
    automatic = mails["status"] != "person"
    word = mails["status"].where(automatic, pd.Series(np.where(mails["is_reply"], "reply", ""), index=mails.index))
    side = mails["direction"].map({"outbound": "mail sent", "internal": "mail among colleagues"}).fillna("mail")
    return table(
        "events",
        {
            "event_id": mails["id"], "source": np.full(n, source.name, dtype=object), "seq": mails["seq"].to_numpy() + 1,
            "raw_file": mails["sha"], "timestamp": mails["utc"], "utc_offset": mails["offset"],
            "channel": np.full(n, "mail", dtype=object), "touchpoint": side.where(word == "", side + ": " + word),
            "direction": mails["direction"], "wait_s": mails["wait_s"].astype("Float64"),
            "resource": mails["resource"], "queue": mails["queue"], "owner_mined": mails["queue"],
            # a survey about a mail refers to it by its Message-ID
            "case_id": mails["message_id"].astype("str").fillna(mails["id"]), "thread_id": mails["thread"],
            "text": mails["text"], "automatic": automatic.astype("boolean"), "raw_subject": mails["subject"],
            "raw_status": mails["status"], "raw_quoted": mails["quoted"], "raw_signature": mails["signature"],
        },
    )  # fmt: skip


def _notes(source: SourceSettings, counts: Counter[str], study: Study) -> tuple[str, ...]:
    said = {
        "received": ("mail has no readable Date; its Received header dates it", "mails have no readable Date; their Received header dates them"),
        "from": ("mail has no readable Date; its From_ line dates it", "mails have no readable Date; their From_ line dates them"),
        "name": ("mail has no readable Date; its file's name dates it", "mails have no readable Date; their files' names date them"),
        "naive": (f"mail carries a clock without a zone; read as {source.tz}", f"mails carry a clock without a zone; read as {source.tz}"),
        "charset": ("mail holds bytes that its charset does not; read as UTF-8 or Windows-1252",
                    "mails hold bytes that their charset does not; read as UTF-8 or Windows-1252"),
        "several": ("mail goes to several outside addresses; the first is taken as the customer",
                    "mails go to several outside addresses; the first is taken as the customer"),
        "same id": ("mail bears the Message-ID of another one and differs from it; both are kept",
                    "mails bear the Message-ID of another one and differ from it; all are kept"),
        "cut": ("mail ends before its parts do; what is there was read", "mails end before their parts do; what is there was read"),
        "base64": ("mail holds base64 that breaks off; it was read so far", "mails hold base64 that breaks off; they were read so far"),
        "deep": ("mail holds parts within parts beyond counting; the outer ones were read",
                 "mails hold parts within parts beyond counting; the outer ones were read"),
        "long": ("mail is longer than anybody writes; its beginning was read", "mails are longer than anybody writes; their beginning was read"),
        "box": (
            'file holds the From_ line of another mail below; if it is a mailbox, give it its first From_ line back and read it as "mbox"',
            'files hold the From_ line of another mail below; if they are mailboxes, give them their first From_ line back and read them as "mbox"',
        ),
        "headers": ("mail has lines among its headers that are none; the others were read",
                    "mails have lines among their headers that are none; the others were read"),
    }  # fmt: skip
    notes = [f"source {source.name!r}: {counts[k]:,} {text[counts[k] > 1]}" for k, text in said.items() if counts[k]]
    if not study.company.domains:
        notes.append(f"source {source.name!r}: company.domains is empty, so the direction of mails is unknown")
    return tuple(notes)
