"""The filters by channel and persona: the same sections of the page, made anew of each slice that the run may show.

A slice is a run of its own: its tables stand in the place of those of all journeys, and the functions that write the page
write its parts. All of them are packed together, so that the page stays small: what differs between slices stands side by
side, then it is deflated.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.i18n import METRIC_LABELS, channel_label, named
from cxmining.maps import words
from cxmining.maps.emotion import emotional_journey_spec
from cxmining.maps.journey import journey_map
from cxmining.maps.journey.spec import many
from cxmining.maps.tables import records
from cxmining.maps.words import HIDDEN, known
from cxmining.report.chain import count, notion
from cxmining.report.messages import say
from cxmining.report.table import cell_of, shown_columns
from cxmining.report.tables import RunTables
from cxmining.report.ways import ways

__all__ = ["SCOPED", "fold", "slices_data", "unfold"]

SCOPED: Final = ("verdict", "decide", "cx", "blueprint", "personas", "stakeholders", "counted", "hidden")
"""Sections that are about all journeys whatever is chosen; they say so."""
_MOVES: Final = ("events", "journeys", "reach", "score_mean", "gap_mean", "pain_n")
"""Columns of the table of touchpoints that follow a choice."""
_STAYS: Final = ("touchpoint", "stage", "channel", "owner")
_FELT: Final = ("score", "expected", "gap")
_ENDS: Final = ("mean", "low", "high", "n")
MOST_WAYS: Final = 10
"""So many ways of a slice are in a run."""
_ABSENT: Final = object()
Slice = tuple[str, str]


def slices_data(
    run: RunTables, touchpoints: pd.DataFrame, labels: dict[str, str], language: str
) -> dict[str, Any] | None:
    """Return what the page's script needs to filter; None where the run has no slice that may be shown.

    Parameters
    ----------
    run : RunTables
    touchpoints : DataFrame
        Of all journeys, in the order of the page.
    labels : dict of str to str
    language : {"en", "nl"}
    """
    listed = records(run.slices)
    shown = [row for row in listed if row["status"] == "shown"]
    if not shown:
        return None
    column = [c for c, _, _ in shown_columns(touchpoints, run.hidden("touchpoints.csv"))]
    gone = [c for c in column if c not in (*_MOVES, *_STAYS)]
    made = [_Slice(run, row, touchpoints, labels, language).parts([c for c in column if c in _MOVES]) for row in shown]
    place = {(row["channel"], row["persona"]): i for i, row in enumerate(shown)}
    persona = f"persona_{language}"
    names = {r["persona"]: r[persona] for r in listed if r["persona"]}
    channels = dict.fromkeys(r["channel"] for r in listed if r["channel"])
    packed = json.dumps(fold(made), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return {
        "channels": [[c, channel_label(c, language)] for c in channels],
        "personas": [[p, str(name)] for p, name in names.items()],
        "why": {
            "few": say("slice_few", language, n=run.min_cell),
            "protects": say("slice_protects", language, n=run.min_cell),
            "beyond": say("slice_beyond", language),
        },
        "listed": [[r["channel"], r["persona"], place.get((r["channel"], r["persona"]), r["status"])] for r in listed],
        "columns": ["move" if c in _MOVES else "stay" if c in _STAYS else "go" for c in column],
        "scoped": list(SCOPED),
        "text": {
            "bar": say("slice_bar", language),
            "channel": say("slice_channel", language),
            "persona": say("slice_persona", language),
            "any_channel": say("slice_any_channel", language),
            "any_persona": say("slice_any_persona", language),
            "reset": say("slice_reset", language),
            "all": say("slice_all", language, journeys=many("journeys", run.counts.get("journeys") or 0, language)),
            "scope": say("slice_scope", language),
            "columns": say("slice_columns", language) if gone else "",
        },
        "packed": base64.b64encode(zlib.compress(packed.encode(), 9)).decode(),
    }  # fmt: skip


class _Slice:
    """The parts of the page for one slice."""

    def __init__(
        self, run: RunTables, row: Mapping[str, Any], whole: pd.DataFrame, labels: dict[str, str], language: str
    ) -> None:
        self.run, self.row, self.whole, self.labels, self.language = run, row, whole, labels, language
        self.key: Slice = row["channel"], row["persona"]
        self.touchpoints = self._touchpoints()
        self.edges = self._of(run.slice_edges)

    def _of(self, table: pd.DataFrame) -> pd.DataFrame:
        mine = (table["channel"] == self.key[0]) & (table["persona"] == self.key[1])
        return table[mine].drop(columns=["channel", "persona"]).reset_index(drop=True)

    def _touchpoints(self) -> pd.DataFrame:
        """Return the touchpoints that may be shown, with their figures here in the place of those of all journeys."""
        own = self._of(self.run.slice_touchpoints).set_index("touchpoint")
        fixed = [str(c) for c in self.whole if c in (*_STAYS, "label_en", "label_nl", "stage_source", "owner_source")]
        fixed += [str(c) for c in self.whole if str(c).startswith("score_scale_") or c == "score_metric"]
        table = self.whole.loc[self.whole["touchpoint"].isin(own.index), fixed].reset_index(drop=True)
        table = table.join(own, on="touchpoint")
        return table.assign(rated_pairs_n=table["gap_n"])

    def hidden(self) -> set[tuple[str, str]]:
        """Return what all journeys have a figure of (known, shown or not) and this slice does not show."""
        told = self.run.hidden("touchpoints.csv")
        found = set()
        whole = self.whole.set_index("touchpoint")
        for part, columns in {
            **{f: [f"{f}_{e}" for e in _ENDS] for f in _FELT},
            "wow": ["wow_n"],
            "pain": ["pain_n"],
        }.items():
            first = columns[0]
            if first not in whole:
                continue
            asked = whole["gap_mean" if part in ("wow", "pain") else first]
            for t in self.touchpoints.loc[self.touchpoints[first].isna(), "touchpoint"]:
                if known(asked[t]) or (t, first) in told:
                    found |= {(t, c) for c in columns}
        return found

    def parts(self, columns: Sequence[str]) -> dict[str, Any]:
        """Return everything that is swapped on the page."""
        language, hidden = self.language, self.hidden()
        gone = len(self.whole) - len(self.touchpoints)
        cells = {
            row["touchpoint"]: [_brief(cell_of(row, c, language, hidden)) for c in columns]
            for row in records(self.touchpoints)
        }
        left = (
            say("slice_gone_one" if gone == 1 else "slice_gone", language, n=gone, min=self.run.min_cell)
            if gone
            else ""
        )
        return {
            "map": self._map(hidden),
            **self._emotion(hidden),
            "table": cells,
            **self._ways(),
            "sizes": self._sizes(),
            **self._chain(),
            "left": left,
            "journeys": int(self.row["journeys"]),
        }

    def _map(self, hidden: set[tuple[str, str]]) -> dict[str, Any] | None:
        """Return the map, its touchpoints and lines by their names: so they stand side by side with those of other slices."""
        if not len(self.touchpoints):
            return None
        spec = dict(
            journey_map(
                self.touchpoints, self.edges, language=self.language, hidden=hidden, min_cell=self.run.min_cell
            ).spec
        )
        unknown = {words.say(key, self.language) for key in ("sentiment", "wait", "channels")}
        nodes = {n["id"]: {**n, "facts": [f for f in n["facts"] if f[0] not in unknown]} for n in spec["nodes"]}
        edges = {f"{e['s']}\x1f{e['t']}": {k: v for k, v in e.items() if k not in ("s", "t")} for e in spec["edges"]}
        return {**spec, "nodes": nodes, "edges": edges, "order": list(nodes)}

    def _emotion(self, hidden: set[tuple[str, str]]) -> dict[str, Any]:
        try:
            found = emotional_journey_spec(self.touchpoints, self.run.dfg, self.language, hidden)
        except NotEnoughDataError:
            return {"emotion": None, "felt": say("slice_unfelt", self.language, n=self.run.min_cell)}
        return {"emotion": {k: found[k] for k in ("data", "layout", "least")}, "felt": ""}

    def _ways(self) -> dict[str, Any]:
        """Return the ways in the shape that those of all journeys have on the page."""
        variants = self._of(self.run.slice_variants)
        counts = {**self.run.counts, "journeys": self.row["journeys"], "variants": None}
        found = ways(replace(self.run, variants=variants, manifest={**self.run.manifest, "counts": counts}, model={}), self.labels, self.language)  # fmt: skip
        kept = ("rank", "name", "ids", "steps", "rest", "n", "share", "span", "width", "journeys", "duration", "duration_s", "score", "score_n", "score_mean")  # fmt: skip
        rows = [{k: row[k] for k in kept} for row in found["rows"]]
        least = self.run.min_cell
        lead = (
            say("slice_ways", self.language, shown=MOST_WAYS, min=least)
            if rows
            else say("slice_ways_none", self.language, min=least)
        )
        return {"ways": rows, "ways_lead": lead}

    def _sizes(self) -> list[list[str]]:
        """Return figure and name of each size in the head."""
        language = self.language
        found = [
            [count(self.row[key], language) if known(self.row[key]) else HIDDEN, say(word, language)]
            for key, word in (("journeys", "journeys"), ("customers", "customers"))
        ]
        if known(self.row["score_mean"]):
            metric = named(METRIC_LABELS, self.row["score_metric"], language)
            span = words.interval(self.row["score_low"], self.row["score_high"], language, 1)
            n = f"n = {words.number(self.row['score_n'], language)}"
            found.append([words.number(self.row["score_mean"], language, 1), f"{metric} {span} {n}"])
        return found

    def _chain(self) -> dict[str, str]:
        """Return which journeys these are and how many, in short and as it stands under each figure."""
        channel, persona = self.key
        language, said = self.language, []
        if channel:
            said.append(say("slice_with", language, channel=channel_label(channel, language)))
        if persona:
            said.append(say("slice_of", language, persona=self.row[f"persona_{language}"]))
        all_of = count(self.run.counts.get("journeys"), language)
        said.append(say("slice_n", language, n=count(self.row["journeys"], language), all=all_of))
        said.append(many("customers", self.row["customers"], language))
        short = " · ".join(said)
        short = short[0].upper() + short[1:]
        return {
            "short": short,
            "chain": f"{short} · {say('slice_notion', language, notion=notion(self.run, language))}",
        }


def _brief(cell: dict[str, Any]) -> list[Any]:
    return [cell["text"], cell["v"], cell["class"], cell["more"]]


def fold(values: Sequence[Any]) -> Any:
    """Lay alike things side by side: leaf by leaf what each of them holds; :func:`unfold` and the page take it apart.

    Where all hold the same it stands once. Equal figures that lie together are packed small.

    Examples
    --------
    >>> fold([{"n": 1, "unit": "s"}, {"n": 2, "unit": "s"}])
    {'o': {'n': {'v': [1, 2]}, 'unit': {'=': 's'}}}
    """
    there = [v for v in values if v is not _ABSENT]
    off = [i for i, v in enumerate(values) if v is _ABSENT]
    if there and all(isinstance(v, dict) for v in there):
        keys = dict.fromkeys(k for v in there for k in v)
        found: dict[str, Any] = {
            "o": {k: fold([_ABSENT if v is _ABSENT else v.get(k, _ABSENT) for v in values]) for k in keys}
        }
    elif there and all(isinstance(v, list) and v and all(isinstance(x, dict) for x in v) for v in there):
        longest = max(len(v) for v in there)
        found = {
            "l": [fold([_ABSENT if v is _ABSENT or i >= len(v) else v[i] for v in values]) for i in range(longest)]
        }
    elif all(type(v) is type(there[0]) and v == there[0] for v in there[1:]):
        found = {"=": there[0]}
    else:
        return {"v": there, "-": off} if off else {"v": there}
    return {**found, "-": off} if off else found


def unfold(folded: Mapping[str, Any], i: int) -> Any:
    """Return one of the things that were folded together, as the page's script does.

    Examples
    --------
    >>> both = fold([{"n": 1, "rows": [{"a": 1}]}, {"rows": [{"a": 1}, {"a": 2}]}])
    >>> unfold(both, 0), unfold(both, 1)
    ({'n': 1, 'rows': [{'a': 1}]}, {'rows': [{'a': 1}, {'a': 2}]})
    """
    found = _unfold(folded, i)
    return None if found is _ABSENT else found


def _unfold(folded: Mapping[str, Any], i: int) -> Any:
    off = folded.get("-", [])
    if i in off:
        return _ABSENT
    if "o" in folded:
        each = {k: _unfold(part, i) for k, part in folded["o"].items()}
        return {k: v for k, v in each.items() if v is not _ABSENT}
    if "l" in folded:
        return [v for v in (_unfold(part, i) for part in folded["l"]) if v is not _ABSENT]
    return folded["="] if "=" in folded else folded["v"][i - sum(1 for j in off if j < i)]
