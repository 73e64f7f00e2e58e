"""What a user can get wrong: one clear sentence each, or a behaviour that is named in the result."""

import numpy as np
import pandas as pd
import pytest

import cxmining as cx
from cxmining.drivers.verdict import WORDS, Verdict, decide
from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.i18n import translate


@pytest.fixture
def frame():
    rng = np.random.default_rng(0)
    x = pd.DataFrame(rng.normal(size=(120, 3)), columns=["mail", "phone", "chat"])
    return x.assign(csat=x["mail"] + 0.5 * x["phone"] + rng.normal(size=120))


def find(frame, target="csat", **options):
    return cx.find_drivers(frame, target, bootstrap=100, **options)


def test_more_columns_than_rows(frame):
    with pytest.raises(NotEnoughDataError, match="5 usable rows cannot carry 3 columns"):
        find(frame[:5])


def test_one_respondent(frame):
    with pytest.raises(NotEnoughDataError, match="1 of 1 rows can be used"):
        find(frame[:1])
    with pytest.raises(NotEnoughDataError, match="come from one customer"):
        find(frame.assign(customer="a"))


def test_no_rows_and_no_score(frame):
    with pytest.raises(NotEnoughDataError, match="no rows"):
        find(frame[:0])
    with pytest.raises(NotEnoughDataError, match="0 of 120 rows"):
        find(frame.assign(csat=np.nan))


def test_words_are_no_scores(frame):
    with pytest.raises(StudyError, match=r"target 'csat' holds no score \(first value: 'good'\); a score is a number"):
        find(frame.assign(csat="good"))


def test_a_target_of_few_ones_says_on_how_few_it_hangs():
    rng = np.random.default_rng(2)
    x = pd.DataFrame(rng.normal(size=(2000, 3)), columns=["mail", "phone", "chat"])
    found = find(x.assign(csat=(x["mail"] + rng.normal(size=2000) > 2.9).astype(float)))
    ones = int((found.design.z[:, -1] > 0).sum())
    (note,) = [n for n in found.notes if "other than the most frequent one" in n]
    assert note.startswith(f"{ones} of 2,000 scores")
    assert "hangt aan deze weinige" in translate(note, "nl")
    # many equal scores are no matter as long as many are not
    assert not any("most frequent one" in n for n in find(x.assign(csat=(x["mail"] > 0.8) * 1.0)).notes)


def test_a_hundredfold_range_of_weights_costs_answers_and_no_truth():
    rng = np.random.default_rng(3)
    x = pd.DataFrame(rng.normal(size=(1500, 4)), columns=["mail", "phone", "chat", "shop"])
    w = 10 ** rng.uniform(0, 2, 1500)
    found = find(x.assign(csat=x["mail"] + rng.normal(size=1500)), weights=w)
    assert found.n_eff == pytest.approx(w.sum() ** 2 / (w**2).sum())
    assert found.n_eff < 750
    assert found.verdict.word == "concentrated"
    assert found.verdict.touchpoints == ("mail",)


def test_fifty_answers_of_each_customer_are_one_customers():
    rng = np.random.default_rng(4)
    who = np.repeat(np.arange(40), 50)
    lasting = rng.normal(size=(40, 3)).repeat(50, axis=0)
    x = pd.DataFrame(lasting + 0.5 * rng.normal(size=(2000, 3)), columns=["mail", "phone", "chat"])
    # nothing is associated with anything but the customer himself
    found = find(x.assign(csat=rng.normal(size=40).repeat(50) + 0.5 * rng.normal(size=2000), customer=who))
    assert found.n_eff == pytest.approx(40)
    assert (found.verdict.word, found.verdict.reason) == ("cannot tell", "n")


def test_all_scores_equal(frame):
    with pytest.raises(NotEnoughDataError, match="all 120 usable scores on 'csat' are 4"):
        find(frame.assign(csat=4))


def test_constants_and_never_met_are_dropped_by_name(frame):
    found = find(
        frame.assign(post=3.0, tenth=0.1, desk=9, fax=np.nan),
        touchpoints=["mail", "phone", "post", "tenth", "desk", "fax"],
        not_used=9,
    )
    assert found.dropped == {
        "post": "all its scores are 3",
        "tenth": "all its scores are 0.1",
        "desk": "nobody met it",
        "fax": "nobody who met it gave a score",
    }
    assert any("'desk' takes no part: nobody met it" in note for note in found.notes)
    assert set(found.shares["touchpoint"]) == {"mail", "phone"}


def test_only_constants(frame):
    with pytest.raises(NotEnoughDataError, match="no touchpoint can take part: 'post': all its scores are 3"):
        find(frame.assign(post=3.0), touchpoints=["post"])


def test_met_by_everybody_has_one_column_and_by_some_two(frame):
    assert find(frame).checks.set_index("check")["value"]["columns"] == 3
    some = frame.assign(chat=frame["chat"].where(np.arange(120) % 3 > 0, -9.0))
    assert find(some, not_used=-9).checks.set_index("check")["value"]["columns"] == 4


def test_perfect_collinearity_is_named(frame):
    found = find(frame.assign(copy=frame["mail"] * 2 + 1))
    assert list(found.dropped) in (["copy"], ["mail"])
    assert "perfect collinearity" in next(iter(found.dropped.values()))
    found = find(frame.assign(both=frame["mail"] - frame["phone"]))
    ((name, why),) = found.dropped.items()
    others = {"mail", "phone", "both"} - {name}
    assert all(repr(other) in why for other in others)
    held = find(frame.assign(old=frame["mail"] * 3), touchpoints=["mail", "phone"], controls=["old"])
    assert held.dropped == {"mail": "its scores follow exactly from the controls (perfect collinearity)"}


def test_too_much_filled_in(frame):
    thin = frame.assign(chat=frame["chat"].where(np.arange(120) % 3 == 0))
    found = find(thin)
    assert "67% of those who met it gave no score; at most 60%" in found.dropped["chat"]
    assert "chat" in set(find(thin, max_imputed=0.7).shares["touchpoint"])


def test_doubled_column_names(frame):
    with pytest.raises(StudyError, match="'mail' stands in the frame more than once"):
        find(pd.concat([frame, frame[["mail"]]], axis=1))
    with pytest.raises(StudyError, match="'mail' is named more than once"):
        find(frame, touchpoints=["mail", "mail"])


def test_infinite_scores_are_rejected_cells(frame):
    frame.loc[3, "mail"] = np.inf
    frame.loc[4, "csat"] = -np.inf
    found = find(frame)
    assert found.rejected == {"csat": 1, "mail": 1}
    assert found.n == 119


@pytest.mark.parametrize("bad", [-1.0, np.inf])
def test_weights_that_are_none(frame, bad):
    w = np.ones(120)
    w[7] = bad
    with pytest.raises(StudyError, match="1 are negative or infinite"):
        find(frame, weights=w)


def test_weights_of_zero(frame):
    w = np.ones(120)
    w[:20] = 0
    found = find(frame, weights=w)
    assert found.n == 100
    assert any("20 of 120 rows have no weight, or weight 0" in note for note in found.notes)
    with pytest.raises(StudyError, match="none is positive"):
        find(frame, weights=np.zeros(120))
    with pytest.raises(StudyError, match="3 values for 120 rows"):
        find(frame, weights=[1, 2, 3])


def test_circular_targets(frame):
    with pytest.raises(StudyError, match="'csat' is the target and a touchpoint"):
        find(frame, touchpoints=["mail", "csat"])
    with pytest.raises(StudyError, match="'csat' is the target and a control"):
        find(frame, touchpoints=["mail"], controls=["csat"])
    with pytest.raises(StudyError, match="'again' holds the same numbers as the target"):
        find(frame.assign(again=frame["csat"]))


def test_names_that_are_not_there(frame):
    with pytest.raises(UnknownNameError, match="target 'cast' is no column of the frame; did you mean 'csat'"):
        find(frame, "cast")
    with pytest.raises(UnknownNameError, match=r"touchpoint 'mial'.*did you mean 'mail'"):
        find(frame, touchpoints=["mial"])
    with pytest.raises(UnknownNameError, match="cluster 'klant'"):
        find(frame, cluster="klant")
    with pytest.raises(UnknownNameError, match="group 'a': 'post' is no touchpoint"):
        find(frame, groups={"a": ["post"]})
    with pytest.raises(StudyError, match="stands in two groups"):
        find(frame, groups={"a": ["mail"], "b": ["mail"]})
    with pytest.raises(StudyError, match="scale of 'mail'"):
        find(frame, scales={"mail": (5, 1)})
    with pytest.raises(StudyError, match="takes an Experience or a DataFrame"):
        find([1, 2, 3])
    with pytest.raises(StudyError, match="expected 'lmg' or 'pmvd'"):
        find(frame, method="shap")


def test_segments_made_of_behaviour_are_no_controls(frame):
    class Behaviour:
        usable_as_control = False

    with pytest.raises(StudyError, match="segments made of behaviour are no controls"):
        find(frame, controls=[Behaviour()])
    with pytest.raises(StudyError, match="a control is the name of a column, not int"):
        find(frame, controls=[3])
    met = np.arange(120) % 2 == 0
    some = frame.assign(chat=frame["chat"].where(met, -9.0), kind=np.where(met, "chatter", "other"))
    found = find(some, touchpoints=["mail", "phone", "chat"], not_used=-9, controls=["kind"])
    assert any("met tells a control almost wholly" in note for note in found.notes)


def test_five_hundred_touchpoints():
    rng = np.random.default_rng(1)
    x = pd.DataFrame(rng.normal(size=(600, 500)), columns=[f"t{i}" for i in range(500)])
    with pytest.raises(StudyError, match="500 touchpoints are more than 60"):
        find(x.assign(csat=rng.normal(size=600)), touchpoints=list(x))


def test_one_touchpoint_gets_everything_and_no_verdict(frame):
    found = find(frame, touchpoints=["mail"])
    assert found.shares["share"].tolist() == pytest.approx([1.0])
    assert found.verdict.word == "cannot tell"
    assert "one touchpoint only" in found.verdict.sentence()


def test_the_callers_frame_is_left_alone(frame):
    before = frame.copy()
    find(frame, scales={"mail": (-1, 1)})
    pd.testing.assert_frame_equal(frame, before)


# --- the table of the verdict, as defined ------------------------------------------------------------


@pytest.mark.parametrize(
    ("psi", "direct", "word"),
    [
        ("yes", "yes", "concentrated"),
        ("yes", "no", "interchangeable"),
        ("yes", "open", "cannot tell"),
        ("open", "yes", "cannot tell"),
        ("open", "no", "spread"),
        ("open", "open", "cannot tell"),
        ("no", "yes", "spread"),
        ("no", "no", "spread"),
        ("no", "open", "spread"),
    ],
)
def test_the_table(psi, direct, word):
    assert decide(psi, direct) == word


FIGURES = {
    "k": 3, "p": 15, "n": 2000, "n_eff": 1900.0, "r2": 0.351, "credit": 0.72, "psi_upper": 0.74, "direct_upper": 0.61,
    "psi_crossfit": 0.8, "sets_that_reach": 0.41, "touchpoints_for_80": 6, "n_needed": 12000, "controls": ["segment"],
}  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("k", [1, 3])
def test_sentences_say_their_figures_in_both_languages(word, k):
    names = ("mail", "phone", "chat")[:k]
    answers = {
        "concentrated": [("yes", "yes", "")],
        "interchangeable": [("yes", "no", "")],
        "spread": [("no", "open", ""), ("open", "no", "")],
        "cannot tell": [
            ("open", "open", "n"),
            ("open", "open", "signal"),
            ("yes", "open", "direct"),
            ("open", "yes", "sufficiency"),
        ],
    }
    for psi, direct, reason in answers[word]:
        verdict = Verdict(word, psi, direct, reason, names, {**FIGURES, "k": k})
        en, nl = verdict.sentence("en"), verdict.sentence("nl")
        assert en.endswith(
            "association among respondents, adjusted for the other touchpoints and segment; not the effect of changing a touchpoint."
        )
        assert nl.endswith(
            "gecorrigeerd voor de andere contactmomenten en voor segment; niet het effect van een verandering aan een contactmoment."
        )
        assert "?" not in en + nl
        if word == "concentrated":
            assert "R² = 0.35" in en
            assert "R² = 0,35" in nl
            assert "72%" in en
        if word == "cannot tell":
            assert "12,000" in en
            assert "12.000" in nl


def test_no_sentence_in_a_language_nobody_wrote():
    with pytest.raises(UnknownNameError, match="no sentence in language 'fr'"):
        Verdict("spread", "no", "no", "", ("a",), FIGURES).sentence("fr")
