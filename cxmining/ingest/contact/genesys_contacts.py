"""What a contact is made of, reckoned for all conversations of a file at once: who served it, waits, talk, transfers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.ingest.contact.common import Spans
from cxmining.ingest.contact.genesys_sessions import AGENT, BESIDE, NEVER, Codes, Flat
from cxmining.ingest.records.ledger import FileLedger

__all__ = ["Contacts", "contacts"]

_BOT: Final = ("bot", "botflow", "workflow")
_LATE: Final = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Contacts:
    """The contacts of a file.

    Attributes
    ----------
    frame : DataFrame
        One row per contact, in the order of the records: texts, seconds, ``start`` (µs since 1970).
    at : ndarray of int
        Their positions in the ledger.
    merged : ndarray of int
        Positions of sessions and of the contact that each belongs to, two columns.
    spans : Spans
    main_of : dict of int to int
        Conversation → row of its first contact.
    """

    frame: pd.DataFrame
    at: np.ndarray[Any, Any]
    merged: np.ndarray[Any, Any]
    spans: Spans
    main_of: dict[int, int]


def _any(codes: np.ndarray[Any, Any], of: Codes, words: tuple[str, ...]) -> np.ndarray[Any, Any]:
    return np.isin(codes, [of.of[w] for w in words if w in of.of])


def contacts(flat: Flat, ledger: FileLedger) -> Contacts:
    """Reckon the contacts of a file, and reject the conversations that are none."""
    for why, at in flat.rejected.items():
        ledger.reject(np.array(at, dtype=np.int64), why)
    conv, place, purpose = flat.take("conversation"), flat.take("place"), flat.take("purpose")
    media, user, queue_name, moved = (
        flat.take("media"),
        flat.take("user"),
        flat.take("queue_name"),
        flat.take("moved", float),
    )
    own = flat.take("own")
    begin, size = flat.take("conv_begin"), flat.take("conv_size")
    sessions = flat.take("conv_sessions")
    conv_start, conv_end = flat.take("conv_start"), flat.take("conv_end")
    n, n_conv = len(conv), len(begin)
    seg = _Segments(flat, n)
    start, end = seg.first, seg.last

    # whose sessions are contacts
    customer = _any(purpose, flat.purposes, ("customer",))
    external = _any(purpose, flat.purposes, ("external",))
    with_customer = np.zeros(n_conv, dtype=bool)
    with_customer[conv[customer]] = True
    mine = customer | (external & ~with_customer[conv])
    dated = mine & ((start != NEVER) | (conv_start[conv] != NEVER))
    beside = _any(media, flat.media, BESIDE)
    main = dated & ~beside
    with_main = np.zeros(n_conv, dtype=bool)
    with_main[conv[main]] = True
    spare = np.flatnonzero(dated & ~with_main[conv])
    main[spare[np.unique(conv[spare], return_index=True)[1]]] = True

    # which conversations are none
    keys = np.array(flat.keys, dtype=object)
    keyed = pd.notna(keys)
    people, moment = np.zeros(n_conv, dtype=bool), np.zeros(n_conv, dtype=bool)
    people[conv[mine]] = True
    moment[conv[dated]] = True
    empty = (sessions == 0) & (size == 1) & ~np.isin(begin, flat.survey_at)
    fault = np.select(
        [empty, ~keyed, moment, ~people],
        ["a conversation without any session", "no conversationId", "", "nobody in it is a customer"],
        "no moment",
    )
    for reason in np.unique(fault[fault != ""]).tolist():
        wrong = np.flatnonzero(fault == reason)
        ledger.reject(_ranges(begin[wrong], size[wrong]), str(reason))
    main &= (fault == "")[conv]
    rows = np.flatnonzero(main)
    row_of = np.full(n, -1)
    row_of[rows] = np.arange(len(rows))
    home = _homes(flat, conv, media, start, rows, row_of)
    others = np.flatnonzero((home >= 0) & (row_of < 0))
    of = home[others]  # the row that each of them belongs to
    k = len(rows)

    def total(values: np.ndarray[Any, Any], which: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        chosen = which[others]
        return np.bincount(of[chosen], weights=values[others][chosen], minlength=k)

    def count(which: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.bincount(of[which[others]], minlength=k)

    spoke = seg.spent("interact")
    agent_purpose = _any(purpose, flat.purposes, AGENT)
    agent = agent_purpose & (seg.has("interact"))
    queue, menu = _any(purpose, flat.purposes, ("acd",)), _any(purpose, flat.purposes, ("ivr",))
    bot = _any(purpose, flat.purposes, _BOT)
    asked = others[agent[others]]
    answered = np.full(k, _LATE)
    np.minimum.at(answered, home[asked], seg.first_of("interact")[asked])
    by_agent = answered != _LATE
    began = np.where(start[rows] != NEVER, start[rows], conv_start[conv[rows]])
    ended = np.where(end[rows] != NEVER, end[rows], conv_end[conv[rows]])
    until = np.where(by_agent, answered, ended)
    own_row = np.searchsorted(own, rows)  # who the customer is was kept per session of a customer
    who = flat.own.frame().iloc[own_row].reset_index(drop=True)
    outbound = who["direction"].eq("outbound").to_numpy(bool)
    queued = count(queue) > 0
    waited = (until - began) / 1e6
    no_wait = outbound | (began == NEVER) | (until == NEVER) | (until < began) | (~by_agent & ~queued)
    agents = _distinct(home[asked], np.where(user[asked] >= 0, user[asked], -2 - asked), k)
    told = agent_purpose & (moved >= 0)
    transfers = np.where(count(told) > 0, np.floor(total(moved, told)), np.maximum(0, agents - 1)).astype(np.int64)
    everyone = np.ones(n, dtype=bool)
    wrap, wrapped = seg.wrap, seg.has("wrapup")
    last_agent = asked[np.lexsort((asked, np.where(start[asked] == NEVER, 0, start[asked]), home[asked]))]
    served = who["selfServed"].map({"true": True, "false": False}).astype("boolean")
    self_served = np.asarray(served.fillna(False), dtype=bool)
    status = np.select(
        [by_agent & (transfers > 0), by_agent, outbound, queued & ~self_served, count(bot) > 0],
        ["transferred", "answered", "unanswered", "abandoned", "bot only"], "menu only",
    )  # fmt: skip
    mail = _any(media, flat.media, ("email",))[rows]
    users = flat.users.words()
    wraps = others[wrapped[others]]
    frame = who.assign(
        conversation=pd.Series(keys[conv[rows]], dtype="str"),
        media=pd.Series(flat.media.words()[media[rows]], dtype="str"),
        start=pd.Series(began), queue=pd.Series(_queues(flat, seg, queue, queue_name, last_agent, others, rows, home, k), dtype="str"),
        agent=pd.Series(users[_last(home[last_agent], user[last_agent], k)], dtype="str"),
        wrap_up=pd.Series(flat.wraps.words()[_last(home[wraps], wrap[wraps], k)], dtype="str"),
        wait=_known(waited, ~no_wait), talk=_known(total(spoke, agent) / 1e6, ~mail),
        hold=_known(total(seg.spent("hold"), agent) / 1e6, np.ones(k, dtype=bool)),
        ivr=_known(total(seg.spent("ivr"), menu) / 1e6, count(menu) > 0),
        queued=_known(total(spoke, queue) / 1e6, queued),
        bot=_known(total(spoke + seg.spent("ivr"), bot) / 1e6, count(bot) > 0),
        wrap_up_s=_known(total(seg.spent("wrapup"), everyone) / 1e6, count(wrapped) > 0),
        transfers=transfers, agents=agents, self_served=served,
        status=pd.Series(status, dtype="str"),
    )  # fmt: skip
    for name, odd in flat.own.odd.items():
        chosen = own[np.array(odd, dtype=np.int64)]
        ledger.cell(place[chosen], name.removeprefix("extra "), "holds a list or an object where a value belongs")
    for session, name in flat.odd:
        if home[session] >= 0:
            ledger.cell(place[rows[home[session]]][None], name, "holds a list or an object where a value belongs")
    backwards = home[seg.backwards]
    ledger.cell(
        place[rows[np.unique(backwards[backwards >= 0])]], "segmentEnd", "lies before the beginning of its segment"
    )
    first_row = np.unique(conv[rows], return_index=True)
    main_of = dict(zip(first_row[0].tolist(), first_row[1].tolist(), strict=True))
    known, ended_at = first_row[0], conv_end[first_row[0]]
    spans = Spans(
        pd.Series(keys[known], dtype="str"), np.where(ended_at == NEVER, -1, ended_at), begin[known],
        begin[known] + size[known], place[rows[first_row[1]]],
    )  # fmt: skip
    merged = np.column_stack([place[others], place[rows[of]]])
    return Contacts(frame, place[rows], merged, spans, main_of)


def _known(values: np.ndarray[Any, Any], where: np.ndarray[Any, Any]) -> Any:
    return pd.arrays.FloatingArray(np.where(where, values, 0.0), ~where)


def _ranges(begin: np.ndarray[Any, Any], size: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return all numbers from each begin on, so many as each size says."""
    offset = np.cumsum(size) - size
    out: np.ndarray[Any, Any] = np.arange(int(size.sum())) + np.repeat(begin - offset, size)
    return out


def _last(groups: np.ndarray[Any, Any], values: np.ndarray[Any, Any], k: int) -> np.ndarray[Any, Any]:
    """Return the last value of each group, -1 where it has none."""
    out = np.full(k, -1)
    out[groups] = values  # of equal groups the last one stands
    return out


def _distinct(groups: np.ndarray[Any, Any], values: np.ndarray[Any, Any], k: int) -> np.ndarray[Any, Any]:
    """Return how many different values each group has."""
    order = np.lexsort((values, groups))
    g, v = groups[order], values[order]
    fresh = np.append(True, (g[1:] != g[:-1]) | (v[1:] != v[:-1]))[: len(g)]
    return np.bincount(g[fresh], minlength=k)


class _Segments:
    """The segments of all sessions, in order of session and beginning; those without a beginning are left out."""

    def __init__(self, flat: Flat, n: int) -> None:
        session, start, end = flat.take("seg_session"), flat.take("seg_start"), flat.take("seg_end")
        kind, queue, wrap = flat.take("seg_kind"), flat.take("seg_queue"), flat.take("seg_wrap")
        order = np.flatnonzero(start != NEVER)
        order = order[np.lexsort((start[order], session[order]))]
        self._session, self._start, self._end, self._kind = session[order], start[order], end[order], kind[order]
        self._kinds, self._n = flat.kinds, n
        self.first, self.last = np.full(n, _LATE), np.full(n, NEVER)
        np.minimum.at(self.first, self._session, self._start)
        self.first[self.first == _LATE] = NEVER
        np.maximum.at(self.last, self._session, self._end)
        known = self._end != NEVER
        self.backwards = self._session[known & (self._end < self._start)]
        self._lasted = np.where(known, np.maximum(self._end - np.where(known, self._start, 0), 0), 0)
        named = queue[order] >= 0
        self.queue = _last(self._session[named], queue[order][named], n)
        self.queue_pairs = self._session[named], queue[order][named]
        wrapped = self._of("wrapup")
        self.wrap = _last(self._session[wrapped], wrap[order][wrapped], n)

    def _of(self, kind: str) -> np.ndarray[Any, Any]:
        return np.asarray(self._kind == self._kinds.of.get(kind, -2))

    def spent(self, kind: str) -> np.ndarray[Any, Any]:
        """Return the microseconds in segments of one kind; one that lasts, or runs backwards, counts nothing."""
        chosen = self._of(kind)
        return np.bincount(self._session[chosen], weights=self._lasted[chosen], minlength=self._n)

    def has(self, kind: str) -> np.ndarray[Any, Any]:
        """Tell which sessions have a segment of one kind."""
        return np.bincount(self._session[self._of(kind)], minlength=self._n) > 0

    def first_of(self, kind: str) -> np.ndarray[Any, Any]:
        """Return when the first segment of one kind began."""
        out = np.full(self._n, _LATE)
        chosen = self._of(kind)
        np.minimum.at(out, self._session[chosen], self._start[chosen])
        return out


def _homes(
    flat: Flat,
    conv: np.ndarray[Any, Any],
    media: np.ndarray[Any, Any],
    start: np.ndarray[Any, Any],
    rows: np.ndarray[Any, Any],
    row_of: np.ndarray[Any, Any],
) -> np.ndarray[Any, Any]:
    """Return, per session, the row of the contact that it belongs to; -1 where there is none."""
    only = np.full(int(conv.max(initial=-1)) + 1, -1)
    only[conv[rows]] = np.arange(len(rows))
    home = np.where(row_of >= 0, row_of, only[conv] if len(conv) else -1)
    # several contacts in one conversation: by its peer, else by medium and time
    for c, (ids, peers) in flat.several.items():
        low, high = np.searchsorted(conv, c), np.searchsorted(conv, c, side="right")
        mains = [i for i in range(low, high) if row_of[i] >= 0]
        if len(mains) < 2:
            continue
        by_id = {ids[i - low]: i for i in mains}
        for other in range(low, high):
            if row_of[other] >= 0:
                continue
            found = by_id.get(peers[other - low])
            if found is None:
                same = [i for i in mains if media[i] == media[other]] or mains
                now = 0 if start[other] == NEVER else start[other]
                before = [i for i in same if (0 if start[i] == NEVER else start[i]) <= now]
                found = before[-1] if before else same[0]
            home[other] = row_of[found]
    return home


def _queues(
    flat: Flat,
    seg: _Segments,
    queue: np.ndarray[Any, Any],
    queue_name: np.ndarray[Any, Any],
    last_agent: np.ndarray[Any, Any],
    others: np.ndarray[Any, Any],
    rows: np.ndarray[Any, Any],
    home: np.ndarray[Any, Any],
    k: int,
) -> np.ndarray[Any, Any]:
    """Return the queue that answered, else the last one waited in: its name, else its id."""
    waiting = others[queue[others]]
    found = _last(np.arange(k), seg.queue[rows], k)
    for sessions in (waiting, last_agent):  # the later ones win
        named = sessions[seg.queue[sessions] >= 0]
        found[home[named]] = seg.queue[named]
    ids, names = flat.queues.words(), flat.queue_names.words()
    out = ids[found]
    session, code = seg.queue_pairs
    chosen = queue[session] & (home[session] >= 0)
    key = home[session[chosen]].astype(np.int64) * (len(ids) + 1) + code[chosen]
    value = queue_name[session[chosen]]
    order = np.lexsort((np.arange(len(key)), key))
    key, value = key[order], value[order]
    wanted = np.arange(k, dtype=np.int64) * (len(ids) + 1) + found
    at = np.searchsorted(key, wanted, side="right") - 1
    there = (at >= 0) & (found >= 0)
    there[there] = key[at[there]] == wanted[there]
    there[there] = value[at[there]] >= 0
    out[there] = names[value[at[there]]]
    return np.asarray(out)
