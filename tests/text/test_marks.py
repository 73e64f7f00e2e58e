"""Which emotions and perceptions texts name: sentences worked by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.text import find_elements, find_emotions, find_perceptions
from cxmining.text.marks import ELEMENTS, EMOTIONS, PERCEPTIONS


def emotion(text: str, language: str = "nl") -> object:
    return find_emotions(pd.Series([text]), language)["emotion"][0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Wat ben ik blij!", "joy"),
        ("Keurig geregeld, dank", "satisfaction"),
        ("tot mijn verbazing was het er al", "surprise"),
        ("van het kastje naar de muur gestuurd", "frustration"),
        ("ik snap er niets van", "confusion"),
        ("ik maak me zorgen over de rekening", "worry"),
        ("dit is schandalig", "anger"),
        ("boooos", "anger"),
        ("😡", "anger"),
    ],
)
def test_dutch(text: str, found: str) -> None:
    assert emotion(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [("I am furious", "anger"), ("so worried about this", "worry"), ("still waiting for an answer", "frustration")],
)
def test_english(text: str, found: str) -> None:
    assert emotion(text, "en") == found


def test_a_negation_a_formula_and_nothing_are_no_emotion() -> None:
    texts = ["ik ben niet boos", "alvast bedankt", "wat is mijn meterstand?", ""]
    found = find_emotions(pd.Series(texts), "nl")
    assert found["emotion"].isna().all()
    assert found[list(EMOTIONS)].to_numpy().sum() == 0


def test_of_two_with_as_many_words_the_graver_is_named() -> None:
    found = find_emotions(pd.Series(["blij maar boos"]), "nl")
    assert found.loc[0, ["joy", "anger", "emotion", "words"]].tolist() == [1, 1, "anger", "blij, boos"]


def test_perceptions_by_hand() -> None:
    found = find_perceptions(
        pd.Series(
            ["snelle reactie, traag opgelost", "heel onbeleefd", "duidelijk antwoord", "Vriendelijke groeten, Piet"]
        ),
        "nl",
    )
    assert found["speed"].tolist()[0] == 0  # one good word, one bad
    assert found["friendliness"].tolist()[1] == -1
    assert found["relevance"].tolist()[2] == 1
    assert found.loc[3, list(PERCEPTIONS)].isna().all()


def test_what_cannot_be_read_is_missing_not_calm() -> None:
    texts = pd.Series([None, "je suis très content"], index=["a", "b"])
    found = find_emotions(texts, None)
    assert found.loc["a", list(EMOTIONS)].isna().all()
    french = find_emotions(texts, "fr")
    assert french[list(EMOTIONS)].isna().all().all()
    assert french.index.tolist() == ["a", "b"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.text(max_size=30) | st.sampled_from(["niet blij", "boos!!", "<b>woedend</b>", "مرحبا boos"]), max_size=5
    )
)
def test_no_text_depends_on_its_neighbours(texts: list[str]) -> None:
    together = find_emotions(pd.Series(texts, dtype="str"), "nl")
    for i, text in enumerate(texts):
        alone = find_emotions(pd.Series([text], dtype="str"), "nl").loc[0]
        assert together.loc[i, "words"] == alone["words"]
        assert together.loc[i, list(EMOTIONS)].tolist() == alone[list(EMOTIONS)].tolist()


def test_a_negation_turns_a_perception_round() -> None:
    found = find_perceptions(pd.Series(["niet vriendelijk", "weinig behulpzaam", "niet traag"]), "nl")
    assert found["friendliness"].tolist()[:2] == [-1, -1]
    assert found["speed"].tolist()[2] == 1


@pytest.mark.parametrize(
    ("text", "element", "value"),
    [
        ("heel deskundige medewerker", "competence", 1),
        ("de kwaliteit is slecht", "quality", -1),
        ("niet deskundig", "competence", -1),
        ("goede uitleg gekregen", "advice", 1),
        ("ik ben niet tevreden", "satisfaction", -1),
        ("niemand neemt de moeite, geen interesse", "dedication", -1),
        ("niet opgelost", "help", -1),
    ],
)
def test_elements_by_hand(text: str, element: str, value: float) -> None:
    assert find_elements(pd.Series([text]), "nl")[element][0] == value


def test_an_element_that_is_only_named_says_nothing() -> None:
    found = find_elements(pd.Series(["graag hulp bij mijn kennis", "can you help me", "very knowledgeable"]))
    assert found.loc[:1, list(ELEMENTS)].isna().all().all()
    assert found.loc[2, "knowledge"] == 1
