"""Chats and tickets: Intercom, Salesforce, Zendesk and WhatsApp, from the same contacts."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxmining.simulate import company, vocabulary
from cxmining.simulate.exports.base import Export, Record, iso, uuid
from cxmining.simulate.writers.common import card, write_bytes

__all__ = ["write_intercom", "write_salesforce", "write_whatsapp", "write_zendesk"]

CHAT, WHATSAPP, WEB, SOCIAL = 1, 2, 4, 5


def _question(x: Export, c: Any) -> str:
    w = x.stage.writer
    month = int(company.months_of(np.array([(c.utc - company.EPOCH) // 86400]))[0])
    return w.question(c.intent, w.story(c.issue, card(x.people, c.who), month), number=c.round, english=bool(x.people.english[c.who]),
                      angry=False, length=0)  # fmt: skip


def write_intercom(x: Export) -> None:
    """Write conversations with their parts and ratings; bodies are HTML, times whole seconds."""
    rows: list[Record] = []
    sizes: list[int] = []
    kept = merged = context = 0
    for k, c in enumerate(x.contacts(CHAT)):
        begin, answered = int(c.utc), int(c.utc + c.wait_s)
        who = {
            "type": "user",
            "id": f"ic{c.who}",
            "external_id": x.stage.traces.account(c.who, c.utc),
            "email": x.people.mailbox[c.who],
        }
        admin = {"type": "admin", "id": str(c.agent), "name": "Medewerker"}
        parts = [
            {"type": "conversation_part", "id": f"{k}1", "part_type": "assignment", "body": None, "author": {"type": "bot", "id": "b1"},
             "created_at": begin + 1, "assigned_to": {"type": "team", "id": str(c.topic)}},
            {"type": "conversation_part", "id": f"{k}2", "part_type": "comment", "body": "<p>Ik kijk het even na &amp; kom terug.</p>",
             "author": admin, "created_at": answered},
            {"type": "conversation_part", "id": f"{k}3", "part_type": "close", "body": None, "author": admin,
             "created_at": answered + int(c.talk_s)},
        ]  # fmt: skip
        rating = (
            {"rating": 5 if c.solved else 2, "remark": None, "created_at": answered + int(c.talk_s) + 60}
            if k % 4 == 0
            else None
        )
        rows.append({
            "type": "conversation", "id": f"{215000000 + k}", "created_at": begin, "updated_at": answered + int(c.talk_s), "state": "closed",
            "priority": "not_priority", "waiting_since": None, "snoozed_until": None, "admin_assignee_id": c.agent,
            "team_assignee_id": str(c.topic), "source": {"type": "conversation", "id": f"s{k}", "delivered_as": "customer_initiated",
            "subject": "", "body": f"<p>{_question(x, c)}</p>", "author": who},
            "contacts": {"type": "contact.list", "contacts": [{"type": "contact", **{f: who[f] for f in ("id", "external_id")}}]},
            "conversation_parts": {"type": "conversation_part.list", "conversation_parts": parts, "total_count": len(parts)},
            "conversation_rating": rating, "statistics": {"type": "conversation_statistics", "count_reopens": 0},
        })  # fmt: skip
        kept, merged, context = kept + 1, merged + len(parts), context + (rating is not None)
        sizes.append(1 + len(parts) + (rating is not None))
        x.event(c.who, begin, c.intent)
    older = []
    twice, late = x.some(len(rows), 0.03), x.some(len(rows), 0.03)
    for i in late:  # as it was before it was closed: without the last part, and updated earlier
        parts = rows[i]["conversation_parts"]["conversation_parts"][:-1]
        older.append({**rows[i], "updated_at": rows[i]["created_at"] + 2, "state": "open", "conversation_rating": None,
                      "conversation_parts": {"type": "conversation_part.list", "conversation_parts": parts}})  # fmt: skip
    duplicates = sum(sizes[i] for i in twice) + sum(
        1 + len(r["conversation_parts"]["conversation_parts"]) for r in older
    )
    every: list[Any] = [*rows, *(rows[i] for i in twice), *older]
    every = [every[i] for i in x.rng.permutation(len(every)).tolist()]
    every.insert(2, {"type": "conversation", "id": "0", "created_at": "nooit"})
    x.lines("conversations.jsonl", every)
    x.count("conversations.jsonl", kept=kept, merged=merged, context=context, duplicate=duplicates, rejected=1)
    x.source |= {"options": {"values": {"queue": {str(k): q for k, q in enumerate(company.QUEUES)}}}}
    x.by_queue()


def write_salesforce(x: Export) -> None:
    """Write ``LiveChatTranscript`` as a data export does: CSV, UTC."""
    rows: list[Record] = []
    for k, c in enumerate(x.contacts(CHAT)):
        begin, wait, talk = int(c.utc), int(c.wait_s), int(c.talk_s)
        rows.append({
            "Id": f"570{k:012d}AAA", "ChatKey": uuid(x.rng), "ContactId": f"003{c.who:012d}AAA", "CaseId": f"500{c.issue:012d}AAA",
            "AccountNumber__c": x.stage.traces.account(c.who, c.utc), "RequestTime": iso(begin, ".000Z"),
            "StartTime": iso(begin + wait, ".000Z"), "EndTime": iso(begin + wait + talk, ".000Z"), "ChatDuration": str(talk),
            "WaitTime": str(wait), "Abandoned": "0", "Status": "Completed", "EndedBy": "Visitor", "SkillId": f"0C5{c.topic:015d}",
            "OwnerId": f"005{c.agent:015d}", "SystemModstamp": iso(begin + wait + talk + 10, ".000Z"),
            "Body": "" if k % 9 == 0 else f"( 0s ) Bezoeker: {_question(x, c)}",
        })  # fmt: skip
        x.event(c.who, begin, c.intent)

    def older(r: Record) -> Record:
        r["SystemModstamp"], r["EndTime"], r["Status"] = r["RequestTime"], "", "InProgress"
        return r

    out, duplicates = x.muddle(rows, older)
    out.insert(1, {**rows[0], "Id": "570x", "ChatKey": "x", "RequestTime": "geen", "StartTime": "", "CreatedDate": ""})
    x.table("LiveChatTranscript.csv", out)
    x.count("LiveChatTranscript.csv", kept=len(rows), duplicate=duplicates, rejected=1)
    values = {f"0C5{k:015d}": q for k, q in enumerate(company.QUEUES)}
    x.source |= {"tz": "UTC", "columns": {"account": "AccountNumber__c"}, "options": {"values": {"queue": values}}}
    x.by_queue()


def write_zendesk(x: Export) -> None:
    """Write tickets, comments and users as the interface returns them; some tickets come again, updated."""
    tickets: list[Record] = []
    comments: list[Record] = []
    users: dict[int, Record] = {}
    for k, c in enumerate(x.contacts(CHAT, WEB, SOCIAL)):
        user, begin = 70_000_000 + c.who, int(c.utc)
        users[user] = {"id": user, "name": f"{x.people.first[c.who]} {x.people.last[c.who]}", "email": None, "phone": None,
                       "role": "end-user", "external_id": x.people.account[c.who]}  # fmt: skip
        tickets.append({
            "id": 9_007_199_254_740_993 + k, "created_at": iso(begin), "updated_at": iso(begin + 600), "status": "closed", "type": None,
            "priority": None, "subject": c.intent, "requester_id": user, "submitter_id": user, "assignee_id": 60_000_001 + c.agent,
            "group_id": None, "organization_id": None, "external_id": None, "problem_id": None,
            "via": {"channel": {CHAT: "chat", WEB: "web", SOCIAL: "facebook"}[c.channel]}, "tags": [company.QUEUES[c.topic]],
        })  # fmt: skip
        comments.append({"id": 5_000_000 + k, "ticket_id": 9_007_199_254_740_993 + k, "author_id": user, "created_at": iso(begin),
                         "public": True, "body": _question(x, c)})  # fmt: skip
        x.event(c.who, begin, c.intent)

    def older(r: Record) -> Record:
        r["updated_at"], r["status"] = r["created_at"], "new"
        return r

    out: list[Any]
    out, duplicates = x.muddle(tickets, older)
    out.append('{"id":35,"created_at":"2025-')  # the export broke off
    x.lines("tickets.json", out)
    x.lines("comments.json", comments)
    x.lines("users.json", [users[u] for u in sorted(users)])
    x.count("tickets.json", kept=len(tickets), duplicate=duplicates, rejected=1)
    x.count("comments.json", merged=len(comments))
    x.count("users.json", context=len(users))
    x.pattern = "*.json"
    x.source |= {"tz": "UTC"}
    x.rules += [({"source": x.name, "tags": q}, i) for q, i in zip(company.QUEUES, company.INTENTS, strict=True)]


def write_whatsapp(x: Export) -> None:
    """Write one chat per customer as an Android phone set to Dutch exports it; one of them again, longer."""
    chats: dict[int, list[Any]] = {}
    for c in x.contacts(WHATSAPP):
        chats.setdefault(c.who, []).append(c)
    longest = max(chats, key=lambda w: len(chats[w]))
    for who, contacts in sorted(chats.items()):
        number = (
            f"+31 6 {x.people.number[who][2:]}"
            if x.people.number[who].startswith("06")
            else "+31 " + x.people.number[who][1:]
        )
        lines = [f"{_stamp(int(contacts[0].utc) - 30)} - Berichten en oproepen worden end-to-end versleuteld."]
        spoken, conversations, last = 0, 0, -(10**12)
        for c in contacts:
            begin = int(c.utc)
            text = _question(x, c).replace("\n", " ")
            answer = max(begin + 60, int(c.utc + c.wait_s))
            lines += [f"{_stamp(begin)} - {number}: {text}\nen dit hoort er nog bij",
                      f"{_stamp(answer)} - {company.NAME}: {vocabulary.AGENT_CHAT[0].format(agent='Sanne')}"]  # fmt: skip
            spoken += 2
            if begin - last > 86400:
                conversations += 1
                x.event(who, begin // 60 * 60, "writes on whatsapp")
            last = answer
        name = f"WhatsApp-chat met {number.replace(' ', '')}.txt"
        write_bytes(x.folder / name, ("\n".join(lines) + "\n").encode())
        if who != longest:
            x.count(name, kept=conversations, merged=spoken - conversations, context=1)
            continue
        # Exported before, when it was shorter: what stands in that one is there again in this.
        earlier = f"{name[:-4]} (1).txt"
        write_bytes(x.folder / earlier, ("\n".join(lines[:3]) + "\n").encode())
        x.count(earlier, kept=1, merged=1, context=1)
        x.count(name, kept=conversations - 1, merged=spoken - 2 - (conversations - 1), duplicate=2, context=1)
    x.pattern = "*.txt"
    x.source |= {"tz": "Europe/Amsterdam", "options": {"us": [company.NAME], "order": "dmy"}}
    x.rules.append(({"source": x.name}, "writes on whatsapp"))


def _stamp(utc: int) -> str:
    text = company.local(np.array([utc]))[0]
    return f"{text[8:10]}-{text[5:7]}-{text[:4]} {text[11:16]}"
