"""What a result shows in a notebook's cell."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxmining
from cxmining.repr_html import repr_html

HOME = Path(cxmining.__file__).parent


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ([1.0, 1200.0, np.nan], ["1", "1,200", "–"]),  # counts, whatever their dtype
        (pd.array([3, None, 5], "Int64"), ["3", "–", "5"]),
        ([0.25, 1.0, np.nan], ["0.250", "1.000", "–"]),
        (pd.array([0.5, None, 12.3], "Float64"), ["0.50", "–", "12.30"]),
        ([3e-7, 0.2, 1.0], ["3e-07", "0.2", "1"]),  # error probabilities keep what they say
        ([2.5, np.inf, 1000.4], ["2", "inf", "1,000"]),
        (pd.array([True, None, False], "boolean"), ["True", "–", "False"]),
        (["a", None, "–"], ["a", "–", "–"]),
        (pd.to_datetime(["2025-01-31", None, "2025-02-01"]), ["2025-01-31", "–", "2025-02-01"]),
    ],
)
def test_a_column_is_written_as_a_reader_expects(column, said):
    shown = repr_html(pd.DataFrame({"x": column}))
    found = [c.split("</td>")[0] for c in shown.split("<td>")[1:]]
    assert found == said


def test_whatever_comes_from_data_is_text():
    evil = "<img src=x onerror=alert(1)>"
    table = pd.DataFrame({evil: [evil]}, index=pd.Index([evil], name=evil))
    assert "<img" not in repr_html(table, head=evil, said=[evil])


def test_long_tables_say_how_long_and_empty_ones_are_left_out():
    shown = repr_html(pd.DataFrame({"x": range(1234)}), pd.DataFrame({"y": []}), most=3)
    assert shown.count("<tr>") == 3
    assert "the first 3 of 1,234 rows" in shown
    assert "<th>y</th>" not in shown


def test_the_frame_itself_stays_as_it_is():
    frame = pd.DataFrame({"x": pd.array([1, None], "Int64")})
    repr_html(frame)
    assert frame["x"].dtype == "Int64"


def test_no_result_writes_a_table_for_a_cell_by_itself():
    """One look for all: `to_html` of a frame is called in one place."""
    found = []
    for path in sorted(HOME.rglob("*.py")):
        if path.name == "repr_html.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "attr", "") == "to_html"
                and any(k.arg == "border" for k in node.keywords)
            ):
                found.append(f"{path.relative_to(HOME)}:{node.lineno}")
    assert [f for f in found if not f.startswith("workbench/")] == []
