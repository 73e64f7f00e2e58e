"""What the report reads of a run folder: its manifest and the tables under ``share/``, nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cxmining.errors import InputError, StudyError
from cxmining.maps.blueprint.cells import HANDOVER_COLUMNS
from cxmining.maps.cx.cells import CELL_COLUMNS
from cxmining.maps.personas.cells import CELL_COLUMNS as PERSONA_COLUMNS
from cxmining.maps.stakeholders.cells import CELL_COLUMNS as STAKEHOLDER_COLUMNS
from cxmining.privacy import read_safe_csv

__all__ = ["RunTables", "read_run"]

_COUNTS = ("kept", "rejected", "duplicate", "merged", "context")


@dataclass(frozen=True, eq=False)
class RunTables:
    """The aggregates of one run.

    Attributes
    ----------
    manifest : mapping
        ``run.json``.
    touchpoints, dfg, paths, variants, drivers, overall, emotions, links, suppressed, cx, blueprint, handovers, personas, stakeholders, rejects, unmapped, slices, slice_touchpoints, slice_edges, slice_variants : DataFrame
        The tables under ``share/``; empty where the run has none.
    verdict, model : mapping
        ``share/verdict.json`` and ``share/model.json``.
    """

    manifest: Mapping[str, Any]
    touchpoints: pd.DataFrame
    dfg: pd.DataFrame
    paths: pd.DataFrame
    variants: pd.DataFrame
    drivers: pd.DataFrame
    overall: pd.DataFrame
    emotions: pd.DataFrame
    links: pd.DataFrame
    suppressed: pd.DataFrame
    cx: pd.DataFrame
    blueprint: pd.DataFrame
    handovers: pd.DataFrame
    personas: pd.DataFrame
    stakeholders: pd.DataFrame
    rejects: pd.DataFrame
    unmapped: pd.DataFrame
    slices: pd.DataFrame
    slice_touchpoints: pd.DataFrame
    slice_edges: pd.DataFrame
    slice_variants: pd.DataFrame
    verdict: Mapping[str, Any]
    model: Mapping[str, Any]

    @property
    def study(self) -> Mapping[str, Any]:
        """The study as it was resolved."""
        value: Mapping[str, Any] = self.manifest.get("study", {})
        return value

    @property
    def counts(self) -> Mapping[str, Any]:
        """Size and period."""
        value: Mapping[str, Any] = self.manifest.get("counts", {})
        return value

    @property
    def min_cell(self) -> int:
        """Figures about fewer customers are hidden."""
        return int((self.study.get("privacy") or {}).get("min_cell", 10))

    @property
    def fingerprint(self) -> str:
        """Of all inputs together, whatever they are called and in whatever order they came."""
        parts = sorted(str(i["sha256"]) for i in self.manifest.get("inputs", []))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]

    def hidden(self, file: str) -> set[tuple[str, str]]:
        """(key, column) of each figure of `file` that is known and not shown."""
        rows = self.suppressed[self.suppressed["file"] == file]
        return set(zip(rows["key"].astype(str), rows["column"].astype(str), strict=True))

    @property
    def unbalanced(self) -> list[str]:
        """Inputs whose counts do not add up."""
        return [
            str(i["name"])
            for i in self.manifest.get("inputs", [])
            if i["read"] != sum(int(i.get(c, 0)) for c in _COUNTS)
        ]


def read_run(run: Path) -> RunTables:
    """Read the manifest and the shared tables of a run folder.

    Raises
    ------
    StudyError
        When `run` is no run folder.
    InputError
        When a file of it cannot be read; the message names the file.
    """
    manifest = run / "run.json"
    if not manifest.is_file():
        raise StudyError(f"{run} is no run folder: it holds no run.json; `cxmining run STUDY` makes one")

    def table(name: str, *columns: str, needed: bool = False) -> pd.DataFrame:
        path = run / "share" / name
        if not path.is_file():
            if needed:
                raise InputError(f"{run.name}/share/{name} is missing; run the study again with `cxmining run`")
            return pd.DataFrame({c: pd.Series(dtype="object") for c in columns})
        try:
            frame = read_safe_csv(path, _TEXT)
        except (ValueError, OSError) as error:
            raise InputError(f"{run.name}/share/{name} cannot be read: {error}") from None
        lacking = [c for c in columns if c not in frame.columns]
        if lacking:
            raise InputError(f"{run.name}/share/{name}: columns {lacking} are missing; it was made by another version")
        return frame

    def sliced(name: str, *columns: str) -> pd.DataFrame:
        frame = table(name, "channel", "persona", *columns)
        # nothing stands for all
        return frame.assign(channel=frame["channel"].fillna(""), persona=frame["persona"].fillna(""))

    def document(path: Path) -> dict[str, Any]:
        if not path.is_file():
            return {}
        try:
            value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(f"{path.relative_to(run).as_posix()} cannot be read: {error}") from None
        return value

    share = run / "share"
    return RunTables(
        manifest=document(manifest),
        touchpoints=table(
            "touchpoints.csv", "touchpoint", "stage", "channel", "events", "reach", "score_mean", needed=True
        ),
        dfg=table("dfg.csv", "source", "target", "n", "journeys", "median_s", needed=True),
        paths=table("paths.csv", "path", "metric", "how", "steps", "customers", "of", "share", "low", "high", "hidden"),
        variants=table("variants.csv", "rank", "touchpoints", "journeys", "share", "median_duration_s"),
        drivers=table("drivers.csv", "touchpoint", "share", "share_low", "share_high"),
        overall=table("overall.csv", "metric", "survey_kind", "score", "low", "high", "n"),
        emotions=table(
            "emotional_journey.csv", "by", "grouped_by", "group", "line", "place", "mean", "low", "high", "n"
        ),
        links=table("link_report.csv", "survey", "rule", "answers", "matched", "unmatched", "ambiguous"),
        suppressed=table("suppressed.csv", "file", "key", "column"),
        cx=table("cx_map.csv", *CELL_COLUMNS),
        blueprint=table("blueprint.csv", *CELL_COLUMNS),
        handovers=table("handovers.csv", *HANDOVER_COLUMNS),
        personas=table("personas.csv", *PERSONA_COLUMNS),
        stakeholders=table("stakeholders.csv", *STAKEHOLDER_COLUMNS),
        rejects=table("rejects.csv", "source", "file", "cell", "code", "reason", "n", "examples"),
        unmapped=table("unmapped.csv", "label", "events", "share"),
        slices=sliced("slices.csv", "status", "journeys", "customers", "answers", "score_mean"),
        slice_touchpoints=sliced("slice_touchpoints.csv", "touchpoint", "events", "reach", "score_mean"),
        slice_edges=sliced("slice_edges.csv", "source", "target", "n", "journeys", "median_s"),
        slice_variants=sliced("slice_variants.csv", "rank", "touchpoints", "journeys", "share", "median_duration_s"),
        verdict=document(share / "verdict.json"),
        model=document(share / "model.json"),
    )


_TEXT = (
    "touchpoint", "label_en", "label_nl", "stage", "stage_source", "owner", "owner_source", "channel", "channel_mix",
    "score_metric", "source", "target", "variant_id", "touchpoints", "metric", "survey_kind", "survey", "rule", "file", "key",
    "column", "reason", "row", "text", "status", "hidden", "by", "grouped_by", "group", "line", "place", "basis", "cell", "code", "examples", "label", "fix_en", "fix_nl", "name", "other", "persona", "persona_en", "persona_nl",
)  # fmt: skip
