"""The eight elements as a lane: items, text and catalogue, each for what it is."""

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
from cxmining.experience.elements import measure_elements
from cxmining.journeys import build_journeys
from cxmining.text.marks import ELEMENTS

MAIL = {"channel": "mail"}
CATALOGUE = {
    "touchpoint": ["asks", "buys"],
    "stage": ["service", "purchase"],
    "elements": ["advies; prijs", None],
    "backstage": [False, False],
    "third_party": [False, False],
}


def lived_of(elements=None):
    lived = study(
        [(c, 0, "asks") for c in "ab"]
        + [("c", 0, "buys"), ("d", 0, "asks", {**MAIL, "text": "ondeskundige medewerker"})],
        [(c, 1, "journey") for c in "abc"],
        [
            (0, "perception", "asks", 5, (1.0, 5.0)),
            (1, "perception", "asks", 3, (1.0, 5.0)),
            (2, "csat", "buys", 4, (1.0, 5.0)),
        ],
        catalogue=CATALOGUE,
    )
    if elements is None:
        return lived
    data = lived.journeys.data
    answers = data.answers.assign(elements=pd.array(elements, dtype="str"))
    return measure_experience(build_journeys(replace(data, answers=answers)))


def of(table, place, element):
    return table[(table.iloc[:, 0] == place) & (table["element"] == element)].iloc[0]


def test_items_text_and_satisfaction_by_hand():
    found = measure_elements(lived_of(["kennis", "kennis", None]))
    knowledge = of(found.touchpoints, "asks", "knowledge")
    assert knowledge[["status", "source", "n", "level"]].tolist() == ["measured", "item", 2, 0.75]
    competence = of(found.touchpoints, "asks", "competence")
    assert competence[["status", "level", "n"]].tolist() == ["from text", 0.0, 1]
    satisfied = of(found.touchpoints, "buys", "satisfaction")
    assert satisfied[["status", "level", "n"]].tolist() == ["measured", 0.75, 1]
    assert pd.isna(satisfied["low"])  # one answer has no spread


def test_what_is_meant_and_not_told_is_unknown():
    found = measure_elements(lived_of(["kennis", "kennis", None]))
    advice = of(found.touchpoints, "asks", "advice")
    assert advice[["status", "meant", "n"]].tolist() == ["unknown", True, 0]
    assert pd.isna(advice["level"])
    assert of(found.stages, "service", "advice")["meant"]
    assert not of(found.stages, "purchase", "advice")["meant"]


def test_stages_and_lane():
    found = measure_elements(lived_of(["kennis", "kennis", None]))
    assert of(found.stages, "service", "knowledge")["level"] == 0.75
    lane = found.lane("stage")
    assert list(lane.index) == list(ELEMENTS)
    assert list(lane.columns) == ["purchase", "service"]  # in the order of the journey
    assert lane.loc["competence", "service"] == 0
    with pytest.raises(UnknownNameError):
        found.lane("channel")


def test_pictures_and_hostile_names():
    evil = "<img src=x onerror=alert(1)>"
    found = measure_elements(study([("a", 0, evil, {**MAIL, "text": "goed advies, heel deskundig"})]))
    assert "<img" not in found._repr_html_()
    drawn = found.figure("touchpoint").to_dict()
    assert "<img" not in str([trace["name"] for trace in drawn["data"]])
    with pytest.raises(NotEnoughDataError, match="nobody was asked"):
        measure_elements(study([("a", 0, "asks")])).figure()


def test_the_pictures_speak_dutch():
    from cxmining.experience.perceptions import measure_perceptions

    lived = lived_of(["kennis", "kennis", None])
    drawn = str(measure_elements(lived).figure("stage", "nl").to_dict())
    assert "deskundigheid" in drawn
    assert "De acht elementen van klantbeleving" in drawn
    assert "Hoe klanten klinken" in str(lived.texts.figure("nl").to_dict())
    spoken = study([("a", 0, "asks", {**MAIL, "text": "lang gewacht"})])
    assert "snelheid" in str(measure_perceptions(spoken).figure("speed", "nl").to_dict())
