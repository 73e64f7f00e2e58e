"""Small cells, and CSV that no spreadsheet executes."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmining.privacy import read_safe_csv, safe_csv, suppress


def test_small_cells_are_hidden_and_listed():
    t = pd.DataFrame({"step": ["a", "b", "c", "d"], "customers": [50, 9, 10, 0], "score": [4.0, 3.0, np.nan, np.nan]})
    shown, hidden = suppress(t, ["customers", "score"], "customers", 10, "t.csv", "step")
    assert shown["customers"].isna().tolist() == [False, True, False, False]
    assert shown["score"].isna().tolist() == [False, True, True, True]  # c and d were never measured
    assert hidden.to_dict("records") == [
        {"file": "t.csv", "key": "b", "column": c, "reason": "fewer than 10 customers"} for c in ("customers", "score")
    ]
    assert t["customers"].tolist() == [50, 9, 10, 0]
    assert str(shown["customers"].dtype) == "Int64"


def test_one_hidden_cell_is_not_had_back_by_subtraction():
    t = pd.DataFrame({"g": ["x"] * 3 + ["y"] * 3 + ["z"], "s": list("abcdefg"), "n": [50, 20, 3, 5, 6, 40, 30]})
    shown, hidden = suppress(t, ["n"], "n", 10, "t.csv", ["g", "s"], total_by=["g"])
    # x: b goes with c. y: two are hidden already. z: nothing is hidden.
    assert shown["n"].isna().tolist() == [False, True, True, True, True, False, False]
    assert hidden.loc[0].tolist() == ["t.csv", "x | b", "n", "protects another hidden cell"]


def test_empty_rows_protect_nothing_and_unknown_numbers_are_hidden():
    t = pd.DataFrame({"s": list("abc"), "n": [3, 0, 90]})
    assert suppress(t, ["n"], "n", 10, "f", "s", total_by=())[0]["n"].isna().tolist() == [True, False, True]
    t = pd.DataFrame({"s": ["a"], "n": [np.nan], "score": [1.0]})
    assert suppress(t, ["score"], "n", 10, "f", "s")[1]["reason"].tolist() == ["number of customers unknown"]


def test_nothing_to_hide_and_nothing_at_all():
    t = pd.DataFrame({"s": ["a"], "n": [10]})
    shown, hidden = suppress(t, ["n"], "n", 10, "f", "s", total_by=())
    pd.testing.assert_frame_equal(shown, t)
    assert list(hidden.columns) == ["file", "key", "column", "reason"]
    assert not len(suppress(t.iloc[:0], ["n"], "n", 10, "f", "s", total_by=())[1])


@given(ns=st.lists(st.integers(0, 30), min_size=1, max_size=8))
def test_no_small_number_is_left_and_never_exactly_one_gap(ns):
    t = pd.DataFrame({"s": [str(i) for i in range(len(ns))], "n": ns})
    n = suppress(t, ["n"], "n", 10, "f", "s", total_by=())[0]["n"]
    left = n.dropna()
    assert ((left == 0) | (left >= 10)).all()
    if n.isna().sum() == 1:  # then it is the total itself
        assert (left == 0).all()


def test_text_that_a_spreadsheet_would_execute_is_neutralised(tmp_path):
    bad = ["=1+1", "+31", "-x", "@sum", "\tx", "\rx", "＝1"]
    t = pd.DataFrame({"=what": [*bad, "a=1", "-"[:0] + "ok"], "number": [-1.0] * 9})
    t["label"] = t["=what"].astype("category")
    t["mixed"] = pd.Series([*bad[:-1], -5, None, 2.5], dtype="object")
    safe_csv(t, tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header[0] == "'=what"
    assert [r[0] for r in rows] == ["'" + b.replace("\r", "\n") for b in bad] + ["a=1", "ok"]
    assert [r[2] for r in rows] == [r[0] for r in rows]
    assert {r[1] for r in rows} == {"-1"}
    assert [r[3] for r in rows][-3:] == ["-5", "", "2.5"]
    assert b"\r\n" not in (tmp_path / "t.csv").read_bytes()


@given(st.lists(st.text("'=+-@\t\n＝＠aA1é\u202e", max_size=5).map(lambda t: t + "z"), min_size=1, max_size=6))
def test_what_was_made_harmless_reads_back_as_it_was(texts):
    # among them labels that begin with an apostrophe of their own
    file = Path(tempfile.mkdtemp()) / "t.csv"
    safe_csv(pd.DataFrame({"=k": texts, "n": range(len(texts))}), file)
    back = read_safe_csv(file, ["=k"])
    assert back.to_dict("list") == {"=k": texts, "n": list(range(len(texts)))}
    with file.open(encoding="utf-8", newline="") as stream:
        assert not [row for row in csv.reader(stream) if row[0][0] in "=+-@\t\n＝＠"]


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (1 / 3, "0.333333"), (-2 / 3, "-0.666667"), (1234567.0, "1234570"), (2.0, "2"), (-0.0, "0"),
        (1e-9, "1e-09"), (0.00012345678, "0.000123457"), (np.nan, ""), (np.inf, "inf"), (1e20, "1e+20"),
    ],
)  # fmt: skip
def test_floats_have_six_significant_digits(tmp_path, x, text):
    safe_csv(pd.DataFrame({"k": ["a"], "x": [x]}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == f"k,x\na,{text}\n"


def test_other_types_are_written_as_they_are(tmp_path):
    t = pd.DataFrame({"n": pd.array([12345678, None], dtype="Int64"), "b": [True, False], "i": [12345678, -1]})
    safe_csv(t, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == "n,b,i\n12345678,True,12345678\n,False,-1\n"
