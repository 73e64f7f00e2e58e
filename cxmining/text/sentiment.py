"""How a text feels: a lexicon, what turns and strengthens its words, and nothing from a network.

Every feeling word counts with its polarity (De Smedt and Daelemans 2012), strengthened or weakened by
the word before it and turned by a negation up to three words earlier in the same clause. Strengthening words,
articles and pronouns do not count among the three ("niet zo heel erg goed"), and where another thought begins
("maar", "because") a negation ends. Clauses after "but" count more than those before it (as in Hutto and
Gilbert 2014). The score is the weighted mean. Markup is no text. All texts go through one pass over one array
of tokens.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.text.language import guess_language
from cxmining.text.lexicon import Lexicon, load_lexicon

__all__ = ["Tokens", "read_feelings", "score_sentiment", "split_tokens"]

_TOKEN: Final = re.compile(
    r"[:;=>]['-]?[()DpPsS/](?!\w)|>:\(|<3|\?\?+|[^\W\d]+(?:['’-][^\W\d]+)*|[.,;:!?()\n]|[☀-➿⭐\U0001f300-\U0001faff]"
)
_MARKUP: Final = re.compile(r"<(?:/?[a-zA-Z][^<>]{0,2000}|!--[^<>]{0,2000})>")  # "<3" is none
_STOP: Final = frozenset(".,;:!?()\n")
_REACH: Final = 3  # words back within which a negation turns a feeling
_TURNED_GOOD: Final = -0.6  # "not good" is bad, less than "bad"
_TURNED_BAD: Final = -0.3  # "not bad" is a little good
_BEFORE_BUT: Final = 0.5

Floats = npt.NDArray[np.float64]


def score_sentiment(texts: pd.Series, language: str | None = None) -> pd.DataFrame:
    """Score texts from -1 (bad) to 1 (good).

    Parameters
    ----------
    texts : Series of str
        Masked or not; missing stays missing.
    language : str, optional
        ``"nl"`` or ``"en"`` for all; by default each text's own is guessed.

    Returns
    -------
    DataFrame
        On the index of `texts`: ``score``, 0 for a text without a feeling word, missing when the text is
        missing or in a language without a lexicon (English needs vaderSentiment); ``n_words_known``,
        the feeling words found; ``language``.

    Examples
    --------
    >>> import pandas as pd
    >>> found = score_sentiment(pd.Series(["heel vriendelijk geholpen", "helemaal niet goed", "lekker dan", None]))
    >>> found["score"].round(1).tolist()
    [0.5, -0.3, -0.6, nan]
    """
    return read_feelings(texts, language)[["score", "n_words_known", "language"]]


def read_feelings(texts: pd.Series, language: str | None = None) -> pd.DataFrame:
    """Score texts as `score_sentiment` does, and say how much good and bad they hold.

    Returns
    -------
    DataFrame
        The columns of `score_sentiment`, and ``good`` and ``bad``: the sums of what its feeling words weigh, 0 or
        more.

    Examples
    --------
    >>> import pandas as pd
    >>> read_feelings(pd.Series(["vriendelijk, maar traag"]))[["good", "bad"]].gt(0).values.tolist()
    [[True, True]]
    """
    codes, unique = pd.factorize(texts)
    each = pd.Series(np.asarray(unique, dtype=object), dtype="str")
    languages = guess_language(each) if language is None else pd.Series(language, index=each.index, dtype="str")
    figures = np.zeros((3, len(each) + 1))
    score = np.full(len(each) + 1, np.nan)
    for name in languages.unique():
        lexicon = load_lexicon(str(name))
        at = np.flatnonzero(languages == name)
        if lexicon is not None:
            score[at], *found = _score([str(t) for t in each.iloc[at]], lexicon)
            figures[:, at] = found
    known, good, bad = figures[:, codes]
    named = np.append(languages.to_numpy(dtype=object), [None])
    return pd.DataFrame(
        {
            "score": pd.array(score[codes], dtype="float64"),
            "n_words_known": known.astype(np.int64),
            "language": pd.array(named[codes], dtype="str"),
            "good": good,
            "bad": bad,
        },
        index=texts.index,
    )


@dataclass(frozen=True, eq=False)
class Tokens:
    """The words of some texts, one after the other.

    Attributes
    ----------
    words : ndarray of str
        The distinct ones.
    ids, text, clause : ndarray of int64
        Per token: which word, of which text, in which clause.
    negated : ndarray of bool
        Per token: a negation stands up to three words of weight earlier in its clause.
    """

    words: npt.NDArray[Any]
    ids: npt.NDArray[np.int64]
    text: npt.NDArray[np.int64]
    clause: npt.NDArray[np.int64]
    negated: npt.NDArray[np.bool_]


def split_tokens(texts: list[str], lexicon: Lexicon, *, phrases: bool = True) -> Tokens:
    """Split texts into words, with the lexicon's phrases as one word each unless `phrases` is off."""
    text, token = _tokens(texts, lexicon.phrases if phrases else None)
    ids, words = pd.factorize(token)
    written = [str(word).replace("’", "'") for word in words]
    stops = np.array([word in _STOP for word in written], dtype=bool)[ids]
    negates = np.array([word in lexicon.negators for word in written], dtype=bool)[ids]
    clause = np.cumsum(stops | np.concatenate([[True], text[1:] != text[:-1]])) if len(ids) else np.zeros(0, dtype=int)
    light = np.array([word in lexicon.light for word in written], dtype=bool)[ids]
    turns = np.array([word in lexicon.turns for word in written], dtype=bool)[ids]
    return Tokens(words, ids, text, clause, _negated(negates, light, clause, turns))


def _negated(
    negates: npt.NDArray[np.bool_], light: npt.NDArray[np.bool_], clause: npt.NDArray[Any], turns: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Say of each token whether a negation before it reaches it."""
    n = len(negates)
    out = np.zeros(n, dtype=bool)
    if not n:
        return out
    place = np.arange(n)
    last = np.maximum.accumulate(np.where(negates, place, -1))
    before = np.concatenate([[-1], last[:-1]])  # strictly before
    weight = np.cumsum(~light)
    thought = np.cumsum(turns)
    some = before >= 0
    j = before[some]
    apart = weight[some] - weight[j]
    same = (clause[some] == clause[j]) & (thought[some] == thought[j])
    out[some] = same & (apart <= _REACH)
    return out


def _score(texts: list[str], lexicon: Lexicon) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the score of each text, how many words are behind it, and the sums of the good and the bad ones."""
    tokens = split_tokens(texts, lexicon)
    feeling, factor, negates, buts = (a[tokens.ids] for a in _describe(tokens.words, lexicon))
    n, text, clause = len(tokens.ids), tokens.text, tokens.clause

    felt = ~np.isnan(feeling)
    modifies = ~np.isnan(factor) & _next(felt | ~np.isnan(factor) | negates, clause)
    strength = np.ones(n)
    one, two = _back(modifies, clause, 1), _back(modifies, clause, 2)
    strength = np.where(one, _shift(factor, 1), strength) * np.where(one & two, _shift(factor, 2), 1.0)

    counts = felt & ~modifies & ~negates
    value = feeling * strength
    value = np.where(tokens.negated, value * np.where(value > 0, _TURNED_GOOD, _TURNED_BAD), value)
    value = np.clip(value, -1, 1)
    weight = np.where(_but_follows(buts, text), _BEFORE_BUT, 1.0)
    m = len(texts)
    at = text[counts]
    total = np.bincount(at, weights=(value * weight)[counts], minlength=m)
    weights = np.bincount(at, weights=weight[counts], minlength=m)
    with np.errstate(invalid="ignore"):
        mean = np.where(weights > 0, total / weights, 0.0)
    weighed = (value * weight)[counts]
    good = np.bincount(at, weights=np.clip(weighed, 0, None), minlength=m)
    bad = np.bincount(at, weights=np.clip(-weighed, 0, None), minlength=m)
    known = np.bincount(at, minlength=m).astype(np.float64)
    return (
        np.asarray(mean, dtype=np.float64),
        known,
        np.asarray(good, dtype=np.float64),
        np.asarray(bad, dtype=np.float64),
    )


def _tokens(texts: list[str], phrases: re.Pattern[str] | None) -> tuple[npt.NDArray[np.int64], npt.NDArray[Any]]:
    found: list[str] = []
    sizes = np.zeros(len(texts), dtype=np.int64)
    for i, raw in enumerate(texts):
        text = _plain(raw).lower()
        if phrases is not None:
            text = phrases.sub(lambda m: m.group().replace(" ", "_"), text)
        words = _TOKEN.findall(text)
        sizes[i] = len(words)
        found += words
    return np.repeat(np.arange(len(texts)), sizes), np.array(found, dtype=object)


def _plain(text: str) -> str:
    """Return a text without its markup."""
    if "<" in text and ">" in text:
        text = _MARKUP.sub(" ", text)
    return html.unescape(text) if "&" in text else text


def _describe(words: npt.NDArray[Any], lexicon: Lexicon) -> tuple[npt.NDArray[Any], ...]:
    """Say of each distinct word what it does; this is the only loop, and it is over the vocabulary."""
    feeling, factor = np.full(len(words), np.nan), np.full(len(words), np.nan)
    negates, buts = (np.zeros(len(words), dtype=bool) for _ in range(2))
    for i, word in enumerate(words):
        word = "??" if word.startswith("??") else word.replace("’", "'")
        felt = lexicon.feeling(word)
        feeling[i] = np.nan if felt is None else felt
        factor[i] = lexicon.modifiers.get(word, np.nan)
        negates[i], buts[i] = word in lexicon.negators, word in lexicon.but
    return feeling, factor, negates, buts


def _shift(values: npt.NDArray[Any], by: int) -> npt.NDArray[Any]:
    return np.concatenate([values[:1].repeat(min(by, len(values))), values[:-by]])[: len(values)]


def _back(flags: npt.NDArray[np.bool_], clause: npt.NDArray[Any], by: int) -> npt.NDArray[np.bool_]:
    """Say whether the word `by` places before, in the same clause, has the flag."""
    out = np.zeros(len(flags), dtype=bool)
    out[by:] = flags[:-by] & (clause[by:] == clause[:-by])
    return out


def _next(flags: npt.NDArray[np.bool_], clause: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    out = np.zeros(len(flags), dtype=bool)
    out[:-1] = flags[1:] & (clause[1:] == clause[:-1])
    return out


def _but_follows(buts: npt.NDArray[np.bool_], text: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Say whether a "but" comes later in the same text."""
    if not len(text):
        return buts
    last = pd.Series(np.where(buts, np.arange(len(text)), -1)).groupby(text).transform("max").to_numpy()
    return np.asarray(np.arange(len(text)) < last)
