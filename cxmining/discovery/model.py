"""A model of the journeys, how good it is, and what was left out of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pandas as pd

from cxmining.discovery.export import to_bpmn, to_pnml
from cxmining.discovery.mine import mine_tree
from cxmining.discovery.net import PetriNet, petri_net
from cxmining.discovery.replay import replay
from cxmining.discovery.tree import Tree
from cxmining.errors import NotEnoughDataError, StudyError, nearest
from cxmining.journeys import Journeys

__all__ = ["JourneyModel", "discover"]

_MINERS: Final = ("inductive",)
# Budgets are counts, not seconds, so that a slow computer finds the same model as a fast one. On logs without
# structure, where it tries everything, the miner's time grows with steps × touchpoints² (4 s for this much, ten times that for one endless journey at random),
# the replay's with steps × touchpoints.
_MINING_WORK: Final = 8_000_000
_REPLAY_WORK: Final = 4_000_000


@dataclass(frozen=True, eq=False)
class JourneyModel:
    """A process tree mined from journeys.

    Attributes
    ----------
    tree : Tree
        The model.
    miner, noise : str, float
        How it was mined.
    coverage : float
        Share of journeys that it was mined from.
    journeys, variants : int
        How many that are.
    quality : dict
        `fitness`, `replayed`, `precision` and `simplicity`, 0 to 1, each with ``*_how``; and on which
        journeys they were measured.
    notion : str
        What one journey is.
    note : str
        What was left out, in words.
    """

    tree: Tree
    miner: str
    noise: float
    coverage: float
    journeys: int
    variants: int
    quality: dict[str, float | int | str]
    notion: str
    note: str

    @cached_property
    def net(self) -> PetriNet:
        """The model as a Petri net."""
        return petri_net(self.tree)

    def to_bpmn(self) -> str:
        """Return the model as BPMN 2.0 XML with a drawing; equal models are equal text."""
        return to_bpmn(self.tree, self._title)

    def to_pnml(self) -> str:
        """Return the model as a Petri net in PNML; equal models are equal text."""
        return to_pnml(self.net, self._title)

    def as_dict(self) -> dict[str, Any]:
        """Return the figures that belong into ``model.json``."""
        return {
            "miner": self.miner,
            "noise": self.noise,
            "coverage": self.coverage,
            "journeys": self.journeys,
            "variants": self.variants,
            "fitness": self.quality["fitness"],
            "precision": self.quality["precision"],
            "simplicity": self.quality["simplicity"],
            "note": self.note,
        }

    @property
    def summary(self) -> pd.DataFrame:
        """One row per measure: `measure`, `value`, and `how` it was taken."""
        measures = ("fitness", "replayed", "precision", "simplicity")
        return pd.DataFrame(
            {
                "measure": measures,
                "value": [self.quality[m] for m in measures],
                "how": [self.quality[f"{m}_how"] for m in measures],
            }
        )

    @property
    def _title(self) -> str:
        return f"Journeys ({self.notion})"

    def __repr__(self) -> str:
        q = self.quality
        return (
            f"JourneyModel({self.miner}, noise {self.noise:g}: {len(self.tree.labels)} touchpoints, "
            f"fitness {q['fitness']:.3f}, precision {q['precision']:.3f}, simplicity {q['simplicity']:.3f})\n"
            f"  {self.note}"
        )

    def _repr_html_(self) -> str:
        from html import escape

        table = self.summary.to_html(index=False, escape=True, border=0, float_format="{:.3f}".format)
        return f"{table}<p>{escape(self.note)}</p><pre>{escape(str(self.tree))}</pre>"


def discover(
    journeys: Journeys, miner: str = "inductive", noise: float = 0.2, coverage: float = 0.8, max_variants: int = 500
) -> JourneyModel:
    """Mine a model of the usual journeys.

    The most frequent variants are taken until they cover enough journeys or a limit is met: `max_variants`,
    or 8 million steps × touchpoints². Among equally frequent ones those with the smallest `variant_id`, a hash,
    come first: a fair draw. Quality is measured on all journeys, or on as many, in the same order, as
    4 million steps × touchpoints allow.

    Parameters
    ----------
    journeys : Journeys
    miner : {"inductive"}, default "inductive"
        Inductive miner, infrequent (Leemans, Fahland & van der Aalst 2013).
    noise : float, default 0.2
        Edges rarer than this share of the strongest one that leaves the same touchpoint are not modelled; 0 to 1.
    coverage : float, default 0.8
        Share of journeys that the model is to be mined from; above 0, up to 1.
    max_variants : int, default 500
        Mine from no more variants than this.

    Returns
    -------
    JourneyModel

    Raises
    ------
    StudyError
        When a parameter is outside its range.
    NotEnoughDataError
        When every journey is too long to mine from.

    Examples
    --------
    >>> from cxmining.journeys import build_journeys
    >>> from cxmining.schema import Dataset, table
    >>> events = table(
    ...     "events",
    ...     {
    ...         "event_id": ["r1", "r2", "r3"],
    ...         "customer_id": ["c1", "c1", "c2"],
    ...         "timestamp": ["2025-03-01", "2025-03-09", "2025-03-09"],
    ...         "channel": ["web", "phone", "web"],
    ...         "touchpoint": ["buys", "calls", "buys"],
    ...         "source": ["s", "s", "s"],
    ...         "seq": [1, 2, 3],
    ...     },
    ... )
    >>> model = discover(build_journeys(Dataset(events=events)), coverage=1)
    >>> print(model.tree)
    ->( 'buys', X( 'calls', tau ) )
    """
    _check(miner, noise, coverage, max_variants)
    ranked = journeys.variants.sort_values(["journeys", "variant_id"], ascending=[False, True], ignore_index=True)
    total = int(ranked["journeys"].sum())
    chosen, limit = _choose(ranked, coverage, max_variants)
    if not chosen:
        raise NotEnoughDataError(
            f"each of the {total:,} journeys ({journeys.notion}) is too long to mine a model from: the shortest has "
            f"{int(ranked['n_events'].min()):,} events; cut them with a gap, for example gap='30D', or exclude touchpoints"
        )
    mined = ranked.iloc[chosen]
    tree = mine_tree(mined["touchpoints"].tolist(), mined["journeys"].tolist(), noise)

    work = ranked["n_events"].cumsum() * len(tree.labels)
    measured = ranked.head(max(chosen[-1] + 1, int((work <= _REPLAY_WORK).sum())))
    fit = replay(tree, measured["touchpoints"].tolist(), measured["journeys"].tolist())
    share = float(measured["journeys"].sum() / total)
    on = f"on {int(measured['journeys'].sum()):,} journeys ({share:.1%})"
    quality: dict[str, float | int | str] = {
        "fitness": fit.fitness,
        "fitness_how": f"1 - missing / consumed tokens in token replay, tokens of silent steps not counted, {on}",
        "replayed": fit.replayed,
        "replayed_how": f"share of journeys the model allows from first to last event, {on}",
        "precision": fit.precision,
        "precision_how": f"1 - escaping / allowed next steps after each replayable beginning (ETC), {on}",
        "simplicity": petri_net(tree).simplicity,
        "simplicity_how": "inverse mean arc degree of the Petri net",
        "measured_journeys": int(measured["journeys"].sum()),
        "measured_variants": len(measured),
        "measured_share": share,
    }
    note = _note(journeys, mined, total, len(ranked), coverage, limit, tree, measured)
    return JourneyModel(
        tree, miner, noise, float(mined["journeys"].sum() / total), int(mined["journeys"].sum()), len(mined),
        quality,
        str(journeys.notion), note,
    )  # fmt: skip


def _choose(ranked: pd.DataFrame, coverage: float, max_variants: int) -> tuple[list[int], str | None]:
    """Return which variants to mine from, and the limit that was met before `coverage` was."""
    chosen: list[int] = []
    known: set[str] = set()
    steps = covered = 0
    wanted = coverage * int(ranked["journeys"].sum()) - 1e-9
    full = f"{_MINING_WORK:,} steps × touchpoints²"
    limit = None
    for i, (variant, n) in enumerate(zip(ranked["touchpoints"], ranked["journeys"], strict=True)):
        if covered >= wanted:
            return chosen, None
        if len(chosen) == max_variants:
            return chosen, f"{max_variants:,} variants"
        if len(variant) * len(set(variant)) ** 2 > _MINING_WORK:
            limit = full  # too long by itself: shorter ones may follow
            continue
        if (steps + len(variant)) * len(known.union(variant)) ** 2 > _MINING_WORK:
            return chosen, full
        chosen.append(i)
        known.update(variant)
        steps += len(variant)
        covered += int(n)
    return chosen, limit if covered < wanted else None


def _check(miner: str, noise: float, coverage: float, max_variants: int) -> None:
    if miner not in _MINERS:
        raise StudyError(f"miner={miner!r} is unknown; {nearest(str(miner), _MINERS)}")
    if not 0 <= noise <= 1:
        raise StudyError(f"noise={noise!r} must lie between 0 and 1")
    if not 0 < coverage <= 1:
        raise StudyError(f"coverage={coverage!r} must lie above 0 and not above 1")
    if max_variants < 1:
        raise StudyError(f"max_variants={max_variants!r} must be 1 or more")


def _note(
    journeys: Journeys, mined: pd.DataFrame, total: int, variants: int, asked: float, limit: str | None, tree: Tree,
    measured: pd.DataFrame,
) -> str:  # fmt: skip
    share = mined["journeys"].sum() / total
    first = (
        f"Mined from {len(mined):,} of {variants:,} variants, the most frequent first: "
        f"{int(mined['journeys'].sum()):,} of {total:,} journeys ({share:.1%})"
    )
    if limit:
        first += f"; {asked:.0%} was asked for, the limit of {limit} was met first"
    parts = [first]
    if len(mined) < variants:
        kept = float((mined["n_events"] * mined["journeys"]).sum() / mined["journeys"].sum())
        left = journeys.log.n_journeys - int(mined["journeys"].sum())
        left_events = len(journeys.log) - int((mined["n_events"] * mined["journeys"]).sum())
        parts.append(
            f"the {left:,} rarer journeys left out have {left_events / left:.1f} events on average, those mined {kept:.1f}"
        )
    missing = sorted(set(journeys.log.touchpoints) - set(tree.labels))
    if missing:
        shown = ", ".join(missing[:10]) + (", …" if len(missing) > 10 else "")
        parts.append(f"touchpoints that are not in the model: {shown}")
    if len(measured) < variants:
        parts.append(f"fitness and precision are measured on {measured['journeys'].sum() / total:.1%} of the journeys")
    return "; ".join(parts) + "."
