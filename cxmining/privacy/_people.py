"""Names of people that the sources know, however they are written.

Words are looked up instead of tried as patterns: a CRM names a hundred thousand people, and the time
must not depend on how many. A name counts by what stands around it: a full name in any case, a family
name behind an initial or a title, a part alone only with a capital, and a part that is a word of the
language too (*Bloem*, *Post*, *Mark*) only where nothing but a name can stand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, NamedTuple

from cxmining.privacy._found import Searched
from cxmining.privacy._words import CLOSINGS, COMMON, MONTHS, PARTICLES, TITLES

__all__ = ["People"]

_WORD: Final = re.compile(r"[^\W\d_]+")
_TIES: Final = frozenset(" .'/(-\n,")
_ATTENTION: Final = re.compile(r"t\.[an]\.v\b", re.IGNORECASE)
_WIDEST: Final = 3
_LONGEST: Final = 7  # words of one name
_FOLD: Final = str.maketrans("ıøłđæœßðþØŁĐ", "iolda" + "osdtOLD")


class _Word(NamedTuple):
    text: str
    key: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.translate(_FOLD))
    return "".join(c for c in plain if not unicodedata.combining(c)).lower()


def _words(text: str) -> list[_Word]:
    return [_Word(m.group(), _folded(m.group()), m.start(), m.end()) for m in _WORD.finditer(text)]


class People:
    """The names of a CRM, ready to be found.

    Parameters
    ----------
    names : iterable of str
        As sources write them: "Anna van der Berg", "Berg, A. van der", "Anna".
    parts : bool
        Whether parts of names count, and initials; without, only full names of two words or more.
    """

    def __init__(self, names: Iterable[str], parts: bool = True) -> None:
        self._parts = parts
        self._firsts: set[str] = set()
        self._lasts: dict[str, set[tuple[str, ...]]] = {}
        self._bases: set[str] = set()
        self._full: dict[str, set[tuple[str, ...]]] = {}
        self._initials: set[tuple[str, tuple[str, ...]]] = set()
        for name in {n for n in names if isinstance(n, str) and len(n.strip()) >= 3}:
            self._learn(name)
        self._starts = self._full.keys() | self._lasts.keys() | self._firsts | self._bases | TITLES

    def _learn(self, name: str) -> None:
        if "," in name:
            behind, _, before = name.partition(",")
            name = f"{before} {behind}"
        words = [w for w in _words(name) if w.key not in TITLES]
        if not words:
            return
        if len(words) == 1:
            if words[0].capital and len(words[0].text) >= 3:
                self._firsts.add(words[0].key)
            return
        keys = tuple(w.key for w in words)
        self._full.setdefault(keys[0], set()).add(keys)
        cut = next((k for k in range(1, len(keys)) if keys[k] in PARTICLES), len(keys) - 1)
        last = keys[cut:]
        if all(k in PARTICLES for k in last):
            last = keys[-1:]
        if len(keys[0]) >= 2:
            self._firsts.add(keys[0])
        for spelled in {last, *_short(last)}:
            self._lasts.setdefault(spelled[0], set()).add(spelled)
            self._initials.add((keys[0][0], spelled))
        if len(last[-1]) >= 3:
            self._bases.add(last[-1])

    def find(self, searched: Searched) -> None:
        """Find names in what is left of a text."""
        if not self._starts - TITLES:
            return
        words = _words(searched.text)
        skip = 0
        for i, word in enumerate(words):
            if i < skip or (word.key not in self._starts and len(word.key) > 3):
                continue
            hit = self._at(searched.text, words, i)
            if hit is None:
                continue
            start, last = hit
            end = words[last].end
            if searched.text[end : end + 2].lower() == "'s":
                end += 2
            searched.take(start, end, "name")
            skip = last + 1

    # --- what begins at word i ----------------------------------------------------------------
    def _at(self, text: str, words: list[_Word], i: int) -> tuple[int, int] | None:
        full = self._longest(text, words, i, self._full)
        if full and self._is_whole(words, i, full):
            return words[i].start, self._double(text, words, full)
        if not self._parts:
            return None
        word = words[i]
        if word.key in TITLES:
            return self._behind_title(text, words, i)
        for find in (self._first_and_last, self._last_and_first, self._initials_and_last):
            last = find(text, words, i)
            if last is not None:
                return word.start, self._double(text, words, last)
        return self._alone(text, words, i)

    def _is_whole(self, words: list[_Word], i: int, last: int) -> bool:
        """Say whether a full name in small letters is one: "mei post" is two words."""
        if any(w.capital for w in words[i : last + 1]):
            return True
        keys = [w.key for w in words[i : last + 1]]
        return any(k in PARTICLES for k in keys) or not all(k in COMMON for k in keys)

    def _longest(self, text: str, words: list[_Word], i: int, known: dict[str, set[tuple[str, ...]]]) -> int | None:
        """Return the last word of the longest known name that begins at word `i`."""
        if i >= len(words):
            return None
        best = None
        for name in known.get(words[i].key, ()):
            n = len(name)
            if i + n > len(words) or (best is not None and i + n - 1 <= best):
                continue
            if all(words[i + k].key == name[k] for k in range(1, n)) and all(
                _tied(text, words[i + k - 1], words[i + k], ",") for k in range(1, n)
            ):
                best = i + n - 1
        return best

    def _double(self, text: str, words: list[_Word], last: int) -> int:
        """Take the second half of a double name along: Jansen-Bos."""
        while last + 1 < len(words) and text[words[last].end : words[last + 1].start].strip() == "-":
            more = self._longest(text, words, last + 1, self._lasts)
            if more is None and not words[last + 1].capital:
                break
            last = more if more is not None else last + 1
        return last

    def _behind_title(self, text: str, words: list[_Word], i: int) -> tuple[int, int] | None:
        """Find a family name behind a title, in any case, with or without initials."""
        at = i + 1
        while at < len(words) and at < i + 5 and (words[at].key in TITLES or words[at].key in ("en", "and", "de")):
            at += 1
        start = at
        while at < len(words) and len(words[at].key) == 1 and at < start + 4 and words[at].key not in ("s", "t"):
            at += 1
        if start >= len(words) or not _near(text, words[i], words[start]):
            return None
        last = self._longest(text, words, at, self._full)
        if last is None and at == start and at < len(words):
            last = self._last_and_first(text, words, at)
        if last is None:
            last = self._longest(text, words, at, self._lasts)
        if last is None and at > i + 1 and words[at - 1].key == "de":
            at -= 1
            start = min(start, at)
            last = self._longest(text, words, at, self._lasts)
        if last is None and at < len(words):
            last = self._first_and_last(text, words, at)
            closing = words[i].key in CLOSINGS
            known = words[at].key in self._firsts and (words[at].capital or closing)
            if last is None and known and (words[at].capital or words[at].key not in COMMON):
                last = at
            if last is None and words[at].key in self._bases and (words[at].capital or not closing):
                last = at
        elif last is not None and words[i].key in CLOSINGS and not words[last].capital and words[last].key in COMMON:
            return None
        return None if last is None else (words[start].start, self._double(text, words, last))

    def _first_and_last(self, text: str, words: list[_Word], i: int) -> int | None:
        """Find any known given name before any known family name, both as names are written."""
        word = words[i]
        if word.key not in self._firsts or not (word.capital or len(word.key) >= 3):
            return None
        at = i + 1
        while at < len(words) and at < i + 4 and len(words[at].key) == 1 and words[at].capital:
            at += 1
        if at >= len(words) or not _tied(text, words[at - 1], words[at], ","):
            return None
        last = self._longest(text, words, at, self._lasts)
        if last is None and words[at].capital and words[at].key in self._bases:
            last = at
        if last is None:
            return None
        capitals = word.capital or words[last].capital
        rare = word.key not in COMMON and words[last].key not in COMMON
        return last if (capitals and (rare or (word.capital and words[last].capital))) or rare else None

    def _last_and_first(self, text: str, words: list[_Word], i: int) -> int | None:
        """Find "Jansen, Anna", "Jansen, A.", "Berg, A. van der" and "Jansen Anna"."""
        last = self._longest(text, words, i, self._lasts)
        if last is None and words[i].key in self._bases:
            last = i
        if last is None or not words[last].capital or last + 1 >= len(words):
            return None
        after = words[last + 1]
        gap = text[words[last].end : after.start]
        if len(gap) > _WIDEST or gap.strip(" ,(") or "\n" in gap:
            return None
        comma = "," in gap
        if after.key in self._firsts and after.capital and (comma or after.key not in COMMON or "(" in gap):
            return self._particles(words, last + 1)
        if comma and len(after.key) == 1 and after.capital:
            at = last + 1
            while at + 1 < len(words) and len(words[at + 1].key) == 1 and words[at + 1].capital:
                at += 1
            return self._particles(words, at)
        return None

    @staticmethod
    def _particles(words: list[_Word], at: int) -> int:
        while at + 1 < len(words) and words[at + 1].key in PARTICLES and words[at + 1].start - words[at].end <= 2:
            at += 1
        return at

    def _initials_and_last(self, text: str, words: list[_Word], i: int) -> int | None:
        """Find "J.P. de Vries", "JP de Vries" and, in small letters, "j. de vries" of somebody known."""
        if words[i].text in ("t", "a", "n", "v") and _ATTENTION.search(
            text[max(0, words[i].start - 4) : words[i].end + 4]
        ):
            return None
        at = i
        while at < len(words) and at < i + 4 and len(words[at].key) <= 2:
            if at > i and self._longest(text, words, at, self._lasts) is not None:
                break
            if not (words[at].text.isupper() or len(words[at].key) == 1 or (at == i and words[at].capital)):
                break
            if at > i and text[words[at - 1].end : words[at].start].strip(". ") != "":
                return None
            at += 1
        if at == i or at >= len(words):
            if not (words[i].text.isupper() and len(words[i].key) == 3 and at == i and i + 1 < len(words)):
                return None
            at = i + 1
        if not _tied(text, words[at - 1], words[at], ""):
            return None
        last = self._longest(text, words, at, self._lasts)
        if last is None and words[at].capital and words[at].key in self._bases:
            last = at
        if last is None:
            return None
        if words[i].capital and words[last].capital:
            return last
        dotted = "." in text[words[at - 1].end : words[at].start]
        known = (words[i].key[0], tuple(w.key for w in words[at : last + 1])) in self._initials
        return last if dotted and (known or words[last].capital) else None

    def _alone(self, text: str, words: list[_Word], i: int) -> tuple[int, int] | None:
        """Find a part that stands alone with a capital."""
        word = words[i]
        last = self._longest(text, words, i, self._lasts)
        if last is not None and last > i and words[last].capital and words[last].key not in PARTICLES:
            base = words[last].key
            sentence = _opens(text, word.start) and not text[word.start : words[last].end].istitle()
            river = words[i].capital and words[i].key in ("de", "het", "den")  # "De Maas"
            if base not in COMMON or not (sentence or river):
                return word.start, self._double(text, words, last)
        if not word.capital or len(word.text) < 3:
            return None
        if word.key not in self._firsts and word.key not in self._bases:
            return None
        if word.key in COMMON:
            if not _whole_line(text, word) and (word.key in self._bases or _opens(text, word.start)):
                return None
            if word.key in MONTHS and _by_number(text, word):
                return None
        if i and words[i - 1].key in ("de", "het", "den", "the", "een", "a") and word.key in COMMON:
            return None
        return word.start, self._double(text, words, i)


def _short(last: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return how particles are shortened: v.d. Berg, vd Berg, v. Dijk."""
    particles, base = last[:-1], last[-1:]
    if len(particles) == 2 and particles[0] == "van":
        return [("v", particles[1][0], *base), ("vd", *base), ("v", *particles[1:], *base)]
    return [("v", *base)] if particles == ("van",) else []


def _tied(text: str, one: _Word, two: _Word, without: str) -> bool:
    """Say whether two words can be parts of one name."""
    gap = text[one.end : two.start]
    if not gap or len(gap) > _WIDEST:
        return gap == "" and False
    return all(c in _TIES and c not in without for c in gap) and not (". " in gap and len(one.key) > 3)


def _near(text: str, one: _Word, two: _Word) -> bool:
    gap = text[one.end : two.start]
    return len(gap) <= 30 and not any(c in "!?;\0" for c in gap)


def _opens(text: str, at: int) -> bool:
    """Say whether a sentence begins at `at`, where every word has a capital."""
    before = text[max(0, at - 3) : at].rstrip(" \"'(")
    if (
        before.endswith(".")
        and len(before) > 1
        and before[-2].isalpha()
        and (len(before) < 3 or not before[-3].isalpha())
    ):
        return False  # t.a.v., dhr. J.
    return not before.strip() or before[-1] in ".!?:\n" or "\n" in text[max(0, at - 3) : at]


def _whole_line(text: str, word: _Word) -> bool:
    before = text[max(0, word.start - 2) : word.start]
    after = text[word.end : word.end + 3]
    return (not before.strip(" ") or "\n" in before) and (
        not after.strip(" .'s") or after.lstrip(" .").startswith("\n")
    )


def _by_number(text: str, word: _Word) -> bool:
    before, after = text[max(0, word.start - 2) : word.start], text[word.end : word.end + 3]
    return any(c.isdigit() for c in before + after)
