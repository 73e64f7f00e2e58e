"""HTML of mails as text: what a reader sees, and apart from it what the mail quotes."""

from __future__ import annotations

import re
from typing import Any, Final

__all__ = ["lay_out"]

_LONGEST: Final = 400_000
_GONE: Final = frozenset(
    ("script", "style", "head", "title", "template", "noscript", "object", "svg", "img", "meta", "link", "base")
)
# Preview lines and tracking pixels of newsletters: text that no reader sees.
_HIDDEN: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|(?:font-size|max-height|line-height|opacity)\s*:\s*0(?:px|pt|em|%)?\s*(?:;|!|$)",
    re.I,
)
_ASIDE: Final = re.compile(r"<!--|<[!?]")
_QUOTES: Final = re.compile(r"\b(?:gmail_quote|yahoo_quoted|moz-cite-prefix|protonmail_quote|gmail_extra)\b")
# Below these marks of Outlook and Apple everything is the earlier mail.
_REST: Final = re.compile(
    r"^(?:x_)*(?:divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION|reply-intro)$|^mail-editor-reference-message-container"
)
_BORDER: Final = re.compile(r"border\s*:\s*none\s*;\s*border-top\s*:\s*solid\s+#(?:E1E1E1|B5C4DF)", re.I)
_BLOCKS: Final = frozenset((
    "p", "div", "br", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre",
    "hr", "address", "article", "section", "header", "footer", "center", "dl", "dt", "dd", "form", "fieldset",
))  # fmt: skip
_APART: Final = frozenset((
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre",
))  # fmt: skip


def lay_out(markup: str) -> tuple[str, str]:
    r"""Return what a mail in HTML says itself, and what it quotes.

    Scripts, styles, hidden text and pictures are gone; blocks become lines.

    Examples
    --------
    >>> lay_out("<style>p {}</style><p>Dag <b>Jan</b>,</p><p>klopt.</p><blockquote>Uw vraag</blockquote>")
    ('Dag Jan,\n\nklopt.', 'Uw vraag')
    """
    from lxml import html
    from lxml.etree import LxmlError

    plain = _without_comments(markup[:_LONGEST].replace("\x00", "")).strip()
    if not plain:
        return "", ""
    try:
        # bytes with their encoding said: a declaration within, of whatever charset, is about other bytes
        parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, recover=True)
        root = html.document_fromstring(plain.encode("utf-8", "replace"), parser=parser)
    except (LxmlError, ValueError, AssertionError):
        return " ".join(re.sub(r"<[^>]*>", " ", plain).split()), ""
    own, quoted = _Page(), _Page()
    _fill(root, own, quoted)
    return own.text(), quoted.text()


def _without_comments(markup: str) -> str:
    """Cut out comments and instructions; the parser takes quadratic time where thousands are opened and none is closed."""
    parts, at = [], 0
    while found := _ASIDE.search(markup, at):
        begin, closing = found.start(), "-->" if found[0] == "<!--" else ">"
        end = markup.find(closing, found.end())
        parts.append(markup[at:begin])
        if end < 0:  # never closed: what follows is text all the same
            return "".join(parts) + re.sub(r"<[!?][-\[]*", " ", markup[begin:])
        at = end + len(closing)
    return "".join(parts) + markup[at:]


class _Page:
    """Text as it is laid out: runs of blanks are one, blocks begin on a new line."""

    def __init__(self) -> None:
        self._lines: list[list[str]] = [[]]

    def add(self, text: str | None, *, as_is: bool = False) -> None:
        if not text:
            return
        if as_is:
            first, *rest = text.split("\n")
            self._lines[-1].append(first)
            self._lines.extend([line] for line in rest)
        else:
            self._lines[-1].append(" " + " ".join(text.split()) + " " if text.strip() else " ")
            if not text[0].isspace():
                self._lines[-1][-1] = self._lines[-1][-1].lstrip(" ")
            if not text[-1].isspace():
                self._lines[-1][-1] = self._lines[-1][-1].rstrip(" ")

    def line(self, *, empty: bool = False, always: bool = False) -> None:
        if always or any(part.strip() for part in self._lines[-1]):
            self._lines.append([])
        if empty and len(self._lines) > 1 and (self._lines[-2] or self._lines[-1]):
            self._lines.append([])

    def text(self) -> str:
        lines = (
            re.sub(r"[ \t\u00a0\u200b\u200c\u00ad\ufeff\u034f]+", " ", "".join(parts)).strip() for parts in self._lines
        )
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _fill(root: Any, own: _Page, quoted: _Page) -> None:
    """Walk the tree without recursion: markup may be nested thousands deep."""
    rest = False  # below a mark everything is quoted
    inside = 0  # within how many quoting elements
    within_pre = 0
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        node, leaving = stack.pop()
        tag = node.tag if isinstance(node.tag, str) else ""
        page = quoted if rest or inside else own
        if leaving:
            if tag in _BLOCKS:
                page.line(empty=tag in _APART)
            within_pre -= tag == "pre"
            inside -= _is_quote(node, tag)
            page = quoted if rest or inside else own
            page.add(node.tail, as_is=within_pre > 0)
            continue
        if not tag or tag in _GONE or _is_hidden(node):
            page.add(node.tail, as_is=within_pre > 0)
            continue
        rest = rest or _begins_rest(node)
        inside += _is_quote(node, tag)
        within_pre += tag == "pre"
        page = quoted if rest or inside else own
        if tag in _BLOCKS:
            page.line(empty=tag in _APART, always=tag == "br")
        elif tag in ("td", "th"):
            page.add(" ")
        if tag == "li":
            page.add("* ")
        page.add(node.text, as_is=within_pre > 0)
        stack.append((node, True))
        stack.extend((child, False) for child in reversed(node))


def _is_hidden(node: Any) -> bool:
    if node.get("hidden") is not None or (node.tag == "input" and node.get("type") == "hidden"):
        return True
    style = node.get("style")
    return style is not None and _HIDDEN.search(style) is not None


def _is_quote(node: Any, tag: str) -> bool:
    return tag == "blockquote" or _QUOTES.search(node.get("class") or "") is not None


def _begins_rest(node: Any) -> bool:
    name = node.get("id")
    if name is not None and _REST.search(name):
        return True
    style = node.get("style")
    return style is not None and _BORDER.search(style) is not None
