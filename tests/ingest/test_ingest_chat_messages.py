"""One conversation, one event, or each message an event: the same numbers for every vendor."""

import json

import pandas as pd
import pytest

from cxmining.errors import InputError, StudyError
from cxmining.ingest import read_source
from cxmining.study import parse_study


def counts(reading):
    return {i.name.rpartition(".")[0]: {k: v for k, v in i.counts.items() if v} for i in reading.inputs}


@pytest.fixture
def read_parts(tmp_path):
    """Write each keyword as a file and read all of them as one source."""

    def run(fmt, study=None, source=None, **parts):
        for name, rows in parts.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(rows))
        made = parse_study(
            {
                "name": "t",
                "source": [{"name": "s", "path": "*.json", "format": fmt, **(source or {})}],
                **(study or {}),
            },
            tmp_path,
        )
        return read_source(made.sources[0], made)

    return run


# ---- Zendesk

TICKET = {"id": 35436000000001, "created_at": "2025-05-24T10:00:00Z", "updated_at": "2025-05-26T14:00:00Z", "status": "closed", "type": "question",
          "requester_id": 7, "submitter_id": 7, "assignee_id": 60, "group_id": 1, "via": {"channel": "native_messaging"}, "subject": "Hoi",
          "description": "Mijn factuur", "tags": ["a"]}  # fmt: skip
USERS = [{"id": 7, "role": "end-user", "email": "jan@a.nl", "name": "Jan"}, {"id": 60, "role": "agent", "email": "s@ons.nl", "name": "S"},
         {"id": 61, "role": "agent", "email": "t@ons.nl", "name": "T"}, {"id": 8, "role": "end-user", "email": "p@a.nl", "name": "P"}]  # fmt: skip


def comment(number, who, minute, public=True, ticket=TICKET["id"], body="x"):
    return {
        "id": number,
        "ticket_id": ticket,
        "author_id": who,
        "created_at": f"2025-05-24T10:{minute:02d}:00Z",
        "body": body,
        "public": public,
    }


COMMENTS = [
    comment(1, 7, 0, body="Mijn factuur"), comment(2, -1, 1, body="Ik ben een bot"), comment(3, 7, 2, body="<p>Nee &amp; nee</p>"),
    comment(4, 60, 10), comment(5, 60, 11, public=False), comment(6, 61, 20), comment(7, 8, 21, body="ik ook"),
]  # fmt: skip


def test_a_tickets_messages_are_counted_by_side(read_parts):
    r = read_parts("zendesk", tickets=[TICKET], comments=COMMENTS, users=USERS)
    assert counts(r) == {
        "tickets": {"read": 1, "kept": 1},
        "comments": {"read": 7, "merged": 7},
        "users": {"read": 4, "context": 4},
    }
    (e,) = r.events.to_dict("records")
    # seven comments: one private, one by somebody in copy
    assert (e["messages"], e["customer_messages"], e["agent_messages"], e["bot_messages"]) == (5, 2, 2, 1)
    assert (e["wait_s"], e["bot_s"], e["hand_overs"]) == (600, 540, 1)  # until a person, not until the bot


def test_each_public_comment_can_be_an_event(read_parts):
    lone = {**TICKET, "id": 2, "description": "Alleen"}
    r = read_parts(
        "zendesk", source={"options": {"per": "message"}}, tickets=[TICKET, lone], comments=COMMENTS, users=USERS
    )
    assert counts(r) == {
        "tickets": {"read": 2, "kept": 1, "merged": 1},  # a ticket lives on in its first comment, which is its description
        "comments": {"read": 7, "kept": 5, "merged": 2}, "users": {"read": 4, "context": 4},
    }  # fmt: skip
    talk = r.events[r.events["case_id"] == str(TICKET["id"])]
    assert talk["touchpoint"].tolist() == [
        "chat: message",
        "chat: bot reply",
        "chat: message",
        "chat: reply",
        "chat: reply",
    ]
    assert talk["wait_s"].fillna(-1).tolist() == [600, -1, 480, -1, -1]
    assert talk["text"].fillna("").tolist() == ["Mijn factuur", "", "Nee & nee", "", ""]  # ours are not kept
    assert talk["resource"].fillna("").tolist() == ["", "", "", "60", "61"]
    assert r.events[r.events["case_id"] == "2"]["text"].tolist() == ["Alleen"]
    mine = r.identifiers[r.identifiers["value"] == "jan@a.nl"]["record_id"]
    assert set(mine) == set(r.events["event_id"])  # an agent's reply belongs to the customer's journey
    into = r.ledger[r.ledger["reason"] == "its comments are in the export, one by one"]["merged_into"]
    assert into.tolist() == [talk["event_id"].iloc[0]]


def test_bots_can_be_named_and_options_are_checked(read_parts):
    r = read_parts("zendesk", source={"options": {"bots": [60]}}, tickets=[TICKET], comments=COMMENTS, users=USERS)
    assert (r.events["wait_s"][0], r.events["bot_messages"][0]) == (1200, 2)
    with pytest.raises(StudyError, match=r"options\.bots are ids"):
        read_parts("zendesk", source={"options": {"bots": [[1]]}}, tickets=[TICKET])
    with pytest.raises(StudyError, match=r"options\.per = 'mesage'"):
        read_parts("zendesk", source={"options": {"per": "mesage"}}, tickets=[TICKET])


def test_a_comment_exported_twice_is_one(read_parts):
    r = read_parts(
        "zendesk",
        source={"options": {"per": "message"}},
        tickets=[TICKET],
        comments=[*COMMENTS, {**COMMENTS[3], "body": "later"}],
    )
    assert counts(r)["comments"] == {"read": 8, "kept": 6, "merged": 1, "duplicate": 1}


# ---- Twilio

A, B = "CH" + "a" * 32, "CH" + "b" * 32


def message(n, who, at, talk=A, part=None, **more):
    return {"sid": f"IM{n}", "conversation_sid": talk, "author": who, "participant_sid": part, "body": f"t{n}", "index": n,
            "date_created": f"2025-01-01T10:{at}Z", "date_updated": None, **more}  # fmt: skip


TALK = [
    message(0, "whatsapp:+31612345678", "00:00"), message(1, "system", "00:05"), message(2, "sanne", "02:00"),
    message(3, "piet", "03:00"), message(4, "whatsapp:+31612345678", "04:00"),
]  # fmt: skip


def test_messages_of_a_conversation_are_one_event(read_parts):
    named = {
        "conversations": [
            {"sid": A, "chat_service_sid": "IS1", "friendly_name": "Factuur", "state": "closed", "timers": {}}
        ],
        "meta": {},
    }
    r = read_parts("twilio", messages={"meta": {"page": 0}, "messages": TALK}, conversations=named)
    assert counts(r) == {"conversations": {"read": 1, "context": 1}, "messages": {"read": 5, "kept": 1, "merged": 4}}
    (e,) = r.events.to_dict("records")
    assert (e["channel"], e["touchpoint"], e["case_id"], e["raw_subject"]) == ("chat", "chat", A, "Factuur")
    assert (e["wait_s"], e["duration_s"], e["bot_s"], e["hand_overs"]) == (120, 240, 115, 1)
    assert (e["messages"], e["customer_messages"], e["agent_messages"], e["bot_messages"]) == (5, 2, 2, 1)
    assert (e["text"], e["resource"]) == ("t0\nt4", "piet")
    assert r.identifiers["value"].tolist() == ["+31612345678"]


def test_each_of_twilios_messages_can_be_an_event(read_parts):
    r = read_parts(
        "twilio",
        source={"options": {"per": "message"}},
        messages=[*TALK, {**TALK[2], "date_updated": "2025-01-02T10:00:00Z", "body": "edited"}],
    )
    assert counts(r)["messages"] == {"read": 6, "kept": 5, "duplicate": 1}
    by_time = r.events.sort_values("timestamp")
    assert by_time["touchpoint"].tolist() == [
        "chat: message",
        "chat: bot reply",
        "chat: reply",
        "chat: reply",
        "chat: message",
    ]
    assert by_time["wait_s"].fillna(-1).tolist() == [120, -1, -1, -1, -1]


def test_participants_say_who_writes(read_parts):
    people = [
        {"sid": "MB1", "conversation_sid": A, "identity": None, "role_sid": "RL1", "date_updated": None,
         "messaging_binding": {"type": "sms", "address": "+31687654321", "proxy_address": "+31880012300"}},
        {"sid": "MB2", "conversation_sid": A, "identity": "sanne", "role_sid": "RL2", "date_updated": None, "messaging_binding": None},
    ]  # fmt: skip
    rows = [message(0, "+31687654321", "00:00", part="MB1"), message(1, "sanne", "01:00", part="MB2")]
    r = read_parts("twilio", participants={"participants": people}, messages=rows)
    assert (r.events["channel"].tolist(), r.events["wait_s"].tolist()) == (["sms"], [60])
    assert counts(r)["participants"] == {"read": 2, "context": 2}


def test_identities_that_nobody_knows_are_refused_until_ours_are_named(read_parts):
    rows = [message(0, "visitor-1", "00:00", B), message(1, "sanne", "01:00", B)]
    with pytest.raises(InputError, match=r"2 identities write .*role_sid") as said:
        read_parts("twilio", messages=rows)
    assert "visitor" not in str(said.value)
    r = read_parts("twilio", source={"options": {"us": ["sanne"]}}, messages=rows)
    assert (r.events["wait_s"].tolist(), r.identifiers["value"].tolist()) == ([60], ["twilio identity visitor-1"])


def test_calls_and_conversations_may_lie_beside_each_other(read_parts):
    call = {"sid": "CA1", "parent_call_sid": None, "from": "+31612345678", "to": "+31880012300", "direction": "inbound", "status": "completed",
            "start_time": "Wed, 01 Jan 2025 09:00:00 +0000", "end_time": "Wed, 01 Jan 2025 09:05:00 +0000", "duration": "300"}  # fmt: skip
    r = read_parts("twilio", calls={"calls": [call]}, messages=TALK, study={"company": {"numbers": ["0880012300"]}})
    assert r.events["channel"].tolist() == ["phone", "chat"]
    assert r.identifiers["value"].nunique() == 1
    nothing = read_parts(
        "twilio", calls=[{**call, "sid": None}], messages=[{**TALK[0], "date_created": "soon"}, TALK[1]]
    )
    assert counts(nothing)["messages"] == {"read": 2, "kept": 1, "rejected": 1}


# ---- Salesforce

BODY = ('<p align="center">Chat Started</p><p align="center">Chatbot Eva</p>( 1s ) Eva: Hoi<br>( 19s ) Peter: hi &amp; ho<br>more<br>'
        '<p align="center">Agent Jon A.</p>( 1m 0s ) Jon A.: Hello<br><p align="center">Agent Kim</p>( 2m 0s ) Kim: ok<br>')  # fmt: skip
CHAT = {"Id": "1", "ChatKey": "k", "ContactId": "003x", "CaseId": "500", "RequestTime": "2024-01-01T10:00:00.000+0000",
        "StartTime": "2024-01-01T10:00:10.000+0000", "ChatDuration": 300, "WaitTime": 10, "Status": "Completed",
        "LastModifiedDate": "2024-01-02T10:00:00.000+0000", "Body": BODY}  # fmt: skip


def test_a_transcript_counts_its_sides(read_one):
    (e,) = read_one(json.dumps({"records": [CHAT]})).events.to_dict("records")
    assert (e["messages"], e["customer_messages"], e["agent_messages"], e["bot_messages"]) == (4, 1, 2, 1)
    assert (e["hand_overs"], e["bot_s"], e["wait_s"], e["text"]) == (1, 59, 10, "hi & ho\nmore")
    counted = {**CHAT, "OperatorMessageCount": 7, "VisitorMessageCount": 3}
    (e,) = read_one(json.dumps({"records": [counted]})).events.to_dict("records")
    assert (e["messages"], e["customer_messages"], e["agent_messages"]) == (10, 3, 6)  # the bot's one is no agent's


def test_each_message_of_a_transcript_can_be_an_event(read_one):
    older = {**CHAT, "LastModifiedDate": "2024-01-01T11:00:00.000+0000"}
    silent = {**CHAT, "Id": "2", "Body": "( 1s ) Who: am I<br>"}
    r = read_one(json.dumps({"records": [older, CHAT, silent]}), options={"per": "message"})
    # three transcripts and four messages in each of two; the third does not say who is an agent
    assert {k: v for k, v in r.inputs[0].counts.items() if v} == {
        "read": 11,
        "kept": 5,
        "merged": 1,
        "duplicate": 1,
        "context": 4,
    }
    talk = r.events[r.events["seq"] > 3].sort_values("timestamp")
    assert talk["touchpoint"].tolist() == ["chat: bot reply", "chat: message", "chat: reply", "chat: reply"]
    assert [str(t)[11:19] for t in talk["timestamp"]] == ["10:00:11", "10:00:29", "10:01:10", "10:02:10"]
    assert talk["wait_s"].fillna(-1).tolist() == [-1, 41, -1, -1]
    assert talk["case_id"].tolist() == ["500"] * 4
    assert r.identifiers["record_id"].nunique() == 5


def test_words_of_the_option_are_the_same_everywhere(read_one):
    with pytest.raises(StudyError, match=r"options\.per = 'mesage'"):
        read_one(json.dumps({"records": [CHAT]}), options={"per": "mesage"})


# ---- the sum itself


def test_the_sum_of_a_conversation_does_not_depend_on_the_order_of_rows():
    from cxmining.ingest.contact.talks import talks

    stamps = pd.to_datetime([f"2025-01-01 10:0{m}Z" for m in (0, 1, 2, 3)])
    rows = pd.DataFrame(
        {
            "talk": list("abab"),
            "utc": stamps,
            "side": ["customer", "bot", "person", "customer"],
            "text": ["x", "y", "z", None],
            "who": ["c", "b", "p", "c"],
        }
    )
    straight = talks(rows).sort_index()
    turned = talks(rows.iloc[::-1]).sort_index()
    pd.testing.assert_frame_equal(straight, turned)
    assert straight["wait_s"].tolist()[0] == 120
    assert straight["wait_s"].isna().tolist() == [False, True]  # we began the second, and nobody answered
    assert straight["bot_s"].fillna(-1).tolist() == [-1, 120]
    assert len(talks(rows.iloc[:0])) == 0
