"""A mailbox as a whole: whose mails they are, what is kept apart, which are copies, and what broken boxes give."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest

import cxmining as cx
from cxmining.errors import InputError
from cxmining.ingest import read_source
from cxmining.study import parse_study

OURS = {"company": {"name": "Ons", "domains": ["ons.nl"]}}
FROM = "From x@y Wed Jan  1 10:00:00 2025\n"


def mail(mid="1", sender="Jan <jan@a.nl>", to="info@ons.nl", subject="Vraag", body="Hallo", hour=10, more=""):
    named = f"Message-ID: <{mid}>\n" if mid else ""
    return f"{FROM}Date: Wed, 01 Jan 2025 {hour}:00:00 +0100\nFrom: {sender}\nTo: {to}\nSubject: {subject}\n{named}{more}\n{body}\n\n"


def counts(reading):
    return {k: v for k, v in reading.inputs[0].counts.items() if v}


def people(reading):
    """Identifiers per event, in the order of the events."""
    by = reading.identifiers.groupby("record_id")["value"].agg(sorted).to_dict()
    return [by.get(i, []) for i in reading.events["event_id"]]


def test_what_a_mail_quotes_and_its_signature_ride_apart_and_no_table_keeps_them(read_one, tmp_path, monkeypatch):
    body = "Dat klopt niet.\n\nMet vriendelijke groet,\nJan\n06 12345678\n\nOp ma 3 mrt 2025 om 10:00 schreef Sanne:\n> Uw factuur is 12 euro."
    r = read_one(mail(body=body), format="mbox", study=OURS)
    e = r.events.iloc[0]
    assert e["text"] == "Dat klopt niet."
    assert e["raw_signature"] == "Met vriendelijke groet,\nJan\n06 12345678"
    assert e["raw_quoted"] == "Op ma 3 mrt 2025 om 10:00 schreef Sanne:\n> Uw factuur is 12 euro."
    monkeypatch.setenv("CXMINING_KEY", "0123456789abcdef-mail")
    data = cx.read(parse_study({"name": "t", "privacy": {"text": "masked"}, "source": [{"name": "s", "path": "export.csv"}]}, tmp_path))  # fmt: skip
    assert not [c for c in data.events.columns if c.startswith("raw_") or c in ("quoted", "signature")]
    assert "06 12345678" not in data.events.to_csv()


def test_the_customer_is_the_other_side_and_never_a_machine_that_carries_mail(read_one):
    status = "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nAction: failed\nFinal-Recipient: rfc822; kees@c.nl\n--b--"
    r = read_one(
        mail("1")
        + mail("2", sender="Sanne <sanne@ons.nl>", to="Jan <jan@a.nl>, piet@b.nl")
        + mail("3", sender="Mail Delivery <MAILER-DAEMON@mx.a.nl>", to="sanne@ons.nl", subject="Undelivered Mail", body="--b\n\nHelaas\n" + status, more='Content-Type: multipart/report; boundary="b"\n')
        + mail("4", sender="MAILER-DAEMON@ons.nl", to="sanne@ons.nl", subject="Undelivered Mail", more="X-Failed-Recipients: Lies@D.nl\n")
        + mail("5", sender="postmaster@a.nl", to="sanne@ons.nl")
        + mail("6", sender="sanne@ons.nl", to="klaas@deep.sub.ons.nl")
        + mail("7", sender="jan@notons.nl"),
        format="mbox", study=OURS,
    )  # fmt: skip
    assert r.events["direction"].tolist() == ["inbound", "outbound", "inbound", "inbound", "inbound", "internal", "inbound"]  # fmt: skip
    assert people(r) == [["Jan", "jan@a.nl"], ["Jan", "jan@a.nl"], ["kees@c.nl"], ["lies@d.nl"], [], [], ["jan@notons.nl"]]  # fmt: skip
    assert r.events["raw_status"].tolist() == ["person", "person", "bounce", "bounce", "robot", "person", "person"]
    assert not r.identifiers["value"].str.endswith("@ons.nl").any()
    assert any("1 mail goes to several outside addresses" in n for n in r.notes)


def test_threads_by_subject_in_dutch_and_english_and_through_what_is_enclosed(read_one):
    marks = (
        "Re:",
        "RE :",
        "Antw:",
        "Antwoord:",
        "Betr:",
        "Betr.:",
        "Fwd:",
        "FW:",
        "Doorst:",
        "Re[2]:",
        "AW: Re:",
        "[klant] Re:",
    )
    box = mail("1", subject="Factuur") + "".join(
        mail(f"m{i}", subject=f"{m} Factuur", hour=11) for i, m in enumerate(marks)
    )
    assert read_one(box, format="mbox", study=OURS).events["thread_id"].nunique() == 1
    enclosed = "--b\n\nZie bijlage\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <1>\nSubject: Factuur\n\nx\n--b--"
    box = mail("1", subject="Factuur") + mail(
        "2", subject="Iets", body=enclosed, more='Content-Type: multipart/mixed; boundary="b"\n'
    )
    r = read_one(box, format="mbox", study=OURS)
    assert r.events["thread_id"].nunique() == 1
    assert r.events["text"].tolist() == ["Hallo", "Zie bijlage"]


def test_copies_through_a_mailing_list_and_ids_that_a_program_repeats(read_one):
    long = "Wanneer komt de monteur bij ons langs?"
    r = read_one(
        mail("1", body=long)
        # the list adds a mark and a footer
        + mail("1", subject="[lijst] Vraag", body=long + "\n\n_______________________\nlijst mailing list\nlijst@x.nl")
        # the same id, another moment: a program that numbers its mails from one each day
        + mail("1", body=long, hour=11)
        + mail("1", body="Iets anders"),
        format="mbox", study=OURS,
    )  # fmt: skip
    assert r.ledger["status"].tolist() == ["kept", "duplicate", "kept", "kept"]
    assert r.ledger["merged_into"].tolist()[1] == r.ledger["record_id"].tolist()[0]
    assert any("2 mails bear the Message-ID of another one" in n for n in r.notes)


def test_escaped_lines_are_as_they_were_written_and_quotes_stay_quotes(read_one):
    r = read_one(mail(body="Hoi\n\n>From here on\n>>From there\n> From Jan\nDag"), format="mbox")
    assert r.events["text"].tolist() == ["Hoi\n\nFrom here on\nDag"]
    assert ">From there" in r.events["raw_quoted"][0]


BROKEN = {
    "nothing but From_ lines": (FROM * 3, {"read": 1, "kept": 1}),
    "no date anywhere": ("From x\nTo: a@b.nl\n\nx\n", {"read": 1, "rejected": 1}),
    "the year 1": ("From x\nDate: Mon, 1 Jan 0001 00:00:00 +0000\n\nx\n", {"read": 1, "rejected": 1}),
    "the year 9999": ("From x\nDate: Fri, 31 Dec 9999 23:59:59 +0000\n\nx\n", {"read": 1, "rejected": 1}),
    "NUL in a header": (mail(subject="a\0b", sender="j\0an@a.nl"), {"read": 1, "kept": 1}),
    "cut within a header": (mail() + FROM + "Date: Wed, 01 Jan 2025 10:00:00 +0100\nSubj", {"read": 2, "kept": 2}),
    "cut within a date": (mail() + "From x\nDate: Wed, 01 Ja", {"read": 2, "kept": 1, "rejected": 1}),
    "two hundred parts deep": (mail(more="".join(f'Content-Type: multipart/mixed; boundary="b{i}"\n\n--b{i}\n' for i in range(200))), {"read": 1, "kept": 1}),
}  # fmt: skip


@pytest.mark.parametrize("case", list(BROKEN))
def test_broken_boxes_are_counted_whole(case, read_one):
    box, expected = BROKEN[case]
    assert counts(read_one(box, format="mbox")) == expected


def test_a_mail_that_breaks_off_says_so(read_one):
    cut = mail(
        more='Content-Type: multipart/mixed; boundary="b"\nMIME-Version: 1.0\n',
        body="--b\nContent-Transfer-Encoding: base64\n\nSGFsbG8gZGFhciE",
    )
    r = read_one(cut.rstrip("\n"), format="mbox")
    assert r.events["text"].tolist() == ["Hallo daar!"]
    assert [n.split(": ", 1)[1] for n in r.notes[:2]] == [
        "1 mail ends before its parts do; what is there was read",
        "1 mail holds base64 that breaks off; it was read so far",
    ]


def test_packed_cut_off_and_foreign_boxes_are_refused(read_one):
    box = (mail() * 50).encode()
    assert counts(read_one(gzip.compress(box), format="mbox"))["read"] == 50
    with pytest.raises(InputError, match="cut off"):
        read_one(gzip.compress(box)[:-20], format="mbox")
    for other in (b"Subject: x\n\nHallo\n", "From a".encode("utf-16"), b"\x00\xff" * 5000):
        with pytest.raises(InputError, match=r"^export\.csv: is "):
            read_one(other, format="mbox")


def test_memory_follows_what_people_wrote_and_not_what_they_attached(tmp_path):
    attachment = "QUJD" * 19 + "\n"
    parts = (
        "--b\n\nHallo\n--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n" + attachment * 26_000
    )
    one = mail(body=parts + "--b--", more='Content-Type: multipart/mixed; boundary="b"\n').encode()
    with (tmp_path / "m.mbox").open("wb") as out:
        for i in range(40):
            out.write(one.replace(b"<1>", b"<%d>" % i))
    study = parse_study({"name": "t", "source": [{"name": "s", "path": "m.mbox"}]}, tmp_path)
    read_source(study.sources[0], study)  # imports
    tracemalloc.start()
    r = read_source(study.sources[0], study)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "m.mbox").stat().st_size > 75 << 20
    assert counts(r) == {"read": 40, "kept": 40}
    assert peak < 30 << 20


def test_the_order_of_mails_changes_nothing_but_their_places(read_one):
    some = [
        mail(str(i), sender=f"p{i % 3}@a.nl", subject=("Re: " if i > 2 else "") + f"Vraag {i % 3}", hour=10 + i)
        for i in range(9)
    ]
    told = []
    for box in ("".join(some), "".join(reversed(some))):
        e = read_one(box, format="mbox", study=OURS).events.sort_values("timestamp")
        told.append(
            (
                e["case_id"].tolist(),
                e["thread_id"].nunique(),
                e["wait_s"].isna().all(),
            )
        )
    assert told[0] == told[1]
    assert told[0][1] == 3
