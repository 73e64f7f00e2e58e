"""A model learned from scored comments is used where it is shown to be better, and only there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxmining.errors import StudyError
from cxmining.text import train_sentiment

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "text"


def jargon(n: int, seed: int = 0, flip: float = 0.0) -> tuple[pd.Series, pd.Series]:
    """Comments whose feeling only this company's words tell, none of which a lexicon knows."""
    rng = np.random.default_rng(seed)
    good = rng.random(n) < 0.5
    words = np.where(good, "zonneboiler draait", "zonneboiler lekt")
    texts = [f"{w} op dak {rng.integers(10_000)} in straat {rng.integers(10_000)}" for w in words]
    good ^= rng.random(n) < flip
    return pd.Series(texts), pd.Series(np.where(good, 5, 1))


def test_words_of_the_company_are_learned() -> None:
    texts, scores = jargon(400)
    model = train_sentiment(texts, scores, scale=(1, 5))
    assert model.method == "trained"
    found = model.score(pd.Series(["zonneboiler draait op dak 7", "zonneboiler lekt op dak 7", None]))
    assert found["polarity"].tolist()[:2] == ["good", "bad"]
    assert found["score"].isna().tolist() == [False, False, True]
    assert found["score"].dropna().between(-1, 1).all()
    table = model.summary.set_index("method")
    assert table.loc["trained", "used"]
    assert not table.loc["lexicon", "used"]
    assert table.loc["difference", "f1_low"] > 0


def test_noise_teaches_nothing_and_the_lexicon_stays() -> None:
    texts, scores = jargon(400, flip=0.5)
    model = train_sentiment(texts, scores, scale=(1, 5))
    assert model.method == "lexicon"
    assert "no better than guessing" in model.why
    assert model.score(pd.Series(["heel slecht", "prima!"]))["polarity"].tolist() == ["bad", "good"]


def test_nobody_is_known_from_another_fold() -> None:
    """Each customer repeats one sentence of his own: learned by heart it predicts all, learned honestly nothing."""
    rng = np.random.default_rng(1)
    people = np.repeat(np.arange(60), 6)
    mood = rng.integers(0, 2, 60)
    texts = pd.Series([f"verhaal{p}a verhaal{p}b verhaal{p}c" for p in people])
    scores = pd.Series(np.where(mood[people] == 1, 1, -1))
    assert train_sentiment(texts, scores, groups=pd.Series(people)).method == "lexicon"
    # Without saying whose they are, equal comments still stay together.
    assert train_sentiment(texts, scores).method == "lexicon"


def test_the_same_again() -> None:
    texts, scores = jargon(300)
    one, two = (train_sentiment(texts, scores, scale=(1, 5), seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(one.summary, two.summary)
    new = jargon(50, seed=9)[0]
    pd.testing.assert_frame_equal(one.score(new), two.score(new))


def test_three_kinds_and_a_scale_of_eleven() -> None:
    rng = np.random.default_rng(2)
    kinds = rng.integers(0, 3, 600)
    texts = pd.Series(
        [f"{['warmtepomp bromt', 'warmtepomp staat', 'warmtepomp spint'][k]} {rng.integers(9999)}" for k in kinds]
    )
    model = train_sentiment(texts, pd.Series(np.array([3, 7, 10])[kinds]), scale=(0, 10))
    assert model.classes == ("bad", "neutral", "good")
    assert model.score(pd.Series(["warmtepomp staat 12"]))["polarity"].tolist() == ["neutral"]


def test_too_little_is_said() -> None:
    texts, _ = jargon(250)
    assert "all are good" in train_sentiment(texts, pd.Series([5] * 250), scale=(1, 5)).why
    assert "only 3 are bad" in train_sentiment(texts, pd.Series([1] * 3 + [5] * 247), scale=(1, 5)).why


def test_a_code_outside_the_scale_is_refused() -> None:
    with pytest.raises(StudyError, match="a score of 11 lies outside the scale from 0 to 10"):
        train_sentiment(pd.Series(["a", "b"]), pd.Series([11, 3]), scale=(0, 10))
    with pytest.raises(StudyError, match="2 texts need as many scores"):
        train_sentiment(pd.Series(["a", "b"]), pd.Series([1]))


def test_markup_and_long_texts_are_only_text() -> None:
    texts, scores = jargon(300)
    texts.iloc[0] = "<script>alert(1)</script>" * 20_000
    texts.iloc[1] = "😡" * 500
    assert train_sentiment(texts, scores, scale=(1, 5)).method == "trained"


@pytest.mark.real
@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")
def test_dutch_reviews() -> None:
    reviews = pd.read_csv(DATA / "reviews-nl-1000.csv")
    model = train_sentiment(reviews["text"], reviews["polarity"])
    f1 = model.summary.set_index("method")["macro_f1"]
    assert f1["lexicon"] >= 0.81
    assert f1["trained"] >= 0.92
    assert model.method == "trained"
