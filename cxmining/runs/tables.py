"""The tables of a run folder's ``share/``: aggregates only, small cells hidden and listed.

Nothing is computed here that a result does not already hold; this module joins, orders, hides and names.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxmining.experience.curve_lines import read_texts
from cxmining.privacy import suppress
from cxmining.runs.blueprint import blueprint_tables
from cxmining.runs.cx import FILE as CX_FILE
from cxmining.runs.cx import cx_table
from cxmining.runs.emotions import FILE, emotion_table
from cxmining.runs.paths import FILE as PATHS_FILE
from cxmining.runs.paths import path_table, with_switches
from cxmining.runs.personas import FILE as PERSONA_FILE
from cxmining.runs.personas import find_segments, persona_table
from cxmining.runs.rare import rare_touchpoints, together
from cxmining.runs.slices import slice_tables
from cxmining.runs.stakeholders import FILE as STAKEHOLDER_FILE
from cxmining.runs.stakeholders import stakeholder_table
from cxmining.runs.ways import with_scores

if TYPE_CHECKING:
    from cxmining.drivers import DriverAnalysis
    from cxmining.experience import Experience
    from cxmining.journeys import Journeys, Personas
    from cxmining.study import Study

__all__ = ["Shared", "share_tables"]

TOUCHPOINT_COLUMNS = (
    "touchpoint", "label_en", "label_nl", "stage", "stage_source", "owner", "owner_source", "channel", "channel_mix",
    "events", "journeys", "customers", "reach", "reach_low", "reach_high",
    "score_metric", "score_scale_low", "score_scale_high", "score_mean", "score_low", "score_high", "score_n",
    "expected_mean", "expected_low", "expected_high", "expected_n", "gap_mean", "gap_low", "gap_high", "gap_n",
    "wow_n", "pain_n", "rated_pairs_n",
    "sentiment_mean", "sentiment_low", "sentiment_high", "sentiment_n", "wait_median_s", "wait_p90_s", "wait_n",
)  # fmt: skip


class Shared(dict[str, pd.DataFrame]):
    """File name → table, with ``suppressed.csv`` among them."""


def share_tables(
    journeys: Journeys,
    experience: Experience,
    found: DriverAnalysis | None,
    min_cell: int,
    group: str | None = None,
    people: Path | None = None,
    study: Study | None = None,
) -> Shared:
    """Make every table under ``share/`` out of the results of a run.

    Parameters
    ----------
    journeys, experience, found
        Results; `found` may be None where the data could not carry it.
    min_cell : int
        Aggregates about fewer customers (or answers) are hidden.
    group : str, optional
        What makes the groups that the emotional journey is also drawn for.
    people : Path, optional
        The ``cx-map.toml`` that holds what people know.
    study : Study, optional
        Says where people told of personas and stakeholders, in which language, and which score counts.

    Returns
    -------
    Shared
    """
    hidden: list[pd.DataFrame] = []
    shared = Shared()
    shared["touchpoints.csv"] = _touchpoints(journeys, experience, min_cell, hidden)
    shared["dfg.csv"] = _rare_rows_out(with_switches(journeys), min_cell, "dfg.csv", "transitions", hidden)
    shared["variants.csv"] = _variants(experience, min_cell, hidden)
    shared[PATHS_FILE] = path_table(experience, min_cell, hidden)
    shared["overall.csv"] = _hide(
        experience.overall,
        ("score", "low", "high", "n"),
        "n",
        min_cell,
        "overall.csv",
        ["survey_kind", "metric"],
        hidden,
    )
    shared["link_report.csv"] = experience.link_report
    felt = read_texts(experience)
    segments = find_segments(experience, study.seed if study else 1)
    shared[FILE] = emotion_table(experience, min_cell, hidden, group, segments, felt)
    shared[CX_FILE] = cx_table(experience, found, min_cell, hidden, people)
    shared.update(blueprint_tables(experience, min_cell, hidden, people))
    shared.update(_around(experience, segments, felt, min_cell, hidden, study))
    if found is not None:
        shared["drivers.csv"] = _hide(found.shares, ("mean", "n"), "n", min_cell, "drivers.csv", ["touchpoint"], hidden)
    shared.update(slice_tables(experience, segments, min_cell, hidden))
    columns = ["file", "key", "column", "reason"]
    listed = pd.concat(hidden, ignore_index=True) if hidden else pd.DataFrame(columns=columns)
    shared["suppressed.csv"] = listed.reindex(columns=columns)
    together(shared, rare_touchpoints(experience, min_cell))
    return shared


def _around(
    experience: Experience,
    segments: Personas | None,
    felt: pd.DataFrame,
    min_cell: int,
    hidden: list[pd.DataFrame],
    study: Study | None,
) -> dict[str, pd.DataFrame]:
    """Who the customers are and who stands around them: what people told beside what the log shows."""
    told = [
        study.root / p if study and p else None
        for p in ((study.personas, study.stakeholders) if study else (None, None))
    ]
    language = study.language if study else "en"
    personas = persona_table(
        experience,
        segments,
        min_cell,
        hidden,
        told[0],
        target=study.drivers.target if study else None,
        language=language,
        felt=felt,
    )
    company = study.company.name if study else ""
    around = stakeholder_table(experience.journeys, min_cell, hidden, told[1], company=company, language=language)
    return {PERSONA_FILE: personas, STAKEHOLDER_FILE: around}


def _hide(
    frame: pd.DataFrame,
    columns: tuple[str, ...],
    n_column: str,
    min_cell: int,
    file: str,
    key: list[str],
    hidden: list[pd.DataFrame],
) -> pd.DataFrame:
    shown, listed = suppress(frame, columns, n_column, min_cell, file, key)
    hidden.append(listed)
    return shown


def _touchpoints(journeys: Journeys, experience: Experience, min_cell: int, hidden: list[pd.DataFrame]) -> pd.DataFrame:
    table = journeys.touchpoints.merge(
        experience.touchpoints.reset_index(), on="touchpoint", how="outer", validate="one_to_one"
    )  # outer: what the study leaves out of journeys can still be rated
    catalogue = journeys.data.catalogue.set_index("touchpoint")

    def declared_as(column: str) -> pd.Series[Any]:
        # object: with an empty catalogue a map gives floats, which take no text
        return table["touchpoint"].map(catalogue[column].to_dict()).astype("object")

    stage = declared_as("stage")
    table["stage_source"] = table["stage_source"].where(
        table["stage"].notna(), np.where(stage.notna(), "catalogue", "unknown")
    )
    table["stage"] = table["stage"].fillna(stage).fillna("unknown")
    for column in ("label_en", "label_nl"):
        table[column] = declared_as(column).fillna(table["touchpoint"])
    declared = declared_as("owner_declared")
    mined = table["touchpoint"].map(_mined_owner(journeys.data.events))
    table["owner"] = declared.where(declared.notna(), mined)
    source = np.where(declared.notna(), "declared", np.where(mined.notna(), "mined", "unknown"))
    table["owner_source"] = source
    for column in TOUCHPOINT_COLUMNS:
        if column not in table:
            table[column] = np.nan
    for column in table.columns:
        if column.endswith("_n"):
            table[column] = table[column].astype("Float64").fillna(0).astype("Int64")
    table = table[list(TOUCHPOINT_COLUMNS)]

    def hide(frame: pd.DataFrame, columns: tuple[str, ...], n: str) -> pd.DataFrame:
        return _hide(frame, columns, n, min_cell, "touchpoints.csv", ["touchpoint"], hidden)

    for part in ("score", "expected", "gap", "sentiment"):
        table = hide(table, tuple(f"{part}_{s}" for s in ("mean", "low", "high", "n")), f"{part}_n")
    table = hide(table, ("wait_median_s", "wait_p90_s", "wait_n"), "wait_n")
    for part in ("wow_n", "pain_n", "rated_pairs_n"):
        table = hide(table, (part,), part)
    traffic = ("channel_mix", "events", "journeys", "reach", "reach_low", "reach_high", "customers")
    return hide(table, traffic, "customers")


def _mined_owner(events: pd.DataFrame) -> pd.Series[str]:
    """The department most events of a touchpoint were handled by; ties by name."""
    known = events.dropna(subset=["owner_mined"])
    counts = known.groupby(["touchpoint", "owner_mined"]).size().rename("n").reset_index()
    counts = counts.sort_values(["touchpoint", "n", "owner_mined"], ascending=[True, False, True], kind="stable")
    return counts.drop_duplicates("touchpoint").set_index("touchpoint")["owner_mined"]


def _rare_rows_out(
    frame: pd.DataFrame, min_cell: int, file: str, what: str, hidden: list[pd.DataFrame]
) -> pd.DataFrame:
    rare = frame["customers"] < min_cell
    if rare.any():
        row = {
            "file": file,
            "key": f"({int(rare.sum())} {what})",
            "column": "row",
            "reason": f"fewer than {min_cell} customers",
        }
        hidden.append(pd.DataFrame([row]))
    return frame[~rare].reset_index(drop=True)


def _variants(experience: Experience, min_cell: int, hidden: list[pd.DataFrame]) -> pd.DataFrame:
    table = experience.journeys.variants.copy()
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    table["touchpoints"] = [" → ".join(steps) for steps in table["touchpoints"]]
    table = _rare_rows_out(table, min_cell, "variants.csv", "variants", hidden)
    columns = [
        "rank", "variant_id", "touchpoints", "n_events", "journeys", "customers", "share", "cumulative",
        "median_duration_s",
    ]  # fmt: skip
    return with_scores(table[columns], experience, min_cell, hidden)


def counts(journeys: Journeys) -> dict[str, Any]:
    """Size and period of what the run is about, for its manifest."""
    events = journeys.events
    local = events["timestamp"].dt.tz_convert(journeys.data.time_zone)
    return {
        "events": len(journeys.data.events),
        "events_in_journeys": len(events),
        "customers": int(events["customer_id"].nunique()),
        "journeys": len(journeys.table),
        "variants": len(journeys.variants),
        "touchpoints": int(events["touchpoint"].nunique()),
        "responses": len(journeys.data.responses),
        "invitations": len(journeys.data.invitations),
        "first": f"{local.min():%Y-%m-%d}",
        "last": f"{local.max():%Y-%m-%d}",
        "case_notion": str(journeys.notion),
        "channels": {str(k): int(v) for k, v in events["channel"].value_counts().sort_index().items()},
    }
