"""The stakeholder map: what it shows, and the ways in which it goes out."""

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
from cxmining.figures.scene import Box, Item, Line, Scene
from cxmining.i18n import check_language, speaking
from cxmining.maps import words
from cxmining.maps.stakeholders.cells import cells_of, typed
from cxmining.maps.stakeholders.drawing import draw, keys_of
from cxmining.maps.stakeholders.legend import MOST_TIES, Known

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.journeys import Journeys
    from cxmining.maps.stakeholders.people import StakeholderNotes

__all__ = ["StakeholderMap", "map_of", "stakeholder_map"]

say = speaking("stakeholders")
_LOOK = (
    "<style>.cx-parties{columns:26rem;column-gap:2rem;padding:0;margin:.6rem 0;list-style:none;font-size:.88rem}"
    ".cx-parties li{break-inside:avoid;margin:0 0 .7rem;overflow-wrap:anywhere}.cx-parties li>b{display:block}"
    ".cx-parties span{display:block}"
    ".cx-stakeholders .cx-scene{flex:none}"
    "@media print{.cx-stakeholders .cx-scroll{overflow:visible!important}.cx-stakeholders .cx-scroll .cx-scene{width:100%;height:auto}}</style>"
)


@dataclass(frozen=True, eq=False)
class StakeholderMap(DrawnMap):
    """A stakeholder map, not yet drawn.

    Attributes
    ----------
    cells : DataFrame
        Every figure and word: ``row``, ``name``, ``other``, ``key``, ``place``, ``value``, ``low``, ``high``, ``n``,
        ``customers``, ``text``, ``by``, ``status`` (measured, people), ``hidden``.
    facts : mapping
        ``title``, ``size``, ``under`` (case notion and filters), ``least`` (smallest cell): what stands above and below.
    language : {"en", "nl"}
    """

    cells: pd.DataFrame
    facts: Mapping[str, Any]
    language: str

    @cached_property
    def _known(self) -> Known:
        return Known(self.cells, self.language, int(self.facts["least"]))

    @property
    def summary(self) -> pd.DataFrame:
        """One row per stakeholder: ``name``, ``kind``, ``influence`` and ``interest`` (mean of what people said, with ``_low`` and ``_high``, the least and most), ``contacts``, ``customers``, ``share`` of customers with ``low`` and ``high``, ``said``."""
        rows = []
        for party in self._known.parties:
            row: dict[str, Any] = {"name": party.name, "kind": party.kind}
            for what in ("influence", "interest"):
                given = party.levels(what)
                ends = (sum(given) / len(given), min(given), max(given)) if given else (None, None, None)
                row |= dict(zip((what, f"{what}_low", f"{what}_high"), ends, strict=True))
            contacts, reach = party.of("traffic", "contacts"), party.of("traffic", "reach")
            row["contacts"] = contacts[0]["n"] if contacts else None
            row["customers"] = contacts[0]["customers"] if contacts else None
            row |= {
                c: reach[0][v] if reach else None for c, v in (("share", "value"), ("low", "low"), ("high", "high"))
            }
            rows.append({**row, "said": " | ".join(self._known.lines(party))})
        out = pd.DataFrame(rows)
        numbers = [c for c in out.columns if c not in ("name", "kind", "said", "contacts", "customers")]
        return out.astype({**dict.fromkeys(numbers, "Float64"), "contacts": "Int64", "customers": "Int64"})

    @property
    def ties(self) -> pd.DataFrame:
        """One row per tie between two: ``name``, ``other``, ``said``; also those for which the map has no room."""
        rows = [(a, b, " | ".join(self._known.tie_lines(cells))) for a, b, cells in self._known.ties]
        return pd.DataFrame(rows, columns=["name", "other", "said"]).astype("str")

    @cached_property
    def scene(self) -> Scene:
        """The drawing, with everybody in words below."""
        return draw(self.cells, self.facts, self.language)

    def to_html(self, *, framed: bool = True) -> str:
        """Write it for a page: the map, and everybody and each tie in words below, by number.

        Parameters
        ----------
        framed : bool, default True
            With title, size and filter chain; without where the page says them itself.
        """
        known = self._known
        head = f"<h3>{escape(self.facts['title'])}</h3><p>{escape(self.facts['size'])}</p>" if framed else ""
        said = "".join(f"<p>{escape(t)}</p>" for t in known.feet())
        marks = "".join(_key(*key) for key in keys_of(known))
        drawn = draw(self.cells, self.facts, self.language, framed=False).to_html()
        parts = [(p.name, known.lines(p)) for p in known.parties]
        ties = [(f"{a} ⇄ {b}", known.tie_lines(cells)) for a, b, cells in known.ties[:MOST_TIES]]
        lists = _list(known.said("who"), parts, 1) + (_list(known.said("ties"), ties, 1 + len(parts)) if ties else "")
        rest = len(known.ties) - len(ties)
        feet = [known.said("more_ties", n=rest)] if rest > 0 else []
        feet += [self.facts["under"]] if framed else []
        feet.append(known.said("signs", hidden=words.HIDDEN))
        label = escape(self.facts["title"], quote=True)
        return (
            f'<section class="cx-stakeholders" aria-label="{label}">{_LOOK}{head}{said}<p><small>{marks}</small></p>{drawn}'
            f"{lists}<p><small>{escape(' · '.join(feet))}</small></p></section>"
        )

    def write_template(self, path: str | Path) -> Path:
        """Write a ``stakeholders.toml`` for people to fill in, an entry per stakeholder on the map.

        Raises
        ------
        StudyError
            When the file is there: what people wrote is not written over.
        """
        from cxmining.maps.stakeholders.people import write_stakeholder_template

        return write_stakeholder_template([(p.name, p.kind) for p in self._known.parties], path)

    def __repr__(self) -> str:
        columns = ["name", "kind", "influence", "interest", "contacts", "customers", "share"]
        table = self.summary[columns].to_string(index=False, na_rep="–", float_format=lambda v: f"{v:.2f}")
        return "\n".join(
            [f"StakeholderMap({self.facts['title']})", f"  {self.facts['size']}", f"  {self.facts['under']}", table]
        )


def _key(mark: str, colour: str, text: str) -> str:
    """Write a line of the key; its mark is drawn as the map is, so that the dark gives it another colour too."""
    if not mark:
        return f'<span style="margin-right:1.2em">{escape(text)}</span>'
    drawn: Item = Box(1, 0, 11, 11, colour, radius=3)
    if mark != "box":
        drawn = Line(((0, 6), (18, 6)), colour, 2.5, dash=mark == "dash")
    sign = Scene(18, 12, text, (drawn,)).to_svg()
    return f'<span style="margin-right:1.2em;white-space:nowrap">{sign} {escape(text)}</span>'


def _list(title: str, parts: list[tuple[str, list[str]]], first: int) -> str:
    rows = "".join(
        f"<li><b>{i} {escape(name)}</b>{''.join(f'<span>{escape(line)}</span>' for line in lines)}</li>"
        for i, (name, lines) in enumerate(parts, start=first)
    )
    return f'<h4>{escape(title)}</h4><ul class="cx-parties">{rows}</ul>'


def stakeholder_map(
    source: Experience | Journeys,
    people: StakeholderNotes | str | Path | None = None,
    *,
    language: str = "en",
    name: str | None = None,
    min_cell: int = 10,
) -> StakeholderMap:
    """Draw who stands around the customer: departments, partners, regulator, and what goes to and fro.

    Who stands nearer is what people say of influence, never traffic. Without their word everybody stands on one
    neutral ring, and the map says what to fill in.

    Parameters
    ----------
    source : Experience or Journeys
    people : StakeholderNotes or path-like, optional
        What people filled in, or the ``stakeholders.toml`` that keeps it.
    language : {"en", "nl"}
    name : str, optional
        The company; default the study's name.
    min_cell : int, default 10
        Figures about fewer customers are hidden.

    Returns
    -------
    StakeholderMap
        ``.write_template(path)`` writes a first ``stakeholders.toml``.

    Raises
    ------
    NotEnoughDataError
        When neither people, catalogue nor log know anybody.
    InputError
        When ``stakeholders.toml`` is wrong.
    UnknownNameError
        When a tie names somebody whom nobody knows.

    Examples
    --------
    >>> from cxmining.schema import Dataset, table
    >>> from cxmining.journeys import build_journeys
    >>> events = table("events", {"event_id": ["1", "2"], "customer_id": ["a", "b"],
    ...     "timestamp": ["2025-01-01T00:00Z"] * 2, "channel": ["phone"] * 2, "touchpoint": ["calls", "complains"],
    ...     "queue": ["Billing", "Complaints"], "source": ["s"] * 2, "seq": [1, 2]})
    >>> found = stakeholder_map(build_journeys(Dataset(events=events)), min_cell=1)
    >>> found.summary[["name", "kind", "contacts", "share"]].values.tolist()
    [['Billing', 'department', 1, 0.5], ['Complaints', 'department', 1, 0.5]]
    """
    from cxmining.journeys.scored import journeys_of
    from cxmining.maps.stakeholders.people import load_stakeholders

    check_language(language)
    journeys = journeys_of(source)
    notes = load_stakeholders(people) if isinstance(people, str | Path) else people
    company = name or journeys.data.name
    cells = cells_of(journeys, notes, language=language, company=company, min_cell=min_cell)
    chain = " · ".join([str(journeys.notion), *(journeys.chain or (say("all", language),))])
    who = set() if notes is None else {*notes.fields["by"], *notes.ties["by"]}
    facts = {"title": say("title", language, name=company), "least": min_cell}
    known = Known(cells, language, min_cell)
    facts["size"] = say(
        "size", language, customers=words.number(journeys.log.n_customers, language), stakeholders=len(known.parties),
        ties=len(known.ties), people=say(f"people_{len(who)}" if len(who) < 2 else "people_n", language, n=len(who)),
    )  # fmt: skip
    facts["under"] = say("under", language, chain=chain, least=min_cell)
    return StakeholderMap(cells, facts, language)


def map_of(cells: pd.DataFrame, facts: Mapping[str, Any], language: str) -> StakeholderMap:
    """Make a stakeholder map of cells that were kept, as a run does.

    Raises
    ------
    NotEnoughDataError
        When nobody was kept.
    """
    own = typed(cells)
    if not (own["row"] == "stakeholder").any():
        raise NotEnoughDataError("no stakeholder was kept: there is no map to draw")
    return StakeholderMap(own, facts, language)
