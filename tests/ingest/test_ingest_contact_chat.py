"""Chats: messages become one event with its wait, or an event each; what a phone's locale does to dates."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cxmining as cx
from cxmining.errors import InputError, StudyError
from cxmining.ingest.contact.whatsapp_lines import day_order, header

T0 = 1539897198


def counts(reading):
    return {k: v for k, v in reading.inputs[0].counts.items() if v}


# ---- Intercom


def part(at, kind, who, body=None, what="comment", **author):
    return {"type": "conversation_part", "id": str(at), "part_type": what, "body": body, "created_at": T0 + at,
            "author": {"type": kind, "id": who, **author}, "assigned_to": None}  # fmt: skip


PARTS = [
    part(5, "bot", "b1", "<p>I am Fin</p>"), part(30, "user", "5bc", "<p>I want a <b>person</b></p>"),
    part(40, "admin", "5", None, "assignment"), part(90, "admin", "5", "Good day"), part(95, "admin", "5", "secret", "note"),
    part(100, "admin", "5", None, "close"), part(200, "user", "5bc", "Still broken", "open"),
    part(260, "admin", "6", "Try this", from_ai_agent=True), part(300, "admin", "6", "ok"),
]  # fmt: skip
TALK = {
    "type": "conversation", "id": 1911149811000000001, "created_at": T0, "updated_at": T0 + 1000, "state": "closed",
    "source": {"type": "conversation", "delivered_as": "customer_initiated", "subject": "", "body": "<p>Hi &amp; hello</p>",
               "author": {"type": "lead", "id": "5bc", "email": "jan@a.nl", "name": "Jan"}},
    "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "5bc", "external_id": "0017"}]},
    "team_assignee_id": 814, "admin_assignee_id": 5,
    "conversation_parts": {"type": "conversation_part.list", "conversation_parts": PARTS, "total_count": 9},
    "conversation_rating": {"rating": 4, "remark": "fine", "created_at": T0 + 400},
}  # fmt: skip
RATED = {
    "survey": [
        {
            "name": "v",
            "kind": "transactional",
            "item": [{"column": "rating", "metric": "csat", "touchpoint": "(contact)"}],
        }
    ]
}


def test_a_conversation_with_its_parts_is_one_event(read_one):
    page = {"type": "conversation.list", "pages": {"type": "pages", "next": {"page": 2}}, "conversations": [TALK]}
    r = read_one(json.dumps(page), options={"values": {"queue": {"814": "facturen"}}}, tz="Europe/Amsterdam")
    assert (r.format, counts(r)) == ("intercom", {"read": 11, "kept": 1, "merged": 9, "context": 1})
    (e,) = r.events.to_dict("records")
    assert (str(e["timestamp"]), e["utc_offset"], e["case_id"]) == (
        "2018-10-18 21:13:18+00:00",
        120,
        "1911149811000000001",
    )
    assert (e["wait_s"], e["duration_s"]) == (90, 300)  # until a person: the bot's answer after 5 s is none
    assert (e["messages"], e["bot_messages"], e["reopenings"]) == (7, 2, 1)  # an AI answer goes out in an admin's name
    assert e["text"] == "Hi & hello\nI want a person\nStill broken"
    assert (e["touchpoint"], e["resource"], e["rating"]) == ("chat: facturen", "6", 4)
    assert sorted(r.identifiers["value"]) == ["0017", "Jan", "intercom contact 5bc", "jan@a.nl"]


def test_a_rating_becomes_a_response(read_one):
    r = read_one(json.dumps(TALK), survey="v", study=RATED)
    assert counts(r) == {"read": 11, "kept": 2, "merged": 9}
    assert (r.answers["score"][0], r.responses["comment"][0], r.responses["reference"][0]) == (
        4,
        "fine",
        r.events["case_id"][0],
    )
    eleven = {**TALK, "conversation_rating": {"rating": 11, "created_at": None}}
    assert read_one(json.dumps(eleven), survey="v", study=RATED).answers["status"].tolist() == ["invalid"]


def test_each_message_can_be_an_event(read_one):
    r = read_one(json.dumps([TALK]), options={"per": "message"})
    assert counts(r) == {"read": 11, "kept": 7, "merged": 3, "context": 1}
    assert r.events["touchpoint"].tolist()[:4] == ["chat: message", "chat: bot reply", "chat: message", "chat: reply"]
    assert r.events["wait_s"].fillna(-1).tolist() == [90, -1, 60, -1, 100, -1, -1]
    assert r.events["text"].isna().tolist() == [False, True, False, True, False, True, True]  # ours are not kept
    with pytest.raises(StudyError, match=r"options\.per = 'mesage'"):
        read_one(json.dumps([TALK]), options={"per": "mesage"})


def test_hand_overs_are_the_assignments_after_the_first(read_one):
    given_to = [
        {**part(10 * i, "admin", "5", None, "assignment"), "assigned_to": {"type": "admin", "id": who}}
        for i, who in enumerate("5567")
    ]
    (e,) = read_one(json.dumps([{**TALK, "conversation_parts": given_to}])).events.to_dict("records")
    assert e["hand_overs"] == 2  # 5 → 6 → 7


def test_a_list_has_no_parts_and_says_what_it_knows(read_one):
    bare = {k: v for k, v in TALK.items() if k not in ("conversation_parts", "conversation_rating")}
    bare["statistics"] = {
        "first_admin_reply_at": T0 + 60,
        "count_reopens": 2,
        "count_assignments": 3,
        "time_to_admin_reply": 30,
    }
    (e,) = read_one(json.dumps([bare])).events.to_dict("records")
    assert (e["wait_s"], e["reopenings"], e["hand_overs"]) == (60, 2, 2)  # the clock's 60 s, not 30 s of office hours
    nobody = {**bare, "id": "2", "statistics": None}
    r = read_one(json.dumps([bare, nobody]))
    assert r.events["touchpoint"].tolist() == ["chat: 814", "chat: 814"]  # without parts silence is not known


def test_copies_campaigns_and_conversations_that_cannot_be_used(read_one):
    older = {**TALK, "updated_at": T0}
    ours = {**TALK, "id": "3", "source": {**TALK["source"], "type": "email", "author": {"type": "admin", "id": "5"}},
            "conversation_parts": {"conversation_parts": []}, "conversation_rating": None}  # fmt: skip
    r = read_one(
        "\n".join(map(json.dumps, [older, TALK, ours, {**TALK, "id": None}, {**TALK, "id": "9", "created_at": "soon"}]))
    )
    assert counts(r) == {"read": 45, "kept": 2, "merged": 9, "context": 1, "duplicate": 11, "rejected": 22}
    assert r.events["direction"].tolist() == ["inbound", "outbound"]
    assert r.events["channel"].tolist() == ["chat", "mail"]
    assert r.events["wait_s"].isna().tolist() == [False, True]


# ---- WhatsApp

ACME = {"company": {"name": "Acme"}}
CHAT = (
    "13/01/2024, 21:05 - Messages and calls are end-to-end encrypted. No one outside of this chat can read them.\n"
    "13/01/2024, 21:05 - +31 6 12345678: Mijn factuur\nklopt niet: 12/01/2024, 10:00 is betaald\n"
    "13/01/2024, 21:15 - Acme: Goedenavond\n13/01/2024, 21:16 - +31 6 12345678: <Media omitted>\n"
    "15/01/2024, 09:00 - +31 6 12345678: Hallo?\n15/01/2024, 09:00 - +31 6 12345678: Hallo?\n"
)


def test_a_chat_is_laid_together_until_a_day_of_silence(read_one):
    r = read_one(CHAT, name="chat.txt", tz="Europe/Amsterdam", study=ACME)
    assert (r.format, counts(r)) == ("whatsapp", {"read": 6, "kept": 2, "merged": 3, "context": 1})
    first, second = r.events.to_dict("records")
    assert (str(first["timestamp"]), first["utc_offset"]) == ("2024-01-13 20:05:00+00:00", 60)
    assert (first["wait_s"], first["duration_s"], first["messages"], first["touchpoint"]) == (600, 660, 3, "chat")
    assert first["text"] == "Mijn factuur\nklopt niet: 12/01/2024, 10:00 is betaald"
    assert (second["touchpoint"], second["messages"]) == ("chat, unanswered", 2)
    assert r.identifiers["value"].unique().tolist() == ["+31612345678"]
    assert first["thread_id"] == second["thread_id"] != first["case_id"]


def test_each_line_can_be_an_event_and_a_short_pause_cuts(read_one):
    r = read_one(CHAT, name="chat.txt", tz="UTC", study=ACME, options={"per": "message"})
    assert counts(r) == {"read": 6, "kept": 5, "context": 1}
    assert r.events["wait_s"].fillna(-1).tolist() == [600, -1, -1, -1, -1]
    assert len(read_one(CHAT, name="chat.txt", tz="UTC", study=ACME, options={"pause": 0.1}).events) == 3


def test_a_longer_export_of_the_same_chat(tmp_path, read_one):
    (tmp_path / "a.txt").write_text(CHAT)
    (tmp_path / "b.txt").write_text(CHAT + "15/01/2024, 20:00 - Acme: Sorry!\n")
    from cxmining.ingest import read_source
    from cxmining.study import parse_study

    study = parse_study({"name": "t", "source": [{"name": "s", "path": "*.txt", "tz": "UTC"}], **ACME}, tmp_path)
    r = read_source(study.sources[0], study)
    total = {k: sum(i.counts[k] for i in r.inputs) for k in r.inputs[0].counts}
    # the five messages are there once, and "Hallo?" written twice in a minute still twice
    assert total == {"read": 13, "kept": 2, "merged": 4, "context": 2, "duplicate": 5, "rejected": 0}
    assert sorted(r.events["messages"].tolist()) == [3, 3]
    assert set(r.events["touchpoint"]) == {"chat"}


def test_in_a_group_each_customer_has_a_conversation(read_one):
    lines = "13/01/2024, 21:05 - Jan: a\n13/01/2024, 21:06 - Piet: b\n13/01/2024, 21:07 - Acme: c\n13/01/2024, 21:08 - Jan: d\n"
    r = read_one(lines, name="g.txt", tz="UTC", study=ACME)
    assert r.events["touchpoint"].tolist() == ["chat, unanswered", "chat"]
    # names join nobody: Jan's and Piet's records share no identifier
    assert r.identifiers.groupby("value")["record_id"].nunique().max() == 1
    assert set(r.identifiers["kind"]) == {"name", "device"}


def test_who_is_us_must_be_said(read_one):
    with pytest.raises(StudyError, match="say who is us"):
        read_one(CHAT, name="chat.txt", tz="UTC")
    with pytest.raises(InputError, match="nobody in it is us") as said:
        read_one(CHAT, name="chat.txt", tz="UTC", options={"us": "Beta"})
    assert "12345678" not in str(said.value)
    with pytest.raises(InputError, match=r"chat\.txt: stamps carry no time zone"):
        read_one(CHAT, name="chat.txt", study=ACME)
    bot = read_one(CHAT, name="chat.txt", tz="UTC", options={"bots": ["acme"]})
    assert (bot.events["touchpoint"].tolist()[0], bot.events["bot_messages"].tolist()[0]) == ("chat, bot only", 1)


HEADERS = [
    "[15-01-20 02:22:56] Mary: hi", "15/01/2020, 02:22 - Mary: hi", "15.01.20, 02:22 - Mary: hi", "15.1.2020, 02:22 – Mary: hi",
    "1/15/20, 2:22 AM - Mary: hi", "[1/15/20, 2:22:56\u202fAM] Mary: hi", "\u200e[15/01/2020, 2:22:56 a. m.] Mary: hi",
    "2020-01-15, 02:22 - Mary: hi", "[2020/01/15 02:22:56] Mary: hi", "2020. 1. 15. 오전 2:22 - Mary: hi", "15-01-2020 02.22 - Mary: hi",
    "15.01.2020 kl. 02.22 - Mary: hi", "١٥/٠١/٢٠٢٠، ٠٢:٢٢ - Mary: hi", "[15.01.20, 02:22:56] \u200eMary: hi", "15/1/20 à 02:22 - Mary: hi",
    "20-01-15 02:22 - Mary: hi", "[2020年1月15日 02:22:56] Mary: hi", "15.01.2020, 2:22 vorm. - Mary: hi", "2020/1/15 上午2:22 - Mary: hi",
    "15/01/2020 2:22 π.μ. - Mary: hi",
]  # fmt: skip


@pytest.mark.parametrize("line", HEADERS)
def test_headers_of_many_locales(line):
    found = header(line)
    assert found is not None
    assert (found.clock // 60, found.rest.lstrip("\u200e").removeprefix("\u200e")) == (142, "Mary: hi")
    order = {15: {1: "dmy"}, 1: {15: "mdy"}}.get(found.date[0], {}).get(found.date[1], "ymd")
    assert day_order([found], "x", order).tolist()[0].startswith("2020-01-15T02:22")


@pytest.mark.parametrize(
    "line", ["", "hello", "12:30 - lunch", "1/2 - half", "99/99/2020, 99:99 - x: y", "[1/2/24] x", "1, 2, 3"]
)
def test_lines_that_are_no_header(line):
    assert header(line) is None


@pytest.mark.parametrize(
    ("order", "template"), [("dmy", "{d}/{m}/{y}"), ("mdy", "{m}/{d}/{y}"), ("ymd", "{y}-{m}-{d}")]
)
def test_the_order_is_found_by_dates_that_exist_and_by_time_that_runs_forward(order, template):
    def dates(*days):
        return [header(template.format(d=d, m=m, y=f"{y:02d}") + ", 10:00 - A: x") for d, m, y in days]

    assert day_order(dates((15, 1, 20)) + dates((28, 2, 20)) + dates((1, 3, 21)), "x")[0].startswith("2020-01-15")
    # no day beyond the twelfth, yet one order only lets time run forward
    found = day_order(dates((1, 2, 20), (3, 2, 20), (1, 3, 20), (2, 3, 20), (1, 4, 21)), "x")
    assert [t[:10] for t in found] == ["2020-02-01", "2020-02-03", "2020-03-01", "2020-03-02", "2021-04-01"]


def test_an_order_that_cannot_be_known_is_refused(read_one):
    lines = "03/04/2024, 10:00 - Jan: x\n05/06/2024, 10:00 - Acme: y\n"
    with pytest.raises(InputError, match=r'options\.order to "dmy" or "mdy"'):
        read_one(lines, name="c.txt", tz="UTC", study=ACME)
    r = read_one(lines, name="c.txt", tz="UTC", study=ACME, options={"order": "mdy"})
    assert str(r.events["timestamp"][0]) == "2024-03-04 10:00:00+00:00"
    with pytest.raises(InputError, match="dates in no order"):
        read_one("31/31/2024, 10:00 - Jan: x\n", name="c.txt", tz="UTC", study=ACME)
    with pytest.raises(InputError, match="no line begins"):
        read_one("hello\n", name="c.txt", format="whatsapp", tz="UTC", study=ACME)


@given(
    st.lists(
        st.dates(min_value=dt.date(2010, 1, 1), max_value=dt.date(2030, 1, 1)),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from(["%d/%m/%y", "%m/%d/%y", "%y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"]),
)
def test_what_is_found_is_right_or_refused(days, form):
    """An order is never guessed: of chats in order of time the answer is the truth, or an error."""
    days = sorted(days)
    found = [header(d.strftime(form) + ", 10:00 - A: x") for d in days]
    try:
        read = [t[:10] for t in day_order(found, "x")]
    except InputError:
        return
    assert read == [d.isoformat() for d in days]


@pytest.mark.real
def test_a_chat_as_exported(real, tmp_path, read_one):
    raw = (real / "formats/whatsapp/lorem.txt").read_text()
    r = read_one(raw, name="c.txt", tz="Europe/Amsterdam", options={"us": "Mary", "per": "message"})
    assert counts(r) == {"read": raw.count("\n[") + 1, "kept": raw.count("\n[") + 1}
    assert (str(r.events["timestamp"].min())[:10], r.events["timestamp"].is_monotonic_increasing) == (
        "2020-01-15",
        True,
    )
    assert cx.inspect(real / "formats/whatsapp/lorem.txt").format == "whatsapp"


def test_hostile_chats(read_one):
    for text in (
        "\x00" * 10 + CHAT,
        CHAT.encode("utf-16"),
        "\ufeff" + CHAT,
        CHAT.replace("\n", "\r\n"),
        "stray\n" + CHAT,
    ):
        r = read_one(text, name="c.txt", tz="UTC", study=ACME, format="whatsapp")
        assert (r.inputs[0].counts["kept"], r.inputs[0].counts["rejected"]) == (
            2,
            int(isinstance(text, str) and text.startswith("stray")),
        )
    label = "13/01/2024, 21:05 - <img src=x onerror=alert(1)>: hi\n13/01/2024, 21:06 - Acme: " + "z" * 300_000 + "\n"
    assert len(read_one(label, name="c.txt", tz="UTC", study=ACME).events) == 1
