"""Records of contact centres of the size that their vendors write, for `readers.py`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

__all__ = ["connect", "genesys", "intercom", "twilio", "zendesk"]

START = 1_735_689_600
Record = dict[str, Any]


def iso(moment: float, *, fraction: bool = False) -> str:
    """Return a stamp as interfaces write it."""
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))
    return f"{text}.{int(moment * 1000) % 1000:03d}Z" if fraction else f"{text}Z"


def rfc(moment: float) -> str:
    """Return a stamp as Twilio writes it."""
    return time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(moment))


def genesys(n: int) -> Iterator[Record]:
    """Conversations of five sessions each: the records are the sessions."""
    for i in range(n // 5):
        t, queue = START + i * 20, f"q-{i % 12:036d}"

        def segment(kind: str, begin: float, end: float, t: int = t, **more: Any) -> Record:
            return {"segmentStart": iso(t + begin, fraction=True), "segmentEnd": iso(t + end, fraction=True), "segmentType": kind,
                    "conference": False, "disconnectType": "peer", **more}  # fmt: skip

        def session(own: str, peer: str | None, *segments: Record, metrics: Any = (), i: int = i, t: int = t) -> Record:
            number = f"tel:+316{10_000_000 + i % 200_003:08d}"
            return {"mediaType": "voice", "sessionId": own, "ani": number, "direction": "inbound", "dnis": "tel:+31880012300",
                    "sessionDnis": "tel:+31880012300", "edgeId": "d4d8e0d9-0c1c-4d59-9a2a-7d1f24a7e0c1", "provider": "Edge",
                    "remoteNameDisplayable": "Utrecht, Netherlands", "segments": list(segments),
                    "metrics": [{"emitDate": iso(t + 30, fraction=True), "name": k, "value": v} for k, v in metrics],
                    **({"peerId": peer} if peer else {})}  # fmt: skip

        c = f"{i:08d}-1111-2222-3333-444455556666"
        first, peer = c + "s1", c + "s1"
        yield {
            "conversationId": c, "conversationStart": iso(t, fraction=True), "conversationEnd": iso(t + 300, fraction=True),
            "originatingDirection": "inbound", "divisionIds": ["a", "b"], "mediaStatsMinConversationMos": 4.8,
            "participants": [
                {"participantId": c + "p1", "participantName": "Utrecht, Netherlands", "purpose": "customer", "externalContactId": f"e{i % 99_999}",
                 "sessions": [session(first, None, segment("system", 0, 0.25), segment("interact", 0.25, 300), metrics=[("nConnected", 1)])]},
                {"participantId": c + "p2", "participantName": "Main", "purpose": "ivr", "sessions": [session(c + "s2", peer, segment("ivr", 0.1, 20))]},
                {"participantId": c + "p3", "participantName": f"Queue {i % 12}", "purpose": "acd",
                 "sessions": [session(c + "s3", peer, segment("interact", 20, 40, queueId=queue), metrics=[("nOffered", 1), ("tAcd", 20_000)])]},
                {"participantId": c + "p4", "userId": f"u{i % 40}", "purpose": "agent",
                 "sessions": [session(c + "s4", peer, segment("alert", 21, 29, queueId=queue), metrics=[("tNotResponding", 8000)])]},
                {"participantId": c + "p5", "userId": f"u{i % 41}", "purpose": "agent", "sessions": [session(
                    c + "s5", peer, segment("alert", 35, 40, queueId=queue), segment("interact", 40, 200, queueId=queue),
                    segment("hold", 200, 230, queueId=queue), segment("interact", 230, 300, queueId=queue),
                    segment("wrapup", 300, 310, queueId=queue, wrapUpCode=f"w{i % 9}"),
                    metrics=[("tTalk", 160_000), ("nTransferred", 0), ("tAnswered", 40_000), ("tHandle", 270_000)])]},
            ],
        }  # fmt: skip


def connect(n: int) -> Iterator[Record]:
    """Contact records, each tenth a transferred leg of the one before it."""
    for i in range(n):
        t, leg = START + i * 13, i % 10 == 9
        before = f"{i - 1:08x}-aaaa-bbbb-cccc-ddddeeeeffff" if leg else None
        agent = {
            "ARN": "arn:aws:connect:eu-west-1:123456789012:instance/x/agent/1", "AfterContactWorkDuration": 12, "AfterContactWorkEndTimestamp": iso(t + 250),
            "AgentInteractionDuration": 150, "ConnectedToAgentTimestamp": iso(t + 30), "CustomerHoldDuration": 12, "LongestHoldDuration": 12,
            "NumberOfHolds": 1, "RoutingProfile": {"ARN": "arn", "Name": "Basic"}, "Username": f"agent{i % 40}",
        }  # fmt: skip
        yield {
            "AWSAccountId": "123456789012", "AWSContactTraceRecordFormatVersion": "2017-03-10", "Agent": agent if i % 7 else None,
            "Attributes": {"klant": f"{i % 99_991:05d}", "taal": "nl"}, "Channel": "VOICE", "ConnectedToSystemTimestamp": iso(t),
            "ContactId": f"{i:08x}-aaaa-bbbb-cccc-ddddeeeeffff", "CustomerEndpoint": {"Address": f"+316{10_000_000 + i % 200_003:08d}", "Type": "TELEPHONE_NUMBER"},
            "DisconnectReason": "CUSTOMER_DISCONNECT", "DisconnectTimestamp": iso(t + 240), "InitialContactId": before,
            "InitiationMethod": "TRANSFER" if leg else "INBOUND", "InitiationTimestamp": iso(t), "LastUpdateTimestamp": iso(t + 300),
            "MediaStreams": [{"Type": "AUDIO"}], "NextContactId": None, "PreviousContactId": before,
            "Queue": {"ARN": "arn:aws:connect", "DequeueTimestamp": iso(t + 30), "Duration": 25, "EnqueueTimestamp": iso(t + 5), "Name": f"Queue {i % 12}"},
            "Recording": None, "SystemEndpoint": {"Address": "+31880012300", "Type": "TELEPHONE_NUMBER"}, "TransferredToEndpoint": None,
        }  # fmt: skip


def twilio(n: int) -> Iterator[Record]:
    """Calls of two legs."""
    for i in range(n):
        t, leg = START + i // 2 * 13, i % 2
        yield {
            "account_sid": "AC" + "0" * 32, "annotation": None, "answered_by": None, "api_version": "2010-04-01", "caller_name": None,
            "date_created": rfc(t), "date_updated": rfc(t + 200), "direction": "outbound-dial" if leg else "inbound", "duration": "150" if leg else "200",
            "end_time": rfc(t + 200), "forwarded_from": None, "from": f"+316{10_000_000 + i // 2 % 200_003:08d}", "from_formatted": "06 1234", "group_sid": None,
            "parent_call_sid": f"CA{i - 1:032x}" if leg else None, "phone_number_sid": "PN" + "1" * 32, "price": "-0.02", "price_unit": "USD",
            "sid": f"CA{i:032x}", "start_time": rfc(t + 30 * leg), "status": "completed", "subresource_uris": {"recordings": "/x", "feedback": "/y"},
            "to": f"client:agent{i % 40}" if leg else "+31880012300", "to_formatted": "x", "trunk_sid": None, "uri": "/2010-04-01/Accounts/x",
        }  # fmt: skip


def intercom(n: int) -> Iterator[Record]:
    """Conversations of five parts: with the conversation itself six records."""
    for i in range(n // 6):
        t, who = START + i * 20, f"u{i % 9999}"

        def part(
            k: int, kind: str, own: str, body: str | None, what: str = "comment", i: int = i, t: int = t
        ) -> Record:
            return {"type": "conversation_part", "id": str(i * 10 + k), "part_type": what, "body": body, "created_at": t + k * 60, "updated_at": t + k * 60,
                    "assigned_to": None, "author": {"id": own, "type": kind, "name": "Jan", "email": f"c{i % 9999}@a.nl"}, "attachments": []}  # fmt: skip

        parts = [part(1, "bot", "b1", "<p>I am Fin</p>"), part(2, "admin", "5", "<p>Goedendag, ik kijk even mee</p>"),
                 part(3, "user", who, "<p>Dank u wel &amp; groet</p>"), part(4, "admin", "5", None, "assignment"), part(5, "admin", "5", "<p>Opgelost</p>", "close")]  # fmt: skip
        yield {
            "type": "conversation", "id": str(10**12 + i), "created_at": t, "updated_at": t + 400, "waiting_since": None,
            "source": {"type": "conversation", "delivered_as": "customer_initiated", "subject": "", "body": "<p>Hallo, mijn factuur klopt niet</p>",
                       "author": {"type": "user", "id": who, "name": "Jan", "email": f"c{i % 9999}@a.nl"}},
            "contacts": {"contacts": [{"type": "contact", "id": who, "external_id": f"{i % 9999}"}]}, "admin_assignee_id": 5, "team_assignee_id": 814,
            "state": "closed", "tags": {"tags": []}, "statistics": {"count_reopens": 0, "count_assignments": 1, "first_admin_reply_at": t + 120},
            "conversation_rating": {}, "conversation_parts": {"conversation_parts": parts, "total_count": 5},
        }  # fmt: skip


def zendesk(n: int) -> Iterator[Record]:
    """Tickets."""
    for i in range(n):
        t, who = START + i * 20, 20_978_392 + i % 9999
        yield {
            "url": f"https://x.zendesk.com/api/v2/tickets/{i}.json", "id": 35_436_000_000_000 + i, "external_id": None,
            "via": {"channel": "email", "source": {"from": {"address": f"c{i % 9999}@a.nl", "name": "Jan"}, "to": {"address": "support@ons.nl"}, "rel": None}},
            "created_at": iso(t), "updated_at": iso(t + 9000), "type": "question", "subject": "Mijn factuur", "raw_subject": "Mijn factuur",
            "description": "Hallo, mijn factuur klopt niet", "priority": "normal", "status": "closed", "recipient": "support@ons.nl", "requester_id": who,
            "submitter_id": who, "assignee_id": 235_323 + i % 40, "group_id": 98_738 + i % 5, "tags": ["enterprise", "other_tag"],
            "custom_fields": [{"id": 27_642, "value": "745"}], "satisfaction_rating": {"id": 1234, "score": "good", "comment": "x"}, "brand_id": 123,
        }  # fmt: skip
