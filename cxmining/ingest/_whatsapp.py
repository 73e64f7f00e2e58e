"""The lines of a WhatsApp export: headers in any phone's locale, messages over several lines, day and month told apart.

What a header looks like depends on the phone's system, language and region: brackets or a dash, any
order of day, month and year, two or four digits, 12 or 24 hours, marks of direction, other digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import InputError

__all__ = ["ORDERS", "Header", "clean", "day_order", "headers", "is_notice", "spoken"]

ORDERS: Final = ("dmy", "mdy", "ymd")
_FOUNDED: Final = 2009  # before that year nobody wrote a message on WhatsApp
_HEAD: Final = 60
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"))
_BLANKS: Final = dict.fromkeys(map(ord, "\u00a0\u202f\u2007\u2009"), " ")
# Arabic, Persian, Devanagari, Bengali, Gujarati, Tamil, Telugu, Thai, Burmese and full-width zeros
_DIGITS: Final = {
    zero + n: str(n)
    for zero in (0x660, 0x6F0, 0x966, 0x9E6, 0xAE6, 0xBE6, 0xC66, 0xE50, 0x1040, 0xFF10)
    for n in range(10)
}
_HALVES: Final = {
    "a": ("am", "vorm", "πμ", "öö", "dop", "de", "ص", "上午", "오전", "午前", "पूर्वाह्न", "ก่อนเที่ยง", "sa", "dm"),
    "p": ("pm", "nachm", "μμ", "ös", "odp", "du", "م", "下午", "오후", "午後", "अपराह्न", "หลังเที่ยง", "ch", "md"),
}  # fmt: skip
_HALF_OF: Final = {w: half for half, words in _HALVES.items() for w in words}
_HEADER: Final = re.compile(
    r"(?P<open>\[?)(?P<a>\d{1,4})(?P<sep>[-./\s年]{1,2})(?P<b>\d{1,2})[-./\s月]{1,2}(?P<c>\d{1,4})(?P<end>[.日]?)"
    r"(?P<comma>[,،]?)\s+(?:kl\.?|alle|à|um|a las|at|om)?\s*"
    r"(?P<before>[^\W\d_]{2,12}\.?\s?)?(?P<H>\d{1,2})[:.](?P<M>\d{2})(?P<S>[:.]\d{2})?"
    r"(?:\s?(?P<half>[^\W\d_][^\d\]:-]{0,11}?))?(?P<close>\]\s|\s-\s|\s–\s)"
)
_SENDER: Final = re.compile(r"([^:\n]{1,80}):(?:\s|$)")
_ENCRYPTED: Final = re.compile(
    r"end-to-end[ -]encrypt|end-to-end[ -]versleutel|ende-zu-ende-verschl|de bout en bout|de extremo a extremo|crittografati end-to-end",
    re.I,
)
_NO_TEXT: Final = re.compile(
    r"^\s*(?:<[^<>\n]{3,60}>|\S[^\n]{0,60}\b(?:omitted|weggelaten|ausgelassen|omis[e]?|omitid[oa]|omess[oa])\b[^\n]{0,10}"
    r"|(?:this message was deleted|you deleted this message|dit bericht is verwijderd|u hebt dit bericht verwijderd"
    r"|je hebt dit bericht verwijderd|diese nachricht wurde gelöscht)\.?)\s*$",
    re.I,
)


@dataclass(frozen=True)
class Header:
    """One message's first line: the three numbers of its date, its clock (s), what follows, and its shape."""

    date: tuple[int, int, int]
    digits: tuple[int, int, int]
    clock: int
    rest: str
    shape: tuple[Any, ...]


def clean(text: str) -> str:
    r"""Return text without marks of direction, with plain blanks.

    Examples
    --------
    >>> clean("\u200e~\u202fJan ")
    '~ Jan'
    """
    return text.translate(_INVISIBLE).translate(_BLANKS).strip()


def header(line: str) -> Header | None:
    r"""Read the header of a line, or nothing when it has none.

    Examples
    --------
    >>> header("[15-01-20 02:22:56] Mary: hi").date, header("1/2/24, 9:05\u202fPM - Jan: hi").clock, header("so: 1/2/24")
    ((15, 1, 20), 75900, None)
    """
    head = line[:_HEAD].translate(_INVISIBLE).translate(_BLANKS).translate(_DIGITS)
    found = _HEADER.match(head)
    if found is None or (found["open"] == "[") != found["close"].startswith("]"):
        return None
    word = re.sub(r"[.\s]", "", found["half"] or found["before"] or "").lower()
    half = _HALF_OF.get(word)
    if word and half is None and word not in ("uhr", "h", "hrs", "u"):
        return None
    hour, minute, second = int(found["H"]), int(found["M"]), int((found["S"] or ":0")[1:])
    if hour > (12 if half else 23) or minute > 59 or second > 59:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    a, b, c = found["a"], found["b"], found["c"]
    # the cut head lost invisible signs, so what follows is looked up in the line itself
    plain = line.translate(_INVISIBLE).translate(_BLANKS)
    rest = plain[found.end() :]
    marked = "\u200e" in line[: _HEAD * 2]
    shape = (found["open"], found["sep"], found["comma"], bool(found["S"]), bool(half), max(len(a), len(c)) == 4)
    text = ("\u200e" if marked and line.count("\u200e", 1) else "") + rest
    return Header((int(a), int(b), int(c)), (len(a), len(b), len(c)), hour * 3600 + minute * 60 + second, text, shape)


def headers(text: str) -> tuple[list[Header], list[str], int]:
    """Lay an export out.

    Returns
    -------
    headers : list of Header
        One per message.
    bodies : list of str
        What each says, its further lines included.
    before : int
        Lines above the first message.
    """
    out: list[Header] = []
    bodies: list[list[str]] = []
    before = 0
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        found = header(line) if line[:4].strip() else None
        # a chat pasted into a message has the headers of another phone
        if found is not None and (not out or found.shape == out[0].shape):
            out.append(found)
            bodies.append([found.rest])
        elif bodies:
            bodies[-1].append(line)
        elif line.strip():
            before += 1
    return out, ["\n".join(b).rstrip("\n") for b in bodies], before


def spoken(body: str) -> tuple[str | None, str | None]:
    """Return who says what; a notice of the system has no sender, a picture no text.

    Examples
    --------
    >>> spoken("Jan: hello: you"), spoken("Jan added Piet"), spoken("Jan: <Media omitted>")
    (('Jan', 'hello: you'), (None, 'Jan added Piet'), ('Jan', None))
    """
    found = _SENDER.match(body)
    if found is None:
        return None, clean(body)
    sender = clean(found[1]).removeprefix("~").strip()
    text = clean(body[found.end() :])
    if not sender or is_notice(text):
        return None, text
    return sender, None if not text or _NO_TEXT.match(text) else text


def is_notice(text: str) -> bool:
    """Tell the system's own words about encryption, which some phones put into the contact's mouth."""
    return len(text) < 400 and _ENCRYPTED.search(text) is not None


def day_order(found: list[Header], where: str, wished: str | None = None) -> pd.Series[Any]:
    """Return the local stamps, as ISO text, in the one order of day, month and year that fits the whole export.

    Messages stand in the order in which they were sent: an order that makes time run backwards more
    often than another is wrong.

    Raises
    ------
    InputError
        When no order fits, or several do.

    Examples
    --------
    >>> day_order([header("15/01/24, 10:00 - A: x"), header("01/02/24, 10:00 - A: y")], "chat.txt").tolist()
    ['2024-01-15T10:00:00', '2024-02-01T10:00:00']
    """
    numbers = np.array([h.date for h in found], dtype=np.int64)
    long_first = any(h.digits[0] == 4 for h in found)
    long_last = any(h.digits[2] == 4 for h in found)
    allowed = ("ymd",) if long_first else ("dmy", "mdy") if long_last else ORDERS
    fits: dict[str, tuple[int, np.ndarray[Any, Any]]] = {}
    for order in allowed if wished is None else (wished,):
        days = _days(numbers, order)
        if days is not None:
            fits[order] = (int((np.diff(days) < 0).sum()), days)
    if not fits:
        tried = wished or ", ".join(allowed)
        raise InputError(
            f"{where}: its dates are dates in no order of day, month and year ({tried}); was it cut together?"
        )
    best = min(n for n, _ in fits.values())
    chosen = {order: days for order, (n, days) in fits.items() if n == best}
    first = next(iter(chosen.values()))
    if any((days != first).any() for days in chosen.values()):
        raise InputError(
            f"{where}: nothing in it tells day from month from year; set options.order to "
            + " or ".join(f'"{o}"' for o in chosen)
        )
    clock = np.array([h.clock for h in found], dtype="timedelta64[s]")
    return pd.Series(
        np.datetime_as_string(first.astype("datetime64[D]").astype("datetime64[s]") + clock, unit="s"), dtype="str"
    )


def _days(numbers: np.ndarray[Any, Any], order: str) -> np.ndarray[Any, Any] | None:
    """Return days since 1970, or nothing when one of them is no date."""
    day, month, year = (numbers[:, order.index(part)] for part in "dmy")
    year = np.where(year < 100, year + 2000, year)
    if ((month < 1) | (month > 12) | (day < 1) | (year < _FOUNDED) | (year > 2100)).any():
        return None
    begin = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    out = begin.astype("datetime64[D]") + (day - 1)
    return None if (out.astype("datetime64[M]") != begin).any() else out.astype(np.int64)
