"""Which language a short text is in: by the little words that nobody can do without, else by a learned detector.

Most texts of customers are decided by their function words, at once. What those leave open (other scripts, other
languages, a few words) is asked of py3langid (Barbaresi; after Lui and Baldwin 2012), which works offline and gives
the same answer always.
"""

from __future__ import annotations

import functools
import importlib
import re
from typing import Any, Final

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


_DETECTED: Final = (
    "nl", "en", "de", "fr", "es", "it", "pt", "pl", "tr", "ro", "bg", "cs", "hu", "sv", "da", "fi", "ar", "fa", "he",
    "ru", "uk", "el", "zh", "ja", "ko", "hi", "ur", "th", "vi", "id",
)  # fmt: skip
_READ: Final = 4_000  # letters that are looked at
_SURE: Final = 2  # function words ahead of any other language
_FEWEST: Final = 12  # letters without which nobody can tell
_FEW: Final = 3  # of a script that few languages write
_CERTAIN: Final = 0.9


def guess_language(texts: pd.Series, default: str = "nl") -> pd.Series:
    """Guess the language of each text.

    A text that decides nothing ("ok", "146?") gets the language most other texts of the series have, or `default`
    when none decides. The first 4,000 letters count.

    Parameters
    ----------
    texts : Series of str
    default : str, default "nl"

    Returns
    -------
    Series of str
        ISO 639-1 codes such as ``"nl"``, ``"en"`` or ``"ar"``; missing where the text is.

    Examples
    --------
    >>> import pandas as pd
    >>> guess_language(pd.Series(["ik snap er niks van", "where is my invoice", "ok", "nog een vraag"])).tolist()
    ['nl', 'en', 'nl', 'nl']
    >>> guess_language(pd.Series(["أين فاتورتي؟", "no puedo pagar la factura"])).tolist()
    ['ar', 'es']
    """
    codes, unique = pd.factorize(texts)
    read = [str(text)[:_READ].lower() for text in unique]
    counts = np.zeros((len(unique), len(LANGUAGES)), dtype=int)
    for i, text in enumerate(read):
        words = _TOKEN.findall(text)
        counts[i] = [sum(w in _OF[language] for w in words) for language in LANGUAGES]
    best = counts.argmax(axis=1)
    ranked = np.sort(counts, axis=1)
    lead = ranked[:, -1] - ranked[:, -2] if len(unique) else np.zeros(0, dtype=int)
    names = np.array(LANGUAGES, dtype=object)[best]
    sure = lead >= _SURE
    for i in np.flatnonzero(~sure).tolist():
        found = _detect(read[i])
        if found is not None:
            names[i], sure[i] = found, True
    sure |= lead > 0
    known = pd.Series(names[codes[codes >= 0]][sure[codes[codes >= 0]]], dtype="str")
    votes = known.value_counts()
    tied = [str(name) for name in votes[votes == votes.max()].index] if len(votes) else [default]
    fallback = min(tied, key=lambda name: (LANGUAGES.index(name) if name in LANGUAGES else len(LANGUAGES), name))
    names = np.where(sure, names, fallback)
    return pd.Series(np.append(names, [None])[codes], index=texts.index, name="language", dtype="str")


def _detect(text: str) -> str | None:
    """Ask the learned detector; None where a text is too short, or it is not sure."""
    letters = sum(map(str.isalpha, text))
    foreign = sum(c.isalpha() and c > "ɏ" for c in text) > letters / 2
    if letters < (_FEW if foreign else _FEWEST):
        return None
    found, sureness = _detector().classify(text)
    return str(found) if foreign or sureness >= _CERTAIN else None


@functools.cache
def _detector() -> Any:
    langid = importlib.import_module("py3langid.langid")  # it says no types
    detector = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    detector.set_languages(list(_DETECTED))
    return detector
