"""Whether a person wrote a mail, or which machine did."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from cxmining.ingest.mail.message import Mail

__all__ = ["MACHINES", "QUEUES", "is_outlook", "status_of"]

QUEUES: Final = frozenset((
    "info", "service", "klantenservice", "klantcontact", "support", "help", "helpdesk", "contact", "facturen",
    "facturatie", "factuur", "billing", "invoices", "administratie", "incasso", "klachten", "klacht", "complaints",
    "sales", "verkoop", "verhuizen", "meterstanden", "storing", "storingen", "retour", "returns", "orders",
    "bestellingen", "webshop", "hallo", "hello", "team", "feedback", "opzeggen", "contract", "contracten",
))  # fmt: skip
"""Local parts of own addresses that are queues rather than people."""
_AUTO_SUBJECT: Final = re.compile(
    r"^(?:automatisch(?:e)? (?:antwoord|beantwoording|reactie|bericht)|automatic (?:reply|response)|auto(?:matische|mated)?[ -]?(?:reply|response|antwoord)|"
    r"(?:re: )?out[ -]of[ -](?:the )?office|afwezigheids(?:assistent|bericht|melding)|afwezig(?:heid)?(?:[ \t]*[:–-]|$)|(?:ik|i) (?:ben|am) (?:afwezig|niet aanwezig|out of (?:the )?office)|"
    r"niet aanwezig[ \t]*(?::|$)|autoreply|abwesenheit\w*|automatische antwort|réponse automatique|vacation reply)",
    re.I,
)
_BOUNCE_SUBJECT: Final = re.compile(
    r"^(?:undeliver(?:ed|able)\b|delivery status notification|mail delivery (?:failed|subsystem|status)|returned mail|failure notice|delivery (?:failure|has failed)|"
    r"niet (?:bezorgd|te bestellen)|onbestelbaar|niet[ -]bezorgbaar|unzustellbar|nicht zustellbar)",
    re.I,
)
MACHINES: Final = re.compile(r"^(?:mailer-daemon|postmaster|bounces?|listserv|majordomo|mailman)(?:$|[+._-])", re.I)
"""Local parts of programs that carry mail: they are nobody's customer."""
_ROBOTS: Final = re.compile(
    r"^(?:no-?_?reply|do-?_?not-?_?reply|niet-?beantwoorden|notifications?|automated|noreply\w*)(?:$|[+._-])", re.I
)
_OUTLOOK: Final = tuple(
    f"__{word}".encode("utf-16-le") for word in ("nameid_version1", "substg1", "properties_version1")
)
_CLASS: Final = bytes.fromhex("0b0d020000000000c000000000000046")
_LISTS: Final = ("-request", "-bounces", "-owner", "-admin", "-confirm")


def status_of(mail: Mail, sender: str, subject: str) -> str:
    """Return ``auto-reply``, ``bounce``, ``robot``, ``bulk`` or ``person``.

    RFC 3834 first, then what programs of all ages write.

    Examples
    --------
    >>> from cxmining.ingest.mail.message import parse_mail
    >>> status_of(parse_mail(b"Auto-Submitted: auto-replied"), "jan@a.nl", "Re: Factuur")
    'auto-reply'
    """
    submitted = mail.header("auto-submitted").lower()
    precedence = mail.header("precedence").lower()
    local = sender.partition("@")[0]
    # the report itself before what its headers say: servers mark their bounces "auto-replied" (RFC 3834, 3.1.7)
    if _is_bounce(mail, local, subject):
        return "bounce"
    answers = mail.has("in-reply-to") or mail.has("references")
    if (
        submitted.startswith("auto-replied")
        or precedence == "auto_reply"
        or any(mail.has(h) for h in ("x-autoreply", "x-autorespond", "x-autorespond-to"))
        or _AUTO_SUBJECT.match(subject)
    ):
        return "auto-reply"
    quiet = mail.header("x-auto-response-suppress").lower()
    if quiet and quiet != "none":
        return "auto-reply" if answers else "robot"
    if submitted.startswith("auto-") or _ROBOTS.match(local) or MACHINES.match(local) or local.endswith(_LISTS):
        return "robot"
    if mail.kind == "multipart/report" or mail.header("return-path") == "<>":
        return "robot"
    # a list is where people write to each other: bulk only without one
    if precedence in ("bulk", "junk") and not mail.has("list-id") and not mail.has("list-post"):
        return "bulk"
    if mail.has("list-unsubscribe") and not mail.has("list-post"):
        return "person" if mail.has("in-reply-to") else "bulk"
    return "person"


def _is_bounce(mail: Mail, local: str, subject: str) -> bool:
    if mail.failed or mail.has("x-failed-recipients"):
        return True
    return bool(_BOUNCE_SUBJECT.match(subject)) and (
        mail.kind == "multipart/report" or mail.header("return-path") == "<>" or MACHINES.match(local) is not None
    )


def is_outlook(head: bytes, path: Path) -> bool:
    """Tell an Outlook item from an old Office file: both are compound files ([MS-CFB], [MS-OXMSG]).

    Its folder begins with the class of the item, or lists streams that only Outlook writes.
    """
    if not head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") or len(head) < 52:
        return False
    shift, sector = int.from_bytes(head[30:32], "little"), int.from_bytes(head[48:52], "little")
    if shift not in (9, 12):
        return False
    with path.open("rb") as stream:
        stream.seek((sector + 1) << shift)
        folder = stream.read(1 << shift)
    return _CLASS in folder or any(name in folder for name in _OUTLOOK)
