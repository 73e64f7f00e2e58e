"""The picture of segments of customers; it shows figures and computes none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import pandas as pd

from cxmining import i18n
from cxmining.figures import Picture, palette, shown, wrapped
from cxmining.journeys.grouping.figures import MIDDLE, group_rows, say, short, text
from cxmining.journeys.grouping.labels import touchpoint_words
from cxmining.journeys.grouping.persona_labels import behaviour_words

if TYPE_CHECKING:
    from cxmining.journeys.grouping.personas import Personas, Segments

__all__ = ["persona_picture"]

_TILES: Final = ("contacts per year", "self-service", "repeat contacts", "switches channel", "evening or night")
_SIDES: Final[Mapping[str, Mapping[str, str]]] = {
    "behaviour": {"en": "by behaviour (never a control)", "nl": "naar gedrag (nooit als controle)"},
    "attributes": {"en": "by attributes", "nl": "naar kenmerken"},
    "others": {"en": "others", "nl": "anderen"},
    "personas": {"en": "Personas", "nl": "Persona's"},
    "habits": {"en": "habits: mean with 95% interval", "nl": "gewoonten: gemiddelde met 95%-interval"},
    "marks": {"en": "what marks it: here (bar), others (tick)", "nl": "wat opvalt: hier (balk), anderen (streep)"},
}


def persona_picture(found: Personas, language: str = "en") -> Picture:
    """Return a row per segment: size, habits, what marks it; behaviour first, then attributes."""
    names = touchpoint_words(found.journeys.data.catalogue, found.journeys.log.touchpoints)[language]
    rows = []
    for side in (found.behaviour, found.attributes):
        if side is None:
            continue
        for row in cast(Any, side.summary.itertuples()):
            profile = side.profile[side.profile["segment"] == row.segment]
            rows.append(
                {
                    "label": str(getattr(row, f"label_{language}")),
                    "share": row.share,
                    "lines": _lines(row, side, language),
                    "shapes": [],
                    "texts": _tiles(profile, language),
                    "marks": _marks(profile, side, names, language),
                }
            )
    title = f"{_SIDES['personas'][language]}: {found.journeys.data.name}"
    foot = f"n = {len(found.assignments):,}; {found.said}. {' '.join(n + '.' for n in found.notes)}"
    spec = group_rows(rows, (title, _SIDES["habits"][language], _SIDES["marks"][language]), foot)
    return Picture(title, found.summary, spec)


def _lines(row: Any, side: Segments, language: str) -> list[str]:
    def percent(x: float) -> str:
        return i18n.percent(x, language)

    number = i18n.number
    kind = _SIDES[side.kind][language]
    lines = [
        f"{kind}" + (f" · {say('stability', language)} {number(row.stability, language, 2)}" if row.stability == row.stability else ""),
        f"{percent(row.share)} [{percent(row.low)}, {percent(row.high)}] · {number(row.customers, language)} {say('customers', language)}",
    ]  # fmt: skip
    level = getattr(row, "score_mean", float("nan"))
    if level == level:
        interval = f"[{number(row.score_low, language, 2)}, {number(row.score_high, language, 2)}]"
        lines.append(
            f"{say('score', language)} {number(level, language, 2)} {interval}, n={number(row.score_n, language)}"
        )
    return lines


def _tiles(profile: pd.DataFrame, language: str) -> list[dict[str, Any]]:
    """Return a few habits, each with its interval and what the others do."""
    wide = MIDDLE / len(_TILES)
    out = []
    for i, name in enumerate(_TILES):
        row = profile[profile["feature"] == name].iloc[0]

        def said(x: float, rate: bool = name == _TILES[0]) -> str:
            return i18n.number(x, language, 1) if rate else i18n.percent(x, language)

        x = i * wide + 4
        # A share has no value below nothing or above all, whatever a t interval says.
        low, high = max(row["low"], 0.0), row["high"] if name == _TILES[0] else min(row["high"], 1.0)
        out += [
            text(x, 24, wrapped(behaviour_words(row["feature_kind"], name, {}, language), 17, 2), 12, palette.MUTED, valign="top"),
            text(x, 68, f"<b>{said(row['mean'])}</b>", 18),
            text(x, 90, f"[{said(low)}, {said(high)}]", 11, palette.MUTED),
        ]  # fmt: skip
        if row["rest"] == row["rest"]:
            out.append(text(x, 107, f"{_SIDES['others'][language]} {said(row['rest'])}", 11, palette.MUTED))
    return out


def _marks(
    profile: pd.DataFrame, side: Segments, names: Mapping[str, str], language: str
) -> list[tuple[str, float, float]]:
    """Return the shares that set a segment apart most."""
    own = profile[(profile["feature_kind"] == "attribute") & profile["feature"].str.contains(": ", regex=False)]
    # Where a value of the customer file is the segment, that value says nothing new: its behaviour does.
    given = ((own["mean"] == 1) & (own["rest"] == 0)).any()
    rows = (
        own
        if side.kind == "attributes" and not given
        else profile[profile["feature_kind"].isin(["channel", "topic", "when"])]
    )
    rows = rows[(rows["p_adjusted"] < 0.05) & ~rows["feature"].isin(_TILES)]
    out = []
    for row in cast(Any, rows.head(4).itertuples()):
        words = short(behaviour_words(str(row.feature_kind), str(row.feature), names, language), 34)
        here, there = float(row.mean), float(row.rest)
        out.append((shown(f"{words}: {i18n.percent(here, language)}, {i18n.percent(there, language)}"), here, there))
    return out or [(say("nothing", language), 0.0, 0.0)]
