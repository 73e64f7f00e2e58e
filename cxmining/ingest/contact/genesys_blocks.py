"""Genesys conversations a block at a time: sessions and segments are taken out of their lists by Arrow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxmining.ingest.contact.grown import NEVER, inner, long_enough, microseconds_of, only_lists, words_of
from cxmining.ingest.contact.moments import fixed, microseconds
from cxmining.ingest.files.json_arrow import NUMBER, TEXT

__all__ = ["SHAPE", "Block", "lay_out"]

_ADDRESSES: Final = ("dnis", "ani", "addressTo", "addressFrom", "addressOther")
_SESSION: Final = {
    **dict.fromkeys(("mediaType", "direction", "sessionId", "peerId", *_ADDRESSES), TEXT), "callbackNumbers": [TEXT],
    "segments": [dict.fromkeys(("segmentStart", "segmentEnd", "segmentType", "queueId", "wrapUpCode"), TEXT)],
    "metrics": [{"name": TEXT, "value": NUMBER}],
}  # fmt: skip
SHAPE: Final[dict[str, Any]] = {
    **dict.fromkeys(("conversationId", "conversationStart", "conversationEnd", "originatingDirection", "selfServed"), TEXT),
    "participants": [
        {
            **dict.fromkeys(("purpose", "userId", "participantName", "externalContactId"), TEXT),
            "sessions": [_SESSION],
        }
    ],
    "surveys": [{}],
}  # fmt: skip
"""What is needed of a conversation; a survey is read by itself."""


@dataclass(frozen=True, eq=False)
class Block:
    """The conversations of a block.

    Attributes
    ----------
    sessions, surveys : ndarray of int
        How many each conversation has.
    key : list
        Conversations' ids.
    start, end : ndarray of int
        When each began and ended, `NEVER` where it is not said.
    conversation : ndarray of int
        Per session its conversation.
    words : mapping
        Texts per session: ``purpose``, ``media``, ``user``, ``queue_name``.
    moved : ndarray of float
        How often the system says a session was transferred; -1 where it does not.
    own : ndarray of int
        The sessions of customers.
    rows : mapping
        What those say about who it is, columns of text.
    of, begin, stop, segments
        Per segment its session and moments, and texts ``kind``, ``queue``, ``wrap``.
    ids : callable
        From and to session → ids of those sessions and of their peers.
    """

    sessions: np.ndarray[Any, Any]
    surveys: np.ndarray[Any, Any]
    key: list[str | None]
    start: np.ndarray[Any, Any]
    end: np.ndarray[Any, Any]
    conversation: np.ndarray[Any, Any]
    words: dict[str, Any]
    moved: np.ndarray[Any, Any]
    own: np.ndarray[Any, Any]
    rows: dict[str, Any]
    of: np.ndarray[Any, Any]
    begin: np.ndarray[Any, Any]
    stop: np.ndarray[Any, Any]
    segments: dict[str, Any]
    ids: Callable[[int, int], tuple[list[Any], list[Any]]]


def lay_out(table: Any, tz: ZoneInfo | None, where: str) -> Block | None:
    """Return the conversations of a table; nothing when one of them is to be looked at by itself."""
    record = {name: table.column(name).chunk(0) for name in table.column_names}
    n = table.num_rows
    people, asked = only_lists(record["participants"]), only_lists(record["surveys"])
    session = only_lists(inner(people, "sessions")) if people is not None else None
    if people is None or asked is None or session is None:
        return None
    segment, metric = only_lists(inner(session, "segments")), only_lists(inner(session, "metrics"))
    if segment is None or metric is None:
        return None
    person = np.repeat(np.arange(len(people)), long_enough(inner(people, "sessions")))
    conversation = np.repeat(np.arange(n), long_enough(record["participants"]))[person]
    who = pa.array(person)
    purpose = words_of(inner(people, "purpose"))
    queue = pc.equal(purpose, "acd")
    named = pc.if_else(pc.fill_null(queue, False), words_of(inner(people, "participantName")), _NONE)
    purpose = purpose.take(who)
    customer = np.asarray(pc.fill_null(pc.is_in(purpose, pa.array(["customer", "external"], pa.large_string())), False))
    agent = np.asarray(pc.fill_null(pc.is_in(purpose, pa.array(["agent", "user"], pa.large_string())), False))
    own = np.flatnonzero(customer)
    media = words_of(inner(session, "mediaType"))
    rows = _rows(record, people, session, media, own, person, conversation)
    if rows is None:
        return None
    of = np.repeat(np.arange(len(session)), long_enough(inner(session, "segments")))
    return Block(
        np.bincount(conversation, minlength=n), long_enough(record["surveys"]), words_of(record["conversationId"]).to_pylist(),
        _moments(record["conversationStart"], tz, where), _moments(record["conversationEnd"], tz, where), conversation,
        {"purpose": purpose, "media": media, "user": words_of(inner(people, "userId")).take(who), "queue_name": named.take(who)},
        _moved(session, metric, agent), own, rows, of, _moments(inner(segment, "segmentStart"), tz, where),
        _moments(inner(segment, "segmentEnd"), tz, where),
        {name: words_of(inner(segment, theirs)) for name, theirs in _SEGMENT.items()},
        lambda low, high: tuple(words_of(inner(session, k)[low:high]).to_pylist() for k in ("sessionId", "peerId")),
    )  # fmt: skip


_SEGMENT: Final = {"kind": "segmentType", "queue": "queueId", "wrap": "wrapUpCode"}
_NONE: Final = pa.scalar(None, pa.large_string())


def _moments(array: Any, tz: ZoneInfo | None, where: str) -> np.ndarray[Any, Any]:
    """Return stamps as microseconds since 1970; `NEVER` where there is none."""
    if not pa.types.is_string(array.type):
        return microseconds_of(array, tz, where)
    text = array.cast(pa.large_string())
    micro, done, _ = fixed(text)
    out = np.where(done, micro, NEVER)
    rest = np.flatnonzero(~done & np.asarray(pc.is_valid(text)))
    for i, value in zip(rest.tolist(), text.take(pa.array(rest)).to_pylist(), strict=True):
        found = microseconds(value, tz, where)
        out[i] = NEVER if found is None else found
    return out


def _moved(session: Any, metric: Any, agent: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return how often the system itself says that an agent's session was transferred; -1 where it does not."""
    of = np.repeat(np.arange(len(session)), long_enough(inner(session, "metrics")))
    told = np.asarray(pc.fill_null(pc.equal(words_of(inner(metric, "name")), "nTransferred"), False))
    value = np.asarray(pc.fill_null(inner(metric, "value"), -1.0))
    told &= (value >= 0) & (value < 1e12)
    total = np.bincount(of[told], weights=value[told], minlength=len(session))
    known = np.bincount(of[told], minlength=len(session)) > 0
    return np.where(agent & known, total, -1.0)


def _rows(
    record: dict[str, Any],
    people: Any,
    session: Any,
    media: Any,
    own: np.ndarray[Any, Any],
    person: np.ndarray[Any, Any],
    conversation: np.ndarray[Any, Any],
) -> dict[str, Any] | None:
    """Return what sessions of customers say about who it is."""
    chosen, who, about = session.take(pa.array(own)), people.take(pa.array(person[own])), pa.array(conversation[own])
    given: dict[str, Any] = {}
    for name in _ADDRESSES:
        text = inner(chosen, name)
        if not pa.types.is_string(text.type) and text.null_count < len(text):
            return None  # a number that is nought is no number of anybody's
        given[name] = _filled(text.cast(pa.large_string()))
    listed = inner(chosen, "callbackNumbers")
    flat = listed.flatten()
    lengths = long_enough(listed)
    head = np.where(lengths > 0, np.cumsum(lengths) - lengths, -1)
    back = _filled(words_of(flat).take(pa.array(head, mask=head < 0)))
    direction = pc.coalesce(words_of(inner(chosen, "direction")), words_of(record["originatingDirection"].take(about)))
    outbound = pc.fill_null(pc.equal(direction, "outbound"), False)
    theirs = pc.coalesce(pc.if_else(outbound, given["addressTo"], given["addressFrom"]), given["addressOther"])
    number = pc.coalesce(pc.if_else(outbound, given["dnis"], given["ani"]), back)
    media = media.take(pa.array(own))
    mail = pc.fill_null(pc.equal(media, "email"), False)
    contact = words_of(inner(who, "externalContactId"))
    return {
        "phone": pc.coalesce(number, pc.if_else(mail, _NONE, theirs)), "email": pc.if_else(mail, theirs, _NONE),
        "device": pc.binary_join_element_wise(
            pa.scalar("genesys contact", pa.large_string()), contact, pa.scalar(" ", pa.large_string())
        ),
        "direction": direction, "mediaType": media, "selfServed": words_of(record["selfServed"].take(about)),
        "name": _names(words_of(inner(who, "participantName"))),
    }  # fmt: skip


def _filled(text: Any) -> Any:
    """Return texts; empty ones are missing."""
    return pc.if_else(pc.equal(text, ""), _NONE, text)


def _names(text: Any) -> Any:
    """Return names; what a line without a known caller is called ("Utrecht, Netherlands") is nobody's."""
    coded = text.dictionary_encode()
    said = [
        name if "," not in name and not any(c.isdigit() for c in name) else None
        for name in coded.dictionary.to_pylist()
    ]
    return pa.array(said, pa.large_string()).take(coded.indices)
