"""The colours of every picture: readable by colour-blind people, on paper, and in the dark."""

from __future__ import annotations

from typing import Final

__all__ = ["DARK", "FONT"]

INK: Final = "#14263d"
MUTED: Final = "#55647a"
RULE: Final = "#d5dde6"
LANE: Final = "#f4f7fa"
PAPER: Final = "#ffffff"
NAVY: Final = "#23466e"
SOFT: Final = "#9db0c6"
CHEVRON: Final = "#2b4c73"
CHEVRON_INK: Final = "#fefefe"
TEAL: Final = "#0b7a72"
RED: Final = "#b3261e"
AMBER: Final = "#b45100"
BLUE: Final = "#1769aa"
BAND: Final = "rgba(35,70,110,0.14)"
CLEAR: Final = "rgba(0,0,0,0)"
TINTS: Final = (
    "#99ddff", "#eedd88", "#ffaabb", "#77aadd", "#44bb99", "#ee8866", "#bbcc33", "#c9b6e4", "#aaaa00", "#dddddd",
    "#c8d6c0",
)  # fmt: skip
"""Grounds for dark words, apart for colour-blind eyes too (Tol 2021, the light scheme, and two more)."""
DOTS: Final = (NAVY, AMBER, TEAL, RED, "#7a4fb5", "#8a7a00", "#4d86c4", "#c2568b")
"""Small marks on paper or in the dark, apart for colour-blind eyes by lightness too."""

CHANNEL: Final = {
    "mail": "#0068a8", "phone": "#b55200", "chat": "#00765b", "app": "#74469e", "web": "#596675", "post": "#7d6300",
    "sms": "#a8326e", "social": "#19697f", "desk": "#6b4a2f", "survey": "#3d4f9f", "other": "#4a4f57",
}  # fmt: skip
"""A ground per channel that white words stand on, in the light and in the dark."""
ON_CHANNEL: Final = "#fffefe"
DIVERGING: Final = (RED, "#e9a79f", "#dfe5ec", "#86c7c0", TEAL)
"""From bad to good in five steps, apart for colour-blind eyes and by lightness in print."""
NOTE: Final = "#fff6e0"
NOTE_RULE: Final = "#e0b04a"
"""A slip of paper that people stick on a map."""

DARK: Final = {
    "#e9a79f": "#8a453c",
    "#dfe5ec": "#33414f",
    "#86c7c0": "#22675f",
    NOTE: "#3a3118",
    NOTE_RULE: "#8f6f22",
    INK: "#e6edf5",
    MUTED: "#a3b2c4",
    RULE: "#2d3c4b",
    LANE: "#182430",
    PAPER: "#121b24",
    NAVY: "#8fb8e3",
    SOFT: "#56708d",
    CHEVRON: "#2d4f78",
    TEAL: "#43c2b5",
    RED: "#ff8f80",
    AMBER: "#f0a35e",
    BLUE: "#6cb4ee",
    BAND: "rgba(143,184,227,0.20)",
    "#7a4fb5": "#b79ae6",
    "#8a7a00": "#d6c64a",
    "#4d86c4": "#6fa9e6",
    "#c2568b": "#ea8fbb",
    **dict(zip(TINTS, (
        "#1f5f80", "#6b5f1c", "#8a3f50", "#2f5a8c", "#1c6b55", "#8f4325", "#5a6614", "#57457a", "#55550f", "#4a4f55",
        "#45543d",
    ), strict=True)),
}  # fmt: skip
"""Colour on white → colour in the dark. What shows a picture puts the second in the place of the first."""

FONT: Final = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif'
