"""SERVQUAL worked by hand: three respondents, two items a side."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from felt import study

from cxmining.errors import NotEnoughDataError
from cxmining.experience import measure_experience
from cxmining.experience.servqual import measure_servqual
from cxmining.journeys import build_journeys
from cxmining.study import Item, SurveySettings

SCALE = (1.0, 7.0)
#           experience: two items   expectation: two items
SCORES = {0: ((5, 6), (6, 6)), 1: ((3, 4), (6, 7)), 2: ((7, 7), (None, None))}


def lived_of(elements=("reliability", "betrouwbaarheid"), names=None, surveys=()):
    answers, declared = [], []
    for r, sides in SCORES.items():
        for metric, scores in zip(("perception", "expectation"), sides, strict=True):
            for k, score in enumerate(scores):
                if score is not None:
                    answers.append((r, metric, "(overall)", score, SCALE))
                    declared.append((f"{metric}{k}", elements[k]))
    lived = study([(c, 0, "asks") for c in "abc"], [(c, 1) for c in "abc"], answers)
    data = lived.journeys.data
    items = [names.get(item, item) if names else item for item, _ in declared]
    own = data.answers.assign(
        item=pd.array(items, dtype="str"), elements=pd.array([e for _, e in declared], dtype="str")
    )
    return measure_experience(build_journeys(replace(data, answers=own, surveys=surveys)))


def test_gap_of_the_same_respondents_by_hand():
    row = measure_servqual(lived_of()).summary.set_index("dimension").loc["reliability"]
    # experience 5.5, 3.5, 7; expectation 6, 6.5; gaps of the two who gave both −0.5 and −3
    assert row[["experience", "experience_n"]].tolist() == [pytest.approx(16 / 3), 3]
    assert row[["expectation", "expectation_n"]].tolist() == [6.25, 2]
    assert row[["gap", "gap_n"]].tolist() == [-1.75, 2]
    assert row["gap_low"] < -1.75 < row["gap_high"]
    assert row[["items", "expected_items", "alpha_n"]].tolist() == [2, 2, 3]
    # alpha of (5, 6), (3, 4), (7, 7): 2 · (1 − (4 + 7/3) / 12 1/3)
    assert row["alpha"] == pytest.approx(2 * (1 - (4 + 7 / 3) / (37 / 3)))


def test_what_was_not_asked_is_unknown():
    table = measure_servqual(lived_of()).summary.set_index("dimension")
    assert table.loc["empathy", "status"] == "unknown"
    assert pd.isna(table.loc["empathy", "experience"])
    assert table.loc["empathy", "gap_n"] == 0


def test_dimensions_are_recognised_by_the_question():
    names = {
        "perception0": "De medewerker luisterde naar mij",
        "perception1": "Employees gave me personal attention",
        "expectation0": "Ik verwacht persoonlijke aandacht",
        "expectation1": "I expect them to understand my needs",
    }
    found = measure_servqual(lived_of((None, None), names))
    assert set(found.items["dimension"]) == {"empathy"}
    assert found.summary.set_index("dimension").loc["empathy", "gap"] == -1.75


def test_the_study_may_say_what_was_asked():
    items = tuple(
        Item(column=f"{m}{k}", metric=m, low=1, high=7, question="De organisatie komt afspraken na")
        for m in ("perception", "expectation")
        for k in (0, 1)
    )
    surveys = (SurveySettings(name="relationship", kind="relationship", item=items),)
    found = measure_servqual(lived_of((None, None), surveys=surveys))
    assert found.summary.set_index("dimension").loc["reliability", "gap"] == -1.75


def test_nothing_about_quality_is_said_and_names_are_harmless():
    with pytest.raises(NotEnoughDataError, match='elements = \\["reliability"\\]'):
        measure_servqual(lived_of((None, None)))
    evil = {"perception0": "<img src=x onerror=alert(1)> betrouwbaar"}
    found = measure_servqual(lived_of(names=evil))
    assert "<img" not in found._repr_html_()
    assert "gap -1.75" in repr(found).replace("−", "-")
    assert len(found.figure().to_dict()["data"]) == 2
