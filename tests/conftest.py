"""What several rooms' tests stand on: the sample, one run of it, and the real exports where they are."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    # Where Python may not keep what it compiled, each of the many processes that tests start would compile pandas,
    # scipy and pm4py anew: half of its time. Kept out of the tree, so that nothing is written there.
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(Path(tempfile.gettempdir()) / "cxmining-pycache")
    sys.dont_write_bytecode = False

if "PYTEST_XDIST_WORKER" in os.environ:
    # As many workers as processors: threads of BLAS and OpenMP beside them, also those of the notebooks and commands
    # that tests start, would only wait for each other. Said before numpy is loaded.
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(threads, "1")

# How long an example takes says something about the machine, nothing about the law.
settings.register_profile("cxmining", deadline=None)
settings.load_profile("cxmining")

SLOW = (
    "notebooks/test_notebooks", "runs/test_sample_run", "hostile/test_large_exports", "runs/test_real_studies",
    "report/test_report_browser", "workbench/test_in_jupyterlab", "runs/test_commands", "runs/test_sensitivity",
    "differences/test_compare_real", "discovery/test_miners", "privacy/test_run_holds_nobody",
    "archetypes/test_archetypes", "archetypes/test_personas", "runs/test_reading_apart",
)  # fmt: skip
"""Files that take longest, the longest first: begun last, one of them keeps one worker while the others are done."""


collect_ignore_glob = ["*conftest.py"]
"""They hold no examples, and being all called the same, two of them could not be collected beside each other."""


def pytest_configure(config: pytest.Config) -> None:
    """Let xdist deal files out in the order below, not by how many tests are in them."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest; the order within a file stays."""
    places = {f"tests/{name}.py": i for i, name in enumerate(SLOW)}
    items.sort(key=lambda item: places.get(item.nodeid.split("::")[0], len(SLOW)))


ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample"
REAL = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def real() -> Path:
    """Folder of real exports that are not ours to ship."""
    if not REAL.is_dir():
        pytest.skip("the real exports of ../shared/data are not here")
    return REAL


@pytest.fixture(scope="session")
def sample() -> Path:
    return SAMPLE


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory):
    """One run of the sample that no test may change: the one that the README's first command made, where CI names it."""
    from cxmining.runs import load_run, run_study

    if made := os.environ.get("CXMINING_SAMPLE_RUN"):
        return load_run(made)
    return run_study(SAMPLE, out=tmp_path_factory.mktemp("runs") / "sample", quiet=True)


@pytest.fixture
def cxmining_command():
    """Call the command line in a process of its own: (arguments, environment) → finished process."""

    def call(*arguments: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "cxmining.cli", *map(str, arguments)],
            capture_output=True, text=True, check=False, cwd=cwd, env={**os.environ, **environment}, timeout=300,
        )  # fmt: skip

    return call


@pytest.fixture
def sample_copy(tmp_path: Path) -> Path:
    """A copy of the sample that a test may change."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "sample"))
