"""The persona cards: what they show, and the ways in which they go out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.figures.drawn import DrawnMap
from cxmining.figures.scene import Scene
from cxmining.i18n import check_language, speaking
from cxmining.maps import words
from cxmining.maps.personas.cells import cells_of, typed
from cxmining.maps.personas.drawing import draw, feet_of

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.journeys import Personas
    from cxmining.maps.personas.people import PersonaNotes

__all__ = ["PersonaCards", "cards_of", "persona_cards"]

say = speaking("personas")
WIDE, NARROW = 1120.0, 320.0
_SWITCH = (
    "<style>.cx-personas .cx-scene{flex:none}.cx-personas .cx-scroll{margin-bottom:14px}.cx-narrow{display:none}"
    "@media screen and (max-width:760px){.cx-personas .cx-wide{display:none}.cx-narrow{display:block}}"
    "@media print{.cx-personas .cx-scroll{overflow:visible!important;break-inside:avoid}.cx-personas .cx-scene{width:100%;height:auto}}"
    "</style>"
)


@dataclass(frozen=True, eq=False)
class PersonaCards(DrawnMap):
    """Persona cards, not yet drawn.

    Attributes
    ----------
    cells : DataFrame
        Every figure and word: ``segment``, ``row``, ``key``, ``place``, ``value``, ``low``, ``high``, ``n``, ``customers``,
        ``text``, ``by``, ``status`` (measured, people), ``hidden``. A negative ``segment`` is a persona that no segment matches.
    facts : mapping
        ``title``, ``size``, ``under`` (case notion and filters), ``least`` (smallest cell): what stands above and below.
    language : {"en", "nl"}
    """

    cells: pd.DataFrame
    facts: Mapping[str, Any]
    language: str

    @property
    def summary(self) -> pd.DataFrame:
        """One row per card: ``segment``, ``label``, ``persona``, ``customers``, ``share``, ``low``, ``high``, ``stability``, ``stable``, ``distance``."""
        rows = []
        for s in self._order():
            mine = self.cells[self.cells["segment"] == s]

            def one(row: str, key: str, column: str, mine: pd.DataFrame = mine) -> Any:
                found = mine.loc[(mine["row"] == row) & (mine["key"] == key), column]
                return found.iloc[0] if len(found) else pd.NA

            rows.append(
                {
                    "segment": s if s > 0 else pd.NA, "label": one("segment", "label", "text"),
                    "persona": one("said", "name", "text"), "customers": one("segment", "share", "n"),
                    **{c: one("segment", "share", v) for c, v in (("share", "value"), ("low", "low"), ("high", "high"))},
                    "stability": one("segment", "stability", "value"), "stable": one("segment", "stability", "text"),
                    "distance": one("said", "name", "value"),
                }
            )  # fmt: skip
        out = pd.DataFrame(rows)
        return out.astype({"segment": "Int64", "customers": "Int64", "share": "Float64", "low": "Float64", "high": "Float64",
                           "stability": "Float64", "distance": "Float64"})  # fmt: skip

    def _order(self) -> list[int]:
        there = self.cells.loc[self.cells["segment"] != 0, "segment"].unique().tolist()
        return sorted(s for s in there if s > 0) + sorted((s for s in there if s < 0), reverse=True)

    @cached_property
    def scene(self) -> Scene:
        """The drawing, all cards one under the other."""
        return draw(self.cells, self._order(), self.facts, self.language, WIDE)

    def pages(self) -> list[Scene]:
        """Draw each card by itself, as a page or a slide can show."""
        return [draw(self.cells, [s], self.facts, self.language, WIDE) for s in self._order()]

    def to_html(self, *, framed: bool = True) -> str:
        """Write it for a page: both parts side by side, one under the other where the window is narrow.

        Parameters
        ----------
        framed : bool, default True
            With title, size and filter chain; without where the page says them itself.
        """
        parts = []
        for name, width in (("cx-wide", WIDE), ("cx-narrow", NARROW)):
            for s in self._order():
                scene = draw(self.cells, [s], self.facts, self.language, width, framed=False)
                parts.append(f'<div class="{name}">{scene.to_html()}</div>')
        head = f"<h3>{escape(self.facts['title'])}</h3><p>{escape(self.facts['size'])}</p>" if framed else ""
        last = [self.facts["under"]] if framed else []
        said = "".join(f"<p>{escape(t)}</p>" for t in feet_of(self.cells, self.language))
        feet = f"<p><small>{escape(' · '.join([*last, say('signs', self.language, hidden=words.HIDDEN)]))}</small></p>"
        label = escape(self.facts["title"], quote=True)
        return (
            f'<section class="cx-personas" aria-label="{label}">{_SWITCH}{head}{said}{"".join(parts)}{feet}</section>'
        )

    def __repr__(self) -> str:
        shown = self.summary.drop(columns=["low", "high"]).to_string(
            index=False, na_rep="–", float_format=lambda v: f"{v:.2f}"
        )
        return "\n".join(
            [f"PersonaCards({self.facts['title']})", f"  {self.facts['size']}", f"  {self.facts['under']}", shown]
        )


def persona_cards(
    experience: Experience,
    personas: PersonaNotes | str | Path | None = None,
    found: Personas | None = None,
    *,
    target: str | None = "csat",
    language: str = "en",
    name: str | None = None,
    min_cell: int = 10,
) -> PersonaCards:
    """Make a card per segment of behaviour: what people say of it beside what the log shows.

    Parameters
    ----------
    experience : Experience
        What was lived and felt.
    personas : PersonaNotes or path-like, optional
        What people say, or the ``personas.toml`` that keeps it. Each persona belongs to the segment that behaves most like
        it; one that no segment matches any more has a card that says so.
    found : Personas, optional
        What `cx.find_personas` found; default it is found now, which takes a while.
    target : str or None, default "csat"
        Overall metric whose drivers are looked for in each segment with at least 100 answers; None: none.
    language : {"en", "nl"}
    name : str, optional
        What they are about; default the study's name.
    min_cell : int, default 10
        Figures about fewer customers are hidden.

    Returns
    -------
    PersonaCards

    Raises
    ------
    NotEnoughDataError
        With fewer than 20 customers, or none who made a contact.
    InputError
        When ``personas.toml`` is wrong.

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> cards = persona_cards(small_example(), target=None)
    >>> cards.summary[["label", "customers", "stable"]].values.tolist()
    [['mostly phone, asks about the bill', 30, 'stable'], ['mostly web, orders', 30, 'stable']]
    """
    from cxmining.journeys import find_personas
    from cxmining.maps.personas.people import load_personas

    check_language(language)
    notes = load_personas(personas) if isinstance(personas, str | Path) else personas
    found = find_personas(experience) if found is None else found
    cells = cells_of(experience, found, notes, target=target, language=language, min_cell=min_cell)
    journeys = found.journeys
    chain = " · ".join([str(journeys.notion), *(journeys.chain or (say("all", language),))])
    k = found.behaviour.k
    segments = say("segment_1", language) if k == 1 else say("segment_n", language, n=k)
    facts = {
        "title": say("title", language, name=name or journeys.data.name),
        "size": say("size", language, customers=words.number(len(found.assignments), language), segments=segments),
        "under": say("under", language, chain=chain, least=min_cell),
        "least": min_cell,
    }
    return PersonaCards(cells, facts, language)


def cards_of(cells: pd.DataFrame, facts: Mapping[str, Any], language: str) -> PersonaCards:
    """Make cards of cells that were kept, as a run does.

    Raises
    ------
    NotEnoughDataError
        When there is no segment.
    """
    own = typed(cells)
    if not (own["row"] == "segment").any():
        raise NotEnoughDataError("no segment of customers was kept: there is no card to draw")
    return PersonaCards(own, facts, language)
