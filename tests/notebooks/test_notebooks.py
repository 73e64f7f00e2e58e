"""The notebooks run from top to bottom, twice with the same result, and say in JSON what they say in Python."""

from __future__ import annotations

import hashlib
from pathlib import Path

import nbformat
import pytest

from cxmining.runs.notebook import run_notebook

jupytext = pytest.importorskip("jupytext")

FIGURES = {
    "01_eerste_blik": 3,
    "01_first_look": 3,
    "02_from_exports_to_a_log": 0,
    "03_discover_and_compare_journeys": 2,
    "04_experience_and_wow": 2,
    "05_which_20_percent": 1,
    "06_maps_and_roadmap": 1,
    "07_reproducing_a_run": 0,
    "08_ten_million_events": 0,
}
GIVEN = {"08_ten_million_events": {"events": 1_000_000}}  # what it says, in a tenth of the time
NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.py"))


def stable_ids(notebook):  # jupytext draws cell ids at random
    for number, cell in enumerate(notebook.cells):
        cell["id"] = hashlib.sha256(f"{number}:{cell.source}".encode()).hexdigest()[:12]
    return notebook


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_the_notebook_is_its_script_without_outputs(path: Path) -> None:
    wanted = stable_ids(jupytext.read(path))
    stored = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    assert [(c.cell_type, c.source, c.id) for c in stored.cells] == [
        (c.cell_type, c.source, c.id) for c in wanted.cells
    ]
    assert all(not c.get("outputs") and not c.get("execution_count") for c in stored.cells)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_the_notebook_runs(path: Path, tmp_path: Path) -> None:
    done = run_notebook(path.with_suffix(".ipynb"), tmp_path / path.name, GIVEN.get(path.stem, ()), patience_s=300)
    notebook = nbformat.read(done, as_version=4)
    assert done.stat().st_size < 1_000_000, "a notebook that is kept and mailed stays below a megabyte"
    outputs = [o for c in notebook.cells for o in c.get("outputs", [])]
    figures = [o for o in outputs if "application/vnd.plotly.v1+json" in o.get("data", {})]
    assert len(figures) == FIGURES[path.stem]
    assert not [o for o in outputs if o.output_type == "stream" and o.name == "stderr" and "Warning" in o.text]


def test_each_notebook_ends_in_something_to_try() -> None:
    for path in NOTEBOOKS:
        last = jupytext.read(path).cells[-1]
        assert last.cell_type == "markdown", path.stem
        assert last.source.startswith(("## Try it", "## Probeer zelf")), path.stem
