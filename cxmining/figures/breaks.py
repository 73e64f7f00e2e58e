"""Where a long word may break: at its own borders, then between syllables; never just anywhere."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

__all__ = ["pieces", "seams", "softened", "split"]

SHY: Final = "\u00ad"
"""A hyphen that shows only where a line ends."""
ZERO: Final = "\u200b"
"""A place where a line may end without a hyphen."""
_VOWELS: Final = "aeiouyáàâäãéèêëíìîïóòôöõúùûü"
_ONSETS: Final = frozenset(
    [
        "bl",
        "br",
        "dr",
        "dw",
        "fl",
        "fr",
        "gl",
        "gr",
        "kl",
        "kn",
        "kr",
        "kw",
        "pl",
        "pr",
        "sch",
        "schr",
        "sj",
        "sl",
        "sm",
        "sn",
        "sp",
        "spl",
        "spr",
        "st",
        "str",
        "sw",
        "tj",
        "tr",
        "tw",
        "vl",
        "vr",
        "wr",
    ]
)
_WHOLE: Final = frozenset(("ch", "sch", "th", "ph", "sj"))
_BORDER: Final = re.compile(r"(?<=[_/\-.:,;=>])(?=[^_/\-.:,;=>])|(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])|(?<=\w)(?=[<({\[])")


def pieces(word: str) -> list[str]:
    """Cut a word at its own borders: after an underscore, slash or hyphen, and before a capital inside it.

    Examples
    --------
    >>> pieces("A_PREACCEPTED"), pieces("handleLeads"), pieces("e-mail")
    (['A_', 'PREACCEPTED'], ['handle', 'Leads'], ['e-', 'mail'])
    """
    return [p for p in _BORDER.split(word) if p]


def seams(word: str) -> dict[int, int]:
    """Return where a word may get a hyphen, and how many consonants meet there.

    Syllables by rule, without a dictionary: one consonant goes with the vowel after it, of more the longest that
    can begin a syllable. Where many meet, a compound is often joined, so that is the better place.

    Examples
    --------
    >>> seams("leveranciersswitch")
    {4: 1, 7: 2, 12: 4}
    """
    low = word.lower()
    vowel = [c in _VOWELS or (c == "j" and i > 0 and low[i - 1] == "i") for i, c in enumerate(low)]
    found: dict[int, int] = {}
    i = 0
    while i < len(low):
        if vowel[i] or not low[i].isalpha():
            i += 1
            continue
        end = i
        while end < len(low) and low[end].isalpha() and not vowel[end]:
            end += 1
        cluster = low[i:end]
        inside = i > 0 and vowel[i - 1] and end < len(low) and vowel[end]
        if inside:
            onset = 1
            for size in range(2, len(cluster) + 1):
                tail = cluster[-size:]
                if tail in _WHOLE or (tail in _ONSETS and size < len(cluster)):
                    onset = size
            at = end - onset
            if at >= 4 and len(low) - at >= 4:
                found[at] = len(cluster)
        i = end
    return found


def split(word: str, width: int) -> tuple[str, str]:
    """Cut a word that is longer than `width` letters in two, at its best seam.

    Examples
    --------
    >>> split("betalingsherinnering", 15), split("xxxxxxxx", 4)
    (('betalings-', 'herinnering'), ('xxx-', 'xxxxx'))
    """
    fitting = {at: n for at, n in seams(word).items() if width * 0.45 <= at < width}
    at = max(fitting, key=lambda k: (fitting[k], k)) if fitting else max(1, min(width - 1, len(word) - 3))
    return word[:at] + "-", word[at:]


def softened(label: str, longest: int = 20) -> str:
    r"""Put invisible breaks in the words of a label that are longer than `longest`; the others stay whole.

    Examples
    --------
    >>> softened("vraag over leveranciersswitch") == "vraag over leveranciersswitch"
    True
    >>> softened("verantwoordelijkheidsgevoel").split("\u00ad")
    ['veran', 'twoor', 'de', 'lijk', 'heids', 'ge', 'voel']
    """
    return " ".join(
        w if len(w) <= longest else ZERO.join(_soft(p, longest) for p in pieces(w)) for w in label.split(" ")
    )


def _soft(part: str, longest: int) -> str:
    if len(part) <= longest:
        return part
    cuts = [0, *seams(part), len(part)]
    parts = [part[a:b] for a, b in pairwise(cuts)]
    # what has no syllables at all (a number, a code) still has to end somewhere
    return SHY.join(ZERO.join(p[i : i + longest] for i in range(0, len(p), longest)) for p in parts)
