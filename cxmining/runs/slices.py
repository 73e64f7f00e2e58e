"""The figures of a run by channel and persona, as tables: what the shared report filters by without a kernel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.engine import END, START
from cxmining.runs.differencing import Bools, Cells, Ints, safe_cells
from cxmining.workbench.ground import Ground, lay_ground
from cxmining.workbench.shown import Shown

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.journeys import Personas

__all__ = ["EDGES", "MOST_CHANNELS", "MOST_PAIRS", "SLICES", "TOUCHPOINTS", "VARIANTS", "slice_tables"]

SLICES: Final = "slices.csv"
TOUCHPOINTS: Final = "slice_touchpoints.csv"
EDGES: Final = "slice_edges.csv"
VARIANTS: Final = "slice_variants.csv"
MOST_CHANNELS: Final = 12
"""Channels that can be chosen: those of most journeys."""
MOST_PAIRS: Final = 16
"""Pairs of channel and persona that can be chosen: those of most journeys."""
MOST_VARIANTS: Final = 10
PROTECTS: Final = "protects another hidden cell"
_KEY: Final = ["channel", "persona"]
_PARTS: Final = {
    "score": ["score_mean", "score_low", "score_high", "score_n"],
    "expected": ["expected_mean", "expected_low", "expected_high", "expected_n"],
    "gap": ["gap_mean", "gap_low", "gap_high", "gap_n"],
    "wow": ["wow_n"],
    "pain": ["pain_n"],
}
_COLUMNS: Final = {
    SLICES: [*_KEY, "persona_en", "persona_nl", "status", "journeys", "customers", "answers", "score_metric", *_PARTS["score"]],
    TOUCHPOINTS: [*_KEY, "touchpoint", "events", "journeys", "customers", "reach", "reach_low", "reach_high",
                  *(c for part in _PARTS.values() for c in part)],
    EDGES: [*_KEY, "source", "target", "n", "journeys", "customers", "median_s"],
    VARIANTS: [*_KEY, "rank", "variant_id", "touchpoints", "journeys", "customers", "share", "low", "high", "median_duration_s"],
}  # fmt: skip


def slice_tables(
    experience: Experience, personas: Personas | None, least: int, hidden: list[pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Return the figures by channel and persona: four tables with a row per slice, and per cell of a slice.

    A channel keeps the journeys with at least one contact through it, as :func:`cxmining.journeys.filters.channel` does. An
    empty ``channel`` or ``persona`` means all; ``persona`` is the number of the segment. What is not shown has no row, or no
    figure, and is counted in the list of what was hidden.

    Parameters
    ----------
    experience : Experience
    personas : Personas or None
        The segments of behaviour, where the run found any.
    least : int
        Figures about fewer customers are hidden, and figures from which one of these could be had back.
    hidden : list of DataFrame
        What was hidden is added here.

    Returns
    -------
    dict of str to DataFrame
        ``slices.csv`` (one row per slice that can be asked for: ``status`` is shown, few, protects where it would give a few away,
        or beyond where it is one pair too many), ``slice_touchpoints.csv``, ``slice_edges.csv`` and ``slice_variants.csv``; nothing where there is one channel
        only and no persona.

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> found = slice_tables(small_example(), None, 10, [])
    >>> found["slices.csv"][["channel", "status", "journeys", "customers"]].values.tolist()
    [['phone', 'shown', 60, 60], ['web', 'shown', 105, 60]]
    """
    ground = lay_ground(experience, None)
    people = _people(ground, personas)
    channels = _channels(ground)
    if not channels and not people.names:
        return {}
    sliced = _Sliced(ground, people, channels, least)
    parts = [sliced.tables(*key) for key in sliced.keys]
    hidden.append(sliced.listed())
    return {name: _typed([part[name] for part in parts if name in part], name) for name in _COLUMNS}


@dataclass(frozen=True, eq=False)
class _People:
    """The persona of each journey, from 0, and what personas are: segment, English and Dutch name."""

    of: Ints
    names: tuple[tuple[str, str, str], ...]


def _people(ground: Ground, personas: Personas | None) -> _People:
    journeys = ground.journeys
    if personas is None:
        return _People(np.zeros(len(journeys.table), dtype=np.int64), ())
    side = personas.behaviour
    summary = side.summary.sort_values("segment")
    place = {int(s): i for i, s in enumerate(summary["segment"])}
    known = personas.assignments.dropna(subset=[side.kind]).set_index("customer_id")[side.kind].astype(int).map(place)
    of = np.asarray(journeys.table["customer_id"].map(known).fillna(len(place)).to_numpy(), dtype=np.int64)
    names = summary[["segment", "label_en", "label_nl"]].astype("str").to_numpy().tolist()
    return _People(of, tuple((segment, english, dutch) for segment, english, dutch in names))


def _channels(ground: Ground) -> tuple[int, ...]:
    """Return the channels that can be chosen, by their code: with a single one there is no choice."""
    journeys = _through(ground).sum(axis=0)
    if np.count_nonzero(journeys) < 2:  # a filtered log still knows the channels that are gone
        return ()
    most = np.argsort(-journeys, kind="stable")[:MOST_CHANNELS]
    return tuple(sorted(most[journeys[most] > 0].tolist()))


def _through(ground: Ground) -> Bools:
    """Return through which channels each journey goes."""
    log = ground.log
    found = np.zeros((log.n_journeys, len(log.channels)), dtype=bool)
    found[log.journey, log.channel] = True
    return found


class _Sliced:
    """The slices of a run and their tables."""

    def __init__(self, ground: Ground, people: _People, channels: tuple[int, ...], least: int) -> None:
        self.ground, self.people, self.channels, self.least = ground, people, channels, least
        self.by = _through(ground)
        self.personas = len(people.names)
        self.cells = dict(_cells(ground))
        self.walks = _walks(ground)[0]
        self.safe = {
            name: safe_cells(cells, self.by, people.of, self.personas, least) for name, cells in self.cells.items()
        }
        self.hidden: list[tuple[str, str, str, str]] = []

    @cached_property
    def keys(self) -> list[tuple[int | None, int | None]]:
        """Return every slice: channels, personas, pairs."""
        personas = range(self.personas)
        return [
            *((k, None) for k in self.channels),
            *((None, p) for p in personas),
            *((k, p) for k in self.channels for p in personas),
        ]

    @cached_property
    def _chosen(self) -> set[tuple[int | None, int | None]]:
        """Return the pairs that can be chosen: those of most journeys."""
        shown = [(k, p) for k in self.channels for p in range(self.personas) if self.safe["journeys"].pair[0, k, p]]
        shown.sort(key=lambda key: (-int(np.count_nonzero(self._mask(*key))), key))
        return set(shown[:MOST_PAIRS])

    def _mask(self, k: int | None, p: int | None) -> Bools:
        mask = np.ones(len(self.by), dtype=bool) if k is None else self.by[:, k].copy()
        return mask if p is None else mask & (self.people.of == p)

    def tables(self, k: int | None, p: int | None) -> dict[str, pd.DataFrame]:
        """Return the rows of one slice in each table."""
        number, english, dutch = ("", "", "") if p is None else self.people.names[p]
        key = {"channel": "" if k is None else self.ground.log.channels[k], "persona": number}
        head = {**key, "persona_en": english, "persona_nl": dutch, "status": "shown"}
        mask = self._mask(k, p)
        if not self.safe["journeys"].of(k, p)[0]:
            few = self.safe["journeys"].number(k, p)[0] < self.least
            return {SLICES: pd.DataFrame([{**head, "status": "few" if few else "protects"}])}
        if k is not None and p is not None and (k, p) not in self._chosen:
            return {SLICES: pd.DataFrame([{**head, "status": "beyond"}])}
        shown = Shown(self.ground, mask, 1)
        out = {
            SLICES: pd.DataFrame([{**head, **self._totals(shown, k, p)}]),
            TOUCHPOINTS: self._touchpoints(shown, k, p),
            EDGES: self._edges(shown, k, p),
            VARIANTS: self._variants(shown, k, p),
        }
        return {name: part.assign(**key) for name, part in out.items() if len(part)}

    def _totals(self, shown: Shown, k: int | None, p: int | None) -> dict[str, Any]:
        found = shown.counts
        row: dict[str, Any] = {"journeys": found.journeys, "customers": found.customers}
        if self.safe["answers"].of(k, p)[0]:
            row["answers"] = found.answers
        if found.score is not None and self.safe["overall"].of(k, p)[0]:
            row |= {"score_metric": found.metric, "score_mean": found.score, "score_low": found.low}
            row |= {"score_high": found.high, "score_n": found.score_n}
        return row

    def _touchpoints(self, shown: Shown, k: int | None, p: int | None) -> pd.DataFrame:
        table = shown.touchpoints.reindex(columns=_COLUMNS[TOUCHPOINTS])
        at = pd.Index(self.ground.rated).get_indexer(pd.Index(table["touchpoint"]))
        kept = self.safe["met"].of(k, p)[at]
        gone = np.zeros(table.shape, dtype=bool)
        for part, columns in _PARTS.items():
            if part in self.safe:
                off = ~self.safe[part].of(k, p)[at]
                gone[:, table.columns.get_indexer(pd.Index(columns))] = off[:, None]
                had = table[columns[-1]].to_numpy(dtype=float, na_value=np.nan) > 0
                self._tell(TOUCHPOINTS, part, k, p, self.safe[part].number(k, p)[at][had & off & kept])
        self._tell(TOUCHPOINTS, "row", k, p, self.safe["met"].number(k, p)[at][~kept])
        return table.mask(gone)[kept]

    def _edges(self, shown: Shown, k: int | None, p: int | None) -> pd.DataFrame:
        table = shown.timed_edges
        names = pd.Index([*self.ground.log.touchpoints, START, END])
        source, target = (names.get_indexer(pd.Index(table[c])) for c in ("source", "target"))
        width = len(names)
        at = np.searchsorted(self.walks, source * width + target)
        kept = self.safe["walked"].of(k, p)[at]
        self._tell(EDGES, "row", k, p, self.safe["walked"].number(k, p)[at][~kept])
        return table[kept].reindex(columns=_COLUMNS[EDGES])

    def _variants(self, shown: Shown, k: int | None, p: int | None) -> pd.DataFrame:
        safe = self.safe["variants"].of(k, p)
        table = shown.variants(2 * MOST_VARIANTS)
        kept = safe[[self._place[s] for s in table["steps"]]] if len(table) else np.zeros(0, dtype=bool)
        table = table[kept].head(MOST_VARIANTS).reset_index(drop=True)
        table = table.assign(touchpoints=[" → ".join(s) for s in table["steps"]], rank=np.arange(1, len(table) + 1))
        return table.reindex(columns=_COLUMNS[VARIANTS])

    @cached_property
    def _place(self) -> dict[tuple[str, ...], int]:
        """Sequence of touchpoints → its number."""
        found, _ = self.ground.variants
        names = np.array(self.ground.log.touchpoints, dtype=object)
        parts = np.split(names[found.codes], found.offsets[1:-1])
        return {tuple(part.tolist()): i for i, part in enumerate(parts)}

    def _tell(self, file: str, part: str, k: int | None, p: int | None, customers: Ints) -> None:
        channel = "" if k is None else f"channel {self.ground.log.channels[k]}"
        persona = "" if p is None else f"persona {self.people.names[p][0]}"
        of, what = ", ".join(x for x in (channel, persona) if x), "transitions" if file == EDGES else "touchpoints"
        few = int(np.count_nonzero(customers < self.least))
        for n, reason in ((few, f"fewer than {self.least} customers"), (len(customers) - few, PROTECTS)):
            if n:
                self.hidden.append((file, f"({n} {what}) {of}", part, reason))

    def listed(self) -> pd.DataFrame:
        """Return what was hidden, counted per slice."""
        return pd.DataFrame(self.hidden, columns=["file", "key", "column", "reason"])


def _cells(ground: Ground) -> Iterator[tuple[str, Cells]]:
    """Lay out who is in which cell, per kind of cell."""
    log = ground.log
    journeys = np.arange(log.n_journeys)

    def of_journeys(cell: Any, journey: Any, n: int) -> Cells:
        return Cells(np.asarray(cell, dtype=np.int64), journey, log.customer[journey], n)

    yield "journeys", of_journeys(np.zeros(len(journeys)), journeys, 1)
    yield "answers", of_journeys(np.zeros(len(ground.answers)), ground.answers, 1)
    scored = np.zeros(0, dtype=np.int64) if ground.overall is None else np.flatnonzero(~np.isnan(ground.overall[0]))
    yield "overall", of_journeys(np.zeros(len(scored)), scored, 1)
    yield "met", of_journeys(log.touchpoint, log.journey, len(ground.rated))
    found, journey = _walks(ground)[1:]
    yield "walked", of_journeys(found, journey, int(found.max()) + 1)
    variants, number = ground.variants
    yield "variants", of_journeys(number, journeys, len(variants.journeys))
    for name, rows in {"score": ground.scores, **ground.pairs}.items():
        if rows is not None:
            who = rows.frame["customer"].to_numpy(dtype=np.int64)
            low = min(0, int(who.min())) if len(who) else 0
            yield (
                name,
                Cells(rows.frame["touchpoint"].to_numpy(dtype=np.int64), rows.journey, who - low, len(ground.rated)),
            )
    if ground.scores is None or ground.lived is None:
        return
    journey, code, kind = ground.moments
    who = pd.factorize(ground.lived.moments["customer_id"])[0].astype(np.int64)
    who = np.where(who < 0, len(who) + np.arange(len(who)), who)
    for name, sign in (("wow", 1), ("pain", -1)):
        use = (kind == sign) & (code >= 0)
        yield name, Cells(code[use], journey[use], who[use], len(ground.rated))


def _walks(ground: Ground) -> tuple[Ints, Ints, Ints]:
    """Return the transitions that occur (source and target in one number), and per walk its transition and its journey.

    Behind the touchpoints stand the start and the end.
    """
    log, width = ground.log, len(ground.log.touchpoints) + 2
    first = np.zeros(len(log), dtype=bool)
    first[log.offsets[:-1]] = True
    code = log.touchpoint.astype(np.int64)
    source = np.where(first, width - 2, np.append(0, code[:-1]))
    last = code[log.offsets[1:] - 1]
    walks = np.concatenate([source * width + code, last * width + width - 1])
    pairs, place = np.unique(walks, return_inverse=True)
    return pairs, place.astype(np.int64), np.concatenate([log.journey, np.arange(log.n_journeys)])


def _typed(parts: list[pd.DataFrame], name: str) -> pd.DataFrame:
    """Put the slices below each other, each column in the type it has whatever was shown."""
    columns = _COLUMNS[name]
    frame = pd.concat([p.astype("object") for p in parts], ignore_index=True) if parts else pd.DataFrame()
    words = {
        *_KEY,
        "persona_en",
        "persona_nl",
        "status",
        "score_metric",
        "touchpoint",
        "source",
        "target",
        "variant_id",
        "touchpoints",
    }
    counts = {"rank", "journeys", "customers", "answers", "events", "n", "wow_n", "pain_n"}
    types = {c: "str" if c in words else "Int64" if c in counts or c.endswith("_n") else "Float64" for c in columns}
    return frame.reindex(columns=columns).astype(types)
