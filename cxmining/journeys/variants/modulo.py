"""Variants seen more coarsely or finely: without repeats, without loops, with channel, by stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.engine import CodedLog, Samples, count_variants
from cxmining.engine.coded import Codes, Ints
from cxmining.engine.samples import distinct
from cxmining.errors import UnknownNameError, nearest
from cxmining.journeys.scored import Scored, journeys_of, scores_of
from cxmining.journeys.staging.stages import UNKNOWN
from cxmining.repr_html import repr_html
from cxmining.schema import STAGES
from cxmining.stats import grouped_mean, wilson

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.journeys.build import Journeys

__all__ = ["MODULO", "VariantTable", "list_variants", "sort_variants"]

MODULO: Final = ("repeats", "loops", "channel", "stage")


@dataclass(frozen=True, eq=False)
class Sorted:
    """Journeys sorted into variants: what each variant is, and which one each journey follows."""

    steps: list[tuple[str, ...]]
    number: Ints
    modulo: str | None

    @cached_property
    def ids(self) -> list[str]:
        """A name per variant that depends on its steps (and how they are seen) only."""
        # A stage may be called what a touchpoint is called: seen otherwise, it is another variant.
        before = "" if self.modulo is None else f"{self.modulo}\x1e"
        return ["v" + blake2b((before + "\x1f".join(s)).encode(), digest_size=8).hexdigest() for s in self.steps]


def sort_variants(journeys: Journeys, modulo: str | None = None) -> Sorted:
    """Sort journeys into variants.

    Parameters
    ----------
    journeys : Journeys
    modulo : {None, "repeats", "loops", "channel", "stage"}
        See :func:`list_variants`.

    Returns
    -------
    Sorted

    Raises
    ------
    UnknownNameError
        When `modulo` is none of these.
    """
    if modulo is not None and modulo not in MODULO:
        raise UnknownNameError(f"modulo={modulo!r}; {nearest(str(modulo), MODULO)}")
    if modulo is None:
        found, number = journeys._variants
        return Sorted(found.sequences, number, None)
    found, number = count_variants(_SEEN[modulo](journeys))
    if modulo != "loops":
        return Sorted(found.sequences, number, modulo)
    # Only few of the sequences have a loop: those are few enough to be looked at one by one.
    place: dict[tuple[str, ...], int] = {}
    merged = np.array([place.setdefault(without_loops(s), len(place)) for s in found.sequences], dtype=np.int64)
    return Sorted(list(place), merged[number], modulo)


def without_loops(steps: tuple[str, ...]) -> tuple[str, ...]:
    """Return steps in which no part stands twice in a row: the shortest such part, from the left, is said once.

    Examples
    --------
    >>> without_loops(("a", "b", "a", "b", "a", "c"))
    ('a', 'b', 'a', 'c')
    >>> without_loops(("a", "a", "b", "a", "b"))
    ('a', 'b')
    """
    found = list(steps)
    size = 1
    while 2 * size <= len(found):
        at = next(
            (i for i in range(len(found) - 2 * size + 1) if found[i : i + size] == found[i + size : i + 2 * size]), -1
        )
        if at < 0:
            size += 1
            continue
        del found[at + size : at + 2 * size]
        size = 1  # what is left may repeat in shorter parts
    return tuple(found)


def _recoded(log: CodedLog, labels: tuple[str, ...], codes: Codes) -> CodedLog:
    return replace(log, touchpoints=labels, touchpoint=codes)


def _without_repeats(log: CodedLog) -> CodedLog:
    keep = np.ones(len(log), dtype=bool)
    keep[1:] = log.touchpoint[1:] != log.touchpoint[:-1]
    keep[log.offsets[:-1]] = True
    behind = np.concatenate([[0], np.cumsum(keep)]).astype(np.int64)
    return CodedLog(
        log.touchpoints, log.channels, log.touchpoint[keep], log.channel[keep], log.time[keep],
        behind[log.offsets], log.customer, log.rows[keep],
    )  # fmt: skip


def _with_channel(journeys: Journeys) -> CodedLog:
    log = journeys.log
    pair = log.touchpoint.astype(np.int64) * len(log.channels) + log.channel
    size = len(log.touchpoints) * len(log.channels)
    there = np.flatnonzero(np.bincount(pair, minlength=size))
    names = [f"{log.touchpoints[p // len(log.channels)]}@{log.channels[p % len(log.channels)]}" for p in there.tolist()]
    labels, rank = np.unique(np.array(names, dtype=object), return_inverse=True)
    code = np.zeros(size, dtype=np.min_scalar_type(max(len(labels) - 1, 0)))
    code[there] = rank
    return _recoded(log, tuple(labels.tolist()), code[pair])


def _by_stage(journeys: Journeys) -> CodedLog:
    codes = journeys._stage
    seen = _recoded(journeys.log, (*STAGES, UNKNOWN), np.where(codes < 0, len(STAGES), codes).astype(np.uint8))
    return _without_repeats(seen)


_SEEN: Final[Mapping[str, Callable[[Any], CodedLog]]] = {
    "repeats": lambda journeys: _without_repeats(journeys.log),
    "loops": lambda journeys: _without_repeats(journeys.log),
    "channel": _with_channel,
    "stage": _by_stage,
}
_MEANING: Final = {
    None: "touchpoints in their order",
    "repeats": "touchpoints in their order, the same one several times in a row said once",
    "loops": "touchpoints in their order, any part that comes several times in a row said once",
    "channel": "touchpoints with their channel in their order",
    "stage": "stages in their order, each said once while a journey stays in it",
}


@dataclass(frozen=True, eq=False)
class VariantTable:
    """The variants of some journeys.

    Attributes
    ----------
    table : DataFrame
        One row per variant, most frequent first, equals by their steps: ``variant_id``, ``steps`` (tuple),
        ``n_steps``, ``journeys``, ``share`` of the journeys with ``low`` and ``high`` (95%, Wilson),
        ``coverage`` (share of this variant and those above it), ``customers`` (different ones),
        ``median_duration_s`` and ``p90_duration_s`` (first to last event of the whole journey); where the
        journeys are scored also ``score_mean``, ``score_low``, ``score_high`` (95%, clustered by customer,
        kept within the scale) and ``score_n`` (scored journeys).
    journeys : Journeys
        Of which they are variants.
    modulo : str or None
        How they are seen.
    metric : str or None
        Of the score.
    """

    table: pd.DataFrame
    journeys: Journeys
    modulo: str | None
    metric: str | None

    def __len__(self) -> int:
        return len(self.table)

    @property
    def summary(self) -> pd.DataFrame:
        """The table."""
        return self.table

    @property
    def tail(self) -> dict[str, float]:
        """The infrequent tail: how many variants occur `once`, and what `share` of the journeys they are."""
        once = int((self.table["journeys"] == 1).sum())
        found = wilson(once, int(self.table["journeys"].sum()))
        return {"once": once, "share": found.value, "low": found.low, "high": found.high}

    def told(self) -> list[str]:
        """Return what a reader of the table must know, in sentences."""
        tail, n = self.tail, len(self.journeys)
        once = int(tail["once"])
        lines = [f"case notion: {self.journeys.notion}", f"a variant is: {_MEANING[self.modulo]}"]
        if once:
            lines.append(
                f"tail: {once:,} of {len(self):,} {'variant occurs' if len(self) == 1 else 'variants occur'} once; "
                f"together {tail['share']:.1%} [{tail['low']:.1%}, {tail['high']:.1%}] of {n:,} "
                f"{'journey' if n == 1 else 'journeys'}"
            )
        else:
            lines.append("tail: no variant occurs only once")
        if self.metric is not None:
            scored = int(self.table["score_n"].sum())
            lines.append(f"score: {self.metric}, of {scored:,} {'journey' if scored == 1 else 'journeys'}")
        return [*lines, *(f"filter: {step}" for step in self.journeys.chain)]

    def figure(self, top: int = 20, colour: str | None = None, language: str | None = None) -> go.Figure:
        """Draw the most frequent variants, a chevron per step.

        Parameters
        ----------
        top : int, default 20
            How many variants.
        colour : {"stage", "channel"}, optional
            What the chevrons are coloured by; default the stage, where any is known, else the channel.
        language : {"en", "nl"}, optional
            Of the words; default that of the data.

        Returns
        -------
        plotly Figure
        """
        return self.picture(top, colour, language).figure()

    def picture(self, top: int = 20, colour: str | None = None, language: str | None = None) -> Any:
        """Return what :meth:`figure` draws, as a :class:`cxmining.figures.Picture`."""
        from cxmining.journeys.variants.explorer import draw_variants

        return draw_variants(self, top, colour, language)

    def __repr__(self) -> str:
        seen = "" if self.modulo is None else f" modulo {self.modulo}"
        n, k = len(self.journeys), len(self)
        head = f"VariantTable({k:,} {'variant' if k == 1 else 'variants'}{seen} of {n:,} {'journey' if n == 1 else 'journeys'})"
        shown = [
            f"{r['share']:.1%} [{r['low']:.1%}, {r['high']:.1%}] n={r['journeys']:,}: {' → '.join(_some(r['steps']))}"
            for r in self.table.head(5).to_dict("records")
        ]
        return "\n".join([head, *(f"  {line}" for line in [*self.told(), *shown])])

    def _repr_html_(self) -> str:
        table = self.table.assign(steps=[" → ".join(_some(s)) for s in self.table["steps"]])
        return repr_html(table, said=self.told(), most=50)


def _some(steps: tuple[str, ...], most: int = 12) -> list[str]:
    return list(steps) if len(steps) <= most else [*steps[: most - 1], f"… {len(steps) - most + 1} more"]


def list_variants(source: Journeys | Scored, modulo: str | None = None, *, metric: str | None = None) -> VariantTable:
    """List the variants of journeys, exactly, with how often, how long, and how scored.

    Parameters
    ----------
    source : Journeys or Scored
        With scores (an Experience) each variant carries its mean score.
    modulo : {None, "repeats", "loops", "channel", "stage"}
        What makes two journeys alike. None: the same touchpoints in the same order. ``"repeats"``: the same
        touchpoint several times in a row counts once. ``"loops"``: so does any part that comes several times
        in a row (a b a b c is a b c). ``"channel"``: each step is ``touchpoint@channel``. ``"stage"``: the
        sequence of stages, each said once while a journey stays in it.
    metric : str, optional
        Of the score; default the overall metric that most journeys have.

    Returns
    -------
    VariantTable

    Raises
    ------
    UnknownNameError
        When `modulo` is none of these.
    NotEnoughDataError
        When no journey was scored with `metric`.

    Examples
    --------
    >>> from cxmining.journeys import build_journeys
    >>> from cxmining.schema import Dataset, table
    >>> events = table(
    ...     "events",
    ...     {
    ...         "event_id": ["r1", "r2", "r3"],
    ...         "customer_id": ["c1", "c1", "c2"],
    ...         "timestamp": ["2025-03-01T10:00Z", "2025-03-09T10:00Z", "2025-03-02T10:00Z"],
    ...         "channel": ["phone", "phone", "phone"],
    ...         "touchpoint": ["calls", "calls", "calls"],
    ...         "source": ["s", "s", "s"],
    ...         "seq": [1, 2, 3],
    ...     },
    ... )
    >>> journeys = build_journeys(Dataset(events=events))
    >>> list_variants(journeys).table[["steps", "journeys"]].values.tolist()
    [[('calls',), 1], [('calls', 'calls'), 1]]
    >>> list_variants(journeys, "repeats").table[["steps", "journeys"]].values.tolist()
    [[('calls',), 2]]
    """
    journeys = journeys_of(source)
    log = journeys.log
    found = sort_variants(journeys, modulo)
    k = len(found.steps)
    n = np.bincount(found.number, minlength=k)
    share = wilson(n, np.full(k, log.n_journeys))
    lasts = Samples.of(found.number, log.duration, k)
    frame = pd.DataFrame(
        {
            "variant_id": pd.Series(found.ids, dtype="str"),
            "steps": pd.Series(found.steps, dtype="object"),
            "n_steps": np.array([len(s) for s in found.steps], dtype=np.int64),
            "journeys": n,
            "share": share.value,
            "low": share.low,
            "high": share.high,
            "coverage": 0.0,
            "customers": distinct(found.number, log.customer, k),
            "median_duration_s": lasts.quantile(0.5) / 1e6,
            "p90_duration_s": lasts.quantile(0.9) / 1e6,
        }
    )
    scores = scores_of(source, metric)
    name = None
    if scores is not None:
        name = str(scores["metric"].iloc[0])
        frame = pd.concat([frame, _scored(journeys, found, scores)], axis=1)
    counts = n.tolist()
    order = sorted(range(k), key=lambda v: (-counts[v], found.steps[v]))
    frame = frame.iloc[order].reset_index(drop=True)
    frame["coverage"] = frame["journeys"].cumsum() / log.n_journeys
    return VariantTable(frame, journeys, modulo, name)


def _scored(journeys: Journeys, found: Sorted, scores: pd.DataFrame) -> pd.DataFrame:
    place = pd.Index(journeys.table["journey_id"]).get_indexer(pd.Index(scores["journey_id"]))
    rows = scores.assign(variant=found.number[place])[place >= 0]
    means = grouped_mean(rows, "variant", "score", cluster="customer_id").reindex(range(len(found.steps)))
    means["n"] = means["n"].fillna(0).astype("int64")
    # few and different scores have an interval wider than the scale: what cannot be is not shown
    means["low"] = means["low"].clip(lower=rows["scale_low"].min())
    means["high"] = means["high"].clip(upper=rows["scale_high"].max())
    return means.rename(columns=lambda c: f"score_{c}").reset_index(drop=True)
