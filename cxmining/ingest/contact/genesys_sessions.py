"""Genesys conversations laid flat: sessions and segments as columns, a few conversations at a time.

Of each conversation remain numbers (moments, codes of queues and kinds); what a contact is made of is then reckoned
for all of a file at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cxmining.ingest.contact.columns import column_of, objects, uncollected
from cxmining.ingest.contact.common import Rows, children, microseconds, word
from cxmining.ingest.contact.genesys_blocks import SHAPE, Block, lay_out
from cxmining.ingest.contact.grown import NEVER
from cxmining.ingest.contact.moments import fixed
from cxmining.ingest.files.json_arrow import Layout
from cxmining.ingest.files.json_records import Batch

__all__ = ["AGENT", "BESIDE", "NEVER", "SURVEY_COLUMNS", "Codes", "Flat"]

AGENT: Final = ("agent", "user")
BESIDE: Final = ("cobrowse", "screenshare", "screenmonitoring", "video")
SURVEY_COLUMNS: Final = (
    "surveyPromoterScore", "oSurveyTotalScore", "surveyId", "surveyFormId", "surveyFormName", "surveyStatus",
    "surveyCompletedDate", "eventTime", "conversation",
)  # fmt: skip
_OWN: Final = ("phone", "email", "device", "name", "account", "direction", "mediaType", "selfServed")


class Codes:
    """Words as small numbers, -1 for none; a word is held once."""

    def __init__(self, words: tuple[str, ...] = ()) -> None:
        self.of: dict[Any, int] = {w: i for i, w in enumerate(words)}

    def code(self, values: list[Any]) -> np.ndarray[Any, Any]:
        """Return the code of each value; what is neither text nor number has none."""
        of = self.of
        try:
            return np.array([-1 if v is None else of[v] for v in values], dtype=np.int32)
        except (KeyError, TypeError):
            out = []
            for v in values:
                text = word(v)
                out.append(-1 if text is None else of.setdefault(text, len(of)))
            return np.array(out, dtype=np.int32)

    def code_of(self, texts: Any) -> np.ndarray[Any, Any]:
        """Return the code of each of Arrow's texts; a missing one has none."""
        coded = texts.dictionary_encode()
        codes = np.append(self.code(coded.dictionary.to_pylist()), np.int32(-1))
        return np.asarray(codes[np.asarray(pc.fill_null(coded.indices, len(codes) - 1))])

    def words(self) -> np.ndarray[Any, Any]:
        """Return the words by code; behind them nothing, for -1."""
        return np.array([*self.of, None], dtype=object)


@dataclass
class Flat:
    """The conversations of one file, as arrays grown batch by batch.

    Positions number the records of the ledger: sessions, then surveys, conversation by conversation; a record that
    is none, or a conversation without either, is one.
    """

    where: str
    tz: ZoneInfo | None
    wanted: tuple[str, ...]
    account: str
    rejected: dict[str, list[int]] = field(default_factory=dict)
    begins: list[int] = field(default_factory=list)
    n: int = 0
    n_sessions: int = 0
    conversations: int = 0
    keys: list[str | None] = field(default_factory=list)
    several: dict[int, tuple[list[Any], list[Any]]] = field(default_factory=dict)
    """Of conversations with more than one session of the customer: the ids of sessions, and of their peers."""
    odd: list[tuple[int, str]] = field(default_factory=list)
    parts: dict[str, list[np.ndarray[Any, Any]]] = field(default_factory=dict)
    held: dict[str, list[Any]] = field(default_factory=dict)
    surveys: Rows = field(default_factory=lambda: Rows(SURVEY_COLUMNS))
    survey_at: list[int] = field(default_factory=list)
    survey_of: list[int] = field(default_factory=list)
    purposes: Codes = field(default_factory=Codes)
    media: Codes = field(default_factory=Codes)
    kinds: Codes = field(default_factory=Codes)
    users: Codes = field(default_factory=Codes)
    queues: Codes = field(default_factory=Codes)
    queue_names: Codes = field(default_factory=Codes)
    wraps: Codes = field(default_factory=Codes)

    def __post_init__(self) -> None:
        self.own = Rows((*_OWN, *(f"extra {a}" for a in self.wanted)))
        self._layout = Layout(SHAPE)

    def add_batch(self, batch: Batch) -> None:
        """Take the conversations of a batch."""
        # what attributes stand in a conversation and what in its customer, only the conversation itself knows
        table = None if self.wanted or self.account else self._layout.table(batch)
        block = lay_out(table, self.tz, self.where) if table is not None else None
        if block is not None:
            self._add_block(block, batch)
            return
        if batch.refuse is not None and not all(type(v) is dict for v in batch.values()):
            batch.refuse()
            return
        with uncollected():
            for records, bad in objects(batch):
                if bad:
                    self._with_broken(records, bad)
                else:
                    self.add(records)
            self._settle()

    def _add_block(self, block: Block, batch: Batch) -> None:
        """Take the conversations of a block that Arrow laid out."""
        n_conv, first = len(block.key), self.conversations
        self.conversations += n_conv
        size = np.maximum(block.sessions + block.surveys, 1)
        begin = self.n + np.cumsum(size) - size
        self.n += int(size.sum())
        self.begins += begin.tolist()
        self.keys += block.key
        conv = block.conversation
        nth = np.arange(len(conv)) - np.searchsorted(conv, conv)
        self._put(
            conv_begin=begin, conv_size=size, conv_sessions=block.sessions, conv_start=block.start, conv_end=block.end,
            conversation=conv + first, place=begin[conv] + nth, moved=block.moved, own=block.own + self.n_sessions,
            purpose=self.purposes.code_of(block.words["purpose"]), media=self.media.code_of(block.words["media"]),
            user=self.users.code_of(block.words["user"]), queue_name=self.queue_names.code_of(block.words["queue_name"]),
            seg_session=block.of + self.n_sessions, seg_start=block.begin, seg_end=block.stop,
            seg_kind=self.kinds.code_of(block.segments["kind"]), seg_queue=self.queues.code_of(block.segments["queue"]),
            seg_wrap=self.wraps.code_of(block.segments["wrap"]),
        )  # fmt: skip
        self.own.extend(block.rows, len(block.own))
        beside = pc.is_in(block.words["media"].take(pa.array(block.own)), pa.array(BESIDE, pa.large_string()))
        mains = np.bincount(conv[block.own][~np.asarray(beside)], minlength=n_conv)
        for c in np.flatnonzero(mains > 1).tolist():
            low, high = np.searchsorted(conv, c), np.searchsorted(conv, c, side="right")
            self.several[first + c] = block.ids(int(low), int(high))
        self.n_sessions += len(conv)
        place = (begin + block.sessions).tolist()
        for i in np.flatnonzero(block.surveys).tolist():
            self._surveys(batch.record(i), place[i], first + i, block.key[i])

    def _surveys(self, record: Mapping[str, Any], place: int, conversation: int, key: str | None) -> None:
        """Take the surveys of a conversation."""
        for k, survey in enumerate(children(record, "surveys")):
            when = {c: microseconds(survey.get(c), self.tz, self.where) for c in ("surveyCompletedDate", "eventTime")}
            self.survey_at.append(place + k)
            self.survey_of.append(conversation)
            self.surveys.add({**survey, **when, "conversation": key})

    def _with_broken(self, records: list[Any], bad: Mapping[int, str]) -> None:
        for i, record in enumerate(records):
            if i in bad:
                self.begins.append(self.n)
                self.rejected.setdefault(bad[i], []).append(self.n)
                self.n += 1
            else:
                self.add([record])

    def _put(self, **arrays: Any) -> None:
        for name, values in arrays.items():
            self.parts.setdefault(name, []).append(np.asarray(values))

    def _hold(self, **stamps: list[Any]) -> None:
        """Keep stamps until the batch is at its end: many are read as fast as few."""
        for name, values in stamps.items():
            self.held.setdefault(name, []).extend(values)

    def _settle(self) -> None:
        for name, values in self.held.items():
            self._put(**{name: self._moments(values)})
        self.held.clear()

    def take(self, name: str, dtype: Any = np.int64) -> np.ndarray[Any, Any]:
        """Return a column and let go of its parts."""
        parts = self.parts.pop(name, [])
        return np.concatenate(parts).astype(dtype, copy=False) if parts else np.zeros(0, dtype=dtype)

    def add(self, records: list[dict[str, Any]]) -> None:
        """Take conversations."""
        people, of_record = _lists(records, "participants")
        raws, of_person = _lists(people, "sessions")
        segments, of_session = _lists(raws, "segments")
        of_survey = _lists(records, "surveys")[1]
        first = self.conversations
        self.conversations += len(records)
        person = np.repeat(np.arange(len(people)), of_person)
        conversation = np.repeat(np.arange(len(records)), of_record)[person]
        n_sessions = np.bincount(conversation, minlength=len(records))
        n_surveys = np.array(of_survey, dtype=np.int64)
        size = np.maximum(n_sessions + n_surveys, 1)
        begin = self.n + np.cumsum(size) - size
        self.n += int(size.sum())
        self.begins += begin.tolist()
        keys = [word(r.get("conversationId")) for r in records]
        self.keys += keys
        self._put(conv_begin=begin, conv_size=size, conv_sessions=n_sessions)
        self._hold(
            conv_start=[r.get("conversationStart") for r in records],
            conv_end=[r.get("conversationEnd") for r in records],
        )
        self._sessions(first, begin, conversation, person.tolist(), people, raws, records)
        self._segments(np.repeat(np.arange(len(raws)), of_session), segments)
        self.n_sessions += len(raws)
        place = (begin + n_sessions).tolist()
        for i in np.flatnonzero(n_surveys).tolist():
            self._surveys(records[i], place[i], first + i, keys[i])

    def _sessions(
        self,
        first: int,
        begin: np.ndarray[Any, Any],
        conversation: np.ndarray[Any, Any],
        person: list[int],
        people: list[dict[str, Any]],
        raws: list[dict[str, Any]],
        records: list[dict[str, Any]],
    ) -> None:
        who = [people[i] for i in person]
        purposes = [p.get("purpose") for p in who]
        media = [r.get("mediaType") for r in raws]
        nth = np.arange(len(raws)) - np.searchsorted(conversation, conversation)
        place = begin[conversation] + nth
        users = [p.get("userId") for p in who]
        self.odd += [(self.n_sessions + i, "userId") for i, v in enumerate(users) if type(v) in (list, dict) and v]
        names = [p.get("participantName") if u == "acd" else None for u, p in zip(purposes, who, strict=True)]
        moved = [_transferred(r) if u == "agent" or u == "user" else -1.0 for u, r in zip(purposes, raws, strict=True)]
        own = [i for i, u in enumerate(purposes) if u == "customer" or u == "external"]
        self._put(
            conversation=conversation + first, place=place, purpose=self.purposes.code(purposes),
            media=self.media.code(media), user=self.users.code(users), queue_name=self.queue_names.code(names),
            moved=np.array(moved, dtype=float), own=np.array(own, dtype=np.int64) + self.n_sessions,
        )  # fmt: skip
        mains: dict[int, int] = {}
        conv = conversation.tolist()
        for i in own:
            mains[conv[i]] = mains.get(conv[i], 0) + (media[i] not in BESIDE)
            self._own(raws[i], who[i], media[i], records[conv[i]])
        for c, several in mains.items():
            if several > 1:
                mine = np.flatnonzero(conversation == c).tolist()
                ids, peers = ([word(raws[i].get(k)) for i in mine] for k in ("sessionId", "peerId"))
                self.several[first + c] = (ids, peers)

    def _own(self, raw: Mapping[str, Any], who: Mapping[str, Any], media: Any, record: Mapping[str, Any]) -> None:
        """Keep what a session of the customer says about who it is."""
        direction = word(raw.get("direction")) or word(record.get("originatingDirection"))
        outbound = direction == "outbound"
        theirs = raw.get("addressTo" if outbound else "addressFrom") or raw.get("addressOther")
        numbers = raw.get("callbackNumbers")
        number = raw.get("dnis" if outbound else "ani") or (
            numbers[0] if isinstance(numbers, list) and numbers else None
        )
        mail = media == "email"
        contact, name = word(who.get("externalContactId")), word(who.get("participantName"))
        row = {
            "phone": number if number else None if mail else theirs, "email": theirs if mail else None,
            "device": f"genesys contact {contact}" if contact else None, "direction": direction,
            "mediaType": media, "selfServed": record.get("selfServed"),
            # what a line without a known caller is called ("Utrecht, Netherlands") is nobody's name
            "name": name if name and "," not in name and not any(c.isdigit() for c in name) else None,
        }  # fmt: skip
        if self.wanted or self.account:
            attributes = who.get("attributes")
            values = {**(attributes if isinstance(attributes, dict) else {}), **record}
            row |= {f"extra {a}": values.get(a) for a in self.wanted}
            row["account"] = values.get(self.account) if self.account else None
        self.own.add(row)

    def _segments(self, session: np.ndarray[Any, Any], segments: list[dict[str, Any]]) -> None:
        self._hold(seg_start=[s.get("segmentStart") for s in segments], seg_end=[s.get("segmentEnd") for s in segments])
        wraps = [s.get("wrapUpCode") for s in segments]
        if not set(map(type, wraps)) <= {str, type(None)}:
            odd = [i for i, v in enumerate(wraps) if type(v) in (list, dict) and v]
            self.odd += [(self.n_sessions + int(session[i]), "wrapUpCode") for i in odd]
        self._put(
            seg_session=session + self.n_sessions,
            seg_kind=self.kinds.code([s.get("segmentType") for s in segments]),
            seg_queue=self.queues.code([s.get("queueId") for s in segments]),
            seg_wrap=self.wraps.code(wraps),
        )  # fmt: skip

    def _moments(self, values: list[Any]) -> np.ndarray[Any, Any]:
        """Return stamps as microseconds since 1970; `NEVER` where there is none."""
        try:
            text = pa.array(values, pa.large_string())
        except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
            text, _ = column_of([v if isinstance(v, str) else None for v in values])
        micro, done, _ = fixed(text)
        out = np.where(done, micro, NEVER)
        for i in np.flatnonzero(~done).tolist():
            if values[i] is not None:
                found = microseconds(values[i], self.tz, self.where)
                out[i] = NEVER if found is None else found
        return out


def _lists(rows: list[dict[str, Any]], name: str) -> tuple[list[dict[str, Any]], list[int]]:
    """Return the objects in the lists that a field holds, one list behind the other, and how long each is."""
    lists = [r.get(name) for r in rows]
    kinds = set(map(type, lists))
    if kinds <= {list, type(None)}:
        flat = [x for v in lists if v for x in v]
        if set(map(type, flat)) <= {dict}:
            return flat, [len(v) if v else 0 for v in lists]
    found = [[dict(v) for v in children(row, name)] for row in rows]
    return [x for v in found for x in v], [len(v) for v in found]


def _transferred(raw: Mapping[str, Any]) -> float:
    """Return how often the system itself says that a session was transferred; -1 when it does not say."""
    total, known = 0.0, False
    for m in children(raw, "metrics"):
        if m.get("name") == "nTransferred":
            v = m.get("value")
            if isinstance(v, int | float) and not isinstance(v, bool) and 0 <= v < 1e12:
                total, known = total + v, True
    return total if known else -1.0
