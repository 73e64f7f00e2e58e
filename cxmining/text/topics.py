"""What texts are about: topics by TF-IDF and non-negative matrix factorisation, their number by stability.

A topic is a set of words that go together; NMF of TF-IDF weights (Lee and Seung, 1999) finds as many as
it is asked for, always. How many there are is therefore asked of the data: topics that are found again
when a fifth of the texts is left out are there, others are made up (Greene, O'Callaghan and Cunningham:
How many topics? Stability analysis for topic models, ECML PKDD 2014).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.text.stopwords import STOP_WORDS

__all__ = ["FEWEST", "MOST_TOPICS", "Topics", "cut_closing", "find_topics", "weigh_words", "words_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEWEST: Final = 50
"""Texts with words of their own; of fewer no topic is found."""
MOST_TOPICS: Final = 20
_WORD: Final = re.compile(r"[^\W\d_]{3,}(?:['’-][^\W\d_]+)*")
_MASKED: Final = re.compile(r"\[[a-z]{1,20}\]")
_ADDRESS: Final = ("http://", "https://", "www.")
_WORDS: Final = 5
_COMPARED: Final = 10
"""So many words stand for a topic when two runs are compared."""
_ROUNDS: Final = 6
_SAMPLE: Final = 4_000
"""Texts that the number of topics is judged on; all are assigned."""
_FIT: Final = 20_000
_VOCABULARY: Final = 3_000
_WITHIN: Final = 0.05
"""Among numbers of topics as stable as the most stable but for this, the largest: it says most."""
_CLEAR: Final = 0.4
"""A text belongs to a topic that has at least this share of it."""


def words_of(text: str) -> list[str]:
    """Return the words of a text that can tell what it is about.

    Lower case, of three letters or more; no numbers, addresses, ``[masked]`` parts or stop words.

    Examples
    --------
    >>> words_of("Beste [name], de FACTUUR van mei 2024 (nr. 17) klopt niet: info@zon.nl")
    ['factuur', 'klopt']
    """
    plain = _MASKED.sub(" ", text).lower()
    if "@" in plain or "/" in plain or "www." in plain:
        plain = " ".join(w for w in plain.split() if "@" not in w and not w.startswith(_ADDRESS))
    found = _WORD.findall(plain)
    return [w for w in found if w not in STOP_WORDS]


_CLOSING: Final = re.compile(
    r"(?im)^[ \t]{0,9}(?:met vriendelijke groet\w*|vriendelijke groet\w*|hoogachtend|mvg|gr|groet\w*|alvast (?:dank|bedankt)|"
    r"kind regards|best regards|regards|yours (?:sincerely|faithfully)|thanks|bedankt alvast)\b.*"
)


def cut_closing(text: str) -> str:
    r"""Cut a text where its writer says goodbye: what follows is a name.

    Examples
    --------
    >>> cut_closing("de factuur klopt niet\nMet vriendelijke groet,\nJan")
    'de factuur klopt niet\n'
    """
    found = _CLOSING.search(text)
    return text[: found.start()] if found and found.start() > 0 else text


@dataclass(frozen=True, eq=False)
class Topics:
    """Topics of texts.

    Attributes
    ----------
    words : tuple of tuple of str
        Per topic the words that mark it, strongest first; topics with most texts first.
    topic : ndarray of int, shape (n,)
        Per text its topic, -1 where none is clear.
    share : ndarray of float, shape (n,)
        How much of the text is that topic, 0 to 1.
    stability : DataFrame
        ``topics``, ``stability`` (0 to 1, mean over `rounds`), ``low``, ``high`` (its 95% interval), ``rounds``.
        Empty where the number was given.
    vocabulary : frozenset of str
        The words that count: those that enough people use.
    """

    words: tuple[tuple[str, ...], ...]
    topic: Ints
    share: Floats
    stability: pd.DataFrame
    vocabulary: frozenset[str]


def find_topics(texts: pd.Series[Any], groups: pd.Series[Any], *, k: int | None = None, seed: int = 1) -> Topics:
    """Find the topics of texts.

    Parameters
    ----------
    texts : Series of str
        Missing ones have no topic.
    groups : Series
        Who wrote each. A word counts only when several people use it, so that nobody's name becomes a topic.
    k : int, optional
        How many topics; else the largest number that is as stable as the best.
    seed : int, default 1
        Of the subsamples. The result does not depend on threads or the order of rows.

    Returns
    -------
    Topics

    Raises
    ------
    NotEnoughDataError
        With fewer than 50 texts that hold words which several people use.
    StudyError
        When `k` is below 2, or above 20, or above the number of words.

    Examples
    --------
    >>> texts = pd.Series([f"{a} {b}" for a in ("factuur", "nota") for b in ("bedrag", "betalen")] * 15
    ...                   + [f"{a} {b}" for a in ("meter", "stand") for b in ("opnemen", "doorgeven")] * 15)
    >>> found = find_topics(texts, pd.Series(range(120)), k=2)
    >>> sorted(found.words[0] + found.words[1])
    ['bedrag', 'betalen', 'doorgeven', 'factuur', 'meter', 'nota', 'opnemen', 'stand']
    """
    from threadpoolctl import threadpool_limits

    if k is not None and not 2 <= k <= MOST_TOPICS:
        raise StudyError(f"k = {k}: expected 2 to {MOST_TOPICS} topics")
    with threadpool_limits(limits=1):  # sums depend on how many threads share them
        order = _canonical(texts, groups)
        weights, vocabulary, there = weigh_words(texts.iloc[order], groups.iloc[order])
        n = int(there.sum())
        if n < FEWEST:
            raise NotEnoughDataError(f"{n:,} texts hold words that several people use; topics need at least {FEWEST}")
        rows = weights[np.flatnonzero(there)]
        rng = np.random.default_rng(seed)
        stability = pd.DataFrame(columns=["topics", "stability", "low", "high", "rounds"])
        if k is None:
            stability = _stability(rows, rng, seed)
            k = _chosen(stability)
        if k > min(rows.shape):
            raise StudyError(f"k = {k}: the texts hold {min(rows.shape)} words that several people use")
        components = _fit(_some(rows, _FIT, rng), k, seed)
        share = _shares(rows, components)
    best, most = share.argmax(axis=1), share.max(axis=1)
    best = np.where(most >= _CLEAR, best, -1)
    rank = np.argsort(-np.bincount(best[best >= 0], minlength=k), kind="stable")
    place = np.empty(k + 1, dtype=np.int64)
    place[rank], place[k] = np.arange(k), -1  # the last is -1: no topic
    topic, strength = np.full(len(texts), -1, dtype=np.int64), np.zeros(len(texts))
    at = order[np.flatnonzero(there)]
    topic[at], strength[at] = place[best], most
    return Topics(_labels(components[rank], vocabulary), topic, strength, stability, frozenset(vocabulary))


def _canonical(texts: pd.Series[Any], groups: pd.Series[Any]) -> Ints:
    """Order by content, so that shuffled rows give the same draws and sums."""
    frame = pd.DataFrame({"t": texts.astype("str").array, "g": groups.astype("str").array})
    return np.asarray(frame.sort_values(["t", "g"], kind="stable", na_position="last").index.to_numpy(), dtype=np.int64)


def weigh_words(texts: pd.Series[Any], groups: pd.Series[Any]) -> tuple[Any, npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Weigh the words of texts (TF-IDF) that several people use, so that nobody's name is among them.

    Parameters
    ----------
    texts : Series of str
    groups : Series
        Who wrote each.

    Returns
    -------
    weights : csr_array, shape (texts, words)
        Each row of length 1.
    words : ndarray of str
    there : ndarray of bool, shape (texts,)
        Which texts hold any of the words.

    Examples
    --------
    >>> texts = pd.Series(["de factuur klopt"] * 6 + ["mijn meterstand"] * 6 + ["Jansen"] * 6)
    >>> weigh_words(texts, pd.Series([*range(12), *[12] * 6]))[1].tolist()
    ['factuur', 'klopt', 'meterstand']
    """
    from scipy import sparse
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

    given = [t if isinstance(t, str) else "" for t in texts]
    analyse: Callable[[str], list[str]] = words_of
    nothing = np.zeros(len(given), dtype=bool)
    counter = CountVectorizer(analyzer=analyse, max_features=20 * _VOCABULARY)
    try:
        counts = counter.fit_transform(given)
    except ValueError:  # an empty vocabulary
        return sparse.csr_array((len(given), 0)), np.array([], dtype=object), nothing
    who = pd.factorize(groups)[0]
    who = np.where(who < 0, np.arange(len(who)) + who.max() + 1, who)
    by = sparse.csr_array((np.ones(len(who)), (who, np.arange(len(who)))), shape=(int(who.max()) + 1, len(who)))
    people = np.asarray((by @ (counts > 0).astype(np.float64) > 0).sum(axis=0)).ravel()
    everyone = int((np.bincount(who) > 0).sum())
    use = np.flatnonzero((people >= max(5, 0.002 * everyone)) & (people <= 0.6 * everyone))
    use = use[np.argsort(-people[use], kind="stable")][:_VOCABULARY]
    use = np.sort(use)
    kept = sparse.csr_array(counts)[:, use]
    if not len(use):
        return kept, np.array([], dtype=object), nothing
    weights = sparse.csr_array(TfidfTransformer(sublinear_tf=True).fit_transform(kept))
    there = np.diff(weights.indptr) > 0
    return weights, counter.get_feature_names_out()[use], there


def _some(rows: Any, n: int, rng: np.random.Generator) -> Any:
    if rows.shape[0] <= n:
        return rows
    return rows[np.sort(rng.choice(rows.shape[0], n, replace=False))]


def _fit(rows: Any, k: int, seed: int) -> Floats:
    """Return the topics' words as rows of length 1."""
    import warnings

    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    model = NMF(k, init="nndsvd", solver="cd", tol=1e-3, max_iter=200, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a label needs no last digit
        model.fit(rows)
    components = np.asarray(model.components_, dtype=np.float64)
    return np.asarray(components / np.maximum(np.linalg.norm(components, axis=1, keepdims=True), 1e-12))


def _shares(rows: Any, components: Floats) -> Floats:
    """Return how much of each text each topic is: of what it has in common with them all."""
    likeness = np.asarray(rows @ components.T) ** 2
    total = likeness.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(likeness, total, out=np.zeros_like(likeness), where=total > 0))


def _labels(components: Floats, vocabulary: npt.NDArray[Any]) -> tuple[tuple[str, ...], ...]:
    """Return the words that mark each topic: heavy in it, and in no other as much."""
    own = components / np.maximum(components.sum(axis=0, keepdims=True), 1e-12)
    told = []
    for row in components * own:
        top = np.argsort(-row, kind="stable")[:_WORDS]
        told.append(tuple(str(vocabulary[i]) for i in top if row[i] > 0))
    return tuple(told)


def _stability(rows: Any, rng: np.random.Generator, seed: int) -> pd.DataFrame:
    """Judge each number of topics by how alike the topics of subsamples are."""
    some = _some(rows, _SAMPLE, rng)
    n = some.shape[0]
    drawn = [np.sort(rng.choice(n, max(int(0.8 * n), 2), replace=False)) for _ in range(_ROUNDS)]
    most = min(MOST_TOPICS, some.shape[1] - 1, n // 15)
    found = []
    for k in range(2, max(most, 2) + 1):
        if k > 12 and k % 2:
            continue
        whole = _ranked(_fit(some, k, seed))
        scores = np.array([_agreement(whole, _ranked(_fit(some[at], k, seed))) for at in drawn])
        half = 1.96 * scores.std(ddof=1) / np.sqrt(_ROUNDS)
        mean = float(scores.mean())
        found.append((k, mean, max(mean - half, 0.0), min(mean + half, 1.0), _ROUNDS))
    return pd.DataFrame(found, columns=["topics", "stability", "low", "high", "rounds"])


def _chosen(stability: pd.DataFrame) -> int:
    good = stability[stability["stability"] >= stability["stability"].max() - _WITHIN]
    return int(good["topics"].max())


def _ranked(components: Floats) -> Ints:
    return np.argsort(-components, axis=1, kind="stable")[:, :_COMPARED]


def _agreement(a: Ints, b: Ints) -> float:
    """Return the mean average Jaccard of the best pairing of topics (Greene et al., 2014, eqs. 1 to 3)."""
    from scipy.optimize import linear_sum_assignment

    alike = np.zeros((len(a), len(b)))
    for depth in range(1, a.shape[1] + 1):
        same = (a[:, None, :depth, None] == b[None, :, None, :depth]).any(axis=3).sum(axis=2)
        alike += same / (2 * depth - same)
    alike /= a.shape[1]
    rows, columns = linear_sum_assignment(-alike)
    return float(alike[rows, columns].mean())
