"""Which language a short text is in, by the little words that nobody can do without."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

__all__ = ["LANGUAGES", "guess_language"]

_WORDS: Final = {
    "nl": "de het een en van ik niet dat is op te voor met zijn maar er aan ook als bij nog uit wel naar heb je u mijn "
    "wat kan geen al dan om zo dit wordt waar nu mij deze heeft was hoe jullie ons worden meer over bedankt graag kunnen "
    "moet krijg wil goed alles dank groet groeten mvg fijn prima niks steeds",
    "en": "the and to of a in is it you that for on with this have be not are my was but your i so can we they what "
    "please thanks thank hello hi when how from has had would will there any get could very been very good nice great",
    "de": "der die das und ich nicht ist mit auf für ein eine zu den von dem sie wir mein bitte danke wie auch aber "
    "noch haben hat bei sind kann wird einen habe sehr",
    "fr": "le la les et un une je ne pas est pour que qui avec sur dans mon vous nous des du au ce bonjour merci mais "
    "plus très ma mes être suis",
}
LANGUAGES: Final = tuple(_WORDS)
_OF: Final = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_TOKEN: Final = re.compile(r"[^\W\d_]+")


def guess_language(texts: pd.Series, default: str = "nl") -> pd.Series:
    """Guess the language of each text.

    A text whose little words decide nothing ("ok", "146?") gets the language most other texts of the
    series have, or `default` when none decides.

    Parameters
    ----------
    texts : Series of str
    default : str, default "nl"

    Returns
    -------
    Series of str
        One of `LANGUAGES`; missing where the text is.

    Examples
    --------
    >>> import pandas as pd
    >>> guess_language(pd.Series(["ik snap er niks van", "where is my invoice", "ok", "nog een vraag"])).tolist()
    ['nl', 'en', 'nl', 'nl']
    """
    codes, unique = pd.factorize(texts)
    counts = np.zeros((len(unique), len(LANGUAGES)), dtype=int)
    for i, text in enumerate(unique):
        words = _TOKEN.findall(str(text).lower())
        counts[i] = [sum(w in _OF[language] for w in words) for language in LANGUAGES]
    best = counts.argmax(axis=1)
    ranked = np.sort(counts, axis=1)
    decided = ranked[:, -1] > ranked[:, -2] if len(unique) else np.zeros(0, dtype=bool)
    votes = np.bincount(best[codes[codes >= 0]][decided[codes[codes >= 0]]], minlength=len(LANGUAGES))
    fallback = LANGUAGES[int(votes.argmax())] if votes.any() else default
    names = np.where(decided, np.array(LANGUAGES, dtype=object)[best], fallback)
    return pd.Series(np.append(names, [None])[codes], index=texts.index, name="language", dtype="str")
