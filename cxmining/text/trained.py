"""A company's own scored comments as teacher: used only where it proves better than the lexicon.

Word and letter n-grams (TF-IDF) and what the lexicon finds go into a ridge classifier. Both are judged on the
same held-out comments: folds part neither a customer nor equal comments, so that nobody is known from the
other side. The trained model is taken when the lower ends of its difference in macro-F1 to the lexicon and of
its agreement beyond chance (Cohen's kappa) are both above zero: a lexicon that knows none of the words is
easily beaten by guessing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import StudyError
from cxmining.repr_html import repr_html
from cxmining.stats import deal_folds
from cxmining.text.sentiment import read_feelings

__all__ = ["SentimentModel", "name_classes", "train_sentiment"]

CLASSES: Final = ("bad", "neutral", "good")
FEWEST: Final = 200
FEWEST_EACH: Final = 20
_FELT: Final = 0.1  # from so much on the lexicon calls a text good, or bad (De Smedt and Daelemans 2012)
_LEXICON_WEIGHT: Final = 2.0
_REPEATS: Final = 1000
_TELLING: Final = 20
_SUMMARY: Final = ("method", "n", "accuracy", "macro_f1", "f1_low", "f1_high", "used")
_BATCH: Final = 20_000
_READ: Final = 20_000
"""Letters of a text that are learned from and judged by: how it feels is said by then."""

Classes = npt.NDArray[np.int64]  # −1 bad, 0 neutral, 1 good


@dataclass(frozen=True, eq=False)
class SentimentModel:
    """How texts are scored, and how well that works.

    Attributes
    ----------
    method : {"trained", "lexicon"}
        What `score` uses.
    why : str
        Why that one.
    summary : DataFrame
        One row per method: ``method``, ``n`` (held-out comments), ``accuracy``, ``macro_f1``, ``f1_low``,
        ``f1_high`` (95%, resampled by customer), ``used``; and a row ``difference``. Where there was too little to
        learn from only the lexicon's row, and below 20 comments none.
    classes : tuple of str
        Those that occur in the comments.
    """

    method: str
    why: str
    summary: pd.DataFrame
    classes: tuple[str, ...] = ()
    _fitted: Any = field(default=None, repr=False)

    def score(self, texts: pd.Series, language: str | None = None) -> pd.DataFrame:
        """Score texts from −1 to 1, as :func:`score_sentiment` does, with ``polarity`` (bad, neutral or good) beside it.

        A trained model scores every text that holds a word it knows, whatever its language; the lexicon only those
        in its own. ``n_words_known`` then counts the words (and pairs of words) that the model has learned; without
        any the score is 0, as the lexicon has it.
        """
        codes, unique = pd.factorize(texts)
        if len(unique) < len(texts):  # what is said twice is judged once
            once = self.score(pd.Series(np.asarray(unique, dtype=object), dtype="str"), language)
            missing = pd.DataFrame({"score": [np.nan], "n_words_known": [0], "language": [None], "polarity": [None]})
            every = pd.concat([once, missing.astype(once.dtypes)], ignore_index=True)
            return every.iloc[np.where(codes < 0, len(once), codes)].set_axis(texts.index)
        feelings = read_feelings(texts, language)
        found = feelings[["score", "n_words_known", "language"]].copy()
        if self._fitted is None:
            polarity = _called(found["score"].to_numpy(dtype=float))
        else:
            there = texts.notna().to_numpy()
            score, polarity = np.full(len(texts), np.nan), np.full(len(texts), np.nan)
            known = np.zeros(len(texts), dtype=np.int64)
            for at in np.array_split(np.flatnonzero(there), 1 + int(there.sum()) // _BATCH):
                if len(at):
                    score[at], polarity[at], known[at] = self._fitted.judge(texts.iloc[at], feelings.iloc[at])
            found["score"], found["n_words_known"] = score, known
        named = pd.Series(polarity, index=texts.index).map({-1.0: "bad", 0.0: "neutral", 1.0: "good"})
        return found.assign(polarity=named.where(found["score"].notna()).astype("str"))

    def __repr__(self) -> str:
        lines = [f"SentimentModel({self.method}: {self.why})"]
        for row in self.summary.itertuples():
            interval = f"[{row.f1_low:.3f}, {row.f1_high:.3f}]"
            lines.append(f"  {row.method:<10} macro-F1 {row.macro_f1:.3f} {interval}  n={row.n:,}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=f"Sentiment by the {self.method}: {self.why}")


def train_sentiment(
    texts: pd.Series,
    scores: pd.Series,
    *,
    scale: tuple[float, float] | None = None,
    groups: pd.Series | None = None,
    folds: int = 5,
    seed: int = 1,
) -> SentimentModel:
    """Learn from scored comments how texts feel, and keep the lexicon when that is no better.

    Parameters
    ----------
    texts : Series of str
        Comments; those without text or score are left out.
    scores : Series of float
        What their writers scored, higher is better: on `scale`, or −1, 0 and 1.
    scale : (float, float), optional
        Its lowest and highest code. From 0 to 10 a score of 9 or 10 is good and one up to 6 bad, as NPS has
        it; on other scales the upper two fifths are good and the lower two bad. Default: the sign counts.
    groups : Series, optional
        Whose comment it is; folds part nobody's comments. Default: each comment is another's.
    folds : int, default 5
    seed : int, default 1
        Deals the folds and resamples.

    Returns
    -------
    SentimentModel

    Raises
    ------
    StudyError
        When lengths differ, or a score lies outside `scale`.

    Examples
    --------
    >>> import pandas as pd
    >>> few = train_sentiment(pd.Series(["prima geholpen", "slecht"]), pd.Series([5, 1]), scale=(1, 5))
    >>> few
    SentimentModel(lexicon: 2 scored comments are too few to learn from, at least 200 are needed)
    >>> few.score(pd.Series(["heel slecht"]))["polarity"].tolist()
    ['bad']
    """
    if len(texts) != len(scores) or (groups is not None and len(groups) != len(texts)):
        raise StudyError(f"train_sentiment: {len(texts):,} texts need as many scores and groups; got {len(scores):,}")
    values = pd.to_numeric(pd.Series(np.asarray(scores)), errors="coerce").astype(float)
    written = pd.Series(np.asarray(texts, dtype=object)).where(lambda t: t.notna(), None)
    said = written.astype("str").str.strip().fillna("").ne("") & values.notna()
    label = name_classes(values[said].to_numpy(), scale)
    comments = written[said].astype("str").reset_index(drop=True)
    counts = {name: int(np.count_nonzero(label == c - 1)) for c, name in enumerate(CLASSES)}
    there = {name: n for name, n in counts.items() if n}
    owner = np.arange(len(comments)) if groups is None else pd.factorize(pd.Series(np.asarray(groups))[said])[0]
    group = _together(np.asarray(owner), comments) if len(comments) else np.zeros(0, dtype=np.int64)
    if len(comments) < FEWEST:
        return _lexicon(
            comments,
            label,
            group,
            seed,
            f"{len(comments):,} scored comment{' is' if len(comments) == 1 else 's are'} too few to learn from, "
            f"at least {FEWEST} are needed",
        )
    rare = min(there, key=lambda name: there[name])
    if len(there) < 2 or there[rare] < FEWEST_EACH:
        fault = f"only {there[rare]:,} are {rare}" if len(there) > 1 else f"all are {rare}"
        why = f"of {len(comments):,} scored comments {fault}; at least {FEWEST_EACH} of each kind are needed"
        return _lexicon(comments, label, group, seed, why)
    return _learned(comments, label, group, folds, seed)


def _lexicon(comments: pd.Series, label: Classes, group: npt.NDArray[np.int64], seed: int, why: str) -> SentimentModel:
    """Keep the lexicon, with its error where there are comments enough to tell it."""
    rows: list[tuple[Any, ...]] = []
    if len(label) >= _TELLING and len(np.unique(label)) > 1:
        score = read_feelings(comments)["score"].to_numpy(dtype=float)
        called = _called(score, neutral=bool((label == 0).any()))
        f1, draws, _ = _f1_draws(label, [called], group, seed)
        rows.append(
            ("lexicon", len(label), float((called == label).mean()), f1[0], *np.quantile(draws, [0.025, 0.975]), True)
        )
    classes = tuple(name for c, name in enumerate(CLASSES) if (label == c - 1).any())
    return SentimentModel("lexicon", why, pd.DataFrame(rows, columns=list(_SUMMARY)), classes)


def name_classes(values: npt.NDArray[Any], scale: tuple[float, float] | None) -> Classes:
    """Return −1 (bad), 0 or 1 (good) per score, as `train_sentiment` has it.

    Raises
    ------
    StudyError
        When a score lies outside `scale`.

    Examples
    --------
    >>> name_classes(np.array([1.0, 3.0, 4.0]), (1, 5)).tolist(), name_classes(np.array([6.0, 8.0, 9.0]), (0, 10)).tolist()
    ([-1, 0, 1], [-1, 0, 1])
    """
    if scale is None:
        return np.asarray(np.sign(values), dtype=np.int64)
    low, high = scale
    outside = (values < low) | (values > high)
    if outside.any():
        raise StudyError(
            f"train_sentiment: a score of {values[outside][0]:g} lies outside the scale from {low:g} to {high:g}; "
            "reject such codes, or name the scale"
        )
    if (low, high) == (0, 10):
        return np.where(values >= 9, 1, np.where(values <= 6, -1, 0))
    place = (values - low) / (high - low)
    return np.where(place > 0.6, 1, np.where(place < 0.4, -1, 0))


def _together(owner: npt.NDArray[Any], comments: pd.Series) -> npt.NDArray[np.int64]:
    """Put comments into one group that are one person's, or say the same."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    said = pd.factorize(comments.str.lower().str.replace(r"\W+", " ", regex=True))[0]
    n = int(owner.max()) + 1
    edges = coo_array((np.ones(len(owner)), (owner, n + said)), shape=(n + int(said.max()) + 1,) * 2)
    return np.asarray(connected_components(edges, directed=False)[1][owner], dtype=np.int64)


def _learned(
    comments: pd.Series, label: Classes, group: npt.NDArray[np.int64], folds: int, seed: int
) -> SentimentModel:
    lexicon = read_feelings(comments)
    by_lexicon = _called(lexicon["score"].to_numpy(dtype=float), neutral=bool((label == 0).any()))
    by_model = np.zeros(len(label), dtype=np.int64)
    dealt = deal_folds(group, folds, seed)
    for fold in range(folds):
        train, test = dealt != fold, dealt == fold
        fitted = _Fitted.on(comments[train], lexicon[train], label[train])
        by_model[test] = fitted.judge(comments[test], lexicon[test])[1]
    f1, draws, kappa = _f1_draws(label, [by_lexicon, by_model], group, seed)
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    apart = draws[:, 1] - draws[:, 0]
    guessed = bool(np.quantile(kappa, 0.025) <= 0)
    better = bool(np.quantile(apart, 0.025) > 0) and not guessed
    rows = [
        (name, len(label), float((called == label).mean()), f1[i], low[i], high[i], better == (name == "trained"))
        for i, (name, called) in enumerate((("lexicon", by_lexicon), ("trained", by_model)))
    ]
    difference = [float(q) for q in np.quantile(apart, [0.025, 0.975])]
    rows.append(("difference", len(label), rows[1][2] - rows[0][2], f1[1] - f1[0], difference[0], difference[1], False))
    summary = pd.DataFrame(rows, columns=list(_SUMMARY))
    said = f"macro-F1 {f1[1]:.3f} against the lexicon's {f1[0]:.3f} on {len(label):,} held-out comments"
    classes = tuple(name for c, name in enumerate(CLASSES) if (label == c - 1).any())
    if not better:
        fault = "no better than guessing" if guessed else "not shown to be better"
        return SentimentModel("lexicon", f"what was learned is {fault}: {said}", summary, classes)
    return SentimentModel("trained", said, summary, classes, _Fitted.on(comments, lexicon, label))


def _called(score: npt.NDArray[np.float64], neutral: bool = True) -> Classes:
    """Name what the lexicon says; where nothing is neutral, what is not good is bad."""
    filled = np.nan_to_num(score)
    if not neutral:
        return np.where(filled >= _FELT, 1, -1)
    return np.where(filled >= _FELT, 1, np.where(filled <= -_FELT, -1, 0))


def _f1_draws(
    label: Classes, calls: list[Classes], group: npt.NDArray[np.int64], seed: int
) -> tuple[list[float], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the macro-F1 of each method and in resamples of the groups, and the last one's kappa there.

    All come from one table of counts per group.
    """
    kinds = np.unique(label)
    place = {int(kind): i for i, kind in enumerate(kinds)}
    n = int(group.max()) + 1
    cells = []
    for called in calls:
        right = np.zeros((n, len(kinds), 3))  # per kind: hits, times called, times true
        for kind, i in place.items():
            for k, mask in enumerate(((label == kind) & (called == kind), called == kind, label == kind)):
                right[:, i, k] = np.bincount(group[mask], minlength=n)
        cells.append(right.reshape(n, -1))
    table = np.concatenate(cells, axis=1)
    weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=_REPEATS).astype(float)
    resampled = np.split(weights @ table, len(calls), axis=1)
    draws = np.stack([_macro(part) for part in resampled], axis=1)
    whole = [float(_macro(part)[0]) for part in np.split(table.sum(axis=0, keepdims=True), len(calls), axis=1)]
    return whole, draws, _kappa(resampled[-1])


def _kappa(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    hits, called, true = np.moveaxis(counts.reshape(len(counts), -1, 3), 2, 0)
    n = np.maximum(true.sum(axis=1), 1)
    chance = (called * true).sum(axis=1) / n**2
    return np.asarray((hits.sum(axis=1) / n - chance) / np.maximum(1 - chance, 1e-9))


def _macro(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    hits, called, true = np.moveaxis(counts.reshape(len(counts), -1, 3), 2, 0)
    return np.asarray((2 * hits / np.maximum(called + true, 1)).mean(axis=1))


@dataclass(frozen=True, eq=False)
class _Fitted:
    """The vectorisers and the classifier that were fitted together."""

    words: Any
    classifier: Any

    @classmethod
    def on(cls, comments: pd.Series, feelings: pd.DataFrame, label: Classes) -> _Fitted:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import RidgeClassifier
        from sklearn.pipeline import make_union

        rarest = 2 if len(comments) < 20_000 else 5
        words = make_union(
            TfidfVectorizer(ngram_range=(1, 2), min_df=rarest, sublinear_tf=True, max_features=100_000),
            TfidfVectorizer(
                analyzer="char_wb", ngram_range=(3, 5), min_df=rarest, sublinear_tf=True, max_features=200_000
            ),
        )
        features = cls._beside(words.fit_transform(comments.str.slice(0, _READ)), feelings)
        kinds = np.unique(label)
        # Rare kinds weigh as much as frequent ones only where there are three: the middle one drowns otherwise.
        weight = "balanced" if len(kinds) > 2 else None
        # sparse_cg gives the same bytes whatever the number of threads.
        return cls(words, RidgeClassifier(alpha=1.0, class_weight=weight, solver="sparse_cg").fit(features, label))

    @staticmethod
    def _beside(features: Any, feelings: pd.DataFrame) -> Any:
        from scipy.sparse import csr_array, hstack

        good, bad = (feelings[c].to_numpy(dtype=float) for c in ("good", "bad"))
        balance = good - bad
        known = np.column_stack(
            [
                _LEXICON_WEIGHT * np.nan_to_num(feelings["score"].to_numpy(dtype=float)),
                balance / np.sqrt(balance**2 + 1), good / (1 + good), bad / (1 + bad), good + bad == 0,
            ]
        )  # fmt: skip
        return hstack([csr_array(features), csr_array(known)]).tocsr()

    def judge(
        self, comments: pd.Series, feelings: pd.DataFrame
    ) -> tuple[npt.NDArray[np.float64], Classes, npt.NDArray[np.int64]]:
        """Return a score from −1 to 1 and the class of each comment, and how many words of it were learned."""
        features = self.words.transform(comments.str.slice(0, _READ))
        learned = len(self.words.transformer_list[0][1].vocabulary_)
        held = np.diff(features[:, :learned].tocsr().indptr)
        nothing = (held == 0) & (feelings["n_words_known"].to_numpy() == 0)
        decision = np.asarray(self.classifier.decision_function(self._beside(features, feelings)))
        kinds = self.classifier.classes_
        if decision.ndim == 1:
            score, called = np.clip(decision, -1, 1), kinds[(decision > 0).astype(int)]
        else:
            # Each class has a decision between about −1 and 1: their share of the distance from −1 weighs the class.
            share = np.clip(decision + 1, 0, None)
            share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-9)
            score, called = np.clip(share @ kinds.astype(float), -1, 1), kinds[decision.argmax(axis=1)]
        return np.where(nothing, 0.0, score), np.where(nothing, 0, called), held
