"""Contact centres: sessions, legs and copies become contacts, each record accounted for."""

import gzip
import json

import pandas as pd
import pytest

import cxmining as cx
from cxmining.errors import InputError, StudyError

US = {"company": {"numbers": ["0880012300"], "domains": ["ons.example"]}}


def counts(reading):
    return {k: v for k, v in reading.inputs[0].counts.items() if v}


def survey(*items, **more):
    return {"survey": [{"name": "v", "kind": "transactional", "item": list(items), **more}]}


# ---- Genesys Cloud


def segment(kind, start, end, **more):
    return {"segmentType": kind, "segmentStart": f"2024-04-29T{start}Z", "segmentEnd": f"2024-04-29T{end}Z", **more}


def someone(purpose, *segments, media="voice", who=None, metrics=(), **session):
    metrics = [{"name": n, "value": v, "emitDate": "2024-04-29T17:00:00.000Z"} for n, v in metrics]
    own = {"mediaType": media, "segments": list(segments), "metrics": metrics, **session}
    return {"purpose": purpose, "sessions": [own], **(who or {})}


CALLER = someone(
    "customer", segment("system", "17:30:00.000", "17:30:00.250"), segment("interact", "17:30:00.250", "17:40:00.000"),
    sessionId="s1", direction="inbound", ani="tel:+31612345678", dnis="tel:+31880012300", who={"externalContactId": "e1"},
)  # fmt: skip
MENU = someone("ivr", segment("ivr", "17:30:00.100", "17:31:00.100"), peerId="s1")
QUEUE = someone(
    "acd",
    segment("interact", "17:31:00.100", "17:31:30.000", queueId="q1"),
    peerId="s1",
    who={"participantName": "Facturen"},
)
MISSED = someone(
    "agent", segment("alert", "17:31:00.200", "17:31:08.000", queueId="q1"), peerId="s1", who={"userId": "u0"}
)
AGENT = someone(
    "agent", segment("alert", "17:31:28.000", "17:31:30.000", queueId="q1"), segment("interact", "17:31:30.000", "17:35:30.000", queueId="q1"),
    segment("hold", "17:35:30.000", "17:36:30.000", queueId="q1"), segment("interact", "17:36:30.000", "17:40:00.000", queueId="q1"),
    segment("wrapup", "17:40:00.000", "17:40:12.000", queueId="q1", wrapUpCode="w1"), peerId="s1", who={"userId": "u1"},
)  # fmt: skip


def talk(*people, **more):
    return {
        "conversationId": "c1", "conversationStart": "2024-04-29T17:30:00.000Z", "conversationEnd": "2024-04-29T17:40:12.000Z",
        "originatingDirection": "inbound", "participants": list(people), **more,
    }  # fmt: skip


def test_the_sessions_of_a_call_become_one_contact(read_one):
    r = read_one(
        json.dumps({"conversations": [talk(CALLER, MENU, QUEUE, MISSED, AGENT)], "totalHits": 1}),
        study=US,
        tz="Europe/Amsterdam",
    )
    assert (r.format, counts(r)) == ("genesys", {"read": 5, "kept": 1, "merged": 4})
    (e,) = r.events.to_dict("records")
    assert (str(e["timestamp"]), e["utc_offset"], e["touchpoint"]) == (
        "2024-04-29 17:30:00+00:00",
        120,
        "phone: Facturen",
    )
    assert (e["wait_s"], e["ivr_s"]) == (90, 60)  # until somebody answered, one minute of it in the menu
    assert e["queue_s"] == pytest.approx(29.9)
    assert (e["duration_s"], e["hold_s"], e["wrap_up_s"]) == (240 + 210, 60, 12)  # whoever did not pick up did not talk
    assert (e["resource"], e["agents"], e["transfers"], e["wrap_up"], e["raw_status"]) == ("u1", 1, 0, "w1", "answered")
    assert sorted(r.identifiers["value"]) == ["+31612345678", "genesys contact e1"]
    assert set(r.ledger["merged_into"].dropna()) == {e["event_id"]}


def test_a_transfer_and_who_answered_last(read_one):
    second = someone(
        "agent", segment("interact", "17:40:05.000", "17:41:05.000", queueId="q2"), peerId="s1", who={"userId": "u2"}
    )
    (e,) = read_one(json.dumps([talk(CALLER, QUEUE, AGENT, second)])).events.to_dict("records")
    assert (e["raw_status"], e["transfers"], e["agents"], e["resource"], e["queue"]) == (
        "transferred",
        1,
        2,
        "u2",
        "q2",
    )
    # the system's own count wins where it has one: a conference is no transfer
    (e,) = read_one(
        json.dumps([talk(CALLER, QUEUE, someone("agent", segment("interact", "17:31:00.000", "17:32:00.000"), metrics=[("nTransferred", 0)]), second)])
    ).events.to_dict("records")  # fmt: skip
    assert (e["transfers"], e["raw_status"]) == (0, "answered")


def test_who_hung_up_in_the_queue_or_in_the_menu(read_one):
    r = read_one("\n".join(map(json.dumps, [talk(CALLER, MENU, QUEUE), talk(CALLER, MENU, conversationId="c2")])))
    assert r.events["touchpoint"].tolist() == ["phone: Facturen, abandoned", "phone, menu only"]
    assert r.events["wait_s"].tolist()[0] == 600
    assert r.events["wait_s"].isna().tolist() == [False, True]  # in a menu nobody is waited for


def test_every_session_of_the_customer_is_a_contact(read_one):
    chat = someone(
        "customer",
        segment("interact", "17:00:00.000", "17:20:00.000"),
        media="chat",
        sessionId="t",
        direction="inbound",
    )
    share = someone("customer", segment("interact", "17:05:00.000", "17:06:00.000"), media="cobrowse", sessionId="x")
    mail = someone(
        "customer",
        segment("interact", "17:50:00.000", "17:55:00.000"),
        media="email",
        direction="outbound",
        addressTo="jan@a.nl",
        sessionId="m",
    )
    helper = someone("agent", segment("interact", "17:02:00.000", "17:20:00.000"), media="chat", peerId="t")
    r = read_one(json.dumps([talk(chat, share, mail, helper)]), study=US)
    assert counts(r) == {"read": 4, "kept": 2, "merged": 2}
    assert r.events["channel"].tolist() == ["chat", "mail"]
    assert r.events["wait_s"].tolist()[0] == 120
    assert r.events["direction"].tolist() == ["inbound", "outbound"]
    assert r.identifiers["value"].tolist() == ["jan@a.nl"]
    assert r.events["case_id"].tolist() == ["c1", "c1"]


def test_a_conversation_exported_while_it_went_on_is_the_older_copy(read_one):
    going = {**talk(CALLER, QUEUE), "conversationEnd": None}
    r = read_one(json.dumps([talk(CALLER, QUEUE, AGENT), going]))
    assert counts(r) == {"read": 5, "kept": 1, "merged": 2, "duplicate": 2}
    assert r.events["raw_status"].tolist() == ["answered"]


SCORES = [{"surveyPromoterScore": 9, "oSurveyTotalScore": 11, "surveyCompletedDate": "2024-04-29T18:00:00Z"},
          {"surveyStatus": "Sent", "eventTime": "2024-04-29T18:05:00Z"}]  # fmt: skip


def test_surveys_inside(read_one):
    items = survey(
        {"column": "surveyPromoterScore", "metric": "nps", "low": 0, "high": 10, "touchpoint": "(contact)"},
        {"column": "oSurveyTotalScore", "metric": "csat", "low": 0, "high": 10},
    )
    export = json.dumps([talk(CALLER, AGENT, surveys=SCORES)])
    r = read_one(export, survey="v", study=items)
    assert counts(r) == {"read": 4, "kept": 3, "merged": 1}
    assert r.answers["score"].tolist()[0] == 9
    assert r.answers["status"].tolist() == [
        "answered",
        "invalid",
    ]  # a total of 11 of 10 leaves the other answer standing
    assert (r.responses["reference"][0], len(r.invitations)) == ("c1", 1)
    assert set(r.identifiers.loc[r.identifiers["value"] == "+31612345678", "record_id"]) == {
        r.events["event_id"][0], r.responses["response_id"][0], r.invitations["invitation_id"][0],
    }  # fmt: skip
    assert counts(read_one(export)) == {"read": 4, "kept": 1, "merged": 1, "context": 2}


def test_conversations_that_cannot_be_used(read_one):
    rows = [
        talk(CALLER), {"conversationId": "x", "participants": []}, talk(AGENT, conversationId="y"), talk(CALLER, conversationId=None),
        talk(someone("customer", sessionId="z"), conversationId="z", conversationStart="9999-12-31T00:00:00Z"), 7,
    ]  # fmt: skip
    r = read_one("\n".join(map(json.dumps, rows)) + '\n{"conversationId": "cut')
    assert counts(r) == {"read": 7, "kept": 1, "rejected": 6}
    assert set(r.ledger["reason"].dropna()) >= {"nobody in it is a customer", "no conversationId", "no moment"}
    with pytest.raises(InputError, match="no time zone"):
        read_one(json.dumps([talk(CALLER, conversationStart="2024-04-29T17:30:00")]))


# ---- Amazon Connect

CONTACT = {
    "ContactId": "a", "InitialContactId": None, "PreviousContactId": None, "Channel": "VOICE", "InitiationMethod": "INBOUND",
    "InitiationTimestamp": "2024-01-01T10:00:00Z", "DisconnectTimestamp": "2024-01-01T10:05:00Z",
    "LastUpdateTimestamp": "2024-01-01T10:06:00Z", "CustomerEndpoint": {"Address": "+31612345678", "Type": "TELEPHONE_NUMBER"},
    "Queue": {"Name": "Facturen", "EnqueueTimestamp": "2024-01-01T10:00:05Z", "Duration": 20},
    "Agent": {"Username": "sanne", "ConnectedToAgentTimestamp": "2024-01-01T10:00:25Z", "AgentInteractionDuration": 200,
              "CustomerHoldDuration": 30, "NumberOfHolds": 1, "AfterContactWorkDuration": 12},
    "Attributes": {"klant": "0017"},
}  # fmt: skip


def leg(contact, method, before="a", first="a", **more):
    return {
        **CONTACT,
        "ContactId": contact,
        "PreviousContactId": before,
        "InitialContactId": first,
        "InitiationMethod": method,
        **more,
    }


def test_contact_records_of_one_call_are_one_contact_and_a_callback_another(read_one):
    stream = [
        CONTACT,
        leg("b", "TRANSFER", Queue={"Name": "Techniek"}),
        leg("c", "QUEUE_TRANSFER", before="b"),
        leg("d", "CALLBACK", Agent=None),
    ]
    # Firehose writes objects behind each other, without a line break
    r = read_one("".join(map(json.dumps, stream)), columns={"account": "klant"})
    assert (r.format, counts(r)) == ("connect", {"read": 4, "kept": 2, "merged": 2})
    call, back = r.events.to_dict("records")
    assert (call["wait_s"], call["duration_s"], call["hold_s"], call["holds"], call["transfers"]) == (25, 600, 90, 3, 2)
    assert (call["queue"], call["raw_status"], call["case_id"]) == ("Facturen", "transferred", "a")
    assert (back["direction"], back["touchpoint"], back["case_id"]) == ("outbound", "phone: Facturen, unanswered", "a")
    assert pd.isna(back["wait_s"])
    assert set(r.identifiers["value"]) == {"+31612345678", "0017"}


def test_the_newest_update_of_a_contact_stands(read_one):
    newer = {**CONTACT, "LastUpdateTimestamp": "2024-01-02T00:00:00Z", "Attributes": {"klant": "0018"}}
    for order in ([CONTACT, newer, CONTACT], [newer, CONTACT]):
        r = read_one("\n".join(map(json.dumps, order)), attributes=["klant"])
        assert counts(r) == {"read": len(order), "kept": 1, "duplicate": len(order) - 1}
        assert r.events["klant"].astype("str").tolist() == ["0018"]


def test_contacts_nobody_answered(read_one):
    rows = [{**CONTACT, "Agent": None}, {**CONTACT, "ContactId": "m", "Agent": None, "Queue": None},
            {**CONTACT, "ContactId": "t", "Channel": "TASK"}, {**CONTACT, "ContactId": "s", "Channel": "CHAT",
             "SegmentAttributes": {"connect:Subtype": {"ValueString": "connect:SMS"}}}]  # fmt: skip
    r = read_one(json.dumps(rows))
    assert r.events["touchpoint"].tolist() == [
        "phone: Facturen, abandoned",
        "phone, menu only",
        "other: Facturen",
        "sms: Facturen",
    ]
    assert r.events["wait_s"].tolist()[0] == 300
    assert r.events["direction"].tolist() == ["inbound", "inbound", "internal", "inbound"]


def test_contacts_that_name_each_other_in_a_ring_stand_for_themselves(read_one):
    r = read_one(
        json.dumps(
            [leg("x", "TRANSFER", before="y"), leg("y", "TRANSFER", before="x"), leg("z", "TRANSFER", before="gone")]
        )
    )
    assert counts(r) == {"read": 3, "kept": 3}


def test_wrong_cells_leave_the_contact_standing(read_one):
    odd = {
        **CONTACT,
        "Agent": {**CONTACT["Agent"], "AgentInteractionDuration": -5, "NumberOfHolds": ["x"]},
        "DisconnectTimestamp": "2024-01-01T09:00:00Z",
    }
    r = read_one(
        json.dumps(
            [
                odd,
                {**CONTACT, "ContactId": 9007199254740993},
                {**CONTACT, "ContactId": "n", "InitiationTimestamp": "0001-01-01T00:00:00Z"},
            ]
        )
    )
    assert counts(r) == {"read": 3, "kept": 2, "rejected": 1}
    assert r.events["case_id"].tolist() == ["a", "9007199254740993"]
    assert r.events["duration_s"].isna().tolist() == [True, False]
    assert set(r.ledger["cell"].dropna()) == {"Agent.AgentInteractionDuration", "Agent.NumberOfHolds"}


# ---- Twilio


def call(
    sid,
    parent=None,
    start="10:00:00",
    end="10:08:00",
    duration="480",
    status="completed",
    direction="inbound",
    to="+31880012300",
    **more,
):
    return {"sid": sid, "parent_call_sid": parent, "from": "+31612345678", "to": to, "direction": direction, "status": status,
            "start_time": f"Tue, 10 Aug 2010 {start} +0000", "end_time": f"Tue, 10 Aug 2010 {end} +0000", "duration": duration,
            "date_created": f"Tue, 10 Aug 2010 {start} +0000", "date_updated": "Tue, 10 Aug 2010 10:08:00 +0000", **more}  # fmt: skip


def test_child_legs_are_merged_into_their_call(read_one):
    legs = [
        call("CA1"), call("CA2", "CA1", "10:00:30", "10:00:50", None, "no-answer", "outbound-dial", "client:piet"),
        call("CA3", "CA1", "10:00:50", "10:08:00", "400", "completed", "outbound-dial", "client:sanne"),
    ]  # fmt: skip
    r = read_one(json.dumps({"first_page_uri": "/x", "end": 2, "calls": legs}), study=US, tz="Europe/Amsterdam")
    assert (r.format, counts(r)) == ("twilio", {"read": 3, "kept": 1, "merged": 2})
    (e,) = r.events.to_dict("records")
    assert (str(e["timestamp"]), e["utc_offset"]) == ("2010-08-10 10:00:00+00:00", 120)
    assert (e["wait_s"], e["duration_s"], e["legs"], e["transfers"]) == (80, 400, 3, 0)  # answered at 10:08:00 - 400 s
    assert (e["resource"], e["touchpoint"]) == ("client:sanne", "phone")
    assert r.identifiers["value"].tolist() == ["+31612345678"]


def test_calls_nobody_answered(read_one):
    rows = [
        call("1", duration=None, status="no-answer"), call("2", duration=None, status="busy", direction="outbound-api", to="+31687654321"),
        call("3"), call("4", "3", duration=None, status="no-answer", direction="outbound-dial", to="client:a"),
        call("5", status="canceled", direction="outbound-api", to="0687654321"), call("6", status="ringing", end="10:00:00"),
    ]  # fmt: skip
    r = read_one(json.dumps(rows), study=US)
    assert r.events["touchpoint"].tolist() == [
        "phone, abandoned",
        "phone, busy",
        "phone, abandoned",
        "phone, unanswered",
        "phone",
    ]
    assert r.events["wait_s"].isna().tolist() == [False, True, False, True, True]
    assert set(r.identifiers["value"]) == {"+31612345678", "+31687654321"}


def test_click_to_call_reaches_the_customer_with_its_second_leg(read_one):
    rows = [
        call("1", direction="outbound-api", to="0880012300"),
        call("2", "1", direction="outbound-dial", to="+31687654321"),
    ]
    r = read_one(json.dumps(rows), study=US)
    assert (r.identifiers["value"].tolist(), r.events["direction"].tolist()) == (["+31687654321"], ["outbound"])


def test_calls_as_the_interface_writes_them_as_csv(read_one):
    head = "Sid,ParentCallSid,DateCreated,DateUpdated,To,From,Status,StartTime,EndTime,Duration,Direction\n"
    stamp = '"Tue, 10 Aug 2010 10:00:00 +0000"'
    r = read_one(head + f"CA1,,{stamp},{stamp},+31880012300,0612345678,completed,{stamp},{stamp},0,inbound\n" * 2)
    assert (r.format, counts(r)) == ("twilio", {"read": 2, "kept": 1, "duplicate": 1})


@pytest.mark.real
def test_a_warehouse_copy_of_calls(real, read_one):
    raw = (real / "formats/twilio_call_data.csv").read_text()
    r = read_one(raw)
    # one of the nine began on the thirtieth of February
    assert (r.format, counts(r)) == ("twilio", {"read": len(raw.strip().splitlines()) - 1, "kept": 8, "rejected": 1})
    assert cx.inspect(real / "formats/twilio_call_data.csv").counts["kept"] == 8


# ---- Salesforce

CHATS = (
    "Id,ChatKey,ContactId,CaseId,RequestTime,StartTime,ChatDuration,WaitTime,Abandoned,Status,LastModifiedDate,OwnerId,SkillId,OperatorMessageCount,VisitorMessageCount,Body\n"
    "1,k1,003x,500,2024-01-01T10:00:00.000+0000,2024-01-01T10:00:10.000+0000,300,10,0,Completed,2024-01-02T10:00:00.000+0000,005,s1,2,2,"
    '"<p align=""center"">Agent Jon A.</p>( 8s ) Jon A.: Hello<br>( 1m 19s ) Peter: hi &amp; ho<br>more<br>( 2m 0s ) Jon A.: ok<br>"\n'
    "2,k2,003x,,2024-01-01T11:00:00.000+0000,,,,25,Missed,2024-01-02T10:00:00.000+0000,005,s1,,,\n"
    "2,k2,003x,,2024-01-01T11:00:00.000+0000,,,,,Waiting,2024-01-01T11:00:00.000+0000,005,s1,,,\n"
)


def test_chat_transcripts(read_one):
    r = read_one(CHATS, options={"values": {"queue": {"s1": "facturen"}}})
    assert (r.format, counts(r)) == ("salesforce", {"read": 3, "kept": 2, "duplicate": 1})
    first, second = r.events.to_dict("records")
    assert (first["wait_s"], first["duration_s"], first["messages"], first["text"]) == (10, 300, 4, "hi & ho\nmore")
    assert (first["case_id"], first["thread_id"], first["resource"]) == ("500", "k1", "005")
    assert (second["touchpoint"], second["wait_s"]) == ("chat: facturen, abandoned", 25)
    assert set(r.identifiers["value"]) == {"salesforce contact 003x"}


def test_chat_transcripts_of_a_query_and_columns_that_are_not_there(read_one):
    record = {"attributes": {"type": "LiveChatTranscript", "url": "/x"}, "Id": "1", "ChatKey": "k", "StartTime": "2024-01-01T10:00:00.000+0000",
              "Status": "Completed", "Email__c": "jan@a.nl", "WaitTime": -3}  # fmt: skip
    r = read_one(json.dumps({"totalSize": 1, "done": True, "records": [record]}), columns={"email": "Email__c"})
    assert (r.format, r.identifiers["value"].tolist(), r.events["wait_s"].isna().tolist()) == (
        "salesforce",
        ["jan@a.nl"],
        [True],
    )
    with pytest.raises(StudyError, match="'Email__d', which is not in the file"):
        read_one(CHATS, columns={"email": "Email__d"})


# ---- all of them

EXPORTS = {
    "genesys": json.dumps([talk(CALLER, AGENT)]),
    "connect": json.dumps([CONTACT]),
    "twilio": json.dumps([call("1")]),
    "salesforce": CHATS,
}


@pytest.mark.parametrize("name", EXPORTS)
def test_recognised_by_content_and_shown(name, tmp_path):
    (tmp_path / "export").write_text(EXPORTS[name])
    seen = cx.inspect(tmp_path / "export")
    assert (seen.format, seen.counts["read"] > 0) == (name, True)


@pytest.mark.parametrize("name", EXPORTS)
def test_packed_cut_off_empty_and_of_other_kinds(name, read_one):
    whole = read_one(EXPORTS[name])
    packed = read_one(gzip.compress(EXPORTS[name].encode()), name="x.gz")
    assert packed.events["touchpoint"].tolist() == whole.events["touchpoint"].tolist()
    marked = read_one(EXPORTS[name].encode("utf-16"))
    assert marked.events["touchpoint"].tolist() == whole.events["touchpoint"].tolist()
    for broken in (gzip.compress(EXPORTS[name].encode() * 300)[:-30], b"", b"[]", b"[" + b"[" * 10_000):
        with pytest.raises(InputError) as said:
            read_one(broken, name="broken", format=name)
        assert "broken" in str(said.value)
        assert "\n" not in str(said.value)
    with pytest.raises(StudyError, match="unknown option 'quue'"):
        read_one(EXPORTS[name], options={"quue": 1})


ODD = (
    None,
    True,
    -1,
    1e308,
    2**70,
    "\x00",
    "<img src=x onerror=alert(1)>",
    "9999-12-31T23:59:59Z",
    [],
    {},
    [1],
    {"a": [None]},
    "x" * 5000,
)


@pytest.mark.parametrize("name", ["genesys", "connect", "twilio"])
def test_any_value_in_any_field_is_kept_or_said(name, read_one):
    def spoilt(value, new):
        """Every copy of a record in which one value is another."""
        if isinstance(value, dict):
            for key in value:
                yield {**value, key: new}
                yield from ({**value, key: v} for v in spoilt(value[key], new))
        elif isinstance(value, list):
            for i, inner in enumerate(value):
                yield from ([*value[:i], v, *value[i + 1 :]] for v in spoilt(inner, new))

    (good,) = json.loads(EXPORTS[name])
    rows = [good, *(row for new in ODD for row in spoilt(good, new))]
    r = read_one("\n".join(map(json.dumps, rows)))
    assert sum(v for k, v in r.inputs[0].counts.items() if k != "read") == r.inputs[0].counts["read"] >= len(rows)
    assert (r.events[["wait_s", "duration_s"]].fillna(0) >= 0).all(axis=None)
