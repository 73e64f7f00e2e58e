"""Another catalogue for a log or for a run that was made, without reading again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from cxmining.errors import StudyError
from cxmining.ingest.mapping import edits
from cxmining.schema import Dataset, table
from cxmining.study import SurveySettings

if TYPE_CHECKING:
    from cxmining.runs.folder import Run

__all__ = ["apply_catalogue", "log_of"]

_TABLES: Final = ("events", "responses", "answers")


def apply_catalogue(source: Dataset | Run | str | Path, catalogue: str | Path) -> Dataset:
    r"""Name the touchpoints of a log, or of the log of a run, by a catalogue: renamed, merged and split.

    Parameters
    ----------
    source : Dataset, Run or path-like
        What `read` gave, or a run or its folder.
    catalogue : path-like
        A ``touchpoints.toml``, see `cxmining.catalogue`.

    Returns
    -------
    Dataset
        What `read` gives with this catalogue; of a run, its events, responses and answers.

    Raises
    ------
    UnknownNameError
        When the catalogue names a touchpoint that is not in the log; the message names the nearest.
    StudyError
        When the catalogue is wrong, or a split looks at what the log does not hold: a run keeps no subjects.

    Examples
    --------
    >>> import tempfile
    >>> from cxmining.ingest import from_frame
    >>> log = from_frame(pd.DataFrame({"who": ["a"], "what": ["mial"], "at": ["2024-01-01T00:00Z"]}),
    ...                  customer="who", touchpoint="what", timestamp="at")
    >>> file = Path(tempfile.mkdtemp()) / "touchpoints.toml"
    >>> _ = file.write_text('[[touchpoint]]\nname = "mail"\nrename = "mial"\n')
    >>> apply_catalogue(log, file).events["touchpoint"].tolist()
    ['mail']
    """
    if isinstance(source, str | Path):
        from cxmining.runs.folder import load_run

        source = load_run(source)
    return edits.apply_catalogue(source if isinstance(source, Dataset) else log_of(source), catalogue)


def log_of(run: Run) -> Dataset:
    """Return the log of a run: its events, responses and answers, without texts unless the study keeps them.

    Raises
    ------
    StudyError
        When the run folder was handed on without its private part.
    """
    frames = {}
    for name in _TABLES:
        path = run.path / "private" / f"{name}.parquet"
        if not path.is_file():
            raise StudyError(f"run {run.path.name}: private/{name}.parquet is not there, so there is no log to rename")
        frame = pd.read_parquet(path)
        frames[name] = table(name, {str(c): _typed(frame[c]) for c in frame.columns})
    study = run.manifest["study"]
    return Dataset(
        events=frames["events"], responses=frames["responses"], answers=frames["answers"], name=study["name"], language=study["language"], time_zone=study["time_zone"],
        notes=tuple(run.manifest["notes"]), surveys=tuple(SurveySettings.model_validate(s) for s in study["survey"]),
    )  # fmt: skip


def _typed(values: pd.Series) -> pd.Series:
    return values.astype("str") if values.dtype == object else values
