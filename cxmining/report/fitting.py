"""How a page stays below its limit: what is left out, the least loss first, and that the page says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from cxmining.errors import StudyError
from cxmining.i18n import number, percent
from cxmining.maps.tables import in_order, touchpoints_of
from cxmining.report.blueprint import blueprint_section
from cxmining.report.cx import cx_section
from cxmining.report.feeling import feeling
from cxmining.report.messages import say
from cxmining.report.page import decisive_of, page
from cxmining.report.tables import RunTables
from cxmining.report.write import SCRIPT_START, render

__all__ = ["LIMIT_BYTES", "STEPS", "Step", "fitted", "left_out"]

LIMIT_BYTES: Final = 2_500_000
"""What most mail systems and phones still take without asking."""
_WAYS: Final = 30
_COLUMNS: Final = 20
_ROWS: Final = 100
_PLACES: Final = 60
Content = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One thing that can be left out.

    Attributes
    ----------
    section : str
        Where on the page that is said.
    thin : callable
        Takes it out of the content and returns what is said of it; nothing where there is nothing to take.
    """

    section: str
    thin: Callable[[RunTables, Content, str], str]


def fitted(run: RunTables, name: str, limit_bytes: int = LIMIT_BYTES) -> str:
    """Return the page, with as little left out as keeps it below `limit_bytes`.

    Parameters
    ----------
    run : RunTables
    name : str
        What the page is called, for the error.
    limit_bytes : int, default 2,500,000

    Raises
    ------
    StudyError
        When it stays above the limit whatever is left out.
    """
    language = str(run.study.get("language", "en"))
    content = page(run)
    text = render(content)
    whole = size = len(text.encode("utf-8"))
    for step in STEPS:
        if size <= limit_bytes:
            return text
        said = step.thin(run, content, language)
        if not said:
            continue
        content["thinned"].setdefault(step.section, []).append(said)
        content["left_out"] = [*content["left_out"], said]
        content["left_out_head"] = say("thin_head", language, limit=_size(limit_bytes, language), whole=_size(whole, language))  # fmt: skip
        content["data"]["left_out"] = content["left_out"]
        text = render(content)
        size = len(text.encode("utf-8"))
    if size <= limit_bytes:
        return text
    raise StudyError(
        f"{name} would be {size:,} bytes with everything left out that can be, and limit_bytes allows {limit_bytes:,}; "
        f"allow at least {size:,} (`cxmining report RUN --limit-bytes {size}`), or take rare touchpoints together in the catalogue"
    )


def left_out(path: str | Path) -> list[str]:
    """Return what a page says was left out to keep it small: sentences, none where it is whole.

    Parameters
    ----------
    path : path-like
        A page that was written by :func:`~cxmining.report.write_report`.
    """
    import json

    text = Path(path).read_text(encoding="utf-8")
    _, _, rest = text.partition(SCRIPT_START)
    data, _, _ = rest.partition("</script>")
    found: list[str] = json.loads(data).get("left_out", []) if data else []
    return found


def _size(n: int, language: str) -> str:
    """Write a size in megabytes as people do: 2.5 MB."""
    return f"{number(n / 1e6, language, 1)} MB"


def _slices(run: RunTables, content: Content, language: str) -> str:
    if not content["data"].get("slices"):
        return ""
    content["data"]["slices"] = None
    return say("thin_slices", language)


def _ways(run: RunTables, content: Content, language: str) -> str:
    rows = content["ways"]["rows"]
    if len(rows) <= _WAYS:
        return ""
    content["ways"] = {**content["ways"], "rows": rows[:_WAYS], "longer": ""}
    data = content["data"]["ways"]
    if data:
        content["data"]["ways"] = {**data, "rows": data["rows"][:_WAYS]}
    return say("thin_ways", language, n=_WAYS, all=number(len(rows), language))


def _log(run: RunTables, content: Content, language: str) -> str:
    rows = content["hidden"]["whole"]
    if len(rows) <= _ROWS:
        return ""
    content["hidden"] = {**content["hidden"], "whole": rows[:_ROWS]}
    return say("thin_hidden", language, n=_ROWS, all=number(len(rows), language))


def _edges(run: RunTables, content: Content, language: str) -> str:
    """Leave out the lines that the slider shows last; those of the paths and of the ways stay."""
    drawn = content["data"]["map"]
    if not drawn or not drawn["edges"]:
        return ""
    edges = sorted(drawn["edges"], key=lambda e: (-e["v"], e["s"], e["t"]))
    total, passed, kept = sum(e["v"] for e in edges), 0.0, []
    on = {tuple(step) for path in drawn.get("paths") or () for step in path["edges"]}
    found = content["data"]["ways"] or {"rows": (), "ids": ()}
    for row in found["rows"]:
        names = [found["ids"][k] for k in row["steps"]]
        on |= set(pairwise(names))
    for edge in edges:
        if passed / total < drawn["flow"] - 1e-9 or (edge["s"], edge["t"]) in on:
            kept.append(edge)
        passed += edge["v"]
    if len(kept) == len(edges):
        return ""
    shown = sum(e["v"] for e in kept)
    # the map says its shares of the whole flow, not of what is left
    content["data"]["map"] = {**drawn, "edges": kept, "rest": {"n": len(edges) - len(kept), "v": total - shown}}
    return say(
        "thin_edges", language, n=number(len(kept), language), all=number(len(edges), language),
        share=percent(shown / total, language),
    )  # fmt: skip


def _cx(run: RunTables, content: Content, language: str) -> str:
    if not content["cx"]["shown"] or _columns(run.cx) <= _COLUMNS:
        return ""
    content["cx"] = cx_section(run, language, content["decide"]["sentence"], decisive_of(run), _COLUMNS)
    return say(
        "thin_columns", language, name=say("cx_map", language), n=_COLUMNS, all=number(_columns(run.cx), language),
        file="cx_map.csv",
    )  # fmt: skip


def _blueprint(run: RunTables, content: Content, language: str) -> str:
    if not content["blueprint"]["shown"] or _columns(run.blueprint) <= _COLUMNS:
        return ""
    content["blueprint"] = blueprint_section(run, language, _COLUMNS)
    every = number(_columns(run.blueprint), language)
    return say("thin_columns", language, name=say("blueprint", language), n=_COLUMNS, all=every, file="blueprint.csv")


def _columns(cells: Any) -> int:
    return int(cells["touchpoint"].dropna().nunique())


def _table(run: RunTables, content: Content, language: str) -> str:
    rows = content["table"]["rows"]
    if len(rows) <= _ROWS:
        return ""
    met = run.touchpoints.sort_values(["events", "touchpoint"], ascending=[False, True])["touchpoint"].head(_ROWS)
    most = set(met)
    content["table"] = {**content["table"], "rows": [row for row in rows if row["id"] in most]}
    # names of what can be chosen somewhere are enough
    drawn, found = content["data"]["map"] or {"nodes": ()}, content["data"]["ways"] or {"ids": ()}
    named = most | {node["id"] for node in drawn["nodes"]} | set(found["ids"])
    named |= {name for said in content["data"]["picked"].values() for name in said}
    content["data"]["labels"] = {k: v for k, v in content["data"]["labels"].items() if k in named}
    return say("thin_table", language, n=_ROWS, all=number(len(rows), language))


def _feeling(run: RunTables, content: Content, language: str) -> str:
    """Draw the emotional journey of the touchpoints that most customers meet."""
    touchpoints = in_order(touchpoints_of(run.touchpoints), run.dfg)
    if "emotion" not in content["data"]["figures"] or len(touchpoints) <= _PLACES:
        return ""
    most = set(touchpoints.sort_values(["reach", "touchpoint"], ascending=[False, True])["touchpoint"].head(_PLACES))
    along = run.emotions
    fewer = replace(run, emotions=along[(along["by"] != "touchpoint") | along["place"].isin(most)])
    figures: dict[str, Any] = {}
    found = feeling(fewer, touchpoints[touchpoints["touchpoint"].isin(most)], figures, language, run.hidden("touchpoints.csv"))  # fmt: skip
    if not found["shown"]:
        return ""
    content["emotion"] = found
    content["twins"] = {**{k: v for k, v in content["twins"].items() if not k.startswith("emotion")}, **found["twins"]}
    kept = {k: v for k, v in content["data"]["figures"].items() if not k.startswith("emotion")}
    new = {name: {"data": f["data"], "layout": f["layout"]} for name, f in figures.items()}
    content["data"]["figures"] = {**new, **kept}
    content["least"] = {**content["least"], **{name: f["least"] for name, f in figures.items()}}
    return say("thin_feeling", language, n=_PLACES, all=number(len(touchpoints), language))


def _drawing(section: str, name: str, file: str) -> Callable[[RunTables, Content, str], str]:
    """Leave a drawing out as a whole."""

    def thin(run: RunTables, content: Content, language: str) -> str:
        part = content[section]
        if not part["shown"]:
            return ""
        said = say("thin_drawing", language, name=say(name, language), file=file)
        # its place says it, so it need not be said a second time there
        content[section] = {**part, "shown": False, "reason": said}
        return said

    return thin


def _figures(run: RunTables, content: Content, language: str) -> str:
    """Leave what draws the figures out; the tables beside them stay, and open."""
    if not content["data"]["figures"]:
        return ""
    content["data"]["figures"] = {}
    content["drawn"] = False
    return say("thin_figures", language)


STEPS: Final = (
    Step("filters", _slices),
    Step("ways", _ways),
    Step("hidden", _log),
    Step("journey", _edges),
    Step("cx", _cx),
    Step("blueprint", _blueprint),
    Step("touchpoints", _table),
    Step("emotion", _feeling),
    Step("", _drawing("stakeholders", "toc_stakeholders", "stakeholders.csv")),
    Step("", _drawing("personas", "toc_personas", "personas.csv")),
    Step("", _drawing("blueprint", "blueprint", "blueprint.csv")),
    Step("", _drawing("cx", "cx_map", "cx_map.csv")),
    Step("decide", _figures),
)
"""What is left out, the least loss first: what is only for playing with, then what is rare, then drawings whose cells stand in a file."""
