"""Mails in files of their own: saved letters (``.eml``), the folders of a Maildir, ZIP archives of letters.

A Maildir is read by a pattern over its folders, such as ``mail/cur/*`` or ``mail/**/*``; what lies in ``tmp``
was never delivered and counts as context, as drafts do. What is made of a mail (threads, direction, own text,
machines, moments, duplicates) is said in `mailbox`. A file that holds no header of a mail is rejected.

Options
-------
queues : list of str
    Local parts of own addresses that are queues, besides the common ones (``info``, ``klantenservice`` …).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.mail.mailbox import OPTIONS, Letter, mail_columns, read_mails
from cxmining.ingest.mail.message import parse_mail
from cxmining.ingest.mail.split import LONGEST
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "headers", "letters", "read"]

_NEEDED: Final = ("date", "from", "received", "message-id", "to", "subject")
# Mails one after the other whose first From_ line is lost; a mailbox that is enclosed as text looks the same.
_ANOTHER: Final = re.compile(
    rb"\n\r?\nFrom [^\n]{1,200}\d\d:\d\d[^\n]{1,60}\n(?:Return-Path|Received|Date|From|Message-ID):", re.I
)
_BLOCK: Final = 1 << 20


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read letters and Maildirs; see `_mailbox.read_mails`."""
    return read_mails("eml", files, letters, source, study)


def letters(file: SourceFile) -> Iterator[Letter]:
    """Yield the mail that a file holds, or those of an archive in the order of their names."""
    with file.parts() as parts:
        for member, stream in parts:
            yield _letter(stream, PurePosixPath(member or file.name))


def _letter(stream: BinaryIO, path: PurePosixPath) -> Letter:
    raw = stream.read(LONGEST)
    long = False
    while stream.read(_BLOCK):  # to the end, so that a broken archive is told
        long = True
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if raw.startswith((b"From ", b">From ")):  # a letter taken out of a mailbox
        raw = raw.partition(b"\n")[2]
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    mail = parse_mail(raw)
    if not any(mail.has(name) for name in _NEEDED):
        return Letter(None, path.name, trouble="holds no header of a mail")
    if long:
        mail.troubles -= {"cut"}
        mail.troubles.add("long")
    if _ANOTHER.search(raw):
        mail.troubles.add("box")
    return Letter(mail, path.name, context="was never delivered: it lies in tmp" if path.parent.name == "tmp" else None)


def headers(file: SourceFile, limit: int) -> list[dict[str, str | None]]:
    """Return the main headers of the mail, or of the first ones of an archive, decoded."""
    found = [letter.mail for _, letter in zip(range(limit), letters(file), strict=False)]
    return [mail_columns(mail) for mail in found if mail is not None]
