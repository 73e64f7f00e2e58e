"""Scales that a study declares: their score among the answers, alpha, and what is declared wrongly."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import cxmining as cx
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.experience import check_scales, measure_survey
from cxmining.stats import cronbach_alpha
from cxmining.study import parse_study

HEAD = """
name = "t"
[[source]]
name = "s"
path = "s.csv"
format = "csv"
into = "responses"
survey = "q"
tz = "UTC"
columns = { timestamp = "op", account = "klant" }
[[survey]]
name = "q"
kind = "relationship"
"""
ITEM = '{{column = "{c}", metric = "other", low = 1, high = 5{more}}}'


def read(folder, rows, more=("", "", ""), scale='name = "trust"\nitems = ["a", "b", "c"]\nmetric = "csat"'):
    """Read rows of (a, b, c); `more` is said of each item."""
    lines = [
        f"2025-01-01 10:{i:02d},k{i}," + ",".join("" if v is None else str(v) for v in r) for i, r in enumerate(rows)
    ]
    (folder / "s.csv").write_text("op,klant,a,b,c\n" + "\n".join(lines) + "\n")
    items = ",\n".join(ITEM.format(c=c, more=m) for c, m in zip("abc", more, strict=True))
    (folder / "study.toml").write_text(f"{HEAD}item = [{items}]\n[[survey.scale]]\n{scale}\n")
    return cx.read(folder / "study.toml")


ROWS = [(1, 2, 1), (2, 2, 3), (3, 3, 3), (4, 5, 4)]


def scores(data, name="trust"):
    return data.answers.loc[data.answers["item"] == name, "score"].astype(float).tolist()


def test_the_score_is_an_answer_by_hand(tmp_path):
    data = read(tmp_path, ROWS)
    assert scores(data) == [pytest.approx(4 / 3), pytest.approx(7 / 3), 3, pytest.approx(13 / 3)]
    assert data.answers.groupby("response_id", sort=False)["item"].agg(list).tolist() == [["a", "b", "c", "trust"]] * 4
    found = check_scales(data)
    frame = pd.DataFrame(ROWS, columns=list("abc"))
    row = found.summary.iloc[0]
    assert (row["alpha"], row["alpha_low"]) == tuple(pytest.approx(v) for v in cronbach_alpha(frame)[:2])
    assert (row["n"], row["items"], row["mean"]) == (4, 3, pytest.approx(np.mean(ROWS)))
    # and it is a measure as any other: CSAT of this survey is the scale's
    assert measure_survey(data).take("csat")["value"] == pytest.approx(np.mean(ROWS))


@pytest.mark.parametrize("how", [", reverse = true", ", higher_is_better = false"])
def test_items_worded_against_the_others_are_turned_once(tmp_path, how):
    data = read(tmp_path, [(a, b, 6 - c) for a, b, c in ROWS], more=("", "", how))
    assert scores(data) == [pytest.approx(sum(r) / 3) for r in ROWS]
    found = check_scales(data)
    assert found.summary["alpha"].iloc[0] == pytest.approx(cronbach_alpha(pd.DataFrame(ROWS)).value)
    assert found.items["turned"].tolist() == [False, False, True]


def test_one_that_was_not_declared_so_is_named(tmp_path):
    rng = np.random.default_rng(2)
    mood = rng.integers(1, 6, 50)
    rows = [(m, int(np.clip(m + rng.integers(-1, 2), 1, 5)), 6 - m) for m in mood]
    found = check_scales(read(tmp_path, rows))
    assert any("item 'c' falls as the others rise" in n and "reverse = true" in n for n in found.notes)
    assert any("without item 'c' alpha would be" in n for n in found.notes)


def test_half_of_the_items_are_enough_and_less_is_no_score(tmp_path):
    data = read(tmp_path, [(4, 5, None), (4, None, None), (None, None, None), (2, 2, 2)])
    rows = data.answers[data.answers["item"] == "trust"]
    assert rows["status"].tolist() == ["answered", "blank", "blank", "answered"]
    assert rows["score"].astype("Float64").to_numpy(dtype=float, na_value=-1).tolist() == [4.5, -1, -1, 2]
    row = check_scales(data).summary.iloc[0]
    assert (row["n"], row["responses"]) == (1, 2)  # alpha by the complete, the level by all who have a score


def test_all_alike_has_no_alpha_and_says_so(tmp_path):
    found = check_scales(read(tmp_path, [(3, 3, 3)] * 5))
    assert pd.isna(found.summary["alpha"].iloc[0])
    assert any("alpha is not known" in n for n in found.notes)
    assert found.summary["mean"].iloc[0] == 3


def test_nothing_declared_or_answered_is_an_error(tmp_path):
    with pytest.raises(NotEnoughDataError, match="nobody answered half"):
        check_scales(read(tmp_path, [(None, None, None), (None, 3, None)]))
    data = read(tmp_path, ROWS)
    from dataclasses import replace

    with pytest.raises(NotEnoughDataError, match=r"\[\[survey.scale\]\]"):
        check_scales(replace(data, surveys=()))


@pytest.mark.parametrize(
    ("scale", "said"),
    [
        ({"name": "x", "items": ["a", "d"]}, "'d' is no item of the survey"),
        ({"name": "x", "items": ["a"]}, "needs at least 2 items"),
        ({"name": "x", "items": ["a", "a"]}, "given twice"),
        ({"name": "a", "items": ["a", "b"]}, "bears the name of an item"),
        ({"name": "x", "items": ["a", "b"], "metric": "csat"}, "both would count"),
        ({"name": "x", "items": ["a", "c"]}, "asked on 1 to 5 and 1 to 10"),
        ({"name": "x", "items": ["a", "b"], "metrc": "csat"}, "unknown key"),
    ],
)
def test_what_is_declared_wrongly_is_said(tmp_path, scale, said):
    items = [
        {"column": "a", "metric": "csat"},
        {"column": "b", "metric": "csat"},
        {"column": "c", "metric": "csat", "high": 10},
    ]
    survey = {"name": "q", "kind": "relationship", "item": items, "scale": [{"metric": "other", **scale}]}
    with pytest.raises(StudyError, match=said):
        parse_study({"name": "t", "source": [{"name": "s", "path": "s.csv"}], "survey": [survey]}, tmp_path)


def test_shown_without_markup_and_drawn(tmp_path):
    found = check_scales(read(tmp_path, ROWS, scale='name = "<img src=x onerror=alert(1)>"\nitems = ["a", "b", "c"]'))
    assert "<img" not in found._repr_html_()
    assert "<img" not in json.dumps(found.figure("nl").to_plotly_json(), default=str)
    assert "alpha" in repr(found)


@pytest.mark.real
def test_the_european_satisfaction_index(tmp_path, real):
    """Mobile phones, 250 customers: three items of satisfaction, seven of quality, three of expectation, on 1 to 10.

    The published alphas (Tenenhaus, Esposito Vinzi, Chatelin and Lauro 2005) are of standardised items.
    """
    path = real / "satisfaction/ecsi-mobi.csv"
    if not path.exists():
        pytest.skip("../shared/data/satisfaction is not here")
    frame = pd.read_csv(path, index_col=0)
    (tmp_path / "s.csv").write_text(path.read_text().replace('""', '"klant"', 1))
    sets = {"CUSA": ("satisfaction", "csat"), "PERQ": ("quality", "perception"), "CUEX": ("expectation", "expectation")}
    items = ",\n".join(f'{{column = "{c}", metric = "other", low = 1, high = 10}}' for c in frame if c[:4] in sets)
    scales = "\n".join(
        f'[[survey.scale]]\nname = "{name}"\nmetric = "{metric}"\nitems = {json.dumps([c for c in frame if c.startswith(key)])}'
        for key, (name, metric) in sets.items()
    )
    head = HEAD.replace('timestamp = "op", ', "").replace(
        "[[survey]]", 'constants = { timestamp = "2004-01-01" }\n[[survey]]'
    )
    (tmp_path / "study.toml").write_text(f"{head}item = [{items}]\n{scales}\n")
    data = cx.read(tmp_path / "study.toml")
    found = check_scales(data)
    for key, (name, _) in sets.items():
        own = frame[[c for c in frame if c.startswith(key)]]
        row = found.summary.set_index("scale").loc[name]
        assert row["alpha"] == pytest.approx(cronbach_alpha(own).value)
        assert row["mean"] == pytest.approx(own.mean(axis=1).mean())
        published = {"satisfaction": 0.779, "quality": 0.877, "expectation": 0.452}[name]
        assert cronbach_alpha((own - own.mean()) / own.std()).value == pytest.approx(published, abs=5e-4)
    assert any("scale 'expectation': alpha is 0.43, below 0.7" in n for n in found.notes)
    assert measure_survey(data).take("csat", "mean")["n"] == 250
