"""Journeys as a folder of Parquet tables and one JSON file: everything, so that nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.errors import StudyError
from cxmining.exchange.export import Export, describe, score_columns, steps_of
from cxmining.journeys import journeys_of

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.journeys import Journeys

__all__ = ["TEXTS", "write_parquet"]

_TABLES: Final = ("events", "responses", "answers", "invitations", "customers", "catalogue", "ledger")
TEXTS: Final = {"events": "text", "responses": "comment"}
"""What customers wrote, and so what may name somebody."""


def write_parquet(source: Journeys | Experience, path: str | Path, *, texts: bool = False) -> Export:
    """Write journeys as a folder of Parquet tables that other tools read, and `read_journeys` without loss.

    Parameters
    ----------
    source : Journeys or Experience
        With scores, these stand beside each journey and event.
    path : path-like
        Folder to make; it must not exist, or be empty.
    texts : bool, default False
        Write what customers wrote, too. It may name people.

    Returns
    -------
    Export

    Raises
    ------
    StudyError
        When the folder is not empty, or cannot be made.

    Notes
    -----
    ``events``, ``responses``, ``answers``, ``invitations``, ``customers``, ``catalogue`` and ``ledger`` are the tables
    of the data set; ``journeys`` has a row per journey with its score; ``steps`` a row per event of a journey, in
    order, with touchpoint, channel, stage, score and expectation; ``journeys.json`` says what one journey is and
    which filters were applied.
    """
    journeys = journeys_of(source)
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise StudyError(f"write_parquet: the folder {folder.name!r} is not empty; name a new one")
    except OSError as error:
        raise StudyError(f"write_parquet: {folder.name!r} cannot be made a folder: {error.strerror or error}") from None
    tables: dict[str, pd.DataFrame] = {name: getattr(journeys.data, name) for name in _TABLES}
    left_out = []
    if not texts:
        for name, column in TEXTS.items():
            there = int(tables[name][column].notna().sum())
            if there:
                left_out.append(f"{there:,} texts in {name}.{column}, which may name people; texts=True writes them")
            tables[name] = tables[name].assign(**{column: pd.Series(pd.NA, index=tables[name].index, dtype="str")})
    scores = score_columns(source)[0]
    tables["journeys"] = journeys.table.assign(origin=journeys.origins).merge(scores, on="journey_id", how="left")
    steps = steps_of(source)
    kept = ["row", "journey_id", "position", "event_id", "timestamp", "touchpoint", "channel", "stage", "stage_source"]
    beside = [c for c in ("score", "score_metric", "scale_low", "scale_high", "expected") if c in steps]
    tables["steps"] = steps[kept + beside]
    rows = [_write(folder, name, frame) for name, frame in tables.items()]
    about = folder / "journeys.json"
    about.write_text(json.dumps(describe(journeys), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    rows.append({"file": about.name, "rows": 1, "bytes": about.stat().st_size})
    return Export(folder, pd.DataFrame(rows), tuple(left_out))


def _write(folder: Path, name: str, frame: pd.DataFrame) -> dict[str, Any]:
    file = folder / f"{name}.parquet"
    frame.to_parquet(file, index=False, compression="zstd")
    return {"file": file.name, "rows": len(frame), "bytes": file.stat().st_size}
