"""A notebook executed with parameters: strict about what it is given, the same bytes each time."""

import nbformat
import pytest

from cxmining.errors import InputError, StudyError
from cxmining.runs.notebook import parameters_of, run_notebook

DECLARED = 'days = 30\nshare = 0.5\nname = "a"\nnothing = None\nworked = 1 + 1'


def written(folder, *sources, tagged=DECLARED):
    cells = [nbformat.v4.new_code_cell(tagged, id="p", metadata={"tags": ["parameters"]})] if tagged else []
    cells += [nbformat.v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    path = folder / "own.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_parameters_are_the_literals_of_the_tagged_cell(tmp_path):
    notebook = nbformat.read(written(tmp_path), as_version=4)
    # 1 + 1 is worked out: giving another value would not say what it is
    assert parameters_of(notebook) == {"days": 30, "share": 0.5, "name": "a", "nothing": None}


def test_two_runs_give_the_same_bytes_and_the_values_given(tmp_path):
    path = written(tmp_path, "print(days, share, name, open('beside.txt').read())")
    (tmp_path / "beside.txt").write_text("its own folder", encoding="utf-8")
    given = ["days=7", "share=1", "name=7"]
    first, second = (run_notebook(path, tmp_path / name / "out.ipynb", given) for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    done = nbformat.read(first, as_version=4)
    assert done.cells[-1].outputs[0].text == "7 1 7 its own folder\n"
    assert done.cells[1].source == "days = 7\nshare = 1\nname = '7'"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["dayz=7"], "declares no parameter 'dayz'; did you mean 'days'"),
        (["days=x"], "parameter 'days' is int (30), not 'x'"),
        (["days=1.5"], "parameter 'days' is int (30), not 1.5"),
        ({"days": True}, "parameter 'days' is int (30), not True"),
        (["days"], "'days': a parameter is given as name=value"),
        (["worked=3"], "declares no parameter 'worked'"),
        ({"name": 7}, "parameter 'name' is str ('a'), not 7"),
    ],
)
def test_what_is_not_declared_so_is_refused_before_anything_runs(tmp_path, given, said):
    out = tmp_path / "out.ipynb"
    with pytest.raises(StudyError) as caught:
        run_notebook(written(tmp_path, "1/0"), out, given)
    assert said in str(caught.value)
    assert not out.exists()


def test_a_notebook_without_parameters_says_so(tmp_path):
    with pytest.raises(StudyError, match="it has no cell tagged 'parameters'"):
        run_notebook(written(tmp_path, "1", tagged=""), tmp_path / "out.ipynb", ["days=1"])


def test_a_failing_cell_is_named_and_kept_where_it_stands(tmp_path):
    out = tmp_path / "out.ipynb"
    with pytest.raises(StudyError, match=r"own.ipynb: a cell failed: ZeroDivisionError: division by zero"):
        run_notebook(written(tmp_path, "print(1)", "1/0"), out)
    done = nbformat.read(out, as_version=4)
    assert done.cells[1].outputs[0].text == "1\n"
    assert done.cells[2].outputs[0].ename == "ZeroDivisionError"


@pytest.mark.parametrize("content", ["", "{}", "no json", '{"cells": 3, "nbformat": 4}'])
def test_what_is_no_notebook_is_said(tmp_path, content):
    path = tmp_path / "x.ipynb"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="no notebook"):
        run_notebook(path, tmp_path / "out.ipynb")


def test_the_command_executes_one_and_refuses_two_things(cxmining_command, tmp_path):
    path = written(tmp_path, "days")
    done = cxmining_command("run", "--notebook", path, "--set", "days=3", "--out", tmp_path / "out.ipynb")
    assert done.returncode == 0, done.stderr
    assert "'text/plain': '3'" in str(nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[-1].outputs)
    both = cxmining_command("run", tmp_path, "--notebook", path)
    assert both.returncode == 2
    assert "one of the two" in both.stderr
