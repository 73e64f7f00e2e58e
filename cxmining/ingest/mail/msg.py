"""Mails that Outlook saved (``.msg``), read through extract-msg; also a ZIP archive of them.

Headers are those that the mail was delivered with; a mail from the *sent* folder has none, so sender,
recipients and moments (which Outlook keeps in UTC) are taken from its properties. Recipients of an Exchange
server are read by their SMTP address. Items that are no mail (contacts, appointments, notes) are context, and
so are drafts. What is made of a mail is said in `mailbox`. Attachments are not opened.

Options
-------
queues : list of str
    Local parts of own addresses that are queues, besides the common ones (``info``, ``klantenservice`` …).
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, formataddr
from typing import Any, Final

from cxmining.errors import InputError
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.mail.mailbox import OPTIONS, Letter, mail_columns, read_mails
from cxmining.ingest.mail.message import Mail, parse_mail
from cxmining.ingest.mail.raw import text_in
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "headers", "letters", "read"]

_LONGEST: Final = 256 << 20
_LONGEST_RTF: Final = 256 << 10  # it takes seconds per MB
_PROPERTIES: Final = "__properties_version1.0"
# [MS-OXPROPS]: what a property is called there → its number
_SUBJECT, _HEADERS, _CLASS, _FLAGS, _CODEPAGE = "0037", "007D", "001A", 0x0E07, 0x3FFD
_BODY, _HTML, _SENT, _DELIVERED = "1000", "1013", 0x0039, 0x0E06
_SENDER: Final = (("0C1A", ("5D01", "0C1F")), ("0042", ("5D02", "0065")))
_ID, _PARENT, _REFERENCES = "1035", "1042", "1039"
_UNSENT: Final = 0x8
_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
_OTHER: Final = (
    "ipm.contact",
    "ipm.appointment",
    "ipm.task",
    "ipm.stickynote",
    "ipm.activity",
    "ipm.distlist",
    "ipm.document",
)


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read mails saved by Outlook; see `_mailbox.read_mails`.

    Raises
    ------
    InputError
        When extract-msg is not installed; a file that is damaged is a rejected record.
    """
    return read_mails("msg", files, letters, source, study)


def letters(file: SourceFile) -> Iterator[Letter]:
    """Yield the mail that a file holds, or those of an archive in the order of their names."""
    with file.parts() as parts:
        for member, stream in parts:
            raw = stream.read(_LONGEST + 1)
            name = member or file.name
            if len(raw) > _LONGEST:
                yield Letter(None, name, trouble=f"the file is longer than {_LONGEST >> 20} MiB")
                continue
            yield _letter(raw, name)


def headers(file: SourceFile, limit: int) -> list[dict[str, str | None]]:
    """Return the main headers of the mail, or of the first ones of an archive, decoded."""
    found = [letter.mail for _, letter in zip(range(limit), letters(file), strict=False)]
    return [mail_columns(mail) for mail in found if mail is not None]


def _letter(raw: bytes, name: str) -> Letter:
    try:
        from extract_msg import Message
        from extract_msg.enums import ErrorBehavior
        from extract_msg.exceptions import ExMsgBaseException
    except ImportError:
        raise InputError(
            f"{name}: is an Outlook mail; reading it needs extract-msg; install cxmining with its extra outlook"
        ) from None
    opened: Any = Message
    # it speaks to the root logger's handlers about each odd property
    logging.getLogger("extract_msg").setLevel(logging.CRITICAL)
    try:
        with opened(raw, delayAttachments=True, errorBehavior=ErrorBehavior.SUPPRESS_ALL) as msg:
            letter = _read(_Item(msg))._replace(line=name)
    except (
        ExMsgBaseException,
        OSError,
        ValueError,
        LookupError,
        TypeError,
        ArithmeticError,
        AttributeError,
        struct.error,
        RecursionError,
        NotImplementedError,
    ):
        # whatever a damaged compound file makes of the parser
        return Letter(None, name, trouble="the Outlook file is damaged or cut off")
    if letter.mail is not None and _is_cut(raw):
        letter.mail.troubles.add("cut")
    return letter


def _is_cut(raw: bytes) -> bool:
    """Tell whether sectors are missing that the file's own table says are in use ([MS-CFB] 2.3)."""
    shift = int.from_bytes(raw[30:32], "little")
    held = len(raw) >> shift
    for at in range(76, 512, 4):
        sector = int.from_bytes(raw[at : at + 4], "little")
        if sector >= 0xFFFFFFFA:
            break
        begin = (sector + 1) << shift
        table = memoryview(raw[begin : begin + (1 << shift)])
        entries = table[: len(table) // 4 * 4].cast("I").tolist()
        used = max((i for i, entry in enumerate(entries) if entry != 0xFFFFFFFF), default=-1)
        first = (at - 76) // 4 * ((1 << shift) // 4)
        if len(table) < 1 << shift or first + used >= held:
            return True
    return False


def _read(item: _Item) -> Letter:
    kind = item.text(_CLASS).lower()
    mail = _mail(item, kind)
    if kind.startswith(_OTHER):
        return Letter(mail, context=f"is no mail: an item of the class {kind}")
    if not mail.headers:
        return Letter(None, trouble="holds no header of a mail")
    unsent = isinstance(item.number(_FLAGS), int) and bool((item.number(_FLAGS) or 0) & _UNSENT)
    return Letter(mail, context="a draft that was never sent" if unsent else None)


def _mail(item: _Item, kind: str) -> Mail:
    """Put a mail together of its delivered headers and of Outlook's properties."""
    lines = item.text(_HEADERS).replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    mail = parse_mail(lines.encode("utf-8", "replace") + b"\n\n")
    mail.plain, mail.markup, mail.kind = [], [], "text/plain"
    mail.troubles.clear()
    sender = next(filter(None, (item.person(name, addresses) for name, addresses in _SENDER)), "")
    sent = item.moment(_SENT) or item.moment(_DELIVERED)
    found = {
        "from": [sender], "to": item.recipients(), "subject": [item.text(_SUBJECT)], "message-id": [item.text(_ID)],
        "in-reply-to": [item.text(_PARENT)], "references": [item.text(_REFERENCES)],
        "date": [format_datetime(sent).replace("+0000", "-0000") if sent else ""],
    }  # fmt: skip
    for name, values in found.items():
        there = [v for v in values if v]
        if there and not any(mail.headers.get(name, ())):
            mail.headers[name] = there
    if kind.startswith("report.") and ".ndr" in kind:
        mail.kind = "multipart/report"
        mail.failed = [a for _, a in mail.addresses("to")]
    elif ".rules.ooftemplate" in kind or ".rules.replytemplate" in kind:
        mail.headers["auto-submitted"] = ["auto-replied"]
    plain = item.text(_BODY)
    if plain.strip():
        mail.plain = [plain]
    elif markup := item.markup():
        mail.markup = [markup]
    return mail


class _Item:
    """The properties of one Outlook item."""

    def __init__(self, msg: Any) -> None:
        self._msg = msg
        page = self.number(_CODEPAGE)
        self._codepage = f"cp{page}" if page and page != 65001 else "utf-8"

    def stream(self, path: str) -> bytes:
        return (self._msg.getStream(path) if self._msg.exists(path) else None) or b""

    def text(self, number: str, folder: str = "") -> str:
        wide = self.stream(f"{folder}__substg1.0_{number}001F")
        if wide:
            return wide.decode("utf-16-le", "replace").replace("\x00", "")
        narrow = self.stream(f"{folder}__substg1.0_{number}001E")
        return text_in(narrow, self._codepage)[0] if narrow else ""

    def _fixed(self, number: int) -> tuple[int, bytes] | None:
        """Return type and value of a property that has 8 bytes ([MS-OXMSG] 2.4.2.1)."""
        table = self.stream(_PROPERTIES)
        for at in range(32, len(table) - 15, 16):
            tag = int.from_bytes(table[at : at + 4], "little")
            if tag >> 16 == number:
                return tag & 0xFFFF, table[at + 8 : at + 16]
        return None

    def number(self, number: int) -> int | None:
        found = self._fixed(number)
        return int.from_bytes(found[1][:4], "little") if found and found[0] == 0x0003 else None

    def moment(self, number: int) -> datetime | None:
        """Return a moment, which is counted in tenths of microseconds since 1601."""
        found = self._fixed(number)
        if found is None or found[0] != 0x0040:
            return None
        try:
            return _EPOCH + timedelta(microseconds=int.from_bytes(found[1], "little") // 10)
        except OverflowError:
            return None

    def person(self, name: str, addresses: tuple[str, ...], folder: str = "") -> str:
        """Return name and SMTP address as a header writes them; an address within Exchange is none."""
        found = next((a for a in (self.text(n, folder).strip() for n in addresses) if "@" in a and " " not in a), "")
        return formataddr((self.text(name, folder).strip().replace('"', ""), found)) if found else ""

    def recipients(self) -> list[str]:
        folders = sorted({path[0] for path in self._msg.listDir() if path[0].startswith("__recip_version1.0_#")})
        return [p for f in folders if (p := self.person("3001", ("39FE", "3003"), f + "/"))]

    def markup(self) -> str:
        """Return the HTML body, also where it is hidden in RTF."""
        page = self.stream(f"__substg1.0_{_HTML}0102")
        if page:
            return text_in(page, None)[0]
        written = self.text(_HTML)
        if written or not 0 < len(self.stream("__substg1.0_10090102")) <= _LONGEST_RTF:
            return written
        page = self._msg.htmlBody
        return text_in(page, None)[0] if page else ""
