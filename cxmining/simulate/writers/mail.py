"""The mailbox of customer service: one mbox with what came in and what went out."""

from __future__ import annotations

import binascii
from pathlib import Path

import numpy as np

from cxmining.simulate import company, noise, vocabulary
from cxmining.simulate.writers.common import Stage, card, write_bytes

__all__ = ["FIRST_NAMES", "working", "write_mail"]

DAYS = ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")  # 1 January 1970 was a Thursday
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FIRST_NAMES = ("Sanne", "Mark", "Fatima", "Joris", "Linda", "Kevin", "Priya", "Anouk", "Dennis", "Esra")


def _date(utc: int, zone: int) -> str:
    seconds = utc + zone
    day = np.datetime64(seconds, "s").item()
    return f"{DAYS[seconds // 86400 % 7]}, {day.day:02d} {MONTHS[day.month - 1]} {day.year} {day:%H:%M:%S} {'+' if zone >= 0 else '-'}{abs(zone) // 3600:02d}00"


def _word(text: str, charset: str) -> str:
    """Return `text` as a header may hold it (RFC 2047)."""
    if text.isascii():
        return text
    try:
        raw = text.encode(charset)
    except UnicodeEncodeError:
        raw, charset = text.encode(), "utf-8"
    quoted = "".join(chr(b) if chr(b).isalnum() and b < 128 else "_" if b == 32 else f"={b:02X}" for b in raw)
    return f"=?{charset}?Q?{quoted}?="


def _message(utc: int, zone: int, sender: tuple[str, str], to: str, subject: str, body: str, mid: str, *, charset: str,
             refs: list[str], extra: tuple[str, ...] = (), plain_eight: bool = True) -> bytes:  # fmt: skip
    try:
        raw = body.encode(charset)
    except UnicodeEncodeError:
        charset, raw = "utf-8", body.encode()
    encoding = "7bit" if body.isascii() else "8bit" if plain_eight else "quoted-printable"
    if encoding == "quoted-printable":
        raw = binascii.b2a_qp(raw, istext=True)
    name, address = sender
    day = np.datetime64(utc, "s").item()
    head = [
        f"From {address} {DAYS[utc // 86400 % 7]} {MONTHS[day.month - 1]} {day.day:2d} {day:%H:%M:%S} {day.year}",
        f"Message-ID: <{mid}>",
        f"Date: {_date(utc, zone)}",
        f"From: {_word(name, charset)} <{address}>" if name else f"From: {address}",
        f"To: {to}",
        f"Subject: {_word(subject, charset)}",
    ]
    if refs:
        head += [f"In-Reply-To: <{refs[-1]}>", "References: " + "\n ".join(f"<{r}>" for r in refs[-6:])]
    head += [
        *extra,
        "MIME-Version: 1.0",
        f"Content-Type: text/plain; charset={charset}",
        f"Content-Transfer-Encoding: {encoding}",
        "",
    ]
    text = raw.replace(b"\nFrom ", b"\n>From ")
    return "\n".join(head).encode("ascii", "replace") + b"\n" + text + b"\n\n"


def _quoted(body: str, utc: int, name: str, lines: int) -> str:
    seconds = utc + int(company.offset(np.array([utc]))[0])
    day = np.datetime64(seconds, "s").item()
    kept = [x for x in body.split("\n") if x and not x.startswith((">", "Op "))][:lines]
    return (
        f"\n\nOp {day.day} {company.MONTHS[day.month - 1][:3]} {day.year} om {day:%H:%M} schreef {name}:\n"
        + "\n".join(f"> {x}" for x in kept)
    )


def working(utc: int) -> int:
    """Move an answer that would fall at night or on Sunday to the next morning."""
    local = utc + int(company.offset(np.array([utc]))[0])
    hour, weekday = local // 3600 % 24, (local // 86400 + 3) % 7
    if hour < 8:
        utc += (8 - hour) * 3600
    elif hour >= 21:
        utc += (32 - hour) * 3600
        weekday = (weekday + 1) % 7
    return utc + 86400 if weekday == 6 else utc


def write_mail(stage: Stage, path: Path) -> None:
    """Write the mails and hand out their ids."""
    p, rng, w = stage.people, stage.rng, stage.writer
    c = stage.world.contacts
    c = c[c["channel"] == 3]
    count = len(c)
    charsets = rng.choice(["utf-8", "iso-8859-1", "windows-1252"], count, p=[0.62, 0.2, 0.18]).tolist()
    tokens = rng.integers(0, 2**40, (count, 3)).tolist()
    latest = company.EPOCH + company.DAYS * 86400 - 7200
    threads: dict[
        int, tuple[list[str], str, str, int, str]
    ] = {}  # issue → refs, subject, last text, when, who wrote it
    mails: list[tuple[int, bytes, int]] = []
    columns = ("contact", "issue", "who", "utc", "intent", "round", "solved", "reply_h", "agent")
    for i, (contact, issue, who, utc, intent, number, solved, reply_h, agent) in enumerate(
        c[list(columns)].itertuples(index=False, name=None)
    ):
        me = card(p, who)
        english = bool(p.english[who])
        address = stage.traces.mailbox(who, utc)
        zone = int(company.offset(np.array([utc]))[0])
        slots = w.story(issue, me, int(company.months_of(np.array([(utc - company.EPOCH) // 86400]))[0]))
        subject, body = w.mail(
            intent, slots, number=number, english=english, formal=bool(p.formal[who]), angry=not solved and number > 0
        )
        mid = f"{tokens[i][0]:010x}.{contact}@{address.split('@')[1]}"
        refs: list[str] = []
        if issue in threads and w.chance() < 0.7:
            refs, subject, before, when, author = threads[issue]
            body += _quoted(before, when, author, 5)
            subject = subject if subject.lower().startswith("re:") else f"Re: {subject}"
        stage.refs[contact] = mid
        name = me["name"] if w.chance() > noise.NO_NAME * 4 else ""
        mails.append((utc, _message(utc, zone, (name, address), company.MAILBOX, subject, body, mid, charset=charsets[i],
                                    refs=refs, plain_eight=charsets[i] != "utf-8" or w.chance() < 0.5), who))  # fmt: skip
        refs = [*refs, mid]
        threads[issue] = (refs, subject, body, utc, me["name"])
        if w.chance() < 0.22:
            ack = f"auto.{tokens[i][1]:010x}@{company.DOMAIN}"
            text = w.pick(vocabulary.AUTO_REPLY)
            mails.append((utc + 40, _message(utc + 40, zone, (company.NAME, company.MAILBOX), address, f"Automatisch antwoord: {subject}",
                                             text, ack, charset="utf-8", refs=refs, extra=("Auto-Submitted: auto-replied",)), who))  # fmt: skip
            stage.replies.setdefault(contact, []).append(ack)
        if reply_h != reply_h:
            continue
        at = working(int(utc + reply_h * 3600))
        if at > latest:
            continue
        staff = FIRST_NAMES[agent % len(FIRST_NAMES)]
        answer = w.reply(intent, slots, solved=bool(solved), agent=staff) + _quoted(body, utc, me["name"], 4)
        rid = f"zs.{tokens[i][2]:010x}@{company.DOMAIN}"
        again = subject if subject.lower().startswith("re:") else f"Re: {subject}"
        zone = int(company.offset(np.array([at]))[0])
        mails.append((at, _message(at, zone, (f"{staff} van {company.NAME}", company.MAILBOX), address, again, answer, rid,
                                   charset="utf-8", refs=refs), who))  # fmt: skip
        stage.replies.setdefault(contact, []).append(rid)
        threads[issue] = ([*refs, rid], again, answer, at, company.NAME)
        if w.chance() < 0.02:
            ooo = f"ooo.{tokens[i][1]:010x}@{address.split('@')[1]}"
            text = w.pick(vocabulary.OUT_OF_OFFICE).format(**slots)
            mails.append((at + 5, _message(at + 5, zone, (me["name"], address), company.MAILBOX, f"Afwezig: {again}", text, ooo,
                                           charset="utf-8", refs=[*refs, rid], extra=("Auto-Submitted: auto-replied",)), who))  # fmt: skip
            stage.replies.setdefault(contact, []).append(ooo)
    mails.sort(key=lambda m: m[0])
    twice = set(np.flatnonzero(rng.random(len(mails)) < noise.DUPLICATE_ROWS).tolist())
    blocks: list[tuple[bytes, int | None]] = []
    for i, (_, raw, who) in enumerate(mails):
        blocks += [(raw, who)] * (2 if i in twice else 1)
    blocks = stage.traces.again(blocks)
    # One mail whose date no parser knows: sent by a scanner.
    half = len(mails) // 2
    blocks.insert(half + sum(i < half for i in twice), ((
        f"From scanner@{company.DOMAIN} Thu Jan  1 00:00:00 1970\nMessage-ID: <scan.1@{company.DOMAIN}>\nDate: ergens in maart\n"
        f"From: scanner@{company.DOMAIN}\nTo: {company.MAILBOX}\nSubject: Scan\n\nZie bijlage\n\n"
    ).encode(), None))  # fmt: skip
    stage.owners["mail.mbox"] = [who for _, who in blocks]
    write_bytes(path, b"".join(raw for raw, _ in blocks))
