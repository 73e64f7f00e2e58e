"""One mail as bytes: the same text as the standard library's parser, and no bytes that break it or take forever."""

from __future__ import annotations

import base64
import email
import email.policy
import time
from email.message import EmailMessage

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cxmining.ingest.mail.dates import moment_of, rfc5322
from cxmining.ingest.mail.html_text import lay_out
from cxmining.ingest.mail.marks import status_of
from cxmining.ingest.mail.message import parse_mail, people_in
from cxmining.ingest.mail.own_text import split_text, text_of
from cxmining.ingest.mail.raw import text_in


def multipart(kind: str, *parts: str, mark: str = "b") -> str:
    inside = "".join(f"--{mark}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{mark}"\n\n{inside}--{mark}--\n'


PLAIN = "Content-Type: text/plain; charset=utf-8\n\n"
HTML = "Content-Type: text/html; charset=utf-8\n\n"


def plain(raw: str | bytes) -> list[str]:
    return parse_mail(raw.encode() if isinstance(raw, str) else raw).plain


def test_the_parts_that_people_read():
    assert plain(multipart("alternative", PLAIN + "tekst", HTML + "<p>tekst</p>")) == ["tekst"]
    # the plain text that a newsletter leaves empty
    mail = parse_mail(multipart("alternative", PLAIN + " \n", HTML + "<p>tekst</p>").encode())
    assert (mail.plain, mail.markup) == ([], ["<p>tekst</p>"])
    # a text around a picture is two parts of one text; a file of text is none
    picture = "Content-Type: image/png\n\nxx"
    file = 'Content-Type: text/plain\nContent-Disposition: attachment; filename="a.txt"\n\ngeheim'
    named = 'Content-Type: text/plain; name="log.txt"\n\ngeheim'
    mail = parse_mail(multipart("mixed", PLAIN + "een", picture, PLAIN + "twee", file, named).encode())
    assert (mail.plain, mail.attachments) == (["een", "twee"], 3)


def test_a_forwarded_mail_is_no_text_of_its_sender_but_a_thread():
    inner = "Message-ID: <old@x>\nSubject: oud\n\noude tekst"
    mail = parse_mail(multipart("mixed", PLAIN + "Zie bijlage", "Content-Type: message/rfc822\n\n" + inner).encode())
    assert (mail.plain, mail.inner) == (["Zie bijlage"], ["old@x"])
    digest = parse_mail(multipart("digest", "\nMessage-ID: <a@x>\n\n1", "\nMessage-ID: <b@x>\n\n2").encode())
    assert (digest.plain, digest.inner) == ([], ["a@x", "b@x"])


def test_a_bounce_names_whom_it_did_not_reach():
    status = "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n{}Action: {}\nFinal-Recipient: rfc822; Jan@A.nl\n"
    raw = multipart("report", PLAIN + "Helaas", status.format("", "failed"), "Content-Type: text/rfc822-headers\n\nMessage-ID: <old@x>\n")  # fmt: skip
    mail = parse_mail(raw.encode())
    assert (mail.failed, mail.inner, mail.kind) == (["jan@a.nl"], ["old@x"], "multipart/report")
    assert status_of(mail, "mailer-daemon@x.nl", "Undelivered Mail") == "bounce"
    assert parse_mail(raw.replace("failed", "delivered").encode()).failed == []


@pytest.mark.parametrize(
    ("head", "sender", "subject", "status"),
    [
        ("Auto-Submitted: auto-replied", "a@b.nl", "Re: x", "auto-reply"),
        ("Auto-Submitted: auto-generated", "a@b.nl", "x", "robot"),
        ("Auto-Submitted: no", "a@b.nl", "x", "person"),
        ("X-Auto-Response-Suppress: All\nIn-Reply-To: <a@b>", "a@b.nl", "x", "auto-reply"),
        ("X-Auto-Response-Suppress: DR, OOF, AutoReply", "a@b.nl", "x", "robot"),
        ("Precedence: auto_reply", "a@b.nl", "x", "auto-reply"),
        ("Precedence: bulk", "a@b.nl", "x", "bulk"),
        ("Precedence: list\nList-Id: <l.x>\nList-Post: <mailto:l@x>", "a@b.nl", "x", "person"),
        ("List-Id: <n.x>\nList-Unsubscribe: <mailto:u@x>", "a@b.nl", "Nieuws", "bulk"),
        ("To: x@y.nl", "a@b.nl", "Automatisch antwoord: Factuur", "auto-reply"),
        ("To: x@y.nl", "a@b.nl", "Afwezigheidsassistent: Factuur", "auto-reply"),
        ("To: x@y.nl", "a@b.nl", "Out of Office: Factuur", "auto-reply"),
        ("To: x@y.nl", "a@b.nl", "Afwezig", "auto-reply"),
        # what people write
        ("To: x@y.nl", "a@b.nl", "Afwezig op 3 maart voor de monteur", "person"),
        ("To: x@y.nl", "mailer-daemon@b.nl", "Undelivered Mail Returned to Sender", "bounce"),
        ("To: x@y.nl", "postmaster@b.nl", "x", "robot"),
        ("To: x@y.nl", "no-reply@b.nl", "x", "robot"),
        ("To: x@y.nl", "lijst-request@b.nl", "x", "robot"),
        ("To: x@y.nl", "norbert@b.nl", "x", "person"),
        ("X-Failed-Recipients: a@c.nl", "a@b.nl", "x", "bounce"),
    ],
)
def test_who_wrote_it(head, sender, subject, status):
    assert status_of(parse_mail(head.encode() + b"\n\n"), sender, subject) == status


@pytest.mark.parametrize(
    ("raw", "charset", "text", "wrong"),
    [
        (b"caf\xe9", "iso-8859-1", "café", False),
        (b"\x93ja\x94 \x80", "iso-8859-1", "“ja” €", False),  # Outlook's quotes
        ("één".encode(), "us-ascii", "één", True),
        ("één\n".encode() + b"\xe9\xe9n", "utf-8", "één\néén", True),  # a footer in another charset
        (b"\xa4", "iso-8859-15", "€", False),
        ("привет".encode("koi8-r"), "koi8-r", "привет", False),
        ("привет".encode("cp1251"), '"windows-1251"', "привет", False),
        ("日本".encode("iso-2022-jp"), "iso-2022-jp", "日本", False),
        ("de €".encode("utf-16"), "utf-16", "de €", False),
        (b"a\x00b", None, "ab", False),
        (b"x", "x-unknown", "x", True),
        (b"\xe9", "punycode", "é", True),
        (b"\xe9", "base64", "é", True),
        (b"\x81", "us-ascii", "\x81", False),
    ],
)
def test_charsets_right_wrong_and_mixed(raw, charset, text, wrong):
    assert text_in(raw, charset) == (text, wrong)


def test_headers_folded_encoded_and_continued():
    raw = (
        "SUBJECT : =?utf-8?q?=C3=89=C3=A9n?=\n =?utf-8?b?IHR3ZWU=?=\n\tdrie\n"
        "From: =?iso-8859-1?Q?Wit=2C_Zo=EB?= <Zoe@A.nl>, onzin, (c) <b@c.nl>\n"
        "To: =?utf-8?q?jan=40a=2Enl?=\nCc: undisclosed-recipients:;\n"
        "Content-Type: multipart/mixed;\n boundary*0=\"a b\";\n boundary*1=\"c\"\n\n--a bc\n"
        "Content-Type: text/plain; charset*=us-ascii'en'utf-8\n\nhoi é\n--a bc--\n"
    )  # fmt: skip
    mail = parse_mail(raw.encode())
    assert mail.header("subject") == "Één twee drie"
    assert mail.addresses("from") == [("Wit, Zoë", "zoe@a.nl"), ("(c)", "b@c.nl")]
    assert mail.addresses("to") == [("", "jan@a.nl")]
    assert mail.addresses("cc") == []
    assert mail.plain == ["hoi é"]


def test_raw_bytes_in_headers_and_lines_that_are_none():
    mail = parse_mail("Subject: één\nonzin zonder kop\nDate: Wed, 01 Jan 2025 10:00:00 +0100\n\nx".encode())
    assert (mail.header("subject"), mail.plain, mail.troubles) == ("één", ["x"], {"headers"})
    assert moment_of(mail, "", None).how == "date"


@pytest.mark.parametrize(
    ("date", "utc", "offset"),
    [
        ("Wed, 1 Jan 2025 10:00:00 +0100", "2025-01-01 09:00:00+00:00", 60),
        ("1 Jan 25 10:00 CET", "2025-01-01 09:00:00+00:00", 60),
        ("Wednesday, 01-Jan-25 10:00:00 GMT", "2025-01-01 10:00:00+00:00", 0),
        ("Wed, 1 Jan 2025 10:00:60 +0100 (CET (winter))", "2025-01-01 09:00:59+00:00", 60),
        ("Wed, 1 Jan 0001 10:00:00 +0100", "None", None),
        ("Wed, 1 Jan 9999 10:00:00 +0100", "None", None),
        ("Wed, 31 Feb 2025 10:00:00 +0100", "None", None),
        ("Wed, 1 Jan 2025 10:00:00 +9900", "None", None),
        ("x" * 5000, "None", None),
        ("", "None", None),
    ],
)
def test_dates(date, utc, offset):
    moment, minutes, naive = rfc5322(date)
    assert (str(moment), minutes, naive) == (utc, offset, None)


def test_a_date_that_is_none_falls_back_and_says_so():
    received = b"Date: soon\nReceived: from a by b; Wed, 01 Jan 2025 11:00:00 +0000\nReceived: by c; Wed, 01 Jan 2025 10:00:00 +0000\n\n"
    assert moment_of(parse_mail(received), "", None)[::3] == (rfc5322("1 Jan 2025 11:00:00 +0000")[0], "received")
    assert moment_of(parse_mail(b"To: x\n\n"), "1735725600.M1P2.host:2,S", None).how == "name"
    assert moment_of(parse_mail(b"To: x\n\n"), "From x Wed Jan  1 10:00:00 9999", None).how == "none"


def test_base64_that_breaks_off_and_what_a_list_adds_below_it():
    coded = base64.encodebytes("één regel\n".encode()).decode()
    head = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    assert plain(head + coded) == ["één regel\n"]
    for cut in range(1, len(coded) - 1):
        mail = parse_mail((head + coded[:cut]).encode())
        assert "één regel\n".startswith(mail.plain[0])
    mail = parse_mail((head + coded + "_____\nlijst@x.nl\n").encode())
    assert mail.plain[0].splitlines()[0] == "één regel"
    assert "base64" in mail.troubles


def test_parts_that_do_not_end_have_no_mark_or_repeat_their_parents():
    assert plain('Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nhalf') == ["half"]
    assert parse_mail(b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n\nhalf').troubles == {"cut"}
    assert plain("Content-Type: multipart/mixed\n\n--xyz\n\nja\n--xyz--\n") == ["ja"]
    assert plain('Content-Type: multipart/mixed; boundary="b"\n\nno part at all\n') == ["no part at all\n"]
    # "b" begins "bb": each mark is a whole line
    inner = multipart("mixed", PLAIN + "1", PLAIN + "2", mark="bb")
    assert plain(multipart("mixed", inner, PLAIN + "3", mark="b")) == ["1", "2", "3"]
    assert plain(multipart("mixed", "geen kop maar tekst")) == ["geen kop maar tekst"]


def test_fifty_parts_in_each_other_are_read_and_a_thousand_are_bounded():
    def nested(depth: int) -> bytes:
        raw = b"Content-Type: text/plain\n\nbinnen"
        for i in range(depth):
            raw = b'Content-Type: multipart/mixed; boundary="m%d"\n\n--m%d\n%s\n--m%d--\n' % (i, i, raw, i)
        return raw

    assert plain(nested(50)) == ["binnen"]
    deep = parse_mail(nested(1000))
    assert (deep.plain, deep.troubles) == ([], {"deep"})
    many = parse_mail(multipart("mixed", *[PLAIN + "x"] * 5000).encode())
    assert len(many.plain) < 1001
    assert "deep" in many.troubles


HOSTILE = {
    "header of 1 MB": b"Subject: " + b"a " * 500_000 + b"\n\nx",
    "header folded 300,000 times": b"Subject: a" + b"\n b" * 300_000 + b"\n\nx",
    "70,000 recipients": b"To: " + b"Jan <jan@a.nl>, " * 70_000 + b"\n\n",
    "comments in comments": b"From: " + b"(" * 60_000 + b" a@b.nl\n\n",
    "encoded words that never end": b"Subject: " + b"=?a?q?" * 100_000 + b"\n\n",
    "a million parts": b'Content-Type: multipart/mixed; boundary="a"\n\n' + b"--a\n" * 1_000_000,
    "a million false marks": b'Content-Type: multipart/mixed; boundary="a"\n\n' + b"\n--ab" * 1_000_000,
    "base64 without end": b"Content-Transfer-Encoding: base64\n\n" + b"A" * 9_999_999,
    "quoted-printable": b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=" * 5_000_000,
    "NUL": b"Content-Type: text/plain\n\n" + b"\0" * 5_000_000,
    "one line of 15 MB": b"x" * 15_000_000,
    "continued parameters": b"Content-Type: multipart/mixed; boundary*0=" + b"a;boundary*1=b" * 6000 + b"\n\nx",
    "comments in HTML never closed": b"Content-Type: text/html\n\n" + b"<!--" * 100_000 + b"x",
    "instructions in HTML never closed": b"Content-Type: text/html\n\n" + b"<?x " * 100_000 + b"x",
    "boxes in boxes": b"Content-Type: text/html\n\n" + b"<div>" * 60_000 + b"x",
    "greetings without end": b"\n\n" + b"x\nMet vriendelijke groet\n" * 20_000,
    "dashes without end": b"\n\n" + b"--\n" * 100_000,
    "blanks": b"\n\n" + b" " * 300_000 + b"\n" * 300_000,
    "Op maandag": b"\n\n" + b"Op maandag 1 " * 20_000 + b":",
}


@pytest.mark.parametrize("case", list(HOSTILE))
def test_what_was_made_to_hurt_takes_seconds(case):
    start = time.process_time()
    mail = parse_mail(HOSTILE[case])
    text = text_of(mail)
    mail.addresses("from", "to")
    mail.header("subject")
    assert len(text.own) <= 20_000
    assert time.process_time() - start < 5


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\x85\u2028\u2029"), max_size=20)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(words, min_size=1, max_size=4), words, st.booleans(), st.booleans(), st.sampled_from(["utf-8", "iso-8859-1"]))  # fmt: skip
def test_the_same_text_as_the_standard_library(lines, subject, with_html, with_file, charset):
    text = "\n".join([*lines, "einde"]) + "\n"
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        charset = "utf-8"
    made = EmailMessage(policy=email.policy.SMTP)
    made["Subject"] = subject
    made.set_content(text, charset=charset)
    if with_html:
        made.add_alternative("<p>x</p>", subtype="html")
    if with_file:
        made.add_attachment(b"\x00\xff" * 50, maintype="application", subtype="pdf", filename="a.pdf")
    theirs = email.message_from_bytes(made.as_bytes(), policy=email.policy.default)
    mail = parse_mail(made.as_bytes())
    body = theirs.get_body(("plain",))
    assert body is not None
    assert [" ".join(t.split()) for t in mail.plain] == [" ".join(body.get_content().split())]
    assert mail.header("subject") == " ".join(str(theirs["Subject"]).split())
    assert mail.attachments == int(with_file)


crumbs = st.lists(
    st.sampled_from([b"--b", b"--", b"\n", b"\r\n", b"Content-Type: multipart/mixed; boundary=b\n", b"Content-Type: text/plain\n", b"Subject: ", b"=?utf-8?q?", b"?=", b": ", b" ",
                     b"Content-Type: message/rfc822\n", b"Content-Type: text/html\n\n", b"<p", b"<!--", b">", b"Content-Transfer-Encoding: base64\n", b"charset=", b'"', b"From: a@b", b"Date: 1 Jan "])
    | st.binary(max_size=6), max_size=40).map(b"".join)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(crumbs)
@example(b"Content-Type: text/plain; charset=undefined\n\n\xff")
@example(b"Content-Type: multipart/mixed; boundary*=x'y\n\n--")
@example(b"From: =?utf-8?b?=?= <")
@example(b"Date: Wed, 1 Jan 2025 10:00:00 +99999999999999999999")
def test_no_bytes_break_the_parser(raw):
    mail = parse_mail(raw, unescape=True)
    text_of(mail)
    moment_of(mail, "", None)
    status_of(mail, "", mail.header("subject"))
    mail.addresses("from", "sender", "to")
    mail.ids("references")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(["> x", "Groet,", "Jan", "-- ", "Op 3 mrt 2025 schreef J:", "From: a", "Sent: b", "To: c", "", "tekst", "____________________", "P.S. x", "-Jan"]), max_size=12))  # fmt: skip
def test_no_line_of_a_mail_is_lost_between_own_text_quote_and_signature(lines):
    parts = split_text("\n".join(lines))
    told = [line for part in parts for line in part.split("\n") if line.strip()]
    assert sorted(told) == sorted(line.rstrip() for line in lines if line.strip())


def test_text_of_html_as_a_reader_sees_it():
    page = (
        "<html><head><title>t</title><style>p{}</style><script>x()</script></head><body>"
        '<div style="display:none;max-height:0">voorbeeld van de tekst</div><span style="FONT-SIZE: 0px">x</span>'
        '<img src="http://t.nl/p.gif" width="1" height="1" alt="pixel"><p>Dag&nbsp;<b>Jan</b>,</p><!-- weg --><p hidden>y</p>'
        "<table><tr><td>Bedrag</td><td>€ 12</td></tr></table><ul><li>een</li><li>twee</li></ul>regel<br>regel 2"
        '<pre>  a\n  b</pre></body></html>'
    )  # fmt: skip
    own, quoted = lay_out(page)
    assert own.split("\n") == [
        "Dag Jan,",
        "",
        "Bedrag € 12",
        "",
        "* een",
        "* twee",
        "",
        "regel",
        "regel 2",
        "",
        "a",
        "b",
    ]
    assert quoted == ""
    assert lay_out('<p style="font-size:0.9em;line-height:0.5">ja</p>') == ("ja", "")


@pytest.mark.parametrize(
    "mark",
    ["<blockquote>oud</blockquote>", '<div class="gmail_quote">Op … schreef J:<br>oud</div>', '<div id="appendonsend"></div><p>oud</p>',
     '<div id="x_divRplyFwdMsg">Van: J</div><div>oud</div>', '<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p>Van: J</p></div><p>oud</p>'],
)  # fmt: skip
def test_quotes_in_html_are_told_apart(mark):
    own, quoted = lay_out(f"<div>nieuw</div>{mark}")
    assert own == "nieuw"
    assert quoted.endswith("oud")


def test_an_answer_below_a_quote_in_html_is_own_text():
    assert lay_out("<blockquote>vraag</blockquote><p>antwoord</p>") == ("antwoord", "vraag")


def test_addresses_that_are_half_right():
    assert people_in("jan@a.nl (Jan)") == (("Jan", "jan@a.nl"),)
    assert people_in("'jan@a.nl' <jan@a.nl>")[-1][1] == "jan@a.nl"
    assert people_in('"Jan <jan@a.nl>') == (("", "jan@a.nl"),)
    assert people_in("geen adres") == ()
