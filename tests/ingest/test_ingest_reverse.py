"""Items worded against the others: declared ones are turned round, suspected ones are named and left alone."""

import numpy as np
import pytest

from cxmining.errors import StudyError
from cxmining.study import parse_study

HOW = {"format": "csv", "into": "responses", "survey": "x", "tz": "UTC", "columns": {"timestamp": "op"}}


def survey(*items):
    return {"survey": [{"name": "x", "kind": "relationship", "item": list(items)}]}


def table(rows):
    return "op,a,b,c,wachten\n" + "".join(f"2024-05-31 10:{i // 60:02d}:{i % 60:02d}," + ",".join(map(str, r)) + "\n" for i, r in enumerate(rows))  # fmt: skip


def agreeing(n=60, seed=1):
    """Respondents who are content or not; `wachten` ("I had to wait long") falls where the others rise."""
    rng = np.random.default_rng(seed)
    mood = rng.integers(1, 6, n)
    noisy = [np.clip(mood + rng.integers(-1, 2, n), 1, 5) for _ in range(3)]
    return np.column_stack([*noisy, 6 - np.clip(mood + rng.integers(-1, 2, n), 1, 5)])


ITEMS = [{"column": c, "metric": "perception"} for c in ("a", "b", "c", "wachten")]


def test_a_suspect_is_named_and_left_as_it_is(read_one):
    rows = agreeing()
    r = read_one(table(rows), **HOW, study=survey(*ITEMS))
    said = [n for n in r.notes if "falls as the others rise" in n]
    assert len(said) == 1
    assert "item 'wachten'" in said[0]
    assert "n = 60" in said[0]
    assert r.answers.loc[r.answers["item"] == "wachten", "score"].tolist() == rows[:, 3].tolist()


def test_a_declared_one_is_turned_round_and_is_no_suspect(read_one):
    rows = agreeing()
    items = [*ITEMS[:3], {**ITEMS[3], "reverse": True}]
    r = read_one(table(rows), **HOW, study=survey(*items))
    assert r.answers.loc[r.answers["item"] == "wachten", "score"].tolist() == (6 - rows[:, 3]).tolist()
    assert r.notes == ("survey 'x': turned round as declared (reverse): 'wachten'",)
    # that it was declared the other way, as effort is, ends the suspicion too
    other = [*ITEMS[:3], {**ITEMS[3], "higher_is_better": False}]
    assert read_one(table(rows), **HOW, study=survey(*other)).notes == ()


def test_an_invalid_cell_is_not_turned_round(read_one):
    r = read_one(table([[1, 1, 1, 9], [1, 1, 1, 5]]), **HOW, study=survey({**ITEMS[3], "reverse": True}))
    assert r.answers["status"].tolist() == ["invalid", "answered"]
    assert r.answers["score"].tolist()[1] == 1


@pytest.mark.parametrize("rows", [agreeing(29), agreeing()[:, [0, 1, 2, 2]], np.full((60, 4), 3)])
def test_too_few_agreeing_or_constant_answers_accuse_nobody(read_one, rows):
    assert read_one(table(rows), **HOW, study=survey(*ITEMS)).notes == ()


def test_noise_accuses_at_most_by_chance():
    import pandas as pd

    from cxmining.ingest.survey.reverse import suspected_items

    accused = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame({
            "response_id": np.repeat([f"r{i}" for i in range(60)], 4), "item": list("abcd") * 60, "metric": "csat",
            "score": rng.integers(1, 6, 240).astype(float), "scale_low": 1.0, "scale_high": 5.0, "higher_is_better": True,
        })  # fmt: skip
        accused += bool(suspected_items(frame))
    assert accused <= 6  # false discovery rate .05, two-sided, of 40 draws


def test_turning_round_twice_is_refused(tmp_path):
    item = {"column": "a", "metric": "ces", "reverse": True, "higher_is_better": False}
    with pytest.raises(StudyError, match="reverse turns the scores round already"):
        parse_study({"name": "t", "source": [{"name": "s", "path": "x.csv"}], **survey(item)}, tmp_path)


def test_scores_with_labels_and_commas_are_scores(read_one):
    text = "op,a\n" + "".join(f"2024-05-31 10:00:0{i},{v}\n" for i, v in enumerate(('"7,5"', "8 - goed", "(6) voldoende", "uitmuntend (10)", "7 - 8", "99", "weet niet")))  # fmt: skip
    item = {"column": "a", "metric": "rapportcijfer", "low": 1, "high": 10, "blank": [99, "Weet niet"]}
    r = read_one(text, **HOW, study=survey(item))
    assert r.answers["score"].dropna().tolist() == [7.5, 8, 6, 10]
    assert r.answers["status"].tolist() == ["answered"] * 4 + ["invalid", "blank", "blank"]
