"""How texts feel: what the rules say on sentences worked by hand, and on real reviews."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.text import guess_language, score_sentiment
from cxmining.text.lexicon import load_lexicon

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "text"
english = pytest.mark.skipif(load_lexicon("en") is None, reason="vaderSentiment is not installed")


def score(text, language="nl"):
    return score_sentiment(pd.Series([text]), language)["score"][0]


@pytest.mark.parametrize(
    "text",
    [
        "Heel vriendelijk geholpen", "prima!", "bedankt voor de snelle reactie", "supermooi", "leuuuuk", "wél góéd",
        "geen probleem hoor", "👍", "niet slecht", "een aanrader",
    ],
)  # fmt: skip
def test_good(text):
    assert score(text) > 0


@pytest.mark.parametrize(
    "text",
    [
        "slechte service", "niet goed", "helemaal niet vriendelijk", "lekker dan", "nog steeds geen antwoord",
        "wat een gedoe", "onvriendelijke medewerker", "😡", "termijnbedrag ineens van 146 naar 212??",
        "de app werkt niet", "weinig behulpzaam", "mooi is dat, weer een aanmaning",
    ],
)  # fmt: skip
def test_bad(text):
    assert score(text) < 0


@pytest.mark.parametrize("text", ["wat is mijn meterstand", "146", "", "?"])
def test_no_feeling_is_neutral_not_missing(text):
    found = score_sentiment(pd.Series([text]), "nl")
    assert found.loc[0, ["score", "n_words_known"]].tolist() == [0, 0]


def test_rules_by_hand():
    goed = load_lexicon("nl").polarity["goed"]
    assert score("goed") == pytest.approx(goed)
    assert score("erg goed") == pytest.approx(1.3 * goed)  # "erg" strengthens and has no say of its own
    assert score("niet goed") == pytest.approx(-0.6 * goed)
    assert score("niet zo goed") == pytest.approx(-0.6 * 1.3 * goed)
    assert score("ik wacht niet. goed") == pytest.approx(goed)  # the clause has ended
    traag = load_lexicon("nl").polarity["traag"]
    assert score("traag, maar goed") == pytest.approx((0.5 * traag + goed) / 1.5)


def test_inflected_forms_feel_as_their_word():
    words = load_lexicon("nl").polarity
    for form, word in [("boze", "boos"), ("domme", "dom"), ("vage", "vaag"), ("lieve", "lief"), ("duurder", "duur")]:
        assert words[form] == words[word]


def test_missing_stays_missing_and_the_index_stays():
    found = score_sentiment(pd.Series(["goed", None, "goed"], index=[7, 8, 9]))
    assert found.index.tolist() == [7, 8, 9]
    assert found["score"].isna().tolist() == [False, True, False]
    assert found["language"].isna().tolist() == [False, True, False]
    assert list(score_sentiment(pd.Series([], dtype="str")).columns) == ["score", "n_words_known", "language"]


def test_a_language_without_lexicon_is_missing_not_neutral():
    found = score_sentiment(pd.Series(["ich bin sehr zufrieden mit der Beratung", "goed geholpen, dank je wel"]))
    assert found["language"].tolist() == ["de", "nl"]
    assert found["score"].isna().tolist() == [True, False]


@english
def test_english():
    assert score("thanks, that was very helpful", "en") > 0
    assert score("not helpful at all", "en") < 0
    found = score_sentiment(pd.Series(["this is the worst service I have ever had", "de beste service die ik ken"]))
    assert found["language"].tolist() == ["en", "nl"]
    assert found["score"][0] < 0 < found["score"][1]


def test_languages():
    texts = ["ik snap mijn nota niet", "why is my bill so high", "ok", None, "je ne comprends pas ma facture"]
    assert guess_language(pd.Series(texts)).tolist()[:3] == ["nl", "en", "nl"]
    assert pd.isna(guess_language(pd.Series(texts))[3])
    assert guess_language(pd.Series(texts))[4] == "fr"
    assert guess_language(pd.Series(["ok"]), default="en")[0] == "en"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=40) | st.sampled_from(["niet goed", "zeer slecht!!", "top 👍", "maar"]), max_size=6))
def test_scores_stay_in_range_and_do_not_depend_on_the_neighbours(texts):
    found = score_sentiment(pd.Series(texts, dtype="str"), "nl")
    assert found["score"].between(-1, 1).all()
    alone = [score_sentiment(pd.Series([t], dtype="str"), "nl")["score"][0] for t in texts]
    assert found["score"].tolist() == pytest.approx(alone)


def test_100_000_short_texts_take_seconds():
    texts = pd.Series(
        [f"termijnbedrag ineens van {i} naar 212?? heel slecht, maar vriendelijk geholpen" for i in range(100_000)]
    )
    start = time.process_time()
    score_sentiment(texts)
    assert time.process_time() - start < 20


@pytest.mark.real
@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")
def test_f1_on_real_dutch_reviews():
    """The lexicon's authors report F1 .83 with positive meaning at least .1 on reviews of this kind."""
    reviews = pd.read_csv(DATA / "reviews-nl-1000.csv")
    good, called = reviews["polarity"] == 1, score_sentiment(reviews["text"])["score"] >= 0.1
    precision, recall = (good & called).sum() / called.sum(), (good & called).sum() / good.sum()
    assert 2 * precision * recall / (precision + recall) >= 0.83


@pytest.mark.real
@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here")
def test_the_shipped_lexicon_is_what_the_converter_makes():
    import cxmining.text
    from cxmining.text.convert import convert

    shipped = Path(cxmining.text.__file__).parent / "data" / "sentiment-nl.tsv"
    assert convert((DATA / "pattern-nl-sentiment.xml").read_bytes()) == shipped.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("niet zo heel erg goed", False),  # a negation reaches over what only strengthens
        ("niet echt geweldig", False),
        ("niet duur maar goed", True),  # and ends where another thought begins
        ("verre van goed", False),
        ("kan niet beter", True),
        ("had beter gekund", False),
        ("zonder problemen geregeld", True),
        ("niet aan te raden", False),
        ("de medewerker was vriendelijk maar kon mij niet helpen", False),
    ],
)
def test_how_far_a_dutch_negation_reaches(text, good):
    assert bool(score(text) > 0) is good


@english
@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("I don't think it is a good one", False),
        ("not very good because I waited, great people", True),  # the negation is of the first thought
        ("couldn't be better", True),
        ("could be better", False),
        ("far from good", False),
        ("no problems at all", True),
        ("it does not work", False),
    ],
)
def test_how_far_an_english_negation_reaches(text, good):
    assert bool(score(text, "en") > 0) is good


def test_markup_is_no_text_and_a_heart_no_markup():
    assert score("niet<b> <i>goed</i></b>") == score("niet goed")
    assert score("<a href='https://goed.example/prima'>factuur</a>") == 0
    assert score("goed &amp; snel <3") == score("goed & snel <3")


def test_other_scripts_have_their_language_and_no_score():
    found = score_sentiment(pd.Series(["أين فاتورتي؟ لم تصل بعد", "איפה החשבונית שלי", "ik snap er niks van"]))
    assert found["language"].tolist() == ["ar", "he", "nl"]
    assert found["score"].isna().tolist() == [True, True, False]


def test_a_long_text_takes_bounded_time():
    start = time.process_time()
    found = score_sentiment(pd.Series(["heel slecht <b>geholpen</b>, niet goed. " * 25_000]))  # a megabyte
    assert found["score"][0] < 0
    assert time.process_time() - start < 5
