"""Notes that a run keeps in English, said in another language: each kind of note is known by its sentence.

Results hold notes as text, so that a table, a manifest and an old run can be read without us. What is said of them on a
Dutch page is found again by the sentence: the English text with what was filled in (gettext's way, where the message
itself is the key).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from cxmining.i18n.catalogue.notes import NOTES
from cxmining.i18n.writing import check_language

__all__ = ["is_known", "translate"]

_FIELD: Final = re.compile(r"\{(\w+)\}|\[([^\[\]]*\|[^\[\]]*)\]")
_NUMBER: Final = re.compile(
    r"(?<![\w.,])[−-]?\d{1,3}(?:,\d{3})*(?:\.\d+)?(?![\w]|[.,]\d)|(?<![\w.,])[−-]?\d+(?:\.\d+)?(?![\w]|[.,]\d)"
)
_SWAP: Final = str.maketrans({",": ".", ".": ","})


def translate(text: str, language: str) -> str:
    """Return a note in `language`; one that nobody has translated stays as it is.

    Examples
    --------
    >>> translate("1,204 scores about an event that is in none of these journeys: in no line", "nl")
    '1.204 scores over een gebeurtenis in geen van deze klantreizen: in geen lijn'
    >>> translate("something else", "nl"), translate("the gap holds asked expectations only", "en")
    ('something else', 'the gap holds asked expectations only')
    """
    check_language(language)
    return text if language == "en" else _said(text) or text


def is_known(text: str) -> bool:
    """Whether a note can be said in every language."""
    return _said(text) is not None


@cache
def _said(text: str) -> str | None:
    for pattern, dutch in _patterns():
        found = pattern.fullmatch(text)
        if found and (found.groupdict().get("note") is None or _said(found["note"])):
            return _filled(dutch, found.groupdict())
    return None


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Return the sentences as patterns, those with most words of their own first."""
    ordered = sorted(NOTES, key=lambda note: (-len(_FIELD.sub("", note[0])), note[0]))
    return [(re.compile(_pattern(english), re.DOTALL), dutch) for english, dutch in ordered]


def _pattern(template: str) -> str:
    out, at = "", 0
    for m in _FIELD.finditer(template):
        out += re.escape(template[at : m.start()])
        value = r"[−-]?[\d,.]+" if m[1] in ("n", "m", "k") else ".+?"
        out += f"(?P<{m[1]}>{value})" if m[1] else "(?:" + "|".join(map(re.escape, m[2].split("|"))) + ")"
        at = m.end()
    return out + re.escape(template[at:])


def _filled(template: str, values: dict[str, Any]) -> str:
    """Fill in, and choose between one and many by the number that was filled in last."""
    out, at, one = "", 0, False
    for m in _FIELD.finditer(template):
        out += template[at : m.start()]
        if m[1]:
            value = values[m[1]]
            one = value in ("1", "one")
            out += _said(value) or _NUMBER.sub(lambda n: n[0].translate(_SWAP), value)
        else:
            first, second = m[2].split("|", 1)
            out += first if one else second
        at = m.end()
    return out + template[at:]
