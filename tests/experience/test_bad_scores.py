"""Scores as exports have them, from a CSV through reading and linking to the level: a clear result or a clear error."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import cxmining as cx
from cxmining.errors import CxminingError, NotEnoughDataError

STUDY = """
name = "t"
time_zone = "Europe/Amsterdam"
[[source]]
name = "calls"
path = "calls.csv"
format = "csv"
tz = "Europe/Amsterdam"
columns = {{ timestamp = "op", touchpoint = "wat", account = "klant", case_id = "zaak" }}
constants = {{ channel = "phone", direction = "inbound" }}
[[source]]
name = "enquete"
path = "enquete.csv"
format = "csv"
into = "responses"
survey = "contact"
tz = "Europe/Amsterdam"
delimiter = ";"
columns = {{ timestamp = "op", account = "klant" }}
[[survey]]
name = "contact"
kind = "transactional"
link = "touchpoint"
window = "30D"
comment = "waarom"
item = [{item}]
"""
CIJFER = '{ column = "score", metric = "rapportcijfer", touchpoint = "(contact)", low = 1, high = 10 }'
CSAT = '{ column = "score", metric = "csat", touchpoint = "(contact)", low = 1, high = 5 }'


def measured(folder, scores, *, item=CIJFER, dates=None, comments=None, calls=None):
    """Read answers of as many customers, each of whom called on the first of March 2025."""
    n = len(scores)
    dates = dates or ["2025-03-02 10:00"] * n
    comments = comments or [""] * n
    calls = calls or [f"2025-03-01 09:{i % 60:02d},vraagt,k{i},z{i}" for i in range(n)]
    (folder / "calls.csv").write_text("op,wat,klant,zaak\n" + "\n".join(calls) + "\n")
    lines = [f'{d};k{i};"{s}";"{c}"' for i, (d, s, c) in enumerate(zip(dates, scores, comments, strict=True))]
    (folder / "enquete.csv").write_text("op;klant;score;waarom\n" + "\n".join(lines) + "\n")
    (folder / "study.toml").write_text(STUDY.format(item=item))
    data = cx.read(folder / "study.toml")
    return cx.measure_experience(cx.build_journeys(data))


def rejected(lived):
    ledger = lived.journeys.data.ledger
    return ledger.loc[ledger["cell"].notna(), "reason"].tolist()


def test_scores_as_text(tmp_path):
    lived = measured(tmp_path, ["7 - tevreden", "(8) goed", "9: heel goed", "zeer ontevreden (2)", "tevreden"])
    level = lived.levels.take("rapportcijfer")
    assert (level["value"], level["n"]) == (6.5, 4)
    assert rejected(lived) == ["outside the scale 1 to 10 of item 'score'"]  # a word that no code explains
    assert lived.touchpoints.loc["vraagt", "score_mean"] == 6.5


def test_words_with_codes_are_scores(tmp_path):
    item = '{ column = "score", metric = "csat", touchpoint = "(contact)", low = 1, high = 5, codes = { tevreden = 4, ontevreden = 2 } }'
    level = measured(tmp_path, ["tevreden", "ontevreden", "3"], item=item).levels.take("csat")
    assert (level["value"], level["n"]) == (3, 3)


def test_comma_decimals(tmp_path):
    level = measured(tmp_path, ["7,5", "8,5", "6.5", "5,4"]).levels.levels
    means = level.set_index("measure")
    assert means.loc["mean", "value"] == pytest.approx((7.5 + 8.5 + 6.5 + 5.4) / 4)
    assert means.loc["8 or more", "value"] == 0.25
    assert means.loc["5 or less", "value"] == 0


def test_a_ten_on_a_scale_of_five_is_a_cell_and_not_a_ten(tmp_path):
    lived = measured(tmp_path, ["4", "5", "8", "10", "4/5"], item=CSAT)
    level = lived.levels.take("csat")
    assert (level["value"], level["n"]) == (4.5, 2)
    assert rejected(lived) == ["outside the scale 1 to 5 of item 'score'"] * 3
    assert "3 answers outside their scale left out; the ledger has them" in lived.levels.notes


def test_a_scale_that_was_changed_within_a_column_is_said(tmp_path):
    scores = ["4", "5", "3", "4"] * 10 + ["8", "9", "7", "10"] * 10
    dates = [f"2025-03-{2 + i // 40 * 10 + i % 4:02d} 10:{i % 60:02d}" for i in range(80)]
    lived = measured(tmp_path, scores, dates=dates)
    said = [n for n in lived.levels.notes if "two scales seem to stand in one column" in n]
    assert len(said) == 1
    assert "the first 40 answers, until 2025-03-05" in said[0]
    honest = measured(tmp_path, ["8", "3", "9", "5"] * 20, dates=dates)
    assert not any("scales" in n for n in honest.levels.notes)


def test_a_scale_that_was_declared_too_long_is_said(tmp_path):
    lived = measured(tmp_path, ["4", "5", "3", "4"] * 10)
    assert any("all 40 answers lie between 1 and 5 on a scale of 1 to 10" in n for n in lived.levels.notes)


def test_all_answers_equal(tmp_path):
    lived = measured(tmp_path, ["8"] * 12)
    level = lived.levels.take("rapportcijfer")
    assert level["value"] == 8
    assert level["low"] < 8 < level["high"]
    assert any("all 12 answers on rapportcijfer are 8" in n for n in lived.levels.notes)
    assert lived.join.alternatives["value"].dropna().eq(8).all()


def test_one_answer(tmp_path):
    lived = measured(tmp_path, ["8"])
    level = lived.levels.take("rapportcijfer")
    assert (level["value"], level["n"], pd.isna(level["low"])) == (8, 1, True)
    assert len(lived.join.summary) == 1
    repr(lived), lived._repr_html_(), lived.join._repr_html_(), lived.levels._repr_html_()
    lived.join.figure(), lived.levels.figure()


def test_no_answer_that_is_a_score(tmp_path):
    with pytest.raises(CxminingError, match="no answer is a score"):
        _ = measured(tmp_path, ["geen idee", "?", ""]).levels


def test_responses_before_any_contact(tmp_path):
    lived = measured(tmp_path, ["8", "6", "7"], dates=["2025-02-01 10:00", "2025-03-02 10:00", "2025-02-27 10:00"])
    assert lived.links.loc[lived.links["matched"], "score"].tolist() == [6]
    assert lived.join.unmatched[["why", "answers"]].values.tolist() == [["before any contact", 2]]
    assert any("2 responses dated before the first event of the log" in n for n in lived.join.notes)


def test_all_responses_before_any_contact_is_an_error(tmp_path):
    with pytest.raises(NotEnoughDataError, match="none belongs to a customer or case of the log"):
        measured(tmp_path, ["8", "6"], dates=["2025-02-01 10:00"] * 2)


def test_future_dates(tmp_path):
    lived = measured(tmp_path, ["8", "6", "7"], dates=["2031-01-01 10:00", "2025-03-02 10:00", "9999-12-31 00:00"])
    data = lived.journeys.data
    assert len(data.responses) == 2  # nobody answered in 9999: that means never, and the record is rejected
    assert (data.ledger["status"] == "rejected").sum() == 1
    assert lived.links["matched"].tolist().count(True) == 1  # five years later is in no window of 30 days
    assert any("1 response dated more than 90 days after the last event of the log" in n for n in lived.join.notes)


EVIL = [
    "<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "שלום, השירות היה גרוע", "😡😡😡", "", "x" * 1_000_000,
    "=cmd|'/c calc'!A1",
]  # fmt: skip


def test_comments_with_markup_and_worse(tmp_path):
    lived = measured(tmp_path, ["2", "3", "4", "1", "8", "9", "7"], comments=EVIL)
    assert lived.levels.take("rapportcijfer")["n"] == 7
    assert lived.journeys.data.responses["comment"].notna().sum() == 6
    shown = lived._repr_html_() + lived.join._repr_html_() + lived.levels._repr_html_() + repr(lived)
    figures = [lived.join.figure(), lived.levels.figure("nl")]
    for text in (shown, *(json.dumps(f.to_plotly_json(), default=str) for f in figures)):
        assert "<img" not in text
        assert "<script" not in text
        assert len(text) < 200_000


def test_what_is_no_score_is_a_cell_or_blank_and_never_a_number(tmp_path):
    lived = measured(tmp_path, ["6", "-1", "11", "1e400", "NaN", "7 - 8", "½", "8"])
    level = lived.levels.take("rapportcijfer")
    assert (level["value"], level["n"]) == (7, 2)
    assert len(rejected(lived)) == 5  # NaN means missing; the others are cells that say nothing
