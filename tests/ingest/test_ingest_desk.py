import gzip
import json

import pytest

from cxmining.errors import InputError
from cxmining.ingest import read_source
from cxmining.study import parse_study

TICKET = {"id": 35436000000001, "created_at": "2025-05-24T13:41:22Z", "updated_at": "2025-05-24T14:00:00Z", "status": "closed", "requester_id": 7,
          "submitter_id": 7, "assignee_id": 60, "group_id": 1, "via": {"channel": "whatsapp"}, "subject": None, "tags": ["facturen", "nl"]}  # fmt: skip
USERS = [{"id": 7, "name": "Jan", "email": "jan@a.nl", "phone": None, "role": "end-user", "external_id": "0017"},
         {"id": 60, "name": "Sanne", "email": "s@ons.nl", "phone": None, "role": "agent"}]  # fmt: skip


def comment(n, at, author, body, ticket=TICKET["id"], **more):
    return {
        "id": n,
        "ticket_id": ticket,
        "author_id": author,
        "created_at": f"2025-05-24T{at}Z",
        "public": True,
        "body": body,
        **more,
    }


COMMENTS = [
    comment(1, "13:41:22", 7, "Mijn factuur klopt niet"), comment(2, "13:42:00", 60, "intern", public=False),
    comment(3, "13:43:22", 60, "Hallo Jan"), comment(4, "13:44:22", 7, "Dank"), comment(5, "13:50:00", 7, "x", ticket=99),
]  # fmt: skip


@pytest.fixture
def desk(tmp_path):
    def run(tickets, comments=COMMENTS, users=USERS, *, lines=False, pack=False, **more):
        for name, rows in (("tickets", tickets), ("comments", comments), ("users", users)):
            if rows is None:
                continue
            text = rows if isinstance(rows, str) else "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows)
            data = text.encode()
            (tmp_path / f"{name}.json").write_bytes(gzip.compress(data) if pack else data)
        study = parse_study({"name": "t", "source": [{"name": "s", "path": "*.json", **more}]}, tmp_path)
        return read_source(study.sources[0], study)

    return run


def counts(reading):
    return {i.name: {k: v for k, v in i.counts.items() if v} for i in reading.inputs}


@pytest.mark.parametrize("form", [{}, {"lines": True}, {"pack": True}])
def test_a_ticket_with_its_messages_is_one_event(desk, form):
    r = desk([TICKET], **form)
    assert counts(r) == {
        "tickets.json": {"read": 1, "kept": 1}, "comments.json": {"read": 5, "rejected": 1, "merged": 4}, "users.json": {"read": 2, "context": 2},
    }  # fmt: skip
    (e,) = r.events.to_dict("records")
    assert (e["case_id"], e["channel"], e["direction"]) == ("35436000000001", "chat", "inbound")
    assert e["wait_s"] == 120  # until the public answer, not the internal note
    assert e["duration_s"] == 180
    assert e["text"] == "Mijn factuur klopt niet\nDank"
    assert (e["raw_tags"], e["raw_event"]) == ("facturen,nl", "whatsapp")
    assert set(r.identifiers["value"]) == {"zendesk user 7", "jan@a.nl", "0017", "Jan"}


def test_the_newest_state_of_a_ticket_stands(desk):
    later = {**TICKET, "status": "solved", "updated_at": "2025-05-25T00:00:00Z"}
    r = desk([later, TICKET, TICKET])
    assert counts(r)["tickets.json"] == {"read": 3, "kept": 1, "duplicate": 2}
    assert r.events["raw_status"].tolist() == ["solved"]


def test_tickets_merged_in_zendesk_are_merged_with_their_comments(desk):
    target = {**TICKET, "id": 2, "merged_ticket_ids": [TICKET["id"]]}
    r = desk([TICKET, target, {**TICKET, "id": 3, "status": "deleted"}])
    assert counts(r)["tickets.json"] == {"read": 3, "kept": 1, "rejected": 1, "merged": 1}
    assert r.events["case_id"].tolist() == ["2"]
    assert counts(r)["comments.json"] == {"read": 5, "rejected": 1, "merged": 4}


def test_an_export_that_broke_off(desk):
    r = desk(json.dumps(TICKET) + "\n" + json.dumps({**TICKET, "id": 2})[:50], None, None)
    assert counts(r)["tickets.json"] == {"read": 2, "kept": 1, "rejected": 1}
    with pytest.raises(InputError, match=r"tickets\.json: the JSON is cut off or damaged"):
        desk("[" + json.dumps(TICKET) + ",", None, None, format="zendesk")


def test_other_files_are_refused_by_name(desk):
    with pytest.raises(InputError, match="JSON of an unknown kind"):
        desk([{"a": 1}], None, None)
    with pytest.raises(InputError, match="neither tickets, comments nor users"):
        desk([{"a": 1}], None, None, format="zendesk")
