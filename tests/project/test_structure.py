"""The house keeps its order: what is imported when, by whom, and what no file may say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import cxmining

ROOT = Path(__file__).parents[2]
HEAVY = ("pm4py", "plotly", "sklearn", "scipy", "pandera", "lxml", "matplotlib", "babel", "pyarrow.dataset")


def test_importing_costs_next_to_nothing() -> None:
    code = (
        "import pandas, sys, time; before = set(sys.modules); t = time.perf_counter(); import cxmining; "
        "s = time.perf_counter() - t; new = {m.partition('.')[0] for m in set(sys.modules) - before}; "
        "print(s, *sorted(new))"
    )
    seconds, *modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.split()
    assert float(seconds) < 0.5
    assert not set(modules) & set(HEAVY)


@pytest.mark.parametrize("name", [n for n in cxmining.__all__ if n != "__version__"])
def test_every_verb_is_there_and_documented(name: str) -> None:
    verb = getattr(cxmining, name)
    assert (verb.__doc__ or "").strip()
    # a verb that bore its module's name would be one thing on first use and another afterwards
    assert not (ROOT / "cxmining" / name).exists()
    assert not (ROOT / "cxmining" / f"{name}.py").exists()


def test_an_unknown_verb_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'mine_everything'"):
        cxmining.mine_everything  # noqa: B018


def test_imports_point_upstream_only() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=False, cwd=ROOT)
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_registry_or_somebodys_folder() -> None:
    registries = ["pypi" + ".org", "files.python" + "hosted", "registry.npm" + "js", "deb." + "debian.org"]
    folder = re.compile(r"(?<![\w.<])/(?:home|root|work|Users)/\w+")
    for path in tracked():
        if path.suffix in (".png", ".parquet", ".gz", ".mbox") or "/static/" in path.as_posix():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not [r for r in registries if r in text], path
        assert not folder.search(text), (path, folder.search(text))


def test_no_file_is_too_long_to_read() -> None:
    for path in tracked():
        if path.suffix == ".py" and path.is_relative_to(ROOT / "cxmining"):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 650, path


def test_the_readmes_table_of_formats_is_the_studys() -> None:
    from cxmining.study import FORMATS

    readme = (ROOT / "README.md").read_text(encoding="utf-8").lower()
    for name in set(FORMATS) - {"auto"}:
        assert name in readme, name
