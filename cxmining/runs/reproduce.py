"""Was it really so? Run again from the manifest, and say what differs and from which step on."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cxmining.errors import InputError, StudyError
from cxmining.runs.execute import run_study, versions
from cxmining.runs.folder import STEP_OF, TIMINGS, Run, load_run
from cxmining.study import Study, parse_study

__all__ = ["Reproduction", "reproduce"]


@dataclass(frozen=True, eq=False)
class Reproduction:
    """What a second execution gave.

    Attributes
    ----------
    identical : bool
        All outputs have the same bytes.
    differing : tuple of str
        Files that differ, are new or are gone, in order of the steps.
    first_step : str or None
        The step from which on they differ.
    changed_inputs, changed_versions : tuple of str
        Sentences: the reasons that could be found.
    """

    identical: bool
    differing: tuple[str, ...]
    first_step: str | None
    changed_inputs: tuple[str, ...]
    changed_versions: tuple[str, ...]

    @property
    def summary(self) -> pd.DataFrame:
        """One row per differing file, with its step."""
        return pd.DataFrame({"file": list(self.differing), "step": [STEP_OF.get(f, "?") for f in self.differing]})

    def __repr__(self) -> str:
        reasons = [*self.changed_inputs, *self.changed_versions]
        if self.identical:
            return "\n".join(["identical", *reasons])
        if not self.differing:
            return "\n".join(["not executed:", *reasons])
        head = f"differs from step {self.first_step!r} on: {', '.join(self.differing)}"
        return "\n".join([head, *(reasons or ["inputs and versions are the same: please report this"])])

    def _repr_html_(self) -> str:
        import html

        return f"<pre>{html.escape(repr(self))}</pre>"


def reproduce(run: str | Path | Run, *, data: str | Path | None = None, quiet: bool = False) -> Reproduction:
    """Execute a run again from its manifest and compare every output.

    Parameters
    ----------
    run : path-like or Run
        The run folder.
    data : path-like, optional
        Folder of the study's inputs; default where they were when the run was made.
    quiet : bool, default False
        Show no progress.

    Returns
    -------
    Reproduction
        When an input is missing or changed nothing is executed: the answer is known.

    Raises
    ------
    StudyError
        When `run` is no run folder, or its inputs' folder is not known.
    """
    before = run if isinstance(run, Run) else load_run(run)
    root = _root(before, data)
    study = parse_study(before.manifest["study"], root, where=f"{before.path}/run.json")
    changed = _changed_inputs(before.manifest, study)
    now = versions()
    then: Mapping[str, str] = before.manifest["versions"]
    other = tuple(
        f"{name}: {then.get(name, 'absent')} then, {now.get(name, 'absent')} now"
        for name in sorted({*then, *now})
        if then.get(name) != now.get(name)
    )
    key = _changed_key(before.manifest, study)
    if changed or key:
        return Reproduction(False, (), None, (*changed, *key), other)
    with tempfile.TemporaryDirectory() as folder:
        again = run_study(study, out=Path(folder) / "run", quiet=quiet, remember=False)
        outputs = dict(again.manifest["outputs"])
    expected: dict[str, str] = dict(before.manifest["outputs"])
    tampered = _on_disk(before, expected)
    differing = sorted(
        (f for f in {*expected, *outputs} if expected.get(f) != outputs.get(f) or f in tampered), key=_order
    )
    first = STEP_OF.get(differing[0], "?") if differing else None
    notes = tuple(f"{f} was changed after the run was written" for f in sorted(tampered))
    return Reproduction(not differing, tuple(differing), first, notes, other)


def _order(file: str) -> tuple[int, str]:
    names = list(STEP_OF)
    return (names.index(file) if file in names else len(names), file)


def _root(run: Run, data: str | Path | None) -> Path:
    if data is not None:
        return Path(data)
    try:
        relative: str = json.loads((run.path / TIMINGS).read_text(encoding="utf-8"))["study_folder"]
    except (OSError, ValueError, KeyError):
        relative = ""
    root = run.path / relative
    if not relative or not root.is_dir():
        raise StudyError(f"run {run.path}: its inputs are not where they were; name their folder with --data")
    return root.resolve()


def _changed_inputs(manifest: Mapping[str, Any], study: Study) -> tuple[str, ...]:
    lines = []
    for entry in manifest["inputs"]:
        file = study.root / entry["name"]
        try:
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
        except OSError:
            lines.append(f"input {entry['name']} ({entry['source']}) is missing")
            continue
        if digest != entry["sha256"]:
            lines.append(
                f"input {entry['name']} ({entry['source']}) changed: sha256 {entry['sha256'][:12]} then, {digest[:12]} now"
            )
    return tuple(lines)


def _changed_key(manifest: Mapping[str, Any], study: Study) -> tuple[str, ...]:
    from cxmining.privacy import fingerprint, load_key

    if not (study.root / study.privacy.key_file).is_file():
        import os

        if "CXMINING_KEY" not in os.environ:
            return (f"the pseudonym key {study.privacy.key_file} is missing: customers would get other pseudonyms",)
    now = fingerprint(load_key(study))
    if now != manifest["key_fingerprint"]:
        return (f"the pseudonym key changed: fingerprint {manifest['key_fingerprint']} then, {now} now",)
    return ()


def _on_disk(run: Run, expected: Mapping[str, str]) -> set[str]:
    changed = set()
    for name, digest in expected.items():
        try:
            if hashlib.sha256((run.path / name).read_bytes()).hexdigest() != digest:
                changed.add(name)
        except OSError as error:
            raise InputError(
                f"run {run.path}: {name} cannot be read ({error.strerror}); the folder is not complete"
            ) from None
    return changed
