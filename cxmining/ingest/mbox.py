"""Mail in mbox files: one event per message.

*Threads* follow ``References`` and ``In-Reply-To``; a reply that names neither joins the latest
earlier message with its subject and one of its correspondents, within 60 days. *Direction*: from
one of the study's own domains is outbound, to the outside; without declared domains it stays open.
*Text* is what this message adds: quoted parts and signatures are cut, HTML is laid out as text.
``raw_status`` is ``auto-reply``, ``robot`` (a machine wrote it), ``bulk``, or ``person``.

``wait_s`` of a customer's message is the time until the company first writes back in its thread.

A ``Date`` that cannot be read falls back to the newest ``Received`` header, then to the From_ line
(UTC where the source has no ``tz``, as RFC 4155 says). ``-0000`` means UTC with unknown local clock.

Options
-------
queues : list of str
    Local parts of own addresses that are queues, besides the common ones (``info``, ``klantenservice`` …).
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parsedate_tz
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import InputError
from cxmining.ingest._build import check_columns, check_options, events_table, identifiers_of
from cxmining.ingest._files import SourceFile
from cxmining.ingest._ledger import FileLedger, join_ledgers
from cxmining.ingest._mail_text import text_of
from cxmining.ingest._threads import join_threads, strip_subject
from cxmining.ingest._time import local_offset, parse_stamps
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "headers", "messages", "read"]

OPTIONS: Final = {"queues": "local parts of own addresses that are queues"}
_QUEUES: Final = frozenset(
    [
        "info",
        "service",
        "klantenservice",
        "klantcontact",
        "support",
        "help",
        "helpdesk",
        "contact",
        "facturen",
        "facturatie",
        "factuur",
        "billing",
        "invoices",
        "administratie",
        "incasso",
        "klachten",
        "klacht",
        "complaints",
        "sales",
        "verkoop",
        "verhuizen",
        "meterstanden",
        "storing",
        "storingen",
        "retour",
        "returns",
        "orders",
        "bestellingen",
        "webshop",
        "hallo",
        "hello",
        "team",
        "feedback",
        "opzeggen",
        "contract",
        "contracten",
    ]
)
_SEPARATOR: Final = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]*\n(?=[!-9;-~]+:|>?From |[ \t]*\r?\n)")
_ASCTIME: Final = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\s+(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+(\d{1,2})\s+(\d{2}:\d{2}(?::\d{2})?)"
    r"(?:\s+([+-]\d{4}|[A-Z]{3,4}))?\s+(\d{4})(?:\s+([+-]\d{4}))?"
)
_ZONES: Final = {
    "CET": 60,
    "MET": 60,
    "CEST": 120,
    "MEST": 120,
    "BST": 60,
    "WET": 0,
    "WEST": 60,
    "EET": 120,
    "EEST": 180,
}
_UTC: Final = ("GMT", "UTC", "UT", "Z")
_AUTO_SUBJECT: Final = re.compile(
    r"^(?:automatisch antwoord|automatic reply|auto(?:matische)?[ -]?reply|out of office|afwezig(?:heid)?|autoreply|abwesenheit)\b",
    re.I,
)
_REPLY: Final = re.compile(r"^\s*(?:re|aw|antw|antwoord|sv|fw|fwd|doorst|wg|vs|odp)\s*(?:\[\d+\])?\s*:", re.I)
_MACHINES: Final = re.compile(
    r"^(?:mailer-daemon|postmaster|no-?reply|noreply|do-?not-?reply|bounces?|listserv|majordomo)\b", re.I
)


def messages(file: SourceFile) -> Iterator[tuple[str, Message]]:
    """Yield the From_ line and the message of each mail, in the order of the file.

    A line that begins with "From " is a separator only after an empty line and before a header, so
    that a sentence in a body that was not escaped does not cut its mail in two.
    """
    content = file.read()
    starts = [m.start() for m in _SEPARATOR.finditer(content)]
    if not starts or content[: starts[0]].strip():
        raise InputError(f"{file.name}: is no mbox: it does not begin with a From_ line")
    for begin, end in zip(starts, [*starts[1:], len(content)], strict=True):
        raw = content[begin:end]
        line, _, rest = raw.partition(b"\n")
        yield line.decode("latin-1").rstrip("\r"), _message(rest)


def _message(raw: bytes) -> Message:
    try:
        return email.message_from_bytes(raw, policy=email.policy.compat32)
    except RecursionError:
        # Mails wrapped in mails hundreds deep: what is inside is nobody's message, its headers are.
        message = BytesHeaderParser(policy=email.policy.compat32).parsebytes(raw)
        del message["Content-Type"]
        message.set_payload("")
        return message


def headers(file: SourceFile, limit: int) -> list[dict[str, str | None]]:
    """Return the main headers of the first messages, decoded."""
    rows: list[dict[str, str | None]] = []
    for _, message in messages(file):
        if len(rows) >= limit:
            break
        row = {h: _header(message, h) or None for h in ("Date", "From", "To", "Subject", "Message-ID", "In-Reply-To")}
        rows.append({**row, "Content-Type": message.get_content_type()})
    return rows


def _header(message: Message, name: str) -> str:
    """Return a header as text, whatever it contains."""
    value = message.get(name)
    if value is None:
        return ""
    parts = []
    try:
        for chunk, charset in decode_header(value):
            if isinstance(chunk, str):
                parts.append(chunk)
                continue
            parts.append(_bytes(chunk, charset))
    except (ValueError, email.errors.HeaderParseError):
        parts = [str(value)]
    return " ".join("".join(parts).replace("\x00", "").split())


def _bytes(chunk: bytes, charset: str | None) -> str:
    for codec in (charset if charset not in (None, "unknown-8bit") else None, "utf-8", "cp1252"):
        try:
            if codec:
                return chunk.decode(codec)
        except (LookupError, UnicodeDecodeError):
            continue
    return chunk.decode("latin-1")


def _addresses(message: Message, *names: str) -> list[tuple[str, str]]:
    values = [_header(message, n) for n in names if message.get(n) is not None]
    return [(name.strip(), address.strip().lower()) for name, address in getaddresses(values) if "@" in address]


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read mbox files; threads run through all files of the source.

    Returns
    -------
    Reading
        Each message kept, rejected (no moment anywhere), or duplicate (same id, date, sender and text).

    Raises
    ------
    InputError
        When a message carries a stamp without any zone, and neither its ``Received`` headers nor
        ``tz`` help.
    """
    options = check_options(source, OPTIONS, "mbox")
    check_columns(source, ())
    queues = _QUEUES | {str(q).lower() for q in options.get("queues", ())}
    ledgers: list[FileLedger] = []
    frames: list[pd.DataFrame] = []
    counts = Counter[str]()
    for file in files:
        rows = [_row(i, line, m, source, study, queues, counts) for i, (line, m) in enumerate(messages(file))]
        frame = pd.DataFrame(rows)
        frame["file"] = len(ledgers)
        frames.append(frame)
        ledgers.append(FileLedger(source.name, file, len(rows)))
    mails = pd.concat(frames, ignore_index=True)
    _zones(mails, source, files, counts)
    for k, ledger in enumerate(ledgers):
        ledger.reject(
            (mails.loc[mails["file"] == k, "utc"].isna()).to_numpy(), "no header holds a moment that can be read"
        )
    _duplicates(mails, ledgers)
    mails["id"] = np.concatenate([ledger.ids for ledger in ledgers])
    mails = mails[np.concatenate([ledger.open for ledger in ledgers])].reset_index(drop=True)
    mails["thread"] = join_threads(mails)
    mails["wait_s"] = _waits(mails)
    inputs, rows_ = join_ledgers(ledgers)
    events = [_events(mails[mails["file"] == k], ledger, source) for k, ledger in enumerate(ledgers)]
    who = {"email": mails["customer"], "name": mails["customer_name"]}
    return Reading(
        source.name, "mbox", inputs, rows_,
        identifiers=identifiers_of(mails["id"].to_numpy(dtype=object), who, study.company.country),
        events=pd.concat(events, ignore_index=True), notes=_notes(source, counts, study),
    )  # fmt: skip


def _row(
    seq: int,
    line: str,
    message: Message,
    source: SourceSettings,
    study: Study,
    queues: frozenset[str],
    counts: Counter[str],
) -> dict[str, Any]:
    domains = tuple(d.lower().lstrip("@.") for d in study.company.domains)

    def ours(address: str) -> bool:
        host = address.rpartition("@")[2]
        return any(host == d or host.endswith("." + d) for d in domains)

    sender = (_addresses(message, "From") or _addresses(message, "Sender") or [("", "")])[0]
    to = _addresses(message, "To", "Cc", "Delivered-To")
    outside = [a for a in to if not ours(a[1])]
    reply_to = [a for a in _addresses(message, "Reply-To") if not ours(a[1])]
    direction: str | None = None
    customer = sender
    if domains:
        if not ours(sender[1]):
            direction = "inbound"
        elif outside:
            direction, customer = "outbound", outside[0]
            counts["several"] += len({a for _, a in outside}) > 1
        elif reply_to and message.get("In-Reply-To") is None:
            direction, customer = "inbound", reply_to[0]  # a form on the site that mails in the customer's name
        else:
            direction, customer = "internal", ("", "")
    boxes = [a.partition("@")[0] for _, a in (*to, sender) if ours(a)]
    queue = next((b for b in boxes if b in queues), None)
    subject = _header(message, "Subject")
    text, charset_trouble = text_of(message)
    counts["charset"] += charset_trouble
    moment = _moment(line, message, source)
    counts[moment["how"]] += 1
    identifier = _header(message, "Message-ID").strip("<> ")
    parents = re.findall(r"<([^<>\s]+)>", _header(message, "References") + " " + _header(message, "In-Reply-To"))
    print_of = hashlib.blake2b(
        "|".join([identifier, _header(message, "Date"), sender[1], subject, text or ""]).encode("utf-8", "replace"),
        digest_size=12,
    )
    return {
        "seq": seq, "utc": moment["utc"], "offset": moment["offset"], "naive": moment["naive"],
        "message_id": identifier or None, "parents": parents, "subject": subject or None,
        "base": strip_subject(subject), "is_reply": bool(parents) or bool(_REPLY.match(subject)),
        "people": frozenset(a for _, a in (sender, *to) if a and not ours(a)),
        "direction": direction, "customer": customer[1] or None, "customer_name": customer[0] or None,
        "resource": sender[1] if direction in ("outbound", "internal") else None,
        "queue": queue, "status": _status(message, sender[1], subject), "text": text, "print": print_of.hexdigest(),
    }  # fmt: skip


def _status(message: Message, sender: str, subject: str) -> str:
    """Say whether a person wrote it: RFC 3834 first, then what programs of all ages write."""
    submitted = _header(message, "Auto-Submitted").lower()
    precedence = _header(message, "Precedence").lower()
    if submitted.startswith("auto-replied") or precedence == "auto_reply" or any(
        message.get(h) is not None for h in ("X-Autoreply", "X-Autorespond")
    ) or _AUTO_SUBJECT.match(subject):  # fmt: skip
        return "auto-reply"
    local = sender.partition("@")[0]
    if submitted.startswith("auto-") or _MACHINES.match(local) or local.endswith(("-request", "-bounces", "-owner")):
        return "robot"
    if message.get_content_type() == "multipart/report" or _header(message, "Return-Path") == "<>":
        return "robot"
    # a list is where people write to each other: bulk only without one
    if precedence in ("bulk", "junk") and message.get("List-Id") is None and message.get("List-Post") is None:
        return "bulk"
    if message.get("List-Unsubscribe") is not None and message.get("List-Post") is None:
        return "bulk" if message.get("In-Reply-To") is None else "person"
    return "person"


def _moment(line: str, message: Message, source: SourceSettings) -> dict[str, Any]:
    """Read the moment: ``Date``, else the newest ``Received``, else the From_ line."""
    utc, offset, naive = _rfc5322(_header(message, "Date"))
    if utc is not None:
        return {"utc": utc, "offset": offset, "naive": None, "how": "date"}
    received = [_rfc5322(str(v).rpartition(";")[2]) for v in message.get_all("Received", [])]
    known = next((r for r in received if r[0] is not None), None)
    if naive is not None:
        if source.tz is None and known is not None:
            return {"utc": known[0], "offset": known[1], "naive": None, "how": "received"}
        return {"utc": None, "offset": None, "naive": naive, "how": "naive"}
    if known is not None:
        return {"utc": known[0], "offset": known[1], "naive": None, "how": "received"}
    found = _ASCTIME.search(line)
    if found is None:
        return {"utc": None, "offset": None, "naive": None, "how": "none"}
    month, day, clock, zone, year, behind = found.groups()
    utc, offset, naive = _rfc5322(f"{day} {month} {year} {clock} {behind or zone or ''}")
    if utc is None and naive is not None and source.tz is None:
        utc, naive = naive.replace(tzinfo=UTC), None
    return {"utc": utc, "offset": offset, "naive": naive, "how": "from" if utc or naive else "none"}


def _rfc5322(text: str) -> tuple[datetime | None, int | None, datetime | None]:
    """Return the moment and its minutes east, or, when no zone is given, the bare clock."""
    if not text:
        return None, None, None
    try:
        parsed = parsedate_tz(text)
        if parsed is None or not 1980 <= parsed[0] <= 2200:
            return None, None, None  # 1 January 1970 is what a program writes that knows no date
        clock = datetime(*parsed[:6])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None, None, None
    plain = re.sub(r"\([^)]*\)", "", text).strip()
    word = plain.rpartition(" ")[2].upper()
    seconds = parsed[9]
    if word in _ZONES:
        seconds = _ZONES[word] * 60
    elif word == "-0000":
        return clock.replace(tzinfo=UTC), None, None  # UTC, and nobody says where (RFC 5322, 3.3)
    elif not re.fullmatch(r"[+-]\d{4}|[A-Z]{1,5}", word) or (seconds == 0 and word.isalpha() and word not in _UTC):
        # the parser gives 0 for "no zone" and for zones it does not know
        return None, None, clock
    if seconds is None or abs(seconds) > 14 * 3600:
        return None, None, None
    moment = (clock - datetime(1970, 1, 1)).total_seconds() - seconds
    return datetime.fromtimestamp(moment, tz=UTC), seconds // 60, None


def _zones(mails: pd.DataFrame, source: SourceSettings, files: list[SourceFile], counts: Counter[str]) -> None:
    """Give bare clocks their zone, all at once."""
    utc = pd.Series(pd.to_datetime(mails["utc"], utc=True)).astype("datetime64[us, UTC]")
    offset = mails["offset"].astype("Float64").astype("Int16")
    bare = mails["naive"].notna().to_numpy()
    if bare.any():
        where = files[int(mails.loc[bare, "file"].iloc[0])].name
        stamps = parse_stamps(
            pd.Series(pd.to_datetime(mails["naive"])), source.tz, f"{where}, header 'Date' of {int(bare.sum())} mails"
        )
        utc, offset = utc.where(pd.Series(~bare), stamps.utc), offset.where(pd.Series(~bare), stamps.offset)
    if source.tz is not None:
        offset = offset.fillna(local_offset(utc, source.tz))
    mails["utc"], mails["offset"] = utc, offset


def _duplicates(mails: pd.DataFrame, ledgers: list[FileLedger]) -> None:
    """The same mail twice (inbox and archive) differs in transport headers only."""
    ids = np.concatenate([ledger.ids for ledger in ledgers])
    usable = mails["message_id"].notna()
    first = mails[usable].groupby("print", sort=False).cumcount() > 0
    original = mails[usable].reset_index().groupby("print", sort=False)["index"].transform("first").to_numpy()
    twice = first.to_numpy()
    at = np.flatnonzero(usable.to_numpy())[twice]
    for k, ledger in enumerate(ledgers):
        mine = (mails["file"].to_numpy()[at]) == k
        ledger.duplicate(
            mails["seq"].to_numpy()[at[mine]], ids[original[twice][mine]], "the same mail was there before"
        )


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


def _events(mails: pd.DataFrame, ledger: FileLedger, source: SourceSettings) -> pd.DataFrame:
    at = mails["seq"].to_numpy(dtype=np.int64)
    automatic = mails["status"].isin(["auto-reply", "robot", "bulk"])
    word = mails["status"].where(automatic, pd.Series(np.where(mails["is_reply"], "reply", ""), index=mails.index))
    side = mails["direction"].map({"outbound": "mail sent", "internal": "mail among colleagues"}).fillna("mail")
    label = side.where(word == "", side + ": " + word)
    return events_table(
        ledger, at,
        {
            "timestamp": mails["utc"], "utc_offset": mails["offset"], "channel": np.full(len(at), "mail", dtype=object),
            "touchpoint": label, "direction": mails["direction"], "wait_s": mails["wait_s"].astype("Float64"),
            "resource": mails["resource"], "queue": mails["queue"], "owner_mined": mails["queue"],
            # a survey about a mail refers to it by its Message-ID
            "case_id": mails["message_id"].astype("str").fillna(mails["id"]), "thread_id": mails["thread"], "text": mails["text"], "automatic": automatic.astype("boolean"),
            "raw_subject": mails["subject"].astype("str"), "raw_status": mails["status"].astype("str"),
        },
        source,
    )  # fmt: skip


def _notes(source: SourceSettings, counts: Counter[str], study: Study) -> tuple[str, ...]:
    said = {
        "received": "mails have no readable Date; their Received header dates them",
        "from": "mails have no readable Date; their From_ line dates them",
        "naive": f"mails carry a clock without a zone; read as {source.tz}",
        "charset": "mails hold bytes that their charset does not; read as Windows-1252",
        "several": "mails go to several outside addresses; the first is taken as the customer",
    }
    notes = [f"source {source.name!r}: {counts[k]} {text}" for k, text in said.items() if counts[k]]
    if not study.company.domains:
        notes.append(f"source {source.name!r}: company.domains is empty, so the direction of mails is unknown")
    return tuple(notes)
