"""The built files are what the pinned sources give, and say whose work is in them."""

import json
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

PACKAGE = Path(str(files("cxmining"))) / "workbench"
FRONTEND, STATIC = PACKAGE / "frontend", PACKAGE / "static"
BUILT = (
    "journeymap.js",
    "journeymap.css",
    "notebook.css",
    "notebook.js",
    "report.js",
    "plotly.js",
    "workbench.js",
    "workbench.css",
    "LICENSES.txt",
)


def test_plotly_is_the_version_that_plotly_py_writes_for():
    from plotly.offline import get_plotlyjs_version

    ours = json.loads((FRONTEND / "package.json").read_text(encoding="utf-8"))["dependencies"]["plotly.js"]
    head = (STATIC / "plotly.js").read_text(encoding="utf-8")[:400]
    assert f"v{ours}" in head
    # figures are made by hand, so a newer plotly.py of the same major version draws the same
    assert ours.split(".")[0] >= get_plotlyjs_version().split(".")[0] or ours == get_plotlyjs_version()


def test_lock_file_names_no_registry():
    lock = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))
    assert "resolved" not in json.dumps(lock)
    assert all("integrity" in p for name, p in lock["packages"].items() if name)


def test_notices_stand_beside_the_files():
    text = (STATIC / "LICENSES.txt").read_text(encoding="utf-8")
    for name in ("@dagrejs/dagre 3.1.3 (MIT)", "plotly.js 4.1.1 (MIT)", "@plotly/d3-sankey 0.12.3 (BSD-3-Clause)"):
        assert name in text


def test_plotly_is_built_with_the_traces_that_figures_use():
    used = {"scatter", "bar", "heatmap", "sankey"}
    built = (STATIC / "plotly.js").read_text(encoding="utf-8")
    for trace in used:
        assert f'moduleType:"trace",name:"{trace}"' in built, trace
    sources = "".join(p.read_text(encoding="utf-8") for p in PACKAGE.parent.rglob("*.py"))
    kinds = set(re.findall(r"go\.(?!Figure|Layout)([A-Z][a-z]+)\(", sources))
    assert {k.lower() for k in kinds} <= used


def test_sizes_and_nothing_that_ends_a_script():
    assert (STATIC / "journeymap.js").stat().st_size < 80_000
    for name in ("journeymap.js", "notebook.js", "report.js", "plotly.js"):
        text = (STATIC / name).read_text(encoding="utf-8")
        assert "</script" not in text
        assert "<!--" not in text
    assert "export{" in (STATIC / "journeymap.js").read_text(encoding="utf-8")


def test_data_never_becomes_markup():
    for source in (FRONTEND / "src").rglob("*.js"):
        text = source.read_text(encoding="utf-8")
        for door in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert door not in text, f"{source.name}: {door}"


@pytest.mark.slow
def test_a_fresh_build_gives_the_committed_bytes(tmp_path):
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("needs node and npm")
    work = tmp_path / "frontend"
    shutil.copytree(FRONTEND, work, ignore=shutil.ignore_patterns("node_modules"))
    npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0", "--fetch-timeout=20000"]
    got = subprocess.run(npm, cwd=work, capture_output=True, text=True, timeout=180, check=False)
    if got.returncode:
        lines = [line for line in got.stderr.splitlines() if "error" in line.lower()]
        if not any(
            w in got.stderr for w in ("ENOTFOUND", "ETIMEDOUT", "ECONN", "EAI_AGAIN", "network", "E403", "E404")
        ):
            pytest.fail("\n".join(lines) or got.stderr)
        pytest.skip(f"needs the npm registry: {lines[0] if lines else 'no answer'}")
    out = tmp_path / "static"
    out.mkdir()
    subprocess.run(["node", "build.mjs", str(out)], cwd=work, check=True, capture_output=True, timeout=120)
    for name in BUILT:
        assert (out / name).read_bytes() == (STATIC / name).read_bytes(), f"{name}: run `npm run build` and commit it"
