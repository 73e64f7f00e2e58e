"""Questions of surveys, as they are worded: which metric, on which scale, and when nobody can know."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.ingest.survey.items import recognise, recognise_items

TEN = [str(v) for v in (10, 9, 8, 7, 6, 5, 4, 3, 2, 1)] * 3
ELEVEN = ["0", *TEN]
SEVEN = ["7", "6", "5", "4", "3", "2", "1"] * 4
FIVE = ["5", "4", "3", "2", "1"] * 6

QUESTIONS = [
    # column, question, answers, metric, scale
    ("Q1", "Hoe waarschijnlijk is het dat u ons aanbeveelt aan vrienden of familie?", ELEVEN, "nps", (0, 10)),
    ("Q1", "Zou u ons aanraden?", ELEVEN, "nps", (0, 10)),
    ("Q1", "Beveelt u ons bij anderen aan?", ELEVEN, "nps", (0, 10)),
    ("Q9_1", "How likely are you to recommend us to a friend or colleague?", TEN, "nps", (0, 10)),
    ("NPS", "NPS", ELEVEN, "nps", (0, 10)),
    ("Q2", "Hoe tevreden bent u over onze dienstverlening?", FIVE, "csat", (1, 5)),
    ("Q2", "Overall, how satisfied are you with our service? (1-7)", SEVEN, "csat", (1, 7)),
    ("Q2", "Hoe tevreden bent u, op een schaal van 1 tot en met 10?", TEN, "csat", (1, 10)),
    ("csat_overall", "csat_overall", FIVE, "csat", (1, 5)),
    ("Q3", "Welk rapportcijfer geeft u onze klantenservice?", TEN, "rapportcijfer", (1, 10)),
    ("Q3", "Welk cijfer zou u het bezoek geven?", TEN, "rapportcijfer", (1, 10)),
    ("Q3", "What report mark would you give us, from 1 to 10?", TEN, "rapportcijfer", (1, 10)),
    ("Q4", "Hoe makkelijk was het om uw vraag te regelen?", SEVEN, "ces", (1, 7)),
    ("Q4", "Hoeveel moeite kostte het u om uw zaak te regelen?", FIVE, "ces", (1, 7)),
    ("Q4", "How easy was it to get the help you needed?", SEVEN, "ces", (1, 7)),
    ("Q4", "The company made it easy for me to handle my issue. 1 = strongly disagree, 7 = strongly agree", SEVEN, "ces", (1, 7)),
    ("Q4", "How much effort did it take? (1 to 5)", FIVE, "ces", (1, 5)),
    ("Q5", "Welk cijfer had u vooraf verwacht voor de wachttijd?", TEN, "expectation", (1, 10)),
    ("Q5", "What level of service did you expect? (1-5)", FIVE, "expectation", (1, 5)),
    ("Q6", "Is uw vraag opgelost?", ["ja", "nee", "deels"] * 5, "resolved", (0, 1)),
    ("Q6", "Was your issue resolved?", ["Yes", "No"] * 5, "resolved", (0, 1)),
    ("Q7", "Wat vindt u van de snelheid van het contact?", FIVE, "perception", (1, 5)),
    ("Q7", "How would you rate the cleanliness of the terminal?", FIVE, "perception", (1, 5)),
    # it compares with expectations: nobody was asked what they expected
    ("Q8", "In hoeverre voldeed het contact aan uw verwachtingen? Hoe beoordeelt u dat?", FIVE, "perception", (1, 5)),
    ("Q8", "Did our service meet your expectations? Please rate.", FIVE, "perception", (1, 5)),
    ("Q2", "Wie tevreden?", ["zeer tevreden", "tevreden", "ontevreden", "zeer ontevreden", "neutraal"] * 2, "csat", (1, 5)),
    ("Q2", "How satisfied are you?", ["Very satisfied", "Satisfied", "Very dissatisfied"] * 2, "csat", (1, 5)),
    ("Q7", "Ik werd vriendelijk geholpen", ["Helemaal mee eens", "Mee eens", "Neutraal", "Mee oneens"] * 3, "perception", (1, 5)),
    ("Q3", "Welk rapportcijfer geeft u?", ["7,5", "8", "6,5", "10"] * 5, "rapportcijfer", (1, 10)),
    ("Q3", "Welk rapportcijfer geeft u?", ["7 - ruim voldoende", "8 - goed", "10 - uitmuntend", "1 - zeer slecht"] * 5, "rapportcijfer", (1, 10)),
]  # fmt: skip


@pytest.mark.parametrize(("column", "question", "answers", "metric", "scale"), QUESTIONS, ids=lambda v: str(v)[:30])
def test_metric_and_scale(column, question, answers, metric, scale):
    found = recognise(column, question, pd.Series(answers))
    assert (found.metric, (found.low, found.high)) == (metric, scale)
    assert 0.5 < found.confidence <= 1
    assert found.reason


NO_ITEMS = [
    ("Q1_NPS_GROUP", "Hoe waarschijnlijk is het dat u ons aanbeveelt? - Group", ["1", "2", "3"], "derived from a score"),
    ("NPS_GROUP", "NPS_GROUP", ["Promoter", "Detractor"], "derived from a score"),
    ("Q3_First Click", "Timing - First Click", ["1.2", "3.4"], "how long a page was shown"),
    ("Q8 - Sentiment Score", "Waarom? - Sentiment Score", ["1", "-1"], "text analysis"),
    ("Q10", "Wat is uw leeftijd?", ["34", "71"], "asks for an age"),
    ("Q19AGE", "Q19AGE", ["3", "4"], "asks for an age"),
    ("Q11", "Hoeveel personen telt uw huishouden?", ["1", "4"], "a number of something"),
    ("Q12", "How often did you call us?", ["1", "4"], "a number of something"),
    ("Q13", "Wat wilt u ons meegeven?", ["goed", "te lang gewacht", "niks", "ga zo door"], "no scores"),
    ("Q14", "Welke dienst gebruikt u?", ["gas", "stroom"], "no scores"),
    ("Q15", "Sinds wanneer bent u klant?", ["2012", "2020"], "a year"),
    ("bedrag", "Bedrag van de laatste factuur", ["49", "112", "87"], "on no scale"),
    ("leeg", "Hoe tevreden bent u?", [None, ""], "holds no answer"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "question", "answers", "why"), NO_ITEMS, ids=lambda v: str(v)[:24])
def test_what_is_no_item_says_why(column, question, answers, why):
    found = recognise(column, question, pd.Series(answers, dtype="str"))
    assert (found.metric, why in found.reason) == ("", True), found.reason


OPEN = [
    ("Q1_1", "Q1_1", FIVE, "what does Q1_1 measure"),
    ("Q1", "Hoe waarschijnlijk is het dat u ons aanbeveelt?", FIVE, "on a scale other than 0 to 10 it is no NPS"),
    ("Q1", "How likely are you to recommend us? (1-5)", FIVE, "which is no NPS"),
    ("Q2", "How satisfied are you with how easy it was to reach us?", FIVE, "could be c"),
    ("Q3", "Welk rapportcijfer geeft u?", ["0", "20", "60", "90"] * 6, "but its answers run from"),
    ("nps", "Hoe tevreden bent u?", TEN, "could be"),
]


@pytest.mark.parametrize(("column", "question", "answers", "doubt"), OPEN, ids=lambda v: str(v)[:24])
def test_what_cannot_be_known_is_left_open_with_the_reason(column, question, answers, doubt):
    found = recognise(column, question, pd.Series(answers))
    assert (found.metric, found.confidence) == ("other", 0)
    assert any(doubt in d for d in found.doubts), found.doubts


def test_words_and_codes_instead_of_a_score_are_told_apart():
    found = recognise(
        "Q", "Welk cijfer geeft u?", pd.Series([*TEN, "99", "Weet niet", "n.v.t.", "niet van toepassing"])
    )
    assert (found.metric, found.not_used, found.blank) == (
        "rapportcijfer",
        ("n.v.t.", "niet van toepassing"),
        ("Weet niet", 99),
    )
    assert "does 99 mean that there is no answer (blank)" in found.doubts[0]
    # on a scale of a hundred 99 is an answer
    assert recognise("Q", "How satisfied are you? (0-100)", pd.Series(["99", "50", "0", "88"] * 5)).blank == ()


def test_expectations_are_paired_with_the_experience_by_row_name_or_text():
    frame = pd.DataFrame(
        {
            "Q5_1": TEN,
            "Q5_2": TEN,
            "Q6_1": TEN,
            "Q6_3": TEN,
            "wachttijd": TEN,
            "wachttijd_verwacht": TEN,
            "Q8": TEN,
            "Q9": TEN,
        }
    )
    asked = {
        "Q5_1": "Welk cijfer geeft u? - Factuur", "Q5_2": "Welk cijfer geeft u? - Website",
        "Q6_1": "Welk cijfer had u verwacht? - Factuur", "Q6_3": "Welk cijfer had u verwacht? - Balie",
        "wachttijd": "wachttijd", "wachttijd_verwacht": "wachttijd_verwacht",
        "Q8": "Welk cijfer geeft u de monteur?", "Q9": "Welk cijfer had u verwacht voor de monteur?",
    }  # fmt: skip
    found = {r.column: r for r in recognise_items(frame, asked)}
    assert {c: r.pair for c, r in found.items() if r.metric == "expectation"} == {
        "Q6_1": "Q5_1", "Q6_3": "", "wachttijd_verwacht": "wachttijd", "Q9": "Q8"}  # fmt: skip
    assert "which question rates what Q6_3 expects?" in found["Q6_3"].doubts[0]
    assert (found["Q5_1"].subject, found["Q8"].subject) == ("Factuur", "")


def test_an_expectation_that_fits_two_experiences_is_paired_with_none():
    frame = pd.DataFrame({"a": TEN, "b": TEN, "c": TEN})
    found = recognise_items(frame, {"a": "Welk cijfer geeft u? - Balie", "b": "Welk rapportcijfer geeft u? - Balie", "c": "Welk cijfer had u verwacht? - Balie"})  # fmt: skip
    assert (found[2].pair, "'a' or 'b'" in found[2].doubts[0]) == ("", True)


def test_another_scale_is_said():
    frame = pd.DataFrame({"a": FIVE * 2, "b": TEN * 2})
    found = recognise_items(
        frame, {"a": "Wat vindt u van de service? (1-5) - Balie", "b": "Welk cijfer had u verwacht? - Balie"}
    )
    assert (found[1].pair, "are not compared" in found[1].doubts[0]) == ("a", True)


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(len(ELEVEN))), st.text(max_size=30))
def test_the_order_of_answers_says_nothing_and_no_question_breaks_it(order, question):
    values = pd.Series(ELEVEN)
    one = recognise("Q1", question, values)
    two = recognise("Q1", question, values.iloc[list(order)])
    assert (one.metric, one.low, one.high, one.doubts) == (two.metric, two.low, two.high, two.doubts)
