"""Intercom conversations a block at a time: parts are taken out of their lists by Arrow, no object is made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxmining.ingest.contact.grown import (
    NEVER,
    first_of,
    inner,
    long_enough,
    microseconds_of,
    only_lists,
    picked,
    words_of,
)
from cxmining.ingest.files.json_arrow import TEXT

__all__ = ["BOT", "CUSTOMER", "Block", "lay_out", "shape"]

CUSTOMER: Final = ("user", "lead", "contact", "visitor")
BOT: Final = ("bot", "campaign", "operator")
_AUTHOR: Final = {"type": TEXT, "id": TEXT, "email": TEXT, "name": TEXT, "from_ai_agent": TEXT}
_CONTACT: Final = ("id", "external_id", "email", "name", "phone")
_MANY: Final = 10**6


def shape(wanted: Sequence[str]) -> dict[str, Any]:
    """Return what is needed of a conversation."""
    part = {"part_type": TEXT, "body": TEXT, "created_at": TEXT, "author": _AUTHOR, "assigned_to": {"id": TEXT}}
    needed: dict[str, Any] = {
        "id": TEXT, "created_at": TEXT, "updated_at": TEXT, "state": TEXT, "admin_assignee_id": TEXT, "team_assignee_id": TEXT,
        "source": {
            "type": TEXT, "body": TEXT, "subject": TEXT, "delivered_as": TEXT,
            "author": {**_AUTHOR, "external_id": TEXT, "phone": TEXT},
        },
        # a list under another name is refused: it is no text
        "contacts": {"contacts": [dict.fromkeys(_CONTACT, TEXT)], "data": TEXT},
        "conversation_parts": {"conversation_parts": [part], "data": TEXT},
        "conversation_rating": {"rating": TEXT, "remark": TEXT, "created_at": TEXT},
        "statistics": dict.fromkeys(
            ("count_reopens", "count_assignments", "first_admin_reply_at", "first_contact_reply_at"), TEXT
        ),
    }  # fmt: skip
    return needed | {name: TEXT for name in wanted if name not in needed}


@dataclass(frozen=True, eq=False)
class Block:
    """The conversations of a block; positions count from the first record of the block.

    Attributes
    ----------
    size : int
        Records: conversations, parts and ratings.
    at, stop, updated : ndarray of int
        Per conversation its position, the position behind it, and its state's moment.
    key : array of text
    parts : tuple of ndarray
        Position of each part, and of its conversation.
    messages : mapping
        ``at``, ``talk``, ``us``, ``side``, ``text``, ``who``.
    ratings : list of tuple
        Position, conversation's position, moment, rating, remark, key.
    rows : mapping
        Columns of text, one row per conversation.
    """

    size: int
    at: np.ndarray[Any, Any]
    stop: np.ndarray[Any, Any]
    updated: np.ndarray[Any, Any]
    key: Any
    parts: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]
    messages: dict[str, Any]
    ratings: list[tuple[Any, ...]]
    rows: dict[str, Any]


def _sides(author: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return which authors are customers, and which are machines."""
    kind = words_of(inner(author, "type"))
    customer = np.asarray(pc.is_in(kind, pa.array(CUSTOMER, pa.large_string())))
    machine = np.asarray(pc.is_in(kind, pa.array(BOT, pa.large_string())))
    by_agent = inner(author, "from_ai_agent")
    if pa.types.is_boolean(by_agent.type):
        machine = machine | np.asarray(pc.fill_null(by_agent, False))
    return customer, machine & ~customer


def _texts(array: Any) -> Any:
    """Return an array as text when it is one, or holds nothing at all."""
    return array if pa.types.is_string(array.type) or array.null_count == len(array) else None


def lay_out(
    table: Any,
    tz: ZoneInfo | None,
    where: str,
    start: int,
    plain: Callable[[str | None], str | None],
    wanted: Sequence[str],
) -> Block | None:
    """Return the conversations of a table; nothing when one of them is to be looked at by itself.

    `start` is the position of the first record in its file, `plain` makes text of HTML.
    """
    record = {name: table.column(name).chunk(0) for name in table.column_names}
    n = table.num_rows
    lists = inner(record["conversation_parts"], "conversation_parts")
    people = inner(record["contacts"], "contacts")
    part, contact = only_lists(lists), only_lists(people)
    key, begun = words_of(record["id"]), microseconds_of(record["created_at"], tz, where)
    if part is None or contact is None or key.null_count or (begun == NEVER).any():
        return None
    n_parts, n_contacts = long_enough(lists), long_enough(people)
    rating = words_of(inner(record["conversation_rating"], "rating"))
    rated = np.asarray(pc.is_valid(rating))
    size = 1 + n_parts + rated
    at = start + np.cumsum(size) - size
    of = np.repeat(np.arange(n), n_parts)
    place = at[of] + 1 + np.arange(len(part)) - np.repeat(np.cumsum(n_parts) - n_parts, n_parts)
    source, author, writer = record["source"], inner(record["source"], "author"), inner(part, "author")
    began, by_bot = _sides(author)
    customer, machine = _sides(writer)
    named = {
        name: (_texts(inner(author, name)), _texts(inner(writer, name)), _texts(inner(contact, name)))
        for name in ("email", "name")
    }
    if any(column is None for columns in named.values() for column in columns):
        return None
    # what was said: the conversation's own message, then its parts that are messages
    body, moment = words_of(inner(part, "body")), microseconds_of(inner(part, "created_at"), tz, where)
    note = pc.match_substring(words_of(inner(part, "part_type")), "note")
    said = np.flatnonzero(np.asarray(pc.is_valid(body)) & ~np.asarray(pc.fill_null(note, False)) & (moment != NEVER))
    where_said = np.concatenate([at, place[said]])
    order = np.argsort(where_said, kind="stable")
    by_customer = np.concatenate([began, customer[said]])[order]
    by_machine = np.concatenate([by_bot, machine[said]])[order]
    bodies = pa.concat_arrays([words_of(inner(source, "body")), body.take(pa.array(said))]).take(pa.array(order))
    who = pa.concat_arrays([words_of(inner(author, "id")), words_of(inner(writer, "id")).take(pa.array(said))])
    sides = pa.array(["customer", "bot", "person"], pa.large_string())
    messages = {
        "at": where_said[order], "talk": np.concatenate([at, at[of[said]]])[order],
        "us": np.concatenate([begun, moment[said]])[order],
        "side": sides.take(pa.array(np.where(by_customer, 0, np.where(by_machine, 1, 2)))),
        # what we wrote is counted and timed, never kept
        "text": _plain(pc.if_else(pa.array(by_customer), bodies, pa.scalar(None, pa.large_string())), plain),
        "who": who.take(pa.array(order)),
    }  # fmt: skip
    updated = microseconds_of(record["updated_at"], tz, where)
    # who it is with: the first contact, else the customer who began
    head = np.where(n_contacts > 0, np.cumsum(n_contacts) - n_contacts, -1)
    alone = pa.array((head < 0) & began)
    none = pa.scalar(None, pa.large_string())
    first = {
        name: pc.if_else(alone, words_of(inner(author, name)), picked(words_of(inner(contact, name)), head))
        for name in ("id", "external_id", "phone")
    }
    wrote = first_of(of, customer, n)
    written = {}
    for name, (own, theirs, listed) in named.items():
        own, theirs, listed = (column.cast(pa.large_string()) for column in (own, theirs, listed))
        known = pc.if_else(pa.array(began), own, picked(theirs, wrote))
        known = pc.if_else(pc.equal(known, ""), none, known)
        written[name] = pc.coalesce(known, pc.if_else(alone, own, picked(listed, head)))
    statistics = record["statistics"]
    rows: dict[str, Any] = {
        "talk": _numbers(at), "id": key, "start": _numbers(begun), "channel": words_of(inner(source, "type")),
        "subject": _plain(words_of(inner(source, "subject")), plain), "state": words_of(record["state"]),
        "via": words_of(inner(source, "delivered_as")), "team": words_of(record["team_assignee_id"]),
        "assignee": words_of(record["admin_assignee_id"]), "parts": _numbers(n_parts), "rating": rating,
        "reopenings": _numbers(_reopened(_counted(inner(statistics, "count_reopens")), part, of, n_parts)),
        "hand_overs": _numbers(_handed(_counted(inner(statistics, "count_assignments")), part, of, n_parts)),
        "replied": _replied(statistics, begun, n_parts, tz, where),
        "device": pc.binary_join_element_wise(pa.scalar("intercom contact", pa.large_string()), first["id"], pa.scalar(" ", pa.large_string())),
        "account": first["external_id"], "phone": first["phone"], **written,
        **{f"extra {name}": words_of(record[name]) for name in wanted},
    }  # fmt: skip
    return Block(
        int(size.sum()), at, at + size, np.where(updated == NEVER, -1, updated), key, (place, at[of]), messages,
        _ratings(record["conversation_rating"], rated, at, n_parts, begun, key, tz, where), rows,
    )  # fmt: skip


def _plain(texts: Any, plain: Callable[[str | None], str | None]) -> Any:
    """Return HTML as text, each different one once."""
    coded = texts.dictionary_encode()
    return pa.array([plain(v) for v in coded.dictionary.to_pylist()], pa.large_string()).take(coded.indices)


def _numbers(values: np.ndarray[Any, Any]) -> Any:
    """Return whole numbers as text; `NEVER` is missing."""
    return pc.cast(pa.array(values, mask=values == NEVER), pa.large_string())


def _counted(array: Any) -> np.ndarray[Any, Any]:
    """Return counts that can be true; `NEVER` where there is none."""
    if not pa.types.is_integer(array.type):
        return np.full(len(array), NEVER)
    count = np.asarray(pc.fill_null(array, -1))
    return np.where((count >= 0) & (count < _MANY), count, NEVER)


def _reopened(
    counted: np.ndarray[Any, Any], part: Any, of: np.ndarray[Any, Any], n_parts: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return how often each was opened after it was closed, where the statistics do not say it."""
    if not ((counted == NEVER) & (n_parts > 0)).any():
        return counted
    kind = words_of(inner(part, "part_type"))
    closed = np.asarray(pc.fill_null(pc.equal(kind, "close"), False))
    opened = np.asarray(pc.fill_null(pc.equal(kind, "open"), False))
    first = first_of(of, closed, len(n_parts))
    again = opened & (first[of] >= 0) & (np.arange(len(of)) > first[of])
    by_parts = np.bincount(of[again], minlength=len(n_parts))
    return np.where((counted == NEVER) & (n_parts > 0), by_parts, counted)


def _handed(
    counted: np.ndarray[Any, Any], part: Any, of: np.ndarray[Any, Any], n_parts: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return how often each was given to another, by its parts, else by the statistics."""
    out = np.where(counted != NEVER, np.maximum(counted - 1, 0), np.where(n_parts > 0, 0, NEVER))
    coded = words_of(inner(part, "assigned_to", "id")).dictionary_encode()
    to = np.asarray(pc.fill_null(coded.indices, -1))
    given = np.flatnonzero(to >= 0)
    if len(given):
        who, talk = to[given], of[given]
        moved = (who[1:] != who[:-1]) & (talk[1:] == talk[:-1])
        out[talk] = 0
        out += np.bincount(talk[1:][moved], minlength=len(out))
    return out


def _replied(
    statistics: Any, begun: np.ndarray[Any, Any], n_parts: np.ndarray[Any, Any], tz: ZoneInfo | None, where: str
) -> Any:
    """Return the seconds to the first reply of conversations that came without their parts."""
    out: list[str | None] = [None] * len(begun)
    at = np.flatnonzero(n_parts == 0)
    if len(at):
        chosen = statistics.take(pa.array(at))
        reply = microseconds_of(inner(chosen, "first_admin_reply_at"), tz, where)
        asked = microseconds_of(inner(chosen, "first_contact_reply_at"), tz, where)
        asked = np.where((asked == NEVER) | (asked == 0), begun[at], asked)
        for i in np.flatnonzero((reply != NEVER) & (reply >= asked)).tolist():
            out[at[i]] = str((int(reply[i]) - int(asked[i])) / 1e6)
    return pa.array(out, pa.large_string())


def _ratings(
    given: Any,
    rated: np.ndarray[Any, Any],
    at: np.ndarray[Any, Any],
    n_parts: np.ndarray[Any, Any],
    begun: np.ndarray[Any, Any],
    key: Any,
    tz: ZoneInfo | None,
    where: str,
) -> list[tuple[Any, ...]]:
    some = np.flatnonzero(rated)
    chosen = given.take(pa.array(some))
    when = microseconds_of(inner(chosen, "created_at"), tz, where)
    when = np.where(when == NEVER, begun[some], when)
    remark, score = (words_of(inner(chosen, name)).to_pylist() for name in ("remark", "rating"))
    return list(
        zip(
            (at[some] + 1 + n_parts[some]).tolist(), at[some].tolist(), when.tolist(), score, remark,
            key.take(pa.array(some)).to_pylist(), strict=True,
        )
    )  # fmt: skip
