from email.message import EmailMessage

import pytest

from cxmining.errors import InputError
from cxmining.ingest.mail.own_text import new_text
from cxmining.ingest.mail.threads import strip_subject

OURS = {"company": {"name": "Ons", "domains": ["ons.nl"]}}
FROM = "From x@y Wed Jan  1 10:00:00 2025\n"


def mail(
    date="Wed, 01 Jan 2025 10:00:00 +0100",
    sender="Jan <jan@a.nl>",
    to="info@ons.nl",
    subject="Vraag",
    body="Hallo",
    mid=None,
    more="",
    line=FROM,
):
    head = f"Date: {date}\n" if date is not None else ""
    head += f"From: {sender}\nTo: {to}\nSubject: {subject}\n" + (f"Message-ID: <{mid}>\n" if mid else "") + more
    return f"{line}{head}\n{body}\n\n"


def counts(reading):
    return {k: v for k, v in reading.inputs[0].counts.items() if v}


def test_threads_follow_references_also_through_a_mail_that_is_not_there(read_one):
    r = read_one(
        mail(mid="1") + mail(mid="2", more="In-Reply-To: <1>\n", subject="iets anders") + mail(mid="3", more="References: <gone> <2>\n")
        + mail(mid="4", more="References: <gone>\n") + mail(mid="5", subject="Los"), format="mbox",
    )  # fmt: skip
    t = r.events["thread_id"].tolist()
    assert t[0] == t[1] == t[2] == t[3] != t[4]


def test_a_reply_without_references_joins_by_subject_and_correspondent_only(read_one):
    r = read_one(
        mail(mid="1", subject="Factuur")
        + mail(mid="2", subject="RE: Factuur", date="Thu, 02 Jan 2025 10:00:00 +0100")
        + mail(mid="3", subject="Re: Factuur", sender="piet@b.nl", date="Fri, 03 Jan 2025 10:00:00 +0100")  # somebody else
        + mail(mid="4", subject="Factuur", date="Fri, 03 Jan 2025 10:00:00 +0100")  # no reply
        + mail(mid="5", subject="Re: Factuur", date="Fri, 03 Oct 2025 10:00:00 +0100"),  # nine months later
        format="mbox", study=OURS,
    )  # fmt: skip
    t = r.events["thread_id"].tolist()
    assert t[0] == t[1]
    assert len(set(t)) == 4


def test_direction_customer_and_wait(read_one):
    r = read_one(
        mail(mid="1")
        + mail(mid="2", sender="Sanne <info@ons.nl>", to="Jan <jan@a.nl>", subject="Automatisch antwoord: Vraag", more="In-Reply-To: <1>\nAuto-Submitted: auto-replied\n")
        + mail(mid="3", sender="Sanne <info@ons.nl>", to="Jan <jan@a.nl>", subject="Re: Vraag", more="In-Reply-To: <1>\n", date="Wed, 01 Jan 2025 12:00:00 +0100")
        + mail(mid="4", sender="a@ons.nl", to="b@sub.ons.nl")
        + mail(mid="5", sender="form@ons.nl", more="Reply-To: Kees <kees@c.nl>\n"),
        format="mbox", study=OURS,
    )  # fmt: skip
    e = r.events
    assert e["direction"].tolist() == ["inbound", "outbound", "outbound", "internal", "inbound"]
    # the robot's answer in the same minute is no answer
    assert e["wait_s"].tolist()[0] == 7200
    assert e["automatic"].tolist() == [False, True, False, False, False]
    assert e["queue"].tolist()[0] == "info"
    who = r.identifiers.set_index("record_id")
    of = [sorted(who.loc[[i], "value"]) if i in who.index else [] for i in e["event_id"]]
    assert of == [["Jan", "jan@a.nl"], ["Jan", "jan@a.nl"], ["Jan", "jan@a.nl"], [], ["Kees", "kees@c.nl"]]


def test_a_broken_date_falls_back_and_without_any_the_mail_is_rejected(read_one):
    r = read_one(
        mail(date="onlangs", more="Received: from a by b; Wed, 01 Jan 2025 09:00:00 -0500\n")
        + mail(date="onlangs")  # only the From_ line: UTC
        + mail(date=None, line="From MAILER Thu Jan  1 00:00:00 1970\n")
        + mail(date="Wed, 01 Jan 2025 10:00:00 -0000"),  # UTC, place unknown
        format="mbox",
    )  # fmt: skip
    assert counts(r) == {"read": 4, "kept": 3, "rejected": 1}
    assert [str(t)[11:16] for t in r.events["timestamp"]] == ["14:00", "10:00", "10:00"]
    assert r.events["utc_offset"].isna().tolist() == [False, True, True] or r.events["utc_offset"].tolist()[0] == -300
    assert any("Received" in n for n in r.notes)


def test_a_clock_without_zone_needs_one(read_one):
    bare = mail(date="Wed, 01 Jan 2025 10:00:00")
    with pytest.raises(InputError, match=r"export\.csv, header 'Date' of 1 mail: .*no time zone"):
        read_one(bare, format="mbox")
    assert str(read_one(bare, format="mbox", tz="Europe/Amsterdam").events["timestamp"][0])[11:16] == "09:00"


def test_the_same_mail_twice_is_a_duplicate_but_a_second_short_one_is_not(read_one):
    r = read_one(
        mail(mid="1") + mail(mid="1", more="Received: by z; x\n") + mail(mid="1", body="Anders")
        # without an id the content tells: the same second, people, subject and words are one mail
        + mail(body="Ja") + mail(body="Ja") + mail(body="Ja", date="Wed, 01 Jan 2025 10:00:01 +0100"),
        format="mbox",
    )  # fmt: skip
    assert counts(r) == {"read": 6, "kept": 4, "duplicate": 2}
    assert r.ledger["status"].tolist() == ["kept", "duplicate", "kept", "kept", "duplicate", "kept"]
    assert any("1 mail bears the Message-ID of another one" in n for n in r.notes)


def test_a_sentence_that_begins_with_from_does_not_cut_a_mail_in_two(read_one):
    r = read_one(mail(body="Hoi\n\nFrom now on I pay by card, ok?\nDag") + mail(), format="mbox")
    assert counts(r) == {"read": 2, "kept": 2}
    assert "by card" in r.events["text"][0]


def test_charsets_html_and_attachments(read_one):
    m = EmailMessage()
    m["Date"], m["From"], m["To"], m["Subject"] = (
        "Wed, 01 Jan 2025 10:00:00 +0100",
        "Zoë <z@a.nl>",
        "info@ons.nl",
        "Über €",
    )
    m.set_content(
        "<p>Ik ben <b>boos</b></p><blockquote>Eerder bericht</blockquote>", subtype="html", charset="iso-8859-15"
    )
    m.add_attachment(b"geheim", maintype="text", subtype="plain", filename="x.txt")
    r = read_one(FROM.encode() + m.as_bytes() + b"\n\n" + FROM.encode() + b"Date: Wed, 01 Jan 2025 10:00:00 +0100\nFrom: a@b.nl\nSubject: x\n"
                 b"Content-Type: text/plain; charset=utf-8\n\ncaf\xe9\n", format="mbox")  # fmt: skip
    assert r.events["text"].tolist() == ["Ik ben boos", "café"]
    assert "Zoë" in r.identifiers["value"].tolist()
    assert any("charset" in n for n in r.notes)


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("Klopt niet!\n\nOp 3 mrt 2025 om 10:00 schreef Ons:\n> Uw factuur\n", "Klopt niet!"),
        ("Thanks\n\nOn Mon, Mar 3, 2025 at 10:00 AM Ons <a@b.nl> wrote:\n> text\n", "Thanks"),
        ("Waarom 212??\n\nMet vriendelijke groet,\nJan", "Waarom 212??"),
        ("Vraag\n-- \nJan\n06", "Vraag"),
        ("> alleen\n> citaat", ""),
    ],
)
def test_quotes_and_signatures_are_cut(text, new):
    assert new_text(text) == new


def test_a_line_without_end_does_not_take_forever():
    import time

    start = time.perf_counter()
    new_text("Op maandag " * 1800)
    assert time.perf_counter() - start < 10  # half a minute before lines were broken


def test_subjects():
    assert strip_subject("AW: Re[2]: Fwd:  Uw  Factuur") == "uw factuur"


def test_what_is_no_mbox_is_said(read_one):
    with pytest.raises(InputError, match="does not begin with a From_ line"):
        read_one("Hallo\n", format="mbox")
