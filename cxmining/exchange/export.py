"""What both forms share: what is written about each event, what is left out, and what was written."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import InputError, NotEnoughDataError
from cxmining.experience import Experience
from cxmining.journeys import CaseNotion, Journeys, StageProposal, journeys_of
from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["VERSION", "Export", "describe", "notion_of", "plain", "score_columns", "staging_of", "steps_of"]

VERSION: Final = 1
"""Of the layout of both forms. A reader refuses what it does not know."""


@dataclass(frozen=True, eq=False)
class Export:
    """What was written.

    Attributes
    ----------
    path : Path
    summary : DataFrame
        One row per file: `file`, `rows`, `bytes`.
    left_out : tuple of str
        What the export lacks, in words.
    """

    path: Path
    summary: pd.DataFrame
    left_out: tuple[str, ...]

    def __repr__(self) -> str:
        lines = [f"  {r['file']}: {r['rows']:,} rows, {r['bytes']:,} bytes" for r in self.summary.to_dict("records")]
        return "\n".join([f"Export({self.path.name})", *lines, *(f"  left out: {what}" for what in self.left_out)])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, said=[f"left out: {what}" for what in self.left_out])


def score_columns(source: Journeys | Experience) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the scores of journeys (by `journey_id`) and of events (by `event_id`), empty where there are none."""
    journeys = pd.DataFrame({"journey_id": pd.Series(dtype="str")})
    events = pd.DataFrame({"event_id": pd.Series(dtype="str")})
    if isinstance(source, Experience):
        try:
            found = source.journey_scores()
        except NotEnoughDataError:
            return journeys, events  # nobody scored a journey: the export says so by having no such column
        journeys = found.drop(columns="customer_id").rename(columns={"metric": "score_metric"})
        events = source.event_scores()
    return journeys, events


def steps_of(source: Journeys | Experience) -> pd.DataFrame:
    """Return the events in journey order with stage, score and expectation beside them.

    Returns
    -------
    DataFrame
        ``Journeys.events`` with `row` (place in the event log), and where there are scores `score`,
        `score_metric`, `scale_low`, `scale_high` and `expected`.
    """
    journeys = journeys_of(source)
    events = journeys.events.assign(row=journeys.log.rows)
    scores = score_columns(source)[1]
    if not len(scores):
        return events
    return events.merge(scores, on="event_id", how="left", validate="one_to_one")


def describe(journeys: Journeys) -> dict[str, Any]:
    """Return what a reader must know beside the events, as plain JSON."""
    data = journeys.data
    return {
        "format": "cxmining journeys",
        "version": VERSION,
        "notion": asdict(journeys.notion),
        "notes": list(journeys.notes),
        "chain": list(journeys.chain),
        "staging": None if journeys.staging is None else _staging(journeys.staging),
        "touchpoints": list(journeys.log.touchpoints),
        "channels": list(journeys.log.channels),
        "dataset": {
            "name": data.name,
            "language": data.language,
            "time_zone": data.time_zone,
            "notes": list(data.notes),
            "surveys": [s.model_dump(mode="json", by_alias=True) for s in data.surveys],
        },
    }


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as plain JSON; what is missing is null."""
    return [
        {str(k): None if pd.isna(v) else (v.item() if isinstance(v, np.generic) else v) for k, v in row.items()}
        for row in frame.to_dict("records")
    ]


def _staging(proposal: StageProposal) -> dict[str, Any]:
    said = {f.name: getattr(proposal, f.name) for f in fields(proposal)}
    return said | {"table": plain(proposal.table), "check": plain(proposal.check)}


def staging_of(values: Mapping[str, Any] | None, where: str) -> StageProposal | None:
    """Make the accepted stages again of what was written.

    Raises
    ------
    InputError
        When they are not ours.
    """
    if values is None:
        return None
    try:
        given = dict(values) | {key: tuple(values[key]) for key in ("milestones", "chain", "notes")}
        return StageProposal(**given | {key: pd.DataFrame(values[key]) for key in ("table", "check")})
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{where}: its stages cannot be read ({error!r}); write the journeys again") from None


def notion_of(values: Mapping[str, Any], where: str) -> CaseNotion:
    """Make the case notion again of what was written.

    Raises
    ------
    InputError
        When it is not one of ours.
    """
    try:
        goal = values["goal"]
        return CaseNotion(
            by=str(values["by"]),
            gap_us=None if values["gap_us"] is None else int(values["gap_us"]),
            exclude=tuple(map(str, values["exclude"])),
            goal=None if goal is None else (tuple(map(str, goal[0])), tuple(map(str, goal[1]))),
            cut=None if values["cut"] is None else "process",
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(f"{where}: its case notion cannot be read ({error!r}); write the journeys again") from None
