"""When a mail was sent: ``Date``, else ``Received``, else what its container says."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_tz
from typing import Final, NamedTuple

from cxmining.ingest.mail.message import Mail

__all__ = ["Moment", "moment_of", "rfc5322"]

_ASCTIME: Final = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\s+(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+(\d{1,2})\s+(\d{2}:\d{2}(?::\d{2})?)"
    r"(?:\s+([+-]\d{4}|[A-Z]{3,4}))?\s+(\d{4})(?:\s+([+-]\d{4}))?"
)
_ZONES: Final = {
    "CET": 60, "MET": 60, "CEST": 120, "MEST": 120, "BST": 60, "WET": 0, "WEST": 60, "EET": 120, "EEST": 180,
}  # fmt: skip
_UTC: Final = ("GMT", "UTC", "UT", "Z")
_COMMENT: Final = re.compile(r"\([^()]*\)")
_FULL: Final = re.compile(
    r"\s*(?:[A-Za-z]{2,9}\.?,?\s+)?(\d{1,2})\s+([A-Za-z]{3})[a-z]*\s+(\d{4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s+([+-])(\d{2})(\d{2})\s*(?:\([^()]*\))?\s*$"
)
_MONTHS: Final = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_EPOCH: Final = datetime(1970, 1, 1)
_LONGEST: Final = 300
_DELIVERED: Final = re.compile(r"^(\d{9,10})\.")


class Moment(NamedTuple):
    """A moment with its minutes east of Greenwich, or a bare clock; and what told it."""

    utc: datetime | None
    offset: int | None
    naive: datetime | None
    how: str


def moment_of(mail: Mail, line: str, tz: str | None) -> Moment:
    """Read the moment: ``Date``, else the newest ``Received``, else the From_ line or the name of a Maildir file.

    Examples
    --------
    >>> from cxmining.ingest.mail.message import parse_mail
    >>> str(moment_of(parse_mail(b"Date: Wed, 01 Jan 2025 10:00:00 +0100"), "", None).utc)
    '2025-01-01 09:00:00+00:00'
    """
    utc, offset, naive = rfc5322(mail.header("date"))
    if utc is not None:
        return Moment(utc, offset, None, "date")
    received = (rfc5322(v.rpartition(";")[2]) for v in mail.headers.get("received", ()))
    known = next((r for r in received if r[0] is not None), None)
    if naive is not None and (tz is not None or known is None):
        return Moment(None, None, naive, "naive")
    if known is not None:
        return Moment(known[0], known[1], None, "received")
    delivered = _DELIVERED.match(line)
    if delivered:
        seconds = int(delivered[1])
        fits = 315_532_800 <= seconds < 7_258_118_400  # 1980 to 2200, as for the dates in headers
        return Moment(datetime.fromtimestamp(seconds, tz=UTC) if fits else None, None, None, "name" if fits else "none")
    found = _ASCTIME.search(line)
    if found is None:
        return Moment(None, None, None, "none")
    month, day, clock, zone, year, behind = found.groups()
    utc, offset, naive = rfc5322(f"{day} {month} {year} {clock} {behind or zone or ''}")
    if utc is None and naive is not None and tz is None:
        utc, naive = naive.replace(tzinfo=UTC), None
    return Moment(utc, offset, naive, "from" if utc or naive else "none")


def rfc5322(text: str) -> tuple[datetime | None, int | None, datetime | None]:
    """Return the moment and its minutes east, or, when no zone is given, the bare clock.

    Examples
    --------
    >>> rfc5322("Wed, 1 Jan 2025 10:00:00 CET")[1], rfc5322("Wed, 1 Jan 0001 10:00:00 +0000")
    (60, (None, None, None))
    """
    if not text or len(text) > _LONGEST:
        return None, None, None
    try:
        if (full := _FULL.match(text)) and full[2].lower() in _MONTHS:
            day, month, year, hour, minute, second, sign, h, m = full.groups()
            clock = datetime(
                int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), min(int(second or 0), 59)
            )
            seconds: int | None = (int(h) * 3600 + int(m) * 60) * (-1 if sign == "-" else 1)
            word = f"{sign}{h}{m}"
        else:
            parsed = parsedate_tz(text)
            if parsed is None:
                return None, None, None
            clock = datetime(*parsed[:5], min(parsed[5], 59))
            seconds = parsed[9]
            word = _COMMENT.sub("", _COMMENT.sub("", text)).strip().rpartition(" ")[2].upper()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None, None, None
    if not 1980 <= clock.year < 2200:
        return None, None, None  # 1 January 1970 is what a program writes that knows no date
    if word in _ZONES:
        seconds = _ZONES[word] * 60
    elif word == "-0000":
        return clock.replace(tzinfo=UTC), None, None  # UTC, and nobody says where (RFC 5322, 3.3)
    elif not re.fullmatch(r"[+-]\d{4}|[A-Z]{1,5}", word) or (seconds == 0 and word.isalpha() and word not in _UTC):
        # the parser gives 0 for "no zone" and for zones it does not know
        return None, None, clock
    if seconds is None or abs(seconds) > 14 * 3600:
        return None, None, None
    moment = (clock - _EPOCH).total_seconds() - seconds
    return datetime.fromtimestamp(moment, tz=UTC), seconds // 60, None
