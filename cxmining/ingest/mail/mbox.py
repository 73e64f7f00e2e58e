"""Mail in mbox files: one event per message, read as a stream.

What is made of a mail (threads, direction, own text, machines, moments, duplicates) is said in `mailbox`.
The first 16 MiB of a mail are held; what lies beyond is attachments, which are not decoded.

Options
-------
queues : list of str
    Local parts of own addresses that are queues, besides the common ones (``info``, ``klantenservice`` …).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.mail.mailbox import OPTIONS, Letter, mail_columns, read_mails
from cxmining.ingest.mail.message import parse_mail
from cxmining.ingest.mail.split import split
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "headers", "letters", "read"]


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read mbox files; see `_mailbox.read_mails`."""
    return read_mails("mbox", files, letters, source, study)


def letters(file: SourceFile) -> Iterator[Letter]:
    """Yield the mails of a mailbox in the order of the file."""
    with file.open() as stream:
        for chunk in split(stream, file.name):
            mail = parse_mail(chunk.raw, unescape=True)
            if chunk.size > len(chunk.raw):
                mail.troubles -= {"cut"}
                mail.troubles.add("long")
            yield Letter(mail, chunk.line.decode("latin-1").rstrip("\r\n"), chunk.offset)


def headers(file: SourceFile, limit: int) -> list[dict[str, str | None]]:
    """Return the main headers of the first messages, decoded."""
    found = itertools.islice(letters(file), limit)
    return [mail_columns(letter.mail) for letter in found if letter.mail is not None]
