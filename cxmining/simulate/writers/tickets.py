"""The service desk: Zendesk tickets, comments and users as its API returns them, one object a line, in UTC."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from cxmining.simulate import company, noise, vocabulary
from cxmining.simulate.writers.common import Owned, Stage, card, doubled, write_owned
from cxmining.simulate.writers.mail import FIRST_NAMES, working

__all__ = ["write_tickets"]

VIA = {1: "chat", 2: "whatsapp", 4: "web", 5: "facebook"}
FIRST_TICKET = 350001
GROUPS = 36000100


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _utc(seconds: int) -> str:
    return str(np.datetime64(seconds, "s")) + "Z"


def write_tickets(stage: Stage, folder: Path) -> None:
    """Write tickets, comments and users, and hand out the ticket ids."""
    p, rng, w = stage.people, stage.rng, stage.writer
    c = stage.world.contacts
    c = c[c["channel"].isin(list(VIA))]
    count = len(c)
    anonymous = ((rng.random(count) < noise.ANONYMOUS_CHAT) & (c["channel"] == 1)).tolist()
    logged_in = (rng.random(count) < 0.45).tolist()
    users: dict[int, dict[str, Any]] = {}
    tickets: list[Owned] = []
    comments: list[Owned] = []
    people: dict[int, int | None] = {}  # user → whose it is; None where people share one
    by_address: dict[str, int] = {}
    comment_id = 9_000_000_001
    columns = (
        "contact",
        "issue",
        "who",
        "utc",
        "channel",
        "intent",
        "topic",
        "round",
        "solved",
        "reply_h",
        "wait_s",
        "talk_s",
        "agent",
    )
    for i, (contact, issue, who, utc, channel, intent, topic, number, solved, reply_h, wait, talk, agent) in enumerate(
        c[list(columns)].itertuples(index=False, name=None)
    ):
        me = card(p, who)
        ticket = FIRST_TICKET + i
        stage.refs[contact] = str(ticket)
        if anonymous[i]:
            user = 71_000_000 + i
            users[user] = {"id": user, "name": f"Bezoeker {user}", "email": None, "phone": None, "role": "end-user"}
            stage.unknown.add(str(ticket))
        else:
            user = 70_000_000 + who
            known = users.setdefault(
                user, {"id": user, "name": me["name"], "email": None, "phone": None, "role": "end-user"}
            )
            address = "" if channel == 2 or logged_in[i] else stage.traces.form(who, utc)
            if channel == 2:
                known["phone"] = "+31" + p.number[who][1:]
            elif logged_in[i]:
                account = stage.traces.account(who, utc)
                if account != p.account[who]:  # a login of its own is a user of its own
                    user = 74_000_000 + who
                    known = users.setdefault(user, {**known, "id": user, "email": None, "phone": None})
                known["external_id"] = account
            elif address != p.mailbox[who]:  # the desk knows people by the address they give
                user = by_address.setdefault(address, 76_000_000 + len(by_address))
                users.setdefault(
                    user, {"id": user, "name": me["name"], "email": address, "phone": None, "role": "end-user"}
                )
            else:
                known["email"] = address
        people[user] = who if people.get(user, who) == who else None
        staff = 60_000_001 + agent
        written = channel in (4, 5)
        english = bool(p.english[who])
        slots = w.story(issue, me, int(company.months_of(np.array([(utc - company.EPOCH) // 86400]))[0]))
        question = w.question(intent, slots, number=number, english=english, angry=not solved and number > 0,
                              length=w.number(0, 2) if written else w.number(0, 1))  # fmt: skip
        turns: list[tuple[int, int, str]] = [(utc, user, question)]
        answer = w.answer(intent, slots, solved=bool(solved))
        if written:
            if reply_h == reply_h:
                turns.append((working(int(utc + reply_h * 3600)), staff, f"Beste {me['first']}, {answer}"))
        else:
            at = int(utc + wait)
            turns.append((at, staff, w.pick(vocabulary.AGENT_CHAT).format(agent=FIRST_NAMES[agent % len(FIRST_NAMES)])))
            step = max(20, int(talk) // 4)
            if w.chance() < 0.55:
                turns.append((at + step, user, w.rough(w.pick(vocabulary.CUSTOMER_CHAT).format(**slots))))
            turns.append((at + 2 * step, staff, answer))
        last = min(turns[-1][0], company.EPOCH + company.DAYS * 86400 - 3601)
        tickets.append((
            _line(
                {
                    "id": ticket,
                    "created_at": _utc(utc),
                    "updated_at": _utc(last),
                    "status": "closed" if len(turns) > 1 else "open",
                    "subject": None if not written else w.pick(vocabulary.SUBJECT[intent]).format(**slots),
                    "requester_id": user,
                    "assignee_id": staff,
                    "group_id": GROUPS + topic,
                    "via": {"channel": VIA[channel]},
                    "tags": [company.QUEUES[topic]],
                }
            ), who))  # fmt: skip
        for at, author, text in turns:
            record = {"id": comment_id, "ticket_id": ticket, "author_id": author, "created_at": _utc(min(at, last)), "public": True,
                      "body": text}  # fmt: skip
            comments.append((_line(record), who))
            comment_id += 1
    for a in range(company.AGENTS):
        name = FIRST_NAMES[a % len(FIRST_NAMES)]
        users[60_000_001 + a] = {"id": 60_000_001 + a, "name": name, "email": f"{name.lower()}{a}@{company.DOMAIN}", "phone": None,
                                 "role": "agent"}  # fmt: skip
    lines = stage.traces.again(doubled(rng, tickets, noise.DUPLICATE_ROWS))
    lines.append((tickets[-1][0][: len(tickets[-1][0]) // 2], None))  # the export broke off
    write_owned(stage, folder / "tickets.json", "zendesk/tickets.json", lines)
    write_owned(stage, folder / "comments.json", "zendesk/comments.json", comments)
    every: list[Owned] = [(_line(users[u]), people.get(u)) for u in sorted(users)]
    write_owned(stage, folder / "users.json", "zendesk/users.json", every)
