"""Two groups of journeys as one map: colour only where they differ beyond chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.figures.drawn import DrawnMap
from cxmining.figures.scene import Scene
from cxmining.i18n import check_language
from cxmining.journeys.build import Journeys
from cxmining.journeys.comparing.compare import GroupComparison, compare_groups
from cxmining.journeys.scored import Scored
from cxmining.maps import words
from cxmining.maps.journey.difference_drawing import draw_difference
from cxmining.maps.journey.spec import many, tell
from cxmining.maps.tables import START_END, records
from cxmining.maps.words import HIDDEN
from cxmining.schema import STAGES

__all__ = ["DifferenceMap", "difference_map"]

MOST: Final = 60
_COLUMNS: Final = (
    "kind", "source", "target", "what", "a", "b", "difference", "low", "high", "n_a", "n_b", "customers_a", "customers_b",
    "q", "tested", "shown", "hidden",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class DifferenceMap(DrawnMap):
    """A difference map, not yet drawn.

    Attributes
    ----------
    table : DataFrame
        One row per touchpoint (``source`` is its name, ``target`` empty) and edge: ``a``, ``b`` (shares of the journeys of
        each group), ``difference`` with ``low`` and ``high``, ``n_*`` and ``customers_*`` behind them, ``q``, ``tested``,
        ``shown`` (survives correction), ``hidden`` (about too few customers: figures are missing).
    places : DataFrame
        Stage and mean place in the journey per touchpoint.
    comparison : GroupComparison
        What is drawn.
    labels : mapping
        What touchpoints are called.
    language : {"en", "nl"}
    facts : mapping
        The sentences above and below the drawing.
    """

    table: pd.DataFrame
    places: pd.DataFrame
    comparison: GroupComparison
    labels: Mapping[str, str]
    language: str
    facts: Mapping[str, Any] = field(repr=False)

    @property
    def summary(self) -> pd.DataFrame:
        """What survives correction first, then by size of the difference; hidden figures are missing."""
        order = self.table.assign(size=self.table["difference"].abs().fillna(0.0))
        order = order.sort_values(["shown", "size", "what"], ascending=[False, False, True])
        return order[[c for c in _COLUMNS if c not in ("source", "target")]].reset_index(drop=True)

    @property
    def sentence(self) -> str:
        """How many differences survive correction, or that none does."""
        return str(self.facts["found"])

    @cached_property
    def scene(self) -> Scene:
        """The drawing."""
        canvas, told = draw_difference(self.table, self.places, self.labels, self.facts, self.language)
        return canvas.scene(self.facts["title"], told)

    def to_html(self) -> str:
        """Write it for a page: the map scrolls where the page is narrower, what is said above and below follows its width."""
        canvas, told = draw_difference(self.table, self.places, self.labels, self.facts, self.language, framed=False)
        return canvas.page(self.facts["title"], told)

    def __repr__(self) -> str:
        a, b = self.comparison.names
        lines = [f"DifferenceMap({a} against {b})", *self.facts["groups"], self.sentence]
        found = self.summary[self.summary["shown"] & ~self.summary["hidden"]]
        lines += [
            f"{r['what']}: {r['a']:.1%} against {r['b']:.1%}, difference {100 * r['difference']:+.1f} points "
            f"[{100 * r['low']:.1f}, {100 * r['high']:.1f}]"
            for r in records(found.head(8))
        ]
        return "\n  ".join([*lines, *self.facts["feet"]])

    def _repr_html_(self) -> str:
        return self.to_html()


def difference_map(
    source: GroupComparison | Journeys | Scored,
    by: Any = None,
    *,
    names: tuple[str, str] | None = None,
    metric: str | None = None,
    language: str = "en",
    most: int = MOST,
    edges: int | None = None,
    min_cell: int = 10,
    resamples: int = 999,
    seed: int = 1,
) -> DifferenceMap:
    """Draw how two groups of journeys differ: touchpoints and edges coloured only where the difference survives correction.

    Parameters
    ----------
    source : GroupComparison, Journeys or Experience
        What :func:`cxmining.compare_groups` returned, or what is to be split in two by `by`.
    by : str or sequence, optional
        What splits the journeys: an attribute of customers, a column of events, ``"score"``, a period, or a label per
        journey (see :func:`cxmining.journeys.split_by`).
    names : tuple of str, optional
        Which two groups, a and b; default the only two, or promoters and detractors.
    metric : str, optional
        With ``by="score"``; default the overall metric that most journeys have.
    language : {"en", "nl"}
    most : int, default 60
        Touchpoints drawn: those that differ first, then those that are met most.
    edges : int, optional
        Edges drawn, those that differ first, then those that are walked most; default two per touchpoint.
    min_cell : int, default 10
        Shares about fewer customers of a group are hidden.
    resamples : int, default 999
        Permutations of the test whether they travel differently at all.
    seed : int, default 1

    Returns
    -------
    DifferenceMap

    Raises
    ------
    StudyError
        When a comparison comes with `by`, or journeys without, or a number makes no sense.
    NotEnoughDataError
        When a group has too few customers, or nothing may be drawn.

    Notes
    -----
    What differs between groups is associated with them, not caused by what tells them apart.

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> found = difference_map(small_example(), by="segment", resamples=99)
    >>> found.sentence[:43]
    '2 of 2 touchpoints and 2 of 3 edges differ '
    """
    check_language(language)
    if most < 1 or (edges is not None and edges < 1) or min_cell < 1:
        raise StudyError(f"difference_map: most={most}, edges={edges}, min_cell={min_cell} must each be 1 or more")
    if isinstance(source, GroupComparison):
        if by is not None:
            raise StudyError("difference_map: a comparison has its groups already; leave out by=")
        found, data = source, None
    else:
        if by is None:
            raise StudyError("difference_map: say what splits the journeys in two, for example by='channel'")
        found = compare_groups(source, by=by, names=names, metric=metric, fewest=max(2, min_cell), resamples=resamples, seed=seed)  # fmt: skip
        journeys = source.journeys if isinstance(source, Scored) else source
        data = journeys.data
    table = _table(found, min_cell)
    labels = _labels(table, data, language)
    what = [labels[r["source"]] if not r["target"] else f"{labels[r['source']]} → {labels[r['target']]}" for r in records(table)]  # fmt: skip
    table = table.assign(what=pd.Series(what, dtype="str", index=table.index))
    drawn, places, left_out = _drawn(table, found.places, most, edges)
    return DifferenceMap(
        table, places, found, labels, language, _facts(found, table, drawn, left_out, min_cell, language)
    )


def _table(found: GroupComparison, min_cell: int) -> pd.DataFrame:
    """Return touchpoints and edges with their shares; what tells of fewer than `min_cell` customers of a group is hidden."""
    nodes = found.nodes[found.nodes["measure"] == "share"]
    edges = found.edges[found.edges["measure"] == "share"]
    nodes = nodes.rename(columns={"touchpoint": "source"}).assign(target="", kind="touchpoint")
    inner = edges[~edges["source"].isin(START_END) & ~edges["target"].isin(START_END)].assign(kind="edge")
    table = pd.concat([nodes, inner], ignore_index=True)
    few = [(table[f"customers_{g}"] > 0) & (table[f"customers_{g}"] < min_cell) for g in "ab"]
    table["hidden"] = few[0] | few[1]
    for column in ("a", "b", "difference", "low", "high", "q"):
        table[f"_{column}"] = table[column]
        table[column] = table[column].astype(float).mask(table["hidden"])
    for column in ("n_a", "n_b", "customers_a", "customers_b"):
        table[column] = table[column].astype("Int64").mask(table["hidden"])
    table["more_a"] = table["_difference"] > 0
    table["weight"] = (table["_a"].fillna(0) + table["_b"].fillna(0)) / 2
    table["gap"] = table["_difference"].abs().where(table["shown"], 0.0).fillna(0.0)
    kept = [c for c in table.columns if not c.startswith("_")]
    order = table.sort_values(
        ["kind", "gap", "weight", "source", "target"], ascending=[False, False, False, True, True]
    )
    return order[kept].reset_index(drop=True)


def _labels(table: pd.DataFrame, data: Any, language: str) -> dict[str, str]:
    found = {str(t): str(t) for t in {*table["source"], *table["target"]} if t}
    if data is not None and len(data.catalogue):
        named = data.catalogue.dropna(subset=[f"label_{language}"]).drop_duplicates("touchpoint")
        found |= {t: v for t, v in zip(named["touchpoint"], named[f"label_{language}"], strict=True) if t in found and str(v).strip()}  # fmt: skip
    return found


def _drawn(
    table: pd.DataFrame, places: pd.DataFrame, most: int, edges: int | None
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[int, int]]:
    """Return the rows that are drawn, the places of their touchpoints in order, and how many nodes and edges there are."""
    nodes = table[(table["kind"] == "touchpoint") & (~table["hidden"] | table["shown"])]
    if not len(nodes):
        raise NotEnoughDataError(
            "no touchpoint was met by enough customers of both groups: there is no difference map to draw"
        )
    kept = set(nodes["source"].head(most))
    lines = table[(table["kind"] == "edge") & table["source"].isin(kept) & table["target"].isin(kept)]
    lines = lines[~lines["hidden"] | lines["shown"]]
    shown = lines.head(edges or 2 * len(kept))
    rank = {s: i for i, s in enumerate(STAGES)}
    places = places[places["touchpoint"].isin(kept)]
    places = places.assign(stage=places["stage"].where(places["stage"].isin(STAGES), ""))
    places = places.assign(turn=places["stage"].map(rank).fillna(len(rank))).sort_values(
        ["turn", "place", "touchpoint"]
    )
    places = places[["touchpoint", "stage", "place"]].reset_index(drop=True)
    return pd.concat([nodes[nodes["source"].isin(kept)], shown]), places, (len(nodes), len(lines))


def _facts(
    found: GroupComparison, table: pd.DataFrame, drawn: pd.DataFrame, there: tuple[int, int], min_cell: int,
    language: str,
) -> dict[str, Any]:  # fmt: skip
    a, b = found.names
    counts = {
        f"{word}{kind}": words.number(int((table["kind"].eq(one) & table[column]).sum()), language)
        for kind, one in (("nodes", "touchpoint"), ("edges", "edge"))
        for word, column in (("", "shown"), ("tested_", "tested"))
    }
    rate = words.percent(1 - found.level, language)
    any_left = bool(table["shown"].any())
    sizes = dict(zip(found.sizes["group"], records(found.sizes), strict=True))
    groups = [
        tell("difference_group", language, name=name, customers=many("customers", sizes[name]["customers"], language),
             journeys=many("journeys", sizes[name]["journeys"], language))
        for name in found.names
    ]  # fmt: skip
    if any_left:
        said = tell("difference_found", language, rate=rate, **counts)
    else:
        tested = {
            f"tested_{key}": many(noun, int((table["kind"].eq(one) & table["tested"]).sum()), language)
            for key, noun, one in (("nodes", "touchpoints", "touchpoint"), ("edges", "edges", "edge"))
        }
        said = tell("difference_none", language, a=a, b=b, rate=rate, **tested)
    size = {k: int((drawn["kind"] == k).sum()) for k in ("touchpoint", "edge")}
    feet = []
    for key, noun, n, of in (
        ("difference_left", "touchpoints", size["touchpoint"], there[0]), ("difference_drawn", "edges", size["edge"], there[1])
    ):  # fmt: skip
        if n < of:
            feet.append(tell(key, language, shown=words.number(n, language), all=many(noun, of, language)))
    if found.shared_customers:
        feet.append(tell("difference_both", language, n=many("customers", found.shared_customers, language)))
    feet.append(tell("associated", language))
    chains = [
        tell("difference_chain", language, name=name, chain=" · ".join(chain))
        for name, chain in zip(found.names, found.chains, strict=True) if chain
    ]  # fmt: skip
    return {
        "title": tell("difference_title", language, a=a, b=b), "names": (a, b), "groups": groups, "found": said,
        "feet": [*feet, " · ".join([tell("chain", language, notion=found.notion, chain=chains[0] if chains else tell("all", language)), *chains[1:]])],
        "drawn": {(r["source"], r["target"]) for r in records(drawn)}, "hidden": HIDDEN, "least": min_cell,
    }  # fmt: skip
