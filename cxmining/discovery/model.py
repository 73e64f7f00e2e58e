"""A model of the journeys, how good it is, and what was left out of it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.discovery.export import net_to_bpmn, to_bpmn, to_pnml, to_ptml
from cxmining.discovery.net import PetriNet
from cxmining.discovery.quality import MEASURES
from cxmining.discovery.tree import Tree
from cxmining.errors import StudyError
from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["JourneyModel", "ReadModel"]

_PLAIN: Final = "fitness", "precision", "simplicity"


@dataclass(frozen=True, eq=False)
class _Model:
    """What every model can do: be drawn, and be written for other tools."""

    net: PetriNet
    tree: Tree | None
    note: str

    @property
    def _title(self) -> str:
        raise NotImplementedError

    def to_bpmn(self) -> str:
        """Return the model as BPMN 2.0 XML with a drawing; equal models are equal text."""
        return net_to_bpmn(self.net, self._title) if self.tree is None else to_bpmn(self.tree, self._title)

    def to_pnml(self) -> str:
        """Return the model as a Petri net in PNML; equal models are equal text."""
        return to_pnml(self.net, self._title)

    def to_ptml(self) -> str:
        """Return the model as a process tree in PTML; equal models are equal text.

        Raises
        ------
        StudyError
            When the model is no tree.
        """
        if self.tree is None:
            raise StudyError(
                "this model is a Petri net that is no process tree, which PTML cannot hold; use to_pnml() or to_bpmn()"
            )
        return to_ptml(self.tree, self._title)

    def figure(self) -> go.Figure:
        """Draw the model from left to right: steps, gateways where ways part and meet, and arrows."""
        from cxmining.discovery.figure import model_picture

        return model_picture(self.tree, self.net, self._title, self.note).figure()


@dataclass(frozen=True, eq=False)
class JourneyModel(_Model):
    """A model mined from journeys.

    Attributes
    ----------
    net : PetriNet
        The model as a net.
    tree : Tree or None
        The model as a process tree; None when the miner finds nets.
    note : str
        What was left out, in words.
    miner, noise : str, float
        How it was mined.
    coverage : float
        Share of journeys that it was mined from.
    journeys, variants : int
        How many that are.
    quality : dict
        `fitness`, `alignment_fitness`, `replayed`, `precision`, `generalisation` and `simplicity`, 0 to 1 or None
        when unknown, each with ``*_how``; and on which journeys they were measured.
    notion : str
        What one journey is.
    chain : tuple of str
        The filters that chose the journeys.
    edges : DataFrame or None
        Of a directly-follows map: one row per edge shown, with `source`, `target`, `n`, `share` of those that leave
        the source, `journeys`, `customers`, `median_s`, `p90_s`, `mean_s`.
    """

    miner: str
    noise: float
    coverage: float
    journeys: int
    variants: int
    quality: dict[str, Any]
    notion: str
    chain: tuple[str, ...] = ()
    edges: pd.DataFrame | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the figures that belong into ``model.json``."""
        return {
            "miner": self.miner,
            "noise": self.noise,
            "coverage": self.coverage,
            "journeys": self.journeys,
            "variants": self.variants,
            **{m: self.quality[m] for m in MEASURES},
            "note": self.note,
        }

    @property
    def summary(self) -> pd.DataFrame:
        """One row per measure: `measure`, `value` (missing when unknown), and `how` it was taken."""
        return pd.DataFrame(
            {
                "measure": MEASURES,
                "value": pd.array([self.quality[m] for m in MEASURES], dtype="float64"),
                "how": [self.quality[f"{m}_how"] for m in MEASURES],
            }
        )

    @property
    def _title(self) -> str:
        return f"Journeys ({self.notion})"

    def figure(self) -> go.Figure:
        """Draw the model: a directly-follows map with frequency and time, or steps and gateways from left to right."""
        from cxmining.discovery.figure import map_picture, model_picture

        if self.edges is not None:
            return map_picture(self).figure()
        said = ", ".join(f"{m} {_shown(self.quality[m])}" for m in _PLAIN)
        return model_picture(self.tree, self.net, self._title, f"{self.note} Its {said}.", self.chain).figure()

    def __repr__(self) -> str:
        said = ", ".join(f"{m} {_shown(self.quality[m])}" for m in _PLAIN)
        n = len(self.net.labels)
        lines = [
            f"JourneyModel({self.miner}, noise {self.noise:g}: {n} {'touchpoint' if n == 1 else 'touchpoints'}, {said})",
            f"of journeys ({self.notion})",
            *(f"filter: {step}" for step in self.chain),
            self.note,
        ]
        return "\n  ".join(lines)

    def _repr_html_(self) -> str:
        drawn = "" if self.tree is None else f"<pre>{escape(str(self.tree))}</pre>"
        return repr_html(self.summary, said=[self.notion, *self.chain, self.note]) + drawn


def _shown(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"


@dataclass(frozen=True, eq=False)
class ReadModel(_Model):
    """A model read from a file.

    Attributes
    ----------
    net : PetriNet
        What it allows.
    tree : Tree or None
        The same as a process tree, where its blocks are closed: each split with its own join.
    note : str
        What the file holds that is no step and was passed over, in words; empty when nothing was.
    name : str
        What the file calls it.
    source : str
        The file's name, without its folder.
    """

    name: str
    source: str

    @property
    def summary(self) -> pd.DataFrame:
        """One row per touchpoint of the model: `touchpoint` and `steps`, how many steps bear its name."""
        named = pd.Series([label for _, label in self.net.transitions if label is not None], dtype="str")
        counts = named.value_counts().rename_axis("touchpoint").reset_index(name="steps")
        return counts.sort_values("touchpoint", ignore_index=True)

    @property
    def _title(self) -> str:
        return self.name

    def __repr__(self) -> str:
        n, kind = len(self.net.labels), "Petri net" if self.tree is None else "process tree"
        head = f"ReadModel({self.name!r} from {self.source}: {kind}, {n} {'touchpoint' if n == 1 else 'touchpoints'})"
        return f"{head}\n  {self.note}" if self.note else head

    def _repr_html_(self) -> str:
        drawn = "" if self.tree is None else f"<pre>{escape(str(self.tree))}</pre>"
        return repr_html(self.summary, head=repr(self)) + drawn
