"""Mail: the same letters as an mbox, as files of their own, and as a Maildir."""

from __future__ import annotations

from email.utils import formatdate

import numpy as np

from cxmining.simulate import company
from cxmining.simulate.exports.base import Export
from cxmining.simulate.writers.common import card, write_bytes

__all__ = ["write_eml", "write_maildir", "write_mbox"]

MAIL = 3
SCAN = b"Message-ID: <scan.1@zonnestroom.example>\nDate: ergens in maart\nFrom: scanner@zonnestroom.example\nTo: klantenservice@zonnestroom.example\nSubject: Scan\n\nZie bijlage\n"


def _date(utc: int) -> str:
    zone = int(company.offset(np.array([utc]))[0])
    return formatdate(utc + zone).replace("-0000", f"+{zone // 3600:02d}00")


def _letters(x: Export) -> list[bytes]:
    """Write each question, and our answer to it, as it went over the wire."""
    out = []
    w = x.stage.writer
    for k, c in enumerate(x.contacts(MAIL)):
        begin, address = int(c.utc), x.stage.traces.mailbox(c.who, c.utc)
        month = int(company.months_of(np.array([(begin - company.EPOCH) // 86400]))[0])
        subject, body = w.mail(c.intent, w.story(c.issue, card(x.people, c.who), month), number=c.round,
                               english=False, formal=True, angry=False)  # fmt: skip
        name = "" if k % 11 == 0 else f'"{x.people.account[c.who]}" '
        charset = ("utf-8", "iso-8859-15", "windows-1252")[k % 3]
        head = f"Message-ID: <{k}.q@{address.split('@')[1]}>\nDate: {_date(begin)}\nFrom: {name}<{address}>\nTo: {company.MAILBOX}\n"
        subject = subject.encode("ascii", "replace").decode()
        if k % 5 == 0:
            html = f"<html><body><p>{body}</p></body></html>"
            text = (
                f'{head}Subject: {subject}\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="b{k}"\n\n--b{k}\n'
                f"Content-Type: text/plain; charset=utf-8\n\n{body}\n--b{k}\nContent-Type: text/html; charset=utf-8\n\n{html}\n--b{k}--\n"
            )
            out.append(text.encode())
        else:
            text = f"{head}Subject: {subject}\nMIME-Version: 1.0\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
            out.append(text.encode() + body.encode(charset, "replace") + b"\n")
        x.event(c.who, begin, "mails us")
        if c.reply_h != c.reply_h:
            continue
        at = int(begin + c.reply_h * 3600)
        out.append((
            f"Message-ID: <{k}.a@{company.DOMAIN}>\nIn-Reply-To: <{k}.q@{address.split('@')[1]}>\nDate: {_date(at)}\nFrom: {company.MAILBOX}\n"
            f"To: {address}\nSubject: Re: {subject}\nContent-Type: text/plain; charset=utf-8\n\nWij kijken ernaar.\n\n> {body.splitlines()[0]}\n"
        ).encode())  # fmt: skip
        x.event(c.who, at, "company reply")
    x.rules += [
        ({"source": x.name, "direction": "outbound"}, "company reply"),
        ({"source": x.name}, "mails us"),
    ]
    return out


def write_mbox(x: Export) -> None:
    """Write an mbox out of order, with mails delivered twice and one without a date."""
    letters = _letters(x)
    every = [*letters, *(letters[i] for i in x.some(len(letters), 0.02)), SCAN]
    body = []
    for i in x.rng.permutation(len(every)).tolist():
        text = every[i].replace(b"\nFrom ", b"\n>From ")
        # The envelope dates a mail whose header does not; nobody knows when the scanner sent this one.
        when = b"Thu Jan  1 00:00:00 1970" if every[i] is SCAN else b"Wed Jan  1 00:00:00 2025"
        body.append(b"From post@zonnestroom.example " + when + b"\n" + text + b"\n")
    write_bytes(x.folder / "mail.mbox", b"".join(body))
    x.count("mail.mbox", kept=len(letters), duplicate=len(every) - len(letters) - 1, rejected=1)


def write_eml(x: Export) -> None:
    """Write a file per mail; one was saved twice."""
    letters = _letters(x)
    for k, raw in enumerate([*letters, SCAN]):
        write_bytes(x.folder / f"{k:05d}.eml", raw)
        x.count(f"{k:05d}.eml", kept=int(k < len(letters)), rejected=int(k == len(letters)))
    write_bytes(x.folder / "00003 copy.eml", letters[3] + b"\n")
    x.count("00003 copy.eml", duplicate=1)
    x.pattern = "*.eml"


def write_maildir(x: Export) -> None:
    """Write a Maildir: what was read, what is new, and one that was never delivered."""
    letters = _letters(x)
    for k, raw in enumerate(letters):
        name = f"new/{1735700000 + k}.M{k}.host" if k % 10 == 0 else f"cur/{1735700000 + k}.M{k}.host:2,S"
        write_bytes(x.folder / name, raw)
        x.count(name, kept=1)
    write_bytes(x.folder / "tmp/1735700000.M0.host", SCAN + b"\n")
    x.count("tmp/1735700000.M0.host", context=1)
    x.pattern = "**/*"
