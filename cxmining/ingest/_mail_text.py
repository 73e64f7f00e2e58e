"""What a mail says, without what it quotes."""

from __future__ import annotations

import logging
import re
from email.message import Message
from functools import cache
from typing import Any, Final

from cxmining.ingest._files import decode

__all__ = ["new_text", "text_of"]

_LANGUAGES: Final = ("nl", "en", "de", "fr")
# Beyond this a mail is a log file or a digest: nobody types so much, and patterns take their time.
_LONGEST: Final = 20_000
# The reply parser's patterns are cubic in the length of a line: 18,000 signs in one take half a minute.
_LINE: Final = re.compile(r"([^\n]{240}[^\s]{0,60})[ \t]?(?=[^\n])")
_SIGNATURE: Final = re.compile(r"^-- ?$", re.M)
# "Op ma 3 mrt 2025 om 10:00 schreef …:" and its like, where the parser's own patterns want other words
_WROTE: Final = re.compile(
    r"^[ \t]*(?:Op|On|Am|Le)\s[^\n]{0,20}\d[^\n]{3,160}?(?:\n[^\n]{0,100}?)?\b(?:schreef|wrote|schrieb|a écrit)\b[^\n]{0,160}:[ \t]*$",
    re.M,
)
_QUOTED: Final = re.compile(r"^[ \t]*>.*$\n?", re.M)


def text_of(message: Message) -> tuple[str | None, bool]:
    """Return what a mail adds to its thread, and whether its charset was wrong.

    The first plain text part is taken; without one the first HTML part, laid out as text.
    Attachments and forwarded messages are not read.
    """
    plain: Message | None = None
    markup: Message | None = None
    for part in _parts(message):
        kind = part.get_content_type()
        if kind == "text/plain" and plain is None:
            plain = part
        elif kind == "text/html" and markup is None:
            markup = part
    chosen = plain if plain is not None else markup
    if chosen is None:
        return None, False
    text, trouble = _decoded(chosen)
    if chosen is markup:
        text = _layout(text)
    elif not text.strip() and markup is not None:
        text, trouble = _decoded(markup)
        text = _layout(text)
    return new_text(text) or None, trouble


def _parts(message: Message) -> list[Message]:
    out: list[Message] = []
    stack = [message]
    while stack:
        part = stack.pop(0)
        if part.get_content_type() == "message/rfc822" or part.get_content_disposition() == "attachment":
            continue
        content = part.get_payload()
        if part.is_multipart() and isinstance(content, list):
            stack[:0] = [p for p in content if isinstance(p, Message)]
        else:
            out.append(part)
    return out


def _decoded(part: Message) -> tuple[str, bool]:
    try:
        raw: Any = part.get_payload(decode=True)
    except (ValueError, AssertionError):
        raw = None
    if not isinstance(raw, bytes):
        return str(part.get_payload()), True
    charset = part.get_content_charset()
    if charset:
        try:
            return raw.decode(charset).replace("\x00", ""), False
        except (LookupError, UnicodeDecodeError):
            pass
    text, found = decode(raw, None, "mail")
    # no charset is US-ASCII (RFC 2045): only bytes beyond it are trouble
    return text, bool(charset) or found == "cp1252"


def _layout(markup: str) -> str:
    from inscriptis import get_text
    from lxml.etree import LxmlError

    # what mail programs mark as the quoted mail is cut before the marks are gone
    cut = re.split(
        r'<blockquote\b|<div[^>]+class="?gmail_quote|<div[^>]+id="?(?:divRplyFwdMsg|appendonsend)',
        markup,
        maxsplit=1,
        flags=re.I,
    )
    try:
        return str(get_text(cut[0][: 10 * _LONGEST]))
    except (ValueError, LxmlError):
        return re.sub(r"<[^>]+>", " ", cut[0])


@cache
def _parser() -> Any:
    from mailparser_reply import EmailReplyParser

    logging.getLogger("mailparser_reply").setLevel(logging.ERROR)
    return EmailReplyParser(languages=list(_LANGUAGES))


def new_text(text: str) -> str:
    r"""Return a message without quoted parts and signature.

    Examples
    --------
    >>> new_text("Klopt niet!\n\nOp ma 3 mrt 2025 om 10:00 schreef Jan <j@x.nl>:\n> Uw factuur\n")
    'Klopt niet!'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")[:_LONGEST].strip()
    if not text:
        return ""
    text = _LINE.sub(r"\1\n", text)
    replies = _parser().read(text).replies
    body = str(replies[0].body) if replies else text
    body = _WROTE.split(body, maxsplit=1)[0]
    body = _QUOTED.sub("", _SIGNATURE.split(body, maxsplit=1)[0])
    return re.sub(r"\n{3,}", "\n\n", body).strip()
