"""A run folder: written beside and renamed when complete, read back, listed with its hashes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxmining.errors import StudyError
from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    from cxmining.runs.delivery import Delivery

__all__ = [
    "DELIVERIES",
    "MANIFEST",
    "STEP_OF",
    "Run",
    "atomic_folder",
    "hash_outputs",
    "load_run",
    "write_json",
    "write_parquet",
]

MANIFEST = "run.json"
TIMINGS = "timings.json"
DELIVERIES = ("delivery.json", "private/delivery_records.csv", "private/delivery_customers.csv")
SIGNIFICANT_DIGITS = 6

STEP_OF: Mapping[str, str] = {
    "private/ledger.csv": "read",
    "private/mapping.csv": "read",
    "private/rejects.csv": "read",
    "share/sources.csv": "read",
    "share/rejects.csv": "read",
    "share/unmapped.csv": "read",
    "private/events.parquet": "read",
    "private/responses.parquet": "read",
    "private/answers.parquet": "read",
    "private/journeys.parquet": "journeys",
    "share/dfg.csv": "journeys",
    "share/variants.csv": "journeys",
    "share/paths.csv": "experience",
    "share/model.bpmn": "discovery",
    "share/model.pnml": "discovery",
    "share/model.json": "discovery",
    "private/links.parquet": "experience",
    "share/link_report.csv": "experience",
    "share/overall.csv": "experience",
    "share/touchpoints.csv": "experience",
    "share/emotional_journey.csv": "experience",
    "share/slices.csv": "experience",
    "share/slice_touchpoints.csv": "experience",
    "share/slice_edges.csv": "experience",
    "share/slice_variants.csv": "experience",
    "share/drivers.csv": "drivers",
    "share/verdict.json": "drivers",
    "share/suppressed.csv": "drivers",
    "share/report.html": "report",
}
"""Which step of a run makes a file, in the order of the steps."""


def rounded(value: Any) -> Any:
    """Return JSON-ready `value` with floats at the stated precision and what is not finite as null."""
    if isinstance(value, Mapping):
        return {str(k): rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if abs(value) < float("inf") else None
    return None if value is pd.NA else value


def write_json(path: Path, value: Any) -> None:
    """Write `value` with sorted keys, floats rounded, text as it is."""
    text = json.dumps(rounded(value), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    path.write_bytes((text + "\n").encode("utf-8"))


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write a table without the writer's index metadata, so that equal tables are equal bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrow = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(arrow, path, compression="zstd", store_schema=False)


@contextmanager
def atomic_folder(out: Path) -> Iterator[Path]:
    """Give a folder beside `out` to write in, and put it in `out`'s place when the body succeeds.

    Raises
    ------
    StudyError
        When `out` exists and is not a run folder (nothing of anybody else's is replaced), or no folder
        can be made there.
    """
    if out.exists() and not (out.is_dir() and ((out / MANIFEST).is_file() or not any(out.iterdir()))):
        raise StudyError(f"{out} exists and is no run folder; choose another with --out, or remove it")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".partial", dir=out.parent))
    except OSError as error:
        raise StudyError(f"{out}: no folder can be made there ({error.strerror}); choose another with --out") from None
    try:
        yield made
        made.chmod(0o755)
        if out.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".old", dir=out.parent))
            out.replace(old / "run")
            made.replace(out)
            shutil.rmtree(old)
        else:
            made.replace(out)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def hash_outputs(folder: Path) -> dict[str, str]:
    """Return relative path → sha256 of each file below `folder` but those about this one execution.

    What a delivery brought depends on what was there before, what a run says of its inputs does not.
    """
    found = {}
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = file.relative_to(folder).as_posix()
        if name not in (MANIFEST, TIMINGS, *DELIVERIES):
            found[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run.

    Attributes
    ----------
    path : Path
        The run folder.
    manifest : dict
        ``run.json``.
    """

    path: Path
    manifest: Mapping[str, Any]

    def table(self, name: str) -> pd.DataFrame:
        """Read one table of the run, e.g. ``"touchpoints"`` or ``"events"``."""
        for candidate in (self.path / "share" / f"{name}.csv", self.path / "private" / f"{name}.csv"):
            if candidate.is_file():
                from cxmining.privacy import read_safe_csv

                return read_safe_csv(candidate)
        parquet = self.path / "private" / f"{name}.parquet"
        if parquet.is_file():
            return pd.read_parquet(parquet)
        names = sorted({p.stem for p in self.path.rglob("*") if p.suffix in (".csv", ".parquet")})
        raise StudyError(f"run {self.path.name}: no table {name!r}; there is: {', '.join(names)}")

    @property
    def verdict(self) -> Mapping[str, Any]:
        """``share/verdict.json``."""
        value: Mapping[str, Any] = json.loads((self.path / "share" / "verdict.json").read_text(encoding="utf-8"))
        return value

    @property
    def report(self) -> Path:
        """Path of the report."""
        return self.path / "share" / "report.html"

    @property
    def inputs(self) -> pd.DataFrame:
        """Each input with the counts that add up."""
        return pd.DataFrame(list(self.manifest["inputs"]))

    @property
    def delivery(self) -> Delivery:
        """What is new, late, corrected and gone since the last delivery, and which customers became one."""
        from cxmining.runs.delivery import load_delivery

        return load_delivery(self.path)

    @property
    def summary(self) -> pd.DataFrame:
        """The touchpoints of the run."""
        return self.table("touchpoints")

    def __repr__(self) -> str:
        c = self.manifest["counts"]
        word = self.verdict.get("word") or "nothing to explain"
        return (
            f"Run({self.manifest['study']['name']!r}: {c['events']:,} events, {c['customers']:,} customers, "
            f"{c['journeys']:,} journeys, {c['responses']:,} responses; verdict: {word}; {os.fspath(self.path)})"
        )

    def _repr_html_(self) -> str:
        return repr_html(self.inputs, head=repr(self))


def load_run(path: str | Path) -> Run:
    """Open a run folder.

    Raises
    ------
    StudyError
        When there is no complete run at `path`.
    """
    folder = Path(path)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(f"{folder} is no run folder: it holds no {MANIFEST}; `cxmining run STUDY` makes one") from None
    except (OSError, ValueError) as error:
        raise StudyError(f"{folder / MANIFEST} cannot be read: {error}") from None
    if manifest.get("schema_version") != 1:
        raise StudyError(
            f"{folder / MANIFEST}: schema_version {manifest.get('schema_version')!r}; this version reads 1"
        )
    return Run(folder, manifest)
