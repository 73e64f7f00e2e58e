"""By what a contact-centre export is recognised; light, because every file is asked."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["by_columns", "by_fields", "desk_part", "is_chat_line", "zendesk_part"]

# Of a record in JSON: format, fields that must all be there, and what is said about it.
_FIELDS: Final = (
    ("genesys", {"conversationId", "participants"}, "JSON with conversationId and participants"),
    ("connect", {"ContactId", "InitiationTimestamp"}, "JSON with ContactId and InitiationTimestamp"),
    ("twilio", {"sid", "direction", "from", "to", "start_time"}, "JSON with sid, from, to and start_time of calls"),
    ("twilio", {"sid", "conversation_sid"}, "JSON with sid and conversation_sid of Twilio's conversations"),
    ("twilio", {"sid", "chat_service_sid", "state"}, "JSON with chat_service_sid and state of Twilio's conversations"),
    ("intercom", {"conversation_parts"}, "JSON with conversation_parts"),
    (
        "intercom",
        {"source", "contacts", "created_at", "state"},
        "JSON with source, contacts and state of conversations",
    ),
    ("salesforce", {"ChatKey"}, "JSON with the ChatKey of Salesforce chats"),
)
# Of a table's header.
_COLUMNS: Final = (
    ("connect", {"contactid", "initiationtimestamp"}, "has the columns ContactId and InitiationTimestamp"),
    ("twilio", {"parentcallsid", "starttime", "from", "to"}, "has the columns of Twilio calls"),
    ("twilio", {"parentcallid", "forwardedfrom", "starttime", "from", "to"}, "has the columns of Twilio calls"),
    ("twilio", {"sid", "conversationsid"}, "has the columns of messages in Twilio's conversations"),
    ("salesforce", {"chatkey"}, "has the column ChatKey of Salesforce chats"),
)

_TICKET: Final = frozenset({"requester_id", "created_at", "status"})
_USER: Final = frozenset({"role", "email", "name"})


def by_fields(keys: set[str]) -> list[tuple[str, str]]:
    """Return the formats, with the reason, that a JSON record with these fields can be.

    Examples
    --------
    >>> by_fields({"conversationId", "participants", "surveys"})[0][0]
    'genesys'
    """
    found = {name: why for name, needed, why in reversed(_FIELDS) if needed <= keys}
    return list(found.items())


def by_columns(names: set[str]) -> list[tuple[str, str]]:
    """Return the formats, with the reason, that a table with these columns can be.

    Examples
    --------
    >>> by_columns({"Id", "ChatKey"})
    [('salesforce', 'has the column ChatKey of Salesforce chats')]
    """
    bare = {re.sub(r"[^a-z]", "", n.lower()) for n in names}
    found = {name: why for name, needed, why in reversed(_COLUMNS) if needed <= bare}
    return list(found.items())


def desk_part(keys: set[str] | frozenset[str]) -> str:
    """Return ``history``, ``ratings`` or ``groups`` when the fields are those of that part of Zendesk, else ``""``.

    Examples
    --------
    >>> desk_part({"id", "score", "ticket_id", "requester_id"}), desk_part({"id", "name"})
    ('ratings', '')
    """
    if keys >= {"ticket_id", "field_name", "value", "updated"}:
        return "history"
    if keys >= {"score", "ticket_id", "requester_id"}:
        return "ratings"
    return "groups" if keys >= {"id", "name", "deleted"} and not {"email", "role", "domain_names"} & keys else ""


def is_chat_line(line: str) -> bool:
    """Tell whether a line begins as messages in a WhatsApp export do.

    Examples
    --------
    >>> [is_chat_line(t) for t in ("[15-01-20 02:22:56] Mary: hi", "1/2/24, 9:05\u202fPM - Jan: hi", "1,2,3")]
    [True, True, False]
    """
    from cxmining.ingest.contact.whatsapp_lines import header

    return header(line.partition("\n")[0]) is not None


def zendesk_part(keys: set[str] | frozenset[str]) -> str:
    """Return ``tickets``, ``comments`` or ``users`` when the fields are theirs, else ``""``."""
    if keys >= _TICKET:
        return "tickets"
    if "body" in keys and "ticket_id" in keys and {"author_id", "user_id"} & keys and {"created", "created_at"} & keys:
        return "comments"
    if keys >= _USER and "id" in keys:
        return "users"
    return desk_part(keys)
