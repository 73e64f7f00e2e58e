"""The lines of a WhatsApp export: one grammar for the headers of any phone, messages over several lines, day and month told apart.

What a header looks like depends on the phone's system, language and region. The grammar: an optional
``[``; three numbers; a comma, a word (``à``, ``um``, ``a la(s)``) or neither; a clock of 12 or 24 hours, with or
without seconds, a half of the day before or behind it; ``]`` or a dash. Signs of direction may stand anywhere,
blanks may be narrow or unbreakable, digits those of another script.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from cxmining.errors import InputError

__all__ = ["ORDERS", "Header", "Said", "clean", "day_order", "header", "headers", "is_notice", "spoken"]

ORDERS: Final = ("dmy", "mdy", "ymd", "ydm")
_FOUNDED: Final = 2009  # before that year nobody wrote a message on WhatsApp
_HEAD: Final = 80
_MARKS: Final = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_INVISIBLE: Final = dict.fromkeys(map(ord, _MARKS))
_BLANKS: Final = dict.fromkeys(map(ord, "\u00a0\u202f\u2007\u2009"), " ")
# Arabic, Persian, Devanagari, Bengali, Gujarati, Tamil, Telugu, Thai, Burmese and full-width zeros
_DIGITS: Final = {
    zero + n: str(n)
    for zero in (0x660, 0x6F0, 0x966, 0x9E6, 0xAE6, 0xBE6, 0xC66, 0xE50, 0x1040, 0xFF10)
    for n in range(10)
}
_PLAIN: Final = {**_BLANKS, **_DIGITS}
_HALVES: Final = {
    "a": ("am", "vorm", "vm", "πμ", "öö", "dop", "de", "ap", "ص", "上午", "오전", "午前", "पूर्वाह्न", "ก่อนเที่ยง", "sa", "dm"),
    "p": ("pm", "nachm", "nm", "μμ", "ös", "odp", "du", "ip", "م", "下午", "오후", "午後", "अपराह्न", "หลังเที่ยง", "ch", "md"),
}  # fmt: skip
_HALF_OF: Final = {w: half for half, words in _HALVES.items() for w in words}
_UNITS: Final = ("uhr", "h", "hrs", "u", "uur")
_HEADER: Final = re.compile(
    r"(?P<open>\[?)\s?(?P<a>\d{1,4})(?P<sep>[-./\s年]{1,2})(?P<b>\d{1,2})[-./\s月]{1,2}(?P<c>\d{1,4})(?P<end>[.日]?)"
    r"(?P<comma>[,،]?)(?:\s*(?:kl\.?|klo|alle(?:\sore)?|às|à|um|a\sla\(s\)|a\slas?|at|om|la|ob|o|в)(?=\s))?(?:\s+|(?<=日))"
    r"(?P<before>[^\W\d_](?:[^\d\[\]:,-]{0,11}?)\s?)?(?P<H>\d{1,2})(?:[:.]|\s?h\s?)(?P<M>\d{2})(?P<S>[:.]\d{2})?"
    r"(?:\s?(?P<half>[^\W\d_][^\d\]:-]{0,11}?))?(?P<close>\s?\](?:\s|$)|\s[-–—](?:\s|$))"
)
_BEGINS: Final = re.compile(rf"[{_MARKS}\s]*(?:\[[{_MARKS}]*)?\s?\d")
_SENDER: Final = re.compile(r"([^:\n]{1,100}):(?:\s|$)")
_ENCRYPTED: Final = re.compile(
    r"end-to-end[ -]encrypt|end-to-end[ -]versleutel|ende-zu-ende-verschl|de bout en bout|de extremo a extremo"
    r"|crittografati end-to-end|criptografia de ponta",
    re.I,
)
# what stands for something that is not in the text: <Media omitted>, afbeelding weggelaten, Bild weggelassen …
_LEFT_OUT: Final = re.compile(
    r"^\s*(?:<[^<>\n]{3,120}>|(?:\S[^\n]{0,120}\s)?(?:omitted|weggelaten|ausgelassen|weggelassen|omis[e]?s?|omess[oaie]"
    r"|omitid[oa]s?|ocult[oa]s?|absente?s?|manquant[e]?)\b[^\n]{0,10})\s*$",
    re.I,
)
# a file that was exported beside the text; behind it may stand what was said about it
_ATTACHED: Final = re.compile(
    r"^(?:<(?:attached|bijgevoegd|bijlage|anhang|pièce jointe|adjunto|archivo adjunto|allegato|anexado)\s?:[^<>\n]{1,200}>"
    r"|[^\n]{1,200}\((?:file attached|bestand bijgevoegd|datei angehängt|fichier joint|archivo adjunto|file allegato"
    r"|arquivo anexado)\))\s*",
    re.I,
)
_DELETED: Final = re.compile(
    r"^(?:this message was deleted(?: by admin [^\n]{1,80})?|you deleted this message"
    r"|dit bericht (?:is|werd) verwijderd|(?:u|je) hebt dit bericht verwijderd|(?:u|je) heeft dit bericht verwijderd"
    r"|diese nachricht wurde gelöscht|(?:du hast|sie haben) diese nachricht gelöscht"
    r"|ce message a été supprimé|vous avez supprimé ce message|tu as supprimé ce message"
    r"|se eliminó este mensaje|este mensaje fue eliminado|eliminaste este mensaje|has eliminado este mensaje"
    r"|questo messaggio è stato eliminato|hai eliminato questo messaggio|(?:esta )?mensagem (?:foi )?apagada"
    r"|você apagou esta mensagem|apagou esta mensagem)\.?$",
    re.I,
)
_EDITED: Final = re.compile(
    r"\s*<(?:this message was edited|dit bericht (?:is|werd) bewerkt|diese nachricht wurde bearbeitet|ce message a été modifié"
    r"|se editó este mensaje|este mensaje (?:fue editado|se editó)|questo messaggio è stato modificato"
    r"|(?:esta )?mensagem (?:foi )?editada)\.?>\s*$",
    re.I,
)
# texts of the system's that a person sent all the same: a place, a poll, a card
_SENT: Final = re.compile(r"^[^\n:]{2,40}:\s|https?://", re.I)


@dataclass(frozen=True)
class Header:
    """One message's first line: the three numbers of its date, its clock (s), what follows, and its shape."""

    date: tuple[int, int, int]
    digits: tuple[int, int, int]
    clock: int
    rest: str
    shape: tuple[Any, ...]


class Said(NamedTuple):
    """Who says what: `kind` is ``text``, ``attachment``, ``deleted`` or ``notice`` (of the system, by nobody)."""

    sender: str | None
    text: str | None
    kind: str = "text"
    edited: bool = False


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
    if _BEGINS.match(line) is None:
        return None
    head = line[:_HEAD].translate(_PLAIN)
    bare = head.translate(_INVISIBLE)
    found = _HEADER.match(bare)
    if found is None or (found["open"] == "[") != ("]" in found["close"]):
        return None
    word = re.sub(r"[.\s]", "", found["half"] or found["before"] or "").lower()
    half = _HALF_OF.get(word)
    if word and half is None and word not in _UNITS:
        return None
    hour, minute, second = int(found["H"]), int(found["M"]), int((found["S"] or ":0")[1:])
    if hour > (12 if half else 23) or minute > 59 or second > 59:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    a, b, c = found["a"], found["b"], found["c"]
    shape = (found["open"], found["sep"], found["comma"], bool(found["S"]), bool(half), max(len(a), len(c)) == 4)
    end = found.end() if len(bare) == len(head) else _where(head, found.end())
    return Header(
        (int(a), int(b), int(c)), (len(a), len(b), len(c)), hour * 3600 + minute * 60 + second, line[end:], shape
    )


def _where(head: str, visible: int) -> int:
    """Return where, in a text with marks, so many visible characters end."""
    for at, sign in enumerate(head):
        if visible == 0:
            return at
        visible -= sign not in _MARKS
    return len(head)


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
        found = header(line)
        # a chat pasted into a message has the headers of another phone
        if found is not None and (not out or found.shape == out[0].shape):
            out.append(found)
            bodies.append([found.rest])
        elif bodies:
            bodies[-1].append(line)
        elif line.strip():
            before += 1
    return out, ["\n".join(b).rstrip("\n") for b in bodies], before


def spoken(body: str) -> Said:
    r"""Return who says what; a notice of the system has no sender, a picture no text.

    A text that the system wrote in somebody's name begins with a mark of direction on iPhones, whatever
    its language is: unless it stands for something sent, it is a notice.

    Examples
    --------
    >>> spoken("Jan: hello: you")[:2], spoken("Jan added Piet")[:3], spoken("Jan: \u200eimage omitted")[:3]
    (('Jan', 'hello: you'), (None, 'Jan added Piet', 'notice'), ('Jan', None, 'attachment'))
    >>> spoken("Jan: Ik kom morgen <Dit bericht is bewerkt>")
    Said(sender='Jan', text='Ik kom morgen', kind='text', edited=True)
    """
    found = _SENDER.match(body)
    # a name in quotes with a colon in it stands in a notice: Jan changed the subject to "Plan: A"
    if found is None or '"' in found[1] or "“" in found[1] or "„" in found[1]:
        return Said(None, clean(body), "notice")
    sender = clean(found[1]).removeprefix("~").strip()
    raw = body[found.end() :]
    text = clean(raw)
    if not sender or is_notice(text):
        return Said(None, text, "notice")
    whole = _EDITED.sub("", text)
    edited, text = whole != text, whole
    if _DELETED.match(text):
        return Said(sender, None, "deleted", edited)
    attached = _ATTACHED.match(text)
    if attached is not None:
        return Said(sender, text[attached.end() :].strip() or None, "attachment", edited)
    if not text or _LEFT_OUT.match(text):
        return Said(sender, None, "attachment" if text else "text", edited)
    if raw.lstrip(" ").startswith("\u200e"):
        if _SENT.search(text):
            return Said(sender, None, "attachment", edited)
        return Said(None, text, "notice")
    return Said(sender, text, "text", edited)


def is_notice(text: str) -> bool:
    """Tell the system's own words about encryption, which some phones put into the contact's mouth."""
    return len(text) < 400 and _ENCRYPTED.search(text) is not None


def day_order(found: list[Header], where: str, wished: str | None = None) -> pd.Series[Any]:
    """Return the local stamps, as ISO text, in the one order of day, month and year that fits the whole export.

    Messages stand in the order in which they were sent: an order that makes time run backwards more
    often than another is wrong. Behind a year of four digits stands the month, as ISO 8601 has it, unless the
    dates say otherwise.

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
    allowed = ("ymd", "ydm") if long_first else ("dmy", "mdy") if long_last else ORDERS
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
    if not long_first and any((days != first).any() for days in chosen.values()):
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
