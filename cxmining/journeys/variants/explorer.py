"""The variant explorer: a row of chevrons per variant, its share beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.figures import Picture, palette, shown, wrapped
from cxmining.i18n import LANGUAGES, channel_label, duration, number, percent, stage_label
from cxmining.journeys.filters.reading import say_chain
from cxmining.journeys.staging.stages import UNKNOWN
from cxmining.schema import CHANNELS, STAGES

if TYPE_CHECKING:
    import pandas as pd

    from cxmining.journeys.variants.modulo import VariantTable

__all__ = ["draw_variants"]

WIDTH: Final = 1400
LEFT: Final = 0.165
"""Part of the width for share, n and times."""
MOST: Final = 15
"""Steps shown; of a longer variant the first ones and the last."""
ROW: Final = 54
"""Pixels per variant; a line more where a score or a channel is told."""
COLOURS: Final = ("stage", "channel")
GROUNDS: Final = {
    "stage": dict(zip((*STAGES, UNKNOWN), (*palette.TINTS[:6], palette.TINTS[9]), strict=True)),
    "channel": dict(zip(CHANNELS, palette.TINTS, strict=True)),
}
WORDS: Final = {
    "title": {"en": "The most frequent variants", "nl": "De meest gelopen varianten"},
    "share": {"en": "share of journeys [95%]", "nl": "deel van de journeys [95%]"},
    "median": {"en": "median", "nl": "mediaan"},
    "more": {"en": "{} more steps", "nl": "nog {} stappen"},
    "one": {"en": "1 more step", "nl": "nog 1 stap"},
    "unknown": {"en": "unknown", "nl": "onbekend"},
    "stage": {"en": "stage", "nl": "fase"},
    "channel": {"en": "channel, of each touchpoint the most used", "nl": "kanaal, per contactmoment het meest gebruikte"},
    "exactly": {"en": "channel", "nl": "kanaal"},
    "step": {"en": "step", "nl": "stap"},
}  # fmt: skip
Spec = dict[str, Any]


def draw_variants(
    found: VariantTable, top: int = 20, colour: str | None = None, language: str | None = None
) -> Picture:
    """Draw the most frequent variants (see :meth:`VariantTable.figure`).

    Raises
    ------
    StudyError
        When `top` is no whole number above 0.
    UnknownNameError
        When `colour` or `language` is not known.
    """
    speech = found.journeys.data.language if language is None else language
    if speech not in LANGUAGES:
        raise UnknownNameError(f"language {speech!r}: {nearest(str(speech), LANGUAGES)}")
    if colour is not None and colour not in COLOURS:
        raise UnknownNameError(f"colour={colour!r}; {nearest(str(colour), COLOURS)}")
    if isinstance(top, bool) or not isinstance(top, int) or top < 1:
        raise StudyError(f"top={top!r}: expected a whole number from 1")
    painter = _Painter(found, colour or _usual_colour(found), speech)
    rows = found.table.head(top)
    columns = max(6, min(MOST, int(rows["n_steps"].max())))
    shapes: list[Spec] = []
    words: list[Spec] = []
    for y, steps in enumerate(rows["steps"]):
        shown_steps = painter.chevrons(steps, columns)
        for x, (text, ground, hover) in enumerate(shown_steps):
            shapes.append(_chevron(x, y, ground))
            words.append({"x": x + 0.53, "y": y, "text": text, "hover": hover})
    return Picture(
        WORDS["title"][speech],
        rows.assign(steps=[" → ".join(s) for s in rows["steps"]]),
        {
            "data": [*_shares(rows, speech, found.metric), _labels(words), *painter.legend()],
            "layout": _layout(found, len(rows), columns, shapes, painter, speech),
        },
    )


def _usual_colour(found: VariantTable) -> str:
    if found.modulo == "channel":
        return "channel"
    known = found.modulo == "stage" or bool((found.journeys._stage >= 0).any())
    return "stage" if known else "channel"


class _Painter:
    """What is written on a step, and on which ground."""

    def __init__(self, found: VariantTable, colour: str, language: str) -> None:
        self.modulo, self.colour, self.language = found.modulo, colour, language
        journeys, log = found.journeys, found.journeys.log
        touchpoint = log.touchpoint.astype(np.int64)
        k, s, c = len(log.touchpoints), len(STAGES) + 1, len(log.channels)
        stage = np.bincount(touchpoint * s + journeys._stage % s, minlength=k * s).reshape(k, s).argmax(axis=1)
        channel = np.bincount(touchpoint * c + log.channel, minlength=k * c).reshape(k, c).argmax(axis=1)
        self.stage = dict(zip(log.touchpoints, [(*STAGES, UNKNOWN)[i] for i in stage.tolist()], strict=True))
        self.channel = dict(zip(log.touchpoints, [log.channels[i] for i in channel.tolist()], strict=True))
        catalogue = journeys.data.catalogue
        named = catalogue.dropna(subset=[f"label_{language}"])
        self.label = dict(zip(named["touchpoint"], named[f"label_{language}"], strict=True))
        self.used: set[str] = set()

    def chevrons(self, steps: tuple[str, ...], columns: int) -> list[tuple[str, str, str]]:
        """Return text, ground and hover text of each chevron of a variant."""
        chars = int(((WIDTH - 44) * (1 - LEFT) / columns - 17) / 5.6)
        if len(steps) <= columns:
            return [self._step(step, i, chars) for i, step in enumerate(steps)]
        head = [self._step(step, i, chars) for i, step in enumerate(steps[: columns - 2])]
        left_out = len(steps) - columns + 1
        more = WORDS["one" if left_out == 1 else "more"][self.language].format(number(left_out, self.language))
        between = " → ".join(self._text(s) for s in steps[columns - 2 : -1][:12]) + (" …" if left_out > 12 else "")
        return [
            *head,
            (wrapped(more, chars), palette.LANE, shown(between)),
            self._step(steps[-1], len(steps) - 1, chars),
        ]

    def _parted(self, step: str) -> tuple[str, str | None]:
        if self.modulo != "channel":
            return step, None
        touchpoint, _, channel = step.rpartition("@")
        return touchpoint, channel

    def _text(self, step: str) -> str:
        if self.modulo == "stage":
            return WORDS["unknown"][self.language] if step == UNKNOWN else stage_label(step, self.language)
        touchpoint, channel = self._parted(step)
        text = str(self.label.get(touchpoint, touchpoint))
        return text if channel is None else f"{text} ({channel_label(channel, self.language)})"

    def _lines(self, step: str, chars: int) -> str:
        """Break the text into lines; a channel has one of its own, so that it is never cut off."""
        touchpoint, channel = self._parted(step)
        name = self._text(step) if channel is None else str(self.label.get(touchpoint, touchpoint))
        if sum(c.isupper() for c in name) * 2 > len(name):
            chars = int(chars * 0.85)  # capitals are wider
        if channel is None:
            return wrapped(name, chars)
        return f"{wrapped(name, chars)}<br><i>{shown(channel_label(channel, self.language))}</i>"

    def _kind(self, step: str) -> str | None:
        if self.modulo == "stage":
            return step if self.colour == "stage" else None
        touchpoint, channel = self._parted(step)
        return self.stage[touchpoint] if self.colour == "stage" else channel or self.channel[touchpoint]

    def _step(self, step: str, place: int, chars: int) -> tuple[str, str, str]:
        kind, text = self._kind(step), self._text(step)
        ground = palette.LANE if kind is None else GROUNDS[self.colour].get(kind, palette.TINTS[9])
        if kind is not None:
            self.used.add(kind)
        called = "" if kind is None else f"<br>{shown(self.kind_label(kind))}"
        return self._lines(step, chars), ground, f"{WORDS['step'][self.language]} {place + 1}: {shown(text)}{called}"

    def kind_label(self, kind: str) -> str:
        if kind == UNKNOWN:
            return WORDS["unknown"][self.language]
        return stage_label(kind, self.language) if self.colour == "stage" else channel_label(kind, self.language)

    def legend(self) -> list[Spec]:
        grounds = GROUNDS[self.colour]
        return [
            {
                "type": "scatter", "x": [None], "y": [None], "xaxis": "x2", "yaxis": "y", "mode": "markers",
                "marker": {"symbol": "square", "size": 13, "color": ground}, "name": shown(self.kind_label(kind)),
                "hoverinfo": "skip",
            }
            for kind, ground in grounds.items() if kind in self.used
        ]  # fmt: skip

    def legend_title(self) -> str:
        key = "exactly" if self.colour == "channel" and self.modulo == "channel" else self.colour
        return WORDS[key][self.language]


def _chevron(x: int, y: int, ground: str) -> Spec:
    notch, half = 0.11, 0.42
    left, right = x + 0.015, x + 0.955
    path = (
        f"M {left} {y - half} L {right - notch + 0.06} {y - half} L {right + 0.06} {y} "
        f"L {right - notch + 0.06} {y + half} L {left} {y + half}"
    )
    path += f" L {left + notch - 0.015} {y} Z" if x else " Z"
    return {
        "type": "path", "xref": "x2", "yref": "y", "path": path, "fillcolor": ground, "layer": "below",
        "line": {"color": palette.PAPER, "width": 1},
    }  # fmt: skip


def _labels(words: list[Spec]) -> Spec:
    return {
        "type": "scatter", "mode": "text", "xaxis": "x2", "yaxis": "y", "x": [w["x"] for w in words],
        "y": [w["y"] for w in words], "text": [w["text"] for w in words], "hovertext": [w["hover"] for w in words],
        "hoverinfo": "text", "textfont": {"size": 10.5, "color": palette.INK}, "showlegend": False,
        "cliponaxis": False,
    }  # fmt: skip


def _shares(rows: pd.DataFrame, language: str, metric: str | None) -> list[Spec]:
    y = list(range(len(rows)))
    share = [float(v) for v in rows["share"]]
    records: list[Spec] = [{str(k): v for k, v in r.items()} for r in rows.to_dict("records")]
    first = [
        f"<b>{percent(r['share'], language, 1)}</b> [{percent(r['low'], language, 1)}; {percent(r['high'], language, 1)}]"
        for r in records
    ]
    second = [
        f"n = {number(r['journeys'], language)} · {WORDS['median'][language]} {duration(r['median_duration_s'], language)}"
        for r in records
    ]
    third = [_score(r, language, metric) for r in records]
    lift = 0.0 if metric is None else 0.08
    words = {"type": "scatter", "mode": "text", "xaxis": "x", "yaxis": "y", "hoverinfo": "skip", "showlegend": False,
             "textposition": "middle right", "x": [0.0] * len(rows)}  # fmt: skip
    small = {"size": 10.5, "color": palette.MUTED}
    return [
        {
            "type": "bar", "orientation": "h", "xaxis": "x", "yaxis": "y", "base": 0, "x": share,
            "y": [v + 0.34 for v in y], "width": 0.14, "marker": {"color": palette.NAVY}, "showlegend": False,
            "hoverinfo": "skip",
        },
        {**words, "y": [v - 0.26 - lift for v in y], "text": first, "textfont": {"size": 12, "color": palette.INK}},
        {**words, "y": [v + 0.03 - lift for v in y], "text": second, "textfont": small},
        *([] if metric is None else [{**words, "y": [v + 0.18 for v in y], "text": third, "textfont": small}]),
    ]  # fmt: skip


def _score(row: Spec, language: str, metric: str | None) -> str:
    if metric is None or not row["score_n"]:
        return ""
    between = ""
    if row["score_low"] == row["score_low"]:  # one customer has no interval
        between = f" [{number(row['score_low'], language, 1)}; {number(row['score_high'], language, 1)}]"
    return f"{metric} {number(row['score_mean'], language, 1)}{between} n = {number(row['score_n'], language)}"


def _layout(found: VariantTable, rows: int, columns: int, shapes: list[Spec], painter: _Painter, language: str) -> Spec:
    foot = _foot(found, rows, language)
    lines = sum(1 + line.count("<br>") for line in foot)
    bottom, top = 24 + 16 * lines, 84
    height = ROW + (14 if found.metric is not None or found.modulo == "channel" else 0)
    hidden = {"visible": False, "fixedrange": True}
    return {
        "width": WIDTH, "height": top + height * rows + bottom, "margin": {"l": 20, "r": 24, "t": top, "b": bottom},
        "paper_bgcolor": palette.PAPER, "plot_bgcolor": palette.PAPER, "bargap": 0,
        "font": {"family": palette.FONT, "color": palette.INK, "size": 12},
        "title": {"text": f"<b>{shown(WORDS['title'][language])}</b>", "x": 0.0, "xref": "paper", "y": 0.995,
                  "yanchor": "top", "pad": {"t": 12}, "font": {"size": 17}},
        "xaxis": {**hidden, "domain": [0, LEFT], "range": [0, float(found.table["share"].max()) * 1.04]},
        "xaxis2": {**hidden, "domain": [LEFT + 0.005, 1], "range": [0, columns + 0.05]},
        "yaxis": {**hidden, "range": [rows - 0.5, -0.5]},
        "shapes": shapes, "hovermode": "closest",
        "legend": {"orientation": "h", "x": LEFT + 0.005, "y": 1, "yref": "paper", "yanchor": "bottom",
                   "xanchor": "left", "itemclick": False, "itemdoubleclick": False,
                   "title": {"text": f"{shown(painter.legend_title())}: ", "font": {"size": 12}}},
        "annotations": [
            {"text": shown(WORDS["share"][language]), "xref": "paper", "yref": "paper", "x": 0, "y": 1, "yshift": 6,
             "xanchor": "left", "yanchor": "bottom", "showarrow": False, "font": {"size": 11, "color": palette.MUTED}},
            {"text": "<br>".join(foot), "xref": "paper", "yref": "paper", "x": 0, "y": 0, "yshift": -10,
             "xanchor": "left", "yanchor": "top", "align": "left", "showarrow": False,
             "font": {"size": 11, "color": palette.MUTED}},
        ],
    }  # fmt: skip


def _foot(found: VariantTable, rows: int, language: str) -> list[str]:
    """Say under the picture what it is about: n, the tail, the case notion, the filters."""
    table, tail, n = found.table, found.tail, len(found.journeys)
    count, many = number(n, language), number(len(found), language)
    covered = percent(float(table["coverage"].iloc[rows - 1]), language, 1)
    once, share = number(tail["once"], language), percent(tail["share"], language, 1)
    if language == "nl":
        counts = f"{number(rows, language)} van {many} varianten, samen {covered} van n = {count} journeys"
        counts += f"; {once} varianten komen één keer voor, samen {share} van de journeys"
    else:
        counts = f"{number(rows, language)} of {many} variants, together {covered} of n = {count} journeys"
        counts += f"; {once} variants occur once, together {share} of the journeys"
    notion = {"en": "case notion", "nl": "case-notie"}[language]
    lines = [counts, f"{notion}: {found.journeys.notion}; {_SEEN[found.modulo][language]}"]
    if found.metric is not None:
        scored = number(int(table["score_n"].sum()), language)
        lines.append(
            f"score: {found.metric}, gemiddelde [95%] over {scored} beoordeelde journeys, geclusterd per klant"
            if language == "nl"
            else f"score: {found.metric}, mean [95%] of {scored} scored journeys, clustered by customer"
        )
    lines += [f"filter: {step}" for step in say_chain(found.journeys.chain, language)]
    return [wrapped(line, 210, 3) for line in lines]


_SEEN: Final = {
    None: {"en": "touchpoints in their order", "nl": "contactmomenten in hun volgorde"},
    "repeats": {"en": "repeats in a row said once", "nl": "herhalingen achter elkaar één keer genoemd"},
    "loops": {"en": "repeats and loops in a row said once", "nl": "herhalingen en lussen achter elkaar één keer genoemd"},
    "channel": {"en": "touchpoints with their channel", "nl": "contactmomenten met hun kanaal"},
    "stage": {"en": "stages in their order", "nl": "fasen in hun volgorde"},
}  # fmt: skip
