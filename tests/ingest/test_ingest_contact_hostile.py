"""Contact centres and chats: wrong types in any field, times that run backwards, numbers beyond 2^53, files that were broken."""

import gzip
import json

import pytest

from cxmining.errors import InputError

US = {"company": {"numbers": ["0880012300"], "name": "Acme"}}
BIG = 9_007_199_254_740_993  # 2^53 + 1: as a float it is another number

TWILIO = {"sid": "CA1", "parent_call_sid": None, "from": "+31612345678", "to": "+31880012300", "direction": "inbound", "status": "completed",
          "start_time": "Wed, 01 Jan 2025 09:00:00 +0000", "end_time": "Wed, 01 Jan 2025 09:05:00 +0000", "duration": "300", "answered_by": None}  # fmt: skip
MESSAGE = {"sid": "IM1", "conversation_sid": "CH1", "author": "whatsapp:+31612345678", "participant_sid": None, "body": "x", "index": 0,
           "date_created": "2025-01-01T10:00:00Z", "date_updated": None}  # fmt: skip
INTERCOM = {"type": "conversation", "id": BIG, "created_at": 1539897198, "updated_at": 1539898198, "state": "closed",
            "source": {"type": "conversation", "subject": "x", "body": "<p>hi</p>", "author": {"type": "user", "id": BIG, "email": "a@b.nl"}},
            "contacts": {"contacts": [{"id": "5bc", "external_id": BIG}]}, "team_assignee_id": 8, "admin_assignee_id": 5,
            "conversation_parts": {"conversation_parts": [{"id": "1", "part_type": "comment", "body": "ok", "created_at": 1539897298, "author": {"type": "admin", "id": "5"}}]},
            "conversation_rating": {"rating": 4, "remark": "fine", "created_at": 1539897598}, "statistics": {"count_reopens": 1}}  # fmt: skip
SALESFORCE = {"Id": "1", "ChatKey": "k", "ContactId": "003", "StartTime": "2024-01-01T10:00:10.000+0000", "ChatDuration": 300, "WaitTime": 10,
              "Abandoned": 0, "Status": "Completed", "OperatorMessageCount": 3, "VisitorMessageCount": 2, "Body": "<p>Agent Jo</p>( 3s ) Jo: hi<br>( 5s ) P: ho<br>"}  # fmt: skip
TICKET = {"id": BIG, "created_at": "2025-05-24T10:00:00Z", "updated_at": "2025-05-26T14:00:00Z", "status": "closed", "type": "question", "requester_id": BIG,
          "submitter_id": 7, "assignee_id": 60, "group_id": 1, "via": {"channel": "web", "source": {"from": {"address": "a@b.nl"}}}, "subject": "x",
          "description": "y", "tags": ["a"], "satisfaction_rating": {"score": "good", "comment": "z"}, "merged_ticket_ids": []}  # fmt: skip
COMMENT = {"id": 5, "ticket_id": BIG, "author_id": 7, "created_at": "2025-05-24T10:00:00Z", "body": "x", "public": True}
RECORDS = {
    "twilio": ("twilio", TWILIO), "conversations": ("twilio", MESSAGE), "intercom": ("intercom", INTERCOM), "salesforce": ("salesforce", SALESFORCE),
    "zendesk": ("zendesk", TICKET),
}  # fmt: skip
ODD = (None, True, -1, 0.5, 1e308, 2**63, 2**70, "", " ", "\x00", "\ud800", "<img src=x onerror=alert(1)>", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
       [], {}, [1], [[]], [{"a": 1}], {"a": [None]}, "x" * 5000, "(((" * 50)  # fmt: skip


def spoilt(value, new):
    """Every copy of a record in which one value is another."""
    if isinstance(value, dict):
        for key in value:
            yield {**value, key: new}
            yield from ({**value, key: v} for v in spoilt(value[key], new))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from ([*value[:i], v, *value[i + 1 :]] for v in spoilt(inner, new))


@pytest.mark.parametrize("per", ["conversation", "message"])
@pytest.mark.parametrize("name", RECORDS)
def test_any_value_in_any_field_is_kept_or_said(name, per, read_one):
    kind, good = RECORDS[name]
    options = {"per": per, "us": ["x"]} if kind == "twilio" else {"per": per}
    rows = [good, *(row for new in ODD for row in spoilt(good, new))]
    lines = "\n".join(map(json.dumps, rows))
    r = read_one(lines, format=kind, options=options, study=US, tz="UTC")
    counts = r.inputs[0].counts
    assert sum(v for k, v in counts.items() if k != "read") == counts["read"] >= len(rows)
    assert (r.events[["wait_s", "duration_s"]].fillna(0) >= 0).all(axis=None)
    whole = read_one(
        json.dumps(rows), format=kind, options=options, study=US, tz="UTC"
    )  # an array is read as lines are
    assert {k: v for k, v in whole.inputs[0].counts.items() if k != "read"} == {
        k: v for k, v in counts.items() if k != "read"
    }


@pytest.mark.parametrize("name", RECORDS)
def test_broken_files_are_one_sentence(name, read_one):
    kind, good = RECORDS[name]
    for broken in (
        gzip.compress(json.dumps([good] * 300).encode())[:-30],
        b"",
        b"[]",
        b"[" + b"[" * 10_000,
        b'{"a": ' * 10_000,
        b"\x00" * 100,
    ):
        with pytest.raises(InputError) as said:
            read_one(broken, name="broken", format=kind, tz="UTC")
        assert "broken" in str(said.value)
        assert "\n" not in str(said.value)


def test_ids_beyond_what_a_float_can_hold_stay_what_they_are(read_one):
    assert read_one(json.dumps([INTERCOM])).events["case_id"].tolist() == [str(BIG)]
    assert read_one(json.dumps([TICKET])).events["case_id"].tolist() == [str(BIG)]
    rows = [{**TWILIO, "sid": BIG + i} for i in range(3)]
    r = read_one("\n".join(map(json.dumps, rows)), study=US)
    assert r.events["case_id"].tolist() == [str(BIG + i) for i in range(3)]  # three calls, not one


def test_times_that_run_backwards_are_cells_not_negative_seconds(read_one):
    backwards = {**TWILIO, "end_time": "Wed, 01 Jan 2025 08:00:00 +0000"}
    r = read_one(json.dumps([backwards, {**TWILIO, "sid": "2", "duration": "-5"}]), study=US)
    assert r.inputs[0].counts["kept"] == 2
    assert set(r.ledger["cell"].dropna()) == {"end_time", "duration"}
    chat = read_one(json.dumps([{**SALESFORCE, "ChatDuration": -1, "WaitTime": "x"}]), format="salesforce")
    assert (set(chat.ledger["cell"].dropna()), chat.events["duration_s"].isna().tolist()) == (
        {"ChatDuration", "WaitTime"},
        [True],
    )
    conversation = {
        "conversationId": "c", "conversationStart": "2024-01-01T10:00:00Z", "conversationEnd": "2024-01-01T10:09:00Z", "originatingDirection": "inbound",
        "participants": [
            {"purpose": "customer", "sessions": [{"mediaType": "voice", "sessionId": "s", "direction": "inbound", "ani": "tel:+31612345678", "segments": []}]},
            {"purpose": "agent", "userId": "u", "sessions": [{"mediaType": "voice", "peerId": "s", "segments": [
                {"segmentType": "interact", "segmentStart": "2024-01-01T10:05:00Z", "segmentEnd": "2024-01-01T10:01:00Z"}]}]},
        ],
    }  # fmt: skip
    call = read_one(json.dumps([conversation]), format="genesys")
    assert (call.events["duration_s"].tolist(), call.ledger["cell"].dropna().tolist()) == ([0], ["segmentEnd"])


def test_the_newest_state_wins_whatever_the_order(read_one):
    old, new = (
        {**TWILIO, "date_updated": "Wed, 01 Jan 2025 09:05:00 +0000", "duration": "1"},
        {**TWILIO, "date_updated": "Wed, 01 Jan 2025 09:06:00 +0000"},
    )
    undated = {**TWILIO, "duration": "2"}
    for order in ([old, new, undated], [new, undated, old], [undated, old, new]):
        r = read_one(json.dumps(order), study=US)
        assert ({k: v for k, v in r.inputs[0].counts.items() if v}, r.events["duration_s"].tolist()) == (
            {"read": 3, "kept": 1, "duplicate": 2},
            [300],
        )


@pytest.mark.parametrize("country", ["NL", "DE", "US"])
def test_a_number_without_a_country_is_of_the_companys(country, read_one):
    rows = [
        {**TWILIO, "from": n, "sid": n}
        for n in ("0612345678", "+31612345678", "anonymous", "266696687", "sip:0612345678@trunk")
    ]
    r = read_one(json.dumps(rows), study={"company": {"numbers": ["+31880012300"], "country": country}})
    found = set(r.identifiers.loc[r.identifiers["kind"] == "phone", "value"])
    assert "+31612345678" in found
    assert {"NL": "+31612345678", "DE": "+49612345678", "US": "+31612345678"}[country] in found
    assert not any(v == "anonymous" for v in found)
