"""Pictures of groups of journeys and of customers; they show figures and compute none."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import pandas as pd

from cxmining import i18n
from cxmining.figures import Picture, palette, shown, wrapped
from cxmining.journeys.grouping.labels import feature_words, touchpoint_words

if TYPE_CHECKING:
    from cxmining.journeys.grouping.archetypes import Archetypes

__all__ = ["archetype_picture", "group_rows", "say", "short", "stability_picture", "text"]

WIDTH: Final = 1400
LEFT: Final = 300
MIDDLE: Final = 640
ROW: Final = 132
HEAD: Final = 84
BAR: Final = 320
_CHEVRONS: Final = 5
_SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "journeys": {"en": "journeys", "nl": "klantreizen"},
    "customers": {"en": "customers", "nl": "klanten"},
    "medoid": {"en": "a frequent journey in its middle", "nl": "een veelvoorkomende klantreis in het midden"},
    "marks": {
        "en": "what marks it: share here (bar), of all others (tick)",
        "nl": "wat opvalt: aandeel hier (balk), elders (streep)",
    },
    "stability": {"en": "stability", "nl": "stabiliteit"},
    "score": {"en": "score", "nl": "score"},
    "median": {"en": "median", "nl": "mediaan"},
    "contacts": {"en": "contacts", "nl": "contacten"},
    "contact": {"en": "contact", "nl": "contact"},
    "more": {"en": "{} more", "nl": "nog {}"},
    "archetypes": {"en": "Archetypes", "nl": "Archetypen"},
    "nothing": {"en": "nothing marks it", "nl": "er valt niets op"},
}


def say(key: str, language: str) -> str:
    """Return a fixed word."""
    return _SAID[key][language]


def group_rows(rows: Sequence[Mapping[str, Any]], titles: Sequence[str], foot: str) -> dict[str, Any]:
    """Lay groups under each other: name and size, what is in the middle, lines on the right.

    Parameters
    ----------
    rows : sequence of mapping
        ``label``, ``lines`` (small print under it), ``share``, ``shapes`` and ``texts`` (of the middle, in pixels from
        its left and from the row's top), ``marks`` (text, share here, share elsewhere).
    titles : sequence of str
        Picture, middle, right.
    foot : str
        What stands under it.
    """
    height = HEAD + ROW * len(rows)
    feet = textwrap.wrap(foot, 190)
    shapes: list[dict[str, Any]] = []
    texts = [
        text(0, -HEAD + 16, f"<b>{shown(titles[0])}</b>", 17),
        text(LEFT, -22, shown(titles[1]), 13, palette.MUTED),
        text(LEFT + MIDDLE + 20, -22, shown(titles[2]), 13, palette.MUTED),
        *[text(0, ROW * len(rows) + 20 + 18 * i, shown(line), 12, palette.MUTED) for i, line in enumerate(feet)],
    ]
    for i, row in enumerate(rows):
        top = i * ROW
        shapes.append(_line(0, top, WIDTH - 80))
        name = wrapped(row["label"], 30, 3)
        texts.append(text(0, top + 12, f"<b>{name}</b>", 14, valign="top"))
        below = top + 16 + 18 * (1 + name.count("<br>"))
        shapes.append(_box(0, below, LEFT - 50, 8, palette.LANE))
        shapes.append(_box(0, below, max(2.0, (LEFT - 50) * row["share"]), 8, palette.NAVY))
        texts += [
            text(0, below + 12 + 16 * n, shown(t), 12, palette.MUTED, valign="top") for n, t in enumerate(row["lines"])
        ]
        shapes += [_moved(s, LEFT, top) for s in row["shapes"]]
        texts += [{**t, "x": t["x"] + LEFT, "y": t["y"] + top} for t in row["texts"]]
        for n, (words, here, there) in enumerate(row["marks"]):
            y, left = top + 8 + 30 * n, LEFT + MIDDLE + 20
            colour = palette.TEAL if here >= there else palette.AMBER
            shapes.append(_box(left, y + 18, max(1.0, BAR * min(here, 1.0)), 4, colour))
            shapes.append(_box(left + BAR * min(there, 1.0) - 1, y + 15, 2, 10, palette.INK))
            texts.append(text(left, y, words, 12, valign="top"))
    bottom = 30 + 18 * len(feet)
    layout = {
        "width": WIDTH, "height": height + bottom + 20, "margin": {"l": 40, "r": 40, "t": 0, "b": 0}, "showlegend": False,
        "xaxis": {"visible": False, "range": [0, WIDTH - 80], "fixedrange": True},
        "yaxis": {"visible": False, "range": [ROW * len(rows) + bottom + 10, -HEAD - 10], "fixedrange": True},
        "shapes": shapes, "annotations": texts, "plot_bgcolor": palette.PAPER, "paper_bgcolor": palette.PAPER,
        "font": {"family": palette.FONT, "color": palette.INK, "size": 13}, "hovermode": "closest",
    }  # fmt: skip
    hover = {
        "type": "scatter", "mode": "markers", "x": [(LEFT - 50) / 2] * len(rows), "y": [i * ROW + ROW / 2 for i in range(len(rows))],
        "marker": {"size": 60, "opacity": 0, "color": palette.NAVY}, "hoverinfo": "text",
        "hovertext": ["<br>".join([shown(r["label"]), *map(shown, r["lines"])]) for r in rows],
    }  # fmt: skip
    return {"data": [hover], "layout": layout}


def archetype_picture(found: Archetypes, language: str = "en") -> Picture:
    """Return the picture of archetypes: a row each, its middle journey as chevrons, what marks it on the right."""
    words = touchpoint_words(found.journeys.data.catalogue, found.journeys.log.touchpoints)[language]
    rows = []
    for row in cast(Any, found.summary.itertuples()):
        own = found.marks[(found.marks["archetype"] == row.archetype) & (found.marks["kind"] != "edge")]
        rows.append(
            {
                "label": f"{row.archetype}. {getattr(row, f'label_{language}')}" if found.k > 1 else getattr(row, f"label_{language}"),
                "share": row.share,
                "lines": _lines(row, language),
                **_chevrons(row.medoid, row.medoid_channels, words, language),
                "marks": _marks(own, words, language),
            }
        )  # fmt: skip
    title = f"{say('archetypes', language)}: {found.journeys.data.name}"
    spec = group_rows(
        rows, (title, say("medoid", language), say("marks", language) if found.k > 1 else ""), _foot(found)
    )
    return Picture(title, found.summary, spec)


def _lines(row: Any, language: str) -> list[str]:
    def percent(x: float) -> str:
        return i18n.percent(x, language)

    number = i18n.number
    lines = [
        f"{percent(row.share)} [{percent(row.low)}, {percent(row.high)}] · {number(row.journeys, language)} {say('journeys', language)}"
    ]
    contacts = say("contact" if row.median_contacts == 1 else "contacts", language)
    stable = (
        f"{say('stability', language)} {number(row.stability, language, 2)} · "
        if row.stability == row.stability
        else ""
    )
    median = f"{say('median', language)} {number(row.median_contacts, language, int(row.median_contacts % 1 > 0))} {contacts}"
    lines.append(f"{stable}{median}, {i18n.duration(row.median_duration_s, language)}")
    if getattr(row, "score_n", 0):
        interval = f" [{number(row.score_low, language, 2)}, {number(row.score_high, language, 2)}]"
        lines.append(f"{say('score', language)} {number(row.score_mean, language, 2)}{interval}, n={row.score_n:,}")
    return lines


def _marks(own: pd.DataFrame, words: Mapping[str, str], language: str) -> list[tuple[str, float, float]]:
    sure = own[own["p_adjusted"] < 0.05]
    out = []
    for row in cast(Any, sure.head(4).itertuples()):
        name = feature_words(row, words, language)
        line = f"{short(name, 34)}: {i18n.percent(row.share, language)}, {i18n.percent(row.rest, language)}"
        out.append((shown(line), float(row.share), float(row.rest)))
    return out


def short(words: str, width: int) -> str:
    """Cut words that do not fit."""
    return words if len(words) <= width else words[: width - 1].rstrip() + "…"


def _foot(found: Archetypes) -> str:
    return f"n = {len(found.journeys):,}; {found.said}. {' '.join(n + '.' for n in found.notes)}"


def _chevrons(steps: Sequence[str], channels: Sequence[str], words: Mapping[str, str], language: str) -> dict[str, Any]:
    """Return a journey as arrows, the first and the last ones when it is long."""
    count = len(steps)
    show = list(range(count)) if count <= _CHEVRONS else [0, 1, 2, -1, count - 1]
    wide, high, tip, gap = MIDDLE / _CHEVRONS, 62, 14, 4
    shapes, texts = [], []
    for i, s in enumerate(show):
        x, y = i * wide, 26
        if s < 0:
            texts.append(
                text(x + wide / 2, y + high / 2, say("more", language).format(count - 4), 13, palette.MUTED, "center")
            )
            continue
        right = x + wide - gap
        shapes.append(
            {
                "type": "path", "fillcolor": palette.CHEVRON, "line": {"width": 0}, "points":
                [(x, y), (right - tip, y), (right, y + high / 2), (right - tip, y + high), (x, y + high), (x + tip, y + high / 2)],
            }
        )  # fmt: skip
        texts.append(
            text(x + wide / 2 + 3, y + high / 2, wrapped(words[steps[s]], 13, 3), 12, palette.CHEVRON_INK, "center")
        )
        texts.append(
            text(
                x + wide / 2,
                y + high + 12,
                shown(i18n.channel_label(channels[s], language)),
                12,
                palette.MUTED,
                "center",
            )
        )
    return {"shapes": shapes, "texts": texts}


def stability_picture(table: pd.DataFrame, k: int, said: str) -> Picture:
    """Return the stability of each number of groups beside what is asked of it."""
    from cxmining.journeys.grouping.stability import JACCARD, RAND

    n = table["k"].tolist()
    lines = [
        ("jaccard", "least Jaccard of a group", palette.NAVY, "solid"), ("ari", "adjusted Rand", palette.TEAL, "solid"),
        ("prediction_strength", "prediction strength", palette.SOFT, "solid"), ("silhouette", "silhouette", palette.AMBER, "dot"),
    ]  # fmt: skip
    data = [
        {
            "type": "scatter", "mode": "lines+markers", "x": n, "y": table[c].tolist(), "name": name,
            "line": {"color": colour, "dash": dash}, "hovertemplate": f"k=%{{x}}: %{{y:.2f}}<extra>{name}</extra>",
        }
        for c, name, colour, dash in lines
    ]  # fmt: skip
    asked = [
        {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": {"color": colour, "dash": "dash", "width": 1}}
        for y, colour in ((JACCARD, palette.NAVY), (RAND, palette.TEAL))
    ]  # fmt: skip
    title = f"{k} stable" if k > 1 else "one group: no number is stable"
    layout = {
        "title": {"text": title, "x": 0.02}, "height": 420, "width": 900, "shapes": asked, "plot_bgcolor": palette.PAPER,
        "paper_bgcolor": palette.PAPER, "font": {"family": palette.FONT, "color": palette.INK},
        "xaxis": {"title": {"text": shown(f"number of groups · {short(said, 110)}")}, "dtick": 1, "gridcolor": palette.RULE},
        "yaxis": {"range": [0, 1.05], "gridcolor": palette.RULE}, "legend": {"orientation": "h", "y": 1.1},
    }  # fmt: skip
    return Picture(title, table, {"data": data, "layout": layout})


def text(
    x: float, y: float, words: str, size: int, color: str = palette.INK, align: str = "left", valign: str = "middle"
) -> dict[str, Any]:
    """Return words at a place; they must be escaped."""
    return {
        "x": x, "y": y, "text": words, "showarrow": False, "xanchor": align, "yanchor": valign, "align": align,
        "font": {"size": size, "color": color},
    }  # fmt: skip


def _box(x: float, y: float, wide: float, high: float, color: str) -> dict[str, Any]:
    return {"type": "rect", "x0": x, "x1": x + wide, "y0": y, "y1": y + high, "fillcolor": color, "line": {"width": 0}}


def _line(x: float, y: float, wide: float) -> dict[str, Any]:
    return {"type": "line", "x0": x, "x1": x + wide, "y0": y, "y1": y, "line": {"color": palette.RULE, "width": 1}}


def _moved(shape: Mapping[str, Any], dx: float, dy: float) -> dict[str, Any]:
    if shape["type"] != "path":
        return {**shape, **{c: shape[c] + (dx if c[0] == "x" else dy) for c in ("x0", "x1", "y0", "y1")}}
    points = [(x + dx, y + dy) for x, y in shape["points"]]
    path = "M " + " L ".join(f"{x:.1f},{y:.1f}" for x, y in points) + " Z"
    return {**{c: v for c, v in shape.items() if c != "points"}, "path": path}
