"""How figures are written for people."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmining import i18n
from cxmining.errors import UnknownNameError
from cxmining.schema import CHANNELS, STAGES


@pytest.mark.parametrize(
    ("x", "digits", "en", "nl"),
    [
        (1234567, 0, "1,234,567", "1.234.567"), (7.25, 2, "7.25", "7,25"), (-11.4, 1, "−11.4", "−11,4"),
        (7, 1, "7.0", "7,0"), (np.float64(0.5), 2, "0.50", "0,50"), (np.nan, 1, "–", "–"), (pd.NA, 0, "–", "–"), (0, 0, "0", "0"),
    ],
)  # fmt: skip
def test_numbers(x, digits, en, nl):
    assert (i18n.number(x, "en", digits), i18n.number(x, "nl", digits)) == (en, nl)


@pytest.mark.parametrize(
    ("seconds", "en"),
    [
        (0, "0 s"), (0.2, "<1 s"), (59.6, "1 min"), (60, "1 min"), (95, "1 min 35 s"), (3600, "1 h"), (3599.7, "1 h"),
        (86_400 * 12 + 7200, "12 d 2 h"), (86_400 * 1200, "1,200 d"), (None, "–"), (-95, "−1 min 35 s"), (7259, "2 h 1 min"),
    ],
)  # fmt: skip
def test_durations(seconds, en):
    assert i18n.duration(seconds, "en") == en


@given(st.floats(0, 1e9))
def test_durations_never_say_sixty_seconds_or_twenty_four_hours(seconds):
    text = i18n.duration(seconds, "en")
    assert "60 s" not in text.split("d")[-1]
    assert " 24 h" not in f" {text}"
    assert len(text.split()) <= 4


def test_dates():
    assert i18n.date(dt.date(2024, 12, 31), "nl") == "31 dec 2024"
    assert i18n.date(pd.NaT, "en") == "–"
    assert i18n.date(None, "en") == "–"


def test_every_stage_and_channel_has_its_words():
    assert set(i18n.STAGE_LABELS) == set(STAGES)
    assert set(i18n.CHANNEL_LABELS) == set(CHANNELS)
    assert all(set(words) == {"en", "nl"} for words in (*i18n.STAGE_LABELS.values(), *i18n.CHANNEL_LABELS.values()))


def test_an_unknown_language_is_named():
    with pytest.raises(UnknownNameError, match="'de'"):
        i18n.number(1, "de")


def test_what_customers_say_has_a_name_in_both_languages():
    from cxmining.experience.aspects import DIMENSIONS
    from cxmining.experience.goals import OUTCOMES
    from cxmining.experience.perceptions import STATUS
    from cxmining.text.marks import ELEMENTS, MOTIVES, PERCEPTIONS

    for labels, names in (
        (i18n.PERCEPTION_LABELS, PERCEPTIONS),
        (i18n.ELEMENT_LABELS, ELEMENTS),
        (i18n.DIMENSION_LABELS, DIMENSIONS),
        (i18n.MOTIVE_LABELS, MOTIVES),
        (i18n.OUTCOME_LABELS, OUTCOMES),
        (i18n.EVIDENCE_LABELS, STATUS),
    ):
        assert tuple(labels) == tuple(names)
        assert all(set(words) == {"en", "nl"} for words in labels.values())
