"""Contact centres: Genesys Cloud, Amazon Connect, Twilio and Asterisk, from the same calls."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

from cxmining.simulate import company
from cxmining.simulate.exports.base import Export, Record, e164, iso, uuid
from cxmining.simulate.writers.common import write_bytes

__all__ = ["write_asterisk", "write_connect", "write_genesys", "write_twilio"]

PHONE = 0
LINE = "+31880012300"


def _caller(x: Export, who: int) -> str:
    return e164(x.stage.traces.number(who))


def _talk(c: Any) -> int:
    return int(c.talk_s * 2 // 5 + 20 if c.transferred else c.talk_s)


def write_connect(x: Export) -> None:
    """Write contact records: a transfer is a record of its own, late updates come again."""
    records: list[Record] = []
    legs = 0
    for c in x.contacts(PHONE):
        first, begin, wait = uuid(x.rng), int(c.utc), int(c.wait_s)
        queue = company.QUEUES[c.topic]
        end = begin + wait + (0 if c.abandoned else _talk(c))
        agent = None if c.abandoned else _agent(c.agent, begin + wait, _talk(c))
        who = None if x.rng.random() < 0.03 else c.who
        number = "anonymous" if who is None else _caller(x, who)
        chain = [_contact(first, first, None, "INBOUND", begin, end, number, queue, wait, agent)]
        if c.transferred:
            two, later = uuid(x.rng), int(c.second_wait_s)
            chain[0]["NextContactId"] = two
            chain.append(_contact(two, first, first, "TRANSFER", end, end + later + 90, number, queue, later,
                                  _agent((c.agent + 7) % company.AGENTS, end + later, 90)))  # fmt: skip
            legs += 1
        records += chain
        x.event(who, begin, c.intent)

    def older(r: Record) -> Record:
        r["LastUpdateTimestamp"] = r["InitiationTimestamp"]
        r["Agent"] = None
        return r

    wrong = _contact(uuid(x.rng), None, None, "INBOUND", 0, 0, LINE, "storing", 0, None)
    wrong["InitiationTimestamp"] = "onbekend"
    rows, duplicates = x.muddle(records, older)
    rows.insert(len(rows) // 2, wrong)
    x.lines("ctr.jsonl", rows)
    x.count("ctr.jsonl", kept=len(records) - legs, merged=legs, duplicate=duplicates, rejected=1)
    x.by_queue()


def _agent(number: int, joined: int, talk: int) -> Record:
    return {"ARN": f"arn:agent/{number}", "Username": f"agent{number}", "ConnectedToAgentTimestamp": iso(joined), "AgentInteractionDuration": talk,
            "CustomerHoldDuration": 0, "NumberOfHolds": 0, "AfterContactWorkDuration": 30}  # fmt: skip


def _contact(contact: str, initial: str | None, previous: str | None, method: str, begin: int, end: int, number: str, queue: str, wait: int,
             agent: Record | None) -> Record:  # fmt: skip
    return {
        "ContactId": contact, "InitialContactId": initial, "PreviousContactId": previous, "NextContactId": None, "Channel": "VOICE",
        "InitiationMethod": method, "InitiationTimestamp": iso(begin), "ConnectedToSystemTimestamp": iso(begin),
        "DisconnectTimestamp": iso(end), "LastUpdateTimestamp": iso(end + 60), "DisconnectReason": "CUSTOMER_DISCONNECT",
        "CustomerEndpoint": {"Address": number, "Type": "TELEPHONE_NUMBER"},
        "SystemEndpoint": {"Address": LINE, "Type": "TELEPHONE_NUMBER"},
        "Queue": {"ARN": f"arn:queue/{queue}", "Name": queue, "EnqueueTimestamp": iso(begin), "DequeueTimestamp": iso(begin + wait),
                  "Duration": wait}, "Agent": agent, "Attributes": {},
    }  # fmt: skip


def write_twilio(x: Export) -> None:
    """Write calls with a child leg to the agent, in RFC 2822."""
    records: list[Record] = []
    legs = 0

    def call(
        sid: str, parent: str | None, a: str, b: str, direction: str, status: str, begin: int, end: int, talk: int
    ) -> Record:
        return {"sid": sid, "parent_call_sid": parent, "date_created": formatdate(begin), "date_updated": formatdate(end + 1), "from": a,
                "to": b, "direction": direction, "status": status, "start_time": formatdate(begin), "end_time": formatdate(end),
                "duration": str(talk), "price": None, "answered_by": None, "caller_name": None}  # fmt: skip

    for c in x.contacts(PHONE):
        sid = "CA" + uuid(x.rng).replace("-", "")
        begin, wait, number = int(c.utc), int(c.wait_s), _caller(x, c.who)
        end = begin + wait + (0 if c.abandoned else _talk(c))
        records.append(call(sid, None, number, LINE, "inbound", "completed", begin, end, end - begin))
        agent = f"client:agent{c.agent}"
        if c.abandoned:
            child = call(
                "CA" + uuid(x.rng).replace("-", ""), sid, number, agent, "outbound-dial", "no-answer", begin + 1, end, 0
            )
        else:
            child = call(
                "CA" + uuid(x.rng).replace("-", ""),
                sid,
                number,
                agent,
                "outbound-dial",
                "completed",
                begin + 1,
                end,
                _talk(c),
            )
        records.append(child)
        legs += 1
        x.event(c.who, begin, "calls us")

    def older(r: Record) -> Record:
        r["date_updated"] = r["date_created"]
        r["status"] = "ringing"
        return r

    rows, duplicates = x.muddle(records, older)
    rows.insert(
        3, {**records[0], "sid": "CA0", "parent_call_sid": None, "start_time": "gisteren", "date_created": None}
    )
    x.lines("calls.json", rows)
    x.count("calls.json", kept=len(records) - legs, merged=legs, duplicate=duplicates, rejected=1)
    x.rules.append(({"source": x.name}, "calls us"))


def write_genesys(x: Export) -> None:
    """Write conversations: the customer's session, the queue's, the agent's; some exported twice."""
    conversations: list[Record] = []
    kept, merged = 0, 0
    for c in x.contacts(PHONE):
        begin, wait, queue = int(c.utc), int(c.wait_s), company.QUEUES[c.topic]
        talk = 0 if c.abandoned else _talk(c)
        end = begin + wait + talk
        number = _caller(x, c.who)

        def session(kind: str, *segments: Record, ani: str = number) -> Record:
            return {"sessionId": uuid(x.rng), "mediaType": "voice", "direction": "inbound", "ani": f"tel:{ani}", "dnis": f"tel:{LINE}",
                    "segments": list(segments), "metrics": []}  # fmt: skip

        def segment(kind: str, a: int, b: int, **more: Any) -> Record:
            return {
                "segmentType": kind,
                "segmentStart": iso(a, ".000Z"),
                "segmentEnd": iso(b, ".000Z"),
                "disconnectType": "peer",
                **more,
            }

        people = [
            {"participantId": uuid(x.rng), "purpose": "customer", "participantName": None,
             "sessions": [session("customer", segment("interact", begin, end))]},
            {"participantId": uuid(x.rng), "purpose": "acd", "participantName": queue,
             "sessions": [session("acd", segment("interact", begin, begin + wait, queueId=f"q-{c.topic}"))]},
        ]  # fmt: skip
        if not c.abandoned:
            people.append({"participantId": uuid(x.rng), "purpose": "agent", "userId": f"u-{c.agent}",
                           "sessions": [session("agent", segment("alert", begin + wait - 1, begin + wait, queueId=f"q-{c.topic}"),
                                                segment("interact", begin + wait, end, queueId=f"q-{c.topic}"))]})  # fmt: skip
        conversations.append({"conversationId": uuid(x.rng), "conversationStart": iso(begin, ".000Z"), "conversationEnd": iso(end, ".000Z"),
                              "originatingDirection": "inbound", "participants": people})  # fmt: skip
        kept += 1
        merged += len(people) - 1
        x.event(c.who, begin, c.intent)
    twice = x.some(len(conversations), 0.02)
    duplicates = sum(len(conversations[i]["participants"]) for i in twice)
    rows = [*conversations, *(conversations[i] for i in twice)]
    x.lines("conversations.jsonl", [rows[i] for i in x.rng.permutation(len(rows)).tolist()])
    x.count("conversations.jsonl", kept=kept, merged=merged, duplicate=duplicates)
    x.by_queue()


def write_asterisk(x: Export) -> None:
    """Write ``Master.csv`` in local time: a transfer is a second leg, an answer left empty was none."""
    rows: list[str] = []
    legs = 0
    for k, c in enumerate(x.contacts(PHONE)):
        begin, wait, talk = int(c.utc), int(c.wait_s), 0 if c.abandoned else _talk(c)
        end, queue, number = begin + wait + talk, company.QUEUES[c.topic], x.stage.traces.number(c.who)
        unique = f"{begin}.{2 * k}"
        stamps = [company.local(_one(s))[0] for s in (begin, begin + wait, end)]
        if c.abandoned:
            stamps[1] = ""
        rows.append(_cdr(queue, number, stamps, end - begin, talk, unique, unique, c.agent))
        if c.transferred:
            later = [
                company.local(_one(s))[0] for s in (end, end + int(c.second_wait_s), end + int(c.second_wait_s) + 60)
            ]
            rows.append(
                _cdr(queue, number, later, int(c.second_wait_s) + 60, 60, f"{end}.{2 * k + 1}", unique, c.agent + 1)
            )
            legs += 1
        x.event(c.who, begin, c.intent)
    n = len(rows)
    rows += [rows[i] for i in x.some(n, 0.02)]
    duplicates = len(rows) - n
    rows.insert(
        n // 2, _cdr("storing", "0201234567", ["0000-00-00 00:00:00", "", "0000-00-00 00:00:00"], 0, 0, "0.0", "0.0", 1)
    )
    write_bytes(x.folder / "Master.csv", ("\n".join(rows) + "\n").encode())
    x.count("Master.csv", kept=n - legs, merged=legs, duplicate=duplicates, rejected=1)
    x.source |= {"tz": "Europe/Amsterdam", "options": {"linked": "userfield"}}
    x.by_queue()


def _one(utc: int) -> Any:
    import numpy as np

    return np.array([utc])


def _cdr(
    queue: str, number: str, stamps: list[str], seconds: int, talk: int, unique: str, linked: str, agent: int
) -> str:
    state = "ANSWERED" if stamps[1] else "NO ANSWER"
    text = (queue, number, company.EXTENSION, "from-pstn", number, f"PJSIP/trunk-{unique}", f"PJSIP/{8001 + agent % 45}-{unique}",
            "Queue", f"{queue},t,,,600", *stamps)  # fmt: skip
    return ",".join(f'"{t}"' for t in text) + f',{seconds},{talk},"{state}","DOCUMENTATION","{unique}","{linked}"'
