"""A mailbox of realistic mails, and what the standard library's parser makes of it; cases of `readers.py`."""

from __future__ import annotations

import base64
import email
import email.policy
import mailbox
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["fast_mails", "plain_mails", "write_mails"]

START = 1_735_689_600
WORDS = (
    "de rekening van vorige maand klopt niet want wij zijn in mei verhuisd naar een ander adres en toen is "
    "de meter opgenomen door uw monteur"
)
PDF = 'Content-Type: application/pdf; name="rekening.pdf"\nContent-Disposition: attachment; filename="rekening.pdf"\nContent-Transfer-Encoding: base64\n\n'


def mails(n: int) -> Iterator[bytes]:
    """Mails as servers deliver them.

    Three kilobytes of headers, answers that quote, HTML beside or instead of the text, and with one in twelve
    an attachment of 40 to 300 KB.
    """
    rng = random.Random(1)
    blob = base64.encodebytes(rng.randbytes(220_000)).splitlines(keepends=True)
    words = WORDS.split()
    stamps = "".join(
        f"Received: from mx{i}.example.net (mx{i}.example.net [203.0.113.{i}])\n\tby in{i}.example.nl (Postfix) with ESMTPS id 4Xk{i}\n\tfor <info@example.nl>; {{date}}\n"
        for i in range(5)
    )
    signed = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=a.example; s=s1;\n" + f"\tb={'x' * 70}\n" * 12
    for i in range(n):
        person, turn = divmod(i, 3)
        when = time.gmtime(START + person * 300 % 7_000_000 + turn * 5_000)
        date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", when)
        both = ("Info <info@example.nl>", f"K {person} <k{person}@a.example>")
        sender, to = both if turn == 1 else both[::-1]
        subject = f"{'Re: ' if turn else ''}=?utf-8?q?Rekening_{person}_=E2=82=AC?="
        refs = f"In-Reply-To: <m{i - 1}@x>\nReferences: <m{i - turn}@x> <m{i - 1}@x>\n" if turn else ""
        lines = [" ".join(rng.choices(words, k=11)) + "," for _ in range(rng.randint(4, 18))]
        text = "Beste,\n\n" + "\n".join(lines) + "\n\nMet vriendelijke groet,\nK\n"
        if turn:
            quoted = "\n".join(f"> {line}" for line in lines * turn)
            text += f"\nOp ma 3 mrt 2025 om 10:00 schreef Info <info@example.nl>:\n{quoted}\n"
        page = "".join(f'<p class="MsoNormal" style="font-size:11pt">{line}</p>\n' for line in lines * 2)
        kinds = {
            "text/plain": text,
            "text/html": f"<html><head><style>p {{margin: 0}}</style></head><body>{page}</body></html>",
        }
        if i % 10 == 9:
            del kinds["text/plain"]
        elif i % 10 < 4:
            del kinds["text/html"]
        parts = "".join(
            f'--inner{i}\nContent-Type: {kind}; charset="utf-8"\nContent-Transfer-Encoding: 8bit\n\n{said}\n'
            for kind, said in kinds.items()
        )
        body, files = f'Content-Type: multipart/alternative; boundary="inner{i}"\n\n{parts}--inner{i}--\n', b""
        if i % 12 == 0:
            body = f'Content-Type: multipart/mixed; boundary="outer{i}"\n\n--outer{i}\n{body}--outer{i}\n{PDF}'
            files = b"".join(blob[: rng.randint(500, len(blob))]) + f"--outer{i}--\n".encode()
        head = f"From k@a.example {time.asctime(when)}\n{stamps.format(date=date)}{signed}Date: {date}\nFrom: {sender}\nTo: {to}\n"
        head += f"Subject: {subject}\nMessage-ID: <m{i}@x>\n{refs}MIME-Version: 1.0\n"
        yield (head + body).encode() + files + b"\n"


def write_mails(path: Path, n: int) -> None:
    """Write a mailbox of `n` mails."""
    with path.open("wb") as out:
        out.writelines(mails(n))


def plain_mails(path: Path, policy: str = "default") -> int:
    """Parse each mail, decode its headers, walk to its text; nothing else is done with it."""
    rules: Any = getattr(email.policy, policy)
    box = mailbox.mbox(
        path, factory=lambda file: email.message_from_binary_file(file, policy=rules), create=False
    )  # fmt: skip
    rows = []
    for mail in box:
        head = [str(mail[h]) for h in ("Message-ID", "Date", "From", "To", "Subject", "In-Reply-To", "References")]
        text: Any = ""
        for part in mail.walk():
            if part.get_content_type() in ("text/plain", "text/html") and part.get_content_disposition() is None:
                text = part.get_payload(decode=True).decode("utf-8", "replace")
                break
        rows.append((head, text))
    return len(rows)


def fast_mails(path: Path) -> int:
    """Do the same with the old policy, which leaves headers as they are."""
    return plain_mails(path, "compat32")
