"""Each verb on next to nothing and on labels that want to be markup: a result, or one sentence that says what is missing."""

from __future__ import annotations

import contextlib
import inspect
import json

import pytest
from felt import study

import cxmining as cx
from cxmining.errors import CxminingError, NotEnoughDataError, StudyError, UnknownNameError
from cxmining.experience.example import small_example
from cxmining.schema import OVERALL

HOSTILE = "<img src=x onerror=alert(1)>"


def asked(i, touchpoint, score, nps=9):
    return [
        (i, "rapportcijfer", touchpoint, score), (i, "expectation", touchpoint, 7), (i, "csat", OVERALL, 4),
        (i, "nps", OVERALL, nps), (i, "ces", OVERALL, 5),
    ]  # fmt: skip


def worlds():
    one = study([("a", 0, "calls")])
    answered = study([("a", 0, "calls")], [("a", 1)], asked(0, "calls", 9))
    instant = [(f"c{i}", 0, "calls") for i in range(12)]
    at_once = study(instant, [(f"c{i}", 0) for i in range(12)], [a for i in range(12) for a in asked(i, "calls", 9)])
    equal = study(
        [(f"c{i}", i * 9.0, "calls") for i in range(40)], [(f"c{i}", i * 9.0 + 1) for i in range(40)],
        [a for i in range(40) for a in asked(i, "calls", 7)],
    )  # fmt: skip
    hostile = study(
        [(f"c{i}", i * 9.0, HOSTILE, {"text": HOSTILE, "owner": HOSTILE}) for i in range(60)],
        [(f"c{i}", i * 9.0 + 1, "relationship", HOSTILE) for i in range(60)],
        [a for i in range(60) for a in asked(i, HOSTILE, 4 + i % 6, 3 + i % 8)],
        {f"c{i}": HOSTILE if i % 2 else "</script>" for i in range(60)},
    )  # fmt: skip
    return {"one event": one, "one answer": answered, "one instant": at_once, "all equal": equal, "hostile": hostile}


@pytest.fixture(scope="module")
def made():
    return worlds()


VERBS = {
    "curve": lambda lived: cx.emotional_curve(lived, "touchpoint"),
    "curve by group": lambda lived: cx.emotional_curve(lived, "stage", "segment"),
    "journey": lambda lived: cx.emotional_journey(lived, by="position", language="nl"),
    "moments": cx.find_moments,
    "effort": cx.measure_effort,
    "track": lambda lived: cx.track(lived, "csat"),
    "track effort": lambda lived: cx.track(lived, "contacts"),
    "intervention": lambda lived: cx.measure_intervention(lived, "2025-04-01", metric="rapportcijfer"),
    "change": lambda lived: cx.explain_change(lived, lived, metric="rapportcijfer", repeats=20),
    "loyalty": lambda lived: cx.compare_loyalty(lived, within="30D"),
    "loop": lambda lived: cx.call_back_list(lived),
}


@pytest.mark.parametrize("world", ["one event", "one answer", "one instant", "all equal", "hostile"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_result_or_one_sentence(made, world, verb):
    try:
        found = VERBS[verb](made[world])
    except CxminingError as error:
        said = str(error)
        assert said, "an error says what is missing"
        assert "\n" not in said
        # everything of the hostile world is there but change: the same answers on both sides, as many contacts in each journey
        assert world != "hostile" or verb in ("track", "track effort", "intervention"), said
        return
    assert repr(found)
    html = found._repr_html_()
    assert "<img" not in html
    assert "</script" not in html
    if not hasattr(found, "figure"):
        return
    languages = (
        [{"language": k} for k in ("en", "nl")] if "language" in inspect.signature(found.figure).parameters else [{}]
    )
    for language in languages:
        with contextlib.suppress(NotEnoughDataError):
            drawn = found.figure(**language).to_plotly_json()
            texts = [drawn["layout"], [{k: v for k, v in t.items() if k != "customdata"} for t in drawn["data"]]]
            assert "<img" not in json.dumps(texts, default=str)


ENGLISH = (
    "customers", "expected", "journeys", "survey", "filter:", "note:", "answers", "share of", "month", "the log",
    "case notion", "gap ", "score less", "moments",
)  # fmt: skip


@pytest.mark.parametrize("verb", ["curve", "moments", "effort", "track", "intervention", "change", "loyalty"])
def test_a_dutch_picture_is_dutch_throughout(verb):
    lived = small_example()
    found = {**VERBS, "change": lambda one: cx.explain_change(one, one, by="segment", metric="csat", repeats=20)}[verb](
        lived
    )
    drawn = found.figure(language="nl").to_plotly_json()
    layout = {k: v for k, v in drawn["layout"].items() if k != "template"}
    texts = []

    def gather(value):
        if isinstance(value, dict):
            for k, v in value.items():
                if k in ("text", "name", "hovertext", "ticktext"):
                    texts.extend([v] if isinstance(v, str) else list(v) if isinstance(v, list | tuple) else [])
                gather(v)
        elif isinstance(value, list | tuple):
            for v in value:
                gather(v)

    gather(layout)
    gather(drawn["data"])
    said = " | ".join(str(t) for t in texts)
    assert [word for word in ENGLISH if word in said] == [], said


def test_a_wrong_option_is_said_and_not_measured_with(made):
    journeys = made["one answer"].journeys
    with pytest.raises(UnknownNameError, match="metric 'npss' is unknown; did you mean 'nps'"):
        cx.measure_experience(journeys, metric="npss")
    for wow in (0, -1, float("nan")):
        with pytest.raises(StudyError, match="give points above 0"):
            cx.measure_experience(journeys, wow=wow)


def test_one_is_written_as_one(made):
    one = made["one answer"]
    assert "1 response of 1 customer\n" in repr(one.levels) + "\n"
    lived = study([("a", 0, "calls")], [("a", 1)], [(0, "nps", OVERALL, 9)])
    assert "1 of 1 answer linked" in repr(lived)
    with pytest.raises(NotEnoughDataError, match="the only value of nps is 100"):
        cx.track(lived)


def test_pictures_in_dutch_say_it_in_dutch():
    lived = small_example()
    said = json.dumps(cx.measure_effort(lived).figure("nl").to_plotly_json(), default=str)
    assert "CES uit relatieonderzoek" in said
    assert "relationship" not in said
    levels = json.dumps(lived.levels.figure("nl").to_plotly_json(), default=str, ensure_ascii=False)
    assert "vraagt naar moeite over de hele relatie" in levels.replace("<br>", " ")
    assert "60 reacties van 60 klanten" in levels
    assert "customer" not in levels
    assert "customer" not in json.dumps(lived.join.figure("nl").to_plotly_json(), default=str)
    hover = cx.track(lived).figure("nl").to_plotly_json()["data"]
    assert any("\u221259,4; 100,0]" in str(trace) for trace in hover)
