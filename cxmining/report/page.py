"""What stands on the page: every figure written out in the study's language, nothing computed."""

from __future__ import annotations

from typing import Any

from cxmining.figures import palette
from cxmining.maps.journey import journey_map
from cxmining.maps.tables import in_order, label_of, records, touchpoints_of
from cxmining.maps.words import HIDDEN, MISSING
from cxmining.report.blueprint import blueprint_section
from cxmining.report.chain import chain, hidden_rows, rows_of
from cxmining.report.cx import cx_section
from cxmining.report.decide import decide
from cxmining.report.feeling import feeling
from cxmining.report.filters import slices_data
from cxmining.report.head import head, levels
from cxmining.report.messages import say
from cxmining.report.method import ledger, links, method
from cxmining.report.personas import persona_section
from cxmining.report.quality import quality
from cxmining.report.stakeholders import stakeholder_section
from cxmining.report.suppression import hidden_figures, suppression
from cxmining.report.table import table
from cxmining.report.tables import RunTables
from cxmining.report.ways import ways, ways_data

__all__ = ["decisive_of", "page"]


def page(run: RunTables) -> dict[str, Any]:
    """Return everything the template shows, and under ``data`` what the page's script draws."""
    language = str(run.study.get("language", "en"))
    hidden = run.hidden("touchpoints.csv")
    touchpoints = in_order(touchpoints_of(run.touchpoints), run.dfg)
    labels = {row["touchpoint"]: label_of(row, language) for row in records(touchpoints)}
    # what is rated but no step of a journey stands in the table and not on the map
    walked = touchpoints[
        touchpoints["events"].notna() | touchpoints["touchpoint"].isin([k for k, c in hidden if c == "events"])
    ]
    drawn = journey_map(
        walked, run.dfg, language=language, hidden=hidden, hidden_edges=hidden_rows(run.suppressed, "dfg.csv"),
        paths=run.paths if len(run.paths) else None, min_cell=run.min_cell,
    )  # fmt: skip
    figures: dict[str, Any] = {}
    emotion = feeling(run, touchpoints, figures, language, hidden)
    decided = decide(run, figures, labels, language)
    walkable = ways(run, labels, language)
    return {
        "language": language,
        "title": str(run.study.get("title") or run.study.get("name") or say("kind", language)),
        "company": str((run.study.get("company") or {}).get("name") or ""),
        "head": head(run, language),
        "levels": levels(run, language),
        "map_note": "" if drawn.spec["stages"] else say("map_nostage" if len(walked) else "map_empty", language),
        "has_map": bool(len(walked)),
        "emotion": emotion,
        "decide": decided,
        "cx": cx_section(run, language, decided["sentence"], decisive_of(run)),
        "blueprint": blueprint_section(run, language),
        "personas": persona_section(run, language),
        "stakeholders": stakeholder_section(run, language),
        "table": table(touchpoints, language, hidden),
        "ways": walkable,
        "hidden": suppression(run, labels, language),
        "ledger": ledger(run, language),
        "quality": quality(run, language),
        "links": links(run, language),
        "method": method(run, language),
        "chain": {
            "short": chain(run, language, len(rows_of(run.suppressed, "overall.csv"))),
            "map": chain(run, language, len(rows_of(run.suppressed, "touchpoints.csv")) + drawn.spec["hidden"]),
            "emotion": chain(
                run,
                language,
                len(rows_of(run.suppressed, "touchpoints.csv", "score|expected|gap|wow|pain|rated"))
                + len(rows_of(run.suppressed, "emotional_journey.csv", "mean")),
            ),
            "decide": chain(run, language, len(rows_of(run.suppressed, "drivers.csv"))),
            "cx": chain(run, language, len(rows_of(run.suppressed, "cx_map.csv"))),
            "blueprint": chain(
                run,
                language,
                len(rows_of(run.suppressed, "blueprint.csv")) + len(rows_of(run.suppressed, "handovers.csv")),
            ),
            "personas": chain(run, language, len(rows_of(run.suppressed, "personas.csv"))),
            "stakeholders": chain(run, language, len(rows_of(run.suppressed, "stakeholders.csv"))),
            "table": chain(run, language, len(rows_of(run.suppressed, "touchpoints.csv"))),
            "ways": chain(run, language, hidden_figures(rows_of(run.suppressed, "variants.csv"))),
        },
        "signs": [
            (HIDDEN, say("sign_hidden", language, n=run.min_cell)),
            (MISSING, say("sign_missing", language)),
        ],
        "data": {
            "map": dict(drawn.spec) if len(walked) else None,
            "figures": {name: {"data": f["data"], "layout": f["layout"]} for name, f in figures.items()},
            "dark": palette.DARK,
            "wider": say("wider", language),
            "ways": ways_data(run, walkable, language),
            "slices": slices_data(run, touchpoints, labels, language),
            "labels": labels,
            "picked": {"decide": decided.get("picked", {}), "emotion": emotion.get("picked", {})},
            "text": {k: say(k, language) for k in ("picked_none", "picked_how", "contents")},
        },
        "twins": {**emotion.get("twins", {}), **decided.get("twins", {})},
        "drawn": True,
        "thinned": {},
        "left_out": [],
        "left_out_head": "",
        "least": {name: f["least"] for name, f in figures.items()},
    }


def decisive_of(run: RunTables) -> tuple[str, ...]:
    """Return the touchpoints that the verdict singles out, where it does."""
    if run.verdict.get("word") in (None, "cannot tell"):
        return ()
    return tuple(run.verdict.get("touchpoints") or ())
