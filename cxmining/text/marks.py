"""Emotions and perceptions that texts name, with the words that made them.

A text counts for an emotion when it has a word or phrase of it that no negation turns within three words
of the same clause; polite formulas ("alvast bedankt", "met vriendelijke groet", "thanks in advance") count
for nothing. What is named is not all that is felt: a text without such a word is *unknown*, not calm. The
emotions are those of customer-experience practice, the perceptions the three that customers speak of most.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from importlib import resources
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.text.language import guess_language
from cxmining.text.lexicon import Lexicon, load_lexicon
from cxmining.text.sentiment import Tokens, split_tokens

__all__ = [
    "ELEMENTS", "EMOTIONS", "MOTIVES", "PERCEPTIONS", "find_elements", "find_emotions", "find_motives", "find_outcomes",
    "find_perceptions", "kind_of",
]  # fmt: skip

EMOTIONS: Final = ("joy", "satisfaction", "surprise", "frustration", "confusion", "worry", "anger")
PERCEPTIONS: Final = ("speed", "friendliness", "relevance")
ELEMENTS: Final = ("support", "quality", "help", "knowledge", "competence", "advice", "dedication", "satisfaction")
"""The eight elements of customer experience."""
MOTIVES: Final = ("cost", "problem", "change", "request", "clarity", "service")
"""What brings customers: money, something that fails, a change in their lives, what the company asked of them, something
they do not understand, how they were treated before."""
_POLITE: Final = "-"
_SIGNS: Final = "+-"
_DRAWN: Final = re.compile(r"(.)\1{2,}")  # "boooos"


def find_emotions(texts: pd.Series, language: str | None = None) -> pd.DataFrame:
    """Find the emotions that texts name.

    Parameters
    ----------
    texts : Series of str
        Masked or not; missing stays missing.
    language : str, optional
        ``"nl"`` or ``"en"`` for all; by default each text's own is guessed.

    Returns
    -------
    DataFrame
        On the index of `texts`: one Int64 column per emotion of `EMOTIONS` with how many of its words stand in
        the text, missing when the text is missing or in a language without a list; ``emotion``, the one with
        most words (the later in `EMOTIONS`, the graver, where two have as many), missing without any;
        ``words``, those found, parted by commas; ``language``.

    Examples
    --------
    >>> import pandas as pd
    >>> found = find_emotions(pd.Series(["Wat een gedoe, ik ben woedend!!", "niet boos, wel ongerust", "alvast bedankt"]))
    >>> found["emotion"].tolist(), found["words"].tolist()
    (['anger', 'worry', nan], ['gedoe, woedend', 'ongerust', ''])
    """
    found, languages = _find(texts, language, "emotions", EMOTIONS)
    counts = np.stack([found[kind] for kind in EMOTIONS])
    # The last of those with most words: argmax takes the first.
    best = len(EMOTIONS) - 1 - counts[::-1].argmax(axis=0)
    named = pd.Series(np.array(EMOTIONS, dtype=object)[best], index=texts.index).where(counts.max(axis=0) > 0)
    return _framed(found, EMOTIONS, languages, texts.index).assign(emotion=named.astype("str"))[
        [*EMOTIONS, "emotion", "words", "language"]
    ]


def find_perceptions(texts: pd.Series, language: str | None = None) -> pd.DataFrame:
    """Find what texts say of speed, friendliness and relevance.

    Parameters
    ----------
    texts : Series of str
    language : str, optional
        ``"nl"`` or ``"en"`` for all; by default each text's own is guessed.

    Returns
    -------
    DataFrame
        On the index of `texts`: per perception of `PERCEPTIONS` a Float64 from −1 (all its words are bad) to 1
        (all good), missing where the text does not speak of it; ``words``; ``language``. A negation turns a word
        round: "niet vriendelijk" is bad.

    Examples
    --------
    >>> import pandas as pd
    >>> found = find_perceptions(pd.Series(["Lang gewacht, maar heel vriendelijk", "Met vriendelijke groet, Jan"]))
    >>> found[["speed", "friendliness"]].values.tolist()
    [[-1.0, 1.0], [<NA>, <NA>]]
    """
    return _judged(texts, language, "perceptions", PERCEPTIONS)


def find_elements(texts: pd.Series, language: str | None = None) -> pd.DataFrame:
    """Find what texts say of the eight elements of customer experience.

    Parameters
    ----------
    texts : Series of str
    language : str, optional
        ``"nl"`` or ``"en"`` for all; by default each text's own is guessed.

    Returns
    -------
    DataFrame
        As of `find_perceptions`, per element of `ELEMENTS`. A word that only names an element ("advies") is good or
        bad as the other words of its clause are; without any it says nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> found = find_elements(pd.Series(["Slecht advies, maar heel deskundig", "ik wil graag advies"]), "nl")
    >>> found[["advice", "competence"]].values.tolist()
    [[-1.0, 1.0], [<NA>, <NA>]]
    """
    return _judged(texts, language, "elements", ELEMENTS)


def find_motives(texts: pd.Series, language: str | None = None) -> pd.DataFrame:
    """Find what brought the writers of texts.

    Parameters
    ----------
    texts : Series of str
    language : str, optional
        ``"nl"`` or ``"en"`` for all; by default each text's own is guessed.

    Returns
    -------
    DataFrame
        On the index of `texts`: one Int64 column per motive of `MOTIVES` with how many of its words stand in the text,
        missing when the text is missing or in a language without a list; ``motive``, the one with most words (the
        earlier where two have as many), missing without any; ``words``; ``language``.

    Examples
    --------
    >>> import pandas as pd
    >>> find_motives(pd.Series(["Wij gaan verhuizen", "moet 300 euro bijbetalen", "ok"]), "nl")["motive"].tolist()
    ['change', 'cost', nan]
    """
    found, languages = _find(texts, language, "motives", MOTIVES)
    counts = np.stack([found[kind] for kind in MOTIVES])
    named = pd.Series(np.array(MOTIVES, dtype=object)[counts.argmax(axis=0)], index=texts.index)
    frame = _framed(found, MOTIVES, languages, texts.index)
    return frame.assign(motive=named.where(counts.max(axis=0) > 0).astype("str"))[
        [*MOTIVES, "motive", "words", "language"]
    ]


def find_outcomes(texts: pd.Series, language: str | None = None) -> pd.DataFrame:
    """Find whether texts say that it was solved.

    Returns
    -------
    DataFrame
        On the index of `texts`: ``outcome``, a Float64: −1 where a word says *still not*, 1 where only *solved* is said,
        missing where the text says nothing of it; ``words``; ``language``.

    Examples
    --------
    >>> import pandas as pd
    >>> find_outcomes(pd.Series(["snel opgelost", "is nog steeds niet opgelost", "graag uitleg"]), "nl")["outcome"].tolist()
    [1.0, -1.0, <NA>]
    """
    found = _judged(texts, language, "outcome", ("outcome",))
    # "nog steeds niet opgelost" holds both
    return found.assign(outcome=found["outcome"].mask((found["outcome"] < 1).fillna(False), -1.0))


def _judged(texts: pd.Series, language: str | None, name: str, aspects: tuple[str, ...]) -> pd.DataFrame:
    """Return per aspect how much more of its words are good than bad, as a share of them."""
    kinds = [f"{aspect}{sign}" for aspect in aspects for sign in "+-"]
    found, languages = _find(texts, language, name, kinds)
    frame = _framed(found, kinds, languages, texts.index)
    out = pd.DataFrame(index=texts.index)
    for aspect in aspects:
        good, bad = (frame[f"{aspect}{sign}"].astype("Float64") for sign in "+-")
        total = good + bad
        out[aspect] = ((good - bad) / total.where(total > 0)).astype("Float64")
    return out.assign(words=frame["words"], language=frame["language"])


def kind_of(word: str, name: str, language: str) -> str:
    """Return what a word or phrase stands for in a list, empty where it is in none.

    Examples
    --------
    >>> kind_of("woedend", "emotions", "nl"), kind_of("fiets", "emotions", "nl")
    ('anger', '')
    """
    marks = _marks(name, language)
    return "" if marks is None else _kind(word.replace(" ", "_"), marks[1])


def _framed(
    found: dict[str, npt.NDArray[Any]], kinds: Any, languages: npt.NDArray[Any], index: pd.Index
) -> pd.DataFrame:
    frame = pd.DataFrame({kind: found[kind] for kind in kinds}, index=index, dtype="Int64")
    frame.loc[~found["readable"]] = pd.NA
    return frame.assign(words=pd.array(found["words"], dtype="str"), language=pd.array(languages, dtype="str"))


def _find(
    texts: pd.Series, language: str | None, name: str, kinds: Any
) -> tuple[dict[str, npt.NDArray[Any]], npt.NDArray[Any]]:
    codes, unique = pd.factorize(texts)
    each = pd.Series(np.asarray(unique, dtype=object), dtype="str")
    languages = guess_language(each) if language is None else pd.Series(language, index=each.index, dtype="str")
    n = len(each) + 1  # the last stands for a missing text
    counts = {kind: np.zeros(n, dtype=np.int64) for kind in kinds}
    words = np.full(n, "", dtype=object)
    readable = np.zeros(n, dtype=bool)
    for spoken in languages.unique():
        marks, lexicon = _marks(name, str(spoken)), load_lexicon(str(spoken))
        if marks is None or lexicon is None:
            continue
        at = np.flatnonzero(languages == spoken)
        readable[at] = True
        pattern, kind_of = marks
        tokens = split_tokens([pattern(str(t).lower()) for t in each.iloc[at]], lexicon, phrases=False)
        _count(tokens, kind_of, at, counts, words, lexicon)
    named = np.append(languages.to_numpy(dtype=object), [None])
    found: dict[str, npt.NDArray[Any]] = {kind: counts[kind][codes] for kind in kinds}
    return found | {"words": words[codes], "readable": readable[codes]}, named[codes]


def _count(
    tokens: Tokens, kind_of: dict[str, str], at: npt.NDArray[Any], counts: dict[str, npt.NDArray[np.int64]],
    words: npt.NDArray[Any], lexicon: Lexicon,
) -> None:  # fmt: skip
    kinds = np.array([_kind(str(word), kind_of) for word in tokens.words], dtype=object)
    marked = np.flatnonzero((kinds != "")[tokens.ids])
    which, turned = kinds[tokens.ids[marked]], tokens.negated[marked]
    if any(kind[-1] in _SIGNS for kind in counts):
        which = _signed(which, turned, marked, tokens, lexicon)
        stays = which != ""
    else:
        stays = ~turned  # who is "not angry" names no other feeling
    marked, which = marked[stays], which[stays]
    where = at[tokens.text[marked]]
    for kind, total in counts.items():
        total += np.bincount(where[which == kind], minlength=len(total))
    said = pd.Series(tokens.words[tokens.ids[marked]], index=where)[which != _POLITE]
    if len(said):
        joined = said.str.replace("_", " ").groupby(level=0, sort=True).agg(lambda s: ", ".join(dict.fromkeys(s)))
        words[joined.index.to_numpy()] = joined.to_numpy(dtype=object)


def _signed(
    which: npt.NDArray[Any], turned: npt.NDArray[np.bool_], marked: npt.NDArray[Any], tokens: Tokens, lexicon: Lexicon
) -> npt.NDArray[Any]:
    """Turn round what is negated, and give what is only named the sign of its clause; empty where that has none."""
    names = np.array([kind.rstrip(_SIGNS + "?") for kind in which], dtype=object)
    sign = np.array(
        [{"+": 1, "-": -1}.get(kind[-1], 0) if name else 0 for kind, name in zip(which, names, strict=True)]
    )
    open_ = np.array([kind.endswith("?") for kind in which], dtype=bool)
    sign = np.where(turned, -sign, sign)
    if open_.any():
        felt = np.array([lexicon.feeling(str(w).replace("’", "'")) or 0.0 for w in tokens.words], dtype=float)
        value = felt[tokens.ids] * np.where(tokens.negated, -1, 1)
        clause = tokens.clause - tokens.clause.min()
        total = np.bincount(clause, weights=value)
        sign = np.where(open_, np.sign(np.round(total[clause[marked]], 6)), sign)
    signed = np.where(sign > 0, names + "+", np.where(sign < 0, names + "-", ""))
    return np.asarray(np.where(which == _POLITE, _POLITE, signed), dtype=object)


def _kind(word: str, kind_of: dict[str, str]) -> str:
    word = "??" if word.startswith("??") else word.replace("’", "'")
    for shape in (word, _DRAWN.sub(r"\1\1", word), _DRAWN.sub(r"\1", word)):
        if shape in kind_of:
            return kind_of[shape]
    return ""


@functools.cache
def _marks(name: str, language: str) -> tuple[Callable[[str], str], dict[str, str]] | None:
    """Return what joins the phrases of a list in a text, and the kind of each word and joined phrase."""
    file = resources.files("cxmining.text") / "data" / f"{name}-{language}.tsv"
    if not file.is_file():
        return None
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()[1:] if line]
    phrases = sorted((form for form, _ in rows if " " in form), key=lambda p: (-len(p), p))
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, phrases)) + r")(?!\w)")
    return (
        lambda text: pattern.sub(lambda m: m.group().replace(" ", "_"), text),
        {form.replace(" ", "_"): kind for form, kind in rows},
    )
