"""Labels on pictures: text, never markup, broken where a reader would break it."""

from __future__ import annotations

from typing import Any

from cxmining.figures.breaks import pieces, split

__all__ = ["shown", "wrapped"]


def shown(text: Any) -> str:
    """Return a label as plotly must get it: it reads ``<b>`` and ``&amp;`` as markup, labels are text."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def wrapped(label: str, width: int, lines: int = 3) -> str:
    """Break a label into lines for plotly, escaped, with an ellipsis when it does not fit.

    Examples
    --------
    >>> wrapped("A_PREACCEPTED", 12), wrapped("krijgt betalingsherinnering", 14)
    ('A_<br>PREACCEPTED', 'krijgt<br>betalings-<br>herinnering')
    """
    parts: list[str] = []
    for word in label.split():
        tokens = [word] if len(word) <= width else pieces(word)
        for i, token in enumerate(tokens):
            gap = " " if i == 0 else ""
            if parts and len(parts[-1]) + len(gap) + len(token) <= width:
                parts[-1] += gap + token
                continue
            while len(token) > width:
                head, token = split(token, width)
                parts.append(head)
            parts.append(token)
    parts = parts or ["?"]
    if len(parts) > lines:
        parts = [*parts[: lines - 1], parts[lines - 1][: width - 1].rstrip() + "…"]
    return "<br>".join(shown(p) for p in parts)
