"""How wide a text is, before anybody has drawn it; and how it breaks into lines of a width.

A picture is laid out where no browser is, so widths come from the table of Helvetica (Arial and Liberation Sans
have the same), with a reserve for the wider faces that a reader's system may put in their place.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

from cxmining.figures.breaks import pieces, split

__all__ = ["fitted", "lines_of", "width_of"]

RESERVE: Final = 1.13
"""DejaVu Sans and Verdana are about that much wider than Helvetica."""
_BOLD: Final = 1.19
_WIDTHS: Final = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
)  # fmt: skip
"""Of the printable characters of ASCII, in thousandths of the size (Adobe's font metrics of Helvetica)."""


def _one(character: str) -> int:
    code = ord(character)
    if 32 <= code < 127:
        return _WIDTHS[code - 32]
    kind = unicodedata.category(character)
    if kind in ("Mn", "Me", "Cf", "Cc"):
        return 0
    if unicodedata.east_asian_width(character) in "WF" or code >= 0x1F000:
        return 1250 if code >= 0x1F000 else 1000
    plain = unicodedata.normalize("NFD", character)[0]
    return _WIDTHS[ord(plain) - 32] if 32 <= ord(plain) < 127 else 620


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return how many pixels a line of text takes at most.

    Examples
    --------
    >>> round(width_of("invoice", 12)), round(width_of("invoice", 12, bold=True)), width_of("", 12)
    (42, 50, 0.0)
    """
    return sum(map(_one, text)) * size / 1000 * RESERVE * (_BOLD if bold else 1)


def lines_of(text: str, size: float, width: float, most: int = 3, *, bold: bool = False) -> tuple[str, ...]:
    """Break a text into at most `most` lines of `width` pixels; an ellipsis says that it goes on.

    Examples
    --------
    >>> lines_of("krijgt betalingsherinnering", 12, 90)
    ('krijgt', 'betalings-', 'herinnering')
    >>> lines_of("one two three four five six", 12, 60, 2)
    ('one two', 'three fo…')
    """
    found: list[str] = []
    gaps: list[str] = []  # what stood before each line: nothing where a word was broken
    for word in text.split():
        for i, token in enumerate(_tokens(word, size, width, bold)):
            gap = " " if i == 0 else ""
            if found and width_of(found[-1] + gap + token, size, bold=bold) <= width:
                found[-1] += gap + token
            else:
                found.append(token)
                gaps.append(gap)
    if len(found) > most:
        rest = "".join(gap + line for gap, line in zip(gaps[most - 1 :], found[most - 1 :], strict=True)).strip()
        found = [*found[: most - 1], _cut(rest, size, width, bold)]
    return tuple(found)


def fitted(text: str, size: float, width: float, *, bold: bool = False) -> str:
    """Return as much of a text as stands on one line of `width` pixels.

    Examples
    --------
    >>> fitted("Customer care and complaints", 12, 90)
    'Customer car…'
    """
    line = " ".join(text.split())
    return line if width_of(line, size, bold=bold) <= width else _cut(line, size, width, bold)


def _tokens(word: str, size: float, width: float, bold: bool) -> Sequence[str]:
    """Break a word that is wider than a line where a reader would, and hard where nothing else helps."""
    if width_of(word, size, bold=bold) <= width:
        return [word]
    longest = max(2, int(width / (size * 0.56 * RESERVE * (_BOLD if bold else 1))))
    found: list[str] = []
    for piece in pieces(word):
        while width_of(piece, size, bold=bold) > width and len(piece) > 2:
            head, rest = split(piece, min(longest, len(piece) - 1))
            while width_of(head, size, bold=bold) > width and len(head) > 1:
                head, rest = head[:-1], head[-1:] + rest
            found.append(head)
            piece = rest
        found.append(piece)
    return found


def _cut(line: str, size: float, width: float, bold: bool) -> str:
    while line and width_of(line + "…", size, bold=bold) > width:
        line = line[:-1].rstrip()
    return line + "…"
