"""A study in, a run folder out: read, journeys, discovery, experience, drivers, maps, report."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

import cxmining
from cxmining.errors import NotEnoughDataError
from cxmining.progress import Progress
from cxmining.runs.delivery import READINGS, Remembering
from cxmining.runs.folder import (
    MANIFEST,
    TIMINGS,
    Run,
    atomic_folder,
    hash_outputs,
    load_run,
    write_json,
    write_parquet,
)
from cxmining.runs.quality import quality_tables
from cxmining.runs.tables import counts, share_tables
from cxmining.schema import TABLES
from cxmining.study import Study, load_study

if TYPE_CHECKING:
    from cxmining.discovery import JourneyModel
    from cxmining.drivers import DriverAnalysis
    from cxmining.experience import Experience
    from cxmining.journeys import Journeys
    from cxmining.schema import Dataset

__all__ = ["PACKAGES", "Results", "mine", "run_study"]

PACKAGES = ("numpy", "pandas", "pandera", "plotly", "pm4py", "pyarrow", "scikit-learn", "scipy")
"""Packages whose version can change a figure."""


@dataclass(frozen=True, eq=False)
class Results:
    """Everything a study gives, in memory."""

    study: Study
    data: Dataset
    journeys: Journeys
    model: JourneyModel | None
    experience: Experience
    drivers: DriverAnalysis | None
    unexplained: dict[str, str] | None
    """Why there is no driver analysis, in English and Dutch."""
    notes: tuple[str, ...]


def run_study(
    study: str | Path | Study,
    *,
    out: str | Path | None = None,
    overrides: Iterable[str] = (),
    quiet: bool = False,
    fresh: bool = False,
    remember: bool = True,
) -> Run:
    """Run the main job: raw exports in, run folder with report out.

    Parameters
    ----------
    study : path-like or Study
        A ``study.toml``, a folder that holds one, or a loaded study.
    out : path-like, optional
        The run folder; default ``runs/<name of the study>`` below the current folder. A run that is
        already there is replaced when the new one is complete.
    overrides : iterable of str
        ``key=value`` settings that win over the file's.
    quiet : bool, default False
        Show no progress.
    fresh : bool, default False
        Read every file again, also those that did not change since the last run.
    remember : bool, default True
        Keep what was read, encrypted under the pseudonym key, in ``.readings`` beside the run folder, so
        that the next run reads only what changed and says what its delivery brought (``Run.delivery``).
        Without, nothing is kept and nothing compared. Either way the run is the same.

    Returns
    -------
    Run

    Raises
    ------
    StudyError
        When the study is wrong, or `out` is something else than a run folder.
    InputError
        When an input cannot be read or its records do not add up.
    """
    resolved = study if isinstance(study, Study) else load_study(study, overrides)
    folder = Path(out) if out is not None else Path("runs") / slug(resolved.name)
    progress = Progress(quiet)
    with _one_thread(), atomic_folder(folder) as made:
        kept = Remembering(resolved, folder.parent / READINGS, fresh=fresh) if remember else None
        results = mine(resolved, progress, kept)
        _write(results, made, progress)
        invocation: dict[str, Any] = {"study_folder": _relative(resolved.root, folder)}
        if kept is not None:
            kept.deliver(results.data).write(made)
            invocation["sources"] = {use.source: use.how for use in kept.readings.uses}
        write_json(made / TIMINGS, {"steps": progress.timings, **invocation})
    if kept is not None:
        kept.keep()
    return load_run(folder)


def mine(study: Study, progress: Progress | None = None, kept: Remembering | None = None) -> Results:
    """Go the whole way in memory; `run_study` writes what this returns. `kept` spares reading what did not change."""
    from cxmining.catalogue import check_catalogue
    from cxmining.discovery import discover
    from cxmining.experience import measure_experience
    from cxmining.ingest import read_all
    from cxmining.journeys import CaseNotion, build_journeys

    progress = progress or Progress(quiet=True)
    notes: list[str] = []
    with progress.step("read"):
        data = read_all(study, reader=kept.read, seen=kept.see) if kept is not None else read_all(study)
        if not len(data.events):
            files = ", ".join(i.name for i in data.inputs) or "nothing"
            lost = data.ledger.loc[data.ledger["status"] != "kept", "reason"].value_counts()
            why = f" (most often: {lost.index[0]}, {lost.iloc[0]:,} records)" if len(lost) else ""
            raise NotEnoughDataError(
                f"study {study.name!r}: no event was kept from {files}{why}; `cxmining inspect FILE` says more"
            )
        notes += data.notes
        if len(data.catalogue):
            notes += check_catalogue(data.catalogue, data.events)
    with progress.step("journeys"):
        settings = study.journeys
        notion = CaseNotion.of(settings.by, settings.gap, settings.exclude, settings.goal, settings.cut)
        journeys = build_journeys(data, notion, stages=settings.stages)
        notes += journeys.notes
        if len(journeys) == 1:
            notes.append("the log holds one journey: nothing can be compared, and small cells hide its figures")
    with progress.step("discovery"):
        model: JourneyModel | None = None
        try:
            d = study.discovery
            model = discover(journeys, d.miner, noise=d.noise, coverage=d.coverage, max_variants=d.max_variants)
        except NotEnoughDataError as error:
            notes.append(f"no model: {error}")
    with progress.step("experience"):
        experience = measure_experience(journeys, metric=study.experience.metric, wow=study.experience.wow)
    with progress.step("drivers"):
        found, unexplained = _explain(study, experience)
    return Results(study, data, journeys, model, experience, found, unexplained, tuple(notes))


def _explain(study: Study, experience: Experience) -> tuple[DriverAnalysis | None, dict[str, str] | None]:
    from cxmining.drivers import find_drivers

    d = study.drivers
    if d.target is None:
        return None, {
            "en": "The study names no target: nothing was explained.",
            "nl": "De studie noemt geen doelscore: er is niets verklaard.",
        }
    if not len(experience.links):
        return None, {
            "en": "No survey was read: which touchpoints decide satisfaction cannot be told from contacts alone.",
            "nl": "Er is geen enquête gelezen: welke contactmomenten de tevredenheid bepalen "
            "is uit contacten alleen niet te zeggen.",
        }
    try:
        ratings = experience.ratings(d.target, d.metric, d.controls)
        found = find_drivers(
            ratings, d.target, controls=d.controls, bootstrap=d.bootstrap, seed=study.seed, max_imputed=d.max_imputed,
            negative_control=True,
        )  # fmt: skip
    except NotEnoughDataError as error:
        return None, {"en": f"Nothing could be explained: {error}.", "nl": f"Er kon niets verklaard worden: {error}."}
    return found, None


def _write_calls(experience: Experience, path: Path) -> None:
    """Write whom to call: reasons of the log's last month that nobody has called about; no file without one."""
    from cxmining.experience.loop import call_back_list

    try:
        found = call_back_list(experience)
    except NotEnoughDataError:
        return
    if len(found.summary):
        found.write(path)


def _write(results: Results, folder: Path, progress: Progress) -> None:
    from cxmining.privacy import fingerprint, load_key, safe_csv
    from cxmining.report import write_report

    study, data, journeys = results.study, results.data, results.journeys
    private, share = folder / "private", folder / "share"
    private.mkdir()
    share.mkdir()
    with progress.step("tables"):
        write_parquet(private / "events.parquet", _without_text(data.events, study.privacy.text))
        write_parquet(private / "journeys.parquet", journeys.table)
        write_parquet(private / "responses.parquet", _without_text(data.responses, study.privacy.text))
        write_parquet(private / "answers.parquet", data.answers)
        write_parquet(private / "links.parquet", results.experience.links[list(TABLES["links"])])
        safe_csv(data.ledger, private / "ledger.csv")
        if len(data.mapping):
            safe_csv(data.mapping, private / "mapping.csv")
        _write_calls(results.experience, private / "call_back.csv")
        # by the file's id, as the ledger: a file that is renamed changes nothing
        rejects = data.rejects.records.drop(columns="file").rename(columns={"file_id": "file"})
        safe_csv(rejects, private / "rejects.csv")
        tables = share_tables(
            journeys,
            results.experience,
            results.drivers,
            study.privacy.min_cell,
            study.experience.group,
            study.root / study.cx_map if study.cx_map else None,
            study,
        )
        quality, left_out = quality_tables(data, study.privacy.min_cell)
        tables.update(quality)
        tables["suppressed.csv"] = pd.concat([tables["suppressed.csv"], left_out], ignore_index=True)
        for name, table in tables.items():
            safe_csv(table, share / name)
        if results.model is not None:
            (share / "model.bpmn").write_text(results.model.to_bpmn(), encoding="utf-8", newline="\n")
            (share / "model.pnml").write_text(results.model.to_pnml(), encoding="utf-8", newline="\n")
            write_json(share / "model.json", results.model.as_dict())
        verdict = results.drivers.as_dict() if results.drivers else {"word": None, "reason": results.unexplained}
        write_json(share / "verdict.json", verdict)
    manifest: dict[str, Any] = {
        "schema_version": 1,
        "study": _without_names(study.as_dict(), data),
        "inputs": [
            {
                "source": i.source,
                "name": i.name,
                **({"shown": i.shown} if i.shown else {}),
                "bytes": i.bytes,
                "sha256": i.sha256,
                **i.counts,
            }
            for i in data.inputs
        ],
        "versions": versions(),
        "seeds": {"drivers": study.seed},
        "key_fingerprint": fingerprint(load_key(study)),
        "identity": data.identity.summary.to_dict("records"),
        "notes": list(results.notes),
        "counts": counts(journeys),
    }
    # the report reads the manifest; the manifest lists the report: written before without, after with
    write_json(folder / MANIFEST, {**manifest, "outputs": hash_outputs(folder)})
    with progress.step("report"):
        write_report(folder)
    write_json(folder / MANIFEST, {**manifest, "outputs": hash_outputs(folder)})


def _without_names(study: dict[str, Any], data: Dataset) -> dict[str, Any]:
    """Write what must never merge as pseudonyms, which mean the same with the same key: a manifest names nobody."""
    if study["identity"]["never_merge"]:
        listed = [entry if isinstance(entry, str) else list(entry) for entry in data.identity.never_merge]
        study["identity"] = {**study["identity"], "never_merge": listed}
    return study


def _without_text(frame: pd.DataFrame, keep: str) -> pd.DataFrame:
    """Drop free text, unless the study asks to keep what reading has masked."""
    columns = [c for c in ("text", "comment") if c in frame and keep == "none"]
    return frame.drop(columns=columns)


def versions() -> dict[str, str]:
    """Versions of Python, cxmining and the packages that can change a figure."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    return {"python": python, "cxmining": cxmining.__version__, **{p: version(p) for p in PACKAGES}}


def slug(name: str) -> str:
    """Return `name` as the name of a folder.

    Examples
    --------
    >>> slug("Zonnestroom Energie 2025")
    'zonnestroom-energie-2025'
    """
    return re.sub(r"[^0-9a-z]+", "-", name.lower()).strip("-") or "study"


def _relative(root: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(root.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive: `reproduce` then asks for --data
        return ""


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums in BLAS depend on how many threads share them; the same bytes need one."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield
