"""What customers' own words tell: whose they are, what scored them, which emotions they name."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from felt import study

MAIL = {"channel": "mail", "direction": "inbound"}


def wrote(who, day, touchpoint, text, **more):
    return (who, day, touchpoint, {**MAIL, "text": text, **more})


def test_only_the_customers_own_words_count():
    lived = study(
        [
            wrote("a", 0, "asks", "Wat een slechte service"),
            wrote("a", 1, "asks", "Geweldig, prima, top geholpen!", direction="outbound"),  # the agent's
            wrote("b", 2, "asks", "heel vriendelijk geholpen"),
        ]
    )
    row = lived.texts.summary.set_index("touchpoint").loc["asks"]
    assert row[["texts", "messages", "comments", "customers", "n"]].tolist() == [2, 2, 0, 2, 2]
    assert lived.texts.table["polarity"].tolist() == ["bad", "good"]
    assert row["bad"] == 0.5
    assert row["bad_low"] < 0.5 < row["bad_high"]


def test_texts_of_unknown_direction_are_left_out_and_said():
    lived = study([wrote("a", 0, "asks", "slecht", direction=None), wrote("b", 0, "asks", "goed geholpen")])
    assert len(lived.texts.table) == 1
    assert "1 text of unknown direction is left out" in lived.texts.notes[0]


def test_a_comment_stands_at_the_contact_it_is_about_and_else_at_the_whole():
    lived = study(
        [wrote("a", 0, "asks", None), wrote("b", 0, "asks", None)],
        [("a", 1, "relationship", "prima bedrijf"), ("b", 1, "journey", "waardeloos")],
        [(0, "csat", "(overall)", 5), (1, "csat", "(overall)", 1)],
    )
    table = lived.texts.table.set_index("text_id")
    assert table["kind"].tolist() == ["comment", "comment"]
    assert table["touchpoint"].tolist() == ["(overall)", "(overall)"]
    assert pd.notna(table.loc["r1", "journey_id"])  # a journey survey belongs to the journey


def test_emotions_count_customers_and_show_their_words():
    lived = study(
        [wrote("a", d, "asks", "ik ben woedend") for d in range(5)]
        + [wrote("b", 1, "asks", "wat is mijn stand"), wrote("c", 1, "asks", "schandalig, woedend")]
    )
    row = lived.texts.emotions.set_index("emotion").loc["anger"]
    assert row[["k", "n", "words"]].tolist() == [2, 3, "woedend, schandalig"]
    assert row["low"] < row["share"] < row["high"]


def jargon_study(n):
    """Scored comments that only this company's words tell apart."""
    rng = np.random.default_rng(0)
    good = rng.random(n) < 0.5
    events = [(f"c{i}", 0, "asks") for i in range(n)] + [wrote("c0", 5, "asks", "de zonneboiler lekt")]
    said = [f"zonneboiler {'draait' if g else 'lekt'} op dak {rng.integers(9999)}" for g in good]
    responses = [(f"c{i}", 1, "relationship", said[i]) for i in range(n)]
    answers = [(i, "csat", "(overall)", 5 if g else 1) for i, g in enumerate(good)]
    return study(events, responses, answers)


def test_the_companys_own_words_are_learned_where_that_is_better_and_it_is_said():
    lived = jargon_study(240)
    texts = lived.texts
    assert texts.model.method == "trained"
    assert set(texts.model.summary["method"]) == {"lexicon", "trained", "difference"}
    assert (texts.model.summary["n"] == 240).all()
    assert "Scored by the trained: macro-F1" in repr(texts)
    assert "the model learned from comments in questionnaires, and scores messages too" in texts.notes
    message = texts.table[texts.table["kind"] == "message"]
    assert message["polarity"].tolist() == ["bad"]  # no lexicon knows a leaking boiler
    assert lived.touchpoints.loc["asks", "sentiment_mean"] < 0
    # what a filter leaves is scored by the same model
    from cxmining.journeys import filters

    assert lived.where(filters.touchpoint("asks")).texts.model is texts.model


def test_with_few_scored_comments_the_lexicon_stays_with_its_error():
    model = jargon_study(60).texts.model
    assert model.method == "lexicon"
    assert "60 scored comments are too few" in model.why
    assert model.summary["n"].tolist() == [60]
    assert model.summary["f1_low"].notna().all()


HOSTILE = [
    "<img src=x onerror=alert(1)> heel slecht",
    "أين فاتورتي؟ لم تصل بعد",
    "😡😡😡",
    "",
    "   ",
    "<br><br>",
    "\u202eniet goed\u202c",
    "heel slecht geholpen. " * 45_000,  # a megabyte
    "a" * 1_000_000,
    "!" * 100_000,
]


def test_bad_input_is_read_in_bounded_time():
    start = time.process_time()
    lived = study([wrote(f"c{i}", i, "<img src=x onerror=alert(1)>", text) for i, text in enumerate(HOSTILE)])
    texts = lived.texts
    assert time.process_time() - start < 20
    assert len(texts.table) == 8  # two hold nothing
    by = texts.table.set_index("event_id")
    assert by.loc["e0", "polarity"] == "bad"
    assert by.loc["e1", "language"] == "ar"
    assert pd.isna(by.loc["e1", "sentiment"])
    assert by.loc["e2", "emotion"] == "anger"
    assert by.loc["e7", "polarity"] == "bad"
    assert "<img" not in texts._repr_html_()
    assert "<img" not in str(texts.figure().to_dict()["layout"]["yaxis"]["ticktext"])
    assert any("only the first 20,000 letters" in note for note in texts.notes)


def test_nothing_written_is_an_empty_table():
    texts = study([("a", 0, "asks")]).texts
    assert len(texts.summary) == len(texts.emotions) == len(texts.table) == 0
    assert "0 texts" in repr(texts)


def test_row_order_and_dtypes_change_nothing():
    events = [
        wrote(f"c{i}", i, "asks", t) for i, t in enumerate(["heel slecht", "prima", "boos", "fijn", "wat een gedoe"])
    ]
    one = study(events).texts.summary
    two = study(events[::-1]).texts.summary
    pd.testing.assert_frame_equal(one, two)


@pytest.mark.parametrize("text", ["bedankt voor de snelle hulp 👍", "thanks for the quick help 👍"])
def test_a_single_text_has_no_interval_and_does_not_crash(text):
    row = study([wrote("a", 0, "asks", text)]).texts.summary.iloc[0]
    assert row["n"] == 1
    assert pd.isna(row["low"])
    assert row["sentiment"] > 0


def test_every_reading_of_bad_input_ends_in_a_result():
    from cxmining.experience.elements import measure_elements
    from cxmining.experience.goals import find_goals
    from cxmining.experience.perceptions import measure_perceptions
    from cxmining.experience.tasks import find_tasks

    start = time.process_time()
    lived = study([wrote(f"c{i}", i, "<img src=x onerror=alert(1)>", text) for i, text in enumerate(HOSTILE * 6)])
    for result in (find_tasks(lived), measure_perceptions(lived), measure_elements(lived), find_goals(lived)):
        assert "<img" not in result._repr_html_()
        assert len(result.summary)
        assert repr(result)
    assert time.process_time() - start < 20
