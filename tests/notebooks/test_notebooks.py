"""The notebooks run from top to bottom, twice with the same result, and say in JSON what they say in Python."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient")
jupytext = pytest.importorskip("jupytext")
nbformat = pytest.importorskip("nbformat")

FIGURES = {"01_first_look": 3, "02_journeys_in_depth": 2}
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
def test_the_notebook_runs(path: Path) -> None:
    notebook = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    )  # fmt: skip
    client.execute()
    outputs = [o for c in notebook.cells for o in c.get("outputs", [])]
    assert not [o for o in outputs if o.output_type == "error"]
    figures = [o for o in outputs if "application/vnd.plotly.v1+json" in o.get("data", {})]
    assert len(figures) == FIGURES[path.stem]
    assert not [o for o in outputs if o.output_type == "stream" and o.name == "stderr" and "Warning" in o.text]
