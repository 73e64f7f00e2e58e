"""Pictures of choices: all branches with their grounds, or the effects at one branch."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.engine import END
from cxmining.figures import Picture, palette, shown
from cxmining.i18n import number, percent
from cxmining.journeys.choosing.words import OTHER, named, sentence
from cxmining.journeys.rows import records_of, rows_of

if TYPE_CHECKING:
    from cxmining.journeys.choosing.result import Choices

__all__ = ["branch_picture", "overview"]

ROW: Final = 34
MOST_BRANCHES: Final = 24
MOST_EFFECTS: Final = 24
_WORDS: Final = {
    "title": ("What customers chose between, and on what grounds", "Waaruit klanten kozen, en op welke gronden"),
    "share": ("share of decisions", "aandeel van de beslissingen"),
    "told": ("told", "voorspeld"),
    "none": ("not told", "niet te voorspellen"),
    "left": (
        "A circle: the ground survives correction; in it the effect that is surest to differ from nothing, in points.",
        "Een cirkel: de grond blijft na correctie overeind; erin het zekerste effect, in procentpunten.",
    ),
    "more": ("The {} busiest branches of {}.", "De {} drukste vertakkingen van {}."),
    "journeys": ("Journeys by {}. Associated, not caused.", "Reizen per {}. Samenhang, geen oorzaak."),
    "effect": ("percentage points more or less often", "procentpunten vaker of minder vaak"),
    "found": ("Grounds for the choice after {}", "Gronden voor de keuze na {}"),
    "open": (
        "Filled: the ground survives correction; open: it does not. Intervals {}, clustered by customer.",
        "Gevuld: de grond blijft na correctie overeind; open: niet. Intervallen {}, geclusterd per klant.",
    ),
}


def _say(key: str, language: str) -> str:
    return _WORDS[key][1 if language == "nl" else 0]


def overview(found: Choices, language: str = "en") -> Picture:
    """Make the picture of all branches: options as shares on the left, grounds as circles on the right."""
    summary = found.summary.head(MOST_BRANCHES)
    touchpoints = [str(t) for t in summary["touchpoint"]]
    grounds = [str(g) for g in found.tests.loc[found.tests["p"].notna(), "ground"].unique()]
    data: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    shades = [palette.BLUE, palette.SOFT, palette.TEAL, palette.RULE]
    y = list(range(len(touchpoints)))
    for i, name in enumerate(touchpoints):
        at = 0.0
        for k, r in enumerate(rows_of(found.branches[found.branches["touchpoint"] == name])):
            ends = r.option == END
            colour = palette.LANE if r.option == OTHER else palette.MUTED if ends else shades[k % 4]
            option = named(str(r.option), language)
            hover = (
                f"{shown(option)}: {percent(r.share, language, 1)} [{percent(r.low, language, 1)}; "
                f"{percent(r.high, language, 1)}]<br>n = {number(r.n, language)}"
            )
            data.append(
                {"type": "bar", "orientation": "h", "x": [r.share], "y": [i], "base": [at], "width": 0.74, "showlegend": False,
                 "marker": {"color": colour, "line": {"color": palette.PAPER, "width": 1}}, "hovertext": [hover], "hoverinfo": "text"}
            )  # fmt: skip
            if r.share >= (0.2 if r.option == OTHER else 0.14):
                # Text fits where the bar is long enough: some 7 pixels a letter, 510 for everything.
                fits = int(r.share * 510 / 6.8) - 5
                label = option if len(option) <= fits else option[: max(fits - 1, 1)].rstrip() + "…"
                ink = palette.INK if colour in (palette.LANE, palette.RULE, palette.SOFT) else palette.PAPER
                notes.append(
                    _note(
                        at + r.share / 2, i, f"{shown(label)} {percent(r.share, language)}", 11, ink, "center", "x", "y"
                    )
                )
            at += float(r.share)
    points = _marks(found, touchpoints, grounds, language)
    data.append(points)
    for r, i in zip(rows_of(summary), y, strict=True):
        told = f"{_say('told', language)} {percent(r.skill, language, 1)}" if r.can_be_told else _say("none", language)
        notes.append(_note(1.005, i, told, 11, palette.INK if r.can_be_told else palette.MUTED, "left", "paper", "y"))
    foot = [_say("left", language)]
    if len(found.summary) > len(summary):
        foot.append(_say("more", language).format(len(summary), len(found.summary)))
    lines = wrap(" ".join([*foot, _say("journeys", language).format(found.notion)]), 190)
    lines += [line for step in found.chain for line in wrap(step, 190)]
    height = ROW * len(touchpoints)
    base = {"fixedrange": True, "zeroline": False, "tickfont": {"size": 12}}
    notes += [_foot(line, i) for i, line in enumerate(lines)]
    layout = {
        "width": 1400, "height": height + 230 + 17 * len(lines), "margin": {"l": 230, "r": 130, "t": 170, "b": 60 + 17 * len(lines)},
        "barmode": "overlay", "showlegend": False, "dragmode": False, "hovermode": "closest",
        "plot_bgcolor": palette.CLEAR, "paper_bgcolor": palette.PAPER, "font": {"family": palette.FONT, "size": 12, "color": palette.INK},
        "hoverlabel": {"bgcolor": palette.PAPER, "bordercolor": palette.MUTED, "font": {"color": palette.INK, "size": 12}},
        "xaxis": {**base, "domain": [0, 0.5], "range": [0, 1], "tickformat": ".0%", "showgrid": False, "title": {"text": _say("share", language), "font": {"size": 12, "color": palette.MUTED}}},
        "xaxis2": {**base, "domain": [0.53, 1], "range": [-0.6, len(grounds) - 0.4], "tickvals": list(range(len(grounds))),
                   "ticktext": [shown(named(g, language)) for g in grounds], "side": "top", "tickangle": -40, "gridcolor": palette.RULE, "anchor": "y"},
        "yaxis": {**base, "range": [len(y) - 0.5, -0.5], "tickvals": y, "showgrid": False,
                  "ticktext": [f"{shown(_short(t))}<br>n = {number(n, language)}" for t, n in zip(touchpoints, summary["n"], strict=True)]},
        "annotations": [
            {**_note(0, 1, f"<b>{_say('title', language)}</b>", 17, palette.INK, "left", "paper", "paper"), "yshift": 145, "xshift": -215},
            *notes,
        ],
    }  # fmt: skip
    return Picture("choices", found.summary, {"data": data, "layout": layout})


def _marks(found: Choices, touchpoints: list[str], grounds: list[str], language: str) -> dict[str, Any]:
    """Return the circles: one per ground that survives correction, as large as its largest sure effect."""
    x, y, size, text, hover = [], [], [], [], []
    for i, name in enumerate(touchpoints):
        for test in rows_of(found.tests[(found.tests["touchpoint"] == name) & found.tests["shown"]]):
            best = _best(found.grounds, name, str(test.ground))
            effect = 0.0 if best is None else float(best["effect"])
            x.append(grounds.index(str(test.ground)))
            y.append(i)
            size.append(14 + 16 * min(abs(effect) / 30, 1))
            text.append(number(effect, language) if best is not None else "")
            said = "" if best is None else f"<br>{shown(_said(best, language))}"
            hover.append(f"{shown(named(str(test.ground), language))}: q = {test.q:.2g}{said}")
    return {"type": "scatter", "mode": "markers+text", "x": x, "y": y, "xaxis": "x2", "text": text, "hovertext": hover, "hoverinfo": "text",
            "marker": {"size": size, "color": palette.LANE, "line": {"color": palette.NAVY, "width": 2}},
            "textfont": {"size": 11, "color": palette.INK}}  # fmt: skip


def _best(grounds: pd.DataFrame, touchpoint: str, ground: str) -> dict[str, Any] | None:
    rows = grounds[(grounds["touchpoint"] == touchpoint) & (grounds["ground"] == ground)]
    sure = rows[["low", "high"]].abs().min(axis=1)[(rows["low"] > 0) | (rows["high"] < 0)]
    return records_of(rows.loc[[sure.idxmax()]])[0] if len(sure) else None


def _said(r: Any, language: str) -> str:
    against = "tegenover" if language == "nl" else "against"
    return (
        f"{named(r['level'], language)} {against} {named(r['reference'], language)}: "
        f"{number(r['effect'], language, 1)} {named(r['option'], language)} "
        f"[{number(r['low'], language, 1)}; {number(r['high'], language, 1)}]"
    )


def branch_picture(found: Choices, at: str, language: str = "en") -> Picture:
    """Make the picture of the effects at one branch, the surest first."""
    rows = found.grounds[found.grounds["touchpoint"] == at]
    sure = rows[["low", "high"]].abs().min(axis=1).where((rows["low"] > 0) | (rows["high"] < 0), 0.0)
    rows = rows.assign(sure=sure, size=rows["effect"].abs())
    rows = rows.sort_values(["shown", "sure", "size"], ascending=False, kind="stable").head(MOST_EFFECTS)
    records = records_of(rows)
    data: list[dict[str, Any]] = []
    colours = [palette.SOFT if not r["shown"] else palette.BLUE if r["effect"] > 0 else palette.AMBER for r in records]
    for k, (r, colour) in enumerate(zip(records, colours, strict=True)):
        data.append({"type": "scatter", "mode": "lines", "x": [r["low"], r["high"]], "y": [k, k], "hoverinfo": "skip",
                     "line": {"color": colour, "width": 2}})  # fmt: skip
    fill = [c if r["shown"] else palette.PAPER for r, c in zip(records, colours, strict=True)]
    hover = [f"{shown(_said(r, language))}<br>n = {r['n']:,}, q = {r['q']:.2g}" for r in records]
    data.append({"type": "scatter", "mode": "markers", "x": [r["effect"] for r in records], "y": list(range(len(records))),
                 "marker": {"size": 10, "color": fill, "line": {"color": colours, "width": 2}}, "hovertext": hover, "hoverinfo": "text"})  # fmt: skip
    against = "tegenover" if language == "nl" else "against"
    labels = []
    for r in records:
        level, reference = named(r["level"], language), named(r["reference"], language)
        label = f"{named(r['ground'], language)}: {level} {against} {reference} → {named(r['option'], language)}"
        labels.append(shown(label if len(label) <= 92 else label[:91] + "…"))
    height = 27 * max(len(records), 1)
    foot = [*wrap(sentence(found, at, language), 190), _say("open", language).format(percent(found.level, language))]
    foot += wrap(_say("journeys", language).format(found.notion), 190)
    foot += [line for step in found.chain for line in wrap(step, 190)]
    notes = [_foot(line, i, 560) for i, line in enumerate(foot)]
    notes.append(
        {**_note(0, 1, f"<b>{shown(_say('found', language).format(at))}</b>", 17, palette.INK, "left", "paper", "paper"),
         "yshift": 34, "xshift": -545}
    )  # fmt: skip
    notes += [
        _note(1.01, k, f"n = {number(r['n'], language)}", 12, palette.MUTED, "left", "paper", "y")
        for k, r in enumerate(records)
    ]
    layout = {
        "width": 1400, "height": height + 150 + 17 * len(foot), "margin": {"l": 560, "r": 110, "t": 70, "b": 70 + 17 * len(foot)},
        "showlegend": False, "dragmode": False, "hovermode": "closest", "annotations": notes,
        "plot_bgcolor": palette.CLEAR, "paper_bgcolor": palette.PAPER, "font": {"family": palette.FONT, "size": 12, "color": palette.INK},
        "hoverlabel": {"bgcolor": palette.PAPER, "bordercolor": palette.MUTED, "font": {"color": palette.INK, "size": 12}},
        "xaxis": {"zeroline": True, "zerolinecolor": palette.MUTED, "gridcolor": palette.RULE, "fixedrange": True,
                  "title": {"text": _say("effect", language), "font": {"size": 12, "color": palette.MUTED}}},
        "yaxis": {"range": [max(len(records), 1) - 0.5, -0.5], "tickvals": list(range(len(records))), "ticktext": labels,
                  "showgrid": False, "zeroline": False, "fixedrange": True},
    }  # fmt: skip
    return Picture("grounds for a choice", rows.drop(columns=["sure", "size"]), {"data": data, "layout": layout})


def _short(text: str, width: int = 30) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _note(x: float, y: float, text: str, size: int, colour: str, anchor: str, xref: str, yref: str) -> dict[str, Any]:
    return {"x": x, "y": y, "xref": xref, "yref": yref, "text": text, "showarrow": False, "xanchor": anchor,
            "yanchor": "middle", "font": {"size": size, "color": colour}}  # fmt: skip


def _foot(line: str, i: int, left: int = 230) -> dict[str, Any]:
    note = _note(0, 0, shown(line), 12, palette.MUTED, "left", "paper", "paper")
    return {**note, "xshift": 15 - left, "yshift": -58 - 17 * i}
