"""A desk's ratings, groups and history: who answered, how often it went from hand to hand, how it was found."""

import json

import pytest

from cxmining.ingest import read_source
from cxmining.study import parse_study

TICKET = {"id": 35436000000001, "created_at": "2025-05-24T13:41:22Z", "updated_at": "2025-05-26T14:00:00Z", "status": "closed", "requester_id": 7,
          "submitter_id": 7, "assignee_id": 60, "group_id": 1, "via": {"channel": "web"}, "subject": None,
          "satisfaction_rating": {"id": 5, "score": "good", "comment": "snel!"}}  # fmt: skip
SCORED = {"survey": [{"name": "v", "kind": "transactional", "item": [
    {"column": "score", "metric": "csat", "low": 0, "high": 1, "codes": {"good": 1, "bad": 0}, "touchpoint": "(contact)"}]}]}  # fmt: skip


def change(at, field, value, ticket=TICKET["id"]):
    return {"ticket_id": ticket, "field_name": field, "value": value, "updated": f"2025-05-25T{at}:00Z", "user_id": 60}


@pytest.fixture
def desk(tmp_path):
    def run(study=None, *, source=None, **parts):
        for name, rows in parts.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(rows))
        made = parse_study(
            {"name": "t", "source": [{"name": "s", "path": "*.json", **(source or {})}], **(study or {})}, tmp_path
        )
        return read_source(made.sources[0], made)

    return run


def counts(reading):
    return {i.name.removesuffix(".json"): {k: v for k, v in i.counts.items() if v} for i in reading.inputs}


def test_a_rating_inside_a_ticket_is_a_response_when_a_survey_is_named(desk):
    unrated = {**TICKET, "id": 2, "satisfaction_rating": {"score": "offered"}}
    r = desk(tickets=[TICKET, unrated])
    assert (counts(r)["tickets"], r.events["satisfaction"].tolist(), len(r.responses)) == (
        {"read": 2, "kept": 2},
        ["good", "offered"],
        0,
    )
    r = desk(
        SCORED, source={"survey": "v"}, tickets=[TICKET, {**TICKET, "updated_at": "2025-05-25T00:00:00Z"}, unrated]
    )
    assert counts(r)["tickets"] == {"read": 5, "kept": 3, "duplicate": 1, "context": 1}
    assert (r.answers["score"].tolist(), r.responses["comment"].tolist()) == ([1.0], ["snel!"])
    assert (r.responses["reference"][0], str(r.responses["timestamp"][0])) == (
        "35436000000001",
        "2025-05-26 14:00:00+00:00",
    )
    of = r.identifiers.groupby("value")["record_id"].nunique()
    assert of["zendesk user 7"] == 3


def test_ratings_exported_as_such_win_and_those_offered_are_invitations(desk):
    ratings = {"satisfaction_ratings": [
        {"id": 5, "ticket_id": TICKET["id"], "requester_id": 7, "score": "bad", "comment": None, "created_at": "2025-05-25T10:00:00Z", "updated_at": "2025-05-25T10:00:00Z"},
        {"id": 5, "ticket_id": TICKET["id"], "requester_id": 7, "score": "good", "comment": "toch wel", "created_at": "2025-05-25T10:00:00Z", "updated_at": "2025-05-25T12:00:00Z"},
        {"id": 6, "ticket_id": 9, "requester_id": 8, "score": "offered", "comment": None, "created_at": "2025-05-25T10:00:00Z", "updated_at": None},
    ]}  # fmt: skip
    r = desk(SCORED, source={"survey": "v"}, tickets=[TICKET], ratings=ratings)
    assert counts(r) == {
        "tickets": {"read": 2, "kept": 1, "context": 1},
        "ratings": {"read": 3, "kept": 2, "duplicate": 1},
    }
    assert (r.answers["score"].tolist(), r.responses["comment"].tolist(), len(r.invitations)) == (
        [1.0],
        ["toch wel"],
        1,
    )
    assert counts(desk(tickets=[TICKET], ratings=ratings))["ratings"] == {"read": 3, "duplicate": 1, "context": 2}


def test_groups_name_the_queue_and_history_counts_hands_and_reopenings(desk):
    groups = {"groups": [{"id": 1, "name": "facturen", "deleted": False}], "next_page": None}
    history = [
        change("10:00", "assignee_id", 60), change("10:05", "assignee_id", 61), change("10:06", "assignee_id", 61),
        change("11:00", "status", "solved"), change("12:00", "status", "open"), change("13:00", "status", "closed"),
        change("13:00", "status", "open", ticket=99), {**change("13:00", "status", "open"), "updated": "soon"},
    ]  # fmt: skip
    r = desk(tickets=[TICKET, {**TICKET, "id": 3}], groups=groups, history=history)
    assert counts(r) == {
        "tickets": {"read": 2, "kept": 2},
        "groups": {"read": 1, "context": 1},
        "history": {"read": 8, "merged": 6, "rejected": 2},
    }
    first, _ = r.events.to_dict("records")
    assert (first["queue"], first["hand_overs"], first["reopenings"]) == ("facturen", 1, 1)
    assert r.events["reopenings"].isna().tolist() == [False, True]  # whose history is not there, is not known
    merged = desk(
        tickets=[TICKET, {**TICKET, "id": 3, "merged_ticket_ids": [TICKET["id"]]}], groups=groups, history=history
    )
    assert (counts(merged)["tickets"], merged.events["reopenings"].tolist()) == (
        {"read": 2, "kept": 1, "merged": 1},
        [1],
    )
