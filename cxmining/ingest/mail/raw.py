"""Bytes of mails as text: transfer encodings that break off, charsets that are not what they say."""

from __future__ import annotations

import binascii
import codecs
import re
from functools import cache
from typing import Final

__all__ = ["body_of", "header_text", "text_in"]

_LONGEST: Final = 1 << 20
"""Bytes of one text part that are decoded; nobody wrote more, and a log file pasted into a mail is no text."""
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/\s]*={0,2}")
_ESCAPED: Final = re.compile(rb"^>(>*From )", re.M)
# Charsets that mails name and Python calls otherwise; ISO 8859-1 and ASCII are read as the Windows code page
# that contains them, as browsers do, because Outlook labels its quotes and dashes so.
_NAMES: Final = {
    "iso-8859-1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "iso_8859-1": "cp1252",
    "iso8859-1": "cp1252", "l1": "cp1252", "ansi_x3.4-1968": "cp1252", "iso-8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
    "gb_2312-80": "gb18030", "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "x-sjis": "cp932", "shift_jis": "cp932", "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8", "utf8": "utf-8", "x-mac-roman": "mac-roman", "macintosh": "mac-roman",
    "windows-874": "cp874", "tis-620": "cp874", "x-gbk": "gb18030", "unicode-1-1-utf-7": "utf-7", "cp-850": "cp850",
}  # fmt: skip
# No charsets of mails; some take quadratic time.
_NEVER: Final = frozenset(("punycode", "idna", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem"))


@cache
def _codec(charset: str) -> str:
    """Return Python's name of a charset; empty where it is unknown."""
    plain = charset.strip().strip("'\"").lower()
    try:
        found = codecs.lookup(_NAMES.get(plain, plain))
    except (LookupError, ValueError, UnicodeError):
        return ""
    known = found.name.replace("_", "-")
    return known if known not in _NEVER and getattr(found, "_is_text_encoding", True) else ""


def body_of(raw: bytes, encoding: str, unescape: bool) -> tuple[bytes, set[str]]:
    r"""Undo the transfer encoding of a text part.

    Returns
    -------
    body : bytes
    troubles : set of str
        ``long`` where it was cut, ``base64`` where its base64 breaks off.

    Examples
    --------
    >>> body_of(b"SGVsbG8g\nd29yb", "base64", False)
    (b'Hello wor', {'base64'})
    """
    troubles = set()
    if len(raw) > _LONGEST:
        raw, troubles = raw[:_LONGEST], {"long"}
    word = encoding.strip().lower()
    if word == "base64":
        found = _BASE64.match(raw)
        letters = b"".join((found[0] if found else b"").split())
        rest = raw[found.end() :] if found else raw
        stray = len(letters) % 4
        if (stray or rest.strip(b"=\x00 \t\r\n")) and "long" not in troubles:
            troubles.add("base64")
        whole = (
            letters
            if not stray
            else letters[: -stray if stray == 1 else None] + b"=" * (-stray % 4 if stray != 1 else 0)
        )
        try:
            body = binascii.a2b_base64(whole)
        except binascii.Error:
            body = b""
            troubles.add("base64")
        # what a mailing list adds below, as it is
        return body + (b"\n" + rest if rest.strip(b"=\x00 \t\r\n") else b""), troubles
    if word == "quoted-printable":
        return binascii.a2b_qp(raw), troubles
    if unescape and b"\n>" in raw:
        raw = _ESCAPED.sub(rb"\1", raw)
    return raw, troubles


def text_in(raw: bytes, charset: str | None, *, whole: bool = True) -> tuple[str, bool]:
    r"""Return bytes as text, and whether they are not what their label says.

    UTF-8 that is labelled as a code page is UTF-8 all the same: by accident no text is. Where neither fits,
    each line is UTF-8 or else Windows-1252.

    Examples
    --------
    >>> text_in("café".encode(), "iso-8859-1"), text_in(b"caf\xe9", "utf-8")
    (('café', True), ('café', True))
    """
    if raw.isascii() and not _wide(charset):
        return raw.decode("ascii").replace("\x00", ""), bool(charset) and not _codec(charset or "")
    codec = _codec(charset) if charset else ""
    # without a charset it is ASCII (RFC 2045): bytes beyond it are trouble unless they are UTF-8
    if not whole and codec in ("", "utf-8"):
        raw = _whole(raw)
    if codec and _wide(charset):
        return raw.decode(codec, "replace").replace("\x00", ""), False
    try:
        text = raw.decode("utf-8")
        return text.replace("\x00", ""), bool(charset) and codec != "utf-8"
    except UnicodeDecodeError:
        pass
    if codec and codec != "utf-8":
        try:
            return raw.decode(codec).replace("\x00", ""), False
        except (UnicodeError, ValueError):
            if codec == "cp1252":  # five bytes that it lacks
                return _western(raw), False
    if not _whole(raw).isascii():  # with other characters of UTF-8 before it the half of one is no letter of Windows
        raw = _whole(raw) if _is_utf8(_whole(raw)) else raw
    return "\n".join(_line(line) for line in raw.split(b"\n")).replace("\x00", ""), True


def _wide(charset: str | None) -> bool:
    """Tell charsets whose text can be ASCII bytes and mean something else."""
    return bool(charset) and _codec(charset or "").startswith(("utf-16", "utf-32", "utf-7", "hz", "iso2022"))


def _whole(raw: bytes) -> bytes:
    """Leave out the half of a character with which bytes of UTF-8 that were cut end."""
    for back in range(1, min(4, len(raw)) + 1):
        byte = raw[-back]
        if byte >= 0xC0:
            return raw[:-back] if back < 2 + (byte >= 0xE0) + (byte >= 0xF0) else raw
        if byte < 0x80:
            break
    return raw


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _line(raw: bytes) -> str:
    return raw.decode("utf-8") if _is_utf8(raw) else _western(raw)


def _western(raw: bytes) -> str:
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def header_text(raw: bytes) -> str:
    """Return a header value as text: ASCII, or what was written raw against the rules."""
    if raw.isascii():
        return raw.decode("ascii").strip()
    return text_in(raw, None)[0].strip()
