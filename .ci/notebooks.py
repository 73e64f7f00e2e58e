"""Write each notebook from its script: no outputs, ids that follow from the content (jupytext draws them at random)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import jupytext
import nbformat

METADATA = {
    "jupytext": {"formats": "ipynb,py:percent"},
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
}

for script in sorted((Path(__file__).parents[1] / "notebooks").glob("*.py")):
    notebook = jupytext.read(script)
    notebook.metadata = nbformat.from_dict(METADATA)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = hashlib.sha256(f"{number}:{cell.source}".encode()).hexdigest()[:12]
    nbformat.write(notebook, script.with_suffix(".ipynb"))
