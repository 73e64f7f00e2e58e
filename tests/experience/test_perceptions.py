"""Speed, friendliness and relevance: each witness by itself, worked by hand."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from felt import study

from cxmining.errors import NotEnoughDataError, UnknownNameError
from cxmining.experience import measure_experience
from cxmining.experience.aspects import about
from cxmining.experience.dots import Series, dots_picture
from cxmining.experience.perceptions import measure_perceptions
from cxmining.journeys import build_journeys

MAIL = {"channel": "mail"}


def with_columns(lived, events=None, elements=None):
    """Return the same study with more columns of events, and what its items are about."""
    data = lived.journeys.data
    answers = data.answers if elements is None else data.answers.assign(elements=pd.array(elements, dtype="str"))
    own = data.events
    for column, values in (events or {}).items():
        own = own.assign(**{column: pd.array(values, dtype=own[column].dtype)})
    return measure_experience(build_journeys(replace(data, events=own, answers=answers)))


def of(found, touchpoint, perception):
    table = found.summary
    return table[(table["touchpoint"] == touchpoint) & (table["perception"] == perception)].iloc[0]


def test_items_are_measured_text_is_from_text_and_nothing_is_unknown():
    lived = study(
        [(c, 0, "asks") for c in "abc"] + [("d", 0, "asks", {**MAIL, "text": "niet vriendelijk"})],
        [(c, 1, "journey") for c in "abc"],
        [(i, "perception", "asks", score, (1.0, 5.0)) for i, score in enumerate([5, 3, 4])],
    )
    found = measure_perceptions(with_columns(lived, elements=["snelheid"] * 3))
    speed = of(found, "asks", "speed")
    assert speed[["status", "source", "n"]].tolist() == ["measured", "item", 3]
    assert speed["level"] == pytest.approx(0.75)  # 4 on 1 to 5
    assert speed["low"] < 0.75 < speed["high"]
    friendly = of(found, "asks", "friendliness")
    assert friendly[["status", "source", "level", "n"]].tolist() == ["from text", "text", 0.0, 1]
    assert of(found, "asks", "relevance")["status"] == "unknown"
    assert pd.isna(of(found, "asks", "relevance")["level"])
    made = found.evidence.set_index("perception").loc["friendliness", "words"]
    assert made == "vriendelijk"


def test_the_log_tells_waits_and_first_answers():
    """Two mails in one thread answered after a day, one after two; a robot's answer is none."""
    events = [
        ("a", 0, "asks", MAIL),
        ("a", 0.01, "auto", {**MAIL, "direction": "outbound"}),
        ("a", 1, "reply", {**MAIL, "direction": "outbound"}),
        ("b", 2, "asks", MAIL),
        ("b", 4, "reply", {**MAIL, "direction": "outbound"}),
        ("c", 5, "asks", MAIL),
    ]
    lived = with_columns(
        study(events), {"thread_id": ["t1", "t1", "t1", "t2", "t2", "t3"], "wait_s": [30, None, None, 50, None, 40]}
    )
    data = lived.journeys.data
    robots = data.events.assign(automatic=pd.array([False, True, False, False, False, False], dtype="boolean"))
    found = measure_perceptions(measure_experience(build_journeys(replace(data, events=robots))))
    speed = of(found, "asks", "speed")
    assert speed["status"] == "measured"
    assert speed[["wait_s", "wait_s_n", "response_s_n"]].tolist() == [40, 3, 2]
    assert speed["response_s"] == pytest.approx(1.5 * 86_400)
    assert pd.isna(speed["level"])  # a wait is no opinion


def test_only_the_customers_own_words_are_heard():
    lived = study([("a", 0, "asks", {**MAIL, "text": "heel vriendelijk", "direction": "outbound"})])
    assert of(measure_perceptions(lived), "asks", "friendliness")["status"] == "unknown"


@pytest.mark.parametrize(
    ("kind", "question", "found"),
    [
        ("perception", "Hoe lang moest u wachten?", ("speed",)),
        ("perception", "How friendly was our employee?", ("friendliness",)),
        ("perception", "Was de informatie duidelijk?", ("relevance",)),
        ("perception", "Hoe tevreden bent u?", ()),
        ("element", "Hoe beoordeelt u de kwaliteit?", ("quality",)),
        ("element", "How good was the advice?", ("advice",)),
        ("servqual", "XYZ has modern-looking equipment", ("tangibles",)),
        ("servqual", "When XYZ promises to do something by a certain time, they will do so", ("reliability",)),
        ("servqual", "Employees give you prompt service", ("responsiveness",)),
        ("servqual", "You feel safe in your transactions and have confidence", ("assurance",)),
        ("servqual", "Employees give you personal attention", ("empathy",)),
        ("servqual", "De medewerkers hebben aandacht voor uw persoonlijke situatie", ("empathy",)),
        ("servqual", "De organisatie komt afspraken na", ("reliability",)),
        ("servqual", "Het gebouw heeft een moderne uitstraling", ("tangibles",)),
    ],
)
def test_what_a_question_is_about(kind, question, found):
    assert about(kind, None, question) == found


def test_pictures_errors_and_hostile_names():
    evil = "<img src=x onerror=alert(1)>"
    found = measure_perceptions(study([("a", 0, evil, {**MAIL, "text": "te laat, onbeschoft"})]))
    assert "<img" not in found._repr_html_()
    assert "<img" not in str(found.figure("friendliness").to_dict()["layout"]["yaxis"]["ticktext"])
    with pytest.raises(UnknownNameError, match="perception 'sped'"):
        found.figure("sped")
    with pytest.raises(NotEnoughDataError, match="nobody was asked about relevance"):
        found.figure("relevance")
    assert "from text" in repr(found)


def test_words_at_the_right_of_a_picture_have_the_room_they_take():
    def margin(text):
        drawn = dots_picture(
            "t", pd.DataFrame(), ["a"], [Series("s", "#23466e", "circle", [0.5], [0.4], [0.6], ["h"])], "x", [text], []
        )
        return drawn.spec["layout"]["margin"]["r"]

    # 29 characters, nearly seven pixels each in a wide typeface at twelve: 190 was too narrow by a letter
    assert margin("n = 5") == 190
    assert margin("n = 56 and 44; wait 2 min 17 s") > 210
