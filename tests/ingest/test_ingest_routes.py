"""Who handed a call, a ticket or a contact over to whom is kept, with how long it lay there."""

import json

from cxmining.ingest.records.routes import hops_of


def hops(reading):
    found = hops_of(reading.events)
    return list(zip(found["unit"], found["wait_s"], strict=True))


def leg(uid, start, answer, end, queue, app="Queue"):
    day = "2025-07-01 "
    texts = ["", "0612345678", "8800", "from-pstn", "0612345678", "PJSIP/trunk-01", f"PJSIP/80{uid[-1]}-0a", app,
             f"{queue},t,,,600", day + start, day + answer if answer else "", day + end]  # fmt: skip
    tail = ["ANSWERED" if answer else "NO ANSWER", "DOCUMENTATION", uid, "", "", "1.1", "7"]
    return ",".join([*(f'"{t}"' for t in texts), "120", "60", *(f'"{t}"' for t in tail)]) + "\n"


def test_the_queues_a_call_went_through_in_the_order_of_time(read_one):
    r = read_one(
        leg("1.2", "10:05:00", "10:05:40", "10:09:00", "back > office")
        + leg("1.1", "10:00:00", "10:00:30", "10:05:00", "bills")
        + leg("1.3", "10:05:00", "10:05:40", "10:09:00", "8012", app="Dial"),
        tz="UTC",
    )
    # a leg that was in no queue is nobody's; the sign between two units is no part of a name
    assert r.events["route"].tolist() == ["bills > back › office"]
    assert hops(r) == [("bills", 30.0), ("back › office", 40.0)]


def test_a_call_that_nobody_put_through_has_no_route(read_one):
    r = read_one(leg("1.1", "10:00:00", "10:00:30", "10:05:00", "bills"), tz="UTC")
    assert "route" not in r.events


def test_the_groups_of_a_ticket_and_when_somebody_there_took_it_up(tmp_path, read_one):
    def change(at, field, value):
        return {"ticket_id": 5, "field_name": field, "value": value, "updated": f"2025-05-25T{at}:00Z"}

    history = [
        change("10:00", "group_id", "1"), change("10:00", "assignee_id", "60"), change("12:00", "group_id", "2"),
        change("12:30", "assignee_id", "61"), change("14:00", "group_id", "1"), change("15:00", "group_id", "3"),
    ]  # fmt: skip
    groups = [{"id": 1, "name": "billing", "deleted": False}, {"id": 2, "name": "back office", "deleted": False}]
    ticket = {"id": 5, "created_at": "2025-05-25T10:00:00Z", "updated_at": "2025-05-25T16:00:00Z", "status": "open",
              "requester_id": 7, "group_id": 3, "via": {"channel": "web"}}  # fmt: skip
    (tmp_path / "z").mkdir()
    (tmp_path / "z" / "history.json").write_text(json.dumps(history))
    (tmp_path / "z" / "groups.json").write_text(json.dumps(groups))
    from cxmining.ingest import read_source
    from cxmining.study import parse_study

    (tmp_path / "z" / "tickets.json").write_text(json.dumps([ticket]))
    named = {"values": {"queue": {"3": "legal"}}}
    made = parse_study(
        {"name": "t", "source": [{"name": "s", "path": "z/*.json", "format": "zendesk", "options": named}]}, tmp_path
    )
    r = read_source(made.sources[0], made)
    told = [(unit, None if wait != wait else wait) for unit, wait in hops(r)]
    # of the last two nobody says who took them up; a group without a name in the export has the study's
    assert told == [("billing", 0.0), ("back office", 1800.0), ("billing", None), ("legal", None)]
    assert r.events["queue"].tolist() == ["legal"]


def test_the_legs_of_a_contact_of_connect(read_one):
    def contact(cid, first, method, at, queue, joined):
        return {"ContactId": cid, "InitialContactId": first, "Channel": "VOICE", "InitiationMethod": method,
                "InitiationTimestamp": f"2024-01-01T10:{at}Z", "DisconnectTimestamp": "2024-01-01T10:30:00Z",
                "Queue": {"Name": queue, "EnqueueTimestamp": f"2024-01-01T10:{at}Z"},
                "Agent": {"Username": "a", "ConnectedToAgentTimestamp": f"2024-01-01T10:{joined}Z"},
                "CustomerEndpoint": {"Address": "+31612345678", "Type": "TELEPHONE_NUMBER"}}  # fmt: skip

    rows = [
        contact("c1", "c1", "INBOUND", "00:00", "bills", "00:20"),
        contact("c2", "c1", "TRANSFER", "05:00", "back", "06:30"),
    ]
    r = read_one("\n".join(map(json.dumps, rows)), name="ctr.jsonl", format="connect")
    assert hops(r) == [("bills", 20.0), ("back", 90.0)]
