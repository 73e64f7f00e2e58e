"""Every sentence stands in both languages, and is used."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import cxmining
from cxmining import i18n
from cxmining.errors import UnknownNameError
from cxmining.text.marks import EMOTIONS

SENTENCES = [(room, key) for room, sentences in i18n.CATALOGUE.items() for key in sentences]
WHOLE = ("experience", "maps", "report")  # rooms whose keys are written out where they are said


def fields(text):
    return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name is not None})


def test_both_languages_say_the_same_things():
    for room, key in SENTENCES:
        said = i18n.CATALOGUE[room][key]
        assert set(said) == {"en", "nl"}, (room, key)
        assert fields(said["en"]) == fields(said["nl"]), (room, key)
        assert all(text.strip() for text in said.values()), (room, key)


def test_no_sentence_is_left_that_nothing_says():
    home = Path(cxmining.__file__).parent
    code = "\n".join(
        p.read_text(encoding="utf-8")
        for suffix in ("*.py", "*.j2", "*.js")
        for p in sorted(home.rglob(suffix))
        if p.parent.name != "catalogue" and not {"static", "node_modules"} & set(p.parts)
    )
    quoted = set(re.findall(r"""["']([\w -]+)["']""", code))
    # Keys that are put together where they are said.
    made = (
        "change_", "why_", "effect_", "c_", "by_", "key_", "emotion_by_", "row_", "curve_", "moments_", "loyalty_", "kind_",
    )  # fmt: skip
    idle = [(r, k) for r, k in SENTENCES if r in WHOLE and k not in quoted and not k.startswith(made)]
    assert idle == []


def test_every_label_stands_in_both_languages():
    for words in (
        i18n.STAGE_LABELS, i18n.CHANNEL_LABELS, i18n.METRIC_LABELS, i18n.UPWARD_LABELS, i18n.MEASURE_LABELS,
        i18n.RULE_LABELS, i18n.EMOTION_LABELS,
    ):  # fmt: skip
        assert all(set(said) == {"en", "nl"} for said in words.values())
    assert tuple(i18n.EMOTION_LABELS) == EMOTIONS


def test_an_unknown_language_is_named():
    with pytest.raises(UnknownNameError, match="language 'fr'"):
        i18n.say("report", "total", "fr")
