"""environment.yml says what pyproject.toml says, in conda's words, and its ranges can be met together."""

from __future__ import annotations

import asyncio
import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
# conda-forge's names where they are not the ones of PyPI
CONDA_NAMES = {"duckdb": "python-duckdb", "pandera": "pandera-pandas", "tzdata": "python-tzdata"}

yaml = pytest.importorskip("yaml")
rattler = pytest.importorskip("rattler")


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def dependencies() -> list:
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]


def conda_specs() -> dict:
    specs = [rattler.MatchSpec(d) for d in dependencies() if isinstance(d, str)]
    return {spec.name.normalized: spec for spec in specs}


def pip_specs() -> dict[str, Requirement]:
    lines = next(d["pip"] for d in dependencies() if isinstance(d, dict))
    return {canonicalize_name(r.name): r for r in (Requirement(x) for x in lines if not x.startswith("--"))}


def probes(*texts: str) -> set[str]:
    """Versions on, just above and just below each bound: where two ranges would part."""
    found = set()
    for bound in re.findall(r"\d[\d.]*", " ".join(texts)):
        release = [*Version(bound).release, 0, 0][:3]
        found |= {bound, f"{release[0]}.{release[1]}.{release[2] + 1}", f"{release[0]}.{release[1] + 1}"}
        found |= {f"{release[0] + 1}.0", f"{max(release[0] - 1, 0)}.99", f"{release[0]}.{max(release[1] - 1, 0)}.99"}
    return found


def test_every_dependency_has_the_same_range() -> None:
    conda, pip = conda_specs(), pip_specs()
    for requirement in map(Requirement, project()["dependencies"]):
        name = canonicalize_name(requirement.name)
        if name in pip:
            assert pip[name].specifier == requirement.specifier, name
            continue
        spec = conda[CONDA_NAMES.get(name, name)]
        for probe in probes(str(requirement.specifier), str(spec.version)):
            accepted = rattler.VersionSpec(str(spec.version)).matches(rattler.Version(probe))
            assert accepted == requirement.specifier.contains(probe), (name, probe)


def test_python_has_the_same_range() -> None:
    python = conda_specs()["python"]
    wanted = Requirement(f"python{project()['requires-python']}").specifier
    for probe in ("3.10.9", "3.11", "3.11.7", "3.13.2", "3.14", "3.14.1"):
        assert rattler.VersionSpec(str(python.version)).matches(rattler.Version(probe)) == wanted.contains(probe)


def test_nothing_stands_there_that_the_project_does_not_name() -> None:
    names = {CONDA_NAMES.get(n, n) for n in (canonicalize_name(Requirement(d).name) for d in project()["dependencies"])}
    assert set(conda_specs()) - names == {"python", "pip", "pytest"}
    assert set(pip_specs()) <= names


def test_the_ranges_can_be_solved_together_offline(tmp_path: Path) -> None:
    """Solve against a channel of exactly the pinned versions: a range that excludes its pin has no solution."""
    records = {}

    def add(name: str, version: str, depends: list[str]) -> None:
        records[f"{name}-{version}-0.tar.bz2"] = {
            "name": name, "version": version, "build": "0", "build_number": 0, "depends": depends,
            "subdir": "noarch", "md5": "0" * 32, "size": 1, "timestamp": 0,
        }  # fmt: skip

    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            name = canonicalize_name(requirement.name)
            add(CONDA_NAMES.get(name, name), next(iter(requirement.specifier)).version, ["python"])
    for version in ("3.11.7", "3.12.1", "3.13.0"):
        add("python", version, [])
    add("pip", "26.0", ["python"])
    folder = tmp_path / "noarch"
    folder.mkdir()
    data = {"info": {"subdir": "noarch"}, "packages": records, "packages.conda": {}}
    (folder / "repodata.json").write_text(json.dumps(data), encoding="utf-8")
    channel = rattler.Channel("https://channel.invalid/test")
    specs = [rattler.MatchSpec(d) for d in dependencies() if isinstance(d, str)]
    repodata = rattler.SparseRepoData(channel, "noarch", folder / "repodata.json")
    solved = asyncio.run(rattler.solve_with_sparse_repodata(specs, [repodata]))
    assert {r.name.normalized for r in solved} >= set(conda_specs())
